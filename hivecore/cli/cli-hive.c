#include "config.h"

#include "hivecore/cli/cli-hive.h"

#include "hivecore/regf/check.h"

HcHive *
hc_cli_open_hive(const HcCliContext *context, const char *file, GError **error)
{
    g_autofree char *note = NULL;
    HcHive *hive = hc_hive_open_recovered(file, context->dirty_policy, &note, error);
    if (note != NULL)
        hc_cli_note(context, "%s", note);
    return hive;
}

HcHive *
hc_cli_open_sound_hive(const HcCliContext *context, const char *file, GError **error)
{
    g_autoptr(HcHive) hive = hc_cli_open_hive(context, file, error);
    if (hive == NULL || !hc_hive_check(hive, NULL, error))
        return NULL;
    return g_steal_pointer(&hive);
}

void
hc_cli_note_unsound(const HcCliContext *context, const HcHive *hive)
{
    g_autoptr(GError) defect = NULL;
    if (!context->quiet && !hc_hive_check(hive, NULL, &defect))
        hc_cli_note(context, "warning: %s ('hivetool check' tells all)", defect->message);
}
