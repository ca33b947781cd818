#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * hc_reg_script_decode:
 * The text of a batch file as UTF-8, line breaks as they are: reg-script-text.c.
 * @codepage: (0: none was named)
 *
 * Returns: FALSE with HC_ERROR_MALFORMED "FILE:LINE: …", or what hc_codepage_new() has
 */
gboolean hc_reg_script_decode(GString *text, const char *file, GBytes *content, guint codepage,
                              GError **error);

G_END_DECLS
