#pragma once

#include "hivecore/cli/patches.h"
#include "hivecore/reg/reg-reader.h"

G_BEGIN_DECLS

/* Shared by the files of patches. */

/** HcPatchReading: how the files of one run are read. */
typedef struct {
    const HcPatchOptions *options;
    HcRegVariables *variables;
    const HcRoot *const *roots; /* n_roots of them, each nullable: of the hives */
    gsize n_roots;
} HcPatchReading;

/** Returns: whether @name is an HKEY_ name or where one of @roots starts. */
gboolean hc_patch_is_root(HcName name, const HcRoot *const *roots, gsize n_roots);

/** hc_patch_file_read: reads one file into @patch, new so far. Notes are said on standard error. */
gboolean hc_patch_file_read(const HcCliContext *context, HcDelta *patch, const HcPatchFile *file,
                            const HcPatchReading *reading, GError **error);

/* --- patch-control-set.c: CurrentControlSet --- */

/** hc_patch_alias_control_set: what CurrentControlSet stands for in @patch where @hive hangs at
 * @place, as .reg files name it and, with @is_alone, as JSON deltas without a root do. */
gboolean hc_patch_alias_control_set(HcDelta *patch, const HcHive *hive, const HcDeltaPlace *place,
                                    gboolean is_alone, GError **error);

/** hc_patch_control_set_use: Returns: (transfer full) (nullable): the first line of @patch that
 * names CurrentControlSet of the hive at @place */
char *hc_patch_control_set_use(const HcDelta *patch, const HcDeltaPlace *place);

/** hc_patch_check_control_set: a patch for a SYSTEM hive must not make a key CurrentControlSet,
 * which Windows would hide: HC_ERROR_CONFLICT. */
gboolean hc_patch_check_control_set(const HcPatchTarget *target, GError **error);

/** hc_patch_check_current: HC_ERROR_CONFLICT where the patch changes Select\Current and names
 * CurrentControlSet. @use: (nullable): hc_patch_control_set_use() */
gboolean hc_patch_check_current(const HcPatchTarget *target, const char *use, GError **error);

/* --- patch-users.c: HKEY_CURRENT_USER of several users --- */

/** Returns: how many users there are among @targets. */
guint hc_patch_count_users(const HcPatchTarget *targets, gsize n);

/**
 * hc_patch_alias_users:
 * What HKEY_CURRENT_USER stands for in @patch for @user, and Software\Classes of all users.
 * @places: where @targets, @n of them, hang
 */
void hc_patch_alias_users(HcDelta *patch, const HcPatchTarget *targets, const HcDeltaPlace *places,
                          gsize n, guint user);

/**
 * hc_patch_choose_targets:
 * The targets that lines for @user can land in: of those at one place that of the user.
 * @chosen: (out): their numbers
 *
 * Returns: how many they are
 */
gsize hc_patch_choose_targets(const HcPatchTarget *targets, gsize n, guint user, gsize *chosen);

G_END_DECLS
