#include "config.h"

#include "hivecore/base/parallel.h"
#include "hivecore/regf/check-private.h"
#include "hivecore/regf/layout.h"

/*
 * A check that only finds that a hive is sound, with all that is counted. Whatever is to be
 * reported ends it, and the hive is then checked from the beginning in the order of reports.
 *
 * So the cells of the bins can be looked at in any order (check-bins.c), and several threads can do
 * it: the caller walks the upper part of the tree, its trunk, and gives what is below to pieces,
 * while others already check these. Each thread has a check of its own with a map of its own; in
 * the end the maps are laid on each other, and a cell that two threads took ends the check as well.
 */

enum {
    PIECE_KEYS = 128,
    PIECE_STRETCHES = 16,
    MAX_TRUNK = 4096,    /* keys that are in it because their siblings are few */
    MAX_TRUNK_DEPTH = 5, /* of those */
    FEW_SIBLINGS = 256,
    MANY_SUBKEYS = 64, /* make a key one of the trunk in any case */
};

#define MIN_BYTES (1u << 20) /* what is smaller is in the caches of the processor anyway */

/* Keys below one, with all that is below them, or, without keys, stretches of bins that no key was
 * met in. */
typedef struct {
    uint32_t above; /* which key of the trunk */
    uint32_t depth;
    uint64_t first; /* the number of the first of the keys */
    uint32_t n_keys;
    uint32_t keys[PIECE_KEYS]; /* their cells; or the first of the stretches and that behind */
} Piece;

typedef struct {
    uint32_t offset;
    uint32_t above;
    uint32_t depth;
    gboolean differs;
} TrunkKey;

struct HcCheckParts {
    HcCheck *checks[HC_MAX_THREADS]; /* of each thread, the caller's first */
    GArray *differ[HC_MAX_THREADS];  /* of guint: keys of the trunk that each found to differ */
    HcParallel *parallel;
    guint n_threads;
    GArray *trunk;                       /* of TrunkKey, each behind the one above it */
    uint32_t open[HC_MAX_KEY_DEPTH + 1]; /* those that are open, by depth */
    Piece *piece;                        /* (nullable): that is being filled */
    uint64_t n_keys;                     /* that were given away */
    gint is_stopped;
};

/* Where in the serial walk something would have been met: at a key that was given away, or in the
 * trunk before it. */
static uint64_t
order_of(uint64_t n_key, gboolean is_given_away)
{
    return n_key << 33 | (uint64_t) is_given_away << 32;
}

/* --- pieces --- */

static void
check_given_key(HcCheckParts *parts, HcCheck *check, guint thread, const Piece *piece, uint32_t i)
{
    HcKey key;
    HcFault fault;
    hc_check_meet(check, piece->keys[i]);
    if (!hc_read_key(check->hive, piece->keys[i], &key, &fault)) {
        check->is_stopped = TRUE; /* never: the trunk's walk has read it */
        return;
    }
    check->order = order_of(piece->first + i, TRUE);
    check->n_open = piece->depth + 1;
    check->path[piece->depth] = key.name;
    check->offsets[piece->depth] = key.offset;
    check->differs = FALSE;
    if (check->is_noting)
        hc_check_note_cell(check, key.offset);
    hc_check_key(check, &key, piece->depth, HC_LAYER_MERGE);
    if (!check->is_noting)
        return;
    hc_check_note_changed(check, key.offset, piece->depth);
    if (check->differs)
        g_array_append_val(parts->differ[thread], piece->above);
}

static void
do_piece(gpointer pointer, guint thread, gpointer data)
{
    g_autofree Piece *piece = pointer;
    HcCheckParts *parts = data;
    HcCheck *check = parts->checks[thread];
    if (g_atomic_int_get(&parts->is_stopped) != 0)
        return;
    for (uint32_t n = piece->keys[0]; piece->n_keys == 0 && n < piece->keys[1]; n++)
        hc_check_bins_take(check, n);
    for (uint32_t i = 0; i < piece->n_keys && !check->is_stopped; i++)
        check_given_key(parts, check, thread, piece, i);
    if (check->is_stopped)
        g_atomic_int_set(&parts->is_stopped, 1);
}

static void
push_bins(HcCheckParts *parts, const HcCheckBins *bins)
{
    for (uint32_t n = 0; n < bins->n_stretches; n += PIECE_STRETCHES) {
        Piece *piece = g_new0(Piece, 1);
        piece->keys[0] = n;
        piece->keys[1] = MIN(n + PIECE_STRETCHES, bins->n_stretches);
        hc_parallel_push(parts->parallel, piece);
    }
}

static void
push_piece(HcCheckParts *parts)
{
    if (parts->piece != NULL)
        hc_parallel_push(parts->parallel, g_steal_pointer(&parts->piece));
}

/* --- the trunk --- */

static void
grow_trunk(HcCheckParts *parts, uint32_t offset, uint32_t depth)
{
    const TrunkKey key = {offset, depth > 0 ? parts->open[depth - 1] : 0, depth, FALSE};
    parts->open[depth] = parts->trunk->len;
    g_array_append_val(parts->trunk, key);
}

gboolean
hc_check_give_away(HcCheck *check, const HcKey *parent, const HcKey *key, uint32_t depth)
{
    HcCheckParts *parts = check->parts;
    const gboolean is_narrow = parent->n_subkeys <= FEW_SIBLINGS && depth <= MAX_TRUNK_DEPTH &&
                               parts->trunk->len < MAX_TRUNK;
    if (key->n_subkeys >= MANY_SUBKEYS || (key->n_subkeys > 0 && is_narrow)) {
        grow_trunk(parts, key->offset, depth);
        return FALSE;
    }
    const uint32_t above = parts->open[depth - 1];
    if (parts->piece != NULL &&
        (parts->piece->above != above || parts->piece->n_keys == PIECE_KEYS))
        push_piece(parts);
    if (parts->piece == NULL) {
        parts->piece = g_new(Piece, 1);
        *parts->piece = (Piece){.above = above, .depth = depth, .first = parts->n_keys};
    }
    parts->piece->keys[parts->piece->n_keys++] = key->offset;
    check->order = order_of(++parts->n_keys, FALSE);
    return TRUE;
}

void
hc_check_note_trunk(HcCheck *check, uint32_t depth)
{
    HcCheckParts *parts = check->parts;
    g_array_index(parts->trunk, TrunkKey, parts->open[depth]).differs = check->differs;
}

/* --- all together --- */

static void
add_total(HcCheckTotal *all, const HcCheckTotal *more)
{
    if (more->n > 0 && (all->n == 0 || more->order < all->order)) {
        all->first = more->first;
        all->order = more->order;
    }
    all->n += more->n;
    all->n_bytes += more->n_bytes;
}

static void
add_counts(HcCheckCounts *all, const HcCheckCounts *more)
{
    all->n_keys += more->n_keys;
    all->n_values += more->n_values;
    all->n_big += more->n_big;
    all->n_classes += more->n_classes;
    all->data_bytes += more->data_bytes;
    all->depth = MAX(all->depth, more->depth);
}

/* Returns: whether no cell is in both maps. */
static gboolean
add_cells(HcCheck *check, const HcCheck *more)
{
    uint64_t twice = 0;
    for (uint32_t word = 0; word < check->hive->info.bins_bytes / 64; word += 4) {
        const uint64_t one = hc_check_load_cells(&check->cells[word]);
        const uint64_t other = hc_check_load_cells(&more->cells[word]);
        const uint64_t both = one | other;
        twice |= one & other;
        memcpy(&check->cells[word], &both, sizeof(both));
    }
    return (twice & HC_CHECK_CLAIMED) == 0;
}

/* Returns: FALSE when both together are no sound hive. */
static gboolean
add_check(HcCheck *check, const HcCheck *more, uint64_t n_values)
{
    GHashTableIter iter;
    gpointer offset;
    gpointer n;
    const uint64_t n_used = n_values - more->values_left;
    if (n_used > check->values_left || !add_cells(check, more))
        return FALSE;
    check->values_left -= n_used;
    add_counts(&check->counts, &more->counts);
    add_total(&check->slack, &more->slack);
    add_total(&check->remnants, &more->remnants);
    add_total(&check->large, &more->large);
    add_total(&check->stray, &more->stray);
    g_hash_table_iter_init(&iter, more->security);
    while (g_hash_table_iter_next(&iter, &offset, &n)) {
        const guint before = GPOINTER_TO_UINT(g_hash_table_lookup(check->security, offset));
        g_hash_table_insert(check->security, offset,
                            GUINT_TO_POINTER(before + GPOINTER_TO_UINT(n)));
    }
    g_array_append_vals(check->references, more->references->data, more->references->len);
    if (check->is_noting) {
        g_array_append_vals(check->changed, more->changed->data, more->changed->len);
        check->is_too_much |= more->is_too_much;
    }
    return TRUE;
}

static gint
compare_references(gconstpointer a, gconstpointer b)
{
    const HcCheckReference *one = a;
    const HcCheckReference *other = b;
    if (one->offset != other->offset)
        return one->offset < other->offset ? -1 : 1;
    return (one->order > other->order) - (one->order < other->order);
}

/* Each descriptor is taken once, by the key that refers to it first. */
static void
claim_security(HcCheck *check)
{
    g_array_sort(check->references, compare_references);
    for (guint i = 0; i < check->references->len && !check->is_stopped; i++) {
        const HcCheckReference *reference = &g_array_index(check->references, HcCheckReference, i);
        if (i > 0 && reference[-1].offset == reference->offset)
            continue;
        const uint8_t *sk = check->hive->bins + reference->offset + 4;
        check->order = reference->order;
        (void) hc_check_claim(check, reference->offset, "key security",
                              HC_SK_DESCRIPTOR + hc_get32(sk + HC_SK_BYTES));
    }
}

/* What differs below a key of the trunk makes the key differ, and those above it. */
static void
note_trunk(HcCheckParts *parts, HcCheck *check)
{
    for (guint i = 0; i < parts->n_threads; i++) {
        for (guint j = 0; j < parts->differ[i]->len; j++)
            g_array_index(parts->trunk, TrunkKey, g_array_index(parts->differ[i], guint, j))
                .differs = TRUE;
    }
    for (guint i = parts->trunk->len; i > 0; i--) {
        const TrunkKey *key = &g_array_index(parts->trunk, TrunkKey, i - 1);
        if (!key->differs)
            continue;
        g_array_index(parts->trunk, TrunkKey, key->above).differs = TRUE;
        check->differs = TRUE;
        hc_check_note_changed(check, key->offset, key->depth);
    }
}

static HcCheckParts *
parts_new(HcCheck *check, guint n_threads)
{
    HcCheckParts *parts = g_new0(HcCheckParts, 1);
    parts->parallel = hc_parallel_new(n_threads, do_piece, parts);
    parts->n_threads = hc_parallel_size(parts->parallel);
    parts->trunk = g_array_new(FALSE, FALSE, sizeof(TrunkKey));
    check->bins = hc_check_bins_new(check->hive);
    for (guint i = 0; i < parts->n_threads; i++) {
        HcCheck *one = i == 0 ? check : hc_check_new(check->hive, NULL);
        one->is_part = TRUE;
        one->is_full_part = check->findings != NULL;
        one->references = g_array_new(FALSE, FALSE, sizeof(HcCheckReference));
        one->bins = check->bins;
        if (i > 0 && check->is_noting) {
            one->right = check->right;
            one->lines = check->lines;
            one->is_noting = TRUE;
            one->changed = g_array_new(FALSE, FALSE, sizeof(HcCheckPlace));
        }
        parts->checks[i] = one;
        parts->differ[i] = g_array_new(FALSE, FALSE, sizeof(guint));
    }
    return parts;
}

static void
parts_free(HcCheckParts *parts)
{
    g_free(parts->checks[0]->bins);
    for (guint i = 0; i < parts->n_threads; i++) {
        HcCheck *one = parts->checks[i];
        one->is_part = FALSE;
        one->is_full_part = FALSE;
        one->bins = NULL;
        one->order = 0;
        g_clear_pointer(&one->references, g_array_unref);
        g_array_unref(parts->differ[i]);
        if (i == 0)
            continue;
        if (one->changed != NULL)
            g_array_unref(one->changed);
        hc_check_free(one);
    }
    g_array_unref(parts->trunk);
    g_free(parts);
}

static void
walk(HcCheckParts *parts, HcCheck *check)
{
    if (parts->n_threads > 1) {
        check->parts = parts;
        grow_trunk(parts, check->hive->info.root, 0);
    }
    hc_check_tree(check);
    check->parts = NULL;
    if (check->is_stopped)
        g_atomic_int_set(&parts->is_stopped, 1);
    push_piece(parts);
    push_bins(parts, check->bins);
    hc_parallel_finish(parts->parallel);
    check->n_open = 0;
}

static gboolean
join(HcCheckParts *parts, HcCheck *check)
{
    const uint64_t n_values = check->hive->info.bins_bytes / (HC_VK_NAME + 4);
    if (g_atomic_int_get(&parts->is_stopped) != 0)
        return FALSE;
    for (guint i = 0; i < parts->n_threads; i++)
        hc_check_flush_security(parts->checks[i]);
    for (guint i = 1; i < parts->n_threads; i++) {
        if (!add_check(check, parts->checks[i], n_values))
            return FALSE;
    }
    if (check->is_noting && parts->n_threads > 1)
        note_trunk(parts, check);
    claim_security(check);
    if (!check->is_stopped)
        hc_check_bins_finish(check);
    return !check->is_stopped && hc_check_are_cells(check, check->hive->info.bins_bytes);
}

/* How many threads it is for: maps take memory. */
static guint
n_threads_for(const HcHive *hive)
{
    const guint most = 1 + HC_MAX_THREAD_MAP_BYTES / (hive->info.bins_bytes / 32 + 1);
    return hc_hive_gains_by_threads(hive) ? MIN(hc_parallel_n_threads(), most) : 1;
}

gboolean
hc_check_by_parts(HcCheck *check)
{
    const HcHive *hive = check->hive;
    const uint32_t n_bytes = hive->info.bins_bytes;
    if (hive->pages != NULL || n_bytes < MIN_BYTES || n_bytes % HC_HBIN_ALIGN != 0 ||
        hive->info.is_differencing)
        return FALSE;
    HcCheckParts *parts = parts_new(check, n_threads_for(hive));
    HcFindings *findings = g_steal_pointer(&check->findings);
    walk(parts, check);
    const gboolean is_sound = join(parts, check);
    parts_free(parts);
    check->findings = findings;
    if (!is_sound)
        hc_check_forget(check);
    return is_sound;
}
