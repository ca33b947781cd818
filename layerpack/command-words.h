#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The words of an entry point or a command, as an image's configuration has them. */

/**
 * lp_word_fault:
 * What no program's name or argument is: nothing, or something with a control character, which
 * comes of a path written into JSON with single backslashes.
 *
 * Returns: (transfer full) (nullable): "is empty", "holds the control character \u{9}"; NULL: none
 */
char *lp_word_fault(const char *word);

/**
 * lp_words_append:
 * @words on one line, a space before each, so that they can be read back: as they are, and where
 * that would not show, in quotes as JSON has them: empty ones, those with white space, quotes, or
 * characters that cannot be seen.
 */
void lp_words_append(GString *out, char *const *words);

G_END_DECLS
