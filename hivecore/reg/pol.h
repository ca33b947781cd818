#pragma once

#include "hivecore/delta/delta.h"
#include "hivecore/reg/patch-text.h"

G_BEGIN_DECLS

/*
 * Registry.pol, the file of Group Policy, as a patch, both ways. Source: [MS-GPREG] 2.2.1,
 * "Registry Policy Message Syntax": "PReg", version 1, then entries [key;value;type;size;data], the
 * five signs in UTF-16LE; names that start with "**" are statements.
 */

/** Returns: whether @bytes, the start of a file, is one. */
gboolean hc_pol_is(const uint8_t *bytes, gsize n_bytes);

/**
 * hc_pol_read:
 * Reads @content into @delta as a patch below @root, HKEY_LOCAL_MACHINE or HKEY_CURRENT_USER. The
 * line of a statement is the number of its entry.
 *
 * @n_secure: (out): entries that ask for a descriptor (**SecureKey), which were passed over
 *
 * HC_ERROR_MALFORMED names the entry and its offset; HC_ERROR_UNSUPPORTED for another version, and
 * for what depends on what is there (**Soft)
 */
gboolean hc_pol_read(HcDelta *delta, const char *file, GBytes *content, const char *root,
                     uint64_t *n_secure, GError **error);

/**
 * hc_pol_text:
 * Such a file below @root. What the format has no form for is told (hc_patch_text_left_out()).
 *
 * @root: may be empty; it lives as long as the text
 *
 * Returns: (transfer full): with its header in @out
 */
HcPatchText *hc_pol_text(HcStream *out, HcName root);

/** hc_pol_check_root: whether such a file can be for what is below the key @name; FALSE with
 * HC_ERROR_UNSUPPORTED. */
gboolean hc_pol_check_root(HcName name, GError **error);

G_END_DECLS
