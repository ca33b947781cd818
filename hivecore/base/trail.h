#pragma once

#include "hivecore/base/path.h"

G_BEGIN_DECLS

/** HcTrail: the path of the key that a walk is at; of zeros it is empty. */
typedef struct {
    HcPath path; /* as it is now; its names are there until the next push */
    HcName *room;
    gsize n_room;
} HcTrail;

static inline void
hc_trail_push(HcTrail *trail, HcName name)
{
    if (trail->path.n == trail->n_room) {
        trail->n_room = MAX(2 * trail->n_room, 16);
        trail->room = g_renew(HcName, trail->room, trail->n_room);
        trail->path.names = trail->room;
    }
    trail->room[trail->path.n++] = name;
}

static inline void
hc_trail_append(HcTrail *trail, HcPath path)
{
    for (gsize i = 0; i < path.n; i++)
        hc_trail_push(trail, path.names[i]);
}

static inline void
hc_trail_pop(HcTrail *trail)
{
    trail->path.n--;
}

static inline void
hc_trail_clear(HcTrail *trail)
{
    g_free(trail->room);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HcTrail, hc_trail_clear)

G_END_DECLS
