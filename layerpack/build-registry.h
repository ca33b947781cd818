#pragma once

#include "hivecore/cli/cli-report.h"
#include "hivecore/cli/patches.h"
#include "hivecore/image/layer-output.h"
#include "hivecore/image/layer-stack.h"

G_BEGIN_DECLS

/** LpRegistryChange: what patches do to the registry of an image: one target for each of
 * hc_hive_slots; .hive is NULL where the image has no such hive. */
typedef struct {
    HcHive *hives[HC_N_HIVE_SLOTS]; /* owned; targets borrow */
    HcPatchTarget targets[HC_N_HIVE_SLOTS];
} LpRegistryChange;

/**
 * lp_registry_change_make:
 * @files: of hc_patch_files_read(); NULL for none
 *
 * Says on standard error what changes in each hive. HC_ERROR_NOT_FOUND when there are @files and
 * no layer has hives.
 */
gboolean lp_registry_change_make(LpRegistryChange *change, HcCliContext *context,
                                 HcLayerStack *stack, GPtrArray *files,
                                 const HcPatchOptions *options, GError **error);
void lp_registry_change_clear(LpRegistryChange *change);

gboolean lp_registry_change_is_empty(const LpRegistryChange *change);

/** lp_registry_change_print: appends what changes as text, hive by hive, for --dry-run.
 * @showing: how much of it */
void lp_registry_change_print(const LpRegistryChange *change, HcCliContext *context,
                              const HcShowing *showing);

/** lp_registry_change_put: the five differencing hives. */
gboolean lp_registry_change_put(const LpRegistryChange *change, const HcCliContext *context,
                                HcLayerOutput *output, GError **error);

/**
 * lp_registry_check_base:
 * HC_ERROR_CONFLICT when what stands in the place of the base's hives is none: Windows merges the
 * differencing hives of a layer with those of the base when it imports it.
 *
 * @where: name of the image
 */
gboolean lp_registry_check_base(const HcLayerStack *stack, const char *where, GError **error);

/**
 * lp_registry_has_deltas:
 * Whether a new layer on top of @stack (nullable) gets differencing hives: always with a change;
 * else, empty ones, so that later layers can have some, unless a layer below has none that theirs
 * could be merged with, or the base has no hives: files in their place that are none, as BuildKit
 * leaves them alone, too. What is odd is said.
 */
gboolean lp_registry_has_deltas(const HcCliContext *context, const HcLayerStack *stack,
                                const char *where, const LpRegistryChange *change);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(LpRegistryChange, lp_registry_change_clear)

/* What made a layer; @patches: (nullable): of HcPatchFile *. */

/** lp_patch_digests: "sha256:…,sha256:…", in order. Returns: (transfer full) */
char *lp_patch_digests(const GPtrArray *patches);

/** lp_patches_append: ": NAME sha256:…, NAME sha256:…", for the history. Names without their
 * folders, which are of this machine. */
void lp_patches_append(GString *out, const GPtrArray *patches);

G_END_DECLS
