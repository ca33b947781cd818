#pragma once

#include <glib.h>

#include "hivecore/base/clock.h"
#include "hivecore/image/image.h"

G_BEGIN_DECLS

/**
 * LpBlobStore: where the files of an image go: a folder, or a tar that appears whole or not at all.
 *
 * In a folder each file appears whole by itself, at once; what is there already with the right size
 * and digest is kept. Freed without commit, files and folders that were new are gone again.
 */
typedef struct LpBlobStore LpBlobStore;

/**
 * lp_blob_store_open_folder:
 * @path: made when it is not there; its parent must be
 *
 * HC_ERROR_IO when it is no folder.
 */
LpBlobStore *lp_blob_store_open_folder(const char *path, GError **error);

/** lp_blob_store_open_tar: @epoch: time of the entries. */
LpBlobStore *lp_blob_store_open_tar(const char *file, HcEpoch epoch, GError **error);
void lp_blob_store_free(LpBlobStore *store);

/** lp_blob_store_folder: @name: below the store; its parent must be there. A symbolic link in its
 * place is HC_ERROR_IO. */
gboolean lp_blob_store_folder(LpBlobStore *store, const char *name, GError **error);

/** LpBlob: bytes with a name made from their digest. */
typedef struct {
    const char *digest; /* 64 hexadecimal digits */
    HcBlobPlace place;  /* linked when it has a path and that works, else copied */
    gboolean is_verified;
} LpBlob;

/** lp_blob_store_blob: HC_ERROR_MALFORMED when the bytes do not have the digest. */
gboolean lp_blob_store_blob(LpBlobStore *store, const char *name, const LpBlob *blob,
                            GError **error);

/** lp_blob_store_bytes: a small file. @digest: (nullable): not NULL for a blob, which is kept when
 * it is there; other files are replaced. */
gboolean lp_blob_store_bytes(LpBlobStore *store, const char *name, const char *digest,
                             const char *text, GError **error);

gboolean lp_blob_store_commit(LpBlobStore *store, GError **error);

/** lp_place_digest: SHA-256 of what is at @place, in hexadecimal. @file: for messages */
char *lp_place_digest(const HcBlobPlace *place, const char *file, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(LpBlobStore, lp_blob_store_free)

G_END_DECLS
