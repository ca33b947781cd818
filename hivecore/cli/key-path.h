#pragma once

#include "hivecore/base/path.h"
#include "hivecore/regf/hive.h"

G_BEGIN_DECLS

/*
 * Keys and values as they stand on command lines, and in what ways they can be read: literally, and
 * as other programs and our own reports write them.
 */

/** HcKeyReading: how a text is read, any of these together. */
typedef enum {
    HC_READ_LITERAL = 0,
    HC_READ_ESCAPES = 1 << 0, /* \u{hex} is the character of that number */
    HC_READ_SLASHES = 1 << 1, /* slashes are backslashes */
    HC_N_KEY_READINGS = 1 << 2,
} HcKeyReading;

/** Returns: whether @text reads otherwise in @reading (HcKeyReading bits) than with less of it. */
gboolean hc_key_has_reading(const char *text, guint reading);

/**
 * hc_key_split:
 * @text: UTF-8
 * @path: (out): in @arena: the names between the backslashes; one backslash at either end means
 *   nothing
 *
 * Returns: FALSE with HC_ERROR_USAGE when a name is empty
 */
gboolean hc_key_split(HcArena *arena, const char *text, guint reading, HcPath *path,
                      GError **error);

/**
 * hc_key_find_root:
 * Takes off what other programs put before the name of a root: Computer\, Registry::, [ and ].
 *
 * Returns: whether @path then starts with an HKEY_ name, also abbreviated or as a drive (HKLM:). It
 *   is the place that is meant then (hc_root_part()), in @arena.
 */
gboolean hc_key_find_root(HcArena *arena, HcPath *path);

/** Returns: whether the "::" at @colons in @text is that of Registry::, which stands before the
 * name of a root, and so parts no key from a value. */
gboolean hc_key_is_frame(const char *text, const char *colons);

/**
 * hc_key_follow:
 * Goes along @path from @hive's root key as far as it leads, and spells it as the hive does.
 * CurrentControlSet at its start becomes the control set that is in use.
 * @n_found: (out): how many of the names there are
 * @key: (out): the last of them
 *
 * Returns: FALSE with HC_ERROR_MALFORMED when the hive is damaged on the way
 */
gboolean hc_key_follow(const HcHive *hive, HcArena *arena, HcPath *path, gsize *n_found, HcKey *key,
                       GError **error);

/** hc_key_append_absence: where hc_key_follow() ended before the end of @path: which part is not
 * there, or is a value, and which name is nearest. */
void hc_key_append_absence(GString *out, const HcHive *hive, const HcPath *path, gsize n_found,
                           const HcKey *key);

/** HC_N_VALUE_READINGS: a value's name literally; with \u{hex}; as it stands between the quotes of
 * a report, perhaps with them; and "(Default)" for the default value. */
#define HC_N_VALUE_READINGS 4

/** hc_value_read: @name: (out): @text in the reading @i. Returns: whether it has that reading */
gboolean hc_value_read(HcArena *arena, const char *text, guint i, HcName *name);

/** hc_value_append_absence: of @key: ", " and that @name is a subkey, or which value is nearest. */
void hc_value_append_absence(GString *out, const HcHive *hive, const HcKey *key, HcName name);

G_END_DECLS
