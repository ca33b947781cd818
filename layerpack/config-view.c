#include "config.h"

#include "layerpack/config-view.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "layerpack/json-text.h"

static gboolean
malformed(const char *member, const char *wanted, GError **error)
{
    return hc_fail(error, HC_ERROR_MALFORMED, "the config's \"%s\" is not %s", member, wanted);
}

static gboolean
read_string(const LpJsonObject *object, const char *member, char **text, GError **error)
{
    if (lp_json_object_get(object, member) == NULL)
        return TRUE;
    *text = lp_json_object_get_string(object, member);
    return *text != NULL || malformed(member, "a string", error);
}

static gboolean
read_list(const LpJsonObject *object, const char *member, char ***list, GError **error)
{
    const char *text = lp_json_object_get(object, member);
    if (text == NULL)
        return TRUE;
    g_autoptr(GPtrArray) elements = lp_json_array_parse(text);
    g_autoptr(GPtrArray) strings = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; elements != NULL && i < elements->len; i++) {
        char *string = lp_json_string_parse(g_ptr_array_index(elements, i));
        if (string == NULL)
            return malformed(member, "an array of strings", error);
        g_ptr_array_add(strings, string);
    }
    if (elements == NULL)
        return malformed(member, "an array of strings", error);
    g_ptr_array_add(strings, NULL);
    *list = (char **) g_ptr_array_free(g_steal_pointer(&strings), FALSE);
    return TRUE;
}

static gint
compare_strings(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *) a, *(const char *const *) b);
}

static gboolean
read_labels(const LpJsonObject *object, char ***labels, GError **error)
{
    const char *text = lp_json_object_get(object, "Labels");
    if (text == NULL)
        return TRUE;
    g_autoptr(LpJsonObject) map = lp_json_object_new(text);
    if (map == NULL)
        return malformed("Labels", "an object", error);
    g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < lp_json_object_n_members(map); i++) {
        const char *name = lp_json_object_name(map, i);
        g_autofree char *value = lp_json_object_get_string(map, name);
        if (value == NULL)
            return malformed("Labels", "an object of strings", error);
        g_ptr_array_add(lines, g_strdup_printf("%s=%s", name, value));
    }
    g_ptr_array_sort(lines, compare_strings);
    g_ptr_array_add(lines, NULL);
    *labels = (char **) g_ptr_array_free(g_steal_pointer(&lines), FALSE);
    return TRUE;
}

static gboolean
read_run_config(const LpJsonObject *root, LpConfigView *view, GError **error)
{
    const char *text = lp_json_object_get(root, "config");
    if (text == NULL)
        return TRUE;
    g_autoptr(LpJsonObject) run = lp_json_object_new(text);
    if (run == NULL)
        return malformed("config", "an object", error);
    return read_string(run, "User", &view->user, error) &&
           read_string(run, "WorkingDir", &view->working_dir, error) &&
           read_list(run, "Entrypoint", &view->entrypoint, error) &&
           read_list(run, "Cmd", &view->cmd, error) && read_list(run, "Env", &view->env, error) &&
           read_labels(run, &view->labels, error);
}

static gboolean
read_history(const LpJsonObject *root, LpConfigView *view, GError **error)
{
    g_autoptr(GPtrArray) history = lp_json_array_parse(lp_json_object_get(root, "history"));
    if (history == NULL)
        return malformed("history", "an array", error);
    view->n_history = history->len;
    for (guint i = 0; i < history->len; i++) {
        g_autoptr(LpJsonObject) entry = lp_json_object_new(g_ptr_array_index(history, i));
        if (entry == NULL)
            return malformed("history", "an array of objects", error);
        view->n_history_layers += g_strcmp0(lp_json_object_get(entry, "empty_layer"), "true") != 0;
    }
    return TRUE;
}

LpConfigView *
lp_config_view_read(GBytes *config, GError **error)
{
    gsize n_bytes;
    const char *bytes = g_bytes_get_data(config, &n_bytes);
    g_autofree char *text = g_strndup(bytes, n_bytes);
    g_autoptr(LpJsonObject) root = lp_json_object_new(text);
    if (root == NULL) {
        return hc_fail_null(error, HC_ERROR_MALFORMED, "the config is no JSON object");
    }
    g_autoptr(LpConfigView) view = g_new0(LpConfigView, 1);
    if (!read_string(root, "created", &view->created, error) ||
        !read_list(root, "os.features", &view->os_features, error) ||
        !read_run_config(root, view, error) || !read_history(root, view, error))
        return NULL;
    return g_steal_pointer(&view);
}

void
lp_config_view_free(LpConfigView *view)
{
    if (view == NULL)
        return;
    g_free(view->created);
    g_free(view->user);
    g_free(view->working_dir);
    g_strfreev(view->entrypoint);
    g_strfreev(view->cmd);
    g_strfreev(view->env);
    g_strfreev(view->labels);
    g_strfreev(view->os_features);
    g_free(view);
}
