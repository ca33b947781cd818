#pragma once

#include "hivecore/base/path.h"
#include "hivecore/search/pattern.h"

G_BEGIN_DECLS

/* Where a pattern is in a hive. */

/** HcSearchIn: what is looked at. */
typedef enum {
    HC_SEARCH_KEYS = 1 << 0,  /* names of keys */
    HC_SEARCH_NAMES = 1 << 1, /* names of values */
    HC_SEARCH_DATA = 1 << 2,  /* what values hold */
} HcSearchIn;

#define HC_SEARCH_ALL (HC_SEARCH_KEYS | HC_SEARCH_NAMES | HC_SEARCH_DATA)

/** HcFound: a key, or a value, that matches; of the caller's until the next. */
typedef struct {
    HcSearchIn in;        /* where the pattern is; of a value whose name has it, NAMES */
    HcPath path;          /* of the key, below the root key */
    const HcKey *key;     /* the key at @path; of a value, the one it is in */
    const HcValue *value; /* (nullable): NULL: the key itself */
    HcDatum datum;        /* of @value; not present for a tombstone */
    const char *held;     /* the string in the bytes that matches; "" where there is none */
} HcFound;

/** HcSearch: what is searched. */
typedef struct {
    HcPattern *pattern;
    guint in;            /* HcSearchIn bits */
    const GArray *types; /* (nullable) (element-type uint32_t): only values of these, no keys */
    /** Returns: FALSE to stop; with @error set, because of that. */
    gboolean (*found)(void *data, const HcFound *found, GError **error);
    void *data;
} HcSearch;

/**
 * hc_search:
 * The key at @path, but where that is the root key, and all below it: keys in the order of the
 * registry, first the key, then its values as they are stored, then its subkeys.
 *
 * Returns: FALSE when it was stopped, or with @error HC_ERROR_MALFORMED, or HC_ERROR_LIMIT of
 * hc_pattern_check()
 */
gboolean hc_search(HcSearch *search, const HcHive *hive, const HcPath *path, const HcKey *key,
                   GError **error);

G_END_DECLS
