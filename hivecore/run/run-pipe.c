#include "config.h"

#include "hivecore/run/run-private.h"

/*
 * Pipes of cmd: what prints, and what only filters it. Source: Microsoft, "Command-line shells,
 * using a pipe"; the pages on find, findstr, more, sort.
 */

static const HcCmdCommand *
command_at(const GPtrArray *commands, guint i)
{
    return (const HcCmdCommand *) commands->pdata[i];
}

static gboolean
goes_nowhere(const HcCmdCommand *command)
{
    for (guint i = 0; i < command->redirects->len; i++) {
        if (!hc_cmd_is_nul((const HcCmdRedirect *) command->redirects->pdata[i]))
            return FALSE;
    }
    return TRUE;
}

/* Whether the command prints and does nothing else; @filters: what it is given. */
static gboolean
only_prints(const HcCmdCommand *command, gboolean filters)
{
    static const char *const builtins[] = {"dir", "type", "ver", "vol", "echo", NULL};
    static const char *const programs[] = {"find", "findstr", "more", "sort", NULL};
    HcCmdTrouble trouble = {HC_ERROR_MALFORMED, 0, NULL};
    g_autoptr(GPtrArray) words = hc_cmd_words(&command->line, &trouble);
    hc_cmd_trouble_clear(&trouble);
    if (words == NULL || words->len == 0 || !goes_nowhere(command))
        return FALSE;
    g_autofree const char **plain = g_new0(const char *, words->len + 1);
    for (guint i = 0; i < words->len; i++)
        plain[i] = hc_cmd_word(words, i)->text;
    g_autofree char *name = hc_run_base_name(plain[0]);
    if (filters)
        return g_strv_contains(programs, name) && hc_run_prints(plain, words->len);
    const gboolean is_query =
        words->len > 1 && ((g_str_equal(name, "reg") || g_str_equal(name, "sc")) &&
                           g_ascii_strcasecmp(plain[1], "query") == 0);
    return g_strv_contains(builtins, name) || is_query || hc_run_prints(plain, words->len);
}

/* Without blanks at its end. */
static void
append_line(GString *text, const HcCmdCommand *command)
{
    g_autofree char *line = g_strchomp(g_strdup(command->line.text->str));
    g_string_append(text, line);
}

gboolean
hc_run_pipe(HcRun *run, const GPtrArray *commands, guint *i, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    append_line(text, command_at(commands, *i));
    gboolean ok = only_prints(command_at(commands, *i), FALSE);
    guint last = *i;
    while (last + 1 < commands->len && command_at(commands, last + 1)->join == HC_CMD_PIPE) {
        const HcCmdCommand *command = command_at(commands, ++last);
        g_autoptr(GString) own = g_string_new(NULL);
        append_line(own, command);
        if (!ok || !only_prints(command, TRUE))
            return hc_run_refuse(error, own->str,
                                 "gets through '|' what the command before it prints");
        g_string_append_printf(text, " | %s", own->str);
    }
    hc_run_skip(run, text->str);
    *i = last;
    return TRUE;
}
