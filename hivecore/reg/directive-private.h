#pragma once

#include "hivecore/delta/condition.h"
#include "hivecore/delta/delta.h"
#include "hivecore/reg/lint.h"
#include "hivecore/reg/parse-private.h"

G_BEGIN_DECLS

/* Directives: comments of a .reg file that hivetool reads, ";!verb ...". docs/directives/ has what
 * each is for. The reader tells what it meets, in the order of the lines. */

/** HcRegDirectives: those of one file, while it is read. */
typedef struct HcRegDirectives HcRegDirectives;

/**
 * hc_reg_directives_new:
 * @dialect: of the data in directives; borrowed
 * @roots: (element-type HcName): words that are roots of keys, too; gets those that are mapped.
 *   Borrowed
 * @options: for .variables, which is borrowed, and .unset_is_empty
 */
HcRegDirectives *hc_reg_directives_new(HcDelta *delta, uint32_t source, const HcRegDialect *dialect,
                                       GArray *roots, const HcRegReadOptions *options);
void hc_reg_directives_free(HcRegDirectives *directives);

typedef struct HcRegDirective HcRegDirective;

/** HcRegVerb: all that is known of one kind of directive: its row in the table of directive.c. */
typedef struct {
    const char *name;
    void (*read)(HcRegDirective *directive); /* what stands behind the verb; tells what is wrong.
                                                NULL: a template line, hc_reg_directives_expand() */
    HcConditionKind condition;               /* of hc_reg_read_condition() */
    guint places;                            /* where it may stand; of directive.c */
    HcLintClass class;                       /* what regedit misses, to which it is a comment */
} HcRegVerb;

/**
 * hc_reg_directive_verb:
 * Returns: (nullable): static; the verb of the directive at @pos; NULL for a plain comment and for
 * a verb that there is not
 */
const HcRegVerb *hc_reg_directive_verb(const HcRegLexer *lexer, gsize pos);

/** Returns: (transfer full) (nullable): the name that a directive ";!var" at @pos declares. */
char *hc_reg_directive_declares(const HcRegLexer *lexer, gsize pos);

/** Returns: (transfer full) (nullable): the NAME of "${NAME}" at @pos. */
char *hc_reg_variable_at(const HcRegLexer *lexer, gsize pos);

/**
 * hc_reg_directives_line:
 * A directive on a line of its own, the lexer at its ";". What is wrong is told. A template line
 * is none: see hc_reg_directives_expand().
 */
void hc_reg_directives_line(HcRegDirectives *directives, const HcRegLexer *lexer);

/** hc_reg_directives_blank: an empty line, so that what is above it binds to no value below it. */
void hc_reg_directives_blank(HcRegDirectives *directives);

/** hc_reg_directives_bad: a bad line: what is above it may be about what it was to be. */
void hc_reg_directives_bad(HcRegDirectives *directives);

/** hc_reg_directives_map: reads @path (of HcName) as ";!map" lines say. */
void hc_reg_directives_map(const HcRegDirectives *directives, GArray *path);

/** HcRegTouch: what a statement may change. */
typedef enum {
    HC_REG_TOUCHES_KEY,   /* makes the key, if it is not there */
    HC_REG_TOUCHES_VALUE, /* one value */
    HC_REG_TOUCHES_ALL,   /* the key and everything in it and below it */
} HcRegTouch;

/**
 * hc_reg_directives_may:
 * Whether the file's scopes allow a statement on @path; if not, that is told at the lexer.
 * @value: of HC_REG_TOUCHES_VALUE
 */
gboolean hc_reg_directives_may(const HcRegDirectives *directives, const HcRegLexer *lexer,
                               const GArray *path, HcRegTouch touch, HcName value);

/**
 * hc_reg_directives_section:
 * A key line has been read; the lexer is behind it, its .comment what stood there.
 * @path: (element-type HcName) (nullable): the key, mapped; NULL: the line is bad
 * @at: the line
 */
void hc_reg_directives_section(HcRegDirectives *directives, const HcRegLexer *lexer,
                               const GArray *path, gboolean is_delete, HcOrigin at);

/** hc_reg_directives_value: the same for a value line that went into @key. */
void hc_reg_directives_value(HcRegDirectives *directives, const HcRegLexer *lexer, HcDeltaKey *key,
                             HcName name, HcOrigin at);

/**
 * hc_reg_directives_expand:
 * A template line, the lexer at its ";!=".
 * @units: (element-type uint16_t): gets the value line, ended with a line feed
 * @places: (element-type gsize): gets the place in the lexer's text that each unit is from
 *
 * Returns: FALSE when that was told to be impossible
 */
gboolean hc_reg_directives_expand(HcRegDirectives *directives, const HcRegLexer *lexer,
                                  GArray *units, GArray *places);

/**
 * hc_reg_directives_finish:
 * The file ends: reasons and exact keys are put into the delta.
 *
 * Returns: FALSE with HC_ERROR_CONFLICT when another patch contradicts
 */
gboolean hc_reg_directives_finish(HcRegDirectives *directives, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HcRegDirectives, hc_reg_directives_free)

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
    gboolean tells_decimal;
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
struct HcRegDirective {
    const HcRegVerb *verb;
    HcRegDirectives *directives;
    HcRegLexer lexer; /* behind the verb and the blanks after it */
    HcRegLexer start; /* at the ";" */
    HcRegWhere where;
};

/* HcRegVerb.read of those that are not read in directive.c. */
void hc_reg_read_as_is(HcRegDirective *directive);
void hc_reg_read_condition(HcRegDirective *directive);
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
