#include "config.h"

#include <string.h>

#include "hivecore/base/limits.h"
#include "hivecore/regf/layout.h"
#include "hivecore/regf/security.h"
#include "hivecore/report/edit-script.h"
#include "tests/unit/cu.h"
#include "tests/unit/random-tree.h"

/* ASCII as UTF-16LE; '|' is NUL. */
static GByteArray *
units(const char *ascii)
{
    GByteArray *bytes = g_byte_array_new();
    for (; *ascii != '\0'; ascii++) {
        const uint8_t unit[2] = {*ascii == '|' ? 0 : (uint8_t) *ascii, 0};
        g_byte_array_append(bytes, unit, 2);
    }
    return bytes;
}

static HcDatum
datum_of(uint32_t type, const GByteArray *bytes)
{
    return (HcDatum){
        TRUE, type, {bytes->data != NULL ? bytes->data : (const uint8_t *) "", bytes->len}};
}

static void
append_part(GString *out, const HcEditScript *script, const HcScriptSide *side, uint32_t at,
            uint32_t n)
{
    for (uint32_t i = 0; side->elements != NULL && i < n; i++) {
        const HcBlob element = hc_script_element(side, at + i);
        g_string_append_c(out, '<');
        hc_name_append_display(out, (HcName){element.bytes, element.n_bytes / 2, FALSE});
        g_string_append_c(out, '>');
    }
    if (script->kind == HC_SCRIPT_TEXT)
        hc_name_append_display(out, hc_script_words(side, at, n));
    else if (script->kind == HC_SCRIPT_BYTES)
        g_string_append_printf(out, "%u", n);
}

/* "=kept -removed +added >moved out to @n <moved in from @n", with places. */
static char *
describe(const HcEditScript *script)
{
    static const char signs[] = "=-+><";
    static const char *const kinds[] = {"none",  "list",   "pieces", "text",
                                        "bytes", "number", "aces"};
    GString *out = g_string_new(kinds[script->kind]);
    for (guint i = 0; i < script->edits->len; i++) {
        const HcEdit *edit = &g_array_index(script->edits, HcEdit, i);
        const gboolean is_old = edit->op != HC_EDIT_ADD && edit->op != HC_EDIT_MOVE_IN;
        g_string_append_printf(out, " %c%u,%u:", signs[edit->op], edit->old_at, edit->new_at);
        append_part(out, script, is_old ? &script->old_side : &script->new_side,
                    is_old ? edit->old_at : edit->new_at, edit->n);
    }
    return g_string_free(out, FALSE);
}

/* The script rebuilds the new data of the old. Returns: whether it does */
static gboolean
is_right(const HcDatum *before, const HcDatum *after)
{
    g_autoptr(HcEditScript) script = hc_edit_script_new(before, after);
    g_autoptr(GByteArray) made = hc_edit_script_apply(script);
    if (script->kind == HC_SCRIPT_NONE)
        return made == NULL;
    return hc_bytes_equal((HcBlob){made->data, made->len}, after->data);
}

static void
check_types(uint32_t old_type, const char *before, uint32_t new_type, const char *after,
            const char *expected)
{
    g_autoptr(GByteArray) old_bytes = units(before);
    g_autoptr(GByteArray) new_bytes = units(after);
    const HcDatum old_datum = datum_of(old_type, old_bytes);
    const HcDatum new_datum = datum_of(new_type, new_bytes);
    g_autoptr(HcEditScript) script = hc_edit_script_new(&old_datum, &new_datum);
    g_autofree char *said = describe(script);
    CHECK_STRING(said, expected);
    CU_ASSERT_TRUE(is_right(&old_datum, &new_datum));
}

static void
check(uint32_t type, const char *before, const char *after, const char *expected)
{
    check_types(type, before, type, after, expected);
}

static void
lists(void)
{
    check(HC_REG_MULTI_SZ, "a|b|c|d||", "b|x|c|a||",
          "list >0,3:<a> =1,0:<b> +2,1:<x> =2,2:<c> -3,3:<d> <0,3:<a>");
    check(HC_REG_MULTI_SZ, "a|b||", "a|new|b||", "list =0,0:<a> +1,1:<new> =1,2:<b>");
    check(HC_REG_MULTI_SZ, "a|b|c||", "a|c||", "list =0,0:<a> -1,1:<b> =2,1:<c>");
    check(HC_REG_MULTI_SZ, "a|b|c|a||", "a|a|b|c||", "list =0,0:<a> <3,1:<a> =1,2:<b><c> >3,1:<a>");
}

static void
lists_end_as_they_end(void)
{
    check(HC_REG_MULTI_SZ, "a||", "a|", "list =0,0:<a>");
    check(HC_REG_MULTI_SZ, "a||", "a", "list =0,0:<a>");
    check(HC_REG_MULTI_SZ, "|", "", "list");
    check(HC_REG_MULTI_SZ, "a||", "|", "list -0,0:<a>");
    check(HC_REG_MULTI_SZ, "a||b||", "a|b||", "list =0,0:<a> -1,1:<> =2,1:<b>");
    check(HC_REG_MULTI_SZ, "|a||", "||a||", "list =0,0:<> +1,1:<> =1,2:<a>");
}

static void
pieces(void)
{
    check(HC_REG_EXPAND_SZ, "C:\\a;C:\\b|", "C:\\a;C:\\new;C:\\b|",
          "pieces =0,0:<C:\\a> +1,1:<C:\\new> =1,2:<C:\\b>");
    check(HC_REG_SZ, "C:\\a|", "C:\\a;C:\\b|", "pieces =0,0:<C:\\a> +1,1:<C:\\b>");
    check(HC_REG_SZ, "a;b;c|", "b;c;a|", "pieces >0,2:<a> =1,0:<b><c> <0,2:<a>");
    check(HC_REG_SZ, "a;;b", "a;b|", "pieces =0,0:<a> -1,1:<> =2,1:<b>");
    check(HC_REG_SZ, "|", "a;b|", "pieces +0,0:<a><b>");
    /* Prose and SDDL are no lists. */
    check(HC_REG_SZ, "Stops; then starts|", "Stops; then waits|",
          "text =0,0:Stops; then  -12,12:starts +18,12:waits");
    check(HC_REG_SZ, "D:(A;;KA;;;SY)|", "D:(A;;KR;;;SY)|",
          "text =0,0:D:(A;; -6,6:KA +8,6:KR =8,8:;;;SY)");
}

static void
words(void)
{
    check(HC_REG_SZ, "C:\\Windows\\old.exe -k x|", "C:\\Windows\\new.exe -k x|",
          "text =0,0:C:\\Windows\\ -11,11:old +14,11:new =14,14:.exe -k x");
    check(HC_REG_SZ, "same|", "same|", "text =0,0:same");
    check(HC_REG_SZ, "same|", "same", "text =0,0:same");
    check(HC_REG_SZ, "|", "new|", "text +0,0:new");
    /* What is kept between two changes and says nothing goes with them. */
    check(HC_REG_SZ, "10.0.0.1|", "192.168.77.2|", "text -0,0:10.0.0.1 +8,0:192.168.77.2");
    /* A long word is not torn out whole. */
    check(HC_REG_SZ, "0123456789012345678901234567890123456789x|",
          "0123456789012345678901234567890123456789y|",
          "text =0,0:0123456789012345678901234567890123456789 -40,40:x +41,40:y");
    check_types(HC_REG_SZ, "%a%|", HC_REG_EXPAND_SZ, "%a%|", "text =0,0:%a%");
    check_types(HC_REG_SZ, "a|", HC_REG_MULTI_SZ, "a||", "none");
    check_types(HC_REG_SZ, "ab", HC_REG_DWORD, "cd", "none");
}

static void
check_bytes(const char *before, const char *after, const char *expected)
{
    const HcDatum old_datum = {
        TRUE, HC_REG_BINARY, {(const uint8_t *) before, (uint32_t) strlen(before)}};
    const HcDatum new_datum = {
        TRUE, HC_REG_BINARY, {(const uint8_t *) after, (uint32_t) strlen(after)}};
    g_autoptr(HcEditScript) script = hc_edit_script_new(&old_datum, &new_datum);
    g_autofree char *said = describe(script);
    CHECK_STRING(said, expected);
    CU_ASSERT_TRUE(is_right(&old_datum, &new_datum));
}

static void
bytes(void)
{
    check_bytes("0123456789abcdef", "01234X6789abcdef", "bytes =0,0:5 -5,5:1 +6,5:1 =6,6:10");
    check_bytes("0123456789abcdef", "012345NEW6789abcdef", "bytes =0,0:6 +6,6:3 =6,9:10");
    check_bytes("0123456789abcdef", "0123456cdef", "bytes =0,0:7 -7,7:5 =12,7:4");
    /* As long, but all of it shifted. */
    check_bytes("0123456789abcdef", "NEW0123456789abc", "bytes +0,0:3 =0,3:13 -13,16:3");
    check_bytes("", "ab", "bytes +0,0:2");
}

static void
numbers(void)
{
    static const uint8_t four[4] = {4, 0, 0, 0};
    static const uint8_t big[4] = {0, 0, 1, 2};
    static const uint8_t eight[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    const HcDatum dword = {TRUE, HC_REG_DWORD, {four, 4}};
    const HcDatum big_endian = {TRUE, HC_REG_DWORD_BE, {big, 4}};
    const HcDatum qword = {TRUE, HC_REG_QWORD, {eight, 8}};
    const HcDatum cut = {TRUE, HC_REG_QWORD, {eight, 7}};
    const HcDatum none = {FALSE, 0, {NULL, 0}};
    const HcDatum *all[] = {&dword, &big_endian, &qword, &cut, &none};
    for (gsize i = 0; i < G_N_ELEMENTS(all); i++)
        for (gsize j = 0; j < G_N_ELEMENTS(all); j++)
            CU_ASSERT_TRUE(is_right(all[i], all[j]));
    g_autoptr(HcEditScript) script = hc_edit_script_new(&dword, &big_endian);
    CHECK_NUMBER(script->kind, HC_SCRIPT_NUMBER);
    CHECK_NUMBER(script->old_number, 4);
    CHECK_NUMBER(script->new_number, 0x102);
    g_autoptr(HcEditScript) cut_script = hc_edit_script_new(&qword, &cut);
    CHECK_NUMBER(cut_script->kind, HC_SCRIPT_BYTES);
}

static HcSecurity
parse_sddl(const char *text, GBytes **bytes)
{
    HcSecurity security;
    *bytes = hc_sddl_parse(text, NULL);
    gsize n_bytes;
    const uint8_t *data = g_bytes_get_data(*bytes, &n_bytes);
    CU_ASSERT_PTR_NULL(hc_security_parse((HcBlob){data, (uint32_t) n_bytes}, &security));
    return security;
}

static void
aces(void)
{
    g_autoptr(GBytes) old_bytes = NULL;
    g_autoptr(GBytes) new_bytes = NULL;
    const HcSecurity before = parse_sddl(
        "O:BAG:SYD:(A;CI;KA;;;SY)(A;CI;KA;;;BA)(A;CI;KA;;;WD)(A;CI;KR;;;BU)", &old_bytes);
    const HcSecurity after = parse_sddl(
        "O:BAG:SYD:(A;CI;KA;;;BA)(A;CI;KA;;;WD)(A;CI;KA;;;BU)(A;CI;KA;;;SY)", &new_bytes);
    g_autoptr(HcEditScript) script = hc_edit_script_new_aces(before.dacl, after.dacl);
    static const HcEdit expected[] = {{HC_EDIT_MOVE_OUT, 0, 3, 1},
                                      {HC_EDIT_KEEP, 1, 0, 2},
                                      {HC_EDIT_REMOVE, 3, 2, 1},
                                      {HC_EDIT_ADD, 4, 2, 1},
                                      {HC_EDIT_MOVE_IN, 0, 3, 1}};
    CHECK_BYTES(script->edits->data, script->edits->len * sizeof(HcEdit), expected,
                sizeof(expected));
    g_autoptr(GByteArray) made = hc_edit_script_apply(script);
    /* MS-DTYP 2.4.5: entries begin behind the 8 bytes of the ACL's header. */
    CHECK_BYTES(made->data, made->len, after.dacl.bytes + 8, after.dacl.n_bytes - 8);
    g_autoptr(HcEditScript) none = hc_edit_script_new_aces((HcBlob){NULL, 0}, after.dacl);
    CHECK_NUMBER(none->new_side.n, 4);
}

/* --- properties --- */

static GByteArray *
random_data(Random *random, uint32_t type, uint32_t n_letters)
{
    static const char text[] = "ab ;;\\.|";
    GByteArray *data = g_byte_array_new();
    const uint32_t n = random_below(random, 60);
    const gboolean is_text = type == HC_REG_SZ || type == HC_REG_EXPAND_SZ || type == HC_REG_LINK ||
                             type == HC_REG_MULTI_SZ;
    for (uint32_t i = 0; i < n; i++) {
        uint8_t unit[2] = {(uint8_t) random_below(random, n_letters), 0};
        if (is_text && random_chance(random, 95))
            unit[0] = (uint8_t) text[random_below(random, sizeof(text) - 1)];
        if (is_text && random_chance(random, 3))
            unit[1] = (uint8_t) (0xd8 + random_below(random, 8)); /* half of a pair */
        unit[0] = unit[0] == '|' ? 0 : unit[0];
        g_byte_array_append(data, unit, is_text ? 2 : 1);
    }
    if (is_text && random_chance(random, 80))
        g_byte_array_append(data, (const uint8_t *) "\0\0\0\0", type == HC_REG_MULTI_SZ ? 4 : 2);
    if (random_chance(random, 10) && data->len > 0)
        g_byte_array_set_size(data, data->len - 1);
    return data;
}

/* @old_data with some spans taken out, put in, and carried elsewhere. */
static GByteArray *
random_change(Random *random, const GByteArray *old_data)
{
    GByteArray *data = g_byte_array_new();
    for (guint at = 0; at < old_data->len;) {
        const guint wanted = 2 * (1 + random_below(random, 8));
        const guint n = MIN(wanted, old_data->len - at);
        if (!random_chance(random, 15))
            g_byte_array_append(data, old_data->data + at, n);
        if (random_chance(random, 15))
            g_byte_array_append(data, old_data->data + random_below(random, at + n), 1);
        at += n;
    }
    return data;
}

static void
rebuilt(void)
{
    Random random = random_start(16);
    for (guint i = 0; i < 40000; i++) {
        const uint32_t type = random_below(&random, 13);
        const uint32_t other = random_chance(&random, 90) ? type : random_below(&random, 13);
        const uint32_t n_letters = 1 + random_below(&random, 255);
        g_autoptr(GByteArray) before = random_data(&random, type, n_letters);
        g_autoptr(GByteArray) after = random_chance(&random, 50)
                                          ? random_change(&random, before)
                                          : random_data(&random, other, n_letters);
        const HcDatum old_datum = datum_of(type, before);
        const HcDatum new_datum = datum_of(other, after);
        if (!is_right(&old_datum, &new_datum) || !is_right(&new_datum, &old_datum)) {
            CU_FAIL("a script does not rebuild the new data");
            return;
        }
    }
}

/* The length of the longest common subsequence, by the table that everybody knows. */
static guint
longest_common(const uint32_t *a, guint n_a, const uint32_t *b, guint n_b)
{
    guint table[33][33] = {{0}};
    for (guint i = 1; i <= n_a; i++)
        for (guint j = 1; j <= n_b; j++)
            table[i][j] = a[i - 1] == b[j - 1] ? table[i - 1][j - 1] + 1
                                               : MAX(table[i - 1][j], table[i][j - 1]);
    return table[n_a][n_b];
}

static void
shortest(void)
{
    Random random = random_start(1986);
    for (guint i = 0; i < 20000; i++) {
        uint32_t a[32];
        uint32_t b[32];
        const guint n_a = random_below(&random, 33);
        const guint n_b = random_below(&random, 33);
        const uint32_t n_letters = 1 + random_below(&random, 8);
        for (guint j = 0; j < 32; j++) {
            a[j] = random_below(&random, n_letters);
            b[j] = random_below(&random, n_letters);
        }
        g_autoptr(GArray) edits = g_array_new(FALSE, FALSE, sizeof(HcEdit));
        hc_sequence_diff(a, n_a, b, n_b, edits);
        guint n_kept = 0;
        for (guint j = 0; j < edits->len; j++) {
            const HcEdit *edit = &g_array_index(edits, HcEdit, j);
            n_kept += edit->op == HC_EDIT_KEEP ? edit->n : 0;
        }
        if (n_kept != longest_common(a, n_a, b, n_b)) {
            CHECK_NUMBER(n_kept, longest_common(a, n_a, b, n_b));
            return;
        }
    }
}

/* Two megabytes that have nothing in common but all their letters: right, and soon. */
static void
hostile(void)
{
    static const uint32_t types[] = {HC_REG_SZ, HC_REG_MULTI_SZ, HC_REG_BINARY};
    static const char *const alphabets[] = {"a.b,", "ab|", "a;", "ab"};
    Random random = random_start(7);
    for (gsize i = 0; i < G_N_ELEMENTS(types) * G_N_ELEMENTS(alphabets); i++) {
        const char *letters = alphabets[i / G_N_ELEMENTS(types)];
        const uint32_t n = HC_MAX_DIFF_BYTES / 2 - 2 * (i % 2) + 4 * (i % 3);
        GByteArray *both[2] = {g_byte_array_new(), g_byte_array_new()};
        for (gsize side = 0; side < 2; side++) {
            for (uint32_t unit = 0; unit < n; unit++) {
                const char c = letters[random_below(&random, (uint32_t) strlen(letters))];
                const uint8_t bytes_of_unit[2] = {c == '|' ? 0 : (uint8_t) c, 0};
                g_byte_array_append(both[side], bytes_of_unit, 2);
            }
        }
        const HcDatum before = datum_of(types[i % G_N_ELEMENTS(types)], both[0]);
        const HcDatum after = datum_of(before.type, both[1]);
        const gint64 start = g_get_monotonic_time();
        CU_ASSERT_TRUE(is_right(&before, &after));
        if (g_getenv("TEST_WRAPPER") == NULL)
            CU_ASSERT_TRUE(g_get_monotonic_time() - start < 10 * G_USEC_PER_SEC);
        if (g_getenv("SHOW_TIMES") != NULL)
            g_print("%s %u: %d ms\n", letters, before.type,
                    (int) ((g_get_monotonic_time() - start) / 1000));
        g_byte_array_unref(both[0]);
        g_byte_array_unref(both[1]);
    }
}

/* A hive may hold thousands of values that have little in common: each is soon done with. */
static void
hostile_many(void)
{
    Random random = random_start(8);
    const gint64 start = g_get_monotonic_time();
    for (guint i = 0; i < 60; i++) {
        GByteArray *both[2] = {g_byte_array_new(), g_byte_array_new()};
        for (gsize side = 0; side < 2; side++) {
            for (uint32_t at = 0; at < 20000 + side; at++) {
                const uint8_t byte = (uint8_t) random_below(&random, 256);
                g_byte_array_append(both[side], &byte, 1);
            }
        }
        const HcDatum before = datum_of(HC_REG_BINARY, both[0]);
        const HcDatum after = datum_of(HC_REG_BINARY, both[1]);
        CU_ASSERT_TRUE(is_right(&before, &after));
        g_byte_array_unref(both[0]);
        g_byte_array_unref(both[1]);
    }
    if (g_getenv("TEST_WRAPPER") == NULL)
        CU_ASSERT_TRUE(g_get_monotonic_time() - start < 10 * G_USEC_PER_SEC);
}

const char cu_suite[] = "edit-script";
const CuCase cu_cases[] = {
    {"lists", lists},
    {"lists end as they end", lists_end_as_they_end},
    {"pieces", pieces},
    {"words", words},
    {"bytes", bytes},
    {"numbers", numbers},
    {"aces", aces},
    {"old and script give new", rebuilt},
    {"the way is the shortest", shortest},
    {"hostile", hostile},
    {"hostile, many", hostile_many},
    {NULL, NULL},
};
