#include "config.h"

#include "hivecore/base/file.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "hivecore/base/error.h"

enum {
    MAX_LINKS = 40 /* what Linux follows before ELOOP */
};

gboolean
hc_is_planted(const struct stat *thing, const struct stat *folder, const uid_t *friends,
              gsize n_friends)
{
    if ((folder->st_mode & S_IWOTH) == 0 || thing->st_uid == folder->st_uid ||
        thing->st_uid == geteuid())
        return FALSE;
    for (gsize i = 0; i < n_friends; i++) {
        if (thing->st_uid == friends[i])
            return FALSE;
    }
    return TRUE;
}

void
hc_followed_clear(HcFollowed *path)
{
    g_clear_pointer(&path->path, g_free);
}

/* A path on its way. */
typedef struct {
    const char *file; /* as it was given, for messages */
    const char *action;
    HcLinkCheck check;
    gpointer data;
    char *done; /* has no links; "" is the current folder */
    char *rest; /* is still to be followed */
    int n_links;
} Walk;

static gboolean
fail(const Walk *walk, int saved_errno, GError **error)
{
    return hc_fail_io(error, walk->file, walk->action, saved_errno);
}

/* Puts the target of @link, which lies in walk->done, before the rest. */
static gboolean
follow_link(Walk *walk, const char *link, const struct stat *status, GError **error)
{
    struct stat folder;
    if (walk->n_links++ >= MAX_LINKS)
        return fail(walk, ELOOP, error);
    if (lstat(walk->done[0] != '\0' ? walk->done : ".", &folder) != 0)
        return fail(walk, errno, error);
    if (!walk->check(link, status, &folder, walk->data, error))
        return FALSE;
    g_autofree char *target = g_file_read_link(link, NULL);
    if (target == NULL)
        return fail(walk, errno, error);
    if (g_path_is_absolute(target)) {
        g_free(walk->done);
        walk->done = g_strdup("/");
    }
    char *rest = g_strconcat(target, walk->rest, NULL);
    g_free(walk->rest);
    walk->rest = rest;
    return TRUE;
}

/* Takes the next name off the rest, which is then empty or starts with a slash. */
static char *
next_name(Walk *walk)
{
    const char *start = walk->rest + strspn(walk->rest, "/");
    const gsize n_bytes = strcspn(start, "/");
    char *name = g_strndup(start, n_bytes);
    char *rest = g_strdup(start + n_bytes);
    g_free(walk->rest);
    walk->rest = rest;
    return name;
}

static gboolean
is_slashes(const char *text)
{
    return text[strspn(text, "/")] == '\0';
}

/* One name further, through a link or not. */
static gboolean
step(Walk *walk, HcFollowed *path, GError **error)
{
    g_autofree char *name = next_name(walk);
    const char *slash = walk->done[0] == '\0' || g_str_has_suffix(walk->done, "/") ? "" : "/";
    g_autofree char *at = g_strconcat(walk->done, slash, name, NULL);
    path->exists = lstat(at, &path->status) == 0;
    if (!path->exists && (errno != ENOENT || !is_slashes(walk->rest)))
        return fail(walk, errno, error);
    if (path->exists && S_ISLNK(path->status.st_mode))
        return follow_link(walk, at, &path->status, error);
    g_free(walk->done);
    walk->done = g_steal_pointer(&at);
    return TRUE;
}

gboolean
hc_path_follow(HcFollowed *path, const char *file, const char *action, HcLinkCheck check,
               gpointer data, GError **error)
{
    Walk walk = {.file = file, .action = action, .check = check, .data = data};
    walk.done = g_strdup(g_path_is_absolute(file) ? "/" : "");
    walk.rest = g_strdup(file);
    *path = (HcFollowed){0};
    gboolean ok = file[0] != '\0' || fail(&walk, ENOENT, error);
    /* Of "/" itself nothing is left. */
    if (ok && is_slashes(walk.rest)) {
        path->exists = lstat("/", &path->status) == 0;
        ok = path->exists || fail(&walk, errno, error);
    }
    while (ok && !is_slashes(walk.rest))
        ok = step(&walk, path, error);
    path->has_slash = walk.rest[0] == '/';
    if (ok && path->has_slash && path->exists && !S_ISDIR(path->status.st_mode))
        ok = fail(&walk, ENOTDIR, error);
    g_free(walk.rest);
    if (ok)
        path->path = g_steal_pointer(&walk.done);
    g_free(walk.done);
    return ok;
}
