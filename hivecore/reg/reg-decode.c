#include "config.h"

#include "hivecore/reg/reg-decode.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/reg/reg-lanes.h"
#include "hivecore/reg/reg-lex.h"

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
    if (n_bytes >= 2 && bytes[0] && !bytes[1])
        return "is UTF-16 text without a byte order mark, expected the bytes ff fe first";
    if (n_bytes >= 2 && !bytes[0] && bytes[1])
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

/* Returns: the bytes decoded; less than @n_bytes where the text is not UTF-8. */
static gsize
decode_utf8(const uint8_t *bytes, gsize n_bytes, uint16_t *units, gsize *n_units)
{
    gsize in = 0;
    gsize out = 0;
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
    }
    *n_units = out;
    return in;
}

static gboolean
take_utf16(HcRegText *text, HcFindings *diagnostics, GBytes *content, gboolean compat)
{
    gsize n_bytes = 0;
    const uint8_t *bytes = g_bytes_get_data(content, &n_bytes);
    text->n_units = (n_bytes - 2) / 2;
    if ((guintptr) bytes % 2 == 0) {
        text->content = g_bytes_ref(content);
        text->units = (const uint16_t *) (const void *) (bytes + 2);
    } else {
        text->decoded = g_memdup2(bytes + 2, n_bytes - 2);
        text->units = text->decoded;
    }
    if (n_bytes % 2 && !compat)
        return fail_at(text, diagnostics, text->n_units,
                       "found half a UTF-16 character at the end of the file", NULL);
    return TRUE;
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
    text->decoded = g_try_malloc_n(n_bytes, sizeof(*text->decoded));
    text->units = text->decoded;
    if (!text->decoded)
        return fail_whole(diagnostics, HC_ERROR_LIMIT, "not enough memory to read it", NULL);
    if (try_utf8 || has_bom) {
        gsize n_done = decode_utf8(bytes + skip, n_bytes - skip, text->decoded, &text->n_units);
        if (n_done == n_bytes - skip)
            return TRUE;
        if (has_bom)
            return fail_at(text, diagnostics, text->n_units,
                           "found bytes that are not UTF-8 in a file that starts with a UTF-8 "
                           "byte order mark",
                           NULL);
    }
    text->uses_page = has_high(bytes, n_bytes);
    if (hc_codepage_decode(codepage, bytes, n_bytes, text->decoded, &text->n_units) == n_bytes)
        return TRUE;
    g_autofree char *what =
        g_strdup_printf("found a byte that code page %u has no character for; name the file's "
                        "code page, or save it as UTF-16 or UTF-8",
                        hc_codepage_number(codepage));
    return fail_at(text, diagnostics, text->n_units, what, NULL);
}

/* Returns: a place at or after @pos, before which there is no NUL and no surrogate: text is long
 * and has neither, as a rule. Notes ";!" on the way. */
static gsize
skip_plain(HcRegText *text, gsize pos)
{
    HcRegLanes marks = {0};
    for (; pos + HC_REG_N_LANES < text->n_units; pos += HC_REG_N_LANES) {
        HcRegLanes lanes = hc_reg_load_lanes(text->units + pos);
        HcRegLanes next = hc_reg_load_lanes(text->units + pos + 1);
        if (hc_reg_is_any(hc_reg_lanes_equal(lanes, 0) |
                          hc_reg_lanes_equal(lanes & 0xf800, 0xd800)))
            break;
        marks |= hc_reg_lanes_equal(lanes, ';') & hc_reg_lanes_equal(next, '!');
    }
    text->has_directives |= hc_reg_is_any(marks);
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
    gsize pos = skip_plain(text, 0);
    while (pos < text->n_units && text->units[pos]) {
        gboolean is_surrogate = (text->units[pos] & 0xf800) == 0xd800;
        text->has_directives |= is_mark(text, pos);
        if (is_surrogate && is_pair(text, pos))
            pos++;
        else if (is_surrogate)
            text->has_halves = TRUE;
        pos++;
        if (pos % HC_REG_N_LANES == 0)
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
        return fail_whole(diagnostics, HC_ERROR_LIMIT, "is larger than 268435456 bytes", NULL);
    const char *foreign = hc_reg_foreign_bytes(bytes, n_bytes);
    if (foreign)
        return fail_whole(diagnostics, HC_ERROR_MALFORMED, foreign, NULL);
    foreign = foreign_encoding(bytes, n_bytes, compat);
    if (foreign)
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
    g_clear_pointer(&text->decoded, g_free);
    text->units = NULL;
    text->n_units = 0;
}
