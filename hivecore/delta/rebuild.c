#include "config.h"

#include "hivecore/delta/rebuild.h"

#include "hivecore/base/error.h"
#include "hivecore/base/parallel.h"
#include "hivecore/delta/differencing.h"
#include "hivecore/delta/pair-walk.h"
#include "hivecore/delta/proof.h"
#include "hivecore/delta/resolve.h"
#include "hivecore/regf/check.h"
#include "hivecore/regf/types.h"

typedef struct {
    const HcHive *base;
    HcEpoch epoch;
    HcWriter *writer;
    HcPairWalk walk;     /* base left, delta right */
    GByteArray *scratch; /* one value's big data */
    gint *is_vain;       /* (nullable): set by another thread: what is written is thrown away */
} Overlay;

/* What a new key takes from the key above it. */
typedef struct {
    uint64_t mtime_filetime;
    uint16_t user_flags;
} Inherited;

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
    if (!hc_walk_data(&overlay->walk.budget[0], value, error) ||
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
    GError *failure = NULL;
    HcValueIter iter;
    HcValue value;
    if (!hc_value_iter_init(&iter, overlay->base, key, error))
        return FALSE;
    while (hc_value_iter_next(&iter, &value, &failure)) {
        const HcDeltaValue *change = n_changes > 0 ? hc_delta_find_value(node, value.name) : NULL;
        if (change != NULL && change->op == HC_VALUE_DELETE)
            continue;
        if (change != NULL ? !write_datum(overlay, value.name, &change->after, error)
                           : !write_old_value(overlay, &value, error))
            return FALSE;
    }
    if (failure != NULL)
        return hc_fail_with(error, failure);
    for (guint i = 0; i < n_changes; i++) {
        const HcDeltaValue *change = hc_delta_value(node, i);
        if (change->op == HC_VALUE_SET && !change->before->is_present &&
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
        .access_bits = key->access_bits,
        .user_flags = key->user_flags,
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

static gboolean write_key(Overlay *overlay, const HcPair *pair, uint32_t depth, GError **error);

/* One key that is in the base, in the delta, or in both. */
static gboolean
write_subkey(Overlay *overlay, const HcPair *pair, Inherited inherited, uint32_t depth,
             GError **error)
{
    const HcKey *key = pair->left.key;
    const HcDeltaKey *node = pair->right.node;
    if (node == NULL)
        return write_key(overlay, pair, depth, error);
    if ((node->op == HC_KEY_CREATE) != (key == NULL))
        return refuse(overlay, node, HC_ERROR_CONFLICT,
                      key == NULL ? "the hive does not have this key"
                                  : "the hive has this key already",
                      error);
    switch (node->op) {
    case HC_KEY_KEEP:
        return write_key(overlay, pair, depth, error);
    case HC_KEY_DELETE:
        return TRUE;
    case HC_KEY_CREATE:
    case HC_KEY_REPLACE:
        return write_new_key(overlay, node, inherited, error);
    }
    return FALSE;
}

static gboolean
write_subkeys(Overlay *overlay, const HcPair *pair, Inherited inherited, uint32_t depth,
              GError **error)
{
    GError *failure = NULL;
    HcPairIter iter;
    HcPair below;
    if (!hc_pair_walk_list(&overlay->walk, pair, depth, &iter, error))
        return FALSE;
    while (hc_pair_iter_next(&iter, &below, &failure)) {
        if (!write_subkey(overlay, &below, inherited, depth + 1, error))
            return FALSE;
    }
    return failure == NULL || hc_fail_with(error, failure);
}

/* A key of the base that stays. Recursion is as deep as the tree, which hc_walk_enter() caps. */
static gboolean
write_key(Overlay *overlay, const HcPair *pair, uint32_t depth, GError **error)
{
    const HcKey *key = pair->left.key;
    HcKeySpec spec;
    if (overlay->is_vain != NULL && g_atomic_int_get(overlay->is_vain) != 0)
        return hc_fail(error, HC_ERROR_MALFORMED, "%s: is not sound", hc_hive_file(overlay->base));
    if (!hc_pair_walk_enter(&overlay->walk, pair, depth, error) ||
        !fill_spec(overlay, pair->right.node, key, &spec, error))
        return FALSE;
    const Inherited inherited = {
        overlay->epoch.is_set ? hc_filetime_from_unix(overlay->epoch.seconds) : key->mtime_filetime,
        spec.user_flags,
    };
    return written(overlay, hc_writer_open_key(overlay->writer, &spec, error), error) &&
           write_values(overlay, pair->right.node, key, error) &&
           write_subkeys(overlay, pair, inherited, depth, error) &&
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

static gboolean
write_overlay(Overlay *overlay, const HcDelta *exact, GError **error)
{
    g_autoptr(GByteArray) scratch = g_byte_array_new();
    HcKey root;
    if (exact != NULL && hc_hive_info(overlay->base)->is_differencing && !hc_delta_is_empty(exact))
        return refuse(overlay, hc_delta_root(exact), HC_ERROR_UNSUPPORTED,
                      "a differencing hive, whose changes mean something only above its base",
                      error);
    if (!hc_hive_root(overlay->base, &root, error))
        return FALSE;
    const HcPair roots = {{&root, NULL}, {NULL, exact != NULL ? hc_delta_root(exact) : NULL}};
    overlay->scratch = scratch;
    hc_pair_walk_init(&overlay->walk, overlay->base, NULL);
    const gboolean done = write_key(overlay, &roots, 0, error);
    hc_pair_walk_clear(&overlay->walk);
    return done;
}

gboolean
hc_overlay_write(const HcHive *base, const HcDelta *exact, HcEpoch epoch, HcWriter *writer,
                 GError **error)
{
    Overlay overlay = {.base = base, .epoch = epoch, .writer = writer};
    return write_overlay(&overlay, exact, error);
}

/* A hive that is checked and written anew, in whichever order. What is written of one that is not
 * sound may be far larger than it, as its cells overlap: that ends with the check. */
typedef struct {
    const HcHive *snapshot;
    const HcDelta *exact;
    HcEpoch epoch;
    HcOutput *output;
    HcKeptCheck *kept;
    GError *defect; /* of the snapshot */
    gint is_unsound;
    GBytes *bytes;
    GError *failure; /* to write it */
} Rebuild;

enum {
    CHECK,
    WRITE,
    N_PIECES
};

static void
do_piece(gpointer piece, G_GNUC_UNUSED guint thread, gpointer data)
{
    Rebuild *rebuild = data;
    if (GPOINTER_TO_UINT(piece) == CHECK) {
        rebuild->kept = hc_hive_check_keep(rebuild->snapshot, &rebuild->defect);
        if (rebuild->kept == NULL)
            g_atomic_int_set(&rebuild->is_unsound, 1);
        return;
    }
    const HcWriterOptions options = hc_overlay_writer_options(rebuild->snapshot);
    g_autoptr(HcWriter) writer = hc_writer_new_to(&options, rebuild->output);
    Overlay overlay = {.base = rebuild->snapshot,
                       .epoch = rebuild->epoch,
                       .writer = writer,
                       .is_vain = &rebuild->is_unsound};
    if (write_overlay(&overlay, rebuild->exact, &rebuild->failure))
        rebuild->bytes = hc_writer_finish(writer, &rebuild->failure);
}

static void
check_and_write(Rebuild *rebuild)
{
    if (hc_hive_gains_by_threads(rebuild->snapshot)) {
        hc_parallel_each(N_PIECES, do_piece, rebuild);
        return;
    }
    do_piece(GUINT_TO_POINTER(CHECK), 0, rebuild);
    if (rebuild->kept != NULL)
        do_piece(GUINT_TO_POINTER(WRITE), 0, rebuild);
}

static void
rebuild_clear(Rebuild *rebuild)
{
    g_clear_pointer(&rebuild->kept, hc_kept_check_free);
    g_clear_pointer(&rebuild->bytes, g_bytes_unref);
    g_clear_error(&rebuild->defect);
    g_clear_error(&rebuild->failure);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Rebuild, rebuild_clear)

GBytes *
hc_rebuild_apply(const HcHive *hive, const HcDelta *exact, HcEpoch epoch, GError **error)
{
    return hc_rebuild_apply_to(hive, exact, epoch, NULL, error);
}

GBytes *
hc_rebuild_apply_to(const HcHive *hive, const HcDelta *exact, HcEpoch epoch, HcOutput *output,
                    GError **error)
{
    const uint64_t n_bytes = (uint64_t) HC_BASE_BLOCK_BYTES + hc_hive_info(hive)->bins_bytes;
    g_autoptr(HcMap) copy = hc_map_snapshot(hc_hive_map(hive), n_bytes, error);
    if (copy == NULL)
        return NULL;
    /* Whether a dirty hive may be read was decided by who opened @hive. */
    g_autoptr(HcHive) snapshot = hc_hive_open_map(copy, HC_HIVE_ALLOW_DIRTY, error);
    if (snapshot == NULL)
        return NULL;
    g_autoptr(HcDelta) nothing = exact == NULL ? hc_delta_new() : NULL;
    if (exact == NULL)
        exact = nothing;
    g_auto(Rebuild) rebuild = {
        .snapshot = snapshot, .exact = exact, .epoch = epoch, .output = output};
    check_and_write(&rebuild);
    if (rebuild.kept == NULL)
        return hc_fail_with_null(error, g_steal_pointer(&rebuild.defect));
    if (rebuild.bytes == NULL)
        return hc_fail_with_null(error, g_steal_pointer(&rebuild.failure));
    return hc_proof(snapshot, g_steal_pointer(&rebuild.kept), rebuild.bytes, exact, epoch, error)
               ? g_steal_pointer(&rebuild.bytes)
               : NULL;
}

HcHive *
hc_merge_layer(HcHive *hive, const HcHive *layer, HcEpoch epoch, HcDelta **change, GError **error)
{
    return hc_merge_layer_to(hive, layer, epoch, NULL, change, error);
}

HcHive *
hc_merge_layer_to(HcHive *hive, const HcHive *layer, HcEpoch epoch, HcOutput *output,
                  HcDelta **change, GError **error)
{
    g_autoptr(HcDelta) patch = hc_differencing_read(layer, error);
    g_autoptr(HcDelta) exact = patch != NULL ? hc_delta_resolve(patch, hive, error) : NULL;
    if (exact == NULL)
        return NULL;
    g_autoptr(HcHive) merged = NULL;
    if (hc_delta_is_empty(exact)) {
        merged = hc_hive_ref(hive);
    } else {
        GBytes *bytes = hc_rebuild_apply_to(hive, exact, epoch, output, error);
        if (bytes == NULL)
            return NULL;
        g_autoptr(HcMap) map = hc_map_from_bytes(hc_hive_file(hive), bytes);
        merged = hc_hive_open_map(map, 0, error);
        if (merged == NULL)
            return NULL;
    }
    if (change != NULL)
        *change = g_steal_pointer(&exact);
    return g_steal_pointer(&merged);
}
