#pragma once

#include "hivecore/delta/delta.h"
#include "hivecore/regf/security.h"

G_BEGIN_DECLS

/*
 * What is different inside a value: how the new data comes of the old. Made only where somebody
 * looks at it, in bounded time and memory (limits.h, HC_MAX_DIFF_*). Scripts borrow from both data.
 */

/** HcEditOp: what becomes of a run of parts. */
typedef enum {
    HC_EDIT_KEEP,
    HC_EDIT_REMOVE,
    HC_EDIT_ADD,
    HC_EDIT_MOVE_OUT, /* one part of the old that stands elsewhere in the new */
    HC_EDIT_MOVE_IN,  /* one part of the new that stood elsewhere in the old */
} HcEditOp;

/**
 * HcEdit: one step of the way from an old sequence to a new one. The steps are in the order of
 * both: what comes before old_at and before new_at is done.
 */
typedef struct {
    HcEditOp op;
    uint32_t old_at; /* of ADD: before which it is put in. Of MOVE_IN: where it stood */
    uint32_t new_at; /* of REMOVE: before which it stood. Of MOVE_OUT: where it goes */
    uint32_t n;      /* parts, of both where they are kept */
} HcEdit;

/** HcScriptKind: what the data is taken apart into, which places and lengths count. */
typedef enum {
    HC_SCRIPT_NONE,   /* into nothing: a side is absent, or the types have nothing in common */
    HC_SCRIPT_LIST,   /* the strings of a REG_MULTI_SZ */
    HC_SCRIPT_PIECES, /* what stands between the .separator of a string: ';' as in PATH, '|' */
    HC_SCRIPT_TEXT,   /* the 16-bit units of a string; steps begin and end at words */
    HC_SCRIPT_BYTES,
    HC_SCRIPT_NUMBER, /* bits: .old_number, .new_number; no edits */
    HC_SCRIPT_ACES,   /* the entries of an ACL */
} HcScriptKind;

/** HcScriptSide: the parts of one side. */
typedef struct {
    HcBlob content;   /* without the tail */
    HcBlob tail;      /* of strings and lists: the NULs that end it */
    GArray *elements; /* of HcBlob: of LIST, PIECES and ACES, without what separates them */
    uint32_t n;       /* parts */
} HcScriptSide;

typedef struct {
    HcScriptKind kind;
    HcScriptSide old_side;
    HcScriptSide new_side;
    GArray *edits; /* of HcEdit */
    uint64_t old_number;
    uint64_t new_number;
    guint old_bits; /* of NUMBER: 32 or 64 */
    guint new_bits;
    gboolean is_new_big_endian;
    uint8_t separator; /* of PIECES */
} HcEditScript;

/**
 * hc_edit_script_new:
 * LIST for two lists; PIECES for two strings, one of which has a ';' and neither reads like prose
 * or SDDL (a blank behind a ';', or a ';' in brackets), or each of which has three '|' or more, as
 * rules of the firewall have; else TEXT; NUMBER for two numbers, also of
 * two lengths; BYTES for data of any type, where none of these fits both and the types are the same
 * or neither is of a string or number; else NONE. Elements that stand elsewhere in the new are
 * MOVE_OUT and MOVE_IN, one for each; in TEXT and BYTES nothing moves.
 *
 * Returns: (transfer full)
 */
HcEditScript *hc_edit_script_new(const HcDatum *before, const HcDatum *after);

/** hc_edit_script_new_text: TEXT of two strings of UTF-16LE, such as two elements. */
HcEditScript *hc_edit_script_new_text(HcBlob before, HcBlob after);

/** hc_edit_script_new_aces: ACES of two ACLs of hc_security_parse(), which may be absent. */
HcEditScript *hc_edit_script_new_aces(HcBlob before, HcBlob after);

void hc_edit_script_free(HcEditScript *script);

/** Returns: element @i of @side, of LIST, PIECES and ACES */
HcBlob hc_script_element(const HcScriptSide *side, uint32_t i);

/** Returns: parts @at up to @at + @n of @side, of TEXT */
HcName hc_script_words(const HcScriptSide *side, uint32_t at, uint32_t n);

/**
 * hc_edit_script_apply:
 * The new data as the script makes it of the old: kept and moved parts are taken from the old side,
 * added ones from the new. What tests prove scripts by.
 *
 * Returns: (transfer full): NULL for NONE
 */
GByteArray *hc_edit_script_apply(const HcEditScript *script);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HcEditScript, hc_edit_script_free)

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
