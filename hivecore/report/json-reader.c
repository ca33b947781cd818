#include "config.h"

#include "hivecore/report/report.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/regf/security.h"
#include "hivecore/report/report-private.h"

typedef struct {
    HcDelta *delta;
    HcArena *arena;         /* for names until the delta has copied them */
    GArray *path;           /* of HcName: the document's root, then the change's path */
    guint n_root;           /* of them, those of the root */
    HcOrigin origin;        /* of the change at hand */
    const HcReason *reason; /* likewise; NULL: none */
} Reader;

/* One kind of change. @change: the object, with "op" and "path" read already. */
typedef gboolean (*ReadChange)(Reader *reader, HcJson change, GError **error);

static gboolean
has(HcJson object, const char *name)
{
    return hc_json_find(object, name).text != NULL;
}

/* The name that is @object's "class"; one of no bytes is none, since a hive has no place for it. */
static gboolean
read_class(const Reader *reader, HcJson object, HcBlob *class_name, GError **error)
{
    if (!hc_json_read_nullable_blob(reader->arena, object, "class", class_name, error))
        return FALSE;
    if (class_name->n_bytes == 0)
        *class_name = (HcBlob){NULL, 0};
    return TRUE;
}

/* The descriptor that @stated says as "sddl". */
static gboolean
read_sddl(const Reader *reader, HcJson object, const char *member, HcBlob *security, GError **error)
{
    g_autofree char *text = hc_json_read_string(object, member, error);
    g_autoptr(GBytes) descriptor = text != NULL ? hc_sddl_parse(text, error) : NULL;
    if (descriptor == NULL)
        return FALSE;
    gsize n_bytes;
    const uint8_t *bytes = g_bytes_get_data(descriptor, &n_bytes);
    *security = (HcBlob){hc_arena_dup(reader->arena, bytes, n_bytes), (uint32_t) n_bytes};
    return TRUE;
}

/* By hand a text is enough: SDDL, or hex digits. */
static gboolean
read_security_text(const Reader *reader, HcJson object, HcBlob *security, GError **error)
{
    g_autofree char *text = hc_json_read_string(object, "security", error);
    const gsize n = text != NULL ? strlen(text) : 0;
    if (n == 0 || n % 2 != 0 || strspn(text, "0123456789abcdefABCDEF") != n)
        return text != NULL && read_sddl(reader, object, "security", security, error);
    uint8_t *bytes = hc_arena_alloc(reader->arena, n / 2);
    for (gsize i = 0; i < n / 2; i++)
        bytes[i] = (uint8_t) (g_ascii_xdigit_value(text[2 * i]) << 4 |
                              g_ascii_xdigit_value(text[2 * i + 1]));
    *security = (HcBlob){bytes, (uint32_t) (n / 2)};
    HcSecurity parsed;
    return hc_security_parse(*security, &parsed) == NULL ||
           hc_json_malformed(error, "\"security\" is no self-relative security descriptor");
}

/* Whether the "sddl" that stands beside the bytes says what they say, so that an edit of it alone
 * is not passed over. */
static gboolean
check_sddl(HcJson stated, HcBlob security, GError **error)
{
    g_autoptr(GString) found = g_string_new(NULL);
    g_autofree char *text = hc_json_read_string(stated, "sddl", error);
    if (text == NULL)
        return FALSE;
    return (hc_append_sddl(found, security) && g_str_equal(found->str, text)) ||
           hc_json_malformed(error, "\"sddl\" is not what \"hex\" says");
}

/* The descriptor that is @object's "security"; bytes that are none only where that is said. */
static gboolean
read_security(const Reader *reader, HcJson object, HcBlob *security, GError **error)
{
    HcSecurity parsed;
    const HcJson stated = hc_json_find(object, "security");
    const gboolean has_sddl = hc_json_is(stated, HC_JSON_OBJECT) && has(stated, "sddl");
    if (has_sddl && !has(stated, "hex"))
        return read_sddl(reader, stated, "sddl", security, error);
    if (hc_json_is(stated, HC_JSON_STRING))
        return read_security_text(reader, object, security, error);
    if (!hc_json_read_nullable_blob(reader->arena, object, "security", security, error))
        return FALSE;
    if (has_sddl && !check_sddl(stated, *security, error))
        return FALSE;
    if (security->bytes == NULL || hc_security_parse(*security, &parsed) == NULL)
        return TRUE;
    const HcJson said = hc_json_find(stated, "self_relative");
    return (hc_json_is(said, HC_JSON_BOOLEAN) && said.text[0] == 'f') ||
           hc_json_malformed(error, "\"security\" is no self-relative security descriptor");
}

static gboolean
check_flags(uint32_t flags, GError **error)
{
    if ((flags & ~(uint32_t) HC_KEY_FLAGS_COMPARED) != 0)
        return hc_json_malformed(error, "\"flags\" has bits that no delta can set");
    return TRUE;
}

/* The key at the path, which exists afterwards. */
static HcDeltaKey *
ensure_key(Reader *reader, GError **error)
{
    const HcPath path = hc_path_of(reader->path);
    return hc_delta_ensure_key(reader->delta, path, reader->origin, error);
}

static gboolean
is_ours(const Reader *reader, HcOrigin origin)
{
    return origin.source == reader->origin.source && origin.line == reader->origin.line;
}

static void
give_key_reason(const Reader *reader, HcDeltaKey *key)
{
    if (key != NULL && is_ours(reader, key->origin))
        key->reason = reader->reason;
}

static void
give_value_reason(const Reader *reader, const HcDeltaKey *key, HcName name)
{
    HcDeltaValue *value = hc_delta_find_value(key, name);
    if (value != NULL && is_ours(reader, value->origin))
        value->reason = reader->reason;
}

/* What a new key has; "after" may be missing, then it has what its parent gives it. */
static gboolean
read_meta(Reader *reader, HcJson change, HcDeltaKey *key, GError **error)
{
    if (!has(change, "after"))
        return TRUE;
    HcJson after;
    HcKeyMeta meta = {0};
    uint32_t flags = 0;
    if (!hc_json_read_object(change, "after", &after, error))
        return FALSE;
    if (has(after, "class") && !read_class(reader, after, &meta.class_name, error))
        return FALSE;
    if (has(after, "security") && !read_security(reader, after, &meta.security, error))
        return FALSE;
    if (has(after, "flags") &&
        (!hc_json_read_uint32(after, "flags", &flags, error) || !check_flags(flags, error)))
        return FALSE;
    key->after.class_name = hc_delta_dup_blob(reader->delta, meta.class_name, FALSE);
    key->after.security = hc_delta_dup_blob(reader->delta, meta.security, TRUE);
    key->after.flags = (uint16_t) flags;
    return TRUE;
}

static gboolean
read_create_key(Reader *reader, HcJson change, GError **error)
{
    HcDeltaKey *key = ensure_key(reader, error);
    give_key_reason(reader, key);
    return key != NULL && read_meta(reader, change, key, error);
}

static gboolean
read_delete_key(Reader *reader, G_GNUC_UNUSED HcJson change, GError **error)
{
    const HcPath path = hc_path_of(reader->path);
    if (reader->path->len > reader->n_root) {
        const gboolean ok = hc_delta_delete_key(reader->delta, path, reader->origin, error);
        give_key_reason(reader, hc_delta_find_key(reader->delta, path));
        return ok;
    }
    return hc_fail(error, HC_ERROR_UNSUPPORTED, "the root key cannot be deleted");
}

static gboolean
read_replace_key(Reader *reader, HcJson change, GError **error)
{
    return read_delete_key(reader, change, error) && read_create_key(reader, change, error);
}

static gboolean
read_set_value(Reader *reader, HcJson change, GError **error)
{
    HcName name;
    HcDatum datum = {.is_present = TRUE};
    HcJson after;
    if (!hc_json_read_object(change, "after", &after, error) ||
        !hc_json_read_name(reader->arena, hc_json_find(change, "name"), &name, error) ||
        !hc_json_read_uint32(after, "type", &datum.type, error) ||
        !hc_json_read_blob(reader->arena, after, &datum.data, error) ||
        !hc_json_check_decoded(reader->arena, after, &datum, error))
        return FALSE;
    HcDeltaKey *key = ensure_key(reader, error);
    if (key == NULL || !hc_delta_set_value(reader->delta, key, name, datum.type, datum.data,
                                           reader->origin, error))
        return FALSE;
    give_value_reason(reader, key, name);
    return TRUE;
}

/*
 * Whether an earlier change took the key at the path away: the document then lists what was in
 * it, and that says nothing new.
 */
static gboolean
is_gone(const Reader *reader)
{
    const HcDeltaKey *key = hc_delta_root(reader->delta);
    gboolean is_replaced = FALSE;
    for (guint i = 0; i < reader->path->len; i++) {
        key = hc_delta_find_child(key, g_array_index(reader->path, HcName, i));
        if (key == NULL)
            return is_replaced;
        if (key->op == HC_KEY_DELETE)
            return TRUE;
        is_replaced = is_replaced || key->op == HC_KEY_REPLACE;
    }
    return FALSE;
}

static gboolean
read_delete_value(Reader *reader, HcJson change, GError **error)
{
    HcName name;
    if (!hc_json_read_name(reader->arena, hc_json_find(change, "name"), &name, error))
        return FALSE;
    if (is_gone(reader))
        return TRUE;
    HcDeltaKey *key = ensure_key(reader, error);
    if (key == NULL || !hc_delta_delete_value(reader->delta, key, name, reader->origin, error))
        return FALSE;
    give_value_reason(reader, key, name);
    return TRUE;
}

static gboolean
read_set_class(Reader *reader, HcJson change, GError **error)
{
    HcBlob class_name;
    HcJson after;
    if (!hc_json_read_object(change, "after", &after, error) ||
        !read_class(reader, after, &class_name, error))
        return FALSE;
    HcDeltaKey *key = ensure_key(reader, error);
    if (key == NULL)
        return FALSE;
    key->after.class_name = hc_delta_dup_blob(reader->delta, class_name, FALSE);
    key->changed |= HC_CHANGED_CLASS;
    return TRUE;
}

static gboolean
read_set_security(Reader *reader, HcJson change, GError **error)
{
    HcBlob security;
    HcJson after;
    if (!hc_json_read_object(change, "after", &after, error) ||
        !read_security(reader, after, &security, error))
        return FALSE;
    HcDeltaKey *key = ensure_key(reader, error);
    if (key == NULL)
        return FALSE;
    key->after.security = hc_delta_dup_blob(reader->delta, security, TRUE);
    key->changed |= HC_CHANGED_SECURITY;
    return TRUE;
}

static gboolean
read_set_flags(Reader *reader, HcJson change, GError **error)
{
    uint32_t flags;
    HcJson after;
    if (!hc_json_read_object(change, "after", &after, error) ||
        !hc_json_read_uint32(after, "flags", &flags, error) || !check_flags(flags, error))
        return FALSE;
    HcDeltaKey *key = ensure_key(reader, error);
    if (key == NULL)
        return FALSE;
    key->after.flags = (uint16_t) flags;
    key->changed |= HC_CHANGED_FLAGS;
    return TRUE;
}

static gboolean
refuse_change(G_GNUC_UNUSED Reader *reader, G_GNUC_UNUSED HcJson change, GError **error)
{
    return hc_fail(error, HC_ERROR_UNSUPPORTED,
                   "times and the order of values cannot be applied; "
                   "make the delta with --ignore=timestamps,order");
}

static gboolean
read_path(Reader *reader, HcJson change, GError **error)
{
    const HcJson names = hc_json_find(change, "path");
    if (!hc_json_is(names, HC_JSON_ARRAY))
        return hc_json_malformed(error, "\"path\" is missing or no array");
    g_array_set_size(reader->path, reader->n_root);
    HcJson item;
    HcJsonIter iter = hc_json_iter(names);
    while (hc_json_next(&iter, NULL, &item)) {
        HcName name;
        if (!hc_json_read_name(reader->arena, item, &name, error))
            return FALSE;
        if (hc_json_is(item, HC_JSON_STRING) && hc_name_has_unit(name, '\\'))
            return hc_json_malformed(error, "a name in \"path\" holds a backslash, which parts "
                                            "names; {\"utf16\":\"…\"} if that is meant");
        g_array_append_val(reader->path, name);
    }
    return TRUE;
}

static gboolean
read_reason_text(const Reader *reader, HcJson why, const char *member, HcName *text, GError **error)
{
    *text = HC_NAME_EMPTY;
    return !has(why, member) ||
           hc_json_read_name(reader->arena, hc_json_find(why, member), text, error);
}

static gboolean
read_reason(Reader *reader, HcJson change, GError **error)
{
    HcReason reason = {HC_NAME_EMPTY, HC_NAME_EMPTY, HC_NAME_EMPTY};
    reader->reason = NULL;
    if (!has(change, "why"))
        return TRUE;
    /* By hand a text alone is enough. */
    gboolean ok;
    HcJson why;
    if (!hc_json_is(hc_json_find(change, "why"), HC_JSON_OBJECT)) {
        ok = read_reason_text(reader, change, "why", &reason.text, error);
    } else {
        ok = hc_json_read_object(change, "why", &why, error) &&
             read_reason_text(reader, why, "text", &reason.text, error) &&
             read_reason_text(reader, why, "ticket", &reason.ticket, error) &&
             read_reason_text(reader, why, "owner", &reason.owner, error);
    }
    if (!ok)
        return FALSE;
    reader->reason = hc_delta_reason(reader->delta, &reason);
    return TRUE;
}

static gboolean
read_change(Reader *reader, HcJson change, GError **error)
{
    static const struct {
        const char *op;
        ReadChange read;
    } ops[] = {
        {"create_key", read_create_key},     {"delete_key", read_delete_key},
        {"replace_key", read_replace_key},   {"set_value", read_set_value},
        {"delete_value", read_delete_value}, {"set_class", read_set_class},
        {"set_security", read_set_security}, {"set_flags", read_set_flags},
        {"set_time", refuse_change},         {"reorder_values", refuse_change},
    };
    if (!hc_json_is(change, HC_JSON_OBJECT))
        return hc_json_malformed(error, "is no object");
    g_autofree char *op = hc_json_read_string(change, "op", error);
    if (op == NULL || !read_path(reader, change, error) || !read_reason(reader, change, error))
        return FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(ops); i++) {
        if (g_str_equal(ops[i].op, op))
            return ops[i].read(reader, change, error);
    }
    return hc_json_malformed(error, "\"op\" is none that is known");
}

/* Splits "root" at its backslashes into the start of every path. */
static gboolean
read_root(Reader *reader, HcJson document, GError **error)
{
    if (!has(document, "root"))
        return TRUE;
    g_autofree char *root = hc_json_read_string(document, "root", error);
    if (root == NULL)
        return FALSE;
    g_auto(GStrv) parts = g_strsplit(root, "\\", -1);
    for (gsize i = 0; parts[i] != NULL; i++) {
        HcName name = hc_name_from_utf8(reader->arena, parts[i], strlen(parts[i]));
        g_array_append_val(reader->path, name);
    }
    reader->n_root = reader->path->len;
    return TRUE;
}

static gboolean
read_head(Reader *reader, HcJson document, GError **error)
{
    g_autofree char *version = hc_json_read_string(document, "format_version", error);
    if (version == NULL)
        return FALSE;
    if (!g_str_has_prefix(version, "1."))
        return hc_fail(error, HC_ERROR_UNSUPPORTED,
                       "\"format_version\" is not 1.x, which this program knows");
    g_autofree char *kind = hc_json_read_string(document, "kind", error);
    if (kind == NULL)
        return FALSE;
    if (!g_str_equal(kind, "delta"))
        return hc_json_malformed(error, "\"kind\" is not \"delta\"");
    return read_root(reader, document, error);
}

static gboolean
read_changes(Reader *reader, const char *file, HcJson document, GError **error)
{
    const HcJson changes = hc_json_find(document, "changes");
    if (!hc_json_is(changes, HC_JSON_ARRAY))
        return hc_json_malformed(error, "%s: \"changes\" is missing or no array", file);
    HcJson change;
    HcJsonIter iter = hc_json_iter(changes);
    for (guint i = 0; hc_json_next(&iter, NULL, &change); i++) {
        GError *failure = NULL;
        reader->origin.line = change.line;
        if (read_change(reader, change, &failure))
            continue;
        /* A conflict names its place itself. */
        if (!g_error_matches(failure, HC_ERROR, HC_ERROR_CONFLICT))
            g_prefix_error(&failure, "%s:%u: change %u: ", file, change.line, i);
        return hc_fail_with(error, failure);
    }
    return TRUE;
}

gboolean
hc_json_read(HcDelta *delta, const char *file, GBytes *content, gboolean *has_root, GError **error)
{
    gsize n_bytes;
    const char *text = (const char *) g_bytes_get_data(content, &n_bytes);
    HcJson document;
    if (!hc_json_parse(file, text != NULL ? text : "", n_bytes,
                       "{\"utf16\":\"…\"} has a place for it", &document, error))
        return FALSE;
    if (!hc_json_is(document, HC_JSON_OBJECT))
        return hc_json_malformed(error, "%s: is no JSON object", file);

    g_autoptr(HcArena) arena = hc_arena_new();
    g_autoptr(GArray) path = g_array_new(FALSE, FALSE, sizeof(HcName));
    Reader reader = {.delta = delta, .arena = arena, .path = path};
    if (!read_head(&reader, document, error)) {
        g_prefix_error(error, "%s: ", file);
        return FALSE;
    }
    if (has_root != NULL)
        *has_root = reader.n_root > 0;
    reader.origin.source = hc_delta_add_source(delta, file);
    return read_changes(&reader, file, document, error);
}
