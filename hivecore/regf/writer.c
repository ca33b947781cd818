#include "config.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/regf/writer-private.h"
#include "hivecore/regf/writer.h"

/* A key between open and close. Frames stay allocated for the next key of their depth; until it
 * comes, the frame below the open key still knows the name of the last subkey. */
typedef struct {
    uint32_t offset;     /* of the nk cell */
    guint security;      /* index in the pool */
    uint32_t sk;         /* its cell */
    uint32_t class_name; /* cell of the class, HC_NIL: none */
    uint16_t user_flags; /* virtualization and user flags */
    gboolean is_predefined;
    uint32_t predefined_handle;
    HcName name; /* chars in @name_bytes */
    uint8_t name_bytes[2 * HC_MAX_KEY_NAME_UNITS];
    HcOffsets values; /* of vk cells */
    HcListEntries subkeys;
    uint32_t max_name;
    uint32_t max_class;
    uint32_t max_value_name;
    uint32_t max_value_data;
} Frame;

struct HcWriter {
    HcWriterOptions options;
    HcArena *arena;
    HcOutput *output; /* (nullable): borrowed */
    HcCells cells;
    HcSecurityPool security;
    GPtrArray *frames; /* of Frame *, by depth */
    guint n_open;
    uint32_t root;
};

static void
frame_free(gpointer data)
{
    Frame *frame = data;
    g_free(frame->values.items);
    g_free(frame->subkeys.items);
    g_free(frame);
}

HcWriter *
hc_writer_new(const HcWriterOptions *options)
{
    g_return_val_if_fail(options->minor >= 3 && options->minor <= 6, NULL);
    g_return_val_if_fail(options->minor == 6 || !options->is_differencing, NULL);

    HcWriter *writer = g_new0(HcWriter, 1);
    writer->options = *options;
    writer->arena = hc_arena_new();
    writer->options.file_name = hc_name_dup(writer->arena, options->file_name);
    hc_security_pool_init(&writer->security);
    writer->frames = g_ptr_array_new_with_free_func(frame_free);
    writer->cells.apart_at = HC_NIL;
    writer->root = HC_NIL;
    return writer;
}

HcWriter *
hc_writer_new_to(const HcWriterOptions *options, HcOutput *output)
{
    HcWriter *writer = hc_writer_new(options);
    if (writer != NULL)
        writer->output = output;
    return writer;
}

void
hc_writer_free(HcWriter *writer)
{
    if (writer == NULL)
        return;
    g_ptr_array_unref(writer->frames);
    hc_security_pool_clear(&writer->security);
    hc_cells_clear(&writer->cells);
    hc_arena_free(writer->arena);
    g_free(writer);
}

static Frame *
frame_at(const HcWriter *writer, guint depth)
{
    return g_ptr_array_index(writer->frames, depth);
}

/* Sets an error "key PATH: what"; PATH is the open key's, with @name below it unless NULL. */
static gboolean
fail(const HcWriter *writer, GError **error, HcErrorCode code, const HcName *name, const char *what)
{
    g_autoptr(GString) path = g_string_new(NULL);
    for (guint i = 1; i < writer->n_open; i++) {
        hc_name_append_display(path, frame_at(writer, i)->name);
        g_string_append_c(path, '\\');
    }
    if (name != NULL)
        hc_name_append_display(path, *name);
    else if (path->len > 0)
        g_string_truncate(path, path->len - 1);
    return hc_fail(error, code, "key %s: %s", path->len > 0 ? path->str : "\\", what);
}

/* The same for a value of the open key. */
static gboolean
fail_value(const HcWriter *writer, GError **error, HcErrorCode code, HcName name, const char *what)
{
    g_autofree char *shown = hc_name_display(name);
    g_autofree char *text = g_strdup_printf("value \"%s\": %s", shown, what);
    return fail(writer, error, code, NULL, text);
}

static gboolean
check_key(const HcWriter *writer, const HcKeySpec *spec, GError **error)
{
    if (writer->n_open > HC_MAX_KEY_DEPTH)
        return fail(writer, error, HC_ERROR_LIMIT, &spec->name, "too many levels of keys");
    if (spec->name.n_units > HC_MAX_KEY_NAME_UNITS)
        return fail(writer, error, HC_ERROR_LIMIT, &spec->name, "the name is too long");
    if (spec->class_name.n_bytes > UINT16_MAX)
        return fail(writer, error, HC_ERROR_LIMIT, &spec->name, "the class name is too long");
    if (writer->n_open == 0) {
        g_return_val_if_fail(writer->root == HC_NIL, FALSE);
        if (spec->security.bytes == NULL)
            return fail(writer, error, HC_ERROR_MALFORMED, &spec->name,
                        "the root has no security descriptor");
        return TRUE;
    }
    if (spec->name.n_units == 0)
        return fail(writer, error, HC_ERROR_MALFORMED, NULL, "a subkey has an empty name");
    const guint n_subkeys = frame_at(writer, writer->n_open - 1)->subkeys.n;
    if (n_subkeys >= HC_MAX_SUBKEYS)
        return fail(writer, error, HC_ERROR_LIMIT, NULL, "too many subkeys");
    if (n_subkeys > 0) {
        const int order = hc_name_compare(frame_at(writer, writer->n_open)->name, spec->name);
        if (order == 0)
            return fail(writer, error, HC_ERROR_MALFORMED, &spec->name,
                        "there are two of the name");
        if (order > 0)
            return fail(writer, error, HC_ERROR_MALFORMED, &spec->name, "subkeys are not sorted");
    }
    return TRUE;
}

/* The frame for a key at the depth after the open one, emptied. */
static Frame *
prepare_frame(HcWriter *writer, const HcKeySpec *spec)
{
    if (writer->frames->len == writer->n_open)
        g_ptr_array_add(writer->frames, g_new0(Frame, 1));
    Frame *frame = frame_at(writer, writer->n_open);
    if (spec->name.n_units > 0)
        memcpy(frame->name_bytes, spec->name.chars, hc_name_bytes(spec->name));
    frame->name = spec->name;
    frame->name.chars = frame->name_bytes;
    frame->class_name = HC_NIL;
    frame->user_flags = spec->user_flags;
    frame->is_predefined = (spec->flags & HC_KEY_FLAG_PREDEFINED) != 0;
    frame->predefined_handle = spec->predefined_handle;
    frame->values.n = 0;
    frame->subkeys.n = 0;
    frame->max_name = 0;
    frame->max_class = 0;
    frame->max_value_name = 0;
    frame->max_value_data = 0;
    return frame;
}

/* Writes @name at @at, as Latin-1 where @as_latin1, else as UTF-16LE. */
static void
put_name(uint8_t *at, HcName name, gboolean as_latin1)
{
    if (as_latin1 && name.is_latin1) {
        if (name.n_units > 0)
            memcpy(at, name.chars, name.n_units);
        return;
    }
    for (uint32_t i = 0; i < name.n_units; i++) {
        if (as_latin1)
            at[i] = (uint8_t) hc_name_unit(name, i);
        else
            hc_put16(at + 2 * (gsize) i, hc_name_unit(name, i));
    }
}

/* A class of no bytes cannot be told from none: the length field is what says it. */
static uint32_t
class_bytes(const HcKeySpec *spec)
{
    return spec->class_name.bytes != NULL ? spec->class_name.n_bytes : 0;
}

static uint16_t
stored_flags(const HcKeySpec *spec, gboolean is_root, gboolean is_latin1)
{
    guint flags = spec->flags & ~(guint) (HC_KEY_FLAG_LATIN1 | HC_KEY_FLAG_ROOT);
    if (is_root)
        flags |= HC_KEY_FLAG_ROOT | HC_KEY_FLAG_NO_DELETE;
    if (is_latin1)
        flags |= HC_KEY_FLAG_LATIN1;
    return (uint16_t) flags;
}

/* Writes the nk cell, without the fields that finish_key() writes. */
static uint32_t
write_key(HcWriter *writer, const HcKeySpec *spec, GError **error)
{
    const gboolean is_root = writer->n_open == 0;
    const gboolean is_latin1 = hc_name_fits_latin1(spec->name);
    const uint32_t name_bytes = spec->name.n_units * (is_latin1 ? 1 : 2);
    const uint32_t offset = hc_cells_alloc(&writer->cells, (gsize) HC_NK_NAME + name_bytes, error);
    if (offset == HC_NIL)
        return HC_NIL;
    uint8_t *nk = hc_cells_at(&writer->cells, offset);
    memcpy(nk, "nk", 2);
    hc_put16(nk + HC_NK_FLAGS, stored_flags(spec, is_root, is_latin1));
    hc_put64(nk + HC_NK_MTIME, spec->mtime_filetime);
    nk[HC_NK_ACCESS] = spec->access_bits;
    nk[HC_NK_LAYER] = writer->options.is_differencing ? spec->layer_bits : 0;
    hc_put32(nk + HC_NK_PARENT, is_root ? HC_NIL : frame_at(writer, writer->n_open - 1)->offset);
    hc_put16(nk + HC_NK_NAME_BYTES, (uint16_t) name_bytes);
    hc_put16(nk + HC_NK_CLASS_BYTES, (uint16_t) class_bytes(spec));
    put_name(nk + HC_NK_NAME, spec->name, is_latin1);
    return offset;
}

static gboolean
write_class(HcWriter *writer, const HcKeySpec *spec, Frame *frame, GError **error)
{
    const uint32_t n_bytes = class_bytes(spec);
    if (n_bytes == 0)
        return TRUE;
    frame->class_name = hc_cells_alloc(&writer->cells, n_bytes, error);
    if (frame->class_name == HC_NIL)
        return FALSE;
    memcpy(hc_cells_at(&writer->cells, frame->class_name), spec->class_name.bytes, n_bytes);
    return TRUE;
}

static gboolean
write_security(HcWriter *writer, const HcKeySpec *spec, Frame *frame, GError **error)
{
    if (spec->security.bytes == NULL) {
        frame->security = frame_at(writer, writer->n_open - 1)->security;
        frame->sk = hc_security_pool_use_index(&writer->security, frame->security);
    } else {
        frame->sk = hc_security_pool_use(&writer->security, &writer->cells, spec->security,
                                         &frame->security, error);
    }
    return frame->sk != HC_NIL;
}

gboolean
hc_writer_open_key(HcWriter *writer, const HcKeySpec *spec, GError **error)
{
    if (writer->cells.output == NULL && !hc_cells_init(&writer->cells, writer->output, error))
        return FALSE;
    if (!check_key(writer, spec, error))
        return FALSE;
    const uint32_t offset = write_key(writer, spec, error);
    if (offset == HC_NIL)
        return FALSE;
    Frame *frame = prepare_frame(writer, spec);
    frame->offset = offset;
    if (!write_class(writer, spec, frame, error) || !write_security(writer, spec, frame, error))
        return FALSE;
    if (writer->n_open == 0) {
        writer->root = offset;
    } else {
        Frame *parent = frame_at(writer, writer->n_open - 1);
        const HcListEntry entry = {offset, hc_list_hint(writer->options.minor, spec->name)};
        hc_list_add_entry(&parent->subkeys, entry);
        parent->max_name = MAX(parent->max_name, 2 * spec->name.n_units);
        parent->max_class = MAX(parent->max_class, spec->class_name.n_bytes);
    }
    writer->n_open++;
    return TRUE;
}

/* Writes a vk cell whose data fields are still zero. */
static uint8_t *
add_value(HcWriter *writer, HcName name, uint16_t flags, uint32_t *offset, GError **error)
{
    g_return_val_if_fail(writer->n_open > 0, NULL);
    Frame *frame = frame_at(writer, writer->n_open - 1);
    if (name.n_units > HC_MAX_VALUE_NAME_UNITS) {
        (void) fail_value(writer, error, HC_ERROR_LIMIT, name, "the name is too long");
        return NULL; /* fail only ever says FALSE */
    }
    if (frame->values.n >= HC_MAX_VALUES) {
        (void) fail(writer, error, HC_ERROR_LIMIT, NULL, "too many values");
        return NULL;
    }
    if (frame->is_predefined) {
        (void) fail(writer, error, HC_ERROR_UNSUPPORTED, NULL,
                    "a key that stands for a predefined handle has no values");
        return NULL;
    }
    const gboolean is_latin1 = hc_name_fits_latin1(name);
    const uint32_t name_bytes = name.n_units * (is_latin1 ? 1 : 2);
    *offset = hc_cells_alloc(&writer->cells, (gsize) HC_VK_NAME + name_bytes, error);
    if (*offset == HC_NIL)
        return NULL;
    hc_list_add_offset(&frame->values, *offset);
    frame->max_value_name = MAX(frame->max_value_name, 2 * name.n_units);

    uint8_t *vk = hc_cells_at(&writer->cells, *offset);
    memcpy(vk, "vk", 2);
    hc_put16(vk + HC_VK_NAME_BYTES, (uint16_t) name_bytes);
    /* Windows leaves the name flag of default values clear. */
    if (is_latin1 && name.n_units > 0)
        flags |= HC_VALUE_FLAG_LATIN1;
    hc_put16(vk + HC_VK_FLAGS, flags);
    put_name(vk + HC_VK_NAME, name, is_latin1);
    return vk;
}

gboolean
hc_writer_value(HcWriter *writer, HcName name, uint32_t type, HcBlob data, GError **error)
{
    if (data.n_bytes > HC_MAX_DATA_BYTES)
        return fail_value(writer, error, HC_ERROR_LIMIT, name, "the data is too long");
    uint32_t offset;
    uint8_t *vk = add_value(writer, name, 0, &offset, error);
    if (vk == NULL)
        return FALSE;
    hc_put32(vk + HC_VK_TYPE, type);
    Frame *frame = frame_at(writer, writer->n_open - 1);
    frame->max_value_data = MAX(frame->max_value_data, data.n_bytes);

    if (data.n_bytes <= 4) {
        hc_put32(vk + HC_VK_DATA_BYTES, data.n_bytes | HC_VK_INLINE);
        if (data.n_bytes > 0)
            memcpy(vk + HC_VK_DATA, data.bytes, data.n_bytes);
        return TRUE;
    }
    uint32_t data_offset;
    if (writer->options.minor >= 4 && data.n_bytes > HC_BIG_DATA_BYTES)
        data_offset = hc_list_write_big(&writer->cells, data, error);
    else
        data_offset = hc_list_write_data(&writer->cells, data, error);
    if (data_offset == HC_NIL)
        return FALSE;
    uint8_t place[HC_VK_TYPE - HC_VK_DATA_BYTES];
    hc_put32(place, data.n_bytes);
    hc_put32(place + HC_VK_DATA - HC_VK_DATA_BYTES, data_offset);
    return hc_cells_put(&writer->cells, offset, HC_VK_DATA_BYTES, place, sizeof(place), error);
}

gboolean
hc_writer_value_tombstone(HcWriter *writer, HcName name, GError **error)
{
    if (!writer->options.is_differencing)
        return fail_value(writer, error, HC_ERROR_UNSUPPORTED, name,
                          "an ordinary hive cannot say that a value is deleted");
    uint32_t offset;
    uint8_t *vk = add_value(writer, name, HC_VALUE_FLAG_TOMBSTONE, &offset, error);
    if (vk == NULL)
        return FALSE;
    hc_put32(vk + HC_VK_DATA, HC_NIL);
    return TRUE;
}

/* What is known of a key when all below it is written, in one piece: the cell may be in the file
 * already. */
static gboolean
finish_key(HcWriter *writer, const Frame *frame, uint32_t values, uint32_t subkeys, GError **error)
{
    uint8_t nk[HC_NK_WORKVAR] = {0};
    hc_put32(nk + HC_NK_N_SUBKEYS, frame->subkeys.n);
    hc_put32(nk + HC_NK_SUBKEYS, subkeys);
    hc_put32(nk + HC_NK_VOLATILE, HC_NIL);
    hc_put32(nk + HC_NK_N_VALUES,
             frame->is_predefined ? frame->predefined_handle : frame->values.n);
    hc_put32(nk + HC_NK_VALUES, values);
    hc_put32(nk + HC_NK_SECURITY, frame->sk);
    hc_put32(nk + HC_NK_CLASS, frame->class_name);
    hc_put16(nk + HC_NK_MAX_NAME, (uint16_t) frame->max_name);
    hc_put16(nk + HC_NK_USER_FLAGS, frame->user_flags);
    hc_put32(nk + HC_NK_MAX_CLASS, frame->max_class);
    hc_put32(nk + HC_NK_MAX_VALUE_NAME, frame->max_value_name);
    hc_put32(nk + HC_NK_MAX_VALUE_DATA, frame->max_value_data);
    return hc_cells_put(&writer->cells, frame->offset, HC_NK_N_SUBKEYS, nk + HC_NK_N_SUBKEYS,
                        sizeof(nk) - HC_NK_N_SUBKEYS, error);
}

gboolean
hc_writer_close_key(HcWriter *writer, GError **error)
{
    g_return_val_if_fail(writer->n_open > 0, FALSE);
    const Frame *frame = frame_at(writer, writer->n_open - 1);
    uint32_t values = HC_NIL;
    if (frame->values.n > 0) {
        values = hc_list_write_values(&writer->cells, &frame->values, error);
        if (values == HC_NIL)
            return FALSE;
    }
    uint32_t subkeys = HC_NIL;
    if (frame->subkeys.n > 0) {
        subkeys =
            hc_list_write_subkeys(&writer->cells, writer->options.minor, &frame->subkeys, error);
        if (subkeys == HC_NIL)
            return FALSE;
    }
    writer->n_open--;
    return finish_key(writer, frame, values, subkeys, error);
}

GBytes *
hc_writer_finish(HcWriter *writer, GError **error)
{
    if (writer->root == HC_NIL || writer->n_open > 0)
        return hc_fail_null(error, HC_ERROR_INTERNAL, "a hive's keys were not all closed");
    if (!hc_security_pool_finish(&writer->security, &writer->cells, error))
        return NULL;
    return hc_cells_finish(&writer->cells, &writer->options, writer->root, error);
}

GBytes *
hc_writer_empty_hive(const HcWriterOptions *options, GError **error)
{
    HcKeySpec root = {.name = HC_NAME_ASCII("ROOT"),
                      .security = hc_default_root_security(),
                      .mtime_filetime = options->mtime_filetime};
    g_autoptr(HcWriter) writer = hc_writer_new(options);
    if (!hc_writer_open_key(writer, &root, error) || !hc_writer_close_key(writer, error))
        return NULL;
    return hc_writer_finish(writer, error);
}
