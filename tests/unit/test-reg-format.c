#include "config.h"

#include <string.h>

#include "hivecore/reg/lint.h"
#include "hivecore/reg/reg-reader.h"
#include "tests/unit/cu.h"

/* Expected texts are written by hand from docs/FMT.md. */

#define V5  "Windows Registry Editor Version 5.00\n"
#define KEY "[HKEY_CURRENT_USER\\k]\n"

static GBytes *
format_bytes(const void *bytes, gsize n_bytes, const HcFormatOptions *options, GError **error)
{
    g_autoptr(GBytes) content = g_bytes_new(bytes, n_bytes);
    return hc_reg_format("t.reg", content, options, error);
}

/* What becomes of @text, or the message. */
static char *
format(const char *text, gboolean sort)
{
    const HcFormatOptions options = {.sort = sort};
    GError *error = NULL;
    g_autoptr(GBytes) bytes = format_bytes(text, strlen(text), &options, &error);
    if (bytes == NULL) {
        char *message = g_strdup(error->message);
        g_error_free(error);
        return message;
    }
    gsize n_bytes = 0;
    const char *data = g_bytes_get_data(bytes, &n_bytes);
    return g_strndup(data, n_bytes);
}

static void
check(const char *text, gboolean sort, const char *expected)
{
    g_autofree char *once = format(text, sort);
    CHECK_STRING(once, expected);
    g_autofree char *twice = format(once, sort);
    CHECK_STRING(twice, expected);
}

static void
check_value(const char *value, const char *expected)
{
    g_autofree char *text = g_strconcat(V5 "\n" KEY, value, "\n", NULL);
    g_autofree char *wanted = g_strconcat(V5 "\n" KEY, expected, "\n", NULL);
    check(text, FALSE, wanted);
}

static void
test_values(void)
{
    check_value("  \"a\"  =  dword:A  ", "\"a\"=dword:0000000a");
    check_value("\"\"=-", "@=-");
    check_value("\"a\"=hex(4):2A,00,0,0", "\"a\"=dword:0000002a");
    check_value("\"a\"=hex(4):2a,00,00", "\"a\"=hex(4):2a,00,00");
    check_value("\"a\"=hex(3):1,AB,", "\"a\"=hex:01,ab");
    check_value("\"a\"=hex(000b): 1 , 2", "\"a\"=hex(b):01,02");
    check_value("\"a\"=hex:", "\"a\"=hex:");
    check_value("\"a\\\\b\\\"\"=\"c\\\\d\\\"\"", "\"a\\\\b\\\"\"=\"c\\\\d\\\"\"");
    /* REG_SZ in hex becomes text where nothing is lost and a person can read it. */
    check_value("\"a\"=hex(1):43,00,3a,00,5c,00,22,00,00,00", "\"a\"=\"C:\\\\\\\"\"");
    check_value("\"a\"=hex(1):00,00", "\"a\"=\"\"");
    check_value("\"a\"=hex(1):", "\"a\"=hex(1):");
    check_value("\"a\"=hex(1):43,00", "\"a\"=hex(1):43,00");
    check_value("\"a\"=hex(1):43,00,00,00,00,00", "\"a\"=hex(1):43,00,00,00,00,00");
    check_value("\"a\"=hex(1):43,00,00", "\"a\"=hex(1):43,00,00");
    check_value("\"a\"=hex(1):0a,00,00,00", "\"a\"=hex(1):0a,00,00,00");
    check_value("\"a\"=hex(1):0b,20,00,00", "\"a\"=hex(1):0b,20,00,00");
    check_value("\"a\"=hex(1):00,d8,00,00", "\"a\"=hex(1):00,d8,00,00");
    check_value("\"a\"=hex(2):43,00,00,00", "\"a\"=hex(2):43,00,00,00");
    /* Line breaks in a string are data. */
    check_value("\"a\"=\"b\r\nc\nd\" ;e", "\"a\"=\"b\r\nc\nd\" ;e");
}

/* The break comes after the comma that brings the line to 77 characters: "a"=hex: is 8 long, so
 * after byte 23; later lines have two blanks and 25 bytes. */
static void
test_wrap(void)
{
    check_value(
        "\"a\"=hex:00,01,02,03,04,05,06,07,08,09,0a,0b,0c,0d,0e,0f,10,11,12,13,14,15,16,17,"
        "18,19,1a,1b,1c,1d,1e,1f,20,21,22,23,24,25,26,27,28,29,2a,2b,2c,2d,2e,2f,30,31",
        "\"a\"=hex:00,01,02,03,04,05,06,07,08,09,0a,0b,0c,0d,0e,0f,10,11,12,13,14,15,16,\\\n"
        "  17,18,19,1a,1b,1c,1d,1e,1f,20,21,22,23,24,25,26,27,28,29,2a,2b,2c,2d,2e,2f,\\\n"
        "  30,31");
    check_value("\"a\"=hex:00,\\\n\n  \t01", "\"a\"=hex:00,01");
}

static void
test_keys(void)
{
    check(V5 "[hklm\\Software\\A\\]\n[-HKCR\\.x] ; gone  \n", FALSE,
          V5 "\n[HKEY_LOCAL_MACHINE\\Software\\A]\n\n[-HKEY_CLASSES_ROOT\\.x] ; gone\n");
    check("  REGEDIT4 \t\r\r" KEY, FALSE, "REGEDIT4\r\n\r\n[HKEY_CURRENT_USER\\k]\r\n");
    check(V5, FALSE, V5);
    check(V5 "\n\n\n", FALSE, V5 "\n");
    check("Windows Registry Editor Version 5.00", FALSE, V5);
    /* The end-of-file mark of DOS editors goes. */
    check(V5 "\n" KEY "\x1a", FALSE, V5 "\n" KEY);
    check(V5 "\n" KEY "\"a\"=-\n\x1a\n", TRUE, V5 "\n" KEY "\"a\"=-\n");
}

static void
test_comments(void)
{
    check(V5 ";about k\n" KEY, FALSE, V5 "\n;about k\n" KEY);
    check(V5 ";file\n\n\n\n;k\n" KEY ";v\n\"v\"=-;b\n;end\n;l\n[HKEY_CURRENT_USER\\l]\n", FALSE,
          V5 "\n;file\n\n;k\n" KEY ";v\n\"v\"=- ;b\n\n;end\n;l\n[HKEY_CURRENT_USER\\l]\n");
    check(V5 KEY "\n\"v\"=-\n;end\n\n\n;l\n[HKEY_CURRENT_USER\\l]\n;last\n\n", FALSE,
          V5 "\n" KEY "\"v\"=-\n;end\n\n;l\n[HKEY_CURRENT_USER\\l]\n;last\n\n");
    /* Between the lines of hex data: above the value. */
    check_value("\"a\"=hex:00,\\ ; one \n; two\n  01 ; three",
                "; one\n; two\n\"a\"=hex:00,01 ; three");
    /* A ';' in a name or string starts none. */
    check_value("\";a\"=\"b;\\\";c\" ;d", "\";a\"=\"b;\\\";c\" ;d");
    check_value("\"a;\"=dword:1;d", "\"a;\"=dword:00000001 ;d");
}

static void
test_sort(void)
{
    check(
        V5
        "; file\n\n; b\n[HKCU\\B]\n\"z\"=\"1\"\n; a\n\"A\"=\"2\"\n@=\"3\"\n; end\n\n[HKCU\\a\\x]\n"
        "[HKCU\\A]\n",
        TRUE,
        V5 "\n; file\n\n[HKEY_CURRENT_USER\\A]\n\n[HKEY_CURRENT_USER\\a\\x]\n\n; b\n"
           "[HKEY_CURRENT_USER\\B]\n@=\"3\"\n; a\n\"A\"=\"2\"\n\"z\"=\"1\"\n; end\n");
    /* Nothing moves across a deletion; deletions in a row are sorted. */
    check(V5 "[HKCU\\d]\n[HKCU\\c]\n[-HKCU\\z]\n[-HKCU\\y]\n[HKCU\\b]\n[HKCU\\a]\n", TRUE,
          V5 "\n[HKEY_CURRENT_USER\\c]\n\n[HKEY_CURRENT_USER\\d]\n\n[-HKEY_CURRENT_USER\\y]\n\n"
             "[-HKEY_CURRENT_USER\\z]\n\n[HKEY_CURRENT_USER\\a]\n\n[HKEY_CURRENT_USER\\b]\n");
    /* The last of two lines stays the last. */
    check(V5 "[HKCU\\b]\n\"v\"=\"2\"\n\"V\"=\"1\"\n[HKCU\\a]\n[HKCU\\B]\n\"v\"=\"0\"\n", TRUE,
          V5 "\n[HKEY_CURRENT_USER\\a]\n\n[HKEY_CURRENT_USER\\b]\n\"v\"=\"2\"\n\"V\"=\"1\"\n\n"
             "[HKEY_CURRENT_USER\\B]\n\"v\"=\"0\"\n");
    /* Two names of one key keep their order, too. */
    check(V5 "[HKLM\\Software\\Classes\\x]\n@=\"1\"\n[HKCR\\x]\n@=\"2\"\n[HKCR\\a]\n", TRUE,
          V5 "\n[HKEY_CLASSES_ROOT\\a]\n\n[HKEY_LOCAL_MACHINE\\Software\\Classes\\x]\n@=\"1\"\n\n"
             "[HKEY_CLASSES_ROOT\\x]\n@=\"2\"\n");
    check(V5 "[HKLM\\SYSTEM\\CurrentControlSet\\x]\n@=\"1\"\n[HKLM\\SYSTEM\\ControlSet001\\x]\n@="
             "\"2\"\n",
          TRUE,
          V5 "\n[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\x]\n@=\"1\"\n\n"
             "[HKEY_LOCAL_MACHINE\\SYSTEM\\ControlSet001\\x]\n@=\"2\"\n");
}

/* What is bound to a file, a section or a value stays so. */
static void
test_directives(void)
{
    check(V5 ";!why \"file\"\n" KEY, FALSE, V5 "\n;!why \"file\"\n\n" KEY);
    check(V5 KEY ";!exact values\n[HKEY_CURRENT_USER\\l]\n", FALSE,
          V5 "\n" KEY ";!exact values\n\n[HKEY_CURRENT_USER\\l]\n");
    check(V5 KEY "\"b\"=\"1\";!why \"b\"\n;!why \"a\"\n\"a\"=\"1\"\n", TRUE,
          V5 "\n" KEY ";!why \"a\"\n\"a\"=\"1\"\n\"b\"=\"1\" ;!why \"b\"\n");
}

static void
check_encoded(const void *in, gsize n_in, const HcFormatOptions *options, const void *out,
              gsize n_out)
{
    GError *error = NULL;
    g_autoptr(GBytes) bytes = format_bytes(in, n_in, options, &error);
    CHECK_NO_ERROR(error);
    gsize n_bytes = 0;
    const void *data = bytes != NULL ? g_bytes_get_data(bytes, &n_bytes) : NULL;
    CHECK_BYTES(data, n_bytes, out, n_out);
}

#define CHECK_ENCODED(in, options, out)                                                            \
    check_encoded((in), sizeof(in) - 1, (options), (out), sizeof(out) - 1)

static void
test_encodings(void)
{
    const HcFormatOptions keep = {.ansi_codepage = 0};
    const HcFormatOptions page_932 = {.ansi_codepage = 932};
    const HcFormatOptions utf8 = {.has_encoding = TRUE, .encoding = HC_REG_UTF8};
    const HcFormatOptions utf16 = {.has_encoding = TRUE, .encoding = HC_REG_UTF16};
    CHECK_ENCODED("REGEDIT4\n[HKCU\\\xe9\x80]", &keep,
                  "REGEDIT4\n\n[HKEY_CURRENT_USER\\\xe9\x80]\n");
    CHECK_ENCODED("REGEDIT4\n[HKCU\\\x83\x5c\xb1]", &page_932,
                  "REGEDIT4\n\n[HKEY_CURRENT_USER\\\x83\x5c\xb1]\n");
    CHECK_ENCODED("\xef\xbb\xbfREGEDIT4\n[HKCU\\\xc3\xa9]", &keep,
                  "\xef\xbb\xbfREGEDIT4\n\n[HKEY_CURRENT_USER\\\xc3\xa9]\n");
    CHECK_ENCODED("\xef\xbb\xbfREGEDIT4\n[HKCU\\\xc3\xa9]", &utf8,
                  "REGEDIT4\n\n[HKEY_CURRENT_USER\\\xc3\xa9]\n");
    CHECK_ENCODED("REGEDIT4\n[HKCU\\\xe9]", &utf8, "REGEDIT4\n\n[HKEY_CURRENT_USER\\\xc3\xa9]\n");
    /* Bytes of version 4 strings are of the code page, not of the file. */
    CHECK_ENCODED("REGEDIT4\n[HKU]\n\"a\"=hex(2):e9,00\n\"b\"=hex(1):e9,00\n", &utf8,
                  "REGEDIT4\n\n[HKEY_USERS]\n\"a\"=hex(2):e9,00\n\"b\"=\"\xc3\xa9\"\n");
    CHECK_ENCODED("REGEDIT4\n", &utf16,
                  "\xff\xfeW\0i\0n\0d\0o\0w\0s\0 \0R\0e\0g\0i\0s\0t\0r\0y\0 \0"
                  "E\0d\0i\0t\0o\0r\0 \0V\0e\0r\0s\0i\0o\0n\0 \0"
                  "5\0.\0"
                  "0\0"
                  "0\0\r\0\n\0");
    CHECK_ENCODED("\xff\xfeR\0E\0G\0E\0D\0I\0T\0"
                  "4\0\n\0;\0\xe9\0\n\0",
                  &keep,
                  "\xff\xfeR\0E\0G\0E\0D\0I\0T\0"
                  "4\0\r\0\n\0\r\0\n\0;\0\xe9\0\r\0\n\0");
    CHECK_ENCODED("\xff\xfeR\0E\0G\0E\0D\0I\0T\0"
                  "4\0\n\0;\0\xe9\0\n\0",
                  &utf8, "REGEDIT4\n\n;\xc3\xa9\n");
}

static void
test_refused(void)
{
    GError *error = NULL;
    const HcFormatOptions options = {.sort = FALSE};
    CU_ASSERT_PTR_NULL(format_bytes("REGEDIT4\nx", 10, &options, &error));
    CU_ASSERT_TRUE(g_error_matches(error, HC_ERROR, HC_ERROR_MALFORMED));
    g_clear_error(&error);
    const HcFormatOptions unknown = {.ansi_codepage = 12};
    CU_ASSERT_PTR_NULL(format_bytes("REGEDIT4", 8, &unknown, &error));
    CU_ASSERT_TRUE(g_error_matches(error, HC_ERROR, HC_ERROR_USAGE));
    g_clear_error(&error);
}

/* How often @tag is in @text. */
static guint
count(const char *text, const char *tag)
{
    guint n = 0;
    for (const char *at = text; (at = strstr(at, tag)) != NULL; at += strlen(tag))
        n++;
    return n;
}

/* Texts of lines in any order: the form is stable, sorted or not, and has every comment. That the
 * meaning is the same hc_reg_format() has proven. */
static void
test_random(void)
{
    static const char *const lines[] = {
        "\n",
        "\n",
        "; <>\n",
        "; <>\n",
        "\t;<> \n",
        "[HKCU\\b]\n",
        "[hkcu\\A\\b] ;<>\n",
        "[-HKCU\\b]\n",
        "[-HKCU\\A]\n",
        "[HKLM\\SOFTWARE\\c\\]\n",
        "\"v\"=\"1\"\n",
        "  \"V\" = \"2\" ;<>\n",
        "@=-\n",
        "\"w\"=dword:1\n",
        "\"x\"=hex:01,\\;<>\n;<>\n\n 02\n",
        "\"y\"=hex(1):41,00,00,00;<>\n",
        "\"z\"=\"a\nb\" ; <>\n",
        "\"v\"=-\n",
    };
    g_autoptr(GRand) rand = g_rand_new_with_seed(1);
    guint n_good = 0;
    for (guint round = 0; round < 20000; round++) {
        g_autoptr(GString) text = g_string_new(round % 2 != 0 ? V5 : "REGEDIT4\n");
        guint n_lines = (guint) g_rand_int_range(rand, 0, 12);
        for (guint i = 0; i < n_lines; i++)
            g_string_append(text, lines[g_rand_int_range(rand, 0, G_N_ELEMENTS(lines))]);
        HcFormatOptions options = {.sort = g_rand_boolean(rand)};
        g_autoptr(GBytes) once = format_bytes(text->str, text->len, &options, NULL);
        if (once == NULL)
            continue;
        n_good++;
        GError *error = NULL;
        g_autoptr(GBytes) twice = hc_reg_format("t.reg", once, &options, &error);
        CHECK_NO_ERROR(error);
        gsize n_bytes = 0;
        const char *data = g_bytes_get_data(once, &n_bytes);
        g_autofree char *copy = g_strndup(data, n_bytes);
        if (twice == NULL || !g_bytes_equal(once, twice) ||
            count(copy, "<>") != count(text->str, "<>"))
            CHECK_STRING(copy, text->str);
    }
    /* A value before the first key, or under a deletion, makes many of them bad. */
    CU_ASSERT_TRUE(n_good > 4000);
}

const char cu_suite[] = "reg-format";

const CuCase cu_cases[] = {
    {"values", test_values},       {"wrap", test_wrap},
    {"keys", test_keys},           {"comments", test_comments},
    {"sort", test_sort},           {"directives", test_directives},
    {"encodings", test_encodings}, {"refused", test_refused},
    {"random", test_random},       {NULL, NULL},
};
