#include "config.h"

#include "hivecore/base/error.h"
#include "hivetool/common.h"

#include "hivecore/delta/differencing.h"
#include "hivecore/regf/writer.h"
#include "hivetool/made-hive.h"

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
run(HcCliContext *context, G_GNUC_UNUSED int n_args, G_GNUC_UNUSED char **args, HcExit *status,
    GError **error)
{
    if (output_option == NULL)
        return hc_fail(error, HC_ERROR_USAGE, "new: -o OUT is needed");
    gboolean is_differencing = g_strcmp0(kind_option, "differencing") == 0;
    if (kind_option != NULL && !is_differencing && !g_str_equal(kind_option, "ordinary"))
        return hc_fail(error, HC_ERROR_USAGE, "--kind is '%s', not ordinary or differencing",
                       kind_option);
    g_autoptr(HcArena) arena = hc_arena_new();
    HcDifferencingOptions options = {.epoch = context->epoch};
    if (!ht_embedded_name(arena, name_option, output_option, &options.file_name, error))
        return FALSE;
    g_autoptr(GBytes) bytes = is_differencing
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
    .args = "",
    .summary = "write a hive with a root key and nothing else",
    .options = entries,
    .min_args = 0,
    .max_args = 0,
    .run = run,
};
