#include "config.h"

#include "hivetool/common.h"

#include <string.h>

#include "hivecore/base/display.h"
#include "hivecore/delta/digest.h"

static char **ignore_options;

static const GOptionEntry entries[] = {
    {"ignore", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &ignore_options,
     "what does not count: any of timestamps, security,\nclass, flags, order, or none\n"
     "(timestamps,order)",
     "LIST"},
    {NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
};

static gboolean
run(HcCliContext *context, G_GNUC_UNUSED int n_args, char **args, HcExit *status, GError **error)
{
    guint ignore;
    if (!ht_parse_ignore(ignore_options, &ignore, error))
        return FALSE;
    g_autoptr(HcHive) hive = hc_cli_open_sound_hive(context, args[0], error);
    if (hive == NULL)
        return FALSE;
    g_autofree char *digest = hc_digest(hive, ignore, error);
    if (digest == NULL)
        return FALSE;
    g_string_append_printf(context->out, "sha256:%s  ", digest);
    hc_append_display(context->out, args[0], strlen(args[0]));
    g_string_append_c(context->out, '\n');
    *status = HC_EXIT_OK;
    return TRUE;
}

const HcCommand ht_cmd_digest = {
    .name = "digest",
    .args = "HIVE",
    .summary = "print a SHA-256 of what a hive holds, whatever its layout",
    .details = "Hives between which diff finds nothing have the same digest under the same\n"
               "--ignore. A differencing hive's is that of the hive as it stands.",
    .options = entries,
    .min_args = 1,
    .max_args = 1,
    .run = run,
};
