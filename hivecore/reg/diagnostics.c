#include "config.h"

#include "hivecore/reg/diagnostics.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"

#define INDENT "    "

static void
free_item(gpointer pointer)
{
    HcDiagnostic *item = pointer;
    g_free(item->message);
    g_free(item->source);
    g_free(item);
}

HcDiagnostics *
hc_diagnostics_new(const char *file)
{
    HcDiagnostics *diagnostics = g_new0(HcDiagnostics, 1);
    diagnostics->file = g_strdup(file);
    diagnostics->items = g_ptr_array_new_with_free_func(free_item);
    return diagnostics;
}

void
hc_diagnostics_free(HcDiagnostics *diagnostics)
{
    if (!diagnostics)
        return;
    g_free(diagnostics->file);
    g_ptr_array_unref(diagnostics->items);
    g_free(diagnostics);
}

gboolean
hc_diagnostics_is_full(const HcDiagnostics *diagnostics)
{
    return diagnostics->items->len >= HC_MAX_DIAGNOSTICS;
}

void
hc_diagnostics_add(HcDiagnostics *diagnostics, HcDiagnostic *item)
{
    switch (item->severity) {
    case HC_DIAGNOSTIC_ERROR:
        diagnostics->n_errors++;
        break;
    case HC_DIAGNOSTIC_WARNING:
        diagnostics->n_warnings++;
        break;
    }
    if (hc_diagnostics_is_full(diagnostics))
        free_item(item);
    else
        g_ptr_array_add(diagnostics->items, item);
}

static gint
compare_places(gconstpointer a, gconstpointer b)
{
    const HcDiagnostic *left = *(const HcDiagnostic *const *) a;
    const HcDiagnostic *right = *(const HcDiagnostic *const *) b;
    if (left->line != right->line)
        return left->line < right->line ? -1 : 1;
    return left->column < right->column ? -1 : left->column > right->column;
}

void
hc_diagnostics_sort(HcDiagnostics *diagnostics)
{
    /* GLib documents this sort as stable. */
    g_ptr_array_sort(diagnostics->items, compare_places);
}

/* Spaces as wide as the first @n characters of @text are in a terminal. */
static void
append_padding(GString *out, const char *text, guint n)
{
    for (; n > 0 && *text; n--, text += g_utf8_skip[(guchar) *text]) {
        gunichar c = g_utf8_get_char(text);
        guint width = g_unichar_iszerowidth(c) ? 0 : g_unichar_iswide(c) ? 2 : 1;
        for (guint i = 0; i < width; i++)
            g_string_append_c(out, ' ');
    }
}

static void
append_item(GString *out, const char *file, const HcDiagnostic *item)
{
    g_string_append(out, file);
    if (item->line > 0)
        g_string_append_printf(out, ":%u:%u", item->line, item->column);
    g_string_append(out, item->severity == HC_DIAGNOSTIC_WARNING ? ": warning: " : ": ");
    g_string_append(out, item->message);
    if (item->rule)
        g_string_append_printf(out, " [%s]", item->rule);
    g_string_append_c(out, '\n');
    if (item->source) {
        g_string_append_printf(out, INDENT "%s\n" INDENT, item->source);
        append_padding(out, item->source, item->caret);
        g_string_append(out, "^\n");
    }
    if (item->regedit)
        g_string_append_printf(out, INDENT "regedit %s\n", item->regedit);
}

static void
append_count(GString *out, uint64_t n, const char *what)
{
    g_string_append_printf(out, "%" G_GUINT64_FORMAT " %s%s", n, what, n == 1 ? "" : "s");
}

void
hc_diagnostics_append_text(GString *out, const HcDiagnostics *diagnostics)
{
    for (guint i = 0; i < diagnostics->items->len; i++)
        append_item(out, diagnostics->file, diagnostics->items->pdata[i]);
    uint64_t n = diagnostics->n_errors + diagnostics->n_warnings;
    if (n < 2)
        return;
    g_string_append_printf(out, "%s: ", diagnostics->file);
    if (diagnostics->n_errors > 0)
        append_count(out, diagnostics->n_errors, "error");
    if (diagnostics->n_errors > 0 && diagnostics->n_warnings > 0)
        g_string_append(out, ", ");
    if (diagnostics->n_warnings > 0)
        append_count(out, diagnostics->n_warnings, "warning");
    if (n > diagnostics->items->len)
        g_string_append_printf(out, ", the first %u of them listed", diagnostics->items->len);
    g_string_append_c(out, '\n');
}

gboolean
hc_diagnostics_set_error(const HcDiagnostics *diagnostics, GError **error)
{
    if (diagnostics->n_errors == 0)
        return TRUE;
    HcErrorCode code = HC_ERROR_MALFORMED;
    for (guint i = 0; i < diagnostics->items->len; i++) {
        const HcDiagnostic *item = diagnostics->items->pdata[i];
        if (item->severity != HC_DIAGNOSTIC_ERROR)
            continue;
        code = item->code;
        break;
    }
    g_autoptr(GString) text = g_string_new(NULL);
    hc_diagnostics_append_text(text, diagnostics);
    g_string_truncate(text, text->len - 1);
    return hc_fail(error, code, "%s", text->str);
}
