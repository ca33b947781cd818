#include "config.h"

#include "hivetool/reading.h"

#include "hivecore/cli/cli-hive.h"

gboolean
ht_reading_open_of(HtReading *reading, const HcCliContext *context, HcRegistry *state, guint index,
                   gboolean is_whole, gboolean is_salvage, GError **error)
{
    const HcHiveReading how = {.flags = is_whole ? 0 : HC_HIVE_LAZY};
    *reading = (HtReading){NULL, NULL};
    if (is_salvage) {
        reading->losses = hc_findings_new(NULL, HC_MAX_FINDINGS);
        reading->hive = hc_cli_open_salvaged(context, state, index, reading->losses, error);
    } else {
        reading->hive = hc_cli_open_hive_of(context, state, index, &how, error);
    }
    return reading->hive != NULL;
}

void
ht_reading_clear(HtReading *reading)
{
    hc_hive_unref(reading->hive);
    g_clear_pointer(&reading->losses, hc_findings_unref);
}

gboolean
ht_reading_find_key(const HtReading *reading, const HcCliContext *context, HcArena *arena,
                    const char *text, const HcRoot *root, HtBranch *branch, GError **error)
{
    if (ht_find_key(arena, reading->hive, text, root, &branch->path, &branch->key, error))
        return TRUE;
    if (reading->losses != NULL)
        hc_cli_note_losses(context, hc_hive_file(reading->hive), reading->losses);
    return FALSE;
}

/* Keys above those below them, in the order of the registry. */
static gint
compare_branches(gconstpointer a, gconstpointer b)
{
    const HcPath *left = &((const HtBranch *) a)->path;
    const HcPath *right = &((const HtBranch *) b)->path;
    for (gsize i = 0; i < MIN(left->n, right->n); i++) {
        const int order = hc_name_compare(left->names[i], right->names[i]);
        if (order != 0)
            return order;
    }
    return (left->n > right->n) - (left->n < right->n);
}

GArray *
ht_reading_find_branches(const HtReading *reading, const HcCliContext *context, HcArena *arena,
                         char **texts, const HcRoot *root, GError **error)
{
    char root_key[] = "";
    char *everything[] = {root_key, NULL};
    g_autoptr(GArray) branches = g_array_new(FALSE, FALSE, sizeof(HtBranch));
    for (char **text = texts != NULL ? texts : everything; *text != NULL; text++) {
        HtBranch branch;
        if (!ht_reading_find_key(reading, context, arena, *text, root, &branch, error))
            return NULL;
        g_array_append_val(branches, branch);
    }
    g_array_sort(branches, compare_branches);
    /* What is in another follows it. */
    guint n = 1;
    for (guint i = 1; i < branches->len; i++) {
        const HtBranch branch = g_array_index(branches, HtBranch, i);
        const HcPath *last = &g_array_index(branches, HtBranch, n - 1).path;
        if (!hc_path_is_below(branch.path, *last))
            g_array_index(branches, HtBranch, n++) = branch;
    }
    g_array_set_size(branches, n);
    return g_steal_pointer(&branches);
}

/* @path as it is printed. */
static char *
place_of(const HcPath *path)
{
    GString *text = g_string_new(NULL);
    hc_path_append_display(text, NULL, *path);
    return g_string_free(text, FALSE);
}

static HcExit
tell_losses(const HtReading *reading, const HcCliContext *context, char *const *places,
            gboolean with_subkeys)
{
    if (reading->losses == NULL)
        return HC_EXIT_OK;
    hc_cli_keep_losses(reading->losses, places, with_subkeys);
    return hc_cli_note_losses(context, hc_hive_file(reading->hive), reading->losses) ? HC_EXIT_NO
                                                                                     : HC_EXIT_OK;
}

HcExit
ht_reading_status(const HtReading *reading, const HcCliContext *context, const HcPath *path,
                  gboolean with_subkeys)
{
    g_autofree char *place = place_of(path);
    char *const places[] = {place, NULL};
    return tell_losses(reading, context, places, with_subkeys);
}

HcExit
ht_reading_branches_status(const HtReading *reading, const HcCliContext *context,
                           const GArray *branches)
{
    g_auto(GStrv) places = g_new0(char *, branches->len + 1);
    for (guint i = 0; i < branches->len; i++)
        places[i] = place_of(&g_array_index(branches, HtBranch, i).path);
    return tell_losses(reading, context, places, TRUE);
}
