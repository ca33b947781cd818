#pragma once

#include <stdint.h>

#include <glib.h>

#include "hivecore/base/arena.h"

G_BEGIN_DECLS

/**
 * HcName: a borrowed key or value name (or any registry text), as stored.
 *
 * Latin-1 bytes, or UTF-16LE code units at any alignment. Not NUL-terminated; may hold NUL,
 * control characters and unpaired surrogates. Registry names are compared through
 * hc_name_compare(), never byte by byte.
 */
typedef struct {
    const uint8_t *chars;
    uint32_t n_units; /* bytes when is_latin1, else 16-bit units */
    gboolean is_latin1;
} HcName;

#define HC_NAME_EMPTY ((HcName){(const uint8_t *) "", 0, TRUE})

/** HC_NAME_ASCII: an HcName of a string literal of ASCII. */
#define HC_NAME_ASCII(literal) ((HcName){(const uint8_t *) (literal), sizeof(literal) - 1, TRUE})

/** Returns: code unit @i of @name, @i < n_units. */
static inline uint16_t
hc_name_unit(HcName name, uint32_t i)
{
    if (name.is_latin1)
        return name.chars[i];
    return (uint16_t) (name.chars[2 * (gsize) i] | name.chars[2 * (gsize) i + 1] << 8);
}

/** Returns: how many bytes @name takes as it is stored, without a NUL. */
static inline uint32_t
hc_name_bytes(HcName name)
{
    return name.n_units * (name.is_latin1 ? 1 : 2);
}

/**
 * hc_upcase:
 * Returns: @unit upper-cased as the registry does: one code unit to one, no locale, surrogates
 * unchanged. Source: docs/FORMATS.md, "Names".
 */
uint16_t hc_upcase(uint16_t unit);

/**
 * hc_name_compare:
 * Registry order: by upper-cased code units, then by length.
 *
 * Returns: < 0, 0 or > 0
 */
int hc_name_compare(HcName a, HcName b);

/** Returns: whether the registry takes @a and @b for the same name. */
gboolean hc_name_equal(HcName a, HcName b);

/** Returns: whether @a and @b are spelled alike, unit by unit, whatever their encoding. */
gboolean hc_name_same_spelling(HcName a, HcName b);

/** Returns: the hash of an lh list entry: H = 37 * H + upper-cased unit, from 0. */
uint32_t hc_name_hash(HcName name);

/** hc_name_put_folded: @name in upper case as UTF-16LE: 2 * n_units bytes, at any address. */
void hc_name_put_folded(uint8_t *at, HcName name);

/** Returns: whether every unit is below 0x100, so that the name is stored as Latin-1. */
gboolean hc_name_fits_latin1(HcName name);

/** Returns: whether every unit is below 0x80. */
gboolean hc_name_is_ascii(HcName name);

/** Returns: whether @name holds @unit. */
gboolean hc_name_has_unit(HcName name, uint16_t unit);

/** Returns: whether every surrogate in @name is paired, so that it has a UTF-8 form. */
gboolean hc_name_is_wellformed(HcName name);

/** Returns: units @from up to @to of @name, borrowed from it */
HcName hc_name_part(HcName name, uint32_t from, uint32_t to);

/** Returns: @name copied into @arena, in the encoding it has. */
HcName hc_name_dup(HcArena *arena, HcName name);

/**
 * hc_name_from_utf8:
 * @utf8: valid UTF-8 of @n_bytes
 *
 * Returns: its UTF-16LE form in @arena, or Latin-1 when every character is below U+0100
 */
HcName hc_name_from_utf8(HcArena *arena, const char *utf8, gsize n_bytes);

/** Returns: whether @text starts with @prefix as the registry takes names for the same; not where
 * one of them is no UTF-8, such as a prefix of which the last character is not typed whole. */
gboolean hc_name_text_starts(const char *text, const char *prefix);

/**
 * hc_name_append_utf8:
 * Appends @name as UTF-8; an unpaired surrogate becomes its three-byte form (WTF-8). May append
 * NUL bytes: use out->len.
 */
void hc_name_append_utf8(GString *out, HcName name);

/**
 * hc_name_append_display:
 * Appends @name for a person: UTF-8, with control characters (C0, C1, DEL), unpaired surrogates,
 * and the invisible and direction-changing characters of Unicode written \u{hex}, so that names
 * from a hive cannot drive a terminal or hide in a report.
 */
void hc_name_append_display(GString *out, HcName name);

/** hc_name_append_escaped: the same with a backslash before each '"' and backslash of @name. */
void hc_name_append_escaped(GString *out, HcName name);

#define HC_NAME_SLACK 8

/**
 * hc_name_put_plain:
 * Puts to @to what @name has of printable ASCII but '"' and '\\', from unit @from on up to the
 * first other: most names are nothing else.
 * @to: has room for the rest of @name and HC_NAME_SLACK bytes, which may be overwritten
 *
 * Returns: how many units were put
 */
uint32_t hc_name_put_plain(char *to, HcName name, uint32_t from);

/**
 * hc_name_from_display:
 * What hc_name_append_display() made of a name, back: \u{hex} is the character of that number, also
 * NUL and half of a surrogate pair; everything else stands for itself.
 *
 * @text: valid UTF-8 of @n_bytes
 *
 * Returns: its UTF-16LE form in @arena
 */
HcName hc_name_from_display(HcArena *arena, const char *text, gsize n_bytes);

/** Returns: (transfer full): hc_name_append_display() as a string. */
char *hc_name_display(HcName name);

/**
 * hc_name_hash_folded, hc_name_equal_pointers:
 * GHashFunc and GEqualFunc over const HcName *, equal when the registry takes the names for the
 * same.
 */
guint hc_name_hash_folded(gconstpointer name);
gboolean hc_name_equal_pointers(gconstpointer a, gconstpointer b);

G_END_DECLS
