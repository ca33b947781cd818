#pragma once

#include "hivecore/report/change-filter.h"
#include "hivecore/report/records.h"
#include "hivecore/search/search.h"
#include "hivetool/common.h"

G_BEGIN_DECLS

/** HtReading: a hive that is shown, and, with --salvage, what of it is missing. */
typedef struct {
    HcHive *hive;
    HcFindings *losses; /* NULL without --salvage */
} HtReading;

/** HtBranch: a key and all below it. */
typedef struct {
    HcPath path;
    HcKey key;
} HtBranch;

/** ht_reading_open_of: opens hive @index of @state. @is_whole: all of it will be read, so all of it
 * has to be sound. */
gboolean ht_reading_open_of(HtReading *reading, const HcCliContext *context, HcRegistry *state,
                            guint index, gboolean is_whole, gboolean is_salvage, GError **error);

/**
 * ht_pick_hive:
 * @key_text: a key as it stands on command lines
 *
 * Returns: FALSE with HC_ERROR_NOT_FOUND when the key is in no hive of the state
 */
gboolean ht_pick_hive(const HcOperand *operand, const char *key_text, guint *index, GError **error);

/** The option of commands that are told a key. */
#define HT_KEY_USER_OPTION_ENTRY(user)                                                             \
    {                                                                                              \
        "user", 0, 0, G_OPTION_ARG_FILENAME, &(user),                                              \
            "whose HKEY_CURRENT_USER, of a disk: NAME, default", "NAME"                            \
    }

/**
 * ht_operand_take_user:
 * @user: (nullable): argument of --user: the folder or SID of a user of a disk, or "default"
 * @keys: (nullable): NULL-terminated; one of them is in HKEY_CURRENT_USER, or @user says nothing
 *
 * The hives of @user hang at HKEY_CURRENT_USER then. HC_ERROR_USAGE when there is no such user.
 */
gboolean ht_operand_take_user(HcOperand *operand, const char *user, const char *const *keys,
                              GError **error);

/** ht_check_key_user: what can be said of them without a disk; HC_ERROR_USAGE. */
gboolean ht_check_key_user(const char *user, const char *const *keys, GError **error);

/** Returns: whether @key_text is in HKEY_CURRENT_USER. */
gboolean ht_key_is_current_user(const char *key_text);

/**
 * ht_pick_keys:
 * What of hive @index is asked for.
 *
 * @key_texts: (nullable): NULL-terminated; NULL: all of every hive
 * @keys: (out) (transfer container) (nullable): those of @key_texts that are in it; NULL: all of it
 * @is_asked: (out): whether anything of it is
 *
 * Returns: FALSE with @error, as ht_pick_hive()
 */
gboolean ht_pick_keys(const HcOperand *operand, char **key_texts, guint index, char ***keys,
                      gboolean *is_asked, GError **error);

/** ht_find_root_of: ht_find_root() of hive @index of a state, which may say it itself. */
gboolean ht_find_root_of(const HcOperand *operand, guint index, const HcHive *hive,
                         const char *option, HcRoot **root, GError **error);

void ht_reading_clear(HtReading *reading);

/** ht_reading_find_key: ht_find_key(); where it is not there, all that is missing is told first. */
gboolean ht_reading_find_key(const HtReading *reading, const HcCliContext *context, HcArena *arena,
                             const char *text, const HcRoot *root, HtBranch *branch,
                             GError **error);

/**
 * ht_reading_find_branches:
 * @texts: (nullable): NULL-terminated; NULL: the root key
 *
 * ht_reading_find_key() for each of @texts.
 *
 * Returns: (transfer full): of HtBranch, in the order of the registry; none is in another
 */
GArray *ht_reading_find_branches(const HtReading *reading, const HcCliContext *context,
                                 HcArena *arena, char **texts, const HcRoot *root, GError **error);

/**
 * ht_reading_status:
 * Tells what is missing of the key at @path and, with @with_subkeys, of all below it.
 *
 * Returns: HC_EXIT_NO when anything is, else HC_EXIT_OK
 */
HcExit ht_reading_status(const HtReading *reading, const HcCliContext *context, const HcPath *path,
                         gboolean with_subkeys);

/** ht_reading_branches_status: the same for all of @branches. */
HcExit ht_reading_branches_status(const HtReading *reading, const HcCliContext *context,
                                  const GArray *branches);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HtReading, ht_reading_clear)

/** HtFinder: a search through hives, and what is printed of it. */
typedef struct {
    HcCliContext *context;
    HcStream *stream;
    HcPattern *pattern;
    GArray *types; /* (nullable) (element-type uint32_t) */
    HcSearch search;
    HcChangeFilter *filter; /* (nullable): what is shown of what is found */
    char **keys;            /* (nullable): NULL-terminated */
    const char *root_option;
    const char *user_option; /* (nullable): argument of --user */
    gboolean is_salvage;
    gboolean is_full;
    gboolean is_count;
    gboolean is_list;
    gboolean is_several; /* operands: each line says which */
    const char *subject; /* of a page: what is looked for */

    HcRecords *records; /* NULL: text */
    gboolean has_color;
    const char *name; /* of the hive at hand */
    HcRoot *root;     /* (nullable) */
    const HcHive *hive;
    gboolean says_name; /* in each line */
    gboolean is_one;    /* there is no other hive */
    uint64_t n_here;
    uint64_t n_all;
    gboolean has_branch; /* one of the keys was somewhere */
    GError *absence;     /* (nullable): of a key in one of several */
} HtFinder;

/** ht_finder_begin: @is_shown: on standard output */
void ht_finder_begin(HtFinder *finder, HcFormat format, gboolean is_shown);

/** ht_finder_search: all hives of the operand @text. */
gboolean ht_finder_search(HtFinder *finder, const char *text, GError **error);

void ht_finder_end(HtFinder *finder);
void ht_finder_clear(HtFinder *finder);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HtFinder, ht_finder_clear)

/** HtTimeline: keys of hives, in the order in which they were written. 32 bytes for each are held.
 */
typedef struct HtTimeline HtTimeline;

/** HtTimes: which keys. */
typedef struct {
    uint64_t since; /* FILETIME; the first that counts */
    uint64_t until; /* the last that counts */
    char **keys;    /* (nullable): NULL-terminated; only what is below one of these */
    const char *root_option;
    const char *user_option; /* (nullable): argument of --user */
    gboolean is_salvage;
    const HcHive *base; /* (nullable): keys that are there with the same time do not count */
} HtTimes;

HtTimeline *ht_timeline_new(void);
void ht_timeline_free(HtTimeline *timeline);

/** ht_timeline_add: all hives of the operand @text, which stay open. */
gboolean ht_timeline_add(HtTimeline *timeline, const HcCliContext *context, const char *text,
                         const HtTimes *times, GError **error);

/**
 * ht_timeline_print:
 * Once, when all was added.
 * @format: one of HC_FORMATS_RECORDS, or HC_FORMAT_BODYFILE, as of The Sleuth Kit 3
 *
 * Returns: FALSE with HC_ERROR_IO when there is no room for what was gathered
 */
gboolean ht_timeline_print(HtTimeline *timeline, const HcCliContext *context, HcStream *stream,
                           HcFormat format, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HtTimeline, ht_timeline_free)

G_END_DECLS
