#pragma once

#include <glib.h>

/*
 * What lines of RUN do, on a tree of nothing and without hives. The source of each row:
 *   M  Microsoft's page on the command: reg, setx, sc, icacls, tar, mkdir, del, copy, …
 *   C  Microsoft, "cmd", "Command shell overview"
 *   P  Microsoft, about_Parsing, about_Quoting_Rules, about_Operators, about_Numeric_Literals
 *   B  Microsoft, about_Parameters, and the page on the cmdlet
 *   R  PowerShell's source, RegistryProvider.cs: types of values, New-Item -Force
 *   N  .NET, Environment.SetEnvironmentVariable
 *   D  moby/buildkit: RUN of Windows is one command line, in which no quotes are put
 *   F  the forms that public Windows Dockerfiles have
 */
typedef struct {
    char source;
    const char *line;
    const char *expected; /* what is told, a line each, then the statements; or "! message" */
} RunRow;

/** run_line: what @text says, as RunRow.expected; @shell: (nullable): that of SHELL. */
char *run_line(const char *const *shell, const char *text);

/** run_check_rows: each of @rows, whose last has no line. */
void run_check_rows(const char *const *shell, const RunRow *rows);

#define ENVIRONMENT                                                                                \
    "+[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Environment]\n"
#define S "+[HKEY_LOCAL_MACHINE\\S]\n"
#define NO_MORE                                                                                    \
    "without /M it sets a variable of the user that builds, whose hive is in no layer; ENV sets "  \
    "it for the container"
