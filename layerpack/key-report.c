#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/report/report.h"
#include "layerpack/explain.h"

/* --- text --- */

static const LpEvent *
event_at(const LpHistory *history, guint i)
{
    return &g_array_index(history->events, LpEvent, i);
}

static void
append_datum_line(GString *out, const char *label, const HcDatum *datum)
{
    g_string_append_printf(out, "%s  ", label);
    if (datum != NULL && datum->is_present)
        hc_report_append_whole_datum(out, datum);
    else
        g_string_append(out, "not there");
    g_string_append_c(out, '\n');
}

static void
append_change(GString *out, const LpHistory *history, const LpEvent *event,
              const LpHistoryOptions *shown)
{
    HcReportOptions options = {.root = lp_slot_root(history->query->slot),
                               .color = shown->context->color};
    hc_cli_fit_report(shown->context, shown->showing, NULL, 0, &options);
    hc_report_text_changes(out, event->change, &options, "  ", history->query->is_value);
}

static void
append_event(GString *out, const HcLayerStack *stack, const LpHistory *history,
             const LpEvent *event, const LpHistoryOptions *options)
{
    g_string_append_c(out, '\n');
    lp_layer_append_heading(out, stack, event->layer);
    switch (event->kind) {
    case LP_SAYS_BASE:
        g_string_append(out, ": the base");
        break;
    case LP_SAYS_ALONE:
        g_string_append(out, ": what it states, its base is not here");
        break;
    case LP_SAYS_NOTHING:
    case LP_SAYS_CHANGE:
        break;
    }
    g_string_append_c(out, '\n');
    if (event->change != NULL && !event->is_void)
        append_change(out, history, event, options);
    if (event->is_void)
        g_string_append(out, "  stated again, without effect\n");
    if (event->n_elsewhere > 0)
        g_string_append_printf(out, "  below it: %" PRIu64 " change%s\n", event->n_elsewhere,
                               event->n_elsewhere == 1 ? "" : "s");
}

static const HcDeltaValue *
written_value(const LpHistory *history, guint i, HcName name)
{
    const LpEvent *event = event_at(history, i);
    const HcDeltaKey *key = event->is_void ? NULL : lp_event_key(history, event);
    return key != NULL && key->op != HC_KEY_DELETE ? hc_delta_find_value(key, name) : NULL;
}

/* For each value of the key, as it is now, the layer that wrote it. */
static gboolean
append_blame(GString *out, const HcLayerStack *stack, const LpHistory *history, gboolean is_full,
             GError **error)
{
    g_autoptr(GByteArray) scratch = g_byte_array_new();
    for (uint32_t i = 0; i < history->key.n_values; i++) {
        HcValue value;
        HcDatum datum = {.is_present = TRUE};
        if (!hc_hive_value(history->top, &history->key, i, &value, error) ||
            !hc_hive_value_data(history->top, &value, scratch, &datum.data, error))
            return FALSE;
        datum.type = value.type;
        guint at = history->events->len;
        while (at > 0 && written_value(history, at - 1, value.name) == NULL)
            at--;
        g_string_append_printf(out, "  layer %u  ",
                               at > 0 ? event_at(history, at - 1)->layer + 1
                                      : hc_layer_stack_n_layers(stack));
        hc_report_append_value_name(out, value.name);
        g_string_append(out, "  ");
        if (is_full)
            hc_report_append_whole_datum(out, &datum);
        else
            hc_report_append_datum(out, &datum);
        g_string_append_c(out, '\n');
    }
    return TRUE;
}

static void
append_key_line(GString *out, const char *label, const LpKeyState *state)
{
    g_string_append_printf(out, "%s  ", label);
    if (!state->is_there)
        g_string_append(out, "not there\n");
    else
        g_string_append_printf(out, "%u value%s, %u subkey%s\n", state->n_values,
                               state->n_values == 1 ? "" : "s", state->n_subkeys,
                               state->n_subkeys == 1 ? "" : "s");
}

static gboolean
append_key_now(GString *out, const HcLayerStack *stack, const LpHistory *history, gboolean is_full,
               GError **error)
{
    const HcKey *key = &history->key;
    const LpKeyState now = {history->is_key, key->n_values, key->n_subkeys};
    append_key_line(out, "now            ", &now);
    return !history->is_key || append_blame(out, stack, history, is_full, error);
}

static gboolean
append_value_now(GString *out, const LpHistory *history, GError **error)
{
    g_autoptr(GByteArray) scratch = g_byte_array_new();
    GError *failure = NULL;
    HcValue value;
    HcDatum datum = {.is_present = FALSE};
    if (history->is_key &&
        hc_hive_find_value(history->top, &history->key, history->query->value, &value, &failure)) {
        datum.is_present = TRUE;
        datum.type = value.type;
        (void) hc_hive_value_data(history->top, &value, scratch, &datum.data,
                                  &failure); /* failure says it */
    }
    if (failure != NULL)
        return hc_fail_with(error, failure);
    append_datum_line(out, "now            ", &datum);
    return TRUE;
}

static void
append_last(GString *out, const HcLayerStack *stack, const LpHistory *history)
{
    if (history->last < 0)
        return;
    const LpEvent *last = event_at(history, (guint) history->last);
    const HcDeltaKey *key = lp_event_key(history, last);
    if (last->kind == LP_SAYS_CHANGE) {
        if (history->query->is_value)
            append_datum_line(out, "before         ", hc_delta_value(key, 0)->before);
        else
            append_key_line(out, "before         ", &last->before);
    }
    g_string_append(out, "last written by  ");
    lp_layer_append_heading(out, stack, last->layer);
    g_string_append_c(out, '\n');
}

gboolean
lp_history_text(GString *out, const HcLayerStack *stack, const LpHistory *history,
                const LpHistoryOptions *options, GError **error)
{
    lp_key_query_append(out, history->query);
    g_string_append_c(out, '\n');
    if (history->top != NULL &&
        !(history->query->is_value
              ? append_value_now(out, history, error)
              : append_key_now(out, stack, history, options->showing->is_full, error)))
        return FALSE;
    append_last(out, stack, history);
    for (guint i = 0; i < history->events->len; i++)
        append_event(out, stack, history, event_at(history, i), options);
    return TRUE;
}

/* --- JSON --- */

static const char *
role_of(const LpEvent *event)
{
    if (event->kind == LP_SAYS_BASE)
        return "base";
    return event->kind == LP_SAYS_ALONE ? "statement" : "change";
}

static void
add_json_event(HcJsonWriter *json, const HcLayerStack *stack, const LpHistory *history,
               const LpEvent *event, guint indent)
{
    hc_json_begin_object(json, HC_JSON_SPACED);
    lp_layer_json(json, stack, event->layer);
    hc_json_member_string(json, "role", role_of(event));
    hc_json_member_boolean(json, "without_effect", event->is_void);
    hc_json_member_number(json, "changes_below", event->n_elsewhere);
    hc_json_break(json, indent);
    hc_json_member(json, "delta");
    const HcReportOptions options = {.root = lp_slot_root(history->query->slot)};
    if (event->change != NULL)
        hc_report_json_delta(json, event->change, &options);
    else
        hc_json_null(json);
    hc_json_end(json);
}

static void
add_json_query(HcJsonWriter *json, const LpKeyQuery *query)
{
    hc_json_member_string(json, "root", lp_slot_root(query->slot));
    hc_json_member(json, "path");
    hc_json_begin_array(json, HC_JSON_SPACED);
    for (gsize i = 0; i < query->path.n; i++)
        hc_json_key_name(json, query->path.names[i]);
    hc_json_end(json);
    hc_json_member(json, "value");
    if (query->is_value)
        hc_json_name(json, query->value);
    else
        hc_json_null(json);
}

static void
add_json_history(HcJsonWriter *json, const HcLayerStack *stack, const LpHistory *history,
                 guint indent)
{
    add_json_query(json, history->query);
    hc_json_member(json, "last_written");
    if (history->last >= 0)
        hc_json_number(json, event_at(history, (guint) history->last)->layer + 1);
    else
        hc_json_null(json);
    hc_json_member(json, "history");
    hc_json_begin_array(json, HC_JSON_LINES);
    for (guint i = 0; i < history->events->len; i++)
        add_json_event(json, stack, history, event_at(history, i), indent);
    hc_json_end(json);
}

void
lp_histories_json(GString *out, const HcLayerStack *stack, const GPtrArray *histories,
                  gboolean is_list, const LpHistoryOptions *options)
{
    enum {
        INDENT = 5,
        INDENT_IN_LIST = 9
    };
    HcJsonWriter json = {.out = out, .tool = options->context->program};
    hc_json_begin_document(&json, is_list ? "histories" : "history");
    if (is_list) {
        hc_json_member(&json, "histories");
        hc_json_begin_array(&json, HC_JSON_LINES);
    }
    for (guint i = 0; i < histories->len; i++) {
        const LpHistory *history = (const LpHistory *) histories->pdata[i];
        if (is_list)
            hc_json_begin_object(&json, HC_JSON_LINES);
        add_json_history(&json, stack, history, is_list ? INDENT_IN_LIST : INDENT);
        if (is_list)
            hc_json_end(&json);
    }
    if (is_list)
        hc_json_end(&json);
    hc_json_end_document(&json);
}
