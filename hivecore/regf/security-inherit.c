#include "config.h"

#include <string.h>

#include "hivecore/regf/layout.h"
#include "hivecore/regf/security-private.h"
#include "hivecore/regf/security.h"

enum {
    SUBAUTHORITY_CREATOR_OWNER = 0,
    SUBAUTHORITY_CREATOR_GROUP = 1,
    OBJECT_HAS_INHERITED_TYPE = 2,
};

typedef struct {
    const HcCreator *creator;
    gboolean is_auto; /* the parent's DACL says that inheritance is automatic */
    GByteArray *acl;  /* with its header */
    guint n_aces;
    gboolean is_full; /* an entry or the list became longer than 16 bits can say */
} Heir;

static const uint8_t system_sid[] = {1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0};
static const uint8_t administrators_sid[] = {1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 32, 2, 0, 0};

HcCreator
hc_creator_system(void)
{
    const HcBlob sid = {system_sid, sizeof(system_sid)};
    return (HcCreator){sid, sid};
}

/* S-1-3-0 or -2 is the creator's owner, S-1-3-1 or -3 its group; the latter of each are for servers
 * that act for a client, and nobody does here. */
static HcBlob
resolve_sid(const HcCreator *creator, HcBlob sid)
{
    static const uint8_t creator_authority[] = {1, 1, 0, 0, 0, 0, 0, 3};
    if (sid.n_bytes != sizeof(creator_authority) + 4 ||
        memcmp(sid.bytes, creator_authority, sizeof(creator_authority)) != 0)
        return sid;
    switch (hc_get32(sid.bytes + HC_SID_BYTES) & ~2u) {
    case SUBAUTHORITY_CREATOR_OWNER:
        return hc_get32(sid.bytes + HC_SID_BYTES) <= 2 ? creator->owner : sid;
    case SUBAUTHORITY_CREATOR_GROUP:
        return hc_get32(sid.bytes + HC_SID_BYTES) <= 3 ? creator->group : sid;
    default:
        return sid;
    }
}

static uint32_t
map_generic(uint32_t mask)
{
    static const struct {
        uint32_t generic;
        uint32_t specific;
    } rights[] = {{HC_GENERIC_READ, HC_KEY_READ},
                  {HC_GENERIC_WRITE, HC_KEY_WRITE},
                  {HC_GENERIC_EXECUTE, HC_KEY_EXECUTE},
                  {HC_GENERIC_ALL, HC_KEY_ALL}};
    for (gsize i = 0; i < G_N_ELEMENTS(rights); i++) {
        if ((mask & rights[i].generic) != 0)
            mask = (mask & ~rights[i].generic) | rights[i].specific;
    }
    return mask;
}

static HcBlob
acl_blob(const Heir *heir)
{
    return (HcBlob){heir->acl->data, heir->acl->len};
}

/* The entries so far, as an iterator sees them. */
static HcAceIter
iter_start(const Heir *heir)
{
    return (HcAceIter){acl_blob(heir), HC_ACL_BYTES, heir->n_aces};
}

static gboolean
has_equal(const Heir *heir, HcBlob whole)
{
    HcAceIter iter = iter_start(heir);
    HcAce ace;
    while (hc_ace_iter_next(&iter, &ace)) {
        if (hc_blob_equal(ace.whole, whole))
            return TRUE;
    }
    return FALSE;
}

/* Whether an entry that counts for the key itself says what @ace would, and hands on @down: if that
 * is negative, whatever it hands on. */
static gboolean
has_effective(const Heir *heir, const HcAce *ace, HcBlob sid, uint32_t mask, int down)
{
    HcAceIter iter = iter_start(heir);
    HcAce other;
    while (hc_ace_iter_next(&iter, &other)) {
        if (other.is_known && (other.flags & HC_ACE_INHERIT_ONLY) == 0 && other.type == ace->type &&
            other.mask == mask && hc_blob_equal(other.sid, sid) &&
            hc_blob_equal(other.object, ace->object) && hc_blob_equal(other.rest, ace->rest) &&
            (down < 0 || other.flags == (down | HC_ACE_INHERITED)))
            return TRUE;
    }
    return FALSE;
}

static void
append(GByteArray *out, HcBlob blob)
{
    if (blob.n_bytes > 0)
        g_byte_array_append(out, blob.bytes, blob.n_bytes);
}

/* Adds @ace with other @flags, @mask and @sid. */
static void
add(Heir *heir, const HcAce *ace, uint8_t flags, uint32_t mask, HcBlob sid)
{
    uint8_t head[HC_ACE_SID] = {ace->type, flags};
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    if (heir->is_auto)
        head[HC_ACE_FLAGS] |= HC_ACE_INHERITED;
    if (ace->is_known) {
        hc_put32(head + HC_ACE_MASK, mask);
        g_byte_array_append(bytes, head, sizeof(head));
        append(bytes, ace->object);
        append(bytes, sid);
        append(bytes, ace->rest);
    } else {
        append(bytes, ace->whole);
        bytes->data[HC_ACE_FLAGS] = head[HC_ACE_FLAGS];
    }
    heir->is_full |= heir->acl->len + bytes->len > G_MAXUINT16;
    if (heir->is_full)
        return;
    hc_put16(bytes->data + HC_ACE_SIZE, (uint16_t) bytes->len);
    const HcBlob whole = {bytes->data, bytes->len};
    if (heir->is_auto && has_equal(heir, whole))
        return;
    append(heir->acl, whole);
    heir->n_aces++;
}

/* What one entry of the key above gives to a key below it. */
static void
inherit_ace(Heir *heir, const HcAce *ace)
{
    const uint8_t kept = ace->flags & (HC_ACE_OBJECT_INHERIT | HC_ACE_CONTAINER_INHERIT);
    const gboolean is_kept = (ace->flags & HC_ACE_NO_PROPAGATE) == 0;
    const HcBlob sid = ace->is_known ? resolve_sid(heir->creator, ace->sid) : ace->sid;
    const uint32_t mask = ace->is_known ? map_generic(ace->mask) : ace->mask;
    if ((ace->flags & HC_ACE_CONTAINER_INHERIT) == 0)
        return;
    /* Keys have no object type: such an entry is only handed on. */
    const gboolean is_foreign = (ace->object_flags & OBJECT_HAS_INHERITED_TYPE) != 0;
    const gboolean is_said =
        ace->is_known && heir->is_auto && has_effective(heir, ace, sid, mask, -1);
    const gboolean is_split = !hc_blob_equal(sid, ace->sid) || mask != ace->mask;
    if (is_said && !is_foreign && !is_split && is_kept && has_effective(heir, ace, sid, mask, kept))
        return; /* it is equal to an earlier one */
    if (!is_foreign && !is_said && !is_split) {
        add(heir, ace, is_kept ? kept : 0, mask, sid);
        return;
    }
    if (!is_foreign && !is_said)
        add(heir, ace, 0, mask, sid);
    if (is_kept)
        add(heir, ace, kept | HC_ACE_INHERIT_ONLY, ace->mask, ace->sid);
}

/* What the token of the creator gives where nothing is inherited: SYSTEM lets Administrators read,
 * others have nobody but themselves and SYSTEM. */
static void
add_default(Heir *heir)
{
    HcAce ace = {.is_known = TRUE};
    const HcBlob system = {system_sid, sizeof(system_sid)};
    const HcBlob administrators = {administrators_sid, sizeof(administrators_sid)};
    const gboolean is_system = hc_blob_equal(heir->creator->owner, system);
    const gboolean is_auto = heir->is_auto;
    heir->is_auto = FALSE; /* these are not inherited */
    add(heir, &ace, 0, HC_KEY_ALL, heir->creator->owner);
    add(heir, &ace, 0, is_system ? HC_KEY_EXECUTE : HC_KEY_ALL,
        is_system ? administrators : system);
    heir->is_auto = is_auto;
}

/* Header, DACL, owner, group: the order that Windows stores. */
static HcBlob
assemble(HcArena *arena, const Heir *heir, uint16_t control)
{
    const HcBlob acl = acl_blob(heir);
    const HcCreator *creator = heir->creator;
    const uint32_t owner = HC_SD_BYTES + acl.n_bytes;
    const uint32_t group = owner + creator->owner.n_bytes;
    const uint32_t n_bytes = group + creator->group.n_bytes;
    uint8_t *out = hc_arena_alloc(arena, n_bytes);
    memset(out, 0, HC_SD_BYTES);
    out[0] = 1;
    hc_put16(out + HC_SD_CONTROL, control);
    hc_put32(out + HC_SD_OWNER, owner);
    hc_put32(out + HC_SD_GROUP, group);
    hc_put32(out + HC_SD_DACL, HC_SD_BYTES);
    memcpy(out + HC_SD_BYTES, acl.bytes, acl.n_bytes);
    memcpy(out + owner, creator->owner.bytes, creator->owner.n_bytes);
    memcpy(out + group, creator->group.bytes, creator->group.n_bytes);
    return (HcBlob){out, n_bytes};
}

HcBlob
hc_security_inherit(HcArena *arena, HcBlob parent, const HcCreator *creator, const char **fault)
{
    HcSecurity above;
    HcAce ace;
    *fault = NULL;
    /* What is damaged hands nothing down. */
    if (hc_security_parse(parent, &above) != NULL)
        above = (HcSecurity){0};
    const uint8_t header[HC_ACL_BYTES] = {above.dacl.bytes != NULL ? above.dacl.bytes[0] : 2};
    g_autoptr(GByteArray) acl = g_byte_array_new();
    Heir heir = {
        .creator = creator,
        .is_auto = (above.control & HC_SD_DACL_AUTO_INHERITED) != 0,
        .acl = acl,
    };
    g_byte_array_append(acl, header, sizeof(header));
    HcAceIter iter = hc_ace_iter_start(above.dacl);
    while (hc_ace_iter_next(&iter, &ace))
        inherit_ace(&heir, &ace);
    if (heir.n_aces == 0)
        add_default(&heir);
    if (heir.is_full) {
        *fault = "the list of what it hands down would be longer than 64 KiB";
        return (HcBlob){NULL, 0};
    }
    hc_put16(acl->data + HC_ACL_SIZE, (uint16_t) acl->len);
    hc_put16(acl->data + HC_ACL_COUNT, (uint16_t) heir.n_aces);
    const uint16_t kept = above.control & (HC_SD_DACL_AUTO_INHERITED | HC_SD_SACL_AUTO_INHERITED);
    return assemble(arena, &heir, HC_SD_SELF_RELATIVE | HC_SD_DACL_PRESENT | kept);
}

gboolean
hc_security_is_inherited(HcBlob descriptor, HcBlob parent)
{
    g_autoptr(HcArena) arena = hc_arena_new();
    const HcCreator creator = hc_creator_system();
    const char *fault;
    return hc_blob_equal(descriptor, hc_security_inherit(arena, parent, &creator, &fault));
}
