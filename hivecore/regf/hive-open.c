#include "config.h"

#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/regf/hive-private.h"
#include "hivecore/regf/layout.h"

static gboolean
base_error(const HcHive *hive, GError **error, HcErrorCode code, const char *defect)
{
    return hc_fail(error, code, "%s: %s", hc_hive_file(hive), defect);
}

/* The stored checksum is never 0 or 0xffffffff: those become 1 and 0xfffffffe. */
uint32_t
hc_base_checksum(const uint8_t *base)
{
    uint32_t sum = 0;
    for (guint i = 0; i < HC_BASE_CHECKSUM; i += 4)
        sum ^= hc_get32(base + i);
    if (sum == 0)
        return 1;
    if (sum == UINT32_MAX)
        return UINT32_MAX - 1;
    return sum;
}

HcName
hc_base_name(const uint8_t *base)
{
    HcName name = {base + HC_BASE_NAME, HC_BASE_NAME_BYTES / 2, FALSE};
    for (uint32_t i = 0; i < name.n_units; i++) {
        if (hc_name_unit(name, i) == 0)
            name.n_units = i;
    }
    return name;
}

gboolean
hc_hive_has_signature(const void *bytes, uint64_t n_bytes)
{
    static const char signature[] = "regf";
    return n_bytes >= strlen(signature) && memcmp(bytes, signature, strlen(signature)) == 0;
}

gboolean
hc_hive_base_is_differencing(const uint8_t *base)
{
    return hc_get32(base + HC_BASE_MINOR) >= 6 &&
           (hc_get32(base + HC_BASE_FLAGS) & HC_BASE_FLAG_LAYERED) != 0;
}

static const char *
not_a_hive(const uint8_t *data, uint64_t n_bytes)
{
    if (n_bytes == 0)
        return "the file is empty, expected a registry hive";
    if (n_bytes >= 2 && data[0] == 0xff && data[1] == 0xfe)
        return "not a registry hive but UTF-16 text; is it a .reg patch given in the hive's place?";
    if (n_bytes >= 7 && (memcmp(data, "REGEDIT", 7) == 0 || memcmp(data, "Windows", 7) == 0))
        return "not a registry hive but a .reg patch";
    if (!hc_hive_has_signature(data, n_bytes))
        return "not a registry hive: the signature \"regf\" is missing";
    return NULL;
}

static void
read_fields(HcHiveInfo *info, const uint8_t *base)
{
    info->sequence1 = hc_get32(base + HC_BASE_SEQUENCE1);
    info->sequence2 = hc_get32(base + HC_BASE_SEQUENCE2);
    info->mtime_filetime = hc_get64(base + HC_BASE_MTIME);
    info->major = hc_get32(base + HC_BASE_MAJOR);
    info->minor = hc_get32(base + HC_BASE_MINOR);
    info->flags = hc_get32(base + HC_BASE_FLAGS);
    info->root = hc_get32(base + HC_BASE_ROOT);
    info->bins_bytes = hc_get32(base + HC_BASE_BINS_BYTES);
    info->name = hc_base_name(base);
    info->is_dirty = info->sequence1 != info->sequence2;
    info->is_differencing = hc_hive_base_is_differencing(base);
}

static gboolean
is_log_type(uint32_t type)
{
    return type == 1 || type == 2 || type == 6;
}

static const char a_log[] = "a transaction log, expected the hive it belongs to";

static gboolean
read_base_block(HcHive *hive, GError **error)
{
    const uint8_t *base = hc_map_data(hive->map);
    const uint64_t n_bytes = hc_map_size(hive->map);
    const char *defect = not_a_hive(base, n_bytes);
    if (defect != NULL)
        return base_error(hive, error, HC_ERROR_MALFORMED, defect);
    if (n_bytes < HC_BASE_BLOCK_BYTES + HC_HBIN_HEADER_BYTES)
        return base_error(hive, error, HC_ERROR_MALFORMED,
                          "the hive is cut off inside its base block");
    if (hc_get32(base + HC_BASE_CHECKSUM) != hc_base_checksum(base))
        return base_error(hive, error, HC_ERROR_MALFORMED, "base block: the checksum is wrong");

    HcHiveInfo *info = &hive->info;
    read_fields(info, base);
    const uint32_t type = hc_get32(base + HC_BASE_TYPE);
    if (is_log_type(type))
        return base_error(hive, error, HC_ERROR_MALFORMED, a_log);
    if (type != 0 || hc_get32(base + HC_BASE_FORMAT) != 1)
        return base_error(hive, error, HC_ERROR_MALFORMED,
                          "base block: file type or format is none of a primary hive file");
    if (info->major != 1 || info->minor < 2 || info->minor > 6)
        return hc_fail(error, HC_ERROR_UNSUPPORTED,
                       "%s: hive version %u.%u, supported are 1.2 to 1.6", hc_hive_file(hive),
                       info->major, info->minor);
    return TRUE;
}

static gboolean
open_bins(HcHive *hive, HcHiveFlags flags, GError **error)
{
    const uint32_t n_bytes = hive->info.bins_bytes;
    if (n_bytes == 0 || n_bytes % HC_HBIN_ALIGN != 0)
        return base_error(hive, error, HC_ERROR_MALFORMED,
                          "base block: the hive bins size is not a multiple of 4096");
    if (n_bytes > HC_MAX_HIVE_BYTES)
        return base_error(hive, error, HC_ERROR_LIMIT, "the hive is larger than 2 GiB");
    if (n_bytes > hive->info.file_bytes - HC_BASE_BLOCK_BYTES)
        return hc_fail(
            error, HC_ERROR_MALFORMED,
            "%s: the hive is cut off: its base block promises %u bytes of hive bins, the "
            "file has %" G_GUINT64_FORMAT,
            hc_hive_file(hive), n_bytes, hive->info.file_bytes - HC_BASE_BLOCK_BYTES);
    if ((flags & HC_HIVE_LAZY) != 0) {
        hive->pages = hc_bins_new_pages(hive);
        return TRUE;
    }
    /* Not all of the file: what is behind the bins may be a whole disk. */
    hc_map_expect(hive->map, HC_BASE_BLOCK_BYTES + (uint64_t) n_bytes);
    HcFault fault = {0};
    return hc_bins_check(hive, &fault) || hc_hive_fail(hive, &fault, error);
}

/* How far hive bins follow each other whose headers are right. */
static uint32_t
bins_extent(const HcHive *hive, uint32_t n_bytes)
{
    uint32_t at = 0;
    while (n_bytes - at >= HC_HBIN_HEADER_BYTES) {
        const uint8_t *bin = hive->bins + at;
        const uint32_t size = hc_get32(bin + HC_HBIN_SIZE);
        if (memcmp(bin, "hbin", 4) != 0 || hc_get32(bin + HC_HBIN_OFFSET) != at || size == 0 ||
            size % HC_HBIN_ALIGN != 0 || size > n_bytes - at)
            break;
        at += size;
    }
    return at;
}

/*
 * Takes what is there for a hive, as far as the signature says that it is one. The size of the
 * bins is only believed where nothing speaks against it; else bins that follow count too.
 */
static gboolean
open_damaged(HcHive *hive, GError **error)
{
    const uint8_t *base = hc_map_data(hive->map);
    const uint64_t n_bytes = hive->info.file_bytes;
    const char *defect = not_a_hive(base, n_bytes);
    if (defect != NULL)
        return base_error(hive, error, HC_ERROR_MALFORMED, defect);
    hive->bins = base;
    hive->info.root = HC_NIL;
    hive->info.name = HC_NAME_EMPTY;
    if (n_bytes < HC_BASE_BLOCK_BYTES)
        return TRUE;
    read_fields(&hive->info, base);
    hive->bins = base + HC_BASE_BLOCK_BYTES;
    const uint32_t stored = hive->info.bins_bytes;
    const uint32_t available = (uint32_t) MIN(n_bytes - HC_BASE_BLOCK_BYTES, HC_MAX_HIVE_BYTES);
    if (is_log_type(hc_get32(base + HC_BASE_TYPE)) &&
        (available < 4 || memcmp(hive->bins, "hbin", 4) != 0))
        return base_error(hive, error, HC_ERROR_MALFORMED, a_log);
    uint32_t bins_bytes = MIN(stored, available);
    if (stored == 0 || stored % HC_HBIN_ALIGN != 0 ||
        hc_get32(base + HC_BASE_CHECKSUM) != hc_base_checksum(base))
        bins_bytes = MAX(bins_bytes, bins_extent(hive, available));
    hive->info.bins_bytes = bins_bytes & ~(uint32_t) (HC_CELL_ALIGN - 1);
    return TRUE;
}

static uint32_t
count_places(const HcHive *hive)
{
    const uint32_t least = HC_HBIN_HEADER_BYTES + HC_CELL_ALIGN;
    return hive->pages != NULL || hive->info.bins_bytes < least
               ? 0
               : (hive->info.bins_bytes - HC_HBIN_HEADER_BYTES) / HC_CELL_ALIGN;
}

HcHive *
hc_hive_open_map(HcMap *map, HcHiveFlags flags, GError **error)
{
    g_autoptr(HcHive) hive = g_new0(HcHive, 1);
    hive->references = 1;
    hive->map = hc_map_ref(map);
    hive->info.file_bytes = hc_map_size(map);
    if ((flags & HC_HIVE_ALLOW_DAMAGED) != 0) {
        if (!open_damaged(hive, error))
            return NULL;
        hive->n_places = count_places(hive);
        return g_steal_pointer(&hive);
    }
    if (!read_base_block(hive, error))
        return NULL;
    if (hive->info.is_dirty && (flags & HC_HIVE_ALLOW_DIRTY) == 0)
        return hc_fail_null(
            error, HC_ERROR_UNSUPPORTED,
            "%s: the hive is dirty (sequence numbers %u and %u): changes are still in its "
            "transaction logs",
            hc_hive_file(hive), hive->info.sequence1, hive->info.sequence2);
    hive->bins = hc_map_data(map) + HC_BASE_BLOCK_BYTES;
    if (!open_bins(hive, flags, error))
        return NULL;
    hive->n_places = count_places(hive);
    return g_steal_pointer(&hive);
}

HcHive *
hc_hive_open(const char *file, HcHiveFlags flags, GError **error)
{
    g_autoptr(HcMap) map = hc_map_open(file, UINT64_MAX, error);
    if (map == NULL)
        return NULL;
    return hc_hive_open_map(map, flags, error);
}
