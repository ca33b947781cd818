#pragma once

#include "hivecore/base/json.h"
#include "hivecore/report/edit-script.h"
#include "hivecore/report/report.h"

G_BEGIN_DECLS

/* How data is taken apart and shown; internal to report/. */

/** hc_report_json_head: the start of a document about two files: head, "a", "b", "root". */
void hc_report_json_head(HcJsonWriter *json, const char *kind, const HcReportOptions *options);

/** Appends the first 48 bits of the SHA-256 of @blob, in hex. */
void hc_append_digest(GString *out, HcBlob blob);

/** Appends @text between quotes, for a person: quotes and backslashes get a backslash. */
void hc_append_quoted(GString *out, HcName text);

/** hc_append_type: "dword", "type 0x12". */
void hc_append_type(GString *out, uint32_t type);

/**
 * hc_datum_text:
 * @text: (out): the text of string data, without its final NUL
 * @is_terminated: (out): whether that NUL was there
 *
 * Returns: FALSE when @datum is no REG_SZ, REG_EXPAND_SZ or REG_LINK or has an odd length
 */
gboolean hc_datum_text(const HcDatum *datum, HcName *text, gboolean *is_terminated);

/** HcListOddities: what a REG_MULTI_SZ is beside its strings; Windows itself writes all of these.
 */
typedef struct {
    guint n_empty;         /* strings that are empty, as PendingFileRenameOperations has them */
    gboolean is_unclosed;  /* no NUL follows that of the last string */
    gboolean is_cut;       /* the last string has no NUL either */
    gboolean has_no_bytes; /* not even the NUL of an empty list */
} HcListOddities;

/**
 * hc_datum_split_list:
 * Returns: (transfer full) (element-type HcName): the strings of a REG_MULTI_SZ; NULL when @datum
 * is none, or of odd length. No two data have the same strings and oddities.
 */
GArray *hc_datum_split_list(const HcDatum *datum, HcListOddities *oddities);

/** hc_datum_number: FALSE when @datum is no REG_DWORD of either order or REG_QWORD of its length.
 */
gboolean hc_datum_number(const HcDatum *datum, uint64_t *number, guint *n_bits);

/**
 * hc_datum_list:
 * Returns: (transfer full) (element-type HcName): the strings of a REG_MULTI_SZ that is nothing
 * but non-empty strings, each with its NUL, and a NUL after the last; NULL when it is not so
 */
GArray *hc_datum_list(const HcDatum *datum);

/** Appends a value's type and data; @is_full: long binary data whole, too. */
void hc_append_datum(GString *out, const HcDatum *datum, gboolean is_full);

/** hc_append_datum_pair: "type BEFORE -> AFTER", both whole; of binary data as hc_append_datum().
 */
void hc_append_datum_pair(GString *out, const HcDatum *before, const HcDatum *after,
                          gboolean is_full);

/*
 * Members of a JSON delta, taken apart; internal to report/. All that return gboolean or a
 * pointer fail with HC_ERROR_MALFORMED. Names and bytes are made in the arena.
 */

/** hc_json_malformed: sets HC_ERROR_MALFORMED. Returns: FALSE */
gboolean hc_json_malformed(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

/** Returns: (transfer full): the string that is @member, or NULL with @error set. */
char *hc_json_read_string(HcJson object, const char *member, GError **error);

gboolean hc_json_read_object(HcJson object, const char *member, HcJson *value, GError **error);

gboolean hc_json_read_uint32(HcJson object, const char *member, uint32_t *number, GError **error);

/** hc_json_read_name: a string, or {"utf16":"…"} with four digits for each unit. */
gboolean hc_json_read_name(HcArena *arena, HcJson value, HcName *name, GError **error);

/** hc_json_read_blob: the bytes that @object's "hex" holds; .bytes is never NULL. */
gboolean hc_json_read_blob(HcArena *arena, HcJson object, HcBlob *blob, GError **error);

/** hc_json_read_nullable_blob: @member is null, or an object with "hex". */
gboolean hc_json_read_nullable_blob(HcArena *arena, HcJson object, const char *member, HcBlob *blob,
                                    GError **error);

/**
 * hc_json_check_decoded:
 * Whether what stands beside a value's "hex" for people agrees with it, so that an edit of that
 * alone is not passed over.
 */
gboolean hc_json_check_decoded(HcArena *arena, HcJson object, const HcDatum *datum, GError **error);

/* How a change is laid out in lines; internal to text*.c and meaning*.c. */

/** HcTextLine: one line of what became of a value or a descriptor. */
typedef struct {
    char sign; /* '+', '-', '~', ' ' for what is said of it; HC_TEXT_HEAD */
    char *text;
} HcTextLine;

/* The first line of what became of a key itself: stands where values do, signed as what happens. */
#define HC_TEXT_HEAD 'h'

/** HcTextLimits: how much room there is. */
typedef struct {
    guint n_columns; /* of a line's text; G_MAXUINT where nothing is cut */
    guint n_lines;   /* below the first, without what says that there are more */
    gboolean is_full;
} HcTextLimits;

/** hc_text_lines_new: Returns: (transfer full) (element-type HcTextLine): an empty list */
GArray *hc_text_lines_new(void);

/** hc_text_line: one more line. @text: (transfer full) */
void hc_text_line(GArray *lines, char sign, GString *text);

/** hc_text_part: hc_name_part() that tears no pair of surrogates. */
HcName hc_text_part(HcName text, uint32_t from, uint32_t to);

/* Data of so many bytes may be laid out only to see whether it fits. */
#define HC_TEXT_SMALL 4096u

/** hc_text_columns: how many columns of a terminal @text takes, UTF-8 without hidden characters. */
guint hc_text_columns(const char *text);

/** hc_append_cut: @text up to @n_columns; what is cut at the end is "…". */
void hc_append_cut(GString *out, const char *text, guint n_columns);

/** hc_append_cut_middle: the same, with what is cut in the middle. */
void hc_append_cut_middle(GString *out, const char *text, guint n_columns);

/**
 * hc_text_value_lines:
 * What became of a value: the first line goes behind its name, those that follow below it.
 * @first: columns that the first line has less than the others
 */
GArray *hc_text_value_lines(const HcDeltaKey *key, const HcDeltaValue *value,
                            const HcTextLimits *limits, guint first);

/** hc_text_append_piece: @text without quotes around it; at most @most units, from the middle of
 * which the rest is cut. */
void hc_text_append_piece(GString *out, HcName text, uint32_t most);

/** hc_text_words: of TEXT, the old and the new with what changed and some of what is around it. */
void hc_text_words(GArray *lines, const HcEditScript *script, guint n_columns);

/** hc_text_steps: of LIST and PIECES, a line for each element that is added, removed or moved;
 * elements that have no room are cut so that what differs is seen. */
void hc_text_steps(GArray *lines, const HcEditScript *script, const HcTextLimits *limits);

/** hc_text_append_steps: the same in one line, ` - "b" at 2, + "x" at 2`. Returns: FALSE where
 * there is no step, or they take over @n_bytes */
gboolean hc_text_append_steps(GString *out, const HcEditScript *script, gsize n_bytes);

#define HC_TEXT_ROW_BYTES 16u

/** hc_text_rows: of BYTES, the rows of 16 bytes that changed, old and new. */
void hc_text_rows(GArray *lines, const HcEditScript *script, const HcTextLimits *limits);

/** hc_text_security_lines: what became of a descriptor, part by part; the first line is empty. */
GArray *hc_text_security_lines(HcBlob before, HcBlob after, const HcTextLimits *limits);

/** hc_text_key_lines: what became of a key itself, besides values. */
GArray *hc_text_key_lines(const HcDeltaKey *key, const HcTextLimits *limits);

/** hc_append_security: SDDL, or size and digest where it has none. @with_digest: both */
void hc_append_security(GString *out, HcBlob security, gboolean with_digest);

/** hc_sid_name: @sid: as hc_append_sid() writes it. Returns: (nullable): what people call it */
const char *hc_sid_name(const char *sid);

/**
 * hc_append_number_name:
 * The name that @number has as the value @name of @key: "disabled", "kernel driver".
 *
 * Returns: whether it has one
 */
gboolean hc_append_number_name(GString *out, const HcDeltaKey *key, HcName name, uint64_t number);

/**
 * hc_append_meaning:
 * What data says beyond its raw form: a time, a GUID, whose SID it is, a text in binary data.
 * @key: (nullable): of the value @name
 *
 * Returns: whether there is such a thing
 */
gboolean hc_append_meaning(GString *out, const HcDeltaKey *key, HcName name, const HcDatum *datum);

/**
 * HcMoves: subtrees that an exact delta deletes at one place and creates at another with the same
 * content, also as a part of a larger tree: names, values and their data, classes, all below; not
 * descriptors, times and the name of the topmost key. One difference, or a tree without a value, is
 * no move. An annotation for people; the delta is what it was.
 */
typedef struct HcMoves HcMoves;

/** hc_moves_find: Returns: (transfer full): borrows from @exact */
HcMoves *hc_moves_find(const HcDelta *exact);
void hc_moves_free(HcMoves *moves);

guint hc_moves_count(const HcMoves *moves);

/** Returns: whether @key, deleted or created, has moved */
gboolean hc_moves_has(const HcMoves *moves, const HcDeltaKey *key);

/** hc_moves_append_other: where what @key holds went, or came from, as hc_delta_append_path(). */
void hc_moves_append_other(GString *out, const HcMoves *moves, const HcDeltaKey *key,
                           const char *root);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HcMoves, hc_moves_free)

/** HcText: a report in the making. */
typedef struct {
    GString *out;
    HcStream *stream; /* (nullable): that @out is the text of */
    const HcReportOptions *options;
    const char *margin;  /* before every line */
    gboolean is_keyless; /* the key is known: its line and its indentation are left out */
    HcMoves *moves;      /* (nullable) */
    guint n_folded;      /* (out): trees and lists that could be opened */
} HcText;

/** hc_text_limits: of values (below a key); of a line that stands so many columns from the left. */
HcTextLimits hc_text_limits(const HcText *text, guint n_before);

/** hc_text_is_folded: whether a created or deleted key is one line. @level: below the topmost such
 * key */
gboolean hc_text_is_folded(const HcText *text, const HcDeltaKey *key, guint level);

/** hc_text_own: lines of a key and its values, without its subkeys. */
void hc_text_own(HcText *text, const HcDeltaKey *key, gboolean is_folded, guint n_values);

/** hc_text_tree: the key, its values and all below, whole. @level: as in hc_text_is_folded() */
void hc_text_tree(HcText *text, const HcDeltaKey *key, guint level);

/** hc_text_folded_tree: the same in about @n_lines. */
void hc_text_folded_tree(HcText *text, const HcDeltaKey *key, guint n_lines);

/** hc_text_append_key: "~ [path]", with @after behind it; what is in it is cut to the room. */
void hc_text_append_key(HcText *text, char sign, const HcDeltaKey *key, const char *after);

/** hc_text_append_counts: of the tree at @key alone, as hc_report_append_counts(). */
gboolean hc_text_append_counts(GString *out, const HcDeltaCounts *counts);

G_END_DECLS
