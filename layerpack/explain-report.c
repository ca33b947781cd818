#include "config.h"

#include "layerpack/explain.h"

#include <inttypes.h>
#include <string.h>

#include "hivecore/base/display.h"
#include "hivecore/report/report.h"
#include "layerpack/layer-list.h"

static void
append_number_of(GString *out, uint64_t n, const char *noun)
{
    g_string_append_printf(out, "%" PRIu64 " %s%s", n, noun, n == 1 ? "" : "s");
}

gboolean
lp_explain_is_wanted(const LpExplainOptions *options, guint layer)
{
    return options->layer == 0 || options->layer == layer + 1;
}

/* What a layer states without its base is no change that could be taken apart. */
static gboolean
filter_says(const LpExplainOptions *options, int slot, LpSays *says, GError **error)
{
    if (options->filter == NULL || says->kind == LP_SAYS_NOTHING || says->kind == LP_SAYS_BASE)
        return TRUE;
    if (says->kind == LP_SAYS_ALONE)
        return hc_fail(error, HC_ERROR_UNSUPPORTED,
                       "%s: what the layer states is shown as a whole where its base is not here; "
                       "filters are for changes",
                       hc_hive_slots[slot].name);
    g_autoptr(HcRoot) root = hc_root_parse_name(hc_hive_slots[slot].name, NULL);
    says->n_filtered = hc_change_filter_apply(options->filter, says->exact, root);
    return TRUE;
}

/* lp_says_read() for a hive that is asked for. One that cannot be read does not hide the others:
 * what is wrong is told at the end. */
gboolean
lp_explain_read(HcLayerStack *stack, guint layer, int slot, const LpExplainOptions *options,
                LpSays *says, GError **failures)
{
    GError *failure = NULL;
    if (hc_layer_stack_layer(stack, layer)->missing != NULL)
        return TRUE;
    if (lp_says_read(options->context, stack, layer, slot, says, &failure) &&
        filter_says(options, slot, says, &failure))
        return TRUE;
    /* A damaged base is met again in each layer above it. */
    if (*failures != NULL && strcmp((*failures)->message, failure->message) == 0)
        g_error_free(failure);
    else
        hc_cli_add_failure(options->context, failures, failure);
    return FALSE;
}

/* --- text --- */

/* Of each hive's changes, of which a layer may have five. */
#define SHOWN_LINES 32u

typedef struct {
    HcStream *stream;
    GString *out; /* hc_stream_text() of it */
    HcLayerStack *stack;
    const LpExplainOptions *options;
    gboolean is_started;
    GString *unchanged; /* names of hives of which the layer at hand changes nothing */
    GError *failures;
} Text;

static void
append_hive_heading(const Text *text, int slot, const char *what)
{
    g_string_append_printf(text->out, "%s (%s)%s\n", hc_hive_slots[slot].name, lp_slot_root(slot),
                           what);
}

static void
append_void(GString *out, uint64_t n_void)
{
    if (n_void == 0)
        return;
    g_string_truncate(out, out->len - 1);
    g_string_append(out, "; without effect: ");
    append_number_of(out, n_void, "statement");
    g_string_append_c(out, '\n');
}

static void
append_change(Text *text, int slot, const LpSays *says)
{
    const HcReportView view = text->options->view;
    HcReportOptions options = {.root = lp_slot_root(slot),
                               .is_filtered = text->options->filter != NULL,
                               .n_filtered = says->n_filtered,
                               .color = text->options->context->color};
    hc_cli_fit_report(text->options->context, text->options->showing, NULL, SHOWN_LINES, &options);
    const gboolean is_names = view == HC_VIEW_NAME_ONLY || view == HC_VIEW_NAME_STATUS;
    if (!is_names)
        append_hive_heading(text, slot, ":");
    hc_report_view(text->stream, says->exact, &options, view);
    if (!is_names)
        append_void(text->out, says->n_void);
}

static gboolean
append_says(Text *text, int slot, const LpSays *says, GError **error)
{
    const HcDelta *delta = says->exact != NULL ? says->exact : says->patch;
    if (delta != NULL && hc_delta_is_empty(delta) && says->n_void == 0 && says->n_filtered == 0) {
        g_string_append_printf(text->unchanged, "%s%s", text->unchanged->len > 0 ? ", " : "",
                               hc_hive_slots[slot].name);
        return TRUE;
    }
    switch (says->kind) {
    case LP_SAYS_NOTHING:
        return TRUE;
    case LP_SAYS_BASE:
        g_string_append_printf(text->out, "%s (%s): the base, ", hc_hive_slots[slot].name,
                               lp_slot_root(slot));
        append_number_of(text->out, says->counts.n_keys, "key");
        g_string_append(text->out, ", ");
        append_number_of(text->out, says->counts.n_values, "value");
        g_string_append_c(text->out, '\n');
        return TRUE;
    case LP_SAYS_CHANGE:
        append_change(text, slot, says);
        return TRUE;
    case LP_SAYS_ALONE:
        append_hive_heading(text, slot, ": what the layer states, its base is not here");
        return lp_delta_list_append(text->out, says->hive, text->options->showing->is_full, error);
    }
    g_return_val_if_reached(FALSE);
}

static gboolean
append_hives(Text *text, guint layer, GError **error)
{
    for (int slot = 0; slot < HC_N_HIVE_SLOTS; slot++) {
        g_auto(LpSays) says = {.kind = LP_SAYS_NOTHING};
        if (!text->options->slots[slot])
            continue;
        if (!lp_explain_read(text->stack, layer, slot, text->options, &says, &text->failures))
            append_hive_heading(text, slot, ": not readable");
        else if (!append_says(text, slot, &says, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
append_layer(Text *text, guint layer, GError **error)
{
    const char *missing = hc_layer_stack_layer(text->stack, layer)->missing;
    if (text->is_started)
        g_string_append_c(text->out, '\n');
    text->is_started = TRUE;
    lp_layer_append_heading(text->out, text->stack, layer);
    g_string_append_c(text->out, '\n');
    const uint64_t start = hc_stream_size(text->stream);
    g_string_truncate(text->unchanged, 0);
    if (missing != NULL) {
        g_string_append(text->out, "not here: ");
        hc_append_display(text->out, missing, strlen(missing));
        g_string_append_c(text->out, '\n');
        return TRUE;
    }
    if (!append_hives(text, layer, error))
        return FALSE;
    if (text->unchanged->len > 0)
        g_string_append_printf(text->out, "no change: %s\n", text->unchanged->str);
    else if (hc_stream_size(text->stream) == start)
        g_string_append(text->out, "no hives\n");
    return TRUE;
}

/* What could not be read, after all else was said. */
static gboolean
end_with(GError *failures, GError **error)
{
    return failures == NULL || hc_fail_with(error, failures);
}

gboolean
lp_explain_text(HcStream *stream, HcLayerStack *stack, const LpExplainOptions *options,
                GError **error)
{
    g_autoptr(GString) unchanged = g_string_new(NULL);
    Text text = {.stream = stream,
                 .out = hc_stream_text(stream),
                 .stack = stack,
                 .options = options,
                 .unchanged = unchanged};
    for (guint i = 0; i < hc_layer_stack_n_layers(stack); i++) {
        if (lp_explain_is_wanted(options, i) && !append_layer(&text, i, error)) {
            g_clear_error(&text.failures);
            return FALSE;
        }
    }
    return end_with(text.failures, error);
}

/* --- JSON --- */

static const char *
role_of(LpSaysKind kind)
{
    switch (kind) {
    case LP_SAYS_NOTHING:
        return "none";
    case LP_SAYS_BASE:
        return "base";
    case LP_SAYS_CHANGE:
        return "change";
    case LP_SAYS_ALONE:
        return "statement";
    }
    g_return_val_if_reached("none");
}

static void
add_json_hive(HcJsonWriter *json, int slot, const LpSays *says, gboolean is_filtered)
{
    if (says->kind == LP_SAYS_NOTHING)
        return;
    hc_json_begin_object(json, HC_JSON_SPACED);
    hc_json_member_string(json, "name", hc_hive_slots[slot].name);
    hc_json_member_string(json, "root", lp_slot_root(slot));
    hc_json_member_string(json, "role", role_of(says->kind));
    if (says->kind == LP_SAYS_BASE) {
        hc_json_member_number(json, "keys", says->counts.n_keys);
        hc_json_member_number(json, "values", says->counts.n_values);
    }
    if (says->kind == LP_SAYS_CHANGE)
        hc_json_member_number(json, "without_effect", says->n_void);
    const HcDelta *delta = says->exact != NULL ? says->exact : says->patch;
    if (delta != NULL) {
        const HcReportOptions options = {
            .root = lp_slot_root(slot), .is_filtered = is_filtered, .n_filtered = says->n_filtered};
        hc_json_break(json, 9);
        hc_json_member(json, "delta");
        hc_report_json_delta(json, delta, &options);
    }
    hc_json_end(json);
}

static void
add_json_layer(HcJsonWriter *json, HcLayerStack *stack, guint layer,
               const LpExplainOptions *options, GError **failures)
{
    hc_json_begin_object(json, HC_JSON_SPACED);
    lp_layer_json(json, stack, layer);
    hc_json_break(json, 6);
    hc_json_member(json, "hives");
    hc_json_begin_array(json, HC_JSON_LINES);
    for (int slot = 0; slot < HC_N_HIVE_SLOTS; slot++) {
        g_auto(LpSays) says = {.kind = LP_SAYS_NOTHING};
        if (!options->slots[slot])
            continue;
        if (lp_explain_read(stack, layer, slot, options, &says, failures)) {
            add_json_hive(json, slot, &says, options->filter != NULL);
            continue;
        }
        hc_json_begin_object(json, HC_JSON_SPACED);
        hc_json_member_string(json, "name", hc_hive_slots[slot].name);
        hc_json_member_string(json, "root", lp_slot_root(slot));
        hc_json_member_string(json, "role", "unreadable");
        hc_json_end(json);
    }
    hc_json_end(json);
    hc_json_end(json);
}

gboolean
lp_explain_json(HcStream *stream, HcLayerStack *stack, const LpExplainOptions *options,
                GError **error)
{
    HcJsonWriter json = hc_json_writer_to(stream);
    json.tool = options->context->program;
    GError *failures = NULL;
    hc_json_begin_document(&json, "explanation");
    hc_json_member(&json, "layers");
    hc_json_begin_array(&json, HC_JSON_LINES);
    for (guint i = 0; i < hc_layer_stack_n_layers(stack); i++) {
        if (lp_explain_is_wanted(options, i))
            add_json_layer(&json, stack, i, options, &failures);
    }
    hc_json_end(&json);
    hc_json_end_document(&json);
    return end_with(failures, error);
}

/* --- .reg --- */

static gboolean
append_reg_hive(HcRegWriter *writer, HcArena *arena, int slot, const LpSays *says,
                uint64_t *n_inexpressible, GError **error)
{
    const char *root = lp_slot_root(slot);
    const HcDelta *delta = says->exact != NULL ? says->exact : says->patch;
    if (delta == NULL || hc_delta_is_empty(delta))
        return TRUE;
    if (says->kind == LP_SAYS_ALONE) {
        g_autofree char *text = g_strdup_printf("%s: what the layer states, its base is not here",
                                                hc_hive_slots[slot].name);
        hc_reg_writer_comment(writer, text);
    }
    return hc_reg_writer_delta(writer, delta, hc_name_from_utf8(arena, root, strlen(root)),
                               n_inexpressible, error);
}

static gboolean
is_base_layer(const HcLayerHives *hives)
{
    gboolean is_base = FALSE;
    for (int slot = 0; slot < HC_N_HIVE_SLOTS; slot++)
        is_base |= hives->has_whole[slot];
    return is_base;
}

gboolean
lp_explain_reg(HcRegWriter *writer, HcLayerStack *stack, const LpExplainOptions *options,
               uint64_t *n_inexpressible, GError **error)
{
    g_autoptr(HcArena) arena = hc_arena_new();
    GError *failures = NULL;
    *n_inexpressible = 0;
    for (guint i = 0; i < hc_layer_stack_n_layers(stack); i++) {
        if (!lp_explain_is_wanted(options, i))
            continue;
        g_autoptr(GString) heading = g_string_new(NULL);
        lp_layer_append_heading(heading, stack, i);
        if (is_base_layer(hc_layer_stack_layer(stack, i)))
            g_string_append(heading, ": the base, which is not in this file");
        else if (hc_layer_stack_layer(stack, i)->missing != NULL)
            g_string_append(heading, ": not here");
        hc_reg_writer_break(writer);
        hc_reg_writer_comment(writer, heading->str);
        for (int slot = 0; slot < HC_N_HIVE_SLOTS; slot++) {
            g_auto(LpSays) says = {.kind = LP_SAYS_NOTHING};
            if (options->slots[slot] &&
                lp_explain_read(stack, i, slot, options, &says, &failures) &&
                !append_reg_hive(writer, arena, slot, &says, n_inexpressible, error)) {
                g_clear_error(&failures);
                return FALSE;
            }
        }
    }
    return end_with(failures, error);
}
