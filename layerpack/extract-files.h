#pragma once

#include "hivecore/cli/cli.h"

G_BEGIN_DECLS

/** LpExtractFiles: files that are to be written out of an image. */
typedef struct {
    const char *source;
    const char *platform; /* (nullable) */
    char *const *paths;   /* C:\A\b */
    const char *output;   /* a file for one file; else a folder, made where it is not there */
} LpExtractFiles;

/**
 * lp_extract_files:
 * Writes each file, whole or not at all, and of a folder what is in it; prints names and sizes.
 * Links on the way to @paths are followed; in a folder they are left out and told.
 */
gboolean lp_extract_files(HcCliContext *context, const LpExtractFiles *what, GError **error);

G_END_DECLS
