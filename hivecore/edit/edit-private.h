#pragma once

#include "hivecore/edit/edit.h"

/* Shared by edit.c, script.c, guard.c and fixup*.c. */

/** HcEditScript: the calls of hivex that make an edit, as script.h has it. */
typedef struct {
    GPtrArray *nodes; /* of const HcDeltaKey *: by call, what it is about */
    int fd;           /* an in-memory file */
} HcEditScript;

/**
 * hc_edit_script_make:
 * @script: cleared also after a failure
 * @hive: in which @exact is safe, as hc_edit_is_safe() says
 */
gboolean hc_edit_script_make(HcEditScript *script, const HcHive *hive, const HcDelta *exact,
                             GError **error);

void hc_edit_script_clear(HcEditScript *script);

/**
 * hc_edit_fixup:
 * Mends, in the bytes that hivex committed, what hivex leaves unlike Windows: lh lists in hives
 * below version 1.5 become lf; a key that lost its last subkey loses its empty list; with
 * @epoch, touched keys get their time. HC_ERROR_UNSUPPORTED where a list cannot be mended in place;
 * HC_ERROR_IO where hivex had to do without a conversion of names.
 *
 * @bytes: the whole hive, that @hive is a view of
 */
gboolean hc_edit_fixup(uint8_t *bytes, const HcHive *hive, const HcDelta *exact, HcEpoch epoch,
                       GError **error);

/**
 * hc_edit_written_subkey:
 * Finds, below @key of what hivex wrote, the subkey that @node speaks of; HC_ERROR_INTERNAL when it
 * is not there.
 */
gboolean hc_edit_written_subkey(const HcHive *hive, const HcKey *key, const HcDeltaKey *node,
                                HcKey *subkey, GError **error);

/** Returns: how many bytes hc_edit_fixup_security() may add at the end of the hive */
gsize hc_edit_security_room(const HcDelta *exact);

/**
 * hc_edit_fixup_security:
 * Gives the new keys of @exact their descriptors, where hivex gave them that of the key above. The
 * checksum of the base block is the caller's.
 *
 * @bytes: the whole hive, that @hive is a view of, and zeros of hc_edit_security_room() behind it
 * @n_added: (out): by how much the hive became longer
 */
gboolean hc_edit_fixup_security(uint8_t *bytes, const HcHive *hive, const HcDelta *exact,
                                gsize *n_added, GError **error);

/** hc_edit_fixup_checksum: two checksums are never stored as they are, which hivex does not know.
 */
void hc_edit_fixup_checksum(uint8_t *base);

/** hc_edit_refuse: sets HC_ERROR_UNSUPPORTED for @key of a delta. Returns: FALSE. */
gboolean hc_edit_refuse(const HcHive *hive, const HcDeltaKey *key, GError **error,
                        const char *reason);
