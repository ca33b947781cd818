#pragma once

#include "hivecore/base/stream.h"
#include "hivecore/reg/reg-reader.h"

G_BEGIN_DECLS

/*
 * Batch files of "reg add" and "reg delete" lines as patches, both ways. docs/reg-lines.md says
 * what is in them.
 */

/**
 * hc_reg_script_is:
 * @bytes: the start of a file; 8-bit text or UTF-16
 *
 * Returns: whether it is a batch file: its first line is one that hc_reg_script_read() takes, or
 * one of its first lines is "reg add" or "reg delete"
 */
gboolean hc_reg_script_is(const uint8_t *bytes, gsize n_bytes);

/**
 * hc_reg_script_read:
 * Reads a batch file into @delta, as hc_reg_read() reads a .reg file: every line that is no "reg
 * add", "reg delete", "echo off", "chcp", remark or blank is an error with its place. With
 * options->compat_regedit it is skipped and counted.
 *
 * A variable %NAME% has the value of --set. 8-bit text is UTF-8, or in the code page of the option
 * or of a "chcp" before the line.
 */
gboolean hc_reg_script_read(HcDelta *delta, const char *file, GBytes *content,
                            const HcRegReadOptions *options, uint64_t *n_skipped, GError **error);

/**
 * hc_reg_script_write:
 * @delta as a batch file below @root: CRLF, UTF-8, ASCII where the names and texts are. What
 * reg.exe has no words for (a class, a descriptor, a string without its NUL, a line that would be
 * too long) is a remark in its place, and counted.
 *
 * @n_inexpressible: (out): changes that the text does not carry
 *
 * Returns: FALSE with HC_ERROR_IO
 */
gboolean hc_reg_script_write(HcStream *out, const HcDelta *delta, HcName root,
                             uint64_t *n_inexpressible, GError **error);

G_END_DECLS
