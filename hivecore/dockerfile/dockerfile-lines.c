#include "config.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/dockerfile/dockerfile-private.h"

/* Lines: physical lines of a text, one after the other. */
typedef struct {
    const char *at;
    const char *end;
    guint line; /* of the last that was taken */
} Lines;

void
hc_docker_line_free(gpointer line)
{
    HcDockerLine *own = line;
    g_free(own->text);
    g_free(own);
}

void
hc_docker_remark(HcDockerText *text, guint line, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    HcFinding *finding = hc_finding_new(HC_SEVERITY_WARNING, g_strdup_vprintf(format, arguments));
    va_end(arguments);
    finding->line = line;
    hc_findings_add(text->remarks, finding);
}

static gboolean
fail_line(const HcDockerText *text, guint line, HcErrorCode code, const char *what, GError **error)
{
    return hc_fail(error, code, "%s:%u: %s", text->file, line, what);
}

static gboolean
check_text(const HcDockerText *text, const char *bytes, gsize n_bytes, GError **error)
{
    const char *end;
    if (n_bytes > HC_MAX_DOCKERFILE_BYTES)
        return hc_fail(error, HC_ERROR_LIMIT, "%s: is over %u MB", text->file,
                       HC_MAX_DOCKERFILE_BYTES >> 20);
    if (n_bytes >= 2 && (memcmp(bytes, "\xff\xfe", 2) == 0 || memcmp(bytes, "\xfe\xff", 2) == 0))
        return hc_fail(error, HC_ERROR_MALFORMED,
                       "%s: is UTF-16; a Dockerfile is UTF-8 (in PowerShell: Set-Content "
                       "-Encoding utf8)",
                       text->file);
    if (g_utf8_validate(bytes, (gssize) n_bytes, &end))
        return TRUE;
    guint line = 1;
    for (const char *at = bytes; at < end; at++)
        line += *at == '\n' ? 1 : 0;
    return fail_line(text, line, HC_ERROR_MALFORMED,
                     *end == '\0' ? "a NUL" : "bytes that are not UTF-8", error);
}

/* @line: (out) (transfer full): the next physical line without its end */
static gboolean
take(Lines *lines, const HcDockerText *text, char **line, GError **error)
{
    const char *newline = memchr(lines->at, '\n', (gsize) (lines->end - lines->at));
    const char *end = newline != NULL ? newline : lines->end;
    const char *from = lines->at;
    lines->line++;
    lines->at = newline != NULL ? newline + 1 : lines->end;
    if ((gsize) (end - from) > HC_MAX_DOCKERFILE_LINE_BYTES) {
        g_autofree char *what =
            g_strdup_printf("a line of over %u bytes", HC_MAX_DOCKERFILE_LINE_BYTES);
        return fail_line(text, lines->line, HC_ERROR_LIMIT, what, error);
    }
    while (end > from && end[-1] == '\r')
        end--;
    *line = g_strndup(from, (gsize) (end - from));
    return TRUE;
}

static const char *
skip_space(const char *at)
{
    while (*at != '\0' && g_unichar_isspace(g_utf8_get_char(at)))
        at += g_utf8_skip[(guchar) *at];
    return at;
}

/* Whether @line goes on in the next: it ends in an escape that no other stands before. Cuts it off
 * then. */
static gboolean
cut_continuation(const HcDockerText *text, char *line)
{
    gsize n = strlen(line);
    while (n > 0 && (line[n - 1] == ' ' || line[n - 1] == '\t'))
        n--;
    const char escape = (char) text->escape;
    if (n == 0 || line[n - 1] != escape || (n > 1 && line[n - 2] == escape))
        return FALSE;
    line[n - 1] = '\0';
    return TRUE;
}

/* @seen: of the three names */
static gboolean
heed_directive(HcDockerText *text, guint line, const char *name, const char *value,
               gboolean seen[3], gboolean *is_one, GError **error)
{
    static const char *const names[] = {"escape", "syntax", "check"};
    gsize which = 0;
    while (which < G_N_ELEMENTS(names) && g_ascii_strcasecmp(name, names[which]) != 0)
        which++;
    *is_one = which < G_N_ELEMENTS(names);
    if (!*is_one)
        return TRUE;
    if (seen[which]) {
        g_autofree char *what = g_strdup_printf("a second directive '%s'", names[which]);
        return fail_line(text, line, HC_ERROR_MALFORMED, what, error);
    }
    seen[which] = TRUE;
    if (which == 0 && !g_str_equal(value, "\\") && !g_str_equal(value, "`"))
        return fail_line(text, line, HC_ERROR_MALFORMED, "escape is \\ or ` and nothing else",
                         error);
    if (which == 0)
        text->escape = (gunichar) *value;
    else if (which == 1)
        hc_docker_remark(text, line,
                         "syntax=%s is not heeded: the language is the one of "
                         "docker/dockerfile:1",
                         value);
    return TRUE;
}

/* "# NAME = VALUE". @name, @value: (out) (transfer full) */
static gboolean
split_directive(const char *line, char **name, char **value)
{
    const char *at = skip_space(line);
    if (*at != '#')
        return FALSE;
    const char *from = skip_space(at + 1);
    for (at = from; g_ascii_isalnum(*at);)
        at++;
    const char *equals = skip_space(at);
    if (at == from || !g_ascii_isalpha(*from) || *equals != '=' || *skip_space(equals + 1) == '\0')
        return FALSE;
    *name = g_strndup(from, (gsize) (at - from));
    *value = g_strchomp(g_strdup(skip_space(equals + 1)));
    return TRUE;
}

/* Directives are the comments before anything else. */
static gboolean
read_directives(HcDockerText *text, Lines *lines, GError **error)
{
    gboolean seen[3] = {FALSE, FALSE, FALSE};
    gboolean is_one = TRUE;
    while (is_one && lines->at < lines->end) {
        const Lines before = *lines;
        g_autofree char *line = NULL;
        g_autofree char *name = NULL;
        g_autofree char *value = NULL;
        if (!take(lines, text, &line, error))
            return FALSE;
        is_one = split_directive(line, &name, &value);
        if (is_one && !heed_directive(text, lines->line, name, value, seen, &is_one, error))
            return FALSE;
        if (!is_one)
            *lines = before;
    }
    return TRUE;
}

/* The lines that @joined goes on in. Comments and empty lines between them are none. */
static gboolean
join(HcDockerText *text, Lines *lines, GString *joined, GError **error)
{
    gboolean goes_on = TRUE;
    while (goes_on && lines->at < lines->end) {
        g_autofree char *line = NULL;
        if (!take(lines, text, &line, error))
            return FALSE;
        const char *start = skip_space(line);
        if (*start == '#' || *start == '\0')
            continue;
        goes_on = cut_continuation(text, line);
        g_string_append(joined, line);
    }
    return TRUE;
}

GPtrArray *
hc_docker_lines(HcDockerText *text, const char *bytes, gsize n_bytes, GError **error)
{
    if (!check_text(text, bytes, n_bytes, error))
        return NULL;
    const gboolean has_mark = n_bytes >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0;
    Lines lines = {.at = bytes + (has_mark ? 3 : 0), .end = bytes + n_bytes};
    g_autoptr(GPtrArray) joined = g_ptr_array_new_with_free_func(hc_docker_line_free);
    if (!read_directives(text, &lines, error))
        return NULL;
    while (lines.at < lines.end) {
        g_autofree char *line = NULL;
        if (!take(&lines, text, &line, error))
            return NULL;
        const char *start = skip_space(line);
        if (*start == '#' || *start == '\0')
            continue;
        g_autoptr(GString) whole = g_string_new(NULL);
        const guint first = lines.line;
        const gboolean goes_on = cut_continuation(text, line);
        g_string_append(whole, start);
        if (goes_on && !join(text, &lines, whole, error))
            return NULL;
        g_strstrip(whole->str);
        if (*whole->str == '\0')
            continue;
        HcDockerLine *own = g_new(HcDockerLine, 1);
        *own = (HcDockerLine){first, lines.line, g_strdup(whole->str)};
        g_ptr_array_add(joined, own);
    }
    return g_steal_pointer(&joined);
}
