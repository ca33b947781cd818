#include "config.h"

#include "hivetool/key-records.h"

#include "hivecore/base/error.h"

/* One of the hives, all of it or its part of @keys. */
static gboolean
add_hive(const HcCliContext *context, HcRecords *records, const HtExport *wanted, guint index,
         HcExit *status, GError **error)
{
    const HcRegistryHive *named = hc_registry_hive(wanted->operand->state, index);
    g_autofree char **keys = NULL;
    gboolean is_asked;
    if (!ht_pick_keys(wanted->operand, wanted->keys, index, &keys, &is_asked, error))
        return FALSE;
    if (!is_asked)
        return TRUE;
    g_auto(HtReading) reading = {NULL, NULL};
    g_autoptr(HcRoot) root = NULL;
    g_autoptr(HcArena) arena = hc_arena_new();
    if (!ht_reading_open_of(&reading, context, wanted->operand->state, index, keys == NULL,
                            wanted->is_salvage, error) ||
        !ht_find_root_of(wanted->operand, index, reading.hive, wanted->root_option, &root, error))
        return FALSE;
    g_autoptr(GArray) branches =
        ht_reading_find_branches(&reading, context, arena, keys, root, error);
    const HtRecordPlace place = {records, named->name, reading.hive, root, TRUE};
    for (guint i = 0; branches != NULL && i < branches->len; i++) {
        const HtBranch *branch = &g_array_index(branches, HtBranch, i);
        if (!ht_key_record(&place, &branch->path, &branch->key, error) ||
            !ht_branch_records(&place, &branch->path, &branch->key, TRUE, error))
            return FALSE;
    }
    if (branches == NULL)
        return FALSE;
    if (keys == NULL)
        hc_cli_note_unsound(context, reading.hive);
    if (ht_reading_branches_status(&reading, context, branches) != HC_EXIT_OK)
        *status = HC_EXIT_NO;
    return TRUE;
}

gboolean
ht_export_records(HcCliContext *context, const HtExport *wanted, HcFormat format,
                  const char *output, char *const *inputs, HcExit *status, GError **error)
{
    g_autoptr(HcStream) stream = hc_cli_open_stream(context, output, inputs, error);
    if (stream == NULL)
        return FALSE;
    g_autoptr(HcRecords) records = ht_key_records_new(context, stream, format, "keys", TRUE);
    hc_records_begin(records);
    for (guint i = 0; i < hc_registry_n_hives(wanted->operand->state); i++) {
        GError *failure = NULL;
        if (add_hive(context, records, wanted, i, status, &failure))
            continue;
        /* Without an error writing has failed, which the stream tells. */
        if (failure != NULL)
            return hc_fail_with(error, failure);
        break;
    }
    hc_records_end(records);
    return hc_cli_publish(context, stream, error);
}
