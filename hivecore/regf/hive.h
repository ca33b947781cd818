#pragma once

#include <stdint.h>
#include <string.h>

#include <glib.h>

#include "hivecore/base/map.h"
#include "hivecore/base/name.h"

G_BEGIN_DECLS

/**
 * HcHive: a read-only, bounds-checked, zero-copy view of a mapped hive.
 *
 * Nothing is parsed ahead but the base block and, unless the hive is opened lazily, the hive bin
 * headers. HcKey and HcValue are
 * small structs on the caller's stack whose pointers borrow from the hive. Messages of all
 * functions read "file: key at 0xOFFSET: what", offsets counted from the start of the file.
 * Malformed structures give HC_ERROR_MALFORMED.
 */
typedef struct HcHive HcHive;

typedef enum {
    HC_HIVE_ALLOW_DIRTY = 1 << 0,   /* read a hive whose logs were not replayed as it stands */
    HC_HIVE_ALLOW_DAMAGED = 1 << 1, /* for hc_hive_check_all() only: see there */
    HC_HIVE_LAZY = 1 << 2,          /* look at the header of a hive bin when a cell in it is read */
} HcHiveFlags;

/** HcBlob: borrowed bytes; .bytes is NULL when there are none at all. */
typedef struct {
    const uint8_t *bytes;
    uint32_t n_bytes;
} HcBlob;

/** HcHiveInfo: the base block. */
typedef struct {
    uint32_t sequence1;
    uint32_t sequence2;
    uint64_t mtime_filetime;
    uint32_t major;
    uint32_t minor;
    uint32_t flags;
    uint32_t root;       /* offset of the root cell */
    uint32_t bins_bytes; /* hive bins data size; the file may be longer */
    uint64_t file_bytes;
    HcName name;              /* embedded file name, up to its first NUL */
    gboolean is_dirty;        /* sequence numbers differ */
    gboolean is_made_clean;   /* the file is dirty; this is what hc_hive_open_recovered() made */
    gboolean is_differencing; /* minor >= 6 and the layered flag */
} HcHiveInfo;

typedef struct {
    uint32_t offset;   /* of the cell; + 4096 = file offset = hivex node handle */
    const uint8_t *nk; /* at the signature; fixed part and name are inside the cell */
    HcName name;
    uint16_t flags;      /* HC_KEY_FLAG_* */
    uint16_t user_flags; /* virtualization and user flags */
    uint8_t access_bits;
    uint8_t layer_bits; /* HC_LAYER_*; 0 unless the hive is differencing */
    uint32_t n_subkeys; /* as stored; stable subkeys only */
    uint32_t n_values;  /* 0 for a predefined-handle key */
    uint32_t security;  /* keys of one hive where it is the same have one descriptor */
    uint64_t mtime_filetime;
} HcKey;

typedef struct {
    uint32_t offset;   /* of the vk cell */
    const uint8_t *vk; /* at the signature */
    HcName name;       /* empty for the default value */
    uint32_t type;
    uint32_t n_bytes;      /* of data */
    uint16_t flags;        /* HC_VALUE_FLAG_* */
    gboolean is_tombstone; /* only in differencing hives */
} HcValue;

/** hc_hive_has_signature: whether @bytes begin like a hive, or one of its logs; no more is looked
 * at. */
gboolean hc_hive_has_signature(const void *bytes, uint64_t n_bytes);

/** hc_hive_base_is_differencing: whether @base, a whole base block, is that of a differencing hive.
 */
gboolean hc_hive_base_is_differencing(const uint8_t *base);

/**
 * hc_hive_open:
 * @file: path of a regular file
 *
 * Checks the base block (signature, checksum, version 1.2 to 1.6, primary file, direct format),
 * that the hive bins are all there, and every hive bin header. A dirty hive is
 * HC_ERROR_UNSUPPORTED unless HC_HIVE_ALLOW_DIRTY. Bytes after the bins are ignored.
 *
 * With HC_HIVE_ALLOW_DAMAGED only what is no hive at all fails (no signature "regf", or a
 * transaction log): nothing else is checked, and the bins are what the file has of them.
 *
 * With HC_HIVE_LAZY no hive bin is looked at: for readers that enter little of a large hive. A cell
 * is given out only when it lies in a bin whose header is right, so that what is entered is sound;
 * the other bins may be damaged, which hc_hive_check() sees.
 *
 * Returns: (transfer full): the hive, or NULL with HC_ERROR_IO, _MALFORMED, _UNSUPPORTED,
 * _LIMIT
 */
HcHive *hc_hive_open(const char *file, HcHiveFlags flags, GError **error);

/** hc_hive_open_map: the same for bytes that are already there; takes a reference to @map. */
HcHive *hc_hive_open_map(HcMap *map, HcHiveFlags flags, GError **error);

HcHive *hc_hive_ref(HcHive *hive);
void hc_hive_unref(HcHive *hive);

const HcHiveInfo *hc_hive_info(const HcHive *hive);

/** Returns: (transfer none): the file name as the user gave it, for messages. */
const char *hc_hive_file(const HcHive *hive);

/** Returns: (transfer none): the whole file's bytes. */
HcMap *hc_hive_map(const HcHive *hive);

/**
 * hc_hive_cell:
 * The one door from an offset to a pointer: @offset must be aligned, inside the bins, and the
 * start of an allocated cell of at least @min_bytes payload that ends inside the bins.
 *
 * @what: what refers to the cell, for the message
 * @n_bytes: (out) (optional): payload size, without the 4-byte size field
 *
 * Returns: (transfer none): the payload, or NULL with HC_ERROR_MALFORMED
 */
const uint8_t *hc_hive_cell(const HcHive *hive, uint32_t offset, uint32_t min_bytes,
                            const char *what, uint32_t *n_bytes, GError **error);

/** Returns: in how many pages of 4,096 bytes cells were read, or headers of hive bins looked for,
 * so far; 0 for a hive that was not opened with HC_HIVE_LAZY. Cells count where they begin. */
uint32_t hc_hive_n_pages_entered(const HcHive *hive);

gboolean hc_hive_root(const HcHive *hive, HcKey *key, GError **error);

/** hc_hive_key: the key whose cell is at @offset. */
gboolean hc_hive_key(const HcHive *hive, uint32_t offset, HcKey *key, GError **error);

/** HcSubkeyIter: walks the stable subkeys of a key in storage order. Members are private. */
typedef struct {
    const HcHive *hive;
    const HcKey *key;
    const uint8_t *root_list; /* ri entries, NULL when the list is one leaf */
    uint32_t n_leaves;
    uint32_t next_leaf;
    const uint8_t *leaf; /* entries of the current leaf */
    uint32_t entry_bytes;
    uint32_t n_entries;
    uint32_t next_entry;
    uint32_t n_left; /* subkeys that the key's count still promises */
} HcSubkeyIter;

/** hc_subkey_iter_init: @key must outlive @iter. FALSE when the list is malformed. */
gboolean hc_subkey_iter_init(HcSubkeyIter *iter, const HcHive *hive, const HcKey *key,
                             GError **error);

/**
 * hc_subkey_iter_next:
 * Returns: TRUE with @subkey set; FALSE at the end, or with @error set on a malformed entry. At
 * the end the number of entries must equal the key's count, else HC_ERROR_MALFORMED.
 */
gboolean hc_subkey_iter_next(HcSubkeyIter *iter, HcKey *subkey, GError **error);

/** HcSameKeys: which keys of two hives are known to be equal (hc_hive_check_pair()). */
typedef struct HcSameKeys HcSameKeys;

/** HcKeyList: the subkeys of one key in registry order, memory reused between fills. A key may have
 * millions, so no more than HC_KEY_WINDOW of a list that is in order are held. Members but .n are
 * private. */
typedef struct {
    guint n;      /* all subkeys */
    GArray *keys; /* of HcKey: those from .first on */
    guint first;
    HcKey parent;
    const HcHive *hive;
    const HcSameKeys *same;
    HcSubkeyIter iter; /* behind .keys, of a list in order */
} HcKeyList;

#define HC_KEY_WINDOW 1024u

void hc_key_list_init(HcKeyList *list);
void hc_key_list_clear(HcKeyList *list);

/**
 * hc_key_list_fill:
 * Fills @list with @key's subkeys sorted by hc_name_compare() (a stable sort, done only where
 * the stored order is wrong). Two subkeys of one name are HC_ERROR_MALFORMED.
 */
gboolean hc_key_list_fill(HcKeyList *list, const HcHive *hive, const HcKey *key, GError **error);

/** hc_hive_gains_by_threads: whether several threads may read it at once, and there are any, and it
 * is large enough: not when it was opened with HC_HIVE_LAZY; small hives are done before a thread
 * has started. */
gboolean hc_hive_gains_by_threads(const HcHive *hive);

/** hc_key_list_fill_changed: the same without the subkeys that @same (nullable) knows to be equal;
 * @key: as hc_same_keys_has_list() */
gboolean hc_key_list_fill_changed(HcKeyList *list, const HcHive *hive, const HcKey *key,
                                  const HcSameKeys *same, GError **error);

/** hc_key_list_move: hc_key_list_at() of a key that is not held. */
const HcKey *hc_key_list_move(HcKeyList *list, guint i, GError **error);

/**
 * hc_key_list_at:
 * Subkey @i, @i < .n; best asked for in their order.
 *
 * Returns: (transfer none): the key, until another is asked for; NULL with HC_ERROR_MALFORMED when
 * the hive has changed since it was filled
 */
static inline const HcKey *
hc_key_list_at(HcKeyList *list, guint i, GError **error)
{
    const guint at = i - list->first;
    return at < list->keys->len ? &g_array_index(list->keys, HcKey, at)
                                : hc_key_list_move(list, i, error);
}

/**
 * hc_hive_subkey:
 * Finds a subkey by name: in the stored list by its hash, or by halving where the list has no
 * hashes, and where that finds nothing by a scan, so that keys of a bad list are found too. No
 * allocation.
 *
 * Returns: TRUE with @subkey set; FALSE without @error when there is none
 */
gboolean hc_hive_subkey(const HcHive *hive, const HcKey *key, HcName name, HcKey *subkey,
                        GError **error);

/**
 * hc_hive_lookup:
 * @path: @n names from below the root; 0 gives the root
 *
 * Returns: TRUE with @key set; FALSE without @error when there is none
 */
gboolean hc_hive_lookup(const HcHive *hive, const HcName *path, gsize n, HcKey *key,
                        GError **error);

/** hc_hive_value: value @i, @i < key->n_values, in storage order. */
gboolean hc_hive_value(const HcHive *hive, const HcKey *key, uint32_t i, HcValue *value,
                       GError **error);

/** HcValueIter: walks the values of a key in storage order. Members are private. */
typedef struct {
    const HcHive *hive;
    const uint8_t *next; /* entry of the value list */
    uint32_t n_left;
} HcValueIter;

/** hc_value_iter_init: FALSE when @key has values and its value list is malformed. */
gboolean hc_value_iter_init(HcValueIter *iter, const HcHive *hive, const HcKey *key,
                            GError **error);

/** Returns: TRUE with @value set; FALSE at the end, or with @error set on a malformed value. */
gboolean hc_value_iter_next(HcValueIter *iter, HcValue *value, GError **error);

/** hc_hive_find_value: by name. Returns: FALSE without @error when there is none. */
gboolean hc_hive_find_value(const HcHive *hive, const HcKey *key, HcName name, HcValue *value,
                            GError **error);

/** HcDataIter: the data of a value in contiguous pieces: one, or one per big-data segment. */
typedef struct {
    const HcHive *hive;
    const uint8_t *contiguous;
    const uint8_t *segments; /* the list of segment offsets */
    uint32_t n_segments;
    uint32_t next_segment;
    uint32_t n_left;
} HcDataIter;

gboolean hc_data_iter_init(HcDataIter *iter, const HcHive *hive, const HcValue *value,
                           GError **error);

/** Returns: TRUE with @piece set; FALSE at the end, or with @error set. */
gboolean hc_data_iter_next(HcDataIter *iter, HcBlob *piece, GError **error);

/** Returns: whether @value's data is a big-data record; its data pointer is checked first. */
gboolean hc_hive_value_is_big(const HcHive *hive, const HcValue *value, gboolean *is_big,
                              GError **error);

/**
 * hc_hive_value_data:
 * @scratch: used only for big data, so that everything else is borrowed from the hive
 * @data: (out): all bytes, valid while the hive and @scratch are unchanged; .bytes is never
 * NULL
 */
gboolean hc_hive_value_data(const HcHive *hive, const HcValue *value, GByteArray *scratch,
                            HcBlob *data, GError **error);

/** hc_hive_data_equal: compares data without copying. FALSE with @error set on malformed data.
 */
gboolean hc_hive_data_equal(const HcHive *hive_a, const HcValue *a, const HcHive *hive_b,
                            const HcValue *b, gboolean *equal, GError **error);

/** hc_hive_class: the class name's UTF-16LE bytes; .bytes NULL when the key has none. */
gboolean hc_hive_class(const HcHive *hive, const HcKey *key, HcBlob *class_name, GError **error);

/** hc_hive_security: the self-relative security descriptor; .bytes NULL when there is none. */
gboolean hc_hive_security(const HcHive *hive, const HcKey *key, HcBlob *descriptor, GError **error);

/** Returns: the handle that stands in place of the value count of a predefined-handle key. */
uint32_t hc_key_predefined_handle(const HcKey *key);

/**
 * HcWalk: a budget for a walk of the whole tree, so that loops, and lists and data that hostile
 * hives let many keys share, end: no walk meets more keys, values or bytes of data than the
 * file has room for. Members are private.
 */
typedef struct {
    const HcHive *hive;
    uint64_t keys_left;
    uint64_t values_left;
    uint64_t data_left;
} HcWalk;

HcWalk hc_walk_start(const HcHive *hive);

/**
 * hc_walk_enter:
 * Spends @key, its name, class name and number of values.
 *
 * @depth: of @key, root 0
 *
 * Returns: FALSE with HC_ERROR_MALFORMED when the budget is gone or @depth is over
 * HC_MAX_KEY_DEPTH
 */
gboolean hc_walk_enter(HcWalk *walk, const HcKey *key, uint32_t depth, GError **error);

/** hc_walk_data: spends name and data of @value; FALSE with HC_ERROR_MALFORMED when it is gone. */
gboolean hc_walk_data(HcWalk *walk, const HcValue *value, GError **error);

/** hc_base_checksum: what the checksum of the 512 bytes at @base has to be. */
uint32_t hc_base_checksum(const uint8_t *base);

static inline gboolean
hc_blob_equal(HcBlob a, HcBlob b)
{
    if (a.bytes == NULL || b.bytes == NULL)
        return a.bytes == b.bytes && a.n_bytes == b.n_bytes;
    return a.n_bytes == b.n_bytes && memcmp(a.bytes, b.bytes, a.n_bytes) == 0;
}

/** hc_bytes_equal: the same of data, of which none and no bytes are one. */
static inline gboolean
hc_bytes_equal(HcBlob a, HcBlob b)
{
    return a.n_bytes == b.n_bytes && (a.n_bytes == 0 || memcmp(a.bytes, b.bytes, a.n_bytes) == 0);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HcHive, hc_hive_unref)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HcKeyList, hc_key_list_clear)

/** hc_blob_key_hash, hc_blob_key_equal: for hash tables whose keys point to blobs. */
guint hc_blob_key_hash(gconstpointer key);
gboolean hc_blob_key_equal(gconstpointer a, gconstpointer b);

G_END_DECLS
