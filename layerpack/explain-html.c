#include "config.h"

#include "layerpack/explain.h"

#include <inttypes.h>

#include "hivecore/base/error.h"
#include "hivecore/report/html.h"

/* What layers changed as a page, a tab for each layer. */

typedef struct {
    HcLayerStack *stack;
    const LpExplainOptions *options;
    GPtrArray *says;    /* of LpSays *, which the parts borrow from */
    GPtrArray *texts;   /* of char * */
    GArray *parts;      /* of HcHtmlPart */
    GString *unchanged; /* names of hives of which the layer at hand changes nothing */
    GError *failures;
} Page;

static void
free_says(void *pointer)
{
    lp_says_clear(pointer);
    g_free(pointer);
}

static const char *
keep(Page *page, char *text)
{
    g_ptr_array_add(page->texts, text);
    return text;
}

static const char *
base_note(Page *page, const LpSays *says)
{
    return keep(page,
                g_strdup_printf("The base: %" PRIu64 " key%s, %" PRIu64 " value%s.",
                                says->counts.n_keys, says->counts.n_keys == 1 ? "" : "s",
                                says->counts.n_values, says->counts.n_values == 1 ? "" : "s"));
}

static void
add_part(Page *page, const char *tab, const char *place, const LpSays *says, int slot)
{
    HcHtmlPart part = {.place = place, .tab = tab, .writer = tab, .root = ""};
    if (says != NULL) {
        part.root = lp_slot_root(slot);
        part.exact = says->kind == LP_SAYS_ALONE ? says->patch : says->exact;
        part.n_filtered = says->n_filtered;
        if (says->kind == LP_SAYS_BASE)
            part.note = base_note(page, says);
        if (says->kind == LP_SAYS_ALONE)
            part.note = "What the layer states; its base is not here.";
        if (says->kind == LP_SAYS_CHANGE && says->n_void > 0)
            part.note = keep(page, g_strdup_printf("Without effect: %" PRIu64 " statement%s.",
                                                   says->n_void, says->n_void == 1 ? "" : "s"));
    }
    g_array_append_val(page->parts, part);
}

static gboolean
says_no_change(const LpSays *says)
{
    const HcDelta *delta = says->exact != NULL ? says->exact : says->patch;
    return delta != NULL && hc_delta_is_empty(delta) && says->n_void == 0 && says->n_filtered == 0;
}

static void
add_hive(Page *page, guint layer, const char *tab, int slot)
{
    LpSays *says = g_new0(LpSays, 1);
    g_ptr_array_add(page->says, says);
    const char *place = keep(page, g_strdup_printf("%s: %s", tab, hc_hive_slots[slot].name));
    if (!lp_explain_read(page->stack, layer, slot, page->options, says, &page->failures)) {
        add_part(page, tab, place, NULL, slot);
        g_array_index(page->parts, HcHtmlPart, page->parts->len - 1).note = "Not readable.";
    } else if (says_no_change(says)) {
        g_string_append_printf(page->unchanged, "%s%s", page->unchanged->len > 0 ? ", " : "",
                               hc_hive_slots[slot].name);
    } else if (says->kind != LP_SAYS_NOTHING) {
        add_part(page, tab, place, says, slot);
    }
}

/* What is said of the whole layer stands under the first heading of its tab. */
static void
add_layer(Page *page, guint layer)
{
    GString *heading = g_string_new(NULL);
    const char *missing = hc_layer_stack_layer(page->stack, layer)->missing;
    const char *tab = keep(page, g_strdup_printf("layer %u", layer + 1));
    const guint n_before = page->parts->len;
    lp_layer_append_heading(heading, page->stack, layer);
    g_string_truncate(page->unchanged, 0);
    for (int slot = 0; slot < HC_N_HIVE_SLOTS; slot++)
        if (page->options->slots[slot])
            add_hive(page, layer, tab, slot);
    if (page->parts->len == n_before)
        add_part(page, tab, tab, NULL, 0);
    HcHtmlPart *first = &g_array_index(page->parts, HcHtmlPart, n_before);
    if (missing != NULL)
        g_string_append_printf(heading, ": %s", missing);
    if (page->unchanged->len > 0)
        g_string_append_printf(heading, "; no change: %s", page->unchanged->str);
    if (first->note != NULL)
        g_string_append_printf(heading, ". %s", first->note);
    first->note = keep(page, g_string_free(heading, FALSE));
}

gboolean
lp_explain_html(HcStream *stream, HcLayerStack *stack, const char *source,
                const LpExplainOptions *options, GError **error)
{
    const HcHtmlHead head = {"layerpack", "explain", source, NULL};
    g_autoptr(GPtrArray) says = g_ptr_array_new_with_free_func(free_says);
    g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GArray) parts = g_array_new(FALSE, TRUE, sizeof(HcHtmlPart));
    g_autoptr(GString) unchanged = g_string_new(NULL);
    Page page = {stack, options, says, texts, parts, unchanged, NULL};
    for (guint layer = 0; layer < hc_layer_stack_n_layers(stack); layer++)
        if (lp_explain_is_wanted(options, layer))
            add_layer(&page, layer);
    hc_html_changes(stream, &head, (const HcHtmlPart *) (void *) parts->data, parts->len);
    return page.failures == NULL || hc_fail_with(error, page.failures);
}
