#include "config.h"

#include <string.h>

#include "tests/unit/cu.h"
#include "tests/unit/reg-dump.h"

/* What regedit does with lines that strict mode refuses. */

#define V5   "Windows Registry Editor Version 5.00\n\n"
#define KEY  "[HKEY_LOCAL_MACHINE\\k]\n"
#define TREE "+[HKEY_LOCAL_MACHINE]\n+[HKEY_LOCAL_MACHINE\\k]\n"

static void
check_bytes(const char *text, gsize n_bytes, const char *expected, uint64_t n_skipped)
{
    uint64_t n = 0;
    const HcRegReadOptions options = {.compat_regedit = TRUE};
    g_autofree char *got = reg_read_bytes(text, n_bytes, &options, &n);
    CHECK_STRING(got, expected);
    CHECK_NUMBER(n, n_skipped);
}

static void
check(const char *text, const char *expected, uint64_t n_skipped)
{
    check_bytes(text, strlen(text), expected, n_skipped);
}

static void
check_values(const char *lines, const char *values, uint64_t n_skipped)
{
    g_autofree char *text = g_strconcat(V5 KEY, lines, NULL);
    g_autofree char *expected = g_strconcat(TREE, values, NULL);
    check(text, expected, n_skipped);
}

static void
headers(void)
{
    check("REGEDIT5\n" KEY "@=\"\"\n", "", 2);
    check("REGEDIT4 FOO\n" KEY, "", 1);
    check("regedit4\n" KEY,
          "p.reg:1:1: found 'regedit4', expected the header 'Windows Registry Editor Version "
          "5.00' or 'REGEDIT4' in line 1",
          0);
    check("\xef\xbb\xbf" V5,
          "p.reg: starts with a UTF-8 byte order mark, which regedit does not read", 0);
}

static void
bytes(void)
{
    check_bytes(V5 KEY "\0@=\"\"\n", strlen(V5 KEY) + 6, TREE, 0);
    check_values("\"a\"=\"\xc3\xa9\"\n", "a=1:c300a9000000\n", 0);
}

static void
junk(void)
{
    check_values("#c\n\nx\n;c\n\"a\"=-\n", "a=-\n", 2);
    check("REGEDIT4\n\"a\"=-\n" KEY, TREE, 1);
}

static void
keys(void)
{
    check(V5 "[HKLM\\\\k\\\\] x\n", TREE, 0);
    check(V5 KEY "[HKLX\\k]\n\"a\"=-\n[HKLM\n\"b\"=-\n", TREE, 4);
    /* A line that is no key line at all leaves the key before it open. */
    check(V5 KEY "[HKLM\\l\n\"a\"=-\n", TREE "a=-\n", 1);
    check(V5 "[-HKLM\\k]\n\"a\"=-\n", ".[HKEY_LOCAL_MACHINE]\n-[HKEY_LOCAL_MACHINE\\k]\n", 1);
    check(V5 "[HKLM\\k] ; see [b]\n", "+[HKEY_LOCAL_MACHINE]\n+[HKEY_LOCAL_MACHINE\\k] ; see [b]\n",
          0);
    check(V5 KEY "[-HKLM]\n",
          "p.reg:4:1: found the deletion of a root key, expected a key below it", 0);
}

static void
strings(void)
{
    check_values("\"a\"=\"x\\n\\r\\t\\\\y\"\n", "a=1:78000a000d0074005c0079000000\n", 0);
    check_values("\"a\"=\"x\\0y\"\n\"b\"=-\n", "b=-\n", 1);
    check_values("\"a\"=\"x\ny\"\n\"b\"=-\n", "a=1:78000a0079000000\nb=-\n", 0);
    /* A missing quote costs the line, not the next one. */
    check_values("\"a\"=\"x\n\"b\"=\"y\"\n", "b=1:79000000\n", 1);
    check_values("\"a\"=\"x\\\ny\"\n\"b\"=-\n", "b=-\n", 2);
}

static void
terminators(void)
{
    check_values("\"a\"=hex(1):41,00\n\"b\"=hex(7):41,00,00,00\n\"c\"=hex(2):\n\"d\"=hex(3):41\n"
                 "\"e\"=hex(2):41\n",
                 "a=1:41000000\nb=7:41000000\nc=2:\nd=3:41\ne=2:41\n", 0);
    check("REGEDIT4\n" KEY "@=hex(7):41\n", TREE "=7:41000000\n", 0);
}

static void
hex_lines_swallowed(void)
{
    check_values("\"a\"=hex:01,\\\n\"b\"=-\n\"c\"=-\n", "c=-\n", 1);
    check_values("\"a\"=hex:01\\\n\"b\"=-\n", "b=-\n", 1);
    check_values("\"a\"=hex:01,\\\n#c\n\"b\"=-\n", "b=-\n", 1);
    check_values("\"a\"=hex:01,\\\n\n", "a=3:01\n", 0);
    check_values("\"a\"=hex:001\n", "a=3:01\n", 0);
    check_values("\"a\"=hex:100\n", "", 1);
}

static void
windows31(void)
{
    check("REGEDIT\nHKEY_CLASSES_ROOT\\a = b \nHKEY_CLASSES_ROOT\\c =d\nHKEY_CLASSES_ROOT\\e\n"
          " HKEY_CLASSES_ROOT\\f = g\n;c\n\n",
          "+[HKEY_CLASSES_ROOT]\n+[HKEY_CLASSES_ROOT\\a]\n=1:620020000000\n"
          "+[HKEY_CLASSES_ROOT\\c]\n=1:64000000\n+[HKEY_CLASSES_ROOT\\e]\n=1:0000\n",
          2);
}

const char cu_suite[] = "reg-compat";
const CuCase cu_cases[] = {
    {"headers", headers},
    {"bytes", bytes},
    {"junk", junk},
    {"keys", keys},
    {"strings", strings},
    {"terminators", terminators},
    {"hex lines swallowed", hex_lines_swallowed},
    {"Windows 3.1", windows31},
    {NULL, NULL},
};
