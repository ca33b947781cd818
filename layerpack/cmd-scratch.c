#include "config.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/image/hive-slots.h"
#include "hivecore/image/windows-name.h"
#include "hivecore/regf/check.h"
#include "hivecore/regf/writer.h"
#include "layerpack/commands.h"
#include "layerpack/finish-image.h"
#include "layerpack/layer-put.h"

enum {
    /* The version of the hives in Microsoft's own base image for HostProcess containers. */
    SCRATCH_MINOR = 3,
};

static char *to_arg;
static LpTargetOptions target_options = {.lock_timeout_seconds = HC_LOCK_TIMEOUT};
static char **license_args;
static char **add_args;
static LpConfigOptions config_options;

static const GOptionEntry options[] = {
    {"to", 0, 0, G_OPTION_ARG_FILENAME, &to_arg, "image to write", "IMAGE"},
    {"license", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &license_args,
     "licence text, into the image's root folder", "FILE"},
    {"add", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &add_args,
     "file, or what a folder holds, to a place like\nC:\\hello.exe", "SRC=DST"},
    LP_TARGET_OPTION_ENTRIES(target_options),
    LP_CONFIG_OPTION_ENTRIES(config_options),
    {NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
};

/* What a base layer must have, parents first. */
static const char *const folders[] = {"Files", "Files/Windows", "Files/Windows/System32",
                                      "Files/Windows/System32/config", NULL};

static gboolean
fail_usage(GError **error, const char *where, const char *what)
{
    return hc_fail(error, HC_ERROR_USAGE, "%s: %s", where, what);
}

static gboolean
plan_files(LpAddFiles *files, GError **error)
{
    for (gsize i = 0; license_args != NULL && license_args[i] != NULL; i++) {
        if (!g_file_test(license_args[i], G_FILE_TEST_IS_REGULAR))
            return hc_fail(error, HC_ERROR_IO, "%s: is not a regular file", license_args[i]);
        g_autofree char *base = g_path_get_basename(license_args[i]);
        const char *fault = hc_windows_name_fault(base);
        if (fault != NULL)
            return fail_usage(error, license_args[i], fault);
        g_autofree char *name = g_strconcat("Files/", base, NULL);
        if (!lp_add_files_one(files, license_args[i], name, error))
            return FALSE;
    }
    for (gsize i = 0; add_args != NULL && add_args[i] != NULL; i++) {
        if (!lp_add_files_arg(files, add_args[i], error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
put_hive(const HcCliContext *context, HcLayerOutput *output, int slot, GError **error)
{
    const HcHiveSlot *names = &hc_hive_slots[slot];
    uint64_t time = context->epoch.is_set ? hc_filetime_from_unix(context->epoch.seconds) : 0;
    HcWriterOptions writer_options = {
        .minor = SCRATCH_MINOR,
        .file_name = {(const uint8_t *) names->name, (uint32_t) strlen(names->name), TRUE},
        .mtime_filetime = time};
    g_autoptr(GBytes) bytes = hc_writer_empty_hive(&writer_options, error);
    if (bytes == NULL)
        return FALSE;
    g_autoptr(GError) defect = NULL;
    g_autoptr(HcMap) map = hc_map_from_bytes(names->name, g_bytes_ref(bytes));
    g_autoptr(HcHive) hive = hc_hive_open_sound(map, 0, NULL, &defect);
    if (hive == NULL)
        return hc_fail(error, HC_ERROR_INTERNAL, "the hive made is not sound: %s", defect->message);
    HcBlob content = {g_bytes_get_data(bytes, NULL), (uint32_t) g_bytes_get_size(bytes)};
    return lp_put_entry(context, output, names->config_entry, FALSE, content, error);
}

static gboolean
put_layer(const HcCliContext *context, HcLayerOutput *output, LpAddFiles *files, GError **error)
{
    if (!lp_put_folders(context, output, folders, error))
        return FALSE;
    for (int i = 0; i < HC_N_HIVE_SLOTS; i++) {
        if (!put_hive(context, output, i, error))
            return FALSE;
    }
    return lp_add_files_write(files, context, output, error);
}

static gboolean
run(HcCliContext *context, int n_args, char **args, HcExit *status, GError **error)
{
    (void) n_args; /* the table allows none */
    (void) args;
    if (to_arg == NULL)
        return fail_usage(error, "scratch", "no --to IMAGE is given");
    g_autoptr(LpAddFiles) files = lp_add_files_new(folders);
    if (!plan_files(files, error) || !lp_check_target(to_arg, NULL, files, error))
        return FALSE;
    HcImageTarget target = {.operand = to_arg, .family = HC_FAMILY_OCI};
    g_autoptr(HcImageWriter) writer = lp_open_target(context, &target, &target_options, error);
    if (writer == NULL)
        return FALSE;
    g_autoptr(GString) report = g_string_new(NULL);
    g_autoptr(HcLayerOutput) layer = hc_image_writer_open_layer(writer, error);
    LpImagePlan plan = {
        .where = "scratch", .options = &config_options, .created_by = "layerpack scratch"};
    if (layer == NULL || !put_layer(context, layer, files, error) ||
        !lp_finish_image(context, writer, layer, &plan, report, error) ||
        !lp_commit_target(context, writer, to_arg, report, error))
        return FALSE;
    *status = HC_EXIT_OK;
    return TRUE;
}

const HcCommand lp_cmd_scratch = {
    .name = "scratch",
    .also = "empty init base",
    .group = "write layers and images",
    .args = "",
    .summary = "write a base image of a few KB for HostProcess containers",
    .details =
        "The image has one layer: the folders and the five empty hives that Windows asks of a\n"
        "base layer, and what --license and --add give. Its configuration names no version of\n"
        "Windows and its index no platform, so that every host takes it.\n"
        "IMAGE is oci:DIR[:TAG], oci-archive:FILE[:TAG] or docker-archive:FILE[:NAME[:TAG]].\n"
        "Prints the digests of manifest, configuration and layer, and the diff ID.",
    .options = options,
    .min_args = 0,
    .max_args = 0,
    .statuses = "0 done",
    .examples = "layerpack scratch --to=oci:scratch\n"
                "layerpack ls oci:scratch",
    .run = run,
};
