#pragma once

#include "hivecore/base/path.h"
#include "hivecore/base/root.h"
#include "hivecore/delta/prune.h"

G_BEGIN_DECLS

/** HcChangeFilter: which changes are shown. */
typedef struct HcChangeFilter HcChangeFilter;

/** HcPatternUse: what a pattern is for. */
typedef enum {
    HC_PATTERN_KEY,     /* as INCLUDE, without wildcards; both must hold where both are given */
    HC_PATTERN_INCLUDE, /* where there are some: only what one of them matches */
    HC_PATTERN_EXCLUDE, /* not what one of them matches */
} HcPatternUse;

/** HcPatternStart: where the first name of a pattern stands. */
typedef enum {
    HC_PATTERN_ANYWHERE,
    HC_PATTERN_HIVE, /* below the hive's root key */
    HC_PATTERN_ROOT, /* it is that of HKEY_…; matches nothing where the hive hangs nowhere */
} HcPatternStart;

/**
 * HcPathPattern: names of keys, and of a value. In a name '*' is any characters, '?' one; a name
 * '**' is any names. Names are compared as the registry does; CurrentControlSet is any control set.
 * Without a value it matches a key and everything below it; with one the values of that name of the
 * keys that it matches to the end, of all keys where it has no names.
 */
typedef struct {
    HcPatternStart start;
    HcPath path;
    gboolean has_value;
    HcName value; /* empty or "@": the default value */
} HcPathPattern;

HcChangeFilter *hc_change_filter_new(void);
void hc_change_filter_free(HcChangeFilter *filter);

/** Returns: (transfer none): what patterns are made in */
HcArena *hc_change_filter_arena(HcChangeFilter *filter);

/** hc_change_filter_add: @pattern's names in the filter's arena. */
void hc_change_filter_add(HcChangeFilter *filter, HcPatternUse use, const HcPathPattern *pattern);

/** hc_change_filter_add_kind: where there are some: only these. */
void hc_change_filter_add_kind(HcChangeFilter *filter, HcChangeKind kind);

/** hc_change_filter_add_type: where there are some: only values that have or had one of these. */
void hc_change_filter_add_type(HcChangeFilter *filter, uint32_t type);

/**
 * hc_change_filter_apply:
 * hc_delta_prune() of what is not to be shown.
 * @root: (nullable): where the delta's root hangs
 *
 * Returns: how many changes were taken out
 */
uint64_t hc_change_filter_apply(const HcChangeFilter *filter, HcDelta *exact, const HcRoot *root);

/** hc_change_filter_keeps_place: whether what is at @path below the hive's root key, or its value
 * @value (nullable), is shown. @root: (nullable): where the hive hangs. Kinds and types are not
 * asked for. */
gboolean hc_change_filter_keeps_place(const HcChangeFilter *filter, const HcRoot *root,
                                      const HcPath *path, const HcName *value);

/** hc_change_filter_keeps: whether what happens to a thing that is no key or value, a file, is
 * shown:
 * @path has its names, the first of them where all is below, like C:. */
gboolean hc_change_filter_keeps(const HcChangeFilter *filter, HcChangeKind kind, HcPath path);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HcChangeFilter, hc_change_filter_free)

G_END_DECLS
