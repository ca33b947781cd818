#include "config.h"

#include <string.h>

#include "hivecore/base/bytes.h"
#include "hivecore/base/clock.h"
#include "hivecore/base/put-text.h"
#include "hivecore/regf/security.h"
#include "hivecore/regf/types.h"
#include "hivecore/report/report-private.h"

/* Times outside are numbers of another kind: a FILETIME before 1970, seconds before 1980, either
 * after 2150. */
#define FIRST_FILETIME 0
#define FIRST_UNIX     315532800
#define LAST_UNIX      5680281600

/* Text in binary data: at least so many characters, of which so many are shown. */
#define SHORTEST_TEXT 5u
#define SHOWN_TEXT    60u

/* Whether @name holds @word, of lower-case ASCII, in any case. */
static gboolean
has_word(HcName name, const char *word)
{
    const uint32_t n = (uint32_t) strlen(word);
    for (uint32_t start = 0; start + n <= name.n_units; start++) {
        uint32_t i = 0;
        while (i < n && (hc_name_unit(name, start + i) | 0x20) == (uint16_t) word[i])
            i++;
        if (i == n)
            return TRUE;
    }
    return FALSE;
}

static gboolean
is_of_time(HcName name)
{
    return has_word(name, "time") || has_word(name, "date") || has_word(name, "stamp");
}

static gboolean
append_filetime(GString *out, uint64_t filetime)
{
    if (filetime < hc_filetime_from_unix(FIRST_FILETIME) ||
        filetime >= hc_filetime_from_unix(LAST_UNIX))
        return FALSE;
    hc_filetime_append(out, filetime);
    return TRUE;
}

static gboolean
append_unix(GString *out, uint64_t seconds)
{
    if (seconds < FIRST_UNIX || seconds >= LAST_UNIX)
        return FALSE;
    hc_filetime_append(out, hc_filetime_from_unix((int64_t) seconds));
    return TRUE;
}

static gboolean
append_guid(GString *out, HcName name, HcBlob data)
{
    if (data.n_bytes != 16 || !(has_word(name, "guid") || has_word(name, "clsid") ||
                                has_word(name, "uuid") || has_word(name, "iid")))
        return FALSE;
    const uint8_t *at = data.bytes;
    g_string_append_printf(out, "{%08x-%04x-%04x-%02x%02x-", (guint) hc_get32(at),
                           (guint) hc_get16(at + 4), (guint) hc_get16(at + 6), at[8], at[9]);
    hc_text_append_hex(out, at + 10, 6);
    g_string_append_c(out, '}');
    return TRUE;
}

/* "S-1-5-18 (Local System)". */
static gboolean
append_sid(GString *out, HcBlob data)
{
    g_autoptr(GString) sid = g_string_new(NULL);
    if (data.n_bytes < 12 || data.bytes[1] == 0 || data.n_bytes != 8 + 4u * data.bytes[1] ||
        !hc_append_sid(sid, data))
        return FALSE;
    const char *name = hc_sid_name(sid->str);
    if (name != NULL)
        g_string_append_printf(out, "SID %s (%s)", sid->str, name);
    else
        g_string_append_printf(out, "SID %s", sid->str);
    return TRUE;
}

static gboolean
append_descriptor(GString *out, HcBlob data)
{
    HcSecurity parts;
    return data.n_bytes >= 20 && hc_security_parse(data, &parts) == NULL &&
           (parts.owner.bytes != NULL || parts.dacl.bytes != NULL) && hc_append_sddl(out, data);
}

static gboolean
is_text_unit(uint16_t unit)
{
    return (unit >= 0x20 && unit < 0x7f) || (unit >= 0xa0 && unit < 0x0250);
}

/* The longest run of characters from @first on, each of @step bytes. */
static HcName
longest_text(HcBlob data, uint32_t first, uint32_t step)
{
    HcName best = HC_NAME_EMPTY;
    const HcName all = {data.bytes + first, (data.n_bytes - first) / step, step == 1};
    uint32_t start = 0;
    for (uint32_t i = 0; i <= all.n_units; i++) {
        const uint16_t unit = i < all.n_units ? hc_name_unit(all, i) : 0;
        if (step == 1 ? unit >= 0x20 && unit < 0x7f : is_text_unit(unit))
            continue;
        if (i - start > best.n_units)
            best = hc_name_part(all, start, i);
        start = i + 1;
    }
    return best;
}

static gboolean
append_text_inside(GString *out, HcBlob data)
{
    if (data.n_bytes < 2 * SHORTEST_TEXT)
        return FALSE;
    HcName best = longest_text(data, 0, 2);
    const HcName others[] = {longest_text(data, 1, 2), longest_text(data, 0, 1)};
    for (gsize i = 0; i < G_N_ELEMENTS(others); i++)
        best = others[i].n_units > best.n_units ? others[i] : best;
    /* Chance makes short ones, the more the longer the data is. */
    if (best.n_units < SHORTEST_TEXT || best.n_units < MIN(data.n_bytes / 64, 16))
        return FALSE;
    g_string_append(out, "text ");
    hc_append_quoted(out, hc_name_part(best, 0, MIN(best.n_units, SHOWN_TEXT)));
    g_string_append(out, best.n_units > SHOWN_TEXT ? "…" : "");
    return TRUE;
}

static gboolean
append_of_bytes(GString *out, HcName name, HcBlob data)
{
    if (data.n_bytes == 8 && is_of_time(name) && append_filetime(out, hc_get64(data.bytes)))
        return TRUE;
    return append_guid(out, name, data) || append_sid(out, data) || append_descriptor(out, data) ||
           append_text_inside(out, data);
}

static gboolean
append_of_text(GString *out, HcName text)
{
    static const char start[] = "S-1-";
    g_autoptr(GString) sid = g_string_new(NULL);
    if (text.n_units < sizeof(start) || text.n_units > 190)
        return FALSE;
    hc_name_append_display(sid, text);
    if (!g_str_has_prefix(sid->str, start))
        return FALSE;
    g_autoptr(GBytes) bytes = hc_sid_parse(sid->str, NULL);
    if (bytes == NULL)
        return FALSE;
    g_string_truncate(sid, 0);
    gsize n_bytes;
    const uint8_t *data = g_bytes_get_data(bytes, &n_bytes);
    if (!hc_append_sid(sid, (HcBlob){data, (uint32_t) n_bytes}) || hc_sid_name(sid->str) == NULL)
        return FALSE;
    g_string_append(out, hc_sid_name(sid->str));
    return TRUE;
}

gboolean
hc_append_meaning(GString *out, const HcDeltaKey *key, HcName name, const HcDatum *datum)
{
    uint64_t number;
    guint n_bits;
    HcName text;
    gboolean is_terminated;
    if (!datum->is_present)
        return FALSE;
    if (hc_datum_number(datum, &number, &n_bits)) {
        if (hc_append_number_name(out, key, name, number) ||
            (n_bits == 64 && append_filetime(out, number)))
            return TRUE;
        return is_of_time(name) && append_unix(out, number);
    }
    if (hc_datum_text(datum, &text, &is_terminated))
        return append_of_text(out, text);
    return datum->type != HC_REG_MULTI_SZ && append_of_bytes(out, name, datum->data);
}
