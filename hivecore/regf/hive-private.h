#pragma once

#include "hivecore/regf/fault.h"
#include "hivecore/regf/hive.h"
#include "hivecore/regf/layout.h"
#include "hivecore/regf/open.h"

G_BEGIN_DECLS

/* Shared by the files of the view (hive.c, hive-bins.c, hive-open.c, subkeys.c, values.c) and of
 * the check. */

/** HcHivePages: of a hive that was opened lazily, what is known of each 4,096 bytes of its bins. */
typedef struct {
    uint32_t n_entered;
    gboolean is_walked; /* all bins were, from the first up to one that is wrong */
    uint8_t marks[];    /* HC_PAGE_* */
} HcHivePages;

enum {
    HC_PAGE_SOUND = 1 << 0,   /* it belongs to a bin whose header is right */
    HC_PAGE_ENTERED = 1 << 1, /* it was read, and is counted */
};

struct HcHive {
    gint references;
    HcMap *map;
    const uint8_t *bins; /* what offsets count from */
    HcHivePages *pages;  /* NULL: all bin headers are right, or, in a damaged hive, do not matter */
    uint32_t n_places;   /* where a cell can start, from behind the first header on; 0: .pages */
    HcHiveInfo info;
};

/** hc_bins_check: the header of every hive bin. Returns: FALSE with the first @fault. */
gboolean hc_bins_check(const HcHive *hive, HcFault *fault);

/** hc_bins_new_pages: Returns: (transfer full): for a hive of which no page is known yet. */
HcHivePages *hc_bins_new_pages(const HcHive *hive);

/**
 * hc_bins_enter:
 * @offset: in the bins; @hive is lazy
 *
 * Makes sure that a bin with a right header holds @offset.
 *
 * Returns: FALSE with @fault
 */
gboolean hc_bins_enter(const HcHive *hive, uint32_t offset, HcFault *fault);

/** hc_hive_fail: sets HC_ERROR_MALFORMED "file: what at 0xOFFSET: defect". Returns: FALSE. */
gboolean hc_hive_fail(const HcHive *hive, const HcFault *fault, GError **error);

/** hc_base_name: the file name in the base block at @base, up to its first NUL; borrows it. */
HcName hc_base_name(const uint8_t *base);

/* What the public functions of hive.h do, with a fault in place of an error. */

/** hc_enter_cell: hc_read_cell() where it is not done at once: of lazy hives, and what is refused.
 */
const uint8_t *hc_enter_cell(const HcHive *hive, uint32_t offset, uint32_t min_bytes,
                             const char *what, uint32_t *n_bytes, HcFault *fault);

/* How many cells' alignments @n is; what is no multiple is more than any number of them. */
static inline uint32_t
hc_in_places(uint32_t n)
{
    G_STATIC_ASSERT(HC_CELL_ALIGN == 8);
    return n >> 3 | n << 29;
}

/**
 * hc_read_cell: see hc_hive_cell(). It is here because every walk calls it several times a key: the
 * offset is looked at with one comparison, the size with two. A cell that is not in use has a size
 * that is too large for any.
 */
static inline const uint8_t *
hc_read_cell(const HcHive *hive, uint32_t offset, uint32_t min_bytes, const char *what,
             uint32_t *n_bytes, HcFault *fault)
{
    const uint32_t place = hc_in_places(offset - HC_HBIN_HEADER_BYTES);
    if (place >= hive->n_places)
        return hc_enter_cell(hive, offset, min_bytes, what, n_bytes, fault);
    const uint8_t *cell = hive->bins + offset;
    const uint32_t size = 0u - hc_get32(cell);
    if (hc_in_places(size - 8) >= hive->n_places - place || size - 4 < min_bytes)
        return hc_enter_cell(hive, offset, min_bytes, what, n_bytes, fault);
    if (n_bytes != NULL)
        *n_bytes = size - 4;
    return cell + 4;
}

/** hc_expect_cell: makes the processor fetch what is at @offset, which may be any. */
static inline void
hc_expect_cell(const HcHive *hive, uint32_t offset)
{
    if (offset < hive->info.bins_bytes)
        __builtin_prefetch(hive->bins + offset);
}

gboolean hc_read_key(const HcHive *hive, uint32_t offset, HcKey *key, HcFault *fault);

gboolean hc_read_class(const HcHive *hive, const HcKey *key, HcBlob *class_name, HcFault *fault);

gboolean hc_read_security(const HcHive *hive, const HcKey *key, HcBlob *descriptor, HcFault *fault);

/** hc_read_value_list: the list of @key, which has values. Returns: NULL with @fault set. */
const uint8_t *hc_read_value_list(const HcHive *hive, const HcKey *key, uint32_t *n_bytes,
                                  HcFault *fault);

/** hc_read_value: the value whose cell is at @offset. It is here because there are more of them
 * than of all else that is read by a walk, which uses some fields only. */
static inline gboolean
hc_read_value(const HcHive *hive, uint32_t offset, HcValue *value, HcFault *fault)
{
    uint32_t n_bytes = 0;
    const uint8_t *vk = hc_read_cell(hive, offset, HC_VK_NAME, "value", &n_bytes, fault);
    if (vk == NULL)
        return FALSE;
    if (vk[0] != 'v' || vk[1] != 'k')
        return hc_fault_set(fault, HC_FAULT_VALUE_SIGNATURE, "value", offset);
    const uint16_t flags = hc_get16(vk + HC_VK_FLAGS);
    const uint32_t name_bytes = hc_get16(vk + HC_VK_NAME_BYTES);
    const gboolean is_latin1 = (flags & HC_VALUE_FLAG_LATIN1) != 0;
    if (name_bytes > n_bytes - HC_VK_NAME)
        return hc_fault_set(fault, HC_FAULT_VALUE_NAME_END, "value", offset);
    if (!is_latin1 && name_bytes % 2 != 0)
        return hc_fault_set(fault, HC_FAULT_VALUE_NAME_ODD, "value", offset);
    value->offset = offset;
    value->vk = vk;
    value->name = (HcName){vk + HC_VK_NAME, is_latin1 ? name_bytes : name_bytes / 2, is_latin1};
    value->type = hc_get32(vk + HC_VK_TYPE);
    value->n_bytes = hc_get32(vk + HC_VK_DATA_BYTES) & ~HC_VK_INLINE;
    value->flags = flags;
    value->is_tombstone = hive->info.is_differencing && (flags & HC_VALUE_FLAG_TOMBSTONE) != 0;
    return TRUE;
}

/** hc_read_data: see hc_data_iter_init(); segments are not looked at. */
gboolean hc_read_data(const HcHive *hive, const HcValue *value, HcDataIter *iter, HcFault *fault);

/** hc_read_segment: the next piece of what hc_read_data() found. Returns: whether there is one. */
gboolean hc_read_segment(HcDataIter *iter, HcBlob *piece, HcFault *fault);

/** hc_same_keys_is_changed: whether the key of the left hive at @offset is not known to be equal.
 */
gboolean hc_same_keys_is_changed(const HcSameKeys *same, uint32_t offset);

/** HcList: one subkey list cell. */
typedef struct {
    const uint8_t *entries;
    uint32_t n_entries;
    uint32_t n_bytes;     /* of the cell's payload */
    uint32_t entry_bytes; /* 4 in li and ri, 8 in lf and lh */
    gboolean is_index;    /* ri: entries are leaves */
    gboolean has_hash;    /* lh */
} HcList;

gboolean hc_read_list(const HcHive *hive, uint32_t offset, gboolean allow_index, HcList *list,
                      HcFault *fault);

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
