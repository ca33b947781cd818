#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Media types and compressions of what images are made of. Source: OCI image-spec 1.1,
 * media-types.md and layer.md; Docker image manifest V2 schema 2; the zstd forms of Docker's are
 * what containerd takes, too. */

typedef enum {
    HC_FAMILY_OCI,
    HC_FAMILY_DOCKER, /* schema 2 media types */
} HcImageFamily;

typedef enum {
    HC_COMPRESSION_NONE,
    HC_COMPRESSION_GZIP,
    HC_COMPRESSION_ZSTD,
} HcCompression;

enum {
    HC_SNIFF_BYTES = 4, /* what hc_compression_sniff() needs */
};

/** Returns: how what begins with these bytes is compressed. */
HcCompression hc_compression_sniff(const void *bytes, gsize n_bytes);

/** HcMediaTypes: what a family calls its documents and layers. */
typedef struct {
    const char *index;
    const char *manifest;
    const char *config;
    const char *layers[HC_COMPRESSION_ZSTD + 1]; /* by HcCompression */
} HcMediaTypes;

extern const HcMediaTypes hc_media_types[HC_FAMILY_DOCKER + 1]; /* by HcImageFamily */

/* Either family's. */
gboolean hc_media_type_is_index(const char *media_type);
gboolean hc_media_type_is_manifest(const char *media_type);
gboolean hc_media_type_is_config(const char *media_type);

/** hc_media_type_is_layer: @is_foreign: (out): of one that is not distributed with images */
gboolean hc_media_type_is_layer(const char *media_type, gboolean *is_foreign);

/** hc_media_type_is_docker: whether a media type is Docker's own. */
gboolean hc_media_type_is_docker(const char *media_type);

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

/**
 * hc_index_tagged:
 * The entries of index.json with @tag (nullable), as JSON texts, with the platforms that
 * @place.lookup finds out, and without the annotations that name them.
 *
 * Returns: (transfer full) (element-type utf8): them, or NULL with HC_ERROR_MALFORMED
 */
GPtrArray *hc_index_tagged(GBytes *old, const char *file, const char *tag,
                           const HcIndexPlace *place, GError **error);

/**
 * hc_index_name:
 * index.json with @entry in the place of all entries of its tag, or as the last. Annotations of the
 * first of them stay.
 */
char *hc_index_name(GBytes *old, const char *file, const HcIndexEntry *entry, GError **error);

/**
 * hc_index_join:
 * An index of several platforms with one more image: it takes the place of the one for the same os,
 * architecture, os.version and variant, or comes last. Everything else stays, but attestations of
 * an image that is no longer there. What @entry does not say of an image whose place it takes
 * (os.features, annotations) stays too. @entry.platform is needed, its tag not looked at.
 *
 * @old: (nullable): the text of the index
 * @said: (element-type utf8): gets a line on what was done
 *
 * Returns: (transfer full): the text, or NULL with HC_ERROR_MALFORMED
 */
char *hc_index_join(const char *old, const char *where, const HcIndexEntry *entry, GPtrArray *said,
                    GError **error);

/** HcIndexEdit: makes another text of an index, of @text; NULL with an error. */
typedef char *(*HcIndexEdit)(const char *text, const char *where, void *data, GPtrArray *said,
                             GError **error);

/** hc_index_remove: an HcIndexEdit: takes out the entries for the platforms @data, a char **, each
 * of which must fit one: HC_ERROR_NOT_FOUND, HC_ERROR_USAGE. Their attestations go too. */
char *hc_index_remove(const char *text, const char *where, void *data, GPtrArray *said,
                      GError **error);

/** HcIndexNotes: what an entry is to say; NULL: as before, empty: nothing. */
typedef struct {
    const char *platform; /* of the entry */
    const char *os;
    const char *architecture;
    const char *variant;
    const char *os_version;
    char **os_features;
    char **annotations; /* KEY=VALUE */
} HcIndexNotes;

/** hc_index_annotate: an HcIndexEdit with @data, an HcIndexNotes. */
char *hc_index_annotate(const char *text, const char *where, void *data, GPtrArray *said,
                        GError **error);

/** Returns: (transfer full): the text of an index of @entries (element-type utf8), as they are. */
char *hc_index_of(const GPtrArray *entries);

/** Returns: (transfer full): "windows/amd64:10.0.20348.1" of the platform @text, JSON (nullable).
 */
char *hc_platform_words(const char *text);

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
