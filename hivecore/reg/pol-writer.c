#include "config.h"

#include <string.h>

#include "hivecore/base/bytes.h"
#include "hivecore/base/error.h"
#include "hivecore/base/path.h"
#include "hivecore/reg/pol.h"
#include "hivecore/reg/writer-private.h"

/* Writing Registry.pol. */

typedef struct {
    HcStream *out;
    GArray *path; /* of HcName: from the HKEY_ name on */
    GPtrArray *left_out;
} Writer;

static void
put16(Writer *writer, uint16_t unit)
{
    uint8_t bytes[2];
    hc_put16(bytes, unit);
    hc_stream_put(writer->out, bytes, sizeof(bytes));
}

static void
put32(Writer *writer, uint32_t number)
{
    uint8_t bytes[4];
    hc_put32(bytes, number);
    hc_stream_put(writer->out, bytes, sizeof(bytes));
}

static void
put_name(Writer *writer, HcName name)
{
    for (uint32_t i = 0; i < name.n_units; i++)
        put16(writer, hc_name_unit(name, i));
}

/* "**Del." and @name, say; @text: the same for data. */
static void
put_entry(Writer *writer, const char *prefix, HcName name, uint32_t type, HcBlob data)
{
    put16(writer, '[');
    for (guint i = 1; i < writer->path->len; i++) {
        if (i > 1)
            put16(writer, '\\');
        put_name(writer, g_array_index(writer->path, HcName, i));
    }
    put16(writer, 0);
    put16(writer, ';');
    for (; *prefix != '\0'; prefix++)
        put16(writer, (uint8_t) *prefix);
    put_name(writer, name);
    put16(writer, 0);
    put16(writer, ';');
    put32(writer, type);
    put16(writer, ';');
    put32(writer, data.n_bytes);
    put16(writer, ';');
    hc_stream_put(writer->out, data.bytes, data.n_bytes);
    put16(writer, ']');
}

/* "the deletion of KEY: "value"" */
static void
leave_out(Writer *writer, const char *what, const HcName *value)
{
    GString *text = g_string_new(what);
    hc_path_append_display(text, NULL, hc_path_of(writer->path));
    if (value != NULL) {
        g_string_append(text, ": \"");
        hc_name_append_display(text, *value);
        g_string_append_c(text, '"');
    }
    g_ptr_array_add(writer->left_out, g_string_free(text, FALSE));
}

static gboolean
is_name(HcName name, char sign)
{
    return !hc_name_has_unit(name, 0) && !hc_name_has_unit(name, (uint8_t) sign);
}

static gboolean
put_value(Writer *writer, const HcDeltaValue *value)
{
    const HcName name = value->name;
    const gboolean is_statement =
        name.n_units >= 2 && hc_name_unit(name, 0) == '*' && hc_name_unit(name, 1) == '*';
    const HcBlob none = {(const uint8_t *) " \0\0", 4};
    const gboolean is_set = value->op == HC_VALUE_SET;
    /* An entry that sets nothing makes a key. */
    const gboolean is_nothing = is_set && name.n_units == 0 && value->after.type == HC_REG_NONE &&
                                value->after.data.n_bytes == 0;
    if (!is_name(name, '\0') || (is_set && is_statement) || is_nothing) {
        leave_out(writer, is_set ? "" : "the deletion of ", &name);
        return FALSE;
    }
    if (is_set)
        put_entry(writer, "", name, value->after.type, value->after.data);
    else
        put_entry(writer, "**Del.", name, HC_REG_SZ, none);
    return TRUE;
}

/* As an entry of the key above. */
static void
put_key_delete(Writer *writer, HcName name)
{
    g_autoptr(GByteArray) text = g_byte_array_new();
    if (writer->path->len < 3 || !is_name(name, ';')) {
        leave_out(writer, "the deletion of ", NULL);
        return;
    }
    for (uint32_t i = 0; i <= name.n_units; i++) {
        uint8_t unit[2];
        hc_put16(unit, i < name.n_units ? hc_name_unit(name, i) : 0);
        g_byte_array_append(text, unit, sizeof(unit));
    }
    g_array_set_size(writer->path, writer->path->len - 1);
    put_entry(writer, "**DeleteKeys", HC_NAME_EMPTY, HC_REG_SZ, (HcBlob){text->data, text->len});
    g_array_append_val(writer->path, name);
}

static void
put_beyond(Writer *writer, const HcDeltaKey *key)
{
    const guint beyond = hc_reg_beyond(key);
    for (guint change = HC_CHANGED_CLASS; change <= HC_CHANGED_ORDER; change <<= 1) {
        g_autofree char *what =
            g_strdup_printf("the %s of ", hc_reg_beyond_name((HcKeyChange) change));
        if ((beyond & change) != 0)
            leave_out(writer, what, NULL);
    }
}

static void
put_statements(Writer *writer, const HcDeltaKey *key)
{
    gboolean is_named = hc_delta_makes_child(key);
    if (hc_delta_is_gone(key))
        put_key_delete(writer, key->name);
    put_beyond(writer, key);
    if (key->patch->values_are_all)
        put_entry(writer, "**DelVals", HC_NAME_EMPTY, HC_REG_SZ,
                  (HcBlob){(const uint8_t *) " \0\0", 4});
    for (guint i = 0; i < hc_delta_n_values(key); i++)
        is_named |= put_value(writer, hc_delta_value(key, i));
    if (hc_delta_is_made(key) && !is_named && writer->path->len > 1)
        put_entry(writer, "", HC_NAME_EMPTY, HC_REG_NONE, (HcBlob){NULL, 0});
}

/* Recursion is as deep as the tree, which statements cap at HC_MAX_KEY_DEPTH. */
static void
put_tree(Writer *writer, const HcDeltaKey *key)
{
    if (writer->path->len > 1)
        put_statements(writer, key);
    for (guint i = 0; i < hc_delta_n_children(key); i++) {
        const HcDeltaKey *child = hc_delta_child(key, i);
        g_array_append_val(writer->path, child->name);
        if (is_name(child->name, '\\') && child->name.n_units > 0)
            put_tree(writer, child);
        else
            leave_out(writer, "what is at and below ", NULL);
        g_array_set_size(writer->path, writer->path->len - 1);
    }
}

/* Whether all is below one of the two roots, which is not in the file. */
static gboolean
check_root(const Writer *writer, const HcDelta *delta, GError **error)
{
    const HcDeltaKey *top = hc_delta_root(delta);
    if (writer->path->len == 0 && hc_delta_n_children(top) == 0)
        return TRUE;
    const HcName name = writer->path->len > 0 ? g_array_index(writer->path, HcName, 0)
                                              : hc_delta_child(top, 0)->name;
    if ((writer->path->len > 0 || hc_delta_n_children(top) == 1) &&
        (hc_name_equal(name, HC_NAME_ASCII("HKEY_LOCAL_MACHINE")) ||
         hc_name_equal(name, HC_NAME_ASCII("HKEY_CURRENT_USER"))))
        return TRUE;
    return hc_fail(error, HC_ERROR_UNSUPPORTED,
                   "--format=pol: a Registry.pol is for HKEY_LOCAL_MACHINE alone, or for "
                   "HKEY_CURRENT_USER alone");
}

gboolean
hc_pol_write(HcStream *out, const HcDelta *delta, HcName root, GPtrArray *left_out, GError **error)
{
    static const uint8_t header[] = {'P', 'R', 'e', 'g', 1, 0, 0, 0};
    g_autoptr(GArray) path = g_array_new(FALSE, FALSE, sizeof(HcName));
    Writer writer = {out, path, left_out};
    for (uint32_t from = 0, to; from < root.n_units; from = to + 1) {
        for (to = from; to < root.n_units && hc_name_unit(root, to) != '\\';)
            to++;
        const HcName part = hc_name_part(root, from, to);
        g_array_append_val(path, part);
    }
    if (!check_root(&writer, delta, error))
        return FALSE;
    hc_stream_put(out, header, sizeof(header));
    put_tree(&writer, hc_delta_root(delta));
    return hc_stream_flow(out) || hc_stream_end(out, error);
}
