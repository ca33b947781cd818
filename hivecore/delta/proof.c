#include "config.h"

#include "hivecore/delta/proof.h"

#include "hivecore/base/error.h"
#include "hivecore/delta/delta-private.h"
#include "hivecore/delta/diff.h"
#include "hivecore/delta/differencing.h"
#include "hivecore/delta/resolve.h"
#include "hivecore/regf/check.h"

static gboolean
not_proven(const char *file, GError **error, const char *what)
{
    return hc_fail(error, HC_ERROR_INTERNAL,
                   "%s: the new hive failed its proof: %s; nothing was written", file, what);
}

/*
 * Takes the order of values out of @difference where @exact makes the key, or one above it, anew:
 * there it is the patch's. FALSE: it changed elsewhere, where no patch can ask for it.
 */
static gboolean
settle_order(HcDeltaKey *difference, const HcDeltaKey *exact, gboolean is_new)
{
    is_new |= exact != NULL && exact->op == HC_KEY_REPLACE;
    if ((difference->changed & HC_CHANGED_ORDER) != 0 && !is_new)
        return FALSE;
    difference->changed &= ~(guint) HC_CHANGED_ORDER;
    for (guint i = hc_delta_n_children(difference); i > 0; i--) {
        HcDeltaKey *child = hc_delta_child(difference, i - 1);
        const HcDeltaKey *below = exact != NULL ? hc_delta_find_child(exact, child->name) : NULL;
        if (child->op != HC_KEY_KEEP)
            continue;
        if (!settle_order(child, below, is_new))
            return FALSE;
        if (hc_delta_key_is_void(child))
            hc_delta_remove_child(difference, child);
    }
    return TRUE;
}

/* More places than these are not looked up one by one. */
#define MAX_PLACES 4096u

static void
add_place(GArray *places, const HcKey *key, uint32_t depth)
{
    const HcKeyPlace place = {key->offset, depth};
    g_array_append_val(places, place);
}

/* A key and all that is below it. */
static gboolean
add_tree(const HcHive *hive, const HcKey *key, uint32_t depth, GArray *places)
{
    HcSubkeyIter iter;
    HcKey subkey;
    add_place(places, key, depth);
    if (places->len > MAX_PLACES || !hc_subkey_iter_init(&iter, hive, key, NULL))
        return FALSE;
    while (hc_subkey_iter_next(&iter, &subkey, NULL)) {
        if (!add_tree(hive, &subkey, depth + 1, places))
            return FALSE;
    }
    return TRUE;
}

/*
 * The keys of a sound hive, from @key on, that a delta changes, or that are above one. Returns:
 * FALSE when they are too many. Deep only as the delta and the hive are.
 */
static gboolean
add_changed(const HcHive *hive, const HcKey *key, const HcDeltaKey *node, uint32_t depth,
            GArray *places)
{
    HcKey subkey;
    if (hc_delta_is_gone(node))
        return add_tree(hive, key, depth, places);
    add_place(places, key, depth);
    for (guint i = 0; i < hc_delta_n_children(node); i++) {
        const HcDeltaKey *child = hc_delta_child(node, i);
        if (child->op != HC_KEY_CREATE && hc_hive_subkey(hive, key, child->name, &subkey, NULL) &&
            !add_changed(hive, &subkey, child, depth + 1, places))
            return FALSE;
    }
    return places->len <= MAX_PLACES;
}

/* The new hive is checked and compared, with what was kept of the check of @before where the delta
 * names few keys and no cell has moved. @kept: used up. Returns: NULL: it cannot be found, or
 * the new hive is not sound, as @check says */
static HcDelta *
find_difference(const HcHive *before, HcKeptCheck *kept, const HcHive *after, const HcDelta *exact,
                HcIgnoredCounts *ignored, HcPairCheck *check, GError **error)
{
    g_autoptr(HcKeptCheck) own = kept;
    g_autoptr(GArray) places = g_array_new(FALSE, FALSE, sizeof(HcKeyPlace));
    HcKey root;
    if (kept == NULL || !hc_hives_are_alike(before, after) || !hc_hive_root(before, &root, NULL) ||
        !add_changed(before, &root, hc_delta_root(exact), 0, places)) {
        g_clear_pointer(&own, hc_kept_check_free);
        return hc_diff_checked(before, after, TRUE, HC_IGNORE_TIMESTAMPS, ignored, check, error);
    }
    if (hc_hive_check_kept(kept, after, places, &check->same))
        return hc_diff_known(before, after, check->same, HC_IGNORE_TIMESTAMPS, ignored, error);
    g_clear_pointer(&own, hc_kept_check_free);
    return hc_diff_apart(before, after, TRUE, HC_IGNORE_TIMESTAMPS, ignored, check, error);
}

/*
 * Keys made anew are compared with the old ones of their names, whose times, bits and spelling are
 * not theirs: what was counted of them is taken out of @ignored. Deep only as the delta is.
 */
static gboolean
forgive_new(const HcHive *before, const HcKey *old_key, const HcHive *after, const HcKey *new_key,
            const HcDeltaKey *exact, HcIgnoredCounts *ignored, GError **error)
{
    for (guint i = 0; i < hc_delta_n_children(exact); i++) {
        const HcDeltaKey *child = hc_delta_child(exact, i);
        HcIgnoredCounts anew;
        HcKey old_child;
        HcKey new_child;
        if (child->op == HC_KEY_CREATE || child->op == HC_KEY_DELETE)
            continue;
        if (!hc_hive_subkey(before, old_key, child->name, &old_child, error) ||
            !hc_hive_subkey(after, new_key, child->name, &new_child, error))
            return FALSE;
        if (child->op == HC_KEY_KEEP) {
            if (!forgive_new(before, &old_child, after, &new_child, child, ignored, error))
                return FALSE;
            continue;
        }
        if (!hc_diff_count_ignored(before, &old_child, after, &new_child, HC_IGNORE_TIMESTAMPS,
                                   &anew, error))
            return FALSE;
        ignored->spelling -= anew.spelling;
        ignored->hidden -= anew.hidden;
        ignored->timestamps -= anew.timestamps;
    }
    return TRUE;
}

static gboolean
forgive_all_new(const HcHive *before, const HcHive *after, const HcDelta *exact,
                HcIgnoredCounts *ignored, GError **error)
{
    HcKey old_root;
    HcKey new_root;
    if (!hc_delta_has_replace(hc_delta_root(exact)))
        return TRUE;
    return hc_hive_root(before, &old_root, error) && hc_hive_root(after, &new_root, error) &&
           forgive_new(before, &old_root, after, &new_root, hc_delta_root(exact), ignored, error);
}

gboolean
hc_proof(const HcHive *before, HcKeptCheck *kept, GBytes *after, const HcDelta *exact,
         HcEpoch epoch, GError **error)
{
    g_autoptr(HcKeptCheck) own = kept;
    g_autoptr(GError) failure = NULL;
    g_autoptr(HcMap) map = hc_map_from_bytes(hc_hive_file(before), g_bytes_ref(after));
    g_autoptr(HcHive) hive = hc_hive_open_map(map, 0, &failure);
    g_auto(HcPairCheck) check = {NULL, NULL, NULL};
    HcIgnoredCounts ignored;
    if (hive == NULL)
        return not_proven(hc_hive_file(before), error, failure->message);
    g_autoptr(HcDelta) difference =
        find_difference(before, g_steal_pointer(&own), hive, exact, &ignored, &check, &failure);
    if (check.right != NULL)
        return not_proven(hc_hive_file(before), error, check.right->message);
    if (hc_hive_info(hive)->is_differencing != hc_hive_info(before)->is_differencing)
        return not_proven(hc_hive_file(before), error, "it is of another kind");
    if (difference == NULL)
        return not_proven(hc_hive_file(before), error, failure->message);
    if (!settle_order(hc_delta_root(difference), hc_delta_root(exact), FALSE))
        return not_proven(hc_hive_file(before), error, "the order of values changed");
    g_autoptr(HcDelta) expected = hc_delta_lower(exact);
    if (!hc_delta_equal(difference, expected))
        return not_proven(hc_hive_file(before), error,
                          "its difference to the original is not the patch");
    if (!forgive_all_new(before, hive, exact, &ignored, &failure))
        return not_proven(hc_hive_file(before), error, failure->message);
    if (ignored.spelling > 0)
        return not_proven(hc_hive_file(before), error, "the spelling of a name changed");
    if (ignored.hidden > 0)
        return not_proven(hc_hive_file(before), error, "bits that no patch speaks of changed");
    if (ignored.timestamps > 0 && !epoch.is_set)
        return not_proven(hc_hive_file(before), error, "a last-written time changed");
    return TRUE;
}

gboolean
hc_layer_proof(const HcHive *base, GBytes *layer, const HcDelta *exact, GError **error)
{
    const char *file = base != NULL ? hc_hive_file(base) : "differencing hive";
    g_autoptr(GError) failure = NULL;
    g_autoptr(HcMap) map = hc_map_from_bytes(file, g_bytes_ref(layer));
    g_autoptr(HcHive) hive = hc_hive_open_sound(map, 0, NULL, &failure);
    if (hive == NULL)
        return not_proven(file, error, failure->message);
    g_autoptr(HcDelta) patch = hc_differencing_read(hive, &failure);
    if (patch == NULL)
        return not_proven(file, error, failure->message);
    if (base == NULL)
        return hc_delta_is_empty(patch) || not_proven(file, error, "it is not empty");
    g_autoptr(HcDelta) effect = hc_delta_resolve(patch, base, &failure);
    if (effect == NULL)
        return not_proven(file, error, failure->message);
    g_autoptr(HcDelta) lowered = hc_delta_lower(effect);
    g_autoptr(HcDelta) expected = hc_delta_lower(exact);
    return hc_delta_equal(lowered, expected) ||
           not_proven(file, error, "over the base it does not give the changed hive");
}
