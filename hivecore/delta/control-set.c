#include "config.h"

#include "hivecore/delta/control-set.h"

#include "hivecore/base/bytes.h"
#include "hivecore/base/error.h"
#include "hivecore/regf/types.h"

/* Reads Select\Current. *number is 0 when the hive has no such DWORD. */
static gboolean
read_current(const HcHive *hive, uint32_t *number, GError **error)
{
    const HcName path[] = {HC_NAME_ASCII("Select")};
    GError *failure = NULL;
    HcKey select;
    HcValue value;
    HcBlob data;
    g_autoptr(GByteArray) scratch = g_byte_array_new();
    *number = 0;
    if (hc_hive_lookup(hive, path, G_N_ELEMENTS(path), &select, &failure) &&
        hc_hive_find_value(hive, &select, HC_NAME_ASCII("Current"), &value, &failure) &&
        hc_hive_value_data(hive, &value, scratch, &data, &failure) && value.type == HC_REG_DWORD &&
        data.n_bytes == 4)
        *number = hc_get32(data.bytes);
    if (failure == NULL)
        return TRUE;
    return hc_fail_with(error, failure);
}

gboolean
hc_control_set(const HcHive *hive, HcArena *arena, HcName *name, GError **error)
{
    const HcName link = HC_CONTROL_SET_LINK;
    GError *failure = NULL;
    HcKey key;
    uint32_t number = 0;
    *name = HC_NAME_EMPTY;
    if (hc_hive_lookup(hive, &link, 1, &key, &failure))
        return TRUE;
    if (failure != NULL || !read_current(hive, &number, &failure))
        return hc_fail_with(error, failure);
    if (number == 0)
        return TRUE;
    g_autofree char *text = g_strdup_printf("ControlSet%03u", number);
    const HcName set = hc_name_from_utf8(arena, text, strlen(text));
    if (!hc_hive_lookup(hive, &set, 1, &key, &failure)) {
        if (failure == NULL)
            hc_set_error(&failure, HC_ERROR_CONFLICT,
                         "%s: Select\\Current says %u, but there is no key %s", hc_hive_file(hive),
                         number, text);
        return hc_fail_with(error, failure);
    }
    *name = set;
    return TRUE;
}

gboolean
hc_control_set_enter(const HcHive *hive, HcArena *arena, HcPath *path, GError **error)
{
    HcName set;
    if (path->n == 0 || !hc_name_equal(path->names[0], HC_CONTROL_SET_LINK))
        return TRUE;
    if (!hc_control_set(hive, arena, &set, error))
        return FALSE;
    if (set.n_units > 0)
        *path = hc_path_join(arena, (HcPath){&set, 1}, hc_path_from(*path, 1));
    return TRUE;
}
