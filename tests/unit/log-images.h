#pragma once

#include "fixtures/mk-log.h"
#include "hivecore/base/map.h"
#include "hivecore/regf/open.h"

/*
 * Three states of one hive, and logs that lead from one to the next, for the tests of transaction
 * logs: "before" is dirty, "middle" is larger, "after" is the last.
 */

typedef struct {
    MkImage before;
    MkImage middle;
    MkImage after;
} LogImages;

/** log_images_init: the dirty hive has the sequence numbers @sequence + 1 and @sequence. */
void log_images_init(LogImages *images, uint32_t sequence);
void log_images_clear(LogImages *images);

/** log_entries: a new-format log with entry @first (to middle) and, with @n 2, the next (to
 * after). */
GByteArray *log_entries(const LogImages *images, uint32_t first, guint n);

/** log_last: a new-format log with the one entry that leads from middle to after. */
GByteArray *log_last(const LogImages *images, uint32_t sequence);

/** log_dirt: an old-format log that leads from before to after. */
GByteArray *log_dirt(const LogImages *images, uint32_t type, uint32_t sequence);

/** log_sign_entry: the hashes of the entry at @at, after something in it was changed. */
void log_sign_entry(GByteArray *log, gsize at);

/** log_map: @bytes as a map; takes @log. */
HcMap *log_map(const char *name, GByteArray *log);

/** log_hive: a copy of @image as a map "x". */
HcMap *log_hive(const MkImage *image);

/**
 * log_report_text:
 * A line for each log: "NAME: N entries from FIRST, N pages" or "NAME: not used", then "; REASON".
 */
char *log_report_text(const HcLogReport *report);
