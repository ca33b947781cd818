#include "config.h"

#include "hivecore/base/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "hivecore/base/error.h"
#include "hivecore/base/interrupt.h"

enum {
    FIRST_PAUSE_USEC = 1000,
    LONGEST_PAUSE_USEC = 50000,
    MAX_TRIES = 1000 /* files that lose their name each time between open() and flock() */
};

typedef struct {
    char *file;
    int fd;
    struct stat status;
} Item;

struct HcLock {
    Item *items; /* in the order of device and inode */
    gsize n;
    char *note;
};

static void
close_items(HcLock *lock)
{
    for (gsize i = 0; i < lock->n; i++) {
        if (lock->items[i].fd >= 0)
            /* Nothing was written through it. */
            (void) close(lock->items[i].fd);
        lock->items[i].fd = -1;
    }
}

void
hc_lock_free(HcLock *lock)
{
    if (lock == NULL)
        return;
    close_items(lock);
    for (gsize i = 0; i < lock->n; i++)
        g_free(lock->items[i].file);
    g_free(lock->items);
    g_free(lock->note);
    g_free(lock);
}

static int
compare_items(const void *a, const void *b)
{
    const struct stat *x = &((const Item *) a)->status;
    const struct stat *y = &((const Item *) b)->status;
    if (x->st_dev != y->st_dev)
        return x->st_dev < y->st_dev ? -1 : 1;
    return (x->st_ino > y->st_ino) - (x->st_ino < y->st_ino);
}

/* One order for everybody, so that two programs never wait for each other. */
static gboolean
sort_items(HcLock *lock, GError **error)
{
    for (gsize i = 0; i < lock->n; i++) {
        Item *item = &lock->items[i];
        if (stat(item->file, &item->status) != 0)
            return hc_fail_io(error, item->file, "cannot open", errno);
    }
    qsort(lock->items, lock->n, sizeof(Item), compare_items);
    for (gsize i = 1; i < lock->n; i++) {
        const Item *item = &lock->items[i];
        if (compare_items(item - 1, item) == 0)
            return hc_fail(error, HC_ERROR_USAGE, "%s: is the same file as %s", item[-1].file,
                           item->file);
    }
    return TRUE;
}

/* The process that holds a lock on @item, from /proc/locks; 0 when that does not tell. */
static int
find_holder(const Item *item)
{
    g_autofree char *text = NULL;
    if (!g_file_get_contents("/proc/locks", &text, NULL, NULL))
        return 0;
    g_autofree char *wanted =
        g_strdup_printf("%02x:%02x:%" G_GUINT64_FORMAT, major(item->status.st_dev),
                        minor(item->status.st_dev), (guint64) item->status.st_ino);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (gsize i = 0; lines[i] != NULL; i++) {
        /* "1: FLOCK  ADVISORY  WRITE 4242 fe:00:10952882 0 EOF"; those that wait have "->". */
        char pid[16];
        char place[64];
        if (sscanf(lines[i], "%*d: FLOCK %*s %*s %15s %63s", pid, place) == 2 &&
            g_str_equal(place, wanted))
            return (int) g_ascii_strtoll(pid, NULL, 10);
    }
    return 0;
}

static gboolean
fail_held(const Item *item, guint timeout_seconds, GError **error)
{
    const int pid = find_holder(item);
    g_autofree char *proc = g_strdup_printf("/proc/%d/comm", pid);
    g_autofree char *name = NULL;
    g_autoptr(GString) holder = g_string_new("another program");
    if (pid > 0)
        g_string_printf(holder, "process %d", pid);
    if (pid > 0 && g_file_get_contents(proc, &name, NULL, NULL))
        g_string_append_printf(holder, " (%s)", g_strchomp(name));
    return hc_fail(error, HC_ERROR_IO,
                   "%s: is in use by %s, also after %u second%s (--lock-timeout waits longer)",
                   item->file, holder->str, timeout_seconds, timeout_seconds == 1 ? "" : "s");
}

/* Whether flock() failed because it is not to be had here, not because somebody has it. */
static gboolean
has_no_locks(int saved_errno)
{
    return saved_errno == ENOLCK || saved_errno == ENOSYS || saved_errno == EOPNOTSUPP ||
           saved_errno == EINVAL || saved_errno == EBADF;
}

/* Network file systems want a descriptor for writing. */
static int
lock_now(Item *item)
{
    if (flock(item->fd, LOCK_EX | LOCK_NB) == 0)
        return 0;
    int saved_errno = errno;
    int writable = saved_errno == EBADF ? open(item->file, O_RDWR | O_NONBLOCK | O_CLOEXEC) : -1;
    if (writable < 0)
        return saved_errno;
    (void) close(item->fd);
    item->fd = writable;
    return flock(item->fd, LOCK_EX | LOCK_NB) == 0 ? 0 : errno;
}

/* Waits until @item is ours, or @deadline. */
static gboolean
lock_item(HcLock *lock, Item *item, gint64 deadline, guint timeout_seconds, GError **error)
{
    gulong pause = FIRST_PAUSE_USEC;
    item->fd = open(item->file, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (item->fd < 0 || fstat(item->fd, &item->status) != 0)
        return hc_fail_io(error, item->file, "cannot open", errno);
    for (;;) {
        int lock_errno = lock_now(item);
        if (lock_errno == 0)
            return TRUE;
        if (has_no_locks(lock_errno)) {
            g_free(lock->note);
            lock->note = g_strdup_printf("%s: not locked: %s", item->file, g_strerror(lock_errno));
            return TRUE;
        }
        if (lock_errno != EWOULDBLOCK && lock_errno != EINTR)
            return hc_fail_io(error, item->file, "cannot lock", lock_errno);
        if (!hc_interrupt_check(error))
            return FALSE;
        if (g_get_monotonic_time() >= deadline)
            return fail_held(item, timeout_seconds, error);
        g_usleep(pause);
        pause = MIN(2 * pause, (gulong) LONGEST_PAUSE_USEC);
    }
}

/* Whether @item, now locked, still has its name; then *status is what it is. */
static gboolean
is_named(Item *item)
{
    struct stat named;
    return stat(item->file, &named) == 0 && fstat(item->fd, &item->status) == 0 &&
           named.st_dev == item->status.st_dev && named.st_ino == item->status.st_ino;
}

/* Locks all, in their order. *is_stale: one has lost its name, and all must be begun again. */
static gboolean
lock_all(HcLock *lock, gint64 deadline, guint timeout_seconds, gboolean *is_stale, GError **error)
{
    *is_stale = FALSE;
    if (!sort_items(lock, error))
        return FALSE;
    for (gsize i = 0; i < lock->n && !*is_stale; i++) {
        const struct stat sorted = lock->items[i].status;
        if (!lock_item(lock, &lock->items[i], deadline, timeout_seconds, error))
            return FALSE;
        /* Another file than the one it was sorted by would be locked out of order. */
        *is_stale = !is_named(&lock->items[i]) || sorted.st_dev != lock->items[i].status.st_dev ||
                    sorted.st_ino != lock->items[i].status.st_ino;
    }
    return TRUE;
}

HcLock *
hc_lock_take(const char *const *files, gsize n, guint timeout_seconds, GError **error)
{
    g_autoptr(HcLock) lock = g_new0(HcLock, 1);
    const gint64 deadline = g_get_monotonic_time() + (gint64) timeout_seconds * G_USEC_PER_SEC;
    lock->items = g_new0(Item, n);
    lock->n = n;
    for (gsize i = 0; i < n; i++)
        lock->items[i] = (Item){.file = g_strdup(files[i]), .fd = -1};
    for (int i = 0; i < MAX_TRIES; i++) {
        gboolean is_stale;
        if (!lock_all(lock, deadline, timeout_seconds, &is_stale, error))
            return NULL;
        if (!is_stale)
            return g_steal_pointer(&lock);
        close_items(lock);
    }
    return hc_fail_null(error, HC_ERROR_IO, "%s: is replaced by others again and again",
                        n > 0 ? files[0] : "");
}

const char *
hc_lock_note(const HcLock *lock)
{
    return lock->note;
}

const struct stat *
hc_lock_status(const HcLock *lock, const char *file)
{
    for (gsize i = 0; i < lock->n; i++) {
        if (g_str_equal(lock->items[i].file, file))
            return &lock->items[i].status;
    }
    return NULL;
}
