#include "config.h"

#include "hivecore/search/pattern-private.h"

#include "hivecore/base/bytes.h"
#include "hivecore/regf/types.h"

static inline uint16_t
unit_at(const uint8_t *bytes, gsize i)
{
    return (uint16_t) (bytes[2 * i] | bytes[2 * i + 1] << 8);
}

/* Room for @n characters of up to three bytes and a line feed. */
static char *
reserve(GString *out, gsize n)
{
    const gsize len = out->len;
    g_string_set_size(out, len + 3 * n + 1);
    return out->str + len;
}

static void
shrink_to(GString *out, const char *end)
{
    g_string_set_size(out, (gsize) (end - out->str));
}

static char *
put(char *to, gunichar c)
{
    if (c < 0x80) {
        *to++ = (char) c;
    } else if (c < 0x800) {
        *to++ = (char) (0xc0 | c >> 6);
        *to++ = (char) (0x80 | (c & 0x3f));
    } else {
        *to++ = (char) (0xe0 | c >> 12);
        *to++ = (char) (0x80 | (c >> 6 & 0x3f));
        *to++ = (char) (0x80 | (c & 0x3f));
    }
    return to;
}

/* Two units become four bytes. */
static char *
put_pair(char *to, uint16_t high, uint16_t low)
{
    const gunichar c = 0x10000 + ((gunichar) (high - 0xd800) << 10) + (low - 0xdc00u);
    *to++ = (char) (0xf0 | c >> 18);
    *to++ = (char) (0x80 | (c >> 12 & 0x3f));
    *to++ = (char) (0x80 | (c >> 6 & 0x3f));
    *to++ = (char) (0x80 | (c & 0x3f));
    return to;
}

void
hc_texts_append_units(GString *out, char separator, const uint8_t *units, gsize n_units)
{
    char *to = reserve(out, n_units);
    for (gsize i = 0; i < n_units; i++) {
        const uint16_t unit = unit_at(units, i);
        if (unit == 0) {
            *to++ = separator;
        } else if ((unit & 0xf800) != 0xd800) {
            to = put(to, unit);
        } else if (unit < 0xdc00 && i + 1 < n_units && (unit_at(units, i + 1) & 0xfc00) == 0xdc00) {
            to = put_pair(to, unit, unit_at(units, i + 1));
            i++;
        } else {
            to = put(to, 0xfffd);
        }
    }
    *to++ = separator;
    shrink_to(out, to);
}

void
hc_texts_append_name(GString *out, char separator, HcName name)
{
    if (!name.is_latin1) {
        hc_texts_append_units(out, separator, name.chars, name.n_units);
        return;
    }
    char *to = reserve(out, name.n_units);
    for (uint32_t i = 0; i < name.n_units; i++)
        to = put(to, name.chars[i] == 0 ? separator : name.chars[i]);
    *to++ = separator;
    shrink_to(out, to);
}

/* Of the letters that stand in bytes by chance too often to mean anything, only those of alphabets
 * count. */
static inline gboolean
is_string_unit(uint16_t unit)
{
    return (unit >= 0x20 && unit < 0x7f) || (unit >= 0xa0 && unit < 0x530 && unit != 0xad);
}

static inline gboolean
is_string_byte(uint8_t byte)
{
    return byte >= 0x20 && byte < 0x7f;
}

static inline gboolean
is_string_at(const uint8_t *bytes, gsize at, guint width)
{
    return width == 1 ? is_string_byte(bytes[at]) : is_string_unit(unit_at(bytes + at, 0));
}

const uint8_t *
hc_string_around(const uint8_t *bytes, gsize *n_bytes, gsize at, guint width)
{
    gsize start = at;
    gsize end = at;
    while (start >= width && is_string_at(bytes, start - width, width))
        start -= width;
    while (end + width <= *n_bytes && is_string_at(bytes, end, width))
        end += width;
    *n_bytes = end - start;
    return *n_bytes >= (gsize) width * HC_STRING_CHARS ? bytes + start : NULL;
}

static void
append_ascii(GString *out, char separator, const uint8_t *bytes, gsize n_bytes)
{
    g_string_append_len(out, (const char *) bytes, (gssize) n_bytes);
    g_string_append_c(out, separator);
}

/* The strings of units that begin at even, or at odd, places. */
static void
append_wide_strings(GString *out, char separator, const uint8_t *bytes, gsize n_bytes)
{
    gsize n_run = 0;
    const gsize n_units = n_bytes / 2;
    for (gsize i = 0; i <= n_units; i++) {
        if (i < n_units && is_string_unit(unit_at(bytes, i))) {
            n_run++;
            continue;
        }
        if (n_run >= HC_STRING_CHARS)
            hc_texts_append_units(out, separator, bytes + 2 * (i - n_run), n_run);
        n_run = 0;
    }
}

void
hc_texts_append_strings(GString *out, char separator, const uint8_t *bytes, gsize n_bytes)
{
    gsize n_run = 0;
    for (gsize i = 0; i <= n_bytes; i++) {
        if (i < n_bytes && is_string_byte(bytes[i])) {
            n_run++;
            continue;
        }
        if (n_run >= HC_STRING_CHARS)
            append_ascii(out, separator, bytes + i - n_run, n_run);
        n_run = 0;
    }
    append_wide_strings(out, separator, bytes, n_bytes);
    if (n_bytes > 0)
        append_wide_strings(out, separator, bytes + 1, n_bytes - 1);
}

gboolean
hc_texts_is_text(const HcDatum *datum)
{
    return datum->data.n_bytes % 2 == 0 &&
           (datum->type == HC_REG_SZ || datum->type == HC_REG_EXPAND_SZ ||
            datum->type == HC_REG_LINK || datum->type == HC_REG_MULTI_SZ);
}

gboolean
hc_texts_read_number(const HcDatum *datum, uint64_t *number)
{
    const uint8_t *bytes = datum->data.bytes;
    if (datum->type == HC_REG_QWORD && datum->data.n_bytes == 8) {
        *number = hc_get64(bytes);
        return TRUE;
    }
    if (datum->data.n_bytes != 4 || (datum->type != HC_REG_DWORD && datum->type != HC_REG_DWORD_BE))
        return FALSE;
    const uint32_t word = hc_get32(bytes);
    *number = datum->type == HC_REG_DWORD ? word : GUINT32_SWAP_LE_BE(word);
    return TRUE;
}

void
hc_texts_append_datum(GString *out, char separator, const HcDatum *datum, gboolean *is_bytes)
{
    uint64_t number;
    *is_bytes = FALSE;
    if (hc_texts_is_text(datum)) {
        hc_texts_append_units(out, separator, datum->data.bytes, datum->data.n_bytes / 2);
    } else if (hc_texts_read_number(datum, &number)) {
        g_string_append_printf(out, "%" G_GUINT64_FORMAT, number);
        g_string_append_c(out, separator);
        g_string_append_printf(out, "0x%0*" G_GINT64_MODIFIER "x", (int) (2 * datum->data.n_bytes),
                               number);
        g_string_append_c(out, separator);
    } else {
        *is_bytes = TRUE;
        hc_texts_append_strings(out, separator, datum->data.bytes, datum->data.n_bytes);
    }
}
