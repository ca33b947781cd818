#include "config.h"

#include "hivecore/base/belt.h"

#include <pthread.h>

enum {
    N_BLOCKS = 4,
};

typedef struct {
    gpointer to;
    gsize n_bytes;
    uint8_t bytes[HC_BELT_BLOCK_BYTES];
} Block;

struct HcBelt {
    HcParallel *parallel;
    HcBeltTake take;
    pthread_mutex_t mutex;
    pthread_cond_t has_changed;
    uint64_t n_given;
    uint64_t n_taken;
    gboolean is_asked;      /* a piece waits that will take */
    gboolean is_taking;     /* somebody is at it */
    Block blocks[N_BLOCKS]; /* of number n at n % N_BLOCKS */
};

HcBelt *
hc_belt_new(HcParallel *parallel, HcBeltTake take)
{
    /* Pages of blocks that are never used cost nothing. */
    HcBelt *belt = g_malloc(sizeof(*belt));
    belt->parallel = parallel;
    belt->take = take;
    belt->n_given = belt->n_taken = 0;
    belt->is_asked = belt->is_taking = FALSE;
    /* None of these fails on Linux. */
    (void) pthread_mutex_init(&belt->mutex, NULL);
    (void) pthread_cond_init(&belt->has_changed, NULL);
    return belt;
}

void
hc_belt_free(HcBelt *belt)
{
    (void) pthread_mutex_destroy(&belt->mutex);
    (void) pthread_cond_destroy(&belt->has_changed);
    g_free(belt);
}

/* The mutex is held, before and after, and nobody is taking. Ends with at most @n blocks that
 * wait. */
static void
take_until(HcBelt *belt, uint64_t n)
{
    belt->is_taking = TRUE;
    while (belt->n_given - belt->n_taken > n) {
        const Block *block = &belt->blocks[belt->n_taken % N_BLOCKS];
        (void) pthread_mutex_unlock(&belt->mutex);
        belt->take(block->to, block->bytes, block->n_bytes);
        (void) pthread_mutex_lock(&belt->mutex);
        belt->n_taken++;
        (void) pthread_cond_signal(&belt->has_changed);
    }
    belt->is_taking = FALSE;
}

/* Only who gives waits, so nobody gives meanwhile. */
static void
wait_until(HcBelt *belt, uint64_t n)
{
    (void) pthread_mutex_lock(&belt->mutex);
    while (belt->n_given - belt->n_taken > n) {
        if (belt->is_taking)
            (void) pthread_cond_wait(&belt->has_changed, &belt->mutex);
        else
            take_until(belt, n);
    }
    (void) pthread_mutex_unlock(&belt->mutex);
}

void
hc_belt_take(HcBelt *belt)
{
    (void) pthread_mutex_lock(&belt->mutex);
    belt->is_asked = FALSE;
    if (!belt->is_taking)
        take_until(belt, 0);
    (void) pthread_mutex_unlock(&belt->mutex);
}

uint8_t *
hc_belt_block(HcBelt *belt)
{
    return belt->blocks[belt->n_given % N_BLOCKS].bytes;
}

void
hc_belt_give(HcBelt *belt, gpointer to, gsize n_bytes)
{
    const gboolean is_alone = hc_parallel_size(belt->parallel) == 1;
    Block *block = &belt->blocks[belt->n_given % N_BLOCKS];
    block->to = to;
    block->n_bytes = n_bytes;
    (void) pthread_mutex_lock(&belt->mutex);
    belt->n_given++;
    const gboolean asks = !is_alone && !belt->is_asked && !belt->is_taking;
    if (asks)
        belt->is_asked = TRUE;
    (void) pthread_mutex_unlock(&belt->mutex);
    if (asks)
        hc_parallel_push(belt->parallel, belt);
    /* The next block is free then. */
    wait_until(belt, is_alone ? 0 : N_BLOCKS - 1);
}

void
hc_belt_finish(HcBelt *belt)
{
    wait_until(belt, 0);
}
