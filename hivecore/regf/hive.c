#include "config.h"

#include "hivecore/regf/hive.h"

#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/base/parallel.h"
#include "hivecore/regf/hive-private.h"
#include "hivecore/regf/layout.h"

#define MIN_BYTES_FOR_THREADS (1u << 20)

gboolean
hc_hive_fail(const HcHive *hive, const HcFault *fault, GError **error)
{
    return hc_fail(error, HC_ERROR_MALFORMED, "%s: %s at 0x%" G_GINT64_MODIFIER "x: %s",
                   hc_hive_file(hive), fault->what, (guint64) fault->offset + HC_BASE_BLOCK_BYTES,
                   hc_fault_info(fault->kind)->text);
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
    g_free(hive->pages);
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

gboolean
hc_hive_gains_by_threads(const HcHive *hive)
{
    return hive->pages == NULL && hive->info.bins_bytes >= MIN_BYTES_FOR_THREADS &&
           hc_parallel_n_threads() > 1;
}

HcMap *
hc_hive_map(const HcHive *hive)
{
    return hive->map;
}

/* What is wrong with the cell at @offset, that is not read. */
static HcFaultKind
cell_fault(const HcHive *hive, uint32_t offset)
{
    const uint32_t end = hive->info.bins_bytes;
    const uint32_t size = 0u - hc_get32(hive->bins + offset);
    if ((size & 0x80000000u) != 0 || size < 8)
        return HC_FAULT_CELL_FREE;
    return size % HC_CELL_ALIGN != 0 || size > end - offset ? HC_FAULT_CELL_FIT
                                                            : HC_FAULT_CELL_SMALL;
}

const uint8_t *
hc_enter_cell(const HcHive *hive, uint32_t offset, uint32_t min_bytes, const char *what,
              uint32_t *n_bytes, HcFault *fault)
{
    const uint32_t end = hive->info.bins_bytes;
    if (offset % HC_CELL_ALIGN != 0 || offset < HC_HBIN_HEADER_BYTES || end < HC_CELL_ALIGN ||
        offset > end - HC_CELL_ALIGN) {
        (void) hc_fault_set(fault, HC_FAULT_CELL_OUTSIDE, what, offset); /* only says FALSE */
        return NULL;
    }
    if (hive->pages != NULL && !hc_bins_enter(hive, offset, fault))
        return NULL;
    const uint8_t *cell = hive->bins + offset;
    const uint32_t size = 0u - hc_get32(cell);
    if (size < 8 || size > end - offset || size % HC_CELL_ALIGN != 0 || size - 4 < min_bytes) {
        (void) hc_fault_set(fault, cell_fault(hive, offset), what, offset);
        return NULL;
    }
    if (n_bytes != NULL)
        *n_bytes = size - 4;
    return cell + 4;
}

const uint8_t *
hc_hive_cell(const HcHive *hive, uint32_t offset, uint32_t min_bytes, const char *what,
             uint32_t *n_bytes, GError **error)
{
    HcFault fault = {0};
    const uint8_t *cell = hc_read_cell(hive, offset, min_bytes, what, n_bytes, &fault);
    if (cell == NULL)
        hc_hive_fail(hive, &fault, error);
    return cell;
}

gboolean
hc_read_key(const HcHive *hive, uint32_t offset, HcKey *key, HcFault *fault)
{
    uint32_t n_bytes = 0;
    const uint8_t *nk = hc_read_cell(hive, offset, HC_NK_NAME, "key", &n_bytes, fault);
    if (nk == NULL)
        return FALSE;
    if (nk[0] != 'n' || nk[1] != 'k')
        return hc_fault_set(fault, HC_FAULT_KEY_SIGNATURE, "key", offset);
    const uint16_t flags = hc_get16(nk + HC_NK_FLAGS);
    const gboolean is_latin1 = (flags & HC_KEY_FLAG_LATIN1) != 0;
    const uint32_t name_bytes = hc_get16(nk + HC_NK_NAME_BYTES);
    if (name_bytes > n_bytes - HC_NK_NAME)
        return hc_fault_set(fault, HC_FAULT_KEY_NAME_END, "key", offset);
    if (!is_latin1 && name_bytes % 2 != 0)
        return hc_fault_set(fault, HC_FAULT_KEY_NAME_ODD, "key", offset);
    key->offset = offset;
    key->nk = nk;
    key->name = (HcName){nk + HC_NK_NAME, is_latin1 ? name_bytes : name_bytes / 2, is_latin1};
    key->flags = flags;
    key->user_flags = hc_get16(nk + HC_NK_USER_FLAGS);
    key->access_bits = nk[HC_NK_ACCESS];
    key->layer_bits = hive->info.is_differencing ? nk[HC_NK_LAYER] : 0;
    key->n_subkeys = hc_get32(nk + HC_NK_N_SUBKEYS);
    key->n_values = (flags & HC_KEY_FLAG_PREDEFINED) != 0 ? 0 : hc_get32(nk + HC_NK_N_VALUES);
    key->security = hc_get32(nk + HC_NK_SECURITY);
    key->mtime_filetime = hc_get64(nk + HC_NK_MTIME);
    return TRUE;
}

gboolean
hc_hive_key(const HcHive *hive, uint32_t offset, HcKey *key, GError **error)
{
    HcFault fault = {0};
    return hc_read_key(hive, offset, key, &fault) || hc_hive_fail(hive, &fault, error);
}

gboolean
hc_hive_root(const HcHive *hive, HcKey *key, GError **error)
{
    return hc_hive_key(hive, hive->info.root, key, error);
}

gboolean
hc_read_class(const HcHive *hive, const HcKey *key, HcBlob *class_name, HcFault *fault)
{
    const uint32_t offset = hc_get32(key->nk + HC_NK_CLASS);
    const uint32_t n_bytes = hc_get16(key->nk + HC_NK_CLASS_BYTES);
    *class_name = (HcBlob){NULL, 0};
    if (offset == HC_NIL || n_bytes == 0)
        return TRUE;
    class_name->bytes = hc_read_cell(hive, offset, n_bytes, "class name", NULL, fault);
    class_name->n_bytes = n_bytes;
    return class_name->bytes != NULL;
}

gboolean
hc_hive_class(const HcHive *hive, const HcKey *key, HcBlob *class_name, GError **error)
{
    HcFault fault = {0};
    return hc_read_class(hive, key, class_name, &fault) || hc_hive_fail(hive, &fault, error);
}

gboolean
hc_read_security(const HcHive *hive, const HcKey *key, HcBlob *descriptor, HcFault *fault)
{
    const uint32_t offset = key->security;
    *descriptor = (HcBlob){NULL, 0};
    if (offset == HC_NIL)
        return TRUE;
    uint32_t n_bytes = 0;
    const uint8_t *sk =
        hc_read_cell(hive, offset, HC_SK_DESCRIPTOR, "key security", &n_bytes, fault);
    if (sk == NULL)
        return FALSE;
    if (sk[0] != 's' || sk[1] != 'k')
        return hc_fault_set(fault, HC_FAULT_SECURITY_SIGNATURE, "key security", offset);
    descriptor->n_bytes = hc_get32(sk + HC_SK_BYTES);
    if (descriptor->n_bytes > n_bytes - HC_SK_DESCRIPTOR)
        return hc_fault_set(fault, HC_FAULT_SECURITY_END, "key security", offset);
    descriptor->bytes = sk + HC_SK_DESCRIPTOR;
    return TRUE;
}

gboolean
hc_hive_security(const HcHive *hive, const HcKey *key, HcBlob *descriptor, GError **error)
{
    HcFault fault = {0};
    return hc_read_security(hive, key, descriptor, &fault) || hc_hive_fail(hive, &fault, error);
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

static gboolean
spend(HcWalk *walk, const HcKey *key, uint32_t depth, HcFault *fault)
{
    if (walk->keys_left == 0)
        return hc_fault_set(fault, HC_FAULT_KEYS_MANY, "key", key->offset);
    if (depth > HC_MAX_KEY_DEPTH)
        return hc_fault_set(fault, HC_FAULT_KEY_DEPTH, "key", key->offset);
    if (key->n_values > walk->values_left)
        return hc_fault_set(fault, HC_FAULT_VALUES_MANY, "key", key->offset);
    uint64_t n_bytes = hc_name_bytes(key->name);
    if (hc_get32(key->nk + HC_NK_CLASS) != HC_NIL)
        n_bytes += hc_get16(key->nk + HC_NK_CLASS_BYTES);
    if (n_bytes > walk->data_left)
        return hc_fault_set(fault, HC_FAULT_KEYS_MANY, "key", key->offset);
    walk->keys_left--;
    walk->values_left -= key->n_values;
    walk->data_left -= n_bytes;
    return TRUE;
}

gboolean
hc_walk_enter(HcWalk *walk, const HcKey *key, uint32_t depth, GError **error)
{
    HcFault fault = {0};
    return spend(walk, key, depth, &fault) || hc_hive_fail(walk->hive, &fault, error);
}

gboolean
hc_walk_data(HcWalk *walk, const HcValue *value, GError **error)
{
    /* Up to 4 bytes stand in the value's own cell. */
    const uint64_t n_bytes =
        hc_name_bytes(value->name) + (uint64_t) (value->n_bytes > 4 ? value->n_bytes : 0);
    if (n_bytes > walk->data_left) {
        const HcFault fault = {HC_FAULT_DATA_MANY, "value", value->offset};
        return hc_hive_fail(walk->hive, &fault, error);
    }
    walk->data_left -= n_bytes;
    return TRUE;
}
