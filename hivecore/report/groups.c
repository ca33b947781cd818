#include "config.h"

#include <string.h>

#include "hivecore/delta/prune.h"
#include "hivecore/report/diff-output.h"
#include "hivecore/report/report-private.h"

/*
 * What Windows keeps where, and what people call it. docs/FORMATS.md, "Groups of changes", has the
 * same table in words; a test compares them.
 */
typedef enum {
    ITEM_KEY,      /* the key below the place is one thing, with all below it */
    ITEM_KEY_PATH, /* every key below the place is one, named by the way to it */
    ITEM_VALUE,    /* each value of the place is one */
} ItemKind;

typedef struct {
    const char *title;
    const char *place; /* keys that follow each other; '*' at the end of one: any end */
    ItemKind item;
    const char
        *label; /* (nullable): value with the name that a person knows; "": the default one */
} Group;

static const Group groups[] = {
    {"services and drivers", "ControlSet*\\Services", ITEM_KEY, "DisplayName"},
    {"firewall rules", "FirewallPolicy\\FirewallRules", ITEM_VALUE, NULL},
    {"programs that start with Windows", "Windows\\CurrentVersion\\Run", ITEM_VALUE, NULL},
    {"programs that start once", "Windows\\CurrentVersion\\RunOnce", ITEM_VALUE, NULL},
    {"installed programs", "Windows\\CurrentVersion\\Uninstall", ITEM_KEY, "DisplayName"},
    {"scheduled tasks", "Schedule\\TaskCache\\Tree", ITEM_KEY_PATH, NULL},
    {"scheduled tasks, what they do", "Schedule\\TaskCache\\Tasks", ITEM_KEY, "Path"},
    {"COM classes", "Classes\\CLSID", ITEM_KEY, ""},
    {"COM classes (32 bit)", "Classes\\WOW6432Node\\CLSID", ITEM_KEY, ""},
    {"policies", "Policies\\Microsoft", ITEM_KEY_PATH, NULL},
};

#define N_GROUPS G_N_ELEMENTS(groups)

/* Things of one group that are listed, and of all; the rest is counted. */
#define SHOWN_ITEMS 24u

typedef struct {
    char *name;
    char *label;   /* (nullable) */
    uint64_t n[3]; /* by HcChangeKind */
    gboolean is_added;
    gboolean is_deleted;
} Item;

typedef struct {
    GPtrArray *items[N_GROUPS];    /* of Item *, as they come */
    GHashTable *by_name[N_GROUPS]; /* Item * by name */
    uint64_t n_other[3];
} Sorting;

static void
item_free(void *pointer)
{
    Item *item = pointer;
    g_free(item->name);
    g_free(item->label);
    g_free(item);
}

static gboolean
is_called(HcName name, const char *word, gsize n)
{
    const gboolean is_open = n > 0 && word[n - 1] == '*';
    const uint32_t n_word = (uint32_t) (is_open ? n - 1 : n);
    if (is_open ? name.n_units < n_word : name.n_units != n_word)
        return FALSE;
    return hc_name_equal(hc_name_part(name, 0, n_word),
                         (HcName){(const uint8_t *) word, n_word, TRUE});
}

/* Returns: how many names of @path there are up to the end of @place in it, or 0 */
static gsize
find_place(const char *place, HcPath path)
{
    for (gsize start = 0; start < path.n; start++) {
        const char *word = place;
        gsize at = start;
        while (at < path.n) {
            const gsize n_word = strcspn(word, "\\");
            if (!is_called(path.names[at], word, n_word))
                break;
            at++;
            if (word[n_word] == '\0')
                return at;
            word += n_word + 1;
        }
    }
    return 0;
}

/* The name of the thing that @change is about. Returns: (nullable) */
static char *
name_item(const Group *group, const HcChange *change, gsize n_place, gboolean *is_whole)
{
    *is_whole = FALSE;
    if (group->item == ITEM_VALUE) {
        *is_whole = TRUE;
        return change->path.n == n_place && change->value != NULL ? hc_name_display(*change->value)
                                                                  : NULL;
    }
    if (change->path.n <= n_place)
        return NULL;
    const gsize n_last = group->item == ITEM_KEY ? n_place + 1 : change->path.n;
    *is_whole = change->value == NULL && change->path.n == n_last;
    GString *name = g_string_new(NULL);
    for (gsize i = n_place; i < n_last; i++) {
        g_string_append(name, i > n_place ? "\\" : "");
        hc_name_append_display(name, change->path.names[i]);
    }
    return g_string_free(name, FALSE);
}

static char *
text_of(const HcDatum *datum)
{
    HcName text;
    gboolean is_terminated;
    if (!datum->is_present || !hc_datum_text(datum, &text, &is_terminated))
        return NULL;
    return hc_name_display(hc_text_part(text, 0, MIN(text.n_units, 80)));
}

/* "Name=X" of a firewall rule "v2.30|Action=Allow|…|Name=X|". */
static char *
rule_name(const HcDatum *datum)
{
    g_autofree char *text = NULL;
    HcName whole;
    gboolean is_terminated;
    if (!datum->is_present || !hc_datum_text(datum, &whole, &is_terminated))
        return NULL;
    text = hc_name_display(hc_text_part(whole, 0, MIN(whole.n_units, 4096)));
    const char *start = strstr(text, "|Name=");
    if (start == NULL)
        return NULL;
    start += strlen("|Name=");
    return g_strndup(start, strcspn(start, "|"));
}

static char *
label_of(const Group *group, const HcChange *change)
{
    if (change->value == NULL)
        return NULL;
    const HcDatum *datum = change->after->is_present ? change->after : change->before;
    if (group->item == ITEM_VALUE)
        return strstr(group->title, "firewall") != NULL ? rule_name(datum) : text_of(datum);
    if (group->label == NULL || !is_called(*change->value, group->label, strlen(group->label)))
        return NULL;
    return text_of(datum);
}

static Item *
take_item(Sorting *sorting, guint group, char *name)
{
    Item *item = g_hash_table_lookup(sorting->by_name[group], name);
    if (item != NULL) {
        g_free(name);
        return item;
    }
    item = g_new0(Item, 1);
    item->name = name;
    g_ptr_array_add(sorting->items[group], item);
    g_hash_table_insert(sorting->by_name[group], item->name, item);
    return item;
}

static void
sort_change(const HcChange *change, gpointer data)
{
    Sorting *sorting = data;
    for (guint i = 0; i < N_GROUPS; i++) {
        const gsize n_place = find_place(groups[i].place, change->path);
        gboolean is_whole;
        char *name = n_place > 0 ? name_item(&groups[i], change, n_place, &is_whole) : NULL;
        if (name == NULL)
            continue;
        Item *item = take_item(sorting, i, name);
        item->n[change->kind]++;
        item->is_added |= is_whole && change->kind == HC_CHANGE_ADDED;
        item->is_deleted |= is_whole && change->kind == HC_CHANGE_DELETED;
        if (item->label == NULL && change->path.n <= n_place + 1)
            item->label = label_of(&groups[i], change);
        return;
    }
    sorting->n_other[change->kind]++;
}

static void
append_numbers(GString *out, const uint64_t n[3])
{
    const char *separator = "";
    for (guint kind = 0; kind < 3; kind++) {
        if (n[kind] == 0)
            continue;
        g_string_append_printf(out, "%s%" G_GUINT64_FORMAT " %s", separator, n[kind],
                               hc_change_kind_name((HcChangeKind) kind));
        separator = ", ";
    }
}

static void
append_item(GString *out, const Item *item, guint n_columns)
{
    g_autoptr(GString) line = g_string_new("    ");
    g_string_append_printf(line, "%c %s",
                           item->is_added     ? '+'
                           : item->is_deleted ? '-'
                                              : '~',
                           item->name);
    if (item->label != NULL && *item->label != '\0' && strcmp(item->label, item->name) != 0)
        g_string_append_printf(line, "  \"%s\"", item->label);
    g_string_append(line, "  (");
    append_numbers(line, item->n);
    g_string_append_c(line, ')');
    hc_append_cut(out, line->str, n_columns);
    g_string_append_c(out, '\n');
}

static void
append_group(HcStream *stream, const char *title, const GPtrArray *items,
             const HcReportOptions *options)
{
    GString *out = hc_stream_text(stream);
    const guint n_columns =
        options->is_full || options->n_columns == 0 ? G_MAXUINT : options->n_columns;
    const guint n_shown = options->is_full ? items->len : MIN(items->len, SHOWN_ITEMS);
    g_string_append_printf(out, "%s: %u\n", title, items->len);
    for (guint i = 0; i < n_shown; i++)
        append_item(out, items->pdata[i], n_columns);
    if (n_shown < items->len)
        g_string_append_printf(out, "    … %u more (--full shows all)\n", items->len - n_shown);
    (void) hc_stream_flow(stream); /* who ends the stream is told */
}

void
hc_report_groups(HcStream *stream, const HcDelta *exact, const HcReportOptions *options)
{
    Sorting sorting = {0};
    for (guint i = 0; i < N_GROUPS; i++) {
        sorting.items[i] = g_ptr_array_new_with_free_func(item_free);
        sorting.by_name[i] = g_hash_table_new(g_str_hash, g_str_equal);
    }
    hc_delta_each_change(exact, sort_change, &sorting);
    for (guint i = 0; i < N_GROUPS; i++) {
        if (sorting.items[i]->len > 0)
            append_group(stream, groups[i].title, sorting.items[i], options);
        g_hash_table_unref(sorting.by_name[i]);
        g_ptr_array_unref(sorting.items[i]);
    }
    if (sorting.n_other[0] + sorting.n_other[1] + sorting.n_other[2] > 0) {
        g_string_append(hc_stream_text(stream), "other keys and values: ");
        append_numbers(hc_stream_text(stream), sorting.n_other);
        g_string_append_c(hc_stream_text(stream), '\n');
    }
    hc_report_view(stream, exact, options, HC_VIEW_SUMMARY);
}
