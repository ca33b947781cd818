#include "config.h"

#include "hivecore/edit/edit-private.h"

#include "hivecore/base/error.h"
#include "hivecore/regf/layout.h"

/*
 * hivex gives a new key the descriptor of its parent. Here it gets its own: an equal one that the
 * hive has is shared; the others are put into one new bin at the end and linked into the ring.
 */

typedef struct {
    HcBlob content;
    uint32_t offset;
} Added;

typedef struct {
    uint8_t *bytes;
    const HcHive *hive;
    GHashTable *offsets; /* HcBlob * → offset of an sk cell; none lies at 0 */
    GArray *added;       /* of Added */
    GPtrArray *blobs;    /* keys of .offsets */
    uint32_t end;        /* of the cells of the new bin */
} Fixup;

static uint32_t
cell_bytes(HcBlob content)
{
    const uint32_t n = 4 + HC_SK_DESCRIPTOR + content.n_bytes;
    return (n + HC_CELL_ALIGN - 1) & ~(uint32_t) (HC_CELL_ALIGN - 1);
}

static uint8_t *
at_offset(const Fixup *fixup, uint32_t offset)
{
    return fixup->bytes + HC_BASE_BLOCK_BYTES + offset + 4;
}

static void
remember(Fixup *fixup, HcBlob content, uint32_t offset)
{
    HcBlob *blob = g_new(HcBlob, 1);
    *blob = content;
    g_ptr_array_add(fixup->blobs, blob);
    g_hash_table_insert(fixup->offsets, blob, GUINT_TO_POINTER(offset));
}

/* All descriptors of the ring that starts at @first. */
static gboolean
read_ring(Fixup *fixup, uint32_t first, GError **error)
{
    uint32_t at = first;
    uint32_t n_left = hc_hive_info(fixup->hive)->bins_bytes / HC_SK_DESCRIPTOR;
    do {
        uint32_t n_bytes;
        const uint8_t *sk =
            hc_hive_cell(fixup->hive, at, HC_SK_DESCRIPTOR, "key security", &n_bytes, error);
        if (sk == NULL)
            return FALSE;
        const HcBlob content = {sk + HC_SK_DESCRIPTOR, hc_get32(sk + HC_SK_BYTES)};
        if (content.n_bytes > n_bytes - HC_SK_DESCRIPTOR || n_left-- == 0)
            return hc_fail(error, HC_ERROR_MALFORMED, "%s: the ring of descriptors is broken",
                           hc_hive_file(fixup->hive));
        if (g_hash_table_lookup(fixup->offsets, &content) == NULL)
            remember(fixup, content, at);
        at = hc_get32(sk + HC_SK_FLINK);
    } while (at != first);
    return TRUE;
}

/* Where @content is or will be. */
static uint32_t
place(Fixup *fixup, HcBlob content)
{
    gpointer known = g_hash_table_lookup(fixup->offsets, &content);
    if (known != NULL)
        return GPOINTER_TO_UINT(known);
    const Added added = {content, fixup->end};
    g_array_append_val(fixup->added, added);
    remember(fixup, content, fixup->end);
    fixup->end += cell_bytes(content);
    return added.offset;
}

static void
add_references(const Fixup *fixup, uint32_t offset, int n)
{
    uint8_t *count = at_offset(fixup, offset) + HC_SK_REFERENCES;
    hc_put32(count, hc_get32(count) + (uint32_t) n);
}

/* Points @key, which is new, and all keys below it to their descriptors. */
static gboolean
settle_new(Fixup *fixup, const HcDeltaKey *node, const HcKey *key, GError **error)
{
    uint8_t *field = at_offset(fixup, key->offset) + HC_NK_SECURITY;
    const uint32_t old = hc_get32(field);
    const uint32_t new = place(fixup, node->after.security);
    /* What is new is in the bin that is made at the end, and counted there. */
    if (old != new) {
        uint32_t n_bytes;
        if (hc_hive_cell(fixup->hive, old, HC_SK_DESCRIPTOR, "key security", &n_bytes, error) ==
            NULL)
            return FALSE;
        add_references(fixup, old, -1);
        hc_put32(field, new);
        add_references(fixup, new, 1);
    }
    for (guint i = 0; i < hc_delta_n_children(node); i++) {
        const HcDeltaKey *child = hc_delta_child(node, i);
        HcKey subkey;
        if (!hc_edit_written_subkey(fixup->hive, key, child, &subkey, error) ||
            !settle_new(fixup, child, &subkey, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
settle_key(Fixup *fixup, const HcDeltaKey *node, const HcKey *key, GError **error)
{
    for (guint i = 0; i < hc_delta_n_children(node); i++) {
        const HcDeltaKey *child = hc_delta_child(node, i);
        HcKey subkey;
        if (child->op == HC_KEY_DELETE)
            continue;
        if (!hc_edit_written_subkey(fixup->hive, key, child, &subkey, error) ||
            !(child->op == HC_KEY_KEEP ? settle_key : settle_new)(fixup, child, &subkey, error))
            return FALSE;
    }
    return TRUE;
}

/* The new bin: its header, the cells in the ring behind @first, one free cell. */
static uint32_t
write_bin(const Fixup *fixup, uint32_t first)
{
    const uint32_t start = hc_hive_info(fixup->hive)->bins_bytes;
    const uint32_t n_bytes =
        (fixup->end - start + HC_HBIN_ALIGN - 1) & ~(uint32_t) (HC_HBIN_ALIGN - 1);
    uint8_t *bin = fixup->bytes + HC_BASE_BLOCK_BYTES + start;
    memcpy(bin + HC_HBIN_SIGNATURE, "hbin", 4);
    hc_put32(bin + HC_HBIN_OFFSET, start);
    hc_put32(bin + HC_HBIN_SIZE, n_bytes);
    for (guint i = 0; i < fixup->added->len; i++) {
        const Added *added = &g_array_index(fixup->added, Added, i);
        uint8_t *sk = at_offset(fixup, added->offset);
        uint8_t *before = at_offset(fixup, first);
        const uint32_t next = hc_get32(before + HC_SK_FLINK);
        hc_put32(sk - 4, 0u - cell_bytes(added->content));
        memcpy(sk, "sk", 2);
        hc_put32(sk + HC_SK_FLINK, next);
        hc_put32(sk + HC_SK_BLINK, first);
        hc_put32(sk + HC_SK_BYTES, added->content.n_bytes);
        memcpy(sk + HC_SK_DESCRIPTOR, added->content.bytes, added->content.n_bytes);
        hc_put32(before + HC_SK_FLINK, added->offset);
        hc_put32(at_offset(fixup, next) + HC_SK_BLINK, added->offset);
        first = added->offset;
    }
    if (fixup->end < start + n_bytes)
        hc_put32(at_offset(fixup, fixup->end) - 4, start + n_bytes - fixup->end);
    hc_put32(fixup->bytes + HC_BASE_BINS_BYTES, start + n_bytes);
    return n_bytes;
}

/* Adds what the distinct descriptors of the new keys at and below @node take. */
static void
add_room(GHashTable *seen, const HcDeltaKey *node, gsize *n_bytes)
{
    const gboolean is_new = hc_delta_is_made(node);
    if (is_new && g_hash_table_add(seen, (gpointer) (uintptr_t) &node->after.security))
        *n_bytes += cell_bytes(node->after.security);
    for (guint i = 0; i < hc_delta_n_children(node); i++)
        add_room(seen, hc_delta_child(node, i), n_bytes);
}

gsize
hc_edit_security_room(const HcDelta *exact)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(hc_blob_key_hash, hc_blob_key_equal);
    gsize n_bytes = 0;
    add_room(seen, hc_delta_root(exact), &n_bytes);
    return n_bytes == 0 ? 0 : n_bytes + HC_HBIN_ALIGN + HC_HBIN_HEADER_BYTES;
}

gboolean
hc_edit_fixup_security(uint8_t *bytes, const HcHive *hive, const HcDelta *exact, gsize *n_added,
                       GError **error)
{
    g_autoptr(GHashTable) offsets = g_hash_table_new(hc_blob_key_hash, hc_blob_key_equal);
    g_autoptr(GArray) added = g_array_new(FALSE, FALSE, sizeof(Added));
    g_autoptr(GPtrArray) blobs = g_ptr_array_new_with_free_func(g_free);
    Fixup fixup = {bytes, hive,  offsets,
                   added, blobs, hc_hive_info(hive)->bins_bytes + HC_HBIN_HEADER_BYTES};
    HcKey root;
    *n_added = 0;
    if (hc_edit_security_room(exact) == 0)
        return TRUE;
    if (!hc_hive_root(hive, &root, error))
        return FALSE;
    const uint32_t first = root.security;
    if (!read_ring(&fixup, first, error) || !settle_key(&fixup, hc_delta_root(exact), &root, error))
        return FALSE;
    if (added->len > 0)
        *n_added = write_bin(&fixup, first);
    return TRUE;
}
