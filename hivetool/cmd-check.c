#include "config.h"

#include "hivetool/common.h"

#include "hivecore/regf/check.h"
#include "hivecore/report/findings.h"

static char *format_option;
static gboolean is_strict;

static const GOptionEntry entries[] = {
    {"format", 0, 0, G_OPTION_ARG_FILENAME, &format_option, "text, json, junit or sarif", "FORMAT"},
    {"strict", 0, 0, G_OPTION_ARG_NONE, &is_strict, "end with 1 for warnings too", NULL},
    {NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
};

static void
append_count(GString *out, uint64_t n, const char *noun, const char *end)
{
    g_string_append_printf(out, "%" G_GUINT64_FORMAT " %s%s%s", n, noun, n == 1 ? "" : "s", end);
}

static void
append_text(GString *out, const HcFindings *findings, const HcCheckCounts *counts)
{
    hc_findings_append_text(out, findings, "");
    append_count(out, findings->n[HC_SEVERITY_ERROR], "error", ", ");
    append_count(out, findings->n[HC_SEVERITY_WARNING], "warning", ", ");
    append_count(out, findings->n[HC_SEVERITY_NOTE], "note", "");
    if (findings->n_unlisted > 0)
        g_string_append_printf(out, " (%" G_GUINT64_FORMAT " not listed)", findings->n_unlisted);
    g_string_append(out, "; ");
    append_count(out, counts->n_keys, "key", ", ");
    append_count(out, counts->n_values, "value", "\n");
}

static void
append_json(GString *out, const HcFindings *findings, const HcCheckCounts *counts)
{
    static const HcFindingMember members[] = {
        {"severity", HC_FIELD_SEVERITY}, {"id", HC_FIELD_ID},     {"offset", HC_FIELD_OFFSET},
        {"key", HC_FIELD_PLACE},         {"text", HC_FIELD_TEXT}, {NULL, HC_FIELD_TEXT},
    };
    HcJsonWriter json = {.out = out};
    hc_json_begin_document(&json, "check");
    hc_json_member(&json, "findings");
    hc_findings_json(&json, findings, members);
    hc_json_member(&json, "counts");
    hc_json_begin_object(&json, HC_JSON_LINES);
    hc_json_member_number(&json, "errors", findings->n[HC_SEVERITY_ERROR]);
    hc_json_member_number(&json, "warnings", findings->n[HC_SEVERITY_WARNING]);
    hc_json_member_number(&json, "notes", findings->n[HC_SEVERITY_NOTE]);
    hc_json_member_number(&json, "not_listed", findings->n_unlisted);
    hc_json_member_number(&json, "keys", counts->n_keys);
    hc_json_member_number(&json, "values", counts->n_values);
    hc_json_member_number(&json, "key_tombstones", counts->n_tombstones);
    hc_json_member_number(&json, "value_tombstones", counts->n_value_tombstones);
    hc_json_member_number(&json, "big_data_values", counts->n_big);
    hc_json_member_number(&json, "class_names", counts->n_classes);
    hc_json_member_number(&json, "security_cells", counts->n_security);
    hc_json_member_number(&json, "data_bytes", counts->data_bytes);
    hc_json_member_number(&json, "depth", counts->depth);
    hc_json_end(&json);
    hc_json_end_document(&json);
}

static void
print(HcCliContext *context, const char *name, HcFindingsFormat format, const HcFindings *findings,
      const HcCheckCounts *counts)
{
    const HcCheckedInput input = {name, findings};
    const HcFindingsReport report = {.program = context->program,
                                     .command = ht_cmd_check.name,
                                     .inputs = &input,
                                     .n_inputs = 1,
                                     .fails_from =
                                         is_strict ? HC_SEVERITY_WARNING : HC_SEVERITY_ERROR};
    switch (format) {
    case HC_FINDINGS_TEXT:
        append_text(context->out, findings, counts);
        break;
    case HC_FINDINGS_JSON:
        append_json(context->out, findings, counts);
        break;
    case HC_FINDINGS_JUNIT:
        hc_findings_junit(context->out, &report);
        break;
    case HC_FINDINGS_SARIF:
        hc_findings_sarif(context->out, &report);
        break;
    }
}

static gboolean
run(HcCliContext *context, G_GNUC_UNUSED int n_args, char **args, HcExit *status, GError **error)
{
    HcFindingsFormat format;
    if (!hc_findings_parse_format(format_option, &format, error))
        return FALSE;
    g_autoptr(HcHive) hive =
        hc_cli_open_raw_hive(context, args[0], HC_HIVE_ALLOW_DIRTY | HC_HIVE_ALLOW_DAMAGED, error);
    if (hive == NULL)
        return FALSE;
    g_autoptr(HcFindings) findings = hc_findings_new(NULL, HC_MAX_FINDINGS);
    HcCheckCounts counts;
    hc_hive_check_all(hive, findings, &counts);
    print(context, args[0], format, findings, &counts);
    const gboolean is_sound = findings->n[HC_SEVERITY_ERROR] == 0 &&
                              (!is_strict || findings->n[HC_SEVERITY_WARNING] == 0);
    *status = is_sound ? HC_EXIT_OK : HC_EXIT_NO;
    return TRUE;
}

const HcCommand ht_cmd_check = {
    .name = "check",
    .args = "HIVE",
    .summary = "verify the structure of a hive and print all that is wrong",
    .details = "Reads damaged, dirty and differencing hives as they stand. Ends with 1 when there\n"
               "is a finding of severity error.",
    .options = entries,
    .min_args = 1,
    .max_args = 1,
    .run = run,
};
