#include "config.h"

#include "hivecore/base/stream.h"

#include <errno.h>
#include <unistd.h>

#include "hivecore/base/error.h"
#include "hivecore/base/spool.h"

/* A spool has a buffer of its own. */
#define SPOOL_BLOCK_BYTES (64u << 10)

struct HcStream {
    grefcount ref_count;
    GString *text; /* what is not out yet */
    gsize n_block; /* the length that it goes out at; G_MAXSIZE: never */
    uint64_t n_out;
    int fd; /* -1: none */
    char *name;
    HcOutput *output;
    HcSpool *spool;
    int saved_errno;    /* of the descriptor, from the first failure on */
    GError *failure;    /* the output's */
    gboolean is_begun;  /* a report that has not ended: */
    gsize report_start; /* in @text, if it is still there */
    gboolean is_torn;
    void (*before)(void *data, const GString *text); /* (nullable): the first bytes */
    void *before_data;
};

static HcStream *
stream_new(gsize n_block)
{
    HcStream *stream = g_new0(HcStream, 1);
    g_ref_count_init(&stream->ref_count);
    stream->n_block = n_block;
    /* With room behind the block for a piece that crosses its end. */
    stream->text = g_string_sized_new(n_block == G_MAXSIZE ? 0 : n_block + n_block / 4);
    stream->fd = -1;
    return stream;
}

HcStream *
hc_stream_new_fd(int fd, const char *name)
{
    HcStream *stream = stream_new(HC_STREAM_BYTES);
    stream->fd = fd;
    stream->name = g_strdup(name);
    return stream;
}

HcStream *
hc_stream_new_output(HcOutput *output)
{
    HcStream *stream = stream_new(HC_STREAM_BYTES);
    stream->output = output;
    return stream;
}

HcStream *
hc_stream_new_spool(void)
{
    HcStream *stream = stream_new(SPOOL_BLOCK_BYTES);
    stream->spool = hc_spool_new();
    return stream;
}

HcStream *
hc_stream_new_memory(void)
{
    return stream_new(G_MAXSIZE);
}

void
hc_stream_before_first(HcStream *stream, void (*before)(void *data, const GString *text),
                       void *data)
{
    stream->before = before;
    stream->before_data = data;
}

HcStream *
hc_stream_ref(HcStream *stream)
{
    g_ref_count_inc(&stream->ref_count);
    return stream;
}

void
hc_stream_unref(HcStream *stream)
{
    if (stream == NULL || !g_ref_count_dec(&stream->ref_count))
        return;
    g_string_free(stream->text, TRUE);
    hc_output_free(stream->output);
    hc_spool_free(stream->spool);
    g_clear_error(&stream->failure);
    g_free(stream->name);
    g_free(stream);
}

GString *
hc_stream_text(HcStream *stream)
{
    return stream->text;
}

static void
write_to_fd(HcStream *stream)
{
    if (stream->before != NULL && stream->text->len > 0) {
        stream->before(stream->before_data, stream->text);
        stream->before = NULL;
    }
    for (gsize done = 0; done < stream->text->len && stream->saved_errno == 0;) {
        const ssize_t n = write(stream->fd, stream->text->str + done, stream->text->len - done);
        if (n < 0 && errno != EINTR)
            stream->saved_errno = errno;
        else if (n >= 0)
            done += (gsize) n;
        stream->is_torn |= n > 0 && stream->is_begun && done > stream->report_start;
    }
}

/* What cannot be written is gone too, so that nothing is gathered for it. */
static void
let_out(HcStream *stream)
{
    if (stream->spool != NULL)
        hc_spool_append(stream->spool, stream->text->str, stream->text->len);
    else if (stream->output != NULL && stream->failure == NULL)
        (void) hc_output_write(stream->output, stream->text->str, stream->text->len,
                               &stream->failure);
    else if (stream->fd >= 0)
        write_to_fd(stream);
    stream->n_out += stream->text->len;
    stream->report_start = 0;
    g_string_truncate(stream->text, 0);
}

static gboolean
is_well(const HcStream *stream)
{
    return stream->saved_errno == 0 && stream->failure == NULL;
}

gboolean
hc_stream_flow(HcStream *stream)
{
    if (stream->text->len >= stream->n_block)
        let_out(stream);
    return is_well(stream);
}

void
hc_stream_put(HcStream *stream, const void *bytes, gsize n_bytes)
{
    const char *next = bytes;
    while (n_bytes > 0) {
        const gsize n = MIN(n_bytes, stream->n_block);
        g_string_append_len(stream->text, next, (gssize) n);
        next += n;
        n_bytes -= n;
        (void) hc_stream_flow(stream); /* told at the end */
    }
}

void
hc_stream_reserve(HcStream *stream, gsize n_bytes)
{
    (void) hc_stream_flow(stream); /* told at the end */
    const gsize length = stream->text->len;
    if (stream->text->allocated_len - length > n_bytes)
        return;
    g_string_set_size(stream->text, length + n_bytes);
    g_string_truncate(stream->text, length);
}

uint64_t
hc_stream_size(const HcStream *stream)
{
    return stream->n_out + stream->text->len;
}

void
hc_stream_begin(HcStream *stream)
{
    stream->is_begun = TRUE;
    stream->report_start = stream->text->len;
}

gboolean
hc_stream_end(HcStream *stream, GError **error)
{
    stream->is_begun = FALSE;
    stream->is_torn = FALSE;
    if (stream->output != NULL)
        let_out(stream);
    if (stream->failure != NULL) {
        g_propagate_error(error, g_steal_pointer(&stream->failure));
        return FALSE;
    }
    return stream->saved_errno == 0 ||
           hc_fail_io(error, stream->name, "cannot write", stream->saved_errno);
}

int
hc_stream_finish(HcStream *stream, gboolean *is_torn)
{
    if (stream->is_begun)
        g_string_truncate(stream->text, stream->report_start);
    *is_torn = stream->is_begun && stream->is_torn;
    let_out(stream);
    return stream->saved_errno;
}

GBytes *
hc_stream_take(HcStream *stream, GError **error)
{
    let_out(stream);
    return hc_spool_finish(stream->spool, error);
}

HcOutput *
hc_stream_output(const HcStream *stream)
{
    return stream->output;
}
