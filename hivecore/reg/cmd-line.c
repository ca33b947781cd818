#include "config.h"

#include "hivecore/reg/cmd-line.h"

#include <string.h>

#include "hivecore/base/display.h"
#include "hivecore/base/limits.h"

/* Characters between the name of a command and what follows it. */
#define DELIMITERS " \t,;="

void
hc_cmd_trouble_clear(HcCmdTrouble *trouble)
{
    g_clear_pointer(&trouble->text, g_free);
}

gboolean
hc_cmd_fail(HcCmdTrouble *trouble, HcErrorCode code, gsize at, const char *format, ...)
{
    va_list args;
    hc_cmd_trouble_clear(trouble);
    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    *trouble = (HcCmdTrouble){code, at, hc_display(text)};
    return FALSE;
}

/* --- texts --- */

static HcCmdText
text_new(void)
{
    return (HcCmdText){g_string_new(NULL), g_array_new(FALSE, FALSE, sizeof(uint32_t))};
}

static void
text_clear(HcCmdText *text)
{
    g_string_free(text->text, TRUE);
    g_array_unref(text->at);
}

static void
text_add(HcCmdText *text, char byte, gsize at)
{
    const uint32_t place = (uint32_t) at;
    g_string_append_c(text->text, byte);
    g_array_append_val(text->at, place);
}

gsize
hc_cmd_text_at(const HcCmdText *text, gsize i)
{
    if (i < text->at->len)
        return g_array_index(text->at, uint32_t, i);
    return text->at->len > 0 ? g_array_index(text->at, uint32_t, text->at->len - 1) + 1 : 0;
}

static void
redirect_free(gpointer pointer)
{
    HcCmdRedirect *redirect = pointer;
    g_free(redirect->target);
    g_free(redirect);
}

HcCmdCommand *
hc_cmd_command_new(void)
{
    HcCmdCommand *command = g_new0(HcCmdCommand, 1);
    command->line = text_new();
    command->redirects = g_ptr_array_new_with_free_func(redirect_free);
    return command;
}

void
hc_cmd_command_free(gpointer pointer)
{
    HcCmdCommand *command = pointer;
    text_clear(&command->line);
    g_ptr_array_unref(command->redirects);
    g_free(command);
}

/* --- percent signs, which cmd looks at first, whatever stands around them --- */

typedef struct {
    const char *source;
    gsize n_bytes;
    gsize pos; /* where the next physical line starts */
    const HcCmdRules *rules;
    HcCmdTrouble *trouble;
    HcCmdText text; /* of the lines so far, expanded */
} Reader;

static gboolean
add_variable(Reader *reader, const char *name, gsize at)
{
    const char *value = NULL;
    const gboolean is_escaped =
        at > 0 && reader->source[at - 1] == '^' && g_str_has_suffix(name, "^");
    /* Microsoft's page on reg add has ^%NAME^% for the text; cmd finds no variable "NAME^", which
     * keeps the text in a line, and drops it in a batch file, where nobody can mean it. */
    if (is_escaped) {
        text_add(&reader->text, '%', at);
        for (const char *byte = name; *byte != '\0'; byte++)
            text_add(&reader->text, *byte, at);
        text_add(&reader->text, '%', at);
        return TRUE;
    }
    if (strchr(name, ':') != NULL)
        return hc_cmd_fail(reader->trouble, HC_ERROR_UNSUPPORTED, at,
                           "found '%%%s%%', which takes a part of a variable or replaces in it; "
                           "write the text itself",
                           name);
    value = reader->rules->variable(reader->rules->data, name, at, reader->trouble);
    if (value == NULL)
        return FALSE;
    for (; *value != '\0'; value++)
        text_add(&reader->text, *value, at);
    return TRUE;
}

/* A percent sign at @at, before @eol. Returns: behind what it starts, or 0 with trouble set. */
static gsize
expand_percent(Reader *reader, gsize at, gsize eol)
{
    const char *source = reader->source;
    const char *close = memchr(source + at + 1, '%', eol - at - 1);
    const char next = (char) (at + 1 < eol ? source[at + 1] : '\0');
    if (reader->rules->is_batch && next == '%') {
        text_add(&reader->text, '%', at);
        return at + 2;
    }
    if (reader->rules->is_batch && (g_ascii_isdigit(next) || next == '*' || next == '~')) {
        (void) hc_cmd_fail(reader->trouble, HC_ERROR_UNSUPPORTED, at,
                           "found '%%%c', an argument of the script, and it is given none; write "
                           "the text itself",
                           next);
        return 0;
    }
    if (close == NULL && reader->rules->is_batch) {
        (void) hc_cmd_fail(reader->trouble, HC_ERROR_MALFORMED, at,
                           "found a single '%%', which cmd drops; write %%%% for the sign");
        return 0;
    }
    if (close == NULL || close == source + at + 1) {
        text_add(&reader->text, '%', at);
        return at + 1;
    }
    g_autofree char *name = g_strndup(source + at + 1, (gsize) (close - source) - at - 1);
    const gsize n_plain = strcspn(name, ":");
    /* "for %i in (a) do md x\%i": what is between is no name; the second sign may begin one. */
    if (!reader->rules->is_batch && strcspn(name, " \t\"\\/") < n_plain) {
        text_add(&reader->text, '%', at);
        return at + 1;
    }
    return add_variable(reader, name, at) ? (gsize) (close - source) + 1 : 0;
}

/* Whether cmd takes what was read so far, and up to @eol. */
static gboolean
check_length(const Reader *reader, gsize eol)
{
    const gsize n_bytes = MAX(eol - reader->pos, reader->text.text->len);
    if (n_bytes <= HC_MAX_CMD_LINE_UNITS ||
        (n_bytes <= (gsize) 4 * HC_MAX_CMD_LINE_UNITS &&
         g_utf8_strlen(reader->text.text->str, -1) <= HC_MAX_CMD_LINE_UNITS &&
         g_utf8_strlen(reader->source + reader->pos, (gssize) (eol - reader->pos)) <=
             HC_MAX_CMD_LINE_UNITS))
        return TRUE;
    return hc_cmd_fail(reader->trouble, HC_ERROR_LIMIT, reader->pos,
                       "found a line of more than %u characters, which cmd does not take",
                       HC_MAX_CMD_LINE_UNITS);
}

/* Appends the next physical line, without its line break. */
static gboolean
read_line(Reader *reader)
{
    gsize eol = reader->pos;
    while (eol < reader->n_bytes && reader->source[eol] != '\n' && reader->source[eol] != '\r')
        eol++;
    gsize at = reader->pos;
    gboolean ok = check_length(reader, eol);
    while (ok && at < eol) {
        if (reader->source[at] != '%') {
            text_add(&reader->text, reader->source[at], at);
            at++;
            continue;
        }
        at = expand_percent(reader, at, eol);
        ok = at != 0;
    }
    if (eol < reader->n_bytes)
        eol += reader->source[eol] == '\r' && eol + 1 < reader->n_bytes &&
                       reader->source[eol + 1] == '\n'
                   ? 2
                   : 1;
    reader->pos = eol;
    return ok && check_length(reader, eol);
}

/* --- commands, quotes, carets, redirections --- */

typedef struct {
    Reader reader;
    gsize i; /* in reader.text */
    GPtrArray *commands;
    HcCmdCommand *command; /* the open one, in commands */
} Parser;

static char
peek(const Parser *parser, gsize ahead)
{
    const GString *text = parser->reader.text.text;
    return (char) (parser->i + ahead < text->len ? text->str[parser->i + ahead] : '\0');
}

static gsize
place(const Parser *parser)
{
    return hc_cmd_text_at(&parser->reader.text, parser->i);
}

static void
open_command(Parser *parser, HcCmdJoin join)
{
    HcCmdCommand *command = hc_cmd_command_new();
    command->join = join;
    parser->command = command;
    g_ptr_array_add(parser->commands, command);
    while (peek(parser, 0) != '\0' && strchr(DELIMITERS "@", peek(parser, 0)) != NULL)
        parser->i++;
    command->at = place(parser);
}

gboolean
hc_cmd_is_special(char byte)
{
    return byte == '&' || byte == '|' || byte == '<' || byte == '>';
}

/* A caret outside quotes; at the end of the line it takes the next one. */
static gboolean
take_caret(Parser *parser, HcCmdText *out)
{
    parser->i++;
    if (peek(parser, 0) == '\0') {
        if (parser->reader.pos >= parser->reader.n_bytes)
            return TRUE;
        if (!read_line(&parser->reader))
            return FALSE;
        if (peek(parser, 0) == '\0')
            return TRUE;
    }
    text_add(out, peek(parser, 0), place(parser));
    parser->i++;
    return TRUE;
}

/* The file or handle of a redirection. */
static gboolean
take_target(Parser *parser, HcCmdRedirect *redirect)
{
    HcCmdText target = text_new();
    gboolean quoted = FALSE;
    gboolean ok = TRUE;
    if (peek(parser, 0) == '&') {
        text_add(&target, '&', place(parser));
        parser->i++;
    }
    while (target.text->len == 0 && strchr(" \t", peek(parser, 0)) != NULL &&
           peek(parser, 0) != '\0')
        parser->i++;
    while (ok && peek(parser, 0) != '\0') {
        const char byte = peek(parser, 0);
        if (!quoted && (hc_cmd_is_special(byte) || strchr(DELIMITERS, byte) != NULL))
            break;
        if (!quoted && byte == '^') {
            ok = take_caret(parser, &target);
            continue;
        }
        quoted ^= byte == '"';
        if (byte != '"')
            text_add(&target, byte, place(parser));
        parser->i++;
    }
    if (ok && (target.text->len == 0 || (target.text->len == 1 && target.text->str[0] == '&')))
        ok = hc_cmd_fail(parser->reader.trouble, HC_ERROR_MALFORMED, redirect->at,
                         "found a redirection to nowhere, expected a file behind it");
    redirect->target = g_strdup(target.text->str);
    text_clear(&target);
    return ok;
}

static gboolean
take_redirect(Parser *parser)
{
    HcCmdText *line = &parser->command->line;
    HcCmdRedirect *redirect = g_new0(HcCmdRedirect, 1);
    g_ptr_array_add(parser->command->redirects, redirect);
    redirect->is_input = peek(parser, 0) == '<';
    redirect->handle = redirect->is_input ? 0 : 1;
    redirect->at = place(parser);
    /* The digit right before it, when that is a word of its own. */
    const GString *text = parser->reader.text.text;
    const gsize n = line->text->len;
    if (n > 0 && parser->i > 0 && g_ascii_isdigit(line->text->str[n - 1]) &&
        text->str[parser->i - 1] == line->text->str[n - 1] &&
        (n == 1 || strchr(DELIMITERS, line->text->str[n - 2]) != NULL) &&
        (parser->i < 2 || text->str[parser->i - 2] != '^')) {
        redirect->handle = (guint) (line->text->str[n - 1] - '0');
        g_string_truncate(line->text, n - 1);
        g_array_set_size(line->at, (guint) n - 1);
    }
    parser->i++;
    if (!redirect->is_input && peek(parser, 0) == '>') {
        redirect->appends = TRUE;
        parser->i++;
    }
    return take_target(parser, redirect);
}

static gboolean
take_join(Parser *parser)
{
    const char byte = peek(parser, 0);
    const gboolean is_double = peek(parser, 1) == byte;
    const HcCmdJoin join = byte == '&' ? is_double ? HC_CMD_IF_OK : HC_CMD_THEN
                           : is_double ? HC_CMD_IF_NOT_OK
                                       : HC_CMD_PIPE;
    const gsize at = place(parser);
    if (parser->command->line.text->len == 0 && parser->command->redirects->len == 0)
        return hc_cmd_fail(parser->reader.trouble, HC_ERROR_MALFORMED, at,
                           "found '%.*s', expected a command before it", is_double ? 2 : 1,
                           byte == '&' ? "&&" : "||");
    parser->i += is_double ? 2 : 1;
    open_command(parser, join);
    return TRUE;
}

static gboolean
is_word_end(char byte)
{
    return byte == '\0' || hc_cmd_is_special(byte) || strchr(DELIMITERS, byte) != NULL;
}

/* Labels and remarks: the rest of the line is nobody's. */
static gboolean
take_remark(Parser *parser)
{
    HcCmdCommand *command = parser->command;
    const char *rest = parser->reader.text.text->str + parser->i;
    command->is_label = *rest == ':';
    command->is_remark =
        !command->is_label && g_ascii_strncasecmp(rest, "rem", 3) == 0 && is_word_end(rest[3]);
    if (!command->is_label && !command->is_remark)
        return FALSE;
    for (; peek(parser, 0) != '\0'; parser->i++)
        text_add(&command->line, peek(parser, 0), place(parser));
    return TRUE;
}

static gboolean
check_remark(const Parser *parser)
{
    const HcCmdCommand *command = parser->command;
    const GString *line = command->line.text;
    const char *rest = line->str + (command->is_label ? 1 : 3);
    rest += strspn(rest, DELIMITERS);
    /* What cmd makes of these depends on the version. */
    if (g_str_has_suffix(line->str, "^") && parser->reader.pos < parser->reader.n_bytes)
        return hc_cmd_fail(parser->reader.trouble, HC_ERROR_UNSUPPORTED,
                           hc_cmd_text_at(&command->line, line->len - 1),
                           "found a caret at the end of a remark, which may take the next line "
                           "along");
    if (command->is_remark && hc_cmd_is_special(*rest))
        return hc_cmd_fail(parser->reader.trouble, HC_ERROR_UNSUPPORTED,
                           hc_cmd_text_at(&command->line, (gsize) (rest - line->str)),
                           "found '%c' right behind rem, expected a remark", *rest);
    return TRUE;
}

static gboolean
take_byte(Parser *parser, gboolean *quoted)
{
    HcCmdText *line = &parser->command->line;
    const char byte = peek(parser, 0);
    if (line->text->len == 0 && strchr(DELIMITERS, byte) != NULL) {
        parser->i++;
        return TRUE;
    }
    if (*quoted || !(hc_cmd_is_special(byte) || byte == '^')) {
        *quoted ^= byte == '"';
        text_add(line, byte, place(parser));
        parser->i++;
        return TRUE;
    }
    if (byte == '^')
        return take_caret(parser, line);
    return byte == '<' || byte == '>' ? take_redirect(parser) : take_join(parser);
}

static gboolean
parse(Parser *parser)
{
    gboolean quoted = FALSE;
    if (!read_line(&parser->reader))
        return FALSE;
    open_command(parser, HC_CMD_FIRST);
    while (peek(parser, 0) != '\0') {
        const gboolean starts = parser->command->line.text->len == 0;
        if (starts && take_remark(parser))
            return check_remark(parser);
        if (starts && (peek(parser, 0) == '(' || peek(parser, 0) == ')'))
            return hc_cmd_fail(parser->reader.trouble, HC_ERROR_UNSUPPORTED, place(parser),
                               "found '%c', a block of commands; write each on a line of its own",
                               peek(parser, 0));
        if (!take_byte(parser, &quoted))
            return FALSE;
    }
    if (parser->command->join == HC_CMD_FIRST || parser->command->line.text->len > 0 ||
        parser->command->join == HC_CMD_THEN)
        return TRUE;
    return hc_cmd_fail(parser->reader.trouble, HC_ERROR_MALFORMED, parser->command->at,
                       "found the end of the line, expected a command after '%s'",
                       parser->command->join == HC_CMD_PIPE    ? "|"
                       : parser->command->join == HC_CMD_IF_OK ? "&&"
                                                               : "||");
}

GPtrArray *
hc_cmd_parse(const char *source, gsize n_bytes, const HcCmdRules *rules, gsize *n_used,
             HcCmdTrouble *trouble)
{
    g_autoptr(GPtrArray) commands = g_ptr_array_new_with_free_func(hc_cmd_command_free);
    Parser parser = {.reader = {source, n_bytes, 0, rules, trouble, text_new()},
                     .commands = commands};
    const gboolean ok = parse(&parser);
    *n_used = parser.reader.pos;
    text_clear(&parser.reader.text);
    return ok ? g_steal_pointer(&commands) : NULL;
}
