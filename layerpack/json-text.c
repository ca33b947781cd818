#include "config.h"

#include "layerpack/json-text.h"

#include <string.h>

typedef struct {
    char *name;
    char *raw_name; /* with quotes, as it was spelled */
    char *value;
} Member;

struct LpJsonObject {
    GPtrArray *members;
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

static const char *
skip_space(const char *at)
{
    return at + strspn(at, " \t\r\n");
}

/* The end of the string that begins at @at, behind its quote. */
static const char *
skip_string(const char *at)
{
    at++;
    while (*at != '"' && *at != '\0')
        at += *at == '\\' && at[1] != '\0' ? 2 : 1;
    return *at == '"' ? at + 1 : at;
}

/* The end of the value that begins at @at. */
static const char *
skip_value(const char *at)
{
    guint depth = 0;
    while (*at != '\0') {
        if (*at == '"') {
            at = skip_string(at);
        } else if (*at == '{' || *at == '[') {
            depth++;
            at++;
        } else if (*at == '}' || *at == ']') {
            if (depth == 0)
                return at;
            depth--;
            at++;
        } else if (depth == 0 && strchr(", \t\r\n", *at) != NULL) {
            return at;
        } else {
            at++;
        }
        if (depth == 0 && (at[-1] == '}' || at[-1] == ']' || at[-1] == '"'))
            return at;
    }
    return at;
}

/* The text from @start to @end without the space between its parts. */
static char *
compact(const char *start, const char *end)
{
    GString *out = g_string_sized_new((gsize) (end - start));
    while (start < end) {
        if (*start == '"') {
            const char *string_end = skip_string(start);
            g_string_append_len(out, start, string_end - start);
            start = string_end;
        } else if (strchr(" \t\r\n", *start) != NULL) {
            start++;
        } else {
            g_string_append_c(out, *start++);
        }
    }
    return g_string_free(out, FALSE);
}

static guint
find_member(const LpJsonObject *object, const char *name)
{
    guint i = 0;
    while (i < object->members->len &&
           !g_str_equal(((const Member *) object->members->pdata[i])->name, name))
        i++;
    return i;
}

LpJsonObject *
lp_json_object_new(const char *text)
{
    g_autoptr(LpJsonObject) object = g_new0(LpJsonObject, 1);
    object->members = g_ptr_array_new_with_free_func(member_free);
    if (text == NULL)
        return g_steal_pointer(&object);
    const char *at = skip_space(text);
    if (*at != '{')
        return NULL;
    at = skip_space(at + 1);
    while (*at == '"') {
        const char *name_end = skip_string(at);
        Member *member = g_new0(Member, 1);
        g_ptr_array_add(object->members, member);
        member->raw_name = g_strndup(at, (gsize) (name_end - at));
        member->name = lp_json_string_parse(member->raw_name);
        at = skip_space(name_end);
        if (member->name == NULL || *at != ':')
            return NULL;
        at = skip_space(at + 1);
        const char *value_end = skip_value(at);
        member->value = compact(at, value_end);
        at = skip_space(value_end);
        if (*at == ',')
            at = skip_space(at + 1);
    }
    return *at == '}' ? g_steal_pointer(&object) : NULL;
}

void
lp_json_object_free(LpJsonObject *object)
{
    if (object == NULL)
        return;
    g_ptr_array_unref(object->members);
    g_free(object);
}

const char *
lp_json_object_get(const LpJsonObject *object, const char *name)
{
    guint i = find_member(object, name);
    if (i == object->members->len)
        return NULL;
    const char *value = ((const Member *) object->members->pdata[i])->value;
    return g_str_equal(value, "null") ? NULL : value;
}

char *
lp_json_object_get_string(const LpJsonObject *object, const char *name)
{
    const char *value = lp_json_object_get(object, name);
    return value != NULL ? lp_json_string_parse(value) : NULL;
}

void
lp_json_object_set(LpJsonObject *object, const char *name, char *value)
{
    guint i = find_member(object, name);
    if (value == NULL) {
        if (i < object->members->len)
            g_ptr_array_remove_index(object->members, i);
        return;
    }
    if (i == object->members->len) {
        Member *added = g_new0(Member, 1);
        added->name = g_strdup(name);
        added->raw_name = lp_json_string_text(name);
        g_ptr_array_add(object->members, added);
    }
    Member *member = object->members->pdata[i];
    g_free(member->value);
    member->value = value;
}

void
lp_json_object_set_string(LpJsonObject *object, const char *name, const char *value)
{
    lp_json_object_set(object, name, lp_json_string_text(value));
}

char *
lp_json_object_text(const LpJsonObject *object)
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

const char *
lp_json_object_name(const LpJsonObject *object, guint i)
{
    return ((const Member *) object->members->pdata[i])->name;
}

guint
lp_json_object_n_members(const LpJsonObject *object)
{
    return object->members->len;
}

GPtrArray *
lp_json_array_parse(const char *text)
{
    g_autoptr(GPtrArray) elements = g_ptr_array_new_with_free_func(g_free);
    if (text == NULL)
        return g_steal_pointer(&elements);
    const char *at = skip_space(text);
    if (*at != '[')
        return NULL;
    at = skip_space(at + 1);
    while (*at != ']' && *at != '\0') {
        const char *end = skip_value(at);
        if (end == at)
            return NULL;
        g_ptr_array_add(elements, compact(at, end));
        at = skip_space(end);
        if (*at == ',')
            at = skip_space(at + 1);
    }
    return *at == ']' ? g_steal_pointer(&elements) : NULL;
}

char *
lp_json_array_text(const GPtrArray *elements)
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

/* The number behind "\u"; 0 when it is none, which no string has. */
static gunichar
parse_unit(const char *digits)
{
    gunichar unit = 0;
    for (guint i = 0; i < 4; i++) {
        int digit = g_ascii_xdigit_value(digits[i]);
        if (digit < 0)
            return 0;
        unit = unit << 4 | (gunichar) digit;
    }
    return unit;
}

/* Appends what the escape at @at, behind the backslash, stands for. Returns: where it ends. */
static const char *
append_escaped(GString *out, const char *at)
{
    static const char letters[] = "bfnrt";
    static const char meanings[] = "\b\f\n\r\t";
    const char *letter = strchr(letters, *at);
    if (*at != 'u') {
        g_string_append_c(out, letter != NULL ? meanings[letter - letters] : *at);
        return at + 1;
    }
    gunichar unit = parse_unit(at + 1);
    at += 5;
    if (unit >= 0xd800 && unit < 0xdc00 && at[0] == '\\' && at[1] == 'u') {
        unit = 0x10000 + ((unit - 0xd800) << 10) + (parse_unit(at + 2) - 0xdc00);
        at += 6;
    }
    g_string_append_unichar(out, unit);
    return at;
}

char *
lp_json_string_parse(const char *text)
{
    const char *at = skip_space(text);
    const char *end = *at == '"' ? skip_string(at) - 1 : at;
    if (end == at || *end != '"')
        return NULL;
    GString *out = g_string_new(NULL);
    at++;
    while (at < end) {
        if (*at == '\\')
            at = append_escaped(out, at + 1);
        else
            g_string_append_c(out, *at++);
    }
    return g_string_free(out, FALSE);
}

void
lp_json_append_string(GString *out, const char *string)
{
    g_string_append_c(out, '"');
    for (const char *at = string; *at != '\0'; at++) {
        guchar byte = (guchar) *at;
        if (byte == '"' || byte == '\\')
            g_string_append_printf(out, "\\%c", byte);
        else if (byte < 0x20)
            g_string_append_printf(out, "\\u%04x", byte);
        else
            g_string_append_c(out, *at);
    }
    g_string_append_c(out, '"');
}

char *
lp_json_string_text(const char *string)
{
    GString *out = g_string_new(NULL);
    lp_json_append_string(out, string);
    return g_string_free(out, FALSE);
}
