#include "config.h"

#include "layerpack/rules.h"

#include <inttypes.h>
#include <string.h>

#include "hivecore/base/arena.h"
#include "hivecore/image/entry-name.h"
#include "hivecore/image/hive-slots.h"
#include "hivecore/regf/check.h"
#include "layerpack/rules-records.h"

/* What the rules are known from. */
#define SOURCE_NAMES     "hcsshim ociwclayer/import.go"
#define SOURCE_LEGACY    "hcsshim wclayer/legacy.go"
#define SOURCE_BASE      "hcsshim wclayer/baselayerwriter.go"
#define SOURCE_CONVERT   "hcsshim wclayer/converttobaselayer.go"
#define SOURCE_STORAGE   "hcsshim computestorage"
#define SOURCE_CIM       "hcsshim wclayer/cim"
#define SOURCE_FOLDERS   "hcsshim wclayer/legacy.go, imgutil"
#define SOURCE_TAR       "Go archive/tar"
#define SOURCE_GZIP      "Go compress/gzip"
#define SOURCE_REGF      "docs/FORMATS.md, the hive"
#define SOURCE_FULL_HIVE "kubernetes#109161"

#define CONFIG_FOLDER "Files/Windows/System32/config"
#define BCD           "UtilityVM/Files/EFI/Microsoft/Boot/BCD"

/** A path that was seen, without regard to case. */
typedef struct {
    HcNameKey key;
    gboolean is_folder;
    gboolean is_file; /* or a link to one */
} SeenName;

/** What the content of an entry has to be. */
typedef enum {
    HIVE_NONE,
    HIVE_DELTA,  /* differencing */
    HIVE_CONFIG, /* ordinary; counts in a base layer only */
    HIVE_BCD,    /* the same */
} HiveRole;

struct LpRules {
    HcArena *arena;
    GHashTable *seen; /* of SeenName */
    GString *clean;   /* the entry's name without ".", "//" and a slash at its end */
    HcFindings *findings;
    HcFindings *base_findings; /* what is wrong if this is a base layer */
    HiveRole role;             /* of the last entry */
    gboolean has_hives;        /* anything at or below Hives */
    gboolean has_hives_folder;
    gboolean has_files_folder;
    gboolean has_config_folder;
    gboolean has_utility_folder;
    gboolean has_utility_files;
    gboolean has_bcd;
    gboolean has_delta[HC_N_HIVE_SLOTS];
    gboolean has_config[HC_N_HIVE_SLOTS];
};

LpRules *
lp_rules_new(void)
{
    LpRules *rules = g_new0(LpRules, 1);
    rules->arena = hc_arena_new();
    rules->seen = g_hash_table_new(hc_entry_name_key_hash, hc_entry_name_key_equal);
    rules->clean = g_string_new(NULL);
    rules->findings = hc_findings_new(NULL, HC_MAX_FINDINGS);
    rules->base_findings = hc_findings_new(NULL, HC_MAX_FINDINGS);
    return rules;
}

void
lp_rules_free(LpRules *rules)
{
    if (rules == NULL)
        return;
    g_hash_table_unref(rules->seen);
    hc_arena_free(rules->arena);
    g_string_free(rules->clean, TRUE);
    hc_findings_unref(rules->findings);
    hc_findings_unref(rules->base_findings);
    g_free(rules);
}

static void
error(LpRules *rules, const HcEntry *entry, const char *source, const char *what)
{
    lp_findings_add(rules->findings, HC_SEVERITY_ERROR, entry->name, source, "%s", what);
}

static void
warning(LpRules *rules, const HcEntry *entry, const char *source, const char *what)
{
    lp_findings_add(rules->findings, HC_SEVERITY_WARNING, entry->name, source, "%s", what);
}

static void
base_error(LpRules *rules, const HcEntry *entry, const char *source, const char *what)
{
    lp_findings_add(rules->base_findings, HC_SEVERITY_ERROR, entry->name, source, "%s", what);
}

/* Folders whose names Windows compares with case, as "Files\" and so on. */
static gboolean
is_below_files(const char *clean)
{
    return g_str_has_prefix(clean, "Files/") || g_str_has_prefix(clean, "UtilityVM/Files/");
}

/* --- names --- */

/* FALSE when the name is of a kind that nothing more can be said of it. */
static gboolean
check_name(LpRules *rules, const HcEntry *entry)
{
    const GString *name = entry->name;
    if (!g_utf8_validate_len(name->str, name->len, NULL)) {
        error(rules, entry, SOURCE_TAR, "the name is not UTF-8");
        return FALSE;
    }
    if (strchr(name->str, '\\') != NULL)
        error(rules, entry, SOURCE_NAMES, "the name has a backslash, a separator on Windows");
    if (name->str[0] == '/' || (g_ascii_isalpha(name->str[0]) && name->str[1] == ':')) {
        error(rules, entry, SOURCE_NAMES, "the name is absolute");
        return FALSE;
    }
    if (!hc_entry_name_clean(rules->clean, name->str, name->len)) {
        error(rules, entry, SOURCE_NAMES, "the name has a \"..\" part");
        return FALSE;
    }
    if (rules->clean->len == 0) {
        warning(rules, entry, SOURCE_NAMES, "the entry has no name");
        return FALSE;
    }
    gsize n_name = name->len - (name->str[name->len - 1] == '/' ? 1 : 0);
    if (n_name != rules->clean->len)
        warning(rules, entry, SOURCE_CIM, "the name has empty or \".\" parts");
    return TRUE;
}

/* The three folders at the top, which must be spelled so. */
static void
check_top_folder(LpRules *rules, const HcEntry *entry)
{
    static const char *const tops[] = {"Files", "Hives", "UtilityVM"};
    gboolean *const has_folder[] = {&rules->has_files_folder, &rules->has_hives_folder,
                                    &rules->has_utility_folder};
    for (gsize i = 0; i < G_N_ELEMENTS(tops); i++) {
        if (!hc_entry_name_equal(rules->clean->str, tops[i]))
            continue;
        gboolean is_spelled = strcmp(rules->clean->str, tops[i]) == 0;
        if (entry->type != HC_ENTRY_FOLDER)
            error(rules, entry, SOURCE_FOLDERS, "must be a folder");
        else if (!is_spelled)
            lp_findings_add(rules->findings, HC_SEVERITY_ERROR, entry->name, SOURCE_LEGACY,
                            "must be spelled %s", tops[i]);
        else if (strcmp(entry->name->str, tops[i]) != 0)
            lp_findings_add(rules->findings, i == 2 ? HC_SEVERITY_ERROR : HC_SEVERITY_WARNING,
                            entry->name, i == 2 ? SOURCE_LEGACY : SOURCE_CIM,
                            "should be spelled %s, without a slash", tops[i]);
        *has_folder[i] |= entry->type == HC_ENTRY_FOLDER;
        return;
    }
    const char *slash = strchr(rules->clean->str, '/');
    if (slash != NULL && strncmp(rules->clean->str, "UtilityVM/", 10) == 0)
        return;
    if (slash == NULL || (strncmp(rules->clean->str, "Files/", 6) != 0 &&
                          g_ascii_strncasecmp(rules->clean->str, "Files/", 6) != 0 &&
                          g_ascii_strncasecmp(rules->clean->str, "Hives/", 6) != 0))
        warning(rules, entry, SOURCE_LEGACY, "stands outside Files, Hives and UtilityVM");
    if (hc_entry_name_equal(rules->clean->str, "layout"))
        base_error(rules, entry, SOURCE_CONVERT, "a base layer must not have this file");
}

/* Each path once, and after its folder. */
static void
check_place(LpRules *rules, const HcEntry *entry)
{
    const char *clean = rules->clean->str;
    const char *slash = strrchr(clean, '/');
    if (slash != NULL) {
        HcNameKey parent_key = hc_entry_name_key(clean, (gsize) (slash - clean));
        const SeenName *parent = g_hash_table_lookup(rules->seen, &parent_key);
        if (parent == NULL)
            error(rules, entry, SOURCE_LEGACY, "comes before the entry of its folder");
        else if (!parent->is_folder)
            error(rules, entry, SOURCE_LEGACY, "is below an entry that is not a folder");
    }
    SeenName *name = hc_arena_alloc(rules->arena, sizeof(*name));
    name->key = hc_entry_name_key(clean, rules->clean->len);
    name->is_folder = entry->type == HC_ENTRY_FOLDER;
    name->is_file = entry->type == HC_ENTRY_FILE || entry->type == HC_ENTRY_HARDLINK;
    if (g_hash_table_contains(rules->seen, &name->key))
        error(rules, entry, SOURCE_LEGACY, "the path is there already, without regard to case");
    else
        g_hash_table_add(rules->seen, name);
}

/* --- kinds of entries --- */

static void
check_whiteout(LpRules *rules, const HcEntry *entry)
{
    base_error(rules, entry, SOURCE_BASE, "a base layer cannot have whiteouts");
    if (!is_below_files(rules->clean->str))
        error(rules, entry, SOURCE_LEGACY,
              "whiteouts are possible only below Files/ and UtilityVM/Files/");
    const char *slash = strrchr(rules->clean->str, '/');
    if (g_str_has_prefix(slash ? slash + 1 : rules->clean->str, ".wh..wh."))
        warning(rules, entry, SOURCE_NAMES, "opaque whiteouts are not known to the importer");
}

/* Before the entry's own name is among those that were seen. */
static void
check_hard_link(LpRules *rules, const HcEntry *entry)
{
    g_autoptr(GString) target = g_string_new(NULL);
    if (!hc_entry_name_clean(target, entry->link->str, entry->link->len))
        error(rules, entry, SOURCE_LEGACY, "the hard link's target has a \"..\" part");
    else if (!is_below_files(rules->clean->str) || !is_below_files(target->str))
        error(rules, entry, SOURCE_LEGACY,
              "hard links are possible only below Files/ and UtilityVM/Files/");
    else {
        /* Above a base the target may come later, or be in a layer below. */
        const HcNameKey key = hc_entry_name_key(target->str, target->len);
        const SeenName *seen = g_hash_table_lookup(rules->seen, &key);
        if (seen == NULL || !seen->is_file)
            base_error(rules, entry, SOURCE_BASE, "the hard link's target is no file before it");
    }
}

static gboolean
is_whiteout(const GString *clean)
{
    const char *slash = strrchr(clean->str, '/');
    return g_str_has_prefix(slash ? slash + 1 : clean->str, ".wh.");
}

/* --- hives --- */

/* Whether the entry is @hive or an alternate data stream "hive:name" of it. */
static gboolean
names_hive(const LpRules *rules, const char *hive)
{
    g_autofree char *file = g_strndup(rules->clean->str, strcspn(rules->clean->str, ":"));
    return hc_entry_name_equal(file, hive);
}

/* TRUE, with the finding, when an entry that names_hive() knows is a stream. */
static gboolean
is_stream(LpRules *rules, const HcEntry *entry, HcFindings *findings)
{
    if (strchr(rules->clean->str, ':') == NULL)
        return FALSE;
    lp_findings_add(findings, HC_SEVERITY_ERROR, entry->name, SOURCE_CIM,
                    "a hive cannot have an alternate data stream");
    return TRUE;
}

static HiveRole
find_delta(LpRules *rules, const HcEntry *entry)
{
    for (int i = 0; i < HC_N_HIVE_SLOTS; i++) {
        const char *wanted = hc_hive_slots[i].delta_entry;
        if (!names_hive(rules, wanted))
            continue;
        if (is_stream(rules, entry, rules->findings))
            return HIVE_NONE;
        rules->has_delta[i] = TRUE;
        if (strcmp(entry->name->str, wanted) != 0)
            lp_findings_add(rules->findings, HC_SEVERITY_ERROR, entry->name, SOURCE_LEGACY,
                            "must be spelled %s", wanted);
        return entry->type == HC_ENTRY_FILE ? HIVE_DELTA : HIVE_NONE;
    }
    warning(rules, entry, SOURCE_CIM, "is none of the five differencing hives");
    return HIVE_NONE;
}

static HiveRole
find_config_hive(LpRules *rules, const HcEntry *entry)
{
    for (int i = 0; i < HC_N_HIVE_SLOTS; i++) {
        if (!names_hive(rules, hc_hive_slots[i].config_entry))
            continue;
        if (is_stream(rules, entry, rules->base_findings))
            return HIVE_NONE;
        rules->has_config[i] = TRUE;
        if (entry->type == HC_ENTRY_FILE)
            return HIVE_CONFIG;
        if (entry->type == HC_ENTRY_HARDLINK)
            lp_findings_add(rules->base_findings, HC_SEVERITY_WARNING, entry->name, SOURCE_CIM,
                            "a hive that is a hard link cannot be imported where layers are CIM "
                            "images");
        else
            base_error(rules, entry, SOURCE_NAMES, "a hive must be a file");
        return HIVE_NONE;
    }
    if (!hc_entry_name_equal(rules->clean->str, BCD))
        return HIVE_NONE;
    rules->has_bcd = TRUE;
    return entry->type == HC_ENTRY_FILE ? HIVE_BCD : HIVE_NONE;
}

static HiveRole
check_hive_place(LpRules *rules, const HcEntry *entry)
{
    const char *clean = rules->clean->str;
    if (hc_entry_name_equal(clean, "Hives")) {
        rules->has_hives = TRUE;
        return HIVE_NONE;
    }
    if (g_ascii_strncasecmp(clean, "Hives/", 6) == 0) {
        rules->has_hives = TRUE;
        if (entry->type != HC_ENTRY_FILE)
            error(rules, entry, SOURCE_LEGACY, "Hives can hold only files");
        return find_delta(rules, entry);
    }
    if (entry->type == HC_ENTRY_FOLDER) {
        rules->has_config_folder |= hc_entry_name_equal(clean, CONFIG_FOLDER);
        rules->has_utility_files |= hc_entry_name_equal(clean, "UtilityVM/Files");
        return HIVE_NONE;
    }
    return find_config_hive(rules, entry);
}

gboolean
lp_rules_entry(LpRules *rules, const HcEntry *entry)
{
    rules->role = HIVE_NONE;
    if (entry->has_global_header)
        error(rules, entry, SOURCE_TAR,
              "a global PAX header stands before it, which the importer takes for a file");
    lp_rules_check_records(rules->findings, entry);
    if (!check_name(rules, entry))
        return FALSE;
    if (is_whiteout(rules->clean)) {
        check_whiteout(rules, entry);
        return FALSE;
    }
    if (entry->type == HC_ENTRY_HARDLINK)
        check_hard_link(rules, entry);
    check_place(rules, entry);
    check_top_folder(rules, entry);
    if (entry->type == HC_ENTRY_OTHER)
        warning(rules, entry, SOURCE_NAMES, "is neither file, folder nor link");
    rules->role = check_hive_place(rules, entry);
    return rules->role != HIVE_NONE;
}

void
lp_rules_hive(LpRules *rules, const HcEntry *entry, GBytes *content)
{
    gboolean is_delta = rules->role == HIVE_DELTA;
    HcFindings *findings = is_delta ? rules->findings : rules->base_findings;
    if (content == NULL) {
        lp_findings_add(findings, HC_SEVERITY_ERROR, entry->name, SOURCE_REGF,
                        "larger than a hive can be, or a sparse file");
        return;
    }
    g_autoptr(GError) defect = NULL;
    g_autoptr(HcMap) map = hc_map_from_bytes("hive", g_bytes_ref(content));
    g_autoptr(HcHive) hive = hc_hive_open_map(map, 0, &defect);
    if (hive == NULL || !hc_hive_check(hive, NULL, &defect)) {
        const char *what = defect->message;
        lp_findings_add(findings, HC_SEVERITY_ERROR, entry->name, SOURCE_REGF, "%s",
                        g_str_has_prefix(what, "hive: ") ? what + 6 : what);
    } else if (hc_hive_info(hive)->is_differencing != is_delta) {
        lp_findings_add(findings, HC_SEVERITY_ERROR, entry->name, SOURCE_REGF, "%s",
                        is_delta ? "is not a differencing hive (version 1.6, flags 2)"
                                 : "is a differencing hive");
    }
}

/* --- the layer as a whole --- */

static void
layer_error(LpRules *rules, const char *name, const char *source, const char *what)
{
    lp_findings_add_named(rules->findings, HC_SEVERITY_ERROR, name, source, what);
}

static void
finish_layer(LpRules *rules)
{
    if (!rules->has_hives_folder)
        layer_error(rules, "Hives", SOURCE_FOLDERS, "the layer has no such folder");
    guint n_deltas = 0;
    for (int i = 0; i < HC_N_HIVE_SLOTS; i++)
        n_deltas += rules->has_delta[i] ? 1 : 0;
    if (n_deltas == 0)
        lp_findings_add_named(rules->findings, HC_SEVERITY_WARNING, "Hives", SOURCE_CIM,
                              "the layer changes no hive, and no layer that changes one can be "
                              "put on it where layers are CIM images");
    for (int i = 0; i < HC_N_HIVE_SLOTS; i++) {
        if (n_deltas > 0 && !rules->has_delta[i])
            layer_error(rules, hc_hive_slots[i].delta_entry, SOURCE_CIM,
                        "is missing, so that a later layer that has it cannot be imported");
        if (rules->has_config[i])
            lp_findings_add_named(rules->findings, HC_SEVERITY_WARNING,
                                  hc_hive_slots[i].config_entry, SOURCE_FULL_HIVE,
                                  "Windows ignores whole hives above a base layer");
    }
}

static void
finish_base(LpRules *rules)
{
    hc_findings_append(rules->findings, rules->base_findings, 0);
    if (rules->has_hives)
        layer_error(rules, "Hives", SOURCE_STORAGE, "a base layer must not have this folder");
    for (int i = 0; i < HC_N_HIVE_SLOTS; i++) {
        if (!rules->has_config[i])
            layer_error(rules, hc_hive_slots[i].config_entry, SOURCE_CONVERT,
                        "is missing in this base layer");
    }
    if (rules->has_utility_files && !rules->has_bcd)
        layer_error(rules, BCD, SOURCE_CONVERT, "is missing, which a utility VM needs");
}

static gboolean
is_base_layer(const LpRules *rules, LpLayerPlace place)
{
    gboolean has_config = rules->has_config_folder;
    switch (place) {
    case LP_PLACE_UNKNOWN:
        for (int i = 0; i < HC_N_HIVE_SLOTS; i++)
            has_config |= rules->has_config[i];
        return has_config && !rules->has_hives;
    case LP_PLACE_LOWEST:
        return TRUE;
    case LP_PLACE_ABOVE:
        return FALSE;
    }
    g_return_val_if_reached(FALSE);
}

const HcFindings *
lp_rules_findings(const LpRules *rules)
{
    return rules->findings;
}

gboolean
lp_rules_has_delta(const LpRules *rules, int slot)
{
    return rules->has_delta[slot];
}

const HcFindings *
lp_rules_finish(LpRules *rules, LpLayerPlace place, const HcLayerSummary *summary,
                gboolean *is_base)
{
    *is_base = is_base_layer(rules, place);
    if (!rules->has_files_folder)
        layer_error(rules, "Files", SOURCE_FOLDERS, "the layer has no such folder");
    if (*is_base)
        finish_base(rules);
    else
        finish_layer(rules);

    if (summary->tar_garbage != 0)
        lp_findings_add(rules->findings, HC_SEVERITY_ERROR, NULL, SOURCE_TAR,
                        "byte %" PRIu64 " of the tar: data after the end of the archive",
                        summary->tar_garbage);
    else if (summary->n_end_blocks < 2)
        lp_findings_add(rules->findings, HC_SEVERITY_WARNING, NULL, "POSIX pax",
                        "the tar does not end with two zero blocks");
    if (summary->n_garbage != 0)
        lp_findings_add(rules->findings, HC_SEVERITY_ERROR, NULL, SOURCE_GZIP,
                        "%" PRIu64 " byte%s after the compressed data", summary->n_garbage,
                        summary->n_garbage == 1 ? "" : "s");
    return rules->findings;
}
