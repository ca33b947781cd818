#pragma once

#include "hivecore/cli/cli.h"

G_BEGIN_DECLS

/* The three standard descriptors; internal to cli/. */

/**
 * hc_stdio_start:
 * Makes sure that descriptors 0, 1 and 2 are open, so that no file opened later becomes
 * standard output by accident, and that a closed pipe is an error and no signal. What was
 * closed cannot be used: reading or writing there fails.
 */
void hc_stdio_start(void);

/** hc_stdio_print_error: "PROGRAM: MESSAGE" on standard error, in one line whatever is in it. */
void hc_stdio_print_error(const char *program, const char *message);

/** hc_stdio_print_failure: the same of an error; where it carries findings, all of them. */
void hc_stdio_print_failure(const char *program, const GError *failure);

/**
 * hc_stdio_finish:
 * Writes what is left of @out, to standard output, and closes that.
 *
 * @is_torn: (out): hc_stream_finish()
 *
 * Returns: 0 or errno
 */
int hc_stdio_finish(HcStream *out, gboolean *is_torn);

G_END_DECLS
