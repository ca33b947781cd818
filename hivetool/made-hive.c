#include "config.h"

#include "hivetool/hives.h"

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

gboolean
ht_making_start(HtMaking *making, HcCliContext *context, const char *output, char *const *inputs,
                gboolean is_several, GError **error)
{
    *making = (HtMaking){context,
                         output,
                         inputs,
                         is_several,
                         g_ptr_array_new_with_free_func((GDestroyNotify) hc_output_free),
                         g_ptr_array_new_with_free_func(g_free)};
    return !is_several || g_file_test(output, G_FILE_TEST_IS_DIR) ||
           hc_fail(error, HC_ERROR_USAGE, "-o %s: is no folder, which several hives need", output);
}

static gboolean
check_is_alone(const HtMaking *making, const char *file, GError **error)
{
    for (guint i = 0; i < making->files->len; i++) {
        if (g_str_equal(hc_output_name(making->files->pdata[i]), file))
            return hc_fail(error, HC_ERROR_USAGE, "%s: two hives have this name", file);
    }
    return hc_cli_refuse_overwrite(file, making->inputs, error);
}

HcOutput *
ht_making_open(HtMaking *making, const char *name, GError **error)
{
    g_autofree char *file = making->is_several ? g_build_filename(making->output, name, NULL)
                                               : g_strdup(making->output);
    HcOutput *output = check_is_alone(making, file, error)
                           ? hc_cli_open_output(file, making->inputs, error)
                           : NULL;
    if (output != NULL)
        g_ptr_array_add(making->files, output);
    return output;
}

gboolean
ht_making_put(HtMaking *making, const char *name, const void *bytes, gsize n_bytes, GError **error)
{
    HcOutput *output = ht_making_open(making, name, error);
    return output != NULL && hc_output_write(output, bytes, n_bytes, error);
}

void
ht_making_note(HtMaking *making, char *text)
{
    g_ptr_array_add(making->notes, text);
}

gboolean
ht_making_finish(HtMaking *making, GError **error)
{
    if (making->files->len == 0)
        return hc_fail(error, HC_ERROR_NOT_FOUND, "there is no hive to write into %s",
                       making->output);
    if (!hc_cli_commit(making->context, (HcOutput *const *) making->files->pdata,
                       making->files->len, error))
        return FALSE;
    for (guint i = 0; i < making->notes->len; i++)
        hc_cli_note(making->context, "%s", (const char *) making->notes->pdata[i]);
    return TRUE;
}

void
ht_making_clear(HtMaking *making)
{
    g_clear_pointer(&making->files, g_ptr_array_unref);
    g_clear_pointer(&making->notes, g_ptr_array_unref);
}

char *
ht_name_in_folder(const HcRegistryHive *hive)
{
    g_autofree char *base = g_path_get_basename(hive->name);
    return hive->user != NULL ? g_strconcat(hive->label, ".", base, NULL) : g_steal_pointer(&base);
}
