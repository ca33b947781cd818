#include "config.h"

#include "layerpack/findings.h"

#include <stdarg.h>
#include <string.h>

#include "hivecore/image/entry-name.h"

enum {
    MAX_LINES = 1000,
};

LpFindings *
lp_findings_new(void)
{
    LpFindings *findings = g_new0(LpFindings, 1);
    findings->lines = g_string_new(NULL);
    return findings;
}

void
lp_findings_free(LpFindings *findings)
{
    if (findings == NULL)
        return;
    g_string_free(findings->lines, TRUE);
    g_free(findings);
}

static void
add(LpFindings *findings, LpSeverity severity, const GString *name, const char *source,
    const char *what)
{
    gboolean is_error = severity == LP_SEVERITY_ERROR;
    uint64_t *count = is_error ? &findings->n_errors : &findings->n_warnings;
    (*count)++;
    if (findings->n_errors + findings->n_warnings > MAX_LINES)
        return;
    GString *lines = findings->lines;
    g_string_append(lines, is_error ? "error: " : "warning: ");
    if (name != NULL) {
        hc_entry_name_append_display(lines, name->str, name->len);
        g_string_append(lines, ": ");
    }
    /* What is said of a hive may quote its names. */
    hc_entry_name_append_display(lines, what, strlen(what));
    g_string_append_printf(lines, " (%s)\n", source);
}

void
lp_findings_add(LpFindings *findings, LpSeverity severity, const GString *name, const char *source,
                const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *what = g_strdup_vprintf(format, args);
    va_end(args);
    add(findings, severity, name, source, what);
}

void
lp_findings_add_named(LpFindings *findings, LpSeverity severity, const char *name,
                      const char *source, const char *what)
{
    g_autoptr(GString) text = g_string_new(name);
    add(findings, severity, text, source, what);
}

void
lp_findings_append(LpFindings *findings, const LpFindings *more)
{
    findings->n_errors += more->n_errors;
    findings->n_warnings += more->n_warnings;
    g_string_append_len(findings->lines, more->lines->str, (gssize) more->lines->len);
}
