#include "config.h"

#include "hivecore/regf/check.h"

#include <string.h>

#include "hivecore/regf/hive-private.h"
#include "hivecore/regf/layout.h"

/* The fields of the base block, in their order; what is between them belongs to the one before. */
static const struct {
    guint offset;
    const char *name;
} fields[] = {
    {HC_BASE_SIGNATURE, "the signature"},
    {HC_BASE_SEQUENCE1, "the sequence numbers"},
    {HC_BASE_MTIME, "the time of the last write"},
    {HC_BASE_MAJOR, "the version"},
    {HC_BASE_TYPE, "the type of file"},
    {HC_BASE_ROOT, "the place of the root key"},
    {HC_BASE_BINS_BYTES, "the size of the hive bins"},
    {HC_BASE_CLUSTER, "the clustering factor"},
    {HC_BASE_NAME, "the name in the header"},
    {HC_BASE_RM_ID, "the GUIDs of the transaction log"},
    {HC_BASE_FLAGS, "the flags of the header"},
    {HC_BASE_FLAGS + 4, "unused bytes of the header"},
    {HC_BASE_CHECKSUM, "the checksum"},
    {HC_BASE_CHECKSUM + 4, "unused bytes of the header"},
    {HC_BASE_BLOCK_BYTES, NULL},
};

/* What differs in the hive bins, where both have the same cells in the same places. */
typedef struct {
    guint n_headers; /* of hive bins */
    guint n_used;    /* cells */
    guint n_free;
    gboolean is_other_layout;
} BinsDifference;

static void
append_item(GString *out, gsize start, const char *what)
{
    const char *last = strrchr(out->str + start, ',');
    const char *said = last != NULL ? last + 2 : out->str + start;
    if (out->len > start && strcmp(said, what) == 0)
        return;
    if (out->len > start)
        g_string_append(out, ", ");
    g_string_append(out, what);
}

static void
append_count(GString *out, gsize start, guint n, const char *what)
{
    if (n == 0)
        return;
    g_autofree char *item = g_strdup_printf("%u %s%s", n, what, n == 1 ? "" : "s");
    append_item(out, start, item);
}

static void
append_fields(GString *out, gsize start, const uint8_t *old_base, const uint8_t *new_base)
{
    for (gsize i = 0; fields[i].name != NULL; i++) {
        const gsize n_bytes = fields[i + 1].offset - fields[i].offset;
        if (memcmp(old_base + fields[i].offset, new_base + fields[i].offset, n_bytes) != 0)
            append_item(out, start, fields[i].name);
    }
}

/* The cells from @at to @end, of one bin. */
static void
compare_cells(BinsDifference *found, const uint8_t *old_bins, const uint8_t *new_bins, uint64_t at,
              uint64_t end)
{
    while (at + 4 <= end && !found->is_other_layout) {
        const int32_t size = (int32_t) hc_get32(old_bins + at);
        const uint64_t n_bytes = size < 0 ? -(int64_t) size : size;
        found->is_other_layout = size != (int32_t) hc_get32(new_bins + at) ||
                                 n_bytes < HC_CELL_ALIGN || at + n_bytes > end;
        if (found->is_other_layout)
            return;
        if (memcmp(old_bins + at, new_bins + at, (gsize) n_bytes) != 0)
            *(size < 0 ? &found->n_used : &found->n_free) += 1;
        at += n_bytes;
    }
}

static BinsDifference
compare_bins(const HcHive *old_hive, const HcHive *new_hive)
{
    BinsDifference found = {.is_other_layout =
                                old_hive->info.bins_bytes != new_hive->info.bins_bytes};
    uint64_t at = 0;
    while (at + HC_HBIN_HEADER_BYTES <= old_hive->info.bins_bytes && !found.is_other_layout) {
        const uint8_t *old_bin = old_hive->bins + at;
        const uint8_t *new_bin = new_hive->bins + at;
        const uint64_t n_bytes = hc_get32(old_bin + HC_HBIN_SIZE);
        found.is_other_layout = n_bytes != hc_get32(new_bin + HC_HBIN_SIZE) ||
                                n_bytes < HC_HBIN_HEADER_BYTES ||
                                at + n_bytes > old_hive->info.bins_bytes;
        if (found.is_other_layout)
            break;
        found.n_headers += memcmp(old_bin, new_bin, HC_HBIN_HEADER_BYTES) != 0;
        compare_cells(&found, old_hive->bins, new_hive->bins, at + HC_HBIN_HEADER_BYTES,
                      at + n_bytes);
        at += n_bytes;
    }
    return found;
}

/* Whether what follows the hive bins is the same in both files. */
static gboolean
is_same_rest(const HcHive *old_hive, const HcHive *new_hive)
{
    const uint64_t old_start = (uint64_t) HC_BASE_BLOCK_BYTES + old_hive->info.bins_bytes;
    const uint64_t new_start = (uint64_t) HC_BASE_BLOCK_BYTES + new_hive->info.bins_bytes;
    const uint64_t n_bytes = hc_map_size(old_hive->map) - old_start;
    return n_bytes == hc_map_size(new_hive->map) - new_start &&
           (n_bytes == 0 || memcmp(hc_map_data(old_hive->map) + old_start,
                                   hc_map_data(new_hive->map) + new_start, (gsize) n_bytes) == 0);
}

gboolean
hc_hive_append_byte_differences(GString *out, const HcHive *old_hive, const HcHive *new_hive)
{
    const gsize start = out->len;
    append_fields(out, start, hc_map_data(old_hive->map), hc_map_data(new_hive->map));
    const BinsDifference found = compare_bins(old_hive, new_hive);
    if (found.is_other_layout) {
        append_item(out, start, "cells in other places");
    } else {
        append_count(out, start, found.n_headers, "hive bin header");
        append_count(out, start, found.n_used, "used cell");
        append_count(out, start, found.n_free, "free cell");
    }
    if (!is_same_rest(old_hive, new_hive))
        append_item(out, start, "bytes behind the hive bins");
    return out->len > start;
}
