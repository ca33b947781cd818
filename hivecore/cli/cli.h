#pragma once

#include <glib.h>

#include "hivecore/base/clock.h"
#include "hivecore/base/error.h"
#include "hivecore/base/stream.h"
#include "hivecore/regf/open.h"

G_BEGIN_DECLS

/** HcCliContext: what every command gets from main. */
typedef struct {
    const char *program;
    gboolean quiet;
    gboolean verbose;
    gboolean is_terminal;       /* standard output is one */
    gboolean color;             /* decided: --color, NO_COLOR, terminal */
    HcDirtyPolicy dirty_policy; /* --no-logs, --ignore-dirty; for hc_cli_open_hive() */
    HcEpoch epoch;
    HcStream *stream;   /* standard output; what is left is written by main at the end */
    GString *out;       /* hc_stream_text() of it: commands only append */
    const char *output; /* (nullable): argument of -o, of a command that has none of its own */
    GString *published; /* names of the files written, told when standard output then fails */
} HcCliContext;

/** HcCommand: one entry of a program's table, defined in the command's own file. */
typedef struct {
    const char *name;
    const char *alias;           /* (nullable): another name */
    const char *also;            /* (nullable): what people type for it, which only suggests it */
    const char *group;           /* what it is for; commands of one group stand together */
    const char *args;            /* "HIVE PATCH..." for the usage line */
    const char *summary;         /* one line */
    const char *details;         /* (nullable): further help text */
    const char *statuses;        /* (nullable): "0 the same, 1 different": what 0 and 1 mean */
    const char *examples;        /* lines, each a whole command line */
    const GOptionEntry *options; /* (nullable) */
    int min_args;
    int max_args; /* -1: any number */
    int n_shown;  /* of a command that prints a report and has no -o of its own: how many of the
                     first operands it shows something of, -1: all. It gets -o then */
    /* @args: the operands, NULL-terminated. FALSE with @error set, or TRUE with *status set. */
    gboolean (*run)(HcCliContext *context, int n_args, char **args, HcExit *status, GError **error);
} HcCommand;

/**
 * hc_cli_main:
 * Parses the global and the command's options, runs the command, prints its output and errors
 * ("hivetool: message"), and gives the exit status. Output that cannot be written is status 5.
 * @commands: NULL-terminated
 */
int hc_cli_main(const char *program, const char *summary, const HcCommand *const *commands,
                int argc, char **argv);

/**
 * hc_cli_add_failure:
 * One more failure (transfer full) where several are told: the one that *@all had is printed, and
 * *@all has the text of the last and the code of the first.
 */
void hc_cli_add_failure(const HcCliContext *context, GError **all, GError *failure);

/**
 * hc_cli_append_reg:
 * .reg text for standard output. On a terminal it is UTF-8, whatever its encoding, and what would
 * drive the terminal or hide is escaped.
 *
 * @is_asked: the user named the encoding: UTF-16 stays UTF-16
 */
void hc_cli_append_reg(HcCliContext *context, const void *bytes, gsize n_bytes, gboolean is_asked);

/** Returns: whether .reg text on standard output goes through hc_cli_append_reg(), and not straight
 * there. */
gboolean hc_cli_wants_utf8(const HcCliContext *context, gboolean is_utf16_asked);

/** hc_cli_published: says that the file or image @name is written, for when that cannot be told on
 * standard output. */
void hc_cli_published(HcCliContext *context, const char *name);

/** hc_cli_note: a line on standard error, unless --quiet. */
void hc_cli_note(const HcCliContext *context, const char *format, ...) G_GNUC_PRINTF(2, 3);

/** hc_cli_verbose: the same, only with --verbose. */
void hc_cli_verbose(const HcCliContext *context, const char *format, ...) G_GNUC_PRINTF(2, 3);

G_END_DECLS
