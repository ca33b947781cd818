/*
 * Makes calls on files fail: preloaded into a program by faulty() of tests/lib.sh. Its environment
 * says which, in FAULT: rules with commas between, each CALL:PATTERN:WHAT.
 *
 *   CALL     open (also of a folder, or a temporary file), stat (and its relatives, access), fstat,
 *            mkdir, rename, exchange, link, unlink, chmod (of a descriptor), truncate (likewise),
 *            fsync, flock, read (and pread), write (and pwrite), readdir; or any: all of these
 *            but unlink; or thread, that one is made, whose path is empty; or share, that a file is
 *            mapped so
 *
 *   PATTERN  as of fnmatch(), for the path as the program gives it, or as /proc names a descriptor;
 *            of rename, exchange and link the new name
 *
 *   WHAT     an errno: EACCES, EAGAIN, EINVAL, EIO, ENOENT, ENOLCK, ENOSPC, EROFS, ESTALE, EXDEV;
 *            or a signal that the program gets before the call is done: SIGHUP, SIGINT, SIGTERM; or
 *            SKIP: an fsync that does nothing, for tests of many runs
 *
 * A rule of an errno always holds, one of a signal once. With @N behind it, either is about the Nth
 * call alone that the rule fits; the file that FAULT_MARK names is made then.
 */
#define _GNU_SOURCE

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    SKIP = -1,
    MAX_RULES = 8,
    MAX_RULE_BYTES = 512,
};

/* A shell's & lets programs inherit an ignored SIGINT, nohup an ignored SIGHUP, which they would
 * leave ignored. */
__attribute__((constructor)) static void
heed_signals(void)
{
    (void) signal(SIGHUP, SIG_DFL);
    (void) signal(SIGINT, SIG_DFL);
    (void) signal(SIGTERM, SIG_DFL);
}

/* The function that this library stands before. */
#define NEXT(name) ((__typeof__(&name)) dlsym(RTLD_NEXT, #name))

/* A name that is told, and the number that it stands for. */
struct word {
    const char *name;
    int number;
};

static const struct word errnos[] = {
    {"SKIP", SKIP},   {"EACCES", EACCES}, {"EAGAIN", EAGAIN}, {"EINVAL", EINVAL},
    {"EIO", EIO},     {"ENOENT", ENOENT}, {"ENOLCK", ENOLCK}, {"ENOSPC", ENOSPC},
    {"EROFS", EROFS}, {"ESTALE", ESTALE}, {"EXDEV", EXDEV},   {NULL, 0},
};

static const struct word signals[] = {
    {"SIGHUP", SIGHUP}, {"SIGINT", SIGINT}, {"SIGTERM", SIGTERM}, {NULL, 0}};

static int is_spent[MAX_RULES];
static unsigned long n_fitting[MAX_RULES]; /* calls so far */

static int
find(const struct word *words, const char *name)
{
    for (; words->name != NULL; words++) {
        if (strcmp(words->name, name) == 0)
            return words->number;
    }
    return 0;
}

/* Whether the rule @i is about this of the calls that it fits. */
static int
is_turn(int i, char *what)
{
    char *number = strchr(what, '@');
    if (number == NULL)
        return 1;
    *number++ = '\0';
    if (++n_fitting[i] != strtoul(number, NULL, 10))
        return 0;
    const char *mark = getenv("FAULT_MARK");
    int fd = mark != NULL ? NEXT(open)(mark, O_WRONLY | O_CREAT | O_CLOEXEC, 0600) : -1;
    if (fd >= 0)
        close(fd);
    return 1;
}

/* Obeys one rule when it is about this call. Returns: the errno to fail with, or 0. */
static int
apply_rule(int i, char *rule, const char *call, const char *path)
{
    char *pattern = strchr(rule, ':');
    char *what = pattern != NULL ? strrchr(pattern + 1, ':') : NULL;
    if (what == NULL)
        abort();
    *pattern++ = '\0';
    *what++ = '\0';
    const int is_any = strcmp(rule, "any") == 0 && strcmp(call, "unlink") != 0 &&
                       strcmp(call, "thread") != 0 && strcmp(call, "share") != 0;
    if ((!is_any && strcmp(rule, call) != 0) || fnmatch(pattern, path, 0) != 0 || !is_turn(i, what))
        return 0;
    int number = find(signals, what);
    if (number == 0) {
        number = find(errnos, what);
        if (number == 0)
            abort();
        return number;
    }
    if (!is_spent[i]) {
        is_spent[i] = 1;
        raise(number);
    }
    return 0;
}

static int
fault(const char *call, const char *path)
{
    const char *rules = getenv("FAULT");
    const int saved_errno = errno;
    for (int i = 0; rules != NULL && *rules != '\0' && i < MAX_RULES; i++) {
        char rule[MAX_RULE_BYTES];
        size_t n = strcspn(rules, ",");
        if (n >= sizeof(rule))
            abort();
        memcpy(rule, rules, n);
        rule[n] = '\0';
        rules += rules[n] == ',' ? n + 1 : n;
        int failure = apply_rule(i, rule, call, path);
        errno = failure > 0 ? failure : saved_errno;
        if (failure != 0)
            return failure;
    }
    return 0;
}

static int
fault_fd(const char *call, int fd)
{
    char name[64];
    char path[4096];
    snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
    ssize_t n = readlink(name, path, sizeof(path) - 1);
    if (n < 0)
        return 0;
    path[n] = '\0';
    return fault(call, path);
}

#define STAND_BEFORE(call, path, name, parameters, arguments)                                      \
    int name parameters                                                                            \
    {                                                                                              \
        return fault(call, path) != 0 ? -1 : NEXT(name) arguments;                                 \
    }

#define OPEN(name)                                                                                 \
    int name(const char *path, int flags, ...)                                                     \
    {                                                                                              \
        va_list list;                                                                              \
        va_start(list, flags);                                                                     \
        mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(list, mode_t) : 0;             \
        va_end(list);                                                                              \
        return fault("open", path) != 0 ? -1 : NEXT(name)(path, flags, mode);                      \
    }

#define OPENAT(name)                                                                               \
    int name(int folder, const char *path, int flags, ...)                                         \
    {                                                                                              \
        va_list list;                                                                              \
        va_start(list, flags);                                                                     \
        mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(list, mode_t) : 0;             \
        va_end(list);                                                                              \
        return fault("open", path) != 0 ? -1 : NEXT(name)(folder, path, flags, mode);              \
    }

OPEN(open)
OPEN(open64)
OPENAT(openat)
OPENAT(openat64)
STAND_BEFORE("open", path, mkostemp, (char *path, int flags), (path, flags))
STAND_BEFORE("open", path, mkostemp64, (char *path, int flags), (path, flags))

DIR *
opendir(const char *path)
{
    return fault("open", path) != 0 ? NULL : NEXT(opendir)(path);
}

STAND_BEFORE("stat", path, stat, (const char *path, struct stat *out), (path, out))
STAND_BEFORE("stat", path, stat64, (const char *path, struct stat64 *out), (path, out))
STAND_BEFORE("stat", path, lstat, (const char *path, struct stat *out), (path, out))
STAND_BEFORE("stat", path, lstat64, (const char *path, struct stat64 *out), (path, out))
STAND_BEFORE("stat", path, fstatat, (int fd, const char *path, struct stat *out, int flags),
             (fd, path, out, flags))
STAND_BEFORE("stat", path, fstatat64, (int fd, const char *path, struct stat64 *out, int flags),
             (fd, path, out, flags))
STAND_BEFORE("stat", path, access, (const char *path, int mode), (path, mode))

int
fstat(int fd, struct stat *out)
{
    return fault_fd("fstat", fd) != 0 ? -1 : NEXT(fstat)(fd, out);
}

int
fstat64(int fd, struct stat64 *out)
{
    return fault_fd("fstat", fd) != 0 ? -1 : NEXT(fstat64)(fd, out);
}

STAND_BEFORE("mkdir", path, mkdir, (const char *path, mode_t mode), (path, mode))
STAND_BEFORE("rename", to, rename, (const char *from, const char *to), (from, to))
STAND_BEFORE("link", to, link, (const char *from, const char *to), (from, to))
STAND_BEFORE("unlink", path, unlink, (const char *path), (path))

int
fsync(int fd)
{
    int failure = fault_fd("fsync", fd);
    if (failure == SKIP)
        return 0;
    return failure != 0 ? -1 : NEXT(fsync)(fd);
}

int
flock(int fd, int operation)
{
    return fault_fd("flock", fd) != 0 ? -1 : NEXT(flock)(fd, operation);
}

int
fchmod(int fd, mode_t mode)
{
    return fault_fd("chmod", fd) != 0 ? -1 : NEXT(fchmod)(fd, mode);
}

int
ftruncate(int fd, off_t n_bytes)
{
    return fault_fd("truncate", fd) != 0 ? -1 : NEXT(ftruncate)(fd, n_bytes);
}

int
ftruncate64(int fd, off64_t n_bytes)
{
    return fault_fd("truncate", fd) != 0 ? -1 : NEXT(ftruncate64)(fd, n_bytes);
}

/* The one that is called in this way: the C library may not have a function for it. */
long
syscall(long number, ...)
{
    long values[6];
    va_list list;
    va_start(list, number);
    for (int i = 0; i < 6; i++)
        values[i] = va_arg(list, long);
    va_end(list);
    if (number == SYS_renameat2 && fault("exchange", (const char *) values[3]) != 0)
        return -1;
    return NEXT(syscall)(number, values[0], values[1], values[2], values[3], values[4], values[5]);
}

ssize_t
read(int fd, void *bytes, size_t n_bytes)
{
    return fault_fd("read", fd) != 0 ? -1 : NEXT(read)(fd, bytes, n_bytes);
}

ssize_t
pread(int fd, void *bytes, size_t n_bytes, off_t offset)
{
    return fault_fd("read", fd) != 0 ? -1 : NEXT(pread)(fd, bytes, n_bytes, offset);
}

ssize_t
pread64(int fd, void *bytes, size_t n_bytes, off64_t offset)
{
    return fault_fd("read", fd) != 0 ? -1 : NEXT(pread64)(fd, bytes, n_bytes, offset);
}

ssize_t
write(int fd, const void *bytes, size_t n_bytes)
{
    return fault_fd("write", fd) != 0 ? -1 : NEXT(write)(fd, bytes, n_bytes);
}

ssize_t
pwrite(int fd, const void *bytes, size_t n_bytes, off_t offset)
{
    return fault_fd("write", fd) != 0 ? -1 : NEXT(pwrite)(fd, bytes, n_bytes, offset);
}

ssize_t
pwrite64(int fd, const void *bytes, size_t n_bytes, off64_t offset)
{
    return fault_fd("write", fd) != 0 ? -1 : NEXT(pwrite64)(fd, bytes, n_bytes, offset);
}

void *
mmap(void *at, size_t n_bytes, int protection, int flags, int fd, off_t offset)
{
    if (fd >= 0 && (flags & MAP_TYPE) == MAP_SHARED && fault_fd("share", fd) != 0)
        return MAP_FAILED;
    return NEXT(mmap)(at, n_bytes, protection, flags, fd, offset);
}

void *
mmap64(void *at, size_t n_bytes, int protection, int flags, int fd, off64_t offset)
{
    if (fd >= 0 && (flags & MAP_TYPE) == MAP_SHARED && fault_fd("share", fd) != 0)
        return MAP_FAILED;
    return NEXT(mmap64)(at, n_bytes, protection, flags, fd, offset);
}

int
pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *),
               void *argument)
{
    const int failure = fault("thread", "");
    return failure != 0 ? failure : NEXT(pthread_create)(thread, attributes, start, argument);
}

struct dirent *
readdir(DIR *folder)
{
    return fault_fd("readdir", dirfd(folder)) != 0 ? NULL : NEXT(readdir)(folder);
}

struct dirent64 *
readdir64(DIR *folder)
{
    return fault_fd("readdir", dirfd(folder)) != 0 ? NULL : NEXT(readdir64)(folder);
}
