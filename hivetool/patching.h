#pragma once

#include "hivecore/cli/cli-hive.h"
#include "hivecore/cli/cli-report.h"
#include "hivecore/cli/patches.h"
#include "hivetool/common.h"
#include "hivetool/reading.h"

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

/* How the commands that change hives write them: apply, set, rm, mkkey, mv, cp. */

/** HtPatching: the option variables of such a command, and what they come to. */
typedef struct {
    HcPatchOptions patch;
    char *root;    /* (nullable): argument of --root */
    char **output; /* (nullable): arguments of -o */
    char *reverse; /* (nullable): argument of --reverse-out */
    char *engine;  /* (nullable): argument of --engine */
    gboolean in_place;
    gboolean dry_run;
    gboolean is_exit_code;
    HcShowing showing; /* of a dry run */
    int lock_timeout;  /* HC_LOCK_TIMEOUT before */
    char *backup;      /* (nullable): argument of --backup; "" without one */
    gboolean is_awake; /* --even-hibernated */
    char **users;      /* (nullable): arguments of --user */
    char *key_user;    /* (nullable): argument of the --user that is said of a key */
    int engine_choice; /* of ht_patching_check() */
} HtPatching;

/* The options, for a table of GOptionEntry. */
#define HT_PATCHING_OPTION_ENTRIES(how)                                                              \
    {"output",                                                                                       \
     'o',                                                                                            \
     0,                                                                                              \
     G_OPTION_ARG_FILENAME_ARRAY,                                                                    \
     &(how).output,                                                                                  \
     "the changed hive; of several NAME=OUT, or a folder",                                           \
     "OUT"},                                                                                         \
        {"in-place", 'i', 0, G_OPTION_ARG_NONE, &(how).in_place, "replace HIVE by the changed hive", \
         NULL},                                                                                      \
        {"dry-run",                                                                                  \
         'n',                                                                                        \
         0,                                                                                          \
         G_OPTION_ARG_NONE,                                                                          \
         &(how).dry_run,                                                                             \
         "print what would change, write nothing",                                                   \
         NULL},                                                                                      \
        {"exit-code",                                                                                \
         0,                                                                                          \
         0,                                                                                          \
         G_OPTION_ARG_NONE,                                                                          \
         &(how).is_exit_code,                                                                        \
         "with -n: end with 1 when something would change",                                          \
         NULL},                                                                                      \
        HC_SHOWING_OPTION_ENTRIES((how).showing), {"root",                                           \
                                                   0,                                                \
                                                   0,                                                \
                                                   G_OPTION_ARG_FILENAME,                            \
                                                   &(how).root,                                      \
                                                   "where HIVE hangs, like HKLM\\SOFTWARE",          \
                                                   "ROOT"},                                          \
        {"reverse-out",                                                                              \
         0,                                                                                          \
         0,                                                                                          \
         G_OPTION_ARG_FILENAME,                                                                      \
         &(how).reverse,                                                                             \
         "write the patch that undoes this (.reg, .json)",                                           \
         "FILE"},                                                                                    \
        {"engine",                                                                                   \
         0,                                                                                          \
         0,                                                                                          \
         G_OPTION_ARG_FILENAME,                                                                      \
         &(how).engine,                                                                              \
         "what writes the hive: auto, hivex or rebuild",                                             \
         "ENGINE"},                                                                                  \
        {"backup",                                                                                   \
         0,                                                                                          \
         G_OPTION_FLAG_OPTIONAL_ARG,                                                                 \
         G_OPTION_ARG_FILENAME,                                                                      \
         &(how).backup,                                                                              \
         "with --in-place: keep each old file (.bak)",                                               \
         "SUFFIX"},                                                                                  \
        {"even-hibernated",                                                                          \
         0,                                                                                          \
         0,                                                                                          \
         G_OPTION_ARG_NONE,                                                                          \
         &(how).is_awake,                                                                            \
         "go on where Windows was not shut down on a disk",                                          \
         NULL},                                                                                      \
        HC_LOCK_OPTION_ENTRY((how).lock_timeout)

/* Of commands that read patches: whose HKEY_CURRENT_USER they mean. */
#define HT_USER_OPTION_ENTRY(users)                                                                \
    {                                                                                              \
        "user", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &(users),                                       \
            "whose HKEY_CURRENT_USER, of a disk: NAME, all, default", "NAMES"                      \
    }

/** ht_patching_check: what can be said of the options alone; HC_ERROR_USAGE. */
gboolean ht_patching_check(HtPatching *how, const char *command, GError **error);

/** ht_patching_targeting: the options that ht_targets_open() looks at. */
HtTargeting ht_patching_targeting(const HtPatching *how);

/** ht_patching_choose: where the hives go; no output is an input. To be called before patches are
 * read. */
gboolean ht_patching_choose(const HtPatching *how, const HtTargets *targets, GError **error);

/**
 * ht_patching_write:
 * Writes the hives whose .exact is in targets->patched, all or none, and tells what was done; in a
 * dry run only that.
 */
gboolean ht_patching_write(HcCliContext *context, const HtPatching *how, HtTargets *targets,
                           HcExit *status, GError **error);

G_END_DECLS
