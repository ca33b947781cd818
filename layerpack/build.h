#pragma once

#include <glib.h>

#include "hivecore/cli/cli-report.h"
#include "hivecore/cli/cli.h"
#include "hivecore/cli/patches.h"
#include "hivecore/delta/delta.h"
#include "hivecore/image/layer-output.h"
#include "hivecore/image/layer-stack.h"
#include "hivecore/image/tree.h"

G_BEGIN_DECLS

/* Entries as Windows' importer reads them: what all commands that write layers share. */

/** lp_put_entry: a folder (@content without bytes) or a file, with attributes, descriptor, time. */
gboolean lp_put_entry(const HcCliContext *context, HcLayerOutput *output, const char *name,
                      gboolean is_folder, HcBlob content, GError **error);

/** lp_put_folders: @names: NULL-terminated, parents before children */
gboolean lp_put_folders(const HcCliContext *context, HcLayerOutput *output,
                        const char *const *names, GError **error);

/**
 * lp_put_delta:
 * The differencing hive of @slot that says @exact over @base, proven.
 *
 * @base, @exact: (nullable): without change, the hive is empty
 */
gboolean lp_put_delta(const HcCliContext *context, HcLayerOutput *output, int slot,
                      const HcHive *base, const HcDelta *exact, GError **error);

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

/** LpHiveInput: the files given for one slot; borrowed. */
typedef struct {
    const char *base;    /* (nullable) */
    const char *changed; /* (nullable) */
} LpHiveInput;

typedef enum {
    LP_FORM_DELTA, /* five differencing hives under Hives/ */
    LP_FORM_FULL,  /* the changed hives as they are under Files/Windows/System32/config */
} LpForm;

/**
 * lp_create_layer:
 * @inputs: one per slot; with LP_FORM_DELTA every slot with .changed has .base
 * @files: what is to be in the layer besides
 * @output: not committed here
 *
 * Says on standard error what changed in each hive. Every differencing hive is opened and
 * checked before it goes into the layer. HC_ERROR_UNSUPPORTED when an input is a differencing
 * hive itself, or a change is one that a differencing hive cannot say; HC_ERROR_INTERNAL when
 * the proof fails.
 */
gboolean lp_create_layer(const HcCliContext *context, const LpHiveInput *inputs, LpForm form,
                         HcTree *files, HcLayerOutput *output, GError **error);

/* The layer of a base image for HostProcess containers: the folders and the five empty hives that
 * Windows asks of a base layer. Source: docs/FORMATS-layers.md; New-HostProcessBaseImage.ps1. */

/** lp_scratch_tree: the folders; files may be put beside them. Returns: (transfer full), or NULL */
HcTree *lp_scratch_tree(GError **error);

/** lp_scratch_put: the layer: folders, hives, and what else is in @tree. */
gboolean lp_scratch_put(const HcCliContext *context, HcLayerOutput *output, HcTree *tree,
                        GError **error);

G_END_DECLS
