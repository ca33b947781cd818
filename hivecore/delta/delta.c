#include "config.h"

#include "hivecore/delta/delta.h"

#include <string.h>

#include "hivecore/base/display.h"
#include "hivecore/delta/delta-private.h"

/* From this many values on, a key gets a table of their names. */
enum {
    INDEX_FROM = 16
};

const HcKeyMeta hc_key_meta_none = {0};
const HcDatum hc_datum_absent = {0};
const HcPatchKey hc_patch_key_nothing = {0};

static void
free_tables(gpointer pointer)
{
    HcDeltaKey *key = pointer;
    hc_delta_clear_children(key);
    g_clear_pointer(&key->value_index, g_hash_table_unref);
}

static void
add_root(HcDelta *delta)
{
    delta->root = hc_delta_new_tree(delta, HC_NAME_EMPTY);
    delta->root->op = HC_KEY_KEEP;
}

HcDelta *
hc_delta_new(void)
{
    HcDelta *delta = g_new0(HcDelta, 1);
    delta->arena = hc_arena_new();
    delta->sources = g_ptr_array_new_with_free_func(g_free);
    delta->indexed = g_ptr_array_new_with_free_func(free_tables);
    delta->interned =
        g_hash_table_new_full(g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref, NULL);
    delta->reasons = hc_delta_reasons_new();
    delta->source_names = g_array_new(FALSE, FALSE, sizeof(HcSourceName));
    add_root(delta);
    return delta;
}

HcDelta *
hc_delta_new_beside(const HcDelta *delta)
{
    HcDelta *beside = g_new0(HcDelta, 1);
    beside->arena = hc_arena_ref(delta->arena);
    beside->sources = g_ptr_array_ref(delta->sources);
    beside->indexed = g_ptr_array_ref(delta->indexed);
    beside->interned = g_hash_table_ref(delta->interned);
    beside->reasons = g_hash_table_ref(delta->reasons);
    beside->source_names = g_array_ref(delta->source_names);
    beside->last_wins = delta->last_wins;
    add_root(beside);
    return beside;
}

void
hc_delta_free(HcDelta *delta)
{
    if (delta == NULL)
        return;
    g_ptr_array_unref(delta->indexed);
    g_ptr_array_unref(delta->sources);
    g_clear_pointer(&delta->aliases, g_array_unref);
    g_hash_table_unref(delta->interned);
    g_hash_table_unref(delta->reasons);
    g_array_unref(delta->source_names);
    g_clear_pointer(&delta->conditions, g_ptr_array_unref);
    hc_arena_free(delta->arena);
    g_free(delta);
}

HcDeltaKey *
hc_delta_root(const HcDelta *delta)
{
    return delta->root;
}

HcArena *
hc_delta_arena(HcDelta *delta)
{
    return delta->arena;
}

uint32_t
hc_delta_add_source(HcDelta *delta, const char *file)
{
    g_ptr_array_add(delta->sources, g_strdup(file));
    return delta->sources->len;
}

const char *
hc_delta_source(const HcDelta *delta, uint32_t source)
{
    return source == 0 ? NULL : (const char *) delta->sources->pdata[source - 1];
}

HcDeltaValue *
hc_delta_find_value(const HcDeltaKey *key, HcName name)
{
    if (key->value_index != NULL)
        return (HcDeltaValue *) g_hash_table_lookup(key->value_index, &name);
    for (guint i = 0; i < hc_delta_n_values(key); i++) {
        HcDeltaValue *value = hc_delta_value(key, i);
        if (hc_name_equal(value->name, name))
            return value;
    }
    return NULL;
}

HcDeltaKey *
hc_delta_new_tree(HcDelta *delta, HcName name)
{
    HcDeltaKey *key = (HcDeltaKey *) hc_arena_alloc(delta->arena, sizeof(*key));
    key->name = hc_name_dup(delta->arena, name);
    key->op = HC_KEY_CREATE;
    key->patch = &hc_patch_key_nothing;
    key->before = &hc_key_meta_none;
    return key;
}

static guint
sorted_value_position(const HcDeltaKey *key, HcName name)
{
    guint low = 0;
    guint high = key->values.len;
    while (low < high) {
        const guint middle = low + (high - low) / 2;
        if (hc_name_compare(name, hc_delta_value(key, middle)->name) < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

static void
index_values(HcDelta *delta, HcDeltaKey *key)
{
    key->value_index = g_hash_table_new(hc_name_hash_folded, hc_name_equal_pointers);
    g_ptr_array_add(delta->indexed, key);
    for (guint i = 0; i < key->values.len; i++) {
        HcDeltaValue *value = hc_delta_value(key, i);
        g_hash_table_insert(key->value_index, &value->name, value);
    }
}

static void
insert_value(HcDelta *delta, HcDeltaKey *key, guint at, HcDeltaValue *value)
{
    hc_delta_list_insert(delta, &key->values, at, value);
    if (key->value_index != NULL)
        g_hash_table_insert(key->value_index, &value->name, value);
    else if (key->values.len > INDEX_FROM)
        index_values(delta, key);
}

HcDeltaValue *
hc_delta_add_value(HcDelta *delta, HcDeltaKey *key, HcName name, HcValueOp op, gboolean keep_order)
{
    HcDeltaValue *value = (HcDeltaValue *) hc_arena_alloc(delta->arena, sizeof(*value));
    value->name = hc_name_dup(delta->arena, name);
    value->op = op;
    value->before = &hc_datum_absent;
    insert_value(delta, key, keep_order ? key->values.len : sorted_value_position(key, name),
                 value);
    return value;
}

void
hc_delta_adopt_value(HcDelta *delta, HcDeltaKey *key, HcDeltaValue *value)
{
    insert_value(delta, key, key->values.len, value);
}

static const HcBlob *
intern_blob(HcDelta *delta, HcBlob blob)
{
    g_autoptr(GBytes) lookup = g_bytes_new_static(blob.bytes, blob.n_bytes);
    HcBlob *known = (HcBlob *) g_hash_table_lookup(delta->interned, lookup);
    if (known == NULL) {
        known = (HcBlob *) hc_arena_alloc(delta->arena, sizeof(*known));
        *known = hc_delta_dup_blob(delta, blob, FALSE);
        g_hash_table_insert(delta->interned, g_bytes_new_static(known->bytes, known->n_bytes),
                            known);
    }
    return known;
}

HcBlob
hc_delta_dup_blob(HcDelta *delta, HcBlob blob, gboolean intern)
{
    if (blob.bytes == NULL)
        return blob;
    if (!intern)
        return (HcBlob){(const uint8_t *) hc_arena_dup(delta->arena, blob.bytes, blob.n_bytes),
                        blob.n_bytes};
    if (delta->last == NULL || !hc_blob_equal(*delta->last, blob))
        delta->last = intern_blob(delta, blob);
    return *delta->last;
}

static HcDatum
copy_datum(HcDelta *delta, const HcDatum *source)
{
    HcDatum copy = *source;
    copy.data = hc_delta_dup_blob(delta, source->data, FALSE);
    return copy;
}

const HcDatum *
hc_delta_dup_datum(HcDelta *delta, const HcDatum *source)
{
    if (!source->is_present)
        return &hc_datum_absent;
    const HcDatum copy = copy_datum(delta, source);
    return hc_arena_dup(delta->arena, &copy, sizeof(copy));
}

void
hc_delta_copy_value(HcDelta *delta, HcDeltaKey *key, const HcDeltaValue *source,
                    gboolean keep_order)
{
    HcDeltaValue *copy = hc_delta_add_value(delta, key, source->name, source->op, keep_order);
    copy->origin = source->origin;
    copy->last_source = source->last_source;
    copy->reason = hc_delta_reason(delta, source->reason);
    copy->before = hc_delta_dup_datum(delta, source->before);
    copy->after = copy_datum(delta, &source->after);
}

HcKeyMeta
hc_delta_copy_meta(HcDelta *delta, const HcKeyMeta *source)
{
    HcKeyMeta copy = *source;
    copy.class_name = hc_delta_dup_blob(delta, source->class_name, FALSE);
    copy.security = hc_delta_dup_blob(delta, source->security, TRUE);
    return copy;
}

const HcKeyMeta *
hc_delta_dup_meta(HcDelta *delta, const HcKeyMeta *source)
{
    if (source == &hc_key_meta_none)
        return source;
    const HcKeyMeta copy = hc_delta_copy_meta(delta, source);
    return hc_arena_dup(delta->arena, &copy, sizeof(copy));
}

void
hc_delta_set_patch(HcDelta *delta, HcDeltaKey *key, const HcPatchKey *patch)
{
    key->patch =
        patch == &hc_patch_key_nothing ? patch : hc_arena_dup(delta->arena, patch, sizeof(*patch));
}

void
hc_delta_set_made_origin(HcDelta *delta, HcDeltaKey *key, HcOrigin origin)
{
    HcPatchKey patch = *key->patch;
    patch.made_origin = origin;
    hc_delta_set_patch(delta, key, &patch);
}

void
hc_delta_copy_own(HcDelta *delta, HcDeltaKey *copy, const HcDeltaKey *source)
{
    copy->origin = source->origin;
    copy->last_source = source->last_source;
    copy->reason = hc_delta_reason(delta, source->reason);
    copy->changed = source->changed;
    copy->kept = source->kept;
    hc_delta_set_patch(delta, copy, source->patch);
    copy->before = hc_delta_dup_meta(delta, source->before);
    copy->after = hc_delta_copy_meta(delta, &source->after);
    for (guint i = 0; i < hc_delta_n_values(source); i++)
        hc_delta_copy_value(delta, copy, hc_delta_value(source, i), TRUE);
}

/* Recursion is as deep as the tree; every builder caps that at HC_MAX_KEY_DEPTH. */
HcDeltaKey *
hc_delta_copy_key(HcDelta *delta, HcDeltaKey *parent, const HcDeltaKey *source)
{
    HcDeltaKey *copy = parent != NULL ? hc_delta_add_child(delta, parent, source->name, source->op)
                                      : hc_delta_new_tree(delta, source->name);
    copy->op = source->op;
    hc_delta_copy_own(delta, copy, source);
    for (guint i = 0; i < hc_delta_n_children(source); i++)
        (void) hc_delta_copy_key(delta, copy, hc_delta_child(source, i));
    if (source->old_tree != NULL)
        copy->old_tree = hc_delta_copy_key(delta, NULL, source->old_tree);
    return copy;
}

void
hc_delta_append_path(GString *out, const HcDeltaKey *key, const char *root)
{
    g_autoptr(GArray) names = g_array_new(FALSE, FALSE, sizeof(HcName));
    for (const HcDeltaKey *at = key; at->parent != NULL; at = at->parent)
        g_array_append_val(names, at->name);
    if (root != NULL)
        g_string_append(out, root);
    for (guint i = names->len; i > 0; i--) {
        if (i < names->len || (root != NULL && root[0] != '\0'))
            g_string_append_c(out, '\\');
        hc_name_append_display(out, g_array_index(names, HcName, i - 1));
    }
}

void
hc_delta_append_origin(GString *out, const HcDelta *delta, HcOrigin origin)
{
    if (origin.source == 0)
        return;
    const char *file = hc_delta_source(delta, origin.source);
    hc_append_display(out, file, strlen(file));
    if (origin.line > 0)
        g_string_append_printf(out, ":%u", origin.line);
}

HcFinding *
hc_delta_finding(const HcDelta *delta, HcErrorCode code, HcOrigin origin, char *place, char *text)
{
    HcFinding *finding = hc_finding_new(HC_SEVERITY_ERROR, text);
    finding->code = code;
    finding->file = origin.source != 0 ? g_strdup(hc_delta_source(delta, origin.source)) : NULL;
    finding->line = origin.line;
    finding->place = place;
    return finding;
}
