#pragma once

#include "hivecore/regf/hive.h"
#include "hivecore/regf/layout.h"

/*
 * Hives in memory with planted defects. They are made by HcWriter, which has tests of its own
 * against bytes of the specification; what is changed is found by the offsets of the
 * specification. The root's cell is at file offset 0x1020.
 */

typedef struct {
    uint8_t *bytes;
    gsize n_bytes;
} Image;

/** image_new: a hive of tree-text.h. */
Image image_new(const char *text, guint minor);

/** image_large: @n keys below the root. */
Image image_large(guint n);

/** image_sign: a right checksum, of a sum that is neither 0 nor 0xffffffff. */
void image_sign(Image *image);

/** image_cell: the payload of the cell at @offset. */
uint8_t *image_cell(const Image *image, uint32_t offset);

uint8_t *image_root(const Image *image);

/** image_entry: entry @i of the root's only leaf. */
uint8_t *image_entry(const Image *image, guint i);

/** image_subkey: the offset of the root's subkey @i, in its only leaf. */
uint32_t image_subkey(const Image *image, guint i);

/** image_value: the offset of value @i of the root. */
uint32_t image_value(const Image *image, guint i);

/** image_open: takes the image; "x.hive", as it stands. */
HcHive *image_open(Image image);

/** image_check: takes the image. @lines: "severity id 0xOFFSET [key]: text" of each finding. */
void image_check(Image image, const char *lines);

/** image_check_ids: takes the image. @ids: "id[key] id[key]" of all findings. */
void image_check_ids(Image image, const char *ids);
