#pragma once

#include "hivecore/cli/cli-hive.h"
#include "hivecore/cli/patches.h"
#include "hivetool/common.h"

G_BEGIN_DECLS

/* The hives that patches are for: a state, as operands name it: HIVE, NAME=HIVE once or more, or a
 * source of several: a folder, a disk, an image, a layer. */

/** HtTarget: one of them. */
typedef struct {
    char *name; /* (nullable): NAME as it was given, or what -o takes for it; NULL: HIVE alone */
    char *file; /* what the hive is called; its file, where is_file */
    const char *input; /* the operand that it is read from, borrowed; the same where is_file */
    HcRegistry *state; /* its hive index, borrowed */
    guint index;
    gboolean is_file;
    HcHive *hive;
    HcRoot *root; /* (nullable) */
    char *output; /* (nullable): for apply: where the patched hive goes */
} HtTarget;

typedef struct {
    HtTarget *items;
    HcPatchTarget *patched; /* of the same hives, for hc_patches_resolve() */
    gsize n;
    GPtrArray *operands;   /* of HcOperand *, which the hives are in */
    gboolean is_named;     /* NAME=HIVE, or several that say where they are; else there is one */
    char **patches;        /* the other operands, NULL-terminated; the strings are borrowed */
    const char *data_file; /* (nullable): that data comes from; borrowed */
    HcLock *lock;          /* (nullable): of the hives, when they are to be replaced */
} HtTargets;

/** HtTargeting: what the command line says of all hives. */
typedef struct {
    const char *root;        /* (nullable): argument of --root, for HIVE alone */
    char **users;            /* (nullable): arguments of --user, of who reads patches */
    const char *key_user;    /* (nullable): argument of --user, of who is told a key */
    const int *lock_timeout; /* (nullable): the hives are to be replaced and are locked before they
                                are read; this is the argument of --lock-timeout */
    gboolean is_awake;       /* a Windows that is not shut down is no matter: nothing is changed, or
                                --even-hibernated */
} HtTargeting;

/**
 * ht_targets_open:
 * @args: operands of a command, NULL-terminated. Those that are NAME=HIVE (hc_operand_open()) are
 *   the hives; where there is none the first operand is the state, of which hives whose place
 *   nobody knows are left out.
 *
 * HC_ERROR_USAGE when a NAME is no place, two have one place (but HKEY_CURRENT_USER) or one file,
 * no patch is left, a user is not there, or a hive that is to be replaced is inside an image;
 * HC_ERROR_UNSUPPORTED of a disk whose Windows is not shut down; the errors of hc_cli_lock().
 *
 * Returns: (transfer full): the hives opened, or NULL
 */
HtTargets *ht_targets_open(const HcCliContext *context, char **args, const HtTargeting *how,
                           GError **error);

/**
 * ht_targets_open_keys:
 * The hives that are changed for the sake of keys: of each of @n operands the one that the key is
 * in. No two are one file. Otherwise as ht_targets_open(); several are named.
 */
HtTargets *ht_targets_open_keys(const HcCliContext *context, const char *const *texts,
                                const char *const *keys, gsize n, const HtTargeting *how,
                                GError **error);

/* --- users.c --- */

/** ht_targets_choose_users: gives those users that @lists (nullable; each with commas: folders,
 * "default", "all") name, or hives at HKEY_CURRENT_USER, their numbers in HcPatchTarget.user. */
gboolean ht_targets_choose_users(const HtTargets *targets, char **lists, GError **error);

/** ht_targets_check_awake: HC_ERROR_UNSUPPORTED where Windows is not shut down on a disk. */
gboolean ht_targets_check_awake(const HtTargets *targets, GError **error);

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
