#pragma once

#include "hivecore/cli/patches.h"
#include "hivecore/reg/reg-reader.h"

G_BEGIN_DECLS

/* Shared by patch-files.c and patches.c. */

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
