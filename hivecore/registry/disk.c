#include "config.h"

#include <string.h>
#include <sys/stat.h>

#include "hivecore/base/display.h"
#include "hivecore/base/entry-name.h"
#include "hivecore/base/error.h"
#include "hivecore/base/file.h"
#include "hivecore/base/map.h"
#include "hivecore/registry/registry-private.h"

/* Where Windows has hives besides its config folder. */

/* The head of hiberfil.sys; all zero when Windows is not asleep (as ntfs-3g and the kernel's ntfs3
 * look at it). */
#define HIBERFIL_HEAD_BYTES 4096

static gboolean
is_kind(const char *path, gboolean is_folder, gboolean *is_one, GError **error)
{
    struct stat status;
    gboolean is_there = FALSE;
    if (!hc_file_look(path, FALSE, &status, &is_there, error))
        return FALSE;
    *is_one = is_there && (is_folder ? S_ISDIR(status.st_mode) : S_ISREG(status.st_mode));
    return TRUE;
}

/* Where Windows has a hive nobody means a link, and none is followed; as if there were no hive
 * would hide it. */
static gboolean
refuse_link(const char *path, GError **error)
{
    struct stat status;
    gboolean is_there = FALSE;
    return hc_file_look(path, FALSE, &status, &is_there, error) &&
           (!is_there || !S_ISLNK(status.st_mode) ||
            hc_fail(error, HC_ERROR_MALFORMED, "%s: is a symbolic link", path));
}

char *
hc_disk_find(const char *folder, const char *const *parts, gboolean is_folder, GError **error)
{
    g_autofree char *path = g_strdup(folder);
    for (; *parts != NULL; parts++) {
        gboolean is_one = FALSE;
        char *below = hc_folder_find(path, *parts, error);
        g_free(path);
        path = below;
        const gboolean is_last = parts[1] == NULL;
        if (path == NULL || !is_kind(path, is_folder || !is_last, &is_one, error) ||
            (!is_one && is_last && !is_folder && !refuse_link(path, error)) || !is_one)
            return NULL;
    }
    return g_steal_pointer(&path);
}

/* --- whose folder it is --- */

/* The last part of a path of Windows. */
static gboolean
ends_with_folder(const HcHive *software, const HcValue *value, const char *folder)
{
    g_autoptr(GByteArray) scratch = g_byte_array_new();
    HcBlob data;
    if (!hc_hive_value_data(software, value, scratch, &data, NULL))
        return FALSE;
    HcName path = {data.bytes, data.n_bytes / 2, FALSE};
    while (path.n_units > 0 && hc_name_unit(path, path.n_units - 1) == 0)
        path.n_units--;
    uint32_t from = path.n_units;
    while (from > 0 && hc_name_unit(path, from - 1) != '\\')
        from--;
    g_autoptr(HcArena) arena = hc_arena_new();
    return g_utf8_validate(folder, -1, NULL) &&
           hc_name_equal(hc_name_part(path, from, path.n_units),
                         hc_name_from_utf8(arena, folder, strlen(folder)));
}

/* The list of profiles in SOFTWARE, which says whose SID has which folder. */
static gboolean
find_profiles(const HcHive *software, HcKey *key)
{
    static const HcName path[] = {HC_NAME_ASCII("Microsoft"), HC_NAME_ASCII("Windows NT"),
                                  HC_NAME_ASCII("CurrentVersion"), HC_NAME_ASCII("ProfileList")};
    return software != NULL && hc_hive_lookup(software, path, G_N_ELEMENTS(path), key, NULL);
}

/* The SID of the user whose profile is in @folder; NULL where nothing says it, as of a damaged
 * hive, which is told by who reads it. */
static char *
find_sid(const HcHive *software, const char *folder)
{
    HcKey profiles;
    HcKey profile;
    HcValue value;
    HcSubkeyIter iter;
    if (!find_profiles(software, &profiles) ||
        !hc_subkey_iter_init(&iter, software, &profiles, NULL))
        return NULL;
    while (hc_subkey_iter_next(&iter, &profile, NULL)) {
        if (hc_hive_find_value(software, &profile, HC_NAME_ASCII("ProfileImagePath"), &value,
                               NULL) &&
            ends_with_folder(software, &value, folder))
            return hc_name_display(profile.name);
    }
    return NULL;
}

static HcHive *
open_software(const HcRegistry *registry)
{
    const int index = hc_registry_find_name(registry, "SOFTWARE");
    g_autofree char *note = NULL;
    if (index < 0)
        return NULL;
    const char *file = hc_registry_hive(registry, (guint) index)->name;
    HcHive *hive = hc_hive_open_recovered(file, HC_DIRTY_REPLAY, HC_HIVE_LAZY, &note, NULL);
    return hive != NULL ? hive : hc_hive_open(file, HC_HIVE_LAZY | HC_HIVE_ALLOW_DIRTY, NULL);
}

/* --- what is there --- */

/* HKEY_USERS\\@user; where that is another's already, as of a profile that was moved and is there
 * twice, with a number behind it. Returns: (transfer full) */
static char *
free_place(const HcRegistry *registry, const char *user)
{
    char *place = g_strconcat("HKEY_USERS\\", user, NULL);
    for (guint n = hc_registry_n_hives(registry);; n++) {
        g_autoptr(HcRoot) root = hc_root_parse(place, NULL);
        if (root == NULL || hc_registry_find(registry, root, NULL) < 0)
            return place;
        g_free(place);
        place = g_strdup_printf("HKEY_USERS\\%s~%u", user, n);
    }
}

/* Adds the hive at @parts below @folder, where there is one. */
static gboolean
add(HcRegistry *registry, const char *folder, const char *const *parts, const char *label,
    const char *place, GError **error)
{
    GError *failure = NULL;
    g_autofree char *path = hc_disk_find(folder, parts, FALSE, &failure);
    if (path == NULL)
        return failure == NULL || hc_fail_with(error, failure);
    HcRoot *root = hc_root_parse(place, NULL);
    hc_registry_add(registry, path, label, root, TRUE);
    return TRUE;
}

static gboolean
add_user(HcRegistry *registry, const HcHive *software, const char *folder, const char *user,
         GError **error)
{
    static const char *const hive[] = {"NTUSER.DAT", NULL};
    static const char *const places[][7] = {
        {"AppData", "Local", "Microsoft", "Windows", "UsrClass.dat", NULL},
        {"Local Settings", "Application Data", "Microsoft", "Windows", "UsrClass.dat", NULL},
    };
    g_autofree char *sid = find_sid(software, user);
    /* A folder can be called anything. */
    g_autofree char *shown = hc_display(user);
    const char *place = sid != NULL ? sid : shown;
    g_autofree char *own = free_place(registry, place);
    g_autofree char *classes = g_strconcat(own, "_Classes", NULL);
    g_autofree char *label = g_strconcat(user, "_Classes", NULL);
    const guint n = hc_registry_n_hives(registry);
    if (!add(registry, folder, hive, user, own, error))
        return FALSE;
    if (hc_registry_n_hives(registry) == n)
        return TRUE;
    hc_registry_set_user(registry, n, user, FALSE);
    for (gsize i = 0; i < G_N_ELEMENTS(places) && hc_registry_n_hives(registry) == n + 1; i++) {
        if (!add(registry, folder, places[i], label, classes, error))
            return FALSE;
    }
    if (hc_registry_n_hives(registry) > n + 1)
        hc_registry_set_user(registry, n + 1, user, TRUE);
    return TRUE;
}

static gboolean
add_users(HcRegistry *registry, const HcHive *software, const char *folder, GError **error)
{
    static const char *const homes[] = {"Users", "Documents and Settings"};
    for (gsize i = 0; i < G_N_ELEMENTS(homes); i++) {
        const char *const parts[] = {homes[i], NULL};
        GError *failure = NULL;
        g_autofree char *home = hc_disk_find(folder, parts, TRUE, &failure);
        if (failure != NULL)
            return hc_fail_with(error, failure);
        g_autoptr(GPtrArray) names = home != NULL ? hc_folder_names(home, error) : NULL;
        if (home != NULL && names == NULL)
            return FALSE;
        for (guint k = 0; names != NULL && k < names->len; k++) {
            const char *user = g_ptr_array_index(names, k);
            g_autofree char *path = g_build_filename(home, user, NULL);
            gboolean is_folder;
            if (!is_kind(path, TRUE, &is_folder, error) ||
                (is_folder && !add_user(registry, software, path, user, error)))
                return FALSE;
        }
    }
    return TRUE;
}

gboolean
hc_disk_add_others(HcRegistry *registry, const char *folder, GError **error)
{
    static const struct {
        const char *label;
        const char *place;
        const char *parts[6];
    } others[] = {
        {"LocalService",
         "HKEY_USERS\\S-1-5-19",
         {"Windows", "ServiceProfiles", "LocalService", "NTUSER.DAT"}},
        {"NetworkService",
         "HKEY_USERS\\S-1-5-20",
         {"Windows", "ServiceProfiles", "NetworkService", "NTUSER.DAT"}},
        {"BCD", "HKEY_LOCAL_MACHINE\\BCD00000000", {"Boot", "BCD"}},
        {"BCD", "HKEY_LOCAL_MACHINE\\BCD00000000", {"EFI", "Microsoft", "Boot", "BCD"}},
    };
    g_autoptr(HcHive) software = open_software(registry);
    if (!add_users(registry, software, folder, error))
        return FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(others); i++) {
        g_autoptr(HcRoot) root = hc_root_parse(others[i].place, NULL);
        /* Of two boot configurations the first. */
        if (hc_registry_find(registry, root, NULL) < 0 &&
            !add(registry, folder, others[i].parts, others[i].label, others[i].place, error))
            return FALSE;
    }
    return TRUE;
}

gboolean
hc_disk_is_hibernated(const char *folder, gboolean *is_hibernated, GError **error)
{
    static const char *const parts[] = {"hiberfil.sys", NULL};
    GError *failure = NULL;
    g_autofree char *path = hc_disk_find(folder, parts, FALSE, &failure);
    *is_hibernated = FALSE;
    if (path == NULL)
        return failure == NULL || hc_fail_with(error, failure);
    g_autoptr(HcMap) map = hc_map_open(path, UINT64_MAX, error);
    if (map == NULL)
        return FALSE;
    const uint8_t *head = hc_map_data(map);
    const uint64_t n = MIN(hc_map_size(map), HIBERFIL_HEAD_BYTES);
    for (uint64_t i = 0; i < n && !*is_hibernated; i++)
        *is_hibernated = head[i] != 0;
    return TRUE;
}
