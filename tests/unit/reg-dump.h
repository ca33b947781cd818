#pragma once

#include "hivecore/delta/delta.h"
#include "hivecore/reg/reg-reader.h"

/**
 * reg_dump:
 * Returns: (transfer full): @delta in one line for each key, "+[path]" is there, "-[path]" is
 * not, "=[path]" is there anew, and each value, name=type:hex or name=-
 */
char *reg_dump(const HcDelta *delta);

/**
 * reg_read_bytes:
 * Returns: (transfer full): the dump of what the bytes say, or a line for each error: its place
 * and its message
 */
char *reg_read_bytes(const void *bytes, gsize n_bytes, const HcRegReadOptions *options,
                     uint64_t *n_skipped);
