#include "config.h"

#include "hivecore/base/json-writer.h"

#include <string.h>

#include "hivecore/base/display.h"
#include "hivecore/base/put-text.h"

/* No stream lets less go at once. */
#define FLOW_BYTES (64u << 10)

/* --- strings --- */

static void
append_char(GString *out, gunichar c, const char *utf8, gsize n_bytes)
{
    if (c == '"' || c == '\\')
        g_string_append_printf(out, "\\%c", (int) c);
    else if (!hc_is_hidden(c))
        g_string_append_len(out, utf8, (gssize) n_bytes);
    else if (c <= 0xffff)
        g_string_append_printf(out, "\\u%04x", c);
    else
        g_string_append_printf(out, "\\u%04x\\u%04x", 0xd7c0 + (c >> 10), 0xdc00 + (c & 0x3ff));
}

/* Most texts are nothing but characters that stand for themselves. */
static const uint8_t is_plain[0x100] = {
    [0x20 ... '"' - 1] = 1,
    ['"' + 1 ... '\\' - 1] = 1,
    ['\\' + 1 ... 0x7e] = 1,
};

static inline void
append_text(GString *out, const char *text, gsize n_bytes)
{
    char *to = hc_text_room(out, n_bytes);
    memcpy(to, text, n_bytes);
    hc_text_took(out, to + n_bytes);
}

/* How many characters @text, which a NUL ends, starts with that are plain. */
static gsize
count_plain(const char *text)
{
    gsize n = 0;
    while (is_plain[(guchar) text[n]])
        n++;
    return n;
}

/* Appends a name of printable ASCII, escaped. FALSE: it has others, and nothing was appended */
static gboolean
append_ascii(GString *out, HcName name)
{
    char *to = hc_text_room(out, 2 * (gsize) name.n_units + HC_NAME_SLACK);
    for (uint32_t i = 0;; i++) {
        const uint32_t n = hc_name_put_plain(to, name, i);
        to += n;
        i += n;
        if (i == name.n_units)
            break;
        const uint16_t unit = hc_name_unit(name, i);
        if (unit != '"' && unit != '\\') {
            hc_text_took(out, out->str + out->len);
            return FALSE;
        }
        *to++ = '\\';
        *to++ = (char) unit;
    }
    hc_text_took(out, to);
    return TRUE;
}

/* The same in quotes. */
static gboolean
append_quoted(GString *out, HcName name)
{
    const gsize start = out->len;
    append_text(out, "\"", 1);
    if (append_ascii(out, name)) {
        append_text(out, "\"", 1);
        return TRUE;
    }
    g_string_truncate(out, start);
    return FALSE;
}

/* @utf8: valid, and a NUL behind it. */
static void
append_string(GString *out, const char *utf8, gsize n_bytes)
{
    const char *end = utf8 + n_bytes;
    g_string_append_c(out, '"');
    while (utf8 < end) {
        const gsize n_plain = count_plain(utf8);
        g_string_append_len(out, utf8, (gssize) n_plain);
        utf8 += n_plain;
        if (utf8 == end)
            break;
        const gsize n_char = (gsize) g_utf8_skip[(guchar) *utf8];
        append_char(out, g_utf8_get_char(utf8), utf8, n_char);
        utf8 += n_char;
    }
    g_string_append_c(out, '"');
}

void
hc_json_append_string(GString *out, const char *text)
{
    const gsize n_bytes = strlen(text);
    if (n_bytes <= G_MAXUINT32 / 2 &&
        append_quoted(out, (HcName){(const uint8_t *) text, (uint32_t) n_bytes, TRUE}))
        return;
    g_autofree char *valid = g_utf8_make_valid(text, (gssize) n_bytes);
    append_string(out, valid, strlen(valid));
}

/* --- structure --- */

static void
start_line(HcJsonWriter *writer, guint indent)
{
    char *to = hc_text_room(writer->out, 1 + (gsize) indent);
    *to++ = '\n';
    memset(to, ' ', indent);
    hc_text_took(writer->out, to + indent);
    writer->line_indent = indent;
}

/* Before a member or an element: the comma and what parts it from the one before. */
static void
separate(HcJsonWriter *writer)
{
    if (writer->n_open == 0)
        return;
    if (writer->stream != NULL && writer->out->len >= FLOW_BYTES)
        (void) hc_stream_flow(writer->stream); /* who ends the stream is told */
    const gsize top = writer->n_open - 1;
    const HcJsonLayout layout = writer->open[top].layout;
    if (writer->open[top].is_started)
        append_text(writer->out, ",", 1);
    if (writer->break_indent > 0)
        start_line(writer, writer->break_indent);
    else if (layout == HC_JSON_LINES)
        start_line(writer, writer->open[top].line_indent + 2);
    else if (layout == HC_JSON_SPACED && writer->open[top].is_started)
        g_string_append_c(writer->out, ' ');
    writer->open[top].is_started = TRUE;
    writer->break_indent = 0;
}

static void
start_value(HcJsonWriter *writer)
{
    if (!writer->is_named)
        separate(writer);
    writer->is_named = FALSE;
}

static void
begin(HcJsonWriter *writer, HcJsonLayout layout, gboolean is_object)
{
    start_value(writer);
    g_return_if_fail(writer->n_open < HC_JSON_WRITER_DEPTH);
    append_text(writer->out, is_object ? "{" : "[", 1);
    writer->open[writer->n_open].layout = layout;
    writer->open[writer->n_open].is_object = is_object;
    writer->open[writer->n_open].is_started = FALSE;
    writer->open[writer->n_open].line_indent = writer->line_indent;
    writer->n_open++;
}

void
hc_json_begin_foreign(HcJsonWriter *writer)
{
    start_value(writer);
}

void
hc_json_begin_object(HcJsonWriter *writer, HcJsonLayout layout)
{
    begin(writer, layout, TRUE);
}

void
hc_json_begin_array(HcJsonWriter *writer, HcJsonLayout layout)
{
    begin(writer, layout, FALSE);
}

void
hc_json_end(HcJsonWriter *writer)
{
    g_return_if_fail(writer->n_open > 0);
    writer->n_open--;
    const guint indent = writer->open[writer->n_open].line_indent;
    if (writer->open[writer->n_open].layout == HC_JSON_LINES &&
        writer->open[writer->n_open].is_started)
        start_line(writer, indent);
    writer->line_indent = indent;
    append_text(writer->out, writer->open[writer->n_open].is_object ? "}" : "]", 1);
}

void
hc_json_member(HcJsonWriter *writer, const char *name)
{
    g_return_if_fail(writer->n_open > 0);
    separate(writer);
    hc_json_append_string(writer->out, name);
    append_text(writer->out, ": ",
                writer->open[writer->n_open - 1].layout == HC_JSON_DENSE ? 1 : 2);
    writer->is_named = TRUE;
}

void
hc_json_prepared_member(HcJsonWriter *writer, const GString *name)
{
    g_return_if_fail(writer->n_open > 0);
    separate(writer);
    append_text(writer->out, name->str, name->len);
    writer->is_named = TRUE;
}

void
hc_json_break(HcJsonWriter *writer, guint indent)
{
    writer->break_indent = indent;
}

void
hc_json_begin_document(HcJsonWriter *writer, const char *kind)
{
    hc_json_begin_object(writer, HC_JSON_LINES);
    hc_json_member_string(writer, "format_version", "1.0");
    hc_json_member_string(writer, "tool", writer->tool != NULL ? writer->tool : PACKAGE_NAME);
    hc_json_member_string(writer, "kind", kind);
}

void
hc_json_end_document(HcJsonWriter *writer)
{
    hc_json_end(writer);
    g_string_append_c(writer->out, '\n');
}

/* --- values --- */

void
hc_json_string(HcJsonWriter *writer, const char *text)
{
    start_value(writer);
    if (text == NULL)
        append_text(writer->out, "null", 4);
    else
        hc_json_append_string(writer->out, text);
}

static void
add_units(HcJsonWriter *writer, HcName name)
{
    g_string_append(writer->out, "{\"utf16\":\"");
    for (uint32_t i = 0; i < name.n_units; i++)
        g_string_append_printf(writer->out, "%04x", (guint) hc_name_unit(name, i));
    g_string_append(writer->out, "\"}");
}

void
hc_json_name(HcJsonWriter *writer, HcName name)
{
    start_value(writer);
    if (append_quoted(writer->out, name))
        return;
    if (!hc_name_is_wellformed(name) || hc_name_has_unit(name, 0)) {
        add_units(writer, name);
        return;
    }
    g_autoptr(GString) utf8 = g_string_new(NULL);
    hc_name_append_utf8(utf8, name);
    append_string(writer->out, utf8->str, utf8->len);
}

/* A name in a path, without anything that would have to be escaped. */
static gboolean
append_plain_name(GString *out, HcName name)
{
    char *to = hc_text_room(out, (gsize) name.n_units + HC_NAME_SLACK);
    const uint32_t n = hc_name_put_plain(to, name, 0);
    hc_text_took(out, to + n);
    return n == name.n_units;
}

gboolean
hc_json_plain_path(HcJsonWriter *writer, const char *root, const HcName *names, gsize n)
{
    GString *out = writer->out;
    const gsize start = out->len;
    const HcName above = {(const uint8_t *) root, root != NULL ? (uint32_t) strlen(root) : 0, TRUE};
    g_return_val_if_fail(writer->is_named, FALSE);
    append_text(out, "\"", 1);
    gboolean is_done = append_ascii(out, above);
    for (gsize i = 0; i < n && is_done; i++) {
        if (out->len > start + 1)
            append_text(out, "\\\\", 2);
        is_done = append_plain_name(out, names[i]);
    }
    if (!is_done) {
        g_string_truncate(out, start);
        return FALSE;
    }
    append_text(out, "\"", 1);
    writer->is_named = FALSE;
    return TRUE;
}

void
hc_json_path(HcJsonWriter *writer, const char *root, const HcName *names, gsize n)
{
    g_autoptr(GString) text = g_string_new(root);
    start_value(writer);
    for (gsize i = 0; i < n; i++) {
        g_string_append(text, text->len > 0 ? "\\" : "");
        hc_name_append_utf8(text, names[i]);
    }
    hc_json_append_string(writer->out, text->str);
}

void
hc_json_key_name(HcJsonWriter *writer, HcName name)
{
    if (!hc_name_has_unit(name, '\\')) {
        hc_json_name(writer, name);
        return;
    }
    start_value(writer);
    add_units(writer, name);
}

void
hc_json_hex(HcJsonWriter *writer, const uint8_t *bytes, gsize n_bytes)
{
    start_value(writer);
    char *to = hc_text_room(writer->out, 2 * n_bytes + 2);
    *to++ = '"';
    to = hc_text_put_hex(to, bytes, n_bytes);
    *to++ = '"';
    hc_text_took(writer->out, to);
}

void
hc_json_number(HcJsonWriter *writer, uint64_t number)
{
    start_value(writer);
    hc_text_append_number(writer->out, number);
}

void
hc_json_boolean(HcJsonWriter *writer, gboolean is_true)
{
    start_value(writer);
    g_string_append(writer->out, is_true ? "true" : "false");
}

void
hc_json_null(HcJsonWriter *writer)
{
    hc_json_string(writer, NULL);
}

void
hc_json_member_string(HcJsonWriter *writer, const char *name, const char *text)
{
    hc_json_member(writer, name);
    hc_json_string(writer, text);
}

void
hc_json_member_number(HcJsonWriter *writer, const char *name, uint64_t number)
{
    hc_json_member(writer, name);
    hc_json_number(writer, number);
}

void
hc_json_member_boolean(HcJsonWriter *writer, const char *name, gboolean is_true)
{
    hc_json_member(writer, name);
    hc_json_boolean(writer, is_true);
}

void
hc_json_member_name(HcJsonWriter *writer, const char *name, HcName value)
{
    hc_json_member(writer, name);
    hc_json_name(writer, value);
}
