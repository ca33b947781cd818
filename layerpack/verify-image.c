#include "config.h"

#include "layerpack/verify.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "layerpack/config-edit.h"

/* What the rules are known from. */
#define SOURCE_CONFIG     "OCI image-spec config.md"
#define SOURCE_DESCRIPTOR "OCI image-spec descriptor.md"
#define SOURCE_INDEX      "OCI image-spec image-index.md"
#define SOURCE_LAYER      "OCI image-spec layer.md"
#define SOURCE_PLATFORM   "containerd platforms/platform_windows_compat.go"
#define SOURCE_STREAM     "containerd core/diff/stream.go"
#define SOURCE_UNPACK     "containerd core/unpack/unpacker.go"
#define SOURCE_MERGE      "hcsshim wclayer/cim/process.go"

static void
add(HcFindings *findings, HcSeverity severity, guint layer, const char *source, const char *what)
{
    g_autoptr(HcFindings) one = hc_findings_new(NULL, HC_MAX_FINDINGS);
    lp_findings_add(one, severity, NULL, source, "%s", what);
    hc_findings_append(findings, one, layer);
}

/* Whether @version is four numbers, like 10.0.20348.2700. */
static gboolean
is_windows_version(const char *version)
{
    guint n_parts = 0;
    for (const char *at = version;; at++) {
        const gsize n_digits = strspn(at, "0123456789");
        if (n_digits == 0)
            return FALSE;
        n_parts++;
        at += n_digits;
        if (*at != '.')
            return *at == '\0' && n_parts == 4;
    }
}

static void
check_platform(const HcImageInfo *info, HcFindings *findings)
{
    if (g_strcmp0(info->os, "windows") != 0)
        lp_findings_add(findings, HC_SEVERITY_ERROR, NULL, SOURCE_PLATFORM,
                        "the config's os is \"%s\", not \"windows\"",
                        info->os != NULL ? info->os : "");
    if (g_strcmp0(info->architecture, "amd64") != 0 && g_strcmp0(info->architecture, "arm64") != 0)
        lp_findings_add(findings, HC_SEVERITY_WARNING, NULL, SOURCE_PLATFORM,
                        "the config's architecture is \"%s\", and Windows runs on amd64 and arm64",
                        info->architecture != NULL ? info->architecture : "");
    if (info->os_version == NULL)
        lp_findings_add(findings, HC_SEVERITY_WARNING, NULL, SOURCE_PLATFORM,
                        "the config has no os.version: every host takes the image, which is right "
                        "only for HostProcess containers");
    else if (!is_windows_version(info->os_version))
        lp_findings_add(findings, HC_SEVERITY_ERROR, NULL, SOURCE_PLATFORM,
                        "the config's os.version is \"%s\", not four numbers like 10.0.20348.2700",
                        info->os_version);
}

static void
check_index(const HcImageInfo *info, HcFindings *findings)
{
    g_autofree char *said =
        g_strconcat(info->os, "/", info->architecture, info->os_version != NULL ? ":" : NULL,
                    info->os_version, NULL);
    if (info->index_platform == NULL || strcmp(info->index_platform, said) == 0)
        return;
    /* Without a version in the index every host takes the image, and cannot run it. */
    const gboolean is_less =
        g_str_has_prefix(said, info->index_platform) && said[strlen(info->index_platform)] == ':';
    lp_findings_add(findings, is_less ? HC_SEVERITY_WARNING : HC_SEVERITY_ERROR, NULL, SOURCE_INDEX,
                    "the index says %s, the config %s", info->index_platform, said);
}

/* A program that cannot be started, and arguments that were meant otherwise: in JSON "C:\tools" is
 * a tab and "ools". */
static void
check_words(const char *member, char *const *words, gboolean is_program, HcFindings *findings)
{
    for (gsize i = 0; words != NULL && words[i] != NULL; i++) {
        const char *at = words[i];
        while (*at != '\0' && (guchar) *at >= 0x20 && *at != 0x7f)
            at++;
        const HcSeverity severity = is_program && i == 0 ? HC_SEVERITY_ERROR : HC_SEVERITY_WARNING;
        if (words[i][0] == '\0')
            lp_findings_add(findings, severity, NULL, SOURCE_CONFIG,
                            "word %" G_GSIZE_FORMAT " of the config's %s is empty", i + 1, member);
        else if (*at != '\0')
            lp_findings_add(findings, severity, NULL, SOURCE_CONFIG,
                            "word %" G_GSIZE_FORMAT " of the config's %s has a control character: "
                            "in JSON a backslash is \\\\",
                            i + 1, member);
    }
}

static void
check_config(const HcImageInfo *info, HcFindings *findings)
{
    g_autoptr(GError) defect = NULL;
    g_autoptr(LpConfigView) view = lp_config_view_read(info->config, &defect);
    if (view == NULL)
        lp_findings_add(findings, HC_SEVERITY_ERROR, NULL, SOURCE_CONFIG, "%s", defect->message);
    else if (view->n_history > 0 && view->n_history_layers != info->layers->len)
        lp_findings_add(findings, HC_SEVERITY_WARNING, NULL, SOURCE_CONFIG,
                        "the config's history tells of %u layer%s, the image has %u",
                        view->n_history_layers, view->n_history_layers == 1 ? "" : "s",
                        info->layers->len);
    if (view != NULL) {
        check_words("Entrypoint", view->entrypoint, TRUE, findings);
        check_words("Cmd", view->cmd, view->entrypoint == NULL, findings);
        lp_verify_config(info, view, findings);
    }
    if (info->layers->len == 0)
        lp_findings_add(findings, HC_SEVERITY_ERROR, NULL, SOURCE_UNPACK, "the image has no layer");
}

static void
check_descriptor(const HcImageInfo *info, guint index, HcFindings *findings)
{
    const HcImageLayer *layer = g_ptr_array_index(info->layers, index);
    const guint number = index + 1;
    if (layer->is_foreign)
        add(findings, HC_SEVERITY_WARNING, number, SOURCE_LAYER,
            "its media type is one of layers that are not distributed: it is pushed and copied by "
            "its urls alone");
    for (guint i = 0; i < index; i++) {
        const HcImageLayer *below = g_ptr_array_index(info->layers, i);
        if (g_strcmp0(below->diff_id, layer->diff_id) != 0)
            continue;
        g_autofree char *what = g_strdup_printf("holds the same as layer %u", i + 1);
        add(findings, HC_SEVERITY_WARNING, number, SOURCE_CONFIG, what);
        break;
    }
}

/* Most readers look at the bytes; but containerd takes OCI's type of a plain tar by its word. */
static void
check_compression(const HcImageInfo *info, guint index, const char *found, HcFindings *findings)
{
    const HcImageLayer *layer = g_ptr_array_index(info->layers, index);
    const char *type = layer->media_type;
    const char *said = NULL;
    /* A docker-archive has no descriptors of its own. */
    if (info->manifest_digest == NULL || type == NULL)
        return;
    if (g_str_has_suffix(type, "gzip"))
        said = "gzip";
    else if (g_str_has_suffix(type, "zstd"))
        said = "zstd";
    if (g_strcmp0(found, said) == 0)
        return;
    const gboolean is_refused = said == NULL && g_str_has_prefix(type, "application/vnd.oci.");
    g_autofree char *what = g_strdup_printf(
        "its compression is %s, its media type says %s%s", found != NULL ? found : "none",
        said != NULL ? said : "none", is_refused ? ", so that it is read as a plain tar" : "");
    add(findings, is_refused ? HC_SEVERITY_ERROR : HC_SEVERITY_WARNING, index + 1,
        is_refused ? SOURCE_STREAM : SOURCE_LAYER, what);
}

/* The messages name image and layer, as the finding does. */
static void
add_failure(HcFindings *findings, const HcImageInfo *info, guint number, HcSeverity severity,
            const GError *failure)
{
    g_autofree char *subject = g_strdup_printf("%s: layer %u", info->operand, number);
    add(findings, severity, number, SOURCE_DESCRIPTOR, hc_error_text(failure, subject));
}

/* A layer above the base that is the same blob, and was read; 0: none. Its number. */
static guint
find_same(const HcImageInfo *info, const GArray *layers, guint index)
{
    const HcImageLayer *layer = g_ptr_array_index(info->layers, index);
    for (guint i = 1; i < index; i++) {
        const HcImageLayer *below = g_ptr_array_index(info->layers, i);
        const LpCheckedLayer *checked = &g_array_index(layers, LpCheckedLayer, i);
        if (checked->is_read && g_strcmp0(below->digest, layer->digest) == 0 &&
            g_strcmp0(below->diff_id, layer->diff_id) == 0)
            return i + 1;
    }
    return 0;
}

/* A blob that is in the image again is not read again: what is in it is the same. */
static void
repeat_layer(const HcImageInfo *info, guint index, guint same, LpTree *tree, GArray *layers,
             HcFindings *findings)
{
    LpCheckedLayer *checked = &g_array_index(layers, LpCheckedLayer, index);
    *checked = g_array_index(layers, LpCheckedLayer, same - 1);
    checked->findings = hc_findings_ref(checked->findings);
    checked->fault = NULL;
    lp_tree_repeat(tree, same);
    hc_findings_append(findings, checked->findings, index + 1);
    check_compression(info, index, checked->summary.compression, findings);
}

/* What the machine did says nothing about the layer. */
static void
keep_fault(LpCheckedLayer *checked, GError **failure)
{
    if (g_error_matches(*failure, HC_ERROR, HC_ERROR_IO))
        checked->fault = g_steal_pointer(failure);
}

/* @tree: the layers below, to which this one is added */
static void
read_layer(HcImage *image, guint index, LpTree *tree, HcFindings *findings, LpCheckedLayer *checked)
{
    const HcImageInfo *info = hc_image_info(image);
    const HcImageLayer *layer = g_ptr_array_index(info->layers, index);
    const guint number = index + 1;
    g_autoptr(GError) failure = NULL;
    g_autoptr(HcLayerReader) reader = hc_image_layer_open(image, index, &failure);
    if (reader == NULL) {
        lp_tree_begin_layer(tree);
        lp_tree_forget(tree);
        const gboolean is_usual =
            layer->is_foreign && g_error_matches(failure, HC_ERROR, HC_ERROR_NOT_FOUND);
        add_failure(findings, info, number, is_usual ? HC_SEVERITY_WARNING : HC_SEVERITY_ERROR,
                    failure);
        keep_fault(checked, &failure);
        return;
    }
    LpLayerPlace place = index == 0 ? LP_PLACE_LOWEST : LP_PLACE_ABOVE;
    const gboolean is_read =
        lp_verify_layer(reader, tree, place, number, findings, checked, &failure);
    if (!is_read)
        lp_tree_forget(tree);
    else
        check_compression(info, index, checked->summary.compression, findings);
    if (!is_read || !hc_image_layer_check(image, index, &checked->summary.digests, &failure)) {
        add_failure(findings, info, number, HC_SEVERITY_ERROR, failure);
        keep_fault(checked, &failure);
    }
}

static void
check_layer(HcImage *image, guint index, LpTree *tree, GArray *layers, HcFindings *findings)
{
    const HcImageInfo *info = hc_image_info(image);
    const guint same = find_same(info, layers, index);
    check_descriptor(info, index, findings);
    if (same > 0)
        repeat_layer(info, index, same, tree, layers, findings);
    else
        read_layer(image, index, tree, findings, &g_array_index(layers, LpCheckedLayer, index));
}

/* A CIM import merges a differencing hive with what the layer right below made of that hive. */
static void
check_merge_rule(const GArray *layers, HcFindings *findings)
{
    for (guint i = 2; i < layers->len; i++) {
        const LpCheckedLayer *below = &g_array_index(layers, LpCheckedLayer, i - 1);
        const LpCheckedLayer *layer = &g_array_index(layers, LpCheckedLayer, i);
        for (int slot = 0; slot < HC_N_HIVE_SLOTS; slot++) {
            if (!below->is_read || !layer->has_delta[slot] || below->has_delta[slot])
                continue;
            g_autofree char *what = g_strdup_printf(
                "%s: layer %u has no such hive, so that this layer cannot be imported where "
                "layers are CIM images",
                hc_hive_slots[slot].delta_entry, i);
            add(findings, HC_SEVERITY_WARNING, i + 1, SOURCE_MERGE, what);
        }
    }
}

GArray *
lp_verify_image(HcImage *image, HcFindings *findings)
{
    const HcImageInfo *info = hc_image_info(image);
    GArray *layers = g_array_new(FALSE, TRUE, sizeof(LpCheckedLayer));
    g_array_set_clear_func(layers, lp_checked_layer_clear);
    g_autoptr(LpTree) tree = lp_tree_new();
    g_array_set_size(layers, info->layers->len);
    check_platform(info, findings);
    check_index(info, findings);
    check_config(info, findings);
    for (guint i = 0; i < info->layers->len; i++)
        check_layer(image, i, tree, layers, findings);
    check_merge_rule(layers, findings);
    return layers;
}
