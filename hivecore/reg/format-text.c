#include "config.h"

#include "hivecore/reg/lint-private.h"

#include <string.h>

#include "hivecore/base/bytes.h"
#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/regf/types.h"

/* regedit breaks hex data after the comma that brings the line to this many characters. */
#define WRAP_COLUMN 77

/* More than that no reader takes. */
#define MAX_OUTPUT_BYTES HC_MAX_PATCH_BYTES

/* Units that are encoded at once. */
#define PIECE_UNITS (64u * 1024)

/* The bytes of every unit that @codepage has: 0 for none, above 0xff for two. */
static uint16_t *
invert_codepage(const HcCodepage *codepage)
{
    uint16_t *table = g_new0(uint16_t, 0x10000);
    uint16_t units[4];
    gsize n_units;
    for (guint high = 0; high < 0x100; high++) {
        const uint8_t single = (uint8_t) high;
        if (hc_codepage_decode(codepage, &single, 1, units, &n_units) == 1 && n_units == 1) {
            if (table[units[0]] == 0)
                table[units[0]] = single;
            continue;
        }
        for (guint low = 0; low < 0x100; low++) {
            const uint8_t pair[2] = {(uint8_t) high, (uint8_t) low};
            if (hc_codepage_decode(codepage, pair, 2, units, &n_units) == 2 && n_units == 1 &&
                table[units[0]] == 0)
                table[units[0]] = (uint16_t) (high << 8 | low);
        }
    }
    return table;
}

void
hc_format_text_init(HcFormatText *text, HcRegBytes encoding, const HcCodepage *codepage,
                    gboolean has_crlf)
{
    *text = (HcFormatText){.spool = hc_spool_new(), .encoding = encoding};
    text->line_break = has_crlf ? "\r\n" : "\n";
    if (encoding == HC_REG_BYTES_ANSI)
        text->ansi = invert_codepage(codepage);
}

void
hc_format_text_clear(HcFormatText *text)
{
    g_clear_pointer(&text->spool, hc_spool_free);
    g_clear_pointer(&text->ansi, g_free);
}

gsize
hc_format_text_units(const HcFormatText *text)
{
    return (gsize) hc_spool_size(text->spool) / sizeof(uint16_t);
}

void
hc_format_put_units(HcFormatText *text, const uint16_t *units, gsize n_units)
{
    if (n_units > (MAX_OUTPUT_BYTES - hc_spool_size(text->spool)) / sizeof(*units)) {
        text->is_full = TRUE;
        return;
    }
    text->column += (guint) n_units;
    hc_spool_append(text->spool, units, n_units * sizeof(*units));
}

void
hc_format_put_ascii(HcFormatText *text, const char *ascii)
{
    uint16_t units[32];
    while (*ascii != '\0') {
        gsize n = 0;
        for (; *ascii != '\0' && n < G_N_ELEMENTS(units); n++)
            units[n] = (uint8_t) *ascii++;
        hc_format_put_units(text, units, n);
    }
}

static void
put_name(HcFormatText *text, HcName name)
{
    for (uint32_t i = 0; i < name.n_units; i++)
        hc_format_put_units(text, &(const uint16_t){hc_name_unit(name, i)}, 1);
}

void
hc_format_end_line(HcFormatText *text)
{
    hc_format_put_ascii(text, text->line_break);
    text->column = 0;
}

void
hc_format_put_comment(HcFormatText *text, const HcRegLexer *lexer, gsize from, gsize to)
{
    while (to > from && hc_reg_is_blank(lexer, to - 1))
        to--;
    hc_format_put_units(text, lexer->units + from, to - from);
}

/* The comment behind a statement, and the end of its line. */
static void
put_tail(HcFormatText *text, const HcRegLexer *lexer, const HcRegLine *line)
{
    if (line->comment < line->end) {
        hc_format_put_ascii(text, " ");
        hc_format_put_comment(text, lexer, line->comment, line->end);
    }
    hc_format_end_line(text);
}

void
hc_format_put_section(HcFormatText *text, const HcRegWalker *walker, const HcRegLine *line)
{
    const GArray *path = walker->section.path;
    hc_format_put_ascii(text, walker->section.is_delete ? "[-" : "[");
    for (guint i = 0; i < path->len; i++) {
        if (i > 0)
            hc_format_put_ascii(text, "\\");
        put_name(text, g_array_index(path, HcName, i));
    }
    hc_format_put_ascii(text, "]");
    put_tail(text, &walker->lexer, line);
}

/* The quoted text that starts at @pos, as it stands: only \\ and \" are escapes, and both need to
 * be; line breaks in it are data. */
static void
put_quoted_source(HcFormatText *text, const HcRegLexer *lexer, gsize pos)
{
    gsize from = pos++;
    while (!hc_reg_is(lexer, pos, '"'))
        pos += hc_reg_is(lexer, pos, '\\') ? 2 : 1;
    hc_format_put_units(text, lexer->units + from, pos + 1 - from);
}

/* Whether a person can read @unit and a file can carry it. */
static gboolean
is_plain(const HcFormatText *text, uint16_t unit)
{
    gboolean is_control = unit < 0x20 || (unit >= 0x7f && unit < 0xa0);
    gboolean is_invisible = unit == 0xad || (unit >= 0x200b && unit <= 0x200f) ||
                            (unit >= 0x2028 && unit <= 0x202e) ||
                            (unit >= 0x2060 && unit <= 0x206f) || unit == 0xfeff || unit >= 0xfff9;
    return !is_control && !is_invisible && (text->ansi == NULL || text->ansi[unit] != 0);
}

/* Whether hex data of REG_SZ is nothing but text with a NUL at its end; @string: (out): the text.
 */
static gboolean
is_text(const HcFormatText *text, const HcRegData *data, HcName *string)
{
    guint n_bytes = data->bytes->len;
    if (data->type != HC_REG_SZ || n_bytes < 2 || n_bytes % 2 != 0 ||
        hc_get16(data->bytes->data + n_bytes - 2) != 0)
        return FALSE;
    *string = (HcName){data->bytes->data, n_bytes / 2 - 1, FALSE};
    for (uint32_t i = 0; i < string->n_units; i++) {
        if (!is_plain(text, hc_name_unit(*string, i)))
            return FALSE;
    }
    return hc_name_is_wellformed(*string);
}

static void
put_quoted(HcFormatText *text, HcName string)
{
    hc_format_put_ascii(text, "\"");
    for (uint32_t i = 0; i < string.n_units; i++) {
        uint16_t unit = hc_name_unit(string, i);
        if (unit == '\\' || unit == '"')
            hc_format_put_ascii(text, "\\");
        hc_format_put_units(text, &unit, 1);
    }
    hc_format_put_ascii(text, "\"");
}

static gboolean
next_byte(const HcRegLexer *lexer, gsize *pos, gsize end, guint *byte)
{
    while (*pos < end && hc_reg_hex_digit(lexer, *pos) < 0)
        *pos = hc_reg_is(lexer, *pos, ';') ? hc_reg_eol(lexer, *pos) : *pos + 1;
    *byte = 0;
    gsize start = *pos;
    for (int digit; *pos < end && (digit = hc_reg_hex_digit(lexer, *pos)) >= 0; (*pos)++)
        *byte = *byte << 4 | (guint) digit;
    return *pos > start;
}

static void
put_byte(HcFormatText *text, guint byte, gboolean is_last)
{
    static const char digits[] = "0123456789abcdef";
    const char pair[] = {digits[byte >> 4 & 15], digits[byte & 15], '\0'};
    hc_format_put_ascii(text, pair);
    if (is_last)
        return;
    hc_format_put_ascii(text, ",");
    if (text->column < WRAP_COLUMN)
        return;
    hc_format_put_ascii(text, "\\");
    hc_format_end_line(text);
    hc_format_put_ascii(text, "  ");
}

/* The bytes as they are written, since those of version 4 strings have been decoded in data. */
static void
put_bytes(HcFormatText *text, const HcRegLexer *lexer, const HcRegLine *line)
{
    gsize pos = line->data;
    guint byte;
    while (!hc_reg_is(lexer, pos, ':'))
        pos++;
    gboolean has_byte = next_byte(lexer, &pos, line->comment, &byte);
    while (has_byte) {
        const guint this_byte = byte;
        has_byte = next_byte(lexer, &pos, line->comment, &byte);
        put_byte(text, this_byte, !has_byte);
    }
}

static void
put_hex(HcFormatText *text, const HcRegWalker *walker, const HcRegLine *line)
{
    const HcRegData *data = &walker->data;
    char prefix[32];
    HcName string;
    if (is_text(text, data, &string)) {
        put_quoted(text, string);
        return;
    }
    if (data->type == HC_REG_DWORD && data->bytes->len == 4) {
        g_snprintf(prefix, sizeof(prefix), "dword:%08x", hc_get32(data->bytes->data));
        hc_format_put_ascii(text, prefix);
        return;
    }
    if (data->type == HC_REG_BINARY)
        g_strlcpy(prefix, "hex:", sizeof(prefix));
    else
        g_snprintf(prefix, sizeof(prefix), "hex(%x):", data->type);
    hc_format_put_ascii(text, prefix);
    if (walker->dialect.is_ansi == text->is_v4) {
        put_bytes(text, &walker->lexer, line);
        return;
    }
    for (guint i = 0; i < data->bytes->len; i++)
        put_byte(text, data->bytes->data[i], i + 1 == data->bytes->len);
}

/* Comments between the lines of hex data, above the value: there they cannot be in the way of the
 * new line breaks. None is a directive; strict mode takes none here. */
static void
put_inner_comments(HcFormatText *text, const HcRegLexer *lexer, const HcRegLine *line)
{
    for (gsize pos = line->data; pos < line->comment; pos++) {
        if (!hc_reg_is(lexer, pos, ';'))
            continue;
        gsize end = hc_reg_eol(lexer, pos);
        hc_format_put_comment(text, lexer, pos, end);
        hc_format_end_line(text);
        pos = end;
    }
}

void
hc_format_put_value(HcFormatText *text, const HcRegWalker *walker, const HcRegLine *line)
{
    const HcRegLexer *lexer = &walker->lexer;
    gboolean is_hex = hc_reg_is(lexer, line->data, 'h');
    if (is_hex)
        put_inner_comments(text, lexer, line);
    if (line->name.n_units == 0)
        hc_format_put_ascii(text, "@");
    else
        put_quoted_source(text, lexer, line->at.pos);
    hc_format_put_ascii(text, "=");
    if (walker->data.is_delete)
        hc_format_put_ascii(text, "-");
    else if (hc_reg_is(lexer, line->data, '"'))
        put_quoted_source(text, lexer, line->data);
    else
        put_hex(text, walker, line);
    put_tail(text, lexer, line);
}

static gboolean
append_ansi(HcSpool *out, uint16_t bytes)
{
    const uint8_t pair[2] = {(uint8_t) (bytes >> 8), (uint8_t) bytes};
    gboolean has_two = bytes > 0xff;
    hc_spool_append(out, has_two ? pair : pair + 1, has_two ? 2 : 1);
    return bytes != 0;
}

/* Encodes @piece, which ends with a whole character. FALSE: it has one that cannot be. */
static gboolean
append_piece(HcSpool *out, const HcFormatText *text, HcName piece)
{
    gboolean ok = TRUE;
    g_autoptr(GString) utf8 = g_string_new(NULL);
    switch (text->encoding) {
    case HC_REG_BYTES_UTF16:
        hc_spool_append(out, piece.chars, 2 * (gsize) piece.n_units);
        break;
    case HC_REG_BYTES_UTF8:
    case HC_REG_BYTES_UTF8_BOM:
        ok = hc_name_is_wellformed(piece);
        hc_name_append_utf8(utf8, piece);
        hc_spool_append(out, utf8->str, utf8->len);
        break;
    case HC_REG_BYTES_ANSI:
        for (uint32_t i = 0; i < piece.n_units && ok; i++)
            ok = append_ansi(out, text->ansi[hc_name_unit(piece, i)]);
        break;
    }
    return ok;
}

static gboolean
append_all(HcSpool *out, const HcFormatText *text, GBytes *units)
{
    static const char *const boms[] = {[HC_REG_BYTES_UTF16] = "\xff\xfe",
                                       [HC_REG_BYTES_UTF8] = "",
                                       [HC_REG_BYTES_UTF8_BOM] = "\xef\xbb\xbf",
                                       [HC_REG_BYTES_ANSI] = ""};
    gsize n_bytes;
    const uint8_t *bytes = g_bytes_get_data(units, &n_bytes);
    const HcName all = {bytes, (uint32_t) (n_bytes / 2), FALSE};
    hc_spool_append(out, boms[text->encoding], strlen(boms[text->encoding]));
    for (uint32_t from = 0, n; from < all.n_units; from += n) {
        n = MIN(all.n_units - from, PIECE_UNITS);
        /* A pair stays together. */
        if (from + n < all.n_units && (hc_name_unit(all, from + n - 1) & 0xfc00) == 0xd800)
            n--;
        if (!append_piece(out, text, (HcName){bytes + 2 * (gsize) from, n, FALSE}))
            return FALSE;
    }
    return TRUE;
}

GBytes *
hc_format_text_encode(HcFormatText *text, const char *file, GError **error)
{
    if (text->is_full)
        return hc_fail_null(error, HC_ERROR_LIMIT, "%s: its canonical form is larger than 2 GiB",
                            file);
    g_autoptr(GBytes) units = hc_spool_finish(text->spool, error);
    g_autoptr(HcSpool) out = hc_spool_new();
    if (units == NULL)
        return NULL;
    if (!append_all(out, text, units))
        return hc_fail_null(error, HC_ERROR_UNSUPPORTED,
                            "%s: has a character that the encoding of the new text does not have",
                            file);
    return hc_spool_finish(out, error);
}
