#pragma once

#include <glib.h>

#include "hivecore/regf/security.h"

G_BEGIN_DECLS

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
