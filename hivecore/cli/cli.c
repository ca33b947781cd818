#include "config.h"

#include "hivecore/cli/cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hivecore/base/choice.h"
#include "hivecore/base/crash.h"
#include "hivecore/base/error.h"
#include "hivecore/base/interrupt.h"
#include "hivecore/base/limits.h"
#include "hivecore/base/parallel.h"
#include "hivecore/base/progress.h"
#include "hivecore/cli/cli-hive.h"
#include "hivecore/cli/cli-private.h"

/* Options of every command, with what was given. */
typedef struct {
    gboolean quiet;
    gboolean verbose;
    gboolean no_logs;
    gboolean ignore_dirty;
    gboolean help;
    gboolean version;
    char *color;
    int threads;
    char **operands;
    GOptionEntry entries[10];
    char *output; /* of commands that print a report */
    GOptionEntry output_entries[2];
} Globals;

typedef struct {
    const char *program;
    const char *summary;
    const HcCommand *const *commands;
    const HcCommand *command; /* NULL until it is known */
    Globals globals;
    HcCliContext context;
    HcPager pager;
} Run;

static void
globals_init(Globals *globals)
{
    /* Texts are G_OPTION_ARG_FILENAME: _STRING would convert them from the locale's charset,
     * which is ASCII here. */
    const GOptionEntry entries[] = {
        {"quiet", 'q', 0, G_OPTION_ARG_NONE, &globals->quiet, "print no remarks on standard error",
         NULL},
        {"verbose", 'v', 0, G_OPTION_ARG_NONE, &globals->verbose, "say more on standard error",
         NULL},
        {"color", 0, G_OPTION_FLAG_OPTIONAL_ARG, G_OPTION_ARG_FILENAME, &globals->color,
         "auto, always (also without WHEN) or never", "WHEN"},
        {"no-logs", 0, 0, G_OPTION_ARG_NONE, &globals->no_logs,
         "refuse a dirty hive, replay no transaction logs", NULL},
        {"ignore-dirty", 0, 0, G_OPTION_ARG_NONE, &globals->ignore_dirty,
         "read a dirty hive as it stands, without its logs", NULL},
        {"threads", 0, 0, G_OPTION_ARG_INT, &globals->threads,
         "threads that read hives, 1 to 8 (default: one for each processor)", "N"},
        {"help", 'h', 0, G_OPTION_ARG_NONE, &globals->help, "print help and end", NULL},
        {"version", 'V', 0, G_OPTION_ARG_NONE, &globals->version, "print the version and end",
         NULL},
        {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &globals->operands, NULL, NULL},
        {NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
    };
    G_STATIC_ASSERT(sizeof(entries) == sizeof(globals->entries));
    memcpy(globals->entries, entries, sizeof(entries));
    globals->output_entries[0] = (GOptionEntry){"output",
                                                'o',
                                                0,
                                                G_OPTION_ARG_FILENAME,
                                                &globals->output,
                                                "write to OUT instead of standard output",
                                                "OUT"};
}

/* The command that somebody may have meant who typed @name. */
static const char *
nearest_command(const Run *run, const char *name)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    for (gsize i = 0; run->commands[i] != NULL; i++) {
        const HcCommand *command = run->commands[i];
        g_auto(GStrv) also = g_strsplit(command->also != NULL ? command->also : "", " ", -1);
        if (g_strv_contains((const char *const *) also, name))
            return command->name;
        if (command->name[0] != '_') /* those are for programs */
            g_ptr_array_add(names, (gpointer) (guintptr) command->name);
    }
    g_ptr_array_add(names, NULL);
    return hc_word_nearest(name, (const char *const *) names->pdata);
}

static const HcCommand *
find_command(const Run *run, const char *name, GError **error)
{
    for (gsize i = 0; run->commands[i] != NULL; i++) {
        if (g_str_equal(run->commands[i]->name, name) ||
            g_strcmp0(run->commands[i]->alias, name) == 0)
            return run->commands[i];
    }
    g_autofree char *guess = hc_word_guess("'", nearest_command(run, name), "'");
    return hc_fail_null(error, HC_ERROR_USAGE, "unknown command '%s'%s", name, guess);
}

/* Takes the options before the command's name; the rest stays in @args, from place 1. */
static gboolean
parse_before_command(Run *run, char ***args, GError **error)
{
    GOptionEntry entries[G_N_ELEMENTS(run->globals.entries)];
    const GOptionEntry *const tables[] = {entries, NULL};
    memcpy(entries, run->globals.entries, sizeof(entries));
    /* Without the entry for operands, which would swallow the name. */
    memset(&entries[G_N_ELEMENTS(entries) - 2], 0, sizeof(entries[0]));
    return hc_options_parse(tables, TRUE, args, error);
}

static gboolean
parse_command(Run *run, char ***args, GError **error)
{
    const GOptionEntry *tables[4] = {run->globals.entries};
    gsize n = 1;
    if (run->command->options != NULL)
        tables[n++] = run->command->options;
    if (run->command->n_shown != 0)
        tables[n++] = run->globals.output_entries;
    return hc_options_parse(tables, FALSE, args, error);
}

static gboolean
decide_color(const char *when, gboolean is_terminal, gboolean *color, GError **error)
{
    enum {
        AUTO,
        ALWAYS,
        NEVER
    };
    static const HcChoice choices[] = {{"auto", AUTO}, {"always", ALWAYS}, {"never", NEVER}};
    const char *no_color = g_getenv("NO_COLOR");
    const int choice =
        HC_CHOICE_PARSE("--color is", g_strcmp0(when, "") == 0 ? "always" : when, choices, error);
    *color = choice == ALWAYS || (choice == AUTO && (no_color == NULL || no_color[0] == '\0') &&
                                  is_terminal && g_strcmp0(g_getenv("TERM"), "dumb") != 0);
    return choice >= 0;
}

/* Runs the command with its report in the file of -o, in place of standard output. */
static gboolean
run_to_file(Run *run, char **operands, int n_operands, HcExit *status, GError **error)
{
    const HcCommand *command = run->command;
    HcCliContext *context = &run->context;
    const int n_shown = command->n_shown < 0 ? n_operands : MIN(command->n_shown, n_operands);
    g_autofree char **shown = g_new0(char *, (gsize) n_shown + 1);
    memcpy(shown, operands, (gsize) n_shown * sizeof(*shown));
    if (!hc_cli_refuse_overwrite(run->globals.output, shown, error))
        return FALSE;
    HcStream *file = hc_cli_open_stream(context, run->globals.output, shown, error);
    if (file == NULL)
        return FALSE;
    HcStream *standard = context->stream;
    context->stream = file;
    context->out = hc_stream_text(file);
    context->is_terminal = FALSE;
    gboolean is_done = command->run(context, n_operands, operands, status, error);
    context->stream = standard;
    context->out = hc_stream_text(standard);
    is_done = is_done && hc_cli_publish(context, file, error);
    hc_stream_unref(file);
    return is_done;
}

static gboolean
run_command(Run *run, HcExit *status, GError **error)
{
    const HcCommand *command = run->command;
    char *none[] = {NULL};
    char **operands = run->globals.operands != NULL ? run->globals.operands : none;
    int n_operands = (int) g_strv_length(operands);
    if (n_operands < command->min_args ||
        (command->max_args >= 0 && n_operands > command->max_args))
        return hc_fail(error, HC_ERROR_USAGE, "%s: too %s operands, expected %s", command->name,
                       n_operands < command->min_args ? "few" : "many",
                       command->args[0] != '\0' ? command->args : "none");
    HcCliContext *context = &run->context;
    context->quiet = run->globals.quiet;
    context->verbose = run->globals.verbose;
    context->output = run->globals.output;
    context->is_terminal = run->globals.output == NULL && isatty(STDOUT_FILENO) == 1;
    if (!context->quiet && isatty(STDERR_FILENO) == 1)
        hc_progress_enable(context->program);
    context->dirty_policy = HC_DIRTY_REPLAY;
    if (run->globals.ignore_dirty)
        context->dirty_policy = HC_DIRTY_AS_IS;
    else if (run->globals.no_logs)
        context->dirty_policy = HC_DIRTY_REFUSE;
    if (run->globals.threads < 0 || run->globals.threads > (int) HC_MAX_THREADS)
        return hc_fail(error, HC_ERROR_USAGE, "--threads is 1 to %u, not %d", HC_MAX_THREADS,
                       run->globals.threads);
    hc_parallel_set_threads((guint) run->globals.threads);
    if (!decide_color(run->globals.color, context->is_terminal, &context->color, error) ||
        !hc_epoch_read(&context->epoch, error))
        return FALSE;
    return run->globals.output != NULL ? run_to_file(run, operands, n_operands, status, error)
                                       : command->run(context, n_operands, operands, status, error);
}

/* "help", "help COMMAND": @args[1] is "help". */
static gboolean
run_help(Run *run, char **args, GError **error)
{
    if (args[2] != NULL && args[3] != NULL)
        return hc_fail(error, HC_ERROR_USAGE, "help: too many operands, expected COMMAND");
    if (args[2] != NULL && !g_str_has_prefix(args[2], "-")) {
        const HcCommand *command = find_command(run, args[2], error);
        if (command == NULL)
            return FALSE;
        hc_help_command(run->context.out, run->program, command, run->globals.output_entries,
                        run->globals.entries);
        return TRUE;
    }
    hc_help_program(run->context.out, run->program, run->summary, run->commands,
                    run->globals.entries);
    return TRUE;
}

/* Answers --help and --version, if they were given. */
static gboolean
answer_globals(Run *run)
{
    if (run->globals.help && run->command != NULL)
        hc_help_command(run->context.out, run->program, run->command, run->globals.output_entries,
                        run->globals.entries);
    else if (run->globals.help)
        hc_help_program(run->context.out, run->program, run->summary, run->commands,
                        run->globals.entries);
    else if (run->globals.version)
        g_string_append_printf(run->context.out, "%s %s\n", run->program, PACKAGE_VERSION);
    return run->globals.help || run->globals.version;
}

static gboolean
run_args(Run *run, char ***args, HcExit *status, GError **error)
{
    if (!parse_before_command(run, args, error))
        return FALSE;
    /* --help COMMAND is COMMAND --help. */
    if (run->globals.help && (*args)[0] != NULL && (*args)[1] != NULL)
        run->command = find_command(run, (*args)[1], NULL);
    if (answer_globals(run))
        return TRUE;
    /* Asked for nothing, it tells what there is. */
    if ((*args)[0] == NULL || (*args)[1] == NULL) {
        hc_help_program(run->context.out, run->program, run->summary, run->commands,
                        run->globals.entries);
        return TRUE;
    }
    if (g_str_equal((*args)[1], HC_COMPLETE_COMMAND)) {
        const HcCompletion completion = {&run->context, run->commands, run->globals.entries,
                                         run->globals.output_entries};
        return hc_complete(&completion, *args + 2, error);
    }
    if (g_str_equal((*args)[1], "help"))
        return run_help(run, *args, error);
    run->command = find_command(run, (*args)[1], error);
    if (run->command == NULL)
        return FALSE;
    /* GLib takes the first place for the program's name: let it be the command's. */
    g_free((*args)[0]);
    memmove(*args, *args + 1, g_strv_length(*args + 1) * sizeof(**args) + sizeof(**args));
    if (!parse_command(run, args, error))
        return FALSE;
    if (answer_globals(run))
        return TRUE;
    return run_command(run, status, error);
}

static gboolean
has_option(const HcCommand *command, const char *name)
{
    for (const GOptionEntry *entry = command->options; entry != NULL && entry->long_name != NULL;
         entry++) {
        if (g_str_equal(entry->long_name, name))
            return TRUE;
    }
    return FALSE;
}

static HcExit
report_error(const Run *run, const GError *error)
{
    HcExit status = hc_error_exit_status(error);
    hc_stdio_print_failure(run->program, error);
    if (status == HC_EXIT_USAGE) {
        g_autofree char *hint =
            g_strdup_printf("see '%s%s%s --help'", run->program, run->command != NULL ? " " : "",
                            run->command != NULL ? run->command->name : "");
        hc_stdio_print_error(run->program, hint);
    }
    if (run->command != NULL && run->globals.operands != NULL &&
        g_error_matches(error, HC_ERROR, HC_ERROR_MALFORMED))
        hc_cli_hint_salvage(run->program, error->message, run->globals.operands,
                            has_option(run->command, "salvage"));
    return status;
}

/* Whether the program ends because main has come to its end. */
static gboolean is_over;

/* A library that calls exit() by itself (libarchive without memory: exit(1)) must not be taken for
 * an answer. */
static void
end_by_library(void)
{
    if (!is_over)
        hc_crash_end(NULL);
}

/* Whoever closes a pipe knows that he does not get everything; but not what was written to files.
 */
static void
report_lost_output(const Run *run, int write_errno)
{
    const GString *published = run->context.published;
    if (write_errno == EPIPE && published->len == 0)
        return;
    g_autoptr(GError) error = NULL;
    hc_set_io_error(&error, "standard output", "cannot write", write_errno);
    if (published->len > 0) {
        g_autofree char *message = error->message;
        error->message = g_strdup_printf("%s (written before: %s)", message, published->str);
    }
    hc_stdio_print_error(run->program, error->message);
}

/* What is there goes out before the message of an error that came after it. */
static HcExit
end_output(Run *run, gboolean is_done, HcExit status, const GError *error)
{
    gboolean is_torn;
    /* A command that stopped because nobody takes what it says has that for its error. */
    const gboolean is_stopped =
        !hc_stream_flow(run->context.stream) && g_error_matches(error, HC_ERROR, HC_ERROR_IO);
    hc_progress_clear();
    int write_errno = hc_stdio_finish(run->context.stream, &is_torn);
    /* Who leaves the pager early has seen enough; where the command came to its end before it saw
     * that, its status is what it is. */
    if (hc_pager_wait(&run->pager) && is_done && write_errno == EPIPE)
        write_errno = 0;
    if (!is_done && !is_stopped)
        status = report_error(run, error);
    if (write_errno != 0 && (is_done || is_stopped || status == HC_EXIT_OK)) {
        status = HC_EXIT_IO;
        report_lost_output(run, write_errno);
    } else if (is_torn) {
        hc_stdio_print_error(run->program,
                             "standard output: ends where that happened, it is not whole");
    }
    return status;
}

int
hc_cli_main(const char *program, const char *summary, const HcCommand *const *commands, int argc,
            char **argv)
{
    hc_stdio_start();
    hc_crash_start(program);
    /* Fails only without memory, and then only this care is missing. */
    (void) atexit(end_by_library);
    Run run = {.program = program, .summary = summary, .commands = commands};
    globals_init(&run.globals);
    run.context.program = program;
    run.context.stream = hc_stream_new_fd(STDOUT_FILENO, "standard output");
    run.context.out = hc_stream_text(run.context.stream);
    hc_pager_offer(&run.pager, run.context.stream);
    run.context.published = g_string_new(NULL);

    /* A program may be started without even its own name. */
    char **args = argc > 0 ? g_strdupv(argv) : g_new0(char *, 1);
    HcExit status = HC_EXIT_OK;
    g_autoptr(GError) error = NULL;
    gboolean is_done = run_args(&run, &args, &status, &error);

    status = end_output(&run, is_done, status, error);
    g_strfreev(args);
    g_strfreev(run.globals.operands);
    g_free(run.globals.color);
    g_free(run.globals.output);
    hc_stream_unref(run.context.stream);
    g_string_free(run.context.published, TRUE);
    is_over = TRUE;
    hc_interrupt_end();
    return (int) status;
}

void
hc_cli_add_failure(const HcCliContext *context, GError **all, GError *failure)
{
    if (*all != NULL) {
        hc_stdio_print_failure(context->program, *all);
        failure->code = (*all)->code;
        g_error_free(*all);
    }
    *all = failure;
}

void
hc_cli_published(HcCliContext *context, const char *name)
{
    g_string_append_printf(context->published, "%s%s", context->published->len > 0 ? ", " : "",
                           name);
}

void
hc_cli_note(const HcCliContext *context, const char *format, ...)
{
    if (context->quiet)
        return;
    va_list list;
    va_start(list, format);
    g_autofree char *message = g_strdup_vprintf(format, list);
    va_end(list);
    hc_stdio_print_error(context->program, message);
}

void
hc_cli_verbose(const HcCliContext *context, const char *format, ...)
{
    if (context->quiet || !context->verbose)
        return;
    va_list list;
    va_start(list, format);
    g_autofree char *message = g_strdup_vprintf(format, list);
    va_end(list);
    hc_stdio_print_error(context->program, message);
}
