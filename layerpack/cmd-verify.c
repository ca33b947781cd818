#include "config.h"

#include <inttypes.h>

#include "layerpack/commands.h"
#include "layerpack/rules.h"

static gboolean
check_entries(HcLayerReader *reader, LpRules *rules, GError **error)
{
    const HcEntry *entry;
    GError *read_error = NULL;
    while (hc_layer_reader_next(reader, &entry, &read_error)) {
        if (!lp_rules_entry(rules, entry))
            continue;
        g_autoptr(GBytes) content = hc_layer_reader_content(reader, &read_error);
        /* Too large, or sparse, is a finding; damage ends the reading. */
        if (content == NULL && !g_error_matches(read_error, HC_ERROR, HC_ERROR_LIMIT))
            break;
        g_clear_error(&read_error);
        lp_rules_hive(rules, entry, content);
    }
    if (read_error == NULL)
        return TRUE;
    g_propagate_error(error, read_error);
    return FALSE;
}

static void
append_result(GString *out, const LpFindings *findings, const HcLayerSummary *summary,
              gboolean is_base)
{
    uint64_t n_findings = findings->n_errors + findings->n_warnings;
    g_string_append_len(out, findings->lines->str, (gssize) findings->lines->len);
    g_string_append_printf(out, "kind     %s\ndigest   sha256:%s\ndiff ID  sha256:%s\n",
                           is_base ? "base layer" : "layer above a base", summary->digests.digest,
                           summary->digests.diff_id);
    if (findings->n_errors > 0)
        g_string_append_printf(out, "%" PRIu64 " finding%s\n", n_findings,
                               n_findings == 1 ? "" : "s");
    else
        g_string_append_printf(out, "ok: %" PRIu64 " entr%s\n", summary->n_entries,
                               summary->n_entries == 1 ? "y" : "ies");
}

static gboolean
run(HcCliContext *context, int n_args, char **args, HcExit *status, GError **error)
{
    (void) n_args; /* the table wants exactly one */
    g_autoptr(HcLayerReader) reader = hc_layer_reader_open(args[0], error);
    g_autoptr(LpRules) rules = lp_rules_new();
    HcLayerSummary summary;
    if (reader == NULL || !check_entries(reader, rules, error) ||
        !hc_layer_reader_finish(reader, &summary, error))
        return FALSE;
    gboolean is_base;
    const LpFindings *findings = lp_rules_finish(rules, &summary, &is_base);
    append_result(context->out, findings, &summary, is_base);
    *status = findings->n_errors > 0 ? HC_EXIT_NO : HC_EXIT_OK;
    return TRUE;
}

const HcCommand lp_cmd_verify = {
    .name = "verify",
    .args = "LAYER",
    .summary = "check a layer against the rules of Windows' importer",
    .details =
        "Prints one line for each finding with what the rule is known from, then the kind of\n"
        "the layer and its digests, then \"ok: N entries\" or \"N findings\". Ends with status 1\n"
        "when a finding is an error. A layer without Hives that has\n"
        "Files/Windows/System32/config is checked as a base layer.",
    .options = NULL,
    .min_args = 1,
    .max_args = 1,
    .run = run,
};
