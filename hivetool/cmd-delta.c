#include "config.h"

#include "hivecore/base/error.h"
#include "hivetool/common.h"

#include "hivecore/delta/differencing.h"
#include "hivecore/delta/proof.h"
#include "hivecore/regf/check.h"
#include "hivetool/made-hive.h"

static char *output_option;
static char *name_option;

static const GOptionEntry entries[] = {
    {"output", 'o', 0, G_OPTION_ARG_FILENAME, &output_option, "the differencing hive to write",
     "DELTA"},
    {"file-name", 0, 0, G_OPTION_ARG_FILENAME, &name_option,
     "file name kept inside the hive (that of DELTA)", "NAME"},
    {NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
};

static gboolean
run(HcCliContext *context, G_GNUC_UNUSED int n_args, char **args, HcExit *status, GError **error)
{
    if (!hc_cli_need_output("delta", output_option, "DELTA", error))
        return FALSE;
    g_autoptr(HcArena) arena = hc_arena_new();
    HcDifferencingOptions options = {.epoch = context->epoch};
    if (!hc_cli_refuse_overwrite(output_option, args, error) ||
        !ht_embedded_name(arena, name_option, output_option, &options.file_name, error))
        return FALSE;
    g_autoptr(HcHive) old_hive = ht_open_ordinary(context, args[0], error);
    g_autoptr(HcHive) new_hive =
        old_hive != NULL ? ht_open_ordinary(context, args[1], error) : NULL;
    if (new_hive == NULL)
        return FALSE;
    g_auto(HcPairCheck) check = {NULL, NULL, NULL};
    hc_hive_check_pair(old_hive, new_hive, FALSE, &check);
    GError **which = check.left != NULL ? &check.left : &check.right;
    GError *defect = g_steal_pointer(which);
    if (defect != NULL)
        return hc_fail_with(error, defect);
    g_autoptr(HcDelta) exact =
        hc_diff_known(old_hive, new_hive, check.same, HC_IGNORE_DEFAULT, NULL, error);
    if (exact == NULL)
        return FALSE;
    g_autoptr(GBytes) bytes = hc_differencing_write(exact, old_hive, &options, error);
    if (bytes == NULL || !hc_layer_proof(old_hive, bytes, exact, error))
        return FALSE;
    gsize n_bytes;
    const void *data = g_bytes_get_data(bytes, &n_bytes);
    if (!ht_emit_like(context, output_option, args, data, n_bytes, error))
        return FALSE;

    hc_cli_note_change(context, output_option, exact, "no difference, the root key alone");
    *status = HC_EXIT_OK;
    return TRUE;
}

const HcCommand ht_cmd_delta = {
    .name = "delta",
    .also = "differencing",
    .group = "write hives",
    .args = "OLD NEW",
    .summary = "write the differencing hive that turns OLD into NEW",
    .details = "This is the form of the Hives/*_Delta files of a Windows container layer. The\n"
               "hive written is opened again and checked before it appears.",
    .options = entries,
    .min_args = 2,
    .max_args = 2,
    .statuses = "0 done",
    .examples = "hivetool delta old/SOFTWARE SOFTWARE -o SOFTWARE_Delta\n"
                "hivetool ls -r SOFTWARE_Delta",
    .run = run,
};
