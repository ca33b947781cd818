#include "config.h"

#include "hivecore/cli/key-path.h"

#include <string.h>

#include "hivecore/base/choice.h"
#include "hivecore/base/error.h"
#include "hivecore/base/root.h"
#include "hivecore/delta/control-set.h"

gboolean
hc_key_has_reading(const char *text, guint reading)
{
    return ((reading & HC_READ_ESCAPES) == 0 || strstr(text, "\\u{") != NULL) &&
           ((reading & HC_READ_SLASHES) == 0 || strchr(text, '/') != NULL);
}

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

gboolean
hc_key_split(HcArena *arena, const char *text, guint reading, HcPath *path, GError **error)
{
    const gboolean is_escaped = (reading & HC_READ_ESCAPES) != 0;
    g_autofree char *own = g_strdup(text);
    if ((reading & HC_READ_SLASHES) != 0)
        text = g_strdelimit(own, "/", '\\');
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
    *path = hc_path_join(arena, hc_path_of(names), (HcPath){NULL, 0});
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

/* Takes off what other programs put before the name of a root: @n names, at least one. Returns: the
 * first that is left. */
static HcName *
take_off_frame(HcName *first, gsize n)
{
    HcName *last = first + n - 1;
    if (hc_name_unit(*first, 0) == '[' && hc_name_unit(*last, last->n_units - 1) == ']') {
        last->n_units--;
        *first = without(*first, "[");
    }
    if (n > 1 && (hc_name_equal(*first, HC_NAME_ASCII("Computer")) ||
                  hc_name_equal(*first, HC_NAME_ASCII("My Computer")) ||
                  hc_name_equal(*first, HC_NAME_ASCII("Microsoft.PowerShell.Core"))))
        first++;
    *first = without(*first, "Registry::");
    return first;
}

gboolean
hc_key_is_frame(const char *text, const char *colons)
{
    static const char core[] = "Microsoft.PowerShell.Core";
    static const char registry[] = "Registry::";
    const gsize n_core = strlen(core);
    const char *start = text[0] == '[' ? text + 1 : text;
    if (g_ascii_strncasecmp(start, core, n_core) == 0 &&
        (start[n_core] == '\\' || start[n_core] == '/'))
        start += n_core + 1;
    if (g_ascii_strncasecmp(start, registry, strlen(registry)) != 0 ||
        colons != start + strlen("Registry"))
        return FALSE;
    const char *root = colons + strlen("::");
    return root_name((HcName){(const uint8_t *) root, (uint32_t) strcspn(root, "\\/]:"), TRUE}) !=
           NULL;
}

gboolean
hc_key_find_root(HcArena *arena, HcPath *path)
{
    if (path->n == 0)
        return FALSE;
    HcName *names = hc_arena_dup(arena, path->names, path->n * sizeof(*names));
    HcName *first = take_off_frame(names, path->n);
    const char *full = root_name(*first);
    if (full == NULL)
        return FALSE;
    *first = (HcName){(const uint8_t *) full, (uint32_t) strlen(full), TRUE};
    *path = hc_root_meaning(arena, hc_path_from((HcPath){names, path->n}, (gsize) (first - names)));
    return TRUE;
}

gboolean
hc_key_follow(const HcHive *hive, HcArena *arena, HcPath *path, gsize *n_found, HcKey *key,
              GError **error)
{
    GError *failure = NULL;
    *n_found = 0;
    if (!hc_control_set_enter(hive, arena, path, error) || !hc_hive_root(hive, key, error))
        return FALSE;
    HcName *names = hc_arena_dup(arena, path->names, path->n * sizeof(*names));
    path->names = names;
    for (; *n_found < path->n; (*n_found)++) {
        HcKey subkey;
        if (!hc_hive_subkey(hive, key, names[*n_found], &subkey, &failure))
            break;
        *key = subkey;
        names[*n_found] = subkey.name;
    }
    return failure == NULL || hc_fail_with(error, failure);
}

static void
append_quoted(GString *out, const HcPath *path, gsize n)
{
    g_string_append_c(out, '\'');
    hc_path_append_display(out, NULL, (HcPath){path->names, n});
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

void
hc_key_append_absence(GString *out, const HcHive *hive, const HcPath *path, gsize n_found,
                      const HcKey *key)
{
    const HcPath missing = {&path->names[n_found], 1};
    HcValue value;
    HcNearest nearest = hc_nearest_start(missing.names[0]);
    HcSubkeyIter iter;
    HcKey subkey;
    if (n_found + 1 == path->n && hc_hive_find_value(hive, key, missing.names[0], &value, NULL)) {
        append_quoted(out, &missing, 1);
        g_string_append(out, " is a value of ");
    } else if (hc_subkey_iter_init(&iter, hive, key, NULL)) {
        while (hc_subkey_iter_next(&iter, &subkey, NULL))
            hc_nearest_offer(&nearest, subkey.name);
        append_quoted(out, &missing, 1);
        g_string_append(out, " is not in ");
    }
    if (n_found == 0)
        g_string_append(out, "the root key");
    else
        append_quoted(out, path, n_found);
    append_guess(out, &nearest);
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

gboolean
hc_value_read(HcArena *arena, const char *text, guint i, HcName *name)
{
    g_autofree char *plain = without_quoting(text);
    switch (i) {
    case 0:
        *name = hc_name_from_utf8(arena, text, strlen(text));
        return TRUE;
    case 1:
        *name = hc_name_from_display(arena, text, strlen(text));
        return strstr(text, "\\u{") != NULL;
    case 2:
        *name = hc_name_from_display(arena, plain, strlen(plain));
        return !g_str_equal(plain, text);
    default:
        *name = HC_NAME_EMPTY;
        return g_ascii_strcasecmp(text, "(Default)") == 0;
    }
}

void
hc_value_append_absence(GString *out, const HcHive *hive, const HcKey *key, HcName name)
{
    HcNearest nearest = hc_nearest_start(name);
    HcKey subkey;
    HcValue value;
    if (hc_hive_subkey(hive, key, name, &subkey, NULL))
        g_string_append(out, ", it is a subkey");
    for (uint32_t i = 0; i < key->n_values && hc_hive_value(hive, key, i, &value, NULL); i++)
        hc_nearest_offer(&nearest, value.name);
    append_guess(out, &nearest);
}
