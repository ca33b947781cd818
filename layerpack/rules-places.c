#include "config.h"

#include <string.h>

#include "layerpack/rules-private.h"

/* Folders whose names Windows compares with case, as "Files\" and so on. */
static gboolean
is_below_files(const char *name)
{
    return g_str_has_prefix(name, "Files/") || lp_rules_is_utility(name);
}

static void
above(LpRules *rules, HcSeverity severity, const HcEntry *entry, const char *source,
      const char *what)
{
    lp_rules_say(rules, LP_AS_ABOVE, severity, entry->name, source, "%s", what);
}

static LpNodeKind
kind_of(HcEntryType type)
{
    if (type == HC_ENTRY_FOLDER)
        return LP_NODE_FOLDER;
    return type == HC_ENTRY_FILE || type == HC_ENTRY_HARDLINK ? LP_NODE_FILE : LP_NODE_OTHER;
}

/* --- places --- */

/* An upper layer's UtilityVM is a copy of that below, to which entries are added. */
static void
check_utility_parent(LpRules *rules, const HcEntry *entry, gsize n_parent)
{
    guint layer;
    const LpNode *below = lp_tree_below(rules->tree, rules->clean->str, n_parent, &layer);
    if (below != NULL && below->kind != LP_NODE_FOLDER)
        above(rules, HC_SEVERITY_ERROR, entry, LP_SOURCE_LEGACY,
              "is below an entry of a layer below that is not a folder");
    else if (below == NULL && lp_tree_is_whole(rules->tree))
        above(rules, HC_SEVERITY_ERROR, entry, LP_SOURCE_LEGACY,
              "comes before the entry of its folder, which no layer below has");
    else if (below == NULL)
        above(rules, HC_SEVERITY_WARNING, entry, LP_SOURCE_LEGACY,
              "its folder is not in this layer, so that a layer below must have it");
}

static void
check_parent(LpRules *rules, const HcEntry *entry)
{
    const char *clean = rules->clean->str;
    const char *slash = strrchr(clean, '/');
    if (slash == NULL)
        return;
    const gsize n_parent = (gsize) (slash - clean);
    const LpNode *parent = lp_tree_own(rules->tree, clean, n_parent);
    if (parent != NULL && parent->kind == LP_NODE_FOLDER)
        return;
    if (parent != NULL) {
        lp_rules_refuse(rules, entry, "is below an entry that is not a folder");
        return;
    }
    static const char early[] = "comes before the entry of its folder";
    lp_rules_say(rules, LP_AS_BASE, HC_SEVERITY_ERROR, entry->name, LP_SOURCE_BASE, "%s", early);
    if (!g_str_has_prefix(clean, "UtilityVM/"))
        above(rules, HC_SEVERITY_ERROR, entry, LP_SOURCE_LEGACY, early);
    else if (!rules->has_utility_folder)
        above(rules, HC_SEVERITY_ERROR, entry, LP_SOURCE_LEGACY,
              "comes before the entry UtilityVM");
    else if (lp_rules_is_utility(clean))
        check_utility_parent(rules, entry, n_parent);
}

/* A path that the layer has twice. Above a base, what is in the utility VM takes the place of what
 * was there, if that is no folder with something in it. A hard link takes the place of a file too,
 * when the layer is made: stricter than the importer, since one of the two is lost. */
static void
check_twice(LpRules *rules, const HcEntry *entry, const LpNode *before)
{
    static const char twice[] = "the path is there already, without regard to case";
    lp_rules_say(rules, LP_AS_BASE, HC_SEVERITY_ERROR, entry->name, LP_SOURCE_BASE, "%s", twice);
    if (!lp_rules_is_utility(rules->clean->str))
        above(rules, HC_SEVERITY_ERROR, entry, LP_SOURCE_LEGACY, twice);
    else if (before->kind != LP_NODE_FOLDER || entry->type != HC_ENTRY_FOLDER)
        above(rules, HC_SEVERITY_WARNING, entry, LP_SOURCE_LEGACY,
              "the path is there already, and this one takes its place");
}

/* A file where a layer below has a folder, or the reverse. */
static void
check_kind_below(LpRules *rules, const HcEntry *entry)
{
    guint layer;
    const GString *clean = rules->clean;
    const LpNode *below = lp_tree_below(rules->tree, clean->str, clean->len, &layer);
    const gboolean is_folder = entry->type == HC_ENTRY_FOLDER;
    if (below == NULL || is_folder == (below->kind == LP_NODE_FOLDER))
        return;
    const char *now = is_folder ? "a folder" : "a file";
    const char *then = is_folder ? "none" : "a folder";
    if (!lp_rules_is_utility(clean->str))
        /* What follows is done by a service whose source is closed. */
        lp_rules_say(rules, LP_AS_ABOVE, HC_SEVERITY_WARNING, entry->name, LP_SOURCE_CLOSE,
                     "is %s here and %s in layer %u: what becomes of that is not known", now, then,
                     layer);
    else if (!is_folder)
        lp_rules_say(
            rules, LP_AS_ABOVE, HC_SEVERITY_ERROR, entry->name, LP_SOURCE_LEGACY,
            "is a file, and a folder in layer %u, which is not removed for it unless it is "
            "empty",
            layer);
}

void
lp_rules_check_place(LpRules *rules, const HcEntry *entry)
{
    const GString *clean = rules->clean;
    check_parent(rules, entry);
    const LpNode *before = lp_tree_own(rules->tree, clean->str, clean->len);
    if (before != NULL)
        check_twice(rules, entry, before);
    if (lp_tree_is_deleted(rules->tree, clean) && !lp_rules_is_utility(clean->str))
        above(rules, HC_SEVERITY_ERROR, entry, LP_SOURCE_CLOSE,
              "the layer has a whiteout for it too, which is applied last");
    check_kind_below(rules, entry);
    if (entry->type == HC_ENTRY_OTHER)
        lp_rules_say(rules, LP_AS_ANY, HC_SEVERITY_WARNING, entry->name, LP_SOURCE_IMPORT,
                     "is neither file, folder nor link: the importer makes an empty file of it");
    lp_tree_add(rules->tree, clean, kind_of(entry->type));
}

/* --- whiteouts --- */

static const char *
last_part(const GString *clean)
{
    const char *slash = strrchr(clean->str, '/');
    return slash != NULL ? slash + 1 : clean->str;
}

gboolean
lp_rules_is_whiteout(const LpRules *rules)
{
    return g_str_has_prefix(last_part(rules->clean), ".wh.");
}

/* What the whiteout deletes, against what is there. */
static void
check_deleted(LpRules *rules, const HcEntry *entry, const GString *target)
{
    guint layer;
    const gboolean is_utility = lp_rules_is_utility(target->str);
    if (lp_tree_own(rules->tree, target->str, target->len) != NULL)
        above(rules, HC_SEVERITY_ERROR, entry, is_utility ? LP_SOURCE_LEGACY : LP_SOURCE_CLOSE,
              "the layer has an entry for it too, which is deleted again");
    else if (lp_tree_is_whole(rules->tree) &&
             lp_tree_below(rules->tree, target->str, target->len, &layer) == NULL)
        above(rules, is_utility ? HC_SEVERITY_ERROR : HC_SEVERITY_WARNING, entry,
              is_utility ? LP_SOURCE_LEGACY : LP_SOURCE_CLOSE, "deletes what no layer below has");
}

void
lp_rules_check_whiteout(LpRules *rules, const HcEntry *entry)
{
    lp_rules_say(rules, LP_AS_BASE, HC_SEVERITY_ERROR, entry->name, LP_SOURCE_BASE,
                 "a base layer cannot have whiteouts");
    const char *name = last_part(rules->clean) + strlen(".wh.");
    g_autoptr(GString) target =
        g_string_new_len(rules->clean->str, (gssize) (name - strlen(".wh.") - rules->clean->str));
    g_string_append(target, name);
    /* Joined with the folder, these are the folder itself, or the one above. */
    if (name[0] == '\0' || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        above(rules, HC_SEVERITY_ERROR, entry, LP_SOURCE_IMPORT,
              "names nothing in its folder, and deletes the folder");
    else if (!is_below_files(target->str))
        above(rules, HC_SEVERITY_ERROR, entry, LP_SOURCE_LEGACY,
              "whiteouts are possible only below Files/ and UtilityVM/Files/");
    else if (strchr(name, ':') != NULL)
        above(rules, HC_SEVERITY_ERROR, entry, LP_SOURCE_SAFEFILE,
              "a stream cannot be deleted by a whiteout");
    else if (g_str_has_prefix(name, ".wh."))
        above(rules, HC_SEVERITY_WARNING, entry, LP_SOURCE_IMPORT,
              "opaque whiteouts are not known to the importer");
    else {
        check_deleted(rules, entry, target);
        lp_tree_add_whiteout(rules->tree, target);
    }
    /* The writer copies the utility VM for a whiteout as it does for an entry. */
    rules->has_utility_folder |= lp_rules_is_utility(target->str);
}

/* --- hard links --- */

/* A base layer's links are made at once, on the disk. */
static void
check_base_link(LpRules *rules, const HcEntry *entry, const GString *target)
{
    const LpNode *own = lp_tree_own(rules->tree, target->str, target->len);
    if (own == NULL || own->kind != LP_NODE_FILE)
        lp_rules_say(rules, LP_AS_BASE, HC_SEVERITY_ERROR, entry->name, LP_SOURCE_BASE,
                     "the hard link's target is no file before it");
}

/* Above one, the target is looked for by its spelling among the entries before, then in the layers
 * below; the link is made at the end. */
static void
check_above_link(LpRules *rules, const HcEntry *entry, const GString *target)
{
    guint layer;
    const LpNode *own = lp_tree_own(rules->tree, target->str, target->len);
    const gboolean is_own = own != NULL && lp_tree_is_spelled(own, target);
    const LpNode *node = own;
    if (!is_own)
        node = lp_rules_is_utility(target->str)
                   ? lp_tree_below(rules->tree, target->str, target->len, &layer)
                   : lp_tree_any_below(rules->tree, target->str, target->len);
    if (node != NULL && node->kind == LP_NODE_FOLDER)
        above(rules, HC_SEVERITY_ERROR, entry, LP_SOURCE_CLOSE,
              "the hard link's target is a folder");
    else if (node == NULL && own != NULL)
        above(rules, HC_SEVERITY_ERROR, entry, LP_SOURCE_LEGACY,
              "the hard link's target is spelled otherwise than the file before it");
    else if (node == NULL && lp_tree_is_whole(rules->tree))
        above(rules, HC_SEVERITY_ERROR, entry, LP_SOURCE_LEGACY,
              "the hard link's target is neither before it nor in a layer below");
    else if (node == NULL)
        above(rules, HC_SEVERITY_WARNING, entry, LP_SOURCE_LEGACY,
              "the hard link's target is not before it, so that a layer below must have it");
}

void
lp_rules_check_link(LpRules *rules, const HcEntry *entry)
{
    g_autoptr(GString) target = g_string_new(NULL);
    if (!hc_entry_name_clean(target, entry->link->str, entry->link->len)) {
        lp_rules_say(rules, LP_AS_ANY, HC_SEVERITY_ERROR, entry->name, LP_SOURCE_SAFEFILE,
                     "the hard link's target has a \"..\" part");
        return;
    }
    if (strchr(target->str, ':') != NULL) {
        lp_rules_say(rules, LP_AS_ANY, HC_SEVERITY_ERROR, entry->name, LP_SOURCE_SAFEFILE,
                     "the hard link's target is a stream");
        return;
    }
    check_base_link(rules, entry, target);
    /* Of the link's own name not even "./" is taken off. */
    if (!is_below_files(entry->name->str) || !is_below_files(target->str))
        above(rules, HC_SEVERITY_ERROR, entry, LP_SOURCE_LEGACY,
              "hard links are possible only below Files/ and UtilityVM/Files/");
    else
        check_above_link(rules, entry, target);
}

/* --- streams --- */

/* Whether the importer takes the entry for a stream of the one before it. */
static gboolean
follows_its_file(const LpRules *rules, const HcEntry *entry)
{
    const gsize n = rules->streamed->len;
    return n > 0 && (entry->tar_type == '0' || entry->tar_type == 0) &&
           g_str_has_prefix(entry->name->str, rules->streamed->str) && entry->name->str[n] == ':';
}

gboolean
lp_rules_check_stream(LpRules *rules, const HcEntry *entry)
{
    const char *name = strchr(last_part(rules->clean), ':');
    if (name == NULL)
        return FALSE;
    name++;
    const char *fault = NULL;
    const char *source = LP_SOURCE_SAFEFILE;
    if (!follows_its_file(rules, entry))
        fault = "a stream must come right after its file";
    else if (rules->streamed_kind == LP_NODE_FOLDER)
        /* go-winio would take it; what Windows makes of it nobody has seen. */
        fault = "a folder cannot have a stream";
    else if (name[0] == '\0' || strchr(name, ':') != NULL) {
        fault = "is no name of a stream: the importer adds :$DATA itself";
        source = LP_SOURCE_WINIO;
    }
    if (fault != NULL) {
        lp_rules_say(rules, LP_AS_ANY, HC_SEVERITY_ERROR, entry->name, source, "%s", fault);
        return TRUE;
    }
    lp_rules_count(&rules->streams, entry);
    lp_rules_check_hive_stream(rules, entry);
    return TRUE;
}
