#include "config.h"

#include "tests/unit/reg-dump.h"

static void
dump_value(GString *out, const HcDeltaValue *value)
{
    hc_name_append_display(out, value->name);
    if (value->op == HC_VALUE_DELETE) {
        g_string_append(out, "=-\n");
        return;
    }
    g_string_append_printf(out, "=%x:", value->after.type);
    for (uint32_t i = 0; i < value->after.data.n_bytes; i++)
        g_string_append_printf(out, "%02x", value->after.data.bytes[i]);
    g_string_append_c(out, '\n');
}

static void
dump_key(GString *out, const HcDeltaKey *key)
{
    static const char marks[] = {
        [HC_KEY_KEEP] = '.', [HC_KEY_CREATE] = '+', [HC_KEY_DELETE] = '-', [HC_KEY_REPLACE] = '='};
    if (key->parent != NULL) {
        g_string_append_printf(out, "%c[", marks[key->op]);
        hc_delta_append_path(out, key, NULL);
        g_string_append(out, "]\n");
    }
    for (guint i = 0; i < hc_delta_n_values(key); i++)
        dump_value(out, hc_delta_value(key, i));
    for (guint i = 0; i < hc_delta_n_children(key); i++)
        dump_key(out, hc_delta_child(key, i));
}

char *
reg_dump(const HcDelta *delta)
{
    GString *out = g_string_new(NULL);
    dump_key(out, hc_delta_root(delta));
    return g_string_free(out, FALSE);
}

/* One line "file:line:column: message" for each error. */
static char *
error_lines(const HcFindings *diagnostics)
{
    GString *out = g_string_new(NULL);
    for (guint i = 0; i < diagnostics->list->len; i++) {
        const HcFinding *item = (const HcFinding *) diagnostics->list->pdata[i];
        g_string_append(out, i > 0 ? "\np.reg" : "p.reg");
        if (item->line > 0)
            g_string_append_printf(out, ":%u:%u", item->line, item->column);
        g_string_append_printf(out, ": %s", item->text);
    }
    return g_string_free(out, FALSE);
}

char *
reg_read_bytes(const void *bytes, gsize n_bytes, const HcRegReadOptions *options,
               uint64_t *n_skipped)
{
    g_autoptr(HcDelta) delta = hc_delta_new();
    g_autoptr(HcFindings) diagnostics = hc_findings_new("p.reg", HC_MAX_DIAGNOSTICS);
    g_autoptr(GBytes) content = g_bytes_new(bytes, n_bytes);
    g_autoptr(GError) error = NULL;
    HcRegReadOptions told = *options;
    told.diagnostics = diagnostics;
    if (hc_reg_read(delta, "p.reg", content, &told, n_skipped, &error))
        return reg_dump(delta);
    return diagnostics->n[HC_SEVERITY_ERROR] > 0 ? error_lines(diagnostics)
                                                 : g_strdup(error->message);
}
