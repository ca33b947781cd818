#pragma once

#include "hivecore/base/name.h"

G_BEGIN_DECLS

/** HcPath: the names of a key from somewhere down, borrowed; of no names: that place itself. */
typedef struct {
    const HcName *names;
    gsize n;
} HcPath;

/** HC_PATH: the path of all names of an array. */
#define HC_PATH(array) ((HcPath){array, G_N_ELEMENTS(array)})

/** hc_path_of: @names, of HcName, as they are now. */
static inline HcPath
hc_path_of(const GArray *names)
{
    return (HcPath){(const HcName *) (const void *) names->data, names->len};
}

/** hc_path_from: Returns: what is left of @path without its first @n names, of which it has as many
 */
static inline HcPath
hc_path_from(HcPath path, gsize n)
{
    return (HcPath){path.n > n ? path.names + n : NULL, path.n - n};
}

/** Returns: the names of @above and then those of @below, which stay theirs, in @arena. */
HcPath hc_path_join(HcArena *arena, HcPath above, HcPath below);

/** Returns: @path with its names copied into @arena. */
HcPath hc_path_dup(HcArena *arena, HcPath path);

/** hc_path_is_below: whether the key of @path is that of @above, or one below it. */
gboolean hc_path_is_below(HcPath path, HcPath above);

/**
 * hc_path_append_display:
 * Appends "ROOT\A\B" for a person: the names as hc_name_append_display() writes them.
 * @root: (nullable): what stands before them; nothing and no backslash when it is ""
 */
void hc_path_append_display(GString *out, const char *root, HcPath path);

G_END_DECLS
