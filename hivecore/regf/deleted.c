#include "config.h"

#include "hivecore/regf/salvage.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/regf/salvage-private.h"

/* Times of records that are none are seldom in these: 1990 to 2100. */
#define FIRST_FILETIME UINT64_C(122756256000000000)
#define LAST_FILETIME  UINT64_C(157469184000000000)

/* Types that values have; device properties have theirs above 0xffff0000. */
#define LAST_TYPE         0x20u
#define FIRST_DEVICE_TYPE 0xffff0000u

const HcFreeRange *
hc_remnants_range(const HcRemnants *remnants, uint32_t offset, uint64_t n_bytes)
{
    guint low = 0;
    guint high = remnants->ranges->len;
    while (low < high) {
        const guint middle = low + (high - low) / 2;
        if (g_array_index(remnants->ranges, HcFreeRange, middle).offset <= offset)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0)
        return NULL;
    const HcFreeRange *range = &g_array_index(remnants->ranges, HcFreeRange, low - 1);
    return offset + n_bytes <= (uint64_t) range->offset + range->n_bytes ? range : NULL;
}

HcRemnant *
hc_remnants_at(GArray *list, uint32_t offset)
{
    guint low = 0;
    guint high = list->len;
    while (low < high) {
        const guint middle = low + (high - low) / 2;
        if (g_array_index(list, HcRemnant, middle).offset < offset)
            low = middle + 1;
        else
            high = middle;
    }
    HcRemnant *remnant = low < list->len ? &g_array_index(list, HcRemnant, low) : NULL;
    return remnant != NULL && remnant->offset == offset ? remnant : NULL;
}

/* --- what is a record --- */

static gboolean
is_cell_offset(const HcHive *hive, uint32_t offset)
{
    return offset % HC_CELL_ALIGN == 0 && offset < hive->info.bins_bytes;
}

static HcName
name_at(const uint8_t *chars, uint32_t n_bytes, gboolean is_latin1)
{
    return (HcName){chars, is_latin1 ? n_bytes : n_bytes / 2, is_latin1};
}

/* No control characters; they could stand in a name, and nearly never do. */
static gboolean
is_likely_name(HcName name)
{
    for (uint32_t i = 0; i < name.n_units; i++) {
        if (hc_name_unit(name, i) < 0x20)
            return FALSE;
    }
    return TRUE;
}

static HcName
key_name(const uint8_t *nk)
{
    return name_at(nk + HC_NK_NAME, hc_get16(nk + HC_NK_NAME_BYTES),
                   (hc_get16(nk + HC_NK_FLAGS) & HC_KEY_FLAG_LATIN1) != 0);
}

static HcName
value_name(const uint8_t *vk)
{
    return name_at(vk + HC_VK_NAME, hc_get16(vk + HC_VK_NAME_BYTES),
                   (hc_get16(vk + HC_VK_FLAGS) & HC_VALUE_FLAG_LATIN1) != 0);
}

/* @n_bytes: that are left of the free cell. Returns: of how many bytes the record is; 0: it is none
 */
static uint32_t
key_bytes(const HcHive *hive, const uint8_t *nk, uint32_t n_bytes)
{
    if (n_bytes < HC_NK_NAME || memcmp(nk, "nk", 2) != 0)
        return 0;
    const uint32_t n_name = hc_get16(nk + HC_NK_NAME_BYTES);
    const uint32_t parent = hc_get32(nk + HC_NK_PARENT);
    const uint64_t mtime = hc_get64(nk + HC_NK_MTIME);
    const gboolean is_latin1 = (hc_get16(nk + HC_NK_FLAGS) & HC_KEY_FLAG_LATIN1) != 0;
    if (n_name == 0 || n_name > 2 * HC_MAX_KEY_NAME_UNITS || n_name > n_bytes - HC_NK_NAME ||
        (!is_latin1 && n_name % 2 != 0) || !is_cell_offset(hive, parent) ||
        (mtime != 0 && (mtime < FIRST_FILETIME || mtime > LAST_FILETIME)) ||
        hc_get32(nk + HC_NK_N_VALUES) > HC_MAX_VALUES ||
        hc_get32(nk + HC_NK_N_SUBKEYS) > HC_MAX_SUBKEYS || !is_likely_name(key_name(nk)))
        return 0;
    return HC_NK_NAME + n_name;
}

static uint32_t
value_bytes(const HcHive *hive, const uint8_t *vk, uint32_t n_bytes)
{
    if (n_bytes < HC_VK_NAME || memcmp(vk, "vk", 2) != 0)
        return 0;
    const uint32_t n_name = hc_get16(vk + HC_VK_NAME_BYTES);
    const uint32_t n_data = hc_get32(vk + HC_VK_DATA_BYTES);
    const uint32_t type = hc_get32(vk + HC_VK_TYPE);
    const uint32_t flags = hc_get16(vk + HC_VK_FLAGS);
    const gboolean is_inline = (n_data & HC_VK_INLINE) != 0;
    if (n_name > n_bytes - HC_VK_NAME || n_name > 2 * HC_MAX_VALUE_NAME_UNITS ||
        (flags & HC_VALUE_FLAG_LATIN1) > flags || flags > 3 ||
        ((flags & HC_VALUE_FLAG_LATIN1) == 0 && n_name % 2 != 0) ||
        (type > LAST_TYPE && type < FIRST_DEVICE_TYPE) ||
        (is_inline ? (n_data & ~HC_VK_INLINE) > 4
                   : n_data > HC_MAX_DATA_BYTES ||
                         (n_data > 0 && !is_cell_offset(hive, hc_get32(vk + HC_VK_DATA)))) ||
        !is_likely_name(value_name(vk)))
        return 0;
    return HC_VK_NAME + n_name;
}

/* --- finding them --- */

/* All records that begin in the free cell. */
static void
scan_range(HcRemnants *remnants, const HcFreeRange *range)
{
    const HcHive *hive = remnants->hive;
    for (uint32_t at = 0; at + 4 < range->n_bytes; at += HC_CELL_ALIGN) {
        const uint8_t *record = hive->bins + range->offset + at + 4;
        const uint32_t n_left = range->n_bytes - at - 4;
        const HcRemnant remnant = {range->offset + at, HC_NO_OWNER, FALSE};
        uint32_t n_bytes = key_bytes(hive, record, n_left);
        if (n_bytes > 0) {
            g_array_append_val(remnants->keys, remnant);
        } else {
            n_bytes = value_bytes(hive, record, n_left);
            if (n_bytes > 0)
                g_array_append_val(remnants->values, remnant);
        }
        /* On to the last 8 bytes that it takes; one more step leaves it. */
        if (n_bytes > 0)
            at += (4 + n_bytes - 1) / HC_CELL_ALIGN * HC_CELL_ALIGN;
    }
}

/* The cells of one bin. The hive was checked; a cell that is none ends it all the same. */
static void
scan_bin(HcRemnants *remnants, uint32_t start, uint32_t end)
{
    for (uint32_t at = start; at + 4 <= end;) {
        const int32_t size = (int32_t) hc_get32(remnants->hive->bins + at);
        const uint32_t n_bytes = size < 0 ? 0u - (uint32_t) size : (uint32_t) size;
        if (n_bytes < HC_CELL_ALIGN || n_bytes % HC_CELL_ALIGN != 0 || n_bytes > end - at)
            return;
        const HcFreeRange range = {at, n_bytes};
        if (size > 0) {
            g_array_append_val(remnants->ranges, range);
            scan_range(remnants, &range);
        }
        at += n_bytes;
    }
}

static gboolean
scan(HcRemnants *remnants, GError **error)
{
    const HcHive *hive = remnants->hive;
    for (uint32_t at = 0; at < hive->info.bins_bytes;) {
        const uint32_t n_bytes = hc_get32(hive->bins + at + HC_HBIN_SIZE);
        if (n_bytes < HC_HBIN_ALIGN || n_bytes > hive->info.bins_bytes - at)
            break; /* opening it has checked this */
        scan_bin(remnants, at + HC_HBIN_HEADER_BYTES, at + n_bytes);
        if (remnants->keys->len + remnants->values->len > HC_MAX_DELETED)
            return hc_fail(error, HC_ERROR_LIMIT, "%s: more than %u deleted keys and values",
                           hc_hive_file(hive), HC_MAX_DELETED);
        at += n_bytes;
    }
    return TRUE;
}

/* --- telling them --- */

typedef struct {
    HcRemnants *remnants;
    HcName names[HC_MAX_KEY_DEPTH + 1];
} Teller;

/* The names of the key at @offset and of those above it, up to the root key, to the end of @names.
 * @place: (inout): becomes worse. Returns: how many */
static gsize
climb(Teller *teller, uint32_t offset, uint64_t mtime, HcDeletedPlace *place)
{
    const HcHive *hive = teller->remnants->hive;
    gsize n = 0;
    while (n < HC_MAX_KEY_DEPTH) {
        HcKey key;
        HcName *name = &teller->names[HC_MAX_KEY_DEPTH - n - 1];
        if (hc_remnants_at(teller->remnants->keys, offset) != NULL) {
            const uint8_t *nk = hc_remnant_record(teller->remnants, offset);
            *name = key_name(nk);
            mtime = MAX(mtime, hc_get64(nk + HC_NK_MTIME));
            offset = hc_get32(nk + HC_NK_PARENT);
        } else if (offset == hive->info.root) {
            return n;
        } else if (hc_hive_key(hive, offset, &key, NULL)) {
            /* Deleting a key writes the one above it. */
            if (key.mtime_filetime < mtime)
                *place = MIN(*place, HC_DELETED_GUESSED);
            mtime = 0;
            *name = key.name;
            offset = hc_get32(key.nk + HC_NK_PARENT);
        } else {
            *place = HC_DELETED_UNKNOWN;
            return n;
        }
        n++;
    }
    *place = HC_DELETED_UNKNOWN;
    return n;
}

static void
tell_key(Teller *teller, const HcRemnant *remnant, HcDeleted *deleted)
{
    const uint8_t *nk = hc_remnant_record(teller->remnants, remnant->offset);
    *deleted = (HcDeleted){.is_key = TRUE,
                           .offset = remnant->offset,
                           .place = HC_DELETED_NAMED,
                           .mtime_filetime = hc_get64(nk + HC_NK_MTIME),
                           .n_subkeys = hc_get32(nk + HC_NK_N_SUBKEYS),
                           .n_values = hc_get32(nk + HC_NK_N_VALUES)};
    deleted->path.n = climb(teller, remnant->offset, 0, &deleted->place);
    deleted->path.names = teller->names + HC_MAX_KEY_DEPTH - deleted->path.n;
}

static void
find_data(const HcRemnants *remnants, const uint8_t *vk, HcDeleted *deleted)
{
    const uint32_t n_bytes = hc_get32(vk + HC_VK_DATA_BYTES);
    const uint32_t offset = hc_get32(vk + HC_VK_DATA);
    deleted->type = hc_get32(vk + HC_VK_TYPE);
    deleted->data = (HcBlob){(const uint8_t *) "", 0};
    deleted->is_whole = TRUE;
    /* In segments, of which nothing says that they are its own. */
    const gboolean is_big = n_bytes > HC_BIG_DATA_BYTES && remnants->hive->info.minor >= 4;
    if ((n_bytes & HC_VK_INLINE) != 0)
        deleted->data = (HcBlob){vk + HC_VK_DATA, n_bytes & ~HC_VK_INLINE};
    else if (n_bytes > 0 && !is_big &&
             hc_remnants_range(remnants, offset, (uint64_t) n_bytes + 4) != NULL)
        deleted->data = (HcBlob){hc_remnant_record(remnants, offset), n_bytes};
    else
        deleted->is_whole = n_bytes == 0;
}

static void
tell_value(Teller *teller, const HcRemnant *remnant, HcDeleted *deleted)
{
    const uint8_t *vk = hc_remnant_record(teller->remnants, remnant->offset);
    *deleted = (HcDeleted){.offset = remnant->offset, .name = value_name(vk)};
    find_data(teller->remnants, vk, deleted);
    if (remnant->owner == HC_NO_OWNER)
        return;
    deleted->place = remnant->is_named ? HC_DELETED_NAMED : HC_DELETED_GUESSED;
    deleted->path.n = climb(teller, remnant->owner, 0, &deleted->place);
    deleted->path.names = teller->names + HC_MAX_KEY_DEPTH - deleted->path.n;
}

static gboolean
tell_all(HcRemnants *remnants, gboolean (*found)(void *data, const HcDeleted *deleted), void *data)
{
    g_autofree Teller *teller = g_new0(Teller, 1);
    HcDeleted deleted;
    teller->remnants = remnants;
    for (guint i = 0; i < remnants->keys->len; i++) {
        tell_key(teller, &g_array_index(remnants->keys, HcRemnant, i), &deleted);
        if (!found(data, &deleted))
            return FALSE;
    }
    for (guint i = 0; i < remnants->values->len; i++) {
        tell_value(teller, &g_array_index(remnants->values, HcRemnant, i), &deleted);
        if (!found(data, &deleted))
            return FALSE;
    }
    return TRUE;
}

gboolean
hc_hive_deleted(const HcHive *hive, gboolean (*found)(void *data, const HcDeleted *deleted),
                void *data, GError **error)
{
    g_autoptr(GArray) ranges = g_array_new(FALSE, FALSE, sizeof(HcFreeRange));
    g_autoptr(GArray) keys = g_array_new(FALSE, FALSE, sizeof(HcRemnant));
    g_autoptr(GArray) values = g_array_new(FALSE, FALSE, sizeof(HcRemnant));
    g_autoptr(GHashTable) siblings = g_hash_table_new(NULL, NULL);
    HcRemnants remnants = {hive, ranges, keys, values, siblings};
    return scan(&remnants, error) && hc_remnants_place(&remnants, error) &&
           tell_all(&remnants, found, data);
}
