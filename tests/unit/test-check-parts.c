#include "config.h"

#include "fixtures/mk-hives.h"
#include "hivecore/base/parallel.h"
#include "hivecore/regf/check-private.h"
#include "hivecore/regf/layout.h"
#include "tests/unit/cu.h"
#include "tests/unit/random-tree.h"

/* What a check says does not depend on the number of threads. */

const char cu_suite[] = "check by several threads";

static GBytes *
make_hive(gboolean is_tweaked)
{
    g_autoptr(MkTree) tree = mk_big(6000, 7, is_tweaked);
    GBytes *bytes = mk_tree_write(tree, 5, "big", NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
    /* Smaller ones are checked by one thread whatever is asked for. */
    CU_ASSERT_TRUE_FATAL(g_bytes_get_size(bytes) > 3 << 19);
    return bytes;
}

static HcHive *
open_bytes(GBytes *bytes, HcHiveFlags flags)
{
    g_autoptr(HcMap) map = hc_map_from_bytes("x.hive", g_bytes_ref(bytes));
    return hc_hive_open_map(map, HC_HIVE_ALLOW_DIRTY | flags, NULL);
}

static void
append_counts(GString *text, const HcCheckCounts *counts)
{
    g_string_append_printf(text,
                           "%" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT
                           " %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT
                           " %u\n",
                           counts->n_keys, counts->n_values, counts->n_big, counts->n_security,
                           counts->n_classes, counts->data_bytes, counts->depth);
}

/* What a check in the order of reports says, which looks at all bins before it walks the tree. */
static char *
tell_in_order(const HcHive *damaged)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(HcFindings) findings = hc_findings_new(NULL, HC_MAX_FINDINGS);
    g_autoptr(HcCheck) check = hc_check_new(damaged, findings);
    hc_check_header(check);
    hc_check_cells(check);
    hc_check_tree(check);
    hc_check_ring(check);
    hc_check_leftovers(check);
    hc_findings_append_text(text, findings, "");
    append_counts(text, &check->counts);
    return g_string_free(g_steal_pointer(&text), FALSE);
}

/* All that a check of @bytes says, and one of @other and it. */
static char *
tell(GBytes *bytes, GBytes *other, guint n_threads)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(HcHive) damaged = open_bytes(bytes, HC_HIVE_ALLOW_DAMAGED);
    g_autoptr(HcHive) hive = open_bytes(bytes, 0);
    g_autoptr(HcHive) other_hive = open_bytes(other, 0);
    HcCheckCounts counts = {0};
    hc_parallel_set_threads(n_threads);
    if (damaged != NULL) {
        g_autoptr(HcFindings) findings = hc_findings_new(NULL, HC_MAX_FINDINGS);
        hc_hive_check_all(damaged, findings, &counts);
        hc_findings_append_text(text, findings, "");
        append_counts(text, &counts);
        g_autofree char *in_order = tell_in_order(damaged);
        CHECK_STRING(text->str, in_order);
    }
    if (hive != NULL) {
        g_autoptr(GError) error = NULL;
        g_auto(HcPairCheck) both = {NULL, NULL, NULL};
        counts = (HcCheckCounts){0};
        if (hc_hive_check(hive, &counts, &error))
            append_counts(text, &counts);
        else
            g_string_append_printf(text, "%s\n", error->message);
        hc_hive_check_pair(hive, other_hive, FALSE, &both);
        g_string_append_printf(
            text, "%s\n%s\n%d\n", both.left != NULL ? both.left->message : "sound",
            both.right != NULL ? both.right->message : "sound", both.same != NULL);
        HcKey left;
        HcKey right;
        if (both.same != NULL && hc_hive_root(hive, &left, NULL) &&
            hc_hive_root(other_hive, &right, NULL))
            g_string_append_printf(text, "%d\n", hc_same_keys_has(both.same, &left, &right));
    }
    hc_parallel_set_threads(0);
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static void
compare(GBytes *bytes, GBytes *other, guint n_threads)
{
    g_autofree char *by_one = tell(bytes, other, 1);
    g_autofree char *by_several = tell(bytes, other, n_threads);
    CHECK_STRING(by_several, by_one);
}

static void
sound(void)
{
    g_autoptr(GBytes) hive = make_hive(FALSE);
    g_autoptr(GBytes) tweaked = make_hive(TRUE);
    for (guint n = 2; n <= 4; n++) {
        compare(hive, hive, n);
        compare(hive, tweaked, n);
        compare(tweaked, hive, n);
    }
}

/* Bytes behind the content of cells and in free ones are counted, and the first is named. */
static void
notes(void)
{
    g_autoptr(GBytes) hive = make_hive(FALSE);
    gsize n_bytes;
    const uint8_t *bytes = g_bytes_get_data(hive, &n_bytes);
    Random random = random_start(3);
    for (guint round = 0; round < 6; round++) {
        g_autofree uint8_t *copy = g_memdup2(bytes, n_bytes);
        for (guint i = 0; i < 40; i++) {
            const gsize at = HC_BASE_BLOCK_BYTES +
                             (gsize) random_below(&random, (uint32_t) (n_bytes / 8 - 1024)) * 8;
            /* Data that is shorter by one byte leaves one that means nothing. */
            if (copy[at + 4] == 'v' && copy[at + 5] == 'k' && copy[at + 8] > 4)
                copy[at + 8]--;
            else if (copy[at + 3] == 0 && copy[at + 2] == 0 && copy[at] >= 16)
                copy[at + 9] = 1;
        }
        g_autoptr(GBytes) changed = g_bytes_new(copy, n_bytes);
        compare(changed, hive, 2 + round % 3);
        compare(hive, changed, 2 + round % 3);
    }
}

static void
damaged(void)
{
    g_autoptr(GBytes) hive = make_hive(FALSE);
    gsize n_bytes;
    const uint8_t *bytes = g_bytes_get_data(hive, &n_bytes);
    Random random = random_start(5);
    for (guint round = 0; round < 20; round++) {
        g_autofree uint8_t *copy = g_memdup2(bytes, n_bytes);
        uint8_t *bins = copy + HC_BASE_BLOCK_BYTES;
        const uint32_t n_words = (uint32_t) (n_bytes - HC_BASE_BLOCK_BYTES) / 4;
        for (guint i = 0; i < 1 + round % 3; i++) {
            const uint32_t at = random_below(&random, n_words) * 4;
            if (round % 2 == 0)
                bins[at] ^= (uint8_t) (1u << random_below(&random, 8));
            else
                memmove(bins + at, bins + (gsize) random_below(&random, n_words) * 4, 4);
        }
        g_autoptr(GBytes) changed = g_bytes_new(copy, n_bytes);
        compare(changed, hive, 2 + round % 3);
        compare(hive, changed, 2 + round % 3);
    }
}

/* Windows joins bins, and leaves the header of the second inside of the first. Here in a cell,
 * which becomes larger, and where a stretch of bins begins that is looked at by itself. */
static void
joined(void)
{
    g_autoptr(GBytes) hive = make_hive(FALSE);
    gsize n_bytes;
    const uint8_t *bytes = g_bytes_get_data(hive, &n_bytes);
    g_autofree uint8_t *copy = g_memdup2(bytes, n_bytes);
    uint8_t *bins = copy + HC_BASE_BLOCK_BYTES;
    guint n_joined = 0;
    for (uint32_t at = HC_CHECK_STRETCH_BYTES; at < n_bytes - 2 * HC_HBIN_ALIGN;
         at += HC_CHECK_STRETCH_BYTES) {
        uint8_t *before = bins + at - HC_HBIN_ALIGN;
        if (memcmp(before, "hbin", 4) != 0 || hc_get32(before + HC_HBIN_SIZE) != HC_HBIN_ALIGN ||
            memcmp(bins + at, "hbin", 4) != 0)
            continue;
        uint8_t *cell = before + HC_HBIN_HEADER_BYTES;
        int32_t size = (int32_t) hc_get32(cell);
        while (cell + ABS(size) < bins + at) {
            cell += ABS(size);
            size = (int32_t) hc_get32(cell);
        }
        hc_put32(cell, (uint32_t) (size + (size < 0 ? -1 : 1) * HC_HBIN_HEADER_BYTES));
        hc_put32(before + HC_HBIN_SIZE, HC_HBIN_ALIGN + hc_get32(bins + at + HC_HBIN_SIZE));
        n_joined++;
    }
    CU_ASSERT(n_joined > 3);
    g_autoptr(GBytes) changed = g_bytes_new(copy, n_bytes);
    g_autoptr(HcHive) opened = open_bytes(changed, 0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(opened);
    CU_ASSERT_TRUE(hc_hive_check(opened, NULL, NULL));
    compare(changed, hive, 2);
    compare(hive, changed, 3);
}

/* Behind the others a bin of one free cell, in which there is what looks like a bin where a stretch
 * begins: first a cell, then what is none. */
static void
begun(void)
{
    g_autoptr(GBytes) hive = make_hive(FALSE);
    gsize n_bytes;
    const uint8_t *bytes = g_bytes_get_data(hive, &n_bytes);
    const uint32_t start = (uint32_t) n_bytes - HC_BASE_BLOCK_BYTES;
    const uint32_t fake = (start / HC_CHECK_STRETCH_BYTES + 2) * HC_CHECK_STRETCH_BYTES;
    const uint32_t bin_bytes = fake + HC_CHECK_STRETCH_BYTES - start;
    g_autofree uint8_t *copy = g_malloc0(n_bytes + bin_bytes);
    memcpy(copy, bytes, n_bytes);
    hc_put32(copy + HC_BASE_BINS_BYTES, start + bin_bytes);
    hc_put32(copy + HC_BASE_CHECKSUM, hc_base_checksum(copy));
    uint8_t *bins = copy + HC_BASE_BLOCK_BYTES;
    const uint32_t headers[] = {start, bin_bytes, fake, HC_HBIN_ALIGN};
    for (guint i = 0; i < G_N_ELEMENTS(headers); i += 2) {
        memcpy(bins + headers[i], "hbin", 4);
        hc_put32(bins + headers[i] + HC_HBIN_OFFSET, headers[i]);
        hc_put32(bins + headers[i] + HC_HBIN_SIZE, headers[i + 1]);
    }
    hc_put32(bins + start + HC_HBIN_HEADER_BYTES, bin_bytes - HC_HBIN_HEADER_BYTES);
    hc_put32(bins + fake + HC_HBIN_HEADER_BYTES, 0u - 16);
    g_autoptr(GBytes) changed = g_bytes_new(copy, n_bytes + bin_bytes);
    compare(changed, hive, 2);
    compare(hive, changed, 3);
}

const CuCase cu_cases[] = {
    {"sound", sound},   {"notes", notes}, {"damaged", damaged},
    {"joined", joined}, {"begun", begun}, {NULL, NULL},
};
