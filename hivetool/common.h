#pragma once

#include "hivecore/base/output.h"
#include "hivecore/base/path.h"
#include "hivecore/base/root.h"
#include "hivecore/cli/cli-hive.h"
#include "hivecore/delta/diff.h"
#include "hivecore/reg/reg-writer.h"

G_BEGIN_DECLS

/* What the commands share. */

/** The commands, each in its own cmd-NAME.c. */
extern const HcCommand ht_cmd_apply;
extern const HcCommand ht_cmd_browse;
extern const HcCommand ht_cmd_candidates;
extern const HcCommand ht_cmd_check;
extern const HcCommand ht_cmd_cp;
extern const HcCommand ht_cmd_deleted;
extern const HcCommand ht_cmd_delta;
extern const HcCommand ht_cmd_diff;
extern const HcCommand ht_cmd_digest;
extern const HcCommand ht_cmd_export;
extern const HcCommand ht_cmd_find;
extern const HcCommand ht_cmd_fmt;
extern const HcCommand ht_cmd_get;
extern const HcCommand ht_cmd_golden;
extern const HcCommand ht_cmd_info;
extern const HcCommand ht_cmd_lint;
extern const HcCommand ht_cmd_ls;
extern const HcCommand ht_cmd_merge;
extern const HcCommand ht_cmd_mkkey;
extern const HcCommand ht_cmd_mv;
extern const HcCommand ht_cmd_new;
extern const HcCommand ht_cmd_rebuild;
extern const HcCommand ht_cmd_recover;
extern const HcCommand ht_cmd_rm;
extern const HcCommand ht_cmd_set;
extern const HcCommand ht_cmd_textconv;
extern const HcCommand ht_cmd_timeline;
extern const HcCommand ht_cmd_verify;

/** ht_parse_encoding: @text: (nullable): "utf-16le" (also for NULL) or "utf-8". */
gboolean ht_parse_encoding(const char *text, HcRegEncoding *encoding, GError **error);

/** ht_open_ordinary_of: hc_cli_open_hive_of(); a differencing hive is HC_ERROR_UNSUPPORTED. */
HcHive *ht_open_ordinary_of(const HcCliContext *context, HcRegistry *state, guint index,
                            GError **error);

/** ht_guess_root: hc_root_guess() of an open hive. */
HcRoot *ht_guess_root(const HcHive *hive);

/**
 * ht_find_root:
 * @option: (nullable): the argument of --root
 * @root: (out): NULL when neither the option nor the hive says
 *
 * Returns: FALSE when @option is no place in the registry
 */
gboolean ht_find_root(const HcHive *hive, const char *option, HcRoot **root, GError **error);

/** ht_need_root: the same, but not to know is HC_ERROR_USAGE. Returns: (transfer full) */
HcRoot *ht_need_root(const HcHive *hive, const char *option, GError **error);

/** Returns: @root as an HcName in @arena; empty for NULL. */
HcName ht_root_name(HcArena *arena, const HcRoot *root);

/**
 * ht_find_key:
 * @text: UTF-8, parts between backslashes; may start with @root (nullable), also abbreviated; ""
 * and a lone backslash are the root key. CurrentControlSet is the control set that is in use.
 * @path: (out): below the hive's root key, in @arena, spelled as in the hive
 *
 * The key that @text names. Where no key has that very name, it is read in the ways in which people
 * have keys at hand: HKLM:\, Computer\HKEY_…, Registry::HKEY_…, [HKEY_…], the file's name first
 * (SYSTEM\Select), slashes for backslashes, and \u{hex} as names are printed.
 *
 * Returns: FALSE with HC_ERROR_NOT_FOUND that says which part is there and what is nearest to the
 * one that is not; HC_ERROR_USAGE for what is no path, HC_ERROR_MALFORMED
 */
gboolean ht_find_key(HcArena *arena, const HcHive *hive, const char *text, const HcRoot *root,
                     HcPath *path, HcKey *key, GError **error);

/** HtWay: how far a path leads. */
typedef struct {
    HcPath path;   /* below the hive's root key */
    gsize n_found; /* how many of its names are there */
    HcKey key;     /* the last of them */
} HtWay;

/** ht_read_key: the same for a key that may be made: how far it leads. */
gboolean ht_read_key(HcArena *arena, const HcHive *hive, const char *text, const HcRoot *root,
                     HtWay *way, GError **error);

/**
 * ht_split_value:
 * Whether @text is KEY::VALUE, and no key.
 * @key_text: (out): (transfer full): KEY
 * @value: (out): (transfer none): VALUE
 */
gboolean ht_split_value(const HcHive *hive, const char *text, const HcRoot *root, char **key_text,
                        const char **value);

/**
 * ht_find_value:
 * @text: UTF-8; "", "@" and, where no value has that name, "(Default)" are the default value;
 * \u{hex} as in ht_find_key()
 * @key_text: how @key was asked for, for the message
 *
 * The value of @key, which may be a tombstone. HC_ERROR_NOT_FOUND names the nearest one.
 */
gboolean ht_find_value(const HcHive *hive, const HcKey *key, const char *key_text, const char *text,
                       HcValue *value, GError **error);

/** ht_refuse_tombstone: HC_ERROR_NOT_FOUND when all that a differencing hive says of @key, found as
 * @text, is that it is deleted. */
gboolean ht_refuse_tombstone(const HcHive *hive, const char *text, const HcKey *key,
                             GError **error);

/** ht_name_json: adds to what cannot be written as .reg that JSON can: @how. Returns: FALSE */
gboolean ht_name_json(GError **error, const char *how);

/** ht_note_wide: a line for who pipes .reg text into grep: it is UTF-16 where nobody asked for
 * another. A file is left alone: it is for regedit. @output: (nullable): argument of -o */
void ht_note_wide(const HcCliContext *context, const char *output, HcRegEncoding encoding,
                  gboolean is_encoding_asked);

/** ht_emit_reg: ht_emit_like() of .reg text; on standard output as hc_cli_append_reg() has it. */
gboolean ht_emit_reg(HcCliContext *context, const char *output, char *const *inputs, GBytes *text,
                     gboolean is_encoding_asked, GError **error);

/** ht_emit: @bytes to the file @output, or to standard output when it is NULL. */
gboolean ht_emit(HcCliContext *context, const char *output, const void *bytes, gsize n_bytes,
                 GError **error);

/** ht_emit_like: the same for what shows something of @inputs, files (NULL-terminated): it hides
 * from group and others what one of them hides. */
gboolean ht_emit_like(HcCliContext *context, const char *output, char *const *inputs,
                      const void *bytes, gsize n_bytes, GError **error);

/** ht_strip_reg_words: "change:x.reg" and "state:x.reg" of @files become "x.reg", in place: to who
 * reads the text alone they are the same. */
void ht_strip_reg_words(char **files);

G_END_DECLS
