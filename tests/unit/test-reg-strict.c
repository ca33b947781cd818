#include "config.h"

#include <string.h>

#include "hivecore/base/limits.h"
#include "tests/unit/cu.h"
#include "tests/unit/reg-dump.h"

/* What strict mode refuses, with the whole message. */

#define V5  "Windows Registry Editor Version 5.00\n\n"
#define KEY "[HKEY_LOCAL_MACHINE\\k]\n"

static void
check(const char *text, const char *expected)
{
    g_autofree char *got = reg_read_bytes(text, strlen(text), &(const HcRegReadOptions){0}, NULL);
    CHECK_STRING(got, expected);
}

/* @line is line 3, in place of a key line. */
static void
check_line(const char *line, const char *expected)
{
    g_autofree char *text = g_strconcat(V5, line, NULL);
    check(text, expected);
}

/* @lines start at line 4, below a key. */
static void
check_values(const char *lines, const char *expected)
{
    g_autofree char *text = g_strconcat(V5 KEY, lines, NULL);
    check(text, expected);
}

#define HEADERS "'Windows Registry Editor Version 5.00' or 'REGEDIT4'"

static void
headers(void)
{
    check("", "p.reg: is empty, expected " HEADERS " in line 1");
    check("\n", "p.reg:1:1: found the end of the line, expected the header " HEADERS " in line 1");
    check("  ;c\nREGEDIT4\n", "p.reg:1:3: found ';c', expected the header " HEADERS " in line 1");
    check("regedit4\n", "p.reg:1:1: found 'regedit4', expected the header " HEADERS " in line 1");
    check("REGEDIT5\n", "p.reg:1:1: found 'REGEDIT5', expected the header " HEADERS " in line 1");
    check("REGEDIT\n",
          "p.reg:1:1: found the header of a Windows 3.1 file, 'REGEDIT', expected " HEADERS);
    check("Windows Registry Editor Version 4.00\n",
          "p.reg:1:1: found 'Windows Registry Editor Version ...', expected the header " HEADERS
          " in line 1");
}

static void
foreign_files(void)
{
    check("regf\x01\x02\x03\x04", "p.reg: is a registry hive, not a patch; 'hivetool diff "
                                  "--format=reg OLD NEW' makes a patch of two hives");
    check("\x1f\x8b\x08", "p.reg: is gzip data, expected a .reg file that is not compressed");
    check("PK\x03\x04", "p.reg: is a zip archive, expected a .reg file that is not packed");
}

static void
junk(void)
{
#define STATEMENT ", expected '[key]', '[-key]', '\"name\"=', '@=' or a ';' comment"
    check_line("  junk\n", "p.reg:3:3: found 'junk'" STATEMENT);
    check_line("#comment\n", "p.reg:3:1: found '#comment'" STATEMENT);
    check_values("name=\"x\"\n", "p.reg:4:1: found 'name=\"x\"'" STATEMENT);
    check_values("\xc2\xa0\"a\"=-\n", "p.reg:4:1: found '\xc2\xa0\"a\"=-'" STATEMENT);
    check_values("REGEDIT4\n", "p.reg:4:1: found 'REGEDIT4'" STATEMENT);
    check_values("\x1b[31m\n", "p.reg:4:1: found '\\u{1b}[31m'" STATEMENT);
}

static void
key_lines(void)
{
#define ROOTS                                                                                      \
    ", expected HKEY_LOCAL_MACHINE, HKEY_CURRENT_USER, HKEY_CLASSES_ROOT, HKEY_USERS or "          \
    "HKEY_CURRENT_CONFIG"
    check_line("[HKLM\\k\n", "p.reg:3:8: found the end of the line, expected ']' after the key");
    check_line("[HKLM\\k", "p.reg:3:8: found the end of the file, expected ']' after the key");
    check_line("[ HKLM\\k]\n",
               "p.reg:3:2: found a blank after '[', expected the name of a root key directly");
    check_line("[-\tHKLM\\k]\n",
               "p.reg:3:3: found a blank after '[-', expected the name of a root key directly");
    check_line("[HKEY_CURRENT_USERS\\k]\n",
               "p.reg:3:2: found 'HKEY_CURRENT_USERS' as the root of a key" ROOTS);
    check_line("[HKLMX]\n", "p.reg:3:2: found 'HKLMX' as the root of a key" ROOTS);
    check_line("[]\n", "p.reg:3:2: found ']'" ROOTS);
    check_line("[\\HKLM]\n", "p.reg:3:2: found '\\HKLM]'" ROOTS);
    check_line("[--HKLM\\k]\n", "p.reg:3:3: found '-HKLM' as the root of a key" ROOTS);
    check_line("[HKLM\\\\k]\n",
               "p.reg:3:7: found nothing between two backslashes, expected a key name");
    check_line("[HKLM\\k\\\\]\n",
               "p.reg:3:9: found nothing between two backslashes, expected a key name");
    check_line("[HKLM\\k] x\n",
               "p.reg:3:10: found 'x', expected the end of the line or a ';' comment after the "
               "key");
    check_line("[HKLM\\k] ; see [b]\n",
               "p.reg:3:18: found a second ']', expected no ']' in the comment after a key, since "
               "regedit takes the last one as the end of the name");
    check_line("[-HKLM]\n", "p.reg:3:1: found the deletion of a root key, expected a key below it");
}

static void
names_too_long(void)
{
    g_autofree char *key = g_strnfill(257, 'n');
    g_autofree char *key_line = g_strconcat("[HKLM\\", key, "]\n", NULL);
    check_line(key_line, "p.reg:3:7: found a key name of 257 characters, expected at most 256");
    g_autofree char *name = g_strnfill(16384, 'n');
    g_autofree char *value_line = g_strconcat("\"", name, "\"=-\n", NULL);
    check_values(value_line,
                 "p.reg:4:1: found a value name of 16384 characters, expected at most 16383");
}

static void
too_deep(void)
{
    GString *line = g_string_new("[HKLM");
    for (guint i = 0; i < HC_MAX_KEY_DEPTH; i++)
        g_string_append(line, "\\k");
    g_string_append(line, "]\n");
    g_autofree char *text = g_string_free(line, FALSE);
    check_line(text, "p.reg:3:1029: found a key path of more than 512 names, expected at most 512");
}

static void
misplaced_values(void)
{
    /* Its last line is no statement, though it starts like one. */
    check_line("\"a\"=\"b\n\"\n",
               "p.reg:3:1: found a value before any key, expected a '[key]' line first");
    check_line("\"a\"=-\n",
               "p.reg:3:1: found a value before any key, expected a '[key]' line first");
    check_line("[-HKLM\\k]\n@=\"\"\n",
               "p.reg:4:1: found a value under a key that is deleted, expected a '[key]' line "
               "after '[-key]'");
}

static void
value_names(void)
{
    check_values("\"a=-\n",
                 "p.reg:4:5: found the end of the line, expected the '\"' that ends the name");
    check_values("\"a\" \"b\"\n", "p.reg:4:5: found '\"b\"', expected '=' after the value's name");
    check_values("@x=\"a\"\n", "p.reg:4:2: found 'x=\"a\"', expected '=' after '@'");
    check_values("@", "p.reg:4:2: found the end of the file, expected '=' after '@'");
    check_values("\"a\\b\"=-\n",
                 "p.reg:4:3: found the escape '\\b', expected '\\\\' for a backslash or '\\\"' "
                 "for a quote");
}

static void
data(void)
{
#define DATA ", expected a string in quotes, 'dword:', 'hex:', 'hex(n):' or '-', in lower case"
    check_values("\"a\"=\n", "p.reg:4:5: found the end of the line" DATA);
    check_values("\"a\"=x\n", "p.reg:4:5: found 'x'" DATA);
    check_values("\"a\"=DWORD:1\n", "p.reg:4:5: found 'DWORD:1'" DATA);
    check_values("\"a\"=Hex:1\n", "p.reg:4:5: found 'Hex:1'" DATA);
    check_values("\"a\"=qword:1\n", "p.reg:4:5: found 'qword:1'" DATA);
    check_values("\"a\"=;c\n", "p.reg:4:5: found ';c'" DATA);
#define TAIL ", expected the end of the line or a ';' comment after "
    check_values("\"a\"=-x\n", "p.reg:4:6: found 'x'" TAIL "'-'");
    check_values("\"a\"=- #c\n", "p.reg:4:7: found '#c'" TAIL "'-'");
}

static void
strings(void)
{
#define ESCAPES ", expected '\\\\' for a backslash or '\\\"' for a quote"
    check_values("\"a\"=\"b\" c\n", "p.reg:4:9: found 'c'" TAIL "the string");
    check_values("\"a\"=\"b\"#c\n", "p.reg:4:8: found '#c'" TAIL "the string");
    check_values("\"a\"=\"x\n\"b\"=\"y\"\n",
                 "p.reg:5:2: found 'b\"=\"y\"'" TAIL "the string that starts in line 4");
    check_values("\"a\"=\"\\n\"\n", "p.reg:4:6: found the escape '\\n'" ESCAPES);
    check_values("\"a\"=\"x\n\\0\"\n", "p.reg:5:1: found the escape '\\0'" ESCAPES);
    check_values("\"a\"=\"b\\\nc\"\n",
                 "p.reg:4:7: found a backslash at the end of the line" ESCAPES);
    check_values("\"a\"=\"b\n\nc\n",
                 "p.reg:4:5: found a string without an end, expected a '\"' before the end of the "
                 "file");
    check_values("\"a\"=\"b\\", "p.reg:4:7: found a backslash at the end of the line" ESCAPES);
}

static void
columns_count_characters(void)
{
    check_values("\"\xf0\x9f\x98\x80\xc3\xa9\"=x\n", "p.reg:4:6: found 'x'" DATA);
}

static void
dwords(void)
{
    check_values("\"a\"=dword:012345678\n",
                 "p.reg:4:11: found 9 hex digits, expected 1 to 8 after 'dword:'");
    check_values("\"a\"=dword:\n", "p.reg:4:11: found the end of the line, expected 1 to 8 hex "
                                   "digits after 'dword:'");
    check_values("\"a\"=dword:;c\n",
                 "p.reg:4:11: found ';c', expected 1 to 8 hex digits after 'dword:'");
    check_values("\"a\"=dword:-1\n",
                 "p.reg:4:11: found '-1', expected 1 to 8 hex digits after 'dword:'");
    check_values("\"a\"=dword:0x12\n", "p.reg:4:12: found 'x12'" TAIL "the hex number");
    check_values("\"a\"=dword:12 34\n", "p.reg:4:14: found '34'" TAIL "the hex number");
    check_values("\"a\"=dword:12\\\n34\n", "p.reg:4:13: found '\\'" TAIL "the hex number");
}

static void
hex_types(void)
{
#define TYPE ", expected a type like '(2):', in hex from 0 to ffffffff"
    check_values("\"a\"=hex 01\n", "p.reg:4:8: found ' 01', expected ':' or '(' after 'hex'");
    check_values("\"a\"=hex():01\n", "p.reg:4:8: found '():01'" TYPE);
    check_values("\"a\"=hex(0x2):01\n", "p.reg:4:8: found '(0x2):01'" TYPE);
    check_values("\"a\"=hex( 2):01\n", "p.reg:4:8: found '( 2):01'" TYPE);
    check_values("\"a\"=hex(-1):01\n", "p.reg:4:8: found '(-1):01'" TYPE);
    check_values("\"a\"=hex(100000000):01\n", "p.reg:4:8: found '(100000000):01'" TYPE);
    check_values("\"a\"=hex(2)01\n", "p.reg:4:8: found '(2)01'" TYPE);
}

static void
hex_bytes(void)
{
#define BYTE   ", expected a byte of two hex digits"
#define DIGITS ", expected bytes of one or two, with ',' between them"
    check_values("\"a\"=hex:01,,02\n", "p.reg:4:12: found ',02'" BYTE);
    check_values("\"a\"=hex:,01\n", "p.reg:4:9: found ',01'" BYTE);
    check_values("\"a\"=hex:0g\n",
                 "p.reg:4:10: found 'g', expected ',' between bytes or the end of the line");
    check_values("\"a\"=hex:01 02\n",
                 "p.reg:4:12: found '02', expected ',' between bytes or the end of the line");
    check_values("\"a\"=hex:100\n", "p.reg:4:9: found 3 hex digits in a row" DIGITS);
    check_values("\"a\"=hex:001\n", "p.reg:4:9: found 3 hex digits in a row" DIGITS);
    check_values("\"a\"=hex:+1\n", "p.reg:4:9: found '+1'" BYTE);
    check_values("\"a\"=hex:01,#c\n", "p.reg:4:12: found '#c'" BYTE);
}

static void
hex_continued(void)
{
#define COMMA ", expected ',' before the '\\' that continues the data"
    check_values("\"a\"=hex:01\\\n02\n", "p.reg:4:11: found '\\'" COMMA);
    check_values("\"a\"=hex:01,\\",
                 "p.reg:4:12: found the end of the file, expected more bytes after the '\\'");
    check_values("\"a\"=hex:01,\\\n\n;c\n",
                 "p.reg:4:12: found the end of the file, expected more bytes after the '\\'");
    check_values("\"a\"=hex:01,\\ x\n02\n", "p.reg:4:14: found 'x'" TAIL "'\\'");
    check_values("\"a\"=hex:01,\\\n\n\"b\"=-\n",
                 "p.reg:6:1: found '\"b\"=-', expected the bytes that the '\\' in line 4 promises");
    check_values("\"a\"=hex:01,\\\n  #c\n02\n",
                 "p.reg:5:3: found '#c', expected the bytes that the '\\' in line 4 promises");
    check_values("\"a\"=hex:01,\\\n02\\\n03\n", "p.reg:5:3: found '\\'" COMMA);
}

const char cu_suite[] = "reg-strict";
const CuCase cu_cases[] = {
    {"headers", headers},
    {"foreign files", foreign_files},
    {"junk", junk},
    {"key lines", key_lines},
    {"names too long", names_too_long},
    {"too deep", too_deep},
    {"misplaced values", misplaced_values},
    {"value names", value_names},
    {"data", data},
    {"strings", strings},
    {"columns count characters", columns_count_characters},
    {"dwords", dwords},
    {"hex types", hex_types},
    {"hex bytes", hex_bytes},
    {"hex continued", hex_continued},
    {NULL, NULL},
};
