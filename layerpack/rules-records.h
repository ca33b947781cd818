#pragma once

#include "hivecore/image/pax-scanner.h"
#include "layerpack/findings.h"

G_BEGIN_DECLS

/**
 * lp_rules_check_records:
 * The MSWINDOWS.* and LIBARCHIVE.creationtime records of one entry: each must be what the
 * importer can parse, and the file attributes must fit the entry's type.
 */
void lp_rules_check_records(HcFindings *findings, const HcEntry *entry);

G_END_DECLS
