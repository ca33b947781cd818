#include "config.h"

#include "hivetool/reading.h"

#include <string.h>

#include "hivecore/base/clock.h"
#include "hivecore/base/display.h"
#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/base/spool.h"
#include "hivecore/regf/types.h"

#define NO_PARENT G_MAXUINT32

/* Where the columns of the text begin: times have up to 28 characters. */
#define TIME_WIDTH  28
#define COUNT_WIDTH 7

typedef struct {
    uint64_t filetime;
    uint32_t offset; /* of the key's cell, which has its name */
    uint32_t parent; /* the entry of the key above */
    uint32_t n_subkeys;
    uint32_t n_values;
    uint16_t hive;
    gboolean is_shown; /* it may stand here for those below it only */
} Entry;

/* One of the hives. */
typedef struct {
    HtReading reading;
    HcRoot *root; /* (nullable) */
    char *name;
} Source;

struct HtTimeline {
    HcSpool *gathered; /* of Entry */
    uint32_t n_entries;
    GBytes *content; /* the same, when all are there */
    const Entry *entries;
    GPtrArray *sources;
    gboolean is_one;
};

static void
free_source(gpointer data)
{
    Source *source = data;
    ht_reading_clear(&source->reading);
    g_clear_pointer(&source->root, hc_root_free);
    g_free(source->name);
    g_free(source);
}

HtTimeline *
ht_timeline_new(void)
{
    HtTimeline *timeline = g_new0(HtTimeline, 1);
    timeline->gathered = hc_spool_new();
    timeline->sources = g_ptr_array_new_with_free_func(free_source);
    return timeline;
}

void
ht_timeline_free(HtTimeline *timeline)
{
    if (timeline == NULL)
        return;
    hc_spool_free(timeline->gathered);
    g_clear_pointer(&timeline->content, g_bytes_unref);
    g_ptr_array_unref(timeline->sources);
    g_free(timeline);
}

/* --- gathering --- */

typedef struct {
    HtTimeline *timeline;
    const HtTimes *times;
    const HcHive *hive;
    HcWalk walk;
    uint16_t source;
} Gathering;

static gboolean
is_wanted(const HtTimes *times, const HcKey *key, const HcKey *base_key)
{
    return key->mtime_filetime >= times->since && key->mtime_filetime <= times->until &&
           (base_key == NULL || base_key->mtime_filetime != key->mtime_filetime);
}

/* Returns: the number of its entry */
static uint32_t
add_entry(const Gathering *gathering, const HcKey *key, uint32_t parent, gboolean is_shown)
{
    const Entry entry = {.filetime = key->mtime_filetime,
                         .offset = key->offset,
                         .parent = parent,
                         .n_subkeys = key->n_subkeys,
                         .n_values = key->n_values,
                         .hive = gathering->source,
                         .is_shown = is_shown};
    hc_spool_append(gathering->timeline->gathered, &entry, sizeof(entry));
    return gathering->timeline->n_entries++;
}

/*
 * @base_key: (nullable): the same key of the base
 * hc_walk_enter() ends this at HC_MAX_KEY_DEPTH.
 */
static gboolean
gather(Gathering *gathering, const HcKey *key, const HcKey *base_key, uint32_t parent,
       uint32_t depth, GError **error)
{
    g_auto(HcKeyList) subkeys;
    hc_key_list_init(&subkeys);
    if (!hc_walk_enter(&gathering->walk, key, depth, error) ||
        !hc_key_list_fill(&subkeys, gathering->hive, key, error))
        return FALSE;
    const uint32_t entry =
        add_entry(gathering, key, parent, is_wanted(gathering->times, key, base_key));
    for (guint i = 0; i < subkeys.n; i++) {
        const HcKey *subkey = hc_key_list_at(&subkeys, i, error);
        if (subkey == NULL)
            return FALSE;
        GError *failure = NULL;
        HcKey other;
        const gboolean is_there =
            base_key != NULL &&
            hc_hive_subkey(gathering->times->base, base_key, subkey->name, &other, &failure);
        if (failure != NULL)
            return hc_fail_with(error, failure);
        if (!gather(gathering, subkey, is_there ? &other : NULL, entry, depth + 1, error))
            return FALSE;
    }
    return TRUE;
}

/* The keys above a branch, which are not shown. Returns: the entry of the lowest, or NO_PARENT */
static uint32_t
gather_above(Gathering *gathering, const HcPath *path, HcKey *key, GError **error)
{
    uint32_t parent = NO_PARENT;
    if (!hc_hive_root(gathering->hive, key, error))
        return NO_PARENT;
    for (gsize i = 0; i < path->n; i++) {
        HcKey subkey;
        parent = add_entry(gathering, key, parent, FALSE);
        if (!hc_hive_subkey(gathering->hive, key, path->names[i], &subkey, error))
            return parent;
        *key = subkey;
    }
    return parent;
}

static gboolean
gather_branch(Gathering *gathering, const HtBranch *branch, GError **error)
{
    GError *failure = NULL;
    HcKey key;
    HcKey base_key;
    const uint32_t parent = gather_above(gathering, &branch->path, &key, &failure);
    if (failure != NULL)
        return hc_fail_with(error, failure);
    const gboolean is_there =
        gathering->times->base != NULL && hc_hive_lookup(gathering->times->base, branch->path.names,
                                                         branch->path.n, &base_key, &failure);
    if (failure != NULL)
        return hc_fail_with(error, failure);
    return gather(gathering, &branch->key, is_there ? &base_key : NULL, parent,
                  (uint32_t) branch->path.n, error);
}

static gboolean
add_hive(HtTimeline *timeline, const HcCliContext *context, const HcOperand *operand, guint index,
         char **keys, const HtTimes *times, GError **error)
{
    Source *source = g_new0(Source, 1);
    g_ptr_array_add(timeline->sources, source);
    source->name = g_strdup(hc_registry_hive(operand->state, index)->name);
    if (!ht_reading_open_of(&source->reading, context, operand->state, index, keys == NULL,
                            times->is_salvage, error) ||
        !ht_find_root_of(operand, index, source->reading.hive, times->root_option, &source->root,
                         error))
        return FALSE;
    g_autoptr(HcArena) arena = hc_arena_new();
    g_autoptr(GArray) branches =
        ht_reading_find_branches(&source->reading, context, arena, keys, source->root, error);
    Gathering gathering = {timeline, times, source->reading.hive,
                           hc_walk_start(source->reading.hive),
                           (uint16_t) (timeline->sources->len - 1)};
    for (guint i = 0; branches != NULL && i < branches->len; i++) {
        if (!gather_branch(&gathering, &g_array_index(branches, HtBranch, i), error))
            return FALSE;
    }
    if (branches != NULL)
        (void) ht_reading_branches_status(&source->reading, context, branches);
    return branches != NULL;
}

gboolean
ht_timeline_add(HtTimeline *timeline, const HcCliContext *context, const char *text,
                const HtTimes *times, GError **error)
{
    g_auto(HcOperand) operand = {0};
    GError *failures = NULL;
    if (!hc_cli_operand_open(&operand, text, error) ||
        !ht_operand_take_user(&operand, times->user_option, (const char *const *) times->keys,
                              error))
        return FALSE;
    for (guint i = 0; i < hc_registry_n_hives(operand.state); i++) {
        GError *failure = NULL;
        g_autofree char **keys = NULL;
        gboolean is_asked;
        if (!ht_pick_keys(&operand, times->keys, i, &keys, &is_asked, error))
            return FALSE;
        if (!is_asked)
            continue;
        if (timeline->sources->len == G_MAXUINT16)
            return hc_fail(error, HC_ERROR_LIMIT, "%s: more than %u hives", text, G_MAXUINT16);
        if (!add_hive(timeline, context, &operand, i, keys, times, &failure))
            hc_cli_add_failure(context, &failures, failure);
    }
    timeline->is_one = timeline->sources->len == 1;
    return failures == NULL || hc_fail_with(error, failures);
}

/* --- printing --- */

/* Of equal times the one that was met first. */
static gint
compare_entries(gconstpointer a, gconstpointer b, gpointer data)
{
    const Entry *entries = ((const HtTimeline *) data)->entries;
    const uint32_t left = *(const uint32_t *) a;
    const uint32_t right = *(const uint32_t *) b;
    const uint64_t left_time = entries[left].filetime;
    const uint64_t right_time = entries[right].filetime;
    if (left_time != right_time)
        return left_time < right_time ? -1 : 1;
    return (left > right) - (left < right);
}

/* Returns: (transfer full) (element-type uint32_t) */
static GArray *
sort(HtTimeline *timeline)
{
    GArray *order = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    for (uint32_t i = 0; i < timeline->n_entries; i++) {
        if (timeline->entries[i].is_shown)
            g_array_append_val(order, i);
    }
    g_array_sort_with_data(order, compare_entries, timeline);
    return order;
}

/* The names from below the root key; the cells were read before. */
static gsize
find_names(const HtTimeline *timeline, const Entry *entry, HcName *names)
{
    const Source *source = g_ptr_array_index(timeline->sources, entry->hive);
    gsize n = 0;
    for (const Entry *at = entry; at->parent != NO_PARENT && n <= HC_MAX_KEY_DEPTH;
         at = &timeline->entries[at->parent]) {
        HcKey key;
        if (!hc_hive_key(source->reading.hive, at->offset, &key, NULL))
            break;
        names[n++] = key.name;
    }
    for (gsize i = 0; i < n / 2; i++) {
        const HcName name = names[i];
        names[i] = names[n - 1 - i];
        names[n - 1 - i] = name;
    }
    return n;
}

typedef struct {
    const HtTimeline *timeline;
    HcStream *stream;
    HcRecords *records; /* NULL: text or a bodyfile */
    gboolean has_color;
    HcName names[HC_MAX_KEY_DEPTH + 2];
} Printer;

static const char *
root_text(const Source *source)
{
    return source->root != NULL ? source->root->text : NULL;
}

static void
append_key(const Printer *printer, GString *out, const Source *source, gsize n)
{
    /* Where it hangs is not known: its file's name tells it from those of others. */
    if (source->root == NULL && !printer->timeline->is_one) {
        hc_append_display(out, source->name, strlen(source->name));
        g_string_append(out, ": ");
    }
    hc_path_append_display(out, root_text(source), (HcPath){printer->names, n});
    g_string_append_c(out, '\\');
}

static void
print_text(const Printer *printer, const Entry *entry, const Source *source, gsize n)
{
    GString *out = hc_stream_text(printer->stream);
    const gsize start = out->len;
    hc_filetime_append(out, entry->filetime);
    while (out->len < start + TIME_WIDTH)
        g_string_append_c(out, ' ');
    g_string_append_printf(out, " %*u %*u  ", COUNT_WIDTH, (guint) entry->n_subkeys, COUNT_WIDTH,
                           (guint) entry->n_values);
    hc_append_color(out, printer->has_color, HC_COLOR_KEY);
    append_key(printer, out, source, n);
    hc_append_color(out, printer->has_color, HC_COLOR_END);
    g_string_append_c(out, '\n');
}

/* MD5|name|inode|mode|UID|GID|size|atime|mtime|ctime|crtime, seconds since 1970; a bar in a name is
 * escaped. What there is none of is 0. */
static void
print_body_line(const Printer *printer, const Entry *entry, const Source *source, gsize n)
{
    g_autoptr(GString) name = g_string_new(NULL);
    append_key(printer, name, source, n);
    g_string_truncate(name, name->len - 1);
    g_string_replace(name, "|", "\\u{7c}", 0);
    const uint64_t seconds = entry->filetime < HC_FILETIME_UNIX_EPOCH
                                 ? 0
                                 : (entry->filetime - HC_FILETIME_UNIX_EPOCH) / 10000000u;
    g_string_append_printf(hc_stream_text(printer->stream),
                           "0|%s|%" G_GUINT64_FORMAT "|0|0|0|0|0|%" G_GUINT64_FORMAT "|0|0\n",
                           name->str, (uint64_t) entry->offset + HC_BASE_BLOCK_BYTES, seconds);
}

static void
print_record(Printer *printer, const Entry *entry, const Source *source, gsize n)
{
    HcRecords *records = printer->records;
    hc_record_begin(records);
    hc_record_time(records, entry->filetime);
    hc_record_text(records, source->name);
    hc_record_key(records, root_text(source), (HcPath){printer->names, n});
    hc_record_number(records, entry->n_subkeys);
    hc_record_number(records, entry->n_values);
    (void) hc_record_end(records); /* the loop looks at the stream */
}

/* From now on nothing is added. */
static gboolean
end_gathering(HtTimeline *timeline, GError **error)
{
    timeline->content = hc_spool_finish(timeline->gathered, error);
    if (timeline->content != NULL)
        timeline->entries = g_bytes_get_data(timeline->content, NULL);
    return timeline->content != NULL;
}

gboolean
ht_timeline_print(HtTimeline *timeline, const HcCliContext *context, HcStream *stream,
                  HcFormat format, GError **error)
{
    static const HcColumn columns[] = {
        {"time", HC_COLUMN_TIME, 0},     {"hive", HC_COLUMN_TEXT, 0},
        {"key", HC_COLUMN_KEY, 0},       {"subkeys", HC_COLUMN_NUMBER, 0},
        {"values", HC_COLUMN_NUMBER, 0}, {NULL, HC_COLUMN_TEXT, 0},
    };
    const HcRecordsHead head = {
        .tool = context->program, .kind = "timeline", .is_terminal = context->is_terminal};
    const gboolean is_records =
        (HC_FORMAT_BIT(format) & HC_FORMATS_RECORDS) != 0 && format != HC_FORMAT_TEXT;
    if (!end_gathering(timeline, error))
        return FALSE;
    g_autoptr(HcRecords) records =
        is_records ? hc_records_new(stream, format, &head, columns) : NULL;
    g_autoptr(GArray) order = sort(timeline);
    Printer printer = {
        .timeline = timeline, .stream = stream, .records = records, .has_color = context->color};
    if (is_records)
        hc_records_begin(records);
    for (guint i = 0; i < order->len && hc_stream_flow(stream); i++) {
        const Entry *entry = &timeline->entries[g_array_index(order, uint32_t, i)];
        const Source *source = g_ptr_array_index(timeline->sources, entry->hive);
        const gsize n = find_names(timeline, entry, printer.names);
        if (is_records)
            print_record(&printer, entry, source, n);
        else if (format == HC_FORMAT_BODYFILE)
            print_body_line(&printer, entry, source, n);
        else
            print_text(&printer, entry, source, n);
    }
    if (is_records)
        hc_records_end(records);
    return TRUE;
}
