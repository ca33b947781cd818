#include "config.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/base/trail.h"
#include "hivecore/reg/reg-writer.h"
#include "hivecore/reg/writer-private.h"
#include "hivecore/regf/security.h"
#include "hivecore/regf/types.h"

typedef struct {
    HcRegWriter *writer;
    HcTrail *trail;      /* below the writer's root */
    gboolean leaves_out; /* what cannot stand in the text, instead of failing */
    GByteArray *scratch; /* one value's big data */
    uint64_t n_inexpressible;
} Export;

static void
append_path(GString *out, const Export *export)
{
    const gsize start = out->len;
    hc_name_append_display(out, hc_reg_writer_root(export->writer));
    for (guint i = 0; i < export->trail->path.n; i++) {
        if (out->len > start)
            g_string_append_c(out, '\\');
        hc_name_append_display(out, export->trail->path.names[i]);
    }
}

/* Says what is not in the text, in its place. @key, @value: one of them is NULL. */
static void
note_left_out(Export *export, const HcName *key, const HcName *value, const char *trouble)
{
    export->n_inexpressible++;
    g_autoptr(GString) text = g_string_new("not in this file: ");
    if (value != NULL) {
        g_string_append_c(text, '"');
        hc_name_append_display(text, *value);
        g_string_append(text, "\" of ");
    }
    g_string_append_c(text, '[');
    append_path(text, export);
    if (key != NULL) {
        g_string_append_c(text, '\\');
        hc_name_append_display(text, *key);
    }
    g_string_append_printf(text, "]%s, its name has %s", key != NULL ? " and what is below it" : "",
                           trouble);
    hc_reg_writer_comment(export->writer, text->str);
}

/* Into the key @name below the open one. @is_left_out: (out) (nullable): whether it is left out and
 * was not entered; NULL: it never is */
static gboolean
enter(Export *export, HcName name, gboolean *is_left_out, GError **error)
{
    const char *trouble = hc_reg_writer_enter(export->writer, name);
    if (is_left_out != NULL) {
        *is_left_out = trouble != NULL && export->leaves_out;
        if (*is_left_out) {
            hc_reg_writer_leave(export->writer);
            note_left_out(export, &name, NULL, trouble);
            return TRUE;
        }
    }
    if (export->trail->path.n >= HC_MAX_KEY_DEPTH) {
        g_autoptr(GString) path = g_string_new(NULL);
        append_path(path, export);
        return hc_fail(error, HC_ERROR_LIMIT, "[%s]: has keys deeper than %u levels", path->str,
                       HC_MAX_KEY_DEPTH);
    }
    hc_trail_push(export->trail, name);
    return TRUE;
}

static void
leave(Export *export)
{
    hc_trail_pop(export->trail);
    hc_reg_writer_leave(export->writer);
}

static gboolean
put_value(Export *export, HcName name, const HcDatum *after, GError **error)
{
    const char *trouble = export->leaves_out ? hc_reg_put_value(export->writer, name, after) : NULL;
    if (trouble != NULL) {
        note_left_out(export, NULL, &name, trouble);
        return TRUE;
    }
    if (export->leaves_out ? hc_reg_check_room(export->writer, error)
                           : hc_reg_writer_value(export->writer, name, after, error))
        return TRUE;
    g_autoptr(GString) path = g_string_new("[");
    append_path(path, export);
    g_prefix_error(error, "%s]: ", path->str);
    return FALSE;
}

/* --- deltas --- */

guint
hc_reg_beyond(const HcDeltaKey *key)
{
    if (key->op == HC_KEY_DELETE)
        return 0;
    if (key->op == HC_KEY_KEEP)
        return key->changed;
    /* A key of a differencing hive that keeps what it has states nothing. */
    const guint all = HC_CHANGED_CLASS | HC_CHANGED_SECURITY | HC_CHANGED_FLAGS;
    if (key->op == HC_KEY_CREATE && (key->kept & all) == all)
        return 0;
    guint beyond = key->changed & HC_CHANGED_SECURITY;
    if (key->op == HC_KEY_REPLACE)
        beyond |= key->kept; /* [-K] and [K] keep nothing */
    HcBlob inherited = key->parent != NULL ? key->parent->after.security : (HcBlob){NULL, 0};
    if (key->after.class_name.bytes != NULL)
        beyond |= HC_CHANGED_CLASS;
    /* What --new-keys=copy makes anew is the parent's; without it, and on Windows, what is
     * computed. */
    if (key->after.security.bytes != NULL && inherited.bytes != NULL &&
        !hc_blob_equal(key->after.security, inherited) &&
        !hc_security_is_inherited(key->after.security, inherited))
        beyond |= HC_CHANGED_SECURITY;
    if ((key->after.flags & HC_KEY_FLAGS_COMPARED) != 0)
        beyond |= HC_CHANGED_FLAGS;
    return beyond;
}

const char *
hc_reg_beyond_name(HcKeyChange change)
{
    switch (change) {
    case HC_CHANGED_CLASS:
        return "class name";
    case HC_CHANGED_SECURITY:
        return "security descriptor";
    case HC_CHANGED_FLAGS:
        return "key flags";
    case HC_CHANGED_TIME:
        return "last-written time";
    case HC_CHANGED_ORDER:
        return "order of the values";
    }
    return "";
}

/* One comment line for each thing that the text does not carry. */
static void
note_beyond(Export *export, const HcDeltaKey *key)
{
    const guint beyond = hc_reg_beyond(key);
    for (guint change = HC_CHANGED_CLASS; change <= HC_CHANGED_ORDER; change <<= 1) {
        if ((beyond & change) == 0)
            continue;
        g_autoptr(GString) text = g_string_new("not in this file: the ");
        g_string_append_printf(text, "%s of [", hc_reg_beyond_name((HcKeyChange) change));
        append_path(text, export);
        g_string_append_c(text, ']');
        hc_reg_writer_comment(export->writer, text->str);
        export->n_inexpressible++;
    }
    if (key->patch->values_are_all) {
        g_autoptr(GString) text = g_string_new("not in this file: all other values of [");
        append_path(text, export);
        g_string_append(text, "] are deleted");
        hc_reg_writer_comment(export->writer, text->str);
        export->n_inexpressible++;
    }
}

static gboolean
put_statements(Export *export, const HcDeltaKey *key, GError **error)
{
    if (hc_delta_is_gone(key) && !hc_reg_writer_section(export->writer, TRUE, error))
        return FALSE;
    if ((hc_delta_is_made(key) || hc_delta_n_values(key) > 0) &&
        !hc_reg_writer_section(export->writer, FALSE, error))
        return FALSE;
    note_beyond(export, key);
    for (guint i = 0; i < hc_delta_n_values(key); i++) {
        const HcDeltaValue *value = hc_delta_value(key, i);
        const HcDatum *after = value->op == HC_VALUE_SET ? &value->after : NULL;
        if (!put_value(export, value->name, after, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
put_delta_tree(Export *export, const HcDeltaKey *key, GError **error)
{
    if (!put_statements(export, key, error))
        return FALSE;
    for (guint i = 0; i < hc_delta_n_children(key); i++) {
        const HcDeltaKey *child = hc_delta_child(key, i);
        gboolean is_left_out;
        if (!enter(export, child->name, &is_left_out, error))
            return FALSE;
        if (is_left_out)
            continue;
        if (!put_delta_tree(export, child, error))
            return FALSE;
        leave(export);
    }
    return TRUE;
}

static gboolean
put_delta(HcRegWriter *writer, const HcDelta *delta, gboolean leaves_out, uint64_t *n_inexpressible,
          GError **error)
{
    g_auto(HcTrail) trail = {0};
    Export export = {.writer = writer, .trail = &trail, .leaves_out = leaves_out};
    const gboolean ok = put_delta_tree(&export, hc_delta_root(delta), error);
    if (n_inexpressible != NULL)
        *n_inexpressible += export.n_inexpressible;
    return ok;
}

gboolean
hc_reg_write_delta_to(HcStream *out, const HcDelta *delta, HcRegEncoding encoding, HcName root,
                      uint64_t *n_inexpressible, GError **error)
{
    g_autoptr(HcRegWriter) writer = hc_reg_writer_new_to(out, encoding, root);
    if (n_inexpressible != NULL)
        *n_inexpressible = 0;
    if (!put_delta(writer, delta, FALSE, n_inexpressible, error))
        return FALSE;
    hc_reg_writer_end(writer);
    return TRUE;
}

GBytes *
hc_reg_write_delta(const HcDelta *delta, HcRegEncoding encoding, HcName root,
                   uint64_t *n_inexpressible, GError **error)
{
    g_autoptr(HcStream) spool = hc_stream_new_spool();
    return hc_reg_write_delta_to(spool, delta, encoding, root, n_inexpressible, error)
               ? hc_stream_take(spool, error)
               : NULL;
}

gboolean
hc_reg_writer_delta(HcRegWriter *writer, const HcDelta *delta, HcName root,
                    uint64_t *n_inexpressible, GError **error)
{
    hc_reg_writer_set_root(writer, root);
    return put_delta(writer, delta, TRUE, n_inexpressible, error);
}

/* --- hives --- */

static gboolean
put_hive_values(Export *export, const HcHive *hive, const HcKey *key, GError **error)
{
    GError *failure = NULL;
    HcValueIter iter;
    HcValue value;
    if (!hc_value_iter_init(&iter, hive, key, error))
        return FALSE;
    while (hc_value_iter_next(&iter, &value, &failure)) {
        HcDatum datum = {.is_present = TRUE, .type = value.type};
        if (!value.is_tombstone &&
            !hc_hive_value_data(hive, &value, export->scratch, &datum.data, error))
            return FALSE;
        if (!put_value(export, value.name, value.is_tombstone ? NULL : &datum, error))
            return FALSE;
    }
    return failure == NULL || hc_fail_with(error, failure);
}

/* The layer bits of a differencing hive say what its keys do; *is_gone: (out): a tombstone. */
static gboolean
put_hive_key(Export *export, const HcKey *key, gboolean *is_gone, GError **error)
{
    uint8_t semantics = key->layer_bits & HC_LAYER_SEMANTICS;
    *is_gone = semantics == HC_LAYER_TOMBSTONE;
    if (semantics == HC_LAYER_SUPERSEDE_LOCAL) {
        g_autoptr(GString) path = g_string_new(NULL);
        append_path(path, export);
        return hc_fail(error, HC_ERROR_UNSUPPORTED,
                       "[%s]: cannot be written as .reg: it replaces a key but keeps its subkeys",
                       path->str);
    }
    gboolean is_deleted = semantics != HC_LAYER_MERGE;
    if (is_deleted && !hc_reg_writer_section(export->writer, TRUE, error))
        return FALSE;
    return *is_gone || hc_reg_writer_section(export->writer, FALSE, error);
}

static gboolean
put_hive_tree(Export *export, HcWalk *walk, const HcKey *key, GError **error)
{
    gboolean is_gone = FALSE;
    if (!hc_walk_enter(walk, key, (uint32_t) export->trail->path.n, error) ||
        !put_hive_key(export, key, &is_gone, error))
        return FALSE;
    if (is_gone)
        return TRUE;
    if (!put_hive_values(export, walk->hive, key, error))
        return FALSE;
    if (key->n_subkeys == 0)
        return TRUE;
    g_auto(HcKeyList) list;
    hc_key_list_init(&list);
    if (!hc_key_list_fill(&list, walk->hive, key, error))
        return FALSE;
    for (guint i = 0; i < list.n; i++) {
        const HcKey *subkey = hc_key_list_at(&list, i, error);
        if (subkey == NULL)
            return FALSE;
        gboolean is_left_out;
        if (!enter(export, subkey->name, &is_left_out, error))
            return FALSE;
        if (is_left_out)
            continue;
        if (!put_hive_tree(export, walk, subkey, error))
            return FALSE;
        leave(export);
    }
    return TRUE;
}

gboolean
hc_reg_writer_hive(HcRegWriter *writer, const HcHive *hive, const HcKey *key, HcPath path,
                   uint64_t *n_left_out, GError **error)
{
    g_auto(HcTrail) trail = {0};
    g_autoptr(GByteArray) scratch = g_byte_array_new();
    Export export = {.writer = writer, .trail = &trail, .leaves_out = TRUE, .scratch = scratch};
    HcWalk walk = hc_walk_start(hive);
    gboolean ok = TRUE;
    for (gsize i = 0; i < path.n && ok; i++)
        ok = enter(&export, path.names[i], NULL, error);
    ok = ok && put_hive_tree(&export, &walk, key, error);
    while (ok && trail.path.n > 0)
        leave(&export);
    *n_left_out = export.n_inexpressible;
    return ok;
}

GBytes *
hc_reg_write_hive(const HcHive *hive, HcRegEncoding encoding, HcName root, uint64_t *n_left_out,
                  GError **error)
{
    HcKey key;
    g_autoptr(HcRegWriter) writer = hc_reg_writer_new(encoding, root);
    return hc_hive_root(hive, &key, error) &&
                   hc_reg_writer_hive(writer, hive, &key, (HcPath){NULL, 0}, n_left_out, error)
               ? hc_reg_writer_finish(writer, error)
               : NULL;
}
