#pragma once

#include <stdint.h>

#include <glib.h>

#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"

G_BEGIN_DECLS

/*
 * What is found wrong with an input, as data on its way to a printer. A GError says "stop", a
 * finding "say": what is checked is read on, and all that is wrong with it is told.
 */

/** HcSeverity: how bad a finding is. */
typedef enum {
    HC_SEVERITY_NOTE,    /* nothing is wrong, but worth to know */
    HC_SEVERITY_WARNING, /* it can be used, but is seldom meant, or depends on who reads it */
    HC_SEVERITY_ERROR,   /* it is refused, misread or damaged by those it is for */
} HcSeverity;

/** hc_severity_name: "note", "warning" or "error". */
const char *hc_severity_name(HcSeverity severity);

#define HC_NO_OFFSET UINT64_MAX

/**
 * HcFinding: one thing that was found. What is not known or has no meaning is NULL or 0. Texts hold
 * no characters that hc_is_hidden(); hc_findings_add() sees to it.
 */
typedef struct {
    HcSeverity severity;
    HcErrorCode code;    /* of an error that ends a command: what that fails with */
    const char *id;      /* static: stable name of the rule */
    const char *source;  /* static: what the rule is known from */
    char *file;          /* as the user named it, any bytes; NULL: that of the list */
    uint32_t line;       /* 1-based; 0: the file as a whole */
    uint32_t column;     /* 1-based, in characters */
    uint64_t offset;     /* in a binary file; HC_NO_OFFSET */
    guint layer;         /* of an image, 1 the lowest */
    char *place;         /* within: path of a key, name of an entry */
    char *text;          /* what is wrong, one sentence */
    char *excerpt;       /* the line of the file, around the column */
    guint caret;         /* characters of the excerpt before the column */
    const char *regedit; /* static: what regedit does there, e.g. "skips this line" */
} HcFinding;

/** HcFindings: a list in the order found. Of each severity so many are listed, the rest counted. */
struct HcFindings {
    guint n_refs;
    char *file;       /* (nullable): what those are about that name no other file */
    guint max_listed; /* of each severity */
    GPtrArray *list;  /* of HcFinding * */
    uint64_t n[HC_SEVERITY_ERROR + 1]; /* by severity, those not listed included */
    uint64_t n_unlisted;
    uint64_t text_bytes; /* of those listed */
};

/**
 * hc_findings_new:
 * @file: (nullable): what the findings are about
 * @max_listed: of each severity; HC_MAX_FINDINGS where there is no reason for another number
 */
HcFindings *hc_findings_new(const char *file, guint max_listed);
HcFindings *hc_findings_ref(HcFindings *findings);
void hc_findings_unref(HcFindings *findings);

/** Returns: (transfer full): a finding with @text (transfer full) and no place, an error
 * HC_ERROR_MALFORMED; to be changed as needed and given to hc_findings_add(). */
HcFinding *hc_finding_new(HcSeverity severity, char *text);

void hc_finding_free(HcFinding *finding);

/** hc_findings_wants: FALSE, and the finding that the caller has is counted, when the list is full;
 * for callers that would have to make a text first. */
gboolean hc_findings_wants(HcFindings *findings, HcSeverity severity);

/** hc_findings_add: takes @finding (transfer full), or only counts it when the list is full. */
void hc_findings_add(HcFindings *findings, HcFinding *finding);

/** hc_findings_append: copies of all of @more behind those of @findings; of @layer, unless 0. */
void hc_findings_append(HcFindings *findings, const HcFindings *more, guint layer);

/** hc_findings_sort: by line and column, stable; for findings of several passes. */
void hc_findings_sort(HcFindings *findings);

/** hc_findings_cut: lists only the first @max_listed, and counts the others. */
void hc_findings_cut(HcFindings *findings, guint max_listed);

/** Returns: the file that @finding is about; NULL: the one at hand. */
const char *hc_finding_file(const HcFindings *findings, const HcFinding *finding);

/**
 * hc_findings_append_text:
 * A line for each, by what says where it is:
 *
 *     FILE:LINE:COLUMN: [warning: ]PLACE: TEXT [ID]     (and indented the line, a caret, regedit)
 *     error 0xOFFSET [PLACE]: TEXT
 *     error: layer N: PLACE: TEXT (SOURCE)
 *
 * Of a list that is about one file a last line counts, where there are several; of one that is
 * about none it says how many are not listed.
 *
 * @prefix: before each line that is not indented, as "hivetool: "; or ""
 */
void hc_findings_append_text(GString *out, const HcFindings *findings, const char *prefix);

/** hc_set_finding_error: sets @error to carry @finding (transfer full) alone, with its code. */
void hc_set_finding_error(GError **error, HcFinding *finding);
#define hc_fail_finding(...) (hc_set_finding_error(__VA_ARGS__), FALSE)

/**
 * hc_findings_set_error:
 * Where there is an error, sets @error to carry the findings, with the code of the first.
 *
 * Returns: whether there is none
 */
gboolean hc_findings_set_error(HcFindings *findings, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HcFindings, hc_findings_unref)

G_END_DECLS
