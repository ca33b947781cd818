#include "config.h"

#include "hivecore/reg/reg-writer.h"

#include <string.h>

#include "hivecore/base/bytes.h"
#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/reg/parse-private.h"
#include "hivecore/reg/writer-private.h"
#include "hivecore/regf/types.h"

/* regedit breaks hex data after the comma that brings the line to this many characters. */
#define WRAP_COLUMN 77

#define MAX_OUTPUT_BYTES HC_MAX_PATCH_BYTES

static const char digits[] = "0123456789abcdef";

/* Back to the root. */
static void
start_path(HcRegWriter *writer)
{
    gsize n_bytes;
    g_array_set_size(writer->levels, 0);
    g_byte_array_set_size(writer->path, 0);
    const uint8_t *bytes = hc_reg_encode(writer, writer->root, &n_bytes);
    g_byte_array_append(writer->path, bytes, (guint) n_bytes);
}

static HcRegWriter *
writer_new(HcStream *out, HcRegEncoding encoding, HcName root)
{
    HcRegWriter *writer = g_new0(HcRegWriter, 1);
    writer->encoding = encoding;
    writer->arena = hc_arena_new();
    writer->out = out;
    writer->text = hc_stream_text(out);
    writer->levels = g_array_new(FALSE, FALSE, sizeof(HcRegLevel));
    writer->path = g_byte_array_new();
    writer->scratch = g_string_new(NULL);
    hc_reg_writer_set_root(writer, root);
    if (encoding != HC_REG_UTF8)
        hc_stream_put(out, "\xff\xfe", 2);
    hc_reg_put_literal(writer, "Windows Registry Editor Version 5.00");
    hc_reg_put_line_end(writer);
    return writer;
}

HcRegWriter *
hc_reg_writer_new(HcRegEncoding encoding, HcName root)
{
    return writer_new(hc_stream_new_spool(), encoding, root);
}

HcRegWriter *
hc_reg_writer_new_to(HcStream *out, HcRegEncoding encoding, HcName root)
{
    return writer_new(hc_stream_ref(out), encoding, root);
}

void
hc_reg_writer_free(HcRegWriter *writer)
{
    if (writer == NULL)
        return;
    hc_arena_free(writer->arena);
    hc_stream_unref(writer->out);
    g_array_unref(writer->levels);
    g_byte_array_unref(writer->path);
    g_string_free(writer->scratch, TRUE);
    g_free(writer);
}

static void
append_path(GString *out, const HcRegWriter *writer)
{
    hc_name_append_display(out, writer->root);
    for (guint i = 0; i < writer->levels->len; i++) {
        if (out->len > 0)
            g_string_append_c(out, '\\');
        hc_name_append_display(out, g_array_index(writer->levels, HcRegLevel, i).name);
    }
}

/* Whether no unit of @name is one that name_trouble() has to look at: nearly always. */
static gboolean
is_plain(HcName name)
{
    for (uint32_t i = 0; i < name.n_units; i++) {
        const uint16_t unit = hc_name_unit(name, i);
        if (unit <= '\r' || (unit & 0xf800) == 0xd800)
            return FALSE;
    }
    return TRUE;
}

/* Returns: why @name cannot stand in a .reg file, or NULL. */
static const char *
name_trouble(const HcRegWriter *writer, HcName name)
{
    if (is_plain(name))
        return NULL;
    if (hc_name_has_unit(name, 0))
        return "a NUL character";
    if (writer->encoding == HC_REG_REGEDIT)
        return NULL;
    if (hc_name_has_unit(name, '\r') || hc_name_has_unit(name, '\n'))
        return "a line break";
    /* UTF-8 cannot hold it, and readers of UTF-16 take it for damage, ours too. */
    if (!hc_name_is_wellformed(name))
        return "half of a surrogate pair";
    return NULL;
}

/* "] ;" in a name looks like the end of the key and a comment; the reader refuses it. */
static gboolean
looks_closed(HcName name)
{
    gboolean is_closed = FALSE;
    for (uint32_t i = 0; i < name.n_units; i++) {
        uint16_t unit = hc_name_unit(name, i);
        if (unit == ';' && is_closed)
            return TRUE;
        is_closed = unit == ']' || (is_closed && (unit == ' ' || unit == '\t'));
    }
    return FALSE;
}

const char *
hc_reg_writer_key_trouble(const HcRegWriter *writer, HcName name)
{
    if (name.n_units == 0)
        return "no character";
    if (name.n_units > HC_MAX_KEY_NAME_UNITS)
        return "more than 256 characters";
    if (hc_name_has_unit(name, '\\'))
        return "a backslash";
    if (writer->encoding != HC_REG_REGEDIT && looks_closed(name))
        return "a ']' and a ';' that read as the end of a key and a comment";
    return name_trouble(writer, name);
}

const char *
hc_reg_writer_value_trouble(const HcRegWriter *writer, HcName name)
{
    if (name.n_units > HC_MAX_VALUE_NAME_UNITS)
        return "more than 16383 characters";
    return name_trouble(writer, name);
}

/* At the end of each statement. */
static gboolean
check_room(const HcRegWriter *writer, GError **error)
{
    if (!hc_stream_flow(writer->out))
        return hc_stream_end(writer->out, error);
    return hc_stream_size(writer->out) <= MAX_OUTPUT_BYTES ||
           hc_fail(error, HC_ERROR_LIMIT,
                   "the .reg text grows over 2 GiB, more than a reader takes");
}

void
hc_reg_writer_enter(HcRegWriter *writer, HcName name)
{
    gsize n_bytes;
    if (writer->path->len > 0)
        g_byte_array_append(writer->path, (const uint8_t *) "\\",
                            writer->encoding == HC_REG_UTF8 ? 1 : 2);
    const uint8_t *bytes = hc_reg_encode(writer, name, &n_bytes);
    g_byte_array_append(writer->path, bytes, (guint) n_bytes);
    const HcRegLevel level = {name, hc_reg_writer_key_trouble(writer, name), writer->path->len};
    g_array_append_val(writer->levels, level);
}

void
hc_reg_writer_leave(HcRegWriter *writer)
{
    const guint n = writer->levels->len - 1;
    if (n == 0) {
        start_path(writer);
        return;
    }
    g_array_set_size(writer->levels, n);
    g_byte_array_set_size(writer->path,
                          g_array_index(writer->levels, HcRegLevel, n - 1).path_bytes);
}

gboolean
hc_reg_writer_section(HcRegWriter *writer, gboolean is_delete, GError **error)
{
    const char *trouble = NULL;
    for (guint i = 0; i < writer->levels->len && trouble == NULL; i++)
        trouble = g_array_index(writer->levels, HcRegLevel, i).trouble;
    if (trouble != NULL) {
        g_autoptr(GString) text = g_string_new(NULL);
        append_path(text, writer);
        return hc_fail(error, HC_ERROR_UNSUPPORTED,
                       "[%s]: cannot be written as .reg: its name has %s", text->str, trouble);
    }
    if (writer->block != HC_REG_BLOCK_COMMENT)
        hc_reg_put_line_end(writer);
    writer->block = HC_REG_BLOCK_SECTION;
    hc_reg_put_chars(writer, "[-", is_delete ? 2 : 1);
    memcpy(hc_reg_put_room(writer, writer->path->len), writer->path->data, writer->path->len);
    hc_reg_put_took(writer, writer->path->len);
    hc_reg_put_literal(writer, "]\r\n");
    return check_room(writer, error);
}

/* Whether the data of a REG_SZ stands in quotes without loss; @text: (out): without the NUL. */
static gboolean
fits_quotes(const HcRegWriter *writer, HcBlob data, HcName *text)
{
    if (data.n_bytes < 2 || data.n_bytes % 2 != 0)
        return FALSE;
    *text = (HcName){data.bytes, data.n_bytes / 2 - 1, FALSE};
    return hc_get16(data.bytes + data.n_bytes - 2) == 0 && name_trouble(writer, *text) == NULL;
}

/* regedit's way: up to the first NUL, or all where there is none. */
static HcName
cut_at_nul(HcBlob data)
{
    uint32_t n_units = 0;
    while (n_units < data.n_bytes / 2 && hc_get16(data.bytes + 2 * (gsize) n_units) != 0)
        n_units++;
    return (HcName){data.bytes, n_units, FALSE};
}

/* Two digits and a comma for each byte. */
static void
put_hex_bytes(HcRegWriter *writer, const uint8_t *bytes, guint n)
{
    const gsize n_wide = writer->encoding == HC_REG_UTF8 ? 1 : 2;
    uint8_t *to = hc_reg_put_room(writer, 3 * n_wide * n);
    hc_reg_put_took(writer, 3 * n_wide * n);
    writer->column += 3 * n;
    if (n_wide == 1) {
        for (guint i = 0; i < n; i++, to += 3) {
            to[0] = (uint8_t) digits[bytes[i] >> 4];
            to[1] = (uint8_t) digits[bytes[i] & 15];
            to[2] = ',';
        }
        return;
    }
    for (guint i = 0; i < n; i++, to += 6) {
        hc_put32(to, (uint32_t) digits[bytes[i] >> 4] | (uint32_t) digits[bytes[i] & 15] << 16);
        hc_put16(to + 4, ',');
    }
}

/* As many bytes to a line as regedit, which looks at the column after each comma. */
static void
put_hex(HcRegWriter *writer, HcBlob data)
{
    for (uint32_t from = 0; from < data.n_bytes;) {
        const guint left = writer->column < WRAP_COLUMN ? WRAP_COLUMN - writer->column : 1;
        const guint n = MIN(data.n_bytes - from, (left + 2) / 3);
        put_hex_bytes(writer, data.bytes + from, n);
        from += n;
        if (from < data.n_bytes && writer->column >= WRAP_COLUMN) {
            hc_reg_put_literal(writer, "\\\r\n  ");
            writer->column = 2;
        }
    }
    /* No comma behind the last. */
    if (data.n_bytes > 0)
        writer->text->len -= writer->encoding == HC_REG_UTF8 ? 1 : 2;
}

static void
put_dword(HcRegWriter *writer, uint32_t number)
{
    char text[] = "dword:00000000";
    for (guint i = 0; i < 8; i++)
        text[sizeof(text) - 2 - i] = digits[number >> 4 * i & 15];
    hc_reg_put_literal(writer, text);
}

static void
put_datum(HcRegWriter *writer, const HcDatum *datum)
{
    HcName text;
    char prefix[32];
    int n;
    if (datum->type == HC_REG_SZ && fits_quotes(writer, datum->data, &text)) {
        hc_reg_put_quoted(writer, text);
        return;
    }
    if (datum->type == HC_REG_SZ && writer->encoding == HC_REG_REGEDIT) {
        hc_reg_put_quoted(writer, cut_at_nul(datum->data));
        writer->n_lossy++;
        return;
    }
    if (datum->type == HC_REG_DWORD && datum->data.n_bytes == 4) {
        put_dword(writer, hc_get32(datum->data.bytes));
        return;
    }
    if (datum->type == HC_REG_BINARY)
        n = g_snprintf(prefix, sizeof(prefix), "hex:");
    else
        n = g_snprintf(prefix, sizeof(prefix), "hex(%x):", datum->type);
    hc_reg_put_chars(writer, prefix, (gsize) n);
    writer->column += (guint) n;
    put_hex(writer, datum->data);
}

/* Whether the reader takes the data, which stands in hex, for a mistake. */
static gboolean
is_misread(const HcRegWriter *writer, const HcDatum *datum)
{
    const gboolean is_text = datum->type == HC_REG_SZ || datum->type == HC_REG_EXPAND_SZ ||
                             datum->type == HC_REG_MULTI_SZ;
    return is_text && writer->encoding != HC_REG_REGEDIT &&
           hc_reg_is_narrow_text(datum->type, datum->data.bytes, datum->data.n_bytes);
}

gboolean
hc_reg_writer_value(HcRegWriter *writer, HcName name, const HcDatum *after, GError **error)
{
    const char *trouble = hc_reg_writer_value_trouble(writer, name);
    if (trouble != NULL) {
        g_autoptr(GString) text = g_string_new(NULL);
        hc_name_append_display(text, name);
        return hc_fail(error, HC_ERROR_UNSUPPORTED,
                       "value \"%s\": cannot be written as .reg: its name has %s", text->str,
                       trouble);
    }
    if (name.n_units == 0)
        hc_reg_put_literal(writer, "@");
    else
        hc_reg_put_quoted(writer, name);
    hc_reg_put_literal(writer, "=");
    writer->column += name.n_units == 0 ? 2 : 1;
    if (after != NULL)
        put_datum(writer, after);
    else
        hc_reg_put_literal(writer, "-");
    if (after != NULL && is_misread(writer, after))
        hc_reg_put_literal(writer, " ;!as-is");
    hc_reg_put_line_end(writer);
    return check_room(writer, error);
}

void
hc_reg_writer_comment(HcRegWriter *writer, const char *text)
{
    if (writer->encoding == HC_REG_REGEDIT)
        return;
    if (writer->block == HC_REG_BLOCK_NONE) {
        hc_reg_put_line_end(writer);
        writer->block = HC_REG_BLOCK_COMMENT;
    }
    g_autofree char *line = g_strdelimit(g_strdup(text), "\r\n", ' ');
    HcName name = hc_name_from_utf8(writer->arena, line, strlen(line));
    hc_reg_put_literal(writer, "; ");
    hc_reg_put_name(writer, name);
    hc_reg_put_line_end(writer);
}

void
hc_reg_writer_break(HcRegWriter *writer)
{
    writer->block = HC_REG_BLOCK_NONE;
}

void
hc_reg_writer_set_root(HcRegWriter *writer, HcName root)
{
    writer->root = hc_name_dup(writer->arena, root);
    start_path(writer);
}

uint64_t
hc_reg_writer_n_lossy(const HcRegWriter *writer)
{
    return writer->n_lossy;
}

HcName
hc_reg_writer_root(const HcRegWriter *writer)
{
    return writer->root;
}

GBytes *
hc_reg_writer_finish(HcRegWriter *writer, GError **error)
{
    hc_reg_put_line_end(writer);
    return hc_stream_take(writer->out, error);
}

void
hc_reg_writer_end(HcRegWriter *writer)
{
    hc_reg_put_line_end(writer);
}
