#pragma once

#include <stdint.h>

#include <glib.h>

G_BEGIN_DECLS

/**
 * HcOutput: a file that appears whole or not at all.
 *
 * Bytes go to a temporary file in the target's folder; hc_output_commit() does fsync, rename and
 * fsync of the folder. Freed without commit, or when the program is ended by SIGINT, SIGTERM or
 * SIGHUP, the temporary file is gone and the target is as it was. The first open installs
 * handlers for these signals (not over SIG_IGN) and ignores SIGXFSZ.
 */
typedef struct HcOutput HcOutput;

/**
 * hc_output_open:
 * @file: target path; an existing target must be a regular file (HC_ERROR_IO otherwise, so that
 *   /dev/null or a FIFO is never replaced); a symbolic link is followed, the link stays
 * @replace: whether the target is an input that is to be replaced (--in-place): not being able to
 *   keep its owner is then an error. Without it an existing target keeps its mode too, and its
 *   owner where that is possible. A new file gets 0666 less the umask.
 *
 * An existing target must be writable, although a rename would not need that. Other hard links
 * to it keep the old content; ACLs and extended attributes are not carried over.
 *
 * Returns: (transfer full): the output, or NULL with HC_ERROR_IO
 */
HcOutput *hc_output_open(const char *file, gboolean replace, GError **error);

/** hc_output_set_name: what messages are to call the file, when it is never to get its own name. */
void hc_output_set_name(HcOutput *output, const char *name);

/**
 * hc_output_hide_like:
 * Takes from a new file's mode what the file @like does not give to group and others, so that a
 * copy of a secret is as secret. A replaced file keeps its mode.
 */
gboolean hc_output_hide_like(HcOutput *output, const char *like, GError **error);

/** hc_output_write: appends all of @n_bytes; HC_ERROR_IO when that fails. */
gboolean hc_output_write(HcOutput *output, const void *bytes, gsize n_bytes, GError **error);

/**
 * hc_output_sync:
 * Brings everything that was written so far to the disk, in the temporary file. For outputs that
 * are read, or get their name, before there is anything to commit.
 *
 * @fd: (out): for pread(); borrowed
 * @path: (out) (transfer none): of the temporary file, which can be linked to
 */
gboolean hc_output_sync(HcOutput *output, int *fd, const char **path, GError **error);

/** hc_output_commit: publishes the file. After FALSE the target is as it was. */
gboolean hc_output_commit(HcOutput *output, GError **error);

/**
 * hc_outputs_commit:
 * Publishes all of @outputs, @n of different targets, or none: every file is on the disk before the
 * first gets its name, and where one cannot, those before it are put back. Old files that are
 * replaced keep a second name, ".NAME.XXXXXX.old" in their folder, until all is done; what is cut
 * off half-way (SIGKILL, no power) leaves each target whole, old or new, and may leave these.
 *
 * Returns: FALSE with HC_ERROR_IO; the targets are as they were then, but for those that the
 * message names
 */
gboolean hc_outputs_commit(HcOutput *const *outputs, gsize n, GError **error);

void hc_output_free(HcOutput *output);

/** hc_output_write_file: hc_output_open(), write and commit in one. */
gboolean hc_output_write_file(const char *file, gboolean replace, const void *bytes, gsize n_bytes,
                              GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HcOutput, hc_output_free)

G_END_DECLS
