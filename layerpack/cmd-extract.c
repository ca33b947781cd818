#include "config.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "hivecore/base/error.h"
#include "hivecore/base/file.h"
#include "hivecore/base/interrupt.h"
#include "hivecore/cli/cli-hive.h"
#include "hivecore/image/layer-stack.h"
#include "layerpack/commands.h"
#include "layerpack/file-changes.h"

enum {
    LAYER_NOT_GIVEN = G_MININT,
};

static char *output_arg;
static char *platform_arg;
static int layer_arg = LAYER_NOT_GIVEN;
static gboolean is_raw;
static char **file_args;

static const GOptionEntry options[] = {
    {"output", 'o', 0, G_OPTION_ARG_FILENAME, &output_arg,
     "folder to write to; made where it is not there", "DIR"},
    {"file", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &file_args,
     "a file like C:\\Windows\\notepad.exe, or what a\nfolder holds, in place of hives", "PATH"},
    {"platform", 0, 0, G_OPTION_ARG_FILENAME, &platform_arg,
     "which image of several: OS/ARCH or OS/ARCH:OS.VERSION", "PLATFORM"},
    {"layer", 0, 0, G_OPTION_ARG_INT, &layer_arg,
     "the registry up to layer N, counted from the lowest, 1", "N"},
    {"raw", 0, 0, G_OPTION_ARG_NONE, &is_raw,
     "the hives of one layer as they are, also\ndifferencing hives", NULL},
    {NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
};

/* A hive that is to be written. */
typedef struct {
    const char *name; /* of its file */
    GBytes *bytes;
} Item;

static void
free_item(gpointer data)
{
    Item *item = data;
    g_bytes_unref(item->bytes);
    g_free(item);
}

static void
free_output(gpointer data)
{
    hc_output_free(data);
}

static void
add_item(GPtrArray *items, const char *name, GBytes *bytes)
{
    Item *item = g_new0(Item, 1);
    item->name = name;
    item->bytes = g_bytes_ref(bytes);
    g_ptr_array_add(items, item);
}

static gboolean
fail(GError **error, HcErrorCode code, const char *where, const char *what)
{
    return hc_fail(error, code, "%s: %s", where, what);
}

/* Which hives are asked for: all, when none is named. */
static gboolean
parse_names(char **names, gboolean *is_wanted, GError **error)
{
    for (int slot = 0; slot < HC_N_HIVE_SLOTS; slot++)
        is_wanted[slot] = names[0] == NULL;
    for (gsize i = 0; names[i] != NULL; i++) {
        int slot = hc_hive_slot_find(names[i], strlen(names[i]));
        if (slot < 0)
            return fail(error, HC_ERROR_USAGE, names[i],
                        "is not one of SOFTWARE SYSTEM SAM SECURITY DEFAULT");
        is_wanted[slot] = TRUE;
    }
    return TRUE;
}

static gboolean
has_base(const HcLayerStack *stack, int slot, guint n_layers)
{
    for (guint i = 0; i < n_layers; i++) {
        if (hc_layer_stack_layer(stack, i)->has_whole[slot])
            return TRUE;
    }
    return FALSE;
}

static gboolean
has_delta(const HcLayerStack *stack, guint n_layers)
{
    for (guint i = 0; i < n_layers; i++) {
        for (int slot = 0; slot < HC_N_HIVE_SLOTS; slot++) {
            if (hc_layer_stack_layer(stack, i)->has_delta[slot])
                return TRUE;
        }
    }
    return FALSE;
}

static gboolean
add_effective(HcCliContext *context, HcLayerStack *stack, int slot, guint n_layers,
              GPtrArray *items, GError **error)
{
    g_autoptr(HcHive) hive = hc_layer_stack_hive(stack, slot, n_layers, error);
    if (hive == NULL)
        return FALSE;
    if (hc_layer_stack_note(stack) != NULL)
        hc_cli_note(context, "%s", hc_layer_stack_note(stack));
    HcMap *map = hc_hive_map(hive);
    g_autoptr(GBytes) bytes = g_bytes_new_with_free_func(
        hc_map_data(map), (gsize) hc_map_size(map), (GDestroyNotify) hc_map_unref, hc_map_ref(map));
    add_item(items, hc_hive_slots[slot].name, bytes);
    return TRUE;
}

/* The effective hives. @is_named: one that is not there is an error, and one that cannot be read
 * ends it; else the others are written, and @left says what was left out. */
static gboolean
collect_effective(HcCliContext *context, HcLayerStack *stack, const gboolean *is_wanted,
                  gboolean is_named, GPtrArray *items, GError **left, GError **error)
{
    guint n_layers = layer_arg > 0 ? (guint) layer_arg : hc_layer_stack_n_layers(stack);
    for (int slot = 0; slot < HC_N_HIVE_SLOTS; slot++) {
        GError *failure = NULL;
        if (!is_wanted[slot] || (!is_named && !has_base(stack, slot, n_layers)) ||
            add_effective(context, stack, slot, n_layers, items, &failure))
            continue;
        if (is_named)
            return hc_fail_with(error, failure);
        hc_cli_add_failure(context, left, failure);
    }
    return TRUE;
}

/* What is no hive was not read to its end. */
static gboolean
add_raw(GPtrArray *items, const HcLayerHives *layer, const char *entry, const char *name,
        GBytes *bytes, GError **error)
{
    if (bytes == NULL)
        return TRUE;
    if (hc_layer_content_is_cut(bytes))
        return hc_fail(error, HC_ERROR_MALFORMED,
                       "%s: %s: not a registry hive: the signature \"regf\" is missing",
                       layer->name, entry);
    add_item(items, name, bytes);
    return TRUE;
}

/* The hives of one layer as they are; @is_named, @left: as of collect_effective(). */
static gboolean
collect_raw(const HcCliContext *context, const HcLayerStack *stack, const gboolean *is_wanted,
            gboolean is_named, GPtrArray *items, GError **left, GError **error)
{
    guint index = layer_arg > 0 ? (guint) layer_arg - 1 : 0;
    const HcLayerHives *layer = hc_layer_stack_layer(stack, index);
    for (int slot = 0; slot < HC_N_HIVE_SLOTS; slot++) {
        if (!is_wanted[slot])
            continue;
        const HcHiveSlot *names = &hc_hive_slots[slot];
        if (is_named && layer->whole[slot] == NULL && layer->deltas[slot] == NULL)
            return hc_fail(error, HC_ERROR_NOT_FOUND, "%s: has neither %s nor %s", layer->name,
                           names->config_entry, names->delta_entry);
        GError *failure = NULL;
        if (add_raw(items, layer, names->config_entry, names->name, layer->whole[slot], &failure) &&
            add_raw(items, layer, names->delta_entry, names->delta_name, layer->deltas[slot],
                    &failure))
            continue;
        if (is_named)
            return hc_fail_with(error, failure);
        hc_cli_add_failure(context, left, failure);
    }
    return TRUE;
}

static gboolean
check_layer(const HcLayerStack *stack, const char *source, GError **error)
{
    guint n = hc_layer_stack_n_layers(stack);
    if (layer_arg != LAYER_NOT_GIVEN && (layer_arg < 1 || (guint) layer_arg > n))
        return hc_fail(error, HC_ERROR_USAGE, "--layer=%d: the layers are 1 to %u", layer_arg, n);
    if (is_raw && layer_arg == LAYER_NOT_GIVEN && n > 1)
        return fail(error, HC_ERROR_USAGE, source,
                    "has several layers, --raw needs --layer to choose one");
    return TRUE;
}

static gboolean
collect(HcCliContext *context, const char *source, char **names, GPtrArray *items, GError **left,
        GError **error)
{
    gboolean is_wanted[HC_N_HIVE_SLOTS];
    const gboolean is_named = names[0] != NULL;
    if (!parse_names(names, is_wanted, error))
        return FALSE;
    guint hives = 0;
    for (int slot = 0; slot < HC_N_HIVE_SLOTS; slot++)
        hives |= is_wanted[slot] ? 1u << slot : 0;
    g_autoptr(HcLayerStack) stack = hc_layer_stack_open(source, platform_arg, hives, error);
    if (stack == NULL || !check_layer(stack, source, error))
        return FALSE;
    hc_layer_stack_set_dirty_policy(stack, context->dirty_policy);
    if (is_raw ? !collect_raw(context, stack, is_wanted, is_named, items, left, error)
               : !collect_effective(context, stack, is_wanted, is_named, items, left, error))
        return FALSE;
    if (items->len > 0)
        return TRUE;
    if (*left != NULL)
        return hc_fail_with(error, g_steal_pointer(left));
    for (guint i = 0; i < hc_layer_stack_n_layers(stack); i++) {
        const char *missing = hc_layer_stack_layer(stack, i)->missing;
        if (missing != NULL)
            return hc_fail(error, HC_ERROR_NOT_FOUND, "%s", missing);
    }
    if (!is_raw && has_delta(stack, hc_layer_stack_n_layers(stack)))
        return fail(error, HC_ERROR_NOT_FOUND, source,
                    "has differencing hives, and no base that they change; --raw "
                    "writes them as they are");
    return fail(error, HC_ERROR_NOT_FOUND, source, "has no hives");
}

static gboolean
refuse_input(const char *file, const char *source, GError **error)
{
    gboolean is_input;
    if (!hc_cli_find_input(file, source, &is_input, error))
        return FALSE;
    return !is_input || fail(error, HC_ERROR_USAGE, file, "is where the input is read from");
}

/* All files, whole in their folder, and then published. */
static gboolean
write_items(HcCliContext *context, const char *source, const GPtrArray *items, GError **error)
{
    g_autoptr(GPtrArray) outputs = g_ptr_array_new_with_free_func(free_output);
    for (guint i = 0; i < items->len; i++) {
        const Item *item = items->pdata[i];
        gsize n_bytes;
        const void *bytes = g_bytes_get_data(item->bytes, &n_bytes);
        g_autofree char *file = g_build_filename(output_arg, item->name, NULL);
        if (!refuse_input(file, source, error))
            return FALSE;
        struct stat status;
        gboolean is_there;
        if (!hc_interrupt_check(error) || !hc_file_look(file, FALSE, &status, &is_there, error))
            return FALSE;
        /* Only DIR was named by the user: a link in it may lead anywhere. */
        if (S_ISLNK(status.st_mode))
            return fail(error, HC_ERROR_IO, file,
                        "is a symbolic link, and extract does not write through one");
        HcOutput *output = hc_output_open(file, NULL, error);
        if (output == NULL)
            return FALSE;
        g_ptr_array_add(outputs, output);
        if (!hc_cli_hide_like_source(output, source, platform_arg, error) ||
            !hc_output_write(output, bytes, n_bytes, error) ||
            !hc_output_sync(output, NULL, NULL, error))
            return FALSE;
    }
    return hc_interrupt_check(error) &&
           hc_cli_commit(context, (HcOutput *const *) outputs->pdata, outputs->len, error);
}

/* Makes DIR where it is not there, and takes it back when nothing came into it, also when the
 * program is to end. */
static gboolean
write_all(HcCliContext *context, const char *source, const GPtrArray *items, GError **error)
{
    /* Before a folder is made inside the input. */
    if (!refuse_input(output_arg, source, error))
        return FALSE;
    gboolean is_new;
    hc_interrupt_defer();
    if (!hc_folder_make(output_arg, TRUE, &is_new, error))
        return FALSE;
    if ((!is_new || hc_folder_sync_parent(output_arg, error)) &&
        write_items(context, source, items, error))
        return TRUE;
    /* Not empty only when somebody else has written there. */
    if (is_new)
        (void) rmdir(output_arg);
    return FALSE;
}

static gboolean
extract_files(HcCliContext *context, int n_args, char **args, GError **error)
{
    const LpExtractFiles what = {args[0], platform_arg, file_args, output_arg};
    if (n_args > 1)
        return fail(error, HC_ERROR_USAGE, args[1], "with --file no hives are named");
    if (is_raw || layer_arg != LAYER_NOT_GIVEN)
        return fail(error, HC_ERROR_USAGE, "--file", "does not go with --raw and --layer");
    return lp_extract_files(context, &what, error);
}

static gboolean
run(HcCliContext *context, int n_args, char **args, HcExit *status, GError **error)
{
    if (output_arg == NULL || output_arg[0] == '\0')
        return fail(error, HC_ERROR_USAGE, "extract",
                    file_args != NULL ? "-o FILE is needed, or -o DIR" : "-o DIR is needed");
    *status = HC_EXIT_OK;
    if (file_args != NULL)
        return extract_files(context, n_args, args, error);
    g_autoptr(GPtrArray) items = g_ptr_array_new_with_free_func(free_item);
    g_autoptr(GError) left = NULL;
    if (!collect(context, args[0], args + 1, items, &left, error) ||
        !write_all(context, args[0], items, error))
        return FALSE;
    for (guint i = 0; i < items->len; i++) {
        const Item *item = items->pdata[i];
        g_string_append_printf(context->out, "%-18s %10" G_GSIZE_FORMAT " bytes\n", item->name,
                               g_bytes_get_size(item->bytes));
    }
    return left == NULL || hc_fail_with(error, g_steal_pointer(&left));
}

const HcCommand lp_cmd_extract = {
    .name = "extract",
    .also = "export unpack get hives",
    .group = "look into layers and images",
    .args = "SOURCE [NAME...]",
    .summary = "write the hives, or files, of an image, layer or unpacked layer",
    .details =
        "SOURCE is an image (oci:DIR[:TAG], oci-archive:FILE[:TAG], docker-archive:FILE[:REF]),\n"
        "a layer, or a folder with Files and Hives. NAME is SOFTWARE, SYSTEM, SAM, SECURITY or\n"
        "DEFAULT; without it, all that there are. What is written is the hive of the base layer\n"
        "under the differencing hives of the layers above it: what a container starts with.\n"
        "All layers are read, and their digests verified. All files are written, or none; without\n"
        "NAME, a hive that cannot be read is told and left out. With --file, files in place of\n"
        "hives: one to the file, or into the folder, DIR; several, or a folder, into DIR.",
    .options = options,
    .min_args = 1,
    .max_args = -1,
    .statuses = "0 all of them, 1 one could not be read",
    .examples =
        "layerpack extract -o hives oci:image\n"
        "layerpack extract oci:image --file 'C:\\Windows\\System32\\netapi32.dll' -o netapi32.dll",
    .run = run,
};
