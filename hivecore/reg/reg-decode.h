#pragma once

#include <stdint.h>

#include <glib.h>

#include "hivecore/base/findings.h"
#include "hivecore/reg/reg-codepage.h"

G_BEGIN_DECLS

/** HcRegText: the text of one .reg file as UTF-16 units in host order, without a BOM. */
typedef struct {
    const uint16_t *units;
    gsize n_units;
    gboolean has_halves;     /* of surrogate pairs */
    gboolean uses_page;      /* bytes outside ASCII are read in the code page */
    gboolean has_directives; /* ";!" is somewhere, perhaps in a string */
    GBytes *content;         /* what units points into */
} HcRegText;

/**
 * hc_reg_decode:
 * @diagnostics: has the name of the file; gets what is wrong, one error
 * @codepage: of 8-bit text
 * @is_explicit: whether the user chose it; else 8-bit text that is valid UTF-8 is taken as that
 * @compat: only what regedit knows (UTF-16LE with BOM, the code page), ended by a NUL
 * character; else UTF-8 too, and a NUL character is malformed
 *
 * HC_ERROR_MALFORMED also for what is plainly no .reg file.
 */
gboolean hc_reg_decode(HcRegText *text, HcFindings *diagnostics, GBytes *content,
                       const HcCodepage *codepage, gboolean is_explicit, gboolean compat);

/** Returns: (nullable): static; what the first bytes say that the file is, where that is no text,
 * and what to do. */
const char *hc_reg_foreign_bytes(const uint8_t *bytes, gsize n_bytes);
void hc_reg_text_clear(HcRegText *text);

/**
 * hc_reg_place:
 * The line and column (1-based, in characters) of unit @pos, counted from unit @line_start,
 * which starts line @line.
 */
void hc_reg_place(const uint16_t *units, gsize line_start, gsize pos, uint32_t *line,
                  uint32_t *column);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HcRegText, hc_reg_text_clear)

G_END_DECLS
