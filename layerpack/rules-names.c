#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "hivecore/image/windows-name.h"
#include "layerpack/rules-private.h"

enum {
    MAX_PATH_UNITS = 32767, /* of a UNICODE_STRING */
};

static void
refuse(LpRules *rules, const HcEntry *entry, const char *source, const char *what)
{
    lp_rules_say(rules, LP_AS_ANY, HC_SEVERITY_ERROR, entry->name, source, "%s", what);
}

/* Each part of the name by itself. A colon in the last one is that of a stream, which
 * lp_rules_check_stream() looks at. */
static void
check_parts(LpRules *rules, const HcEntry *entry)
{
    g_auto(GStrv) parts = g_strsplit(rules->clean->str, "/", -1);
    for (gsize i = 0; parts[i] != NULL; i++) {
        const gboolean is_last = parts[i + 1] == NULL;
        if (is_last)
            parts[i][strcspn(parts[i], ":")] = '\0';
        const char *name = parts[i];
        const gboolean is_whiteout = is_last && g_str_has_prefix(name, ".wh.");
        if (is_whiteout)
            name += strlen(".wh.");
        const char *error = hc_windows_name_error(name);
        const char *oddity = error == NULL && !is_whiteout ? hc_windows_name_oddity(name) : NULL;
        const gboolean is_folder = !is_last || entry->type == HC_ENTRY_FOLDER;
        const char *reserved =
            error == NULL ? hc_windows_name_reserved(name, is_last && is_folder) : NULL;
        if (error != NULL)
            refuse(rules, entry, LP_SOURCE_NAMING, error);
        else if (oddity != NULL && is_last)
            lp_rules_say(rules, LP_AS_ANY, HC_SEVERITY_WARNING, entry->name, LP_SOURCE_NAMING,
                         "%s: it is made, and most programs cannot open it", oddity);
        if (reserved != NULL && is_last)
            lp_rules_say(rules, LP_AS_ABOVE, HC_SEVERITY_ERROR, entry->name, LP_SOURCE_LEGACY, "%s",
                         reserved);
        /* What is said of a folder's name was said of its own entry. */
        if (error != NULL)
            return;
    }
}

static void
count_dotted(LpRules *rules, const HcEntry *entry)
{
    const GString *name = entry->name;
    if (name->len - (name->str[name->len - 1] == '/' ? 1 : 0) != rules->clean->len)
        lp_rules_count(&rules->dotted, entry);
}

/*
 * Stricter than the importer, which takes these as far as it goes (importer 7c9ff7f): a backslash
 * and ".." lead to another place than the name says, and what is not UTF-8 gets another name.
 */
gboolean
lp_rules_check_name(LpRules *rules, const HcEntry *entry)
{
    const GString *name = entry->name;
    if (!g_utf8_validate_len(name->str, name->len, NULL)) {
        refuse(rules, entry, LP_SOURCE_TAR, "the name is not UTF-8");
        return FALSE;
    }
    const gboolean has_backslash = strchr(name->str, '\\') != NULL;
    if (has_backslash)
        refuse(rules, entry, LP_SOURCE_IMPORT, "the name has a backslash, a separator on Windows");
    if (name->str[0] == '/' || (g_ascii_isalpha(name->str[0]) && name->str[1] == ':')) {
        refuse(rules, entry, LP_SOURCE_SAFEFILE, "the name is absolute");
        return FALSE;
    }
    if (!hc_entry_name_clean(rules->clean, name->str, name->len)) {
        refuse(rules, entry, LP_SOURCE_SAFEFILE, "the name has a \"..\" part");
        return FALSE;
    }
    if (rules->clean->len == 0) {
        lp_rules_say(rules, LP_AS_ANY, HC_SEVERITY_WARNING, name, LP_SOURCE_IMPORT,
                     "the entry has no name");
        return FALSE;
    }
    count_dotted(rules, entry);
    if (!has_backslash)
        check_parts(rules, entry);
    if (hc_windows_name_units(rules->clean->str) > MAX_PATH_UNITS)
        refuse(rules, entry, LP_SOURCE_SAFEFILE, "the path has over 32,767 UTF-16 units");
    return TRUE;
}

static void
say_counted(LpRules *rules, const LpCounted *counted, const char *source, const char *what)
{
    g_autoptr(GString) text = g_string_new(what);
    if (counted->n == 2)
        g_string_append(text, ", and so has 1 more");
    else if (counted->n > 2)
        g_string_append_printf(text, ", and so have %" PRIu64 " more", counted->n - 1);
    if (counted->n > 0)
        lp_rules_say(rules, LP_AS_ANY, HC_SEVERITY_WARNING, counted->first, source, "%s",
                     text->str);
}

void
lp_rules_finish_names(LpRules *rules)
{
    say_counted(rules, &rules->dotted, LP_SOURCE_CIM, "the name has empty or \".\" parts");
    say_counted(rules, &rules->streams, LP_SOURCE_CIM_TAR,
                "the stream has no :$DATA, without which it cannot be imported where layers are "
                "CIM images");
}

/* --- folders at the top --- */

/* The writer for layers above compares the name as it is. */
static void
check_utility_spelling(LpRules *rules, const HcEntry *entry)
{
    if (strcmp(entry->name->str, "UtilityVM") != 0)
        lp_rules_say(rules, LP_AS_ABOVE, HC_SEVERITY_ERROR, entry->name, LP_SOURCE_LEGACY,
                     "must be spelled UtilityVM, without a slash or a dot");
    if (!lp_tree_right_below_has(rules->tree, LP_UTILITY_FILES))
        lp_rules_say(rules, LP_AS_ABOVE, HC_SEVERITY_ERROR, entry->name, LP_SOURCE_LEGACY,
                     "the layer right below has no utility VM, which would be copied first");
}

static void
check_folder(LpRules *rules, const HcEntry *entry, const char *wanted)
{
    const gboolean is_utility = strcmp(wanted, "UtilityVM") == 0;
    const char *clean = rules->clean->str;
    const gsize n_name = entry->name->len;
    if (entry->type != HC_ENTRY_FOLDER)
        refuse(rules, entry, LP_SOURCE_FOLDERS, "must be a folder");
    else if (strcmp(clean, wanted) != 0)
        /* On a disk case does not matter; "Hives\" in the writer is compared with case. */
        lp_rules_say(rules, LP_AS_ANY, HC_SEVERITY_ERROR, entry->name, LP_SOURCE_LEGACY,
                     "must be spelled %s", wanted);
    else if (is_utility)
        check_utility_spelling(rules, entry);
    else if (n_name > 0 && entry->name->str[n_name - 1] == '/')
        lp_rules_say(rules, LP_AS_ANY, HC_SEVERITY_WARNING, entry->name, LP_SOURCE_CIM,
                     "should be spelled %s, without a slash", wanted);
}

/* UtilityVM in the other folders' company, or something else. */
static void
check_outside(LpRules *rules, const HcEntry *entry)
{
    const char *clean = rules->clean->str;
    const gboolean is_utility = g_str_has_prefix(clean, "UtilityVM/");
    const gboolean is_below = is_utility || g_ascii_strncasecmp(clean, "Files/", 6) == 0 ||
                              g_ascii_strncasecmp(clean, "Hives/", 6) == 0;
    if (!is_below)
        lp_rules_say(rules, LP_AS_ANY, HC_SEVERITY_WARNING, entry->name, LP_SOURCE_LEGACY,
                     "stands outside Files, Hives and UtilityVM");
    if (hc_entry_name_equal(clean, "layout"))
        lp_rules_say(rules, LP_AS_BASE, HC_SEVERITY_ERROR, entry->name, LP_SOURCE_STORAGE,
                     "a base layer must not have this file");
    if (is_utility && strcmp(clean, LP_UTILITY_FILES) != 0 && !lp_rules_is_utility(clean))
        lp_rules_say(rules, LP_AS_ABOVE, HC_SEVERITY_ERROR, entry->name, LP_SOURCE_LEGACY,
                     "UtilityVM can hold only Files");
    if (strcmp(clean, LP_UTILITY_FILES) == 0 && strcmp(entry->name->str, clean) != 0)
        lp_rules_say(rules, LP_AS_BASE, HC_SEVERITY_ERROR, entry->name, LP_SOURCE_BASE,
                     "must be spelled %s, or no utility VM is made of it", LP_UTILITY_FILES);
}

void
lp_rules_check_top(LpRules *rules, const HcEntry *entry)
{
    static const char *const tops[] = {"Files", "Hives", "UtilityVM"};
    gboolean *const has_folder[] = {&rules->has_files_folder, &rules->has_hives_folder,
                                    &rules->has_utility_folder};
    for (gsize i = 0; i < G_N_ELEMENTS(tops); i++) {
        if (!hc_entry_name_equal(rules->clean->str, tops[i]))
            continue;
        check_folder(rules, entry, tops[i]);
        *has_folder[i] |= entry->type == HC_ENTRY_FOLDER;
        return;
    }
    check_outside(rules, entry);
}
