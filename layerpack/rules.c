#include "config.h"

#include "layerpack/rules.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "hivecore/regf/check.h"
#include "layerpack/rules-private.h"

LpRules *
lp_rules_new(LpTree *tree)
{
    LpRules *rules = g_new0(LpRules, 1);
    rules->own_tree = tree == NULL ? lp_tree_new() : NULL;
    rules->tree = tree != NULL ? tree : rules->own_tree;
    lp_tree_begin_layer(rules->tree);
    rules->clean = g_string_new(NULL);
    rules->streamed = g_string_new(NULL);
    rules->dotted.first = g_string_new(NULL);
    rules->streams.first = g_string_new(NULL);
    rules->as_base = hc_findings_new(NULL, HC_MAX_FINDINGS);
    rules->as_above = hc_findings_new(NULL, HC_MAX_FINDINGS);
    return rules;
}

void
lp_rules_free(LpRules *rules)
{
    if (rules == NULL)
        return;
    lp_tree_free(rules->own_tree);
    g_string_free(rules->clean, TRUE);
    g_string_free(rules->streamed, TRUE);
    g_string_free(rules->dotted.first, TRUE);
    g_string_free(rules->streams.first, TRUE);
    hc_findings_unref(rules->as_base);
    hc_findings_unref(rules->as_above);
    g_free(rules);
}

void
lp_rules_say(LpRules *rules, guint which, HcSeverity severity, const GString *name,
             const char *source, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *what = g_strdup_vprintf(format, args);
    va_end(args);
    if ((which & LP_AS_BASE) != 0)
        lp_findings_add(rules->as_base, severity, name, source, "%s", what);
    if ((which & LP_AS_ABOVE) != 0)
        lp_findings_add(rules->as_above, severity, name, source, "%s", what);
}

void
lp_rules_refuse(LpRules *rules, const HcEntry *entry, const char *what)
{
    lp_rules_say(rules, LP_AS_BASE, HC_SEVERITY_ERROR, entry->name, LP_SOURCE_BASE, "%s", what);
    lp_rules_say(rules, LP_AS_ABOVE, HC_SEVERITY_ERROR, entry->name, LP_SOURCE_LEGACY, "%s", what);
}

void
lp_rules_count(LpCounted *counted, const HcEntry *entry)
{
    if (counted->n++ == 0)
        g_string_assign(counted->first, entry->name->str);
}

gboolean
lp_rules_is_utility(const char *clean)
{
    return g_str_has_prefix(clean, LP_UTILITY_FILES "/");
}

/* What can have streams behind it: all that the importer reads content of, files or not. */
static void
remember_streamed(LpRules *rules, const HcEntry *entry)
{
    g_string_assign(rules->streamed, entry->name->str);
    rules->streamed_kind = entry->type == HC_ENTRY_FOLDER ? LP_NODE_FOLDER : LP_NODE_FILE;
}

gboolean
lp_rules_entry(LpRules *rules, const HcEntry *entry)
{
    rules->role = LP_HIVE_NONE;
    lp_rules_check_headers(rules, entry);
    if (!lp_rules_check_name(rules, entry)) {
        g_string_truncate(rules->streamed, 0);
        return FALSE;
    }
    if (lp_rules_is_whiteout(rules)) {
        g_string_truncate(rules->streamed, 0);
        lp_rules_check_whiteout(rules, entry);
        return FALSE;
    }
    if (lp_rules_check_stream(rules, entry))
        return FALSE;
    if (entry->type == HC_ENTRY_HARDLINK) {
        g_string_truncate(rules->streamed, 0);
        lp_rules_check_link(rules, entry);
    } else {
        remember_streamed(rules, entry);
        lp_rules_check_records(rules, entry);
    }
    lp_rules_check_place(rules, entry);
    lp_rules_check_top(rules, entry);
    rules->role = lp_rules_check_hive_place(rules, entry);
    return rules->role != LP_HIVE_NONE;
}

void
lp_rules_hive(LpRules *rules, const HcEntry *entry, GBytes *content, const char *defect)
{
    gboolean is_delta = rules->role == LP_HIVE_DELTA;
    const guint which = is_delta ? LP_AS_ANY : LP_AS_BASE;
    g_autoptr(GError) found = NULL;
    g_autoptr(HcMap) map = NULL;
    g_autoptr(HcHive) hive = NULL;
    if (content != NULL) {
        map = hc_map_from_bytes(LP_HIVE_NAME, g_bytes_ref(content));
        hive = hc_hive_open_sound(map, 0, NULL, &found);
    }
    if (hive == NULL) {
        lp_rules_say(rules, which, HC_SEVERITY_ERROR, entry->name, LP_SOURCE_REGF, "%s",
                     defect != NULL ? defect : hc_error_text(found, LP_HIVE_NAME));
    } else if (hc_hive_info(hive)->is_differencing != is_delta) {
        lp_rules_say(rules, which, HC_SEVERITY_ERROR, entry->name, LP_SOURCE_REGF, "%s",
                     is_delta ? "is not a differencing hive (version 1.6, flags 2)"
                              : "is a differencing hive");
    }
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
lp_rules_findings(const LpRules *rules, LpLayerPlace place)
{
    return is_base_layer(rules, place) ? rules->as_base : rules->as_above;
}

gboolean
lp_rules_has_delta(const LpRules *rules, int slot)
{
    return rules->has_delta[slot];
}

/* How tar and compression end. */
static void
check_end(HcFindings *findings, const HcLayerSummary *summary)
{
    if (summary->tar_garbage != 0)
        lp_findings_add(findings, HC_SEVERITY_ERROR, NULL, LP_SOURCE_TAR,
                        "byte %" PRIu64 " of the tar: data after the end of the archive",
                        summary->tar_garbage);
    else if (summary->n_end_blocks < 2)
        lp_findings_add(findings, HC_SEVERITY_WARNING, NULL, "POSIX pax",
                        "the tar does not end with two zero blocks");
    if (summary->n_garbage != 0)
        lp_findings_add(findings, HC_SEVERITY_ERROR, NULL, LP_SOURCE_GZIP,
                        "%" PRIu64 " byte%s after the compressed data", summary->n_garbage,
                        summary->n_garbage == 1 ? "" : "s");
}

const HcFindings *
lp_rules_finish(LpRules *rules, LpLayerPlace place, const HcLayerSummary *summary,
                gboolean *is_base)
{
    *is_base = is_base_layer(rules, place);
    HcFindings *findings = *is_base ? rules->as_base : rules->as_above;
    lp_rules_finish_names(rules);
    if (*is_base)
        lp_rules_finish_hives_base(rules);
    else
        lp_rules_finish_hives_above(rules);
    check_end(findings, summary);
    return findings;
}
