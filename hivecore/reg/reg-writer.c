#include "config.h"

#include "hivecore/reg/reg-writer.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/reg/parse-private.h"
#include "hivecore/regf/layout.h"

/* regedit breaks hex data after the comma that brings the line to this many characters. */
#define WRAP_COLUMN 77

/* Of text that is put at once. */
#define PIECE_UNITS 4096u

#define MAX_OUTPUT_BYTES HC_MAX_PATCH_BYTES

static const char digits[] = "0123456789abcdef";

typedef enum {
    BLOCK_NONE,    /* after the header */
    BLOCK_COMMENT, /* comments outside of a section */
    BLOCK_SECTION,
} Block;

/* A key on the way to the open one. */
typedef struct {
    HcName name;
    const char *trouble; /* why it cannot stand in the text */
    guint path_bytes;    /* of the path up to it, in the text's encoding */
} Level;

struct HcRegWriter {
    HcRegEncoding encoding;
    HcArena *arena;
    HcName root;
    HcStream *out;
    GString *text;    /* hc_stream_text() of it */
    GArray *levels;   /* of Level */
    GByteArray *path; /* the root and their names */
    GString *scratch;
    Block block;
    guint column; /* UTF-16 units in the line so far; only hex data looks at it */
    uint64_t n_lossy;
};

/* Room for @n_bytes, to be taken by took(). */
static inline uint8_t *
room(HcRegWriter *writer, gsize n_bytes)
{
    if (G_UNLIKELY(writer->text->allocated_len - writer->text->len <= n_bytes))
        hc_stream_reserve(writer->out, n_bytes);
    return (uint8_t *) writer->text->str + writer->text->len;
}

static inline void
took(HcRegWriter *writer, gsize n_bytes)
{
    writer->text->len += n_bytes;
}

/* Of ASCII or Latin-1 UTF-16, four characters at a time. */
static inline void
widen(uint8_t *to, const uint8_t *from, gsize n)
{
    gsize i = 0;
    for (; i + 4 <= n; i += 4) {
        uint32_t narrow;
        memcpy(&narrow, from + i, sizeof(narrow));
        uint64_t wide = narrow;
        wide = (wide | wide << 16) & UINT64_C(0x0000ffff0000ffff);
        wide = (wide | wide << 8) & UINT64_C(0x00ff00ff00ff00ff);
        memcpy(to + 2 * i, &wide, sizeof(wide));
    }
    for (; i < n; i++)
        hc_put16(to + 2 * i, from[i]);
}

static void
put_chars(HcRegWriter *writer, const char *text, gsize n)
{
    if (writer->encoding == HC_REG_UTF8) {
        memcpy(room(writer, n), text, n);
        took(writer, n);
        return;
    }
    widen(room(writer, 2 * n), (const uint8_t *) text, n);
    took(writer, 2 * n);
}

#define put_literal(writer, literal) put_chars(writer, literal, sizeof(literal) - 1)

/* The bytes of @name in the text, which are borrowed until the next. */
static const uint8_t *
encode(HcRegWriter *writer, HcName name, gsize *n_bytes)
{
    if (writer->encoding != HC_REG_UTF8 && !name.is_latin1) {
        *n_bytes = 2 * (gsize) name.n_units;
        return name.chars;
    }
    g_string_truncate(writer->scratch, 0);
    if (writer->encoding == HC_REG_UTF8) {
        hc_name_append_utf8(writer->scratch, name);
    } else {
        g_string_set_size(writer->scratch, 2 * (gsize) name.n_units);
        widen((uint8_t *) writer->scratch->str, name.chars, name.n_units);
    }
    *n_bytes = writer->scratch->len;
    return (const uint8_t *) writer->scratch->str;
}

static void
put_name(HcRegWriter *writer, HcName name)
{
    gsize n_bytes;
    const uint8_t *bytes = encode(writer, name, &n_bytes);
    hc_stream_put(writer->out, bytes, n_bytes);
}

static HcName
part_of(HcName name, uint32_t from, uint32_t to)
{
    gsize unit_bytes = name.is_latin1 ? 1 : 2;
    return (HcName){name.chars + from * unit_bytes, to - from, name.is_latin1};
}

static inline gboolean
is_escaped(uint16_t unit)
{
    return unit == '\\' || unit == '"';
}

/* As it stands in quotes, in UTF-16; of PIECE_UNITS at most. */
static void
put_escaped(HcRegWriter *writer, HcName text)
{
    uint8_t *start = room(writer, 4 * (gsize) text.n_units);
    uint8_t *to = start;
    for (uint32_t i = 0; i < text.n_units; i++) {
        const uint16_t unit = hc_name_unit(text, i);
        if (G_UNLIKELY(is_escaped(unit))) {
            hc_put16(to, '\\');
            to += 2;
        }
        hc_put16(to, unit);
        to += 2;
    }
    took(writer, (gsize) (to - start));
    writer->column += (guint) (to - start) / 2;
}

static void
put_escaped_utf8(HcRegWriter *writer, HcName text)
{
    uint32_t run = 0;
    for (uint32_t i = 0; i < text.n_units; i++) {
        if (!is_escaped(hc_name_unit(text, i)))
            continue;
        put_name(writer, part_of(text, run, i));
        put_literal(writer, "\\");
        writer->column++;
        run = i;
    }
    put_name(writer, part_of(text, run, text.n_units));
    writer->column += text.n_units;
}

static void
put_quoted(HcRegWriter *writer, HcName text)
{
    put_literal(writer, "\"");
    if (writer->encoding == HC_REG_UTF8)
        put_escaped_utf8(writer, text);
    for (uint32_t from = 0, to; from < text.n_units && writer->encoding != HC_REG_UTF8; from = to) {
        to = MIN(text.n_units, from + PIECE_UNITS);
        put_escaped(writer, part_of(text, from, to));
    }
    put_literal(writer, "\"");
    writer->column += 2;
}

static void
end_line(HcRegWriter *writer)
{
    put_literal(writer, "\r\n");
    writer->column = 0;
}

/* Back to the root. */
static void
start_path(HcRegWriter *writer)
{
    gsize n_bytes;
    g_array_set_size(writer->levels, 0);
    g_byte_array_set_size(writer->path, 0);
    const uint8_t *bytes = encode(writer, writer->root, &n_bytes);
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
    writer->levels = g_array_new(FALSE, FALSE, sizeof(Level));
    writer->path = g_byte_array_new();
    writer->scratch = g_string_new(NULL);
    hc_reg_writer_set_root(writer, root);
    if (encoding != HC_REG_UTF8)
        hc_stream_put(out, "\xff\xfe", 2);
    put_literal(writer, "Windows Registry Editor Version 5.00");
    end_line(writer);
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
    if (!writer)
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
        hc_name_append_display(out, g_array_index(writer->levels, Level, i).name);
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
    const uint8_t *bytes = encode(writer, name, &n_bytes);
    g_byte_array_append(writer->path, bytes, (guint) n_bytes);
    const Level level = {name, hc_reg_writer_key_trouble(writer, name), writer->path->len};
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
    g_byte_array_set_size(writer->path, g_array_index(writer->levels, Level, n - 1).path_bytes);
}

gboolean
hc_reg_writer_section(HcRegWriter *writer, gboolean is_delete, GError **error)
{
    const char *trouble = NULL;
    for (guint i = 0; i < writer->levels->len && trouble == NULL; i++)
        trouble = g_array_index(writer->levels, Level, i).trouble;
    if (trouble != NULL) {
        g_autoptr(GString) text = g_string_new(NULL);
        append_path(text, writer);
        return hc_fail(error, HC_ERROR_UNSUPPORTED,
                       "[%s]: cannot be written as .reg: its name has %s", text->str, trouble);
    }
    if (writer->block != BLOCK_COMMENT)
        end_line(writer);
    writer->block = BLOCK_SECTION;
    put_chars(writer, "[-", is_delete ? 2 : 1);
    memcpy(room(writer, writer->path->len), writer->path->data, writer->path->len);
    took(writer, writer->path->len);
    put_literal(writer, "]\r\n");
    return check_room(writer, error);
}

gboolean
hc_reg_writer_key(HcRegWriter *writer, const HcName *path, gsize n, gboolean is_delete,
                  GError **error)
{
    start_path(writer);
    for (gsize i = 0; i < n; i++)
        hc_reg_writer_enter(writer, path[i]);
    return hc_reg_writer_section(writer, is_delete, error);
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

/* Two digits and a comma for each byte. */
static void
put_hex_bytes(HcRegWriter *writer, const uint8_t *bytes, guint n)
{
    const gsize n_wide = writer->encoding == HC_REG_UTF8 ? 1 : 2;
    uint8_t *to = room(writer, 3 * n_wide * n);
    took(writer, 3 * n_wide * n);
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
            put_literal(writer, "\\\r\n  ");
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
    put_literal(writer, text);
}

static void
put_datum(HcRegWriter *writer, const HcDatum *datum)
{
    HcName text;
    char prefix[32];
    int n;
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
        put_dword(writer, hc_get32(datum->data.bytes));
        return;
    }
    if (datum->type == HC_REG_BINARY)
        n = g_snprintf(prefix, sizeof(prefix), "hex:");
    else
        n = g_snprintf(prefix, sizeof(prefix), "hex(%x):", datum->type);
    put_chars(writer, prefix, (gsize) n);
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
    if (trouble) {
        g_autoptr(GString) text = g_string_new(NULL);
        hc_name_append_display(text, name);
        return hc_fail(error, HC_ERROR_UNSUPPORTED,
                       "value \"%s\": cannot be written as .reg: its name has %s", text->str,
                       trouble);
    }
    if (name.n_units == 0)
        put_literal(writer, "@");
    else
        put_quoted(writer, name);
    put_literal(writer, "=");
    writer->column += name.n_units == 0 ? 2 : 1;
    if (after)
        put_datum(writer, after);
    else
        put_literal(writer, "-");
    if (after && is_misread(writer, after))
        put_literal(writer, " ;!as-is");
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
    put_literal(writer, "; ");
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
    end_line(writer);
    return hc_stream_take(writer->out, error);
}

void
hc_reg_writer_end(HcRegWriter *writer)
{
    end_line(writer);
}
