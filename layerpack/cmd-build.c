#include "config.h"

#include "hivecore/base/error.h"
#include "hivecore/cli/cli-report.h"
#include "layerpack/commands.h"
#include "layerpack/dockerfile-build.h"
#include "layerpack/file-changes.h"
#include "layerpack/finish-image.h"

static char *from_arg;
static char *to_arg;
static char **platform_args;
static gboolean all_platforms;
static char *base_name_arg;
static char **reg_args;
static LpFileChanges *file_changes;
static gboolean dry_run;
static HcShowing showing;
static HcPatchOptions patch_options;
static LpTargetOptions target_options = {.lock_timeout_seconds = HC_LOCK_TIMEOUT};
static LpConfigOptions config_options;
static LpDockerfileOptions dockerfile_options;

static gboolean
take_file_change(const char *option, const char *value, G_GNUC_UNUSED gpointer data,
                 G_GNUC_UNUSED GError **error)
{
    lp_file_changes_take(&file_changes, option, value);
    return TRUE;
}

static const GOptionEntry options[] = {
    {"from", 0, 0, G_OPTION_ARG_FILENAME, &from_arg, "image to start with", "IMAGE"},
    {"platform", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &platform_args,
     "which of several images it is, like\nwindows/amd64:10.0.20348; several: an index of them",
     "PLATFORM"},
    {"all-platforms", 0, 0, G_OPTION_ARG_NONE, &all_platforms,
     "an index with an image on each image for Windows\nof the base's index", NULL},
    {"reg", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &reg_args,
     "change to the stack, a .reg file or JSON delta;\nseveral in order, - is standard input",
     "PATCH"},
    LP_PUT_OPTION_ENTRIES(take_file_change),
    LP_REMOVE_OPTION_ENTRY(take_file_change),
    {"to", 0, 0, G_OPTION_ARG_FILENAME, &to_arg, "image to write", "IMAGE"},
    {"dry-run", 'n', 0, G_OPTION_ARG_NONE, &dry_run,
     "print what would change in the stack, write\nnothing", NULL},
    LP_DOCKERFILE_OPTION_ENTRIES(dockerfile_options),
    LP_TARGET_OPTION_ENTRIES(target_options),
    LP_CONFIG_OPTION_ENTRIES(config_options),
    HC_SHOWING_OPTION_ENTRIES(showing),
    {"base-name", 0, 0, G_OPTION_ARG_FILENAME, &base_name_arg,
     "name of the base image for the annotation", "NAME"},
    HC_PATCH_OPTION_ENTRIES(patch_options,
                            "skip what the patches say of keys outside the\nfive hives"),
    {NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
};

static gboolean
fail_usage(GError **error, const char *where, const char *what)
{
    return hc_fail(error, HC_ERROR_USAGE, "%s: %s", where, what);
}

static gboolean
check_target_options(GError **error)
{
    if (to_arg == NULL && !dry_run)
        return fail_usage(error, "build", "exactly one of --to IMAGE and --dry-run is needed");
    if (base_name_arg != NULL && !g_utf8_validate(base_name_arg, -1, NULL))
        return fail_usage(error, "--base-name", "the argument is not UTF-8");
    return lp_check_target_options(&target_options, to_arg, error);
}

static gboolean
check_options(GError **error)
{
    if (from_arg == NULL)
        return fail_usage(error, "build", "no --from IMAGE, and no -f DOCKERFILE, is given");
    if (lp_dockerfile_options_any(&dockerfile_options))
        return fail_usage(error, "build",
                          "--target, --build-arg, --build-context, --each, --layers, --skip-run and"
                          " --list-runs are for -f");
    if (reg_args == NULL && !lp_file_changes_any(file_changes) &&
        !lp_config_options_any(&config_options))
        return fail_usage(error, "build",
                          "nothing to do: none of --reg, --add and the options of the "
                          "configuration is given");
    return check_target_options(error);
}

/* "--reg a.reg b.reg", as a shell's *.reg gives it: operands are patches too, after those of --reg.
 */
static void
add_operands(guint n_args, char **args)
{
    const guint n = reg_args != NULL ? g_strv_length(reg_args) : 0;
    if (n_args == 0)
        return;
    reg_args = g_renew(char *, reg_args, n + n_args + 1);
    for (guint i = 0; i <= n_args; i++)
        reg_args[n + i] = g_strdup(args[i]);
}

static LpBuildRun
what_is_said(void)
{
    return (LpBuildRun){.from = from_arg,
                        .to = to_arg,
                        .dry_run = dry_run,
                        .platforms = platform_args,
                        .all_platforms = all_platforms,
                        .reg = reg_args,
                        .files = file_changes,
                        .base_name = base_name_arg,
                        .showing = &showing,
                        .patch_options = &patch_options,
                        .target_options = &target_options,
                        .config_options = &config_options};
}

/* build -f */
static gboolean
run_dockerfile(HcCliContext *context, int n_args, char **args, GError **error)
{
    if (from_arg != NULL)
        return fail_usage(error, "--from", "not with -f, where FROM says it");
    if (all_platforms && platform_args != NULL)
        return fail_usage(error, "--all-platforms", "not with --platform");
    if (n_args > 1)
        return fail_usage(error, args[1],
                          "with -f there is one operand, the context; patches are given by --reg");
    LpDockerRun run = {.options = &dockerfile_options,
                       .folder = n_args > 0 ? args[0] : ".",
                       .platform = platform_args != NULL ? platform_args[0] : NULL,
                       .what = what_is_said()};
    if (dry_run)
        run.what.to = NULL;
    return lp_dockerfile_build(context, &run, error);
}

static gboolean
run(HcCliContext *context, int n_args, char **args, HcExit *status, GError **error)
{
    if (dockerfile_options.file != NULL) {
        gboolean needs_windows = FALSE;
        const gboolean ok =
            dockerfile_options.list_runs
                ? lp_dockerfile_list(context, &dockerfile_options, &needs_windows, error)
                : hc_cli_check_showing(&showing, error) && check_target_options(error) &&
                      run_dockerfile(context, n_args, args, error);
        *status = needs_windows ? HC_EXIT_NO : HC_EXIT_OK;
        return ok;
    }
    add_operands((guint) n_args, args);
    *status = HC_EXIT_OK;
    const LpBuildRun build = what_is_said();
    return hc_cli_check_showing(&showing, error) && check_options(error) &&
           lp_build_run(context, &build, error);
}

const HcCommand lp_cmd_build = {
    .name = "build",
    .also = "make commit patch",
    .group = "write layers and images",
    .args = "[PATCH...] | -f DOCKERFILE [CONTEXT]",
    .summary = "write an image: a base image with registry changes and files",
    .details =
        "IMAGE is oci:DIR[:TAG], oci-archive:FILE[:TAG] or docker-archive:FILE[:NAME[:TAG]].\n"
        "The new image has the layers of the base image, as they are, and one more with all\n"
        "that --reg and --add ask for; without anything to change, no more. A PATCH is what\n"
        "--reg names; operands come after those of --reg. The configuration is\n"
        "that of the base image, changed by the options given. In an OCI layout other images\n"
        "stay, so --from and --to can be two tags of one.\n"
        "With -f the image is what a Dockerfile makes of a context; nothing is executed;\n"
        "--reg and --add come after its last instruction.\n"
        "Prints the digests of manifest, configuration and new layer, and its diff ID.",
    .options = options,
    .min_args = 0,
    .max_args = -1,
    .statuses = "0 done",
    .examples = "layerpack build -n --from=oci:image change.reg\n"
                "layerpack build --from=oci:image --to=oci:image:new change.reg",
    .run = run,
};
