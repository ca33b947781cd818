#include "config.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/run/run-private.h"

/*
 * What of a line of cmd hangs on its head: the commands behind if and for. Sources: Microsoft's
 * pages on if and for; "cmd", on what parentheses do; Wine's tests of cmd.
 */

/* Rest: what is left of a line behind its head. */
typedef struct {
    HcRun *run;
    const char *name; /* "if", "for" */
    const char *at;   /* in the text of the first command */
    const GPtrArray *commands;
    guint i; /* of the first */
} Rest;

static HcCmdCommand *
new_command(const char *text)
{
    HcCmdCommand *command = hc_cmd_command_new();
    g_string_assign(command->line.text, text);
    return command;
}

/* @from with another text. */
static HcCmdCommand *
copy_command(const HcCmdCommand *from, const char *text)
{
    HcCmdCommand *command = new_command(text);
    command->join = from->join;
    command->is_label = from->is_label;
    command->is_remark = from->is_remark;
    for (guint i = 0; i < from->redirects->len; i++) {
        const HcCmdRedirect *other = (const HcCmdRedirect *) from->redirects->pdata[i];
        HcCmdRedirect *redirect = g_new0(HcCmdRedirect, 1);
        *redirect = *other;
        redirect->target = g_strdup(other->target);
        g_ptr_array_add(command->redirects, redirect);
    }
    return command;
}

static HcCmdCommand *
command_at(const GPtrArray *commands, guint i)
{
    return (HcCmdCommand *) commands->pdata[i];
}

static gboolean
refuse(const Rest *rest, const char *why, GError **error)
{
    return hc_run_refuse(error, rest->name, why);
}

/* --- words of a head --- */

/* Takes the next word, with its quotes, up to a blank or one of @stops outside of them. */
static char *
take_word(Rest *rest, const char *stops)
{
    gboolean quoted = FALSE;
    gsize n = 0;
    rest->at += strspn(rest->at, " \t");
    const char *from = rest->at;
    for (; from[n] != '\0'; n++) {
        if (!quoted && (strchr(" \t", from[n]) != NULL || strchr(stops, from[n]) != NULL))
            break;
        quoted ^= from[n] == '"';
    }
    rest->at += n;
    return g_strndup(from, n);
}

/* Whether the next word is @word, which is taken then. */
static gboolean
takes(Rest *rest, const char *word)
{
    const char *from = rest->at;
    g_autofree char *next = take_word(rest, "(");
    if (g_ascii_strcasecmp(next, word) == 0)
        return TRUE;
    rest->at = from;
    return FALSE;
}

static char *
without_quotes(const char *text)
{
    GString *plain = g_string_new(NULL);
    for (; *text != '\0'; text++) {
        if (*text != '"')
            g_string_append_c(plain, *text);
    }
    return g_string_free(plain, FALSE);
}

/* --- blocks --- */

/* The first parenthesis of @text outside of quotes; NULL: none. */
static char *
find_parenthesis(char *text)
{
    gboolean quoted = FALSE;
    for (; *text != '\0'; text++) {
        quoted ^= *text == '"';
        if (!quoted && (*text == '(' || *text == ')'))
            return text;
    }
    return NULL;
}

/* Takes the ")" at the end of the last command off, which may stand behind "2>nul". */
static gboolean
close_block(HcCmdCommand *last)
{
    const char *text = last->line.text->str;
    gsize n = last->line.text->len;
    HcCmdRedirect *redirect =
        last->redirects->len > 0 ? last->redirects->pdata[last->redirects->len - 1] : NULL;
    while (n > 0 && strchr(" \t", text[n - 1]) != NULL)
        n--;
    if (n > 0 && text[n - 1] == ')') {
        /* ") > file" is of all commands in the block. */
        g_string_truncate(last->line.text, n - 1);
        return redirect == NULL || hc_cmd_is_nul(redirect);
    }
    if (redirect == NULL || !g_str_has_suffix(redirect->target, ")"))
        return FALSE;
    redirect->target[strlen(redirect->target) - 1] = '\0';
    return *redirect->target != '\0';
}

/* "( … )" around all of @body goes. */
static gboolean
open_block(const Rest *rest, GPtrArray *body, GError **error)
{
    HcCmdCommand *first = command_at(body, 0);
    HcCmdCommand *last = command_at(body, body->len - 1);
    const gboolean is_block = *first->line.text->str == '(';
    if (is_block) {
        const char *inner = first->line.text->str + 1;
        g_string_erase(first->line.text, 0, 1 + (gssize) strspn(inner, " \t"));
    }
    if (is_block && (!close_block(last) || first->line.text->len == 0))
        return refuse(rest, "with a block that is not ( and ) around the rest of the line", error);
    for (guint i = 0; is_block && i < body->len; i++) {
        if (find_parenthesis(command_at(body, i)->line.text->str) != NULL)
            return refuse(rest, "with parentheses in its block", error);
    }
    return TRUE;
}

/* What is behind the head, to the end of the line. */
static GPtrArray *
body_of(const Rest *rest, GError **error)
{
    g_autoptr(GPtrArray) body = g_ptr_array_new_with_free_func(hc_cmd_command_free);
    const char *at = rest->at + strspn(rest->at, " \t");
    if (*at == '\0') {
        (void) refuse(rest, "and no command behind it", error);
        return NULL;
    }
    for (guint i = rest->i; i < rest->commands->len; i++) {
        const HcCmdCommand *command = command_at(rest->commands, i);
        g_ptr_array_add(body, copy_command(command, i == rest->i ? at : command->line.text->str));
    }
    command_at(body, 0)->join = HC_CMD_FIRST;
    return open_block(rest, body, error) ? g_steal_pointer(&body) : NULL;
}

static gboolean
run_body(const Rest *rest, GError **error)
{
    g_autoptr(GPtrArray) body = body_of(rest, error);
    return body != NULL && hc_run_commands(rest->run, body, error);
}

/* --- if --- */

typedef struct {
    gboolean is_known;
    gboolean is_true;
    char *text; /* what it found, for what is told */
} Condition;

static gboolean
look_for_path(Rest *rest, Condition *condition, GError **error)
{
    HcRun *run = rest->run;
    g_autofree char *word = take_word(rest, "");
    g_autofree char *path = without_quotes(word);
    if (*path == '\0')
        return refuse(rest, "exist without a path", error);
    if (run->world->tree == NULL)
        return TRUE;
    /* "x\nul" was how one asked for a folder. */
    if (g_ascii_strcasecmp(hc_run_last_part(path), "nul") == 0)
        return refuse(rest, "exist of NUL", error);
    g_autoptr(GPtrArray) found = hc_run_match(run, path, HC_RUN_HIDDEN, error);
    if (found == NULL)
        return FALSE;
    condition->is_known = TRUE;
    condition->is_true = found->len > 0;
    condition->text =
        g_strdup_printf("%s %s", path, condition->is_true ? "is there" : "is not there");
    return TRUE;
}

/* "A"=="B", as they stand. */
static gboolean
compare_words(Rest *rest, gboolean ignores_case, Condition *condition, GError **error)
{
    g_autofree char *left = take_word(rest, "=");
    rest->at += strspn(rest->at, " \t");
    if (!g_str_has_prefix(rest->at, "==") || rest->at[2] == '=')
        return refuse(rest, "only [not] exist PATH, defined NAME and A==B are done here", error);
    rest->at += 2;
    g_autofree char *right = take_word(rest, "");
    if (*left == '\0' || *right == '\0' || *left == '(')
        return refuse(rest, "compares nothing", error);
    /* Nobody knows what a variable holds where nothing is looked at. */
    condition->is_known = rest->run->world->tree != NULL;
    condition->is_true =
        (ignores_case ? g_ascii_strcasecmp(left, right) : strcmp(left, right)) == 0;
    condition->text = g_strdup_printf("%s is %s%s", left, condition->is_true ? "" : "not ", right);
    if (ignores_case && !(g_str_is_ascii(left) && g_str_is_ascii(right)))
        return refuse(rest, "/i of letters that are not ASCII", error);
    return TRUE;
}

static gboolean
read_condition(Rest *rest, Condition *condition, GError **error)
{
    gboolean ignores_case = takes(rest, "/i");
    const gboolean is_not = takes(rest, "not");
    ignores_case |= takes(rest, "/i");
    gboolean ok;
    if (takes(rest, "exist")) {
        ok = look_for_path(rest, condition, error);
    } else if (takes(rest, "defined")) {
        g_autofree char *name = take_word(rest, "");
        condition->is_known = rest->run->world->tree != NULL;
        condition->is_true = hc_run_env(rest->run, name) != NULL;
        condition->text = g_strdup_printf("%s is %sset", name, condition->is_true ? "" : "not ");
        ok = *name != '\0' || refuse(rest, "defined without a name", error);
    } else {
        ok = compare_words(rest, ignores_case, condition, error);
    }
    condition->is_true ^= is_not;
    return ok;
}

/* "(A) else B" of one command: leaves the part that is done, or "". */
static gboolean
choose_part(const Rest *rest, gboolean is_true, char **part, GError **error)
{
    g_autofree char *text = g_strdup(rest->at + strspn(rest->at, " \t"));
    *part = NULL;
    if (*text != '(' || rest->i + 1 < rest->commands->len)
        return TRUE;
    char *close = find_parenthesis(text + 1);
    if (close == NULL || *close != ')')
        return TRUE;
    const char *behind = close + 1 + strspn(close + 1, " \t");
    if (g_ascii_strncasecmp(behind, "else", 4) != 0 || strchr(" \t(", behind[4]) == NULL)
        return TRUE;
    if (command_at(rest->commands, rest->i)->redirects->len > 0)
        return refuse(rest, "with else and a redirection", error);
    *close = '\0';
    *part = is_true ? g_strdup(text + 1) : g_strdup(behind + 4);
    g_strstrip(*part);
    return TRUE;
}

/* The part of an if with else. */
static gboolean
run_part(const Rest *rest, const char *part, GError **error)
{
    g_autoptr(GPtrArray) commands = g_ptr_array_new_with_free_func(hc_cmd_command_free);
    g_ptr_array_add(commands, new_command(part));
    return *part == '\0' ||
           (open_block(rest, commands, error) && hc_run_commands(rest->run, commands, error));
}

static gboolean
run_if(Rest *rest, GError **error)
{
    Condition condition = {FALSE, FALSE, NULL};
    gboolean ok = read_condition(rest, &condition, error);
    const gboolean is_done = condition.is_true || !condition.is_known;
    g_autofree char *part = NULL;
    g_autofree char *text = condition.text; /* NULL when it is not known */
    ok = ok && choose_part(rest, is_done, &part, error);
    /* Nobody knows which part it is where nothing is looked at: both are told. */
    if (ok && part != NULL && !condition.is_known) {
        g_autofree char *other = NULL;
        hc_run_tell(rest->run, "one of two, which if chooses:");
        return run_part(rest, part, error) && choose_part(rest, FALSE, &other, error) &&
               (other == NULL || run_part(rest, other, error));
    }
    if (!ok || part != NULL)
        return ok && run_part(rest, part, error);
    if (is_done)
        return run_body(rest, error);
    hc_run_tell(rest->run, "nothing: %s", text);
    g_autoptr(GPtrArray) body = body_of(rest, error);
    return body != NULL;
}

/* --- for --- */

/* @text with "%x" and "%~x" replaced. */
static gboolean
substitute(const Rest *rest, const char *text, char letter, const char *item, GString *out,
           GError **error)
{
    g_autofree char *plain = without_quotes(item);
    for (; *text != '\0'; text++) {
        if (text[0] == '%' && text[1] == letter) {
            g_string_append(out, item);
            text++;
        } else if (text[0] == '%' && text[1] == '~' && text[2] == letter &&
                   !g_ascii_isalpha(text[3])) {
            g_string_append(out, plain);
            text += 2;
        } else if (text[0] == '%' && text[1] == '~') {
            return refuse(rest, "with a part of a variable (%~)", error);
        } else {
            g_string_append_c(out, *text);
        }
    }
    return out->len <= HC_MAX_RUN_BYTES || refuse(rest, "makes too long a line", error);
}

static gboolean
run_item(const Rest *rest, const GPtrArray *body, char letter, const char *item, GError **error)
{
    g_autoptr(GPtrArray) commands = g_ptr_array_new_with_free_func(hc_cmd_command_free);
    for (guint i = 0; i < body->len; i++) {
        const HcCmdCommand *from = command_at(body, i);
        g_autoptr(GString) text = g_string_new(NULL);
        if (!substitute(rest, from->line.text->str, letter, item, text, error))
            return FALSE;
        HcCmdCommand *command = copy_command(from, text->str);
        g_ptr_array_add(commands, command);
        for (guint k = 0; k < command->redirects->len; k++) {
            HcCmdRedirect *redirect = (HcCmdRedirect *) command->redirects->pdata[k];
            g_autoptr(GString) target = g_string_new(NULL);
            if (!substitute(rest, redirect->target, letter, item, target, error))
                return FALSE;
            g_free(redirect->target);
            redirect->target = without_quotes(target->str);
        }
    }
    return hc_run_commands(rest->run, commands, error);
}

/* The words in the parentheses behind "in". */
static GPtrArray *
take_items(Rest *rest, GError **error)
{
    g_autoptr(GPtrArray) items = g_ptr_array_new_with_free_func(g_free);
    rest->at += strspn(rest->at, " \t");
    if (*rest->at != '(') {
        (void) refuse(rest, "expected IN (…)", error);
        return NULL;
    }
    rest->at++;
    for (;;) {
        rest->at += strspn(rest->at, " \t,;=");
        g_autofree char *item = take_word(rest, ",;=)");
        if (*item == '\0')
            break;
        if (hc_run_has_wildcards(item)) {
            (void) refuse(rest, "of files that wildcards find", error);
            return NULL;
        }
        g_ptr_array_add(items, g_steal_pointer(&item));
    }
    if (*rest->at != ')') {
        (void) refuse(rest, "whose list no ) ends", error);
        return NULL;
    }
    rest->at++;
    return g_steal_pointer(&items);
}

/* for %x in (A B C) do COMMANDS */
static gboolean
run_for(Rest *rest, GError **error)
{
    g_autofree char *variable = take_word(rest, "(");
    if (*variable == '/')
        return hc_run_refuse(error, variable, "of for, is not done here");
    if (variable[0] != '%' || !g_ascii_isalpha(variable[1]) || variable[2] != '\0' ||
        !takes(rest, "in"))
        return refuse(rest, "only for %x in (A B C) do COMMAND is done here", error);
    g_autoptr(GPtrArray) items = take_items(rest, error);
    if (items == NULL)
        return FALSE;
    if (!takes(rest, "do"))
        return refuse(rest, "expected do", error);
    g_autoptr(GPtrArray) body = body_of(rest, error);
    gboolean ok = body != NULL;
    for (guint i = 0; ok && i < items->len && !rest->run->has_ended; i++)
        ok = run_item(rest, body, variable[1], (const char *) items->pdata[i], error);
    return ok;
}

/* --- all --- */

static gboolean
starts_with(const char *line, const char *word)
{
    const gsize n = strlen(word);
    return g_ascii_strncasecmp(line, word, n) == 0 && strchr(" \t(/", line[n]) != NULL &&
           line[n] != '\0';
}

gboolean
hc_run_is_block(const HcCmdCommand *command)
{
    const char *line = command->line.text->str;
    return starts_with(line, "if") || starts_with(line, "for");
}

gboolean
hc_run_block(HcRun *run, const GPtrArray *commands, guint i, GError **error)
{
    const char *line = command_at(commands, i)->line.text->str;
    const gboolean is_if = starts_with(line, "if");
    Rest rest = {run, is_if ? "if" : "for", line + (is_if ? 2 : 3), commands, i};
    if (!hc_run_enter(run, error))
        return FALSE;
    const gboolean ok = is_if ? run_if(&rest, error) : run_for(&rest, error);
    run->depth--;
    return ok;
}
