#include "config.h"

#include "hivecore/report/edit-script.h"

#include <string.h>

#include "hivecore/base/limits.h"

/* What is looked for at least, wherever the search is. */
#define LEAST_COST 16u

/* No place on a diagonal. */
#define NOWHERE INT32_MIN

/*
 * Both sequences without what the other has not got, which cannot be kept. The search goes through
 * the grid of their places: right is an item of the old gone, down one of the new put in, and
 * diagonal k holds the places x - y = k, on which going on costs nothing where items are equal.
 */
typedef struct {
    const uint32_t *old_items;
    const uint32_t *new_items;
    const uint32_t *old_places; /* in the whole sequence, of each item */
    const uint32_t *new_places;
    uint8_t *is_gone; /* by place */
    uint8_t *is_put;
    int32_t *from_start; /* by diagonal: the x that is reached from either end */
    int32_t *from_end;
    uint64_t n_steps_left;
    guint max_cost; /* of one search for a middle */
} Search;

/* A part of the grid, ends not included. */
typedef struct {
    int32_t x0, x1;
    int32_t y0, y1;
} Box;

typedef struct {
    int32_t x, y;
} Place;

static gboolean
is_equal(const Search *search, int32_t x, int32_t y)
{
    return search->old_items[x] == search->new_items[y];
}

static void
take_steps(Search *search, uint64_t n)
{
    search->n_steps_left -= MIN(search->n_steps_left, n);
}

/* The farther of two places on a diagonal, each of which may be none or outside. */
static int32_t
farther(const Box *box, int32_t k, int32_t after_right, int32_t after_down)
{
    if (after_right == NOWHERE || after_right > box->x1 || after_right - k < box->y0)
        after_right = NOWHERE;
    if (after_down == NOWHERE || after_down - k > box->y1)
        after_down = NOWHERE;
    return MAX(after_right, after_down);
}

/* The same towards the start, where the smaller x is farther. */
static int32_t
farther_back(const Box *box, int32_t k, int32_t after_left, int32_t after_up)
{
    if (after_left < box->x0 || after_left - k > box->y1)
        after_left = NOWHERE;
    if (after_up == NOWHERE || after_up - k < box->y0)
        after_up = NOWHERE;
    if (after_left == NOWHERE || after_up == NOWHERE)
        return MAX(after_left, after_up);
    return MIN(after_left, after_up);
}

static int32_t
slide(Search *search, const Box *box, int32_t k, int32_t x)
{
    int32_t to = x;
    while (to < box->x1 && to - k < box->y1 && is_equal(search, to, to - k))
        to++;
    take_steps(search, 1 + (uint64_t) (to - x));
    return to;
}

static int32_t
slide_back(Search *search, const Box *box, int32_t k, int32_t x)
{
    int32_t to = x;
    while (to > box->x0 && to - k > box->y0 && is_equal(search, to - 1, to - k - 1))
        to--;
    take_steps(search, 1 + (uint64_t) (x - to));
    return to;
}

/* The diagonals that a search of some cost has entered. */
typedef struct {
    int32_t low, high;
} Band;

/* One step wider, inside the diagonals of @box; those outside hold nothing. */
static void
widen(Band *band, const Box *box, int32_t *reached)
{
    if (band->low > box->x0 - box->y1)
        reached[--band->low - 1] = NOWHERE;
    else
        band->low++;
    if (band->high < box->x1 - box->y0)
        reached[++band->high + 1] = NOWHERE;
    else
        band->high--;
}

static gboolean
is_in(const Band *band, int32_t k)
{
    return k >= band->low && k <= band->high;
}

/* Where both searches have come the farthest, for want of a place where they meet. */
static Place
best_so_far(const Search *search, const Box *box, const Band *ahead, const Band *back)
{
    Place best = {box->x0, box->y0};
    int64_t best_way = -1;
    for (int32_t k = ahead->low; k <= ahead->high; k += 2) {
        const int32_t x = search->from_start[k];
        const int64_t way = x == NOWHERE ? -1 : (int64_t) x - box->x0 + (x - k) - box->y0;
        if (way > best_way) {
            best_way = way;
            best = (Place){x, x - k};
        }
    }
    for (int32_t k = back->low; k <= back->high; k += 2) {
        const int32_t x = search->from_end[k];
        const int64_t way = x == NOWHERE ? -1 : (int64_t) box->x1 - x + box->y1 - (x - k);
        if (way > best_way) {
            best_way = way;
            best = (Place){x, x - k};
        }
    }
    return best;
}

static int32_t
step_ahead(Search *search, const Box *box, int32_t k)
{
    const int32_t left = search->from_start[k - 1];
    const int32_t right = left == NOWHERE ? NOWHERE : left + 1;
    const int32_t x = farther(box, k, right, search->from_start[k + 1]);
    search->from_start[k] = x != NOWHERE ? slide(search, box, k, x) : NOWHERE;
    return search->from_start[k];
}

static int32_t
step_back(Search *search, const Box *box, int32_t k)
{
    const int32_t right = search->from_end[k + 1];
    const int32_t left = right == NOWHERE ? NOWHERE : right - 1;
    const int32_t x = farther_back(box, k, left, search->from_end[k - 1]);
    search->from_end[k] = x != NOWHERE ? slide_back(search, box, k, x) : NOWHERE;
    return search->from_end[k];
}

static gboolean
reaches(const Band *band, const int32_t *places, int32_t k)
{
    return is_in(band, k) && places[k] != NOWHERE;
}

/* A place in the middle of a shortest way through @box, whose first and last items differ. */
static Place
find_middle(Search *search, const Box *box)
{
    int32_t *from_start = search->from_start;
    int32_t *from_end = search->from_end;
    Band ahead = {box->x0 - box->y0, box->x0 - box->y0};
    Band back = {box->x1 - box->y1, box->x1 - box->y1};
    const gboolean is_odd = ((ahead.low - back.low) & 1) != 0;
    from_start[ahead.low] = box->x0;
    from_end[back.low] = box->x1;
    for (guint cost = 1;; cost++) {
        widen(&ahead, box, from_start);
        for (int32_t k = ahead.low; k <= ahead.high; k += 2) {
            const int32_t x = step_ahead(search, box, k);
            if (is_odd && x != NOWHERE && reaches(&back, from_end, k) && from_end[k] <= x)
                return (Place){x, x - k};
        }
        widen(&back, box, from_end);
        for (int32_t k = back.low; k <= back.high; k += 2) {
            const int32_t x = step_back(search, box, k);
            if (!is_odd && x != NOWHERE && reaches(&ahead, from_start, k) && x <= from_start[k])
                return (Place){x, x - k};
        }
        if (cost >= search->max_cost || search->n_steps_left == 0) {
            /* Where there is so little in common, more of it is not looked for as hard: a hive may
             * hold thousands of such values. */
            search->max_cost = MAX(search->max_cost / 2, LEAST_COST);
            return best_so_far(search, box, &ahead, &back);
        }
    }
}

static void
trim(Search *search, Box *box)
{
    while (box->x0 < box->x1 && box->y0 < box->y1 && is_equal(search, box->x0, box->y0)) {
        box->x0++;
        box->y0++;
    }
    while (box->x0 < box->x1 && box->y0 < box->y1 && is_equal(search, box->x1 - 1, box->y1 - 1)) {
        box->x1--;
        box->y1--;
    }
}

static void
mark(const Search *search, const Box *box)
{
    for (int32_t x = box->x0; x < box->x1; x++)
        search->is_gone[search->old_places[x]] = TRUE;
    for (int32_t y = box->y0; y < box->y1; y++)
        search->is_put[search->new_places[y]] = TRUE;
}

static int64_t
box_size(const Box *box)
{
    return (int64_t) box->x1 - box->x0 + box->y1 - box->y0;
}

/* Marks what is gone and put in; calls itself for the smaller half, so never deep. */
static void
search_box(Search *search, Box box)
{
    for (;;) {
        trim(search, &box);
        if (box.x0 == box.x1 || box.y0 == box.y1 || search->n_steps_left == 0) {
            mark(search, &box);
            return;
        }
        const Place middle = find_middle(search, &box);
        const Box first = {box.x0, middle.x, box.y0, middle.y};
        const Box second = {middle.x, box.x1, middle.y, box.y1};
        const gboolean is_first_smaller = box_size(&first) < box_size(&second);
        search_box(search, is_first_smaller ? first : second);
        box = is_first_smaller ? second : first;
    }
}

/* Items that the other sequence has too, with their places; the others are marked. */
static uint32_t
take_common(const uint32_t *items, uint32_t n, const uint8_t *is_there, uint32_t *taken,
            uint32_t *places, uint8_t *marks)
{
    uint32_t n_taken = 0;
    for (uint32_t i = 0; i < n; i++) {
        marks[i] = !is_there[items[i]];
        if (marks[i] != 0)
            continue;
        taken[n_taken] = items[i];
        places[n_taken++] = i;
    }
    return n_taken;
}

static void
list_edits(const uint8_t *is_gone, uint32_t n_old, const uint8_t *is_put, uint32_t n_new,
           GArray *edits)
{
    uint32_t x = 0;
    uint32_t y = 0;
    while (x < n_old || y < n_new) {
        HcEdit edit = {HC_EDIT_KEEP, x, y, 0};
        if (x < n_old && is_gone[x]) {
            edit.op = HC_EDIT_REMOVE;
            while (x < n_old && is_gone[x])
                x++;
            edit.n = x - edit.old_at;
        } else if (y < n_new && is_put[y]) {
            edit.op = HC_EDIT_ADD;
            while (y < n_new && is_put[y])
                y++;
            edit.n = y - edit.new_at;
        } else {
            while (x < n_old && y < n_new && !is_gone[x] && !is_put[y]) {
                x++;
                y++;
            }
            edit.n = x - edit.old_at;
        }
        g_array_append_val(edits, edit);
    }
}

static uint32_t
max_item(const uint32_t *items, uint32_t n, uint32_t max)
{
    for (uint32_t i = 0; i < n; i++)
        max = MAX(max, items[i]);
    return max;
}

void
hc_sequence_diff(const uint32_t *old_items, uint32_t n_old, const uint32_t *new_items,
                 uint32_t n_new, GArray *edits)
{
    const gsize n_ids = (gsize) max_item(new_items, n_new, max_item(old_items, n_old, 0)) + 1;
    const gsize n_both = (gsize) n_old + n_new;
    g_autofree uint8_t *is_in_old = g_malloc0(n_ids);
    g_autofree uint8_t *is_in_new = g_malloc0(n_ids);
    for (uint32_t i = 0; i < n_old; i++)
        is_in_old[old_items[i]] = TRUE;
    for (uint32_t i = 0; i < n_new; i++)
        is_in_new[new_items[i]] = TRUE;
    g_autofree uint32_t *items = g_new(uint32_t, n_both + 1);
    g_autofree uint32_t *places = g_new(uint32_t, n_both + 1);
    g_autofree uint8_t *marks = g_malloc0(n_both + 1);
    const uint32_t n_x = take_common(old_items, n_old, is_in_new, items, places, marks);
    const uint32_t n_y =
        take_common(new_items, n_new, is_in_old, items + n_old, places + n_old, marks + n_old);
    /* Diagonals are from -n_y - 1 to n_x + 1. */
    g_autofree int32_t *from_start = g_new(int32_t, (gsize) n_x + n_y + 3);
    g_autofree int32_t *from_end = g_new(int32_t, (gsize) n_x + n_y + 3);
    Search search = {items,
                     items + n_old,
                     places,
                     places + n_old,
                     marks,
                     marks + n_old,
                     from_start + n_y + 1,
                     from_end + n_y + 1,
                     HC_MAX_DIFF_STEPS,
                     HC_MAX_DIFF_COST};
    search_box(&search, (Box){0, (int32_t) n_x, 0, (int32_t) n_y});
    list_edits(marks, n_old, marks + n_old, n_new, edits);
}
