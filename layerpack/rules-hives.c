#include "config.h"

#include <string.h>

#include "layerpack/rules-private.h"

#define SOURCE_FULL_HIVE "kubernetes#109161"

#define CONFIG_FOLDER "Files/Windows/System32/config"
#define BCD           LP_UTILITY_FILES "/EFI/Microsoft/Boot/BCD"

/* Files that the writer of CIM images makes in another way than the rest, so that they can be
 * neither links nor have streams. Source: hcsshim internal/wclayer/cim/common.go, isStdFile(). */
static const char *const utility_files[] = {
    BCD,
    LP_UTILITY_FILES "/EFI/Microsoft/Boot/bootmgfw.efi",
    "UtilityVM/" CONFIG_FOLDER "/SYSTEM",
    "UtilityVM/" CONFIG_FOLDER "/SOFTWARE",
};

static gboolean
is_utility_file(const char *clean)
{
    for (gsize i = 0; i < G_N_ELEMENTS(utility_files); i++) {
        if (hc_entry_name_equal(clean, utility_files[i]))
            return TRUE;
    }
    return FALSE;
}

static void
no_cim(LpRules *rules, guint which, const HcEntry *entry, const char *what)
{
    lp_rules_say(rules, which, HC_SEVERITY_WARNING, entry->name, LP_SOURCE_CIM,
                 "%s cannot be imported where layers are CIM images", what);
}

/* Stricter than the writer of NTFS layers, which stores a delta's stream away: it is then lost. */
void
lp_rules_check_hive_stream(LpRules *rules, const HcEntry *entry)
{
    static const char what[] = "a hive cannot have an alternate data stream";
    g_autofree char *file = g_strndup(rules->clean->str, strcspn(rules->clean->str, ":"));
    for (int i = 0; i < HC_N_HIVE_SLOTS; i++) {
        if (hc_entry_name_equal(file, hc_hive_slots[i].delta_entry))
            lp_rules_say(rules, LP_AS_ANY, HC_SEVERITY_ERROR, entry->name, LP_SOURCE_CIM, "%s",
                         what);
        if (hc_entry_name_equal(file, hc_hive_slots[i].config_entry))
            lp_rules_say(rules, LP_AS_BASE, HC_SEVERITY_ERROR, entry->name, LP_SOURCE_CIM, "%s",
                         what);
    }
}

/* The service that takes the hives finds them by these names; as far as the writers go, case does
 * not matter. */
static LpHiveRole
find_delta(LpRules *rules, const HcEntry *entry)
{
    const char *clean = rules->clean->str;
    for (int i = 0; i < HC_N_HIVE_SLOTS; i++) {
        const char *wanted = hc_hive_slots[i].delta_entry;
        if (!hc_entry_name_equal(clean, wanted))
            continue;
        rules->has_delta[i] = TRUE;
        if (strcmp(clean, wanted) != 0)
            lp_rules_say(rules, LP_AS_ANY, HC_SEVERITY_ERROR, entry->name, LP_SOURCE_LEGACY,
                         "must be spelled %s", wanted);
        return entry->type == HC_ENTRY_FILE ? LP_HIVE_DELTA : LP_HIVE_NONE;
    }
    lp_rules_say(rules, LP_AS_ANY, HC_SEVERITY_WARNING, entry->name, LP_SOURCE_CIM,
                 "is none of the five differencing hives");
    return LP_HIVE_NONE;
}

static LpHiveRole
check_config_hive(LpRules *rules, const HcEntry *entry)
{
    if (entry->type == HC_ENTRY_FILE)
        return LP_HIVE_CONFIG;
    if (entry->type == HC_ENTRY_HARDLINK)
        no_cim(rules, LP_AS_BASE, entry, "a hive that is a hard link");
    else
        lp_rules_say(rules, LP_AS_BASE, HC_SEVERITY_ERROR, entry->name, LP_SOURCE_IMPORT,
                     "a hive must be a file");
    return LP_HIVE_NONE;
}

static LpHiveRole
find_config_hive(LpRules *rules, const HcEntry *entry)
{
    const char *clean = rules->clean->str;
    for (int i = 0; i < HC_N_HIVE_SLOTS; i++) {
        if (!hc_entry_name_equal(clean, hc_hive_slots[i].config_entry))
            continue;
        rules->has_config[i] = TRUE;
        return check_config_hive(rules, entry);
    }
    if (entry->type == HC_ENTRY_HARDLINK && is_utility_file(clean))
        no_cim(rules, LP_AS_ANY, entry, "this file as a hard link");
    if (!hc_entry_name_equal(clean, BCD))
        return LP_HIVE_NONE;
    rules->has_bcd = TRUE;
    return entry->type == HC_ENTRY_FILE ? LP_HIVE_BCD : LP_HIVE_NONE;
}

LpHiveRole
lp_rules_check_hive_place(LpRules *rules, const HcEntry *entry)
{
    const char *clean = rules->clean->str;
    if (hc_entry_name_equal(clean, "Hives")) {
        rules->has_hives = TRUE;
        return LP_HIVE_NONE;
    }
    if (g_ascii_strncasecmp(clean, "Hives/", 6) == 0) {
        rules->has_hives = TRUE;
        if (entry->type != HC_ENTRY_FILE)
            lp_rules_say(rules, LP_AS_ANY, HC_SEVERITY_ERROR, entry->name, LP_SOURCE_LEGACY,
                         "Hives can hold only files");
        return find_delta(rules, entry);
    }
    if (entry->type == HC_ENTRY_FOLDER) {
        rules->has_config_folder |= hc_entry_name_equal(clean, CONFIG_FOLDER);
        rules->has_utility_files |= hc_entry_name_equal(clean, LP_UTILITY_FILES);
        return LP_HIVE_NONE;
    }
    return find_config_hive(rules, entry);
}

/* --- the layer as a whole --- */

void
lp_rules_finish_hives_above(LpRules *rules)
{
    HcFindings *findings = rules->as_above;
    static const char no_folder[] = "the layer has no such folder";
    if (!rules->has_files_folder)
        lp_findings_add_named(findings, HC_SEVERITY_ERROR, "Files", LP_SOURCE_FOLDERS, no_folder);
    if (!rules->has_hives_folder)
        lp_findings_add_named(findings, HC_SEVERITY_ERROR, "Hives", LP_SOURCE_FOLDERS, no_folder);
    guint n_deltas = 0;
    for (int i = 0; i < HC_N_HIVE_SLOTS; i++)
        n_deltas += rules->has_delta[i] ? 1 : 0;
    if (n_deltas == 0)
        lp_findings_add_named(findings, HC_SEVERITY_WARNING, "Hives", LP_SOURCE_CIM,
                              "the layer changes no hive, and no layer that changes one can be "
                              "put on it where layers are CIM images");
    for (int i = 0; i < HC_N_HIVE_SLOTS; i++) {
        if (n_deltas > 0 && !rules->has_delta[i])
            lp_findings_add_named(
                findings, HC_SEVERITY_ERROR, hc_hive_slots[i].delta_entry, LP_SOURCE_CIM,
                "is missing, so that a later layer that has it cannot be imported");
        if (rules->has_config[i])
            lp_findings_add_named(findings, HC_SEVERITY_WARNING, hc_hive_slots[i].config_entry,
                                  SOURCE_FULL_HIVE,
                                  "Windows ignores whole hives above a base layer");
    }
}

void
lp_rules_finish_hives_base(LpRules *rules)
{
    HcFindings *findings = rules->as_base;
    if (!rules->has_files_folder)
        lp_findings_add_named(findings, HC_SEVERITY_ERROR, "Files", LP_SOURCE_CONVERT,
                              "the layer has no such folder");
    if (rules->has_hives)
        lp_findings_add_named(findings, HC_SEVERITY_ERROR, "Hives", LP_SOURCE_STORAGE,
                              "a base layer must not have this folder");
    for (int i = 0; i < HC_N_HIVE_SLOTS; i++) {
        if (!rules->has_config[i])
            lp_findings_add_named(findings, HC_SEVERITY_ERROR, hc_hive_slots[i].config_entry,
                                  LP_SOURCE_CONVERT, "is missing in this base layer");
    }
    if (rules->has_utility_files && !rules->has_bcd)
        lp_findings_add_named(findings, HC_SEVERITY_ERROR, BCD, LP_SOURCE_CONVERT,
                              "is missing, which a utility VM needs");
}
