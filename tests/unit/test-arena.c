#include "config.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "hivecore/base/arena.h"
#include "tests/unit/cu.h"

static gboolean
is_zero(const guint8 *bytes, gsize n_bytes)
{
    for (gsize i = 0; i < n_bytes; i++)
        if (bytes[i] != 0)
            return FALSE;
    return TRUE;
}

/* Sizes around the block size, filled, so that two blocks that overlap show. */
static void
blocks_are_zeroed_aligned_and_apart(void)
{
    static const gsize sizes[] = {0, 1, 7, 8, 16, 17, 1000, 16383, 16384, 16385, 65536, 200000};
    enum {
        N_ROUNDS = 40
    };
    g_autoptr(HcArena) arena = hc_arena_new();
    guint8 *blocks[N_ROUNDS][G_N_ELEMENTS(sizes)];
    for (int round = 0; round < N_ROUNDS; round++) {
        for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++) {
            guint8 *block = hc_arena_alloc(arena, sizes[i]);
            CU_ASSERT_EQUAL((uintptr_t) block % sizeof(uint64_t), 0);
            CU_ASSERT_TRUE(is_zero(block, sizes[i]));
            memset(block, round + 1, sizes[i]);
            blocks[round][i] = block;
        }
    }
    for (int round = 0; round < N_ROUNDS; round++)
        for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++)
            for (gsize k = 0; k < sizes[i]; k += 997)
                CU_ASSERT_EQUAL(blocks[round][i][k], round + 1);
}

/* As many as need chunks of huge pages. */
static void
many_blocks_are_zeroed_and_apart(void)
{
    enum {
        N_BLOCKS = 1000,
        N_BYTES = 16000
    };
    g_autoptr(HcArena) arena = hc_arena_new();
    guint8 *blocks[N_BLOCKS];
    for (int i = 0; i < N_BLOCKS; i++) {
        blocks[i] = hc_arena_alloc(arena, N_BYTES);
        CU_ASSERT_TRUE(is_zero(blocks[i], N_BYTES));
        memset(blocks[i], i % 255 + 1, N_BYTES);
    }
    for (int i = 0; i < N_BLOCKS; i++) {
        CU_ASSERT_EQUAL(blocks[i][0], i % 255 + 1);
        CU_ASSERT_EQUAL(blocks[i][N_BYTES - 1], i % 255 + 1);
    }
}

static void
dup_copies(void)
{
    g_autoptr(HcArena) arena = hc_arena_new();
    char text[] = "text";
    char *copy = hc_arena_dup(arena, text, sizeof(text));
    text[0] = 'n';
    CHECK_STRING(copy, "text");
    CU_ASSERT_PTR_NOT_NULL(hc_arena_dup(arena, NULL, 0));
    CU_ASSERT_PTR_NOT_NULL(hc_arena_dup(arena, "", 0));
}

static void
free_takes_null(void)
{
    hc_arena_free(NULL);
}

const char cu_suite[] = "arena";
const CuCase cu_cases[] = {
    {"blocks are zeroed, aligned and apart", blocks_are_zeroed_aligned_and_apart},
    {"many blocks are zeroed and apart", many_blocks_are_zeroed_and_apart},
    {"dup copies", dup_copies},
    {"free takes NULL", free_takes_null},
    {NULL, NULL},
};
