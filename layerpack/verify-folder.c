#include "config.h"

#include "layerpack/verify.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hivecore/base/entry-name.h"
#include "hivecore/base/error.h"
#include "hivecore/base/file.h"
#include "hivecore/base/limits.h"
#include "hivecore/base/map.h"

typedef struct {
    const char *folder;
    LpRules *rules;
    GString *path; /* of the folder that is walked, below the first, with a slash at its end */
    uint64_t n_entries;
} Walk;

static char *
file_of(const Walk *walk, const char *name)
{
    return g_strdup_printf("%s/%s%s", walk->folder, walk->path->str, name);
}

static gboolean
fail_limit(const char *file, const char *what, GError **error)
{
    return hc_fail(error, HC_ERROR_LIMIT, "%s: %s", file, what);
}

static HcEntryType
type_of(mode_t mode)
{
    if (S_ISREG(mode))
        return HC_ENTRY_FILE;
    if (S_ISDIR(mode))
        return HC_ENTRY_FOLDER;
    return S_ISLNK(mode) ? HC_ENTRY_SYMLINK : HC_ENTRY_OTHER;
}

static gboolean
read_link(const char *file, GString *link, GError **error)
{
    char target[4096];
    ssize_t n = readlink(file, target, sizeof(target));
    if (n < 0)
        return hc_fail_io(error, file, "cannot read", errno);
    g_string_append_len(link, target, n);
    return TRUE;
}

static gboolean
check_hive(LpRules *rules, const HcEntry *entry, const char *file, GError **error)
{
    g_autoptr(GError) failure = NULL;
    HcMap *map = hc_map_open(file, HC_MAX_HIVE_BYTES, &failure);
    if (map == NULL && !g_error_matches(failure, HC_ERROR, HC_ERROR_LIMIT))
        return hc_fail_with(error, g_steal_pointer(&failure));
    g_autoptr(GBytes) content = NULL;
    if (map != NULL)
        content = g_bytes_new_with_free_func(hc_map_data(map), (gsize) hc_map_size(map),
                                             (GDestroyNotify) hc_map_unref, map);
    lp_rules_hive(rules, entry, content, failure != NULL ? hc_error_text(failure, file) : NULL);
    return TRUE;
}

/* Gives one name to the rules. @is_folder: (out) */
static gboolean
check_name(Walk *walk, const char *name, gboolean *is_folder, GError **error)
{
    g_autofree char *file = file_of(walk, name);
    struct stat status;
    if (lstat(file, &status) != 0)
        return hc_fail_io(error, file, "cannot look at", errno);
    if (++walk->n_entries > HC_MAX_LAYER_ENTRIES)
        return fail_limit(file, "more entries than the limit", error);
    g_autoptr(HcEntry) entry = hc_entry_new();
    g_string_append_printf(entry->name, "%s%s", walk->path->str, name);
    entry->type = type_of(status.st_mode);
    entry->tar_type = '0';
    entry->mode = status.st_mode & 07777;
    entry->n_bytes = entry->type == HC_ENTRY_FILE ? (uint64_t) status.st_size : 0;
    *is_folder = entry->type == HC_ENTRY_FOLDER;
    if (entry->type == HC_ENTRY_SYMLINK && !read_link(file, entry->link, error))
        return FALSE;
    return !lp_rules_entry(walk->rules, entry) || check_hive(walk->rules, entry, file, error);
}

/* What is no unpacked layer is told so: the user has mistaken one thing for another. */
static gboolean
check_top(const Walk *walk, const GPtrArray *names, GError **error)
{
    gboolean is_layer = FALSE;
    for (guint i = 0; i < names->len; i++) {
        const char *name = g_ptr_array_index(names, i);
        is_layer |= hc_entry_name_equal(name, "Files") || hc_entry_name_equal(name, "Hives");
        if (strcmp(name, "oci-layout") != 0)
            continue;
        return hc_fail(error, HC_ERROR_USAGE, "%s: is an OCI image layout, name it oci:%s",
                       walk->folder, walk->folder);
    }
    if (is_layer)
        return TRUE;
    return hc_fail(error, HC_ERROR_MALFORMED,
                   "%s: has neither Files nor Hives, so it is no unpacked layer", walk->folder);
}

/* Recursion ends at HC_MAX_FOLDER_DEPTH. */
static gboolean
walk_folder(Walk *walk, guint depth, GError **error)
{
    g_autofree char *folder = file_of(walk, "");
    if (depth > HC_MAX_FOLDER_DEPTH)
        return fail_limit(folder, "has folders deeper than the limit", error);
    g_autoptr(GPtrArray) names = hc_folder_names(folder, error);
    if (names == NULL || (depth == 0 && !check_top(walk, names, error)))
        return FALSE;
    for (guint i = 0; i < names->len; i++) {
        const char *name = g_ptr_array_index(names, i);
        gboolean is_folder = FALSE;
        if (!check_name(walk, name, &is_folder, error))
            return FALSE;
        if (!is_folder)
            continue;
        gsize old_len = walk->path->len;
        g_string_append_printf(walk->path, "%s/", name);
        if (!walk_folder(walk, depth + 1, error))
            return FALSE;
        g_string_truncate(walk->path, old_len);
    }
    return TRUE;
}

gboolean
lp_verify_folder(const char *folder, HcFindings *findings, LpCheckedLayer *checked, GError **error)
{
    g_autoptr(LpRules) rules = lp_rules_new(NULL);
    g_autoptr(GString) path = g_string_new(NULL);
    Walk walk = {.folder = folder, .rules = rules, .path = path};
    if (!walk_folder(&walk, 0, error))
        return FALSE;
    /* A folder has no end of the archive to look at. */
    checked->summary = (HcLayerSummary){.n_entries = walk.n_entries, .n_end_blocks = 2};
    const HcFindings *found =
        lp_rules_finish(rules, LP_PLACE_UNKNOWN, &checked->summary, &checked->is_base);
    hc_findings_append(findings, found, 0);
    checked->is_read = TRUE;
    return TRUE;
}
