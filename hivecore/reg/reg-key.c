#include "config.h"

#include "hivecore/reg/parse-private.h"

#include <string.h>

#include "hivecore/base/limits.h"
#include "hivecore/base/root.h"

/* Units of the longest root that a message quotes as a word. */
#define LONGEST_WORD 64

static gboolean
is_word(const HcRegSection *section, HcName name)
{
    if (section->roots == NULL)
        return name.n_units > 0;
    for (guint i = 0; i < section->roots->len; i++) {
        if (hc_name_equal(g_array_index(section->roots, HcName, i), name))
            return TRUE;
    }
    return FALSE;
}

/* The root that @name, as the file has it, stands for; most lines have that of the line before.
 * Returns: whether it is one */
static gboolean
find_root(HcRegSection *section, HcName name)
{
    if (name.n_units > 0 && name.n_units == section->root.n_units &&
        memcmp(name.chars, section->root.chars, 2 * (gsize) name.n_units) == 0)
        return TRUE;
    const char *full = hc_root_full_name(name, NULL);
    if (full == NULL && !is_word(section, name))
        return FALSE;
    section->root = name;
    section->full_root =
        full != NULL ? (HcName){(const uint8_t *) full, (uint32_t) strlen(full), TRUE} : name;
    return TRUE;
}

#define ROOTS                                                                                      \
    "HKEY_LOCAL_MACHINE, HKEY_CURRENT_USER, HKEY_CLASSES_ROOT, HKEY_USERS or HKEY_CURRENT_CONFIG"

/* What starts with HK is a misspelled root; another word other tools may write. */
static gboolean
fail_root(const HcRegLexer *lexer, gsize from, HcName name)
{
    HcRegLexer at = *lexer;
    at.pos = from;
    if (name.n_units == 0 || name.n_units > LONGEST_WORD)
        return hc_reg_fail(lexer, from, ROOTS, HC_REGEDIT_DROPS_KEY);
    return hc_reg_fail_once(lexer, from, name, "as the root of a key",
                            hc_reg_take(&at, "HK") || hc_reg_take(&at, "hk") ||
                                    hc_reg_take(&at, "-")
                                ? ROOTS
                                : ROOTS "; --root or ';!map' says what another word stands for",
                            HC_REGEDIT_DROPS_KEY);
}

/* A name that no registry can hold. Compat mode tells it, too: what is said below it would be lost
 * without a trace. */
static gboolean
fail_too_long(const HcRegLexer *lexer, gsize from, const HcRegSection *section, HcName name)
{
    HcRegLexer told = *lexer;
    if (told.diagnostics == NULL)
        told.diagnostics = section->diagnostics;
    return hc_reg_fail_found(&told, from, HC_ERROR_LIMIT, "at most 256", NULL,
                             "a key name of %u characters", name.n_units);
}

static gboolean
add_name(const HcRegLexer *lexer, gsize from, gsize to, HcRegSection *section)
{
    HcName name = hc_reg_span(lexer, from, to);
    if (section->path->len == 0) {
        section->is_void = !find_root(section, name);
        if (section->is_void)
            return fail_root(lexer, from, name);
        name = section->full_root;
    } else if (name.n_units > HC_MAX_KEY_NAME_UNITS) {
        section->is_void = TRUE;
        return fail_too_long(lexer, from, section, name);
    }
    if (!hc_reg_check_pairs(lexer, from, to, "whole characters in a name"))
        return FALSE;
    if (section->path->len >= HC_MAX_KEY_DEPTH) {
        section->is_void = TRUE;
        return hc_reg_fail_found(lexer, from, HC_ERROR_LIMIT, "at most 512", NULL,
                                 "a key path of more than %u names", HC_MAX_KEY_DEPTH);
    }
    g_array_append_val(section->path, name);
    return TRUE;
}

static inline HcRegLanes
backslashes(HcRegLanes lanes)
{
    return hc_reg_lanes_equal(lanes, '\\');
}

static inline HcRegLanes
brackets(HcRegLanes lanes)
{
    return hc_reg_lanes_equal(lanes, ']');
}

gboolean
hc_reg_add_path(const HcRegLexer *lexer, gsize from, gsize to, HcRegSection *section)
{
    const uint16_t *units = lexer->units;
    g_array_set_size(section->path, 0);
    gsize start = from;
    for (gsize pos = from; pos <= to; pos++) {
        pos = hc_reg_scan(units, lexer->n_units, pos, to, backslashes);
        gboolean is_empty = pos == start;
        /* One backslash at the end is common and harmless; regedit drops any number anywhere. */
        gboolean is_last = pos == to && section->path->len > 0;
        gboolean may_skip = is_empty && section->path->len > 0 && (is_last || lexer->compat);
        if (is_empty && !may_skip && section->path->len > 0)
            return hc_reg_fail_found(lexer, pos, HC_ERROR_MALFORMED, "a key name",
                                     "takes several backslashes for one",
                                     "nothing between two backslashes");
        if (!may_skip && !add_name(lexer, start, pos, section))
            return FALSE;
        start = pos + 1;
    }
    return TRUE;
}

/* The name runs to the last "]" of the line. In "[a] ; see [b]" that takes a comment into the
 * name, which nobody means, and what does mean it cannot be told apart. */
static gboolean
check_closing(const HcRegLexer *lexer, gsize from, gsize last)
{
    const uint16_t *units = lexer->units;
    for (gsize pos = from; (pos = hc_reg_scan(units, lexer->n_units, pos, last, brackets)) < last;
         pos++) {
        gsize next = pos + 1;
        while (hc_reg_is_blank(lexer, next))
            next++;
        if (hc_reg_is(lexer, next, ';'))
            return hc_reg_fail_found(lexer, last, HC_ERROR_MALFORMED,
                                     "no ']' in the comment after a key, since regedit takes the "
                                     "last one as the end of the name",
                                     "makes a key with all up to this ']' in its name",
                                     "a second ']'");
    }
    return TRUE;
}

gboolean
hc_reg_parse_section(HcRegLexer *lexer, HcRegSection *section)
{
    section->is_void = FALSE;
    gsize eol = hc_reg_eol(lexer, lexer->pos);
    gsize from = lexer->pos + 1;
    gsize last = eol;
    while (last > from && lexer->units[last - 1] != ']')
        last--;
    if (last == from)
        return hc_reg_fail(lexer, eol, "']' after the key", HC_REGEDIT_MISPLACES);
    last--;
    section->is_delete = hc_reg_is(lexer, from, '-');
    if (section->is_delete)
        from++;
    if (hc_reg_is_blank(lexer, from))
        return hc_reg_fail_found(lexer, from, HC_ERROR_MALFORMED, "the name of a root key directly",
                                 HC_REGEDIT_MISPLACES, "a blank after '%s'",
                                 section->is_delete ? "[-" : "[");
    if (!lexer->compat && !check_closing(lexer, from, last))
        return FALSE;
    if (!hc_reg_add_path(lexer, from, last, section))
        return FALSE;
    lexer->pos = last + 1;
    hc_reg_skip_blanks(lexer);
    if (hc_reg_is(lexer, lexer->pos, ';'))
        lexer->comment = lexer->pos;
    if (!lexer->compat &&
        !hc_reg_expect_tail(lexer, "the key", "ignores what follows the last ']'"))
        return FALSE;
    lexer->pos = eol;
    return TRUE;
}
