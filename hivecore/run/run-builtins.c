#include "config.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/run/run-private.h"

/*
 * What cmd does itself. Sources: Microsoft's pages on mkdir, rmdir, del, copy, move, rename,
 * mklink, echo, type, cd, set, exit.
 */

/** What a builtin gets: its line, cut at blanks, commas, semicolons and equals signs. */
typedef struct {
    HcRun *run;
    const HcCmdCommand *command;
    const char *name;    /* of the command */
    const char *rest;    /* behind it, as it stands */
    GPtrArray *paths;    /* of char *: what is no switch, without quotes */
    GPtrArray *switches; /* of char *: lower case, without "/" */
    char *slashed;       /* (nullable): a path with a "/" outside of quotes */
} Builtin;

static void
add_word(Builtin *builtin, const char *text, gsize n)
{
    /* "/s/q" are two. */
    if (*text == '/') {
        g_autofree char *word = g_ascii_strdown(text + 1, (gssize) n - 1);
        g_auto(GStrv) parts = g_strsplit(word, "/", -1);
        for (gsize i = 0; parts[i] != NULL; i++)
            g_ptr_array_add(builtin->switches, g_strdup(parts[i]));
        return;
    }
    GString *path = g_string_new(NULL);
    gboolean quoted = FALSE;
    gboolean has_slash = FALSE;
    for (gsize i = 0; i < n; i++) {
        quoted ^= text[i] == '"';
        has_slash |= !quoted && text[i] == '/';
        if (text[i] != '"')
            g_string_append_c(path, text[i]);
    }
    if (has_slash && builtin->slashed == NULL)
        builtin->slashed = g_strdup(path->str);
    g_ptr_array_add(builtin->paths, g_string_free(path, FALSE));
}

static void
split_words(Builtin *builtin)
{
    const char *at = builtin->rest;
    for (;;) {
        at += strspn(at, " \t,;=");
        gboolean quoted = FALSE;
        gsize n = 0;
        while (at[n] != '\0' && (quoted || strchr(" \t,;=", at[n]) == NULL)) {
            quoted ^= at[n] == '"';
            n++;
        }
        if (n == 0)
            return;
        add_word(builtin, at, n);
        at += n;
    }
}

static const char *
path_at(const Builtin *builtin, guint i)
{
    return i < builtin->paths->len ? (const char *) builtin->paths->pdata[i] : NULL;
}

static gboolean
has_switch(const Builtin *builtin, const char *name)
{
    for (guint i = 0; i < builtin->switches->len; i++) {
        if (g_str_equal(builtin->switches->pdata[i], name))
            return TRUE;
    }
    return FALSE;
}

/* Whether all switches are among @known, which commas part; and there are so many paths. */
static gboolean
check_words(const Builtin *builtin, const char *known, guint min, guint max, GError **error)
{
    g_auto(GStrv) names = g_strsplit(known, ",", -1);
    if (builtin->slashed != NULL)
        return hc_run_refuse(error, builtin->slashed,
                             "a / begins a switch for cmd; write \\, or the path in quotes");
    for (guint i = 0; i < builtin->switches->len; i++) {
        const char *name = (const char *) builtin->switches->pdata[i];
        if (g_strv_contains((const char *const *) names, name))
            continue;
        g_autofree char *word = g_strconcat("/", name, NULL);
        g_autofree char *why = g_strdup_printf("of %s, is not done here", builtin->name);
        return hc_run_refuse(error, word, why);
    }
    if (builtin->paths->len >= min && builtin->paths->len <= max)
        return TRUE;
    g_autofree char *why = g_strdup_printf("has %u operands", builtin->paths->len);
    return hc_run_refuse(error, builtin->name, why);
}

static gboolean
do_mkdir(Builtin *builtin, GError **error)
{
    if (!check_words(builtin, "", 1, G_MAXUINT, error))
        return FALSE;
    for (guint i = 0; i < builtin->paths->len; i++) {
        if (!hc_run_make_folder(builtin->run, path_at(builtin, i), 0, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
do_rmdir(Builtin *builtin, GError **error)
{
    const guint flags = HC_RUN_FOLDERS | (has_switch(builtin, "s") ? HC_RUN_RECURSIVE : 0);
    if (!check_words(builtin, "s,q", 1, G_MAXUINT, error))
        return FALSE;
    if (has_switch(builtin, "s") && !has_switch(builtin, "q"))
        return hc_run_refuse(error, "rmdir /s", "without /q it asks, and nobody answers");
    for (guint i = 0; i < builtin->paths->len; i++) {
        if (hc_run_has_wildcards(path_at(builtin, i)))
            return hc_run_refuse(error, path_at(builtin, i),
                                 "wildcards, which rmdir does not take");
        if (!hc_run_delete(builtin->run, path_at(builtin, i), flags, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
asks(const char *path)
{
    return g_str_has_suffix(path, "*.*") || g_str_has_suffix(path, "\\*") || g_str_equal(path, "*");
}

static gboolean
do_del(Builtin *builtin, GError **error)
{
    const guint flags = HC_RUN_FILES | HC_RUN_MISSING_OK |
                        (has_switch(builtin, "s") ? HC_RUN_RECURSIVE : 0) |
                        (has_switch(builtin, "f") ? HC_RUN_FORCE : 0);
    if (!check_words(builtin, "s,q,f", 1, G_MAXUINT, error))
        return FALSE;
    for (guint i = 0; i < builtin->paths->len; i++) {
        if (asks(path_at(builtin, i)) && !has_switch(builtin, "q"))
            return hc_run_refuse(error, path_at(builtin, i),
                                 "del of all files asks without /q, and nobody answers");
        if (!hc_run_delete(builtin->run, path_at(builtin, i), flags, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
do_copy(Builtin *builtin, GError **error)
{
    const guint flags = has_switch(builtin, "y") ? HC_RUN_FORCE : 0;
    if (!check_words(builtin, "y,b,v,z,-y", 1, 2, error))
        return FALSE;
    if (strchr(path_at(builtin, 0), '+') != NULL)
        return hc_run_refuse(error, path_at(builtin, 0), "copy puts files together with '+'");
    const char *to = path_at(builtin, 1) != NULL ? path_at(builtin, 1) : ".";
    if (g_ascii_strcasecmp(path_at(builtin, 0), "nul") == 0)
        return hc_run_write(builtin->run, to, "", 0, flags, error);
    return hc_run_copy(builtin->run, path_at(builtin, 0), to, flags | HC_RUN_FILES, error);
}

static gboolean
do_move(Builtin *builtin, GError **error)
{
    return check_words(builtin, "y", 2, 2, error) &&
           hc_run_move(builtin->run, path_at(builtin, 0), path_at(builtin, 1),
                       has_switch(builtin, "y") ? HC_RUN_FORCE : 0, error);
}

static gboolean
do_rename(Builtin *builtin, GError **error)
{
    return check_words(builtin, "", 2, 2, error) &&
           hc_run_rename(builtin->run, path_at(builtin, 0), path_at(builtin, 1), 0, error);
}

static gboolean
do_mklink(Builtin *builtin, GError **error)
{
    const char kind = (char) (has_switch(builtin, "d")   ? 'd'
                              : has_switch(builtin, "j") ? 'j'
                              : has_switch(builtin, "h") ? 'h'
                                                         : 'f');
    if (!check_words(builtin, "d,j,h", 2, 2, error))
        return FALSE;
    if (builtin->switches->len > 1)
        return hc_run_refuse(error, "mklink", "has more than one of /d, /j and /h");
    return hc_run_link(builtin->run, path_at(builtin, 0), path_at(builtin, 1), kind, error);
}

static gboolean
do_cd(Builtin *builtin, GError **error)
{
    /* Blanks are part of the path. */
    g_autofree char *rest = g_strstrip(g_strdup(builtin->rest));
    if (g_ascii_strncasecmp(rest, "/d", 2) == 0)
        memmove(rest, rest + 2, strlen(rest) - 1);
    g_strstrip(rest);
    const gsize n = strlen(rest);
    if (n > 1 && *rest == '"' && rest[n - 1] == '"') {
        rest[n - 1] = '\0';
        memmove(rest, rest + 1, n - 1);
    }
    return *rest == '\0' || hc_run_change_folder(builtin->run, rest, error);
}

static gboolean
do_set(Builtin *builtin, GError **error)
{
    g_autofree char *rest = g_strdup(builtin->rest + strspn(builtin->rest, " \t"));
    const gsize n = strlen(rest);
    if (*rest == '/')
        return hc_run_refuse(error, "set /…", "computes or asks");
    /* set "X=Y" */
    char *last = strrchr(rest, '"');
    if (*rest == '"' && last != rest) {
        *last = '\0';
        memmove(rest, rest + 1, n);
    }
    char *equals = strchr(rest, '=');
    if (equals == NULL)
        return TRUE;
    *equals = '\0';
    hc_run_set_env(builtin->run, rest, equals[1] != '\0' ? equals + 1 : NULL);
    return TRUE;
}

static gboolean
do_exit(Builtin *builtin, GError **error)
{
    g_autofree char *rest = g_strstrip(g_ascii_strdown(builtin->rest, -1));
    const char *status = g_str_has_prefix(rest, "/b") ? rest + 2 + strspn(rest + 2, " ") : rest;
    if (*status != '\0' && !g_str_equal(status, "0"))
        return hc_run_refuse(error, "exit", "ends the build with a status that is not 0");
    builtin->run->has_ended = TRUE;
    return TRUE;
}

/* The file that what is printed goes to; NULL: nowhere that matters. */
static const HcCmdRedirect *
file_of(const HcCmdCommand *command)
{
    for (guint i = 0; i < command->redirects->len; i++) {
        const HcCmdRedirect *redirect = (const HcCmdRedirect *) command->redirects->pdata[i];
        if (!hc_cmd_is_nul(redirect))
            return redirect;
    }
    return NULL;
}

/* Whether the output, and nothing else, goes to one file. */
static gboolean
check_file(const HcCmdCommand *command, GError **error)
{
    guint n_outputs = 0;
    for (guint i = 0; i < command->redirects->len; i++) {
        const HcCmdRedirect *redirect = (const HcCmdRedirect *) command->redirects->pdata[i];
        n_outputs += redirect->handle == 1 ? 1 : 0;
        if (!hc_cmd_is_nul(redirect) && (redirect->handle != 1 || redirect->is_input))
            return hc_run_refuse(error, redirect->target,
                                 "a redirection of something else than the output");
        if (n_outputs > 1)
            return hc_run_refuse(error, redirect->target, "the output goes to several files");
    }
    return TRUE;
}

static gboolean
do_echo(Builtin *builtin, GError **error)
{
    const HcCmdRedirect *to = file_of(builtin->command);
    const char *rest = builtin->rest;
    if (to == NULL) {
        hc_run_skip(builtin->run, builtin->command->line.text->str);
        builtin->run->is_unsure = FALSE; /* it never fails */
        return TRUE;
    }
    if (has_switch(builtin, "?"))
        return hc_run_refuse(error, "/?", "prints the help of echo");
    g_autofree char *word = g_strstrip(g_ascii_strdown(rest, -1));
    if (*word == '\0' && (*rest == '\0' || *rest == ' '))
        return hc_run_refuse(error, "echo", "without a text it says whether it is on");
    if (g_str_equal(word, "on") || g_str_equal(word, "off"))
        return hc_run_write(builtin->run, to->target, "", 0,
                            to->appends ? HC_RUN_APPEND : HC_RUN_FORCE, error);
    for (const char *byte = rest; *byte != '\0'; byte++) {
        if ((guchar) *byte >= 0x80)
            return hc_run_refuse(error, rest,
                                 "which bytes these letters become depends on the "
                                 "machine's code page");
    }
    /* One character parts the command from its text. */
    g_autofree char *line = g_strconcat(*rest != '\0' ? rest + 1 : "", "\r\n", NULL);
    return hc_run_write(builtin->run, to->target, line, strlen(line),
                        to->appends ? HC_RUN_APPEND : HC_RUN_FORCE, error);
}

static gboolean
do_type(Builtin *builtin, GError **error)
{
    const HcCmdRedirect *to = file_of(builtin->command);
    if (to == NULL) {
        hc_run_skip(builtin->run, builtin->command->line.text->str);
        return TRUE;
    }
    if (!check_words(builtin, "", 1, 1, error))
        return FALSE;
    if (g_ascii_strcasecmp(path_at(builtin, 0), "nul") == 0)
        return hc_run_write(builtin->run, to->target, "", 0,
                            to->appends ? HC_RUN_APPEND : HC_RUN_FORCE, error);
    if (to->appends)
        return hc_run_refuse(error, "type", "puts a file behind another one");
    return hc_run_copy(builtin->run, path_at(builtin, 0), to->target, HC_RUN_FORCE | HC_RUN_FILES,
                       error);
}

static gboolean
do_print(Builtin *builtin, G_GNUC_UNUSED GError **error)
{
    hc_run_skip(builtin->run, builtin->command->line.text->str);
    builtin->run->is_unsure = !g_str_equal(builtin->name, "ver");
    return TRUE;
}

static gboolean
do_nothing(G_GNUC_UNUSED Builtin *builtin, G_GNUC_UNUSED GError **error)
{
    return TRUE;
}

static gboolean
do_refuse(Builtin *builtin, GError **error)
{
    return hc_run_refuse(error, builtin->name, "of cmd, is not done here");
}

static const struct {
    const char *name;
    gboolean (*run)(Builtin *builtin, GError **error);
    gboolean writes; /* its output may go to a file */
} builtins[] = {
    {"mkdir", do_mkdir, FALSE},      {"md", do_mkdir, FALSE},      {"rmdir", do_rmdir, FALSE},
    {"rd", do_rmdir, FALSE},         {"del", do_del, FALSE},       {"erase", do_del, FALSE},
    {"copy", do_copy, FALSE},        {"move", do_move, FALSE},     {"ren", do_rename, FALSE},
    {"rename", do_rename, FALSE},    {"mklink", do_mklink, FALSE}, {"cd", do_cd, FALSE},
    {"chdir", do_cd, FALSE},         {"set", do_set, FALSE},       {"exit", do_exit, FALSE},
    {"echo", do_echo, TRUE},         {"type", do_type, TRUE},      {"dir", do_print, FALSE},
    {"ver", do_print, FALSE},        {"vol", do_print, FALSE},     {"cls", do_nothing, FALSE},
    {"title", do_nothing, FALSE},    {"color", do_nothing, FALSE}, {"setlocal", do_nothing, FALSE},
    {"endlocal", do_nothing, FALSE}, {"if", do_refuse, FALSE},     {"for", do_refuse, FALSE},
    {"call", do_refuse, FALSE},      {"goto", do_refuse, FALSE},   {"start", do_refuse, FALSE},
    {"pushd", do_refuse, FALSE},     {"popd", do_refuse, FALSE},   {"assoc", do_refuse, FALSE},
    {"ftype", do_refuse, FALSE},     {"path", do_refuse, FALSE},   {"pause", do_refuse, FALSE},
    {"date", do_refuse, FALSE},      {"time", do_refuse, FALSE},   {"verify", do_nothing, FALSE},
};

/* What may stand right behind the name of a builtin: "cd\", "cd..", "echo.". */
static gboolean
ends_name(char byte)
{
    return byte == '\0' || strchr(" \t,;=/\\.:+([]", byte) != NULL;
}

gboolean
hc_run_builtin(HcRun *run, const HcCmdCommand *command, gboolean *is_known, GError **error)
{
    const char *line = command->line.text->str;
    *is_known = FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(builtins); i++) {
        const gsize n = strlen(builtins[i].name);
        if (g_ascii_strncasecmp(line, builtins[i].name, n) != 0 || !ends_name(line[n]))
            continue;
        /* "dir.exe", "copy.cmd" are programs. */
        if (line[n] == '.' && g_ascii_isalpha(line[n + 1]) && builtins[i].run != do_echo)
            continue;
        *is_known = TRUE;
        const HcCmdRedirect *to = file_of(command);
        if (to != NULL && !builtins[i].writes)
            return hc_run_refuse(error, to->target, "what a command prints goes to this file");
        if (to != NULL && !check_file(command, error))
            return FALSE;
        Builtin builtin = {.run = run,
                           .command = command,
                           .name = builtins[i].name,
                           .rest = line + n,
                           .paths = g_ptr_array_new_with_free_func(g_free),
                           .switches = g_ptr_array_new_with_free_func(g_free)};
        split_words(&builtin);
        const gboolean ok = builtins[i].run(&builtin, error);
        g_ptr_array_unref(builtin.paths);
        g_ptr_array_unref(builtin.switches);
        g_free(builtin.slashed);
        return ok;
    }
    return TRUE;
}
