#pragma once

#include <stdint.h>

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
    LP_SEVERITY_ERROR,   /* Windows refuses the layer, or ignores or damages what it says */
    LP_SEVERITY_WARNING, /* depends on the reader */
} LpSeverity;

/** LpFindings: lines of what a check found, in the order found. */
typedef struct {
    GString *lines;
    uint64_t n_errors;
    uint64_t n_warnings;
} LpFindings;

LpFindings *lp_findings_new(void);
void lp_findings_free(LpFindings *findings);

/**
 * lp_findings_add:
 * Appends "error: NAME: what (source)", escaped for a terminal. After 1000 lines findings are
 * only counted.
 *
 * @name: entry's name as in the archive; NULL for the layer as a whole
 * @source: what the rule is known from
 */
void lp_findings_add(LpFindings *findings, LpSeverity severity, const GString *name,
                     const char *source, const char *format, ...) G_GNUC_PRINTF(5, 6);

/** lp_findings_add_named: the same for a name in a C string. */
void lp_findings_add_named(LpFindings *findings, LpSeverity severity, const char *name,
                           const char *source, const char *what);

/** lp_findings_append: all of @more behind those of @findings. */
void lp_findings_append(LpFindings *findings, const LpFindings *more);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(LpFindings, lp_findings_free)

G_END_DECLS
