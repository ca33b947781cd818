#include "config.h"

#include "hivetool/patching.h"

static HtPatching how = {.lock_timeout = HC_LOCK_TIMEOUT};

static const GOptionEntry entries[] = {
    HT_PATCHING_OPTION_ENTRIES(how),
    HT_USER_OPTION_ENTRY(how.users),
    HC_PATCH_OPTION_ENTRIES(how.patch, "skip what is said of keys that are in no HIVE"),
    {NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
};

static gboolean
run(HcCliContext *context, G_GNUC_UNUSED int n_args, char **args, HcExit *status, GError **error)
{
    if (!ht_patching_check(&how, "apply", error))
        return FALSE;
    const HtTargeting targeting = ht_patching_targeting(&how);
    g_autoptr(HtTargets) targets = ht_targets_open(context, args, &targeting, error);
    if (targets == NULL || !ht_patching_choose(&how, targets, error))
        return FALSE;
    g_autoptr(GPtrArray) files = hc_patch_files_read(targets->patches, error);
    return files != NULL &&
           hc_patches_resolve(context, files, targets->patched, targets->n, &how.patch, error) &&
           ht_patching_write(context, &how, targets, status, error);
}

const HcCommand ht_cmd_apply = {
    .name = "apply",
    .also = "patch import merge-reg edit",
    .group = "change hives",
    .args = "HIVE PATCH... | NAME=HIVE... PATCH...",
    .summary = "write a hive, or several, with patches applied",
    .details =
        "A PATCH is a .reg file, a JSON delta as 'diff --format=json' prints it, a differencing\n"
        "hive, a Registry.pol, or reg add and reg delete lines; '-' is standard input. Several\n"
        "patches are applied in order.\n"
        "-o OUT, --in-place or --dry-run says where the result goes. It is opened again\n"
        "and compared before it appears; a failure leaves every file as it was.\n"
        "\n"
        "With NAME=HIVE, NAME one of SOFTWARE, SYSTEM, SAM, SECURITY, DEFAULT or a place\n"
        "such as HKLM\\FOO, each line of the patches goes to the hive that holds its key,\n"
        "and all hives are written or none. HIVE can be several, each at its place: a\n"
        "folder of hives, a Windows disk; also an image or a layer, but not --in-place.",
    .options = entries,
    .min_args = 2,
    .max_args = -1,
    .statuses = "0 done, 1 with --exit-code: something to do",
    .examples = "hivetool apply -n SOFTWARE change.reg\n"
                "hivetool apply --in-place --reverse-out=undo.reg SOFTWARE change.reg",
    .run = run,
};
