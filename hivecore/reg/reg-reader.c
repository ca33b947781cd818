#include "config.h"

#include "hivecore/reg/reg-reader.h"

#include "hivecore/reg/directive-private.h"
#include "hivecore/regf/types.h"

/* Where values go. */
typedef enum {
    PLACE_NONE,    /* no key line yet */
    PLACE_KEY,     /* into reader->key */
    PLACE_DELETED, /* the last key line deletes */
    PLACE_VOID,    /* the last key line names no key, or why not here is told already */
} Place;

typedef struct {
    HcRegWalker walker;
    HcFindings *diagnostics;
    GError *conflict; /* the first contradiction to another patch */
    HcDelta *delta;
    uint32_t source;
    Place place;
    HcDeltaKey *key;
    HcRegDirectives *directives; /* NULL: the file has none, or compat mode */
    uint64_t n_skipped;
    uint64_t n_directives; /* of compat mode */
    HcRegSaid said;
    const HcRegWatch *watch; /* (nullable) */
} Reader;

/* What the delta refuses is told at the place of the statement. The first conflict with another
 * patch is kept for the end: it names both places, and is none of this file alone. */
static gboolean
take_error(Reader *reader, const HcRegLexer *at, GError *error)
{
    if (g_error_matches(error, HC_ERROR, HC_ERROR_CONFLICT)) {
        if (reader->conflict != NULL)
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
    const HcRegSection *section = &reader->walker.section;
    const HcPath path = hc_path_of(section->path);
    GError *error = NULL;
    reader->place = PLACE_VOID;
    if (reader->directives != NULL &&
        !hc_reg_directives_may(reader->directives, at, section->path,
                               section->is_delete ? HC_REG_TOUCHES_ALL : HC_REG_TOUCHES_KEY,
                               HC_NAME_EMPTY))
        return FALSE;
    if (section->is_delete && path.n == 1) {
        /* Compat mode, too: nobody wants a root gone. */
        HcRegLexer told = *at;
        told.diagnostics = reader->diagnostics;
        return hc_reg_fail_found(&told, at->pos, HC_ERROR_MALFORMED, "a key below it",
                                 "stops reading the file here, as Wine's does",
                                 "the deletion of a root key");
    }
    if (section->is_delete) {
        reader->said.n_deletions++;
        if (hc_delta_delete_key(reader->delta, path, origin_of(reader, at), &error))
            reader->place = PLACE_DELETED;
    } else {
        reader->key = hc_delta_ensure_key(reader->delta, path, origin_of(reader, at), &error);
        if (reader->key != NULL)
            reader->place = PLACE_KEY;
    }
    return error == NULL || take_error(reader, at, error);
}

static gboolean
apply_value(Reader *reader, const HcRegLexer *at, HcName name)
{
    const HcRegWalker *walker = &reader->walker;
    const HcRegData *data = &walker->data;
    const HcOrigin origin = origin_of(reader, at);
    const guint n_before = hc_delta_n_values(reader->key);
    GError *error = NULL;
    if (reader->directives != NULL &&
        !hc_reg_directives_may(reader->directives, at, walker->section.path, HC_REG_TOUCHES_VALUE,
                               name))
        return FALSE;
    gboolean ok =
        data->is_delete
            ? hc_delta_delete_value(reader->delta, reader->key, name, origin, &error)
            : hc_delta_set_value(reader->delta, reader->key, name, data->type,
                                 (HcBlob){data->bytes->data, data->bytes->len}, origin, &error);
    reader->said.n_repeats += hc_delta_n_values(reader->key) <= n_before;
    if (ok && reader->directives != NULL)
        hc_reg_directives_value(reader->directives, &walker->lexer, reader->key, name, origin);
    return ok || take_error(reader, at, error);
}

/* Strict mode: whether a value can stand here. It is told once for each key line. */
static gboolean
check_place(Reader *reader, const HcRegLexer *at)
{
    const Place place = reader->place;
    switch (place) {
    case PLACE_NONE:
        reader->place = PLACE_VOID;
        return hc_reg_fail_found(at, at->pos, HC_ERROR_MALFORMED, "a '[key]' line first",
                                 HC_REGEDIT_DROPS_VALUE, "a value before any key");
    case PLACE_DELETED:
        reader->place = PLACE_VOID;
        return hc_reg_fail_found(at, at->pos, HC_ERROR_MALFORMED, "a '[key]' line after '[-key]'",
                                 HC_REGEDIT_DROPS_VALUE, "a value under a key that is deleted");
    case PLACE_KEY:
    case PLACE_VOID:
        break;
    }
    return TRUE;
}

static gboolean
read_section(Reader *reader, const HcRegLine *line)
{
    HcRegSection *section = &reader->walker.section;
    gboolean ok = !line->is_bad;
    if (ok && reader->directives != NULL)
        hc_reg_directives_map(reader->directives, section->path);
    if (ok)
        ok = apply_section(reader, &line->at);
    else if (section->is_void || !line->at.compat)
        reader->place = PLACE_VOID;
    if (reader->directives != NULL)
        hc_reg_directives_section(reader->directives, &reader->walker.lexer,
                                  ok ? section->path : NULL, section->is_delete,
                                  origin_of(reader, &line->at));
    return ok;
}

static gboolean
read_value(Reader *reader, const HcRegLine *line)
{
    const gboolean compat = line->at.compat;
    const gboolean has_place = compat || check_place(reader, &line->at);
    if (line->is_bad || !has_place)
        return FALSE;
    if (reader->place == PLACE_KEY)
        return apply_value(reader, &line->at, line->name);
    return !compat;
}

/* ";!= "name"=data", a value line once its variables are replaced. */
static void
read_template(Reader *reader, const HcRegLexer *at)
{
    HcRegLexer *lexer = &reader->walker.lexer;
    const HcRegLexer behind = *lexer;
    g_autoptr(GArray) units = g_array_new(FALSE, FALSE, sizeof(uint16_t));
    g_autoptr(GArray) places = g_array_new(FALSE, FALSE, sizeof(gsize));
    if (!hc_reg_directives_expand(reader->directives, at, units, places)) {
        hc_reg_directives_bad(reader->directives);
        return;
    }
    *lexer = (HcRegLexer){.diagnostics = at->diagnostics,
                          .units = (const uint16_t *) (const void *) units->data,
                          .n_units = units->len,
                          .line = at->line,
                          .has_halves = at->has_halves,
                          .template_line = at,
                          .template_places = (const gsize *) (const void *) places->data};
    HcRegLine line;
    if (!hc_reg_is(lexer, 0, '@') && !hc_reg_is(lexer, 0, '"')) {
        hc_reg_fail(lexer, 0, "a value line after ';!='", HC_REGEDIT_COMMENT);
    } else {
        hc_reg_walker_value(&reader->walker, &line);
        if (!read_value(reader, &line))
            hc_reg_directives_bad(reader->directives);
    }
    *lexer = behind;
}

static void
read_comment(Reader *reader, const HcRegLexer *at)
{
    const gboolean is_directive = hc_reg_is_directive(at, at->pos);
    reader->n_directives += is_directive && at->compat;
    if (!is_directive || reader->directives == NULL)
        return;
    if (hc_reg_is(at, at->pos + 2, '='))
        read_template(reader, at);
    else
        hc_reg_directives_line(reader->directives, at);
}

/* Returns: whether the line is good; else strict mode has told what is wrong, and compat mode skips
 * it. */
static gboolean
read_line(Reader *reader, const HcRegLine *line)
{
    switch (line->kind) {
    case HC_REG_LINE_BLANK:
        if (reader->directives != NULL)
            hc_reg_directives_blank(reader->directives);
        return TRUE;
    case HC_REG_LINE_COMMENT:
        read_comment(reader, &line->at);
        return TRUE;
    case HC_REG_LINE_SECTION:
        return read_section(reader, line);
    case HC_REG_LINE_VALUE:
        return read_value(reader, line);
    case HC_REG_LINE_OTHER:
        break;
    }
    return FALSE;
}

static void
read_lines(Reader *reader)
{
    const HcRegLexer *lexer = &reader->walker.lexer;
    const HcRegWatch *watch = reader->watch;
    HcRegLine line;
    if (watch != NULL)
        watch->begin(watch->data, &reader->walker);
    while (hc_reg_walker_next(&reader->walker, &line)) {
        if (watch != NULL)
            watch->line(watch->data, &line);
        if (!read_line(reader, &line)) {
            reader->n_skipped++;
            if (reader->directives != NULL)
                hc_reg_directives_bad(reader->directives);
        }
        if (lexer->compat && lexer->comment > 0 && hc_reg_is_directive(lexer, lexer->comment))
            reader->n_directives++;
    }
    if (watch != NULL)
        watch->end(watch->data);
}

/* "HKEY_CLASSES_ROOT\path = text": the key ends at the first blank; blanks, one "=" and one space
 * after it belong to neither. */
static void
read_windows31_line(Reader *reader)
{
    HcRegLexer *lexer = &reader->walker.lexer;
    HcRegData *data = &reader->walker.data;
    HcRegLexer at = *lexer;
    gsize eol = hc_reg_eol(lexer, lexer->pos);
    gsize end = lexer->pos;
    while (end < eol && !hc_reg_is_blank(lexer, end))
        end++;
    gboolean is_key = hc_reg_take(lexer, "HKEY_CLASSES_ROOT");
    if (!is_key || !hc_reg_add_path(lexer, at.pos, end, &reader->walker.section)) {
        reader->n_skipped++;
        return;
    }
    lexer->pos = end;
    hc_reg_skip_blanks(lexer);
    if (hc_reg_take(lexer, "="))
        hc_reg_take(lexer, " ");
    HcName text = hc_reg_span(lexer, lexer->pos, eol);
    lexer->pos = eol;
    g_byte_array_set_size(data->bytes, 0);
    g_byte_array_append(data->bytes, text.chars, 2 * text.n_units);
    g_byte_array_append(data->bytes, (const guint8 *) "\0", 2);
    data->is_delete = FALSE;
    data->type = HC_REG_SZ;
    if (apply_section(reader, &at) && reader->place == PLACE_KEY)
        apply_value(reader, &at, HC_NAME_EMPTY);
}

static void
read_body(Reader *reader)
{
    HcRegLexer *lexer = &reader->walker.lexer;
    switch (reader->walker.header) {
    case HC_REG_HEADER_IS_V5:
    case HC_REG_HEADER_IS_V4:
        read_lines(reader);
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
    if (reader->directives != NULL && !hc_reg_directives_finish(reader->directives, &error))
        (void) take_error(reader, &reader->walker.lexer, error);
    g_clear_pointer(&reader->directives, hc_reg_directives_free);
}

static void
read_text(Reader *reader, const HcRegReadOptions *options)
{
    HcRegWalker *walker = &reader->walker;
    g_autoptr(HcRegFirsts) firsts = hc_reg_firsts_new();
    g_autoptr(GArray) roots = g_array_new(FALSE, FALSE, sizeof(HcName));
    for (gsize i = 0; i < options->n_roots; i++) {
        if (options->roots[i] != NULL)
            g_array_append_val(roots, options->roots[i]->path.names[0]);
    }
    walker->lexer.firsts = firsts;
    walker->section.roots = roots;
    reader->source = hc_delta_add_source(reader->delta, reader->diagnostics->file);
    if (!walker->lexer.compat && walker->text.has_directives)
        reader->directives =
            hc_reg_directives_new(reader->delta, reader->source, &walker->dialect, roots, options);
    read_body(reader);
    finish_directives(reader);
    hc_reg_firsts_tell(firsts);
}

/* What is found goes to reader->diagnostics. */
static gboolean
read_file(Reader *reader, GBytes *content, const HcRegReadOptions *options, GError **error)
{
    HcRegWalker *walker = &reader->walker;
    gboolean uses_page = FALSE;
    if (!hc_reg_walker_init(walker, options, error))
        return FALSE;
    walker->dialect.uses_page = &uses_page;
    if (hc_reg_walker_start(walker, content, reader->diagnostics))
        read_text(reader, options);
    uses_page |= walker->text.uses_page;
    if (options->guessed_codepage != NULL)
        *options->guessed_codepage =
            uses_page && !walker->has_codepage ? hc_codepage_number(walker->codepage) : 0;
    if (options->said != NULL)
        *options->said = reader->said;
    if (options->n_directives != NULL)
        *options->n_directives = reader->n_directives;
    return TRUE;
}

gboolean
hc_reg_read(HcDelta *delta, const char *file, GBytes *content, const HcRegReadOptions *options,
            uint64_t *n_skipped, GError **error)
{
    g_autoptr(HcFindings) own =
        options->diagnostics != NULL ? NULL : hc_findings_new(file, HC_MAX_DIAGNOSTICS);
    Reader reader = {.diagnostics = own != NULL ? own : options->diagnostics,
                     .delta = delta,
                     .watch = options->watch};
    const gboolean is_read = read_file(&reader, content, options, error);
    hc_reg_walker_clear(&reader.walker);
    if (!is_read)
        return FALSE;
    /* Conditions and reasons are told about where their section ends. */
    hc_findings_sort(reader.diagnostics);
    if (!hc_findings_set_error(reader.diagnostics, error)) {
        g_clear_error(&reader.conflict);
        return FALSE;
    }
    if (reader.conflict != NULL)
        return hc_fail_with(error, reader.conflict);
    if (n_skipped != NULL)
        *n_skipped = reader.n_skipped;
    return TRUE;
}
