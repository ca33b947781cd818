#include "config.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/base/path.h"
#include "hivecore/cli/key-path.h"
#include "layerpack/explain.h"

static gboolean
fail_usage(const char *text, const char *what, GError **error)
{
    return hc_fail(error, HC_ERROR_USAGE, "--key=%s: %s", text, what);
}

static int
find_named_slot(HcName name)
{
    for (int i = 0; i < HC_N_HIVE_SLOTS; i++) {
        const char *slot = hc_hive_slots[i].name;
        const HcName slot_name = {(const uint8_t *) slot, (uint32_t) strlen(slot), TRUE};
        if (strcmp(slot, "DEFAULT") != 0 && hc_name_equal(name, slot_name))
            return i;
    }
    return -1;
}

/* Which hive the names lead into, and how many of them are its root: SOFTWARE\... is HKLM's. */
static int
find_slot(HcPath path, gboolean has_root, gsize *n_root)
{
    *n_root = has_root ? 2 : 1;
    if (!has_root)
        return path.n >= 1 ? find_named_slot(path.names[0]) : -1;
    if (path.n < 2)
        return -1;
    if (hc_name_equal(path.names[0], HC_NAME_ASCII("HKEY_USERS")) &&
        hc_name_equal(path.names[1], HC_NAME_ASCII(".DEFAULT")))
        return hc_hive_slot_find("DEFAULT", strlen("DEFAULT"));
    if (!hc_name_equal(path.names[0], HC_NAME_ASCII("HKEY_LOCAL_MACHINE")))
        return -1;
    return find_named_slot(path.names[1]);
}

static gboolean
take_path(LpKeyQuery *query, const char *text, const char *path_text, guint reading, GError **error)
{
    HcPath path;
    if (!hc_key_split(query->arena, path_text, reading, &path, NULL))
        return fail_usage(text, "is no path of a key, like HKLM\\SOFTWARE\\Microsoft", error);
    const gboolean has_root = hc_key_find_root(query->arena, &path);
    gsize n_root;
    query->slot = find_slot(path, has_root, &n_root);
    if (query->slot < 0 && !has_root)
        return fail_usage(text, "is no path of a key, like HKLM\\SOFTWARE\\Microsoft", error);
    if (query->slot < 0)
        return fail_usage(text,
                          "is in none of HKLM\\SOFTWARE, HKLM\\SYSTEM, HKLM\\SAM, HKLM\\SECURITY "
                          "and HKU\\.DEFAULT",
                          error);
    query->path = hc_path_from(path, n_root);
    return TRUE;
}

/* Where "::" parts key and value; not that of Registry::HKEY_LOCAL_MACHINE. */
static const char *
find_value(const char *text)
{
    const char *colons = strstr(text, "::");
    return colons != NULL && hc_key_is_frame(text, colons) ? strstr(colons + 2, "::") : colons;
}

LpKeyQuery *
lp_key_query_parse(const char *text, guint key_reading, guint value_reading, GError **error)
{
    if (!g_utf8_validate(text, -1, NULL)) {
        (void) fail_usage("...", "is not UTF-8", error); /* it gives FALSE */
        return NULL;
    }
    g_autoptr(LpKeyQuery) query = g_new0(LpKeyQuery, 1);
    query->arena = hc_arena_new();
    const char *colons = find_value(text);
    g_autofree char *path =
        colons != NULL ? g_strndup(text, (gsize) (colons - text)) : g_strdup(text);
    const char *value = colons != NULL ? colons + 2 : "";
    query->is_value = colons != NULL;
    if (!take_path(query, text, path, key_reading, error))
        return NULL;
    if (strcmp(value, "@") == 0)
        value = "";
    if (!hc_key_has_reading(path, key_reading) ||
        !hc_value_read(query->arena, value, value_reading, &query->value))
        return NULL;
    return g_steal_pointer(&query);
}

void
lp_key_query_free(LpKeyQuery *query)
{
    if (query == NULL)
        return;
    hc_arena_free(query->arena);
    g_free(query);
}

void
lp_key_query_append(GString *out, const LpKeyQuery *query)
{
    hc_path_append_display(out, lp_slot_root(query->slot), query->path);
    if (!query->is_value)
        return;
    g_string_append(out, "::");
    if (query->value.n_units == 0)
        g_string_append_c(out, '@');
    else
        hc_name_append_display(out, query->value);
}
