#include "config.h"

#include "hivetool/drift.h"

#include "hivecore/report/html.h"

/* Lines of one patch: what it says and where the hives differ from that. */
typedef struct {
    const HtDriftReport *report;
    guint statement; /* of the next line, index into the report's arrays */
    guint drift;
} Cursor;

/* What one line of a patch gives. */
typedef struct {
    const HtPlace *place;
    const HcDeltaKey *key;
    const HcDeltaValue *value;
    const HtDrift *drifts; /* n_drifts, of this line */
    guint n_drifts;
    gboolean is_overruled;
} Case;

typedef struct {
    guint n_cases;
    guint n_failures;
    guint n_skipped;
} Counts;

static const HtStatement *
statement_at(const HtDriftReport *report, guint i)
{
    return i < report->statements->len ? &g_array_index(report->statements, HtStatement, i) : NULL;
}

static const HtDrift *
drift_at(const HtDriftReport *report, guint i)
{
    return i < report->drifts->len ? &g_array_index(report->drifts, HtDrift, i) : NULL;
}

static gboolean
is_on(const HtPlace *place, uint32_t file, uint32_t line)
{
    return place->file == file && place->line == line;
}

/* The next line of @file that says something, or that a hive differs from; FALSE at the end. */
static gboolean
next_case(Cursor *cursor, uint32_t file, Case *found)
{
    const HtDriftReport *report = cursor->report;
    const HtStatement *statement = statement_at(report, cursor->statement);
    const HtDrift *drift = drift_at(report, cursor->drift);
    const gboolean has_statement = statement != NULL && statement->place.file == file;
    const gboolean has_drift = drift != NULL && drift->place.file == file;
    if (!has_statement && !has_drift)
        return FALSE;
    uint32_t line = has_statement ? statement->place.line : drift->place.line;
    if (has_drift)
        line = MIN(line, drift->place.line);

    *found = (Case){.drifts = drift};
    for (; (statement = statement_at(report, cursor->statement)) != NULL &&
           is_on(&statement->place, file, line);
         cursor->statement++) {
        /* A change of a JSON delta names the key too; what it says of the value counts. */
        if (found->place == NULL || (found->value == NULL && statement->value != NULL)) {
            found->place = &statement->place;
            found->key = statement->key;
            found->value = statement->value;
            found->is_overruled = statement->is_overruled;
        }
    }
    for (; (drift = drift_at(report, cursor->drift)) != NULL && is_on(&drift->place, file, line);
         cursor->drift++)
        found->n_drifts++;
    if (found->place == NULL) {
        found->place = &found->drifts->place;
        found->key = found->drifts->key;
        found->value = found->drifts->value;
    }
    return TRUE;
}

static void
append_failure(GString *out, const HtDriftReport *report, const Case *line)
{
    g_autoptr(GString) message = g_string_new(NULL);
    ht_drift_append_what(message, report, &line->drifts[0]);
    if (line->n_drifts > 1)
        g_string_append_printf(message, " (and %u more)", line->n_drifts - 1);
    g_string_append(out, "      <failure type=\"drift\"");
    hc_append_xml_attribute(out, "message", message->str);
    g_string_append_c(out, '>');
    for (guint i = 0; i < line->n_drifts; i++) {
        const HtDrift *drift = &line->drifts[i];
        g_autoptr(GString) text = g_string_new(report->targets->items[drift->place.target].file);
        g_string_append(text, ": ");
        ht_drift_append_subject(text, report, &drift->place, drift->key, drift->value);
        g_string_append(text, ": ");
        ht_drift_append_what(text, report, drift);
        g_string_append(out, i > 0 ? "\n" : "");
        hc_append_xml(out, text->str);
    }
    g_string_append(out, "</failure>\n");
}

static void
append_case(GString *out, const HtDriftReport *report, const Case *line)
{
    const char *file = ((const HcPatchFile *) report->files->pdata[line->place->file])->name;
    g_autoptr(GString) name = g_string_new(NULL);
    g_string_append_printf(name, "line %u: ", (guint) line->place->line);
    ht_drift_append_subject(name, report, line->place, line->key, line->value);
    g_string_append(out, "    <testcase");
    hc_append_xml_attribute(out, "name", name->str);
    hc_append_xml_attribute(out, "classname", file);
    if (line->n_drifts > 0) {
        g_string_append(out, ">\n");
        append_failure(out, report, line);
        g_string_append(out, "    </testcase>\n");
    } else if (line->is_overruled) {
        g_string_append(out, ">\n      <skipped message=\"a later patch says otherwise\"/>\n"
                             "    </testcase>\n");
    } else {
        g_string_append(out, "/>\n");
    }
}

/* Counts the cases of @file, which the numbers before them need, and moves on to the next file. */
static Counts
count_cases(Cursor *cursor, uint32_t file)
{
    Counts counts = {0, 0, 0};
    Case line;
    while (next_case(cursor, file, &line)) {
        counts.n_cases++;
        counts.n_failures += line.n_drifts > 0;
        counts.n_skipped += line.n_drifts == 0 && line.is_overruled;
    }
    return counts;
}

void
ht_drift_junit(HcStream *stream, const HtDriftReport *report)
{
    GString *out = hc_stream_text(stream);
    Cursor cursor = {report, 0, 0};
    Cursor ahead = cursor;
    Counts all = {0, 0, 0};
    for (guint i = 0; i < report->files->len; i++) {
        const Counts counts = count_cases(&ahead, i);
        all.n_cases += counts.n_cases;
        all.n_failures += counts.n_failures;
    }
    ahead = cursor;
    g_string_append_printf(out,
                           "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                           "<testsuites name=\"hivetool verify\" tests=\"%u\" failures=\"%u\" "
                           "errors=\"0\">\n",
                           all.n_cases, all.n_failures);
    for (guint i = 0; i < report->files->len; i++) {
        const HcPatchFile *file = (const HcPatchFile *) report->files->pdata[i];
        const Counts counts = count_cases(&ahead, i);
        Case line;
        g_string_append(out, "  <testsuite");
        hc_append_xml_attribute(out, "name", file->name);
        g_string_append_printf(out, " tests=\"%u\" failures=\"%u\" errors=\"0\" skipped=\"%u\">\n",
                               counts.n_cases, counts.n_failures, counts.n_skipped);
        while (next_case(&cursor, i, &line)) {
            append_case(out, report, &line);
            (void) hc_stream_flow(stream); /* who ends the stream is told */
        }
        g_string_append(out, "  </testsuite>\n");
    }
    g_string_append(out, "</testsuites>\n");
}
