#include "config.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "hivecore/base/bytes.h"
#include "hivecore/base/error.h"
#include "hivecore/edit/edit-private.h"
#include "hivecore/edit/script.h"
#include "hivecore/regf/types.h"

/* The script goes to its file in pieces of about this size. */
enum {
    BUFFER_BYTES = 64 * 1024
};

/* A value as it will be; name and data are borrowed from hive or delta. */
typedef struct {
    HcName name;
    uint32_t type;
    HcBlob data;
} NewValue;

typedef struct {
    const HcHive *hive; /* the snapshot: its offsets, plus the base block, are hivex's handles */
    HcEditScript *script;
    GByteArray *buffer;
    GString *text;
    GByteArray *scratch;
    int write_errno;
} Maker;

static void
flush(Maker *maker)
{
    for (guint done = 0; done < maker->buffer->len && maker->write_errno == 0;) {
        const ssize_t n =
            write(maker->script->fd, maker->buffer->data + done, maker->buffer->len - done);
        if (n >= 0)
            done += (guint) n;
        else if (errno != EINTR)
            maker->write_errno = errno;
    }
    g_byte_array_set_size(maker->buffer, 0);
}

static void
put_bytes(Maker *maker, const void *bytes, guint n_bytes)
{
    if (maker->buffer->len >= BUFFER_BYTES)
        flush(maker);
    if (n_bytes > 0)
        g_byte_array_append(maker->buffer, (const guint8 *) bytes, n_bytes);
}

static void
put_number(Maker *maker, uint32_t number)
{
    uint8_t bytes[4];
    hc_put32(bytes, number);
    put_bytes(maker, bytes, sizeof(bytes));
}

/* The guard has let no name with a NUL through. */
static void
put_text(Maker *maker, HcName name)
{
    g_string_truncate(maker->text, 0);
    hc_name_append_utf8(maker->text, name);
    put_number(maker, (uint32_t) maker->text->len);
    put_bytes(maker, maker->text->str, (guint) maker->text->len + 1);
}

/* @node: whom it is about, for messages. Returns: the number of the call. */
static guint
put_call(Maker *maker, HcCall call, uint64_t key, const HcDeltaKey *node)
{
    uint8_t bytes[8];
    put_number(maker, (uint32_t) call);
    hc_put64(bytes, key);
    put_bytes(maker, bytes, sizeof(bytes));
    g_ptr_array_add(maker->script->nodes, (gpointer) (uintptr_t) node);
    return maker->script->nodes->len - 1;
}

static void
put_values(Maker *maker, const HcDeltaKey *node, uint64_t key, const GArray *values)
{
    (void) put_call(maker, HC_CALL_VALUES, key, node); /* its number is for calls that make keys */
    put_number(maker, values->len);
    for (guint i = 0; i < values->len; i++) {
        const NewValue *value = &g_array_index(values, NewValue, i);
        put_number(maker, value->type);
        put_text(maker, value->name);
        put_number(maker, value->data.n_bytes);
        put_bytes(maker, value->data.bytes, value->data.n_bytes);
    }
}

static void
append_value(GArray *values, HcName name, uint32_t type, HcBlob data)
{
    const NewValue value = {name, type, data};
    g_array_append_val(values, value);
}

/* All values of an existing key as they will be: old ones in their order, then the new ones. */
static gboolean
edit_values(Maker *maker, const HcDeltaKey *node, const HcKey *key, uint64_t handle, GError **error)
{
    g_autoptr(GArray) values = g_array_new(FALSE, FALSE, sizeof(NewValue));
    for (uint32_t i = 0; i < key->n_values; i++) {
        HcValue value;
        HcBlob data;
        if (!hc_hive_value(maker->hive, key, i, &value, error))
            return FALSE;
        const HcDeltaValue *change = hc_delta_find_value(node, value.name);
        if (change != NULL && change->op == HC_VALUE_DELETE)
            continue;
        if (change != NULL) {
            append_value(values, value.name, change->after.type, change->after.data);
            continue;
        }
        /* No big data, says the guard: nothing is put together from pieces in the scratch. */
        if (!hc_hive_value_data(maker->hive, &value, maker->scratch, &data, error))
            return FALSE;
        append_value(values, value.name, value.type, data);
    }
    for (guint i = 0; i < hc_delta_n_values(node); i++) {
        const HcDeltaValue *change = hc_delta_value(node, i);
        if (change->op == HC_VALUE_SET && !change->before->is_present)
            append_value(values, change->name, change->after.type, change->after.data);
    }
    put_values(maker, node, handle, values);
    return TRUE;
}

static void
add_key(Maker *maker, const HcDeltaKey *node, uint64_t parent)
{
    const uint64_t handle = HC_SCRIPT_MADE | put_call(maker, HC_CALL_ADD, parent, node);
    put_text(maker, node->name);
    if (hc_delta_n_values(node) > 0) {
        g_autoptr(GArray) values = g_array_new(FALSE, FALSE, sizeof(NewValue));
        for (guint i = 0; i < hc_delta_n_values(node); i++) {
            const HcDeltaValue *value = hc_delta_value(node, i);
            append_value(values, value->name, value->after.type, value->after.data);
        }
        put_values(maker, node, handle, values);
    }
    for (guint i = 0; i < hc_delta_n_children(node); i++)
        add_key(maker, hc_delta_child(node, i), handle);
}

static uint64_t
handle_of(const HcKey *key)
{
    return (uint64_t) key->offset + HC_BASE_BLOCK_BYTES;
}

static gboolean
edit_key(Maker *maker, const HcDeltaKey *node, const HcKey *key, GError **error)
{
    if (hc_delta_n_values(node) > 0 && !edit_values(maker, node, key, handle_of(key), error))
        return FALSE;
    for (guint i = 0; i < hc_delta_n_children(node); i++) {
        const HcDeltaKey *child = hc_delta_child(node, i);
        HcKey subkey;
        if (child->op == HC_KEY_CREATE) {
            add_key(maker, child, handle_of(key));
            continue;
        }
        /* The guard has found it in this same snapshot. */
        if (!hc_hive_subkey(maker->hive, key, child->name, &subkey, error))
            return FALSE;
        if (child->op == HC_KEY_KEEP) {
            if (!edit_key(maker, child, &subkey, error))
                return FALSE;
            continue;
        }
        /* Its number is for calls that make keys. */
        (void) put_call(maker, HC_CALL_DELETE, handle_of(&subkey), child);
        if (child->op == HC_KEY_REPLACE)
            add_key(maker, child, handle_of(key));
    }
    return TRUE;
}

static gboolean
put_header(const Maker *maker)
{
    uint8_t header[HC_SCRIPT_HEADER_BYTES];
    hc_put32(header + HC_SCRIPT_HEADER_MAGIC, HC_SCRIPT_MAGIC);
    hc_put32(header + HC_SCRIPT_HEADER_PARENT, (uint32_t) getpid());
    hc_put32(header + HC_SCRIPT_HEADER_N_CALLS, maker->script->nodes->len);
    return pwrite(maker->script->fd, header, sizeof(header), 0) == (ssize_t) sizeof(header);
}

gboolean
hc_edit_script_make(HcEditScript *script, const HcHive *hive, const HcDelta *exact, GError **error)
{
    static const uint8_t room[HC_SCRIPT_HEADER_BYTES];
    script->nodes = g_ptr_array_new();
    script->fd = memfd_create("script", MFD_CLOEXEC);
    if (script->fd < 0)
        return hc_fail_io(error, hc_hive_file(hive), "cannot make an in-memory file", errno);
    g_autoptr(GByteArray) buffer = g_byte_array_new();
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(GByteArray) scratch = g_byte_array_new();
    Maker maker = {hive, script, buffer, text, scratch, 0};
    HcKey root;
    put_bytes(&maker, room, sizeof(room));
    if (!hc_hive_root(hive, &root, error) || !edit_key(&maker, hc_delta_root(exact), &root, error))
        return FALSE;
    flush(&maker);
    if (maker.write_errno == 0 && !put_header(&maker))
        maker.write_errno = errno;
    return maker.write_errno == 0 ||
           hc_fail_io(error, hc_hive_file(hive), "cannot write to memory", maker.write_errno);
}

void
hc_edit_script_clear(HcEditScript *script)
{
    g_clear_pointer(&script->nodes, g_ptr_array_unref);
    if (script->fd >= 0)
        (void) close(script->fd); /* an in-memory file: nothing can be lost */
}
