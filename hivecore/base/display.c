#include "config.h"

#include "hivecore/base/display.h"

#include <string.h>

typedef struct {
    uint32_t first;
    uint32_t last;
} CodePointRange;

/*
 * Controls, surrogates, Default_Ignorable_Code_Point and Bidi_Control of Unicode, line and
 * paragraph separators, noncharacters. Sorted.
 */
static const CodePointRange hidden_ranges[] = {
    {0x0000, 0x001f},   {0x007f, 0x009f},   {0x00ad, 0x00ad}, {0x034f, 0x034f}, {0x061c, 0x061c},
    {0x115f, 0x1160},   {0x17b4, 0x17b5},   {0x180b, 0x180f}, {0x200b, 0x200f}, {0x2028, 0x202e},
    {0x2060, 0x206f},   {0x3164, 0x3164},   {0xd800, 0xdfff}, {0xfdd0, 0xfdef}, {0xfe00, 0xfe0f},
    {0xfeff, 0xfeff},   {0xffa0, 0xffa0},   {0xfff0, 0xfffb}, {0xfffe, 0xffff}, {0x1bca0, 0x1bca3},
    {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
};

gboolean
hc_is_hidden(uint32_t code_point)
{
    if (code_point >= 0x20 && code_point < 0x7f)
        return FALSE;
    if (code_point > 0xffff && (code_point & 0xfffe) == 0xfffe)
        return TRUE; /* the last two of every plane are noncharacters */
    for (gsize i = 0; i < G_N_ELEMENTS(hidden_ranges); i++)
        if (code_point <= hidden_ranges[i].last)
            return code_point >= hidden_ranges[i].first;
    return FALSE;
}

/* The first code point that Unicode combines with others, or has twice. */
#define FIRST_COMBINED 0x300u

/* Whether it is another spelling of one or two others, which the normal form C has. */
static gboolean
is_other_spelling(uint32_t code_point)
{
    gunichar first;
    gunichar second;
    gunichar composed;
    return g_unichar_decompose(code_point, &first, &second) &&
           (second == 0 || !g_unichar_compose(first, second, &composed) || composed != code_point);
}

/* Whether the normal form C would have it in one with what it stands behind, or before that. */
static gboolean
is_to_be_composed(uint32_t code_point, uint8_t mark, const HcDisplayed *before)
{
    gunichar composed;
    if (mark != 0 && before->mark > mark)
        return TRUE;
    return before->base != 0 && (before->mark == 0 || before->mark < mark) &&
           g_unichar_compose(before->base, code_point, &composed);
}

gboolean
hc_is_told_apart(uint32_t code_point, HcDisplayed *before)
{
    uint8_t mark = 0;
    gboolean is_shown = !hc_is_hidden(code_point);
    if (is_shown && code_point >= FIRST_COMBINED) {
        mark = (uint8_t) g_unichar_combining_class(code_point);
        is_shown = !is_other_spelling(code_point) && !is_to_be_composed(code_point, mark, before) &&
                   (mark == 0 || before->base != 0);
    }
    if (!is_shown)
        *before = (HcDisplayed){0, 0};
    else if (mark != 0)
        before->mark = mark;
    else
        *before = (HcDisplayed){code_point, 0};
    return is_shown;
}

void
hc_append_display(GString *out, const char *text, gsize n_bytes)
{
    HcDisplayed before = {0, 0};
    const char *end = text + n_bytes;
    while (text < end) {
        const gunichar c =
            *text == '\0' ? (gunichar) -1 : g_utf8_get_char_validated(text, end - text);
        if (c == (gunichar) -1 || c == (gunichar) -2) {
            g_string_append_printf(out, "\\x{%02x}", (guint) (guchar) *text++);
            before = (HcDisplayed){0, 0};
            continue;
        }
        const gsize n_char = (gsize) g_utf8_skip[(guchar) *text];
        if (!hc_is_told_apart(c, &before))
            g_string_append_printf(out, "\\u{%x}", c);
        else
            g_string_append_len(out, text, (gssize) n_char);
        text += n_char;
    }
}

char *
hc_display(const char *text)
{
    GString *out = g_string_new(NULL);
    hc_append_display(out, text, strlen(text));
    return g_string_free(out, FALSE);
}

void
hc_append_color(GString *out, gboolean has_color, HcColor color)
{
    static const char *const sequences[] = {
        [HC_COLOR_END] = "\033[0m",
        [HC_COLOR_KEY] = "\033[1;34m",
        [HC_COLOR_VALUE] = "\033[36m",
        [HC_COLOR_FOUND] = "\033[1;31m",
    };
    if (has_color)
        g_string_append(out, sequences[color]);
}
