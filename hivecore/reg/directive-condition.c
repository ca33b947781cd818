#include "config.h"

#include "hivecore/reg/directive-private.h"

#define DATA_EXPECTED "data as behind a value's '=', 'absent' or 'any'"

/* What one condition is read into. */
typedef struct {
    HcRegDirective *directive;
    HcCondition condition;
    GArray *accepted; /* of HcDatum, data in the delta's arena */
} Reading;

/* One of the things that a value may be. */
static gboolean
parse_alternative(Reading *reading, HcRegData *data)
{
    HcRegDirectives *directives = reading->directive->directives;
    HcRegLexer *lexer = &reading->directive->lexer;
    if (hc_reg_take(lexer, "absent")) {
        g_array_append_val(reading->accepted, hc_datum_absent);
        return hc_reg_expect_tail(lexer, "'absent'", NULL);
    }
    if (hc_reg_take(lexer, "any")) {
        reading->condition.accepts_any = TRUE;
        return hc_reg_expect_tail(lexer, "'any'", NULL);
    }
    if (hc_reg_is_eol(lexer, lexer->pos) || hc_reg_is(lexer, lexer->pos, '|'))
        return hc_reg_fail(lexer, lexer->pos, DATA_EXPECTED, NULL);
    if (!hc_reg_parse_data(lexer, directives->dialect, data))
        return FALSE;
    HcDatum datum = hc_datum_absent;
    if (!data->is_delete) {
        const HcBlob blob = {data->bytes->data != NULL ? data->bytes->data : (const uint8_t *) "",
                             data->bytes->len};
        datum = (HcDatum){TRUE, data->type, hc_delta_dup_blob(directives->delta, blob, FALSE)};
    }
    g_array_append_val(reading->accepted, datum);
    return TRUE;
}

/* DATA | DATA | absent | any, up to the end of the line. */
static gboolean
parse_alternatives(Reading *reading)
{
    HcRegLexer *lexer = &reading->directive->lexer;
    HcRegData data = {.bytes = g_byte_array_new()};
    gboolean ok;
    do {
        hc_reg_skip_blanks(lexer);
        ok = parse_alternative(reading, &data);
    } while (ok && hc_reg_take(lexer, "|"));
    g_byte_array_unref(data.bytes);
    return ok;
}

/* The path up to @end, mapped, into @section. */
static gboolean
parse_path(const Reading *reading, gsize end, HcRegSection *section)
{
    const HcRegLexer *lexer = &reading->directive->lexer;
    section->roots = reading->directive->directives->roots;
    if (!hc_reg_add_path(lexer, lexer->pos, hc_reg_trim(lexer, lexer->pos, end), section))
        return FALSE;
    hc_reg_directives_map(reading->directive->directives, section->path);
    return TRUE;
}

/* The name behind "::", up to "=" or the end: quoted, '@', or as it stands. */
static gboolean
parse_value_name(const Reading *reading, HcName *name)
{
    HcRegLexer *lexer = &reading->directive->lexer;
    if (hc_reg_is(lexer, lexer->pos, '"')) {
        if (!hc_reg_parse_name(lexer, reading->directive->directives->scratch, name))
            return FALSE;
    } else {
        gsize from = lexer->pos;
        while (!hc_reg_is_eol(lexer, lexer->pos) && !hc_reg_is(lexer, lexer->pos, '='))
            lexer->pos++;
        *name = hc_reg_span(lexer, from, hc_reg_trim(lexer, from, lexer->pos));
        if (name->n_units == 0)
            return hc_reg_fail(lexer, from, "the value's name, or '@'", NULL);
        if (hc_name_equal(*name, HC_NAME_ASCII("@")))
            *name = HC_NAME_EMPTY;
    }
    hc_reg_skip_blanks(lexer);
    return TRUE;
}

/* "PATH::NAME [= DATA | DATA...]" behind "value". */
static gboolean
parse_value_condition(Reading *reading, HcRegSection *section, HcName *name)
{
    HcRegLexer *lexer = &reading->directive->lexer;
    gsize colons = lexer->pos;
    while (!hc_reg_is_eol(lexer, colons) &&
           !(hc_reg_is(lexer, colons, ':') && hc_reg_is(lexer, colons + 1, ':')))
        colons++;
    if (hc_reg_is_eol(lexer, colons))
        return hc_reg_fail(lexer, colons, "'::' and the value's name after the key's path", NULL);
    reading->condition.is_on_value = TRUE;
    if (!parse_path(reading, colons, section))
        return FALSE;
    lexer->pos = colons + 2;
    if (!parse_value_name(reading, name))
        return FALSE;
    if (hc_reg_take(lexer, "="))
        return parse_alternatives(reading);
    reading->condition.accepts_any = TRUE;
    return hc_reg_expect_end(lexer, "'=' and data, or the end of the line");
}

static void
add(Reading *reading, const GArray *path, HcName name)
{
    reading->condition.accepted = (const HcDatum *) (const void *) reading->accepted->data;
    reading->condition.n_accepted = reading->accepted->len;
    hc_reg_add_bound(reading->directive->directives, &reading->directive->start, reading->condition,
                     path, name);
}

/* A condition on a place anywhere: "key PATH", "value PATH::NAME = DATA". */
static void
read_anywhere(Reading *reading, gboolean is_on_value)
{
    HcRegLexer *lexer = &reading->directive->lexer;
    HcRegSection section = {.path = g_array_new(FALSE, FALSE, sizeof(HcName))};
    HcName name = HC_NAME_EMPTY;
    gboolean ok = is_on_value ? parse_value_condition(reading, &section, &name)
                              : parse_path(reading, hc_reg_eol(lexer, lexer->pos), &section);
    if (ok)
        add(reading, section.path, name);
    g_array_unref(section.path);
}

/* A condition on the value that the directive stands at; kept until that is known. */
static void
keep_bare(Reading *reading)
{
    HcRegDirectives *directives = reading->directive->directives;
    const HcRegWhere where = reading->directive->where;
    HcRegBare bare = {reading->condition, reading->directive->start};
    if (where == HC_REG_IN_HEAD || where == HC_REG_BEHIND_KEY) {
        (void) hc_reg_fail_found(&bare.at, bare.at.pos, HC_ERROR_MALFORMED,
                                 "'\"name\"=' before the data", NULL,
                                 "a condition without a value");
        return;
    }
    /* The data has to live until the value's line. */
    bare.condition.accepted =
        (const HcDatum *) hc_arena_dup(hc_delta_arena(directives->delta), reading->accepted->data,
                                       reading->accepted->len * sizeof(HcDatum));
    bare.condition.n_accepted = reading->accepted->len;
    g_array_append_val(directives->bare, bare);
}

/* What stands before the data of a condition in a section: "name"= or @=. *is_bare: nothing. */
static gboolean
parse_section_name(Reading *reading, HcName *name, gboolean *is_bare)
{
    HcRegLexer *lexer = &reading->directive->lexer;
    HcRegLexer at = *lexer;
    *name = HC_NAME_EMPTY;
    *is_bare = TRUE;
    if (hc_reg_is(&at, at.pos, '"')) {
        if (!hc_reg_parse_name(&at, reading->directive->directives->scratch, name))
            return FALSE;
    } else if (!hc_reg_take(&at, "@")) {
        return TRUE;
    }
    hc_reg_skip_blanks(&at);
    *is_bare = !hc_reg_take(&at, "=");
    if (*is_bare && hc_reg_is(lexer, lexer->pos, '@'))
        return hc_reg_fail(&at, at.pos, "'=' after '@'", NULL);
    if (!*is_bare)
        *lexer = at;
    return TRUE;
}

/* A condition on the section's key or a value in it. */
static void
read_in_section(Reading *reading)
{
    HcRegDirectives *directives = reading->directive->directives;
    gboolean is_bare;
    HcName name;
    reading->condition.is_on_value = TRUE;
    if (!parse_section_name(reading, &name, &is_bare) || !parse_alternatives(reading))
        return;
    if (is_bare)
        keep_bare(reading);
    else if (directives->has_section)
        add(reading, directives->path, name);
    else
        (void) hc_reg_fail_found(&reading->directive->start, reading->directive->start.pos,
                                 HC_ERROR_MALFORMED, "'key PATH' or 'value PATH::NAME'", NULL,
                                 "a condition on a value before the first key line");
}

/* "key absent" and "key present", of the section's key. */
static gboolean
read_section_key(Reading *reading)
{
    HcRegLexer *lexer = &reading->directive->lexer;
    HcRegLexer at = *lexer;
    const gboolean is_absent = hc_reg_take_word(&at, "absent");
    if ((!is_absent && !hc_reg_take_word(&at, "present")) || !hc_reg_is_eol(&at, at.pos) ||
        !reading->directive->directives->has_section)
        return FALSE;
    reading->condition.is_negated = is_absent;
    add(reading, reading->directive->directives->path, HC_NAME_EMPTY);
    return TRUE;
}

static void
read_words(Reading *reading, HcConditionKind kind)
{
    HcRegLexer *lexer = &reading->directive->lexer;
    if (kind == HC_CONDITION_ASSERT)
        (void) hc_reg_take_word(lexer, "after");
    if (kind == HC_CONDITION_EXPECT) {
        if (!hc_reg_take_word(lexer, "key"))
            read_in_section(reading);
        else if (!read_section_key(reading))
            (void) hc_reg_fail(lexer, lexer->pos, "'absent' or 'present'", NULL);
        return;
    }
    reading->condition.is_negated = hc_reg_take_word(lexer, "not");
    if (hc_reg_take_word(lexer, "value"))
        read_anywhere(reading, TRUE);
    else if (!hc_reg_take_word(lexer, "key")) {
        if (kind == HC_CONDITION_ASSERT && !reading->condition.is_negated)
            read_in_section(reading);
        else
            (void) hc_reg_fail(lexer, lexer->pos, "'key PATH' or 'value PATH::NAME'", NULL);
    } else if (kind == HC_CONDITION_REQUIRE || reading->condition.is_negated ||
               !read_section_key(reading)) {
        read_anywhere(reading, FALSE);
    }
}

void
hc_reg_read_condition(HcRegDirective *directive)
{
    const HcConditionKind kind = directive->verb->condition;
    Reading reading = {
        .directive = directive,
        .condition = {.kind = kind,
                      .origin = {directive->directives->source, directive->start.line}},
        .accepted = g_array_new(FALSE, FALSE, sizeof(HcDatum)),
    };
    read_words(&reading, kind);
    g_array_unref(reading.accepted);
}
