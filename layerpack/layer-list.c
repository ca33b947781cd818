#include "config.h"

#include "layerpack/layer-list.h"

#include <inttypes.h>
#include <string.h>

#include "hivecore/base/display.h"
#include "hivecore/base/entry-name.h"
#include "hivecore/base/error.h"
#include "hivecore/image/layer-stack.h"
#include "hivecore/regf/check.h"
#include "layerpack/rules.h"

static char
type_letter(HcEntryType type)
{
    switch (type) {
    case HC_ENTRY_FILE:
        return '-';
    case HC_ENTRY_FOLDER:
        return 'd';
    case HC_ENTRY_SYMLINK:
        return 'l';
    case HC_ENTRY_HARDLINK:
        return 'h';
    case HC_ENTRY_OTHER:
        return '?';
    }
    g_return_val_if_reached('?');
}

static void
append_entry(GString *out, const HcEntry *entry)
{
    const HcEntryRecord *attributes = hc_entry_record(entry, "MSWINDOWS.fileattr");
    g_string_append_printf(out, "%c %07o %10" PRIu64 " ", type_letter(entry->type), entry->mode,
                           entry->n_bytes);
    if (attributes == NULL)
        g_string_append_c(out, '-');
    else
        hc_append_display(out, attributes->value, attributes->n_bytes);
    g_string_append_c(out, ' ');
    hc_append_display(out, entry->name->str, entry->name->len);
    if (entry->type == HC_ENTRY_SYMLINK || entry->type == HC_ENTRY_HARDLINK) {
        g_string_append(out, " -> ");
        hc_append_display(out, entry->link->str, entry->link->len);
    }
}

/* Differencing hives as the importer finds them, and as they were meant: without regard to case. */
static gboolean
is_delta_entry(const HcEntry *entry)
{
    g_autoptr(GString) clean = g_string_new(NULL);
    if (entry->type != HC_ENTRY_FILE ||
        !hc_entry_name_clean(clean, entry->name->str, entry->name->len))
        return FALSE;
    for (int i = 0; i < HC_N_HIVE_SLOTS; i++) {
        if (hc_entry_name_equal(clean->str, hc_hive_slots[i].delta_entry))
            return TRUE;
    }
    return FALSE;
}

static void
append_plural(GString *out, uint64_t n, const char *noun)
{
    g_string_append_printf(out, "%" PRIu64 " %s%s", n, noun, n == 1 ? "" : "s");
}

/* What a delta hive holds, at the end of its entry's line and below it. */
static gboolean
append_delta(GString *out, GBytes *content, LpDetail detail, GError **error)
{
    HcCheckCounts counts;
    g_autoptr(HcMap) map = hc_map_from_bytes(LP_HIVE_NAME, g_bytes_ref(content));
    g_autoptr(HcHive) hive = hc_hive_open_sound(map, 0, &counts, error);
    if (hive == NULL)
        return FALSE;
    g_string_append(out, " (");
    append_plural(out, counts.n_keys, "key");
    g_string_append(out, ", ");
    append_plural(out, counts.n_values, "value");
    if (counts.n_tombstones + counts.n_value_tombstones > 0) {
        g_string_append(out, ", ");
        append_plural(out, counts.n_tombstones + counts.n_value_tombstones, "tombstone");
    }
    if (!hc_hive_info(hive)->is_differencing) {
        g_string_append(out, ", not a differencing hive)\n");
        return TRUE;
    }
    g_string_append(out, ")\n");
    return detail == LP_SHORT || lp_delta_list_append(out, hive, detail == LP_FULL, error);
}

/* A defect in a hive ends its listing, not that of the layer. */
static gboolean
list_delta(GString *out, HcLayerReader *reader, LpDetail detail, HcExit *status, GError **error)
{
    g_autoptr(GError) defect = NULL;
    g_autoptr(GBytes) content = hc_layer_reader_hive(reader, &defect, error);
    if (content == NULL && defect == NULL)
        return FALSE;
    if (content != NULL && append_delta(out, content, detail, &defect))
        return TRUE;
    const char *what = hc_error_text(defect, LP_HIVE_NAME);
    g_string_append(out, " (not readable: ");
    hc_append_display(out, what, strlen(what));
    g_string_append(out, ")\n");
    *status = MAX(*status, hc_error_exit_status(defect));
    return TRUE;
}

gboolean
lp_layer_list(GString *out, HcLayerReader *reader, LpDetail detail, HcExit *status,
              HcLayerSummary *summary, GError **error)
{
    const HcEntry *entry;
    GError *read_error = NULL;
    while (hc_layer_reader_next(reader, &entry, &read_error)) {
        append_entry(out, entry);
        if (!is_delta_entry(entry))
            g_string_append_c(out, '\n');
        else if (!list_delta(out, reader, detail, status, &read_error))
            break;
    }
    if (read_error != NULL)
        return hc_fail_with(error, read_error);
    /* The rest of the file, which may be damaged as well. */
    return hc_layer_reader_finish(reader, summary, error);
}
