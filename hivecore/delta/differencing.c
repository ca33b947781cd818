#include "config.h"

#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/delta/delta-private.h"
#include "hivecore/regf/types.h"

/* nk+12 is 2 in every key of the real samples. */
enum {
    ACCESS_BITS = 2
};

/* What a key hands down to the keys below it. */
typedef struct {
    HcBlob security;        /* effective, not that of the ROOT key node */
    uint64_t base_filetime; /* the nearest existing key's */
    uint16_t user_flags;
    gboolean is_tree_replaced; /* a key above is 0x03, so this one must be, too */
} Inherited;

static gboolean
refuse(GError **error, const HcDeltaKey *key, HcErrorCode code, const char *what)
{
    g_autoptr(GString) path = g_string_new(NULL);
    hc_delta_append_path(path, key, NULL);
    return hc_fail(error, code, "key %s: %s", path->len > 0 ? path->str : "\\", what);
}

static uint64_t
key_time(const HcEmitter *emitter, uint64_t base_filetime)
{
    if (emitter->options->epoch.is_set)
        return hc_filetime_from_unix(emitter->options->epoch.seconds);
    return base_filetime;
}

/* Deltas know the flag, not the handle. */
static gboolean
check_new_key(const HcDeltaKey *key, GError **error)
{
    if ((key->after.flags & HC_KEY_FLAG_PREDEFINED) != 0)
        return refuse(error, key, HC_ERROR_UNSUPPORTED,
                      "a new key that stands for a predefined handle has no form in a "
                      "differencing hive");
    return TRUE;
}

/* Bits of a new key, or of one made anew; below a key made anew the keys are too. */
static uint8_t
new_layer_bits(const HcDeltaKey *key, const Inherited *inherited)
{
    if (inherited->is_tree_replaced)
        return HC_LAYER_SUPERSEDE_TREE;
    if (key->op != HC_KEY_REPLACE)
        return HC_LAYER_MERGE;
    return (key->kept & HC_CHANGED_CLASS) != 0 ? HC_LAYER_SUPERSEDE_TREE | HC_LAYER_INHERIT_CLASS
                                               : HC_LAYER_SUPERSEDE_TREE;
}

/* A key that is new or made anew, and everything below it. */
static gboolean
emit_new(const HcEmitter *emitter, const HcDeltaKey *key, const Inherited *inherited,
         GError **error)
{
    if (!check_new_key(key, error))
        return FALSE;
    Inherited own = *inherited;
    const uint8_t layer_bits = new_layer_bits(key, inherited);
    const gboolean inherits_class = (layer_bits & HC_LAYER_INHERIT_CLASS) != 0;
    own.is_tree_replaced = layer_bits != HC_LAYER_MERGE;
    if (key->after.security.bytes != NULL)
        own.security = key->after.security;
    const HcKeySpec spec = {
        .name = key->name,
        .class_name = inherits_class ? (HcBlob){NULL, 0} : key->after.class_name,
        .security = own.security,
        .flags = key->after.flags & (HC_KEY_FLAG_SYMLINK | HC_KEY_FLAG_VOLATILE),
        .layer_bits = layer_bits,
        .access_bits = ACCESS_BITS,
        .user_flags = own.user_flags,
        .mtime_filetime = key_time(emitter, own.base_filetime),
    };
    if (!hc_writer_open_key(emitter->writer, &spec, error) ||
        !hc_emit_own_values(emitter, key, error))
        return FALSE;
    for (guint i = 0; i < hc_delta_n_children(key); i++) {
        const HcDeltaKey *child = hc_delta_child(key, i);
        if (child->op != HC_KEY_DELETE && !emit_new(emitter, child, &own, error))
            return FALSE;
    }
    return hc_writer_close_key(emitter->writer, error);
}

static gboolean
emit_tombstone(const HcEmitter *emitter, const HcKey *base_key, GError **error)
{
    HcBlob security;
    if (!hc_hive_security(emitter->base, base_key, &security, error))
        return FALSE;
    const HcKeySpec spec = {
        .name = base_key->name,
        .security = security,
        .layer_bits = HC_LAYER_TOMBSTONE,
        .access_bits = ACCESS_BITS,
    };
    return hc_writer_open_key(emitter->writer, &spec, error) &&
           hc_writer_close_key(emitter->writer, error);
}

static gboolean emit_child(const HcEmitter *emitter, const HcDeltaKey *key,
                           const HcKey *parent_base_key, const Inherited *inherited,
                           GError **error);

static gboolean
emit_children(const HcEmitter *emitter, const HcDeltaKey *key, const HcKey *base_key,
              const Inherited *inherited, GError **error)
{
    for (guint i = 0; i < hc_delta_n_children(key); i++) {
        if (!emit_child(emitter, hc_delta_child(key, i), base_key, inherited, error))
            return FALSE;
    }
    return TRUE;
}

/* Layer bits, class and descriptor of a key that stays. */
static gboolean
fill_kept(const HcEmitter *emitter, const HcDeltaKey *key, const HcKey *base_key, HcKeySpec *spec,
          GError **error)
{
    if (!hc_hive_security(emitter->base, base_key, &spec->security, error))
        return FALSE;
    if ((key->changed & HC_CHANGED_SECURITY) != 0) {
        spec->layer_bits = HC_LAYER_SUPERSEDE_LOCAL;
        if (key->after.security.bytes != NULL)
            spec->security = key->after.security;
    } else if (!(key->changed & HC_CHANGED_CLASS)) {
        spec->layer_bits = HC_LAYER_MERGE | HC_LAYER_INHERIT_CLASS;
        return TRUE;
    }
    if ((key->changed & HC_CHANGED_CLASS) != 0) {
        spec->class_name = key->after.class_name;
        return TRUE;
    }
    return hc_hive_class(emitter->base, base_key, &spec->class_name, error);
}

/* What @base_key has afterwards besides values and subkeys, as a key of its own. */
static gboolean
fill_anew(const HcEmitter *emitter, const HcDeltaKey *key, const HcKey *base_key, HcKeySpec *spec,
          GError **error)
{
    const guint changed = key != NULL ? key->changed : 0;
    const uint16_t base_flags = base_key->flags & HC_KEY_FLAGS_COMPARED;
    *spec = (HcKeySpec){
        .name = base_key->name,
        .flags = (changed & HC_CHANGED_FLAGS) != 0 ? key->after.flags : base_flags,
        .layer_bits = HC_LAYER_SUPERSEDE_TREE,
        .access_bits = ACCESS_BITS,
        .user_flags = base_key->user_flags,
        .mtime_filetime = key_time(emitter, base_key->mtime_filetime),
    };
    if ((spec->flags & HC_KEY_FLAG_PREDEFINED) != 0) {
        if ((base_flags & HC_KEY_FLAG_PREDEFINED) == 0)
            return check_new_key(key, error);
        spec->predefined_handle = hc_key_predefined_handle(base_key);
    }
    if (!hc_hive_class(emitter->base, base_key, &spec->class_name, error) ||
        !hc_hive_security(emitter->base, base_key, &spec->security, error))
        return FALSE;
    if ((changed & HC_CHANGED_CLASS) != 0)
        spec->class_name = key->after.class_name;
    if ((changed & HC_CHANGED_SECURITY) != 0 && key->after.security.bytes != NULL)
        spec->security = key->after.security;
    return TRUE;
}

static gboolean emit_anew(const HcEmitter *emitter, const HcDeltaKey *key, const HcKey *base_key,
                          uint32_t depth, GError **error);

/* The subkeys that a key has afterwards: the base's and the delta's, both sorted. */
static gboolean
emit_subkeys_anew(const HcEmitter *emitter, const HcDeltaKey *key, const HcKey *base_key,
                  const Inherited *inherited, uint32_t depth, GError **error)
{
    const HcPair pair = {{base_key, NULL}, {NULL, key}};
    GError *failure = NULL;
    HcPairIter iter;
    HcPair below;
    if (!hc_pair_walk_list(emitter->walk, &pair, depth, &iter, error))
        return FALSE;
    while (hc_pair_iter_next(&iter, &below, &failure)) {
        const HcKey *old = below.left.key;
        const HcDeltaKey *child = below.right.node;
        gboolean done = TRUE;
        if (old != NULL && (child == NULL || child->op == HC_KEY_KEEP))
            done = emit_anew(emitter, child, old, depth + 1, error);
        else if (child != NULL && hc_delta_is_made(child))
            done = emit_new(emitter, child, inherited, error);
        if (!done)
            return FALSE;
    }
    return failure == NULL || hc_fail_with(error, failure);
}

/*
 * A key whose flags change, and all below it: Windows gives a key its flags when it makes it, so
 * the key is made anew, with everything that it has afterwards. @key: NULL below such a key, where
 * nothing changes. hc_walk_enter() ends the recursion.
 */
static gboolean
emit_anew(const HcEmitter *emitter, const HcDeltaKey *key, const HcKey *base_key, uint32_t depth,
          GError **error)
{
    HcKeySpec spec;
    if (!hc_walk_enter(&emitter->walk->budget[0], base_key, depth, error) ||
        !fill_anew(emitter, key, base_key, &spec, error))
        return FALSE;
    const Inherited own = {
        .security = spec.security,
        .base_filetime = base_key->mtime_filetime,
        .user_flags = spec.user_flags,
        .is_tree_replaced = TRUE,
    };
    return hc_writer_open_key(emitter->writer, &spec, error) &&
           hc_emit_effective_values(emitter, key, base_key, error) &&
           emit_subkeys_anew(emitter, key, base_key, &own, depth, error) &&
           hc_writer_close_key(emitter->writer, error);
}

static gboolean
emit_kept(const HcEmitter *emitter, const HcDeltaKey *key, const HcKey *base_key, GError **error)
{
    if ((key->changed & HC_CHANGED_FLAGS) != 0)
        return emit_anew(emitter, key, base_key, 1, error);
    const gboolean is_predefined = (base_key->flags & HC_KEY_FLAG_PREDEFINED) != 0;
    HcKeySpec spec = {
        .name = base_key->name,
        .flags = base_key->flags & HC_KEY_FLAGS_COMPARED,
        .access_bits = ACCESS_BITS,
        .user_flags = base_key->user_flags,
        .mtime_filetime = key_time(emitter, base_key->mtime_filetime),
        .predefined_handle = is_predefined ? hc_key_predefined_handle(base_key) : 0,
    };
    if (!fill_kept(emitter, key, base_key, &spec, error))
        return FALSE;
    const Inherited own = {
        .security = spec.security,
        .base_filetime = base_key->mtime_filetime,
        .user_flags = spec.user_flags,
    };
    if (!hc_writer_open_key(emitter->writer, &spec, error))
        return FALSE;
    const gboolean done = spec.layer_bits == HC_LAYER_SUPERSEDE_LOCAL
                              ? hc_emit_effective_values(emitter, key, base_key, error)
                              : hc_emit_changed_values(emitter, key, base_key, error);
    return done && emit_children(emitter, key, base_key, &own, error) &&
           hc_writer_close_key(emitter->writer, error);
}

/* A key made anew keeps what does not come from its content: time and user flags. */
static gboolean
emit_replaced(const HcEmitter *emitter, const HcDeltaKey *key, const HcKey *base_key,
              const Inherited *inherited, GError **error)
{
    Inherited own = *inherited;
    own.base_filetime = base_key->mtime_filetime;
    own.user_flags = base_key->user_flags;
    return emit_new(emitter, key, &own, error);
}

static gboolean
emit_child(const HcEmitter *emitter, const HcDeltaKey *key, const HcKey *parent_base_key,
           const Inherited *inherited, GError **error)
{
    if (key->op == HC_KEY_CREATE)
        return emit_new(emitter, key, inherited, error);

    HcKey base_key;
    GError *failed = NULL;
    if (!hc_hive_subkey(emitter->base, parent_base_key, key->name, &base_key, &failed)) {
        if (failed == NULL)
            return refuse(error, key, HC_ERROR_CONFLICT, "it is not in the base hive");
        return hc_fail_with(error, failed);
    }
    switch (key->op) {
    case HC_KEY_KEEP:
        return emit_kept(emitter, key, &base_key, error);
    case HC_KEY_DELETE:
        return emit_tombstone(emitter, &base_key, error);
    case HC_KEY_REPLACE:
        return emit_replaced(emitter, key, &base_key, inherited, error);
    case HC_KEY_CREATE:
        break; /* above */
    }
    return FALSE;
}

/*
 * The root: a key of its own name and descriptor, as Windows' offline library makes it, over
 * whatever root the base has. Its bits are 0x00, which means an own class: the base's.
 */
static gboolean
emit_root(const HcEmitter *emitter, const HcDeltaKey *key, GError **error)
{
    HcKeySpec spec = {
        .name = HC_NAME_ASCII("ROOT"),
        .security = hc_default_root_security(),
        .access_bits = ACCESS_BITS,
        .mtime_filetime = key_time(emitter, HC_FILETIME_UNIX_EPOCH),
    };
    if (emitter->base == NULL)
        return hc_writer_open_key(emitter->writer, &spec, error) &&
               hc_writer_close_key(emitter->writer, error);

    HcKey base_root;
    if (!hc_hive_root(emitter->base, &base_root, error) ||
        !hc_hive_class(emitter->base, &base_root, &spec.class_name, error))
        return FALSE;
    Inherited own = {
        .base_filetime = base_root.mtime_filetime,
        .user_flags = base_root.user_flags,
    };
    if (!hc_hive_security(emitter->base, &base_root, &own.security, error))
        return FALSE;
    spec.user_flags = own.user_flags;
    spec.mtime_filetime = key_time(emitter, base_root.mtime_filetime);
    if (!hc_writer_open_key(emitter->writer, &spec, error))
        return FALSE;
    if (key != NULL && (!hc_emit_changed_values(emitter, key, &base_root, error) ||
                        !emit_children(emitter, key, &base_root, &own, error)))
        return FALSE;
    return hc_writer_close_key(emitter->writer, error);
}

GBytes *
hc_differencing_write(const HcDelta *exact, const HcHive *base,
                      const HcDifferencingOptions *options, GError **error)
{
    const HcDeltaKey *root = NULL;
    if (exact != NULL && !hc_delta_is_empty(exact)) {
        g_return_val_if_fail(base != NULL, NULL);
        root = hc_delta_root(exact);
        if ((root->changed & (HC_CHANGED_CLASS | HC_CHANGED_SECURITY | HC_CHANGED_FLAGS)) != 0) {
            (void) refuse(error, root, HC_ERROR_UNSUPPORTED,
                          "a differencing hive cannot change the root's class, security "
                          "descriptor or flags");
            return NULL; /* refuse only ever says FALSE */
        }
    }
    const HcWriterOptions writer_options = {
        .minor = 6,
        .is_differencing = TRUE,
        .file_name = options->file_name,
        .mtime_filetime = 0, /* as in the real samples */
    };
    g_autoptr(HcWriter) writer = hc_writer_new(&writer_options);
    g_autoptr(GByteArray) scratch = g_byte_array_new();
    g_auto(HcPairWalk) walk;
    hc_pair_walk_init(&walk, base, NULL);
    const HcEmitter emitter = {base, options, writer, scratch, &walk};
    if (!emit_root(&emitter, root, error))
        return NULL;
    return hc_writer_finish(writer, error);
}
