#include "config.h"

#include "hivecore/base/limits.h"
#include "hivecore/reg/directive-private.h"

/* ";!map" and ";!scope": where the statements of a file go, and where they may go. */

static HcName
name_at(const GArray *path, gsize i)
{
    return g_array_index(path, HcName, i);
}

static gboolean
starts_with(const GArray *path, const GArray *start)
{
    return hc_path_is_below(hc_path_of(path), hc_path_of(start));
}

void
hc_reg_directives_map(const HcRegDirectives *directives, GArray *path)
{
    const HcRegMap *best = NULL;
    for (guint i = 0; i < directives->maps->len; i++) {
        const HcRegMap *map = &g_array_index(directives->maps, HcRegMap, i);
        if (starts_with(path, map->from) && (best == NULL || map->from->len > best->from->len))
            best = map;
    }
    if (best == NULL)
        return;
    g_array_remove_range(path, 0, best->from->len);
    g_array_insert_vals(path, 0, best->to->data, best->to->len);
}

/* The path between @from and @to. @any_root: it may start with any word
 * Returns: (transfer full): of HcName, or NULL, which was told */
static GArray *
parse_path(const HcRegDirective *directive, gsize from, gsize to, gboolean any_root)
{
    const HcRegLexer *lexer = &directive->lexer;
    HcRegSection section = {.path = g_array_new(FALSE, FALSE, sizeof(HcName)),
                            .roots = any_root ? NULL : directive->directives->roots};
    if (hc_reg_add_path(lexer, from, hc_reg_trim(lexer, from, to), &section))
        return section.path;
    g_array_unref(section.path);
    return NULL;
}

/* Whether there can be one more of these lines; told once when not. */
static gboolean
check_limit(HcRegDirective *directive)
{
    HcRegDirectives *directives = directive->directives;
    if (directives->n_place_lines++ < HC_MAX_PLACE_DIRECTIVES)
        return TRUE;
    if (directives->n_place_lines == HC_MAX_PLACE_DIRECTIVES + 1)
        (void) hc_reg_fail_found(&directive->start, directive->start.pos, HC_ERROR_LIMIT,
                                 "at most that many", NULL, "more than %u 'map' and 'scope' lines",
                                 HC_MAX_PLACE_DIRECTIVES);
    return FALSE;
}

void
hc_reg_read_map(HcRegDirective *directive)
{
    if (!check_limit(directive))
        return;
    HcRegDirectives *directives = directive->directives;
    HcRegLexer *lexer = &directive->lexer;
    gsize eol = hc_reg_eol(lexer, lexer->pos);
    gsize equals = lexer->pos;
    while (equals < eol && !hc_reg_is(lexer, equals, '='))
        equals++;
    if (equals == eol) {
        (void) hc_reg_fail(lexer, eol, "'=' and the path that stands for this one", NULL);
        return;
    }
    HcRegMap map = {.from = parse_path(directive, lexer->pos, equals, TRUE)};
    lexer->pos = equals + 1;
    hc_reg_skip_blanks(lexer);
    map.to = map.from != NULL ? parse_path(directive, lexer->pos, eol, FALSE) : NULL;
    gboolean is_known = FALSE;
    for (guint i = 0; map.to != NULL && i < directives->maps->len; i++) {
        const HcRegMap *other = &g_array_index(directives->maps, HcRegMap, i);
        is_known |= other->from->len == map.from->len && starts_with(other->from, map.from);
    }
    if (is_known)
        (void) hc_reg_fail_found(&directive->start, directive->start.pos, HC_ERROR_MALFORMED,
                                 "one for each path", NULL, "a second 'map' of this path");
    if (map.to != NULL && !is_known) {
        g_array_append_val(directives->maps, map);
        g_array_append_val(directives->roots, g_array_index(map.from, HcName, 0));
        return;
    }
    g_clear_pointer(&map.from, g_array_unref);
    g_clear_pointer(&map.to, g_array_unref);
}

void
hc_reg_read_scope(HcRegDirective *directive)
{
    if (!check_limit(directive))
        return;
    HcRegLexer *lexer = &directive->lexer;
    gsize eol = hc_reg_eol(lexer, lexer->pos);
    gsize colons = lexer->pos;
    while (colons < eol && !(hc_reg_is(lexer, colons, ':') && hc_reg_is(lexer, colons + 1, ':')))
        colons++;
    HcRegScope scope = {.path = parse_path(directive, lexer->pos, colons, FALSE),
                        .is_on_value = colons < eol,
                        .value = HC_NAME_EMPTY};
    if (scope.path == NULL)
        return;
    if (scope.is_on_value) {
        gsize from = colons + 2;
        scope.value = hc_reg_span(lexer, from, hc_reg_trim(lexer, from, eol));
        if (hc_name_equal(scope.value, HC_NAME_ASCII("@")))
            scope.value = HC_NAME_EMPTY;
    }
    g_array_append_val(directive->directives->scopes, scope);
}

/* '*' any characters, '?' one; the last '*' that took too little takes one more. */
static gboolean
glob_matches(HcName glob, HcName name)
{
    uint32_t at = 0;
    uint32_t star = G_MAXUINT32;
    uint32_t taken = 0;
    for (uint32_t i = 0; i < name.n_units;) {
        const uint16_t unit = at < glob.n_units ? hc_name_unit(glob, at) : 0;
        if (at < glob.n_units && unit == '*') {
            star = at++;
            taken = i;
        } else if (at < glob.n_units &&
                   (unit == '?' || hc_upcase(unit) == hc_upcase(hc_name_unit(name, i)))) {
            at++;
            i++;
        } else if (star != G_MAXUINT32) {
            at = star + 1;
            i = ++taken;
        } else {
            return FALSE;
        }
    }
    while (at < glob.n_units && hc_name_unit(glob, at) == '*')
        at++;
    return at == glob.n_units;
}

static gboolean
is_any_depth(HcName glob)
{
    return hc_name_equal(glob, HC_NAME_ASCII("**"));
}

/* The same with names for characters, and "**" for '*'. */
static gboolean
path_matches(const GArray *globs, const GArray *path)
{
    guint at = 0;
    guint star = G_MAXUINT;
    guint taken = 0;
    for (guint i = 0; i < path->len;) {
        if (at < globs->len && is_any_depth(name_at(globs, at))) {
            star = at++;
            taken = i;
        } else if (at < globs->len && glob_matches(name_at(globs, at), name_at(path, i))) {
            at++;
            i++;
        } else if (star != G_MAXUINT) {
            at = star + 1;
            i = ++taken;
        } else {
            return FALSE;
        }
    }
    while (at < globs->len && is_any_depth(name_at(globs, at)))
        at++;
    return at == globs->len;
}

static gboolean
scope_allows(const HcRegDirectives *directives, const HcRegScope *scope, const GArray *path,
             HcRegTouch touch, HcName value)
{
    g_autoptr(GArray) globs = g_array_new(FALSE, FALSE, sizeof(HcName));
    g_array_append_vals(globs, scope->path->data, scope->path->len);
    hc_reg_directives_map(directives, globs);
    if (!path_matches(globs, path))
        return FALSE;
    switch (touch) {
    case HC_REG_TOUCHES_KEY:
        return TRUE;
    case HC_REG_TOUCHES_VALUE:
        return !scope->is_on_value || glob_matches(scope->value, value);
    case HC_REG_TOUCHES_ALL:
        break;
    }
    return !scope->is_on_value && is_any_depth(name_at(globs, globs->len - 1));
}

gboolean
hc_reg_directives_may(const HcRegDirectives *directives, const HcRegLexer *lexer,
                      const GArray *path, HcRegTouch touch, HcName value)
{
    static const char *const what[] = {
        [HC_REG_TOUCHES_KEY] = "a key outside every scope of the file",
        [HC_REG_TOUCHES_VALUE] = "a value outside every scope of the file",
        [HC_REG_TOUCHES_ALL] = "a change of all below a key that no scope of the file allows",
    };
    for (guint i = 0; i < directives->scopes->len; i++) {
        const HcRegScope *scope = &g_array_index(directives->scopes, HcRegScope, i);
        if (scope_allows(directives, scope, path, touch, value))
            return TRUE;
    }
    return directives->scopes->len == 0 ||
           hc_reg_fail_found(lexer, lexer->pos, HC_ERROR_MALFORMED,
                             touch == HC_REG_TOUCHES_ALL
                                 ? "a scope that covers the key and ends in '\\**'"
                                 : "only what a ';!scope' line names",
                             "does not know of scopes", "%s", what[touch]);
}
