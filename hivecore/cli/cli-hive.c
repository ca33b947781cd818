#include "config.h"

#include "hivecore/cli/cli-hive.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "hivecore/base/entry-name.h"
#include "hivecore/base/error.h"
#include "hivecore/base/file.h"
#include "hivecore/image/layer-stack.h"
#include "hivecore/regf/check.h"
#include "hivecore/report/report.h"

/* What the folders above hivecore/registry know. */
static const HcSourceKind *const kinds[] = {&hc_image_source, &hc_layer_source, NULL};

gboolean
hc_cli_operand_open(HcOperand *operand, const char *text, GError **error)
{
    return hc_operand_open(operand, text, kinds, error);
}

/* Whether @text, in @parts, is a state whatever a file holds. */
static gboolean
is_spelled_state(const char *text, const HcOperandParts *parts)
{
    g_auto(HcOperand) operand = {0};
    if (parts->is_state || parts->root != NULL || parts->hive != NULL)
        return TRUE;
    if (parts->kind != NULL && parts->kind->has_prefix)
        return TRUE;
    return g_file_test(parts->source, G_FILE_TEST_IS_DIR) &&
           hc_cli_operand_open(&operand, text, NULL);
}

char *
hc_cli_change_file(const char *text, GError **error)
{
    g_auto(HcOperandParts) parts;
    if (!hc_operand_split(&parts, text, kinds, error))
        return NULL;
    if (!is_spelled_state(text, &parts))
        return g_steal_pointer(&parts.source);
    return hc_fail_null(error, HC_ERROR_USAGE,
                        "%s: is a state, not a patch; 'hivetool diff --format=reg OLD NEW' makes a "
                        "patch of two",
                        text);
}

gboolean
hc_cli_is_pair(const char *operand)
{
    return hc_operand_is_pair(operand, kinds);
}

char *
hc_cli_operand_file(const char *operand)
{
    g_auto(HcOperandParts) parts;
    if (!hc_operand_split(&parts, operand, kinds, NULL))
        return g_strdup(operand);
    return parts.kind != NULL ? parts.kind->file(parts.source) : g_strdup(parts.source);
}

/* As secret as the file at @entry of the unpacked layer @folder, if there is one. */
static gboolean
hide_like_entry(HcOutput *output, const char *folder, const char *entry, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(entry, "/", -1);
    g_autofree char *path = g_strdup(folder);
    for (gsize i = 0; parts[i] != NULL; i++) {
        GError *failure = NULL;
        char *below = hc_folder_find(path, parts[i], &failure);
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
    /* Which of several images is meant may be said by an option, and what is wrong with one is told
     * by who reads it. */
    g_autoptr(HcImage) image = hc_image_open(operand, platform, NULL);
    if (image == NULL) {
        hc_output_hide(output);
        return TRUE;
    }
    /* A registry has no modes to go by, and nothing is fetched to look at some. */
    if (hc_image_is_remote(image))
        return TRUE;
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
hc_cli_hide_like(HcOutput *output, const char *text, GError **error)
{
    g_auto(HcOperandParts) parts;
    g_auto(HcOperand) operand = {0};
    if (!hc_operand_split(&parts, text, kinds, error))
        return FALSE;
    if (parts.kind != NULL)
        return hc_cli_hide_like_source(output, parts.source, parts.platform, error);
    if (strcmp(parts.source, "-") == 0)
        return hide_like_file(output, "-", error);
    if (!hc_cli_operand_open(&operand, text, error))
        return FALSE;
    for (guint i = 0; i < hc_registry_n_hives(operand.state); i++) {
        if (!hide_like_file(output, hc_registry_hive(operand.state, i)->name, error))
            return FALSE;
    }
    return TRUE;
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

static gboolean
follow_any(G_GNUC_UNUSED const char *link, G_GNUC_UNUSED const struct stat *status,
           G_GNUC_UNUSED const struct stat *folder, G_GNUC_UNUSED gpointer data,
           G_GNUC_UNUSED GError **error)
{
    return TRUE;
}

/* The folder of the file that @output is, which may be a link to one elsewhere. */
static char *
folder_of(const char *output)
{
    g_auto(HcFollowed) path = {0};
    /* Who opens it says what is wrong with it. */
    const gboolean is_followed =
        hc_path_follow(&path, output, "cannot find out what is there", follow_any, NULL, NULL);
    return g_path_get_dirname(is_followed ? path.path : output);
}

/* Whether @output lies in the folder that is @folder or a folder in it. */
static gboolean
find_below(const char *output, const struct stat *folder, gboolean *is_below, GError **error)
{
    /* The file may not be there yet; its folder is, or cannot be written to. */
    g_autofree char *parent = folder_of(output);
    g_autofree char *path = realpath(parent, NULL);
    *is_below = FALSE;
    if (path == NULL)
        return errno == ENOENT || hc_fail_io(error, parent, "cannot find out what is there", errno);
    while (path[0] != '\0' && !*is_below) {
        struct stat status;
        gboolean is_there;
        if (!hc_file_look(path, TRUE, &status, &is_there, error))
            return FALSE;
        *is_below = hc_file_is_same(&status, folder);
        *strrchr(path, '/') = '\0';
    }
    return TRUE;
}

gboolean
hc_cli_find_input(const char *output, const char *input, gboolean *is_input, GError **error)
{
    struct stat in;
    struct stat out;
    gboolean is_there;
    g_autofree char *file = hc_cli_operand_file(input);
    *is_input = FALSE;
    if (!hc_file_look(file, TRUE, &in, &is_there, error))
        return FALSE;
    if (S_ISDIR(in.st_mode))
        return find_below(output, &in, is_input, error);
    if (!is_there)
        return TRUE;
    /* Below a file there is nothing either; who creates it says so. */
    if (stat(output, &out) != 0)
        return errno == ENOENT || errno == ENOTDIR ||
               hc_fail_io(error, output, "cannot find out what is there", errno);
    *is_input = hc_file_is_same(&in, &out);
    return TRUE;
}

gboolean
hc_cli_need_output(const char *command, const char *output, const char *what, GError **error)
{
    return output != NULL || hc_fail(error, HC_ERROR_USAGE, "%s: -o %s is needed", command, what);
}

gboolean
hc_cli_refuse_overwrite(const char *output, char *const *inputs, GError **error)
{
    for (gsize i = 0; output != NULL && inputs[i] != NULL; i++) {
        gboolean is_input;
        if (!hc_cli_find_input(output, inputs[i], &is_input, error))
            return FALSE;
        if (!is_input)
            continue;
        return hc_fail(error, HC_ERROR_USAGE, "%s: is an input, it cannot be the output too",
                       output);
    }
    return TRUE;
}

HcHive *
hc_cli_open_hive_of(const HcCliContext *context, HcRegistry *state, guint index,
                    const HcHiveReading *how, GError **error)
{
    const HcHiveReading reading = {context->dirty_policy, how->flags, how->is_as_it_stands};
    g_autofree char *note = NULL;
    HcHive *hive = hc_registry_open_hive(state, index, &reading, &note, error);
    if (note != NULL)
        hc_cli_note(context, "%s", note);
    return hive;
}

/* Refuses a source of hives where one in it was to be named. */
static gboolean
check_is_one(const char *text, GError **error)
{
    g_auto(HcOperandParts) parts;
    struct stat status;
    if (!hc_operand_split(&parts, text, kinds, error))
        return FALSE;
    const gboolean is_folder =
        parts.kind == NULL && stat(parts.source, &status) == 0 && S_ISDIR(status.st_mode);
    if (parts.hive != NULL || (parts.kind == NULL && !is_folder))
        return TRUE;
    return hc_fail(error, HC_ERROR_USAGE, "%s: is %s: name a hive in it, like %s//SOFTWARE", text,
                   is_folder ? "a folder" : parts.kind->what, text);
}

gboolean
hc_cli_open_one(HcOperand *operand, const char *text, GError **error)
{
    return check_is_one(text, error) && hc_cli_operand_open(operand, text, error);
}

HcHive *
hc_cli_open_hive(const HcCliContext *context, const char *file, GError **error)
{
    const HcHiveReading how = {.flags = 0};
    g_auto(HcOperand) operand = {0};
    return hc_cli_open_one(&operand, file, error)
               ? hc_cli_open_hive_of(context, operand.state, 0, &how, error)
               : NULL;
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
        hc_cli_note_defect(context, defect);
}

void
hc_cli_note_defect(const HcCliContext *context, const GError *defect)
{
    if (defect != NULL)
        hc_cli_note(context, "warning: %s ('hivetool check' tells all)", defect->message);
}

char *
hc_cli_change_text(const char *name, const HcDelta *change, const char *unchanged)
{
    g_autoptr(HcDelta) lowered = hc_delta_lower(change);
    g_autoptr(GString) counts = g_string_new(NULL);
    const gboolean is_change = hc_report_append_counts(counts, lowered);
    return g_strdup_printf("%s: %s", name, is_change ? counts->str : unchanged);
}

void
hc_cli_note_change(const HcCliContext *context, const char *name, const HcDelta *change,
                   const char *unchanged)
{
    g_autofree char *text = hc_cli_change_text(name, change, unchanged);
    hc_cli_note(context, "%s", text);
}
