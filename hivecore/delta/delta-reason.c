#include "config.h"

#include "hivecore/delta/delta-private.h"

/* What the author of a patch says about it: reasons, and names of whole files. */

static guint
hash_text(HcName name)
{
    guint hash = 5381;
    for (uint32_t i = 0; i < name.n_units; i++)
        hash = 33 * hash + hc_name_unit(name, i);
    return hash;
}

static guint
reason_hash(gconstpointer pointer)
{
    const HcReason *reason = pointer;
    return hash_text(reason->text) ^ 3 * hash_text(reason->ticket) ^ 5 * hash_text(reason->owner);
}

static gboolean
reason_equal(gconstpointer a, gconstpointer b)
{
    const HcReason *reason_a = a;
    const HcReason *reason_b = b;
    return hc_name_same_spelling(reason_a->text, reason_b->text) &&
           hc_name_same_spelling(reason_a->ticket, reason_b->ticket) &&
           hc_name_same_spelling(reason_a->owner, reason_b->owner);
}

GHashTable *
hc_delta_reasons_new(void)
{
    return g_hash_table_new(reason_hash, reason_equal);
}

const HcReason *
hc_delta_reason(HcDelta *delta, const HcReason *reason)
{
    if (reason == NULL)
        return NULL;
    HcReason *known = (HcReason *) g_hash_table_lookup(delta->reasons, reason);
    if (known != NULL)
        return known;
    known = (HcReason *) hc_arena_alloc(delta->arena, sizeof(*known));
    known->text = hc_name_dup(delta->arena, reason->text);
    known->ticket = hc_name_dup(delta->arena, reason->ticket);
    known->owner = hc_name_dup(delta->arena, reason->owner);
    g_hash_table_add(delta->reasons, known);
    return known;
}

void
hc_delta_name_source(HcDelta *delta, uint32_t source, HcName id, HcName version)
{
    const HcSourceName name = {source, hc_name_dup(delta->arena, id),
                               hc_name_dup(delta->arena, version)};
    g_array_append_val(delta->source_names, name);
}

gboolean
hc_delta_source_name(const HcDelta *delta, uint32_t source, HcName *id, HcName *version)
{
    for (guint i = 0; i < delta->source_names->len; i++) {
        const HcSourceName *name = &g_array_index(delta->source_names, HcSourceName, i);
        if (name->source != source)
            continue;
        *id = name->id;
        *version = name->version;
        return TRUE;
    }
    return FALSE;
}
