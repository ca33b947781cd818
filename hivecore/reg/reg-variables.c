#include "config.h"

#include "hivecore/reg/reg-reader.h"

#include <string.h>

#include "hivecore/base/error.h"

typedef struct {
    char *name;
    char *value;
    gboolean is_declared;
} Variable;

struct HcRegVariables {
    GPtrArray *list; /* of Variable *, as they were set */
};

static void
variable_free(gpointer pointer)
{
    Variable *variable = pointer;
    g_free(variable->name);
    g_free(variable->value);
    g_free(variable);
}

static Variable *
find(const HcRegVariables *variables, const char *name)
{
    for (guint i = 0; i < variables->list->len; i++) {
        Variable *variable = (Variable *) variables->list->pdata[i];
        if (g_str_equal(variable->name, name))
            return variable;
    }
    return NULL;
}

static gboolean
is_name(const char *text)
{
    if (*text == '\0' || g_ascii_isdigit(*text))
        return FALSE;
    for (; *text != '\0'; text++) {
        if (!g_ascii_isalnum(*text) && *text != '_')
            return FALSE;
    }
    return TRUE;
}

static gboolean
add(HcRegVariables *variables, const char *text, GError **error)
{
    const char *equals = strchr(text, '=');
    g_autofree char *name = equals != NULL ? g_strndup(text, (gsize) (equals - text)) : NULL;
    if (name == NULL || !is_name(name))
        return hc_fail(error, HC_ERROR_USAGE, "--set is '%s', not NAME=VALUE", text);
    if (!g_utf8_validate(equals + 1, -1, NULL))
        return hc_fail(error, HC_ERROR_USAGE, "--set %s: the value is not valid UTF-8", name);
    if (find(variables, name) != NULL)
        return hc_fail(error, HC_ERROR_USAGE, "--set %s: is given twice", name);
    Variable *variable = g_new0(Variable, 1);
    variable->name = g_steal_pointer(&name);
    variable->value = g_strdup(equals + 1);
    g_ptr_array_add(variables->list, variable);
    return TRUE;
}

HcRegVariables *
hc_reg_variables_new(char *const *set, GError **error)
{
    g_autoptr(HcRegVariables) variables = g_new0(HcRegVariables, 1);
    variables->list = g_ptr_array_new_with_free_func(variable_free);
    for (gsize i = 0; set != NULL && set[i] != NULL; i++) {
        if (!add(variables, set[i], error))
            return NULL;
    }
    return g_steal_pointer(&variables);
}

void
hc_reg_variables_free(HcRegVariables *variables)
{
    if (variables == NULL)
        return;
    g_ptr_array_unref(variables->list);
    g_free(variables);
}

const char *
hc_reg_variables_declare(HcRegVariables *variables, const char *name)
{
    Variable *variable = find(variables, name);
    if (variable == NULL)
        return NULL;
    variable->is_declared = TRUE;
    return variable->value;
}

gboolean
hc_reg_variables_check(const HcRegVariables *variables, GError **error)
{
    for (guint i = 0; i < variables->list->len; i++) {
        const Variable *variable = (const Variable *) variables->list->pdata[i];
        if (variable->is_declared)
            continue;
        return hc_fail(error, HC_ERROR_USAGE, "--set %s: no patch has a line ';!var %s'",
                       variable->name, variable->name);
    }
    return TRUE;
}
