#pragma once

#include <glib.h>
#include <stdint.h>

#include "hivecore/base/map.h"
#include "hivecore/regf/hive.h"

G_BEGIN_DECLS

/**
 * hc_marvin32:
 * The Marvin32 hash of @n_bytes at @bytes, both halves of it: a checksum, not a signature.
 *
 * @seed: low half the first state word
 *
 * Source: docs/FORMATS-logs.md, "Marvin32".
 */
uint64_t hc_marvin32(uint64_t seed, const uint8_t *bytes, gsize n_bytes);

/*
 * Transaction logs: what a hive writer meant to write when it was interrupted. Source:
 * docs/FORMATS-logs.md.
 */

/** HcHiveState: whether a hive needs its logs. */
typedef enum {
    HC_HIVE_CLEAN,    /* or no hive at all: whoever opens it says so */
    HC_HIVE_DIRTY,    /* the sequence numbers differ */
    HC_HIVE_BAD_BASE, /* the base block is torn, hive bins follow it */
} HcHiveState;

HcHiveState hc_log_hive_state(const HcMap *hive);

typedef enum {
    HC_LOG_UNUSABLE,
    HC_LOG_OLD, /* a bitmap and pages of 512 bytes: up to Windows 8 */
    HC_LOG_NEW, /* a sequence of entries: from Windows 8.1 on */
} HcLogFormat;

/** HcLogUse: what became of one log. */
typedef struct {
    char *file;
    HcLogFormat format;
    gboolean is_used;
    uint32_t first_entry; /* sequence number of the first entry applied; new format only */
    uint32_t n_entries;   /* applied */
    uint64_t n_pages;     /* applied */
    gboolean is_missed;   /* not used, and may hold what the result lacks */
    char *reason;         /* (nullable): why it was not used, or the entry that ended it */
} HcLogUse;

/** HcLogReport: what a replay did. */
typedef struct {
    GArray *logs; /* of HcLogUse, in the order of the arguments; NULL when there was no replay */
    gboolean is_base_recovered; /* the base block came from a log */
    gboolean has_gap;           /* @first_entry is later than @sequence, which Windows allows */
    uint32_t sequence;          /* the hive's second number */
    uint32_t first_entry;       /* the first that was applied; new format only */
} HcLogReport;

void hc_log_report_clear(HcLogReport *report);

/** hc_log_report_append: what was applied, and what may be missing, for a person, in one line
 * without an end; logs by the last part of their names. */
void hc_log_report_append(GString *out, const HcLogReport *report);

/**
 * hc_log_replay:
 * @hive: a primary file, of which only the base block has been looked at
 * @logs: its transaction logs, in any order; in the old format the first that fits is used
 * @report: (out): cleared by the caller with hc_log_report_clear(), also after a failure
 *
 * Applies what the logs hold to a copy in memory and makes it clean. No log that belongs to
 * another hive, cannot follow this one, is damaged, or leaves a gap is applied; where the logs
 * start later than the hive's number, none is when one of them is damaged or another hive's.
 * Whether the result is a sound hive is the next reader's question.
 *
 * Returns: (transfer full): the recovered hive, named like @hive (@hive itself when it is
 * clean); or NULL with HC_ERROR_MALFORMED when a log is damaged, HC_ERROR_UNSUPPORTED when
 * there is none or none belongs to @hive, HC_ERROR_LIMIT
 */
HcMap *hc_log_replay(HcMap *hive, HcMap *const *logs, gsize n_logs, HcLogReport *report,
                     GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HcLogReport, hc_log_report_clear)

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
