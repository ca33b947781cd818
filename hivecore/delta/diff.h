#pragma once

#include "hivecore/delta/delta.h"
#include "hivecore/regf/check.h"

G_BEGIN_DECLS

/** What a diff leaves out, a set of bits; what was left out is counted. */
typedef enum {
    HC_IGNORE_TIMESTAMPS = 1 << 0,
    HC_IGNORE_SECURITY = 1 << 1,
    HC_IGNORE_CLASS = 1 << 2,
    HC_IGNORE_FLAGS = 1 << 3,
    HC_IGNORE_ORDER = 1 << 4,
} HcIgnore;

#define HC_IGNORE_DEFAULT (HC_IGNORE_TIMESTAMPS | HC_IGNORE_ORDER)

/** HcIgnoredCounts: keys present in both hives that differ in something ignored. */
typedef struct {
    uint64_t timestamps;
    uint64_t security;
    uint64_t class_names;
    uint64_t flags;
    uint64_t order;
    uint64_t spelling; /* names of keys and values that differ in case only; never a change */
    uint64_t hidden;   /* keys that differ in what no delta speaks of: access bits, layer bits, user
                          flags, a predefined handle; values of which one is a tombstone */
} HcIgnoredCounts;

/** hc_ignored_counts_add: @more to @sum. */
void hc_ignored_counts_add(HcIgnoredCounts *sum, const HcIgnoredCounts *more);

/**
 * hc_diff:
 * The exact delta that turns @old_hive into @new_hive. Hives of another kind (ordinary,
 * differencing) are compared as they stand: layer bits and tombstones are not resolved, so the
 * callers refuse differencing hives.
 *
 * @ignore: HcIgnore bits
 * @ignored: (out) (optional)
 *
 * Returns: (transfer full): the delta, or NULL with HC_ERROR_MALFORMED
 */
HcDelta *hc_diff(const HcHive *old_hive, const HcHive *new_hive, guint ignore,
                 HcIgnoredCounts *ignored, GError **error);

/** hc_diff_known: the same; what @same (nullable) says of these hives is not looked at again. */
HcDelta *hc_diff_known(const HcHive *old_hive, const HcHive *new_hive, const HcSameKeys *same,
                       guint ignore, HcIgnoredCounts *ignored, GError **error);

/** hc_diff_count_ignored: what hc_diff() would count of two keys below the roots, and below them.
 * @ignored: (out) */
gboolean hc_diff_count_ignored(const HcHive *old_hive, const HcKey *old_key, const HcHive *new_hive,
                               const HcKey *new_key, guint ignore, HcIgnoredCounts *ignored,
                               GError **error);

/**
 * hc_diff_checked:
 * hc_hive_check_pair() and hc_diff() of two hives, in whatever way is fast: where much is the same,
 * the difference with what the check has found, else all side by side by several threads.
 *
 * @is_left_sound, @check: see hc_hive_check_pair()
 */
HcDelta *hc_diff_checked(const HcHive *old_hive, const HcHive *new_hive, gboolean is_left_sound,
                         guint ignore, HcIgnoredCounts *ignored, HcPairCheck *check,
                         GError **error);

/** hc_diff_apart: the same of hives that are known to have moved cells. */
HcDelta *hc_diff_apart(const HcHive *old_hive, const HcHive *new_hive, gboolean is_left_sound,
                       guint ignore, HcIgnoredCounts *ignored, HcPairCheck *check, GError **error);

/**
 * hc_delta_copy_tree:
 * A key as a CREATE node with everything below it, values in storage order, meta in
 * .after; free-standing.
 *
 * @depth: of @key, root 0
 *
 * Returns: (transfer none): the node, owned by @delta, or NULL with HC_ERROR_MALFORMED
 */
HcDeltaKey *hc_delta_copy_tree(HcDelta *delta, HcWalk *walk, const HcKey *key, uint32_t depth,
                               GError **error);

/** hc_delta_read_meta: class, descriptor, flags and time of a key, copied into @delta. */
gboolean hc_delta_read_meta(HcDelta *delta, const HcHive *hive, const HcKey *key, HcKeyMeta *meta,
                            GError **error);

/**
 * hc_digest_sound:
 * hc_hive_check() and, where the hive is sound, SHA-256 of what it holds, whatever its layout
 * (docs/FORMATS.md, "Digest"): hives between which hc_diff() finds nothing under the same @ignore
 * have the same digest.
 *
 * @ignore: HcIgnore bits
 *
 * Returns: (transfer full): 64 hexadecimal digits, lower case; or NULL with HC_ERROR_MALFORMED
 */
char *hc_digest_sound(const HcHive *hive, guint ignore, GError **error);

G_END_DECLS
