#include "config.h"

#include "hivecore/cli/cli.h"

#include <string.h>

#include "hivecore/base/display.h"
#include "hivecore/base/name.h"

/* A terminal wants UTF-8, lines that end with a line feed, and nothing that it would obey. */
static void
append_for_terminal(GString *out, const char *text, gsize n_bytes)
{
    const char *end = text + n_bytes;
    if (n_bytes >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        text += 3;
    while (text < end) {
        const char *line_end = memchr(text, '\n', (gsize) (end - text));
        gsize n_line = (gsize) ((line_end != NULL ? line_end : end) - text);
        if (n_line > 0 && text[n_line - 1] == '\r' && line_end != NULL)
            n_line--;
        for (const char *tab; (tab = memchr(text, '\t', n_line)) != NULL;) {
            hc_append_display(out, text, (gsize) (tab - text));
            g_string_append_c(out, '\t');
            n_line -= (gsize) (tab + 1 - text);
            text = tab + 1;
        }
        hc_append_display(out, text, n_line);
        if (line_end == NULL)
            return;
        g_string_append_c(out, '\n');
        text = line_end + 1;
    }
}

void
hc_cli_append_reg(HcCliContext *context, const void *bytes, gsize n_bytes, gboolean is_asked)
{
    const uint8_t *text = (const uint8_t *) bytes;
    const gboolean is_utf16 = n_bytes >= 2 && text[0] == 0xff && text[1] == 0xfe;
    if (!context->is_terminal || (is_utf16 && is_asked)) {
        g_string_append_len(context->out, (const char *) bytes, (gssize) n_bytes);
        return;
    }
    g_autoptr(GString) utf8 = g_string_new(NULL);
    if (is_utf16)
        hc_name_append_utf8(utf8, (HcName){text + 2, (uint32_t) ((n_bytes - 2) / 2), FALSE});
    append_for_terminal(context->out, is_utf16 ? utf8->str : (const char *) bytes,
                        is_utf16 ? utf8->len : n_bytes);
}
