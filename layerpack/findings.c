#include "config.h"

#include "layerpack/rules.h"

#include <stdarg.h>

#include "hivecore/base/display.h"

static void
add(HcFindings *findings, HcSeverity severity, char *name, const char *source, char *what)
{
    HcFinding *finding = hc_finding_new(severity, what);
    finding->place = name;
    finding->source = source;
    hc_findings_add(findings, finding);
}

void
lp_findings_add(HcFindings *findings, HcSeverity severity, const GString *name, const char *source,
                const char *format, ...)
{
    GString *shown = name != NULL ? g_string_new(NULL) : NULL;
    va_list args;
    /* A name may hold NUL. */
    if (shown != NULL)
        hc_append_display(shown, name->str, name->len);
    va_start(args, format);
    add(findings, severity, shown != NULL ? g_string_free(shown, FALSE) : NULL, source,
        g_strdup_vprintf(format, args));
    va_end(args);
}

void
lp_findings_add_named(HcFindings *findings, HcSeverity severity, const char *name,
                      const char *source, const char *what)
{
    add(findings, severity, g_strdup(name), source, g_strdup(what));
}
