#include "config.h"

#include "hivecore/base/error.h"
#include "hivecore/base/json.h"

static gboolean
fail_type(const char *where, const char *name, const char *type, GError **error)
{
    return hc_fail(error, HC_ERROR_MALFORMED, "%s: \"%s\": is not %s", where, name, type);
}

/* The member, or none when it is null. */
static HcJson
member(HcJson object, const char *name)
{
    const HcJson value = hc_json_find(object, name);
    return hc_json_is(value, HC_JSON_NULL) ? (HcJson){NULL, 0, 0} : value;
}

/* The member, none or of @kind. */
static gboolean
get(const char *where, HcJson object, const char *name, HcJsonKind kind, HcJson *value,
    GError **error)
{
    static const char *const types[] = {
        [HC_JSON_OBJECT] = "an object",      [HC_JSON_ARRAY] = "an array",
        [HC_JSON_STRING] = "a string",       [HC_JSON_NUMBER] = "a number",
        [HC_JSON_BOOLEAN] = "true or false", [HC_JSON_NULL] = "null",
    };
    *value = member(object, name);
    return value->text == NULL || hc_json_kind(*value) == kind ||
           fail_type(where, name, types[kind], error);
}

gboolean
hc_json_get_string(const char *where, HcJson object, const char *name, char **value, GError **error)
{
    HcJson said;
    *value = NULL;
    if (!get(where, object, name, HC_JSON_STRING, &said, error))
        return FALSE;
    if (said.text != NULL)
        *value = hc_json_string_dup(said);
    return TRUE;
}

gboolean
hc_json_get_strings(const char *where, HcJson object, const char *name, char ***value,
                    GError **error)
{
    const HcJson array = member(object, name);
    HcJson item;
    *value = NULL;
    if (array.text == NULL)
        return TRUE;
    if (!hc_json_is(array, HC_JSON_ARRAY))
        return fail_type(where, name, "an array of strings", error);
    g_autoptr(GPtrArray) strings = g_ptr_array_new_with_free_func(g_free);
    HcJsonIter iter = hc_json_iter(array);
    while (hc_json_next(&iter, NULL, &item)) {
        if (!hc_json_is(item, HC_JSON_STRING))
            return fail_type(where, name, "an array of strings", error);
        g_ptr_array_add(strings, hc_json_string_dup(item));
    }
    g_ptr_array_add(strings, NULL);
    *value = (char **) g_ptr_array_free(g_steal_pointer(&strings), FALSE);
    return TRUE;
}

gboolean
hc_json_get_array(const char *where, HcJson object, const char *name, HcJson *value, GError **error)
{
    return get(where, object, name, HC_JSON_ARRAY, value, error);
}

gboolean
hc_json_get_object(const char *where, HcJson object, const char *name, HcJson *value,
                   GError **error)
{
    return get(where, object, name, HC_JSON_OBJECT, value, error);
}

gboolean
hc_json_get_boolean(const char *where, HcJson object, const char *name, gboolean *value,
                    GError **error)
{
    HcJson said;
    *value = FALSE;
    if (!get(where, object, name, HC_JSON_BOOLEAN, &said, error))
        return FALSE;
    *value = said.text != NULL && said.text[0] == 't';
    return TRUE;
}

gboolean
hc_json_get_size(const char *where, HcJson object, const char *name, uint64_t *value,
                 GError **error)
{
    const HcJson said = member(object, name);
    *value = 0;
    if (said.text == NULL || hc_json_uint64(said, G_MAXINT64, value))
        return TRUE;
    return fail_type(where, name, "a whole number from 0 to 9223372036854775807", error);
}

gboolean
hc_json_need_object(const char *where, HcJson value, GError **error)
{
    return hc_json_is(value, HC_JSON_OBJECT) ||
           hc_fail(error, HC_ERROR_MALFORMED, "%s: is not an object", where);
}
