#include "config.h"

#include "hivecore/base/arena.h"

#include <stdint.h>
#include <string.h>

#include "hivecore/base/base-private.h"

/* The first chunk. Later ones are a quarter of all before them, within these limits; of whole huge
 * pages once so much was asked for. */
enum {
    CHUNK_BYTES = 64 * 1024,
    MAX_CHUNK_BYTES = 8 * 1024 * 1024,
    HUGE_FROM_BYTES = 2 * 1024 * 1024
};

typedef struct {
    void *block;
    gsize n_huge; /* 0: of the heap */
} Chunk;

struct HcArena {
    GArray *chunks; /* of Chunk */
    guint8 *next;
    gsize left;
    gsize total; /* of the chunks */
    guint n_refs;
};

HcArena *
hc_arena_new(void)
{
    HcArena *arena = g_new0(HcArena, 1);
    arena->chunks = g_array_new(FALSE, FALSE, sizeof(Chunk));
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
    for (guint i = 0; i < arena->chunks->len; i++) {
        const Chunk *chunk = &g_array_index(arena->chunks, Chunk, i);
        if (chunk->n_huge > 0)
            hc_huge_free(chunk->block, chunk->n_huge);
        else
            g_free(chunk->block);
    }
    g_array_unref(arena->chunks);
    g_free(arena);
}

static void
add_chunk(HcArena *arena)
{
    Chunk chunk = {NULL, 0};
    arena->left = CLAMP(arena->total / 4, CHUNK_BYTES, MAX_CHUNK_BYTES);
    if (arena->total >= HUGE_FROM_BYTES) {
        arena->left = (arena->left + HC_HUGE_BYTES - 1) / HC_HUGE_BYTES * HC_HUGE_BYTES;
        chunk = (Chunk){hc_huge_new(arena->left), arena->left};
    }
    if (chunk.block == NULL)
        chunk = (Chunk){g_malloc0(arena->left), 0};
    arena->total += arena->left;
    arena->next = chunk.block;
    g_array_append_val(arena->chunks, chunk);
}

void *
hc_arena_alloc(HcArena *arena, gsize n_bytes)
{
    const gsize align = sizeof(uint64_t);
    gsize size = (n_bytes + align - 1) / align * align;
    if (size == 0)
        size = align;
    if (size > CHUNK_BYTES / 4) {
        const Chunk own = {g_malloc0(size), 0};
        g_array_append_val(arena->chunks, own);
        return own.block;
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
