#include "config.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/cli/key-path.h"
#include "hivetool/common.h"

/* Keys and values as they stand on command lines: found, or told what is there instead. */

/* Takes @root's names off the front of @path, which starts with an HKEY_ name. */
static gboolean
strip_root(const char *text, const HcRoot *root, HcPath *path, GError **error)
{
    if (root == NULL)
        return hc_fail(error, HC_ERROR_USAGE,
                       "%s: where the hive hangs in the registry is not known, use --root", text);
    HcName name;
    gsize n = 0;
    for (; hc_root_part(root->path, n, &name); n++) {
        if (n >= path->n || !hc_name_equal(path->names[n], name))
            return hc_fail(error, HC_ERROR_USAGE, "%s: is not in this hive, which hangs at %s",
                           text, root->text);
    }
    path->names += n;
    path->n -= n;
    return TRUE;
}

static gboolean
follow(const HcHive *hive, HcArena *arena, HtWay *way, GError **error)
{
    return hc_key_follow(hive, arena, &way->path, &way->n_found, &way->key, error);
}

static gboolean
is_at_end(const HtWay *way)
{
    return way->n_found == way->path.n;
}

/* The same path without what names the place of the hive: HKLM\, Computer\HKLM\, SYSTEM\. */
static gboolean
follow_from_root(const HcHive *hive, HcArena *arena, const char *text, const HcRoot *root,
                 HtWay *way, GError **error)
{
    const HcPath whole = way->path;
    if (hc_key_find_root(arena, &way->path))
        return strip_root(text, root, &way->path, error) && follow(hive, arena, way, error);
    /* With nothing to skip: a root that is no HKEY_ name. */
    for (gsize skip = 0; root != NULL && skip < root->path.n; skip++) {
        const gsize n = root->path.n - skip;
        gsize i = 0;
        while (i < n && i < whole.n && hc_name_equal(whole.names[i], root->path.names[skip + i]))
            i++;
        if (i < n)
            continue;
        way->path = (HcPath){whole.names + n, whole.n - n};
        return follow(hive, arena, way, error);
    }
    way->n_found = 0;
    return TRUE;
}

/* One reading of the text. @best: the way that led farthest; this one, where it leads to a key. */
static gboolean
try_reading(const HcHive *hive, HcArena *arena, const char *text, const HcRoot *root, guint reading,
            HtWay *best, GError **error)
{
    HtWay way = {0};
    if (!hc_key_split(arena, text, reading, &way.path, error))
        return FALSE;
    const gboolean is_rooted = way.path.n > 0 && hc_root_full_name(way.path.names[0], NULL) != NULL;
    if (!is_rooted && !follow(hive, arena, &way, error))
        return FALSE;
    if (is_rooted || !is_at_end(&way)) {
        HtWay below = way;
        if (!follow_from_root(hive, arena, text, root, &below, error))
            return FALSE;
        if (is_rooted || (below.path.n < way.path.n && below.n_found >= way.n_found))
            way = below;
    }
    if (is_at_end(best) || is_at_end(&way) || way.n_found > best->n_found ||
        (way.n_found == best->n_found && way.path.n > best->path.n))
        *best = way;
    return TRUE;
}

/* Whether @text, so read, starts with the name of a root. */
static gboolean
is_rooted(HcArena *arena, const char *text, guint reading)
{
    HcPath path;
    return hc_key_split(arena, text, reading, &path, NULL) && hc_key_find_root(arena, &path);
}

/* Tries all that @text can mean. FALSE with @error: none of it is a path, or damage. */
static gboolean
read_ways(const HcHive *hive, HcArena *arena, const char *text, const HcRoot *root, HtWay *best,
          GError **error)
{
    g_autoptr(GError) defect = NULL; /* of the first reading, the literal one */
    g_autoptr(GError) misplaced = NULL;
    gboolean is_read = FALSE;
    for (guint reading = 0; reading < HC_N_KEY_READINGS && !(is_read && is_at_end(best));
         reading++) {
        GError *failure = NULL;
        if (!hc_key_has_reading(text, reading))
            continue;
        if (try_reading(hive, arena, text, root, reading, best, &failure)) {
            is_read = TRUE;
            continue;
        }
        if (!g_error_matches(failure, HC_ERROR, HC_ERROR_USAGE))
            return hc_fail_with(error, failure);
        if (defect == NULL && !is_read)
            defect = failure;
        else if (misplaced == NULL && is_rooted(arena, text, reading))
            misplaced = failure;
        else
            g_error_free(failure);
    }
    /* HKLM/SOFTWARE is no name of a key. */
    if (is_read && misplaced != NULL && best->n_found == 0 && !is_at_end(best))
        return hc_fail_with(error, g_steal_pointer(&misplaced));
    return is_read || hc_fail_with(error, g_steal_pointer(&defect));
}

/* Where nothing says that a slash parts names, and backslashes do, it is a letter of one that is
 * not there yet. */
static gboolean
prefer_letters(const HcHive *hive, HcArena *arena, const char *text, const HcRoot *root, HtWay *way,
               GError **error)
{
    HtWay literal = {0};
    if (is_at_end(way) || strchr(text, '/') == NULL || strchr(text, '\\') == NULL ||
        is_rooted(arena, text, HC_READ_SLASHES) != is_rooted(arena, text, HC_READ_LITERAL))
        return TRUE;
    if (!try_reading(hive, arena, text, root, HC_READ_LITERAL, &literal, error))
        return FALSE;
    if (literal.n_found >= way->n_found)
        *way = literal;
    return TRUE;
}

gboolean
ht_read_key(HcArena *arena, const HcHive *hive, const char *text, const HcRoot *root, HtWay *way,
            GError **error)
{
    *way = (HtWay){0};
    if (!g_utf8_validate(text, -1, NULL))
        return hc_fail(error, HC_ERROR_USAGE, "%s: is not UTF-8", text);
    return read_ways(hive, arena, text, root, way, error) &&
           prefer_letters(hive, arena, text, root, way, error);
}

gboolean
ht_split_value(const HcHive *hive, const char *text, const HcRoot *root, char **key_text,
               const char **value)
{
    g_autoptr(HcArena) arena = hc_arena_new();
    const char *colons = g_strrstr(text, "::");
    HtWay way;
    if (colons == NULL || hc_key_is_frame(text, colons) ||
        (ht_read_key(arena, hive, text, root, &way, NULL) && is_at_end(&way)))
        return FALSE;
    *key_text = g_strndup(text, (gsize) (colons - text));
    *value = colons + strlen("::");
    return TRUE;
}

gboolean
ht_find_key(HcArena *arena, const HcHive *hive, const char *text, const HcRoot *root, HcPath *path,
            HcKey *key, GError **error)
{
    if (!g_utf8_validate(text, -1, NULL))
        return hc_fail(error, HC_ERROR_USAGE, "%s: is not UTF-8", text);
    HtWay way = {0};
    if (!read_ways(hive, arena, text, root, &way, error))
        return FALSE;
    *path = way.path;
    *key = way.key;
    if (is_at_end(&way))
        return TRUE;
    g_autoptr(GString) absence = g_string_new(NULL);
    hc_key_append_absence(absence, hive, &way.path, way.n_found, &way.key);
    return hc_fail(error, HC_ERROR_NOT_FOUND, "%s: %s: no such key: %s", hc_hive_file(hive), text,
                   absence->str);
}

gboolean
ht_find_value(const HcHive *hive, const HcKey *key, const char *key_text, const char *text,
              HcValue *value, GError **error)
{
    if (!g_utf8_validate(text, -1, NULL))
        return hc_fail(error, HC_ERROR_USAGE, "%s: is not UTF-8", text);
    const char *shown = g_str_equal(text, "@") ? "" : text;
    g_autoptr(HcArena) arena = hc_arena_new();
    GError *failure = NULL;
    HcName name;
    for (guint i = 0; i < HC_N_VALUE_READINGS && failure == NULL; i++) {
        if (hc_value_read(arena, shown, i, &name) &&
            hc_hive_find_value(hive, key, name, value, &failure))
            return TRUE;
    }
    if (failure != NULL)
        return hc_fail_with(error, failure);
    g_autoptr(GString) absence = g_string_new(NULL);
    (void) hc_value_read(arena, shown, 0, &name); /* literally, everything can be read */
    hc_value_append_absence(absence, hive, key, name);
    return hc_fail(error, HC_ERROR_NOT_FOUND, "%s: %s: %s: no such value%s", hc_hive_file(hive),
                   key_text, shown[0] == '\0' ? "@" : shown, absence->str);
}
