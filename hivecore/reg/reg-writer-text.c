#include "config.h"

#include <string.h>

#include "hivecore/base/bytes.h"
#include "hivecore/reg/lanes-private.h"
#include "hivecore/reg/writer-private.h"

/* Of text that is put at once. */
#define PIECE_UNITS 4096u

/* regedit breaks hex data after the comma that brings the line to this many characters. */
#define WRAP_COLUMN 77

typedef uint8_t Narrow __attribute__((vector_size(HC_REG_N_LANES)));

/* What has to be escaped or judged, and a little more. */
static inline HcRegLanes
stops(HcRegLanes lanes)
{
    return (HcRegLanes) (lanes <= '\r') | ((HcRegLanes) ((lanes & 0xf800) == 0xd800)) |
           hc_reg_lanes_equal(lanes, '"') | hc_reg_lanes_equal(lanes | 1, '\\' | 1); /* or ']' */
}

static inline HcRegLanes
load_lanes(const uint8_t *from, gboolean is_latin1)
{
    HcRegLanes lanes;
    Narrow narrow;
    if (!is_latin1) {
        memcpy(&lanes, from, sizeof(lanes));
        return lanes;
    }
    memcpy(&narrow, from, sizeof(narrow));
    return __builtin_convertvector(narrow, HcRegLanes);
}

/* Fewer than eight units, and spaces behind them. */
static inline HcRegLanes
load_few(const uint8_t *from, gsize n, gboolean is_latin1)
{
    const gsize unit_bytes = is_latin1 ? 1 : 2;
    uint8_t units[2 * HC_REG_N_LANES];
    const uint16_t space = is_latin1 ? 0x2020 : ' ';
    const HcRegLanes spaces = (HcRegLanes){0} + space;
    uint8_t *to = units;
    memcpy(units, &spaces, sizeof(units));
    if ((n & 4) != 0)
        memcpy(to, from, 4 * unit_bytes);
    to += (n & 4) * unit_bytes;
    from += (n & 4) * unit_bytes;
    if ((n & 2) != 0)
        memcpy(to, from, 2 * unit_bytes);
    if ((n & 1) != 0)
        memcpy(to + (n & 2) * unit_bytes, from + (n & 2) * unit_bytes, unit_bytes);
    return load_lanes(units, is_latin1);
}

static inline __attribute__((always_inline)) gsize
copy_plain(uint8_t *to, const uint8_t *from, gsize n, gboolean is_latin1)
{
    if (n < HC_REG_N_LANES) {
        const HcRegLanes lanes = load_few(from, n, is_latin1);
        memcpy(to, &lanes, sizeof(lanes));
        return MIN(hc_reg_first_lane(stops(lanes)), n);
    }
    for (gsize pos = 0;; pos = MIN(pos + HC_REG_N_LANES, n - HC_REG_N_LANES)) {
        const HcRegLanes lanes = load_lanes(from + pos * (is_latin1 ? 1 : 2), is_latin1);
        const HcRegLanes found = stops(lanes);
        memcpy(to + 2 * pos, &lanes, sizeof(lanes));
        if (hc_reg_is_any(found))
            return pos + hc_reg_first_lane(found);
        if (pos == n - HC_REG_N_LANES)
            return n;
    }
}

gsize
hc_reg_copy_plain(uint8_t *to, HcName text)
{
    return text.is_latin1 ? copy_plain(to, text.chars, text.n_units, TRUE)
                          : copy_plain(to, text.chars, text.n_units, FALSE);
}

const uint8_t *
hc_reg_encode(HcRegWriter *writer, HcName name, gsize *n_bytes)
{
    if (writer->encoding != HC_REG_UTF8 && !name.is_latin1) {
        *n_bytes = 2 * (gsize) name.n_units;
        return name.chars;
    }
    g_string_truncate(writer->scratch, 0);
    if (writer->encoding == HC_REG_UTF8) {
        hc_name_append_utf8(writer->scratch, name);
    } else {
        g_string_set_size(writer->scratch, 2 * (gsize) name.n_units);
        for (uint32_t i = 0; i < name.n_units; i++)
            hc_put16((uint8_t *) writer->scratch->str + 2 * (gsize) i, name.chars[i]);
    }
    *n_bytes = writer->scratch->len;
    return (const uint8_t *) writer->scratch->str;
}

void
hc_reg_put_name(HcRegWriter *writer, HcName name)
{
    gsize n_bytes;
    const uint8_t *bytes = hc_reg_encode(writer, name, &n_bytes);
    hc_stream_put(writer->out, bytes, n_bytes);
}

static inline gboolean
is_escaped(uint16_t unit)
{
    return unit == '\\' || unit == '"';
}

/* As it stands in quotes, in UTF-16. Returns: the end, or NULL at a unit that may be out of place,
 * unless it @is_judged. */
static uint8_t *
escape(uint8_t *to, HcName text, gboolean is_judged)
{
    for (uint32_t i = 0;; i++) {
        const gsize n = hc_reg_copy_plain(to, hc_name_part(text, i, text.n_units));
        to += 2 * n;
        i += (uint32_t) n;
        if (i == text.n_units)
            return to;
        const uint16_t unit = hc_name_unit(text, i);
        if (is_escaped(unit)) {
            hc_put16(to, '\\');
            to += 2;
        } else if (unit != ']' && !is_judged) {
            return NULL;
        }
        hc_put16(to, unit);
        to += 2;
    }
}

/* Of PIECE_UNITS at most. */
static void
put_escaped(HcRegWriter *writer, HcName text)
{
    uint8_t *start = hc_reg_put_room(writer, 4 * (gsize) text.n_units + HC_REG_COPY_SLACK);
    const uint8_t *end = escape(start, text, TRUE);
    hc_reg_put_took(writer, (gsize) (end - start));
    writer->column += (guint) (end - start) / 2;
}

static void
put_escaped_utf8(HcRegWriter *writer, HcName text)
{
    uint32_t run = 0;
    for (uint32_t i = 0; i < text.n_units; i++) {
        if (!is_escaped(hc_name_unit(text, i)))
            continue;
        hc_reg_put_name(writer, hc_name_part(text, run, i));
        hc_reg_put_literal(writer, "\\");
        writer->column++;
        run = i;
    }
    hc_reg_put_name(writer, hc_name_part(text, run, text.n_units));
    writer->column += text.n_units;
}

/* Nearly every text is put before anybody has judged it. */
static gboolean
put_quoted_at_once(HcRegWriter *writer, HcName text)
{
    uint8_t *start = hc_reg_put_room(writer, 4 * (gsize) text.n_units + 4 + HC_REG_COPY_SLACK);
    uint8_t *end = escape(start + 2, text, FALSE);
    if (end == NULL)
        return FALSE;
    hc_put16(start, '"');
    hc_put16(end, '"');
    hc_reg_put_took(writer, (gsize) (end + 2 - start));
    writer->column += (guint) (end + 2 - start) / 2;
    return TRUE;
}

const char *
hc_reg_put_quoted(HcRegWriter *writer, HcName text)
{
    if (writer->encoding != HC_REG_UTF8 && text.n_units <= PIECE_UNITS &&
        put_quoted_at_once(writer, text))
        return NULL;
    const char *trouble = hc_reg_name_trouble(writer, text);
    if (trouble != NULL)
        return trouble;
    hc_reg_put_literal(writer, "\"");
    if (writer->encoding == HC_REG_UTF8)
        put_escaped_utf8(writer, text);
    for (uint32_t from = 0, to; from < text.n_units && writer->encoding != HC_REG_UTF8; from = to) {
        to = MIN(text.n_units, from + PIECE_UNITS);
        put_escaped(writer, hc_name_part(text, from, to));
    }
    hc_reg_put_literal(writer, "\"");
    writer->column += 2;
    return NULL;
}

void
hc_reg_put_line_end(HcRegWriter *writer)
{
    hc_reg_put_literal(writer, "\r\n");
    writer->column = 0;
}

/* The two digits of a byte and a comma, in UTF-16. */
#define GROUP(high, low) ((uint64_t) (low) << 16 | (uint64_t) ',' << 32 | (high))
#define GROUPS(high)                                                                               \
    GROUP(high, '0'), GROUP(high, '1'), GROUP(high, '2'), GROUP(high, '3'), GROUP(high, '4'),      \
        GROUP(high, '5'), GROUP(high, '6'), GROUP(high, '7'), GROUP(high, '8'), GROUP(high, '9'),  \
        GROUP(high, 'a'), GROUP(high, 'b'), GROUP(high, 'c'), GROUP(high, 'd'), GROUP(high, 'e'),  \
        GROUP(high, 'f')
static const uint64_t groups[0x100] = {
    GROUPS('0'), GROUPS('1'), GROUPS('2'), GROUPS('3'), GROUPS('4'), GROUPS('5'),
    GROUPS('6'), GROUPS('7'), GROUPS('8'), GROUPS('9'), GROUPS('a'), GROUPS('b'),
    GROUPS('c'), GROUPS('d'), GROUPS('e'), GROUPS('f'),
};

/* Each group is written whole, and the end of one over the start of the next. */
static uint8_t *
put_groups(uint8_t *to, const uint8_t *bytes, guint n, gboolean is_utf8)
{
    for (guint i = 0; i < n && is_utf8; i++, to += 3) {
        const uint64_t group = groups[bytes[i]];
        to[0] = (uint8_t) group;
        to[1] = (uint8_t) (group >> 16);
        to[2] = ',';
    }
    if (is_utf8)
        return to;
    for (; n >= 4; n -= 4, bytes += 4, to += 24) {
        memcpy(to, &groups[bytes[0]], sizeof(groups[0]));
        memcpy(to + 6, &groups[bytes[1]], sizeof(groups[0]));
        memcpy(to + 12, &groups[bytes[2]], sizeof(groups[0]));
        memcpy(to + 18, &groups[bytes[3]], sizeof(groups[0]));
    }
    for (; n > 0; n--, bytes++, to += 6)
        memcpy(to, &groups[*bytes], sizeof(groups[0]));
    return to;
}

/* As many bytes to a line as regedit, which looks at the column after each comma. */
void
hc_reg_put_hex(HcRegWriter *writer, HcBlob data)
{
    const gboolean is_utf8 = writer->encoding == HC_REG_UTF8;
    for (uint32_t from = 0; from < data.n_bytes;) {
        const guint left = writer->column < WRAP_COLUMN ? WRAP_COLUMN - writer->column : 1;
        const guint n = MIN(data.n_bytes - from, (left + 2) / 3);
        uint8_t *start = hc_reg_put_room(writer, (gsize) n * 6 + sizeof(groups[0]));
        hc_reg_put_took(writer, (gsize) (put_groups(start, data.bytes + from, n, is_utf8) - start));
        writer->column += 3 * n;
        from += n;
        if (from < data.n_bytes && writer->column >= WRAP_COLUMN) {
            hc_reg_put_literal(writer, "\\\r\n  ");
            writer->column = 2;
        }
    }
    /* No comma behind the last. */
    if (data.n_bytes > 0)
        writer->text->len -= is_utf8 ? 1 : 2;
}

void
hc_reg_put_dword(HcRegWriter *writer, uint32_t number)
{
    hc_reg_put_literal(writer, "dword:");
    for (guint shift = 32; shift > 0;) {
        shift -= 8;
        const uint64_t group = groups[number >> shift & 0xff];
        const uint8_t narrow[] = {(uint8_t) group, (uint8_t) (group >> 16)};
        if (writer->encoding == HC_REG_UTF8)
            hc_reg_put_bytes(writer, narrow, 2);
        else
            hc_reg_put_bytes(writer, &group, 4);
    }
}

guint
hc_reg_put_number(HcRegWriter *writer, uint32_t number)
{
    guint n = 1;
    while (n < 8 && number >> 4 * n != 0)
        n++;
    for (guint i = n; i > 0; i--) {
        const char digit[] = {"0123456789abcdef"[number >> 4 * (i - 1) & 15], '\0'};
        hc_reg_put_bytes(writer, digit, writer->encoding == HC_REG_UTF8 ? 1 : 2);
    }
    return n;
}
