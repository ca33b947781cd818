#include "config.h"

#include "hivecore/reg/reg-writer.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/base/spool.h"
#include "hivecore/reg/parse-private.h"
#include "hivecore/regf/layout.h"

/* regedit breaks hex data after the comma that brings the line to this many characters. */
#define WRAP_COLUMN 77

/* The output stays below what a GByteArray can double to. */
#define MAX_OUTPUT_BYTES HC_MAX_PATCH_BYTES

typedef enum {
    BLOCK_NONE,    /* after the header */
    BLOCK_COMMENT, /* comments outside of a section */
    BLOCK_SECTION,
} Block;

struct HcRegWriter {
    HcRegEncoding encoding;
    HcArena *arena;
    HcName root;
    HcSpool *out;
    GString *scratch;
    Block block;
    guint column; /* UTF-16 units in the line so far */
    gboolean is_full;
    uint64_t n_lossy;
};

static void
put_bytes(HcRegWriter *writer, const void *bytes, gsize n_bytes)
{
    if (n_bytes > MAX_OUTPUT_BYTES - hc_spool_size(writer->out)) {
        writer->is_full = TRUE;
        return;
    }
    hc_spool_append(writer->out, bytes, n_bytes);
}

static void
put_ascii(HcRegWriter *writer, const char *text)
{
    gsize n = strlen(text);
    writer->column += (guint) n;
    if (writer->encoding == HC_REG_UTF8) {
        put_bytes(writer, text, n);
        return;
    }
    for (gsize i = 0; i < n; i++)
        put_bytes(writer, (const uint8_t[]){(uint8_t) text[i], 0}, 2);
}

static void
put_name(HcRegWriter *writer, HcName name)
{
    writer->column += name.n_units;
    if (writer->encoding == HC_REG_UTF8) {
        g_string_truncate(writer->scratch, 0);
        hc_name_append_utf8(writer->scratch, name);
        put_bytes(writer, writer->scratch->str, writer->scratch->len);
        return;
    }
    if (!name.is_latin1) {
        put_bytes(writer, name.chars, 2 * (gsize) name.n_units);
        return;
    }
    for (uint32_t i = 0; i < name.n_units; i++)
        put_bytes(writer, (const uint8_t[]){name.chars[i], 0}, 2);
}

static HcName
part_of(HcName name, uint32_t from, uint32_t to)
{
    gsize unit_bytes = name.is_latin1 ? 1 : 2;
    return (HcName){name.chars + from * unit_bytes, to - from, name.is_latin1};
}

static void
put_quoted(HcRegWriter *writer, HcName text)
{
    uint32_t run = 0;
    put_ascii(writer, "\"");
    for (uint32_t i = 0; i < text.n_units; i++) {
        uint16_t unit = hc_name_unit(text, i);
        if (unit != '\\' && unit != '"')
            continue;
        put_name(writer, part_of(text, run, i));
        put_ascii(writer, "\\");
        run = i;
    }
    put_name(writer, part_of(text, run, text.n_units));
    put_ascii(writer, "\"");
}

static void
end_line(HcRegWriter *writer)
{
    put_ascii(writer, "\r\n");
    writer->column = 0;
}

HcRegWriter *
hc_reg_writer_new(HcRegEncoding encoding, HcName root)
{
    HcRegWriter *writer = g_new0(HcRegWriter, 1);
    writer->encoding = encoding;
    writer->arena = hc_arena_new();
    writer->root = hc_name_dup(writer->arena, root);
    writer->out = hc_spool_new();
    writer->scratch = g_string_new(NULL);
    if (encoding != HC_REG_UTF8)
        put_bytes(writer, "\xff\xfe", 2);
    put_ascii(writer, "Windows Registry Editor Version 5.00");
    end_line(writer);
    return writer;
}

void
hc_reg_writer_free(HcRegWriter *writer)
{
    if (!writer)
        return;
    hc_arena_free(writer->arena);
    hc_spool_free(writer->out);
    g_string_free(writer->scratch, TRUE);
    g_free(writer);
}

static void
append_path(GString *out, const HcRegWriter *writer, const HcName *path, gsize n)
{
    hc_name_append_display(out, writer->root);
    for (gsize i = 0; i < n; i++) {
        if (out->len > 0)
            g_string_append_c(out, '\\');
        hc_name_append_display(out, path[i]);
    }
}

/* Returns: why @name cannot stand in a .reg file, or NULL. */
static const char *
name_trouble(const HcRegWriter *writer, HcName name)
{
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

static gboolean
check_room(const HcRegWriter *writer, GError **error)
{
    if (writer->is_full)
        hc_set_error(error, HC_ERROR_LIMIT,
                     "the .reg text grows over 2 GiB, more than a reader takes");
    return !writer->is_full;
}

gboolean
hc_reg_writer_key(HcRegWriter *writer, const HcName *path, gsize n, gboolean is_delete,
                  GError **error)
{
    const char *trouble = NULL;
    for (gsize i = 0; i < n && !trouble; i++)
        trouble = hc_reg_writer_key_trouble(writer, path[i]);
    if (trouble) {
        g_autoptr(GString) text = g_string_new(NULL);
        append_path(text, writer, path, n);
        return hc_fail(error, HC_ERROR_UNSUPPORTED,
                       "[%s]: cannot be written as .reg: its name has %s", text->str, trouble);
    }
    if (writer->block != BLOCK_COMMENT)
        end_line(writer);
    writer->block = BLOCK_SECTION;
    put_ascii(writer, is_delete ? "[-" : "[");
    put_name(writer, writer->root);
    for (gsize i = 0; i < n; i++) {
        if (i > 0 || writer->root.n_units > 0)
            put_ascii(writer, "\\");
        put_name(writer, path[i]);
    }
    put_ascii(writer, "]");
    end_line(writer);
    return check_room(writer, error);
}

/* Whether the data of a REG_SZ stands in quotes without loss; @text: (out): without the NUL. */
static gboolean
fits_quotes(const HcRegWriter *writer, HcBlob data, HcName *text)
{
    if (data.n_bytes < 2 || data.n_bytes % 2)
        return FALSE;
    *text = (HcName){data.bytes, data.n_bytes / 2 - 1, FALSE};
    return hc_get16(data.bytes + data.n_bytes - 2) == 0 && !name_trouble(writer, *text);
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

static void
put_hex(HcRegWriter *writer, HcBlob data)
{
    static const char digits[] = "0123456789abcdef";
    for (uint32_t i = 0; i < data.n_bytes; i++) {
        gboolean is_last = i + 1 == data.n_bytes;
        char byte[4] = {digits[data.bytes[i] >> 4], digits[data.bytes[i] & 15],
                        is_last ? '\0' : ',', '\0'};
        put_ascii(writer, byte);
        if (is_last || writer->column < WRAP_COLUMN)
            continue;
        put_ascii(writer, "\\");
        end_line(writer);
        put_ascii(writer, "  ");
    }
}

static void
put_datum(HcRegWriter *writer, const HcDatum *datum)
{
    HcName text;
    char prefix[32];
    if (datum->type == HC_REG_SZ && fits_quotes(writer, datum->data, &text)) {
        put_quoted(writer, text);
        return;
    }
    if (datum->type == HC_REG_SZ && writer->encoding == HC_REG_REGEDIT) {
        put_quoted(writer, cut_at_nul(datum->data));
        writer->n_lossy++;
        return;
    }
    if (datum->type == HC_REG_DWORD && datum->data.n_bytes == 4) {
        g_snprintf(prefix, sizeof(prefix), "dword:%08x", hc_get32(datum->data.bytes));
        put_ascii(writer, prefix);
        return;
    }
    if (datum->type == HC_REG_BINARY)
        g_strlcpy(prefix, "hex:", sizeof(prefix));
    else
        g_snprintf(prefix, sizeof(prefix), "hex(%x):", datum->type);
    put_ascii(writer, prefix);
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
    if (trouble) {
        g_autoptr(GString) text = g_string_new(NULL);
        hc_name_append_display(text, name);
        return hc_fail(error, HC_ERROR_UNSUPPORTED,
                       "value \"%s\": cannot be written as .reg: its name has %s", text->str,
                       trouble);
    }
    if (name.n_units == 0)
        put_ascii(writer, "@");
    else
        put_quoted(writer, name);
    put_ascii(writer, "=");
    if (after)
        put_datum(writer, after);
    else
        put_ascii(writer, "-");
    if (after && is_misread(writer, after))
        put_ascii(writer, " ;!as-is");
    end_line(writer);
    return check_room(writer, error);
}

void
hc_reg_writer_comment(HcRegWriter *writer, const char *text)
{
    if (writer->encoding == HC_REG_REGEDIT)
        return;
    if (writer->block == BLOCK_NONE) {
        end_line(writer);
        writer->block = BLOCK_COMMENT;
    }
    g_autofree char *line = g_strdelimit(g_strdup(text), "\r\n", ' ');
    HcName name = hc_name_from_utf8(writer->arena, line, strlen(line));
    put_ascii(writer, "; ");
    put_name(writer, name);
    end_line(writer);
}

void
hc_reg_writer_break(HcRegWriter *writer)
{
    writer->block = BLOCK_NONE;
}

void
hc_reg_writer_set_root(HcRegWriter *writer, HcName root)
{
    writer->root = hc_name_dup(writer->arena, root);
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
    end_line(writer);
    return hc_spool_finish(writer->out, error);
}
