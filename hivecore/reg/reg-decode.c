#include "config.h"

#include "hivecore/reg/parse-private.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/base/spool.h"

/* 8-bit text is decoded in pieces of so many bytes; a character has at most four. */
#define PIECE_BYTES         ((gsize) 64 * 1024)
#define MAX_CHARACTER_BYTES 4

/* The text is looked through in blocks of so many units. */
#define BLOCK_UNITS ((gsize) 4 * HC_REG_N_LANES)

void
hc_reg_place(const uint16_t *units, gsize line_start, gsize pos, uint32_t *line, uint32_t *column)
{
    *column = 1;
    for (gsize i = line_start; i < pos; i++) {
        gboolean is_crlf = units[i] == '\r' && i + 1 < pos && units[i + 1] == '\n';
        gboolean is_break = units[i] == '\n' || (units[i] == '\r' && !is_crlf);
        gboolean is_low_surrogate =
            i > line_start && (units[i] & 0xfc00) == 0xdc00 && (units[i - 1] & 0xfc00) == 0xd800;
        if (is_break) {
            (*line)++;
            *column = 1;
        } else if (!is_low_surrogate) {
            (*column)++;
        }
    }
}

/* Something is wrong at unit @pos of what is decoded so far. */
static gboolean
fail_at(const HcRegText *text, HcFindings *diagnostics, gsize pos, const char *message,
        const char *regedit)
{
    const HcRegLexer lexer = {.units = text->units, .n_units = text->n_units, .line = 1};
    HcFinding *item = hc_reg_diagnostic(&lexer, pos, g_strdup(message));
    item->regedit = regedit;
    hc_findings_add(diagnostics, item);
    return FALSE;
}

/* Something is wrong with the file as a whole. */
static gboolean
fail_whole(HcFindings *diagnostics, HcErrorCode code, const char *message, const char *regedit)
{
    HcFinding *item = hc_finding_new(HC_SEVERITY_ERROR, g_strdup(message));
    item->code = code;
    item->regedit = regedit;
    hc_findings_add(diagnostics, item);
    return FALSE;
}

/* Text in an encoding that is not read. Returns: a description, or NULL. */
static const char *
foreign_encoding(const uint8_t *bytes, gsize n_bytes, gboolean compat)
{
    if (n_bytes >= 2 && bytes[0] == 0xfe && bytes[1] == 0xff)
        return "is UTF-16 big-endian text, expected UTF-16 little-endian, UTF-8 or ANSI";
    if (n_bytes >= 2 && bytes[0] != 0 && bytes[1] == 0)
        return "is UTF-16 text without a byte order mark, expected the bytes ff fe first";
    if (n_bytes >= 2 && bytes[0] == 0 && bytes[1] != 0)
        return "is UTF-16 big-endian text without a byte order mark, expected UTF-16 "
               "little-endian with one";
    if (compat && n_bytes >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0)
        return "starts with a UTF-8 byte order mark, which regedit does not read";
    return NULL;
}

/* Returns: the code point at @bytes with its length in @n_used, or UINT32_MAX. */
static uint32_t
utf8_char(const uint8_t *bytes, gsize n_bytes, gsize *n_used)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    gsize n = 0;
    uint32_t value = 0;
    if (bytes[0] < 0x80) {
        n = 1;
        value = bytes[0];
    } else if ((bytes[0] & 0xe0) == 0xc0) {
        n = 2;
        value = bytes[0] & 0x1f;
    } else if ((bytes[0] & 0xf0) == 0xe0) {
        n = 3;
        value = bytes[0] & 0x0f;
    } else if ((bytes[0] & 0xf8) == 0xf0) {
        n = 4;
        value = bytes[0] & 0x07;
    }
    if (n == 0 || n > n_bytes)
        return UINT32_MAX;
    for (gsize i = 1; i < n; i++) {
        if ((bytes[i] & 0xc0) != 0x80)
            return UINT32_MAX;
        value = value << 6 | (bytes[i] & 0x3f);
    }
    if (value < least[n] || value > 0x10ffff || (value >= 0xd800 && value < 0xe000))
        return UINT32_MAX;
    *n_used = n;
    return value;
}

/* Widens as many of the first bytes as are ASCII, but for the last few. Returns: how many */
static gsize
widen_ascii(const uint8_t *bytes, gsize n_bytes, uint16_t *units)
{
    gsize n = 0;
    for (; n_bytes - n >= HC_REG_N_LANES; n += HC_REG_N_LANES) {
        typedef uint8_t Narrow __attribute__((vector_size(HC_REG_N_LANES)));
        uint64_t all;
        Narrow narrow;
        memcpy(&all, bytes + n, sizeof(all));
        if ((all & UINT64_C(0x8080808080808080)) != 0)
            break;
        memcpy(&narrow, &all, sizeof(narrow));
        const HcRegLanes lanes = __builtin_convertvector(narrow, HcRegLanes);
        memcpy(units + n, &lanes, sizeof(lanes));
    }
    return n;
}

/* Returns: the bytes decoded; less than @n_bytes where the text is not UTF-8. */
static gsize
decode_utf8(const uint8_t *bytes, gsize n_bytes, uint16_t *units, gsize *n_units)
{
    gsize in = widen_ascii(bytes, n_bytes, units);
    gsize out = in;
    while (in < n_bytes) {
        if (bytes[in] < 0x80) {
            units[out++] = bytes[in++];
            continue;
        }
        gsize n_used = 0;
        uint32_t value = utf8_char(bytes + in, n_bytes - in, &n_used);
        if (value == UINT32_MAX)
            break;
        if (value >= 0x10000) {
            units[out++] = (uint16_t) (0xd7c0 + (value >> 10));
            units[out++] = (uint16_t) (0xdc00 | (value & 0x3ff));
        } else {
            units[out++] = (uint16_t) value;
        }
        in += n_used;
        const gsize n_ascii = widen_ascii(bytes + in, n_bytes - in, units + out);
        in += n_ascii;
        out += n_ascii;
    }
    *n_units = out;
    return in;
}

static void
set_units(HcRegText *text, GBytes *content, gsize skip)
{
    gsize n_bytes;
    const uint8_t *bytes = g_bytes_get_data(content, &n_bytes);
    text->content = content;
    text->units = bytes != NULL ? (const uint16_t *) (const void *) (bytes + skip) : NULL;
    text->n_units = bytes != NULL ? (n_bytes - skip) / sizeof(*text->units) : 0;
}

static gboolean
take_utf16(HcRegText *text, HcFindings *diagnostics, GBytes *content, gboolean compat)
{
    gsize n_bytes = 0;
    const uint8_t *bytes = g_bytes_get_data(content, &n_bytes);
    text->encoding = HC_REG_BYTES_UTF16;
    if ((guintptr) bytes % 2 == 0)
        set_units(text, g_bytes_ref(content), 2);
    else
        set_units(text, g_bytes_new(bytes + 2, n_bytes - 2), 0);
    if (n_bytes % 2 != 0 && !compat)
        return fail_at(text, diagnostics, text->n_units,
                       "found half a UTF-16 character at the end of the file", NULL);
    return TRUE;
}

/* Decodes UTF-8, or with @codepage that. Returns: the bytes decoded; less than @n_bytes where the
 * text is not that. */
static gsize
decode(HcSpool *spool, const uint8_t *bytes, gsize n_bytes, const HcCodepage *codepage)
{
    g_autofree uint16_t *units = g_new(uint16_t, MIN(n_bytes, PIECE_BYTES));
    gsize done = 0;
    while (done < n_bytes) {
        const gsize n = MIN(n_bytes - done, PIECE_BYTES);
        gsize n_units;
        const gsize n_used = codepage != NULL
                                 ? hc_codepage_decode(codepage, bytes + done, n, units, &n_units)
                                 : decode_utf8(bytes + done, n, units, &n_units);
        hc_spool_append(spool, units, n_units * sizeof(*units));
        /* The piece can end within a character, which the next one starts with then. */
        const gboolean is_cut = n - n_used < MAX_CHARACTER_BYTES && done + n < n_bytes;
        done += n_used;
        if (n_used < n && !is_cut)
            break;
    }
    return done;
}

/* Whether all is decoded, else what was, into @text. An error of the spool is told. */
static gboolean
take_decoded(HcRegText *text, HcFindings *diagnostics, HcSpool *spool, gboolean *ok)
{
    g_autoptr(GError) error = NULL;
    GBytes *units = hc_spool_finish(spool, &error);
    if (units != NULL)
        set_units(text, units, 0);
    else
        *ok = fail_whole(diagnostics, (HcErrorCode) error->code, error->message, NULL);
    return units != NULL;
}

static gboolean
has_high(const uint8_t *bytes, gsize n_bytes)
{
    for (gsize i = 0; i < n_bytes; i++) {
        if (bytes[i] >= 0x80)
            return TRUE;
    }
    return FALSE;
}

static gboolean
take_8bit(HcRegText *text, HcFindings *diagnostics, GBytes *content, const HcCodepage *codepage,
          gboolean try_utf8)
{
    gsize n_bytes = 0;
    const uint8_t *bytes = g_bytes_get_data(content, &n_bytes);
    gboolean has_bom = n_bytes >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0;
    gsize skip = has_bom ? 3 : 0;
    gboolean ok = TRUE;
    text->encoding = has_bom ? HC_REG_BYTES_UTF8_BOM : HC_REG_BYTES_UTF8;
    if (try_utf8 || has_bom) {
        g_autoptr(HcSpool) spool = hc_spool_new();
        const gboolean is_utf8 =
            decode(spool, bytes + skip, n_bytes - skip, NULL) == n_bytes - skip;
        if ((is_utf8 || has_bom) && !take_decoded(text, diagnostics, spool, &ok))
            return ok;
        if (is_utf8)
            return TRUE;
        if (has_bom)
            return fail_at(text, diagnostics, text->n_units,
                           "found bytes that are not UTF-8 in a file that starts with a UTF-8 "
                           "byte order mark",
                           NULL);
    }
    text->encoding = HC_REG_BYTES_ANSI;
    g_autoptr(HcSpool) spool = hc_spool_new();
    const gboolean is_whole = decode(spool, bytes, n_bytes, codepage) == n_bytes;
    text->uses_page = has_high(bytes, n_bytes);
    if (!take_decoded(text, diagnostics, spool, &ok) || is_whole)
        return ok;
    g_autofree char *what =
        g_strdup_printf("found a byte that code page %u has no character for; name the file's "
                        "code page, or save it as UTF-16 or UTF-8",
                        hc_codepage_number(codepage));
    return fail_at(text, diagnostics, text->n_units, what, NULL);
}

/* Returns: a place at or after @pos, before which there is no NUL and no surrogate: text is long
 * and has neither, as a rule. Notes ";!", and what is not ASCII, on the way. */
static gsize
skip_plain(HcRegText *text, gsize pos)
{
    HcRegLanes marks = {0};
    HcRegLanes all = {0};
    for (; pos + BLOCK_UNITS < text->n_units; pos += BLOCK_UNITS) {
        const uint16_t *units = text->units + pos;
        HcRegLanes stops = {0};
        HcRegLanes here = {0};
        for (guint i = 0; i < BLOCK_UNITS; i += HC_REG_N_LANES, units += HC_REG_N_LANES) {
            const HcRegLanes lanes = hc_reg_load_lanes(units);
            stops |= hc_reg_lanes_equal(lanes, 0) | hc_reg_lanes_equal(lanes & 0xf800, 0xd800);
            marks |= hc_reg_lanes_equal(lanes, ';') &
                     hc_reg_lanes_equal(hc_reg_load_lanes(units + 1), '!');
            here |= lanes;
        }
        if (hc_reg_is_any(stops))
            break;
        all |= here;
    }
    text->has_directives |= hc_reg_is_any(marks);
    text->is_ascii &= !hc_reg_is_any(all & 0xff80);
    return pos;
}

static gboolean
is_mark(const HcRegText *text, gsize pos)
{
    return text->units[pos] == ';' && pos + 1 < text->n_units && text->units[pos + 1] == '!';
}

static gboolean
is_pair(const HcRegText *text, gsize pos)
{
    return pos + 1 < text->n_units && (text->units[pos] & 0xfc00) == 0xd800 &&
           (text->units[pos + 1] & 0xfc00) == 0xdc00;
}

/* regedit's text ends at a NUL; in a patch it is a sign of damage. */
static gboolean
check_units(HcRegText *text, HcFindings *diagnostics, gboolean compat)
{
    text->is_ascii = TRUE;
    gsize pos = skip_plain(text, 0);
    while (pos < text->n_units && text->units[pos] != 0) {
        gboolean is_surrogate = (text->units[pos] & 0xf800) == 0xd800;
        text->has_directives |= is_mark(text, pos);
        text->is_ascii &= text->units[pos] < 0x80;
        if (is_surrogate && is_pair(text, pos))
            pos++;
        else if (is_surrogate)
            text->has_halves = TRUE;
        pos++;
        if (pos % BLOCK_UNITS == 0)
            pos = skip_plain(text, pos);
    }
    if (pos >= text->n_units)
        return TRUE;
    if (!compat)
        return fail_at(text, diagnostics, pos, "found a NUL character, expected text",
                       "stops reading here, silently, as Wine's does");
    text->n_units = pos;
    return TRUE;
}

gboolean
hc_reg_decode(HcRegText *text, HcFindings *diagnostics, GBytes *content, const HcCodepage *codepage,
              gboolean is_explicit, gboolean compat)
{
    gsize n_bytes = 0;
    const uint8_t *bytes = g_bytes_get_data(content, &n_bytes);
    *text = (HcRegText){0};
    if (n_bytes > HC_MAX_PATCH_BYTES)
        return fail_whole(diagnostics, HC_ERROR_LIMIT, "is larger than 2147483648 bytes", NULL);
    const char *foreign = hc_reg_foreign_bytes(bytes, n_bytes);
    if (foreign != NULL)
        return fail_whole(diagnostics, HC_ERROR_MALFORMED, foreign, NULL);
    foreign = foreign_encoding(bytes, n_bytes, compat);
    if (foreign != NULL)
        return fail_whole(diagnostics, HC_ERROR_MALFORMED, foreign, HC_REGEDIT_REFUSES);
    gboolean is_utf16 = n_bytes >= 2 && bytes[0] == 0xff && bytes[1] == 0xfe;
    gboolean ok = is_utf16
                      ? take_utf16(text, diagnostics, content, compat)
                      : take_8bit(text, diagnostics, content, codepage, !is_explicit && !compat);
    if (ok)
        ok = check_units(text, diagnostics, compat);
    if (!ok)
        hc_reg_text_clear(text);
    return ok;
}

void
hc_reg_text_clear(HcRegText *text)
{
    g_clear_pointer(&text->content, g_bytes_unref);
    text->units = NULL;
    text->n_units = 0;
}
