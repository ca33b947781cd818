#include "config.h"

#include "hivecore/run/run-private.h"

#include <string.h>

#include "hivecore/base/display.h"
#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/dockerfile/glob.h"
#include "hivecore/image/windows-name.h"

/* Of a word that is refused. */
#define MAX_SHOWN_LETTERS 120

gboolean
hc_run_refuse(GError **error, const char *word, const char *why)
{
    /* Of a line that somebody joined of many, its start says enough. */
    const gboolean is_long = g_utf8_strlen(word, -1) > MAX_SHOWN_LETTERS;
    g_autofree char *start = is_long ? g_utf8_substring(word, 0, MAX_SHOWN_LETTERS) : NULL;
    g_autofree char *text = hc_display(is_long ? start : word);
    g_autofree char *shown = g_strconcat(text, is_long ? "…" : "", NULL);
    if (why != NULL)
        return hc_fail(error, HC_ERROR_UNSUPPORTED, "'%s': %s", shown, why);
    return hc_fail(error, HC_ERROR_UNSUPPORTED, "'%s'" HC_RUN_NEEDS_WINDOWS, shown);
}

gboolean
hc_run_fail(HcRun *run, GError **error, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    g_autofree char *shown = hc_display(text);
    if (!run->may_fail)
        return hc_fail(error, HC_ERROR_CONFLICT, "%s, so Windows would fail here", shown);
    hc_run_tell(run, "nothing: %s", shown);
    run->has_failed = TRUE;
    return TRUE;
}

void
hc_run_tell(HcRun *run, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    if (run->world->told != NULL)
        g_ptr_array_add(run->world->told, hc_display(text));
}

void
hc_run_note(HcRun *run, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    hc_run_tell(run, "%s", text);
    if (run->world->notes != NULL)
        g_ptr_array_add(run->world->notes, hc_display(text));
}

void
hc_run_skip(HcRun *run, const char *text)
{
    hc_run_note(run, "passed over, it only prints: %s", text);
    run->is_unsure = TRUE;
}

gboolean
hc_run_enter(HcRun *run, GError **error)
{
    return run->depth++ < HC_MAX_RUN_SHELLS ||
           hc_fail(error, HC_ERROR_LIMIT, "shells in shells, more than %u deep", HC_MAX_RUN_SHELLS);
}

char *
hc_run_base_name(const char *word)
{
    char *name = g_ascii_strdown(hc_run_last_part(word), -1);
    if (g_str_has_suffix(name, ".exe") || g_str_has_suffix(name, ".cmd"))
        name[strlen(name) - 4] = '\0';
    return name;
}

char *
hc_run_join(const char *const *words, guint n)
{
    GString *line = g_string_new(NULL);
    for (guint i = 0; i < n; i++)
        g_string_append_printf(line, "%s%s", i > 0 ? " " : "", words[i]);
    return g_string_free(line, FALSE);
}

char *
hc_run_keep(HcRun *run, const char *text)
{
    return (char *) hc_arena_dup(run->arena, text, strlen(text) + 1);
}

static guint
count(const char *const *words)
{
    guint n = 0;
    while (words[n] != NULL)
        n++;
    return n;
}

/* --- what only prints --- */

static gboolean
is_one_of(const char *word, const char *const *list)
{
    for (; *list != NULL; list++) {
        if (g_ascii_strcasecmp(word, *list) == 0)
            return TRUE;
    }
    return FALSE;
}

gboolean
hc_run_prints(const char *const *words, guint n)
{
    static const char *const alone[] = {"whoami", "hostname", "systeminfo", "ipconfig", "tree",
                                        "where",  "tasklist", "ver",        "find",     "findstr",
                                        "more",   "sort",     "fc",         "comp",     NULL};
    static const char *const asks[] = {"--version", "-version", "version", "--help",
                                       "-help",     "/?",       "-?",      NULL};
    /* Where -v and the like are that; of other programs they may be "verbose". */
    static const char *const short_ones[] = {"node", "npm", "npx",    "yarn", "ruby", "gem",
                                             "php",  "go",  "python", "pip",  "perl", NULL};
    static const char *const short_asks[] = {"-v", "-V", "env", "list", NULL};
    static const char *const dotnet_asks[] = {"--info", "--list-sdks", "--list-runtimes", NULL};
    g_autofree char *name = hc_run_base_name(words[0]);
    for (guint i = 1; i < n && g_str_equal(name, "sort"); i++) {
        /* "/o FILE" is where it writes. */
        if (g_ascii_strncasecmp(words[i], "/o", 2) == 0)
            return FALSE;
    }
    if (is_one_of(name, alone))
        return TRUE;
    if (n != 2)
        return FALSE;
    return is_one_of(words[1], asks) ||
           (is_one_of(name, short_ones) && is_one_of(words[1], short_asks)) ||
           (g_str_equal(name, "dotnet") && is_one_of(words[1], dotnet_asks));
}

/* --- the line --- */

static gboolean
is_skipped(HcRun *run, const char *text, gboolean *is_skipped, GError **error)
{
    const char *const *skip = run->line->skip;
    *is_skipped = FALSE;
    for (; skip != NULL && *skip != NULL && !*is_skipped; skip++) {
        g_autoptr(HcGlob) glob = hc_glob_new(HC_GLOB_SHELL, *skip, error);
        if (glob == NULL) {
            g_prefix_error(error, "--skip-run: ");
            return FALSE;
        }
        *is_skipped = hc_glob_matches(glob, text, strlen(text));
        if (*is_skipped)
            hc_run_note(run, "passed over, as --skip-run=%s says: %s", *skip, text);
    }
    return TRUE;
}

/* The arguments of SHELL and the text behind them, as a program gets them: Docker gives Windows one
 * command line, in which it puts no quotes. */
static gboolean
run_shell(HcRun *run, const char *const *shell, GError **error)
{
    g_autofree char *before = hc_run_join(shell, count(shell));
    g_autofree char *name = hc_run_base_name(shell[0]);
    if (g_str_equal(name, "cmd")) {
        static const char *const plain[] = {"/s", "/q", "/d", "/e:on", "/v:off", NULL};
        const guint n = count(shell);
        for (guint i = 1; i + 1 < n; i++) {
            if (!is_one_of(shell[i], plain))
                return hc_run_refuse(error, shell[i], "of cmd, is not done here");
        }
        if (n >= 2 && g_ascii_strcasecmp(shell[n - 1], "/c") == 0)
            return hc_run_cmd(run, run->line->text, error);
        return hc_run_refuse(error, before, "a SHELL of cmd that does not end with /C");
    }
    g_autofree char *line = g_strdup_printf("%s %s", before, run->line->text);
    HcCmdText text = {g_string_new(line), g_array_new(FALSE, TRUE, sizeof(uint32_t))};
    HcCmdTrouble trouble = {HC_ERROR_MALFORMED, 0, NULL};
    g_array_set_size(text.at, (guint) text.text->len);
    g_autoptr(GPtrArray) words = hc_cmd_words(&text, &trouble);
    g_string_free(text.text, TRUE);
    g_array_unref(text.at);
    if (words == NULL) {
        (void) hc_fail(error, HC_ERROR_UNSUPPORTED, "%s", trouble.text);
        hc_cmd_trouble_clear(&trouble);
        return FALSE;
    }
    g_autofree const char **plain = g_new0(const char *, words->len + 1);
    for (guint i = 0; i < words->len; i++)
        plain[i] = hc_cmd_word(words, i)->text;
    return hc_run_program(run, plain, words->len, error);
}

static gboolean
run_line(HcRun *run, GError **error)
{
    static const char *const cmd[] = {"cmd", "/S", "/C", NULL};
    const HcRunLine *line = run->line;
    g_autofree char *joined =
        line->text == NULL ? hc_run_join(line->words, count(line->words)) : g_strdup(line->text);
    gboolean skipped;
    if (strlen(joined) > HC_MAX_RUN_BYTES)
        return hc_fail(error, HC_ERROR_LIMIT, "a line of more than %u bytes", HC_MAX_RUN_BYTES);
    if (!g_utf8_validate(joined, -1, NULL))
        return hc_fail(error, HC_ERROR_MALFORMED, "the line is not UTF-8");
    if (!is_skipped(run, joined, &skipped, error) || skipped)
        return skipped;
    if (line->text == NULL)
        return hc_run_program(run, line->words, count(line->words), error);
    if (line->shell != NULL && line->shell[0] != NULL)
        return run_shell(run, line->shell, error);
    return run_shell(run, cmd, error);
}

gboolean
hc_run(const HcRunLine *line, const HcRunWorld *world, gboolean *has_changed, GError **error)
{
    HcRun run = {.line = line,
                 .world = world,
                 .arena = hc_arena_new(),
                 .values = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL)};
    const char *folder = line->folder != NULL && *line->folder != '\0' ? line->folder : "C:\\";
    run.folder = hc_windows_path_resolve("Files", folder, error);
    GError *failure = NULL;
    const gboolean ok = run.folder != NULL && run_line(&run, &failure);
    /* A path that no file can have is no fault of the command line. */
    if (g_error_matches(failure, HC_ERROR, HC_ERROR_USAGE))
        failure->code = HC_ERROR_UNSUPPORTED;
    if (failure != NULL)
        g_propagate_error(error, failure);
    if (has_changed != NULL)
        *has_changed = run.has_changed;
    for (guint i = 0; i < HC_N_HIVE_SLOTS; i++)
        g_clear_pointer(&run.hives[i], hc_hive_unref);
    g_clear_pointer(&run.env, g_hash_table_unref);
    g_clear_pointer(&run.start_env, g_hash_table_unref);
    g_hash_table_unref(run.values);
    g_free(run.folder);
    hc_arena_free(run.arena);
    return ok;
}
