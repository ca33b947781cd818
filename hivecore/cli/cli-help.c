#include "config.h"

#include "hivecore/cli/cli-private.h"

#include <string.h>

/* Written here and not by g_option_context_get_help(), so that the text is the same with every
 * GLib, language and terminal. */

/* Left column of options and commands; longer ones get a line of their own. */
#define COLUMN 28

static void
append_row(GString *out, const char *left, const char *right)
{
    gsize width = 2 + strlen(left);
    g_string_append_printf(out, "  %s", left);
    if (width + 2 > COLUMN) {
        g_string_append_c(out, '\n');
        width = 0;
    }
    for (; width < COLUMN; width++)
        g_string_append_c(out, ' ');
    /* A description of several lines stays in its column. */
    g_auto(GStrv) lines = g_strsplit(right, "\n", -1);
    for (gsize i = 0; lines[i] != NULL; i++) {
        if (i > 0)
            g_string_append_printf(out, "%*s", COLUMN, "");
        g_string_append_printf(out, "%s\n", lines[i]);
    }
}

static void
append_options(GString *out, const GOptionEntry *entries)
{
    for (const GOptionEntry *entry = entries; entry->long_name != NULL; entry++) {
        if ((entry->flags & G_OPTION_FLAG_HIDDEN) != 0 || entry->long_name[0] == '\0')
            continue;
        g_autoptr(GString) left = g_string_new(NULL);
        if (entry->short_name != 0)
            g_string_append_printf(left, "-%c, ", entry->short_name);
        g_string_append_printf(left, "--%s", entry->long_name);
        if (entry->arg_description != NULL)
            g_string_append_printf(
                left, (entry->flags & G_OPTION_FLAG_OPTIONAL_ARG) != 0 ? "[=%s]" : "=%s",
                entry->arg_description);
        append_row(out, left->str, entry->description != NULL ? entry->description : "");
    }
}

void
hc_help_program(GString *out, const char *program, const char *summary,
                const HcCommand *const *commands, const GOptionEntry *globals)
{
    const char *group = NULL;
    g_string_append_printf(out, "usage: %s COMMAND [OPTION...] [OPERAND...]\n\n%s\n\ncommands:\n",
                           program, summary);
    for (gsize i = 0; commands[i] != NULL; i++) {
        if (commands[i]->name[0] == '_')
            continue; /* for programs */
        if (g_strcmp0(group, commands[i]->group) != 0)
            g_string_append_printf(out, " %s:\n", commands[i]->group);
        group = commands[i]->group;
        append_row(out, commands[i]->name, commands[i]->summary);
    }
    append_row(out, "help", "print this text, or with COMMAND its own");
    g_string_append(out, "\noptions, before or after the command:\n");
    append_options(out, globals);
    g_string_append_printf(out, "\n'%s COMMAND --help' tells more of a command.\n", program);
}

/* "-q -v --color ..." */
static void
append_globals(GString *out, const GOptionEntry *globals)
{
    g_string_append(out, "\noptions of every command:");
    for (const GOptionEntry *entry = globals; entry->long_name != NULL; entry++) {
        if (entry->short_name != 0)
            g_string_append_printf(out, " -%c", entry->short_name);
        else if (entry->long_name[0] != '\0')
            g_string_append_printf(out, " --%s", entry->long_name);
    }
    g_string_append_c(out, '\n');
}

void
hc_help_command(GString *out, const char *program, const HcCommand *command,
                const GOptionEntry *output, const GOptionEntry *globals)
{
    g_string_append_printf(out, "usage: %s %s [OPTION...]%s%s\n\n%s%s%s%s\n", program,
                           command->name, command->args[0] != '\0' ? " " : "", command->args,
                           command->summary, command->alias != NULL ? " (also: " : "",
                           command->alias != NULL ? command->alias : "",
                           command->alias != NULL ? ")" : "");
    if (command->details != NULL)
        g_string_append_printf(out, "\n%s\n", command->details);
    if (command->options != NULL || command->n_shown != 0)
        g_string_append(out, "\noptions:\n");
    if (command->options != NULL)
        append_options(out, command->options);
    if (command->n_shown != 0)
        append_options(out, output);
    append_globals(out, globals);
    if (command->examples != NULL) {
        g_auto(GStrv) lines = g_strsplit(command->examples, "\n", -1);
        g_string_append(out, "\nexamples:\n");
        for (gsize i = 0; lines[i] != NULL; i++)
            g_string_append_printf(out, "  %s\n", lines[i]);
    }
    g_string_append_printf(out,
                           "\nexit status: %s, 2 usage, 3 malformed, 4 unsupported, 5 I/O, "
                           "6 conflict\n",
                           command->statuses != NULL ? command->statuses : "0 done");
}
