#pragma once

#include "hivecore/cli/cli-lock.h"
#include "hivecore/image/image.h"

G_BEGIN_DECLS

/* The folder of an OCI layout that an image is written to, as others may be at the same time. */

/** lp_layout_lock: from reading the index until the new one has its name. @seconds: of
 * --lock-timeout */
HcLock *lp_layout_lock(const HcCliContext *context, const HcImageRef *ref, int seconds,
                       GError **error);

/** Returns: (transfer full): the index of the layout; NULL without @error when there is none. */
GBytes *lp_layout_read_index(const HcImageRef *ref, GError **error);

/**
 * lp_layout_identity:
 * What the configuration of an image of the layout says of its platform, as
 * lp_config_identity() does.
 *
 * @data: the HcImageRef of the layout
 * @digest: (nullable): of the image's manifest
 *
 * Returns: (transfer full): NULL without @error when that is not to be found out: a blob is
 * missing, or is not what it should be
 */
char *lp_layout_identity(const void *data, const char *digest, GError **error);

G_END_DECLS
