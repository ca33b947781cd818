#include "config.h"

#include <string.h>

#include "hivecore/base/bytes.h"
#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/base/path.h"
#include "hivecore/base/root.h"
#include "hivecore/delta/control-set.h"
#include "hivecore/reg/reg-reader.h"
#include "hivecore/reg/reg-script.h"
#include "hivecore/regf/types.h"
#include "hivecore/run/run-private.h"

/* --- the hives below the statements --- */

/* The hive that @path lies in, effective below the statements, and how many names lead to it. */
static HcHive *
find_hive(HcRun *run, HcPath path, gsize *n_root)
{
    for (guint slot = 0; slot < HC_N_HIVE_SLOTS; slot++) {
        g_autoptr(HcRoot) root = hc_root_parse_name(hc_hive_slots[slot].name, NULL);
        gsize same = 0;
        HcName part;
        while (same < root->path.n && hc_root_part(path, same, &part) &&
               hc_name_equal(part, root->path.names[same]))
            same++;
        if (same < root->path.n)
            continue;
        *n_root = root->path.n;
        HcLayerStack *stack = run->world->stack;
        if (!run->is_asked[slot] && stack != NULL)
            run->hives[slot] =
                hc_layer_stack_hive(stack, (int) slot, hc_layer_stack_n_layers(stack), NULL);
        run->is_asked[slot] = TRUE;
        return run->hives[slot];
    }
    return NULL;
}

/* The key in its hive. */
static gboolean
find_key(HcRun *run, HcPath path, HcHive **hive, HcKey *key)
{
    gsize n_root = 0;
    *hive = find_hive(run, path, &n_root);
    if (*hive == NULL)
        return FALSE;
    HcPath below = hc_path_from(hc_root_meaning(run->arena, path), n_root);
    (void) hc_control_set_enter(*hive, run->arena, &below, NULL);
    return hc_hive_lookup(*hive, below.names, below.n, key, NULL);
}

/* --- the statements so far --- */

typedef enum {
    SAYS_NOTHING,
    SAYS_ABSENT,
    SAYS_PRESENT,
} Says;

static Says
ask_statements(const HcDelta *delta, HcPath path, const HcDeltaKey **node)
{
    const HcDeltaKey *key = hc_delta_root(delta);
    gboolean is_new = FALSE;
    *node = NULL;
    for (gsize i = 0; i < path.n; i++) {
        const HcDeltaKey *child = hc_delta_find_child(key, path.names[i]);
        if (child == NULL)
            return is_new ? SAYS_ABSENT : SAYS_NOTHING;
        if (child->op == HC_KEY_DELETE)
            return SAYS_ABSENT;
        is_new |= child->op == HC_KEY_REPLACE;
        key = child;
    }
    *node = key;
    return is_new || key->op == HC_KEY_CREATE ? SAYS_PRESENT : SAYS_NOTHING;
}

static gboolean
starts_new(const HcDeltaKey *node)
{
    for (; node != NULL; node = node->parent) {
        if (node->op == HC_KEY_REPLACE)
            return TRUE;
    }
    return FALSE;
}

gboolean
hc_run_value(HcRun *run, HcPath path, HcName name, HcDatum *datum, gboolean *is_known)
{
    const HcDeltaKey *node;
    HcHive *hive;
    HcKey key;
    HcValue value;
    *is_known = TRUE;
    const Says says = ask_statements(run->world->registry, path, &node);
    const HcDeltaValue *said = node != NULL ? hc_delta_find_value(node, name) : NULL;
    if (said != NULL)
        *datum = said->after;
    if (said != NULL || says == SAYS_ABSENT || starts_new(node) ||
        (node != NULL && node->patch->values_are_all))
        return said != NULL && said->op == HC_VALUE_SET;
    if (!find_key(run, path, &hive, &key) || !hc_hive_find_value(hive, &key, name, &value, NULL)) {
        *is_known = hive != NULL;
        return FALSE;
    }
    g_autoptr(GByteArray) scratch = g_byte_array_new();
    *datum = (HcDatum){TRUE, value.type, {NULL, 0}};
    if (!hc_hive_value_data(hive, &value, scratch, &datum->data, NULL))
        return FALSE;
    datum->data.bytes = hc_arena_dup(run->arena, datum->data.bytes, datum->data.n_bytes);
    return TRUE;
}

gboolean
hc_run_has_key(HcRun *run, HcPath path, gboolean *is_known)
{
    const HcDeltaKey *node;
    HcHive *hive;
    HcKey key;
    *is_known = TRUE;
    const Says says = ask_statements(run->world->registry, path, &node);
    if (says != SAYS_NOTHING)
        return says == SAYS_PRESENT;
    const gboolean is_there = find_key(run, path, &hive, &key);
    *is_known = hive != NULL;
    return is_there;
}

void
hc_run_values(HcRun *run, HcPath path,
              void (*each)(gpointer data, HcName name, const HcDatum *datum), gpointer data)
{
    const HcDeltaKey *node;
    HcHive *hive;
    HcKey key;
    g_autoptr(GByteArray) scratch = g_byte_array_new();
    const Says says = ask_statements(run->world->registry, path, &node);
    const gboolean is_below = says != SAYS_ABSENT && !starts_new(node) &&
                              (node == NULL || !node->patch->values_are_all) &&
                              find_key(run, path, &hive, &key);
    for (uint32_t i = 0; is_below && i < key.n_values; i++) {
        HcValue value;
        HcDatum datum = {.is_present = TRUE};
        if (!hc_hive_value(hive, &key, i, &value, NULL) ||
            (node != NULL && hc_delta_find_value(node, value.name) != NULL) ||
            !hc_hive_value_data(hive, &value, scratch, &datum.data, NULL))
            continue;
        datum.type = value.type;
        each(data, value.name, &datum);
    }
    for (guint i = 0; node != NULL && i < hc_delta_n_values(node); i++) {
        const HcDeltaValue *value = hc_delta_value(node, i);
        if (value->op == HC_VALUE_SET)
            each(data, value->name, &value->after);
    }
}

/* --- statements --- */

HcDatum
hc_run_text_datum(HcRun *run, uint32_t type, const char *text)
{
    const HcName name = hc_name_from_utf8(run->arena, text, strlen(text));
    const uint32_t n_bytes = 2 * (name.n_units + 1);
    uint8_t *bytes = (uint8_t *) hc_arena_alloc(run->arena, n_bytes);
    for (uint32_t i = 0; i < name.n_units; i++)
        hc_put16(bytes + 2 * (gsize) i, hc_name_unit(name, i));
    return (HcDatum){TRUE, type, {bytes, n_bytes}};
}

static void
tell_statement(HcRun *run, const HcRegCommand *statement)
{
    g_autoptr(GString) text = g_string_new(NULL);
    const gboolean is_add = statement->verb == HC_REG_COMMAND_ADD;
    g_string_append(text, is_add ? "registry: set [" : "registry: delete [");
    hc_path_append_display(text, NULL, statement->path);
    g_string_append_c(text, ']');
    if (statement->has_all_values)
        g_string_append(text, ", all values");
    if (statement->has_value && statement->name.n_units == 0)
        g_string_append(text, " @");
    if (statement->has_value && statement->name.n_units > 0) {
        g_string_append(text, " \"");
        hc_name_append_display(text, statement->name);
        g_string_append_c(text, '"');
    }
    hc_run_tell(run, "%s", text->str);
}

gboolean
hc_run_state(HcRun *run, const HcRegCommand *statement, GError **error)
{
    const HcName user = HC_NAME_ASCII("HKEY_CURRENT_USER");
    if (hc_name_equal(statement->path.names[0], user))
        return hc_run_refuse(
            error, "HKEY_CURRENT_USER",
            "the hive of the user that builds is in no layer; HKU\\.DEFAULT is what "
            "new users get");
    if (hc_name_equal(statement->path.names[0], HC_NAME_ASCII("HKEY_CURRENT_CONFIG")))
        return hc_run_refuse(error, "HKEY_CURRENT_CONFIG",
                             "which key that is is known at boot only");
    hc_run_begin_env(run);
    tell_statement(run, statement);
    run->has_changed = TRUE;
    return hc_reg_command_state(statement, run->world->registry,
                                (HcOrigin){run->world->source, run->line->line}, error);
}

gboolean
hc_run_set_variable(HcRun *run, const char *name, const char *value, uint32_t type, GError **error)
{
    HcPath path;
    (void) hc_root_split_key(
        run->arena, "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Environment",
        &path);
    HcRegCommand statement = {.verb = value != NULL ? HC_REG_COMMAND_ADD : HC_REG_COMMAND_DELETE,
                              .path = path,
                              .has_value = TRUE,
                              .name = hc_name_from_utf8(run->arena, name, strlen(name))};
    if (value != NULL)
        statement.datum = hc_run_text_datum(run, type, value);
    return hc_run_state(run, &statement, error);
}

gboolean
hc_run_import(HcRun *run, const char *file, GError **error)
{
    HcTree *tree = run->world->tree;
    hc_run_begin_env(run);
    hc_run_tell(run, "registry: import %s", file);
    run->has_changed = TRUE;
    if (tree == NULL)
        return TRUE;
    GError *failure = NULL;
    HcTreeNode *node = hc_run_find(run, file, &failure);
    if (failure != NULL)
        return hc_fail_with(error, failure);
    if (node == NULL || hc_tree_node_kind(node) != HC_TREE_FILE)
        return hc_run_fail(run, error, "reg import: %s: there is no such file", file);
    g_autoptr(GBytes) content = hc_tree_read(tree, node, HC_MAX_JSON_PATCH_BYTES, error);
    if (content == NULL)
        return FALSE;
    const HcRegReadOptions options = {0};
    return hc_reg_read(run->world->registry, file, content, &options, NULL, error);
}
