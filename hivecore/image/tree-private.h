#pragma once

#include "hivecore/base/arena.h"
#include "hivecore/base/entry-name.h"
#include "hivecore/base/error.h"
#include "hivecore/image/tree.h"

G_BEGIN_DECLS

/* Parts of tree.c; internal to hivecore/image. */

/* The folder that stands for the drive, and that of the utility VM. */
#define HC_TREE_DRIVE   "Files"
#define HC_TREE_UTILITY "UtilityVM"

/** HcTreeOrigin: layers that content lies in, with what was read of them; trees share it. */
typedef struct {
    guint n_refs;
    HcLayerStack *stack;
    char *source;    /* the operand, where there is no image */
    GPtrArray *held; /* of GBytes: contents that were fetched */
} HcTreeOrigin;

HcTreeOrigin *hc_tree_origin_new(HcLayerStack *stack, const char *source);
void hc_tree_origin_unref(gpointer origin);

/** HcTreePool: what texts, files and contents of a tree live in; a tree that was made from another
 * keeps its pools alive, since files never change: a change makes a new one. */
typedef struct {
    guint n_refs;
    HcArena *arena;
    GHashTable *texts;    /* interned, in the arena */
    GPtrArray *held;      /* of GBytes */
    HcTreeOrigin *origin; /* (nullable) */
    uint64_t n_bytes;     /* of the arena */
} HcTreePool;

typedef enum {
    HC_PLACE_NOWHERE, /* no content, or it is known not to be there: a hard link to nothing */
    HC_PLACE_LAYER,
    HC_PLACE_HOST,
    HC_PLACE_BYTES,
} HcTreePlaceKind;

/** HcTreePlace: where a content lies. */
typedef struct {
    HcTreePlaceKind kind;
    guint layer;        /* LAYER */
    gboolean is_wanted; /* LAYER: the next fetch takes it */
    gboolean is_strict; /* HOST: may not be a link */
    uint64_t at;        /* LAYER: of the entry in the plain tar; BYTES: in .bytes */
    union {
        HcTreeOrigin *origin;
        const char *host;
        GBytes *bytes;
    } u;
} HcTreePlace;

/** HcTreeRecord: a record that is handed on as it is: MSWINDOWS.xattr.*. */
typedef struct HcTreeRecord HcTreeRecord;
struct HcTreeRecord {
    const HcTreeRecord *next;
    const char *key;
    const char *value;
};

/** HcTreeStream: an alternate data stream, an entry "file:stream". */
typedef struct HcTreeStream HcTreeStream;
struct HcTreeStream {
    HcTreeStream *next;
    const char *name;
    uint64_t n_bytes;
    HcTreePlace place;
};

enum {
    HC_TREE_CREATED, /* LIBARCHIVE.creationtime */
    HC_TREE_MODIFIED,
    HC_TREE_ACCESSED,
    HC_TREE_CHANGED,
    HC_TREE_N_TIMES,
};

/** HcTreeFile: what the names of one file share; nothing of it changes but that .place becomes
 * nearer. */
typedef struct {
    HcTreeKind kind;
    gboolean has_attributes;
    uint32_t attributes;
    gboolean is_granted; /* its descriptor was set here: what is made in it inherits */
    uint64_t n_bytes;
    HcTreePlace place;
    const char *target;                 /* of a link */
    const char *descriptor;             /* (nullable) */
    const char *times[HC_TREE_N_TIMES]; /* (nullable): as records have them */
    const HcTreeRecord *records;
    HcTreeStream *streams;
} HcTreeFile;

struct HcTreeNode {
    uint64_t hash; /* of .name, without regard to case where it does not matter */
    HcTreeNode *parent;
    HcTreeNode *first; /* children, in no order */
    HcTreeNode *next;
    HcTreeNode *previous;
    const char *name;
    HcTreeFile *file;
    guint layer;
    guint serial;            /* of the call that put it, see HcTree.serial */
    gboolean is_below : 1;   /* the layers below have something at this name */
    gboolean is_gone : 1;    /* and it was removed: a whiteout, unless something came back */
    gboolean is_changed : 1; /* .file is new */
    gboolean is_touched : 1; /* a folder that is in the new layer though it did not change */
    gboolean is_on_path : 1; /* while writing: something below is in the new layer */
    gboolean is_written : 1; /* its entry is in the new layer already */
    guint below_kind : 4;    /* HcTreeKind of what the layers below have */
};

struct HcTree {
    char *name;
    HcTreePool *pool;     /* of its own */
    GHashTable *borrowed; /* set of HcTreePool *: of trees that it has files of */
    GHashTable *nodes;    /* by parent and key */
    HcTreeNode *root;
    HcTreeNode *drive;
    gboolean is_windows;
    guint n_layers; /* below */
    guint n_nodes;
    guint serial; /* of the call that is putting many things; 0: none is */
    guint n_serials;
    guint n_made; /* folders that were made */
    char *missing;
    GHashTable *keepers; /* HcTreeFile * -> HcTreeNode *: what new hard links were made to */
    uint64_t seed;       /* of the hashes of names, so that nobody can give us names of one hash */
    GString *wanted;     /* while a name is looked up */
    GString *folded;
    /* The folder that was looked up last, which the next entry is mostly in too. */
    GString *last_name;
    HcTreeNode *last_folder;
};

/* --- tree.c --- */

void hc_tree_pool_unref(gpointer pool);

/** hc_tree_new_empty: without "Files". */
HcTree *hc_tree_new_empty(const char *name);

/** hc_tree_borrow: keeps the pools of @from alive. */
void hc_tree_borrow(HcTree *tree, const HcTree *from);

/** hc_tree_alloc: zeroed, in the pool. */
void *hc_tree_alloc(HcTree *tree, gsize n_bytes);

/** hc_tree_text: a copy of @n_bytes, NUL-terminated; hc_tree_intern(): one for all equal texts. */
const char *hc_tree_text(HcTree *tree, const char *text, gsize n_bytes);
const char *hc_tree_intern(HcTree *tree, const char *text);

/** hc_tree_check_room: HC_ERROR_LIMIT when another node would be over a limit. */
gboolean hc_tree_check_room(const HcTree *tree, GError **error);

HcTreeFile *hc_tree_file_new(HcTree *tree, HcTreeKind kind);
HcTreeFile *hc_tree_file_clone(HcTree *tree, const HcTreeFile *file);

/** Returns: whether it is a folder, or a link to one. */
gboolean hc_tree_is_folder_like(const HcTreeFile *file);

/** Returns: the descriptor that new files and folders get, in base64. */
const char *hc_tree_new_descriptor(const HcTreeFile *file);

/** hc_tree_child: the child of that name, also one that is gone. Returns: (nullable) */
HcTreeNode *hc_tree_child(const HcTree *tree, HcTreeNode *parent, const char *name, gsize n_bytes);

/** hc_tree_compare_names: by upper-cased names, then by bytes. */
int hc_tree_compare_names(const HcTreeNode *a, const HcTreeNode *b);

/** hc_tree_add_node: a new child, whose name is not there; it has no file yet. */
HcTreeNode *hc_tree_add_node(HcTree *tree, HcTreeNode *parent, const char *name, gsize n_bytes);

/** hc_tree_drop: forgets the node and all below it. */
void hc_tree_drop(HcTree *tree, HcTreeNode *node);

/** hc_tree_drop_children: forgets what is in it. */
void hc_tree_drop_children(HcTree *tree, HcTreeNode *node);

/** hc_tree_next_any: hc_tree_next() through what is gone too; hc_tree_skip(): past what is in
 * @node.
 */
HcTreeNode *hc_tree_next_any(const HcTreeNode *top, const HcTreeNode *node);
HcTreeNode *hc_tree_skip(const HcTreeNode *top, const HcTreeNode *node);

/* --- tree-follow.c --- */

/** hc_tree_follow_link: where the link @node leads. @n_left: links that may still be followed */
HcTreeNode *hc_tree_follow_link(const HcTree *tree, const HcTreeNode *node, guint *n_left,
                                GError **error);

/* --- tree-place.c --- */

/**
 * hc_tree_place:
 * The node for a new thing of @kind, no folder, at @name, its folders made, checked; its file is to
 * be set with hc_tree_set_file().
 *
 * @source: (nullable): the file that is to go there, for messages
 */
HcTreeNode *hc_tree_place(HcTree *tree, const char *name, HcTreeKind kind, const char *source,
                          GError **error);
void hc_tree_set_file(HcTree *tree, HcTreeNode *node, HcTreeFile *file);

/** hc_tree_fail: "@name: @what". Returns: FALSE */
gboolean hc_tree_fail(const char *name, HcErrorCode code, const char *what, GError **error);

/** hc_tree_check_hive: HC_ERROR_USAGE when @path is a hive's, or below one. */
gboolean hc_tree_check_hive(const char *path, GError **error);

/* --- tree-security.c --- */

/** hc_tree_inherit: gives the new @file what its folder @parent hands down, if that was granted
 * here. */
void hc_tree_inherit(HcTree *tree, HcTreeFile *file, const HcTreeNode *parent);

/* --- tree-content.c --- */

/** hc_tree_want_file: hc_tree_want() of one file. */
void hc_tree_want_file(HcTreeFile *file);

/** HcTreeDigest: a SHA-256. */
typedef struct {
    guint8 bytes[32];
} HcTreeDigest;

/**
 * hc_tree_digest:
 * The digests of the contents of @nodes, files; each layer that has some is read once.
 *
 * @digests: (out): as many
 */
gboolean hc_tree_digest(HcTree *tree, const GPtrArray *nodes, HcTreeDigest *digests,
                        GError **error);

gboolean hc_tree_stream_place(HcTree *tree, HcTreePlace *place, uint64_t n_bytes, const char *name,
                              HcContentSink sink, void *data, GError **error);

G_END_DECLS
