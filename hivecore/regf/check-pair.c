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

/* No more keys are remembered, each with 8 bytes, than one for so many bytes of the hive. */
#define BYTES_FOR_KEY 1024u

struct HcSameKeys {
    GArray *changed; /* of HcCheckPlace by offset: all keys of the left hive that differ */
    HcCheckFilter filter;
};

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
    if (check->parts != NULL)
        hc_check_note_trunk(check, depth);
    else if (check->differs)
        remember(check, check->changed, offset, depth);
}

static void
sort_changed(HcCheck *check)
{
    g_array_sort(check->changed, compare_places);
    check->filter = (HcCheckFilter){{0}};
    for (guint i = 0; i < check->changed->len; i++) {
        const uint32_t offset = g_array_index(check->changed, HcCheckPlace, i).offset;
        check->filter.bits[offset / 512 % 256] |= UINT64_C(1) << offset / 8 % 64;
    }
}

static gboolean
is_among(const GArray *changed, const HcCheckFilter *filter, uint32_t offset)
{
    return hc_check_filter_may_have(filter, offset) && find_place(changed, offset) != NULL;
}

/* --- from the left hive to the right one --- */

void
hc_check_release_subkey(HcCheck *check, uint32_t offset, uint32_t depth)
{
    if (!is_among(check->changed, &check->filter, offset))
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
    return is_among(check->changed, &check->filter, offset);
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

/* Whether a cell of the left hive is one of the right hive too, byte for byte. */
static gboolean
is_cell_there(const HcCheck *check, uint32_t offset)
{
    const uint32_t end = check->right->info.bins_bytes;
    const uint8_t *left = check->hive->bins + offset;
    const uint32_t n_bytes = 0u - hc_get32(left);
    if (offset > end || n_bytes > end - offset)
        return FALSE;
    return memcmp(left, check->right->bins + offset, n_bytes) == 0 ||
           (g_hash_table_contains(check->security, GUINT_TO_POINTER(offset)) &&
            !hc_check_differs_security(check, offset, hc_get32(left + 4 + HC_SK_BYTES)));
}

/* The last cell that is taken and begins on the page, HC_NIL where there is none. */
static uint32_t
last_taken(const HcCheck *check, uint32_t page)
{
    for (uint32_t word = (page + 1) * HC_CHECK_LINES; word > page * HC_CHECK_LINES; word--) {
        const uint8_t claimed = check->cells[word - 1].claimed;
        if (claimed != 0)
            return (word - 1) * HC_CHECK_LINE_BYTES + 8 * ((guint) g_bit_nth_msf(claimed, -1));
    }
    return HC_NIL;
}

static gboolean
are_cells_there(const HcCheck *check, uint32_t page)
{
    for (uint32_t word = page * HC_CHECK_LINES; word < (page + 1) * HC_CHECK_LINES; word++) {
        const uint8_t claimed = check->cells[word].claimed;
        for (uint32_t bit = 0; claimed >> bit != 0; bit++) {
            if ((claimed >> bit & 1) != 0 &&
                !is_cell_there(check, word * HC_CHECK_LINE_BYTES + 8 * bit))
                return FALSE;
        }
    }
    return TRUE;
}

/* Whether all cells that are taken still, when the keys that may differ gave theirs back, are the
 * same in both hives. */
static gboolean
are_others_same(const HcCheck *check)
{
    uint32_t last = HC_NIL; /* begins on a page before, and may end on this one */
    for (uint32_t page = 0; page < check->hive->info.bins_bytes / HC_HBIN_ALIGN; page++) {
        if (check->lines[page] != 0) {
            if ((last != HC_NIL && !is_cell_there(check, last)) || !are_cells_there(check, page))
                return FALSE;
            last = HC_NIL; /* once is enough, however many pages it has */
        }
        const uint32_t here = last_taken(check, page);
        if (here != HC_NIL)
            last = check->lines[page] == 0 ? here : HC_NIL;
    }
    return TRUE;
}

/* Whether all cells that are taken begin where the right hive has cells. */
static gboolean
are_taken_there(const HcCheck *check, uint32_t left_bytes)
{
    const uint32_t bytes = check->hive->info.bins_bytes;
    uint8_t lost = 0;
    for (uint32_t word = bytes / 64; word < left_bytes / 64; word++)
        lost |= check->cells[word].claimed;
    return lost == 0 && hc_check_are_cells(check, bytes);
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

static HcSameKeys *
take_changed(HcCheck *check)
{
    HcSameKeys *same = g_new0(HcSameKeys, 1);
    same->changed = g_array_ref(check->changed);
    same->filter = check->filter;
    return same;
}

/*
 * Turns @check, which has found its hive sound, into one of the right hive.
 *
 * @same: (inout): where it is NULL still, the keys that may differ were not noted: it is set when
 *   they are all there are
 *
 * Returns: whether the right hive is sound too; FALSE: perhaps
 */
static gboolean
recheck(HcCheck *check, HcSameKeys **same)
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
    if (check->is_too_much || check->is_stopped || (*same == NULL && !are_others_same(check)))
        return FALSE;
    if (*same == NULL)
        *same = take_changed(check);
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

/* Checks the left hive, and as far as that is possible the right one on the way. */
static void
check_both(HcCheck *check, HcPairCheck *result, gboolean *is_right_sound)
{
    hc_check_run(check);
    sort_changed(check);
    if (check->is_stopped) {
        (void) hc_hive_fail(check->hive, &check->first, &result->left);
        return;
    }
    if (check->is_noting && !check->is_too_much)
        result->same = take_changed(check);
    *is_right_sound = result->same != NULL && recheck(check, &result->same);
}

void
hc_hive_check_pair(const HcHive *left, const HcHive *right, gboolean is_left_sound,
                   HcPairCheck *result)
{
    gboolean is_right_sound = FALSE;
    g_autofree uint64_t *lines = hc_check_compare_pages(left, right);
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

struct HcKeptCheck {
    HcCheck *check;
};

HcKeptCheck *
hc_hive_check_keep(const HcHive *hive, GError **error)
{
    g_autoptr(HcCheck) check = hc_check_new(hive, NULL);
    hc_check_run(check);
    if (check->is_stopped) {
        (void) hc_hive_fail(hive, &check->first, error);
        return NULL; /* which only says FALSE */
    }
    HcKeptCheck *kept = g_new(HcKeptCheck, 1);
    kept->check = g_steal_pointer(&check);
    return kept;
}

void
hc_kept_check_free(HcKeptCheck *kept)
{
    hc_check_free(kept->check);
    g_free(kept);
}

gboolean
hc_hive_check_kept(HcKeptCheck *kept, const HcHive *right, const GArray *places, HcSameKeys **same)
{
    HcCheck *check = kept->check;
    g_autofree uint64_t *lines = hc_check_compare_pages(check->hive, right);
    g_autoptr(GArray) changed = g_array_new(FALSE, FALSE, sizeof(HcCheckPlace));
    g_autoptr(GArray) known = g_array_new(FALSE, FALSE, sizeof(HcCheckPlace));
    g_auto(HcPairCheck) result = {NULL, NULL, NULL};
    *same = NULL;
    check->right = right;
    check->lines = lines;
    check->changed = changed;
    check->known = known;
    for (guint i = 0; i < places->len; i++) {
        const HcKeyPlace *place = &g_array_index(places, HcKeyPlace, i);
        remember(check, changed, place->offset, place->depth);
    }
    sort_changed(check);
    if (lines == NULL || !recheck(check, &result.same))
        return FALSE;
    *same = g_steal_pointer(&result.same);
    return TRUE;
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
    return is_among(same->changed, &same->filter, offset);
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
    return left->offset == right->offset && !is_among(same->changed, &same->filter, left->offset);
}
