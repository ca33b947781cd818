#include "config.h"

#include "hivecore/reg/lint-private.h"

#include <string.h>

#include "hivecore/base/bytes.h"
#include "hivecore/regf/types.h"

/* What Windows sets for every process or user. */
static const char *const variables[] = {"ALLUSERSPROFILE",
                                        "APPDATA",
                                        "CommonProgramFiles",
                                        "CommonProgramFiles(x86)",
                                        "CommonProgramW6432",
                                        "COMPUTERNAME",
                                        "ComSpec",
                                        "HOMEDRIVE",
                                        "HOMEPATH",
                                        "LOCALAPPDATA",
                                        "PATH",
                                        "ProgramData",
                                        "ProgramFiles",
                                        "ProgramFiles(x86)",
                                        "ProgramW6432",
                                        "PUBLIC",
                                        "SystemDrive",
                                        "SystemRoot",
                                        "TEMP",
                                        "TMP",
                                        "USERDOMAIN",
                                        "USERNAME",
                                        "USERPROFILE",
                                        "windir"};

static gboolean
is_variable(HcName name)
{
    for (guint i = 0; i < G_N_ELEMENTS(variables); i++) {
        const HcName known = {(const uint8_t *) variables[i], (uint32_t) strlen(variables[i]),
                              TRUE};
        if (hc_name_equal(name, known))
            return TRUE;
    }
    return FALSE;
}

static inline HcRegLanes
percents(HcRegLanes lanes)
{
    return hc_reg_lanes_equal(lanes, '%');
}

static inline HcRegLanes
nuls(HcRegLanes lanes)
{
    return hc_reg_lanes_equal(lanes, 0);
}

static inline HcRegLanes
nuls_and_percents(HcRegLanes lanes)
{
    return nuls(lanes) | percents(lanes);
}

/* Returns: the units of @text, which is data of a value: aligned, and as the text of the file. */
static const uint16_t *
units_of(HcName text)
{
    return (const uint16_t *) (const void *) text.chars;
}

/* Returns: the first variable in @text, between its percent signs; without units where none is. */
static HcName
find_variable(HcName text)
{
    const uint32_t n = text.n_units;
    uint32_t percent = UINT32_MAX;
    for (uint32_t i = 0; (i = (uint32_t) hc_reg_scan(units_of(text), n, i, n, percents)) < n; i++) {
        if (percent != UINT32_MAX) {
            const HcName name = {text.chars + 2 * (gsize) (percent + 1), i - percent - 1, FALSE};
            if (is_variable(name))
                return name;
        }
        percent = i;
    }
    return HC_NAME_EMPTY;
}

/* Whether @text from @i on is @ascii. */
static gboolean
has_ascii(HcName text, uint32_t i, const char *ascii)
{
    for (; *ascii; ascii++, i++) {
        if (i >= text.n_units || hc_name_unit(text, i) != (uint8_t) *ascii)
            return FALSE;
    }
    return TRUE;
}

/* Whether all of @text from @i on are hex digits, commas and blanks, and there are some. */
static gboolean
is_hex(HcName text, uint32_t i)
{
    for (uint32_t k = i; k < text.n_units; k++) {
        uint16_t unit = hc_name_unit(text, k);
        if (unit >= 0x80 || unit == 0 ||
            !(g_ascii_isxdigit((char) unit) || strchr(", ", unit) != NULL))
            return FALSE;
    }
    return i < text.n_units;
}

static gboolean
is_quoted_data(HcName text)
{
    if (text.n_units == 0 || (text.chars[0] != 'd' && text.chars[0] != 'h'))
        return FALSE;
    if (has_ascii(text, 0, "dword:"))
        return is_hex(text, 6);
    if (has_ascii(text, 0, "hex:"))
        return is_hex(text, 4);
    return has_ascii(text, 0, "hex(") && has_ascii(text, 5, "):") && is_hex(text, 7);
}

static gboolean
is_doubled_path(HcName text)
{
    uint32_t start = has_ascii(text, 0, "\"") ? 1 : 0;
    if (text.n_units <= start + 3)
        return FALSE;
    uint16_t drive = hc_upcase(hc_name_unit(text, start));
    return drive >= 'A' && drive <= 'Z' && has_ascii(text, start + 1, ":\\\\");
}

/* Text as programs read it: up to the first NUL. @may_vary: there may be a percent sign in it */
static void
lint_string(HcLint *lint, const HcRegLine *line, HcName text, gboolean may_vary)
{
    const gboolean is_sz = lint->walker->data.type == HC_REG_SZ;
    const HcName variable = is_sz && may_vary ? find_variable(text) : HC_NAME_EMPTY;
    if (variable.n_units > 0) {
        g_autofree char *name = hc_name_display(variable);
        hc_lint_tell(lint, HC_LINT_SZ_EXPAND, &line->at, line->data, NULL,
                     "%%%s%% in a REG_SZ, which is not expanded; REG_EXPAND_SZ is hex(2):", name);
    }
    if (is_sz && is_quoted_data(text))
        hc_lint_tell(lint, HC_LINT_QUOTED_DATA, &line->at, line->data, NULL,
                     "a string that reads like data of another type; that has no quotes");
    if (is_doubled_path(text))
        hc_lint_tell(lint, HC_LINT_DOUBLED_BACKSLASH, &line->at, line->data, NULL,
                     "the string has two backslashes after the drive; '\\\\' is one");
}

static void
lint_text(HcLint *lint, const HcRegLine *line, const GByteArray *bytes)
{
    uint32_t n_units = bytes->len / 2;
    const HcName all = {bytes->data, n_units, FALSE};
    const uint32_t n_plain =
        (uint32_t) hc_reg_scan(units_of(all), n_units, 0, n_units, nuls_and_percents);
    const uint32_t n_text = (uint32_t) hc_reg_scan(units_of(all), n_units, n_plain, n_units, nuls);
    uint32_t after = n_text;
    while (after < n_units && !hc_name_unit(all, after))
        after++;
    if (after < n_units)
        hc_lint_tell(lint, HC_LINT_EMBEDDED_NUL, &line->at, line->data, NULL,
                     "the string goes on after a NUL, where most programs stop reading");
    else if (n_units > 0 && n_text == n_units)
        hc_lint_tell(lint, HC_LINT_STRING_UNTERMINATED, &line->at, line->data, "adds the NUL",
                     "the string has no NUL at its end");
    lint_string(lint, line, (HcName){bytes->data, n_text, FALSE}, n_plain < n_text);
}

/* Strings, each with its NUL, and one more NUL. */
static void
lint_list(HcLint *lint, const HcRegLine *line, const GByteArray *bytes)
{
    const HcName all = {bytes->data, bytes->len / 2, FALSE};
    uint32_t n_units = all.n_units;
    if (n_units == 0 || (n_units == 1 && !hc_name_unit(all, 0)))
        return;
    gboolean has_last = !hc_name_unit(all, n_units - 1);
    gboolean has_both = has_last && n_units > 1 && !hc_name_unit(all, n_units - 2);
    if (!has_both) {
        hc_lint_tell(lint, HC_LINT_MULTI_UNTERMINATED, &line->at, line->data,
                     has_last ? NULL : "adds one NUL",
                     "the list of strings ends with %s NUL instead of two",
                     has_last ? "one" : "no");
        return;
    }
    /* The only list known to have them on purpose: pairs of files, "" for a deletion. */
    gboolean is_pairs = has_ascii(line->name, 0, "PendingFileRenameOperations");
    uint32_t end = n_units;
    while (end > 0 && !hc_name_unit(all, end - 1))
        end--;
    for (uint32_t i = 0; i < end && !is_pairs; i++) {
        const uint32_t start = i;
        i = (uint32_t) hc_reg_scan(units_of(all), n_units, start, end, nuls);
        if (i > start)
            continue;
        hc_lint_tell(lint, HC_LINT_MULTI_EMPTY_STRING, &line->at, line->data, NULL,
                     "an empty string in the list, at which most programs stop reading");
        return;
    }
}

/* "dword:10" is sixteen. */
static void
lint_dword(HcLint *lint, const HcRegLine *line)
{
    const HcRegLexer *lexer = &lint->walker->lexer;
    gsize from = line->data + strlen("dword:");
    while (hc_reg_is_blank(lexer, from))
        from++;
    gsize to = from;
    while (hc_reg_hex_digit(lexer, to) >= 0 && hc_reg_hex_digit(lexer, to) <= 9)
        to++;
    uint32_t number = hc_get32(lint->walker->data.bytes->data);
    if (hc_reg_hex_digit(lexer, to) < 0 && to - from < 8 && number > 9)
        hc_lint_tell(lint, HC_LINT_DWORD_DECIMAL, &line->at, from, NULL,
                     "the number is hexadecimal, %u in decimal; eight digits say that it is meant",
                     number);
}

static void
lint_size(HcLint *lint, const HcRegLine *line, HcLintRule rule, guint n_wanted)
{
    const HcRegData *data = &lint->walker->data;
    if (data->bytes->len != n_wanted)
        hc_lint_tell(lint, rule, &line->at, line->data, "stores it as it is",
                     "hex(%x): with %u byte%s, where programs read %u", data->type,
                     data->bytes->len, data->bytes->len == 1 ? "" : "s", n_wanted);
}

void
hc_lint_value(HcLint *lint, const HcRegLine *line)
{
    const HcRegData *data = &lint->walker->data;
    gboolean is_text = data->type == HC_REG_SZ || data->type == HC_REG_EXPAND_SZ;
    hc_lint_name(lint, line);
    if (data->is_delete)
        return;
    if (hc_reg_is(&lint->walker->lexer, line->data, 'd')) {
        lint_dword(lint, line);
    } else if (data->type == HC_REG_DWORD || data->type == HC_REG_DWORD_BE) {
        lint_size(lint, line, HC_LINT_DWORD_SIZE, 4);
    } else if (data->type == HC_REG_QWORD) {
        lint_size(lint, line, HC_LINT_QWORD_SIZE, 8);
    } else if ((is_text || data->type == HC_REG_MULTI_SZ) && data->bytes->len % 2 != 0) {
        hc_lint_tell(lint, HC_LINT_STRING_ODD, &line->at, line->data, NULL,
                     "a string of %u byte%s, and each character has two", data->bytes->len,
                     data->bytes->len == 1 ? "" : "s");
    } else if (is_text) {
        lint_text(lint, line, data->bytes);
    } else if (data->type == HC_REG_MULTI_SZ) {
        lint_list(lint, line, data->bytes);
    }
}
