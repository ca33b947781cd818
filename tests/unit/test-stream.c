#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hivecore/base/stream.h"
#include "tests/unit/cu.h"

const char cu_suite[] = "stream";

/* A stream to a file in memory, and what has arrived there. */
typedef struct {
    int fd;
    HcStream *stream;
} Sink;

static void
sink_open(Sink *sink)
{
    sink->fd = memfd_create("sink", MFD_CLOEXEC);
    CU_ASSERT_TRUE_FATAL(sink->fd >= 0);
    sink->stream = hc_stream_new_fd(sink->fd, "a sink");
}

static gsize
arrived(const Sink *sink)
{
    struct stat status;
    CU_ASSERT_EQUAL_FATAL(fstat(sink->fd, &status), 0);
    return (gsize) status.st_size;
}

/* The last bytes of it. */
static char *
tail(const Sink *sink, gsize n)
{
    char *text = g_malloc0(n + 1);
    CHECK_NUMBER(pread(sink->fd, text, n, (off_t) (arrived(sink) - n)), n);
    return text;
}

static void
sink_close(Sink *sink)
{
    hc_stream_unref(sink->stream);
    (void) close(sink->fd);
}

static void
append_lines(HcStream *stream, guint n)
{
    for (guint i = 0; i < n; i++) {
        g_string_append_printf(hc_stream_text(stream), "line %06u\n", i);
        (void) hc_stream_flow(stream);
    }
}

/* What is appended goes out by blocks, in order, and what is held stays under two of them. */
static void
goes_out_in_blocks(void)
{
    enum {
        N_LINES = 200000,
        LINE_BYTES = 12
    };
    Sink sink;
    gboolean is_torn;
    sink_open(&sink);
    append_lines(sink.stream, 1000);
    CHECK_NUMBER(arrived(&sink), 0);
    append_lines(sink.stream, N_LINES - 1000);
    CU_ASSERT_TRUE(arrived(&sink) >= 2 * HC_STREAM_BYTES);
    CU_ASSERT_TRUE(hc_stream_text(sink.stream)->len < HC_STREAM_BYTES);
    CU_ASSERT_TRUE(hc_stream_text(sink.stream)->allocated_len <= 2 * HC_STREAM_BYTES);
    CHECK_NUMBER(hc_stream_size(sink.stream), N_LINES * LINE_BYTES);
    CHECK_NUMBER(hc_stream_finish(sink.stream, &is_torn), 0);
    CU_ASSERT_FALSE(is_torn);
    CHECK_NUMBER(arrived(&sink), N_LINES * LINE_BYTES);
    g_autofree char *last = tail(&sink, LINE_BYTES);
    CHECK_STRING(last, "line 198999\n");
    sink_close(&sink);
}

/* Of a report that does not end nothing more goes out: nothing at all while it is short, and what
 * stood before it does. */
static void
a_report_that_fails_is_not_whole(void)
{
    Sink sink;
    gboolean is_torn;
    sink_open(&sink);
    g_string_append(hc_stream_text(sink.stream), "before\n");
    hc_stream_begin(sink.stream);
    append_lines(sink.stream, 10);
    CHECK_NUMBER(hc_stream_finish(sink.stream, &is_torn), 0);
    CU_ASSERT_FALSE(is_torn);
    CHECK_NUMBER(arrived(&sink), strlen("before\n"));
    sink_close(&sink);

    sink_open(&sink);
    hc_stream_begin(sink.stream);
    append_lines(sink.stream, 100000);
    CHECK_NUMBER(hc_stream_finish(sink.stream, &is_torn), 0);
    CU_ASSERT_TRUE(is_torn);
    CU_ASSERT_TRUE(arrived(&sink) >= HC_STREAM_BYTES && arrived(&sink) < 1200000);
    sink_close(&sink);
}

/* The first failure stays, what comes after it takes no room, and the end tells it. */
static void
what_cannot_be_written_is_told_at_the_end(void)
{
    g_autoptr(GError) error = NULL;
    gboolean is_torn;
    const int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    if (full < 0)
        return;
    g_autoptr(HcStream) stream = hc_stream_new_fd(full, "the disk");
    append_lines(stream, 100000);
    CU_ASSERT_FALSE(hc_stream_flow(stream));
    append_lines(stream, 100000);
    CU_ASSERT_TRUE(hc_stream_text(stream)->len < HC_STREAM_BYTES);
    CU_ASSERT_FALSE(hc_stream_end(stream, &error));
    CHECK_ERROR(error, HC_ERROR_IO, "the disk: cannot write: No space left on device");
    CHECK_NUMBER(hc_stream_finish(stream, &is_torn), ENOSPC);
    CU_ASSERT_FALSE(is_torn);
    (void) close(full);
}

/* A file appears when it is committed, and holds all. */
static void
a_file_is_published_at_the_end(void)
{
    g_autofree char *folder = cu_temp_dir();
    g_autofree char *file = g_build_filename(folder, "report", NULL);
    g_autofree char *content = NULL;
    g_autoptr(GError) error = NULL;
    gsize n_bytes = 0;
    HcOutput *output = hc_output_open(file, NULL, &error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(output);
    HcStream *stream = hc_stream_new_output(output);
    append_lines(stream, 200000);
    CU_ASSERT_FALSE(g_file_test(file, G_FILE_TEST_EXISTS));
    CU_ASSERT_TRUE(hc_stream_end(stream, &error));
    CU_ASSERT_TRUE(hc_output_commit(hc_stream_output(stream), &error));
    hc_stream_unref(stream);
    CHECK_NO_ERROR(error);
    CU_ASSERT_TRUE(g_file_get_contents(file, &content, &n_bytes, NULL));
    CHECK_NUMBER(n_bytes, 200000 * 12);

    /* Without the commit nothing stays, not even a temporary file. */
    g_autofree char *other = g_build_filename(folder, "other", NULL);
    stream = hc_stream_new_output(hc_output_open(other, NULL, &error));
    append_lines(stream, 200000);
    hc_stream_unref(stream);
    CU_ASSERT_FALSE(g_file_test(other, G_FILE_TEST_EXISTS));
    cu_remove_tree(folder);
}

static void
a_spool_and_memory_hold_all(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(HcStream) spool = hc_stream_new_spool();
    g_autoptr(HcStream) memory = hc_stream_new_memory();
    append_lines(spool, 500000);
    append_lines(memory, 500000);
    g_autoptr(GBytes) bytes = hc_stream_take(spool, &error);
    CHECK_NO_ERROR(error);
    gsize n_bytes;
    const void *all = g_bytes_get_data(bytes, &n_bytes);
    CHECK_BYTES(all, n_bytes, hc_stream_text(memory)->str, hc_stream_text(memory)->len);
}

/* Room may be asked for past a block, and a piece may be larger than one. */
static void
pieces_of_any_size(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(HcStream) spool = hc_stream_new_spool();
    g_autofree char *large = g_strnfill(3 * HC_STREAM_BYTES + 5, 'x');
    hc_stream_put(spool, large, 3 * HC_STREAM_BYTES + 5);
    hc_stream_reserve(spool, 2 * HC_STREAM_BYTES);
    GString *text = hc_stream_text(spool);
    CU_ASSERT_TRUE(text->allocated_len - text->len > 2 * HC_STREAM_BYTES);
    memset(text->str + text->len, 'y', 2 * HC_STREAM_BYTES);
    text->len += 2 * HC_STREAM_BYTES;
    CHECK_NUMBER(hc_stream_size(spool), 5 * HC_STREAM_BYTES + 5);
    g_autoptr(GBytes) bytes = hc_stream_take(spool, &error);
    CHECK_NO_ERROR(error);
    CHECK_NUMBER(g_bytes_get_size(bytes), 5 * HC_STREAM_BYTES + 5);
}

const CuCase cu_cases[] = {
    {"what is appended goes out in blocks", goes_out_in_blocks},
    {"a report that fails is not whole", a_report_that_fails_is_not_whole},
    {"what cannot be written is told at the end", what_cannot_be_written_is_told_at_the_end},
    {"a file is published at the end", a_file_is_published_at_the_end},
    {"a spool and memory hold all", a_spool_and_memory_hold_all},
    {"pieces of any size", pieces_of_any_size},
    {NULL, NULL},
};
