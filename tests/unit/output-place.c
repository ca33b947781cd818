#include "config.h"

#include "tests/unit/output-place.h"

#include <string.h>

#include "tests/unit/cu.h"

OutputPlace
output_place_new(void)
{
    char *folder = cu_temp_dir();
    return (OutputPlace){folder, g_build_filename(folder, "file", NULL)};
}

void
output_place_clear(OutputPlace *place)
{
    cu_remove_tree(place->folder);
    g_free(place->folder);
    g_free(place->file);
}

static int
compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *) a, *(const char *const *) b);
}

void
output_check_names(const OutputPlace *place, const char *expected)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    GDir *dir = g_dir_open(place->folder, 0, NULL);
    for (const char *name = g_dir_read_name(dir); name != NULL; name = g_dir_read_name(dir))
        g_ptr_array_add(names, g_strdup(name));
    g_dir_close(dir);
    g_ptr_array_sort(names, compare_names);
    g_autoptr(GString) all = g_string_new("");
    for (guint i = 0; i < names->len; i++)
        g_string_append_printf(all, "%s ", (const char *) names->pdata[i]);
    CHECK_STRING(all->str, expected);
}

void
output_check_content(const char *file, const char *expected)
{
    g_autofree char *content = NULL;
    CU_ASSERT_TRUE(g_file_get_contents(file, &content, NULL, NULL));
    CHECK_STRING(content, expected);
}

gboolean
output_write_bytes(const char *file, gboolean replace, const void *bytes, gsize n_bytes,
                   GError **error)
{
    g_autoptr(HcLock) lock = replace ? hc_lock_take(&file, 1, 0, error) : NULL;
    return (!replace || lock != NULL) && hc_output_write_file(file, lock, bytes, n_bytes, error);
}

void
output_write_text(const char *file, gboolean replace, const char *text)
{
    GError *error = NULL;
    CU_ASSERT_TRUE(output_write_bytes(file, replace, text, strlen(text), &error));
    CHECK_NO_ERROR(error);
}
