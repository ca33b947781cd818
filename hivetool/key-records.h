#pragma once

#include "hivecore/report/records.h"
#include "hivetool/reading.h"

G_BEGIN_DECLS

/*
 * Keys and values as records, the same in every command that prints such (docs/FORMATS.md,
 * "Records of keys and values").
 */

/** ht_key_records_new: @is_long: with the columns "class" and "security". Returns: (transfer full)
 */
HcRecords *ht_key_records_new(const HcCliContext *context, HcStream *stream, HcFormat format,
                              const char *kind, gboolean is_long);

/** HtRecordPlace: where records are of. */
typedef struct {
    HcRecords *records;
    const char *hive_name; /* as the user knows it */
    const HcHive *hive;
    const HcRoot *root; /* (nullable) */
    gboolean is_long;
} HtRecordPlace;

/** ht_hive_record: a hive of a state, not opened. */
gboolean ht_hive_record(HcRecords *records, const HcRegistryHive *hive);

/** ht_key_record, ht_value_record: @path: of the key, below the root key. FALSE with @error set,
 * or, when writing has failed, without. */
gboolean ht_key_record(const HtRecordPlace *place, const HcPath *path, const HcKey *key,
                       GError **error);
gboolean ht_value_record(const HtRecordPlace *place, const HcPath *path, const HcValue *value,
                         GError **error);

/**
 * ht_branch_records:
 * The values of the key at @path and then its subkeys, in the order of ls.
 * @is_recursive: after each subkey what it holds
 */
gboolean ht_branch_records(const HtRecordPlace *place, const HcPath *path, const HcKey *key,
                           gboolean is_recursive, GError **error);

G_END_DECLS
