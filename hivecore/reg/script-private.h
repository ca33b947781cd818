#pragma once

#include <glib.h>

#include "hivecore/reg/reg-script.h"

G_BEGIN_DECLS

/* --- reg-command-data.c: the data of "reg add", both ways --- */

/** HcRegDataWords: what a line says of the data. */
typedef struct {
    const HcCmdWord *data;      /* (nullable): of /d */
    const HcCmdWord *separator; /* (nullable): of /s */
    gsize end;                  /* where a message about the lack of one points */
} HcRegDataWords;

#define HC_REG_COMMAND_TOO_LONG "more than a line of cmd holds"

gboolean hc_reg_command_data(HcDatum *datum, uint32_t type, const HcRegDataWords *words,
                             HcArena *arena, HcCmdTrouble *trouble);

/* --- wow64.c --- */

/**
 * hc_wow64_path:
 * Where programs of 32 bits on Windows 7 and newer find a key: what /reg:32 means. Source:
 * Microsoft, "Registry Keys Affected by WOW64".
 *
 * @path: its first name is a root's full one
 *
 * Returns: @path where both views share it, else a copy with WOW6432Node in @arena
 */
HcPath hc_wow64_path(HcArena *arena, HcPath path);

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
