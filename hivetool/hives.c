#include "config.h"

#include "hivetool/hives.h"

#include "hivecore/base/error.h"

static void
operand_free(void *pointer)
{
    hc_operand_clear(pointer);
    g_free(pointer);
}

static void
add_hives(HtHives *hives, const HcOperand *operand)
{
    for (guint i = 0; i < hc_registry_n_hives(operand->state); i++) {
        const HtHive hive = {operand, i,
                             operand->is_one ? operand->text
                                             : hc_registry_hive(operand->state, i)->name};
        g_array_append_val(hives->all, hive);
    }
}

gboolean
ht_hives_open(HtHives *hives, const HcCliContext *context, char **texts, GError **error)
{
    hives->operands = g_ptr_array_new_with_free_func(operand_free);
    hives->all = g_array_new(FALSE, FALSE, sizeof(HtHive));
    for (gsize i = 0; texts[i] != NULL; i++) {
        HcOperand *operand = g_new0(HcOperand, 1);
        GError *failure = NULL;
        g_ptr_array_add(hives->operands, operand);
        if (hc_cli_operand_open(operand, texts[i], &failure))
            add_hives(hives, operand);
        else
            hc_cli_add_failure(context, &hives->failures, failure);
    }
    if (hives->all->len == 0 && hives->failures != NULL)
        return hc_fail_with(error, g_steal_pointer(&hives->failures));
    const HcOperand *first = g_ptr_array_index(hives->operands, 0);
    hives->is_one = hives->operands->len == 1 && first->is_one;
    return TRUE;
}

gboolean
ht_hives_each(HtHives *hives, const HcCliContext *context,
              gboolean (*tell)(void *data, const HtHive *hive, GError **error), void *data,
              GError **error)
{
    for (guint i = 0; i < hives->all->len; i++) {
        GError *failure = NULL;
        if (!tell(data, &g_array_index(hives->all, HtHive, i), &failure))
            hc_cli_add_failure(context, &hives->failures, failure);
    }
    return hives->failures == NULL || hc_fail_with(error, g_steal_pointer(&hives->failures));
}

void
ht_hives_clear(HtHives *hives)
{
    g_clear_pointer(&hives->all, g_array_unref);
    g_clear_pointer(&hives->operands, g_ptr_array_unref);
    g_clear_error(&hives->failures);
}
