#pragma once

#include "hivetool/common.h"

G_BEGIN_DECLS

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
