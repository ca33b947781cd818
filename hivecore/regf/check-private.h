#pragma once

#include "hivecore/base/limits.h"
#include "hivecore/regf/check.h"
#include "hivecore/regf/hive-private.h"

/* Shared by the files of the check. */

/** HcCheckGap: bytes of the bins whose cells are not known, because a size before is wrong. */
typedef struct {
    uint32_t start;
    uint32_t end;
} HcCheckGap;

/** HcCheckCells: a bit for each 8 bytes of the bins, the places where a cell can start. */
typedef struct {
    uint8_t allocated; /* an allocated cell starts there */
    uint8_t claimed;   /* something refers to it */
} HcCheckCells;

/* What is claimed of four at once, as they lie in memory. */
#define HC_CHECK_CLAIMED UINT64_C(0xff00ff00ff00ff00)

static inline uint64_t
hc_check_load_cells(const HcCheckCells *cells)
{
    uint64_t four;
    G_STATIC_ASSERT(sizeof(four) == 4 * sizeof(*cells));
    memcpy(&four, cells, sizeof(four));
    return four;
}

/** HcCheckTotal: findings that would drown the others: counted, and said once. */
typedef struct {
    uint64_t n;
    uint64_t n_bytes;
    uint32_t first; /* offset of the first */
    uint64_t order; /* of that */
} HcCheckTotal;

enum {
    HC_CHECK_STRETCH_BYTES = 64 * 1024,
};

/** HcCheckStretch: bins that begin in so many bytes. */
typedef struct {
    gint is_taken;       /* somebody has looked at them, or does */
    gboolean is_refused; /* what looked like a bin is none, or a damaged one */
    uint32_t start;      /* of the first */
    uint32_t end;        /* of the last, in a later stretch perhaps */
    HcCheckTotal remnants;
} HcCheckStretch;

/** HcCheckBins: what is known of the bins (check-bins.c). */
typedef struct {
    uint32_t n_stretches;
    HcCheckStretch stretches[];
} HcCheckBins;

/** HcCheckReference: a descriptor and the place of the first key that refers to it. */
typedef struct {
    uint32_t offset;
    uint64_t order;
} HcCheckReference;

/** HcCheckParts: a check by several threads (check-parts.c). */
typedef struct HcCheckParts HcCheckParts;

/** HcCheckLargest: what the fields for the largest name and data of a key have to be. */
typedef struct {
    uint32_t name;
    uint32_t class_name;
    uint32_t value_name;
    uint32_t value_data;
} HcCheckLargest;

/** HcCheckPlace: a key that a check of two hives remembers. */
typedef struct {
    uint32_t offset;
    uint16_t depth;
    uint8_t is_taken;     /* known, or its list is, in the left hive, and found in the right one */
    uint8_t is_list_same; /* it differs, but not in the list of its subkeys */
} HcCheckPlace;

/** HcCheckFilter: a bit for each of some places, of which others may have the same: most offsets
 * that are not among them are told at once. */
typedef struct {
    uint64_t bits[256];
} HcCheckFilter;

static inline gboolean
hc_check_filter_may_have(const HcCheckFilter *filter, uint32_t offset)
{
    return (filter->bits[offset / 512 % 256] >> offset / 8 % 64 & 1) != 0;
}

/** HcCheck: one run. */
typedef struct {
    const HcHive *hive;
    HcFindings *findings; /* NULL: the first error ends the run, nothing else matters */
    HcFault first;        /* then it is here */
    gboolean is_stopped;

    HcCheckCells *cells; /* one for each 64 bytes of the bins */
    GArray *gaps;        /* of HcCheckGap, by offset */

    HcName path[HC_MAX_KEY_DEPTH + 1];      /* names of the open keys, by depth */
    uint32_t offsets[HC_MAX_KEY_DEPTH + 1]; /* their cells */
    uint32_t n_open;
    const HcName *value; /* (nullable): name of the value being checked */
    gboolean is_partial; /* some of the tree could not be walked */
    uint64_t values_left;
    GArray *value_names; /* of HcName: the first n_value_names are those of one key */
    uint32_t n_value_names;

    GHashTable *security;     /* sk offset -> keys that refer to it */
    GHashTable *bad_security; /* offsets of what is no sk and was reported */
    uint32_t recent_security; /* counted here, and put into the table when another one comes */
    uint32_t recent_references;

    /* Of a part of a check, or of a whole one, which any finding ends. */
    gboolean is_part;
    gboolean is_full_part; /* the check lists all, and not only the first error */
    HcCheckBins *bins;     /* (nullable): are looked at as the walk comes near; of all threads */
    HcCheckParts *parts;   /* the caller's, while it walks the trunk of a check by several */
    uint64_t order;        /* grows along the walk of one thread */
    GArray *references;    /* of HcCheckReference */

    HcCheckTotal slack;
    HcCheckTotal remnants;
    HcCheckTotal large;
    HcCheckTotal stray; /* what has a meaning in differencing hives only */
    HcCheckCounts counts;

    /* Of a check of two hives (check-pair.c), whose left one is .hive first. */
    const HcHive *right;
    const uint64_t *lines;   /* what differs of each page */
    gboolean is_noting;      /* keys learn whether they differ */
    gboolean differs;        /* something of the open key, or below it, does */
    gboolean recent_differs; /* .recent_security does */
    gboolean is_ring_larger; /* than what keys refer to */
    gboolean is_releasing;   /* cells are given back in place of taken */
    gboolean is_rechecking;  /* .hive is the right one now */
    gboolean is_too_much;    /* to be remembered */
    GArray *changed;      /* of HcCheckPlace: keys that differ; sorted when the left one is done */
    HcCheckFilter filter; /* of these then */
    GArray *known;        /* of HcCheckPlace: subkeys of those that do not */
} HcCheck;

/** hc_check_new: @findings: (nullable): see HcCheck. */
HcCheck *hc_check_new(const HcHive *hive, HcFindings *findings);
void hc_check_free(HcCheck *check);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HcCheck, hc_check_free)

/** hc_check_forget: what was found so far; it starts again. */
void hc_check_forget(HcCheck *check);

/** hc_check_lists_all: whether more counts than the first error. */
static inline gboolean
hc_check_lists_all(const HcCheck *check)
{
    return check->findings != NULL || check->is_full_part;
}

/** hc_check_run: the whole hive. */
void hc_check_run(HcCheck *check);

/**
 * hc_check_report:
 * Adds a finding of the open key; in a run that stops at the first error, ends it or does nothing.
 *
 * @format: (nullable): what follows the fault's text in parentheses
 */
void hc_check_report(HcCheck *check, HcFaultKind kind, const char *what, uint32_t offset,
                     const char *format, ...) G_GNUC_PRINTF(5, 6);

/** hc_check_report_file: the same at an offset of the file and of no key. */
void hc_check_report_file(HcCheck *check, HcFaultKind kind, const char *what, uint64_t file_offset,
                          const char *format, ...) G_GNUC_PRINTF(5, 6);

/**
 * hc_check_fault:
 * Reports a fault at its offset, or, where an offset leads out of the hive, at @from, the cell that
 * holds it.
 */
void hc_check_fault(HcCheck *check, const HcFault *fault, uint32_t from);

/** hc_check_lost: the same for one that keeps the check from seeing a part of the tree. */
void hc_check_lost(HcCheck *check, const HcFault *fault, uint32_t from);

/** hc_check_header: the base block. */
void hc_check_header(HcCheck *check);

/** hc_check_bin: the cells of the bin at @at. Returns: where the next one starts. */
uint32_t hc_check_bin(HcCheck *check, uint32_t at);

/** hc_check_cells: hive bins and the cells in them. */
void hc_check_cells(HcCheck *check);

/** hc_check_claim_slowly: hc_check_claim() where there is something to find or to ask. */
gboolean hc_check_claim_slowly(HcCheck *check, uint32_t offset, const char *what, uint32_t used);

/** hc_check_slack: bytes of a cell behind those that mean something; they may be zeros. */
void hc_check_slack(HcCheck *check, uint32_t offset, uint32_t used);

/** hc_check_note_cell: a cell of the open key; .is_noting. */
void hc_check_note_cell(HcCheck *check, uint32_t offset);

static inline void
hc_check_claimed(HcCheck *check, uint32_t offset, uint32_t used)
{
    const uint8_t *cell = check->hive->bins + offset;
    const uint32_t n_bytes = 0u - hc_get32(cell);
    /* Most lie in one page that is the same. */
    if (check->is_noting && !check->differs &&
        (check->lines[offset / HC_HBIN_ALIGN] != 0 ||
         offset % HC_HBIN_ALIGN + n_bytes > HC_HBIN_ALIGN))
        hc_check_note_cell(check, offset);
    if (!hc_check_lists_all(check))
        return;
    const uint32_t n_slack = n_bytes - 4 - used;
    check->order++;
    if (n_slack >= 8 || (n_slack > 0 && hc_get64(cell + n_bytes - 8) >> (64 - 8 * n_slack) != 0))
        hc_check_slack(check, offset, used);
}

/**
 * hc_check_claim:
 * Takes a cell that hc_read_cell() has accepted. It is here because every cell is taken.
 *
 * @used: bytes of its payload that mean something
 *
 * Returns: FALSE, with a finding, when it is no cell or taken already
 */
static inline __attribute__((always_inline)) gboolean
hc_check_claim(HcCheck *check, uint32_t offset, const char *what, uint32_t used)
{
    HcCheckCells *cells = &check->cells[offset / 64];
    const uint8_t bit = (uint8_t) (1u << (offset / 8 % 8));
    /* Where cells are is not known in a part. */
    const uint8_t there = check->is_part ? bit : cells->allocated & bit;
    if (check->is_releasing || (there & ~cells->claimed) == 0)
        return hc_check_claim_slowly(check, offset, what, used);
    cells->claimed |= bit;
    hc_check_claimed(check, offset, used);
    return TRUE;
}

/** hc_check_is_claimed: whether the cell is taken. */
gboolean hc_check_is_claimed(const HcCheck *check, uint32_t offset);

/** hc_check_is_allocated: whether an allocated cell starts at @offset, as far as is known. */
gboolean hc_check_is_allocated(const HcCheck *check, uint32_t offset);

/** hc_check_mark_allocated: a cell starts at @offset, whatever the walk of its bin says. */
void hc_check_mark_allocated(HcCheck *check, uint32_t offset);

/** hc_check_are_cells: whether what is claimed of the first @n_bytes, whole pages, is allocated. */
gboolean hc_check_are_cells(const HcCheck *check, uint32_t n_bytes);

/** hc_check_leftovers: after the walk, what it has not reached, and the totals. */
void hc_check_leftovers(HcCheck *check);

static inline void
hc_check_total(const HcCheck *check, HcCheckTotal *total, uint32_t offset, uint64_t n_bytes)
{
    if (total->n++ == 0 || check->order < total->order) {
        total->first = offset;
        total->order = check->order;
    }
    total->n_bytes += n_bytes;
}

/** hc_check_tree: from the root on. */
void hc_check_tree(HcCheck *check);

/** hc_check_key: a key whose cell was claimed, and all below it.
 * @above: the meaning of its parent's layer bits */
void hc_check_key(HcCheck *check, const HcKey *key, uint32_t depth, uint8_t above);

/** hc_check_subkeys: the list of subkeys of a key, and all below it. */
void hc_check_subkeys(HcCheck *check, const HcKey *key, uint32_t depth, HcCheckLargest *largest);

/** hc_list_is_hint: whether the hint of an lf list's entry is one of @name. */
gboolean hc_list_is_hint(const uint8_t *hint, HcName name);

/** hc_check_values: the value list of a key, values and data. */
void hc_check_values(HcCheck *check, const HcKey *key, HcCheckLargest *largest);

/** hc_check_key_security: the descriptor that a key refers to. */
void hc_check_key_security(HcCheck *check, const HcKey *key);

/** hc_check_flush_security: references that are not in the table yet. */
void hc_check_flush_security(HcCheck *check);

/** hc_check_ring: after the walk, the ring of descriptors and their reference counts. */
void hc_check_ring(HcCheck *check);

/* Of a check that only finds that a hive is sound. */

HcCheckBins *hc_check_bins_new(const HcHive *hive);

/** hc_check_bins_take: looks at the cells of stretch @n, unless somebody does. */
void hc_check_bins_take(HcCheck *check, uint32_t n);

/** hc_check_meet: something at @offset, which may be any, is looked at next. */
static inline void
hc_check_meet(HcCheck *check, uint32_t offset)
{
    HcCheckBins *bins = check->bins;
    const uint32_t n = offset / HC_CHECK_STRETCH_BYTES;
    if (bins != NULL && n < bins->n_stretches &&
        g_atomic_int_get(&bins->stretches[n].is_taken) == 0)
        hc_check_bins_take(check, n);
}

/** hc_check_bins_finish: when all stretches were taken, and the maps are one; may end the check. */
void hc_check_bins_finish(HcCheck *check);

/**
 * hc_check_by_parts:
 * All but base block, ring and leftovers of a large hive, by several threads if there are any.
 *
 * Returns: FALSE when the hive is not known to be sound; the check is as new then
 */
gboolean hc_check_by_parts(HcCheck *check);

/** hc_check_give_away: @key, whose cell was claimed, and all below it to another piece. Returns:
 * FALSE: it is one for the caller. */
gboolean hc_check_give_away(HcCheck *check, const HcKey *parent, const HcKey *key, uint32_t depth);

/** hc_check_note_trunk: whether the open key differs in itself. */
void hc_check_note_trunk(HcCheck *check, uint32_t depth);

/* Of a check of two hives. */

enum {
    HC_CHECK_LINE_BYTES = 64, /* what is compared at once; a page has as many as a uint64_t bits */
    HC_CHECK_LINES = 4096 / HC_CHECK_LINE_BYTES, /* of a page */
};

/**
 * hc_check_compare_pages:
 * Returns: (transfer full): the lines in which the bins differ, for each page of the left hive;
 * those behind the end of the right one all do. NULL when so much differs that it is not worth more
 * than two checks.
 */
uint64_t *hc_check_compare_pages(const HcHive *left, const HcHive *right);

/** hc_check_note_changed: a key and all below it were seen; .is_noting. */
void hc_check_note_changed(HcCheck *check, uint32_t offset, uint32_t depth);

/** hc_check_differs_security: whether the hives differ in the descriptor of the sk cell. */
gboolean hc_check_differs_security(const HcCheck *check, uint32_t offset,
                                   uint32_t descriptor_bytes);

/** hc_check_release_subkey: an entry in the list of a key that is released. */
void hc_check_release_subkey(HcCheck *check, uint32_t offset, uint32_t depth);

/** hc_check_release_security: a key that is released does not refer to it any more. */
void hc_check_release_security(HcCheck *check, uint32_t offset);

/** hc_check_is_changed: whether the key at @offset differs; .is_rechecking. */
gboolean hc_check_is_changed(const HcCheck *check, uint32_t offset);

/** hc_check_take_list: whether the key has the same list in both, at the same depth;
 * .is_rechecking. */
gboolean hc_check_take_list(HcCheck *check, uint32_t offset, uint32_t depth);

/** hc_check_take_known: whether the subkey is one of the left hive, not taken before, and equal. */
gboolean hc_check_take_known(HcCheck *check, uint32_t offset, uint32_t depth);
