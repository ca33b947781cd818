#include "config.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/run/script-private.h"

/* A script: statements with ";" between them. */

static gboolean
is_separator(char byte)
{
    return byte == ';' || byte == '\n' || byte == '\r';
}

static gboolean
refuse_here(HcPs *ps, const char *why)
{
    return hc_run_refuse(ps->error, hc_ps_word_here(ps), why);
}

/* "#": a Dockerfile joins its lines, so it takes all that follows. */
static void
skip_remark(HcPs *ps)
{
    const gsize n = strcspn(ps->text + ps->pos, "\r\n");
    g_autofree char *text = g_strndup(ps->text + ps->pos, n);
    hc_run_note(ps->run, "passed over, all of it is a remark: %s", text);
    ps->pos += n;
}

/* "> $null", "2>&1", "*>$null". Returns: whether one was here; a file is refused */
static gboolean
take_redirect(HcPs *ps, gboolean *is_redirect)
{
    gsize n = 0;
    const char first = hc_ps_peek(ps, 0);
    *is_redirect = FALSE;
    if (g_ascii_isdigit(first) || first == '*')
        n = 1;
    if (hc_ps_peek(ps, n) != '>')
        return TRUE;
    *is_redirect = TRUE;
    n += hc_ps_peek(ps, n + 1) == '>' ? 2 : 1;
    ps->pos += n;
    if (hc_ps_peek(ps, 0) == '&' && g_ascii_isdigit(hc_ps_peek(ps, 1))) {
        ps->pos += 2;
        return TRUE;
    }
    hc_ps_skip_blanks(ps);
    if (g_ascii_strncasecmp(ps->text + ps->pos, "$null", 5) == 0) {
        ps->pos += 5;
        return TRUE;
    }
    return refuse_here(ps, "a redirection; Set-Content says in which encoding a file is written");
}

static gboolean
ends_command(const HcPs *ps)
{
    const char byte = hc_ps_peek(ps, 0);
    return byte == '\0' || is_separator(byte) || byte == '|' || byte == ')' || byte == '}' ||
           (byte == '&' && hc_ps_peek(ps, 1) == '&');
}

static void
arg_free(gpointer arg)
{
    g_free(arg);
}

/* "-Name", "-Name:value". */
static gboolean
take_parameter(HcPs *ps, HcPsArg *arg)
{
    const char *from = ps->text + ps->pos + 1;
    const gsize start = ps->pos;
    gsize n = 0;
    while (g_ascii_isalnum(from[n]) || from[n] == '_' || (n > 0 && from[n] == '-'))
        n++;
    char *name = (char *) hc_arena_alloc(ps->run->arena, n + 1);
    memcpy(name, from, n);
    arg->param = name;
    ps->pos += n + 1;
    if (hc_ps_peek(ps, 0) == ':') {
        ps->pos++;
        hc_ps_skip_blanks(ps);
        arg->value = hc_ps_argument(ps);
        if (arg->value == NULL)
            return FALSE;
    }
    /* "-f.x", "-a=b" are words for programs. */
    while (arg->value == NULL && !ends_command(ps) && strchr(" \t", hc_ps_peek(ps, 0)) == NULL)
        ps->pos++;
    char *raw = (char *) hc_arena_alloc(ps->run->arena, ps->pos - start + 1);
    memcpy(raw, ps->text + start, ps->pos - start);
    arg->raw = raw;
    if (arg->value == NULL && strlen(raw) != n + 1) {
        arg->param = NULL;
        arg->value = hc_ps_string(ps, raw);
    }
    return TRUE;
}

static gboolean
take_arguments(HcPs *ps, GPtrArray *args)
{
    gboolean only_words = FALSE;
    for (;;) {
        gboolean is_redirect;
        hc_ps_skip_blanks(ps);
        if (hc_ps_peek(ps, 0) == '#')
            skip_remark(ps);
        if (ends_command(ps))
            return TRUE;
        if (!take_redirect(ps, &is_redirect))
            return FALSE;
        if (is_redirect)
            continue;
        HcPsArg *arg = g_new0(HcPsArg, 1);
        g_ptr_array_add(args, arg);
        const char next = hc_ps_peek(ps, 1);
        const gsize start = ps->pos;
        if (hc_ps_peek(ps, 0) == '-' && (g_ascii_isalpha(next) || next == '_' || next == '?') &&
            !only_words) {
            if (!take_parameter(ps, arg))
                return FALSE;
            continue;
        }
        /* "--%" hands on what follows as it stands. */
        if (g_str_has_prefix(ps->text + ps->pos, "--%"))
            return refuse_here(ps, "is not done here");
        arg->value = hc_ps_argument(ps);
        if (arg->value == NULL || ps->pos == start)
            return arg->value != NULL && refuse_here(ps, "is not known here");
    }
}

/* What "|" gives on: Out-Null alone, or a text to a command that writes it. */
static gboolean
take_pipe(HcPs *ps, const char **name, GPtrArray *args)
{
    *name = NULL;
    if (hc_ps_peek(ps, 0) != '|' || hc_ps_peek(ps, 1) == '|')
        return TRUE;
    ps->pos++;
    hc_ps_skip_blanks(ps);
    if (ends_command(ps))
        return refuse_here(ps, "expected a command behind '|'");
    *name = hc_ps_word_here(ps);
    ps->pos += strlen(*name);
    return take_arguments(ps, args);
}

static gboolean
is_sink(const char *name)
{
    return g_ascii_strcasecmp(name, "Out-Null") == 0 || g_ascii_strcasecmp(name, "Out-Host") == 0 ||
           g_ascii_strcasecmp(name, "Out-Default") == 0;
}

/* A value that is printed, or piped to what writes it. */
static gboolean
run_value(HcPs *ps)
{
    const gsize start = ps->pos;
    const char *name;
    HcPsValue *value = hc_ps_expression(ps);
    if (value == NULL)
        return FALSE;
    hc_ps_skip_blanks(ps);
    g_autoptr(GPtrArray) args = g_ptr_array_new_with_free_func(arg_free);
    if (!take_pipe(ps, &name, args))
        return FALSE;
    if (name != NULL && !is_sink(name))
        return hc_ps_call(ps, name, args, value);
    if (name == NULL && value->kind != HC_PS_NULL) {
        g_autofree char *text = g_strndup(ps->text + start, ps->pos - start);
        hc_run_skip(ps->run, text);
    }
    return TRUE;
}

/* "[Net.ServicePointManager]::SecurityProtocol = …" is about what this PowerShell downloads. */
static gboolean
take_setting(HcPs *ps)
{
    static const char *const settings[] = {"[net.servicepointmanager]::securityprotocol",
                                           "[system.net.servicepointmanager]::securityprotocol"};
    for (gsize i = 0; i < G_N_ELEMENTS(settings); i++) {
        if (g_ascii_strncasecmp(ps->text + ps->pos, settings[i], strlen(settings[i])) != 0)
            continue;
        ps->pos += strcspn(ps->text + ps->pos, ";|&\r\n");
        return TRUE;
    }
    return FALSE;
}

/* "$x = value", "$env:X += value". Returns: whether it is one; *ok: whether it was done */
static gboolean
take_assignment(HcPs *ps, gboolean *ok)
{
    const gsize start = ps->pos;
    const char *name = hc_ps_variable_name(ps);
    hc_ps_skip_blanks(ps);
    const gboolean adds = hc_ps_peek(ps, 0) == '+' && hc_ps_peek(ps, 1) == '=';
    const gboolean is_set = hc_ps_peek(ps, 0) == '=' && hc_ps_peek(ps, 1) != '=';
    *ok = FALSE;
    if (name == NULL || (!adds && !is_set)) {
        ps->pos = start;
        return FALSE;
    }
    HcPsValue *before = adds ? hc_ps_variable(ps, name) : NULL;
    if (adds && before == NULL)
        return TRUE;
    ps->pos += adds ? 2 : 1;
    hc_ps_skip_blanks(ps);
    if (!hc_ps_starts_expression(ps)) {
        *ok = refuse_here(ps, "a command whose output is a value");
        return TRUE;
    }
    HcPsValue *value = hc_ps_expression(ps);
    if (value == NULL)
        return TRUE;
    if (adds && before->kind != HC_PS_STRING) {
        *ok = hc_run_refuse(ps->error, "+=", "of what is no text is not done here");
        return TRUE;
    }
    if (adds) {
        g_autofree char *sum = g_strconcat(before->text, hc_ps_text(ps, value), NULL);
        value = hc_ps_string(ps, sum);
    }
    if (g_ascii_strncasecmp(name, "env:", 4) == 0)
        hc_run_set_env(ps->run, name + 4,
                       *hc_ps_text(ps, value) != '\0' ? hc_ps_text(ps, value) : NULL);
    else
        g_hash_table_insert(ps->run->values, g_strdup(name), value);
    *ok = TRUE;
    return TRUE;
}

static gboolean
run_call(HcPs *ps)
{
    g_autoptr(GPtrArray) args = g_ptr_array_new_with_free_func(arg_free);
    g_autoptr(GPtrArray) sink_args = g_ptr_array_new_with_free_func(arg_free);
    const char *sink;
    HcPsValue *name = hc_ps_argument(ps);
    if (name == NULL)
        return FALSE;
    const char *word = hc_ps_text(ps, name);
    if (*word == '\0')
        return refuse_here(ps, "is not known here");
    if (!take_arguments(ps, args) || !take_pipe(ps, &sink, sink_args))
        return FALSE;
    if (sink != NULL && !is_sink(sink))
        return hc_run_refuse(ps->error, sink, "gets through '|' what the command before it prints");
    return hc_ps_call(ps, word, args, NULL);
}

static gboolean
is_keyword(HcPs *ps)
{
    static const char *const keywords[] = {
        "if",     "else",     "elseif", "foreach", "for",      "while",   "do",
        "switch", "try",      "catch",  "finally", "function", "filter",  "param",
        "return", "throw",    "trap",   "begin",   "process",  "end",     "class",
        "using",  "workflow", "data",   "until",   "break",    "continue"};
    const char *at = ps->text + ps->pos;
    gsize n = 0;
    while (g_ascii_isalpha(at[n]))
        n++;
    for (gsize i = 0; i < G_N_ELEMENTS(keywords); i++) {
        if (strlen(keywords[i]) == n && g_ascii_strncasecmp(at, keywords[i], n) == 0 &&
            (at[n] == '\0' || strchr(" \t\r\n({;", at[n]) != NULL))
            return TRUE;
    }
    return FALSE;
}

static gboolean
run_statement(HcPs *ps)
{
    gboolean ok;
    const char byte = hc_ps_peek(ps, 0);
    if (is_keyword(ps) || byte == '{' || byte == '.')
        return refuse_here(ps, "is code, which needs PowerShell");
    if (byte == '$' && take_assignment(ps, &ok))
        return ok;
    if (byte == '[' && take_setting(ps))
        return TRUE;
    if (byte == '&') {
        ps->pos++;
        hc_ps_skip_blanks(ps);
        return run_call(ps);
    }
    return hc_ps_starts_expression(ps) ? run_value(ps) : run_call(ps);
}

static gboolean
run_statements(HcPs *ps)
{
    while (!ps->run->has_ended) {
        hc_ps_skip_blanks(ps);
        if (hc_ps_peek(ps, 0) == '#')
            skip_remark(ps);
        if (hc_ps_peek(ps, 0) == '\0')
            return TRUE;
        if (is_separator(hc_ps_peek(ps, 0))) {
            ps->pos++;
            continue;
        }
        ps->run->has_failed = FALSE;
        ps->run->is_unsure = FALSE;
        if (!run_statement(ps))
            return FALSE;
        hc_ps_skip_blanks(ps);
        /* pwsh goes on behind "&&" when all went well, which it did. */
        if (ps->is_core && hc_ps_peek(ps, 0) == '&' && hc_ps_peek(ps, 1) == '&') {
            if (ps->run->has_failed)
                return refuse_here(ps, "behind a command that may fail");
            ps->pos += 2;
        } else if (hc_ps_peek(ps, 0) != '\0' && !is_separator(hc_ps_peek(ps, 0)) &&
                   hc_ps_peek(ps, 0) != '#')
            return refuse_here(ps, "is not known here");
    }
    return TRUE;
}

gboolean
hc_run_script(HcRun *run, const char *text, gboolean is_core, GError **error)
{
    GError *failure = NULL;
    HcPs ps = {.run = run, .text = text, .is_core = is_core, .error = &failure};
    const gboolean ok = hc_run_enter(run, error) && run_statements(&ps);
    run->depth--;
    run->has_failed &= run->may_fail; /* else it was -ErrorAction's matter */
    if (failure != NULL)
        return hc_fail_with(error, failure);
    return ok;
}
