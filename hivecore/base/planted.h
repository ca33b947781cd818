#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <glib.h>

G_BEGIN_DECLS

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
