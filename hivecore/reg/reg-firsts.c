#include "config.h"

#include "hivecore/base/limits.h"
#include "hivecore/reg/parse-private.h"

typedef struct {
    HcRegLexer at;
    gsize pos;
    HcName word;
    const char *found;
    const char *expected;
    const char *regedit;
    guint n;
} First;

struct HcRegFirsts {
    GArray *list; /* of First, at most HC_MAX_DIAGNOSTICS: every bad line looks through it */
};

HcRegFirsts *
hc_reg_firsts_new(void)
{
    HcRegFirsts *firsts = g_new0(HcRegFirsts, 1);
    firsts->list = g_array_new(FALSE, FALSE, sizeof(First));
    return firsts;
}

void
hc_reg_firsts_free(HcRegFirsts *firsts)
{
    if (firsts == NULL)
        return;
    g_array_unref(firsts->list);
    g_free(firsts);
}

static void
tell(const First *first)
{
    g_autofree char *times =
        first->n > 1 ? g_strdup_printf("; %u times in this file, this is the first", first->n)
                     : g_strdup("");
    g_autofree char *expected = g_strconcat(first->expected, times, NULL);
    g_autofree char *word = hc_name_display(first->word);
    g_autofree char *quoted =
        first->word.n_units > 0 ? g_strdup_printf("'%s' ", word) : g_strdup("");
    (void) hc_reg_fail_found(&first->at, first->pos, HC_ERROR_MALFORMED, expected, first->regedit,
                             "%s%s", quoted, first->found);
}

gboolean
hc_reg_fail_once(const HcRegLexer *lexer, gsize pos, HcName word, const char *found,
                 const char *expected, const char *regedit)
{
    const First first = {*lexer, pos, word, found, expected, regedit, 1};
    GArray *list = lexer->firsts != NULL ? lexer->firsts->list : NULL;
    if (lexer->diagnostics == NULL)
        return FALSE;
    for (guint i = 0; list != NULL && i < list->len; i++) {
        First *known = &g_array_index(list, First, i);
        if (known->expected == expected && hc_name_equal(known->word, word)) {
            known->n++;
            return FALSE;
        }
    }
    if (list != NULL && list->len < HC_MAX_DIAGNOSTICS)
        g_array_append_val(list, first);
    else
        tell(&first);
    return FALSE;
}

void
hc_reg_firsts_tell(HcRegFirsts *firsts)
{
    for (guint i = 0; i < firsts->list->len; i++)
        tell(&g_array_index(firsts->list, First, i));
    g_array_set_size(firsts->list, 0);
}
