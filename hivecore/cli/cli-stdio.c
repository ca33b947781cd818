#include "config.h"

#include "hivecore/cli/cli-private.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "hivecore/base/display.h"
#include "hivecore/base/findings.h"
#include "hivecore/base/progress.h"

void
hc_stdio_start(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF)
            continue;
        /* The wrong way round, so that use fails as it would have with the closed descriptor;
         * for standard error it does not matter. The lowest free number is @fd. */
        int flags = fd == STDIN_FILENO ? O_WRONLY : O_RDONLY;
        if (open("/dev/null", flags) != fd)
            _exit(HC_EXIT_IO);
    }
    /* Cannot fail for a valid signal number. */
    (void) signal(SIGPIPE, SIG_IGN);
    /* Hives are made in files in memory, to which a limit on file sizes applies, too. */
    (void) signal(SIGXFSZ, SIG_IGN);
}

/* A message names what was given, which can be a text of any length; what is wrong with it stands
 * at its end. */
#define MESSAGE_START_BYTES 1500
#define MESSAGE_END_BYTES   500

static void
cut_middle(GString *line)
{
    if (line->len <= MESSAGE_START_BYTES + MESSAGE_END_BYTES)
        return;
    gsize from = MESSAGE_START_BYTES;
    gsize to = line->len - MESSAGE_END_BYTES;
    /* Between characters. */
    while (((guchar) line->str[from] & 0xc0u) == 0x80u)
        from--;
    while (((guchar) line->str[to] & 0xc0u) == 0x80u)
        to--;
    g_string_erase(line, (gssize) from, (gssize) (to - from));
    g_string_insert(line, (gssize) from, "…");
}

void
hc_stdio_print_error(const char *program, const char *message)
{
    g_autoptr(GString) line = g_string_new(NULL);
    g_string_append_printf(line, "%s: ", program);
    /* A file name may hold line feeds and terminal commands. */
    hc_append_display(line, message, strlen(message));
    cut_middle(line);
    g_string_append_c(line, '\n');
    hc_progress_clear();
    /* When standard error cannot be written, there is no place left to say so. */
    (void) fwrite(line->str, 1, line->len, stderr);
}

void
hc_stdio_print_failure(const char *program, const GError *failure)
{
    const HcFindings *findings = hc_error_findings(failure);
    if (findings == NULL) {
        hc_stdio_print_error(program, failure->message);
        return;
    }
    g_autofree char *prefix = g_strconcat(program, ": ", NULL);
    g_autoptr(GString) text = g_string_new(NULL);
    hc_findings_append_text(text, findings, prefix);
    hc_progress_clear();
    (void) fwrite(text->str, 1, text->len, stderr);
}

int
hc_stdio_finish(HcStream *out, gboolean *is_torn)
{
    const int saved_errno = hc_stream_finish(out, is_torn);
    if (saved_errno != 0 || hc_stream_size(out) == 0)
        return saved_errno;
    return close(STDOUT_FILENO) < 0 ? errno : 0;
}
