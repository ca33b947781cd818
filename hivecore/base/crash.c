#include "config.h"

#include "hivecore/base/crash.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <unistd.h>

#include "hivecore/base/base-private.h"
#include "hivecore/base/error.h"

#define NO_MEMORY "not enough memory"

enum {
    HANDLER_STACK_BYTES = 64 * 1024,
    GUARD_BYTES =
        1024 * 1024, /* below the stack, where nothing is mapped; Linux' stack_guard_gap */
};

/* For the handlers, which get no argument; set once. */
static const char *program_name = "";
static uintptr_t stack_end; /* some address in main, or above all that main calls */

/* Whether this thread ends the program, and how many wish to. */
static _Thread_local gboolean is_ending;
static gint n_ending;

/* Several threads may meet the same fault, such as a file that became shorter: the first ends the
 * program, with its line, and the others wait for that. */
static void
end_alone(void)
{
    const gboolean is_first = is_ending || g_atomic_int_add(&n_ending, 1) == 0;
    is_ending = TRUE;
    if (is_first)
        return;
    for (;;)
        (void) pause();
}

void
hc_crash_end(const char *what)
{
    end_alone();
    hc_output_remove_temps();
    if (what != NULL) {
        const char *const end = hc_output_has_published() ? " (after files were written)\n" : "\n";
        const struct iovec line[] = {
            {(void *) (uintptr_t) program_name, strlen(program_name)},
            {(void *) (uintptr_t) ": ", 2},
            {(void *) (uintptr_t) what, strlen(what)},
            {(void *) (uintptr_t) end, strlen(end)},
        };
        if (writev(STDERR_FILENO, line, G_N_ELEMENTS(line)) < 0)
            _exit(HC_EXIT_IO); /* there is no place left to say so */
    }
    _exit(HC_EXIT_IO);
}

/* GLib ends the program where it gets no memory, and says so in this way before. */
static void
on_message(const char *domain, GLogLevelFlags level, const char *message, gpointer data)
{
    if ((level & G_LOG_LEVEL_ERROR) != 0 &&
        (message == NULL || strstr(message, "failed to allocate") != NULL))
        hc_crash_end(NO_MEMORY);
    g_log_default_handler(domain, level, message, data);
}

#ifndef __SANITIZE_ADDRESS__ /* which tells more about these signals than we do */

/* Whether an address that cannot be used is where the stack would have grown to. */
static gboolean
is_of_stack(const void *address)
{
    struct rlimit limit;
    const uintptr_t at = (uintptr_t) address;
    if (at >= stack_end || getrlimit(RLIMIT_STACK, &limit) != 0)
        return FALSE;
    return limit.rlim_cur != RLIM_INFINITY && stack_end - at <= limit.rlim_cur + GUARD_BYTES;
}

/* Both can only fail for a wrong signal number. */
static void
raise_default(int number)
{
    (void) signal(number, SIG_DFL);
    (void) raise(number);
}

static void
on_crash(int number, siginfo_t *info, void *context)
{
    const int saved_errno = errno;
    (void) context;
    /* A fault of the handler itself is not handled again. */
    if (is_ending)
        raise_default(number);
    end_alone();
    if (number == SIGBUS && info->si_code == BUS_ADRERR)
        hc_crash_end("a file became shorter while it was read, or cannot be read from its disk");
    /* GLib's way to tell that it has no memory takes memory, again and again. */
    if (number == SIGSEGV && is_of_stack(info->si_addr))
        hc_crash_end(NO_MEMORY);
    /* GLib's threads and slices abort without a message that could be caught; libcrypto uses what
     * it did not get. */
    if ((number == SIGABRT || number == SIGSEGV) && saved_errno == ENOMEM)
        hc_crash_end(NO_MEMORY);
    hc_output_remove_temps();
    raise_default(number);
}

static void
catch_crashes(void)
{
    static const int signals[] = {SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGSYS, SIGTRAP};
    static char handler_stack[HANDLER_STACK_BYTES];
    const stack_t stack = {.ss_sp = handler_stack, .ss_size = sizeof(handler_stack)};
    /* No SA_RESETHAND: a second thread's fault would find the default, and end the program before
     * the first has said why. */
    struct sigaction action = {.sa_sigaction = on_crash,
                               .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
    /* All of these fail for wrong arguments only. */
    (void) sigemptyset(&action.sa_mask);
    (void) sigaltstack(&stack, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(signals); i++)
        (void) sigaction(signals[i], &action, NULL);
}

#endif

void
hc_crash_start(const char *program)
{
    program_name = program;
    stack_end = (uintptr_t) __builtin_frame_address(0);
    (void) g_log_set_default_handler(on_message, NULL);
#ifndef __SANITIZE_ADDRESS__
    catch_crashes();
#endif
}
