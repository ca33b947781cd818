#include "config.h"

#include "hivecore/regf/check-private.h"
#include "hivecore/regf/layout.h"

/* Where the bins of two hives differ, and what lies there. */

enum {
    N_SAMPLES = 64, /* pages that tell whether hives are alike */
};

/* Sets a bit for each line of a page that differs. */
static uint64_t
compare_lines(const uint8_t *left, const uint8_t *right)
{
    uint64_t lines = 0;
    for (guint i = 0; i < HC_CHECK_LINES; i++) {
        const gsize at = (gsize) i * HC_CHECK_LINE_BYTES;
        if (memcmp(left + at, right + at, HC_CHECK_LINE_BYTES) != 0)
            lines |= UINT64_C(1) << i;
    }
    return lines;
}

static gboolean
is_page_same(const HcHive *left, const HcHive *right, uint32_t page)
{
    const gsize at = (gsize) page * HC_HBIN_ALIGN;
    return memcmp(left->bins + at, right->bins + at, HC_HBIN_ALIGN) == 0;
}

gboolean
hc_hives_are_alike(const HcHive *left, const HcHive *right)
{
    const uint32_t n_both = MIN(left->info.bins_bytes, right->info.bins_bytes) / HC_HBIN_ALIGN;
    uint32_t n_same = 0;
    if (n_both < 4 * N_SAMPLES)
        return TRUE;
    for (uint32_t i = 0; i < N_SAMPLES; i++)
        n_same += is_page_same(left, right, (uint32_t) ((uint64_t) n_both * i / N_SAMPLES));
    return n_same >= N_SAMPLES / 2;
}

uint64_t *
hc_check_compare_pages(const HcHive *left, const HcHive *right)
{
    const uint32_t n_pages = left->info.bins_bytes / HC_HBIN_ALIGN;
    const uint32_t n_both = MIN(n_pages, right->info.bins_bytes / HC_HBIN_ALIGN);
    if (!hc_hives_are_alike(left, right))
        return NULL;
    g_autofree uint64_t *lines = g_new0(uint64_t, n_pages + 1);
    uint32_t n_differ = n_pages - n_both;
    for (uint32_t page = n_both; page <= n_pages; page++)
        lines[page] = UINT64_MAX;
    for (uint32_t page = 0; page < n_both; page++) {
        const gsize at = (gsize) page * HC_HBIN_ALIGN;
        if (is_page_same(left, right, page))
            continue;
        lines[page] = compare_lines(left->bins + at, right->bins + at);
        if (++n_differ > 64 + n_pages / 4)
            return NULL;
    }
    return g_steal_pointer(&lines);
}

static gboolean
do_lines_differ(const HcCheck *check, uint32_t offset, uint32_t n_bytes)
{
    const uint32_t last = (offset + n_bytes - 1) / HC_CHECK_LINE_BYTES;
    for (uint32_t line = offset / HC_CHECK_LINE_BYTES; line <= last; line++) {
        const uint64_t lines = check->lines[line / HC_CHECK_LINES];
        if (lines == 0)
            line |= HC_CHECK_LINES - 1;
        else if ((lines >> line % HC_CHECK_LINES & 1) != 0)
            return TRUE;
    }
    return FALSE;
}

void
hc_check_note_cell(HcCheck *check, uint32_t offset)
{
    if (!check->differs)
        check->differs = do_lines_differ(check, offset, 0u - hc_get32(check->hive->bins + offset));
}

/* Its links and its number of references change with keys that have nothing to do with it. */
gboolean
hc_check_differs_security(const HcCheck *check, uint32_t offset, uint32_t descriptor_bytes)
{
    const uint32_t n_bytes = 4 + HC_SK_DESCRIPTOR + descriptor_bytes;
    if (!do_lines_differ(check, offset, n_bytes))
        return FALSE;
    if (offset + n_bytes > check->right->info.bins_bytes)
        return TRUE;
    const uint8_t *left = check->hive->bins + offset;
    const uint8_t *right = check->right->bins + offset;
    const gsize content = 4 + HC_SK_BYTES;
    return memcmp(left, right, 4 + HC_SK_FLINK) != 0 ||
           memcmp(left + content, right + content, n_bytes - content) != 0;
}
