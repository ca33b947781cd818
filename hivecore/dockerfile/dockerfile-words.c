#include "config.h"

#include <string.h>

#include "hivecore/base/json.h"
#include "hivecore/dockerfile/dockerfile-private.h"

/* Space between the word and what follows, and between words: no line end is left in a line. */
#define BLANKS " \t\v\f\r"

void
hc_docker_split_clear(HcDockerSplit *split)
{
    g_clear_pointer(&split->word, g_free);
    g_clear_pointer(&split->flags, g_strfreev);
    g_clear_pointer(&split->rest, g_free);
}

/* One flag from @at on: quotes and escapes go. @flag: set to it. Returns: what is behind it */
static const char *
read_flag(gunichar escape, const char *at, GString *flag)
{
    char quote = '\0';
    for (; *at != '\0' && (quote != '\0' || strchr(BLANKS, *at) == NULL); at++) {
        if (*at == quote) {
            quote = '\0';
        } else if (quote == '\0' && (*at == '\'' || *at == '"')) {
            quote = *at;
        } else {
            if ((gunichar) (guchar) *at == escape && at[1] != '\0')
                at++;
            g_string_append_c(flag, *at);
        }
    }
    return at;
}

HcDockerSplit
hc_docker_split(gunichar escape, const char *line)
{
    g_autoptr(GPtrArray) flags = g_ptr_array_new();
    const char *at = line + strcspn(line, BLANKS);
    char *word = g_strndup(line, (gsize) (at - line));
    at += strspn(at, BLANKS);
    while (g_str_has_prefix(at, "--")) {
        g_autoptr(GString) flag = g_string_new(NULL);
        at = read_flag(escape, at, flag);
        at += strspn(at, BLANKS);
        /* "--" alone ends the flags. */
        if (flag->len == 2)
            break;
        g_ptr_array_add(flags, g_strdup(flag->str + 2));
    }
    g_ptr_array_add(flags, NULL);
    char *rest = g_strchomp(g_strdup(at));
    return (HcDockerSplit){word, (char **) g_ptr_array_free(g_steal_pointer(&flags), FALSE), rest};
}

/* What stands before @at on goes to @word: one character, with the escape before it. */
static const char *
take_character(gunichar escape, gboolean may_escape, const char *at, GString *word)
{
    if (may_escape && (gunichar) (guchar) *at == escape) {
        /* One at the end of the line is nothing. */
        if (at[1] == '\0')
            return at + 1;
        g_string_append_c(word, *at++);
    }
    const gsize n_bytes = (guchar) g_utf8_skip[(guchar) *at];
    g_string_append_len(word, at, (gssize) n_bytes);
    return at + n_bytes;
}

GPtrArray *
hc_docker_words(gunichar escape, const char *rest)
{
    GPtrArray *words = g_ptr_array_new_with_free_func(g_free);
    const char *at = rest;
    while (*at != '\0') {
        g_autoptr(GString) word = g_string_new(NULL);
        char quote = '\0';
        while (*at != '\0' && (quote != '\0' || !g_unichar_isspace(g_utf8_get_char(at)))) {
            const char here = *at;
            at = take_character(escape, quote != '\'', at, word);
            if (quote != '\0' ? here == quote : here == '\'' || here == '"')
                quote = (char) (quote != '\0' ? '\0' : here);
        }
        if (word->len > 0)
            g_ptr_array_add(words, g_strdup(word->str));
        while (*at != '\0' && g_unichar_isspace(g_utf8_get_char(at)))
            at += g_utf8_skip[(guchar) *at];
    }
    return words;
}

char **
hc_docker_spaced(const char *rest)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new();
    for (const char *at = rest; *at != '\0';) {
        const gsize n = strcspn(at, BLANKS);
        if (n > 0)
            g_ptr_array_add(words, g_strndup(at, n));
        at += n;
        at += strspn(at, BLANKS);
    }
    g_ptr_array_add(words, NULL);
    return (char **) g_ptr_array_free(g_steal_pointer(&words), FALSE);
}

HcDockerJson
hc_docker_json(const char *rest, char ***words)
{
    HcJson array;
    *words = NULL;
    if (*rest != '[' || !hc_json_parse("", rest, strlen(rest), NULL, &array, NULL))
        return HC_DOCKER_NO_JSON;
    g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(g_free);
    HcJsonIter iter = hc_json_iter(array);
    HcJson name;
    HcJson value;
    while (hc_json_next(&iter, &name, &value)) {
        if (!hc_json_is(value, HC_JSON_STRING))
            return HC_DOCKER_JSON_OF_OTHERS;
        g_ptr_array_add(list, hc_json_string_dup(value));
    }
    g_ptr_array_set_free_func(list, NULL);
    g_ptr_array_add(list, NULL);
    *words = (char **) g_ptr_array_free(g_steal_pointer(&list), FALSE);
    return HC_DOCKER_JSON;
}

/* "<<NAME", "3<<-'NAME'", also with space before NAME: a word of its own, outside of quotes. */
gboolean
hc_docker_has_heredoc(const char *rest)
{
    if (strstr(rest, "<<") == NULL)
        return FALSE;
    g_autoptr(GPtrArray) words = hc_docker_words('\\', rest);
    for (guint i = 0; i < words->len; i++) {
        const char *at = words->pdata[i];
        at += strspn(at, "0123456789");
        if (!g_str_has_prefix(at, "<<"))
            continue;
        at += at[2] == '-' ? 3 : 2;
        if (*at == '\0' ? i + 1 < words->len : strchr(at, '<') == NULL)
            return TRUE;
    }
    return FALSE;
}
