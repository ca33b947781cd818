#pragma once

#include "hivecore/image/layer-stack.h"

G_BEGIN_DECLS

/* Finding the hives of one layer; internal to hivecore/image. */

/** What a registry needs of a layer: by kind and slot. */
typedef enum {
    HC_PART_DELTA,
    HC_PART_WHOLE,
    HC_PART_LOG1, /* of the whole hive, as are the others */
    HC_PART_LOG2,
    HC_PART_LOG,
    HC_N_PARTS,
} HcHivePart;

/** HcLayerPart: one of them, while it is looked for. */
typedef struct {
    char *name;         /* in the layer */
    gboolean is_wanted; /* looked for */
    gboolean is_held;   /* and its content kept */
    gboolean is_found;
    GBytes *content;   /* (nullable) */
    char *link;        /* (nullable): clean name of the hard link's target */
    uint64_t position; /* of the entry that is the link */
} HcLayerPart;

/** HcLayerParts: all that are looked for in one layer. */
typedef struct {
    HcLayerPart parts[HC_N_PARTS][HC_N_HIVE_SLOTS];
    uint64_t n_bytes_left;     /* of HC_MAX_REGISTRY_BYTES */
    gboolean is_archive;       /* the layer looks like an image archive */
    gboolean is_foreign;       /* of an image for another system: names may have backslashes */
    const HcLayerWatch *watch; /* (nullable) */
} HcLayerParts;

/** hc_layer_parts_init: @hives: whose content is kept; @want_whole: whether to look for more than
 * deltas. */
void hc_layer_parts_init(HcLayerParts *parts, uint64_t n_bytes_left, guint hives,
                         gboolean want_whole);
void hc_layer_parts_clear(HcLayerParts *parts);

/**
 * hc_layer_parts_read:
 * Reads layer @index of @image, or, when @image is NULL, the layer file @file; verifies digests.
 *
 * @digests: (out): of the layer
 */
gboolean hc_layer_parts_read(HcLayerParts *parts, HcImage *image, guint index, const char *file,
                             HcLayerDigests *digests, GError **error);

/**
 * hc_layer_parts_read_folder:
 * Reads them from an unpacked layer. Links are refused.
 */
gboolean hc_layer_parts_read_folder(HcLayerParts *parts, const char *folder, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HcLayerParts, hc_layer_parts_clear)

G_END_DECLS
