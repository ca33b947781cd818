#include "config.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/dockerfile/glob.h"
#include "layerpack/dockerfile-build.h"

/* Copy: one COPY or ADD. It takes from a context or from a tree. */
typedef struct {
    LpDockerBuild *build;
    LpStage *stage;
    const HcInstruction *own;
    LpDockerContext *context; /* NULL: from a tree */
    HcTree *tree;
    gboolean is_windows;      /* the paths' kind */
    HcDockerIgnore *excluded; /* (nullable): --exclude */
    char *to;                 /* of hc_docker_path() */
    gboolean is_folder;       /* .to is one, as it is written or there */
    guint n_sources;
    guint n_put;
} Copy;

static void
copy_clear(Copy *copy)
{
    g_clear_pointer(&copy->to, g_free);
    g_clear_pointer(&copy->excluded, hc_ignore_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Copy, copy_clear)

/* --- where it takes from --- */

static gboolean
take_context(Copy *copy, const char *folder, GError **error)
{
    LpDockerBuild *build = copy->build;
    copy->context = g_hash_table_lookup(build->folders, folder);
    if (copy->context != NULL)
        return TRUE;
    copy->context = lp_docker_context_open(folder, NULL, error);
    if (copy->context == NULL)
        return FALSE;
    g_hash_table_insert(build->folders, g_strdup(folder), copy->context);
    return TRUE;
}

static gboolean
take_image(Copy *copy, const char *operand, GError **error)
{
    LpDockerBuild *build = copy->build;
    copy->tree = g_hash_table_lookup(build->images, operand);
    if (copy->tree != NULL)
        return TRUE;
    copy->tree = hc_tree_open(operand, copy->stage->platform, 0, TRUE, error);
    if (copy->tree == NULL)
        return FALSE;
    g_hash_table_insert(build->images, g_strdup(operand), copy->tree);
    return TRUE;
}

static gboolean
take_stage(Copy *copy, guint index, GError **error)
{
    const LpStage *from = copy->build->stages->pdata[index];
    if (from->is_replaced && from->base.kind == LP_DOCKER_FOLDER)
        return take_context(copy, from->base.operand, error);
    copy->tree = from->tree;
    return TRUE;
}

static gboolean
find_from(Copy *copy, GError **error)
{
    const char *from = hc_instruction_flag(copy->own, "from");
    LpDockerSource source = {0};
    gboolean is_found = FALSE;
    if (from == NULL) {
        copy->context = copy->build->files;
        return TRUE;
    }
    if (!lp_docker_find_source(copy->build, from, copy->stage->index, TRUE, &source, error))
        return FALSE;
    switch (source.kind) {
    case LP_DOCKER_SCRATCH:
        hc_set_error(error, HC_ERROR_MALFORMED, "--from=scratch: nothing is in it");
        break;
    case LP_DOCKER_STAGE:
        is_found = take_stage(copy, source.stage, error);
        break;
    case LP_DOCKER_IMAGE:
        is_found = take_image(copy, source.operand, error);
        break;
    case LP_DOCKER_FOLDER:
        is_found = take_context(copy, source.operand, error);
        break;
    }
    lp_docker_source_clear(&source);
    return is_found;
}

/* --- flags --- */

static gboolean
read_excluded(Copy *copy, GError **error)
{
    g_autoptr(GString) patterns = g_string_new(NULL);
    for (gsize i = 0; copy->own->flags[i] != NULL; i++) {
        if (g_str_has_prefix(copy->own->flags[i], "exclude="))
            g_string_append_printf(patterns, "%s\n", copy->own->flags[i] + strlen("exclude="));
    }
    if (patterns->len == 0)
        return TRUE;
    copy->excluded = hc_ignore_new("--exclude", patterns->str, patterns->len, error);
    return copy->excluded != NULL;
}

static gboolean
check_flags(Copy *copy, GError **error)
{
    const HcInstruction *own = copy->own;
    if (hc_instruction_flag(own, "chown") != NULL)
        return hc_fail(error, HC_ERROR_UNSUPPORTED,
                       "--chown is not done here: files of Windows belong to whom their "
                       "descriptors say");
    if (hc_instruction_is(own, "parents"))
        return hc_fail(error, HC_ERROR_UNSUPPORTED, "--parents is not done here");
    if (hc_instruction_flag(own, "checksum") != NULL)
        return hc_fail(error, HC_ERROR_UNSUPPORTED,
                       "--checksum is of what is fetched, and nothing is fetched here");
    if (hc_instruction_flag(own, "chmod") != NULL)
        lp_docker_remark(copy->build, own->line, "--chmod means nothing on Windows");
    return read_excluded(copy, error);
}

/* --- URLs --- */

static gboolean
check_url(const Copy *copy, const char *source, GError **error)
{
    const gboolean is_web =
        g_str_has_prefix(source, "http://") || g_str_has_prefix(source, "https://");
    const gboolean is_git =
        g_str_has_prefix(source, "git@") || g_str_has_prefix(source, "git://") ||
        g_str_has_prefix(source, "ssh://") || (is_web && g_str_has_suffix(source, ".git"));
    if (!is_web && !is_git)
        return TRUE;
    if (copy->own->word == HC_DOCKER_COPY)
        return hc_fail(error, HC_ERROR_MALFORMED, "%s: is a URL, which only ADD takes", source);
    if (is_git)
        return hc_fail(error, HC_ERROR_UNSUPPORTED,
                       "nothing is fetched here: git clone %s, and COPY the folder", source);
    const char *last = strrchr(source, '/') + 1;
    g_autofree char *name = g_strndup(last, strcspn(last, "?#"));
    const char *file = *name != '\0' ? name : "FILE";
    return hc_fail(error, HC_ERROR_UNSUPPORTED,
                   "nothing is fetched here: curl -fLo %s '%s', and COPY %s", file, source, file);
}

/* --- where it goes --- */

static gboolean
find_to(Copy *copy, const char *word, GError **error)
{
    g_autofree char *workdir = lp_docker_config_workdir(copy->stage->config);
    copy->to = hc_docker_path(workdir, word, copy->is_windows, TRUE, error);
    if (copy->to == NULL)
        return FALSE;
    g_autofree char *name = lp_docker_entry(copy->stage, copy->to);
    g_autoptr(GError) ignored = NULL;
    const HcTreeNode *there = hc_tree_follow(copy->stage->tree, name, TRUE, &ignored);
    copy->is_folder = g_str_has_suffix(copy->to, "/") ||
                      (there != NULL && hc_tree_node_kind(there) == HC_TREE_FOLDER);
    if (copy->is_folder || copy->n_sources < 2)
        return TRUE;
    return hc_fail(error, HC_ERROR_MALFORMED,
                   "several sources, and the destination %s does not end in a slash", word);
}

/* A file's place: .to, or in it. */
static char *
file_place(const Copy *copy, const char *last)
{
    g_autofree char *folder = lp_docker_entry(copy->stage, copy->to);
    if (!copy->is_folder)
        return g_steal_pointer(&folder);
    return *folder == '\0' ? g_strdup(last) : g_strconcat(folder, "/", last, NULL);
}

/* --- from a context --- */

/* Filter: what is below a folder of the context that is put. */
typedef struct {
    Copy *copy;
    const char *top; /* the folder, below the context */
} Filter;

static gboolean
is_excluded(const Copy *copy, const char *path)
{
    if (copy->excluded == NULL || *path == '\0')
        return FALSE;
    g_autofree guint8 *marks = NULL;
    g_auto(GStrv) parts = g_strsplit(path, "/", -1);
    g_autoptr(GString) name = g_string_new(NULL);
    gboolean is_out = FALSE;
    for (gsize i = 0; parts[i] != NULL; i++) {
        guint8 *below;
        g_string_append_printf(name, "%s%s", i > 0 ? "/" : "", parts[i]);
        is_out = hc_ignore_matches(copy->excluded, name->str, marks, &below);
        g_free(marks);
        marks = below;
    }
    return is_out;
}

static gboolean
is_taken(void *data, const char *path, gboolean is_folder, gboolean *enter)
{
    const Filter *filter = data;
    Copy *copy = filter->copy;
    g_autofree char *whole = *filter->top == '\0' ? g_strdup(path)
                             : *path == '\0'      ? g_strdup(filter->top)
                                                  : g_strconcat(filter->top, "/", path, NULL);
    const HcDockerIgnore *ignore = copy->context->ignore;
    *enter = is_folder && ((ignore != NULL && hc_ignore_takes_back(ignore)) ||
                           (copy->excluded != NULL && hc_ignore_takes_back(copy->excluded)));
    const gboolean is_in = lp_docker_context_has(copy->context, whole) && !is_excluded(copy, path);
    if (is_in && !is_folder)
        copy->n_put++;
    return is_in;
}

/* ADD unpacks a tar unless it shall not; a zip never. */
static gboolean
is_unpacked(const Copy *copy)
{
    const char *unpack = hc_instruction_flag(copy->own, "unpack");
    return copy->own->word == HC_DOCKER_ADD &&
           (unpack == NULL || hc_instruction_is(copy->own, "unpack"));
}

static gboolean
put_from_context(Copy *copy, const char *path, GError **error)
{
    g_autofree char *file = lp_docker_context_file(copy->context, path, error);
    if (file == NULL)
        return FALSE;
    if (g_file_test(file, G_FILE_TEST_IS_DIR)) {
        g_autofree char *name = lp_docker_entry(copy->stage, copy->to);
        Filter filter = {copy, path};
        return hc_tree_make_folder(copy->stage->tree, name, error) != NULL &&
               hc_tree_put_host(copy->stage->tree, name, file, is_taken, &filter, error);
    }
    const char *last = hc_docker_path_last(path);
    if (is_excluded(copy, last))
        return TRUE;
    if (is_unpacked(copy)) {
        g_autofree char *folder = lp_docker_entry(copy->stage, copy->to);
        const HcTreeArchive what = {.name = file, .to = folder, .formats = HC_TREE_TAR};
        gboolean is_tar;
        if (!hc_tree_unpack(copy->stage->tree, &what, &is_tar, error))
            return FALSE;
        copy->n_put += is_tar ? 1 : 0;
        if (is_tar)
            return TRUE;
    }
    g_autofree char *name = file_place(copy, last);
    copy->n_put++;
    return hc_tree_put_host(copy->stage->tree, name, file, NULL, NULL, error);
}

/* Whether ".." leads above the context, which BuildKit takes for its root. */
static gboolean
leads_out(const char *path)
{
    g_auto(GStrv) parts = g_strsplit_set(path, "/\\", -1);
    int depth = 0;
    for (gsize i = 0; parts[i] != NULL && depth >= 0; i++) {
        if (g_str_equal(parts[i], ".."))
            depth--;
        else if (*parts[i] != '\0' && !g_str_equal(parts[i], "."))
            depth++;
    }
    return depth < 0;
}

static gboolean
copy_from_context(Copy *copy, const char *source, const char *pattern, GError **error)
{
    if (leads_out(source))
        return hc_fail(error, HC_ERROR_MALFORMED, "%s: leads out of the context", source);
    g_autoptr(GPtrArray) paths = lp_docker_context_find(copy->context, pattern, error);
    if (paths == NULL)
        return FALSE;
    if (paths->len > 1 && !copy->is_folder)
        return hc_fail(error, HC_ERROR_MALFORMED,
                       "%s: is %u files, and the destination does not end in a slash", source,
                       paths->len);
    if (paths->len == 0)
        lp_docker_remark(copy->build, copy->own->line, "%s: matches nothing", source);
    for (guint i = 0; i < paths->len; i++) {
        if (!put_from_context(copy, paths->pdata[i], error))
            return FALSE;
    }
    return TRUE;
}

/* --- from a tree --- */

/* Adds the nodes below @top that the parts of a pattern from @index on name. */
static gboolean
match_nodes(const Copy *copy, HcTreeNode *top, char **parts, GPtrArray *found, GError **error)
{
    while (*parts != NULL && **parts == '\0')
        parts++;
    if (*parts == NULL) {
        g_ptr_array_add(found, top);
        return TRUE;
    }
    g_autoptr(HcGlob) glob = hc_glob_new(HC_GLOB_PATH, *parts, error);
    if (glob == NULL)
        return FALSE;
    g_autoptr(GPtrArray) children = hc_tree_children(copy->tree, top);
    for (guint i = 0; i < children->len; i++) {
        const char *name = hc_tree_node_name(children->pdata[i]);
        if (hc_glob_matches(glob, name, strlen(name)) &&
            !match_nodes(copy, children->pdata[i], parts + 1, found, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
find_nodes(const Copy *copy, const char *pattern, GPtrArray *found, GError **error)
{
    if (hc_glob_has_wildcards(pattern)) {
        g_auto(GStrv) parts = g_strsplit(pattern, "/", -1);
        return match_nodes(copy, hc_tree_drive(copy->tree), parts, found, error);
    }
    const gboolean is_windows = hc_tree_is_windows(copy->tree);
    g_autofree char *name = is_windows
                                ? g_strconcat("Files", pattern[1] != '\0' ? pattern : "", NULL)
                                : g_strdup(pattern + 1);
    HcTreeNode *node = hc_tree_follow(copy->tree, name, TRUE, error);
    if (node == NULL)
        return FALSE;
    g_ptr_array_add(found, node);
    return TRUE;
}

static gboolean
put_node(Copy *copy, HcTreeNode *node, GError **error)
{
    const gboolean is_folder = hc_tree_node_kind(node) == HC_TREE_FOLDER;
    g_autofree char *name = is_folder ? lp_docker_entry(copy->stage, copy->to)
                                      : file_place(copy, hc_tree_node_name(node));
    copy->n_put++;
    if (is_folder && hc_tree_make_folder(copy->stage->tree, name, error) == NULL)
        return FALSE;
    return hc_tree_put_copy(copy->stage->tree, name, copy->tree, node, FALSE, error) != NULL;
}

static gboolean
copy_from_tree(Copy *copy, const char *source, const char *pattern, GError **error)
{
    g_autoptr(GPtrArray) nodes = g_ptr_array_new();
    if (copy->excluded != NULL)
        return hc_fail(error, HC_ERROR_UNSUPPORTED,
                       "--exclude is done of the context, not of a stage or image");
    if (!find_nodes(copy, pattern, nodes, error))
        return FALSE;
    if (nodes->len > 1 && !copy->is_folder)
        return hc_fail(error, HC_ERROR_MALFORMED,
                       "%s: is %u files, and the destination does not end in a slash", source,
                       nodes->len);
    if (nodes->len == 0)
        lp_docker_remark(copy->build, copy->own->line, "%s: matches nothing", source);
    for (guint i = 0; i < nodes->len; i++)
        hc_tree_want(copy->tree, nodes->pdata[i]);
    for (guint i = 0; i < nodes->len; i++) {
        if (!put_node(copy, nodes->pdata[i], error))
            return FALSE;
    }
    return TRUE;
}

/* --- all of it --- */

static gboolean
copy_one(Copy *copy, const char *source, GError **error)
{
    if (!check_url(copy, source, error))
        return FALSE;
    g_autofree char *pattern = hc_docker_path(NULL, source, copy->is_windows, FALSE, error);
    if (pattern == NULL)
        return FALSE;
    return copy->context != NULL ? copy_from_context(copy, source, pattern, error)
                                 : copy_from_tree(copy, source, pattern, error);
}

static gboolean
copy_all(Copy *copy, GError **error)
{
    const HcInstruction *own = copy->own;
    const guint n = copy->n_sources + 1;
    g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < n; i++) {
        char *word = lp_docker_word(copy->build, copy->stage, own->args[i], error);
        g_ptr_array_add(words, word);
        if (word == NULL)
            return FALSE;
        lp_docker_remark_escape(copy->build, own, own->args[i], word);
    }
    if (!check_flags(copy, error) || !find_from(copy, error) ||
        !find_to(copy, words->pdata[n - 1], error))
        return FALSE;
    for (guint i = 0; i + 1 < n; i++) {
        if (!copy_one(copy, words->pdata[i], error))
            return FALSE;
    }
    return TRUE;
}

gboolean
lp_docker_copy(LpDockerBuild *build, LpStage *stage, const HcInstruction *instruction,
               gboolean *has_changed, GError **error)
{
    g_auto(Copy) copy = {.build = build,
                         .stage = stage,
                         .own = instruction,
                         .is_windows = lp_docker_config_is_windows(stage->config),
                         .n_sources = g_strv_length(instruction->args) - 1};
    *has_changed = TRUE;
    if (copy_all(&copy, error))
        return TRUE;
    /* What is not there, or a tree does not take, is the Dockerfile's fault, not the command
     * line's.
     */
    if (g_error_matches(*error, HC_ERROR, HC_ERROR_USAGE) ||
        g_error_matches(*error, HC_ERROR, HC_ERROR_NOT_FOUND))
        (*error)->code = HC_ERROR_MALFORMED;
    g_prefix_error(error, "%s: ", hc_docker_word_name(instruction->word));
    return FALSE;
}
