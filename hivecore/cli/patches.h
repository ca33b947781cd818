#pragma once

#include "hivecore/base/root.h"
#include "hivecore/cli/cli.h"
#include "hivecore/delta/delta.h"
#include "hivecore/regf/security.h"
#include "hivecore/registry/operand.h"

G_BEGIN_DECLS

/* How commands of both programs read patches and find the hives that they are for. */

/** HcPatchFile: one patch as it was read; "-" can be read once. */
typedef struct {
    char *name;
    GBytes *content; /* NULL where it is made by fill */

    /** Says in a new patch what the command line says, from HKEY_ names on or, for a hive without a
     * place, below its root key. */
    gboolean (*fill)(HcDelta *patch, gconstpointer data, GError **error);
    gconstpointer data; /* borrowed */
} HcPatchFile;

/**
 * hc_patch_made:
 * Returns: (transfer full) (element-type HcPatchFile): one patch that no file holds
 */
GPtrArray *hc_patch_made(gboolean (*fill)(HcDelta *patch, gconstpointer data, GError **error),
                         gconstpointer data);

/**
 * hc_patch_files_read:
 * @operands: NULL-terminated; a state is HC_ERROR_USAGE
 *
 * Returns: (transfer full) (element-type HcPatchFile): the files whole, or NULL
 */
GPtrArray *hc_patch_files_read(char **operands, GError **error);

/** hc_patch_files_of: the same for one operand that is a change, and open. */
GPtrArray *hc_patch_files_of(const HcOperand *operand, GError **error);

/** HcPatchOptions: the option variables of a command that reads patches. */
typedef struct {
    char *compat;      /* (nullable): argument of --compat, "" of it alone */
    char *new_keys;    /* (nullable): argument of --new-keys */
    char **set;        /* (nullable): arguments of --set, NAME=VALUE each */
    char **allow;      /* (nullable): arguments of --allow, names with commas each */
    int ansi_codepage; /* 0: the default */
    gboolean skip_foreign;
    gboolean last_wins;
    gboolean is_verify;  /* the patches are not applied: their conditions are not checked */
    gboolean is_partial; /* there are other patches: .set may be for variables of those */
} HcPatchOptions;

/* The options of commands that read patches, for a table of GOptionEntry; @foreign: the text of
 * --skip-foreign. */
#define HC_PATCH_OPTION_ENTRIES(options, foreign)                                                  \
    {"skip-foreign", 0, 0, G_OPTION_ARG_NONE, &(options).skip_foreign, foreign, NULL},             \
        {"last-wins",                                                                              \
         0,                                                                                        \
         0,                                                                                        \
         G_OPTION_ARG_NONE,                                                                        \
         &(options).last_wins,                                                                     \
         "let the later of contradicting patches win",                                             \
         NULL},                                                                                    \
        {"set",                                                                                    \
         0,                                                                                        \
         0,                                                                                        \
         G_OPTION_ARG_FILENAME_ARRAY,                                                              \
         &(options).set,                                                                           \
         "value of a variable that a patch declares",                                              \
         "NAME=VALUE"},                                                                            \
        HC_NEW_KEYS_OPTION_ENTRY(options),                                                         \
        {"compat",                                                                                 \
         0,                                                                                        \
         G_OPTION_FLAG_OPTIONAL_ARG,                                                               \
         G_OPTION_ARG_FILENAME,                                                                    \
         &(options).compat,                                                                        \
         "regedit (also without MODE): skip and count bad\nlines, as regedit does",                \
         "MODE"},                                                                                  \
        {"allow",                                                                                  \
         0,                                                                                        \
         0,                                                                                        \
         G_OPTION_ARG_FILENAME_ARRAY,                                                              \
         &(options).allow,                                                                         \
         "take what looks wrong: ansi-strings, wide-strings",                                      \
         "NAMES"},                                                                                 \
    {                                                                                              \
        "ansi-codepage", 0, 0, G_OPTION_ARG_INT, &(options).ansi_codepage,                         \
            "code page of 8-bit .reg files (UTF-8 or 1252)", "N"                                   \
    }

/* That of commands that make keys. */
#define HC_NEW_KEYS_OPTION_ENTRY(options)                                                          \
    {                                                                                              \
        "new-keys", 0, 0, G_OPTION_ARG_FILENAME, &(options).new_keys,                              \
            "descriptor of new keys: inherit[:OWNER[:GROUP]], copy", "RULE"                        \
    }

/** HcPatchTarget: one hive that the patches may speak of, and what they do to it. */
typedef struct {
    const HcHive *hive;
    HcRoot *root; /* (nullable): where the hive hangs; borrowed. No two hang at one place, but
                     those of several users at HKEY_CURRENT_USER */
    guint user;   /* 0, or which of the users, from 1 on, whose HKEY_CURRENT_USER it holds */
    gboolean is_classes; /* of a user: what lies below Software\Classes there */
    HcDelta *part;       /* (out): what the patches say of it; hc_patch_target_clear() frees it */
    HcDelta *exact;      /* (out): that resolved against hive; likewise */
} HcPatchTarget;

/** hc_patch_target_clear: frees .part and .exact and leaves NULL there. */
void hc_patch_target_clear(HcPatchTarget *target);

/**
 * hc_patches_route:
 * Reads @files (.reg or JSON by content) in order into one patch and gives each target what lies
 * below its root. HKEY_CLASSES_ROOT is HKLM\SOFTWARE\Classes; CurrentControlSet goes through
 * Select\Current of the target that is HKLM\SYSTEM. Where roots lie in each other the longest takes
 * a statement. What was skipped is said on standard error.
 *
 * A statement that no target can take is HC_ERROR_CONFLICT naming its place, unless
 * options->skip_foreign. A target without root takes only patches that name no HKEY_ key (JSON
 * deltas without a root), and only when it is the only one.
 *
 * Returns: FALSE with @error set; no target has .part then
 */
gboolean hc_patches_route(const HcCliContext *context, GPtrArray *files, HcPatchTarget *targets,
                          gsize n_targets, const HcPatchOptions *options, GError **error);

/**
 * hc_patches_read:
 * Returns: (transfer full): what @files say, from HKEY_ names on, whatever hive it is for; NULL
 * with
 * @error set
 */
HcDelta *hc_patches_read(const HcCliContext *context, GPtrArray *files,
                         const HcPatchOptions *options, GError **error);

/**
 * hc_patches_resolve:
 * hc_patches_route(), and each part resolved against its hive. What lands in a symbolic link is
 * said on standard error. Preconditions of the patches are checked. Patches that change
 * Select\Current of a hive and speak of CurrentControlSet are HC_ERROR_CONFLICT naming both places.
 *
 * Returns: FALSE with @error set; no target has .part or .exact then
 */
gboolean hc_patches_resolve(HcCliContext *context, GPtrArray *files, HcPatchTarget *targets,
                            gsize n_targets, const HcPatchOptions *options, GError **error);

/**
 * hc_new_keys_parse:
 * @rule: (nullable): argument of --new-keys: inherit, inherit:OWNER, inherit:OWNER:GROUP or copy;
 *   NULL: inherit
 * @arena: where the SIDs live
 * @creator: (out): who makes the new keys
 * @is_copy: (out): they get a copy of the descriptor above instead
 *
 * Returns: FALSE with HC_ERROR_USAGE
 */
gboolean hc_new_keys_parse(const char *rule, HcArena *arena, HcCreator *creator, gboolean *is_copy,
                           GError **error);

G_END_DECLS
