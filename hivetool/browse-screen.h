#pragma once

#include "hivetool/browse.h"

/* What the files of the screen share; only where curses is there. */
#ifdef HAVE_CURSES

#include <wchar.h>

#include <curses.h>

G_BEGIN_DECLS

enum {
    HT_PAIR_ADDED = 1,
    HT_PAIR_REMOVED,
    HT_PAIR_CHANGED,
};

typedef enum {
    HT_PROMPT_NONE,
    HT_PROMPT_SEARCH,
    HT_PROMPT_PATH,
    HT_PROMPT_YANK,
    HT_PROMPT_HELP,
} HtPrompt;

typedef struct {
    HcBrowse *browse;
    const char *title;
    HtYank *yank;
    gboolean is_utf8; /* what the locale can show */
    gboolean has_color;
    gboolean is_over;
    HtPrompt prompt;
    GString *typed;  /* at the prompt */
    GString *sought; /* last searched for; empty: nothing yet */
    GString *line;   /* what is drawn next */
    int n_tree;      /* columns of the tree */
    int n_body;      /* rows of tree and values */
} HtScreen;

/** ht_screen_draw: all of it, as large as the terminal is now. */
void ht_screen_draw(HtScreen *screen);

/** ht_screen_draw_progress: how far a search is, in the last line. */
void ht_screen_draw_progress(HtScreen *screen);

/** ht_screen_press: does what a key is for. @is_special: @c is one of curses' KEY_ numbers */
void ht_screen_press(HtScreen *screen, wint_t c, gboolean is_special);

G_END_DECLS

#endif
