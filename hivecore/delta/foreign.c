#include "config.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/base/path.h"
#include "hivecore/delta/delta-private.h"

/* Statements on places that are in no hive. A file that is for another hive has thousands: what
 * begins with the same names is told once. */

/* How many names of a path tell the places apart: HKEY_LOCAL_MACHINE\SYSTEM. */
#define N_START 2

/* Of a disk with many users not all are told. */
#define MAX_TOLD_HIVES 8u

typedef struct {
    uint32_t source;
    gboolean is_condition;
    HcName start[N_START];
    gsize n_start;
    uint32_t line;                /* the first */
    const HcDeltaKey *key;        /* of the first line, unless is_condition */
    const HcCondition *condition; /* of the first line */
    uint64_t n_lines;
} Place;

struct HcForeign {
    GHashTable *places; /* set of Place */
};

static guint
hash_place(gconstpointer pointer)
{
    const Place *place = pointer;
    guint hash = place->source * 2 + (place->is_condition ? 1 : 0);
    for (gsize i = 0; i < place->n_start; i++)
        hash = hash * 31 + hc_name_hash(place->start[i]);
    return hash;
}

static gboolean
equal_places(gconstpointer a, gconstpointer b)
{
    const Place *left = a;
    const Place *right = b;
    if (left->source != right->source || left->is_condition != right->is_condition ||
        left->n_start != right->n_start)
        return FALSE;
    for (gsize i = 0; i < left->n_start; i++) {
        if (!hc_name_equal(left->start[i], right->start[i]))
            return FALSE;
    }
    return TRUE;
}

HcForeign *
hc_foreign_new(void)
{
    HcForeign *foreign = g_new0(HcForeign, 1);
    foreign->places = g_hash_table_new_full(hash_place, equal_places, g_free, NULL);
    return foreign;
}

void
hc_foreign_free(HcForeign *foreign)
{
    if (foreign == NULL)
        return;
    g_hash_table_unref(foreign->places);
    g_free(foreign);
}

/* Keys are met in the order of their names: the first line is the least. */
static void
meet(HcForeign *foreign, const Place *met)
{
    Place *place = (Place *) g_hash_table_lookup(foreign->places, met);
    if (place == NULL) {
        place = g_memdup2(met, sizeof(*met));
        g_hash_table_add(foreign->places, place);
    } else if (met->line < place->line) {
        place->line = met->line;
        place->key = met->key;
        place->condition = met->condition;
    }
    place->n_lines++;
}

void
hc_foreign_meet_key(HcForeign *foreign, const HcDeltaKey *key, HcOrigin origin)
{
    const HcDeltaKey *top[N_START + 1] = {NULL};
    Place place = {.source = origin.source, .line = origin.line, .key = key};
    /* The last so many keys that the way up comes by, the root key left out. */
    for (const HcDeltaKey *at = key; at->parent != NULL; at = at->parent) {
        memmove(top + 1, top, sizeof(top) - sizeof(top[0]));
        top[0] = at;
    }
    for (; place.n_start < N_START && top[place.n_start] != NULL; place.n_start++)
        place.start[place.n_start] = top[place.n_start]->name;
    meet(foreign, &place);
}

void
hc_foreign_meet_condition(HcForeign *foreign, const HcCondition *condition)
{
    Place place = {.source = condition->origin.source,
                   .line = condition->origin.line,
                   .is_condition = TRUE,
                   .condition = condition,
                   .n_start = MIN(N_START, condition->path.n)};
    for (gsize i = 0; i < place.n_start; i++)
        place.start[i] = condition->path.names[i];
    meet(foreign, &place);
}

static int
compare_lines(gconstpointer a, gconstpointer b)
{
    const Place *left = *(const Place *const *) a;
    const Place *right = *(const Place *const *) b;
    if (left->source != right->source)
        return left->source < right->source ? -1 : 1;
    if (left->line != right->line)
        return left->line < right->line ? -1 : 1;
    return left->is_condition - right->is_condition;
}

static gboolean
is_current_user(const Place *place)
{
    return place->n_start > 0 && hc_name_equal(place->start[0], HC_NAME_ASCII("HKEY_CURRENT_USER"));
}

static HcFinding *
make_finding(const HcDelta *patch, const Place *place, const HcDeltaPlace *hives, gsize n_hives)
{
    GString *path = g_string_new(NULL);
    GString *text = g_string_new(NULL);
    if (place->is_condition) {
        hc_path_append_display(path, NULL, place->condition->path);
        g_string_append(text, "this condition is on a key that is in none of the hives given "
                              "(--skip-foreign passes over such conditions)");
    } else {
        hc_delta_append_path(path, place->key, NULL);
        g_string_append(text, n_hives == 1 ? "this key is not in the hive, which is "
                                           : "this key is in none of the hives, which are ");
        for (gsize i = 0; i < MIN(n_hives, MAX_TOLD_HIVES); i++) {
            g_string_append(text, i > 0 ? ", " : "");
            hc_path_append_display(text, NULL, hives[i].path);
        }
        if (n_hives > MAX_TOLD_HIVES)
            g_string_append_printf(text, " and %" G_GSIZE_FORMAT " more", n_hives - MAX_TOLD_HIVES);
        g_string_append_printf(text, " (%s--skip-foreign passes over such keys)",
                               n_hives == 1             ? "--root names another place, "
                               : is_current_user(place) ? "--user says which of a disk's users is "
                                                          "meant, "
                                                        : "");
    }
    if (place->n_lines > 1) {
        g_string_append_printf(text, "; %" G_GUINT64_FORMAT " such %s in ", place->n_lines,
                               place->is_condition ? "conditions" : "keys");
        hc_path_append_display(text, NULL, (HcPath){place->start, place->n_start});
        g_string_append(text, ", this is the first");
    }
    return hc_delta_finding(patch, HC_ERROR_CONFLICT, (HcOrigin){place->source, place->line},
                            g_string_free(path, FALSE), g_string_free(text, FALSE));
}

gboolean
hc_foreign_tell(const HcForeign *foreign, const HcDelta *patch, const HcDeltaPlace *hives,
                gsize n_hives, GError **error)
{
    g_autoptr(HcFindings) findings = hc_findings_new(NULL, HC_MAX_TOLD_CONFLICTS);
    g_autoptr(GPtrArray) places = g_ptr_array_new();
    GHashTableIter iter;
    gpointer item;
    g_hash_table_iter_init(&iter, foreign->places);
    while (g_hash_table_iter_next(&iter, &item, NULL))
        g_ptr_array_add(places, item);
    g_ptr_array_sort(places, compare_lines);
    for (guint i = 0; i < places->len; i++) {
        const Place *place = places->pdata[i];
        if (hc_findings_wants(findings, HC_SEVERITY_ERROR))
            hc_findings_add(findings, make_finding(patch, place, hives, n_hives));
    }
    return hc_findings_set_error(findings, error);
}
