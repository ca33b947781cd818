#include "config.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/regf/layout.h"
#include "hivecore/regf/security-private.h"
#include "hivecore/regf/security.h"

typedef struct {
    const char *text;
    const char *at;
} Scan;

/* An ACL being made; its header is filled in at the end. */
typedef struct {
    GByteArray *bytes;
    guint n_aces;
    gboolean has_object;
    gboolean is_null; /* NO_ACCESS_CONTROL */
} List;

static gboolean
fail(const Scan *scan, HcErrorCode code, const char *what, GError **error)
{
    return hc_fail(error, code, "SDDL '%s': at character %zu: %s", scan->text,
                   (gsize) (scan->at - scan->text) + 1, what);
}

static gboolean
expect(Scan *scan, char wanted, GError **error)
{
    const char what[] = {'e', 'x', 'p', 'e', 'c', 't', 'e', 'd', ' ', '\'', wanted, '\'', '\0'};
    if (*scan->at != wanted)
        return fail(scan, HC_ERROR_MALFORMED, what, error);
    scan->at++;
    return TRUE;
}

static void
append32(GByteArray *bytes, uint32_t number)
{
    uint8_t little[4];
    hc_put32(little, number);
    g_byte_array_append(bytes, little, sizeof(little));
}

/* Decimal, hexadecimal with 0x, or octal with a leading 0; up to @max. */
static gboolean
scan_number(Scan *scan, uint64_t max, uint64_t *number, GError **error)
{
    char *end;
    if (!g_ascii_isdigit(*scan->at))
        return fail(scan, HC_ERROR_MALFORMED, "expected a number", error);
    *number = g_ascii_strtoull(scan->at, &end, 0);
    if (*number > max)
        return fail(scan, HC_ERROR_MALFORMED, "the number is too large", error);
    scan->at = end;
    return TRUE;
}

/* S-1-AUTHORITY-PART… */
static gboolean
scan_sid_number(Scan *scan, GByteArray *out, GError **error)
{
    uint64_t number;
    const guint start = out->len;
    const uint8_t head[2] = {1, 0};
    scan->at += strlen("S-1-");
    if (!scan_number(scan, G_GUINT64_CONSTANT(0xffffffffffff), &number, error))
        return FALSE;
    g_byte_array_append(out, head, sizeof(head));
    for (int shift = 40; shift >= 0; shift -= 8) {
        const uint8_t byte = (uint8_t) (number >> shift);
        g_byte_array_append(out, &byte, 1);
    }
    while (scan->at[0] == '-') {
        scan->at++;
        if (out->data[start + HC_SID_COUNT] == HC_SID_MAX_COUNT)
            return fail(scan, HC_ERROR_MALFORMED, "a SID has at most 15 parts", error);
        if (!scan_number(scan, G_MAXUINT32, &number, error))
            return FALSE;
        append32(out, (uint32_t) number);
        out->data[start + HC_SID_COUNT]++;
    }
    return TRUE;
}

static gboolean
is_domain_word(const char *at)
{
    static const char *const words[] = {"DA", "DU", "DG", "DC", "DD", "LA", "LG", "CA", "RS",
                                        "SA", "EA", "PA", "RO", "CN", "AP", "KA", "EK"};
    for (gsize i = 0; i < G_N_ELEMENTS(words); i++) {
        if (strncmp(at, words[i], 2) == 0)
            return TRUE;
    }
    return FALSE;
}

static gboolean
scan_sid(Scan *scan, GByteArray *out, GError **error)
{
    if (g_ascii_strncasecmp(scan->at, "S-1-", 4) == 0)
        return scan_sid_number(scan, out, error);
    for (const HcSidWord *word = hc_sid_words; word->text != NULL; word++) {
        if (strncmp(scan->at, word->text, 2) != 0)
            continue;
        Scan known = {word->sid, word->sid};
        scan->at += 2;
        return scan_sid_number(&known, out, error);
    }
    if (is_domain_word(scan->at))
        return fail(scan, HC_ERROR_UNSUPPORTED,
                    "this SID depends on a machine or domain, write it as S-1-5-21-…", error);
    return fail(scan, HC_ERROR_MALFORMED, "expected a SID, S-1-… or two letters such as SY", error);
}

/* Words of two or so letters beside each other, longest first where one begins another. */
static uint32_t
scan_words(Scan *scan, const HcWord *words)
{
    uint32_t number = 0;
    const HcWord *word = words;
    while (word->text != NULL) {
        const gsize n = strlen(word->text);
        if (strncmp(scan->at, word->text, n) != 0) {
            word++;
            continue;
        }
        number |= word->number;
        scan->at += n;
        word = words; /* from the start again */
    }
    return number;
}

static gboolean
scan_rights(Scan *scan, uint32_t *mask, GError **error)
{
    uint64_t number = 0;
    if (g_ascii_isdigit(*scan->at)) {
        if (!scan_number(scan, G_MAXUINT32, &number, error))
            return FALSE;
        *mask = (uint32_t) number;
    } else
        *mask = scan_words(scan, hc_right_words);
    return *scan->at == ';' || fail(scan, HC_ERROR_MALFORMED, "an unknown right", error);
}

/* A GUID or nothing, up to the next semicolon. */
static gboolean
scan_guid(Scan *scan, GByteArray *out, gboolean *is_there, GError **error)
{
    static const int order[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
    uint8_t bytes[16] = {0};
    guint n_digits = 0;
    *is_there = *scan->at != ';';
    for (; *scan->at != ';'; scan->at++) {
        if (*scan->at == '-' &&
            (n_digits == 8 || n_digits == 12 || n_digits == 16 || n_digits == 20) &&
            scan->at[-1] != '-')
            continue;
        const int digit = g_ascii_xdigit_value(*scan->at);
        if (digit < 0 || n_digits == 32)
            return fail(scan, HC_ERROR_MALFORMED, "not a GUID", error);
        uint8_t *byte = &bytes[order[n_digits / 2]];
        *byte = (uint8_t) (*byte << 4 | digit);
        n_digits++;
    }
    if (*is_there && n_digits != 32)
        return fail(scan, HC_ERROR_MALFORMED, "not a GUID", error);
    if (*is_there)
        g_byte_array_append(out, bytes, sizeof(bytes));
    return TRUE;
}

static gboolean
is_object_type(uint32_t type)
{
    return type >= 0x05 && type <= 0x08;
}

/* "OBJECT;INHERITED OBJECT": part of the entry only for the types of objects. */
static gboolean
scan_objects(Scan *scan, uint32_t type, GByteArray *ace, GError **error)
{
    g_autoptr(GByteArray) guids = g_byte_array_new();
    gboolean has_object;
    gboolean has_inherited;
    const char *start = scan->at;
    if (!scan_guid(scan, guids, &has_object, error) || !expect(scan, ';', error) ||
        !scan_guid(scan, guids, &has_inherited, error))
        return FALSE;
    if (!is_object_type(type)) {
        scan->at = guids->len > 0 ? start : scan->at;
        return guids->len == 0 ||
               fail(scan, HC_ERROR_MALFORMED, "only OA, OD, OU and OL name objects", error);
    }
    append32(ace, (has_object ? 1u : 0u) | (has_inherited ? 2u : 0u));
    g_byte_array_append(ace, guids->data, guids->len);
    return TRUE;
}

static gboolean
scan_ace_type(Scan *scan, uint32_t *type, GError **error)
{
    const HcWord *found = NULL;
    for (const HcWord *word = hc_ace_type_words; word->text != NULL; word++) {
        const gsize n = strlen(word->text);
        if (strncmp(scan->at, word->text, n) == 0 && scan->at[n] == ';')
            found = word;
    }
    if (found != NULL) {
        *type = found->number;
        scan->at += strlen(found->text) + 1;
        return TRUE;
    }
    if (strncmp(scan->at, "X", 1) == 0 || strncmp(scan->at, "ZA", 2) == 0 ||
        strncmp(scan->at, "RA", 2) == 0)
        return fail(scan, HC_ERROR_UNSUPPORTED, "conditions and resource attributes are not read",
                    error);
    return fail(scan, HC_ERROR_MALFORMED, "an unknown kind of entry", error);
}

/* (TYPE;FLAGS;RIGHTS;OBJECT;INHERITED OBJECT;SID) */
static gboolean
scan_ace(Scan *scan, List *list, GError **error)
{
    uint32_t type;
    uint32_t mask;
    g_autoptr(GByteArray) ace = g_byte_array_new();
    if (!expect(scan, '(', error) || !scan_ace_type(scan, &type, error))
        return FALSE;
    const uint8_t head[] = {(uint8_t) type, (uint8_t) scan_words(scan, hc_ace_flag_words), 0, 0};
    g_byte_array_append(ace, head, sizeof(head));
    if (*scan->at != ';')
        return fail(scan, HC_ERROR_MALFORMED, "an unknown flag", error);
    scan->at++;
    if (!scan_rights(scan, &mask, error))
        return FALSE;
    append32(ace, mask);
    if (!expect(scan, ';', error) || !scan_objects(scan, type, ace, error) ||
        !expect(scan, ';', error) || !scan_sid(scan, ace, error) || !expect(scan, ')', error))
        return FALSE;
    hc_put16(ace->data + HC_ACE_SIZE, (uint16_t) ace->len);
    if (list->bytes->len + ace->len > G_MAXUINT16)
        return fail(scan, HC_ERROR_LIMIT, "the list is longer than 64 KiB", error);
    g_byte_array_append(list->bytes, ace->data, ace->len);
    list->has_object |= is_object_type(type);
    list->n_aces++;
    return TRUE;
}

static gboolean
scan_list(Scan *scan, const HcWord *flags, uint16_t *control, List *list, GError **error)
{
    static const char null_list[] = "NO_ACCESS_CONTROL";
    const uint8_t header[HC_ACL_BYTES] = {0};
    g_byte_array_append(list->bytes, header, sizeof(header));
    *control |= (uint16_t) scan_words(scan, flags);
    if (g_str_has_prefix(scan->at, null_list)) {
        scan->at += strlen(null_list);
        list->is_null = TRUE;
        return TRUE;
    }
    while (*scan->at == '(') {
        if (!scan_ace(scan, list, error))
            return FALSE;
    }
    list->bytes->data[0] = list->has_object ? 4 : 2;
    hc_put16(list->bytes->data + HC_ACL_SIZE, (uint16_t) list->bytes->len);
    hc_put16(list->bytes->data + HC_ACL_COUNT, (uint16_t) list->n_aces);
    return TRUE;
}

static void
put_part(GByteArray *out, guint field, const GByteArray *part)
{
    if (part->len == 0)
        return;
    hc_put32(out->data + field, out->len);
    g_byte_array_append(out, part->data, part->len);
}

/* One part, from its letter on. */
static gboolean
scan_part(Scan *scan, GByteArray *owner, GByteArray *group, List *dacl, List *sacl,
          uint16_t *control, GError **error)
{
    const char letter = *scan->at;
    const gboolean is_new = (letter == 'O' && owner->len == 0) ||
                            (letter == 'G' && group->len == 0) ||
                            (letter == 'D' && (*control & HC_SD_DACL_PRESENT) == 0) ||
                            (letter == 'S' && (*control & HC_SD_SACL_PRESENT) == 0);
    if (!is_new || scan->at[1] != ':')
        return fail(scan, HC_ERROR_MALFORMED, "expected O:, G:, D: or S:, each once", error);
    scan->at += 2;
    if (letter == 'O' || letter == 'G')
        return scan_sid(scan, letter == 'O' ? owner : group, error);
    *control |= letter == 'D' ? HC_SD_DACL_PRESENT : HC_SD_SACL_PRESENT;
    return scan_list(scan, letter == 'D' ? hc_dacl_flag_words : hc_sacl_flag_words, control,
                     letter == 'D' ? dacl : sacl, error);
}

GBytes *
hc_sddl_parse(const char *text, GError **error)
{
    Scan scan = {text, text};
    uint16_t control = HC_SD_SELF_RELATIVE;
    g_autoptr(GByteArray) owner = g_byte_array_new();
    g_autoptr(GByteArray) group = g_byte_array_new();
    g_autoptr(GByteArray) dacl_bytes = g_byte_array_new();
    g_autoptr(GByteArray) sacl_bytes = g_byte_array_new();
    List dacl = {.bytes = dacl_bytes};
    List sacl = {.bytes = sacl_bytes};
    do {
        if (!scan_part(&scan, owner, group, &dacl, &sacl, &control, error))
            return NULL;
    } while (*scan.at != '\0');
    g_autoptr(GByteArray) out = g_byte_array_new();
    g_byte_array_set_size(out, HC_SD_BYTES);
    memset(out->data, 0, HC_SD_BYTES);
    out->data[0] = 1;
    hc_put16(out->data + HC_SD_CONTROL, control);
    if (!sacl.is_null)
        put_part(out, HC_SD_SACL, sacl_bytes);
    if (!dacl.is_null)
        put_part(out, HC_SD_DACL, dacl_bytes);
    put_part(out, HC_SD_OWNER, owner);
    put_part(out, HC_SD_GROUP, group);
    return g_byte_array_free_to_bytes(g_steal_pointer(&out));
}

GBytes *
hc_sid_parse(const char *text, GError **error)
{
    Scan scan = {text, text};
    g_autoptr(GByteArray) sid = g_byte_array_new();
    if (!scan_sid(&scan, sid, error))
        return NULL;
    if (*scan.at != '\0') {
        (void) fail(&scan, HC_ERROR_MALFORMED, "something follows the SID", error);
        return NULL;
    }
    return g_byte_array_free_to_bytes(g_steal_pointer(&sid));
}
