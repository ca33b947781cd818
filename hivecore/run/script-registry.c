#include "config.h"

#include <string.h>

#include "hivecore/base/bytes.h"
#include "hivecore/base/error.h"
#include "hivecore/base/root.h"
#include "hivecore/regf/types.h"
#include "hivecore/run/script-private.h"

/*
 * Keys and values of the drive HKLM:. Source: PowerShell's RegistryProvider (MIT), and Microsoft's
 * pages on Set-ItemProperty, New-ItemProperty, New-Item, about_Registry_Provider.
 */

/* "HKLM:\A" as "HKLM\A"; NULL: it is no path of the registry. */
static char *
key_text(const char *path)
{
    static const char *const providers[] = {"Registry::", "Microsoft.PowerShell.Core\\Registry::"};
    g_autofree char *text = NULL;
    for (gsize i = 0; i < G_N_ELEMENTS(providers) && text == NULL; i++) {
        if (g_ascii_strncasecmp(path, providers[i], strlen(providers[i])) == 0)
            text = g_strdup(path + strlen(providers[i]));
    }
    const char *colon = text == NULL ? strchr(path, ':') : NULL;
    if (colon != NULL && g_ascii_strncasecmp(path, "HK", 2) == 0 && colon - path <= 4) {
        g_autofree char *drive = g_strndup(path, (gsize) (colon - path));
        text = g_strconcat(drive, "\\", colon + 1 + strspn(colon + 1, "\\/"), NULL);
    }
    if (text == NULL)
        return NULL;
    g_strdelimit(text, "/", '\\');
    while (g_str_has_suffix(text, "\\"))
        text[strlen(text) - 1] = '\0';
    return g_steal_pointer(&text);
}

gboolean
hc_ps_is_registry(const char *path)
{
    g_autofree char *text = key_text(path);
    return text != NULL;
}

static gboolean
find_path(HcPs *ps, const char *text, HcPath *path)
{
    g_autofree char *key = key_text(text);
    if (key == NULL || strpbrk(key, "*?[") != NULL)
        return hc_run_refuse(ps->error, text,
                             key == NULL ? "is no path of the registry" : "a path with wildcards");
    return hc_root_split_key(ps->run->arena, key, path) ||
           hc_run_refuse(ps->error, text, "is no path of the registry");
}

/* --- types --- */

static gboolean
find_type(HcPs *ps, const char *text, uint32_t *type)
{
    static const struct {
        const char *name;
        uint32_t type;
    } types[] = {
        {"String", HC_REG_SZ},   {"ExpandString", HC_REG_EXPAND_SZ}, {"Binary", HC_REG_BINARY},
        {"DWord", HC_REG_DWORD}, {"MultiString", HC_REG_MULTI_SZ},   {"QWord", HC_REG_QWORD}};
    for (gsize i = 0; i < G_N_ELEMENTS(types); i++) {
        g_autofree char *number = g_strdup_printf("%u", types[i].type);
        if (g_ascii_strcasecmp(types[i].name, text) == 0 || g_str_equal(number, text)) {
            *type = types[i].type;
            return TRUE;
        }
    }
    return hc_run_refuse(
        ps->error, text,
        "is no type here, only String, ExpandString, MultiString, DWord, QWord and "
        "Binary are");
}

/* That of an object. FALSE: .NET refuses it. */
static gboolean
type_of_value(const HcPsValue *value, uint32_t *type)
{
    switch (value->kind) {
    case HC_PS_NUMBER:
        *type = value->is_long ? HC_REG_QWORD : HC_REG_DWORD;
        return TRUE;
    case HC_PS_LIST:
        *type = value->is_bytes ? HC_REG_BINARY : HC_REG_MULTI_SZ;
        return value->is_bytes || value->is_strings;
    case HC_PS_NULL:
    case HC_PS_STRING:
    case HC_PS_BOOL:
        break;
    }
    *type = HC_REG_SZ;
    return TRUE;
}

static HcDatum
datum_of(HcPs *ps, uint32_t type, const GByteArray *bytes)
{
    return (HcDatum){
        TRUE, type, {hc_arena_dup(ps->run->arena, bytes->data, bytes->len), bytes->len}};
}

static gboolean
convert_bytes(HcPs *ps, const HcPsValue *value, HcDatum *datum)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    const guint n = value->kind == HC_PS_LIST ? value->n_items : 1;
    for (guint i = 0; i < n && value->kind != HC_PS_NULL; i++) {
        const HcPsValue *item = value->kind == HC_PS_LIST ? value->items[i] : value;
        uint64_t number;
        if (!hc_ps_integer(ps, item, 0, 255, &number))
            return FALSE;
        const guint8 byte = (guint8) number;
        g_byte_array_append(bytes, &byte, 1);
    }
    *datum = datum_of(ps, HC_REG_BINARY, bytes);
    return TRUE;
}

static gboolean
convert_strings(HcPs *ps, const HcPsValue *value, HcDatum *datum)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    const guint n = value->kind == HC_PS_LIST ? value->n_items : 1;
    for (guint i = 0; i < n && value->kind != HC_PS_NULL; i++) {
        const HcPsValue *item = value->kind == HC_PS_LIST ? value->items[i] : value;
        const HcDatum text = hc_run_text_datum(ps->run, HC_REG_SZ, hc_ps_text(ps, item));
        g_byte_array_append(bytes, text.data.bytes, text.data.n_bytes);
    }
    g_byte_array_append(bytes, (const guint8 *) "\0", 2);
    *datum = datum_of(ps, HC_REG_MULTI_SZ, bytes);
    return TRUE;
}

static gboolean
convert_number(HcPs *ps, const HcPsValue *value, uint32_t type, HcDatum *datum)
{
    const gboolean is_long = type == HC_REG_QWORD;
    uint64_t number = 0;
    uint8_t bytes[8];
    if (value->kind != HC_PS_NULL && !hc_ps_integer(ps, value, is_long ? G_MININT64 : G_MININT32,
                                                    is_long ? G_MAXUINT64 : G_MAXUINT32, &number))
        return FALSE;
    hc_put64(bytes, number);
    const uint32_t n_bytes = is_long ? 8 : 4;
    *datum = (HcDatum){TRUE, type, {hc_arena_dup(ps->run->arena, bytes, n_bytes), n_bytes}};
    return TRUE;
}

static gboolean
convert(HcPs *ps, const HcPsValue *value, uint32_t type, HcDatum *datum)
{
    switch (type) {
    case HC_REG_BINARY:
        return convert_bytes(ps, value, datum);
    case HC_REG_MULTI_SZ:
        return convert_strings(ps, value, datum);
    case HC_REG_DWORD:
    case HC_REG_QWORD:
        return convert_number(ps, value, type, datum);
    case HC_REG_SZ:
    case HC_REG_EXPAND_SZ:
        *datum = hc_run_text_datum(ps->run, type, hc_ps_text(ps, value));
        return TRUE;
    default:
        return FALSE;
    }
}

/* The type that is asked for; else that of the value that is there, when the new one can be made
 * that; else that of the object. */
static gboolean
make_datum(HcPs *ps, const char *type_text, const HcPsValue *value, const HcDatum *there,
           HcDatum *datum)
{
    uint32_t type = HC_REG_SZ;
    if (!hc_ps_check_plain(ps, value))
        return FALSE;
    if (type_text != NULL)
        return find_type(ps, type_text, &type) &&
               (convert(ps, value, type, datum) ||
                hc_run_refuse(ps->error, hc_ps_text(ps, value), "cannot be made that type"));
    if (there != NULL && convert(ps, value, there->type, datum))
        return TRUE;
    if (!type_of_value(value, &type))
        return hc_run_refuse(ps->error, hc_ps_text(ps, value),
                             "a list without -Type, which .NET does not take");
    return convert(ps, value, type, datum);
}

/* --- values --- */

typedef struct {
    HcPath path;
    HcName name;
    HcDatum there;
    gboolean has_key;
    gboolean has_value;
    gboolean is_known; /* whether there is such a key is */
} Property;

static gboolean
find_property(const HcPsBound *bound, Property *property)
{
    HcPs *ps = bound->ps;
    const char *path = hc_ps_get_text(bound, "path");
    const char *literal = hc_ps_get_text(bound, "literalpath");
    const char *name = hc_ps_get_text(bound, "name");
    gboolean is_value_known;
    if ((path == NULL && literal == NULL) || name == NULL)
        return hc_run_refuse(ps->error, bound->name, "without -Path and -Name");
    path = path != NULL ? path : literal;
    if (!hc_ps_is_registry(path))
        return hc_run_refuse(ps->error, path, "properties of files are not done here");
    if (!find_path(ps, path, &property->path))
        return FALSE;
    if (g_ascii_strcasecmp(name, "(default)") == 0)
        name = "";
    property->name = hc_name_from_utf8(ps->run->arena, name, strlen(name));
    property->has_key = hc_run_has_key(ps->run, property->path, &property->is_known);
    property->has_value =
        hc_run_value(ps->run, property->path, property->name, &property->there, &is_value_known);
    return TRUE;
}

static gboolean
put_property(const HcPsBound *bound, const Property *property)
{
    HcPs *ps = bound->ps;
    HcPsValue nothing = {.kind = HC_PS_NULL};
    const HcPsValue *value = hc_ps_get(bound, "value");
    HcRegCommand statement = {.verb = HC_REG_COMMAND_ADD,
                              .path = property->path,
                              .has_value = TRUE,
                              .name = property->name};
    if (!make_datum(ps, hc_ps_get_text(bound, "type"), value != NULL ? value : &nothing,
                    property->has_value ? &property->there : NULL, &statement.datum))
        return FALSE;
    if (!property->has_key && property->is_known)
        hc_run_note(
            ps->run, "warning: %s: the key is not there, and Windows would fail; it is made",
            hc_ps_get_text(bound, hc_ps_get(bound, "path") != NULL ? "path" : "literalpath"));
    return hc_run_state(ps->run, &statement, ps->error);
}

gboolean
hc_ps_set_property(const HcPsBound *bound)
{
    Property property;
    return find_property(bound, &property) && put_property(bound, &property);
}

gboolean
hc_ps_new_property(const HcPsBound *bound)
{
    Property property;
    if (!find_property(bound, &property))
        return FALSE;
    if (property.has_value && !hc_ps_is_set(bound, "force"))
        return hc_run_fail(bound->ps->run, bound->ps->error, "%s: the value %s is there already",
                           bound->name, hc_ps_get_text(bound, "name"));
    return put_property(bound, &property);
}

gboolean
hc_ps_remove_property(const HcPsBound *bound)
{
    Property property;
    if (!find_property(bound, &property))
        return FALSE;
    const HcRegCommand statement = {.verb = HC_REG_COMMAND_DELETE,
                                    .path = property.path,
                                    .has_value = TRUE,
                                    .name = property.name};
    if (!property.has_value && property.is_known)
        return hc_run_fail(bound->ps->run, bound->ps->error, "%s: the value %s is not there",
                           bound->name, hc_ps_get_text(bound, "name"));
    return hc_run_state(bound->ps->run, &statement, bound->ps->error);
}

/* --- keys --- */

/* With -Force one that is there is made anew, empty. */
gboolean
hc_ps_new_key(const HcPsBound *bound, const char *path)
{
    HcPs *ps = bound->ps;
    gboolean is_known;
    const HcPsValue *value = hc_ps_get(bound, "value");
    HcRegCommand statement = {.verb = HC_REG_COMMAND_ADD, .name = HC_NAME_EMPTY};
    const gboolean is_forced = hc_ps_is_set(bound, "force");
    if (!find_path(ps, path, &statement.path))
        return FALSE;
    const HcPath above = {statement.path.names, statement.path.n - 1};
    const gboolean is_there = hc_run_has_key(ps->run, statement.path, &is_known);
    if (is_there && !is_forced)
        return hc_run_fail(ps->run, ps->error, "%s: the key is there already", path);
    if (!is_forced && above.n > 1 && !hc_run_has_key(ps->run, above, &is_known) && is_known)
        return hc_run_fail(ps->run, ps->error, "%s: the key above is not there", path);
    if (is_there) {
        const HcRegCommand removal = {.verb = HC_REG_COMMAND_DELETE, .path = statement.path};
        if (!hc_run_state(ps->run, &removal, ps->error))
            return FALSE;
    }
    statement.has_value = value != NULL;
    if (value != NULL &&
        !make_datum(ps, hc_ps_get_text(bound, "itemtype"), value, NULL, &statement.datum))
        return FALSE;
    return hc_run_state(ps->run, &statement, ps->error);
}

gboolean
hc_ps_remove_key(const HcPsBound *bound, const char *path)
{
    HcPs *ps = bound->ps;
    HcPath names;
    gboolean is_known;
    if (!find_path(ps, path, &names))
        return FALSE;
    if (!hc_run_has_key(ps->run, names, &is_known) && is_known)
        return hc_run_fail(ps->run, ps->error, "%s: the key is not there", path);
    if (!hc_ps_is_set(bound, "recurse"))
        return hc_run_refuse(ps->error, path,
                             "Remove-Item of a key asks without -Recurse when it has subkeys");
    const HcRegCommand statement = {.verb = HC_REG_COMMAND_DELETE, .path = names};
    return names.n > 1 ? hc_run_state(ps->run, &statement, ps->error)
                       : hc_run_refuse(ps->error, path, "is a root");
}
