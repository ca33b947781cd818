#include "config.h"

#include "hivecore/dockerfile/glob.h"

#include <string.h>

#include "hivecore/base/error.h"

/* Appends the parts of @path to @parts; ".." takes one away. */
static void
add_parts(GPtrArray *parts, const char *path)
{
    g_auto(GStrv) split = g_strsplit(path, "/", -1);
    for (gsize i = 0; split[i] != NULL; i++) {
        if (*split[i] == '\0' || g_str_equal(split[i], "."))
            continue;
        if (!g_str_equal(split[i], ".."))
            g_ptr_array_add(parts, g_strdup(split[i]));
        else if (parts->len > 0)
            g_ptr_array_remove_index(parts, parts->len - 1);
    }
}

/* On Windows: forward slashes, and no drive. */
static char *
without_drive(const char *path, gboolean is_windows, GError **error)
{
    char *slashed = g_strdup(path);
    if (!is_windows)
        return slashed;
    g_strdelimit(slashed, "\\", '/');
    const char *colon = strchr(slashed, ':');
    const char *fault = NULL;
    if (g_str_has_prefix(slashed, "//"))
        fault = "a path on another machine (UNC) is not possible";
    else if (colon != NULL && (colon != slashed + 1 || g_ascii_tolower(*slashed) != 'c'))
        fault = "an image has no other drive than C:";
    else if (colon != NULL && colon[1] == '\0')
        fault = "a drive without a path; its root is C:\\";
    if (fault != NULL) {
        g_free(slashed);
        return hc_fail_null(error, HC_ERROR_MALFORMED, "%s: %s", path, fault);
    }
    if (colon != NULL)
        memmove(slashed, colon + 1, strlen(colon));
    return slashed;
}

char *
hc_docker_path(const char *folder, const char *path, gboolean is_windows, gboolean keep_slash,
               GError **error)
{
    g_autofree char *own = without_drive(path, is_windows, error);
    g_autofree char *below =
        own != NULL ? without_drive(folder != NULL ? folder : "", is_windows, error) : NULL;
    if (below == NULL)
        return NULL;
    g_autoptr(GPtrArray) parts = g_ptr_array_new_with_free_func(g_free);
    if (*own != '/')
        add_parts(parts, below);
    add_parts(parts, own);
    g_autoptr(GString) out = g_string_new("/");
    for (guint i = 0; i < parts->len; i++)
        g_string_append_printf(out, "%s%s", i > 0 ? "/" : "", (const char *) parts->pdata[i]);
    /* "" and "." are the folder at hand, and so folders. */
    const gboolean is_folder = *own == '\0' || g_str_equal(own, ".") ||
                               g_str_has_suffix(own, "/") || g_str_has_suffix(own, "/.");
    if (keep_slash && is_folder && out->len > 1)
        g_string_append_c(out, '/');
    return g_string_free(g_steal_pointer(&out), FALSE);
}

char *
hc_docker_workdir(const char *folder, const char *path, gboolean is_windows, GError **error)
{
    char *workdir = hc_docker_path(folder, path, is_windows, FALSE, error);
    if (workdir != NULL && is_windows)
        g_strdelimit(workdir, "/", '\\');
    return workdir;
}

const char *
hc_docker_path_last(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}
