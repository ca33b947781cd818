#include "config.h"

#include "hivecore/delta/control-set.h"
#include "hivecore/delta/diff.h"
#include "hivecore/delta/resolve.h"
#include "tests/unit/cu.h"
#include "tests/unit/tree-text.h"

static void
check_text(const HcDelta *delta, const char *expected)
{
    g_autofree char *text = tree_delta_text(delta);
    CHECK_STRING(text, expected);
}

/* Compares two hives both ways: the second must be the inverse of the first. */
static void
check_diff(const char *old_text, const char *new_text, guint ignore, const char *expected)
{
    g_autoptr(HcHive) old_hive = tree_open(old_text, 5);
    g_autoptr(HcHive) new_hive = tree_open(new_text, 5);
    GError *error = NULL;
    g_autoptr(HcDelta) there = hc_diff(old_hive, new_hive, ignore, NULL, &error);
    CHECK_NO_ERROR(error);
    g_autoptr(HcDelta) back = hc_diff(new_hive, old_hive, ignore, NULL, &error);
    CHECK_NO_ERROR(error);
    check_text(there, expected);
    g_autoptr(HcDelta) inverse = hc_delta_invert(there);
    CU_ASSERT_TRUE(hc_delta_equal(inverse, back));
    CU_ASSERT_EQUAL(hc_delta_is_empty(there), expected[0] == '\0');
}

static void
differences(void)
{
    check_diff("[A]\nv=1:41", "[A]\nv=1:41", HC_IGNORE_DEFAULT, "");
    check_diff("[A]\nv=1:41", "[A]\nv=1:42", HC_IGNORE_DEFAULT, " A\n  ~v 1:41 -> 1:42\n");
    check_diff("[A]\nv=1:41", "[A]\nv=2:41", HC_IGNORE_DEFAULT, " A\n  ~v 1:41 -> 2:41\n");
    check_diff("[A]\nv=1:4100000000", "[A]\nv=1:410000000000", HC_IGNORE_DEFAULT,
               " A\n  ~v 1:4100000000 -> 1:410000000000\n");
    check_diff("[A]\na=1:41\nc=1:43\nd=1:", "[A]\nd=1:44\nb=1:42\na=1:41", HC_IGNORE_DEFAULT,
               " A\n  +b 1:42\n  -c 1:43\n  ~d 1: -> 1:44\n");
    check_diff("[A\\B]\nv=1:41\n[A\\B\\C]\n[D]", "[A]\n[D\\E]\nw=3:", HC_IGNORE_DEFAULT,
               "-A\\B (2/1)\n+D\\E\n  +w 3:\n");
    check_diff("=1:41", "=1:42", HC_IGNORE_DEFAULT, " \n  ~ 1:41 -> 1:42\n");
    check_diff("[b]\n[d]", "[A]\n[c]\n[E]", HC_IGNORE_DEFAULT, "+A\n-b (1/0)\n+c\n-d (1/0)\n+E\n");
}

static void
meta(void)
{
    check_diff("[A]\n!class=4100", "[A]", HC_IGNORE_DEFAULT, " A\n  class 4100 -> none\n");
    check_diff("[A]\n!security=0102", "[A]\n!security=010203", HC_IGNORE_DEFAULT,
               " A\n  security 2 -> 3 bytes\n");
    check_diff("[A]\n!flags=10", "[A]", HC_IGNORE_DEFAULT, " A\n  flags 10 -> 0\n");
    check_diff("[A]\n!flags=10\n!class=4100\n!security=0102", "[A]",
               HC_IGNORE_DEFAULT | HC_IGNORE_CLASS | HC_IGNORE_FLAGS | HC_IGNORE_SECURITY, "");
    /* Below a key with a descriptor of its own, inherited ones differ too. */
    check_diff("[A\\B]\n[A]\n!security=0102", "[A\\B]", HC_IGNORE_SECURITY, "");
    check_diff("[A]\na=1:41\nb=1:42", "[A]\nb=1:42\na=1:41", 0, " A\n  order\n");
}

static void
ignored_is_counted(void)
{
    g_autoptr(HcHive) old_hive =
        tree_open("[Abc]\nval=1:41\nb=1:\n!class=4100\n[D]\n!security=0102", 5);
    g_autoptr(HcHive) new_hive = tree_open("[ABC]\nb=1:\nVal=1:41\n!flags=10\n[D]", 5);
    GError *error = NULL;
    HcIgnoredCounts counts;
    g_autoptr(HcDelta) delta =
        hc_diff(old_hive, new_hive,
                HC_IGNORE_DEFAULT | HC_IGNORE_CLASS | HC_IGNORE_FLAGS | HC_IGNORE_SECURITY, &counts,
                &error);
    CHECK_NO_ERROR(error);
    CU_ASSERT_TRUE(hc_delta_is_empty(delta));
    CHECK_NUMBER(counts.spelling, 2);
    CHECK_NUMBER(counts.order, 1);
    CHECK_NUMBER(counts.class_names, 1);
    CHECK_NUMBER(counts.flags, 1);
    CHECK_NUMBER(counts.security, 1);
    CHECK_NUMBER(counts.timestamps, 0);
}

/* 16,345 bytes is the first size of a big-data record; in version 1.3 it is one cell. */
static void
big_data(void)
{
    g_autofree char *zeros = g_strnfill(2 * 40000, '0');
    g_autofree char *text = g_strdup_printf("[A]\nbig=3:%s", zeros);
    g_autofree char *other = g_strdup_printf("[A]\nbig=3:%s01", zeros);
    g_autoptr(HcHive) records = tree_open(text, 5);
    g_autoptr(HcHive) one_cell = tree_open(text, 3);
    g_autoptr(HcHive) longer = tree_open(other, 5);
    GError *error = NULL;
    g_autoptr(HcDelta) same = hc_diff(records, one_cell, HC_IGNORE_DEFAULT, NULL, &error);
    CHECK_NO_ERROR(error);
    CU_ASSERT_TRUE(hc_delta_is_empty(same));
    g_autoptr(HcDelta) different = hc_diff(one_cell, longer, HC_IGNORE_DEFAULT, NULL, &error);
    CHECK_NO_ERROR(error);
    const HcDeltaKey *key = hc_delta_child(hc_delta_root(different), 0);
    const HcDeltaValue *value = hc_delta_value(key, 0);
    CHECK_NUMBER(value->before->data.n_bytes, 40000);
    CHECK_NUMBER(value->after.data.n_bytes, 40001);
    CHECK_NUMBER(value->after.data.bytes[40000], 1);
}

static void
check_resolve(const char *hive_text, const char *patch_text, const char *expected)
{
    g_autoptr(HcHive) hive = tree_open(hive_text, 5);
    g_autoptr(HcDelta) patch = hc_delta_new();
    GError *error = NULL;
    tree_add_statements(patch, patch_text, "a.reg");
    g_autoptr(HcDelta) exact = hc_delta_resolve(patch, hive, &error);
    CHECK_NO_ERROR(error);
    check_text(exact, expected);
}

static void
resolves(void)
{
    const char *hive = "[Abc]\nval=1:41\n[Abc\\Sub]\nx=4:01000000\n[D]";
    check_resolve(hive, "[abc]\nVAL=1:41", "");
    check_resolve(hive, "[abc]\nVAL=1:42", " Abc\n  ~val 1:41 -> 1:42\n");
    check_resolve(hive, "[abc]\nnew=1:42\nval=-\nabsent=-", " Abc\n  +new 1:42\n  -val 1:41\n");
    check_resolve(hive, "-[ABC]", "-Abc (2/2)\n");
    check_resolve(hive, "-[Nothing\\Here]", "");
    check_resolve(hive, "[Nothing\\Here]\nv=-\n-[Nothing\\There]", "+Nothing\n+Nothing\\Here\n");
    check_resolve(hive, "-[abc]\n[ABC]\nz=3:00", "*Abc (2/2)\n  +z 3:00\n");
    /* Replacing a key by what it holds is nothing. */
    check_resolve(hive, "-[abc]\n[ABC]\nval=1:41\n[Abc\\sub]\nx=4:01000000", "");
    check_resolve(hive, "-[New]\n[New]\nz=3:00", "+New\n  +z 3:00\n");
    check_resolve(hive, "=1:41", " \n  + 1:41\n");
}

/* More names than are looked up one by one, on both sides. */
static void
resolves_many(void)
{
    g_autoptr(GString) hive = g_string_new("[A]\n");
    g_autoptr(GString) patch = g_string_new("[A]\n");
    for (guint i = 0; i < 40; i++)
        g_string_append_printf(hive, "v%02u=4:01\n", i);
    for (guint i = 0; i < 40; i++)
        g_string_append_printf(hive, "[A\\K%02u]\n", i);
    for (guint i = 0; i < 40; i++)
        g_string_append_printf(patch, "V%02u=4:%s\n", i, i == 7 ? "02" : "01");
    for (guint i = 0; i < 41; i += 2)
        g_string_append_printf(patch, "[A\\k%02u]\n%s", i, i == 38 ? "n=1:41\n" : "");
    check_resolve(hive->str, patch->str, " A\n  ~v07 4:01 -> 4:02\n A\\K38\n  +n 1:41\n+A\\k40\n");
}

static void
inheritance(void)
{
    g_autoptr(HcHive) hive = tree_open("[A]\n!security=01020304\n!class=4100", 5);
    g_autoptr(HcDelta) patch = hc_delta_new();
    GError *error = NULL;
    tree_add_statements(patch, "[A\\B\\C]", "a.reg");
    g_autoptr(HcDelta) exact = hc_delta_resolve(patch, hive, &error);
    CHECK_NO_ERROR(error);
    const HcDeltaKey *b = hc_delta_child(hc_delta_child(hc_delta_root(exact), 0), 0);
    const HcDeltaKey *c = hc_delta_child(b, 0);
    CHECK_BYTES(b->after.security.bytes, b->after.security.n_bytes, "\1\2\3\4", 4);
    CHECK_BYTES(c->after.security.bytes, c->after.security.n_bytes, "\1\2\3\4", 4);
    CU_ASSERT_PTR_NULL(c->after.class_name.bytes);
    CHECK_NUMBER(c->after.mtime_filetime, 1);
}

/* An exact delta is a patch too: resolving the diff of A and B against A gives the diff again. */
static void
exact_is_patch(void)
{
    const char *old_text = "[A]\nv=1:41\n!class=4100\n[B\\C]\nw=3:\n[E]\n!flags=10";
    const char *new_text = "[A]\nv=1:42\n[D]\n!security=0102\nq=b:0102\n[E]\n!security=01";
    g_autoptr(HcHive) old_hive = tree_open(old_text, 5);
    g_autoptr(HcHive) new_hive = tree_open(new_text, 5);
    GError *error = NULL;
    g_autoptr(HcDelta) difference = hc_diff(old_hive, new_hive, HC_IGNORE_DEFAULT, NULL, &error);
    CHECK_NO_ERROR(error);
    g_autoptr(HcDelta) again = hc_delta_resolve(difference, old_hive, &error);
    CHECK_NO_ERROR(error);
    CU_ASSERT_TRUE(hc_delta_equal(difference, again));
    g_autoptr(HcDelta) nothing = hc_delta_resolve(difference, new_hive, &error);
    CHECK_NO_ERROR(error);
    CU_ASSERT_TRUE(hc_delta_is_empty(nothing));
}

static void
lowering(void)
{
    g_autoptr(HcHive) hive =
        tree_open("[K]\na=1:41\nb=1:42\n!class=4100\n[K\\Gone]\nx=1:\n[K\\Stays]\ny=1:", 5);
    g_autoptr(HcDelta) patch = hc_delta_new();
    GError *error = NULL;
    tree_add_statements(patch, "-[K]\n[K]\nb=1:43\nc=1:44\n[K\\Stays]\ny=1:\n[K\\New]", "a.reg");
    g_autoptr(HcDelta) exact = hc_delta_resolve(patch, hive, &error);
    CHECK_NO_ERROR(error);
    check_text(exact, "*K (3/4)\n  +b 1:43\n  +c 1:44\n+K\\New\n+K\\Stays\n  +y 1:\n");
    g_autoptr(HcDelta) lowered = hc_delta_lower(exact);
    check_text(lowered, " K\n  class 4100 -> none\n  -a 1:41\n  ~b 1:42 -> 1:43\n  +c 1:44\n"
                        "-K\\Gone (1/1)\n+K\\New\n");
    g_autoptr(HcDelta) inverse = hc_delta_invert(exact);
    check_text(inverse, "*K (3/3)\n  +a 1:41\n  +b 1:42\n+K\\Gone\n  +x 1:\n+K\\Stays\n  +y 1:\n");
}

/* What changes in the root key itself is kept. */
static void
lowering_the_root(void)
{
    g_autoptr(HcHive) old_hive = tree_open("!class=4100", 5);
    g_autoptr(HcHive) new_hive = tree_open("!class=4200", 5);
    GError *error = NULL;
    g_autoptr(HcDelta) exact = hc_diff(old_hive, new_hive, HC_IGNORE_DEFAULT, NULL, &error);
    CHECK_NO_ERROR(error);
    check_text(exact, " \n  class 4100 -> 4200\n");
    g_autoptr(HcDelta) lowered = hc_delta_lower(exact);
    check_text(lowered, " \n  class 4100 -> 4200\n");
}

static void
check_control_set(const char *hive_text, const char *expected)
{
    g_autoptr(HcHive) hive = tree_open(hive_text, 5);
    g_autoptr(HcArena) arena = hc_arena_new();
    GError *error = NULL;
    HcName name;
    CU_ASSERT_TRUE(hc_control_set(hive, arena, &name, &error));
    CHECK_NO_ERROR(error);
    g_autofree char *text = hc_name_display(name);
    CHECK_STRING(text, expected);
}

static void
control_set(void)
{
    check_control_set("[Select]\nCurrent=4:03000000\n[ControlSet003\\A]", "ControlSet003");
    check_control_set("[ControlSet003]", "");
    check_control_set("[Select]\nCurrent=3:03000000\n[ControlSet003]", "");
    check_control_set("[Select]\nCurrent=4:03000000\n[CurrentControlSet]", "");
    g_autoptr(HcHive) hive = tree_open("[Select]\nCurrent=4:07000000\n[ControlSet003]", 5);
    g_autoptr(HcArena) arena = hc_arena_new();
    GError *error = NULL;
    HcName name;
    CU_ASSERT_FALSE(hc_control_set(hive, arena, &name, &error));
    CHECK_ERROR(error, HC_ERROR_CONFLICT,
                "test.hive: Select\\Current says 7, but there is no key ControlSet007");
}

const char cu_suite[] = "diff";
const CuCase cu_cases[] = {{"differences", differences},
                           {"class, descriptor, flags, order", meta},
                           {"ignored is counted", ignored_is_counted},
                           {"big data", big_data},
                           {"resolves", resolves},
                           {"resolves many", resolves_many},
                           {"inheritance", inheritance},
                           {"exact is a patch", exact_is_patch},
                           {"lowering", lowering},
                           {"lowering the root", lowering_the_root},
                           {"control set", control_set},
                           {NULL, NULL}};
