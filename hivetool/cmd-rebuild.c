#include "config.h"

#include "hivecore/base/error.h"
#include "hivetool/common.h"

#include "hivecore/cli/cli-salvage.h"
#include "hivecore/delta/rebuild.h"
#include "hivecore/report/findings.h"
#include "hivecore/report/format.h"

static char *output_option;
static char *format_option;
static gboolean is_salvage;

#define FORMATS (HC_FORMAT_BIT(HC_FORMAT_TEXT) | HC_FORMAT_BIT(HC_FORMAT_JSON))

static const GOptionEntry entries[] = {
    {"output", 'o', 0, G_OPTION_ARG_FILENAME, &output_option, "the hive to write", "OUT"},
    {"salvage", 0, 0, G_OPTION_ARG_NONE, &is_salvage,
     "of a damaged hive, write what can be read and\ntell what is missing", NULL},
    {"format", 0, 0, G_OPTION_ARG_FILENAME, &format_option,
     "with --salvage, of the list of what is missing:\ntext or json", "FORMAT"},
    {NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
};

/* {"lost": [...], "not_listed": N} */
static void
append_json(GString *out, const HcFindings *losses)
{
    static const HcFindingMember members[] = {
        {"id", HC_FIELD_ID},     {"offset", HC_FIELD_OFFSET}, {"key", HC_FIELD_PLACE},
        {"text", HC_FIELD_TEXT}, {NULL, HC_FIELD_TEXT},
    };
    HcJsonWriter json = {.out = out};
    hc_json_begin_document(&json, "salvage");
    hc_json_member(&json, "lost");
    hc_findings_json(&json, losses, members);
    hc_json_member_number(&json, "not_listed", losses->n_unlisted);
    hc_json_end_document(&json);
}

static gboolean
rebuild_salvaged(HcCliContext *context, char **args, HcFormat format, HcExit *status,
                 GError **error)
{
    g_autoptr(HcFindings) losses = hc_findings_new(NULL, HC_MAX_FINDINGS);
    g_auto(HcOperand) operand = {0};
    if (!hc_cli_open_one(&operand, args[0], error))
        return FALSE;
    g_autoptr(HcHive) hive = hc_cli_open_salvaged(context, operand.state, 0, losses, error);
    if (hive == NULL)
        return FALSE;
    const HcMap *map = hc_hive_map(hive);
    if (!ht_emit_like(context, output_option, args, hc_map_data(map), (gsize) hc_map_size(map),
                      error))
        return FALSE;
    *status = HC_EXIT_OK;
    if (hc_cli_note_losses(context, args[0], losses))
        *status = HC_EXIT_NO;
    else
        hc_cli_note(context, "%s: all of it could be read", args[0]);
    if (format == HC_FORMAT_JSON)
        append_json(context->out, losses);
    return TRUE;
}

static gboolean
run(HcCliContext *context, G_GNUC_UNUSED int n_args, char **args, HcExit *status, GError **error)
{
    const HcEpoch no_epoch = {FALSE, 0}; /* nothing changes, so no key gets a new time */
    if (!hc_cli_need_output("rebuild", output_option, "OUT", error))
        return FALSE;
    HcFormat format;
    if (!hc_format_parse(format_option, FORMATS, &format, error) ||
        !hc_cli_refuse_overwrite(output_option, args, error))
        return FALSE;
    if (is_salvage)
        return rebuild_salvaged(context, args, format, status, error);
    if (format_option != NULL)
        return hc_fail(error, HC_ERROR_USAGE, "rebuild: --format needs --salvage");
    g_autoptr(HcHive) hive = hc_cli_open_hive(context, args[0], error);
    if (hive == NULL)
        return FALSE;
    g_autoptr(HcOutput) output = hc_cli_open_output(output_option, args, error);
    g_autoptr(GBytes) bytes =
        output != NULL ? hc_rebuild_apply_to(hive, NULL, no_epoch, output, error) : NULL;
    if (bytes == NULL || !hc_cli_commit(context, &output, 1, error))
        return FALSE;
    hc_cli_note(context, "%s: %" G_GUINT64_FORMAT " bytes -> %s: %" G_GSIZE_FORMAT " bytes",
                hc_hive_file(hive), hc_hive_info(hive)->file_bytes, output_option,
                g_bytes_get_size(bytes));
    *status = HC_EXIT_OK;
    return TRUE;
}

const HcCommand ht_cmd_rebuild = {
    .name = "rebuild",
    .also = "compact repair defrag salvage",
    .group = "write hives",
    .args = "HIVE",
    .summary = "write a hive anew: compact, without remnants of deleted data",
    .details =
        "What the hive holds stays as it is, times and descriptors too; where it lies in the\n"
        "file depends on it alone. Differencing hives stay differencing hives. The result\n"
        "is opened again and compared before it appears. With --salvage a damaged hive is read as\n"
        "far as it can be, and ends with 1 when anything is missing.",
    .options = entries,
    .min_args = 1,
    .max_args = 1,
    .statuses = "0 done, 1 with --salvage: a part is lost",
    .examples = "hivetool rebuild SOFTWARE -o compact.hive\n"
                "hivetool rebuild --salvage SOFTWARE -o saved.hive",
    .run = run,
};
