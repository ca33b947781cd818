#include "config.h"

#include "hivecore/delta/delta-private.h"

/* What most keys with values need. */
enum {
    FIRST_ALLOC = 4
};

static void
make_room(HcDelta *delta, HcDeltaList *list)
{
    if (list->len < list->alloc)
        return;
    /* A list of 2^31 pointers does not fit into memory beside what they point to. */
    const guint alloc = list->alloc > 0 ? 2 * list->alloc : FIRST_ALLOC;
    gpointer *larger = (gpointer *) hc_arena_alloc(delta->arena, alloc * sizeof(*larger));
    if (list->len > 0)
        memcpy(larger, list->pdata, list->len * sizeof(*larger));
    list->pdata = larger;
    list->alloc = alloc;
}

void
hc_delta_list_insert(HcDelta *delta, HcDeltaList *list, guint at, gpointer item)
{
    make_room(delta, list);
    memmove(list->pdata + at + 1, list->pdata + at, (list->len - at) * sizeof(*list->pdata));
    list->pdata[at] = item;
    list->len++;
}

void
hc_delta_list_remove(HcDeltaList *list, guint at)
{
    list->len--;
    memmove(list->pdata + at, list->pdata + at + 1, (list->len - at) * sizeof(*list->pdata));
}

guint
hc_delta_list_find(const HcDeltaList *list, gconstpointer item)
{
    guint at = 0;
    while (at < list->len && list->pdata[at] != item)
        at++;
    return at;
}
