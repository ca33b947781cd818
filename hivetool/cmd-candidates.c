#include "config.h"

#include "hivetool/reading.h"

#include <string.h>

#include "hivecore/base/error.h"

/* What completion offers of the inside of hives; for programs, see hivecore/cli/cli-private.h.
 */

/* Each as it is written in full and with the short name of its root. */
static const char *const short_names[][2] = {
    {"HKEY_LOCAL_MACHINE", "HKLM"},
    {"HKEY_CURRENT_USER", "HKCU"},
    {"HKEY_USERS", "HKU"},
    {"HKEY_CLASSES_ROOT", "HKCR"},
};

static void
add(GString *out, gboolean is_open, const char *before, const char *name)
{
    g_string_append_printf(out, "%c%s%s%s\n", is_open ? '+' : '=', before, name,
                           is_open ? "\\" : "");
}

/* The places of the hives, for who has written no more than a part of one. */
static void
add_places(GString *out, const HcOperand *operand, const char *text)
{
    for (guint i = 0; i < hc_registry_n_hives(operand->state); i++) {
        const HcRoot *root = hc_registry_hive(operand->state, i)->root;
        for (gsize k = 0; root != NULL && k < G_N_ELEMENTS(short_names); k++) {
            const gsize n_long = strlen(short_names[k][0]);
            if (strncmp(root->text, short_names[k][0], n_long) != 0)
                continue;
            g_autofree char *brief = g_strconcat(short_names[k][1], root->text + n_long, NULL);
            g_autofree char *drive = g_strconcat(short_names[k][1], ":", root->text + n_long, NULL);
            if (hc_name_text_starts(brief, text))
                add(out, TRUE, "", brief);
            else if (hc_name_text_starts(drive, text))
                add(out, TRUE, "", drive);
            else if (hc_name_text_starts(root->text, text))
                add(out, TRUE, "", root->text);
        }
    }
}

/* The hive that @key_text is in, and the key. */
static gboolean
open_key(const HcCliContext *context, const HcOperand *operand, HcArena *arena,
         const char *key_text, HtReading *reading, HcKey *key, GError **error)
{
    guint index;
    HcPath path;
    g_autoptr(HcRoot) root = NULL;
    *reading = (HtReading){NULL, NULL};
    return ht_pick_hive(operand, key_text, &index, error) &&
           ht_reading_open_of(reading, context, operand->state, index, FALSE, FALSE, error) &&
           ht_find_root_of(operand, index, reading->hive, NULL, &root, error) &&
           ht_find_key(arena, reading->hive, key_text, root, &path, key, error);
}

/* The subkeys of what stands before the last backslash. */
static gboolean
add_keys(const HcCliContext *context, const HcOperand *operand, const char *text, GError **error)
{
    const char *backslash = strrchr(text, '\\');
    const char *slash = backslash == NULL ? strrchr(text, '/') : NULL;
    const char *leaf = backslash != NULL ? backslash + 1 : slash != NULL ? slash + 1 : text;
    g_autofree char *before = g_strndup(text, (gsize) (leaf - text));
    g_autofree char *parent = g_strndup(before, before[0] != '\0' ? strlen(before) - 1 : 0);
    g_autoptr(HcArena) arena = hc_arena_new();
    g_auto(HtReading) reading;
    g_auto(HcKeyList) subkeys;
    HcKey key;
    hc_key_list_init(&subkeys);
    if (!open_key(context, operand, arena, parent, &reading, &key, error) ||
        !hc_key_list_fill(&subkeys, reading.hive, &key, error))
        return FALSE;
    g_autoptr(GString) name = g_string_new(NULL);
    for (guint i = 0; i < subkeys.n; i++) {
        const HcKey *subkey = hc_key_list_at(&subkeys, i, error);
        if (subkey == NULL)
            return FALSE;
        g_string_truncate(name, 0);
        hc_name_append_display(name, subkey->name);
        if (hc_name_text_starts(name->str, leaf))
            add(context->out, subkey->n_subkeys > 0, before, name->str);
    }
    return TRUE;
}

static gboolean
add_values(const HcCliContext *context, const HcOperand *operand, const char *key_text,
           const char *before, const char *text, GError **error)
{
    g_autoptr(HcArena) arena = hc_arena_new();
    g_auto(HtReading) reading;
    HcKey key;
    if (!open_key(context, operand, arena, key_text, &reading, &key, error))
        return FALSE;
    g_autoptr(GString) name = g_string_new(NULL);
    for (uint32_t i = 0; i < key.n_values; i++) {
        HcValue value;
        if (!hc_hive_value(reading.hive, &key, i, &value, error))
            return FALSE;
        g_string_truncate(name, 0);
        if (value.name.n_units == 0)
            g_string_append_c(name, '@');
        hc_name_append_display(name, value.name);
        if (hc_name_text_starts(name->str, text))
            add(context->out, FALSE, before, name->str);
    }
    return TRUE;
}

/* KEY::VALUE, where there is such a KEY: names of keys have colons, too. */
static gboolean
add_pairs(const HcCliContext *context, const HcOperand *operand, const char *text)
{
    const char *value = g_strrstr(text, "::");
    if (value == NULL)
        return FALSE;
    g_autofree char *key_text = g_strndup(text, (gsize) (value - text));
    g_autofree char *before = g_strconcat(key_text, "::", NULL);
    return add_values(context, operand, key_text, before, value + 2, NULL);
}

/* SOURCE//NAME. */
static gboolean
add_hives(const HcCliContext *context, const char *text, GError **error)
{
    const char *name = g_strrstr(text, "//");
    g_auto(HcOperand) operand = {0};
    if (name == NULL)
        return TRUE;
    g_autofree char *source = g_strndup(text, (gsize) (name - text));
    g_autofree char *before = g_strndup(text, (gsize) (name + 2 - text));
    if (!hc_cli_operand_open(&operand, source, error))
        return FALSE;
    for (guint i = 0; i < hc_registry_n_hives(operand.state); i++) {
        const char *label = hc_registry_hive(operand.state, i)->label;
        if (hc_name_text_starts(label, name + 2))
            add(context->out, FALSE, before, label);
    }
    return TRUE;
}

static gboolean
run(HcCliContext *context, int n_args, char **args, HcExit *status, GError **error)
{
    g_auto(HcOperand) operand = {0};
    *status = HC_EXIT_OK;
    if (n_args == 2 && g_str_equal(args[0], "hives"))
        return add_hives(context, args[1], error);
    if (!hc_cli_operand_open(&operand, args[1], error))
        return FALSE;
    if (n_args == 4 && g_str_equal(args[0], "values"))
        return add_values(context, &operand, args[2], "", args[3], error);
    if (n_args != 3 || !g_str_equal(args[0], "keys"))
        return hc_fail(error, HC_ERROR_USAGE, "expected hives, keys or values");
    GError *failure = NULL;
    if (add_pairs(context, &operand, args[2]) || add_keys(context, &operand, args[2], &failure))
        return TRUE;
    g_clear_error(&failure);
    add_places(context->out, &operand, args[2]);
    return TRUE;
}

const HcCommand ht_cmd_candidates = {
    .name = "__candidates",
    .args = "WHAT TEXT...",
    .summary = "print what can stand at a place of a command line",
    .min_args = 2,
    .max_args = 4,
    .run = run,
};
