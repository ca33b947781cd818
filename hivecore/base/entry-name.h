#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * hc_entry_name_clean:
 * @out: set to @name without "." and empty parts: "./Files//a/" becomes "Files/a"
 *
 * Returns: FALSE when @name has a ".." part; @out is undefined then
 */
gboolean hc_entry_name_clean(GString *out, const char *name, gsize n_bytes);

/**
 * hc_entry_name_fold:
 * @out: set to @n_bytes of @name with its characters upper-cased as Windows does (hc_upcase());
 * bytes that are not UTF-8 stay
 */
void hc_entry_name_fold(GString *out, const char *name, gsize n_bytes);

/** HcNameKey: stands for a path without regard to case, so that memory does not grow with
 * names. */
typedef struct {
    guint8 bytes[16];
} HcNameKey;

/**
 * hc_entry_name_key:
 * @name: @n_bytes of a clean name, folded by hc_entry_name_fold()
 *
 * Returns: half of the SHA-256 of the upper-cased name: equal names give equal keys
 */
HcNameKey hc_entry_name_key(const char *name, gsize n_bytes);

/** hc_entry_name_key_hash, hc_entry_name_key_equal: GHashFunc and GEqualFunc over const HcNameKey
 * *. */
guint hc_entry_name_key_hash(gconstpointer key);
gboolean hc_entry_name_key_equal(gconstpointer a, gconstpointer b);

/** Returns: whether the clean names are the same without regard to case. */
gboolean hc_entry_name_equal(const char *a, const char *b);

/**
 * hc_folder_find:
 * Returns: (transfer full): the path of what is in @folder by @name, without regard to case, that
 * very spelling first; NULL without @error when there is none, HC_ERROR_MALFORMED when there are
 * two
 */
char *hc_folder_find(const char *folder, const char *name, GError **error);

G_END_DECLS
