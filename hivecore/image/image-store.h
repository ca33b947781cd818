#pragma once

#include "hivecore/image/image.h"

G_BEGIN_DECLS

/*
 * The files of an image by name: those of an OCI layout's folder, or the entries of an archive,
 * which is a plain tar and is read in place. Internal to hivecore/image.
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

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HcImageStore, hc_image_store_free)

G_END_DECLS
