#include "config.h"

#include "hivecore/base/limits.h"
#include "hivecore/delta/delta.h"
#include "tests/unit/cu.h"
#include "tests/unit/tree-text.h"

/* Several patches into one, and one to several hives. */

static void
check_text(const HcDelta *delta, const char *expected)
{
    g_autofree char *text = tree_delta_text(delta);
    CHECK_STRING(text, expected);
}

static HcDelta *
patch_of(const char *statements, const char *source)
{
    HcDelta *patch = hc_delta_new();
    tree_add_statements(patch, statements, source);
    return patch;
}

/* @a, then @b; NULL with @error set where they contradict. */
static HcDelta *
join(const char *a, const char *b, gboolean last_wins, GError **error)
{
    g_autoptr(HcDelta) all = hc_delta_new();
    g_autoptr(HcDelta) patch_a = patch_of(a, "a.reg");
    g_autoptr(HcDelta) patch_b = patch_of(b, "b.reg");
    if (last_wins)
        hc_delta_last_wins(all);
    if (!hc_delta_join(all, patch_a, error) || !hc_delta_join(all, patch_b, error))
        return NULL;
    return g_steal_pointer(&all);
}

/* Joined to nothing a patch says what it says alone. */
static void
alone(void)
{
    static const char *const patches[] = {
        "[A\\B]\nv=1:41",        "[A]\nv=1:41\nV=4:01\nw=-",
        "[A\\B]\n-[A]",          "-[A]\n[A]\nw=1:41",
        "-[A]\n[A\\B\\C]\nv=3:", "-[A\\B]",
        "[A\\B]\n-[A\\B]", /* A stays, and no line names it */
        "-[A\\B]\n[A]",          "[]\n=1:41",
    };
    for (gsize i = 0; i < G_N_ELEMENTS(patches); i++) {
        GError *error = NULL;
        g_autoptr(HcDelta) patch = patch_of(patches[i], "a.reg");
        g_autofree char *expected = tree_delta_text(patch);
        g_autoptr(HcDelta) all = hc_delta_new();
        CU_ASSERT_TRUE(hc_delta_join(all, patch, &error));
        CHECK_NO_ERROR(error);
        check_text(all, expected);
    }
}

static void
agreement(void)
{
    static const struct {
        const char *a;
        const char *b;
        const char *expected;
    } pairs[] = {
        {"[A]\nv=1:41", "[A]\nv=1:41\nw=1:42", "+A\n  +v 1:41\n  +w 1:42\n"},
        {"[A]\nv=-", "[A]\nv=-", "+A\n  -v\n"},
        {"-[A]", "-[A\\B]", "-A\n"},
        {"-[A]", "-[A]", "-A\n"},
        {"-[A]\n[A\\B]\nv=1:41", "-[A]\n[A\\B]\nv=1:41", "*A\n+A\\B\n  +v 1:41\n"},
        /* Only what is left of a file counts. */
        {"[A]\nv=1:41\nv=1:42", "[A]\nv=1:42", "+A\n  +v 1:42\n"},
        {"[A]\nv=1:41\nv=-", "[A]\nv=-", "+A\n  -v\n"},
        {"[A\\B]\nv=1:41\n-[A\\B]", "-[A\\B]", "+A\n-A\\B\n"},
        {"-[A\\B]\n[A]", "[A\\C]", "+A\n-A\\B\n+A\\C\n"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(pairs); i++) {
        GError *error = NULL;
        g_autoptr(HcDelta) one = join(pairs[i].a, pairs[i].b, FALSE, &error);
        CHECK_NO_ERROR(error);
        g_autoptr(HcDelta) other = join(pairs[i].b, pairs[i].a, FALSE, &error);
        CHECK_NO_ERROR(error);
        CU_ASSERT_TRUE_FATAL(one != NULL && other != NULL);
        check_text(one, pairs[i].expected);
        check_text(other, pairs[i].expected);
    }
}

/* Every contradiction is one in either order, and the later patch wins where it is to. */
static void
contradiction(void)
{
    static const struct {
        const char *a;
        const char *b;
        const char *message; /* of a, then b */
        const char *b_wins;
    } pairs[] = {
        {"[A]\nv=1:41", "[A]\nv=1:42", "b.reg:2: A: \"v\": contradicts a.reg:2", "+A\n  +v 1:42\n"},
        {"[A]\nv=1:41", "[A]\nv=2:41", "b.reg:2: A: \"v\": contradicts a.reg:2", "+A\n  +v 2:41\n"},
        {"[A]\nv=1:41", "[A]\nv=-", "b.reg:2: A: \"v\": contradicts a.reg:2", "+A\n  -v\n"},
        {"[A]\nv=-", "[A]\nv=-\nv=1:41", "b.reg:3: A: \"v\": contradicts a.reg:2",
         "+A\n  +v 1:41\n"},
        {"[A\\B]", "-[A]", "b.reg:1: A\\B: contradicts a.reg:1", "-A\n"},
        {"[A]\nv=1:41", "-[A]\n[A]\nw=1:42", "b.reg:1: A: contradicts a.reg:1", "*A\n  +w 1:42\n"},
        {"-[A]", "-[A]\n[A]\nw=1:42", "b.reg:1: A: contradicts a.reg:1", "*A\n  +w 1:42\n"},
        {"-[A]", "-[A\\B]\n[A\\B]", "b.reg:1: A\\B: contradicts a.reg:1", "*A\n+A\\B\n"},
        {"-[A]\n[A]\nv=1:41", "-[A]\n[A]", "b.reg:1: A: contradicts a.reg:1", "*A\n"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(pairs); i++) {
        GError *error = NULL;
        g_autofree char *message =
            g_strconcat(pairs[i].message, " (--last-wins lets the later patch win)", NULL);
        CU_ASSERT_PTR_NULL(join(pairs[i].a, pairs[i].b, FALSE, &error));
        CHECK_ERROR(error, HC_ERROR_CONFLICT, message);
        CU_ASSERT_PTR_NULL(join(pairs[i].b, pairs[i].a, FALSE, &error));
        CU_ASSERT_TRUE(g_error_matches(error, HC_ERROR, HC_ERROR_CONFLICT));
        g_clear_error(&error);
        g_autoptr(HcDelta) last = join(pairs[i].a, pairs[i].b, TRUE, &error);
        CHECK_NO_ERROR(error);
        CU_ASSERT_TRUE_FATAL(last != NULL);
        check_text(last, pairs[i].b_wins);
    }
}

/* Flags, descriptor and class of one key from two patches. */
static void
contradicting_meta(void)
{
    const HcName path[] = {HC_NAME_ASCII("A")};
    GError *error = NULL;
    for (int i = 0; i < 3; i++) {
        for (int is_same = 0; is_same < 2; is_same++) {
            g_autoptr(HcDelta) all = hc_delta_new();
            for (uint8_t k = 0; k < 2; k++) {
                g_autoptr(HcDelta) patch = patch_of("[A]", k == 0 ? "a" : "b");
                HcDeltaKey *key =
                    hc_delta_ensure_key(patch, (HcPath){path, 1}, (HcOrigin){1, 1}, &error);
                static const uint8_t bytes[] = {1, 2};
                const uint8_t *which = is_same ? bytes : bytes + k;
                key->after.class_name = i == 0 ? (HcBlob){which, 1} : (HcBlob){NULL, 0};
                key->after.security = i == 1 ? (HcBlob){which, 1} : (HcBlob){NULL, 0};
                key->after.flags = i == 2 ? *which : 0;
                CU_ASSERT_EQUAL(hc_delta_join(all, patch, &error), k == 0 || is_same);
            }
            if (is_same)
                CHECK_NO_ERROR(error);
            else
                CHECK_ERROR(error, HC_ERROR_CONFLICT,
                            "b:1: A: contradicts a:1 (--last-wins lets the later patch win)");
        }
    }
}

static gboolean
route_copy(const HcDelta *patch, HcDeltaPlace *places, gsize n_places, GError **error)
{
    g_autoptr(HcDelta) copy = tree_copy_patch(patch);
    return hc_delta_route(copy, places, n_places, FALSE, NULL, error);
}

static void
route(void)
{
    const HcName outer[] = {HC_NAME_ASCII("hklm"), HC_NAME_ASCII("software")};
    const HcName inner[] = {HC_NAME_ASCII("HKLM"), HC_NAME_ASCII("SOFTWARE"), HC_NAME_ASCII("V"),
                            HC_NAME_ASCII("App")};
    const HcName other[] = {HC_NAME_ASCII("HKLM"), HC_NAME_ASCII("SYSTEM")};
    HcDeltaPlace places[] = {{{inner, 4}, NULL}, {{outer, 2}, NULL}, {{other, 2}, NULL}};
    GError *error = NULL;
    g_autoptr(HcDelta) patch =
        patch_of("[HKLM\\SOFTWARE\\V\\App\\K]\nv=1:41\n[HKLM\\Software\\V\\App]\nr=1:42\n"
                 "-[HKLM\\SOFTWARE\\V\\Gone]\n[HKLM\\SYSTEM\\S]\n[HKLM\\SOFTWARE\\W]",
                 "a.reg");
    CU_ASSERT_TRUE_FATAL(route_copy(patch, places, 3, &error));
    check_text(places[0].part, " \n  +r 1:42\n+K\n  +v 1:41\n");
    /* V is made by what is below App alone. */
    check_text(places[1].part, "-V\\Gone\n+W\n");
    check_text(places[2].part, "+S\n");
    for (guint i = 0; i < 3; i++)
        hc_delta_free(places[i].part);

    /* Now V is named, or something in it is. */
    tree_add_statements(patch, "[HKLM\\SOFTWARE\\V\\Other]", "b.reg");
    CU_ASSERT_TRUE_FATAL(route_copy(patch, places, 3, &error));
    check_text(places[1].part, "+V\n-V\\Gone\n+V\\Other\n+W\n");
    for (guint i = 0; i < 3; i++)
        hc_delta_free(places[i].part);

    tree_add_statements(patch, "[HKCU\\X]\nv=1:41", "c.reg");
    CU_ASSERT_FALSE(route_copy(patch, places, 3, &error));
    CHECK_ERROR(error, HC_ERROR_CONFLICT,
                "c.reg:1: HKCU\\X: this key is in none of the hives, which are "
                "HKLM\\SOFTWARE\\V\\App, hklm\\software, HKLM\\SYSTEM (--skip-foreign passes over "
                "such keys)");
    CU_ASSERT_PTR_NULL(places[0].part);

    g_autoptr(HcDelta) doom = patch_of("-[HKLM\\SOFTWARE\\V]", "d.reg");
    CU_ASSERT_FALSE(hc_delta_route(doom, places, 3, TRUE, NULL, &error));
    CHECK_ERROR(error, HC_ERROR_UNSUPPORTED,
                "d.reg:1: HKLM\\SOFTWARE\\V: the root key of the hive cannot be deleted");
}

static void
graft(void)
{
    const HcName software[] = {HC_NAME_ASCII("HKLM"), HC_NAME_ASCII("SOFTWARE")};
    const HcName system[] = {HC_NAME_ASCII("HKLM"), HC_NAME_ASCII("SYSTEM")};
    g_autoptr(HcDelta) one = patch_of("[]\nr=1:42\n[K]\nv=1:41\n-[L]", "a.reg");
    g_autoptr(HcDelta) two = patch_of("-[K]\n[K]", "b.reg");
    g_autoptr(HcDelta) all = hc_delta_new();
    hc_delta_graft(all, (HcPath){software, 2}, one);
    hc_delta_graft(all, (HcPath){system, 2}, two);
    check_text(all,
               " HKLM\\SOFTWARE\n  +r 1:42\n+HKLM\\SOFTWARE\\K\n  +v 1:41\n-HKLM\\SOFTWARE\\L\n"
               "*HKLM\\SYSTEM\\K\n");
}

/* A name that stands for a longer path: no path grows past the limit. */
static void
alias_path(void)
{
    const HcName from[] = {HC_NAME_ASCII("HKCR")};
    const HcName to[] = {HC_NAME_ASCII("HKLM"), HC_NAME_ASCII("S"), HC_NAME_ASCII("Classes")};
    HcName path[HC_MAX_KEY_DEPTH];
    GError *error = NULL;
    g_autoptr(HcDelta) delta = hc_delta_new();
    hc_delta_alias_path(delta, (HcPath){from, 1}, (HcPath){to, 3});
    tree_add_statements(delta, "[hkcr\\.x]\n=1:41\n-[HKLM\\S\\classes\\.Y]\n[HKCR]", "a.reg");
    check_text(delta, "+HKLM\n+HKLM\\S\n+HKLM\\S\\Classes\n+HKLM\\S\\Classes\\.x\n  + 1:41\n"
                      "-HKLM\\S\\Classes\\.Y\n");
    CU_ASSERT_FALSE(hc_delta_delete_key(delta, (HcPath){from, 1}, (HcOrigin){0, 0}, &error));
    CHECK_ERROR(error, HC_ERROR_UNSUPPORTED,
                "HKCR cannot be deleted, it stands for HKLM\\S\\Classes; delete that");

    path[0] = from[0];
    for (guint i = 1; i < HC_MAX_KEY_DEPTH; i++)
        path[i] = HC_NAME_ASCII("k");
    CU_ASSERT_PTR_NOT_NULL(
        hc_delta_ensure_key(delta, (HcPath){path, HC_MAX_KEY_DEPTH - 2}, (HcOrigin){0, 0}, &error));
    CHECK_NO_ERROR(error);
    for (gsize n = HC_MAX_KEY_DEPTH - 1; n <= HC_MAX_KEY_DEPTH; n++) {
        CU_ASSERT_PTR_NULL(hc_delta_ensure_key(delta, (HcPath){path, n}, (HcOrigin){0, 0}, &error));
        CHECK_ERROR(error, HC_ERROR_LIMIT, "a key path of more than 512 levels");
        CU_ASSERT_FALSE(hc_delta_delete_key(delta, (HcPath){path, n}, (HcOrigin){0, 0}, &error));
        CHECK_ERROR(error, HC_ERROR_LIMIT, "a key path of more than 512 levels");
    }
}

const char cu_suite[] = "delta-join";
const CuCase cu_cases[] = {
    {"alone", alone},
    {"agreement", agreement},
    {"contradiction", contradiction},
    {"contradicting meta", contradicting_meta},
    {"route", route},
    {"graft", graft},
    {"alias path", alias_path},
    {NULL, NULL},
};
