#include "config.h"

#include "hivecore/edit/wall.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hivecore/base/bytes.h"
#include "hivecore/base/error.h"
#include "hivecore/edit/script.h"

enum {
    /* Above those that the other program gets, so that none is overwritten before its turn. */
    FIRST_FD = 10,
    SAID_BYTES = 4096,     /* of standard error; the rest is dropped */
    SAID_LINE_BYTES = 200, /* of it, in a message */
};

typedef struct {
    pid_t pid;
    int said_fd;
    char said[SAID_BYTES + 1];
    gsize n_said;
    gboolean is_late;
    int wait_status;
} Child;

static void
close_fd(const int *fd)
{
    if (*fd >= 0)
        (void) close(*fd); /* pipes and in-memory files: nothing can be lost */
}

static gboolean
fail_start(const char *what, int saved_errno, GError **error)
{
    return hc_fail(error, HC_ERROR_IO, "cannot run hivex: %s: %s", what, g_strerror(saved_errno));
}

/* --- starting it --- */

static void
set_attributes(posix_spawnattr_t *attributes)
{
    sigset_t set;
    sigfillset(&set);
    sigdelset(&set, SIGKILL);
    sigdelset(&set, SIGSTOP);
    (void) posix_spawnattr_setsigdefault(attributes, &set);
    sigemptyset(&set);
    (void) posix_spawnattr_setsigmask(attributes, &set);
    /* These fail for wrong arguments only. */
    (void) posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
}

/* Returns: 0, or an errno. @fds: by the number that the program is to have it under */
static int
spawn(const char *program, const int *fds, gsize n_fds, pid_t *pid)
{
    char *const arguments[] = {(char *) (uintptr_t) program, NULL};
    char *const environment[] = {NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int result = posix_spawn_file_actions_init(&actions);
    if (result != 0)
        return result;
    for (gsize i = 0; i < n_fds && result == 0; i++)
        result = posix_spawn_file_actions_adddup2(&actions, fds[i], (int) i);
    if (result == 0)
        result = posix_spawnattr_init(&attributes);
    if (result == 0) {
        set_attributes(&attributes);
        result = posix_spawn(pid, program, &actions, &attributes, arguments, environment);
        (void) posix_spawnattr_destroy(&attributes);
    }
    (void) posix_spawn_file_actions_destroy(&actions);
    return result;
}

/* With copies of the descriptors, above all those that the program gets. */
static gboolean
start(const HcWallJob *job, int record_fd, int said_fd, Child *child, GError **error)
{
    const int wanted[] = {job->script_fd, record_fd, said_fd, job->hive_fd, job->output_fd};
    int fds[G_N_ELEMENTS(wanted)];
    gsize n = 0;
    int failure = 0;
    for (; n < G_N_ELEMENTS(fds) && failure == 0; n++) {
        fds[n] = fcntl(wanted[n], F_DUPFD_CLOEXEC, FIRST_FD);
        if (fds[n] < 0)
            failure = errno == EINVAL ? EMFILE : errno; /* EINVAL: the limit is below FIRST_FD */
    }
    if (failure == 0)
        failure = spawn(job->program, fds, n, &child->pid);
    for (gsize i = 0; i < n; i++)
        close_fd(&fds[i]);
    return failure == 0 || fail_start(job->program, failure, error);
}

/* --- watching it --- */

static void
take_said(Child *child, gboolean *at_end)
{
    char rest[SAID_BYTES];
    const gsize room = SAID_BYTES - child->n_said;
    const ssize_t n = read(child->said_fd, room > 0 ? child->said + child->n_said : rest,
                           room > 0 ? room : sizeof(rest));
    if (n > 0 && room > 0)
        child->n_said += (gsize) n;
    *at_end = n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN);
}

/* Until it has closed its standard error, which it does by ending, or its time is over. */
static void
watch(Child *child, int timeout_ms)
{
    const gint64 deadline = g_get_monotonic_time() + (gint64) timeout_ms * 1000;
    gboolean at_end = FALSE;
    while (!at_end && !child->is_late) {
        const gint64 left_ms = (deadline - g_get_monotonic_time() + 999) / 1000;
        struct pollfd wait = {.fd = child->said_fd, .events = POLLIN};
        const int n = left_ms > 0 ? poll(&wait, 1, (int) left_ms) : 0;
        if (n > 0)
            take_said(child, &at_end);
        else if (n == 0)
            child->is_late = TRUE;
        else
            at_end = errno != EINTR;
    }
    /* Either it is ending already, which this does not change, or it has lost its right to live. */
    (void) kill(child->pid, SIGKILL);
    while (waitpid(child->pid, &child->wait_status, 0) < 0 && errno == EINTR) {
    }
}

/* The first line of what it said that has letters, for a message; NULL when there is none. */
static char *
said_line(Child *child)
{
    child->said[child->n_said] = '\0';
    g_auto(GStrv) lines = g_strsplit(child->said, "\n", -1);
    for (gsize i = 0; lines[i] != NULL; i++) {
        if (strpbrk(lines[i], "abcdefghijklmnopqrstuvwxyz") == NULL)
            continue;
        char *line = g_strndup(lines[i], SAID_LINE_BYTES);
        for (char *c = line; *c != '\0'; c++)
            *c = g_ascii_isprint(*c) ? *c : '?';
        return line;
    }
    return NULL;
}

/* --- judging what it left --- */

/* Whether hivex says this about a hive; all else is said about the machine. */
static gboolean
is_about_hive(int number)
{
    static const int numbers[] = {EINVAL, ENOTSUP, EFAULT,    ERANGE, EILSEQ,
                                  ELOOP,  EEXIST,  EOVERFLOW, ENOKEY};
    for (gsize i = 0; i < G_N_ELEMENTS(numbers); i++) {
        if (numbers[i] == number)
            return TRUE;
    }
    return FALSE;
}

/* A program that ended before its record did. */
static gboolean
judge_end(Child *child, int timeout_ms, GError **error)
{
    g_autofree char *line = said_line(child);
    const char *separator = line != NULL ? ": " : "";
    const char *text = line != NULL ? line : "";
    if (child->is_late)
        return hc_fail(error, HC_ERROR_IO, "hivex did not end within %d s",
                       (timeout_ms + 999) / 1000);
    if (!WIFSIGNALED(child->wait_status))
        return hc_fail(error, HC_ERROR_IO, "the program that runs hivex ended too early%s%s",
                       separator, text);
    const int number = WTERMSIG(child->wait_status);
    const gboolean is_fault =
        number == SIGABRT || number == SIGSEGV || number == SIGBUS || number == SIGFPE;
    return hc_fail(error, is_fault ? HC_ERROR_UNSUPPORTED : HC_ERROR_IO, "%s by signal %d (%s)%s%s",
                   is_fault ? "hivex cannot do this: it ended its program"
                            : "the program that runs hivex was ended",
                   number, strsignal(number), separator, text);
}

static gboolean
judge_errno(HcRecordState state, int number, GError **error)
{
    const char *reason = number != 0 ? g_strerror(number) : "it does not say why";
    switch (state) {
    case HC_RECORD_BAD_SCRIPT:
        return hc_fail(error, HC_ERROR_IO, "the program that runs hivex is of another version");
    case HC_RECORD_NO_ICONV:
        /* EINVAL is said of all that keeps the C library from loading its modules. */
        return hc_fail(error, HC_ERROR_IO, "cannot run hivex: no conversion of names (iconv): %s",
                       number == EINVAL ? "the C library does not load it" : reason);
    case HC_RECORD_OPEN_FAILED:
    case HC_RECORD_CALL_FAILED:
        if (is_about_hive(number))
            return hc_fail(error, HC_ERROR_UNSUPPORTED, "hivex cannot do this: %s: %s",
                           state == HC_RECORD_OPEN_FAILED ? "it does not open the hive"
                                                          : "it finds hive or change unfit",
                           reason);
        return hc_fail(error, HC_ERROR_IO, "hivex failed: %s", reason);
    case HC_RECORD_STARTED:
    case HC_RECORD_DONE:
    case HC_RECORD_CALLING:
    case HC_RECORD_COMMIT_FAILED:
        break;
    }
    return hc_fail(error, HC_ERROR_IO, "hivex cannot write the edited hive: %s", reason);
}

static gboolean
check_size(int fd, uint64_t n_bytes, GError **error)
{
    struct stat status;
    if (fstat(fd, &status) == 0 && (uint64_t) status.st_size == n_bytes)
        return TRUE;
    return hc_fail(error, HC_ERROR_IO, "what hivex wrote is not what it says it wrote");
}

static gboolean
judge(const HcWallJob *job, int record_fd, Child *child, uint32_t *n_done, GError **error)
{
    uint8_t record[HC_RECORD_BYTES + 1];
    *n_done = job->n_calls;
    if (pread(record_fd, record, sizeof(record), 0) != HC_RECORD_BYTES ||
        hc_get32(record + HC_RECORD_MAGIC) != HC_SCRIPT_MAGIC)
        return judge_end(child, job->timeout_ms, error);
    const uint32_t state = hc_get32(record + HC_RECORD_STATE);
    const uint32_t n_calls = hc_get32(record + HC_RECORD_N_CALLS);
    if (state == HC_RECORD_DONE && n_calls == job->n_calls)
        return check_size(job->output_fd, hc_get64(record + HC_RECORD_N_BYTES), error);
    if (state == HC_RECORD_CALLING || state == HC_RECORD_CALL_FAILED)
        *n_done = n_calls;
    if (state > HC_RECORD_DONE && state <= HC_RECORD_COMMIT_FAILED)
        return judge_errno((HcRecordState) state, (int) hc_get32(record + HC_RECORD_ERRNO), error);
    return judge_end(child, job->timeout_ms, error);
}

gboolean
hc_wall_run(const HcWallJob *job, uint32_t *n_done, GError **error)
{
    struct sigaction old;
    const struct sigaction action = {.sa_handler = SIG_DFL};
    int pipe_fds[2] = {-1, -1};
    *n_done = job->n_calls;
    __attribute__((cleanup(close_fd))) int record_fd = memfd_create("record", MFD_CLOEXEC);
    if (record_fd < 0 || ftruncate(record_fd, HC_RECORD_BYTES) != 0 ||
        pipe2(pipe_fds, O_CLOEXEC) != 0)
        return fail_start("cannot talk to its program", errno, error);
    Child *child = g_new0(Child, 1);
    child->said_fd = pipe_fds[0];
    /* Where who started us ignores it, nobody would learn how the program ended. */
    (void) sigaction(SIGCHLD, &action, &old);
    gboolean is_done = start(job, record_fd, pipe_fds[1], child, error);
    close_fd(&pipe_fds[1]);
    if (is_done) {
        watch(child, job->timeout_ms);
        is_done = judge(job, record_fd, child, n_done, error);
    }
    (void) sigaction(SIGCHLD, &old, NULL);
    close_fd(&pipe_fds[0]);
    g_free(child);
    return is_done;
}
