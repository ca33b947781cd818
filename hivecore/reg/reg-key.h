#pragma once

#include <glib.h>

#include "hivecore/reg/reg-lex.h"

G_BEGIN_DECLS

/** HcRegSection: what a [key] line says. */
typedef struct {
    GArray *path; /* of HcName; the first is the root's full name; borrows from the text */
    gboolean is_delete;
    GArray *roots;              /* (nullable): of HcName: words that are roots, too */
    gboolean any_root;          /* every word is one */
    HcFindings *diagnostics; /* (nullable): gets what compat mode tells, too */
    gboolean is_void;           /* the line is bad in a way that ends the section before it, too */
    HcName root;                /* private: as the last line that had one spelled it, */
    HcName full_root;           /* and its full name */
} HcRegSection;

/**
 * hc_reg_parse_section:
 * A key line, the lexer at its "[". On success the lexer is at the end of the line.
 */
gboolean hc_reg_parse_section(HcRegLexer *lexer, HcRegSection *section);

/** hc_reg_add_path: splits units @from to @to into names, of a path that starts with a root. */
gboolean hc_reg_add_path(const HcRegLexer *lexer, gsize from, gsize to, HcRegSection *section);

G_END_DECLS
