#pragma once

#include "hivecore/base/clock.h"
#include "hivecore/delta/delta.h"
#include "hivecore/regf/writer.h"

G_BEGIN_DECLS

/**
 * hc_overlay_writer_options:
 * What a writer needs to make a hive like @base: its version (1.2 becomes 1.3, which HcWriter
 * starts with), kind, embedded file name (borrowed) and time.
 */
HcWriterOptions hc_overlay_writer_options(const HcHive *base);

/**
 * hc_overlay_write:
 * The hive that @base is under @exact, as a stream of keys to @writer: every key and value that
 * the delta does not speak of with all it carries (descriptor, class, flags, user flags, access
 * bits, time, handle of a predefined-handle key, layer bits, value tombstones, order of values).
 *
 * Changed values stay in their place; new ones come after the old, in the order of the delta.
 * New keys have the descriptor that the delta gives them, else that of the key above, whose user
 * flags they take too. Keys whose values, class, descriptor, flags or list of subkeys change, and
 * new ones, get the time of @epoch; when it is not set changed keys keep theirs and new ones take
 * that of the key above.
 *
 * @exact: (nullable): resolved against @base; NULL changes nothing
 * @writer: new, with hc_overlay_writer_options(); the caller finishes it
 *
 * Only the lists of the subkeys on the way to the open key, and one big value, are held in memory.
 *
 * HC_ERROR_CONFLICT: @exact is not for this hive. HC_ERROR_UNSUPPORTED: a change of a
 * differencing hive; a key that becomes a predefined-handle key, whose handle nothing says;
 * values in such a key. HC_ERROR_MALFORMED, HC_ERROR_LIMIT: from @base and @writer.
 */
gboolean hc_overlay_write(const HcHive *base, const HcDelta *exact, HcEpoch epoch, HcWriter *writer,
                          GError **error);

G_END_DECLS
