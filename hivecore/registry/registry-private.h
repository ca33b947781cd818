#pragma once

#include "hivecore/registry/registry.h"

G_BEGIN_DECLS

/**
 * hc_registry_open_folder:
 * The hives in a folder: of a Windows disk, where Windows/System32/config is in it (in any case,
 * through no link), else those that lie in it. A hive is what starts as one and is no transaction
 * log. Where two files could be at one place the one has it that is called as Windows calls it.
 *
 * HC_ERROR_USAGE for an OCI image layout, HC_ERROR_MALFORMED when there are no hives.
 *
 * Returns: (transfer full): the state, hives by the names of their files, or NULL
 */
HcRegistry *hc_registry_open_folder(const char *folder, GError **error);

G_END_DECLS
