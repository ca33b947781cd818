#pragma once

#include "hivecore/cli/cli-report.h"
#include "layerpack/explain.h"

G_BEGIN_DECLS

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

G_END_DECLS
