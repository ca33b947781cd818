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

G_END_DECLS
