#pragma once

#include "hivecore/report/edit-script.h"

G_BEGIN_DECLS

/* Scripts in the making; internal to edit-script*.c. */

static inline HcBlob
hc_script_blob_of(HcName text)
{
    return (HcBlob){text.chars, hc_name_bytes(text)};
}

static inline HcName
hc_script_text_of(HcBlob blob)
{
    return (HcName){blob.bytes, blob.n_bytes / 2, FALSE};
}

static inline gboolean
hc_script_is_blank(uint16_t unit)
{
    return unit == ' ' || unit == '\t';
}

/**
 * hc_script_number_parts:
 * The same number for equal parts of both arrays (of HcBlob). By sorting, which no data makes slow.
 *
 * Returns: (transfer full): those of the old, then those of the new
 */
uint32_t *hc_script_number_parts(const GArray *old_parts, const GArray *new_parts);

/** hc_script_add_edit: nothing where @n is 0. */
void hc_script_add_edit(GArray *edits, HcEditOp op, uint32_t old_at, uint32_t new_at, uint32_t n);

/** hc_script_words_edits, hc_script_bytes_edits: of TEXT and BYTES, whose sides are known. */
void hc_script_words_edits(HcEditScript *script);
void hc_script_bytes_edits(HcEditScript *script);

/**
 * hc_sequence_diff:
 * How @new_items comes of @old_items: KEEP, REMOVE and ADD; a REMOVE stands before the ADD that
 * takes its place. The shortest way (E. Myers, "An O(ND) Difference Algorithm and Its Variations",
 * 1986, in the variant of linear space), but for sequences that have little in common: time is
 * bounded by HC_MAX_DIFF_STEPS, and then the way is only right.
 *
 * @edits: (element-type HcEdit): appended to
 */
void hc_sequence_diff(const uint32_t *old_items, uint32_t n_old, const uint32_t *new_items,
                      uint32_t n_new, GArray *edits);

G_END_DECLS
