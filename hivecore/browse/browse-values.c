#include "config.h"

#include "hivecore/browse/browse-private.h"

#include "hivecore/report/report.h"

/* The values of a key: those that the hive has, in its order, and those that a change adds. */

static HcBrowseState
state_of(const HcBrowseKey *key, const HcDeltaValue *change)
{
    if (key->state == HC_BROWSE_REMOVED || key->state == HC_BROWSE_ADDED)
        return key->state;
    if (change == NULL)
        return HC_BROWSE_SAME;
    if (change->op == HC_VALUE_DELETE)
        return HC_BROWSE_REMOVED;
    return change->before->is_present ? HC_BROWSE_CHANGED : HC_BROWSE_ADDED;
}

static void
add_value(const HcBrowse *browse, GArray *values, const HcBrowseValue *value)
{
    if (!browse->changes_only || value->state != HC_BROWSE_SAME)
        g_array_append_val(values, *value);
}

/* Those of the hive. */
static gboolean
list_stored(HcBrowse *browse, const HcBrowseKey *key, const HcDeltaKey *change, GArray *values,
            GError **error)
{
    const HcHive *hive = hc_browse_place(browse, key->place)->hive;
    for (uint32_t i = 0; i < key->key.n_values; i++) {
        HcBrowseValue row = {.has_value = TRUE};
        if (!hc_hive_value(hive, &key->key, i, &row.value, error))
            return FALSE;
        row.name = row.value.name;
        row.change = change != NULL ? hc_delta_find_value(change, row.name) : NULL;
        row.state = state_of(key, row.change);
        add_value(browse, values, &row);
    }
    return TRUE;
}

GArray *
hc_browse_list_values(HcBrowse *browse, const HcBrowseKey *key, char **defect)
{
    GError *failure = NULL;
    GArray *values = g_array_new(FALSE, FALSE, sizeof(HcBrowseValue));
    const HcDeltaKey *change = key->state != HC_BROWSE_REMOVED ? key->change : NULL;
    *defect = NULL;
    if (key->has_key && !list_stored(browse, key, change, values, &failure)) {
        *defect = g_strdup(failure->message);
        g_error_free(failure);
        return values;
    }
    for (guint i = 0; change != NULL && i < hc_delta_n_values(change); i++) {
        const HcDeltaValue *value = hc_delta_value(change, i);
        const HcBrowseValue row = {value->name, state_of(key, value), FALSE, {0}, value};
        if (value->op == HC_VALUE_SET && (!key->has_key || !value->before->is_present))
            add_value(browse, values, &row);
    }
    return values;
}

void
hc_browse_fill_values(HcBrowse *browse)
{
    HcBrowseView *view = &browse->view[HC_BROWSE_VALUES];
    const HcBrowseKey *key = hc_browse_key(browse);
    g_array_unref(browse->values);
    g_free(browse->values_defect);
    browse->values = hc_browse_list_values(browse, key, &browse->values_defect);
    if (key->depth == 0 && !key->has_key && key->defect == NULL)
        browse->values_defect = g_strdup("not opened yet: Right opens it");
    if (key->defect != NULL && browse->values_defect == NULL)
        browse->values_defect = g_strdup(key->defect);
    view->cursor = view->top = 0;
    view->n_rows = browse->values->len;
    hc_browse_fill_details(browse);
}

const HcBrowseValue *
hc_browse_value(const HcBrowse *browse)
{
    const guint row = browse->view[HC_BROWSE_VALUES].cursor;
    return row < browse->values->len ? &g_array_index(browse->values, HcBrowseValue, row) : NULL;
}

gboolean
hc_browse_datum(HcBrowse *browse, const HcBrowseKey *key, const HcBrowseValue *value,
                HcDatum *datum, GError **error)
{
    *datum = (HcDatum){.is_present = value->has_value && !value->value.is_tombstone,
                       .type = value->value.type};
    return !datum->is_present ||
           hc_hive_value_data(hc_browse_place(browse, key->place)->hive, &value->value,
                              hc_browse_all(browse)->scratch, &datum->data, error);
}

/* What a change makes of the value. */
static void
append_after(GString *out, const HcBrowseValue *value)
{
    hc_report_append_datum(out, &value->change->after);
}

void
hc_browse_append_value(GString *out, HcBrowse *browse, const HcBrowseValue *value)
{
    GError *failure = NULL;
    HcDatum datum;
    hc_report_append_value_name(out, value->name);
    g_string_append(out, "  ");
    if (!value->has_value) {
        append_after(out, value);
    } else if (value->value.is_tombstone) {
        g_string_append(out, "deleted");
    } else if (!hc_browse_datum(browse, hc_browse_key(browse), value, &datum, &failure)) {
        g_string_append_printf(out, "damaged: %s", failure->message);
        g_error_free(failure);
    } else {
        hc_report_append_datum(out, &datum);
        if (value->state == HC_BROWSE_CHANGED) {
            g_string_append(out, " -> ");
            append_after(out, value);
        }
    }
}
