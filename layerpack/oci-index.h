#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The file index.json of an OCI layout. Source: OCI image-spec, image-layout.md and image-index.md;
 * docs/FORMATS-images.md, "What is written". */

/** LpIndexEntry: one manifest in the index. */
typedef struct {
    const char *media_type;
    const char *digest; /* "sha256:..." */
    gsize n_bytes;
    const char *tag;      /* (nullable): org.opencontainers.image.ref.name */
    const char *platform; /* (nullable): a JSON object */
} LpIndexEntry;

/**
 * lp_index_update:
 * @old: (nullable): text of the index that is there, as it was read
 * @file: its name, for messages
 *
 * The index with the entry: it takes the first place of those with the same tag, the others of that
 * tag go; without one, it is the last. An entry without tag takes the place of one without tag of
 * the same platform. Everything else stays as it is.
 *
 * Returns: (transfer full): the text, or NULL with HC_ERROR_MALFORMED
 */
char *lp_index_update(GBytes *old, const char *file, const LpIndexEntry *entry, GError **error);

G_END_DECLS
