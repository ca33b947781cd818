#pragma once

#include <glib.h>
#include <stdint.h>

#include "hivecore/base/arena.h"
#include "hivecore/regf/hive.h"

G_BEGIN_DECLS

/* Self-relative security descriptors. Source: docs/FORMATS.md, "Security". */

/* SECURITY_DESCRIPTOR_CONTROL. */
enum {
    HC_SD_DACL_PRESENT = 0x0004,
    HC_SD_SACL_PRESENT = 0x0010,
    HC_SD_DACL_INHERIT_REQUIRED = 0x0100,
    HC_SD_DACL_AUTO_INHERITED = 0x0400,
    HC_SD_SACL_AUTO_INHERITED = 0x0800,
    HC_SD_DACL_PROTECTED = 0x1000,
    HC_SD_SACL_PROTECTED = 0x2000,
    HC_SD_SELF_RELATIVE = 0x8000,
};

/* The flags of an ACE. */
enum {
    HC_ACE_OBJECT_INHERIT = 0x01,
    HC_ACE_CONTAINER_INHERIT = 0x02,
    HC_ACE_NO_PROPAGATE = 0x04,
    HC_ACE_INHERIT_ONLY = 0x08,
    HC_ACE_INHERITED = 0x10,
};

/* The access mask of an ACE. */
enum {
    HC_KEY_READ = 0x00020019,
    HC_KEY_WRITE = 0x00020006,
    HC_KEY_EXECUTE = 0x00020039, /* as it is stored; documentation has that of HC_KEY_READ */
    HC_KEY_ALL = 0x000f003f,
};
#define HC_GENERIC_ALL     0x10000000u
#define HC_GENERIC_EXECUTE 0x20000000u
#define HC_GENERIC_WRITE   0x40000000u
#define HC_GENERIC_READ    0x80000000u

/** HcSecurity: the parts of a descriptor, which they borrow from. */
typedef struct {
    uint16_t control;
    HcBlob owner; /* SIDs; .bytes NULL: none */
    HcBlob group;
    HcBlob sacl; /* whole ACLs, sound with all their ACEs; .bytes NULL: none, or a NULL ACL */
    HcBlob dacl;
} HcSecurity;

/**
 * hc_security_parse:
 * Takes a descriptor apart: header, SIDs and ACLs with their ACEs, all inside @descriptor.
 *
 * Returns: (transfer none) (nullable): what is wrong with it, for people; NULL when it is sound
 */
const char *hc_security_parse(HcBlob descriptor, HcSecurity *security);

/** HcAce: one entry of an ACL, which its blobs borrow from. */
typedef struct {
    uint8_t type;
    uint8_t flags;
    gboolean is_known;     /* of a type whose mask and SID stand at known places */
    uint32_t mask;         /* where is_known */
    uint32_t object_flags; /* of object ACEs: 1 has an object type, 2 an inherited object type */
    HcBlob object;         /* of object ACEs: what stands between mask and SID; else empty */
    HcBlob sid;            /* where is_known */
    HcBlob rest;           /* what stands behind the SID: conditions, attributes */
    HcBlob whole;
} HcAce;

/** HcAceIter: position in an ACL of hc_security_parse(). */
typedef struct {
    HcBlob acl;
    uint32_t at;
    guint n_left;
} HcAceIter;

/** hc_ace_iter_start: @acl may be absent (.bytes NULL), and then has no entry. */
HcAceIter hc_ace_iter_start(HcBlob acl);

/** Returns: FALSE when all were given */
gboolean hc_ace_iter_next(HcAceIter *iter, HcAce *ace);

/** HcCreator: who makes keys: the SIDs that they get as owner and group. */
typedef struct {
    HcBlob owner;
    HcBlob group;
} HcCreator;

/** hc_creator_system: S-1-5-18 for both, as for keys that Windows' services make. */
HcCreator hc_creator_system(void);

/**
 * hc_security_inherit:
 * The descriptor of a key that is made on a running Windows without one of its own. Source:
 * docs/FORMATS.md, "Descriptors of new keys".
 *
 * @arena: where the result lives
 * @parent: the descriptor of the key above; one that is none hands nothing down
 * @fault: (out) (transfer none): why there is no result
 *
 * Returns: the descriptor; .bytes NULL where there is none
 */
HcBlob hc_security_inherit(HcArena *arena, HcBlob parent, const HcCreator *creator,
                           const char **fault);

/** hc_security_is_inherited: whether SYSTEM's new key below one with @parent gets @descriptor. */
gboolean hc_security_is_inherited(HcBlob descriptor, HcBlob parent);

/* Security descriptors in the security descriptor definition language of Windows (documentation of
 * ConvertSecurityDescriptorToStringSecurityDescriptor and of ACE strings), with the rights of
 * registry keys. */

/**
 * hc_append_sddl:
 * Appends a self-relative security descriptor.
 *
 * Returns: FALSE, and @out as it was, when the descriptor is malformed or has an entry of a kind
 * that is not known here
 */
gboolean hc_append_sddl(GString *out, HcBlob descriptor);

/**
 * hc_append_ace: one entry, "(A;CI;KR;;;BU)".
 *
 * Returns: FALSE, and @out as it was, when it is of a kind that is not known here
 */
gboolean hc_append_ace(GString *out, const HcAce *ace);

/**
 * hc_append_sid: a SID, as its two letters where it has such.
 *
 * @sid: what may follow it is not looked at
 *
 * Returns: FALSE, and @out as it was, when it is malformed
 */
gboolean hc_append_sid(GString *out, HcBlob sid);

/**
 * hc_sddl_parse:
 * @text: of SDDL: O:, G:, D: and S:, each at most once, in any order. Conditions, resource
 *   attributes and SIDs that depend on a domain (DA, DU, …) are HC_ERROR_UNSUPPORTED.
 *
 * Returns: (transfer full): the self-relative descriptor: header, SACL, DACL, owner, group; NULL
 * with HC_ERROR_MALFORMED naming the place in @text
 */
GBytes *hc_sddl_parse(const char *text, GError **error);

/**
 * hc_sid_parse:
 * @text: S-1-… in digits, or two letters such as SY
 *
 * Returns: (transfer full): the SID, or NULL with the errors of hc_sddl_parse()
 */
GBytes *hc_sid_parse(const char *text, GError **error);

G_END_DECLS
