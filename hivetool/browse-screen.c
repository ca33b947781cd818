#include "config.h"

#include "hivetool/browse-screen.h"

#include "hivecore/base/error.h"

void
ht_yank_clear(HtYank *yank)
{
    g_clear_pointer(&yank->patch, hc_delta_free);
    if (yank->paths != NULL)
        g_string_free(yank->paths, TRUE);
    *yank = (HtYank){HT_YANK_NOTHING, NULL, NULL};
}

#ifdef HAVE_CURSES

#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <term.h>

/* --- start and end --- */

static void
run_screen(HtScreen *screen)
{
    while (!screen->is_over) {
        wint_t c;
        ht_screen_draw(screen);
        const int kind = get_wch(&c);
        if (kind != ERR)
            ht_screen_press(screen, c, kind == KEY_CODE_YES);
        else if (isatty(STDIN_FILENO) == 0)
            screen->is_over = TRUE; /* the terminal is gone */
    }
}

static gboolean
start_colors(gboolean has_color)
{
    if (!has_color || !has_colors() || start_color() == ERR)
        return FALSE;
    const short background = use_default_colors() == OK ? -1 : COLOR_BLACK;
    return init_pair(HT_PAIR_ADDED, COLOR_GREEN, background) == OK &&
           init_pair(HT_PAIR_REMOVED, COLOR_RED, background) == OK &&
           init_pair(HT_PAIR_CHANGED, COLOR_YELLOW, background) == OK;
}

gboolean
ht_browse_can_show(GError **error)
{
    int found = 0;
    const char *terminal = getenv("TERM");
    if (isatty(STDIN_FILENO) == 0 || isatty(STDOUT_FILENO) == 0)
        return hc_fail(error, HC_ERROR_USAGE,
                       "browse: needs a terminal as standard input and output; ls, get and diff "
                       "print");
    if (terminal == NULL || terminal[0] == '\0')
        return hc_fail(error, HC_ERROR_USAGE, "browse: TERM does not say what the terminal is");
    if (setupterm(terminal, STDOUT_FILENO, &found) == ERR || cursor_address == NULL)
        return hc_fail(error, HC_ERROR_USAGE,
                       "browse: a terminal like TERM=%s cannot show it, or is not known here",
                       terminal);
    return TRUE;
}

gboolean
ht_browse_screen(HcBrowse *browse, const char *title, gboolean has_color, HtYank *yank,
                 GError **error)
{
    (void) setlocale(LC_CTYPE, "");
    SCREEN *terminal = newterm(NULL, stdout, stdin);
    if (terminal == NULL)
        return hc_fail(error, HC_ERROR_USAGE, "browse: the terminal cannot show it");
    HtScreen screen = {
        .browse = browse,
        .title = title,
        .yank = yank,
        .is_utf8 = g_str_equal(nl_langinfo(CODESET), "UTF-8"),
        .typed = g_string_new(NULL),
        .sought = g_string_new(NULL),
        .line = g_string_new(NULL),
    };
    (void) raw();
    (void) noecho();
    (void) keypad(stdscr, TRUE);
    (void) set_escdelay(25);
    screen.has_color = start_colors(has_color);
    run_screen(&screen);
    (void) endwin();
    delscreen(terminal);
    g_string_free(screen.typed, TRUE);
    g_string_free(screen.sought, TRUE);
    g_string_free(screen.line, TRUE);
    return TRUE;
}

#else

gboolean
ht_browse_can_show(GError **error)
{
    return hc_fail(error, HC_ERROR_UNSUPPORTED, "browse: hivetool was built without ncurses");
}

gboolean
ht_browse_screen(G_GNUC_UNUSED HcBrowse *browse, G_GNUC_UNUSED const char *title,
                 G_GNUC_UNUSED gboolean has_color, G_GNUC_UNUSED HtYank *yank, GError **error)
{
    return ht_browse_can_show(error);
}

#endif
