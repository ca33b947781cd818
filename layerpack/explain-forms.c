#include "config.h"

#include "hivecore/base/error.h"
#include "hivecore/report/html.h"
#include "layerpack/explain.h"

/* What layers changed as records and as a text for a ticket. */

typedef void (*Put)(gpointer data, guint layer, int slot, const LpSays *says);

/* @put for each hive that a layer changes. What could not be read is told at the end. */
static gboolean
for_each_change(HcLayerStack *stack, const LpExplainOptions *options, Put put, gpointer data,
                GError **error)
{
    GError *failures = NULL;
    for (guint layer = 0; layer < hc_layer_stack_n_layers(stack); layer++) {
        for (int slot = 0; slot < HC_N_HIVE_SLOTS; slot++) {
            g_auto(LpSays) says = {.kind = LP_SAYS_NOTHING};
            if (lp_explain_is_wanted(options, layer) && options->slots[slot] &&
                lp_explain_read(stack, layer, slot, options, &says, &failures) &&
                says.exact != NULL)
                put(data, layer, slot, &says);
        }
    }
    return failures == NULL || hc_fail_with(error, failures);
}

static void
put_records(gpointer data, guint layer, int slot, const LpSays *says)
{
    g_autofree char *of = g_strdup_printf("layer %u", layer + 1);
    hc_change_records_put(data, of, says->exact, lp_slot_root(slot));
}

gboolean
lp_explain_records(HcStream *stream, HcLayerStack *stack, const LpExplainOptions *options,
                   gboolean is_csv, GError **error)
{
    const HcRecordsHead head = {.tool = options->context->program,
                                .kind = "changes",
                                .is_terminal = options->context->is_terminal};
    g_autoptr(HcRecords) records = hc_change_records_new(stream, is_csv, &head);
    const gboolean is_read = for_each_change(stack, options, put_records, records, error);
    hc_records_end(records);
    return is_read;
}

typedef struct {
    HcStream *stream;
    HcLayerStack *stack;
    const LpExplainOptions *options;
    guint n_layer; /* of the last heading; 0: none */
} Ticket;

static void
put_markdown(gpointer data, guint layer, int slot, const LpSays *says)
{
    Ticket *ticket = data;
    GString *out = hc_stream_text(ticket->stream);
    if (hc_delta_is_empty(says->exact) && says->n_filtered == 0)
        return;
    if (ticket->n_layer != layer + 1) {
        g_autoptr(GString) heading = g_string_new(NULL);
        lp_layer_append_heading(heading, ticket->stack, layer);
        g_string_append(out, ticket->n_layer > 0 ? "\n## " : "## ");
        hc_append_xml(out, heading->str);
        g_string_append_c(out, '\n');
        ticket->n_layer = layer + 1;
    }
    HcReportOptions options = {.root = lp_slot_root(slot),
                               .is_filtered = ticket->options->filter != NULL,
                               .n_filtered = says->n_filtered};
    hc_cli_fit_report(ticket->options->context, ticket->options->showing, NULL, 0, &options);
    hc_report_markdown(ticket->stream, says->exact, &options, lp_slot_root(slot));
}

gboolean
lp_explain_markdown(HcStream *stream, HcLayerStack *stack, const LpExplainOptions *options,
                    GError **error)
{
    Ticket ticket = {stream, stack, options, 0};
    const gboolean is_read = for_each_change(stack, options, put_markdown, &ticket, error);
    if (ticket.n_layer == 0)
        g_string_append(hc_stream_text(stream), "no change\n");
    return is_read;
}
