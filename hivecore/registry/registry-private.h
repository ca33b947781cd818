#pragma once

#include "hivecore/delta/delta.h"
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

/** hc_registry_add_same: a hive of @other, a registry of files, as it is there; on a disk both are.
 */
void hc_registry_add_same(HcRegistry *registry, const HcRegistry *other, guint index);

/**
 * hc_disk_find: the file or folder at @parts (NULL-terminated) below @folder, in any case.
 * @is_folder: which of the two. Disks come from others: no link is followed.
 *
 * Returns: (transfer full) (nullable): its path; NULL without @error when there is none
 */
char *hc_disk_find(const char *folder, const char *const *parts, gboolean is_folder,
                   GError **error);

/**
 * hc_disk_add_others:
 * The hives of the disk @folder that are not in its config folder, which @registry has already:
 * those of its users (HKEY_USERS\SID and SID_Classes; the user's name where no SID is known) and
 * services, and the boot configuration.
 */
gboolean hc_disk_add_others(HcRegistry *registry, const char *folder, GError **error);

/** hc_wine_find: whether the regular file @file is a registry of Wine. @root: (out) (nullable)
 * (transfer full): where its keys hang */
gboolean hc_wine_find(const char *file, HcRoot **root);

/** hc_wine_root: Returns: (nullable) (transfer full): where the keys of such a file hang, which
 * starts with @bytes */
HcRoot *hc_wine_root(const uint8_t *bytes, gsize n_bytes);

/** hc_text_open: such a file, or a .reg file that is a state, as a hive, which is made of it.
 * @content: (nullable): of @file, where it is read already. The errors of hc_wine_read() and
 * hc_reg_state_read(). */
HcHive *hc_text_open(const char *file, GBytes *content, GError **error);

/**
 * hc_reg_state_read:
 * @content: of the .reg file @file
 * @root: (out) (transfer full) (optional): where the hive with all its keys hangs
 *
 * Returns: (transfer full): what the file says below @root. NULL with the errors of hc_reg_read(),
 *   HC_ERROR_MALFORMED where it deletes something, HC_ERROR_UNSUPPORTED where it has keys of two
 *   roots
 */
HcDelta *hc_reg_state_read(const char *file, GBytes *content, HcRoot **root, GError **error);

/** hc_reg_state_root: Returns: (transfer full): the @root of it; NULL with the same errors. */
HcRoot *hc_reg_state_root(const char *file, GError **error);

G_END_DECLS
