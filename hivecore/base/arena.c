#include "config.h"

#include "hivecore/base/arena.h"

#include <stdint.h>
#include <string.h>

#include "hivecore/base/base-private.h"

/* The first chunk. Later ones are a quarter of all before them, within these limits; of whole huge
 * pages once so much was asked for, since small pages come by one fault each. */
enum {
    CHUNK_BYTES = 64 * 1024,
    MAX_CHUNK_BYTES = 8 * 1024 * 1024,
    HUGE_FROM_BYTES = 512 * 1024
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

/* Memory of @n_bytes and perhaps a few more, of huge pages where it @may_be_huge. */
static Chunk
new_chunk(gsize *n_bytes, gboolean may_be_huge)
{
    const gsize whole = (*n_bytes + HC_HUGE_BYTES - 1) / HC_HUGE_BYTES * HC_HUGE_BYTES;
    const Chunk huge = {may_be_huge ? hc_huge_new(whole) : NULL, whole};
    if (huge.block == NULL)
        return (Chunk){g_malloc0(*n_bytes), 0};
    *n_bytes = whole;
    return huge;
}

/* A new chunk, or for what would waste much of one a block of its own. */
static void *
alloc_anew(HcArena *arena, gsize size)
{
    gsize room = CLAMP(arena->total / 4, CHUNK_BYTES, MAX_CHUNK_BYTES);
    const gboolean is_apart = size > room / 4;
    if (is_apart)
        room = size;
    const Chunk chunk =
        new_chunk(&room, is_apart ? size >= HC_HUGE_BYTES : arena->total >= HUGE_FROM_BYTES);
    g_array_append_val(arena->chunks, chunk);
    if (!is_apart) {
        arena->total += room;
        arena->next = (guint8 *) chunk.block + size;
        arena->left = room - size;
    }
    return chunk.block;
}

void *
hc_arena_alloc(HcArena *arena, gsize n_bytes)
{
    const gsize align = sizeof(uint64_t);
    const gsize size = n_bytes > 0 ? (n_bytes + align - 1) / align * align : align;
    if (G_UNLIKELY(size > arena->left))
        return alloc_anew(arena, size);
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
