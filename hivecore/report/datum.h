#pragma once

#include "hivecore/report/report.h"

G_BEGIN_DECLS

/* How data is taken apart and shown; internal to report/. */

/** hc_report_json_head: the start of a document about two files: head, "a", "b", "root". */
void hc_report_json_head(HcJsonWriter *json, const char *kind, const HcReportOptions *options);

/** Appends @bytes as lower-case hex. */
void hc_append_hex(GString *out, const uint8_t *bytes, gsize n_bytes);

/** Appends the first 48 bits of the SHA-256 of @blob, in hex. */
void hc_append_digest(GString *out, HcBlob blob);

/** Appends @text between quotes, for a person: quotes and backslashes get a backslash. */
void hc_append_quoted(GString *out, HcName text);

/** hc_append_quoted_part: the same without the quotes. */
void hc_append_quoted_part(GString *out, HcName text);

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

G_END_DECLS
