#include "config.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/base/json-text.h"
#include "hivecore/cli/cli-hive.h"
#include "hivecore/image/image-writer.h"
#include "hivecore/image/oci-index.h"
#include "layerpack/build.h"
#include "layerpack/dockerfile-build.h"
#include "layerpack/finish-image.h"

/* --- layers --- */

/* Like the images that any stage so far has read: what is copied from stage to stage is not traced.
 */
static gboolean
hide_like_images(const LpDockerBuild *build, const LpStage *stage, HcOutput *file, GError **error)
{
    GHashTableIter iter;
    gpointer operand;
    gpointer tree;
    g_hash_table_iter_init(&iter, build->images);
    while (g_hash_table_iter_next(&iter, &operand, &tree)) {
        /* The very image, whatever chose it. */
        HcImage *image = hc_layer_stack_image(hc_tree_stack(tree));
        const char *digest = image != NULL ? hc_image_info(image)->manifest_digest : NULL;
        if (!hc_cli_hide_like_source(file, operand, digest, error))
            return FALSE;
    }
    for (guint i = 0; i <= stage->index; i++) {
        const LpStage *other = build->stages->pdata[i];
        if (other->is_needed && other->base.kind == LP_DOCKER_IMAGE &&
            !hc_cli_hide_like_source(file, other->base.operand, other->platform, error))
            return FALSE;
    }
    return TRUE;
}

/* The layer is as secret as the images and patches that it is made from. */
static gboolean
hide_like_inputs(const LpDockerBuild *build, const LpStage *stage, HcLayerOutput *layer,
                 GError **error)
{
    HcOutput *file = hc_layer_output_file(layer);
    return hide_like_images(build, stage, file, error) &&
           lp_file_changes_hide_like(build->run->what.files, file, stage->platform, error) &&
           (build->run->what.reg == NULL ||
            hc_cli_hide_like_all(file, build->run->what.reg, error));
}

static gboolean
put_layer(LpDockerBuild *build, LpStage *stage, const LpRegistryChange *change,
          HcLayerOutput *output, GError **error)
{
    static const char *const folders[] = {"Hives", NULL};
    const HcTreeLayer layer = {.epoch = build->context->epoch, .output = output};
    const LpStage *first = stage->first;
    return hc_tree_write_folder(stage->tree, &layer, "Files", error) &&
           lp_put_folders(build->context, output, folders, error) &&
           (!lp_registry_has_deltas(build->context, stage->stack, first->base_name, change) ||
            lp_registry_change_put(change, build->context, output, error)) &&
           hc_tree_write(stage->tree, &layer, error);
}

static gboolean
add_layer(LpDockerBuild *build, LpStage *stage, const HcLayerFile *file, GError **error)
{
    if (!hc_image_writer_add_new(build->output->writer, file, error))
        return FALSE;
    g_autofree char *diff_id = g_strconcat("sha256:", file->digests.diff_id, NULL);
    lp_docker_config_add_layer(stage->config, diff_id);
    g_string_append_printf(build->output->report, "layer    sha256:%s\ndiff ID  %s\n",
                           file->digests.digest, diff_id);
    return TRUE;
}

/* Of several images most have an equal layer. It is made once more for its digest alone, and not
 * compressed again. @file: (out) (nullable): the one that is there */
static gboolean
find_equal(LpDockerBuild *build, LpStage *stage, const HcLayerFile **file, GError **error)
{
    char diff_id[65];
    *file = NULL;
    if (build->output->n_images == 0)
        return TRUE;
    g_autoptr(HcLayerOutput) counter = hc_layer_output_new_counter();
    if (!put_layer(build, stage, &build->change, counter, error) ||
        !hc_layer_output_diff_id(counter, diff_id, error))
        return FALSE;
    *file = g_hash_table_lookup(build->output->files, diff_id);
    return TRUE;
}

static gboolean
write_new(LpDockerBuild *build, LpStage *stage, const HcLayerFile **file, GError **error)
{
    HcLayerOutput *layer = hc_image_writer_open_layer(build->output->writer, error);
    if (layer == NULL)
        return FALSE;
    g_ptr_array_add(build->output->layers, layer);
    HcLayerFile *own = g_new(HcLayerFile, 1);
    if (hide_like_inputs(build, stage, layer, error) &&
        put_layer(build, stage, &build->change, layer, error) &&
        hc_layer_output_finish(layer, own, error)) {
        g_hash_table_replace(build->output->files, own->digests.diff_id, own);
        *file = own;
        return TRUE;
    }
    g_free(own);
    return FALSE;
}

gboolean
lp_docker_write_layer(LpDockerBuild *build, LpStage *stage, GError **error)
{
    LpRegistryChange *change = &build->change;
    if (!hc_tree_is_changed(stage->tree) && lp_registry_change_is_empty(change))
        return TRUE;
    if (build->output->writer == NULL) {
        hc_tree_settle(stage->tree);
        return TRUE;
    }
    const HcLayerFile *file;
    if (!find_equal(build, stage, &file, error) ||
        (file == NULL && !write_new(build, stage, &file, error)) ||
        !add_layer(build, stage, file, error))
        return FALSE;
    lp_registry_change_clear(change);
    hc_tree_settle(stage->tree);
    return TRUE;
}

/* --- the image --- */

static gboolean
check_base(LpDockerBuild *build, const LpStage *stage, const HcImageInfo *info, GError **error)
{
    const char *name = stage->base.operand;
    if (build->run->what.to != NULL && !lp_check_not_base(name, info, build->run->what.to, error))
        return FALSE;
    if (g_strcmp0(info->os, "windows") == 0)
        return TRUE;
    return hc_fail(error, HC_ERROR_UNSUPPORTED, "%s: is an image for %s, not for windows", name,
                   info->os != NULL ? info->os : "no operating system");
}

/* For the first image; the next ones go to the same place. */
static gboolean
open_writer(LpDockerBuild *build, LpStage *stage, HcImageFamily family, GError **error)
{
    LpDockerOutput *output = build->output;
    if (output->writer != NULL) {
        hc_image_writer_set_family(output->writer, family);
        return TRUE;
    }
    g_autofree char *own = lp_docker_config_make(stage->config, build->context->epoch);
    g_autofree char *config = lp_config_for(own, build->run->what.config_options);
    HcImageTarget target = {
        .operand = build->run->what.to,
        .family = family,
        .config = config,
        .in_index = build->each_name != NULL || build->run->what.all_platforms ||
                    (build->run->what.platforms != NULL && build->run->what.platforms[0] != NULL &&
                     build->run->what.platforms[1] != NULL)};
    output->writer =
        lp_open_target(build->context, &target, build->run->what.target_options, error);
    return output->writer != NULL;
}

/* FROM scratch, of what is built: an image for Windows needs a base layer with hives. What it holds
 * is read back, as of any other base. */
static gboolean
write_scratch(LpDockerBuild *build, LpStage *stage, GError **error)
{
    HcLayerFile file;
    HcLayerOutput *layer = hc_image_writer_open_layer(build->output->writer, error);
    if (layer == NULL)
        return FALSE;
    g_ptr_array_add(build->output->layers, layer);
    g_autoptr(HcTree) base = lp_scratch_tree(error);
    if (base == NULL || !lp_scratch_put(build->context, layer, base, error) ||
        !hc_layer_output_finish(layer, &file, error))
        return FALSE;
    HcTree *tree = hc_tree_open(file.path, NULL, HC_ALL_HIVES, TRUE, error);
    if (tree == NULL)
        return FALSE;
    hc_tree_free(stage->tree);
    stage->tree = tree;
    stage->stack = hc_tree_stack(tree);
    lp_docker_config_add_step(stage->config, "layerpack scratch", TRUE);
    lp_docker_remark(build, stage->stage->line,
                     "FROM %s: the image gets the base for HostProcess containers, as 'layerpack "
                     "scratch' makes it",
                     stage->base_name);
    return add_layer(build, stage, &file, error) &&
           (stage->base.kind != LP_DOCKER_FOLDER ||
            hc_tree_put_host(tree, "Files", stage->base.operand, NULL, NULL, error));
}

gboolean
lp_docker_write_begin(LpDockerBuild *build, LpStage *stage, GError **error)
{
    HcImage *image =
        stage->base.kind == LP_DOCKER_IMAGE ? hc_layer_stack_image(stage->stack) : NULL;
    const HcImageInfo *info = image != NULL ? hc_image_info(image) : NULL;
    if (info != NULL && !check_base(build, stage, info, error))
        return FALSE;
    if (stage->stack != NULL)
        hc_layer_stack_set_dirty_policy(stage->stack, build->context->dirty_policy);
    if (build->run->what.to == NULL)
        return TRUE;
    if (!open_writer(build, stage, lp_target_family(info), error))
        return FALSE;
    if (info == NULL)
        return write_scratch(build, stage, error);
    for (guint i = 0; i < info->layers->len; i++) {
        if (!hc_image_writer_add_base(build->output->writer, image, i, TRUE, error))
            return FALSE;
    }
    return TRUE;
}

/* Where the image comes from; members in the order of their names. */
static char *
make_annotations(const LpDockerBuild *build, const LpStage *stage)
{
    const LpStage *first = stage->first;
    g_autoptr(HcJsonObject) object = hc_json_object_new(NULL);
    const char *name = build->run->what.base_name;
    if (build->patches != NULL) {
        g_autofree char *digests = lp_patch_digests(build->patches);
        hc_json_object_set_string(object, "hivetool.patch.digest", digests);
    }
    if (first->base.kind == LP_DOCKER_IMAGE) {
        const HcImageInfo *info = hc_image_info(hc_layer_stack_image(first->stack));
        if (info->manifest_digest != NULL)
            hc_json_object_set_string(object, "org.opencontainers.image.base.digest",
                                      info->manifest_digest);
        /* A bare tag would be read as the name of a repository. */
        if (name == NULL && hc_reference_is(first->base_name) &&
            strpbrk(first->base_name, "/:") != NULL)
            name = first->base_name;
    }
    if (name != NULL)
        hc_json_object_set_string(object, "org.opencontainers.image.base.name", name);
    return hc_json_object_n_members(object) > 0 ? hc_json_object_text(object) : NULL;
}

/* Of two images for one platform the index would keep the second. */
static gboolean
check_platform(LpDockerBuild *build, const char *config, GError **error)
{
    if (build->each_name == NULL)
        return TRUE;
    char *identity = hc_image_identity(config);
    const char *other = g_hash_table_lookup(build->output->platforms, identity);
    if (other != NULL)
        hc_set_error(error, HC_ERROR_CONFLICT,
                     "gives an image for the same version of Windows as %s=%s", build->each_name,
                     other);
    g_hash_table_replace(build->output->platforms, identity, g_strdup(build->each_value));
    return other == NULL;
}

gboolean
lp_docker_write_end(LpDockerBuild *build, LpStage *stage, GError **error)
{
    LpDockerOutput *output = build->output;
    g_autofree char *made = lp_docker_config_make(stage->config, build->context->epoch);
    g_autofree char *config = lp_config_change(made, build->run->what.config_options, error);
    if (config == NULL || !check_platform(build, config, error))
        return FALSE;
    g_autofree char *platform = hc_image_platform(config);
    GError *failure = NULL;
    g_autofree char *own = make_annotations(build, stage);
    g_autofree char *annotations =
        lp_config_annotations(own, build->run->what.config_options, &failure);
    if (failure != NULL)
        return hc_fail_with(error, failure);
    const HcImageText text = {.config = config, .platform = platform, .annotations = annotations};
    g_auto(HcImageDigests) digests = {NULL, NULL};
    if (!hc_image_writer_end_image(output->writer, &text, &digests, error))
        return FALSE;
    g_autoptr(GString) head = g_string_new(NULL);
    if (build->each_name != NULL)
        g_string_append_printf(head, "for      %s=%s\n", build->each_name, build->each_value);
    output->n_images++;
    if (digests.manifest != NULL)
        g_string_append_printf(head, "manifest %s\n", digests.manifest);
    g_string_append_printf(head, "config   %s\n", digests.config);
    g_string_insert_len(output->report, (gssize) build->n_reported, head->str, (gssize) head->len);
    return TRUE;
}
