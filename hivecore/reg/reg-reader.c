#include "config.h"

#include "hivecore/reg/reg-reader.h"

#include <string.h>

#include "hivecore/reg/reg-decode.h"
#include "hivecore/reg/reg-key.h"
#include "hivecore/reg/reg-lex.h"
#include "hivecore/reg/reg-value.h"
#include "hivecore/regf/layout.h"

#define HEADER_V5 "Windows Registry Editor Version 5.00"
#define HEADER_V4 "REGEDIT4"
#define HEADER_V3 "REGEDIT"

typedef enum {
    DIALECT_V5,
    DIALECT_V4,
    DIALECT_WINDOWS31, /* compat only */
    DIALECT_UNKNOWN,   /* compat only: regedit takes the file and reads nothing */
} Dialect;

/* Where values go. */
typedef enum {
    PLACE_NONE,    /* no key line yet */
    PLACE_KEY,     /* into reader->key */
    PLACE_DELETED, /* the last key line deletes */
    PLACE_VOID,    /* compat: the last key line names no key */
} Place;

typedef struct {
    HcRegLexer lexer;
    HcRegDialect dialect;
    HcDelta *delta;
    uint32_t source;
    Place place;
    HcDeltaKey *key;
    HcRegSection section;
    HcRegData data;
    GByteArray *name_scratch;
    uint64_t n_skipped;
} Reader;

static gboolean
header_is(const HcRegLexer *lexer, gsize end, const char *text)
{
    gsize n = strlen(text);
    HcRegLexer at = *lexer;
    return end - lexer->pos == n && hc_reg_take(&at, text);
}

static gboolean
read_header(HcRegLexer *lexer, Dialect *dialect, GError **error)
{
    hc_reg_skip_blanks(lexer);
    gsize end = hc_reg_eol(lexer, lexer->pos);
    while (end > lexer->pos && hc_reg_is_blank(lexer, end - 1))
        end--;
    HcRegLexer at = *lexer;
    if (header_is(lexer, end, HEADER_V5))
        *dialect = DIALECT_V5;
    else if (header_is(lexer, end, HEADER_V4))
        *dialect = DIALECT_V4;
    else if (lexer->compat && header_is(lexer, end, HEADER_V3))
        *dialect = DIALECT_WINDOWS31;
    else if (lexer->compat && hc_reg_take(&at, HEADER_V3))
        *dialect = DIALECT_UNKNOWN;
    else if (header_is(lexer, end, HEADER_V3))
        return hc_reg_fail_found(lexer, lexer->pos, HC_ERROR_MALFORMED,
                                 "'" HEADER_V5 "' or '" HEADER_V4 "'", error,
                                 "the header of a Windows 3.1 file, '" HEADER_V3 "'");
    else
        return hc_reg_fail(lexer, lexer->pos,
                           "the header '" HEADER_V5 "' or '" HEADER_V4 "' in line 1", error);
    lexer->pos = hc_reg_eol(lexer, lexer->pos);
    return TRUE;
}

/* What the delta refuses gets the place of the statement; conflicts name both places already. */
static void
prefix_place(const Reader *reader, const HcRegLexer *at, GError **error)
{
    if (!error || !*error || g_error_matches(*error, HC_ERROR, HC_ERROR_CONFLICT))
        return;
    uint32_t line = at->line;
    uint32_t column = 1;
    hc_reg_place(at->units, at->line_start, at->pos, &line, &column);
    g_prefix_error(error, "%s:%u:%u: ", reader->lexer.file, line, column);
}

static HcOrigin
origin_of(const Reader *reader, const HcRegLexer *at)
{
    return (HcOrigin){reader->source, at->line};
}

static gboolean
apply_section(Reader *reader, const HcRegLexer *at, GError **error)
{
    const HcName *path = (const HcName *) (const void *) reader->section.path->data;
    gsize n = reader->section.path->len;
    if (reader->section.is_delete && n == 1)
        /* regedit stops reading the file here; nobody wants a root gone. */
        return hc_reg_fail_found(at, at->pos, HC_ERROR_MALFORMED, "a key below it", error,
                                 "the deletion of a root key");
    gboolean ok;
    if (reader->section.is_delete) {
        ok = hc_delta_delete_key(reader->delta, path, n, origin_of(reader, at), error);
        reader->place = PLACE_DELETED;
    } else {
        reader->key = hc_delta_ensure_key(reader->delta, path, n, origin_of(reader, at), error);
        ok = reader->key != NULL;
        reader->place = PLACE_KEY;
    }
    if (!ok)
        prefix_place(reader, at, error);
    return ok;
}

static gboolean
apply_value(Reader *reader, const HcRegLexer *at, HcName name, GError **error)
{
    HcBlob blob = {reader->data.bytes->data, reader->data.bytes->len};
    gboolean ok =
        reader->data.is_delete
            ? hc_delta_delete_value(reader->delta, reader->key, name, origin_of(reader, at), error)
            : hc_delta_set_value(reader->delta, reader->key, name, reader->data.type, blob,
                                 origin_of(reader, at), error);
    if (!ok)
        prefix_place(reader, at, error);
    return ok;
}

/* A value line, the lexer at its name. */
static gboolean
parse_value(Reader *reader, HcName *name, GError **error)
{
    HcRegLexer *lexer = &reader->lexer;
    *name = HC_NAME_EMPTY;
    gboolean is_default = hc_reg_take(lexer, "@");
    if (!is_default && !hc_reg_parse_name(lexer, reader->name_scratch, name, error))
        return FALSE;
    hc_reg_skip_blanks(lexer);
    if (!hc_reg_take(lexer, "="))
        return hc_reg_fail(lexer, lexer->pos,
                           is_default ? "'=' after '@'" : "'=' after the value's name", error);
    hc_reg_skip_blanks(lexer);
    return hc_reg_parse_data(lexer, &reader->dialect, &reader->data, error);
}

static gboolean
check_place(const Reader *reader, GError **error)
{
    const HcRegLexer *lexer = &reader->lexer;
    switch (reader->place) {
    case PLACE_NONE:
        return hc_reg_fail_found(lexer, lexer->pos, HC_ERROR_MALFORMED, "a '[key]' line first",
                                 error, "a value before any key");
    case PLACE_DELETED:
        return hc_reg_fail_found(lexer, lexer->pos, HC_ERROR_MALFORMED,
                                 "a '[key]' line after '[-key]'", error,
                                 "a value under a key that is deleted");
    case PLACE_KEY:
    case PLACE_VOID:
        break;
    }
    return TRUE;
}

/* The statement at the lexer, which is not blank. *is_bad: (out): compat mode skips its line. */
static gboolean
read_statement(Reader *reader, gboolean *is_bad, GError **error)
{
    HcRegLexer *lexer = &reader->lexer;
    HcRegLexer at = *lexer;
    /* Compat mode wants no messages about what it skips. */
    GError **complaint = lexer->compat ? NULL : error;
    if (hc_reg_is(lexer, lexer->pos, '[')) {
        *is_bad = !hc_reg_parse_section(lexer, &reader->section, complaint);
        if (*is_bad && reader->section.is_void)
            reader->place = PLACE_VOID;
        return *is_bad ? lexer->compat : apply_section(reader, &at, error);
    }
    if (!hc_reg_is(lexer, lexer->pos, '@') && !hc_reg_is(lexer, lexer->pos, '"')) {
        *is_bad = TRUE;
        return hc_reg_fail(lexer, lexer->pos,
                           "'[key]', '[-key]', '\"name\"=', '@=' or a ';' comment", complaint) ||
               lexer->compat;
    }
    if (!lexer->compat && !check_place(reader, error))
        return FALSE;
    HcName name;
    *is_bad = !parse_value(reader, &name, complaint) || reader->place != PLACE_KEY;
    return *is_bad ? lexer->compat : apply_value(reader, &at, name, error);
}

static gboolean
read_statements(Reader *reader, GError **error)
{
    HcRegLexer *lexer = &reader->lexer;
    while (hc_reg_next_line(lexer)) {
        gboolean is_bad = FALSE;
        hc_reg_skip_blanks(lexer);
        if (hc_reg_is_eol(lexer, lexer->pos) || hc_reg_is(lexer, lexer->pos, ';'))
            continue;
        if (!read_statement(reader, &is_bad, error))
            return FALSE;
        if (is_bad)
            reader->n_skipped++;
    }
    return TRUE;
}

/* "HKEY_CLASSES_ROOT\path = text": the key ends at the first blank; blanks, one "=" and one space
 * after it belong to neither. */
static gboolean
read_windows31_line(Reader *reader, GError **error)
{
    HcRegLexer *lexer = &reader->lexer;
    HcRegLexer at = *lexer;
    gsize eol = hc_reg_eol(lexer, lexer->pos);
    gsize end = lexer->pos;
    while (end < eol && !hc_reg_is_blank(lexer, end))
        end++;
    gboolean is_key = hc_reg_take(lexer, "HKEY_CLASSES_ROOT");
    if (!is_key || !hc_reg_add_path(lexer, at.pos, end, &reader->section, NULL)) {
        reader->n_skipped++;
        return TRUE;
    }
    lexer->pos = end;
    hc_reg_skip_blanks(lexer);
    if (hc_reg_take(lexer, "="))
        hc_reg_take(lexer, " ");
    HcName text = hc_reg_span(lexer, lexer->pos, eol);
    lexer->pos = eol;
    g_byte_array_set_size(reader->data.bytes, 0);
    g_byte_array_append(reader->data.bytes, text.chars, 2 * text.n_units);
    g_byte_array_append(reader->data.bytes, (const guint8 *) "\0", 2);
    reader->data.is_delete = FALSE;
    reader->data.type = HC_REG_SZ;
    return apply_section(reader, &at, error) && apply_value(reader, &at, HC_NAME_EMPTY, error);
}

static gboolean
read_body(Reader *reader, Dialect dialect, GError **error)
{
    HcRegLexer *lexer = &reader->lexer;
    switch (dialect) {
    case DIALECT_V5:
    case DIALECT_V4:
        return read_statements(reader, error);
    case DIALECT_WINDOWS31:
        while (hc_reg_next_line(lexer)) {
            if (!hc_reg_is_eol(lexer, lexer->pos) && !read_windows31_line(reader, error))
                return FALSE;
        }
        return TRUE;
    case DIALECT_UNKNOWN:
        while (hc_reg_next_line(lexer))
            reader->n_skipped += !hc_reg_is_eol(lexer, lexer->pos);
        return TRUE;
    }
    return TRUE;
}

gboolean
hc_reg_read(HcDelta *delta, const char *file, GBytes *content, const HcRegReadOptions *options,
            uint64_t *n_skipped, GError **error)
{
    g_autoptr(HcCodepage) codepage = hc_codepage_new(options->ansi_codepage, error);
    if (!codepage)
        return FALSE;
    g_auto(HcRegText) text = {0};
    if (!hc_reg_decode(&text, file, content, codepage, options->ansi_codepage != 0,
                       options->compat_regedit, error))
        return FALSE;
    Reader reader = {
        .lexer = {.file = file,
                  .units = text.units,
                  .n_units = text.n_units,
                  .line = 1,
                  .compat = options->compat_regedit},
        .delta = delta,
        .dialect.codepage = codepage,
    };
    Dialect dialect = DIALECT_UNKNOWN;
    if (!read_header(&reader.lexer, &dialect, error))
        return FALSE;
    reader.dialect.is_ansi = dialect == DIALECT_V4;
    reader.source = hc_delta_add_source(delta, file);
    reader.section.path = g_array_new(FALSE, FALSE, sizeof(HcName));
    reader.data.bytes = g_byte_array_new();
    reader.name_scratch = g_byte_array_new();
    gboolean ok = read_body(&reader, dialect, error);
    g_array_unref(reader.section.path);
    g_byte_array_unref(reader.data.bytes);
    g_byte_array_unref(reader.name_scratch);
    if (n_skipped)
        *n_skipped = reader.n_skipped;
    return ok;
}
