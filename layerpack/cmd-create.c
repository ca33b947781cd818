#include "config.h"

#include <string.h>

#include "hivecore/base/choice.h"
#include "hivecore/base/error.h"
#include "hivecore/base/file.h"
#include "hivecore/cli/cli-hive.h"
#include "layerpack/build.h"
#include "layerpack/commands.h"
#include "layerpack/file-changes.h"

static char **base_args;
static char **changed_args;
static char *form_arg;
static char *compression_arg;
static char *output_arg;
static LpFileChanges *file_changes;

static gboolean
take_file_change(const char *option, const char *value, G_GNUC_UNUSED gpointer data,
                 G_GNUC_UNUSED GError **error)
{
    lp_file_changes_take(&file_changes, option, value);
    return TRUE;
}

static const GOptionEntry options[] = {
    {"base", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &base_args,
     "hive as the layers below have it; once per NAME", "NAME=HIVE"},
    {"changed", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &changed_args,
     "hive as it is to be; once per NAME", "NAME=HIVE"},
    {"form", 0, 0, G_OPTION_ARG_FILENAME, &form_arg,
     "delta: differencing hives, what Windows imports (default);\nfull: the changed hives whole, "
     "which Windows ignores above a base layer",
     "FORM"},
    LP_PUT_OPTION_ENTRIES(take_file_change),
    {"compression", 0, 0, G_OPTION_ARG_FILENAME, &compression_arg,
     "auto: by the name of LAYER (default), none,\ngzip[:LEVEL] or zstd[:LEVEL]", "HOW"},
    {"output", 'o', 0, G_OPTION_ARG_FILENAME, &output_arg, "layer to write", "LAYER"},
    {NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
};

static gboolean
usage_error(GError **error, const char *option, const char *what)
{
    return hc_fail(error, HC_ERROR_USAGE, "%s: %s", option, what);
}

/* Splits NAME=HIVE; sets @slot and @hive, which points into @arg. */
static gboolean
parse_hive_arg(const char *option, const char *arg, int *slot, const char **hive, GError **error)
{
    const char *equals = strchr(arg, '=');
    g_autofree char *where = g_strdup_printf("%s %s", option, arg);
    if (equals == NULL || equals[1] == '\0')
        return usage_error(error, where, "not of the form NAME=HIVE");
    *slot = hc_hive_slot_find(arg, (gsize) (equals - arg));
    *hive = equals + 1;
    if (*slot >= 0)
        return TRUE;
    return usage_error(error, where, "NAME is not one of SOFTWARE SYSTEM SAM SECURITY DEFAULT");
}

static gboolean
parse_inputs(LpHiveInput *inputs, GError **error)
{
    int slot;
    const char *hive;
    for (gsize i = 0; base_args != NULL && base_args[i] != NULL; i++) {
        if (!parse_hive_arg("--base", base_args[i], &slot, &hive, error))
            return FALSE;
        if (inputs[slot].base != NULL)
            return usage_error(error, "--base", "NAME is given twice");
        inputs[slot].base = hive;
    }
    for (gsize i = 0; changed_args != NULL && changed_args[i] != NULL; i++) {
        if (!parse_hive_arg("--changed", changed_args[i], &slot, &hive, error))
            return FALSE;
        if (inputs[slot].changed != NULL)
            return usage_error(error, "--changed", "NAME is given twice");
        inputs[slot].changed = hive;
    }
    if (changed_args == NULL && !lp_file_changes_any(file_changes))
        return usage_error(error, "create", "no --changed NAME=HIVE is given");
    return TRUE;
}

static gboolean
parse_form(const LpHiveInput *inputs, LpForm *form, GError **error)
{
    static const HcChoice forms[] = {{"delta", LP_FORM_DELTA}, {"full", LP_FORM_FULL}};
    const int choice = HC_CHOICE_PARSE("--form is", form_arg, forms, error);
    if (choice < 0)
        return FALSE;
    *form = (LpForm) choice;
    for (int i = 0; choice == LP_FORM_DELTA && i < HC_N_HIVE_SLOTS; i++) {
        if (inputs[i].changed != NULL && inputs[i].base == NULL) {
            g_autofree char *where = g_strdup_printf("--changed %s", hc_hive_slots[i].name);
            return usage_error(error, where, "the --base of that name is missing");
        }
    }
    return TRUE;
}

/* Writing the layer would replace the hive that it is made from. */
static gboolean
check_output_is_no_input(const LpHiveInput *inputs, GError **error)
{
    for (int i = 0; i < HC_N_HIVE_SLOTS; i++) {
        const char *files[] = {inputs[i].base, inputs[i].changed};
        for (gsize j = 0; j < G_N_ELEMENTS(files); j++) {
            gboolean is_input;
            if (files[j] == NULL)
                continue;
            if (!hc_cli_find_input(output_arg, files[j], &is_input, error))
                return FALSE;
            if (is_input)
                return usage_error(error, output_arg, "is an input and the output");
        }
    }
    return TRUE;
}

static gboolean
check_output_is_no_file(const HcTree *files, GError **error)
{
    struct stat status;
    gboolean is_there;
    const char *input;
    if (!hc_file_look(output_arg, TRUE, &status, &is_there, error) ||
        !hc_tree_uses_host(files, &status, &input, error))
        return FALSE;
    return input == NULL || usage_error(error, output_arg, "is an input and the output");
}

/* A layer is as secret as the hives that it is made from. */
static gboolean
hide_like_inputs(HcLayerOutput *output, const LpHiveInput *inputs, GError **error)
{
    HcOutput *file = hc_layer_output_file(output);
    for (int i = 0; i < HC_N_HIVE_SLOTS; i++) {
        if ((inputs[i].base != NULL && !hc_cli_hide_like(file, inputs[i].base, error)) ||
            (inputs[i].changed != NULL && !hc_cli_hide_like(file, inputs[i].changed, error)))
            return FALSE;
    }
    return TRUE;
}

static gboolean
run(HcCliContext *context, int n_args, char **args, HcExit *status, GError **error)
{
    (void) n_args; /* the table allows none */
    (void) args;
    LpHiveInput inputs[HC_N_HIVE_SLOTS] = {{NULL, NULL}};
    LpForm form;
    HcCompression compression;
    int level;
    if (output_arg == NULL)
        return usage_error(error, "create", "no -o LAYER is given");
    if (!parse_inputs(inputs, error) || !parse_form(inputs, &form, error) ||
        !hc_compression_parse(compression_arg, output_arg, &compression, &level, error) ||
        !check_output_is_no_input(inputs, error) || !lp_file_changes_parse(file_changes, error))
        return FALSE;

    g_autoptr(HcTree) files = hc_tree_new("create");
    if (!lp_file_changes_apply(file_changes, files, NULL, error) ||
        !check_output_is_no_file(files, error))
        return FALSE;
    g_autoptr(HcLayerOutput) output = hc_layer_output_open(output_arg, compression, level, error);
    HcLayerDigests digests;
    if (output == NULL || !lp_create_layer(context, inputs, form, files, output, error) ||
        !hide_like_inputs(output, inputs, error) ||
        !lp_file_changes_hide_like(file_changes, hc_layer_output_file(output), NULL, error) ||
        !hc_layer_output_commit(output, &digests, error))
        return FALSE;
    hc_cli_published(context, output_arg);
    g_string_append_printf(context->out, "digest   sha256:%s\ndiff ID  sha256:%s\n", digests.digest,
                           digests.diff_id);
    *status = HC_EXIT_OK;
    return TRUE;
}

const HcCommand lp_cmd_create = {
    .name = "create",
    .also = "layer new delta",
    .group = "write layers and images",
    .args = "",
    .summary = "write a layer with the difference between base and changed hives",
    .details =
        "NAME is SOFTWARE, SYSTEM, SAM, SECURITY or DEFAULT, in any case. The layer holds all "
        "five\n"
        "differencing hives; those of names that are not given, or do not differ, are empty.\n"
        "With --form=full the layer holds the changed hives whole, below\n"
        "Files/Windows/System32/config: for readers that want that. Windows ignores them there\n"
        "in every layer above a base layer.\n"
        "--add and its like put files in it; what is below is not known.\n"
        "Prints the digest of the layer's file and the diff ID, the digest of the plain tar.",
    .options = options,
    .min_args = 0,
    .max_args = 0,
    .statuses = "0 done",
    .examples =
        "layerpack create --base=SOFTWARE=old/SOFTWARE --changed=SOFTWARE=SOFTWARE -o layer.tar\n"
        "layerpack ls layer.tar",
    .run = run,
};
