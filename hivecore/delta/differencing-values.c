#include "config.h"

#include "hivecore/base/error.h"
#include "hivecore/delta/delta-private.h"

static gboolean
emit_base_value(const HcEmitter *emitter, const HcValue *value, GError **error)
{
    HcBlob data;
    return hc_walk_data(&emitter->walk->budget[0], value, error) &&
           hc_hive_value_data(emitter->base, value, emitter->scratch, &data, error) &&
           hc_writer_value(emitter->writer, value->name, value->type, data, error);
}

/* A change to a value that the base does not have. */
static gboolean
emit_added_value(const HcEmitter *emitter, const HcDeltaValue *change, const HcKey *base_key,
                 GError **error)
{
    HcValue value;
    GError *failed = NULL;
    if (change->op == HC_VALUE_DELETE ||
        hc_hive_find_value(emitter->base, base_key, change->name, &value, &failed))
        return TRUE;
    if (failed != NULL)
        return hc_fail_with(error, failed);
    return hc_writer_value(emitter->writer, change->name, change->after.type, change->after.data,
                           error);
}

/*
 * All values that the key has afterwards, since nothing of a 0x02 or 0x03 key comes from below:
 * the base's in their order, then the new ones. @key: NULL when nothing changes.
 */
gboolean
hc_emit_effective_values(const HcEmitter *emitter, const HcDeltaKey *key, const HcKey *base_key,
                         GError **error)
{
    for (uint32_t i = 0; i < base_key->n_values; i++) {
        HcValue value;
        if (!hc_hive_value(emitter->base, base_key, i, &value, error))
            return FALSE;
        const HcDeltaValue *change = key != NULL ? hc_delta_find_value(key, value.name) : NULL;
        if (change != NULL && change->op == HC_VALUE_DELETE)
            continue;
        const gboolean done = change == NULL
                                  ? emit_base_value(emitter, &value, error)
                                  : hc_writer_value(emitter->writer, value.name, change->after.type,
                                                    change->after.data, error);
        if (!done)
            return FALSE;
    }
    for (guint i = 0; key != NULL && i < hc_delta_n_values(key); i++) {
        if (!emit_added_value(emitter, hc_delta_value(key, i), base_key, error))
            return FALSE;
    }
    return TRUE;
}

/* Only what changes, spelled as in the base; the rest shines through. */
gboolean
hc_emit_changed_values(const HcEmitter *emitter, const HcDeltaKey *key, const HcKey *base_key,
                       GError **error)
{
    for (guint i = 0; i < hc_delta_n_values(key); i++) {
        const HcDeltaValue *change = hc_delta_value(key, i);
        HcName name = change->name;
        HcValue value;
        GError *failed = NULL;
        if (hc_hive_find_value(emitter->base, base_key, change->name, &value, &failed)) {
            name = value.name;
        } else if (failed != NULL)
            return hc_fail_with(error, failed);
        const gboolean done = change->op == HC_VALUE_DELETE
                                  ? hc_writer_value_tombstone(emitter->writer, name, error)
                                  : hc_writer_value(emitter->writer, name, change->after.type,
                                                    change->after.data, error);
        if (!done)
            return FALSE;
    }
    return TRUE;
}

/* The values of a key that has nothing below it, in the order that the new hive has them in. */
gboolean
hc_emit_own_values(const HcEmitter *emitter, const HcDeltaKey *key, GError **error)
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
