#pragma once

#include <stdint.h>

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
    LP_SEVERITY_ERROR,   /* Windows refuses the layer, or ignores or damages what it says */
    LP_SEVERITY_WARNING, /* depends on the reader */
} LpSeverity;

/** LpFinding: one thing that a check found. */
typedef struct {
    LpSeverity severity;
    guint layer;        /* number of the layer, 1 the lowest; 0: of no layer of an image */
    char *name;         /* (nullable): of the entry, escaped for a terminal */
    char *what;         /* the same */
    const char *source; /* what the rule is known from; static */
} LpFinding;

/** LpFindings: what a check found, in the order found. After 1000 they are only counted. */
typedef struct {
    GPtrArray *list; /* of LpFinding * */
    uint64_t n_errors;
    uint64_t n_warnings;
} LpFindings;

LpFindings *lp_findings_new(void);
void lp_findings_free(LpFindings *findings);

/**
 * lp_findings_add:
 * @name: entry's name as in the archive; NULL for the layer as a whole
 * @source: what the rule is known from; a string that stays
 */
void lp_findings_add(LpFindings *findings, LpSeverity severity, const GString *name,
                     const char *source, const char *format, ...) G_GNUC_PRINTF(5, 6);

/** lp_findings_add_named: the same for a name in a C string. */
void lp_findings_add_named(LpFindings *findings, LpSeverity severity, const char *name,
                           const char *source, const char *what);

/** lp_findings_append: copies of all of @more behind those of @findings, as those of @layer. */
void lp_findings_append(LpFindings *findings, const LpFindings *more, guint layer);

/** lp_findings_append_text: a line "error: layer 2: NAME: what (source)" for each. */
void lp_findings_append_text(GString *out, const LpFindings *findings);

/** lp_findings_append_json: the same as a JSON array of objects, indented by two spaces. */
void lp_findings_append_json(GString *out, const LpFindings *findings);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(LpFindings, lp_findings_free)

G_END_DECLS
