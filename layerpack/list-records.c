#include "config.h"

#include "layerpack/layer-list.h"

#include "hivecore/base/entry-name.h"
#include "hivecore/base/error.h"
#include "hivecore/image/layer-stack.h"
#include "hivecore/regf/check.h"
#include "layerpack/rules.h"

static const HcColumn entry_columns[] = {
    {"image", HC_COLUMN_TEXT, 0},        {"layer", HC_COLUMN_NUMBER, 0},
    {"type", HC_COLUMN_TEXT, 0},         {"mode", HC_COLUMN_TEXT, 0},
    {"size", HC_COLUMN_NUMBER, 0},       {"attributes", HC_COLUMN_TEXT, 0},
    {"name", HC_COLUMN_TEXT, 0},         {"link", HC_COLUMN_TEXT, 0},
    {"keys", HC_COLUMN_NUMBER, 0},       {"values", HC_COLUMN_NUMBER, 0},
    {"tombstones", HC_COLUMN_NUMBER, 0}, {"problem", HC_COLUMN_TEXT, 0},
    {NULL, HC_COLUMN_TEXT, 0},
};

static const HcColumn layer_columns[] = {
    {"image", HC_COLUMN_TEXT, 0},      {"platform", HC_COLUMN_TEXT, 0},
    {"os_version", HC_COLUMN_TEXT, 0}, {"manifest", HC_COLUMN_TEXT, 0},
    {"layer", HC_COLUMN_NUMBER, 0},    {"digest", HC_COLUMN_TEXT, 0},
    {"size", HC_COLUMN_NUMBER, 0},     {"media_type", HC_COLUMN_TEXT, 0},
    {"diff_id", HC_COLUMN_TEXT, 0},    {"created_by", HC_COLUMN_TEXT, 0},
    {"hives", HC_COLUMN_LIST, 0},      {"deltas", HC_COLUMN_LIST, 0},
    {"problem", HC_COLUMN_TEXT, 0},    {NULL, HC_COLUMN_TEXT, 0},
};

HcRecords *
lp_list_records_new(const HcCliContext *context, HcFormat format, gboolean is_entries)
{
    const HcRecordsHead head = {.tool = context->program,
                                .kind = is_entries ? "entries" : "layers",
                                .is_terminal = context->is_terminal};
    return hc_records_new(context->stream, format, &head,
                          is_entries ? entry_columns : layer_columns);
}

static const char *
type_word(HcEntryType type)
{
    switch (type) {
    case HC_ENTRY_FILE:
        return "file";
    case HC_ENTRY_FOLDER:
        return "folder";
    case HC_ENTRY_SYMLINK:
        return "symlink";
    case HC_ENTRY_HARDLINK:
        return "hardlink";
    case HC_ENTRY_OTHER:
        return "other";
    }
    g_return_val_if_reached("other");
}

/* Which hive, and of which kind, an entry is by its name; -1: none. */
static int
slot_of(const HcEntry *entry, gboolean *is_delta)
{
    g_autoptr(GString) clean = g_string_new(NULL);
    if ((entry->type != HC_ENTRY_FILE && entry->type != HC_ENTRY_HARDLINK) ||
        !hc_entry_name_clean(clean, entry->name->str, entry->name->len))
        return -1;
    for (int i = 0; i < HC_N_HIVE_SLOTS; i++) {
        *is_delta = hc_entry_name_equal(clean->str, hc_hive_slots[i].delta_entry);
        if (*is_delta || hc_entry_name_equal(clean->str, hc_hive_slots[i].config_entry))
            return i;
    }
    return -1;
}

/* What a differencing hive holds, or why it cannot be read. */
static gboolean
add_delta(HcRecords *records, HcLayerReader *reader, HcExit *status, GError **error)
{
    HcCheckCounts counts;
    g_autoptr(GError) defect = NULL;
    g_autoptr(GBytes) content = hc_layer_reader_hive(reader, &defect, error);
    if (content == NULL && defect == NULL)
        return FALSE;
    g_autoptr(HcMap) map =
        content != NULL ? hc_map_from_bytes(LP_HIVE_NAME, g_bytes_ref(content)) : NULL;
    g_autoptr(HcHive) hive = map != NULL ? hc_hive_open_sound(map, 0, &counts, &defect) : NULL;
    if (hive != NULL) {
        hc_record_number(records, counts.n_keys);
        hc_record_number(records, counts.n_values);
        hc_record_number(records, counts.n_tombstones + counts.n_value_tombstones);
        return TRUE;
    }
    hc_record_skip_to(records, "problem");
    hc_record_text(records, hc_error_text(defect, LP_HIVE_NAME));
    *status = MAX(*status, hc_error_exit_status(defect));
    return TRUE;
}

static gboolean
add_entry(HcRecords *records, HcLayerReader *reader, const HcEntry *entry, const char *image,
          guint layer, HcExit *status, GError **error)
{
    const HcEntryRecord *attributes = hc_entry_record(entry, "MSWINDOWS.fileattr");
    const gboolean is_link = entry->type == HC_ENTRY_SYMLINK || entry->type == HC_ENTRY_HARDLINK;
    g_autofree char *mode = g_strdup_printf("%04o", entry->mode);
    g_autofree char *shown =
        attributes != NULL ? g_strndup(attributes->value, attributes->n_bytes) : NULL;
    gboolean is_delta;
    hc_record_begin(records);
    hc_record_text(records, image);
    if (layer > 0)
        hc_record_number(records, layer);
    hc_record_skip_to(records, "type");
    hc_record_text(records, type_word(entry->type));
    hc_record_text(records, mode);
    hc_record_number(records, entry->n_bytes);
    hc_record_text(records, shown);
    hc_record_text(records, entry->name->str);
    hc_record_text(records, is_link ? entry->link->str : NULL);
    const gboolean is_whole = slot_of(entry, &is_delta) < 0 || !is_delta ||
                              entry->type != HC_ENTRY_FILE ||
                              add_delta(records, reader, status, error);
    hc_record_skip_to(records, NULL);
    (void) hc_record_end(records); /* what cannot be written is told at the end */
    return is_whole;
}

gboolean
lp_entry_records(HcRecords *records, HcLayerReader *reader, const char *image, guint layer,
                 HcExit *status, HcLayerSummary *summary, GError **error)
{
    const HcEntry *entry;
    GError *failure = NULL;
    while (hc_layer_reader_next(reader, &entry, &failure)) {
        if (!add_entry(records, reader, entry, image, layer, status, &failure))
            break;
    }
    return failure != NULL ? hc_fail_with(error, failure)
                           : hc_layer_reader_finish(reader, summary, error);
}

/* --- images --- */

/* Which of the hives a layer has, by the names of its entries. */
static gboolean
find_hives(HcImage *image, guint index, GPtrArray *whole, GPtrArray *deltas, GError **error)
{
    g_autoptr(HcLayerReader) reader = hc_image_layer_open(image, index, error);
    const HcEntry *entry;
    HcLayerSummary summary;
    GError *failure = NULL;
    if (reader == NULL)
        return FALSE;
    while (hc_layer_reader_next(reader, &entry, &failure)) {
        gboolean is_delta = FALSE;
        const int slot = slot_of(entry, &is_delta);
        if (slot >= 0)
            g_ptr_array_add(is_delta ? deltas : whole,
                            (gpointer) (guintptr) hc_hive_slots[slot].name);
    }
    if (failure != NULL)
        return hc_fail_with(error, failure);
    return hc_layer_reader_finish(reader, &summary, error) &&
           hc_image_layer_check(image, index, &summary.digests, error);
}

/* A layer that is not distributed need not be here. */
static void
take_failure(const HcImageLayer *layer, const GError *failure, HcExit *status)
{
    if (!layer->is_foreign || !g_error_matches(failure, HC_ERROR, HC_ERROR_NOT_FOUND))
        *status = MAX(*status, hc_error_exit_status(failure));
}

static void
add_layer(HcRecords *records, HcImage *image, guint index, HcExit *status)
{
    const HcImageInfo *info = hc_image_info(image);
    const HcImageLayer *layer = g_ptr_array_index(info->layers, index);
    g_autofree char *platform =
        g_strdup_printf("%s/%s", info->os != NULL ? info->os : "",
                        info->architecture != NULL ? info->architecture : "");
    g_autoptr(GPtrArray) whole = g_ptr_array_new();
    g_autoptr(GPtrArray) deltas = g_ptr_array_new();
    g_autoptr(GError) failure = NULL;
    const gboolean is_read = find_hives(image, index, whole, deltas, &failure);
    g_ptr_array_add(whole, NULL);
    g_ptr_array_add(deltas, NULL);
    hc_record_begin(records);
    hc_record_text(records, info->operand);
    hc_record_text(records, platform);
    hc_record_text(records, info->os_version);
    hc_record_text(records, info->manifest_digest);
    hc_record_number(records, index + 1);
    hc_record_text(records, layer->digest);
    hc_record_number(records, layer->n_bytes);
    hc_record_text(records, layer->media_type);
    hc_record_text(records, layer->diff_id);
    hc_record_text(records, g_ptr_array_index(info->created_by, index));
    if (is_read) {
        hc_record_list(records, (const char *const *) whole->pdata);
        hc_record_list(records, (const char *const *) deltas->pdata);
    }
    hc_record_skip_to(records, "problem");
    hc_record_text(records, is_read ? NULL : failure->message);
    (void) hc_record_end(records); /* what cannot be written is told at the end */
    if (!is_read)
        take_failure(layer, failure, status);
}

/* The entries of a layer, and a record with what ends them too early. */
static void
add_entries(HcRecords *records, HcImage *image, guint index, HcExit *status)
{
    const HcImageInfo *info = hc_image_info(image);
    HcLayerSummary summary;
    g_autoptr(GError) failure = NULL;
    g_autoptr(HcLayerReader) reader = hc_image_layer_open(image, index, &failure);
    if (reader != NULL &&
        lp_entry_records(records, reader, info->operand, index + 1, status, &summary, &failure) &&
        hc_image_layer_check(image, index, &summary.digests, &failure))
        return;
    hc_record_begin(records);
    hc_record_text(records, info->operand);
    hc_record_number(records, index + 1);
    hc_record_skip_to(records, "problem");
    hc_record_text(records, failure->message);
    (void) hc_record_end(records); /* what cannot be written is told at the end */
    take_failure(g_ptr_array_index(info->layers, index), failure, status);
}

void
lp_image_records(HcRecords *records, HcImage *image, gboolean is_entries, HcExit *status)
{
    for (guint i = 0; i < hc_image_info(image)->layers->len; i++)
        (is_entries ? add_entries : add_layer)(records, image, i, status);
}
