#include "config.h"

#include "hivecore/base/root.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"

typedef struct {
    const char *full;
    gsize n_full;
    const char *abbreviation;
    gsize n_abbreviation;
} Predefined;

/* Every key line of a .reg file asks for one: the lengths are here so that most are not looked at.
 */
#define PREDEFINED(full, abbreviation)                                                             \
    {                                                                                              \
        full, sizeof(full) - 1, abbreviation, sizeof(abbreviation) - 1                             \
    }

static const Predefined predefined[] = {
    PREDEFINED("HKEY_LOCAL_MACHINE", "HKLM"),  PREDEFINED("HKEY_CURRENT_USER", "HKCU"),
    PREDEFINED("HKEY_CLASSES_ROOT", "HKCR"),   PREDEFINED("HKEY_USERS", "HKU"),
    PREDEFINED("HKEY_CURRENT_CONFIG", "HKCC"),
};

typedef struct {
    const char *file; /* upper case */
    const char *root;
} HiveFile;

/* Longest first where one is the start of another. */
static const HiveFile hive_files[] = {
    {"SOFTWARE", "HKEY_LOCAL_MACHINE\\SOFTWARE"},
    {"SYSTEM", "HKEY_LOCAL_MACHINE\\SYSTEM"},
    {"SAM", "HKEY_LOCAL_MACHINE\\SAM"},
    {"SECURITY", "HKEY_LOCAL_MACHINE\\SECURITY"},
    {"COMPONENTS", "HKEY_LOCAL_MACHINE\\COMPONENTS"},
    {"DRIVERS", "HKEY_LOCAL_MACHINE\\DRIVERS"},
    {"BCD", "HKEY_LOCAL_MACHINE\\BCD00000000"},
    {"DEFAULTUSER", "HKEY_USERS\\.DEFAULT"},
    {"DEFAULT", "HKEY_USERS\\.DEFAULT"},
    {"NTUSER.DAT", "HKEY_CURRENT_USER"},
    {"USRCLASS.DAT", "HKEY_CURRENT_USER\\Software\\Classes"},
};

/* ASCII only: no other character takes part in the name of a predefined root. */
static gboolean
equals_ascii(HcName name, const char *upper, gsize n_upper)
{
    if (name.n_units != n_upper)
        return FALSE;
    for (uint32_t i = 0; i < name.n_units; i++) {
        uint16_t unit = hc_name_unit(name, i);
        if (unit >= 'a' && unit <= 'z')
            unit = (uint16_t) (unit - 'a' + 'A');
        if (unit != (uint8_t) upper[i])
            return FALSE;
    }
    return TRUE;
}

const char *
hc_root_full_name(HcName name, gboolean *is_abbreviated)
{
    for (gsize i = 0; i < G_N_ELEMENTS(predefined); i++) {
        const Predefined *root = &predefined[i];
        gboolean is_short = equals_ascii(name, root->abbreviation, root->n_abbreviation);
        if (!is_short && !equals_ascii(name, root->full, root->n_full))
            continue;
        if (is_abbreviated != NULL)
            *is_abbreviated = is_short;
        return predefined[i].full;
    }
    return NULL;
}

gboolean
hc_root_split_key(HcArena *arena, const char *text, HcPath *path)
{
    g_auto(GStrv) parts = g_strsplit(text, "\\", -1);
    gsize n = g_strv_length(parts);
    if (n > 2 && parts[n - 1][0] == '\0')
        n--;
    HcName *names = (HcName *) hc_arena_alloc(arena, MAX(n, 1) * sizeof(*names));
    *path = (HcPath){names, 0};
    for (; path->n < n; path->n++) {
        if (parts[path->n][0] == '\0')
            return FALSE;
        names[path->n] = hc_name_from_utf8(arena, parts[path->n], strlen(parts[path->n]));
    }
    const char *full = n > 0 ? hc_root_full_name(names[0], NULL) : NULL;
    if (full == NULL)
        path->n = 0;
    else
        names[0] = (HcName){(const uint8_t *) full, (uint32_t) strlen(full), TRUE};
    return full != NULL;
}

/* What HKEY_CLASSES_ROOT is a view of. */
static const HcName classes[] = {HC_NAME_ASCII("HKEY_LOCAL_MACHINE"), HC_NAME_ASCII("SOFTWARE"),
                                 HC_NAME_ASCII("Classes")};

gboolean
hc_root_part(HcPath path, gsize i, HcName *part)
{
    const gboolean is_classes =
        path.n > 0 && hc_name_equal(path.names[0], HC_NAME_ASCII("HKEY_CLASSES_ROOT"));
    const gsize extra = is_classes ? G_N_ELEMENTS(classes) - 1 : 0;
    if (is_classes && i < G_N_ELEMENTS(classes))
        *part = classes[i];
    else if (i < path.n + extra)
        *part = path.names[i - extra];
    else
        return FALSE;
    if (i == 1 && hc_name_equal(*part, HC_NAME_ASCII("S-1-5-18")) &&
        hc_name_equal(path.names[0], HC_NAME_ASCII("HKEY_USERS")))
        *part = HC_NAME_ASCII(".DEFAULT");
    return TRUE;
}

HcPath
hc_root_meaning(HcArena *arena, HcPath path)
{
    HcName *names = hc_arena_alloc(arena, (path.n + G_N_ELEMENTS(classes)) * sizeof(*names));
    gsize n = 0;
    while (hc_root_part(path, n, &names[n]))
        n++;
    return (HcPath){names, n};
}

static HcRoot *
root_new(const char *full, const char *rest)
{
    HcRoot *root = g_new0(HcRoot, 1);
    root->arena = hc_arena_new();
    root->text = rest != NULL ? g_strconcat(full, "\\", rest, NULL) : g_strdup(full);
    g_auto(GStrv) parts = g_strsplit(root->text, "\\", -1);
    const gsize n = g_strv_length(parts);
    HcName *names = hc_arena_alloc(root->arena, n * sizeof(*names));
    for (gsize i = 0; i < n; i++)
        names[i] = hc_name_from_utf8(root->arena, parts[i], strlen(parts[i]));
    root->path = (HcPath){names, n};
    return root;
}

HcRoot *
hc_root_copy(const HcRoot *root)
{
    return root != NULL ? root_new(root->text, NULL) : NULL;
}

void
hc_root_free(HcRoot *root)
{
    if (root == NULL)
        return;
    g_free(root->text);
    hc_arena_free(root->arena);
    g_free(root);
}

/* Every part after the first must be able to be a key name. */
static gboolean
check_parts(const char *text, const HcRoot *root, GError **error)
{
    for (gsize i = 0; i < root->path.n; i++) {
        const char *what = NULL;
        if (root->path.names[i].n_units == 0)
            what = "has an empty part between backslashes";
        else if (root->path.names[i].n_units > HC_MAX_KEY_NAME_UNITS)
            what = "has a part longer than 256 characters";
        if (what == NULL)
            continue;
        return hc_fail(error, HC_ERROR_USAGE, "root '%s': %s", text, what);
    }
    if (root->path.n > HC_MAX_KEY_DEPTH)
        return hc_fail(error, HC_ERROR_USAGE, "root '%s': has more than %u parts", text,
                       HC_MAX_KEY_DEPTH);
    return TRUE;
}

/* HKEY_USERS\S-1-5-18 is the same key as HKEY_USERS\.DEFAULT. */
static char *
without_local_system(const char *full, const char *rest)
{
    static const char sid[] = "S-1-5-18";
    const gsize n = strlen(sid);
    if (g_str_equal(full, "HKEY_USERS") && g_ascii_strncasecmp(rest, sid, n) == 0 &&
        (rest[n] == '\0' || rest[n] == '\\'))
        return g_strconcat(".DEFAULT", rest + n, NULL);
    return g_strdup(rest);
}

/* @word: whether the first part may be any word. One that starts with HK is a misspelled root
 * sooner than a word. */
static HcRoot *
parse(const char *text, gboolean word, GError **error)
{
    if (!g_utf8_validate(text, -1, NULL))
        return hc_fail_null(error, HC_ERROR_USAGE, "root: is not valid UTF-8");
    g_autofree char *path = g_strdup(text);
    if (strchr(path, '\\') == NULL)
        g_strdelimit(path, "/", '\\');
    gsize n_first = strcspn(path, "\\");
    /* HKLM:\ as PowerShell has it. */
    const gsize n_name = n_first - (n_first > 1 && path[n_first - 1] == ':' ? 1 : 0);
    HcName first = {(const uint8_t *) path, (uint32_t) MIN(n_name, 64), TRUE};
    const char *full = hc_root_full_name(first, NULL);
    g_autofree char *own = g_strndup(path, n_first);
    if (full == NULL && word && n_first > 0 && g_ascii_strncasecmp(own, "HK", 2) != 0)
        full = own;
    if (full == NULL)
        return hc_fail_null(
            error, HC_ERROR_USAGE,
            "root '%s': does not start with HKEY_LOCAL_MACHINE, HKEY_CURRENT_USER, "
            "HKEY_CLASSES_ROOT, HKEY_USERS, HKEY_CURRENT_CONFIG or the abbreviation of "
            "one",
            text);
    g_autofree char *rest =
        path[n_first] != 0 ? without_local_system(full, path + n_first + 1) : NULL;
    /* One backslash at the end is what path completion leaves behind. */
    if (rest != NULL && g_str_has_suffix(rest, "\\"))
        rest[strlen(rest) - 1] = '\0';
    g_autoptr(HcRoot) root = root_new(full, rest != NULL && *rest ? rest : NULL);
    if (!check_parts(text, root, error))
        return NULL;
    return g_steal_pointer(&root);
}

HcRoot *
hc_root_parse(const char *text, GError **error)
{
    return parse(text, FALSE, error);
}

HcRoot *
hc_root_parse_word(const char *text, GError **error)
{
    return parse(text, TRUE, error);
}

HcRoot *
hc_root_parse_name(const char *name, GError **error)
{
    static const char *const names[] = {"SOFTWARE", "SYSTEM", "SAM", "SECURITY"};
    if (g_ascii_strcasecmp(name, "DEFAULT") == 0)
        return root_new("HKEY_USERS", ".DEFAULT");
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        if (g_ascii_strcasecmp(name, names[i]) == 0)
            return root_new("HKEY_LOCAL_MACHINE", names[i]);
    }
    return hc_root_parse(name, error);
}

gboolean
hc_root_is_below(const HcRoot *inner, const HcRoot *outer)
{
    return inner != NULL && outer != NULL && hc_path_is_below(inner->path, outer->path);
}

gboolean
hc_root_equal(const HcRoot *a, const HcRoot *b)
{
    return hc_root_is_below(a, b) && hc_root_is_below(b, a);
}

/* Whether @text is @name, or @name and a suffix that starts with something else than a letter
 * or digit: SOFTWARE.new, SOFTWARE_Delta, SOFTWARE-patched. */
static gboolean
has_name(const char *text, const char *name)
{
    gsize n = strlen(name);
    return g_ascii_strncasecmp(text, name, n) == 0 && !g_ascii_isalnum(text[n]) &&
           (text[n] & 0x80) == 0;
}

static HcRoot *
root_at(const char *place)
{
    const gsize n_first = strcspn(place, "\\");
    g_autofree char *first = g_strndup(place, n_first);
    return root_new(first, place[n_first] != '\0' ? place + n_first + 1 : NULL);
}

/* The last part of a path, one of Windows too: the name in a hive is one. */
static const char *
last_part(const char *path)
{
    const char *base = path;
    for (const char *at = path; *at; at++) {
        if (*at == '/' || *at == '\\')
            base = at + 1;
    }
    return base;
}

static HcRoot *
guess_from(const char *path)
{
    const char *base = last_part(path);
    for (gsize i = 0; i < G_N_ELEMENTS(hive_files); i++) {
        if (!has_name(base, hive_files[i].file))
            continue;
        return root_at(hive_files[i].root);
    }
    return NULL;
}

HcRoot *
hc_root_guess(const char *file, HcName embedded)
{
    /* Windows finds a hive by the whole name of its file; a copy (system.bak) is called anything.
     */
    HcRoot *root = hc_root_of_file(last_part(file));
    if (root != NULL)
        return root;
    g_autoptr(GString) text = g_string_new(NULL);
    hc_name_append_utf8(text, embedded);
    root = guess_from(text->str);
    return root != NULL ? root : guess_from(file);
}

HcRoot *
hc_root_of_file(const char *label)
{
    for (gsize i = 0; i < G_N_ELEMENTS(hive_files); i++) {
        if (g_ascii_strcasecmp(label, hive_files[i].file) == 0)
            return root_at(hive_files[i].root);
    }
    return NULL;
}
