#pragma once

#include "hivetool/common.h"

G_BEGIN_DECLS

/** HtGoldenVerdict: what became of a file that is compared with a golden one. */
typedef enum {
    HT_GOLDEN_SAME,    /* the same bytes */
    HT_GOLDEN_CONTENT, /* other bytes that say the same */
    HT_GOLDEN_DIFFERS,
    HT_GOLDEN_MISSING, /* nothing was made */
    HT_GOLDEN_NEW,     /* there is no golden file */
} HtGoldenVerdict;

/** HtGoldenPair: a golden file and the one that was made. */
typedef struct {
    char *label; /* what reports call it */
    char *golden;
    char *made;
    HtGoldenVerdict verdict;
} HtGoldenPair;

/**
 * ht_golden_pairs:
 * @golden, @made: two files, or two folders: then each regular file of either, by name, but for the
 *   text beside a golden hive
 *
 * Returns: (transfer full) (element-type HtGoldenPair): HC_ERROR_USAGE for a file and a folder,
 * folders without files, or twice the same
 */
GPtrArray *ht_golden_pairs(const HcCliContext *context, const char *golden, const char *made,
                           GError **error);

/**
 * ht_golden_compare:
 * Sets the verdict of @pair, and writes to @out what differs: of two hives or patches what they
 * say, and where they say the same, why the bytes differ; of other files from where on.
 */
gboolean ht_golden_compare(HcCliContext *context, HcStream *out, HtGoldenPair *pair,
                           GError **error);

/** Returns: (transfer full): the name of the text beside a golden hive. */
char *ht_golden_text_name(const char *golden);

/** ht_golden_text: what `hivetool textconv` prints of the hive @golden when it is what @file is,
 * whose name may tell another place. Returns: (transfer full) */
GBytes *ht_golden_text(const char *golden, const char *file, GError **error);

G_END_DECLS
