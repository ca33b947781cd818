#include "config.h"

#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/delta/differencing.h"
#include "hivecore/regf/layout.h"
#include "hivecore/regf/writer.h"

/* nk+12 is 2 in every key of the real samples. */
enum {
    ACCESS_BITS = 2
};

typedef struct {
    const HcHive *base; /* NULL when the delta is empty */
    const HcDifferencingOptions *options;
    HcWriter *writer;
    GByteArray *scratch; /* of one base value's data */
} Emitter;

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
    g_set_error(error, HC_ERROR, code, "key %s: %s", path->len > 0 ? path->str : "\\", what);
    return FALSE;
}

static uint64_t
key_time(const Emitter *emitter, uint64_t base_filetime)
{
    if (emitter->options->epoch.is_set)
        return hc_filetime_from_unix(emitter->options->epoch.seconds);
    return base_filetime;
}

/* The virtualization and user flags of a base key, the high half of nk+52. */
static uint16_t
base_user_flags(const HcKey *base_key)
{
    return hc_get16(base_key->nk + HC_NK_MAX_NAME + 2);
}

/* The data of one base value, under the delta's change to it if there is one. */
static gboolean
emit_effective_value(const Emitter *emitter, const HcDeltaKey *key, const HcValue *value,
                     GError **error)
{
    const HcDeltaValue *change = hc_delta_find_value(key, value->name);
    if (change != NULL && change->op == HC_VALUE_DELETE)
        return TRUE;
    if (change != NULL)
        return hc_writer_value(emitter->writer, value->name, change->after.type, change->after.data,
                               error);
    HcBlob data;
    if (!hc_hive_value_data(emitter->base, value, emitter->scratch, &data, error))
        return FALSE;
    return hc_writer_value(emitter->writer, value->name, value->type, data, error);
}

/* All values that the key has afterwards: nothing of a 0x02 key comes from below. */
static gboolean
emit_effective_values(const Emitter *emitter, const HcDeltaKey *key, const HcKey *base_key,
                      GError **error)
{
    HcValue value;
    for (uint32_t i = 0; i < base_key->n_values; i++) {
        if (!hc_hive_value(emitter->base, base_key, i, &value, error) ||
            !emit_effective_value(emitter, key, &value, error))
            return FALSE;
    }
    for (guint i = 0; i < hc_delta_n_values(key); i++) {
        const HcDeltaValue *change = hc_delta_value(key, i);
        if (change->op == HC_VALUE_DELETE)
            continue;
        GError *failed = NULL;
        if (hc_hive_find_value(emitter->base, base_key, change->name, &value, &failed))
            continue; /* written above */
        if (failed != NULL) {
            g_propagate_error(error, failed);
            return FALSE;
        }
        if (!hc_writer_value(emitter->writer, change->name, change->after.type, change->after.data,
                             error))
            return FALSE;
    }
    return TRUE;
}

/* Only what changes, spelled as in the base; the rest shines through. */
static gboolean
emit_changed_values(const Emitter *emitter, const HcDeltaKey *key, const HcKey *base_key,
                    GError **error)
{
    for (guint i = 0; i < hc_delta_n_values(key); i++) {
        const HcDeltaValue *change = hc_delta_value(key, i);
        HcName name = change->name;
        HcValue value;
        GError *failed = NULL;
        if (hc_hive_find_value(emitter->base, base_key, change->name, &value, &failed)) {
            name = value.name;
        } else if (failed != NULL) {
            g_propagate_error(error, failed);
            return FALSE;
        }
        const gboolean done = change->op == HC_VALUE_DELETE
                                  ? hc_writer_value_tombstone(emitter->writer, name, error)
                                  : hc_writer_value(emitter->writer, name, change->after.type,
                                                    change->after.data, error);
        if (!done)
            return FALSE;
    }
    return TRUE;
}

/* The values of a key that has nothing below it. */
static gboolean
emit_own_values(const Emitter *emitter, const HcDeltaKey *key, GError **error)
{
    for (guint i = 0; i < hc_delta_n_values(key); i++) {
        const HcDeltaValue *value = hc_delta_value(key, i);
        if (value->op == HC_VALUE_SET &&
            !hc_writer_value(emitter->writer, value->name, value->after.type, value->after.data,
                             error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
check_new_key(const HcDeltaKey *key, GError **error)
{
    if (key->after.flags & HC_KEY_FLAG_PREDEFINED)
        return refuse(error, key, HC_ERROR_UNSUPPORTED,
                      "a new key that stands for a predefined handle has no form in a "
                      "differencing hive");
    return TRUE;
}

/* A key that is new or made anew, and everything below it. */
static gboolean
emit_new(const Emitter *emitter, const HcDeltaKey *key, const Inherited *inherited, GError **error)
{
    if (!check_new_key(key, error))
        return FALSE;
    Inherited own = *inherited;
    if (key->op == HC_KEY_REPLACE)
        own.is_tree_replaced = TRUE;
    if (key->after.security.bytes != NULL)
        own.security = key->after.security;
    const HcKeySpec spec = {
        .name = key->name,
        .class_name = key->after.class_name,
        .security = own.security,
        .flags = key->after.flags & (HC_KEY_FLAG_SYMLINK | HC_KEY_FLAG_VOLATILE),
        .layer_bits = own.is_tree_replaced ? HC_LAYER_SUPERSEDE_TREE : HC_LAYER_MERGE,
        .access_bits = ACCESS_BITS,
        .user_flags = own.user_flags,
        .mtime_filetime = key_time(emitter, own.base_filetime),
    };
    if (!hc_writer_open_key(emitter->writer, &spec, error) || !emit_own_values(emitter, key, error))
        return FALSE;
    for (guint i = 0; i < hc_delta_n_children(key); i++) {
        const HcDeltaKey *child = hc_delta_child(key, i);
        if (child->op != HC_KEY_DELETE && !emit_new(emitter, child, &own, error))
            return FALSE;
    }
    return hc_writer_close_key(emitter->writer, error);
}

static gboolean
emit_tombstone(const Emitter *emitter, const HcKey *base_key, GError **error)
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

static gboolean emit_child(const Emitter *emitter, const HcDeltaKey *key,
                           const HcKey *parent_base_key, const Inherited *inherited,
                           GError **error);

static gboolean
emit_children(const Emitter *emitter, const HcDeltaKey *key, const HcKey *base_key,
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
fill_kept(const Emitter *emitter, const HcDeltaKey *key, const HcKey *base_key, HcKeySpec *spec,
          GError **error)
{
    if (key->changed & HC_CHANGED_FLAGS)
        return refuse(error, key, HC_ERROR_UNSUPPORTED,
                      "a differencing hive cannot change a key's flags");
    if (!hc_hive_security(emitter->base, base_key, &spec->security, error))
        return FALSE;
    if (key->changed & HC_CHANGED_SECURITY) {
        spec->layer_bits = HC_LAYER_SUPERSEDE_LOCAL;
        if (key->after.security.bytes != NULL)
            spec->security = key->after.security;
    } else if (!(key->changed & HC_CHANGED_CLASS)) {
        spec->layer_bits = HC_LAYER_MERGE | HC_LAYER_INHERIT_CLASS;
        return TRUE;
    }
    if (key->changed & HC_CHANGED_CLASS) {
        spec->class_name = key->after.class_name;
        return TRUE;
    }
    return hc_hive_class(emitter->base, base_key, &spec->class_name, error);
}

static gboolean
emit_kept(const Emitter *emitter, const HcDeltaKey *key, const HcKey *base_key, GError **error)
{
    const gboolean is_predefined = (base_key->flags & HC_KEY_FLAG_PREDEFINED) != 0;
    HcKeySpec spec = {
        .name = base_key->name,
        .flags = base_key->flags & HC_KEY_FLAGS_COMPARED,
        .access_bits = ACCESS_BITS,
        .user_flags = base_user_flags(base_key),
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
                              ? emit_effective_values(emitter, key, base_key, error)
                              : emit_changed_values(emitter, key, base_key, error);
    return done && emit_children(emitter, key, base_key, &own, error) &&
           hc_writer_close_key(emitter->writer, error);
}

/* A key made anew keeps what does not come from its content: time and user flags. */
static gboolean
emit_replaced(const Emitter *emitter, const HcDeltaKey *key, const HcKey *base_key,
              const Inherited *inherited, GError **error)
{
    Inherited own = *inherited;
    own.base_filetime = base_key->mtime_filetime;
    own.user_flags = base_user_flags(base_key);
    return emit_new(emitter, key, &own, error);
}

static gboolean
emit_child(const Emitter *emitter, const HcDeltaKey *key, const HcKey *parent_base_key,
           const Inherited *inherited, GError **error)
{
    if (key->op == HC_KEY_CREATE)
        return emit_new(emitter, key, inherited, error);

    HcKey base_key;
    GError *failed = NULL;
    if (!hc_hive_subkey(emitter->base, parent_base_key, key->name, &base_key, &failed)) {
        if (failed == NULL)
            return refuse(error, key, HC_ERROR_CONFLICT, "it is not in the base hive");
        g_propagate_error(error, failed);
        return FALSE;
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
emit_root(const Emitter *emitter, const HcDeltaKey *key, GError **error)
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
        .user_flags = base_user_flags(&base_root),
    };
    if (!hc_hive_security(emitter->base, &base_root, &own.security, error))
        return FALSE;
    spec.user_flags = own.user_flags;
    spec.mtime_filetime = key_time(emitter, base_root.mtime_filetime);
    if (!hc_writer_open_key(emitter->writer, &spec, error))
        return FALSE;
    if (key != NULL && (!emit_changed_values(emitter, key, &base_root, error) ||
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
        if (root->changed & (HC_CHANGED_CLASS | HC_CHANGED_SECURITY | HC_CHANGED_FLAGS)) {
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
    const Emitter emitter = {base, options, writer, scratch};
    if (!emit_root(&emitter, root, error))
        return NULL;
    return hc_writer_finish(writer, error);
}
