#include "config.h"

#include "hivecore/report/findings.h"

static const char *
id_of(const HcFindingsReport *report, const HcFinding *finding)
{
    return finding->id != NULL ? finding->id : report->unnamed_id;
}

/* Each rule that was broken, once. */
static void
add_rules(HcJsonWriter *json, const HcFindingsReport *report)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    hc_json_member(json, "rules");
    hc_json_begin_array(json, HC_JSON_LINES);
    for (gsize i = 0; i < report->n_inputs; i++) {
        const GPtrArray *list = report->inputs[i].findings->list;
        for (guint k = 0; k < list->len; k++) {
            const char *id = id_of(report, (const HcFinding *) list->pdata[k]);
            if (g_hash_table_contains(seen, id))
                continue;
            g_hash_table_add(seen, g_strdup(id));
            hc_json_begin_object(json, HC_JSON_SPACED);
            hc_json_member_string(json, "id", id);
            hc_json_end(json);
        }
    }
    hc_json_end(json);
}

/* A relative name is meant from where the command was run, the top of the sources in CI. */
static char *
uri_of(const char *file)
{
    char *uri = g_path_is_absolute(file) ? g_filename_to_uri(file, NULL, NULL) : NULL;
    return uri != NULL ? uri : g_uri_escape_string(file, "/", FALSE);
}

static void
add_region(HcJsonWriter *json, const HcFinding *finding)
{
    if (finding->line == 0 && finding->offset == HC_NO_OFFSET)
        return;
    hc_json_member(json, "region");
    hc_json_begin_object(json, HC_JSON_SPACED);
    if (finding->line > 0)
        hc_json_member_number(json, "startLine", finding->line);
    if (finding->column > 0)
        hc_json_member_number(json, "startColumn", finding->column);
    if (finding->offset != HC_NO_OFFSET)
        hc_json_member_number(json, "byteOffset", finding->offset);
    hc_json_end(json);
}

static void
add_place(HcJsonWriter *json, const HcFinding *finding)
{
    if (finding->place == NULL && finding->layer == 0)
        return;
    g_autoptr(GString) name = g_string_new(NULL);
    if (finding->layer > 0)
        g_string_append_printf(name, "layer %u", finding->layer);
    if (finding->place != NULL)
        g_string_append_printf(name, "%s%s", name->len > 0 ? ": " : "", finding->place);
    hc_json_member(json, "logicalLocations");
    hc_json_begin_array(json, HC_JSON_SPACED);
    hc_json_begin_object(json, HC_JSON_SPACED);
    hc_json_member_string(json, "fullyQualifiedName", name->str);
    hc_json_end(json);
    hc_json_end(json);
}

static void
add_result(HcJsonWriter *json, const HcFindingsReport *report, const char *input,
           const HcFinding *finding)
{
    g_autofree char *text = hc_finding_sentence(finding);
    g_autofree char *uri = uri_of(finding->file != NULL ? finding->file : input);
    hc_json_begin_object(json, HC_JSON_SPACED);
    hc_json_member_string(json, "ruleId", id_of(report, finding));
    hc_json_member_string(json, "level", hc_severity_name(finding->severity));
    hc_json_member(json, "message");
    hc_json_begin_object(json, HC_JSON_SPACED);
    hc_json_member_string(json, "text", text);
    hc_json_end(json);
    hc_json_member(json, "locations");
    hc_json_begin_array(json, HC_JSON_SPACED);
    hc_json_begin_object(json, HC_JSON_SPACED);
    hc_json_member(json, "physicalLocation");
    hc_json_begin_object(json, HC_JSON_SPACED);
    hc_json_member(json, "artifactLocation");
    hc_json_begin_object(json, HC_JSON_SPACED);
    hc_json_member_string(json, "uri", uri);
    hc_json_end(json);
    add_region(json, finding);
    hc_json_end(json);
    add_place(json, finding);
    hc_json_end(json);
    hc_json_end(json);
    hc_json_end(json);
}

static void
add_driver(HcJsonWriter *json, const HcFindingsReport *report)
{
    g_autofree char *name = g_strconcat(report->program, " ", report->command, NULL);
    hc_json_member(json, "tool");
    hc_json_begin_object(json, HC_JSON_LINES);
    hc_json_member(json, "driver");
    hc_json_begin_object(json, HC_JSON_LINES);
    hc_json_member_string(json, "name", name);
    hc_json_member_string(json, "version", PACKAGE_VERSION);
    add_rules(json, report);
    hc_json_end(json);
    hc_json_end(json);
}

static void
add_run(HcJsonWriter *json, const HcFindingsReport *report)
{
    hc_json_begin_object(json, HC_JSON_LINES);
    add_driver(json, report);
    hc_json_member_string(json, "columnKind", "unicodeCodePoints");
    hc_json_member(json, "results");
    hc_json_begin_array(json, HC_JSON_LINES);
    for (gsize i = 0; i < report->n_inputs; i++) {
        const GPtrArray *list = report->inputs[i].findings->list;
        for (guint k = 0; k < list->len; k++)
            add_result(json, report, report->inputs[i].name, (const HcFinding *) list->pdata[k]);
    }
    hc_json_end(json);
    hc_json_end(json);
}

void
hc_findings_sarif(GString *out, const HcFindingsReport *report)
{
    HcJsonWriter json = {.out = out};
    hc_json_begin_object(&json, HC_JSON_LINES);
    hc_json_member_string(&json, "$schema", "https://json.schemastore.org/sarif-2.1.0.json");
    hc_json_member_string(&json, "version", "2.1.0");
    hc_json_member(&json, "runs");
    hc_json_begin_array(&json, HC_JSON_LINES);
    add_run(&json, report);
    hc_json_end(&json);
    hc_json_end_document(&json);
}
