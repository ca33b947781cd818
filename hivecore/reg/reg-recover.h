#pragma once

#include "hivecore/reg/reg-lex.h"

G_BEGIN_DECLS

/**
 * hc_reg_recover:
 * Moves to the line where strict mode goes on after a bad statement that started at @at, so that
 * one mistake is told once.
 *
 * Returns: FALSE when the file ends
 */
gboolean hc_reg_recover(HcRegLexer *lexer, const HcRegLexer *at);

/** Returns: whether nothing but the end-of-file mark of DOS editors, 1a, is left: old files have
 * it. */
gboolean hc_reg_is_dos_end(const HcRegLexer *lexer);

G_END_DECLS
