#include "config.h"

#include "layerpack/descriptor.h"

#include "hivecore/regf/layout.h"

/* Self-relative security descriptor, ACL, ACE and SID. Source: MS-DTYP 2.4.2, 2.4.4, 2.4.5, 2.4.6.
 */
enum {
    SD_REVISION = 0,
    SD_CONTROL = 2,
    SD_OWNER = 4,
    SD_GROUP = 8,
    SD_SACL = 12,
    SD_DACL = 16,
    SD_HEADER_BYTES = 20,

    ACL_REVISION = 0,
    ACL_BYTES = 2,
    ACL_N_ACES = 4,
    ACL_HEADER_BYTES = 8,
    ACE_BYTES = 2,
    ACE_HEADER_BYTES = 4,

    SID_REVISION = 0,
    SID_N_PARTS = 1,
    SID_HEADER_BYTES = 8,
    SID_MAX_PARTS = 15,
};

enum {
    SE_DACL_PRESENT = 0x0004,
    SE_SACL_PRESENT = 0x0010,
    SE_SELF_RELATIVE = 0x8000,
};

/* Whether @n_wanted bytes at @offset are behind the header and inside. */
static gboolean
is_inside(uint32_t offset, gsize n_wanted, gsize n_bytes)
{
    return offset >= SD_HEADER_BYTES && offset <= n_bytes && n_bytes - offset >= n_wanted;
}

static gboolean
is_sid(const uint8_t *bytes, gsize n_bytes, uint32_t offset)
{
    if (!is_inside(offset, SID_HEADER_BYTES, n_bytes))
        return FALSE;
    guint n_parts = bytes[offset + SID_N_PARTS];
    return bytes[offset + SID_REVISION] == 1 && n_parts <= SID_MAX_PARTS &&
           is_inside(offset, SID_HEADER_BYTES + 4 * (gsize) n_parts, n_bytes);
}

static gboolean
is_acl(const uint8_t *bytes, gsize n_bytes, uint32_t offset)
{
    if (!is_inside(offset, ACL_HEADER_BYTES, n_bytes))
        return FALSE;
    const uint8_t *acl = bytes + offset;
    gsize acl_bytes = hc_get16(acl + ACL_BYTES);
    if (acl[ACL_REVISION] < 2 || acl[ACL_REVISION] > 4 || acl_bytes < ACL_HEADER_BYTES ||
        !is_inside(offset, acl_bytes, n_bytes))
        return FALSE;
    gsize at = ACL_HEADER_BYTES;
    for (guint n_left = hc_get16(acl + ACL_N_ACES); n_left > 0; n_left--) {
        if (acl_bytes - at < ACE_HEADER_BYTES)
            return FALSE;
        gsize ace_bytes = hc_get16(acl + at + ACE_BYTES);
        if (ace_bytes < ACE_HEADER_BYTES || ace_bytes > acl_bytes - at)
            return FALSE;
        at += ace_bytes;
    }
    return TRUE;
}

const char *
lp_descriptor_fault(const uint8_t *bytes, gsize n_bytes)
{
    if (n_bytes < SD_HEADER_BYTES)
        return "shorter than a security descriptor";
    guint control = hc_get16(bytes + SD_CONTROL);
    if (bytes[SD_REVISION] != 1 || !(control & SE_SELF_RELATIVE))
        return "not a self-relative security descriptor";
    uint32_t owner = hc_get32(bytes + SD_OWNER);
    uint32_t group = hc_get32(bytes + SD_GROUP);
    uint32_t sacl = hc_get32(bytes + SD_SACL);
    uint32_t dacl = hc_get32(bytes + SD_DACL);
    if (owner != 0 && !is_sid(bytes, n_bytes, owner))
        return "the descriptor's owner is not a SID";
    if (group != 0 && !is_sid(bytes, n_bytes, group))
        return "the descriptor's group is not a SID";
    if ((control & SE_SACL_PRESENT) && sacl != 0 && !is_acl(bytes, n_bytes, sacl))
        return "the descriptor's system ACL is damaged";
    if ((control & SE_DACL_PRESENT) && dacl != 0 && !is_acl(bytes, n_bytes, dacl))
        return "the descriptor's ACL is damaged";
    return NULL;
}
