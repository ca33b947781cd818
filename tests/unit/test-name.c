#include "config.h"

#include <string.h>

#include "hivecore/base/name.h"
#include "tests/unit/cu.h"

/* @utf8 as a name in @arena. */
static HcName
name_of(HcArena *arena, const char *utf8)
{
    return hc_name_from_utf8(arena, utf8, strlen(utf8));
}

/* @name in UTF-16LE and at an odd address, as a damaged hive may have it. */
static HcName
wide(HcArena *arena, HcName name)
{
    uint8_t *bytes = hc_arena_alloc(arena, 2 * (gsize) name.n_units + 1);
    for (uint32_t i = 0; i < name.n_units; i++) {
        bytes[1 + 2 * i] = (uint8_t) hc_name_unit(name, i);
        bytes[2 + 2 * i] = (uint8_t) (hc_name_unit(name, i) >> 8);
    }
    return (HcName){bytes + 1, name.n_units, FALSE};
}

static HcName
units_of(HcArena *arena, const uint16_t *units, uint32_t n_units)
{
    uint8_t *bytes = hc_arena_alloc(arena, 2 * (gsize) n_units);
    for (uint32_t i = 0; i < n_units; i++) {
        bytes[2 * i] = (uint8_t) units[i];
        bytes[2 * i + 1] = (uint8_t) (units[i] >> 8);
    }
    return (HcName){bytes, n_units, FALSE};
}

static int
sign(int value)
{
    return (value > 0) - (value < 0);
}

/* Checks all four encodings of the pair, both ways. */
static void
check_order(const char *a_utf8, const char *b_utf8, int expected)
{
    g_autoptr(HcArena) arena = hc_arena_new();
    HcName a = name_of(arena, a_utf8);
    HcName b = name_of(arena, b_utf8);
    const HcName as[] = {a, wide(arena, a)};
    const HcName bs[] = {b, wide(arena, b)};
    for (gsize i = 0; i < 2; i++) {
        for (gsize k = 0; k < 2; k++) {
            CHECK_NUMBER(sign(hc_name_compare(as[i], bs[k])), expected);
            CHECK_NUMBER(sign(hc_name_compare(bs[k], as[i])), -expected);
            CHECK_NUMBER(hc_name_equal(as[i], bs[k]), expected == 0);
            CHECK_NUMBER(hc_name_equal_pointers(&as[i], &bs[k]), expected == 0);
            if (expected == 0)
                CHECK_NUMBER(hc_name_hash_folded(&as[i]), hc_name_hash_folded(&bs[k]));
        }
    }
}

static void
order_ignores_case(void)
{
    check_order("", "", 0);
    check_order("Software", "SOFTWARE", 0);
    check_order("\xc3\x89"
                "clair",
                "\xc3\xa9"
                "CLAIR",
                0); /* E acute */
    check_order("\xd0\x9a\xd0\xbb\xd1\x8e\xd1\x87", "\xd0\x9a\xd0\x9b\xd0\xae\xd0\xa7", 0);
    check_order("\xc3\xbf", "\xc5\xb8", 0);  /* U+00FF, U+0178 */
    check_order("\xc2\xb5", "\xce\x9c", -1); /* micro is not Greek Mu */
}

static void
shorter_comes_first(void)
{
    check_order("", "a", -1);
    check_order("Run", "RunOnce", -1);
    check_order("runonce", "RUN", 1);
}

/* Upper-casing, not lower-casing, decides about what lies between Z and a. */
static void
punctuation_comes_after_letters(void)
{
    check_order("az", "a_", -1);
    check_order("az", "a[", -1);
    check_order("a1", "aB", -1);
}

/* The order of the lists in hives that Windows wrote: yarp's UpcaseHive and CompHive. */
static void
order_of_windows(void)
{
    check_order("ss1", "SS3", -1);
    check_order("SS3",
                "\xc3\x9f"
                "2",
                -1); /* sharp s stays one letter */
    check_order("\xc2\x9f", "\xc5\xb8", -1);
}

static void
spelling(void)
{
    g_autoptr(HcArena) arena = hc_arena_new();
    HcName a = name_of(arena, "Name");
    CU_ASSERT_TRUE(hc_name_same_spelling(a, name_of(arena, "Name")));
    CU_ASSERT_TRUE(hc_name_same_spelling(a, wide(arena, a)));
    CU_ASSERT_TRUE(hc_name_same_spelling(wide(arena, a), wide(arena, a)));
    CU_ASSERT_FALSE(hc_name_same_spelling(a, name_of(arena, "NAME")));
    CU_ASSERT_FALSE(hc_name_same_spelling(a, name_of(arena, "Names")));
    CU_ASSERT_FALSE(hc_name_same_spelling(a, wide(arena, name_of(arena, "NAME"))));
    CU_ASSERT_TRUE(hc_name_same_spelling(HC_NAME_EMPTY, wide(arena, HC_NAME_EMPTY)));
    CU_ASSERT_TRUE(hc_name_same_spelling((HcName){NULL, 0, TRUE}, HC_NAME_EMPTY));
}

static void
check_hash(const char *utf8, uint32_t expected)
{
    g_autoptr(HcArena) arena = hc_arena_new();
    HcName name = name_of(arena, utf8);
    CHECK_NUMBER(hc_name_hash(name), expected);
    CHECK_NUMBER(hc_name_hash(wide(arena, name)), expected);
}

/* The last four are in lh lists that Windows wrote. */
static void
hashes(void)
{
    check_hash("", 0);
    check_hash("A", 0x41);
    check_hash("ab", 0x41 * 37 + 0x42);
    check_hash("\xc3\xbf", 0x178);
    check_hash("\xc3\x89"
               "clair",
               0x467f3c64);
    check_hash("\xc3\xa9"
               "CLAIR",
               0x467f3c64);
    check_hash("ControlSet001", 0x8f3ba9a2);
    check_hash("Fs_Rec", 0x2ae41a22);
    check_hash("clr_optimization_v4.0.30319_32", 0x3cfcd634);
    check_hash("\xf0\x9f\x8c\x8e\xf0\x9f\x8c\x8f\xf0\x9f\x8c\x8d", 0x55561cd6);
}

static void
properties(void)
{
    g_autoptr(HcArena) arena = hc_arena_new();
    HcName latin1 = name_of(arena, "caf\xc3\xa9");
    CU_ASSERT_TRUE(latin1.is_latin1);
    CU_ASSERT_TRUE(hc_name_fits_latin1(latin1));
    CU_ASSERT_TRUE(hc_name_fits_latin1(wide(arena, latin1)));
    CU_ASSERT_FALSE(hc_name_fits_latin1(name_of(arena, "\xc4\x80")));
    CU_ASSERT_FALSE(hc_name_is_ascii(latin1));
    CU_ASSERT_FALSE(hc_name_is_ascii(name_of(arena, "\xc2\x80")));
    CU_ASSERT_TRUE(hc_name_is_ascii(wide(arena, HC_NAME_ASCII("\x7f\x01"))));
    CU_ASSERT_TRUE(hc_name_has_unit(latin1, 0xe9));
    CU_ASSERT_FALSE(hc_name_has_unit(latin1, 0xc9));
    CU_ASSERT_TRUE(hc_name_has_unit(wide(arena, latin1), 'f'));
    CU_ASSERT_FALSE(hc_name_has_unit(HC_NAME_EMPTY, 0));
    HcName copy = hc_name_dup(arena, wide(arena, latin1));
    CU_ASSERT_FALSE(copy.is_latin1);
    CU_ASSERT_TRUE(hc_name_same_spelling(copy, latin1));
}

static void
check_round_trip(const char *utf8, gsize n_bytes, uint32_t n_units, gboolean is_latin1)
{
    g_autoptr(HcArena) arena = hc_arena_new();
    HcName name = hc_name_from_utf8(arena, utf8, n_bytes);
    CHECK_NUMBER(name.n_units, n_units);
    CHECK_NUMBER(name.is_latin1, is_latin1);
    CU_ASSERT_TRUE(hc_name_is_wellformed(name));
    g_autoptr(GString) out = g_string_new("");
    hc_name_append_utf8(out, name);
    CHECK_BYTES(out->str, out->len, utf8, n_bytes);
}

static void
utf8_round_trips(void)
{
    check_round_trip("", 0, 0, TRUE);
    check_round_trip("text", 4, 4, TRUE);
    check_round_trip("a\0b", 3, 3, TRUE);
    check_round_trip("\xc3\xbf", 2, 1, TRUE);
    check_round_trip("\xc4\x80", 2, 1, FALSE);
    check_round_trip("\xef\xbf\xbf", 3, 1, FALSE);
    check_round_trip("\xf0\x90\x80\x80", 4, 2, FALSE);
    check_round_trip("a\xf4\x8f\xbf\xbf"
                     "b",
                     6, 4, FALSE);
}

static void
surrogate_pair_units(void)
{
    g_autoptr(HcArena) arena = hc_arena_new();
    HcName name = name_of(arena, "\xf0\x9f\x8c\x8d"); /* U+1F30D */
    CHECK_NUMBER(hc_name_unit(name, 0), 0xd83c);
    CHECK_NUMBER(hc_name_unit(name, 1), 0xdf0d);
}

/* WTF-8: https://simonsapin.github.io/wtf-8/ */
static void
unpaired_surrogates(void)
{
    static const uint16_t units[] = {0xdc00, 'a', 0xd800, 0xd83c, 0xdf0d, 0xdbff};
    static const char wtf8[] = "\xed\xb0\x80"
                               "a"
                               "\xed\xa0\x80"
                               "\xf0\x9f\x8c\x8d"
                               "\xed\xaf\xbf";
    g_autoptr(HcArena) arena = hc_arena_new();
    HcName name = units_of(arena, units, G_N_ELEMENTS(units));
    CU_ASSERT_FALSE(hc_name_is_wellformed(name));
    CU_ASSERT_TRUE(hc_name_is_wellformed(units_of(arena, units + 3, 2)));
    CU_ASSERT_FALSE(hc_name_is_wellformed(units_of(arena, units + 2, 1)));
    CU_ASSERT_FALSE(hc_name_is_wellformed(units_of(arena, units, 1)));
    g_autoptr(GString) out = g_string_new("");
    hc_name_append_utf8(out, name);
    CHECK_BYTES(out->str, out->len, wtf8, sizeof(wtf8) - 1);
    g_autofree char *shown = hc_name_display(name);
    CHECK_STRING(shown, "\\u{dc00}a\\u{d800}\xf0\x9f\x8c\x8d\\u{dbff}");
}

static void
check_display(const char *utf8, gsize n_bytes, const char *expected)
{
    g_autoptr(HcArena) arena = hc_arena_new();
    HcName name = hc_name_from_utf8(arena, utf8, n_bytes);
    g_autofree char *shown = hc_name_display(name);
    CHECK_STRING(shown, expected);
    g_autofree char *shown_wide = hc_name_display(wide(arena, name));
    CHECK_STRING(shown_wide, expected);
}

#define CHECK_DISPLAY(literal, expected) check_display((literal), sizeof(literal) - 1, (expected))

static void
display_escapes(void)
{
    /* What is not Unicode's form C looks like another text; expected: Python's
     * unicodedata.normalize("NFC"). */
    CHECK_DISPLAY("caf\u00e9", "caf\u00e9");
    CHECK_DISPLAY("cafe\u0301", "cafe\\u{301}");
    CHECK_DISPLAY("\u212b\u2126\uf900", "\\u{212b}\\u{2126}\\u{f900}");
    CHECK_DISPLAY("\u1ea1\u0307", "\u1ea1\u0307");
    CHECK_DISPLAY("a\u0307\u0323", "a\\u{307}\\u{323}");
    CHECK_DISPLAY("q\u0307\u0323", "q\u0307\\u{323}");
    CHECK_DISPLAY("\ud55c\u1112\u1161", "\ud55c\u1112\\u{1161}");
    CHECK_DISPLAY("\u0915\u093c\u0958", "\u0915\u093c\\u{958}");
    CHECK_DISPLAY("\u0e01\u0e38\u0e48", "\u0e01\u0e38\u0e48");
    CHECK_DISPLAY("\u0301x", "\\u{301}x");
    CHECK_DISPLAY("\u200b\u0301", "\\u{200b}\\u{301}");
    CHECK_DISPLAY("", "");
    CHECK_DISPLAY("plain ~ \\text\\ \"x\"", "plain ~ \\text\\ \"x\"");
    CHECK_DISPLAY("caf\xc3\xa9 \xd0\x9a \xe6\xbc\xa2", "caf\xc3\xa9 \xd0\x9a \xe6\xbc\xa2");
    CHECK_DISPLAY("a\0b\r\n\t", "a\\u{0}b\\u{d}\\u{a}\\u{9}");
    CHECK_DISPLAY("\x1b[31m\x7f", "\\u{1b}[31m\\u{7f}");
    CHECK_DISPLAY("\xc2\x9b"
                  "1m",
                  "\\u{9b}1m"); /* C1: CSI */
    CHECK_DISPLAY("\xe2\x80\xae"
                  "txt.exe",
                  "\\u{202e}txt.exe"); /* right-to-left override */
    CHECK_DISPLAY("a\xe2\x80\x8b"
                  "b",
                  "a\\u{200b}b"); /* zero width space */
    CHECK_DISPLAY("a\xe2\x80\xa8"
                  "b",
                  "a\\u{2028}b"); /* line separator */
    CHECK_DISPLAY("a\xc2\xad"
                  "b",
                  "a\\u{ad}b"); /* soft hyphen */
    CHECK_DISPLAY("\xef\xbb\xbf"
                  "a",
                  "\\u{feff}a");                       /* byte order mark */
    CHECK_DISPLAY("a\xe3\x85\xa4", "a\\u{3164}");      /* Hangul filler */
    CHECK_DISPLAY("a\xf3\xa0\x81\xa1", "a\\u{e0061}"); /* tag letter */
    CHECK_DISPLAY("\xef\xbf\xbf", "\\u{ffff}");        /* noncharacter */
}

static void
check_from_display(const char *text, const uint16_t *units, uint32_t n_units)
{
    g_autoptr(HcArena) arena = hc_arena_new();
    const HcName name = hc_name_from_display(arena, text, strlen(text));
    CHECK_NUMBER(hc_name_same_spelling(name, units_of(arena, units, n_units)), TRUE);
}

#define CHECK_FROM_DISPLAY(text, ...)                                                              \
    check_from_display((text), (const uint16_t[]){__VA_ARGS__},                                    \
                       G_N_ELEMENTS(((const uint16_t[]){__VA_ARGS__})))

static void
from_display(void)
{
    CHECK_FROM_DISPLAY("a\\u{0}", 'a', 0);
    CHECK_FROM_DISPLAY("\\u{d800}\\u{1b}x", 0xd800, 0x1b, 'x');
    CHECK_FROM_DISPLAY("\\u{e0001}", 0xdb40, 0xdc01);
    CHECK_FROM_DISPLAY("\xf0\x9f\xaa\x9f\xc3\xa9", 0xd83e, 0xde9f, 0xe9);
    /* What is no escape stands for itself. */
    CHECK_FROM_DISPLAY("\\u{}", '\\', 'u', '{', '}');
    CHECK_FROM_DISPLAY("\\u{0", '\\', 'u', '{', '0');
    CHECK_FROM_DISPLAY("\\u{g}", '\\', 'u', '{', 'g', '}');
    CHECK_FROM_DISPLAY("\\u{110000}", '\\', 'u', '{', '1', '1', '0', '0', '0', '0', '}');
    CHECK_FROM_DISPLAY("\\u0041", '\\', 'u', '0', '0', '4', '1');
}

/* Each unit at each place of short and of long names: what is put ends there, and nothing behind
 * the slack is written to. */
static void
plain_is_put(void)
{
    enum {
        N_MOST = 19
    };
    static const uint16_t odd[] = {0,    0x1f,  '"',   '\\',   0x7f,   0x80,
                                   0xff, 0x122, 0x15c, 0x7f22, 0xd800, 0xff41};
    for (uint32_t n = 0; n <= N_MOST; n++) {
        for (uint32_t at = 0; at <= n; at++) {
            for (gsize k = 0; k < G_N_ELEMENTS(odd); k++) {
                uint8_t narrow[N_MOST];
                uint16_t units[N_MOST];
                for (uint32_t i = 0; i < n; i++) {
                    units[i] = i == at ? odd[k] : (uint16_t) (i % 3 == 0 ? ' ' : '~' - i);
                    narrow[i] = (uint8_t) units[i];
                }
                for (uint32_t from = 0; from <= at; from++) {
                    char to[N_MOST + HC_NAME_SLACK + 1] = {0};
                    const HcName name = {(const uint8_t *) units, n, FALSE};
                    CHECK_NUMBER(hc_name_put_plain(to, name, from), at - from);
                    CU_ASSERT_TRUE(memcmp(to, narrow + from, at - from) == 0);
                    CU_ASSERT_EQUAL(to[n - from + HC_NAME_SLACK], 0);
                    if (odd[k] > 0xff)
                        continue;
                    const HcName latin1 = {narrow, n, TRUE};
                    CHECK_NUMBER(hc_name_put_plain(to, latin1, from), at - from);
                    CU_ASSERT_TRUE(memcmp(to, narrow + from, at - from) == 0);
                }
            }
        }
    }
}

static void
escaped(void)
{
    g_autoptr(GString) text = g_string_new("x ");
    hc_name_append_escaped(text, HC_NAME_ASCII("\"C:\\a b\\\" and\n\\"));
    CHECK_STRING(text->str, "x \\\"C:\\\\a b\\\\\\\" and\\u{a}\\\\");
}

const char cu_suite[] = "name";
const CuCase cu_cases[] = {
    {"order ignores case", order_ignores_case},
    {"the shorter comes first", shorter_comes_first},
    {"punctuation comes after letters", punctuation_comes_after_letters},
    {"the order of Windows", order_of_windows},
    {"spelling", spelling},
    {"hashes", hashes},
    {"properties", properties},
    {"UTF-8 round trips", utf8_round_trips},
    {"units of a surrogate pair", surrogate_pair_units},
    {"unpaired surrogates", unpaired_surrogates},
    {"display escapes", display_escapes},
    {"what is displayed is read back", from_display},
    {"what is plain is put", plain_is_put},
    {"quotes and backslashes are escaped", escaped},
    {NULL, NULL},
};
