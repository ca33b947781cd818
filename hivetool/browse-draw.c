#include "config.h"

#include "hivetool/browse-screen.h"

#ifdef HAVE_CURSES

/* What is drawn. */

/* Smaller than this nothing can be read. */
#define LEAST_COLUMNS 30
#define LEAST_ROWS    8

static const char *const help_lines[] = {
    "arrows, h j k l    move; Left closes a key, Right opens it",
    "Enter              open or close a key; of a value: all of it",
    "Tab, Shift-Tab     from keys to values to details and back",
    "PgUp PgDn          a page; Home End, < > to the first, the last",
    "/text              search in names and in the text of values; any case",
    "n N                the same again, onwards or backwards",
    "g                  go to a key: a path as people write it, or KEY::VALUE",
    "] [                next, previous change",
    "c                  only what changed, or everything",
    "Space              mark a key or value; u: no marks",
    "y                  yank what is marked, else what is under the cursor:",
    "                   r as .reg, j as JSON, p its path; printed at the end",
    "q                  leave and print what was yanked",
    "Ctrl-C, Q          leave and print nothing",
    "?, F1              this page",
    "",
    "With two operands: + added, - removed, ~ changed, : changed below.",
    "",
};

/* --- drawing --- */

/* As curses can put it on this terminal: what its locale has no character for is written \u{hex}.
 */
static void
make_drawable(const HtScreen *screen, GString *line)
{
    gboolean is_plain = TRUE;
    for (gsize i = 0; is_plain && i < line->len; i++)
        is_plain = (guchar) line->str[i] < 0x80;
    if (is_plain)
        return;
    g_autofree char *text = g_strndup(line->str, line->len);
    g_string_truncate(line, 0);
    for (const char *at = text; *at != '\0'; at += g_utf8_skip[(guchar) *at]) {
        const gunichar c = g_utf8_get_char(at);
        if (c < 0x80 || (screen->is_utf8 && wcwidth((wchar_t) c) >= 0))
            g_string_append_unichar(line, c);
        else
            g_string_append_printf(line, "\\u{%x}", c);
    }
}

/* Puts screen->line, cut to @n_columns from @x on, and blanks after it. */
static void
put_line(HtScreen *screen, int y, int x, int n_columns, attr_t attributes)
{
    if (n_columns <= 0)
        return;
    make_drawable(screen, screen->line);
    const char *more = screen->is_utf8 ? "…" : ">";
    gsize n_bytes = hc_browse_fitting(screen->line->str, (guint) n_columns);
    const gboolean is_cut = n_bytes < screen->line->len;
    if (is_cut)
        n_bytes = hc_browse_fitting(screen->line->str, (guint) n_columns - 1);
    (void) attrset(attributes);
    (void) mvhline(y, x, ' ' | attributes, n_columns);
    (void) mvaddnstr(y, x, screen->line->str, (int) n_bytes);
    if (is_cut)
        (void) addstr(more);
    (void) attrset(A_NORMAL);
    g_string_truncate(screen->line, 0);
}

/* Where the rest of screen->line from @from on does not fit into @n_columns, its beginning gives
 * way: of a file name the end tells more; but nothing after its first ": ", where it is said what
 * is wrong. */
static void
cut_beginning(HtScreen *screen, gsize from, guint n_columns)
{
    const char *more = screen->is_utf8 ? "…" : ">";
    guint n_all = 1; /* of which one is for the mark */
    make_drawable(screen, screen->line);
    const char *begin = screen->line->str + from;
    for (const char *at = begin; *at != '\0'; at += g_utf8_skip[(guchar) *at])
        n_all += hc_browse_columns(g_utf8_get_char(at));
    if (n_all <= n_columns + 1)
        return;
    const char *end = strstr(begin, ": ");
    const char *at = begin;
    while (*at != '\0' && at != end && n_all > n_columns) {
        n_all -= hc_browse_columns(g_utf8_get_char(at));
        at += g_utf8_skip[(guchar) *at];
    }
    while (*at != '\0' && hc_browse_columns(g_utf8_get_char(at)) == 0)
        at += g_utf8_skip[(guchar) *at]; /* what combines with a letter that is gone */
    g_string_erase(screen->line, (gssize) from, at - begin);
    g_string_insert(screen->line, (gssize) from, more);
}

static attr_t
state_attributes(const HtScreen *screen, HcBrowseState state)
{
    if (!screen->has_color)
        return A_NORMAL;
    switch (state) {
    case HC_BROWSE_ADDED:
        return COLOR_PAIR(HT_PAIR_ADDED);
    case HC_BROWSE_REMOVED:
        return COLOR_PAIR(HT_PAIR_REMOVED);
    case HC_BROWSE_CHANGED:
        return COLOR_PAIR(HT_PAIR_CHANGED);
    case HC_BROWSE_SAME:
    case HC_BROWSE_BELOW:
        break;
    }
    return A_NORMAL;
}

static char
state_sign(HcBrowseState state)
{
    static const char signs[] = {' ', ':', '~', '+', '-'}; /* in the order of HcBrowseState */
    return signs[state];
}

/* Of the row under the cursor: reversed where keys go, else underlined. */
static attr_t
cursor_attributes(const HcBrowse *browse, HcBrowsePane pane, guint row)
{
    if (row != browse->view[pane].cursor)
        return A_NORMAL;
    return browse->focus == pane ? A_REVERSE : A_UNDERLINE;
}

/* Deep trees are moved to the left, so that the names around the cursor can be read. */
static guint
left_shift(const HtScreen *screen)
{
    const guint indent = 2 * hc_browse_key(screen->browse)->depth;
    const guint room = (guint) screen->n_tree / 2;
    return indent > room ? indent - room : 0;
}

static void
draw_key(HtScreen *screen, guint row, guint shift)
{
    HcBrowse *browse = screen->browse;
    const HcBrowseView *view = &browse->view[HC_BROWSE_KEYS];
    const HcBrowseKey *key = g_ptr_array_index(browse->rows, row);
    const guint indent = 2 * key->depth > shift ? 2 * key->depth - shift : 0;
    g_string_append_c(screen->line, hc_browse_key_is_marked(browse, key) ? '*' : ' ');
    g_string_append_c(screen->line, state_sign(key->state));
    g_string_append_printf(screen->line, "%*s", (int) indent, "");
    if (key->is_open)
        g_string_append(screen->line, screen->is_utf8 ? "▾ " : "v ");
    else
        g_string_append(screen->line, !hc_browse_can_open(browse, key) ? "  "
                                      : screen->is_utf8                ? "▸ "
                                                                       : "> ");
    hc_browse_append_label(screen->line, browse, key);
    put_line(screen, 1 + (int) (row - view->top), 0, screen->n_tree,
             state_attributes(screen, key->state) | cursor_attributes(browse, HC_BROWSE_KEYS, row));
}

static void
draw_value(HtScreen *screen, guint row)
{
    HcBrowse *browse = screen->browse;
    const HcBrowseView *view = &browse->view[HC_BROWSE_VALUES];
    const HcBrowseValue *value = &g_array_index(browse->values, HcBrowseValue, row);
    g_string_append_c(screen->line, hc_browse_value_is_marked(browse, value) ? '*' : ' ');
    g_string_append_c(screen->line, state_sign(value->state));
    hc_browse_append_value(screen->line, browse, value);
    put_line(screen, 1 + (int) (row - view->top), screen->n_tree + 1, COLS - screen->n_tree - 1,
             state_attributes(screen, value->state) |
                 cursor_attributes(browse, HC_BROWSE_VALUES, row));
}

static void
draw_body(HtScreen *screen)
{
    HcBrowse *browse = screen->browse;
    const HcBrowseView *keys = &browse->view[HC_BROWSE_KEYS];
    const HcBrowseView *values = &browse->view[HC_BROWSE_VALUES];
    const guint shift = left_shift(screen);
    for (guint row = keys->top; row < keys->n_rows && row < keys->top + keys->n_seen; row++)
        draw_key(screen, row, shift);
    for (int y = 1; y <= screen->n_body; y++)
        (void) mvaddstr(y, screen->n_tree, screen->is_utf8 ? "│" : "|");
    guint row = values->top;
    for (; row < values->n_rows && row < values->top + values->n_seen; row++)
        draw_value(screen, row);
    if (browse->values->len == 0 && browse->values_defect == NULL) {
        g_string_append(screen->line,
                        browse->changes_only ? "  (no value changed)" : "  (no values)");
        put_line(screen, 1, screen->n_tree + 1, COLS - screen->n_tree - 1, A_NORMAL);
    }
    if (browse->values_defect != NULL && row < values->top + values->n_seen) {
        g_string_append_printf(screen->line, "  %s", browse->values_defect);
        put_line(screen, 1 + (int) (row - values->top), screen->n_tree + 1,
                 COLS - screen->n_tree - 1, A_BOLD);
    }
}

static void
draw_details(HtScreen *screen)
{
    const HcBrowse *browse = screen->browse;
    const HcBrowseView *view = &browse->view[HC_BROWSE_DETAILS];
    g_string_append_printf(screen->line, "%s %s", screen->is_utf8 ? "──" : "--",
                           browse->details_of == HC_BROWSE_KEYS ? "key" : "value");
    if (view->n_rows > view->n_seen)
        g_string_append_printf(screen->line, ", lines %u-%u of %u", view->top + 1,
                               MIN(view->top + view->n_seen, view->n_rows), view->n_rows);
    put_line(screen, 1 + screen->n_body, 0, COLS,
             browse->focus == HC_BROWSE_DETAILS ? A_REVERSE : A_BOLD);
    for (guint i = 0; i < view->n_seen && view->top + i < view->n_rows; i++) {
        g_string_append(screen->line, g_ptr_array_index(browse->details, view->top + i));
        put_line(screen, 2 + screen->n_body + (int) i, 0, COLS, A_NORMAL);
    }
}

static void
draw_title(HtScreen *screen)
{
    g_string_append(screen->line, " hivetool browse");
    if (screen->browse->has_changes)
        g_string_append(screen->line,
                        screen->browse->changes_only ? ", what changed" : ", everything");
    g_string_append(screen->line, ": ");
    const gsize n_head = screen->line->len;
    g_string_append(screen->line, screen->title);
    cut_beginning(screen, n_head, (guint) MAX(COLS - (int) n_head, 1));
    put_line(screen, 0, 0, COLS, A_REVERSE);
}

static void
append_status(HtScreen *screen)
{
    const guint n_marks = hc_browse_n_marks(screen->browse);
    if (screen->browse->message->len > 0) {
        g_string_append(screen->line, screen->browse->message->str);
        cut_beginning(screen, 0, (guint) COLS - 1);
    } else if (n_marks > 0)
        g_string_append_printf(screen->line, "%u marked", n_marks);
    else
        g_string_append(screen->line, "? help   / search   g go to   Space mark   y yank   q quit");
}

static void
draw_last_line(HtScreen *screen)
{
    switch (screen->prompt) {
    case HT_PROMPT_SEARCH:
        g_string_append_printf(screen->line, "/%s", screen->typed->str);
        break;
    case HT_PROMPT_PATH:
        g_string_append_printf(screen->line, "go to: %s", screen->typed->str);
        break;
    case HT_PROMPT_YANK:
        g_string_append(screen->line, "yank as: r .reg   j JSON   p path   (other keys: nothing)");
        break;
    case HT_PROMPT_HELP:
        g_string_append(screen->line, "any key: back");
        break;
    case HT_PROMPT_NONE:
        append_status(screen);
        break;
    }
    /* What is typed is seen at its end. */
    const gboolean is_typing =
        screen->prompt >= HT_PROMPT_SEARCH && screen->prompt <= HT_PROMPT_PATH;
    make_drawable(screen, screen->line);
    while (is_typing && hc_browse_fitting(screen->line->str, (guint) COLS - 1) < screen->line->len)
        g_string_erase(screen->line, 0, g_utf8_skip[(guchar) screen->line->str[0]]);
    guint n_columns = 0;
    for (const char *at = screen->line->str; is_typing && *at != '\0';
         at += g_utf8_skip[(guchar) *at])
        n_columns += hc_browse_columns(g_utf8_get_char(at));
    put_line(screen, LINES - 1, 0, COLS - 1, A_NORMAL);
    (void) curs_set(is_typing ? 1 : 0);
    (void) move(LINES - 1, (int) n_columns);
}

static void
draw_help(HtScreen *screen)
{
    g_string_append(screen->line, " hivetool browse: keys");
    put_line(screen, 0, 0, COLS, A_REVERSE);
    for (guint i = 0; i < G_N_ELEMENTS(help_lines) && (int) i < LINES - 2; i++) {
        g_string_append(screen->line, help_lines[i]);
        put_line(screen, 1 + (int) i, 0, COLS, A_NORMAL);
    }
}

/* How the terminal is shared out, now. */
static void
lay_out(HtScreen *screen)
{
    const int n_inner = LINES - 3; /* without title, line between, last line */
    int n_details = screen->browse->focus == HC_BROWSE_DETAILS ? n_inner * 2 / 3 : n_inner / 3;
    n_details = MAX(n_details, 1);
    screen->n_body = MAX(n_inner - n_details, 1);
    screen->n_tree = MIN(MAX(COLS * 2 / 5, 14), 70);
    const guint n_seen[] = {(guint) screen->n_body, (guint) screen->n_body, (guint) n_details};
    hc_browse_resize(screen->browse, n_seen, (guint) COLS);
}

void
ht_screen_draw(HtScreen *screen)
{
    (void) erase();
    if (COLS < LEAST_COLUMNS || LINES < LEAST_ROWS) {
        (void) mvaddnstr(0, 0, "too small", COLS);
        (void) refresh();
        return;
    }
    lay_out(screen);
    if (screen->prompt == HT_PROMPT_HELP) {
        draw_help(screen);
    } else {
        draw_title(screen);
        draw_body(screen);
        draw_details(screen);
    }
    draw_last_line(screen);
    (void) refresh();
}

void
ht_screen_draw_progress(HtScreen *screen)
{
    g_string_append(screen->line, "searching, any key stops: ");
    hc_browse_append_search(screen->line, screen->browse);
    put_line(screen, LINES - 1, 0, COLS - 1, A_NORMAL);
    (void) refresh();
}

#endif
