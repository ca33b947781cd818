#pragma once

#include "hivecore/base/path.h"
#include "hivecore/delta/delta.h"

G_BEGIN_DECLS

/* What is searched for, and whether a name or a value's data has it. */

typedef enum {
    HC_PATTERN_TEXT,  /* stands in it as it is */
    HC_PATTERN_REGEX, /* a regular expression of GLib (of Perl's kind) */
    HC_PATTERN_GLOB,  /* *, ? and [...]; the whole name or text. A backslash is one. */
} HcPatternKind;

/** HcPattern: not to be used by two threads at once. */
typedef struct HcPattern HcPattern;

/**
 * hc_pattern_new:
 * @text: UTF-8
 * @ignores_case: by the registry's rule (hc_upcase()), or, of a regular expression, by Unicode's
 *
 * Returns: (transfer full): or NULL with HC_ERROR_USAGE that says what is wrong with it
 */
HcPattern *hc_pattern_new(const char *text, HcPatternKind kind, gboolean ignores_case,
                          GError **error);
void hc_pattern_free(HcPattern *pattern);

gboolean hc_pattern_matches_name(HcPattern *pattern, HcName name);

/**
 * hc_pattern_matches_data:
 * Looks into what @datum means: strings and each item of a list; a number, which is matched as it
 * is written in decimal and as 0x with 8 or 16 digits, by a text as a whole; in everything else the
 * strings of four or more characters that stand in the bytes, in ASCII and UTF-16.
 *
 * @held: (nullable): of such bytes, the string that was found is appended, for a person
 */
gboolean hc_pattern_matches_data(HcPattern *pattern, const HcDatum *datum, GString *held);

/**
 * hc_pattern_is_gathering, hc_pattern_offer_name, hc_pattern_offer_data, hc_pattern_may_match:
 * Many names and data in one: whether one of those that were offered since the last call may match,
 * which hc_pattern_matches_name() and hc_pattern_matches_data() then say. Starting a regular
 * expression takes much longer than going through a text. hc_pattern_is_gathering() says whether
 * this is of use; if not nothing is kept, and the answer is TRUE.
 */
gboolean hc_pattern_is_gathering(const HcPattern *pattern);
void hc_pattern_offer_name(HcPattern *pattern, HcName name);
void hc_pattern_offer_data(HcPattern *pattern, const HcDatum *datum);
gboolean hc_pattern_may_match(HcPattern *pattern);

/** hc_pattern_check: FALSE with HC_ERROR_LIMIT when a regular expression was given up somewhere, so
 * that what was said of it is not to be trusted. */
gboolean hc_pattern_check(const HcPattern *pattern, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HcPattern, hc_pattern_free)

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
