#include "config.h"

#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/regf/hive-private.h"
#include "hivecore/regf/layout.h"

const uint8_t *
hc_read_value_list(const HcHive *hive, const HcKey *key, uint32_t *n_bytes, HcFault *fault)
{
    if (key->n_values > HC_MAX_VALUES) {
        (void) hc_fault_set(fault, HC_FAULT_VALUES_TOO_MANY, "key", key->offset);
        return NULL; /* which only says FALSE */
    }
    return hc_read_cell(hive, hc_get32(key->nk + HC_NK_VALUES), 4 * key->n_values, "value list",
                        n_bytes, fault);
}

gboolean
hc_hive_value(const HcHive *hive, const HcKey *key, uint32_t i, HcValue *value, GError **error)
{
    HcFault fault = {0};
    const uint8_t *list = hc_read_value_list(hive, key, NULL, &fault);
    return (list != NULL && hc_read_value(hive, hc_get32(list + 4 * (gsize) i), value, &fault)) ||
           hc_hive_fail(hive, &fault, error);
}

gboolean
hc_value_iter_init(HcValueIter *iter, const HcHive *hive, const HcKey *key, GError **error)
{
    HcFault fault = {0};
    *iter = (HcValueIter){.hive = hive, .n_left = key->n_values};
    if (key->n_values == 0)
        return TRUE;
    iter->next = hc_read_value_list(hive, key, NULL, &fault);
    return iter->next != NULL || hc_hive_fail(hive, &fault, error);
}

gboolean
hc_value_iter_next(HcValueIter *iter, HcValue *value, GError **error)
{
    HcFault fault = {0};
    if (iter->n_left == 0)
        return FALSE;
    const uint32_t offset = hc_get32(iter->next);
    iter->n_left--;
    iter->next += 4;
    return hc_read_value(iter->hive, offset, value, &fault) ||
           hc_hive_fail(iter->hive, &fault, error);
}

gboolean
hc_hive_find_value(const HcHive *hive, const HcKey *key, HcName name, HcValue *value,
                   GError **error)
{
    HcValueIter iter;
    if (!hc_value_iter_init(&iter, hive, key, error))
        return FALSE;
    while (hc_value_iter_next(&iter, value, error)) {
        if (hc_name_equal(value->name, name))
            return TRUE;
    }
    return FALSE;
}

/*
 * Where the data is: inside the vk cell, in a cell that can hold it all, or else in a big-data
 * record. From minor version 4 on Windows makes the last of everything over 16,344 bytes; but
 * other writers are known to use one cell there, so the cell decides.
 */
gboolean
hc_read_data(const HcHive *hive, const HcValue *value, HcDataIter *iter, HcFault *fault)
{
    *iter = (HcDataIter){.hive = hive, .n_left = value->n_bytes};
    const uint32_t stored = hc_get32(value->vk + HC_VK_DATA_BYTES);
    if ((stored & HC_VK_INLINE) != 0) {
        if (value->n_bytes > 4)
            return hc_fault_set(fault, HC_FAULT_DATA_INLINE, "value", value->offset);
        iter->contiguous = value->vk + HC_VK_DATA;
        return TRUE;
    }
    if (value->n_bytes == 0) {
        iter->contiguous = value->vk;
        return TRUE;
    }
    const uint32_t offset = hc_get32(value->vk + HC_VK_DATA);
    uint32_t n_bytes = 0;
    const uint8_t *cell = hc_read_cell(hive, offset, 4, "value data", &n_bytes, fault);
    if (cell == NULL)
        return FALSE;
    if (value->n_bytes <= n_bytes) {
        iter->contiguous = cell;
        return TRUE;
    }
    if (value->n_bytes <= HC_BIG_DATA_BYTES || n_bytes < HC_DB_BYTES || cell[0] != 'd' ||
        cell[1] != 'b')
        return hc_fault_set(fault, HC_FAULT_DATA_END, "value", value->offset);
    iter->n_segments = hc_get16(cell + HC_DB_COUNT);
    if ((uint64_t) iter->n_segments * HC_DB_SEGMENT_BYTES < value->n_bytes)
        return hc_fault_set(fault, HC_FAULT_BIG_SEGMENTS_FEW, "big data", offset);
    iter->segments = hc_read_cell(hive, hc_get32(cell + HC_DB_LIST), 4 * iter->n_segments,
                                  "big data list", NULL, fault);
    return iter->segments != NULL;
}

static gboolean
locate(const HcHive *hive, const HcValue *value, HcDataIter *iter, GError **error)
{
    HcFault fault = {0};
    const gboolean is_there = hc_read_data(hive, value, iter, &fault);
    if (!is_there)
        hc_hive_fail(hive, &fault, error);
    return is_there;
}

gboolean
hc_data_iter_init(HcDataIter *iter, const HcHive *hive, const HcValue *value, GError **error)
{
    return locate(hive, value, iter, error);
}

gboolean
hc_read_segment(HcDataIter *iter, HcBlob *piece, HcFault *fault)
{
    fault->kind = HC_FAULT_NONE;
    if (iter->n_left == 0)
        return FALSE;
    if (iter->contiguous != NULL) {
        *piece = (HcBlob){iter->contiguous, iter->n_left};
        iter->n_left = 0;
        return TRUE;
    }
    const uint32_t n_bytes = MIN(iter->n_left, (uint32_t) HC_DB_SEGMENT_BYTES);
    const uint32_t offset = hc_get32(iter->segments + 4 * (gsize) iter->next_segment++);
    piece->bytes = hc_read_cell(iter->hive, offset, n_bytes, "big data segment", NULL, fault);
    piece->n_bytes = n_bytes;
    iter->n_left -= n_bytes;
    return piece->bytes != NULL;
}

gboolean
hc_data_iter_next(HcDataIter *iter, HcBlob *piece, GError **error)
{
    HcFault fault = {0};
    if (hc_read_segment(iter, piece, &fault))
        return TRUE;
    return fault.kind != HC_FAULT_NONE && hc_hive_fail(iter->hive, &fault, error);
}

gboolean
hc_hive_value_is_big(const HcHive *hive, const HcValue *value, gboolean *is_big, GError **error)
{
    HcDataIter iter;
    if (!locate(hive, value, &iter, error))
        return FALSE;
    *is_big = iter.segments != NULL;
    return TRUE;
}

gboolean
hc_hive_value_data(const HcHive *hive, const HcValue *value, GByteArray *scratch, HcBlob *data,
                   GError **error)
{
    HcDataIter iter;
    HcBlob piece;
    GError *failure = NULL;
    if (!locate(hive, value, &iter, error))
        return FALSE;
    if (iter.contiguous != NULL) {
        *data = (HcBlob){iter.contiguous, value->n_bytes};
        return TRUE;
    }
    if (value->n_bytes > HC_MAX_DATA_BYTES)
        return hc_fail(error, HC_ERROR_LIMIT, "%s: value at 0x%x: more than %u bytes of data",
                       hc_hive_file(hive), value->offset + HC_BASE_BLOCK_BYTES, HC_MAX_DATA_BYTES);
    g_byte_array_set_size(scratch, 0);
    while (hc_data_iter_next(&iter, &piece, &failure))
        g_byte_array_append(scratch, piece.bytes, piece.n_bytes);
    if (failure != NULL)
        return hc_fail_with(error, failure);
    *data = (HcBlob){scratch->data, scratch->len};
    return TRUE;
}

gboolean
hc_hive_data_equal(const HcHive *hive_a, const HcValue *a, const HcHive *hive_b, const HcValue *b,
                   gboolean *equal, GError **error)
{
    HcDataIter iter_a;
    HcDataIter iter_b;
    HcBlob piece_a = {NULL, 0};
    HcBlob piece_b = {NULL, 0};
    GError *failure = NULL;
    if (!locate(hive_a, a, &iter_a, error) || !locate(hive_b, b, &iter_b, error))
        return FALSE;
    *equal = a->n_bytes == b->n_bytes;
    if (*equal && iter_a.contiguous != NULL && iter_b.contiguous != NULL) {
        *equal = memcmp(iter_a.contiguous, iter_b.contiguous, a->n_bytes) == 0;
        return TRUE;
    }
    while (*equal) {
        if (piece_a.n_bytes == 0 && !hc_data_iter_next(&iter_a, &piece_a, &failure))
            break;
        if (piece_b.n_bytes == 0 && !hc_data_iter_next(&iter_b, &piece_b, &failure))
            break;
        const uint32_t n = MIN(piece_a.n_bytes, piece_b.n_bytes);
        *equal = memcmp(piece_a.bytes, piece_b.bytes, n) == 0;
        piece_a = (HcBlob){piece_a.bytes + n, piece_a.n_bytes - n};
        piece_b = (HcBlob){piece_b.bytes + n, piece_b.n_bytes - n};
    }
    if (failure != NULL)
        return hc_fail_with(error, failure);
    return TRUE;
}

guint
hc_blob_key_hash(gconstpointer key)
{
    const HcBlob *blob = key;
    guint hash = 2166136261u;
    for (uint32_t i = 0; i < blob->n_bytes; i++)
        hash = (hash ^ blob->bytes[i]) * 16777619u;
    return hash;
}

gboolean
hc_blob_key_equal(gconstpointer a, gconstpointer b)
{
    return hc_blob_equal(*(const HcBlob *) a, *(const HcBlob *) b);
}
