#include "config.h"

#include "hivecore/cli/cli-private.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Of a terminal that does not say how large it is. */
#define ROWS    24
#define COLUMNS 80

/* How a shell ends that cannot run a program (POSIX). */
#define NOT_RUN   126
#define NOT_FOUND 127

/* Whether less would have to stop: lines, and those that go over the width. */
static gboolean
is_longer_than_screen(const GString *text)
{
    struct winsize size = {.ws_row = ROWS, .ws_col = COLUMNS};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0)
        size = (struct winsize){.ws_row = ROWS, .ws_col = COLUMNS};
    gsize n_rows = 0;
    for (const char *line = text->str; *line != '\0' && n_rows < size.ws_row;) {
        const gsize n_bytes = strcspn(line, "\n");
        n_rows += 1 + (n_bytes > 0 ? (n_bytes - 1) / size.ws_col : 0);
        line += n_bytes + (line[n_bytes] == '\n' ? 1 : 0);
    }
    return n_rows >= size.ws_row;
}

/* Returns: (nullable): the command line for the shell */
static const char *
choose(const GString *text)
{
    const char *command = g_getenv("HIVETOOL_PAGER");
    if (command == NULL)
        command = g_getenv("PAGER");
    if (command == NULL) {
        g_autofree char *less = g_find_program_in_path("less");
        command = less != NULL && is_longer_than_screen(text) ? "less" : "";
    }
    return command[0] == '\0' || strcmp(command, "cat") == 0 ? NULL : command;
}

/* In the child; nothing here may need memory but exec. */
static void
become(const char *command, int from)
{
    (void) signal(SIGPIPE, SIG_DFL);
    if (dup2(from, STDIN_FILENO) >= 0)
        (void) execl("/bin/sh", "sh", "-c", command, (char *) NULL);
    _exit(NOT_FOUND);
}

/* Standard output becomes a pipe to the pager; where that fails it stays what it is. */
static void
start(void *data, const GString *text)
{
    HcPager *pager = data;
    const char *command = choose(text);
    int ends[2];
    if (command == NULL || pipe2(ends, O_CLOEXEC) != 0)
        return;
    /* As git has it: leave where it fits, colours, what is shown stays. */
    if (g_getenv("LESS") == NULL)
        (void) g_setenv("LESS", "FRX", TRUE);
    const pid_t pid = fork();
    if (pid == 0)
        become(command, ends[0]);
    (void) close(ends[0]);
    if (pid > 0 && dup2(ends[1], STDOUT_FILENO) >= 0)
        pager->pid = pid;
    (void) close(ends[1]);
}

void
hc_pager_offer(HcPager *pager, HcStream *stream)
{
    pager->pid = 0;
    if (isatty(STDOUT_FILENO) == 1 && g_strcmp0(g_getenv("TERM"), "dumb") != 0 &&
        g_getenv("TERM") != NULL)
        hc_stream_before_first(stream, start, pager);
}

gboolean
hc_pager_wait(HcPager *pager)
{
    if (pager->pid <= 0)
        return FALSE;
    /* What is typed there is the pager's. */
    (void) signal(SIGINT, SIG_IGN);
    (void) signal(SIGQUIT, SIG_IGN);
    int status = 0;
    while (waitpid(pager->pid, &status, 0) < 0 && errno == EINTR)
        ;
    pager->pid = 0;
    return !WIFEXITED(status) || WEXITSTATUS(status) < NOT_RUN;
}
