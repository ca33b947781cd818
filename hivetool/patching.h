#pragma once

#include "hivecore/cli/cli-report.h"
#include "hivetool/reading.h"
#include "hivetool/targets.h"

G_BEGIN_DECLS

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
