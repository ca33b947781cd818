#pragma once

#include <sys/stat.h>

#include <glib.h>

G_BEGIN_DECLS

/**
 * HcLock: files or folders that no other program which asks changes meanwhile, from before they are
 * read until what replaces them is published: hc_output_open() takes the lock of the file that it
 * is to replace.
 *
 * It is flock() on the file itself. A lock on a file that has lost its name in the meantime is not
 * taken for one on the file that has the name now. Nothing is left behind, whatever ends us.
 */
typedef struct HcLock HcLock;

/* How long to wait for others, in seconds: the default of --lock-timeout. */
#define HC_LOCK_TIMEOUT 10

/**
 * hc_lock_take:
 * @files: (array length=n): paths of files or folders that are there; links are followed. The order
 *   does not matter: whoever locks several of them does so in one order
 * @timeout_seconds: how long to wait while another program has one of them; 0: not at all
 *
 * Where a file system has no locks, the file is not locked, which hc_lock_note() says.
 *
 * Returns: (transfer full): the lock, or NULL with HC_ERROR_USAGE when two of @files are the same,
 * and HC_ERROR_IO when one cannot be opened, or is still another program's; the message names that
 */
HcLock *hc_lock_take(const char *const *files, gsize n, guint timeout_seconds, GError **error);

/** Returns: (transfer none) (nullable): one line for --verbose when a file could not be locked. */
const char *hc_lock_note(const HcLock *lock);

/** Returns: (transfer none) (nullable): @file, one of those locked, as it was when the lock was
 * got. */
const struct stat *hc_lock_status(const HcLock *lock, const char *file);

void hc_lock_free(HcLock *lock);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HcLock, hc_lock_free)

G_END_DECLS
