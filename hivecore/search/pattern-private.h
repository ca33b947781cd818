#pragma once

#include "hivecore/search/search.h"

G_BEGIN_DECLS

/* Characters that a string in bytes has at least. */
#define HC_STRING_CHARS 4u

/** HcNeedle: a text to be found as it stands in memory. */
typedef struct {
    gboolean ignores_case;
    uint8_t *utf16;    /* of n_units units, little-endian */
    uint8_t *latin1;   /* (nullable): NULL when it does not fit */
    uint16_t *folded;  /* n_units, upper-cased */
    uint8_t *is_first; /* of ignores_case: a bit for each unit that the text may begin with */
    uint32_t n_units;
    gboolean is_ascii;
    gboolean is_number; /* decimal or 0x */
    uint64_t number;
} HcNeedle;

void hc_needle_init(HcNeedle *needle, const char *text, gboolean ignores_case);
void hc_needle_clear(HcNeedle *needle);

/** Returns: where in @text, whose units are @width bytes wide, the needle begins, from byte @start
 * on; NULL: it is not there. @is_aligned: only at whole units */
const uint8_t *hc_needle_find(const HcNeedle *needle, const uint8_t *text, gsize n_bytes,
                              guint width, gboolean is_aligned);

/* --- texts.c: what a pattern looks at, as UTF-8, each text with a separator after it --- */

/** hc_texts_append_units: NULs part texts; what is no character is U+FFFD. */
void hc_texts_append_units(GString *out, char separator, const uint8_t *units, gsize n_units);
void hc_texts_append_name(GString *out, char separator, HcName name);

/** hc_texts_append_strings: the strings that stand in bytes. */
void hc_texts_append_strings(GString *out, char separator, const uint8_t *bytes, gsize n_bytes);

/** hc_texts_append_datum: @is_bytes: (out): it has no meaning but strings in bytes */
void hc_texts_append_datum(GString *out, char separator, const HcDatum *datum, gboolean *is_bytes);

/** Returns: whether @datum is text in UTF-16. */
gboolean hc_texts_is_text(const HcDatum *datum);

/** Returns: whether @datum is a number of a known width. */
gboolean hc_texts_read_number(const HcDatum *datum, uint64_t *number);

/** Returns: the string in bytes around @at, a place in it, in units of @width; NULL when it is
 * shorter than HC_STRING_CHARS. @n_bytes: (inout): of @bytes, of the string */
const uint8_t *hc_string_around(const uint8_t *bytes, gsize *n_bytes, gsize at, guint width);

G_END_DECLS
