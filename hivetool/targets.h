#pragma once

#include "hivecore/cli/cli-lock.h"
#include "hivecore/cli/patches.h"
#include "hivetool/common.h"

G_BEGIN_DECLS

/* The hives that patches are for, as operands name them: HIVE, or NAME=HIVE once or more. */

/** HtTarget: one of them. */
typedef struct {
    char *name;       /* (nullable): NAME as it was given; NULL: HIVE alone */
    const char *file; /* borrowed from the operands */
    HcHive *hive;
    HcRoot *root; /* (nullable) */
    char *output; /* (nullable): for apply: where the patched hive goes */
} HtTarget;

typedef struct {
    HtTarget *items;
    HcPatchTarget *patched; /* of the same hives, for hc_patches_resolve() */
    gsize n;
    gboolean is_named; /* NAME=HIVE; else there is one */
    char **patches;    /* the other operands, NULL-terminated; the strings are borrowed */
    HcLock *lock;      /* (nullable): of the hives, when they are to be replaced */
} HtTargets;

/**
 * ht_targets_open:
 * @args: operands of a command, NULL-terminated. One that holds "=" before any slash is NAME=HIVE,
 *   with NAME one of SOFTWARE SYSTEM SAM SECURITY DEFAULT in any case, or a place such as HKLM\FOO.
 *   Where there is none the first operand is the hive.
 * @root_option: (nullable): argument of --root, for HIVE alone
 * @lock_timeout: (nullable): the hives are to be replaced and are locked before they are read; this
 *   is the argument of --lock-timeout
 *
 * HC_ERROR_USAGE when a NAME is no place, two have one place or one file, no patch is left, or a
 * hive that is to be replaced is inside an image; the errors of hc_cli_lock().
 *
 * Returns: (transfer full): the hives opened, or NULL
 */
HtTargets *ht_targets_open(const HcCliContext *context, char **args, const char *root_option,
                           const int *lock_timeout, GError **error);

void ht_targets_free(HtTargets *targets);

/**
 * ht_name_split:
 * @value: (out) (transfer none): what stands after "="
 *
 * Returns: (transfer full) (nullable): NAME, where @text is NAME=VALUE and no file with a path
 */
char *ht_name_split(const char *text, const char **value);

/**
 * ht_targets_find:
 * Returns: (nullable): the target at the place that NAME @name means; NULL with HC_ERROR_USAGE when
 * it means none, or there is no such target
 */
HtTarget *ht_targets_find(const HtTargets *targets, const char *name, GError **error);

/** Returns: whether two paths name one file, or would when they are written. */
gboolean ht_is_same_file(const char *a, const char *b);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HtTargets, ht_targets_free)

G_END_DECLS
