#include "config.h"

#include <string.h>

#include "hivecore/reg/cmd-line.h"
#include "hivecore/reg/reg-script.h"
#include "tests/unit/cu.h"
#include "tests/unit/random-tree.h"
#include "tests/unit/reg-dump.h"

/*
 * Lines of batch files: what cmd.exe, the C runtime and reg.exe make of them. The source of each
 * row: W   Wine's tests of reg.exe (programs/reg/tests/add.c, delete.c), which pass on Windows A
 * Microsoft, "reg add"; D  "reg delete" C   Microsoft, "Parsing C command-line arguments" S
 * Microsoft, "Command shell overview", "Using multiple commands and conditional processing symbols"
 *   V   Microsoft, "Registry Keys Affected by WOW64"
 */

typedef struct {
    char source;
    const char *line;
    const char *expected; /* the dump, without line breaks at its end; or the message */
} Row;

static char *
read_line(const char *line)
{
    g_autoptr(HcDelta) delta = hc_delta_new();
    g_autoptr(GBytes) content = g_bytes_new(line, strlen(line));
    g_autoptr(HcFindings) found = hc_findings_new("x.cmd", 10);
    const HcRegReadOptions options = {.diagnostics = found};
    g_autoptr(GError) error = NULL;
    if (hc_reg_script_read(delta, "x.cmd", content, &options, NULL, &error))
        return g_strchomp(reg_dump(delta));
    if (found->list->len == 0)
        return g_strdup(error->message);
    const HcFinding *finding = (const HcFinding *) found->list->pdata[0];
    return g_strdup_printf("%u:%u: %s", finding->line, finding->column, finding->text);
}

static void
check_rows(const Row *rows)
{
    for (; rows->line != NULL; rows++) {
        g_autofree char *got = read_line(rows->line);
        CHECK_STRING(got, rows->expected);
    }
}

#define K  "HKLM\\S"
#define AT "+[HKEY_LOCAL_MACHINE]\n+[HKEY_LOCAL_MACHINE\\S]\n"

static void
values(void)
{
    static const Row rows[] = {
        {'W', "reg add " K " /f", AT "=1:0000"},
        {'W', "reg add " K, AT "=1:0000"},
        {'W', "reg add " K " /t REG_DWORD /d 0x5 /f", AT "=4:05000000"},
        {'W', "reg add " K " /t REG_NONE /d T /f", AT "=0:54000000"},
        {'W', "reg add " K " /v a /f", AT "a=1:0000"},
        {'W', "reg add " K " /v a /t REG_SZ /d \"\"", AT "a=1:0000"},
        {'W', "reg add " K " /d x /f", AT "=1:78000000"},
        {'W', "reg add " K " /v a /d \"f\\0b\" /f", AT "a=1:66005c00300062000000"},
        {'W', "reg add " K " /v \\a /d b/c /f", AT "\\a=1:62002f0063000000"},
        {'W', "reg add " K " /v a /t REG_EXpand_sz /d x", AT "a=2:78000000"},
        {'W', "reg add " K " /t REG_BINARY /f", AT "=3:"},
        {'W', "reg add " K " /t REG_BINARY /d deadBEEF", AT "=3:deadbeef"},
        {'W', "reg add " K " /t REG_BINARY /d DeAdBeEf0DD", AT "=3:0deadbeef0dd"},
        {'W', "reg add " K " /t REG_BINARY /d 0x01",
         "1:33: found the data '0x01', expected hexadecimal digits, two for each byte"},
        {'W', "reg add " K " /t REG_DWORD /d 0123", AT "=4:7b000000"},
        {'W', "reg add " K " /t reg_dword /D 4294967295", AT "=4:ffffffff"},
        {'W', "reg add " K " /t REG_DWORD /d 0X123", AT "=4:23010000"},
        {'W', "reg add " K " /t REG_DWORD_LITTLE_ENDIAN /d 456", AT "=4:c8010000"},
        {'W', "reg add " K " /t REG_DWORD_BIG_ENDIAN /d 456", AT "=5:c8010000"},
        {'W', "reg add " K " /t REG_QWORD /d 0x123456789abcdef", AT "=b:efcdab8967452301"},
        {'W', "reg add " K " /t REG_QWORD", AT "=b:0000000000000000"},
        {'W', "reg add " K " /t REG_QWORD /d -1", AT "=b:ffffffffffffffff"},
        {'W', "reg add " K " /t REG_MULTI_SZ", AT "=7:0000"},
        {'W', "reg add " K " /t REG_MULTI_SZ /d a\\0b",
         AT "=7:6100000062000000"
            "0000"},
        {'A', "reg add " K " /t REG_MULTI_SZ /d a\\0b\\0",
         AT "=7:6100000062000000"
            "0000"},
        {'W', "reg add " K " /t REG_MULTI_SZ /s # /d \"a#b#\"",
         AT "=7:6100000062000000"
            "0000"},
        {'W', "reg add " K " /t REG_MULTI_SZ /s # /d #", AT "=7:00000000"},
        {'W', "reg add " K " /t REG_MULTI_SZ /s # /d a\\0#b",
         AT "=7:61005c0030000000"
            "62000000"
            "0000"},
        {0, NULL, NULL},
    };
    check_rows(rows);
}

#define DWORD_RANGE "expected a number from 0 to 4294967295, or 0x0 to 0xffffffff"

static void
refused(void)
{
    static const Row rows[] = {
        {'W', "reg", "1:1: found the end of the command after 'reg', expected add or delete"},
        {'W', "reg add", "1:5: found the end of the command after 'add', expected a key"},
        {'W', "reg add " K " /t REG_DWORD", "1:19: found no /d, " DWORD_RANGE},
        {'W', "reg add " K " /t REG_DWORD /d -1", "1:32: found the data '-1', " DWORD_RANGE},
        {'W', "reg add " K " /t REG_DWORD /d 123x", "1:32: found the data '123x', " DWORD_RANGE},
        {'W', "reg add " K " /t REG_DWORD /d 00x1", "1:32: found the data '00x1', " DWORD_RANGE},
        {'W', "reg add " K " /t REG_DWORD /d 4294967296",
         "1:32: found the data '4294967296', " DWORD_RANGE},
        {'W', "reg add " K " /t REG_QWORD /d -0x1",
         "1:32: found the data '-0x1', expected a number of at most 64 bits in decimal, or in "
         "hexadecimal behind 0x"},
        {'W', "reg add " K " /t REG_MULTI_SZ /s # /d a##b",
         "1:40: found the data 'a##b', expected no empty string in it"},
        {'W', "reg add " K " /t REG_MULTI_SZ /s # /d #a",
         "1:40: found the data '#a', expected no empty string in it"},
        {'W', "reg add " K " /t REG_MULTI_SZ /s #x /d a",
         "1:35: found the separator '#x', expected one character"},
        {'W', "reg add " K " /t REG_MULTI_SZ /s \"\" /d a",
         "1:35: found the separator '', expected one character"},
        {'W', "reg add " K " /t \"\"",
         "1:19: found '', expected REG_SZ, REG_EXPAND_SZ, REG_MULTI_SZ, REG_DWORD, REG_QWORD, "
         "REG_BINARY, REG_NONE, REG_DWORD_LITTLE_ENDIAN or REG_DWORD_BIG_ENDIAN"},
        {'W', "reg add " K " /f /f", "1:19: found '/f' once more, expected each switch once"},
        {'W', "reg add " K " /d 1 /d 2", "1:21: found '/d' once more, expected each switch once"},
        {'W', "reg add " K " /reg:32 /reg:64",
         "1:24: found '/reg:64' once more, expected each switch once"},
        {'W', "reg add " K " /v a /ve", "1:21: found '/ve', expected only one of /v, /ve and /va"},
        {'W', "reg add " K " /v",
         "1:16: found the end of the command after '/v', expected the name "
         "of a value"},
        {'W', "reg add " K " /f /d",
         "1:19: found the end of the command after '/d', expected what the switch is for"},
        {'W', "reg add " K " /ae",
         "1:16: found '/ae', expected /v, /ve, /t, /s, /d, /f, /reg:32 or /reg:64"},
        {'W', "reg add " K " /va",
         "1:16: found '/va', expected /v, /ve, /t, /s, /d, /f, /reg:32 or /reg:64"},
        {'W', "reg delete " K " /ve /va",
         "1:23: found '/va', expected only one of /v, /ve and /va"},
        {'W', "reg add HKLM\\", "1:9: found 'HKLM\\', expected no empty name between backslashes"},
        {'W', "reg add " K "\\\\ /f",
         "1:9: found 'HKLM\\S\\\\', expected no empty name between backslashes"},
        {'W', "reg add \\HKLM\\S",
         "1:9: found '\\HKLM\\S', expected HKLM, HKCU, HKCR, HKU, HKCC or the long name of one, a "
         "backslash and a key"},
        {'A', "reg add \\\\ABC\\HKLM\\S",
         "1:9: found '\\\\ABC\\HKLM\\S', a key of another machine, expected one of this: HKLM, "
         "HKCU, "
         "HKCR, HKU, HKCC or the long name of one, a backslash and a key"},
        {'D', "reg delete HKLM", "1:12: found 'HKLM', a root, expected a key below it"},
        {'A', "reg query " K, "1:5: found 'query', another command of reg, expected add or delete"},
        {0, NULL, NULL},
    };
    check_rows(rows);
}

static void
keys(void)
{
    static const Row rows[] = {
        {'W', "reg add " K "\\ /v a", AT "a=1:0000"},
        {'W', "reg add " K "\\https://w /v a", AT "+[HKEY_LOCAL_MACHINE\\S\\https://w]\na=1:0000"},
        {'A', "reg add hkcu\\S /v a", "+[HKEY_CURRENT_USER]\n+[HKEY_CURRENT_USER\\S]\na=1:0000"},
        {'A', "reg add HKEY_USERS\\S /v a", "+[HKEY_USERS]\n+[HKEY_USERS\\S]\na=1:0000"},
        {'A', "reg add HKCC\\S /v a",
         "+[HKEY_CURRENT_CONFIG]\n+[HKEY_CURRENT_CONFIG\\S]\na=1:0000"},
        {'A', "reg add HKCR\\S /v a", "+[HKEY_CLASSES_ROOT]\n+[HKEY_CLASSES_ROOT\\S]\na=1:0000"},
        {'D', "reg delete " K " /f", ".[HKEY_LOCAL_MACHINE]\n-[HKEY_LOCAL_MACHINE\\S]"},
        {'D', "reg delete " K " /v a /f", ".[HKEY_LOCAL_MACHINE]\n.[HKEY_LOCAL_MACHINE\\S]\na=-"},
        {'D', "reg delete " K " /ve /f", ".[HKEY_LOCAL_MACHINE]\n.[HKEY_LOCAL_MACHINE\\S]\n=-"},
        {'D', "reg add " K " /v a\nreg delete " K " /v a /f", AT "a=-"},
        {'D', "reg delete " K " /f\nreg add " K " /v a",
         "+[HKEY_LOCAL_MACHINE]\n=[HKEY_LOCAL_MACHINE\\S]\na=1:0000"},
        {'V', "reg add HKLM\\SOFTWARE\\X /v a /reg:32",
         "+[HKEY_LOCAL_MACHINE]\n+[HKEY_LOCAL_MACHINE\\SOFTWARE]\n"
         "+[HKEY_LOCAL_MACHINE\\SOFTWARE\\WOW6432Node]\n"
         "+[HKEY_LOCAL_MACHINE\\SOFTWARE\\WOW6432Node\\X]\na=1:0000"},
        {'V', "reg add HKLM\\SOFTWARE\\Policies /v a /reg:32",
         "+[HKEY_LOCAL_MACHINE]\n+[HKEY_LOCAL_MACHINE\\SOFTWARE]\n"
         "+[HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies]\na=1:0000"},
        {'V', "reg add HKLM\\SYSTEM /v a /reg:32",
         "+[HKEY_LOCAL_MACHINE]\n+[HKEY_LOCAL_MACHINE\\SYSTEM]\na=1:0000"},
        {'V', "reg add HKCR\\CLSID /v a /reg:32",
         "+[HKEY_CLASSES_ROOT]\n+[HKEY_CLASSES_ROOT\\WOW6432Node]\n"
         "+[HKEY_CLASSES_ROOT\\WOW6432Node\\CLSID]\na=1:0000"},
        {0, NULL, NULL},
    };
    check_rows(rows);
}

#define SET(hex) AT "a=1:" hex "0000"

/* Both levels of quotes; and what cmd takes out of a line. */
static void
cmd(void)
{
    static const Row rows[] = {
        {'C', "reg add " K " /v a /d \"a b\"", SET("610020006200")},
        {'C', "reg add " K " /v a /d a\\\"b", SET("610022006200")},
        {'C', "reg add " K " /v a /d \"a\\\\\"", SET("61005c00")},
        {'C', "reg add " K " /v a /d a\\\\b", SET("61005c005c006200")},
        {'C', "reg add " K " /v a /d a\\\\\\\"b", SET("61005c0022006200")},
        {'C', "reg add " K " /v a /d \"a\"\"b\"", SET("610022006200")},
        {'C', "reg add " K " /v a /d d\"e f\"g",
         SET("6400650020006600"
             "6700")},
        {'C', "reg add " K " /v a /d \"C:\\x\\\" /f",
         "1:24: found a quote that is not closed; before a closing quote a backslash is written "
         "twice"},
        {'S', "reg add " K " /v a /d a^&b", SET("610026006200")},
        {'S', "reg add " K " /v a /d \"a^&b\"", SET("61005e0026006200")},
        {'S', "reg add " K " /v a /d a^^b", SET("61005e006200")},
        {'S', "reg add " K " /v a /d ^\r\n ab", SET("61006200")},
        {'S', "@reg add " K " /v a /d %%a%%", SET("250061002500")},
        {'A', "reg add " K " /v a /d ^%a^%", SET("250061002500")},
        {'S', "  REG.EXE  ADD  " K "  /V  a", AT "a=1:0000"},
        {'S', "\"C:\\Windows\\System32\\reg.exe\" add " K " /v a", AT "a=1:0000"},
        {'S', "%windir%\\system32\\reg add " K " /v a", AT "a=1:0000"},
        {'S', "reg add " K " /v a >nul 2>&1", AT "a=1:0000"},
        {'S', "reg add " K " /v a 1>NUL", AT "a=1:0000"},
        {'S', ">nul reg add " K " /v a", AT "a=1:0000"},
        {'S', "reg add " K " /v a2>nul", AT "a2=1:0000"},
        {'S', "reg add " K " /v a && reg add " K " /v b&reg delete " K " /v c",
         AT "a=1:0000\nb=1:0000\nc=-"},
        {'S', "rem a & b\n:: c | d\n\n   \n@rem\n@echo off\necho on\nchcp 65001 >nul", ""},
        {'S', "reg add " K " | more", "1:18: found a command after '|', expected '&' or '&&'"},
        {'S', "reg add " K " || ver", "1:19: found a command after '||', expected '&' or '&&'"},
        {'S', "reg add " K " &&", "1:18: found the end of the line, expected a command after '&&'"},
        {'S', "& reg", "1:1: found '&', expected a command before it"},
        {'S', "reg add " K " > f",
         "1:16: found a redirection to 'f', expected none but >nul and 2>&1"},
        {'S', "reg add " K " >", "1:16: found a redirection to nowhere, expected a file behind it"},
        {'S', "(reg add " K ")",
         "1:1: found '(', a block of commands; write each on a line of its own"},
        {'S', "reg add " K " /d %1",
         "1:19: found '%1', an argument of the script, and it is given none; write the text "
         "itself"},
        {'S', "reg add " K " /d %X:~1%",
         "1:19: found '%X:~1%', which takes a part of a variable or replaces in it; write the text "
         "itself"},
        {'S', ":x",
         "1:1: found the label ':x', expected 'reg add', 'reg delete', a remark or "
         "'@echo off'"},
        {'S', "rem x ^\nreg add " K,
         "1:7: found a caret at the end of a remark, which may take the next line along"},
        {'S', "reg add " K " ^\n /d %a",
         "2:5: found a single '%', which cmd drops; write %% for the sign"},
        {0, NULL, NULL},
    };
    check_rows(rows);
}

static char *
random_word(Random *random)
{
    static const char *const pieces[] = {"\"", "\\", "%", "^", "&", "|", "<", ">", "(", ")",  " ",
                                         "!",  ";",  ",", "=", "a", "/", "1", "é", "𐐀", "\t", "'"};
    GString *word = g_string_new(NULL);
    for (uint32_t n = random_below(random, 9); n > 0; n--)
        g_string_append(word, pieces[random_below(random, G_N_ELEMENTS(pieces))]);
    return g_string_free(word, FALSE);
}

static const char *
no_variable(G_GNUC_UNUSED gpointer data, G_GNUC_UNUSED const char *name, gsize at,
            HcCmdTrouble *trouble)
{
    (void) hc_cmd_fail(trouble, HC_ERROR_MALFORMED, at, "a variable");
    return NULL;
}

/* What is written for cmd is read as it was. */
static void
round_trip(void)
{
    Random random = random_start(1);
    const HcCmdRules rules = {TRUE, no_variable, NULL};
    for (guint i = 0; i < 20000; i++) {
        g_auto(GStrv) words = g_new0(char *, 4);
        g_autoptr(GString) line = g_string_new("p");
        gboolean is_quoted = FALSE;
        for (guint k = 0; k < 3; k++) {
            words[k] = random_word(&random);
            g_string_append_c(line, ' ');
            hc_cmd_append_word(line, words[k], &is_quoted);
        }
        HcCmdTrouble trouble = {HC_ERROR_MALFORMED, 0, NULL};
        gsize n_used;
        g_autoptr(GPtrArray) commands =
            hc_cmd_parse(line->str, line->len, &rules, &n_used, &trouble);
        g_autoptr(GPtrArray) got =
            commands != NULL && commands->len == 1
                ? hc_cmd_words(&((const HcCmdCommand *) commands->pdata[0])->line, &trouble)
                : NULL;
        gboolean is_same = got != NULL && got->len == 4;
        for (guint k = 0; is_same && k < 3; k++)
            is_same = g_str_equal(hc_cmd_word(got, k + 1)->text, words[k]);
        if (!is_same) {
            g_test_message("%s", line->str);
            CHECK_STRING(trouble.text, line->str);
        }
        hc_cmd_trouble_clear(&trouble);
        if (!is_same)
            return;
    }
    CU_PASS("20000 lines");
}

const char cu_suite[] = "reg-command";
const CuCase cu_cases[] = {
    {"data and types", values},
    {"what reg.exe refuses", refused},
    {"keys and deletes", keys},
    {"cmd and the C runtime", cmd},
    {"words written and read", round_trip},
    {NULL, NULL},
};
