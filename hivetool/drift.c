#include "config.h"

#include "hivetool/drift.h"

#include <string.h>

void
ht_drift_free(HtDriftReport *report)
{
    if (report == NULL)
        return;
    g_array_unref(report->drifts);
    g_array_unref(report->statements);
    g_ptr_array_unref(report->deltas);
    g_free(report);
}

static int
compare_places(gconstpointer a, gconstpointer b)
{
    /* Both kinds of item start with their place. */
    const HtPlace *place_a = a;
    const HtPlace *place_b = b;
    if (place_a->file != place_b->file)
        return place_a->file < place_b->file ? -1 : 1;
    if (place_a->line != place_b->line)
        return place_a->line < place_b->line ? -1 : 1;
    if (place_a->target != place_b->target)
        return place_a->target < place_b->target ? -1 : 1;
    return place_a->order < place_b->order ? -1 : place_a->order > place_b->order;
}

static void
add_drift(HtDriftReport *report, HtPlace place, HtDriftKind kind, const HcDeltaKey *key,
          const HcDeltaValue *value)
{
    place.order = report->drifts->len;
    const HtDrift drift = {place, kind, key, value, NULL};
    g_array_append_val(report->drifts, drift);
}

/* --- what all patches together would change, each with the line that asks for it --- */

typedef struct {
    HtDriftReport *report;
    gsize target;
} Changes;

/* Every patch of a command line is one source of the delta, in their order. */
static HtPlace
place_of(gsize target, HcOrigin origin)
{
    return (HtPlace){origin.source == 0 ? HT_NO_FILE : origin.source - 1, origin.line, target, 0};
}

/* @above: where the key above @key comes from, for what no line names itself. */
static void
find_changes(const Changes *changes, const HcDeltaKey *key, HcOrigin above)
{
    HtDriftReport *report = changes->report;
    const HcOrigin origin = key->origin.source != 0 ? key->origin : above;
    const HtPlace place = place_of(changes->target, origin);
    switch (key->op) {
    case HC_KEY_KEEP:
        if ((key->changed & HC_CHANGED_CLASS) != 0)
            add_drift(report, place, HT_DRIFT_CLASS, key, NULL);
        if ((key->changed & HC_CHANGED_SECURITY) != 0)
            add_drift(report, place, HT_DRIFT_SECURITY, key, NULL);
        if ((key->changed & HC_CHANGED_FLAGS) != 0)
            add_drift(report, place, HT_DRIFT_FLAGS, key, NULL);
        break;
    case HC_KEY_CREATE:
    case HC_KEY_REPLACE: /* not in a lowered delta */
        /* A parent that no line names is missing because of what is below it. */
        if (key->origin.source != 0)
            add_drift(report, place, HT_DRIFT_KEY_ABSENT, key, NULL);
        break;
    case HC_KEY_DELETE:
        add_drift(report, place, HT_DRIFT_KEY_PRESENT, key, NULL);
        return;
    }
    for (guint i = 0; i < hc_delta_n_values(key); i++) {
        const HcDeltaValue *value = hc_delta_value(key, i);
        const HcOrigin asked = value->origin.source != 0 ? value->origin : origin;
        add_drift(report, place_of(changes->target, asked), HT_DRIFT_VALUE, key, value);
    }
    for (guint i = 0; i < hc_delta_n_children(key); i++)
        find_changes(changes, hc_delta_child(key, i), origin);
}

/* --- what each patch says, and the lines that say what an earlier patch says too --- */

typedef struct {
    HtDriftReport *report;
    uint32_t file;
    gsize target;
    gboolean last_wins;
} Saying;

/* One key, seen four ways. */
typedef struct {
    const HcDeltaKey *said; /* by the patch at hand */
    const HcDeltaKey *all;  /* by all patches together; NULL: nothing, or a parent goes */
    const HcDeltaKey *does; /* what that changes in the hive; NULL: nothing */
    gboolean is_gone;       /* a parent goes, and does is what the hive has there */
} View;

static HtPlace
place_in(const Saying *saying, uint32_t line)
{
    return (HtPlace){saying->file, line, saying->target, 0};
}

static void
add_statement(const Saying *saying, const View *view, const HcDeltaValue *value, uint32_t line,
              gboolean is_overruled)
{
    HtStatement statement = {place_in(saying, line), view->said, value, is_overruled};
    statement.place.order = saying->report->statements->len;
    g_array_append_val(saying->report->statements, statement);
}

static gboolean
is_of(const Saying *saying, HcOrigin origin)
{
    return origin.source == saying->file + 1;
}

static gboolean
is_key_agreed(const Saying *saying, const View *view)
{
    const HcDeltaKey *all = view->all;
    switch (view->said->op) {
    case HC_KEY_KEEP:
    case HC_KEY_CREATE:
        return all != NULL && all->op != HC_KEY_DELETE;
    case HC_KEY_DELETE:
        return all == NULL || all->op == HC_KEY_DELETE;
    case HC_KEY_REPLACE:
        /* Where two patches make it anew and that is no contradiction, they say the same. */
        return all != NULL && all->op == HC_KEY_REPLACE &&
               (is_of(saying, all->origin) || !saying->last_wins);
    }
    return FALSE;
}

/* Line @line differs from the hive in all that the line of @origin does. */
static void
repeat_drifts(const Saying *saying, HcOrigin origin, uint32_t line)
{
    GArray *drifts = saying->report->drifts;
    const guint n = origin.source != 0 ? drifts->len : 0;
    for (guint i = 0; i < n; i++) {
        HtDrift drift = g_array_index(drifts, HtDrift, i);
        if (drift.place.file != origin.source - 1 || drift.place.line != origin.line ||
            drift.place.target != saying->target)
            continue;
        drift.place = place_in(saying, line);
        drift.place.order = drifts->len;
        g_array_append_val(drifts, drift);
    }
}

/* The line that asks for the key to be there. */
static HcOrigin
maker_of(const HcDeltaKey *key)
{
    return key->op == HC_KEY_REPLACE ? key->patch->made_origin : key->origin;
}

/* The lines that @said, which is agreed, repeats of another patch. */
static void
repeat_key(const Saying *saying, const View *view)
{
    const HcDeltaKey *said = view->said;
    const HcDeltaKey *does = view->does;
    const HcDeltaKey *all = view->all;
    /* What the patches together ask for is told already, at the line that asks first. */
    const HcOrigin first = all == NULL                 ? (HcOrigin){0, 0}
                           : said->op == HC_KEY_CREATE ? maker_of(all)
                                                       : all->origin;
    if (does == NULL || is_of(saying, first))
        return;
    if (said->op == HC_KEY_DELETE && (view->is_gone || does->op == HC_KEY_DELETE))
        add_drift(saying->report, place_in(saying, said->origin.line), HT_DRIFT_KEY_PRESENT, said,
                  NULL);
    else if (said->op == HC_KEY_CREATE && does->op == HC_KEY_CREATE)
        add_drift(saying->report, place_in(saying, said->origin.line), HT_DRIFT_KEY_ABSENT, does,
                  NULL);
    else if (said->op == HC_KEY_REPLACE)
        repeat_drifts(saying, all->origin, said->origin.line);
    if (said->op == HC_KEY_REPLACE && said->patch->made_origin.source != 0)
        repeat_drifts(saying, all->patch->made_origin, said->patch->made_origin.line);
}

static void
say_key(const Saying *saying, const View *view)
{
    const HcDeltaKey *said = view->said;
    if (said->origin.source != 0) {
        const gboolean is_agreed = is_key_agreed(saying, view);
        add_statement(saying, view, NULL, said->origin.line, !is_agreed);
        if (said->patch->made_origin.source != 0)
            add_statement(saying, view, NULL, said->patch->made_origin.line, !is_agreed);
        if (is_agreed)
            repeat_key(saying, view);
    }
    if (said->patch->all_origin.source != 0)
        add_statement(saying, view, NULL, said->patch->all_origin.line, FALSE);
}

static void
say_value(const Saying *saying, const View *view, const HcDeltaValue *said)
{
    const HcDeltaValue *all = NULL;
    gboolean is_agreed = FALSE;
    if (view->all != NULL && view->all->op != HC_KEY_DELETE) {
        all = hc_delta_find_value(view->all, said->name);
        is_agreed = all != NULL ? hc_delta_value_same_wish(all, said) : said->op == HC_VALUE_DELETE;
    }
    add_statement(saying, view, said, said->origin.line, !is_agreed);
    if (!is_agreed || (all != NULL && is_of(saying, all->origin)) || view->does == NULL)
        return;
    const HcDeltaValue *does = hc_delta_find_value(view->does, said->name);
    if (does != NULL)
        add_drift(saying->report, place_in(saying, said->origin.line), HT_DRIFT_VALUE, view->does,
                  does);
}

static void
say(const Saying *saying, const View *view)
{
    say_key(saying, view);
    for (guint i = 0; i < hc_delta_n_values(view->said); i++)
        say_value(saying, view, hc_delta_value(view->said, i));
    const gboolean is_gone = view->does != NULL && view->does->op == HC_KEY_DELETE;
    const HcDeltaKey *does = is_gone ? view->does->old_tree : view->does;
    for (guint i = 0; i < hc_delta_n_children(view->said); i++) {
        const HcDeltaKey *child = hc_delta_child(view->said, i);
        const View below = {.said = child,
                            .all = view->all != NULL ? hc_delta_find_child(view->all, child->name)
                                                     : NULL,
                            .does = does != NULL ? hc_delta_find_child(does, child->name) : NULL,
                            .is_gone = is_gone || view->is_gone};
        say(saying, &below);
    }
}

/* What patch @index alone says of each target; with one patch that is what all say. */
static gboolean
find_statements(const HcCliContext *context, HtDriftReport *report, uint32_t index,
                const HcDelta *const *changes, const HcPatchOptions *options, GError **error)
{
    const HtTargets *targets = report->targets;
    g_autofree HcPatchTarget *alone = g_memdup2(targets->patched, targets->n * sizeof(*alone));
    if (report->files->len > 1) {
        HcCliContext silent = *context;
        silent.quiet = TRUE;
        HcPatchOptions again = *options;
        again.skip_foreign = TRUE;
        again.is_partial = TRUE;
        again.is_partial = TRUE;
        g_autoptr(GPtrArray) file = g_ptr_array_new();
        g_ptr_array_add(file, report->files->pdata[index]);
        for (gsize i = 0; i < targets->n; i++)
            alone[i].part = alone[i].exact = NULL;
        if (!hc_patches_route(&silent, file, alone, targets->n, &again, error))
            return FALSE;
        for (gsize i = 0; i < targets->n; i++)
            g_ptr_array_add(report->deltas, alone[i].part);
    }
    for (gsize i = 0; i < targets->n; i++) {
        const Saying saying = {report, index, i, options->last_wins};
        const View view = {hc_delta_root(alone[i].part), hc_delta_root(targets->patched[i].part),
                           hc_delta_root(changes[i]), FALSE};
        say(&saying, &view);
    }
    return TRUE;
}

HtDriftReport *
ht_drift_find(const HcCliContext *context, const HtTargets *targets, GPtrArray *files,
              const HcPatchOptions *options, GError **error)
{
    g_autoptr(HtDriftReport) report = g_new0(HtDriftReport, 1);
    report->targets = targets;
    report->files = files;
    report->drifts = g_array_new(FALSE, FALSE, sizeof(HtDrift));
    report->statements = g_array_new(FALSE, FALSE, sizeof(HtStatement));
    report->deltas = g_ptr_array_new_with_free_func((GDestroyNotify) hc_delta_free);
    g_autofree const HcDelta **changes = g_new0(const HcDelta *, targets->n);
    for (gsize i = 0; i < targets->n; i++) {
        HcDelta *lowered = hc_delta_lower(targets->patched[i].exact);
        g_ptr_array_add(report->deltas, lowered);
        changes[i] = lowered;
        const Changes of_hive = {report, i};
        find_changes(&of_hive, hc_delta_root(lowered), (HcOrigin){0, 0});
    }
    for (guint i = 0; i < files->len; i++) {
        if (!find_statements(context, report, i, changes, options, error))
            return NULL;
    }
    if (!ht_drift_find_asserts(report, error))
        return NULL;
    g_array_sort(report->drifts, compare_places);
    g_array_sort(report->statements, compare_places);
    return g_steal_pointer(&report);
}
