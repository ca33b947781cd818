#include "config.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/base/json.h"
#include "hivecore/base/limits.h"

/* Names are compared each with each, so their number is kept small. Ours have 8 at most. */
#define MAX_MEMBERS 256u

typedef struct {
    gboolean is_object;
    guint first_member; /* in Scan.members */
    gsize names_bytes;  /* length of Scan.names when the object was opened */
} Frame;

typedef struct {
    gsize start;
    gsize n_bytes;
} Member;

typedef struct {
    const char *where;
    const char *at;
    const char *end;
    const char *line_start;
    guint line;
    GArray *frames;  /* of Frame */
    GArray *members; /* of Member: names of all open objects */
    GString *names;  /* their bytes */
    const char *hint;
    HcJson document;
} Scan;

static gboolean
fail(const Scan *scan, const char *expected, GError **error)
{
    glong column = g_utf8_strlen(scan->line_start, scan->at - scan->line_start) + 1;
    g_autofree char *found = NULL;
    if (scan->at == scan->end)
        found = g_strdup("the end");
    else if (g_ascii_isprint(*scan->at))
        found = g_strdup_printf("'%c'", *scan->at);
    else
        found = g_strdup_printf("U+%04X", (guint) g_utf8_get_char(scan->at));
    return hc_fail(error, HC_ERROR_MALFORMED, "%s:%u:%ld: found %s, expected %s", scan->where,
                   scan->line, column, found, expected);
}

static gboolean
fail_limit(const Scan *scan, const char *what, GError **error)
{
    glong column = g_utf8_strlen(scan->line_start, scan->at - scan->line_start) + 1;
    return hc_fail(error, HC_ERROR_LIMIT, "%s:%u:%ld: %s", scan->where, scan->line, column, what);
}

static char
peek(const Scan *scan)
{
    if (scan->at == scan->end)
        return '\0';
    return *scan->at;
}

static void
skip_blanks(Scan *scan)
{
    for (; scan->at < scan->end; scan->at++) {
        if (*scan->at == '\n') {
            scan->line++;
            scan->line_start = scan->at + 1;
        } else if (*scan->at != ' ' && *scan->at != '\t' && *scan->at != '\r') {
            return;
        }
    }
}

static gboolean
scan_hex4(Scan *scan, guint *unit, GError **error)
{
    *unit = 0;
    for (int i = 0; i < 4; i++) {
        if (!g_ascii_isxdigit(peek(scan)))
            return fail(scan, "four hex digits", error);
        *unit = *unit << 4 | (guint) g_ascii_xdigit_value(*scan->at);
        scan->at++;
    }
    return TRUE;
}

/* After the backslash and the u; appends the character to @decoded (nullable). */
static gboolean
scan_unicode_escape(Scan *scan, GString *decoded, GError **error)
{
    guint unit;
    if (!scan_hex4(scan, &unit, error))
        return FALSE;
    gunichar c = unit;
    if (unit >= 0xd800 && unit < 0xdc00) {
        guint low = 0;
        if (scan->end - scan->at < 2 || scan->at[0] != '\\' || scan->at[1] != 'u')
            return fail(scan, "the second half of a surrogate pair", error);
        scan->at += 2;
        if (!scan_hex4(scan, &low, error))
            return FALSE;
        if (low < 0xdc00 || low > 0xdfff)
            return fail(scan, "the second half of a surrogate pair before this", error);
        c = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
    } else if ((unit >= 0xdc00 && unit < 0xe000) || unit == 0) {
        g_autofree char *expected =
            g_strdup_printf("no lone surrogate or NUL before this%s%s",
                            scan->hint != NULL ? "; " : "", scan->hint != NULL ? scan->hint : "");
        return fail(scan, expected, error);
    }
    if (decoded != NULL)
        g_string_append_unichar(decoded, c);
    return TRUE;
}

static gboolean
scan_escape(Scan *scan, GString *decoded, GError **error)
{
    static const char letters[] = "\"\\/bfnrt";
    static const char meanings[] = "\"\\/\b\f\n\r\t";
    char c = peek(scan);
    if (c == 'u') {
        scan->at++;
        return scan_unicode_escape(scan, decoded, error);
    }
    const char *letter = c != '\0' ? strchr(letters, c) : NULL;
    if (letter == NULL)
        return fail(scan, "one of \"\\/bfnrtu", error);
    if (decoded != NULL)
        g_string_append_c(decoded, meanings[letter - letters]);
    scan->at++;
    return TRUE;
}

/* At the opening quote. */
static gboolean
scan_string(Scan *scan, GString *decoded, GError **error)
{
    scan->at++;
    while (peek(scan) != '"') {
        if (scan->at == scan->end || (guchar) *scan->at < 0x20)
            return fail(scan, "the end of the string", error);
        char c = *scan->at++;
        if (c == '\\') {
            if (!scan_escape(scan, decoded, error))
                return FALSE;
        } else if (decoded != NULL) {
            g_string_append_c(decoded, c);
        }
    }
    scan->at++;
    return TRUE;
}

static gboolean
scan_digits(Scan *scan, GError **error)
{
    if (!g_ascii_isdigit(peek(scan)))
        return fail(scan, "a digit", error);
    while (g_ascii_isdigit(peek(scan)))
        scan->at++;
    return TRUE;
}

static gboolean
scan_number(Scan *scan, GError **error)
{
    if (peek(scan) == '-')
        scan->at++;
    if (peek(scan) == '0')
        scan->at++;
    else if (!scan_digits(scan, error))
        return FALSE;
    if (peek(scan) == '.') {
        scan->at++;
        if (!scan_digits(scan, error))
            return FALSE;
    }
    if (peek(scan) != 'e' && peek(scan) != 'E')
        return TRUE;
    scan->at++;
    if (peek(scan) == '+' || peek(scan) == '-')
        scan->at++;
    return scan_digits(scan, error);
}

static gboolean
scan_scalar(Scan *scan, GError **error)
{
    static const char *const words[] = {"true", "false", "null"};
    if (peek(scan) == '"')
        return scan_string(scan, NULL, error);
    for (gsize i = 0; i < G_N_ELEMENTS(words); i++) {
        gsize n = strlen(words[i]);
        if ((gsize) (scan->end - scan->at) >= n && memcmp(scan->at, words[i], n) == 0) {
            scan->at += n;
            return TRUE;
        }
    }
    if (peek(scan) != '-' && !g_ascii_isdigit(peek(scan)))
        return fail(scan, "a value", error);
    return scan_number(scan, error);
}

static Frame *
top(const Scan *scan)
{
    return &g_array_index(scan->frames, Frame, scan->frames->len - 1);
}

static gboolean
is_member_named(const Scan *scan, const Member *member, const char *name, gsize n_bytes)
{
    return member->n_bytes == n_bytes &&
           memcmp(scan->names->str + member->start, name, n_bytes) == 0;
}

/* At the place of a member's name; ends after the colon. */
static gboolean
scan_member(Scan *scan, GError **error)
{
    const Frame *frame = top(scan);
    Member member = {.start = scan->names->len};
    skip_blanks(scan);
    if (peek(scan) != '"')
        return fail(scan, "a member's name", error);
    if (scan->members->len - frame->first_member >= MAX_MEMBERS)
        return fail_limit(scan, "an object of too many members", error);
    const char *start = scan->at;
    if (!scan_string(scan, scan->names, error))
        return FALSE;
    member.n_bytes = scan->names->len - member.start;
    for (guint i = frame->first_member; i < scan->members->len; i++) {
        const Member *other = &g_array_index(scan->members, Member, i);
        if (!is_member_named(scan, other, scan->names->str + member.start, member.n_bytes))
            continue;
        scan->at = start;
        return fail(scan, "no second member of this name", error);
    }
    g_array_append_val(scan->members, member);
    skip_blanks(scan);
    if (peek(scan) != ':')
        return fail(scan, "a colon", error);
    scan->at++;
    return TRUE;
}

/* At a brace or bracket. */
static gboolean
open_frame(Scan *scan, GError **error)
{
    if (scan->frames->len >= HC_MAX_JSON_DEPTH)
        return fail_limit(scan, "too deep", error);
    Frame frame = {.is_object = *scan->at == '{',
                   .first_member = scan->members->len,
                   .names_bytes = scan->names->len};
    g_array_append_val(scan->frames, frame);
    scan->at++;
    return TRUE;
}

static void
close_frame(Scan *scan)
{
    g_string_truncate(scan->names, top(scan)->names_bytes);
    g_array_set_size(scan->members, top(scan)->first_member);
    g_array_set_size(scan->frames, scan->frames->len - 1);
    scan->at++;
}

/* Moves to the place of the next member's or element's value in the innermost frame. */
static gboolean
enter_item(Scan *scan, GError **error)
{
    if (top(scan)->is_object && !scan_member(scan, error))
        return FALSE;
    skip_blanks(scan);
    return TRUE;
}

/* After a value: closes what ends here. @is_more: whether another value follows. */
static gboolean
leave_value(Scan *scan, gboolean *is_more, GError **error)
{
    *is_more = FALSE;
    while (scan->frames->len > 0) {
        skip_blanks(scan);
        if (peek(scan) == ',') {
            scan->at++;
            *is_more = TRUE;
            return enter_item(scan, error);
        }
        gboolean is_object = top(scan)->is_object;
        if (peek(scan) != (is_object ? '}' : ']'))
            return fail(scan, is_object ? "a comma or '}'" : "a comma or ']'", error);
        close_frame(scan);
    }
    scan->document.n_bytes = (gsize) (scan->at - scan->document.text);
    skip_blanks(scan);
    return scan->at == scan->end || fail(scan, "the end", error);
}

static gboolean
scan_document(Scan *scan, GError **error)
{
    gboolean is_more = TRUE;
    skip_blanks(scan);
    scan->document = (HcJson){.text = scan->at, .line = scan->line};
    while (is_more) {
        if (peek(scan) == '{' || peek(scan) == '[') {
            if (!open_frame(scan, error))
                return FALSE;
            skip_blanks(scan);
            if (peek(scan) != (top(scan)->is_object ? '}' : ']')) {
                if (!enter_item(scan, error))
                    return FALSE;
                continue;
            }
            close_frame(scan);
        } else if (!scan_scalar(scan, error)) {
            return FALSE;
        }
        if (!leave_value(scan, &is_more, error))
            return FALSE;
    }
    return TRUE;
}

/* The line and column of the first byte that is not UTF-8, or a NUL. */
static gboolean
fail_utf8(const char *where, const char *text, const char *bad, GError **error)
{
    guint line = 1;
    const char *line_start = text;
    for (const char *at = text; at < bad; at++) {
        if (*at == '\n') {
            line++;
            line_start = at + 1;
        }
    }
    return hc_fail(error, HC_ERROR_MALFORMED, "%s:%u:%ld: found byte 0x%02x, expected UTF-8", where,
                   line, g_utf8_strlen(line_start, bad - line_start) + 1, (guint) (guchar) *bad);
}

gboolean
hc_json_parse(const char *where, const char *text, gsize n_bytes, const char *hint,
              HcJson *document, GError **error)
{
    const char *bad;
    if (n_bytes > 0 && !g_utf8_validate_len(text, n_bytes, &bad))
        return fail_utf8(where, text, bad, error);
    g_autoptr(GArray) frames = g_array_new(FALSE, FALSE, sizeof(Frame));
    g_autoptr(GArray) members = g_array_new(FALSE, FALSE, sizeof(Member));
    g_autoptr(GString) names = g_string_new(NULL);
    Scan scan = {.where = where,
                 .at = text,
                 .end = text + n_bytes,
                 .line_start = text,
                 .line = 1,
                 .frames = frames,
                 .members = members,
                 .names = names,
                 .hint = hint};
    if (!scan_document(&scan, error))
        return FALSE;
    *document = scan.document;
    return TRUE;
}

gboolean
hc_json_parse_bytes(const char *where, GBytes *text, HcJson *document, GError **error)
{
    gsize n_bytes;
    const char *bytes = g_bytes_get_data(text, &n_bytes);
    if (n_bytes == 0)
        return hc_fail(error, HC_ERROR_MALFORMED, "%s: is empty", where);
    return hc_json_parse(where, bytes, n_bytes, NULL, document, error);
}
