#pragma once

#include <archive.h>
#include <archive_entry.h>
#include <glib.h>
#include <locale.h>

/* Cleanup of libarchive's types, for failure paths. Closing an archive that is written can fail and
 * is called and checked before; archive_read_free() and archive_write_free() of a closed one only
 * free. */
static inline void
hc_archive_read_free(struct archive *archive)
{
    /* Nothing is lost with the status: what was read has been checked call by call. */
    (void) archive_read_free(archive);
}

/**
 * hc_archive_is_memory:
 * Whether libarchive failed for want of memory, which is the machine's fault and not the input's.
 *
 * Of the memory that zlib did not get libarchive says no more than "decompression failed"; so errno
 * is looked at, too, and must be set to 0 before the call.
 *
 * @archive: (nullable): NULL is what archive_read_new() and archive_write_new() give then
 */
gboolean hc_archive_is_memory(struct archive *archive);

/** hc_archive_support_filters: the compressions that Docker unpacks, and no other, since for some
 * libarchive would start programs. Source: moby, archive.DecompressStream(). */
void hc_archive_support_filters(struct archive *archive);

/** hc_archive_utf8_begin, hc_archive_utf8_end: between them names are UTF-8 for libarchive, which
 * takes them to be in the locale's character set, whatever the user's is. */
typedef struct {
    locale_t utf8;
    locale_t before;
} HcArchiveUtf8;

HcArchiveUtf8 hc_archive_utf8_begin(void);
void hc_archive_utf8_end(HcArchiveUtf8 state);

typedef struct archive HcArchiveReader;
typedef struct archive_entry HcArchiveEntry;

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HcArchiveReader, hc_archive_read_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HcArchiveEntry, archive_entry_free)
