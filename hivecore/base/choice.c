#include "config.h"

#include "hivecore/base/choice.h"

#include <string.h>

#include "hivecore/base/error.h"

static gboolean
is_other_spelling(const HcChoice *choices, gsize i)
{
    return i > 0 && choices[i].value == choices[i - 1].value;
}

void
hc_choice_append(GString *out, const HcChoice *choices, gsize n)
{
    gsize last = n - 1;
    while (is_other_spelling(choices, last))
        last--;
    for (gsize i = 0; i <= last; i++) {
        if (is_other_spelling(choices, i))
            continue;
        g_string_append_printf(out, "%s%s",
                               i == 0      ? ""
                               : i == last ? " or "
                                           : ", ",
                               choices[i].name);
    }
}

const char *
hc_word_nearest(const char *text, const char *const *words)
{
    const gsize n = strlen(text);
    const char *start = NULL;
    guint n_starts = 0;
    if (n == 0 || !g_utf8_validate(text, -1, NULL))
        return NULL;
    g_autoptr(HcArena) arena = hc_arena_new();
    HcNearest nearest = hc_nearest_start(hc_name_from_utf8(arena, text, n));
    const char *best = NULL;
    for (; *words != NULL; words++) {
        const uint8_t *before = nearest.best.chars;
        if (g_ascii_strncasecmp(*words, text, n) == 0) {
            start = *words;
            n_starts++;
        }
        hc_nearest_offer(&nearest,
                         (HcName){(const uint8_t *) *words, (uint32_t) strlen(*words), TRUE});
        if (nearest.best.chars != before)
            best = *words;
    }
    return n_starts == 1 ? start : best;
}

char *
hc_word_guess(const char *before, const char *word, const char *after)
{
    return word != NULL ? g_strdup_printf(", did you mean %s%s%s?", before, word, after)
                        : g_strdup("");
}

char *
hc_word_guess_listed(const char *text, const char *list)
{
    g_auto(GStrv) words = g_strsplit(list, ", ", -1);
    if (g_strv_length(words) < 2)
        return g_strdup("");
    return hc_word_guess("'", hc_word_nearest(text, (const char *const *) words), "'");
}

int
hc_choice_parse(const char *said, const char *text, const HcChoice *choices, gsize n,
                GError **error)
{
    if (text == NULL)
        return choices[0].value;
    g_autofree const char **words = g_new0(const char *, n + 1);
    for (gsize i = 0; i < n; i++) {
        words[i] = choices[i].name;
        if (g_ascii_strcasecmp(choices[i].name, text) == 0)
            return choices[i].value;
    }
    g_autoptr(GString) names = g_string_new(NULL);
    g_autofree char *guess = hc_word_guess("'", hc_word_nearest(text, words), "'");
    hc_choice_append(names, choices, n);
    hc_set_error(error, HC_ERROR_USAGE, "%s '%s', not %s%s", said, text, names->str, guess);
    return -1;
}
