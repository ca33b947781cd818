#include "config.h"

#include "hivecore/regf/check.h"

#include "hivecore/regf/check-private.h"
#include "hivecore/regf/layout.h"

/* Adds a finding; @key (nullable) and @text are taken. */
static void
list(HcFindings *findings, HcFaultKind kind, uint64_t file_offset, GString *key, GString *text)
{
    const HcFaultInfo *info = hc_fault_info(kind);
    HcFinding *finding = hc_finding_new(info->severity, g_string_free(text, FALSE));
    finding->id = info->id;
    finding->offset = file_offset;
    finding->place = key != NULL ? g_string_free(key, FALSE) : NULL;
    hc_findings_add(findings, finding);
}

static gboolean
is_wanted(HcFindings *findings, HcFaultKind kind)
{
    return hc_findings_wants(findings, hc_fault_info(kind)->severity);
}

static GString *
open_path(const HcCheck *check)
{
    if (check->n_open == 0)
        return NULL;
    GString *path = g_string_new(check->n_open == 1 ? "\\" : NULL);
    for (uint32_t i = 1; i < check->n_open; i++) {
        if (i > 1)
            g_string_append_c(path, '\\');
        hc_name_append_display(path, check->path[i]);
    }
    return path;
}

static void
append_value(GString *text, HcName name)
{
    if (name.n_units == 0) {
        g_string_append(text, "value @");
        return;
    }
    g_string_append(text, "value \"");
    hc_name_append_display(text, name);
    g_string_append_c(text, '"');
}

static GString *sentence(const HcCheck *check, HcFaultKind kind, const char *what,
                         const char *format, va_list args) G_GNUC_PRINTF(4, 0);

/* One sentence: which value, what, what is wrong with it, and (the numbers). */
static GString *
sentence(const HcCheck *check, HcFaultKind kind, const char *what, const char *format, va_list args)
{
    GString *text = g_string_new(NULL);
    gboolean is_value = FALSE;
    if (check->value != NULL) {
        append_value(text, *check->value);
        g_string_append(text, ": ");
        is_value = g_str_equal(what, "value");
    }
    if (!is_value)
        g_string_append_printf(text, "%s: ", what);
    g_string_append(text, hc_fault_info(kind)->text);
    if (format != NULL) {
        g_string_append(text, " (");
        g_string_append_vprintf(text, format, args);
        g_string_append_c(text, ')');
    }
    return text;
}

void
hc_check_report(HcCheck *check, HcFaultKind kind, const char *what, uint32_t offset,
                const char *format, ...)
{
    if (check->findings == NULL) {
        if ((check->is_full_part || hc_fault_info(kind)->severity == HC_SEVERITY_ERROR) &&
            !check->is_stopped) {
            check->is_stopped = TRUE;
            check->first = (HcFault){kind, what, offset};
        }
        return;
    }
    if (!is_wanted(check->findings, kind))
        return;
    va_list args;
    va_start(args, format);
    GString *text = sentence(check, kind, what, format, args);
    va_end(args);
    list(check->findings, kind, (uint64_t) offset + HC_BASE_BLOCK_BYTES, open_path(check), text);
}

void
hc_check_report_file(HcCheck *check, HcFaultKind kind, const char *what, uint64_t file_offset,
                     const char *format, ...)
{
    /* Opening the hive has looked at all that this is used for. */
    if (check->findings == NULL || !is_wanted(check->findings, kind))
        return;
    va_list args;
    va_start(args, format);
    GString *text = sentence(check, kind, what, format, args);
    va_end(args);
    list(check->findings, kind, file_offset, NULL, text);
}

void
hc_check_fault(HcCheck *check, const HcFault *fault, uint32_t from)
{
    if (check->findings != NULL && fault->kind == HC_FAULT_CELL_OUTSIDE)
        hc_check_report(check, fault->kind, fault->what, from, "0x%x", fault->offset);
    else
        hc_check_report(check, fault->kind, fault->what, fault->offset, NULL);
}

void
hc_check_lost(HcCheck *check, const HcFault *fault, uint32_t from)
{
    check->is_partial = TRUE;
    hc_check_fault(check, fault, from);
}

HcCheck *
hc_check_new(const HcHive *hive, HcFindings *findings)
{
    /* The path of open keys makes it too large for the stack. */
    HcCheck *check = g_new0(HcCheck, 1);
    const uint32_t n_bytes = hive->info.bins_bytes;
    check->hive = hive;
    check->findings = findings;
    check->cells = g_new0(HcCheckCells, n_bytes / 64 + 1);
    check->security = g_hash_table_new(NULL, NULL);
    check->bad_security = g_hash_table_new(NULL, NULL);
    check->gaps = g_array_new(FALSE, FALSE, sizeof(HcCheckGap));
    check->value_names = g_array_new(FALSE, FALSE, sizeof(HcName));
    check->recent_security = HC_NIL;
    /* No value is smaller than its fixed part and the cell's size field. */
    check->values_left = n_bytes / (HC_VK_NAME + 4);
    return check;
}

void
hc_check_free(HcCheck *check)
{
    if (check == NULL)
        return;
    g_free(check->cells);
    g_hash_table_unref(check->security);
    g_hash_table_unref(check->bad_security);
    g_array_unref(check->gaps);
    g_array_unref(check->value_names);
    g_free(check);
}

void
hc_check_forget(HcCheck *check)
{
    memset(check->cells, 0, (check->hive->info.bins_bytes / 64 + 1) * sizeof(*check->cells));
    g_hash_table_remove_all(check->security);
    g_hash_table_remove_all(check->bad_security);
    g_array_set_size(check->gaps, 0);
    check->is_stopped = check->is_partial = check->differs = check->is_too_much = FALSE;
    check->n_open = 0;
    check->value = NULL;
    check->values_left = check->hive->info.bins_bytes / (HC_VK_NAME + 4);
    check->recent_security = HC_NIL;
    check->recent_references = 0;
    check->order = 0;
    check->slack = check->remnants = check->large = check->stray = (HcCheckTotal){0};
    check->counts = (HcCheckCounts){0};
    if (check->changed != NULL)
        g_array_set_size(check->changed, 0);
}

void
hc_check_run(HcCheck *check)
{
    hc_map_expect(check->hive->map, HC_BASE_BLOCK_BYTES + (uint64_t) check->hive->info.bins_bytes);
    if (check->findings != NULL)
        hc_check_header(check);
    if (!hc_check_by_parts(check)) {
        hc_check_cells(check);
        if (!check->is_stopped)
            hc_check_tree(check);
    }
    if (!check->is_stopped)
        hc_check_ring(check);
    if (check->findings != NULL)
        hc_check_leftovers(check);
}

void
hc_hive_check_all(const HcHive *hive, HcFindings *findings, HcCheckCounts *counts)
{
    g_autoptr(HcCheck) check = hc_check_new(hive, findings);
    hc_check_run(check);
    if (counts != NULL)
        *counts = check->counts;
}

gboolean
hc_hive_check(const HcHive *hive, HcCheckCounts *counts, GError **error)
{
    g_autoptr(HcCheck) check = hc_check_new(hive, NULL);
    hc_check_run(check);
    if (check->is_stopped)
        return hc_hive_fail(hive, &check->first, error);
    if (counts != NULL)
        *counts = check->counts;
    return TRUE;
}

HcHive *
hc_hive_open_sound(HcMap *map, HcHiveFlags flags, HcCheckCounts *counts, GError **error)
{
    g_autoptr(HcHive) hive = hc_hive_open_map(map, flags, error);
    if (hive == NULL || !hc_hive_check(hive, counts, error))
        return NULL;
    return g_steal_pointer(&hive);
}
