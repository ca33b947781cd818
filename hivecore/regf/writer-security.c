#include "config.h"

#include <string.h>

#include "hivecore/base/arena.h"
#include "hivecore/regf/writer-private.h"

void
hc_security_pool_init(HcSecurityPool *pool)
{
    pool->by_content = g_hash_table_new(hc_blob_key_hash, hc_blob_key_equal);
    pool->cells = g_array_new(FALSE, FALSE, sizeof(HcSecurityCell));
    pool->arena = hc_arena_new();
    pool->last = 0;
}

void
hc_security_pool_clear(HcSecurityPool *pool)
{
    g_hash_table_unref(pool->by_content);
    g_array_unref(pool->cells);
    hc_arena_free(pool->arena);
}

uint32_t
hc_security_pool_use_index(HcSecurityPool *pool, guint index)
{
    HcSecurityCell *cell = &g_array_index(pool->cells, HcSecurityCell, index);
    cell->n_references++;
    return cell->offset;
}

uint32_t
hc_security_pool_use(HcSecurityPool *pool, HcCells *cells, HcBlob descriptor, guint *index,
                     GError **error)
{
    /* Most keys have the descriptor of the key before them: comparing is less than hashing. */
    const gboolean is_last =
        pool->cells->len > 0 &&
        hc_blob_equal(g_array_index(pool->cells, HcSecurityCell, pool->last).content, descriptor);
    gconstpointer known = is_last ? GUINT_TO_POINTER(pool->last + 1)
                                  : g_hash_table_lookup(pool->by_content, &descriptor);
    if (known != NULL) {
        *index = GPOINTER_TO_UINT(known) - 1;
        pool->last = *index;
        return hc_security_pool_use_index(pool, *index);
    }
    const uint32_t offset =
        hc_cells_alloc(cells, (gsize) HC_SK_DESCRIPTOR + descriptor.n_bytes, error);
    uint8_t sk[HC_SK_DESCRIPTOR] = "sk";
    hc_put32(sk + HC_SK_BYTES, descriptor.n_bytes);
    if (offset == HC_NIL || !hc_cells_put(cells, offset, 0, sk, sizeof(sk), error) ||
        !hc_cells_put(cells, offset, HC_SK_DESCRIPTOR, descriptor.bytes, descriptor.n_bytes, error))
        return HC_NIL;

    HcBlob *copy = hc_arena_alloc(pool->arena, sizeof(*copy));
    copy->bytes = hc_arena_dup(pool->arena, descriptor.bytes, descriptor.n_bytes);
    copy->n_bytes = descriptor.n_bytes;
    *index = pool->cells->len;
    pool->last = *index;
    const HcSecurityCell cell = {offset, 1, *copy};
    g_array_append_val(pool->cells, cell);
    g_hash_table_insert(pool->by_content, copy, GUINT_TO_POINTER(*index + 1));
    return offset;
}

static uint32_t
offset_at(const HcSecurityPool *pool, guint index)
{
    return g_array_index(pool->cells, HcSecurityCell, index).offset;
}

gboolean
hc_security_pool_finish(const HcSecurityPool *pool, HcCells *cells, GError **error)
{
    const guint n = pool->cells->len;
    for (guint i = 0; i < n; i++) {
        const HcSecurityCell *cell = &g_array_index(pool->cells, HcSecurityCell, i);
        if (!hc_cells_put32(cells, cell->offset, HC_SK_FLINK, offset_at(pool, (i + 1) % n),
                            error) ||
            !hc_cells_put32(cells, cell->offset, HC_SK_BLINK, offset_at(pool, (i + n - 1) % n),
                            error) ||
            !hc_cells_put32(cells, cell->offset, HC_SK_REFERENCES, cell->n_references, error))
            return FALSE;
    }
    return TRUE;
}

HcBlob
hc_default_root_security(void)
{
    static const uint8_t descriptor[] = {
        0x01, 0x00, 0x04, 0x80,                         /* revision 1, self-relative, DACL */
        0x70, 0x00, 0x00, 0x00, 0x80, 0x00, 0x00, 0x00, /* owner, group */
        0x00, 0x00, 0x00, 0x00, 0x14, 0x00, 0x00, 0x00, /* no SACL, DACL */
        0x02, 0x00, 0x5c, 0x00, 0x04, 0x00, 0x00, 0x00, /* ACL revision 2, 4 entries */
        /* allow, for containers too, KEY_ALL_ACCESS: S-1-5-18 */
        0x00, 0x02, 0x14, 0x00, 0x3f, 0x00, 0x0f, 0x00, 0x01, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x05, 0x12, 0x00, 0x00, 0x00,
        /* the same: S-1-5-32-544 */
        0x00, 0x02, 0x18, 0x00, 0x3f, 0x00, 0x0f, 0x00, 0x01, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x05, 0x20, 0x00, 0x00, 0x00, 0x20, 0x02, 0x00, 0x00,
        /* KEY_READ: S-1-1-0 */
        0x00, 0x02, 0x14, 0x00, 0x19, 0x00, 0x02, 0x00, 0x01, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x01, 0x00, 0x00, 0x00, 0x00,
        /* KEY_READ: S-1-5-12 */
        0x00, 0x02, 0x14, 0x00, 0x19, 0x00, 0x02, 0x00, 0x01, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x05, 0x0c, 0x00, 0x00, 0x00,
        /* owner and group: S-1-5-32-544 */
        0x01, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x05, 0x20, 0x00, 0x00, 0x00, 0x20, 0x02, 0x00,
        0x00, 0x01, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x05, 0x20, 0x00, 0x00, 0x00, 0x20, 0x02,
        0x00, 0x00};
    return (HcBlob){descriptor, sizeof(descriptor)};
}
