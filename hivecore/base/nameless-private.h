#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * hc_nameless_open:
 * Makes a file without a name, which nobody else can open, in $TMPDIR, /var/tmp or /tmp.
 *
 * @folder: (out) (transfer full): where, also on failure
 *
 * Returns: its descriptor, for reading and writing, or -1 with errno
 */
int hc_nameless_open(char **folder);

G_END_DECLS
