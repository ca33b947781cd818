#pragma once

#include <glib.h>

#include "hivecore/base/clock.h"
#include "hivecore/image/image.h"
#include "hivecore/image/layer-output.h"
#include "hivecore/image/oci-index.h"

G_BEGIN_DECLS

/* Where an image may be written to, and which name it may get there. */

/**
 * hc_image_target_check:
 * @operand: the same as @ref, for messages
 *
 * HC_ERROR_USAGE: a name that other tools do not take; a folder that is neither empty, nor an OCI
 * layout, nor what a run that was ended left of one; an archive inside a layout, where it would
 * take the place of one of its files, or whose name says that it is compressed.
 * HC_ERROR_UNSUPPORTED, HC_ERROR_MALFORMED: a layout of another version, or whose mark is none.
 */
gboolean hc_image_target_check(const HcImageRef *ref, const char *operand, GError **error);

/** hc_image_target_check_compression: HC_ERROR_UNSUPPORTED: new layers of @operand are not
 * compressed so. */
gboolean hc_image_target_check_compression(const char *operand, HcCompression compression,
                                           GError **error);

/**
 * hc_matches:
 * @pattern: a constant: that it does not compile is for want of memory, which ends the program and
 *   is not taken for "no"
 */
gboolean hc_matches(const char *pattern, const char *text);

/**
 * hc_reference_is:
 * Source: distribution/reference, the grammar in its package comment.
 *
 * Returns: whether @text is [HOST[:PORT]/]NAME[:TAG]
 */
gboolean hc_reference_is(const char *text);

/**
 * HcImageWriter: an image that is written layer by layer, lowest first, then the documents that
 * name them. Source: OCI image-spec 1.1 (image-layout, manifest, index), Docker image manifest V2
 * schema 2, docker save's manifest.json; docs/FORMATS-images.md, "What is written".
 *
 * oci: adds blobs to a layout, new or not; its index comes last, so that until then readers see
 * what was there, and others may write to the same layout. Archives appear whole or not at all.
 */
typedef struct HcImageWriter HcImageWriter;

/** HcImageTarget: where an image goes, and what is known of it before it is written. */
typedef struct {
    const char
        *operand; /* "oci:DIR[:TAG]", "oci-archive:FILE[:TAG]" or "docker-archive:FILE[:REF]" */
    HcImageFamily
        family;         /* media types of the manifest and of new layers; docker-archive has none */
    const char *config; /* (nullable): JSON that says what the image is for, as of
                         * hc_image_identity() */
    const char *compression; /* (nullable): of new layers: "auto", "none" or "gzip"; NULL is auto:
                              * gzip, but for docker-archive, where plain tars are what there always
                              * was */
    gboolean replace;        /* a tag is taken from an image for another os.version */
    gboolean in_index;       /* TAG is to be an index, also of one image; not in a docker-archive */
    gboolean is_edit;        /* TAG leads to several images already, and is changed only */
    guint lock_timeout_seconds; /* as of hc_lock_take() */
    HcEpoch epoch;              /* of the entries of archives */
} HcImageTarget;

/**
 * hc_image_writer_open:
 * From here on signals that end the program are deferred, as of hc_interrupt_defer().
 *
 * What hc_image_target_check() refuses must not come here. HC_ERROR_USAGE when .operand is no
 * image. Before anything is written, the errors of hc_index_check() when its tag is not to be had.
 */
HcImageWriter *hc_image_writer_open(const HcImageTarget *target, GError **error);
void hc_image_writer_free(HcImageWriter *writer);

/** hc_image_writer_set_family: for the next image, before its first layer. */
void hc_image_writer_set_family(HcImageWriter *writer, HcImageFamily family);

/** hc_image_writer_open_layer: a new layer, compressed as the writer was told to; it has no name of
 * its own until hc_image_writer_add_new(). */
HcLayerOutput *hc_image_writer_open_layer(const HcImageWriter *writer, GError **error);

/** hc_image_writer_add_new: a layer of hc_image_writer_open_layer(), finished. */
gboolean hc_image_writer_add_new(HcImageWriter *writer, const HcLayerFile *file, GError **error);

/**
 * hc_image_writer_add_base:
 * Layer @index of @base, its blob as it is. A blob that is not there is no error for OCI when its
 * layer has urls; the descriptor goes over alone then.
 *
 * @is_verified: whether its digest was found to be right already
 */
gboolean hc_image_writer_add_base(HcImageWriter *writer, HcImage *base, guint index,
                                  gboolean is_verified, GError **error);

/** HcImageText: what an image says besides its layers. */
typedef struct {
    const char *config;      /* JSON */
    const char *platform;    /* (nullable): JSON object for the index */
    const char *annotations; /* (nullable): JSON object for the manifest */
} HcImageText;

/** HcImageDigests: "sha256:..."; owned, hc_image_digests_clear(). */
typedef struct {
    char *manifest; /* (nullable): NULL for docker-archive */
    char *config;
} HcImageDigests;

/**
 * hc_image_writer_end_image:
 * The documents of an image whose layers were added. Another may follow, where the target is to be
 * an index (HcImageTarget.in_index).
 *
 * @digests: (out)
 */
gboolean hc_image_writer_end_image(HcImageWriter *writer, const HcImageText *text,
                                   HcImageDigests *digests, GError **error);

/** hc_image_writer_add_image: @image as it is, with its documents byte by byte; one of a
 * docker-archive gets a manifest. In the place of layers and hc_image_writer_end_image(). It must
 * live until the commit. */
gboolean hc_image_writer_add_image(HcImageWriter *writer, HcImage *image, HcImageDigests *digests,
                                   GError **error);

/** hc_image_writer_set_edit: what becomes of the index of the tag at the commit, which needs no
 * image then. */
void hc_image_writer_set_edit(HcImageWriter *writer, HcIndexEdit edit, void *data);

/**
 * hc_image_writer_commit:
 * The index, then names for everything. Where the tag is that of an index, or the target is to be
 * one, the images join it: each takes the place of the one for its os, architecture and os.version;
 * the others stay. Else the one image gets the tag, as hc_index_update() has it.
 */
gboolean hc_image_writer_commit(HcImageWriter *writer, GError **error);

/** Returns: (transfer none) (nullable): after the commit, the digest of the index that has the tag;
 * NULL when it is an image that has it. */
const char *hc_image_writer_index(const HcImageWriter *writer);

/** Returns: (transfer none) (element-type utf8): after the commit, what became of each image in
 * that index: "windows/amd64:10.0.20348.1: is new beside 2 others", "…: takes the place of
 * sha256:…" */
const GPtrArray *hc_image_writer_said(const HcImageWriter *writer);

/** Returns: (transfer none) (nullable): after the commit, one line for --verbose when the layout
 * could not be locked. */
const char *hc_image_writer_note(const HcImageWriter *writer);

void hc_image_digests_clear(HcImageDigests *digests);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HcImageWriter, hc_image_writer_free)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HcImageDigests, hc_image_digests_clear)

G_END_DECLS
