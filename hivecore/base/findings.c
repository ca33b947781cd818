#include "config.h"

#include "hivecore/base/findings.h"

#include <string.h>

#include "hivecore/base/display.h"

#define INDENT "    "

void
hc_finding_free(HcFinding *finding)
{
    g_free(finding->file);
    g_free(finding->place);
    g_free(finding->text);
    g_free(finding->excerpt);
    g_free(finding);
}

static void
free_listed(gpointer finding)
{
    hc_finding_free((HcFinding *) finding);
}

const char *
hc_severity_name(HcSeverity severity)
{
    switch (severity) {
    case HC_SEVERITY_NOTE:
        return "note";
    case HC_SEVERITY_WARNING:
        return "warning";
    case HC_SEVERITY_ERROR:
        return "error";
    }
    return "";
}

HcFindings *
hc_findings_new(const char *file, guint max_listed)
{
    HcFindings *findings = g_new0(HcFindings, 1);
    findings->n_refs = 1;
    findings->file = g_strdup(file);
    findings->max_listed = max_listed;
    findings->list = g_ptr_array_new_with_free_func(free_listed);
    return findings;
}

HcFindings *
hc_findings_ref(HcFindings *findings)
{
    findings->n_refs++;
    return findings;
}

void
hc_findings_unref(HcFindings *findings)
{
    if (findings == NULL || --findings->n_refs > 0)
        return;
    g_free(findings->file);
    g_ptr_array_unref(findings->list);
    g_free(findings);
}

HcFinding *
hc_finding_new(HcSeverity severity, char *text)
{
    HcFinding *finding = g_new0(HcFinding, 1);
    finding->severity = severity;
    finding->code = HC_ERROR_MALFORMED;
    finding->offset = HC_NO_OFFSET;
    finding->text = text;
    return finding;
}

static gboolean
is_full(const HcFindings *findings, HcSeverity severity)
{
    return findings->n[severity] >= findings->max_listed ||
           findings->text_bytes >= HC_MAX_FINDING_BYTES;
}

gboolean
hc_findings_wants(HcFindings *findings, HcSeverity severity)
{
    if (!is_full(findings, severity))
        return TRUE;
    findings->n[severity]++;
    findings->n_unlisted++;
    return FALSE;
}

/* Escapes *@text, (nullable), in place. */
static void
make_shown(char **text)
{
    if (*text == NULL)
        return;
    char *shown = hc_display(*text);
    g_free(*text);
    *text = shown;
}

static gsize
length_of(const char *text)
{
    return text != NULL ? strlen(text) : 0;
}

void
hc_findings_add(HcFindings *findings, HcFinding *finding)
{
    if (!hc_findings_wants(findings, finding->severity)) {
        hc_finding_free(finding);
        return;
    }
    make_shown(&finding->place);
    make_shown(&finding->text);
    make_shown(&finding->excerpt);
    findings->n[finding->severity]++;
    findings->text_bytes += length_of(finding->place) + length_of(finding->text) +
                            length_of(finding->excerpt) + length_of(finding->file);
    g_ptr_array_add(findings->list, finding);
}

void
hc_findings_append(HcFindings *findings, const HcFindings *more, guint layer)
{
    for (guint i = 0; i < more->list->len; i++) {
        const HcFinding *from = (const HcFinding *) more->list->pdata[i];
        HcFinding *finding = g_new(HcFinding, 1);
        *finding = *from;
        finding->layer = layer != 0 ? layer : from->layer;
        finding->file = g_strdup(from->file != NULL ? from->file : more->file);
        finding->place = g_strdup(from->place);
        finding->text = g_strdup(from->text);
        finding->excerpt = g_strdup(from->excerpt);
        hc_findings_add(findings, finding);
    }
    /* Those that are not listed there are not here either. */
    for (guint severity = 0; severity <= HC_SEVERITY_ERROR; severity++) {
        uint64_t n_listed = 0;
        for (guint i = 0; i < more->list->len; i++)
            n_listed += ((const HcFinding *) more->list->pdata[i])->severity == severity ? 1 : 0;
        findings->n[severity] += more->n[severity] - n_listed;
        findings->n_unlisted += more->n[severity] - n_listed;
    }
}

static gint
compare_places(gconstpointer a, gconstpointer b)
{
    const HcFinding *left = *(const HcFinding *const *) a;
    const HcFinding *right = *(const HcFinding *const *) b;
    if (left->line != right->line)
        return left->line < right->line ? -1 : 1;
    return left->column < right->column ? -1 : left->column > right->column;
}

void
hc_findings_sort(HcFindings *findings)
{
    /* GLib documents this sort as stable. */
    g_ptr_array_sort(findings->list, compare_places);
}

void
hc_findings_cut(HcFindings *findings, guint max_listed)
{
    if (findings->list->len <= max_listed)
        return;
    findings->n_unlisted += findings->list->len - max_listed;
    g_ptr_array_set_size(findings->list, (gint) max_listed);
}

const char *
hc_finding_file(const HcFindings *findings, const HcFinding *finding)
{
    return finding->file != NULL ? finding->file : findings->file;
}

void
hc_set_finding_error(GError **error, HcFinding *finding)
{
    g_autoptr(HcFindings) findings = hc_findings_new(NULL, 1);
    finding->severity = HC_SEVERITY_ERROR;
    hc_findings_add(findings, finding);
    (void) hc_findings_set_error(findings, error);
}

gboolean
hc_findings_set_error(HcFindings *findings, GError **error)
{
    if (findings->n[HC_SEVERITY_ERROR] == 0)
        return TRUE;
    HcErrorCode code = HC_ERROR_MALFORMED;
    for (guint i = 0; i < findings->list->len; i++) {
        const HcFinding *finding = (const HcFinding *) findings->list->pdata[i];
        if (finding->severity != HC_SEVERITY_ERROR)
            continue;
        code = finding->code;
        break;
    }
    g_autoptr(GString) text = g_string_new(NULL);
    hc_findings_append_text(text, findings, "");
    g_string_truncate(text, text->len - 1);
    hc_set_findings_error(error, code, text->str, findings);
    return FALSE;
}

/* --- text --- */

/* Spaces as wide as the first @n characters of @text are in a terminal. */
static void
append_padding(GString *out, const char *text, guint n)
{
    for (; n > 0 && *text; n--, text += g_utf8_skip[(guchar) *text]) {
        gunichar c = g_utf8_get_char(text);
        guint width = g_unichar_iszerowidth(c) ? 0 : g_unichar_iswide(c) ? 2 : 1;
        for (guint i = 0; i < width; i++)
            g_string_append_c(out, ' ');
    }
}

/* A line of a text file. */
static void
append_of_file(GString *out, const char *file, const HcFinding *finding)
{
    hc_append_display(out, file, strlen(file));
    if (finding->line > 0)
        g_string_append_printf(out, ":%u", finding->line);
    if (finding->column > 0)
        g_string_append_printf(out, ":%u", finding->column);
    g_string_append(out, ": ");
    if (finding->severity != HC_SEVERITY_ERROR)
        g_string_append_printf(out, "%s: ", hc_severity_name(finding->severity));
    if (finding->place != NULL)
        g_string_append_printf(out, "%s: ", finding->place);
    g_string_append(out, finding->text);
    if (finding->id != NULL)
        g_string_append_printf(out, " [%s]", finding->id);
    g_string_append_c(out, '\n');
    if (finding->excerpt != NULL) {
        g_string_append_printf(out, INDENT "%s\n" INDENT, finding->excerpt);
        append_padding(out, finding->excerpt, finding->caret);
        g_string_append(out, "^\n");
    }
    if (finding->regedit != NULL)
        g_string_append_printf(out, INDENT "regedit %s\n", finding->regedit);
}

static void
append_of_hive(GString *out, const HcFinding *finding)
{
    g_string_append_printf(out, "%s 0x%" G_GINT64_MODIFIER "x", hc_severity_name(finding->severity),
                           finding->offset);
    if (finding->place != NULL)
        g_string_append_printf(out, " [%s]", finding->place);
    g_string_append_printf(out, ": %s\n", finding->text);
}

static void
append_of_layer(GString *out, const HcFinding *finding)
{
    g_string_append_printf(out, "%s: ", hc_severity_name(finding->severity));
    if (finding->layer > 0)
        g_string_append_printf(out, "layer %u: ", finding->layer);
    if (finding->place != NULL)
        g_string_append_printf(out, "%s: ", finding->place);
    g_string_append(out, finding->text);
    if (finding->source != NULL)
        g_string_append_printf(out, " (%s)", finding->source);
    g_string_append_c(out, '\n');
}

static void
append_count(GString *out, const HcFindings *findings, HcSeverity severity, const char *separator)
{
    const uint64_t n = findings->n[severity];
    if (n > 0)
        g_string_append_printf(out, "%s%" G_GUINT64_FORMAT " %s%s", separator, n,
                               hc_severity_name(severity), n == 1 ? "" : "s");
}

static void
append_summary(GString *out, const HcFindings *findings)
{
    const gboolean has_errors = findings->n[HC_SEVERITY_ERROR] > 0;
    const gboolean has_warnings = has_errors || findings->n[HC_SEVERITY_WARNING] > 0;
    hc_append_display(out, findings->file, strlen(findings->file));
    g_string_append(out, ": ");
    append_count(out, findings, HC_SEVERITY_ERROR, "");
    append_count(out, findings, HC_SEVERITY_WARNING, has_errors ? ", " : "");
    append_count(out, findings, HC_SEVERITY_NOTE, has_warnings ? ", " : "");
    if (findings->n_unlisted > 0)
        g_string_append_printf(out, ", the first %u of them listed", findings->list->len);
    g_string_append_c(out, '\n');
}

/* How many more there are, of a list whose findings name files of their own. */
static void
append_rest(GString *out, const HcFindings *findings, const char *prefix)
{
    const guint n = findings->list->len;
    const HcFinding *last = n > 0 ? (const HcFinding *) findings->list->pdata[n - 1] : NULL;
    if (findings->file != NULL || findings->n_unlisted == 0 || last == NULL || last->file == NULL)
        return;
    g_string_append(out, prefix);
    hc_append_display(out, last->file, strlen(last->file));
    g_string_append_printf(out, ": %" G_GUINT64_FORMAT " more %s not shown\n", findings->n_unlisted,
                           findings->n_unlisted == 1 ? "is" : "are");
}

void
hc_findings_append_text(GString *out, const HcFindings *findings, const char *prefix)
{
    uint64_t n = 0;
    for (guint severity = 0; severity <= HC_SEVERITY_ERROR; severity++)
        n += findings->n[severity];
    for (guint i = 0; i < findings->list->len; i++) {
        const HcFinding *finding = (const HcFinding *) findings->list->pdata[i];
        const char *file = hc_finding_file(findings, finding);
        g_string_append(out, prefix);
        if (finding->offset != HC_NO_OFFSET)
            append_of_hive(out, finding);
        else if (file != NULL)
            append_of_file(out, file, finding);
        else
            append_of_layer(out, finding);
    }
    if (findings->file != NULL && n > 1) {
        g_string_append(out, prefix);
        append_summary(out, findings);
    }
    append_rest(out, findings, prefix);
}
