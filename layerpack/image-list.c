#include "config.h"

#include "layerpack/layer-list.h"

#include <inttypes.h>
#include <string.h>

#include "hivecore/base/display.h"
#include "hivecore/base/entry-name.h"
#include "hivecore/base/error.h"
#include "hivecore/image/layer-stack.h"
#include "hivecore/regf/hive.h"
#include "layerpack/config-edit.h"

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

static void
append_words(GString *out, const char *label, char *const *words)
{
    if (words == NULL || words[0] == NULL)
        return;
    g_string_append_printf(out, "%-11s", label);
    lp_words_append(out, words);
    g_string_append_c(out, '\n');
}

static void
append_head(GString *out, const HcImageInfo *info, const LpConfigView *view)
{
    g_autofree char *platform =
        g_strdup_printf("%s/%s", info->os != NULL ? info->os : "",
                        info->architecture != NULL ? info->architecture : "");
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

/* Of the five hives of a kind, which are there and which are none. */
typedef struct {
    gboolean is_there[HC_N_HIVE_SLOTS];
    const char *fault[HC_N_HIVE_SLOTS]; /* (nullable): why it is none */
} HiveNames;

static void
append_hive_names(GString *out, const char *label, const char *bad_label, const HiveNames *hives)
{
    g_autoptr(GString) names = g_string_new(NULL);
    g_autoptr(GString) bad = g_string_new(NULL);
    for (int i = 0; i < HC_N_HIVE_SLOTS; i++) {
        const char *fault = hives->fault[i];
        GString *list = fault != NULL ? bad : names;
        if (hives->is_there[i])
            g_string_append_printf(list, "%s%s", list->len > 0 ? (fault != NULL ? "; " : " ") : "",
                                   hc_hive_slots[i].name);
        if (hives->is_there[i] && fault != NULL)
            g_string_append_printf(list, ": %s", fault);
    }
    append_line(out, label, names->str);
    append_line(out, bad_label, bad->str);
}

/* What the first bytes of a file say against its being a hive of the kind; NULL: nothing. */
static const char *
start_fault(GBytes *start, gboolean is_delta)
{
    gsize n_bytes;
    const uint8_t *bytes = g_bytes_get_data(start, &n_bytes);
    if (n_bytes == 0)
        return "the file is empty";
    if (n_bytes < HC_LAYER_START_BYTES || hc_layer_content_is_cut(start))
        return "does not begin like a hive";
    /* A base block that only its logs can restore says nothing. */
    if (!hc_hive_has_signature(bytes, n_bytes))
        return NULL;
    const gboolean is_layered = hc_hive_base_is_differencing(bytes);
    if (is_delta && !is_layered)
        return "is an ordinary hive";
    return !is_delta && is_layered ? "is a differencing hive" : NULL;
}

static gboolean
find_hive(HcLayerReader *reader, const HcEntry *entry, const char *clean, HiveNames *whole,
          HiveNames *deltas, GError **error)
{
    for (int i = 0; i < HC_N_HIVE_SLOTS; i++) {
        const gboolean is_delta = hc_entry_name_equal(clean, hc_hive_slots[i].delta_entry);
        if (!is_delta && !hc_entry_name_equal(clean, hc_hive_slots[i].config_entry))
            continue;
        HiveNames *hives = is_delta ? deltas : whole;
        hives->is_there[i] = TRUE;
        /* A hard link's file may be anywhere. */
        if (entry->type != HC_ENTRY_FILE)
            return TRUE;
        g_autoptr(GBytes) start = hc_layer_reader_start(reader, error);
        if (start == NULL)
            return FALSE;
        hives->fault[i] = start_fault(start, is_delta);
        return TRUE;
    }
    return TRUE;
}

static gboolean
find_hives(HcLayerReader *reader, HiveNames *whole, HiveNames *deltas, HcLayerSummary *summary,
           GError **error)
{
    const HcEntry *entry;
    GError *read_error = NULL;
    g_autoptr(GString) clean = g_string_new(NULL);
    while (hc_layer_reader_next(reader, &entry, &read_error)) {
        if ((entry->type != HC_ENTRY_FILE && entry->type != HC_ENTRY_HARDLINK) ||
            !hc_entry_name_clean(clean, entry->name->str, entry->name->len))
            continue;
        if (!find_hive(reader, entry, clean->str, whole, deltas, &read_error))
            break;
    }
    if (read_error == NULL)
        return hc_layer_reader_finish(reader, summary, error);
    return hc_fail_with(error, read_error);
}

static gboolean
list_content(GString *out, HcImage *image, guint index, LpDetail detail, HcExit *status,
             GError **error)
{
    HcLayerSummary summary;
    HiveNames whole = {{FALSE}, {NULL}};
    HiveNames deltas = {{FALSE}, {NULL}};
    g_autoptr(HcLayerReader) reader = hc_image_layer_open(image, index, error);
    if (reader == NULL)
        return FALSE;
    if (detail != LP_SHORT)
        return lp_layer_list(out, reader, detail, status, &summary, error) &&
               hc_image_layer_check(image, index, &summary.digests, error);
    if (!find_hives(reader, &whole, &deltas, &summary, error))
        return FALSE;
    append_hive_names(out, "  hives", "  no hive", &whole);
    append_hive_names(out, "  deltas", "  no delta", &deltas);
    return hc_image_layer_check(image, index, &summary.digests, error);
}

/* What was printed of a layer's content; a blob that is there again is not read again. */
typedef struct {
    gsize start;
    gsize end;
    HcExit status;
} Listed;

static const Listed *
find_listed(const HcImageInfo *info, const GArray *listed, guint index)
{
    const HcImageLayer *layer = g_ptr_array_index(info->layers, index);
    for (guint i = 0; i < index; i++) {
        const HcImageLayer *below = g_ptr_array_index(info->layers, i);
        const Listed *before = &g_array_index(listed, Listed, i);
        /* The messages of a damaged layer name it. */
        if (before->status == HC_EXIT_OK && below->is_present &&
            strcmp(below->digest, layer->digest) == 0 &&
            strcmp(below->diff_id, layer->diff_id) == 0)
            return before;
    }
    return NULL;
}

/* Of a registry that is down nobody knows what the layer is like. */
static const char *
failure_label(const GError *failure)
{
    if (g_error_matches(failure, HC_ERROR, HC_ERROR_NOT_FOUND))
        return "  missing";
    return g_error_matches(failure, HC_ERROR, HC_ERROR_MALFORMED) ? "  damaged" : "  not read";
}

static HcExit
list_again_or_read(GString *out, HcImage *image, guint index, LpDetail detail, GArray *listed)
{
    const HcImageInfo *info = hc_image_info(image);
    const HcImageLayer *layer = g_ptr_array_index(info->layers, index);
    const Listed *before = find_listed(info, listed, index);
    HcExit status = HC_EXIT_OK;
    if (before != NULL) {
        g_autofree char *text = g_strndup(out->str + before->start, before->end - before->start);
        g_string_append_len(out, text, (gssize) (before->end - before->start));
        return status;
    }
    g_autoptr(GError) failure = NULL;
    if (list_content(out, image, index, detail, &status, &failure))
        return status;
    const gboolean is_missing = g_error_matches(failure, HC_ERROR, HC_ERROR_NOT_FOUND);
    append_line(out, failure_label(failure), failure->message);
    return is_missing && layer->is_foreign ? HC_EXIT_OK : hc_error_exit_status(failure);
}

static void
list_layer(GString *out, HcImage *image, guint index, LpDetail detail, GArray *listed,
           HcExit *status)
{
    const HcImageInfo *info = hc_image_info(image);
    const HcImageLayer *layer = g_ptr_array_index(info->layers, index);
    g_string_append_printf(out, "\nlayer %u     %s, %" PRIu64 " bytes\n", index + 1, layer->digest,
                           layer->n_bytes);
    append_line(out, "  type", layer->media_type);
    append_line(out, "  diff ID", layer->diff_id);
    append_line(out, "  made by", g_ptr_array_index(info->created_by, index));
    append_lines(out, "  url", layer->urls);
    Listed now = {.start = out->len};
    now.status = list_again_or_read(out, image, index, detail, listed);
    now.end = out->len;
    g_array_append_val(listed, now);
    *status = MAX(*status, now.status);
}

gboolean
lp_image_list(GString *out, HcImage *image, LpDetail detail, HcExit *status, GError **error)
{
    const HcImageInfo *info = hc_image_info(image);
    g_autoptr(LpConfigView) view = lp_config_view_read(info->config, error);
    if (view == NULL) {
        g_prefix_error(error, "%s: ", info->operand);
        return FALSE;
    }
    append_head(out, info, view);
    *status = HC_EXIT_OK;
    g_autoptr(GArray) listed = g_array_new(FALSE, FALSE, sizeof(Listed));
    for (guint i = 0; i < info->layers->len; i++)
        list_layer(out, image, i, detail, listed, status);
    return TRUE;
}
