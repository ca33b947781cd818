#pragma once

#include <stdint.h>

#include <glib.h>

G_BEGIN_DECLS

/* How a field that comes from outside (a name, a file, a message) is shown to a person. */

/**
 * hc_is_hidden:
 * Returns: whether a terminal or a reader would not show @code_point as a character of its own:
 * controls (C0, C1, DEL), surrogates, noncharacters, line and paragraph separators, tags, and what
 * is invisible or changes the direction of the text
 */
gboolean hc_is_hidden(uint32_t code_point);

/** HcDisplayed: what stands before the next character; zeroed at the start of a text. */
typedef struct {
    uint32_t base; /* the last that is no mark; 0: none, or it was escaped */
    uint8_t mark;  /* the class of the mark behind it, 0: none */
} HcDisplayed;

/**
 * hc_is_told_apart:
 * Whether @code_point, behind what @before says (inout), is shown as a character: not where it is
 * hidden, where another spelling of the same text looks like it (e and U+0301 for U+00E9: all that
 * is not Unicode's normal form C), and where a mark has nothing to stand on. Two texts that differ
 * are so never shown alike for that.
 */
gboolean hc_is_told_apart(uint32_t code_point, HcDisplayed *before);

/**
 * hc_append_display:
 * Appends a field as one piece of a line, whatever is in it: what hc_is_told_apart() denies becomes
 * \u{hex}; bytes that are not UTF-8, and NUL, \x{hex}. A text that was shown already stays as it
 * is.
 */
void hc_append_display(GString *out, const char *text, gsize n_bytes);

/** Returns: (transfer full): hc_append_display() of @text as a string. */
char *hc_display(const char *text);

/** HcColor: what is coloured on a terminal; END ends each. */
typedef enum {
    HC_COLOR_END,
    HC_COLOR_KEY,
    HC_COLOR_VALUE, /* its name */
    HC_COLOR_FOUND, /* what was searched */
} HcColor;

/** hc_append_color: nothing where @has_color is FALSE. */
void hc_append_color(GString *out, gboolean has_color, HcColor color);

G_END_DECLS
