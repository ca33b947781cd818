#pragma once

#include "hivecore/base/path.h"
#include "hivecore/regf/check.h"
#include "hivecore/regf/hive.h"

G_BEGIN_DECLS

/**
 * hc_salvage:
 * Makes a sound hive, in canonical layout, of what can be read of a damaged one.
 *
 * What is read: every key that a subkey list leads to, unless its parent field names another key
 * that lists it; every value that a value list leads to, with all its data. A cell must start where
 * the walk of its hive bin has a cell, or end where another one starts. Where a subkey list is
 * damaged, the allocated keys whose parent field names its key are taken for its subkeys, too. A
 * key whose descriptor is damaged gets that of the key above (the root:
 * hc_default_root_security()).
 *
 * @hive: a copy of its file in memory is opened with HC_HIVE_ALLOW_DAMAGED
 * @losses: what is missing, replaced, or doubtful is added, in the order of the tree; nothing when
 *   all could be read (defects that lose nothing, as a wrong reference count, are not told)
 *
 * The result is checked, and walked again: what it holds must be what was read, else
 * HC_ERROR_INTERNAL. Loops and cells that hostile hives let many keys share end: each key is
 * entered once, and values, data and entries of lists are no more than twice what the file has room
 * for.
 *
 * Memory: 1/32 of the hive, the subkeys of the open keys and, where a list is damaged, 8 bytes for
 * each key.
 *
 * Returns: (transfer full): the hive's bytes; NULL with HC_ERROR_MALFORMED when there is no root
 * key, HC_ERROR_LIMIT, HC_ERROR_IO
 */
GBytes *hc_salvage(const HcHive *hive, HcFindings *losses, GError **error);

/*
 * What free cells still hold of deleted keys and values. Windows frees a cell by the sign of its
 * size and joins it with free neighbours, so old records lie anywhere in a free cell, at multiples
 * of 8.
 */

/** HcDeletedPlace: how it is known where a record was. */
typedef enum {
    HC_DELETED_UNKNOWN, /* nothing leads to a key that is in use */
    HC_DELETED_GUESSED, /* something leads there that may have become another's since */
    HC_DELETED_NAMED,   /* a key's own parent field, of which the key in use is no older; a value's
                           key by   that key's own list */
} HcDeletedPlace;

/** HcDeleted: one record; of the caller's until the next. */
typedef struct {
    gboolean is_key;
    uint32_t offset; /* of the old cell, as in HcKey */
    HcPath path; /* of the key, or of the key that the value was in; of UNKNOWN as much of it as the
                    record says, from nowhere on */
    HcDeletedPlace place;
    uint64_t mtime_filetime; /* of a key */
    uint32_t n_subkeys;
    uint32_t n_values;
    HcName name; /* of a value */
    uint32_t type;
    HcBlob data;       /* of a value */
    gboolean is_whole; /* the data's cell is free too, and long enough; else there is no data */
} HcDeleted;

/**
 * hc_hive_deleted:
 * Calls @found for each record in a free cell: first the keys, then the values, in the order of the
 * file. Needs a hive that hc_hive_check() finds sound. Holds some bytes for each record.
 *
 * @found: returns FALSE to stop
 *
 * Returns: FALSE when it was stopped, or with HC_ERROR_MALFORMED, or HC_ERROR_LIMIT for more than
 * HC_MAX_DELETED records
 */
gboolean hc_hive_deleted(const HcHive *hive,
                         gboolean (*found)(void *data, const HcDeleted *deleted), void *data,
                         GError **error);

G_END_DECLS
