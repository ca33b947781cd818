#include "config.h"

#include "tests/unit/tree-text.h"

#include "hivecore/base/error.h"
#include "hivecore/delta/delta-private.h"
#include "hivecore/regf/writer.h"

static GByteArray *
parse_hex(const char *text)
{
    GByteArray *bytes = g_byte_array_new();
    for (gsize i = 0; text[i] != '\0'; i += 2) {
        const uint8_t byte =
            (uint8_t) (g_ascii_xdigit_value(text[i]) << 4 | g_ascii_xdigit_value(text[i + 1]));
        g_byte_array_append(bytes, &byte, 1);
    }
    return bytes;
}

static HcBlob
hex_blob(HcDelta *delta, const char *text)
{
    g_autoptr(GByteArray) bytes = parse_hex(text);
    const HcBlob blob = {(const uint8_t *) "", 0};
    if (bytes->len == 0)
        return hc_delta_dup_blob(delta, blob, FALSE);
    return hc_delta_dup_blob(delta, (HcBlob){bytes->data, bytes->len}, FALSE);
}

static HcDeltaKey *
statement_on_key(HcDelta *delta, const char *line, HcOrigin origin)
{
    const gboolean is_delete = line[0] == '-';
    const char *start = strchr(line, '[') + 1;
    g_autofree char *path = g_strndup(start, strlen(start) - 1);
    g_auto(GStrv) parts = g_strsplit(path, "\\", -1);
    g_autofree HcName *names = g_new0(HcName, g_strv_length(parts) + 1);
    guint n = 0;
    for (; parts[n] != NULL && path[0] != '\0'; n++)
        names[n] = hc_name_from_utf8(hc_delta_arena(delta), parts[n], strlen(parts[n]));
    g_autoptr(GError) error = NULL;
    HcDeltaKey *key = NULL;
    if (is_delete)
        (void) hc_delta_delete_key(delta, (HcPath){names, n}, origin, &error);
    else
        key = hc_delta_ensure_key(delta, (HcPath){names, n}, origin, &error);
    if (error != NULL)
        g_error("%s: %s", line, error->message);
    return key;
}

static void
statement_on_value(HcDelta *delta, HcDeltaKey *key, const char *line, HcOrigin origin)
{
    const char *equals = strrchr(line, '=');
    const HcName name = hc_name_from_utf8(hc_delta_arena(delta), line, (gsize) (equals - line));
    g_autoptr(GError) error = NULL;
    if (g_str_equal(equals, "=-")) {
        (void) hc_delta_delete_value(delta, key, name, origin, &error);
    } else {
        char *data = NULL;
        const guint64 type = g_ascii_strtoull(equals + 1, &data, 16);
        (void) hc_delta_set_value(delta, key, name, (uint32_t) type, hex_blob(delta, data + 1),
                                  origin, &error);
    }
    if (error != NULL)
        g_error("%s: %s", line, error->message);
}

void
tree_add_statements(HcDelta *delta, const char *text, const char *source)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    HcOrigin origin = {hc_delta_add_source(delta, source), 0};
    HcDeltaKey *key = hc_delta_root(delta);
    for (guint i = 0; lines[i] != NULL; i++) {
        const char *line = lines[i];
        origin.line = i + 1;
        if (g_str_has_prefix(line, "!class="))
            key->after.class_name = hex_blob(delta, line + 7);
        else if (g_str_has_prefix(line, "!security="))
            key->after.security = hex_blob(delta, line + 10);
        else if (g_str_has_prefix(line, "!flags="))
            key->after.flags = (uint16_t) g_ascii_strtoull(line + 7, NULL, 16);
        else if (line[0] == '[' || line[0] == '-')
            key = statement_on_key(delta, line, origin);
        else if (line[0] != '\0')
            statement_on_value(delta, key, line, origin);
    }
}

static void
write_key(HcWriter *writer, const HcDeltaKey *key)
{
    g_autoptr(GError) error = NULL;
    const gboolean is_root = key->parent == NULL;
    HcKeySpec spec = {.name = is_root ? HC_NAME_ASCII("ROOT") : key->name,
                      .class_name = key->after.class_name,
                      .security = key->after.security,
                      .flags = key->after.flags,
                      .mtime_filetime = 1};
    if (is_root && spec.security.bytes == NULL)
        spec.security = hc_default_root_security();
    if (!hc_writer_open_key(writer, &spec, &error))
        g_error("%s", error->message);
    for (guint i = 0; i < hc_delta_n_values(key); i++) {
        const HcDeltaValue *value = hc_delta_value(key, i);
        if (!hc_writer_value(writer, value->name, value->after.type, value->after.data, &error))
            g_error("%s", error->message);
    }
    for (guint i = 0; i < hc_delta_n_children(key); i++)
        write_key(writer, hc_delta_child(key, i));
    if (!hc_writer_close_key(writer, &error))
        g_error("%s", error->message);
}

GBytes *
tree_hive(const char *text, uint32_t minor)
{
    const HcWriterOptions options = {.minor = minor, .file_name = HC_NAME_ASCII("test.hive")};
    g_autoptr(HcDelta) tree = hc_delta_new();
    g_autoptr(HcWriter) writer = hc_writer_new(&options);
    g_autoptr(GError) error = NULL;
    tree_add_statements(tree, text, "hive");
    write_key(writer, hc_delta_root(tree));
    GBytes *bytes = hc_writer_finish(writer, &error);
    if (bytes == NULL)
        g_error("%s", error->message);
    return bytes;
}

HcHive *
tree_open(const char *text, uint32_t minor)
{
    g_autoptr(GBytes) bytes = tree_hive(text, minor);
    g_autoptr(HcMap) map = hc_map_from_bytes("test.hive", g_bytes_ref(bytes));
    g_autoptr(GError) error = NULL;
    HcHive *hive = hc_hive_open_map(map, 0, &error);
    if (hive == NULL)
        g_error("%s", error->message);
    return hive;
}

static void
append_blob(GString *out, HcBlob blob)
{
    if (blob.bytes == NULL)
        g_string_append(out, "none");
    for (uint32_t i = 0; i < blob.n_bytes; i++)
        g_string_append_printf(out, "%02x", blob.bytes[i]);
}

static void
append_datum(GString *out, const HcDatum *datum)
{
    g_string_append_printf(out, "%x:", datum->type);
    append_blob(out, datum->data);
}

static void
append_value(GString *out, const HcDeltaValue *value)
{
    const gboolean is_set = value->op == HC_VALUE_SET;
    g_string_append_printf(out, "  %c", !is_set ? '-' : value->before->is_present ? '~' : '+');
    hc_name_append_display(out, value->name);
    if (value->before->is_present) {
        g_string_append_c(out, ' ');
        append_datum(out, value->before);
    }
    if (is_set) {
        g_string_append(out, value->before->is_present ? " -> " : " ");
        append_datum(out, &value->after);
    }
    g_string_append_c(out, '\n');
}

static void
count_tree(const HcDeltaKey *tree, guint *n_keys, guint *n_values)
{
    ++*n_keys;
    *n_values += hc_delta_n_values(tree);
    for (guint i = 0; i < hc_delta_n_children(tree); i++)
        count_tree(hc_delta_child(tree, i), n_keys, n_values);
}

static void
append_changes(GString *out, const HcDeltaKey *key)
{
    if ((key->changed & HC_CHANGED_CLASS) != 0) {
        g_string_append(out, "  class ");
        append_blob(out, key->before->class_name);
        g_string_append(out, " -> ");
        append_blob(out, key->after.class_name);
        g_string_append_c(out, '\n');
    }
    if ((key->changed & HC_CHANGED_SECURITY) != 0)
        g_string_append_printf(out, "  security %u -> %u bytes\n", key->before->security.n_bytes,
                               key->after.security.n_bytes);
    if ((key->changed & HC_CHANGED_FLAGS) != 0)
        g_string_append_printf(out, "  flags %x -> %x\n", key->before->flags, key->after.flags);
    if ((key->changed & HC_CHANGED_TIME) != 0)
        g_string_append(out, "  time\n");
    if ((key->changed & HC_CHANGED_ORDER) != 0)
        g_string_append(out, "  order\n");
}

static void
append_key(GString *out, const HcDeltaKey *key)
{
    static const char marks[] = {
        [HC_KEY_KEEP] = ' ', [HC_KEY_CREATE] = '+', [HC_KEY_DELETE] = '-', [HC_KEY_REPLACE] = '*'};
    const gboolean has_say =
        key->op != HC_KEY_KEEP || hc_delta_n_values(key) > 0 || key->changed != 0;
    if (has_say) {
        g_string_append_c(out, marks[key->op]);
        hc_delta_append_path(out, key, NULL);
        if (key->old_tree != NULL) {
            guint n_keys = 0;
            guint n_values = 0;
            count_tree(key->old_tree, &n_keys, &n_values);
            g_string_append_printf(out, " (%u/%u)", n_keys, n_values);
        }
        g_string_append_c(out, '\n');
    }
    append_changes(out, key);
    for (guint i = 0; i < hc_delta_n_values(key); i++)
        append_value(out, hc_delta_value(key, i));
    for (guint i = 0; i < hc_delta_n_children(key); i++)
        append_key(out, hc_delta_child(key, i));
}

char *
tree_delta_text(const HcDelta *delta)
{
    GString *out = g_string_new(NULL);
    append_key(out, hc_delta_root(delta));
    return g_string_free(out, FALSE);
}

HcDelta *
tree_copy_patch(const HcDelta *patch)
{
    HcDelta *copy = hc_delta_new_beside(patch);
    hc_delta_copy_own(copy, copy->root, patch->root);
    for (guint i = 0; i < hc_delta_n_children(patch->root); i++)
        (void) hc_delta_copy_key(copy, copy->root, hc_delta_child(patch->root, i));
    return copy;
}
