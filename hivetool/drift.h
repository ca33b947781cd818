#pragma once

#include "hivecore/delta/condition.h"
#include "hivecore/report/records.h"
#include "hivetool/patching.h"

G_BEGIN_DECLS

/* How hives differ from patches, line by line. */

typedef enum {
    HT_DRIFT_VALUE,
    HT_DRIFT_KEY_ABSENT,  /* the patch wants it */
    HT_DRIFT_KEY_PRESENT, /* the patch does not */
    HT_DRIFT_CLASS,
    HT_DRIFT_SECURITY,
    HT_DRIFT_FLAGS,
    HT_DRIFT_ASSERT, /* a condition that does not hold */
} HtDriftKind;

/** HtPlace: the line of a patch that speaks of a key or value. */
typedef struct {
    uint32_t file; /* index of the patch; HT_NO_FILE where no line asks for it */
    uint32_t line;
    gsize target; /* index of the hive */
    guint order;  /* among those of one line */
} HtPlace;

#define HT_NO_FILE G_MAXUINT32

/** HtDrift: something that a line of a patch asks for and the hive has not. */
typedef struct {
    HtPlace place;
    HtDriftKind kind;
    const HcDeltaKey *key;     /* at the path below the hive's root; its before and after are what
                                  the hive has and what the patch says, of CLASS and so on */
    const HcDeltaValue *value; /* of VALUE: before and after likewise; of ASSERT on a value: before
                                  is what the hive has */
    const HcCondition *condition; /* of ASSERT */
} HtDrift;

/** HtStatement: what a line of a patch says, whether it holds or not. */
typedef struct {
    HtPlace place;
    const HcDeltaKey *key;
    const HcDeltaValue *value; /* (nullable) */
    gboolean is_overruled;     /* a later patch says otherwise: nothing is to hold */
} HtStatement;

typedef struct {
    const HtTargets *targets;
    GPtrArray *files;   /* of HcPatchFile * */
    GArray *drifts;     /* of HtDrift, by file and line */
    GArray *statements; /* of HtStatement, by file and line; more than one of a line in JSON */
    GPtrArray *deltas;  /* of HcDelta *, which the two point into */
    gboolean is_full;   /* data is shown whole */
    guint n_columns;    /* of text: what has no room is told in lines of its own; 0: no end */
} HtDriftReport;

/**
 * ht_drift_find:
 * @targets: after hc_patches_resolve() with @files and @options
 *
 * Only the net effect of a file counts: a line that a later one of the same file overrules is no
 * statement. A line that says the same as one of another patch is a statement of its own.
 *
 * Returns: (transfer full): the report, or NULL
 */
HtDriftReport *ht_drift_find(const HcCliContext *context, const HtTargets *targets,
                             GPtrArray *files, const HcPatchOptions *options, GError **error);
void ht_drift_free(HtDriftReport *report);

/** ht_drift_find_asserts: adds the patches' ";!assert" lines; for ht_drift_find(). */
gboolean ht_drift_find_asserts(HtDriftReport *report, GError **error);

/** ht_drift_append_place: "patch.reg:4", or nothing for HT_NO_FILE. */
void ht_drift_append_place(GString *out, const HtDriftReport *report, const HtPlace *place);

/** ht_drift_append_subject: the key's path, and the name of the value if there is one. */
void ht_drift_append_subject(GString *out, const HtDriftReport *report, const HtPlace *place,
                             const HcDeltaKey *key, const HcDeltaValue *value);

/** ht_drift_append_what: "hive has ..., patch says ...". */
void ht_drift_append_what(GString *out, const HtDriftReport *report, const HtDrift *drift);

/** ht_drift_text: a line for each. */
void ht_drift_text(HcStream *stream, const HtDriftReport *report);

/** ht_drift_json: one document (docs/FORMATS-verify.md), ends with LF. */
void ht_drift_json(HcStream *stream, const HtDriftReport *report);

/** ht_drift_junit: JUnit's XML, a suite for each patch and a case for each line that is a
 * statement (docs/FORMATS-verify.md). */
void ht_drift_junit(HcStream *stream, const HtDriftReport *report);

/** ht_drift_findings: a finding for each, at the line of its patch, in @format: HC_FORMAT_SARIF or
 * HC_FORMAT_GITHUB. */
void ht_drift_findings(HcStream *stream, HcFormat format, const HtDriftReport *report);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HtDriftReport, ht_drift_free)

G_END_DECLS
