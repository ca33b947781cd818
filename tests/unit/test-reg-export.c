#include "config.h"

#include <string.h>

#include "hivecore/reg/reg-writer.h"
#include "hivecore/regf/types.h"
#include "hivecore/regf/writer.h"
#include "tests/unit/cu.h"

/* hc_reg_writer_hive() on hives made key by key; expected texts are regedit's format. */

#define V5 "Windows Registry Editor Version 5.00\r\n"

static void
open_key(HcWriter *writer, const char *name, uint8_t layer_bits)
{
    const HcKeySpec spec = {
        .name = {(const uint8_t *) name, (uint32_t) strlen(name), TRUE},
        .security = hc_default_root_security(),
        .layer_bits = layer_bits,
    };
    GError *error = NULL;
    CU_ASSERT_TRUE(hc_writer_open_key(writer, &spec, &error));
    CHECK_NO_ERROR(error);
}

static void
close_key(HcWriter *writer)
{
    GError *error = NULL;
    CU_ASSERT_TRUE(hc_writer_close_key(writer, &error));
    CHECK_NO_ERROR(error);
}

static void
add_value(HcWriter *writer, HcName name, uint32_t type, const void *bytes, uint32_t n_bytes)
{
    GError *error = NULL;
    CU_ASSERT_TRUE(hc_writer_value(writer, name, type, (HcBlob){bytes, n_bytes}, &error));
    CHECK_NO_ERROR(error);
}

static HcHive *
finish(HcWriter *writer)
{
    GError *error = NULL;
    GBytes *bytes = hc_writer_finish(writer, &error);
    CHECK_NO_ERROR(error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
    g_autoptr(HcMap) map = hc_map_from_bytes("made", bytes);
    HcHive *hive = hc_hive_open_map(map, 0, &error);
    CHECK_NO_ERROR(error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(hive);
    return hive;
}

static GBytes *
export_hive(const HcHive *hive, const HcName *path, gsize n, GError **error)
{
    HcKey key;
    if (!hc_hive_lookup(hive, path, n, &key, error)) {
        CU_FAIL_FATAL("the key is not there");
        return NULL;
    }
    uint64_t n_left_out;
    g_autoptr(HcRegWriter) writer =
        hc_reg_writer_new(HC_REG_UTF8, HC_NAME_ASCII("HKEY_LOCAL_MACHINE\\SYSTEM"));
    return hc_reg_writer_hive(writer, hive, &key, (HcPath){path, n}, &n_left_out, error)
               ? hc_reg_writer_finish(writer, error)
               : NULL;
}

static void
check_export(const HcHive *hive, const HcName *path, gsize n, const char *expected)
{
    GError *error = NULL;
    g_autoptr(GBytes) text = export_hive(hive, path, n, &error);
    CHECK_NO_ERROR(error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    gsize n_bytes = 0;
    const void *bytes = g_bytes_get_data(text, &n_bytes);
    g_autofree char *got = g_strndup(bytes, n_bytes);
    CHECK_STRING(got, expected);
}

#define S "HKEY_LOCAL_MACHINE\\SYSTEM"

/* Keys in registry order, values in the order they were made. */
static void
whole_and_part(void)
{
    const HcWriterOptions options = {.minor = 5, .file_name = HC_NAME_EMPTY};
    g_autoptr(HcWriter) writer = hc_writer_new(&options);
    open_key(writer, "ROOT", 0);
    open_key(writer, "a", 0);
    add_value(writer, HC_NAME_ASCII("z"), HC_REG_DWORD, "\1\0\0\0", 4);
    add_value(writer, HC_NAME_ASCII("b"), HC_REG_SZ, "x\0\0\0", 4);
    add_value(writer, HC_NAME_EMPTY, HC_REG_SZ, "x\0", 2);
    open_key(writer, "c", 0);
    close_key(writer);
    close_key(writer);
    open_key(writer, "B", 0);
    close_key(writer);
    close_key(writer);
    g_autoptr(HcHive) hive = finish(writer);
#define A                                                                                          \
    "[" S "\\a]\r\n\"z\"=dword:00000001\r\n\"b\"=\"x\"\r\n@=hex(1):78,00\r\n\r\n[" S               \
    "\\a\\c]\r\n\r\n"
    check_export(hive, NULL, 0, V5 "\r\n[" S "]\r\n\r\n" A "[" S "\\B]\r\n\r\n");
    const HcName a = HC_NAME_ASCII("a");
    check_export(hive, &a, 1, V5 "\r\n" A);
}

static void
big_data(void)
{
    enum {
        N = 20000
    };
    const HcWriterOptions options = {.minor = 5, .file_name = HC_NAME_EMPTY};
    g_autoptr(HcWriter) writer = hc_writer_new(&options);
    g_autofree char *bytes = g_malloc(2 * N + 2);
    g_autoptr(GString) expected = g_string_new(V5 "\r\n[" S "]\r\n@=\"");
    memset(bytes, 0, 2 * N + 2);
    for (gsize i = 0; i < N; i++) {
        bytes[2 * i] = (char) ('a' + i % 26);
        g_string_append_c(expected, bytes[2 * i]);
    }
    g_string_append(expected, "\"\r\n\r\n");
    open_key(writer, "ROOT", 0);
    add_value(writer, HC_NAME_EMPTY, HC_REG_SZ, bytes, 2 * N + 2);
    close_key(writer);
    g_autoptr(HcHive) hive = finish(writer);
    check_export(hive, NULL, 0, expected->str);
}

static void
differencing(void)
{
    const HcWriterOptions options = {
        .minor = 6, .is_differencing = TRUE, .file_name = HC_NAME_EMPTY};
    g_autoptr(HcWriter) writer = hc_writer_new(&options);
    GError *error = NULL;
    open_key(writer, "ROOT", HC_LAYER_INHERIT_CLASS);
    open_key(writer, "gone", HC_LAYER_TOMBSTONE);
    close_key(writer);
    open_key(writer, "new", HC_LAYER_SUPERSEDE_TREE);
    add_value(writer, HC_NAME_ASCII("v"), HC_REG_BINARY, "\1", 1);
    close_key(writer);
    open_key(writer, "old", HC_LAYER_INHERIT_CLASS);
    CU_ASSERT_TRUE(hc_writer_value_tombstone(writer, HC_NAME_ASCII("w"), &error));
    CHECK_NO_ERROR(error);
    close_key(writer);
    close_key(writer);
    g_autoptr(HcHive) hive = finish(writer);
    check_export(hive, NULL, 0,
                 V5 "\r\n[" S "]\r\n\r\n[-" S "\\gone]\r\n\r\n[-" S "\\new]\r\n\r\n[" S
                    "\\new]\r\n\"v\"=hex:01\r\n\r\n[" S "\\old]\r\n\"w\"=-\r\n\r\n");
}

static void
supersede_local_refused(void)
{
    const HcWriterOptions options = {
        .minor = 6, .is_differencing = TRUE, .file_name = HC_NAME_EMPTY};
    g_autoptr(HcWriter) writer = hc_writer_new(&options);
    open_key(writer, "ROOT", HC_LAYER_INHERIT_CLASS);
    open_key(writer, "k", HC_LAYER_SUPERSEDE_LOCAL);
    close_key(writer);
    close_key(writer);
    g_autoptr(HcHive) hive = finish(writer);
    GError *error = NULL;
    CU_ASSERT_PTR_NULL(export_hive(hive, NULL, 0, &error));
    CHECK_ERROR(error, HC_ERROR_UNSUPPORTED,
                "[" S "\\k]: cannot be written as .reg: it replaces a key but keeps its subkeys");
}

const char cu_suite[] = "reg-export";
const CuCase cu_cases[] = {
    {"whole and part", whole_and_part},
    {"big data", big_data},
    {"differencing hive", differencing},
    {"supersede local refused", supersede_local_refused},
    {NULL, NULL},
};
