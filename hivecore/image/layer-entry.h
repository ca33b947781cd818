#pragma once

#include <stdint.h>

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
    HC_ENTRY_FILE,
    HC_ENTRY_FOLDER,
    HC_ENTRY_SYMLINK,
    HC_ENTRY_HARDLINK,
    HC_ENTRY_OTHER, /* device, FIFO, unknown type */
} HcEntryType;

/** HcEntryRecord: a PAX record: MSWINDOWS.*, LIBARCHIVE.creationtime, or one of POSIX' that says
 * neither name nor size. */
typedef struct {
    char *key;
    char *value;   /* NUL-terminated, but may hold NUL */
    gsize n_bytes; /* of value */
} HcEntryRecord;

/** HcEntry: the headers of one entry; names as they are in the archive, bytes of any kind. */
typedef struct {
    uint64_t position; /* in the plain tar, of its first header block */
    uint64_t content;  /* in the plain tar, of its content; sparse maps not counted */
    GString *name;
    GString *link;
    HcEntryType type;
    char tar_type; /* as in the header */
    gboolean is_sparse;
    gboolean has_global_header; /* a 'g' header stands before it */
    const char *header_fault;   /* (nullable): static: what Go's reader refuses of its headers */
    uint32_t mode;
    uint64_t mtime_seconds; /* of the header; a record "mtime" says it better */
    uint64_t n_bytes;       /* of content in the archive */
    uint64_t n_file_bytes;  /* of the file: more when it is sparse; set by HcLayerReader */
    GPtrArray *records;     /* of HcEntryRecord *, in order */
} HcEntry;

/** Returns: (transfer full): an entry without name and records. */
HcEntry *hc_entry_new(void);
void hc_entry_free(HcEntry *entry);

/** hc_entry_add_record: appends a record; key and value are copied. */
void hc_entry_add_record(HcEntry *entry, const char *key, gsize n_key, const char *value,
                         gsize n_value);

/** Returns: (transfer none): the last record with @key, or NULL. */
const HcEntryRecord *hc_entry_record(const HcEntry *entry, const char *key);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HcEntry, hc_entry_free)

G_END_DECLS
