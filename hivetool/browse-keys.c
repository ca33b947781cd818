#include "config.h"

#include "hivetool/browse-screen.h"

#ifdef HAVE_CURSES

/* What keys do. */

/* Keys that a search looks at before it looks whether somebody pressed one. */
#define SEARCHED_KEYS 2000u

/* Bytes that can be typed at a prompt; paths are shorter, and nobody types as much. */
#define MOST_TYPED 4000u

#define CONTROL(letter) ((letter) &0x1f)
#define ESCAPE          0x1b

/* --- search --- */

/* Goes on until something is found or a key is pressed. */
static void
search(HtScreen *screen, const char *text, gboolean is_backwards)
{
    HcBrowse *browse = screen->browse;
    hc_browse_search_start(browse, text, is_backwards);
    (void) timeout(0);
    while (hc_browse_search_step(browse, SEARCHED_KEYS) == HC_BROWSE_GOES_ON) {
        wint_t c;
        if (get_wch(&c) != ERR && c != KEY_RESIZE) {
            hc_browse_search_end(browse);
            g_string_assign(browse->message, "search stopped");
            break;
        }
        ht_screen_draw_progress(screen);
    }
    (void) timeout(-1);
}

static void
search_again(HtScreen *screen, gboolean is_backwards)
{
    if (screen->sought->len == 0)
        g_string_assign(screen->browse->message, "nothing was searched for yet: /");
    else
        search(screen, screen->sought->str, is_backwards);
}

/* --- yank --- */

static void
yank(HtScreen *screen, HtYankForm form)
{
    HcBrowse *browse = screen->browse;
    GError *failure = NULL;
    HtYank taken = {form, NULL, NULL};
    guint n = 0;
    if (form == HT_YANK_PATH) {
        taken.paths = g_string_new(NULL);
        hc_browse_yank_paths(browse, taken.paths, &n);
    } else {
        taken.patch = hc_browse_yank(browse, &n, &failure);
    }
    if (failure != NULL) {
        g_string_assign(browse->message, failure->message);
        g_error_free(failure);
        return;
    }
    ht_yank_clear(screen->yank);
    *screen->yank = taken;
    g_string_printf(browse->message, "%u yanked as %s, printed at the end", n,
                    form == HT_YANK_REG    ? ".reg"
                    : form == HT_YANK_JSON ? "JSON"
                                           : "path");
}

/* --- keys --- */

static void
start_prompt(HtScreen *screen, HtPrompt prompt)
{
    screen->prompt = prompt;
    g_string_truncate(screen->typed, 0);
    g_string_truncate(screen->browse->message, 0);
}

static void
finish_prompt(HtScreen *screen)
{
    const HtPrompt prompt = screen->prompt;
    screen->prompt = HT_PROMPT_NONE;
    if (prompt == HT_PROMPT_PATH) {
        if (screen->typed->len > 0)
            (void) hc_browse_go(screen->browse, screen->typed->str);
        return;
    }
    if (screen->typed->len > 0)
        g_string_assign(screen->sought, screen->typed->str);
    search_again(screen, FALSE);
}

static void
type(HtScreen *screen, wint_t c, gboolean is_special)
{
    if (!is_special && (c == '\n' || c == '\r')) {
        finish_prompt(screen);
    } else if (is_special && c == KEY_ENTER) {
        finish_prompt(screen);
    } else if (!is_special && (c == ESCAPE || c == CONTROL('c') || c == CONTROL('g'))) {
        screen->prompt = HT_PROMPT_NONE;
    } else if ((is_special && c == KEY_BACKSPACE) || (!is_special && (c == 0x7f || c == '\b'))) {
        const char *end = screen->typed->str + screen->typed->len;
        const char *last = g_utf8_find_prev_char(screen->typed->str, end);
        g_string_truncate(screen->typed, last != NULL ? (gsize) (last - screen->typed->str) : 0);
    } else if (!is_special && c == CONTROL('u')) {
        g_string_truncate(screen->typed, 0);
    } else if (!is_special && c >= 0x20 && g_unichar_validate((gunichar) c) &&
               screen->typed->len < MOST_TYPED) {
        g_string_append_unichar(screen->typed, (gunichar) c);
    }
}

/* Returns: whether the key is one that moves. */
static gboolean
find_move(wint_t c, gboolean is_special, HcBrowseMove *move_)
{
    static const struct {
        gboolean is_special;
        wint_t key;
        HcBrowseMove move;
    } moves[] = {
        {TRUE, KEY_UP, HC_BROWSE_UP},           {FALSE, 'k', HC_BROWSE_UP},
        {TRUE, KEY_DOWN, HC_BROWSE_DOWN},       {FALSE, 'j', HC_BROWSE_DOWN},
        {TRUE, KEY_LEFT, HC_BROWSE_LEFT},       {FALSE, 'h', HC_BROWSE_LEFT},
        {TRUE, KEY_RIGHT, HC_BROWSE_RIGHT},     {FALSE, 'l', HC_BROWSE_RIGHT},
        {TRUE, KEY_PPAGE, HC_BROWSE_PAGE_UP},   {FALSE, CONTROL('b'), HC_BROWSE_PAGE_UP},
        {TRUE, KEY_NPAGE, HC_BROWSE_PAGE_DOWN}, {FALSE, CONTROL('f'), HC_BROWSE_PAGE_DOWN},
        {TRUE, KEY_HOME, HC_BROWSE_FIRST},      {FALSE, '<', HC_BROWSE_FIRST},
        {TRUE, KEY_END, HC_BROWSE_LAST},        {FALSE, '>', HC_BROWSE_LAST},
        {FALSE, 'G', HC_BROWSE_LAST},           {FALSE, '\n', HC_BROWSE_TOGGLE},
        {FALSE, '\r', HC_BROWSE_TOGGLE},        {TRUE, KEY_ENTER, HC_BROWSE_TOGGLE},
        {FALSE, '\t', HC_BROWSE_NEXT_PANE},     {TRUE, KEY_BTAB, HC_BROWSE_PREVIOUS_PANE},
        {FALSE, 'c', HC_BROWSE_CHANGES_ONLY},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(moves); i++) {
        if (moves[i].key == c && moves[i].is_special == is_special) {
            *move_ = moves[i].move;
            return TRUE;
        }
    }
    return FALSE;
}

static void
press_letter(HtScreen *screen, wint_t c)
{
    HcBrowse *browse = screen->browse;
    switch (c) {
    case 'q':
        screen->is_over = TRUE;
        break;
    case 'Q':
    case CONTROL('c'):
        ht_yank_clear(screen->yank);
        screen->is_over = TRUE;
        break;
    case '/':
        start_prompt(screen, HT_PROMPT_SEARCH);
        break;
    case 'g':
        start_prompt(screen, HT_PROMPT_PATH);
        break;
    case 'y':
        start_prompt(screen, HT_PROMPT_YANK);
        break;
    case '?':
        start_prompt(screen, HT_PROMPT_HELP);
        break;
    case 'n':
        search_again(screen, FALSE);
        break;
    case 'N':
        search_again(screen, TRUE);
        break;
    case ']':
        search(screen, NULL, FALSE);
        break;
    case '[':
        search(screen, NULL, TRUE);
        break;
    case ' ':
        hc_browse_mark(browse);
        break;
    case 'u':
        hc_browse_unmark_all(browse);
        break;
    case CONTROL('l'):
        (void) clearok(curscr, TRUE);
        break;
    default:
        g_string_assign(browse->message, "? tells the keys");
        break;
    }
}

void
ht_screen_press(HtScreen *screen, wint_t c, gboolean is_special)
{
    HcBrowseMove move_;
    if (is_special && c == KEY_RESIZE)
        return;
    if (screen->prompt == HT_PROMPT_HELP) {
        screen->prompt = HT_PROMPT_NONE;
    } else if (screen->prompt == HT_PROMPT_YANK) {
        screen->prompt = HT_PROMPT_NONE;
        if (!is_special && (c == 'r' || c == 'j' || c == 'p'))
            yank(screen, c == 'r' ? HT_YANK_REG : c == 'j' ? HT_YANK_JSON : HT_YANK_PATH);
    } else if (screen->prompt != HT_PROMPT_NONE) {
        type(screen, c, is_special);
    } else if (find_move(c, is_special, &move_)) {
        hc_browse_move(screen->browse, move_);
    } else if (is_special && c == KEY_F(1)) {
        start_prompt(screen, HT_PROMPT_HELP);
    } else if (!is_special) {
        press_letter(screen, c);
    }
}

#endif
