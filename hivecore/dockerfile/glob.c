#include "config.h"

#include "hivecore/dockerfile/glob.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"

typedef enum {
    TOKEN_CHAR,
    TOKEN_ANY,     /* one character */
    TOKEN_STAR,    /* any number of them */
    TOKEN_CLASS,   /* one of a set */
    TOKEN_FOLDERS, /* of .dockerignore's "**" and "/": nothing, or the next token */
    TOKEN_DEEP,    /* anything that ends in "/" */
    TOKEN_ALL,     /* anything at all */
} TokenType;

typedef struct {
    gunichar first;
    gunichar last;
} Range;

typedef struct {
    TokenType type;
    gunichar character;
    gboolean is_negated;
    GArray *ranges; /* of Range */
} Token;

struct HcGlob {
    HcGlobKind kind;
    GArray *tokens; /* of Token */
    guint8 *now;    /* a mark for each state: in front of that token */
    guint8 *next;
};

static void
token_clear(gpointer data)
{
    Token *token = data;
    g_clear_pointer(&token->ranges, g_array_unref);
}

static void
push(HcGlob *glob, TokenType type, gunichar character)
{
    const Token token = {.type = type, .character = character};
    g_array_append_val(glob->tokens, token);
}

static gboolean
fail_pattern(GError **error, const char *pattern, const char *what)
{
    return hc_fail(error, HC_ERROR_MALFORMED, "%s: %s", pattern, what);
}

/* One end of a range in "[...]"; moves @at behind it. */
static gboolean
read_end(const char **at, gunichar *character)
{
    if (**at == '\\')
        *at += 1;
    if (**at == '\0')
        return FALSE;
    *character = g_utf8_get_char(*at);
    *at += g_utf8_skip[(guchar) * *at];
    return TRUE;
}

/* Behind the "[". As Go's path.Match has it: "^" negates, no "]" is a member unless escaped. */
static gboolean
read_class(HcGlob *glob, const char **at, const char *pattern, GError **error)
{
    Token token = {.type = TOKEN_CLASS, .ranges = g_array_new(FALSE, FALSE, sizeof(Range))};
    if (**at == '^') {
        token.is_negated = TRUE;
        *at += 1;
    }
    gboolean is_good = TRUE;
    while (is_good && **at != ']') {
        Range range = {0, 0};
        is_good = **at != '-' && read_end(at, &range.first);
        range.last = range.first;
        if (is_good && **at == '-') {
            *at += 1;
            is_good = **at != ']' && **at != '-' && read_end(at, &range.last);
        }
        if (is_good)
            g_array_append_val(token.ranges, range);
    }
    if (is_good && token.ranges->len > 0) {
        *at += 1;
        g_array_append_val(glob->tokens, token);
        return TRUE;
    }
    token_clear(&token);
    return fail_pattern(error, pattern, "a [ that no ] ends, or with nothing in it");
}

/* Behind "**" of .dockerignore. */
static void
push_deep(HcGlob *glob, const char **at)
{
    /* "**.log" is what ends so; moby/patternmatcher compares the end then. */
    const gboolean is_suffix =
        glob->tokens->len == 0 && **at != '/' && strpbrk(*at, "*?[]\\") == NULL;
    if (**at == '/')
        *at += 1;
    if (**at == '\0' || is_suffix) {
        push(glob, TOKEN_ALL, 0);
        return;
    }
    push(glob, TOKEN_FOLDERS, 0);
    push(glob, TOKEN_DEEP, 0);
}

static gboolean
read_escape(HcGlob *glob, const char **at, const char *pattern, GError **error)
{
    if (**at == '\0')
        return fail_pattern(error, pattern, "a \\ at the end");
    if (glob->kind == HC_GLOB_SHELL && strchr("*?\\}/", **at) == NULL)
        return fail_pattern(error, pattern, "a \\ stands only before * ? \\ } /");
    push(glob, TOKEN_CHAR, g_utf8_get_char(*at));
    *at += g_utf8_skip[(guchar) * *at];
    return TRUE;
}

static gboolean
read_pattern(HcGlob *glob, const char *pattern, GError **error)
{
    const char *at = pattern;
    while (*at != '\0') {
        if (glob->tokens->len >= HC_MAX_GLOB_UNITS)
            return hc_fail(error, HC_ERROR_LIMIT, "a pattern has over %u characters",
                           HC_MAX_GLOB_UNITS);
        const gunichar c = g_utf8_get_char(at);
        at += g_utf8_skip[(guchar) *at];
        if (c == '*' && *at == '*' && glob->kind == HC_GLOB_IGNORE) {
            at++;
            push_deep(glob, &at);
        } else if (c == '*') {
            push(glob, TOKEN_STAR, 0);
        } else if (c == '?') {
            push(glob, TOKEN_ANY, 0);
        } else if (c == '[' && glob->kind != HC_GLOB_SHELL) {
            if (!read_class(glob, &at, pattern, error))
                return FALSE;
        } else if (c == '\\') {
            if (!read_escape(glob, &at, pattern, error))
                return FALSE;
        } else {
            push(glob, TOKEN_CHAR, c);
        }
    }
    return TRUE;
}

HcGlob *
hc_glob_new(HcGlobKind kind, const char *pattern, GError **error)
{
    g_autoptr(HcGlob) glob = g_new0(HcGlob, 1);
    glob->kind = kind;
    glob->tokens = g_array_new(FALSE, FALSE, sizeof(Token));
    g_array_set_clear_func(glob->tokens, token_clear);
    if (!read_pattern(glob, pattern, error))
        return NULL;
    glob->now = g_new0(guint8, glob->tokens->len + 1);
    glob->next = g_new0(guint8, glob->tokens->len + 1);
    return g_steal_pointer(&glob);
}

void
hc_glob_free(HcGlob *glob)
{
    if (glob == NULL)
        return;
    g_array_unref(glob->tokens);
    g_free(glob->now);
    g_free(glob->next);
    g_free(glob);
}

gboolean
hc_glob_has_wildcards(const char *pattern)
{
    for (const char *at = pattern; *at != '\0'; at++) {
        if (strchr("*?[", *at) != NULL)
            return TRUE;
        if (*at == '\\' && at[1] != '\0')
            at++;
    }
    return FALSE;
}

static gboolean
is_in_class(const Token *token, gunichar c)
{
    gboolean is_in = FALSE;
    for (guint i = 0; i < token->ranges->len && !is_in; i++) {
        const Range *range = &g_array_index(token->ranges, Range, i);
        is_in = range->first <= c && c <= range->last;
    }
    return is_in != token->is_negated;
}

/* What may match nothing is passed over: the state behind it is reached as well. */
static void
reach(const HcGlob *glob, guint8 *states, guint state)
{
    while (states[state] == 0) {
        states[state] = 1;
        if (state == glob->tokens->len)
            return;
        const TokenType type = g_array_index(glob->tokens, Token, state).type;
        if (type == TOKEN_FOLDERS) {
            /* The token behind it is entered only by taking a character. */
            reach(glob, states, state + 2);
            state++;
        } else if (type == TOKEN_STAR || type == TOKEN_ALL) {
            state++;
        } else {
            return;
        }
    }
}

/* From one state in front of @c to those behind it. */
static void
step(HcGlob *glob, guint state, gunichar c)
{
    const Token *token = &g_array_index(glob->tokens, Token, state);
    const gboolean is_within = c != '/' || glob->kind == HC_GLOB_SHELL;
    switch (token->type) {
    case TOKEN_CHAR:
        if (token->character == c)
            reach(glob, glob->next, state + 1);
        break;
    case TOKEN_ANY:
        if (is_within)
            reach(glob, glob->next, state + 1);
        break;
    case TOKEN_STAR:
        if (is_within)
            reach(glob, glob->next, state);
        break;
    case TOKEN_CLASS:
        if (is_within && is_in_class(token, c))
            reach(glob, glob->next, state + 1);
        break;
    case TOKEN_FOLDERS:
        break;
    case TOKEN_DEEP:
        glob->next[state] = 1;
        if (c == '/')
            reach(glob, glob->next, state + 1);
        break;
    case TOKEN_ALL:
        reach(glob, glob->next, state);
        break;
    }
}

/* Whether any state is left. */
static gboolean
advance(HcGlob *glob, gunichar c)
{
    memset(glob->next, 0, glob->tokens->len + 1);
    for (guint i = 0; i < glob->tokens->len; i++) {
        if (glob->now[i] != 0)
            step(glob, i, c);
    }
    guint8 *swap = glob->now;
    glob->now = glob->next;
    glob->next = swap;
    return memchr(glob->now, 1, glob->tokens->len + 1) != NULL;
}

/* Along @text, from its start or, @is_backwards, from its end. */
static gssize
run_along(HcGlob *glob, const char *text, gsize n_bytes, gboolean is_longest, gboolean is_backwards)
{
    const guint end_state = glob->tokens->len;
    gsize n_done = 0;
    gssize found = -1;
    memset(glob->now, 0, end_state + 1);
    reach(glob, glob->now, 0);
    for (;;) {
        if (glob->now[end_state] != 0)
            found = (gssize) n_done;
        if (n_done >= n_bytes || (found >= 0 && !is_longest))
            return found;
        const char *at = is_backwards ? g_utf8_prev_char(text + n_bytes - n_done) : text + n_done;
        if (!advance(glob, g_utf8_get_char(at)))
            return found;
        n_done += g_utf8_skip[(guchar) *at];
    }
}

gssize
hc_glob_prefix(HcGlob *glob, const char *text, gsize n_bytes, gboolean is_longest)
{
    return run_along(glob, text, n_bytes, is_longest, FALSE);
}

static void
reverse_tokens(GArray *tokens)
{
    for (guint i = 0; i < tokens->len / 2; i++) {
        Token *a = &g_array_index(tokens, Token, i);
        Token *b = &g_array_index(tokens, Token, tokens->len - 1 - i);
        const Token swap = *a;
        *a = *b;
        *b = swap;
    }
}

gssize
hc_glob_suffix(HcGlob *glob, const char *text, gsize n_bytes, gboolean is_longest)
{
    reverse_tokens(glob->tokens);
    const gssize found = run_along(glob, text, n_bytes, is_longest, TRUE);
    reverse_tokens(glob->tokens);
    return found;
}

gboolean
hc_glob_may_start(const HcGlob *glob, gunichar c)
{
    if (glob->tokens->len == 0)
        return TRUE;
    const Token *first = &g_array_index(glob->tokens, Token, 0);
    return first->type != TOKEN_CHAR || first->character == c;
}

gboolean
hc_glob_matches(HcGlob *glob, const char *text, gsize n_bytes)
{
    return hc_glob_prefix(glob, text, n_bytes, TRUE) == (gssize) n_bytes;
}
