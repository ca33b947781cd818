#include "config.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/base/map.h"
#include "hivecore/cli/cli-hive.h"
#include "hivecore/cli/cli-private.h"
#include "hivecore/delta/differencing.h"
#include "hivecore/reg/pol.h"
#include "hivecore/reg/reg-reader.h"
#include "hivecore/reg/reg-script.h"
#include "hivecore/regf/check.h"
#include "hivecore/report/report.h"

static void
file_free(gpointer pointer)
{
    HcPatchFile *file = pointer;
    g_free(file->name);
    g_clear_pointer(&file->content, g_bytes_unref);
    g_free(file);
}

/* @content: (transfer full) */
static void
add_file(GPtrArray *files, const char *name, GBytes *content)
{
    HcPatchFile *file = g_new0(HcPatchFile, 1);
    file->name = g_strdup(name);
    file->content = content;
    g_ptr_array_add(files, file);
}

GPtrArray *
hc_patch_files_read(char **operands, GError **error)
{
    g_autoptr(GPtrArray) read = g_ptr_array_new_with_free_func(file_free);
    for (gsize i = 0; operands[i] != NULL; i++) {
        g_autofree char *name = hc_cli_change_file(operands[i], error);
        GBytes *content = name != NULL ? hc_read_stream(name, HC_MAX_PATCH_BYTES, error) : NULL;
        if (content == NULL)
            return NULL;
        add_file(read, name, content);
    }
    return g_steal_pointer(&read);
}

GPtrArray *
hc_patch_files_of(const HcOperand *operand, GError **error)
{
    char *files[] = {operand->file, NULL};
    if (operand->content == NULL)
        return hc_patch_files_read(files, error);
    GPtrArray *read = g_ptr_array_new_with_free_func(file_free);
    add_file(read, operand->file, g_bytes_ref(operand->content));
    return read;
}

GPtrArray *
hc_patch_made(gboolean (*fill)(HcDelta *patch, gconstpointer data, GError **error),
              gconstpointer data)
{
    GPtrArray *made = g_ptr_array_new_with_free_func(file_free);
    HcPatchFile *file = g_new0(HcPatchFile, 1);
    file->name = g_strdup("the command line");
    file->fill = fill;
    file->data = data;
    g_ptr_array_add(made, file);
    return made;
}

/* No .reg file starts with a brace; an RTF document does. */
static gboolean
is_json(GBytes *content)
{
    gsize n_bytes;
    const char *bytes = g_bytes_get_data(content, &n_bytes);
    gsize i = 0;
    while (i < n_bytes && strchr(" \t\r\n", bytes[i]) != NULL && bytes[i] != '\0')
        i++;
    return i < n_bytes && bytes[i] == '{' &&
           hc_reg_foreign_bytes((const uint8_t *) bytes, n_bytes) == NULL;
}

/* A delta below a word that is the root of none of the hives would land below their root keys. */
static gboolean
read_json(HcDelta *patch, const HcPatchFile *file, const HcPatchReading *reading, GError **error)
{
    gboolean has_root;
    if (g_bytes_get_size(file->content) > HC_MAX_JSON_PATCH_BYTES)
        return hc_fail(error, HC_ERROR_LIMIT, "%s: JSON larger than the limit of %u bytes",
                       file->name, HC_MAX_JSON_PATCH_BYTES);
    if (!hc_json_read(patch, file->name, file->content, &has_root, error))
        return FALSE;
    const HcDeltaKey *root = hc_delta_root(patch);
    for (guint i = 0; has_root && i < hc_delta_n_children(root); i++) {
        const HcName name = hc_delta_child(root, i)->name;
        if (hc_patch_is_root(name, reading->roots, reading->n_roots))
            continue;
        g_autofree char *word = hc_name_display(name);
        return hc_fail(error, HC_ERROR_CONFLICT,
                       "%s: its \"root\" starts with '%s', which is no root of the registry "
                       "(--root says which hive hangs there)",
                       file->name, word);
    }
    return TRUE;
}

/* The file does not say whether it is the machine's or a user's; its folder does, or else whose
 * hives there are. */
static const char *
root_of_pol(const char *name, const HcPatchReading *reading)
{
    g_autofree char *folder = g_path_get_dirname(name);
    g_autofree char *base = g_path_get_basename(folder);
    gsize n_machine = 0;
    for (gsize i = 0; i < reading->n_roots; i++)
        n_machine += reading->roots[i] == NULL || hc_name_equal(reading->roots[i]->path.names[0],
                                                                HC_NAME_ASCII("HKEY_LOCAL_MACHINE"))
                         ? 1
                         : 0;
    const gboolean is_user =
        g_ascii_strcasecmp(base, "User") == 0 ||
        (g_ascii_strcasecmp(base, "Machine") != 0 && n_machine == 0 && reading->n_roots > 0);
    return is_user ? "HKEY_CURRENT_USER" : "HKEY_LOCAL_MACHINE";
}

static gboolean
read_pol(const HcCliContext *context, HcDelta *patch, const HcPatchFile *file,
         const HcPatchReading *reading, GError **error)
{
    uint64_t n_secure;
    if (!hc_pol_read(patch, file->name, file->content, root_of_pol(file->name, reading), &n_secure,
                     error))
        return FALSE;
    if (n_secure > 0)
        hc_cli_note(context,
                    "%s: %" G_GUINT64_FORMAT " **SecureKey entr%s passed over, a descriptor is set "
                    "with ';!security' or 'hivetool set --security'",
                    file->name, n_secure, n_secure == 1 ? "y" : "ies");
    return TRUE;
}

/* The differencing hive that @file holds, or NULL: its reader says what is wrong with another. */
static HcHive *
open_layer(const HcPatchFile *file)
{
    gsize n_bytes;
    const void *bytes = g_bytes_get_data(file->content, &n_bytes);
    if (!hc_hive_has_signature(bytes, n_bytes))
        return NULL;
    g_autoptr(HcMap) map = hc_map_from_bytes(file->name, g_bytes_ref(file->content));
    g_autoptr(HcHive) hive = hc_hive_open_map(map, 0, NULL);
    return hive != NULL && hc_hive_info(hive)->is_differencing ? g_steal_pointer(&hive) : NULL;
}

/* It hangs where its name says, or else where the one hive does that it is for. */
static gboolean
read_layer(HcDelta *patch, const HcHive *layer, const HcPatchReading *reading, GError **error)
{
    g_autoptr(HcDelta) part =
        hc_hive_check(layer, NULL, error) ? hc_differencing_read(layer, error) : NULL;
    if (part == NULL)
        return FALSE;
    g_autoptr(HcRoot) guess = hc_root_guess(hc_hive_file(layer), hc_hive_info(layer)->name);
    const HcRoot *root = guess == NULL && reading->n_roots == 1 ? reading->roots[0] : guess;
    hc_delta_graft(patch, hc_root_path(root), part);
    const HcOrigin origin = {hc_delta_add_source(patch, hc_hive_file(layer)), 0};
    hc_delta_set_origins(patch, hc_delta_root(patch), origin);
    return TRUE;
}

/* Lines of reg.exe. */
static gboolean
read_script(const HcCliContext *context, HcDelta *patch, const HcPatchFile *file,
            const HcRegReadOptions *options, GError **error)
{
    uint64_t n_skipped = 0;
    if (!hc_reg_script_read(patch, file->name, file->content, options, &n_skipped, error))
        return FALSE;
    if (n_skipped > 0)
        hc_cli_note(context,
                    "%s: %" G_GUINT64_FORMAT " line%s skipped, which %s neither reg add nor reg "
                    "delete or not as reg.exe takes them",
                    file->name, n_skipped, n_skipped == 1 ? "" : "s",
                    n_skipped == 1 ? "is" : "are");
    return TRUE;
}

gboolean
hc_patch_file_read(const HcCliContext *context, HcDelta *patch, const HcPatchFile *file,
                   const HcPatchReading *reading, GError **error)
{
    const HcPatchOptions *options = reading->options;
    if (file->fill != NULL)
        return file->fill(patch, file->data, error);
    if (hc_pol_is(g_bytes_get_data(file->content, NULL), g_bytes_get_size(file->content)))
        return read_pol(context, patch, file, reading, error);
    if (is_json(file->content))
        return read_json(patch, file, reading, error);
    g_autoptr(HcHive) layer = open_layer(file);
    if (layer != NULL)
        return read_layer(patch, layer, reading, error);
    uint64_t n_directives = 0;
    guint guessed = 0;
    guint allow;
    if (!hc_reg_allow_parse(options->allow, &allow, error))
        return FALSE;
    HcRegReadOptions reg_options = {.ansi_codepage = (guint) options->ansi_codepage,
                                    .compat_regedit = options->compat != NULL,
                                    .allow = allow,
                                    .guessed_codepage = &guessed,
                                    .variables = reading->variables,
                                    .roots = reading->roots,
                                    .n_roots = reading->n_roots,
                                    .n_directives = &n_directives};
    if (hc_reg_script_is(g_bytes_get_data(file->content, NULL), g_bytes_get_size(file->content)))
        return read_script(context, patch, file, &reg_options, error);
    uint64_t n_skipped = 0;
    if (!hc_reg_read(patch, file->name, file->content, &reg_options, &n_skipped, error))
        return FALSE;
    if (guessed != 0)
        hc_cli_note(context,
                    "%s: characters outside ASCII are read in code page %u, which is a guess "
                    "(--ansi-codepage names another)",
                    file->name, guessed);
    if (n_skipped > 0)
        hc_cli_note(context, "%s: %" G_GUINT64_FORMAT " line%s skipped, as regedit does",
                    file->name, n_skipped, n_skipped == 1 ? "" : "s");
    if (n_directives > 0)
        hc_cli_note(context, "%s: %" G_GUINT64_FORMAT " directive%s not looked at, to regedit %s",
                    file->name, n_directives, n_directives == 1 ? "" : "s",
                    n_directives == 1 ? "it is a comment" : "they are comments");
    return TRUE;
}
