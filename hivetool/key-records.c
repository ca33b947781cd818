#include "config.h"

#include "hivetool/key-records.h"

#include "hivecore/base/error.h"
#include "hivecore/base/trail.h"
#include "hivecore/delta/differencing.h"
#include "hivecore/regf/types.h"

static const HcColumn long_columns[] = {
    {"record", HC_COLUMN_TEXT, 0},       {"hive", HC_COLUMN_TEXT, 0},
    {"key", HC_COLUMN_KEY, 0},           {"name", HC_COLUMN_NAME, 0},
    {"data", HC_COLUMN_DATA, 0},         {"time", HC_COLUMN_TIME, 0},
    {"subkeys", HC_COLUMN_NUMBER, 0},    {"values", HC_COLUMN_NUMBER, 0},
    {"layer", HC_COLUMN_TEXT, 0},        {"class", HC_COLUMN_NAME, 0},
    {"security", HC_COLUMN_SECURITY, 0}, {NULL, HC_COLUMN_TEXT, 0},
};

static const HcColumn short_columns[] = {
    {"record", HC_COLUMN_TEXT, 0},    {"hive", HC_COLUMN_TEXT, 0},     {"key", HC_COLUMN_KEY, 0},
    {"name", HC_COLUMN_NAME, 0},      {"data", HC_COLUMN_DATA, 0},     {"time", HC_COLUMN_TIME, 0},
    {"subkeys", HC_COLUMN_NUMBER, 0}, {"values", HC_COLUMN_NUMBER, 0}, {"layer", HC_COLUMN_TEXT, 0},
    {NULL, HC_COLUMN_TEXT, 0},
};

HcRecords *
ht_key_records_new(const HcCliContext *context, HcStream *stream, HcFormat format, const char *kind,
                   gboolean is_long)
{
    const HcRecordsHead head = {
        .tool = context->program, .kind = kind, .is_terminal = context->is_terminal};
    return hc_records_new(stream, format, &head, is_long ? long_columns : short_columns);
}

static const char *
root_text(const HcRoot *root)
{
    return root != NULL ? root->text : NULL;
}

gboolean
ht_hive_record(HcRecords *records, const HcRegistryHive *hive)
{
    hc_record_begin(records);
    hc_record_text(records, "hive");
    hc_record_text(records, hive->name);
    if (hive->root != NULL)
        hc_record_key(records, hive->root->text, (HcPath){NULL, 0});
    hc_record_skip_to(records, NULL);
    return hc_record_end(records);
}

static gboolean
add_class_and_security(const HtRecordPlace *place, const HcKey *key, GError **error)
{
    HcBlob class_name;
    HcBlob security;
    if (!hc_hive_class(place->hive, key, &class_name, error) ||
        !hc_hive_security(place->hive, key, &security, error))
        return FALSE;
    if (class_name.bytes == NULL)
        hc_record_none(place->records);
    else if (class_name.n_bytes % 2 == 0)
        hc_record_name(place->records, (HcName){class_name.bytes, class_name.n_bytes / 2, FALSE});
    else
        hc_record_bytes(place->records, class_name);
    hc_record_security(place->records, security);
    return TRUE;
}

gboolean
ht_key_record(const HtRecordPlace *place, const HcPath *path, const HcKey *key, GError **error)
{
    HcRecords *records = place->records;
    const gboolean is_merged = (key->layer_bits & HC_LAYER_SEMANTICS) == HC_LAYER_MERGE;
    hc_record_begin(records);
    hc_record_text(records, "key");
    hc_record_text(records, place->hive_name);
    hc_record_key(records, root_text(place->root), *path);
    hc_record_none(records);
    hc_record_none(records);
    hc_record_time(records, key->mtime_filetime);
    hc_record_number(records, key->n_subkeys);
    hc_record_number(records, key->n_values);
    hc_record_text(records, is_merged ? NULL : hc_layer_bits_text(key->layer_bits));
    if (place->is_long && !add_class_and_security(place, key, error))
        return FALSE;
    return hc_record_end(records);
}

gboolean
ht_value_record(const HtRecordPlace *place, const HcPath *path, const HcValue *value,
                GError **error)
{
    HcRecords *records = place->records;
    g_autoptr(GByteArray) scratch = NULL;
    HcDatum datum = {.is_present = !value->is_tombstone, .type = value->type};
    if (datum.is_present) {
        scratch = g_byte_array_new();
        if (!hc_hive_value_data(place->hive, value, scratch, &datum.data, error))
            return FALSE;
    }
    hc_record_begin(records);
    hc_record_text(records, "value");
    hc_record_text(records, place->hive_name);
    hc_record_key(records, root_text(place->root), *path);
    hc_record_name(records, value->name);
    hc_record_datum(records, &datum);
    hc_record_skip_to(records, "layer");
    hc_record_text(records, value->is_tombstone ? "deleted" : NULL);
    hc_record_skip_to(records, NULL);
    return hc_record_end(records);
}

typedef struct {
    const HtRecordPlace *place;
    HcTrail *trail;
    HcWalk walk;
    gboolean is_recursive;
} Branch;

static gboolean
add_values(Branch *branch, const HcKey *key, const HcPath *path, GError **error)
{
    GError *failure = NULL;
    HcValueIter iter;
    HcValue value;
    if (!hc_value_iter_init(&iter, branch->place->hive, key, error))
        return FALSE;
    while (hc_value_iter_next(&iter, &value, &failure)) {
        if (!hc_walk_data(&branch->walk, &value, error) ||
            !ht_value_record(branch->place, path, &value, error))
            return FALSE;
    }
    return failure == NULL || hc_fail_with(error, failure);
}

static gboolean
add_branch(Branch *branch, const HcKey *key, GError **error)
{
    const HcHive *hive = branch->place->hive;
    const HcPath path = branch->trail->path;
    if (!hc_walk_enter(&branch->walk, key, (uint32_t) path.n, error))
        return FALSE;
    if (!add_values(branch, key, &path, error))
        return FALSE;
    if (key->n_subkeys == 0)
        return TRUE;
    g_auto(HcKeyList) subkeys;
    hc_key_list_init(&subkeys);
    if (!hc_key_list_fill(&subkeys, hive, key, error))
        return FALSE;
    for (guint i = 0; i < subkeys.n; i++) {
        const HcKey *subkey = hc_key_list_at(&subkeys, i, error);
        if (subkey == NULL)
            return FALSE;
        hc_trail_push(branch->trail, subkey->name);
        const HcPath below = branch->trail->path;
        /* hc_walk_enter() ends this at HC_MAX_KEY_DEPTH. */
        if (!ht_key_record(branch->place, &below, subkey, error) ||
            (branch->is_recursive && !add_branch(branch, subkey, error)))
            return FALSE;
        hc_trail_pop(branch->trail);
    }
    return TRUE;
}

gboolean
ht_branch_records(const HtRecordPlace *place, const HcPath *path, const HcKey *key,
                  gboolean is_recursive, GError **error)
{
    g_auto(HcTrail) trail = {0};
    Branch branch = {place, &trail, hc_walk_start(place->hive), is_recursive};
    hc_trail_append(&trail, *path);
    return add_branch(&branch, key, error);
}
