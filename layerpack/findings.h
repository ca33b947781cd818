#pragma once

#include "hivecore/base/findings.h"

G_BEGIN_DECLS

/* Findings of layers: an error is what Windows refuses, ignores or damages, a warning what depends
 * on the reader. */

/**
 * lp_findings_add:
 * @name: (nullable): entry's name as in the archive; NULL for the layer as a whole
 * @source: what the rule is known from; a string that stays
 */
void lp_findings_add(HcFindings *findings, HcSeverity severity, const GString *name,
                     const char *source, const char *format, ...) G_GNUC_PRINTF(5, 6);

/** lp_findings_add_named: the same for a name in a C string. */
void lp_findings_add_named(HcFindings *findings, HcSeverity severity, const char *name,
                           const char *source, const char *what);

G_END_DECLS
