#include "config.h"

#include "hivecore/base/error.h"
#include "hivetool/common.h"

#include "hivecore/delta/rebuild.h"
#include "hivecore/regf/check.h"
#include "hivecore/report/report.h"

static char *output_option;

static const GOptionEntry entries[] = {
    {"output", 'o', 0, G_OPTION_ARG_FILENAME, &output_option, "the effective hive to write", "OUT"},
    {NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
};

/* @hive under one layer: proven and open, @hive itself when the layer does nothing. @output:
 * (nullable): what it is written to, which is in memory else. */
static HcHive *
merge_layer(HcCliContext *context, HcHive *hive, const char *file, HcOutput *output, GError **error)
{
    g_autoptr(HcHive) layer = hc_cli_open_sound_hive(context, file, error);
    g_autoptr(HcDelta) change = NULL;
    HcHive *merged = layer != NULL
                         ? hc_merge_layer_to(hive, layer, context->epoch, output, &change, error)
                         : NULL;
    if (merged == NULL)
        return NULL;
    g_autoptr(GString) counts = g_string_new(NULL);
    hc_cli_verbose(context, "%s: %s", file,
                   hc_report_append_counts(counts, change) ? counts->str : "nothing to do");
    return merged;
}

static gboolean
run(HcCliContext *context, G_GNUC_UNUSED int n_args, char **args, HcExit *status, GError **error)
{
    if (!hc_cli_need_output("merge", output_option, "OUT", error))
        return FALSE;
    if (!hc_cli_refuse_overwrite(output_option, args, error))
        return FALSE;
    g_autoptr(HcHive) base = ht_open_ordinary(context, args[0], error);
    if (base == NULL || !hc_hive_check(base, NULL, error))
        return FALSE;
    g_autoptr(HcOutput) output = hc_cli_open_output(output_option, args, error);
    if (output == NULL)
        return FALSE;
    g_autoptr(HcHive) hive = hc_hive_ref(base);
    gboolean is_written = FALSE;
    for (char **layer = args + 1; *layer != NULL; layer++) {
        HcOutput *last = layer[1] == NULL ? output : NULL;
        HcHive *next = merge_layer(context, hive, *layer, last, error);
        if (next == NULL)
            return FALSE;
        is_written = last != NULL && next != hive;
        hc_hive_unref(hive);
        hive = next;
    }
    g_autoptr(HcDelta) change = hc_diff(base, hive, HC_IGNORE_DEFAULT, NULL, error);
    if (change == NULL)
        return FALSE;
    HcMap *map = hc_hive_map(hive);
    if ((!is_written &&
         !hc_output_write(output, hc_map_data(map), (gsize) hc_map_size(map), error)) ||
        !hc_cli_commit(context, &output, 1, error))
        return FALSE;

    hc_cli_note_change(context, output_option, change, "nothing to do, a copy of the base");
    *status = HC_EXIT_OK;
    return TRUE;
}

const HcCommand ht_cmd_merge = {
    .name = "merge",
    .also = "join combine",
    .group = "write hives",
    .args = "BASE DELTA...",
    .summary = "write the effective hive under differencing hives",
    .details =
        "BASE is an ordinary hive, each DELTA a differencing hive above it and those before\n"
        "it, like the Hives/*_Delta files of the layers of a container image. The result\n"
        "is opened again and compared before it appears.",
    .options = entries,
    .min_args = 2,
    .max_args = -1,
    .statuses = "0 done",
    .examples = "hivetool delta old/SOFTWARE SOFTWARE -o SOFTWARE_Delta\n"
                "hivetool merge old/SOFTWARE SOFTWARE_Delta -o merged.hive",
    .run = run,
};
