#pragma once

#include "hivecore/delta/delta.h"
#include "hivecore/reg/cmd-line.h"
#include "hivecore/reg/patch-text.h"
#include "hivecore/reg/reg-reader.h"

G_BEGIN_DECLS

/*
 * What "reg add" and "reg delete" do. Sources: Microsoft's pages "reg add" and "reg delete"; where
 * they are silent Wine's tests of reg.exe (programs/reg/tests), which are run on Windows. Each row
 * of tests/unit/test-reg-command.c names its source.
 */

typedef enum {
    HC_REG_COMMAND_ADD,
    HC_REG_COMMAND_DELETE,
} HcRegVerb;

/** HcRegCommand: one line. */
typedef struct {
    HcRegVerb verb;
    HcPath path;             /* the first name is a root's full one */
    gboolean has_value;      /* one value; reg add always has one */
    gboolean has_all_values; /* /va */
    HcName name;             /* empty: the default value */
    HcDatum datum;           /* of an add */
    gboolean is_forced;      /* /f: nobody is asked */
    gsize at;                /* of the key, in the source */
} HcRegCommand;

/**
 * hc_reg_command_parse:
 * @words: "reg" and its arguments
 * @arena: gets what @command points to
 *
 * "reg add KEY" without a value's name sets the default value, as Windows does. HKLM and such are
 * made full. What /reg:32 means is in @command->path.
 *
 * Returns: FALSE with @trouble set: HC_ERROR_MALFORMED for what reg.exe refuses and for its other
 * commands, HC_ERROR_UNSUPPORTED for other machines
 */
gboolean hc_reg_command_parse(HcRegCommand *command, HcArena *arena, const GPtrArray *words,
                              HcCmdTrouble *trouble);

/**
 * hc_reg_command_state:
 * Says @command to @delta. A delete of what is not there does nothing.
 */
gboolean hc_reg_command_state(const HcRegCommand *command, HcDelta *delta, HcOrigin origin,
                              GError **error);

/** hc_reg_command_type: Returns: whether @name, in any case, is a type, as REG_SZ; which in @type.
 */
gboolean hc_reg_command_type(const char *name, uint32_t *type);

/**
 * hc_reg_command_append_value:
 * Appends the words behind the key that give a key its value @name: /v, /t, /s and /d.
 * @words: of char *, owned
 * @datum: (nullable): NULL: those that delete it
 *
 * Returns: (nullable): static; why no words do, as "a line break"; then nothing is appended
 */
const char *hc_reg_command_append_value(GPtrArray *words, HcName name, const HcDatum *datum);

/** Returns: (nullable): static; why a name or text cannot stand in a line. */
const char *hc_reg_command_trouble(HcName text);

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
 * hc_reg_script_text:
 * A batch file below @root: CRLF, UTF-8, ASCII where the names and texts are. What reg.exe has no
 * words for (a class, a descriptor, a string without its NUL, a line that would be too long) is a
 * remark in its place, and counted.
 *
 * @root: may be empty; it lives as long as the text
 *
 * Returns: (transfer full): with its first line in @out
 */
HcPatchText *hc_reg_script_text(HcStream *out, HcName root);

G_END_DECLS
