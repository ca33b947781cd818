#include "config.h"

#include "hivecore/base/display.h"
#include "hivecore/base/limits.h"
#include "hivecore/report/html-private.h"

/* Reports that are rows: findings, records. */

static void
write_controls(GString *out)
{
    g_string_append(out, "<form id=\"controls\" hidden><label>Search <input type=\"search\" "
                         "id=\"search\" autocomplete=\"off\"></label><p id=\"status\" "
                         "role=\"status\"></p><p class=\"keys\">Keys: <kbd>/</kbd> search, "
                         "<kbd>Esc</kbd> clear</p></form>\n");
}

void
hc_html_table_begin(HcHtmlTable *table, HcStream *stream, const HcHtmlHead *head,
                    const char *const *columns)
{
    *table = (HcHtmlTable){.stream = stream, .out = hc_stream_text(stream), .columns = columns};
    hc_html_begin(table->out, head);
    write_controls(table->out);
    g_string_append(table->out, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
                                "aria-label=\"rows\"><table id=\"rows\"><thead><tr>");
    for (gsize i = 0; columns[i] != NULL; i++) {
        g_string_append(table->out, "<th scope=\"col\">");
        hc_html_text(table->out, columns[i]);
        g_string_append(table->out, "</th>");
    }
    g_string_append(table->out, "</tr></thead><tbody>\n");
}

static void
end_rows(HcHtmlTable *table)
{
    g_string_append(table->out, "</tbody></table></div>\n");
}

/* What follows is data. */
static void
begin_data(HcHtmlTable *table)
{
    end_rows(table);
    g_string_append_printf(table->out,
                           "<p id=\"too-many\">The first %u rows are shown here. The rest is in "
                           "this file as data, which a script draws when it may run; without one, "
                           "the other formats have all.</p>\n" HC_HTML_DATA_BEGIN,
                           HC_MAX_HTML_STATIC);
    table->is_data = TRUE;
}

void
hc_html_row_begin(HcHtmlTable *table)
{
    table->column = 0;
    if (table->n_rows == HC_MAX_HTML_STATIC)
        begin_data(table);
    if (!table->is_data) {
        g_string_append(table->out, "<tr>");
        return;
    }
    if (table->n_in_chunk >= HC_MAX_HTML_CHUNK) {
        g_string_append(table->out, HC_HTML_DATA_END HC_HTML_DATA_BEGIN);
        table->n_in_chunk = 0;
    }
    g_string_append(table->out, table->n_in_chunk > 0 ? ",\n[" : "[");
}

void
hc_html_cell(HcHtmlTable *table, const char *text)
{
    if (!table->is_data) {
        g_string_append(table->out, "<td>");
        g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
        for (gsize i = 0; lines[i] != NULL; i++) {
            g_string_append(table->out, i > 0 ? "\n" : "");
            hc_html_text(table->out, lines[i]);
        }
        g_string_append(table->out, "</td>");
    } else {
        g_autoptr(GString) json = g_string_new(NULL);
        hc_json_append_string(json, text);
        g_string_append(table->out, table->column > 0 ? "," : "");
        hc_html_json_in_script(table->out, json);
    }
    table->column++;
}

void
hc_html_row_end(HcHtmlTable *table)
{
    g_string_append(table->out, table->is_data ? "]" : "</tr>\n");
    table->n_rows++;
    table->n_in_chunk += table->is_data ? 1 : 0;
    (void) hc_stream_flow(table->stream); /* told at the end */
}

void
hc_html_table_end(HcHtmlTable *table)
{
    if (table->is_data)
        g_string_append(table->out, HC_HTML_DATA_END);
    else
        end_rows(table);
    if (table->n_rows == 0)
        g_string_append(table->out, "<p>Nothing.</p>\n");
    hc_html_end(table->out);
}

/* --- findings --- */

static void
write_finding(HcHtmlTable *table, const HcFindingsReport *report, const char *input,
              const HcFinding *finding)
{
    g_autofree char *sentence = hc_finding_sentence(finding);
    g_autoptr(GString) place = g_string_new(NULL);
    const char *file = finding->file != NULL ? finding->file : input;
    hc_html_row_begin(table);
    hc_html_cell(table, hc_severity_name(finding->severity));
    hc_html_cell(table, finding->id != NULL ? finding->id : report->unnamed_id);
    hc_append_display(place, file, strlen(file));
    if (finding->line > 0)
        g_string_append_printf(place, ":%u", (guint) finding->line);
    if (finding->line > 0 && finding->column > 0)
        g_string_append_printf(place, ":%u", (guint) finding->column);
    if (finding->offset != HC_NO_OFFSET)
        g_string_append_printf(place, " 0x%" G_GINT64_MODIFIER "x", finding->offset);
    if (finding->layer > 0)
        g_string_append_printf(place, " layer %u", finding->layer);
    hc_html_cell(table, place->str);
    hc_html_cell(table, finding->place != NULL ? finding->place : "");
    hc_html_cell(table, sentence);
    hc_html_row_end(table);
}

void
hc_html_findings(HcStream *stream, const HcFindingsReport *report)
{
    static const char *const columns[] = {"Severity", "Rule", "Where", "Place", "What", NULL};
    g_autoptr(GString) names = g_string_new(NULL);
    HcHtmlTable table;
    for (gsize i = 0; i < report->n_inputs; i++)
        g_string_append_printf(names, "%s%s", i > 0 ? ", " : "", report->inputs[i].name);
    const HcHtmlHead head = {report->program, report->command, names->str, NULL};
    hc_html_table_begin(&table, stream, &head, columns);
    for (gsize i = 0; i < report->n_inputs; i++) {
        const GPtrArray *list = report->inputs[i].findings->list;
        for (guint k = 0; k < list->len; k++)
            write_finding(&table, report, report->inputs[i].name, g_ptr_array_index(list, k));
    }
    hc_html_table_end(&table);
}
