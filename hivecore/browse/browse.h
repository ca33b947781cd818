#pragma once

#include "hivecore/base/path.h"
#include "hivecore/base/root.h"
#include "hivecore/delta/delta.h"

G_BEGIN_DECLS

/*
 * HcBrowse: what `hivetool browse` shows, apart from any screen: a tree of keys, of which only what
 * was opened is read, the values of the key that the cursor is on, and the details of one of them.
 * Where changes are known, they are part of the tree. Nothing is written.
 *
 * Members of the structs are for reading; the functions change them.
 */
typedef struct HcBrowse HcBrowse;
typedef struct HcBrowseKey HcBrowseKey;

/** What became of a key or value. */
typedef enum {
    HC_BROWSE_SAME,
    HC_BROWSE_BELOW, /* only something below the key changed */
    HC_BROWSE_CHANGED,
    HC_BROWSE_ADDED,
    HC_BROWSE_REMOVED,
} HcBrowseState;

/** HcBrowseKey: one key of the tree. Its names are borrowed from the hive or the change. */
struct HcBrowseKey {
    HcName name; /* empty at the top of a place */
    HcBrowseKey *parent;
    guint place;
    guint depth; /* below the top of its place, which has 0 */
    guint index; /* among its siblings; a place among the places */
    HcKey key;   /* as the hive has it, where has_key */
    gboolean has_key;
    gboolean is_read; /* children are what there is */
    gboolean is_open;
    gboolean is_passing; /* read for a search only */
    HcBrowseState state;
    const HcDeltaKey *change; /* (nullable): what happens to it */
    char *defect;             /* (nullable): why its subkeys cannot be told */
    HcBrowseKey *children;
    guint n_children;
};

/** HcBrowseValue: one value of the key under the cursor. */
typedef struct {
    HcName name;
    HcBrowseState state;
    gboolean has_value;
    HcValue value;              /* as the hive has it, where has_value */
    const HcDeltaValue *change; /* (nullable) */
} HcBrowseValue;

typedef enum {
    HC_BROWSE_KEYS,
    HC_BROWSE_VALUES,
    HC_BROWSE_DETAILS,
    HC_BROWSE_N_PANES,
} HcBrowsePane;

/** HcBrowseView: which rows of a pane are seen. */
typedef struct {
    guint cursor; /* of the details: always top */
    guint top;
    guint n_seen; /* rows of the pane, at least 1 */
    guint n_rows;
} HcBrowseView;

struct HcBrowse {
    GPtrArray *rows;     /* of HcBrowseKey *, those that are shown, from the top down */
    GArray *values;      /* of HcBrowseValue, of the key under the cursor */
    char *values_defect; /* (nullable): why they are not all */
    GPtrArray *details;  /* of char *, UTF-8, one line each, no wider than n_columns */
    guint n_columns;
    HcBrowseView view[HC_BROWSE_N_PANES];
    HcBrowsePane focus;
    HcBrowsePane details_of; /* the key under the cursor, or the value */
    gboolean has_changes;    /* changes are known, perhaps none */
    gboolean changes_only;   /* what is the same is not shown */
    GString *message;        /* one line for the user about what was done last */
};

/** HcBrowsePlaces: where the hives come from. */
typedef struct {
    /** Returns: (transfer full): the hive of place @index, or NULL with @error set */
    HcHive *(*open)(void *data, guint index, GError **error);

    /**
     * Finds what a person typed.
     * @path: (out): below the top of place @place, in @arena
     * @value: (out) (nullable): what stood behind "::", in @arena
     *
     * Returns: FALSE with @error set
     */
    gboolean (*find)(void *data, HcArena *arena, const char *text, guint *place, HcPath *path,
                     const char **value, GError **error);
    void *data;
} HcBrowsePlaces;

/** hc_browse_new: @has_changes: every place has a change, which may be empty */
HcBrowse *hc_browse_new(const HcBrowsePlaces *places, gboolean has_changes);
void hc_browse_free(HcBrowse *browse);

/**
 * hc_browse_add_place:
 * @label: UTF-8, what the place is called in the tree
 * @root: (nullable): where it hangs; copied
 * @change: (nullable): exact, without REPLACE, of the hive there; borrowed. NULL where changes are
 *   shown: it was not compared
 */
void hc_browse_add_place(HcBrowse *browse, const char *label, const HcRoot *root,
                         const HcDelta *change);

/** hc_browse_start: once all places are there: the first rows. Where changes are known the tree is
 * open down to them, as far as they fill @n_rows rows. */
void hc_browse_start(HcBrowse *browse, guint n_rows);

/** hc_browse_resize: how many rows of each pane are seen, and how wide the details are; each at
 * least 1. */
void hc_browse_resize(HcBrowse *browse, const guint n_seen[HC_BROWSE_N_PANES], guint n_columns);

/** Returns: how many columns of a terminal @c takes: 0, 1 or 2. */
guint hc_browse_columns(gunichar c);

/** Returns: the bytes of the UTF-8 @text that fit into @n_columns. */
gsize hc_browse_fitting(const char *text, guint n_columns);

/** HcBrowseMove: what arrow keys and their like do in the pane that has the focus. */
typedef enum {
    HC_BROWSE_UP,
    HC_BROWSE_DOWN,
    HC_BROWSE_PAGE_UP,
    HC_BROWSE_PAGE_DOWN,
    HC_BROWSE_FIRST,
    HC_BROWSE_LAST,
    HC_BROWSE_LEFT,   /* close the key, or go to the one above it; from values, to the keys */
    HC_BROWSE_RIGHT,  /* open the key, or go to its first subkey */
    HC_BROWSE_TOGGLE, /* open or close the key; of a value: to its details and back */
    HC_BROWSE_NEXT_PANE,
    HC_BROWSE_PREVIOUS_PANE,
    HC_BROWSE_CHANGES_ONLY, /* hide what is the same, or show it again */
} HcBrowseMove;

void hc_browse_move(HcBrowse *browse, HcBrowseMove move);

/** hc_browse_go: to the key, or KEY::VALUE, that a person typed; as far as it is there. Returns:
 * whether it is */
gboolean hc_browse_go(HcBrowse *browse, const char *text);

/** Returns: (transfer none): the key under the cursor. */
HcBrowseKey *hc_browse_key(const HcBrowse *browse);

/** Returns: (transfer none): the value under the cursor, NULL when there is none. */
const HcBrowseValue *hc_browse_value(const HcBrowse *browse);

/* --- what is shown --- */

/** hc_browse_append_label: the name of a key as it stands in the tree. */
void hc_browse_append_label(GString *out, const HcBrowse *browse, const HcBrowseKey *key);

/** hc_browse_append_path: "HKEY_LOCAL_MACHINE\SOFTWARE\A\B". */
void hc_browse_append_path(GString *out, const HcBrowse *browse, const HcBrowseKey *key);

/** hc_browse_append_value: name, type and data in one line; of a change, both data. */
void hc_browse_append_value(GString *out, HcBrowse *browse, const HcBrowseValue *value);

/** Returns: whether the key may be opened: it has subkeys, or is not read yet. */
gboolean hc_browse_can_open(const HcBrowse *browse, const HcBrowseKey *key);

/* --- search --- */

typedef enum {
    HC_BROWSE_FOUND,   /* and the cursor is there */
    HC_BROWSE_MISSING, /* nowhere */
    HC_BROWSE_GOES_ON, /* not yet */
} HcBrowseFound;

/**
 * hc_browse_search_start:
 * Looks for the next key or value from the cursor on, and from the other end again, whose name, or
 * whose text, holds @text in any case. What is not shown because it is the same is not looked at.
 *
 * @text: (nullable): UTF-8; NULL: the next that changed
 */
void hc_browse_search_start(HcBrowse *browse, const char *text, gboolean is_backwards);

/** hc_browse_search_step: looks at @n_keys keys more. */
HcBrowseFound hc_browse_search_step(HcBrowse *browse, guint n_keys);

/** hc_browse_search_end: gives up. */
void hc_browse_search_end(HcBrowse *browse);

/** hc_browse_append_search: where a search is. */
void hc_browse_append_search(GString *out, const HcBrowse *browse);

/* --- marks, and what is taken along --- */

/** hc_browse_mark: marks what is under the cursor, or takes the mark off. */
void hc_browse_mark(HcBrowse *browse);
void hc_browse_unmark_all(HcBrowse *browse);
guint hc_browse_n_marks(const HcBrowse *browse);

/** Returns: whether the key, or that value of the key under the cursor, is marked. */
gboolean hc_browse_key_is_marked(const HcBrowse *browse, const HcBrowseKey *key);
gboolean hc_browse_value_is_marked(const HcBrowse *browse, const HcBrowseValue *value);

/**
 * hc_browse_yank:
 * What is marked, or, without marks, what is under the cursor, as a patch that says it: a key with
 * all below it. Where changes are known, what changes of it.
 *
 * @n: (out): how many were marked
 *
 * Returns: (transfer full): a patch from HKEY_ names on; NULL with @error set, HC_ERROR_USAGE where
 * a hive hangs is not known
 */
HcDelta *hc_browse_yank(HcBrowse *browse, guint *n, GError **error);

/** hc_browse_yank_paths: their paths instead, a line each, values as KEY::VALUE. */
void hc_browse_yank_paths(HcBrowse *browse, GString *out, guint *n);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HcBrowse, hc_browse_free)

G_END_DECLS
