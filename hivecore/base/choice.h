#pragma once

#include <glib.h>

#include "hivecore/base/name.h"

G_BEGIN_DECLS

/**
 * HcNearest: of many names, the one that somebody who wrote @wanted may have meant: that which
 * takes the fewest letters changed, left out, put in or swapped with the next one, in any case.
 * Members are private but @best.
 */
typedef struct {
    HcName wanted;
    guint limit; /* only what is nearer than this is taken */
    guint n_left;
    HcName best; /* borrowed from what was offered; no unit: none is near */
} HcNearest;

/** hc_nearest_start: a third of the letters of @wanted may be wrong, and at most three. */
HcNearest hc_nearest_start(HcName wanted);

/** hc_nearest_offer: of names equally near the first stays. Beyond HC_MAX_NEAREST none is looked
 * at. */
void hc_nearest_offer(HcNearest *nearest, HcName name);

/** HcChoice: a word that an option takes. One of the value of the row before it is another
 * spelling, which messages do not name. */
typedef struct {
    const char *name;
    int value;
} HcChoice;

/**
 * hc_choice_parse:
 * @said: "--format is", for the message
 * @text: (nullable): the argument, in any case; NULL stands for the first row
 * @choices: @n rows
 *
 * Returns: the value, or -1 with HC_ERROR_USAGE, which names the words and the nearest one
 */
int hc_choice_parse(const char *said, const char *text, const HcChoice *choices, gsize n,
                    GError **error);

/** HC_CHOICE_PARSE: the same for an array. */
#define HC_CHOICE_PARSE(said, text, choices, error)                                                \
    hc_choice_parse(said, text, choices, G_N_ELEMENTS(choices), error)

/** hc_choice_append: "text, reg or json". */
void hc_choice_append(GString *out, const HcChoice *choices, gsize n);

/**
 * hc_word_nearest:
 * Returns: (transfer none) (nullable): that of @words (NULL-terminated) that somebody who wrote
 * @text may have meant: with few letters wrong (hivecore/base/nearest.h), or of which it is the
 * start of one only
 */
const char *hc_word_nearest(const char *text, const char *const *words);

/** Returns: (transfer full): ", did you mean @before@word@after?", or "" for no @word. */
char *hc_word_guess(const char *before, const char *word, const char *after);

/** hc_word_guess_listed: the same of a word of @list, ", " between them, that is near to @text; of
 * one alone nothing, since it is told. */
char *hc_word_guess_listed(const char *text, const char *list);

G_END_DECLS
