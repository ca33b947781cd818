#include "config.h"

#include <string.h>

#include "hivecore/base/bytes.h"
#include "hivecore/base/limits.h"
#include "hivecore/base/put-text.h"
#include "hivecore/reg/script-private.h"
#include "hivecore/regf/types.h"

static const struct {
    const char *name;
    uint32_t type;
} types[] = {
    {"REG_SZ", HC_REG_SZ},
    {"REG_EXPAND_SZ", HC_REG_EXPAND_SZ},
    {"REG_MULTI_SZ", HC_REG_MULTI_SZ},
    {"REG_DWORD", HC_REG_DWORD},
    {"REG_QWORD", HC_REG_QWORD},
    {"REG_BINARY", HC_REG_BINARY},
    {"REG_NONE", HC_REG_NONE},
    {"REG_DWORD_BIG_ENDIAN", HC_REG_DWORD_BE},
    {"REG_DWORD_LITTLE_ENDIAN", HC_REG_DWORD},
};

gboolean
hc_reg_command_type(const char *name, uint32_t *type)
{
    for (gsize i = 0; i < G_N_ELEMENTS(types); i++) {
        if (g_ascii_strcasecmp(types[i].name, name) != 0)
            continue;
        *type = types[i].type;
        return TRUE;
    }
    return FALSE;
}

typedef struct {
    const HcRegDataWords *words;
    GByteArray *bytes;
    HcCmdTrouble *trouble;
} Parse;

static gboolean
fail_data(const Parse *parse, const char *expected)
{
    const HcCmdWord *data = parse->words->data;
    if (data == NULL)
        return hc_cmd_fail(parse->trouble, HC_ERROR_MALFORMED, parse->words->end,
                           "found no /d, expected %s", expected);
    return hc_cmd_fail(parse->trouble, HC_ERROR_MALFORMED, data->at,
                       "found the data '%s', expected %s", data->text, expected);
}

static void
put_text(const Parse *parse, const char *text, gsize n_bytes)
{
    g_autoptr(HcArena) arena = hc_arena_new();
    const HcName name = hc_name_from_utf8(arena, text, n_bytes);
    for (uint32_t i = 0; i < name.n_units; i++) {
        uint8_t unit[2];
        hc_put16(unit, hc_name_unit(name, i));
        g_byte_array_append(parse->bytes, unit, sizeof(unit));
    }
}

static void
put_nul(const Parse *parse)
{
    g_byte_array_append(parse->bytes, (const guint8 *) "\0", 2);
}

static const char *
text_of(const Parse *parse)
{
    return parse->words->data != NULL ? parse->words->data->text : "";
}

/*
 * Strings between separators. One separator may stand at the end; an empty string is refused, but
 * for a separator alone, which is the list of one.
 */
static gboolean
parse_list(const Parse *parse)
{
    const HcCmdWord *own = parse->words->separator;
    const char *separator = own != NULL ? own->text : "\\0";
    const char *text = text_of(parse);
    if (own != NULL && g_utf8_strlen(own->text, -1) != 1)
        return hc_cmd_fail(parse->trouble, HC_ERROR_MALFORMED, own->at,
                           "found the separator '%s', expected one character", own->text);
    const gsize n_separator = strlen(separator);
    const gboolean is_separator = g_str_equal(text, separator);
    while (*text != '\0' && !is_separator) {
        const char *end = strstr(text, separator);
        const gsize n = end != NULL ? (gsize) (end - text) : strlen(text);
        if (n == 0)
            return fail_data(parse, "no empty string in it");
        put_text(parse, text, n);
        put_nul(parse);
        text += n + (end != NULL ? n_separator : 0);
    }
    if (is_separator)
        put_nul(parse);
    put_nul(parse);
    return TRUE;
}

/* Decimal, or hexadecimal behind 0x. */
static gboolean
parse_number(const char *text, uint64_t max, uint64_t *number)
{
    const gboolean is_hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    const uint64_t base = is_hex ? 16 : 10;
    text += is_hex ? 2 : 0;
    *number = 0;
    if (*text == '\0')
        return FALSE;
    for (; *text != '\0'; text++) {
        const int digit = is_hex ? g_ascii_xdigit_value(*text) : g_ascii_digit_value(*text);
        if (digit < 0 || *number > (max - (uint64_t) digit) / base)
            return FALSE;
        *number = *number * base + (uint64_t) digit;
    }
    return TRUE;
}

static gboolean
parse_dword(const Parse *parse)
{
    uint64_t number;
    uint8_t bytes[4];
    if (parse->words->data == NULL || !parse_number(text_of(parse), UINT32_MAX, &number))
        return fail_data(parse, "a number from 0 to 4294967295, or 0x0 to 0xffffffff");
    hc_put32(bytes, (uint32_t) number);
    g_byte_array_append(parse->bytes, bytes, sizeof(bytes));
    return TRUE;
}

/* Unlike a dword it may be negative, in decimal, and is 0 where nothing is said. */
static gboolean
parse_qword(const Parse *parse)
{
    const char *text = text_of(parse);
    const gboolean is_negative = text[0] == '-' && text[1] != '0';
    const uint64_t max = is_negative ? UINT64_C(1) << 63 : UINT64_MAX;
    uint64_t number = 0;
    uint8_t bytes[8];
    if (parse->words->data != NULL && !parse_number(text + (is_negative ? 1 : 0), max, &number))
        return fail_data(parse,
                         "a number of at most 64 bits in decimal, or in hexadecimal behind 0x");
    hc_put64(bytes, is_negative ? 0 - number : number);
    g_byte_array_append(parse->bytes, bytes, sizeof(bytes));
    return TRUE;
}

/* Pairs of digits; of an odd number the first stands alone. */
static gboolean
parse_binary(const Parse *parse)
{
    const char *text = text_of(parse);
    const gsize n = strlen(text);
    guint8 byte = 0;
    for (gsize i = 0; i < n; i++) {
        const int digit = g_ascii_xdigit_value(text[i]);
        if (digit < 0)
            return fail_data(parse, "hexadecimal digits, two for each byte");
        byte = (guint8) (byte << 4 | digit);
        if ((n - i) % 2 == 1)
            g_byte_array_append(parse->bytes, &byte, 1);
    }
    return TRUE;
}

static gboolean
parse_data(const Parse *parse, uint32_t type)
{
    if (parse->words->separator != NULL && type != HC_REG_MULTI_SZ)
        return hc_cmd_fail(parse->trouble, HC_ERROR_MALFORMED, parse->words->separator->at,
                           "found /s, expected it only with /t REG_MULTI_SZ");
    switch (type) {
    case HC_REG_MULTI_SZ:
        return parse_list(parse);
    case HC_REG_DWORD:
    case HC_REG_DWORD_BE: /* the same bytes: reg.exe has it so */
        return parse_dword(parse);
    case HC_REG_QWORD:
        return parse_qword(parse);
    case HC_REG_BINARY:
        return parse_binary(parse);
    default:
        put_text(parse, text_of(parse), strlen(text_of(parse)));
        put_nul(parse);
        return TRUE;
    }
}

gboolean
hc_reg_command_data(HcDatum *datum, uint32_t type, const HcRegDataWords *words, HcArena *arena,
                    HcCmdTrouble *trouble)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    const Parse parse = {words, bytes, trouble};
    if (!parse_data(&parse, type))
        return FALSE;
    *datum = (HcDatum){TRUE, type, {hc_arena_dup(arena, bytes->data, bytes->len), bytes->len}};
    return TRUE;
}

/* --- and back --- */

const char *
hc_reg_command_trouble(HcName text)
{
    if (hc_name_has_unit(text, 0))
        return "a NUL character";
    if (hc_name_has_unit(text, '\r') || hc_name_has_unit(text, '\n'))
        return "a line break";
    return hc_name_is_wellformed(text) ? NULL : "half of a surrogate pair";
}

/* A string that ends with the one NUL it has. */
static const char *
append_string(GString *out, HcBlob data)
{
    if (data.n_bytes < 2 || data.n_bytes % 2 != 0 || hc_get16(data.bytes + data.n_bytes - 2) != 0)
        return "a string that does not end with a NUL";
    const HcName text = {data.bytes, data.n_bytes / 2 - 1, FALSE};
    const char *trouble = hc_reg_command_trouble(text);
    if (trouble == NULL)
        hc_name_append_utf8(out, text);
    return trouble;
}

/* A separator that is in none of the strings, or NULL. */
static const char *
choose_separator(GPtrArray *strings)
{
    static const char *const choices[] = {"\\0", "|", "#", ";", ",", "~", "!", "@", "$",
                                          "*",   "+", "=", ":", "?", "^", "&", " "};
    for (gsize i = 0; i < G_N_ELEMENTS(choices); i++) {
        guint k = 0;
        while (k < strings->len && strstr((const char *) strings->pdata[k], choices[i]) == NULL)
            k++;
        if (k == strings->len)
            return choices[i];
    }
    return NULL;
}

/* The strings of a list that is as reg.exe makes it: each with a NUL, one more at the end. */
static const char *
split_list(GPtrArray *strings, HcBlob data)
{
    const HcName all = {data.bytes, data.n_bytes / 2, FALSE};
    uint32_t from = 0;
    if (data.n_bytes < 2 || data.n_bytes % 2 != 0 || hc_name_unit(all, all.n_units - 1) != 0)
        return "a list that does not end with a NUL";
    for (uint32_t i = 0; i + 1 < all.n_units; i++) {
        if (hc_name_unit(all, i) != 0)
            continue;
        const HcName part = hc_name_part(all, from, i);
        g_autoptr(GString) text = g_string_new(NULL);
        const char *trouble = hc_reg_command_trouble(part);
        if (trouble != NULL || part.n_units == 0)
            return trouble != NULL ? trouble : "an empty string in a list";
        hc_name_append_utf8(text, part);
        g_ptr_array_add(strings, g_string_free(g_steal_pointer(&text), FALSE));
        from = i + 1;
    }
    return from + 1 == all.n_units ? NULL : "a list whose last string does not end with a NUL";
}

static const char *
append_list(GString *out, GPtrArray *words, HcBlob data)
{
    g_autoptr(GPtrArray) strings = g_ptr_array_new_with_free_func(g_free);
    if (data.n_bytes == 4 && hc_get32(data.bytes) == 0) {
        g_string_append(out, "\\0");
        return NULL;
    }
    const char *trouble = split_list(strings, data);
    const char *separator = trouble == NULL ? choose_separator(strings) : NULL;
    if (separator == NULL)
        return trouble != NULL ? trouble : "a list with every separator in it";
    for (guint i = 0; i < strings->len; i++) {
        g_string_append(out, i > 0 ? separator : "");
        g_string_append(out, (const char *) strings->pdata[i]);
    }
    /* One separator alone would be an empty string. */
    if (!g_str_equal(separator, "\\0")) {
        g_ptr_array_add(words, g_strdup("/s"));
        g_ptr_array_add(words, g_strdup(separator));
    }
    return NULL;
}

static const char *
append_data(GString *out, GPtrArray *words, const HcDatum *datum)
{
    const HcBlob data = datum->data;
    if (data.n_bytes > 2 * HC_MAX_CMD_LINE_UNITS)
        return HC_REG_COMMAND_TOO_LONG;
    switch (datum->type) {
    case HC_REG_SZ:
    case HC_REG_EXPAND_SZ:
    case HC_REG_NONE:
        return append_string(out, data);
    case HC_REG_MULTI_SZ:
        return append_list(out, words, data);
    case HC_REG_DWORD:
    case HC_REG_DWORD_BE:
        if (data.n_bytes != 4)
            return "a number that is not 4 bytes";
        g_string_append_printf(out, "0x%x", hc_get32(data.bytes));
        return NULL;
    case HC_REG_QWORD:
        if (data.n_bytes != 8)
            return "a number that is not 8 bytes";
        g_string_append_printf(out, "0x%" G_GINT64_MODIFIER "x", hc_get64(data.bytes));
        return NULL;
    case HC_REG_BINARY:
        hc_text_append_hex(out, data.bytes, data.n_bytes);
        return NULL;
    default:
        return "a type that reg has no name for";
    }
}

const char *
hc_reg_command_append_value(GPtrArray *words, HcName name, const HcDatum *datum)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(GString) data = g_string_new(NULL);
    g_autoptr(GPtrArray) separator = g_ptr_array_new_with_free_func(g_free);
    const char *trouble = hc_reg_command_trouble(name);
    if (trouble == NULL && datum != NULL)
        trouble = append_data(data, separator, datum);
    if (trouble != NULL)
        return trouble;
    hc_name_append_utf8(text, name);
    g_ptr_array_add(words, g_strdup(name.n_units > 0 ? "/v" : "/ve"));
    if (name.n_units > 0)
        g_ptr_array_add(words, g_strdup(text->str));
    for (gsize i = 0; datum != NULL && i < G_N_ELEMENTS(types); i++) {
        if (types[i].type != datum->type)
            continue;
        g_ptr_array_add(words, g_strdup("/t"));
        g_ptr_array_add(words, g_strdup(types[i].name));
        break;
    }
    for (guint i = 0; i < separator->len; i++)
        g_ptr_array_add(words, g_strdup((const char *) separator->pdata[i]));
    if (datum != NULL) {
        g_ptr_array_add(words, g_strdup("/d"));
        g_ptr_array_add(words, g_strdup(data->str));
    }
    return NULL;
}
