#include "config.h"

#include "hivecore/base/map.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "hivecore/base/base-private.h"
#include "hivecore/base/error.h"
#include "hivecore/base/file.h"
#include "hivecore/base/limits.h"
#include "hivecore/base/spool.h"

/* A copy goes to a disk that has room for so many of its size: what is made of it wants some too.
 */
#define MIN_ROOM 4u

/* What is read and written at once: file systems give huge pages to who writes so much from such
 * pages, and then one is mapped in place of 512. */
#define BLOCK_BYTES (2 * HC_HUGE_BYTES)

struct HcMap {
    gatomicrefcount ref_count;
    char *name;
    const uint8_t *data;
    uint64_t n_bytes;
    GBytes *bytes;      /* owner of data, or NULL when data is mapped */
    int fd;             /* of a copy that is shared or in memory, or -1 */
    gboolean is_file;   /* mapped from a path */
    gboolean is_open;   /* a copy that is shared and not sealed */
    struct stat status; /* of either, as it then was */
};

static HcMap *
map_new(const char *name)
{
    HcMap *map = g_new0(HcMap, 1);
    g_atomic_ref_count_init(&map->ref_count);
    map->name = g_strdup(name);
    map->fd = -1;
    return map;
}

static void
close_if_open(int fd)
{
    /* Only descriptors that were read from come here: nothing can be lost. */
    if (fd >= 0)
        (void) close(fd);
}

static gboolean
map_descriptor(HcMap *map, int fd, uint64_t n_bytes, int flags, GError **error)
{
    if (n_bytes == 0)
        return TRUE;
    void *data = mmap(NULL, n_bytes, PROT_READ, MAP_PRIVATE | flags, fd, 0);
    if (data == MAP_FAILED)
        return hc_fail_io(error, map->name, "cannot map", errno);
    map->data = data;
    map->n_bytes = n_bytes;
    return TRUE;
}

static void
set_limit_error(GError **error, const char *name, uint64_t max_bytes)
{
    hc_set_error(error, HC_ERROR_LIMIT, "%s: larger than the limit of %" PRIu64 " bytes", name,
                 max_bytes);
}

/*
 * O_NONBLOCK: opening a FIFO must not wait for its writer. O_NOCTTY: a terminal named as input
 * must not become ours.
 */
static int
open_for_reading(const char *file, struct stat *status, GError **error)
{
    int fd = open(file, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) {
        hc_set_io_error(error, file, "cannot open", errno);
        return -1;
    }
    if (fstat(fd, status) != 0) {
        hc_set_io_error(error, file, "cannot read", errno);
        close_if_open(fd);
        return -1;
    }
    return fd;
}

HcMap *
hc_map_open(const char *file, uint64_t max_bytes, GError **error)
{
    struct stat status;
    int fd = open_for_reading(file, &status, error);
    if (fd < 0)
        return NULL;
    g_autoptr(HcMap) map = map_new(file);
    gboolean is_mapped = FALSE;
    if (!S_ISREG(status.st_mode))
        (void) hc_file_fail_kind(file, status.st_mode, error);
    else if ((uint64_t) status.st_size > max_bytes)
        set_limit_error(error, file, max_bytes);
    else
        is_mapped = map_descriptor(map, fd, (uint64_t) status.st_size, 0, error);
    close_if_open(fd); /* of a disk there may be more hives than a program may have open */
    map->is_file = TRUE;
    map->status = status;
    return is_mapped ? g_steal_pointer(&map) : NULL;
}

const struct stat *
hc_map_status(const HcMap *map)
{
    return map->is_file ? &map->status : NULL;
}

static gboolean
fail_cut_short(const HcMap *source, GError **error)
{
    return hc_fail(error, HC_ERROR_IO, "%s: was cut short while it was read", source->name);
}

/* Where a file was cut short under its mapping the kernel answers EFAULT, while a memcpy() would
 * end in SIGBUS. */
static gboolean
write_copy(int fd, const HcMap *source, const uint8_t *bytes, uint64_t n_bytes, GError **error)
{
    while (n_bytes > 0) {
        const ssize_t n = write(fd, bytes, MIN(n_bytes, 1u << 30));
        if (n < 0 && errno == EFAULT)
            return fail_cut_short(source, error);
        if (n < 0 && errno != EINTR)
            return hc_fail_io(error, source->name, "cannot copy to memory", errno);
        bytes += MAX(n, 0);
        n_bytes -= (uint64_t) MAX(n, 0);
    }
    return TRUE;
}

static gboolean
copy_by_blocks(int fd, const HcMap *source, int from, uint64_t n_bytes, uint8_t *block,
               GError **error)
{
    for (uint64_t done = 0; done < n_bytes;) {
        const ssize_t n = pread(from, block, MIN(n_bytes - done, BLOCK_BYTES), (off_t) done);
        if (n == 0)
            return fail_cut_short(source, error);
        if (n < 0 && errno != EINTR)
            return hc_fail_io(error, source->name, "cannot read", errno);
        if (n > 0 && !write_copy(fd, source, block, (uint64_t) n, error))
            return FALSE;
        done += (uint64_t) MAX(n, 0);
    }
    return TRUE;
}

static gboolean
copy_file(int fd, const HcMap *source, int from, uint64_t n_bytes, GError **error)
{
    /* Not of the heap, which would keep it. */
    uint8_t *block = hc_huge_new(BLOCK_BYTES);
    if (block == NULL)
        return hc_fail_io(error, source->name, "cannot copy to memory", errno);
    const gboolean is_copied = copy_by_blocks(fd, source, from, n_bytes, block, error);
    hc_huge_free(block, BLOCK_BYTES);
    return is_copied;
}

/* Returns: a descriptor of the very file that is mapped, or -1 */
static int
open_again(const HcMap *source)
{
    struct stat now;
    const int fd = source->is_file ? open_for_reading(source->name, &now, NULL) : -1;
    if (fd >= 0 && now.st_dev == source->status.st_dev && now.st_ino == source->status.st_ino)
        return fd;
    close_if_open(fd);
    return -1;
}

/* A large file is read where it can be, and not its mapping, whose pages would have to be mapped
 * first. */
static gboolean
copy_to_descriptor(int fd, const HcMap *source, uint64_t n_bytes, GError **error)
{
    const int from = n_bytes >= HC_HUGE_BYTES ? open_again(source) : -1;
    const gboolean is_copied = from >= 0 ? copy_file(fd, source, from, n_bytes, error)
                                         : write_copy(fd, source, source->data, n_bytes, error);
    close_if_open(from);
    return is_copied;
}

/* Returns: the descriptor of a file without a name where there is room for @n_bytes, or -1 */
static int
open_roomy(uint64_t n_bytes)
{
    struct statvfs room;
    g_autofree char *folder = NULL;
    if (n_bytes < HC_MAX_TEXT_IN_MEMORY)
        return -1;
    const int fd = hc_nameless_open(&folder);
    if (fd >= 0 && fstatvfs(fd, &room) == 0 &&
        (uint64_t) room.f_bavail * room.f_frsize / MIN_ROOM >= n_bytes)
        return fd;
    close_if_open(fd);
    return -1;
}

/* A file without a name, into which nobody but us can have written. Returns: NULL where there is no
 * room for it */
static HcMap *
snapshot_in_file(const HcMap *source, uint64_t n_bytes)
{
    g_autoptr(HcMap) map = map_new(source->name);
    const int fd = open_roomy(n_bytes);
    /* What goes wrong here is no matter, unless it does in memory too. */
    const gboolean is_copied = fd >= 0 && copy_to_descriptor(fd, source, n_bytes, NULL) &&
                               map_descriptor(map, fd, n_bytes, MAP_POPULATE, NULL);
    if (is_copied)
        map->fd = fd;
    else
        close_if_open(fd);
    return is_copied ? g_steal_pointer(&map) : NULL;
}

static HcMap *
snapshot_in_memory(const HcMap *source, uint64_t n_bytes, GError **error)
{
    g_autoptr(HcMap) map = map_new(source->name);
    map->fd = memfd_create("snapshot", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (map->fd < 0)
        return hc_fail_io_null(error, source->name, "cannot copy to memory", errno);
    if (!copy_to_descriptor(map->fd, source, n_bytes, error))
        return NULL;
    /* Whoever gets the descriptor can only read. */
    if (fcntl(map->fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)
        return hc_fail_io_null(error, source->name, "cannot seal a copy in memory", errno);
    if (!map_descriptor(map, map->fd, n_bytes, MAP_POPULATE, error))
        return NULL;
    return g_steal_pointer(&map);
}

HcMap *
hc_map_snapshot(const HcMap *source, uint64_t n_bytes, GError **error)
{
    g_return_val_if_fail(n_bytes <= source->n_bytes, NULL);
    HcMap *map = snapshot_in_file(source, n_bytes);
    if (map == NULL)
        return snapshot_in_memory(source, n_bytes, error);
    close_if_open(map->fd);
    map->fd = -1;
    return map;
}

/*
 * In place of the descriptor that the copy was written by there is one to read it. Who has that can
 * open the file again, to write; but not without leaving a trace: the time of the last change is
 * the kernel's, and that of the last writing no time at which anybody writes.
 */
static gboolean
make_shared(HcMap *map)
{
    const struct timespec times[] = {{0, UTIME_OMIT}, {0, 0}};
    g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", map->fd);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    const gboolean is_marked = fd >= 0 && futimens(map->fd, times) == 0;
    close_if_open(map->fd);
    map->fd = fd;
    map->is_open = TRUE;
    return is_marked && fstat(fd, &map->status) == 0;
}

HcMap *
hc_map_snapshot_to_share(const HcMap *source, uint64_t n_bytes, GError **error)
{
    g_return_val_if_fail(n_bytes <= source->n_bytes, NULL);
    g_autoptr(HcMap) map = snapshot_in_file(source, n_bytes);
    if (map != NULL && make_shared(map))
        return g_steal_pointer(&map);
    return snapshot_in_memory(source, n_bytes, error);
}

gboolean
hc_map_is_unchanged(const HcMap *map)
{
    struct stat now;
    return !map->is_open || (fstat(map->fd, &now) == 0 && hc_output_is_as_read(&now, &map->status));
}

HcMap *
hc_map_from_bytes(const char *name, GBytes *bytes)
{
    HcMap *map = map_new(name);
    gsize n_bytes;
    map->data = g_bytes_get_data(bytes, &n_bytes);
    map->n_bytes = n_bytes;
    map->bytes = bytes;
    return map;
}

HcMap *
hc_map_ref(HcMap *map)
{
    g_atomic_ref_count_inc(&map->ref_count);
    return map;
}

void
hc_map_unref(HcMap *map)
{
    if (map == NULL || !g_atomic_ref_count_dec(&map->ref_count))
        return;
    if (map->bytes != NULL)
        g_bytes_unref(map->bytes);
    else if (map->data != NULL)
        /* Cannot fail for a range that mmap() gave, and nothing could be done about it. */
        (void) munmap((void *) (uintptr_t) map->data, map->n_bytes);
    close_if_open(map->fd);
    g_free(map->name);
    g_free(map);
}

const uint8_t *
hc_map_data(const HcMap *map)
{
    /* Who takes text wants one that ends, also of nothing. */
    return map->data != NULL ? map->data : (const uint8_t *) "";
}

uint64_t
hc_map_size(const HcMap *map)
{
    return map->n_bytes;
}

void
hc_map_expect(const HcMap *map, uint64_t n_bytes)
{
#ifdef MADV_POPULATE_READ
    /* Advice: what an older kernel or a file that was cut short does not give is met later. */
    if (map->bytes == NULL && map->data != NULL)
        (void) madvise((void *) (uintptr_t) map->data, MIN(n_bytes, map->n_bytes),
                       MADV_POPULATE_READ);
#else
    (void) map;
    (void) n_bytes;
#endif
}

int
hc_map_fd(const HcMap *map)
{
    return map->fd;
}

const char *
hc_map_name(const HcMap *map)
{
    return map->name;
}

/* Like read(), but waits for a pipe that is open for writing and has nothing to read yet. */
static ssize_t
read_some(int fd, uint8_t *bytes, gsize n_bytes)
{
    for (;;) {
        ssize_t n = read(fd, bytes, n_bytes);
        if (n >= 0)
            return n;
        if (errno == EAGAIN) {
            struct pollfd wait = {.fd = fd, .events = POLLIN};
            if (poll(&wait, 1, -1) < 0 && errno != EINTR)
                return -1;
        } else if (errno != EINTR) {
            return -1;
        }
    }
}

/* Reads @fd to its end. */
static GBytes *
read_to_end(int fd, const char *name, uint64_t size_hint, uint64_t max_bytes, GError **error)
{
    g_autoptr(HcSpool) spool = hc_spool_new();
    ssize_t n = 1;
    while (size_hint <= max_bytes && hc_spool_size(spool) <= max_bytes && n > 0) {
        gsize n_room;
        uint8_t *room = hc_spool_room(spool, &n_room);
        n = read_some(fd, room, n_room);
        if (n < 0)
            return hc_fail_io_null(error, name, "cannot read", errno);
        hc_spool_took(spool, (gsize) n);
    }
    if (n == 0 && hc_spool_size(spool) <= max_bytes)
        return hc_spool_finish(spool, error);
    set_limit_error(error, name, max_bytes);
    return NULL;
}

typedef struct {
    void *bytes;
    gsize n_bytes;
} Mapping;

static void
unmap(gpointer data)
{
    Mapping *mapping = data;
    (void) munmap(mapping->bytes, mapping->n_bytes); /* cannot fail on what mmap() gave */
    g_free(mapping);
}

GBytes *
hc_bytes_from_mapping(void *mapped, gsize n_mapped, gsize n_bytes)
{
    Mapping *mapping = g_new(Mapping, 1);
    *mapping = (Mapping){mapped, n_mapped};
    return g_bytes_new_with_free_func(mapped, n_bytes, unmap, mapping);
}

/* Standard input has one content: who asks for it a second time would get nothing. */
static gboolean is_stdin_read;

GBytes *
hc_read_stream(const char *file, uint64_t max_bytes, GError **error)
{
    const gboolean is_stdin = strcmp(file, "-") == 0;
    const char *name = is_stdin ? "standard input" : file;
    struct stat status;
    int fd = STDIN_FILENO;
    if (is_stdin && is_stdin_read)
        return hc_fail_null(error, HC_ERROR_USAGE,
                            "standard input can be only one of the operands");
    if (!is_stdin) {
        fd = open_for_reading(file, &status, error);
        if (fd < 0)
            return NULL;
    } else if (fstat(fd, &status) != 0)
        return hc_fail_io_null(error, name, "cannot read", errno);
    g_autoptr(GBytes) bytes = NULL;
    if (S_ISDIR(status.st_mode))
        (void) hc_file_fail_kind(name, status.st_mode, error);
    else
        bytes = read_to_end(fd, name, S_ISREG(status.st_mode) ? (uint64_t) status.st_size : 0,
                            max_bytes, error);
    if (!is_stdin)
        close_if_open(fd);
    is_stdin_read |= is_stdin && bytes != NULL;
    return g_steal_pointer(&bytes);
}
