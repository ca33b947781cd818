#include "config.h"

#include <string.h>

#include "hivecore/delta/condition.h"
#include "hivecore/delta/resolve.h"
#include "hivecore/reg/reg-reader.h"
#include "tests/unit/cu.h"
#include "tests/unit/tree-text.h"

/* Conditions against hives, exact keys, and the variables of --set. What the lines of a file say is
 * tested whole in tests/cli/hivetool-directives.sh. */

#define HIVE                                                                                       \
    "[Kept]\n"                                                                                     \
    "a=1:410000\n"                                                                                 \
    "=4:01000000\n"                                                                                \
    "[Kept\\Sub]\n"                                                                                \
    "[Gone\\Sub]\n"                                                                                \
    "b=3:\n"                                                                                       \
    "[Again]\n"                                                                                    \
    "old=3:01\n"                                                                                   \
    "[Again\\Sub]\n"

#define PATCH                                                                                      \
    "[Kept]\n"                                                                                     \
    "a=1:420000\n"                                                                                 \
    "new=3:02\n"                                                                                   \
    "=-\n"                                                                                         \
    "-[Gone]\n"                                                                                    \
    "-[Again]\n"                                                                                   \
    "[Again]\n"                                                                                    \
    "next=3:03\n"                                                                                  \
    "[New\\Deep]\n"                                                                                \
    "c=3:04\n"

typedef struct {
    HcHive *hive;
    HcDelta *patch;
    HcDelta *exact;
} Case;

static Case
open_case(const char *hive, const char *patch)
{
    Case opened = {tree_open(hive, 5), hc_delta_new(), NULL};
    g_autoptr(GError) error = NULL;
    tree_add_statements(opened.patch, patch, "p");
    opened.exact = hc_delta_resolve(opened.patch, opened.hive, &error);
    CHECK_NO_ERROR(error);
    return opened;
}

static void
close_case(Case *opened)
{
    hc_delta_free(opened->exact);
    hc_delta_free(opened->patch);
    hc_hive_unref(opened->hive);
}

/* A condition on @path, "A\B" for a key and "A\B:name" for a value of one byte of binary data. */
static gboolean
holds(const Case *opened, HcConditionKind kind, const char *path, int wanted)
{
    g_auto(GStrv) sides = g_strsplit(path, ":", 2);
    g_auto(GStrv) parts = g_strsplit(sides[0], "\\", -1);
    HcName names[4];
    HcArena *arena = hc_delta_arena(opened->patch);
    gsize n = 0;
    for (; parts[n] != NULL; n++)
        names[n] = hc_name_from_utf8(arena, parts[n], strlen(parts[n]));
    HcCondition condition = {.kind = kind, .path = {names, n}};
    const uint8_t byte = (uint8_t) wanted;
    const HcDatum datum = {wanted >= 0, wanted >= 0 ? 3 : 0, {&byte, wanted >= 0 ? 1 : 0}};
    if (sides[1] != NULL) {
        condition.is_on_value = TRUE;
        condition.value = hc_name_from_utf8(arena, sides[1], strlen(sides[1]));
        condition.accepted = &datum;
        condition.n_accepted = 1;
    }
    g_autoptr(GError) error = NULL;
    g_autoptr(GByteArray) scratch = g_byte_array_new();
    HcConditionState state = {FALSE, FALSE, {FALSE, 0, {NULL, 0}}};
    CU_ASSERT_TRUE(hc_condition_check(&condition, opened->patch, opened->hive, opened->exact,
                                      scratch, &state, &error));
    CHECK_NO_ERROR(error);
    return state.holds;
}

#define ABSENT (-1)

static void
require_looks_before(void)
{
    Case opened = open_case(HIVE, PATCH);
    const HcConditionKind kind = HC_CONDITION_REQUIRE;
    CU_ASSERT_TRUE(holds(&opened, kind, "Kept", 0));
    CU_ASSERT_TRUE(holds(&opened, kind, "kept\\SUB", 0));
    CU_ASSERT_FALSE(holds(&opened, kind, "New", 0));
    CU_ASSERT_TRUE(holds(&opened, kind, "Gone\\Sub", 0));
    CU_ASSERT_TRUE(holds(&opened, kind, "Again:old", 1));
    CU_ASSERT_FALSE(holds(&opened, kind, "Again:old", 2));
    CU_ASSERT_FALSE(holds(&opened, kind, "Kept:a", 0));
    CU_ASSERT_TRUE(holds(&opened, kind, "Kept:new", ABSENT));
    CU_ASSERT_FALSE(holds(&opened, kind, "Kept:", ABSENT));
    CU_ASSERT_TRUE(holds(&opened, kind, "New\\Deep:c", ABSENT));
    CU_ASSERT_FALSE(holds(&opened, kind, "Gone\\Sub:b", 0));
    close_case(&opened);
}

static void
assert_looks_after(void)
{
    Case opened = open_case(HIVE, PATCH);
    const HcConditionKind kind = HC_CONDITION_ASSERT;
    CU_ASSERT_TRUE(holds(&opened, kind, "Kept\\Sub", 0));
    CU_ASSERT_TRUE(holds(&opened, kind, "New\\Deep", 0));
    CU_ASSERT_FALSE(holds(&opened, kind, "New\\Deep\\x", 0));
    CU_ASSERT_FALSE(holds(&opened, kind, "Gone", 0));
    CU_ASSERT_FALSE(holds(&opened, kind, "Gone\\Sub", 0));
    CU_ASSERT_TRUE(holds(&opened, kind, "Again", 0));
    CU_ASSERT_FALSE(holds(&opened, kind, "Again\\Sub", 0));
    CU_ASSERT_TRUE(holds(&opened, kind, "Again:old", ABSENT));
    CU_ASSERT_TRUE(holds(&opened, kind, "Again:NEXT", 3));
    CU_ASSERT_TRUE(holds(&opened, kind, "Kept:new", 2));
    CU_ASSERT_TRUE(holds(&opened, kind, "Kept:", ABSENT));
    CU_ASSERT_TRUE(holds(&opened, kind, "New\\Deep:c", 4));
    CU_ASSERT_TRUE(holds(&opened, kind, "Gone\\Sub:b", ABSENT));
    close_case(&opened);
}

/* Against the hive that the patch has made already: what it asks for is as good as expected. */
static void
expect_accepts_what_is_done(void)
{
    static const char done[] = "[Kept]\na=1:420000\nnew=3:02\n[Kept\\Sub]\n[Again]\nnext=3:03\n"
                               "[New\\Deep]\nc=3:04\n";
    Case opened = open_case(done, PATCH);
    const HcConditionKind kind = HC_CONDITION_EXPECT;
    CU_ASSERT_TRUE(hc_delta_is_empty(opened.exact));
    CU_ASSERT_TRUE(holds(&opened, kind, "Kept:new", 9));
    CU_ASSERT_TRUE(holds(&opened, kind, "Kept:", 1));
    CU_ASSERT_TRUE(holds(&opened, kind, "Again:old", 1));
    CU_ASSERT_TRUE(holds(&opened, kind, "Again\\Sub", 0));
    CU_ASSERT_TRUE(holds(&opened, kind, "Gone\\Sub", 0));
    CU_ASSERT_TRUE(holds(&opened, kind, "Gone\\Sub:b", 7));
    CU_ASSERT_TRUE(holds(&opened, kind, "Again\\Sub:x", 7));
    /* Nothing is asked of these. */
    CU_ASSERT_FALSE(holds(&opened, kind, "Kept:other", 1));
    CU_ASSERT_FALSE(holds(&opened, kind, "Kept\\Sub:other", 1));
    CU_ASSERT_FALSE(holds(&opened, kind, "Other", 0));
    /* The other kinds know no such thing. */
    CU_ASSERT_FALSE(holds(&opened, HC_CONDITION_REQUIRE, "Kept:new", 9));
    CU_ASSERT_FALSE(holds(&opened, HC_CONDITION_ASSERT, "Kept:new", 9));
    close_case(&opened);
}

static void
expect_refuses_what_is_other(void)
{
    Case opened = open_case(HIVE, PATCH);
    const HcConditionKind kind = HC_CONDITION_EXPECT;
    CU_ASSERT_FALSE(holds(&opened, kind, "Kept:a", 9));
    CU_ASSERT_FALSE(holds(&opened, kind, "Kept:new", 9));
    CU_ASSERT_FALSE(holds(&opened, kind, "New", 0));
    CU_ASSERT_FALSE(holds(&opened, kind, "Again:old", 9));
    close_case(&opened);
}

/* @exact of @key in a patch of @statements: what that does to HIVE. */
static char *
exact_effect(const char *statements, const char *name, guint exact)
{
    g_autoptr(HcHive) hive =
        tree_open("[K]\na=3:01\nb=3:02\n[K\\S]\nc=3:03\n[K\\S\\T]\n[K\\U]\n", 5);
    g_autoptr(HcDelta) patch = hc_delta_new();
    g_autoptr(GError) error = NULL;
    tree_add_statements(patch, statements, "p");
    const HcName path = hc_name_from_utf8(hc_delta_arena(patch), name, strlen(name));
    HcDeltaKey *key = hc_delta_find_key(patch, (HcPath){&path, 1});
    CU_ASSERT_PTR_NOT_NULL(key);
    CU_ASSERT_TRUE(hc_delta_make_exact(patch, key, exact, (HcOrigin){1, 1}, &error));
    CHECK_NO_ERROR(error);
    g_autoptr(HcDelta) result = hc_delta_resolve(patch, hive, &error);
    CHECK_NO_ERROR(error);
    return tree_delta_text(result);
}

static void
check_exact(const char *statements, guint exact, const char *expected)
{
    g_autofree char *effect = exact_effect(statements, "K", exact);
    CHECK_STRING(effect, expected);
}

static void
exact_keys(void)
{
    check_exact("[K]\n", HC_EXACT_VALUES, " K\n  -a 3:01\n  -b 3:02\n");
    check_exact("[K]\nA=3:01\n", HC_EXACT_VALUES, " K\n  -b 3:02\n");
    check_exact("[K]\na=-\nb=3:05\n", HC_EXACT_VALUES, " K\n  -a 3:01\n  ~b 3:02 -> 3:05\n");
    check_exact("[K]\n", HC_EXACT_KEYS, "-K\\S (2/1)\n-K\\U (1/0)\n");
    check_exact("[K\\s\\x]\n", HC_EXACT_KEYS, "+K\\S\\x\n-K\\U (1/0)\n");
    /* Only a delete is said below S: it is not named. */
    check_exact("[K]\n-[K\\S\\T]\n", HC_EXACT_KEYS, "-K\\S (2/1)\n-K\\U (1/0)\n");
    check_exact("[K\\S]\n[K\\U\\V]\n", HC_EXACT_VALUES | HC_EXACT_KEYS | HC_EXACT_BELOW,
                " K\n  -a 3:01\n  -b 3:02\n K\\S\n  -c 3:03\n-K\\S\\T (1/0)\n+K\\U\\V\n");
    /* What goes and comes again is exact as it is. */
    check_exact("-[K]\n[K]\na=3:01\n", HC_EXACT_VALUES, "*K (4/3)\n  +a 3:01\n");
}

/* --- variables */

static void
check_set(const char *first, const char *second, const char *message)
{
    char *set[] = {(char *) (gsize) first, (char *) (gsize) second, NULL};
    g_autoptr(GError) error = NULL;
    g_autoptr(HcRegVariables) variables = hc_reg_variables_new(set, &error);
    if (message == NULL) {
        CU_ASSERT_PTR_NOT_NULL(variables);
        CHECK_NO_ERROR(error);
        return;
    }
    CU_ASSERT_PTR_NULL(variables);
    CHECK_ERROR(error, HC_ERROR_USAGE, message);
}

static void
variables_of_set(void)
{
    check_set("a=", "A1_=x=y", NULL);
    check_set("a", NULL, "--set is 'a', not NAME=VALUE");
    check_set("1a=x", NULL, "--set is '1a=x', not NAME=VALUE");
    check_set("a-b=x", NULL, "--set is 'a-b=x', not NAME=VALUE");
    check_set("a=x", "a=x", "--set a: is given twice");
    check_set("a=\xff", NULL, "--set a: the value is not valid UTF-8");

    char *set[] = {(char *) (gsize) "a=x=y", (char *) (gsize) "b=", NULL};
    g_autoptr(GError) error = NULL;
    g_autoptr(HcRegVariables) variables = hc_reg_variables_new(set, &error);
    CHECK_STRING(hc_reg_variables_declare(variables, "a"), "x=y");
    CU_ASSERT_PTR_NULL(hc_reg_variables_declare(variables, "c"));
    CU_ASSERT_FALSE(hc_reg_variables_check(variables, &error));
    CHECK_ERROR(error, HC_ERROR_USAGE, "--set b: no patch has a line ';!var b'");
    CHECK_STRING(hc_reg_variables_declare(variables, "b"), "");
    CU_ASSERT_TRUE(hc_reg_variables_check(variables, &error));
}

/* --- what a file says, in the delta */

static gboolean
read_file(HcDelta *delta, const char *text, gboolean unset_is_empty, GError **error)
{
    g_autofree char *whole = g_strconcat("Windows Registry Editor Version 5.00\n\n", text, NULL);
    g_autoptr(GBytes) content = g_bytes_new_static(whole, strlen(whole));
    const HcRegReadOptions options = {.unset_is_empty = unset_is_empty};
    return hc_reg_read(delta, "p.reg", content, &options, NULL, error);
}

/* Readers that only look take a variable without a value for empty. */
static void
variables_may_be_unset(void)
{
    static const char text[] = ";!var X\n[HKEY_LOCAL_MACHINE\\k]\n;!= \"a\"=\"<${X}>\"\n"
                               ";!= \"b\"=dword:${X}\n";
    g_autoptr(GError) error = NULL;
    g_autoptr(HcDelta) refused = hc_delta_new();
    CU_ASSERT_FALSE(read_file(refused, text, FALSE, &error));
    CU_ASSERT_TRUE(g_error_matches(error, HC_ERROR, HC_ERROR_USAGE));
    g_clear_error(&error);
    g_autoptr(HcDelta) delta = hc_delta_new();
    CU_ASSERT_TRUE(read_file(delta, text, TRUE, &error));
    CHECK_NO_ERROR(error);
    const HcName path[] = {HC_NAME_ASCII("HKEY_LOCAL_MACHINE"), HC_NAME_ASCII("k")};
    const HcDeltaKey *key = hc_delta_find_key(delta, (HcPath){path, 2});
    CHECK_NUMBER(hc_delta_n_values(key), 2);
    CHECK_BYTES(hc_delta_value(key, 0)->after.data.bytes,
                hc_delta_value(key, 0)->after.data.n_bytes, "<\0>\0\0", 6);
    CHECK_BYTES(hc_delta_value(key, 1)->after.data.bytes,
                hc_delta_value(key, 1)->after.data.n_bytes, "\0\0\0", 4);
}

static void
conditions_of_a_file(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(HcDelta) delta = hc_delta_new();
    CU_ASSERT_TRUE(read_file(delta,
                             ";!require not key HKLM\\k\\\n[HKEY_LOCAL_MACHINE\\k]\n"
                             ";!expect any | absent\n\"a\"=-\n;!assert @=hex(7f):\n",
                             FALSE, &error));
    CHECK_NO_ERROR(error);
    CHECK_NUMBER(hc_delta_n_conditions(delta), 3);
    const HcCondition *require = hc_delta_condition(delta, 0);
    CHECK_NUMBER(require->kind, HC_CONDITION_REQUIRE);
    CHECK_NUMBER(require->path.n, 2);
    CHECK_NUMBER(require->origin.line, 3);
    CU_ASSERT_TRUE(require->is_negated && !require->is_on_value);
    const HcCondition *expect = hc_delta_condition(delta, 1);
    CHECK_NUMBER(expect->kind, HC_CONDITION_EXPECT);
    CU_ASSERT_TRUE(expect->accepts_any && expect->n_accepted == 1);
    CU_ASSERT_FALSE(expect->accepted[0].is_present);
    CU_ASSERT_TRUE(hc_name_equal(expect->value, HC_NAME_ASCII("A")));
    const HcCondition *assertion = hc_delta_condition(delta, 2);
    CHECK_NUMBER(assertion->kind, HC_CONDITION_ASSERT);
    CHECK_NUMBER(assertion->value.n_units, 0);
    CHECK_NUMBER(assertion->accepted[0].type, 0x7f);
    CHECK_NUMBER(assertion->accepted[0].data.n_bytes, 0);
}

const char cu_suite[] = "directive";

const CuCase cu_cases[] = {
    {"require looks before", require_looks_before},
    {"assert looks after", assert_looks_after},
    {"expect accepts what is done", expect_accepts_what_is_done},
    {"expect refuses what is other", expect_refuses_what_is_other},
    {"exact keys", exact_keys},
    {"variables of --set", variables_of_set},
    {"variables may be unset", variables_may_be_unset},
    {"conditions of a file", conditions_of_a_file},
    {NULL, NULL},
};
