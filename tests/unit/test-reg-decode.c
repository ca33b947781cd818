#include "config.h"

#include <string.h>

#include "hivecore/reg/parse-private.h"
#include "tests/unit/cu.h"
#include "tests/unit/reg-dump.h"

/* The bytes of .reg files. Expected units: Python's codecs of the same names. */

#define V5   "Windows Registry Editor Version 5.00\n"
#define KEY  "[HKLM\\k]\n"
#define TREE "+[HKEY_LOCAL_MACHINE]\n+[HKEY_LOCAL_MACHINE\\k]\n"

static void
check_bytes(const void *bytes, gsize n_bytes, guint codepage, const char *expected)
{
    const HcRegReadOptions options = {.ansi_codepage = codepage};
    g_autofree char *got = reg_read_bytes(bytes, n_bytes, &options, NULL);
    CHECK_STRING(got, expected);
}

static void
check(const char *text, guint codepage, const char *expected)
{
    check_bytes(text, strlen(text), codepage, expected);
}

/* @text, ASCII, as UTF-16LE behind @prefix. */
static GByteArray *
utf16(const char *prefix, const char *text)
{
    GByteArray *bytes = g_byte_array_new();
    g_byte_array_append(bytes, (const guint8 *) prefix, (guint) strlen(prefix));
    for (; *text; text++)
        g_byte_array_append(bytes, (const guint8[]){(guint8) *text, 0}, 2);
    return bytes;
}

static void
utf16_with_bom(void)
{
    g_autoptr(GByteArray) bytes = utf16("\xff\xfe", V5 KEY "\"a\"=\"");
    /* e acute, a pair of surrogates. */
    g_byte_array_append(bytes, (const guint8 *) "\xe9\x00\x3d\xd8\x00\xde", 6);
    g_byte_array_append(bytes, (const guint8 *) "\"\0\r\0\n\0", 6);
    check_bytes(bytes->data, bytes->len, 0, TREE "a=1:e9003dd800de0000\n");
    g_autoptr(GByteArray) version4 = utf16("\xff\xfe", "REGEDIT4\n" KEY "@=hex(1):e9");
    check_bytes(version4->data, version4->len, 0, TREE "=1:e900\n");
}

/* Half of a surrogate pair: regedit keeps the unit, strict mode wants to know. */
static void
half_pairs(void)
{
    static const struct {
        const char *before;
        const char *half;
        const char *after;
        const char *strict;
        const char *compat;
    } cases[] = {
        {V5 KEY "\"a\"=\"", "\x00\xd8", "\"\n",
         "p.reg:3:6: found half of a surrogate pair, d800, expected whole characters; hex(1): can "
         "hold anything",
         TREE "a=1:00d80000\n"},
        {V5 KEY "\"a\"=\"", "\x00\xdc", "x\"\n",
         "p.reg:3:6: found half of a surrogate pair, dc00, expected whole characters; hex(1): can "
         "hold anything",
         TREE "a=1:00dc78000000\n"},
        {V5 KEY "\"", "\x00\xd8", "\"=-\n",
         "p.reg:3:2: found half of a surrogate pair, d800, expected whole characters in a name",
         TREE "\\u{d800}=-\n"},
        {V5 "[HKLM\\k]\n[HKLM\\", "\xff\xdf", "]\n",
         "p.reg:3:7: found half of a surrogate pair, dfff, expected whole characters in a name",
         TREE "+[HKEY_LOCAL_MACHINE\\\\u{dfff}]\n"},
        /* A comment may hold anything. */
        {V5 KEY ";", "\x00\xd8", "\n", TREE, TREE},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GByteArray) bytes = utf16("\xff\xfe", cases[i].before);
        g_byte_array_append(bytes, (const guint8 *) cases[i].half, 2);
        g_autoptr(GByteArray) after = utf16("", cases[i].after);
        g_byte_array_append(bytes, after->data, after->len);
        check_bytes(bytes->data, bytes->len, 0, cases[i].strict);
        const HcRegReadOptions options = {.compat_regedit = TRUE};
        g_autofree char *compat = reg_read_bytes(bytes->data, bytes->len, &options, NULL);
        CHECK_STRING(compat, cases[i].compat);
    }
}

static void
utf16_refused(void)
{
    g_autoptr(GByteArray) bare = utf16("", V5);
    check_bytes(bare->data, bare->len, 0,
                "p.reg: is UTF-16 text without a byte order mark, expected the bytes ff fe "
                "first");
    check_bytes("\xfe\xff\0R", 4, 0,
                "p.reg: is UTF-16 big-endian text, expected UTF-16 little-endian, UTF-8 or "
                "ANSI");
    check_bytes("\0R\0E", 4, 0,
                "p.reg: is UTF-16 big-endian text without a byte order mark, expected "
                "UTF-16 little-endian with one");
    g_autoptr(GByteArray) odd = utf16("\xff\xfe", V5 "[HK");
    check_bytes(odd->data, odd->len - 1, 0,
                "p.reg:2:3: found half a UTF-16 character at the end of the file");
    check_bytes("\xff\xfe", 2, 0,
                "p.reg:1:1: found the end of the file, expected the header 'Windows Registry "
                "Editor Version 5.00' or 'REGEDIT4' in line 1");
    g_autoptr(GByteArray) nul = utf16("\xff\xfe", V5 "[HK");
    g_byte_array_append(nul, (const guint8 *) "\0\0", 2);
    check_bytes(nul->data, nul->len, 0, "p.reg:2:4: found a NUL character, expected text");
}

static void
utf8(void)
{
    check(V5 KEY "\"a\"=\"\xc3\xa9\xe2\x82\xac\"\n", 0, TREE "a=1:e900ac200000\n");
    check("\xef\xbb\xbf" V5 KEY "\"a\"=\"\xc3\xa9\"\n", 0, TREE "a=1:e9000000\n");
    check("\xef\xbb\xbf" V5 KEY "\"a\"=\"x\xe9\"\n", 0,
          "p.reg:3:7: found bytes that are not UTF-8 in a file that starts with a UTF-8 byte "
          "order mark");
    check_bytes(V5 "a\0b", strlen(V5) + 3, 0, "p.reg:2:2: found a NUL character, expected text");
}

/* What is not UTF-8 as a whole is Windows-1252: overlong forms, surrogates, cut sequences. */
static void
not_utf8(void)
{
    check(V5 KEY "\"a\"=\"\xe9\x80\"\n", 0, TREE "a=1:e900ac200000\n");
    check(V5 KEY "\"a\"=\"\xc0\xaf\"\n", 0, TREE "a=1:c000af000000\n");
    check(V5 KEY "\"a\"=\"\xed\xa0\x80\"\n", 0, TREE "a=1:ed00a000ac200000\n");
    check(V5 KEY "\"a\"=\"\xf5\xa0\xa0\xa0\"\n", 0, TREE "a=1:f500a000a000a0000000\n");
    check(V5 KEY ";\xc3", 0, TREE);
}

static void
codepages(void)
{
    check(V5 KEY "\"a\"=\"\xc3\xa9\"\n", 1252, TREE "a=1:c300a9000000\n");
    check(V5 KEY "\"a\"=\"\xe9\"\n", 1251, TREE "a=1:39040000\n");
    check(V5 KEY "\"a\"=\"\x82\"\n", 437, TREE "a=1:e9000000\n");
    check(V5 KEY "\"a\"=\"\xb8\"\n", 850, TREE "a=1:a9000000\n");
    check(V5 KEY "\"a\"=\"\xa1\"\n", 874, TREE "a=1:010e0000\n");
    check(V5 KEY "\"a\"=\"\xb0\xa1\"\n", 936, TREE "a=1:4a550000\n");
    check(V5 KEY "\"a\"=\"\xb0\xa1\"\n", 949, TREE "a=1:00ac0000\n");
    check("REGEDIT4\n" KEY "\"a\"=hex(2):e9,00\n", 1251, TREE "a=2:39040000\n");
}

/* The second byte of a character may be a backslash in 932; as text it is none. */
static void
double_byte_backslash(void)
{
    check(V5 KEY "\"a\"=\"\x83\x5c\"\n", 932, TREE "a=1:bd300000\n");
    check("REGEDIT4\n" KEY "\"a\"=hex(1):83,5c,41\n", 932, TREE "a=1:bd304100\n");
}

static void
codepage_refused(void)
{
    check(V5, 1234,
          "code page 1234: not known; known are 437, 850, 852, 866, 874, 932, 936, 949, 950 and "
          "1250 to 1258");
    check(V5 KEY "\"a\"=\"\x98\"\n", 1251,
          "p.reg:3:6: found a byte that code page 1251 has no character for; name the file's code "
          "page, or save it as UTF-16 or UTF-8");
    check("REGEDIT4\n" KEY "\"a\"=hex(1):41,98\n", 1251,
          "p.reg:3:1: found byte 98, which code page 1251 has no character for, expected text in "
          "the file's code page");
}

static void
every_codepage(void)
{
    static const guint numbers[] = {437,  850,  852,  866,  874,  932,  936,  949,  950,
                                    1250, 1251, 1252, 1253, 1254, 1255, 1256, 1257, 1258};
    for (gsize i = 0; i < G_N_ELEMENTS(numbers); i++) {
        GError *error = NULL;
        g_autoptr(HcCodepage) codepage = hc_codepage_new(numbers[i], &error);
        CHECK_NO_ERROR(error);
        uint16_t units[128];
        uint8_t bytes[128];
        gsize n_units = 0;
        for (gsize byte = 0; byte < sizeof(bytes); byte++)
            bytes[byte] = (uint8_t) byte;
        CHECK_NUMBER(hc_codepage_decode(codepage, bytes, sizeof(bytes), units, &n_units), 128);
        for (gsize byte = 0; byte < n_units; byte++)
            CHECK_NUMBER(units[byte], byte);
        CHECK_NUMBER(hc_codepage_number(codepage), numbers[i]);
    }
}

const char cu_suite[] = "reg-decode";
const CuCase cu_cases[] = {
    {"UTF-16 with BOM", utf16_with_bom},
    {"halves of pairs", half_pairs},
    {"UTF-16 refused", utf16_refused},
    {"UTF-8", utf8},
    {"not UTF-8", not_utf8},
    {"code pages", codepages},
    {"double-byte backslash", double_byte_backslash},
    {"code page refused", codepage_refused},
    {"every code page", every_codepage},
    {NULL, NULL},
};
