#include "config.h"

#include "tests/unit/log-images.h"

#include <inttypes.h>

#include "hivecore/regf/layout.h"
#include "hivecore/regf/open.h"
#include "tests/unit/tree-text.h"

static MkImage
make_image(const char *text)
{
    MkImage image = {NULL, 0};
    image.bytes = g_bytes_unref_to_data(tree_hive(text, 5), &image.n_bytes);
    /* The first bin keeps a copy of the base block's time. */
    hc_put64(image.bytes + HC_BASE_MTIME, 42);
    hc_put64(image.bytes + HC_BASE_BLOCK_BYTES + HC_HBIN_MTIME, 42);
    mk_image_set_sequence(image.bytes, 1, 1);
    return image;
}

void
log_images_init(LogImages *images, uint32_t sequence)
{
    g_autoptr(GString) large = g_string_new("[A]\nx=1:4100\n[B]\ny=3:");
    for (guint i = 0; i < 9000; i++)
        g_string_append(large, "5a");
    g_string_append_c(large, '\n');
    images->before = make_image("[A]\n");
    images->middle = make_image(large->str);
    g_string_append(large, "[C]\nz=4:01000000\n");
    images->after = make_image(large->str);
    mk_image_set_sequence(images->before.bytes, sequence + 1, sequence);
}

void
log_images_clear(LogImages *images)
{
    g_free(images->before.bytes);
    g_free(images->middle.bytes);
    g_free(images->after.bytes);
}

GByteArray *
log_entries(const LogImages *images, uint32_t first, guint n)
{
    GByteArray *log = mk_log_new(&images->before, 6, first);
    g_autoptr(GArray) pages = mk_changed_pages(&images->before, &images->middle);
    mk_log_add_entry(log, first, &images->middle, pages);
    if (n > 1) {
        g_autoptr(GArray) more = mk_changed_pages(&images->middle, &images->after);
        mk_log_add_entry(log, first + 1, &images->after, more);
    }
    return log;
}

GByteArray *
log_last(const LogImages *images, uint32_t sequence)
{
    GByteArray *log = mk_log_new(&images->middle, 6, sequence);
    g_autoptr(GArray) pages = mk_changed_pages(&images->middle, &images->after);
    mk_log_add_entry(log, sequence, &images->after, pages);
    return log;
}

GByteArray *
log_dirt(const LogImages *images, uint32_t type, uint32_t sequence)
{
    GByteArray *log = mk_log_new(&images->after, type, sequence);
    g_autoptr(GArray) pages = mk_changed_pages(&images->before, &images->after);
    mk_log_add_dirt(log, &images->after, pages);
    return log;
}

void
log_sign_entry(GByteArray *log, gsize at)
{
    uint8_t *entry = log->data + at;
    gsize n_bytes = MIN(hc_get32(entry + HC_HVLE_BYTES), log->len - at);
    n_bytes = MAX(n_bytes, HC_HVLE_REFERENCES);
    hc_put64(entry + HC_HVLE_HASH1,
             hc_marvin32(HC_HVLE_SEED, entry + HC_HVLE_REFERENCES, n_bytes - HC_HVLE_REFERENCES));
    hc_put64(entry + HC_HVLE_HASH2, hc_marvin32(HC_HVLE_SEED, entry, HC_HVLE_HASH2));
}

HcMap *
log_map(const char *name, GByteArray *log)
{
    return hc_map_from_bytes(name, g_byte_array_free_to_bytes(log));
}

HcMap *
log_hive(const MkImage *image)
{
    return hc_map_from_bytes("x", g_bytes_new(image->bytes, image->n_bytes));
}

char *
log_report_text(const HcLogReport *report)
{
    GString *text = g_string_new(report->is_base_recovered ? "base block\n" : NULL);
    for (guint i = 0; report->logs != NULL && i < report->logs->len; i++) {
        const HcLogUse *use = &g_array_index(report->logs, HcLogUse, i);
        g_string_append_printf(text, "%s: ", use->file);
        if (!use->is_used)
            g_string_append(text, "not used");
        else
            g_string_append_printf(text, "%" PRIu32 " entries from %" PRIu32 ", %" PRIu64 " pages",
                                   use->n_entries, use->first_entry, use->n_pages);
        if (use->reason != NULL)
            g_string_append_printf(text, "; %s", use->reason);
        g_string_append_c(text, '\n');
    }
    return g_string_free(text, FALSE);
}
