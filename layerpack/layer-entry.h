#pragma once

#include <stdint.h>

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
    LP_ENTRY_FILE,
    LP_ENTRY_FOLDER,
    LP_ENTRY_SYMLINK,
    LP_ENTRY_HARDLINK,
    LP_ENTRY_OTHER, /* device, FIFO, unknown type */
} LpEntryType;

/** LpEntryRecord: a MSWINDOWS.* or LIBARCHIVE.creationtime record. */
typedef struct {
    char *key;
    char *value;   /* NUL-terminated, but may hold NUL */
    gsize n_bytes; /* of value */
} LpEntryRecord;

/** LpEntry: the headers of one entry; names as they are in the archive, bytes of any kind. */
typedef struct {
    uint64_t position; /* in the plain tar, of its first header block */
    GString *name;
    GString *link;
    LpEntryType type;
    gboolean is_sparse;
    gboolean has_global_header; /* a 'g' header stands before it */
    uint32_t mode;
    uint64_t n_bytes;   /* of content in the archive */
    GPtrArray *records; /* of LpEntryRecord *, in order */
} LpEntry;

/** Returns: (transfer full): an entry without name and records. */
LpEntry *lp_entry_new(void);
void lp_entry_free(LpEntry *entry);

/** lp_entry_add_record: appends a record; key and value are copied. */
void lp_entry_add_record(LpEntry *entry, const char *key, gsize n_key, const char *value,
                         gsize n_value);

/** Returns: (transfer none): the last record with @key, or NULL. */
const LpEntryRecord *lp_entry_record(const LpEntry *entry, const char *key);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(LpEntry, lp_entry_free)

G_END_DECLS
