#include "config.h"

#include "hivecore/reg/wine.h"

#include <string.h>

#include "hivecore/base/bytes.h"
#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/regf/types.h"

static const char header[] = "WINE REGISTRY Version ";

typedef struct {
    HcDelta *delta;
    const char *file;
    const char *at; /* in the line */
    const char *end;
    const char *next; /* the line after it */
    const char *stop; /* of the text */
    HcOrigin origin;
    HcDeltaKey *key;   /* the key at hand; NULL: none yet */
    GByteArray *text;  /* of one string, UTF-16LE */
    GByteArray *bytes; /* of one value */
} Reader;

gboolean
hc_wine_is(const uint8_t *bytes, gsize n_bytes)
{
    const gsize n = strlen(header);
    return n_bytes >= n && memcmp(bytes, header, n) == 0;
}

/* The line after "relative to". */
char *
hc_wine_place(const uint8_t *bytes, gsize n_bytes)
{
    static const struct {
        const char *path;
        const char *place;
    } places[] = {
        {"\\\\Machine", "HKEY_LOCAL_MACHINE"},
        {"\\\\User\\\\.Default", "HKEY_USERS\\.DEFAULT"},
        {"\\\\User\\\\", "HKEY_CURRENT_USER"},
    };
    static const char words[] = "\n;; All keys relative to ";
    g_autofree char *start = g_strndup((const char *) bytes, MIN(n_bytes, 256));
    const char *path = strstr(start, words);
    for (gsize i = 0; path != NULL && i < G_N_ELEMENTS(places); i++) {
        if (g_ascii_strncasecmp(path + strlen(words), places[i].path, strlen(places[i].path)) == 0)
            return g_strdup(places[i].place);
    }
    return NULL;
}

static gboolean
fail(const Reader *reader, const char *what, GError **error)
{
    return hc_fail(error, HC_ERROR_MALFORMED, "%s:%u: %s", reader->file, reader->origin.line, what);
}

/* --- lines and words --- */

static gboolean
next_line(Reader *reader)
{
    if (reader->next >= reader->stop)
        return FALSE;
    const char *feed = memchr(reader->next, '\n', (gsize) (reader->stop - reader->next));
    reader->at = reader->next;
    reader->end = feed != NULL ? feed : reader->stop;
    reader->next = feed != NULL ? feed + 1 : reader->stop;
    reader->origin.line++;
    if (reader->end > reader->at && reader->end[-1] == '\r')
        reader->end--;
    return TRUE;
}

static gboolean
is_at(const Reader *reader, const char *word)
{
    const gsize n = strlen(word);
    return (gsize) (reader->end - reader->at) >= n && memcmp(reader->at, word, n) == 0;
}

static gboolean
take(Reader *reader, const char *word)
{
    if (!is_at(reader, word))
        return FALSE;
    reader->at += strlen(word);
    return TRUE;
}

static void
append_unit(Reader *reader, uint16_t unit)
{
    uint8_t bytes[2];
    hc_put16(bytes, unit);
    g_byte_array_append(reader->text, bytes, sizeof(bytes));
}

/* Digits of @base, at most @n of them. */
static uint16_t
take_digits(Reader *reader, guint base, guint n)
{
    guint number = 0;
    for (; n > 0 && reader->at < reader->end; n--, reader->at++) {
        const int digit = g_ascii_xdigit_value(*reader->at);
        if (digit < 0 || (guint) digit >= base)
            break;
        number = number * base + (guint) digit;
    }
    return (uint16_t) number;
}

/* What stands behind a backslash. */
static void
take_escape(Reader *reader)
{
    static const char letters[] = "abefnrtv";
    static const char meant[] = "\a\b\033\f\n\r\t\v";
    const char c = *reader->at;
    const char *letter = c != '\0' ? strchr(letters, c) : NULL;
    if (c >= '0' && c <= '7') {
        append_unit(reader, take_digits(reader, 8, 3));
        return;
    }
    reader->at++;
    if (c == 'x')
        append_unit(reader, take_digits(reader, 16, 4));
    else
        append_unit(reader, (uint8_t) (letter != NULL ? meant[letter - letters] : c));
}

/* Up to @quote, which is taken, or with @is_path also up to a pair of backslashes. Wine writes
 * ASCII; other bytes are taken for Latin-1. */
static gboolean
take_text(Reader *reader, char quote, gboolean is_path, gboolean *is_last, GError **error)
{
    g_byte_array_set_size(reader->text, 0);
    for (; reader->at < reader->end;) {
        const char c = *reader->at++;
        *is_last = c == quote;
        if (*is_last || (is_path && c == '\\' && is_at(reader, "\\"))) {
            reader->at += *is_last ? 0 : 1;
            return TRUE;
        }
        if (c == '\\' && reader->at < reader->end)
            take_escape(reader);
        else
            append_unit(reader, (uint8_t) c);
    }
    return fail(reader, "a text that does not end", error);
}

static HcName
text_name(const Reader *reader)
{
    return (HcName){reader->text->data, reader->text->len / 2, FALSE};
}

/* --- keys --- */

static gboolean
read_key(Reader *reader, GError **error)
{
    g_autoptr(HcArena) arena = hc_arena_new();
    g_autoptr(GArray) path = g_array_new(FALSE, FALSE, sizeof(HcName));
    gboolean is_last = FALSE;
    while (!is_last) {
        if (!take_text(reader, ']', TRUE, &is_last, error))
            return FALSE;
        const HcName name = hc_name_dup(arena, text_name(reader));
        if (name.n_units == 0)
            return fail(reader, "an empty key name", error);
        g_array_append_val(path, name);
    }
    reader->key = hc_delta_ensure_key(reader->delta, hc_path_of(path), reader->origin, error);
    return reader->key != NULL;
}

/* "#class="…"", "#link"; times and the architecture say nothing here. */
static gboolean
read_option(Reader *reader, GError **error)
{
    gboolean is_last;
    if (reader->key == NULL)
        return TRUE;
    if (take(reader, "#link")) {
        reader->key->after.flags = HC_KEY_FLAG_SYMLINK;
        reader->key->changed |= HC_CHANGED_FLAGS;
    } else if (take(reader, "#class=\"")) {
        if (!take_text(reader, '"', FALSE, &is_last, error))
            return FALSE;
        const HcBlob name = {reader->text->data, reader->text->len};
        reader->key->after.class_name = hc_delta_dup_blob(reader->delta, name, FALSE);
        reader->key->changed |= HC_CHANGED_CLASS;
    }
    return TRUE;
}

/* --- values --- */

static gboolean
read_string(Reader *reader, GError **error)
{
    gboolean is_last;
    static const uint8_t nul[2] = {0, 0};
    if (!take_text(reader, '"', FALSE, &is_last, error))
        return FALSE;
    g_byte_array_append(reader->bytes, reader->text->data, reader->text->len);
    g_byte_array_append(reader->bytes, nul, sizeof(nul));
    return TRUE;
}

/* Pairs of digits with commas; a backslash at the end of a line goes on in the next. */
static gboolean
read_hex(Reader *reader, GError **error)
{
    while (reader->at < reader->end) {
        if (*reader->at == ',' || *reader->at == ' ') {
            reader->at++;
        } else if (*reader->at == '\\' && reader->at + 1 == reader->end) {
            if (!next_line(reader))
                return fail(reader, "data that does not end", error);
        } else if (reader->end - reader->at < 2 || !g_ascii_isxdigit(reader->at[0]) ||
                   !g_ascii_isxdigit(reader->at[1])) {
            return fail(reader, "no pairs of hex digits", error);
        } else {
            const uint8_t byte = (uint8_t) take_digits(reader, 16, 2);
            g_byte_array_append(reader->bytes, &byte, 1);
        }
    }
    return TRUE;
}

static gboolean
read_dword(Reader *reader, GError **error)
{
    char *end;
    g_autofree char *digits = g_strndup(reader->at, (gsize) (reader->end - reader->at));
    const guint64 number = g_ascii_strtoull(digits, &end, 16);
    uint8_t bytes[4];
    if (end == digits || *end != '\0' || number > G_MAXUINT32 || digits[0] == '-')
        return fail(reader, "no dword", error);
    hc_put32(bytes, (uint32_t) number);
    g_byte_array_append(reader->bytes, bytes, sizeof(bytes));
    return TRUE;
}

/* "(7):" */
static gboolean
take_type(Reader *reader, uint32_t *type)
{
    if (!take(reader, "("))
        return take(reader, ":");
    char *end;
    g_autofree char *digits = g_strndup(reader->at, (gsize) (reader->end - reader->at));
    const guint64 number = g_ascii_strtoull(digits, &end, 16);
    *type = (uint32_t) number;
    reader->at += end - digits;
    return end > digits && number <= G_MAXUINT32 && take(reader, "):");
}

static gboolean
read_data(Reader *reader, uint32_t *type, GError **error)
{
    g_byte_array_set_size(reader->bytes, 0);
    *type = HC_REG_SZ;
    if (take(reader, "\""))
        return read_string(reader, error);
    if (take(reader, "str")) {
        if (!take_type(reader, type) || !take(reader, "\""))
            return fail(reader, "no string", error);
        return read_string(reader, error);
    }
    *type = HC_REG_DWORD;
    if (take(reader, "dword:"))
        return read_dword(reader, error);
    *type = HC_REG_BINARY;
    if (take(reader, "hex") && take_type(reader, type))
        return read_hex(reader, error);
    return fail(reader, "data of a kind that is not known", error);
}

static gboolean
read_value(Reader *reader, GError **error)
{
    g_autoptr(HcArena) arena = hc_arena_new();
    HcName name = HC_NAME_EMPTY;
    gboolean is_last;
    uint32_t type;
    if (!take(reader, "@")) {
        if (!take(reader, "\""))
            return fail(reader, "is no key, value or remark", error);
        if (!take_text(reader, '"', FALSE, &is_last, error))
            return FALSE;
        name = hc_name_dup(arena, text_name(reader));
    }
    if (reader->key == NULL || !take(reader, "="))
        return fail(reader, reader->key == NULL ? "a value without a key" : "'=' is missing",
                    error);
    return read_data(reader, &type, error) &&
           hc_delta_set_value(reader->delta, reader->key, name, type,
                              (HcBlob){reader->bytes->data, reader->bytes->len}, reader->origin,
                              error);
}

static gboolean
read_line(Reader *reader, GError **error)
{
    while (reader->at < reader->end && g_ascii_isspace(*reader->at))
        reader->at++;
    if (reader->at == reader->end || *reader->at == ';')
        return TRUE;
    if (*reader->at == '#')
        return read_option(reader, error);
    return take(reader, "[") ? read_key(reader, error) : read_value(reader, error);
}

static gboolean
read_lines(Reader *reader, GError **error)
{
    (void) next_line(reader); /* the header */
    reader->at += strlen(header);
    if (reader->at == reader->end || *reader->at != '2' || reader->at + 1 != reader->end)
        return hc_fail(error, HC_ERROR_UNSUPPORTED, "%s: is of a version of Wine's other than 2",
                       reader->file);
    while (next_line(reader)) {
        if (!read_line(reader, error))
            return FALSE;
    }
    return TRUE;
}

gboolean
hc_wine_read(HcDelta *delta, const char *file, GBytes *content, GError **error)
{
    gsize n_bytes;
    const char *text = g_bytes_get_data(content, &n_bytes);
    if (!hc_wine_is((const uint8_t *) text, n_bytes))
        return hc_fail(error, HC_ERROR_MALFORMED, "%s: is no registry of Wine", file);
    g_autoptr(GByteArray) units = g_byte_array_new();
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    Reader reader = {.delta = delta,
                     .file = file,
                     .next = text,
                     .stop = text + n_bytes,
                     .origin = {hc_delta_add_source(delta, file), 0},
                     .text = units,
                     .bytes = bytes};
    return read_lines(&reader, error);
}
