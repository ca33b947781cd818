#include "config.h"

#include "hivetool/reading.h"

#include "hivecore/cli/cli-salvage.h"

gboolean
ht_reading_open(HtReading *reading, const HcCliContext *context, const char *file,
                gboolean is_whole, gboolean is_salvage, GError **error)
{
    *reading = (HtReading){NULL, NULL};
    if (is_salvage) {
        reading->losses = hc_findings_new(NULL, HC_MAX_FINDINGS);
        reading->hive = hc_cli_open_salvaged(context, file, reading->losses, error);
    } else {
        reading->hive = is_whole ? hc_cli_open_hive(context, file, error)
                                 : hc_cli_open_hive_part(context, file, error);
    }
    return reading->hive != NULL;
}

void
ht_reading_clear(HtReading *reading)
{
    hc_hive_unref(reading->hive);
    g_clear_pointer(&reading->losses, hc_findings_unref);
}

gboolean
ht_reading_find_key(const HtReading *reading, const HcCliContext *context, HcArena *arena,
                    const char *text, const HcRoot *root, HcPath *path, HcKey *key, GError **error)
{
    if (ht_find_key(arena, reading->hive, text, root, path, key, error))
        return TRUE;
    if (reading->losses != NULL)
        hc_cli_note_losses(context, hc_hive_file(reading->hive), reading->losses);
    return FALSE;
}

HcExit
ht_reading_status(const HtReading *reading, const HcCliContext *context, const HcPath *path,
                  gboolean with_subkeys)
{
    if (reading->losses == NULL)
        return HC_EXIT_OK;
    hc_cli_keep_losses(reading->losses, path->names, path->n, with_subkeys);
    return hc_cli_note_losses(context, hc_hive_file(reading->hive), reading->losses) ? HC_EXIT_NO
                                                                                     : HC_EXIT_OK;
}
