#include "config.h"

#include "hivecore/image/image-json.h"

#include "hivecore/base/error.h"
#include "hivecore/base/json-scan.h"

JsonNode *
hc_image_json_parse(const char *where, GBytes *text, GError **error)
{
    gsize n_bytes;
    const char *bytes = g_bytes_get_data(text, &n_bytes);
    if (n_bytes == 0)
        return hc_fail_null(error, HC_ERROR_MALFORMED, "%s: is empty", where);
    if (!hc_json_scan(where, bytes, n_bytes, NULL, error))
        return NULL;
    g_autoptr(JsonParser) parser = json_parser_new_immutable();
    g_autoptr(GError) parse_error = NULL;
    if (!json_parser_load_from_data(parser, bytes, (gssize) n_bytes, &parse_error))
        return hc_fail_null(error, HC_ERROR_MALFORMED, "%s: is no JSON: %s", where,
                            parse_error->message);
    return json_parser_steal_root(parser);
}

static gboolean
fail_type(const char *where, const char *name, const char *type, GError **error)
{
    return hc_fail(error, HC_ERROR_MALFORMED, "%s: \"%s\": is not %s", where, name, type);
}

JsonObject *
hc_image_json_as_object(const char *where, JsonNode *node, GError **error)
{
    if (node != NULL && JSON_NODE_HOLDS_OBJECT(node))
        return json_node_get_object(node);
    return hc_fail_null(error, HC_ERROR_MALFORMED, "%s: is not an object", where);
}

/* The member, or NULL when it is not there or null. */
static JsonNode *
member(JsonObject *object, const char *name)
{
    JsonNode *node = json_object_get_member(object, name);
    return node != NULL && !JSON_NODE_HOLDS_NULL(node) ? node : NULL;
}

static gboolean
is_string(JsonNode *node)
{
    return JSON_NODE_HOLDS_VALUE(node) && json_node_get_value_type(node) == G_TYPE_STRING;
}

gboolean
hc_image_json_string(const char *where, JsonObject *object, const char *name, const char **value,
                     GError **error)
{
    JsonNode *node = member(object, name);
    *value = NULL;
    if (node == NULL)
        return TRUE;
    if (!is_string(node))
        return fail_type(where, name, "a string", error);
    *value = json_node_get_string(node);
    return TRUE;
}

gboolean
hc_image_json_array(const char *where, JsonObject *object, const char *name, JsonArray **value,
                    GError **error)
{
    JsonNode *node = member(object, name);
    *value = NULL;
    if (node == NULL)
        return TRUE;
    if (!JSON_NODE_HOLDS_ARRAY(node))
        return fail_type(where, name, "an array", error);
    *value = json_node_get_array(node);
    return TRUE;
}

gboolean
hc_image_json_object(const char *where, JsonObject *object, const char *name, JsonObject **value,
                     GError **error)
{
    JsonNode *node = member(object, name);
    *value = NULL;
    if (node == NULL)
        return TRUE;
    if (!JSON_NODE_HOLDS_OBJECT(node))
        return fail_type(where, name, "an object", error);
    *value = json_node_get_object(node);
    return TRUE;
}

gboolean
hc_image_json_size(const char *where, JsonObject *object, const char *name, uint64_t *value,
                   GError **error)
{
    JsonNode *node = member(object, name);
    *value = 0;
    if (node == NULL)
        return TRUE;
    if (!JSON_NODE_HOLDS_VALUE(node) || json_node_get_value_type(node) != G_TYPE_INT64 ||
        json_node_get_int(node) < 0)
        return fail_type(where, name, "a whole number from 0", error);
    *value = (uint64_t) json_node_get_int(node);
    return TRUE;
}

gboolean
hc_image_json_strings(const char *where, JsonObject *object, const char *name, char ***value,
                      GError **error)
{
    JsonArray *array;
    *value = NULL;
    if (!hc_image_json_array(where, object, name, &array, error))
        return FALSE;
    if (array == NULL)
        return TRUE;
    g_autoptr(GPtrArray) strings = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < json_array_get_length(array); i++) {
        JsonNode *node = json_array_get_element(array, i);
        if (!is_string(node))
            return fail_type(where, name, "an array of strings", error);
        g_ptr_array_add(strings, g_strdup(json_node_get_string(node)));
    }
    g_ptr_array_add(strings, NULL);
    *value = (char **) g_ptr_array_free(g_steal_pointer(&strings), FALSE);
    return TRUE;
}

gboolean
hc_image_json_need(const char *where, const char *name, const void *value, GError **error)
{
    if (value != NULL)
        return TRUE;
    return hc_fail(error, HC_ERROR_MALFORMED, "%s: has no \"%s\"", where, name);
}
