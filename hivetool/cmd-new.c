#include "config.h"

#include "hivecore/base/choice.h"
#include "hivecore/base/error.h"
#include "hivetool/common.h"

#include "hivecore/delta/differencing.h"
#include "hivecore/regf/writer.h"
#include "hivetool/hives.h"

static char *output_option;
static char *name_option;
static char *kind_option;

static const GOptionEntry entries[] = {
    {"output", 'o', 0, G_OPTION_ARG_FILENAME, &output_option, "the hive to write", "OUT"},
    {"name", 0, 0, G_OPTION_ARG_FILENAME, &name_option,
     "file name kept inside the hive (that of OUT)", "NAME"},
    {"kind", 0, 0, G_OPTION_ARG_FILENAME, &kind_option, "ordinary or differencing", "KIND"},
    {NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
};

static GBytes *
make_ordinary(HcName file_name, HcEpoch epoch, GError **error)
{
    uint64_t time = epoch.is_set ? hc_filetime_from_unix(epoch.seconds) : 0;
    HcWriterOptions options = {.minor = 5, .file_name = file_name, .mtime_filetime = time};
    return hc_writer_empty_hive(&options, error);
}

static gboolean
run(HcCliContext *context, int n_args, char **args, HcExit *status, GError **error)
{
    static const HcChoice kinds[] = {{"ordinary", FALSE}, {"differencing", TRUE}};
    if (n_args > 0 && output_option != NULL)
        return hc_fail(error, HC_ERROR_USAGE, "new: too many operands, expected none");
    if (n_args > 0)
        return hc_fail(error, HC_ERROR_USAGE, "new: the hive to write is said with -o: -o %s",
                       args[0]);
    if (!hc_cli_need_output("new", output_option, "OUT", error))
        return FALSE;
    const int is_differencing = HC_CHOICE_PARSE("--kind is", kind_option, kinds, error);
    if (is_differencing < 0)
        return FALSE;
    g_autoptr(HcArena) arena = hc_arena_new();
    HcDifferencingOptions options = {.epoch = context->epoch};
    if (!ht_embedded_name(arena, name_option, output_option, &options.file_name, error))
        return FALSE;
    g_autoptr(GBytes) bytes = is_differencing != 0
                                  ? hc_differencing_write(NULL, NULL, &options, error)
                                  : make_ordinary(options.file_name, context->epoch, error);
    if (bytes == NULL || !ht_prove_hive(output_option, bytes, error))
        return FALSE;
    *status = HC_EXIT_OK;
    gsize n_bytes;
    const void *data = g_bytes_get_data(bytes, &n_bytes);
    return ht_emit(context, output_option, data, n_bytes, error);
}

const HcCommand ht_cmd_new = {
    .name = "new",
    .also = "create init make mkhive empty",
    .group = "write hives",
    .args = "",
    .summary = "write a hive with a root key and nothing else",
    .options = entries,
    .min_args = 0,
    .max_args = 1, /* which is told how it is said */
    .statuses = "0 done",
    .examples = "hivetool new -o empty.hive\n"
                "hivetool new --kind=differencing -o layer.hive",
    .run = run,
};
