#pragma once

#include <stdint.h>

#include <glib.h>

#include "hivecore/image/layer-reader.h"
#include "hivecore/image/oci-index.h"

G_BEGIN_DECLS

/*
 * Container images, read: "oci:DIR[:TAG]", "oci-archive:FILE[:TAG]", "docker-archive:FILE[:REF]",
 * "dir:DIR", "docker://NAME", spelled as skopeo spells them. Sources: OCI image-spec 1.1
 * (image-layout, index, manifest, config), Docker image manifest V2 schema 2, docker save's
 * manifest.json; docs/FORMATS-images.md.
 *
 * Everything is untrusted. JSON documents have a size limit and pass hc_json_parse(); every blob's
 * digest and size is verified as it is read, also those of index, manifest and config:
 * HC_ERROR_MALFORMED names the blob.
 */

typedef enum {
    HC_IMAGE_OCI,
    HC_IMAGE_OCI_ARCHIVE,
    HC_IMAGE_DOCKER_ARCHIVE,
    HC_IMAGE_DIR,    /* a folder as skopeo's dir: has it: one image or index */
    HC_IMAGE_REMOTE, /* in a registry or another store, reached through skopeo */
} HcImageTransport;

/** HcImageRef: an image operand taken apart. */
typedef struct {
    HcImageTransport transport;
    char *path; /* of the folder or file; "" of HC_IMAGE_REMOTE */
    char *tag;  /* (nullable): TAG or REF */
    char *name; /* (nullable): of HC_IMAGE_REMOTE: the operand as it is */
} HcImageRef;

/** Returns: whether @text starts with a transport that is known. */
gboolean hc_image_is_operand(const char *text);

/** hc_image_check_source: HC_ERROR_USAGE for what other tools read and we do not, or under another
 * name ("https://HOST/NAME", "HOST/NAME:TAG"), with what helps. */
gboolean hc_image_check_source(const char *source, GError **error);

/** hc_image_check_target: the same for what is to be written. */
gboolean hc_image_check_target(const char *target, GError **error);

/** hc_image_ref_parse: HC_ERROR_USAGE for what is no image operand. */
HcImageRef *hc_image_ref_parse(const char *text, GError **error);
void hc_image_ref_free(HcImageRef *ref);

/** HcImageLayer: one layer's descriptor and diff ID. */
typedef struct {
    char *media_type;
    char *digest;  /* "sha256:" and 64 hexadecimal digits, of the blob as it is stored */
    char *diff_id; /* the same form, of the plain tar */
    uint64_t n_bytes;
    char **urls;         /* (nullable): NULL-terminated */
    char *descriptor;    /* (nullable): the descriptor as JSON text, for copying it whole */
    gboolean is_foreign; /* a media type for layers that are not distributed */
    gboolean is_present; /* the blob is there */
} HcImageLayer;

/** HcImageInfo: what an image says of itself. Strings from JSON are UTF-8 without NUL. */
typedef struct {
    const char *operand; /* as the user gave it */
    HcImageFamily family;
    char *ref_name;        /* (nullable): its name in the index, or its first RepoTag */
    char *manifest_digest; /* (nullable): "sha256:..."; NULL in docker-archive */
    GBytes *manifest;      /* (nullable) */
    char *config_digest;
    GBytes *config;
    char *architecture;
    char *os;
    char *os_version;      /* (nullable) */
    char *index_platform;  /* (nullable): what an index says of it: "OS/ARCH[:OS.VERSION]" */
    GPtrArray *layers;     /* of HcImageLayer *, lowest first; as many as diff IDs */
    GPtrArray *created_by; /* of char * (nullable), for each layer: of its history entry */
} HcImageInfo;

typedef struct HcImage HcImage;

/**
 * hc_image_open:
 * @platform: (nullable): "OS/ARCH", "OS/ARCH:OS.VERSION" or a manifest's digest to choose by from
 * an index; NULL: windows/amd64 when an index has several
 *
 * HC_ERROR_NOT_FOUND when no manifest fits, HC_ERROR_USAGE when several do: the message lists what
 * there is. An index that leads back to itself, or is nested more than HC_MAX_INDEX_DEPTH, is
 * HC_ERROR_MALFORMED.
 *
 * Returns: (transfer full): the image, or NULL
 */
HcImage *hc_image_open(const char *operand, const char *platform, GError **error);
void hc_image_free(HcImage *image);

/** HcImageMember: one of the images that an operand names. */
typedef struct {
    char *digest; /* (nullable): of its manifest, for hc_image_open(); NULL in a docker-archive */
    char *name;   /* (nullable): in the layout's index.json */
    char *os;     /* (nullable) */
    char *words;  /* "windows/amd64:10.0.20348.2700" */
} HcImageMember;

/**
 * hc_image_members:
 * All images that @operand names: of an index those of all platforms, in its order, attestations
 * left out; of a docker-archive the one that hc_image_open() opens.
 *
 * Returns: (transfer full) (element-type HcImageMember): at least one, or NULL: the errors of
 * hc_image_open()
 */
GPtrArray *hc_image_members(const char *operand, GError **error);

/** Returns: (transfer none) */
const HcImageInfo *hc_image_info(const HcImage *image);

/**
 * hc_image_layer_open:
 * The entries of layer @index. A blob that is missing is HC_ERROR_NOT_FOUND; the message says how
 * to fetch it when it has urls. Digest and diff ID are verified by hc_image_layer_check().
 */
HcLayerReader *hc_image_layer_open(HcImage *image, guint index, GError **error);

/** hc_image_layer_check: whether what hc_layer_reader_finish() gave is what the image says. */
gboolean hc_image_layer_check(const HcImage *image, guint index, const HcLayerDigests *digests,
                              GError **error);

/** Returns: whether the blobs of @image that are not here can be fetched. */
gboolean hc_image_is_remote(const HcImage *image);

/** HcBlobPlace: where a blob's bytes are. */
typedef struct {
    int fd;          /* borrowed, for pread() */
    uint64_t offset; /* in it */
    uint64_t n_bytes;
    const char *path; /* (nullable): the file that is the blob and nothing else; may be linked */
} HcBlobPlace;

/** hc_image_layer_place: where the blob of layer @index is, for copying; HC_ERROR_NOT_FOUND. */
gboolean hc_image_layer_place(HcImage *image, guint index, HcBlobPlace *place, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HcImageRef, hc_image_ref_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HcImage, hc_image_free)

G_END_DECLS
