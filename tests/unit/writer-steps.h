#pragma once

#include "hivecore/regf/hive.h"
#include "hivecore/regf/writer.h"

/* What the tests of the writer share: steps that must work, and what they make is looked at
 * afterwards. */

HcName writer_name(const char *ascii);

/** writer_new: of an ordinary hive of version 1.@minor. */
HcWriter *writer_new(uint32_t minor);

/** writer_open_named: may fail. */
gboolean writer_open_named(HcWriter *writer, const char *name, GError **error);
void writer_open_root(HcWriter *writer);
void writer_open_key(HcWriter *writer, const char *name);
void writer_close_key(HcWriter *writer);
void writer_add_value(HcWriter *writer, const char *name, uint32_t type, const void *bytes,
                      uint32_t n_bytes);

/** writer_finish: closes the root, finishes, and has the whole structure checked. */
HcHive *writer_finish(HcWriter *writer);
