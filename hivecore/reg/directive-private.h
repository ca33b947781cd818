#pragma once

#include "hivecore/delta/condition.h"
#include "hivecore/reg/directive.h"
#include "hivecore/reg/reg-key.h"

G_BEGIN_DECLS

/* Shared by directive*.c. */

/** Where a directive stands. */
typedef enum {
    HC_REG_IN_HEAD,     /* before the first key line */
    HC_REG_IN_SECTION,  /* on a line of its own in a section */
    HC_REG_BEHIND_KEY,  /* behind a key line */
    HC_REG_BEHIND_VALUE /* behind a value */
} HcRegWhere;

/** HcRegBare: a condition without a name, which binds to the value it stands at. */
typedef struct {
    HcCondition condition; /* without path and name */
    HcRegLexer at;
} HcRegBare;

/** HcRegExact: an exact key, for the end of the file. */
typedef struct {
    HcDeltaKey *key;
    guint exact; /* HcExact bits */
    HcOrigin origin;
} HcRegExact;

/** HcRegMap: paths at and below @from are read as below @to; of HcName. */
typedef struct {
    GArray *from;
    GArray *to;
} HcRegMap;

/** HcRegScope: what ";!scope" allows. Each part of the path is a glob; "**" any number of names. */
typedef struct {
    GArray *path; /* of HcName */
    gboolean is_on_value;
    HcName value; /* a glob, too */
} HcRegScope;

/** HcRegStated: a value line of the section. */
typedef struct {
    HcDeltaValue *value;
    HcOrigin at; /* unless value->origin is this, another line has the last word */
} HcRegStated;

struct HcRegDirectives {
    HcDelta *delta;
    uint32_t source;
    const HcRegDialect *dialect;
    GArray *roots; /* of HcName: words that are roots of keys, too */
    HcRegVariables *variables;
    gboolean unset_is_empty;
    GHashTable *declared; /* name -> GString of the value, UTF-8 */
    GArray *maps;
    GArray *scopes;
    guint n_place_lines; /* of maps and scopes, also bad ones */
    GArray *exacts;
    gboolean is_named; /* there was a ";!patch" */
    GByteArray *scratch;

    gboolean has_section; /* there was a key line */
    GArray *path;         /* of the section, mapped; empty: it is bad */
    gboolean is_delete;
    HcOrigin section_at;
    GArray *stated; /* of HcRegStated: the values of the section */

    const HcReason *file_reason;
    const HcReason *section_reason;
    const HcReason *line_reason; /* of the next line, when that is a value, else of the section */
    HcRegLexer line_reason_at;   /* where it is given */
    GArray *bare;                /* of HcRegBare, for the next line */
};

/** What one directive is read with. */
typedef struct {
    HcRegDirectives *directives;
    HcRegLexer lexer; /* behind the verb and the blanks after it */
    HcRegLexer start; /* at the ";" */
    HcRegWhere where;
} HcRegDirective;

/* Each reads what stands behind its verb, and tells what is wrong. */
void hc_reg_read_condition(HcRegDirective *directive, HcConditionKind kind);
void hc_reg_read_map(HcRegDirective *directive);
void hc_reg_read_scope(HcRegDirective *directive);
void hc_reg_read_security(HcRegDirective *directive);
void hc_reg_read_var(HcRegDirective *directive);

/** hc_reg_take_word: moves behind @word and the blanks after it when a blank or the end follows. */
gboolean hc_reg_take_word(HcRegLexer *lexer, const char *word);

/** Returns: whether the directive ends here; if not, that is told. */
gboolean hc_reg_expect_end(const HcRegLexer *lexer, const char *expected);

/** Returns: where @to is when the blanks before it are left out, not before @from. */
gsize hc_reg_trim(const HcRegLexer *lexer, gsize from, gsize to);

/**
 * hc_reg_add_bound:
 * Adds @condition, which gets its path and, when it is on a value, @name.
 * @at: for what the delta refuses
 */
void hc_reg_add_bound(HcRegDirectives *directives, const HcRegLexer *at, HcCondition condition,
                      const GArray *path, HcName name);

G_END_DECLS
