#pragma once

#include <stdint.h>
#include <sys/stat.h>

#include <glib.h>

#include "hivecore/base/clock.h"
#include "hivecore/image/layer-reader.h"
#include "hivecore/image/layer-stack.h"

G_BEGIN_DECLS

/*
 * The files of an image, of a layer, of an unpacked layer, or of nothing yet, as one tree of names:
 * what the layers leave there, and on top of it changes, from which a new layer is written.
 *
 * Names are entry names, UTF-8: "Files/Windows/System32", "UtilityVM/Files/EFI"; "" is the root.
 * hc_windows_path_parse() makes them of what people write. Their case is kept and does not matter,
 * as Windows' upcase table has it; in an image of another system it does, and its files are below
 * "" (hc_tree_drive()). Nothing is read but headers until content is asked for.
 *
 * All that lives in a tree (nodes, texts) lives as long as the tree; a node that was removed may be
 * asked for nothing. Sources: docs/FORMATS-layers.md; go-winio, backuptar/tar.go; hcsshim,
 * internal/wclayer/legacy.go.
 */
typedef struct HcTree HcTree;
typedef struct HcTreeNode HcTreeNode;

typedef enum {
    HC_TREE_FILE,
    HC_TREE_FOLDER,
    HC_TREE_SYMLINK,  /* to a file or a folder, see HC_FILE_ATTRIBUTE_DIRECTORY */
    HC_TREE_JUNCTION, /* MSWINDOWS.mountpoint */
    HC_TREE_OTHER,    /* a device or the like, of a layer below */
} HcTreeKind;

/* FILE_ATTRIBUTE_*, as far as they are used here. Source: docs/FORMATS.md, "Layers". */
enum {
    HC_FILE_ATTRIBUTE_READONLY = 0x1,
    HC_FILE_ATTRIBUTE_HIDDEN = 0x2,
    HC_FILE_ATTRIBUTE_SYSTEM = 0x4,
    HC_FILE_ATTRIBUTE_DIRECTORY = 0x10,
    HC_FILE_ATTRIBUTE_ARCHIVE = 0x20,
    HC_FILE_ATTRIBUTE_REPARSE_POINT = 0x400,
};

/** hc_tree_new: the tree of nothing: FROM scratch. It has "Files".
 * @name: for messages */
HcTree *hc_tree_new(const char *name);

/**
 * hc_tree_open:
 * @source: as of hc_layer_stack_open(), which reads it
 * @hives: which hives hc_tree_stack() can be asked for; 0 for files alone
 * @with_files: FALSE: only "Files" itself is taken in, for what changes no file
 *
 * Whiteouts take away what layers below have, and, as on Windows, what their own layer has at that
 * place; opaque ones (.wh..wh..opq) what layers below have in the folder, though Windows' importer
 * knows none. Hard links are names of one file. Errors as of hc_layer_stack_open(); HC_ERROR_LIMIT
 * over HC_MAX_TREE_NODES or HC_MAX_TREE_BYTES.
 *
 * Returns: (transfer full): the tree, or NULL
 */
HcTree *hc_tree_open(const char *source, const char *platform, guint hives, gboolean with_files,
                     GError **error);

/** hc_tree_copy: a tree of its own that begins as @tree is now: FROM a stage. */
HcTree *hc_tree_copy(HcTree *tree, const char *name);
void hc_tree_free(HcTree *tree);

/** Returns: (transfer none) (nullable): the layers that it was opened from, for their registry and
 * image. */
HcLayerStack *hc_tree_stack(const HcTree *tree);
const char *hc_tree_name(const HcTree *tree);

/** Returns: (transfer none) (nullable): why a layer below is not here, so that what is in it is not
 * known; NULL: all is known. */
const char *hc_tree_missing(const HcTree *tree);

/** Returns: whether it is a tree of Windows: case does not matter, the drive is "Files". */
gboolean hc_tree_is_windows(const HcTree *tree);

/* --- what is there --- */

/** Returns: (transfer none): what stands for the drive C: (or "/"). */
HcTreeNode *hc_tree_drive(const HcTree *tree);

/** hc_tree_find: @name itself, through no link. Returns: (transfer none) (nullable) */
HcTreeNode *hc_tree_find(const HcTree *tree, const char *name);

/**
 * hc_tree_follow:
 * @name through symbolic links and junctions, as Windows opens it: also the last part when
 * @is_last. Targets are relative, "C:\…", "\…", "\??\C:\…", in both slashes; ".." goes up to the
 * drive and no further.
 *
 * HC_ERROR_NOT_FOUND: nothing is there, or a link leads out of the tree, as to another volume.
 * HC_ERROR_MALFORMED: a loop of links, or more than HC_MAX_TREE_LINKS.
 *
 * Returns: (transfer none): the node, or NULL
 */
HcTreeNode *hc_tree_follow(const HcTree *tree, const char *name, gboolean is_last, GError **error);

/**
 * hc_tree_look_up:
 * @path: as people write it: C:\A\b, or /usr/bin/x in an image of another system; through links
 *
 * Returns: (transfer none): the node, or NULL: errors as of hc_tree_follow(), HC_ERROR_USAGE for
 * what is no path
 */
HcTreeNode *hc_tree_look_up(const HcTree *tree, const char *path, GError **error);

/** hc_tree_children: what is in a folder, by upper-cased names, then by bytes.
 * Returns: (transfer container): of HcTreeNode *; empty for what is no folder */
GPtrArray *hc_tree_children(const HcTree *tree, const HcTreeNode *node);
HcTreeNode *hc_tree_parent(const HcTreeNode *node);

/** hc_tree_next: the node after @node of a walk through @top and all below it, in no order that
 * means anything; NULL at the end. Start with @top. The tree must not change meanwhile. */
HcTreeNode *hc_tree_next(const HcTreeNode *top, const HcTreeNode *node);

const char *hc_tree_node_name(const HcTreeNode *node); /* last part */
HcTreeKind hc_tree_node_kind(const HcTreeNode *node);
uint64_t hc_tree_node_size(const HcTreeNode *node); /* of content */
uint32_t hc_tree_node_attributes(const HcTreeNode *node);
const char *hc_tree_node_target(const HcTreeNode *node);     /* (nullable): of a link */
const char *hc_tree_node_descriptor(const HcTreeNode *node); /* (nullable): base64, self-relative */
gboolean hc_tree_node_is_folder_like(const HcTreeNode *node); /* or a link to a folder */

/** Returns: (transfer full): "Files/A/b"; and "C:\A\b", or "UtilityVM\Files\b". */
char *hc_tree_node_path(const HcTreeNode *node);
char *hc_tree_node_windows_path(const HcTreeNode *node);

/* --- content --- */

/**
 * hc_tree_want:
 * Says that the contents of @node, and of all below it, will be asked for. hc_tree_fetch() then
 * reads each layer that has some of them once, and keeps them in a file without a name where it is
 * compressed; what was not wanted costs a pass over its layer each time. Files of the host are read
 * when asked for.
 */
void hc_tree_want(HcTree *tree, HcTreeNode *node);
gboolean hc_tree_fetch(HcTree *tree, GError **error);

/** hc_tree_stream: the whole content of a file, in pieces. HC_ERROR_IO: it is no longer as it was
 * seen. HC_ERROR_USAGE: @node is no file. */
gboolean hc_tree_stream(HcTree *tree, HcTreeNode *node, HcContentSink sink, void *data,
                        GError **error);

/** hc_tree_read: the same in memory; HC_ERROR_LIMIT over @max bytes. */
GBytes *hc_tree_read(HcTree *tree, HcTreeNode *node, uint64_t max, GError **error);

/*
 * --- changes ---
 *
 * Links in folders of @name are followed as Windows does; the last part is itself. Folders that are
 * missing are made. All refuse: names Windows does not take (HC_ERROR_USAGE), places outside Files/
 * and UtilityVM/Files/, hives and what holds them (HC_ERROR_UNSUPPORTED), a file for a folder or
 * the reverse (HC_ERROR_CONFLICT), HC_MAX_TREE_NODES (HC_ERROR_LIMIT); then nothing has changed, or
 * for what goes through many names, those before.
 */

/** hc_tree_make_folder: makes it with those above it; one that is there stays as it is.
 * Returns: (transfer none): the node, or NULL */
HcTreeNode *hc_tree_make_folder(HcTree *tree, const char *name, GError **error);

/** hc_tree_put_bytes: a file with that content, in the place of one that is there. */
HcTreeNode *hc_tree_put_bytes(HcTree *tree, const char *name, GBytes *content, GError **error);

/** HcTreeFilter: whether what is at @path below the folder that is put, "" for itself, is taken.
 * *enter, FALSE before, says of a folder that is not that what is in it is asked for all the same.
 */
typedef gboolean (*HcTreeFilter)(void *data, const char *path, gboolean is_folder, gboolean *enter);

/**
 * hc_tree_put_host:
 * A file of the host as @name, or what a folder holds into @name; in the order of names. Symbolic
 * links become symbolic links when they are relative and lead to something inside the folder that
 * is put, else HC_ERROR_UNSUPPORTED.
 *
 * @filter: (nullable)
 */
gboolean hc_tree_put_host(HcTree *tree, const char *name, const char *host, HcTreeFilter filter,
                          void *data, GError **error);

enum {
    HC_TREE_TAR = 1 << 0, /* compressed in any way that Docker unpacks, too */
    HC_TREE_ZIP = 1 << 1,
};

/** HcTreeArchive: what hc_tree_unpack() takes. */
typedef struct {
    GBytes *bytes;            /* (nullable): NULL: .name is a file of the host */
    const char *name;         /* also for messages */
    const char *to;           /* entry name of the folder that it goes into */
    guint formats;            /* HC_TREE_TAR, HC_TREE_ZIP */
    guint n_strip;            /* parts of each name that are taken off */
    gboolean has_backslashes; /* part names, too */
    gboolean keeps;           /* what is there: HC_ERROR_CONFLICT */
} HcTreeArchive;

/**
 * hc_tree_unpack:
 * What an archive holds, into a folder. Its files have the content and nothing else; hard links
 * stay. HC_ERROR_UNSUPPORTED: a symbolic link or a device; HC_ERROR_LIMIT over
 * HC_MAX_UNPACKED_BYTES; HC_ERROR_MALFORMED.
 *
 * @is_archive: (out): FALSE: it is none of those kinds, and nothing was done
 */
gboolean hc_tree_unpack(HcTree *tree, const HcTreeArchive *what, gboolean *is_archive,
                        GError **error);

/** hc_tree_put_link: @kind: symbolic link or junction. @target: as it shall stand there.
 * @is_folder: that it leads to one; a junction always does. */
HcTreeNode *hc_tree_put_link(HcTree *tree, const char *name, HcTreeKind kind, const char *target,
                             gboolean is_folder, GError **error);

/** hc_tree_put_hard_link: @name is another name of the file @node. */
HcTreeNode *hc_tree_put_hard_link(HcTree *tree, const char *name, HcTreeNode *node, GError **error);

/**
 * hc_tree_put_copy:
 * A copy of @node, which may be of another tree (that must live as long as this one is written): of
 * a file as @name; of what a folder holds, without its descriptor, into @name. Content, links,
 * attributes and times go over; descriptors when @keep_descriptors, else new files have those of
 * new files. A folder into itself is HC_ERROR_USAGE.
 */
HcTreeNode *hc_tree_put_copy(HcTree *tree, const char *name, HcTree *from, HcTreeNode *node,
                             gboolean keep_descriptors, GError **error);

/** hc_tree_remove: @node with all below it. HC_ERROR_UNSUPPORTED: it is or holds a hive or a root.
 */
gboolean hc_tree_remove(HcTree *tree, HcTreeNode *node, GError **error);

/** hc_tree_move: to another name in the tree, where nothing is (HC_ERROR_CONFLICT). A folder keeps
 * what is in it; below itself is HC_ERROR_USAGE. */
HcTreeNode *hc_tree_move(HcTree *tree, HcTreeNode *node, const char *name, GError **error);

/** hc_tree_set_descriptor: @descriptor: self-relative; HC_ERROR_MALFORMED when it is none. */
gboolean hc_tree_set_descriptor(HcTree *tree, HcTreeNode *node, GBytes *descriptor, GError **error);

/** HcTreeGrant: one entry of an access control list, as icacls /grant adds it. */
typedef struct {
    GBytes *sid;
    uint32_t mask;      /* of files */
    uint8_t flags;      /* HC_ACE_*; those that hand down are for folders only */
    gboolean replaces;  /* icacls /grant:r: what the SID was allowed before goes */
    gboolean recursive; /* icacls /T; else what is below gets its part when flags hand down */
} HcTreeGrant;

/** hc_tree_grant_parse: "NAME:RIGHTS": NAME an account (ContainerUser, ContainerAdministrator,
 * Users, Everyone, "Authenticated Users", with or without "BUILTIN\", a SID, "*S-1-…"); RIGHTS
 * read, write, modify, full, execute, or those of icacls: (OI)(CI)F|M|RX|R|W|D. */
gboolean hc_tree_grant_parse(const char *text, HcTreeGrant *grant, GError **error);
void hc_tree_grant_clear(HcTreeGrant *grant);
gboolean hc_tree_grant(HcTree *tree, HcTreeNode *node, const HcTreeGrant *grant, GError **error);

/* --- the new layer --- */

/** Returns: whether something was changed, and how many files and links are put. */
gboolean hc_tree_is_changed(const HcTree *tree);
guint hc_tree_n_put(const HcTree *tree);
guint hc_tree_n_removed(const HcTree *tree); /* whiteouts */

/** hc_tree_uses_host: @host: (out) (transfer none) (nullable): a file of the host that is put and
 * is the one of @wanted. */
gboolean hc_tree_uses_host(const HcTree *tree, const struct stat *wanted, const char **host,
                           GError **error);

/** HcTreeLayer: what hc_tree_write() needs. */
typedef struct {
    HcEpoch epoch;         /* of what is new */
    HcLayerOutput *output; /* "Files" and "Hives" are in it: hc_tree_write_folder() */
} HcTreeLayer;

/** hc_tree_write_folder: the entry of folder @name, which is there, now: "Files", as the layers
 * below have it, comes before Hives. hc_tree_write() then passes it over. */
gboolean hc_tree_write_folder(HcTree *tree, const HcTreeLayer *layer, const char *name,
                              GError **error);

/**
 * hc_tree_write:
 * The entries of the new layer but for those of hc_tree_write_folder() and Hives/: every folder
 * before what is in it and as it is below, siblings by the bytes of their names, whiteouts as
 * ".wh.NAME", hard links after their file. Contents are fetched first. Same changes, same bytes.
 */
gboolean hc_tree_write(HcTree *tree, const HcTreeLayer *layer, GError **error);

/** hc_tree_settle: after writing: what was changed is what is below from now on, for the next
 * layer.
 */
void hc_tree_settle(HcTree *tree);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HcTree, hc_tree_free)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HcTreeGrant, hc_tree_grant_clear)

G_END_DECLS
