#include "config.h"

#include "hivecore/reg/reg-reader.h"

#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/reg/directive-private.h"
#include "hivecore/reg/parse-private.h"
#include "hivecore/regf/layout.h"

/* Where values go. */
typedef enum {
    PLACE_NONE,    /* no key line yet */
    PLACE_KEY,     /* into reader->key */
    PLACE_DELETED, /* the last key line deletes */
    PLACE_VOID,    /* the last key line names no key, or why not here is told already */
} Place;

typedef struct {
    HcRegLexer lexer;
    HcFindings *diagnostics;
    GError *conflict; /* the first contradiction to another patch */
    HcRegDialect dialect;
    HcDelta *delta;
    uint32_t source;
    Place place;
    HcDeltaKey *key;
    HcRegSection section;
    HcRegData data;
    GByteArray *name_scratch;
    HcRegDirectives *directives; /* NULL: the file has none, or compat mode */
    uint64_t n_skipped;
    uint64_t n_directives; /* of compat mode */
} Reader;

/* What the delta refuses is told at the place of the statement. The first conflict with another
 * patch is kept for the end: it names both places, and is none of this file alone. */
static gboolean
take_error(Reader *reader, const HcRegLexer *at, GError *error)
{
    if (g_error_matches(error, HC_ERROR, HC_ERROR_CONFLICT)) {
        if (reader->conflict)
            g_error_free(error);
        else
            reader->conflict = error;
        return TRUE;
    }
    HcFinding *item = hc_reg_diagnostic(at, at->pos, g_strdup(error->message));
    item->code = (HcErrorCode) error->code;
    hc_findings_add(reader->diagnostics, item);
    g_error_free(error);
    return FALSE;
}

static HcOrigin
origin_of(const Reader *reader, const HcRegLexer *at)
{
    return (HcOrigin){reader->source, at->line};
}

/* FALSE: the line was told to be bad; values after it are not looked at. */
static gboolean
apply_section(Reader *reader, const HcRegLexer *at)
{
    const HcName *path = (const HcName *) (const void *) reader->section.path->data;
    gsize n = reader->section.path->len;
    GError *error = NULL;
    reader->place = PLACE_VOID;
    if (reader->directives &&
        !hc_reg_directives_may(reader->directives, at, reader->section.path,
                               reader->section.is_delete ? HC_REG_TOUCHES_ALL : HC_REG_TOUCHES_KEY,
                               HC_NAME_EMPTY))
        return FALSE;
    if (reader->section.is_delete && n == 1) {
        /* Compat mode, too: nobody wants a root gone. */
        HcRegLexer told = *at;
        told.diagnostics = reader->diagnostics;
        return hc_reg_fail_found(&told, at->pos, HC_ERROR_MALFORMED, "a key below it",
                                 "stops reading the file here, as Wine's does",
                                 "the deletion of a root key");
    }
    if (reader->section.is_delete) {
        if (hc_delta_delete_key(reader->delta, path, n, origin_of(reader, at), &error))
            reader->place = PLACE_DELETED;
    } else {
        reader->key = hc_delta_ensure_key(reader->delta, path, n, origin_of(reader, at), &error);
        if (reader->key)
            reader->place = PLACE_KEY;
    }
    return !error || take_error(reader, at, error);
}

static gboolean
apply_value(Reader *reader, const HcRegLexer *at, HcName name)
{
    HcBlob blob = {reader->data.bytes->data, reader->data.bytes->len};
    GError *error = NULL;
    if (reader->directives && !hc_reg_directives_may(reader->directives, at, reader->section.path,
                                                     HC_REG_TOUCHES_VALUE, name))
        return FALSE;
    gboolean ok =
        reader->data.is_delete
            ? hc_delta_delete_value(reader->delta, reader->key, name, origin_of(reader, at), &error)
            : hc_delta_set_value(reader->delta, reader->key, name, reader->data.type, blob,
                                 origin_of(reader, at), &error);
    if (ok && reader->directives)
        hc_reg_directives_value(reader->directives, &reader->lexer, reader->key, name,
                                origin_of(reader, at));
    return ok || take_error(reader, at, error);
}

/* A value line, the lexer at its name. */
static gboolean
parse_value(Reader *reader, HcName *name)
{
    HcRegLexer *lexer = &reader->lexer;
    *name = HC_NAME_EMPTY;
    gboolean is_default = hc_reg_take(lexer, "@");
    if (!is_default && !hc_reg_parse_name(lexer, reader->name_scratch, name))
        return FALSE;
    hc_reg_skip_blanks(lexer);
    if (!hc_reg_take(lexer, "="))
        return hc_reg_fail(lexer, lexer->pos,
                           is_default ? "'=' after '@'" : "'=' after the value's name",
                           HC_REGEDIT_SKIPS);
    hc_reg_skip_blanks(lexer);
    return hc_reg_parse_data(lexer, &reader->dialect, &reader->data);
}

/* Strict mode: whether a value can stand here. It is told once for each key line. */
static gboolean
check_place(Reader *reader)
{
    const HcRegLexer *lexer = &reader->lexer;
    Place place = reader->place;
    switch (place) {
    case PLACE_NONE:
        reader->place = PLACE_VOID;
        return hc_reg_fail_found(lexer, lexer->pos, HC_ERROR_MALFORMED, "a '[key]' line first",
                                 HC_REGEDIT_DROPS_VALUE, "a value before any key");
    case PLACE_DELETED:
        reader->place = PLACE_VOID;
        return hc_reg_fail_found(lexer, lexer->pos, HC_ERROR_MALFORMED,
                                 "a '[key]' line after '[-key]'", HC_REGEDIT_DROPS_VALUE,
                                 "a value under a key that is deleted");
    case PLACE_KEY:
    case PLACE_VOID:
        break;
    }
    return TRUE;
}

static gboolean
read_section(Reader *reader)
{
    HcRegLexer at = reader->lexer;
    gboolean ok = hc_reg_parse_section(&reader->lexer, &reader->section);
    if (ok && reader->directives)
        hc_reg_directives_map(reader->directives, reader->section.path);
    if (ok)
        ok = apply_section(reader, &at);
    else if (reader->section.is_void || !at.compat)
        reader->place = PLACE_VOID;
    if (reader->directives)
        hc_reg_directives_section(reader->directives, &reader->lexer,
                                  ok ? reader->section.path : NULL, reader->section.is_delete,
                                  origin_of(reader, &at));
    return ok;
}

static gboolean
read_value(Reader *reader)
{
    HcRegLexer *lexer = &reader->lexer;
    HcRegLexer at = *lexer;
    HcName name;
    gboolean has_place = lexer->compat || check_place(reader);
    if (!parse_value(reader, &name) || !has_place)
        return FALSE;
    if (reader->place == PLACE_KEY)
        return apply_value(reader, &at, name);
    return !lexer->compat;
}

/* The statement at the lexer, which is not blank. Returns: whether it is good; else strict mode
 * has told what is wrong, and compat mode skips it. */
static gboolean
read_statement(Reader *reader)
{
    HcRegLexer *lexer = &reader->lexer;
    if (hc_reg_is(lexer, lexer->pos, '['))
        return read_section(reader);
    if (hc_reg_is(lexer, lexer->pos, '@') || hc_reg_is(lexer, lexer->pos, '"'))
        return read_value(reader);
    return hc_reg_fail(lexer, lexer->pos, "'[key]', '[-key]', '\"name\"=', '@=' or a ';' comment",
                       HC_REGEDIT_SKIPS);
}

/* ";!= "name"=data", a value line once its variables are replaced. */
static void
read_template(Reader *reader)
{
    HcRegLexer line = reader->lexer;
    g_autoptr(GArray) units = g_array_new(FALSE, FALSE, sizeof(uint16_t));
    g_autoptr(GArray) places = g_array_new(FALSE, FALSE, sizeof(gsize));
    if (!hc_reg_directives_expand(reader->directives, &line, units, places)) {
        hc_reg_directives_bad(reader->directives);
        return;
    }
    reader->lexer = (HcRegLexer){.diagnostics = line.diagnostics,
                                 .units = (const uint16_t *) (const void *) units->data,
                                 .n_units = units->len,
                                 .line = line.line,
                                 .has_halves = line.has_halves,
                                 .template_line = &line,
                                 .template_places = (const gsize *) (const void *) places->data};
    const HcRegLexer *lexer = &reader->lexer;
    if (!hc_reg_is(lexer, lexer->pos, '@') && !hc_reg_is(lexer, lexer->pos, '"'))
        hc_reg_fail(lexer, lexer->pos, "a value line after ';!='", HC_REGEDIT_COMMENT);
    else if (!read_value(reader))
        hc_reg_directives_bad(reader->directives);
    reader->lexer = line;
    reader->lexer.pos = hc_reg_eol(&line, line.pos);
}

/* A line that is empty or a comment. */
static void
read_comment(Reader *reader)
{
    HcRegLexer *lexer = &reader->lexer;
    gboolean is_directive = hc_reg_is_directive(lexer, lexer->pos);
    if (is_directive && lexer->compat)
        reader->n_directives++;
    if (!reader->directives)
        return;
    if (is_directive && hc_reg_is(lexer, lexer->pos + 2, '='))
        read_template(reader);
    else if (is_directive)
        hc_reg_directives_line(reader->directives, lexer);
    else if (hc_reg_is_eol(lexer, lexer->pos))
        hc_reg_directives_blank(reader->directives);
}

static void
read_statements(Reader *reader)
{
    HcRegLexer *lexer = &reader->lexer;
    gboolean has_line = hc_reg_next_line(lexer);
    while (has_line) {
        hc_reg_skip_blanks(lexer);
        HcRegLexer at = *lexer;
        gboolean is_empty = hc_reg_is_eol(lexer, lexer->pos) || hc_reg_is(lexer, lexer->pos, ';') ||
                            hc_reg_is_dos_end(lexer);
        lexer->comment = 0;
        if (is_empty)
            read_comment(reader);
        gboolean is_good = is_empty || read_statement(reader);
        if (!is_good)
            reader->n_skipped++;
        if (!is_good && reader->directives)
            hc_reg_directives_bad(reader->directives);
        if (lexer->compat && lexer->comment > 0 && hc_reg_is_directive(lexer, lexer->comment))
            reader->n_directives++;
        has_line = is_good || lexer->compat ? hc_reg_next_line(lexer) : hc_reg_recover(lexer, &at);
    }
}

/* "HKEY_CLASSES_ROOT\path = text": the key ends at the first blank; blanks, one "=" and one space
 * after it belong to neither. */
static void
read_windows31_line(Reader *reader)
{
    HcRegLexer *lexer = &reader->lexer;
    HcRegLexer at = *lexer;
    gsize eol = hc_reg_eol(lexer, lexer->pos);
    gsize end = lexer->pos;
    while (end < eol && !hc_reg_is_blank(lexer, end))
        end++;
    gboolean is_key = hc_reg_take(lexer, "HKEY_CLASSES_ROOT");
    if (!is_key || !hc_reg_add_path(lexer, at.pos, end, &reader->section)) {
        reader->n_skipped++;
        return;
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
    if (apply_section(reader, &at) && reader->place == PLACE_KEY)
        apply_value(reader, &at, HC_NAME_EMPTY);
}

static void
read_body(Reader *reader, HcRegHeader header)
{
    HcRegLexer *lexer = &reader->lexer;
    /* Compat mode wants no messages about what it skips. */
    if (lexer->compat)
        lexer->diagnostics = NULL;
    switch (header) {
    case HC_REG_HEADER_IS_V5:
    case HC_REG_HEADER_IS_V4:
        read_statements(reader);
        break;
    case HC_REG_HEADER_IS_V3:
        while (hc_reg_next_line(lexer)) {
            if (!hc_reg_is_eol(lexer, lexer->pos))
                read_windows31_line(reader);
        }
        break;
    case HC_REG_HEADER_UNKNOWN:
        while (hc_reg_next_line(lexer))
            reader->n_skipped += !hc_reg_is_eol(lexer, lexer->pos);
        break;
    }
}

static void
finish_directives(Reader *reader)
{
    GError *error = NULL;
    if (reader->directives && !hc_reg_directives_finish(reader->directives, &error))
        (void) take_error(reader, &reader->lexer, error);
    g_clear_pointer(&reader->directives, hc_reg_directives_free);
}

static void
read_text(Reader *reader, const HcRegText *text, const HcRegReadOptions *options)
{
    HcRegHeader header = HC_REG_HEADER_UNKNOWN;
    reader->lexer.units = text->units;
    reader->lexer.n_units = text->n_units;
    reader->lexer.has_halves = text->has_halves;
    reader->lexer.line = 1;
    reader->lexer.diagnostics = reader->diagnostics;
    g_autoptr(HcRegFirsts) firsts = hc_reg_firsts_new();
    reader->lexer.firsts = firsts;
    if (!hc_reg_read_header(&reader->lexer, &header))
        return;
    reader->dialect.is_ansi = header == HC_REG_HEADER_IS_V4;
    reader->source = hc_delta_add_source(reader->delta, reader->diagnostics->file);
    reader->section.diagnostics = reader->diagnostics;
    reader->section.roots = g_array_new(FALSE, FALSE, sizeof(HcName));
    for (gsize i = 0; i < options->n_roots; i++) {
        if (options->roots[i])
            g_array_append_val(reader->section.roots, options->roots[i]->names[0]);
    }
    reader->section.path = g_array_new(FALSE, FALSE, sizeof(HcName));
    reader->data.bytes = g_byte_array_new();
    reader->name_scratch = g_byte_array_new();
    if (!reader->lexer.compat && text->has_directives)
        reader->directives = hc_reg_directives_new(reader->delta, reader->source, &reader->dialect,
                                                   reader->section.roots, options);
    read_body(reader, header);
    finish_directives(reader);
    hc_reg_firsts_tell(firsts);
    g_array_unref(reader->section.path);
    g_array_unref(reader->section.roots);
    g_byte_array_unref(reader->data.bytes);
    g_byte_array_unref(reader->name_scratch);
}

gboolean
hc_reg_read(HcDelta *delta, const char *file, GBytes *content, const HcRegReadOptions *options,
            uint64_t *n_skipped, GError **error)
{
    g_autoptr(HcCodepage) codepage = hc_codepage_new(options->ansi_codepage, error);
    if (!codepage)
        return FALSE;
    g_autoptr(HcFindings) own =
        options->diagnostics ? NULL : hc_findings_new(file, HC_MAX_DIAGNOSTICS);
    gboolean uses_page = FALSE;
    Reader reader = {
        .lexer.compat = options->compat_regedit,
        .diagnostics = own ? own : options->diagnostics,
        .delta = delta,
        .dialect = {.codepage = codepage, .allow = options->allow, .uses_page = &uses_page},
    };
    g_auto(HcRegText) text = {0};
    if (hc_reg_decode(&text, reader.diagnostics, content, codepage, options->ansi_codepage != 0,
                      options->compat_regedit))
        read_text(&reader, &text, options);
    /* Conditions and reasons are told about where their section ends. */
    hc_findings_sort(reader.diagnostics);
    if (!hc_findings_set_error(reader.diagnostics, error)) {
        g_clear_error(&reader.conflict);
        return FALSE;
    }
    if (reader.conflict)
        return hc_fail_with(error, reader.conflict);
    if (n_skipped)
        *n_skipped = reader.n_skipped;
    if (options->guessed_codepage)
        *options->guessed_codepage = (uses_page || text.uses_page) && options->ansi_codepage == 0
                                         ? hc_codepage_number(codepage)
                                         : 0;
    if (options->n_directives)
        *options->n_directives = reader.n_directives;
    return TRUE;
}
