#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "hivecore/base/base64.h"
#include "hivecore/base/display.h"
#include "hivecore/base/json-writer.h"
#include "hivecore/cli/cli-report.h"
#include "hivecore/regf/sddl.h"
#include "layerpack/image-diff.h"

enum {
    MAX_SHOWN_BELOW = 20, /* of a folder that was added: more is a number, without --full */
};

/* Counts of the last line. */
typedef struct {
    guint n_files;
    guint n_folders;
} Counts;

typedef struct {
    Counts added;
    Counts deleted;
    Counts changed;
} Summary;

static const char *
kind_word(const HcTreeNode *node)
{
    switch (hc_tree_node_kind(node)) {
    case HC_TREE_FILE:
        return "file";
    case HC_TREE_FOLDER:
        return "folder";
    case HC_TREE_SYMLINK:
        return "symbolic link";
    case HC_TREE_JUNCTION:
        return "junction";
    case HC_TREE_OTHER:
        break;
    }
    return "other";
}

static gboolean
is_folder(const HcTreeNode *node)
{
    return hc_tree_node_kind(node) == HC_TREE_FOLDER;
}

static void
append_text(GString *out, const char *text)
{
    hc_append_display(out, text, strlen(text));
}

/* "C:\A\b", or of another system "/A/b". */
static char *
path_of(const HcTree *tree, const HcTreeNode *node)
{
    if (hc_tree_is_windows(tree))
        return hc_tree_node_windows_path(node);
    g_autofree char *path = hc_tree_node_path(node);
    return g_strconcat("/", path, NULL);
}

/* The descriptor as SDDL; NULL where it is none. */
static char *
sddl_of(const HcTreeNode *node)
{
    const char *base64 = hc_tree_node_descriptor(node);
    g_autoptr(GBytes) bytes = base64 != NULL ? hc_base64_decode(base64, strlen(base64)) : NULL;
    g_autoptr(GString) text = g_string_new(NULL);
    gsize n_bytes = 0;
    const void *data = bytes != NULL ? g_bytes_get_data(bytes, &n_bytes) : NULL;
    if (data == NULL || !hc_append_sddl(text, (HcBlob){data, (uint32_t) n_bytes}))
        return NULL;
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static void
append_count(GString *out, guint n, const char *noun, const char *what)
{
    if (n > 0)
        g_string_append_printf(out, "%s%u %s%s%s%s", out->len > 0 ? ", " : "", n, noun,
                               n == 1 ? "" : "s", *what != '\0' ? " " : "", what);
}

/* --- text --- */

/* "  (2 folders, 5 files)" */
static void
append_below(GString *out, const HcTreeChange *change)
{
    g_autoptr(GString) counts = g_string_new(NULL);
    append_count(counts, change->n_folders, "folder", "");
    append_count(counts, change->n_files, "file", "");
    if (counts->len > 0)
        g_string_append_printf(out, "  (%s)", counts->str);
}

/* What stands behind the name of what was added or deleted. */
static void
append_node(GString *out, const HcTreeNode *node)
{
    const char *target = hc_tree_node_target(node);
    g_string_append_printf(out, "  %s", kind_word(node));
    if (hc_tree_node_kind(node) == HC_TREE_FILE)
        g_string_append_printf(out, ", %" PRIu64 " bytes", hc_tree_node_size(node));
    if (target == NULL)
        return;
    g_string_append(out, " to '");
    append_text(out, target);
    g_string_append_c(out, '\'');
}

static void
append_pair(GString *out, const char *what, const char *old_text, const char *new_text)
{
    g_string_append_printf(out, "    %s ", what);
    append_text(out, old_text != NULL ? old_text : "none");
    g_string_append(out, " -> ");
    append_text(out, new_text != NULL ? new_text : "none");
    g_string_append_c(out, '\n');
}

static void
append_content(GString *out, const HcTreeChange *change)
{
    const uint64_t n_old = hc_tree_node_size(change->old_node);
    const uint64_t n_new = hc_tree_node_size(change->new_node);
    if (hc_tree_node_target(change->new_node) != NULL)
        append_pair(out, "leads to", hc_tree_node_target(change->old_node),
                    hc_tree_node_target(change->new_node));
    else if (n_old != n_new)
        g_string_append_printf(out, "    content %" PRIu64 " -> %" PRIu64 " bytes\n", n_old, n_new);
    else
        g_string_append_printf(out, "    content, %" PRIu64 " bytes\n", n_new);
}

static void
append_changed(GString *out, const HcTreeChange *change)
{
    g_string_append_c(out, '\n');
    if ((change->what & HC_TREE_DIFF_KIND) != 0)
        append_pair(out, "kind", kind_word(change->old_node), kind_word(change->new_node));
    if ((change->what & HC_TREE_DIFF_CONTENT) != 0)
        append_content(out, change);
    if ((change->what & HC_TREE_DIFF_ATTRIBUTES) != 0)
        g_string_append_printf(out, "    attributes 0x%" PRIx32 " -> 0x%" PRIx32 "\n",
                               hc_tree_node_attributes(change->old_node),
                               hc_tree_node_attributes(change->new_node));
    if ((change->what & HC_TREE_DIFF_SECURITY) == 0)
        return;
    g_autofree char *old_sddl = sddl_of(change->old_node);
    g_autofree char *new_sddl = sddl_of(change->new_node);
    append_pair(out, "security", old_sddl, new_sddl);
}

/* Whether what is in a folder that was added is a number only. */
static gboolean
is_folded(const HcTreeChange *change, const LpDiffShowing *showing)
{
    if (showing->showing->is_full)
        return FALSE;
    if (showing->showing->has_depth)
        return change->depth >= showing->showing->depth;
    return change->n_files + change->n_folders > MAX_SHOWN_BELOW;
}

static void
append_change(GString *out, const HcTree *tree, const HcTreeChange *change, gboolean folded)
{
    const gboolean is_old = change->new_node == NULL;
    const HcTreeNode *node = is_old ? change->old_node : change->new_node;
    const char *mark = is_old ? "- " : change->old_node == NULL ? "+ " : "~ ";
    g_autofree char *path = path_of(tree, node);
    g_string_append(out, mark);
    append_text(out, path);
    if (change->old_node != NULL && change->new_node != NULL) {
        append_changed(out, change);
        return;
    }
    append_node(out, node);
    if (is_old || folded)
        append_below(out, change);
    g_string_append_c(out, '\n');
}

static void
count(Summary *summary, const HcTreeChange *change)
{
    const gboolean is_deleted = change->new_node == NULL;
    const HcTreeNode *node = is_deleted ? change->old_node : change->new_node;
    Counts *counts = is_deleted                 ? &summary->deleted
                     : change->old_node == NULL ? &summary->added
                                                : &summary->changed;
    counts->n_folders += is_folder(node) ? 1 : 0;
    counts->n_files += is_folder(node) ? 0 : 1;
    if (!is_deleted)
        return;
    counts->n_folders += change->n_folders;
    counts->n_files += change->n_files;
}

static void
append_summary(GString *out, const HcTreeDiff *files)
{
    Summary summary = {{0, 0}, {0, 0}, {0, 0}};
    for (guint i = 0; i < files->changes->len; i++)
        count(&summary, &g_array_index(files->changes, HcTreeChange, i));
    g_autoptr(GString) text = g_string_new(NULL);
    append_count(text, summary.added.n_folders, "folder", "added");
    append_count(text, summary.deleted.n_folders, "folder", "deleted");
    append_count(text, summary.changed.n_folders, "folder", "changed");
    append_count(text, summary.added.n_files, "file", "added");
    append_count(text, summary.deleted.n_files, "file", "deleted");
    append_count(text, summary.changed.n_files, "file", "changed");
    g_string_append(out, text->len > 0 ? text->str : "no difference");
    if (files->n_times > 0)
        g_string_append_printf(out, "; ignored: %" G_GUINT64_FORMAT " timestamp%s", files->n_times,
                               files->n_times == 1 ? "" : "s");
    if (files->n_spelled > 0)
        g_string_append_printf(out, "%s%" G_GUINT64_FORMAT " name%s spelled otherwise",
                               files->n_times > 0 ? ", " : "; ignored: ", files->n_spelled,
                               files->n_spelled == 1 ? "" : "s");
    g_string_append_c(out, '\n');
}

void
lp_files_text(HcStream *stream, const HcTree *old_tree, const HcTree *new_tree,
              const HcTreeDiff *files, const LpDiffShowing *showing)
{
    const GArray *changes = files->changes;
    GString *out = hc_stream_text(stream);
    guint hidden = G_MAXUINT; /* what is deeper is folded */
    gboolean is_any_folded = FALSE;
    g_string_append(out, "Files:\n");
    for (guint i = 0; i < changes->len; i++) {
        const HcTreeChange *change = &g_array_index(changes, HcTreeChange, i);
        const gboolean is_tree = change->old_node == NULL && is_folder(change->new_node);
        if (change->old_node == NULL && change->depth > hidden)
            continue;
        const gboolean folded =
            is_tree && change->n_files + change->n_folders > 0 && is_folded(change, showing);
        hidden = folded ? change->depth : G_MAXUINT;
        is_any_folded |= folded;
        append_change(out, change->new_node == NULL ? old_tree : new_tree, change, folded);
        hc_stream_flow(stream);
    }
    if (is_any_folded)
        g_string_append(out, "(not all is shown: --full shows all, --depth=N opens folders)\n");
    append_summary(out, files);
}

/* --- hives --- */

static HcReportOptions
hive_options(const LpImageDiff *diff, const LpDiffShowing *showing, int slot, const HcRoot *root)
{
    HcReportOptions options = {.root = root->text,
                               .old_name = diff->old_side.operand,
                               .new_name = diff->new_side.operand,
                               .ignore = showing->ignore,
                               .ignored = &diff->ignored[slot],
                               .color = showing->context->color && showing->output == NULL};
    hc_cli_fit_report(showing->context, showing->showing, showing->output, HC_REPORT_LINES,
                      &options);
    options.more = "--full shows all, --depth=N opens trees";
    return options;
}

void
lp_image_diff_text(HcStream *stream, const LpImageDiff *diff, const LpDiffShowing *showing)
{
    gboolean is_first = TRUE;
    GString *out = hc_stream_text(stream);
    if (diff->old_side.words != NULL) {
        append_text(out, diff->old_side.words);
        if (g_strcmp0(diff->old_side.words, diff->new_side.words) != 0) {
            g_string_append(out, " -> ");
            append_text(out, diff->new_side.words);
        }
        g_string_append(out, ":\n\n");
    }
    for (int slot = 0; slot < HC_N_HIVE_SLOTS; slot++) {
        if (diff->hives[slot] == NULL)
            continue;
        g_autoptr(HcRoot) root = hc_root_parse_name(hc_hive_slots[slot].name, NULL);
        const HcReportOptions options = hive_options(diff, showing, slot, root);
        g_string_append_printf(out, "%s%s:\n", is_first ? "" : "\n", root->text);
        hc_report_text(stream, diff->hives[slot], &options);
        is_first = FALSE;
    }
    if (diff->files == NULL)
        return;
    g_string_append(out, is_first ? "" : "\n");
    lp_files_text(stream, diff->old_side.tree, diff->new_side.tree, diff->files, showing);
}

/* --- JSON --- */

static void
json_node(HcJsonWriter *json, const char *member, const HcTreeNode *node)
{
    hc_json_member(json, member);
    if (node == NULL) {
        hc_json_null(json);
        return;
    }
    g_autofree char *sddl = sddl_of(node);
    hc_json_begin_object(json, HC_JSON_DENSE);
    hc_json_member_string(json, "kind", kind_word(node));
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
    g_autofree char *path = path_of(is_old ? diff->old_side.tree : diff->new_side.tree,
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
        json_change(json, diff, &g_array_index(diff->files->changes, HcTreeChange, i));
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
        if (diff->hives[slot] == NULL)
            continue;
        g_autoptr(HcRoot) root = hc_root_parse_name(hc_hive_slots[slot].name, NULL);
        HcReportOptions options = hive_options(diff, showing, slot, root);
        hc_report_json_delta(json, diff->hives[slot], &options);
    }
    hc_json_end(json);
}

void
lp_image_diff_json(HcStream *stream, const GPtrArray *diffs, const char *old_operand,
                   const char *new_operand, const LpDiffShowing *showing)
{
    HcJsonWriter json = hc_json_writer_to(stream);
    json.tool = showing->context->program;
    gboolean is_same = TRUE;
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
        hc_json_end(&json);
        is_same &= lp_image_diff_is_empty(diff);
    }
    hc_json_end(&json);
    hc_json_member_string(&json, "result", is_same ? "same" : "different");
    hc_json_end_document(&json);
}
