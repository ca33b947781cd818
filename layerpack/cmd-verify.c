#include "config.h"

#include <inttypes.h>

#include "hivecore/base/error.h"
#include "hivecore/report/findings.h"
#include "layerpack/commands.h"
#include "layerpack/index-report.h"
#include "layerpack/verify.h"

static char *format_option;
static char *platform_option;

static const GOptionEntry options[] = {
    {"format", 0, 0, G_OPTION_ARG_FILENAME, &format_option,
     "text, json, ndjson, csv, junit, sarif, github or\nhtml", "FORMAT"},
    {"platform", 0, 0, G_OPTION_ARG_FILENAME, &platform_option,
     "which image of an index, like windows/amd64 or\nwindows/amd64:10.0.20348.2700", "PLATFORM"},
    {NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
};

/* What was checked: an image, a layer or a folder. */
typedef struct {
    char *name;
    HcImage *image;          /* (nullable) */
    const HcImageInfo *info; /* (nullable): of the image */
    gboolean is_folder;
    GArray *layers; /* of LpCheckedLayer */
    HcFindings *findings;
} Result;

static void
free_result(gpointer data)
{
    Result *result = data;
    g_free(result->name);
    g_clear_pointer(&result->image, hc_image_free);
    g_clear_pointer(&result->layers, g_array_unref);
    hc_findings_unref(result->findings);
    g_free(result);
}

static const char *
kind_of(const LpCheckedLayer *layer)
{
    if (!layer->is_read)
        return "not read";
    return layer->is_base ? "base layer" : "layer above a base";
}

static void
append_number_of(GString *out, uint64_t n, const char *one, const char *many)
{
    g_string_append_printf(out, "%" PRIu64 " %s", n, n == 1 ? one : many);
}

static void
append_layers(GString *out, const Result *result)
{
    const HcImageInfo *info = result->info;
    g_string_append_printf(out, "%s%s%sconfig   %s\n",
                           info->manifest_digest != NULL ? "manifest " : "",
                           info->manifest_digest != NULL ? info->manifest_digest : "",
                           info->manifest_digest != NULL ? "\n" : "", info->config_digest);
    for (guint i = 0; i < result->layers->len; i++) {
        const LpCheckedLayer *layer = &g_array_index(result->layers, LpCheckedLayer, i);
        const HcImageLayer *said = g_ptr_array_index(info->layers, i);
        g_string_append_printf(out, "layer %u  %s  %s", i + 1, said->digest, kind_of(layer));
        if (layer->is_read) {
            g_string_append(out, ", ");
            append_number_of(out, layer->summary.n_entries, "entry", "entries");
        }
        g_string_append_c(out, '\n');
    }
}

static void
append_text(GString *out, const Result *result)
{
    const HcFindings *findings = result->findings;
    const LpCheckedLayer *first = &g_array_index(result->layers, LpCheckedLayer, 0);
    hc_findings_append_text(out, findings, "");
    if (result->info != NULL)
        append_layers(out, result);
    else
        g_string_append_printf(out, "kind     %s\n", kind_of(first));
    if (result->info == NULL && !result->is_folder)
        g_string_append_printf(out, "digest   sha256:%s\ndiff ID  sha256:%s\n",
                               first->summary.digests.digest, first->summary.digests.diff_id);
    if (findings->n[HC_SEVERITY_ERROR] > 0) {
        append_number_of(out, findings->n[HC_SEVERITY_ERROR] + findings->n[HC_SEVERITY_WARNING],
                         "finding\n", "findings\n");
        return;
    }
    g_string_append(out, "ok: ");
    if (result->info != NULL)
        append_number_of(out, result->layers->len, "layer\n", "layers\n");
    else
        append_number_of(out, first->summary.n_entries, "entry\n", "entries\n");
}

static void
add_json_layer(HcJsonWriter *json, const Result *result, guint index)
{
    const LpCheckedLayer *layer = &g_array_index(result->layers, LpCheckedLayer, index);
    g_autofree char *digest = g_strconcat("sha256:", layer->summary.digests.digest, NULL);
    g_autofree char *diff_id = g_strconcat("sha256:", layer->summary.digests.diff_id, NULL);
    const char *shown_digest = result->is_folder ? NULL : digest;
    const char *shown_diff_id = result->is_folder ? NULL : diff_id;
    if (result->info != NULL) {
        const HcImageLayer *said = g_ptr_array_index(result->info->layers, index);
        shown_digest = said->digest;
        shown_diff_id = said->diff_id;
    }
    hc_json_begin_object(json, HC_JSON_SPACED);
    hc_json_member_number(json, "number", index + 1);
    hc_json_member_string(json, "kind", kind_of(layer));
    hc_json_member_string(json, "digest", shown_digest);
    hc_json_member_string(json, "diff_id", shown_diff_id);
    hc_json_member(json, "entries");
    if (layer->is_read)
        hc_json_number(json, layer->summary.n_entries);
    else
        hc_json_null(json);
    hc_json_end(json);
}

/* A finding, in the document and as a record. */
static const HcFindingMember finding_members[] = {
    {"severity", HC_FIELD_SEVERITY}, {"layer", HC_FIELD_LAYER},   {"name", HC_FIELD_PLACE},
    {"what", HC_FIELD_TEXT},         {"source", HC_FIELD_SOURCE}, {NULL, HC_FIELD_TEXT},
};

static void
append_json(HcCliContext *context, const Result *result)
{
    const HcFindings *findings = result->findings;
    HcJsonWriter json = {.out = context->out, .tool = context->program};
    hc_json_begin_document(&json, "verification");
    hc_json_member_string(&json, "manifest",
                          result->info != NULL ? result->info->manifest_digest : NULL);
    hc_json_member_string(&json, "config",
                          result->info != NULL ? result->info->config_digest : NULL);
    hc_json_member(&json, "layers");
    hc_json_begin_array(&json, HC_JSON_LINES);
    for (guint i = 0; i < result->layers->len; i++)
        add_json_layer(&json, result, i);
    hc_json_end(&json);
    hc_json_member(&json, "findings");
    hc_findings_json(&json, findings, finding_members);
    hc_json_member(&json, "counts");
    hc_json_begin_object(&json, HC_JSON_SPACED);
    hc_json_member_number(&json, "errors", findings->n[HC_SEVERITY_ERROR]);
    hc_json_member_number(&json, "warnings", findings->n[HC_SEVERITY_WARNING]);
    hc_json_member_number(&json, "not_listed", findings->n_unlisted);
    hc_json_end(&json);
    hc_json_member_string(&json, "result", findings->n[HC_SEVERITY_ERROR] > 0 ? "findings" : "ok");
    hc_json_end_document(&json);
}

/* The images of an index, or the one thing that was checked. @members: (nullable): of the index */
static void
print_documents(HcCliContext *context, HcFormat format, const GPtrArray *results,
                const GPtrArray *members)
{
    LpIndexReport report = {.context = context, .is_json = format == HC_FORMAT_JSON};
    for (guint i = 0; i < results->len; i++) {
        const Result *result = results->pdata[i];
        if (members != NULL)
            lp_index_begin_member(&report, members->pdata[i]);
        if (format == HC_FORMAT_TEXT)
            append_text(context->out, result);
        else
            append_json(context, result);
        if (members != NULL)
            lp_index_end_member(&report);
    }
    if (members != NULL)
        lp_index_end(&report);
}

static void
print(HcCliContext *context, HcFormat format, const GPtrArray *results, const GPtrArray *members)
{
    if (format == HC_FORMAT_TEXT || format == HC_FORMAT_JSON) {
        print_documents(context, format, results, members);
        return;
    }
    g_autofree HcCheckedInput *inputs = g_new0(HcCheckedInput, results->len);
    for (guint i = 0; i < results->len; i++) {
        const Result *result = results->pdata[i];
        inputs[i] = (HcCheckedInput){result->name, result->findings};
    }
    const HcFindingsReport report = {.program = context->program,
                                     .members = finding_members,
                                     .is_terminal = context->is_terminal,
                                     .command = lp_cmd_verify.name,
                                     .inputs = inputs,
                                     .n_inputs = results->len,
                                     .fails_from = HC_SEVERITY_ERROR,
                                     .unnamed_id = "windows-import"};
    hc_findings_print(context->stream, format, &report);
}

static gboolean
check_lone_layer(const char *source, gboolean is_folder, HcFindings *findings, GArray *layers,
                 GError **error)
{
    LpCheckedLayer *layer = &g_array_index(g_array_set_size(layers, 1), LpCheckedLayer, 0);
    if (is_folder)
        return lp_verify_folder(source, findings, layer, error);
    g_autoptr(HcLayerReader) reader = hc_layer_reader_open(source, error);
    return reader != NULL &&
           lp_verify_layer(reader, NULL, LP_PLACE_UNKNOWN, 0, findings, layer, error) &&
           hc_layer_reader_check_kind(reader, error);
}

/* "no" is an answer; there is none where a layer could not be looked at. */
static gboolean
check_faults(const GArray *layers, GError **error)
{
    for (guint i = 0; i < layers->len; i++) {
        const LpCheckedLayer *layer = &g_array_index(layers, LpCheckedLayer, i);
        if (layer->fault != NULL)
            return hc_fail_with(error, g_error_copy(layer->fault));
    }
    return TRUE;
}

static gboolean
check_source(Result *result, const char *source, const char *platform, GError **error)
{
    if (hc_image_is_operand(source)) {
        result->image = hc_image_open(source, platform, error);
        if (result->image == NULL)
            return FALSE;
        result->info = hc_image_info(result->image);
        result->layers = lp_verify_image(result->image, result->findings);
        return TRUE;
    }
    result->is_folder = g_file_test(source, G_FILE_TEST_IS_DIR);
    result->layers = g_array_new(FALSE, TRUE, sizeof(LpCheckedLayer));
    g_array_set_clear_func(result->layers, lp_checked_layer_clear);
    return lp_check_platform(source, platform, error) &&
           check_lone_layer(source, result->is_folder, result->findings, result->layers, error);
}

/* @member: (nullable): of an index */
static gboolean
add_result(GPtrArray *results, const char *source, const HcImageMember *member, GError **error)
{
    Result *result = g_new0(Result, 1);
    g_ptr_array_add(results, result);
    result->name =
        member != NULL ? g_strdup_printf("%s[%s]", source, member->words) : g_strdup(source);
    result->findings = hc_findings_new(NULL, HC_MAX_FINDINGS);
    return check_source(result, source, member != NULL ? member->digest : platform_option, error);
}

static gboolean
run(HcCliContext *context, int n_args, char **args, HcExit *status, GError **error)
{
    (void) n_args; /* the table wants exactly one */
    HcFormat format;
    if (!hc_format_parse(format_option, HC_FORMATS_FINDINGS, &format, error))
        return FALSE;
    g_autoptr(GPtrArray) members = lp_index_members(context, args[0], platform_option);
    g_autoptr(GPtrArray) results = g_ptr_array_new_with_free_func(free_result);
    for (guint i = 0; i < (members != NULL ? members->len : 1); i++) {
        if (!add_result(results, args[0], members != NULL ? members->pdata[i] : NULL, error))
            return FALSE;
    }
    print(context, format, results, members);
    *status = HC_EXIT_OK;
    for (guint i = 0; i < results->len; i++) {
        const Result *result = results->pdata[i];
        if (result->findings->n[HC_SEVERITY_ERROR] > 0)
            *status = HC_EXIT_NO;
        if (!check_faults(result->layers, error))
            return FALSE;
    }
    return TRUE;
}

const HcCommand lp_cmd_verify = {
    .name = "verify",
    .also = "check lint validate",
    .group = "look into layers and images",
    .args = "SOURCE",
    .summary = "check a layer or an image against the rules of Windows' importer",
    .details =
        "SOURCE is a layer, an image (oci:DIR[:TAG], oci-archive:FILE[:TAG],\n"
        "docker-archive:FILE[:REF]) or a folder with Files and Hives.\n"
        "Prints one line for each finding with what the rule is known from, then the kind of\n"
        "each layer and its digest, and at the end \"ok: N ...\" or \"N findings\"; of an index,\n"
        "that of every image for Windows. Ends with status 1 when a finding is an error. Of an\n"
        "image, digests that do not fit and layers that cannot be read are findings too; where\n"
        "that is the machine's fault (a failing disk, no memory) the status is 5.",
    .options = options,
    .min_args = 1,
    .max_args = 1,
    .statuses = "0 nothing is an error, 1 something is",
    .examples = "layerpack verify oci:image\n"
                "layerpack verify --format=junit oci:image -o findings.xml",
    .n_shown = 1,
    .run = run,
};
