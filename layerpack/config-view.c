#include "config.h"

#include "layerpack/config-edit.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/base/json.h"

static const char where[] = "the config";

static gint
compare_strings(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *) a, *(const char *const *) b);
}

static gboolean
read_labels(HcJson run, char ***labels, GError **error)
{
    HcJson map;
    HcJson name;
    HcJson value;
    if (!hc_json_get_object(where, run, "Labels", &map, error))
        return FALSE;
    if (map.text == NULL)
        return TRUE;
    g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
    HcJsonIter iter = hc_json_iter(map);
    while (hc_json_next(&iter, &name, &value)) {
        if (!hc_json_is(value, HC_JSON_STRING))
            return hc_fail(error, HC_ERROR_MALFORMED, "%s: \"Labels\": is not an object of strings",
                           where);
        g_autofree char *key = hc_json_string_dup(name);
        g_autofree char *text = hc_json_string_dup(value);
        g_ptr_array_add(lines, g_strdup_printf("%s=%s", key, text));
    }
    g_ptr_array_sort(lines, compare_strings);
    g_ptr_array_add(lines, NULL);
    *labels = (char **) g_ptr_array_free(g_steal_pointer(&lines), FALSE);
    return TRUE;
}

static gboolean
read_run_config(HcJson config, LpConfigView *view, GError **error)
{
    HcJson run;
    if (!hc_json_get_object(where, config, "config", &run, error))
        return FALSE;
    return run.text == NULL ||
           (hc_json_get_string(where, run, "User", &view->user, error) &&
            hc_json_get_string(where, run, "WorkingDir", &view->working_dir, error) &&
            hc_json_get_strings(where, run, "Entrypoint", &view->entrypoint, error) &&
            hc_json_get_strings(where, run, "Cmd", &view->cmd, error) &&
            hc_json_get_strings(where, run, "Env", &view->env, error) &&
            read_labels(run, &view->labels, error));
}

static gboolean
read_history(HcJson config, LpConfigView *view, GError **error)
{
    HcJson history;
    HcJson entry;
    if (!hc_json_get_array(where, config, "history", &history, error))
        return FALSE;
    if (history.text == NULL)
        return TRUE;
    HcJsonIter iter = hc_json_iter(history);
    while (hc_json_next(&iter, NULL, &entry)) {
        gboolean is_empty;
        if (!hc_json_need_object("the config: \"history\"", entry, error) ||
            !hc_json_get_boolean(where, entry, "empty_layer", &is_empty, error))
            return FALSE;
        view->n_history++;
        view->n_history_layers += is_empty ? 0 : 1;
    }
    return TRUE;
}

LpConfigView *
lp_config_view_read(GBytes *config, GError **error)
{
    HcJson root;
    g_autoptr(LpConfigView) view = g_new0(LpConfigView, 1);
    if (!hc_json_parse_bytes(where, config, &root, error) ||
        !hc_json_need_object(where, root, error) ||
        !hc_json_get_string(where, root, "created", &view->created, error) ||
        !hc_json_get_strings(where, root, "os.features", &view->os_features, error) ||
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
