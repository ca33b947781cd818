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

G_END_DECLS
