#include "config.h"

#include "hivecore/reg/parse-private.h"

#include <string.h>

#include "hivecore/base/bytes.h"
#include "hivecore/base/limits.h"
#include "hivecore/regf/types.h"

static void
append_units(GByteArray *out, const uint16_t *units, gsize n_units)
{
    g_byte_array_append(out, (const guint8 *) units, (guint) (n_units * sizeof(*units)));
}

static gboolean
parse_dword(HcRegLexer *lexer, HcRegData *data)
{
    hc_reg_skip_blanks(lexer);
    gsize start = lexer->pos;
    uint32_t value = 0;
    gsize n_digits = 0;
    for (; hc_reg_hex_digit(lexer, start + n_digits) >= 0; n_digits++)
        value = value << 4 | (uint32_t) hc_reg_hex_digit(lexer, start + n_digits);
    if (n_digits == 0)
        return hc_reg_fail(lexer, start, "1 to 8 hex digits after 'dword:'",
                           hc_reg_is(lexer, start, ';') ? "stores 0, as Wine's does"
                                                        : HC_REGEDIT_SKIPS);
    if (n_digits > 8)
        return hc_reg_fail_found(lexer, start, HC_ERROR_MALFORMED, "1 to 8 after 'dword:'",
                                 HC_REGEDIT_SKIPS, "%" G_GSIZE_FORMAT " hex digits", n_digits);
    lexer->pos = start + n_digits;
    if (!hc_reg_expect_tail(lexer, "the hex number", HC_REGEDIT_SKIPS))
        return FALSE;
    uint8_t bytes[4];
    hc_put32(bytes, value);
    data->type = HC_REG_DWORD;
    g_byte_array_append(data->bytes, bytes, sizeof(bytes));
    return TRUE;
}

/* A directive between the lines of one value would be easy to miss. */
static gboolean
refuse_directive(const HcRegLexer *lexer, gsize pos)
{
    return lexer->compat || !hc_reg_is_directive(lexer, pos) ||
           hc_reg_fail_found(lexer, pos, HC_ERROR_MALFORMED, "it above or behind the value",
                             HC_REGEDIT_COMMENT, "a directive between the bytes of a value");
}

/* The "\" that continues hex data, the lexer at it: to the first byte of a later line, passing
 * over comments and blank lines. @is_over: (out): the file ended instead, in compat mode. */
static gboolean
parse_continuation(HcRegLexer *lexer, gboolean *is_over)
{
    HcRegLexer start = *lexer;
    lexer->pos++;
    if (!hc_reg_expect_tail(lexer, "'\\'", HC_REGEDIT_SKIPS) ||
        !refuse_directive(lexer, lexer->comment))
        return FALSE;
    lexer->comment = 0;
    do {
        if (!hc_reg_next_line(lexer)) {
            *is_over = lexer->compat;
            return lexer->compat ||
                   hc_reg_fail_found(&start, start.pos, HC_ERROR_MALFORMED,
                                     "more bytes after the '\\'", "stores the bytes up to here",
                                     "the end of the file");
        }
        hc_reg_skip_blanks(lexer);
        if (!refuse_directive(lexer, lexer->pos))
            return FALSE;
        if (hc_reg_is(lexer, lexer->pos, ';'))
            lexer->pos = hc_reg_eol(lexer, lexer->pos);
    } while (hc_reg_is_eol(lexer, lexer->pos));
    if (hc_reg_hex_digit(lexer, lexer->pos) >= 0)
        return TRUE;
    g_autofree char *expected =
        g_strdup_printf("the bytes that the '\\' in line %u promises", start.line);
    return hc_reg_fail(lexer, lexer->pos, expected, "skips the value and this line, silently");
}

/* One byte, the lexer at its first digit. */
static gboolean
parse_byte(HcRegLexer *lexer, uint8_t *byte)
{
    gsize start = lexer->pos;
    uint32_t value = 0;
    int digit;
    while ((digit = hc_reg_hex_digit(lexer, lexer->pos)) >= 0) {
        value = MIN(value << 4 | (uint32_t) digit, 0x100);
        lexer->pos++;
    }
    gsize n_digits = lexer->pos - start;
    if (value > 0xff || (n_digits > 2 && !lexer->compat)) {
        return hc_reg_fail_found(
            lexer, start, HC_ERROR_MALFORMED, "bytes of one or two, with ',' between them",
            value > 0xff ? HC_REGEDIT_SKIPS : "takes them for one byte, as Wine's does",
            "%" G_GSIZE_FORMAT " hex digits in a row", n_digits);
    }
    *byte = (uint8_t) value;
    return TRUE;
}

/* The usual case of many bytes: moves over those of two digits with a comma right behind.
 * @n_bytes: how many at most. Returns: how many */
static gsize
take_bytes(HcRegLexer *lexer, uint8_t *bytes, gsize n_bytes)
{
    const uint16_t *units = lexer->units + lexer->pos;
    const gsize n_most = MIN(n_bytes, (lexer->n_units - lexer->pos) / 3);
    gsize n = 0;
    for (; n < n_most; n++, units += 3) {
        if ((units[0] | units[1]) >= G_N_ELEMENTS(hc_reg_hex_values) || units[2] != ',')
            break;
        const int byte = hc_reg_hex_values[units[0]] * 16 | hc_reg_hex_values[units[1]];
        if (byte < 0)
            break;
        bytes[n] = (uint8_t) byte;
    }
    lexer->pos += 3 * n;
    return n;
}

/* Makes room for some more bytes: a line can be long and hold few of them. */
static void
reserve(GByteArray *bytes, gsize n_used)
{
    enum {
        SOME = 4096
    };
    if (bytes->len - n_used < SOME)
        g_byte_array_set_size(bytes, (guint) (n_used + n_used / 2 + SOME));
}

/* Wine's takes "0x01" and "+1" for bytes, which nobody promises of Windows. */
static const char *
regedit_on_byte(const HcRegLexer *lexer)
{
    gboolean is_x = hc_reg_is(lexer, lexer->pos, 'x') || hc_reg_is(lexer, lexer->pos, 'X');
    if ((is_x && hc_reg_is(lexer, lexer->pos - 1, '0')) || hc_reg_is(lexer, lexer->pos, '+'))
        return "takes this for a byte, as Wine's does";
    return HC_REGEDIT_SKIPS;
}

/* Behind the backslash at the lexer. *is_over: (out): the file ends there. */
static gboolean
next_part(HcRegLexer *lexer, gboolean *is_over)
{
    if (lexer->in_directive)
        return hc_reg_fail(lexer, lexer->pos, "all bytes in the directive's line", NULL);
    return parse_continuation(lexer, is_over);
}

/* Where the bytes of a line end. */
static gboolean
is_end_of_bytes(const HcRegLexer *lexer)
{
    return hc_reg_is_eol(lexer, lexer->pos) || hc_reg_is(lexer, lexer->pos, ';') ||
           (lexer->in_directive && hc_reg_is(lexer, lexer->pos, '|'));
}

static gboolean
parse_bytes(HcRegLexer *lexer, GByteArray *bytes)
{
    gsize n_used = 0;
    gboolean is_over = FALSE;
    gboolean may_continue = TRUE;
    for (;;) {
        hc_reg_skip_blanks(lexer);
        if (hc_reg_is(lexer, lexer->pos, '\\')) {
            if (!may_continue)
                return hc_reg_fail(lexer, lexer->pos, "',' before the '\\' that continues the data",
                                   HC_REGEDIT_SKIPS);
            if (!next_part(lexer, &is_over))
                return FALSE;
        }
        if (is_over || is_end_of_bytes(lexer))
            break;
        if (!may_continue)
            return hc_reg_fail(lexer, lexer->pos, "',' between bytes or the end of the line",
                               regedit_on_byte(lexer));
        if (hc_reg_hex_digit(lexer, lexer->pos) < 0)
            return hc_reg_fail(lexer, lexer->pos, "a byte of two hex digits",
                               regedit_on_byte(lexer));
        if (n_used > HC_MAX_DATA_BYTES)
            break;
        reserve(bytes, n_used);
        /* The last one is left for below. */
        n_used += take_bytes(lexer, &bytes->data[n_used], bytes->len - n_used - 1);
        if (hc_reg_hex_digit(lexer, lexer->pos) < 0)
            continue;
        if (!parse_byte(lexer, &bytes->data[n_used]))
            return FALSE;
        n_used++;
        hc_reg_skip_blanks(lexer);
        may_continue = hc_reg_is(lexer, lexer->pos, ',');
        if (may_continue)
            lexer->pos++;
    }
    if (n_used > HC_MAX_DATA_BYTES)
        return hc_reg_fail_found(lexer, lexer->pos, HC_ERROR_LIMIT, "at most 256 MiB", NULL,
                                 "a value of more bytes");
    g_byte_array_set_size(bytes, (guint) n_used);
    return hc_reg_expect_tail(lexer, "the bytes", HC_REGEDIT_SKIPS);
}

/* The bytes of a version 4 string are text in the code page; the registry holds UTF-16LE. */
static gboolean
widen(const HcRegLexer *lexer, const HcRegDialect *dialect, GByteArray *bytes)
{
    gsize n_units = 0;
    g_autofree uint16_t *units = g_try_malloc_n(MAX(bytes->len, 1), sizeof(*units));
    gboolean fits = units != NULL && bytes->len <= HC_MAX_DATA_BYTES / 2;
    if (!fits)
        return hc_reg_fail_found(lexer, lexer->pos, HC_ERROR_LIMIT, "at most 256 MiB of data", NULL,
                                 "a string of %u bytes", bytes->len);
    gsize n_done = hc_codepage_decode(dialect->codepage, bytes->data, bytes->len, units, &n_units);
    if (n_done != bytes->len)
        return hc_reg_fail_found(lexer, lexer->line_start, HC_ERROR_MALFORMED,
                                 "text in the file's code page", NULL,
                                 "byte %02x, which code page %u has no character for",
                                 bytes->data[n_done], hc_codepage_number(dialect->codepage));
    for (guint i = 0; dialect->uses_page != NULL && i < bytes->len; i++)
        *dialect->uses_page |= bytes->data[i] >= 0x80;
    g_byte_array_set_size(bytes, 0);
    append_units(bytes, units, n_units);
    return TRUE;
}

/* regedit ends strings of an even length with one NUL, where they have none. Strict mode takes
 * hex data as it is written, so that every data can be written. */
static void
terminate(GByteArray *bytes)
{
    gboolean is_odd = bytes->len % 2 != 0;
    if (bytes->len == 0 || is_odd || hc_get16(bytes->data + bytes->len - 2) == 0)
        return;
    append_units(bytes, &(const uint16_t){0}, 1);
}

/* Wine's takes "hex()", "hex(-1)", "hex(+2)" and "hex( 2)"; @start: of the parenthesis. */
static const char *
regedit_on_type(const HcRegLexer *lexer, gsize start)
{
    static const char odd[] = {')', '-', '+', ' '};
    for (gsize i = 0; i < sizeof(odd); i++) {
        if (hc_reg_is(lexer, start + 1, odd[i]))
            return "takes this for a type, as Wine's does";
    }
    return HC_REGEDIT_SKIPS;
}

/* "hex:" or "hex(n):", the lexer behind "hex". */
static gboolean
parse_hex(HcRegLexer *lexer, const HcRegDialect *dialect, HcRegData *data)
{
    const gsize pos = lexer->pos - strlen("hex");
    data->type = HC_REG_BINARY;
    if (!hc_reg_take(lexer, ":")) {
        gsize start = lexer->pos;
        uint64_t type = 0;
        if (!hc_reg_take(lexer, "("))
            return hc_reg_fail(lexer, start, "':' or '(' after 'hex'", HC_REGEDIT_SKIPS);
        int digit;
        while ((digit = hc_reg_hex_digit(lexer, lexer->pos)) >= 0) {
            type = MIN(type << 4 | (uint64_t) digit, G_MAXUINT32 + UINT64_C(1));
            lexer->pos++;
        }
        gboolean has_number = lexer->pos > start + 1 && type <= G_MAXUINT32;
        if (!has_number || !hc_reg_take(lexer, "):"))
            return hc_reg_fail(lexer, start, "a type like '(2):', in hex from 0 to ffffffff",
                               regedit_on_type(lexer, start));
        data->type = (uint32_t) type;
    }
    if (!parse_bytes(lexer, data->bytes))
        return FALSE;
    gboolean is_text =
        data->type == HC_REG_SZ || data->type == HC_REG_EXPAND_SZ || data->type == HC_REG_MULTI_SZ;
    if (is_text && !hc_reg_check_misread(lexer, dialect, pos, data))
        return FALSE;
    if (is_text && dialect->is_ansi && !widen(lexer, dialect, data->bytes))
        return FALSE;
    if (is_text && lexer->compat)
        terminate(data->bytes);
    return TRUE;
}

gboolean
hc_reg_parse_data(HcRegLexer *lexer, const HcRegDialect *dialect, HcRegData *data)
{
    data->is_delete = FALSE;
    data->bytes->len = 0;
    if (hc_reg_is(lexer, lexer->pos, '"'))
        return hc_reg_parse_string(lexer, data);
    if (hc_reg_take(lexer, "dword:"))
        return parse_dword(lexer, data);
    if (hc_reg_take(lexer, "hex"))
        return parse_hex(lexer, dialect, data);
    if (hc_reg_take(lexer, "-")) {
        data->is_delete = TRUE;
        return hc_reg_expect_tail(lexer, "'-'", HC_REGEDIT_SKIPS);
    }
    return hc_reg_fail(lexer, lexer->pos,
                       "a string in quotes, 'dword:', 'hex:', 'hex(n):' or '-', in lower case",
                       HC_REGEDIT_SKIPS);
}
