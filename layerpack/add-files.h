#pragma once

#include <sys/stat.h>

#include <glib.h>

#include "hivecore/cli/cli.h"
#include "hivecore/image/layer-entry.h"
#include "hivecore/image/layer-output.h"

G_BEGIN_DECLS

/**
 * LpAddFiles: what goes below Files/ in a layer, planned before anything is written: entries in a
 * fixed order, each folder once and before what is in it, names as Windows takes them.
 * Source: docs/FORMATS-layers.md; hc_windows_name_fault().
 */
typedef struct LpAddFiles LpAddFiles;

/** lp_add_files_new: @folders: (nullable): NULL-terminated: entries that the layer has already,
 * from "Files" on; NULL: none, lp_add_files_write_root() writes the first */
LpAddFiles *lp_add_files_new(const char *const *folders);
void lp_add_files_free(LpAddFiles *files);

/**
 * lp_add_files_arg:
 * @arg: SRC=DST, DST as of hc_windows_path_parse(). A file SRC goes to DST, or into it when DST
 *   ends in a slash; of a folder SRC what it holds goes into DST. Between SRC and DST is the last
 *   "=" that a DST stands behind.
 *
 * Everything is looked at now, files are read later. HC_ERROR_USAGE: not of this form, a name that
 * Windows does not take, two sources for one place, a place where a hive is;
 * HC_ERROR_UNSUPPORTED: SRC holds a link or anything else but folders and files; HC_ERROR_LIMIT
 * over HC_MAX_LAYER_ENTRIES.
 */
gboolean lp_add_files_arg(LpAddFiles *files, const char *arg, GError **error);

/** lp_add_files_one: the file or folder @source as, or into, @name, an entry name. */
gboolean lp_add_files_one(LpAddFiles *files, const char *source, const char *name, GError **error);

/** lp_add_files_find_source: @source: (out) (transfer none) (nullable): one that is the same file
 * as
 * @wanted */
gboolean lp_add_files_find_source(const LpAddFiles *files, const struct stat *wanted,
                                  const char **source, GError **error);

/** Returns: how many files will be added, folders not counted. */
guint lp_add_files_n_files(const LpAddFiles *files);

/** lp_add_files_see: an HcEntryWatch: takes note of what the base image has in the places of @data,
 * an LpAddFiles. */
void lp_add_files_see(void *data, guint layer, const HcEntry *entry, const char *clean);

/**
 * lp_add_files_fit:
 * After lp_add_files_see() saw all: folders that the base image has get its spelling, attributes,
 * security descriptor and creation time. HC_ERROR_CONFLICT when a file is to take the place of a
 * folder or link of it, or a folder that of something else.
 *
 * @image: name of the base image, for messages
 */
gboolean lp_add_files_fit(LpAddFiles *files, const char *image, GError **error);

/** lp_add_files_write_root: the folder "Files", as the base image has it. */
gboolean lp_add_files_write_root(LpAddFiles *files, const HcCliContext *context,
                                 HcLayerOutput *output, GError **error);

/** lp_add_files_write: all of it, in its order. */
gboolean lp_add_files_write(LpAddFiles *files, const HcCliContext *context, HcLayerOutput *output,
                            GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(LpAddFiles, lp_add_files_free)

G_END_DECLS
