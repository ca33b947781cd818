#include "config.h"

#include "layerpack/image-list.h"

#include <inttypes.h>
#include <string.h>

#include "hivecore/base/display.h"
#include "hivecore/base/error.h"
#include "hivecore/image/entry-name.h"
#include "hivecore/image/hive-slots.h"
#include "layerpack/config-view.h"
#include "layerpack/layer-list.h"

static void
append_line(GString *out, const char *label, const char *text)
{
    if (text == NULL || text[0] == '\0')
        return;
    g_string_append_printf(out, "%-11s ", label);
    hc_append_display(out, text, strlen(text));
    g_string_append_c(out, '\n');
}

static void
append_lines(GString *out, const char *label, char *const *lines)
{
    for (gsize i = 0; lines != NULL && lines[i] != NULL; i++)
        append_line(out, label, lines[i]);
}

/* A command's words, each in quotes where it is not one word of plain characters. */
static void
append_words(GString *out, const char *label, char *const *words)
{
    if (words == NULL || words[0] == NULL)
        return;
    g_string_append_printf(out, "%-11s", label);
    for (gsize i = 0; words[i] != NULL; i++) {
        const gboolean is_quoted = words[i][0] == '\0' || strpbrk(words[i], " \t\"") != NULL;
        g_string_append(out, is_quoted ? " \"" : " ");
        hc_append_display(out, words[i], strlen(words[i]));
        g_string_append(out, is_quoted ? "\"" : "");
    }
    g_string_append_c(out, '\n');
}

static void
append_head(GString *out, const HcImageInfo *info, const LpConfigView *view)
{
    g_autofree char *platform = g_strdup_printf("%s/%s", info->os ? info->os : "",
                                                info->architecture ? info->architecture : "");
    append_line(out, "name", info->ref_name);
    append_line(out, "platform", platform);
    append_line(out, "os.version", info->os_version);
    append_lines(out, "os.feature", view->os_features);
    append_line(out, "manifest", info->manifest_digest);
    append_line(out, "config", info->config_digest);
    append_line(out, "created", view->created);
    append_words(out, "entrypoint", view->entrypoint);
    append_words(out, "cmd", view->cmd);
    append_lines(out, "env", view->env);
    append_line(out, "user", view->user);
    append_line(out, "workdir", view->working_dir);
    append_lines(out, "label", view->labels);
}

/* --- layers --- */

typedef struct {
    gboolean has_whole[HC_N_HIVE_SLOTS];
    gboolean has_delta[HC_N_HIVE_SLOTS];
} HiveNames;

static void
append_hive_names(GString *out, const char *label, const gboolean has[HC_N_HIVE_SLOTS])
{
    g_autoptr(GString) names = g_string_new(NULL);
    for (int i = 0; i < HC_N_HIVE_SLOTS; i++) {
        if (has[i])
            g_string_append_printf(names, "%s%s", names->len > 0 ? " " : "", hc_hive_slots[i].name);
    }
    append_line(out, label, names->str);
}

static gboolean
find_hives(HcLayerReader *reader, HiveNames *names, HcLayerSummary *summary, GError **error)
{
    const HcEntry *entry;
    GError *read_error = NULL;
    g_autoptr(GString) clean = g_string_new(NULL);
    while (hc_layer_reader_next(reader, &entry, &read_error)) {
        if ((entry->type != HC_ENTRY_FILE && entry->type != HC_ENTRY_HARDLINK) ||
            !hc_entry_name_clean(clean, entry->name->str, entry->name->len))
            continue;
        for (int i = 0; i < HC_N_HIVE_SLOTS; i++) {
            names->has_whole[i] |= hc_entry_name_equal(clean->str, hc_hive_slots[i].config_entry);
            names->has_delta[i] |= hc_entry_name_equal(clean->str, hc_hive_slots[i].delta_entry);
        }
    }
    if (read_error == NULL)
        return hc_layer_reader_finish(reader, summary, error);
    return hc_fail_with(error, read_error);
}

static gboolean
list_content(GString *out, HcImage *image, guint index, gboolean is_long, HcExit *status,
             GError **error)
{
    HcLayerSummary summary;
    HiveNames names = {{FALSE}, {FALSE}};
    g_autoptr(HcLayerReader) reader = hc_image_layer_open(image, index, error);
    if (reader == NULL)
        return FALSE;
    if (is_long)
        return lp_layer_list(out, reader, TRUE, status, &summary, error) &&
               hc_image_layer_check(image, index, &summary.digests, error);
    if (!find_hives(reader, &names, &summary, error))
        return FALSE;
    append_hive_names(out, "  hives", names.has_whole);
    append_hive_names(out, "  deltas", names.has_delta);
    return hc_image_layer_check(image, index, &summary.digests, error);
}

static void
list_layer(GString *out, HcImage *image, guint index, gboolean is_long, HcExit *status)
{
    const HcImageInfo *info = hc_image_info(image);
    const HcImageLayer *layer = g_ptr_array_index(info->layers, index);
    g_string_append_printf(out, "\nlayer %u     %s, %" PRIu64 " bytes\n", index + 1, layer->digest,
                           layer->n_bytes);
    append_line(out, "  type", layer->media_type);
    append_line(out, "  diff ID", layer->diff_id);
    append_line(out, "  made by", g_ptr_array_index(info->created_by, index));
    append_lines(out, "  url", layer->urls);
    g_autoptr(GError) failure = NULL;
    if (list_content(out, image, index, is_long, status, &failure))
        return;
    const gboolean is_missing = g_error_matches(failure, HC_ERROR, HC_ERROR_NOT_FOUND);
    append_line(out, is_missing ? "  missing" : "  damaged", failure->message);
    if (!is_missing || !layer->is_foreign)
        *status = hc_error_exit_status(failure);
}

gboolean
lp_image_list(GString *out, HcImage *image, gboolean is_long, HcExit *status, GError **error)
{
    const HcImageInfo *info = hc_image_info(image);
    g_autoptr(LpConfigView) view = lp_config_view_read(info->config, error);
    if (view == NULL) {
        g_prefix_error(error, "%s: ", info->operand);
        return FALSE;
    }
    append_head(out, info, view);
    *status = HC_EXIT_OK;
    for (guint i = 0; i < info->layers->len; i++)
        list_layer(out, image, i, is_long, status);
    return TRUE;
}
