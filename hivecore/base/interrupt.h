#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * SIGINT, SIGTERM, SIGHUP and the like end the program. The temporary files of HcOutput are removed
 * before, which is all that most commands have made by then. One that makes folders, or several
 * files that belong together, defers the end until it has taken them back.
 */

/** hc_interrupt_defer: from now on the first of these signals is only noted; a second one ends the
 * program at once. */
void hc_interrupt_defer(void);

/** hc_interrupt_check: FALSE with HC_ERROR_IO when a signal was noted. To be called between entries
 * and pieces, before anything is published. */
gboolean hc_interrupt_check(GError **error);

/** hc_interrupt_end: ends the program by the signal that was noted, so that its parent sees that;
 * when there was none, signals are no longer deferred. */
void hc_interrupt_end(void);

G_END_DECLS
