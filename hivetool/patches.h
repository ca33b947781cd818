#pragma once

#include "hivetool/common.h"

G_BEGIN_DECLS

/* How apply and verify read their patches. */

/** HtPatchOptions: the option variables of a command that reads patches. */
typedef struct {
    char *root;        /* (nullable): argument of --root */
    char *compat;      /* (nullable): argument of --compat */
    int ansi_codepage; /* 0: the default */
    gboolean skip_foreign;
    gboolean last_wins;
} HtPatchOptions;

/**
 * ht_load_patches:
 * Reads all of @files (.reg or JSON by content; "-" once for standard input) into one patch,
 * takes what lies below the hive's place in the registry and resolves it against @hive. What
 * was skipped, and what lands in a symbolic link, is said on standard error.
 *
 * @files: NULL-terminated
 * @root: (out): where the hive hangs; NULL when that is not known and was not needed
 *
 * Returns: (transfer full): the exact delta, or NULL; options that are wrong are HC_ERROR_USAGE
 */
HcDelta *ht_load_patches(HcCliContext *context, const HcHive *hive, char **files,
                         const HtPatchOptions *options, HcRoot **root, GError **error);

G_END_DECLS
