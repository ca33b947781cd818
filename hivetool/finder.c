#include "config.h"

#include "hivetool/reading.h"

#include <string.h>

#include "hivecore/base/display.h"
#include "hivecore/base/error.h"
#include "hivecore/report/report.h"

static const HcColumn columns[] = {
    {"record", HC_COLUMN_TEXT, 0}, {"hive", HC_COLUMN_TEXT, 0}, {"key", HC_COLUMN_KEY, 0},
    {"name", HC_COLUMN_NAME, 0},   {"data", HC_COLUMN_DATA, 0}, {"in", HC_COLUMN_TEXT, 0},
    {"held", HC_COLUMN_TEXT, 0},   {NULL, HC_COLUMN_TEXT, 0},
};

static const char *
in_word(HcSearchIn in)
{
    switch (in) {
    case HC_SEARCH_KEYS:
        return "key";
    case HC_SEARCH_NAMES:
        return "name";
    case HC_SEARCH_DATA:
        return "data";
    }
    g_return_val_if_reached("");
}

static gboolean
add_record(const HtFinder *finder, const HcFound *found)
{
    HcRecords *records = finder->records;
    hc_record_begin(records);
    hc_record_text(records, found->value == NULL ? "key" : "value");
    hc_record_text(records, finder->name);
    hc_record_key(records, finder->root != NULL ? finder->root->text : NULL, found->path);
    if (found->value != NULL) {
        hc_record_name(records, found->value->name);
        hc_record_datum(records, &found->datum);
    }
    hc_record_skip_to(records, "in");
    hc_record_text(records, in_word(found->in));
    hc_record_text(records, found->held[0] != '\0' ? found->held : NULL);
    return hc_record_end(records);
}

static void
append_name(GString *out, const char *name)
{
    hc_append_display(out, name, strlen(name));
    g_string_append(out, ": ");
}

static void
append_held(GString *out, gboolean has_color, const char *held)
{
    g_string_append(out, "  holds '");
    hc_append_color(out, has_color, HC_COLOR_FOUND);
    g_string_append(out, held);
    hc_append_color(out, has_color, HC_COLOR_END);
    g_string_append_c(out, '\'');
}

/* As ls -r has its lines, from the HKEY_ name on. */
static void
append_line(const HtFinder *finder, const HcFound *found)
{
    GString *out = hc_stream_text(finder->stream);
    if (finder->says_name)
        append_name(out, finder->name);
    hc_append_color(out, finder->has_color, HC_COLOR_KEY);
    hc_path_append_display(out, finder->root != NULL ? finder->root->text : NULL, found->path);
    if (found->path.n > 0 || finder->root != NULL)
        g_string_append_c(out, '\\');
    hc_append_color(out, finder->has_color, HC_COLOR_END);
    if (found->value != NULL) {
        hc_append_color(out, finder->has_color, HC_COLOR_VALUE);
        hc_report_append_value_name(out, found->value->name);
        hc_append_color(out, finder->has_color, HC_COLOR_END);
        g_string_append(out, "  ");
        if (!found->datum.is_present)
            g_string_append(out, "deleted");
        else if (finder->is_full)
            hc_report_append_whole_datum(out, &found->datum);
        else
            hc_report_append_datum(out, &found->datum);
    }
    if (found->held[0] != '\0')
        append_held(out, finder->has_color, found->held);
    g_string_append_c(out, '\n');
}

static gboolean
print_found(void *data, const HcFound *found, G_GNUC_UNUSED GError **error)
{
    HtFinder *finder = data;
    if (finder->filter != NULL &&
        !hc_change_filter_keeps_place(finder->filter, finder->root, &found->path,
                                      found->value != NULL ? &found->value->name : NULL))
        return TRUE;
    finder->n_here++;
    finder->n_all++;
    if (finder->is_list)
        return FALSE; /* one is enough */
    if (finder->is_count)
        return TRUE;
    if (finder->records != NULL)
        return add_record(finder, found);
    append_line(finder, found);
    return hc_stream_flow(finder->stream);
}

/* What -c and -l say of the hive at hand. */
static void
print_sum(const HtFinder *finder)
{
    GString *out = hc_stream_text(finder->stream);
    if (finder->is_list && finder->n_here > 0) {
        hc_append_display(out, finder->name, strlen(finder->name));
        g_string_append_c(out, '\n');
    } else if (finder->is_count) {
        if (!finder->is_one)
            append_name(out, finder->name);
        g_string_append_printf(out, "%" G_GUINT64_FORMAT "\n", finder->n_here);
    }
}

static gboolean
search_branches(HtFinder *finder, const HtReading *reading, const GArray *branches, GError **error)
{
    for (guint i = 0; i < branches->len; i++) {
        const HtBranch *branch = &g_array_index(branches, HtBranch, i);
        GError *failure = NULL;
        if (hc_search(&finder->search, reading->hive, &branch->path, &branch->key, &failure))
            continue;
        if (failure != NULL)
            return hc_fail_with(error, failure);
        break; /* enough, or nobody reads it any more */
    }
    print_sum(finder);
    (void) ht_reading_branches_status(reading, finder->context, branches);
    return TRUE;
}

/* A key that is not in this hive may be in another. */
static gboolean
is_elsewhere(HtFinder *finder, const HcOperand *operand, GError *failure)
{
    if (!g_error_matches(failure, HC_ERROR, HC_ERROR_NOT_FOUND) ||
        (!finder->is_several && operand->is_one))
        return FALSE;
    if (finder->absence == NULL)
        finder->absence = failure;
    else
        g_error_free(failure);
    return TRUE;
}

static gboolean
search_hive(HtFinder *finder, const HcOperand *operand, guint index, char **keys, GError **error)
{
    const HcRegistryHive *named = hc_registry_hive(operand->state, index);
    g_auto(HtReading) reading = {NULL, NULL};
    g_autoptr(HcArena) arena = hc_arena_new();
    GError *failure = NULL;
    g_clear_pointer(&finder->root, hc_root_free);
    if (!ht_reading_open_of(&reading, finder->context, operand->state, index, keys == NULL,
                            finder->is_salvage, error) ||
        !ht_find_root_of(operand, index, reading.hive, finder->root_option, &finder->root, error))
        return FALSE;
    finder->hive = reading.hive;
    finder->name = named->name;
    finder->says_name = finder->is_several || (!operand->is_one && finder->root == NULL);
    finder->is_one = operand->is_one && !finder->is_several;
    finder->n_here = 0;
    g_autoptr(GArray) branches =
        ht_reading_find_branches(&reading, finder->context, arena, keys, finder->root, &failure);
    if (branches == NULL)
        return is_elsewhere(finder, operand, failure) || hc_fail_with(error, failure);
    finder->has_branch = TRUE;
    return search_branches(finder, &reading, branches, error);
}

gboolean
ht_finder_search(HtFinder *finder, const char *text, GError **error)
{
    g_auto(HcOperand) operand = {0};
    GError *failures = NULL;
    if (!hc_cli_operand_open(&operand, text, error) ||
        !ht_operand_take_user(&operand, finder->user_option, (const char *const *) finder->keys,
                              error))
        return FALSE;
    if (finder->root_option != NULL && !operand.is_one)
        return hc_fail(error, HC_ERROR_USAGE,
                       "--root is for one hive, those of %s are at places of their own", text);
    for (guint i = 0; i < hc_registry_n_hives(operand.state); i++) {
        GError *failure = NULL;
        g_autofree char **keys = NULL;
        gboolean is_asked;
        if (!ht_pick_keys(&operand, finder->keys, i, &keys, &is_asked, &failure))
            return is_elsewhere(finder, &operand, failure) || hc_fail_with(error, failure);
        if (!is_asked)
            continue;
        if (!search_hive(finder, &operand, i, keys, &failure))
            hc_cli_add_failure(finder->context, &failures, failure);
    }
    return failures == NULL || hc_fail_with(error, failures);
}

void
ht_finder_begin(HtFinder *finder, HcFormat format, gboolean is_shown)
{
    const HcRecordsHead head = {.tool = finder->context->program,
                                .kind = "find",
                                .subject = finder->subject,
                                .is_terminal = is_shown && finder->context->is_terminal};
    finder->has_color = is_shown && finder->context->color;
    finder->search.pattern = finder->pattern;
    finder->search.types = finder->types;
    finder->search.found = print_found;
    finder->search.data = finder;
    if (format == HC_FORMAT_TEXT)
        return;
    finder->records = hc_records_new(finder->stream, format, &head, columns);
    hc_records_begin(finder->records);
}

void
ht_finder_end(HtFinder *finder)
{
    if (finder->records != NULL)
        hc_records_end(finder->records);
}

void
ht_finder_clear(HtFinder *finder)
{
    g_clear_pointer(&finder->records, hc_records_free);
    g_clear_pointer(&finder->stream, hc_stream_unref);
    g_clear_pointer(&finder->pattern, hc_pattern_free);
    g_clear_pointer(&finder->types, g_array_unref);
    g_clear_pointer(&finder->filter, hc_change_filter_free);
    g_clear_pointer(&finder->root, hc_root_free);
    g_clear_error(&finder->absence);
}
