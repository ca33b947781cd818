#include "config.h"

#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/base/trail.h"
#include "hivecore/delta/condition.h"
#include "hivecore/delta/delta-private.h"

/*
 * One patch after another: the net effect of each is said again, statement by statement, to the
 * delta of all. So a line that a later line of its own file overrules contradicts nobody, and what
 * contradicts does so in either order of the files.
 */

typedef struct {
    HcDelta *delta;
    uint32_t source;
    HcTrail *trail;
    HcFindings *conflicts; /* statements that are not joined: an earlier patch says otherwise */
} Join;

/* Keeps a @failure, taken, that is a contradiction. FALSE: it is another one. */
static gboolean
keep_conflict(const Join *join, GError *failure, GError **error)
{
    const HcFindings *conflict = hc_error_findings(failure);
    if (!g_error_matches(failure, HC_ERROR, HC_ERROR_CONFLICT) || conflict == NULL)
        return hc_fail_with(error, failure);
    hc_findings_append(join->conflicts, conflict, 0);
    g_error_free(failure);
    return TRUE;
}

static HcOrigin
origin_of(const Join *join, HcOrigin origin)
{
    return (HcOrigin){origin.source != 0 ? join->source : 0, origin.line};
}

/* What is said of the key at the path so far, or NULL. */
static HcDeltaKey *
key_so_far(const Join *join)
{
    return hc_delta_find_key(join->delta, join->trail->path);
}

/* A key that is made again contradicts another patch that only deletes it. */
static gboolean
check_replace(const Join *join, HcOrigin origin, GError **error)
{
    const HcDeltaKey *key = key_so_far(join);
    if (key == NULL || key->op != HC_KEY_DELETE ||
        hc_delta_may_overrule(join->delta, origin, key->origin))
        return TRUE;
    return hc_delta_conflict(join->delta, key, NULL, origin, key->origin, error);
}

/* Whether two patches make one key anew, with the same in it. */
static gboolean
is_said_already(const Join *join, const HcDeltaKey *said)
{
    const HcDeltaKey *key = said->op == HC_KEY_REPLACE ? key_so_far(join) : NULL;
    return key != NULL && hc_delta_key_equal(key, said);
}

/* What a statement of @which says of @key, unless another patch says otherwise. */
static gboolean
state_blob(const Join *join, HcDeltaKey *key, const HcDeltaKey *said, HcKeyChange which,
           GError **error)
{
    HcBlob *after = which == HC_CHANGED_CLASS ? &key->after.class_name : &key->after.security;
    const HcBlob wanted = which == HC_CHANGED_CLASS ? said->after.class_name : said->after.security;
    const HcOrigin origin = origin_of(join, said->origin);
    const gboolean was_stated = (key->changed & which) != 0 || after->bytes != NULL;
    if ((said->changed & which) == 0 && wanted.bytes == NULL)
        return TRUE;
    if (was_stated && !hc_blob_equal(*after, wanted) &&
        !hc_delta_may_overrule(join->delta, origin, key->origin))
        return hc_delta_conflict(join->delta, key, NULL, origin, key->origin, error);
    *after = hc_delta_dup_blob(join->delta, wanted, which == HC_CHANGED_SECURITY);
    key->changed |= said->changed & which;
    return TRUE;
}

static gboolean
state_meta(const Join *join, HcDeltaKey *key, const HcDeltaKey *said, GError **error)
{
    const HcOrigin origin = origin_of(join, said->origin);
    if (!state_blob(join, key, said, HC_CHANGED_CLASS, error) ||
        !state_blob(join, key, said, HC_CHANGED_SECURITY, error))
        return FALSE;
    if ((said->changed & HC_CHANGED_FLAGS) == 0 && said->after.flags == 0)
        return TRUE;
    if (((key->changed & HC_CHANGED_FLAGS) != 0 || key->after.flags != 0) &&
        key->after.flags != said->after.flags &&
        !hc_delta_may_overrule(join->delta, origin, key->origin))
        return hc_delta_conflict(join->delta, key, NULL, origin, key->origin, error);
    key->after.flags = said->after.flags;
    key->changed |= said->changed & HC_CHANGED_FLAGS;
    return TRUE;
}

static gboolean
state_values(const Join *join, HcDeltaKey *key, const HcDeltaKey *said, GError **error)
{
    for (guint i = 0; i < hc_delta_n_values(said); i++) {
        const HcDeltaValue *value = hc_delta_value(said, i);
        const HcOrigin origin = origin_of(join, value->origin);
        GError *failure = NULL;
        const gboolean ok =
            value->op == HC_VALUE_DELETE
                ? hc_delta_delete_value(join->delta, key, value->name, origin, &failure)
                : hc_delta_set_value(join->delta, key, value->name, value->after.type,
                                     value->after.data, origin, &failure);
        if (!ok) {
            if (!keep_conflict(join, failure, error))
                return FALSE;
            continue;
        }
        HcDeltaValue *stated = hc_delta_find_value(key, value->name);
        if (stated != NULL && stated->origin.source == join->source)
            stated->reason = hc_delta_reason(join->delta, value->reason);
    }
    return TRUE;
}

/* Values that go from a key where it is there: all that can be said of one, other than the root,
 * that is not made. */
static gboolean
state_where_there(const Join *join, const HcDeltaKey *said, GError **error)
{
    GError *failure = NULL;
    HcDeltaKey *key = hc_delta_reach_key(join->delta, join->trail->path,
                                         origin_of(join, hc_delta_first_origin(said)), &failure);
    if (key == NULL)
        return failure == NULL || hc_fail_with(error, failure);
    return state_values(join, key, said, error);
}

/* The key itself and its values. */
static gboolean
state_key(const Join *join, const HcDeltaKey *said, GError **error)
{
    const HcOrigin origin = origin_of(join, hc_delta_first_origin(said));
    switch (said->op) {
    case HC_KEY_KEEP:
        if (said->changed == 0 && hc_delta_n_values(said) == 0 && !said->patch->values_are_all)
            return TRUE;
        if (join->trail->path.n > 0)
            return state_where_there(join, said, error);
        break;
    case HC_KEY_DELETE:
        return hc_delta_delete_key(join->delta, join->trail->path, origin, error);
    case HC_KEY_REPLACE:
        if (!check_replace(join, origin, error) ||
            !hc_delta_delete_key(join->delta, join->trail->path, origin, error))
            return FALSE;
        break;
    case HC_KEY_CREATE:
        if (said->origin.source == 0 && hc_delta_makes_child(said))
            return TRUE; /* no line names the key, and one below it makes it */
        break;
    }
    HcDeltaKey *key = hc_delta_ensure_key(join->delta, join->trail->path, origin, error);
    if (key == NULL || !state_meta(join, key, said, error) || !state_values(join, key, said, error))
        return FALSE;
    if (said->op == HC_KEY_REPLACE)
        hc_delta_set_made_origin(join->delta, key, origin_of(join, said->patch->made_origin));
    if (key->reason == NULL && key->origin.source == join->source)
        key->reason = hc_delta_reason(join->delta, said->reason);
    return TRUE;
}

/* "this and nothing else", when everything that the patch says has been said. */
static gboolean
state_exact(const Join *join, const HcDeltaKey *said, GError **error)
{
    const guint exact = (said->patch->values_are_all ? HC_EXACT_VALUES : 0) |
                        (said->patch->children_are_all ? HC_EXACT_KEYS : 0);
    HcDeltaKey *key = exact != 0 ? key_so_far(join) : NULL;
    return key == NULL || hc_delta_make_exact(join->delta, key, exact,
                                              origin_of(join, said->patch->all_origin), error);
}

/* Recursion is as deep as the tree, which statements cap at HC_MAX_KEY_DEPTH. */
static gboolean
walk(const Join *join, const HcDeltaKey *said,
     gboolean (*state)(const Join *, const HcDeltaKey *, GError **), GError **error)
{
    if (is_said_already(join, said))
        return TRUE;
    GError *failure = NULL;
    if (!state(join, said, &failure) && !keep_conflict(join, failure, error))
        return FALSE;
    for (guint i = 0; i < hc_delta_n_children(said); i++) {
        const HcDeltaKey *child = hc_delta_child(said, i);
        hc_trail_push(join->trail, child->name);
        if (!walk(join, child, state, error))
            return FALSE;
        hc_trail_pop(join->trail);
    }
    return TRUE;
}

static gboolean
add_conditions(const Join *join, const HcDelta *patch, GError **error)
{
    for (guint i = 0; i < hc_delta_n_conditions(patch); i++) {
        HcCondition condition = *hc_delta_condition(patch, i);
        condition.origin = origin_of(join, condition.origin);
        if (!hc_delta_add_condition(join->delta, &condition, error))
            return FALSE;
    }
    return TRUE;
}

gboolean
hc_delta_join(HcDelta *delta, const HcDelta *patch, GError **error)
{
    g_auto(HcTrail) trail = {0};
    HcName id;
    HcName version;
    g_autoptr(HcFindings) conflicts = hc_findings_new(NULL, G_MAXUINT);
    const Join join = {delta, hc_delta_add_source(delta, hc_delta_source(patch, 1)), &trail,
                       conflicts};
    if (hc_delta_source_name(patch, 1, &id, &version))
        hc_delta_name_source(delta, join.source, id, version);
    if (!walk(&join, patch->root, state_key, error) ||
        !walk(&join, patch->root, state_exact, error))
        return FALSE;
    hc_findings_sort(conflicts);
    hc_findings_cut(conflicts, HC_MAX_TOLD_CONFLICTS);
    return hc_findings_set_error(conflicts, error) && add_conditions(&join, patch, error);
}
