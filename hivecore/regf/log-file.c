#include "config.h"

#include "hivecore/regf/hive-private.h"

#include <inttypes.h>

#include "hivecore/base/limits.h"
#include "hivecore/regf/layout.h"
#include "hivecore/regf/open.h"

/* What is wrong with the base block, or NULL. */
static const char *
base_defect(const uint8_t *base, uint64_t n_bytes)
{
    if (n_bytes == 0)
        return "is empty";
    if (n_bytes < HC_LOG_SECTOR_BYTES || memcmp(base, "regf", 4) != 0)
        return "is no transaction log: the signature \"regf\" is missing";
    if (hc_get32(base + HC_BASE_CHECKSUM) != hc_base_checksum(base))
        return "the checksum of its base block is wrong";
    const uint32_t type = hc_get32(base + HC_BASE_TYPE);
    if (type == 0)
        return "is a hive, no transaction log";
    if (type != 1 && type != 2 && type != 6)
        return "the file type in its base block is none of a transaction log";
    if (hc_get32(base + HC_BASE_SEQUENCE1) != hc_get32(base + HC_BASE_SEQUENCE2))
        return "its sequence numbers differ: it was not written to its end";
    return NULL;
}

/* The data follows the base block's first sector, or first cluster on disks with larger ones. */
static gboolean
find_data(HcLogFile *log, const char *signature)
{
    const uint8_t *bytes = hc_map_data(log->map);
    const uint64_t n_bytes = hc_map_size(log->map);
    const uint32_t cluster = hc_get32(bytes + HC_BASE_CLUSTER);
    uint64_t at = HC_LOG_SECTOR_BYTES;
    for (guint i = 0; i < 2; i++) {
        if (n_bytes >= at + 4 && memcmp(bytes + at, signature, 4) == 0) {
            log->data_at = at;
            return TRUE;
        }
        if (cluster < 2 || cluster > 8)
            return FALSE;
        at = (uint64_t) cluster * HC_LOG_SECTOR_BYTES;
    }
    return FALSE;
}

static gboolean
is_sound_size(uint32_t bins_bytes, uint64_t max_bins_bytes)
{
    return bins_bytes != 0 && bins_bytes % HC_HBIN_ALIGN == 0 && bins_bytes <= max_bins_bytes;
}

/* Whether bit @i of the dirty vector is set: lowest bit of a byte first. */
static gboolean
is_dirty(const uint8_t *bitmap, uint32_t i)
{
    return (bitmap[i / 8] >> (i % 8) & 1) != 0;
}

static const char *
read_old(HcLogFile *log, uint64_t max_bins_bytes)
{
    static const char bad_size[] = "the hive bins size in its base block cannot be right";
    const uint8_t *bytes = hc_map_data(log->map);
    const uint64_t n_bytes = hc_map_size(log->map);
    if (!find_data(log, "DIRT"))
        return "its dirty vector is missing";
    log->bins_bytes = hc_get32(bytes + HC_BASE_BINS_BYTES);
    if (!is_sound_size(log->bins_bytes, HC_MAX_HIVE_BYTES))
        return bad_size;
    const uint32_t n_bits = log->bins_bytes / HC_LOG_PAGE_BYTES;
    const uint64_t bitmap_at = log->data_at + HC_LOG_DIRT_BITMAP;
    const uint64_t bitmap_end = bitmap_at + n_bits / 8;
    if (bitmap_end > n_bytes)
        return "is cut off inside its dirty vector";
    for (uint32_t i = 0; i < n_bits; i++)
        log->n_pages += is_dirty(bytes + bitmap_at, i);
    log->pages_at =
        (bitmap_end + HC_LOG_SECTOR_BYTES - 1) / HC_LOG_SECTOR_BYTES * HC_LOG_SECTOR_BYTES;
    if (log->pages_at > n_bytes || log->n_pages > (n_bytes - log->pages_at) / HC_LOG_PAGE_BYTES)
        return "is cut off inside its dirty pages";
    if (log->n_pages == 0)
        return "holds no dirty page";
    if (log->bins_bytes > max_bins_bytes)
        return bad_size;
    log->most_bins_bytes = log->bins_bytes;
    log->format = HC_LOG_OLD;
    return NULL;
}

/* Reads the entry at @at without its hashes. Returns: what is wrong with it, or NULL. */
static const char *
read_entry(const HcLogFile *log, uint64_t at, HcLogEntry *entry)
{
    const uint8_t *bytes = (const uint8_t *) hc_map_data(log->map) + at;
    const uint64_t n_left = hc_map_size(log->map) - at;
    entry->n_bytes = hc_get32(bytes + HC_HVLE_BYTES);
    entry->flags = hc_get32(bytes + HC_HVLE_FLAGS);
    entry->sequence = hc_get32(bytes + HC_HVLE_SEQUENCE);
    entry->bins_bytes = hc_get32(bytes + HC_HVLE_BINS_BYTES);
    entry->n_pages = hc_get32(bytes + HC_HVLE_N_PAGES);
    if (entry->n_bytes < HC_HVLE_REFERENCES || entry->n_bytes % HC_LOG_SECTOR_BYTES != 0)
        return "its size cannot be right";
    if (entry->n_bytes > n_left)
        return "it is cut off";
    uint32_t room = entry->n_bytes - HC_HVLE_REFERENCES;
    if (entry->n_pages > room / HC_HVLE_REFERENCE_BYTES)
        return "it has no room for its pages";
    room -= entry->n_pages * HC_HVLE_REFERENCE_BYTES;
    entry->references = bytes + HC_HVLE_REFERENCES;
    entry->pages = entry->references + (gsize) entry->n_pages * HC_HVLE_REFERENCE_BYTES;
    for (uint32_t i = 0; i < entry->n_pages; i++) {
        const uint8_t *reference = entry->references + (gsize) i * HC_HVLE_REFERENCE_BYTES;
        const uint32_t offset = hc_get32(reference);
        const uint32_t size = hc_get32(reference + 4);
        if (size > room)
            return "it has no room for its pages";
        if (offset > entry->bins_bytes || size > entry->bins_bytes - offset)
            return "one of its pages is outside the hive bins";
        room -= size;
    }
    return NULL;
}

/* The same with what takes longer or needs to be asked only once. */
static const char *
check_entry(const HcLogFile *log, uint64_t at, uint64_t max_bins_bytes, HcLogEntry *entry)
{
    const uint8_t *bytes = (const uint8_t *) hc_map_data(log->map) + at;
    const char *defect = read_entry(log, at, entry);
    if (defect != NULL)
        return defect;
    if (!is_sound_size(entry->bins_bytes, max_bins_bytes))
        return "its hive bins size cannot be right";
    if (hc_get64(bytes + HC_HVLE_HASH2) != hc_marvin32(HC_HVLE_SEED, bytes, HC_HVLE_HASH2) ||
        hc_get64(bytes + HC_HVLE_HASH1) != hc_marvin32(HC_HVLE_SEED, bytes + HC_HVLE_REFERENCES,
                                                       entry->n_bytes - HC_HVLE_REFERENCES))
        return "its hash is wrong";
    return NULL;
}

/* Whether the log goes on at @at with the entry that is to come next. */
static gboolean
has_entry(const HcLogFile *log, uint64_t at, uint32_t sequence)
{
    const uint8_t *bytes = hc_map_data(log->map);
    const uint64_t n_bytes = hc_map_size(log->map);
    if (at >= n_bytes || n_bytes - at < HC_HVLE_REFERENCES)
        return FALSE;
    /* What follows the last entry may be entries from before. */
    return memcmp(bytes + at, "HvLE", 4) == 0 &&
           hc_get32(bytes + at + HC_HVLE_SEQUENCE) == sequence;
}

static void
read_new(HcLogFile *log, uint64_t max_bins_bytes)
{
    log->format = HC_LOG_NEW;
    uint64_t at = HC_LOG_SECTOR_BYTES;
    if (find_data(log, "HvLE"))
        at = log->data_at;
    while (has_entry(log, at, hc_log_file_next(log))) {
        HcLogEntry entry;
        const char *defect = check_entry(log, at, max_bins_bytes, &entry);
        if (defect != NULL) {
            log->reason = g_strdup_printf("entry %" PRIu32 ": %s", hc_log_file_next(log), defect);
            return;
        }
        at += entry.n_bytes;
        log->n_entries++;
        log->n_pages += entry.n_pages;
        log->most_bins_bytes = MAX(log->most_bins_bytes, entry.bins_bytes);
    }
    if (log->n_entries == 0)
        log->reason = g_strdup_printf(
            "log entry %" PRIu32 ", with which it must start, is not there", log->sequence);
}

void
hc_log_file_read(HcLogFile *log, const HcMap *map, uint64_t max_bins_bytes)
{
    *log = (HcLogFile){.map = map, .format = HC_LOG_UNUSABLE};
    const uint8_t *base = hc_map_data(map);
    const char *defect = base_defect(base, hc_map_size(map));
    log->has_base = defect == NULL;
    if (defect == NULL) {
        log->sequence = hc_get32(base + HC_BASE_SEQUENCE1);
        if (hc_get32(base + HC_BASE_TYPE) == 6)
            read_new(log, max_bins_bytes);
        else
            defect = read_old(log, max_bins_bytes);
    }
    if (defect != NULL)
        log->reason = g_strdup(defect);
}

void
hc_log_file_clear(HcLogFile *log)
{
    g_clear_pointer(&log->reason, g_free);
}

const uint8_t *
hc_log_file_base(const HcLogFile *log)
{
    return hc_map_data(log->map);
}

uint32_t
hc_log_file_next(const HcLogFile *log)
{
    return log->sequence + log->n_entries;
}

static void
apply_old(const HcLogFile *log, uint8_t *hive)
{
    const uint8_t *bytes = hc_map_data(log->map);
    const uint8_t *bitmap = bytes + log->data_at + HC_LOG_DIRT_BITMAP;
    uint64_t from = log->pages_at;
    uint64_t n_left = log->n_pages;
    for (uint32_t i = 0; i < log->bins_bytes / HC_LOG_PAGE_BYTES && n_left > 0; i++) {
        if (!is_dirty(bitmap, i))
            continue;
        memcpy(hive + HC_BASE_BLOCK_BYTES + (gsize) i * HC_LOG_PAGE_BYTES, bytes + from,
               HC_LOG_PAGE_BYTES);
        from += HC_LOG_PAGE_BYTES;
        n_left--;
    }
    hc_put32(hive + HC_BASE_BINS_BYTES, log->bins_bytes);
}

static void
apply_entry(const HcLogEntry *entry, uint8_t *hive)
{
    const uint8_t *from = entry->pages;
    for (uint32_t i = 0; i < entry->n_pages; i++) {
        const uint8_t *reference = entry->references + (gsize) i * HC_HVLE_REFERENCE_BYTES;
        const uint32_t size = hc_get32(reference + 4);
        memcpy(hive + HC_BASE_BLOCK_BYTES + hc_get32(reference), from, size);
        from += size;
    }
    hc_put32(hive + HC_BASE_BINS_BYTES, entry->bins_bytes);
    hc_put32(hive + HC_BASE_FLAGS, (hc_get32(hive + HC_BASE_FLAGS) & ~HC_BASE_FLAG_LOCKED) |
                                       (entry->flags & HC_BASE_FLAG_LOCKED));
}

void
hc_log_file_apply(const HcLogFile *log, uint8_t *hive, uint64_t n_bytes)
{
    if (log->format == HC_LOG_OLD) {
        apply_old(log, hive);
        return;
    }
    uint64_t at = log->data_at;
    for (uint32_t i = 0; i < log->n_entries; i++) {
        HcLogEntry entry;
        if (read_entry(log, at, &entry) != NULL || entry.bins_bytes > n_bytes - HC_BASE_BLOCK_BYTES)
            return;
        apply_entry(&entry, hive);
        at += entry.n_bytes;
    }
}
