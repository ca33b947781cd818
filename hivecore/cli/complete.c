#include "config.h"

#include "hivecore/cli/cli-private.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/report/records.h"

/* What is on the line before the word at the cursor. */
typedef struct {
    const HcCompletion *completion;
    HcShellLine line;
    const HcCommand *command;    /* (nullable): not known yet */
    const GOptionEntry *waiting; /* (nullable): an option whose value is at the cursor */
    gboolean is_help;
    gboolean has_ended;  /* "--" was there */
    GPtrArray *operands; /* of char *, borrowed */
    guint n_given;       /* operands of the usage line that an option stands for */
    GString *out;
} State;

static const char *
current_of(const State *state)
{
    return g_ptr_array_index(state->line.words, state->line.words->len - 1);
}

/* --- what an option takes --- */

static gboolean
is_word(const char *text)
{
    if (text[0] == '\0')
        return FALSE;
    for (const char *at = text; *at != '\0'; at++) {
        if (!g_ascii_islower(*at) && !g_ascii_isdigit(*at) && strchr("-_", *at) == NULL)
            return FALSE;
    }
    return TRUE;
}

/* "any of a, b or c" as its words. Returns: (transfer full) (nullable) */
static GStrv
split_words(const char *text)
{
    static const char *const starts[] = {"any of ", "of ", "where: ", NULL};
    for (gsize i = 0; starts[i] != NULL; i++) {
        if (g_str_has_prefix(text, starts[i]))
            text += strlen(starts[i]);
    }
    g_autoptr(GString) list = g_string_new(text);
    g_string_replace(list, ", or ", ",", 0);
    g_string_replace(list, " or ", ",", 0);
    g_string_replace(list, ", ", ",", 0);
    g_auto(GStrv) words = g_strsplit(list->str, ",", -1);
    for (gsize i = 0; words[i] != NULL; i++) {
        if (!is_word(g_strstrip(words[i])))
            return NULL;
    }
    return g_strv_length(words) > 1 ? g_steal_pointer(&words) : NULL;
}

/* Where the description is no list. */
static const struct {
    const char *option;
    const char *words;
} option_words[] = {
    {"allow", "ansi-strings,wide-strings"},
    {"compat", "regedit"},
    {"exclude-file", "noise"},
    {"ignore", "timestamps,security,class,flags,order,none"},
    {"new-keys", "inherit,copy"},
    {"type", "sz,expand_sz,binary,dword,dword_big_endian,link,multi_sz,qword,none"},
};

/* Those words of the description that are formats. */
static GStrv
format_words(const char *description)
{
    g_autoptr(GPtrArray) found = g_ptr_array_new();
    g_auto(GStrv) words = g_strsplit_set(description, " ,:;()\n", -1);
    for (gsize i = 0; words[i] != NULL; i++) {
        for (guint format = 0; format < HC_N_FORMATS; format++) {
            if (g_str_equal(hc_format_name((HcFormat) format), words[i]))
                g_ptr_array_add(found, g_strdup(words[i]));
        }
    }
    g_ptr_array_add(found, NULL);
    return (GStrv) g_ptr_array_free(g_steal_pointer(&found), FALSE);
}

GStrv
hc_option_words(const GOptionEntry *entry)
{
    for (gsize i = 0; i < G_N_ELEMENTS(option_words); i++) {
        if (g_str_equal(option_words[i].option, entry->long_name))
            return g_strsplit(option_words[i].words, ",", -1);
    }
    if (g_strcmp0(entry->arg_description, "FORMAT") == 0)
        return format_words(entry->description);
    /* Without remarks in brackets, in pieces. */
    g_autoptr(GString) plain = g_string_new(NULL);
    guint n_open = 0;
    for (const char *at = entry->description != NULL ? entry->description : ""; *at != '\0'; at++) {
        n_open += *at == '(' ? 1 : 0;
        if (n_open == 0 && !(g_ascii_isspace(*at) && g_str_has_suffix(plain->str, " ")))
            g_string_append_c(plain, g_ascii_isspace(*at) ? ' ' : *at);
        n_open -= *at == ')' && n_open > 0 ? 1 : 0;
    }
    g_string_replace(plain, " ,", ",", 0);
    g_auto(GStrv) pieces = g_strsplit_set(plain->str, ":;.", -1);
    for (gsize i = 0; pieces[i] != NULL; i++) {
        GStrv words = split_words(g_strstrip(pieces[i]));
        if (words != NULL)
            return words;
    }
    return g_new0(char *, 1);
}

static gboolean
takes_value(const GOptionEntry *entry)
{
    return entry->arg != G_OPTION_ARG_NONE && (entry->flags & G_OPTION_FLAG_OPTIONAL_ARG) == 0;
}

/* --- candidates --- */

static void
offer(State *state, const char *candidate, gboolean is_open, const char *remark)
{
    if (hc_name_text_starts(candidate, current_of(state)))
        hc_shell_append_candidate(state->out, &state->line, candidate, is_open, remark);
}

/* The shell knows what files there are. */
static void
offer_files(State *state)
{
    g_string_append(state->out, "f\n");
}

/* Where in the word at the cursor the value begins that is wanted. */
static gsize
value_start(const State *state)
{
    const char *current = current_of(state);
    const char *equals = strchr(current, '=');
    const gboolean has_name = state->waiting != NULL && g_str_has_prefix(current, "--");
    return has_name && equals != NULL ? (gsize) (equals + 1 - current) : 0;
}

static void
offer_value(State *state, gsize n_before, const char *value, gboolean is_open, const char *remark)
{
    const char *current = current_of(state);
    g_autofree char *candidate = g_strdup_printf("%.*s%s", (int) n_before, current, value);
    offer(state, candidate, is_open, remark);
}

/* What the program's own command says of a hive, with the text that is there already. Returns:
 * (transfer full): a candidate each, behind "=" or "+" */
static GStrv
look_inside(const State *state, const char *what, const char *hive, const char *key,
            const char *text)
{
    const HcCommand *inside = NULL;
    for (gsize i = 0; state->completion->commands[i] != NULL; i++) {
        if (g_str_equal(state->completion->commands[i]->name, HC_CANDIDATES_COMMAND))
            inside = state->completion->commands[i];
    }
    g_autoptr(GPtrArray) args = g_ptr_array_new();
    const char *const all[] = {what, hive, key, text};
    for (gsize i = 0; i < G_N_ELEMENTS(all); i++) {
        if (all[i] != NULL)
            g_ptr_array_add(args, (gpointer) (guintptr) all[i]);
    }
    const int n_args = (int) args->len;
    g_ptr_array_add(args, NULL);
    g_autoptr(HcStream) stream = hc_stream_new_memory();
    HcCliContext context = *state->completion->context;
    context.stream = stream;
    context.out = hc_stream_text(stream);
    context.quiet = TRUE;
    context.dirty_policy = HC_DIRTY_AS_IS;
    HcExit status;
    /* What cannot be read has no candidates. */
    if (inside == NULL || !inside->run(&context, n_args, (char **) args->pdata, &status, NULL) ||
        hc_stream_text(stream)->len == 0)
        return g_new0(char *, 1);
    g_string_truncate(hc_stream_text(stream), hc_stream_text(stream)->len - 1);
    return g_strsplit(hc_stream_text(stream)->str, "\n", -1);
}

static void
offer_inside(State *state, const char *what, const char *hive, const char *key, gsize n_before)
{
    g_auto(GStrv) found = look_inside(state, what, hive, key, current_of(state) + n_before);
    for (gsize i = 0; found[i] != NULL; i++)
        offer_value(state, n_before, found[i] + 1, found[i][0] == '+', NULL);
    /* The only one that there is gets its quote closed by bash and a space by fish, even where it
     * goes on: then what is in it is offered too. */
    const gboolean is_closed = state->line.quote != '\0' || state->line.shell == HC_SHELL_FISH;
    if (!is_closed || found[0] == NULL || found[1] != NULL || found[0][0] != '+')
        return;
    g_auto(GStrv) below = look_inside(state, what, hive, key, found[0] + 1);
    for (gsize i = 0; below[i] != NULL; i++)
        offer_value(state, n_before, below[i] + 1, below[i][0] == '+', NULL);
}

static void
offer_options_of(State *state, const GOptionEntry *entries)
{
    for (const GOptionEntry *entry = entries; entry != NULL && entry->long_name != NULL; entry++) {
        if ((entry->flags & G_OPTION_FLAG_HIDDEN) != 0 || entry->long_name[0] == '\0')
            continue;
        g_autofree char *option =
            g_strdup_printf("--%s%s", entry->long_name, takes_value(entry) ? "=" : "");
        offer(state, option, takes_value(entry), entry->description);
    }
}

static void
offer_options(State *state)
{
    if (state->command != NULL) {
        offer_options_of(state, state->command->options);
        if (state->command->n_shown != 0)
            offer_options_of(state, state->completion->output);
    }
    offer_options_of(state, state->completion->globals);
}

static void
offer_commands(State *state)
{
    for (gsize i = 0; state->completion->commands[i] != NULL; i++) {
        const HcCommand *command = state->completion->commands[i];
        if (command->name[0] != '_')
            offer(state, command->name, FALSE, command->summary);
    }
    offer(state, "help", FALSE, "print help, or with COMMAND its own");
}

/* --- operands --- */

/* The word that the usage line has for operand @index; the last one where it repeats. */
static char *
operand_word(const HcCommand *command, guint index)
{
    g_autofree char *usage = g_strdup(command->args);
    char *other = strstr(usage, " | ");
    if (other != NULL)
        *other = '\0';
    g_auto(GStrv) words = g_strsplit(usage, " ", -1);
    const guint n = g_strv_length(words);
    if (n == 0)
        return g_strdup("");
    if (index < n)
        return g_strdup(words[index]);
    return g_strdup(g_str_has_suffix(words[n - 1], "...") || strstr(words[n - 1], "...]") != NULL
                        ? words[n - 1]
                        : "");
}

/* The operand before the cursor that @word stands for in the usage line. */
static const char *
operand_of(const State *state, const char *word)
{
    const char *found = NULL;
    for (guint i = 0; i < state->operands->len; i++) {
        g_autofree char *usage = operand_word(state->command, state->n_given + i);
        if (strstr(usage, word) != NULL)
            found = g_ptr_array_index(state->operands, i);
    }
    return found;
}

/* A folder of the user's as he writes it. */
static char *
expand_home(const char *file)
{
    const char *home = g_getenv("HOME");
    if (file != NULL && g_str_has_prefix(file, "~/") && home != NULL)
        return g_strconcat(home, file + 1, NULL);
    return g_strdup(file);
}

static void
offer_in_hive(State *state, gboolean is_value, gsize n_before)
{
    g_autofree char *hive = expand_home(operand_of(state, "HIVE"));
    const char *key = is_value ? operand_of(state, "KEY") : NULL;
    if (hive != NULL && (!is_value || key != NULL))
        offer_inside(state, is_value ? "values" : "keys", hive, key, n_before);
}

static void
offer_operand(State *state)
{
    g_autofree char *word = operand_word(state->command, state->n_given + state->operands->len);
    const char *current = current_of(state);
    if (strstr(word, "KEY") != NULL)
        offer_in_hive(state, FALSE, 0);
    else if (strstr(word, "VALUE") != NULL ||
             (strstr(word, "NAME") != NULL && strstr(word, "HIVE") == NULL))
        offer_in_hive(state, TRUE, 0);
    else if (strstr(current, "//") != NULL)
        offer_inside(state, "hives", NULL, NULL, 0);
    else if (word[0] != '\0' && strstr(word, "PATTERN") == NULL && strstr(word, "DATA") == NULL)
        offer_files(state);
    /* cp and mv: what may be left out, so that the key or a name stands there. */
    if (g_str_equal(word, "[HIVE]")) {
        offer_in_hive(state, FALSE, 0);
        offer_in_hive(state, TRUE, 0);
    }
}

/* --- values of options --- */

static void
offer_option_value(State *state)
{
    static const char *const roots[] = {
        "HKLM\\SOFTWARE", "HKLM\\SYSTEM", "HKLM\\SAM", "HKLM\\SECURITY",
        "HKU\\.DEFAULT",  "HKCU",         NULL};
    static const char *const files[] = {"FILE", "OUT", "DIR",  "HIVE",  "PATCH", "SOURCE",
                                        "REG",  "TO",  "BASE", "IMAGE", "LAYER", NULL};
    const GOptionEntry *entry = state->waiting;
    const char *what = entry->arg_description != NULL ? entry->arg_description : "";
    gsize n_before = value_start(state);
    g_auto(GStrv) words = hc_option_words(entry);
    /* Of a list, the item after the last comma. */
    const char *current = current_of(state);
    const char *comma = strrchr(current + n_before, ',');
    if (comma != NULL && words[0] != NULL)
        n_before = (gsize) (comma + 1 - current);
    for (gsize i = 0; words[i] != NULL; i++)
        offer_value(state, n_before, words[i], FALSE, NULL);
    if (words[0] != NULL)
        return;
    if (g_str_equal(what, "ROOT")) {
        for (gsize i = 0; roots[i] != NULL; i++)
            offer_value(state, n_before, roots[i], FALSE, NULL);
        return;
    }
    if (g_str_has_prefix(what, "PATH") || g_str_has_prefix(what, "KEY")) {
        offer_in_hive(state, FALSE, n_before);
        return;
    }
    for (gsize i = 0; files[i] != NULL; i++) {
        if (strstr(what, files[i]) != NULL) {
            offer_files(state);
            return;
        }
    }
}

/* --- the line --- */

static const GOptionEntry *
find_option(const GOptionEntry *entries, const char *word, gsize n_name)
{
    for (const GOptionEntry *entry = entries; entry != NULL && entry->long_name != NULL; entry++) {
        const gboolean is_long = g_str_has_prefix(word, "--") && n_name > 2 &&
                                 strlen(entry->long_name) == n_name - 2 &&
                                 strncmp(entry->long_name, word + 2, n_name - 2) == 0;
        const gboolean is_short = word[1] != '-' && n_name >= 2 && entry->short_name != 0 &&
                                  word[n_name - 1] == entry->short_name;
        if (is_long || is_short)
            return entry;
    }
    return NULL;
}

/* Returns: (nullable): the option that @word is, and that takes a value */
static const GOptionEntry *
option_with_value(const State *state, const char *word)
{
    const char *equals = strchr(word, '=');
    const gsize n_name = equals != NULL ? (gsize) (equals - word) : strlen(word);
    const GOptionEntry *const tables[] = {
        state->completion->globals, state->command != NULL ? state->command->options : NULL,
        state->command != NULL && state->command->n_shown != 0 ? state->completion->output : NULL};
    for (gsize i = 0; i < G_N_ELEMENTS(tables); i++) {
        const GOptionEntry *entry = find_option(tables[i], word, n_name);
        if (entry != NULL)
            return entry->arg != G_OPTION_ARG_NONE && (equals != NULL || takes_value(entry)) ? entry
                                                                                             : NULL;
    }
    return NULL;
}

static void
take_command(State *state, const char *word)
{
    state->is_help = g_str_equal(word, "help");
    for (gsize i = 0; state->completion->commands[i] != NULL; i++) {
        const HcCommand *command = state->completion->commands[i];
        if (g_str_equal(command->name, word) || g_strcmp0(command->alias, word) == 0)
            state->command = command;
    }
}

/* find -e PATTERN needs no PATTERN among the operands. */
static void
take_option(State *state, const char *word)
{
    const GOptionEntry *entry = option_with_value(state, word);
    if (entry != NULL && g_strcmp0(entry->arg_description, "PATTERN") == 0)
        state->n_given = 1;
    state->waiting = strchr(word, '=') == NULL ? entry : NULL;
}

static void
take_word(State *state, const char *word)
{
    const gboolean is_option = word[0] == '-' && word[1] != '\0' && !state->has_ended;
    if (state->waiting != NULL) {
        state->waiting = NULL;
    } else if (is_option && g_str_equal(word, "--")) {
        state->has_ended = TRUE;
    } else if (is_option) {
        take_option(state, word);
    } else if (state->command == NULL && !state->is_help) {
        take_command(state, word);
    } else {
        g_ptr_array_add(state->operands, (gpointer) (guintptr) word);
    }
}

static void
complete(State *state)
{
    const GPtrArray *words = state->line.words;
    const char *current = g_ptr_array_index(words, words->len - 1);
    for (guint i = 1; i + 1 < words->len; i++)
        take_word(state, g_ptr_array_index(words, i));
    if (state->waiting == NULL && !state->has_ended && g_str_has_prefix(current, "--") &&
        strchr(current, '=') != NULL)
        state->waiting = option_with_value(state, current);
    if (state->waiting != NULL)
        offer_option_value(state);
    else if (current[0] == '-' && !state->has_ended)
        offer_options(state);
    else if (state->is_help || state->command == NULL)
        offer_commands(state);
    else
        offer_operand(state);
}

gboolean
hc_complete(const HcCompletion *completion, char **args, GError **error)
{
    static const char *const shells[] = {"bash", "zsh", "fish"};
    guint shell = 0;
    while (shell < G_N_ELEMENTS(shells) && g_strcmp0(args[0], shells[shell]) != 0)
        shell++;
    if (shell == G_N_ELEMENTS(shells) || args[1] == NULL)
        return hc_fail(error, HC_ERROR_USAGE,
                       HC_COMPLETE_COMMAND ": expected bash, zsh or fish, and a line");
    g_autoptr(GPtrArray) operands = g_ptr_array_new();
    State state = {.completion = completion, .operands = operands, .out = completion->context->out};
    hc_shell_line_read(&state.line, (HcShell) shell, args[1]);
    complete(&state);
    hc_shell_line_clear(&state.line);
    return TRUE;
}
