#include "config.h"

#include "hivecore/cli/cli-hive.h"

#include <string.h>

#include "hivecore/cli/cli-private.h"
#include "hivecore/regf/salvage.h"

HcHive *
hc_cli_open_salvaged(const HcCliContext *context, HcRegistry *state, guint index,
                     HcFindings *losses, GError **error)
{
    const HcRegistryHive *named = hc_registry_hive(state, index);
    const char *file = named->name;
    const gboolean is_bytes = named->is_file || (named->content != NULL && !named->is_text);
    const HcHiveReading how = {.flags = is_bytes ? HC_HIVE_ALLOW_DAMAGED : 0};
    if (!is_bytes)
        return hc_cli_open_hive_of(context, state, index, &how, error);
    g_autoptr(HcHive) damaged = hc_cli_open_hive_of(context, state, index, &how, error);
    g_autoptr(GBytes) bytes = damaged != NULL ? hc_salvage(damaged, losses, error) : NULL;
    if (bytes == NULL)
        return NULL;
    g_autoptr(HcMap) map = hc_map_from_bytes(file, g_steal_pointer(&bytes));
    return hc_hive_open_map(map, 0, error);
}

/* Whether the key @place of a finding is that at @path, as both are printed. */
static gboolean
is_at(const char *place, const char *path, gboolean with_subkeys)
{
    g_autoptr(HcArena) arena = hc_arena_new();
    const gsize n_bytes = strlen(path);
    const gsize n_place = strlen(place);
    if (n_bytes == 0)
        return with_subkeys || g_str_equal(place, "\\");
    if (n_place < n_bytes || (n_place > n_bytes && (!with_subkeys || place[n_bytes] != '\\')))
        return FALSE;
    g_autofree char *start = g_strndup(place, n_bytes);
    if (!g_utf8_validate(start, -1, NULL))
        return FALSE;
    return hc_name_equal(hc_name_from_utf8(arena, start, n_bytes),
                         hc_name_from_utf8(arena, path, n_bytes));
}

static gboolean
is_at_any(const char *place, char *const *paths, gboolean with_subkeys)
{
    for (gsize i = 0; paths[i] != NULL; i++) {
        if (is_at(place, paths[i], with_subkeys))
            return TRUE;
    }
    return FALSE;
}

void
hc_cli_keep_losses(HcFindings *losses, char *const *places, gboolean with_subkeys)
{
    for (guint i = losses->list->len; i > 0; i--) {
        const HcFinding *finding = g_ptr_array_index(losses->list, i - 1);
        if (finding->place == NULL || is_at_any(finding->place, places, with_subkeys))
            continue;
        losses->n[finding->severity]--;
        g_ptr_array_remove_index(losses->list, i - 1);
    }
}

gboolean
hc_cli_note_losses(const HcCliContext *context, const char *file, const HcFindings *losses)
{
    uint64_t n = 0;
    for (guint i = 0; i <= HC_SEVERITY_ERROR; i++)
        n += losses->n[i];
    if (n == 0)
        return FALSE;
    for (guint i = 0; i < losses->list->len; i++) {
        const HcFinding *finding = g_ptr_array_index(losses->list, i);
        hc_cli_note(context, "%s: 0x%" G_GINT64_MODIFIER "x%s%s%s: %s", file, finding->offset,
                    finding->place != NULL ? " [" : "",
                    finding->place != NULL ? finding->place : "", finding->place != NULL ? "]" : "",
                    finding->text);
    }
    g_autofree char *unlisted =
        losses->n_unlisted > 0
            ? g_strdup_printf(", of which %" G_GUINT64_FORMAT " are not listed", losses->n_unlisted)
            : g_strdup("");
    hc_cli_note(context, "%s: %" G_GUINT64_FORMAT " thing%s could not be read as %s should be%s",
                file, n, n == 1 ? "" : "s", n == 1 ? "it" : "they", unlisted);
    return TRUE;
}

/* Whether @file is a hive, and something is wrong with it. */
static gboolean
is_damaged(const char *file)
{
    g_autoptr(HcHive) hive = hc_hive_open(file, HC_HIVE_ALLOW_DAMAGED, NULL);
    g_autoptr(HcHive) strict = hc_hive_open(file, HC_HIVE_ALLOW_DIRTY, NULL);
    return hive != NULL && hc_hive_info(hive)->bins_bytes > 0 &&
           (strict == NULL || !hc_hive_check(strict, NULL, NULL));
}

void
hc_cli_hint_salvage(const char *program, const char *message, char *const *operands,
                    gboolean has_option)
{
    for (gsize i = 0; operands[i] != NULL; i++) {
        const char *equals = strchr(operands[i], '=');
        const char *files[] = {operands[i], equals != NULL ? equals + 1 : operands[i]};
        for (gsize k = 0; k < G_N_ELEMENTS(files); k++) {
            g_autofree char *start = g_strconcat(files[k], ": ", NULL);
            if (!g_str_has_prefix(message, start) || !is_damaged(files[k]))
                continue;
            hc_stdio_print_error(
                program, has_option ? "--salvage reads what is left"
                                    : "'hivetool rebuild --salvage' makes a hive of what is left");
            return;
        }
    }
}
