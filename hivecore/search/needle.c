#include "config.h"

#include "hivecore/search/pattern-private.h"

#include <string.h>

/* How many units there are. */
#define N_UNITS 0x10000u

static void
add_firsts(HcNeedle *needle)
{
    needle->is_first = g_malloc0(N_UNITS / 8);
    for (guint unit = 0; unit < N_UNITS; unit++) {
        if (hc_upcase((uint16_t) unit) == needle->folded[0])
            needle->is_first[unit / 8] |= (uint8_t) (1u << unit % 8);
    }
}

static void
read_number(HcNeedle *needle, const char *text)
{
    const gboolean is_hex = g_str_has_prefix(text, "0x") || g_str_has_prefix(text, "0X");
    needle->is_number = g_ascii_string_to_unsigned(is_hex ? text + 2 : text, is_hex ? 16 : 10, 0,
                                                   G_MAXUINT64, &needle->number, NULL);
}

void
hc_needle_init(HcNeedle *needle, const char *text, gboolean ignores_case)
{
    g_autoptr(HcArena) arena = hc_arena_new();
    const HcName name = hc_name_from_utf8(arena, text, strlen(text));
    needle->ignores_case = ignores_case;
    needle->n_units = name.n_units;
    needle->is_ascii = hc_name_is_ascii(name);
    needle->utf16 = g_malloc(2 * (gsize) name.n_units);
    needle->folded = g_new(uint16_t, name.n_units);
    needle->latin1 = hc_name_fits_latin1(name) ? g_malloc(name.n_units) : NULL;
    for (uint32_t i = 0; i < name.n_units; i++) {
        const uint16_t unit = hc_name_unit(name, i);
        needle->utf16[2 * (gsize) i] = (uint8_t) unit;
        needle->utf16[2 * (gsize) i + 1] = (uint8_t) (unit >> 8);
        needle->folded[i] = hc_upcase(unit);
        if (needle->latin1 != NULL)
            needle->latin1[i] = (uint8_t) unit;
    }
    read_number(needle, text);
    if (ignores_case)
        add_firsts(needle);
}

void
hc_needle_clear(HcNeedle *needle)
{
    g_free(needle->utf16);
    g_free(needle->latin1);
    g_free(needle->folded);
    g_free(needle->is_first);
}

static inline uint16_t
unit_of(const uint8_t *at, guint width)
{
    return width == 1 ? *at : (uint16_t) (at[0] | at[1] << 8);
}

/* Inlined for each width, so that it is one comparison for each unit. */
static inline const uint8_t *
find_folded(const HcNeedle *needle, const uint8_t *text, gsize n_bytes, guint width, gsize step)
{
    const gsize n_needle = (gsize) needle->n_units * width;
    for (gsize at = 0; at + n_needle <= n_bytes; at += step) {
        const uint16_t unit = unit_of(text + at, width);
        if ((needle->is_first[unit / 8] >> unit % 8 & 1) == 0)
            continue;
        uint32_t i = 1;
        while (i < needle->n_units &&
               hc_upcase(unit_of(text + at + (gsize) i * width, width)) == needle->folded[i])
            i++;
        if (i == needle->n_units)
            return text + at;
    }
    return NULL;
}

static const uint8_t *
find_exact(const uint8_t *what, gsize n_what, const uint8_t *text, gsize n_bytes, gsize step)
{
    const uint8_t *from = text;
    while (n_what <= n_bytes - (gsize) (from - text)) {
        const uint8_t *at = memmem(from, n_bytes - (gsize) (from - text), what, n_what);
        if (at == NULL || (gsize) (at - text) % step == 0)
            return at;
        from = at + 1;
    }
    return NULL;
}

const uint8_t *
hc_needle_find(const HcNeedle *needle, const uint8_t *text, gsize n_bytes, guint width,
               gboolean is_aligned)
{
    const gsize step = is_aligned ? width : 1;
    if (needle->ignores_case)
        return width == 1 ? find_folded(needle, text, n_bytes, 1, step)
                          : find_folded(needle, text, n_bytes, 2, step);
    if (width == 2)
        return find_exact(needle->utf16, 2 * (gsize) needle->n_units, text, n_bytes, step);
    return needle->latin1 != NULL ? find_exact(needle->latin1, needle->n_units, text, n_bytes, step)
                                  : NULL;
}
