#include "config.h"

#include "hivetool/common.h"

#include "hivecore/cli/cli-hive.h"
#include "hivecore/report/report.h"
#include "hivetool/patches.h"

static HtPatchOptions patch_options;
static char *format_option;

static const GOptionEntry entries[] = {
    {"root", 0, 0, G_OPTION_ARG_FILENAME, &patch_options.root,
     "where HIVE hangs in the registry,\nlike HKLM\\SOFTWARE", "ROOT"},
    {"format", 0, 0, G_OPTION_ARG_FILENAME, &format_option, "text or json", "FORMAT"},
    {"skip-foreign", 0, 0, G_OPTION_ARG_NONE, &patch_options.skip_foreign,
     "skip what the patches say of keys outside ROOT", NULL},
    {"last-wins", 0, 0, G_OPTION_ARG_NONE, &patch_options.last_wins,
     "let the later of contradicting patches win", NULL},
    {"compat", 0, 0, G_OPTION_ARG_FILENAME, &patch_options.compat,
     "regedit: skip bad lines of .reg files and count\nthem, as regedit does", "MODE"},
    {"ansi-codepage", 0, 0, G_OPTION_ARG_INT, &patch_options.ansi_codepage,
     "code page of 8-bit .reg files that are not\nUTF-8 (1252)", "N"},
    {NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
};

typedef struct {
    GString *out;
    const HcDelta *exact;
    const char *root;
    uint64_t n_lines;
} Drift;

static void
start_line(Drift *drift, const HcDeltaKey *key, HcOrigin origin)
{
    gsize start = drift->out->len;
    hc_delta_append_origin(drift->out, drift->exact, origin);
    if (drift->out->len > start)
        g_string_append(drift->out, ": ");
    start = drift->out->len;
    hc_delta_append_path(drift->out, key, drift->root);
    if (drift->out->len == start)
        g_string_append_c(drift->out, '\\');
    g_string_append(drift->out, ": ");
    drift->n_lines++;
}

static void
append_key_line(Drift *drift, const HcDeltaKey *key, const char *what)
{
    start_line(drift, key, key->origin);
    g_string_append_printf(drift->out, "%s\n", what);
}

static void
append_value_line(Drift *drift, const HcDeltaKey *key, const HcDeltaValue *value)
{
    start_line(drift, key, value->origin);
    hc_report_append_value_name(drift->out, value->name);
    g_string_append(drift->out, ": hive has ");
    hc_report_append_datum(drift->out, &value->before);
    g_string_append(drift->out, ", patch says ");
    hc_report_append_datum(drift->out, &value->after);
    g_string_append_c(drift->out, '\n');
}

static void
append_drift(Drift *drift, const HcDeltaKey *key)
{
    switch (key->op) {
    case HC_KEY_KEEP:
        if ((key->changed & HC_CHANGED_CLASS) != 0)
            append_key_line(drift, key, "class name differs");
        if ((key->changed & HC_CHANGED_SECURITY) != 0)
            append_key_line(drift, key, "security descriptor differs");
        if ((key->changed & HC_CHANGED_FLAGS) != 0)
            append_key_line(drift, key, "flags differ");
        break;
    case HC_KEY_CREATE:
        /* A parent that no line names is missing because of what is below it. */
        if (key->origin.source != 0)
            append_key_line(drift, key, "hive has no such key, patch says it is there");
        break;
    case HC_KEY_DELETE:
        append_key_line(drift, key, "hive has the key, patch says it is not there");
        return;
    case HC_KEY_REPLACE:
        append_key_line(drift, key, "hive has more or other things in the key than the patch says");
        return;
    }
    for (guint i = 0; i < hc_delta_n_values(key); i++)
        append_value_line(drift, key, hc_delta_value(key, i));
    for (guint i = 0; i < hc_delta_n_children(key); i++)
        append_drift(drift, hc_delta_child(key, i));
}

static gboolean
run(HcCliContext *context, G_GNUC_UNUSED int n_args, char **args, HcExit *status, GError **error)
{
    HtFormat format;
    if (!ht_parse_format(format_option, FALSE, &format, error))
        return FALSE;
    g_autoptr(HcHive) hive = ht_open_ordinary(context, args[0], error);
    if (hive == NULL)
        return FALSE;
    g_autoptr(HcRoot) root = NULL;
    g_autoptr(HcDelta) exact =
        ht_load_patches(context, hive, args + 1, &patch_options, &root, error);
    if (exact == NULL)
        return FALSE;

    const char *root_text = root != NULL ? root->text : "";
    if (format == HT_FORMAT_JSON) {
        HcReportOptions report = {.root = root_text, .old_name = args[0]};
        hc_report_json(context->out, exact, &report);
    } else {
        Drift drift = {context->out, exact, root_text, 0};
        append_drift(&drift, hc_delta_root(exact));
        if (drift.n_lines > 0)
            hc_cli_note(context, "%s: differs from the patch in %" G_GUINT64_FORMAT " place%s",
                        args[0], drift.n_lines, drift.n_lines == 1 ? "" : "s");
    }
    hc_cli_note_unsound(context, hive);
    *status = hc_delta_is_empty(exact) ? HC_EXIT_OK : HC_EXIT_NO;
    return TRUE;
}

const HcCommand ht_cmd_verify = {
    .name = "verify",
    .args = "HIVE PATCH...",
    .summary = "does the hive already hold what the patches say?",
    .details = "Prints nothing and ends with 0 when it does; else with 1, and a line for each\n"
               "difference, with the patch's line that asks for it.",
    .options = entries,
    .min_args = 2,
    .max_args = -1,
    .run = run,
};
