#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * HcDockerIgnore: the patterns of a .dockerignore: what of the context is not there for COPY and
 * ADD. Sources: moby/patternmatcher (and ignorefile): lines without "#" in front, cleaned as paths,
 * a slash in front is nothing; "!" takes back; what is in a folder that matches matches.
 */
typedef struct HcDockerIgnore HcDockerIgnore;

/** hc_ignore_new: @file: for messages. HC_ERROR_MALFORMED "FILE:LINE: what", HC_ERROR_LIMIT. */
HcDockerIgnore *hc_ignore_new(const char *file, const char *text, gsize n_bytes, GError **error);
void hc_ignore_free(HcDockerIgnore *ignore);

/** Returns: whether any pattern takes back, so that folders that are left out are entered. */
gboolean hc_ignore_takes_back(const HcDockerIgnore *ignore);

/**
 * hc_ignore_matches:
 * @path: below the context, "a/b"
 * @parent: (nullable): the marks of the folder it is in
 * @marks: (out) (transfer full) (nullable): of @path, for what is in it; freed with g_free()
 */
gboolean hc_ignore_matches(HcDockerIgnore *ignore, const char *path, const guint8 *parent,
                           guint8 **marks);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HcDockerIgnore, hc_ignore_free)

G_END_DECLS
