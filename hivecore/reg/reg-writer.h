#pragma once

#include "hivecore/delta/delta.h"

G_BEGIN_DECLS

typedef enum {
    HC_REG_UTF16, /* UTF-16LE with BOM, what regedit reads and writes */
    HC_REG_UTF8,  /* UTF-8 without BOM, for people and version control; not for regedit */
} HcRegEncoding;

/**
 * HcRegWriter: writes version 5 .reg text, CRLF, as statements come.
 *
 * Every text it makes reads back to the same statements. Strings go out quoted only when that
 * loses nothing: exactly one NUL, at the end, no line breaks, even length, and in UTF-8 no
 * unpaired surrogate; else hex(1):. REG_DWORD of 4 bytes as dword:, REG_BINARY as hex:, all
 * else hex(n):, wrapped as regedit wraps.
 */
typedef struct HcRegWriter HcRegWriter;

/** @root: path put before every key, e.g. "HKEY_LOCAL_MACHINE\SOFTWARE". */
HcRegWriter *hc_reg_writer_new(HcRegEncoding encoding, HcName root);
void hc_reg_writer_free(HcRegWriter *writer);

/**
 * hc_reg_writer_key:
 * Starts a section for the key at @path below the root, or for a delete.
 * HC_ERROR_UNSUPPORTED when a name cannot stand in a .reg file (NUL, CR, LF; in UTF-8 an
 * unpaired surrogate): the message names the key.
 */
gboolean hc_reg_writer_key(HcRegWriter *writer, const HcName *path, gsize n, gboolean is_delete,
                           GError **error);

/** hc_reg_writer_value: @after NULL writes "name"=-. HC_ERROR_UNSUPPORTED as above. */
gboolean hc_reg_writer_value(HcRegWriter *writer, HcName name, const HcDatum *after,
                             GError **error);

/** hc_reg_writer_comment: a line "; text"; @text has no line break. */
void hc_reg_writer_comment(HcRegWriter *writer, const char *text);

/** hc_reg_writer_finish: Returns: (transfer full): the whole text, encoded. */
GBytes *hc_reg_writer_finish(HcRegWriter *writer);

/**
 * hc_reg_write_delta:
 * A whole delta as .reg text. A REPLACE key is [-K] and [K]. Class, descriptor, flags, time and
 * order changes, and values_are_all, are beyond .reg: each is named in a comment line and counted.
 *
 * @n_inexpressible: (out) (optional): changes that the text does not carry
 */
GBytes *hc_reg_write_delta(const HcDelta *delta, HcRegEncoding encoding, HcName root,
                           uint64_t *n_inexpressible, GError **error);

/** hc_reg_write_hive: @key of @hive (at @path below its root, @n names) and all below it, as
 * .reg text: keys in registry order, values in storage order. */
GBytes *hc_reg_write_hive(const HcHive *hive, const HcKey *key, const HcName *path, gsize n,
                          HcRegEncoding encoding, HcName root, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HcRegWriter, hc_reg_writer_free)

G_END_DECLS
