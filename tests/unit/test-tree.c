#include "config.h"

#include "hivecore/image/tree.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/image/tree-diff.h"
#include "tests/unit/cu.h"

static HcTreeNode *
put(HcTree *tree, const char *name, const char *content)
{
    GError *error = NULL;
    g_autoptr(GBytes) bytes = g_bytes_new(content, strlen(content));
    HcTreeNode *node = hc_tree_put_bytes(tree, name, bytes, &error);
    CHECK_NO_ERROR(error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(node);
    return node;
}

/* All names with what they are, a line for each. */
static void
list(HcTree *tree, HcTreeNode *folder, GString *out)
{
    g_autoptr(GPtrArray) children = hc_tree_children(tree, folder);
    for (guint i = 0; i < children->len; i++) {
        HcTreeNode *node = children->pdata[i];
        g_autofree char *path = hc_tree_node_path(node);
        g_string_append(out, path);
        if (hc_tree_node_target(node) != NULL)
            g_string_append_printf(out, ">%s", hc_tree_node_target(node));
        else if (hc_tree_node_kind(node) == HC_TREE_FILE)
            g_string_append_printf(out, "=%d", (int) hc_tree_node_size(node));
        g_string_append_c(out, ' ');
        list(tree, node, out);
    }
}

static void
check_list(HcTree *tree, const char *expected)
{
    g_autoptr(GString) found = g_string_new(NULL);
    list(tree, hc_tree_drive(tree), found);
    CHECK_STRING(found->str, expected);
}

static void
check_content(HcTree *tree, const char *name, const char *expected)
{
    GError *error = NULL;
    HcTreeNode *node = hc_tree_find(tree, name);
    CU_ASSERT_PTR_NOT_NULL_FATAL(node);
    g_autoptr(GBytes) bytes = hc_tree_read(tree, node, 1000, &error);
    CHECK_NO_ERROR(error);
    gsize n_bytes;
    const void *data = g_bytes_get_data(bytes, &n_bytes);
    CHECK_BYTES(data, n_bytes, expected, strlen(expected));
}

/* @error is taken. */
static void
check_failed(gboolean is_done, GError **error, HcErrorCode code)
{
    CU_ASSERT_FALSE(is_done);
    CU_ASSERT_PTR_NOT_NULL_FATAL(*error);
    CHECK_NUMBER((*error)->code, code);
    g_clear_error(error);
}

/* The new layer in a file, read again as a tree. */
static HcTree *
written(HcTree *tree)
{
    GError *error = NULL;
    g_autofree char *folder = cu_temp_dir();
    g_autofree char *file = g_build_filename(folder, "layer.tar", NULL);
    g_autoptr(HcLayerOutput) output = hc_layer_output_open(file, HC_COMPRESSION_GZIP, 0, &error);
    const HcTreeLayer layer = {{TRUE, 1700000000}, output};
    HcLayerDigests digests;
    gboolean is_written = output != NULL && hc_tree_write_folder(tree, &layer, "Files", &error) &&
                          hc_tree_write(tree, &layer, &error) &&
                          hc_layer_output_commit(output, &digests, &error);
    HcTree *again = is_written ? hc_tree_open(file, NULL, 0, TRUE, &error) : NULL;
    CHECK_NO_ERROR(error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(again);
    hc_tree_want(again, hc_tree_drive(again));
    CU_ASSERT_TRUE(hc_tree_fetch(again, &error));
    CHECK_NO_ERROR(error);
    cu_remove_tree(folder);
    return again;
}

static void
names(void)
{
    g_autoptr(HcTree) tree = hc_tree_new("t");
    GError *error = NULL;
    put(tree,
        "Files/App/Stra\xc3\x9f"
        "e.txt",
        "1");
    put(tree, "Files/app/\xc3\xa4.txt", "2");
    CU_ASSERT_PTR_NOT_NULL(hc_tree_find(tree, "files/APP/\xc3\x84.TXT"));
    /* One character stays one: the sharp s has no upper case in Windows' table. */
    CU_ASSERT_PTR_NULL(hc_tree_find(tree, "Files/App/STRASSE.TXT"));
    put(tree, "Files/APP/\xc3\x84.TXT", "3");
    check_content(tree, "Files/App/\xc3\xa4.txt", "3");
    check_list(tree, "Files/App Files/App/Stra\xc3\x9f"
                     "e.txt=1 Files/App/\xc3\xa4.txt=1 ");
    static const char *const refused[] = {
        "Files/a*",          "Files/con",   "Files/a/../b",
        "Files/x.",          "Files/.wh.x", "Files/a\\b",
        "Files/a//b",        "Files/a:b",   "Other/x",
        "Hives/Sam_Delta",   "Files",       "x",
        "Files/\xff",        "UtilityVM/x", "Files/a/.wh..wh..opq",
        "Files/a.$wcidirs$", NULL};
    for (gsize i = 0; refused[i] != NULL; i++) {
        g_autoptr(GBytes) bytes = g_bytes_new_static("x", 1);
        HcTreeNode *node = hc_tree_put_bytes(tree, refused[i], bytes, &error);
        check_failed(node != NULL, &error, HC_ERROR_USAGE);
    }
    check_list(tree, "Files/App Files/App/Stra\xc3\x9f"
                     "e.txt=1 Files/App/\xc3\xa4.txt=1 ");
    /* Deeper than the limit. */
    g_autoptr(GString) deep = g_string_new("Files");
    for (guint i = 0; i < HC_MAX_TREE_DEPTH; i++)
        g_string_append(deep, "/a");
    check_failed(hc_tree_make_folder(tree, deep->str, &error) != NULL, &error, HC_ERROR_LIMIT);
}

static void
round_trip(void)
{
    g_autoptr(HcTree) tree = hc_tree_new("t");
    GError *error = NULL;
    HcTreeNode *first = put(tree, "Files/b/x", "content");
    put(tree, "Files/a", "");
    CU_ASSERT_PTR_NOT_NULL(hc_tree_put_hard_link(tree, "Files/a-link", first, &error));
    CU_ASSERT_PTR_NOT_NULL(
        hc_tree_put_link(tree, "Files/s", HC_TREE_SYMLINK, "b\\x", FALSE, &error));
    CU_ASSERT_PTR_NOT_NULL(
        hc_tree_put_link(tree, "Files/j", HC_TREE_JUNCTION, "C:\\b", TRUE, &error));
    CHECK_NO_ERROR(error);
    static const char expected[] =
        "Files/a=0 Files/a-link=7 Files/b Files/b/x=7 Files/j>C:\\b Files/s>b\\x ";
    check_list(tree, expected);
    g_autoptr(HcTree) again = written(tree);
    check_list(again, expected);
    check_content(again, "Files/b/x", "content");
    check_content(again, "Files/a-link", "content");
    CHECK_NUMBER(hc_tree_node_attributes(hc_tree_find(again, "Files/b/x")),
                 HC_FILE_ATTRIBUTE_ARCHIVE);
    CHECK_NUMBER(hc_tree_node_kind(hc_tree_find(again, "Files/j")), HC_TREE_JUNCTION);
    g_autoptr(HcTreeDiff) diff = hc_tree_diff(tree, again, &error);
    CHECK_NO_ERROR(error);
    CHECK_NUMBER(diff->changes->len, 0);
}

static void
changes_of_layers(void)
{
    g_autoptr(HcTree) tree = hc_tree_new("t");
    GError *error = NULL;
    put(tree, "Files/a/1", "1");
    put(tree, "Files/a/2", "22");
    put(tree, "Files/b", "b");
    CU_ASSERT_TRUE(hc_tree_is_changed(tree));
    hc_tree_settle(tree);
    CU_ASSERT_FALSE(hc_tree_is_changed(tree));
    g_autoptr(HcTree) stage = hc_tree_copy(tree, "stage");
    CU_ASSERT_TRUE(hc_tree_remove(tree, hc_tree_find(tree, "Files/A"), &error));
    CHECK_NUMBER(hc_tree_n_removed(tree), 1);
    put(tree, "Files/a/2", "new");
    CHECK_NUMBER(hc_tree_n_removed(tree), 1);
    CHECK_NUMBER(hc_tree_n_put(tree), 1);
    CU_ASSERT_PTR_NOT_NULL(hc_tree_move(tree, hc_tree_find(tree, "Files/b"), "Files/c/d", &error));
    CHECK_NO_ERROR(error);
    check_list(tree, "Files/a Files/a/2=3 Files/c Files/c/d=1 ");
    /* The copy knows nothing of it. */
    check_list(stage, "Files/a Files/a/1=1 Files/a/2=2 Files/b=1 ");
    put(stage, "Files/a/2", "other");
    check_content(tree, "Files/a/2", "new");
    g_autoptr(HcTree) layer = written(tree);
    check_list(layer, "Files/a Files/a/2=3 Files/c Files/c/d=1 ");
    check_content(layer, "Files/c/d", "b");
    /* What was removed and is back, as another kind of thing. */
    CU_ASSERT_TRUE(hc_tree_remove(stage, hc_tree_find(stage, "Files/b"), &error));
    check_failed(hc_tree_make_folder(stage, "Files/b", &error) != NULL, &error, HC_ERROR_CONFLICT);
    check_failed(hc_tree_move(stage, hc_tree_find(stage, "Files/a"), "Files/a/x", &error) != NULL,
                 &error, HC_ERROR_USAGE);
    check_failed(hc_tree_put_copy(stage, "Files/a/x", stage, hc_tree_find(stage, "Files/a"), FALSE,
                                  &error) != NULL,
                 &error, HC_ERROR_USAGE);
}

static void
check_followed(const HcTree *tree, const char *name, const char *expected, HcErrorCode code)
{
    GError *error = NULL;
    const HcTreeNode *node = hc_tree_follow(tree, name, TRUE, &error);
    g_autofree char *path = node != NULL ? hc_tree_node_path(node) : NULL;
    CHECK_STRING(path, expected);
    if (expected == NULL)
        check_failed(FALSE, &error, code);
}

/* Source: Microsoft, "Symbolic link effects on file systems functions", "Reparse points"; MS-FSCC
 * 2.1.2.4, 2.1.2.5. */
static void
links(void)
{
    static const char *const targets[][2] = {{"rel", "dir\\f"},
                                             {"up", "..\\..\\..\\dir\\f"},
                                             {"abs", "c:\\dir\\f"},
                                             {"root", "\\dir/f"},
                                             {"nt", "\\??\\C:\\dir\\f"},
                                             {"raw", "\\\\?\\C:\\dir"},
                                             {"volume", "\\??\\Volume{1}\\x"},
                                             {"unc", "\\\\s\\x"},
                                             {"drive", "D:\\x"},
                                             {"none", "nothing"},
                                             {"self", "self"},
                                             {"p", "q"},
                                             {"q", "p"},
                                             {"out", "..\\Hives"},
                                             {"dot", "."},
                                             {"empty", "dir\\\\f"}};
    g_autoptr(HcTree) tree = hc_tree_new("t");
    GError *error = NULL;
    put(tree, "Files/dir/f", "x");
    for (gsize i = 0; i < G_N_ELEMENTS(targets); i++) {
        g_autofree char *name = g_strconcat("Files/", targets[i][0], NULL);
        hc_tree_put_link(tree, name, HC_TREE_SYMLINK, targets[i][1], FALSE, &error);
        CHECK_NO_ERROR(error);
    }
    static const char *const good[] = {"rel",   "up",    "abs",       "root", "nt",
                                       "empty", "raw/f", "dot/dir/f", NULL};
    for (gsize i = 0; good[i] != NULL; i++) {
        g_autofree char *name = g_strconcat("Files/", good[i], NULL);
        check_followed(tree, name, "Files/dir/f", HC_ERROR_USAGE);
    }
    static const char *const absent[] = {"volume", "unc", "drive", "none", "out", "dir/g", NULL};
    for (gsize i = 0; absent[i] != NULL; i++) {
        g_autofree char *name = g_strconcat("Files/", absent[i], NULL);
        check_followed(tree, name, NULL, HC_ERROR_NOT_FOUND);
    }
    check_followed(tree, "Files/self", NULL, HC_ERROR_MALFORMED);
    check_followed(tree, "Files/p", NULL, HC_ERROR_MALFORMED);
    /* A chain as long as Windows takes it, and one more. */
    put(tree, "Files/c0", "x");
    for (guint i = 1; i <= HC_MAX_TREE_LINKS + 1; i++) {
        g_autofree char *name = g_strdup_printf("Files/c%u", i);
        g_autofree char *target = g_strdup_printf("c%u", i - 1);
        hc_tree_put_link(tree, name, HC_TREE_SYMLINK, target, FALSE, &error);
    }
    check_followed(tree, "Files/c63", "Files/c0", HC_ERROR_USAGE);
    check_followed(tree, "Files/c64", NULL, HC_ERROR_MALFORMED);
    put(tree, "Files/raw/new", "y");
    check_content(tree, "Files/dir/new", "y");
}

static void
check_grant(const char *text, gboolean is_taken, uint32_t mask, guint flags)
{
    GError *error = NULL;
    g_auto(HcTreeGrant) grant = {0};
    const gboolean is_done = hc_tree_grant_parse(text, &grant, &error);
    CHECK_NUMBER(is_done, is_taken);
    if (!is_taken) {
        check_failed(is_done, &error, HC_ERROR_USAGE);
        return;
    }
    CHECK_NUMBER(grant.mask, mask);
    CHECK_NUMBER(grant.flags, flags);
}

/* Source: Microsoft, "icacls": simple rights, specific rights, inheritance. */
static void
grants(void)
{
    check_grant("ContainerUser:modify", TRUE, 0x1301bf, 0);
    check_grant("Users:(OI)(CI)F", TRUE, 0x1f01ff, 3);
    check_grant("\"Authenticated Users\":(oi)(ci)m", TRUE, 0x1301bf, 3);
    check_grant("\"CREATOR OWNER\":(OI)(CI)(IO)F", TRUE, 0x1f01ff, 11);
    check_grant("BUILTIN\\Users:RX", TRUE, 0x1200a9, 0);
    check_grant("NT AUTHORITY\\SYSTEM:(CI)(RX,W)", TRUE, 0x1201bf, 2);
    check_grant("*S-1-5-32-545:(RD,WD,AD)", TRUE, 7, 0);
    check_grant("S-1-5-32-545:R", TRUE, 0x120089, 0);
    static const char *const refused[] = {
        "",         ":F",       "Users",    "Users:",   "Users:Z", "Users:(OI)",
        "nobody:F", "*S-1-x:F", "Users:()", "Users:(F", NULL};
    for (gsize i = 0; refused[i] != NULL; i++)
        check_grant(refused[i], FALSE, 0, 0);
}

/* Names that the tree holds are found again in any order, and nothing is held twice. */
static void
many(void)
{
    enum {
        N = 20000
    };
    g_autoptr(HcTree) tree = hc_tree_new("t");
    g_autoptr(GBytes) bytes = g_bytes_new_static("x", 1);
    GError *error = NULL;
    for (guint i = 0; i < N; i++) {
        g_autofree char *name = g_strdup_printf("Files/d%u/f%u", i % 100, i * 7919 % N);
        hc_tree_put_bytes(tree, name, bytes, &error);
    }
    CHECK_NO_ERROR(error);
    CHECK_NUMBER(hc_tree_n_put(tree), N);
    hc_tree_settle(tree);
    for (guint i = 0; i < 50; i++) {
        g_autofree char *name = g_strdup_printf("Files/D%u", i);
        CU_ASSERT_TRUE(hc_tree_remove(tree, hc_tree_find(tree, name), &error));
    }
    CHECK_NUMBER(hc_tree_n_removed(tree), 50);
    hc_tree_settle(tree);
    guint n = 0;
    for (HcTreeNode *at = hc_tree_drive(tree); at != NULL;
         at = hc_tree_next(hc_tree_drive(tree), at))
        n++;
    CHECK_NUMBER(n, 1 + 50 + N / 2);
}

const char cu_suite[] = "tree of files";
const CuCase cu_cases[] = {
    {"names", names}, {"round_trip", round_trip}, {"changes_of_layers", changes_of_layers},
    {"links", links}, {"grants", grants},         {"many", many},
    {NULL, NULL},
};
