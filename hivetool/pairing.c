#include "config.h"

#include "hivetool/compare.h"

#include "hivecore/base/error.h"
#include "hivecore/cli/cli-hive.h"

gboolean
ht_pairing_is_several(const HtPairing *pairing)
{
    return !pairing->old_operand->is_one && !pairing->new_operand->is_one;
}

static int
find_counterpart(const HcOperand *one, guint index, const HcOperand *other)
{
    const HcRegistryHive *hive = hc_registry_hive(one->state, index);
    return hc_registry_find(other->state, hive->root, hive->label);
}

/* The hives of @one that are nowhere in the other state are told. Returns: how many they are */
static guint
note_alone(const HtPairing *pairing, const HcOperand *one, const HcOperand *other)
{
    guint n = 0;
    for (guint i = 0; i < hc_registry_n_hives(one->state); i++) {
        const HcRegistryHive *hive = hc_registry_hive(one->state, i);
        if (find_counterpart(one, i, other) >= 0)
            continue;
        hc_cli_note(pairing->context, "%s: not %s, %s has no hive %s", hive->name, pairing->done,
                    other->text, hive->root != NULL ? hive->root->text : hive->label);
        n++;
    }
    return n;
}

/* One hive, and its counterpart in the other state: whether that is there at @hive alone is no
 * matter then. */
static gboolean
find_one(const HtPairing *pairing, const HcOperand *one, const HcOperand *other, guint *index,
         GError **error)
{
    const int found = other->is_one ? 0 : find_counterpart(one, 0, other);
    const HcHiveReading how = {.flags = 0};
    if (found < 0) {
        /* Of what cannot be read nobody knows a place: then that is what is wrong. */
        g_autoptr(HcHive) hive = hc_cli_open_hive_of(pairing->context, one->state, 0, &how, error);
        if (hive == NULL)
            return FALSE;
        return hc_fail(error, HC_ERROR_USAGE,
                       "%s: which hive of %s to %s it with is not known: name it, like "
                       "%s//SOFTWARE",
                       hc_registry_hive(one->state, 0)->name, other->text, pairing->verb,
                       other->text);
    }
    *index = (guint) found;
    return TRUE;
}

gboolean
ht_pair_hives(const HtPairing *pairing,
              gboolean (*pair)(void *data, guint old_index, guint new_index, GError **error),
              void *data, gboolean *is_incomplete, GError **error)
{
    const HcOperand *old_operand = pairing->old_operand;
    const HcOperand *new_operand = pairing->new_operand;
    guint index = 0;
    if (old_operand->is_one)
        return find_one(pairing, old_operand, new_operand, &index, error) &&
               pair(data, 0, index, error);
    if (new_operand->is_one)
        return find_one(pairing, new_operand, old_operand, &index, error) &&
               pair(data, index, 0, error);
    guint n_alone = note_alone(pairing, old_operand, new_operand);
    for (guint i = 0; i < hc_registry_n_hives(old_operand->state); i++) {
        const int found = find_counterpart(old_operand, i, new_operand);
        if (found >= 0 && !pair(data, i, (guint) found, error))
            return FALSE;
    }
    n_alone += note_alone(pairing, new_operand, old_operand);
    if (is_incomplete != NULL)
        *is_incomplete |= n_alone > 0;
    return TRUE;
}
