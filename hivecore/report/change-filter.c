#include "config.h"

#include "hivecore/report/change-filter.h"

#define N_USES 3

struct HcChangeFilter {
    HcArena *arena;
    GArray *patterns[N_USES]; /* of HcPathPattern, by HcPatternUse */
    guint kinds;              /* bits of HcChangeKind; 0: all */
    GArray *types;            /* of uint32_t; none: all */
};

/* A filter at work on one delta. */
typedef struct {
    const HcChangeFilter *filter;
    gsize n_root;
    GArray *path; /* of HcName: those of the place, n_root, and of the key of the change at hand */
} Filtering;

HcChangeFilter *
hc_change_filter_new(void)
{
    HcChangeFilter *filter = g_new0(HcChangeFilter, 1);
    filter->arena = hc_arena_new();
    for (guint i = 0; i < N_USES; i++)
        filter->patterns[i] = g_array_new(FALSE, FALSE, sizeof(HcPathPattern));
    filter->types = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    return filter;
}

void
hc_change_filter_free(HcChangeFilter *filter)
{
    if (filter == NULL)
        return;
    for (guint i = 0; i < N_USES; i++)
        g_array_unref(filter->patterns[i]);
    g_array_unref(filter->types);
    hc_arena_free(filter->arena);
    g_free(filter);
}

HcArena *
hc_change_filter_arena(HcChangeFilter *filter)
{
    return filter->arena;
}

void
hc_change_filter_add(HcChangeFilter *filter, HcPatternUse use, const HcPathPattern *pattern)
{
    g_array_append_val(filter->patterns[use], *pattern);
}

void
hc_change_filter_add_kind(HcChangeFilter *filter, HcChangeKind kind)
{
    filter->kinds |= 1u << kind;
}

void
hc_change_filter_add_type(HcChangeFilter *filter, uint32_t type)
{
    g_array_append_val(filter->types, type);
}

/* --- names --- */

/* '*' is any characters, also none; '?' one. Goes back to the last '*' only, so time is bounded by
 * the product of both lengths. */
static gboolean
is_glob_match(HcName glob, HcName name)
{
    uint32_t g = 0;
    uint32_t n = 0;
    uint32_t star = G_MAXUINT32;
    uint32_t after_star = 0;
    while (n < name.n_units) {
        const uint16_t unit = g < glob.n_units ? hc_name_unit(glob, g) : 0;
        if (g < glob.n_units && unit == '*') {
            star = g++;
            after_star = n;
        } else if (g < glob.n_units &&
                   (unit == '?' || hc_upcase(unit) == hc_upcase(hc_name_unit(name, n)))) {
            g++;
            n++;
        } else if (star != G_MAXUINT32) {
            g = star + 1;
            n = ++after_star;
        } else {
            return FALSE;
        }
    }
    while (g < glob.n_units && hc_name_unit(glob, g) == '*')
        g++;
    return g == glob.n_units;
}

static gboolean
is_control_set(HcName name)
{
    return name.n_units == 13 && is_glob_match(HC_NAME_ASCII("ControlSet???"), name);
}

static gboolean
is_name_match(HcName glob, HcName name, gboolean is_literal)
{
    if (hc_name_equal(glob, HC_NAME_ASCII("CurrentControlSet")) && is_control_set(name))
        return TRUE;
    return is_literal ? hc_name_equal(glob, name) : is_glob_match(glob, name);
}

static gboolean
is_any_names(HcName glob)
{
    return glob.n_units == 2 && hc_name_unit(glob, 0) == '*' && hc_name_unit(glob, 1) == '*';
}

/* --- paths --- */

/* Whether @globs match @path, to the end or, with @is_prefix, as far as they go. As a glob in a
 * name, with '**' for '*'. */
static gboolean
is_path_match(HcPath globs, HcPath path, gboolean is_prefix, gboolean is_literal)
{
    gsize g = 0;
    gsize n = 0;
    gsize star = G_MAXSIZE;
    gsize after_star = 0;
    while (n < path.n) {
        if (g == globs.n && is_prefix)
            return TRUE;
        if (g < globs.n && !is_literal && is_any_names(globs.names[g])) {
            star = g++;
            after_star = n;
        } else if (g < globs.n && is_name_match(globs.names[g], path.names[n], is_literal)) {
            g++;
            n++;
        } else if (star != G_MAXSIZE) {
            g = star + 1;
            n = ++after_star;
        } else {
            return FALSE;
        }
    }
    while (g < globs.n && !is_literal && is_any_names(globs.names[g]))
        g++;
    return g == globs.n;
}

/* Whether @pattern matches the key of the change, or with @is_prefix one above it. */
static gboolean
is_key_match(const Filtering *filtering, const HcPathPattern *pattern, gboolean is_prefix,
             gboolean is_literal)
{
    const HcPath path = hc_path_of(filtering->path);
    gsize first = 0;
    gsize last = 0;
    switch (pattern->start) {
    case HC_PATTERN_ROOT:
        break;
    case HC_PATTERN_HIVE:
        first = last = filtering->n_root;
        break;
    case HC_PATTERN_ANYWHERE:
        last = path.n;
        break;
    }
    for (gsize start = first; start <= last; start++) {
        if (is_path_match(pattern->path, hc_path_from(path, start), is_prefix, is_literal))
            return TRUE;
    }
    return FALSE;
}

static gboolean
is_default_name(HcName name)
{
    return name.n_units == 0 || (name.n_units == 1 && hc_name_unit(name, 0) == '@');
}

static gboolean
is_match(const Filtering *filtering, const HcPathPattern *pattern, const HcChange *change,
         gboolean is_literal)
{
    if (!pattern->has_value)
        return is_key_match(filtering, pattern, TRUE, is_literal);
    if (change->value == NULL)
        return FALSE;
    const gboolean is_named =
        change->value->n_units == 0
            ? is_default_name(pattern->value) || is_glob_match(pattern->value, *change->value)
            : is_glob_match(pattern->value, *change->value);
    return is_named &&
           (pattern->path.n == 0 || is_key_match(filtering, pattern, FALSE, is_literal));
}

static gboolean
is_any_match(const Filtering *filtering, HcPatternUse use, const HcChange *change)
{
    const GArray *patterns = filtering->filter->patterns[use];
    for (guint i = 0; i < patterns->len; i++) {
        if (is_match(filtering, &g_array_index(patterns, HcPathPattern, i), change,
                     use == HC_PATTERN_KEY))
            return TRUE;
    }
    return FALSE;
}

static gboolean
is_of_type(const HcChangeFilter *filter, const HcChange *change)
{
    for (guint i = 0; change->value != NULL && i < filter->types->len; i++) {
        const uint32_t type = g_array_index(filter->types, uint32_t, i);
        if ((change->before->is_present && change->before->type == type) ||
            (change->after->is_present && change->after->type == type))
            return TRUE;
    }
    return filter->types->len == 0;
}

static gboolean
keeps_place(Filtering *filtering, const HcChange *change)
{
    const HcChangeFilter *filter = filtering->filter;
    g_array_set_size(filtering->path, (guint) filtering->n_root);
    if (change->path.n > 0)
        g_array_append_vals(filtering->path, change->path.names, (guint) change->path.n);
    return (filter->patterns[HC_PATTERN_KEY]->len == 0 ||
            is_any_match(filtering, HC_PATTERN_KEY, change)) &&
           (filter->patterns[HC_PATTERN_INCLUDE]->len == 0 ||
            is_any_match(filtering, HC_PATTERN_INCLUDE, change)) &&
           !is_any_match(filtering, HC_PATTERN_EXCLUDE, change);
}

static gboolean
keeps(const HcChange *change, gpointer data)
{
    Filtering *filtering = data;
    const HcChangeFilter *filter = filtering->filter;
    return (filter->kinds == 0 || (filter->kinds & 1u << change->kind) != 0) &&
           is_of_type(filter, change) && keeps_place(filtering, change);
}

/* Puts the names of the place before those of the changes. */
static void
start_at(Filtering *filtering, const HcRoot *root)
{
    HcName part;
    for (gsize i = 0; root != NULL && hc_root_part(root->path, i, &part); i++) {
        g_array_append_val(filtering->path, part);
        filtering->n_root++;
    }
}

uint64_t
hc_change_filter_apply(const HcChangeFilter *filter, HcDelta *exact, const HcRoot *root)
{
    g_autoptr(GArray) path = g_array_new(FALSE, FALSE, sizeof(HcName));
    Filtering filtering = {.filter = filter, .path = path};
    start_at(&filtering, root);
    return hc_delta_prune(exact, keeps, &filtering);
}

gboolean
hc_change_filter_keeps_place(const HcChangeFilter *filter, const HcRoot *root, const HcPath *path,
                             const HcName *value)
{
    g_autoptr(GArray) names = g_array_new(FALSE, FALSE, sizeof(HcName));
    Filtering filtering = {.filter = filter, .path = names};
    const HcChange place = {.path = *path, .value = value};
    start_at(&filtering, root);
    return keeps_place(&filtering, &place);
}

gboolean
hc_change_filter_keeps(const HcChangeFilter *filter, HcChangeKind kind, HcPath path)
{
    g_autoptr(GArray) names = g_array_new(FALSE, FALSE, sizeof(HcName));
    Filtering filtering = {.filter = filter, .path = names, .n_root = path.n > 0 ? 1 : 0};
    const HcChange change = {.kind = kind, .path = hc_path_from(path, filtering.n_root)};
    g_array_append_vals(names, path.names, (guint) filtering.n_root);
    return keeps(&change, &filtering);
}
