#include "config.h"

#include "hivecore/regf/salvage.h"

#include "hivecore/base/error.h"
#include "hivecore/regf/layout.h"
#include "hivecore/regf/salvage-private.h"

gboolean
hc_salvage_is_between_cells(const HcSalvage *salvage, uint32_t offset)
{
    const uint8_t *bins = salvage->check.hive->bins;
    const uint32_t n_bytes = salvage->check.hive->info.bins_bytes;
    const uint32_t end = offset + (0u - hc_get32(bins + offset));
    if (n_bytes - end < HC_CELL_ALIGN || memcmp(bins + end, "hbin", 4) == 0)
        return TRUE;
    const uint32_t stored = hc_get32(bins + end);
    const uint32_t size = (stored & 0x80000000u) != 0 ? 0u - stored : stored;
    return size >= 8 && size % HC_CELL_ALIGN == 0 && size <= n_bytes - end;
}

gboolean
hc_salvage_is_cell(HcSalvage *salvage, uint32_t offset)
{
    HcCheck *check = &salvage->check;
    if (hc_check_is_allocated(check, offset))
        return TRUE;
    if (!hc_salvage_is_between_cells(salvage, offset))
        return FALSE;
    hc_check_mark_allocated(check, offset);
    return TRUE;
}

gboolean
hc_salvage_take(HcSalvage *salvage, uint32_t offset, const char *what)
{
    HcCheck *check = &salvage->check;
    (void) hc_salvage_is_cell(salvage, offset); /* the claim tells when it is none */
    if (!hc_check_is_claimed(check, offset))
        return hc_check_claim(check, offset, what, 0);
    hc_check_report(check, HC_FAULT_CELL_TWICE, what, offset, NULL);
    return TRUE;
}

void
hc_salvage_lost(HcSalvage *salvage, const HcFault *fault, uint32_t from)
{
    hc_check_fault(&salvage->check, fault, from);
}

/* --- the digest --- */

void
hc_salvage_hash_number(HcSalvage *salvage, uint64_t number)
{
    uint8_t bytes[8];
    hc_put64(bytes, number);
    hc_sha256_update(salvage->stream, bytes, sizeof(bytes));
}

/* The same for both encodings of a name. */
void
hc_salvage_hash_name(HcSalvage *salvage, HcName name)
{
    uint8_t units[256];
    hc_salvage_hash_number(salvage, name.n_units);
    for (uint32_t i = 0; i < name.n_units;) {
        gsize n = 0;
        for (; n < sizeof(units) && i < name.n_units; n += 2)
            hc_put16(units + n, hc_name_unit(name, i++));
        hc_sha256_update(salvage->stream, units, n);
    }
}

void
hc_salvage_hash_blob(HcSalvage *salvage, HcBlob blob)
{
    hc_salvage_hash_number(salvage, blob.n_bytes);
    if (blob.n_bytes > 0)
        hc_sha256_update(salvage->stream, blob.bytes, blob.n_bytes);
}

static void
hash_spec(HcSalvage *salvage, const HcKeySpec *spec, HcBlob security, gboolean is_root)
{
    guint flags = spec->flags & ~(guint) (HC_KEY_FLAG_LATIN1 | HC_KEY_FLAG_ROOT);
    if (is_root) /* the writer sets it */
        flags |= HC_KEY_FLAG_NO_DELETE;
    hc_salvage_hash_name(salvage, spec->name);
    hc_salvage_hash_blob(salvage, spec->class_name);
    hc_salvage_hash_blob(salvage, security);
    hc_salvage_hash_number(salvage, flags);
    hc_salvage_hash_number(salvage, spec->layer_bits);
    hc_salvage_hash_number(salvage, spec->access_bits);
    hc_salvage_hash_number(salvage, spec->user_flags);
    hc_salvage_hash_number(salvage, spec->mtime_filetime);
    hc_salvage_hash_number(salvage, spec->predefined_handle);
}

/* --- keys --- */

static HcBlob
read_class(HcSalvage *salvage, const HcKey *key)
{
    HcBlob class_name;
    HcFault fault;
    if (!hc_read_class(salvage->check.hive, key, &class_name, &fault))
        hc_salvage_lost(salvage, &fault, key->offset);
    else if (class_name.bytes == NULL ||
             hc_salvage_take(salvage, hc_get32(key->nk + HC_NK_CLASS), "class name"))
        return class_name;
    return (HcBlob){NULL, 0};
}

/* The key's own descriptor, or what stands for it. */
static HcBlob
read_security(HcSalvage *salvage, const HcKey *key, uint32_t depth)
{
    static const char what[] = "key security";
    HcCheck *check = &salvage->check;
    HcBlob security;
    HcFault fault = {HC_FAULT_SECURITY_NONE, "key", key->offset};
    if (hc_read_security(check->hive, key, &security, &fault) && security.bytes != NULL) {
        const uint32_t offset = key->security;
        if (hc_salvage_is_cell(salvage, offset))
            return security;
        fault = (HcFault){HC_FAULT_CELL_MIDDLE, what, offset};
    }
    hc_check_report(check, fault.kind, fault.what,
                    fault.kind == HC_FAULT_CELL_OUTSIDE ? key->offset : fault.offset, "%s",
                    depth == 0 ? "the root key gets the default one"
                               : "the key gets the one of the key above");
    return depth == 0 ? hc_default_root_security() : salvage->security[depth - 1];
}

/* What the meaning of layered keys asks for. Returns: whether the key can be there. */
static gboolean
fit_layer(HcSalvage *salvage, HcKey *key, uint32_t depth, uint8_t above)
{
    HcCheck *check = &salvage->check;
    const uint8_t meaning = key->layer_bits & HC_LAYER_SEMANTICS;
    if (depth == 0 && key->layer_bits != HC_LAYER_MERGE) {
        hc_check_report(check, HC_FAULT_LAYER_ROOT, "key", key->offset, "0x%02x", key->layer_bits);
        key->layer_bits = HC_LAYER_MERGE;
    } else if (above == HC_LAYER_SUPERSEDE_TREE && meaning != HC_LAYER_SUPERSEDE_TREE &&
               meaning != HC_LAYER_TOMBSTONE) {
        hc_check_report(check, HC_FAULT_LAYER_BELOW, "key", key->offset, "0x%02x", key->layer_bits);
        return FALSE;
    }
    return TRUE;
}

/* A tombstone has nothing but its name. */
static gboolean
is_bare(HcSalvage *salvage, const HcKey *key)
{
    if ((key->layer_bits & HC_LAYER_SEMANTICS) != HC_LAYER_TOMBSTONE)
        return FALSE;
    if (key->n_subkeys != 0 || key->n_values != 0 || hc_get16(key->nk + HC_NK_CLASS_BYTES) != 0)
        hc_check_report(&salvage->check, HC_FAULT_LAYER_TOMBSTONE, "key", key->offset, NULL);
    return TRUE;
}

static gboolean
open_key(HcSalvage *salvage, const HcKey *key, uint32_t depth, gboolean is_tombstone,
         GError **error)
{
    const HcBlob security = read_security(salvage, key, depth);
    const HcKeySpec spec = {
        .name = key->name,
        .class_name = is_tombstone ? (HcBlob){NULL, 0} : read_class(salvage, key),
        .security = security,
        .flags = key->flags,
        .layer_bits = key->layer_bits,
        .access_bits = key->access_bits,
        .user_flags = key->user_flags,
        .mtime_filetime = key->mtime_filetime,
        .predefined_handle = hc_key_predefined_handle(key),
    };
    salvage->security[depth] = security;
    hash_spec(salvage, &spec, security, depth == 0);
    return salvage->writer == NULL || hc_writer_open_key(salvage->writer, &spec, error);
}

static GArray *
level_at(HcSalvage *salvage, uint32_t depth)
{
    while (depth >= salvage->levels->len)
        g_ptr_array_add(salvage->levels, g_array_new(FALSE, FALSE, sizeof(HcKey)));
    return g_ptr_array_index(salvage->levels, depth);
}

static gboolean write_key(HcSalvage *salvage, HcKey *key, uint32_t depth, uint8_t above,
                          GError **error);

static gboolean
write_subkeys(HcSalvage *salvage, const HcKey *key, uint32_t depth, GError **error)
{
    HcCheck *check = &salvage->check;
    GArray *subkeys = level_at(salvage, depth);
    hc_salvage_subkeys(salvage, key, subkeys);
    for (guint i = 0; i < subkeys->len; i++) {
        HcKey subkey = g_array_index(subkeys, HcKey, i);
        check->path[check->n_open] = subkey.name;
        check->offsets[check->n_open] = subkey.offset;
        check->n_open++;
        if (!write_key(salvage, &subkey, depth + 1, key->layer_bits & HC_LAYER_SEMANTICS, error))
            return FALSE;
        check->n_open--;
    }
    return TRUE;
}

/* Recursion ends at HC_MAX_KEY_DEPTH: hc_salvage_subkeys() gives no deeper keys. */
static gboolean
write_key(HcSalvage *salvage, HcKey *key, uint32_t depth, uint8_t above, GError **error)
{
    if (!fit_layer(salvage, key, depth, above))
        return TRUE;
    const gboolean is_tombstone = is_bare(salvage, key);
    if (!open_key(salvage, key, depth, is_tombstone, error))
        return FALSE;
    if (!is_tombstone && (!hc_salvage_write_values(salvage, key, error) ||
                          !write_subkeys(salvage, key, depth, error)))
        return FALSE;
    hc_salvage_hash_number(salvage, G_MAXUINT64); /* the key ends */
    return salvage->writer == NULL || hc_writer_close_key(salvage->writer, error);
}

/* --- the walk --- */

/* The first key in the file that says it is the root. */
static gboolean
search_root(HcSalvage *salvage, HcKey *root)
{
    const HcHive *hive = salvage->check.hive;
    for (uint32_t word = 0; word < hive->info.bins_bytes / 64 + 1; word++) {
        const uint8_t allocated = salvage->check.cells[word].allocated;
        for (uint32_t bit = 0; allocated >> bit != 0; bit++) {
            HcFault fault;
            if ((allocated >> bit & 1) != 0 &&
                hc_read_key(hive, word * 64 + bit * 8, root, &fault) &&
                (root->flags & HC_KEY_FLAG_ROOT) != 0)
                return TRUE;
        }
    }
    return FALSE;
}

/* The key that the base block names; where that is none, or the base block is damaged and the key
 * does not say that it is the root, the first one that does. */
static gboolean
find_root(HcSalvage *salvage, HcKey *root, GError **error)
{
    HcCheck *check = &salvage->check;
    const HcHive *hive = check->hive;
    HcFault fault = {HC_FAULT_ROOT_FLAG, "key", hive->info.root};
    HcKey other;
    const gboolean is_key = hc_read_key(hive, hive->info.root, root, &fault) &&
                            hc_salvage_is_cell(salvage, hive->info.root);
    const uint8_t *base = hc_map_data(hive->map);
    if (is_key && ((root->flags & HC_KEY_FLAG_ROOT) != 0 ||
                   hc_get32(base + HC_BASE_CHECKSUM) == hc_base_checksum(base)))
        return TRUE;
    if (!search_root(salvage, &other))
        return is_key ||
               hc_fail(error, HC_ERROR_MALFORMED, "%s: there is no root key, nothing can be read",
                       hc_hive_file(hive));
    *root = other;
    hc_check_report_file(check, fault.kind, "root key", HC_BASE_ROOT,
                         "0x%x; the one at 0x%x is taken", hive->info.root, other.offset);
    return TRUE;
}

/* Keys that the walk has not met, where others were lost. */
static void
note_unreached(HcSalvage *salvage)
{
    HcCheck *check = &salvage->check;
    HcCheckTotal total = {0};
    for (uint32_t word = 0; word < check->hive->info.bins_bytes / 64 + 1; word++) {
        uint8_t left = check->cells[word].allocated & (uint8_t) ~check->cells[word].claimed;
        for (uint32_t bit = 0; left != 0; bit++, left >>= 1) {
            HcKey key;
            HcFault fault;
            if ((left & 1) != 0 && hc_read_key(check->hive, word * 64 + bit * 8, &key, &fault))
                hc_check_total(check, &total, key.offset, 0);
        }
    }
    if (total.n > 0)
        hc_check_report(check, HC_FAULT_KEYS_UNREACHED, "cells", total.first,
                        "%" G_GUINT64_FORMAT " key%s", total.n, total.n == 1 ? "" : "s");
}

static gboolean
walk(HcSalvage *salvage, GError **error)
{
    HcCheck *check = &salvage->check;
    HcKey root;
    if (!find_root(salvage, &root, error))
        return FALSE;
    check->path[0] = root.name;
    check->offsets[0] = root.offset;
    check->n_open = 1;
    (void) hc_check_claim(check, root.offset, "key", 0); /* nothing was claimed before it */
    if (!write_key(salvage, &root, 0, HC_LAYER_MERGE, error))
        return FALSE;
    check->n_open = 0;
    if (check->findings != NULL && check->findings->list->len > 0)
        note_unreached(salvage);
    return TRUE;
}

static void
salvage_init(HcSalvage *salvage, const HcHive *hive, HcFindings *findings)
{
    const uint32_t n_bytes = hive->info.bins_bytes;
    HcCheck *check = &salvage->check;
    check->hive = hive;
    check->cells = g_new0(HcCheckCells, n_bytes / 64 + 1);
    check->gaps = g_array_new(FALSE, FALSE, sizeof(HcCheckGap));
    salvage->stream = hc_sha256_new();
    salvage->levels = g_ptr_array_new_with_free_func((GDestroyNotify) g_array_unref);
    salvage->values = g_array_new(FALSE, FALSE, sizeof(HcValue));
    salvage->scratch = g_byte_array_new();
    /* What a damaged offset leads to is counted with that which it belongs to: twice the room. */
    salvage->entries_left = 2 * ((uint64_t) n_bytes / (HC_NK_NAME + 4));
    salvage->values_left = 2 * ((uint64_t) n_bytes / (HC_VK_NAME + 4));
    salvage->data_left = 2 * (uint64_t) n_bytes;
    /* Wrong headers of bins and sizes of cells lose nothing by themselves. */
    g_autoptr(HcFindings) of_cells = hc_findings_new(NULL, 0);
    check->findings = findings != NULL ? of_cells : NULL;
    hc_check_cells(check);
    check->findings = findings;
}

static void
salvage_free(HcSalvage *salvage)
{
    g_free(salvage->check.cells);
    g_array_unref(salvage->check.gaps);
    hc_writer_free(salvage->writer);
    hc_sha256_free(salvage->stream);
    g_ptr_array_unref(salvage->levels);
    g_array_unref(salvage->values);
    g_byte_array_unref(salvage->scratch);
    g_clear_pointer(&salvage->children, g_array_unref);
    g_free(salvage);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HcSalvage, salvage_free)

/* What was made must be sound, and hold what was read. */
static gboolean
prove(const HcHive *hive, GBytes *bytes, HcSalvage *salvage, GError **error)
{
    g_autoptr(GError) failure = NULL;
    g_autoptr(HcMap) map = hc_map_from_bytes(hc_hive_file(hive), g_bytes_ref(bytes));
    g_autoptr(HcHive) made = hc_hive_open_sound(map, 0, NULL, &failure);
    if (made != NULL) {
        g_autoptr(HcSalvage) again = g_new0(HcSalvage, 1);
        salvage_init(again, made, NULL);
        if (walk(again, &failure) && !again->check.is_stopped &&
            memcmp(hc_sha256_digest(again->stream), hc_sha256_digest(salvage->stream),
                   HC_SHA256_BYTES) == 0)
            return TRUE;
    }
    return hc_fail(error, HC_ERROR_INTERNAL, "%s: the salvaged hive failed its proof: %s",
                   hc_hive_file(hive),
                   failure != NULL ? failure->message : "it does not hold what was read");
}

static HcWriterOptions
writer_options(const HcHive *hive)
{
    const HcHiveInfo *info = &hive->info;
    return (HcWriterOptions){
        .minor = info->major == 1 ? CLAMP(info->minor, 3u, 6u) : 5,
        .is_differencing = info->is_differencing && info->major == 1 && info->minor == 6,
        .file_name = info->name,
        .mtime_filetime = info->mtime_filetime,
    };
}

/* The base block's errors; its notes are about other things. */
static void
add_header(HcSalvage *salvage)
{
    HcFindings *losses = salvage->check.findings;
    g_autoptr(HcFindings) of_header = hc_findings_new(NULL, HC_MAX_FINDINGS);
    salvage->check.findings = of_header;
    hc_check_header(&salvage->check);
    salvage->check.findings = losses;
    for (guint i = 0; i < of_header->list->len; i++) {
        const HcFinding *finding = g_ptr_array_index(of_header->list, i);
        if (finding->severity != HC_SEVERITY_ERROR)
            continue;
        HcFinding *copy = hc_finding_new(finding->severity, g_strdup(finding->text));
        copy->id = finding->id;
        copy->offset = finding->offset;
        hc_findings_add(losses, copy);
    }
}

GBytes *
hc_salvage(const HcHive *hive, HcFindings *losses, GError **error)
{
    /* What is read twice must be the same bytes both times. */
    g_autoptr(HcMap) copy =
        hc_map_snapshot(hc_hive_map(hive), hc_map_size(hc_hive_map(hive)), error);
    g_autoptr(HcHive) snapshot =
        copy != NULL ? hc_hive_open_map(copy, HC_HIVE_ALLOW_DAMAGED, error) : NULL;
    if (snapshot == NULL)
        return NULL;
    /* The path of open keys makes it too large for the stack. */
    g_autoptr(HcSalvage) salvage = g_new0(HcSalvage, 1);
    const HcWriterOptions options = writer_options(snapshot);
    salvage_init(salvage, snapshot, losses);
    add_header(salvage);
    salvage->writer = hc_writer_new(&options);
    if (!walk(salvage, error))
        return NULL;
    g_autoptr(GBytes) bytes = hc_writer_finish(salvage->writer, error);
    if (bytes == NULL || !prove(hive, bytes, salvage, error))
        return NULL;
    return g_steal_pointer(&bytes);
}
