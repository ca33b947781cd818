#include "config.h"

#include "hivecore/search/search.h"

#include <string.h>

#include "hivecore/base/display.h"
#include "hivecore/base/error.h"
#include "hivecore/regf/types.h"
#include "hivecore/search/pattern-private.h"

/* Texts are gathered up to this much. */
#define GATHERED_BYTES (64u << 10)

struct HcPattern {
    HcPatternKind kind;
    HcNeedle needle; /* of TEXT */
    GRegex *single;  /* of the others: for one text */
    GRegex *joint;   /* (nullable): for many, each a line; finds one of them where single does */
    GString *texts;  /* at hand */
    GString *gathered;
    gboolean may_match; /* what was gathered and looked at before */
    gboolean is_given_up;
    char *text;
};

/* --- making one --- */

/* The "]" of the class that starts at @at; NULL: none does. The first character is a member. */
static const char *
find_class_end(const char *at)
{
    if (*at != '[' || at[1] == '\0')
        return NULL;
    return strchr(at + (at[1] == '!' && at[2] != '\0' ? 3 : 2), ']');
}

static void
append_class(GString *out, const char *at, const char *end)
{
    const gboolean is_negated = at[1] == '!';
    g_string_append(out, is_negated ? "[^" : "[");
    for (const char *in = at + (is_negated ? 2 : 1); in < end; in++) {
        if (strchr("\\[]^", *in) != NULL)
            g_string_append_c(out, '\\');
        g_string_append_c(out, *in);
    }
    g_string_append_c(out, ']');
}

/* As a regular expression for a whole text. */
static void
append_glob(GString *out, const char *glob)
{
    for (const char *at = glob; *at != '\0'; at++) {
        const char *end = find_class_end(at);
        if (*at == '*') {
            g_string_append(out, ".*");
        } else if (*at == '?') {
            g_string_append_c(out, '.');
        } else if (end != NULL) {
            append_class(out, at, end);
            at = end;
        } else {
            if (strchr("\\.+()[]{}^$|#", *at) != NULL)
                g_string_append_c(out, '\\');
            g_string_append_c(out, *at);
        }
    }
}

/* Whether a match in one line is one in the text of many lines: nothing in it looks beyond the ends
 * of what it matches, or gives nothing back. */
static gboolean
is_joinable(const char *regex)
{
    for (const char *at = regex; *at != '\0'; at++) {
        if (*at == '\\') {
            at++;
            if (*at == '\0' || strchr("AZzGKRXCQE", *at) != NULL)
                return FALSE;
            continue;
        }
        const gboolean looks = *at == '(' && (at[1] == '*' || (at[1] == '?' && at[2] != ':'));
        const gboolean keeps = *at == '+' && at > regex && strchr("+*?}", at[-1]) != NULL;
        if (looks || keeps)
            return FALSE;
    }
    return TRUE;
}

static GRegex *
compile(const char *text, const char *shown, GRegexCompileFlags flags, GError **error)
{
    GError *failure = NULL;
    GRegex *regex = g_regex_new(text, flags | G_REGEX_OPTIMIZE | G_REGEX_NEWLINE_LF,
                                (GRegexMatchFlags) 0, &failure);
    if (regex != NULL)
        return regex;
    /* GLib's message has the expression too, in quotes of a font. */
    const char *place = strstr(failure->message, " at char ");
    if (shown != text) /* whose characters are not those of the expression */
        (void) hc_fail(error, HC_ERROR_USAGE, "'%s' is no pattern for names: look at its [...]",
                       shown);
    else
        (void) hc_fail(error, HC_ERROR_USAGE, "'%s' is no regular expression: %s%s", shown,
                       place != NULL ? "character " : "",
                       place != NULL ? place + strlen(" at char ") : failure->message);
    g_error_free(failure);
    return NULL;
}

static gboolean
compile_both(HcPattern *pattern, gboolean ignores_case, GError **error)
{
    const GRegexCompileFlags fold = ignores_case ? G_REGEX_CASELESS : (GRegexCompileFlags) 0;
    if (pattern->kind == HC_PATTERN_REGEX) {
        pattern->single = compile(pattern->text, pattern->text, fold, error);
        if (pattern->single != NULL && is_joinable(pattern->text))
            pattern->joint = compile(pattern->text, pattern->text, fold | G_REGEX_MULTILINE, NULL);
        return pattern->single != NULL;
    }
    g_autoptr(GString) regex = g_string_new("^(?:");
    append_glob(regex, pattern->text);
    g_string_append(regex, ")$");
    pattern->single =
        compile(regex->str, pattern->text, fold | G_REGEX_DOTALL | G_REGEX_DOLLAR_ENDONLY, error);
    pattern->joint = compile(regex->str, pattern->text, fold | G_REGEX_MULTILINE, NULL);
    return pattern->single != NULL;
}

HcPattern *
hc_pattern_new(const char *text, HcPatternKind kind, gboolean ignores_case, GError **error)
{
    if (!g_utf8_validate(text, -1, NULL))
        return hc_fail_null(error, HC_ERROR_USAGE, "%s: is not UTF-8", text);
    if (text[0] == '\0')
        return hc_fail_null(error, HC_ERROR_USAGE, "PATTERN is empty");
    g_autoptr(HcPattern) pattern = g_new0(HcPattern, 1);
    pattern->kind = kind;
    pattern->text = g_strdup(text);
    pattern->texts = g_string_new(NULL);
    pattern->gathered = g_string_new(NULL);
    if (kind == HC_PATTERN_TEXT)
        hc_needle_init(&pattern->needle, text, ignores_case);
    else if (!compile_both(pattern, ignores_case, error))
        return NULL;
    return g_steal_pointer(&pattern);
}

void
hc_pattern_free(HcPattern *pattern)
{
    if (pattern == NULL)
        return;
    hc_needle_clear(&pattern->needle);
    g_clear_pointer(&pattern->single, g_regex_unref);
    g_clear_pointer(&pattern->joint, g_regex_unref);
    g_string_free(pattern->texts, TRUE);
    g_string_free(pattern->gathered, TRUE);
    g_free(pattern->text);
    g_free(pattern);
}

/* --- one name, one value's data --- */

static gboolean
matches(HcPattern *pattern, const GRegex *regex, const char *text, gsize n_bytes)
{
    GError *failure = NULL;
    const gboolean is_found =
        g_regex_match_full(regex, text, (gssize) n_bytes, 0, (GRegexMatchFlags) 0, NULL, &failure);
    if (failure == NULL)
        return is_found;
    g_error_free(failure);
    pattern->is_given_up = TRUE;
    return FALSE;
}

/* Each of the texts at hand for itself. Returns: the first that matches, its length in @n_bytes */
static const char *
find_text(HcPattern *pattern, gsize *n_bytes)
{
    const char *end = pattern->texts->str + pattern->texts->len;
    for (const char *text = pattern->texts->str; text < end; text += *n_bytes + 1) {
        *n_bytes = (gsize) ((const char *) memchr(text, '\0', (gsize) (end - text)) - text);
        if (matches(pattern, pattern->single, text, *n_bytes))
            return text;
    }
    return NULL;
}

gboolean
hc_pattern_matches_name(HcPattern *pattern, HcName name)
{
    if (pattern->kind == HC_PATTERN_TEXT)
        return hc_needle_find(&pattern->needle, name.chars, hc_name_bytes(name),
                              name.is_latin1 ? 1 : 2, TRUE) != NULL;
    gsize n_bytes;
    g_string_truncate(pattern->texts, 0);
    hc_texts_append_name(pattern->texts, '\0', name);
    return find_text(pattern, &n_bytes) != NULL;
}

static void
append_held(GString *held, const uint8_t *string, gsize n_bytes, guint width)
{
    if (held != NULL)
        hc_name_append_display(held, (HcName){string, (uint32_t) (n_bytes / width), width == 1});
}

/* A text in bytes, where it is part of a string. */
static gboolean
is_in_bytes(const HcNeedle *needle, HcBlob data, guint width, GString *held)
{
    gsize from = 0;
    while (from < data.n_bytes) {
        const uint8_t *at =
            hc_needle_find(needle, data.bytes + from, data.n_bytes - from, width, FALSE);
        if (at == NULL)
            return FALSE;
        gsize n_string = data.n_bytes;
        const uint8_t *string =
            hc_string_around(data.bytes, &n_string, (gsize) (at - data.bytes), width);
        if (string != NULL || !needle->is_ascii) {
            if (string == NULL) {
                string = at;
                n_string = (gsize) needle->n_units * width;
            }
            append_held(held, string, n_string, width);
            return TRUE;
        }
        from = (gsize) (at - data.bytes) + 1;
    }
    return FALSE;
}

static gboolean
has_needle(const HcNeedle *needle, const HcDatum *datum, GString *held)
{
    uint64_t number;
    if (hc_texts_is_text(datum))
        return hc_needle_find(needle, datum->data.bytes, datum->data.n_bytes, 2, TRUE) != NULL;
    if (hc_texts_read_number(datum, &number))
        return needle->is_number && number == needle->number;
    return is_in_bytes(needle, datum->data, 2, held) || is_in_bytes(needle, datum->data, 1, held);
}

/* The NULs that end a text, or a list, begin no other. */
static void
drop_ends(GString *texts, guint n)
{
    for (; n > 0 && texts->len > 1 && texts->str[texts->len - 2] == '\0'; n--)
        g_string_truncate(texts, texts->len - 1);
}

gboolean
hc_pattern_matches_data(HcPattern *pattern, const HcDatum *datum, GString *held)
{
    if (pattern->kind == HC_PATTERN_TEXT)
        return has_needle(&pattern->needle, datum, held);
    gboolean is_bytes;
    gsize n_bytes;
    g_string_truncate(pattern->texts, 0);
    hc_texts_append_datum(pattern->texts, '\0', datum, &is_bytes);
    if (hc_texts_is_text(datum))
        drop_ends(pattern->texts, datum->type == HC_REG_MULTI_SZ ? 2 : 1);
    const char *found = find_text(pattern, &n_bytes);
    if (found != NULL && is_bytes && held != NULL)
        hc_append_display(held, found, n_bytes);
    return found != NULL;
}

/* --- many --- */

static void
look_at_gathered(HcPattern *pattern)
{
    GString *gathered = pattern->gathered;
    const gboolean was_given_up = pattern->is_given_up;
    if (!pattern->may_match && gathered->len > 0)
        pattern->may_match =
            matches(pattern, pattern->joint, gathered->str, gathered->len) || pattern->is_given_up;
    pattern->is_given_up = was_given_up;
    g_string_truncate(gathered, 0);
}

gboolean
hc_pattern_is_gathering(const HcPattern *pattern)
{
    return pattern->joint != NULL;
}

/* What is known of the texts at hand is enough. */
static gboolean
is_gathering(const HcPattern *pattern)
{
    return pattern->joint != NULL && !pattern->may_match;
}

void
hc_pattern_offer_name(HcPattern *pattern, HcName name)
{
    if (!is_gathering(pattern))
        return;
    /* A line feed in a text would make two of it. */
    if (hc_name_has_unit(name, '\n'))
        pattern->may_match = TRUE;
    hc_texts_append_name(pattern->gathered, '\n', name);
}

static gboolean
has_line_feed(const HcDatum *datum)
{
    for (uint32_t i = 0; i + 1 < datum->data.n_bytes; i += 2) {
        if (datum->data.bytes[i] == '\n' && datum->data.bytes[i + 1] == 0)
            return TRUE;
    }
    return FALSE;
}

void
hc_pattern_offer_data(HcPattern *pattern, const HcDatum *datum)
{
    gboolean is_bytes;
    if (!is_gathering(pattern))
        return;
    if (hc_texts_is_text(datum) && has_line_feed(datum))
        pattern->may_match = TRUE;
    hc_texts_append_datum(pattern->gathered, '\n', datum, &is_bytes);
    if (pattern->gathered->len > GATHERED_BYTES)
        look_at_gathered(pattern);
}

gboolean
hc_pattern_may_match(HcPattern *pattern)
{
    if (pattern->joint == NULL)
        return TRUE;
    look_at_gathered(pattern);
    const gboolean may_match = pattern->may_match;
    pattern->may_match = FALSE;
    return may_match;
}

gboolean
hc_pattern_check(const HcPattern *pattern, GError **error)
{
    return !pattern->is_given_up ||
           hc_fail(error, HC_ERROR_LIMIT, "--regex %s: takes too long to match", pattern->text);
}
