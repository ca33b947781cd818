#include "config.h"

#include "hivecore/regf/check-private.h"
#include "hivecore/regf/layout.h"

static void
check_name(HcCheck *check, const HcKey *key, uint32_t depth)
{
    if (depth == 0 && key->name.n_units == 0)
        hc_check_report(check, HC_FAULT_ROOT_NAME_EMPTY, "key", key->offset, NULL);
    if (key->name.n_units > HC_MAX_KEY_NAME_UNITS)
        hc_check_report(check, HC_FAULT_KEY_NAME_LONG, "key", key->offset, "%u", key->name.n_units);
    if (hc_name_has_unit(key->name, '\\'))
        hc_check_report(check, HC_FAULT_KEY_NAME_BACKSLASH, "key", key->offset, NULL);
}

static void
check_flags(HcCheck *check, const HcKey *key, uint32_t depth)
{
    const gboolean has_root_flag = (key->flags & HC_KEY_FLAG_ROOT) != 0;
    if (depth == 0 && !has_root_flag)
        hc_check_report(check, HC_FAULT_ROOT_FLAG, "key", key->offset, "flags 0x%x", key->flags);
    if (depth > 0 && has_root_flag)
        hc_check_report(check, HC_FAULT_KEY_ROOT_FLAG, "key", key->offset, "flags 0x%x",
                        key->flags);
    if ((key->flags & HC_KEY_FLAG_VOLATILE) != 0)
        hc_check_report(check, HC_FAULT_KEY_VOLATILE, "key", key->offset, "flags 0x%x", key->flags);
    if ((key->flags & HC_KEY_FLAG_HIVE_EXIT) != 0)
        hc_check_report(check, HC_FAULT_KEY_MOUNT_POINT, "key", key->offset, "flags 0x%x",
                        key->flags);
    if ((key->flags & HC_KEY_FLAG_PREDEFINED) != 0 && hc_get32(key->nk + HC_NK_VALUES) != HC_NIL)
        hc_check_report(check, HC_FAULT_PREDEFINED_VALUES, "key", key->offset, NULL);
}

static void
check_class(HcCheck *check, const HcKey *key)
{
    HcBlob class_name;
    HcFault fault;
    if (!hc_read_class(check->hive, key, &class_name, &fault)) {
        hc_check_lost(check, &fault, key->offset);
        return;
    }
    const uint32_t offset = hc_get32(key->nk + HC_NK_CLASS);
    const uint32_t n_bytes = hc_get16(key->nk + HC_NK_CLASS_BYTES);
    if (class_name.bytes == NULL) {
        if (offset != HC_NIL || n_bytes != 0)
            hc_check_report(check, HC_FAULT_CLASS_HALF, "key", key->offset, NULL);
        return;
    }
    check->counts.n_classes++;
    if (n_bytes % 2 != 0)
        hc_check_report(check, HC_FAULT_CLASS_ODD, "class name", offset, "%u", n_bytes);
    (void) hc_check_claim(check, offset, "class name", n_bytes); /* a finding says it all */
}

/*
 * Layered keys: @above is the meaning of the parent's bits. Below a superseding tree there is
 * nothing that could be merged with, so a key there is superseding too, or not there.
 */
static void
check_layer(HcCheck *check, const HcKey *key, uint32_t depth, uint8_t above)
{
    const uint8_t bits = key->layer_bits;
    const uint8_t meaning = bits & HC_LAYER_SEMANTICS;
    if (depth == 0 && bits != HC_LAYER_MERGE)
        hc_check_report(check, HC_FAULT_LAYER_ROOT, "key", key->offset, "0x%02x", bits);
    if ((bits & ~(HC_LAYER_SEMANTICS | HC_LAYER_INHERIT_CLASS)) != 0)
        hc_check_report(check, HC_FAULT_LAYER_BITS, "key", key->offset, "0x%02x", bits);
    else if (bits == (HC_LAYER_INHERIT_CLASS | HC_LAYER_TOMBSTONE) ||
             bits == (HC_LAYER_INHERIT_CLASS | HC_LAYER_SUPERSEDE_LOCAL))
        hc_check_report(check, HC_FAULT_LAYER_UNSEEN, "key", key->offset, "0x%02x", bits);
    if (above == HC_LAYER_SUPERSEDE_TREE && meaning != HC_LAYER_SUPERSEDE_TREE &&
        meaning != HC_LAYER_TOMBSTONE)
        hc_check_report(check, HC_FAULT_LAYER_BELOW, "key", key->offset, "0x%02x", bits);
    const gboolean has_class = hc_get16(key->nk + HC_NK_CLASS_BYTES) != 0;
    if (meaning == HC_LAYER_TOMBSTONE) {
        check->counts.n_tombstones++;
        if (key->n_subkeys != 0 || key->n_values != 0 || has_class)
            hc_check_report(check, HC_FAULT_LAYER_TOMBSTONE, "key", key->offset, NULL);
    } else if ((bits & HC_LAYER_INHERIT_CLASS) != 0 && has_class) {
        hc_check_report(check, HC_FAULT_LAYER_CLASS, "key", key->offset, NULL);
    }
}

/* Returns: whether the field is large enough. */
static gboolean
check_largest_field(HcCheck *check, const HcKey *key, const char *of, uint32_t field,
                    uint32_t largest)
{
    if (field < largest)
        hc_check_report(check, HC_FAULT_KEY_MAX_SMALL, "key", key->offset, "%s: %u, there is %u",
                        of, field, largest);
    return field <= largest;
}

static void
check_largest(HcCheck *check, const HcKey *key, const HcCheckLargest *largest)
{
    const uint8_t *nk = key->nk;
    const gboolean is_exact =
        check_largest_field(check, key, "subkey name", hc_get16(nk + HC_NK_MAX_NAME),
                            largest->name) &
        check_largest_field(check, key, "class name", hc_get32(nk + HC_NK_MAX_CLASS),
                            largest->class_name) &
        check_largest_field(check, key, "value name", hc_get32(nk + HC_NK_MAX_VALUE_NAME),
                            largest->value_name) &
        check_largest_field(check, key, "data", hc_get32(nk + HC_NK_MAX_VALUE_DATA),
                            largest->value_data);
    if (!is_exact)
        hc_check_total(check, &check->large, key->offset, 0);
}

void
hc_check_key(HcCheck *check, const HcKey *key, uint32_t depth, uint8_t above)
{
    HcCheckLargest largest = {0};
    check->counts.n_keys++;
    check->counts.depth = MAX(check->counts.depth, depth);
    if (hc_check_lists_all(check)) {
        check_name(check, key, depth);
        check_flags(check, key, depth);
    }
    if (check->hive->info.is_differencing)
        check_layer(check, key, depth, above);
    else if (key->nk[HC_NK_LAYER] != 0)
        hc_check_total(check, &check->stray, key->offset, 0);
    check_class(check, key);
    hc_check_key_security(check, key);
    if (!check->is_stopped)
        hc_check_values(check, key, &largest);
    if (!check->is_stopped)
        hc_check_subkeys(check, key, depth, &largest);
    if (hc_check_lists_all(check))
        check_largest(check, key, &largest);
}

void
hc_check_tree(HcCheck *check)
{
    HcKey root;
    HcFault fault;
    if (check->hive->info.file_bytes < HC_BASE_BLOCK_BYTES)
        return;
    if (!hc_read_key(check->hive, check->hive->info.root, &root, &fault)) {
        check->is_partial = TRUE;
        if (check->findings == NULL)
            hc_check_report(check, fault.kind, fault.what, fault.offset, NULL);
        else
            hc_check_report_file(check, fault.kind, "root key", HC_BASE_ROOT, "0x%x", fault.offset);
        return;
    }
    check->path[0] = root.name;
    check->offsets[0] = root.offset;
    check->n_open = 1;
    if (hc_check_claim(check, root.offset, "key", HC_NK_NAME + hc_name_bytes(root.name)))
        hc_check_key(check, &root, 0, HC_LAYER_MERGE);
    if (check->is_noting)
        hc_check_note_changed(check, root.offset, 0);
    check->n_open = 0;
}
