#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The file index.json of an OCI layout. Source: OCI image-spec, image-layout.md and image-index.md;
 * docs/FORMATS-images.md, "What is written". */

/** HcIndexEntry: one manifest in the index. */
typedef struct {
    const char *media_type;
    const char *digest; /* "sha256:..." */
    gsize n_bytes;
    const char *tag;      /* (nullable): org.opencontainers.image.ref.name */
    const char *platform; /* (nullable): a JSON object */
} HcIndexEntry;

/** HcIndexPlace: for which image a place in the index is wanted, and what may be lost for it. */
typedef struct {
    const char *identity; /* (nullable): what the image is for, as of hc_image_identity() */
    gboolean replace;     /* whether an image for another os.version loses its tag */
    /* (nullable): the identity of an image by its manifest's digest (nullable), where its entry
     * does not say enough. NULL without @error: it cannot be found out */
    char *(*lookup)(const void *data, const char *digest, GError **error);
    const void *data;
} HcIndexPlace;

/**
 * hc_index_update:
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
 * would be lost for an image of another platform, or for an index; HC_ERROR_CONFLICT when it would
 * be for one of another os.version, and that may not be
 */
char *hc_index_update(GBytes *old, const char *file, const HcIndexEntry *entry,
                      const HcIndexPlace *place, GError **error);

/** hc_index_check: whether the index would take an entry with that tag (nullable): the errors of
 * hc_index_update(), before there is one. */
gboolean hc_index_check(GBytes *old, const char *file, const char *tag, const HcIndexPlace *place,
                        GError **error);

/**
 * hc_image_identity:
 * @config: (nullable): NULL: that of an image for every Windows on amd64
 *
 * Returns: (transfer full): what an image is for: architecture, os, os.version, os.features,
 * variant, as JSON
 */
char *hc_image_identity(const char *config);

/**
 * hc_image_platform:
 * What the index says of an image with this @config: architecture, os, os.version, os.features,
 * variant, as JSON. Without os.version nothing: containerd would compare it with the host's
 * (containerd issue 7431).
 *
 * Returns: (transfer full) (nullable)
 */
char *hc_image_platform(const char *config);

G_END_DECLS
