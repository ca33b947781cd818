#include "config.h"

#include "hivecore/cli/cli-stdio.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

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

/* Messages about many lines of one file, hc_diagnostics_append_text(), have line breaks before the
 * name of the file again and before what is indented. Any other line feed may be of a file name,
 * which must not be able to look like a message. */
static gboolean
is_line_break(const char *message, const char *at)
{
    if (*at != '\n')
        return FALSE;
    gsize n_file = strcspn(message, ":");
    return g_str_has_prefix(at + 1, "    ") || strncmp(at + 1, message, n_file + 1) == 0;
}

void
hc_stdio_print_error(const char *program, const char *message)
{
    g_autoptr(GString) line = g_string_new(NULL);
    g_string_append_printf(line, "%s: ", program);
    /* A file name may hold line feeds and terminal commands. */
    for (const char *at = message; *at != '\0'; at++) {
        if (is_line_break(message, at)) {
            g_string_append_c(line, '\n');
            if (at[1] != ' ')
                g_string_append_printf(line, "%s: ", program);
        } else if ((guchar) *at < 0x20 || *at == 0x7f) {
            g_string_append_printf(line, "\\u{%x}", (guint) (guchar) *at);
        } else {
            g_string_append_c(line, *at);
        }
    }
    g_string_append_c(line, '\n');
    /* When standard error cannot be written, there is no place left to say so. */
    (void) fwrite(line->str, 1, line->len, stderr);
}

int
hc_stdio_finish(const GString *out)
{
    if (out->len == 0)
        return 0;
    for (gsize done = 0; done < out->len;) {
        ssize_t n = write(STDOUT_FILENO, out->str + done, out->len - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno;
        done += (gsize) n;
    }
    return close(STDOUT_FILENO) < 0 ? errno : 0;
}
