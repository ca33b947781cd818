#pragma once

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
    const char *trouble; /* why it cannot stand in the text */
    guint path_bytes;    /* of the path up to it, in the text's encoding */
} HcRegLevel;

struct HcRegWriter {
    HcRegEncoding encoding;
    HcArena *arena;
    HcName root;
    HcStream *out;
    GString *text;    /* hc_stream_text() of it */
    GArray *levels;   /* of HcRegLevel */
    GByteArray *path; /* the root and their names */
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

/* The text of one line; the column is kept for what hex data may stand behind. */
void hc_reg_put_chars(HcRegWriter *writer, const char *text, gsize n);
#define hc_reg_put_literal(writer, literal) hc_reg_put_chars(writer, literal, sizeof(literal) - 1)
void hc_reg_put_name(HcRegWriter *writer, HcName name);
void hc_reg_put_quoted(HcRegWriter *writer, HcName text);
void hc_reg_put_line_end(HcRegWriter *writer);

/** hc_reg_encode: the bytes of @name in the text, which are borrowed until the next. */
const uint8_t *hc_reg_encode(HcRegWriter *writer, HcName name, gsize *n_bytes);

/** Returns: what @key needs beyond keys and values, which texts have no words for, as HcKeyChange
 * bits. */
guint hc_reg_beyond(const HcDeltaKey *key);

/** Returns: static; the name of one such bit. */
const char *hc_reg_beyond_name(HcKeyChange change);

G_END_DECLS
