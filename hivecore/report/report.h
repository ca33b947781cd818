#pragma once

#include "hivecore/base/json-writer.h"
#include "hivecore/base/root.h"
#include "hivecore/delta/condition.h"
#include "hivecore/delta/delta.h"
#include "hivecore/delta/diff.h"

G_BEGIN_DECLS

/** HcReportOptions: what the reports of a delta say around it. */
typedef struct {
    const char *root;     /* path before every key, may be "" */
    const char *old_name; /* (nullable): file names for the JSON head */
    const char *new_name;
    guint ignore;                   /* HcIgnore bits used */
    const HcIgnoredCounts *ignored; /* (nullable) */
    gboolean is_filtered;           /* somebody asked for a part only */
    uint64_t n_filtered;            /* changes that are not in it */
    gboolean color;
    gboolean is_full;   /* nothing is cut or folded */
    gboolean is_fitted; /* text: to the room below, with trees folded, unless .is_full */
    guint n_columns;    /* 0: no limit */
    guint n_lines;      /* of all changes together, about; 0: no limit, and no tree is folded */
    gboolean has_depth; /* added and removed trees are opened so many levels deep */
    guint depth;
    const char *more;      /* (nullable): how to see what is folded, "--full or --depth=N" */
    gboolean bytes_differ; /* no change, but the files are not the same: the last line says so */
} HcReportOptions;

/**
 * hc_report_text:
 * Into @stream, a delta as a person reads it: one [key] block per touched key, "+" added, "-"
 * removed, "~" changed; of values what is different inside them (report/edit-script.h), with what
 * they mean; a last line with the counts and what was ignored. Deleted trees are one line with
 * counts. Where .is_fitted created ones are too, but for a path made for some values; so are the
 * parts of the tree that do not fit .n_lines; and a tree that was deleted and made elsewhere with
 * the same content is told as moved. Ends with a line feed; names escaped by
 * hc_name_append_display().
 */
void hc_report_text(HcStream *stream, const HcDelta *exact, const HcReportOptions *options);

/**
 * hc_report_text_changes:
 * The same without the last line, for a report of something else.
 * @margin: before each line
 * @is_keyless: only what is below the key, which is known
 */
void hc_report_text_changes(GString *out, const HcDelta *exact, const HcReportOptions *options,
                            const char *margin, gboolean is_keyless);

/** hc_report_append_datum: one value's type and data in one line, e.g. `dword 0x00000004 (4)`. Of
 * binary data only the first bytes, and its digest. */
void hc_report_append_datum(GString *out, const HcDatum *datum);

/** hc_report_append_whole_datum: the same with all data. */
void hc_report_append_whole_datum(GString *out, const HcDatum *datum);

/**
 * hc_report_append_plain:
 * A value's data for scripts: a text or number (decimal) and a line feed, a line for each string of
 * a list, all else as it is stored.
 * @is_terminal: what is no text is escaped
 */
void hc_report_append_plain(GString *out, const HcDatum *datum, gboolean is_terminal);

/**
 * hc_report_append_meaning:
 * What data says beyond its raw form: a time, a GUID, whose SID it is, the name of a number, a text
 * in binary data.
 * @key: (nullable): of the value @name
 *
 * Returns: whether there is such a thing
 */
gboolean hc_report_append_meaning(GString *out, const HcDeltaKey *key, HcName name,
                                  const HcDatum *datum);

/** hc_report_value_lines: Returns: (transfer full): what became of @value of @key, as
 * hc_report_text() has it: lines behind and below its name, of @n_columns, NULL-terminated */
char **hc_report_value_lines(const HcDeltaKey *key, const HcDeltaValue *value, guint n_columns);

/** hc_report_append_ignored: "timestamps (3), flags (1)", with @separator before it; nothing where
 * @ignored (nullable) is nothing. */
void hc_report_append_ignored(GString *out, const char *separator, const HcIgnoredCounts *ignored);

/** hc_report_append_reason: "why: TEXT (ticket X, owner Y)". */
void hc_report_append_reason(GString *out, const HcReason *reason);

/** hc_report_append_value_name: `@` for the default value, else the quoted and escaped name. */
void hc_report_append_value_name(GString *out, HcName name);

/**
 * hc_report_append_counts:
 * What the delta changes, in words: "1 key created, 2 values changed"; nothing for an empty one.
 *
 * Returns: whether anything was appended
 */
gboolean hc_report_append_counts(GString *out, const HcDelta *exact);

/** hc_report_type_name: "REG_SZ", or NULL for a number without a name. */
const char *hc_report_type_name(uint32_t type);

/** hc_report_type_parse: @text: "sz" or "REG_SZ", in any case, or a number, also 0x; what text and
 * JSON print. Returns: FALSE when it is none */
gboolean hc_report_type_parse(const char *text, uint32_t *type);

/** hc_report_json_datum: type and data as in the "after" of a JSON delta; null for none. */
void hc_report_json_datum(HcJsonWriter *json, const HcDatum *datum);

/** hc_report_json_meta: {"class":...}, {"security":...} or {"flags":...}, as in a JSON delta; of
 * @which one bit. */
void hc_report_json_meta(HcJsonWriter *json, HcKeyChange which, const HcKeyMeta *meta);

/** hc_report_json_reason: {"text":...,"ticket":...,"owner":...}, what is said of it. */
void hc_report_json_reason(HcJsonWriter *json, const HcReason *reason);

/** hc_report_json_delta: the document of hc_report_json() as a value, without the line feed. */
void hc_report_json_delta(HcJsonWriter *json, const HcDelta *exact, const HcReportOptions *options);

/** hc_report_json: a delta as one JSON document (docs/FORMATS.md, "JSON delta"), ends with LF. */
void hc_report_json(HcStream *stream, const HcDelta *exact, const HcReportOptions *options);

/**
 * hc_json_read:
 * Reads such a document as a patch into @delta below the names of its "root" member, or of
 * nothing when that is "" (the patch then has no HKEY_ names). HC_ERROR_MALFORMED names
 * file:line:column where JSON itself is broken, and the change's index where its meaning is.
 * @has_root: (out) (nullable): whether it has a "root"
 */
gboolean hc_json_read(HcDelta *delta, const char *file, GBytes *content, gboolean *has_root,
                      GError **error);

/** HcFailedCondition: what a patch says must be so (docs/directives/) and is not. */
typedef struct {
    const HcCondition *condition;
    HcConditionState state; /* data owned by the patch */
} HcFailedCondition;

/**
 * hc_conditions_failed:
 * Checks the conditions of @patch, which is for @hive: EXPECT and REQUIRE with the hive as it is,
 * ASSERT with what @exact makes of it.
 * @exact: (nullable): NULL: only ASSERT, with the hive as it is
 *
 * Returns: (transfer full) (element-type HcFailedCondition): those that do not hold, in the order
 * of lines; NULL with HC_ERROR_MALFORMED of the hive
 */
GArray *hc_conditions_failed(HcDelta *patch, const HcHive *hive, const HcDelta *exact,
                             GError **error);

/**
 * hc_condition_append_expected:
 * What the condition wants, "dword 0x00000001 (1) or absent".
 * @is_full: long binary data is shown whole
 */
void hc_condition_append_expected(GString *out, const HcCondition *condition, gboolean is_full);

/** hc_condition_finding: HC_ERROR_CONFLICT at its line. @root: (nullable): where the hive hangs */
HcFinding *hc_condition_finding(const HcFailedCondition *failed, const HcDelta *patch,
                                const HcRoot *root);

G_END_DECLS
