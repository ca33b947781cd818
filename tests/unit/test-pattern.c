#include "config.h"

#include <string.h>

#include "hivecore/regf/types.h"
#include "hivecore/search/search.h"
#include "tests/unit/cu.h"

const char cu_suite[] = "pattern";

/* A fresh pattern each time, so that nothing is left of the one before. */
static gboolean
finds_datum(const char *text, HcPatternKind kind, gboolean ignores_case, const HcDatum *datum,
            GString *held)
{
    GError *error = NULL;
    g_autoptr(HcPattern) pattern = hc_pattern_new(text, kind, ignores_case, &error);
    CHECK_NO_ERROR(error);
    hc_pattern_offer_data(pattern, datum);
    const gboolean may_match = hc_pattern_may_match(pattern);
    const gboolean is_found = hc_pattern_matches_data(pattern, datum, held);
    /* What is gathered may say yes where the other says no, never the other way round. */
    CU_ASSERT_TRUE(may_match || !is_found);
    CU_ASSERT_TRUE(hc_pattern_check(pattern, &error));
    return is_found;
}

/* @utf8 as UTF-16 data of @type; "|" stands for a NUL. */
static gboolean
finds_in_text(const char *text, HcPatternKind kind, gboolean ignores_case, uint32_t type,
              const char *utf8)
{
    glong n_units;
    g_autofree gunichar2 *units = g_utf8_to_utf16(utf8, -1, NULL, &n_units, NULL);
    for (glong i = 0; i < n_units; i++)
        units[i] = units[i] == '|' ? 0 : units[i];
    const HcDatum datum = {TRUE, type, {(const uint8_t *) units, (uint32_t) (2 * n_units)}};
    return finds_datum(text, kind, ignores_case, &datum, NULL);
}

static void
texts(void)
{
    const HcPatternKind text = HC_PATTERN_TEXT;
    CU_ASSERT_TRUE(finds_in_text("system32", text, FALSE, HC_REG_EXPAND_SZ, "%x%\\system32\\a|"));
    CU_ASSERT_FALSE(finds_in_text("System32", text, FALSE, HC_REG_SZ, "%x%\\system32\\a|"));
    CU_ASSERT_TRUE(finds_in_text("SYSTEM32", text, TRUE, HC_REG_SZ, "%x%\\system32\\a|"));
    CU_ASSERT_TRUE(finds_in_text("\xc3\x84hre", text, TRUE, HC_REG_SZ, "die \xc3\xa4hre|"));
    CU_ASSERT_FALSE(finds_in_text("\xc3\x84hre", text, FALSE, HC_REG_SZ, "die \xc3\xa4hre|"));
    CU_ASSERT_TRUE(finds_in_text("\xf0\x9f\x98\x80", text, FALSE, HC_REG_SZ, "a\xf0\x9f\x98\x80|"));
    /* A list, what is behind a NUL, and where bytes of two units look like one. */
    CU_ASSERT_TRUE(finds_in_text("rpcss", text, FALSE, HC_REG_MULTI_SZ, "tcpip|rpcss||"));
    CU_ASSERT_TRUE(finds_in_text("behind", text, FALSE, HC_REG_SZ, "before|behind"));
    CU_ASSERT_FALSE(finds_in_text("ab", text, FALSE, HC_REG_SZ, "\xe6\x84\x80\xe6\x88\x80|"));
    CU_ASSERT_FALSE(finds_in_text("longer than it", text, TRUE, HC_REG_SZ, "longer|"));
}

static void
regular_expressions(void)
{
    const HcPatternKind regex = HC_PATTERN_REGEX;
    CU_ASSERT_TRUE(finds_in_text("^a.c$", regex, FALSE, HC_REG_SZ, "abc|"));
    CU_ASSERT_FALSE(finds_in_text("^b", regex, FALSE, HC_REG_SZ, "abc|"));
    CU_ASSERT_TRUE(finds_in_text("A(b+)C", regex, TRUE, HC_REG_SZ, "xabbbcx|"));
    /* Each item of a list for itself, and none across two. */
    CU_ASSERT_TRUE(finds_in_text("^two$", regex, FALSE, HC_REG_MULTI_SZ, "one|two|three||"));
    CU_ASSERT_FALSE(finds_in_text("one.*two", regex, FALSE, HC_REG_MULTI_SZ, "one|two||"));
    CU_ASSERT_FALSE(finds_in_text("one\\stwo", regex, FALSE, HC_REG_MULTI_SZ, "one|two||"));
    CU_ASSERT_FALSE(finds_in_text("one[^x]two", regex, FALSE, HC_REG_MULTI_SZ, "one|two||"));
    /* The end of a text is none more. */
    CU_ASSERT_FALSE(finds_in_text("^$", regex, FALSE, HC_REG_SZ, "abc|"));
    CU_ASSERT_FALSE(finds_in_text("^$", regex, FALSE, HC_REG_MULTI_SZ, "abc|def||"));
    CU_ASSERT_TRUE(finds_in_text("^$", regex, FALSE, HC_REG_SZ, "|"));
    /* What looks around cannot be gathered. */
    CU_ASSERT_TRUE(finds_in_text("two(?!\\s)", regex, FALSE, HC_REG_MULTI_SZ, "one|two|three||"));
    CU_ASSERT_TRUE(finds_in_text("\\Atwo\\z", regex, FALSE, HC_REG_MULTI_SZ, "one|two|three||"));
    CU_ASSERT_TRUE(finds_in_text("o[^q]*+$", regex, FALSE, HC_REG_MULTI_SZ, "two|q||"));
    /* A line feed is part of its text. */
    CU_ASSERT_TRUE(finds_in_text("one\\ntwo", regex, FALSE, HC_REG_SZ, "one\ntwo|"));
    CU_ASSERT_FALSE(finds_in_text("^two", regex, FALSE, HC_REG_SZ, "one\ntwo|"));
}

static void
globs(void)
{
    const HcPatternKind glob = HC_PATTERN_GLOB;
    CU_ASSERT_TRUE(finds_in_text("C:\\*.dll", glob, FALSE, HC_REG_SZ, "C:\\Windows\\a.dll|"));
    CU_ASSERT_FALSE(finds_in_text("*.dll", glob, FALSE, HC_REG_SZ, "C:\\a.dll x|"));
    CU_ASSERT_TRUE(finds_in_text("?at", glob, TRUE, HC_REG_SZ, "CAT|"));
    CU_ASSERT_FALSE(finds_in_text("?at", glob, FALSE, HC_REG_SZ, "that|"));
    CU_ASSERT_TRUE(finds_in_text("[a-c]x", glob, FALSE, HC_REG_SZ, "bx|"));
    CU_ASSERT_FALSE(finds_in_text("[!a-c]x", glob, FALSE, HC_REG_SZ, "bx|"));
    CU_ASSERT_TRUE(finds_in_text("[!a-c]x", glob, FALSE, HC_REG_SZ, "dx|"));
    CU_ASSERT_TRUE(finds_in_text("a[b", glob, FALSE, HC_REG_SZ, "a[b|"));
    /* Behind a class that nothing ends there is nothing to be read. */
    CU_ASSERT_TRUE(finds_in_text("a[!", glob, FALSE, HC_REG_SZ, "a[!|"));
    CU_ASSERT_TRUE(finds_in_text("a[", glob, FALSE, HC_REG_SZ, "a[|"));
    CU_ASSERT_TRUE(finds_in_text("[!]]x", glob, FALSE, HC_REG_SZ, "bx|"));
    CU_ASSERT_TRUE(finds_in_text("(a.b)+$", glob, FALSE, HC_REG_SZ, "(a.b)+$|"));
    CU_ASSERT_TRUE(finds_in_text("a*b", glob, FALSE, HC_REG_SZ, "a\nb|"));
    CU_ASSERT_TRUE(finds_in_text("two", glob, FALSE, HC_REG_MULTI_SZ, "one|two||"));
}

static void
numbers(void)
{
    static const uint8_t bytes[] = {0xbb, 1, 0, 0, 0, 0, 0, 0};
    const HcDatum dword = {TRUE, HC_REG_DWORD, {bytes, 4}};
    const HcDatum big_endian = {TRUE, HC_REG_DWORD_BE, {bytes, 4}};
    const HcDatum qword = {TRUE, HC_REG_QWORD, {bytes, 8}};
    CU_ASSERT_TRUE(finds_datum("443", HC_PATTERN_TEXT, FALSE, &dword, NULL));
    CU_ASSERT_TRUE(finds_datum("0x1BB", HC_PATTERN_TEXT, FALSE, &dword, NULL));
    CU_ASSERT_TRUE(finds_datum("0x000001bb", HC_PATTERN_TEXT, FALSE, &qword, NULL));
    CU_ASSERT_FALSE(finds_datum("44", HC_PATTERN_TEXT, FALSE, &dword, NULL));
    CU_ASSERT_FALSE(finds_datum("443", HC_PATTERN_TEXT, FALSE, &big_endian, NULL));
    CU_ASSERT_TRUE(finds_datum("0xbb010000", HC_PATTERN_TEXT, FALSE, &big_endian, NULL));
    CU_ASSERT_TRUE(finds_datum("^44\\d$", HC_PATTERN_REGEX, FALSE, &qword, NULL));
    CU_ASSERT_TRUE(finds_datum("0x*1bb", HC_PATTERN_GLOB, FALSE, &dword, NULL));
}

/* In ASCII, and in UTF-16 at even and at odd places. */
static void
strings_in_bytes(void)
{
    static const char raw[] = "\x01\x02"
                              "cmd.exe\0\xff"
                              "abc\0\xff"
                              "N\0o\0t\0e\0p\0a\0d\0\xff";
    const HcDatum datum = {TRUE, HC_REG_BINARY, {(const uint8_t *) raw, sizeof(raw) - 1}};
    g_autoptr(GString) held = g_string_new(NULL);
    CU_ASSERT_TRUE(finds_datum("md.e", HC_PATTERN_TEXT, FALSE, &datum, held));
    CHECK_STRING(held->str, "cmd.exe");
    g_string_truncate(held, 0);
    CU_ASSERT_TRUE(finds_datum("NOTE", HC_PATTERN_TEXT, TRUE, &datum, held));
    CHECK_STRING(held->str, "Notepad");
    g_string_truncate(held, 0);
    CU_ASSERT_TRUE(finds_datum("^N.*d$", HC_PATTERN_REGEX, FALSE, &datum, held));
    CHECK_STRING(held->str, "Notepad");
    CU_ASSERT_TRUE(finds_datum("cmd.*", HC_PATTERN_GLOB, FALSE, &datum, NULL));
    /* Three characters are no string. */
    CU_ASSERT_FALSE(finds_datum("abc", HC_PATTERN_TEXT, FALSE, &datum, NULL));
    CU_ASSERT_FALSE(finds_datum("abc", HC_PATTERN_REGEX, FALSE, &datum, NULL));
    /* Nor is data of another type's length its text. */
    const HcDatum odd = {TRUE, HC_REG_SZ, {(const uint8_t *) raw, 9}};
    CU_ASSERT_TRUE(finds_datum("cmd.", HC_PATTERN_TEXT, FALSE, &odd, NULL));
}

static void
names(void)
{
    GError *error = NULL;
    static const uint8_t wide[] = {'A', 0, 0x3b, 0x04};
    g_autoptr(HcPattern) pattern = hc_pattern_new("\xd0\x9b", HC_PATTERN_TEXT, TRUE, &error);
    CU_ASSERT_TRUE(hc_pattern_matches_name(pattern, (HcName){wide, 2, FALSE}));
    CU_ASSERT_FALSE(hc_pattern_matches_name(pattern, HC_NAME_ASCII("plain")));
    g_autoptr(HcPattern) regex = hc_pattern_new("^ab?$", HC_PATTERN_REGEX, FALSE, &error);
    hc_pattern_offer_name(regex, HC_NAME_ASCII("xab"));
    hc_pattern_offer_name(regex, HC_NAME_ASCII("abx"));
    CU_ASSERT_FALSE(hc_pattern_may_match(regex));
    hc_pattern_offer_name(regex, HC_NAME_ASCII("a"));
    CU_ASSERT_TRUE(hc_pattern_may_match(regex));
    CU_ASSERT_FALSE(hc_pattern_may_match(regex)); /* those are gone */
    CHECK_NO_ERROR(error);
}

static void
what_is_no_pattern(void)
{
    GError *error = NULL;
    CU_ASSERT_PTR_NULL(hc_pattern_new("", HC_PATTERN_TEXT, FALSE, &error));
    CHECK_ERROR(error, HC_ERROR_USAGE, "PATTERN is empty");
    CU_ASSERT_PTR_NULL(hc_pattern_new("\xff", HC_PATTERN_TEXT, FALSE, &error));
    CHECK_ERROR(error, HC_ERROR_USAGE, "\xff: is not UTF-8");
    CU_ASSERT_PTR_NULL(hc_pattern_new("a(b", HC_PATTERN_REGEX, FALSE, &error));
    CU_ASSERT_TRUE(g_error_matches(error, HC_ERROR, HC_ERROR_USAGE));
    CU_ASSERT_TRUE(
        g_str_has_prefix(error->message, "'a(b' is no regular expression: character 3: "));
    g_clear_error(&error);
}

const CuCase cu_cases[] = {
    {"texts", texts},
    {"regular expressions", regular_expressions},
    {"globs", globs},
    {"numbers", numbers},
    {"strings in bytes", strings_in_bytes},
    {"names", names},
    {"what is no pattern", what_is_no_pattern},
    {NULL, NULL},
};
