#pragma once

#include <stdint.h>

#include <glib.h>

#include "hivecore/base/arena.h"
#include "hivecore/base/findings.h"
#include "hivecore/base/name.h"
#include "hivecore/base/path.h"
#include "hivecore/regf/hive.h"
#include "hivecore/regf/types.h"

G_BEGIN_DECLS

/**
 * HcDelta: a registry change, a sorted tree of keys and values with what happens to each.
 *
 * Two uses of the one form:
 * - a *patch*, what a .reg file or a differencing hive says: CREATE means "is there afterwards",
 *   DELETE "is not there afterwards"; nothing is known of what was before (no before data). Built
 *   by the functions below in the order of the lines; what comes out is the net effect.
 * - an *exact* delta, the difference between two hives (hc_diff()) or what a patch does to one
 *   hive (hc_delta_resolve()): CREATE names keys that were not there, DELETE keys that were,
 *   every change has its before and after, and nothing in it is without effect.
 *
 * What only one of them knows is behind a pointer, .patch or .before; in the other it points to
 * what says nothing, never to NULL.
 *
 * The root node stands for the hive's root key (or, straight from a .reg file, for the place
 * above the HKEY_ names). Everything a delta points to lives in its own arena. Read members
 * freely; change them only through functions.
 */
typedef struct HcDelta HcDelta;
typedef struct HcDeltaKey HcDeltaKey;
typedef struct HcDeltaValue HcDeltaValue;
typedef struct HcDeltaChildIndex HcDeltaChildIndex;

typedef enum {
    HC_KEY_KEEP,    /* the key itself is not made or deleted; see its changes, values, children. In
                       a patch values may go from it where it is there, and nothing else */
    HC_KEY_CREATE,  /* the key is made, with what is listed */
    HC_KEY_DELETE,  /* the key goes, with everything below it */
    HC_KEY_REPLACE, /* the key is deleted and made again: it holds what is listed and nothing
                       else */
} HcKeyOp;

typedef enum {
    HC_VALUE_SET,
    HC_VALUE_DELETE,
} HcValueOp;

/** What changes in a KEEP key itself, a set of bits. */
typedef enum {
    HC_CHANGED_CLASS = 1 << 0,
    HC_CHANGED_SECURITY = 1 << 1,
    HC_CHANGED_FLAGS = 1 << 2,
    HC_CHANGED_TIME = 1 << 3,
    HC_CHANGED_ORDER = 1 << 4, /* the same values in another order */
} HcKeyChange;

/** HcOrigin: the line that asked for something. source 0: none; else index + 1 of the source.
 */
typedef struct {
    uint32_t source;
    uint32_t line;
} HcOrigin;

/** HcReason: why somebody wants a change, in the words of the patch. Empty names: not said. */
typedef struct {
    HcName text;
    HcName ticket;
    HcName owner;
} HcReason;

/** HcKeyMeta: what a key carries besides values. */
typedef struct {
    HcBlob class_name; /* UTF-16LE; .bytes NULL: none */
    HcBlob security;   /* .bytes NULL: not known (a patch), or the parent's */
    uint16_t flags;    /* HC_KEY_FLAG_* that have a meaning: see HC_KEY_FLAGS_COMPARED */
    uint64_t mtime_filetime;
} HcKeyMeta;

extern const HcKeyMeta hc_key_meta_none;

/* The key flags that are content; the others follow from place and name encoding. */
#define HC_KEY_FLAGS_COMPARED (HC_KEY_FLAG_SYMLINK | HC_KEY_FLAG_PREDEFINED | HC_KEY_FLAG_VOLATILE)

/** HcDatum: a value's type and data, or its absence. */
typedef struct {
    gboolean is_present;
    uint32_t type;
    HcBlob data;
} HcDatum;

extern const HcDatum hc_datum_absent;

/** HcPatchKey: how a patch says what it says of a key. It is not written to, so that most keys
 * share the one of zeros. */
typedef struct {
    HcOrigin made_origin;      /* of REPLACE: the line that makes it again; source 0: none names it,
                                  only what is below it */
    gboolean values_are_all;   /* of CREATE and KEEP: what is not listed in values goes */
    gboolean children_are_all; /* of CREATE: subkeys that no CREATE or REPLACE child names go */
    HcOrigin all_origin;       /* the line that said one of these two */
} HcPatchKey;

/** HcDeltaList: pointers, in the arena of the delta; most keys have few. */
typedef struct {
    gpointer *pdata;
    guint len;
    guint alloc;
} HcDeltaList;

struct HcDeltaValue {
    HcName name; /* empty: the default value */
    HcValueOp op;
    HcOrigin origin;
    uint32_t last_source;   /* in a patch: the last source that said the same; 0: none did */
    const HcReason *reason; /* NULL: none was given; else interned in the delta */
    const HcDatum *before;  /* in a patch &hc_datum_absent */
    HcDatum after;          /* present exactly when op is SET */
};

struct HcDeltaKey {
    HcName name; /* empty at the root; an exact delta spells existing keys as the old hive does */
    HcKeyOp op;
    HcOrigin origin;        /* of REPLACE: the line that deletes it */
    uint32_t last_source;   /* in a patch: the last source that named the key or one below it */
    const HcReason *reason; /* as in HcDeltaValue */
    guint changed; /* HcKeyChange bits. Exact: of KEEP only. In a patch, of KEEP and CREATE:
                      what .after states for a key that is there already, "none" too */
    guint kept;    /* HcKeyChange bits. In a patch, of CREATE and REPLACE: what a key that is
                      there already keeps, whatever .after has for a new one. Exact: of
                      REPLACE, CLASS alone, where a patch said so */
    const HcPatchKey *patch;        /* exact: all zeros */
    const HcKeyMeta *before;        /* exact: the old key, of KEEP, DELETE and REPLACE; else
                                       &hc_key_meta_none */
    HcKeyMeta after;                /* exact: the new key, of KEEP, CREATE and REPLACE */
    HcDeltaKey *parent;             /* NULL at the root */
    HcDeltaList children;           /* of HcDeltaKey *, sorted by hc_name_compare() */
    HcDeltaChildIndex *child_index; /* private to delta-children.c */
    HcDeltaList values;             /* of HcDeltaValue *. Sorted by hc_name_compare() in KEEP
                                      keys of exact deltas, so the default value first; else in the order
                                      of the hive or of the statements, which new keys store them in */
    GHashTable *value_index;        /* private to delta.c: values by name, once there are many */
    HcDeltaKey *old_tree; /* exact, of DELETE and REPLACE: the old subtree as CREATE nodes */
};

HcDelta *hc_delta_new(void);
void hc_delta_free(HcDelta *delta);

/** Returns: (transfer none): the root node, op KEEP. */
HcDeltaKey *hc_delta_root(const HcDelta *delta);

/** Returns: (transfer none): for callers that make names or data to put into the delta. */
HcArena *hc_delta_arena(HcDelta *delta);

/** hc_delta_add_source: registers a patch's file name. Returns: its HcOrigin.source. */
uint32_t hc_delta_add_source(HcDelta *delta, const char *file);

/** Returns: (transfer none): the file name of @source, or NULL for 0. */
const char *hc_delta_source(const HcDelta *delta, uint32_t source);

/**
 * hc_delta_name_source:
 * What the author of patch @source calls it, as statements about the whole file; copied.
 * @id, @version: empty: not said
 */
void hc_delta_name_source(HcDelta *delta, uint32_t source, HcName id, HcName version);

/** hc_delta_source_name: FALSE when @source was given no name. */
gboolean hc_delta_source_name(const HcDelta *delta, uint32_t source, HcName *id, HcName *version);

/** hc_delta_sort_children: for hc_delta_child(), where new children wait to be sorted in. */
void hc_delta_sort_children(const HcDeltaKey *key);

/** Number of children and of values; array access. */
static inline guint
hc_delta_n_children(const HcDeltaKey *key)
{
    return key->children.len;
}

static inline HcDeltaKey *
hc_delta_child(const HcDeltaKey *key, guint i)
{
    if (key->child_index != NULL)
        hc_delta_sort_children(key);
    return (HcDeltaKey *) key->children.pdata[i];
}

/** Whether the delta makes the key, or takes the old one away; REPLACE does both. */
static inline gboolean
hc_delta_is_made(const HcDeltaKey *key)
{
    return key->op == HC_KEY_CREATE || key->op == HC_KEY_REPLACE;
}

static inline gboolean
hc_delta_is_gone(const HcDeltaKey *key)
{
    return key->op == HC_KEY_DELETE || key->op == HC_KEY_REPLACE;
}

/** hc_delta_makes_child: whether a key right below @key is made, and @key with it. */
gboolean hc_delta_makes_child(const HcDeltaKey *key);

static inline guint
hc_delta_n_values(const HcDeltaKey *key)
{
    return key->values.len;
}

static inline HcDeltaValue *
hc_delta_value(const HcDeltaKey *key, guint i)
{
    return (HcDeltaValue *) key->values.pdata[i];
}

/* --- building a patch: each call is one statement, in the order of the lines --- */

/**
 * hc_delta_last_wins:
 * Statements of different sources that contradict each other (set and set with other data, set
 * and delete of one value, delete of a key another source puts something in) are
 * HC_ERROR_CONFLICT naming both places until this is called. Within one source the later line
 * wins.
 */
void hc_delta_last_wins(HcDelta *delta);

/**
 * hc_delta_alias:
 * From now on statements at and below @path are given to its sibling @to: how
 * CurrentControlSet stands for ControlSet001 while the lines keep their order. To delete @path
 * itself is HC_ERROR_UNSUPPORTED.
 */
void hc_delta_alias(HcDelta *delta, HcPath path, HcName to);

/** hc_delta_alias_path: the same for any place @to: HKEY_CLASSES_ROOT. */
void hc_delta_alias_path(HcDelta *delta, HcPath path, HcPath to);

/**
 * hc_delta_alias_use:
 * Whether a statement or condition so far is at or below @path, which hc_delta_alias() was told of.
 * @origin: (out): of the first
 */
gboolean hc_delta_alias_use(const HcDelta *delta, HcPath path, HcOrigin *origin);

/**
 * hc_delta_ensure_key:
 * "[path]": the key at @path and its parents exist afterwards.
 *
 * @path: from the root; each name 1 to 256 units (HC_ERROR_MALFORMED, HC_ERROR_LIMIT);
 *   copied
 *
 * Returns: (transfer none): the node, to set values in until the next statement on keys
 */
HcDeltaKey *hc_delta_ensure_key(HcDelta *delta, HcPath path, HcOrigin origin, GError **error);

/**
 * hc_delta_reach_key:
 * The key at @path where it is there; it is not made. To delete values from.
 *
 * Returns: (transfer none) (nullable): the node; NULL without @error when the patch so far says
 * that no such key is there
 */
HcDeltaKey *hc_delta_reach_key(HcDelta *delta, HcPath path, HcOrigin origin, GError **error);

/** hc_delta_delete_key: "[-path]": neither the key nor anything below it is there afterwards.
 */
gboolean hc_delta_delete_key(HcDelta *delta, HcPath path, HcOrigin origin, GError **error);

/** hc_delta_find_key: Returns: (transfer none) (nullable): the node of @path, read as statements
 * read it. */
HcDeltaKey *hc_delta_find_key(const HcDelta *delta, HcPath path);

/** hc_delta_set_value: "name"=data under @key; @name at most 16,383 units; data copied. */
gboolean hc_delta_set_value(HcDelta *delta, HcDeltaKey *key, HcName name, uint32_t type,
                            HcBlob data, HcOrigin origin, GError **error);

/** hc_delta_delete_value: "name"=- under @key. */
gboolean hc_delta_delete_value(HcDelta *delta, HcDeltaKey *key, HcName name, HcOrigin origin,
                               GError **error);

/** hc_delta_exact: what of a key is to be only what the patch names. */
typedef enum {
    HC_EXACT_VALUES = 1 << 0,
    HC_EXACT_KEYS = 1 << 1,
    HC_EXACT_BELOW = 1 << 2, /* the same for every key that the patch names below it */
} HcExact;

/**
 * hc_delta_make_exact:
 * Values (subkeys) of @key that the patch does not name are not there afterwards. To be called
 * when everything that @origin's source says has been said: what an earlier source put into the
 * key, and this one does not say too, is HC_ERROR_CONFLICT naming both places, or goes after
 * hc_delta_last_wins(). Later sources that add something contradict it likewise.
 *
 * @exact: HcExact bits
 */
gboolean hc_delta_make_exact(HcDelta *delta, HcDeltaKey *key, guint exact, HcOrigin origin,
                             GError **error);

/**
 * hc_delta_reason:
 * Returns: (transfer none): @reason copied into the delta, once however often it is asked for;
 * NULL for NULL
 */
const HcReason *hc_delta_reason(HcDelta *delta, const HcReason *reason);

/* --- building by hand: diff, resolve, readers of exact deltas --- */

/** hc_delta_add_child: a new child, kept sorted; @name copied. There must be none of that name.
 */
HcDeltaKey *hc_delta_add_child(HcDelta *delta, HcDeltaKey *parent, HcName name, HcKeyOp op);

/** hc_delta_way: the key at @path below @key; what is not there is made, KEEP. */
HcDeltaKey *hc_delta_way(HcDelta *delta, HcDeltaKey *key, HcPath path);

/** hc_delta_new_tree: a free-standing CREATE node, for old_tree; @name copied. */
HcDeltaKey *hc_delta_new_tree(HcDelta *delta, HcName name);

/** hc_delta_adopt_child: puts a free-standing @tree under @parent, kept sorted. */
void hc_delta_adopt_child(HcDelta *delta, HcDeltaKey *parent, HcDeltaKey *tree);

/**
 * hc_delta_add_value: a new value with name copied and data not set.
 * @keep_order: append, for values in storage order; else kept sorted
 */
HcDeltaValue *hc_delta_add_value(HcDelta *delta, HcDeltaKey *key, HcName name, HcValueOp op,
                                 gboolean keep_order);

/** hc_delta_dup_blob: @blob copied into the delta; .bytes NULL stays NULL. Equal descriptors
 * are stored once when @intern. */
HcBlob hc_delta_dup_blob(HcDelta *delta, HcBlob blob, gboolean intern);

/** Returns: (transfer none): @source copied into the delta, for .before of a value. */
const HcDatum *hc_delta_dup_datum(HcDelta *delta, const HcDatum *source);

/** hc_delta_remove_child: takes a node without effect out again (its memory stays till the
 * end). */
void hc_delta_remove_child(HcDeltaKey *parent, HcDeltaKey *child);

/** Returns: (transfer none): the child or value of that name, or NULL. */
HcDeltaKey *hc_delta_find_child(const HcDeltaKey *key, HcName name);
HcDeltaValue *hc_delta_find_value(const HcDeltaKey *key, HcName name);

/* --- looking at deltas --- */

/** Returns: whether the delta changes nothing: a lone KEEP root without values and changes. */
gboolean hc_delta_is_empty(const HcDelta *delta);

/** Returns: whether a KEEP node and everything under it has no effect. */
gboolean hc_delta_key_is_void(const HcDeltaKey *key);

typedef struct {
    uint64_t keys_created; /* every key of created trees */
    uint64_t keys_deleted; /* every key of deleted trees, where the delta is exact */
    uint64_t keys_replaced;
    uint64_t keys_changed; /* class, security, flags, time, order */
    uint64_t values_added; /* absent before, or before unknown; values of created keys included */
    uint64_t values_changed;
    uint64_t values_deleted; /* values of deleted keys included */
} HcDeltaCounts;

HcDeltaCounts hc_delta_count(const HcDelta *delta);

/** hc_delta_count_tree: the same of @key and all below it. */
HcDeltaCounts hc_delta_count_tree(const HcDeltaKey *key);

/** hc_datum_equal: the same type and bytes, or both absent. */
gboolean hc_datum_equal(const HcDatum *a, const HcDatum *b);

/** hc_delta_value_same_wish: whether both ask for the same, whatever was before. */
gboolean hc_delta_value_same_wish(const HcDeltaValue *a, const HcDeltaValue *b);

/**
 * hc_delta_equal:
 * Whether two exact deltas say the same: names (folded), ops, changes, before and after of
 * values, class, security and flags; times and origins do not count. Values are compared by
 * name, not by order.
 */
gboolean hc_delta_equal(const HcDelta *a, const HcDelta *b);

/** hc_delta_invert: the exact delta that undoes @exact. Returns: (transfer full): a new delta.
 */
HcDelta *hc_delta_invert(const HcDelta *exact);

/**
 * hc_delta_lower:
 * @exact with every REPLACE node turned into the fine-grained difference between the old and
 * the new tree, as hc_diff() of the two hives would give it. Returns: (transfer full): a new
 * delta, whose keys are those of @exact where there is no such node
 */
HcDelta *hc_delta_lower(const HcDelta *exact);

/**
 * hc_delta_join:
 * Adds what @patch says after net effect, with its conditions and reasons, to @delta, as one more
 * source. @patch has one source, and what hc_delta_alias() was told is done already.
 *
 * Contradictions are HC_ERROR_CONFLICT as between sources, but only of net effects, and in either
 * order: also a key that one patch deletes and the other deletes and makes again, and two classes,
 * descriptors or flags of one key.
 *
 * Returns: FALSE with @error set. After HC_ERROR_CONFLICT, which tells all that contradict in the
 * order of the lines, @delta is good for finding those of further patches, and nothing else
 */
gboolean hc_delta_join(HcDelta *delta, const HcDelta *patch, GError **error);

/** HcDeltaPlace: where a hive's root key hangs, and what a patch says of it. */
typedef struct {
    HcPath path;   /* e.g. HKEY_LOCAL_MACHINE, SOFTWARE */
    HcDelta *part; /* (out) (transfer full): its root is that key; origins and sources are kept */
} HcDeltaPlace;

/**
 * hc_delta_route:
 * Gives each of @places what @patch says below it. Where places lie in each other the deepest takes
 * a statement; no two are the same. Nothing is copied: the keys of @patch, which is good for
 * nothing then, are those of the parts.
 *
 * @skip_foreign: whether statements that no place takes are left out and counted in @n_skipped
 *   (out, optional) instead of being HC_ERROR_CONFLICT naming the first; creating the ancestors of
 *   a place is no statement
 *
 * Deleting or replacing a place itself or one of its parents is HC_ERROR_UNSUPPORTED.
 *
 * Returns: FALSE with @error set; no place has a part then
 */
gboolean hc_delta_route(HcDelta *patch, HcDeltaPlace *places, gsize n_places, gboolean skip_foreign,
                        uint64_t *n_skipped, GError **error);

/** hc_delta_set_origins: what @key and all below it say is said at @origin. */
void hc_delta_set_origins(HcDelta *delta, HcDeltaKey *key, HcOrigin origin);

/** hc_delta_graft: the way back: adds what @part says at and below its root to @delta at @path; no
 * two grafts to one place. Origins are not carried over. */
void hc_delta_graft(HcDelta *delta, HcPath path, const HcDelta *part);

/** hc_delta_append_path: appends "A\B\C" of @key for display, @root (may be NULL or "") before
 * it. */
void hc_delta_append_path(GString *out, const HcDeltaKey *key, const char *root);

/**
 * hc_delta_finding:
 * Returns: (transfer full): an error of code @code at the line of @origin, with @place (nullable)
 * and @text (both transfer full)
 */
HcFinding *hc_delta_finding(const HcDelta *delta, HcErrorCode code, HcOrigin origin, char *place,
                            char *text);

/** hc_delta_append_origin: appends "file:line", or nothing when @origin has no source. */
void hc_delta_append_origin(GString *out, const HcDelta *delta, HcOrigin origin);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HcDelta, hc_delta_free)

G_END_DECLS
