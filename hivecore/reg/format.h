#pragma once

#include <glib.h>

#include "hivecore/base/root.h"
#include "hivecore/reg/reg-writer.h"

G_BEGIN_DECLS

typedef struct {
    guint ansi_codepage;    /* as in HcRegReadOptions */
    guint allow;            /* HcRegAllow bits */
    const HcRoot *root;     /* (nullable): its first name is a root of keys, too */
    gboolean sort;          /* sections by path, values by name, comments with them */
    gboolean has_encoding;  /* else the text keeps the encoding that it has */
    HcRegEncoding encoding; /* when has_encoding */
} HcFormatOptions;

/**
 * hc_reg_format:
 * One .reg file in canonical form (docs/FMT.md): the same statements, with the same meaning, in
 * the same order unless options->sort, and every comment. What has that form already comes out as
 * it is. The result was read again and says what @content says.
 *
 * Returns: (transfer full): the new text; or NULL: HC_ERROR_MALFORMED with all that strict mode
 * finds, HC_ERROR_UNSUPPORTED when the text cannot be had in the encoding or sorting would change
 * what it does, HC_ERROR_LIMIT
 */
GBytes *hc_reg_format(const char *file, GBytes *content, const HcFormatOptions *options,
                      GError **error);

G_END_DECLS
