#pragma once

#include <glib.h>

#include "hivecore/cli/cli-lock.h"
#include "hivecore/image/image.h"

G_BEGIN_DECLS

/**
 * LpImageWriter: an image that is written layer by layer, lowest first, then the documents that
 * name them. Source: OCI image-spec 1.1 (image-layout, manifest, index), Docker image manifest V2
 * schema 2, docker save's manifest.json; docs/FORMATS-images.md, "What is written".
 *
 * oci: adds blobs to a layout, new or not; its index comes last, so that until then readers see
 * what was there, and others may write to the same layout. Archives appear whole or not at all.
 */
typedef struct LpImageWriter LpImageWriter;

/** LpTargetOptions: the option variables of a command that writes an image. */
typedef struct {
    char *compression; /* (nullable): of new layers: "auto", "none" or "gzip"; NULL is auto: gzip,
                        * but for docker-archive, where plain tars are what there always was */
    gboolean replace;  /* a tag is taken from an image for another os.version */
    int lock_timeout_seconds;
} LpTargetOptions;

/* The entries of @options, an LpTargetOptions, in a command's table. */
#define LP_TARGET_OPTION_ENTRIES(options)                                                          \
    {"compression",                                                                                \
     0,                                                                                            \
     0,                                                                                            \
     G_OPTION_ARG_FILENAME,                                                                        \
     &(options).compression,                                                                       \
     "of the new layer: none, gzip, or auto: gzip,\nand none in a docker-archive",                 \
     "HOW"},                                                                                       \
        {"replace",                                                                                \
         0,                                                                                        \
         0,                                                                                        \
         G_OPTION_ARG_NONE,                                                                        \
         &(options).replace,                                                                       \
         "take TAG also from an image for another\nversion of Windows",                            \
         NULL},                                                                                    \
        HC_LOCK_OPTION_ENTRY((options).lock_timeout_seconds)

/** LpImageTarget: where an image goes, and what is known of it before it is written. */
typedef struct {
    const char
        *operand; /* "oci:DIR[:TAG]", "oci-archive:FILE[:TAG]" or "docker-archive:FILE[:REF]" */
    HcImageFamily
        family;         /* media types of the manifest and of new layers; docker-archive has none */
    const char *config; /* (nullable): JSON that says what the image is for, as of
                         * lp_config_identity() */
    const LpTargetOptions *options;
} LpImageTarget;

/**
 * lp_image_writer_open:
 * From here on signals that end the program are deferred, as of hc_interrupt_defer().
 *
 * What lp_image_target_check() refuses must not come here. HC_ERROR_USAGE when .operand is no
 * image. Before anything is written, the errors of lp_index_check() when its tag is not to be had.
 */
LpImageWriter *lp_image_writer_open(const HcCliContext *context, const LpImageTarget *target,
                                    GError **error);
void lp_image_writer_free(LpImageWriter *writer);

/** lp_image_writer_open_layer: a new layer, compressed as the writer was told to; it has no name of
 * its own until lp_image_writer_add_new(). */
HcLayerOutput *lp_image_writer_open_layer(const LpImageWriter *writer, GError **error);

/** lp_image_writer_add_new: a layer of lp_image_writer_open_layer(), finished. */
gboolean lp_image_writer_add_new(LpImageWriter *writer, const HcLayerFile *file, GError **error);

/**
 * lp_image_writer_add_base:
 * Layer @index of @base, its blob as it is. A blob that is not there is no error for OCI when its
 * layer has urls; the descriptor goes over alone then.
 *
 * @is_verified: whether its digest was found to be right already
 */
gboolean lp_image_writer_add_base(LpImageWriter *writer, HcImage *base, guint index,
                                  gboolean is_verified, GError **error);

/** LpImageText: what an image says besides its layers. */
typedef struct {
    const char *config;      /* JSON */
    const char *platform;    /* (nullable): JSON object for the index */
    const char *annotations; /* (nullable): JSON object for the manifest */
} LpImageText;

/** LpImageDigests: "sha256:..."; owned, lp_image_digests_clear(). */
typedef struct {
    char *manifest; /* (nullable): NULL for docker-archive */
    char *config;
} LpImageDigests;

gboolean lp_image_writer_commit(LpImageWriter *writer, const LpImageText *text,
                                LpImageDigests *digests, GError **error);

void lp_image_digests_clear(LpImageDigests *digests);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(LpImageWriter, lp_image_writer_free)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(LpImageDigests, lp_image_digests_clear)

G_END_DECLS
