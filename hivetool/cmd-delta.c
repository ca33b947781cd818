#include "config.h"

#include "hivecore/base/error.h"
#include "hivetool/common.h"

#include "hivecore/delta/differencing.h"
#include "hivecore/delta/proof.h"
#include "hivecore/image/layer-stack.h"
#include "hivecore/regf/check.h"
#include "hivetool/compare.h"
#include "hivetool/hives.h"

static char *output_option;
static char *name_option;

static const GOptionEntry entries[] = {
    {"output", 'o', 0, G_OPTION_ARG_FILENAME, &output_option,
     "the differencing hive to write; of several a folder", "DELTA"},
    {"file-name", 0, 0, G_OPTION_ARG_FILENAME, &name_option,
     "file name kept inside the hive (that of DELTA)", "NAME"},
    {NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
};

typedef struct {
    HcCliContext *context;
    HtMaking making;
    HcOperand old_operand;
    HcOperand new_operand;
} Deltas;

static void
deltas_clear(Deltas *deltas)
{
    ht_making_clear(&deltas->making);
    hc_operand_clear(&deltas->old_operand);
    hc_operand_clear(&deltas->new_operand);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Deltas, deltas_clear)

/* How the old hive becomes the new one; both are sound. */
static HcDelta *
compare(const HcHive *old_hive, const HcHive *new_hive, GError **error)
{
    g_auto(HcPairCheck) check = {NULL, NULL, NULL};
    g_autoptr(GError) failure = NULL;
    g_autoptr(HcDelta) exact =
        hc_diff_checked(old_hive, new_hive, FALSE, HC_IGNORE_DEFAULT, NULL, &check, &failure);
    GError **which = check.left != NULL ? &check.left : &check.right;
    GError *defect = g_steal_pointer(which);
    if (defect != NULL)
        return hc_fail_with_null(error, defect);
    if (exact == NULL)
        return hc_fail_with_null(error, g_steal_pointer(&failure));
    return g_steal_pointer(&exact);
}

/* As Windows calls it in Hives, where it has a name for it. */
static char *
delta_name(const HcRegistryHive *hive)
{
    for (int i = 0; i < HC_N_HIVE_SLOTS; i++) {
        g_autoptr(HcRoot) root = hc_root_parse_name(hc_hive_slots[i].name, NULL);
        if (hc_root_equal(hive->root, root))
            return g_path_get_basename(hc_hive_slots[i].delta_entry);
    }
    g_autofree char *name = ht_name_in_folder(hive);
    return g_strconcat(name, "_Delta", NULL);
}

static gboolean
make_delta(void *data, guint old_index, guint new_index, GError **error)
{
    Deltas *deltas = data;
    HcCliContext *context = deltas->context;
    HcRegistry *old_state = deltas->old_operand.state;
    g_autoptr(HcHive) old_hive = ht_open_ordinary_of(context, old_state, old_index, error);
    g_autoptr(HcHive) new_hive =
        old_hive != NULL ? ht_open_ordinary_of(context, deltas->new_operand.state, new_index, error)
                         : NULL;
    g_autoptr(HcDelta) exact = new_hive != NULL ? compare(old_hive, new_hive, error) : NULL;
    if (exact == NULL)
        return FALSE;
    g_autoptr(HcArena) arena = hc_arena_new();
    HcDifferencingOptions options = {.epoch = context->epoch};
    g_autofree char *name = delta_name(hc_registry_hive(old_state, old_index));
    const char *file = deltas->making.is_several ? name : deltas->making.output;
    if (!ht_embedded_name(arena, name_option, file, &options.file_name, error))
        return FALSE;
    g_autoptr(GBytes) bytes = hc_differencing_write(exact, old_hive, &options, error);
    if (bytes == NULL || !hc_layer_proof(old_hive, bytes, exact, error))
        return FALSE;
    gsize n_bytes;
    const void *content = g_bytes_get_data(bytes, &n_bytes);
    if (!ht_making_put(&deltas->making, name, content, n_bytes, error))
        return FALSE;
    ht_making_note(&deltas->making, hc_cli_change_text(deltas->making.is_several ? name : file,
                                                       exact, "no difference, the root key alone"));
    return TRUE;
}

static gboolean
run(HcCliContext *context, G_GNUC_UNUSED int n_args, char **args, HcExit *status, GError **error)
{
    g_auto(Deltas) deltas = {.context = context};
    const HtPairing pairing = {context, &deltas.old_operand, &deltas.new_operand, "written",
                               "compare"};
    if (!hc_cli_need_output("delta", output_option, "DELTA", error) ||
        !hc_cli_refuse_overwrite(output_option, args, error) ||
        !hc_cli_operand_open(&deltas.old_operand, args[0], error) ||
        !hc_cli_operand_open(&deltas.new_operand, args[1], error))
        return FALSE;
    const gboolean is_several = ht_pairing_is_several(&pairing);
    if (is_several && name_option != NULL)
        return hc_fail(error, HC_ERROR_USAGE, "delta: --file-name is for one hive");
    if (!ht_making_start(&deltas.making, context, output_option, args, is_several, error) ||
        !ht_pair_hives(&pairing, make_delta, &deltas, NULL, error) ||
        !ht_making_finish(&deltas.making, error))
        return FALSE;
    *status = HC_EXIT_OK;
    return TRUE;
}

const HcCommand ht_cmd_delta = {
    .name = "delta",
    .also = "differencing",
    .group = "write hives",
    .args = "OLD NEW",
    .summary = "write the differencing hive that turns OLD into NEW",
    .details =
        "This is the form of the Hives/*_Delta files of a Windows container layer. The\n"
        "hive written is opened again and checked before it appears. Of two states of several\n"
        "hives, folders, Windows disks, images or layers, each pair has one in a folder DELTA,\n"
        "under its name in Hives.",
    .options = entries,
    .min_args = 2,
    .max_args = 2,
    .statuses = "0 done",
    .examples = "hivetool delta old/SOFTWARE SOFTWARE -o SOFTWARE_Delta\n"
                "hivetool ls -r SOFTWARE_Delta",
    .run = run,
};
