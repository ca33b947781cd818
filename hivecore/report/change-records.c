#include "config.h"

#include "hivecore/delta/prune.h"
#include "hivecore/report/diff-output.h"
#include "hivecore/report/records.h"
#include "hivecore/report/report-private.h"

/* The first is in records of several things: which of them it is of. */
static const HcColumn columns[] = {
    {"of", HC_COLUMN_TEXT, 0},  {"change", HC_COLUMN_TEXT, 0}, {"record", HC_COLUMN_TEXT, 0},
    {"key", HC_COLUMN_KEY, 0},  {"name", HC_COLUMN_NAME, 0},   {"old", HC_COLUMN_DATA, 0},
    {"new", HC_COLUMN_DATA, 0}, {"itself", HC_COLUMN_TEXT, 0}, {NULL, HC_COLUMN_TEXT, 0},
};

typedef struct {
    HcRecords *records;
    const char *root;
    const char *of;
    gboolean has_of;
} Writing;

static void
put_datum(const Writing *writing, const HcDatum *datum)
{
    if (datum->is_present)
        hc_record_datum(writing->records, datum);
    else
        hc_record_none(writing->records);
}

/* Of a key that changes in itself: what, "OLD -> NEW". */
static void
put_meta(const Writing *writing, const HcDeltaKey *key)
{
    if (key == NULL || key->op != HC_KEY_KEEP) {
        hc_record_none(writing->records);
        return;
    }
    const HcTextLimits limits = {G_MAXUINT, 0, TRUE};
    g_autoptr(GArray) lines = hc_text_key_lines(key, &limits);
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < lines->len; i++) {
        const HcTextLine *line = &g_array_index(lines, HcTextLine, i);
        if (line->sign == HC_TEXT_HEAD)
            g_string_append_printf(text, "%s%s", text->len > 0 ? "; " : "", line->text);
    }
    hc_record_text(writing->records, text->str);
}

static void
put_change(const HcChange *change, gpointer data)
{
    const Writing *writing = data;
    HcRecords *records = writing->records;
    hc_record_begin(records);
    if (writing->has_of)
        hc_record_text(records, writing->of);
    hc_record_text(records, hc_change_kind_name(change->kind));
    hc_record_text(records, change->value != NULL ? "value" : "key");
    hc_record_key(records, writing->root, change->path);
    if (change->value == NULL) {
        hc_record_skip_to(records, "itself");
        put_meta(writing, change->node);
    } else {
        hc_record_name(records, *change->value);
        put_datum(writing, change->before);
        put_datum(writing, change->after);
        hc_record_none(records);
    }
    (void) hc_record_end(records); /* who ends the stream is told */
}

void
hc_report_records(HcStream *stream, const HcDelta *exact, const HcReportOptions *options,
                  gboolean is_csv, const char *tool)
{
    const HcRecordsHead head = {.tool = tool, .kind = "changes"};
    g_autoptr(HcRecords) records =
        hc_records_new(stream, is_csv ? HC_FORMAT_CSV : HC_FORMAT_NDJSON, &head, columns + 1);
    Writing writing = {records, options->root, NULL, FALSE};
    hc_records_begin(records);
    hc_delta_each_change(exact, put_change, &writing);
    hc_records_end(records);
}

HcRecords *
hc_change_records_new(HcStream *stream, gboolean is_csv, const HcRecordsHead *head)
{
    HcRecords *records =
        hc_records_new(stream, is_csv ? HC_FORMAT_CSV : HC_FORMAT_NDJSON, head, columns);
    hc_records_begin(records);
    return records;
}

void
hc_change_records_put(HcRecords *records, const char *of, const HcDelta *exact, const char *root)
{
    Writing writing = {records, root, of, TRUE};
    hc_delta_each_change(exact, put_change, &writing);
}

void
hc_change_records_put_other(HcRecords *records, const char *of, HcChangeKind kind,
                            const char *record, const char *path, const char *itself)
{
    hc_record_begin(records);
    hc_record_text(records, of);
    hc_record_text(records, hc_change_kind_name(kind));
    hc_record_text(records, record);
    hc_record_key(records, path, (HcPath){NULL, 0});
    hc_record_skip_to(records, "itself");
    hc_record_text(records, itself);
    (void) hc_record_end(records); /* who ends the stream is told */
}
