#include "config.h"

#include "hivecore/cli/cli-private.h"

#include <string.h>

/* What bash takes for the end of a word in the middle of one (COMP_WORDBREAKS). */
#define BASH_BREAKS "=:@<>|&;("

/* Characters that shells escape by a backslash. One before anything else was meant as it stands, as
 * in Microsoft\Windows. */
#define ESCAPED " \t\\'\"$`()&;|<>*?[]#~!{}^"

typedef struct {
    HcShellLine *line;
    GString *word;
    gboolean is_started;
} Reader;

static void
end_word(Reader *reader)
{
    if (reader->is_started)
        g_ptr_array_add(reader->line->words, g_strdup(reader->word->str));
    g_string_truncate(reader->word, 0);
    reader->line->n_kept = 0;
    reader->is_started = FALSE;
}

/* Outside of quotes. Returns: the last byte that was read */
static const char *
read_plain(Reader *reader, const char *at)
{
    HcShellLine *line = reader->line;
    if (*at == ' ' || *at == '\t') {
        end_word(reader);
        return at;
    }
    reader->is_started = TRUE;
    if (*at == '\'' || *at == '"') {
        line->quote = *at;
        line->n_kept = reader->word->len;
    } else if (*at == '\\' && at[1] != '\0' && strchr(ESCAPED, at[1]) != NULL) {
        g_string_append_c(reader->word, *++at);
    } else {
        g_string_append_c(reader->word, *at);
        if (strchr(BASH_BREAKS, *at) != NULL)
            line->n_kept = reader->word->len;
    }
    return at;
}

static const char *
read_quoted(Reader *reader, const char *at)
{
    if (*at == reader->line->quote)
        reader->line->quote = '\0';
    else if (reader->line->quote == '"' && *at == '\\' && at[1] != '\0' &&
             strchr("\\\"$`", at[1]) != NULL)
        g_string_append_c(reader->word, *++at);
    else
        g_string_append_c(reader->word, *at);
    return at;
}

void
hc_shell_line_read(HcShellLine *line, HcShell shell, const char *text)
{
    g_autoptr(GString) word = g_string_new(NULL);
    *line = (HcShellLine){.shell = shell, .words = g_ptr_array_new_with_free_func(g_free)};
    Reader reader = {line, word, FALSE};
    for (const char *at = text; *at != '\0'; at++)
        at = line->quote != '\0' ? read_quoted(&reader, at) : read_plain(&reader, at);
    g_ptr_array_add(line->words, g_strdup(word->str));
}

void
hc_shell_line_clear(HcShellLine *line)
{
    g_clear_pointer(&line->words, g_ptr_array_unref);
}

static void
append_for_bash(GString *out, char quote, const char *text)
{
    for (const char *at = text; *at != '\0'; at++) {
        if (quote == '\'' && *at == '\'')
            g_string_append(out, "'\\'");
        else if ((quote == '"' && strchr("\\\"$`", *at) != NULL) ||
                 (quote == '\0' && strchr(ESCAPED, *at) != NULL))
            g_string_append_c(out, '\\');
        g_string_append_c(out, *at);
    }
}

void
hc_shell_append_candidate(GString *out, const HcShellLine *line, const char *candidate,
                          gboolean is_open, const char *remark)
{
    /* Of a name from a hive; no shell could be given it. */
    if (strpbrk(candidate, "\n\t\r") != NULL)
        return;
    g_string_append_c(out, is_open ? '+' : '=');
    if (line->shell == HC_SHELL_BASH)
        append_for_bash(out, line->quote, candidate + MIN(line->n_kept, strlen(candidate)));
    else
        g_string_append(out, candidate);
    if (remark != NULL && line->shell != HC_SHELL_BASH) {
        g_string_append_c(out, '\t');
        for (const char *at = remark; *at != '\0'; at++)
            g_string_append_c(out, *at == '\n' ? ' ' : *at);
    }
    g_string_append_c(out, '\n');
}
