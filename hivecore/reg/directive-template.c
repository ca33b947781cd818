#include "config.h"

#include <string.h>

#include "hivecore/reg/directive-private.h"

/* ";!var NAME" and template lines, ";!= "Path"="${NAME}"". */

/* Digits that fit behind "dword:". */
enum {
    DWORD_DIGITS = 8,
    SHOWN_DIGITS = 2 * DWORD_DIGITS /* of a value that is none */
};

static gsize
name_end(const HcRegLexer *lexer, gsize pos)
{
    for (; pos < lexer->n_units; pos++) {
        const uint16_t unit = lexer->units[pos];
        if (unit >= 0x80 || (!g_ascii_isalnum((char) unit) && unit != '_'))
            break;
    }
    return pos;
}

/* Returns: (transfer full): the name at @from, up to @to, or NULL */
static char *
variable_name(const HcRegLexer *lexer, gsize from, gsize to)
{
    if (from == to || (lexer->units[from] >= '0' && lexer->units[from] <= '9'))
        return NULL;
    GString *name = g_string_new(NULL);
    for (; from < to; from++)
        g_string_append_c(name, (char) lexer->units[from]);
    return g_string_free(name, FALSE);
}

char *
hc_reg_directive_declares(const HcRegLexer *lexer, gsize pos)
{
    HcRegLexer at = *lexer;
    at.pos = pos + 2;
    hc_reg_skip_blanks(&at);
    return hc_reg_is_directive(lexer, pos) && hc_reg_take_word(&at, "var")
               ? variable_name(&at, at.pos, name_end(&at, at.pos))
               : NULL;
}

/* ":dec}" */
static gboolean
is_decimal_mark(const HcRegLexer *lexer, gsize pos)
{
    static const char mark[] = ":dec}";
    gsize i = 0;
    while (mark[i] != '\0' && hc_reg_is(lexer, pos + i, mark[i]))
        i++;
    return mark[i] == '\0';
}

char *
hc_reg_variable_at(const HcRegLexer *lexer, gsize pos)
{
    if (!hc_reg_is(lexer, pos, '$') || !hc_reg_is(lexer, pos + 1, '{'))
        return NULL;
    const gsize end = name_end(lexer, pos + 2);
    return hc_reg_is(lexer, end, '}') || is_decimal_mark(lexer, end)
               ? variable_name(lexer, pos + 2, end)
               : NULL;
}

/* = "default", the lexer behind the name. */
static gboolean
parse_default(HcRegDirective *directive, GString **value)
{
    HcRegLexer *lexer = &directive->lexer;
    if (hc_reg_is_eol(lexer, lexer->pos))
        return TRUE;
    HcName text;
    if (!hc_reg_take(lexer, "="))
        return hc_reg_fail(lexer, lexer->pos, "'=' and the default in quotes, or nothing", NULL);
    hc_reg_skip_blanks(lexer);
    if (!hc_reg_is(lexer, lexer->pos, '"'))
        return hc_reg_fail(lexer, lexer->pos, "the default in quotes", NULL);
    if (!hc_reg_parse_name(lexer, directive->directives->scratch, &text))
        return FALSE;
    hc_reg_skip_blanks(lexer);
    if (!hc_reg_expect_end(lexer, "the end of the line after the default"))
        return FALSE;
    *value = g_string_new(NULL);
    hc_name_append_utf8(*value, text);
    return TRUE;
}

void
hc_reg_read_var(HcRegDirective *directive)
{
    HcRegDirectives *directives = directive->directives;
    HcRegLexer *lexer = &directive->lexer;
    gsize end = name_end(lexer, lexer->pos);
    g_autofree char *name = variable_name(lexer, lexer->pos, end);
    if (name == NULL) {
        (void) hc_reg_fail(lexer, lexer->pos, "a name of letters, digits and '_'", NULL);
        return;
    }
    const HcRegLexer at = *lexer;
    lexer->pos = end;
    hc_reg_skip_blanks(lexer);
    GString *value = NULL;
    if (!parse_default(directive, &value))
        return;
    const char *set = directives->variables != NULL
                          ? hc_reg_variables_declare(directives->variables, name)
                          : NULL;
    if (set != NULL) {
        value = value != NULL ? g_string_assign(value, set) : g_string_new(set);
    } else if (value == NULL && directives->unset_is_empty) {
        value = g_string_new(NULL);
    } else if (value == NULL) {
        g_autofree char *expected = g_strdup_printf("--set %s=VALUE", name);
        (void) hc_reg_fail_found(&at, at.pos, HC_ERROR_USAGE, expected, NULL,
                                 "the variable %s without a value", name);
        value = g_string_new(NULL); /* so that its uses are not told, too */
        directives->unset_is_empty = TRUE;
    }
    if (g_hash_table_contains(directives->declared, name)) {
        (void) hc_reg_fail_found(&at, at.pos, HC_ERROR_MALFORMED, "each name once", NULL,
                                 "a second variable %s", name);
        g_string_free(value, TRUE);
        return;
    }
    g_hash_table_insert(directives->declared, g_steal_pointer(&name), value);
}

/* What one template line is expanded with. */
typedef struct {
    HcRegDirectives *directives;
    HcRegLexer lexer;
    GArray *units;
    GArray *places; /* of each unit, in the lexer's text */
    gboolean in_quotes;
} Expansion;

static void
append_unit(Expansion *expansion, uint16_t unit)
{
    g_array_append_val(expansion->units, unit);
    g_array_append_val(expansion->places, expansion->lexer.pos);
}

/* @value between quotes, so that the reader finds it again. A string over several lines would be
 * one that a line of the file does not show. */
static gboolean
append_text(Expansion *expansion, const char *name, const GString *value)
{
    if (memchr(value->str, '\n', value->len) != NULL ||
        memchr(value->str, '\r', value->len) != NULL)
        return hc_reg_fail_found(&expansion->lexer, expansion->lexer.pos, HC_ERROR_USAGE,
                                 "a value of one line", NULL,
                                 "the variable %s with a line break in its value", name);
    g_autoptr(HcArena) arena = hc_arena_new();
    const HcName text = hc_name_from_utf8(arena, value->str, value->len);
    for (uint32_t i = 0; i < text.n_units; i++) {
        const uint16_t unit = hc_name_unit(text, i);
        if (unit == '\\' || unit == '"')
            append_unit(expansion, '\\');
        append_unit(expansion, unit);
    }
    return TRUE;
}

static gboolean
ends_with_dword(const GArray *units)
{
    static const char word[] = "dword:";
    const guint n = sizeof(word) - 1;
    for (guint i = 0; i < n; i++) {
        if (units->len < n || g_array_index(units, uint16_t, units->len - n + i) != word[i])
            return FALSE;
    }
    return TRUE;
}

/* A number that somebody may have meant as decimal, who did not know that this is hex: as in a
 * plain line, not of eight digits, and not one that is the same in both. */
static void
tell_decimal(const Expansion *expansion, const char *name, const char *digits)
{
    const gsize n = strlen(digits);
    const guint64 number = g_ascii_strtoull(digits, NULL, 16);
    if (!expansion->directives->tells_decimal || expansion->lexer.diagnostics == NULL ||
        number < 10 || n >= DWORD_DIGITS || strspn(digits, "0123456789") != n)
        return;
    HcFinding *finding = hc_reg_diagnostic(&expansion->lexer, expansion->lexer.pos,
                                           g_strdup_printf("dword:%s is %" G_GUINT64_FORMAT
                                                           ", since ${%s} is hex here; "
                                                           "${%s:dec} takes decimal numbers",
                                                           digits, number, name, name));
    finding->severity = HC_SEVERITY_WARNING;
    finding->id = "dword-decimal";
    hc_findings_add(expansion->lexer.diagnostics, finding);
}

static gboolean
fail_value(const Expansion *expansion, const char *name, const char *value, const char *expected)
{
    const gsize n = strlen(value);
    g_autofree char *shown =
        hc_name_display((HcName){(const uint8_t *) value, (uint32_t) MIN(n, SHOWN_DIGITS), TRUE});
    return hc_reg_fail_found(&expansion->lexer, expansion->lexer.pos, HC_ERROR_USAGE, expected,
                             NULL, "the variable %s with the value '%s%s'", name, shown,
                             n > SHOWN_DIGITS ? "..." : "");
}

/* @value outside quotes: behind "dword:", where it has to be hex digits, or with @is_decimal a
 * number that fits. */
static gboolean
append_digits(Expansion *expansion, const char *name, gboolean is_decimal, const GString *value)
{
    guint64 number;
    if (!ends_with_dword(expansion->units))
        return hc_reg_fail(&expansion->lexer, expansion->lexer.pos,
                           "variables in quotes or behind 'dword:' only", NULL);
    const char *digits =
        value->len == 0 && expansion->directives->unset_is_empty ? "0" : value->str;
    const gsize n = strlen(digits);
    if (is_decimal && !g_ascii_string_to_unsigned(digits, 10, 0, G_MAXUINT32, &number, NULL))
        return fail_value(expansion, name, digits, "a number from 0 to 4294967295 for ':dec'");
    if (!is_decimal &&
        (n == 0 || n > DWORD_DIGITS || strspn(digits, "0123456789abcdefABCDEF") != n))
        return fail_value(expansion, name, digits, "1 to 8 hex digits for it behind 'dword:'");
    g_autofree char *hex = is_decimal ? g_strdup_printf("%08" G_GINT64_MODIFIER "x", number) : NULL;
    if (!is_decimal)
        tell_decimal(expansion, name, digits);
    for (const char *at = is_decimal ? hex : digits; *at != '\0'; at++)
        append_unit(expansion, (uint8_t) *at);
    return TRUE;
}

/* "$$" and "${NAME}", the lexer at the '$'. */
static gboolean
expand_dollar(Expansion *expansion)
{
    HcRegLexer *lexer = &expansion->lexer;
    if (hc_reg_is(lexer, lexer->pos + 1, '$')) {
        append_unit(expansion, '$');
        lexer->pos += 2;
        return TRUE;
    }
    g_autofree char *name = hc_reg_variable_at(lexer, lexer->pos);
    if (name == NULL)
        return hc_reg_fail(lexer, lexer->pos, "'${NAME}', or '$$' for a dollar", NULL);
    const GString *value =
        (const GString *) g_hash_table_lookup(expansion->directives->declared, name);
    if (value == NULL)
        return hc_reg_fail_found(lexer, lexer->pos, HC_ERROR_MALFORMED,
                                 "a ';!var' line for it before the first key line", NULL,
                                 "the variable %s, which is not declared", name);
    const gsize end = lexer->pos + strlen("${") + strlen(name);
    const gboolean is_decimal = is_decimal_mark(lexer, end);
    if (is_decimal && expansion->in_quotes)
        return hc_reg_fail(lexer, lexer->pos, "':dec' behind 'dword:' only", NULL);
    if (!(expansion->in_quotes ? append_text(expansion, name, value)
                               : append_digits(expansion, name, is_decimal, value)))
        return FALSE;
    lexer->pos = end + (is_decimal ? strlen(":dec}") : 1);
    return TRUE;
}

gboolean
hc_reg_directives_expand(HcRegDirectives *directives, const HcRegLexer *lexer, GArray *units,
                         GArray *places)
{
    Expansion expansion = {directives, *lexer, units, places, FALSE};
    HcRegLexer *at = &expansion.lexer;
    at->in_directive = TRUE;
    at->pos += 3;
    hc_reg_skip_blanks(at);
    g_array_set_size(units, 0);
    g_array_set_size(places, 0);
    while (!hc_reg_is_eol(at, at->pos)) {
        if (hc_reg_is(at, at->pos, '$')) {
            if (!expand_dollar(&expansion))
                return FALSE;
            continue;
        }
        if (hc_reg_is(at, at->pos, '"'))
            expansion.in_quotes = !expansion.in_quotes;
        if (hc_reg_is(at, at->pos, '\\') && !expansion.in_quotes)
            return hc_reg_fail(at, at->pos, "the whole value in one line", NULL);
        /* An escape goes over as a whole, so that its quote is not taken for one. */
        if (hc_reg_is(at, at->pos, '\\')) {
            append_unit(&expansion, at->units[at->pos]);
            at->pos++;
            if (hc_reg_is_eol(at, at->pos) || hc_reg_is(at, at->pos, '$'))
                return hc_reg_fail(at, at->pos, "'\\' or '\"' after the backslash", NULL);
        }
        append_unit(&expansion, at->units[at->pos]);
        at->pos++;
    }
    if (expansion.in_quotes)
        return hc_reg_fail(at, at->pos, "the '\"' that ends the text", NULL);
    append_unit(&expansion, '\n');
    return TRUE;
}
