#pragma once

#include "hivecore/regf/hive.h"
#include "hivecore/regf/log.h"

G_BEGIN_DECLS

/** HcDirtyPolicy: what to do with a hive that its logs are still to be replayed into. */
typedef enum {
    HC_DIRTY_REPLAY, /* replay the logs beside it in memory; refuse it where they do not fit */
    HC_DIRTY_REFUSE,
    HC_DIRTY_AS_IS, /* read it as it stands */
} HcDirtyPolicy;

/**
 * hc_log_open:
 * Returns: (transfer full): a private copy of a transaction log, or NULL with HC_ERROR_IO or
 * HC_ERROR_LIMIT
 */
HcMap *hc_log_open(const char *file, GError **error);

/**
 * hc_log_find:
 * @hive: mapped from its path
 *
 * Opens the transaction logs beside @hive: its name with .LOG1, .LOG2, .LOG, in this order, all in
 * any case; where several names differ by case only, that which has the hive's spelling, else the
 * first by its bytes. What has such a name and cannot be read (a folder, a link to nothing) is an
 * error, not "no log": the hive is older without it.
 *
 * In a folder that everybody can write, a log, or a link on the way to it, that belongs to neither
 * us, root, the hive's owner nor the folder's owner is HC_ERROR_UNSUPPORTED: anybody may have
 * planted it (hc_is_planted()).
 *
 * Returns: (transfer full): of HcMap *, may be empty; NULL with HC_ERROR_IO, HC_ERROR_LIMIT or
 * HC_ERROR_UNSUPPORTED
 */
GPtrArray *hc_log_find(const HcMap *hive, GError **error);

/**
 * hc_log_recover:
 * hc_log_replay() of a hive with the logs that hc_log_find() finds beside it.
 *
 * @report: (out): cleared by the caller, also after a failure
 *
 * Returns: (transfer full): the recovered hive, or NULL with HC_ERROR_UNSUPPORTED when there
 * are no logs or they do not fit
 */
HcMap *hc_log_recover(HcMap *hive, HcLogReport *report, GError **error);

/**
 * hc_hive_open_recovered:
 * hc_hive_open() with the one way of treating dirty hives that all commands share. A hive that
 * is not clean on disk is clean in the view that it gives.
 *
 * @flags: HC_HIVE_LAZY, HC_HIVE_ALLOW_DAMAGED or 0; a damaged hive is refused only where its logs
 * are missing
 * @note: (out) (nullable): (transfer full): one line for the user when the hive was not clean,
 *   else NULL
 *
 * Returns: (transfer full): the hive; NULL with the errors of hc_hive_open(), and
 * HC_ERROR_UNSUPPORTED for a dirty hive that @policy, or what lies beside it, leaves dirty
 */
HcHive *hc_hive_open_recovered(const char *file, HcDirtyPolicy policy, HcHiveFlags flags,
                               char **note, GError **error);

/**
 * hc_hive_open_recovered_map:
 * The same for a hive that is not a file of its own.
 *
 * @logs: (nullable) (element-type HcMap): its transaction logs; NULL: those beside the file that
 *   @map is named after
 */
HcHive *hc_hive_open_recovered_map(HcMap *map, const GPtrArray *logs, HcDirtyPolicy policy,
                                   HcHiveFlags flags, char **note, GError **error);

G_END_DECLS
