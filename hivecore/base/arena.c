#include "config.h"

#include "hivecore/base/arena.h"

#include <stdint.h>
#include <string.h>

#include "hivecore/base/huge.h"

/* The first chunk. Later ones are a quarter of all before them, within these limits. */
enum {
    CHUNK_BYTES = 64 * 1024,
    MAX_CHUNK_BYTES = 8 * 1024 * 1024
};

struct HcArena {
    GPtrArray *chunks;
    guint8 *next;
    gsize left;
    gsize total; /* of the chunks */
    guint n_refs;
};

HcArena *
hc_arena_new(void)
{
    HcArena *arena = g_new0(HcArena, 1);
    arena->chunks = g_ptr_array_new_with_free_func(g_free);
    arena->n_refs = 1;
    return arena;
}

HcArena *
hc_arena_ref(HcArena *arena)
{
    arena->n_refs++;
    return arena;
}

void
hc_arena_free(HcArena *arena)
{
    if (arena == NULL || --arena->n_refs > 0)
        return;
    g_ptr_array_unref(arena->chunks);
    g_free(arena);
}

static void
add_chunk(HcArena *arena)
{
    arena->left = CLAMP(arena->total / 4, CHUNK_BYTES, MAX_CHUNK_BYTES);
    arena->total += arena->left;
    arena->next = g_malloc0(arena->left);
    hc_huge_advise(arena->next, arena->left);
    g_ptr_array_add(arena->chunks, arena->next);
}

void *
hc_arena_alloc(HcArena *arena, gsize n_bytes)
{
    const gsize align = sizeof(uint64_t);
    gsize size = (n_bytes + align - 1) / align * align;
    if (size == 0)
        size = align;
    if (size > CHUNK_BYTES / 4) {
        void *own = g_malloc0(size);
        g_ptr_array_add(arena->chunks, own);
        return own;
    }
    if (size > arena->left)
        add_chunk(arena);
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
