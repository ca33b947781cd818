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
 * The index with the entry. It takes the place of the one image with the same tag, unless that is
 * for another os or architecture; of several with that tag, the place of the one of the same
 * platform. A tag is what the reader takes for one: org.opencontainers.image.ref.name or
 * io.containerd.image.name. An entry without tag takes the place of one without tag of the same
 * platform. An entry without a place comes last. Everything else stays as it is.
 *
 * Returns: (transfer full): the text, or NULL with HC_ERROR_MALFORMED; HC_ERROR_USAGE when the tag
 * would be lost for an image of another platform, or for an index
 */
char *lp_index_update(GBytes *old, const char *file, const LpIndexEntry *entry, GError **error);

G_END_DECLS
