#pragma once

#include "hivecore/reg/patch-text.h"
#include "hivecore/report/records.h"
#include "hivetool/common.h"
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

/** HtExport: what is exported. */
typedef struct {
    const HcOperand *operand;
    char **keys;             /* (nullable): NULL-terminated; NULL: all */
    const char *root_option; /* (nullable) */
    gboolean is_salvage;
} HtExport;

/**
 * ht_export_records:
 * Keys with all that is in them as records, to the file @output or to standard output.
 * @status: (inout): HC_EXIT_NO when something could not be read
 */
gboolean ht_export_records(HcCliContext *context, const HtExport *wanted, HcFormat format,
                           const char *output, char *const *inputs, HcExit *status, GError **error);

/** ht_export_patch: the same as lines of reg.exe or Registry.pol (@format), which have no form for
 * some of it; that is told. */
gboolean ht_export_patch(HcCliContext *context, const HtExport *wanted, HcFormat format,
                         const char *output, char **inputs, HcExit *status, GError **error);

/* Changes as lines of reg.exe or Registry.pol, HC_FORMAT_REG_ADD or HC_FORMAT_POL. */

/** ht_patch_text_new: @root: lives as long as the text. */
HcPatchText *ht_patch_text_new(HcFormat format, HcStream *out, HcName root);

/**
 * ht_patch_text_publish:
 * Ends @text, publishes @out, and says what the form has no words for.
 * @noun: what that is: "change"
 */
gboolean ht_patch_text_publish(HcCliContext *context, HcFormat format, HcPatchText *text,
                               HcStream *out, const char *noun, GError **error);

G_END_DECLS
