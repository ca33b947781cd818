#pragma once

#include "hivecore/report/records.h"
#include "hivetool/reading.h"

G_BEGIN_DECLS

/** HtTimeline: keys of hives, in the order in which they were written. 32 bytes for each are held.
 */
typedef struct HtTimeline HtTimeline;

/** HtTimes: which keys. */
typedef struct {
    uint64_t since; /* FILETIME; the first that counts */
    uint64_t until; /* the last that counts */
    char **keys;    /* (nullable): NULL-terminated; only what is below one of these */
    const char *root_option;
    const char *user_option; /* (nullable): argument of --user */
    gboolean is_salvage;
    const HcHive *base; /* (nullable): keys that are there with the same time do not count */
} HtTimes;

HtTimeline *ht_timeline_new(void);
void ht_timeline_free(HtTimeline *timeline);

/** ht_timeline_add: all hives of the operand @text, which stay open. */
gboolean ht_timeline_add(HtTimeline *timeline, const HcCliContext *context, const char *text,
                         const HtTimes *times, GError **error);

/**
 * ht_timeline_print:
 * @format: one of HC_FORMATS_RECORDS, or HC_FORMAT_BODYFILE, as of The Sleuth Kit 3
 */
void ht_timeline_print(HtTimeline *timeline, const HcCliContext *context, HcStream *stream,
                       HcFormat format);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HtTimeline, ht_timeline_free)

G_END_DECLS
