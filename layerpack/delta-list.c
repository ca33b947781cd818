#include "config.h"

#include "layerpack/layer-list.h"

#include "hivecore/base/error.h"
#include "hivecore/regf/types.h"
#include "hivecore/report/report.h"

typedef struct {
    GString *out;
    const HcHive *hive;
    HcWalk walk;
    GString *path;
    gboolean is_full;
} Listing;

static void
append_key(Listing *listing, const HcKey *key)
{
    char mark = '~';
    const char *note = NULL;
    gboolean inherits_class = (key->layer_bits & HC_LAYER_INHERIT_CLASS) != 0;
    switch (key->layer_bits & HC_LAYER_SEMANTICS) {
    case HC_LAYER_TOMBSTONE:
        mark = '-';
        note = "tombstone";
        break;
    case HC_LAYER_SUPERSEDE_LOCAL:
        note = "supersedes the key, not its subkeys";
        break;
    case HC_LAYER_SUPERSEDE_TREE:
        note = "supersedes the key and its subkeys";
        break;
    default: /* merges */
        mark = inherits_class ? '~' : '+';
        inherits_class = FALSE;
    }
    g_string_append_printf(listing->out, "    %c %s", mark, listing->path->str);
    if (note != NULL)
        g_string_append_printf(listing->out, " (%s%s)", note,
                               inherits_class ? ", class inherited" : "");
    g_string_append_c(listing->out, '\n');
}

static gboolean
append_value(Listing *listing, const HcValue *value, GByteArray *scratch, GError **error)
{
    g_string_append(listing->out, "          ");
    hc_report_append_value_name(listing->out, value->name);
    if (value->is_tombstone) {
        g_string_append(listing->out, " (tombstone)\n");
        return TRUE;
    }
    HcDatum datum = {.is_present = TRUE, .type = value->type};
    if (!hc_hive_value_data(listing->hive, value, scratch, &datum.data, error))
        return FALSE;
    g_string_append(listing->out, " = ");
    if (listing->is_full)
        hc_report_append_whole_datum(listing->out, &datum);
    else
        hc_report_append_datum(listing->out, &datum);
    g_string_append_c(listing->out, '\n');
    return TRUE;
}

static gboolean
append_values(Listing *listing, const HcKey *key, GError **error)
{
    g_autoptr(GByteArray) scratch = g_byte_array_new();
    for (uint32_t i = 0; i < key->n_values; i++) {
        HcValue value;
        if (!hc_hive_value(listing->hive, key, i, &value, error) ||
            !append_value(listing, &value, scratch, error))
            return FALSE;
    }
    return TRUE;
}

/* Recursion ends at HC_MAX_KEY_DEPTH, in hc_walk_enter(). */
static gboolean
append_tree(Listing *listing, const HcKey *key, uint32_t depth, GError **error)
{
    if (!hc_walk_enter(&listing->walk, key, depth, error))
        return FALSE;
    gsize old_len = listing->path->len;
    if (depth > 0) {
        if (depth > 1)
            g_string_append_c(listing->path, '\\');
        hc_name_append_display(listing->path, key->name);
        append_key(listing, key);
    }
    if (!append_values(listing, key, error))
        return FALSE;
    HcSubkeyIter iter;
    HcKey subkey;
    GError *walk_error = NULL;
    if (!hc_subkey_iter_init(&iter, listing->hive, key, error))
        return FALSE;
    while (hc_subkey_iter_next(&iter, &subkey, &walk_error)) {
        if (!append_tree(listing, &subkey, depth + 1, &walk_error))
            break;
    }
    g_string_truncate(listing->path, old_len);
    if (walk_error == NULL)
        return TRUE;
    return hc_fail_with(error, walk_error);
}

gboolean
lp_delta_list_append(GString *out, const HcHive *hive, gboolean is_full, GError **error)
{
    HcKey root;
    if (!hc_hive_root(hive, &root, error))
        return FALSE;
    g_autoptr(GString) path = g_string_new(NULL);
    Listing listing = {out, hive, hc_walk_start(hive), path, is_full};
    return append_tree(&listing, &root, 0, error);
}
