#include "config.h"

#include "hivecore/base/progress.h"

#include <string.h>
#include <unistd.h>

#include "hivecore/base/display.h"

/* Microseconds before the first line, and between two. */
#define FIRST G_GINT64_CONSTANT(2000000)
#define NEXT  G_GINT64_CONSTANT(200000)

/* The one line that there is. */
static struct {
    const char *program; /* NULL: nobody looks */
    char *what;
    gint64 start;
    gint64 last; /* when it was drawn; 0: not yet */
} line;

void
hc_progress_enable(const char *program)
{
    line.program = program;
}

void
hc_progress_append(GString *out, const char *what, uint64_t done, uint64_t total, double seconds)
{
    const double rate = (double) done / seconds;
    const double left = rate > 0 ? (double) (total - MIN(done, total)) / rate : 0;
    g_autofree char *base = g_path_get_basename(what);
    hc_append_display(out, base, strlen(base));
    g_string_append_printf(
        out, ": %u%%, %.0f MB/s, ",
        (guint) (total > 0 ? 100 * (double) MIN(done, total) / (double) total : 100), rate / 1e6);
    if (left >= 60)
        g_string_append_printf(out, "%.0f min left", left / 60);
    else
        g_string_append_printf(out, "%.0f s left", left);
}

static void
draw(const GString *text)
{
    /* A terminal that does not take it goes without. */
    if (write(STDERR_FILENO, text->str, text->len) < 0)
        line.program = NULL;
}

void
hc_progress(const char *what, uint64_t done, uint64_t total)
{
    if (line.program == NULL)
        return;
    const gint64 now = g_get_monotonic_time();
    if (g_strcmp0(line.what, what) != 0) {
        hc_progress_clear();
        g_free(line.what);
        line.what = g_strdup(what);
        line.start = now;
    }
    if (now - line.start < FIRST || now - line.last < NEXT)
        return;
    g_autoptr(GString) text = g_string_new(NULL);
    g_string_append_printf(text, "\r\033[K%s: ", line.program);
    hc_progress_append(text, what, done, total, (double) (now - line.start) / G_USEC_PER_SEC);
    line.last = now;
    draw(text);
}

void
hc_progress_clear(void)
{
    g_autoptr(GString) text = g_string_new("\r\033[K");
    if (line.last != 0)
        draw(text);
    line.last = 0;
}
