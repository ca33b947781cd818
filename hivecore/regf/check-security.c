#include "config.h"

#include "hivecore/regf/check-private.h"
#include "hivecore/regf/layout.h"
#include "hivecore/regf/security.h"

static const char key_security[] = "key security";

/* Neighbours in the tree mostly share a descriptor, so one counter saves most look-ups. */
void
hc_check_flush_security(HcCheck *check)
{
    gpointer key = GUINT_TO_POINTER(check->recent_security);
    if (check->recent_security == HC_NIL)
        return;
    const guint before = GPOINTER_TO_UINT(g_hash_table_lookup(check->security, key));
    g_hash_table_insert(check->security, key, GUINT_TO_POINTER(before + check->recent_references));
    check->recent_security = HC_NIL;
    check->recent_references = 0;
}

static void
check_first_reference(HcCheck *check, uint32_t offset, HcBlob descriptor)
{
    if (g_hash_table_contains(check->security, GUINT_TO_POINTER(offset)))
        return;
    HcSecurity parts;
    gboolean is_ours = TRUE;
    if (check->is_part) {
        const HcCheckReference reference = {offset, check->order++};
        g_array_append_val(check->references, reference);
    } else {
        is_ours =
            hc_check_claim(check, offset, key_security, HC_SK_DESCRIPTOR + descriptor.n_bytes);
    }
    if (is_ours && hc_security_parse(descriptor, &parts) != NULL)
        hc_check_report(check, HC_FAULT_SECURITY_DESCRIPTOR, key_security, offset, NULL);
}

void
hc_check_key_security(HcCheck *check, const HcKey *key)
{
    const uint32_t offset = key->security;
    HcBlob descriptor;
    HcFault fault;
    if (check->is_releasing) {
        hc_check_release_security(check, offset);
        return;
    }
    if (offset == check->recent_security && offset != HC_NIL) {
        check->recent_references++;
        check->differs |= check->recent_differs;
        return;
    }
    if (!hc_read_security(check->hive, key, &descriptor, &fault)) {
        /* Most keys refer to a few descriptors: a bad one is said once. */
        if (g_hash_table_add(check->bad_security, GUINT_TO_POINTER(offset)))
            hc_check_fault(check, &fault, key->offset);
        return;
    }
    if (descriptor.bytes == NULL) {
        hc_check_report(check, HC_FAULT_SECURITY_NONE, "key", key->offset, NULL);
        return;
    }
    hc_check_flush_security(check);
    const gboolean differs = check->differs;
    check_first_reference(check, offset, descriptor);
    check->recent_differs =
        check->is_noting && hc_check_differs_security(check, offset, descriptor.n_bytes);
    check->differs = differs || check->recent_differs;
    check->recent_security = offset;
    check->recent_references = 1;
}

/* Returns: the sk cell at @offset of the ring, NULL with a finding when it is none. */
static const uint8_t *
ring_cell(HcCheck *check, uint32_t offset, uint32_t from)
{
    HcFault fault;
    const uint8_t *sk =
        hc_read_cell(check->hive, offset, HC_SK_DESCRIPTOR, key_security, NULL, &fault);
    if (sk == NULL) {
        hc_check_fault(check, &fault, from);
        return NULL;
    }
    if (sk[0] != 's' || sk[1] != 'k' || !hc_check_is_allocated(check, offset)) {
        hc_check_report(check, HC_FAULT_SECURITY_RING, key_security, offset, NULL);
        return NULL;
    }
    return sk;
}

/* A count that is too low makes Windows free what is in use; it is not to be trusted where parts
 * of the tree could not be seen. */
static void
check_references(HcCheck *check, uint32_t offset, const uint8_t *sk)
{
    const uint32_t stored = hc_get32(sk + HC_SK_REFERENCES);
    const uint32_t references =
        GPOINTER_TO_UINT(g_hash_table_lookup(check->security, GUINT_TO_POINTER(offset)));
    if (stored == references && references > 0)
        return;
    if (references == 0) {
        if (!check->is_partial)
            hc_check_report(check, HC_FAULT_SECURITY_UNUSED, key_security, offset,
                            "reference count %u", stored);
    } else if (stored < references || !check->is_partial) {
        hc_check_report(check, HC_FAULT_SECURITY_REFERENCES, key_security, offset,
                        "it is %u, %u key%s refer to it", stored, references,
                        references == 1 ? "" : "s");
    }
}

/* The sk cells form one doubly linked ring. Returns: whether it could be followed to its end. */
static gboolean
walk_ring(HcCheck *check, uint32_t first, GHashTable *seen)
{
    uint32_t at = first;
    const uint8_t *sk = ring_cell(check, at, at);
    while (sk != NULL && g_hash_table_add(seen, GUINT_TO_POINTER(at))) {
        check->counts.n_security++;
        check_references(check, at, sk);
        if (!hc_check_is_claimed(check, at)) {
            /* In use by the ring alone. */
            check->is_ring_larger = TRUE;
            HcBlob descriptor = {sk + HC_SK_DESCRIPTOR, hc_get32(sk + HC_SK_BYTES)};
            const uint32_t n_bytes = 0u - hc_get32(sk - 4) - 4;
            if (descriptor.n_bytes > n_bytes - HC_SK_DESCRIPTOR)
                hc_check_report(check, HC_FAULT_SECURITY_END, key_security, at, NULL);
            else
                (void) hc_check_claim(check, at, key_security,
                                      HC_SK_DESCRIPTOR + descriptor.n_bytes);
        }
        const uint32_t next = hc_get32(sk + HC_SK_FLINK);
        const uint8_t *next_sk = ring_cell(check, next, at);
        if (next_sk == NULL || check->is_stopped)
            return FALSE;
        if (hc_get32(next_sk + HC_SK_BLINK) != at) {
            hc_check_report(check, HC_FAULT_SECURITY_BACK_LINK, key_security, next, NULL);
            if (check->is_stopped)
                return FALSE;
        }
        at = next;
        sk = next_sk;
    }
    if (sk != NULL && at != first)
        hc_check_report(check, HC_FAULT_SECURITY_RING, key_security, at, NULL);
    return sk != NULL && at == first;
}

static gint
compare_offsets(gconstpointer a, gconstpointer b)
{
    const guint offset_a = GPOINTER_TO_UINT(a);
    const guint offset_b = GPOINTER_TO_UINT(b);
    return (offset_a > offset_b) - (offset_a < offset_b);
}

void
hc_check_ring(HcCheck *check)
{
    hc_check_flush_security(check);
    if (g_hash_table_size(check->security) == 0)
        return;
    g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
    g_autoptr(GList) offsets = g_hash_table_get_keys(check->security);
    offsets = g_list_sort(offsets, compare_offsets);
    const uint32_t first = GPOINTER_TO_UINT(offsets->data);
    const gboolean is_whole = walk_ring(check, first, seen);
    for (const GList *item = offsets; item != NULL; item = item->next) {
        const uint32_t offset = GPOINTER_TO_UINT(item->data);
        if (g_hash_table_contains(seen, item->data))
            continue;
        /* Where the ring is broken, what lies behind is no finding of its own. */
        if (is_whole)
            hc_check_report(check, HC_FAULT_SECURITY_OFF_RING, key_security, offset, NULL);
        check_references(check, offset, check->hive->bins + offset + 4);
    }
}
