#pragma once

#include <stdint.h>
#include <string.h>

#include <glib.h>

#include "hivecore/base/error.h"
#include "hivecore/base/findings.h"
#include "hivecore/base/name.h"
#include "hivecore/reg/lanes-private.h"
#include "hivecore/reg/reg-reader.h"

G_BEGIN_DECLS

/* The parts of the .reg language: code page, text, lexer, header, key, value, and the walk over the
 * lines that reader, fmt and lint stand on. */

/* --- reg-codepage.c --- */

/** HcCodepage: one Windows code page, to decode text and version 4 hex strings from. */
typedef struct HcCodepage HcCodepage;

/**
 * hc_codepage_new:
 * @number: 0 (1252), 437, 850, 852, 866, 874, 932, 936, 949, 950, 1250 to 1258
 *
 * Returns: (transfer full): the code page; NULL with HC_ERROR_USAGE for any other number, or
 * with HC_ERROR_UNSUPPORTED when the system's iconv lacks it
 */
HcCodepage *hc_codepage_new(guint number, GError **error);
void hc_codepage_free(HcCodepage *codepage);

/** Returns: the number, never 0. */
guint hc_codepage_number(const HcCodepage *codepage);

/**
 * hc_codepage_decode:
 * @units: (out): room for @n_bytes UTF-16 units, host order
 * @n_units: (out): how many were written
 *
 * Returns: the bytes decoded: @n_bytes, or the offset of the first byte without a meaning
 */
gsize hc_codepage_decode(const HcCodepage *codepage, const uint8_t *bytes, gsize n_bytes,
                         uint16_t *units, gsize *n_units);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HcCodepage, hc_codepage_free)

/* --- reg-decode.c --- */

/** HcRegBytes: how the text is written in its file. */
typedef enum {
    HC_REG_BYTES_UTF16,
    HC_REG_BYTES_UTF8,
    HC_REG_BYTES_UTF8_BOM,
    HC_REG_BYTES_ANSI,
} HcRegBytes;

/** HcRegText: the text of one .reg file as UTF-16 units in host order, without a BOM. */
typedef struct {
    const uint16_t *units;
    gsize n_units;
    HcRegBytes encoding; /* of the file */
    gboolean has_halves; /* of surrogate pairs */
    gboolean is_ascii;
    gboolean uses_page;      /* bytes outside ASCII are read in the code page */
    gboolean has_directives; /* ";!" is somewhere, perhaps in a string */
    GBytes *content;         /* what units points into */
} HcRegText;

/**
 * hc_reg_decode:
 * @diagnostics: has the name of the file; gets what is wrong, one error
 * @codepage: of 8-bit text
 * @is_explicit: whether the user chose it; else 8-bit text that is valid UTF-8 is taken as that
 * @compat: only what regedit knows (UTF-16LE with BOM, the code page), ended by a NUL
 * character; else UTF-8 too, and a NUL character is malformed
 *
 * HC_ERROR_MALFORMED also for what is plainly no .reg file.
 */
gboolean hc_reg_decode(HcRegText *text, HcFindings *diagnostics, GBytes *content,
                       const HcCodepage *codepage, gboolean is_explicit, gboolean compat);
void hc_reg_text_clear(HcRegText *text);

/**
 * hc_reg_place:
 * The line and column (1-based, in characters) of unit @pos, counted from unit @line_start,
 * which starts line @line.
 */
void hc_reg_place(const uint16_t *units, gsize line_start, gsize pos, uint32_t *line,
                  uint32_t *column);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HcRegText, hc_reg_text_clear)

/* --- reg-lex.c, reg-firsts.c --- */

/** HcRegLexer: a place in the text of a .reg file, and how to read it. */
typedef struct HcRegLexer HcRegLexer;

/** HcRegFirsts: what is wrong many times in one file, and told once; see hc_reg_fail_once(). */
typedef struct HcRegFirsts HcRegFirsts;

struct HcRegLexer {
    HcFindings *diagnostics; /* (nullable): what is wrong is told here; NULL: nobody asks */
    HcRegFirsts *firsts;     /* (nullable): NULL: all is told where it is met */
    const uint16_t *units;
    gsize n_units;
    gsize pos;
    gsize line_start; /* of the line that pos stands in */
    uint32_t line;    /* 1-based */
    gsize comment;    /* where the last comment behind a statement starts; 0: there was none */
    gboolean compat;
    gboolean has_halves;   /* HcRegText.has_halves: hc_reg_check_pairs() has something to find */
    gboolean in_directive; /* data is on one line, ends at '|' too, and no comment follows it */

    /* Of text that a template line became: that line, and for each unit the place in its text that
     * the unit is from. Messages are about these. */
    const HcRegLexer *template_line; /* (nullable) */
    const gsize *template_places;    /* n_units of them */
};

/** Returns: whether the text ends or a line break stands at @pos. */
static inline gboolean
hc_reg_is_eol(const HcRegLexer *lexer, gsize pos)
{
    return pos >= lexer->n_units || lexer->units[pos] == '\n' || lexer->units[pos] == '\r';
}

/** Returns: whether @unit stands at @pos. */
static inline gboolean
hc_reg_is(const HcRegLexer *lexer, gsize pos, char unit)
{
    return pos < lexer->n_units && lexer->units[pos] == (uint8_t) unit;
}

static inline gboolean
hc_reg_is_blank(const HcRegLexer *lexer, gsize pos)
{
    return hc_reg_is(lexer, pos, ' ') || hc_reg_is(lexer, pos, '\t');
}

/** Returns: whether the comment at @pos, a ';', is a directive: ";!", not ";!!". */
static inline gboolean
hc_reg_is_directive(const HcRegLexer *lexer, gsize pos)
{
    return hc_reg_is(lexer, pos, ';') && hc_reg_is(lexer, pos + 1, '!') &&
           !hc_reg_is(lexer, pos + 2, '!');
}

/** hc_reg_hex_values: of the characters of ASCII; -1: not a hex digit. */
extern const int8_t hc_reg_hex_values[0x80];

/** Returns: the value of the hex digit @unit, or -1. */
static inline int
hc_reg_hex_value(uint16_t unit)
{
    return unit < G_N_ELEMENTS(hc_reg_hex_values) ? hc_reg_hex_values[unit] : -1;
}

/** Returns: the value of the hex digit at @pos, or -1. */
static inline int
hc_reg_hex_digit(const HcRegLexer *lexer, gsize pos)
{
    return pos < lexer->n_units ? hc_reg_hex_value(lexer->units[pos]) : -1;
}

/** Returns: where the line of @pos ends: its line break or the end of the text. */
gsize hc_reg_eol(const HcRegLexer *lexer, gsize pos);

void hc_reg_skip_blanks(HcRegLexer *lexer);

/** hc_reg_next_line: moves behind the line break that ends the line. FALSE: there is none. */
gboolean hc_reg_next_line(HcRegLexer *lexer);

/** hc_reg_advance: moves to @pos, counting the line breaks between. */
void hc_reg_advance(HcRegLexer *lexer, gsize pos);

/** hc_reg_take: moves behind @word when it stands here. */
static inline gboolean
hc_reg_take(HcRegLexer *lexer, const char *word)
{
    gsize n = strlen(word);
    for (gsize i = 0; i < n; i++) {
        if (!hc_reg_is(lexer, lexer->pos + i, word[i]))
            return FALSE;
    }
    lexer->pos += n;
    return TRUE;
}

/**
 * hc_reg_check_pairs:
 * Whether units @from to @to are whole characters; half of a surrogate pair is an error in strict
 * mode, since nobody writes it on purpose.
 * @expected: what could stand there instead, for the message
 */
gboolean hc_reg_check_pairs(const HcRegLexer *lexer, gsize from, gsize to, const char *expected);

/** Returns: units @from to @to as a name that borrows from the text. */
HcName hc_reg_span(const HcRegLexer *lexer, gsize from, gsize to);

/**
 * What regedit does with a bad line: the end of a sentence that starts with "regedit". Only what is
 * known, docs/FORMATS-reg.md; where only Wine's regedit is, the text says so.
 */
#define HC_REGEDIT_SKIPS   "skips this line, silently"
#define HC_REGEDIT_REFUSES "refuses the file"
#define HC_REGEDIT_MISPLACES                                                                       \
    "skips this line, and Wine's puts the values after it into the key before"
#define HC_REGEDIT_DROPS_KEY   "drops this key and the values after it, silently"
#define HC_REGEDIT_DROPS_VALUE "drops this value, silently"
#define HC_REGEDIT_COMMENT     "takes this for a comment"

/**
 * hc_reg_diagnostic:
 * What is wrong at @pos, which lies in the lexer's line or later, with the source line around it.
 * @message: (transfer full): without the place
 *
 * Returns: (transfer full): an error, HC_ERROR_MALFORMED, without rule and regedit; to be changed
 * as needed and given to hc_findings_add()
 */
HcFinding *hc_reg_diagnostic(const HcRegLexer *lexer, gsize pos, char *message);

/**
 * hc_reg_fail:
 * Adds the error "found WHAT STANDS AT @pos, expected @expected".
 * @regedit: (nullable): static; what regedit does here
 *
 * Returns: FALSE
 */
gboolean hc_reg_fail(const HcRegLexer *lexer, gsize pos, const char *expected, const char *regedit);

/** hc_reg_fail_found: the same with a description of what was found. */
gboolean hc_reg_fail_found(const HcRegLexer *lexer, gsize pos, HcErrorCode code,
                           const char *expected, const char *regedit, const char *found, ...)
    G_GNUC_PRINTF(6, 7);

/**
 * hc_reg_fail_once:
 * The error "found 'WORD' FOUND, expected EXPECTED", which hc_reg_firsts_tell() tells with the
 * number of times that it came with this @expected and @word; at once where the lexer has no
 * firsts.
 * @word: in the text, or without units, and then not told
 * @found: static; likewise @expected and @regedit
 *
 * Returns: FALSE
 */
gboolean hc_reg_fail_once(const HcRegLexer *lexer, gsize pos, HcName word, const char *found,
                          const char *expected, const char *regedit);

HcRegFirsts *hc_reg_firsts_new(void);
void hc_reg_firsts_free(HcRegFirsts *firsts);

/** hc_reg_firsts_tell: at the end of the file, which must still be there. */
void hc_reg_firsts_tell(HcRegFirsts *firsts);

/**
 * hc_reg_expect_tail:
 * After a complete statement: blanks and a comment may follow on the line; in a directive, '|'.
 * @after: what the statement ended with, for the message
 * @regedit: (nullable): what regedit does with anything else
 */
gboolean hc_reg_expect_tail(HcRegLexer *lexer, const char *after, const char *regedit);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HcRegFirsts, hc_reg_firsts_free)

/* --- reg-header.c, reg-foreign.c --- */

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

/* --- reg-key.c --- */

/** HcRegSection: what a [key] line says. */
typedef struct {
    GArray *path; /* of HcName; the first is the root's full name; borrows from the text */
    gboolean is_delete;
    GArray *roots; /* (nullable): of HcName: words that are roots, too; NULL: every word is one */
    HcFindings *diagnostics; /* (nullable): gets what compat mode tells, too */
    gboolean is_void;        /* the line is bad in a way that ends the section before it, too */
    HcName root;             /* as the last line that had one spelled it, */
    HcName full_root;        /* and its full name */
} HcRegSection;

/**
 * hc_reg_parse_section:
 * A key line, the lexer at its "[". On success the lexer is at the end of the line.
 */
gboolean hc_reg_parse_section(HcRegLexer *lexer, HcRegSection *section);

/** hc_reg_add_path: splits units @from to @to into names, of a path that starts with a root. */
gboolean hc_reg_add_path(const HcRegLexer *lexer, gsize from, gsize to, HcRegSection *section);

/* --- reg-value.c, reg-string.c, reg-misread.c --- */

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

/** hc_reg_parse_string: a quoted string and its tail, the lexer at its opening quote, into
 * @data, which is empty. As hc_reg_parse_data(). */
gboolean hc_reg_parse_string(HcRegLexer *lexer, HcRegData *data);

/* --- reg-walk.c --- */

/* The lines of a .reg file as they are written: the one walk of the language. hc_reg_read() makes a
 * delta of them, fmt rewrites and lint criticises them. */

typedef enum {
    HC_REG_LINE_BLANK,
    HC_REG_LINE_COMMENT, /* a line of its own */
    HC_REG_LINE_SECTION,
    HC_REG_LINE_VALUE, /* over one or several lines */
    HC_REG_LINE_OTHER, /* none of these, and so bad */
} HcRegLineKind;

/** HcRegLine: a line, or the lines of one value. Positions are units of the text. */
typedef struct {
    HcRegLineKind kind;
    gboolean is_bad; /* told; nothing below is known but at */
    HcRegLexer at;   /* stands at the first character that is no blank */
    gsize data;      /* of a value: where its data starts */
    gsize end;       /* where its last line ends */
    gsize comment;   /* of a section or value: where the comment behind it starts, or end */
    HcName name;     /* of a value; valid until the next line */
} HcRegLine;

/** HcRegWalker: goes through the text line by line. */
typedef struct {
    HcRegText text;
    HcCodepage *codepage;
    gboolean has_codepage; /* the user named it */
    HcRegHeader header;
    HcRegLexer lexer;  /* at the end of the last line */
    uint32_t bad_line; /* where the last line starts, if it was bad, in strict mode; or 0 */
    HcRegDialect dialect;
    HcRegSection section; /* of the last section */
    HcRegData data;       /* of the last value */
    GByteArray *name_scratch;
} HcRegWalker;

/**
 * hc_reg_walker_init:
 * @options: for .ansi_codepage, .allow and .compat_regedit
 *
 * Returns: FALSE with HC_ERROR_USAGE or HC_ERROR_UNSUPPORTED for the code page. The walker is to be
 * cleared in any case.
 */
gboolean hc_reg_walker_init(HcRegWalker *walker, const HcRegReadOptions *options, GError **error);

/**
 * hc_reg_walker_start:
 * Decodes @content and reads its first line.
 * @diagnostics: (nullable): gets what is wrong, here and, but for compat mode, in the lines
 *
 * Returns: FALSE where there is nothing to walk through, which was told
 */
gboolean hc_reg_walker_start(HcRegWalker *walker, GBytes *content, HcFindings *diagnostics);

/**
 * hc_reg_walker_next:
 * The next line; after a bad one that where reading goes on, so that one mistake is told once.
 *
 * Returns: FALSE after the last line
 */
gboolean hc_reg_walker_next(HcRegWalker *walker, HcRegLine *line);

/** hc_reg_walker_value: the value at the walker's lexer, wherever that stands. */
void hc_reg_walker_value(HcRegWalker *walker, HcRegLine *line);

void hc_reg_walker_clear(HcRegWalker *walker);

/**
 * HcRegWatch: who looks at the text while hc_reg_read() reads it, in strict mode: behind the
 * header, at each line before the reader does anything with it, and behind the last one.
 */
struct HcRegWatch {
    void (*begin)(gpointer data, const HcRegWalker *walker);
    void (*line)(gpointer data, const HcRegLine *line);
    void (*end)(gpointer data);
    gpointer data;
};

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HcRegWalker, hc_reg_walker_clear)

G_END_DECLS
