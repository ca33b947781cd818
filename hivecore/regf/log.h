#pragma once

#include <stdint.h>

#include <glib.h>

#include "hivecore/base/map.h"

G_BEGIN_DECLS

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

G_END_DECLS
