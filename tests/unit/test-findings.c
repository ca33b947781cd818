#include "config.h"

#include "hivecore/base/display.h"
#include "hivecore/base/findings.h"
#include "tests/unit/cu.h"

static void
add(HcFindings *findings, HcSeverity severity, const char *place, const char *text)
{
    HcFinding *finding = hc_finding_new(severity, g_strdup(text));
    finding->place = g_strdup(place);
    hc_findings_add(findings, finding);
}

static void
check_text(const HcFindings *findings, const char *prefix, const char *expected)
{
    g_autoptr(GString) text = g_string_new(NULL);
    hc_findings_append_text(text, findings, prefix);
    CHECK_STRING(text->str, expected);
}

/* Whatever a field holds, it cannot begin a line, move a cursor or turn the text around. */
static void
fields(void)
{
    static const struct {
        const char *text;
        const char *shown;
    } cases[] = {
        {"plain, \xc3\xa4 \xf0\x9f\x98\x80 \\ \"", "plain, \xc3\xa4 \xf0\x9f\x98\x80 \\ \""},
        {"a\nb\x1b[1m\x7f", "a\\u{a}b\\u{1b}[1m\\u{7f}"},
        {"\xc2\x80\xc2\x9f", "\\u{80}\\u{9f}"},
        {"\xe2\x80\xae\xe2\x81\xa6\xd8\x9c", "\\u{202e}\\u{2066}\\u{61c}"},
        {"\xe2\x80\xa8\xe2\x80\xa9", "\\u{2028}\\u{2029}"},
        {"\xf3\xa0\x80\x81\xf3\xa0\x81\xbf", "\\u{e0001}\\u{e007f}"},
        {"a\xff\xc3", "a\\x{ff}\\x{c3}"},
        {"\xed\xa0\x80", "\\x{ed}\\x{a0}\\x{80}"},
        {"a\\u{a}", "a\\u{a}"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *shown = hc_display(cases[i].text);
        g_autofree char *again = hc_display(shown);
        CHECK_STRING(shown, cases[i].shown);
        CHECK_STRING(again, cases[i].shown);
    }
    g_autoptr(GString) nul = g_string_new(NULL);
    hc_append_display(nul, "a\0b", 3);
    CHECK_STRING(nul->str, "a\\x{00}b");
}

/* One line for each, by what says where it is. */
static void
places(void)
{
    g_autoptr(HcFindings) findings = hc_findings_new(NULL, HC_MAX_FINDINGS);
    HcFinding *hive = hc_finding_new(HC_SEVERITY_WARNING, g_strdup("key: too\nlong"));
    hive->offset = 0x1020;
    hive->place = g_strdup("A\\B");
    hc_findings_add(findings, hive);
    HcFinding *layer = hc_finding_new(HC_SEVERITY_ERROR, g_strdup("is missing"));
    layer->layer = 2;
    layer->place = g_strdup("Hives");
    layer->source = "the importer";
    hc_findings_add(findings, layer);
    HcFinding *line = hc_finding_new(HC_SEVERITY_NOTE, g_strdup("seldom meant"));
    line->file = g_strdup("a\nhivetool: b.reg");
    line->line = 3;
    line->column = 5;
    line->id = "some-rule";
    line->excerpt = g_strdup("    x = 1");
    line->caret = 4;
    line->regedit = "skips this line";
    hc_findings_add(findings, line);
    check_text(findings, "",
               "warning 0x1020 [A\\B]: key: too\\u{a}long\n"
               "error: layer 2: Hives: is missing (the importer)\n"
               "a\\u{a}hivetool: b.reg:3:5: note: seldom meant [some-rule]\n"
               "        x = 1\n"
               "        ^\n"
               "    regedit skips this line\n");
}

static void
limits(void)
{
    g_autoptr(HcFindings) few = hc_findings_new("f", 2);
    for (guint i = 0; i < 4; i++)
        add(few, HC_SEVERITY_ERROR, NULL, "bad");
    add(few, HC_SEVERITY_WARNING, NULL, "odd");
    CHECK_NUMBER(few->n_unlisted, 2);
    check_text(few, "p: ",
               "p: f: bad\np: f: bad\np: f: warning: odd\n"
               "p: f: 4 errors, 1 warning, the first 3 of them listed\n");

    g_autoptr(HcFindings) all = hc_findings_new(NULL, HC_MAX_FINDINGS);
    hc_findings_append(all, few, 0);
    CHECK_NUMBER(all->n[HC_SEVERITY_ERROR], 4);
    CHECK_NUMBER(all->n_unlisted, 2);
    hc_findings_cut(all, 1);
    check_text(all, "", "f: bad\nf: 4 more are not shown\n");
}

/* An error takes the findings along, also when it is copied. */
static void
in_errors(void)
{
    GError *error = NULL;
    HcFinding *finding = hc_finding_new(HC_SEVERITY_ERROR, g_strdup("contradicts"));
    finding->code = HC_ERROR_CONFLICT;
    finding->file = g_strdup("a.reg");
    finding->line = 7;
    CU_ASSERT_FALSE(hc_fail_finding(&error, finding));
    g_autoptr(GError) copy = g_error_copy(error);
    CHECK_ERROR(error, HC_ERROR_CONFLICT, "a.reg:7: contradicts");
    const HcFindings *carried = hc_error_findings(copy);
    CU_ASSERT_PTR_NOT_NULL_FATAL(carried);
    check_text(carried, "p: ", "p: a.reg:7: contradicts\n");

    hc_set_error(&error, HC_ERROR_IO, "f: cannot");
    CU_ASSERT_PTR_NULL(hc_error_findings(error));
    g_clear_error(&error);

    g_autoptr(HcFindings) warnings = hc_findings_new("f", 1);
    add(warnings, HC_SEVERITY_WARNING, NULL, "odd");
    CU_ASSERT_TRUE(hc_findings_set_error(warnings, &error));
    CHECK_NO_ERROR(error);
}

const char cu_suite[] = "findings";
const CuCase cu_cases[] = {
    {"fields", fields},       {"places", places}, {"limits", limits},
    {"in errors", in_errors}, {NULL, NULL},
};
