#include "config.h"

#include "tests/unit/browse-fixture.h"

#include <string.h>

#include "hivecore/delta/diff.h"
#include "tests/unit/cu.h"

HcHive *
browse_open_place(void *data, guint index, GError **error)
{
    BrowsePlaces *places = data;
    places->n_opened++;
    if (places->hives[index] == NULL)
        return hc_fail_null(error, HC_ERROR_MALFORMED, "no hive %u", index);
    return hc_hive_ref(places->hives[index]);
}

/* "A\B::v" in the first place. */
gboolean
browse_find_path(G_GNUC_UNUSED void *data, HcArena *arena, const char *text, guint *place,
                 HcPath *path, const char **value, GError **error)
{
    if (text[0] == '!')
        return hc_fail(error, HC_ERROR_USAGE, "%s: is no path", text);
    const char *colons = strstr(text, "::");
    g_autofree char *key =
        colons != NULL ? g_strndup(text, (gsize) (colons - text)) : g_strdup(text);
    g_auto(GStrv) parts = g_strsplit(key, "\\", -1);
    *place = 0;
    *value = colons != NULL ? colons + 2 : NULL;
    const gsize n = key[0] != '\0' ? g_strv_length(parts) : 0;
    HcName *names = hc_arena_alloc(arena, (n + 1) * sizeof(*names));
    for (gsize i = 0; i < n; i++)
        names[i] = hc_name_from_utf8(arena, parts[i], strlen(parts[i]));
    *path = (HcPath){names, n};
    return TRUE;
}

BrowseFixture *
browse_start(HcHive *old_hive, HcHive *new_hive)
{
    GError *error = NULL;
    BrowseFixture *fixture = g_new0(BrowseFixture, 1);
    const HcBrowsePlaces places = {browse_open_place, browse_find_path, &fixture->places};
    fixture->places.hives[0] = old_hive;
    fixture->root = hc_root_parse("HKLM\\SOFTWARE", &error);
    if (new_hive != NULL)
        fixture->delta = hc_diff(old_hive, new_hive, HC_IGNORE_DEFAULT, NULL, &error);
    CHECK_NO_ERROR(error);
    hc_hive_unref(new_hive);
    fixture->browse = hc_browse_new(&places, new_hive != NULL);
    hc_browse_add_place(fixture->browse, "S", fixture->root, fixture->delta);
    hc_browse_start(fixture->browse, 100);
    return fixture;
}

void
browse_end(BrowseFixture *fixture)
{
    hc_browse_free(fixture->browse);
    hc_delta_free(fixture->delta);
    hc_root_free(fixture->root);
    hc_hive_unref(fixture->places.hives[0]);
    hc_hive_unref(fixture->places.hives[1]);
    g_free(fixture);
}

/* Rows as "sign name", indented; ">" before that under the cursor. */
void
browse_check_rows(const HcBrowse *browse, const char *expected)
{
    static const char signs[] = " :~+-";
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < browse->rows->len; i++) {
        const HcBrowseKey *key = g_ptr_array_index(browse->rows, i);
        g_string_append_printf(text, "%s%c%*s", i == browse->view[HC_BROWSE_KEYS].cursor ? ">" : "",
                               signs[key->state], (int) key->depth, "");
        hc_browse_append_label(text, browse, key);
        g_string_append_c(text, '\n');
    }
    CHECK_STRING(text->str, expected);
}

void
browse_check_values(HcBrowse *browse, const char *expected)
{
    static const char signs[] = " :~+-";
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < browse->values->len; i++) {
        const HcBrowseValue *value = &g_array_index(browse->values, HcBrowseValue, i);
        g_string_append_c(text, signs[value->state]);
        hc_browse_append_value(text, browse, value);
        g_string_append_c(text, '\n');
    }
    CHECK_STRING(text->str, expected);
}

void
browse_check_details(const HcBrowse *browse, const char *expected)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < browse->details->len; i++)
        g_string_append_printf(text, "%s\n", (const char *) g_ptr_array_index(browse->details, i));
    CHECK_STRING(text->str, expected);
}

HcBrowseFound
browse_search(HcBrowse *browse, const char *text, gboolean is_backwards)
{
    HcBrowseFound found = HC_BROWSE_GOES_ON;
    hc_browse_search_start(browse, text, is_backwards);
    while (found == HC_BROWSE_GOES_ON)
        found = hc_browse_search_step(browse, 1);
    return found;
}

void
browse_check_at(const HcBrowse *browse, const char *expected)
{
    g_autoptr(GString) text = g_string_new(NULL);
    hc_browse_append_path(text, browse, hc_browse_key(browse));
    if (browse->details_of == HC_BROWSE_VALUES && hc_browse_value(browse) != NULL) {
        g_string_append(text, "::");
        hc_name_append_display(text, hc_browse_value(browse)->name);
    }
    CHECK_STRING(text->str, expected);
}
