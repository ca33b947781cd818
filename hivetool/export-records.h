#pragma once

#include "hivecore/report/records.h"
#include "hivetool/reading.h"

G_BEGIN_DECLS

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
 * some of it; that is told. All of it is held. */
gboolean ht_export_patch(HcCliContext *context, const HtExport *wanted, HcFormat format,
                         const char *output, char **inputs, HcExit *status, GError **error);

G_END_DECLS
