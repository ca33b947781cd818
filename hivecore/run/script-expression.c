#include "config.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/image/windows-name.h"
#include "hivecore/regf/types.h"
#include "hivecore/run/script-private.h"

char
hc_ps_peek(const HcPs *ps, gsize ahead)
{
    for (gsize i = 0; i < ahead; i++) {
        if (ps->text[ps->pos + i] == '\0')
            return '\0';
    }
    return ps->text[ps->pos + ahead];
}

void
hc_ps_skip_blanks(HcPs *ps)
{
    while (hc_ps_peek(ps, 0) == ' ' || hc_ps_peek(ps, 0) == '\t' ||
           (hc_ps_peek(ps, 0) == '`' && (hc_ps_peek(ps, 1) == '\n' || hc_ps_peek(ps, 1) == '\r')))
        ps->pos++;
}

HcPsValue *
hc_ps_refuse(HcPs *ps, const char *word, const char *why)
{
    (void) hc_run_refuse(ps->error, word, why);
    return NULL;
}

const char *
hc_ps_word_here(HcPs *ps)
{
    const char *at = ps->text + ps->pos;
    gsize n = strcspn(at, " \t\r\n;|");
    if (n == 0 && *at != '\0')
        n = 1;
    char *word = (char *) hc_arena_alloc(ps->run->arena, n + 1);
    memcpy(word, at, n);
    return *word != '\0' ? word : "the end of the line";
}

static HcPsValue *parenthesized(HcPs *ps);

/* --- variables --- */

const char *
hc_ps_variable_name(HcPs *ps)
{
    const gboolean has_braces = hc_ps_peek(ps, 1) == '{';
    const char *from = ps->text + ps->pos + (has_braces ? 2 : 1);
    gsize n = 0;
    if (hc_ps_peek(ps, 0) != '$')
        return NULL;
    while (from[n] != '\0' && (has_braces ? from[n] != '}'
                                          : g_ascii_isalnum(from[n]) || from[n] == '_' ||
                                                (from[n] == ':' && (g_ascii_isalnum(from[n + 1]) ||
                                                                    from[n + 1] == '_'))))
        n++;
    if (n == 0 || (has_braces && from[n] != '}'))
        return NULL;
    ps->pos += n + (has_braces ? 3 : 1);
    g_autofree char *name = g_strndup(from, n);
    g_autofree char *lower = g_ascii_strdown(name, -1);
    return hc_arena_dup(ps->run->arena, g_str_has_prefix(lower, "env:") ? name : lower, n + 1);
}

HcPsValue *
hc_ps_env_variable(HcPs *ps, const char *name)
{
    const char *value = hc_run_env(ps->run, name + 4);
    if (value != NULL)
        return hc_ps_string(ps, value);
    g_autofree char *shown = g_strconcat("$", name, NULL);
    if (ps->run->world->tree == NULL)
        return hc_ps_string(ps, shown);
    return hc_ps_refuse(ps, shown, "is neither in the machine's environment nor in ENV or ARG");
}

HcPsValue *
hc_ps_variable(HcPs *ps, const char *name)
{
    if (g_ascii_strncasecmp(name, "env:", 4) == 0)
        return hc_ps_env_variable(ps, name);
    HcPsValue *value = g_hash_table_lookup(ps->run->values, name);
    if (value != NULL)
        return value;
    if (g_str_equal(name, "null"))
        return (HcPsValue *) hc_arena_alloc(ps->run->arena, sizeof(*value));
    if (g_str_equal(name, "true") || g_str_equal(name, "false")) {
        value = hc_ps_number(ps, g_str_equal(name, "true") ? 1 : 0, FALSE, NULL);
        value->kind = HC_PS_BOOL;
        return value;
    }
    if (g_str_equal(name, "pwd")) {
        g_autofree char *folder = hc_windows_path_text(ps->run->folder);
        return hc_ps_string(ps, folder);
    }
    g_autofree char *shown = g_strconcat("$", name, NULL);
    return hc_ps_refuse(ps, shown, "a variable whose value is not known here");
}

/* --- strings --- */

gboolean
hc_ps_append_escape(HcPs *ps, GString *out)
{
    static const char letters[] = "0abfnrtv";
    static const char values[] = "\0\a\b\f\n\r\t\v";
    const char letter = hc_ps_peek(ps, 1);
    const char *at = letter != '\0' ? strchr(letters, letter) : NULL;
    if (letter == '\0' || letter == '0' || letter == 'u' || letter == 'e') {
        (void) hc_ps_refuse(ps, "`", "an escape that is not done here");
        return FALSE;
    }
    g_string_append_c(out, at != NULL ? values[at - letters] : letter);
    ps->pos += 2;
    return TRUE;
}

/* A variable or "$(...)" in a string or word. */
gboolean
hc_ps_append_variable(HcPs *ps, GString *out)
{
    HcPsValue *value;
    if (hc_ps_peek(ps, 1) == '(') {
        ps->pos++;
        value = parenthesized(ps);
    } else {
        const char *name = hc_ps_variable_name(ps);
        if (name == NULL) {
            g_string_append_c(out, '$');
            ps->pos++;
            return TRUE;
        }
        value = hc_ps_variable(ps, name);
    }
    if (value != NULL)
        g_string_append(out, hc_ps_text(ps, value));
    return value != NULL;
}

HcPsValue *
hc_ps_single_quoted(HcPs *ps)
{
    g_autoptr(GString) out = g_string_new(NULL);
    for (ps->pos++; hc_ps_peek(ps, 0) != '\0'; ps->pos++) {
        if (hc_ps_peek(ps, 0) == '\'' && hc_ps_peek(ps, 1) != '\'') {
            ps->pos++;
            return hc_ps_string(ps, out->str);
        }
        ps->pos += hc_ps_peek(ps, 0) == '\'' ? 1 : 0;
        g_string_append_c(out, hc_ps_peek(ps, 0));
    }
    return hc_ps_refuse(ps, "'", "a quote that is not closed");
}

HcPsValue *
hc_ps_double_quoted(HcPs *ps)
{
    g_autoptr(GString) out = g_string_new(NULL);
    ps->pos++;
    while (hc_ps_peek(ps, 0) != '\0') {
        const char byte = hc_ps_peek(ps, 0);
        if (byte == '"' && hc_ps_peek(ps, 1) != '"') {
            ps->pos++;
            return hc_ps_string(ps, out->str);
        }
        if ((byte == '`' && !hc_ps_append_escape(ps, out)) ||
            (byte == '$' && !hc_ps_append_variable(ps, out)))
            return NULL;
        if (byte == '`' || byte == '$')
            continue;
        g_string_append_c(out, byte);
        ps->pos += byte == '"' ? 2 : 1;
    }
    return hc_ps_refuse(ps, "\"", "a quote that is not closed");
}

/* --- operators, the tightest first --- */

static HcPsValue *
cast_value(HcPs *ps, const char *type, HcPsValue *value)
{
    uint64_t number;
    if (g_str_equal(type, "string"))
        return hc_ps_string(ps, hc_ps_text(ps, value));
    if (g_str_equal(type, "int") || g_str_equal(type, "int32"))
        return hc_ps_integer(ps, value, G_MININT32, G_MAXINT32, &number)
                   ? hc_ps_number(ps, (int64_t) number, FALSE, NULL)
                   : hc_ps_refuse(ps, hc_ps_text(ps, value), "is no number of 32 bits");
    if (g_str_equal(type, "long") || g_str_equal(type, "int64"))
        return hc_ps_integer(ps, value, G_MININT64, G_MAXINT64, &number)
                   ? hc_ps_number(ps, (int64_t) number, TRUE, NULL)
                   : hc_ps_refuse(ps, hc_ps_text(ps, value), "is no number of 64 bits");
    const gboolean is_strings = g_str_equal(type, "string[]");
    const gboolean is_bytes = g_str_equal(type, "byte[]");
    if (!is_strings && !is_bytes)
        return hc_ps_refuse(ps, type, "a type that is not known here");
    HcPsValue *list = (HcPsValue *) hc_arena_alloc(ps->run->arena, sizeof(*list));
    *list = (HcPsValue){.kind = HC_PS_LIST, .is_strings = is_strings, .is_bytes = is_bytes};
    HcPsValue **one = (HcPsValue **) hc_arena_alloc(ps->run->arena, sizeof(HcPsValue *));
    one[0] = value;
    list->items = value->kind == HC_PS_LIST ? value->items : one;
    list->n_items = value->kind == HC_PS_LIST ? value->n_items : 1;
    return list;
}

static HcPsValue *
bracketed(HcPs *ps)
{
    const char *type = hc_ps_type(ps);
    if (type == NULL)
        return NULL;
    if (hc_ps_peek(ps, 0) == ':' && hc_ps_peek(ps, 1) == ':') {
        ps->pos += 2;
        return hc_ps_static(ps, type);
    }
    hc_ps_skip_blanks(ps);
    HcPsValue *value = hc_ps_unary(ps);
    return value != NULL ? cast_value(ps, type, value) : NULL;
}

/* "(...)", the "(" at hand; an empty one is an empty list. */
static HcPsValue *
parenthesized(HcPs *ps)
{
    ps->pos++;
    hc_ps_skip_blanks(ps);
    if (!hc_ps_starts_expression(ps))
        return hc_ps_refuse(ps, hc_ps_word_here(ps), "a command whose output is a value");
    const gboolean before = ps->parts_at_comma;
    ps->parts_at_comma = FALSE;
    HcPsValue *value = hc_ps_expression(ps);
    ps->parts_at_comma = before;
    if (value == NULL)
        return NULL;
    hc_ps_skip_blanks(ps);
    if (hc_ps_peek(ps, 0) != ')')
        return hc_ps_refuse(ps, hc_ps_word_here(ps), "is not known here, expected ')'");
    ps->pos++;
    return value;
}

static HcPsValue *
number_literal(HcPs *ps)
{
    const char *from = ps->text + ps->pos;
    gsize n = *from == '-' ? 1 : 0;
    while (g_ascii_isalnum(from[n]) || from[n] == '.')
        n++;
    g_autofree char *text = g_strndup(from, n);
    HcPsValue *value = hc_ps_parse_number(ps, text);
    if (value == NULL)
        return hc_ps_refuse(ps, text, "a number that is not known here");
    ps->pos += n;
    return value;
}

static HcPsValue *
list_of(HcPs *ps, HcPsValue *const *items, guint n)
{
    HcPsValue *list = (HcPsValue *) hc_arena_alloc(ps->run->arena, sizeof(*list));
    list->kind = HC_PS_LIST;
    list->items = hc_arena_dup(ps->run->arena, items, n * sizeof(*items));
    list->n_items = n;
    return list;
}

static HcPsValue *
array_of(HcPs *ps)
{
    ps->pos++;
    HcPsValue *value = parenthesized(ps);
    if (value == NULL || value->kind == HC_PS_LIST)
        return value;
    return list_of(ps, &value, 1);
}

static HcPsValue *
unary_at(HcPs *ps)
{
    const char byte = hc_ps_peek(ps, 0);
    if (ps->depth > HC_MAX_RUN_DEPTH)
        return hc_ps_refuse(ps, hc_ps_word_here(ps), "parentheses are too deep");
    if (byte == '\'')
        return hc_ps_single_quoted(ps);
    if (byte == '"')
        return hc_ps_double_quoted(ps);
    if (byte == '(')
        return parenthesized(ps);
    if (byte == '[')
        return bracketed(ps);
    if (byte == '@' && hc_ps_peek(ps, 1) == '(')
        return array_of(ps);
    if (byte == '$' && hc_ps_peek(ps, 1) == '(') {
        ps->pos++;
        return parenthesized(ps);
    }
    if (g_ascii_isdigit(byte) || (byte == '-' && g_ascii_isdigit(hc_ps_peek(ps, 1))))
        return number_literal(ps);
    const char *name = byte == '$' ? hc_ps_variable_name(ps) : NULL;
    if (name == NULL)
        return hc_ps_refuse(ps, hc_ps_word_here(ps), "is not known here");
    return hc_ps_variable(ps, name);
}

HcPsValue *
hc_ps_unary(HcPs *ps)
{
    ps->depth++;
    HcPsValue *value = unary_at(ps);
    ps->depth--;
    return value;
}

/* A property or method of a value is code. */
static HcPsValue *
operand(HcPs *ps)
{
    HcPsValue *value = hc_ps_unary(ps);
    if (value != NULL && (hc_ps_peek(ps, 0) == '.' || hc_ps_peek(ps, 0) == '['))
        return hc_ps_refuse(ps, hc_ps_word_here(ps), "a part of a value, which is not known here");
    return value;
}

HcPsValue *
hc_ps_listed(HcPs *ps, HcPsValue *first, HcPsReader next)
{
    gsize pos = ps->pos;
    if (first == NULL)
        return NULL;
    hc_ps_skip_blanks(ps);
    if (hc_ps_peek(ps, 0) != ',') {
        ps->pos = pos;
        return first;
    }
    g_autoptr(GPtrArray) items = g_ptr_array_new();
    g_ptr_array_add(items, first);
    while (hc_ps_peek(ps, 0) == ',') {
        ps->pos++;
        hc_ps_skip_blanks(ps);
        HcPsValue *item = next(ps);
        if (item == NULL)
            return NULL;
        g_ptr_array_add(items, item);
        pos = ps->pos;
        hc_ps_skip_blanks(ps);
    }
    ps->pos = pos;
    return list_of(ps, (HcPsValue *const *) items->pdata, items->len);
}

static HcPsValue *
listed(HcPs *ps)
{
    HcPsValue *first = operand(ps);
    return ps->parts_at_comma ? first : hc_ps_listed(ps, first, operand);
}

static HcPsValue *
format(HcPs *ps, const char *text, const HcPsValue *values)
{
    g_autoptr(GString) out = g_string_new(NULL);
    const guint n = values->kind == HC_PS_LIST ? values->n_items : 1;
    for (; *text != '\0'; text++) {
        char *end;
        if ((*text == '{' || *text == '}') && text[1] == *text) {
            g_string_append_c(out, *text++);
            continue;
        }
        if (*text != '{' && *text != '}') {
            g_string_append_c(out, *text);
            continue;
        }
        const guint64 i = g_ascii_strtoull(text + 1, &end, 10);
        if (*text == '}' || end == text + 1 || *end != '}' || i >= n)
            return hc_ps_refuse(ps, text, "of -f, is not done here");
        g_string_append(out,
                        hc_ps_text(ps, values->kind == HC_PS_LIST ? values->items[i] : values));
        text = end;
    }
    return hc_ps_string(ps, out->str);
}

static gboolean
takes(HcPs *ps, const char *word)
{
    const gsize pos = ps->pos;
    hc_ps_skip_blanks(ps);
    if (g_ascii_strncasecmp(ps->text + ps->pos, word, strlen(word)) == 0) {
        ps->pos += strlen(word);
        hc_ps_skip_blanks(ps);
        return TRUE;
    }
    ps->pos = pos;
    return FALSE;
}

static HcPsValue *
formatted(HcPs *ps)
{
    HcPsValue *value = listed(ps);
    while (value != NULL && (takes(ps, "-f ") || takes(ps, "-f\t"))) {
        const HcPsValue *values = listed(ps);
        value = values != NULL ? format(ps, hc_ps_text(ps, value), values) : NULL;
    }
    return value;
}

static HcPsValue *
sum(HcPs *ps, HcPsValue *left, HcPsValue *right)
{
    if (left->kind == HC_PS_STRING) {
        g_autofree char *text = g_strconcat(hc_ps_text(ps, left), hc_ps_text(ps, right), NULL);
        return hc_ps_string(ps, text);
    }
    if (left->kind == HC_PS_NUMBER && right->kind == HC_PS_NUMBER &&
        ABS(left->number) < G_MAXINT32 && ABS(right->number) < G_MAXINT32 / 2)
        return hc_ps_number(ps, left->number + right->number,
                            ABS(left->number + right->number) > G_MAXINT32, NULL);
    return hc_ps_refuse(ps, "+", "of these values is not done here");
}

HcPsValue *
hc_ps_expression(HcPs *ps)
{
    ps->depth++;
    HcPsValue *value = formatted(ps);
    while (value != NULL && takes(ps, "+")) {
        HcPsValue *right = formatted(ps);
        value = right != NULL ? sum(ps, value, right) : NULL;
    }
    ps->depth--;
    return value;
}

gboolean
hc_ps_starts_expression(const HcPs *ps)
{
    const char byte = hc_ps_peek(ps, 0);
    return byte != '\0' && (strchr("'\"$([@", byte) != NULL || g_ascii_isdigit(byte) ||
                            (byte == '-' && g_ascii_isdigit(hc_ps_peek(ps, 1))));
}
