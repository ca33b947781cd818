#pragma once

#include "hivecore/regf/hive.h"

/* Shared by the files of the view: hive.c, subkeys.c, values.c, check.c. */

struct HcHive {
    gint references;
    HcMap *map;
    const uint8_t *bins; /* what offsets count from */
    HcHiveInfo info;
};

/** hc_hive_malformed: sets HC_ERROR_MALFORMED "file: what at 0xOFFSET: defect". Returns: FALSE. */
gboolean hc_hive_malformed(const HcHive *hive, GError **error, const char *what, uint32_t offset,
                           const char *defect);
