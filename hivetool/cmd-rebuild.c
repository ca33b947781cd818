#include "config.h"

#include "hivecore/base/error.h"
#include "hivetool/hives.h"

#include "hivecore/cli/cli-hive.h"
#include "hivecore/delta/rebuild.h"
#include "hivecore/report/findings.h"
#include "hivecore/report/records.h"

static char *output_option;
static char *format_option;
static gboolean is_salvage;

#define FORMATS (HC_FORMAT_BIT(HC_FORMAT_TEXT) | HC_FORMAT_BIT(HC_FORMAT_JSON))

static const GOptionEntry entries[] = {
    {"output", 'o', 0, G_OPTION_ARG_FILENAME, &output_option,
     "the hive to write; of several a folder", "OUT"},
    {"salvage", 0, 0, G_OPTION_ARG_NONE, &is_salvage,
     "of a damaged hive, write what can be read and\ntell what is missing", NULL},
    {"format", 0, 0, G_OPTION_ARG_FILENAME, &format_option,
     "with --salvage, of the list of what is missing:\ntext or json", "FORMAT"},
    {NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
};

typedef struct {
    HcCliContext *context;
    HtMaking making;
    gboolean is_json;
    gboolean is_one;
    HcJsonWriter json;
    GString *text; /* of json, which is printed when the files are there */
    gboolean is_lost;
} Rebuilding;

static void
rebuilding_clear(Rebuilding *rebuilding)
{
    ht_making_clear(&rebuilding->making);
    g_string_free(rebuilding->text, TRUE);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Rebuilding, rebuilding_clear)

/* {"lost": [...], "not_listed": N} */
static void
add_json(Rebuilding *rebuilding, const char *file, const HcFindings *losses)
{
    static const HcFindingMember members[] = {
        {"id", HC_FIELD_ID},     {"offset", HC_FIELD_OFFSET}, {"key", HC_FIELD_PLACE},
        {"text", HC_FIELD_TEXT}, {NULL, HC_FIELD_TEXT},
    };
    HcJsonWriter *json = &rebuilding->json;
    if (!rebuilding->is_one) {
        hc_json_begin_object(json, HC_JSON_LINES);
        hc_json_member_string(json, "file", file);
    }
    hc_json_member(json, "lost");
    hc_findings_json(json, losses, members);
    hc_json_member_number(json, "not_listed", losses->n_unlisted);
    if (!rebuilding->is_one)
        hc_json_end(json);
}

static gboolean
salvage(Rebuilding *rebuilding, const HtHive *named, const char *name, GError **error)
{
    HcCliContext *context = rebuilding->context;
    g_autoptr(HcFindings) losses = hc_findings_new(NULL, HC_MAX_FINDINGS);
    g_autoptr(HcHive) hive =
        hc_cli_open_salvaged(context, named->operand->state, named->index, losses, error);
    const HcMap *map = hive != NULL ? hc_hive_map(hive) : NULL;
    if (map == NULL || !ht_making_put(&rebuilding->making, name, hc_map_data(map),
                                      (gsize) hc_map_size(map), error))
        return FALSE;
    if (hc_cli_note_losses(context, named->name, losses))
        rebuilding->is_lost = TRUE;
    else
        ht_making_note(&rebuilding->making,
                       g_strdup_printf("%s: all of it could be read", named->name));
    if (rebuilding->is_json)
        add_json(rebuilding, named->name, losses);
    return TRUE;
}

static gboolean
rebuild(void *data, const HtHive *named, GError **error)
{
    const HcEpoch no_epoch = {FALSE, 0}; /* nothing changes, so no key gets a new time */
    const HcHiveReading how = {.flags = HC_HIVE_LAZY}; /* the copy of it is opened whole */
    Rebuilding *rebuilding = data;
    HcRegistry *state = named->operand->state;
    g_autofree char *name = ht_name_in_folder(hc_registry_hive(state, named->index));
    if (is_salvage)
        return salvage(rebuilding, named, name, error);
    g_autoptr(HcHive) hive =
        hc_cli_open_hive_of(rebuilding->context, state, named->index, &how, error);
    HcOutput *output = hive != NULL ? ht_making_open(&rebuilding->making, name, error) : NULL;
    g_autoptr(GBytes) bytes =
        output != NULL ? hc_rebuild_apply_to(hive, NULL, no_epoch, output, error) : NULL;
    if (bytes == NULL)
        return FALSE;
    ht_making_note(&rebuilding->making,
                   g_strdup_printf("%s: %" G_GUINT64_FORMAT " bytes -> %s: %" G_GSIZE_FORMAT
                                   " bytes",
                                   hc_hive_file(hive), hc_hive_info(hive)->file_bytes,
                                   hc_output_name(output), g_bytes_get_size(bytes)));
    return TRUE;
}

static gboolean
rebuild_all(Rebuilding *rebuilding, HtHives *hives, HcFormat format, GError **error)
{
    HcJsonWriter *json = &rebuilding->json;
    rebuilding->is_one = hives->is_one;
    rebuilding->is_json = format == HC_FORMAT_JSON;
    if (rebuilding->is_json) {
        hc_json_begin_document(json, "salvage");
        if (!hives->is_one) {
            hc_json_member(json, "hives");
            hc_json_begin_array(json, HC_JSON_LINES);
        }
    }
    if (!ht_hives_each(hives, rebuilding->context, rebuild, rebuilding, error) ||
        !ht_making_finish(&rebuilding->making, error))
        return FALSE;
    if (rebuilding->is_json) {
        if (!hives->is_one)
            hc_json_end(json);
        hc_json_end_document(json);
        g_string_append_len(rebuilding->context->out, rebuilding->text->str,
                            (gssize) rebuilding->text->len);
    }
    return TRUE;
}

static gboolean
run(HcCliContext *context, G_GNUC_UNUSED int n_args, char **args, HcExit *status, GError **error)
{
    HcFormat format;
    g_auto(HtHives) hives = {0};
    GString *text = g_string_new(NULL);
    g_auto(Rebuilding) rebuilding = {.context = context, .json = {.out = text}, .text = text};
    if (!hc_cli_need_output("rebuild", output_option, "OUT", error) ||
        !hc_format_parse(format_option, FORMATS, &format, error) ||
        !hc_cli_refuse_overwrite(output_option, args, error))
        return FALSE;
    if (format_option != NULL && !is_salvage)
        return hc_fail(error, HC_ERROR_USAGE, "rebuild: --format needs --salvage");
    if (!ht_hives_open(&hives, context, args, error) ||
        !ht_making_start(&rebuilding.making, context, output_option, args, !hives.is_one, error) ||
        !rebuild_all(&rebuilding, &hives, format, error))
        return FALSE;
    *status = rebuilding.is_lost ? HC_EXIT_NO : HC_EXIT_OK;
    return TRUE;
}

const HcCommand ht_cmd_rebuild = {
    .name = "rebuild",
    .also = "compact repair defrag salvage",
    .group = "write hives",
    .args = "HIVE...",
    .summary = "write a hive anew: compact, without remnants of deleted data",
    .details =
        "What the hive holds stays as it is, times and descriptors too; where it lies in the\n"
        "file depends on it alone. Differencing hives stay differencing hives. The result\n"
        "is opened again and compared before it appears. With --salvage a damaged hive is read as\n"
        "far as it can be, and ends with 1 when anything is missing. Several HIVEs, and those of\n"
        "a folder, a Windows disk, an image or a layer, go into a folder OUT, all or none.",
    .options = entries,
    .min_args = 1,
    .max_args = -1,
    .statuses = "0 done, 1 with --salvage: a part is lost",
    .examples = "hivetool rebuild SOFTWARE -o compact.hive\n"
                "hivetool rebuild --salvage SOFTWARE -o saved.hive",
    .run = run,
};
