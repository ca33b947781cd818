#include "config.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "hivecore/base/base-private.h"
#include "hivecore/base/error.h"
#include "hivecore/base/interrupt.h"

/*
 * The outputs whose temporary file exists, for the signal handler only: a handler gets no
 * argument, so this is one of the few places where state cannot be handed down. Changed only
 * while the ending signals are blocked.
 */
static HcOutput *live_outputs;

/* Whether files are in place, so that the last message can say so. */
static volatile sig_atomic_t has_published;

/* What hc_interrupt_defer() asked for, and the signal that came then; for the handler, too. */
static volatile sig_atomic_t is_deferred;
static volatile sig_atomic_t noted_signal;

/* Those that somebody sends to end a program, and those of its own time limits (ulimit -t). */
static const int ending_signals[] = {SIGINT,  SIGTERM, SIGHUP,  SIGQUIT,
                                     SIGALRM, SIGUSR1, SIGUSR2, SIGXCPU};

void
hc_output_remove_temps(void)
{
    for (const HcOutput *output = live_outputs; output != NULL; output = output->next_live)
        /* Nothing can be said or done about a failure here. */
        (void) unlink(output->temp);
}

void
hc_output_note_published(void)
{
    has_published = 1;
}

gboolean
hc_output_has_published(void)
{
    return has_published != 0;
}

static void
note_or_end(int signal_number)
{
    if (is_deferred != 0 && noted_signal == 0) {
        noted_signal = signal_number;
        return;
    }
    hc_output_remove_temps();
    /* Both can only fail for a wrong signal number. */
    (void) signal(signal_number, SIG_DFL);
    (void) raise(signal_number);
}

/* A signal that the caller ignores (nohup) stays ignored. */
static void
install_handlers(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(ending_signals); i++) {
        struct sigaction action;
        if (sigaction(ending_signals[i], NULL, &action) != 0 || action.sa_handler != SIG_DFL)
            continue;
        memset(&action, 0, sizeof(action));
        action.sa_handler = note_or_end;
        /* What was noted is looked at between calls, none of which has to fail for it. */
        action.sa_flags = SA_RESTART;
        /* Fails only for a wrong signal number. */
        (void) sigaction(ending_signals[i], &action, NULL);
    }
    /* Past `ulimit -f`, write() shall say EFBIG instead of killing us with the file half there. */
    (void) signal(SIGXFSZ, SIG_IGN);
}

void
hc_output_catch_signals(void)
{
    static gsize handlers_installed = 0;
    if (g_once_init_enter(&handlers_installed)) {
        install_handlers();
        g_once_init_leave(&handlers_installed, 1);
    }
}

void
hc_output_block_signals(sigset_t *old)
{
    sigset_t set;
    sigemptyset(&set);
    for (gsize i = 0; i < G_N_ELEMENTS(ending_signals); i++)
        sigaddset(&set, ending_signals[i]);
    /* Fails only for wrong arguments. */
    (void) sigprocmask(SIG_BLOCK, &set, old);
}

void
hc_output_restore_signals(const sigset_t *old)
{
    /* Fails only for wrong arguments. */
    (void) sigprocmask(SIG_SETMASK, old, NULL);
}

void
hc_output_remember_temp(HcOutput *output)
{
    output->next_live = live_outputs;
    live_outputs = output;
}

void
hc_output_forget_temp(HcOutput *output)
{
    for (HcOutput **link = &live_outputs; *link != NULL; link = &(*link)->next_live) {
        if (*link == output) {
            *link = output->next_live;
            return;
        }
    }
}

void
hc_interrupt_defer(void)
{
    hc_output_catch_signals();
    is_deferred = 1;
}

gboolean
hc_interrupt_check(GError **error)
{
    if (noted_signal == 0)
        return TRUE;
    return hc_fail(error, HC_ERROR_IO, "ended by a signal; what it had begun to write is removed");
}

void
hc_interrupt_end(void)
{
    is_deferred = 0;
    if (noted_signal == 0)
        return;
    /* Both can only fail for a wrong signal number. */
    (void) signal(noted_signal, SIG_DFL);
    (void) raise(noted_signal);
}
