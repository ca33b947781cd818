#include "config.h"

#include "hivecore/cli/cli-hive.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "hivecore/base/error.h"
#include "hivecore/base/file.h"
#include "hivecore/image/entry-name.h"
#include "hivecore/image/layer-stack.h"
#include "hivecore/regf/check.h"
#include "hivecore/report/report.h"

/* SOURCE//NAME or IMAGE[PLATFORM]//NAME, taken apart. */
typedef struct {
    char *source;
    char *platform; /* (nullable) */
    int slot;
} Inside;

static void
inside_clear(Inside *inside)
{
    g_free(inside->source);
    g_free(inside->platform);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Inside, inside_clear)

/* Takes [PLATFORM] off the end of the image that @inside is in. */
static void
split_platform(Inside *inside)
{
    gsize n = strlen(inside->source);
    char *bracket = strrchr(inside->source, '[');
    if (bracket == NULL || inside->source[n - 1] != ']' || !hc_image_is_operand(inside->source))
        return;
    inside->platform = g_strndup(bracket + 1, n - 2 - (gsize) (bracket - inside->source));
    *bracket = '\0';
}

/* Returns: FALSE when @operand is a file's name. */
static gboolean
split_operand(const char *operand, Inside *inside)
{
    *inside = (Inside){0};
    const char *slash = strrchr(operand, '/');
    if (slash == NULL || slash < operand + 2 || slash[-1] != '/')
        return FALSE;
    inside->slot = hc_hive_slot_find(slash + 1, strlen(slash + 1));
    struct stat status;
    /* A file of this very name is what its user means. */
    if (inside->slot < 0 || stat(operand, &status) == 0)
        return FALSE;
    inside->source = g_strndup(operand, (gsize) (slash - 1 - operand));
    split_platform(inside);
    return TRUE;
}

gboolean
hc_cli_is_inside(const char *operand)
{
    g_auto(Inside) inside;
    return split_operand(operand, &inside);
}

/* Refuses an image where a hive in it was to be named; @file is not SOURCE//NAME. */
static gboolean
check_file(const char *file, GError **error)
{
    struct stat status;
    if (!hc_image_is_operand(file) || stat(file, &status) == 0)
        return TRUE;
    const char *slashes = g_strrstr(file, "//");
    if (slashes != NULL)
        return hc_fail(error, HC_ERROR_USAGE,
                       "%s: '%s' is not one of SOFTWARE SYSTEM SAM SECURITY DEFAULT", file,
                       slashes + 2);
    return hc_fail(error, HC_ERROR_USAGE, "%s: is an image: name a hive in it, like %s//SOFTWARE",
                   file, file);
}

char *
hc_cli_operand_file(const char *operand)
{
    g_auto(Inside) inside;
    const char *source = split_operand(operand, &inside) ? inside.source : operand;
    g_autoptr(HcImageRef) ref =
        hc_image_is_operand(source) ? hc_image_ref_parse(source, NULL) : NULL;
    struct stat status;
    if (ref == NULL || (source == operand && stat(source, &status) == 0))
        return g_strdup(source);
    return g_steal_pointer(&ref->path);
}

/* The entry of @folder that is @name without regard to case; NULL without @error for none. */
static char *
find_folded(const char *folder, const char *name, GError **error)
{
    g_autoptr(GPtrArray) names = hc_folder_names(folder, error);
    for (guint i = 0; names != NULL && i < names->len; i++) {
        if (hc_entry_name_equal(names->pdata[i], name))
            return g_build_filename(folder, names->pdata[i], NULL);
    }
    return NULL;
}

/* As secret as the file at @entry of the unpacked layer @folder, if there is one. */
static gboolean
hide_like_entry(HcOutput *output, const char *folder, const char *entry, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(entry, "/", -1);
    g_autofree char *path = g_strdup(folder);
    for (gsize i = 0; parts[i] != NULL; i++) {
        GError *failure = NULL;
        char *below = find_folded(path, parts[i], &failure);
        if (failure != NULL)
            return hc_fail_with(error, failure);
        if (below == NULL)
            return TRUE;
        g_free(path);
        path = below;
    }
    return hc_output_hide_like(output, path, error);
}

static gboolean
hide_like_layer(HcOutput *output, const char *folder, GError **error)
{
    for (int i = 0; i < HC_N_HIVE_SLOTS; i++) {
        if (!hide_like_entry(output, folder, hc_hive_slots[i].config_entry, error) ||
            !hide_like_entry(output, folder, hc_hive_slots[i].delta_entry, error))
            return FALSE;
    }
    return TRUE;
}

/* As secret as the folder or archive that an image is in, and as each of its layers. */
static gboolean
hide_like_image(HcOutput *output, const char *operand, const char *platform, GError **error)
{
    g_autoptr(HcImage) image = hc_image_open(operand, platform, error);
    if (image == NULL)
        return FALSE;
    const HcImageInfo *info = hc_image_info(image);
    g_autofree char *file = hc_cli_operand_file(info->operand);
    if (!hc_output_hide_like(output, file, error))
        return FALSE;
    for (guint i = 0; i < info->layers->len; i++) {
        HcBlobPlace place;
        if (!((const HcImageLayer *) info->layers->pdata[i])->is_present)
            continue;
        if (!hc_image_layer_place(image, i, &place, error) ||
            !hc_output_hide_like_fd(output, place.fd, info->operand, error))
            return FALSE;
    }
    return TRUE;
}

/* As secret as the transaction logs beside a dirty hive, which is read with them. */
static gboolean
hide_like_logs(HcOutput *output, const char *file, GError **error)
{
    g_autoptr(HcMap) map = hc_map_open(file, UINT64_MAX, error);
    if (map == NULL)
        return FALSE;
    /* Logs that cannot be used were not. */
    g_autoptr(GPtrArray) logs =
        hc_log_hive_state(map) != HC_HIVE_CLEAN ? hc_log_find(map, NULL) : NULL;
    for (guint i = 0; logs != NULL && i < logs->len; i++) {
        if (!hc_output_hide_like(output, hc_map_name(logs->pdata[i]), error))
            return FALSE;
    }
    return TRUE;
}

/* As secret as a file or folder that is named itself. */
static gboolean
hide_like_file(HcOutput *output, const char *file, GError **error)
{
    struct stat status;
    if (!hc_output_hide_like(output, file, error))
        return FALSE;
    if (strcmp(file, "-") == 0)
        return TRUE;
    if (stat(file, &status) != 0)
        return hc_fail_io(error, file, "cannot look at its mode", errno);
    return S_ISDIR(status.st_mode)   ? hide_like_layer(output, file, error)
           : S_ISREG(status.st_mode) ? hide_like_logs(output, file, error)
                                     : TRUE;
}

gboolean
hc_cli_hide_like_source(HcOutput *output, const char *source, const char *platform, GError **error)
{
    return hc_image_is_operand(source) ? hide_like_image(output, source, platform, error)
                                       : hide_like_file(output, source, error);
}

gboolean
hc_cli_hide_like(HcOutput *output, const char *operand, GError **error)
{
    g_auto(Inside) inside;
    return split_operand(operand, &inside)
               ? hc_cli_hide_like_source(output, inside.source, inside.platform, error)
               : hide_like_file(output, operand, error);
}

gboolean
hc_cli_hide_like_all(HcOutput *output, char *const *operands, GError **error)
{
    for (gsize i = 0; operands[i] != NULL; i++) {
        if (!hc_cli_hide_like(output, operands[i], error))
            return FALSE;
    }
    return TRUE;
}

gboolean
hc_cli_commit(HcCliContext *context, HcOutput *const *outputs, gsize n, GError **error)
{
    if (!hc_outputs_commit(outputs, n, error))
        return FALSE;
    for (gsize i = 0; i < n; i++) {
        hc_cli_published(context, hc_output_name(outputs[i]));
        if (hc_output_remark(outputs[i]) != NULL)
            hc_cli_note(context, "warning: %s", hc_output_remark(outputs[i]));
    }
    return TRUE;
}

/* Whether @output lies in the folder @status or a folder in it. */
static gboolean
is_below(const char *output, const struct stat *folder)
{
    /* The file may not be there yet; its folder is. */
    g_autofree char *parent = g_path_get_dirname(output);
    g_autofree char *path = realpath(parent, NULL);
    while (path != NULL && path[0] != '\0') {
        struct stat status;
        if (stat(path, &status) == 0 && status.st_dev == folder->st_dev &&
            status.st_ino == folder->st_ino)
            return TRUE;
        *strrchr(path, '/') = '\0';
    }
    return FALSE;
}

gboolean
hc_cli_is_input(const char *output, const char *input)
{
    struct stat in;
    struct stat out;
    g_autofree char *file = hc_cli_operand_file(input);
    if (stat(file, &in) != 0)
        return FALSE;
    if (S_ISDIR(in.st_mode))
        return is_below(output, &in);
    return stat(output, &out) == 0 && in.st_dev == out.st_dev && in.st_ino == out.st_ino;
}

static HcHive *
open_inside(const HcCliContext *context, const Inside *inside, GError **error)
{
    g_autoptr(HcLayerStack) stack =
        hc_layer_stack_open(inside->source, inside->platform, 1u << inside->slot, error);
    if (stack == NULL)
        return NULL;
    hc_layer_stack_set_dirty_policy(stack, context->dirty_policy);
    HcHive *hive = hc_layer_stack_hive(stack, inside->slot, hc_layer_stack_n_layers(stack), error);
    if (hc_layer_stack_note(stack) != NULL)
        hc_cli_note(context, "%s", hc_layer_stack_note(stack));
    return hive;
}

static HcHive *
open_hive(const HcCliContext *context, const char *file, HcHiveFlags flags, GError **error)
{
    g_auto(Inside) inside;
    if (split_operand(file, &inside))
        return open_inside(context, &inside, error);
    if (!check_file(file, error))
        return NULL;
    g_autofree char *note = NULL;
    HcHive *hive = hc_hive_open_recovered(file, context->dirty_policy, flags, &note, error);
    if (note != NULL)
        hc_cli_note(context, "%s", note);
    return hive;
}

HcHive *
hc_cli_open_hive(const HcCliContext *context, const char *file, GError **error)
{
    return open_hive(context, file, 0, error);
}

HcHive *
hc_cli_open_damaged_hive(const HcCliContext *context, const char *file, GError **error)
{
    return open_hive(context, file, HC_HIVE_ALLOW_DAMAGED, error);
}

HcHive *
hc_cli_open_hive_part(const HcCliContext *context, const char *file, GError **error)
{
    return open_hive(context, file, HC_HIVE_LAZY, error);
}

HcHive *
hc_cli_open_raw_hive(const HcCliContext *context, const char *file, HcHiveFlags flags,
                     GError **error)
{
    if (hc_cli_is_inside(file))
        return hc_cli_open_hive(context, file, error);
    return check_file(file, error) ? hc_hive_open(file, flags, error) : NULL;
}

HcHive *
hc_cli_open_sound_hive(const HcCliContext *context, const char *file, GError **error)
{
    g_autoptr(HcHive) hive = hc_cli_open_hive(context, file, error);
    if (hive == NULL || !hc_hive_check(hive, NULL, error))
        return NULL;
    return g_steal_pointer(&hive);
}

void
hc_cli_note_unsound(const HcCliContext *context, const HcHive *hive)
{
    g_autoptr(GError) defect = NULL;
    if (!context->quiet && !hc_hive_check(hive, NULL, &defect))
        hc_cli_note(context, "warning: %s ('hivetool check' tells all)", defect->message);
}

void
hc_cli_note_change(const HcCliContext *context, const char *name, const HcDelta *change,
                   const char *unchanged)
{
    g_autoptr(HcDelta) lowered = hc_delta_lower(change);
    g_autoptr(GString) counts = g_string_new(NULL);
    const gboolean is_change = hc_report_append_counts(counts, lowered);
    hc_cli_note(context, "%s: %s", name, is_change ? counts->str : unchanged);
}
