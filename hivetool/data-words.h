#pragma once

#include <glib.h>

#include "hivecore/delta/delta.h"

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

G_END_DECLS
