#pragma once

#include <stdint.h>

#include <glib.h>

G_BEGIN_DECLS

/* FILETIME (100 ns since 1601-01-01 UTC) of 1970-01-01. */
#define HC_FILETIME_UNIX_EPOCH UINT64_C(116444736000000000)

/** HcEpoch: the value of SOURCE_DATE_EPOCH, if it is set. */
typedef struct {
    gboolean is_set;
    int64_t seconds; /* since 1970, 0 when not set */
} HcEpoch;

/**
 * hc_epoch_read:
 * The one place that reads SOURCE_DATE_EPOCH; called by the mains, handed down as an argument.
 *
 * Set to nothing, it counts as not set.
 *
 * Returns: FALSE with HC_ERROR_USAGE when it is set to anything but a number of seconds from 0
 * to 253402300799 (year 9999)
 */
gboolean hc_epoch_read(HcEpoch *epoch, GError **error);

/** Returns: the FILETIME of @seconds since 1970. */
static inline uint64_t
hc_filetime_from_unix(int64_t seconds)
{
    return HC_FILETIME_UNIX_EPOCH + (uint64_t) seconds * 10000000u;
}

/**
 * hc_filetime_append:
 * Appends @filetime as 2006-01-02T15:04:05.1234567Z, the fraction only when it is not zero;
 * without locale or time zone.
 */
void hc_filetime_append(GString *out, uint64_t filetime);

/**
 * hc_filetime_parse:
 * @text: 2006, 2006-01, 2006-01-02, 2006-01-02T15:04, …:05, …:05.1234567; a space for the T; behind
 * it a Z or none: it is UTC; or after a clock a zone, +02:00 or -0500; of the years 1601 to 9999;
 * or
 * @1136214245, seconds since 1970
 * @is_end: the last moment that is meant: of a day its end
 *
 * Returns: FALSE when it is no such time
 */
gboolean hc_filetime_parse(const char *text, gboolean is_end, uint64_t *filetime);

G_END_DECLS
