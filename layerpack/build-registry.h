#pragma once

#include "hivecore/cli/cli.h"
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
 * @is_full: binary data whole */
void lp_registry_change_print(const LpRegistryChange *change, HcCliContext *context,
                              gboolean is_full);

/** lp_registry_change_put: the five differencing hives. */
gboolean lp_registry_change_put(const LpRegistryChange *change, const HcCliContext *context,
                                HcLayerOutput *output, GError **error);

/** Returns: the topmost layer above the base that lacks a differencing hive, or -1. */
int lp_registry_gap(const HcLayerStack *stack);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(LpRegistryChange, lp_registry_change_clear)

/**
 * lp_registry_broken_base:
 * Whether files have the names of the base's hives and are none. The first release of the
 * HostProcess base image has five empty files there
 * (microsoft/windows-host-process-containers-base-image#10); importing a layer with differencing
 * hives above them fails (hcsshim pull request 901).
 *
 * Returns: (transfer full) (nullable): NULL when not; else which, for messages
 */
char *lp_registry_broken_base(const HcLayerStack *stack);

G_END_DECLS
