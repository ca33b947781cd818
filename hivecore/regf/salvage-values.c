#include "config.h"

#include "hivecore/regf/layout.h"
#include "hivecore/regf/salvage-private.h"

static gboolean
take_segments(HcSalvage *salvage, HcDataIter *iter, uint32_t from)
{
    HcBlob piece;
    HcFault fault = {0};
    g_byte_array_set_size(salvage->scratch, 0);
    while (iter->n_left > 0) {
        const uint32_t offset = hc_get32(iter->segments + 4 * (gsize) iter->next_segment);
        if (!hc_read_segment(iter, &piece, &fault)) {
            hc_salvage_lost(salvage, &fault, from);
            return FALSE;
        }
        if (!hc_salvage_take(salvage, offset, "big data segment"))
            return FALSE;
        g_byte_array_append(salvage->scratch, piece.bytes, piece.n_bytes);
    }
    return TRUE;
}

/* All of the data, or a finding. */
static gboolean
read_data(HcSalvage *salvage, const HcValue *value, HcBlob *data)
{
    HcDataIter iter;
    HcFault fault = {HC_FAULT_DATA_MANY, "value", value->offset};
    const gboolean is_inline = (hc_get32(value->vk + HC_VK_DATA_BYTES) & HC_VK_INLINE) != 0;
    const uint32_t n_bytes = value->n_bytes > 4 ? value->n_bytes : 0;
    if (n_bytes > HC_MAX_DATA_BYTES || n_bytes > salvage->data_left ||
        !hc_read_data(salvage->check.hive, value, &iter, &fault)) {
        hc_salvage_lost(salvage, &fault, value->offset);
        return FALSE;
    }
    salvage->data_left -= n_bytes;
    if (!is_inline && value->n_bytes > 0 &&
        !hc_salvage_take(salvage, hc_get32(value->vk + HC_VK_DATA), "value data"))
        return FALSE;
    *data = (HcBlob){iter.contiguous, value->n_bytes};
    if (iter.contiguous != NULL)
        return TRUE;
    const uint8_t *record = salvage->check.hive->bins + hc_get32(value->vk + HC_VK_DATA) + 4;
    if (!hc_salvage_take(salvage, hc_get32(record + HC_DB_LIST), "big data list") ||
        !take_segments(salvage, &iter, value->offset))
        return FALSE;
    *data = (HcBlob){salvage->scratch->data, salvage->scratch->len};
    return TRUE;
}

/* Adds the value at @offset to those of the key. */
static void
add_value(HcSalvage *salvage, const HcKey *key, uint32_t offset)
{
    HcCheck *check = &salvage->check;
    HcValue value;
    HcFault fault;
    if (!hc_read_value(check->hive, offset, &value, &fault)) {
        hc_salvage_lost(salvage, &fault, key->offset);
        return;
    }
    const uint32_t name_bytes = hc_name_bytes(value.name);
    check->value = &value.name;
    if (value.name.n_units > HC_MAX_VALUE_NAME_UNITS)
        hc_check_report(check, HC_FAULT_VALUE_NAME_LONG, "value", offset, "%u", value.name.n_units);
    else if (name_bytes > salvage->data_left)
        hc_check_report(check, HC_FAULT_DATA_MANY, "value", offset, NULL);
    else if (hc_salvage_take(salvage, offset, "value"))
        g_array_append_val(salvage->values, value);
    salvage->data_left -= MIN(name_bytes, salvage->data_left);
    check->value = NULL;
}

/* By name; of equal ones that comes first which is listed first. */
static gint
compare_values(gconstpointer a, gconstpointer b)
{
    const HcValue *value_a = *(const HcValue *const *) a;
    const HcValue *value_b = *(const HcValue *const *) b;
    const int order = hc_name_compare(value_a->name, value_b->name);
    return order != 0 ? order : (value_a > value_b) - (value_a < value_b);
}

/* Leaves the first of values with the same name; of the others vk becomes NULL. */
static void
drop_duplicates(HcSalvage *salvage)
{
    HcCheck *check = &salvage->check;
    g_autoptr(GPtrArray) sorted = g_ptr_array_sized_new(salvage->values->len);
    for (guint i = 0; i < salvage->values->len; i++)
        g_ptr_array_add(sorted, &g_array_index(salvage->values, HcValue, i));
    g_ptr_array_sort(sorted, compare_values);
    for (guint i = 1; i < sorted->len; i++) {
        const HcValue *before = g_ptr_array_index(sorted, i - 1);
        HcValue *value = g_ptr_array_index(sorted, i);
        if (!hc_name_equal(before->name, value->name))
            continue;
        check->value = &value->name;
        hc_check_report(check, HC_FAULT_VALUE_DUPLICATE, "value", value->offset, NULL);
        check->value = NULL;
        value->vk = NULL;
    }
}

/* Reads the value list as far as it goes. */
static void
collect(HcSalvage *salvage, const HcKey *key)
{
    HcCheck *check = &salvage->check;
    const uint32_t offset = hc_get32(key->nk + HC_NK_VALUES);
    uint32_t n_bytes = 0;
    HcFault fault = {0};
    g_array_set_size(salvage->values, 0);
    if (key->n_values == 0)
        return;
    const uint8_t *list = hc_read_cell(check->hive, offset, 4, "value list", &n_bytes, &fault);
    if (list == NULL) {
        hc_check_report(check, fault.kind, fault.what,
                        fault.kind == HC_FAULT_CELL_OUTSIDE ? key->offset : offset,
                        "%u values of the key", key->n_values);
        return;
    }
    if (!hc_salvage_take(salvage, offset, "value list"))
        return;
    const uint32_t n = MIN(MIN(key->n_values, n_bytes / 4), HC_MAX_VALUES);
    if (n < key->n_values)
        hc_check_report(check, HC_FAULT_CELL_SMALL, "value list", offset, "%u of %u values", n,
                        key->n_values);
    if (n > salvage->values_left) {
        hc_check_report(check, HC_FAULT_VALUES_MANY, "key", key->offset, NULL);
        return;
    }
    salvage->values_left -= n;
    for (uint32_t i = 0; i < n; i++)
        add_value(salvage, key, hc_get32(list + 4 * (gsize) i));
}

static gboolean
write_value(HcSalvage *salvage, const HcValue *value, GError **error)
{
    HcBlob data = {NULL, 0};
    if (!value->is_tombstone && !read_data(salvage, value, &data))
        return TRUE;
    hc_salvage_hash_name(salvage, value->name);
    hc_salvage_hash_number(salvage, value->is_tombstone);
    hc_salvage_hash_number(salvage, value->is_tombstone ? 0 : value->type);
    hc_salvage_hash_blob(salvage, data);
    if (salvage->writer == NULL)
        return TRUE;
    return value->is_tombstone
               ? hc_writer_value_tombstone(salvage->writer, value->name, error)
               : hc_writer_value(salvage->writer, value->name, value->type, data, error);
}

gboolean
hc_salvage_write_values(HcSalvage *salvage, const HcKey *key, GError **error)
{
    collect(salvage, key);
    drop_duplicates(salvage);
    for (guint i = 0; i < salvage->values->len; i++) {
        const HcValue *value = &g_array_index(salvage->values, HcValue, i);
        salvage->check.value = &value->name;
        if (value->vk != NULL && !write_value(salvage, value, error))
            return FALSE;
    }
    salvage->check.value = NULL;
    return TRUE;
}
