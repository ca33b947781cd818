#include "config.h"

#include "hivecore/base/belt.h"

#include <string.h>

#include "tests/unit/cu.h"

const char cu_suite[] = "belt";

enum {
    N_BLOCKS = 100,
    N_WAITING = 4, /* at most */
};

/* What was taken, of whom there are two. */
typedef struct {
    guint n_blocks;
    uint64_t sum; /* changes with the order */
} Taken;

static gint n_at_once;
static gint n_mixed; /* how often two were at it */

static void
add(Taken *taken, const uint8_t *bytes, gsize n_bytes)
{
    taken->n_blocks++;
    for (gsize i = 0; i < n_bytes; i++)
        taken->sum = taken->sum * 31 + bytes[i];
}

static void
take(gpointer to, const uint8_t *bytes, gsize n_bytes)
{
    if (g_atomic_int_add(&n_at_once, 1) != 0)
        g_atomic_int_inc(&n_mixed);
    add(to, bytes, n_bytes);
    (void) g_atomic_int_add(&n_at_once, -1);
}

static void
do_piece(gpointer piece, G_GNUC_UNUSED guint thread, gpointer data)
{
    gint *is_free = data;
    if (piece != NULL)
        hc_belt_take(piece);
    else
        while (g_atomic_int_get(is_free) == 0)
            g_thread_yield();
}

/* Blocks of several sizes, for one and the other; all are taken when the belt says so. @is_busy:
 * the other threads have something else to do while the first half is given. */
static void
give_all(guint n_threads, gboolean is_busy)
{
    Taken found[2] = {{0, 0}, {0, 0}};
    Taken wanted[2] = {{0, 0}, {0, 0}};
    gint is_free = 0;
    hc_parallel_set_threads(n_threads);
    HcParallel *parallel = hc_parallel_new(n_threads, do_piece, &is_free);
    CU_ASSERT_EQUAL(hc_parallel_size(parallel), n_threads);
    HcBelt *belt = hc_belt_new(parallel, take);
    for (guint i = 1; is_busy && i < n_threads; i++)
        hc_parallel_push(parallel, NULL);
    for (guint i = 0; i < N_BLOCKS; i++) {
        const gsize n_bytes = i % 7 == 0 ? HC_BELT_BLOCK_BYTES : i * 10;
        uint8_t *block = hc_belt_block(belt);
        memset(block, (gint) i + 1, n_bytes);
        add(&wanted[i % 3 == 0], block, n_bytes);
        hc_belt_give(belt, &found[i % 3 == 0], n_bytes);
        if (i != N_BLOCKS / 2)
            continue;
        if (is_busy)
            CU_ASSERT_TRUE(found[0].n_blocks + found[1].n_blocks >= N_BLOCKS / 2 - N_WAITING);
        g_atomic_int_set(&is_free, 1);
    }
    hc_belt_finish(belt);
    for (guint i = 0; i < G_N_ELEMENTS(found); i++) {
        CU_ASSERT_EQUAL(found[i].n_blocks, wanted[i].n_blocks);
        CU_ASSERT_EQUAL(found[i].sum, wanted[i].sum);
    }
    CU_ASSERT_EQUAL(n_mixed, 0);
    hc_parallel_finish(parallel);
    hc_belt_free(belt);
    hc_parallel_set_threads(0);
}

static void
blocks_keep_their_order(void)
{
    give_all(2, FALSE);
    give_all(4, FALSE);
}

static void
others_are_busy(void)
{
    give_all(2, TRUE);
    give_all(4, TRUE);
}

/* With one thread nothing waits. */
static void
alone(void)
{
    Taken found = {0, 0};
    HcParallel *parallel = hc_parallel_new(1, do_piece, NULL);
    HcBelt *belt = hc_belt_new(parallel, take);
    *hc_belt_block(belt) = 7;
    hc_belt_give(belt, &found, 1);
    CU_ASSERT_EQUAL(found.n_blocks, 1);
    CU_ASSERT_EQUAL(found.sum, 7);
    hc_belt_finish(belt);
    CU_ASSERT_EQUAL(found.n_blocks, 1);
    hc_parallel_finish(parallel);
    hc_belt_free(belt);
}

const CuCase cu_cases[] = {
    {"blocks keep their order", blocks_keep_their_order},
    {"others are busy", others_are_busy},
    {"alone", alone},
    {NULL, NULL},
};
