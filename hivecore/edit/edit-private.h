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

/*
 * What hivex committed is mended in the output by single small writes, which a view of it shows
 * (hc_output_map()): so the hive is copied no more, and is in no memory of ours.
 */

/** hc_edit_put: writes at @offset of the bins. */
gboolean hc_edit_put(HcOutput *output, uint32_t offset, const void *bytes, gsize n_bytes,
                     GError **error);
gboolean hc_edit_put32(HcOutput *output, uint32_t offset, uint32_t number, GError **error);

/**
 * hc_edit_fixup:
 * Mends, in the bytes that hivex committed, what hivex leaves unlike Windows: lh lists in hives
 * below version 1.5 become lf; a key that lost its last subkey loses its empty list; with
 * @epoch, touched keys get their time. HC_ERROR_UNSUPPORTED where a list cannot be mended in place;
 * HC_ERROR_IO where hivex had to do without a conversion of names.
 *
 * @hive: a view of @output
 */
gboolean hc_edit_fixup(HcOutput *output, const HcHive *hive, const HcDelta *exact, HcEpoch epoch,
                       GError **error);

/**
 * hc_edit_written_subkey:
 * Finds, below @key of what hivex wrote, the subkey that @node speaks of; HC_ERROR_INTERNAL when it
 * is not there.
 */
gboolean hc_edit_written_subkey(const HcHive *hive, const HcKey *key, const HcDeltaKey *node,
                                HcKey *subkey, GError **error);

/**
 * hc_edit_fixup_security:
 * Gives the new keys of @exact their descriptors, where hivex gave them that of the key above. The
 * checksum of the base block is the caller's.
 *
 * @hive: a view of @output, which may become longer
 */
gboolean hc_edit_fixup_security(HcOutput *output, const HcHive *hive, const HcDelta *exact,
                                GError **error);

/** hc_edit_fixup_checksum: two checksums are never stored as they are, which hivex does not know.
 * @base: the base block as it is in @output */
gboolean hc_edit_fixup_checksum(HcOutput *output, const uint8_t *base, GError **error);

/** hc_edit_refuse: sets HC_ERROR_UNSUPPORTED for @key of a delta. Returns: FALSE. */
gboolean hc_edit_refuse(const HcHive *hive, const HcDeltaKey *key, GError **error,
                        const char *reason);
