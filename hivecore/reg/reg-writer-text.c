#include "config.h"

#include <string.h>

#include "hivecore/base/bytes.h"
#include "hivecore/reg/writer-private.h"

/* Of text that is put at once. */
#define PIECE_UNITS 4096u

/* Of ASCII or Latin-1 UTF-16, four characters at a time. */
static inline void
widen(uint8_t *to, const uint8_t *from, gsize n)
{
    gsize i = 0;
    for (; i + 4 <= n; i += 4) {
        uint32_t narrow;
        memcpy(&narrow, from + i, sizeof(narrow));
        uint64_t wide = narrow;
        wide = (wide | wide << 16) & UINT64_C(0x0000ffff0000ffff);
        wide = (wide | wide << 8) & UINT64_C(0x00ff00ff00ff00ff);
        memcpy(to + 2 * i, &wide, sizeof(wide));
    }
    for (; i < n; i++)
        hc_put16(to + 2 * i, from[i]);
}

void
hc_reg_put_chars(HcRegWriter *writer, const char *text, gsize n)
{
    if (writer->encoding == HC_REG_UTF8) {
        memcpy(hc_reg_put_room(writer, n), text, n);
        hc_reg_put_took(writer, n);
        return;
    }
    widen(hc_reg_put_room(writer, 2 * n), (const uint8_t *) text, n);
    hc_reg_put_took(writer, 2 * n);
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
        widen((uint8_t *) writer->scratch->str, name.chars, name.n_units);
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

/* As it stands in quotes, in UTF-16; of PIECE_UNITS at most. */
static void
put_escaped(HcRegWriter *writer, HcName text)
{
    uint8_t *start = hc_reg_put_room(writer, 4 * (gsize) text.n_units);
    uint8_t *to = start;
    for (uint32_t i = 0; i < text.n_units; i++) {
        const uint16_t unit = hc_name_unit(text, i);
        if (G_UNLIKELY(is_escaped(unit))) {
            hc_put16(to, '\\');
            to += 2;
        }
        hc_put16(to, unit);
        to += 2;
    }
    hc_reg_put_took(writer, (gsize) (to - start));
    writer->column += (guint) (to - start) / 2;
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

void
hc_reg_put_quoted(HcRegWriter *writer, HcName text)
{
    hc_reg_put_literal(writer, "\"");
    if (writer->encoding == HC_REG_UTF8)
        put_escaped_utf8(writer, text);
    for (uint32_t from = 0, to; from < text.n_units && writer->encoding != HC_REG_UTF8; from = to) {
        to = MIN(text.n_units, from + PIECE_UNITS);
        put_escaped(writer, hc_name_part(text, from, to));
    }
    hc_reg_put_literal(writer, "\"");
    writer->column += 2;
}

void
hc_reg_put_line_end(HcRegWriter *writer)
{
    hc_reg_put_literal(writer, "\r\n");
    writer->column = 0;
}
