#pragma once

#include "hivecore/report/report.h"

G_BEGIN_DECLS

/**
 * hc_append_sddl:
 * Appends a self-relative security descriptor in the security descriptor definition language of
 * Windows (documentation of ConvertSecurityDescriptorToStringSecurityDescriptor), with the rights
 * of registry keys; internal to report/.
 *
 * Returns: FALSE, and @out as it was, when the descriptor is malformed or has an entry of a kind
 * that is not known here
 */
gboolean hc_append_sddl(GString *out, HcBlob descriptor);

G_END_DECLS
