#include "config.h"

#include <stdlib.h>

#include "hivecore/regf/check-private.h"
#include "hivecore/regf/layout.h"

enum {
    FEW_VALUES = 8 /* up to here comparing each with each is faster than sorting */
};

static void
check_segments(HcCheck *check, const HcValue *value, HcDataIter *iter)
{
    HcBlob piece;
    HcFault fault;
    while (iter->n_left > 0 && !check->is_stopped) {
        if (!hc_read_segment(iter, &piece, &fault)) {
            hc_check_lost(check, &fault, value->offset);
            continue;
        }
        const uint32_t offset = hc_get32(iter->segments + 4 * (gsize) (iter->next_segment - 1));
        /* Windows leaves four bytes of each full segment unused. */
        (void) hc_check_claim(check, offset, "big data segment", piece.n_bytes);
    }
}

static void
check_big(HcCheck *check, const HcValue *value, HcDataIter *iter, uint32_t offset)
{
    const uint8_t *db = check->hive->bins + offset + 4;
    const uint32_t list = hc_get32(db + HC_DB_LIST);
    check->counts.n_big++;
    if (check->hive->info.minor < 4)
        hc_check_report(check, HC_FAULT_BIG_VERSION, "big data", offset, NULL);
    if ((uint64_t) (iter->n_segments - 1) * HC_DB_SEGMENT_BYTES >= value->n_bytes)
        hc_check_report(check, HC_FAULT_BIG_SEGMENTS_MORE, "big data", offset, "%u segments",
                        iter->n_segments);
    if (hc_check_claim(check, list, "big data list", 4 * iter->n_segments))
        check_segments(check, value, iter);
}

static void
check_data(HcCheck *check, const HcValue *value)
{
    HcDataIter iter;
    HcFault fault;
    if (!hc_read_data(check->hive, value, &iter, &fault)) {
        hc_check_lost(check, &fault, value->offset);
        return;
    }
    check->counts.data_bytes += value->n_bytes;
    const uint32_t stored = hc_get32(value->vk + HC_VK_DATA_BYTES);
    if (value->n_bytes == 0 || (stored & HC_VK_INLINE) != 0)
        return;
    const uint32_t offset = hc_get32(value->vk + HC_VK_DATA);
    if (iter.contiguous == NULL) {
        if (hc_check_claim(check, offset, "value data", HC_DB_BYTES))
            check_big(check, value, &iter, offset);
        return;
    }
    if (value->n_bytes > HC_BIG_DATA_BYTES && check->hive->info.minor >= 4)
        hc_check_report(check, HC_FAULT_DATA_ONE_CELL, "value data", offset, "%u bytes",
                        value->n_bytes);
    (void) hc_check_claim(check, offset, "value data", value->n_bytes); /* a finding says it all */
}

static gint
compare_names(gconstpointer a, gconstpointer b)
{
    const HcName *name_a = a;
    const HcName *name_b = b;
    const int order = hc_name_compare(*name_a, *name_b);
    /* Of equal ones the first is that which comes first in the file. */
    return order != 0 ? order : (name_a->chars > name_b->chars) - (name_a->chars < name_b->chars);
}

static void
report_duplicate(HcCheck *check, const HcName *name)
{
    const uint8_t *vk = name->chars - HC_VK_NAME;
    check->value = name;
    hc_check_report(check, HC_FAULT_VALUE_DUPLICATE, "value",
                    (uint32_t) (vk - 4 - check->hive->bins), NULL);
    check->value = NULL;
}

/* Names of one key mostly differ in their lengths or, unless that is a matter of case, at the end.
 */
static gboolean
is_same_name(HcName a, HcName b)
{
    if (a.n_units != b.n_units)
        return FALSE;
    if (a.is_latin1 && b.is_latin1 && a.n_units > 0) {
        const uint8_t last_a = a.chars[a.n_units - 1];
        const uint8_t last_b = b.chars[b.n_units - 1];
        if ((last_a | last_b) < 0x80 && ((last_a ^ last_b) & ~0x20) != 0)
            return FALSE;
    }
    return hc_name_equal(a, b);
}

/* Each name is a cell's own, so that sorting is bounded by the size of the file. */
static void
check_duplicates(HcCheck *check)
{
    HcName *name = &g_array_index(check->value_names, HcName, 0);
    const guint n = check->n_value_names;
    if (n > FEW_VALUES) {
        qsort(name, n, sizeof(HcName), compare_names);
        for (guint i = 1; i < n && !check->is_stopped; i++) {
            if (hc_name_equal(name[i - 1], name[i]))
                report_duplicate(check, &name[i]);
        }
        return;
    }
    for (guint i = 1; i < n && !check->is_stopped; i++) {
        guint k = 0;
        while (k < i && !is_same_name(name[k], name[i]))
            k++;
        if (k < i)
            report_duplicate(check, &name[i]);
    }
}

static void
check_tombstone(HcCheck *check, const HcValue *value)
{
    check->counts.n_value_tombstones++;
    if (value->n_bytes != 0 || value->type != 0 || hc_get32(value->vk + HC_VK_DATA) != HC_NIL)
        hc_check_report(check, HC_FAULT_LAYER_VALUE, "value", value->offset,
                        "type 0x%x, %u bytes at 0x%x", value->type, value->n_bytes,
                        hc_get32(value->vk + HC_VK_DATA));
}

static void
check_value(HcCheck *check, const HcKey *key, uint32_t offset, HcCheckLargest *largest)
{
    HcValue value;
    HcFault fault;
    if (!hc_read_value(check->hive, offset, &value, &fault)) {
        hc_check_lost(check, &fault, key->offset);
        return;
    }
    check->value = &value.name;
    const uint32_t name_bytes = hc_name_bytes(value.name);
    if (hc_check_claim(check, offset, "value", HC_VK_NAME + name_bytes)) {
        check->counts.n_values++;
        if (value.name.n_units > HC_MAX_VALUE_NAME_UNITS)
            hc_check_report(check, HC_FAULT_VALUE_NAME_LONG, "value", offset, "%u",
                            value.name.n_units);
        if (value.is_tombstone)
            check_tombstone(check, &value);
        else if ((hc_get16(value.vk + HC_VK_FLAGS) & HC_VALUE_FLAG_TOMBSTONE) != 0)
            hc_check_total(check, &check->stray, offset, 0);
        check_data(check, &value);
        g_array_index(check->value_names, HcName, check->n_value_names++) = value.name;
        largest->value_name = MAX(largest->value_name, 2 * value.name.n_units);
        largest->value_data = MAX(largest->value_data, value.n_bytes);
    }
    check->value = NULL;
}

void
hc_check_values(HcCheck *check, const HcKey *key, HcCheckLargest *largest)
{
    const uint32_t offset = hc_get32(key->nk + HC_NK_VALUES);
    HcFault fault = {HC_FAULT_VALUES_MANY, "key", key->offset};
    if (key->n_values == 0) {
        if (offset != HC_NIL && (key->flags & HC_KEY_FLAG_PREDEFINED) == 0)
            hc_check_report(check, HC_FAULT_VALUES_STALE, "key", key->offset, NULL);
        return;
    }
    if (key->n_values > check->values_left) {
        hc_check_lost(check, &fault, key->offset);
        return;
    }
    const uint8_t *list = hc_read_value_list(check->hive, key, NULL, &fault);
    if (list == NULL) {
        hc_check_lost(check, &fault, key->offset);
        return;
    }
    if (!hc_check_claim(check, offset, "value list", 4 * key->n_values)) {
        check->is_partial = TRUE;
        return;
    }
    check->values_left -= key->n_values;
    check->n_value_names = 0;
    if (check->value_names->len < key->n_values)
        g_array_set_size(check->value_names, key->n_values);
    for (uint32_t i = 0; i < key->n_values && !check->is_stopped; i++)
        check_value(check, key, hc_get32(list + 4 * (gsize) i), largest);
    if (!check->is_stopped)
        check_duplicates(check);
}
