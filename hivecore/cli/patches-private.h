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

G_END_DECLS
