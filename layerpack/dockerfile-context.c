#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "hivecore/base/entry-name.h"
#include "hivecore/base/error.h"
#include "hivecore/base/file.h"
#include "hivecore/base/limits.h"
#include "hivecore/base/map.h"
#include "hivecore/dockerfile/glob.h"
#include "layerpack/dockerfile-build.h"

/* Marks: what the patterns say of a folder that the last file asked for is in. */
typedef struct {
    char *path;
    guint8 *marks;
    gboolean is_ignored;
} Marks;

static void
marks_free(gpointer data)
{
    Marks *marks = data;
    g_free(marks->path);
    g_free(marks->marks);
    g_free(marks);
}

/* Whether @folder is above @path. */
static gboolean
is_above(const char *folder, const char *path)
{
    const gsize n = strlen(folder);
    return strncmp(folder, path, n) == 0 && path[n] == '/';
}

/* @found: (out): whether there is such a file */
static gboolean
read_ignore(LpDockerContext *context, const char *file, gboolean *found, GError **error)
{
    struct stat status;
    if (!hc_file_look(file, TRUE, &status, found, error) || !*found)
        return *found == FALSE && (error == NULL || *error == NULL);
    g_autoptr(HcMap) map = hc_map_open(file, HC_MAX_IGNORE_BYTES, error);
    if (map == NULL)
        return FALSE;
    context->ignore_name = g_strdup(file);
    context->ignore =
        hc_ignore_new(file, (const char *) hc_map_data(map), (gsize) hc_map_size(map), error);
    return context->ignore != NULL;
}

LpDockerContext *
lp_docker_context_open(const char *folder, const char *dockerfile, GError **error)
{
    g_autoptr(LpDockerContext) context = g_new0(LpDockerContext, 1);
    context->name = g_strdup(folder);
    context->marks = g_ptr_array_new_with_free_func(marks_free);
    char *real = realpath(folder, NULL);
    if (real == NULL)
        return hc_fail_io_null(error, folder, "cannot open", errno);
    context->folder = g_strdup(real);
    free(real);
    if (!g_file_test(context->folder, G_FILE_TEST_IS_DIR))
        return hc_fail_null(error, HC_ERROR_USAGE, "%s: is no folder, which the context is",
                            folder);
    g_autofree char *own =
        dockerfile != NULL ? g_strconcat(dockerfile, ".dockerignore", NULL) : NULL;
    g_autofree char *common = g_build_filename(folder, ".dockerignore", NULL);
    gboolean found = FALSE;
    if (own != NULL && !read_ignore(context, own, &found, error))
        return NULL;
    if (!found && !read_ignore(context, common, &found, error))
        return NULL;
    return g_steal_pointer(&context);
}

void
lp_docker_context_free(LpDockerContext *context)
{
    if (context == NULL)
        return;
    g_free(context->name);
    g_free(context->folder);
    g_free(context->ignore_name);
    g_free(context->hidden);
    g_clear_pointer(&context->ignore, hc_ignore_free);
    g_clear_pointer(&context->marks, g_ptr_array_unref);
    g_free(context);
}

static Marks *
look_at(LpDockerContext *context, const char *path)
{
    const Marks *above =
        context->marks->len > 0 ? context->marks->pdata[context->marks->len - 1] : NULL;
    Marks *marks = g_new0(Marks, 1);
    marks->path = g_strdup(path);
    marks->is_ignored = hc_ignore_matches(context->ignore, path,
                                          above != NULL ? above->marks : NULL, &marks->marks);
    g_ptr_array_add(context->marks, marks);
    return marks;
}

void
lp_docker_context_hide(LpDockerContext *context, const char *file)
{
    g_autofree char *folder = g_path_get_dirname(file);
    g_autofree char *last = g_path_get_basename(file);
    char *real = realpath(folder, NULL);
    if (real != NULL && (g_str_equal(real, context->folder) || is_above(context->folder, real))) {
        const char *below = real + strlen(context->folder);
        context->hidden =
            g_strconcat(*below == '/' ? below + 1 : "", *below == '/' ? "/" : "", last, NULL);
    }
    free(real);
}

/* Also of the temporary files beside it, ".NAME.XXXXXX". */
static gboolean
is_hidden(const LpDockerContext *context, const char *path)
{
    if (context->hidden == NULL)
        return FALSE;
    if (g_str_equal(path, context->hidden) || is_above(context->hidden, path))
        return TRUE;
    const char *last = strrchr(context->hidden, '/');
    last = last != NULL ? last + 1 : context->hidden;
    g_autofree char *beside =
        g_strdup_printf("%.*s.%s.", (int) (last - context->hidden), context->hidden, last);
    return g_str_has_prefix(path, beside);
}

gboolean
lp_docker_context_has(LpDockerContext *context, const char *path)
{
    if (is_hidden(context, path)) {
        context->has_hidden = TRUE;
        return FALSE;
    }
    if (context->ignore == NULL || *path == '\0')
        return TRUE;
    while (context->marks->len > 0) {
        const Marks *last = context->marks->pdata[context->marks->len - 1];
        if (is_above(last->path, path))
            break;
        g_ptr_array_set_size(context->marks, (int) context->marks->len - 1);
    }
    const Marks *last =
        context->marks->len > 0 ? context->marks->pdata[context->marks->len - 1] : NULL;
    const char *at = path + (last != NULL ? strlen(last->path) + 1 : 0);
    for (const char *slash = strchr(at, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        g_autofree char *folder = g_strndup(path, (gsize) (slash - path));
        (void) look_at(context, folder);
    }
    return !look_at(context, path)->is_ignored;
}

char *
lp_docker_context_file(const LpDockerContext *context, const char *path, GError **error)
{
    g_autofree char *file = g_build_filename(context->folder, path, NULL);
    char *real = realpath(file, NULL);
    if (real == NULL) {
        const int saved_errno = errno;
        g_autofree char *name = g_build_filename(context->name, path, NULL);
        return hc_fail_io_null(error, name, "cannot read", saved_errno);
    }
    const gboolean is_within = g_str_equal(context->folder, "/") ||
                               g_str_equal(real, context->folder) ||
                               is_above(context->folder, real);
    /* In the words of the command line; a link is what it leads to. */
    g_autofree char *own = *path == '\0' ? g_strdup(context->name)
                           : g_file_test(file, G_FILE_TEST_IS_SYMLINK)
                               ? g_strdup(real)
                               : g_build_filename(context->name, path, NULL);
    free(real);
    if (is_within)
        return g_steal_pointer(&own);
    return hc_fail_null(error, HC_ERROR_UNSUPPORTED,
                        "%s: a link leads out of the context %s; a --build-context can name what "
                        "it leads to",
                        path, context->name);
}

/* The names in the folder @path that match @part, or, when none is exactly so, the one that differs
 * in case only. */
static GPtrArray *
match_part(const LpDockerContext *context, const char *path, const char *part, GError **error)
{
    g_autofree char *folder = lp_docker_context_file(context, path, error);
    if (folder == NULL)
        return NULL;
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_free);
    if (!g_file_test(folder, G_FILE_TEST_IS_DIR))
        return g_steal_pointer(&found);
    const gboolean is_pattern = hc_glob_has_wildcards(part);
    g_autofree char *exact = g_build_filename(folder, part, NULL);
    struct stat status;
    if (!is_pattern && lstat(exact, &status) == 0) {
        g_ptr_array_add(found, g_strdup(part));
        return g_steal_pointer(&found);
    }
    g_autoptr(HcGlob) glob = is_pattern ? hc_glob_new(HC_GLOB_PATH, part, error) : NULL;
    g_autoptr(GPtrArray) names = is_pattern && glob == NULL ? NULL : hc_folder_names(folder, error);
    for (guint i = 0; names != NULL && i < names->len; i++) {
        const char *name = names->pdata[i];
        if (!g_utf8_validate(name, -1, NULL))
            continue;
        if (is_pattern ? hc_glob_matches(glob, name, strlen(name))
                       : hc_entry_name_equal(name, part))
            g_ptr_array_add(found, g_strdup(name));
    }
    if (names == NULL)
        return NULL;
    if (!is_pattern && found->len > 1)
        return hc_fail_null(error, HC_ERROR_MALFORMED,
                            "%s: names that differ in case only are there, and none is exactly so",
                            part);
    return g_steal_pointer(&found);
}

/* One part further down from each of @paths. */
static GPtrArray *
go_down(const LpDockerContext *context, const GPtrArray *paths, const char *part, GError **error)
{
    g_autoptr(GPtrArray) below = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < paths->len; i++) {
        const char *path = paths->pdata[i];
        g_autoptr(GPtrArray) names = match_part(context, path, part, error);
        if (names == NULL)
            return NULL;
        for (guint j = 0; j < names->len; j++)
            g_ptr_array_add(below, *path == '\0' ? g_strdup(names->pdata[j])
                                                 : g_strconcat(path, "/", names->pdata[j], NULL));
    }
    return g_steal_pointer(&below);
}

static GPtrArray *
fail_missing(const LpDockerContext *context, const char *pattern, gboolean is_ignored,
             GError **error)
{
    if (is_ignored)
        return hc_fail_null(error, HC_ERROR_NOT_FOUND, "%s: is left out of the context by %s",
                            pattern + 1, context->ignore_name);
    return hc_fail_null(error, HC_ERROR_NOT_FOUND, "%s: is not in the context %s", pattern + 1,
                        context->name);
}

GPtrArray *
lp_docker_context_find(LpDockerContext *context, const char *pattern, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(pattern, "/", -1);
    g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(paths, g_strdup(""));
    for (gsize i = 0; parts[i] != NULL; i++) {
        if (*parts[i] == '\0')
            continue;
        GPtrArray *below = go_down(context, paths, parts[i], error);
        if (below == NULL)
            return NULL;
        g_ptr_array_unref(paths);
        paths = below;
    }
    g_autoptr(GPtrArray) kept = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < paths->len; i++) {
        const char *path = paths->pdata[i];
        g_autofree char *file = g_build_filename(context->folder, path, NULL);
        /* A folder that is left out may hold what is taken back. */
        const gboolean may_hold = context->ignore != NULL &&
                                  hc_ignore_takes_back(context->ignore) &&
                                  g_file_test(file, G_FILE_TEST_IS_DIR);
        if (lp_docker_context_has(context, path) || may_hold)
            g_ptr_array_add(kept, g_strdup(path));
    }
    if (kept->len == 0 && !hc_glob_has_wildcards(pattern))
        return fail_missing(context, pattern, paths->len > 0, error);
    return g_steal_pointer(&kept);
}
