#pragma once

#include <glib.h>

#include "hivecore/base/clock.h"
#include "hivecore/image/image.h"

G_BEGIN_DECLS

/**
 * LpBlobStore: where the files of an image go: the folder of an OCI layout, or a tar that appears
 * whole or not at all.
 *
 * In a folder every file has a temporary name until lp_blob_store_commit(); a blob that is there
 * already with the right size and digest is kept. Several stores may write to one folder at once:
 * nothing that has its own name is ever removed, since another image may rely on it. Freed without
 * commit, temporary files are gone, and the folders that were made, unless somebody else has put
 * something into them.
 */
typedef struct LpBlobStore LpBlobStore;

/**
 * lp_blob_store_open_layout:
 * @path: made when it is not there, with blobs/sha256 in it; its parent must be
 *
 * HC_ERROR_IO when it is no folder, or one in it is a link.
 */
LpBlobStore *lp_blob_store_open_layout(const char *path, GError **error);

/** lp_blob_store_open_tar: @epoch: time of the entries. */
LpBlobStore *lp_blob_store_open_tar(const char *file, HcEpoch epoch, GError **error);
void lp_blob_store_free(LpBlobStore *store);

/** lp_blob_store_folder: of a tar: an entry for a folder; in a layout they are there. */
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

/**
 * lp_blob_store_commit:
 * Gives everything its name: blobs first, and when they are on the disk the other files in their
 * order, so that what names blobs comes last.
 *
 * After FALSE, blobs of a layout may have their names, which nothing leads to.
 */
gboolean lp_blob_store_commit(LpBlobStore *store, GError **error);

/** lp_place_digest: SHA-256 of what is at @place, in hexadecimal. @file: for messages */
char *lp_place_digest(const HcBlobPlace *place, const char *file, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(LpBlobStore, lp_blob_store_free)

G_END_DECLS
