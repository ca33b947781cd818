#pragma once

#include "hivecore/delta/condition.h"
#include "hivecore/delta/delta.h"
#include "hivecore/delta/differencing.h"
#include "hivecore/delta/pair-walk.h"
#include "hivecore/regf/writer.h"

/* Shared by the files of HcDelta: delta.c, delta-build.c, delta-change.c, delta-route.c. */

struct HcDelta {
    HcArena *arena;
    HcDeltaKey *root;
    GPtrArray *sources;    /* file names */
    GPtrArray *indexed;    /* of HcDeltaKey *: the tables of these are to be freed */
    GHashTable *interned;  /* GBytes -> HcBlob *, descriptors */
    const HcBlob *last;    /* of these: keys beside each other mostly have the same; or NULL */
    GHashTable *reasons;   /* set of const HcReason *, by content */
    GArray *source_names;  /* of HcSourceName */
    GPtrArray *conditions; /* of HcCondition *; NULL: none */
    gboolean last_wins;
    GArray *aliases; /* of HcAlias; NULL: none */
};

/** HcAlias: statements at and below path are given to @to. */
typedef struct {
    HcPath path;
    HcPath to;
    HcOrigin used; /* by the first statement or condition; line 0 and source 0: by none */
} HcAlias;

/** HcSourceName: what hc_delta_name_source() was given. */
typedef struct {
    uint32_t source;
    HcName id;
    HcName version;
} HcSourceName;

/**
 * hc_delta_unalias:
 * @path: (inout): of at most HC_MAX_KEY_DEPTH names: as an alias has it, in @room then
 * @room: HC_MAX_KEY_DEPTH names
 *
 * Returns: FALSE with HC_ERROR_LIMIT when that is too long
 */
gboolean hc_delta_unalias(const HcDelta *delta, HcPath *path, HcName *room, GError **error);

/** hc_delta_note_alias: a statement or condition of @origin speaks of @path. */
void hc_delta_note_alias(HcDelta *delta, HcPath path, HcOrigin origin);

/** Returns: whether a statement of @origin may overrule one of @other. */
gboolean hc_delta_may_overrule(const HcDelta *delta, HcOrigin origin, HcOrigin other);

/**
 * hc_delta_conflict:
 * Sets HC_ERROR_CONFLICT: what @origin says of @key, or of @value (nullable) in it, contradicts
 * @other. Returns: FALSE
 */
gboolean hc_delta_conflict(const HcDelta *delta, const HcDeltaKey *key, const HcDeltaValue *value,
                           HcOrigin origin, HcOrigin other, GError **error);

/** hc_delta_list_insert: puts @item in place @at, at most the length; at the end: appends. */
void hc_delta_list_insert(HcDelta *delta, HcDeltaList *list, guint at, gpointer item);
void hc_delta_list_remove(HcDeltaList *list, guint at);

/** Returns: where @item is, or the length. */
guint hc_delta_list_find(const HcDeltaList *list, gconstpointer item);

/** hc_delta_forget_child: before @child is taken out of the array by the caller. */
void hc_delta_forget_child(HcDeltaKey *parent, const HcDeltaKey *child);

/** hc_delta_clear_children: @key has none then. */
void hc_delta_clear_children(HcDeltaKey *key);

/** hc_delta_copy_key: a deep copy of @source as child of @parent (NULL: free-standing). */
HcDeltaKey *hc_delta_copy_key(HcDelta *delta, HcDeltaKey *parent, const HcDeltaKey *source);

/** hc_delta_copy_own: all of @source but name, op, children and old tree into @copy, new so far. */
void hc_delta_copy_own(HcDelta *delta, HcDeltaKey *copy, const HcDeltaKey *source);

/** hc_delta_copy_value: a deep copy of @source into @key. */
void hc_delta_copy_value(HcDelta *delta, HcDeltaKey *key, const HcDeltaValue *source,
                         gboolean keep_order);

/** Returns: (transfer full): an empty set of const HcReason *, by content. */
GHashTable *hc_delta_reasons_new(void);

/**
 * hc_delta_new_beside:
 * Returns: (transfer full): an empty delta in the memory of @delta, with its sources, reasons and
 * settings: what one of the two holds can be put into the other as it is, and lives as long as any
 */
HcDelta *hc_delta_new_beside(const HcDelta *delta);

/** hc_delta_adopt_value: appends @value, of a delta that @delta is beside, to @key. */
void hc_delta_adopt_value(HcDelta *delta, HcDeltaKey *key, HcDeltaValue *value);

/** hc_delta_copy_meta: @source with its bytes copied into @delta. */
HcKeyMeta hc_delta_copy_meta(HcDelta *delta, const HcKeyMeta *source);

/** hc_delta_dup_meta: the same, for .before of a key. */
const HcKeyMeta *hc_delta_dup_meta(HcDelta *delta, const HcKeyMeta *source);

/** What the .patch of most keys is. */
extern const HcPatchKey hc_patch_key_nothing;

/** hc_delta_set_patch: @key's .patch becomes a copy of @patch. */
void hc_delta_set_patch(HcDelta *delta, HcDeltaKey *key, const HcPatchKey *patch);
void hc_delta_set_made_origin(HcDelta *delta, HcDeltaKey *key, HcOrigin origin);

/** hc_delta_first_origin: of the first line that says something at or below @key. Parents of what a
 * line names have none. */
HcOrigin hc_delta_first_origin(const HcDeltaKey *key);

/** hc_delta_has_replace: whether @key or one below it is made anew. */
gboolean hc_delta_has_replace(const HcDeltaKey *key);

/** hc_delta_key_equal: whether two keys and all below them say the same, see hc_delta_equal(). */
gboolean hc_delta_key_equal(const HcDeltaKey *a, const HcDeltaKey *b);

/** hc_delta_tree_equal: whether @key's after state, whatever its op, is the CREATE tree @tree. */
gboolean hc_delta_tree_equal(const HcDeltaKey *key, const HcDeltaKey *tree);

/** HcForeign: what files say of places that are in no hive. */
HcForeign *hc_foreign_new(void);
void hc_foreign_free(HcForeign *foreign);

/** hc_foreign_meet_key: @origin: of the line; @key must stay as it is. Likewise conditions. */
void hc_foreign_meet_key(HcForeign *foreign, const HcDeltaKey *key, HcOrigin origin);
void hc_foreign_meet_condition(HcForeign *foreign, const HcCondition *condition);

/**
 * hc_foreign_tell:
 * Sets HC_ERROR_CONFLICT: all of it, in the order of the files and lines, each place once with the
 * number of keys in it.
 *
 * Returns: whether there is none
 */
gboolean hc_foreign_tell(const HcForeign *foreign, const HcDelta *patch, const HcDeltaPlace *hives,
                         gsize n_hives, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HcForeign, hc_foreign_free)

/* Shared by the files that write differencing hives: differencing.c, differencing-values.c. */

typedef struct {
    const HcHive *base; /* NULL when the delta is empty */
    const HcDifferencingOptions *options;
    HcWriter *writer;
    GByteArray *scratch; /* of one base value's data */
    HcPairWalk *walk;    /* of what is copied from the base, left */
} HcEmitter;

/** hc_emit_changed_values: only what changes, spelled as in the base; the rest shines through. */
gboolean hc_emit_changed_values(const HcEmitter *emitter, const HcDeltaKey *key,
                                const HcKey *base_key, GError **error);

/**
 * hc_emit_effective_values:
 * All values that the key has afterwards, by name, for 0x02 and 0x03: nothing of them comes from
 * below.
 * @key: (nullable): what changes in @base_key
 */
gboolean hc_emit_effective_values(const HcEmitter *emitter, const HcDeltaKey *key,
                                  const HcKey *base_key, GError **error);

/** hc_emit_own_values: those of a key with nothing below it, by name. */
gboolean hc_emit_own_values(const HcEmitter *emitter, const HcDeltaKey *key, GError **error);
