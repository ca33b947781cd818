#pragma once

#include <glib.h>

G_BEGIN_DECLS

/** HcArena: many small blocks that die together. */
typedef struct HcArena HcArena;

HcArena *hc_arena_new(void);

/** Returns: (transfer full): @arena, whose blocks then live until both references are freed. */
HcArena *hc_arena_ref(HcArena *arena);
void hc_arena_free(HcArena *arena);

/**
 * hc_arena_alloc:
 * @n_bytes: any size below 2 GiB; GLib aborts when memory is out, so callers bound what comes
 *   from input (limits.h)
 *
 * Returns: (transfer none): zeroed bytes, aligned for pointers and 64-bit numbers, alive as long as
 * @arena
 */
void *hc_arena_alloc(HcArena *arena, gsize n_bytes);

/** Returns: (transfer none): a copy of @n_bytes at @bytes; a non-NULL pointer even for 0 bytes. */
void *hc_arena_dup(HcArena *arena, const void *bytes, gsize n_bytes);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HcArena, hc_arena_free)

G_END_DECLS
