#include "config.h"

#include "layerpack/finish-image.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/base/json-text.h"
#include "hivecore/cli/cli-hive.h"
#include "hivecore/image/image-writer.h"
#include "hivecore/image/oci-index.h"
#include "layerpack/build.h"
#include "layerpack/image-diff.h"
#include "layerpack/index-report.h"

/* Build: one run, what it reads and what it found out. */
typedef struct {
    const LpBuildRun *run;
    const char *platform; /* (nullable): of the image that is built */
    HcTree *before;       /* with --dry-run: .tree before it is changed */
    HcTree *tree;         /* the files of --from; nothing when a blob is missing that has urls */
    GPtrArray *patches;   /* of HcPatchFile *; NULL: no --reg */
    HcLayerStack *stack;  /* of .tree; NULL when nothing was read */
    HcImage *own_image;   /* then */
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

/* @patches: (out) */
gboolean
lp_build_read_inputs(const LpBuildRun *run, GPtrArray **patches, GError **error)
{
    *patches = NULL;
    if (!lp_file_changes_parse(run->files, error) ||
        (run->to != NULL && !lp_check_target(run->to, run->reg, error)))
        return FALSE;
    if (run->reg == NULL)
        return TRUE;
    *patches = hc_patch_files_read(run->reg, error);
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
        build->own_image = hc_image_open(build->run->from, build->platform, error);
        build->image = build->own_image;
        if (build->image == NULL)
            return FALSE;
        const gboolean is_remote = hc_image_is_remote(build->image);
        if ((is_remote || !is_whole(hc_image_info(build->image))) &&
            !lp_file_changes_need_below(build->run->files)) {
            if (lp_file_changes_any(build->run->files) && is_remote)
                hc_cli_note(context,
                            "%s: its layers are not fetched, so what files replace in them is not "
                            "looked at",
                            build->run->from);
            else if (lp_file_changes_any(build->run->files))
                hc_cli_note(context,
                            "warning: %s: not all layers are here, so what files replace in them "
                            "is not known",
                            build->run->from);
            build->tree = hc_tree_new(build->run->from);
            return TRUE;
        }
    }
    build->tree = hc_tree_open(build->run->from, build->platform, HC_ALL_HIVES,
                               lp_file_changes_any(build->run->files), error);
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
    if (build->run->to != NULL && !lp_check_not_base(build->run->from, info, build->run->to, error))
        return FALSE;
    if (g_strcmp0(info->os, "windows") == 0)
        return TRUE;
    return hc_fail(error, HC_ERROR_UNSUPPORTED, "%s: is an image for %s, not for windows",
                   build->run->from, info->os != NULL ? info->os : "no operating system");
}

static gboolean
change_files(Build *build, GError **error)
{
    if (build->run->dry_run)
        build->before = hc_tree_copy(build->tree, build->run->from);
    return lp_file_changes_apply(build->run->files, build->tree, build->platform, error) &&
           (build->run->to == NULL || lp_check_target_files(build->run->to, build->tree, error));
}

static gboolean
put_layer(const HcCliContext *context, Build *build, HcLayerOutput *output, GError **error)
{
    static const char *const folders[] = {"Hives", NULL};
    const HcTreeLayer layer = {context->epoch, output};
    return hc_tree_write_folder(build->tree, &layer, "Files", error) &&
           lp_put_folders(context, output, folders, error) &&
           (!lp_registry_has_deltas(context, build->stack, build->run->from, &build->change) ||
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
    const char *name = build->run->base_name != NULL ? build->run->base_name : info->ref_name;
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
        (build->run->base_name != NULL || (hc_reference_is(name) && strpbrk(name, "/:") != NULL)))
        hc_json_object_set_string(object, "org.opencontainers.image.base.name", name);
    return hc_json_object_n_members(object) > 0 ? hc_json_object_text(object) : NULL;
}

/* skopeo looks among OCI manifests only when it is given a name. Source: found out with skopeo 1.x
 * and podman; docs/FORMATS-images.md. */
static void
note_media_types(const HcCliContext *context, const LpBuildRun *run, const HcImageInfo *info)
{
    if (lp_target_family(info) == HC_FAMILY_DOCKER && g_str_has_prefix(run->to, "oci"))
        hc_cli_note(context,
                    "%s: has Docker's media types, as the base image; skopeo finds such an image "
                    "only when the layout has no other, and without a TAG",
                    run->to);
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
hide_like_inputs(const Build *build, HcLayerOutput *layer, GError **error)
{
    HcOutput *file = hc_layer_output_file(layer);
    return hc_cli_hide_like_source(file, build->run->from, build->platform, error) &&
           lp_file_changes_hide_like(build->run->files, file, build->platform, error) &&
           (build->run->reg == NULL || hc_cli_hide_like_all(file, build->run->reg, error));
}

/* @writer: (inout): opened for the first image */
static gboolean
write_image(HcCliContext *context, Build *build, gboolean in_index, HcImageWriter **writer,
            GString *report, GError **error)
{
    const HcImageInfo *info = hc_image_info(build->image);
    const gboolean has_layer =
        lp_file_changes_any(build->run->files) || !lp_registry_change_is_empty(&build->change);
    g_autofree char *own = config_text(info);
    g_autofree char *config = lp_config_for(own, build->run->config_options);
    HcImageTarget target = {.operand = build->run->to,
                            .family = lp_target_family(info),
                            .config = config,
                            .in_index = in_index};
    if (*writer == NULL)
        *writer = lp_open_target(context, &target, build->run->target_options, error);
    if (*writer == NULL)
        return FALSE;
    hc_image_writer_set_family(*writer, target.family);
    if (has_layer) {
        build->layer = hc_image_writer_open_layer(*writer, error);
        if (build->layer == NULL || !hide_like_inputs(build, build->layer, error) ||
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
                        .where = build->run->from,
                        .options = build->run->config_options,
                        .created_by = history,
                        .is_unchanged =
                            !has_layer && !lp_config_options_any(build->run->config_options),
                        .annotations = annotations};
    return lp_finish_image(context, *writer, build->layer, &plan, report, error);
}

static gboolean
print_changes(HcCliContext *context, const Build *build, GError **error)
{
    const LpDiffShowing shown = {.context = context, .showing = build->run->showing};
    lp_registry_change_print(&build->change, context, build->run->showing);
    if (!lp_file_changes_any(build->run->files))
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

/* One image, for build->platform. */
static gboolean
build_one(HcCliContext *context, Build *build, gboolean in_index, HcImageWriter **writer,
          GString *report, GError **error)
{
    if (!open_base(context, build, error) || !check_base(build, error) ||
        !change_files(build, error) ||
        (build->patches != NULL &&
         !lp_registry_check_base(build->stack, build->run->from, error)) ||
        !lp_registry_change_make(&build->change, context, build->stack, build->patches,
                                 build->run->patch_options, error))
        return FALSE;
    if (build->run->reg != NULL && lp_registry_change_is_empty(&build->change))
        hc_cli_note(context, "%s: holds already what the patches say", build->run->from);
    if (!build->run->dry_run)
        return write_image(context, build, in_index, writer, report, error);
    return print_changes(context, build, error);
}

GPtrArray *
lp_build_platforms(const HcCliContext *context, const LpBuildRun *run, const char *from,
                   GError **error)
{
    if (run->all_platforms && run->platforms != NULL)
        return hc_fail_null(error, HC_ERROR_USAGE, "--all-platforms: not with --platform");
    if (run->all_platforms)
        return lp_all_platforms(context, from, error);
    GPtrArray *platforms = g_ptr_array_new_with_free_func(g_free);
    for (gsize i = 0; run->platforms != NULL && run->platforms[i] != NULL; i++)
        g_ptr_array_add(platforms, g_strdup(run->platforms[i]));
    if (platforms->len == 0)
        g_ptr_array_add(platforms, NULL);
    return platforms;
}

/* An image for each platform; several, or all, are an index. */
gboolean
lp_build_run(HcCliContext *context, const LpBuildRun *run, GError **error)
{
    g_autoptr(GPtrArray) patches = NULL;
    g_autoptr(GPtrArray) platforms = lp_build_platforms(context, run, run->from, error);
    g_autoptr(GString) report = g_string_new(NULL);
    g_autoptr(HcImageWriter) writer = NULL;
    /* Their layers go before the folders that they lie in. */
    g_autoptr(GPtrArray) builds = g_ptr_array_new_with_free_func(free_build);
    if (platforms == NULL || !lp_build_read_inputs(run, &patches, error))
        return FALSE;
    const gboolean in_index = run->all_platforms || platforms->len > 1;
    for (guint i = 0; i < platforms->len; i++) {
        Build *build = g_new0(Build, 1);
        g_ptr_array_add(builds, build);
        build->run = run;
        build->patches = patches != NULL ? g_ptr_array_ref(patches) : NULL;
        build->platform = platforms->pdata[i];
        if (run->dry_run && in_index)
            g_string_append_printf(context->out, "%sfor %s\n", i > 0 ? "\n" : "", build->platform);
        if (!build_one(context, build, in_index, &writer, report, error)) {
            if (in_index)
                g_prefix_error(error, "%s: ", build->platform);
            return FALSE;
        }
    }
    if (run->dry_run)
        return TRUE;
    if (!lp_commit_target(context, writer, run->to, report, error))
        return FALSE;
    note_media_types(context, run, hc_image_info(((const Build *) builds->pdata[0])->image));
    return TRUE;
}
