#pragma once

#include "hivecore/reg/reg-decode.h"
#include "hivecore/reg/reg-header.h"
#include "hivecore/reg/reg-key.h"
#include "hivecore/reg/reg-value.h"

G_BEGIN_DECLS

/* The lines of a .reg file as they are written, for what rewrites or criticises the text; what
 * they mean is hc_reg_read()'s business. */

typedef enum {
    HC_REG_LINE_BLANK,
    HC_REG_LINE_COMMENT, /* a line of its own */
    HC_REG_LINE_SECTION,
    HC_REG_LINE_VALUE, /* over one or several lines */
    HC_REG_LINE_BAD,   /* what strict mode refuses */
} HcRegLineKind;

/** HcRegLine: a line, or the lines of one value. Positions are units of the text. */
typedef struct {
    HcRegLineKind kind;
    HcRegLexer at; /* stands at the first character that is no blank */
    gsize data;    /* of a value: where its data starts */
    gsize end;     /* where its last line ends */
    gsize comment; /* of a section or value: where the comment behind it starts, or end */
    HcName name;   /* of a value; valid until the next line */
} HcRegLine;

typedef enum {
    HC_REG_BYTES_UTF16,
    HC_REG_BYTES_UTF8,
    HC_REG_BYTES_UTF8_BOM,
    HC_REG_BYTES_ANSI,
} HcRegBytes;

/** HcRegWalker: goes through the text line by line. */
typedef struct {
    HcRegText text;
    HcRegBytes encoding; /* of the file */
    HcCodepage *codepage;
    HcRegLexer lexer;
    HcRegDialect dialect;
    HcRegSection section; /* of the last section */
    HcRegData data;       /* of the last value */
    GByteArray *name_scratch;
} HcRegWalker;

/**
 * hc_reg_walker_init:
 * @ansi_codepage: as in HcRegReadOptions. Any word is a root: hc_reg_read() knows which are
 *
 * Returns: FALSE where there is nothing to walk through: the text cannot be decoded or has not the
 * header of version 4 or 5; hc_reg_read() says why. The walker is to be cleared in any case.
 */
gboolean hc_reg_walker_init(HcRegWalker *walker, GBytes *content, guint ansi_codepage);

/** hc_reg_walker_next: Returns: FALSE after the last line. */
gboolean hc_reg_walker_next(HcRegWalker *walker, HcRegLine *line);

void hc_reg_walker_clear(HcRegWalker *walker);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HcRegWalker, hc_reg_walker_clear)

G_END_DECLS
