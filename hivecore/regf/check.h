#pragma once

#include "hivecore/regf/fault.h"
#include "hivecore/regf/hive.h"

G_BEGIN_DECLS

/** HcCheckCounts: what a whole-hive check has seen. */
typedef struct {
    uint64_t n_keys;
    uint64_t n_values;
    uint64_t n_tombstones; /* keys */
    uint64_t n_value_tombstones;
    uint64_t n_big;      /* values whose data is a big-data record */
    uint64_t n_security; /* sk cells */
    uint64_t n_classes;
    uint64_t data_bytes;
    uint32_t depth; /* of the deepest key, root 0 */
} HcCheckCounts;

/**
 * hc_hive_check_all:
 * Verifies the whole hive and goes on after a defect where that is safe: base block and checksum;
 * hive bins; each cell's size; that every reference from the root on leads to an allocated cell
 * of the right kind and size, each cell used once; parent links; subkey counts, order, hashes
 * and hints, duplicate names of keys and values; fields for the largest name and data; value
 * lists and data; class names; the security ring and its reference counts; depth and lengths of
 * names; layered keys of differencing hives; what is allocated and not reached, and bytes that
 * should be zero.
 *
 * @hive: may have been opened with HC_HIVE_ALLOW_DAMAGED
 * @findings: what is found is added, with offset in the file, id of the fault, and as place the
 * path of the key from below the root, "\" the root
 * @counts: (out) (optional): what could be reached
 *
 * Memory: two bits for every 8 bytes of the hive, one key's value names, and the findings.
 */
void hc_hive_check_all(const HcHive *hive, HcFindings *findings, HcCheckCounts *counts);

/**
 * hc_hive_check:
 * The same, but stops at the first error, and looks for nothing else.
 *
 * @hive: not opened with HC_HIVE_ALLOW_DAMAGED
 * @counts: (out) (optional): filled on success
 *
 * Returns: FALSE with HC_ERROR_MALFORMED naming the first error
 */
gboolean hc_hive_check(const HcHive *hive, HcCheckCounts *counts, GError **error);

/** hc_hives_are_alike: whether of some pages, spread over the hives, at least half are the same, or
 * the hives are small. */
gboolean hc_hives_are_alike(const HcHive *left, const HcHive *right);

/** HcPairCheck: what hc_hive_check() says of each of two hives, and what they share. */
typedef struct {
    GError *left; /* NULL: it is sound */
    GError *right;
    HcSameKeys *same; /* NULL: nothing is known */
} HcPairCheck;

/**
 * hc_hive_check_pair:
 * hc_hive_check() of two hives. Where they are mostly the same bytes in the same places, which an
 * editor in place leaves, this takes little longer than a check of one, and tells which keys are
 * the same. What it says of the hives is the same in any case.
 *
 * @is_left_sound: it was checked before, and is not checked again for its own sake
 * @result: (out): cleared by the caller
 *
 * Memory: that of hc_hive_check(), at most 8 bytes for every 512 of the left hive's, and 8 for
 * every page of it.
 */
void hc_hive_check_pair(const HcHive *left, const HcHive *right, gboolean is_left_sound,
                        HcPairCheck *result);
void hc_pair_check_clear(HcPairCheck *result);

/** HcKeptCheck: what a check has found of a sound hive, for one of a hive made of it. */
typedef struct HcKeptCheck HcKeptCheck;

/** HcKeyPlace: a key of a hive. */
typedef struct {
    uint32_t offset;
    uint32_t depth; /* root 0 */
} HcKeyPlace;

/**
 * hc_hive_check_keep:
 * hc_hive_check(); @hive must outlive what is kept.
 *
 * Returns: (transfer full): NULL with HC_ERROR_MALFORMED naming the first error
 */
HcKeptCheck *hc_hive_check_keep(const HcHive *hive, GError **error);
void hc_kept_check_free(HcKeptCheck *kept);

/**
 * hc_hive_check_kept:
 * Finds the other hive sound, and what both share, where it is known which keys may differ: whether
 * there are more is seen from the bytes, without a walk.
 *
 * @kept: used up
 * @places: (element-type HcKeyPlace): keys of the left hive, each once, with all keys above them
 * @same: (out) (nullable) (transfer full): for hc_pair_check_clear()
 *
 * Returns: FALSE: nothing is known, neither that it is sound nor that it is not
 */
gboolean hc_hive_check_kept(HcKeptCheck *kept, const HcHive *right, const GArray *places,
                            HcSameKeys **same);

/**
 * hc_same_keys_has:
 * @left, @right: met on a walk of the tree from the root
 *
 * Returns: whether it is known that both keys are the same, with everything in and below them
 */
gboolean hc_same_keys_has(const HcSameKeys *same, const HcKey *left, const HcKey *right);

/** hc_same_keys_has_list: whether their subkeys are those of one list, though they differ. */
gboolean hc_same_keys_has_list(const HcSameKeys *same, const HcKey *left, const HcKey *right);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HcPairCheck, hc_pair_check_clear)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HcKeptCheck, hc_kept_check_free)

/**
 * hc_hive_open_sound:
 * hc_hive_open_map() and hc_hive_check() in one.
 *
 * Returns: (transfer full): the hive, or NULL with the error of either
 */
HcHive *hc_hive_open_sound(HcMap *map, HcHiveFlags flags, HcCheckCounts *counts, GError **error);

/**
 * hc_hive_append_byte_differences:
 * In what the files of two sound hives differ that no reader of keys and values sees: "the sequence
 * numbers, the checksum, 3 free cells"; nothing when the files are the same bytes.
 *
 * Returns: whether anything was appended
 */
gboolean hc_hive_append_byte_differences(GString *out, const HcHive *old_hive,
                                         const HcHive *new_hive);

G_END_DECLS
