#include "config.h"

#include <string.h>

#include "hivecore/base/json.h"

/*
 * All text here has passed hc_json_parse(), so each function knows what follows; the bounds are
 * kept nevertheless, since a value is only a span.
 */

static gboolean
is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static const char *
skip_blanks(const char *at, const char *end, guint *line)
{
    for (; at < end && is_blank(*at); at++)
        *line += *at == '\n' ? 1 : 0;
    return at;
}

/* The end of the string that begins at @at, behind its quote. */
static const char *
skip_string(const char *at, const char *end)
{
    at++;
    while (at < end) {
        const char *quote = memchr(at, '"', (gsize) (end - at));
        const char *stop = quote != NULL ? quote : end;
        const char *backslash = memchr(at, '\\', (gsize) (stop - at));
        if (backslash == NULL)
            return quote != NULL ? quote + 1 : end;
        at = MIN(backslash + 2, end);
    }
    return end;
}

/* The end of the object or array that begins at @at. */
static const char *
skip_container(const char *at, const char *end, guint *line)
{
    guint depth = 0;
    while (at < end) {
        if (*at == '"') {
            at = skip_string(at, end);
            continue;
        }
        if (*at == '{' || *at == '[')
            depth++;
        else if (*at == '}' || *at == ']')
            depth--;
        else if (*at == '\n')
            ++*line;
        at++;
        if (depth == 0)
            return at;
    }
    return end;
}

static const char *
skip_value(const char *at, const char *end, guint *line)
{
    if (at < end && *at == '"')
        return skip_string(at, end);
    if (at < end && (*at == '{' || *at == '['))
        return skip_container(at, end, line);
    while (at < end && strchr(",]}", *at) == NULL && !is_blank(*at))
        at++;
    return at;
}

HcJson
hc_json_checked(const char *text)
{
    HcJson value = {.line = 1};
    const char *end = text + strlen(text);
    value.text = skip_blanks(text, end, &value.line);
    while (end > value.text && is_blank(end[-1]))
        end--;
    value.n_bytes = (gsize) (end - value.text);
    return value;
}

HcJsonKind
hc_json_kind(HcJson value)
{
    switch (value.text[0]) {
    case '{':
        return HC_JSON_OBJECT;
    case '[':
        return HC_JSON_ARRAY;
    case '"':
        return HC_JSON_STRING;
    case 't':
    case 'f':
        return HC_JSON_BOOLEAN;
    case 'n':
        return HC_JSON_NULL;
    default:
        return HC_JSON_NUMBER;
    }
}

gboolean
hc_json_is(HcJson value, HcJsonKind kind)
{
    return value.text != NULL && hc_json_kind(value) == kind;
}

HcJsonIter
hc_json_iter(HcJson container)
{
    return (HcJsonIter){.at = container.text + 1,
                        .end = container.text + container.n_bytes - 1,
                        .line = container.line,
                        .is_object = container.text[0] == '{'};
}

/* Takes the value at the iterator's place, and the comma or colon behind it. */
static void
take(HcJsonIter *iter, char separator, HcJson *value)
{
    const char *start = iter->at;
    const guint line = iter->line;
    iter->at = skip_value(start, iter->end, &iter->line);
    if (value != NULL)
        *value = (HcJson){start, (gsize) (iter->at - start), line};
    iter->at = skip_blanks(iter->at, iter->end, &iter->line);
    if (iter->at < iter->end && *iter->at == separator)
        iter->at = skip_blanks(iter->at + 1, iter->end, &iter->line);
}

gboolean
hc_json_next(HcJsonIter *iter, HcJson *name, HcJson *value)
{
    iter->at = skip_blanks(iter->at, iter->end, &iter->line);
    if (iter->at >= iter->end)
        return FALSE;
    if (iter->is_object)
        take(iter, ':', name);
    take(iter, ',', value);
    return TRUE;
}

guint
hc_json_length(HcJson container)
{
    guint n = 0;
    HcJsonIter iter = hc_json_iter(container);
    for (HcJson value; hc_json_next(&iter, NULL, &value);)
        n++;
    return n;
}

HcJson
hc_json_find(HcJson object, const char *name)
{
    HcJson said;
    HcJson value;
    HcJsonIter iter = hc_json_iter(object);
    while (hc_json_next(&iter, &said, &value)) {
        if (hc_json_string_is(said, name))
            return value;
    }
    return (HcJson){NULL, 0, 0};
}

/* The number of four hex digits. */
static gunichar
hex_unit(const char *digits)
{
    gunichar unit = 0;
    for (guint i = 0; i < 4; i++)
        unit = unit << 4 | (gunichar) g_ascii_xdigit_value(digits[i]);
    return unit;
}

/* Appends what the escape at @at, behind the backslash, stands for. Returns: where it ends. */
static const char *
append_escaped(GString *out, const char *at)
{
    static const char letters[] = "bfnrt";
    static const char meanings[] = "\b\f\n\r\t";
    const char *letter = strchr(letters, *at);
    if (*at != 'u') {
        g_string_append_c(out, letter != NULL ? meanings[letter - letters] : *at);
        return at + 1;
    }
    gunichar c = hex_unit(at + 1);
    at += 5;
    if (c >= 0xd800 && c < 0xdc00) {
        c = 0x10000 + ((c - 0xd800) << 10) + (hex_unit(at + 2) - 0xdc00);
        at += 6;
    }
    g_string_append_unichar(out, c);
    return at;
}

char *
hc_json_string_dup(HcJson string)
{
    const char *at = string.text + 1;
    const char *end = string.text + string.n_bytes - 1;
    if (memchr(at, '\\', (gsize) (end - at)) == NULL)
        return g_strndup(at, (gsize) (end - at));
    GString *out = g_string_sized_new((gsize) (end - at));
    while (at < end) {
        if (*at == '\\')
            at = append_escaped(out, at + 1);
        else
            g_string_append_c(out, *at++);
    }
    return g_string_free(out, FALSE);
}

gboolean
hc_json_string_is(HcJson value, const char *text)
{
    if (!hc_json_is(value, HC_JSON_STRING))
        return FALSE;
    if (memchr(value.text, '\\', value.n_bytes) == NULL)
        return strlen(text) == value.n_bytes - 2 &&
               memcmp(value.text + 1, text, value.n_bytes - 2) == 0;
    g_autofree char *said = hc_json_string_dup(value);
    return strcmp(said, text) == 0;
}

gboolean
hc_json_uint64(HcJson value, uint64_t max, uint64_t *number)
{
    uint64_t n = 0;
    if (!hc_json_is(value, HC_JSON_NUMBER))
        return FALSE;
    for (gsize i = 0; i < value.n_bytes; i++) {
        const char c = value.text[i];
        if (!g_ascii_isdigit(c))
            return FALSE;
        const uint64_t digit = (uint64_t) (c - '0');
        if (n > (max - digit) / 10 || digit > max)
            return FALSE;
        n = 10 * n + digit;
    }
    *number = n;
    return TRUE;
}

char *
hc_json_compact(HcJson value)
{
    const char *at = value.text;
    const char *end = value.text + value.n_bytes;
    GString *out = g_string_sized_new(value.n_bytes);
    while (at < end) {
        const char *start = at;
        if (*at == '"') {
            at = skip_string(at, end);
            g_string_append_len(out, start, at - start);
        } else {
            if (!is_blank(*at))
                g_string_append_c(out, *at);
            at++;
        }
    }
    return g_string_free(out, FALSE);
}
