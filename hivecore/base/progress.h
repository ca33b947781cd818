#pragma once

#include <stdint.h>

#include <glib.h>

G_BEGIN_DECLS

/*
 * How far a long reading is, on a terminal at standard error: nothing in the first two seconds,
 * then one line that is written over, and removed before anything else is printed there.
 */

/** hc_progress_enable: called by main where somebody looks at standard error. @program: for the
 * line */
void hc_progress_enable(const char *program);

/** hc_progress: @done of @total bytes of @what are read. May be called for every piece. */
void hc_progress(const char *what, uint64_t done, uint64_t total);

/** hc_progress_clear: removes the line. */
void hc_progress_clear(void);

/** hc_progress_append: the line: "a.tar: 45%, 120 MB/s, 3 s left". @seconds: since it began, more
 * than 0 */
void hc_progress_append(GString *out, const char *what, uint64_t done, uint64_t total,
                        double seconds);

G_END_DECLS
