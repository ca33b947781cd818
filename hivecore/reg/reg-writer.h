#pragma once

#include "hivecore/base/stream.h"
#include "hivecore/delta/delta.h"

G_BEGIN_DECLS

typedef enum {
    HC_REG_UTF16,   /* UTF-16LE with BOM, what regedit reads and writes */
    HC_REG_UTF8,    /* UTF-8 without BOM, for people and version control; not for regedit */
    HC_REG_REGEDIT, /* what regedit's own export gives, UTF-16LE with BOM: see below */
} HcRegEncoding;

/**
 * HcRegWriter: writes version 5 .reg text, CRLF, as statements come.
 *
 * Every text it makes reads back to the same statements. Strings go out quoted only when that
 * loses nothing: exactly one NUL, at the end, no line breaks, even length, no unpaired
 * surrogate; else hex(1):. REG_DWORD of 4 bytes as dword:, REG_BINARY as hex:, all
 * else hex(n):, wrapped as regedit wraps.
 *
 * HC_REG_REGEDIT loses what regedit loses: every REG_SZ but one in quotes, cut at its first NUL,
 * and names with line breaks or unpaired surrogates as they are. Source: docs/FORMATS-reg.md,
 * "What is written".
 */
typedef struct HcRegWriter HcRegWriter;

/** @root: path put before every key, e.g. "HKEY_LOCAL_MACHINE\SOFTWARE". */
HcRegWriter *hc_reg_writer_new(HcRegEncoding encoding, HcName root);

/** hc_reg_writer_new_to: the same into @out, where the text goes as it is written; at its end is
 * hc_reg_writer_end() in place of hc_reg_writer_finish(). What cannot be written there, and a text
 * that grows over 2 GiB, is an error of each statement. */
HcRegWriter *hc_reg_writer_new_to(HcStream *out, HcRegEncoding encoding, HcName root);

void hc_reg_writer_free(HcRegWriter *writer);

/**
 * hc_reg_writer_enter, hc_reg_writer_leave, hc_reg_writer_section:
 * Down to a subkey, whose name is borrowed, back up, and a section for the key that the writer is
 * at, which begins as the root, or for a delete of it.
 * HC_ERROR_UNSUPPORTED when a name cannot stand in a .reg file (NUL, CR, LF, an unpaired
 * surrogate): the message names the key. hc_reg_writer_enter() returns why ("a NUL character"), or
 * NULL when it can.
 */
const char *hc_reg_writer_enter(HcRegWriter *writer, HcName name);
void hc_reg_writer_leave(HcRegWriter *writer);
gboolean hc_reg_writer_section(HcRegWriter *writer, gboolean is_delete, GError **error);

/** hc_reg_writer_value: @after NULL writes "name"=-. HC_ERROR_UNSUPPORTED as above. */
gboolean hc_reg_writer_value(HcRegWriter *writer, HcName name, const HcDatum *after,
                             GError **error);

/** hc_reg_writer_comment: a line "; text"; @text has no line break. HC_REG_REGEDIT has none. */
void hc_reg_writer_comment(HcRegWriter *writer, const char *text);

/** hc_reg_writer_break: comments that follow stand apart, and speak of what comes after them. */
void hc_reg_writer_break(HcRegWriter *writer);

/**
 * hc_reg_writer_delta:
 * hc_reg_write_delta() into a text that is being written; @root takes the place of the writer's.
 * @n_inexpressible is added to: here names that cannot stand in the text count too, each with a
 * comment in place of the key or value.
 */
gboolean hc_reg_writer_delta(HcRegWriter *writer, const HcDelta *delta, HcName root,
                             uint64_t *n_inexpressible, GError **error);

/** hc_reg_writer_set_root: puts @root before every key from here on. */
void hc_reg_writer_set_root(HcRegWriter *writer, HcName root);

/** Returns: how many values so far do not read back as they were; HC_REG_REGEDIT only. */
uint64_t hc_reg_writer_n_lossy(const HcRegWriter *writer);

/** Returns: (transfer none): the root that was given. */
HcName hc_reg_writer_root(const HcRegWriter *writer);

/**
 * hc_reg_writer_hive:
 * @key of @hive, at @path below its root, @n names, and all below it: keys in registry order,
 * values in storage order. Errors name the key.
 *
 * @n_left_out: (out): keys below @key (each with what is below it) and values whose names cannot
 *   stand in the text; a comment is in the place of each, but for HC_REG_REGEDIT
 */
gboolean hc_reg_writer_hive(HcRegWriter *writer, const HcHive *hive, const HcKey *key, HcPath path,
                            uint64_t *n_left_out, GError **error);

/** hc_reg_writer_finish: Returns: (transfer full): the whole text, encoded; NULL with HC_ERROR_IO,
 * when there is no room for what does not stay in memory. */
GBytes *hc_reg_writer_finish(HcRegWriter *writer, GError **error);

/** hc_reg_writer_end: what stands at the end of every text. */
void hc_reg_writer_end(HcRegWriter *writer);

/** hc_reg_write_delta_to: hc_reg_write_delta() into a stream. */
gboolean hc_reg_write_delta_to(HcStream *out, const HcDelta *delta, HcRegEncoding encoding,
                               HcName root, uint64_t *n_inexpressible, GError **error);

/**
 * hc_reg_write_delta:
 * A whole delta as .reg text. A REPLACE key is [-K] and [K]. Class, descriptor, flags, time and
 * order changes, and values_are_all, are beyond .reg: each is named in a comment line and counted.
 * A name that cannot stand in the text is HC_ERROR_UNSUPPORTED: what is applied must be whole.
 *
 * @n_inexpressible: (out) (optional): changes that the text does not carry
 */
GBytes *hc_reg_write_delta(const HcDelta *delta, HcRegEncoding encoding, HcName root,
                           uint64_t *n_inexpressible, GError **error);

/** hc_reg_write_hive: hc_reg_writer_hive() of all that @hive holds, as a whole text. */
GBytes *hc_reg_write_hive(const HcHive *hive, HcRegEncoding encoding, HcName root,
                          uint64_t *n_left_out, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HcRegWriter, hc_reg_writer_free)

G_END_DECLS
