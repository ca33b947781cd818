#include "config.h"

#include "hivecore/report/sddl.h"

#include <string.h>

#include "hivecore/regf/layout.h"

/* SECURITY_DESCRIPTOR_RELATIVE. */
enum {
    SD_CONTROL = 2,
    SD_OWNER = 4,
    SD_GROUP = 8,
    SD_SACL = 12,
    SD_DACL = 16,
    SD_BYTES = 20,
};

/* Its control bits. */
enum {
    SE_DACL_PRESENT = 0x0004,
    SE_SACL_PRESENT = 0x0010,
    SE_SELF_RELATIVE = 0x8000,
};

/* ACL, ACE and SID. */
enum {
    ACL_SIZE = 2,
    ACL_COUNT = 4,
    ACL_BYTES = 8,
    ACE_FLAGS = 1,
    ACE_SIZE = 2,
    ACE_MASK = 4,
    ACE_SID = 8,
    SID_COUNT = 1,
    SID_AUTHORITY = 2,
    SID_BYTES = 8,
    SID_MAX_COUNT = 15,
};

typedef struct {
    uint32_t number;
    const char *text;
} Word;

static const Word ace_types[] = {{0x00, "A"}, {0x01, "D"}, {0x02, "AU"}, {0x11, "ML"}};

static const Word ace_flags[] = {
    {0x01, "OI"}, {0x02, "CI"}, {0x04, "NP"}, {0x08, "IO"},
    {0x10, "ID"}, {0x40, "SA"}, {0x80, "FA"},
};

static const Word dacl_flags[] = {{0x1000, "P"}, {0x0100, "AR"}, {0x0400, "AI"}};
static const Word sacl_flags[] = {{0x2000, "P"}, {0x0200, "AR"}, {0x0800, "AI"}};

static const Word rights[] = {
    {0x000f003f, "KA"}, {0x00020019, "KR"}, {0x00020006, "KW"}, {0x10000000, "GA"},
    {0x80000000, "GR"}, {0x40000000, "GW"}, {0x20000000, "GX"},
};

static const struct {
    const char *sid;
    const char *text;
} well_known[] = {
    {"S-1-1-0", "WD"},      {"S-1-3-0", "CO"},      {"S-1-3-1", "CG"},      {"S-1-3-4", "OW"},
    {"S-1-5-2", "NU"},      {"S-1-5-4", "IU"},      {"S-1-5-6", "SU"},      {"S-1-5-7", "AN"},
    {"S-1-5-9", "ED"},      {"S-1-5-10", "PS"},     {"S-1-5-11", "AU"},     {"S-1-5-12", "RC"},
    {"S-1-5-18", "SY"},     {"S-1-5-19", "LS"},     {"S-1-5-20", "NS"},     {"S-1-5-32-544", "BA"},
    {"S-1-5-32-545", "BU"}, {"S-1-5-32-546", "BG"}, {"S-1-5-32-547", "PU"}, {"S-1-5-32-548", "AO"},
    {"S-1-5-32-549", "SO"}, {"S-1-5-32-550", "PO"}, {"S-1-5-32-551", "BO"}, {"S-1-5-32-552", "RE"},
    {"S-1-15-2-1", "AC"},   {"S-1-16-4096", "LW"},  {"S-1-16-8192", "ME"},  {"S-1-16-12288", "HI"},
    {"S-1-16-16384", "SI"},
};

/* Appends the text of each word whose bits are set in @number; what is left must be 0. */
static gboolean
append_bits(GString *out, uint32_t number, const Word *words, gsize n_words)
{
    for (gsize i = 0; i < n_words; i++) {
        if ((number & words[i].number) == 0)
            continue;
        g_string_append(out, words[i].text);
        number &= ~words[i].number;
    }
    return number == 0;
}

static const char *
find_word(uint32_t number, const Word *words, gsize n_words)
{
    for (gsize i = 0; i < n_words; i++) {
        if (words[i].number == number)
            return words[i].text;
    }
    return NULL;
}

/* @n_bytes: up to the end of what holds the SID. */
static gboolean
append_sid(GString *out, const uint8_t *sid, gsize n_bytes)
{
    if (n_bytes < SID_BYTES || sid[0] != 1 || sid[SID_COUNT] > SID_MAX_COUNT ||
        n_bytes < SID_BYTES + 4 * (gsize) sid[SID_COUNT])
        return FALSE;
    uint64_t authority = 0;
    for (int i = 0; i < 6; i++)
        authority = authority << 8 | sid[SID_AUTHORITY + i];
    g_autoptr(GString) text = g_string_new("S-1-");
    /* As Windows writes it: hexadecimal when it does not fit 32 bits. */
    g_string_append_printf(
        text, authority > G_MAXUINT32 ? "0x%" G_GINT64_MODIFIER "X" : "%" G_GINT64_MODIFIER "u",
        authority);
    for (gsize i = 0; i < sid[SID_COUNT]; i++)
        g_string_append_printf(text, "-%u", (guint) hc_get32(sid + SID_BYTES + 4 * i));
    for (gsize i = 0; i < G_N_ELEMENTS(well_known); i++) {
        if (g_str_equal(well_known[i].sid, text->str)) {
            g_string_append(out, well_known[i].text);
            return TRUE;
        }
    }
    g_string_append(out, text->str);
    return TRUE;
}

/* @ace: of @n_bytes, as its own size field says. */
static gboolean
append_ace(GString *out, const uint8_t *ace, gsize n_bytes)
{
    const char *type = find_word(ace[0], ace_types, G_N_ELEMENTS(ace_types));
    if (type == NULL || n_bytes < ACE_SID)
        return FALSE;
    g_string_append_printf(out, "(%s;", type);
    if (!append_bits(out, ace[ACE_FLAGS], ace_flags, G_N_ELEMENTS(ace_flags)))
        return FALSE;
    uint32_t mask = hc_get32(ace + ACE_MASK);
    const char *right = find_word(mask, rights, G_N_ELEMENTS(rights));
    if (right != NULL)
        g_string_append_printf(out, ";%s;;;", right);
    else
        g_string_append_printf(out, ";0x%x;;;", (guint) mask);
    if (!append_sid(out, ace + ACE_SID, n_bytes - ACE_SID))
        return FALSE;
    g_string_append_c(out, ')');
    return TRUE;
}

static gboolean
append_acl(GString *out, HcBlob descriptor, uint32_t offset)
{
    if (offset > descriptor.n_bytes || descriptor.n_bytes - offset < ACL_BYTES)
        return FALSE;
    const uint8_t *acl = descriptor.bytes + offset;
    gsize acl_bytes = hc_get16(acl + ACL_SIZE);
    if (acl_bytes < ACL_BYTES || acl_bytes > descriptor.n_bytes - offset)
        return FALSE;
    gsize at = ACL_BYTES;
    for (guint n_left = hc_get16(acl + ACL_COUNT); n_left > 0; n_left--) {
        if (acl_bytes - at < ACE_SID)
            return FALSE;
        gsize ace_bytes = hc_get16(acl + at + ACE_SIZE);
        if (ace_bytes < ACE_SID || ace_bytes > acl_bytes - at ||
            !append_ace(out, acl + at, ace_bytes))
            return FALSE;
        at += ace_bytes;
    }
    return TRUE;
}

static gboolean
append_owner(GString *out, const char *label, HcBlob descriptor, uint32_t field)
{
    uint32_t offset = hc_get32(descriptor.bytes + field);
    if (offset == 0)
        return TRUE;
    g_string_append(out, label);
    return offset <= descriptor.n_bytes &&
           append_sid(out, descriptor.bytes + offset, descriptor.n_bytes - offset);
}

static gboolean
append_lists(GString *out, HcBlob descriptor)
{
    uint16_t control = hc_get16(descriptor.bytes + SD_CONTROL);
    uint32_t dacl = hc_get32(descriptor.bytes + SD_DACL);
    uint32_t sacl = hc_get32(descriptor.bytes + SD_SACL);
    if ((control & SE_DACL_PRESENT) != 0) {
        g_string_append(out, "D:");
        (void) append_bits(out, control, dacl_flags, G_N_ELEMENTS(dacl_flags)); /* others too */
        if (dacl == 0)
            g_string_append(out, "NO_ACCESS_CONTROL");
        else if (!append_acl(out, descriptor, dacl))
            return FALSE;
    }
    if ((control & SE_SACL_PRESENT) == 0)
        return TRUE;
    g_string_append(out, "S:");
    (void) append_bits(out, control, sacl_flags, G_N_ELEMENTS(sacl_flags)); /* others too */
    return sacl == 0 || append_acl(out, descriptor, sacl);
}

gboolean
hc_append_sddl(GString *out, HcBlob descriptor)
{
    gsize start = out->len;
    gboolean is_known = descriptor.n_bytes >= SD_BYTES && descriptor.bytes[0] == 1 &&
                        (hc_get16(descriptor.bytes + SD_CONTROL) & SE_SELF_RELATIVE) != 0 &&
                        append_owner(out, "O:", descriptor, SD_OWNER) &&
                        append_owner(out, "G:", descriptor, SD_GROUP) &&
                        append_lists(out, descriptor);
    if (!is_known)
        g_string_truncate(out, start);
    return is_known;
}
