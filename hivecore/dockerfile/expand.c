#include "config.h"

#include "hivecore/dockerfile/expand.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/dockerfile/glob.h"

/* Scan: where we are in one word. */
typedef struct {
    const HcExpander *expander;
    const char *at;
    guint depth;
    gboolean keeps_escapes; /* they are a pattern's */
} Scan;

/* Piece: what has come out so far, and the words it is cut into. */
typedef struct {
    GString *text;
    GPtrArray *words; /* (nullable) */
    GString *word;
    gboolean has_word; /* also an empty one, of quotes */
} Piece;

static gboolean
fail_syntax(GError **error, const char *what)
{
    return hc_fail(error, HC_ERROR_MALFORMED, "%s", what);
}

static void
end_word(Piece *piece)
{
    if (piece->words != NULL && piece->has_word && piece->word->len > 0)
        g_ptr_array_add(piece->words, g_strdup(piece->word->str));
    g_string_truncate(piece->word, 0);
    piece->has_word = FALSE;
}

static gboolean
add_raw(Piece *piece, const char *text, gsize n_bytes, GError **error)
{
    if (piece->text->len + n_bytes > HC_MAX_DOCKER_WORD_BYTES)
        return hc_fail(error, HC_ERROR_LIMIT, "becomes longer than %u bytes",
                       HC_MAX_DOCKER_WORD_BYTES);
    g_string_append_len(piece->text, text, (gssize) n_bytes);
    if (piece->words != NULL)
        g_string_append_len(piece->word, text, (gssize) n_bytes);
    piece->has_word = TRUE;
    return TRUE;
}

/* Spaces end words. */
static gboolean
add_split(Piece *piece, const char *text, gsize n_bytes, GError **error)
{
    if (piece->words == NULL)
        return add_raw(piece, text, n_bytes, error);
    for (gsize i = 0; i < n_bytes; i++) {
        if (g_ascii_isspace(text[i]))
            end_word(piece);
        else if (!add_raw(piece, text + i, 1, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
add_character(Scan *scan, Piece *piece, gboolean is_split, GError **error)
{
    const gsize n_bytes = (guchar) g_utf8_skip[(guchar) *scan->at];
    const char *from = scan->at;
    scan->at += n_bytes;
    return is_split ? add_split(piece, from, n_bytes, error) : add_raw(piece, from, n_bytes, error);
}

static gboolean expand_until(Scan *scan, char stop, gboolean keeps_escapes, Piece *piece,
                             GError **error);

/* "${X:-…}": the part up to @stop, which ends it, or NULL. */
static char *
read_part(Scan *scan, char stop, gboolean keeps_escapes, GError **error)
{
    Piece piece = {.text = g_string_new(NULL), .word = g_string_new(NULL)};
    g_autoptr(GString) unused = piece.word;
    if (expand_until(scan, stop, keeps_escapes, &piece, error))
        return g_string_free(piece.text, FALSE);
    g_string_free(piece.text, TRUE);
    return NULL;
}

static gboolean
is_name_character(gunichar c)
{
    return g_unichar_isalpha(c) || g_unichar_isdigit(c) || c == '_';
}

/* A name, a number, or one of the shell's special parameters; empty when there is none. */
static char *
read_name(Scan *scan)
{
    const char *from = scan->at;
    if (*from != '\0' && strchr("@*#?-$!", *from) != NULL) {
        scan->at++;
    } else if (g_ascii_isdigit(*from)) {
        while (g_ascii_isdigit(*scan->at))
            scan->at++;
    } else {
        while (*scan->at != '\0' && is_name_character(g_utf8_get_char(scan->at)))
            scan->at += g_utf8_skip[(guchar) *scan->at];
    }
    return g_strndup(from, (gsize) (scan->at - from));
}

static gboolean
fail_pattern(GError **error, GError *failure)
{
    g_prefix_error(&failure, "a pattern in ${}: ");
    return hc_fail_with(error, failure);
}

/* ${X#p}, ${X##p}, ${X%p}, ${X%%p} */
static char *
trim(const char *value, char mark, const char *pattern, GError **error)
{
    const gboolean is_longest = *pattern == mark;
    GError *failure = NULL;
    g_autoptr(HcGlob) glob = hc_glob_new(HC_GLOB_SHELL, pattern + (is_longest ? 1 : 0), &failure);
    if (glob == NULL) {
        fail_pattern(error, failure);
        return NULL;
    }
    const gsize n_bytes = strlen(value);
    const gssize n = mark == '#' ? hc_glob_prefix(glob, value, n_bytes, is_longest)
                                 : hc_glob_suffix(glob, value, n_bytes, is_longest);
    if (n < 0)
        return g_strdup(value);
    return mark == '#' ? g_strdup(value + n) : g_strndup(value, n_bytes - (gsize) n);
}

/* The leftmost place in @value from @at on that matches, and how much of it at most; NULL: none. */
static const char *
find_match(HcGlob *glob, const char *at, gsize *work, gssize *n_bytes)
{
    for (;;) {
        const gsize n_left = strlen(at);
        if (*at == '\0' || hc_glob_may_start(glob, g_utf8_get_char(at))) {
            *work += n_left;
            *n_bytes = hc_glob_prefix(glob, at, n_left, TRUE);
            if (*n_bytes >= 0)
                return at;
        }
        if (*at == '\0' || *work > HC_MAX_GLOB_WORK)
            return NULL;
        at += g_utf8_skip[(guchar) *at];
    }
}

/* ${X/p/r}, ${X//p/r}. As Go has it, an empty match right behind a match is none. */
static char *
replace(const char *value, const char *pattern, const char *with, gboolean is_all, GError **error)
{
    GError *failure = NULL;
    g_autoptr(HcGlob) glob = hc_glob_new(HC_GLOB_SHELL, pattern, &failure);
    g_autoptr(GString) out = g_string_new(NULL);
    if (glob == NULL) {
        fail_pattern(error, failure);
        return NULL;
    }
    gsize work = 0;
    gssize n_bytes;
    const char *done = value;
    const char *from = value;
    gboolean is_behind = FALSE;
    const char *at;
    while ((at = find_match(glob, from, &work, &n_bytes)) != NULL) {
        if (n_bytes > 0 || at != done || !is_behind) {
            g_string_append_len(out, done, at - done);
            g_string_append(out, with);
            done = at + n_bytes;
            is_behind = TRUE;
        }
        if (!is_all || *at == '\0' || out->len > HC_MAX_DOCKER_WORD_BYTES)
            break;
        from = n_bytes > 0 ? at + n_bytes : at + g_utf8_skip[(guchar) *at];
    }
    if (work > HC_MAX_GLOB_WORK)
        return hc_fail_null(error, HC_ERROR_LIMIT, "a pattern in ${} takes too long");
    g_string_append(out, done);
    return g_string_free(g_steal_pointer(&out), FALSE);
}

/* ${X/…}, behind the first slash. */
static char *
expand_replace(Scan *scan, const char *value, GError **error)
{
    const gboolean is_all = *scan->at == '/';
    if (is_all)
        scan->at++;
    g_autofree char *pattern = read_part(scan, '/', TRUE, error);
    g_autofree char *with = pattern != NULL ? read_part(scan, '}', TRUE, error) : NULL;
    return with != NULL ? replace(value, pattern, with, is_all, error) : NULL;
}

/* ${X?word}, ${X:?word} */
static char *
expand_needed(const char *name, const char *value, gboolean null_is_unset, const char *word,
              GError **error)
{
    const char *what = value == NULL                     ? "is not allowed to be unset"
                       : null_is_unset && *value == '\0' ? "is not allowed to be empty"
                                                         : NULL;
    if (what == NULL)
        return g_strdup(value);
    return hc_fail_null(error, HC_ERROR_USAGE, "%s: %s", name, *word != '\0' ? word : what);
}

/* Behind the name in braces. @value: (nullable) */
static char *
expand_modifier(Scan *scan, const char *name, const char *value, GError **error)
{
    char mark = *scan->at;
    if (mark == '}') {
        scan->at++;
        return g_strdup(value != NULL ? value : "");
    }
    const gboolean null_is_unset = mark == ':';
    if (null_is_unset)
        mark = *++scan->at;
    if (mark == '\0')
        return hc_fail_null(error, HC_ERROR_MALFORMED, "a ${ that no } ends");
    scan->at++;
    if (mark == '/' && !null_is_unset)
        return expand_replace(scan, value != NULL ? value : "", error);
    const gboolean is_pattern = mark == '#' || mark == '%';
    if (strchr("-+?#%", mark) == NULL || (is_pattern && null_is_unset))
        return hc_fail_null(error, HC_ERROR_MALFORMED, "${%s%s%c…} is no form of a substitution",
                            name, null_is_unset ? ":" : "", mark);
    g_autofree char *word = read_part(scan, '}', is_pattern, error);
    if (word == NULL)
        return NULL;
    const gboolean is_set = value != NULL && !(null_is_unset && *value == '\0');
    if (mark == '-')
        return g_strdup(is_set ? value : word);
    if (mark == '+')
        return g_strdup(is_set ? word : "");
    if (mark == '?')
        return expand_needed(name, value, null_is_unset, word, error);
    return trim(value != NULL ? value : "", mark, word, error);
}

/* Behind a "$". */
static char *
expand_variable(Scan *scan, GError **error)
{
    const gboolean has_braces = *scan->at == '{';
    if (has_braces && strchr("{}:", scan->at[1]) != NULL)
        return hc_fail_null(error, HC_ERROR_MALFORMED, "%s",
                            scan->at[1] == '\0' ? "a ${ that no } ends"
                                                : "a ${ that no name follows");
    if (has_braces)
        scan->at++;
    g_autofree char *name = read_name(scan);
    if (*name == '\0' && !has_braces)
        return g_strdup("$");
    const char *value = hc_docker_env_get(scan->expander->env, name);
    if (value == NULL && scan->expander->unset != NULL && (!has_braces || *scan->at == '}'))
        g_ptr_array_add(scan->expander->unset, g_strdup(name));
    return has_braces ? expand_modifier(scan, name, value, error)
                      : g_strdup(value != NULL ? value : "");
}

static gboolean
add_variable(Scan *scan, Piece *piece, gboolean is_split, GError **error)
{
    scan->at++;
    g_autofree char *value = expand_variable(scan, error);
    if (value == NULL)
        return FALSE;
    return is_split ? add_split(piece, value, strlen(value), error)
                    : add_raw(piece, value, strlen(value), error);
}

static gboolean
add_single_quoted(Scan *scan, Piece *piece, GError **error)
{
    const char *end = strchr(scan->at + 1, '\'');
    if (end == NULL)
        return fail_syntax(error, "a ' that no other ' ends");
    const char *from = scan->at + 1;
    scan->at = end + 1;
    return add_raw(piece, from, (gsize) (end - from), error);
}

/* An escape stands for itself but before what could end or begin something. */
static gboolean
add_escaped_in_quotes(Scan *scan, Piece *piece, GError **error)
{
    const gunichar escape = scan->expander->escape;
    const char *next = scan->at + 1;
    const gboolean is_escape = *next == '"' || *next == '$' || (gunichar) (guchar) *next == escape;
    if (scan->keeps_escapes && !add_raw(piece, scan->at, 1, error))
        return FALSE;
    if (*next == '\0' || is_escape)
        scan->at++;
    return *next == '\0' || add_character(scan, piece, FALSE, error);
}

static gboolean
add_double_quoted(Scan *scan, Piece *piece, GError **error)
{
    piece->has_word = TRUE;
    scan->at++;
    while (*scan->at != '"') {
        gboolean is_added;
        if (*scan->at == '\0')
            return fail_syntax(error, "a \" that no other \" ends");
        if (*scan->at == '$')
            is_added = add_variable(scan, piece, FALSE, error);
        else if ((gunichar) (guchar) *scan->at == scan->expander->escape)
            is_added = add_escaped_in_quotes(scan, piece, error);
        else
            is_added = add_character(scan, piece, FALSE, error);
        if (!is_added)
            return FALSE;
    }
    scan->at++;
    return TRUE;
}

static gboolean
add_escaped(Scan *scan, Piece *piece, GError **error)
{
    if (scan->keeps_escapes && !add_raw(piece, scan->at, 1, error))
        return FALSE;
    scan->at++;
    return *scan->at == '\0' || add_character(scan, piece, FALSE, error);
}

static gboolean
add_next(Scan *scan, Piece *piece, GError **error)
{
    if (*scan->at == '\'')
        return add_single_quoted(scan, piece, error);
    if (*scan->at == '"')
        return add_double_quoted(scan, piece, error);
    if (*scan->at == '$')
        return add_variable(scan, piece, TRUE, error);
    if ((gunichar) (guchar) *scan->at == scan->expander->escape)
        return add_escaped(scan, piece, error);
    return add_character(scan, piece, TRUE, error);
}

/* @stop: '\0' for the end of the word */
static gboolean
expand_until(Scan *scan, char stop, gboolean keeps_escapes, Piece *piece, GError **error)
{
    const gboolean kept = scan->keeps_escapes;
    if (scan->depth >= HC_MAX_DOCKER_NESTING)
        return hc_fail(error, HC_ERROR_LIMIT, "over %u ${ in each other", HC_MAX_DOCKER_NESTING);
    scan->depth++;
    scan->keeps_escapes = keeps_escapes;
    while (*scan->at != '\0' && *scan->at != stop) {
        if (!add_next(scan, piece, error))
            return FALSE;
    }
    if (*scan->at != stop)
        return fail_syntax(error, "a ${ that no } ends");
    if (stop != '\0')
        scan->at++;
    scan->depth--;
    scan->keeps_escapes = kept;
    return TRUE;
}

static gboolean
expand(const HcExpander *expander, const char *word, Piece *piece, GError **error)
{
    Scan scan = {.expander = expander, .at = word};
    if (!expand_until(&scan, '\0', FALSE, piece, error)) {
        g_autofree char *shown = g_utf8_substring(word, 0, MIN(g_utf8_strlen(word, -1), 80));
        g_prefix_error(error, "'%s': ", shown);
        return FALSE;
    }
    if (expander->n_bytes != NULL)
        *expander->n_bytes += piece->text->len;
    if (expander->n_bytes == NULL || *expander->n_bytes <= HC_MAX_DOCKER_EXPANDED_BYTES)
        return TRUE;
    return hc_fail(error, HC_ERROR_LIMIT, "variables make over %u MB of text",
                   HC_MAX_DOCKER_EXPANDED_BYTES >> 20);
}

char *
hc_docker_expand(const HcExpander *expander, const char *word, GError **error)
{
    Piece piece = {.text = g_string_new(NULL), .word = g_string_new(NULL)};
    g_autoptr(GString) unused = piece.word;
    const gboolean is_done = expand(expander, word, &piece, error);
    char *text = g_string_free(piece.text, FALSE);
    if (!is_done)
        g_clear_pointer(&text, g_free);
    return text;
}

GPtrArray *
hc_docker_expand_words(const HcExpander *expander, const char *word, GError **error)
{
    Piece piece = {.text = g_string_new(NULL),
                   .words = g_ptr_array_new_with_free_func(g_free),
                   .word = g_string_new(NULL)};
    g_autoptr(GString) unused_text = piece.text;
    g_autoptr(GString) unused_word = piece.word;
    g_autoptr(GPtrArray) words = piece.words;
    if (!expand(expander, word, &piece, error))
        return NULL;
    end_word(&piece);
    return g_steal_pointer(&words);
}
