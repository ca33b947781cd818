#include "config.h"

#include "hivecore/regf/security.h"

#include <string.h>

#include "hivecore/regf/layout.h"
#include "hivecore/regf/security-private.h"

/* Appends the text of each word whose bits are set in @number; what is left must be 0. */
static gboolean
append_bits(GString *out, uint32_t number, const HcWord *words)
{
    for (; words->text != NULL; words++) {
        if ((number & words->number) == 0)
            continue;
        g_string_append(out, words->text);
        number &= ~words->number;
    }
    return number == 0;
}

static const char *
find_word(uint32_t number, const HcWord *words)
{
    for (; words->text != NULL; words++) {
        if (words->number == number)
            return words->text;
    }
    return NULL;
}

gboolean
hc_append_sid(GString *out, HcBlob sid)
{
    if (sid.n_bytes < HC_SID_BYTES || sid.bytes[0] != 1 ||
        sid.bytes[HC_SID_COUNT] > HC_SID_MAX_COUNT ||
        sid.n_bytes < HC_SID_BYTES + 4u * sid.bytes[HC_SID_COUNT])
        return FALSE;
    uint64_t authority = 0;
    for (int i = 0; i < 6; i++)
        authority = authority << 8 | sid.bytes[HC_SID_AUTHORITY + i];
    g_autoptr(GString) text = g_string_new("S-1-");
    /* As Windows writes it: hexadecimal when it does not fit 32 bits. */
    g_string_append_printf(
        text, authority > G_MAXUINT32 ? "0x%" G_GINT64_MODIFIER "X" : "%" G_GINT64_MODIFIER "u",
        authority);
    for (gsize i = 0; i < sid.bytes[HC_SID_COUNT]; i++)
        g_string_append_printf(text, "-%u", (guint) hc_get32(sid.bytes + HC_SID_BYTES + 4 * i));
    for (const HcSidWord *word = hc_sid_words; word->text != NULL; word++) {
        if (g_str_equal(word->sid, text->str)) {
            g_string_append(out, word->text);
            return TRUE;
        }
    }
    g_string_append(out, text->str);
    return TRUE;
}

/* @at: of a GUID, whose first three groups are little-endian numbers. */
static void
append_guid(GString *out, const uint8_t *at)
{
    g_string_append_printf(out, "%08x-%04x-%04x-%02x%02x-", (guint) hc_get32(at),
                           (guint) hc_get16(at + 4), (guint) hc_get16(at + 6), at[8], at[9]);
    for (int i = 10; i < 16; i++)
        g_string_append_printf(out, "%02x", at[i]);
}

/* ";OBJECT;INHERITED OBJECT;", empty but for object ACEs. */
static void
append_object(GString *out, const HcAce *ace)
{
    const uint8_t *at = ace->object.bytes != NULL ? ace->object.bytes + 4 : NULL;
    g_string_append_c(out, ';');
    if ((ace->object_flags & 1) != 0) {
        append_guid(out, at);
        at += 16;
    }
    g_string_append_c(out, ';');
    if ((ace->object_flags & 2) != 0)
        append_guid(out, at);
    g_string_append_c(out, ';');
}

gboolean
hc_append_ace(GString *out, const HcAce *ace)
{
    const gsize start = out->len;
    const char *type = find_word(ace->type, hc_ace_type_words);
    if (type == NULL || !ace->is_known || ace->rest.n_bytes > 0)
        return FALSE;
    g_string_append_printf(out, "(%s;", type);
    gboolean is_good = append_bits(out, ace->flags, hc_ace_flag_words);
    const char *right = find_word(ace->mask, hc_key_right_words);
    if (right != NULL)
        g_string_append_printf(out, ";%s", right);
    else
        g_string_append_printf(out, ";0x%x", (guint) ace->mask);
    append_object(out, ace);
    is_good = hc_append_sid(out, ace->sid) && is_good;
    if (!is_good)
        g_string_truncate(out, start);
    else
        g_string_append_c(out, ')');
    return is_good;
}

static gboolean
append_acl(GString *out, HcBlob acl)
{
    HcAceIter iter = hc_ace_iter_start(acl);
    HcAce ace;
    while (hc_ace_iter_next(&iter, &ace)) {
        if (!hc_append_ace(out, &ace))
            return FALSE;
    }
    return TRUE;
}

static void
append_owner(GString *out, const char *label, HcBlob sid)
{
    if (sid.bytes == NULL)
        return;
    g_string_append(out, label);
    (void) hc_append_sid(out, sid); /* has been parsed */
}

static gboolean
append_lists(GString *out, const HcSecurity *security)
{
    if ((security->control & HC_SD_DACL_PRESENT) != 0) {
        g_string_append(out, "D:");
        (void) append_bits(out, security->control, hc_dacl_flag_words); /* others too */
        if (security->dacl.bytes == NULL)
            g_string_append(out, "NO_ACCESS_CONTROL");
        else if (!append_acl(out, security->dacl))
            return FALSE;
    }
    if ((security->control & HC_SD_SACL_PRESENT) == 0)
        return TRUE;
    g_string_append(out, "S:");
    (void) append_bits(out, security->control, hc_sacl_flag_words); /* others too */
    if (security->sacl.bytes == NULL) {
        g_string_append(out, "NO_ACCESS_CONTROL");
        return TRUE;
    }
    return append_acl(out, security->sacl);
}

gboolean
hc_append_sddl(GString *out, HcBlob descriptor)
{
    const gsize start = out->len;
    HcSecurity security;
    if (hc_security_parse(descriptor, &security) != NULL)
        return FALSE;
    append_owner(out, "O:", security.owner);
    append_owner(out, "G:", security.group);
    if (append_lists(out, &security))
        return TRUE;
    g_string_truncate(out, start);
    return FALSE;
}
