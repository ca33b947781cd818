#include "config.h"

#include "hivecore/report/report-private.h"

#include <string.h>

#include "hivecore/base/bytes.h"
#include "hivecore/base/put-text.h"
#include "hivecore/base/sha256.h"
#include "hivecore/regf/types.h"

/* Bytes of binary data that are shown before "…". */
#define SHOWN_BYTES 32u

static const char *const type_names[] = {
    "REG_NONE",
    "REG_SZ",
    "REG_EXPAND_SZ",
    "REG_BINARY",
    "REG_DWORD",
    "REG_DWORD_BIG_ENDIAN",
    "REG_LINK",
    "REG_MULTI_SZ",
    "REG_RESOURCE_LIST",
    "REG_FULL_RESOURCE_DESCRIPTOR",
    "REG_RESOURCE_REQUIREMENTS_LIST",
    "REG_QWORD",
};

const char *
hc_report_type_name(uint32_t type)
{
    return type < G_N_ELEMENTS(type_names) ? type_names[type] : NULL;
}

gboolean
hc_report_type_parse(const char *text, uint32_t *type)
{
    guint64 number;
    for (*type = 0; *type < G_N_ELEMENTS(type_names); (*type)++) {
        if (g_ascii_strcasecmp(text, type_names[*type]) == 0 ||
            g_ascii_strcasecmp(text, type_names[*type] + strlen("REG_")) == 0)
            return TRUE;
    }
    const gboolean is_hex = g_ascii_strncasecmp(text, "0x", 2) == 0;
    if (!g_ascii_string_to_unsigned(is_hex ? text + 2 : text, is_hex ? 16 : 10, 0, G_MAXUINT32,
                                    &number, NULL))
        return FALSE;
    *type = (uint32_t) number;
    return TRUE;
}

void
hc_append_digest(GString *out, HcBlob blob)
{
    g_autoptr(HcSha256) checksum = hc_sha256_new();
    if (blob.n_bytes > 0)
        hc_sha256_update(checksum, blob.bytes, blob.n_bytes);
    g_string_append_len(out, hc_sha256_hex(checksum), 12);
}

void
hc_append_quoted(GString *out, HcName text)
{
    g_string_append_c(out, '"');
    hc_name_append_escaped(out, text);
    g_string_append_c(out, '"');
}

void
hc_report_append_value_name(GString *out, HcName name)
{
    if (name.n_units == 0)
        g_string_append_c(out, '@');
    else
        hc_append_quoted(out, name);
}

gboolean
hc_datum_text(const HcDatum *datum, HcName *text, gboolean *is_terminated)
{
    if (datum->type != HC_REG_SZ && datum->type != HC_REG_EXPAND_SZ && datum->type != HC_REG_LINK)
        return FALSE;
    if (datum->data.n_bytes % 2 != 0)
        return FALSE;
    *text = (HcName){datum->data.bytes, datum->data.n_bytes / 2, FALSE};
    *is_terminated = text->n_units > 0 && hc_name_unit(*text, text->n_units - 1) == 0;
    if (*is_terminated)
        text->n_units--;
    if (text->n_units == 0)
        *text = HC_NAME_EMPTY;
    return TRUE;
}

GArray *
hc_datum_split_list(const HcDatum *datum, HcListOddities *oddities)
{
    *oddities = (HcListOddities){0};
    if (datum->type != HC_REG_MULTI_SZ || datum->data.n_bytes % 2 != 0)
        return NULL;
    const HcName all = {datum->data.bytes, datum->data.n_bytes / 2, FALSE};
    uint32_t n = all.n_units; /* without the NUL that ends the list */
    oddities->has_no_bytes = n == 0;
    oddities->is_cut = n > 0 && hc_name_unit(all, n - 1) != 0;
    oddities->is_unclosed = !oddities->is_cut && n > 1 && hc_name_unit(all, n - 2) != 0;
    if (n > 0 && !oddities->is_cut && !oddities->is_unclosed)
        n--;
    GArray *list = g_array_new(FALSE, FALSE, sizeof(HcName));
    for (uint32_t start = 0; start < n;) {
        uint32_t end = start;
        while (end < n && hc_name_unit(all, end) != 0)
            end++;
        const HcName item = hc_name_part(all, start, end);
        g_array_append_val(list, item);
        oddities->n_empty += item.n_units == 0 ? 1 : 0;
        start = end + 1;
    }
    return list;
}

static gboolean
is_odd(const HcListOddities *oddities)
{
    return oddities->n_empty > 0 || oddities->is_unclosed || oddities->is_cut ||
           oddities->has_no_bytes;
}

GArray *
hc_datum_list(const HcDatum *datum)
{
    HcListOddities oddities;
    g_autoptr(GArray) list = hc_datum_split_list(datum, &oddities);
    return list != NULL && !is_odd(&oddities) ? g_steal_pointer(&list) : NULL;
}

void
hc_append_type(GString *out, uint32_t type)
{
    const char *name = hc_report_type_name(type);
    if (name == NULL) {
        g_string_append_printf(out, "type 0x%x", (guint) type);
        return;
    }
    char *to = hc_text_room(out, strlen(name));
    for (const char *at = name + strlen("REG_"); *at != '\0'; at++)
        *to++ = g_ascii_tolower(*at);
    hc_text_took(out, to);
}

static void
append_bytes(GString *out, HcBlob data, gboolean is_full)
{
    const gsize n_shown = is_full ? data.n_bytes : MIN(data.n_bytes, SHOWN_BYTES);
    hc_text_append_number(out, data.n_bytes);
    g_string_append(out, data.n_bytes == 1 ? " byte" : " bytes");
    if (data.n_bytes == 0)
        return;
    g_string_append_c(out, ' ');
    hc_text_append_hex(out, data.bytes, n_shown);
    if (data.n_bytes > n_shown) {
        g_string_append(out, "… sha256 ");
        hc_append_digest(out, data);
    }
}

gboolean
hc_datum_number(const HcDatum *datum, uint64_t *number, guint *n_bits)
{
    const HcBlob data = datum->data;
    *n_bits = datum->type == HC_REG_QWORD ? 64 : 32;
    if (!datum->is_present || data.n_bytes != *n_bits / 8)
        return FALSE;
    switch (datum->type) {
    case HC_REG_QWORD:
        *number = hc_get64(data.bytes);
        return TRUE;
    case HC_REG_DWORD:
        *number = hc_get32(data.bytes);
        return TRUE;
    case HC_REG_DWORD_BE:
        *number = GUINT32_SWAP_LE_BE(hc_get32(data.bytes));
        return TRUE;
    default:
        return FALSE;
    }
}

static gboolean
append_number(GString *out, const HcDatum *datum)
{
    uint64_t number;
    guint n_bits;
    if (!hc_datum_number(datum, &number, &n_bits))
        return FALSE;
    const uint64_t big_endian = GUINT64_TO_BE(number << (64 - n_bits));
    uint8_t bytes[sizeof(big_endian)];
    memcpy(bytes, &big_endian, sizeof(bytes));
    g_string_append(out, "0x");
    hc_text_append_hex(out, bytes, n_bits / 8);
    g_string_append(out, " (");
    hc_text_append_number(out, number);
    g_string_append_c(out, ')');
    return TRUE;
}

static void
append_oddities(GString *out, const HcListOddities *oddities)
{
    if (oddities->n_empty == 1)
        g_string_append(out, " (an empty string)");
    else if (oddities->n_empty > 1)
        g_string_append_printf(out, " (%u empty strings)", oddities->n_empty);
    if (oddities->is_unclosed)
        g_string_append(out, " (one NUL at the end)");
    if (oddities->is_cut)
        g_string_append(out, " (no final NUL)");
    if (oddities->has_no_bytes)
        g_string_append(out, " (no bytes)");
}

static gboolean
append_list(GString *out, const HcDatum *datum)
{
    HcListOddities oddities;
    g_autoptr(GArray) list = hc_datum_split_list(datum, &oddities);
    if (list == NULL)
        return FALSE;
    if (list->len == 0)
        g_string_append(out, "(empty list)");
    for (guint i = 0; i < list->len; i++) {
        g_string_append(out, i > 0 ? " " : "");
        hc_append_quoted(out, g_array_index(list, HcName, i));
    }
    append_oddities(out, &oddities);
    return TRUE;
}

/* What is wrong with data of this type that could not be shown as what it should be. */
static const char *
defect(const HcDatum *datum)
{
    switch (datum->type) {
    case HC_REG_SZ:
    case HC_REG_EXPAND_SZ:
    case HC_REG_LINK:
    case HC_REG_MULTI_SZ:
        return " (odd length)";
    case HC_REG_DWORD:
    case HC_REG_DWORD_BE:
        return " (not 4 bytes)";
    case HC_REG_QWORD:
        return " (not 8 bytes)";
    default:
        return "";
    }
}

/* The data alone, its type being said already. */
static void
append_content(GString *out, const HcDatum *datum, gboolean is_full)
{
    HcName text;
    gboolean is_terminated;
    if (hc_datum_text(datum, &text, &is_terminated)) {
        hc_append_quoted(out, text);
        /* A link has no NUL at its end; it would be part of the name. */
        if (datum->type == HC_REG_LINK && is_terminated)
            g_string_append(out, " (with a final NUL)");
        if (datum->type != HC_REG_LINK && !is_terminated)
            g_string_append(out, " (no final NUL)");
        return;
    }
    if (append_list(out, datum) || append_number(out, datum))
        return;
    append_bytes(out, datum->data, is_full);
    g_string_append(out, defect(datum));
}

void
hc_append_datum(GString *out, const HcDatum *datum, gboolean is_full)
{
    if (!datum->is_present) {
        g_string_append(out, "nothing");
        return;
    }
    hc_append_type(out, datum->type);
    g_string_append_c(out, ' ');
    append_content(out, datum, is_full);
}

void
hc_report_append_datum(GString *out, const HcDatum *datum)
{
    hc_append_datum(out, datum, FALSE);
}

void
hc_report_append_whole_datum(GString *out, const HcDatum *datum)
{
    hc_append_datum(out, datum, TRUE);
}

static gboolean
is_same_data(const HcDatum *before, const HcDatum *after)
{
    return before->is_present && after->is_present && hc_bytes_equal(before->data, after->data);
}

/* Whether both types read the same out of it: not 1 and 16777216. */
static gboolean
reads_alike(const HcDatum *before, const HcDatum *after, gboolean is_full)
{
    g_autoptr(GString) old_text = g_string_new(NULL);
    g_autoptr(GString) new_text = g_string_new(NULL);
    append_content(old_text, before, is_full);
    append_content(new_text, after, is_full);
    return g_string_equal(old_text, new_text);
}

void
hc_append_datum_pair(GString *out, const HcDatum *before, const HcDatum *after, gboolean is_full)
{
    if (before->is_present && after->is_present && before->type == after->type) {
        hc_append_type(out, after->type);
        g_string_append_c(out, ' ');
        append_content(out, before, is_full);
        g_string_append(out, " -> ");
        append_content(out, after, is_full);
    } else if (is_same_data(before, after) && reads_alike(before, after, is_full)) {
        hc_append_type(out, before->type);
        g_string_append(out, " -> ");
        hc_append_type(out, after->type);
        g_string_append(out, ", same data ");
        append_content(out, after, is_full);
    } else {
        hc_append_datum(out, before, is_full);
        g_string_append(out, " -> ");
        hc_append_datum(out, after, is_full);
        g_string_append(out, is_same_data(before, after) ? ", same bytes" : "");
    }
}
