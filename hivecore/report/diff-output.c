#include "config.h"

#include "hivecore/report/diff-output.h"

#include <string.h>

#include "hivecore/base/display.h"
#include "hivecore/base/error.h"

typedef struct {
    HcFormat format;
    gboolean is_each; /* of several hives each by itself */
    void (*append)(HcStream *out, const HcDiffOutput *output, const HcDiffPart *part,
                   const HcReportOptions *options, gboolean is_several);
} Printer;

gboolean
hc_diff_output_is_names(const HcDiffOutput *output)
{
    return output->view == HC_VIEW_NAME_ONLY || output->view == HC_VIEW_NAME_STATUS;
}

/* Names of keys say which hive they are of. */
static void
append_heading(HcStream *out, const HcDiffOutput *output, const HcDiffPart *part)
{
    GString *text = hc_stream_text(out);
    if (hc_diff_output_is_names(output))
        return;
    g_string_append(text, hc_stream_size(out) > 0 ? "\n" : "");
    hc_append_display(text, part->place, strlen(part->place));
    g_string_append(text, ":\n");
}

static void
append_text(HcStream *out, const HcDiffOutput *output, const HcDiffPart *part,
            const HcReportOptions *options, gboolean is_several)
{
    if (is_several)
        append_heading(out, output, part);
    hc_report_view(out, part->exact, options, output->view);
}

static void
append_json(HcStream *out, G_GNUC_UNUSED const HcDiffOutput *output, const HcDiffPart *part,
            const HcReportOptions *options, G_GNUC_UNUSED gboolean is_several)
{
    hc_report_json(out, part->exact, options);
}

static void
append_records(HcStream *out, const HcDiffOutput *output, const HcDiffPart *part,
               const HcReportOptions *options, G_GNUC_UNUSED gboolean is_several)
{
    hc_report_records(out, part->exact, options, output->format == HC_FORMAT_CSV, output->program);
}

static void
append_junit(HcStream *out, G_GNUC_UNUSED const HcDiffOutput *output, const HcDiffPart *part,
             const HcReportOptions *options, G_GNUC_UNUSED gboolean is_several)
{
    g_autofree char *place = hc_display(part->place);
    hc_report_junit_suite(out, part->exact, options, place);
}

static void
append_markdown(HcStream *out, G_GNUC_UNUSED const HcDiffOutput *output, const HcDiffPart *part,
                const HcReportOptions *options, gboolean is_several)
{
    g_autofree char *place = hc_display(part->place);
    hc_report_markdown(out, part->exact, options, is_several ? place : NULL);
}

/* "SOFTWARE.reg" */
static char *
text_name(const char *hive)
{
    g_autofree char *label = g_path_get_basename(hive);
    g_autofree char *shown = hc_display(label);
    return g_strconcat(shown, ".reg", NULL);
}

static void
append_unified(HcStream *out, const HcDiffOutput *output, const HcDiffPart *part,
               G_GNUC_UNUSED const HcReportOptions *options, G_GNUC_UNUSED gboolean is_several)
{
    g_autofree char *old_name = text_name(part->old_name);
    g_autofree char *new_name = text_name(part->new_name);
    hc_report_unified(out, old_name, part->old_text, new_name, part->new_text, output->is_terminal);
}

static const Printer printers[] = {
    {HC_FORMAT_TEXT, TRUE, append_text},       {HC_FORMAT_JSON, FALSE, append_json},
    {HC_FORMAT_NDJSON, FALSE, append_records}, {HC_FORMAT_CSV, FALSE, append_records},
    {HC_FORMAT_JUNIT, TRUE, append_junit},     {HC_FORMAT_MARKDOWN, TRUE, append_markdown},
    {HC_FORMAT_UNIFIED, TRUE, append_unified},
};

static const Printer *
find_printer(const HcDiffOutput *output)
{
    for (gsize i = 0; i < G_N_ELEMENTS(printers); i++) {
        if (printers[i].format == output->format)
            return &printers[i];
    }
    return &printers[0]; /* not reached: formats are checked as they are read */
}

gboolean
hc_diff_output_is_each(const HcDiffOutput *output)
{
    return find_printer(output)->is_each;
}

gboolean
hc_diff_output_check(const HcDiffOutput *output, const HcDiffPart *part, GError **error)
{
    const gboolean is_patch_text =
        output->format == HC_FORMAT_JSON ||
        (output->format == HC_FORMAT_TEXT && output->view == HC_VIEW_CHANGES);
    if (part->exact == NULL && !is_patch_text)
        return hc_fail(error, HC_ERROR_UNSUPPORTED,
                       "%s and %s: what two changes say is told as text or JSON only",
                       part->old_name, part->new_name);
    if (output->format == HC_FORMAT_UNIFIED && part->old_text == NULL)
        return hc_fail(error, HC_ERROR_UNSUPPORTED,
                       "%s and %s: --format=unified compares the exports of two hives, which hang "
                       "in the registry (--root)",
                       part->old_name, part->new_name);
    return TRUE;
}

void
hc_diff_output_begin(const HcDiffOutput *output, HcStream *out)
{
    if (output->format == HC_FORMAT_JUNIT)
        hc_report_junit_begin(hc_stream_text(out), output->program, "diff");
}

gboolean
hc_diff_output_append(const HcDiffOutput *output, HcStream *out, const HcDiffPart *part,
                      const HcReportOptions *options, gboolean is_several)
{
    const Printer *printer = find_printer(output);
    if (part->exact == NULL && is_several)
        append_heading(out, output, part);
    if (part->exact == NULL)
        return hc_report_layer_diff(out, part->old_patch, part->new_patch, options,
                                    output->format == HC_FORMAT_JSON);
    printer->append(out, output, part, options, is_several);
    return hc_delta_is_empty(part->exact);
}

gboolean
hc_diff_output_is_silent(const HcDiffOutput *output, const HcDiffPart *part)
{
    return (output->format == HC_FORMAT_TEXT || output->format == HC_FORMAT_MARKDOWN) &&
           part->exact != NULL && hc_delta_is_empty(part->exact);
}

void
hc_diff_output_append_same(const HcDiffOutput *output, HcStream *out, guint n_same,
                           const HcReportOptions *options)
{
    GString *text = hc_stream_text(out);
    if (n_same == 0 || hc_diff_output_is_names(output))
        return;
    g_string_append_printf(
        text, "%s%s difference in %u hive%s", hc_stream_size(out) > 0 ? "\n" : "",
        options->n_filtered > 0 ? "no other" : "no", n_same, n_same == 1 ? "" : "s");
    if (options->n_filtered > 0)
        g_string_append_printf(text, "; filtered: %" G_GUINT64_FORMAT " change%s",
                               options->n_filtered, options->n_filtered == 1 ? "" : "s");
    hc_report_append_ignored(text, "; not shown: ", options->ignored);
    if (options->bytes_differ)
        g_string_append(text, "; the files' bytes differ");
    g_string_append_c(text, '\n');
}

void
hc_diff_output_end(const HcDiffOutput *output, HcStream *out)
{
    if (output->format == HC_FORMAT_JUNIT)
        hc_report_junit_end(hc_stream_text(out));
}
