#pragma once

#include "hivecore/browse/browse.h"

G_BEGIN_DECLS

/* The screen of `browse`: what HcBrowse has, drawn on a terminal, and keys that move it. */

typedef enum {
    HT_YANK_NOTHING,
    HT_YANK_REG,
    HT_YANK_JSON,
    HT_YANK_PATH,
} HtYankForm;

/** HtYank: what is to be printed at the end. */
typedef struct {
    HtYankForm form;
    HcDelta *patch; /* of .reg and JSON */
    GString *paths; /* of paths */
} HtYank;

/** ht_browse_can_show: FALSE with HC_ERROR_USAGE where standard input and output are no terminal,
 * HC_ERROR_UNSUPPORTED where this program was built without the library. */
gboolean ht_browse_can_show(GError **error);

/**
 * ht_browse_screen:
 * Shows @browse, started, until the user leaves.
 * @title: UTF-8, for the first line
 * @yank: (out): nothing when the user gave up
 *
 * Returns: FALSE with HC_ERROR_USAGE when the terminal cannot show it
 */
gboolean ht_browse_screen(HcBrowse *browse, const char *title, gboolean has_color, HtYank *yank,
                          GError **error);

void ht_yank_clear(HtYank *yank);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HtYank, ht_yank_clear)

G_END_DECLS
