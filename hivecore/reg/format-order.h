#pragma once

#include "hivecore/base/name.h"

G_BEGIN_DECLS

/* Where the pieces of canonical text go; internal to format*.c. */

typedef enum {
    HC_FORMAT_COMMENT, /* a line of its own */
    HC_FORMAT_SECTION,
    HC_FORMAT_VALUE,
} HcFormatKind;

/** HcFormatItem: one piece of canonical text, of whole lines. */
typedef struct {
    HcFormatKind kind;
    gboolean has_blank;    /* an empty line stands before it */
    gboolean is_directive; /* of a comment: starts with ";!" */
    gboolean is_delete;    /* of a section */
    gsize from;            /* units of the text */
    gsize to;
    const HcName *names; /* (nullable): to sort by: a section's path, a value's name */
    gsize n_names;
} HcFormatItem;

/** HcFormatPiece: a piece in its place. */
typedef struct {
    guint item;
    gboolean has_blank;
} HcFormatPiece;

/**
 * hc_format_arrange:
 * @items: (element-type HcFormatItem): in the order of the file
 * @sort: whether sections and values are sorted
 *
 * Returns: (transfer full) (element-type HcFormatPiece): all of them, in the order to write
 */
GArray *hc_format_arrange(const GArray *items, gboolean sort);

G_END_DECLS
