#include "config.h"

#include "hivecore/reg/reg-script.h"

#include <string.h>

#include "hivecore/base/root.h"
#include "hivecore/reg/script-private.h"

/* What the switches of a line say; an index is that of a word, 0: it was not given. */
typedef struct {
    HcRegCommand *command;
    HcArena *arena;
    const GPtrArray *words;
    HcCmdTrouble *trouble;
    guint name; /* of the switch that says which value */
    guint type; /* of the argument of /t, and so on */
    guint separator;
    guint data;
    guint force;
    guint view;
} Parse;

static gboolean
fail_at(const Parse *parse, guint word, HcErrorCode code, const char *found, const char *expected)
{
    const HcCmdWord *at = hc_cmd_word(parse->words, word);
    return hc_cmd_fail(parse->trouble, code, at->at, "found '%s'%s, expected %s", at->text, found,
                       expected);
}

static gboolean
fail_end(const Parse *parse, const char *expected)
{
    const HcCmdWord *last = hc_cmd_word(parse->words, parse->words->len - 1);
    return hc_cmd_fail(parse->trouble, HC_ERROR_MALFORMED, last->at,
                       "found the end of the command after '%s', expected %s", last->text,
                       expected);
}

/* --- the key --- */

#define ROOTS "HKLM, HKCU, HKCR, HKU, HKCC or the long name of one, a backslash and a key"

static gboolean
check_key(const Parse *parse, guint word, const char *text)
{
    if (g_str_has_prefix(text, "\\\\"))
        return fail_at(parse, word, HC_ERROR_UNSUPPORTED, ", a key of another machine",
                       "one of this: " ROOTS);
    if (g_str_has_suffix(text, ":") || strstr(text, ":\\") == strchr(text, ':')) {
        const char *colon = strchr(text, ':');
        const char *slash = strchr(text, '\\');
        if (colon != NULL && (slash == NULL || colon < slash))
            return fail_at(parse, word, HC_ERROR_MALFORMED, ", which only PowerShell has",
                           "the key without the colon");
    }
    if (text[0] == '/' || text[0] == '-')
        return fail_at(parse, word, HC_ERROR_MALFORMED, "", "the key right behind the command");
    return TRUE;
}

static gboolean
take_key(Parse *parse, guint word)
{
    HcRegCommand *command = parse->command;
    const char *text = hc_cmd_word(parse->words, word)->text;
    if (!check_key(parse, word, text))
        return FALSE;
    command->at = hc_cmd_word(parse->words, word)->at;
    if (!hc_root_split_key(parse->arena, text, &command->path))
        return fail_at(parse, word, HC_ERROR_MALFORMED, "",
                       command->path.n == 0 ? ROOTS : "no empty name between backslashes");
    return TRUE;
}

/* --- switches --- */

static gboolean
take_once(const Parse *parse, guint *slot, guint word, guint switch_word)
{
    if (*slot != 0)
        return fail_at(parse, switch_word, HC_ERROR_MALFORMED, " once more", "each switch once");
    if (word >= parse->words->len)
        return fail_end(parse, "what the switch is for");
    *slot = word;
    return TRUE;
}

static gboolean
is_switch(const char *text, const char *name)
{
    return (text[0] == '/' || text[0] == '-') && g_ascii_strcasecmp(text + 1, name) == 0;
}

static gboolean
take_name(Parse *parse, guint word, guint *next)
{
    HcRegCommand *command = parse->command;
    const char *text = hc_cmd_word(parse->words, word)->text;
    const gboolean has_argument = is_switch(text, "v");
    if (parse->name != 0)
        return fail_at(parse, word, HC_ERROR_MALFORMED, "", "only one of /v, /ve and /va");
    if (has_argument && word + 1 >= parse->words->len)
        return fail_end(parse, "the name of a value");
    parse->name = word;
    command->has_all_values = is_switch(text, "va");
    command->has_value = !command->has_all_values;
    if (has_argument) {
        const char *name = hc_cmd_word(parse->words, word + 1)->text;
        command->name = hc_name_from_utf8(parse->arena, name, strlen(name));
        *next = word + 2;
    }
    return TRUE;
}

#define ADD_SWITCHES    "/v, /ve, /t, /s, /d, /f, /reg:32 or /reg:64"
#define DELETE_SWITCHES "/v, /ve, /va, /f, /reg:32 or /reg:64"

/* The switch at @word; @next: (inout): the word behind it. */
static gboolean
take_switch(Parse *parse, guint word, guint *next)
{
    const gboolean is_add = parse->command->verb == HC_REG_COMMAND_ADD;
    const char *text = hc_cmd_word(parse->words, word)->text;
    guint *slot = NULL;
    *next = word + 1;
    if (is_switch(text, "v") || is_switch(text, "ve") || (!is_add && is_switch(text, "va")))
        return take_name(parse, word, next);
    if (is_switch(text, "f"))
        return take_once(parse, &parse->force, word, word);
    if (is_switch(text, "reg:32") || is_switch(text, "reg:64"))
        return take_once(parse, &parse->view, word, word);
    if (is_add && is_switch(text, "t"))
        slot = &parse->type;
    else if (is_add && is_switch(text, "s"))
        slot = &parse->separator;
    else if (is_add && is_switch(text, "d"))
        slot = &parse->data;
    if (slot == NULL)
        return fail_at(parse, word, HC_ERROR_MALFORMED, "",
                       is_add ? ADD_SWITCHES : DELETE_SWITCHES);
    *next = word + 2;
    return take_once(parse, slot, word + 1, word);
}

/* --- the whole --- */

static gboolean
take_datum(Parse *parse)
{
    HcRegCommand *command = parse->command;
    uint32_t type = 1; /* REG_SZ */
    if (parse->type != 0 &&
        !hc_reg_command_type(hc_cmd_word(parse->words, parse->type)->text, &type))
        return fail_at(parse, parse->type, HC_ERROR_MALFORMED, "",
                       "REG_SZ, REG_EXPAND_SZ, REG_MULTI_SZ, REG_DWORD, REG_QWORD, REG_BINARY, "
                       "REG_NONE, REG_DWORD_LITTLE_ENDIAN or REG_DWORD_BIG_ENDIAN");
    const HcRegDataWords words = {
        .data = parse->data != 0 ? hc_cmd_word(parse->words, parse->data) : NULL,
        .separator = parse->separator != 0 ? hc_cmd_word(parse->words, parse->separator) : NULL,
        .end = hc_cmd_word(parse->words, parse->words->len - 1)->at,
    };
    return hc_reg_command_data(&command->datum, type, &words, parse->arena, parse->trouble);
}

static gboolean
take_verb(Parse *parse)
{
    if (parse->words->len < 2)
        return fail_end(parse, "add or delete");
    const char *verb = hc_cmd_word(parse->words, 1)->text;
    static const char *const others[] = {"query",  "copy",    "save",   "restore", "load",
                                         "unload", "compare", "export", "import",  "flags"};
    parse->command->verb =
        g_ascii_strcasecmp(verb, "add") == 0 ? HC_REG_COMMAND_ADD : HC_REG_COMMAND_DELETE;
    if (g_ascii_strcasecmp(verb, "add") == 0 || g_ascii_strcasecmp(verb, "delete") == 0)
        return parse->words->len > 2 || fail_end(parse, "a key");
    for (gsize i = 0; i < G_N_ELEMENTS(others); i++) {
        if (g_ascii_strcasecmp(verb, others[i]) == 0)
            return fail_at(parse, 1, HC_ERROR_MALFORMED, ", another command of reg",
                           g_str_equal(others[i], "import")
                               ? "add or delete; the file that it reads is a patch of its own"
                               : "add or delete");
    }
    return fail_at(parse, 1, HC_ERROR_MALFORMED, "", "add or delete");
}

gboolean
hc_reg_command_parse(HcRegCommand *command, HcArena *arena, const GPtrArray *words,
                     HcCmdTrouble *trouble)
{
    Parse parse = {.command = command, .arena = arena, .words = words, .trouble = trouble};
    *command = (HcRegCommand){.name = HC_NAME_EMPTY};
    if (!take_verb(&parse) || !take_key(&parse, 2))
        return FALSE;
    for (guint word = 3, next; word < words->len; word = next) {
        if (!take_switch(&parse, word, &next))
            return FALSE;
    }
    command->is_forced = parse.force != 0;
    if (parse.view != 0 && g_str_has_suffix(hc_cmd_word(words, parse.view)->text, "32"))
        command->path = hc_wow64_path(arena, command->path);
    if (command->verb == HC_REG_COMMAND_DELETE) {
        if (command->path.n == 1 && !command->has_value && !command->has_all_values)
            return fail_at(&parse, 2, HC_ERROR_MALFORMED, ", a root", "a key below it");
        return TRUE;
    }
    command->has_value = TRUE;
    return take_datum(&parse);
}

/* All values of a key that is there go; those that were set before in this file, too. */
static gboolean
state_no_values(HcDelta *delta, HcDeltaKey *key, HcOrigin origin, GError **error)
{
    for (guint i = hc_delta_n_values(key); i > 0; i--) {
        if (!hc_delta_delete_value(delta, key, hc_delta_value(key, i - 1)->name, origin, error))
            return FALSE;
    }
    return hc_delta_make_exact(delta, key, HC_EXACT_VALUES, origin, error);
}

gboolean
hc_reg_command_state(const HcRegCommand *command, HcDelta *delta, HcOrigin origin, GError **error)
{
    if (command->verb == HC_REG_COMMAND_ADD) {
        HcDeltaKey *key = hc_delta_ensure_key(delta, command->path, origin, error);
        return key != NULL && (!command->has_value ||
                               hc_delta_set_value(delta, key, command->name, command->datum.type,
                                                  command->datum.data, origin, error));
    }
    if (!command->has_value && !command->has_all_values)
        return hc_delta_delete_key(delta, command->path, origin, error);
    GError *failure = NULL;
    HcDeltaKey *key = hc_delta_reach_key(delta, command->path, origin, &failure);
    if (key == NULL)
        return failure == NULL || hc_fail_with(error, failure);
    return command->has_value ? hc_delta_delete_value(delta, key, command->name, origin, error)
                              : state_no_values(delta, key, origin, error);
}
