#pragma once

#include "hivecore/base/stream.h"
#include "hivecore/delta/delta.h"

G_BEGIN_DECLS

/*
 * Patches in the forms of other programs that have no form for some of it: hc_reg_script_text(),
 * hc_pol_text(). What is written flows; nothing that grows with the hive is held.
 */
typedef struct HcPatchText HcPatchText;

void hc_patch_text_free(HcPatchText *text);

/**
 * hc_patch_text_delta:
 * Writes what @delta, exact or a patch, says of the key at @path and below it.
 * @path: from the text's root on; its names live as long as the call
 *
 * Returns: FALSE with HC_ERROR_UNSUPPORTED where the form is for another part of the registry
 */
gboolean hc_patch_text_delta(HcPatchText *text, HcPath path, const HcDelta *delta, GError **error);

/**
 * hc_patch_text_hive:
 * Writes the change that makes @key of @hive, which is no differencing one, with all below it:
 * parents first, values in the order of the hive. Classes, descriptors and flags are in no export.
 * @place: of the hive's root key, from the text's root on
 * @path: of @key, from the hive's root key on
 *
 * Returns: FALSE as hc_patch_text_delta(), and with what reading has
 */
gboolean hc_patch_text_hive(HcPatchText *text, HcPath place, HcPath path, const HcHive *hive,
                            const HcKey *key, GError **error);

/** hc_patch_text_end: Returns: FALSE with HC_ERROR_IO when something could not be written. */
gboolean hc_patch_text_end(HcPatchText *text, GError **error);

/** hc_patch_text_n_left_out: how many changes the text does not carry. */
uint64_t hc_patch_text_n_left_out(const HcPatchText *text);

/**
 * hc_patch_text_left_out:
 * Returns: (transfer none) (element-type char*): the first HC_MAX_TOLD_LEFT_OUT of them, as "the
 * security of KEY"; none where the text itself names them
 */
const GPtrArray *hc_patch_text_left_out(const HcPatchText *text);

#define HC_MAX_TOLD_LEFT_OUT 20u

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HcPatchText, hc_patch_text_free)

G_END_DECLS
