#include "config.h"

#include "hivetool/verb.h"

#include <string.h>

#include "hivecore/base/choice.h"
#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/base/map.h"

static const HcChoice types[] = {
    {"sz", HC_REG_SZ},
    {"REG_SZ", HC_REG_SZ},
    {"string", HC_REG_SZ},
    {"expand_sz", HC_REG_EXPAND_SZ},
    {"REG_EXPAND_SZ", HC_REG_EXPAND_SZ},
    {"expandstring", HC_REG_EXPAND_SZ},
    {"expand", HC_REG_EXPAND_SZ},
    {"multi_sz", HC_REG_MULTI_SZ},
    {"REG_MULTI_SZ", HC_REG_MULTI_SZ},
    {"multistring", HC_REG_MULTI_SZ},
    {"multi", HC_REG_MULTI_SZ},
    {"dword", HC_REG_DWORD},
    {"REG_DWORD", HC_REG_DWORD},
    {"REG_DWORD_LITTLE_ENDIAN", HC_REG_DWORD},
    {"qword", HC_REG_QWORD},
    {"REG_QWORD", HC_REG_QWORD},
    {"REG_QWORD_LITTLE_ENDIAN", HC_REG_QWORD},
    {"binary", HC_REG_BINARY},
    {"REG_BINARY", HC_REG_BINARY},
    {"hex", HC_REG_BINARY},
    {"dword_be", HC_REG_DWORD_BE},
    {"REG_DWORD_BIG_ENDIAN", HC_REG_DWORD_BE},
    {"none", HC_REG_NONE},
    {"REG_NONE", HC_REG_NONE},
    {"link", HC_REG_LINK},
    {"REG_LINK", HC_REG_LINK},
};

/* "0x10" and "16"; FALSE for all else. A minus is taken for the number's complement, as far as it
 * fits. */
static gboolean
parse_number(const char *text, guint n_bits, uint64_t *number)
{
    const gboolean is_negative = text[0] == '-';
    const char *digits = text + (is_negative ? 1 : 0);
    const gboolean is_hex = g_ascii_strncasecmp(digits, "0x", 2) == 0;
    const uint64_t most = n_bits == 64 ? G_MAXUINT64 : G_MAXUINT32;
    if (!g_ascii_string_to_unsigned(digits + (is_hex ? 2 : 0), is_hex ? 16 : 10, 0,
                                    is_negative ? most / 2 + 1 : most, number, NULL))
        return FALSE;
    *number = is_negative ? (uint64_t) - *number & most : *number;
    return TRUE;
}

gboolean
ht_type_parse(const char *text, uint32_t *type, GError **error)
{
    uint64_t number;
    if (parse_number(text, 32, &number) && text[0] != '-') {
        *type = (uint32_t) number;
        return TRUE;
    }
    const int choice = HC_CHOICE_PARSE("--type is", text, types, error);
    *type = (uint32_t) MAX(choice, 0);
    return choice >= 0;
}

static gboolean
append_text(GByteArray *data, const char *word, gboolean is_ended, GError **error)
{
    static const uint8_t nul[2] = {0, 0};
    g_autofree char *shown = g_utf8_make_valid(word, -1);
    if (!g_utf8_validate(word, -1, NULL))
        return hc_fail(error, HC_ERROR_USAGE, "%s: is not UTF-8", shown);
    g_autoptr(HcArena) arena = hc_arena_new();
    const HcName name = hc_name_from_utf8(arena, word, strlen(word));
    for (uint32_t i = 0; i < name.n_units; i++) {
        const uint16_t unit = hc_name_unit(name, i);
        const uint8_t bytes[2] = {(uint8_t) unit, (uint8_t) (unit >> 8)};
        g_byte_array_append(data, bytes, sizeof(bytes));
    }
    if (is_ended)
        g_byte_array_append(data, nul, sizeof(nul));
    return TRUE;
}

static gboolean
append_list(GByteArray *data, char *const *words, GError **error)
{
    static const uint8_t nul[2] = {0, 0};
    for (; *words != NULL; words++) {
        if ((*words)[0] == '\0')
            return hc_fail(error, HC_ERROR_USAGE, "an empty DATA would end the list");
        if (!append_text(data, *words, TRUE, error))
            return FALSE;
    }
    g_byte_array_append(data, nul, sizeof(nul));
    return TRUE;
}

static gboolean
append_number(GByteArray *data, uint32_t type, const char *word, GError **error)
{
    const guint n_bits = type == HC_REG_QWORD ? 64 : 32;
    uint64_t number;
    if (!parse_number(word, n_bits, &number))
        return hc_fail(error, HC_ERROR_USAGE,
                       "DATA is '%s', not a number of %u bits, like 16 or 0x10", word, n_bits);
    for (guint i = 0; i < n_bits / 8; i++) {
        const guint shift = 8 * (type == HC_REG_DWORD_BE ? n_bits / 8 - 1 - i : i);
        const uint8_t byte = (uint8_t) (number >> shift);
        g_byte_array_append(data, &byte, 1);
    }
    return TRUE;
}

static gboolean
append_file(GByteArray *data, const char *file, GError **error)
{
    g_autoptr(GBytes) content = hc_read_stream(file, HC_MAX_DATA_BYTES, error);
    if (content == NULL)
        return FALSE;
    gsize n_bytes;
    const void *bytes = g_bytes_get_data(content, &n_bytes);
    g_byte_array_append(data, bytes, (guint) n_bytes);
    return TRUE;
}

/* "00ff", "00 ff", "00,ff", "0x00ff" */
static gboolean
append_hex(GByteArray *data, const char *word, GError **error)
{
    const char *at = word + (g_ascii_strncasecmp(word, "0x", 2) == 0 ? 2 : 0);
    while (*at != '\0') {
        if (*at == ' ' || *at == ',') {
            at++;
            continue;
        }
        if (!g_ascii_isxdigit(at[0]) || !g_ascii_isxdigit(at[1]))
            return hc_fail(error, HC_ERROR_USAGE, "DATA is '%s', not pairs of hex digits, or @FILE",
                           word);
        const uint8_t byte =
            (uint8_t) (g_ascii_xdigit_value(at[0]) << 4 | g_ascii_xdigit_value(at[1]));
        g_byte_array_append(data, &byte, 1);
        at += 2;
    }
    return TRUE;
}

static gboolean
append_bytes(GByteArray *data, char *const *words, GError **error)
{
    if (words[0] != NULL && words[1] == NULL && words[0][0] == '@')
        return append_file(data, words[0] + 1, error);
    for (; *words != NULL; words++) {
        if (!append_hex(data, *words, error))
            return FALSE;
    }
    return TRUE;
}

/* Texts and numbers are one word. */
static gboolean
append(GByteArray *data, uint32_t type, char *const *words, GError **error)
{
    const gboolean is_number =
        type == HC_REG_DWORD || type == HC_REG_DWORD_BE || type == HC_REG_QWORD;
    const gboolean is_text = type == HC_REG_SZ || type == HC_REG_EXPAND_SZ;
    if (type == HC_REG_MULTI_SZ)
        return append_list(data, words, error);
    /* \Registry\Machine\..., which has no NUL at its end. */
    if (type == HC_REG_LINK && words[0] != NULL && words[1] == NULL && words[0][0] == '\\')
        return append_text(data, words[0], FALSE, error);
    if (!is_number && !is_text)
        return append_bytes(data, words, error);
    if (words[0] == NULL)
        return hc_fail(error, HC_ERROR_USAGE, "no DATA is given%s",
                       is_text ? ", '' is the empty text" : "");
    if (words[1] != NULL)
        return hc_fail(error, HC_ERROR_USAGE,
                       "several DATA for one %s; --type=multi_sz makes a list of them",
                       is_text ? "text" : "number");
    return is_text ? append_text(data, words[0], TRUE, error)
                   : append_number(data, type, words[0], error);
}

GByteArray *
ht_data_parse(uint32_t type, char *const *words, GError **error)
{
    g_autoptr(GByteArray) data = g_byte_array_new();
    return append(data, type, words, error) ? g_steal_pointer(&data) : NULL;
}
