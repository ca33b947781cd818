#include "config.h"

#include "hivecore/cli/cli-hive.h"

HcHive *
hc_cli_open_hive(const HcCliContext *context, const char *file, GError **error)
{
    g_autofree char *note = NULL;
    HcHive *hive = hc_hive_open_recovered(file, context->dirty_policy, &note, error);
    if (note != NULL)
        hc_cli_note(context, "%s", note);
    return hive;
}
