#include "config.h"

#include "hivecore/reg/pol.h"

#include <string.h>

#include "hivecore/base/bytes.h"
#include "hivecore/base/error.h"
#include "hivecore/base/path.h"

/* Reading Registry.pol. */

#define HEADER_BYTES 8
#define POL_VERSION  1

typedef struct {
    HcDelta *delta;
    const char *file;
    const uint8_t *bytes;
    gsize n_bytes;
    gsize pos;
    HcName root;
    HcOrigin origin;    /* line: the number of the entry */
    GArray *names;      /* of HcName: the key at hand */
    GPtrArray *emptied; /* of GArray *, such names: keys whose other values go */
    uint64_t n_secure;
} Reader;

/* One entry, borrowed from the file. */
typedef struct {
    gsize start;
    HcName key;
    HcName value;
    uint32_t type;
    HcBlob data;
} Entry;

gboolean
hc_pol_is(const uint8_t *bytes, gsize n_bytes)
{
    return n_bytes >= 4 && memcmp(bytes, "PReg", 4) == 0;
}

static gboolean
fail_at(const Reader *reader, gsize pos, const char *what, GError **error)
{
    return hc_fail(error, HC_ERROR_MALFORMED, "%s: entry %u, at 0x%" G_GSIZE_MODIFIER "x: %s",
                   reader->file, reader->origin.line, pos, what);
}

static gboolean
take_sign(Reader *reader, char sign, GError **error)
{
    if (reader->n_bytes - reader->pos < 2 ||
        hc_get16(reader->bytes + reader->pos) != (uint8_t) sign) {
        g_autofree char *what = g_strdup_printf("'%c' is missing", sign);
        return fail_at(reader, reader->pos, what, error);
    }
    reader->pos += 2;
    return TRUE;
}

/* Up to its NUL. */
static gboolean
take_text(Reader *reader, HcName *text, GError **error)
{
    const gsize start = reader->pos;
    for (gsize at = start; reader->n_bytes - at >= 2; at += 2) {
        if (hc_get16(reader->bytes + at) != 0)
            continue;
        *text = (HcName){reader->bytes + start, (uint32_t) ((at - start) / 2), FALSE};
        reader->pos = at + 2;
        return TRUE;
    }
    return fail_at(reader, start, "a name that does not end", error);
}

static gboolean
take_number(Reader *reader, uint32_t *number, GError **error)
{
    if (reader->n_bytes - reader->pos < 4)
        return fail_at(reader, reader->pos, "the file ends in a number", error);
    *number = hc_get32(reader->bytes + reader->pos);
    reader->pos += 4;
    return TRUE;
}

static gboolean
take_entry(Reader *reader, Entry *entry, GError **error)
{
    entry->start = reader->pos;
    if (!take_sign(reader, '[', error) || !take_text(reader, &entry->key, error) ||
        !take_sign(reader, ';', error) || !take_text(reader, &entry->value, error) ||
        !take_sign(reader, ';', error) || !take_number(reader, &entry->type, error) ||
        !take_sign(reader, ';', error) || !take_number(reader, &entry->data.n_bytes, error) ||
        !take_sign(reader, ';', error))
        return FALSE;
    if (entry->data.n_bytes > reader->n_bytes - reader->pos)
        return fail_at(reader, reader->pos, "more data than the file has", error);
    entry->data.bytes = reader->bytes + reader->pos;
    reader->pos += entry->data.n_bytes;
    return take_sign(reader, ']', error);
}

/* --- statements --- */

/* Splits @text at @sign and appends what is not empty to the names. */
static gboolean
append_parts(Reader *reader, HcName text, char sign, const Entry *entry, GError **error)
{
    for (uint32_t from = 0, to; from <= text.n_units; from = to + 1) {
        for (to = from; to < text.n_units && hc_name_unit(text, to) != (uint8_t) sign;)
            to++;
        const HcName part = hc_name_part(text, from, to);
        if (part.n_units > 0)
            g_array_append_val(reader->names, part);
        else if (from > 0 && to < text.n_units)
            return fail_at(reader, entry->start, "an empty name in a key path", error);
    }
    return TRUE;
}

static HcDeltaKey *
ensure(Reader *reader, GError **error)
{
    return hc_delta_ensure_key(reader->delta, hc_path_of(reader->names), reader->origin, error);
}

/* The rest of @name behind @word, in any case. */
static gboolean
starts(HcName name, const char *word, HcName *rest)
{
    const uint32_t n = (uint32_t) strlen(word);
    if (name.n_units < n ||
        !hc_name_equal(hc_name_part(name, 0, n), (HcName){(const uint8_t *) word, n, TRUE}))
        return FALSE;
    *rest = hc_name_part(name, n, name.n_units);
    return TRUE;
}

/* "A;B" */
static HcName
text_of(const Entry *entry)
{
    HcName text = {entry->data.bytes, entry->data.n_bytes / 2, FALSE};
    while (text.n_units > 0 && hc_name_unit(text, text.n_units - 1) == 0)
        text.n_units--;
    return text;
}

static gboolean
delete_values(Reader *reader, const Entry *entry, GError **error)
{
    const HcName list = text_of(entry);
    HcDeltaKey *key = ensure(reader, error);
    for (uint32_t from = 0, to; key != NULL && from < list.n_units; from = to + 1) {
        for (to = from; to < list.n_units && hc_name_unit(list, to) != ';';)
            to++;
        if (!hc_delta_delete_value(reader->delta, key, hc_name_part(list, from, to), reader->origin,
                                   error))
            return FALSE;
    }
    return key != NULL;
}

static gboolean
delete_keys(Reader *reader, const Entry *entry, GError **error)
{
    const HcName list = text_of(entry);
    const guint n = reader->names->len;
    for (uint32_t from = 0, to; from < list.n_units; from = to + 1) {
        for (to = from; to < list.n_units && hc_name_unit(list, to) != ';';)
            to++;
        if (!append_parts(reader, hc_name_part(list, from, to), '\\', entry, error) ||
            (reader->names->len > n &&
             !hc_delta_delete_key(reader->delta, hc_path_of(reader->names), reader->origin, error)))
            return FALSE;
        g_array_set_size(reader->names, n);
    }
    return TRUE;
}

/* All values go that no later entry sets. */
static gboolean
delete_all_values(Reader *reader, GError **error)
{
    HcDeltaKey *key = ensure(reader, error);
    for (guint i = 0; key != NULL && i < hc_delta_n_values(key); i++) {
        if (!hc_delta_delete_value(reader->delta, key, hc_delta_value(key, i)->name, reader->origin,
                                   error))
            return FALSE;
    }
    g_ptr_array_add(reader->emptied, g_array_copy(reader->names));
    return key != NULL;
}

static gboolean
read_special(Reader *reader, const Entry *entry, GError **error)
{
    HcName rest;
    if (starts(entry->value, "**DeleteValues", &rest))
        return delete_values(reader, entry, error);
    if (starts(entry->value, "**DeleteKeys", &rest))
        return delete_keys(reader, entry, error);
    if (starts(entry->value, "**DelVals", &rest))
        return delete_all_values(reader, error);
    if (starts(entry->value, "**Del.", &rest)) {
        HcDeltaKey *key = ensure(reader, error);
        return key != NULL &&
               hc_delta_delete_value(reader->delta, key, rest, reader->origin, error);
    }
    if (starts(entry->value, "**SecureKey", &rest)) {
        reader->n_secure++;
        return TRUE;
    }
    g_autofree char *shown = hc_name_display(entry->value);
    return hc_fail(error, HC_ERROR_UNSUPPORTED,
                   "%s: entry %u: '%s' is a statement that a patch cannot say", reader->file,
                   reader->origin.line, shown);
}

static gboolean
read_entry(Reader *reader, const Entry *entry, GError **error)
{
    g_array_set_size(reader->names, 0);
    g_array_append_val(reader->names, reader->root);
    if (!append_parts(reader, entry->key, '\\', entry, error))
        return FALSE;
    if (reader->names->len == 1)
        return fail_at(reader, entry->start, "no key", error);
    if (entry->value.n_units >= 2 && hc_name_unit(entry->value, 0) == '*' &&
        hc_name_unit(entry->value, 1) == '*')
        return read_special(reader, entry, error);
    HcDeltaKey *key = ensure(reader, error);
    /* Nothing is set: the key alone. */
    if (key == NULL ||
        (entry->value.n_units == 0 && entry->type == HC_REG_NONE && entry->data.n_bytes == 0))
        return key != NULL;
    return hc_delta_set_value(reader->delta, key, entry->value, entry->type, entry->data,
                              reader->origin, error);
}

static gboolean
read_entries(Reader *reader, GError **error)
{
    while (reader->pos < reader->n_bytes) {
        Entry entry;
        reader->origin.line++;
        if (!take_entry(reader, &entry, error) || !read_entry(reader, &entry, error))
            return FALSE;
    }
    for (guint i = 0; i < reader->emptied->len; i++) {
        const GArray *names = g_ptr_array_index(reader->emptied, i);
        HcDeltaKey *key = hc_delta_find_key(reader->delta, hc_path_of(names));
        /* A later entry may have deleted it. */
        if (key != NULL && key->op != HC_KEY_DELETE &&
            !hc_delta_make_exact(reader->delta, key, HC_EXACT_VALUES, reader->origin, error))
            return FALSE;
    }
    return TRUE;
}

gboolean
hc_pol_read(HcDelta *delta, const char *file, GBytes *content, const char *root, uint64_t *n_secure,
            GError **error)
{
    Reader reader = {.delta = delta, .file = file, .pos = HEADER_BYTES};
    reader.bytes = g_bytes_get_data(content, &reader.n_bytes);
    if (reader.n_bytes < HEADER_BYTES || !hc_pol_is(reader.bytes, reader.n_bytes))
        return hc_fail(error, HC_ERROR_MALFORMED, "%s: does not start with PReg and a version",
                       file);
    if (hc_get32(reader.bytes + 4) != POL_VERSION)
        return hc_fail(error, HC_ERROR_UNSUPPORTED, "%s: is of version %u, not 1", file,
                       hc_get32(reader.bytes + 4));
    g_autoptr(GArray) names = g_array_new(FALSE, FALSE, sizeof(HcName));
    g_autoptr(GPtrArray) emptied = g_ptr_array_new_with_free_func((GDestroyNotify) g_array_unref);
    reader.root = (HcName){(const uint8_t *) root, (uint32_t) strlen(root), TRUE};
    reader.names = names;
    reader.emptied = emptied;
    reader.origin.source = hc_delta_add_source(delta, file);
    if (!read_entries(&reader, error))
        return FALSE;
    *n_secure = reader.n_secure;
    return TRUE;
}
