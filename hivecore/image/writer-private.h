#pragma once

#include "hivecore/image/image-writer.h"
#include "hivecore/image/oci-index.h"
#include "hivecore/image/remote-private.h"
#include "hivecore/image/store-private.h"

G_BEGIN_DECLS

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
