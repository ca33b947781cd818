#pragma once

#include "hivecore/report/report.h"

G_BEGIN_DECLS

/**
 * hc_report_layer_diff:
 * How what one differencing hive says differs from what another says, statement by statement:
 * keys and values that only one of them speaks of, and those of which they say different things.
 * As text in the form of hc_report_text() ("+" only in the new one, "-" only in the old one, "~"
 * in both), or as one JSON document (docs/FORMATS.md, "Difference of two deltas").
 *
 * @old_patch, @new_patch: from hc_differencing_read()
 * @options: .ignored and .bytes_differ are not used; of .ignore the bits SECURITY, CLASS and
 *   FLAGS, the only ones that have a meaning here: times and the order of values never count
 *
 * Returns: whether they say the same
 */
gboolean hc_report_layer_diff(HcStream *stream, const HcDelta *old_patch, const HcDelta *new_patch,
                              const HcReportOptions *options, gboolean is_json);

G_END_DECLS
