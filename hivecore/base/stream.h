#pragma once

#include <stdint.h>

#include <glib.h>

#include "hivecore/base/output.h"

G_BEGIN_DECLS

/**
 * HcStream: how a text leaves the program, to standard output or to a file that is published at the
 * end, so that nothing that grows with the hive is held. What is appended to hc_stream_text() goes
 * out in blocks of HC_STREAM_BYTES whenever hc_stream_flow() is called, between two pieces.
 *
 * Writing that fails is told once, by hc_stream_end(); until then what is appended is thrown away.
 */
typedef struct HcStream HcStream;

#define HC_STREAM_BYTES (1u << 20)

/** hc_stream_new_fd: to a descriptor, which stays the caller's; @name for messages. */
HcStream *hc_stream_new_fd(int fd, const char *name);

/** hc_stream_new_output: to @output (transfer full), which stays to be committed. */
HcStream *hc_stream_new_output(HcOutput *output);

/** hc_stream_new_spool: to be had as a whole at the end, by hc_stream_take(). */
HcStream *hc_stream_new_spool(void);

/** hc_stream_new_memory: all stays in hc_stream_text(). */
HcStream *hc_stream_new_memory(void);

/** hc_stream_before_first: calls @before once, with the text, before the first bytes go to the
 * descriptor of hc_stream_new_fd(). */
void hc_stream_before_first(HcStream *stream, void (*before)(void *data, const GString *text),
                            void *data);

HcStream *hc_stream_ref(HcStream *stream);
void hc_stream_unref(HcStream *stream);

/** Returns: (transfer none): what is not out yet, to be appended to and never cut. */
GString *hc_stream_text(HcStream *stream);

/**
 * hc_stream_flow:
 * Lets what was appended go when it is a block.
 *
 * Returns: FALSE when writing has failed, for those who can stop
 */
gboolean hc_stream_flow(HcStream *stream);

/** hc_stream_put: appends @n_bytes, of any length, and lets them flow. */
void hc_stream_put(HcStream *stream, const void *bytes, gsize n_bytes);

/** hc_stream_reserve: hc_stream_text() has room for @n_bytes more, and a NUL, behind its end;
 * what stood in it may have gone out. */
void hc_stream_reserve(HcStream *stream, gsize n_bytes);

/** Returns: how many bytes were appended in all. */
uint64_t hc_stream_size(const HcStream *stream);

/**
 * hc_stream_begin, hc_stream_end:
 * Around a report that is whole or nothing. Where the end does not come, because the report failed,
 * what is not out yet is dropped (hc_stream_finish()).
 *
 * Returns: FALSE with HC_ERROR_IO when something could not be written
 */
void hc_stream_begin(HcStream *stream);
gboolean hc_stream_end(HcStream *stream, GError **error);

/**
 * hc_stream_finish:
 * Writes what is left, but nothing more of a report that has not ended.
 * @is_torn: (out): whether a part of such a report went out
 *
 * Returns: 0 or the errno of what could not be written, now or before
 */
int hc_stream_finish(HcStream *stream, gboolean *is_torn);

/** hc_stream_take: Returns: (transfer full): all of a spool, as hc_spool_finish(). */
GBytes *hc_stream_take(HcStream *stream, GError **error);

/** Returns: (transfer none) (nullable): the file that is to be committed. */
HcOutput *hc_stream_output(const HcStream *stream);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HcStream, hc_stream_unref)

G_END_DECLS
