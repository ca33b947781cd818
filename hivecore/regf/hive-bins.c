#include "config.h"

#include "hivecore/regf/hive-private.h"
#include "hivecore/regf/layout.h"

/* How far back a bin's header is searched before the bins are walked. Those of Windows have at most
 * 1 MB; without a bound, bins in bins would make a hostile hive take forever. */
#define MAX_PAGES_BACK 1024u

/* What is wrong with the header at @at, a multiple of 4,096 inside the bins. */
static HcFaultKind
header_fault(const HcHive *hive, uint32_t at)
{
    const uint8_t *bin = hive->bins + at;
    const uint32_t size = hc_get32(bin + HC_HBIN_SIZE);
    if (memcmp(bin, "hbin", 4) != 0)
        return HC_FAULT_BIN_SIGNATURE;
    if (size == 0 || size % HC_HBIN_ALIGN != 0 || size > hive->info.bins_bytes - at)
        return HC_FAULT_BIN_SIZE;
    if (hc_get32(bin + HC_HBIN_OFFSET) != at)
        return HC_FAULT_BIN_OFFSET;
    return HC_FAULT_NONE;
}

gboolean
hc_bins_check(const HcHive *hive, HcFault *fault)
{
    uint32_t at = 0;
    while (at < hive->info.bins_bytes) {
        const HcFaultKind kind = header_fault(hive, at);
        if (kind != HC_FAULT_NONE)
            return hc_fault_set(fault, kind, "hive bin", at);
        at += hc_get32(hive->bins + at + HC_HBIN_SIZE);
    }
    return TRUE;
}

HcHivePages *
hc_bins_new_pages(const HcHive *hive)
{
    return g_malloc0(sizeof(HcHivePages) + hive->info.bins_bytes / HC_HBIN_ALIGN);
}

static void
count_page(HcHivePages *pages, uint32_t page)
{
    if ((pages->marks[page] & HC_PAGE_ENTERED) == 0)
        pages->n_entered++;
    pages->marks[page] |= HC_PAGE_ENTERED;
}

/* @at: a bin with a right header. */
static void
mark_sound(const HcHive *hive, uint32_t at)
{
    const uint32_t n_bytes = hc_get32(hive->bins + at + HC_HBIN_SIZE);
    for (uint32_t page = at / HC_HBIN_ALIGN; page < (at + n_bytes) / HC_HBIN_ALIGN; page++)
        hive->pages->marks[page] |= HC_PAGE_SOUND;
}

/*
 * The header is the nearest one before that is right and whose bin reaches here. Windows leaves old
 * headers inside of bins that it has joined: such a one may be found first, and if it does not
 * reach here the search goes on, so no cell of a sound hive is refused.
 */
static gboolean
find_near(const HcHive *hive, uint32_t page)
{
    for (uint32_t back = 0; back <= MIN(page, MAX_PAGES_BACK); back++) {
        const uint32_t at = (page - back) * HC_HBIN_ALIGN;
        count_page(hive->pages, page - back);
        if (header_fault(hive, at) != HC_FAULT_NONE ||
            hc_get32(hive->bins + at + HC_HBIN_SIZE) / HC_HBIN_ALIGN <= back)
            continue;
        mark_sound(hive, at);
        return TRUE;
    }
    return FALSE;
}

/* For bins that are larger than any of Windows': from the first on, once. */
static void
walk_all(const HcHive *hive)
{
    uint32_t at = 0;
    hive->pages->is_walked = TRUE;
    while (at < hive->info.bins_bytes && header_fault(hive, at) == HC_FAULT_NONE) {
        count_page(hive->pages, at / HC_HBIN_ALIGN);
        mark_sound(hive, at);
        at += hc_get32(hive->bins + at + HC_HBIN_SIZE);
    }
}

gboolean
hc_bins_enter(const HcHive *hive, uint32_t offset, HcFault *fault)
{
    const uint32_t page = offset / HC_HBIN_ALIGN;
    HcHivePages *pages = hive->pages;
    count_page(pages, page);
    if ((pages->marks[page] & HC_PAGE_SOUND) != 0 || find_near(hive, page))
        return TRUE;
    if (!pages->is_walked)
        walk_all(hive);
    if ((pages->marks[page] & HC_PAGE_SOUND) != 0)
        return TRUE;
    /* The first bad header of the hive is told, as by all who look at every bin. */
    if (hc_bins_check(hive, fault))
        (void) hc_fault_set(fault, HC_FAULT_BIN_SIGNATURE, "hive bin", page * HC_HBIN_ALIGN);
    return FALSE;
}

uint32_t
hc_hive_n_pages_entered(const HcHive *hive)
{
    return hive->pages != NULL ? hive->pages->n_entered : 0;
}
