#pragma once

#include <glib.h>

#include "hivecore/image/image.h"
#include "hivecore/regf/open.h"
#include "hivecore/registry/registry.h"

G_BEGIN_DECLS

/** HcHiveSlot: one of the five hives that a layer can change, and where it stands in a layer.
 */
typedef struct {
    const char *name;         /* on the command line, e.g. "SOFTWARE" */
    const char *delta_name;   /* embedded file name, e.g. "Software_Delta" */
    const char *delta_entry;  /* differencing hive in a layer above the base */
    const char *config_entry; /* the whole hive in a base layer */
} HcHiveSlot;

enum {
    HC_N_HIVE_SLOTS = 5,
};

/* In the order of their entries in a layer. Spelling as Windows exports it; the importer
 * compares with case. Source: docs/FORMATS.md, "Layers". */
extern const HcHiveSlot hc_hive_slots[HC_N_HIVE_SLOTS];

/**
 * hc_hive_slot_find:
 * @name: @n_bytes of a name in any case, e.g. "software"
 *
 * Returns: its index in hc_hive_slots, or -1
 */
int hc_hive_slot_find(const char *name, gsize n_bytes);

/*
 * The registry of a layer, an image or an unpacked layer: hives of the base under the differencing
 * hives of each layer above it. Names are found without regard to case, with "./", through PAX
 * names and through hard links. Source: docs/FORMATS-layers.md, docs/FORMATS-images.md.
 */

/** HcLayerHives: the hives of one layer; NULL where it has none. */
typedef struct {
    char *name;       /* for messages: "oci:img: layer 2", or the file or folder */
    char *digest;     /* (nullable): "sha256:..." of the blob */
    char *diff_id;    /* (nullable) */
    char *created_by; /* (nullable): from the image's history */
    char *missing;    /* (nullable): why a layer that is not distributed is not here */
    gboolean has_whole[HC_N_HIVE_SLOTS]; /* whether it has them, also those not asked for */
    gboolean has_delta[HC_N_HIVE_SLOTS];
    GBytes *whole[HC_N_HIVE_SLOTS];  /* Files/Windows/System32/config/NAME */
    GBytes *deltas[HC_N_HIVE_SLOTS]; /* Hives/Name_Delta */
} HcLayerHives;

typedef struct HcLayerStack HcLayerStack;

/** Which hives are asked for: a bit, 1 << slot, for each. */
#define HC_ALL_HIVES ((1u << HC_N_HIVE_SLOTS) - 1)

/**
 * hc_layer_stack_open:
 * @source: an image operand, a layer file, or a folder that holds Files/ or Hives/
 * @platform: (nullable): as of hc_image_open()
 * @hives: which hives can be asked for later; others are not held
 *
 * Reads all layers whole, streaming, and verifies their digests; only hives are kept. A layer that
 * is not distributed with images and not here is passed over: see HcLayerHives.missing. Whole hives
 * of layers above the lowest that has one, and of a layer that has differencing hives too, are no
 * part of the registry (Windows ignores them). Of an entry that is no hive by its first bytes only
 * these are kept, see hc_layer_content_is_cut().
 *
 * HC_ERROR_MALFORMED: a layer is damaged, or not what the image says; an entry that is a hive by
 * its name is there twice, is no file, or a hard link to nothing. HC_ERROR_LIMIT: hives of more
 * than HC_MAX_REGISTRY_BYTES. HC_ERROR_USAGE: an image that is named as if it were a layer or
 * folder;
 * @platform with what is no image.
 *
 * Returns: (transfer full): the stack, or NULL
 */
HcLayerStack *hc_layer_stack_open(const char *source, const char *platform, guint hives,
                                  GError **error);

/** HcLayerWatch: what else wants to see the layers while they are read, lowest first. Both
 * functions may fail, which ends reading. */
typedef struct {
    /* (nullable): the image, before its layers; not called for a layer that is alone */
    gboolean (*image)(void *data, HcImage *image, GError **error);
    /* an entry of layer @layer, with its clean name */
    gboolean (*entry)(void *data, guint layer, const HcEntry *entry, const char *clean,
                      GError **error);
    void *data;
} HcLayerWatch;

/**
 * hc_layer_stack_open_watched:
 * The same for @watch (nullable) to see what else is in the layers; of an unpacked layer it sees
 * nothing, and a blob that an image for Windows has several times is seen where it lies topmost. An
 * image for another system has no hives, and its names may hold backslashes.
 */
HcLayerStack *hc_layer_stack_open_watched(const char *source, const char *platform, guint hives,
                                          const HcLayerWatch *watch, GError **error);
void hc_layer_stack_free(HcLayerStack *stack);

/** hc_layer_stack_set_dirty_policy: what hc_layer_stack_hive() does about hives that are not clean;
 * without it HC_DIRTY_REPLAY, with the transaction logs that stand beside them in the layer. */
void hc_layer_stack_set_dirty_policy(HcLayerStack *stack, HcDirtyPolicy policy);

/** Returns: (transfer none) (nullable): what hc_layer_stack_hive() last did about a hive that was
 * not clean, for the user. */
const char *hc_layer_stack_note(const HcLayerStack *stack);

/** Returns: (transfer none) (nullable): the image; NULL for a layer file or a folder. */
HcImage *hc_layer_stack_image(const HcLayerStack *stack);

guint hc_layer_stack_n_layers(const HcLayerStack *stack);
const HcLayerHives *hc_layer_stack_layer(const HcLayerStack *stack, guint index);

/**
 * hc_layer_stack_hive:
 * The effective hive of @slot under the lowest @n_layers layers, checked. Its file name in messages
 * is "SOURCE//NAME". Asked for with rising @n_layers, each layer is merged once.
 *
 * HC_ERROR_NOT_FOUND: no layer has the base hive, or a layer is missing. HC_ERROR_MALFORMED,
 * HC_ERROR_UNSUPPORTED: a hive of the stack is damaged, or a delta is not a differencing hive; the
 * message names the layer.
 *
 * Returns: (transfer full): the hive, or NULL
 */
HcHive *hc_layer_stack_hive(HcLayerStack *stack, int slot, guint n_layers, GError **error);

/**
 * hc_layer_stack_gap:
 * The merge rule of Windows' CIM importer: a layer with a differencing hive needs the layer right
 * below it to have that of the same name, or to be the base.
 *
 * @n_layers: how many layers to look at, from the lowest
 *
 * Returns: the index of the topmost layer above the base that lacks @slot's delta, or -1
 */
int hc_layer_stack_gap(const HcLayerStack *stack, int slot, guint n_layers);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HcLayerStack, hc_layer_stack_free)

/** What is known here of states: images, by their prefixes, which tell also what other tools read
 * and we do not; and layers, files or unpacked. */
extern const HcSourceKind hc_image_source;
extern const HcSourceKind hc_layer_source;

G_END_DECLS
