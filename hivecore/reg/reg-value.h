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

/** HcRegDialect: how the hex form of the string types 1, 2 and 7 reads. */
typedef struct {
    gboolean is_ansi; /* version 4: bytes of @codepage; else UTF-16LE */
    const HcCodepage *codepage;
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

G_END_DECLS
