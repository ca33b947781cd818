#pragma once

#include "hivecore/regf/log.h"

G_BEGIN_DECLS

/* Reading one transaction log; internal to regf/. */

/** HcLogFile: a log whose base block has been read. Borrows its map. */
typedef struct {
    const HcMap *map;
    HcLogFormat format;
    gboolean has_base; /* the base block is sound, and that of a log */
    uint32_t sequence; /* of the base block */
    uint64_t data_at;  /* the dirty vector, or the first entry */

    /* Old format. */
    uint64_t pages_at;
    uint32_t bins_bytes;

    /* New format: the sound entries from @data_at on, numbered from @sequence without a gap. */
    uint32_t n_entries;

    uint32_t most_bins_bytes; /* that applying all of it needs */
    uint64_t n_pages;
    char *reason; /* (nullable): why it is unusable, or the entry that ended it, and why */

    /* What the replay finds out. */
    gboolean is_foreign; /* belongs to another hive */
    gboolean is_spent;   /* what it holds is in the hive, or not needed */
} HcLogFile;

/** HcLogEntry: a sound entry of a new-format log; the pages are all there and in the bins. */
typedef struct {
    const uint8_t *references;
    const uint8_t *pages;
    uint32_t n_bytes;
    uint32_t flags;
    uint32_t sequence;
    uint32_t bins_bytes;
    uint32_t n_pages;
} HcLogEntry;

/**
 * hc_log_file_read:
 * @max_bins_bytes: a log that wants larger hive bins is damaged: nothing of that size can be in
 *   the hive and the logs
 *
 * Reads @map; what makes it unusable is in @log->reason, to be freed with
 * hc_log_file_clear().
 */
void hc_log_file_read(HcLogFile *log, const HcMap *map, uint64_t max_bins_bytes);

void hc_log_file_clear(HcLogFile *log);

/** Returns: (transfer none): the base block, 512 bytes. */
const uint8_t *hc_log_file_base(const HcLogFile *log);

/** Returns: the sequence number that follows the last entry. */
uint32_t hc_log_file_next(const HcLogFile *log);

/**
 * hc_log_file_apply:
 * @hive: @n_bytes, room for the base block and the log's most_bins_bytes
 *
 * Writes the pages, and for each entry the base block's hive bins size and flag. A log that was
 * changed after it was read is applied as far as it is sound, never past @hive.
 */
void hc_log_file_apply(const HcLogFile *log, uint8_t *hive, uint64_t n_bytes);

G_END_DECLS
