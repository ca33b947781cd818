#include "config.h"

#include <string.h>

#include "hivecore/reg/cmd-line.h"

/* The arguments of a program, as the C runtime parts them, and back. */

static void
word_free(gpointer pointer)
{
    HcCmdWord *word = pointer;
    g_free(word->text);
    g_free(word);
}

/* --- arguments --- */

/* The program's name: quotes only keep blanks together. */
static gsize
take_program(const HcCmdText *line, GPtrArray *words)
{
    g_autoptr(GString) name = g_string_new(NULL);
    gboolean quoted = FALSE;
    gboolean was_quoted = FALSE;
    gsize i = 0;
    for (; i < line->text->len; i++) {
        const char byte = line->text->str[i];
        if (!quoted && (byte == ' ' || byte == '\t'))
            break;
        quoted ^= byte == '"';
        was_quoted |= byte == '"';
        if (byte != '"')
            g_string_append_c(name, byte);
    }
    HcCmdWord *word = g_new0(HcCmdWord, 1);
    *word = (HcCmdWord){g_strdup(name->str), hc_cmd_text_at(line, 0), was_quoted};
    g_ptr_array_add(words, word);
    return i;
}

typedef struct {
    gboolean quoted;
    gboolean was_quoted;
    gsize quote; /* where the open one is */
} Quoting;

/* Backslashes, and the quote that may stand behind them. Returns: behind it. */
static gsize
take_backslashes(const HcCmdText *line, gsize i, GString *out)
{
    const char *text = line->text->str;
    gsize n = 0;
    while (text[i + n] == '\\')
        n++;
    const gboolean is_before_quote = text[i + n] == '"';
    for (gsize k = 0; k < (is_before_quote ? n / 2 : n); k++)
        g_string_append_c(out, '\\');
    if (!is_before_quote || n % 2 == 0)
        return i + n;
    g_string_append_c(out, '"');
    return i + n + 1;
}

static gsize
take_argument(const HcCmdText *line, gsize i, GString *out, Quoting *quoting)
{
    const char *text = line->text->str;
    while (text[i] != '\0' && (quoting->quoted || (text[i] != ' ' && text[i] != '\t'))) {
        if (text[i] == '\\') {
            i = take_backslashes(line, i, out);
        } else if (text[i] == '"' && quoting->quoted && text[i + 1] == '"') {
            g_string_append_c(out, '"');
            i += 2;
        } else {
            if (text[i] != '"')
                g_string_append_c(out, text[i]);
            else
                quoting->quote = i;
            quoting->quoted ^= text[i] == '"';
            quoting->was_quoted |= text[i] == '"';
            i++;
        }
    }
    return i;
}

GPtrArray *
hc_cmd_words(const HcCmdText *line, HcCmdTrouble *trouble)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(word_free);
    const char *text = line->text->str;
    gsize i = take_program(line, words);
    for (;;) {
        i += strspn(text + i, " \t");
        if (text[i] == '\0')
            return g_steal_pointer(&words);
        g_autoptr(GString) out = g_string_new(NULL);
        Quoting quoting = {FALSE, FALSE, 0};
        const gsize start = i;
        i = take_argument(line, i, out, &quoting);
        if (quoting.quoted) {
            (void) hc_cmd_fail(trouble, HC_ERROR_MALFORMED, hc_cmd_text_at(line, quoting.quote),
                               "found a quote that is not closed; before a closing quote a "
                               "backslash is written twice");
            return NULL;
        }
        HcCmdWord *word = g_new0(HcCmdWord, 1);
        *word = (HcCmdWord){g_strdup(out->str), hc_cmd_text_at(line, start), quoting.was_quoted};
        g_ptr_array_add(words, word);
    }
}

gboolean
hc_cmd_is_program(const char *word, const char *name)
{
    static const char *const folders[] = {"c:\\windows\\system32\\", "%systemroot%\\system32\\",
                                          "%windir%\\system32\\", "c:\\windows\\sysnative\\"};
    for (gsize i = 0; i < G_N_ELEMENTS(folders); i++) {
        const gsize n = strlen(folders[i]);
        if (g_ascii_strncasecmp(word, folders[i], n) == 0) {
            word += n;
            break;
        }
    }
    const gsize n = strlen(name);
    return g_ascii_strncasecmp(word, name, n) == 0 &&
           (word[n] == '\0' || g_ascii_strcasecmp(word + n, ".exe") == 0);
}

gboolean
hc_cmd_is_nul(const HcCmdRedirect *redirect)
{
    if (redirect->is_input)
        return FALSE;
    return g_ascii_strcasecmp(redirect->target, "nul") == 0 ||
           g_ascii_strcasecmp(redirect->target, "nul:") == 0 ||
           g_str_equal(redirect->target, "&1") || g_str_equal(redirect->target, "&2");
}

/* --- and back --- */

static gboolean
needs_quotes(const char *word)
{
    if (*word == '\0')
        return TRUE;
    for (; *word != '\0'; word++) {
        const guchar byte = (guchar) *word;
        if (!g_ascii_isalnum(byte) && byte < 0x80 && strchr("\\._:-/{}#$+~@", byte) == NULL)
            return TRUE;
    }
    return FALSE;
}

/* A byte of a word as cmd takes it for itself. */
static void
append_byte(GString *out, char byte, gboolean *is_quoted)
{
    if (byte == '"')
        *is_quoted = !*is_quoted;
    else if (!*is_quoted && (hc_cmd_is_special(byte) || byte == '^' || byte == '(' || byte == ')'))
        g_string_append_c(out, '^');
    if (byte == '%')
        g_string_append_c(out, '%');
    g_string_append_c(out, byte);
}

void
hc_cmd_append_word(GString *out, const char *word, gboolean *is_quoted)
{
    const gboolean has_quotes = needs_quotes(word);
    gsize n_backslashes = 0;
    if (has_quotes)
        append_byte(out, '"', is_quoted);
    for (; *word != '\0'; word++) {
        if (*word == '"') {
            for (gsize i = 0; i <= n_backslashes; i++)
                g_string_append_c(out, '\\');
        }
        append_byte(out, *word, is_quoted);
        n_backslashes = *word == '\\' ? n_backslashes + 1 : 0;
    }
    if (!has_quotes)
        return;
    for (gsize i = 0; i < n_backslashes; i++)
        g_string_append_c(out, '\\');
    append_byte(out, '"', is_quoted);
}
