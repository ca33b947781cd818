#include "config.h"

#include <stdlib.h>

#include "hivecore/regf/check-private.h"
#include "hivecore/regf/layout.h"

/*
 * Two hives that are mostly the same bytes in the same places, checked for the price of one.
 *
 * First the bins are compared, 64 bytes at a time. Then the left hive is checked, and each key
 * learns on the way whether a cell of it, or of a key below it, lies where the hives differ. A key
 * that has none is in the right hive as well, with everything below it: the same bytes at the same
 * offsets. So the right hive is sound when what differs is: in the state in which the check of the
 * left hive ended, the keys that differ give their cells and descriptors back, and are checked
 * again in the right hive, where a subkey that was below a key that differs, and does not differ
 * itself, is taken as it is, once. What this way does not understand is no defect: the right hive
 * is then checked from its root on, as any other.
 */

enum {
    LINE_BYTES = 64, /* what is compared at once; a page has as many as a uint64_t has bits */
    LINES = HC_HBIN_ALIGN / LINE_BYTES,
    N_SAMPLES = 64, /* pages that tell whether hives are alike */
};

/* No more keys are remembered, each with 8 bytes, than one for so many bytes of the hive. */
#define BYTES_FOR_KEY 1024u

struct HcSameKeys {
    GArray *changed; /* of HcCheckPlace by offset: all keys of the left hive that differ */
};

/* Sets a bit for each line of a page that differs. */
static uint64_t
compare_lines(const uint8_t *left, const uint8_t *right)
{
    uint64_t lines = 0;
    for (guint i = 0; i < LINES; i++) {
        const gsize at = (gsize) i * LINE_BYTES;
        if (memcmp(left + at, right + at, LINE_BYTES) != 0)
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

/*
 * The lines in which the bins differ, for each page of the left hive; those behind the end of the
 * right one all do. Returns: NULL when so much differs that it is not worth more than two checks.
 */
static uint64_t *
compare_pages(const HcHive *left, const HcHive *right)
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
    const uint32_t last = (offset + n_bytes - 1) / LINE_BYTES;
    for (uint32_t line = offset / LINE_BYTES; line <= last; line++) {
        const uint64_t lines = check->lines[line / LINES];
        if (lines == 0)
            line |= LINES - 1;
        else if ((lines >> line % LINES & 1) != 0)
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

/* --- keys that are remembered --- */

static gint
compare_places(gconstpointer a, gconstpointer b)
{
    const HcCheckPlace *place_a = a;
    const HcCheckPlace *place_b = b;
    return (place_a->offset > place_b->offset) - (place_a->offset < place_b->offset);
}

static HcCheckPlace *
find_place(const GArray *places, uint32_t offset)
{
    const HcCheckPlace wanted = {.offset = offset};
    return places->len == 0
               ? NULL
               : bsearch(&wanted, places->data, places->len, sizeof(HcCheckPlace), compare_places);
}

static void
remember(HcCheck *check, GArray *places, uint32_t offset, uint32_t depth)
{
    const HcCheckPlace place = {offset, (uint16_t) depth, FALSE, FALSE};
    if (places->len > check->hive->info.bins_bytes / BYTES_FOR_KEY)
        check->is_too_much = TRUE;
    else
        g_array_append_val(places, place);
}

void
hc_check_note_changed(HcCheck *check, uint32_t offset, uint32_t depth)
{
    if (check->differs)
        remember(check, check->changed, offset, depth);
}

/* --- from the left hive to the right one --- */

void
hc_check_release_subkey(HcCheck *check, uint32_t offset, uint32_t depth)
{
    if (find_place(check->changed, offset) == NULL)
        remember(check, check->known, offset, depth);
}

void
hc_check_release_security(HcCheck *check, uint32_t offset)
{
    gpointer key = GUINT_TO_POINTER(offset);
    const guint n = GPOINTER_TO_UINT(g_hash_table_lookup(check->security, key));
    if (n > 1) {
        g_hash_table_insert(check->security, key, GUINT_TO_POINTER(n - 1));
        return;
    }
    g_hash_table_remove(check->security, key);
    (void) hc_check_claim(check, offset, "key security", 0); /* which gives it back */
}

gboolean
hc_check_take_known(HcCheck *check, uint32_t offset, uint32_t depth)
{
    HcCheckPlace *place = check->known != NULL ? find_place(check->known, offset) : NULL;
    if (place == NULL || place->depth != depth || place->is_taken)
        return FALSE;
    place->is_taken = TRUE;
    return TRUE;
}

gboolean
hc_check_is_changed(const HcCheck *check, uint32_t offset)
{
    return find_place(check->changed, offset) != NULL;
}

gboolean
hc_check_take_list(HcCheck *check, uint32_t offset, uint32_t depth)
{
    HcCheckPlace *place = find_place(check->changed, offset);
    if (place == NULL || !place->is_list_same || place->depth != depth)
        return FALSE;
    place->is_taken = TRUE;
    return TRUE;
}

/* Whether the key of the left hive has its list of subkeys in the right one too. */
static gboolean
is_list_there(const HcCheck *check, const HcKey *key)
{
    if (check->differs || key->n_subkeys == 0 ||
        key->offset + 4 + HC_NK_NAME > check->right->info.bins_bytes)
        return FALSE;
    const uint8_t *right = check->right->bins + key->offset + 4;
    return hc_get32(right + HC_NK_N_SUBKEYS) == key->n_subkeys &&
           hc_get32(right + HC_NK_SUBKEYS) == hc_get32(key->nk + HC_NK_SUBKEYS);
}

/*
 * A key that differs gives back what is its own. The subkeys that do not differ are remembered,
 * unless the right hive has the same list: then they are what the list names and no key that
 * differs, and each stands there once.
 */
static void
release_key(HcCheck *check, HcCheckPlace *place)
{
    const guint n_known = check->known->len;
    HcKey key;
    HcFault fault;
    if (!hc_read_key(check->hive, place->offset, &key, &fault)) {
        check->is_too_much = TRUE;
        return;
    }
    check->differs = FALSE;
    check->values_left = UINT64_MAX;
    (void) hc_check_claim(check, place->offset, "key", 0);
    hc_check_key(check, &key, place->depth, HC_LAYER_MERGE);
    place->is_list_same = is_list_there(check, &key);
    if (place->is_list_same)
        g_array_set_size(check->known, n_known);
}

static void
release_changed(HcCheck *check)
{
    check->is_releasing = TRUE;
    for (guint i = 0; i < check->changed->len && !check->is_too_much; i++)
        release_key(check, &g_array_index(check->changed, HcCheckPlace, i));
    check->is_releasing = FALSE;
    g_array_sort(check->known, compare_places);
}

static gboolean
is_bin_same(const HcCheck *check, uint32_t at, uint32_t n_bytes)
{
    for (uint32_t page = at / HC_HBIN_ALIGN; page < (at + n_bytes) / HC_HBIN_ALIGN; page++) {
        if (check->lines[page] != 0)
            return FALSE;
    }
    return TRUE;
}

/* The cells of the right hive: where a bin is that of the left hive, they are its cells. */
static void
recheck_cells(HcCheck *check, const HcHive *left)
{
    const uint32_t end = check->hive->info.bins_bytes;
    const uint32_t left_end = left->info.bins_bytes;
    uint32_t left_at = 0;
    uint32_t at = 0;
    while (at < end && !check->is_stopped) {
        while (left_at < at && left_at < left_end)
            left_at += hc_get32(left->bins + left_at + HC_HBIN_SIZE);
        if (left_at == at && at < left_end) {
            const uint32_t n_bytes = hc_get32(left->bins + at + HC_HBIN_SIZE);
            if (is_bin_same(check, at, n_bytes)) {
                at += n_bytes;
                continue;
            }
        }
        const uint32_t n_bytes = hc_get32(check->hive->bins + at + HC_HBIN_SIZE);
        if (n_bytes == 0 || n_bytes % HC_HBIN_ALIGN != 0 || n_bytes > end - at) {
            check->is_stopped = TRUE;
            return;
        }
        for (uint32_t word = at / 64; word < (at + n_bytes) / 64; word++)
            check->cells[word].allocated = 0;
        at = hc_check_bin(check, at);
    }
}

/* Whether all cells that are taken begin where the right hive has cells. */
static gboolean
are_taken_there(const HcCheck *check, uint32_t left_bytes)
{
    const uint32_t bytes = check->hive->info.bins_bytes;
    uint8_t lost = 0;
    for (uint32_t word = 0; word < bytes / 64; word++)
        lost |= check->cells[word].claimed & (uint8_t) ~check->cells[word].allocated;
    for (uint32_t word = bytes / 64; word < left_bytes / 64; word++)
        lost |= check->cells[word].claimed;
    return lost == 0;
}

/* What is gone from the right hive is still counted as referring to its descriptors. */
static gboolean
are_all_found(const HcCheck *check)
{
    for (guint i = 0; i < check->known->len; i++) {
        if (!g_array_index(check->known, HcCheckPlace, i).is_taken)
            return FALSE;
    }
    for (guint i = 0; i < check->changed->len; i++) {
        const HcCheckPlace *place = &g_array_index(check->changed, HcCheckPlace, i);
        if (place->is_list_same && !place->is_taken)
            return FALSE;
    }
    return TRUE;
}

/* Turns @check, which has found its hive sound, into one of the right hive. Returns: whether that
 * is sound too; FALSE: perhaps. */
static gboolean
recheck(HcCheck *check)
{
    const HcHive *left = check->hive;
    const HcHive *right = check->right;
    const uint32_t left_bytes = left->info.bins_bytes;
    const uint32_t bytes = right->info.bins_bytes;
    if (check->is_too_much || check->is_ring_larger || left->info.is_differencing ||
        right->info.is_differencing || left->info.minor != right->info.minor ||
        left->info.root != right->info.root)
        return FALSE;
    release_changed(check);
    if (check->is_too_much || check->is_stopped)
        return FALSE;
    if (bytes > left_bytes) {
        check->cells = g_renew(HcCheckCells, check->cells, bytes / 64 + 1);
        memset(&check->cells[left_bytes / 64], 0,
               (bytes / 64 + 1 - left_bytes / 64) * sizeof(HcCheckCells));
    }
    check->hive = right;
    check->is_rechecking = TRUE;
    check->values_left = bytes / (HC_VK_NAME + 4);
    recheck_cells(check, left);
    check->is_noting = FALSE;
    if (check->is_stopped || !are_taken_there(check, left_bytes))
        return FALSE;
    if (find_place(check->changed, right->info.root) != NULL)
        hc_check_tree(check);
    if (check->is_stopped || !are_all_found(check))
        return FALSE;
    hc_check_ring(check);
    return !check->is_stopped;
}

/* --- both --- */

static HcSameKeys *
take_changed(HcCheck *check)
{
    HcSameKeys *same = g_new0(HcSameKeys, 1);
    same->changed = g_array_ref(check->changed);
    return same;
}

/* Checks the left hive, and as far as that is possible the right one on the way. */
static void
check_both(HcCheck *check, HcPairCheck *result, gboolean *is_right_sound)
{
    hc_check_run(check);
    g_array_sort(check->changed, compare_places);
    if (check->is_stopped) {
        (void) hc_hive_fail(check->hive, &check->first, &result->left);
        return;
    }
    if (check->is_noting && !check->is_too_much)
        result->same = take_changed(check);
    *is_right_sound = check->is_noting && recheck(check);
}

void
hc_hive_check_pair(const HcHive *left, const HcHive *right, gboolean is_left_sound,
                   HcPairCheck *result)
{
    gboolean is_right_sound = FALSE;
    g_autofree uint64_t *lines = compare_pages(left, right);
    *result = (HcPairCheck){NULL, NULL, NULL};
    if (lines != NULL || !is_left_sound) {
        g_autoptr(HcCheck) check = hc_check_new(left, NULL);
        g_autoptr(GArray) changed = g_array_new(FALSE, FALSE, sizeof(HcCheckPlace));
        g_autoptr(GArray) known = g_array_new(FALSE, FALSE, sizeof(HcCheckPlace));
        check->right = right;
        check->lines = lines;
        check->is_noting = lines != NULL;
        check->changed = changed;
        check->known = known;
        check_both(check, result, &is_right_sound);
    }
    if (!is_right_sound)
        (void) hc_hive_check(right, NULL, &result->right); /* which is the answer */
}

void
hc_pair_check_clear(HcPairCheck *result)
{
    g_clear_error(&result->left);
    g_clear_error(&result->right);
    if (result->same != NULL)
        g_array_unref(result->same->changed);
    g_clear_pointer(&result->same, g_free);
}

gboolean
hc_same_keys_is_changed(const HcSameKeys *same, uint32_t offset)
{
    return find_place(same->changed, offset) != NULL;
}

gboolean
hc_same_keys_has_list(const HcSameKeys *same, const HcKey *left, const HcKey *right)
{
    const HcCheckPlace *place = find_place(same->changed, left->offset);
    return left->offset == right->offset && place != NULL && place->is_list_same;
}

gboolean
hc_same_keys_has(const HcSameKeys *same, const HcKey *left, const HcKey *right)
{
    return left->offset == right->offset && find_place(same->changed, left->offset) == NULL;
}
