#include "config.h"

#include "hivecore/base/json-writer.h"
#include "layerpack/image-diff.h"

static gboolean
is_folder(const HcTreeNode *node)
{
    return hc_tree_node_kind(node) == HC_TREE_FOLDER;
}

static void
json_node(HcJsonWriter *json, const char *member, const HcTreeNode *node)
{
    hc_json_member(json, member);
    if (node == NULL) {
        hc_json_null(json);
        return;
    }
    g_autofree char *sddl = lp_file_sddl(node);
    hc_json_begin_object(json, HC_JSON_DENSE);
    hc_json_member_string(json, "kind", lp_file_kind_word(node));
    if (hc_tree_node_kind(node) == HC_TREE_FILE)
        hc_json_member_number(json, "size", hc_tree_node_size(node));
    if (hc_tree_node_target(node) != NULL)
        hc_json_member_string(json, "target", hc_tree_node_target(node));
    hc_json_member_number(json, "attributes", hc_tree_node_attributes(node));
    if (sddl != NULL)
        hc_json_member_string(json, "security", sddl);
    hc_json_end(json);
}

static void
json_change(HcJsonWriter *json, const LpImageDiff *diff, const HcTreeChange *change)
{
    static const char *const words[] = {"kind", "content", "attributes", "security"};
    const gboolean is_old = change->new_node == NULL;
    g_autofree char *path = lp_file_path(is_old ? diff->old_side.tree : diff->new_side.tree,
                                         is_old ? change->old_node : change->new_node);
    hc_json_begin_object(json, HC_JSON_DENSE);
    hc_json_member_string(json, "op",
                          is_old                     ? "delete"
                          : change->old_node == NULL ? "add"
                                                     : "change");
    hc_json_member_string(json, "path", path);
    if (change->what != 0) {
        hc_json_member(json, "what");
        hc_json_begin_array(json, HC_JSON_DENSE);
        for (guint i = 0; i < G_N_ELEMENTS(words); i++) {
            if ((change->what & 1u << i) != 0)
                hc_json_string(json, words[i]);
        }
        hc_json_end(json);
    }
    if (is_old && is_folder(change->old_node)) {
        hc_json_member_number(json, "folders", change->n_folders);
        hc_json_member_number(json, "files", change->n_files);
    }
    json_node(json, "before", change->old_node);
    json_node(json, "after", change->new_node);
    hc_json_end(json);
}

static void
json_files(HcJsonWriter *json, const LpImageDiff *diff)
{
    hc_json_member(json, "files");
    if (diff->files == NULL) {
        hc_json_null(json);
        return;
    }
    hc_json_begin_array(json, HC_JSON_LINES);
    for (guint i = 0; i < diff->files->changes->len; i++) {
        const HcTreeChange *change = &g_array_index(diff->files->changes, HcTreeChange, i);
        if (change->new_node == NULL && change->depth > 0)
            continue; /* the folder that was deleted stands for all in it */
        json_change(json, diff, change);
        if (json->stream != NULL)
            hc_stream_flow(json->stream);
    }
    hc_json_end(json);
}

static void
json_hives(HcJsonWriter *json, const LpImageDiff *diff, const LpDiffShowing *showing)
{
    hc_json_member(json, "registry");
    hc_json_begin_array(json, HC_JSON_LINES);
    for (int slot = 0; slot < HC_N_HIVE_SLOTS; slot++) {
        if (diff->hives[slot].exact == NULL)
            continue;
        g_autoptr(HcRoot) root = hc_root_parse_name(hc_hive_slots[slot].name, NULL);
        const HcReportOptions options = lp_hive_report_options(diff, showing, slot, root);
        hc_report_json_delta(json, diff->hives[slot].exact, &options);
    }
    hc_json_end(json);
}

void
lp_image_diffs_json(HcStream *stream, const GPtrArray *diffs, const char *old_operand,
                    const char *new_operand, const LpDiffShowing *showing)
{
    HcJsonWriter json = hc_json_writer_to(stream);
    json.tool = showing->context->program;
    gboolean is_same = TRUE;
    uint64_t n_filtered = 0;
    hc_json_begin_document(&json, "image-diff");
    hc_json_member_string(&json, "a", old_operand);
    hc_json_member_string(&json, "b", new_operand);
    hc_json_member(&json, "images");
    hc_json_begin_array(&json, HC_JSON_LINES);
    for (guint i = 0; i < diffs->len; i++) {
        const LpImageDiff *diff = diffs->pdata[i];
        hc_json_begin_object(&json, HC_JSON_LINES);
        hc_json_member_string(&json, "platform_a", diff->old_side.words);
        hc_json_member_string(&json, "platform_b", diff->new_side.words);
        json_hives(&json, diff, showing);
        json_files(&json, diff);
        if (showing->is_filtered)
            hc_json_member_number(&json, "filtered", lp_image_diff_n_filtered(diff));
        hc_json_end(&json);
        is_same &= lp_image_diff_is_empty(diff);
        n_filtered += lp_image_diff_n_filtered(diff);
    }
    hc_json_end(&json);
    hc_json_member_string(&json, "result",
                          !is_same         ? "different"
                          : n_filtered > 0 ? "filtered"
                                           : "same");
    hc_json_end_document(&json);
}
