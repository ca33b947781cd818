#include "config.h"

#include "layerpack/findings.h"

#include <stdarg.h>
#include <string.h>

#include "hivecore/image/entry-name.h"
#include "layerpack/json-member.h"

enum {
    MAX_LISTED = 1000,
};

static void
finding_free(gpointer data)
{
    LpFinding *finding = data;
    g_free(finding->name);
    g_free(finding->what);
    g_free(finding);
}

LpFindings *
lp_findings_new(void)
{
    LpFindings *findings = g_new0(LpFindings, 1);
    findings->list = g_ptr_array_new_with_free_func(finding_free);
    return findings;
}

void
lp_findings_free(LpFindings *findings)
{
    if (findings == NULL)
        return;
    g_ptr_array_unref(findings->list);
    g_free(findings);
}

static char *
display(const char *text, gsize n_bytes)
{
    GString *out = g_string_new(NULL);
    hc_entry_name_append_display(out, text, n_bytes);
    return g_string_free(out, FALSE);
}

static void
add(LpFindings *findings, LpSeverity severity, const GString *name, const char *source,
    const char *what)
{
    uint64_t *count = severity == LP_SEVERITY_ERROR ? &findings->n_errors : &findings->n_warnings;
    (*count)++;
    if (findings->list->len >= MAX_LISTED)
        return;
    LpFinding *finding = g_new0(LpFinding, 1);
    finding->severity = severity;
    finding->name = name != NULL ? display(name->str, name->len) : NULL;
    /* What is said of a hive may quote its names. */
    finding->what = display(what, strlen(what));
    finding->source = source;
    g_ptr_array_add(findings->list, finding);
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
lp_findings_append(LpFindings *findings, const LpFindings *more, guint layer)
{
    findings->n_errors += more->n_errors;
    findings->n_warnings += more->n_warnings;
    for (guint i = 0; i < more->list->len && findings->list->len < MAX_LISTED; i++) {
        const LpFinding *from = g_ptr_array_index(more->list, i);
        LpFinding *finding = g_new(LpFinding, 1);
        *finding = *from;
        finding->layer = layer;
        finding->name = g_strdup(from->name);
        finding->what = g_strdup(from->what);
        g_ptr_array_add(findings->list, finding);
    }
}

static const char *
severity_name(LpSeverity severity)
{
    return severity == LP_SEVERITY_ERROR ? "error" : "warning";
}

void
lp_findings_append_text(GString *out, const LpFindings *findings)
{
    for (guint i = 0; i < findings->list->len; i++) {
        const LpFinding *finding = g_ptr_array_index(findings->list, i);
        g_string_append_printf(out, "%s: ", severity_name(finding->severity));
        if (finding->layer > 0)
            g_string_append_printf(out, "layer %u: ", finding->layer);
        if (finding->name != NULL)
            g_string_append_printf(out, "%s: ", finding->name);
        g_string_append_printf(out, "%s (%s)\n", finding->what, finding->source);
    }
}

void
lp_findings_append_json(GString *out, const LpFindings *findings)
{
    g_string_append_c(out, '[');
    for (guint i = 0; i < findings->list->len; i++) {
        const LpFinding *finding = g_ptr_array_index(findings->list, i);
        g_string_append_printf(out, "%s\n    {\"severity\": \"%s\", \"layer\": ", i > 0 ? "," : "",
                               severity_name(finding->severity));
        if (finding->layer > 0)
            g_string_append_printf(out, "%u", finding->layer);
        else
            g_string_append(out, "null");
        lp_json_append_member(out, ", ", "name", finding->name);
        lp_json_append_member(out, ", ", "what", finding->what);
        lp_json_append_member(out, ", ", "source", finding->source);
        g_string_append_c(out, '}');
    }
    g_string_append(out, findings->list->len > 0 ? "\n  ]" : "]");
}
