#pragma once

#include <glib.h>

#include "hivecore/reg/reg-lex.h"
#include "hivecore/reg/reg-value.h"

G_BEGIN_DECLS

/** hc_reg_parse_string: a quoted string and its tail, the lexer at its opening quote, into
 * @data, which is empty. As hc_reg_parse_data(). */
gboolean hc_reg_parse_string(HcRegLexer *lexer, HcRegData *data);

G_END_DECLS
