#pragma once

#include <stdint.h>

#include <glib.h>

#include "hivecore/base/lock.h"

G_BEGIN_DECLS

/**
 * HcOutput: a file that appears whole or not at all.
 *
 * Bytes go to a temporary file in the target's folder; hc_output_commit() does fsync, rename and
 * fsync of the folder. Freed without commit, or when the program is ended by SIGINT, SIGTERM,
 * SIGHUP and the like, the temporary file is gone and the target is as it was. The first open
 * installs handlers for these signals (not over SIG_IGN) and ignores SIGXFSZ.
 */
typedef struct HcOutput HcOutput;

/**
 * hc_output_open:
 * @file: target path; an existing target must be a regular file (HC_ERROR_IO otherwise, so that
 *   /dev/null or a FIFO is never replaced). A symbolic link is followed, the link stays; but not
 *   one of another user in a sticky folder that everybody can write, wherever on the way
 * @lock: (nullable): has @file, which was read under it and is to be replaced (--in-place): owner
 *   and mode stay, not being able to keep the owner is an error, and what is no longer the file
 *   that was locked is not replaced. It must live until the commit
 *
 * Without @lock the file gets at most the mode that the umask, what stood there, and the files
 * given to hc_output_hide_like() allow.
 *
 * An existing target must be writable, although a rename would not need that. Other hard links
 * to it keep the old content; ACLs and extended attributes are not carried over.
 *
 * Returns: (transfer full): the output, or NULL with HC_ERROR_IO
 */
HcOutput *hc_output_open(const char *file, const HcLock *lock, GError **error);

/** hc_output_open_memory: a file in memory, which is never committed; @name for messages. */
HcOutput *hc_output_open_memory(const char *name, GError **error);

/** hc_output_set_name: what messages are to call the file, when it is never to get its own name. */
void hc_output_set_name(HcOutput *output, const char *name);

/**
 * hc_output_hide_like, hc_output_hide_like_fd:
 * Takes from the file's mode what a file or folder that its content comes from does not give to
 * group and others, so that a copy of a secret is as secret; to be called before anything is synced
 * or committed. What a file gives its group is not given to another one. Pipes and the like hide
 * nothing; a file that is replaced under a lock keeps its mode.
 *
 * @like: path; "-" is standard input
 * @name: used in messages
 */
gboolean hc_output_hide_like(HcOutput *output, const char *like, GError **error);
gboolean hc_output_hide_like_fd(HcOutput *output, int fd, const char *name, GError **error);

/** hc_output_hide: the same, like what shows others nothing: for what cannot be looked at. */
void hc_output_hide(HcOutput *output);

/** hc_output_write: appends all of @n_bytes; HC_ERROR_IO when that fails. */
gboolean hc_output_write(HcOutput *output, const void *bytes, gsize n_bytes, GError **error);

/** hc_output_write_at: writes at a place in the file, for outputs that nothing is appended to. */
gboolean hc_output_write_at(HcOutput *output, uint64_t offset, const void *bytes, gsize n_bytes,
                            GError **error);

/** hc_output_fd: the descriptor, borrowed, for another program to write all of the content by;
 * nothing is appended to it then. */
int hc_output_fd(HcOutput *output);

/** hc_output_clear: takes back all that was written; HC_ERROR_IO when that fails. */
gboolean hc_output_clear(HcOutput *output, GError **error);

/**
 * hc_output_map:
 * The content so far, read back: to be looked at before it is committed. What is mapped is never
 * written through, since a disk that is full would end the program. The disk begins to write
 * meanwhile; that all has arrived there is known by the commit only. What hc_output_write_at()
 * writes into it afterwards is seen in what is mapped.
 *
 * Returns: (transfer full): the content, mapped read-only; NULL with HC_ERROR_IO
 */
GBytes *hc_output_map(HcOutput *output, GError **error);

/**
 * hc_output_sync:
 * Brings everything that was written so far to the disk, in the temporary file. For outputs that
 * are read, or get their name, before there is anything to commit, and for committing in no time.
 *
 * @fd: (out) (nullable): for pread(); borrowed
 * @path: (out) (transfer none) (nullable): of the temporary file, which can be linked to
 */
gboolean hc_output_sync(HcOutput *output, int *fd, const char **path, GError **error);

/**
 * hc_output_link:
 * Makes the content that of a file that is there, by a second name of it and not a copy. For
 * outputs that nothing was written to, and nothing will be.
 *
 * @path: the file that is open as @fd
 *
 * Returns: FALSE when that cannot be (another file system, no permission); @output is as it was
 */
gboolean hc_output_link(HcOutput *output, const char *path, int fd);

/** hc_output_commit: publishes the file. After FALSE the target is as it was. */
gboolean hc_output_commit(HcOutput *output, GError **error);

/**
 * hc_outputs_commit:
 * Publishes all of @outputs, @n of different targets (else HC_ERROR_USAGE), or none: every file is
 * on the disk before the first gets its name, and where one cannot, those before it are put back. A
 * file that was read under a lock changes places with the new one, and if it turns out not to be
 * the one that was read, changes back; where the kernel cannot do that, it is looked at right
 * before. Old files that are replaced keep a second name, ".NAME.XXXXXX" or ".NAME.XXXXXX.old" in
 * their folder, until all is done; what is cut off half-way (SIGKILL, no power) leaves each target
 * whole, old or new, and may leave these.
 *
 * Returns: FALSE with HC_ERROR_IO; the targets are as they were then, but for those that the
 * message names
 */
gboolean hc_outputs_commit(HcOutput *const *outputs, gsize n, GError **error);

/** Returns: (transfer none): what messages call the file. */
const char *hc_output_name(const HcOutput *output);

/** Returns: (transfer none) (nullable): after a commit, one line for the user about an old file
 * that could not be removed. */
const char *hc_output_remark(const HcOutput *output);

void hc_output_free(HcOutput *output);

/** hc_output_write_file: hc_output_open(), write and commit in one. */
gboolean hc_output_write_file(const char *file, const HcLock *lock, const void *bytes,
                              gsize n_bytes, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HcOutput, hc_output_free)

G_END_DECLS
