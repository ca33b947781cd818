#pragma once

#include "hivecore/base/name.h"

G_BEGIN_DECLS

/** HcPath: the names of a key from somewhere down, borrowed; of no names: that place itself. */
typedef struct {
    HcName *names;
    gsize n;
} HcPath;

/**
 * hc_path_append_display:
 * Appends "ROOT\A\B" for a person: the names as hc_name_append_display() writes them.
 * @root: (nullable): what stands before them; nothing and no backslash when it is ""
 */
void hc_path_append_display(GString *out, const char *root, const HcName *names, gsize n);

G_END_DECLS
