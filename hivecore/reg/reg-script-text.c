#include "config.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/reg/parse-private.h"
#include "hivecore/reg/reg-script.h"
#include "hivecore/reg/script-private.h"

/* Bytes and lines of a file that are looked at to tell whether it is a batch file. */
#define N_BYTES ((gsize) 64 * 1024)
#define N_LINES 200u

#define UTF8 65001u

/* --- what it is --- */

static gboolean
is_word_at(const char *line, const char *word)
{
    const gsize n = strlen(word);
    return g_ascii_strncasecmp(line, word, n) == 0 &&
           (line[n] == '\0' || strchr(" \t\r,;=>&|\"", line[n]) != NULL);
}

/* Behind blanks and "@". */
static const char *
skip_start(const char *line)
{
    return line + strspn(line, " \t@");
}

/* Behind the name of reg.exe, with its folder or without; NULL: it is not there. */
static const char *
skip_reg(const char *line)
{
    static const char *const names[] = {"reg", "reg.exe"};
    const gsize n_word = strcspn(line + (*line == '"' ? 1 : 0), " \t\"") + (*line == '"' ? 1 : 0);
    gsize start = n_word;
    while (start > 0 && line[start - 1] != '\\' && line[start - 1] != '"')
        start--;
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        const gsize n = strlen(names[i]);
        if (n_word - start == n && g_ascii_strncasecmp(line + start, names[i], n) == 0)
            return line + n_word + strspn(line + n_word, " \t\"");
    }
    return NULL;
}

static gboolean
is_reg_line(const char *line)
{
    const char *verb = skip_reg(skip_start(line));
    return verb != NULL && (is_word_at(verb, "add") || is_word_at(verb, "delete"));
}

/* Whether only batch files start so. */
static gboolean
is_first_line(const char *line)
{
    const char *command = skip_start(line);
    static const char *const words[] = {"rem",  "chcp", "setlocal", "pushd",
                                        "goto", "call", "cls",      "exit"};
    if (is_reg_line(line) || g_str_has_prefix(command, "::"))
        return TRUE;
    if (is_word_at(command, "echo")) {
        command += 4 + strspn(command + 4, " \t");
        return is_word_at(command, "off") || is_word_at(command, "on") || *line == '@';
    }
    for (gsize i = 0; i < G_N_ELEMENTS(words); i++) {
        if (is_word_at(command, words[i]))
            return TRUE;
    }
    return FALSE;
}

gboolean
hc_reg_script_is(const uint8_t *bytes, gsize n_bytes)
{
    g_autoptr(GString) text = g_string_new(NULL);
    const gboolean is_wide = n_bytes >= 2 && bytes[0] == 0xff && bytes[1] == 0xfe;
    const gboolean has_bom = n_bytes >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0;
    for (gsize i = is_wide ? 2 : has_bom ? 3 : 0; i < MIN(n_bytes, N_BYTES); i += is_wide ? 2 : 1) {
        /* A NUL is no reason to take it for anything else. */
        g_string_append_c(text, bytes[i] != 0 ? (char) bytes[i] : '?');
    }
    g_strdelimit(text->str, "\r", '\n');
    g_auto(GStrv) lines = g_strsplit(text->str, "\n", N_LINES);
    gboolean is_first = TRUE;
    for (gsize i = 0; lines[i] != NULL; i++) {
        const char *line = lines[i] + strspn(lines[i], " \t");
        if (*line == '\0')
            continue;
        if ((is_first && is_first_line(line)) || is_reg_line(line))
            return TRUE;
        /* A .reg file, JSON, XML. */
        if (strchr("[{<;", *line) != NULL ||
            g_ascii_strncasecmp(line, "windows registry editor", 23) == 0 ||
            g_ascii_strncasecmp(line, "regedit", 7) == 0)
            return FALSE;
        is_first = FALSE;
    }
    return FALSE;
}

/* --- its text --- */

static gboolean
fail_line(const char *file, uint32_t line, const char *what, GError **error)
{
    HcFinding *finding = hc_finding_new(HC_SEVERITY_ERROR, g_strdup(what));
    finding->file = g_strdup(file);
    finding->line = line;
    return hc_fail_finding(error, finding);
}

/* The code page that "chcp N" in @line asks for; 0: it is another line. */
static guint
find_chcp(const uint8_t *bytes, gsize n_bytes)
{
    g_autofree char *line = g_strndup((const char *) bytes, n_bytes);
    const char *command = skip_start(line);
    if (!is_word_at(command, "chcp") && !is_word_at(command, "chcp.com"))
        return 0;
    command += strcspn(command, " \t");
    return (guint) g_ascii_strtoull(command, NULL, 10);
}

static gboolean
append_8bit(GString *text, const uint8_t *bytes, gsize n_bytes, const HcCodepage *codepage)
{
    g_autofree uint16_t *units = g_new(uint16_t, n_bytes + 1);
    gsize n_units;
    if (hc_codepage_decode(codepage, bytes, n_bytes, units, &n_units) != n_bytes)
        return FALSE;
    g_autofree char *utf8 = g_utf16_to_utf8(units, (glong) n_units, NULL, NULL, NULL);
    if (utf8 == NULL)
        return FALSE;
    g_string_append(text, utf8);
    return TRUE;
}

typedef struct {
    GString *text;
    const char *file;
    guint named;          /* code page of the option, 0: none */
    guint number;         /* of the line at hand; 0: nothing says so, which is UTF-8 */
    HcCodepage *codepage; /* (nullable): of .number */
    uint32_t line;
} Decoder;

static gboolean
is_ascii(const uint8_t *bytes, gsize n_bytes)
{
    for (gsize i = 0; i < n_bytes; i++) {
        if (bytes[i] >= 0x80)
            return FALSE;
    }
    return TRUE;
}

static gboolean
decode_line(Decoder *decoder, const uint8_t *bytes, gsize n_bytes, GError **error)
{
    const gboolean is_utf8 = decoder->number == 0 || decoder->number == UTF8;
    if (memchr(bytes, 0, n_bytes) != NULL)
        return fail_line(decoder->file, decoder->line, "found a NUL character, expected text",
                         error);
    if (is_ascii(bytes, n_bytes) ||
        (is_utf8 && g_utf8_validate((const char *) bytes, (gssize) n_bytes, NULL))) {
        g_string_append_len(decoder->text, (const char *) bytes, (gssize) n_bytes);
        return TRUE;
    }
    if (is_utf8)
        return fail_line(decoder->file, decoder->line,
                         decoder->number == UTF8
                             ? "found bytes that are not UTF-8, which 'chcp 65001' says"
                             : "found bytes that are not UTF-8; cmd reads them in the code page of "
                               "its console, which --ansi-codepage=N names",
                         error);
    if (decoder->codepage == NULL)
        decoder->codepage = hc_codepage_new(decoder->number, error);
    if (decoder->codepage == NULL)
        return FALSE;
    return append_8bit(decoder->text, bytes, n_bytes, decoder->codepage) ||
           fail_line(decoder->file, decoder->line,
                     "found a byte that the code page has no character for", error);
}

static gboolean
decode_lines(Decoder *decoder, const uint8_t *bytes, gsize n_bytes, GError **error)
{
    for (gsize at = 0, end; at < n_bytes; at = end) {
        const uint8_t *eol = memchr(bytes + at, '\n', n_bytes - at);
        end = eol != NULL ? (gsize) (eol - bytes) + 1 : n_bytes;
        if (!decode_line(decoder, bytes + at, end - at, error))
            return FALSE;
        const guint number = decoder->named == 0 ? find_chcp(bytes + at, MIN(end - at, 256)) : 0;
        if (number != 0) {
            g_clear_pointer(&decoder->codepage, hc_codepage_free);
            decoder->number = number;
        }
        decoder->line++;
    }
    return TRUE;
}

static gboolean
decode_utf16(GString *text, const char *file, const uint8_t *bytes, gsize n_bytes, GError **error)
{
    if (n_bytes % 2 != 0)
        return fail_line(file, 0, "found half a UTF-16 character at the end of the file", error);
    g_autofree gunichar2 *units = g_memdup2(bytes, n_bytes);
    for (gsize i = 0; i < n_bytes / 2; i++)
        units[i] = GUINT16_FROM_LE(units[i]);
    for (gsize i = 0; i < n_bytes / 2; i++) {
        if (units[i] == 0)
            return fail_line(file, 0, "found a NUL character, expected text", error);
    }
    g_autofree char *utf8 = g_utf16_to_utf8(units, (glong) (n_bytes / 2), NULL, NULL, NULL);
    if (utf8 == NULL)
        return fail_line(file, 0, "found half of a surrogate pair, expected text", error);
    g_string_append(text, utf8);
    return TRUE;
}

gboolean
hc_reg_script_decode(GString *text, const char *file, GBytes *content, guint codepage,
                     GError **error)
{
    gsize n_bytes;
    const uint8_t *bytes = g_bytes_get_data(content, &n_bytes);
    if (n_bytes > HC_MAX_SCRIPT_BYTES)
        return hc_fail(error, HC_ERROR_LIMIT, "%s: a batch file larger than the limit of %u bytes",
                       file, HC_MAX_SCRIPT_BYTES);
    if (n_bytes >= 2 && bytes[0] == 0xff && bytes[1] == 0xfe)
        return n_bytes == 2 || decode_utf16(text, file, bytes + 2, n_bytes - 2, error);
    const gsize skip = n_bytes >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    Decoder decoder = {
        .text = text, .file = file, .named = codepage, .number = codepage, .line = 1};
    const gboolean ok = decode_lines(&decoder, bytes + skip, n_bytes - skip, error);
    hc_codepage_free(decoder.codepage);
    return ok;
}
