#include "config.h"

#include "hivecore/report/records.h"

#include <string.h>

#include "hivecore/base/bytes.h"
#include "hivecore/base/clock.h"
#include "hivecore/base/display.h"
#include "hivecore/base/path.h"
#include "hivecore/base/put-text.h"
#include "hivecore/regf/security.h"
#include "hivecore/regf/types.h"
#include "hivecore/report/html.h"
#include "hivecore/report/report-private.h"

struct HcRecords {
    HcStream *stream;
    GString *out; /* hc_stream_text() of it */
    HcFormat format;
    HcRecordsHead head;
    const HcColumn *columns;
    guint next;             /* the column of the next cell */
    gboolean is_in_rows;    /* of a JSON document: the array is open */
    GString *field;         /* of CSV and text: the cell at hand */
    GByteArray *descriptor; /* the last one, and what it is in words */
    GString *sddl;
    gboolean has_sddl;
    HcJsonWriter json;
    GPtrArray *members; /* of GString *: the columns' names as JSON has them before a value */
    HcHtmlTable page;
    const char **page_columns;
};

static void
free_text(gpointer text)
{
    g_string_free(text, TRUE);
}

HcRecords *
hc_records_new(HcStream *stream, HcFormat format, const HcRecordsHead *head,
               const HcColumn *columns)
{
    HcRecords *records = g_new0(HcRecords, 1);
    records->stream = hc_stream_ref(stream);
    records->out = hc_stream_text(stream);
    records->format = format;
    records->head = *head;
    records->columns = columns;
    records->field = g_string_new(NULL);
    records->descriptor = g_byte_array_new();
    records->sddl = g_string_new(NULL);
    records->json = hc_json_writer_to(stream);
    records->json.tool = head->tool;
    records->members = g_ptr_array_new_with_free_func(free_text);
    for (const HcColumn *column = columns; column->name != NULL; column++) {
        GString *member = g_string_new(NULL);
        hc_json_append_string(member, column->name);
        g_string_append_c(member, ':');
        g_ptr_array_add(records->members, member);
    }
    if (format == HC_FORMAT_JSON)
        hc_json_begin_document(&records->json, head->kind);
    return records;
}

void
hc_records_free(HcRecords *records)
{
    if (records == NULL)
        return;
    hc_stream_unref(records->stream);
    g_string_free(records->field, TRUE);
    g_byte_array_unref(records->descriptor);
    g_string_free(records->sddl, TRUE);
    g_ptr_array_unref(records->members);
    g_free(records->page_columns);
    g_free(records);
}

static gboolean
is_json(const HcRecords *records)
{
    return records->format == HC_FORMAT_JSON || records->format == HC_FORMAT_NDJSON;
}

static gboolean
is_for_people(const HcRecords *records)
{
    return records->format == HC_FORMAT_TEXT || records->format == HC_FORMAT_HTML;
}

static void
end_csv_line(HcRecords *records)
{
    g_string_append(records->out, records->head.is_terminal ? "\n" : "\r\n");
}

static void
begin_page(HcRecords *records)
{
    const HcHtmlHead head = {records->head.tool, records->head.kind, records->head.subject, NULL};
    gsize n = 0;
    while (records->columns[n].name != NULL)
        n++;
    records->page_columns = g_new0(const char *, n + 1);
    for (gsize i = 0; i < n; i++)
        records->page_columns[i] = records->columns[i].name;
    hc_html_table_begin(&records->page, records->stream, &head, records->page_columns);
}

void
hc_records_begin(HcRecords *records)
{
    if (records->format == HC_FORMAT_HTML)
        begin_page(records);
    if (records->format == HC_FORMAT_JSON) {
        hc_json_member(&records->json,
                       records->head.member != NULL ? records->head.member : "records");
        hc_json_begin_array(&records->json, HC_JSON_LINES);
        records->is_in_rows = TRUE;
    }
    if (records->format != HC_FORMAT_CSV)
        return;
    for (const HcColumn *column = records->columns; column->name != NULL; column++) {
        g_string_append(records->out, column > records->columns ? "," : "");
        if (column->type == HC_COLUMN_DATA && !g_str_equal(column->name, "data"))
            g_string_append_printf(records->out, "%s_type,", column->name);
        else if (column->type == HC_COLUMN_DATA)
            g_string_append(records->out, "type,");
        g_string_append(records->out, column->name);
    }
    end_csv_line(records);
}

void
hc_records_end(HcRecords *records)
{
    if (records->is_in_rows)
        hc_json_end(&records->json);
    records->is_in_rows = FALSE;
    if (records->format == HC_FORMAT_JSON)
        hc_json_end_document(&records->json);
    if (records->format == HC_FORMAT_HTML)
        hc_html_table_end(&records->page);
}

void
hc_record_begin(HcRecords *records)
{
    records->next = 0;
    if (records->format == HC_FORMAT_HTML)
        hc_html_row_begin(&records->page);
    if (is_json(records))
        hc_json_begin_object(&records->json, HC_JSON_DENSE);
}

gboolean
hc_record_end(HcRecords *records)
{
    g_return_val_if_fail(records->columns[records->next].name == NULL, FALSE);
    if (is_json(records))
        hc_json_end(&records->json);
    if (records->format == HC_FORMAT_CSV)
        end_csv_line(records);
    else if (records->format == HC_FORMAT_HTML)
        hc_html_row_end(&records->page);
    else if (records->format != HC_FORMAT_JSON)
        g_string_append_c(records->out, '\n');
    return hc_stream_flow(records->stream);
}

/* --- one cell --- */

/* Of JSON writes the member's name. Returns: whether the cell is JSON; else it is to go to
 * @records->field, and then end_field() */
static gboolean
begin_cell(HcRecords *records)
{
    const guint column = records->next++;
    const gboolean is_in_json = is_json(records);
    if (is_in_json)
        hc_json_prepared_member(&records->json, g_ptr_array_index(records->members, column));
    else
        g_string_truncate(records->field, 0);
    return is_in_json;
}

/* RFC 4180: a field with a comma, a quote or a line break stands in quotes, quotes in it twice. */
static void
append_csv_field(GString *out, const GString *field)
{
    if (strpbrk(field->str, ",\"\r\n") == NULL) {
        g_string_append_len(out, field->str, (gssize) field->len);
        return;
    }
    g_string_append_c(out, '"');
    for (const char *at = field->str; *at != '\0'; at++) {
        if (*at == '"')
            g_string_append_c(out, '"');
        g_string_append_c(out, *at);
    }
    g_string_append_c(out, '"');
}

/* The field is UTF-8 without NUL: all that comes from outside was escaped. */
static void
end_field(HcRecords *records)
{
    const HcColumn *column = &records->columns[records->next - 1];
    if (records->format == HC_FORMAT_HTML) {
        hc_html_cell(&records->page, records->field->str);
        return;
    }
    if (records->format == HC_FORMAT_CSV) {
        g_string_append(records->out, records->next > 1 ? "," : "");
        append_csv_field(records->out, records->field);
        return;
    }
    g_string_append(records->out, records->next > 1 ? "  " : "");
    g_string_append_len(records->out, records->field->str, (gssize) records->field->len);
    if (column[1].name == NULL)
        return;
    for (glong width = g_utf8_strlen(records->field->str, -1); width < (glong) column->width;
         width++)
        g_string_append_c(records->out, ' ');
}

void
hc_record_none(HcRecords *records)
{
    const gboolean is_data = records->columns[records->next].type == HC_COLUMN_DATA;
    if (begin_cell(records)) {
        hc_json_null(&records->json);
        return;
    }
    if (is_data && records->format == HC_FORMAT_CSV)
        g_string_append_c(records->out, ',');
    end_field(records);
}

void
hc_record_skip_to(HcRecords *records, const char *name)
{
    while (records->columns[records->next].name != NULL &&
           g_strcmp0(records->columns[records->next].name, name) != 0)
        hc_record_none(records);
}

void
hc_record_text(HcRecords *records, const char *text)
{
    if (text == NULL) {
        hc_record_none(records);
        return;
    }
    if (begin_cell(records)) {
        hc_json_string(&records->json, text);
        return;
    }
    hc_append_display(records->field, text, strlen(text));
    end_field(records);
}

void
hc_record_name(HcRecords *records, HcName name)
{
    if (begin_cell(records)) {
        hc_json_name(&records->json, name);
        return;
    }
    if (is_for_people(records))
        hc_report_append_value_name(records->field, name);
    else
        hc_name_append_display(records->field, name);
    end_field(records);
}

/* Whether the names, put together with backslashes, are told from all others. */
static gboolean
is_plain_path(HcPath path)
{
    for (gsize i = 0; i < path.n; i++) {
        if (!hc_name_is_wellformed(path.names[i]) || hc_name_has_unit(path.names[i], 0) ||
            hc_name_has_unit(path.names[i], '\\'))
            return FALSE;
    }
    return TRUE;
}

static void
write_json_key(HcRecords *records, const char *root, HcPath path)
{
    if (hc_json_plain_path(&records->json, root, path.names, path.n))
        return;
    if (is_plain_path(path)) {
        hc_json_path(&records->json, root, path.names, path.n);
        return;
    }
    g_autoptr(GString) text = g_string_new(NULL);
    hc_path_append_display(text, root, path);
    hc_json_string(&records->json, text->str);
    hc_json_member(&records->json, "path");
    hc_json_begin_array(&records->json, HC_JSON_DENSE);
    for (gsize i = 0; i < path.n; i++)
        hc_json_key_name(&records->json, path.names[i]);
    hc_json_end(&records->json);
}

void
hc_record_key(HcRecords *records, const char *root, HcPath path)
{
    if (begin_cell(records)) {
        write_json_key(records, root, path);
        return;
    }
    hc_path_append_display(records->field, root, path);
    end_field(records);
}

void
hc_record_number(HcRecords *records, uint64_t number)
{
    if (begin_cell(records)) {
        hc_json_number(&records->json, number);
        return;
    }
    hc_text_append_number(records->field, number);
    end_field(records);
}

void
hc_record_boolean(HcRecords *records, gboolean is_true)
{
    if (begin_cell(records)) {
        hc_json_boolean(&records->json, is_true);
        return;
    }
    if (is_for_people(records))
        g_string_append(records->field, is_true ? "yes" : "no");
    else
        g_string_append(records->field, is_true ? "true" : "false");
    end_field(records);
}

void
hc_record_time(HcRecords *records, uint64_t filetime)
{
    const gboolean is_in_json = begin_cell(records);
    g_string_truncate(records->field, 0);
    hc_filetime_append(records->field, filetime);
    if (is_in_json)
        hc_json_string(&records->json, records->field->str);
    else
        end_field(records);
}

void
hc_record_bytes(HcRecords *records, HcBlob bytes)
{
    if (begin_cell(records)) {
        hc_json_hex(&records->json, bytes.bytes, bytes.n_bytes);
        return;
    }
    hc_text_append_hex(records->field, bytes.bytes, bytes.n_bytes);
    end_field(records);
}

void
hc_record_list(HcRecords *records, const char *const *texts)
{
    const gboolean is_in_json = begin_cell(records);
    if (is_in_json)
        hc_json_begin_array(&records->json, HC_JSON_DENSE);
    for (gsize i = 0; texts[i] != NULL; i++) {
        if (is_in_json) {
            hc_json_string(&records->json, texts[i]);
            continue;
        }
        const char *between = records->format == HC_FORMAT_CSV ? "\n" : " ";
        g_string_append(records->field, i > 0 ? between : "");
        hc_append_display(records->field, texts[i], strlen(texts[i]));
    }
    if (is_in_json)
        hc_json_end(&records->json);
    else
        end_field(records);
}

/* The descriptor in words, NULL where there are none for it. Neighbours mostly share one, so the
 * last is remembered. */
static const char *
sddl_of(HcRecords *records, HcBlob descriptor)
{
    const HcBlob last = {records->descriptor->data, records->descriptor->len};
    if (records->descriptor->len == 0 || !hc_blob_equal(last, descriptor)) {
        g_string_truncate(records->sddl, 0);
        records->has_sddl = hc_append_sddl(records->sddl, descriptor);
        g_byte_array_set_size(records->descriptor, 0);
        g_byte_array_append(records->descriptor, descriptor.bytes, descriptor.n_bytes);
    }
    return records->has_sddl ? records->sddl->str : NULL;
}

void
hc_record_security(HcRecords *records, HcBlob descriptor)
{
    if (descriptor.bytes == NULL) {
        hc_record_none(records);
        return;
    }
    const char *sddl = sddl_of(records, descriptor);
    if (begin_cell(records)) {
        hc_json_begin_object(&records->json, HC_JSON_DENSE);
        hc_json_member_string(&records->json, "sddl", sddl);
        hc_json_member(&records->json, "hex");
        hc_json_hex(&records->json, descriptor.bytes, descriptor.n_bytes);
        hc_json_end(&records->json);
        return;
    }
    if (sddl != NULL)
        g_string_append(records->field, sddl);
    else
        hc_text_append_hex(records->field, descriptor.bytes, descriptor.n_bytes);
    end_field(records);
}

/* The data for a spreadsheet: texts as they are, a line for each of a list, numbers in decimal, all
 * else in hex. */
static void
append_plain_datum(GString *out, const HcDatum *datum)
{
    HcName text;
    gboolean is_terminated;
    if (hc_datum_text(datum, &text, &is_terminated)) {
        hc_name_append_display(out, text);
        return;
    }
    g_autoptr(GArray) list = hc_datum_list(datum);
    for (guint i = 0; list != NULL && i < list->len; i++) {
        g_string_append(out, i > 0 ? "\n" : "");
        hc_name_append_display(out, g_array_index(list, HcName, i));
    }
    if (list != NULL)
        return;
    if (datum->type == HC_REG_DWORD && datum->data.n_bytes == 4)
        g_string_append_printf(out, "%u", (guint) hc_get32(datum->data.bytes));
    else if (datum->type == HC_REG_DWORD_BE && datum->data.n_bytes == 4)
        g_string_append_printf(out, "%u", (guint) GUINT32_SWAP_LE_BE(hc_get32(datum->data.bytes)));
    else if (datum->type == HC_REG_QWORD && datum->data.n_bytes == 8)
        g_string_append_printf(out, "%" G_GUINT64_FORMAT, hc_get64(datum->data.bytes));
    else
        hc_text_append_hex(out, datum->data.bytes, datum->data.n_bytes);
}

void
hc_record_datum(HcRecords *records, const HcDatum *datum)
{
    if (!datum->is_present) {
        hc_record_none(records);
        return;
    }
    if (begin_cell(records)) {
        hc_report_json_datum(&records->json, datum);
        return;
    }
    if (is_for_people(records)) {
        hc_append_datum(records->field, datum, records->head.is_full);
        end_field(records);
        return;
    }
    const char *type = hc_report_type_name(datum->type);
    if (type != NULL)
        g_string_append_printf(records->out, "%s%s", records->next > 1 ? "," : "", type);
    else
        g_string_append_printf(records->out, "%s%u", records->next > 1 ? "," : "",
                               (guint) datum->type);
    append_plain_datum(records->field, datum);
    g_string_append_c(records->out, ',');
    append_csv_field(records->out, records->field);
}
