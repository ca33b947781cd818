#include "config.h"

#include "hivecore/base/error.h"
#include "hivetool/patching.h"
#include "hivetool/reading.h"

#include <string.h>

#include "hivecore/base/limits.h"
#include "hivecore/base/map.h"
#include "hivecore/reg/lint.h"
#include "hivecore/reg/reg-reader.h"
#include "hivecore/report/findings.h"
#include "hivecore/report/report.h"

static char *format_option;
static char **root_options;
static char **hive_options;
static char **disable_options;
static gboolean is_regedit;
static gboolean is_list;
static char **allow_options;
static char **set_options;
static int ansi_codepage;

static const GOptionEntry entries[] = {
    {"format", 0, 0, G_OPTION_ARG_FILENAME, &format_option,
     "text, json, ndjson, csv, junit, sarif, github or\nhtml", "FORMAT"},
    {"root", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &root_options,
     "where in the registry the files may write, or where\nHIVE hangs, like HKLM\\SOFTWARE; can be "
     "repeated",
     "ROOT"},
    {"hive", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &hive_options,
     "a hive that the files are for, HIVE or NAME=HIVE, or\na folder, a disk, an image of them; "
     "can be repeated",
     "HIVE"},
    {"regedit", 0, 0, G_OPTION_ARG_NONE, &is_regedit, "warn of directives, which regedit ignores",
     NULL},
    {"disable", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &disable_options,
     "rules to leave out, with commas", "RULES"},
    {"list-rules", 0, 0, G_OPTION_ARG_NONE, &is_list, "print the rules and end", NULL},
    {"allow", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &allow_options,
     "take what is refused as a mistake: ansi-strings,\nwide-strings", "NAMES"},
    {"set", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &set_options,
     "give the variable NAME of the files a value; can be\nrepeated", "NAME=VALUE"},
    {"ansi-codepage", 0, 0, G_OPTION_ARG_INT, &ansi_codepage,
     "code page of 8-bit .reg files that are not\nUTF-8 (1252)", "N"},
    {NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
};

static void
list_rules(GString *out)
{
    for (guint rule = 0; rule < HC_LINT_N_RULES; rule++) {
        const HcLintRuleInfo *info = hc_lint_rule_info((HcLintRule) rule);
        g_string_append_printf(out, "%-26s %s\n", info->id, info->summary);
    }
}

static gboolean
disable_rules(HcLintOptions *options, GError **error)
{
    options->is_off[HC_LINT_REGEDIT_EXACT] = !is_regedit;
    options->is_off[HC_LINT_REGEDIT_GUARD] = !is_regedit;
    g_autofree char *lists = disable_options != NULL ? g_strjoinv(",", disable_options) : NULL;
    g_auto(GStrv) names = g_strsplit(lists != NULL ? lists : "", ",", -1);
    for (gsize i = 0; names[i] != NULL; i++) {
        guint rule = 0;
        while (rule < HC_LINT_N_RULES &&
               !g_str_equal(hc_lint_rule_info((HcLintRule) rule)->id, names[i]))
            rule++;
        if (rule == HC_LINT_N_RULES)
            return hc_fail(error, HC_ERROR_USAGE,
                           "--disable has '%s', which is no rule; --list-rules has them all",
                           names[i]);
        options->is_off[rule] = TRUE;
    }
    return TRUE;
}

/* The hives of the command line; a place without a hive when there is --root alone. */
typedef struct {
    GArray *hives;    /* of HcLintHive */
    GPtrArray *roots; /* of HcRoot *, those of the hives */
} Hives;

static void
clear_hives(Hives *hives)
{
    g_clear_pointer(&hives->hives, g_array_unref);
    g_clear_pointer(&hives->roots, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Hives, clear_hives)

static void
free_root(gpointer root)
{
    hc_root_free(root);
}

/* @root: (transfer full) */
static void
add_place(Hives *hives, HcRoot *root, guint n_control_sets)
{
    const HcLintHive hive = {.root = root, .n_control_sets = n_control_sets};
    g_ptr_array_add(hives->roots, root);
    g_array_append_val(hives->hives, hive);
}

static guint
count_control_sets(const HcHive *hive, const HcRoot *root)
{
    HcKey key;
    guint n = 0;
    if (g_ascii_strcasecmp(root->text, "HKEY_LOCAL_MACHINE\\SYSTEM") != 0 ||
        !hc_hive_root(hive, &key, NULL))
        return 0;
    for (guint i = 1; i <= 999; i++) {
        char name[sizeof("ControlSet000")];
        g_snprintf(name, sizeof(name), "ControlSet%03u", i);
        HcKey set;
        n += hc_hive_subkey(hive, &key, (HcName){(const uint8_t *) name, strlen(name), TRUE}, &set,
                            NULL)
                 ? 1
                 : 0;
    }
    return n;
}

static gsize
count_texts(char **texts)
{
    return texts != NULL ? g_strv_length(texts) : 0;
}

/* Each --root is of the --hive in its place, among those that do not say it themselves. */
static gboolean
check_roots(GError **error)
{
    const gsize n_roots = count_texts(root_options);
    gsize n_unnamed = 0;
    for (gsize i = 0; i < count_texts(hive_options); i++) {
        const char *file;
        g_autofree char *name = ht_name_split(hive_options[i], &file);
        n_unnamed += name == NULL ? 1 : 0;
    }
    if (hive_options == NULL || n_roots == 0 || n_roots == n_unnamed)
        return TRUE;
    return hc_fail(error, HC_ERROR_USAGE,
                   "%" G_GSIZE_FORMAT " --root for %" G_GSIZE_FORMAT
                   " --hive: there is to be one for each, in their order, or none; "
                   "--hive=NAME=HIVE says it itself",
                   n_roots, n_unnamed);
}

/* Hive @index of @operand; of several those whose place is known. */
static gboolean
add_hive(const HcCliContext *context, Hives *hives, const HcOperand *operand, guint index,
         const char *root_text, GError **error)
{
    const HcHiveReading how = {.flags = 0};
    HcRoot *root;
    if (!operand->is_one && hc_registry_hive(operand->state, index)->root == NULL)
        return TRUE;
    g_autoptr(HcHive) hive = hc_cli_open_hive_of(context, operand->state, index, &how, error);
    if (hive == NULL || !ht_find_root_of(operand, index, hive, root_text, &root, error))
        return FALSE;
    if (root == NULL)
        root = ht_need_root(hive, NULL, error);
    if (root == NULL)
        return FALSE;
    add_place(hives, root, count_control_sets(hive, root));
    return TRUE;
}

/* @root_text: (nullable): the argument of the --root of this operand */
static gboolean
add_hives(const HcCliContext *context, Hives *hives, const char *text, const char *root_text,
          GError **error)
{
    g_auto(HcOperand) operand = {0};
    if (!hc_cli_operand_open(&operand, text, error))
        return FALSE;
    for (guint i = 0; i < hc_registry_n_hives(operand.state); i++) {
        if (!add_hive(context, hives, &operand, i, root_text, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
find_hives(const HcCliContext *context, Hives *hives, GError **error)
{
    char **roots = root_options;
    if (!check_roots(error))
        return FALSE;
    hives->hives = g_array_new(FALSE, TRUE, sizeof(HcLintHive));
    hives->roots = g_ptr_array_new_with_free_func(free_root);
    for (char **text = hive_options; text != NULL && *text != NULL; text++) {
        const char *file;
        g_autofree char *name = ht_name_split(*text, &file);
        const char *root_text = name == NULL && roots != NULL ? *roots++ : NULL;
        if (!add_hives(context, hives, *text, root_text, error))
            return FALSE;
    }
    for (; hive_options == NULL && roots != NULL && *roots != NULL; roots++) {
        HcRoot *root = hc_root_parse_word(*roots, error);
        if (root == NULL)
            return FALSE;
        add_place(hives, root, 0);
    }
    return TRUE;
}

/* A finding, in the document and as a record. */
static const HcFindingMember members[] = {
    {"severity", HC_FIELD_SEVERITY}, {"rule", HC_FIELD_ID},      {"line", HC_FIELD_LINE},
    {"column", HC_FIELD_COLUMN},     {"message", HC_FIELD_TEXT}, {"regedit", HC_FIELD_REGEDIT},
    {NULL, HC_FIELD_TEXT},
};

static void
add_json_file(HcJsonWriter *json, const HcFindings *found, HcLintClass class)
{
    const char class_name[] = {"ABC"[class], '\0'};
    hc_json_begin_object(json, HC_JSON_LINES);
    hc_json_member_string(json, "file", found->file);
    hc_json_member_string(json, "class", class_name);
    hc_json_member(json, "findings");
    hc_findings_json(json, found, members);
    hc_json_member_number(json, "errors", found->n[HC_SEVERITY_ERROR]);
    hc_json_member_number(json, "warnings", found->n[HC_SEVERITY_WARNING]);
    hc_json_end(json);
}

/* Where what is found goes: to one of these. */
typedef struct {
    HcJsonWriter *json;
    GPtrArray *lists; /* of HcFindings *, for a printer of them all */
    GString *text;
} Report;

/* Reads one file. A file that cannot be read is an error, one that is malformed a finding. */
static gboolean
lint_file(const char *file, const HcLintOptions *options, const Report *report, HcExit *status,
          GError **error)
{
    g_autoptr(GBytes) content = hc_read_stream(file, HC_MAX_PATCH_BYTES, error);
    if (content == NULL)
        return FALSE;
    g_autoptr(HcFindings) found = hc_findings_new(file, HC_MAX_DIAGNOSTICS);
    HcLintClass class;
    if (!hc_reg_lint(found, content, options, &class, error))
        return FALSE;
    if (report->json != NULL)
        add_json_file(report->json, found, class);
    else if (report->lists != NULL)
        g_ptr_array_add(report->lists, hc_findings_ref(found));
    else
        hc_findings_append_text(report->text, found, "");
    GError *worst = NULL;
    HcExit here = found->n[HC_SEVERITY_WARNING] > 0 ? HC_EXIT_NO : HC_EXIT_OK;
    if (!hc_findings_set_error(found, &worst))
        here = hc_error_exit_status(worst);
    g_clear_error(&worst);
    *status = MAX(*status, here);
    return TRUE;
}

/* What is wrong with one file keeps no other from being looked at. */
static void
lint_files(HcCliContext *context, char **files, const HcLintOptions *options, const Report *report,
           HcExit *status, GError **failures)
{
    for (gsize i = 0; files[i] != NULL; i++) {
        GError *failure = NULL;
        if (!lint_file(files[i], options, report, status, &failure))
            hc_cli_add_failure(context, failures, failure);
    }
}

static void
lint_to_json(HcCliContext *context, char **files, const HcLintOptions *options, HcExit *status,
             GError **failures)
{
    HcJsonWriter json = {.out = context->out};
    hc_json_begin_document(&json, "lint");
    hc_json_member(&json, "files");
    hc_json_begin_array(&json, HC_JSON_LINES);
    lint_files(context, files, options, &(const Report){.json = &json}, status, failures);
    hc_json_end(&json);
    hc_json_end_document(&json);
}

static void
unref_findings(gpointer findings)
{
    hc_findings_unref((HcFindings *) findings);
}

static void
lint_to_lists(HcCliContext *context, char **files, const HcLintOptions *options, HcFormat format,
              HcExit *status, GError **failures)
{
    g_autoptr(GPtrArray) lists = g_ptr_array_new_with_free_func(unref_findings);
    lint_files(context, files, options, &(const Report){.lists = lists}, status, failures);
    g_autofree HcCheckedInput *inputs = g_new0(HcCheckedInput, lists->len + 1);
    for (guint i = 0; i < lists->len; i++) {
        const HcFindings *found = (const HcFindings *) lists->pdata[i];
        inputs[i] = (HcCheckedInput){found->file, found};
    }
    const HcFindingsReport report = {.program = context->program,
                                     .members = members,
                                     .is_terminal = context->is_terminal,
                                     .command = ht_cmd_lint.name,
                                     .inputs = inputs,
                                     .n_inputs = lists->len,
                                     .fails_from = HC_SEVERITY_WARNING,
                                     .unnamed_id = "malformed"};
    hc_findings_print(context->stream, format, &report);
}

static void
lint(HcCliContext *context, char **files, const HcLintOptions *options, HcFormat format,
     HcExit *status, GError **failures)
{
    const Report text = {.text = context->out};
    if (format == HC_FORMAT_TEXT)
        lint_files(context, files, options, &text, status, failures);
    else if (format == HC_FORMAT_JSON)
        lint_to_json(context, files, options, status, failures);
    else
        lint_to_lists(context, files, options, format, status, failures);
}

static gboolean
check_usage(int n_files, GError **error)
{
    const char *wrong = NULL;
    if (is_list && n_files > 0)
        wrong = "--list-rules takes no FILE";
    else if (!is_list && n_files == 0)
        wrong = "FILE is missing";
    else if (ansi_codepage < 0)
        wrong = "--ansi-codepage is negative";
    if (wrong == NULL)
        return TRUE;
    return hc_fail(error, HC_ERROR_USAGE, "%s", wrong);
}

static gboolean
run(HcCliContext *context, int n_args, char **args, HcExit *status, GError **error)
{
    HcFormat format;
    HcLintOptions options = {.ansi_codepage = (guint) ansi_codepage};
    g_auto(Hives) hives = {NULL, NULL};
    GError *failures = NULL;
    ht_strip_reg_words(args);
    if (!hc_format_parse(format_option, HC_FORMATS_FINDINGS, &format, error) ||
        !check_usage(n_args, error) || !disable_rules(&options, error) ||
        !hc_reg_allow_parse(allow_options, &options.allow, error))
        return FALSE;
    g_autoptr(HcRegVariables) variables = hc_reg_variables_new(set_options, error);
    if (variables == NULL || !find_hives(context, &hives, error))
        return FALSE;
    *status = HC_EXIT_OK;
    if (is_list) {
        list_rules(context->out);
        return TRUE;
    }
    options.hives = &g_array_index(hives.hives, HcLintHive, 0);
    options.n_hives = hives.hives->len;
    options.variables = variables;
    lint(context, args, &options, format, status, &failures);
    if (failures == NULL)
        return hc_reg_variables_check(variables, error);
    return hc_fail_with(error, failures);
}

const HcCommand ht_cmd_lint = {
    .name = "lint",
    .also = "validate-reg syntax",
    .group = "patches",
    .args = "FILE...",
    .summary = "name what is wrong and what is risky in .reg files",
    .details =
        "Before any hive is near. Ends with 1 when there are warnings and with 3 when a file\n"
        "is malformed. FILE - is standard input.",
    .options = entries,
    .min_args = 0,
    .max_args = -1,
    .statuses = "0 nothing risky, 1 something",
    .examples = "hivetool lint change.reg\n"
                "hivetool lint --hive=SOFTWARE --format=junit change.reg",
    .n_shown = -1,
    .run = run,
};
