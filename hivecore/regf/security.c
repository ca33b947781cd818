#include "config.h"

#include "hivecore/regf/security.h"

#include <string.h>

#include "hivecore/regf/layout.h"
#include "hivecore/regf/security-private.h"

/* Whether @n_wanted bytes at @offset are behind the header and inside. */
static gboolean
is_inside(HcBlob descriptor, uint32_t offset, gsize n_wanted)
{
    return offset >= HC_SD_BYTES && offset <= descriptor.n_bytes &&
           descriptor.n_bytes - offset >= n_wanted;
}

/* The bytes of the SID at the start of @bytes; 0: there is none. */
static uint32_t
sid_bytes(HcBlob bytes)
{
    if (bytes.n_bytes < HC_SID_BYTES || bytes.bytes[0] != 1 ||
        bytes.bytes[HC_SID_COUNT] > HC_SID_MAX_COUNT)
        return 0;
    const uint32_t n = HC_SID_BYTES + 4u * bytes.bytes[HC_SID_COUNT];
    return n <= bytes.n_bytes ? n : 0;
}

static HcBlob
skip(HcBlob blob, uint32_t n)
{
    return (HcBlob){blob.bytes + n, blob.n_bytes - n};
}

/* FALSE: @field names no SID inside. */
static gboolean
parse_sid(HcBlob descriptor, uint32_t field, HcBlob *sid)
{
    const uint32_t offset = hc_get32(descriptor.bytes + field);
    *sid = (HcBlob){NULL, 0};
    if (offset == 0)
        return TRUE;
    if (!is_inside(descriptor, offset, HC_SID_BYTES))
        return FALSE;
    *sid = skip(descriptor, offset);
    sid->n_bytes = sid_bytes(*sid);
    return sid->n_bytes > 0;
}

static gboolean
has_sound_aces(HcBlob acl)
{
    uint32_t at = HC_ACL_BYTES;
    for (guint n_left = hc_get16(acl.bytes + HC_ACL_COUNT); n_left > 0; n_left--) {
        if (acl.n_bytes - at < HC_ACE_HEADER_BYTES)
            return FALSE;
        const uint32_t n = hc_get16(acl.bytes + at + HC_ACE_SIZE);
        if (n < HC_ACE_HEADER_BYTES || n > acl.n_bytes - at)
            return FALSE;
        at += n;
    }
    return TRUE;
}

static gboolean
parse_acl(HcBlob descriptor, uint32_t field, HcBlob *acl)
{
    const uint32_t offset = hc_get32(descriptor.bytes + field);
    *acl = (HcBlob){NULL, 0};
    if (offset == 0)
        return TRUE;
    if (!is_inside(descriptor, offset, HC_ACL_BYTES))
        return FALSE;
    *acl = skip(descriptor, offset);
    const uint8_t revision = acl->bytes[0];
    const uint16_t n = hc_get16(acl->bytes + HC_ACL_SIZE);
    if (revision < 2 || revision > 4 || n < HC_ACL_BYTES || n > acl->n_bytes)
        return FALSE;
    acl->n_bytes = n;
    return has_sound_aces(*acl);
}

const char *
hc_security_parse(HcBlob descriptor, HcSecurity *security)
{
    memset(security, 0, sizeof(*security));
    if (descriptor.n_bytes < HC_SD_BYTES)
        return "shorter than a security descriptor";
    security->control = hc_get16(descriptor.bytes + HC_SD_CONTROL);
    if (descriptor.bytes[0] != 1 || (security->control & HC_SD_SELF_RELATIVE) == 0)
        return "not a self-relative security descriptor";
    if (!parse_sid(descriptor, HC_SD_OWNER, &security->owner))
        return "the descriptor's owner is not a SID";
    if (!parse_sid(descriptor, HC_SD_GROUP, &security->group))
        return "the descriptor's group is not a SID";
    if ((security->control & HC_SD_SACL_PRESENT) != 0 &&
        !parse_acl(descriptor, HC_SD_SACL, &security->sacl))
        return "the descriptor's system ACL is damaged";
    if ((security->control & HC_SD_DACL_PRESENT) != 0 &&
        !parse_acl(descriptor, HC_SD_DACL, &security->dacl))
        return "the descriptor's ACL is damaged";
    return NULL;
}

HcAceIter
hc_ace_iter_start(HcBlob acl)
{
    return (HcAceIter){acl, HC_ACL_BYTES,
                       acl.bytes != NULL ? hc_get16(acl.bytes + HC_ACL_COUNT) : 0};
}

/* Types 0x05 to 0x08 and 0x0b, 0x0c, 0x0f, 0x10 name object types before the SID. */
static gboolean
is_object_type(uint8_t type)
{
    return (type >= 0x05 && type <= 0x08) || type == 0x0b || type == 0x0c || type == 0x0f ||
           type == 0x10;
}

static void
parse_ace(HcAce *ace)
{
    HcBlob left = ace->whole;
    ace->is_known = FALSE;
    ace->object_flags = 0;
    ace->mask = 0;
    ace->object = ace->sid = ace->rest = (HcBlob){NULL, 0};
    /* 0x04 is a compound ACE, with two SIDs; behind 0x14 nothing is defined. */
    if (ace->type > 0x14 || ace->type == 0x04 || left.n_bytes < HC_ACE_SID)
        return;
    ace->mask = hc_get32(left.bytes + HC_ACE_MASK);
    left = skip(left, HC_ACE_SID);
    if (is_object_type(ace->type)) {
        if (left.n_bytes < 4)
            return;
        ace->object_flags = hc_get32(left.bytes);
        const uint32_t n =
            4 + 16 * ((ace->object_flags & 1) + ((ace->object_flags & 2) != 0 ? 1 : 0));
        if (left.n_bytes < n)
            return;
        ace->object = (HcBlob){left.bytes, n};
        left = skip(left, n);
    }
    const uint32_t n_sid = sid_bytes(left);
    if (n_sid == 0)
        return;
    ace->sid = (HcBlob){left.bytes, n_sid};
    ace->rest = skip(left, n_sid);
    ace->is_known = TRUE;
}

gboolean
hc_ace_iter_next(HcAceIter *iter, HcAce *ace)
{
    if (iter->n_left == 0)
        return FALSE;
    iter->n_left--;
    const uint8_t *at = iter->acl.bytes + iter->at;
    ace->type = at[0];
    ace->flags = at[HC_ACE_FLAGS];
    ace->whole = (HcBlob){at, hc_get16(at + HC_ACE_SIZE)};
    iter->at += ace->whole.n_bytes;
    parse_ace(ace);
    return TRUE;
}
