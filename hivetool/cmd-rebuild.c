#include "config.h"

#include "hivecore/base/error.h"
#include "hivetool/common.h"

#include "hivecore/delta/rebuild.h"

static char *output_option;

static const GOptionEntry entries[] = {
    {"output", 'o', 0, G_OPTION_ARG_FILENAME, &output_option, "the hive to write", "OUT"},
    {NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
};

static gboolean
run(HcCliContext *context, G_GNUC_UNUSED int n_args, char **args, HcExit *status, GError **error)
{
    const HcEpoch no_epoch = {FALSE, 0}; /* nothing changes, so no key gets a new time */
    if (output_option == NULL)
        return hc_fail(error, HC_ERROR_USAGE, "rebuild: -o OUT is needed");
    if (!ht_refuse_overwrite(output_option, args, error))
        return FALSE;
    g_autoptr(HcHive) hive = hc_cli_open_hive(context, args[0], error);
    if (hive == NULL)
        return FALSE;
    g_autoptr(GBytes) bytes = hc_rebuild_apply(hive, NULL, no_epoch, error);
    if (bytes == NULL)
        return FALSE;
    gsize n_bytes;
    const void *content = g_bytes_get_data(bytes, &n_bytes);
    if (!ht_emit_like(context, output_option, args, content, n_bytes, error))
        return FALSE;
    hc_cli_note(context, "%s: %" G_GUINT64_FORMAT " bytes -> %s: %" G_GSIZE_FORMAT " bytes",
                hc_hive_file(hive), hc_hive_info(hive)->file_bytes, output_option, n_bytes);
    *status = HC_EXIT_OK;
    return TRUE;
}

const HcCommand ht_cmd_rebuild = {
    .name = "rebuild",
    .args = "HIVE",
    .summary = "write a hive anew: compact, without remnants of deleted data",
    .details =
        "What the hive holds stays as it is, times and descriptors too; where it lies in the\n"
        "file depends on it alone. Differencing hives stay differencing hives. The result\n"
        "is opened again and compared before it appears.",
    .options = entries,
    .min_args = 1,
    .max_args = 1,
    .run = run,
};
