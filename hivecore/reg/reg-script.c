#include "config.h"

#include "hivecore/reg/reg-script.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/reg/parse-private.h"
#include "hivecore/reg/script-private.h"

typedef struct {
    HcDelta *delta;
    const HcRegReadOptions *options;
    HcFindings *found;
    HcArena *arena;
    GString *text; /* UTF-8 */
    gsize pos;     /* of the line at hand */
    uint32_t line;
    uint32_t source;
    uint64_t n_skipped;
} Script;

/* --- where a message points --- */

/* @trouble, of the line at hand, is told; in compat mode the line is only counted. Taken. */
static void
tell(Script *script, HcCmdTrouble *trouble)
{
    g_autofree char *message = g_steal_pointer(&trouble->text);
    if (script->options->compat_regedit) {
        script->n_skipped++;
        return;
    }
    const char *text = script->text->str;
    const gsize at = MIN(script->pos + trouble->at, script->text->len);
    gsize start = at;
    while (start > script->pos && text[start - 1] != '\n' && text[start - 1] != '\r')
        start--;
    const gsize end = start + strcspn(text + start, "\r\n");
    glong n_units = 0;
    glong n_before = 0;
    g_autofree gunichar2 *units =
        g_utf8_to_utf16(text + start, (glong) (end - start), NULL, &n_units, NULL);
    g_autofree gunichar2 *before =
        g_utf8_to_utf16(text + start, (glong) (MIN(at, end) - start), NULL, &n_before, NULL);
    HcRegLexer lexer = {.units = units, .n_units = (gsize) n_units, .line = script->line};
    for (gsize i = script->pos; i < start; i++)
        lexer.line += text[i] == '\n' || (text[i] == '\r' && text[i + 1] != '\n') ? 1 : 0;
    HcFinding *finding = hc_reg_diagnostic(&lexer, (gsize) n_before, g_steal_pointer(&message));
    finding->code = trouble->code;
    hc_findings_add(script->found, finding);
}

/* --- variables --- */

/* Whether only what may stand before a command is before unit @at of the line at hand. */
static gboolean
is_at_start(const Script *script, gsize at)
{
    const char *line = script->text->str + script->pos;
    while (at > 0 && strchr(" \t@\"", line[at - 1]) != NULL)
        at--;
    return at == 0;
}

static const char *
find_variable(gpointer data, const char *name, gsize at, HcCmdTrouble *trouble)
{
    const Script *script = data;
    const gboolean is_windows =
        g_ascii_strcasecmp(name, "SystemRoot") == 0 || g_ascii_strcasecmp(name, "windir") == 0;
    const char *value = script->options->variables != NULL
                            ? hc_reg_variables_declare(script->options->variables, name)
                            : NULL;
    if (value != NULL)
        return value;
    /* Where reg.exe lies. */
    if (is_windows && is_at_start(script, at))
        return "C:\\Windows";
    if (script->options->unset_is_empty)
        return "";
    (void) hc_cmd_fail(
        trouble, HC_ERROR_MALFORMED, at,
        "found the variable %%%s%%, which has no value here; --set %s=VALUE gives it "
        "one, and %%%%%s%%%% is the text itself",
        name, name, name);
    return NULL;
}

/* --- commands --- */

/* "chcp 65001": what it means for the text is decided as that is decoded. */
static gboolean
is_setting(const GPtrArray *words)
{
    const char *first = hc_cmd_word(words, 0)->text;
    if (words->len != 2)
        return FALSE;
    const char *second = hc_cmd_word(words, 1)->text;
    if (g_ascii_strcasecmp(first, "echo") == 0)
        return g_ascii_strcasecmp(second, "off") == 0 || g_ascii_strcasecmp(second, "on") == 0;
    return (g_ascii_strcasecmp(first, "chcp") == 0 || g_ascii_strcasecmp(first, "chcp.com") == 0) &&
           strspn(second, "0123456789") == strlen(second);
}

static gboolean
check_frame(const HcCmdCommand *command, HcCmdTrouble *trouble)
{
    if (command->join == HC_CMD_PIPE || command->join == HC_CMD_IF_NOT_OK)
        return hc_cmd_fail(trouble, HC_ERROR_MALFORMED, command->at,
                           "found a command after '%s', expected '&' or '&&'",
                           command->join == HC_CMD_PIPE ? "|" : "||");
    for (guint i = 0; i < command->redirects->len; i++) {
        const HcCmdRedirect *redirect = (const HcCmdRedirect *) command->redirects->pdata[i];
        if (!hc_cmd_is_nul(redirect))
            return hc_cmd_fail(trouble, HC_ERROR_MALFORMED, redirect->at,
                               "found a redirection to '%s', expected none but >nul and 2>&1",
                               redirect->target);
    }
    return TRUE;
}

static gboolean
state(Script *script, const HcRegCommand *command, HcCmdTrouble *trouble)
{
    GError *failure = NULL;
    if (hc_reg_command_state(command, script->delta, (HcOrigin){script->source, script->line},
                             &failure))
        return TRUE;
    const HcErrorCode code =
        failure->domain == HC_ERROR ? (HcErrorCode) failure->code : HC_ERROR_INTERNAL;
    (void) hc_cmd_fail(trouble, code, command->at, "%s", failure->message);
    g_error_free(failure);
    return FALSE;
}

#define EXPECTED "expected 'reg add', 'reg delete', a remark or '@echo off'"

static gboolean
run_command(Script *script, const HcCmdCommand *command, HcCmdTrouble *trouble)
{
    const char *line = command->line.text->str;
    if (command->is_remark || g_str_has_prefix(line, "::") ||
        (line[0] == '\0' && command->redirects->len == 0))
        return TRUE;
    if (command->is_label)
        return hc_cmd_fail(trouble, HC_ERROR_MALFORMED, command->at, "found the label '%s', %s",
                           line, EXPECTED);
    if (!check_frame(command, trouble))
        return FALSE;
    g_autoptr(GPtrArray) words = hc_cmd_words(&command->line, trouble);
    HcRegCommand statement;
    if (words == NULL)
        return FALSE;
    if (is_setting(words))
        return TRUE;
    if (!hc_cmd_is_program(hc_cmd_word(words, 0)->text, "reg"))
        return hc_cmd_fail(trouble, HC_ERROR_MALFORMED, command->at, "found '%s', %s",
                           hc_cmd_word(words, 0)->text, EXPECTED);
    return hc_reg_command_parse(&statement, script->arena, words, trouble) &&
           state(script, &statement, trouble);
}

static void
run_line(Script *script, gsize *n_used)
{
    const HcCmdRules rules = {TRUE, find_variable, script};
    HcCmdTrouble trouble = {HC_ERROR_MALFORMED, 0, NULL};
    g_autoptr(GPtrArray) commands = hc_cmd_parse(
        script->text->str + script->pos, script->text->len - script->pos, &rules, n_used, &trouble);
    if (commands == NULL)
        tell(script, &trouble);
    for (guint i = 0; commands != NULL && i < commands->len; i++) {
        if (!run_command(script, (const HcCmdCommand *) commands->pdata[i], &trouble))
            tell(script, &trouble);
    }
}

static void
run_lines(Script *script)
{
    while (script->pos < script->text->len) {
        gsize n_used = 0;
        run_line(script, &n_used);
        const char *text = script->text->str;
        for (gsize i = script->pos; i < script->pos + n_used; i++)
            script->line += text[i] == '\n' || (text[i] == '\r' && text[i + 1] != '\n') ? 1 : 0;
        script->pos += n_used;
    }
}

gboolean
hc_reg_script_read(HcDelta *delta, const char *file, GBytes *content,
                   const HcRegReadOptions *options, uint64_t *n_skipped, GError **error)
{
    g_autoptr(HcFindings) own =
        options->diagnostics == NULL ? hc_findings_new(file, HC_MAX_DIAGNOSTICS) : NULL;
    HcFindings *found = own != NULL ? own : options->diagnostics;
    g_autoptr(HcArena) arena = hc_arena_new();
    g_autoptr(GString) text = g_string_new(NULL);
    Script script = {.delta = delta,
                     .options = options,
                     .found = found,
                     .arena = arena,
                     .text = text,
                     .line = 1,
                     .source = hc_delta_add_source(delta, file)};
    if (!hc_reg_script_decode(text, file, content, options->ansi_codepage, error))
        return FALSE;
    run_lines(&script);
    if (n_skipped != NULL)
        *n_skipped = script.n_skipped;
    return hc_findings_set_error(found, error);
}
