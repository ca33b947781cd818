#include "config.h"

#include "hivecore/edit/edit-private.h"

#include "hivecore/base/error.h"
#include "hivecore/regf/layout.h"

typedef struct {
    HcOutput *output;
    const HcHive *hive;
    HcEpoch epoch;
} Fixup;

gboolean
hc_edit_put(HcOutput *output, uint32_t offset, const void *bytes, gsize n_bytes, GError **error)
{
    return hc_output_write_at(output, HC_BASE_BLOCK_BYTES + (uint64_t) offset, bytes, n_bytes,
                              error);
}

gboolean
hc_edit_put32(HcOutput *output, uint32_t offset, uint32_t number, GError **error)
{
    uint8_t bytes[4];
    hc_put32(bytes, number);
    return hc_edit_put(output, offset, bytes, sizeof(bytes), error);
}

/* A leaf that hivex wrote as lh: its entries get the hints of an lf instead of hashes. @n_entries:
 * at most HC_LIST_LEAF_MAX */
static gboolean
make_lf(Fixup *fixup, uint32_t offset, uint32_t n_entries, GError **error)
{
    uint8_t leaf[HC_LIST_ENTRIES + 8 * HC_LIST_LEAF_MAX];
    const gsize n_bytes = HC_LIST_ENTRIES + 8 * (gsize) n_entries;
    const uint8_t *old =
        hc_hive_cell(fixup->hive, offset, (uint32_t) n_bytes, "subkey list", NULL, error);
    if (old == NULL)
        return FALSE;
    memcpy(leaf, old, n_bytes);
    leaf[1] = 'f';
    for (uint32_t i = 0; i < n_entries; i++) {
        uint8_t *entry = leaf + HC_LIST_ENTRIES + 8 * (gsize) i;
        HcKey subkey;
        if (!hc_hive_key(fixup->hive, hc_get32(entry), &subkey, error))
            return FALSE;
        for (uint32_t j = 0; j < 4; j++) {
            const uint16_t unit =
                j < subkey.name.n_units ? hc_name_unit(subkey.name, j) : (uint16_t) 0;
            entry[4 + j] = unit < 0x100 ? (uint8_t) unit : 0;
        }
    }
    return hc_edit_put(fixup->output, offset + 4, leaf, n_bytes, error);
}

static gboolean
fix_leaf(Fixup *fixup, const HcDeltaKey *node, uint32_t offset, gboolean in_index, GError **error)
{
    const uint8_t *leaf =
        hc_hive_cell(fixup->hive, offset, HC_LIST_ENTRIES, "subkey list", NULL, error);
    if (leaf == NULL)
        return FALSE;
    const uint32_t n_entries = hc_get16(leaf + HC_LIST_COUNT);
    if (n_entries > HC_LIST_LEAF_MAX)
        return hc_edit_refuse(fixup->hive, node, error,
                              "a subkey list would grow over 1,012 entries, it never splits one");
    if (n_entries == 0 && in_index)
        return hc_edit_refuse(fixup->hive, node, error,
                              "it would leave an empty list in an index of lists");
    if (leaf[0] == 'l' && leaf[1] == 'h' && hc_hive_info(fixup->hive)->minor < 5)
        return make_lf(fixup, offset, n_entries, error);
    return TRUE;
}

/* The key has no subkeys any more: no list, its cell is free. */
static gboolean
drop_list(Fixup *fixup, const HcKey *key, uint32_t offset, GError **error)
{
    uint32_t n_bytes = 0;
    if (!hc_edit_put32(fixup->output, key->offset + 4 + HC_NK_SUBKEYS, HC_NIL, error))
        return FALSE;
    return hc_hive_cell(fixup->hive, offset, HC_LIST_ENTRIES, "subkey list", &n_bytes, NULL) ==
               NULL ||
           hc_edit_put32(fixup->output, offset, n_bytes + 4, error);
}

static gboolean
fix_lists(Fixup *fixup, const HcDeltaKey *node, const HcKey *key, GError **error)
{
    const uint32_t offset = hc_get32(key->nk + HC_NK_SUBKEYS);
    if (offset == HC_NIL)
        return TRUE;
    const uint8_t *list =
        hc_hive_cell(fixup->hive, offset, HC_LIST_ENTRIES, "subkey list", NULL, error);
    if (list == NULL)
        return FALSE;
    if (list[0] != 'r' && key->n_subkeys == 0)
        return drop_list(fixup, key, offset, error);
    if (list[0] != 'r')
        return fix_leaf(fixup, node, offset, FALSE, error);
    for (uint32_t i = 0; i < hc_get16(list + HC_LIST_COUNT); i++) {
        if (!fix_leaf(fixup, node, hc_get32(list + HC_LIST_ENTRIES + 4 * (gsize) i), TRUE, error))
            return FALSE;
    }
    return TRUE;
}

/* hivex takes UTF-16 for every name when it cannot open its conversion to Latin-1, which depends on
 * the machine: other bytes for the same input. */
static gboolean
check_encoding(const Fixup *fixup, const HcDeltaKey *node, HcName name, GError **error)
{
    if (name.is_latin1 || name.n_units == 0 || !hc_name_fits_latin1(name))
        return TRUE;
    g_autoptr(GString) path = g_string_new(NULL);
    hc_delta_append_path(path, node, NULL);
    return hc_fail(error, HC_ERROR_IO,
                   "%s: %s: hivex failed: no conversion of names (iconv) to Latin-1",
                   hc_hive_file(fixup->hive), path->str);
}

/* The names that hivex wrote: of new keys, and of all values where one changed. */
static gboolean
check_names(const Fixup *fixup, const HcDeltaKey *node, const HcKey *key, GError **error)
{
    if (node->op != HC_KEY_KEEP && !check_encoding(fixup, node, key->name, error))
        return FALSE;
    for (uint32_t i = 0; hc_delta_n_values(node) > 0 && i < key->n_values; i++) {
        HcValue value;
        if (!hc_hive_value(fixup->hive, key, i, &value, error) ||
            !check_encoding(fixup, node, value.name, error))
            return FALSE;
    }
    return TRUE;
}

gboolean
hc_edit_written_subkey(const HcHive *hive, const HcKey *key, const HcDeltaKey *node, HcKey *subkey,
                       GError **error)
{
    GError *failure = NULL;
    if (hc_hive_subkey(hive, key, node->name, subkey, &failure))
        return TRUE;
    if (failure != NULL)
        return hc_fail_with(error, failure);
    return hc_fail(error, HC_ERROR_INTERNAL, "%s: a key that was written is not there",
                   hc_hive_file(hive));
}

static gboolean
set_time(Fixup *fixup, const HcKey *key, GError **error)
{
    uint8_t time[8];
    hc_put64(time, hc_filetime_from_unix(fixup->epoch.seconds));
    return hc_edit_put(fixup->output, key->offset + 4 + HC_NK_MTIME, time, sizeof(time), error);
}

static gboolean
fix_key(Fixup *fixup, const HcDeltaKey *node, const HcKey *key, GError **error)
{
    gboolean list_changed = FALSE;
    for (guint i = 0; i < hc_delta_n_children(node); i++)
        list_changed |= hc_delta_child(node, i)->op != HC_KEY_KEEP;
    if ((list_changed && !fix_lists(fixup, node, key, error)) ||
        !check_names(fixup, node, key, error))
        return FALSE;
    if (fixup->epoch.is_set &&
        (list_changed || hc_delta_n_values(node) > 0 || node->op != HC_KEY_KEEP) &&
        !set_time(fixup, key, error))
        return FALSE;
    for (guint i = 0; i < hc_delta_n_children(node); i++) {
        const HcDeltaKey *child = hc_delta_child(node, i);
        HcKey subkey;
        if (child->op == HC_KEY_DELETE)
            continue;
        if (!hc_edit_written_subkey(fixup->hive, key, child, &subkey, error) ||
            !fix_key(fixup, child, &subkey, error))
            return FALSE;
    }
    return TRUE;
}

gboolean
hc_edit_fixup(HcOutput *output, const HcHive *hive, const HcDelta *exact, HcEpoch epoch,
              GError **error)
{
    Fixup fixup = {output, hive, epoch};
    HcKey root;
    return hc_hive_root(hive, &root, error) && fix_key(&fixup, hc_delta_root(exact), &root, error);
}

gboolean
hc_edit_fixup_checksum(HcOutput *output, const uint8_t *base, GError **error)
{
    uint8_t sum[4];
    const uint32_t stored = hc_get32(base + HC_BASE_CHECKSUM);
    if (stored != 0 && stored != UINT32_MAX)
        return TRUE;
    hc_put32(sum, stored == 0 ? 1 : UINT32_MAX - 1);
    return hc_output_write_at(output, HC_BASE_CHECKSUM, sum, sizeof(sum), error);
}
