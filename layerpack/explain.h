#pragma once

#include "hivecore/base/json-writer.h"
#include "hivecore/cli/cli-report.h"
#include "hivecore/cli/cli.h"
#include "hivecore/delta/delta.h"
#include "hivecore/image/layer-stack.h"
#include "hivecore/reg/reg-writer.h"
#include "hivecore/regf/check.h"
#include "hivecore/report/change-filter.h"
#include "hivecore/report/diff-output.h"
#include "hivecore/report/records.h"

G_BEGIN_DECLS

/** LpSaysKind: what a layer has to say of one hive. */
typedef enum {
    LP_SAYS_NOTHING, /* it has no such hive */
    LP_SAYS_BASE,    /* the whole hive that all layers above change */
    LP_SAYS_CHANGE,  /* a differencing hive over what is below */
    LP_SAYS_ALONE,   /* a differencing hive, and nothing below to hold it against */
} LpSaysKind;

/** LpSays: one hive of one layer, opened. */
typedef struct {
    LpSaysKind kind;
    HcHive *hive;         /* of BASE: the hive; of CHANGE and ALONE: the differencing hive */
    HcHive *below;        /* of CHANGE: the effective hive of the layers below */
    HcDelta *patch;       /* of CHANGE and ALONE: what the differencing hive states */
    HcDelta *exact;       /* of CHANGE: what that changes */
    HcCheckCounts counts; /* of hive */
    uint64_t n_void;      /* of CHANGE: statements of what is so below already */
    uint64_t n_filtered;  /* of CHANGE: changes that a filter took out of exact */
} LpSays;

/**
 * lp_says_read:
 * @context: says what to do with dirty hives, and what was done is said
 * @says: (out): to be cleared, also after a failure
 *
 * Errors as of hc_layer_stack_hive(): a damaged hive is HC_ERROR_MALFORMED naming the layer.
 */
gboolean lp_says_read(const HcCliContext *context, HcLayerStack *stack, guint layer, int slot,
                      LpSays *says, GError **error);
void lp_says_clear(LpSays *says);

/** Returns: (transfer none): where the hive of @slot hangs, e.g. "HKEY_LOCAL_MACHINE\SOFTWARE". */
const char *lp_slot_root(int slot);

/** lp_layer_append_heading: "layer 2 sha256:... (created by)", escaped, without line feed. */
void lp_layer_append_heading(GString *out, const HcLayerStack *stack, guint layer);

/** lp_layer_json: the members "number", "digest", "diff_id" and "created_by", and "missing" when
 * the layer is not here. */
void lp_layer_json(HcJsonWriter *json, const HcLayerStack *stack, guint layer);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(LpSays, lp_says_clear)

/** LpKeyQuery: which key or value is asked for. */
typedef struct {
    HcArena *arena; /* owns the names */
    int slot;       /* the hive that it is in */
    HcPath path;    /* below the hive's root */
    gboolean is_value;
    HcName value; /* empty: the default value */
} LpKeyQuery;

/**
 * lp_key_query_parse:
 * @text: PATH or PATH::VALUE, with a root such as HKLM; a VALUE that is empty or "@" is the default
 *   value. HKCR is HKLM\SOFTWARE\Classes.
 * @key_reading, @value_reading: in which way (hc_key_split(), hc_value_read())
 *
 * Returns: (transfer full): NULL with HC_ERROR_USAGE where it is no path, or in none of the five
 * hives; NULL without @error where it has no such reading
 */
LpKeyQuery *lp_key_query_parse(const char *text, guint key_reading, guint value_reading,
                               GError **error);
void lp_key_query_free(LpKeyQuery *query);

/** lp_key_query_append: the whole path, and "::" and the value's name, escaped. */
void lp_key_query_append(GString *out, const LpKeyQuery *query);

/** LpKeyState: a key as the layers below make it. */
typedef struct {
    gboolean is_there;
    uint32_t n_values;
    uint32_t n_subkeys;
} LpKeyState;

/** LpEvent: a layer that has something to say of the key or value. */
typedef struct {
    guint layer; /* index */
    LpSaysKind kind;
    HcDelta *change;      /* (nullable): of the key or value alone; borrows from whole */
    HcDelta *whole;       /* (nullable) */
    gboolean is_void;     /* said, and so already */
    uint64_t n_elsewhere; /* changes below the key */
    LpKeyState before;    /* of a CHANGE: the key below the layer */
} LpEvent;

/** LpHistory: what the layers did to a key or value, from the base up. */
typedef struct {
    LpKeyQuery *query;
    GArray *events;  /* of LpEvent; at least one */
    int last;        /* index of the last event that changed it */
    HcHive *top;     /* (nullable): the effective hive of all layers */
    gboolean is_key; /* whether @key is set: the key is there in @top */
    HcKey key;
} LpHistory;

/**
 * lp_history_read:
 * @query: (transfer full): its CurrentControlSet becomes the control set of the topmost hive
 *
 * HC_ERROR_NOT_FOUND: no layer has it; the message says what the topmost hive has instead. Other
 * errors as of lp_says_read().
 */
LpHistory *lp_history_read(const HcCliContext *context, HcLayerStack *stack, LpKeyQuery *query,
                           GError **error);
void lp_history_free(LpHistory *history);

/** Returns: (transfer none) (nullable): the node of the key in @event's change. */
const HcDeltaKey *lp_event_key(const LpHistory *history, const LpEvent *event);

/** LpHistoryOptions: how histories are shown. */
typedef struct {
    const HcCliContext *context;
    const HcShowing *showing; /* of changes; .is_full: binary data whole, too */
} LpHistoryOptions;

/** lp_history_text: which layer wrote last, what it was before, what it is now, and all events. */
gboolean lp_history_text(GString *out, const HcLayerStack *stack, const LpHistory *history,
                         const LpHistoryOptions *options, GError **error);

/** lp_histories_json: the same of @histories (of LpHistory *) as one document
 * (docs/FORMATS-explain.md). @is_list: it is one of several, also with one of them. */
void lp_histories_json(GString *out, const HcLayerStack *stack, const GPtrArray *histories,
                       gboolean is_list, const LpHistoryOptions *options);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(LpKeyQuery, lp_key_query_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LpHistory, lp_history_free)

/** LpExplainOptions: what of a source is to be shown, and how. */
typedef struct {
    gboolean slots[HC_N_HIVE_SLOTS]; /* which hives */
    guint layer;                     /* number of the only layer; 0: all */
    HcRegEncoding encoding;          /* of .reg */
    const HcShowing *showing;        /* text: how much */
    HcReportView view;               /* text: what of it */
    const HcChangeFilter *filter;    /* (nullable) */
    const HcCliContext *context;
} LpExplainOptions;

/* What each layer of @registry changed in each hive, lowest first. FALSE as lp_says_read(), after
 * all that can be read was said. */

/** lp_explain_text: in the form of hc_report_text(), under a heading for each layer. */
gboolean lp_explain_text(HcStream *stream, HcLayerStack *stack, const LpExplainOptions *options,
                         GError **error);

/** lp_explain_json: one document (docs/FORMATS-explain.md). */
gboolean lp_explain_json(HcStream *stream, HcLayerStack *stack, const LpExplainOptions *options,
                         GError **error);

/** lp_explain_records: a record for each change, of the layer that column "of" has
 * (docs/FORMATS.md, "Changes"). @is_csv: else NDJSON */
gboolean lp_explain_records(HcStream *stream, HcLayerStack *stack, const LpExplainOptions *options,
                            gboolean is_csv, GError **error);

/** lp_explain_markdown: for a ticket, with a heading for each layer. */
gboolean lp_explain_markdown(HcStream *stream, HcLayerStack *stack, const LpExplainOptions *options,
                             GError **error);

/** lp_explain_html: a page, with a tab for each layer (docs/FORMATS-html.md). */
gboolean lp_explain_html(HcStream *stream, HcLayerStack *stack, const char *source,
                         const LpExplainOptions *options, GError **error);

/** lp_explain_is_wanted: whether @layer (from 0) is to be shown. */
gboolean lp_explain_is_wanted(const LpExplainOptions *options, guint layer);

/** lp_explain_read: lp_says_read() of a layer that is here, without what is filtered. FALSE: cannot
 * be read, which is added to @failures. */
gboolean lp_explain_read(HcLayerStack *stack, guint layer, int slot,
                         const LpExplainOptions *options, LpSays *says, GError **failures);

/**
 * lp_explain_reg:
 * Into @writer, one .reg file that makes the changes of the layers above the base, with comments on
 * which layer made which.
 *
 * @n_inexpressible: (out): changes that the text does not carry
 *
 * HC_ERROR_UNSUPPORTED: a name that cannot stand in a .reg file.
 */
gboolean lp_explain_reg(HcRegWriter *writer, HcLayerStack *stack, const LpExplainOptions *options,
                        uint64_t *n_inexpressible, GError **error);

G_END_DECLS
