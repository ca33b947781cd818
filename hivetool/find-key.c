#include "config.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/base/nearest.h"
#include "hivecore/delta/control-set.h"
#include "hivetool/common.h"

/* Keys and values as they stand on command lines: found, or told what is there instead. */

/* How far a path leads. */
typedef struct {
    HcPath path;
    gsize n_found; /* of its names */
    HcKey key;     /* the last of them */
} Way;

/* Whether the backslash at @text parts names. */
static gboolean
is_separator(const char *text, gboolean is_escaped)
{
    return text[0] == '\\' && !(is_escaped && g_str_has_prefix(text, "\\u{"));
}

/* The length of the name that @text starts with. */
static gsize
name_length(const char *text, gboolean is_escaped)
{
    gsize n = 0;
    while (text[n] != '\0' && !is_separator(text + n, is_escaped))
        n++;
    return n;
}

/* The names between the backslashes of @text. */
static gboolean
split(HcArena *arena, const char *text, gboolean is_escaped, HcPath *path, GError **error)
{
    /* One backslash at either end is common and means nothing. */
    g_autofree char *inner = g_strdup(is_separator(text, is_escaped) ? text + 1 : text);
    if (g_str_has_suffix(inner, "\\"))
        inner[strlen(inner) - 1] = '\0';
    *path = (HcPath){NULL, 0};
    if (inner[0] == '\0')
        return TRUE;
    g_autoptr(GArray) names = g_array_new(FALSE, FALSE, sizeof(HcName));
    for (const char *at = inner;; at++) {
        const gsize n = name_length(at, is_escaped);
        if (n == 0)
            return hc_fail(error, HC_ERROR_USAGE, "%s: has an empty key name", text);
        const HcName name =
            is_escaped ? hc_name_from_display(arena, at, n) : hc_name_from_utf8(arena, at, n);
        g_array_append_val(names, name);
        at += n;
        if (*at == '\0')
            break;
    }
    path->n = names->len;
    path->names = (HcName *) hc_arena_alloc(arena, path->n * sizeof(HcName));
    memcpy(path->names, names->data, path->n * sizeof(HcName));
    return TRUE;
}

static HcName
without(HcName name, const char *prefix)
{
    const uint32_t n = (uint32_t) strlen(prefix);
    const HcName start = {name.chars, MIN(n, name.n_units), name.is_latin1};
    if (!hc_name_equal(start, (HcName){(const uint8_t *) prefix, n, TRUE}))
        return name;
    const gsize n_bytes = n * (gsize) (name.is_latin1 ? 1 : 2);
    return (HcName){name.chars + n_bytes, name.n_units - n, name.is_latin1};
}

/* HKLM and HKLM: alike. */
static const char *
root_name(HcName name)
{
    if (name.n_units > 1 && hc_name_unit(name, name.n_units - 1) == ':')
        name.n_units--;
    return hc_root_full_name(name, NULL);
}

/* Takes off what other programs put before the name of a root. */
static void
take_off_frame(HcPath *path)
{
    if (path->n == 0)
        return;
    HcName *first = &path->names[0];
    HcName *last = &path->names[path->n - 1];
    if (hc_name_unit(*first, 0) == '[' && hc_name_unit(*last, last->n_units - 1) == ']') {
        last->n_units--;
        *first = without(*first, "[");
    }
    if (path->n > 1 && (hc_name_equal(*first, HC_NAME_ASCII("Computer")) ||
                        hc_name_equal(*first, HC_NAME_ASCII("My Computer")) ||
                        hc_name_equal(*first, HC_NAME_ASCII("Microsoft.PowerShell.Core")))) {
        path->names++;
        path->n--;
        first++;
    }
    *first = without(*first, "Registry::");
}

/* The place that @path means, which starts with an HKEY_ name: HKEY_CLASSES_ROOT is a view. */
static void
make_canonical(HcArena *arena, HcPath *path)
{
    const char *full = root_name(path->names[0]);
    path->names[0] = (HcName){(const uint8_t *) full, (uint32_t) strlen(full), TRUE};
    g_autoptr(GArray) names = g_array_new(FALSE, FALSE, sizeof(HcName));
    HcName name;
    for (gsize i = 0; hc_root_part(path->names, path->n, i, &name); i++)
        g_array_append_val(names, name);
    path->names = (HcName *) hc_arena_dup(arena, names->data, names->len * sizeof name);
    path->n = names->len;
}

/* Takes @root's names off the front of @path, which starts with an HKEY_ name. */
static gboolean
strip_root(HcArena *arena, const char *text, const HcRoot *root, HcPath *path, GError **error)
{
    if (root == NULL)
        return hc_fail(error, HC_ERROR_USAGE,
                       "%s: where the hive hangs in the registry is not known, use --root", text);
    make_canonical(arena, path);
    HcName name;
    gsize n = 0;
    for (; hc_root_part(root->names, root->n_names, n, &name); n++) {
        if (n >= path->n || !hc_name_equal(path->names[n], name))
            return hc_fail(error, HC_ERROR_USAGE, "%s: is not in this hive, which hangs at %s",
                           text, root->text);
    }
    path->names += n;
    path->n -= n;
    return TRUE;
}

/* Goes along @way->path as far as it leads, and spells it as the hive does. FALSE with @error: the
 * hive is damaged on the way. */
static gboolean
follow(const HcHive *hive, HcArena *arena, Way *way, GError **error)
{
    const HcPath *path = &way->path;
    GError *failure = NULL;
    way->n_found = 0;
    if (path->n > 0 && hc_name_equal(path->names[0], HC_CONTROL_SET_LINK)) {
        HcName set;
        if (!hc_control_set(hive, arena, &set, error))
            return FALSE;
        if (set.n_units > 0)
            path->names[0] = set;
    }
    if (!hc_hive_root(hive, &way->key, error))
        return FALSE;
    for (; way->n_found < path->n; way->n_found++) {
        HcKey subkey;
        if (!hc_hive_subkey(hive, &way->key, path->names[way->n_found], &subkey, &failure))
            break;
        way->key = subkey;
        path->names[way->n_found] = subkey.name;
    }
    return failure == NULL || hc_fail_with(error, failure);
}

static gboolean
is_at_end(const Way *way)
{
    return way->n_found == way->path.n;
}

/* The same path without what names the place of the hive: HKLM\, Computer\HKLM\, SYSTEM\. */
static gboolean
follow_from_root(const HcHive *hive, HcArena *arena, const char *text, const HcRoot *root, Way *way,
                 GError **error)
{
    const HcPath whole = way->path;
    take_off_frame(&way->path);
    if (way->path.n > 0 && root_name(way->path.names[0]) != NULL)
        return strip_root(arena, text, root, &way->path, error) && follow(hive, arena, way, error);
    way->path = whole;
    /* With nothing to skip: a root that is no HKEY_ name. */
    for (gsize skip = 0; root != NULL && skip < root->n_names; skip++) {
        const gsize n = root->n_names - skip;
        gsize i = 0;
        while (i < n && i < whole.n && hc_name_equal(whole.names[i], root->names[skip + i]))
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
try_reading(const HcHive *hive, HcArena *arena, const char *text, const HcRoot *root,
            gboolean is_escaped, Way *best, GError **error)
{
    Way way = {0};
    if (!split(arena, text, is_escaped, &way.path, error))
        return FALSE;
    const gboolean is_rooted = way.path.n > 0 && hc_root_full_name(way.path.names[0], NULL) != NULL;
    if (!is_rooted && !follow(hive, arena, &way, error))
        return FALSE;
    if (is_rooted || !is_at_end(&way)) {
        Way below = way;
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

/* Whether @text with backslashes for slashes starts with the name of a root. */
static gboolean
is_rooted(const char *slashes)
{
    const gsize n = strcspn(slashes, "\\");
    return root_name((HcName){(const uint8_t *) slashes, (uint32_t) MIN(n, 64), TRUE}) != NULL;
}

/* Tries all that @text can mean. FALSE with @error: none of it is a path, or damage. */
static gboolean
read_ways(const HcHive *hive, HcArena *arena, const char *text, const HcRoot *root, Way *best,
          GError **error)
{
    g_autofree char *slashes = g_strdelimit(g_strdup(text), "/", '\\');
    g_autoptr(GError) defect = NULL; /* of the first reading, the literal one */
    g_autoptr(GError) misplaced = NULL;
    gboolean is_read = FALSE;
    for (guint i = 0; i < 4 && !(is_read && is_at_end(best)); i++) {
        const gboolean is_escaped = (i & 1) != 0;
        const char *reading = (i & 2) != 0 ? slashes : text;
        GError *failure = NULL;
        if ((is_escaped && strstr(text, "\\u{") == NULL) ||
            (reading != text && strchr(text, '/') == NULL))
            continue;
        if (try_reading(hive, arena, reading, root, is_escaped, best, &failure)) {
            is_read = TRUE;
            continue;
        }
        if (!g_error_matches(failure, HC_ERROR, HC_ERROR_USAGE))
            return hc_fail_with(error, failure);
        if (defect == NULL && !is_read)
            defect = failure;
        else if (misplaced == NULL && reading == slashes && is_rooted(slashes))
            misplaced = failure;
        else
            g_error_free(failure);
    }
    /* HKLM/SOFTWARE is no name of a key. */
    if (is_read && misplaced != NULL && best->n_found == 0 && !is_at_end(best))
        return hc_fail_with(error, g_steal_pointer(&misplaced));
    return is_read || hc_fail_with(error, g_steal_pointer(&defect));
}

static void
append_quoted(GString *out, const HcPath *path, gsize n)
{
    g_string_append_c(out, '\'');
    hc_path_append_display(out, NULL, path->names, n);
    g_string_append_c(out, '\'');
}

static void
append_guess(GString *out, const HcNearest *nearest)
{
    if (nearest->best.n_units == 0)
        return;
    g_string_append(out, ", did you mean '");
    hc_name_append_display(out, nearest->best);
    g_string_append(out, "'?");
}

/* What is where @way ends: the key that is there, and the value or key that was meant. */
static void
append_absence(GString *out, const HcHive *hive, const Way *way)
{
    const HcName missing = way->path.names[way->n_found];
    HcValue value;
    HcNearest nearest = hc_nearest_start(missing);
    HcSubkeyIter iter;
    HcKey subkey;
    if (way->n_found + 1 == way->path.n &&
        hc_hive_find_value(hive, &way->key, missing, &value, NULL)) {
        append_quoted(out, &(HcPath){&way->path.names[way->n_found], 1}, 1);
        g_string_append(out, " is a value of ");
    } else if (hc_subkey_iter_init(&iter, hive, &way->key, NULL)) {
        while (hc_subkey_iter_next(&iter, &subkey, NULL))
            hc_nearest_offer(&nearest, subkey.name);
        append_quoted(out, &(HcPath){&way->path.names[way->n_found], 1}, 1);
        g_string_append(out, " is not in ");
    }
    if (way->n_found == 0)
        g_string_append(out, "the root key");
    else
        append_quoted(out, &way->path, way->n_found);
    append_guess(out, &nearest);
}

gboolean
ht_find_key(HcArena *arena, const HcHive *hive, const char *text, const HcRoot *root, HcPath *path,
            HcKey *key, GError **error)
{
    if (!g_utf8_validate(text, -1, NULL))
        return hc_fail(error, HC_ERROR_USAGE, "%s: is not UTF-8", text);
    Way way = {0};
    if (!read_ways(hive, arena, text, root, &way, error))
        return FALSE;
    *path = way.path;
    *key = way.key;
    if (is_at_end(&way))
        return TRUE;
    g_autoptr(GString) absence = g_string_new(NULL);
    append_absence(absence, hive, &way);
    return hc_fail(error, HC_ERROR_NOT_FOUND, "%s: %s: no such key: %s", hc_hive_file(hive), text,
                   absence->str);
}

/* The value of this very name. FALSE without @error: there is none. */
static gboolean
find_named(const HcHive *hive, const HcKey *key, const char *text, gboolean is_escaped,
           HcValue *value, GError **error)
{
    g_autoptr(HcArena) arena = hc_arena_new();
    const HcName name = is_escaped ? hc_name_from_display(arena, text, strlen(text))
                                   : hc_name_from_utf8(arena, text, strlen(text));
    return hc_hive_find_value(hive, key, name, value, error);
}

/* @text as it stands between the quotes of a report, perhaps with them: \" is ", and \\ is \, which
 * is left as an escape so that it begins no other. */
static char *
without_quoting(const char *text)
{
    gsize n = strlen(text);
    const gboolean has_quotes = n > 1 && text[0] == '"' && text[n - 1] == '"';
    GString *out = g_string_new(NULL);
    for (gsize i = has_quotes ? 1 : 0; i < n - (has_quotes ? 1 : 0); i++) {
        const gboolean is_pair = text[i] == '\\' && (text[i + 1] == '"' || text[i + 1] == '\\');
        if (is_pair && text[++i] == '\\')
            g_string_append(out, "\\u{5c}");
        else
            g_string_append_c(out, text[i]);
    }
    return g_string_free(out, FALSE);
}

/* In the order in which a name is read: as it is, with \u{hex}, as it is printed, "(Default)". */
static gboolean
find_read(const HcHive *hive, const HcKey *key, const char *name, HcValue *value, GError **error)
{
    GError *failure = NULL;
    g_autofree char *plain = without_quoting(name);
    if (find_named(hive, key, name, FALSE, value, &failure))
        return TRUE;
    if (failure == NULL && strstr(name, "\\u{") != NULL &&
        find_named(hive, key, name, TRUE, value, &failure))
        return TRUE;
    if (failure == NULL && !g_str_equal(plain, name) &&
        find_named(hive, key, plain, TRUE, value, &failure))
        return TRUE;
    if (failure == NULL && g_ascii_strcasecmp(name, "(Default)") == 0 &&
        find_named(hive, key, "", FALSE, value, &failure))
        return TRUE;
    return failure != NULL && hc_fail_with(error, failure);
}

gboolean
ht_find_value(const HcHive *hive, const HcKey *key, const char *key_text, const char *text,
              HcValue *value, GError **error)
{
    if (!g_utf8_validate(text, -1, NULL))
        return hc_fail(error, HC_ERROR_USAGE, "%s: is not UTF-8", text);
    const char *name = g_str_equal(text, "@") ? "" : text;
    GError *failure = NULL;
    if (find_read(hive, key, name, value, &failure))
        return TRUE;
    if (failure != NULL)
        return hc_fail_with(error, failure);
    g_autoptr(HcArena) arena = hc_arena_new();
    g_autoptr(GString) guess = g_string_new(NULL);
    const HcName meant = hc_name_from_utf8(arena, name, strlen(name));
    HcNearest nearest = hc_nearest_start(meant);
    HcKey subkey;
    if (hc_hive_subkey(hive, key, meant, &subkey, NULL))
        g_string_append(guess, ", it is a subkey");
    for (uint32_t i = 0; i < key->n_values && hc_hive_value(hive, key, i, value, NULL); i++)
        hc_nearest_offer(&nearest, value->name);
    append_guess(guess, &nearest);
    return hc_fail(error, HC_ERROR_NOT_FOUND, "%s: %s: %s: no such value%s", hc_hive_file(hive),
                   key_text, name[0] == '\0' ? "@" : name, guess->str);
}
