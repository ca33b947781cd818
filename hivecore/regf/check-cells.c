#include "config.h"

#include "hivecore/regf/check-private.h"
#include "hivecore/regf/layout.h"

static uint8_t
bit_of(uint32_t offset)
{
    return (uint8_t) (1u << (offset / 8 % 8));
}

static uint64_t
load_eight(const uint8_t *bytes)
{
    uint64_t eight;
    memcpy(&eight, bytes, sizeof(eight));
    return eight;
}

static uint64_t
count_nonzero(const uint8_t *bytes, uint32_t n_bytes)
{
    uint64_t n = 0;
    uint32_t i = 0;
    while (i < n_bytes) {
        if (n_bytes - i >= 8 && load_eight(bytes + i) == 0)
            i += 8;
        else
            n += bytes[i++] != 0;
    }
    return n;
}

static gboolean
is_bin(const HcHive *hive, uint32_t at)
{
    const uint8_t *bin = hive->bins + at;
    return memcmp(bin, "hbin", 4) == 0 && hc_get32(bin + HC_HBIN_OFFSET) == at;
}

/* The next place after @at where a hive bin starts, or the end. */
static uint32_t
next_bin(const HcHive *hive, uint32_t at)
{
    const uint32_t end = hive->info.bins_bytes;
    at = (at / HC_HBIN_ALIGN + 1) * HC_HBIN_ALIGN;
    while (at < end && end - at >= HC_HBIN_HEADER_BYTES) {
        if (is_bin(hive, at))
            return at;
        at += HC_HBIN_ALIGN;
    }
    return end;
}

static void
add_gap(HcCheck *check, uint32_t start, uint32_t end)
{
    const HcCheckGap gap = {start, end};
    g_array_append_val(check->gaps, gap);
}

static void
note_remnants(HcCheck *check, uint32_t at, uint32_t size)
{
    const uint64_t n_bytes = count_nonzero(check->hive->bins + at + 4, size - 4);
    if (n_bytes > 0)
        hc_check_total(check, &check->remnants, at, n_bytes);
}

/* Walks the cells from @at to @end, both aligned as cells are. Returns: where the next bin starts.
 */
static uint32_t
check_bin_cells(HcCheck *check, uint32_t at, uint32_t end)
{
    const uint8_t *bins = check->hive->bins;
    HcCheckCells *cells = check->cells;
    const gboolean lists_all = hc_check_lists_all(check);
    while (at < end) {
        const uint32_t stored = hc_get32(bins + at);
        const gboolean is_allocated = (stored & 0x80000000u) != 0;
        const uint32_t size = is_allocated ? 0u - stored : stored;
        if (hc_in_places(size - 8) >= (end - at) / HC_CELL_ALIGN) {
            hc_check_report(check, HC_FAULT_CELL_SIZE, "cell", at, "%s0x%x",
                            is_allocated ? "-" : "", size);
            const uint32_t next = next_bin(check->hive, at);
            add_gap(check, at, next);
            return next;
        }
        if (is_allocated)
            cells[at / 64].allocated |= bit_of(at);
        else if (lists_all)
            note_remnants(check, at, size);
        at += size;
    }
    return end;
}

/*
 * Where a header is wrong, its size is believed if at least the signature or the offset is right;
 * else all up to the next good header is a gap. In a run that stops at the first error the hive
 * was opened, so all headers are right.
 */
uint32_t
hc_check_bin(HcCheck *check, uint32_t at)
{
    const uint32_t end = check->hive->info.bins_bytes;
    const uint8_t *bin = check->hive->bins + at;
    uint32_t size = hc_get32(bin + HC_HBIN_SIZE);
    const gboolean has_signature = memcmp(bin, "hbin", 4) == 0;
    const gboolean has_offset = hc_get32(bin + HC_HBIN_OFFSET) == at;
    const gboolean has_size = size != 0 && size % HC_HBIN_ALIGN == 0 && size <= end - at;
    if (!has_signature)
        hc_check_report(check, HC_FAULT_BIN_SIGNATURE, "hive bin", at, NULL);
    if (!has_signature && !has_offset) {
        const uint32_t next = next_bin(check->hive, at);
        add_gap(check, at, next);
        return next;
    }
    if (!has_size)
        hc_check_report(check, HC_FAULT_BIN_SIZE, "hive bin", at, "it is 0x%x", size);
    if (!has_offset)
        hc_check_report(check, HC_FAULT_BIN_OFFSET, "hive bin", at, "it says 0x%x",
                        hc_get32(bin + HC_HBIN_OFFSET));
    if (!has_size)
        size = next_bin(check->hive, at) - at;
    return check_bin_cells(check, at + HC_HBIN_HEADER_BYTES, at + size);
}

void
hc_check_cells(HcCheck *check)
{
    const uint32_t end = check->hive->info.bins_bytes;
    uint32_t at = 0;
    while (at < end && end - at >= HC_HBIN_HEADER_BYTES && !check->is_stopped)
        at = hc_check_bin(check, at);
    if (at < end)
        add_gap(check, at, end);
}

/* The gaps are in order and apart. */
static gboolean
is_in_gap(const HcCheck *check, uint32_t offset)
{
    guint low = 0;
    guint high = check->gaps->len;
    while (low < high) {
        const guint middle = low + (high - low) / 2;
        const HcCheckGap *gap = &g_array_index(check->gaps, HcCheckGap, middle);
        if (offset >= gap->start && offset < gap->end)
            return TRUE;
        if (offset < gap->start)
            high = middle;
        else
            low = middle + 1;
    }
    return FALSE;
}

gboolean
hc_check_is_allocated(const HcCheck *check, uint32_t offset)
{
    return (check->cells[offset / 64].allocated & bit_of(offset)) != 0 || is_in_gap(check, offset);
}

void
hc_check_mark_allocated(HcCheck *check, uint32_t offset)
{
    check->cells[offset / 64].allocated |= bit_of(offset);
}

gboolean
hc_check_is_claimed(const HcCheck *check, uint32_t offset)
{
    return (check->cells[offset / 64].claimed & bit_of(offset)) != 0;
}

gboolean
hc_check_are_cells(const HcCheck *check, uint32_t n_bytes)
{
    uint64_t lost = 0;
    for (uint32_t word = 0; word < n_bytes / 64; word += 4) {
        const uint64_t four = hc_check_load_cells(&check->cells[word]);
        lost |= four & HC_CHECK_CLAIMED & ~(four << 8);
    }
    return lost == 0;
}

void
hc_check_slack(HcCheck *check, uint32_t offset, uint32_t used)
{
    const uint8_t *cell = check->hive->bins + offset;
    const uint32_t n_slack = 0u - hc_get32(cell) - 4 - used;
    const uint64_t n_nonzero = count_nonzero(cell + 4 + used, n_slack);
    if (n_nonzero > 0)
        hc_check_total(check, &check->slack, offset, n_nonzero);
}

gboolean
hc_check_claim_slowly(HcCheck *check, uint32_t offset, const char *what, uint32_t used)
{
    HcCheckCells *cells = &check->cells[offset / 64];
    const uint8_t bit = bit_of(offset);
    if (check->is_releasing) {
        cells->claimed &= (uint8_t) ~bit;
        return TRUE;
    }
    if (!check->is_part && (cells->allocated & bit) == 0 && !is_in_gap(check, offset)) {
        hc_check_report(check, HC_FAULT_CELL_MIDDLE, what, offset, NULL);
        return FALSE;
    }
    if ((cells->claimed & bit) != 0) {
        hc_check_report(check, HC_FAULT_CELL_TWICE, what, offset, NULL);
        return FALSE;
    }
    cells->claimed |= bit;
    hc_check_claimed(check, offset, used);
    return TRUE;
}

static void
report_total(HcCheck *check, HcFaultKind kind, const char *what, const HcCheckTotal *total)
{
    if (total->n > 0)
        hc_check_report(check, kind, what, total->first,
                        "%" G_GUINT64_FORMAT " cell%s, %" G_GUINT64_FORMAT " byte%s", total->n,
                        total->n == 1 ? "" : "s", total->n_bytes, total->n_bytes == 1 ? "" : "s");
}

static void
report_number(HcCheck *check, HcFaultKind kind, const char *what, const char *unit,
              const HcCheckTotal *total)
{
    if (total->n > 0)
        hc_check_report(check, kind, what, total->first, "%" G_GUINT64_FORMAT " %s%s", total->n,
                        unit, total->n == 1 ? "" : "s");
}

/* Whether all of four that are allocated are claimed. */
static gboolean
are_all_claimed(const HcCheckCells *cells)
{
    const uint64_t four = hc_check_load_cells(cells);
    return (four << 8 & ~four & HC_CHECK_CLAIMED) == 0;
}

void
hc_check_leftovers(HcCheck *check)
{
    const HcHive *hive = check->hive;
    const uint32_t n_words = hive->info.bins_bytes / 64 + 1;
    HcCheckTotal unreached = {0};
    HcCheckTotal keys = {0};
    for (uint32_t word = 0; word < n_words; word++) {
        if (word % 4 == 0 && n_words - word > 4 && are_all_claimed(&check->cells[word])) {
            word += 3;
            continue;
        }
        uint8_t left = check->cells[word].allocated & (uint8_t) ~check->cells[word].claimed;
        for (uint32_t bit = 0; left != 0; bit++, left >>= 1) {
            if ((left & 1) == 0)
                continue;
            const uint32_t offset = word * 64 + bit * 8;
            const uint8_t *cell = hive->bins + offset;
            const uint32_t size = 0u - hc_get32(cell);
            hc_check_total(check, &unreached, offset, size);
            if (size >= HC_NK_NAME + 4 && cell[4] == 'n' && cell[5] == 'k')
                hc_check_total(check, &keys, offset, size);
        }
    }
    report_total(check, HC_FAULT_KEYS_UNREACHED, "cells", &keys);
    report_total(check, HC_FAULT_CELLS_UNREACHED, "cells", &unreached);
    report_number(check, HC_FAULT_KEY_MAX_LARGE, "keys", "key", &check->large);
    report_number(check, HC_FAULT_LAYER_STRAY, "keys and values", "cell", &check->stray);
    report_total(check, HC_FAULT_SLACK, "cells", &check->slack);
    report_total(check, HC_FAULT_REMNANTS, "cells", &check->remnants);
}
