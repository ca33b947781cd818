#pragma once

#include <stdint.h>

#include <glib.h>

#include "hivecore/base/error.h"

G_BEGIN_DECLS

typedef enum {
    HC_DIAGNOSTIC_ERROR,   /* strict mode refuses the file */
    HC_DIAGNOSTIC_WARNING, /* lint only: allowed, but seldom meant */
} HcDiagnosticSeverity;

/** HcDiagnostic: one thing that is wrong with a line of a .reg file. */
typedef struct {
    HcDiagnosticSeverity severity;
    HcErrorCode code;
    const char *rule;    /* (nullable): static; name of the lint rule, e.g. "dword-size" */
    uint32_t line;       /* 1-based; 0: the file as a whole, which may have no lines */
    uint32_t column;     /* 1-based, in characters */
    char *message;       /* what was found and expected, one line, without the place */
    char *source;        /* (nullable): the line around the column, made printable */
    guint caret;         /* characters of source before the column */
    const char *regedit; /* (nullable): static; what regedit does here, e.g. "skips this line";
                            only what is known of it: docs/FORMATS-reg.md has the evidence */
} HcDiagnostic;

/** HcDiagnostics: what was found in one file, in the order of the lines. */
typedef struct {
    char *file;
    GPtrArray *items;  /* of HcDiagnostic *, at most HC_MAX_DIAGNOSTICS */
    uint64_t n_errors; /* also those that are not listed */
    uint64_t n_warnings;
} HcDiagnostics;

HcDiagnostics *hc_diagnostics_new(const char *file);
void hc_diagnostics_free(HcDiagnostics *diagnostics);

/** Returns: whether the list is full, so that further items are only counted. */
gboolean hc_diagnostics_is_full(const HcDiagnostics *diagnostics);

/** hc_diagnostics_add: takes @item (transfer full), or only counts it when the list is full. */
void hc_diagnostics_add(HcDiagnostics *diagnostics, HcDiagnostic *item);

/** hc_diagnostics_sort: by line and column, stable; for findings of several passes. */
void hc_diagnostics_sort(HcDiagnostics *diagnostics);

/**
 * hc_diagnostics_append_text:
 * For each item "file:line:column: message", the source line and a caret below it, and what regedit
 * does; a last line counts when there are several. A warning has "warning: " before its message;
 * a rule follows the message in brackets.
 */
void hc_diagnostics_append_text(GString *out, const HcDiagnostics *diagnostics);

/**
 * hc_diagnostics_set_error:
 * Sets @error to the text, with the code of the first error, where there is one.
 *
 * Returns: whether there is no error
 */
gboolean hc_diagnostics_set_error(const HcDiagnostics *diagnostics, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HcDiagnostics, hc_diagnostics_free)

G_END_DECLS
