#include "config.h"

#include "layerpack/image-diff.h"

#include <inttypes.h>
#include <string.h>

#include "hivecore/base/base64.h"
#include "hivecore/base/display.h"
#include "hivecore/regf/security.h"

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

const char *
lp_file_kind_word(const HcTreeNode *node)
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

char *
lp_file_path(const HcTree *tree, const HcTreeNode *node)
{
    if (hc_tree_is_windows(tree))
        return hc_tree_node_windows_path(node);
    g_autofree char *path = hc_tree_node_path(node);
    return g_strconcat("/", path, NULL);
}

char *
lp_file_change_path(const LpFiles *files, const HcTreeChange *change)
{
    return change->new_node == NULL ? lp_file_path(files->old_tree, change->old_node)
                                    : lp_file_path(files->new_tree, change->new_node);
}

HcChangeKind
lp_file_change_kind(const HcTreeChange *change)
{
    return change->new_node == NULL   ? HC_CHANGE_DELETED
           : change->old_node == NULL ? HC_CHANGE_ADDED
                                      : HC_CHANGE_CHANGED;
}

char *
lp_file_sddl(const HcTreeNode *node)
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
    g_string_append(out, lp_file_kind_word(node));
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
    g_string_append_printf(out, "%s ", what);
    append_text(out, old_text != NULL ? old_text : "none");
    g_string_append(out, " -> ");
    append_text(out, new_text != NULL ? new_text : "none");
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
        g_string_append_printf(out, "content %" PRIu64 " -> %" PRIu64 " bytes", n_old, n_new);
    else
        g_string_append_printf(out, "content, %" PRIu64 " bytes", n_new);
}

static void
append_what(GString *out, const HcTreeChange *change, guint what)
{
    if (what == HC_TREE_DIFF_KIND)
        append_pair(out, "kind", lp_file_kind_word(change->old_node),
                    lp_file_kind_word(change->new_node));
    if (what == HC_TREE_DIFF_CONTENT)
        append_content(out, change);
    if (what == HC_TREE_DIFF_ATTRIBUTES)
        g_string_append_printf(out, "attributes 0x%" PRIx32 " -> 0x%" PRIx32,
                               hc_tree_node_attributes(change->old_node),
                               hc_tree_node_attributes(change->new_node));
    if (what != HC_TREE_DIFF_SECURITY)
        return;
    g_autofree char *old_sddl = lp_file_sddl(change->old_node);
    g_autofree char *new_sddl = lp_file_sddl(change->new_node);
    append_pair(out, "security", old_sddl, new_sddl);
}

/* What is different of what is in both, each between @before and @after. */
static void
append_changed(GString *out, const HcTreeChange *change, const char *before, const char *after)
{
    for (guint what = HC_TREE_DIFF_KIND; what <= HC_TREE_DIFF_SECURITY; what <<= 1) {
        if ((change->what & what) == 0)
            continue;
        g_string_append(out, before);
        append_what(out, change, what);
        g_string_append(out, after);
    }
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
append_change(GString *out, const LpFiles *files, const HcTreeChange *change, gboolean folded)
{
    static const char *const marks[] = {
        [HC_CHANGE_ADDED] = "+ ", [HC_CHANGE_DELETED] = "- ", [HC_CHANGE_CHANGED] = "~ "};
    const HcChangeKind kind = lp_file_change_kind(change);
    g_autofree char *path = lp_file_change_path(files, change);
    g_string_append(out, marks[kind]);
    append_text(out, path);
    if (kind == HC_CHANGE_CHANGED) {
        g_string_append_c(out, '\n');
        append_changed(out, change, "    ", "\n");
        return;
    }
    g_string_append(out, "  ");
    append_node(out, change->new_node != NULL ? change->new_node : change->old_node);
    if (folded)
        append_below(out, change);
    g_string_append_c(out, '\n');
}

void
lp_file_change_append(GString *out, const HcTreeChange *change)
{
    if (lp_file_change_kind(change) != HC_CHANGE_CHANGED) {
        append_node(out, change->new_node != NULL ? change->new_node : change->old_node);
        return;
    }
    append_changed(out, change, "", "; ");
    g_string_truncate(out, out->len - strlen("; "));
}

static void
count(Summary *summary, const HcTreeChange *change)
{
    const HcTreeNode *node = change->new_node != NULL ? change->new_node : change->old_node;
    Counts *counts[] = {[HC_CHANGE_ADDED] = &summary->added,
                        [HC_CHANGE_DELETED] = &summary->deleted,
                        [HC_CHANGE_CHANGED] = &summary->changed};
    Counts *one = counts[lp_file_change_kind(change)];
    one->n_folders += is_folder(node) ? 1 : 0;
    one->n_files += is_folder(node) ? 0 : 1;
}

static void
append_ignored(GString *out, guint64 n, const char *one, const char *many, const char **separator)
{
    if (n == 0)
        return;
    g_string_append_printf(out, "%s%" G_GUINT64_FORMAT " %s", *separator, n, n == 1 ? one : many);
    *separator = ", ";
}

void
lp_files_append_summary(GString *out, const LpFiles *files)
{
    Summary summary = {{0, 0}, {0, 0}, {0, 0}};
    const HcTreeDiff *diff = files->diff;
    for (guint i = 0; i < diff->changes->len; i++)
        count(&summary, &g_array_index(diff->changes, HcTreeChange, i));
    g_autoptr(GString) text = g_string_new(NULL);
    append_count(text, summary.added.n_folders, "folder", "added");
    append_count(text, summary.deleted.n_folders, "folder", "deleted");
    append_count(text, summary.changed.n_folders, "folder", "changed");
    append_count(text, summary.added.n_files, "file", "added");
    append_count(text, summary.deleted.n_files, "file", "deleted");
    append_count(text, summary.changed.n_files, "file", "changed");
    if (text->len == 0)
        g_string_append(text, files->n_filtered > 0 ? "no other difference" : "no difference");
    g_string_append(out, text->str);
    const char *separator = "; filtered: ";
    append_ignored(out, files->n_filtered, "change", "changes", &separator);
    separator = "; ignored: ";
    append_ignored(out, diff->n_times, "timestamp", "timestamps", &separator);
    append_ignored(out, diff->n_spelled, "name spelled otherwise", "names spelled otherwise",
                   &separator);
    append_ignored(out, diff->n_security, "descriptor", "descriptors", &separator);
    g_string_append_c(out, '\n');
}

void
lp_files_text(HcStream *stream, const LpFiles *files, const LpDiffShowing *showing)
{
    const GArray *changes = files->diff->changes;
    GString *out = hc_stream_text(stream);
    guint hidden = G_MAXUINT; /* what is deeper is folded */
    gboolean is_any_folded = FALSE;
    g_string_append(out, "Files:\n");
    for (guint i = 0; i < changes->len; i++) {
        const HcTreeChange *change = &g_array_index(changes, HcTreeChange, i);
        const HcChangeKind kind = lp_file_change_kind(change);
        if (change->depth > hidden)
            continue;
        const gboolean has_more = change->n_files + change->n_folders > 0;
        const gboolean folded =
            has_more &&
            (kind == HC_CHANGE_DELETED || (kind == HC_CHANGE_ADDED && is_folded(change, showing)));
        hidden = folded ? change->depth : G_MAXUINT;
        is_any_folded |= folded && kind == HC_CHANGE_ADDED;
        append_change(out, files, change, folded);
        hc_stream_flow(stream);
    }
    if (is_any_folded)
        g_string_append(out, "(not all is shown: --full shows all, --depth=N opens folders)\n");
    lp_files_append_summary(out, files);
}
