#pragma once

#include <stdint.h>

#include <glib.h>

G_BEGIN_DECLS

/* Self-relative security descriptors in base64, as other layer makers on Linux write them.
 * Source: docs/FORMATS.md, "Layers". */

/* O:BAG:SYD:(A;OICI;FA;;;BA)(A;OICI;FA;;;SY)(A;;FA;;;BA)(A;OICIIO;GA;;;CO)(A;OICI;0x1200a9;;;BU)
 * (A;CI;LC;;;BU)(A;CI;DC;;;BU), 216 bytes. */
#define LP_DESCRIPTOR_FOLDER                                                                       \
    "AQAEgBQAAAAkAAAAAAAAADAAAAABAgAAAAAABSAAAAAgAgAAAQEAAAAAAAUSAAAAAgCoAAcAAAAAAxgA/wEfAAECAAAA" \
    "AAAFIAAAACACAAAAAxQA/wEfAAEBAAAAAAAFEgAAAAAAGAD/AR8AAQIAAAAAAAUgAAAAIAIAAAALFAAAAAAQAQEAAAAA" \
    "AAMAAAAAAAMYAKkAEgABAgAAAAAABSAAAAAhAgAAAAIYAAQAAAABAgAAAAAABSAAAAAhAgAAAAIYAAIAAAABAgAAAAAA" \
    "BSAAAAAhAgAA"

/* O:BAG:SYD:(A;;FA;;;BA)(A;;FA;;;SY)(A;;0x1200a9;;;BU), 124 bytes. */
#define LP_DESCRIPTOR_FILE                                                                         \
    "AQAEgBQAAAAkAAAAAAAAADAAAAABAgAAAAAABSAAAAAgAgAAAQEAAAAAAAUSAAAAAgBMAAMAAAAAABgA/wEfAAECAAAA" \
    "AAAFIAAAACACAAAAABQA/wEfAAEBAAAAAAAFEgAAAAAAGACpABIAAQIAAAAAAAUgAAAAIQIAAA=="

/**
 * lp_descriptor_fault:
 * Looks at the structure of a self-relative security descriptor: header, owner, group, and the
 * ACLs with their ACEs, all inside @n_bytes.
 *
 * Returns: (transfer none) (nullable): what is wrong with it, or NULL when it is plausible
 */
const char *lp_descriptor_fault(const uint8_t *bytes, gsize n_bytes);

G_END_DECLS
