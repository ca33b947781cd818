#include "config.h"

#include <string.h>

#include "hivecore/base/choice.h"
#include "hivecore/base/error.h"
#include "hivecore/dockerfile/dockerfile-private.h"

/* What stands behind the word, and so how it is read. */
typedef enum {
    SHAPE_LIST,    /* words, or a JSON array */
    SHAPE_COMMAND, /* a command line, or a JSON array */
    SHAPE_PAIRS,   /* NAME=VALUE …, or NAME VALUE */
    SHAPE_ARGS,    /* NAME or NAME=VALUE … */
    SHAPE_WORDS,   /* words */
    SHAPE_STRING,  /* all of it */
    SHAPE_HEALTH,  /* NONE, or CMD and a command */
    SHAPE_TRIGGER, /* another instruction */
} Shape;

typedef struct {
    const char *name;
    Shape shape;
    const char *flags; /* allowed, each with a space behind it; "?" after one that may lack a value,
                        * "*" after one that may come again */
} WordRow;

static const WordRow rows[HC_N_DOCKER_WORDS] = {
    [HC_DOCKER_ADD] = {"ADD", SHAPE_LIST,
                       "chown chmod link? keep-git-dir? checksum unpack? exclude* "},
    [HC_DOCKER_ARG] = {"ARG", SHAPE_ARGS, ""},
    [HC_DOCKER_CMD] = {"CMD", SHAPE_COMMAND, ""},
    [HC_DOCKER_COPY] = {"COPY", SHAPE_LIST, "chown from chmod link? exclude* parents? "},
    [HC_DOCKER_ENTRYPOINT] = {"ENTRYPOINT", SHAPE_COMMAND, ""},
    [HC_DOCKER_ENV] = {"ENV", SHAPE_PAIRS, ""},
    [HC_DOCKER_EXPOSE] = {"EXPOSE", SHAPE_WORDS, ""},
    [HC_DOCKER_FROM] = {"FROM", SHAPE_WORDS, "platform "},
    [HC_DOCKER_HEALTHCHECK] = {"HEALTHCHECK", SHAPE_HEALTH,
                               "interval timeout start-period start-interval retries "},
    [HC_DOCKER_LABEL] = {"LABEL", SHAPE_PAIRS, ""},
    [HC_DOCKER_MAINTAINER] = {"MAINTAINER", SHAPE_STRING, ""},
    [HC_DOCKER_ONBUILD] = {"ONBUILD", SHAPE_TRIGGER, ""},
    [HC_DOCKER_RUN] = {"RUN", SHAPE_COMMAND, "mount* network security device* "},
    [HC_DOCKER_SHELL] = {"SHELL", SHAPE_COMMAND, ""},
    [HC_DOCKER_STOPSIGNAL] = {"STOPSIGNAL", SHAPE_STRING, ""},
    [HC_DOCKER_USER] = {"USER", SHAPE_STRING, ""},
    [HC_DOCKER_VOLUME] = {"VOLUME", SHAPE_LIST, ""},
    [HC_DOCKER_WORKDIR] = {"WORKDIR", SHAPE_STRING, ""},
};

const char *
hc_docker_word_name(HcDockerWord word)
{
    return rows[word].name;
}

static void
pair_free(gpointer data)
{
    HcDockerPair *pair = data;
    g_free(pair->name);
    g_free(pair->value);
    g_free(pair);
}

void
hc_instruction_free(gpointer instruction)
{
    HcInstruction *own = instruction;
    if (own == NULL)
        return;
    g_free(own->text);
    g_free(own->rest);
    g_strfreev(own->flags);
    g_strfreev(own->args);
    g_clear_pointer(&own->pairs, g_ptr_array_unref);
    g_free(own->kind);
    g_free(own);
}

/* Where the value of flag @name begins in @flag, "" when it has none; NULL: it is another flag. */
static const char *
flag_value(const char *flag, const char *name, gsize n_name)
{
    if (strncmp(flag, name, n_name) != 0 || (flag[n_name] != '\0' && flag[n_name] != '='))
        return NULL;
    return flag + n_name + (flag[n_name] == '=' ? 1 : 0);
}

const char *
hc_instruction_flag(const HcInstruction *instruction, const char *name)
{
    const char *value = NULL;
    for (gsize i = 0; instruction->flags[i] != NULL && value == NULL; i++)
        value = flag_value(instruction->flags[i], name, strlen(name));
    return value;
}

gboolean
hc_instruction_is(const HcInstruction *instruction, const char *name)
{
    const char *value = hc_instruction_flag(instruction, name);
    return value != NULL && (*value == '\0' || g_ascii_strcasecmp(value, "true") == 0);
}

static gboolean
fail(GError **error, const WordRow *row, const char *what)
{
    return hc_fail(error, HC_ERROR_MALFORMED, "%s: %s", row->name, what);
}

/* @mark: (out): what stands behind the flag's name in the row. Returns: whether it is allowed */
static gboolean
find_flag(const WordRow *row, const char *flag, gsize n_name, char *mark)
{
    for (const char *at = row->flags; *at != '\0'; at += strcspn(at, " ") + 1) {
        if (n_name > 0 && strncmp(at, flag, n_name) == 0 && strchr("?* ", at[n_name]) != NULL) {
            *mark = at[n_name];
            return TRUE;
        }
    }
    return FALSE;
}

static gboolean
check_flag(const WordRow *row, const HcInstruction *instruction, gsize index, GError **error)
{
    const char *flag = instruction->flags[index];
    const gsize n_name = strcspn(flag, "=");
    g_autofree char *name = g_strndup(flag, n_name);
    char mark = '\0';
    if (!find_flag(row, flag, n_name, &mark))
        return hc_fail(error, HC_ERROR_MALFORMED, "%s has no flag --%s", row->name, name);
    for (gsize i = 0; i < index && mark != '*'; i++) {
        if (flag_value(instruction->flags[i], name, n_name) != NULL)
            return hc_fail(error, HC_ERROR_MALFORMED, "%s: --%s is there twice", row->name, name);
    }
    if (mark != '?' && flag[n_name] == '\0')
        return hc_fail(error, HC_ERROR_MALFORMED, "%s: --%s lacks its value", row->name, name);
    if (mark == '?' && flag[n_name] == '=' && g_ascii_strcasecmp(flag + n_name, "=true") != 0 &&
        g_ascii_strcasecmp(flag + n_name, "=false") != 0)
        return hc_fail(error, HC_ERROR_MALFORMED, "%s: --%s is true or false", row->name, name);
    return TRUE;
}

static gboolean
check_flags(const WordRow *row, const HcInstruction *instruction, GError **error)
{
    for (gsize i = 0; instruction->flags[i] != NULL; i++) {
        if (!check_flag(row, instruction, i, error))
            return FALSE;
    }
    return TRUE;
}

static void
add_pair(HcInstruction *instruction, char *name, char *value)
{
    HcDockerPair *pair = g_new(HcDockerPair, 1);
    *pair = (HcDockerPair){name, value};
    g_ptr_array_add(instruction->pairs, pair);
}

static gboolean
read_pair(HcInstruction *instruction, const WordRow *row, const char *word, GError **error)
{
    const char *equals = strchr(word, '=');
    if (equals == NULL && row->shape == SHAPE_PAIRS)
        return hc_fail(error, HC_ERROR_MALFORMED, "%s: '%s' is not of the form NAME=VALUE",
                       row->name, word);
    if (equals == word)
        return fail(error, row, "a name is empty");
    add_pair(instruction,
             equals != NULL ? g_strndup(word, (gsize) (equals - word)) : g_strdup(word),
             equals != NULL ? g_strdup(equals + 1) : NULL);
    return TRUE;
}

/* ENV, LABEL, ARG. The old form, NAME VALUE, has one pair and keeps all spaces. */
static gboolean
read_pairs(HcDockerText *text, HcInstruction *instruction, const WordRow *row, GError **error)
{
    g_autoptr(GPtrArray) words = hc_docker_words(text->escape, instruction->rest);
    instruction->pairs = g_ptr_array_new_with_free_func(pair_free);
    if (words->len == 0)
        return fail(error, row, "nothing follows");
    if (row->shape == SHAPE_PAIRS && strchr(words->pdata[0], '=') == NULL) {
        const gsize n_name = strcspn(instruction->rest, " \t\v\f\r");
        const char *value = instruction->rest + n_name;
        value += strspn(value, " \t\v\f\r");
        if (*value == '\0')
            return fail(error, row, "a name without a value");
        add_pair(instruction, g_strndup(instruction->rest, n_name), g_strdup(value));
        return TRUE;
    }
    for (guint i = 0; i < words->len; i++) {
        if (!read_pair(instruction, row, words->pdata[i], error))
            return FALSE;
    }
    return TRUE;
}

/* "[Environment]::…" and "[int]$x" are types of PowerShell; nobody meant an array. */
static gboolean
looks_like_array(const char *rest)
{
    const char *end = *rest == '[' ? strchr(rest, ']') : NULL;
    return *rest == '[' && (end == NULL || (end[1] != ':' && end[1] != '$'));
}

/* An array, or else one word that is @rest, or words when @is_list. */
static gboolean
read_maybe_json(HcDockerText *text, HcInstruction *instruction, const char *rest, gboolean is_list,
                GError **error)
{
    const WordRow *row = &rows[instruction->word];
    const HcDockerJson kind = hc_docker_json(rest, &instruction->args);
    instruction->is_json = kind == HC_DOCKER_JSON;
    if (kind == HC_DOCKER_JSON_OF_OTHERS)
        return fail(error, row, "an array of JSON has strings and nothing else");
    if (kind == HC_DOCKER_JSON)
        return TRUE;
    if (looks_like_array(rest))
        hc_docker_remark(text, instruction->line, "%s: is no array of JSON, so it is read as %s%s",
                         row->name, is_list ? "words" : "a command line",
                         strchr(rest, '\\') != NULL ? "; in JSON a backslash is \\\\" : "");
    if (is_list) {
        instruction->args = hc_docker_spaced(rest);
        return TRUE;
    }
    instruction->args = g_new0(char *, 2);
    instruction->args[0] = *rest != '\0' ? g_strdup(rest) : NULL;
    return TRUE;
}

static gboolean
read_health(HcDockerText *text, HcInstruction *instruction, GError **error)
{
    const WordRow *row = &rows[HC_DOCKER_HEALTHCHECK];
    const gsize n = strcspn(instruction->rest, " \t\v\f\r");
    const char *rest = instruction->rest + n;
    rest += strspn(rest, " \t\v\f\r");
    g_autofree char *kind = g_strndup(instruction->rest, n);
    instruction->kind = g_ascii_strup(kind, -1);
    if (g_str_equal(instruction->kind, "NONE")) {
        instruction->args = g_new0(char *, 1);
        return *rest == '\0' || fail(error, row, "nothing follows NONE");
    }
    if (!g_str_equal(instruction->kind, "CMD"))
        return fail(error, row, "CMD and a command, or NONE, must follow");
    return read_maybe_json(text, instruction, rest, FALSE, error) &&
           (instruction->args[0] != NULL || fail(error, row, "no command follows CMD"));
}

static int
find_word(const char *name)
{
    for (int i = 0; i < HC_N_DOCKER_WORDS; i++) {
        if (g_ascii_strcasecmp(rows[i].name, name) == 0)
            return i;
    }
    return -1;
}

static HcName
ascii_name(const char *text)
{
    return (HcName){(const uint8_t *) text, (uint32_t) strlen(text), TRUE};
}

static gboolean
fail_word(const char *word, GError **error)
{
    HcNearest nearest = hc_nearest_start(ascii_name(word));
    for (gsize i = 0; i < G_N_ELEMENTS(rows) && g_str_is_ascii(word); i++)
        hc_nearest_offer(&nearest, ascii_name(rows[i].name));
    g_autofree char *shown = g_utf8_substring(word, 0, MIN(g_utf8_strlen(word, -1), 40));
    if (nearest.best.n_units == 0)
        return hc_fail(error, HC_ERROR_MALFORMED, "'%s' is no instruction", shown);
    return hc_fail(error, HC_ERROR_MALFORMED, "'%s' is no instruction; is %.*s meant?", shown,
                   (int) nearest.best.n_units, (const char *) nearest.best.chars);
}

/* A trigger is an instruction that is only kept; it has to be one. */
static gboolean
read_trigger(HcDockerText *text, HcInstruction *instruction, GError **error)
{
    const WordRow *row = &rows[HC_DOCKER_ONBUILD];
    const HcDockerLine line = {instruction->line, instruction->last_line, instruction->rest};
    if (*instruction->rest == '\0')
        return fail(error, row, "nothing follows");
    g_autoptr(HcInstruction) trigger = hc_instruction_read(text, &line, error);
    if (trigger == NULL)
        return FALSE;
    if (trigger->word == HC_DOCKER_ONBUILD || trigger->word == HC_DOCKER_FROM ||
        trigger->word == HC_DOCKER_MAINTAINER)
        return hc_fail(error, HC_ERROR_MALFORMED, "ONBUILD takes no %s", rows[trigger->word].name);
    instruction->kind = g_strdup(rows[trigger->word].name);
    return TRUE;
}

static gboolean
read_args(HcDockerText *text, HcInstruction *instruction, GError **error)
{
    const WordRow *row = &rows[instruction->word];
    switch (row->shape) {
    case SHAPE_LIST:
    case SHAPE_COMMAND:
        return read_maybe_json(text, instruction, instruction->rest, row->shape == SHAPE_LIST,
                               error);
    case SHAPE_PAIRS:
    case SHAPE_ARGS:
        return read_pairs(text, instruction, row, error);
    case SHAPE_WORDS:
        instruction->args = hc_docker_spaced(instruction->rest);
        return TRUE;
    case SHAPE_STRING:
        instruction->args = g_new0(char *, 2);
        instruction->args[0] = g_strdup(instruction->rest);
        return TRUE;
    case SHAPE_HEALTH:
        return read_health(text, instruction, error);
    case SHAPE_TRIGGER:
        return read_trigger(text, instruction, error);
    }
    return FALSE;
}

static gboolean
check_blank(const HcInstruction *instruction, GError **error)
{
    for (gsize i = 0; instruction->args[i] != NULL; i++) {
        if (instruction->args[i][strspn(instruction->args[i], " \t")] == '\0')
            return fail(error, &rows[instruction->word], "an empty word");
    }
    return TRUE;
}

/* How many words there must be. */
static gboolean
check_args(const HcInstruction *instruction, GError **error)
{
    const WordRow *row = &rows[instruction->word];
    const guint n = instruction->args != NULL ? g_strv_length(instruction->args) : 0;
    switch (instruction->word) {
    case HC_DOCKER_ADD:
    case HC_DOCKER_COPY:
        return (n >= 2 || fail(error, row, "a source and a destination must follow")) &&
               check_blank(instruction, error);
    case HC_DOCKER_FROM:
        return n == 1 || (n == 3 && g_ascii_strcasecmp(instruction->args[1], "as") == 0) ||
               fail(error, row, "IMAGE or IMAGE AS NAME must follow");
    case HC_DOCKER_SHELL:
        return (instruction->is_json && n > 0) ||
               fail(error, row, "an array of JSON must follow, like [\"cmd\", \"/S\", \"/C\"]");
    case HC_DOCKER_EXPOSE:
    case HC_DOCKER_VOLUME:
        return (n > 0 || fail(error, row, "nothing follows")) && check_blank(instruction, error);
    case HC_DOCKER_MAINTAINER:
    case HC_DOCKER_STOPSIGNAL:
    case HC_DOCKER_USER:
    case HC_DOCKER_WORKDIR:
        return *instruction->rest != '\0' || fail(error, row, "nothing follows");
    case HC_DOCKER_RUN:
        return n > 0 || fail(error, row, "no command follows");
    case HC_DOCKER_ARG:
    case HC_DOCKER_CMD:
    case HC_DOCKER_ENTRYPOINT:
    case HC_DOCKER_ENV:
    case HC_DOCKER_HEALTHCHECK:
    case HC_DOCKER_LABEL:
    case HC_DOCKER_ONBUILD:
    case HC_N_DOCKER_WORDS:
        break;
    }
    return TRUE;
}

HcInstruction *
hc_instruction_read(HcDockerText *text, const HcDockerLine *line, GError **error)
{
    g_auto(HcDockerSplit) split = hc_docker_split(text->escape, line->text);
    const int word = find_word(split.word);
    if (word < 0) {
        fail_word(split.word, error);
        return NULL;
    }
    g_autoptr(HcInstruction) instruction = g_new0(HcInstruction, 1);
    instruction->word = (HcDockerWord) word;
    instruction->line = line->line;
    instruction->last_line = line->last_line;
    instruction->text = g_strdup(line->text);
    instruction->rest = g_steal_pointer(&split.rest);
    instruction->flags = g_steal_pointer(&split.flags);
    if (!check_flags(&rows[word], instruction, error) || !read_args(text, instruction, error) ||
        !check_args(instruction, error))
        return NULL;
    const gboolean may_have =
        word == HC_DOCKER_ADD || word == HC_DOCKER_COPY || word == HC_DOCKER_RUN;
    if (may_have && !instruction->is_json && hc_docker_has_heredoc(instruction->rest))
        return hc_fail_null(error, HC_ERROR_UNSUPPORTED,
                            "%s with a here document (<<) is not done here; put the text in a file "
                            "of the context",
                            rows[word].name);
    return g_steal_pointer(&instruction);
}
