#include "config.h"

#include "hivecore/reg/directive-private.h"

#include <string.h>

static void
map_clear(gpointer pointer)
{
    HcRegMap *map = pointer;
    g_array_unref(map->from);
    g_array_unref(map->to);
}

static void
scope_clear(gpointer pointer)
{
    g_array_unref(((HcRegScope *) pointer)->path);
}

static void
text_free(gpointer pointer)
{
    g_string_free((GString *) pointer, TRUE);
}

HcRegDirectives *
hc_reg_directives_new(HcDelta *delta, uint32_t source, const HcRegDialect *dialect, GArray *roots,
                      const HcRegReadOptions *options)
{
    HcRegDirectives *directives = g_new0(HcRegDirectives, 1);
    directives->delta = delta;
    directives->source = source;
    directives->dialect = dialect;
    directives->roots = roots;
    directives->variables = options->variables;
    directives->unset_is_empty = options->unset_is_empty;
    directives->tells_decimal = options->tells_decimal;
    directives->declared = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, text_free);
    directives->maps = g_array_new(FALSE, FALSE, sizeof(HcRegMap));
    g_array_set_clear_func(directives->maps, map_clear);
    directives->scopes = g_array_new(FALSE, FALSE, sizeof(HcRegScope));
    g_array_set_clear_func(directives->scopes, scope_clear);
    directives->exacts = g_array_new(FALSE, FALSE, sizeof(HcRegExact));
    directives->scratch = g_byte_array_new();
    directives->path = g_array_new(FALSE, FALSE, sizeof(HcName));
    directives->stated = g_array_new(FALSE, FALSE, sizeof(HcRegStated));
    directives->bare = g_array_new(FALSE, FALSE, sizeof(HcRegBare));
    return directives;
}

void
hc_reg_directives_free(HcRegDirectives *directives)
{
    if (directives == NULL)
        return;
    g_hash_table_unref(directives->declared);
    g_array_unref(directives->maps);
    g_array_unref(directives->scopes);
    g_array_unref(directives->exacts);
    g_byte_array_unref(directives->scratch);
    g_array_unref(directives->path);
    g_array_unref(directives->stated);
    g_array_unref(directives->bare);
    g_free(directives);
}

gboolean
hc_reg_take_word(HcRegLexer *lexer, const char *word)
{
    HcRegLexer at = *lexer;
    if (!hc_reg_take(&at, word) || !(hc_reg_is_eol(&at, at.pos) || hc_reg_is_blank(&at, at.pos)))
        return FALSE;
    hc_reg_skip_blanks(&at);
    *lexer = at;
    return TRUE;
}

gboolean
hc_reg_expect_end(const HcRegLexer *lexer, const char *expected)
{
    return hc_reg_is_eol(lexer, lexer->pos) || hc_reg_fail(lexer, lexer->pos, expected, NULL);
}

gsize
hc_reg_trim(const HcRegLexer *lexer, gsize from, gsize to)
{
    while (to > from && hc_reg_is_blank(lexer, to - 1))
        to--;
    return to;
}

/* A quoted text, or a word up to the next blank where @may_be_bare; copied into the delta. */
static gboolean
parse_text(HcRegDirective *directive, gboolean may_be_bare, const char *expected, HcName *text)
{
    HcRegLexer *lexer = &directive->lexer;
    if (hc_reg_is(lexer, lexer->pos, '"')) {
        if (!hc_reg_parse_name(lexer, directive->directives->scratch, text))
            return FALSE;
    } else {
        gsize from = lexer->pos;
        while (may_be_bare && !hc_reg_is_eol(lexer, lexer->pos) &&
               !hc_reg_is_blank(lexer, lexer->pos))
            lexer->pos++;
        if (lexer->pos == from)
            return hc_reg_fail(lexer, from, expected, NULL);
        *text = hc_reg_span(lexer, from, lexer->pos);
    }
    *text = hc_name_dup(hc_delta_arena(directive->directives->delta), *text);
    hc_reg_skip_blanks(lexer);
    return TRUE;
}

/* NAME=TEXT... up to the end of the line, in any order; @names: NULL-terminated. */
static gboolean
parse_attributes(HcRegDirective *directive, const char *const *names, HcName **texts,
                 const char *expected)
{
    HcRegLexer *lexer = &directive->lexer;
    while (!hc_reg_is_eol(lexer, lexer->pos)) {
        gsize i = 0;
        HcRegLexer at = *lexer;
        while (names[i] != NULL && !hc_reg_take(lexer, names[i]))
            i++;
        if (names[i] == NULL)
            return hc_reg_fail(lexer, lexer->pos, expected, NULL);
        if (texts[i]->n_units > 0)
            return hc_reg_fail(&at, at.pos, "each of them once", NULL);
        if (!parse_text(directive, TRUE, "a word or a text in quotes", texts[i]))
            return FALSE;
    }
    return TRUE;
}

static void
read_patch(HcRegDirective *directive)
{
    HcRegDirectives *directives = directive->directives;
    HcName id = HC_NAME_EMPTY;
    HcName version = HC_NAME_EMPTY;
    HcName format = HC_NAME_EMPTY;
    const char *const names[] = {"id=", "version=", "format=", NULL};
    HcName *texts[] = {&id, &version, &format};
    if (!parse_attributes(directive, names, texts, "id=NAME, version=TEXT or format=1"))
        return;
    if (format.n_units > 0 && !hc_name_equal(format, HC_NAME_ASCII("1")))
        (void) hc_reg_fail_found(&directive->start, directive->start.pos, HC_ERROR_UNSUPPORTED,
                                 "format=1", NULL, "a format of directives that is not known");
    else if (directives->is_named || id.n_units == 0)
        (void) hc_reg_fail_found(&directive->start, directive->start.pos, HC_ERROR_MALFORMED,
                                 "one 'patch' with id=NAME", NULL, "%s",
                                 directives->is_named ? "a second name of the file" : "no id=");
    else
        hc_delta_name_source(directives->delta, directives->source, id, version);
    directives->is_named = TRUE;
}

/* What the reason of a directive at this place is kept in. */
static const HcReason **
reason_place(HcRegDirective *directive)
{
    HcRegDirectives *directives = directive->directives;
    switch (directive->where) {
    case HC_REG_IN_HEAD:
        return &directives->file_reason;
    case HC_REG_BEHIND_KEY:
        return &directives->section_reason;
    case HC_REG_IN_SECTION:
    case HC_REG_BEHIND_VALUE:
        break;
    }
    return &directives->line_reason;
}

static void
tell_second_reason(const HcRegLexer *at)
{
    (void) hc_reg_fail_found(at, at->pos, HC_ERROR_MALFORMED,
                             "one for each value, section and file", HC_REGEDIT_COMMENT,
                             "a second reason");
}

static void
read_why(HcRegDirective *directive)
{
    HcReason reason = {HC_NAME_EMPTY, HC_NAME_EMPTY, HC_NAME_EMPTY};
    const char *const names[] = {"ticket=", "owner=", NULL};
    HcName *texts[] = {&reason.ticket, &reason.owner};
    const HcReason **place = reason_place(directive);
    if (!parse_text(directive, FALSE, "the reason, a text in quotes", &reason.text) ||
        !parse_attributes(directive, names, texts,
                          "ticket=TEXT, owner=TEXT or the end of the line"))
        return;
    if (*place != NULL)
        tell_second_reason(&directive->start);
    else
        *place = hc_delta_reason(directive->directives->delta, &reason);
    if (place == &directive->directives->line_reason)
        directive->directives->line_reason_at = directive->start;
}

static void
read_exact(HcRegDirective *directive)
{
    HcRegDirectives *directives = directive->directives;
    HcRegLexer *lexer = &directive->lexer;
    HcRegExact exact = {.origin = {directives->source, directive->start.line}};
    if (hc_reg_take_word(lexer, "values"))
        exact.exact = HC_EXACT_VALUES;
    else if (hc_reg_take_word(lexer, "keys"))
        exact.exact = HC_EXACT_KEYS;
    else if (hc_reg_take_word(lexer, "tree"))
        exact.exact = HC_EXACT_VALUES | HC_EXACT_KEYS | HC_EXACT_BELOW;
    if (exact.exact == 0 || !hc_reg_is_eol(lexer, lexer->pos)) {
        (void) hc_reg_fail(lexer, lexer->pos, "'values', 'keys' or 'tree' and nothing else", NULL);
        return;
    }
    if (directives->is_delete) {
        (void) hc_reg_fail_found(&directive->start, directive->start.pos, HC_ERROR_MALFORMED,
                                 "it in a section that does not delete its key", NULL,
                                 "'exact' on a key that is deleted");
        return;
    }
    if (directives->path->len == 0 ||
        !hc_reg_directives_may(directives, &directive->start, directives->path, HC_REG_TOUCHES_ALL,
                               HC_NAME_EMPTY))
        return;
    exact.key = hc_delta_find_key(directives->delta, hc_path_of(directives->path));
    if (exact.key != NULL)
        g_array_append_val(directives->exacts, exact);
}

/* Where a directive may stand. */
typedef enum {
    ANYWHERE,
    IN_HEAD,
    IN_OR_BEHIND, /* not in the head */
    IN_SECTION,   /* not behind a value either */
    BEHIND_VALUE,
} Places;

static const struct {
    guint where; /* bits of HcRegWhere */
    const char *expected;
} places[] = {
    [ANYWHERE] = {~0u, NULL},
    [IN_HEAD] = {1u << HC_REG_IN_HEAD, "it before the first key line"},
    [IN_OR_BEHIND] = {~(1u << HC_REG_IN_HEAD), "it in a section"},
    [IN_SECTION] = {1u << HC_REG_IN_SECTION | 1u << HC_REG_BEHIND_KEY,
                    "it on a line of its own in a section"},
    [BEHIND_VALUE] = {1u << HC_REG_BEHIND_VALUE, "it behind a value"},
};

/* The directives: all that the program knows of their names. What the page
 * docs/directives/README.md says of them is the same table. */
static const HcRegVerb verbs[] = {
    {"as-is", hc_reg_read_as_is, 0, BEHIND_VALUE, HC_LINT_CLASS_A},
    {"assert", hc_reg_read_condition, HC_CONDITION_ASSERT, ANYWHERE, HC_LINT_CLASS_B},
    {"exact", read_exact, 0, IN_SECTION, HC_LINT_CLASS_C},
    {"expect", hc_reg_read_condition, HC_CONDITION_EXPECT, IN_OR_BEHIND, HC_LINT_CLASS_B},
    {"map", hc_reg_read_map, 0, IN_HEAD, HC_LINT_CLASS_C},
    {"patch", read_patch, 0, IN_HEAD, HC_LINT_CLASS_A},
    {"require", hc_reg_read_condition, HC_CONDITION_REQUIRE, ANYWHERE, HC_LINT_CLASS_B},
    {"scope", hc_reg_read_scope, 0, IN_HEAD, HC_LINT_CLASS_A},
    {"security", hc_reg_read_security, 0, IN_SECTION, HC_LINT_CLASS_C},
    {"var", hc_reg_read_var, 0, IN_HEAD, HC_LINT_CLASS_A},
    {"why", read_why, 0, ANYWHERE, HC_LINT_CLASS_A},
};

/* A template line; ";!=" needs no blank behind it. */
static const HcRegVerb template_line = {"=", NULL, 0, ANYWHERE, HC_LINT_CLASS_C};

/* The verb of the directive at the lexer's ";", which moves behind it. */
static const HcRegVerb *
take_verb(HcRegLexer *lexer)
{
    lexer->pos += 2;
    hc_reg_skip_blanks(lexer);
    for (gsize i = 0; i < G_N_ELEMENTS(verbs); i++) {
        if (hc_reg_take_word(lexer, verbs[i].name))
            return &verbs[i];
    }
    return NULL;
}

const HcRegVerb *
hc_reg_directive_verb(const HcRegLexer *lexer, gsize pos)
{
    if (!hc_reg_is_directive(lexer, pos))
        return NULL;
    HcRegLexer at = *lexer;
    at.pos = pos;
    return hc_reg_is(lexer, pos + 2, '=') ? &template_line : take_verb(&at);
}

static void
fail_verb(const HcRegLexer *at)
{
    g_autoptr(GString) expected = g_string_new("a verb: ");
    for (gsize i = 0; i < G_N_ELEMENTS(verbs); i++)
        g_string_append_printf(expected, "%s%s", i == 0 ? "" : ", ", verbs[i].name);
    g_string_append(expected, " or '=' after ';!'");
    (void) hc_reg_fail(at, at->pos, expected->str, NULL);
}

/* The directive at the lexer's ";". */
static void
read_directive(HcRegDirectives *directives, const HcRegLexer *lexer, HcRegWhere where)
{
    HcRegDirective directive = {
        .directives = directives, .lexer = *lexer, .start = *lexer, .where = where};
    directive.lexer.in_directive = TRUE;
    directive.start.in_directive = TRUE;
    directive.verb = take_verb(&directive.lexer);
    if (directive.verb == NULL)
        fail_verb(&directive.lexer);
    else if ((places[directive.verb->places].where & 1u << where) == 0)
        (void) hc_reg_fail_found(&directive.start, lexer->pos, HC_ERROR_MALFORMED,
                                 places[directive.verb->places].expected, NULL,
                                 "the directive '%s' here", directive.verb->name);
    else
        directive.verb->read(&directive);
}

/* The directive in the comment behind a statement, when there is one. */
static void
read_behind(HcRegDirectives *directives, const HcRegLexer *lexer, HcRegWhere where)
{
    HcRegLexer at = *lexer;
    at.pos = lexer->comment;
    if (at.pos > 0 && hc_reg_is_directive(&at, at.pos))
        read_directive(directives, &at, where);
}

/* No value follows directly: a reason is the section's, a condition has nothing to be about. */
static void
unbind(HcRegDirectives *directives)
{
    if (directives->section_reason != NULL && directives->line_reason != NULL)
        tell_second_reason(&directives->line_reason_at);
    else if (directives->line_reason != NULL)
        directives->section_reason = directives->line_reason;
    directives->line_reason = NULL;
    for (guint i = 0; i < directives->bare->len; i++) {
        const HcRegLexer *at = &g_array_index(directives->bare, HcRegBare, i).at;
        (void) hc_reg_fail_found(at, at->pos, HC_ERROR_MALFORMED,
                                 "it directly above a value line, or '\"name\"=' before the data",
                                 NULL, "a condition without a value");
    }
    g_array_set_size(directives->bare, 0);
}

void
hc_reg_directives_line(HcRegDirectives *directives, const HcRegLexer *lexer)
{
    read_directive(directives, lexer, directives->has_section ? HC_REG_IN_SECTION : HC_REG_IN_HEAD);
}

void
hc_reg_directives_blank(HcRegDirectives *directives)
{
    unbind(directives);
}

void
hc_reg_directives_bad(HcRegDirectives *directives)
{
    directives->line_reason = NULL;
    g_array_set_size(directives->bare, 0);
}

void
hc_reg_add_bound(HcRegDirectives *directives, const HcRegLexer *at, HcCondition condition,
                 const GArray *path, HcName name)
{
    g_autoptr(GError) error = NULL;
    condition.path = hc_path_of(path);
    condition.value = name;
    if (condition.path.n > 0 && !hc_delta_add_condition(directives->delta, &condition, &error))
        (void) hc_reg_fail_found(at, at->pos, HC_ERROR_LIMIT, "a shorter one", NULL, "%s",
                                 error->message);
}

/* Gives values and key of the section that ends the reason that is the section's. */
static void
end_section(HcRegDirectives *directives)
{
    unbind(directives);
    const HcReason *reason = directives->section_reason;
    for (guint i = 0; reason != NULL && i < directives->stated->len; i++) {
        const HcRegStated *stated = &g_array_index(directives->stated, HcRegStated, i);
        if (stated->value->reason == NULL && stated->value->origin.source == stated->at.source &&
            stated->value->origin.line == stated->at.line)
            stated->value->reason = reason;
    }
    HcDeltaKey *key = reason != NULL && directives->path->len > 0
                          ? hc_delta_find_key(directives->delta, hc_path_of(directives->path))
                          : NULL;
    if (key != NULL && key->reason == NULL && key->origin.source == directives->section_at.source &&
        key->origin.line == directives->section_at.line)
        key->reason = reason;
    directives->section_reason = NULL;
    g_array_set_size(directives->stated, 0);
}

void
hc_reg_directives_section(HcRegDirectives *directives, const HcRegLexer *lexer, const GArray *path,
                          gboolean is_delete, HcOrigin at)
{
    end_section(directives);
    directives->has_section = TRUE;
    directives->is_delete = is_delete;
    directives->section_at = at;
    g_array_set_size(directives->path, 0);
    if (path != NULL)
        g_array_append_vals(directives->path, path->data, path->len);
    read_behind(directives, lexer, HC_REG_BEHIND_KEY);
}

void
hc_reg_directives_value(HcRegDirectives *directives, const HcRegLexer *lexer, HcDeltaKey *key,
                        HcName name, HcOrigin at)
{
    read_behind(directives, lexer, HC_REG_BEHIND_VALUE);
    for (guint i = 0; i < directives->bare->len; i++) {
        const HcRegBare *bare = &g_array_index(directives->bare, HcRegBare, i);
        hc_reg_add_bound(directives, &bare->at, bare->condition, directives->path, name);
    }
    g_array_set_size(directives->bare, 0);
    HcRegStated stated = {hc_delta_find_value(key, name), at};
    if (stated.value != NULL && stated.value->origin.source == at.source &&
        stated.value->origin.line == at.line) {
        stated.value->reason = directives->line_reason;
        g_array_append_val(directives->stated, stated);
    }
    directives->line_reason = NULL;
}

/* Recursion is as deep as the tree, which statements cap at HC_MAX_KEY_DEPTH. */
static void
give_file_reason(const HcRegDirectives *directives, HcDeltaKey *key)
{
    if (key->reason == NULL && key->origin.source == directives->source)
        key->reason = directives->file_reason;
    for (guint i = 0; i < hc_delta_n_values(key); i++) {
        HcDeltaValue *value = hc_delta_value(key, i);
        if (value->reason == NULL && value->origin.source == directives->source)
            value->reason = directives->file_reason;
    }
    for (guint i = 0; i < hc_delta_n_children(key); i++)
        give_file_reason(directives, hc_delta_child(key, i));
}

gboolean
hc_reg_directives_finish(HcRegDirectives *directives, GError **error)
{
    end_section(directives);
    if (directives->file_reason != NULL)
        give_file_reason(directives, hc_delta_root(directives->delta));
    for (guint i = 0; i < directives->exacts->len; i++) {
        const HcRegExact *exact = &g_array_index(directives->exacts, HcRegExact, i);
        if (!hc_delta_make_exact(directives->delta, exact->key, exact->exact, exact->origin, error))
            return FALSE;
    }
    return TRUE;
}
