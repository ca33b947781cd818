#pragma once

#include "hivecore/report/change-filter.h"
#include "hivecore/report/records.h"
#include "hivecore/search/search.h"
#include "hivetool/reading.h"

G_BEGIN_DECLS

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

G_END_DECLS
