#include "config.h"

#include "hivecore/regf/open.h"

#include <errno.h>
#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/base/file.h"
#include "hivecore/base/limits.h"
#include "hivecore/regf/hive-private.h"
#include "hivecore/regf/layout.h"

/* A log is read twice: hashed and applied. A copy is the same both times. */
static HcMap *
copy_log(HcMap *map, GError **error)
{
    return hc_map_size(map) == 0 ? hc_map_ref(map) : hc_map_snapshot(map, hc_map_size(map), error);
}

HcMap *
hc_log_open(const char *file, GError **error)
{
    g_autoptr(HcMap) map = hc_map_open(file, HC_MAX_HIVE_BYTES, error);
    return map != NULL ? copy_log(map, error) : NULL;
}

/* The name in @names, sorted, that is @hive with @suffix. */
static const char *
find_name(GPtrArray *names, const char *hive, const char *suffix)
{
    g_autofree char *wanted = g_strconcat(hive, suffix, NULL);
    const gsize n_bytes = strlen(hive);
    const char *found = NULL;
    for (guint i = 0; i < names->len; i++) {
        const char *name = g_ptr_array_index(names, i);
        if (g_ascii_strcasecmp(name, wanted) != 0)
            continue;
        if (strncmp(name, hive, n_bytes) == 0)
            return name;
        if (found == NULL)
            found = name;
    }
    return found;
}

/* What a log is found with. */
typedef struct {
    const char *file;
    uid_t friends[2]; /* whose logs are welcome: root's, and the hive's owner's */
} LogSearch;

static gboolean
check_owner(const char *file, const struct stat *status, const struct stat *folder, gpointer data,
            GError **error)
{
    const LogSearch *search = data;
    if (!hc_is_planted(status, folder, search->friends, G_N_ELEMENTS(search->friends)))
        return TRUE;
    return hc_fail(error, HC_ERROR_UNSUPPORTED,
                   "%s: %s of user %u in a folder that everybody can write, not replayed", file,
                   S_ISLNK(status->st_mode) ? "is a symbolic link" : "is a file",
                   (guint) status->st_uid);
}

/* The log that lies at @search->file. */
static HcMap *
open_found(LogSearch *search, GError **error)
{
    g_auto(HcFollowed) path = {0};
    if (!hc_path_follow(&path, search->file, "cannot open", check_owner, search, error))
        return NULL;
    g_autofree char *folder_name = g_path_get_dirname(path.path);
    struct stat folder;
    if (lstat(folder_name, &folder) != 0)
        return hc_fail_io_null(error, search->file, "cannot open", errno);
    /* What is open is looked at, and not what has its name. */
    g_autoptr(HcMap) map = hc_map_open(search->file, HC_MAX_HIVE_BYTES, error);
    if (map == NULL || !check_owner(search->file, hc_map_status(map), &folder, search, error))
        return NULL;
    return copy_log(map, error);
}

GPtrArray *
hc_log_find(const HcMap *hive, GError **error)
{
    static const char *const suffixes[] = {".LOG1", ".LOG2", ".LOG"};
    const char *hive_file = hc_map_name(hive);
    const struct stat *status = hc_map_status(hive);
    LogSearch search = {NULL, {0, status != NULL ? status->st_uid : 0}};
    g_autofree char *folder = g_path_get_dirname(hive_file);
    g_autofree char *base = g_path_get_basename(hive_file);
    g_autoptr(GPtrArray) names = hc_folder_names(folder, error);
    if (names == NULL)
        return NULL;
    g_autoptr(GPtrArray) logs = g_ptr_array_new_with_free_func((GDestroyNotify) hc_map_unref);
    for (gsize i = 0; i < G_N_ELEMENTS(suffixes); i++) {
        const char *name = find_name(names, base, suffixes[i]);
        if (name == NULL)
            continue;
        /* Named as the hive was: "hive", not "./hive". */
        g_autofree char *file =
            strchr(hive_file, '/') != NULL ? g_build_filename(folder, name, NULL) : g_strdup(name);
        search.file = file;
        HcMap *log = open_found(&search, error);
        if (log == NULL)
            return NULL;
        g_ptr_array_add(logs, log);
    }
    return g_steal_pointer(&logs);
}

/* hc_log_recover() with these logs. */
static HcMap *
recover_with(HcMap *hive, const GPtrArray *logs, HcLogReport *report, GError **error)
{
    g_autoptr(GError) failure = NULL;
    HcMap *map = hc_log_replay(hive, (HcMap *const *) logs->pdata, logs->len, report, &failure);
    if (map != NULL)
        return map;
    /* Whatever is wrong with them: the hive is dirty, and its logs are not there. */
    if (g_error_matches(failure, HC_ERROR, HC_ERROR_MALFORMED))
        failure->code = HC_ERROR_UNSUPPORTED;
    return hc_fail_with_null(error, g_steal_pointer(&failure));
}

HcMap *
hc_log_recover(HcMap *hive, HcLogReport *report, GError **error)
{
    *report = (HcLogReport){0};
    g_autoptr(GPtrArray) logs = hc_log_find(hive, error);
    if (logs != NULL)
        return recover_with(hive, logs, report, error);
    g_prefix_error(error, "%s: dirty, and a transaction log cannot be used: ", hc_map_name(hive));
    return NULL;
}

/* A copy that says of itself that it is clean, so that it can be edited. */
static HcMap *
take_as_is(const HcMap *map, GError **error)
{
    uint8_t *hive = NULL;
    gsize n_bytes = (gsize) hc_map_size(map);
    if (n_bytes <= HC_BASE_BLOCK_BYTES + (gsize) HC_MAX_HIVE_BYTES)
        hive = g_try_malloc(n_bytes);
    if (hive == NULL)
        return hc_fail_null(error, HC_ERROR_LIMIT, "%s: does not fit into memory",
                            hc_map_name(map));
    memcpy(hive, hc_map_data(map), n_bytes);
    hc_put32(hive + HC_BASE_SEQUENCE2, hc_get32(hive + HC_BASE_SEQUENCE1));
    hc_put32(hive + HC_BASE_CHECKSUM, hc_base_checksum(hive));
    return hc_map_from_bytes(hc_map_name(map), g_bytes_new_take(hive, n_bytes));
}

static HcHive *
open_made_clean(HcMap *map, HcHiveFlags flags, GError **error)
{
    HcHive *hive = hc_hive_open_map(map, flags, error);
    if (hive != NULL)
        hive->info.is_made_clean = TRUE;
    return hive;
}

static void
append_hint(GError **error)
{
    if (error == NULL || (*error)->code == HC_ERROR_INTERNAL)
        return;
    g_autofree char *message = (*error)->message;
    (*error)->message = g_strconcat(message, " (--ignore-dirty reads it as it stands)", NULL);
}

/* A hive with sequence numbers that differ, or, for HC_DIRTY_REPLAY, with a torn base block. */
static HcHive *
open_dirty(HcMap *map, const GPtrArray *logs, HcDirtyPolicy policy, HcHiveFlags flags, char **note,
           GError **error)
{
    const char *file = hc_map_name(map);
    if (policy == HC_DIRTY_AS_IS) {
        g_autoptr(HcMap) copy = take_as_is(map, error);
        HcHive *hive = copy != NULL ? open_made_clean(copy, flags, error) : NULL;
        if (hive != NULL)
            *note = g_strdup_printf("%s: dirty, read as it stands", file);
        return hive;
    }
    g_auto(HcLogReport) report = {0};
    g_autoptr(HcMap) recovered = logs != NULL ? recover_with(map, logs, &report, error)
                                              : hc_log_recover(map, &report, error);
    if (recovered == NULL) {
        append_hint(error);
        return NULL;
    }
    HcHive *hive = open_made_clean(recovered, flags, error);
    if (hive == NULL) {
        g_prefix_error(error, "after its transaction logs were replayed: ");
        return NULL;
    }
    g_autoptr(GString) line = g_string_new(NULL);
    g_string_append_printf(line, "%s: dirty, replayed in memory: ", file);
    hc_log_report_append(line, &report);
    *note = g_string_free(g_steal_pointer(&line), FALSE);
    return hive;
}

HcHive *
hc_hive_open_recovered(const char *file, HcDirtyPolicy policy, HcHiveFlags flags, char **note,
                       GError **error)
{
    g_autoptr(HcMap) map = hc_map_open(file, UINT64_MAX, error);
    if (map == NULL) {
        *note = NULL;
        return NULL;
    }
    return hc_hive_open_recovered_map(map, NULL, policy, flags, note, error);
}

HcHive *
hc_hive_open_recovered_map(HcMap *map, const GPtrArray *logs, HcDirtyPolicy policy,
                           HcHiveFlags flags, char **note, GError **error)
{
    *note = NULL;
    const HcHiveState state = hc_log_hive_state(map);
    if (state == HC_HIVE_CLEAN || (state == HC_HIVE_BAD_BASE && policy != HC_DIRTY_REPLAY))
        return hc_hive_open_map(map, flags, error);
    /* A damaged hive is opened without a word about its sequence numbers. */
    const HcHiveFlags strict = flags & ~(HcHiveFlags) HC_HIVE_ALLOW_DAMAGED;
    if (policy == HC_DIRTY_REFUSE)
        return hc_hive_open_map(map, strict, error);
    if (state == HC_HIVE_DIRTY)
        return open_dirty(map, logs, policy, flags, note, error);
    /* A torn base block is a defect of its own where no log mends it. */
    g_autoptr(GError) defect = NULL;
    HcHive *hive = hc_hive_open_map(map, strict, &defect);
    if (hive != NULL)
        return hive;
    g_autoptr(GError) failure = NULL;
    g_autoptr(GPtrArray) found = logs == NULL ? hc_log_find(map, &failure) : NULL;
    hive = failure == NULL ? open_dirty(map, logs != NULL ? logs : found, policy, flags, note, NULL)
                           : NULL;
    if (hive != NULL)
        return hive;
    if (failure == NULL && flags != strict)
        return hc_hive_open_map(map, flags, error);
    if (failure != NULL)
        return hc_fail_null(error, (HcErrorCode) defect->code,
                            "%s (and a transaction log cannot be used: %s)", defect->message,
                            failure->message);
    return hc_fail_with_null(error, g_steal_pointer(&defect));
}
