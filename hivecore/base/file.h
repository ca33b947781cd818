#pragma once

#include <glib.h>
#include <sys/stat.h>
#include <sys/types.h>

G_BEGIN_DECLS

/**
 * hc_file_look:
 * Whether something is at @path. Only ENOENT says that nothing is, and ENOTDIR, of a path through
 * what is no folder: whoever takes "cannot look" for "is not there" writes over what is there.
 *
 * @follow_links: as stat(), else lstat()
 * @status: (out): what is there; all zeros when nothing is
 *
 * HC_ERROR_IO when it cannot be found out.
 */
gboolean hc_file_look(const char *path, gboolean follow_links, struct stat *status,
                      gboolean *is_there, GError **error);

/** hc_pread: pread() of all @n_bytes. Returns: how many there were, fewer only at the end of the
 * file; -1 with errno set */
gssize hc_pread(int fd, void *bytes, gsize n_bytes, guint64 offset);

/** hc_file_is_same: whether two files that were looked at are one; what is not there is none. */
gboolean hc_file_is_same(const struct stat *a, const struct stat *b);

/** hc_file_fail_kind: says of @name, which is of @mode, that it is no regular file. Returns: FALSE
 */
gboolean hc_file_fail_kind(const char *name, mode_t mode, GError **error);

/**
 * hc_folder_make:
 * @follow_links: whether what is there already may be a link to a folder
 * @is_new: (out): whether it was not there
 *
 * HC_ERROR_IO when something else is there, or it cannot be made.
 */
gboolean hc_folder_make(const char *path, gboolean follow_links, gboolean *is_new, GError **error);

/**
 * hc_folder_names:
 * The names in a folder, but "." and "..", by their bytes.
 *
 * Returns: (transfer full) (element-type filename): NULL with HC_ERROR_IO, also when only some
 * could be read
 */
GPtrArray *hc_folder_names(const char *path, GError **error);

/** hc_folder_remove: a folder of ours with all that is in it, as far as that can be. Links are
 * removed, not followed. */
void hc_folder_remove(const char *path);

/**
 * hc_folder_sync:
 * Makes the names in the folder last through a power cut. A folder that may not be read, or whose
 * file system cannot do it, is none that this could be asked of.
 */
gboolean hc_folder_sync(const char *path, GError **error);

/** hc_folder_sync_parent: the same for the folder that @path is in. */
gboolean hc_folder_sync_parent(const char *path, GError **error);

/* Files and links that somebody else may have put in our way, in folders such as /tmp. */

/**
 * hc_is_planted:
 * @thing: a file or link, as lstat() tells
 * @folder: the folder that it is in
 * @friends: (array length=n_friends): whose things are welcome too
 *
 * Returns: whether somebody else could have made @thing to trap us: everybody can write in @folder,
 * and it belongs to neither us, the folder's owner nor @friends. Members of the folder's group are
 * not somebody else: folders that they share are meant for that.
 */
gboolean hc_is_planted(const struct stat *thing, const struct stat *folder, const uid_t *friends,
                       gsize n_friends);

/**
 * HcLinkCheck: whether the link @link, with @status and in @folder, may be followed; sets @error
 * where not.
 */
typedef gboolean (*HcLinkCheck)(const char *link, const struct stat *status,
                                const struct stat *folder, gpointer data, GError **error);

/** HcFollowed: where a path leads. */
typedef struct {
    char *path;         /* without links; the last part may not be there */
    gboolean exists;    /* whether it is */
    gboolean has_slash; /* it ends in a slash, so it is meant as a folder */
    struct stat status; /* of what is there */
} HcFollowed;

/**
 * hc_path_follow:
 * Follows every link of @file by hand: realpath() cannot follow one whose target does not exist
 * yet, and the kernel may not be set to be careful (fs.protected_symlinks).
 *
 * @action: what failed when a part cannot be looked at, e.g. "cannot open"
 * @check: is asked before a link is followed
 *
 * Returns: FALSE with HC_ERROR_IO, or the error of @check; *path needs no clearing then
 */
gboolean hc_path_follow(HcFollowed *path, const char *file, const char *action, HcLinkCheck check,
                        gpointer data, GError **error);

void hc_followed_clear(HcFollowed *path);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HcFollowed, hc_followed_clear)

G_END_DECLS
