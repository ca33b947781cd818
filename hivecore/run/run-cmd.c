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

/* Of "cmd /s /c …" what stands behind /c, as it stands: cmd looks at its line, and not at words.
 * NULL: it is something else. */
static const char *
behind_slash_c(const char *line)
{
    gsize n = *line == '"' ? strcspn(line + 1, "\"") + 2 : strcspn(line, " \t/");
    if (n > strlen(line))
        return NULL;
    g_autofree char *word = g_strndup(line, n);
    g_strdelimit(word, "\"", ' ');
    g_autofree char *name = hc_run_base_name(g_strstrip(word));
    if (!g_str_equal(name, "cmd"))
        return NULL;
    for (line += n;; line += 2) {
        line += strspn(line, " \t");
        if (*line != '/' || line[1] == '\0' ||
            (line[2] != '\0' && strchr(" \t\"/", line[2]) == NULL))
            return NULL;
        if (g_ascii_tolower(line[1]) == 'c')
            return line + 2;
        if (strchr("sqdSQD", line[1]) == NULL)
            return NULL;
    }
}

static gboolean
run_words(HcRun *run, const HcCmdCommand *command, GError **error)
{
    const char *inner = behind_slash_c(command->line.text->str);
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
    if (inner != NULL)
        return hc_run_inner_cmd(run, inner, error);
    g_autofree const char **plain = g_new0(const char *, words->len + 1);
    for (guint i = 0; i < words->len; i++)
        plain[i] = hc_cmd_word(words, i)->text;
    return hc_run_program(run, plain, words->len, error);
}

static gboolean
run_command(HcRun *run, const HcCmdCommand *command, GError **error)
{
    gboolean is_known;
    /* A remark takes the rest of the line, also what looks like commands. */
    if (command->is_remark && strpbrk(command->line.text->str, "&|") != NULL)
        hc_run_note(run, "passed over, all of it is a remark: %s", command->line.text->str);
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

/* exit [/b] [STATUS]. @fails: (out): with a status that ends the build */
static gboolean
is_exit(const HcCmdCommand *command, gboolean *fails)
{
    g_autofree char *line = g_strstrip(g_ascii_strdown(command->line.text->str, -1));
    const char *last = strrchr(line, ' ');
    const gboolean is_exit = g_str_has_prefix(line, "exit") && strchr(" ", line[4]) != NULL;
    *fails = is_exit && last != NULL && !g_str_equal(last, " 0") && !g_str_equal(last, " /b");
    return is_exit;
}

/* Command @i was passed over, which is right when it succeeds, or when the build ends where it does
 * not: so nothing else may hang on its status. */
static gboolean
check_status(const GPtrArray *commands, guint i, GError **error)
{
    const HcCmdCommand *own = (const HcCmdCommand *) commands->pdata[i];
    const HcCmdCommand *hanging = NULL;
    gboolean fails = FALSE;
    guint k = i + 1;
    gboolean has_rescue = FALSE;
    for (; k < commands->len; k++) {
        const HcCmdCommand *command = (const HcCmdCommand *) commands->pdata[k];
        if (command->join == HC_CMD_THEN)
            break;
        has_rescue |= command->join == HC_CMD_IF_NOT_OK;
        if (has_rescue && is_exit(command, &fails) && fails)
            return TRUE;
        if (hanging == NULL && !is_harmless(command))
            hanging = command;
    }
    /* Without "||" and at the end of the line its failure is that of the build. */
    if (hanging == NULL || (!has_rescue && k == commands->len))
        return TRUE;
    g_autofree char *why = g_strdup_printf(
        "hangs on the status of '%s', which is not executed here", g_strchomp(own->line.text->str));
    return hc_run_refuse(error, g_strchomp(hanging->line.text->str), why);
}

/* @i: (inout): the last that was taken along */
static gboolean
run_one(HcRun *run, const GPtrArray *commands, guint *i, GError **error)
{
    const HcCmdCommand *command = (const HcCmdCommand *) commands->pdata[*i];
    const HcCmdCommand *next =
        *i + 1 < commands->len ? (const HcCmdCommand *) commands->pdata[*i + 1] : NULL;
    run->has_failed = FALSE;
    run->is_unsure = FALSE;
    /* All behind it hangs on it. */
    if (!command->is_remark && hc_run_is_block(command)) {
        const guint first = *i;
        *i = commands->len - 1;
        return hc_run_block(run, commands, first, error);
    }
    const gboolean ok = next != NULL && next->join == HC_CMD_PIPE
                            ? hc_run_pipe(run, commands, i, error)
                            : run_command(run, command, error);
    return ok && (!run->is_unsure || check_status(commands, *i, error));
}

/* "&" goes on; "&&" where nothing failed, and "||" where something did. "||" cuts off all up to
 * the next "&". */
gboolean
hc_run_commands(HcRun *run, const GPtrArray *commands, GError **error)
{
    const gboolean may_fail = run->may_fail;
    gboolean is_cut = FALSE;
    gboolean ok = TRUE;
    for (guint i = 0; ok && i < commands->len && !run->has_ended; i++) {
        const HcCmdCommand *command = (const HcCmdCommand *) commands->pdata[i];
        gboolean fails;
        if (command->join == HC_CMD_THEN)
            is_cut = FALSE;
        is_cut |= command->join == HC_CMD_IF_NOT_OK && !run->has_failed;
        if (is_cut || (command->join == HC_CMD_IF_OK && run->has_failed))
            continue;
        /* What is behind "||" does nothing but end the line, see find_rescue(). */
        if (command->join == HC_CMD_IF_NOT_OK) {
            run->has_failed = FALSE;
            run->has_ended = is_exit(command, &fails);
            continue;
        }
        run->may_fail = may_fail || find_rescue(commands, i);
        ok = run_one(run, commands, &i, error);
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
        ok = hc_run_commands(run, commands, error);
    }
    run->depth--;
    return ok;
}
