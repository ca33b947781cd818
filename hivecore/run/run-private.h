#pragma once

#include "hivecore/reg/cmd-line.h"
#include "hivecore/reg/reg-script.h"
#include "hivecore/regf/hive.h"
#include "hivecore/run/run.h"

G_BEGIN_DECLS

/** HcRun: one line at work. */
typedef struct {
    const HcRunLine *line;
    const HcRunWorld *world;
    HcArena *arena;
    GHashTable *start_env; /* (nullable): what all shells of the line start with, upper-case name:
                            * value; made when it is asked for, or before the registry changes */
    GHashTable *env;       /* (nullable): that of the shell at hand; NULL: .start_env */
    GHashTable *values;    /* of PowerShell's variables: lower-case name: HcPsValue * in arena */
    char *folder;          /* "Files/app" */
    HcHive *hives[HC_N_HIVE_SLOTS];
    gboolean is_asked[HC_N_HIVE_SLOTS];
    guint depth;         /* shells in shells */
    gboolean may_fail;   /* what is done now may fail: || exit 0, -ErrorAction SilentlyContinue */
    gboolean has_failed; /* what was done last did, where it may */
    gboolean is_unsure;  /* what was done last was passed over: nobody knows its status */
    gboolean has_ended;  /* exit */
    gboolean has_changed;
} HcRun;

/* --- run.c --- */

/** hc_run_refuse: "'WORD' needs Windows" and what helps. @why: (nullable): in place of that.
 * Returns: FALSE */
gboolean hc_run_refuse(GError **error, const char *word, const char *why);

/** hc_run_fail: what would fail on Windows, too; where the line lets it fail it is only told.
 * Returns: run->may_fail */
gboolean hc_run_fail(HcRun *run, GError **error, const char *format, ...) G_GNUC_PRINTF(3, 4);

/** hc_run_tell, hc_run_note: a line for world->told; for .told and .notes. */
void hc_run_tell(HcRun *run, const char *format, ...) G_GNUC_PRINTF(2, 3);
void hc_run_note(HcRun *run, const char *format, ...) G_GNUC_PRINTF(2, 3);

/** hc_run_skip: what only prints: passed over, and said; its status is not known. */
void hc_run_skip(HcRun *run, const char *text);

/** hc_run_enter: a shell in a shell; HC_ERROR_LIMIT when they are too many. */
gboolean hc_run_enter(HcRun *run, GError **error);

/** hc_run_prints: whether a program only prints, by its name and arguments. */
gboolean hc_run_prints(const char *const *words, guint n);

/** hc_run_join: @n words with blanks between them. Returns: (transfer full) */
char *hc_run_join(const char *const *words, guint n);

/** hc_run_keep: @text in run->arena. */
char *hc_run_keep(HcRun *run, const char *text);

/** hc_run_base_name: "C:\Windows\System32\reg.exe" is "reg". Returns: (transfer full): lower case
 */
char *hc_run_base_name(const char *word);

/* --- run-env.c --- */

/** Returns: (transfer none) (nullable): the value of variable @name. */
const char *hc_run_env(HcRun *run, const char *name);

/** hc_run_begin_env: before the registry changes: a variable that the line sets in it, as setx
 * does, is one of the next line. */
void hc_run_begin_env(HcRun *run);

/** hc_run_copy_env: for a shell in a shell. Returns: (transfer full) */
GHashTable *hc_run_copy_env(GHashTable *env);

/** hc_run_expand: %NAME% in @text as Windows expands REG_EXPAND_SZ. Returns: (transfer full) */
char *hc_run_expand(HcRun *run, const char *text);

/** hc_run_set_env: for what comes later on the line. @value: (nullable) */
void hc_run_set_env(HcRun *run, const char *name, const char *value);

/* --- run-registry.c --- */

/** hc_run_value, hc_run_has_key: of the registry as it is now. @is_known: (out): FALSE: nobody
 * knows, there is no such hive */
gboolean hc_run_value(HcRun *run, HcPath path, HcName name, HcDatum *datum, gboolean *is_known);
gboolean hc_run_has_key(HcRun *run, HcPath path, gboolean *is_known);

/** hc_run_values: calls @each for every value of the key as it is now. */
void hc_run_values(HcRun *run, HcPath path,
                   void (*each)(gpointer data, HcName name, const HcDatum *datum), gpointer data);

/** hc_run_state: a statement, done and told. HKEY_CURRENT_USER is refused. */
gboolean hc_run_state(HcRun *run, const HcRegCommand *statement, GError **error);

/** hc_run_set_variable: a variable of the machine. @value: "" deletes it when @deletes_empty. */
gboolean hc_run_set_variable(HcRun *run, const char *name, const char *value, uint32_t type,
                             GError **error);

/** hc_run_import: reg import of a file of the tree. */
gboolean hc_run_import(HcRun *run, const char *file, GError **error);

/** hc_run_text_datum: @text with its NUL, in run->arena. */
HcDatum hc_run_text_datum(HcRun *run, uint32_t type, const char *text);

/* --- run-cmd.c, run-builtins.c, run-block.c --- */

gboolean hc_run_cmd(HcRun *run, const char *text, GError **error);

/** hc_run_commands: commands of a line, of HcCmdCommand *. */
gboolean hc_run_commands(HcRun *run, const GPtrArray *commands, GError **error);

/** hc_run_block: if or for, on which the rest of the line hangs, from command @i on. */
gboolean hc_run_is_block(const HcCmdCommand *command);
gboolean hc_run_block(HcRun *run, const GPtrArray *commands, guint i, GError **error);

/** hc_run_pipe: what only prints and filters is passed over. @i: (inout): the last of it then */
gboolean hc_run_pipe(HcRun *run, const GPtrArray *commands, guint *i, GError **error);

/** hc_run_builtin: a command of cmd itself. @is_known: (out): FALSE: it is none */
gboolean hc_run_builtin(HcRun *run, const HcCmdCommand *command, gboolean *is_known,
                        GError **error);

/** hc_run_script: a line of PowerShell. @is_core: of pwsh */
gboolean hc_run_script(HcRun *run, const char *text, gboolean is_core, GError **error);

/* --- run-native.c --- */

/** hc_run_inner_cmd: a cmd that is started, with the line behind its /C as it stands. */
gboolean hc_run_inner_cmd(HcRun *run, const char *text, GError **error);

/** hc_run_program: a program with its arguments; cmd and PowerShell with a line of their own. */
gboolean hc_run_program(HcRun *run, const char *const *words, guint n, GError **error);

/* --- run-files.c, run-copy.c, run-archive.c: paths are as people write them --- */

enum {
    HC_RUN_RECURSIVE = 1 << 0,
    HC_RUN_FORCE = 1 << 1, /* also what is read-only; over what is there */
    HC_RUN_MISSING_OK = 1 << 2,
    HC_RUN_FOLDERS = 1 << 3, /* of a delete: folders; else files, or both with HC_RUN_FILES */
    HC_RUN_FILES = 1 << 4,
    HC_RUN_EXISTING_OK = 1 << 5,
    HC_RUN_APPEND = 1 << 6,
    HC_RUN_HIDDEN = 1 << 7,  /* wildcards find hidden files, too */
    HC_RUN_PARENTS = 1 << 8, /* folders above a file are made */
    HC_RUN_ZIP = 1 << 9,     /* of an archive: only that kind */
};

char *hc_run_entry(const HcRun *run, const char *path, GError **error);

/** hc_run_match: what @pattern, with wildcards in its last part at most, stands for. Returns:
 * (transfer container): of HcTreeNode *, empty when there is none */
GPtrArray *hc_run_match(HcRun *run, const char *pattern, guint flags, GError **error);
gboolean hc_run_has_wildcards(const char *path);

/** Returns: (transfer none): behind the last slash of @path, of either kind. */
const char *hc_run_last_part(const char *path);

/** hc_run_find: (nullable): the node of @path through links; without @error when nothing is there.
 */
HcTreeNode *hc_run_find(HcRun *run, const char *path, GError **error);

gboolean hc_run_make_folder(HcRun *run, const char *path, guint flags, GError **error);
gboolean hc_run_delete(HcRun *run, const char *pattern, guint flags, GError **error);
gboolean hc_run_copy(HcRun *run, const char *from, const char *to, guint flags, GError **error);
gboolean hc_run_move(HcRun *run, const char *from, const char *to, guint flags, GError **error);
gboolean hc_run_rename(HcRun *run, const char *path, const char *name, guint flags, GError **error);
gboolean hc_run_write(HcRun *run, const char *path, const char *bytes, gsize n_bytes, guint flags,
                      GError **error);
gboolean hc_run_link(HcRun *run, const char *link, const char *target, char kind, GError **error);
gboolean hc_run_grant(HcRun *run, const char *path, const char *grant, gboolean replaces,
                      gboolean recursive, GError **error);
gboolean hc_run_change_folder(HcRun *run, const char *path, GError **error);
gboolean hc_run_extract(HcRun *run, const char *archive, const char *to, guint n_strip, guint flags,
                        GError **error);

G_END_DECLS
