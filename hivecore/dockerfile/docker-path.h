#pragma once

#include <glib.h>

G_BEGIN_DECLS

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

G_END_DECLS
