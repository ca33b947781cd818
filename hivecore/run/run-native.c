#include "config.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/base/root.h"
#include "hivecore/regf/types.h"
#include "hivecore/run/run-private.h"

/*
 * Programs of Windows that change the registry or files, by their arguments. Sources: Microsoft's
 * pages on reg, setx, sc, icacls, tar, cmd, "about_PowerShell_exe", "about_Pwsh".
 */

/* setx truncates what is longer, with a warning. Source: its own help. */
#define MAX_SETX_UNITS 1024

static gboolean
is_option(const char *word, const char *name)
{
    return (*word == '/' || *word == '-') && g_ascii_strcasecmp(word + 1, name) == 0;
}

/* --- reg --- */

static gboolean
check_asks(HcRun *run, const HcRegCommand *command, GError **error)
{
    HcDatum datum;
    gboolean is_known;
    if (command->is_forced)
        return TRUE;
    if (command->verb == HC_REG_COMMAND_DELETE ||
        hc_run_value(run, command->path, command->name, &datum, &is_known))
        return hc_run_refuse(error, "reg", "without /f it asks, and nobody answers");
    return TRUE;
}

static gboolean
check_there(HcRun *run, const HcRegCommand *command, gboolean *is_there, GError **error)
{
    HcDatum datum;
    gboolean is_known = TRUE;
    *is_there = command->has_value
                    ? hc_run_value(run, command->path, command->name, &datum, &is_known)
                    : hc_run_has_key(run, command->path, &is_known);
    if (*is_there || !is_known || command->verb == HC_REG_COMMAND_ADD) {
        *is_there = TRUE;
        return TRUE;
    }
    return hc_run_fail(run, error, "reg delete: %s is not there",
                       command->has_value ? "the value" : "the key");
}

static gboolean
run_reg(HcRun *run, const char *const *words, guint n, GError **error)
{
    HcCmdTrouble trouble = {HC_ERROR_MALFORMED, 0, NULL};
    HcRegCommand command;
    gboolean is_there;
    if (n == 3 && g_ascii_strcasecmp(words[1], "import") == 0)
        return hc_run_import(run, words[2], error);
    if (n > 1 && g_ascii_strcasecmp(words[1], "query") == 0) {
        g_autofree char *line = hc_run_join(words, n);
        hc_run_skip(run, line);
        return TRUE;
    }
    g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < n; i++) {
        HcCmdWord *word = g_new0(HcCmdWord, 1);
        word->text = hc_run_keep(run, words[i]);
        g_ptr_array_add(list, word);
    }
    if (!hc_reg_command_parse(&command, run->arena, list, &trouble)) {
        (void) hc_fail(error, HC_ERROR_UNSUPPORTED, "reg: %s", trouble.text);
        hc_cmd_trouble_clear(&trouble);
        return FALSE;
    }
    if (!check_asks(run, &command, error) || !check_there(run, &command, &is_there, error))
        return FALSE;
    return !is_there || hc_run_state(run, &command, error);
}

/* --- setx --- */

static gboolean
run_setx(HcRun *run, const char *const *words, guint n, GError **error)
{
    const char *operands[2] = {NULL, NULL};
    guint n_operands = 0;
    gboolean is_machine = FALSE;
    for (guint i = 1; i < n; i++) {
        if (is_option(words[i], "m"))
            is_machine = TRUE;
        else if (*words[i] == '/' && strlen(words[i]) == 2)
            return hc_run_refuse(error, words[i], "of setx, is not done here");
        else if (n_operands++ < G_N_ELEMENTS(operands))
            operands[n_operands - 1] = words[i];
    }
    if (n_operands != 2) {
        g_autofree char *why = g_strdup_printf(
            "takes a name and a value, and gets %u words; a value with blanks stands in quotes",
            n_operands);
        return hc_run_refuse(error, "setx", why);
    }
    if (!is_machine)
        return hc_run_refuse(
            error, "setx",
            "without /M it sets a variable of the user that builds, whose hive is in "
            "no layer; ENV sets it for the container");
    if (g_utf8_strlen(operands[1], -1) > MAX_SETX_UNITS)
        return hc_run_refuse(error, "setx",
                             "cuts a value at 1024 characters, and this one is longer");
    if (*operands[0] == '\0' || strchr(operands[0], '=') != NULL)
        return hc_run_refuse(error, operands[0], "is no name of a variable");
    return hc_run_set_variable(run, operands[0], operands[1],
                               strchr(operands[1], '%') != NULL ? HC_REG_EXPAND_SZ : HC_REG_SZ,
                               error);
}

/* --- sc --- */

static gboolean
set_service(HcRun *run, HcPath path, const char *name, HcDatum datum, GError **error)
{
    const HcRegCommand statement = {.verb = HC_REG_COMMAND_ADD,
                                    .path = path,
                                    .has_value = TRUE,
                                    .name = hc_name_from_utf8(run->arena, name, strlen(name)),
                                    .datum = datum};
    return hc_run_state(run, &statement, error);
}

static HcDatum
number_datum(HcRun *run, guint8 number)
{
    const uint8_t bytes[4] = {number, 0, 0, 0};
    return (HcDatum){TRUE, HC_REG_DWORD, {hc_arena_dup(run->arena, bytes, sizeof(bytes)), 4}};
}

static gboolean
set_start(HcRun *run, HcPath path, const char *value, GError **error)
{
    static const char *const starts[] = {"boot", "system", "auto", "demand", "disabled"};
    const HcName delayed = HC_NAME_ASCII("DelayedAutostart");
    HcDatum datum;
    gboolean is_known;
    if (g_ascii_strcasecmp(value, "delayed-auto") == 0)
        return set_service(run, path, "Start", number_datum(run, 2), error) &&
               set_service(run, path, "DelayedAutostart", number_datum(run, 1), error);
    for (guint8 i = 0; i < G_N_ELEMENTS(starts); i++) {
        if (g_ascii_strcasecmp(value, starts[i]) != 0)
            continue;
        if (i == 2 && hc_run_value(run, path, delayed, &datum, &is_known))
            return hc_run_refuse(error, "start=", "auto of a service that starts delayed");
        return set_service(run, path, "Start", number_datum(run, i), error);
    }
    return hc_run_refuse(error, value, "is no start of a service");
}

/* "start= demand", "start=demand", "start=" "demand". */
static gboolean
config_service(HcRun *run, HcPath path, const char *const *words, guint n, GError **error)
{
    for (guint i = 0; i < n; i++) {
        const char *equals = strchr(words[i], '=');
        if (equals == NULL)
            return hc_run_refuse(error, words[i],
                                 "of sc config, expected start= or another option");
        g_autofree char *option = g_ascii_strdown(words[i], equals - words[i]);
        const char *value = equals + 1;
        if (*value == '\0') {
            if (i + 1 >= n)
                return hc_run_refuse(error, words[i], "has no value");
            value = words[++i];
        }
        gboolean ok;
        if (g_str_equal(option, "start"))
            ok = set_start(run, path, value, error);
        else if (g_str_equal(option, "displayname"))
            ok = set_service(run, path, "DisplayName", hc_run_text_datum(run, HC_REG_SZ, value),
                             error);
        else if (g_str_equal(option, "binpath"))
            ok = set_service(run, path, "ImagePath",
                             hc_run_text_datum(run, HC_REG_EXPAND_SZ, value), error);
        else
            return hc_run_refuse(error, option, "of sc config, is not done here");
        if (!ok)
            return FALSE;
    }
    return TRUE;
}

static gboolean
run_sc(HcRun *run, const char *const *words, guint n, GError **error)
{
    HcPath path;
    gboolean is_known;
    const gboolean is_delete = n > 2 && g_ascii_strcasecmp(words[1], "delete") == 0;
    const gboolean is_config = n > 3 && g_ascii_strcasecmp(words[1], "config") == 0;
    if (n > 1 && (g_ascii_strncasecmp(words[1], "query", 5) == 0 ||
                  g_ascii_strcasecmp(words[1], "qc") == 0)) {
        g_autofree char *line = hc_run_join(words, n);
        hc_run_skip(run, line);
        return TRUE;
    }
    if (!is_delete && !is_config) {
        g_autofree char *line = hc_run_join(words, n);
        return hc_run_refuse(error, line, "of sc, only delete and config are done here");
    }
    if (words[2][0] == '\0' || strpbrk(words[2], "\\/") != NULL)
        return hc_run_refuse(error, words[2], "is no name of a service on this machine");
    g_autofree char *text =
        g_strconcat("HKLM\\SYSTEM\\CurrentControlSet\\Services\\", words[2], NULL);
    if (hc_root_split_key(run->arena, text, &path) && !hc_run_has_key(run, path, &is_known) &&
        is_known)
        return hc_run_fail(run, error, "sc: there is no service %s", words[2]);
    if (is_config)
        return config_service(run, path, words + 3, n - 3, error);
    /* sc takes what stands behind the name and does not look at it. */
    const HcRegCommand statement = {.verb = HC_REG_COMMAND_DELETE, .path = path};
    return hc_run_state(run, &statement, error);
}

/* --- icacls --- */

static gboolean
run_icacls(HcRun *run, const char *const *words, guint n, GError **error)
{
    gboolean recursive = FALSE;
    guint n_grants = 0;
    for (guint i = 2; i < n; i++)
        recursive |= is_option(words[i], "t");
    for (guint i = 2; i < n; i++) {
        const gboolean replaces = is_option(words[i], "grant:r");
        if (is_option(words[i], "t") || is_option(words[i], "c") || is_option(words[i], "q"))
            continue;
        if (!replaces && !is_option(words[i], "grant"))
            return hc_run_refuse(error, words[i], "of icacls, only /grant is done here");
        for (; i + 1 < n && *words[i + 1] != '/'; i++, n_grants++) {
            if (!hc_run_grant(run, words[1], words[i + 1], replaces, recursive, error))
                return FALSE;
        }
    }
    return n_grants > 0 || hc_run_refuse(error, "icacls", "without /grant it only prints");
}

/* --- tar --- */

/* Letters of "-xzvf" or "xf". Returns: whether they say to unpack; *takes_file: a file follows */
static gboolean
is_unpack(const char *word, gboolean *takes_file)
{
    const char *letters = *word == '-' ? word + 1 : word;
    gboolean unpacks = FALSE;
    *takes_file = FALSE;
    for (; *letters != '\0'; letters++) {
        if (strchr("xzjJvfpmk", *letters) == NULL)
            return FALSE;
        unpacks |= *letters == 'x';
        *takes_file |= *letters == 'f';
    }
    return unpacks && *takes_file;
}

static gboolean
run_tar(HcRun *run, const char *const *words, guint n, GError **error)
{
    const char *file = NULL;
    const char *to = ".";
    guint64 n_strip = 0;
    gboolean takes_file;
    if (n < 3 || !is_unpack(words[1], &takes_file))
        return hc_run_refuse(error, n > 1 ? words[1] : "tar", "of tar, only -xf is done here");
    file = words[2];
    for (guint i = 3; i < n; i++) {
        const char *strip = g_str_has_prefix(words[i], "--strip-components=")
                                ? strchr(words[i], '=') + 1
                            : g_str_equal(words[i], "--strip-components") && i + 1 < n ? words[++i]
                                                                                       : NULL;
        if (strip != NULL) {
            if (!g_ascii_string_to_unsigned(strip, 10, 0, 100, &n_strip, NULL))
                return hc_run_refuse(error, strip, "is no number of parts to strip");
        } else if (g_str_equal(words[i], "-C") && i + 1 < n) {
            to = words[++i];
        } else {
            return hc_run_refuse(error, words[i], "of tar, is not done here");
        }
    }
    return hc_run_extract(run, file, to, (guint) n_strip, HC_RUN_FORCE, error);
}

/* --- shells --- */

/* The words as a line again: those with blanks in quotes, but for one alone, which is the line. */
static char *
join_words(const char *const *words, guint n)
{
    GString *line = g_string_new(NULL);
    for (guint i = 0; i < n; i++) {
        const gboolean is_quoted = n > 1 && (*words[i] == '\0' || strpbrk(words[i], " \t") != NULL);
        g_string_append_printf(line, "%s%s%s%s", i > 0 ? " " : "", is_quoted ? "\"" : "", words[i],
                               is_quoted ? "\"" : "");
    }
    return g_string_free(line, FALSE);
}

static gboolean
run_shell(HcRun *run, const char *const *words, guint n, GError **error)
{
    for (guint i = 1; i < n; i++) {
        if (strchr(words[i], '"') != NULL)
            return hc_run_refuse(
                error, words[i],
                "a quote in an argument gets a backslash, which is a letter to cmd; "
                "RUN without JSON hands the line on as it is");
    }
    for (guint i = 1; i < n; i++) {
        if (is_option(words[i], "c")) {
            g_autofree char *line = join_words(words + i + 1, n - i - 1);
            return hc_run_cmd(run, line, error);
        }
        if (!is_option(words[i], "s") && !is_option(words[i], "q") && !is_option(words[i], "d"))
            return hc_run_refuse(error, words[i], "of cmd, is not done here");
    }
    return hc_run_refuse(error, "cmd", "without /C it waits for lines");
}

/* How many words an option of powershell.exe takes along; 0: it is not known. */
static guint
powershell_option(const char *word)
{
    static const struct {
        const char *name;
        gsize min;
        guint n;
    } options[] = {{"noprofile", 3, 1},
                   {"nologo", 3, 1},
                   {"noninteractive", 4, 1},
                   {"executionpolicy", 2, 2},
                   {"ep", 2, 2},
                   {"nop", 3, 1},
                   {"mta", 3, 1},
                   {"sta", 3, 1},
                   {"windowstyle", 1, 2},
                   {"inputformat", 3, 2},
                   {"outputformat", 1, 2}};
    for (gsize i = 0; i < G_N_ELEMENTS(options); i++) {
        const gsize n = strlen(word + 1);
        if (n >= options[i].min && g_ascii_strncasecmp(word + 1, options[i].name, n) == 0)
            return options[i].n;
    }
    return 0;
}

static gboolean
run_powershell(HcRun *run, const char *const *words, guint n, gboolean is_core, GError **error)
{
    guint i = 1;
    gboolean has_command = FALSE;
    while (i < n && (*words[i] == '-' || *words[i] == '/') && !has_command) {
        const gsize length = strlen(words[i] + 1);
        has_command = length > 0 && g_ascii_strncasecmp(words[i] + 1, "command", length) == 0;
        const guint step = has_command ? 1 : powershell_option(words[i]);
        if (step == 0)
            return hc_run_refuse(error, words[i], "of PowerShell, is not done here");
        i += step;
    }
    if (i >= n || (is_core && !has_command))
        return hc_run_refuse(error, words[0], "without -Command it runs a file or waits for lines");
    g_autofree char *text = hc_run_join(words + i, n - i);
    return hc_run_script(run, text, is_core, error);
}

/* Where a shell that was started goes, what it sets and that it ends is its own. @words:
 * (nullable): NULL: of cmd, @text is its line */
static gboolean
run_inner(HcRun *run, const char *const *words, guint n, const char *text, GError **error)
{
    g_autofree char *name = words != NULL ? hc_run_base_name(words[0]) : g_strdup("cmd");
    GHashTable *values = run->values;
    GHashTable *env = run->env;
    char *folder = g_strdup(run->folder);
    run->values = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    run->env = env != NULL ? hc_run_copy_env(env) : NULL;
    const gboolean ok = words == NULL ? hc_run_cmd(run, text, error)
                        : g_str_equal(name, "cmd")
                            ? run_shell(run, words, n, error)
                            : run_powershell(run, words, n, g_str_equal(name, "pwsh"), error);
    g_hash_table_unref(run->values);
    g_clear_pointer(&run->env, g_hash_table_unref);
    g_free(run->folder);
    run->values = values;
    run->env = env;
    run->folder = folder;
    run->has_ended = FALSE;
    return ok;
}

gboolean
hc_run_inner_cmd(HcRun *run, const char *text, GError **error)
{
    return run_inner(run, NULL, 0, text, error);
}

gboolean
hc_run_program(HcRun *run, const char *const *words, guint n, GError **error)
{
    if (n == 0 || *words[0] == '\0')
        return hc_fail(error, HC_ERROR_MALFORMED, "no command");
    g_autofree char *name = hc_run_base_name(words[0]);
    if (g_str_equal(name, "reg"))
        return run_reg(run, words, n, error);
    if (g_str_equal(name, "setx"))
        return run_setx(run, words, n, error);
    if (g_str_equal(name, "sc"))
        return run_sc(run, words, n, error);
    if (g_str_equal(name, "icacls"))
        return run_icacls(run, words, n, error);
    if (g_str_equal(name, "tar"))
        return run_tar(run, words, n, error);
    if (g_str_equal(name, "cmd") || g_str_equal(name, "powershell") || g_str_equal(name, "pwsh"))
        return run_inner(run, words, n, NULL, error);
    if (hc_run_prints(words, n)) {
        g_autofree char *line = hc_run_join(words, n);
        hc_run_skip(run, line);
        return TRUE;
    }
    return hc_run_refuse(error, words[0], NULL);
}
