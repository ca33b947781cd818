#pragma once

#include <string.h>

#include "hivecore/reg/reg-writer.h"

G_BEGIN_DECLS

/* Shared by reg-writer*.c. */

typedef enum {
    HC_REG_BLOCK_NONE,    /* after the header */
    HC_REG_BLOCK_COMMENT, /* comments outside of a section */
    HC_REG_BLOCK_SECTION,
} HcRegBlock;

/* A key on the way to the open one. */
typedef struct {
    HcName name;
    const char *trouble; /* why it, or one above it, cannot stand in the text */
    gsize path_bytes;    /* of the path down to it, in the text's encoding */
} HcRegLevel;

struct HcRegWriter {
    HcRegEncoding encoding;
    HcArena *arena;
    HcName root;
    HcStream *out;
    GString *text; /* hc_stream_text() of it */
    HcRegLevel *levels;
    guint n_levels;
    guint levels_room;
    uint8_t *path; /* the root and the names of the levels */
    gsize path_bytes;
    gsize path_room;
    GString *scratch;
    HcRegBlock block;
    guint column; /* UTF-16 units in the line so far; only hex data looks at it */
    uint64_t n_lossy;
};

/** hc_reg_put_room: room for @n_bytes, to be taken by hc_reg_put_took(). */
static inline uint8_t *
hc_reg_put_room(HcRegWriter *writer, gsize n_bytes)
{
    if (G_UNLIKELY(writer->text->allocated_len - writer->text->len <= n_bytes))
        hc_stream_reserve(writer->out, n_bytes);
    return (uint8_t *) writer->text->str + writer->text->len;
}

static inline void
hc_reg_put_took(HcRegWriter *writer, gsize n_bytes)
{
    writer->text->len += n_bytes;
}

static inline void
hc_reg_put_bytes(HcRegWriter *writer, const void *bytes, gsize n_bytes)
{
    memcpy(hc_reg_put_room(writer, n_bytes), bytes, n_bytes);
    hc_reg_put_took(writer, n_bytes);
}

/* The text of one line; the column is kept for what hex data may stand behind. */
#define hc_reg_put_literal(writer, literal)                                                        \
    ((writer)->encoding == HC_REG_UTF8                                                             \
         ? hc_reg_put_bytes(writer, literal, sizeof(literal) - 1)                                  \
         : hc_reg_put_bytes(writer, u"" literal, sizeof(u"" literal) - 2))
void hc_reg_put_name(HcRegWriter *writer, HcName name);
void hc_reg_put_line_end(HcRegWriter *writer);

/** hc_reg_put_quoted: Returns: why @text cannot stand in quotes, and nothing was put; or NULL */
const char *hc_reg_put_quoted(HcRegWriter *writer, HcName text);

/** hc_reg_put_hex, hc_reg_put_dword: the data behind "hex:", wrapped; "dword:" and the number. */
void hc_reg_put_hex(HcRegWriter *writer, HcBlob data);
void hc_reg_put_dword(HcRegWriter *writer, uint32_t number);

/** hc_reg_put_number: in hex. Returns: how many digits */
guint hc_reg_put_number(HcRegWriter *writer, uint32_t number);

/** hc_reg_put_value: a statement, but for what hc_reg_check_room() tells at its end. Returns: why a
 * value of that name cannot stand in the text ("a NUL character"), and nothing was put; or NULL */
const char *hc_reg_put_value(HcRegWriter *writer, HcName name, const HcDatum *after);

gboolean hc_reg_check_room(const HcRegWriter *writer, GError **error);

/** Returns: why @name cannot stand in a .reg file, or NULL. */
const char *hc_reg_name_trouble(const HcRegWriter *writer, HcName name);

#define HC_REG_COPY_SLACK 16

/**
 * hc_reg_copy_plain:
 * Copies @text as UTF-16 up to the first unit that means something in a text, or may be of no place
 * in it: a control character up to CR, a surrogate, '"', '\\', ']'.
 * @to: has room for all of @text and HC_REG_COPY_SLACK bytes, which may be overwritten
 *
 * Returns: how many units were copied
 */
gsize hc_reg_copy_plain(uint8_t *to, HcName text);

/** hc_reg_encode: the bytes of @name in the text, which are borrowed until the next. */
const uint8_t *hc_reg_encode(HcRegWriter *writer, HcName name, gsize *n_bytes);

/** Returns: what @key needs beyond keys and values, which texts have no words for, as HcKeyChange
 * bits. */
guint hc_reg_beyond(const HcDeltaKey *key);

/** Returns: static; the name of one such bit. */
const char *hc_reg_beyond_name(HcKeyChange change);

G_END_DECLS
