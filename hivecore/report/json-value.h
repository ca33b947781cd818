#pragma once

#include "hivecore/base/json.h"
#include "hivecore/report/report.h"

G_BEGIN_DECLS

/*
 * Members of a JSON delta, taken apart; internal to report/. All that return gboolean or a
 * pointer fail with HC_ERROR_MALFORMED. Names and bytes are made in the arena.
 */

/** hc_json_malformed: sets HC_ERROR_MALFORMED. Returns: FALSE */
gboolean hc_json_malformed(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

/** Returns: (transfer full): the string that is @member, or NULL with @error set. */
char *hc_json_read_string(HcJson object, const char *member, GError **error);

gboolean hc_json_read_object(HcJson object, const char *member, HcJson *value, GError **error);

gboolean hc_json_read_uint32(HcJson object, const char *member, uint32_t *number, GError **error);

/** hc_json_read_name: a string, or {"utf16":"…"} with four digits for each unit. */
gboolean hc_json_read_name(HcArena *arena, HcJson value, HcName *name, GError **error);

/** hc_json_read_blob: the bytes that @object's "hex" holds; .bytes is never NULL. */
gboolean hc_json_read_blob(HcArena *arena, HcJson object, HcBlob *blob, GError **error);

/** hc_json_read_nullable_blob: @member is null, or an object with "hex". */
gboolean hc_json_read_nullable_blob(HcArena *arena, HcJson object, const char *member, HcBlob *blob,
                                    GError **error);

/**
 * hc_json_check_decoded:
 * Whether what stands beside a value's "hex" for people agrees with it, so that an edit of that
 * alone is not passed over.
 */
gboolean hc_json_check_decoded(HcArena *arena, HcJson object, const HcDatum *datum, GError **error);

G_END_DECLS
