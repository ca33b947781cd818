#pragma once

#include "hivecore/base/root.h"
#include "hivecore/regf/open.h"

G_BEGIN_DECLS

/*
 * HcRegistry, a state: what changes are made to. Places of the registry with a hive at each, found
 * by name and opened when they are asked for, wherever they come from: files that are named, a
 * folder, a Windows disk, and what sources above this folder know (layers, images).
 */
typedef struct HcRegistry HcRegistry;

/** HcRegistryHive: one hive of a state, not opened yet. */
typedef struct {
    char *name;   /* what messages call it: the file, or "SOURCE//NAME" */
    char *label;  /* what it is called in its source: the last part of the file's name, or NAME */
    HcRoot *root; /* (nullable): where it hangs, as far as that is known before it is open */
    gboolean is_file; /* name is a file of its own, which can be replaced; else it is inside of
                         something */
    gboolean is_text; /* it is a registry of Wine or an export, a text that a hive is made of */
    GBytes *content;  /* (nullable): of standard input, which can be read once */
    char *remark; /* (nullable): of what is no hive: what could have been meant, for the message */
    char *user;   /* (nullable): of a disk: the folder of the user whose hive it is */
    gboolean is_classes; /* of a user: UsrClass.dat */
} HcRegistryHive;

/** HcHiveReading: how a hive is to be opened. */
typedef struct {
    HcDirtyPolicy dirty_policy;
    HcHiveFlags flags;
    gboolean is_as_it_stands; /* a file is opened by hc_hive_open() with the flags alone */
} HcHiveReading;

/** HcRegistrySource: what stands behind the hives of a state that are no files. */
typedef struct {
    /** As hc_registry_open_hive(). */
    HcHive *(*open)(void *data, guint index, const HcHiveReading *how, char **note, GError **error);
    void (*free)(void *data);
} HcRegistrySource;

/**
 * HcSourceKind: a kind of state that is not known here, handed in by who knows it.
 * NULL ends an array of pointers to them.
 */
typedef struct {
    const char *what;    /* "an image" */
    gboolean has_prefix; /* else it is told by what is there */

    /** Returns: whether @source is one of this kind. @is_named: one of its hives is named, so it is
     * a source of some kind. */
    gboolean (*is_mine)(const char *source, gboolean is_named);

    /**
     * @platform: (nullable): of an image index
     * @hive: (nullable): the name of the only hive that will be asked for, which is in the state
     *   even where it cannot be opened; HC_ERROR_USAGE when such a source has none of that name
     */
    HcRegistry *(*open)(const char *source, const char *platform, const char *hive, GError **error);

    /** Returns: (transfer full): the file or folder that @source is read from. */
    char *(*file)(const char *source);
} HcSourceKind;

/**
 * hc_registry_new:
 * @name: what was given
 * @source: (nullable): opens hives that are no files; owns @data, which its free() frees
 */
HcRegistry *hc_registry_new(const char *name, const HcRegistrySource *source, void *data);
void hc_registry_free(HcRegistry *registry);

/** hc_registry_add: one more hive, after the others; members as in HcRegistryHive, copied but for
 * @root (transfer full) (nullable). */
void hc_registry_add(HcRegistry *registry, const char *name, const char *label, HcRoot *root,
                     gboolean is_file);

/** hc_registry_add_file: the hive that is in @file, where its name says. */
void hc_registry_add_file(HcRegistry *registry, const char *file);

/** hc_registry_add_text: the registry of Wine, or an export, in @file, whose keys hang at @root
 * (transfer full) (nullable). */
void hc_registry_add_text(HcRegistry *registry, const char *file, HcRoot *root);

/** hc_registry_add_content: what was read of standard input, a hive or such a text. */
void hc_registry_add_content(HcRegistry *registry, GBytes *content, gboolean is_text, HcRoot *root);

/** hc_registry_set_remark: of hive @index, which may be none: @remark. */
void hc_registry_set_remark(HcRegistry *registry, guint index, const char *remark);

/** hc_registry_set_user: hive @index is of the user whose folder is @user. */
void hc_registry_set_user(HcRegistry *registry, guint index, const char *user, gboolean is_classes);

/** hc_registry_set_disk: the state is a Windows disk, whose folder has its name. */
void hc_registry_set_disk(HcRegistry *registry);
gboolean hc_registry_is_disk(const HcRegistry *registry);

/**
 * hc_disk_is_hibernated:
 * Whether Windows sleeps on the disk @folder: there is a hiberfil.sys with content, and what is on
 * the disk is not all that Windows knows. HC_ERROR_IO when that cannot be found out.
 */
gboolean hc_disk_is_hibernated(const char *folder, gboolean *is_hibernated, GError **error);

/** hc_registry_set_root: hive @index hangs at @root (transfer full). */
void hc_registry_set_root(HcRegistry *registry, guint index, HcRoot *root);

/** Returns: (transfer none): what was given. */
const char *hc_registry_name(const HcRegistry *registry);

guint hc_registry_n_hives(const HcRegistry *registry);
const HcRegistryHive *hc_registry_hive(const HcRegistry *registry, guint index);

/**
 * hc_registry_find:
 * @root: (nullable): the place of a hive of another state
 * @label: (nullable): and what it is called there, for those whose place nobody knows
 *
 * Returns: the index of the hive that is the same part of this state, or -1
 */
int hc_registry_find(const HcRegistry *registry, const HcRoot *root, const char *label);

/** hc_registry_find_name: by NAME, in any case: SOFTWARE, a place, or what it is called in its
 * source. Returns: the index, or -1 */
int hc_registry_find_name(const HcRegistry *registry, const char *name);

/**
 * hc_registry_open_hive:
 * @note: (out) (nullable): (transfer full): one line for the user when the hive was not clean
 *
 * Returns: (transfer full): the hive; NULL with the errors of hc_hive_open_recovered(), or of its
 * source
 */
HcHive *hc_registry_open_hive(HcRegistry *registry, guint index, const HcHiveReading *how,
                              char **note, GError **error);

/** hc_read_start: the first bytes of a regular file; none of what cannot be read, which its reader
 * tells. */
gsize hc_read_start(const char *file, uint8_t *bytes, gsize n_bytes);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HcRegistry, hc_registry_free)

G_END_DECLS
