#include "config.h"

#include "hivecore/cli/cli-hive.h"

#include <string.h>

#include "hivecore/base/choice.h"
#include "hivecore/base/display.h"
#include "hivecore/base/name.h"
#include "hivecore/reg/reg-writer.h"

/* A terminal wants UTF-8, lines that end with a line feed, and nothing that it would obey. */
static void
append_line(GString *out, const char *text, gsize n_bytes)
{
    const gboolean is_ended = n_bytes > 0 && text[n_bytes - 1] == '\n';
    n_bytes -= is_ended ? 1 : 0;
    n_bytes -= is_ended && n_bytes > 0 && text[n_bytes - 1] == '\r' ? 1 : 0;
    for (const char *tab; (tab = memchr(text, '\t', n_bytes)) != NULL;) {
        hc_append_display(out, text, (gsize) (tab - text));
        g_string_append_c(out, '\t');
        n_bytes -= (gsize) (tab + 1 - text);
        text = tab + 1;
    }
    hc_append_display(out, text, n_bytes);
    if (is_ended)
        g_string_append_c(out, '\n');
}

static void
append_utf8(HcCliContext *context, const char *text, gsize n_bytes)
{
    const char *end = text + n_bytes;
    if (n_bytes >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        text += 3;
    while (text < end) {
        const char *feed = memchr(text, '\n', (gsize) (end - text));
        const char *next = feed != NULL ? feed + 1 : end;
        append_line(context->out, text, (gsize) (next - text));
        (void) hc_stream_flow(context->stream); /* told at the end */
        text = next;
    }
}

static void
append_utf16(HcCliContext *context, HcName text)
{
    g_autoptr(GString) line = g_string_new(NULL);
    for (uint32_t from = 0, to; from < text.n_units; from = to) {
        for (to = from; to < text.n_units && hc_name_unit(text, to) != '\n';)
            to++;
        to += to < text.n_units;
        g_string_truncate(line, 0);
        hc_name_append_utf8(line, (HcName){text.chars + 2 * (gsize) from, to - from, FALSE});
        append_line(context->out, line->str, line->len);
        (void) hc_stream_flow(context->stream); /* told at the end */
    }
}

int
hc_cli_encoding_parse(const char *text, GError **error)
{
    static const HcChoice encodings[] = {
        {"utf-16le", HC_REG_UTF16}, {"utf-16", HC_REG_UTF16}, {"utf16", HC_REG_UTF16},
        {"utf16le", HC_REG_UTF16},  {"utf-8", HC_REG_UTF8},   {"utf8", HC_REG_UTF8},
    };
    return HC_CHOICE_PARSE("--encoding is", text, encodings, error);
}

gboolean
hc_cli_wants_utf8(const HcCliContext *context, gboolean is_utf16_asked)
{
    return context->is_terminal && !is_utf16_asked;
}

void
hc_cli_append_reg(HcCliContext *context, const void *bytes, gsize n_bytes, gboolean is_asked)
{
    const uint8_t *text = bytes;
    const gboolean is_utf16 = n_bytes >= 2 && text[0] == 0xff && text[1] == 0xfe;
    if (!hc_cli_wants_utf8(context, is_utf16 && is_asked))
        hc_stream_put(context->stream, bytes, n_bytes);
    else if (is_utf16)
        append_utf16(context, (HcName){text + 2, (uint32_t) ((n_bytes - 2) / 2), FALSE});
    else
        append_utf8(context, (const char *) bytes, n_bytes);
}
