#pragma once

#include "hivecore/reg/reg-lex.h"

G_BEGIN_DECLS

#define HC_REG_HEADER_V5 "Windows Registry Editor Version 5.00"
#define HC_REG_HEADER_V4 "REGEDIT4"
#define HC_REG_HEADER_V3 "REGEDIT" /* Windows 3.1 */

typedef enum {
    HC_REG_HEADER_IS_V5,
    HC_REG_HEADER_IS_V4,
    HC_REG_HEADER_IS_V3,   /* compat only */
    HC_REG_HEADER_UNKNOWN, /* compat only: regedit takes the file and reads nothing */
} HcRegHeader;

/** HcRegForeign: what a text without a header is, and what was expected. */
typedef struct {
    const char *what;
    const char *expected;
} HcRegForeign;

/** Returns: (nullable): static; what the text at the lexer, in line 1, is when it is no .reg file.
 */
const HcRegForeign *hc_reg_foreign_text(const HcRegLexer *lexer);

/**
 * hc_reg_read_header:
 * The first line; the lexer moves to its end.
 *
 * Returns: FALSE when it was told that the file cannot be read
 */
gboolean hc_reg_read_header(HcRegLexer *lexer, HcRegHeader *header);

G_END_DECLS
