#pragma once

#include "hivecore/base/clock.h"
#include "hivecore/base/lock.h"
#include "hivecore/image/image.h"

G_BEGIN_DECLS

/* Where the files of images are: read by name, written by name, and the folder of an OCI layout
 * that several write to. */

/**
 * HcImageStore: the files of an image by name: those of an OCI layout's folder, or the entries of
 * an archive, which is a plain tar and is read in place.
 */
typedef struct HcImageStore HcImageStore;

/**
 * hc_image_store_open:
 * @operand: the image as the user gave it, for messages; borrowed
 *
 * An archive is read through once, its headers only. HC_ERROR_UNSUPPORTED: it is compressed.
 * HC_ERROR_MALFORMED: it is no tar, or has an entry that image archives have not: two of one name,
 * absolute names and "..", links that lead out, devices, sparse files.
 *
 * Returns: (transfer full): the store, or NULL
 */
HcImageStore *hc_image_store_open(const char *operand, const HcImageRef *ref, GError **error);
void hc_image_store_free(HcImageStore *store);

/** Returns: (transfer none): the operand. */
const char *hc_image_store_name(const HcImageStore *store);

/**
 * hc_image_store_need:
 * Of an image in a registry: a blob that is to be found is fetched, if it is not here.
 *
 * @media_type: (nullable): of its descriptor
 */
gboolean hc_image_store_need(HcImageStore *store, const char *media_type, const char *digest,
                             uint64_t n_bytes, GError **error);

/** Returns: whether blobs that are not here can be fetched. */
gboolean hc_image_store_is_remote(const HcImageStore *store);

/**
 * hc_image_store_find:
 * @name: parts between "/", without "." and ".."
 * @place: (out): valid as long as the store
 *
 * Links inside an archive are followed. In a folder links are refused, also to folders: they could
 * lead out of it.
 *
 * Returns: FALSE when there is no such file, or with @error set: HC_ERROR_MALFORMED when it is no
 * regular file, HC_ERROR_IO
 */
gboolean hc_image_store_find(HcImageStore *store, const char *name, HcBlobPlace *place,
                             GError **error);

/**
 * hc_image_store_read:
 * The whole of a small file: HC_ERROR_LIMIT over HC_MAX_IMAGE_JSON_BYTES.
 *
 * Returns: (transfer full): the content; NULL without @error when there is no such file
 */
GBytes *hc_image_store_read(HcImageStore *store, const char *name, GError **error);

/**
 * hc_blob_read:
 * @n_bytes bytes at @offset of @fd.
 *
 * @name: for messages
 *
 * Returns: (transfer full): them, or NULL with HC_ERROR_IO, also without memory
 */
GBytes *hc_blob_read(const char *name, int fd, uint64_t offset, uint64_t n_bytes, GError **error);

/**
 * hc_archive_make_plain:
 * Of an archive that gzip or zstd packed, a file without a name with what is in it takes its place,
 * since blobs are read where they lie.
 *
 * @fd: (inout): of the archive; the old one is closed
 * @n_bytes: (inout)
 *
 * HC_ERROR_UNSUPPORTED: another compression.
 */
gboolean hc_archive_make_plain(const char *operand, int *fd, uint64_t *n_bytes, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HcImageStore, hc_image_store_free)

/**
 * HcBlobStore: where the files of an image go: the folder of an OCI layout, or a tar that appears
 * whole or not at all.
 *
 * In a folder every file has a temporary name until hc_blob_store_commit(); a blob that is there
 * already with the right size and digest is kept. Several stores may write to one folder at once:
 * nothing that has its own name is ever removed, since another image may rely on it. Freed without
 * commit, temporary files are gone, and the folders that were made, unless somebody else has put
 * something into them.
 */
typedef struct HcBlobStore HcBlobStore;

/**
 * hc_blob_store_open_layout:
 * @path: made when it is not there, with blobs/sha256 in it; its parent must be
 *
 * HC_ERROR_IO when it is no folder, or one in it is a link.
 */
HcBlobStore *hc_blob_store_open_layout(const char *path, GError **error);

/** hc_blob_store_open_tar: @epoch: time of the entries. */
HcBlobStore *hc_blob_store_open_tar(const char *file, HcEpoch epoch, GError **error);
void hc_blob_store_free(HcBlobStore *store);

/** hc_blob_store_folder: of a tar: an entry for a folder; in a layout they are there. */
gboolean hc_blob_store_folder(HcBlobStore *store, const char *name, GError **error);

/** HcStoreBlob: bytes with a name made from their digest. */
typedef struct {
    const char *digest; /* 64 hexadecimal digits */
    HcBlobPlace place;  /* linked when it has a path and that works, else copied */
    gboolean is_verified;
} HcStoreBlob;

/** hc_blob_store_blob: HC_ERROR_MALFORMED when the bytes do not have the digest. */
gboolean hc_blob_store_blob(HcBlobStore *store, const char *name, const HcStoreBlob *blob,
                            GError **error);

/** hc_blob_store_bytes: a small file. @digest: (nullable): not NULL for a blob, which is kept when
 * it is there; other files are replaced. */
gboolean hc_blob_store_bytes(HcBlobStore *store, const char *name, const char *digest,
                             const char *text, GError **error);

/**
 * hc_blob_store_commit:
 * Gives everything its name: blobs first, and when they are on the disk the other files in their
 * order, so that what names blobs comes last.
 *
 * After FALSE, blobs of a layout may have their names, which nothing leads to.
 */
gboolean hc_blob_store_commit(HcBlobStore *store, GError **error);

/** hc_place_digest: SHA-256 of what is at @place, in hexadecimal. @file: for messages */
char *hc_place_digest(const HcBlobPlace *place, const char *file, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HcBlobStore, hc_blob_store_free)

/* The folder of an OCI layout that an image is written to, as others may be at the same time. */

/** hc_layout_lock: from reading the index until the new one has its name. @seconds: as
 * of hc_lock_take() */
HcLock *hc_layout_lock(const HcImageRef *ref, guint seconds, GError **error);

/** Returns: (transfer full): the index of the layout; NULL without @error when there is none. */
GBytes *hc_layout_read_index(const HcImageRef *ref, GError **error);

/**
 * hc_layout_read_member:
 * @entry: of index.json, JSON text
 * @text: (out) (nullable): of the index that it leads to; NULL when it is none, or not to be read
 */
gboolean hc_layout_read_member(const HcImageRef *ref, const char *entry, char **text,
                               GError **error);

/**
 * hc_layout_identity:
 * What the configuration of an image of the layout says of its platform, as
 * hc_image_identity() does.
 *
 * @data: the HcImageRef of the layout
 * @digest: (nullable): of the image's manifest
 *
 * Returns: (transfer full): NULL without @error when that is not to be found out: a blob is
 * missing, or is not what it should be
 */
char *hc_layout_identity(const void *data, const char *digest, GError **error);

G_END_DECLS
