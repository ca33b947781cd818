#include "config.h"

#include <string.h>

#include "hivecore/base/findings.h"
#include "hivecore/base/limits.h"
#include "tests/unit/cu.h"
#include "tests/unit/reg-dump.h"

/* The whole text of what strict mode says: source lines, carets, what regedit does, all errors of
 * a file, each once. */

#define V5  "Windows Registry Editor Version 5.00\n\n"
#define KEY "[HKEY_LOCAL_MACHINE\\k]\n"

static void
check_text(const char *text, HcErrorCode code, const char *expected)
{
    g_autoptr(HcDelta) delta = hc_delta_new();
    g_autoptr(GBytes) content = g_bytes_new_static(text, strlen(text));
    GError *error = NULL;
    gboolean ok = hc_reg_read(delta, "p.reg", content, &(const HcRegReadOptions){0}, NULL, &error);
    CU_ASSERT_FALSE(ok);
    CHECK_ERROR(error, code, expected);
}

/* @lines start at line 4, below a key. */
static void
check_lines(const char *lines, const char *expected)
{
    g_autofree char *text = g_strconcat(V5 KEY, lines, NULL);
    check_text(text, HC_ERROR_MALFORMED, expected);
}

/* What @lines are told to do to regedit: "line: regedit ..." for each error, "?" where nobody
 * knows. */
static void
check_regedit(const char *start, const char *lines, const char *expected)
{
    g_autofree char *text = g_strconcat(start, lines, NULL);
    g_autoptr(HcDelta) delta = hc_delta_new();
    g_autoptr(HcFindings) diagnostics = hc_findings_new("p.reg", HC_MAX_DIAGNOSTICS);
    g_autoptr(GBytes) content = g_bytes_new_static(text, strlen(text));
    const HcRegReadOptions options = {.diagnostics = diagnostics};
    g_autoptr(GString) got = g_string_new(NULL);
    CU_ASSERT_FALSE(hc_reg_read(delta, "p.reg", content, &options, NULL, NULL));
    for (guint i = 0; i < diagnostics->list->len; i++) {
        const HcFinding *item = (const HcFinding *) diagnostics->list->pdata[i];
        g_string_append_printf(got, "%s%u: %s", i > 0 ? "\n" : "", item->line,
                               item->regedit != NULL ? item->regedit : "?");
    }
    CHECK_STRING(got->str, expected);
}

static void
one_error(void)
{
    check_lines("\"Start\"=dword:xyz\n",
                "p.reg:4:15: found 'xyz', expected 1 to 8 hex digits after 'dword:'\n"
                "    \"Start\"=dword:xyz\n"
                "                  ^\n"
                "    regedit skips this line, silently");
}

static void
all_errors(void)
{
    check_lines("\"a\"=x\n\"b\"=-\n#c\n",
                "p.reg:4:5: found 'x', expected a string in quotes, 'dword:', 'hex:', 'hex(n):' or "
                "'-', in lower case\n"
                "    \"a\"=x\n"
                "        ^\n"
                "    regedit skips this line, silently\n"
                "p.reg:6:1: found '#c', expected '[key]', '[-key]', '\"name\"=', '@=' or a ';' "
                "comment\n"
                "    #c\n"
                "    ^\n"
                "    regedit skips this line, silently\n"
                "p.reg: 2 errors");
}

/* Widths: East Asian wide characters take two columns, a combining accent none, a tab is shown as
 * a space, a control character as its number. */
static void
carets(void)
{
#define SAYS(column)                                                                               \
    "p.reg:4:" column ": found 'x', expected the end of the line or a ';' comment after the "      \
    "string\n"
#define SKIPS "    regedit skips this line, silently"
    check_lines("\t\"a\"\t=\"\" x\n", SAYS("10") "     \"a\" =\"\" x\n"
                                                 "             ^\n" SKIPS);
    check_lines("\"\xe6\x97\xa5\xe6\x9c\xac\"=\"\" x\n",
                SAYS("9") "    \"\xe6\x97\xa5\xe6\x9c\xac\"=\"\" x\n"
                          "              ^\n" SKIPS);
    check_lines("\"q\xcc\x81\"=\"\" x\n", SAYS("9") "    \"q\xcc\x81\"=\"\" x\n"
                                                    "           ^\n" SKIPS);
    check_lines("\"e\xcc\x81\"=\"\" x\n", SAYS("9") "    \"e\\u{301}\"=\"\" x\n"
                                                    "                  ^\n" SKIPS);
    check_lines("\"\xf0\x9f\x98\x80\"=\"\" x\n", SAYS("8") "    \"\xf0\x9f\x98\x80\"=\"\" x\n"
                                                           "            ^\n" SKIPS);
    check_lines("\"\x1b\"=\"\" x\n", SAYS("8") "    \"\\u{1b}\"=\"\" x\n"
                                               "                ^\n" SKIPS);
}

static void
long_lines(void)
{
    g_autofree char *before = g_strnfill(200, 'b');
    g_autofree char *after = g_strnfill(200, 'a');
    g_autofree char *line = g_strconcat("\"", before, "\" ", after, "\n", NULL);
    g_autofree char *bs = g_strnfill(38, 'b');
    g_autofree char *as = g_strnfill(32, 'a');
    g_autofree char *pad = g_strnfill(43, ' ');
    g_autofree char *expected = g_strconcat("p.reg:4:204: found '", as,
                                            "...', expected '=' after the value's name\n    ...",
                                            bs, "\" ", as, "...\n    ", pad, "^\n" SKIPS, NULL);
    check_lines(line, expected);
}

/* Pairs of surrogates are not cut in halves: 100 of them stand on both sides. */
static void
long_line_of_pairs(void)
{
    g_autoptr(GString) line = g_string_new("\"");
    for (guint i = 0; i < 100; i++)
        g_string_append(line, "\xf0\x9f\x98\x80");
    g_string_append(line, "\" ");
    for (guint i = 0; i < 100; i++)
        g_string_append(line, "\xf0\x9f\x98\x80");
    g_autofree char *text = g_strconcat(V5 KEY, line->str, "\n", NULL);
    g_autoptr(HcDelta) delta = hc_delta_new();
    g_autoptr(GBytes) content = g_bytes_new_static(text, strlen(text));
    g_autoptr(GError) error = NULL;
    hc_reg_read(delta, "p.reg", content, &(const HcRegReadOptions){0}, NULL, &error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(error);
    CU_ASSERT_PTR_NULL(strstr(error->message, "\\u{"));
    CU_ASSERT_TRUE(g_utf8_validate(error->message, -1, NULL));
}

static void
at_most_a_hundred(void)
{
    g_autoptr(GString) lines = g_string_new(V5 KEY);
    for (guint i = 0; i < HC_MAX_DIAGNOSTICS + 7; i++)
        g_string_append(lines, "junk\n");
    g_autoptr(HcDelta) delta = hc_delta_new();
    g_autoptr(GBytes) content = g_bytes_new_static(lines->str, lines->len);
    g_autoptr(GError) error = NULL;
    hc_reg_read(delta, "p.reg", content, &(const HcRegReadOptions){0}, NULL, &error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(error);
    CU_ASSERT_TRUE(
        g_str_has_suffix(error->message, "\np.reg: 107 errors, the first 100 of them listed"));
}

/* One mistake is told once, and what follows it is still read. */
static void
one_cause_one_error(void)
{
#define LAST "\"z\"=y\n"
    check_regedit(V5, "[ HKLM\\k]\n\"a\"=\"\"\n@=-\n" LAST,
                  "3: skips this line, and Wine's puts the values after it into the key before\n"
                  "6: skips this line, silently");
    check_regedit(V5, "\"a\"=\"\"\n@=-\n" LAST,
                  "3: drops this value, silently\n5: skips this line, silently");
    check_regedit(V5, "[-HKLM\\k]\n\"a\"=\"\"\n@=-\n" KEY LAST,
                  "4: drops this value, silently\n7: skips this line, silently");
    /* Hex data: the lines that were to continue it, or the statement that came instead. */
    check_regedit(V5 KEY, "@=hex:01\\\n  02,03,\\\n  04\n" LAST,
                  "4: skips this line, silently\n7: skips this line, silently");
    check_regedit(V5 KEY, "@=hex:01,\\\n" LAST,
                  "5: skips the value and this line, silently\n5: skips this line, silently");
    check_regedit(V5 KEY, "@=hex:01\n  02,03\n  04\n" LAST,
                  "5: skips this line, silently\n7: skips this line, silently");
    /* Strings: the text after a missing or an escaped quote. */
    check_regedit(V5 KEY, "@=\"x\n" LAST,
                  "5: drops the line that the string starts in\n5: skips this line, silently");
    check_regedit(V5 KEY, "@=\"x\ny\nz\" w\n" LAST,
                  "6: drops the line that the string starts in\n7: skips this line, silently");
    check_regedit(V5 KEY, "@=\"C:\\\\x\\\"\n" LAST,
                  "5: drops the line that the string starts in\n5: skips this line, silently");
    check_regedit(V5 KEY, "@=\"C:\\x\\\"\n" LAST,
                  "4: skips this line, silently\n5: skips this line, silently");
    check_regedit(V5 KEY, "@=\"x\\y\n[k]\nz\"\n" LAST,
                  "4: skips this line, silently\n7: skips this line, silently");
    check_regedit(V5 KEY, "@=\"x\n [-HKLM\\k\\l]\n@=\"\"\n" LAST,
                  "5: takes it for text of the string\n6: drops this value, silently\n"
                  "7: skips this line, silently");
    check_regedit(V5 KEY, "@=\"x\ny\n\n[k\n",
                  "4: skips this line, silently\n"
                  "7: skips this line, and Wine's puts the values after it into the key before");
}

/* Only what docs/FORMATS-reg.md has evidence for. */
static void
what_regedit_does(void)
{
    check_regedit("", "", "0: ?");
    check_regedit("\xfe\xff", "x", "0: refuses the file");
    check_regedit("", "x", "1: refuses the file");
    check_regedit("", "regedit4\n", "1: refuses the file");
    check_regedit("", "REGEDIT5\n", "1: reads nothing of the file and says that it succeeded");
    check_regedit("", "REGEDIT\n",
                  "1: reads the lines that start with HKEY_CLASSES_ROOT, no others");
    check_regedit(V5, "[HKLMX\\k]\n", "3: drops this key and the values after it, silently");
    check_regedit(V5, "[HKLM\\k\n",
                  "3: skips this line, and Wine's puts the values after it into the key before");
    check_regedit(V5, "[HKLM\\\\k]\n", "3: takes several backslashes for one");
    check_regedit(V5, "[HKLM\\k] x\n", "3: ignores what follows the last ']'");
    check_regedit(V5, "[HKLM\\k] ; see [b]\n",
                  "3: makes a key with all up to this ']' in its name");
    check_regedit(V5, "[-HKLM]\n", "3: stops reading the file here, as Wine's does");
    check_regedit(V5 KEY, "\"a\"=\"\\0\"\n", "4: skips this line, silently");
    check_regedit(V5 KEY, "\"a\"=\"\\n\"\n", "4: reads a line break, as Wine's does");
    check_regedit(V5 KEY, "\"a\"=\"\\q\"\n", "4: drops the backslash, as Wine's does");
    check_regedit(V5 KEY, "\"a\"=dword:;c\n", "4: stores 0, as Wine's does");
    check_regedit(V5 KEY, "\"a\"=dword:123456789\n", "4: skips this line, silently");
    check_regedit(V5 KEY, "\"a\"=hex( 2):\n", "4: takes this for a type, as Wine's does");
    check_regedit(V5 KEY, "\"a\"=hex(0x2):\n", "4: skips this line, silently");
    check_regedit(V5 KEY, "\"a\"=hex:0x01\n", "4: takes this for a byte, as Wine's does");
    check_regedit(V5 KEY, "\"a\"=hex:001\n", "4: takes them for one byte, as Wine's does");
    check_regedit(V5 KEY, "\"a\"=hex:100\n", "4: skips this line, silently");
    check_regedit(V5 KEY, "\"a\"=hex:01,\\\n", "4: stores the bytes up to here");
    g_autofree char *name = g_strnfill(257, 'n');
    g_autofree char *key = g_strconcat("[HKLM\\", name, "]\n", NULL);
    check_regedit(V5, key, "3: ?");
}

static void
sorted_and_counted(void)
{
    static const struct {
        HcSeverity severity;
        HcErrorCode code;
        const char *rule;
        uint32_t line;
        uint32_t column;
        const char *message;
    } items[] = {
        {HC_SEVERITY_WARNING, HC_ERROR_MALFORMED, "some-rule", 7, 2, "third"},
        {HC_SEVERITY_ERROR, HC_ERROR_LIMIT, NULL, 7, 2, "fourth"},
        {HC_SEVERITY_ERROR, HC_ERROR_MALFORMED, NULL, 7, 1, "second"},
        {HC_SEVERITY_WARNING, HC_ERROR_MALFORMED, NULL, 2, 9, "first"},
    };
    g_autoptr(HcFindings) diagnostics = hc_findings_new("f", HC_MAX_DIAGNOSTICS);
    for (gsize i = 0; i < G_N_ELEMENTS(items); i++) {
        HcFinding *item = hc_finding_new(items[i].severity, g_strdup(items[i].message));
        item->code = items[i].code;
        item->id = items[i].rule;
        item->line = items[i].line;
        item->column = items[i].column;
        hc_findings_add(diagnostics, item);
    }
    GError *error = NULL;
    CU_ASSERT_FALSE(hc_findings_set_error(diagnostics, &error));
    CHECK_NUMBER(error->code, HC_ERROR_LIMIT);
    g_clear_error(&error);
    hc_findings_sort(diagnostics);
    g_autoptr(GString) text = g_string_new(NULL);
    hc_findings_append_text(text, diagnostics, "");
    CHECK_STRING(text->str, "f:2:9: warning: first\n"
                            "f:7:1: second\n"
                            "f:7:2: warning: third [some-rule]\n"
                            "f:7:2: fourth\n"
                            "f: 2 errors, 2 warnings\n");
}

static void
nothing_wrong(void)
{
    g_autoptr(HcFindings) diagnostics = hc_findings_new("f", HC_MAX_DIAGNOSTICS);
    g_autoptr(GString) text = g_string_new(NULL);
    GError *error = NULL;
    CU_ASSERT_TRUE(hc_findings_set_error(diagnostics, &error));
    CHECK_NO_ERROR(error);
    hc_findings_append_text(text, diagnostics, "");
    CHECK_STRING(text->str, "");
}

const char cu_suite[] = "reg-diagnostics";
const CuCase cu_cases[] = {
    {"one error", one_error},
    {"all errors", all_errors},
    {"carets", carets},
    {"long lines", long_lines},
    {"long line of pairs", long_line_of_pairs},
    {"at most a hundred", at_most_a_hundred},
    {"one cause, one error", one_cause_one_error},
    {"what regedit does", what_regedit_does},
    {"sorted and counted", sorted_and_counted},
    {"nothing wrong", nothing_wrong},
    {NULL, NULL},
};
