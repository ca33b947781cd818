#include "config.h"

#include "layerpack/finish-image.h"

#include "hivecore/base/error.h"
#include "hivecore/base/file.h"
#include "hivecore/image/image-writer.h"
#include "hivecore/image/layer-output.h"
#include "hivecore/image/oci-index.h"

/* What stands in the place of an archive @to; all zeros for a layout, in which others have room. */
static gboolean
look_at_target(const char *to, struct stat *status, gboolean check, GError **error)
{
    gboolean is_there;
    g_autoptr(HcImageRef) ref = hc_image_ref_parse(to, error);
    *status = (struct stat){0};
    if (ref == NULL || (check && !hc_image_target_check(ref, to, error)))
        return FALSE;
    const gboolean is_archive =
        ref->transport == HC_IMAGE_OCI_ARCHIVE || ref->transport == HC_IMAGE_DOCKER_ARCHIVE;
    return !is_archive || hc_file_look(ref->path, TRUE, status, &is_there, error);
}

static gboolean
fail_input(const char *input, GError **error)
{
    return hc_fail(error, HC_ERROR_USAGE, "%s: is an input and the output", input);
}

gboolean
lp_check_target(const char *to, char *const *files, GError **error)
{
    struct stat target;
    if (!hc_image_check_target(to, error) || !look_at_target(to, &target, TRUE, error))
        return FALSE;
    for (gsize i = 0; files != NULL && files[i] != NULL; i++) {
        struct stat status;
        gboolean is_there;
        if (!hc_file_look(files[i], TRUE, &status, &is_there, error))
            return FALSE;
        if (hc_file_is_same(&status, &target))
            return fail_input(files[i], error);
    }
    return TRUE;
}

gboolean
lp_check_target_files(const char *to, const HcTree *tree, GError **error)
{
    struct stat target;
    const char *input;
    return look_at_target(to, &target, FALSE, error) &&
           hc_tree_uses_host(tree, &target, &input, error) &&
           (input == NULL || fail_input(input, error));
}

gboolean
lp_check_not_base(const char *from, const HcImageInfo *base, const char *to, GError **error)
{
    g_autoptr(HcImageRef) from_ref = hc_image_ref_parse(from, error);
    g_autoptr(HcImageRef) to_ref = from_ref != NULL ? hc_image_ref_parse(to, error) : NULL;
    struct stat status_from;
    struct stat status_to;
    if (to_ref != NULL && to_ref->transport == HC_IMAGE_REMOTE)
        return !g_str_equal(from, to) ||
               hc_fail(error, HC_ERROR_USAGE,
                       "%s: is the base image; the new one needs a TAG of its own", to);
    gboolean is_there;
    if (to_ref == NULL || !hc_file_look(from_ref->path, TRUE, &status_from, &is_there, error) ||
        !hc_file_look(to_ref->path, TRUE, &status_to, &is_there, error))
        return FALSE;
    if (!hc_file_is_same(&status_from, &status_to))
        return TRUE;
    if (to_ref->transport != HC_IMAGE_OCI)
        return hc_fail(error, HC_ERROR_USAGE,
                       "%s: is the base image; an archive cannot take its place", to);
    if (g_strcmp0(base->ref_name, to_ref->tag) == 0)
        return hc_fail(error, HC_ERROR_USAGE,
                       "%s: is the base image; the new one needs a TAG of its own", to);
    return TRUE;
}

HcImageFamily
lp_target_family(const HcImageInfo *base)
{
    return base != NULL && base->manifest_digest != NULL ? base->family : HC_FAMILY_OCI;
}

gboolean
lp_check_target_options(const LpTargetOptions *options, const char *to, GError **error)
{
    HcCompression compression;
    int level;
    if (options->compression == NULL)
        return TRUE;
    return hc_compression_parse(options->compression, "", &compression, &level, error) &&
           (to == NULL || hc_image_target_check_compression(to, compression, error));
}

HcImageWriter *
lp_open_target(const HcCliContext *context, HcImageTarget *target, const LpTargetOptions *options,
               GError **error)
{
    if (options->lock_timeout_seconds < 0)
        return hc_fail_null(error, HC_ERROR_USAGE, "--lock-timeout is negative");
    target->compression = options->compression;
    target->replace = options->replace;
    target->in_index |= options->in_index;
    if (target->in_index && g_str_has_prefix(target->operand, "docker-archive:"))
        return hc_fail_null(error, HC_ERROR_USAGE,
                            "%s: a docker-archive has no index; oci: and oci-archive: have",
                            target->operand);
    target->lock_timeout_seconds = (guint) options->lock_timeout_seconds;
    target->epoch = context->epoch;
    return hc_image_writer_open(target, error);
}

static char *
make_config(const HcCliContext *context, const LpImagePlan *plan, const char *diff_id,
            GError **error)
{
    g_autofree char *full = diff_id != NULL ? g_strconcat("sha256:", diff_id, NULL) : NULL;
    LpConfigStep step = {.epoch = context->epoch,
                         .created_by = plan->created_by,
                         .comment = plan->options->comment,
                         .diff_id = full};
    return lp_config_make(plan->base_config, plan->where, plan->options, &step, error);
}

gboolean
lp_finish_image(HcCliContext *context, HcImageWriter *writer, HcLayerOutput *layer,
                const LpImagePlan *plan, GString *report, GError **error)
{
    HcLayerFile file = {0};
    if (layer != NULL && (!hc_layer_output_finish(layer, &file, error) ||
                          !hc_image_writer_add_new(writer, &file, error)))
        return FALSE;
    g_autofree char *config = NULL;
    if (plan->is_unchanged) {
        gsize n_bytes;
        const char *bytes = g_bytes_get_data(plan->base_config, &n_bytes);
        config = g_strndup(bytes, n_bytes);
    } else {
        config = make_config(context, plan, layer != NULL ? file.digests.diff_id : NULL, error);
    }
    if (config == NULL)
        return FALSE;
    g_autofree char *platform = hc_image_platform(config);
    GError *failure = NULL;
    g_autofree char *annotations =
        lp_config_annotations(plan->annotations, plan->options, &failure);
    if (failure != NULL)
        return hc_fail_with(error, failure);
    HcImageText text = {.config = config, .platform = platform, .annotations = annotations};
    g_auto(HcImageDigests) digests = {NULL, NULL};
    if (!hc_image_writer_end_image(writer, &text, &digests, error))
        return FALSE;
    if (digests.manifest != NULL)
        g_string_append_printf(report, "manifest %s\n", digests.manifest);
    g_string_append_printf(report, "config   %s\n", digests.config);
    if (layer != NULL)
        g_string_append_printf(report, "layer    sha256:%s\ndiff ID  sha256:%s\n",
                               file.digests.digest, file.digests.diff_id);
    return TRUE;
}

gboolean
lp_commit_target(HcCliContext *context, HcImageWriter *writer, const char *to,
                 const GString *report, GError **error)
{
    if (!hc_image_writer_commit(writer, error))
        return FALSE;
    if (hc_image_writer_note(writer) != NULL)
        hc_cli_verbose(context, "%s", hc_image_writer_note(writer));
    g_string_append_len(context->out, report->str, (gssize) report->len);
    if (hc_image_writer_index(writer) != NULL)
        g_string_append_printf(context->out, "index    %s\n", hc_image_writer_index(writer));
    const GPtrArray *said = hc_image_writer_said(writer);
    for (guint i = 0; i < said->len; i++)
        hc_cli_note(context, "%s: %s", to, (const char *) said->pdata[i]);
    hc_cli_published(context, to);
    return TRUE;
}
