#include "config.h"

#include "hivecore/delta/delta.h"
#include "tests/unit/cu.h"
#include "tests/unit/tree-text.h"

static void
check_text(const HcDelta *delta, const char *expected)
{
    g_autofree char *text = tree_delta_text(delta);
    CHECK_STRING(text, expected);
}

static void
check_patch(const char *statements, const char *expected)
{
    g_autoptr(HcDelta) delta = hc_delta_new();
    tree_add_statements(delta, statements, "a.reg");
    check_text(delta, expected);
}

static void
net_effect(void)
{
    check_patch("[A\\B]\nv=1:41", "+A\n+A\\B\n  +v 1:41\n");
    /* The last set wins, whatever its case; the first spelling stays. */
    check_patch("[A]\nv=1:41\nV=4:01", "+A\n  +v 4:01\n");
    check_patch("[A]\nv=1:41\n[a]\nv=-", "+A\n  -v\n");
    check_patch("[A]\nv=-\nv=1:41", "+A\n  +v 1:41\n");
    check_patch("[A\\B]\n-[A]", "-A\n");
    check_patch("-[A]\n[A]", "*A\n");
    check_patch("-[A]\n[A\\B]\nv=3:", "*A\n+A\\B\n  +v 3:\n");
    /* Under a replaced key there is nothing left to delete. */
    check_patch("-[A]\n[A]\nv=-\n-[A\\B\\C]", "*A\n");
    check_patch("-[A]\n[A\\B]\n-[A\\B]", "*A\n");
    check_patch("-[A]\n-[A\\B]", "-A\n");
    /* Deleting names a path but makes none of it. */
    check_patch("-[A\\B]", "-A\\B\n");
    check_patch("-[A\\B]\n[A]", "+A\n-A\\B\n");
    check_patch("[b]\n[A]\n[C]\n[a_]", "+A\n+a_\n+b\n+C\n");
    check_patch("[]\n=1:41", " \n  + 1:41\n");
}

/* Values stay in the order of the lines; the table of many names keeps finding them. */
static void
many_values(void)
{
    g_autoptr(HcDelta) delta = hc_delta_new();
    g_autoptr(GString) text = g_string_new("[A]\n");
    g_autoptr(GString) expected = g_string_new("+A\n");
    for (guint i = 99; i > 0; i--) {
        g_string_append_printf(text, "v%02u=4:01\n", i);
        g_string_append_printf(expected, "  +v%02u 4:%s\n", i, i == 50 ? "02" : "01");
    }
    g_string_append(text, "V50=4:02");
    tree_add_statements(delta, text->str, "a.reg");
    check_text(delta, expected->str);
    CU_ASSERT_PTR_NULL(
        hc_delta_find_value(hc_delta_child(hc_delta_root(delta), 0), HC_NAME_ASCII("v0")));
}

static void
limits(void)
{
    g_autoptr(HcDelta) delta = hc_delta_new();
    GError *error = NULL;
    uint8_t chars[257];
    memset(chars, 'k', sizeof(chars));
    const HcName longest = {chars, 256, TRUE};
    const HcName too_long = {chars, 257, TRUE};
    const HcName empty = HC_NAME_EMPTY;
    const HcName separator = HC_NAME_ASCII("a\\b");
    const HcOrigin origin = {0, 0};
    HcName deep[513];
    for (guint i = 0; i < G_N_ELEMENTS(deep); i++)
        deep[i] = HC_NAME_ASCII("d");

    CU_ASSERT_PTR_NOT_NULL(hc_delta_ensure_key(delta, (HcPath){&longest, 1}, origin, &error));
    CHECK_NO_ERROR(error);
    CU_ASSERT_PTR_NULL(hc_delta_ensure_key(delta, (HcPath){&too_long, 1}, origin, &error));
    CHECK_ERROR(error, HC_ERROR_LIMIT, "a key name of 257 UTF-16 units, at most 256 are allowed");
    CU_ASSERT_PTR_NULL(hc_delta_ensure_key(delta, (HcPath){&empty, 1}, origin, &error));
    CHECK_ERROR(error, HC_ERROR_MALFORMED, "a key name is empty");
    /* Such keys are there, though no path in text leads to them. */
    CU_ASSERT_TRUE(hc_delta_delete_key(delta, (HcPath){&separator, 1}, origin, &error));
    CHECK_NO_ERROR(error);
    CU_ASSERT_PTR_NOT_NULL(hc_delta_ensure_key(delta, (HcPath){deep, 512}, origin, &error));
    CHECK_NO_ERROR(error);
    CU_ASSERT_PTR_NULL(hc_delta_ensure_key(delta, (HcPath){deep, 513}, origin, &error));
    CHECK_ERROR(error, HC_ERROR_LIMIT, "a key path of more than 512 levels");
    CU_ASSERT_FALSE(hc_delta_delete_key(delta, (HcPath){deep, 0}, origin, &error));
    CHECK_ERROR(error, HC_ERROR_UNSUPPORTED, "a root cannot be deleted");

    g_autofree uint8_t *name = g_malloc(16384);
    memset(name, 'v', 16384);
    HcDeltaKey *root = hc_delta_root(delta);
    const HcBlob data = {(const uint8_t *) "", 0};
    CU_ASSERT_TRUE(
        hc_delta_set_value(delta, root, (HcName){name, 16383, TRUE}, 1, data, origin, &error));
    CHECK_NO_ERROR(error);
    CU_ASSERT_FALSE(
        hc_delta_delete_value(delta, root, (HcName){name, 16384, TRUE}, origin, &error));
    CHECK_ERROR(error, HC_ERROR_LIMIT,
                "a value name of 16384 UTF-16 units, at most 16383 are allowed");
}

/* Two sources: @first, then what @statement does under the origin b.reg:9. */
static void
check_conflict(const char *first, const char *key, const char *value, const char *message)
{
    g_autoptr(HcDelta) delta = hc_delta_new();
    tree_add_statements(delta, first, "a.reg");
    const HcOrigin origin = {hc_delta_add_source(delta, "b.reg"), 9};
    GError *error = NULL;
    const HcName names[] = {HC_NAME_ASCII("A")};
    gboolean done = FALSE;
    if (g_str_equal(key, "-")) {
        done = hc_delta_delete_key(delta, (HcPath){names, 1}, origin, &error);
    } else {
        HcDeltaKey *node = hc_delta_ensure_key(delta, (HcPath){names, 1}, origin, &error);
        done = node != NULL;
        if (done && g_str_equal(value, "-"))
            done = hc_delta_delete_value(delta, node, HC_NAME_ASCII("v"), origin, &error);
        else if (done)
            done = hc_delta_set_value(delta, node, HC_NAME_ASCII("v"), 1,
                                      (HcBlob){(const uint8_t *) value, (uint32_t) strlen(value)},
                                      origin, &error);
    }
    CU_ASSERT_EQUAL(done, message == NULL);
    if (message == NULL)
        CHECK_NO_ERROR(error);
    else
        CHECK_ERROR(error, HC_ERROR_CONFLICT, message);
}

static void
conflicts(void)
{
    const char *hint = " (--last-wins lets the later patch win)";
    g_autofree char *on_value = g_strconcat("b.reg:9: A: \"v\": contradicts a.reg:2", hint, NULL);
    g_autofree char *on_key = g_strconcat("b.reg:9: A: contradicts a.reg:1", hint, NULL);
    g_autofree char *below = g_strconcat("b.reg:9: A\\B: contradicts a.reg:1", hint, NULL);
    check_conflict("[A]\nv=1:42", "A", "A", on_value);
    check_conflict("[A]\nv=2:41", "A", "A", on_value);
    check_conflict("[A]\nv=1:41", "A", "-", on_value);
    check_conflict("[A]\nv=-", "A", "A", on_value);
    check_conflict("-[A]", "A", "A", on_key);
    check_conflict("-[A]\n[A]", "A", "A", on_key);
    check_conflict("[A\\B]", "-", NULL, below);
    check_conflict("[A]\nv=1:41", "A", "A", NULL);
    check_conflict("[A]\nv=-", "A", "-", NULL);
    check_conflict("-[A]", "-", NULL, NULL);
    check_conflict("[A]\nw=1:41", "A", "A", NULL);
}

static void
last_wins(void)
{
    g_autoptr(HcDelta) delta = hc_delta_new();
    hc_delta_last_wins(delta);
    tree_add_statements(delta, "[A]\nv=1:41\n[B]", "a.reg");
    tree_add_statements(delta, "[A]\nv=1:42\n-[B]", "b.reg");
    check_text(delta, "+A\n  +v 1:42\n-B\n");
}

/* The part of @patch below the one place @prefix. */
static HcDelta *
route_to_one(const HcDelta *patch, const HcName *prefix, gsize n, gboolean skip_foreign,
             uint64_t *n_skipped, GError **error)
{
    HcDeltaPlace place = {{prefix, n}, NULL};
    g_autoptr(HcDelta) copy = tree_copy_patch(patch);
    return hc_delta_route(copy, &place, 1, skip_foreign, n_skipped, error) ? place.part : NULL;
}

#define FOREIGN                                                                                    \
    "this key is not in the hive, which is hklm\\software (--root names another place, "           \
    "--skip-foreign passes over such keys)"

static void
rebase(void)
{
    g_autoptr(HcDelta) patch = hc_delta_new();
    GError *error = NULL;
    const HcName prefix[] = {HC_NAME_ASCII("hklm"), HC_NAME_ASCII("software")};
    uint64_t n_skipped = 0;
    tree_add_statements(patch,
                        "[HKLM\\SOFTWARE\\A]\nv=1:41\n[HKLM\\SOFTWARE]\nr=1:42\n"
                        "-[HKLM\\SOFTWARE\\B]",
                        "a.reg");
    g_autoptr(HcDelta) part = route_to_one(patch, prefix, 2, FALSE, &n_skipped, &error);
    CHECK_NO_ERROR(error);
    CHECK_NUMBER(n_skipped, 0);
    check_text(part, " \n  +r 1:42\n+A\n  +v 1:41\n-B\n");

    tree_add_statements(patch, "[HKLM\\SYSTEM\\X]\n[HKCU]\nv=1:41\n[HKLM]\nv=1:41", "b.reg");
    CU_ASSERT_PTR_NULL(route_to_one(patch, prefix, 2, FALSE, NULL, &error));
    CHECK_ERROR(error, HC_ERROR_CONFLICT,
                "b.reg:1: HKLM\\SYSTEM\\X: " FOREIGN "\nb.reg:2: HKCU: " FOREIGN
                "\nb.reg:4: HKLM: " FOREIGN);
    g_autoptr(HcDelta) again = route_to_one(patch, prefix, 2, TRUE, &n_skipped, &error);
    CHECK_NO_ERROR(error);
    CHECK_NUMBER(n_skipped, 3);
    CU_ASSERT_TRUE(hc_delta_equal(part, again));

    g_autoptr(HcDelta) doom = hc_delta_new();
    tree_add_statements(doom, "-[HKLM\\SOFTWARE]", "c.reg");
    CU_ASSERT_PTR_NULL(route_to_one(doom, prefix, 2, TRUE, NULL, &error));
    CHECK_ERROR(error, HC_ERROR_UNSUPPORTED,
                "c.reg:1: HKLM\\SOFTWARE: the root key of the hive cannot be deleted");
}

/* Lines keep their order, whichever name they use. */
static void
alias(void)
{
    const HcName link[] = {HC_NAME_ASCII("S"), HC_NAME_ASCII("Current")};
    GError *error = NULL;
    g_autoptr(HcDelta) delta = hc_delta_new();
    hc_delta_alias(delta, (HcPath){link, 2}, HC_NAME_ASCII("Set1"));
    tree_add_statements(delta,
                        "[S\\current\\A]\nv=1:41\n[S\\Set1\\A]\nv=1:42\n-[S\\Current\\B]\n"
                        "[S\\Set1\\B]\n[S\\Set1\\C]\n-[S\\CURRENT\\C]\n[S\\Currents]\n[Current]",
                        "a.reg");
    check_text(delta, "+Current\n+S\n+S\\Currents\n+S\\Set1\n+S\\Set1\\A\n  +v 1:42\n*S\\Set1\\B\n"
                      "-S\\Set1\\C\n");
    CU_ASSERT_FALSE(hc_delta_delete_key(delta, (HcPath){link, 2}, (HcOrigin){0, 0}, &error));
    CHECK_ERROR(error, HC_ERROR_UNSUPPORTED,
                "S\\Current cannot be deleted, it stands for S\\Set1; delete that");
}

/* Many children that come in no order are sorted when they are looked at, whatever was looked at,
 * found or removed in between. 7919 is prime to 1000, so that every number comes once. */
static void
many_children(void)
{
    g_autoptr(HcDelta) delta = hc_delta_new();
    HcDeltaKey *root = hc_delta_root(delta);
    for (guint i = 0; i < 1000; i++) {
        char text[8];
        guint number = i * 7919 % 1000;
        g_snprintf(text, sizeof(text), i % 2 != 0 ? "K%03u" : "k%03u", number);
        const HcName name = {(const uint8_t *) text, 4, TRUE};
        CU_ASSERT_PTR_NULL(hc_delta_find_child(root, name));
        hc_delta_add_child(delta, root, name, HC_KEY_CREATE);
        if (i % 100 == 99)
            CHECK_STRING((const char *) hc_delta_child(root, 0)->name.chars, "k000");
    }
    CHECK_NUMBER(hc_delta_n_children(root), 1000);
    for (guint i = 0; i < 1000; i++) {
        char text[8];
        g_snprintf(text, sizeof(text), "k%03u", i);
        const HcName name = {(const uint8_t *) text, 4, TRUE};
        CU_ASSERT_PTR_EQUAL(hc_delta_find_child(root, name), hc_delta_child(root, i));
        CU_ASSERT_TRUE(hc_name_equal(hc_delta_child(root, i)->name, name));
    }
    /* Every second one goes, while the order is not looked at. */
    const HcName last = HC_NAME_ASCII("K0005");
    hc_delta_add_child(delta, root, last, HC_KEY_CREATE);
    for (guint i = 0; i < 1000; i += 2) {
        char text[8];
        g_snprintf(text, sizeof(text), "K%03u", i);
        const HcName name = {(const uint8_t *) text, 4, TRUE};
        hc_delta_remove_child(root, hc_delta_find_child(root, name));
        CU_ASSERT_PTR_NULL(hc_delta_find_child(root, name));
    }
    CHECK_NUMBER(hc_delta_n_children(root), 501);
    CU_ASSERT_TRUE(hc_name_equal(hc_delta_child(root, 0)->name, last));
    CU_ASSERT_TRUE(hc_name_equal(hc_delta_child(root, 1)->name, HC_NAME_ASCII("K001")));
    CU_ASSERT_TRUE(hc_name_equal(hc_delta_child(root, 500)->name, HC_NAME_ASCII("K999")));
}

/* Names that hold what one byte of a key to sort by cannot, that are starts of others, and that
 * differ behind it only. */
static void
odd_children(void)
{
    static const uint16_t units[] = {0, 1, 'a', 'A', 'b', 0xfe, 0xff, 0x100, 0x178, 0x1000, 0xff41};
    g_autoptr(HcDelta) delta = hc_delta_new();
    HcDeltaKey *root = hc_delta_root(delta);
    g_autoptr(GRand) rand = g_rand_new_with_seed(1);
    for (guint i = 0; i < 3000; i++) {
        uint16_t text[16] = {'s', 'A', 'm', 'e'};
        const guint n = (guint) g_rand_int_range(rand, 4, G_N_ELEMENTS(text) + 1);
        for (guint k = 4; k < n; k++)
            text[k] =
                i % 3 != 0 && k < 13 ? 'x' : units[g_rand_int_range(rand, 0, G_N_ELEMENTS(units))];
        const HcName name = {(const uint8_t *) text, n, FALSE};
        if (hc_delta_find_child(root, name) == NULL)
            hc_delta_add_child(delta, root, name, HC_KEY_CREATE);
    }
    const guint n_children = hc_delta_n_children(root);
    CU_ASSERT_TRUE(n_children > 1000);
    for (guint i = 1; i < n_children; i++)
        CU_ASSERT_TRUE(
            hc_name_compare(hc_delta_child(root, i - 1)->name, hc_delta_child(root, i)->name) < 0);
}

static void
add_numbered(HcDelta *delta, const char *start, guint n)
{
    for (guint i = n; i > 0; i--) {
        char text[8];
        g_snprintf(text, sizeof(text), "%s%02uz", start, i);
        const HcName name = {(const uint8_t *) text, 5, TRUE};
        hc_delta_add_child(delta, hc_delta_root(delta), name, HC_KEY_CREATE);
    }
}

/* Of many that begin alike few are left, the next becomes the first, and there are many again. */
static void
fewer_children(void)
{
    g_autoptr(HcDelta) delta = hc_delta_new();
    HcDeltaKey *root = hc_delta_root(delta);
    add_numbered(delta, "ma", 80);
    while (hc_delta_n_children(root) > 20)
        hc_delta_remove_child(root, hc_delta_child(root, 20));
    add_numbered(delta, "ab", 80);
    CU_ASSERT_EQUAL(hc_delta_n_children(root), 100);
    CU_ASSERT_TRUE(hc_name_equal(hc_delta_child(root, 79)->name, HC_NAME_ASCII("ab80z")));
    CU_ASSERT_TRUE(hc_name_equal(hc_delta_child(root, 80)->name, HC_NAME_ASCII("ma01z")));
}

const char cu_suite[] = "delta";
const CuCase cu_cases[] = {{"net effect", net_effect},
                           {"many values", many_values},
                           {"limits", limits},
                           {"conflicts", conflicts},
                           {"last wins", last_wins},
                           {"rebase", rebase},
                           {"alias", alias},
                           {"many children", many_children},
                           {"odd children", odd_children},
                           {"fewer children", fewer_children},
                           {NULL, NULL}};
