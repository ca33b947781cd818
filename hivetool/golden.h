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

/**
 * ht_textconv:
 * What `hivetool textconv` prints of @file: its size and SHA-256, then, of a hive, what is odd
 * about it and hc_report_lines(). Only @file is read, without logs beside it, so that the same
 * bytes give the same text; and there is a text whatever they are, since git shows nothing at all
 * of a commit where one fails.
 *
 * @root_option: (nullable): as of ht_find_root()
 *
 * HC_ERROR_IO, HC_ERROR_LIMIT; HC_ERROR_USAGE for @root_option
 */
gboolean ht_textconv(HcStream *stream, const char *file, const char *root_option, GError **error);

/** ht_textconv_map: the same of what is in memory, of the file that @map is called. */
gboolean ht_textconv_map(HcStream *stream, HcMap *map, const char *root_option, GError **error);

G_END_DECLS
