#include "config.h"

#include "hivecore/base/error.h"
#include "hivetool/hives.h"

#include <inttypes.h>

#include "hivecore/base/limits.h"
#include "hivecore/regf/check.h"
#include "hivecore/regf/open.h"

static char *output_option;

static const GOptionEntry entries[] = {
    {"output", 'o', 0, G_OPTION_ARG_FILENAME, &output_option,
     "the recovered hive to write; of several a folder", "OUT"},
    {NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
};

static GPtrArray *
open_logs(char **files, GError **error)
{
    g_autoptr(GPtrArray) logs = g_ptr_array_new_with_free_func((GDestroyNotify) hc_map_unref);
    for (gsize i = 0; files[i] != NULL; i++) {
        HcMap *log = hc_log_open(files[i], error);
        if (log == NULL)
            return NULL;
        g_ptr_array_add(logs, log);
    }
    return g_steal_pointer(&logs);
}

/* -o OUT may not be one of the logs that were found either. */
static gboolean
refuse_logs(GPtrArray *logs, GError **error)
{
    for (guint i = 0; i < logs->len; i++) {
        g_autofree char *file = g_strdup(hc_map_name(g_ptr_array_index(logs, i)));
        char *const inputs[] = {file, NULL};
        if (!hc_cli_refuse_overwrite(output_option, inputs, error))
            return FALSE;
    }
    return TRUE;
}

static const char *
plural(uint64_t n)
{
    return n == 1 ? "" : "s";
}

/* What became of each log, in a line of its own. */
static void
note_logs(const HcCliContext *context, const char *hive, const HcLogReport *report)
{
    if (report->is_base_recovered)
        hc_cli_note(context, "%s: the base block was torn, it is taken from the log", hive);
    if (report->has_gap)
        hc_cli_note(context, "%s: the logs start at %" PRIu32 ", the hive needs %" PRIu32, hive,
                    report->first_entry, report->sequence);
    for (guint i = 0; i < report->logs->len; i++) {
        const HcLogUse *use = &g_array_index(report->logs, HcLogUse, i);
        if (!use->is_used) {
            hc_cli_note(context, "%s: not used: %s", use->file, use->reason);
            continue;
        }
        g_autofree char *pages =
            g_strdup_printf("%" PRIu64 " page%s", use->n_pages, plural(use->n_pages));
        if (use->format == HC_LOG_OLD)
            hc_cli_note(context, "%s: applied %s", use->file, pages);
        else if (use->n_entries == 1)
            hc_cli_note(context, "%s: applied entry %" PRIu32 ", %s", use->file, use->first_entry,
                        pages);
        else
            hc_cli_note(context, "%s: applied %" PRIu32 " entries, %" PRIu32 " to %" PRIu32 ", %s",
                        use->file, use->n_entries, use->first_entry,
                        use->first_entry + use->n_entries - 1, pages);
        if (use->reason != NULL)
            hc_cli_note(context, "%s: stopped at %s", use->file, use->reason);
    }
}

/* The result is a hive that every command takes, or it is not written. */
static gboolean
prove(HcMap *map, GError **error)
{
    g_autoptr(HcHive) hive = hc_hive_open_sound(map, 0, NULL, error);
    return hive != NULL;
}

static HcMap *
recover(const HcCliContext *context, HcMap *hive, char **log_files, GError **error)
{
    g_autoptr(GPtrArray) logs =
        log_files[0] != NULL ? open_logs(log_files, error) : hc_log_find(hive, error);
    if (logs == NULL || !refuse_logs(logs, error))
        return NULL;
    g_auto(HcLogReport) report = {0};
    g_autoptr(HcMap) map =
        hc_log_replay(hive, (HcMap *const *) logs->pdata, logs->len, &report, error);
    if (map == NULL)
        return NULL;
    if (!prove(map, error)) {
        g_prefix_error(error, "after the logs were replayed: ");
        return NULL;
    }
    note_logs(context, hc_map_name(hive), &report);
    return g_steal_pointer(&map);
}

static gboolean
check_options(const HcCliContext *context, char **args, GError **error)
{
    if (!hc_cli_need_output("recover", output_option, "OUT", error))
        return FALSE;
    if (context->dirty_policy != HC_DIRTY_REPLAY)
        return hc_fail(error, HC_ERROR_USAGE,
                       "recover: replays logs, --no-logs and --ignore-dirty contradict that");
    return hc_cli_refuse_overwrite(output_option, args, error);
}

/* The bytes of a hive as it stands. */
static HcMap *
map_hive(const HcRegistryHive *hive, GError **error)
{
    if (hive->content != NULL && !hive->is_text)
        return hc_map_from_bytes(hive->name, g_bytes_ref(hive->content));
    if (hive->is_file)
        return hc_map_open(hive->name, UINT64_MAX, error);
    return hc_fail_null(error, HC_ERROR_USAGE,
                        hive->is_text
                            ? "%s: is a text, which has no transaction logs"
                            : "%s: recover reads a file; 'layerpack extract' makes one of a hive "
                              "inside an image, with its logs replayed",
                        hive->name);
}

static gboolean
recover_hive(HtMaking *making, const HcRegistryHive *named, char **logs, GError **error)
{
    g_autoptr(HcMap) hive = map_hive(named, error);
    if (hive == NULL)
        return FALSE;
    g_autoptr(HcMap) result = NULL;
    const gboolean is_clean = hc_log_hive_state(hive) == HC_HIVE_CLEAN;
    if (!is_clean)
        result = recover(making->context, hive, logs, error);
    else if (prove(hive, error))
        result = hc_map_ref(hive);
    g_autofree char *name = ht_name_in_folder(named);
    HcOutput *output = result != NULL ? ht_making_open(making, name, error) : NULL;
    if (output == NULL ||
        !hc_output_write(output, hc_map_data(result), (gsize) hc_map_size(result), error))
        return FALSE;
    if (is_clean)
        ht_making_note(making,
                       g_strdup_printf("%s: nothing to do, a copy of the hive, which is clean",
                                       hc_output_name(output)));
    return TRUE;
}

static gboolean
run(HcCliContext *context, int n_args, char **args, HcExit *status, GError **error)
{
    g_auto(HtMaking) making = {0};
    g_auto(HcOperand) operand = {0};
    if (!check_options(context, args, error) || !hc_cli_operand_open(&operand, args[0], error))
        return FALSE;
    if (!operand.is_one && n_args > 1)
        return hc_fail(error, HC_ERROR_USAGE, "%s: is several hives, and LOG is for one", args[0]);
    if (!ht_making_start(&making, context, output_option, args, !operand.is_one, error))
        return FALSE;
    for (guint i = 0; i < hc_registry_n_hives(operand.state); i++) {
        if (!recover_hive(&making, hc_registry_hive(operand.state, i), args + 1, error))
            return FALSE;
    }
    *status = HC_EXIT_OK;
    return ht_making_finish(&making, error);
}

const HcCommand ht_cmd_recover = {
    .name = "recover",
    .also = "replay logs clean",
    .group = "write hives",
    .args = "HIVE [LOG...]",
    .summary = "write a dirty hive with its transaction logs replayed",
    .details =
        "Without LOG, the logs beside HIVE are taken: HIVE.LOG1, HIVE.LOG2 and HIVE.LOG, in any\n"
        "case. Both formats are known, DIRT and HvLE; a torn base block is mended from a log.\n"
        "Logs that are damaged, belong to another hive or cannot follow HIVE are refused. The\n"
        "result is checked before it appears. A clean hive is copied. The hives of a folder or a\n"
        "Windows disk go into a folder OUT, all or none.",
    .options = entries,
    .min_args = 1,
    .max_args = -1,
    .statuses = "0 done",
    .examples = "hivetool recover SOFTWARE -o clean.hive\n"
                "hivetool info SOFTWARE",
    .run = run,
};
