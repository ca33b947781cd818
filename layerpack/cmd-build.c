#include "config.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/base/json-text.h"
#include "hivecore/cli/cli-hive.h"
#include "hivecore/cli/showing.h"
#include "hivecore/image/image-target.h"
#include "hivecore/image/media-type.h"
#include "layerpack/build-registry.h"
#include "layerpack/commands.h"
#include "layerpack/dockerfile-build.h"
#include "layerpack/file-changes.h"
#include "layerpack/files-report.h"
#include "layerpack/finish-image.h"
#include "layerpack/index-report.h"
#include "layerpack/layer-put.h"

static char *from_arg;
static char *to_arg;
static char **platform_args;
static gboolean all_platforms;
static const char *platform_arg; /* of the image that is built */
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

/* Build: one run, what it reads and what it found out. */
typedef struct {
    HcTree *before;      /* with --dry-run: .tree before it is changed */
    HcTree *tree;        /* the files of --from; nothing when a blob is missing that has urls */
    GPtrArray *patches;  /* of HcPatchFile *; NULL: no --reg */
    HcLayerStack *stack; /* of .tree; NULL when nothing was read */
    HcImage *own_image;  /* then */
    HcImage *image;
    LpRegistryChange change;
    HcLayerOutput *layer; /* (nullable): needed until the end */
} Build;

static void
build_clear(Build *build)
{
    lp_registry_change_clear(&build->change);
    g_clear_pointer(&build->before, hc_tree_free);
    g_clear_pointer(&build->tree, hc_tree_free);
    g_clear_pointer(&build->patches, g_ptr_array_unref);
    g_clear_pointer(&build->own_image, hc_image_free);
    g_clear_pointer(&build->layer, hc_layer_output_free);
}

static void
free_build(gpointer data)
{
    Build *build = data;
    build_clear(build);
    g_free(build);
}

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
    return lp_check_target_options(&target_options, error);
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

/* @patches: (out) */
static gboolean
read_inputs(GPtrArray **patches, GError **error)
{
    *patches = NULL;
    if (!lp_file_changes_parse(file_changes, error) ||
        (to_arg != NULL && !lp_check_target(to_arg, reg_args, error)))
        return FALSE;
    if (reg_args == NULL)
        return TRUE;
    *patches = hc_patch_files_read(reg_args, error);
    return *patches != NULL;
}

/* Whether every layer's blob is there. */
static gboolean
is_whole(const HcImageInfo *info)
{
    for (guint i = 0; i < info->layers->len; i++) {
        if (!((const HcImageLayer *) info->layers->pdata[i])->is_present)
            return FALSE;
    }
    return TRUE;
}

/* The layers are read, which verifies them: for --reg, for --add to know whether the layers below
 * have differencing hives and what is in the places of the files, and else because nobody wants an
 * image on top of damage. Only what --reg needs must be there. */
static gboolean
open_base(const HcCliContext *context, Build *build, GError **error)
{
    if (build->patches == NULL) {
        build->own_image = hc_image_open(from_arg, platform_arg, error);
        build->image = build->own_image;
        if (build->image == NULL)
            return FALSE;
        const gboolean is_remote = hc_image_is_remote(build->image);
        if ((is_remote || !is_whole(hc_image_info(build->image))) &&
            !lp_file_changes_need_below(file_changes)) {
            if (lp_file_changes_any(file_changes) && is_remote)
                hc_cli_note(context,
                            "%s: its layers are not fetched, so what files replace in them is not "
                            "looked at",
                            from_arg);
            else if (lp_file_changes_any(file_changes))
                hc_cli_note(context,
                            "warning: %s: not all layers are here, so what files replace in them "
                            "is not known",
                            from_arg);
            build->tree = hc_tree_new(from_arg);
            return TRUE;
        }
    }
    build->tree = hc_tree_open(from_arg, platform_arg, HC_ALL_HIVES,
                               lp_file_changes_any(file_changes), error);
    if (build->tree == NULL)
        return FALSE;
    build->stack = hc_tree_stack(build->tree);
    build->image = hc_layer_stack_image(build->stack);
    hc_layer_stack_set_dirty_policy(build->stack, context->dirty_policy);
    return TRUE;
}

static gboolean
check_base(const Build *build, GError **error)
{
    const HcImageInfo *info = hc_image_info(build->image);
    if (to_arg != NULL && !lp_check_not_base(from_arg, info, to_arg, error))
        return FALSE;
    if (g_strcmp0(info->os, "windows") == 0)
        return TRUE;
    return hc_fail(error, HC_ERROR_UNSUPPORTED, "%s: is an image for %s, not for windows", from_arg,
                   info->os != NULL ? info->os : "no operating system");
}

static gboolean
change_files(Build *build, GError **error)
{
    if (dry_run)
        build->before = hc_tree_copy(build->tree, from_arg);
    return lp_file_changes_apply(file_changes, build->tree, platform_arg, error) &&
           (to_arg == NULL || lp_check_target_files(to_arg, build->tree, error));
}

static gboolean
put_layer(const HcCliContext *context, Build *build, HcLayerOutput *output, GError **error)
{
    static const char *const folders[] = {"Hives", NULL};
    const HcTreeLayer layer = {context->epoch, output};
    return hc_tree_write_folder(build->tree, &layer, "Files", error) &&
           lp_put_folders(context, output, folders, error) &&
           (!lp_registry_has_deltas(context, build->stack, from_arg, &build->change) ||
            lp_registry_change_put(&build->change, context, output, error)) &&
           hc_tree_write(build->tree, &layer, error);
}

/* What made the layer, for its history: the patches by name and digest, and how many files. Names
 * without their folders, which are of this machine. */
static char *
created_by(const Build *build)
{
    g_autoptr(GString) text = g_string_new("layerpack build");
    lp_patches_append(text, build->patches);
    lp_file_changes_append(text, build->tree, build->patches != NULL ? "," : ":");
    return g_string_free(g_steal_pointer(&text), FALSE);
}

/* Where the image comes from; members in the order of their names. */
static char *
make_annotations(const Build *build)
{
    const HcImageInfo *info = hc_image_info(build->image);
    const char *name = base_name_arg != NULL ? base_name_arg : info->ref_name;
    g_autoptr(HcJsonObject) object = hc_json_object_new(NULL);
    if (build->patches != NULL) {
        g_autofree char *digests = lp_patch_digests(build->patches);
        hc_json_object_set_string(object, "hivetool.patch.digest", digests);
    }
    if (info->manifest_digest != NULL)
        hc_json_object_set_string(object, "org.opencontainers.image.base.digest",
                                  info->manifest_digest);
    /* A bare tag would be read as the name of a repository. */
    if (name != NULL &&
        (base_name_arg != NULL || (hc_reference_is(name) && strpbrk(name, "/:") != NULL)))
        hc_json_object_set_string(object, "org.opencontainers.image.base.name", name);
    return hc_json_object_n_members(object) > 0 ? hc_json_object_text(object) : NULL;
}

/* skopeo looks among OCI manifests only when it is given a name. Source: found out with skopeo 1.x
 * and podman; docs/FORMATS-images.md. */
static void
note_media_types(const HcCliContext *context, const HcImageInfo *info)
{
    if (lp_target_family(info) == HC_FAMILY_DOCKER && g_str_has_prefix(to_arg, "oci"))
        hc_cli_note(context,
                    "%s: has Docker's media types, as the base image; skopeo finds such an image "
                    "only when the layout has no other, and without a TAG",
                    to_arg);
}

static char *
config_text(const HcImageInfo *info)
{
    gsize n_bytes;
    const char *bytes = g_bytes_get_data(info->config, &n_bytes);
    return g_strndup(bytes, n_bytes);
}

/* The new layer is as secret as the hives and patches that it is made from. */
static gboolean
hide_like_inputs(HcLayerOutput *layer, GError **error)
{
    HcOutput *file = hc_layer_output_file(layer);
    return hc_cli_hide_like_source(file, from_arg, platform_arg, error) &&
           lp_file_changes_hide_like(file_changes, file, platform_arg, error) &&
           (reg_args == NULL || hc_cli_hide_like_all(file, reg_args, error));
}

/* @writer: (inout): opened for the first image */
static gboolean
write_image(HcCliContext *context, Build *build, gboolean in_index, HcImageWriter **writer,
            GString *report, GError **error)
{
    const HcImageInfo *info = hc_image_info(build->image);
    const gboolean has_layer =
        lp_file_changes_any(file_changes) || !lp_registry_change_is_empty(&build->change);
    g_autofree char *own = config_text(info);
    g_autofree char *config = lp_config_for(own, &config_options);
    HcImageTarget target = {.operand = to_arg,
                            .family = lp_target_family(info),
                            .config = config,
                            .in_index = in_index};
    if (*writer == NULL)
        *writer = lp_open_target(context, &target, &target_options, error);
    if (*writer == NULL)
        return FALSE;
    hc_image_writer_set_family(*writer, target.family);
    if (has_layer) {
        build->layer = hc_image_writer_open_layer(*writer, error);
        if (build->layer == NULL || !hide_like_inputs(build->layer, error) ||
            !put_layer(context, build, build->layer, error))
            return FALSE;
    }
    for (guint i = 0; i < info->layers->len; i++) {
        if (!hc_image_writer_add_base(*writer, build->image, i, build->stack != NULL, error))
            return FALSE;
    }
    g_autofree char *annotations = make_annotations(build);
    g_autofree char *history = created_by(build);
    LpImagePlan plan = {.base_config = info->config,
                        .where = from_arg,
                        .options = &config_options,
                        .created_by = history,
                        .is_unchanged = !has_layer && !lp_config_options_any(&config_options),
                        .annotations = annotations};
    return lp_finish_image(context, *writer, build->layer, &plan, report, error);
}

static gboolean
print_changes(HcCliContext *context, const Build *build, GError **error)
{
    const LpDiffShowing shown = {.context = context, .showing = &showing};
    lp_registry_change_print(&build->change, context, &showing);
    if (!lp_file_changes_any(file_changes))
        return TRUE;
    g_autoptr(HcTreeDiff) files = hc_tree_diff(build->before, build->tree, error);
    if (files == NULL)
        return FALSE;
    if (!lp_registry_change_is_empty(&build->change))
        g_string_append_c(context->out, '\n');
    const LpFiles compared = {build->before, build->tree, files, 0};
    lp_files_text(context->stream, &compared, &shown);
    return TRUE;
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

/* One image, for platform_arg. */
static gboolean
build_one(HcCliContext *context, Build *build, gboolean in_index, HcImageWriter **writer,
          GString *report, GError **error)
{
    if (!open_base(context, build, error) || !check_base(build, error) ||
        !change_files(build, error) ||
        (build->patches != NULL && !lp_registry_check_base(build->stack, from_arg, error)) ||
        !lp_registry_change_make(&build->change, context, build->stack, build->patches,
                                 &patch_options, error))
        return FALSE;
    if (reg_args != NULL && lp_registry_change_is_empty(&build->change))
        hc_cli_note(context, "%s: holds already what the patches say", from_arg);
    if (!dry_run)
        return write_image(context, build, in_index, writer, report, error);
    return print_changes(context, build, error);
}

/* What chooses the base of each image; one NULL: nothing does. */
static GPtrArray *
choose_platforms(const HcCliContext *context, GError **error)
{
    if (all_platforms && platform_args != NULL)
        return hc_fail_null(error, HC_ERROR_USAGE, "--all-platforms: not with --platform");
    if (all_platforms)
        return lp_all_platforms(context, from_arg, error);
    GPtrArray *platforms = g_ptr_array_new_with_free_func(g_free);
    for (gsize i = 0; platform_args != NULL && platform_args[i] != NULL; i++)
        g_ptr_array_add(platforms, g_strdup(platform_args[i]));
    if (platforms->len == 0)
        g_ptr_array_add(platforms, NULL);
    return platforms;
}

/* An image for each platform; several, or all, are an index. */
static gboolean
build_all(HcCliContext *context, GError **error)
{
    g_autoptr(GPtrArray) patches = NULL;
    g_autoptr(GPtrArray) platforms = choose_platforms(context, error);
    g_autoptr(GString) report = g_string_new(NULL);
    g_autoptr(HcImageWriter) writer = NULL;
    /* Their layers go before the folders that they lie in. */
    g_autoptr(GPtrArray) builds = g_ptr_array_new_with_free_func(free_build);
    if (platforms == NULL || !read_inputs(&patches, error))
        return FALSE;
    const gboolean in_index = all_platforms || platforms->len > 1;
    for (guint i = 0; i < platforms->len; i++) {
        Build *build = g_new0(Build, 1);
        g_ptr_array_add(builds, build);
        build->patches = patches != NULL ? g_ptr_array_ref(patches) : NULL;
        platform_arg = platforms->pdata[i];
        if (dry_run && in_index)
            g_string_append_printf(context->out, "%sfor %s\n", i > 0 ? "\n" : "", platform_arg);
        if (!build_one(context, build, in_index, &writer, report, error)) {
            if (in_index)
                g_prefix_error(error, "%s: ", platform_arg);
            return FALSE;
        }
    }
    if (dry_run)
        return TRUE;
    if (!lp_commit_target(context, writer, to_arg, report, error))
        return FALSE;
    note_media_types(context, hc_image_info(((const Build *) builds->pdata[0])->image));
    return TRUE;
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
    const LpDockerRun run = {.options = &dockerfile_options,
                             .folder = n_args > 0 ? args[0] : ".",
                             .platforms = platform_args,
                             .all_platforms = all_platforms,
                             .platform = platform_args != NULL ? platform_args[0] : NULL,
                             .to = to_arg,
                             .reg = reg_args,
                             .files = file_changes,
                             .base_name = base_name_arg,
                             .showing = &showing,
                             .patch_options = &patch_options,
                             .target_options = &target_options,
                             .config_options = &config_options};
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
    return hc_cli_check_showing(&showing, error) && check_options(error) &&
           build_all(context, error);
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
        "With -f the image is what a Dockerfile makes of a context, without Windows and Linux;\n"
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
