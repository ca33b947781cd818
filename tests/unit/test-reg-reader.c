#include "config.h"

#include <string.h>

#include "tests/unit/cu.h"
#include "tests/unit/reg-dump.h"

/* Expected trees are written by hand from the grammar of docs/FORMATS.md, "The .reg language". */

#define V5 "Windows Registry Editor Version 5.00\n\n"
#define V4 "REGEDIT4\n\n"

/* Below this key the values of the short cases stand. */
#define KEY  "[HKEY_LOCAL_MACHINE\\k]\n"
#define TREE "+[HKEY_LOCAL_MACHINE]\n+[HKEY_LOCAL_MACHINE\\k]\n"

static void
check(const char *text, const char *expected)
{
    g_autofree char *got = reg_read_bytes(text, strlen(text), &(const HcRegReadOptions){0}, NULL);
    CHECK_STRING(got, expected);
}

/* The value lines in @lines under one key give @values. */
static void
check_values(const char *lines, const char *values)
{
    g_autofree char *text = g_strconcat(V5 KEY, lines, NULL);
    g_autofree char *expected = g_strconcat(TREE, values, NULL);
    check(text, expected);
}

static void
check_values4(const char *lines, const char *values)
{
    g_autofree char *text = g_strconcat(V4 KEY, lines, NULL);
    g_autofree char *expected = g_strconcat(TREE, values, NULL);
    check(text, expected);
}

static void
headers(void)
{
    check("Windows Registry Editor Version 5.00", "");
    check("REGEDIT4", "");
    check(" \tREGEDIT4 \t\n", "");
    check("  Windows Registry Editor Version 5.00 \r\n\r\n" KEY, TREE);
}

static void
line_ends(void)
{
    check("REGEDIT4\r\r[HKEY_LOCAL_MACHINE\\k]\r@=\"a\"\r\"b\"=-\r", TREE "=1:61000000\nb=-\n");
    check("REGEDIT4\r\n\r\n[HKEY_LOCAL_MACHINE\\k]\r\n@=\"a\"", TREE "=1:61000000\n");
    check("REGEDIT4\r\n[HKEY_LOCAL_MACHINE\\k]\r@=\"a\"\n\"b\"=-", TREE "=1:61000000\nb=-\n");
}

static void
comments(void)
{
    check(V5 "; one\n  ;two\\\n" KEY ";\n\"a\"=\"x;y\" ; c\n\"b\"=dword:1;c\n\"c\"=hex:01;c\n"
             "\"d\"=-;c\n",
          TREE "a=1:78003b0079000000\nb=4:01000000\nc=3:01\nd=-\n");
    check(V5 "[HKEY_LOCAL_MACHINE\\k] ; c\n", TREE);
}

/* Editors of DOS end a file with 1a. */
static void
dos_end(void)
{
    check(V5 KEY "\x1a", TREE);
    check(V5 KEY "@=-\n\x1a\r\n", TREE "=-\n");
    check(V5 KEY "\x1a\n;c\n",
          "p.reg:4:1: found '\\u{1a}', expected '[key]', '[-key]', '\"name\"=', '@=' or a ';' "
          "comment");
}

static void
keys(void)
{
    check(V5 "  [hkey_local_machine\\k]  \n", TREE);
    check(V5 "[HKLM\\k]\n", TREE);
    check(V5 "[HKLM]\n[HKLM\\]\n", "+[HKEY_LOCAL_MACHINE]\n");
    check(V5 "[hkcu]\n[HKCR]\n[HKU]\n[HKCC]\n",
          "+[HKEY_CLASSES_ROOT]\n+[HKEY_CURRENT_CONFIG]\n+[HKEY_CURRENT_USER]\n+[HKEY_USERS]\n");
    check(V5 "[HKLM\\k\\]\n", TREE);
    check(V5 "[HKLM\\k\\a ]\n", TREE "+[HKEY_LOCAL_MACHINE\\k\\a ]\n");
    check(V5 "[HKLM\\k\\https://a\"b;c]\n", TREE "+[HKEY_LOCAL_MACHINE\\k\\https://a\"b;c]\n");
    check(V5 "[HKLM\\k\\a]b]\n[HKLM\\k\\c]]\n",
          TREE "+[HKEY_LOCAL_MACHINE\\k\\a]b]\n+[HKEY_LOCAL_MACHINE\\k\\c]]\n");
    check(V5 "[HKLM\\k]\n[HKLM\\K]\n", TREE);
}

static void
long_key_name(void)
{
    g_autofree char *name = g_strnfill(256, 'n');
    g_autofree char *text = g_strconcat(V5 "[HKLM\\k\\", name, "]\n", NULL);
    g_autofree char *expected = g_strconcat(TREE "+[HKEY_LOCAL_MACHINE\\k\\", name, "]\n", NULL);
    check(text, expected);
}

static void
deletes(void)
{
    check(V5 "[-HKLM\\k]\n", ".[HKEY_LOCAL_MACHINE]\n-[HKEY_LOCAL_MACHINE\\k]\n");
    check(V5 "[-HKLM\\k\\]; c\n", ".[HKEY_LOCAL_MACHINE]\n-[HKEY_LOCAL_MACHINE\\k]\n");
    check(V5 "[-HKLM\\k]\n" KEY "@=\"\"\n",
          "+[HKEY_LOCAL_MACHINE]\n=[HKEY_LOCAL_MACHINE\\k]\n=1:0000\n");
    check_values("\"a\"=-\n\"b\"= \t- \n@=-\n", "a=-\nb=-\n=-\n");
    check_values("\"\"=-\n", "=-\n");
}

static void
names(void)
{
    check_values("\"a=b\"=dword:1\n", "a=b=4:01000000\n");
    check_values("\"a\\\\b\\\"c\"=dword:1\n", "a\\b\"c=4:01000000\n");
    check_values("\"\"=dword:1\n", "=4:01000000\n");
    check_values("@ = dword:1\n", "=4:01000000\n");
    check_values("\t\"a\" \t=\t \"b\"\t\n", "a=1:62000000\n");
    check_values("\"a\"=\"1\"\n\"A\"=\"2\"\n", "a=1:32000000\n");
}

static void
long_value_name(void)
{
    g_autofree char *name = g_strnfill(16383, 'n');
    g_autofree char *line = g_strconcat("\"", name, "\"=-\n", NULL);
    g_autofree char *expected = g_strconcat(name, "=-\n", NULL);
    check_values(line, expected);
}

static void
strings(void)
{
    check_values("\"a\"=\"\"\n", "a=1:0000\n");
    check_values("\"a\"=\"\\\\0\\\"\"\n", "a=1:5c00300022000000\n");
    check_values("\"a\"=\" b\t\"\n", "a=1:2000620009000000\n");
    check_values("\"a\"=\"\xc3\xa9\xf0\x9f\x98\x80\"\n", "a=1:e9003dd800de0000\n");
}

static void
strings_with_line_breaks(void)
{
    check_values("\"a\"=\"x\r\ny\nz\"\n\"b\"=-\n", "a=1:78000d000a0079000a007a000000\nb=-\n");
    check_values("\"a\"=\"\n\" ; c\n\"b\"=-\n", "a=1:0a000000\nb=-\n");
}

static void
dwords(void)
{
    check_values("\"a\"=dword:1\n", "a=4:01000000\n");
    check_values("\"a\"=dword: \tDeadBeef \n", "a=4:efbeadde\n");
    check_values("\"a\"=dword:00000010;x\n", "a=4:10000000\n");
}

static void
hex_types(void)
{
    check_values("\"a\"=hex:\n\"b\"=hex(0):\n\"c\"=hex(1):\n", "a=3:\nb=0:\nc=1:\n");
    check_values("\"a\"=hex(4):01,00\n\"b\"=hex(b):01,00\n", "a=4:0100\nb=b:0100\n");
    check_values("\"a\"=hex(FFFFFFFF):01\n\"b\"=hex(7fff):02\n\"c\"=hex(00000002):03,04\n",
                 "a=ffffffff:01\nb=7fff:02\nc=2:0304\n");
    check_values("\"a\"=hex(5):00,00,00,01\n", "a=5:00000001\n");
}

static void
hex_bytes(void)
{
    check_values("\"a\"=hex:1,A,ff,\n", "a=3:010aff\n");
    check_values("\"a\"=hex: 01 ,\t02 , 03 ; c\n", "a=3:010203\n");
    check_values("\"a\"=hex(2): ;c\n", "a=2:\n");
}

static void
hex_continued(void)
{
    check_values("\"a\"=hex:01,\\\n  02,\\\r\n03\n\"b\"=-\n", "a=3:010203\nb=-\n");
    check_values("\"a\"=hex:\\\n01\n", "a=3:01\n");
    check_values("\"a\"=hex(7):01,00, \\ \t; c\n\n \t\n;x\n\t; y\\\n  02,00\n", "a=7:01000200\n");
    check_values("\"a\"=hex:01,\\\n02,\n\"b\"=-\n", "a=3:0102\nb=-\n");
}

/* Strict mode takes hex data as it is written: no NUL is added, an odd byte is kept. */
static void
hex_strings_as_written(void)
{
    check_values("\"a\"=hex(1):41,00\n\"b\"=hex(2):41\n\"c\"=hex(7):41,00,00\n",
                 "a=1:4100\nb=2:41\nc=7:410000\n");
    check_values4("\"a\"=hex(1):41\n\"b\"=hex(7):41,00,42,00,00\n",
                  "a=1:4100\nb=7:41000000420000000000\n");
}

/* The header, not the encoding, says what the bytes of strings are. */
static void
hex_strings_by_header(void)
{
    check_values("\"a\"=hex(2):25,00,00,00\n", "a=2:25000000\n");
    check_values4("\"a\"=hex(2):25,00\n\"b\"=hex:25,00\n\"c\"=hex(8):25\n",
                  "a=2:25000000\nb=3:2500\nc=8:25\n");
    check_values4("\"a\"=hex(1):80,e9,81\n", "a=1:ac20e9008100\n");
}

static void
order_and_repetition(void)
{
    check(V5 KEY "\"a\"=dword:1\n[HKLM\\l]\n" KEY "\"a\"=dword:2\n\"b\"=-\n\"b\"=dword:3\n",
          TREE "a=4:02000000\nb=4:03000000\n+[HKEY_LOCAL_MACHINE\\l]\n");
    check(V5 KEY "\"a\"=dword:1\n[-HKLM\\k]\n",
          "+[HKEY_LOCAL_MACHINE]\n-[HKEY_LOCAL_MACHINE\\k]\n");
}

static void
origins(void)
{
    static const char text[] =
        V5 KEY "\"a\"=hex:01,\\\n;\n02\n\"b\"=\"\n\n\"\n\"c\"=-\n[-HKLM\\l]\n";
    g_autoptr(HcDelta) delta = hc_delta_new();
    g_autoptr(GBytes) content = g_bytes_new_static(text, strlen(text));
    GError *error = NULL;
    CU_ASSERT_TRUE(
        hc_reg_read(delta, "p.reg", content, &(const HcRegReadOptions){0}, NULL, &error));
    CHECK_NO_ERROR(error);
    HcDeltaKey *root = hc_delta_child(hc_delta_root(delta), 0);
    HcDeltaKey *key = hc_delta_child(root, 0);
    CHECK_STRING(hc_delta_source(delta, key->origin.source), "p.reg");
    CHECK_NUMBER(key->origin.line, 3);
    CHECK_NUMBER(hc_delta_value(key, 0)->origin.line, 4);
    CHECK_NUMBER(hc_delta_value(key, 1)->origin.line, 7);
    CHECK_NUMBER(hc_delta_value(key, 2)->origin.line, 10);
    CHECK_NUMBER(hc_delta_child(root, 1)->origin.line, 11);
}

const char cu_suite[] = "reg-reader";
const CuCase cu_cases[] = {
    {"headers", headers},
    {"line ends", line_ends},
    {"comments", comments},
    {"end of file of DOS", dos_end},
    {"keys", keys},
    {"long key name", long_key_name},
    {"deletes", deletes},
    {"names", names},
    {"long value name", long_value_name},
    {"strings", strings},
    {"strings with line breaks", strings_with_line_breaks},
    {"dwords", dwords},
    {"hex types", hex_types},
    {"hex bytes", hex_bytes},
    {"hex continued", hex_continued},
    {"hex strings as written", hex_strings_as_written},
    {"hex strings by header", hex_strings_by_header},
    {"order and repetition", order_and_repetition},
    {"origins", origins},
    {NULL, NULL},
};
