#include "config.h"

#include "hivecore/base/parallel.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>

#include "hivecore/base/limits.h"

/* Recursion over keys is capped (HC_MAX_KEY_DEPTH); under sanitizers its frames are large. */
#define STACK_BYTES ((gsize) 8 << 20)

/* Twice what a thread takes of the addresses: its stack, and 64 MiB that malloc() keeps for it. */
#define THREAD_BYTES (2 * (STACK_BYTES + ((gsize) 64 << 20)))

struct HcParallel {
    HcParallelWork work;
    gpointer data;
    pthread_mutex_t mutex;
    pthread_cond_t has_changed;
    GQueue pieces;
    gboolean is_complete; /* no piece comes any more */
    guint n_helpers;
    guint n_started; /* who have taken a number */
    pthread_t helpers[HC_MAX_THREADS];
};

/* What --threads says. */
static guint wanted_threads;

/* Whether this thread does a piece. */
static _Thread_local gboolean is_inside;

void
hc_parallel_set_threads(guint n_threads)
{
    wanted_threads = n_threads;
}

static guint
usable_processors(void)
{
    cpu_set_t set;
    /* More processors than a set has room for. */
    if (sched_getaffinity(0, sizeof(set), &set) != 0)
        return HC_MAX_THREADS;
    return (guint) CPU_COUNT(&set);
}

/* Where addresses are limited (ulimit -v), threads must leave some to the work itself. */
static guint
threads_that_fit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
        return HC_MAX_THREADS;
    return (guint) MIN(1 + limit.rlim_cur / THREAD_BYTES, HC_MAX_THREADS);
}

guint
hc_parallel_n_threads(void)
{
    if (is_inside)
        return 1;
    const guint wanted = wanted_threads != 0 ? wanted_threads : usable_processors();
    return MIN(wanted, threads_that_fit());
}

/* The mutex is held, before and after. */
static void
do_piece(HcParallel *parallel, guint thread)
{
    gpointer piece = g_queue_pop_head(&parallel->pieces);
    (void) pthread_mutex_unlock(&parallel->mutex);
    is_inside = TRUE;
    parallel->work(piece, thread, parallel->data);
    is_inside = FALSE;
    (void) pthread_mutex_lock(&parallel->mutex);
}

static void *
help(void *pointer)
{
    HcParallel *parallel = pointer;
    (void) pthread_mutex_lock(&parallel->mutex);
    const guint thread = ++parallel->n_started;
    for (;;) {
        if (!g_queue_is_empty(&parallel->pieces))
            do_piece(parallel, thread);
        else if (parallel->is_complete)
            break;
        else
            (void) pthread_cond_wait(&parallel->has_changed, &parallel->mutex);
    }
    (void) pthread_mutex_unlock(&parallel->mutex);
    return NULL;
}

/* Signals that end the program are for the caller's thread, which may have blocked them; those that
 * tell of a fault are for the thread whose it is. */
static void
block_signals(sigset_t *old)
{
    static const int faults[] = {SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGSYS, SIGTRAP};
    sigset_t set;
    (void) sigfillset(&set);
    for (gsize i = 0; i < G_N_ELEMENTS(faults); i++)
        (void) sigdelset(&set, faults[i]);
    (void) pthread_sigmask(SIG_BLOCK, &set, old);
}

static void
start_helpers(HcParallel *parallel, guint n)
{
    pthread_attr_t attributes;
    sigset_t old;
    if (n == 0 || pthread_attr_init(&attributes) != 0)
        return;
    block_signals(&old);
    (void) pthread_attr_setstacksize(&attributes, STACK_BYTES);
    while (parallel->n_helpers < n && pthread_create(&parallel->helpers[parallel->n_helpers],
                                                     &attributes, help, parallel) == 0)
        parallel->n_helpers++;
    (void) pthread_sigmask(SIG_SETMASK, &old, NULL);
    (void) pthread_attr_destroy(&attributes);
}

HcParallel *
hc_parallel_new(guint max_threads, HcParallelWork work, gpointer data)
{
    HcParallel *parallel = g_new0(HcParallel, 1);
    parallel->work = work;
    parallel->data = data;
    g_queue_init(&parallel->pieces);
    /* None of these fails on Linux. */
    (void) pthread_mutex_init(&parallel->mutex, NULL);
    (void) pthread_cond_init(&parallel->has_changed, NULL);
    const guint n_threads = MIN(max_threads, hc_parallel_n_threads());
    start_helpers(parallel, n_threads > 0 ? n_threads - 1 : 0);
    return parallel;
}

guint
hc_parallel_size(const HcParallel *parallel)
{
    return parallel->n_helpers + 1;
}

void
hc_parallel_push(HcParallel *parallel, gpointer piece)
{
    (void) pthread_mutex_lock(&parallel->mutex);
    g_queue_push_tail(&parallel->pieces, piece);
    (void) pthread_cond_signal(&parallel->has_changed);
    (void) pthread_mutex_unlock(&parallel->mutex);
}

void
hc_parallel_finish(HcParallel *parallel)
{
    (void) pthread_mutex_lock(&parallel->mutex);
    parallel->is_complete = TRUE;
    (void) pthread_cond_broadcast(&parallel->has_changed);
    while (!g_queue_is_empty(&parallel->pieces))
        do_piece(parallel, 0);
    (void) pthread_mutex_unlock(&parallel->mutex);
    for (guint i = 0; i < parallel->n_helpers; i++)
        (void) pthread_join(parallel->helpers[i], NULL);
    (void) pthread_mutex_destroy(&parallel->mutex);
    (void) pthread_cond_destroy(&parallel->has_changed);
    g_free(parallel);
}

void
hc_parallel_each(guint n, HcParallelWork work, gpointer data)
{
    HcParallel *parallel = hc_parallel_new(n, work, data);
    for (guint i = 0; i < n; i++)
        hc_parallel_push(parallel, GUINT_TO_POINTER(i));
    hc_parallel_finish(parallel);
}
