#include "config.h"

#include "hivecore/report/report-private.h"

#include <string.h>

#include "hivecore/base/bytes.h"
#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/regf/types.h"

gboolean
hc_json_malformed(GError **error, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    g_autofree char *message = g_strdup_vprintf(format, list);
    va_end(list);
    return hc_fail(error, HC_ERROR_MALFORMED, "%s", message);
}

char *
hc_json_read_string(HcJson object, const char *member, GError **error)
{
    const HcJson value = hc_json_find(object, member);
    if (hc_json_is(value, HC_JSON_STRING))
        return hc_json_string_dup(value);
    (void) hc_json_malformed(error, "\"%s\" is missing or no string", member);
    return NULL;
}

gboolean
hc_json_read_object(HcJson object, const char *member, HcJson *value, GError **error)
{
    *value = hc_json_find(object, member);
    return hc_json_is(*value, HC_JSON_OBJECT) ||
           hc_json_malformed(error, "\"%s\" is missing or no object", member);
}

gboolean
hc_json_read_uint32(HcJson object, const char *member, uint32_t *number, GError **error)
{
    uint64_t value;
    if (!hc_json_uint64(hc_json_find(object, member), G_MAXUINT32, &value))
        return hc_json_malformed(error, "\"%s\" is missing or no number from 0 to 4294967295",
                                 member);
    *number = (uint32_t) value;
    return TRUE;
}

/* Takes "0a0b" as bytes in @arena; never NULL on success. */
static uint8_t *
read_hex(HcArena *arena, const char *hex, gsize *n_bytes, GError **error)
{
    gsize n_digits = strlen(hex);
    if (n_digits % 2 != 0 || strspn(hex, "0123456789abcdefABCDEF") != n_digits ||
        n_digits / 2 > HC_MAX_DATA_BYTES) {
        (void) hc_json_malformed(error,
                                 "hex data has an odd length, another character or is too long");
        return NULL;
    }
    *n_bytes = n_digits / 2;
    uint8_t *bytes = (uint8_t *) hc_arena_alloc(arena, *n_bytes + 1);
    for (gsize i = 0; i < *n_bytes; i++)
        bytes[i] = (uint8_t) (g_ascii_xdigit_value(hex[2 * i]) << 4 |
                              g_ascii_xdigit_value(hex[2 * i + 1]));
    return bytes;
}

gboolean
hc_json_read_name(HcArena *arena, HcJson value, HcName *name, GError **error)
{
    if (hc_json_is(value, HC_JSON_STRING)) {
        g_autofree char *text = hc_json_string_dup(value);
        *name = hc_name_from_utf8(arena, text, strlen(text));
        return TRUE;
    }
    if (!hc_json_is(value, HC_JSON_OBJECT))
        return hc_json_malformed(error,
                                 "a name is missing or neither a string nor {\"utf16\":\"…\"}");
    g_autofree char *hex = hc_json_read_string(value, "utf16", error);
    gsize n_bytes;
    uint8_t *bytes = hex != NULL ? read_hex(arena, hex, &n_bytes, error) : NULL;
    if (bytes == NULL)
        return FALSE;
    if (n_bytes % 2 != 0)
        return hc_json_malformed(error, "\"utf16\" is not four hex digits for each unit");
    for (gsize i = 0; i < n_bytes; i += 2) {
        uint8_t high = bytes[i];
        bytes[i] = bytes[i + 1];
        bytes[i + 1] = high;
    }
    *name = (HcName){bytes, (uint32_t) (n_bytes / 2), FALSE};
    return TRUE;
}

gboolean
hc_json_read_blob(HcArena *arena, HcJson object, HcBlob *blob, GError **error)
{
    g_autofree char *hex = hc_json_read_string(object, "hex", error);
    gsize n_bytes;
    const uint8_t *bytes = hex != NULL ? read_hex(arena, hex, &n_bytes, error) : NULL;
    if (bytes == NULL)
        return FALSE;
    *blob = (HcBlob){bytes, (uint32_t) n_bytes};
    return TRUE;
}

gboolean
hc_json_read_nullable_blob(HcArena *arena, HcJson object, const char *member, HcBlob *blob,
                           GError **error)
{
    *blob = (HcBlob){NULL, 0};
    const HcJson value = hc_json_find(object, member);
    if (value.text == NULL)
        return hc_json_malformed(error, "\"%s\" is missing", member);
    if (hc_json_is(value, HC_JSON_NULL))
        return TRUE;
    HcJson inner;
    return hc_json_read_object(object, member, &inner, error) &&
           hc_json_read_blob(arena, inner, blob, error);
}

/* The same text as the bytes hold; both come from one document, so one is wrong when not. */
static gboolean
text_agrees(HcArena *arena, HcJson value, HcName text, gboolean *agrees, GError **error)
{
    HcName said = HC_NAME_EMPTY;
    if (!hc_json_read_name(arena, value, &said, error))
        return FALSE;
    *agrees = hc_name_same_spelling(said, text);
    return TRUE;
}

static gboolean
list_agrees(HcArena *arena, HcJson value, const HcDatum *datum, gboolean *agrees, GError **error)
{
    g_autoptr(GArray) list = hc_datum_list(datum);
    *agrees = FALSE;
    if (list == NULL || !hc_json_is(value, HC_JSON_ARRAY))
        return TRUE;
    *agrees = hc_json_length(value) == list->len;
    HcJson item;
    HcJsonIter iter = hc_json_iter(value);
    for (guint i = 0; *agrees && hc_json_next(&iter, NULL, &item); i++) {
        if (!text_agrees(arena, item, g_array_index(list, HcName, i), agrees, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
number_agrees(HcJson value, const HcDatum *datum, gboolean is_qword)
{
    if (is_qword) {
        g_autofree char *number = NULL;
        if (datum->type == HC_REG_QWORD && datum->data.n_bytes == 8)
            number = g_strdup_printf("%" G_GUINT64_FORMAT, hc_get64(datum->data.bytes));
        return number != NULL && hc_json_string_is(value, number);
    }
    uint64_t number;
    return datum->type == HC_REG_DWORD && datum->data.n_bytes == 4 &&
           hc_json_uint64(value, G_MAXUINT32, &number) && number == hc_get32(datum->data.bytes);
}

gboolean
hc_json_check_decoded(HcArena *arena, HcJson object, const HcDatum *datum, GError **error)
{
    static const char *const members[] = {"type_name", "text", "dword", "qword", "list"};
    for (gsize i = 0; i < G_N_ELEMENTS(members); i++) {
        const HcJson value = hc_json_find(object, members[i]);
        gboolean agrees = FALSE;
        HcName text;
        gboolean is_terminated;
        if (value.text == NULL)
            continue;
        if (g_str_equal(members[i], "type_name")) {
            const char *type_name = hc_report_type_name(datum->type);
            agrees = type_name != NULL && hc_json_string_is(value, type_name);
        } else if (g_str_equal(members[i], "text")) {
            if (hc_datum_text(datum, &text, &is_terminated) &&
                !text_agrees(arena, value, text, &agrees, error))
                return FALSE;
        } else if (g_str_equal(members[i], "list")) {
            if (!list_agrees(arena, value, datum, &agrees, error))
                return FALSE;
        } else {
            agrees = number_agrees(value, datum, g_str_equal(members[i], "qword"));
        }
        if (!agrees)
            return hc_json_malformed(error, "\"%s\" does not say what \"type\" and \"hex\" say",
                                     members[i]);
    }
    return TRUE;
}
