#include "config.h"

#include "hivecore/base/parallel.h"

#include "hivecore/base/limits.h"
#include "tests/unit/cu.h"

const char cu_suite[] = "parallel";

enum {
    N_PIECES = 1000
};

typedef struct {
    gint done[N_PIECES];
    guint by[N_PIECES];
    gint n_inside; /* how often a piece was told that others may help it */
    guint n_threads;
    GArray *order;
} Seen;

static void
note(gpointer piece, guint thread, gpointer data)
{
    Seen *seen = data;
    const guint i = GPOINTER_TO_UINT(piece);
    g_atomic_int_inc(&seen->done[i]);
    seen->by[i] = thread;
    if (hc_parallel_n_threads() != 1)
        g_atomic_int_inc(&seen->n_inside);
    if (seen->order != NULL)
        g_array_append_val(seen->order, i);
}

/* Each piece is done once, by a thread there is. */
static void
check(guint n_threads)
{
    g_autofree Seen *seen = g_new0(Seen, 1);
    hc_parallel_set_threads(n_threads);
    CU_ASSERT_EQUAL(hc_parallel_n_threads(), n_threads);
    hc_parallel_each(N_PIECES, note, seen);
    for (guint i = 0; i < N_PIECES; i++) {
        CU_ASSERT_EQUAL(seen->done[i], 1);
        CU_ASSERT_TRUE(seen->by[i] < n_threads);
    }
    CU_ASSERT_EQUAL(seen->n_inside, 0);
    hc_parallel_set_threads(0);
}

static void
each_piece_once(void)
{
    check(1);
    check(2);
    check(5);
}

static void
one_thread_keeps_the_order(void)
{
    g_autofree Seen *seen = g_new0(Seen, 1);
    g_autoptr(GArray) order = g_array_new(FALSE, FALSE, sizeof(guint));
    seen->order = order;
    hc_parallel_set_threads(1);
    hc_parallel_each(N_PIECES, note, seen);
    hc_parallel_set_threads(0);
    CU_ASSERT_EQUAL_FATAL(order->len, N_PIECES);
    for (guint i = 0; i < N_PIECES; i++)
        CU_ASSERT_EQUAL(g_array_index(order, guint, i), i);
}

static void
limits(void)
{
    CU_ASSERT_TRUE(hc_parallel_n_threads() >= 1);
    hc_parallel_set_threads(1000);
    CU_ASSERT_EQUAL(hc_parallel_n_threads(), HC_MAX_THREADS);
    HcParallel *parallel = hc_parallel_new(3, note, NULL);
    CU_ASSERT_EQUAL(hc_parallel_size(parallel), 3);
    hc_parallel_finish(parallel);
    hc_parallel_set_threads(0);
}

/* Where no other thread is there the caller does all, in the end. */
static void
the_caller_alone(void)
{
    g_autofree Seen *seen = g_new0(Seen, 1);
    HcParallel *parallel = hc_parallel_new(1, note, seen);
    CU_ASSERT_EQUAL(hc_parallel_size(parallel), 1);
    for (guint i = 0; i < 10; i++)
        hc_parallel_push(parallel, GUINT_TO_POINTER(i));
    CU_ASSERT_EQUAL(seen->done[0], 0);
    hc_parallel_finish(parallel);
    for (guint i = 0; i < 10; i++) {
        CU_ASSERT_EQUAL(seen->done[i], 1);
        CU_ASSERT_EQUAL(seen->by[i], 0);
    }
}

const CuCase cu_cases[] = {
    {"each piece once", each_piece_once},
    {"one thread keeps the order", one_thread_keeps_the_order},
    {"limits", limits},
    {"the caller alone", the_caller_alone},
    {NULL, NULL},
};
