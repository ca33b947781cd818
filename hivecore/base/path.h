#pragma once

#include "hivecore/base/name.h"

G_BEGIN_DECLS

/** HcPath: the names of a key from somewhere down, borrowed; of no names: that place itself. */
typedef struct {
    HcName *names;
    gsize n;
} HcPath;

/** hc_path_of: @names, of HcName, as they are now. */
static inline HcPath
hc_path_of(const GArray *names)
{
    return (HcPath){(HcName *) (void *) names->data, names->len};
}

/** hc_path_is_below: whether the key of @names is that of @above, @n_above names, or one below it.
 */
gboolean hc_path_is_below(const HcName *names, gsize n, const HcName *above, gsize n_above);

/**
 * hc_path_append_display:
 * Appends "ROOT\A\B" for a person: the names as hc_name_append_display() writes them.
 * @root: (nullable): what stands before them; nothing and no backslash when it is ""
 */
void hc_path_append_display(GString *out, const char *root, const HcName *names, gsize n);

G_END_DECLS
