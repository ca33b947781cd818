#include "config.h"

#include <string.h>

#include "hivecore/base/display.h"
#include "hivecore/cli/cli-report.h"
#include "hivecore/report/html.h"
#include "layerpack/image-diff.h"

/* What is printed of several images: each part, a hive or the files, in each form. */

typedef struct {
    HcStream *stream;
    const LpDiffShowing *showing;
    HcDiffOutput output;
    gboolean is_started;
} Printing;

HcReportOptions
lp_hive_report_options(const LpImageDiff *diff, const LpDiffShowing *showing, int slot,
                       const HcRoot *root)
{
    const LpHiveDiff *hive = &diff->hives[slot];
    HcReportOptions options = {.root = root->text,
                               .old_name = diff->old_side.operand,
                               .new_name = diff->new_side.operand,
                               .ignore = showing->ignore,
                               .ignored = &hive->ignored,
                               .is_filtered = showing->is_filtered,
                               .n_filtered = hive->n_filtered,
                               .color = showing->context->color && showing->output == NULL &&
                                        showing->format == HC_FORMAT_TEXT};
    hc_cli_fit_report(showing->context, showing->showing, showing->output, HC_REPORT_LINES,
                      &options);
    options.more = "--full shows all, --depth=N opens trees, --key=KEY shows a part";
    return options;
}

/* "windows/amd64:10.0.20348.1 -> windows/amd64:10.0.20348.2", of one of several; else NULL. */
static char *
platform_words(const LpImageDiff *diff)
{
    const char *old_words = diff->old_side.words;
    const char *new_words = diff->new_side.words;
    if (old_words == NULL || strcmp(old_words, new_words) == 0)
        return g_strdup(old_words);
    return g_strconcat(old_words, " -> ", new_words, NULL);
}

static char *
place_of(const LpImageDiff *diff, const char *part)
{
    g_autofree char *words = platform_words(diff);
    return words != NULL ? g_strconcat(words, ": ", part, NULL) : g_strdup(part);
}

static HcDiffPart
part_of(const LpImageDiff *diff, int slot, const char *place)
{
    const LpHiveDiff *hive = &diff->hives[slot];
    return (HcDiffPart){.place = place,
                        .old_name = hc_hive_slots[slot].name,
                        .new_name = hc_hive_slots[slot].name,
                        .exact = hive->exact,
                        .old_text = hive->old_text,
                        .new_text = hive->new_text};
}

/* --- hives that are the same: one line, as hivetool diff has it --- */

typedef struct {
    guint n_hives;
    uint64_t n_filtered;
    HcIgnoredCounts ignored;
} Same;

/* Whether the hive is one of them. */
static gboolean
fold_same(const Printing *printing, const LpImageDiff *diff, int slot, Same *same)
{
    const LpHiveDiff *hive = &diff->hives[slot];
    const HcDiffPart part = part_of(diff, slot, NULL);
    if (!hc_diff_output_is_silent(&printing->output, &part))
        return FALSE;
    same->n_hives++;
    same->n_filtered += hive->n_filtered;
    hc_ignored_counts_add(&same->ignored, &hive->ignored);
    return TRUE;
}

static void
append_same(Printing *printing, const Same *same)
{
    const HcReportOptions options = {.ignore = printing->showing->ignore,
                                     .ignored = &same->ignored,
                                     .n_filtered = same->n_filtered};
    hc_diff_output_append_same(&printing->output, printing->stream, same->n_hives, &options);
    printing->is_started |= same->n_hives > 0;
}

/* --- text --- */

static void
text_files(Printing *printing, const LpImageDiff *diff)
{
    const LpFiles files = lp_image_diff_files(diff);
    if (printing->is_started && !hc_diff_output_is_names(&printing->output))
        g_string_append_c(hc_stream_text(printing->stream), '\n');
    lp_files_view(printing->stream, &files, printing->showing, printing->showing->view);
}

static void
text_hive(Printing *printing, const LpImageDiff *diff, int slot)
{
    GString *out = hc_stream_text(printing->stream);
    g_autoptr(HcRoot) root = hc_root_parse_name(hc_hive_slots[slot].name, NULL);
    const HcReportOptions options = lp_hive_report_options(diff, printing->showing, slot, root);
    if (!hc_diff_output_is_names(&printing->output))
        g_string_append_printf(out, "%s%s:\n", printing->is_started ? "\n" : "", root->text);
    hc_report_view(printing->stream, diff->hives[slot].exact, &options, printing->showing->view);
}

static void
text_image(Printing *printing, const LpImageDiff *diff)
{
    GString *out = hc_stream_text(printing->stream);
    g_autofree char *words = platform_words(diff);
    Same same = {.n_hives = 0};
    printing->is_started = words != NULL;
    if (words != NULL) {
        g_string_append(out, hc_stream_size(printing->stream) > 0 ? "\n" : "");
        hc_append_display(out, words, strlen(words));
        g_string_append(out, ":\n");
    }
    for (int slot = 0; slot < HC_N_HIVE_SLOTS; slot++) {
        if (diff->hives[slot].exact == NULL || fold_same(printing, diff, slot, &same))
            continue;
        text_hive(printing, diff, slot);
        printing->is_started = TRUE;
    }
    append_same(printing, &same);
    if (diff->files != NULL)
        text_files(printing, diff);
}

/* --- parts of documents --- */

static void
document_image(Printing *printing, const LpImageDiff *diff)
{
    const HcFormat format = printing->output.format;
    Same same = {.n_hives = 0};
    for (int slot = 0; slot < HC_N_HIVE_SLOTS; slot++) {
        if (diff->hives[slot].exact == NULL || fold_same(printing, diff, slot, &same))
            continue;
        g_autoptr(HcRoot) root = hc_root_parse_name(hc_hive_slots[slot].name, NULL);
        const HcReportOptions options = lp_hive_report_options(diff, printing->showing, slot, root);
        g_autofree char *place = place_of(diff, root->text);
        const HcDiffPart part = part_of(diff, slot, place);
        (void) hc_diff_output_append(&printing->output, printing->stream, &part, &options, TRUE);
    }
    append_same(printing, &same);
    if (diff->files == NULL)
        return;
    const LpFiles files = lp_image_diff_files(diff);
    g_autofree char *place = place_of(diff, "Files");
    if (format == HC_FORMAT_MARKDOWN)
        lp_files_markdown(printing->stream, &files, printing->showing, place);
    else if (format == HC_FORMAT_JUNIT)
        lp_files_junit_suite(printing->stream, &files, place);
}

/* --- records --- */

static void
print_records(HcStream *stream, const GPtrArray *diffs, const LpDiffShowing *showing)
{
    const HcRecordsHead head = {.tool = showing->context->program,
                                .kind = "changes",
                                .is_terminal =
                                    showing->context->is_terminal && showing->output == NULL};
    g_autoptr(HcRecords) records =
        hc_change_records_new(stream, showing->format == HC_FORMAT_CSV, &head);
    for (guint i = 0; i < diffs->len; i++) {
        const LpImageDiff *diff = diffs->pdata[i];
        g_autofree char *words = platform_words(diff);
        for (int slot = 0; slot < HC_N_HIVE_SLOTS; slot++) {
            g_autoptr(HcRoot) root = hc_root_parse_name(hc_hive_slots[slot].name, NULL);
            if (diff->hives[slot].exact != NULL)
                hc_change_records_put(records, words, diff->hives[slot].exact, root->text);
        }
        const LpFiles files = lp_image_diff_files(diff);
        if (diff->files != NULL)
            lp_files_records(records, words, &files);
    }
    hc_records_end(records);
}

/* --- a page --- */

typedef struct {
    GArray *parts;    /* of HcHtmlPart */
    GPtrArray *texts; /* of char *, which they borrow */
} Page;

static const char *
keep(Page *page, char *text)
{
    if (text != NULL)
        g_ptr_array_add(page->texts, text);
    return text;
}

static void
add_files_part(Page *page, const LpImageDiff *diff, const LpDiffShowing *showing, const char *tab)
{
    const LpFiles files = lp_image_diff_files(diff);
    HcStream *memory = hc_stream_new_memory();
    lp_files_text(memory, &files, showing);
    g_string_truncate(hc_stream_text(memory), hc_stream_text(memory)->len - 1);
    const HcHtmlPart part = {
        .place = keep(page, place_of(diff, "Files")),
        .tab = tab,
        .root = "",
        .n_filtered = diff->n_files_filtered,
        .text = keep(page, g_strdup(hc_stream_text(memory)->str + strlen("Files:\n")))};
    hc_stream_unref(memory);
    g_array_append_val(page->parts, part);
}

static void
add_image_parts(Page *page, const LpImageDiff *diff, const LpDiffShowing *showing)
{
    const char *tab = keep(page, platform_words(diff));
    for (int slot = 0; slot < HC_N_HIVE_SLOTS; slot++) {
        const LpHiveDiff *hive = &diff->hives[slot];
        g_autoptr(HcRoot) root = hc_root_parse_name(hc_hive_slots[slot].name, NULL);
        if (hive->exact == NULL)
            continue;
        const HcHtmlPart part = {.place = keep(page, place_of(diff, root->text)),
                                 .tab = tab,
                                 .root = keep(page, g_strdup(root->text)),
                                 .exact = hive->exact,
                                 .ignored = &hive->ignored,
                                 .n_filtered = hive->n_filtered};
        g_array_append_val(page->parts, part);
    }
    if (diff->files != NULL)
        add_files_part(page, diff, showing, tab);
}

static void
print_html(HcStream *stream, const GPtrArray *diffs, const char *old_operand,
           const char *new_operand, const LpDiffShowing *showing)
{
    const HcHtmlHead head = {showing->context->program, "diff", old_operand, new_operand};
    g_autoptr(GArray) parts = g_array_new(FALSE, TRUE, sizeof(HcHtmlPart));
    g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
    Page page = {parts, texts};
    for (guint i = 0; i < diffs->len; i++)
        add_image_parts(&page, diffs->pdata[i], showing);
    hc_html_changes(stream, &head, (const HcHtmlPart *) (void *) parts->data, parts->len);
}

/* --- all --- */

static void
print_parts(Printing *printing, const GPtrArray *diffs)
{
    const gboolean is_text = printing->output.format == HC_FORMAT_TEXT;
    hc_diff_output_begin(&printing->output, printing->stream);
    for (guint i = 0; i < diffs->len; i++)
        (is_text ? text_image : document_image)(printing, diffs->pdata[i]);
    hc_diff_output_end(&printing->output, printing->stream);
}

void
lp_image_diffs_print(HcStream *stream, const GPtrArray *diffs, const char *old_operand,
                     const char *new_operand, const LpDiffShowing *showing)
{
    Printing printing = {
        .stream = stream,
        .showing = showing,
        .output = {.program = showing->context->program,
                   .format = showing->format,
                   .view = showing->view,
                   .is_terminal = showing->context->is_terminal && showing->output == NULL}};
    const HcFormat format = showing->format;
    if (format == HC_FORMAT_JSON)
        lp_image_diffs_json(stream, diffs, old_operand, new_operand, showing);
    else if (format == HC_FORMAT_NDJSON || format == HC_FORMAT_CSV)
        print_records(stream, diffs, showing);
    else if (format == HC_FORMAT_HTML)
        print_html(stream, diffs, old_operand, new_operand, showing);
    else
        print_parts(&printing, diffs);
}
