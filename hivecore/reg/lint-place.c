#include "config.h"

#include "hivecore/reg/lint-private.h"

#include <string.h>

#include "hivecore/base/limits.h"

#define CURRENT_SET "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet"

static HcName
part_of(const HcRegWalker *walker, guint i)
{
    return g_array_index(walker->section.path, HcName, i);
}

/* Whether the first names of the walker's section are those of @path, parts between backslashes. */
static gboolean
is_key(const HcRegWalker *walker, const char *path, gboolean is_whole)
{
    guint n = 0;
    while (*path) {
        gsize length = strcspn(path, "\\");
        const HcName name = {(const uint8_t *) path, (uint32_t) length, TRUE};
        if (n >= walker->section.path->len || !hc_name_equal(part_of(walker, n++), name))
            return FALSE;
        path += length + (path[length] == '\\');
    }
    return !is_whole || n == walker->section.path->len;
}

static gboolean
is_one_of(HcName name, const char *const *names)
{
    for (; *names != NULL; names++) {
        const HcName known = {(const uint8_t *) *names, (uint32_t) strlen(*names), TRUE};
        if (hc_name_equal(name, known))
            return TRUE;
    }
    return FALSE;
}

/* Whether @name is "ControlSet" and three digits. */
static gboolean
is_numbered_set(HcName name)
{
    static const char start[] = "CONTROLSET";
    if (name.n_units != strlen(start) + 3)
        return FALSE;
    for (uint32_t i = 0; i < name.n_units; i++) {
        uint16_t unit = hc_upcase(hc_name_unit(name, i));
        gboolean fits = i < strlen(start) ? unit == (uint8_t) start[i] : unit >= '0' && unit <= '9';
        if (!fits)
            return FALSE;
    }
    return TRUE;
}

/* Whether the section lies at or below @root, or @root below it. */
static gboolean
is_in_root(const HcRegWalker *walker, const HcRoot *root)
{
    const GArray *path = walker->section.path;
    HcName name;
    HcName wanted;
    for (gsize i = 0;
         hc_root_part(hc_path_of(path), i, &name) && hc_root_part(root->path, i, &wanted); i++) {
        if (!hc_name_equal(name, wanted))
            return FALSE;
    }
    return TRUE;
}

/* What the first names of a key tell of it. */
enum {
    TRAIT_CURRENT_SET = 1 << 0,
    TRAIT_NUMBERED_SET = 1 << 1,
    TRAIT_NO_HIVE = 1 << 2, /* no Windows has a hive there */
    TRAIT_VOLATILE = 1 << 3,
};

/* Whether hives and the running system have the key that the section's second name is. */
static gboolean
has_known_hive(const HcRegWalker *walker)
{
    static const char *const machine[] = {"BCD00000000", "COMPONENTS", "DRIVERS",  "HARDWARE",
                                          "SAM",         "SCHEMA",     "SECURITY", "SOFTWARE",
                                          "SYSTEM",      "ELAM",       "OSDATA",   NULL};
    const HcName first = part_of(walker, 1);
    if (is_key(walker, "HKEY_LOCAL_MACHINE", FALSE))
        return is_one_of(first, machine);
    if (is_key(walker, "HKEY_USERS", FALSE))
        return is_key(walker, "HKEY_USERS\\.DEFAULT", FALSE) ||
               (first.n_units > 2 && hc_upcase(hc_name_unit(first, 0)) == 'S' &&
                hc_name_unit(first, 1) == '-');
    return TRUE;
}

static guint
traits_of(const HcRegWalker *walker)
{
    const guint n_names = walker->section.path->len;
    guint traits = 0;
    if (is_key(walker, CURRENT_SET, FALSE))
        traits |= TRAIT_CURRENT_SET;
    if (n_names > 2 && is_key(walker, "HKEY_LOCAL_MACHINE\\SYSTEM", FALSE) &&
        is_numbered_set(part_of(walker, 2)))
        traits |= TRAIT_NUMBERED_SET;
    if (n_names > 1 && !has_known_hive(walker))
        traits |= TRAIT_NO_HIVE;
    if (is_key(walker, "HKEY_LOCAL_MACHINE\\HARDWARE", FALSE) ||
        is_key(walker, "HKEY_CURRENT_USER\\Volatile Environment", FALSE))
        traits |= TRAIT_VOLATILE;
    return traits;
}

/* Whether the section's first names are spelled as those of the last one. */
static gboolean
starts_alike(const HcLintStart *start, const HcName *names, guint n_names)
{
    if (n_names != start->n_names)
        return FALSE;
    for (guint i = 0; i < n_names; i++) {
        if (!hc_name_same_spelling(names[i], start->names[i]))
            return FALSE;
    }
    return TRUE;
}

static void
look_at_start(HcLint *lint)
{
    HcLintStart *start = &lint->key_start;
    const GArray *path = lint->walker->section.path;
    const HcName *names = hc_path_of(path).names;
    const guint n_names = MIN(path->len, G_N_ELEMENTS(start->names));
    if (starts_alike(start, names, n_names))
        return;
    memcpy(start->names, names, n_names * sizeof(*names));
    start->n_names = n_names;
    start->traits = traits_of(lint->walker);
}

static void
lint_hives(HcLint *lint, const HcRegLine *line)
{
    const HcRegWalker *walker = lint->walker;
    const guint traits = lint->key_start.traits;
    const HcLintHive *home = NULL;
    for (gsize i = 0; i < lint->options->n_hives && home == NULL; i++) {
        if (is_in_root(walker, lint->options->hives[i].root))
            home = &lint->options->hives[i];
    }
    if (lint->options->n_hives > 0 && home == NULL)
        hc_lint_tell(lint, HC_LINT_FOREIGN_KEY, &line->at, line->at.pos, NULL,
                     "this key is in none of the hives that the file is for");
    gboolean is_several = home != NULL && home->n_control_sets > 1;
    if (is_several && (traits & TRAIT_CURRENT_SET) != 0)
        hc_lint_tell_once(lint, HC_LINT_SEVERAL_CONTROL_SETS, &line->at, line->at.pos, NULL,
                          "the hive has %u control sets, and only the current one gets this",
                          home->n_control_sets);
    gboolean is_alone = home != NULL && home->n_control_sets == 1;
    if (!is_alone && (traits & TRAIT_NUMBERED_SET) != 0)
        hc_lint_tell_once(
            lint, HC_LINT_CONTROL_SET_NUMBER, &line->at, line->at.pos, NULL,
            "a control set by its number; which one is in use differs from machine to "
            "machine, CurrentControlSet is always that one");
}

static void
lint_first_key(HcLint *lint, const HcRegLine *line)
{
    if (lint->options->n_hives > 0 || (lint->key_start.traits & TRAIT_NO_HIVE) == 0)
        return;
    g_autofree char *name = hc_name_display(part_of(lint->walker, 1));
    hc_lint_tell_once(
        lint, HC_LINT_UNKNOWN_HIVE, &line->at, line->at.pos, NULL,
        "no Windows has a key '%s' there; only a hive loaded under that name could be "
        "it",
        name);
}

/* Keys whose deletion takes most of a hive, or what Windows cannot start without. Below
 * HKEY_LOCAL_MACHINE and HKEY_USERS every first key is a whole hive. */
static void
lint_deletion(HcLint *lint, const HcRegLine *line)
{
    static const char *const broad[] = {
        "HKEY_CLASSES_ROOT\\CLSID",
        "HKEY_CLASSES_ROOT\\Interface",
        "HKEY_CLASSES_ROOT\\TypeLib",
        "HKEY_CURRENT_CONFIG\\Software",
        "HKEY_CURRENT_CONFIG\\System",
        "HKEY_CURRENT_USER\\AppEvents",
        "HKEY_CURRENT_USER\\Control Panel",
        "HKEY_CURRENT_USER\\Environment",
        "HKEY_CURRENT_USER\\Software",
        "HKEY_CURRENT_USER\\Software\\Classes",
        "HKEY_CURRENT_USER\\Software\\Microsoft",
        "HKEY_CURRENT_USER\\Software\\Microsoft\\Windows",
        "HKEY_CURRENT_USER\\Software\\Microsoft\\Windows\\CurrentVersion",
        "HKEY_CURRENT_USER\\Software\\Policies",
        "HKEY_LOCAL_MACHINE\\SOFTWARE\\Classes",
        "HKEY_LOCAL_MACHINE\\SOFTWARE\\Classes\\CLSID",
        "HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft",
        "HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows",
        "HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion",
        "HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT",
        "HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion",
        "HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies",
        "HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Microsoft",
        "HKEY_LOCAL_MACHINE\\SOFTWARE\\WOW6432Node",
        "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet",
        "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control",
        "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Enum",
        "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services",
        "HKEY_LOCAL_MACHINE\\SYSTEM\\MountedDevices",
        "HKEY_LOCAL_MACHINE\\SYSTEM\\Select",
        "HKEY_LOCAL_MACHINE\\SYSTEM\\Setup",
        NULL,
    };
    const HcRegWalker *walker = lint->walker;
    gboolean is_broad =
        walker->section.path->len == 2 &&
        (is_key(walker, "HKEY_LOCAL_MACHINE", FALSE) || is_key(walker, "HKEY_USERS", FALSE));
    gboolean is_set =
        walker->section.path->len == 3 && (lint->key_start.traits & TRAIT_NUMBERED_SET) != 0;
    for (guint i = 0; broad[i] != NULL && !is_broad; i++)
        is_broad = is_key(walker, broad[i], TRUE);
    if (is_broad || is_set)
        hc_lint_tell(lint, HC_LINT_BROAD_DELETE, &line->at, line->at.pos, NULL,
                     "deletes this key with everything below it, which much else needs");
}

static gboolean
is_blank_unit(uint16_t unit)
{
    return unit == ' ' || unit == '\t';
}

/* Whether @unit takes no room or looks like a plain blank. */
static gboolean
is_invisible(uint16_t unit)
{
    return unit < 0x20 || (unit >= 0x7f && unit <= 0xa0) || unit == 0xad ||
           (unit >= 0x2000 && unit <= 0x200f) || (unit >= 0x2028 && unit <= 0x202f) ||
           (unit >= 0x205f && unit <= 0x206f) || unit == 0xfeff;
}

/* All units that some rule of spelling speaks of, and a few more. */
static inline HcRegLanes
odd_units(HcRegLanes lanes)
{
    return (HcRegLanes) (lanes <= ' ') | (HcRegLanes) (lanes >= 0x7f) |
           hc_reg_lanes_equal(lanes, '[') | hc_reg_lanes_equal(lanes, ']');
}

/* Whether no rule of spelling speaks of any unit from @from to @to, as in most names. */
static gboolean
is_plain(const HcRegText *text, gsize from, gsize to)
{
    return hc_reg_scan(text->units, text->n_units, from, to, odd_units) == to;
}

/* From @from to @to, where a name or path stands. */
static void
lint_characters(HcLint *lint, const HcRegLine *line, gsize from, gsize to)
{
    for (gsize pos = from; pos < to; pos++) {
        uint16_t unit = lint->walker->text.units[pos];
        if (!is_invisible(unit))
            continue;
        hc_lint_tell(lint, HC_LINT_INVISIBLE_CHARACTER, &line->at, pos, NULL,
                     "the name has the character U+%04X, which nobody sees", unit);
        return;
    }
}

/* The spelling of a key line. */
static void
lint_spelling(HcLint *lint, const HcRegLine *line)
{
    const HcRegWalker *walker = lint->walker;
    const HcRegLexer *lexer = &walker->lexer;
    gsize to = line->comment;
    while (to > line->at.pos && !hc_reg_is(lexer, to, ']'))
        to--;
    gsize from = line->at.pos + (walker->section.is_delete ? 2 : 1);
    if (walker->section.root.n_units < walker->section.full_root.n_units)
        hc_lint_tell_once(lint, HC_LINT_ABBREVIATED_ROOT, &line->at, from,
                          "drops this key and the values after it, as Wine's does",
                          "the root's name in short form; regedit writes it in full");
    if (is_plain(&walker->text, from, to))
        return;
    lint_characters(lint, line, from, to);
    guint n_open = 0;
    gboolean is_told = FALSE;
    for (gsize pos = from; pos < to; pos++) {
        gboolean is_edge =
            hc_reg_is(lexer, pos - 1, '\\') || pos + 1 == to || hc_reg_is(lexer, pos + 1, '\\');
        if (!is_told && is_edge && is_blank_unit(lexer->units[pos])) {
            hc_lint_tell(lint, HC_LINT_KEY_BLANK, &line->at, pos, NULL,
                         "the key's name starts or ends with a blank, which is part of it");
            is_told = TRUE;
        }
        n_open += hc_reg_is(lexer, pos, '[') ? 1 : 0;
        if (!hc_reg_is(lexer, pos, ']'))
            continue;
        if (n_open == 0) {
            hc_lint_tell(lint, HC_LINT_KEY_BRACKET, &line->at, pos, NULL,
                         "the key's name goes on behind this ']', up to the last one of the line");
            return;
        }
        n_open--;
    }
}

static void
lint_length(HcLint *lint, const HcRegLine *line)
{
    for (guint i = 1; i < lint->walker->section.path->len; i++) {
        const uint32_t n_units = part_of(lint->walker, i).n_units;
        if (n_units <= HC_DOCUMENTED_KEY_NAME_UNITS)
            continue;
        hc_lint_tell(lint, HC_LINT_KEY_LENGTH, &line->at, line->at.pos, NULL,
                     "a key name of %u characters; Windows' tools make it, its documentation and "
                     "many programs allow %u",
                     n_units, HC_DOCUMENTED_KEY_NAME_UNITS);
        return;
    }
}

void
hc_lint_section(HcLint *lint, const HcRegLine *line)
{
    const HcRegWalker *walker = lint->walker;
    look_at_start(lint);
    lint_spelling(lint, line);
    lint_length(lint, line);
    lint_hives(lint, line);
    lint_first_key(lint, line);
    if (walker->section.is_delete)
        lint_deletion(lint, line);
    if ((lint->key_start.traits & TRAIT_VOLATILE) != 0)
        hc_lint_tell_once(lint, HC_LINT_VOLATILE_KEY, &line->at, line->at.pos, NULL,
                          "Windows keeps this key in memory only and makes it anew");
}

void
hc_lint_name(HcLint *lint, const HcRegLine *line)
{
    const HcRegWalker *walker = lint->walker;
    gboolean is_root =
        walker->section.path->len == 1 &&
        (is_key(walker, "HKEY_LOCAL_MACHINE", TRUE) || is_key(walker, "HKEY_USERS", TRUE));
    if (is_root && !walker->data.is_delete)
        hc_lint_tell(lint, HC_LINT_ROOT_VALUE, &line->at, line->at.pos, NULL,
                     "a value in a root key, which Windows stores nowhere");
    if (line->name.n_units == 0)
        return;
    gsize end = line->data - 1;
    while (!hc_reg_is(&walker->lexer, end, '"'))
        end--;
    if (is_blank_unit(hc_name_unit(line->name, 0)) ||
        is_blank_unit(hc_name_unit(line->name, line->name.n_units - 1)))
        hc_lint_tell(lint, HC_LINT_NAME_BLANK, &line->at, line->at.pos, NULL,
                     "the value's name starts or ends with a blank, which is part of it");
    if (!is_plain(&walker->text, line->at.pos + 1, end))
        lint_characters(lint, line, line->at.pos + 1, end);
}
