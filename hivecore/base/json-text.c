#include "config.h"

#include "hivecore/base/json-text.h"

#include "hivecore/base/json-writer.h"
#include "hivecore/base/json.h"

typedef struct {
    char *name;
    char *raw_name; /* with quotes, as it was spelled */
    char *value;
} Member;

struct HcJsonObject {
    GPtrArray *members;
    GHashTable
        *indexes; /* (nullable): name: index in .members; of objects that have become large */
};

enum {
    MAX_SEARCHED = 32, /* members among which a name is looked for one after the other */
};

static void
member_free(gpointer data)
{
    Member *member = data;
    g_free(member->name);
    g_free(member->raw_name);
    g_free(member->value);
    g_free(member);
}

static guint
find_member(const HcJsonObject *object, const char *name)
{
    guint i = 0;
    gpointer index;
    if (object->indexes != NULL)
        return g_hash_table_lookup_extended(object->indexes, name, NULL, &index)
                   ? GPOINTER_TO_UINT(index)
                   : object->members->len;
    while (i < object->members->len &&
           !g_str_equal(((const Member *) object->members->pdata[i])->name, name))
        i++;
    return i;
}

HcJsonObject *
hc_json_object_new(const char *text)
{
    g_autoptr(HcJsonObject) object = g_new0(HcJsonObject, 1);
    object->members = g_ptr_array_new_with_free_func(member_free);
    if (text == NULL)
        return g_steal_pointer(&object);
    const HcJson json = hc_json_checked(text);
    if (!hc_json_is(json, HC_JSON_OBJECT))
        return NULL;
    HcJson name;
    HcJson value;
    HcJsonIter iter = hc_json_iter(json);
    while (hc_json_next(&iter, &name, &value)) {
        Member *member = g_new0(Member, 1);
        member->name = hc_json_string_dup(name);
        member->raw_name = g_strndup(name.text, name.n_bytes);
        member->value = hc_json_compact(value);
        g_ptr_array_add(object->members, member);
    }
    return g_steal_pointer(&object);
}

void
hc_json_object_free(HcJsonObject *object)
{
    if (object == NULL)
        return;
    g_clear_pointer(&object->indexes, g_hash_table_unref);
    g_ptr_array_unref(object->members);
    g_free(object);
}

const char *
hc_json_object_get(const HcJsonObject *object, const char *name)
{
    guint i = find_member(object, name);
    if (i == object->members->len)
        return NULL;
    const char *value = ((const Member *) object->members->pdata[i])->value;
    return g_str_equal(value, "null") ? NULL : value;
}

char *
hc_json_object_get_string(const HcJsonObject *object, const char *name)
{
    const char *value = hc_json_object_get(object, name);
    return value != NULL ? hc_json_string_parse(value) : NULL;
}

/* After one was added. Names are those of the members. */
static void
index_last(HcJsonObject *object)
{
    const guint n = object->members->len;
    if (n <= MAX_SEARCHED)
        return;
    const gboolean is_new = object->indexes == NULL;
    if (is_new)
        object->indexes = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = is_new ? 0 : n - 1; i < n; i++) {
        Member *member = object->members->pdata[i];
        g_hash_table_insert(object->indexes, member->name, GUINT_TO_POINTER(i));
    }
}

void
hc_json_object_set(HcJsonObject *object, const char *name, char *value)
{
    guint i = find_member(object, name);
    if (value == NULL) {
        /* Those behind it get another index; members are seldom taken away from large objects. */
        g_clear_pointer(&object->indexes, g_hash_table_unref);
        if (i < object->members->len)
            g_ptr_array_remove_index(object->members, i);
        return;
    }
    if (i == object->members->len) {
        Member *added = g_new0(Member, 1);
        added->name = g_strdup(name);
        added->raw_name = hc_json_string_text(name);
        g_ptr_array_add(object->members, added);
        index_last(object);
    }
    Member *member = object->members->pdata[i];
    g_free(member->value);
    member->value = value;
}

void
hc_json_object_set_string(HcJsonObject *object, const char *name, const char *value)
{
    hc_json_object_set(object, name, hc_json_string_text(value));
}

char *
hc_json_object_text(const HcJsonObject *object)
{
    GString *out = g_string_new("{");
    for (guint i = 0; i < object->members->len; i++) {
        const Member *member = object->members->pdata[i];
        g_string_append_printf(out, "%s%s:", i > 0 ? "," : "", member->raw_name);
        g_string_append(out, member->value);
    }
    g_string_append_c(out, '}');
    return g_string_free(out, FALSE);
}

guint
hc_json_object_n_members(const HcJsonObject *object)
{
    return object->members->len;
}

GPtrArray *
hc_json_array_parse(const char *text)
{
    g_autoptr(GPtrArray) elements = g_ptr_array_new_with_free_func(g_free);
    if (text == NULL)
        return g_steal_pointer(&elements);
    const HcJson json = hc_json_checked(text);
    if (!hc_json_is(json, HC_JSON_ARRAY))
        return NULL;
    HcJson value;
    HcJsonIter iter = hc_json_iter(json);
    while (hc_json_next(&iter, NULL, &value))
        g_ptr_array_add(elements, hc_json_compact(value));
    return g_steal_pointer(&elements);
}

char *
hc_json_array_text(const GPtrArray *elements)
{
    GString *out = g_string_new("[");
    for (guint i = 0; i < elements->len; i++) {
        if (i > 0)
            g_string_append_c(out, ',');
        g_string_append(out, elements->pdata[i]);
    }
    g_string_append_c(out, ']');
    return g_string_free(out, FALSE);
}

char *
hc_json_string_parse(const char *text)
{
    const HcJson json = hc_json_checked(text);
    return hc_json_is(json, HC_JSON_STRING) ? hc_json_string_dup(json) : NULL;
}

char *
hc_json_string_text(const char *string)
{
    GString *out = g_string_new(NULL);
    hc_json_append_string(out, string);
    return g_string_free(out, FALSE);
}
