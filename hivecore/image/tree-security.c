#include "config.h"

#include <string.h>

#include "hivecore/base/base64.h"
#include "hivecore/base/bytes.h"
#include "hivecore/image/tree-private.h"
#include "hivecore/regf/security.h"

/*
 * Who may do what with files. Source: MS-DTYP 2.4 and 2.5.3; Microsoft, "ACE inheritance rules",
 * "Order of ACEs in a DACL": explicit denials, explicit grants, what is inherited.
 */

enum {
    ACE_ALLOWED = 0x00,
    ACL_REVISION = 2,
    ACL_HEADER_BYTES = 8,
    DESCRIPTOR_BYTES = 20,
    ALL_INHERITANCE = HC_ACE_OBJECT_INHERIT | HC_ACE_CONTAINER_INHERIT | HC_ACE_NO_PROPAGATE |
                      HC_ACE_INHERIT_ONLY | HC_ACE_INHERITED,
};

/* Acl: a list that is being made. */
typedef struct {
    GByteArray *bytes; /* entries, without the header */
    guint n_aces;
} Acl;

static HcBlob
blob_of(GBytes *bytes)
{
    gsize n_bytes;
    const void *data = g_bytes_get_data(bytes, &n_bytes);
    return (HcBlob){data, (uint32_t) n_bytes};
}

static gboolean
has_ace(const Acl *acl, const guint8 *ace, gsize n_bytes)
{
    for (guint at = 0; at < acl->bytes->len;) {
        const gsize n = hc_get16(acl->bytes->data + at + 2);
        /* But for the mark that it was inherited. */
        if (n == n_bytes && acl->bytes->data[at] == ace[0] &&
            ((acl->bytes->data[at + 1] ^ ace[1]) & ~HC_ACE_INHERITED) == 0 &&
            memcmp(acl->bytes->data + at + 2, ace + 2, n - 2) == 0)
            return TRUE;
        at += (guint) n;
    }
    return FALSE;
}

static void
add_bytes(Acl *acl, const guint8 *ace, gsize n_bytes)
{
    if (has_ace(acl, ace, n_bytes))
        return;
    g_byte_array_append(acl->bytes, ace, (guint) n_bytes);
    acl->n_aces++;
}

static void
add_ace(Acl *acl, HcBlob whole, uint8_t flags)
{
    g_autofree guint8 *ace = g_memdup2(whole.bytes, whole.n_bytes);
    ace[1] = flags;
    add_bytes(acl, ace, whole.n_bytes);
}

static void
add_allowed(Acl *acl, uint8_t flags, uint32_t mask, HcBlob sid)
{
    g_autofree guint8 *ace = g_malloc0(8 + sid.n_bytes);
    ace[0] = ACE_ALLOWED;
    ace[1] = flags;
    hc_put16(ace + 2, (uint16_t) (8 + sid.n_bytes));
    hc_put32(ace + 4, mask);
    memcpy(ace + 8, sid.bytes, sid.n_bytes);
    add_bytes(acl, ace, 8 + sid.n_bytes);
}

/* The descriptor of @security with @acl in place of its DACL; NULL when that became too long.
 * @acl: (nullable): none, with which everybody may do everything */
static GBytes *
make_descriptor(const HcSecurity *security, uint16_t control, const Acl *acl)
{
    const HcBlob parts[] = {security->sacl, security->owner, security->group};
    static const guint8 places[] = {12, 4, 8};
    const gsize n_acl = acl != NULL ? ACL_HEADER_BYTES + acl->bytes->len : 0;
    g_autoptr(GByteArray) out = g_byte_array_new();
    if (n_acl > G_MAXUINT16)
        return NULL;
    g_byte_array_set_size(out, DESCRIPTOR_BYTES + (acl != NULL ? ACL_HEADER_BYTES : 0));
    memset(out->data, 0, out->len);
    out->data[0] = 1;
    hc_put16(out->data + 2, control);
    if (acl != NULL) {
        hc_put32(out->data + 16, DESCRIPTOR_BYTES);
        out->data[DESCRIPTOR_BYTES] = ACL_REVISION;
        hc_put16(out->data + DESCRIPTOR_BYTES + 2, (uint16_t) n_acl);
        hc_put16(out->data + DESCRIPTOR_BYTES + 4, (uint16_t) acl->n_aces);
        g_byte_array_append(out, acl->bytes->data, acl->bytes->len);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(parts); i++) {
        if (parts[i].bytes == NULL)
            continue;
        hc_put32(out->data + places[i], out->len);
        g_byte_array_append(out, parts[i].bytes, parts[i].n_bytes);
    }
    return g_byte_array_free_to_bytes(g_steal_pointer(&out));
}

/* --- inheritance --- */

static gboolean
is_creator(HcBlob sid, guint which)
{
    const guint8 wanted[] = {1, 1, 0, 0, 0, 0, 0, 3, (guint8) which, 0, 0, 0};
    return sid.n_bytes == sizeof(wanted) && memcmp(sid.bytes, wanted, sizeof(wanted)) == 0;
}

/* Rights that each kind of object has of its own, as they are for files. */
static uint32_t
map_generic(uint32_t mask)
{
    static const struct {
        uint32_t generic;
        uint32_t specific;
    } rights[] = {{HC_GENERIC_READ, 0x120089},
                  {HC_GENERIC_WRITE, 0x120116},
                  {HC_GENERIC_EXECUTE, 0x1200a0},
                  {HC_GENERIC_ALL, 0x1f01ff}};
    for (gsize i = 0; i < G_N_ELEMENTS(rights); i++) {
        if ((mask & rights[i].generic) != 0)
            mask = (mask & ~rights[i].generic) | rights[i].specific;
    }
    return mask;
}

/* Adds what @ace of a folder gives to something in it: an entry that says who is meant and what,
 * and for folders the original for those in them, where that is another. */
static void
inherit_ace(Acl *acl, const HcAce *ace, const HcSecurity *child, gboolean is_folder)
{
    const gboolean is_object = (ace->flags & HC_ACE_OBJECT_INHERIT) != 0;
    const gboolean is_container = (ace->flags & HC_ACE_CONTAINER_INHERIT) != 0;
    const uint8_t kept = ace->flags & (uint8_t) ~ALL_INHERITANCE;
    if (is_folder ? !is_object && !is_container : !is_object)
        return;
    uint8_t flags = kept | HC_ACE_INHERITED;
    if (is_folder && (ace->flags & HC_ACE_NO_PROPAGATE) == 0)
        flags |= ace->flags & (HC_ACE_OBJECT_INHERIT | HC_ACE_CONTAINER_INHERIT);
    if (is_folder && !is_container) {
        /* For the files in it only. */
        if ((ace->flags & HC_ACE_NO_PROPAGATE) == 0)
            add_ace(acl, ace->whole, flags | HC_ACE_INHERIT_ONLY);
        return;
    }
    const HcBlob creator = is_creator(ace->sid, 0)   ? child->owner
                           : is_creator(ace->sid, 1) ? child->group
                                                     : (HcBlob){NULL, 0};
    const uint32_t mask = ace->is_known ? map_generic(ace->mask) : 0;
    if (ace->type != ACE_ALLOWED || (creator.bytes == NULL && mask == ace->mask)) {
        add_ace(acl, ace->whole, flags);
        return;
    }
    add_allowed(acl, kept | HC_ACE_INHERITED, mask, creator.bytes != NULL ? creator : ace->sid);
    if (is_folder)
        add_ace(acl, ace->whole, flags | HC_ACE_INHERIT_ONLY);
}

/* What @child, a descriptor, becomes below @parent: its own entries, then what it inherits.
 * @is_fresh: it has none of its own. NULL: it does not inherit, or one of the two has no list and
 * so lets everybody do everything, or nothing can be made of it. */
static GBytes *
inherit(HcBlob parent, HcBlob child, gboolean is_folder, gboolean is_fresh)
{
    HcSecurity above;
    HcSecurity security;
    HcAce ace;
    if (hc_security_parse(parent, &above) != NULL || hc_security_parse(child, &security) != NULL ||
        above.dacl.bytes == NULL ||
        (!is_fresh &&
         (security.dacl.bytes == NULL || (security.control & HC_SD_DACL_PROTECTED) != 0)))
        return NULL;
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    Acl acl = {bytes, 0};
    HcAceIter own = hc_ace_iter_start(security.dacl);
    while (!is_fresh && hc_ace_iter_next(&own, &ace)) {
        if ((ace.flags & HC_ACE_INHERITED) == 0)
            add_ace(&acl, ace.whole, ace.flags);
    }
    HcAceIter handed = hc_ace_iter_start(above.dacl);
    while (hc_ace_iter_next(&handed, &ace))
        inherit_ace(&acl, &ace, &security, is_folder);
    return make_descriptor(&security,
                           security.control | HC_SD_DACL_AUTO_INHERITED | HC_SD_DACL_PRESENT, &acl);
}

/* The descriptor of @file, also of new ones that have none; NULL when it is none. */
static GBytes *
descriptor_of(const HcTreeFile *file)
{
    const char *text = file->descriptor != NULL ? file->descriptor : hc_tree_new_descriptor(file);
    return hc_base64_decode(text, strlen(text));
}

static const char *
intern_bytes(HcTree *tree, GBytes *bytes)
{
    gsize n_bytes;
    const guchar *data = g_bytes_get_data(bytes, &n_bytes);
    g_autofree char *base64 = g_base64_encode(data, n_bytes);
    return hc_tree_intern(tree, base64);
}

static GBytes *
inherited(const HcTreeFile *file, const HcTreeFile *folder, gboolean is_fresh)
{
    g_autoptr(GBytes) parent = descriptor_of(folder);
    g_autoptr(GBytes) child = descriptor_of(file);
    if (parent == NULL || child == NULL)
        return NULL;
    return inherit(blob_of(parent), blob_of(child), hc_tree_is_folder_like(file), is_fresh);
}

void
hc_tree_inherit(HcTree *tree, HcTreeFile *file, const HcTreeNode *parent)
{
    if (!parent->file->is_granted)
        return;
    g_autoptr(GBytes) descriptor = inherited(file, parent->file, TRUE);
    if (descriptor == NULL)
        return;
    file->descriptor = intern_bytes(tree, descriptor);
    file->is_granted = TRUE;
}

/* Hands down what @node has to what is in it: as Windows does it when a list is set. Files of lower
 * layers that have no descriptor of their own inherit when they are unpacked. */
static gboolean
hand_down(HcTree *tree, HcTreeNode *node)
{
    const HcTreeFile *file = node->file;
    const gboolean is_fresh = file->descriptor == NULL;
    if (is_fresh && !node->is_changed)
        return FALSE;
    g_autoptr(GBytes) made = inherited(file, node->parent->file, is_fresh || file->is_granted);
    g_autoptr(GBytes) before = descriptor_of(file);
    if (made == NULL || (before != NULL && g_bytes_equal(made, before)))
        return FALSE;
    HcTreeFile *clone = hc_tree_file_clone(tree, file);
    clone->descriptor = intern_bytes(tree, made);
    clone->is_granted = TRUE;
    hc_tree_set_file(tree, node, clone);
    return TRUE;
}

static void
set_and_hand_down(HcTree *tree, HcTreeNode *node, GBytes *descriptor)
{
    HcTreeFile *clone = hc_tree_file_clone(tree, node->file);
    clone->descriptor = intern_bytes(tree, descriptor);
    clone->is_granted = TRUE;
    hc_tree_set_file(tree, node, clone);
    for (HcTreeNode *at = hc_tree_next(node, node); at != NULL;) {
        const gboolean is_entered = hand_down(tree, at);
        HcTreeNode *next = is_entered ? hc_tree_next(node, at) : hc_tree_skip(node, at);
        while (next != NULL && next->is_gone)
            next = hc_tree_skip(node, next);
        at = next;
    }
}

/* --- changes --- */

static gboolean
fail_node(const HcTreeNode *node, HcErrorCode code, const char *what, GError **error)
{
    g_autofree char *path = hc_tree_node_windows_path(node);
    return hc_tree_fail(path, code, what, error);
}

gboolean
hc_tree_set_descriptor(HcTree *tree, HcTreeNode *node, GBytes *descriptor, GError **error)
{
    HcSecurity given;
    HcSecurity own;
    const char *fault = hc_security_parse(blob_of(descriptor), &given);
    g_autoptr(GBytes) before = descriptor_of(node->file);
    if (fault != NULL)
        return fail_node(node, HC_ERROR_MALFORMED, fault, error);
    /* What is not given stays. */
    if (before == NULL || hc_security_parse(blob_of(before), &own) != NULL)
        own = given;
    given.owner = given.owner.bytes != NULL ? given.owner : own.owner;
    given.group = given.group.bytes != NULL ? given.group : own.group;
    if (given.dacl.bytes == NULL && (given.control & HC_SD_DACL_PRESENT) == 0) {
        given.dacl = own.dacl;
        given.control |=
            own.control & (HC_SD_DACL_PRESENT | HC_SD_DACL_AUTO_INHERITED | HC_SD_DACL_PROTECTED);
    }
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    Acl acl = {bytes, 0};
    HcAceIter iter = hc_ace_iter_start(given.dacl);
    HcAce ace;
    while (hc_ace_iter_next(&iter, &ace))
        add_ace(&acl, ace.whole, ace.flags);
    g_autoptr(GBytes) made =
        make_descriptor(&given, given.control, given.dacl.bytes != NULL ? &acl : NULL);
    if (made == NULL)
        return fail_node(node, HC_ERROR_LIMIT, "its access control list becomes too long", error);
    set_and_hand_down(tree, node, made);
    return TRUE;
}

/* Adds the entries of @old with @grant among them, in the order that Windows wants. */
static void
add_granted(Acl *acl, HcBlob old, const HcTreeGrant *grant, uint8_t flags)
{
    const HcBlob sid = blob_of(grant->sid);
    uint32_t mask = grant->mask;
    HcAce ace;
    for (int turn = 0; turn < 3; turn++) {
        HcAceIter iter = hc_ace_iter_start(old);
        while (hc_ace_iter_next(&iter, &ace)) {
            const gboolean is_explicit = (ace.flags & HC_ACE_INHERITED) == 0;
            const gboolean is_allowed = is_explicit && ace.type == ACE_ALLOWED;
            const gboolean is_own = is_allowed && hc_blob_equal(ace.sid, sid) &&
                                    (grant->replaces || ace.flags == flags);
            const int its_turn = is_allowed ? 1 : is_explicit ? 0 : 2;
            if (is_own && turn == 0 && !grant->replaces)
                mask |= ace.mask;
            if (its_turn == turn && !is_own)
                add_ace(acl, ace.whole, ace.flags);
        }
        if (turn == 0)
            add_allowed(acl, flags, mask, sid);
    }
}

/* What has no list, so that everybody may do everything, gets that of new files: one with nothing
 * but the grant would take away from all others. @bytes: (out): keeps it */
static void
take_dacl(const HcTreeFile *file, HcSecurity *security, GBytes **bytes)
{
    HcSecurity fresh;
    const char *text = hc_tree_new_descriptor(file);
    if (security->dacl.bytes != NULL)
        return;
    *bytes = hc_base64_decode(text, strlen(text));
    if (*bytes != NULL && hc_security_parse(blob_of(*bytes), &fresh) == NULL)
        security->dacl = fresh.dacl;
}

static gboolean
grant_one(HcTree *tree, HcTreeNode *node, const HcTreeGrant *grant, GError **error)
{
    HcSecurity security;
    g_autoptr(GBytes) fresh = NULL;
    g_autoptr(GBytes) before = descriptor_of(node->file);
    const char *fault = before != NULL ? hc_security_parse(blob_of(before), &security)
                                       : "its descriptor is not base64";
    if (fault != NULL)
        return fail_node(node, HC_ERROR_MALFORMED, fault, error);
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    Acl acl = {bytes, 0};
    const gboolean is_folder = hc_tree_is_folder_like(node->file);
    take_dacl(node->file, &security, &fresh);
    add_granted(&acl, security.dacl, grant,
                is_folder ? grant->flags : (uint8_t) (grant->flags & ~ALL_INHERITANCE));
    g_autoptr(GBytes) made =
        make_descriptor(&security, security.control | HC_SD_DACL_PRESENT, &acl);
    if (made == NULL)
        return fail_node(node, HC_ERROR_LIMIT, "its access control list becomes too long", error);
    set_and_hand_down(tree, node, made);
    return TRUE;
}

gboolean
hc_tree_grant(HcTree *tree, HcTreeNode *node, const HcTreeGrant *grant, GError **error)
{
    for (HcTreeNode *at = node; at != NULL; at = hc_tree_next(node, at)) {
        if (!hc_tree_check_room(tree, error) || !grant_one(tree, at, grant, error))
            return FALSE;
        if (!grant->recursive)
            break;
    }
    return TRUE;
}
