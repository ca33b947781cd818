#include "config.h"

#include "hivetool/made-hive.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/regf/check.h"

gboolean
ht_embedded_name(HcArena *arena, const char *option, const char *output, HcName *name,
                 GError **error)
{
    g_autofree char *base = option != NULL ? g_strdup(option) : g_path_get_basename(output);
    if (!g_utf8_validate(base, -1, NULL))
        return hc_fail(error, HC_ERROR_USAGE, "%s: is not UTF-8, name the hive's file name", base);
    *name = hc_name_from_utf8(arena, base, strlen(base));
    return TRUE;
}

gboolean
ht_prove_hive(const char *file, GBytes *bytes, GError **error)
{
    g_autoptr(GError) defect = NULL;
    g_autoptr(HcMap) map = hc_map_from_bytes(file, g_bytes_ref(bytes));
    g_autoptr(HcHive) hive = hc_hive_open_sound(map, 0, NULL, &defect);
    if (hive != NULL)
        return TRUE;
    return hc_fail(error, HC_ERROR_INTERNAL, "the hive made is not sound: %s", defect->message);
}
