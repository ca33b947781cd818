#include "config.h"

#include "hivecore/dockerfile/glob.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"

typedef struct {
    gboolean takes_back;
    char *name;   /* when it is no more than a name */
    HcGlob *glob; /* else */
} Pattern;

struct HcDockerIgnore {
    GPtrArray *patterns; /* of Pattern * */
    gboolean takes_back;
};

static void
pattern_free(gpointer data)
{
    Pattern *pattern = data;
    g_free(pattern->name);
    hc_glob_free(pattern->glob);
    g_free(pattern);
}

/* Whether @path leads above the context, where nothing is that could match. */
static gboolean
leads_out(const char *path)
{
    g_auto(GStrv) parts = g_strsplit(path, "/", -1);
    int depth = 0;
    for (gsize i = 0; *path != '/' && parts[i] != NULL && depth >= 0; i++) {
        if (g_str_equal(parts[i], ".."))
            depth--;
        else if (*parts[i] != '\0' && !g_str_equal(parts[i], "."))
            depth++;
    }
    return depth < 0;
}

/* @line: without space around it and not empty */
static gboolean
add_pattern(HcDockerIgnore *ignore, const char *line, GError **error)
{
    const gboolean takes_back = *line == '!';
    g_autofree char *text = g_strstrip(g_strdup(line + (takes_back ? 1 : 0)));
    if (*text == '\0')
        return hc_fail(error, HC_ERROR_MALFORMED, "a ! that no pattern follows");
    g_autofree char *path = hc_docker_path(NULL, text, FALSE, FALSE, error);
    /* The context itself is not left out. */
    if (path == NULL || path[1] == '\0' || leads_out(text))
        return path != NULL;
    if (ignore->patterns->len >= HC_MAX_IGNORE_PATTERNS)
        return hc_fail(error, HC_ERROR_LIMIT, "over %u patterns", HC_MAX_IGNORE_PATTERNS);
    Pattern *pattern = g_new0(Pattern, 1);
    g_ptr_array_add(ignore->patterns, pattern);
    pattern->takes_back = takes_back;
    ignore->takes_back |= takes_back;
    if (strpbrk(path, "*?[\\") == NULL)
        pattern->name = g_strdup(path + 1);
    else
        pattern->glob = hc_glob_new(HC_GLOB_IGNORE, path + 1, error);
    return pattern->name != NULL || pattern->glob != NULL;
}

HcDockerIgnore *
hc_ignore_new(const char *file, const char *text, gsize n_bytes, GError **error)
{
    if (n_bytes > HC_MAX_IGNORE_BYTES)
        return hc_fail_null(error, HC_ERROR_LIMIT, "%s: is over %u MB", file,
                            HC_MAX_IGNORE_BYTES >> 20);
    if (!g_utf8_validate(text, (gssize) n_bytes, NULL))
        return hc_fail_null(error, HC_ERROR_MALFORMED, "%s: is not UTF-8", file);
    g_autoptr(HcDockerIgnore) ignore = g_new0(HcDockerIgnore, 1);
    ignore->patterns = g_ptr_array_new_with_free_func(pattern_free);
    g_autofree char *whole = g_strndup(text, n_bytes);
    const char *start = g_str_has_prefix(whole, "\xef\xbb\xbf") ? whole + 3 : whole;
    g_auto(GStrv) lines = g_strsplit(start, "\n", -1);
    for (gsize i = 0; lines[i] != NULL; i++) {
        const gboolean is_comment = *lines[i] == '#';
        g_strstrip(lines[i]);
        if (is_comment || *lines[i] == '\0' || add_pattern(ignore, lines[i], error))
            continue;
        g_prefix_error(error, "%s:%" G_GSIZE_FORMAT ": ", file, i + 1);
        return NULL;
    }
    return g_steal_pointer(&ignore);
}

void
hc_ignore_free(HcDockerIgnore *ignore)
{
    if (ignore == NULL)
        return;
    g_ptr_array_unref(ignore->patterns);
    g_free(ignore);
}

gboolean
hc_ignore_takes_back(const HcDockerIgnore *ignore)
{
    return ignore->takes_back;
}

static gboolean
pattern_matches(const Pattern *pattern, const char *path, gsize n_bytes)
{
    return pattern->name != NULL ? g_str_equal(pattern->name, path)
                                 : hc_glob_matches(pattern->glob, path, n_bytes);
}

gboolean
hc_ignore_matches(HcDockerIgnore *ignore, const char *path, const guint8 *parent, guint8 **marks)
{
    const gsize n_bytes = strlen(path);
    gboolean is_ignored = FALSE;
    guint8 *own = g_malloc0(ignore->patterns->len + 1);
    for (guint i = 0; i < ignore->patterns->len; i++) {
        const Pattern *pattern = ignore->patterns->pdata[i];
        own[i] = parent != NULL && parent[i] != 0;
        /* One that would change nothing need not be looked at. */
        if (own[i] == 0 && pattern->takes_back == is_ignored)
            own[i] = pattern_matches(pattern, path, n_bytes) ? 1 : 0;
        if (own[i] != 0)
            is_ignored = !pattern->takes_back;
    }
    *marks = own;
    return is_ignored;
}
