#pragma once

#include <glib.h>
#include <sys/stat.h>

#include "hivecore/base/output.h"
#include "hivecore/cli/cli.h"
#include "hivecore/image/tree.h"

G_BEGIN_DECLS

/**
 * LpFileChanges: what the options say of files, in the order in which they were given: a later one
 * finds what an earlier one left, and wins.
 */
typedef struct LpFileChanges LpFileChanges;

/**
 * lp_file_changes_take:
 * Takes note of an option; nothing is looked at yet.
 *
 * @changes: *changes is made when it is NULL
 * @option: as GLib gives it: "--add", "--remove", "--copy-from", "--symlink", "--junction",
 *   "--grant", "--acl"; also "--license"
 */
void lp_file_changes_take(LpFileChanges **changes, const char *option, const char *value);
void lp_file_changes_free(LpFileChanges *changes);

/**
 * lp_file_changes_parse:
 * Whether all have their form and the files that are named are there, before anything large is
 * read. HC_ERROR_USAGE, HC_ERROR_IO. @changes: (nullable)
 */
gboolean lp_file_changes_parse(LpFileChanges *changes, GError **error);

/** Returns: whether there are any; and whether any looks at what layers below have. */
gboolean lp_file_changes_any(const LpFileChanges *changes);
gboolean lp_file_changes_need_below(const LpFileChanges *changes);

/**
 * lp_file_changes_apply:
 * Makes them to @tree; images are opened, each once. Errors as of HcTree's functions;
 * HC_ERROR_NOT_FOUND: what is to be removed, copied or granted is not there.
 *
 * @platform: (nullable): of images that are copied from
 */
gboolean lp_file_changes_apply(LpFileChanges *changes, HcTree *tree, const char *platform,
                               GError **error);

/** lp_file_changes_hide_like: hc_cli_hide_like_source() of the images that are copied from. */
gboolean lp_file_changes_hide_like(const LpFileChanges *changes, HcOutput *output,
                                   const char *platform, GError **error);

/** lp_file_changes_append: "3 files added, 1 removed", after @separator, when there is something
 * to say. */
void lp_file_changes_append(GString *out, const HcTree *tree, const char *separator);

/* Entries of the options; @take is a GOptionArgFunc that calls lp_file_changes_take(). */
#define LP_FILE_OPTION_ENTRY(take, name, text, form)                                               \
    {                                                                                              \
        name, 0, G_OPTION_FLAG_FILENAME, G_OPTION_ARG_CALLBACK, (gpointer) (guintptr) (take),      \
            text, form                                                                             \
    }

/** LP_PUT_OPTION_ENTRIES: of what puts something; --remove is for what has layers below. */
#define LP_PUT_OPTION_ENTRIES(take)                                                                \
    LP_FILE_OPTION_ENTRY(                                                                          \
        take, "add", "file, or what a folder holds, to a place like\nC:\\pause.exe", "SRC=DST"),   \
        LP_FILE_OPTION_ENTRY(take, "copy-from", "the same from another image", "IMAGE=SRC=DST"),   \
        LP_FILE_OPTION_ENTRY(take, "symlink", "make a symbolic link", "PATH=TARGET"),              \
        LP_FILE_OPTION_ENTRY(take, "junction", "make a junction to a folder", "PATH=TARGET"),      \
        LP_FILE_OPTION_ENTRY(take, "grant",                                                        \
                             "let an account read, execute, write, modify or\nhave full control "  \
                             "of it and what is in it",                                            \
                             "PATH=NAME:RIGHTS"),                                                  \
        LP_FILE_OPTION_ENTRY(take, "acl", "give it this security descriptor", "PATH=SDDL")

#define LP_REMOVE_OPTION_ENTRY(take)                                                               \
    LP_FILE_OPTION_ENTRY(take, "remove", "take away a file or folder like C:\\old", "PATH")

G_DEFINE_AUTOPTR_CLEANUP_FUNC(LpFileChanges, lp_file_changes_free)

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
