#include "config.h"

#include "tests/unit/writer-steps.h"

#include <string.h>

#include "hivecore/regf/check.h"
#include "tests/unit/cu.h"

HcName
writer_name(const char *ascii)
{
    return (HcName){(const uint8_t *) ascii, (uint32_t) strlen(ascii), TRUE};
}

HcWriter *
writer_new(uint32_t minor)
{
    const HcWriterOptions options = {.minor = minor, .file_name = HC_NAME_ASCII("test")};
    return hc_writer_new(&options);
}

gboolean
writer_open_named(HcWriter *writer, const char *name, GError **error)
{
    const HcKeySpec spec = {.name = writer_name(name)};
    return hc_writer_open_key(writer, &spec, error);
}

void
writer_open_root(HcWriter *writer)
{
    GError *error = NULL;
    const HcKeySpec spec = {.name = HC_NAME_ASCII("ROOT"), .security = hc_default_root_security()};
    hc_writer_open_key(writer, &spec, &error);
    CHECK_NO_ERROR(error);
}

void
writer_open_key(HcWriter *writer, const char *name)
{
    GError *error = NULL;
    writer_open_named(writer, name, &error);
    CHECK_NO_ERROR(error);
}

void
writer_close_key(HcWriter *writer)
{
    GError *error = NULL;
    hc_writer_close_key(writer, &error);
    CHECK_NO_ERROR(error);
}

void
writer_add_value(HcWriter *writer, const char *name, uint32_t type, const void *bytes,
                 uint32_t n_bytes)
{
    GError *error = NULL;
    hc_writer_value(writer, writer_name(name), type, (HcBlob){bytes, n_bytes}, &error);
    CHECK_NO_ERROR(error);
}

HcHive *
writer_finish(HcWriter *writer)
{
    GError *error = NULL;
    writer_close_key(writer);
    GBytes *bytes = hc_writer_finish(writer, &error);
    CHECK_NO_ERROR(error);
    g_autoptr(HcMap) map = hc_map_from_bytes("made", bytes);
    HcHive *hive = hc_hive_open_map(map, 0, &error);
    CHECK_NO_ERROR(error);
    hc_hive_check(hive, NULL, &error);
    CHECK_NO_ERROR(error);
    return hive;
}
