#include "config.h"

#include "layerpack/config-edit.h"

#include "hivecore/base/display.h"
#include "hivecore/base/json-writer.h"

char *
lp_word_fault(const char *word)
{
    if (*word == '\0')
        return g_strdup("is empty");
    for (const char *at = word; *at != '\0'; at += g_utf8_skip[(guchar) *at]) {
        const gunichar c = g_utf8_get_char(at);
        if (g_unichar_iscntrl(c))
            return g_strdup_printf("holds the control character \\u{%x}", c);
    }
    return NULL;
}

static gboolean
is_plain(const char *word)
{
    for (const char *at = word; *at != '\0'; at += g_utf8_skip[(guchar) *at]) {
        const gunichar c = g_utf8_get_char(at);
        if (c == '"' || g_unichar_isspace(c) || hc_is_hidden(c))
            return FALSE;
    }
    return *word != '\0';
}

void
lp_words_append(GString *out, char *const *words)
{
    for (gsize i = 0; words[i] != NULL; i++) {
        g_string_append_c(out, ' ');
        if (is_plain(words[i]))
            g_string_append(out, words[i]);
        else
            hc_json_append_string(out, words[i]);
    }
}
