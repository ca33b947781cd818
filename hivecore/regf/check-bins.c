#include "config.h"

#include "hivecore/regf/check-private.h"
#include "hivecore/regf/layout.h"

/*
 * The cells of the bins, looked at when the walk of the tree comes near: what both look at is then
 * fetched from memory once, and not once by each. Where a bin begins is guessed from its header,
 * which may be one that Windows left inside of bins that it has joined; in the end the stretches
 * must follow each other, else all bins are looked at again from the first on.
 */

HcCheckBins *
hc_check_bins_new(const HcHive *hive)
{
    const uint32_t n = hive->info.bins_bytes / HC_CHECK_STRETCH_BYTES + 1;
    HcCheckBins *bins = g_malloc0(sizeof(*bins) + n * sizeof(HcCheckStretch));
    bins->n_stretches = n;
    return bins;
}

static gboolean
is_right(const HcHive *hive, uint32_t at)
{
    const uint8_t *bin = hive->bins + at;
    const uint32_t size = hc_get32(bin + HC_HBIN_SIZE);
    return memcmp(bin, "hbin", 4) == 0 && hc_get32(bin + HC_HBIN_OFFSET) == at && size != 0 &&
           size % HC_HBIN_ALIGN == 0 && size <= hive->info.bins_bytes - at;
}

void
hc_check_bins_take(HcCheck *check, uint32_t n)
{
    HcCheckStretch *stretch = &check->bins->stretches[n];
    if (!g_atomic_int_compare_and_exchange(&stretch->is_taken, 0, 1) || check->is_stopped)
        return;
    const uint32_t end = MIN((n + 1) * HC_CHECK_STRETCH_BYTES, check->hive->info.bins_bytes);
    const HcCheckTotal remnants = check->remnants;
    uint32_t at = n * HC_CHECK_STRETCH_BYTES;
    while (at < end && !is_right(check->hive, at))
        at += HC_HBIN_ALIGN;
    check->remnants = (HcCheckTotal){0};
    stretch->start = at;
    while (at < end && is_right(check->hive, at) && !check->is_stopped)
        at = hc_check_bin(check, at);
    stretch->end = at;
    stretch->remnants = check->remnants;
    check->remnants = remnants;
    /* What was refused may be no bin, which only the walk over all of them tells. The cells that
     * were found in it are in the map by then. */
    stretch->is_refused = check->is_stopped;
    check->is_stopped = FALSE;
    g_array_set_size(check->gaps, 0);
}

/* Whether each stretch begins where those before have ended, so that what is in the map are the
 * cells of bins, and of nothing else. */
static gboolean
do_follow(const HcCheckBins *bins, uint32_t n_bytes)
{
    uint32_t at = 0;
    for (uint32_t n = 0; n < bins->n_stretches; n++) {
        const HcCheckStretch *stretch = &bins->stretches[n];
        const uint32_t end = MIN((n + 1) * HC_CHECK_STRETCH_BYTES, n_bytes);
        if (stretch->is_refused || (at < end && (stretch->start != at || stretch->end < end)))
            return FALSE;
        if (at >= end && stretch->end > stretch->start)
            return FALSE;
        at = MAX(at, stretch->end);
    }
    return TRUE;
}

static void
add_remnants(HcCheck *check)
{
    for (uint32_t n = 0; n < check->bins->n_stretches; n++) {
        const HcCheckTotal *more = &check->bins->stretches[n].remnants;
        if (check->remnants.n == 0)
            check->remnants.first = more->first;
        check->remnants.n += more->n;
        check->remnants.n_bytes += more->n_bytes;
    }
}

void
hc_check_bins_finish(HcCheck *check)
{
    const uint32_t n_bytes = check->hive->info.bins_bytes;
    if (do_follow(check->bins, n_bytes)) {
        add_remnants(check);
        return;
    }
    for (uint32_t word = 0; word < n_bytes / 64; word++)
        check->cells[word].allocated = 0;
    hc_check_cells(check);
}
