#pragma once

#include <stdint.h>

#include <glib.h>

#include "hivecore/base/lock.h"

G_BEGIN_DECLS

/*
 * What was fetched from registries: an OCI layout in $XDG_CACHE_HOME/layerpack
 * (~/.cache/layerpack), so that each blob is fetched once. Its index.json says what each name led
 * to when it was last asked for; org.opencontainers.image.ref.name is the name without "docker://".
 */

/** Returns: (transfer full): the cache's folder, made when it is not there; NULL with HC_ERROR_IO.
 */
char *hc_cache_open(GError **error);

/**
 * hc_cache_note:
 * Writes down what @name leads to, under the lock of the layout.
 * @digest: "sha256:…"
 */
gboolean hc_cache_note(const char *folder, const char *name, const char *media_type,
                       const char *digest, gsize n_bytes, GError **error);

/**
 * hc_cache_work_folder:
 * Makes a folder in the cache for @what ("push", "copy"), which is removed by who made it. What
 * programs that were killed have left of such is removed.
 *
 * @lock: (out) (transfer full): held as long as the folder is needed: so others see that it is
 *
 * Returns: (transfer full): its path, or NULL with HC_ERROR_IO
 */
char *hc_cache_work_folder(const char *folder, const char *what, HcLock **lock, GError **error);

/** hc_cache_sweep_work: removes such folders of programs that are gone. */
void hc_cache_sweep_work(const char *folder);

/** hc_cache_lock_name: one program at a time writes what @name leads to. @timeout_seconds: as
 * hc_lock_take() */
HcLock *hc_cache_lock_name(const char *folder, const char *name, guint timeout_seconds,
                           GError **error);

/** hc_cache_find: Returns: (transfer full) (nullable): the digest that @name led to when it was
 * last asked for, where that document is still there */
char *hc_cache_find(const char *folder, const char *name);

/** HcCacheEntry: one name, and what is there of the images that it leads to. */
typedef struct {
    char *name;
    char *digest;
    guint n_blobs;
    uint64_t n_bytes;
    guint n_missing; /* blobs that were not needed yet */
} HcCacheEntry;

/** Returns: (transfer full) (element-type HcCacheEntry): by name; a blob that two names lead to is
 * counted for each. @n_other, @n_other_bytes: (out): blobs that no name leads to */
GPtrArray *hc_cache_list(const char *folder, guint *n_other, uint64_t *n_other_bytes,
                         GError **error);

/**
 * hc_cache_prune:
 * Removes blobs that no name leads to, and what programs that were killed have left.
 *
 * @names: (nullable): NULL-terminated: are forgotten first; HC_ERROR_NOT_FOUND when one is not
 * there
 * @is_all: all names are
 * @n_blobs, @n_bytes: (out): what was removed
 */
gboolean hc_cache_prune(const char *folder, char *const *names, gboolean is_all, guint *n_blobs,
                        uint64_t *n_bytes, GError **error);

G_END_DECLS
