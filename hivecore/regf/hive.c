#include "config.h"

#include "hivecore/regf/hive.h"

#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/regf/hive-private.h"
#include "hivecore/regf/layout.h"

gboolean
hc_hive_malformed(const HcHive *hive, GError **error, const char *what, uint32_t offset,
                  const char *defect)
{
    g_set_error(error, HC_ERROR, HC_ERROR_MALFORMED, "%s: %s at 0x%" G_GINT64_MODIFIER "x: %s",
                hc_hive_file(hive), what, (guint64) offset + HC_BASE_BLOCK_BYTES, defect);
    return FALSE;
}

static gboolean
base_error(const HcHive *hive, GError **error, HcErrorCode code, const char *defect)
{
    g_set_error(error, HC_ERROR, code, "%s: %s", hc_hive_file(hive), defect);
    return FALSE;
}

/* The stored checksum is never 0 or 0xffffffff: those become 1 and 0xfffffffe. */
static uint32_t
base_checksum(const uint8_t *base)
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

static HcName
embedded_name(const uint8_t *base)
{
    HcName name = {base + HC_BASE_NAME, HC_BASE_NAME_BYTES / 2, FALSE};
    for (uint32_t i = 0; i < name.n_units; i++) {
        if (hc_name_unit(name, i) == 0)
            name.n_units = i;
    }
    return name;
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
    if (n_bytes < 4 || memcmp(data, "regf", 4) != 0)
        return "not a registry hive: the signature \"regf\" is missing";
    if (n_bytes < HC_BASE_BLOCK_BYTES + HC_HBIN_HEADER_BYTES)
        return "the hive is cut off inside its base block";
    return NULL;
}

static gboolean
read_base_block(HcHive *hive, GError **error)
{
    const uint8_t *base = hc_map_data(hive->map);
    const uint64_t n_bytes = hc_map_size(hive->map);
    const char *defect = not_a_hive(base, n_bytes);
    if (defect != NULL)
        return base_error(hive, error, HC_ERROR_MALFORMED, defect);
    if (hc_get32(base + HC_BASE_CHECKSUM) != base_checksum(base))
        return base_error(hive, error, HC_ERROR_MALFORMED, "base block: the checksum is wrong");

    HcHiveInfo *info = &hive->info;
    info->sequence1 = hc_get32(base + HC_BASE_SEQUENCE1);
    info->sequence2 = hc_get32(base + HC_BASE_SEQUENCE2);
    info->mtime_filetime = hc_get64(base + HC_BASE_MTIME);
    info->major = hc_get32(base + HC_BASE_MAJOR);
    info->minor = hc_get32(base + HC_BASE_MINOR);
    info->flags = hc_get32(base + HC_BASE_FLAGS);
    info->root = hc_get32(base + HC_BASE_ROOT);
    info->bins_bytes = hc_get32(base + HC_BASE_BINS_BYTES);
    info->file_bytes = n_bytes;
    info->name = embedded_name(base);
    info->is_dirty = info->sequence1 != info->sequence2;
    info->is_differencing = info->minor >= 6 && (info->flags & HC_BASE_FLAG_LAYERED) != 0;

    const uint32_t type = hc_get32(base + HC_BASE_TYPE);
    if (type == 1 || type == 2 || type == 6)
        return base_error(hive, error, HC_ERROR_MALFORMED,
                          "a transaction log, expected the hive it belongs to");
    if (type != 0 || hc_get32(base + HC_BASE_FORMAT) != 1)
        return base_error(hive, error, HC_ERROR_MALFORMED,
                          "base block: file type or format is none of a primary hive file");
    if (info->major != 1 || info->minor < 2 || info->minor > 6) {
        g_set_error(error, HC_ERROR, HC_ERROR_UNSUPPORTED,
                    "%s: hive version %u.%u, supported are 1.2 to 1.6", hc_hive_file(hive),
                    info->major, info->minor);
        return FALSE;
    }
    return TRUE;
}

static gboolean
check_bins(HcHive *hive, GError **error)
{
    const uint32_t n_bytes = hive->info.bins_bytes;
    if (n_bytes == 0 || n_bytes % HC_HBIN_ALIGN != 0)
        return base_error(hive, error, HC_ERROR_MALFORMED,
                          "base block: the hive bins size is not a multiple of 4096");
    if (n_bytes > HC_MAX_HIVE_BYTES)
        return base_error(hive, error, HC_ERROR_LIMIT, "the hive is larger than 2 GiB");
    if (n_bytes > hive->info.file_bytes - HC_BASE_BLOCK_BYTES) {
        g_set_error(error, HC_ERROR, HC_ERROR_MALFORMED,
                    "%s: the hive is cut off: its base block promises %u bytes of hive bins, the "
                    "file has %" G_GUINT64_FORMAT,
                    hc_hive_file(hive), n_bytes, hive->info.file_bytes - HC_BASE_BLOCK_BYTES);
        return FALSE;
    }
    uint32_t at = 0;
    while (at < n_bytes) {
        const uint8_t *bin = hive->bins + at;
        if (memcmp(bin, "hbin", 4) != 0)
            return hc_hive_malformed(hive, error, "hive bin", at, "the signature is not \"hbin\"");
        const uint32_t size = hc_get32(bin + HC_HBIN_SIZE);
        if (size == 0 || size % HC_HBIN_ALIGN != 0 || size > n_bytes - at)
            return hc_hive_malformed(hive, error, "hive bin", at,
                                     "its size is not a multiple of 4096 that fits");
        if (hc_get32(bin + HC_HBIN_OFFSET) != at)
            return hc_hive_malformed(hive, error, "hive bin", at,
                                     "its offset field does not say where it is");
        at += size;
    }
    return TRUE;
}

HcHive *
hc_hive_open_map(HcMap *map, HcHiveFlags flags, GError **error)
{
    g_autoptr(HcHive) hive = g_new0(HcHive, 1);
    hive->references = 1;
    hive->map = hc_map_ref(map);
    if (!read_base_block(hive, error))
        return NULL;
    if (hive->info.is_dirty && (flags & HC_HIVE_ALLOW_DIRTY) == 0) {
        g_set_error(error, HC_ERROR, HC_ERROR_UNSUPPORTED,
                    "%s: the hive is dirty (sequence numbers %u and %u): changes are still in its "
                    "transaction logs",
                    hc_hive_file(hive), hive->info.sequence1, hive->info.sequence2);
        return NULL;
    }
    hive->bins = hc_map_data(map) + HC_BASE_BLOCK_BYTES;
    if (!check_bins(hive, error))
        return NULL;
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

HcHive *
hc_hive_ref(HcHive *hive)
{
    hive->references++;
    return hive;
}

void
hc_hive_unref(HcHive *hive)
{
    if (hive == NULL || --hive->references > 0)
        return;
    hc_map_unref(hive->map);
    g_free(hive);
}

const HcHiveInfo *
hc_hive_info(const HcHive *hive)
{
    return &hive->info;
}

const char *
hc_hive_file(const HcHive *hive)
{
    return hc_map_name(hive->map);
}

HcMap *
hc_hive_map(const HcHive *hive)
{
    return hive->map;
}

const uint8_t *
hc_hive_cell(const HcHive *hive, uint32_t offset, uint32_t min_bytes, const char *what,
             uint32_t *n_bytes, GError **error)
{
    const uint32_t end = hive->info.bins_bytes;
    if (offset % HC_CELL_ALIGN != 0 || offset < HC_HBIN_HEADER_BYTES || offset > end - 8) {
        hc_hive_malformed(hive, error, what, offset, "the offset is outside the hive bins");
        return NULL;
    }
    const uint8_t *cell = hive->bins + offset;
    const uint32_t size = 0u - hc_get32(cell);
    if ((size & 0x80000000u) != 0 || size < 8) {
        hc_hive_malformed(hive, error, what, offset, "the cell is free");
        return NULL;
    }
    if (size % HC_CELL_ALIGN != 0 || size > end - offset) {
        hc_hive_malformed(hive, error, what, offset, "the cell does not fit the hive bins");
        return NULL;
    }
    if (size - 4 < min_bytes) {
        hc_hive_malformed(hive, error, what, offset, "the cell is too small for what it holds");
        return NULL;
    }
    if (n_bytes != NULL)
        *n_bytes = size - 4;
    return cell + 4;
}

gboolean
hc_hive_key(const HcHive *hive, uint32_t offset, HcKey *key, GError **error)
{
    uint32_t n_bytes = 0;
    const uint8_t *nk = hc_hive_cell(hive, offset, HC_NK_NAME, "key", &n_bytes, error);
    if (nk == NULL)
        return FALSE;
    if (nk[0] != 'n' || nk[1] != 'k')
        return hc_hive_malformed(hive, error, "key", offset, "the signature is not \"nk\"");
    const uint16_t flags = hc_get16(nk + HC_NK_FLAGS);
    const gboolean is_latin1 = (flags & HC_KEY_FLAG_LATIN1) != 0;
    const uint32_t name_bytes = hc_get16(nk + HC_NK_NAME_BYTES);
    if (name_bytes > n_bytes - HC_NK_NAME)
        return hc_hive_malformed(hive, error, "key", offset, "its name ends past its cell");
    if (!is_latin1 && name_bytes % 2 != 0)
        return hc_hive_malformed(hive, error, "key", offset, "its UTF-16 name has an odd length");
    key->offset = offset;
    key->nk = nk;
    key->name = (HcName){nk + HC_NK_NAME, is_latin1 ? name_bytes : name_bytes / 2, is_latin1};
    key->flags = flags;
    key->layer_bits = hive->info.is_differencing ? nk[HC_NK_LAYER] : 0;
    key->n_subkeys = hc_get32(nk + HC_NK_N_SUBKEYS);
    key->n_values = (flags & HC_KEY_FLAG_PREDEFINED) != 0 ? 0 : hc_get32(nk + HC_NK_N_VALUES);
    key->mtime_filetime = hc_get64(nk + HC_NK_MTIME);
    return TRUE;
}

gboolean
hc_hive_root(const HcHive *hive, HcKey *key, GError **error)
{
    return hc_hive_key(hive, hive->info.root, key, error);
}

gboolean
hc_hive_parent(const HcHive *hive, const HcKey *key, HcKey *parent, GError **error)
{
    return hc_hive_key(hive, hc_get32(key->nk + HC_NK_PARENT), parent, error);
}

gboolean
hc_hive_class(const HcHive *hive, const HcKey *key, HcBlob *class_name, GError **error)
{
    const uint32_t offset = hc_get32(key->nk + HC_NK_CLASS);
    const uint32_t n_bytes = hc_get16(key->nk + HC_NK_CLASS_BYTES);
    *class_name = (HcBlob){NULL, 0};
    if (offset == HC_NIL || n_bytes == 0)
        return TRUE;
    class_name->bytes = hc_hive_cell(hive, offset, n_bytes, "class name", NULL, error);
    class_name->n_bytes = n_bytes;
    return class_name->bytes != NULL;
}

gboolean
hc_hive_security(const HcHive *hive, const HcKey *key, HcBlob *descriptor, GError **error)
{
    const uint32_t offset = hc_get32(key->nk + HC_NK_SECURITY);
    *descriptor = (HcBlob){NULL, 0};
    if (offset == HC_NIL)
        return TRUE;
    uint32_t n_bytes = 0;
    const uint8_t *sk =
        hc_hive_cell(hive, offset, HC_SK_DESCRIPTOR, "key security", &n_bytes, error);
    if (sk == NULL)
        return FALSE;
    if (sk[0] != 's' || sk[1] != 'k')
        return hc_hive_malformed(hive, error, "key security", offset,
                                 "the signature is not \"sk\"");
    descriptor->n_bytes = hc_get32(sk + HC_SK_BYTES);
    if (descriptor->n_bytes > n_bytes - HC_SK_DESCRIPTOR)
        return hc_hive_malformed(hive, error, "key security", offset,
                                 "its descriptor ends past its cell");
    descriptor->bytes = sk + HC_SK_DESCRIPTOR;
    return TRUE;
}

uint32_t
hc_key_predefined_handle(const HcKey *key)
{
    return (key->flags & HC_KEY_FLAG_PREDEFINED) != 0 ? hc_get32(key->nk + HC_NK_N_VALUES) : 0;
}

HcWalk
hc_walk_start(const HcHive *hive)
{
    /* No key or value is smaller than its fixed part and the cell's size field. */
    const uint64_t n_bytes = hive->info.bins_bytes;
    return (HcWalk){hive, n_bytes / (HC_NK_NAME + 4), n_bytes / (HC_VK_NAME + 4), n_bytes};
}

gboolean
hc_walk_enter(HcWalk *walk, const HcKey *key, uint32_t depth, GError **error)
{
    if (walk->keys_left == 0)
        return hc_hive_malformed(walk->hive, error, "key", key->offset,
                                 "more keys than the file can hold: the tree has a loop");
    if (depth > HC_MAX_KEY_DEPTH)
        return hc_hive_malformed(walk->hive, error, "key", key->offset,
                                 "deeper than 512 levels, or a loop in the tree");
    if (key->n_values > walk->values_left)
        return hc_hive_malformed(walk->hive, error, "key", key->offset,
                                 "more values than the file can hold");
    walk->keys_left--;
    walk->values_left -= key->n_values;
    return TRUE;
}

gboolean
hc_walk_data(HcWalk *walk, const HcValue *value, GError **error)
{
    if (value->n_bytes > walk->data_left)
        return hc_hive_malformed(walk->hive, error, "value", value->offset,
                                 "more data than the file can hold");
    /* Up to 4 bytes stand in the value's own cell. */
    if (value->n_bytes > 4)
        walk->data_left -= value->n_bytes;
    return TRUE;
}
