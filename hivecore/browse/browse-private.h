#pragma once

#include "hivecore/browse/browse.h"

G_BEGIN_DECLS

/* What the files of this folder share. */

/** HcBrowsePlace: a place, the key at its top, and, once it was opened, its hive. */
typedef struct {
    char *label;
    HcRoot *root; /* (nullable) */
    const HcDelta *change;
    HcHive *hive; /* NULL: not opened yet, or not to be opened */
    HcBrowseKey top;
} HcBrowsePlace;

typedef struct HcBrowseSearch HcBrowseSearch;

/** The whole of an HcBrowse. */
typedef struct {
    HcBrowse seen; /* first: what the functions are given */
    HcBrowsePlaces from;
    GPtrArray *places; /* of HcBrowsePlace * */
    HcBrowseSearch *search;
    GHashTable *marks; /* of HcBrowseMark *, each its own key */
    GByteArray *scratch;
} HcBrowseAll;

static inline HcBrowseAll *
hc_browse_all(HcBrowse *browse)
{
    return (HcBrowseAll *) browse;
}

static inline const HcBrowseAll *
hc_browse_all_const(const HcBrowse *browse)
{
    return (const HcBrowseAll *) browse;
}

static inline HcBrowsePlace *
hc_browse_place(const HcBrowse *browse, guint i)
{
    return g_ptr_array_index(hc_browse_all_const(browse)->places, i);
}

/** hc_browse_read: reads the subkeys of @key, unless that was done; where it fails, key->defect
 * says why. */
void hc_browse_read(HcBrowse *browse, HcBrowseKey *key);

/** hc_browse_forget: forgets what is below @key. */
void hc_browse_forget(HcBrowseKey *key);

/** Returns: whether @key is shown where only changes are. */
gboolean hc_browse_is_shown(const HcBrowse *browse, const HcBrowseKey *key);

/** hc_browse_fill_rows: makes the rows anew, with the cursor on @key or the nearest above it. */
void hc_browse_fill_rows(HcBrowse *browse, HcBrowseKey *key);

/** hc_browse_show: opens all above @key, and puts the cursor there, on value @value if >= 0. */
void hc_browse_show(HcBrowse *browse, HcBrowseKey *key, int value);

/** hc_browse_find: reads along @path as far as it leads. Returns: (transfer none): the last key
 * @n_found: (out): how many of the names are there */
HcBrowseKey *hc_browse_find(HcBrowse *browse, guint place, const HcPath *path, gsize *n_found);

/**
 * hc_browse_list_values:
 * The values of @key: those of the hive in its order, then those that are added.
 * @defect: (out) (transfer full): NULL, or why they are not all
 *
 * Returns: (transfer full): of HcBrowseValue
 */
GArray *hc_browse_list_values(HcBrowse *browse, const HcBrowseKey *key, char **defect);

/** hc_browse_fill_values: makes the values and details of the key under the cursor anew. */
void hc_browse_fill_values(HcBrowse *browse);

/** hc_browse_fill_details: makes the details anew. */
void hc_browse_fill_details(HcBrowse *browse);

/**
 * hc_browse_datum:
 * What @value of @key is in the hive. Data is borrowed from the hive or from the scratch of
 * @browse.
 */
gboolean hc_browse_datum(HcBrowse *browse, const HcBrowseKey *key, const HcBrowseValue *value,
                         HcDatum *datum, GError **error);

void hc_browse_search_free(HcBrowseSearch *search);

GHashTable *hc_browse_marks_new(void);

G_END_DECLS
