#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * hc_crash_start:
 * @program: its name for messages, which must stay
 *
 * What ends the program against its will, from now on, leaves no temporary file of HcOutput; and
 * what is the machine's fault ends it as hc_crash_end() does, with one line and status 5: memory
 * that GLib does not get (it gives no error then, it aborts), a stack that cannot grow, a mapped
 * file that becomes shorter or that the disk does not give. All else ends it by its signal.
 */
void hc_crash_start(const char *program);

/** hc_crash_end: removes the temporary files, says @what (nullable: somebody else has) in one line
 * and ends the program with the status of HC_ERROR_IO. Allocates nothing. */
G_NORETURN void hc_crash_end(const char *what);

G_END_DECLS
