#include "config.h"

#include "hivecore/base/error.h"
#include "layerpack/build.h"
#include "layerpack/commands.h"
#include "layerpack/file-changes.h"
#include "layerpack/finish-image.h"

static char *to_arg;
static LpTargetOptions target_options = {.lock_timeout_seconds = HC_LOCK_TIMEOUT};
static LpFileChanges *file_changes;
static LpConfigOptions config_options;

static gboolean
take_file_change(const char *option, const char *value, G_GNUC_UNUSED gpointer data,
                 G_GNUC_UNUSED GError **error)
{
    lp_file_changes_take(&file_changes, option, value);
    return TRUE;
}

static const GOptionEntry options[] = {
    {"to", 0, 0, G_OPTION_ARG_FILENAME, &to_arg, "image to write", "IMAGE"},
    {"license", 0, G_OPTION_FLAG_FILENAME, G_OPTION_ARG_CALLBACK,
     (gpointer) (guintptr) take_file_change, "licence text, into the image's root folder", "FILE"},
    LP_PUT_OPTION_ENTRIES(take_file_change),
    LP_TARGET_OPTION_ENTRIES(target_options),
    LP_CONFIG_OPTION_ENTRIES(config_options),
    {NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
};

static gboolean
fail_usage(GError **error, const char *where, const char *what)
{
    return hc_fail(error, HC_ERROR_USAGE, "%s: %s", where, what);
}

static HcTree *
make_tree(GError **error)
{
    g_autoptr(HcTree) tree = lp_scratch_tree(error);
    if (tree == NULL || !lp_file_changes_apply(file_changes, tree, NULL, error))
        return NULL;
    return g_steal_pointer(&tree);
}

static gboolean
run(HcCliContext *context, int n_args, char **args, HcExit *status, GError **error)
{
    (void) n_args; /* the table allows none */
    (void) args;
    if (to_arg == NULL)
        return fail_usage(error, "scratch", "no --to IMAGE is given");
    if (!lp_file_changes_parse(file_changes, error) || !lp_check_target(to_arg, NULL, error))
        return FALSE;
    g_autoptr(HcTree) tree = make_tree(error);
    if (tree == NULL || !lp_check_target_files(to_arg, tree, error))
        return FALSE;
    g_autofree char *config = lp_config_for(NULL, &config_options);
    HcImageTarget target = {.operand = to_arg, .family = HC_FAMILY_OCI, .config = config};
    g_autoptr(HcImageWriter) writer = lp_open_target(context, &target, &target_options, error);
    if (writer == NULL)
        return FALSE;
    g_autoptr(GString) report = g_string_new(NULL);
    g_autoptr(HcLayerOutput) layer = hc_image_writer_open_layer(writer, error);
    LpImagePlan plan = {
        .where = "scratch", .options = &config_options, .created_by = "layerpack scratch"};
    if (layer == NULL ||
        !lp_file_changes_hide_like(file_changes, hc_layer_output_file(layer), NULL, error) ||
        !lp_scratch_put(context, layer, tree, error) ||
        !lp_finish_image(context, writer, layer, &plan, report, error) ||
        !lp_commit_target(context, writer, to_arg, report, error))
        return FALSE;
    *status = HC_EXIT_OK;
    return TRUE;
}

const HcCommand lp_cmd_scratch = {
    .name = "scratch",
    .also = "empty init base",
    .group = "write layers and images",
    .args = "",
    .summary = "write a base image of a few KB for HostProcess containers",
    .details =
        "The image has one layer: the folders and the five empty hives that Windows asks of a\n"
        "base layer, and what --license and --add give. Its configuration names no version of\n"
        "Windows and its index no platform, so that every host takes it.\n"
        "IMAGE is oci:DIR[:TAG], oci-archive:FILE[:TAG] or docker-archive:FILE[:NAME[:TAG]].\n"
        "Prints the digests of manifest, configuration and layer, and the diff ID.",
    .options = options,
    .min_args = 0,
    .max_args = 0,
    .statuses = "0 done",
    .examples = "layerpack scratch --to=oci:scratch\n"
                "layerpack ls oci:scratch",
    .run = run,
};
