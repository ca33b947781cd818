#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hivecore/base/lock.h"
#include "tests/unit/cu.h"

/* The library's flock() is this one: a file system without locks, and what happens between open()
 * and flock(). */
static int flock_errno;
static char *rename_from;
static char *rename_to;

int
flock(int fd, int operation)
{
    if (rename_from != NULL)
        CU_ASSERT_EQUAL(rename(rename_from, rename_to), 0);
    g_clear_pointer(&rename_from, g_free);
    g_clear_pointer(&rename_to, g_free);
    errno = flock_errno;
    return flock_errno != 0 ? -1 : (int) syscall(SYS_flock, fd, operation);
}

/* A folder with the files a and b, and their paths. */
typedef struct {
    char *folder;
    char *a;
    char *b;
} Place;

static Place
place_new(void)
{
    char *folder = cu_temp_dir();
    Place place = {folder, g_build_filename(folder, "a", NULL),
                   g_build_filename(folder, "b", NULL)};
    CU_ASSERT_TRUE(g_file_set_contents(place.a, "a", 1, NULL));
    CU_ASSERT_TRUE(g_file_set_contents(place.b, "b", 1, NULL));
    return place;
}

static void
place_clear(Place *place)
{
    cu_remove_tree(place->folder);
    g_free(place->folder);
    g_free(place->a);
    g_free(place->b);
}

static HcLock *
take(const char *first, const char *second, guint timeout_seconds, GError **error)
{
    const char *files[] = {first, second};
    return hc_lock_take(files, second != NULL ? 2 : 1, timeout_seconds, error);
}

/* That a lock on @file cannot be had, because this process has one. */
static void
check_held(const char *file)
{
    GError *error = NULL;
    g_autofree char *name = NULL;
    CU_ASSERT_TRUE(g_file_get_contents("/proc/self/comm", &name, NULL, NULL));
    CU_ASSERT_PTR_NULL(take(file, NULL, 0, &error));
    g_autofree char *message =
        g_strdup_printf("%s: is in use by process %d (%s), also after 0 seconds (--lock-timeout "
                        "waits longer)",
                        file, getpid(), g_strchomp(name));
    CHECK_ERROR(error, HC_ERROR_IO, message);
}

static void
holder_is_named(void)
{
    Place place = place_new();
    GError *error = NULL;
    HcLock *lock = take(place.a, place.b, 0, &error);
    CHECK_NO_ERROR(error);
    CU_ASSERT_PTR_NULL(hc_lock_note(lock));
    check_held(place.a);
    check_held(place.b);
    hc_lock_free(lock);
    lock = take(place.b, place.a, 0, &error);
    CHECK_NO_ERROR(error);
    hc_lock_free(lock);
    /* One that is waited for in vain. */
    lock = take(place.a, NULL, 0, &error);
    gint64 start = g_get_monotonic_time();
    CU_ASSERT_PTR_NULL(take(place.b, place.a, 1, &error));
    CU_ASSERT_TRUE(g_get_monotonic_time() - start >= G_USEC_PER_SEC);
    CU_ASSERT_TRUE(error != NULL &&
                   strstr(error->message, "also after 1 second (--lock-timeout") != NULL);
    g_clear_error(&error);
    hc_lock_free(lock);
    place_clear(&place);
}

static void
folders_can_be_locked(void)
{
    Place place = place_new();
    GError *error = NULL;
    g_autoptr(HcLock) lock = take(place.folder, NULL, 0, &error);
    CHECK_NO_ERROR(error);
    check_held(place.folder);
    place_clear(&place);
}

static void
same_file_twice(void)
{
    Place place = place_new();
    GError *error = NULL;
    g_autofree char *link = g_build_filename(place.folder, "link", NULL);
    CU_ASSERT_EQUAL(symlink("a", link), 0);
    CU_ASSERT_PTR_NULL(take(place.a, place.a, 0, &error));
    g_autofree char *twice = g_strdup_printf("%s: is the same file as %s", place.a, place.a);
    CHECK_ERROR(error, HC_ERROR_USAGE, twice);
    CU_ASSERT_PTR_NULL(take(place.a, link, 0, &error));
    CU_ASSERT_TRUE(g_error_matches(error, HC_ERROR, HC_ERROR_USAGE));
    g_clear_error(&error);
    place_clear(&place);
}

static void
no_file(void)
{
    Place place = place_new();
    GError *error = NULL;
    CU_ASSERT_EQUAL(unlink(place.b), 0);
    CU_ASSERT_PTR_NULL(take(place.a, place.b, 0, &error));
    g_autofree char *message =
        g_strconcat(place.b, ": cannot open: No such file or directory", NULL);
    CHECK_ERROR(error, HC_ERROR_IO, message);
    place_clear(&place);
}

/* The file that was opened has lost its name when the lock is got: the lock must be of the file
 * that has the name now. */
static void
lock_follows_the_name(void)
{
    Place place = place_new();
    GError *error = NULL;
    struct stat b;
    CU_ASSERT_EQUAL(stat(place.b, &b), 0);
    rename_from = g_strdup(place.b);
    rename_to = g_strdup(place.a);
    g_autoptr(HcLock) lock = take(place.a, NULL, 0, &error);
    CHECK_NO_ERROR(error);
    CU_ASSERT_TRUE(hc_lock_status(lock, place.a)->st_ino == b.st_ino);
    CU_ASSERT_PTR_NULL(hc_lock_status(lock, place.b));
    check_held(place.a);
    place_clear(&place);
}

static void
file_system_without_locks(void)
{
    static const int errors[] = {ENOLCK, ENOSYS, EOPNOTSUPP};
    Place place = place_new();
    GError *error = NULL;
    for (gsize i = 0; i < G_N_ELEMENTS(errors); i++) {
        flock_errno = errors[i];
        g_autoptr(HcLock) lock = take(place.a, NULL, 0, &error);
        flock_errno = 0;
        CHECK_NO_ERROR(error);
        g_autofree char *note =
            g_strdup_printf("%s: not locked: %s", place.a, g_strerror(errors[i]));
        CHECK_STRING(hc_lock_note(lock), note);
        CU_ASSERT_TRUE(hc_lock_status(lock, place.a)->st_size == 1);
    }
    place_clear(&place);
}

/* Two processes that name the files in crossing order, each until it has had both 200 times. */
static void
no_deadlock(void)
{
    enum {
        N_ROUNDS = 200,
        PATIENCE = 60
    };
    Place place = place_new();
    pid_t children[2];
    for (int i = 0; i < 2; i++) {
        children[i] = fork();
        if (children[i] != 0)
            continue;
        for (int k = 0; k < N_ROUNDS; k++) {
            HcLock *lock =
                take(i == 0 ? place.a : place.b, i == 0 ? place.b : place.a, PATIENCE, NULL);
            if (lock == NULL)
                cu_child_exit(1);
            hc_lock_free(lock);
        }
        cu_child_exit(0);
    }
    for (int i = 0; i < 2; i++) {
        int status = -1;
        CHECK_NUMBER(waitpid(children[i], &status, 0), children[i]);
        CHECK_NUMBER(status, 0);
    }
    place_clear(&place);
}

const char cu_suite[] = "lock";
const CuCase cu_cases[] = {
    {"the holder is named", holder_is_named},
    {"folders can be locked", folders_can_be_locked},
    {"the same file twice", same_file_twice},
    {"no file", no_file},
    {"the lock follows the name", lock_follows_the_name},
    {"a file system without locks", file_system_without_locks},
    {"no deadlock", no_deadlock},
    {NULL, NULL},
};
