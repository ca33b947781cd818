#include "config.h"

#include "hivecore/report/html.h"

#include "hivecore/base/display.h"

/* XML 1.0, 2.2: what may stand in a document at all; all else cannot even be a reference. */
static gboolean
is_xml_char(gunichar c)
{
    return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c <= 0xd7ff) ||
           (c >= 0xe000 && c <= 0xfffd) || (c >= 0x10000 && c <= 0x10ffff);
}

/* Returns: (nullable): the name of the reference for a character of XML's own. */
static const char *
reference_name(gunichar c)
{
    switch (c) {
    case '&':
        return "amp";
    case '<':
        return "lt";
    case '>':
        return "gt";
    case '"':
        return "quot";
    default:
        return NULL;
    }
}

void
hc_append_xml(GString *out, const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    for (const char *at = valid; *at != '\0'; at += g_utf8_skip[(guchar) *at]) {
        const gunichar c = g_utf8_get_char(at);
        const char *name = reference_name(c);
        if (name != NULL)
            g_string_append_printf(out, "&%s;", name);
        else if (!is_xml_char(c))
            g_string_append_printf(out, "\\u{%x}", c);
        else if (hc_is_hidden(c))
            g_string_append_printf(out, "&#%u;", c);
        else
            g_string_append_unichar(out, c);
    }
}

void
hc_append_xml_attribute(GString *out, const char *name, const char *text)
{
    g_string_append_printf(out, " %s=\"", name);
    hc_append_xml(out, text);
    g_string_append_c(out, '"');
}
