#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * Patterns as a set of states that goes along a text: no pattern makes it slower than its length
 * times that of the text. Sources: Go's path.Match (COPY), moby/patternmatcher (.dockerignore), the
 * patterns of ${X#pattern} in moby/buildkit, frontend/dockerfile/shell.
 */
typedef struct HcGlob HcGlob;

typedef enum {
    HC_GLOB_PATH,   /* *, ? and [a-z] stop at "/"; "\" takes the next character as it is */
    HC_GLOB_IGNORE, /* the same, and ** is any number of folders */
    HC_GLOB_SHELL,  /* * and ? are of any character; "\" stands before one of * ? \ } / */
} HcGlobKind;

/** hc_glob_new: @pattern: UTF-8. Returns: NULL with HC_ERROR_MALFORMED "PATTERN: what", or
 * HC_ERROR_LIMIT for one of over HC_MAX_GLOB_UNITS */
HcGlob *hc_glob_new(HcGlobKind kind, const char *pattern, GError **error);
void hc_glob_free(HcGlob *glob);

/** hc_glob_has_wildcards: whether @pattern of kind HC_GLOB_PATH is more than a name. */
gboolean hc_glob_has_wildcards(const char *pattern);

/** hc_glob_matches: whether all of @text does. */
gboolean hc_glob_matches(HcGlob *glob, const char *text, gsize n_bytes);

/** Returns: how many bytes at the start of @text match, the fewest or the most; -1 when none do. */
gssize hc_glob_prefix(HcGlob *glob, const char *text, gsize n_bytes, gboolean is_longest);

/** Returns: how many bytes at the end of @text match, likewise. Only of HC_GLOB_SHELL. */
gssize hc_glob_suffix(HcGlob *glob, const char *text, gsize n_bytes, gboolean is_longest);

/** hc_glob_may_start: FALSE: no match begins with @c. */
gboolean hc_glob_may_start(const HcGlob *glob, gunichar c);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HcGlob, hc_glob_free)

/*
 * Paths as a Dockerfile has them. On Windows both slashes part names, "C:" in front is the one
 * drive, and "C:x" is below the folder at hand. Source: moby/buildkit, util/system/path.go
 * (NormalizePath, NormalizeWorkdir, CheckSystemDriveAndRemoveDriveLetter) and its tests.
 */

/**
 * hc_docker_path:
 * @path below @folder unless it begins with a slash, without "." and "..", none of which leads
 * above the root; with forward slashes and a slash in front.
 *
 * @folder: (nullable): the same kind of path
 * @is_windows: of the image that the path is in
 * @keep_slash: a slash at the end stays
 *
 * HC_ERROR_MALFORMED: another drive than C:, "C:" alone, a UNC path. The message has no place.
 *
 * Returns: (transfer full): the path, or NULL
 */
char *hc_docker_path(const char *folder, const char *path, gboolean is_windows, gboolean keep_slash,
                     GError **error);

/** hc_docker_workdir: what WORKDIR leaves in the configuration: on Windows with backslashes and
 * without a drive. */
char *hc_docker_workdir(const char *folder, const char *path, gboolean is_windows, GError **error);

/** Returns: (transfer none): the last part of a path of hc_docker_path(). */
const char *hc_docker_path_last(const char *path);

/**
 * HcDockerIgnore: the patterns of a .dockerignore: what of the context is not there for COPY and
 * ADD. Sources: moby/patternmatcher (and ignorefile): lines without "#" in front, cleaned as paths,
 * a slash in front is nothing; "!" takes back; what is in a folder that matches matches.
 */
typedef struct HcDockerIgnore HcDockerIgnore;

/** hc_ignore_new: @file: for messages. HC_ERROR_MALFORMED "FILE:LINE: what", HC_ERROR_LIMIT. */
HcDockerIgnore *hc_ignore_new(const char *file, const char *text, gsize n_bytes, GError **error);
void hc_ignore_free(HcDockerIgnore *ignore);

/** Returns: whether any pattern takes back, so that folders that are left out are entered. */
gboolean hc_ignore_takes_back(const HcDockerIgnore *ignore);

/**
 * hc_ignore_matches:
 * @path: below the context, "a/b"
 * @parent: (nullable): the marks of the folder it is in
 * @marks: (out) (transfer full) (nullable): of @path, for what is in it; freed with g_free()
 */
gboolean hc_ignore_matches(HcDockerIgnore *ignore, const char *path, const guint8 *parent,
                           guint8 **marks);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HcDockerIgnore, hc_ignore_free)

G_END_DECLS
