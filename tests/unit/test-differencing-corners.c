#include "config.h"

#include <string.h>

#include "hivecore/delta/diff.h"
#include "hivecore/delta/differencing.h"
#include "hivecore/delta/rebuild.h"
#include "hivecore/delta/resolve.h"
#include "hivecore/regf/check.h"
#include "tests/unit/cu.h"
#include "tests/unit/tree-text.h"

/*
 * The corner cases of writing differencing hives: old and new hive as text, and what the layer
 * between them must hold, by docs/FORMATS.md; each layer is then read and merged again.
 */

#define OWN_SECURITY   "0100008000000000000000000000000000000000"
#define OTHER_SECURITY "0100048400000000000000000000000000000000"

static HcHive *
open_sound(GBytes *bytes)
{
    GError *error = NULL;
    g_autoptr(HcMap) map = hc_map_from_bytes("made", bytes);
    HcHive *hive = hc_hive_open_map(map, 0, &error);
    CHECK_NO_ERROR(error);
    CU_ASSERT_TRUE(hc_hive_check(hive, NULL, &error));
    CHECK_NO_ERROR(error);
    return hive;
}

/* "80 A\B One Two=-": bits, path, values and value tombstones of each key but the root's own. */
static void
list_layer(GString *out, const HcHive *layer, const HcKey *key, const char *path)
{
    GError *error = NULL;
    HcBlob class_name;
    HcSubkeyIter iter;
    HcKey subkey;
    CU_ASSERT_TRUE(hc_hive_class(layer, key, &class_name, &error));
    g_string_append_printf(out, "%02x %s%s", key->layer_bits, path,
                           class_name.bytes != NULL ? " class" : "");
    for (uint32_t i = 0; i < key->n_values; i++) {
        HcValue value;
        CU_ASSERT_TRUE(hc_hive_value(layer, key, i, &value, &error));
        g_autofree char *name = hc_name_display(value.name);
        g_string_append_printf(out, " %s%s", name, value.is_tombstone ? "=-" : "");
    }
    g_string_append_c(out, '\n');
    CU_ASSERT_TRUE(hc_subkey_iter_init(&iter, layer, key, &error));
    while (hc_subkey_iter_next(&iter, &subkey, &error)) {
        g_autofree char *name = hc_name_display(subkey.name);
        g_autofree char *below = g_strconcat(path, "\\", name, NULL);
        list_layer(out, layer, &subkey, below);
    }
    CHECK_NO_ERROR(error);
}

static void
check_layer(const HcHive *layer, const char *expected)
{
    HcKey root;
    g_autoptr(GString) out = g_string_new(NULL);
    CU_ASSERT_TRUE(hc_hive_root(layer, &root, NULL));
    list_layer(out, layer, &root, "");
    CHECK_STRING(out->str, expected);
}

static HcHive *
make_layer(const HcDelta *exact, const HcHive *base)
{
    GError *error = NULL;
    const HcDifferencingOptions options = {.file_name = HC_NAME_ASCII("Delta")};
    GBytes *bytes = hc_differencing_write(exact, base, &options, &error);
    CHECK_NO_ERROR(error);
    return open_sound(bytes);
}

static HcHive *
merge(const HcHive *base, const HcHive *layer)
{
    GError *error = NULL;
    g_autoptr(HcDelta) patch = hc_differencing_read(layer, &error);
    CHECK_NO_ERROR(error);
    g_autoptr(HcDelta) exact = hc_delta_resolve(patch, base, &error);
    CHECK_NO_ERROR(error);
    GBytes *bytes = hc_rebuild_apply(base, exact, (HcEpoch){FALSE, 0}, &error);
    CHECK_NO_ERROR(error);
    return open_sound(bytes);
}

static void
check_same(const HcHive *a, const HcHive *b)
{
    GError *error = NULL;
    g_autoptr(HcDelta) delta = hc_diff(a, b, HC_IGNORE_DEFAULT, NULL, &error);
    CHECK_NO_ERROR(error);
    g_autofree char *text = tree_delta_text(delta);
    CHECK_STRING(text, "");
}

/* Returns: the effective hive, which is the new one. */
static HcHive *
check_pair(const HcHive *old_hive, const char *new_text, const char *expected)
{
    GError *error = NULL;
    g_autoptr(HcHive) new_hive = tree_open(new_text, 5);
    g_autoptr(HcDelta) exact = hc_diff(old_hive, new_hive, HC_IGNORE_DEFAULT, NULL, &error);
    CHECK_NO_ERROR(error);
    g_autoptr(HcHive) layer = make_layer(exact, old_hive);
    check_layer(layer, expected);
    HcHive *effective = merge(old_hive, layer);
    check_same(effective, new_hive);
    return effective;
}

static void
check_texts(const char *old_text, const char *new_text, const char *expected)
{
    g_autoptr(HcHive) old_hive = tree_open(old_text, 5);
    hc_hive_unref(check_pair(old_hive, new_text, expected));
}

/* The same for a patch, which can say more than two hives do. */
static void
check_patch(const char *old_text, const char *patch_text, const char *new_text,
            const char *expected)
{
    GError *error = NULL;
    g_autoptr(HcHive) old_hive = tree_open(old_text, 5);
    g_autoptr(HcHive) new_hive = tree_open(new_text, 5);
    g_autoptr(HcDelta) patch = hc_delta_new();
    tree_add_statements(patch, patch_text, "patch");
    g_autoptr(HcDelta) exact = hc_delta_resolve(patch, old_hive, &error);
    CHECK_NO_ERROR(error);
    g_autoptr(HcHive) layer = make_layer(exact, old_hive);
    check_layer(layer, expected);
    g_autoptr(HcHive) effective = merge(old_hive, layer);
    check_same(effective, new_hive);
}

/* 0x02 carries all values, or it would hide them; what is below it merges. */
static void
test_security_alone(void)
{
    check_texts("[K]\na=3:31\nb=3:32\n[K\\Below]\nc=3:33\n!security=" OWN_SECURITY "\n",
                "[K]\na=3:31\nb=3:32\n!security=" OTHER_SECURITY
                "\n[K\\Below]\nc=3:33\n!security=" OWN_SECURITY "\n",
                "00 \n02 \\K a b\n");
    /* A descriptor that the keys below have from it: each of them says so. */
    check_texts("[K]\na=3:31\n[K\\Below]\nc=3:33\n",
                "[K]\na=3:31\n!security=" OTHER_SECURITY "\n[K\\Below]\nc=3:33\n",
                "00 \n02 \\K a\n02 \\K\\Below c\n");
}

static void
test_replaced_in_replaced(void)
{
    check_patch("[K\\Sub]\na=3:31\n[K\\Sub\\Old]\n[K\\Gone]\n",
                "-[K]\n[K]\n-[K\\Sub]\n[K\\Sub]\nb=3:32\n", "[K\\Sub]\nb=3:32\n",
                "00 \n03 \\K\n03 \\K\\Sub b\n");
}

static void
test_rename(void)
{
    check_texts("[P\\Before]\na=3:31\n[P\\Before\\Below]\n",
                "[P\\Renamed]\na=3:31\n[P\\Renamed\\Below]\n",
                "00 \n80 \\P\n01 \\P\\Before\n00 \\P\\Renamed a\n00 \\P\\Renamed\\Below\n");
    /* A change of case is no change. */
    check_texts("[P\\Name]\nvalue=3:31\n", "[p\\NAME]\nVALUE=3:31\n", "00 \n");
    check_texts("[P\\Name]\nvalue=3:31\n", "[p\\NAME]\nVALUE=3:32\n",
                "00 \n80 \\P\n80 \\P\\Name value\n");
}

/* The base of the second layer is what the first makes of the first base. */
static void
test_deltas_on_deltas(void)
{
    g_autoptr(HcHive) base = tree_open("[Old]\na=3:31\n[Stays]\n", 5);
    g_autoptr(HcHive) first = check_pair(base, "[New]\nb=3:32\n[Stays]\ns=3:33\n",
                                         "00 \n00 \\New b\n01 \\Old\n80 \\Stays s\n");
    g_autoptr(HcHive) second = check_pair(first, "[Old]\na=3:31\n[Stays]\n",
                                          "00 \n01 \\New\n00 \\Old a\n80 \\Stays s=-\n");
    check_same(second, base);
}

/* What a patch sets to what is there already, and deletes that is not there, says nothing. */
static void
test_set_back(void)
{
    check_patch("[K]\na=3:31\nb=3:32\n", "[K]\na=3:31\nb=3:99\nb=3:32\nc=-\n-[Nothing]\n",
                "[K]\na=3:31\nb=3:32\n", "00 \n");
    check_patch("[K]\na=3:31\n[K\\Sub]\n", "-[K]\n[K\\Sub]\n[K]\na=3:31\n",
                "[K]\na=3:31\n[K\\Sub]\n", "00 \n");
    check_patch("[K]\n", "[New]\na=3:31\na=-\n[New\\Sub]\n-[New\\Sub]\n", "[K]\n[New]\n",
                "00 \n00 \\New\n");
}

static void
test_class(void)
{
    check_texts("[K]\na=3:31\n!class=6100\n", "[K]\na=3:31\n!class=6200\n", "00 \n00 \\K class\n");
    check_texts("[K]\na=3:31\n!class=6100\n", "[K]\na=3:31\n", "00 \n00 \\K\n");
    /* With a descriptor that changes too, or flags, the class stands in the one key. */
    check_texts("[K]\na=3:31\n!class=6100\n",
                "[K]\na=3:31\n!class=6200\n!security=" OTHER_SECURITY "\n",
                "00 \n02 \\K class a\n");
    check_texts("[K]\na=3:31\n!class=6100\n",
                "[K]\na=3:31\n!class=6100\n!security=" OTHER_SECURITY "\n",
                "00 \n02 \\K class a\n");
}

static void
test_symlinks(void)
{
    check_texts("", "[Link]\nSymbolicLinkValue=6:5c00\n!flags=10\n",
                "00 \n00 \\Link SymbolicLinkValue\n");
    check_texts("[Link]\nSymbolicLinkValue=6:5c00\n!flags=10\n",
                "[Link]\nSymbolicLinkValue=6:5d00\n!flags=10\n",
                "00 \n80 \\Link SymbolicLinkValue\n");
    /* A link becomes a key, a key a link: the key is made anew. */
    check_texts("[Link]\nSymbolicLinkValue=6:5c00\n!flags=10\n", "[Link]\na=3:31\n",
                "00 \n03 \\Link a\n");
    check_texts("[Key\\Below]\na=3:31\n", "[Key]\nSymbolicLinkValue=6:5c00\n!flags=10\n",
                "00 \n03 \\Key SymbolicLinkValue\n");
    check_texts("[Key]\nb=3:32\n[Key\\Below]\na=3:31\n",
                "[Key]\nb=3:32\n!flags=10\n[Key\\Below]\na=3:31\n",
                "00 \n03 \\Key b\n03 \\Key\\Below a\n");
}

/* Names that only the registry's own table takes for the same, and those that it does not. */
static void
test_case(void)
{
    check_texts("[\xc3\xa9t\xc3\xa9]\nw\xc3\xa4=3:31\n", "[\xc3\x89T\xc3\x89]\nW\xc3\x84=3:32\n",
                "00 \n80 \\\xc3\xa9t\xc3\xa9 w\xc3\xa4\n");
    /* Deleted in one case, made again in another: the same key, changed. */
    check_patch("[Name]\na=3:31\n", "-[Name]\n[NAME]\nb=3:32\n", "[Name]\nb=3:32\n",
                "00 \n03 \\Name b\n");
    check_texts("[stra\xc3\x9f"
                "e]\n",
                "[STRASSE]\n",
                "00 \n00 \\STRASSE\n01 \\stra\xc3\x9f"
                "e\n");
}

const char cu_suite[] = "differencing-corners";
const CuCase cu_cases[] = {
    {"a descriptor alone", test_security_alone},
    {"a key replaced in a replaced key", test_replaced_in_replaced},
    {"rename, and a rename of case only", test_rename},
    {"a delta on a delta", test_deltas_on_deltas},
    {"what is set back, deleted before it is there", test_set_back},
    {"class names", test_class},
    {"symbolic links", test_symlinks},
    {"names that differ in case", test_case},
    {NULL, NULL},
};
