#pragma once

#include <stdint.h>

#include <glib.h>

#include "hivecore/reg/reg-codepage.h"
#include "hivecore/reg/reg-lex.h"

G_BEGIN_DECLS

/** HcRegData: what stands right of a value's "=". */
typedef struct {
    gboolean is_delete;
    uint32_t type;
    GByteArray *bytes; /* reused from value to value */
} HcRegData;

/** HcRegAllow: what strict mode refuses unless it is told not to; bits. */
typedef enum {
    HC_REG_ALLOW_ANSI_STRINGS = 1 << 0, /* hex strings of version 5 that are ANSI text */
    HC_REG_ALLOW_WIDE_STRINGS = 1 << 1, /* hex strings of version 4 that are UTF-16 */
    HC_REG_ALLOW_ALL = HC_REG_ALLOW_ANSI_STRINGS | HC_REG_ALLOW_WIDE_STRINGS,
} HcRegAllow;

/** HcRegDialect: how the hex form of the string types 1, 2 and 7 reads. */
typedef struct {
    gboolean is_ansi; /* version 4: bytes of @codepage; else UTF-16LE */
    const HcCodepage *codepage;
    guint allow; /* HcRegAllow bits */
    gboolean
        *uses_page; /* (nullable): becomes TRUE where the meaning of bytes depends on @codepage */
} HcRegDialect;

/**
 * hc_reg_parse_name:
 * A quoted name, the lexer at its opening quote.
 * @scratch: holds the name when it has escapes
 * @name: (out): borrows from the text or from @scratch
 */
gboolean hc_reg_parse_name(HcRegLexer *lexer, GByteArray *scratch, HcName *name);

/**
 * hc_reg_parse_data:
 * The data and the tail of its last line, which the lexer is left in; when it fails, in a line
 * after which reading can go on.
 */
gboolean hc_reg_parse_data(HcRegLexer *lexer, const HcRegDialect *dialect, HcRegData *data);

/**
 * hc_reg_check_misread:
 * Strict mode, a string in hex data as it is written, the lexer behind it: whether its bytes can be
 * what the header says, or ";!as-is" stands behind it. @pos: of the data
 */
gboolean hc_reg_check_misread(const HcRegLexer *lexer, const HcRegDialect *dialect, gsize pos,
                              const HcRegData *data);

/**
 * hc_reg_is_narrow_text:
 * Returns: whether the data of a string of type 1, 2 or 7 is ANSI text and no UTF-16: of an odd
 * number of bytes, or with one NUL and nothing but printable ASCII before it
 */
gboolean hc_reg_is_narrow_text(uint32_t type, const uint8_t *bytes, gsize n_bytes);

G_END_DECLS
