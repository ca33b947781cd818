#include "config.h"

#include "hivecore/base/parallel.h"
#include "hivecore/regf/check-private.h"
#include "hivecore/regf/layout.h"

/* Where the bins of two hives differ, and what lies there. */

enum {
    N_SAMPLES = 64, /* pages that tell whether hives are alike */
    PIECE_PAGES = 1024,
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

/* Bins that are compared. */
typedef struct {
    const HcHive *left;
    const HcHive *right;
    uint64_t *lines;
    uint32_t n_pages; /* that both have */
    gint n_differ;
    gint most; /* that may */
} Pages;

/* So many pages that nobody has looked at, until too many differ. */
static void
compare_some(gpointer piece, G_GNUC_UNUSED guint thread, gpointer data)
{
    Pages *pages = data;
    const uint32_t start = GPOINTER_TO_UINT(piece) * PIECE_PAGES;
    const uint32_t end = MIN(start + PIECE_PAGES, pages->n_pages);
    gint n_differ = 0;
    for (uint32_t page = start;
         page < end && g_atomic_int_get(&pages->n_differ) + n_differ <= pages->most; page++) {
        const gsize at = (gsize) page * HC_HBIN_ALIGN;
        if (is_page_same(pages->left, pages->right, page))
            continue;
        pages->lines[page] = compare_lines(pages->left->bins + at, pages->right->bins + at);
        n_differ++;
    }
    (void) g_atomic_int_add(&pages->n_differ, n_differ);
}

uint64_t *
hc_check_compare_pages(const HcHive *left, const HcHive *right)
{
    const uint32_t n_pages = left->info.bins_bytes / HC_HBIN_ALIGN;
    const uint32_t n_both = MIN(n_pages, right->info.bins_bytes / HC_HBIN_ALIGN);
    if (!hc_hives_are_alike(left, right))
        return NULL;
    g_autofree uint64_t *lines = g_new0(uint64_t, n_pages + 1);
    for (uint32_t page = n_both; page <= n_pages; page++)
        lines[page] = UINT64_MAX;
    Pages pages = {.left = left,
                   .right = right,
                   .lines = lines,
                   .n_pages = n_both,
                   .n_differ = (gint) (n_pages - n_both),
                   .most = (gint) (64 + n_pages / 4)};
    hc_parallel_each(n_both / PIECE_PAGES + 1, compare_some, &pages);
    return pages.n_differ <= pages.most ? g_steal_pointer(&lines) : NULL;
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
