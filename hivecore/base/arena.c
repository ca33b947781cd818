#include "config.h"

#include <stddef.h>
#include <string.h>

#include "hivecore/base/arena.h"

enum {
    CHUNK_BYTES = 64 * 1024
};

struct HcArena {
    GPtrArray *chunks;
    guint8 *next;
    gsize left;
};

HcArena *
hc_arena_new(void)
{
    HcArena *arena = g_new0(HcArena, 1);
    arena->chunks = g_ptr_array_new_with_free_func(g_free);
    return arena;
}

void
hc_arena_free(HcArena *arena)
{
    if (arena == NULL)
        return;
    g_ptr_array_unref(arena->chunks);
    g_free(arena);
}

void *
hc_arena_alloc(HcArena *arena, gsize n_bytes)
{
    const gsize align = _Alignof(max_align_t);
    gsize size = (n_bytes + align - 1) / align * align;
    if (size == 0)
        size = align;
    if (size > CHUNK_BYTES / 4) {
        void *own = g_malloc0(size);
        g_ptr_array_add(arena->chunks, own);
        return own;
    }
    if (size > arena->left) {
        arena->next = g_malloc0(CHUNK_BYTES);
        arena->left = CHUNK_BYTES;
        g_ptr_array_add(arena->chunks, arena->next);
    }
    void *block = arena->next;
    arena->next += size;
    arena->left -= size;
    return block;
}

void *
hc_arena_dup(HcArena *arena, const void *bytes, gsize n_bytes)
{
    void *copy = hc_arena_alloc(arena, n_bytes);
    if (n_bytes > 0)
        memcpy(copy, bytes, n_bytes);
    return copy;
}
