#include "config.h"

#include "hivecore/regf/open.h"

#include <inttypes.h>

#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/base/name.h"
#include "hivecore/regf/hive-private.h"
#include "hivecore/regf/layout.h"

/* One replay: the logs, and those of them that are to be applied, in order. */
typedef struct {
    HcMap *hive;
    HcHiveState state;
    HcLogFile *files;
    gsize n_files;
    GPtrArray *chain; /* of HcLogFile * */
} Replay;

HcHiveState
hc_log_hive_state(const HcMap *hive)
{
    const uint8_t *base = hc_map_data(hive);
    const uint64_t n_bytes = hc_map_size(hive);
    if (n_bytes < HC_BASE_BLOCK_BYTES + HC_HBIN_HEADER_BYTES)
        return HC_HIVE_CLEAN;
    if (memcmp(base, "regf", 4) != 0 || hc_get32(base + HC_BASE_CHECKSUM) != hc_base_checksum(base))
        return memcmp(base + HC_BASE_BLOCK_BYTES, "hbin", 4) == 0 ? HC_HIVE_BAD_BASE
                                                                  : HC_HIVE_CLEAN;
    if (hc_get32(base + HC_BASE_TYPE) != 0 ||
        hc_get32(base + HC_BASE_SEQUENCE1) == hc_get32(base + HC_BASE_SEQUENCE2))
        return HC_HIVE_CLEAN;
    return HC_HIVE_DIRTY;
}

static void
clear_use(gpointer item)
{
    HcLogUse *use = item;
    g_free(use->file);
    g_free(use->reason);
}

void
hc_log_report_clear(HcLogReport *report)
{
    g_clear_pointer(&report->logs, g_array_unref);
}

/* What the replay may lack. */
static void
append_doubts(GString *out, const HcLogReport *report)
{
    if (report->has_gap)
        g_string_append_printf(out, "; the logs start at %" PRIu32 ", the hive needs %" PRIu32,
                               report->first_entry, report->sequence);
    for (guint i = 0; report->logs != NULL && i < report->logs->len; i++) {
        const HcLogUse *use = &g_array_index(report->logs, HcLogUse, i);
        if (use->reason == NULL || !(use->is_used || use->is_missed))
            continue;
        g_autofree char *name = g_path_get_basename(use->file);
        g_string_append_printf(out, "; %s %s %s", name,
                               use->is_used ? "stopped at" : "not used:", use->reason);
    }
}

void
hc_log_report_append(GString *out, const HcLogReport *report)
{
    const char *comma = "";
    if (report->is_base_recovered) {
        g_string_append(out, "the base block");
        comma = ", ";
    }
    for (guint i = 0; report->logs != NULL && i < report->logs->len; i++) {
        const HcLogUse *use = &g_array_index(report->logs, HcLogUse, i);
        if (!use->is_used)
            continue;
        g_string_append(out, comma);
        comma = ", ";
        if (use->format == HC_LOG_NEW)
            g_string_append_printf(out, "%" PRIu32 " log entr%s (", use->n_entries,
                                   use->n_entries == 1 ? "y" : "ies");
        g_string_append_printf(out, "%" PRIu64 " page%s", use->n_pages,
                               use->n_pages == 1 ? "" : "s");
        g_autofree char *name = g_path_get_basename(use->file);
        g_string_append_printf(out, "%s from %s", use->format == HC_LOG_NEW ? ")" : "", name);
    }
    append_doubts(out, report);
}

/* The number of the hive's last complete write. */
static uint32_t
hive_sequence(const Replay *replay)
{
    return hc_get32((const uint8_t *) hc_map_data(replay->hive) + HC_BASE_SEQUENCE2);
}

/* Marks @file as not fitting, unless it has a reason already. */
static void reject(HcLogFile *file, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void
reject(HcLogFile *file, const char *format, ...)
{
    if (file->reason != NULL)
        return;
    va_list list;
    va_start(list, format);
    file->reason = g_strdup_vprintf(format, list);
    va_end(list);
}

/*
 * What tells that the hive of @base is not the one that @log was written for, or NULL. Of a torn
 * base block one thing that agrees is enough: the other may be what was torn.
 */
static char *
find_difference(const uint8_t *base, const uint8_t *log, gboolean is_torn)
{
    static const uint8_t no_id[HC_BASE_RM_ID_BYTES];
    if (!is_torn && (hc_get32(base + HC_BASE_MAJOR) != hc_get32(log + HC_BASE_MAJOR) ||
                     hc_get32(base + HC_BASE_MINOR) != hc_get32(log + HC_BASE_MINOR) ||
                     hc_get32(base + HC_BASE_ROOT) != hc_get32(log + HC_BASE_ROOT)))
        return g_strdup("its version or root cell is another one");
    const HcName base_file = hc_base_name(base);
    const HcName log_file = hc_base_name(log);
    const uint8_t *base_id = base + HC_BASE_RM_ID;
    const uint8_t *log_id = log + HC_BASE_RM_ID;
    const gboolean has_names = base_file.n_units > 0 && log_file.n_units > 0;
    const gboolean has_ids =
        memcmp(base_id, no_id, sizeof(no_id)) != 0 && memcmp(log_id, no_id, sizeof(no_id)) != 0;
    const gboolean same_names = has_names && hc_name_equal(base_file, log_file);
    const gboolean same_ids = has_ids && memcmp(base_id, log_id, sizeof(no_id)) == 0;
    if (is_torn && (same_names || same_ids))
        return NULL;
    if (has_names && !same_names) {
        g_autofree char *theirs = hc_name_display(log_file);
        g_autofree char *ours = hc_name_display(base_file);
        return g_strdup_printf("its file name is \"%s\", not \"%s\"", theirs, ours);
    }
    return has_ids && !same_ids ? g_strdup("its resource manager (RmId) is another one") : NULL;
}

/* Whether @file was written for the hive whose base block is @base. */
static gboolean
belongs_to(HcLogFile *file, const uint8_t *base, gboolean is_torn)
{
    g_autofree char *difference = find_difference(base, hc_log_file_base(file), is_torn);
    if (difference == NULL)
        return TRUE;
    /* What is wrong with the entries of another hive is beside the point. */
    g_clear_pointer(&file->reason, g_free);
    reject(file, "belongs to another hive: %s", difference);
    file->is_foreign = TRUE;
    return FALSE;
}

/* The same for this hive. A base block without its signature says nothing. */
static gboolean
is_of_hive(const Replay *replay, HcLogFile *file)
{
    const uint8_t *hive = hc_map_data(replay->hive);
    if (replay->state == HC_HIVE_BAD_BASE && memcmp(hive, "regf", 4) != 0)
        return TRUE;
    return belongs_to(file, hive, replay->state == HC_HIVE_BAD_BASE);
}

/* By the number of their first entries. */
static gint
compare_sequence(gconstpointer a, gconstpointer b)
{
    const HcLogFile *file_a = *(const HcLogFile *const *) a;
    const HcLogFile *file_b = *(const HcLogFile *const *) b;
    if (file_a->sequence != file_b->sequence)
        return file_a->sequence < file_b->sequence ? -1 : 1;
    return file_a < file_b ? -1 : file_a > file_b;
}

/* Whether all that @file holds is in the hive already. */
static gboolean
is_stale(HcLogFile *file, uint32_t sequence)
{
    if (file->sequence >= sequence || (file->n_entries > 0 && hc_log_file_next(file) > sequence))
        return FALSE;
    g_clear_pointer(&file->reason, g_free);
    reject(file, "its last entry, %" PRIu32 ", is before the hive's number %" PRIu32,
           hc_log_file_next(file) - (file->n_entries > 0), sequence);
    file->is_spent = TRUE;
    return TRUE;
}

/* The new-format logs that may be applied, earliest first. */
static GPtrArray *
find_candidates(const Replay *replay)
{
    GPtrArray *candidates = g_ptr_array_new();
    for (gsize i = 0; i < replay->n_files; i++) {
        HcLogFile *file = &replay->files[i];
        if (file->format != HC_LOG_NEW || !is_of_hive(replay, file))
            continue;
        if (replay->state == HC_HIVE_DIRTY && is_stale(file, hive_sequence(replay)))
            continue;
        g_ptr_array_add(candidates, file);
    }
    g_ptr_array_sort(candidates, compare_sequence);
    return candidates;
}

/*
 * Whether a log that cannot be read, or that another hive's has taken the place of, may have held
 * the entries which are missing before the first one.
 */
static gboolean
has_lost_log(const Replay *replay)
{
    for (gsize i = 0; i < replay->n_files; i++) {
        const HcLogFile *file = &replay->files[i];
        if (file->is_foreign || (!file->has_base && hc_map_size(file->map) > 0))
            return TRUE;
    }
    return FALSE;
}

static void
chain_new(Replay *replay)
{
    g_autoptr(GPtrArray) candidates = find_candidates(replay);
    if (candidates->len == 0)
        return;
    HcLogFile *first = g_ptr_array_index(candidates, 0);
    const uint32_t sequence = hive_sequence(replay);
    gboolean can_start = first->n_entries > 0;
    if (replay->state == HC_HIVE_DIRTY && first->sequence < sequence) {
        /* Its first entries are in the hive: where it was interrupted is not known. */
        can_start = FALSE;
        reject(first, "starts with entry %" PRIu32 ", before the hive's number %" PRIu32,
               first->sequence, sequence);
    } else if (replay->state == HC_HIVE_DIRTY && first->sequence > sequence &&
               has_lost_log(replay)) {
        can_start = FALSE;
        reject(first, "starts at entry %" PRIu32 ", the hive needs %" PRIu32, first->sequence,
               sequence);
    }
    uint32_t next = first->sequence;
    for (guint i = 0; i < candidates->len; i++) {
        HcLogFile *file = g_ptr_array_index(candidates, i);
        if (can_start && file->sequence == next && file->n_entries > 0) {
            g_ptr_array_add(replay->chain, file);
            next = hc_log_file_next(file);
        } else if (can_start || file != first) {
            reject(file, "goes on at entry %" PRIu32 ", %" PRIu32 " must come first",
                   file->sequence, next);
        }
    }
}

/*
 * Without the hive's own number the latest log decides, and what leads up to it: its pages are
 * whole, so that entries which are in the hive already do no harm.
 */
static void
chain_new_backwards(Replay *replay)
{
    g_autoptr(GPtrArray) candidates = find_candidates(replay);
    gboolean has_next = FALSE;
    uint32_t next = 0;
    const uint8_t *base = NULL;
    for (guint i = candidates->len; i > 0; i--) {
        HcLogFile *file = g_ptr_array_index(candidates, i - 1);
        if (base != NULL && !belongs_to(file, base, FALSE))
            continue;
        if (file->n_entries > 0 && (!has_next || hc_log_file_next(file) == next)) {
            g_ptr_array_insert(replay->chain, 0, file);
            next = file->sequence;
            has_next = TRUE;
            base = hc_log_file_base(file);
        } else {
            reject(file, "does not lead up to entry %" PRIu32, next);
        }
    }
}

/* An old-format log fits by its time stamp: the hive got it when the log was complete. */
static void
chain_old(Replay *replay)
{
    const uint8_t *hive = hc_map_data(replay->hive);
    const gboolean has_base = replay->state == HC_HIVE_DIRTY;
    const uint64_t mtime =
        hc_get64(has_base ? hive + HC_BASE_MTIME : hive + HC_BASE_BLOCK_BYTES + HC_HBIN_MTIME);
    for (gsize i = 0; i < replay->n_files; i++) {
        HcLogFile *file = &replay->files[i];
        if (file->format != HC_LOG_OLD || !is_of_hive(replay, file))
            continue;
        file->is_spent = TRUE;
        if (replay->chain->len > 0)
            reject(file, "is not needed");
        else if (hc_get64(hc_log_file_base(file) + HC_BASE_MTIME) != mtime)
            reject(file, "belongs to another write: its time stamp is not the hive's");
        else if (has_base && file->sequence < hive_sequence(replay))
            reject(file, "its sequence number %" PRIu32 " is before the hive's", file->sequence);
        else
            g_ptr_array_add(replay->chain, file);
    }
}

/* Where the hive's own base block is torn, the one that the latest log keeps stands in for it. */
static void
recover_base(const Replay *replay, uint8_t *hive)
{
    const HcLogFile *last = g_ptr_array_index(replay->chain, replay->chain->len - 1);
    memcpy(hive, hc_log_file_base(last), HC_LOG_SECTOR_BYTES);
    hc_put32(hive + HC_BASE_TYPE, 0);
}

static void
make_clean(const Replay *replay, uint8_t *hive)
{
    const HcLogFile *last = g_ptr_array_index(replay->chain, replay->chain->len - 1);
    uint32_t sequence;
    if (last->format == HC_LOG_NEW)
        sequence = hc_log_file_next(last);
    else
        sequence = hc_get32(hive + HC_BASE_SEQUENCE1);
    hc_put32(hive + HC_BASE_SEQUENCE1, sequence);
    hc_put32(hive + HC_BASE_SEQUENCE2, sequence);
    hc_put32(hive + HC_BASE_CHECKSUM, hc_base_checksum(hive));
}

static HcMap *
apply_chain(const Replay *replay, GError **error)
{
    const uint64_t old_bytes = hc_map_size(replay->hive);
    uint64_t n_bytes = old_bytes;
    for (guint i = 0; i < replay->chain->len; i++) {
        const HcLogFile *file = g_ptr_array_index(replay->chain, i);
        n_bytes = MAX(n_bytes, HC_BASE_BLOCK_BYTES + (uint64_t) file->most_bins_bytes);
    }
    g_autofree uint8_t *hive = NULL;
    if (n_bytes <= HC_BASE_BLOCK_BYTES + (uint64_t) HC_MAX_HIVE_BYTES)
        hive = g_try_malloc((gsize) n_bytes);
    if (hive == NULL)
        return hc_fail_null(error, HC_ERROR_LIMIT,
                            "%s: the recovered hive, %" PRIu64 " bytes, does not fit into memory",
                            hc_map_name(replay->hive), n_bytes);
    memcpy(hive, hc_map_data(replay->hive), (gsize) old_bytes);
    memset(hive + old_bytes, 0, (gsize) (n_bytes - old_bytes));
    if (replay->state == HC_HIVE_BAD_BASE)
        recover_base(replay, hive);
    for (guint i = 0; i < replay->chain->len; i++)
        hc_log_file_apply(g_ptr_array_index(replay->chain, i), hive, n_bytes);
    make_clean(replay, hive);
    GBytes *bytes = g_bytes_new_take(g_steal_pointer(&hive), (gsize) n_bytes);
    return hc_map_from_bytes(hc_map_name(replay->hive), bytes);
}

static void
fill_report(const Replay *replay, HcLogReport *report)
{
    report->logs = g_array_new(FALSE, TRUE, sizeof(HcLogUse));
    g_array_set_clear_func(report->logs, clear_use);
    report->is_base_recovered = replay->state == HC_HIVE_BAD_BASE && replay->chain->len > 0;
    if (replay->state == HC_HIVE_DIRTY && replay->chain->len > 0) {
        const HcLogFile *first = g_ptr_array_index(replay->chain, 0);
        report->sequence = hive_sequence(replay);
        report->first_entry = first->sequence;
        report->has_gap = first->format == HC_LOG_NEW && first->sequence > report->sequence;
    }
    for (gsize i = 0; i < replay->n_files; i++) {
        HcLogFile *file = &replay->files[i];
        HcLogUse use = {.file = g_strdup(hc_map_name(file->map)), .format = file->format};
        use.is_used = g_ptr_array_find(replay->chain, file, NULL);
        if (use.is_used) {
            use.first_entry = file->sequence;
            use.n_entries = file->n_entries;
            use.n_pages = file->n_pages;
        }
        use.is_missed = !use.is_used && !file->is_spent && hc_map_size(file->map) > 0;
        use.reason = g_steal_pointer(&file->reason);
        g_array_append_val(report->logs, use);
    }
}

static void
set_no_log_error(const Replay *replay, const HcLogReport *report, GError **error)
{
    HcErrorCode code = HC_ERROR_UNSUPPORTED;
    g_autoptr(GString) reasons = g_string_new(NULL);
    for (gsize i = 0; i < replay->n_files; i++) {
        const HcLogUse *use = &g_array_index(report->logs, HcLogUse, i);
        if (use->format == HC_LOG_UNUSABLE && hc_map_size(replay->files[i].map) > 0)
            code = HC_ERROR_MALFORMED;
        g_string_append_printf(reasons, "%s%s: %s", i > 0 ? "; " : ": ", use->file, use->reason);
    }
    hc_set_error(error, code, "%s: %s and %s%s", hc_map_name(replay->hive),
                 replay->state == HC_HIVE_DIRTY ? "the hive is dirty" : "the base block is torn",
                 replay->n_files > 0 ? "no transaction log fits" : "there is no transaction log",
                 reasons->str);
}

/* Decides what is applied. A left-over of the older format does not follow newer logs. */
static void
plan(Replay *replay)
{
    if (replay->state == HC_HIVE_DIRTY)
        chain_new(replay);
    else
        chain_new_backwards(replay);
    if (replay->chain->len == 0) {
        chain_old(replay);
        return;
    }
    for (gsize i = 0; i < replay->n_files; i++) {
        HcLogFile *file = &replay->files[i];
        if (file->format == HC_LOG_NEW || !file->has_base)
            continue;
        reject(file, "is of the older format");
        file->is_spent = TRUE;
    }
}

HcMap *
hc_log_replay(HcMap *hive, HcMap *const *logs, gsize n_logs, HcLogReport *report, GError **error)
{
    *report = (HcLogReport){0};
    if (hc_log_hive_state(hive) == HC_HIVE_CLEAN)
        return hc_map_ref(hive);
    g_autofree HcLogFile *files = g_new0(HcLogFile, n_logs);
    g_autoptr(GPtrArray) chain = g_ptr_array_new();
    Replay replay = {hive, hc_log_hive_state(hive), files, n_logs, chain};

    /* Bins that are new come whole from the logs, so this is all there can be. */
    uint64_t most = hc_map_size(hive) - HC_BASE_BLOCK_BYTES;
    for (gsize i = 0; i < n_logs; i++)
        most += MIN(hc_map_size(logs[i]), HC_MAX_HIVE_BYTES);
    for (gsize i = 0; i < n_logs; i++)
        hc_log_file_read(&files[i], logs[i], MIN(most, HC_MAX_HIVE_BYTES));

    plan(&replay);
    fill_report(&replay, report);
    HcMap *result = NULL;
    if (chain->len > 0)
        result = apply_chain(&replay, error);
    else
        set_no_log_error(&replay, report, error);
    for (gsize i = 0; i < n_logs; i++)
        hc_log_file_clear(&files[i]);
    return result;
}
