#include "config.h"

#include "hivetool/hives.h"

#include <string.h>

#include "hivecore/base/display.h"
#include "hivecore/base/error.h"
#include "hivecore/regf/check.h"
#include "hivecore/report/findings.h"

static char *format_option;
static gboolean is_strict;

static const GOptionEntry entries[] = {
    {"format", 0, 0, G_OPTION_ARG_FILENAME, &format_option,
     "text, json, ndjson, csv, junit, sarif, github or\nhtml", "FORMAT"},
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

/* A hive that was looked at. */
typedef struct {
    const char *name;
    HcFindings *findings;
    HcCheckCounts counts;
} Checked;

static void
checked_clear(void *pointer)
{
    Checked *checked = pointer;
    g_clear_pointer(&checked->findings, hc_findings_unref);
}

/* A finding, in the document and as a record. */
static const HcFindingMember members[] = {
    {"severity", HC_FIELD_SEVERITY}, {"id", HC_FIELD_ID},     {"offset", HC_FIELD_OFFSET},
    {"key", HC_FIELD_PLACE},         {"text", HC_FIELD_TEXT}, {NULL, HC_FIELD_TEXT},
};

/* The members of one hive. */
static void
append_members(HcJsonWriter *json, const Checked *checked)
{
    const HcFindings *findings = checked->findings;
    const HcCheckCounts *counts = &checked->counts;
    hc_json_member(json, "findings");
    hc_findings_json(json, findings, members);
    hc_json_member(json, "counts");
    hc_json_begin_object(json, HC_JSON_LINES);
    hc_json_member_number(json, "errors", findings->n[HC_SEVERITY_ERROR]);
    hc_json_member_number(json, "warnings", findings->n[HC_SEVERITY_WARNING]);
    hc_json_member_number(json, "notes", findings->n[HC_SEVERITY_NOTE]);
    hc_json_member_number(json, "not_listed", findings->n_unlisted);
    hc_json_member_number(json, "keys", counts->n_keys);
    hc_json_member_number(json, "values", counts->n_values);
    hc_json_member_number(json, "key_tombstones", counts->n_tombstones);
    hc_json_member_number(json, "value_tombstones", counts->n_value_tombstones);
    hc_json_member_number(json, "big_data_values", counts->n_big);
    hc_json_member_number(json, "class_names", counts->n_classes);
    hc_json_member_number(json, "security_cells", counts->n_security);
    hc_json_member_number(json, "data_bytes", counts->data_bytes);
    hc_json_member_number(json, "depth", counts->depth);
    hc_json_end(json);
}

static void
append_json(GString *out, const GArray *all, gboolean is_one)
{
    HcJsonWriter json = {.out = out};
    hc_json_begin_document(&json, "check");
    if (is_one) {
        append_members(&json, &g_array_index(all, Checked, 0));
    } else {
        hc_json_member(&json, "hives");
        hc_json_begin_array(&json, HC_JSON_LINES);
        for (guint i = 0; i < all->len; i++) {
            const Checked *checked = &g_array_index(all, Checked, i);
            hc_json_begin_object(&json, HC_JSON_LINES);
            hc_json_member_string(&json, "file", checked->name);
            append_members(&json, checked);
            hc_json_end(&json);
        }
        hc_json_end(&json);
    }
    hc_json_end_document(&json);
}

static void
append_texts(GString *out, const GArray *all, gboolean is_one)
{
    for (guint i = 0; i < all->len; i++) {
        const Checked *checked = &g_array_index(all, Checked, i);
        if (!is_one) {
            g_string_append(out, i > 0 ? "\n" : "");
            hc_append_display(out, checked->name, strlen(checked->name));
            g_string_append(out, ":\n");
        }
        append_text(out, checked->findings, &checked->counts);
    }
}

static void
print(HcCliContext *context, HcFormat format, const GArray *all, gboolean is_one)
{
    g_autofree HcCheckedInput *inputs = g_new(HcCheckedInput, all->len);
    for (guint i = 0; i < all->len; i++) {
        const Checked *checked = &g_array_index(all, Checked, i);
        inputs[i] = (HcCheckedInput){checked->name, checked->findings};
    }
    const HcFindingsReport report = {.program = context->program,
                                     .members = members,
                                     .is_terminal = context->is_terminal,
                                     .command = ht_cmd_check.name,
                                     .inputs = inputs,
                                     .n_inputs = all->len,
                                     .fails_from =
                                         is_strict ? HC_SEVERITY_WARNING : HC_SEVERITY_ERROR};
    if (format == HC_FORMAT_TEXT)
        append_texts(context->out, all, is_one);
    else if (format == HC_FORMAT_JSON)
        append_json(context->out, all, is_one);
    else
        hc_findings_print(context->stream, format, &report);
}

typedef struct {
    const HcCliContext *context;
    GArray *all; /* of Checked */
} Checking;

/* Returns: FALSE with @error set: this is no hive at all. */
static gboolean
check_hive(void *data, const HtHive *named, GError **error)
{
    const Checking *checking = data;
    const HcHiveReading how = {.flags = HC_HIVE_ALLOW_DIRTY | HC_HIVE_ALLOW_DAMAGED,
                               .is_as_it_stands = TRUE};
    g_autoptr(HcHive) hive =
        hc_cli_open_hive_of(checking->context, named->operand->state, named->index, &how, error);
    if (hive == NULL)
        return FALSE;
    Checked checked = {named->name, hc_findings_new(NULL, HC_MAX_FINDINGS), {0}};
    hc_hive_check_all(hive, checked.findings, &checked.counts);
    g_array_append_val(checking->all, checked);
    return TRUE;
}

static gboolean
is_sound(const Checked *checked)
{
    return checked->findings->n[HC_SEVERITY_ERROR] == 0 &&
           (!is_strict || checked->findings->n[HC_SEVERITY_WARNING] == 0);
}

static gboolean
run(HcCliContext *context, G_GNUC_UNUSED int n_args, char **args, HcExit *status, GError **error)
{
    HcFormat format;
    g_auto(HtHives) hives = {0};
    g_autoptr(GArray) all = g_array_new(FALSE, TRUE, sizeof(Checked));
    g_array_set_clear_func(all, checked_clear);
    if (!hc_format_parse(format_option, HC_FORMATS_FINDINGS, &format, error) ||
        !ht_hives_open(&hives, context, args, error))
        return FALSE;
    Checking checking = {context, all};
    const gboolean is_done = ht_hives_each(&hives, context, check_hive, &checking, error);
    *status = HC_EXIT_OK;
    for (guint i = 0; i < all->len; i++) {
        if (!is_sound(&g_array_index(all, Checked, i)))
            *status = HC_EXIT_NO;
    }
    if (all->len > 0)
        print(context, format, all, hives.is_one);
    return is_done;
}

const HcCommand ht_cmd_check = {
    .name = "check",
    .also = "validate fsck test",
    .group = "look into hives",
    .args = "HIVE...",
    .summary = "verify the structure of a hive and print all that is wrong",
    .details = "Reads damaged, dirty and differencing hives as they stand. Ends with 1 when there\n"
               "is a finding of severity error. Several HIVEs, and the hives of a folder, a "
               "Windows disk,\n"
               "an image or a layer, are told each under its name.",
    .options = entries,
    .min_args = 1,
    .max_args = -1,
    .statuses = "0 sound, 1 damaged",
    .examples = "hivetool check SOFTWARE SYSTEM\n"
                "hivetool check --format=sarif /mnt/windows -o findings.sarif",
    .n_shown = -1,
    .run = run,
};
