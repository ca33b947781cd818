#include "config.h"

#include "hivecore/base/error.h"
#include "layerpack/commands.h"
#include "layerpack/index-report.h"
#include "layerpack/layer-list.h"
#include "layerpack/verify.h"

static gboolean is_long;
static gboolean is_full;
static char *platform_option;
static char *format_option;
static HcRecords *records; /* of this run; NULL: text */

static const GOptionEntry options[] = {
    {"long", 'l', 0, G_OPTION_ARG_NONE, &is_long,
     "show the keys and values of differencing hives,\nand all entries of an image's layers", NULL},
    {"full", 0, 0, G_OPTION_ARG_NONE, &is_full,
     "as --long, and binary data whole, not the first\n32 bytes", NULL},
    {"format", 0, 0, G_OPTION_ARG_FILENAME, &format_option, "text, json, ndjson or csv", "FORMAT"},
    {"platform", 0, 0, G_OPTION_ARG_FILENAME, &platform_option,
     "which image of an index, like windows/amd64 or\nwindows/amd64:10.0.20348.2700", "PLATFORM"},
    {NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
};

static gboolean
list_one(HcCliContext *context, const char *source, const char *platform, HcExit *status,
         GError **error)
{
    const LpDetail detail = is_full ? LP_FULL : is_long ? LP_LONG : LP_SHORT;
    g_autoptr(HcImage) image = hc_image_open(source, platform, error);
    if (image == NULL || records == NULL)
        return image != NULL && lp_image_list(context->out, image, detail, status, error);
    lp_image_records(records, image, is_long || is_full, status);
    return TRUE;
}

static gboolean
list_layer(HcCliContext *context, HcLayerReader *reader, LpDetail detail, HcExit *status,
           GError **error)
{
    HcLayerSummary summary;
    return records != NULL ? lp_entry_records(records, reader, NULL, 0, status, &summary, error)
                           : lp_layer_list(context->out, reader, detail, status, &summary, error);
}

/* Records of all images, with nothing between them: each names its manifest. */
static gboolean
list_records(HcCliContext *context, const char *source, HcExit *status, GError **error)
{
    g_autoptr(GPtrArray) members = lp_index_members(context, source, platform_option);
    if (members == NULL)
        return list_one(context, source, platform_option, status, error);
    GError *failures = NULL;
    for (guint i = 0; i < members->len; i++) {
        const HcImageMember *member = members->pdata[i];
        GError *failure = NULL;
        if (!list_one(context, source, member->digest, status, &failure))
            hc_cli_add_failure(context, &failures, failure);
    }
    return failures == NULL || hc_fail_with(error, failures);
}

/* A folder has no entries in an order, as ls prints those of a tar. */
static gboolean
refuse_folder(const char *source, GError **error)
{
    g_autofree char *layout = g_build_filename(source, "oci-layout", NULL);
    if (g_file_test(layout, G_FILE_TEST_EXISTS))
        return hc_fail(error, HC_ERROR_USAGE, "%s: is an OCI image layout, name it oci:%s", source,
                       source);
    return !g_file_test(source, G_FILE_TEST_IS_DIR) ||
           hc_fail(error, HC_ERROR_USAGE,
                   "%s: is a folder, and ls reads layers that are packed, and images; 'layerpack "
                   "verify' and 'extract' take an unpacked layer",
                   source);
}

static gboolean
list(HcCliContext *context, char **args, HcExit *status, GError **error)
{
    LpDetail detail = is_full ? LP_FULL : is_long ? LP_LONG : LP_SHORT;
    *status = HC_EXIT_OK;
    if (hc_image_is_operand(args[0]) && records != NULL)
        return list_records(context, args[0], status, error);
    if (hc_image_is_operand(args[0]))
        return lp_for_each_image(context, args[0], platform_option, FALSE, list_one, status, error);
    if (!lp_check_platform(args[0], platform_option, error) || !refuse_folder(args[0], error))
        return FALSE;
    g_autoptr(HcLayerReader) reader = hc_layer_reader_open(args[0], error);
    return reader != NULL && list_layer(context, reader, detail, status, error) &&
           hc_layer_reader_check_kind(reader, error);
}

static gboolean
run(HcCliContext *context, int n_args, char **args, HcExit *status, GError **error)
{
    (void) n_args; /* the table wants exactly one */
    HcFormat format;
    if (!hc_format_parse(format_option, HC_FORMATS_RECORDS, &format, error))
        return FALSE;
    if (format == HC_FORMAT_TEXT)
        return list(context, args, status, error);
    g_autoptr(HcRecords) whole =
        lp_list_records_new(context, format, is_long || is_full || !hc_image_is_operand(args[0]));
    records = whole;
    hc_records_begin(records);
    const gboolean is_done = list(context, args, status, error);
    hc_records_end(records);
    records = NULL;
    return is_done;
}

const HcCommand lp_cmd_ls = {
    .name = "ls",
    .also = "list dir tree",
    .group = "look into layers and images",
    .args = "SOURCE",
    .summary = "list the entries of a layer, or the layers of an image",
    .details =
        "SOURCE is a layer or an image (oci:DIR[:TAG], oci-archive:FILE[:TAG],\n"
        "docker-archive:FILE[:REF]).\n"
        "Of a layer, prints for each entry its type, mode, size, Windows file attributes and\n"
        "name, and for differencing hives what they hold. Of an image, prints its platform and\n"
        "configuration, and for each layer its digests and which hives it has; of an index,\n"
        "that of every image for Windows.\n"
        "With --long, the keys of differencing hives: ~ changed, + new, - deleted.",
    .options = options,
    .min_args = 1,
    .max_args = 1,
    .statuses = "0 listed",
    .examples = "layerpack ls oci:image\n"
                "layerpack ls -l oci:image -o layers.txt",
    .n_shown = 1,
    .run = run,
};
