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
    HcOutput *output;
    const HcHive *hive;
    GHashTable *offsets; /* HcBlob * → offset of an sk cell; none lies at 0 */
    GHashTable *counts;  /* offset of an sk cell → by how much its references become more */
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
add_references(const Fixup *fixup, uint32_t offset, gint n)
{
    const gint known =
        GPOINTER_TO_INT(g_hash_table_lookup(fixup->counts, GUINT_TO_POINTER(offset)));
    g_hash_table_insert(fixup->counts, GUINT_TO_POINTER(offset), GINT_TO_POINTER(known + n));
}

/* Points @key, which is new, and all keys below it to their descriptors. */
static gboolean
settle_new(Fixup *fixup, const HcDeltaKey *node, const HcKey *key, GError **error)
{
    const uint32_t old = hc_get32(key->nk + HC_NK_SECURITY);
    const uint32_t new = place(fixup, node->after.security);
    if (old != new) {
        add_references(fixup, old, -1);
        add_references(fixup, new, 1);
        if (!hc_edit_put32(fixup->output, key->offset + 4 + HC_NK_SECURITY, new, error))
            return FALSE;
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

/* Writes the reference counts of the cells that were there. */
static gboolean
put_counts(const Fixup *fixup, GError **error)
{
    GHashTableIter iter;
    gpointer key;
    gpointer n;
    g_hash_table_iter_init(&iter, fixup->counts);
    while (g_hash_table_iter_next(&iter, &key, &n)) {
        const uint32_t offset = GPOINTER_TO_UINT(key);
        if (offset >= hc_hive_info(fixup->hive)->bins_bytes)
            continue;
        const uint8_t *sk =
            hc_hive_cell(fixup->hive, offset, HC_SK_DESCRIPTOR, "key security", NULL, error);
        if (sk == NULL ||
            !hc_edit_put32(fixup->output, offset + 4 + HC_SK_REFERENCES,
                           hc_get32(sk + HC_SK_REFERENCES) + (uint32_t) GPOINTER_TO_INT(n), error))
            return FALSE;
    }
    return TRUE;
}

/* Fills in the new bin: its header, the cells, in the ring between @before and @after, one free
 * cell. */
static void
fill_bin(const Fixup *fixup, uint8_t *bin, uint32_t n_bytes, uint32_t before, uint32_t after)
{
    const uint32_t start = hc_hive_info(fixup->hive)->bins_bytes;
    memcpy(bin + HC_HBIN_SIGNATURE, "hbin", 4);
    hc_put32(bin + HC_HBIN_OFFSET, start);
    hc_put32(bin + HC_HBIN_SIZE, n_bytes);
    for (guint i = 0; i < fixup->added->len; i++) {
        const Added *added = &g_array_index(fixup->added, Added, i);
        const gboolean is_last = i + 1 == fixup->added->len;
        uint8_t *cell = bin + (added->offset - start);
        uint8_t *sk = cell + 4;
        hc_put32(cell, 0u - cell_bytes(added->content));
        memcpy(sk, "sk", 2);
        hc_put32(sk + HC_SK_FLINK, is_last ? after : added[1].offset);
        hc_put32(sk + HC_SK_BLINK, i == 0 ? before : added[-1].offset);
        hc_put32(sk + HC_SK_REFERENCES, (uint32_t) GPOINTER_TO_INT(g_hash_table_lookup(
                                            fixup->counts, GUINT_TO_POINTER(added->offset))));
        hc_put32(sk + HC_SK_BYTES, added->content.n_bytes);
        memcpy(sk + HC_SK_DESCRIPTOR, added->content.bytes, added->content.n_bytes);
    }
    if (fixup->end < start + n_bytes)
        hc_put32(bin + (fixup->end - start), start + n_bytes - fixup->end);
}

/* The new bin behind the others, and the ring that leads through it behind @first. */
static gboolean
add_bin(const Fixup *fixup, uint32_t first, GError **error)
{
    const uint32_t start = hc_hive_info(fixup->hive)->bins_bytes;
    const uint32_t n_bytes =
        (fixup->end - start + HC_HBIN_ALIGN - 1) & ~(uint32_t) (HC_HBIN_ALIGN - 1);
    const uint8_t *sk =
        hc_hive_cell(fixup->hive, first, HC_SK_DESCRIPTOR, "key security", NULL, error);
    if (sk == NULL)
        return FALSE;
    const uint32_t after = hc_get32(sk + HC_SK_FLINK);
    const Added *added = &g_array_index(fixup->added, Added, 0);
    g_autofree uint8_t *bin = g_malloc0(n_bytes);
    fill_bin(fixup, bin, n_bytes, first, after);
    uint8_t bins_bytes[4];
    hc_put32(bins_bytes, start + n_bytes);
    return hc_edit_put(fixup->output, start, bin, n_bytes, error) &&
           hc_edit_put32(fixup->output, first + 4 + HC_SK_FLINK, added->offset, error) &&
           hc_edit_put32(fixup->output, after + 4 + HC_SK_BLINK,
                         added[fixup->added->len - 1].offset, error) &&
           hc_output_write_at(fixup->output, HC_BASE_BINS_BYTES, bins_bytes, sizeof(bins_bytes),
                              error);
}

/* Whether a key is made at or below @node. */
static gboolean
makes_keys(const HcDeltaKey *node)
{
    if (hc_delta_is_made(node))
        return TRUE;
    for (guint i = 0; i < hc_delta_n_children(node); i++) {
        if (makes_keys(hc_delta_child(node, i)))
            return TRUE;
    }
    return FALSE;
}

gboolean
hc_edit_fixup_security(HcOutput *output, const HcHive *hive, const HcDelta *exact, GError **error)
{
    if (!makes_keys(hc_delta_root(exact)))
        return TRUE;
    g_autoptr(GHashTable) offsets = g_hash_table_new(hc_blob_key_hash, hc_blob_key_equal);
    g_autoptr(GHashTable) counts = g_hash_table_new(NULL, NULL);
    g_autoptr(GArray) added = g_array_new(FALSE, FALSE, sizeof(Added));
    g_autoptr(GPtrArray) blobs = g_ptr_array_new_with_free_func(g_free);
    Fixup fixup = {.output = output,
                   .hive = hive,
                   .offsets = offsets,
                   .counts = counts,
                   .added = added,
                   .blobs = blobs,
                   .end = hc_hive_info(hive)->bins_bytes + HC_HBIN_HEADER_BYTES};
    HcKey root;
    if (!hc_hive_root(hive, &root, error))
        return FALSE;
    const uint32_t first = root.security;
    return read_ring(&fixup, first, error) &&
           settle_key(&fixup, hc_delta_root(exact), &root, error) && put_counts(&fixup, error) &&
           (added->len == 0 || add_bin(&fixup, first, error));
}
