#include "config.h"

#include "hivecore/base/name.h"

#include <string.h>

#include "hivecore/base/base-private.h"
#include "hivecore/base/bytes.h"
#include "hivecore/base/display.h"
#include "hivecore/base/put-text.h"

static gboolean
is_high_surrogate(uint32_t unit)
{
    return (unit & 0xfc00u) == 0xd800u;
}

static gboolean
is_low_surrogate(uint32_t unit)
{
    return (unit & 0xfc00u) == 0xdc00u;
}

/* The code point that starts at *@i, an unpaired surrogate as itself; moves *@i past it. */
static uint32_t
next_code_point(HcName name, uint32_t *i)
{
    uint32_t unit = hc_name_unit(name, (*i)++);
    if (!is_high_surrogate(unit) || *i == name.n_units)
        return unit;
    uint32_t low = hc_name_unit(name, *i);
    if (!is_low_surrogate(low))
        return unit;
    (*i)++;
    return 0x10000u + ((unit & 0x3ffu) << 10 | (low & 0x3ffu));
}

static int
compare_lengths(HcName a, HcName b)
{
    return (a.n_units > b.n_units) - (a.n_units < b.n_units);
}

/* How many bytes are the same at the start, or up to seven less: names beside each other start
 * alike. */
static gsize
same_start(const uint8_t *a, const uint8_t *b, gsize n_bytes)
{
    gsize i = 0;
    for (; i + 8 <= n_bytes; i += 8) {
        uint64_t eight_a;
        uint64_t eight_b;
        memcpy(&eight_a, a + i, sizeof(eight_a));
        memcpy(&eight_b, b + i, sizeof(eight_b));
        if (eight_a != eight_b)
            return i + (gsize) __builtin_ctzll(eight_a ^ eight_b) / 8;
    }
    return i;
}

/* Both names of one hive are nearly always Latin-1: two table look-ups per byte that differs. */
static int
compare_latin1(HcName a, HcName b)
{
    uint32_t n_common = MIN(a.n_units, b.n_units);
    for (gsize i = same_start(a.chars, b.chars, n_common); i < n_common; i++) {
        if (a.chars[i] == b.chars[i])
            continue;
        int difference = (int) hc_upcase_latin1[a.chars[i]] - (int) hc_upcase_latin1[b.chars[i]];
        if (difference != 0)
            return difference;
    }
    return compare_lengths(a, b);
}

/* The same without a look at the encoding for each unit. */
static int
compare_utf16(HcName a, HcName b)
{
    const gsize n_bytes = 2 * (gsize) MIN(a.n_units, b.n_units);
    for (gsize i = same_start(a.chars, b.chars, n_bytes) & ~(gsize) 1; i < n_bytes; i += 2) {
        uint16_t unit_a = (uint16_t) (a.chars[i] | a.chars[i + 1] << 8);
        uint16_t unit_b = (uint16_t) (b.chars[i] | b.chars[i + 1] << 8);
        if (unit_a == unit_b)
            continue;
        int difference = (int) hc_upcase(unit_a) - (int) hc_upcase(unit_b);
        if (difference != 0)
            return difference;
    }
    return compare_lengths(a, b);
}

/* Apart, so that the others save no registers for it. */
static G_GNUC_NO_INLINE int
compare_others(HcName a, HcName b)
{
    if (!a.is_latin1 && !b.is_latin1)
        return compare_utf16(a, b);
    uint32_t n_common = MIN(a.n_units, b.n_units);
    for (uint32_t i = 0; i < n_common; i++) {
        uint16_t unit_a = hc_name_unit(a, i);
        uint16_t unit_b = hc_name_unit(b, i);
        if (unit_a == unit_b)
            continue;
        int difference = (int) hc_upcase(unit_a) - (int) hc_upcase(unit_b);
        if (difference != 0)
            return difference;
    }
    return compare_lengths(a, b);
}

int
hc_name_compare(HcName a, HcName b)
{
    return a.is_latin1 && b.is_latin1 ? compare_latin1(a, b) : compare_others(a, b);
}

gboolean
hc_name_equal(HcName a, HcName b)
{
    return a.n_units == b.n_units && hc_name_compare(a, b) == 0;
}

gboolean
hc_name_same_spelling(HcName a, HcName b)
{
    if (a.n_units != b.n_units)
        return FALSE;
    if (a.is_latin1 == b.is_latin1)
        return a.n_units == 0 ||
               memcmp(a.chars, b.chars, a.is_latin1 ? a.n_units : 2 * (gsize) a.n_units) == 0;
    for (uint32_t i = 0; i < a.n_units; i++)
        if (hc_name_unit(a, i) != hc_name_unit(b, i))
            return FALSE;
    return TRUE;
}

/* Four units at once, because each multiplication waits for the one before. */
static uint32_t
hash_latin1(const uint8_t *chars, uint32_t n)
{
    uint32_t hash = 0;
    uint32_t i = 0;
    for (; n - i >= 4; i += 4)
        hash = 37 * 37 * 37 * 37 * hash + 37u * 37 * 37 * hc_upcase_latin1[chars[i]] +
               37u * 37 * hc_upcase_latin1[chars[i + 1]] + 37u * hc_upcase_latin1[chars[i + 2]] +
               hc_upcase_latin1[chars[i + 3]];
    for (; i < n; i++)
        hash = 37 * hash + hc_upcase_latin1[chars[i]];
    return hash;
}

uint32_t
hc_name_hash(HcName name)
{
    uint32_t hash = 0;
    if (name.is_latin1)
        return hash_latin1(name.chars, name.n_units);
    for (uint32_t i = 0; i < name.n_units; i++)
        hash = 37 * hash + hc_upcase(hc_name_unit(name, i));
    return hash;
}

/* Eight units, and what they are in a text; the compiler's own vectors, as in reg. */
typedef uint16_t Units __attribute__((vector_size(16)));
typedef uint8_t Chars __attribute__((vector_size(8)));

enum {
    N_LANES = HC_NAME_SLACK
};

static inline Units
load_units(const uint8_t *from, gboolean is_latin1)
{
    Units units;
    Chars chars;
    if (!is_latin1) {
        memcpy(&units, from, sizeof(units));
        return units;
    }
    memcpy(&chars, from, sizeof(chars));
    return __builtin_convertvector(chars, Units);
}

/* Of eight units that are all ASCII. Returns: FALSE when they are not. */
static gboolean
put_eight(uint8_t *at, const uint8_t *chars)
{
    uint64_t bits;
    memcpy(&bits, chars, sizeof(bits));
    if ((bits & UINT64_C(0x8080808080808080)) != 0)
        return FALSE;
    const Units units = load_units(chars, TRUE);
    const Units is_small = (Units) (units > 'a' - 1) & (Units) (units < 'z' + 1);
    const Units folded = units - (is_small & 0x20);
    G_STATIC_ASSERT(G_BYTE_ORDER == G_LITTLE_ENDIAN);
    memcpy(at, &folded, sizeof(folded));
    return TRUE;
}

void
hc_name_put_folded(uint8_t *at, HcName name)
{
    uint32_t i = 0;
    while (name.is_latin1 && name.n_units - i >= 8 && put_eight(at + 2 * (gsize) i, name.chars + i))
        i += 8;
    if (name.is_latin1) {
        for (; i < name.n_units; i++)
            hc_put16(at + 2 * (gsize) i, hc_upcase_latin1[name.chars[i]]);
        return;
    }
    for (; i < name.n_units; i++)
        hc_put16(at + 2 * (gsize) i, hc_upcase(hc_name_unit(name, i)));
}

static gboolean
all_units_below(HcName name, uint16_t limit)
{
    for (uint32_t i = 0; i < name.n_units; i++)
        if (hc_name_unit(name, i) >= limit)
            return FALSE;
    return TRUE;
}

gboolean
hc_name_fits_latin1(HcName name)
{
    return name.is_latin1 || all_units_below(name, 0x100);
}

gboolean
hc_name_is_ascii(HcName name)
{
    return all_units_below(name, 0x80);
}

gboolean
hc_name_has_unit(HcName name, uint16_t unit)
{
    if (name.is_latin1)
        return unit < 0x100 && name.n_units > 0 && memchr(name.chars, unit, name.n_units) != NULL;
    for (gsize i = 0; i < 2 * (gsize) name.n_units; i += 2) {
        if ((name.chars[i] | name.chars[i + 1] << 8) == unit)
            return TRUE;
    }
    return FALSE;
}

static gboolean
is_surrogate(uint32_t code_point)
{
    return (code_point & 0xfffff800u) == 0xd800u;
}

gboolean
hc_name_is_wellformed(HcName name)
{
    if (name.is_latin1)
        return TRUE;
    for (uint32_t i = 0; i < name.n_units;)
        if (is_surrogate(next_code_point(name, &i)))
            return FALSE;
    return TRUE;
}

HcName
hc_name_part(HcName name, uint32_t from, uint32_t to)
{
    const gsize unit_bytes = name.is_latin1 ? 1 : 2;
    return (HcName){name.chars + from * unit_bytes, to - from, name.is_latin1};
}

HcName
hc_name_dup(HcArena *arena, HcName name)
{
    gsize n_bytes = name.is_latin1 ? name.n_units : 2 * (gsize) name.n_units;
    return (HcName){hc_arena_dup(arena, name.chars, n_bytes), name.n_units, name.is_latin1};
}

static uint8_t *
put_unit(uint8_t *out, uint32_t unit, gboolean is_latin1)
{
    *out++ = (uint8_t) unit;
    if (!is_latin1)
        *out++ = (uint8_t) (unit >> 8);
    return out;
}

/* g_utf8_next_char() would cast const away. */
static gsize
utf8_length(char first_byte)
{
    return (gsize) g_utf8_skip[(guchar) first_byte];
}

HcName
hc_name_from_utf8(HcArena *arena, const char *utf8, gsize n_bytes)
{
    uint32_t n_units = 0;
    gboolean is_latin1 = TRUE;
    for (gsize i = 0; i < n_bytes; i += utf8_length(utf8[i])) {
        gunichar c = g_utf8_get_char(utf8 + i);
        n_units += c > 0xffff ? 2 : 1;
        is_latin1 = is_latin1 && c < 0x100;
    }
    uint8_t *chars = hc_arena_alloc(arena, is_latin1 ? n_units : 2 * (gsize) n_units);
    uint8_t *out = chars;
    for (gsize i = 0; i < n_bytes; i += utf8_length(utf8[i])) {
        gunichar c = g_utf8_get_char(utf8 + i);
        if (c > 0xffff) {
            out = put_unit(out, 0xd800 + ((c - 0x10000) >> 10), FALSE);
            c = 0xdc00 + (c & 0x3ff);
        }
        out = put_unit(out, c, is_latin1);
    }
    return (HcName){chars, n_units, is_latin1};
}

gboolean
hc_name_text_starts(const char *text, const char *prefix)
{
    if (!g_utf8_validate(text, -1, NULL) || !g_utf8_validate(prefix, -1, NULL))
        return FALSE;
    g_autoptr(HcArena) arena = hc_arena_new();
    const HcName name = hc_name_from_utf8(arena, text, strlen(text));
    const HcName start = hc_name_from_utf8(arena, prefix, strlen(prefix));
    return start.n_units <= name.n_units &&
           hc_name_equal(hc_name_part(name, 0, start.n_units), start);
}

/* The number of the first of the eight that is not plain; 8: all are. */
static inline guint
first_odd(Units units)
{
    const Units odd =
        (Units) (units - 0x20 >= 0x7f - 0x20) | (Units) (units == '"') | (Units) (units == '\\');
    uint64_t halves[2];
    memcpy(halves, &odd, sizeof(halves));
    if (halves[0] != 0)
        return (guint) __builtin_ctzll(halves[0]) / 16;
    return halves[1] != 0 ? N_LANES / 2 + (guint) __builtin_ctzll(halves[1]) / 16 : N_LANES;
}

static inline uint32_t
put_few(char *to, const uint8_t *from, uint32_t n, gboolean is_latin1)
{
    const HcName name = {from, n, is_latin1};
    for (uint32_t i = 0; i < n; i++) {
        const uint16_t unit = hc_name_unit(name, i);
        if (unit < 0x20 || unit >= 0x7f || unit == '"' || unit == '\\')
            return i;
        to[i] = (char) unit;
    }
    return n;
}

static inline __attribute__((always_inline)) uint32_t
put_plain(char *to, const uint8_t *from, uint32_t n, gboolean is_latin1)
{
    if (n < N_LANES)
        return put_few(to, from, n, is_latin1);
    for (uint32_t i = 0;; i = MIN(i + N_LANES, n - N_LANES)) {
        const Units units = load_units(from + i * (is_latin1 ? 1 : (gsize) 2), is_latin1);
        const Chars chars = __builtin_convertvector(units, Chars);
        const guint n_here = first_odd(units);
        memcpy(to + i, &chars, sizeof(chars));
        if (n_here < N_LANES)
            return i + n_here;
        if (i + N_LANES == n)
            return n;
    }
}

uint32_t
hc_name_put_plain(char *to, HcName name, uint32_t from)
{
    const uint32_t n = name.n_units - from;
    return name.is_latin1 ? put_plain(to, name.chars + from, n, TRUE)
                          : put_plain(to, name.chars + 2 * (gsize) from, n, FALSE);
}

/* The same at the end of @out. Moves *@i past it. */
static void
append_plain(GString *out, HcName name, uint32_t *i)
{
    char *to = hc_text_room(out, name.n_units - *i + HC_NAME_SLACK);
    const uint32_t n = hc_name_put_plain(to, name, *i);
    hc_text_took(out, to + n);
    *i += n;
}

/* g_string_append_unichar() also writes surrogates in their three-byte form. */
void
hc_name_append_utf8(GString *out, HcName name)
{
    for (uint32_t i = 0; append_plain(out, name, &i), i < name.n_units;)
        g_string_append_unichar(out, next_code_point(name, &i));
}

static void
append_display(GString *out, HcName name, gboolean is_escaped)
{
    HcDisplayed before = {0, 0};
    for (uint32_t i = 0;;) {
        const uint32_t start = i;
        append_plain(out, name, &i);
        if (i > start)
            before = (HcDisplayed){hc_name_unit(name, i - 1), 0};
        if (i == name.n_units)
            return;
        const uint32_t code_point = next_code_point(name, &i);
        if (is_escaped && (code_point == '"' || code_point == '\\'))
            g_string_append_c(out, '\\');
        if (!hc_is_told_apart(code_point, &before))
            g_string_append_printf(out, "\\u{%x}", code_point);
        else
            g_string_append_unichar(out, code_point);
    }
}

void
hc_name_append_display(GString *out, HcName name)
{
    append_display(out, name, FALSE);
}

void
hc_name_append_escaped(GString *out, HcName name)
{
    append_display(out, name, TRUE);
}

/* The number of a "\u{hex}" at @text, and its length; 0 when there is none. */
static gsize
escape_at(const char *text, gsize n_bytes, uint32_t *code_point)
{
    gsize n = 3;
    *code_point = 0;
    if (n_bytes < 5 || memcmp(text, "\\u{", 3) != 0)
        return 0;
    for (; n < n_bytes && n < 9 && g_ascii_isxdigit(text[n]); n++)
        *code_point = *code_point << 4 | (uint32_t) g_ascii_xdigit_value(text[n]);
    return n > 3 && n < n_bytes && text[n] == '}' && *code_point <= 0x10ffff ? n + 1 : 0;
}

static void
append_unit(GByteArray *units, uint32_t unit)
{
    g_byte_array_append(units, (const uint8_t[]){(uint8_t) unit, (uint8_t) (unit >> 8)}, 2);
}

HcName
hc_name_from_display(HcArena *arena, const char *text, gsize n_bytes)
{
    g_autoptr(GByteArray) units = g_byte_array_new();
    gsize n;
    for (gsize i = 0; i < n_bytes; i += n) {
        uint32_t code_point;
        n = escape_at(text + i, n_bytes - i, &code_point);
        if (n == 0) {
            code_point = g_utf8_get_char(text + i);
            n = (gsize) g_utf8_skip[(uint8_t) text[i]];
        }
        if (code_point > 0xffff) {
            append_unit(units, 0xd800 + ((code_point - 0x10000) >> 10));
            code_point = 0xdc00 + ((code_point - 0x10000) & 0x3ff);
        }
        append_unit(units, code_point);
    }
    return hc_name_dup(arena, (HcName){units->data, units->len / 2, FALSE});
}

char *
hc_name_display(HcName name)
{
    GString *out = g_string_sized_new(name.n_units);
    hc_name_append_display(out, name);
    return g_string_free(out, FALSE);
}

guint
hc_name_hash_folded(gconstpointer name)
{
    return hc_name_hash(*(const HcName *) name);
}

gboolean
hc_name_equal_pointers(gconstpointer a, gconstpointer b)
{
    return hc_name_equal(*(const HcName *) a, *(const HcName *) b);
}
