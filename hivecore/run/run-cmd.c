#include "config.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/image/windows-name.h"
#include "hivecore/run/run-private.h"

/*
 * A line of cmd /S /C: commands with & && || between them, each a builtin or a program. Source:
 * Microsoft, "cmd", "Command shell overview".
 */

static const char *
find_variable(gpointer data, const char *name, gsize at, HcCmdTrouble *trouble)
{
    HcRun *run = data;
    const char *value = hc_run_env(run, name);
    const gboolean is_folder = value == NULL && g_ascii_strcasecmp(name, "CD") == 0;
    if (value != NULL)
        return value;
    /* "for %i in (a) do echo %i": what is between is no name, and stays as it is. */
    if (strpbrk(name, " \t\"") != NULL) {
        g_autofree char *text = g_strdup_printf("%%%s%%", name);
        return hc_run_keep(run, text);
    }
    /* Where nothing is looked at, nobody knows what there is. */
    if (is_folder || run->world->tree == NULL) {
        g_autofree char *text =
            is_folder ? hc_windows_path_text(run->folder) : g_strdup_printf("%%%s%%", name);
        return hc_run_keep(run, text);
    }
    (void) hc_cmd_fail(trouble, HC_ERROR_UNSUPPORTED, at,
                       "the variable %%%s%% is neither in the machine's environment nor in ENV or "
                       "ARG",
                       name);
    return NULL;
}

/* Whether a command that stands for success may be left out. */
static gboolean
is_harmless(const HcCmdCommand *command)
{
    static const char *const lines[] = {"exit 0", "exit /b 0", "ver", "cd ."};
    g_autofree char *line = g_strstrip(g_strdup(command->line.text->str));
    if (command->is_remark || command->is_label)
        return TRUE;
    for (guint i = 0; i < command->redirects->len; i++) {
        if (!hc_cmd_is_nul((const HcCmdRedirect *) command->redirects->pdata[i]))
            return FALSE;
    }
    for (gsize i = 0; i < G_N_ELEMENTS(lines); i++) {
        if (g_ascii_strcasecmp(line, lines[i]) == 0)
            return TRUE;
    }
    return g_ascii_strncasecmp(line, "echo", 4) == 0;
}

/* The commands from @i on to the next "&" are one that "||" cuts in two. Returns: whether what
 * comes before "||" may fail */
static gboolean
find_rescue(const GPtrArray *commands, guint i)
{
    gboolean has_rescue = FALSE;
    for (guint k = i + 1; k < commands->len; k++) {
        const HcCmdCommand *command = (const HcCmdCommand *) commands->pdata[k];
        if (command->join == HC_CMD_THEN)
            break;
        has_rescue |= command->join == HC_CMD_IF_NOT_OK;
        if (has_rescue && !is_harmless(command))
            return FALSE;
    }
    return has_rescue;
}

static gboolean
run_words(HcRun *run, const HcCmdCommand *command, GError **error)
{
    HcCmdTrouble trouble = {HC_ERROR_MALFORMED, 0, NULL};
    g_autoptr(GPtrArray) words = hc_cmd_words(&command->line, &trouble);
    if (words == NULL) {
        (void) hc_fail(error, HC_ERROR_UNSUPPORTED, "%s", trouble.text);
        hc_cmd_trouble_clear(&trouble);
        return FALSE;
    }
    for (guint i = 0; i < command->redirects->len; i++) {
        const HcCmdRedirect *redirect = (const HcCmdRedirect *) command->redirects->pdata[i];
        if (!hc_cmd_is_nul(redirect))
            return hc_run_refuse(error, redirect->target,
                                 "what a program prints goes to this file");
    }
    g_autofree const char **plain = g_new0(const char *, words->len + 1);
    for (guint i = 0; i < words->len; i++)
        plain[i] = hc_cmd_word(words, i)->text;
    return hc_run_program(run, plain, words->len, error);
}

static gboolean
run_command(HcRun *run, const HcCmdCommand *command, GError **error)
{
    gboolean is_known;
    if (command->is_remark || command->line.text->len == 0)
        return TRUE;
    if (command->is_label)
        return hc_run_refuse(error, command->line.text->str, "a label, which only a script has");
    if (command->join == HC_CMD_PIPE)
        return hc_run_refuse(error, command->line.text->str,
                             "gets through '|' what the command before it prints");
    const gboolean ok = hc_run_builtin(run, command, &is_known, error);
    return is_known ? ok : run_words(run, command, error);
}

/* "&" and "&&" go on; behind "||" nothing is done, since what was before it did not fail. */
static gboolean
run_commands(HcRun *run, const GPtrArray *commands, GError **error)
{
    const gboolean may_fail = run->may_fail;
    gboolean is_cut = FALSE;
    gboolean ok = TRUE;
    for (guint i = 0; ok && i < commands->len && !run->has_ended; i++) {
        const HcCmdCommand *command = (const HcCmdCommand *) commands->pdata[i];
        if (command->join == HC_CMD_THEN)
            is_cut = FALSE;
        is_cut |= command->join == HC_CMD_IF_NOT_OK;
        if (is_cut)
            continue;
        /* All behind "if" hangs on it. */
        if (i + 1 < commands->len && g_ascii_strncasecmp(command->line.text->str, "if ", 3) == 0) {
            ok = hc_run_refuse(error, "if", "of several commands is not done here");
            break;
        }
        const gboolean is_piped =
            i + 1 < commands->len &&
            ((const HcCmdCommand *) commands->pdata[i + 1])->join == HC_CMD_PIPE;
        run->may_fail = may_fail || find_rescue(commands, i);
        ok = is_piped
                 ? hc_run_refuse(error,
                                 ((const HcCmdCommand *) commands->pdata[i + 1])->line.text->str,
                                 "gets through '|' what the command before it prints")
                 : run_command(run, command, error);
    }
    run->may_fail = may_fail;
    return ok;
}

/* /S takes the first and the last quote off, where the first character is one. */
static char *
without_outer_quotes(const char *text)
{
    text += strspn(text, " \t");
    const char *last = strrchr(text, '"');
    if (*text != '"' || last == text)
        return g_strdup(text);
    g_autofree char *head = g_strndup(text + 1, (gsize) (last - text) - 1);
    return g_strconcat(head, last + 1, NULL);
}

gboolean
hc_run_cmd(HcRun *run, const char *text, GError **error)
{
    const HcCmdRules rules = {FALSE, find_variable, run};
    g_autofree char *line = without_outer_quotes(text);
    const gsize n_bytes = strlen(line);
    gboolean ok = hc_run_enter(run, error);
    for (gsize pos = 0, n_used; ok && pos < n_bytes && !run->has_ended; pos += n_used) {
        HcCmdTrouble trouble = {HC_ERROR_MALFORMED, 0, NULL};
        g_autoptr(GPtrArray) commands =
            hc_cmd_parse(line + pos, n_bytes - pos, &rules, &n_used, &trouble);
        if (commands == NULL) {
            ok = hc_fail(error,
                         trouble.code == HC_ERROR_LIMIT ? HC_ERROR_LIMIT : HC_ERROR_UNSUPPORTED,
                         "%s", trouble.text);
            hc_cmd_trouble_clear(&trouble);
            break;
        }
        ok = run_commands(run, commands, error);
    }
    run->depth--;
    return ok;
}
