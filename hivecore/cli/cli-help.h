#pragma once

#include "hivecore/cli/cli.h"

G_BEGIN_DECLS

/* Help texts, made from the command table; internal to cli/. */

/** hc_help_program: what "PROGRAM --help" prints. @globals: ends with a NULL long_name. */
void hc_help_program(GString *out, const char *program, const char *summary,
                     const HcCommand *const *commands, const GOptionEntry *globals);

/** hc_help_command: what "PROGRAM COMMAND --help" prints. @output: the options of commands that
 * print a report. */
void hc_help_command(GString *out, const char *program, const HcCommand *command,
                     const GOptionEntry *output, const GOptionEntry *globals);

G_END_DECLS
