#pragma once

#include <glib.h>

#include "hivecore/delta/delta.h"
#include "hivetool/patching.h"

G_BEGIN_DECLS

/* The data of a value as words of a command line. */

/**
 * ht_type_parse:
 * @text: sz, REG_SZ, string; expand_sz, multi_sz, dword, dword_be, qword, binary, none, link with
 *   their likes; or a number
 *
 * HC_ERROR_USAGE names the words.
 */
gboolean ht_type_parse(const char *text, uint32_t *type, GError **error);

/**
 * ht_data_parse:
 * @words: NULL-terminated: of a text one; of a list any number; of a number one, in decimal or 0x;
 *   of all else hex digits, or @FILE
 *
 * Returns: (transfer full): the data as it is stored, or NULL with HC_ERROR_USAGE, or HC_ERROR_IO
 * of a file
 */
GByteArray *ht_data_parse(uint32_t type, char *const *words, GError **error);

/* Commands that say a change on the command line: set, rm, mkkey, mv, cp. What they say is a patch
 * like any other. */

/** HtVerbKey: a key as the command line names it, which may be made. */
typedef struct {
    HcPath path; /* for the patch: from its HKEY_ name on, or below a root key without place */
    HtWay way;
    char *text;        /* without ::VALUE */
    const char *value; /* (nullable): VALUE of KEY::VALUE; borrowed */
} HtVerbKey;

void ht_verb_key_clear(HtVerbKey *key);

/**
 * ht_verb_key:
 * @text: KEY, or with @takes_value KEY::VALUE
 *
 * The key that @text means in @target's hive, names in @arena.
 */
gboolean ht_verb_key(HtVerbKey *key, HcArena *arena, const HtTarget *target, const char *text,
                     gboolean takes_value, GError **error);

static inline gboolean
ht_verb_key_is_there(const HtVerbKey *key)
{
    return key->way.n_found == key->way.path.n;
}

/**
 * ht_verb_refuse_switches:
 * @form: what @command takes
 * @words: KEY, and NAME if one is said
 *
 * HC_ERROR_USAGE for a KEY or NAME that is a switch of reg.exe. People write them by habit, and
 * nobody calls a key so; one that is called so can be named "\\/v", a value "KEY::/v".
 */
gboolean ht_verb_refuse_switches(const char *command, const char *form, char *const *words,
                                 GError **error);

/** ht_verb_need_key: HC_ERROR_NOT_FOUND, with what is nearest, when the key is not there. */
gboolean ht_verb_need_key(const HtVerbKey *key, const HtTarget *target, GError **error);

/** ht_verb_value_name: @text as a value of @key, which may be made: spelled as it is there, where
 * @value (out) is it then. Returns: whether it is there */
gboolean ht_verb_value_name(HcArena *arena, const HtTarget *target, const HtVerbKey *key,
                            const char *text, HcName *name, HcValue *value);

/** HtVerbFill: as HcPatchFile.fill. */
typedef gboolean (*HtVerbFill)(HcDelta *patch, gconstpointer data, GError **error);

/** ht_verb_run: what @fill says becomes the exact delta of hive @index. */
gboolean ht_verb_resolve(HcCliContext *context, const HtPatching *how, HtTargets *targets,
                         gsize index, HtVerbFill fill, gconstpointer data, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HtVerbKey, ht_verb_key_clear)

G_END_DECLS
