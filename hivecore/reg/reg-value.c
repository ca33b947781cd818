#include "config.h"

#include "hivecore/reg/reg-value.h"

#include <string.h>

#include "hivecore/base/limits.h"
#include "hivecore/regf/layout.h"

static void
append_units(GByteArray *out, const uint16_t *units, gsize n_units)
{
    g_byte_array_append(out, (const guint8 *) units, (guint) (n_units * sizeof(*units)));
}

/* One escape, @pos at its backslash. regedit knows line feed and carriage return, drops the value
 * for \0 and the backslash before anything else; only \\ and \" mean the same everywhere. */
static gboolean
check_escape(const HcRegLexer *lexer, gsize pos, GError **error)
{
    gboolean is_eol = hc_reg_is_eol(lexer, pos + 1);
    gboolean is_sure = hc_reg_is(lexer, pos + 1, '\\') || hc_reg_is(lexer, pos + 1, '"');
    if (is_sure || (lexer->compat && !is_eol && !hc_reg_is(lexer, pos + 1, '0')))
        return TRUE;
    if (!error)
        return FALSE;
    const char *expected = "'\\\\' for a backslash or '\\\"' for a quote";
    if (is_eol)
        return hc_reg_fail_found(lexer, pos, HC_ERROR_MALFORMED, expected, error,
                                 "a backslash at the end of the line");
    g_autoptr(GString) escape = g_string_new(NULL);
    hc_name_append_display(escape, hc_reg_span(lexer, pos, pos + 2));
    return hc_reg_fail_found(lexer, pos, HC_ERROR_MALFORMED, expected, error, "the escape '%s'",
                             escape->str);
}

typedef struct {
    gsize start; /* behind the opening quote */
    gsize end;   /* at the closing quote */
    gsize n_escapes;
    gboolean has_breaks;
} Quoted;

/* Looks for the closing quote without moving the lexer, which stands at the opening one. */
static gboolean
scan_quoted(const HcRegLexer *lexer, gboolean may_break, Quoted *quoted, GError **error)
{
    gsize pos = lexer->pos + 1;
    *quoted = (Quoted){.start = pos};
    while (pos < lexer->n_units && lexer->units[pos] != '"') {
        if (lexer->units[pos] == '\\') {
            if (!check_escape(lexer, pos, error))
                return FALSE;
            quoted->n_escapes++;
            pos++;
        } else if (hc_reg_is_eol(lexer, pos)) {
            if (!may_break)
                return hc_reg_fail(lexer, pos, "the '\"' that ends the name", error);
            quoted->has_breaks = TRUE;
        }
        pos++;
    }
    if (pos >= lexer->n_units)
        return hc_reg_fail_found(lexer, lexer->pos, HC_ERROR_MALFORMED,
                                 "a '\"' before the end of the file", error,
                                 "a string without an end");
    gsize n_units = pos - quoted->start - quoted->n_escapes;
    if (n_units > HC_MAX_DATA_BYTES / 2 - 1)
        return hc_reg_fail_found(lexer, lexer->pos, HC_ERROR_LIMIT, "at most 256 MiB of data",
                                 error, "a string of %" G_GSIZE_FORMAT " characters", n_units);
    quoted->end = pos;
    return TRUE;
}

/* Appends the text between the quotes to @out, escapes resolved. */
static void
append_quoted(const HcRegLexer *lexer, const Quoted *quoted, GByteArray *out)
{
    gsize run = quoted->start;
    for (gsize pos = run; quoted->n_escapes > 0 && pos < quoted->end; pos++) {
        if (lexer->units[pos] != '\\')
            continue;
        append_units(out, lexer->units + run, pos - run);
        pos++;
        run = pos;
        if (lexer->units[pos] == 'n' || lexer->units[pos] == 'r') {
            uint16_t unit = lexer->units[pos] == 'n' ? '\n' : '\r';
            append_units(out, &unit, 1);
            run = pos + 1;
        }
    }
    append_units(out, lexer->units + run, quoted->end - run);
}

gboolean
hc_reg_parse_name(HcRegLexer *lexer, GByteArray *scratch, HcName *name, GError **error)
{
    Quoted quoted;
    if (!scan_quoted(lexer, FALSE, &quoted, error))
        return FALSE;
    *name = hc_reg_span(lexer, quoted.start, quoted.end);
    if (quoted.n_escapes > 0) {
        g_byte_array_set_size(scratch, 0);
        append_quoted(lexer, &quoted, scratch);
        *name = (HcName){scratch->data, scratch->len / 2, FALSE};
    }
    if (name->n_units > HC_MAX_VALUE_NAME_UNITS)
        return hc_reg_fail_found(lexer, lexer->pos, HC_ERROR_LIMIT, "at most 16383", error,
                                 "a value name of %u characters", name->n_units);
    lexer->pos = quoted.end + 1;
    return TRUE;
}

static gboolean
parse_string(HcRegLexer *lexer, HcRegData *data, GError **error)
{
    Quoted quoted;
    if (!scan_quoted(lexer, TRUE, &quoted, error))
        return FALSE;
    HcRegLexer after = *lexer;
    hc_reg_advance(&after, quoted.end + 1);
    g_autofree char *closed =
        !error              ? NULL
        : quoted.has_breaks ? g_strdup_printf("the string that starts in line %u", lexer->line)
                            : g_strdup("the string");
    /* In compat mode a string over several lines that does not end cleanly costs its first line
     * only, so the lexer moves when all is well. */
    if (!hc_reg_expect_tail(&after, closed, error))
        return FALSE;
    data->type = HC_REG_SZ;
    append_quoted(lexer, &quoted, data->bytes);
    append_units(data->bytes, &(const uint16_t){0}, 1);
    *lexer = after;
    return TRUE;
}

static gboolean
parse_dword(HcRegLexer *lexer, HcRegData *data, GError **error)
{
    hc_reg_skip_blanks(lexer);
    gsize start = lexer->pos;
    uint32_t value = 0;
    gsize n_digits = 0;
    for (; hc_reg_hex_digit(lexer, start + n_digits) >= 0; n_digits++)
        value = value << 4 | (uint32_t) hc_reg_hex_digit(lexer, start + n_digits);
    if (n_digits == 0)
        return hc_reg_fail(lexer, start, "1 to 8 hex digits after 'dword:'", error);
    if (n_digits > 8)
        return hc_reg_fail_found(lexer, start, HC_ERROR_MALFORMED, "1 to 8 after 'dword:'", error,
                                 "%" G_GSIZE_FORMAT " hex digits", n_digits);
    lexer->pos = start + n_digits;
    if (!hc_reg_expect_tail(lexer, "the hex number", error))
        return FALSE;
    uint8_t bytes[4];
    hc_put32(bytes, value);
    data->type = HC_REG_DWORD;
    g_byte_array_append(data->bytes, bytes, sizeof(bytes));
    return TRUE;
}

/* The "\" that continues hex data, the lexer at it: to the first byte of a later line, passing
 * over comments and blank lines. @is_over: (out): the file ended instead, in compat mode. */
static gboolean
parse_continuation(HcRegLexer *lexer, gboolean *is_over, GError **error)
{
    HcRegLexer start = *lexer;
    lexer->pos++;
    if (!hc_reg_expect_tail(lexer, "'\\'", error))
        return FALSE;
    do {
        if (!hc_reg_next_line(lexer)) {
            *is_over = lexer->compat;
            return lexer->compat ||
                   hc_reg_fail_found(&start, start.pos, HC_ERROR_MALFORMED,
                                     "more bytes after the '\\'", error, "the end of the file");
        }
        hc_reg_skip_blanks(lexer);
        if (hc_reg_is(lexer, lexer->pos, ';'))
            lexer->pos = hc_reg_eol(lexer, lexer->pos);
    } while (hc_reg_is_eol(lexer, lexer->pos));
    if (hc_reg_hex_digit(lexer, lexer->pos) >= 0)
        return TRUE;
    g_autofree char *expected =
        error ? g_strdup_printf("the bytes that the '\\' in line %u promises", start.line) : NULL;
    return hc_reg_fail(lexer, lexer->pos, expected, error);
}

/* One byte, the lexer at its first digit. */
static gboolean
parse_byte(HcRegLexer *lexer, uint8_t *byte, GError **error)
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
        return hc_reg_fail_found(lexer, start, HC_ERROR_MALFORMED,
                                 "bytes of one or two, with ',' between them", error,
                                 "%" G_GSIZE_FORMAT " hex digits in a row", n_digits);
    }
    *byte = (uint8_t) value;
    return TRUE;
}

/* Makes room for every byte that the rest of the line can hold. The text of a file is below
 * 512 Mi units, so this cannot overflow. */
static void
reserve_line(const HcRegLexer *lexer, GByteArray *bytes, gsize n_used)
{
    gsize n_units = hc_reg_eol(lexer, lexer->pos) - lexer->pos;
    g_byte_array_set_size(bytes, (guint) (n_used + n_units / 2 + 1));
}

static gboolean
parse_bytes(HcRegLexer *lexer, GByteArray *bytes, GError **error)
{
    gsize n_used = 0;
    gboolean is_over = FALSE;
    gboolean may_continue = TRUE;
    reserve_line(lexer, bytes, 0);
    for (;;) {
        hc_reg_skip_blanks(lexer);
        if (hc_reg_is(lexer, lexer->pos, '\\')) {
            if (!may_continue)
                return hc_reg_fail(lexer, lexer->pos, "',' before the '\\' that continues the data",
                                   error);
            if (!parse_continuation(lexer, &is_over, error))
                return FALSE;
            reserve_line(lexer, bytes, n_used);
        }
        if (is_over || hc_reg_is_eol(lexer, lexer->pos) || hc_reg_is(lexer, lexer->pos, ';'))
            break;
        if (!may_continue)
            return hc_reg_fail(lexer, lexer->pos, "',' between bytes or the end of the line",
                               error);
        if (hc_reg_hex_digit(lexer, lexer->pos) < 0)
            return hc_reg_fail(lexer, lexer->pos, "a byte of two hex digits", error);
        if (!parse_byte(lexer, &bytes->data[n_used], error))
            return FALSE;
        n_used++;
        hc_reg_skip_blanks(lexer);
        may_continue = hc_reg_is(lexer, lexer->pos, ',');
        if (may_continue)
            lexer->pos++;
    }
    if (n_used > HC_MAX_DATA_BYTES)
        return hc_reg_fail_found(lexer, lexer->pos, HC_ERROR_LIMIT, "at most 256 MiB", error,
                                 "a value of %" G_GSIZE_FORMAT " bytes", n_used);
    g_byte_array_set_size(bytes, (guint) n_used);
    return hc_reg_expect_tail(lexer, "the bytes", error);
}

/* The bytes of a version 4 string are text in the code page; the registry holds UTF-16LE. */
static gboolean
widen(const HcRegLexer *lexer, const HcRegDialect *dialect, GByteArray *bytes, GError **error)
{
    gsize n_units = 0;
    g_autofree uint16_t *units = g_try_malloc_n(MAX(bytes->len, 1), sizeof(*units));
    gboolean fits = units && bytes->len <= HC_MAX_DATA_BYTES / 2;
    if (!fits)
        return hc_reg_fail_found(lexer, lexer->pos, HC_ERROR_LIMIT, "at most 256 MiB of data",
                                 error, "a string of %u bytes", bytes->len);
    gsize n_done = hc_codepage_decode(dialect->codepage, bytes->data, bytes->len, units, &n_units);
    if (n_done != bytes->len)
        return hc_reg_fail_found(lexer, lexer->line_start, HC_ERROR_MALFORMED,
                                 "text in the file's code page", error,
                                 "byte %02x, which code page %u has no character for",
                                 bytes->data[n_done], hc_codepage_number(dialect->codepage));
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

/* "hex:" or "hex(n):", the lexer behind "hex". */
static gboolean
parse_hex(HcRegLexer *lexer, const HcRegDialect *dialect, HcRegData *data, GError **error)
{
    data->type = HC_REG_BINARY;
    if (!hc_reg_take(lexer, ":")) {
        gsize start = lexer->pos;
        uint64_t type = 0;
        if (!hc_reg_take(lexer, "("))
            return hc_reg_fail(lexer, start, "':' or '(' after 'hex'", error);
        int digit;
        while ((digit = hc_reg_hex_digit(lexer, lexer->pos)) >= 0) {
            type = MIN(type << 4 | (uint64_t) digit, G_MAXUINT32 + UINT64_C(1));
            lexer->pos++;
        }
        gboolean has_number = lexer->pos > start + 1 && type <= G_MAXUINT32;
        if (!has_number || !hc_reg_take(lexer, "):"))
            return hc_reg_fail(lexer, start, "a type like '(2):', in hex from 0 to ffffffff",
                               error);
        data->type = (uint32_t) type;
    }
    if (!parse_bytes(lexer, data->bytes, error))
        return FALSE;
    gboolean is_text =
        data->type == HC_REG_SZ || data->type == HC_REG_EXPAND_SZ || data->type == HC_REG_MULTI_SZ;
    if (is_text && dialect->is_ansi && !widen(lexer, dialect, data->bytes, error))
        return FALSE;
    if (is_text && lexer->compat)
        terminate(data->bytes);
    return TRUE;
}

gboolean
hc_reg_parse_data(HcRegLexer *lexer, const HcRegDialect *dialect, HcRegData *data, GError **error)
{
    data->is_delete = FALSE;
    g_byte_array_set_size(data->bytes, 0);
    if (hc_reg_is(lexer, lexer->pos, '"'))
        return parse_string(lexer, data, error);
    if (hc_reg_take(lexer, "dword:"))
        return parse_dword(lexer, data, error);
    if (hc_reg_take(lexer, "hex"))
        return parse_hex(lexer, dialect, data, error);
    if (hc_reg_take(lexer, "-")) {
        data->is_delete = TRUE;
        return hc_reg_expect_tail(lexer, "'-'", error);
    }
    return hc_reg_fail(lexer, lexer->pos,
                       "a string in quotes, 'dword:', 'hex:', 'hex(n):' or '-', in lower case",
                       error);
}
