#pragma once

#include <glib.h>

#include "hivecore/image/image.h"
#include "hivecore/image/media-type.h"

G_BEGIN_DECLS

/* Where an image may be written to, and which name it may get there. */

/**
 * hc_image_target_check:
 * @operand: the same as @ref, for messages
 *
 * HC_ERROR_USAGE: a name that other tools do not take; a folder that is neither empty, nor an OCI
 * layout, nor what a run that was ended left of one; an archive inside a layout, where it would
 * take the place of one of its files, or whose name says that it is compressed.
 * HC_ERROR_UNSUPPORTED, HC_ERROR_MALFORMED: a layout of another version, or whose mark is none.
 */
gboolean hc_image_target_check(const HcImageRef *ref, const char *operand, GError **error);

/** hc_image_target_check_compression: HC_ERROR_UNSUPPORTED: new layers of @operand are not
 * compressed so. */
gboolean hc_image_target_check_compression(const char *operand, HcCompression compression,
                                           GError **error);

/**
 * hc_matches:
 * @pattern: a constant: that it does not compile is for want of memory, which ends the program and
 *   is not taken for "no"
 */
gboolean hc_matches(const char *pattern, const char *text);

/**
 * hc_reference_is:
 * Source: distribution/reference, the grammar in its package comment.
 *
 * Returns: whether @text is [HOST[:PORT]/]NAME[:TAG]
 */
gboolean hc_reference_is(const char *text);

G_END_DECLS
