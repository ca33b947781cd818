#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * HcParallel: pieces of work that several threads do, of whom the caller is one. Threads live from
 * hc_parallel_new() to hc_parallel_finish() only, so a program that forks outside of that has none;
 * they take no signals, but for those of their own faults. Whoever makes pieces puts the results
 * together in an order of his own, so that nothing depends on the number of threads.
 *
 * What pieces read must not be written meanwhile: GLib's containers, hives that were not opened
 * with HC_HIVE_LAZY, maps. References of hives are not atomic, and are not for pieces.
 */
typedef struct HcParallel HcParallel;

/** HcParallelWork: one piece. @thread: who does it, 0 the caller, below hc_parallel_n_threads(). */
typedef void (*HcParallelWork)(gpointer piece, guint thread, gpointer data);

/** hc_parallel_set_threads: what --threads says; 0: as many as processors that can be used, at most
 * HC_MAX_THREADS. */
void hc_parallel_set_threads(guint n_threads);

/** Returns: how many threads may work, with the caller; 1 inside of a piece, fewer where addresses
 * are limited (ulimit -v). */
guint hc_parallel_n_threads(void);

/**
 * hc_parallel_new:
 * @max_threads: with the caller; fewer where hc_parallel_n_threads() says so or where threads
 * cannot be made, which is no error
 */
HcParallel *hc_parallel_new(guint max_threads, HcParallelWork work, gpointer data);

/** Returns: how many threads there are, with the caller. */
guint hc_parallel_size(const HcParallel *parallel);

/** hc_parallel_push: a piece that some thread does from now on; pieces are begun in their order. */
void hc_parallel_push(HcParallel *parallel, gpointer piece);

/** hc_parallel_finish: does what is left together with the others, and ends when all is done. */
void hc_parallel_finish(HcParallel *parallel);

/** hc_parallel_each: @work of the pieces 0 to @n - 1, as GUINT_TO_POINTER(). */
void hc_parallel_each(guint n, HcParallelWork work, gpointer data);

G_END_DECLS
