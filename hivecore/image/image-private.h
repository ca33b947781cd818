#pragma once

#include "hivecore/base/json.h"
#include "hivecore/image/image-writer.h"
#include "hivecore/image/oci-index.h"
#include "hivecore/image/remote-private.h"
#include "hivecore/image/store-private.h"

G_BEGIN_DECLS

/* Parts of image.c; internal to hivecore/image. */

/** HcDescriptor: an entry of an index, or what a manifest says of its config. Source: OCI
 * image-spec 1.1, descriptor.md. */
typedef struct {
    char *media_type; /* (nullable) */
    char *digest;     /* "sha256:" and 64 hexadecimal digits */
    uint64_t n_bytes;
    char **urls;          /* (nullable) */
    guint number;         /* of its entry in index.json, or of the index that it is in there */
    char *ref_name;       /* (nullable): org.opencontainers.image.ref.name */
    char *full_name;      /* (nullable): io.containerd.image.name */
    char *architecture;   /* (nullable): of its platform */
    char *os;             /* (nullable) */
    char *os_version;     /* (nullable) */
    gboolean is_no_image; /* says of itself that it is about another manifest */
} HcDescriptor;

/**
 * hc_descriptor_read:
 * @where: for messages, e.g. "oci:img: index.json: manifest 2"
 *
 * HC_ERROR_UNSUPPORTED: a digest that is not SHA-256.
 *
 * Returns: (transfer full): the descriptor, or NULL
 */
HcDescriptor *hc_descriptor_read(const char *where, HcJson value, GError **error);

/** hc_image_check_n_layers: whether an image may have @n layers: from 1 to HC_MAX_IMAGE_LAYERS. */
gboolean hc_image_check_n_layers(const char *where, guint n, GError **error);
void hc_descriptor_free(HcDescriptor *descriptor);

/** hc_digest_check: whether @digest is "sha256:" and 64 lower-case hexadecimal digits:
 * HC_ERROR_UNSUPPORTED for other algorithms, HC_ERROR_MALFORMED for what is no digest. */
gboolean hc_digest_check(const char *where, const char *digest, GError **error);

/** Returns: (transfer full): "blobs/sha256/HEX", the blob's name in a layout. */
char *hc_digest_file(const char *digest);

/**
 * hc_image_blob_read:
 * A JSON document, its size and digest verified.
 *
 * Returns: (transfer full): the content, or NULL: a blob that is not there is HC_ERROR_MALFORMED
 */
GBytes *hc_image_blob_read(HcImageStore *store, const HcDescriptor *descriptor, GError **error);

/** HcPlatform: what to choose by. */
typedef struct {
    char *os;
    char *architecture;
    char *os_version; /* (nullable): whole, or a prefix of it that ends before a dot */
} HcPlatform;

/** hc_platform_parse: @text: (nullable): NULL is windows/amd64. HC_ERROR_USAGE. */
HcPlatform *hc_platform_parse(const char *text, GError **error);
void hc_platform_free(HcPlatform *platform);

/** hc_platform_fits: os, architecture and os.version may be NULL, which fits nothing but an
 * os.version that is not asked for. */
gboolean hc_platform_fits(const HcPlatform *platform, const char *os, const char *architecture,
                          const char *os_version);

/**
 * hc_image_index_choose:
 * The manifest of a layout that is meant: by @tag (nullable) in index.json, then by @platform
 * (nullable), through nested indexes. Errors as of hc_image_open().
 *
 * Returns: (transfer full): its descriptor, with the .ref_name of the entry of index.json
 */
HcDescriptor *hc_image_index_choose(HcImageStore *store, const char *tag, const char *platform,
                                    GError **error);

/** hc_image_index_list: all manifests that @tag leads to, in their order, with their platforms.
 * Returns: (transfer full) (element-type HcDescriptor): them, or NULL */
GPtrArray *hc_image_index_list(HcImageStore *store, const char *tag, GError **error);

/**
 * hc_image_manifest_read:
 * Fills @info's family, manifest, config digest, and layers without diff IDs, from the manifest
 * @descriptor leads to; gives the config's descriptor.
 */
HcDescriptor *hc_image_manifest_read(HcImageStore *store, const HcDescriptor *descriptor,
                                     HcImageInfo *info, GError **error);

/**
 * hc_image_config_read:
 * Fills @info's platform, diff IDs and history from its .config.
 *
 * @where: for messages
 */
gboolean hc_image_config_read(const char *where, HcImageInfo *info, GError **error);

/**
 * hc_image_docker_read:
 * Fills @info from the manifest.json of a docker-archive.
 *
 * @names: (element-type utf8): gets the name in the archive of each layer
 */
gboolean hc_image_docker_read(HcImageStore *store, const char *ref, HcImageInfo *info,
                              GPtrArray *names, GError **error);

/** hc_image_info_clear: frees what @info holds. */
void hc_image_info_clear(HcImageInfo *info);

/** Returns: (transfer full): an empty layer of @info, added to it. */
HcImageLayer *hc_image_info_add_layer(HcImageInfo *info);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HcDescriptor, hc_descriptor_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HcPlatform, hc_platform_free)

/* Parts of image-writer.c. */

#define HC_BLOBS_FOLDER "blobs/sha256/"

struct HcImageWriter {
    char *operand;
    HcImageRef *ref;
    char *identity; /* what the image is for, as of hc_image_identity() */
    gboolean replace;
    guint lock_timeout_seconds;
    HcEpoch epoch;
    char *note; /* (nullable): what could not be locked */
    const HcMediaTypes *types;
    HcBlobStore *store;
    HcCompression compression;
    int level;         /* of it; 0: the default */
    GPtrArray *layers; /* of char *: descriptors as JSON; in docker-archive names as JSON strings */
    GPtrArray *images; /* of HcFinishedImage *: they wait for the index */
    gboolean in_index;
    gboolean is_edit;
    char *index_digest; /* (nullable): of the index that was written for the tag */
    GPtrArray *said;    /* of char * */
    HcIndexEdit edit;   /* (nullable) */
    void *edit_data;
    HcPush *push; /* (nullable): .ref is its layout then */
};

/** HcFinishedImage: an image whose documents are written. */
typedef struct {
    HcIndexEntry entry; /* its .digest and .platform are those here */
    char *digest;
    char *platform; /* (nullable) */
    char *identity;
} HcFinishedImage;

gboolean hc_writer_is_docker_archive(const HcImageWriter *writer);
gboolean hc_writer_is_layout(const HcImageWriter *writer);

/** hc_writer_check_tag: before the first byte is written; when the index is, it is asked for again.
 */
gboolean hc_writer_check_tag(const HcImageWriter *writer, GError **error);

/** Returns: (transfer full): a descriptor as JSON. @digest: hexadecimal digits */
char *hc_writer_descriptor(const char *media_type, const char *digest, uint64_t n_bytes);

G_END_DECLS
