#include "config.h"

#include "hivecore/reg/reg-writer.h"

#include <string.h>

#include "hivecore/base/bytes.h"
#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/reg/parse-private.h"
#include "hivecore/reg/writer-private.h"
#include "hivecore/regf/types.h"

#define MAX_OUTPUT_BYTES HC_MAX_PATCH_BYTES

/* Returns: the end of the path, never NULL, with room for @n_bytes more. */
static uint8_t *
extend_path(HcRegWriter *writer, gsize n_bytes)
{
    if (writer->path_room - writer->path_bytes <= n_bytes) {
        writer->path_room = 2 * (writer->path_bytes + n_bytes) + 64;
        writer->path = g_realloc(writer->path, writer->path_room);
    }
    return writer->path + writer->path_bytes;
}

static void
append_to_path(HcRegWriter *writer, HcName name)
{
    gsize n_bytes;
    const uint8_t *bytes = hc_reg_encode(writer, name, &n_bytes);
    memcpy(extend_path(writer, n_bytes), bytes, n_bytes);
    writer->path_bytes += n_bytes;
}

/* Back to the root. */
static void
start_path(HcRegWriter *writer)
{
    writer->n_levels = 0;
    writer->path_bytes = 0;
    append_to_path(writer, writer->root);
}

static HcRegWriter *
writer_new(HcStream *out, HcRegEncoding encoding, HcName root)
{
    HcRegWriter *writer = g_new0(HcRegWriter, 1);
    writer->encoding = encoding;
    writer->arena = hc_arena_new();
    writer->out = out;
    writer->text = hc_stream_text(out);
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
    g_free(writer->levels);
    g_free(writer->path);
    g_string_free(writer->scratch, TRUE);
    g_free(writer);
}

static void
append_path(GString *out, const HcRegWriter *writer)
{
    hc_name_append_display(out, writer->root);
    for (guint i = 0; i < writer->n_levels; i++) {
        if (out->len > 0)
            g_string_append_c(out, '\\');
        hc_name_append_display(out, writer->levels[i].name);
    }
}

/* Whether no unit of @name is one that hc_reg_name_trouble() has to look at: nearly always. */
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

const char *
hc_reg_name_trouble(const HcRegWriter *writer, HcName name)
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

static const char *
key_trouble(const HcRegWriter *writer, HcName name)
{
    if (name.n_units == 0)
        return "no character";
    if (name.n_units > HC_MAX_KEY_NAME_UNITS)
        return "more than 256 characters";
    if (hc_name_has_unit(name, '\\'))
        return "a backslash";
    if (writer->encoding != HC_REG_REGEDIT && looks_closed(name))
        return "a ']' and a ';' that read as the end of a key and a comment";
    return hc_reg_name_trouble(writer, name);
}

/* At the end of each statement. */
gboolean
hc_reg_check_room(const HcRegWriter *writer, GError **error)
{
    if (!hc_stream_flow(writer->out))
        return hc_stream_end(writer->out, error);
    return hc_stream_size(writer->out) <= MAX_OUTPUT_BYTES ||
           hc_fail(error, HC_ERROR_LIMIT,
                   "the .reg text grows over 2 GiB, more than a reader takes");
}

/* Appends a name to the path, as most are: nothing in it has to be looked at. */
static gboolean
append_plain(HcRegWriter *writer, HcName name)
{
    if (writer->encoding == HC_REG_UTF8 || name.n_units == 0 ||
        name.n_units > HC_MAX_KEY_NAME_UNITS)
        return FALSE;
    const gsize n_bytes = 2 * (gsize) name.n_units;
    uint8_t *to = extend_path(writer, n_bytes + HC_REG_COPY_SLACK);
    if (hc_reg_copy_plain(to, name) < name.n_units)
        return FALSE;
    writer->path_bytes += n_bytes;
    return TRUE;
}

const char *
hc_reg_writer_enter(HcRegWriter *writer, HcName name)
{
    const char *trouble =
        writer->n_levels > 0 ? writer->levels[writer->n_levels - 1].trouble : NULL;
    if (writer->n_levels == writer->levels_room) {
        writer->levels_room = MAX(2 * writer->levels_room, 16);
        writer->levels = g_renew(HcRegLevel, writer->levels, writer->levels_room);
    }
    if (writer->path_bytes > 0) {
        const gsize n_bytes = writer->encoding == HC_REG_UTF8 ? 1 : 2;
        memcpy(extend_path(writer, 2), "\\", 2); /* and its NUL */
        writer->path_bytes += n_bytes;
    }
    if (!append_plain(writer, name)) {
        append_to_path(writer, name);
        trouble = trouble != NULL ? trouble : key_trouble(writer, name);
    }
    writer->levels[writer->n_levels++] = (HcRegLevel){name, trouble, writer->path_bytes};
    return trouble;
}

void
hc_reg_writer_leave(HcRegWriter *writer)
{
    if (--writer->n_levels == 0)
        start_path(writer);
    else
        writer->path_bytes = writer->levels[writer->n_levels - 1].path_bytes;
}

gboolean
hc_reg_writer_section(HcRegWriter *writer, gboolean is_delete, GError **error)
{
    const char *trouble =
        writer->n_levels > 0 ? writer->levels[writer->n_levels - 1].trouble : NULL;
    if (trouble != NULL) {
        g_autoptr(GString) text = g_string_new(NULL);
        append_path(text, writer);
        return hc_fail(error, HC_ERROR_UNSUPPORTED,
                       "[%s]: cannot be written as .reg: its name has %s", text->str, trouble);
    }
    if (writer->block != HC_REG_BLOCK_COMMENT)
        hc_reg_put_line_end(writer);
    writer->block = HC_REG_BLOCK_SECTION;
    hc_reg_put_literal(writer, "[");
    if (is_delete)
        hc_reg_put_literal(writer, "-");
    hc_reg_put_bytes(writer, writer->path, writer->path_bytes);
    hc_reg_put_literal(writer, "]\r\n");
    return hc_reg_check_room(writer, error);
}

/* Whether the data of a REG_SZ stands in quotes without loss, and was put. */
static gboolean
put_string(HcRegWriter *writer, HcBlob data)
{
    return data.n_bytes >= 2 && data.n_bytes % 2 == 0 &&
           hc_get16(data.bytes + data.n_bytes - 2) == 0 &&
           hc_reg_put_quoted(writer, (HcName){data.bytes, data.n_bytes / 2 - 1, FALSE}) == NULL;
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

/* Whether the reader takes the data, which stands in hex, for a mistake. */
static gboolean
is_misread(const HcRegWriter *writer, const HcDatum *datum)
{
    const gboolean is_text = datum->type == HC_REG_SZ || datum->type == HC_REG_EXPAND_SZ ||
                             datum->type == HC_REG_MULTI_SZ;
    return is_text && writer->encoding != HC_REG_REGEDIT &&
           hc_reg_is_narrow_text(datum->type, datum->data.bytes, datum->data.n_bytes);
}

static void
put_hex_datum(HcRegWriter *writer, const HcDatum *datum)
{
    if (datum->type == HC_REG_BINARY) {
        hc_reg_put_literal(writer, "hex:");
        writer->column += 4;
    } else {
        hc_reg_put_literal(writer, "hex(");
        writer->column += 4 + hc_reg_put_number(writer, datum->type) + 2;
        hc_reg_put_literal(writer, "):");
    }
    hc_reg_put_hex(writer, datum->data);
    if (is_misread(writer, datum))
        hc_reg_put_literal(writer, " ;!as-is");
}

static void
put_datum(HcRegWriter *writer, const HcDatum *datum)
{
    if (datum->type == HC_REG_SZ && put_string(writer, datum->data))
        return;
    if (datum->type == HC_REG_SZ && writer->encoding == HC_REG_REGEDIT) {
        (void) hc_reg_put_quoted(writer, cut_at_nul(datum->data));
        writer->n_lossy++;
    } else if (datum->type == HC_REG_DWORD && datum->data.n_bytes == 4) {
        hc_reg_put_dword(writer, hc_get32(datum->data.bytes));
    } else {
        put_hex_datum(writer, datum);
    }
}

const char *
hc_reg_put_value(HcRegWriter *writer, HcName name, const HcDatum *after)
{
    if (name.n_units > HC_MAX_VALUE_NAME_UNITS)
        return "more than 16383 characters";
    if (name.n_units == 0) {
        hc_reg_put_literal(writer, "@=");
        writer->column = 2;
    } else {
        const char *trouble = hc_reg_put_quoted(writer, name);
        if (trouble != NULL)
            return trouble;
        hc_reg_put_literal(writer, "=");
        writer->column++;
    }
    if (after != NULL)
        put_datum(writer, after);
    else
        hc_reg_put_literal(writer, "-");
    hc_reg_put_line_end(writer);
    return NULL;
}

gboolean
hc_reg_writer_value(HcRegWriter *writer, HcName name, const HcDatum *after, GError **error)
{
    const char *trouble = hc_reg_put_value(writer, name, after);
    if (trouble != NULL) {
        g_autoptr(GString) text = g_string_new(NULL);
        hc_name_append_display(text, name);
        return hc_fail(error, HC_ERROR_UNSUPPORTED,
                       "value \"%s\": cannot be written as .reg: its name has %s", text->str,
                       trouble);
    }
    return hc_reg_check_room(writer, error);
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
