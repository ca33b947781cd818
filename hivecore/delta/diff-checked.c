#include "config.h"

#include "hivecore/base/error.h"
#include "hivecore/base/parallel.h"
#include "hivecore/delta/diff.h"

/* Two hives that have little in common in the same places: what is to be done of them needs nothing
 * from each other. */
typedef struct {
    const HcHive *old_hive;
    const HcHive *new_hive;
    gboolean is_left_sound;
    guint ignore;
    HcIgnoredCounts *ignored;
    HcPairCheck *check;
    HcDelta *delta;
    GError *failure; /* of the difference */
} Both;

enum {
    DIFFERENCE, /* which takes longest and so comes first */
    NEW_HIVE,
    OLD_HIVE,
    N_PIECES
};

static void
do_piece(gpointer piece, G_GNUC_UNUSED guint thread, gpointer data)
{
    Both *both = data;
    switch (GPOINTER_TO_UINT(piece)) {
    case DIFFERENCE:
        both->delta =
            hc_diff(both->old_hive, both->new_hive, both->ignore, both->ignored, &both->failure);
        break;
    case NEW_HIVE:
        (void) hc_hive_check(both->new_hive, NULL, &both->check->right); /* which is the answer */
        break;
    default:
        if (!both->is_left_sound)
            (void) hc_hive_check(both->old_hive, NULL, &both->check->left);
        break;
    }
}

HcDelta *
hc_diff_apart(const HcHive *old_hive, const HcHive *new_hive, gboolean is_left_sound, guint ignore,
              HcIgnoredCounts *ignored, HcPairCheck *check, GError **error)
{
    Both both = {old_hive, new_hive, is_left_sound, ignore, ignored, check, NULL, NULL};
    *check = (HcPairCheck){NULL, NULL, NULL};
    if (hc_hive_gains_by_threads(old_hive) && hc_hive_gains_by_threads(new_hive))
        hc_parallel_each(N_PIECES, do_piece, &both);
    else
        for (guint i = 0; i < N_PIECES; i++)
            do_piece(GUINT_TO_POINTER(i), 0, &both);
    if (both.failure != NULL)
        return hc_fail_with_null(error, both.failure);
    return both.delta;
}

HcDelta *
hc_diff_checked(const HcHive *old_hive, const HcHive *new_hive, gboolean is_left_sound,
                guint ignore, HcIgnoredCounts *ignored, HcPairCheck *check, GError **error)
{
    if (hc_hive_gains_by_threads(old_hive) && hc_hive_gains_by_threads(new_hive) &&
        !hc_hives_are_alike(old_hive, new_hive))
        return hc_diff_apart(old_hive, new_hive, is_left_sound, ignore, ignored, check, error);
    hc_hive_check_pair(old_hive, new_hive, is_left_sound, check);
    return hc_diff_known(old_hive, new_hive, check->same, ignore, ignored, error);
}
