#include "config.h"

#include "hivecore/delta/overlay.h"

#include "hivecore/base/error.h"
#include "hivecore/regf/layout.h"

typedef struct {
    const HcHive *base;
    HcEpoch epoch;
    HcWriter *writer;
    HcWalk walk;
    GPtrArray *levels;   /* of HcKeyList *, by depth; reused by all keys of a depth */
    GByteArray *scratch; /* one value's big data */
} Overlay;

/* What a new key takes from the key above it. */
typedef struct {
    uint64_t mtime_filetime;
    uint16_t user_flags;
} Inherited;

static void
free_level(gpointer data)
{
    HcKeyList *list = data;
    hc_key_list_clear(list);
    g_free(list);
}

static HcKeyList *
level_at(Overlay *overlay, uint32_t depth)
{
    while (depth >= overlay->levels->len) {
        HcKeyList *list = g_new0(HcKeyList, 1);
        hc_key_list_init(list);
        g_ptr_array_add(overlay->levels, list);
    }
    return g_ptr_array_index(overlay->levels, depth);
}

static gboolean
refuse(const Overlay *overlay, const HcDeltaKey *node, HcErrorCode code, const char *what,
       GError **error)
{
    g_autoptr(GString) path = g_string_new(NULL);
    hc_delta_append_path(path, node, NULL);
    return hc_fail(error, code, "%s: %s: %s", hc_hive_file(overlay->base),
                   path->len > 0 ? path->str : "root key", what);
}

/* Names the hive in what the writer says, which knows only the key. */
static gboolean
written(const Overlay *overlay, gboolean done, GError **error)
{
    if (!done)
        g_prefix_error(error, "%s: ", hc_hive_file(overlay->base));
    return done;
}

static gboolean
write_datum(const Overlay *overlay, HcName name, const HcDatum *datum, GError **error)
{
    return written(overlay, hc_writer_value(overlay->writer, name, datum->type, datum->data, error),
                   error);
}

static gboolean
write_old_value(Overlay *overlay, const HcValue *value, GError **error)
{
    HcBlob data;
    if (value->is_tombstone)
        return written(overlay, hc_writer_value_tombstone(overlay->writer, value->name, error),
                       error);
    if (!hc_walk_data(&overlay->walk, value, error) ||
        !hc_hive_value_data(overlay->base, value, overlay->scratch, &data, error))
        return FALSE;
    return written(overlay, hc_writer_value(overlay->writer, value->name, value->type, data, error),
                   error);
}

/* The old values in their order, changed ones in place, then the new ones. */
static gboolean
write_values(Overlay *overlay, const HcDeltaKey *node, const HcKey *key, GError **error)
{
    const guint n_changes = node != NULL ? hc_delta_n_values(node) : 0;
    for (uint32_t i = 0; i < key->n_values; i++) {
        HcValue value;
        if (!hc_hive_value(overlay->base, key, i, &value, error))
            return FALSE;
        const HcDeltaValue *change = n_changes > 0 ? hc_delta_find_value(node, value.name) : NULL;
        if (change != NULL && change->op == HC_VALUE_DELETE)
            continue;
        if (change != NULL ? !write_datum(overlay, value.name, &change->after, error)
                           : !write_old_value(overlay, &value, error))
            return FALSE;
    }
    for (guint i = 0; i < n_changes; i++) {
        const HcDeltaValue *change = hc_delta_value(node, i);
        if (change->op == HC_VALUE_SET && !change->before.is_present &&
            !write_datum(overlay, change->name, &change->after, error))
            return FALSE;
    }
    return TRUE;
}

/* A new key, or one made anew, with everything below it. Deep only as hc_writer_open_key() lets. */
static gboolean
write_new_key(Overlay *overlay, const HcDeltaKey *node, Inherited inherited, GError **error)
{
    if ((node->after.flags & HC_KEY_FLAG_PREDEFINED) != 0)
        return refuse(overlay, node, HC_ERROR_UNSUPPORTED,
                      "a new predefined-handle key, whose handle the patch does not say", error);
    const HcKeySpec spec = {
        .name = node->name,
        .class_name = node->after.class_name,
        .security = node->after.security,
        .flags = node->after.flags & HC_KEY_FLAGS_COMPARED,
        .user_flags = inherited.user_flags,
        .mtime_filetime = inherited.mtime_filetime,
    };
    if (!written(overlay, hc_writer_open_key(overlay->writer, &spec, error), error))
        return FALSE;
    for (guint i = 0; i < hc_delta_n_values(node); i++) {
        const HcDeltaValue *value = hc_delta_value(node, i);
        if (value->op == HC_VALUE_SET && !write_datum(overlay, value->name, &value->after, error))
            return FALSE;
    }
    for (guint i = 0; i < hc_delta_n_children(node); i++) {
        const HcDeltaKey *child = hc_delta_child(node, i);
        if (child->op != HC_KEY_DELETE && !write_new_key(overlay, child, inherited, error))
            return FALSE;
    }
    return written(overlay, hc_writer_close_key(overlay->writer, error), error);
}

static gboolean
is_touched(const HcDeltaKey *node)
{
    if (node->changed != 0 || hc_delta_n_values(node) > 0)
        return TRUE;
    for (guint i = 0; i < hc_delta_n_children(node); i++) {
        if (hc_delta_child(node, i)->op != HC_KEY_KEEP)
            return TRUE;
    }
    return FALSE;
}

/* What an old key carries, under the delta's changes to it. */
static gboolean
fill_spec(const Overlay *overlay, const HcDeltaKey *node, const HcKey *key, HcKeySpec *spec,
          GError **error)
{
    *spec = (HcKeySpec){
        .name = key->name,
        .flags = key->flags,
        .layer_bits = key->layer_bits,
        .access_bits = key->nk[HC_NK_ACCESS],
        .user_flags = hc_get16(key->nk + HC_NK_MAX_NAME + 2),
        .mtime_filetime = key->mtime_filetime,
        .predefined_handle = hc_key_predefined_handle(key),
    };
    if (!hc_hive_class(overlay->base, key, &spec->class_name, error) ||
        !hc_hive_security(overlay->base, key, &spec->security, error))
        return FALSE;
    if (node == NULL)
        return TRUE;
    if ((node->changed & HC_CHANGED_CLASS) != 0)
        spec->class_name = node->after.class_name;
    if ((node->changed & HC_CHANGED_SECURITY) != 0)
        spec->security = node->after.security;
    if ((node->changed & HC_CHANGED_FLAGS) != 0) {
        spec->flags = (uint16_t) (key->flags & ~(guint) HC_KEY_FLAGS_COMPARED);
        spec->flags |= node->after.flags & HC_KEY_FLAGS_COMPARED;
    }
    if ((spec->flags & ~key->flags & HC_KEY_FLAG_PREDEFINED) != 0)
        return refuse(
            overlay, node, HC_ERROR_UNSUPPORTED,
            "the key becomes a predefined-handle key, whose handle the patch does not say", error);
    if ((key->flags & ~spec->flags & HC_KEY_FLAG_PREDEFINED) != 0)
        return refuse(overlay, node, HC_ERROR_UNSUPPORTED,
                      "the key stops being a predefined-handle key, and its handle would be lost, "
                      "which no patch could bring back",
                      error);
    if (overlay->epoch.is_set && is_touched(node))
        spec->mtime_filetime = hc_filetime_from_unix(overlay->epoch.seconds);
    return TRUE;
}

static gboolean write_key(Overlay *overlay, const HcDeltaKey *node, const HcKey *key,
                          uint32_t depth, GError **error);

/* One key that is in the base, in the delta, or in both; the other is NULL. */
static gboolean
write_subkey(Overlay *overlay, const HcDeltaKey *node, const HcKey *key, Inherited inherited,
             uint32_t depth, GError **error)
{
    g_assert(node != NULL || key != NULL);
    if (node == NULL)
        return write_key(overlay, NULL, key, depth, error);
    if ((node->op == HC_KEY_CREATE) != (key == NULL))
        return refuse(overlay, node, HC_ERROR_CONFLICT,
                      key == NULL ? "the hive does not have this key"
                                  : "the hive has this key already",
                      error);
    switch (node->op) {
    case HC_KEY_KEEP:
        return write_key(overlay, node, key, depth, error);
    case HC_KEY_DELETE:
        return TRUE;
    case HC_KEY_CREATE:
    case HC_KEY_REPLACE:
        return write_new_key(overlay, node, inherited, error);
    }
    return FALSE;
}

static gboolean
write_subkeys(Overlay *overlay, const HcDeltaKey *node, const HcKey *key, Inherited inherited,
              uint32_t depth, GError **error)
{
    const guint n_nodes = node != NULL ? hc_delta_n_children(node) : 0;
    HcKeyList *list = level_at(overlay, depth);
    if (!hc_key_list_fill(list, overlay->base, key, error))
        return FALSE;
    guint i = 0;
    guint j = 0;
    while (i < list->keys->len || j < n_nodes) {
        const HcKey *old = i < list->keys->len ? &g_array_index(list->keys, HcKey, i) : NULL;
        const HcDeltaKey *child = j < n_nodes ? hc_delta_child(node, j) : NULL;
        const int order = old == NULL     ? 1
                          : child == NULL ? -1
                                          : hc_name_compare(old->name, child->name);
        if (!write_subkey(overlay, order >= 0 ? child : NULL, order <= 0 ? old : NULL, inherited,
                          depth + 1, error))
            return FALSE;
        i += order <= 0;
        j += order >= 0;
    }
    return TRUE;
}

/* A key of the base that stays. Recursion is as deep as the tree, which hc_walk_enter() caps. */
static gboolean
write_key(Overlay *overlay, const HcDeltaKey *node, const HcKey *key, uint32_t depth,
          GError **error)
{
    HcKeySpec spec;
    if (!hc_walk_enter(&overlay->walk, key, depth, error) ||
        !fill_spec(overlay, node, key, &spec, error))
        return FALSE;
    const Inherited inherited = {
        overlay->epoch.is_set ? hc_filetime_from_unix(overlay->epoch.seconds) : key->mtime_filetime,
        spec.user_flags,
    };
    return written(overlay, hc_writer_open_key(overlay->writer, &spec, error), error) &&
           write_values(overlay, node, key, error) &&
           write_subkeys(overlay, node, key, inherited, depth, error) &&
           written(overlay, hc_writer_close_key(overlay->writer, error), error);
}

HcWriterOptions
hc_overlay_writer_options(const HcHive *base)
{
    const HcHiveInfo *info = hc_hive_info(base);
    return (HcWriterOptions){
        .minor = MAX(info->minor, 3u),
        .is_differencing = info->is_differencing,
        .file_name = info->name,
        .mtime_filetime = info->mtime_filetime,
    };
}

gboolean
hc_overlay_write(const HcHive *base, const HcDelta *exact, HcEpoch epoch, HcWriter *writer,
                 GError **error)
{
    g_autoptr(GPtrArray) levels = g_ptr_array_new_with_free_func(free_level);
    g_autoptr(GByteArray) scratch = g_byte_array_new();
    Overlay overlay = {base, epoch, writer, hc_walk_start(base), levels, scratch};
    HcKey root;
    if (exact != NULL && hc_hive_info(base)->is_differencing && !hc_delta_is_empty(exact))
        return refuse(&overlay, hc_delta_root(exact), HC_ERROR_UNSUPPORTED,
                      "a differencing hive, whose changes mean something only above its base",
                      error);
    return hc_hive_root(base, &root, error) &&
           write_key(&overlay, exact != NULL ? hc_delta_root(exact) : NULL, &root, 0, error);
}
