#include "config.h"

#include "layerpack/add-files.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "hivecore/base/error.h"
#include "hivecore/base/file.h"
#include "hivecore/base/limits.h"
#include "hivecore/image/entry-name.h"
#include "hivecore/image/hive-slots.h"
#include "layerpack/layer-put.h"
#include "layerpack/windows-name.h"

/* The folder that stands for the drive. */
#define ROOT "Files"

typedef struct {
    HcNameKey key; /* of the name without regard to case */
    char *name;
    char *source; /* NULL: a folder, which needs no source */
    uint64_t n_bytes;
    gboolean is_written;
    /* What the topmost layer of the base image that has it says of it. */
    gboolean is_in_base;
    guint base_layer;
    HcEntryType base_type;
    char *base_part; /* the last part of its name */
    LpFolderRecords records;
} Item;

struct LpAddFiles {
    GPtrArray *items;
    GHashTable *by_name; /* items by key */
};

static void
forget_base(Item *item)
{
    item->is_in_base = FALSE;
    g_clear_pointer(&item->base_part, g_free);
    g_clear_pointer(&item->records.creation_time, g_free);
    g_clear_pointer(&item->records.attributes, g_free);
    g_clear_pointer(&item->records.descriptor, g_free);
    g_clear_pointer(&item->records.modified, g_free);
    g_clear_pointer(&item->records.accessed, g_free);
    g_clear_pointer(&item->records.changed, g_free);
}

static void
item_free(gpointer data)
{
    Item *item = data;
    forget_base(item);
    g_free(item->name);
    g_free(item->source);
    g_free(item);
}

static Item *
find_item(const LpAddFiles *files, const char *name)
{
    HcNameKey key = hc_entry_name_key(name, strlen(name));
    return g_hash_table_lookup(files->by_name, &key);
}

static Item *
add_item(LpAddFiles *files, const char *name, const char *source, GError **error)
{
    if (files->items->len >= HC_MAX_LAYER_ENTRIES)
        return hc_fail_null(error, HC_ERROR_LIMIT, "%s: over %u files to add", name,
                            HC_MAX_LAYER_ENTRIES);
    Item *item = g_new0(Item, 1);
    item->key = hc_entry_name_key(name, strlen(name));
    item->name = g_strdup(name);
    item->source = g_strdup(source);
    g_ptr_array_add(files->items, item);
    g_hash_table_insert(files->by_name, &item->key, item);
    return item;
}

LpAddFiles *
lp_add_files_new(const char *const *folders)
{
    LpAddFiles *files = g_new0(LpAddFiles, 1);
    files->items = g_ptr_array_new_with_free_func(item_free);
    files->by_name = g_hash_table_new(hc_entry_name_key_hash, hc_entry_name_key_equal);
    if (folders == NULL)
        (void) add_item(files, ROOT, NULL, NULL);
    for (gsize i = 0; folders != NULL && folders[i] != NULL; i++)
        add_item(files, folders[i], NULL, NULL)->is_written = TRUE;
    return files;
}

void
lp_add_files_free(LpAddFiles *files)
{
    if (files == NULL)
        return;
    g_hash_table_unref(files->by_name);
    g_ptr_array_unref(files->items);
    g_free(files);
}

static gboolean
fail_usage(GError **error, const char *name, const char *what)
{
    return hc_fail(error, HC_ERROR_USAGE, "%s: %s", name, what);
}

/* Hives in a layer above the base are ignored by Windows, and those of a base are made here. */
static gboolean
refuse_hive(const char *name, GError **error)
{
    for (int i = 0; i < HC_N_HIVE_SLOTS; i++) {
        if (hc_entry_name_equal(name, hc_hive_slots[i].config_entry))
            return fail_usage(error, name, "is a registry hive, which nothing can replace");
    }
    return TRUE;
}

/* Adds the folder @name and those above it that are missing. @spelled: (out): the folder's name as
 * whoever came first spelled its parts, so that every entry is behind its folder's by bytes too. */
static gboolean
add_folder(LpAddFiles *files, const char *name, GString *spelled, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(name, "/", -1);
    g_string_truncate(spelled, 0);
    for (gsize i = 0; parts[i] != NULL; i++) {
        if (i > 0)
            g_string_append_c(spelled, '/');
        g_string_append(spelled, parts[i]);
        const Item *item = find_item(files, spelled->str);
        const char *fault = item == NULL ? lp_windows_name_reserved(parts[i], TRUE) : NULL;
        if (fault != NULL)
            return fail_usage(error, spelled->str, fault);
        if (item == NULL && !refuse_hive(spelled->str, error))
            return FALSE;
        if (item == NULL)
            item = add_item(files, spelled->str, NULL, error);
        if (item == NULL)
            return FALSE;
        if (item->source != NULL)
            return fail_usage(error, spelled->str, "is to be a file and a folder");
        g_string_assign(spelled, item->name);
    }
    return TRUE;
}

static gboolean
add_file(LpAddFiles *files, const char *source, const char *name, uint64_t n_bytes, GError **error)
{
    const char *slash = strrchr(name, '/');
    if (slash == NULL)
        return fail_usage(error, source, "a file cannot take the place of the drive");
    g_autofree char *folder = g_strndup(name, (gsize) (slash - name));
    g_autoptr(GString) spelled = g_string_new(NULL);
    if (!refuse_hive(name, error) || !add_folder(files, folder, spelled, error))
        return FALSE;
    g_string_append(spelled, slash);
    const Item *old = find_item(files, spelled->str);
    if (old != NULL && old->source != NULL)
        return hc_fail(error, HC_ERROR_USAGE, "%s: both %s and %s are to go there", old->name,
                       old->source, source);
    if (old != NULL)
        return fail_usage(error, old->name, "is to be a file and a folder");
    Item *item = add_item(files, spelled->str, source, error);
    if (item == NULL)
        return FALSE;
    item->n_bytes = n_bytes;
    return TRUE;
}

/* Pending: a folder of the source that is still to be read. */
typedef struct {
    char *source;
    char *name;
} Pending;

static void
pending_free(gpointer data)
{
    Pending *pending = data;
    g_free(pending->source);
    g_free(pending->name);
    g_free(pending);
}

static void
push_pending(GPtrArray *stack, const char *source, const char *name)
{
    Pending *pending = g_new(Pending, 1);
    *pending = (Pending){g_strdup(source), g_strdup(name)};
    g_ptr_array_add(stack, pending);
}

static gboolean
add_by_status(LpAddFiles *files, GPtrArray *stack, const char *source, const char *name,
              const struct stat *status, GError **error)
{
    if (S_ISDIR(status->st_mode)) {
        push_pending(stack, source, name);
        return TRUE;
    }
    if (S_ISREG(status->st_mode))
        return add_file(files, source, name, (uint64_t) status->st_size, error);
    return hc_fail(error, HC_ERROR_UNSUPPORTED, "%s: %s cannot be added", source,
                   S_ISLNK(status->st_mode) ? "a symbolic link"
                                            : "what is neither a file nor a folder");
}

static gboolean
add_folder_content(LpAddFiles *files, GPtrArray *stack, const Pending *folder, GError **error)
{
    g_autoptr(GString) spelled = g_string_new(NULL);
    if (!add_folder(files, folder->name, spelled, error))
        return FALSE;
    g_autoptr(GPtrArray) entries = hc_folder_names(folder->source, error);
    for (guint i = 0; entries != NULL && i < entries->len; i++) {
        const char *entry = entries->pdata[i];
        g_autofree char *source = g_build_filename(folder->source, entry, NULL);
        const char *fault = lp_windows_name_fault(entry);
        if (fault != NULL) {
            g_autofree char *shown = g_utf8_make_valid(source, -1);
            return fail_usage(error, shown, fault);
        }
        g_autofree char *name = g_strconcat(folder->name, "/", entry, NULL);
        struct stat status;
        if (lstat(source, &status) != 0)
            return hc_fail_io(error, source, "cannot read", errno);
        if (!add_by_status(files, stack, source, name, &status, error))
            return FALSE;
    }
    return entries != NULL;
}

gboolean
lp_add_files_one(LpAddFiles *files, const char *source, const char *name, GError **error)
{
    struct stat status;
    if (stat(source, &status) != 0)
        return hc_fail_io(error, source, "cannot read", errno);
    g_autoptr(GPtrArray) stack = g_ptr_array_new_with_free_func(pending_free);
    if (!add_by_status(files, stack, source, name, &status, error))
        return FALSE;
    while (stack->len > 0) {
        Pending *folder = g_ptr_array_steal_index(stack, stack->len - 1);
        gboolean is_added = add_folder_content(files, stack, folder, error);
        pending_free(folder);
        if (!is_added)
            return FALSE;
    }
    return TRUE;
}

/* The last "=" that a path on Windows stands behind; NULL when there is none. */
static const char *
find_equals(const char *arg)
{
    const char *found = NULL;
    for (const char *at = strchr(arg, '='); at != NULL; at = strchr(at + 1, '=')) {
        if (lp_windows_path_is(at + 1))
            found = at;
    }
    return found != arg ? found : NULL;
}

gboolean
lp_add_files_arg(LpAddFiles *files, const char *arg, GError **error)
{
    const char *equals = find_equals(arg);
    if (equals == NULL) {
        g_autofree char *shown = g_utf8_make_valid(arg, -1);
        return fail_usage(error, shown, "not of the form SRC=DST with a DST like C:\\FOLDER\\FILE");
    }
    g_autofree char *source = g_strndup(arg, (gsize) (equals - arg));
    g_autofree char *name = lp_windows_path_parse(equals + 1, error);
    if (name == NULL)
        return FALSE;
    const char last = equals[strlen(equals) - 1];
    if ((last != '/' && last != '\\') || g_file_test(source, G_FILE_TEST_IS_DIR))
        return lp_add_files_one(files, source, name, error);
    g_autofree char *base = g_path_get_basename(source);
    const char *fault = lp_windows_name_fault(base);
    if (fault != NULL)
        return fail_usage(error, source, fault);
    g_autofree char *inside = g_strconcat(name, "/", base, NULL);
    return lp_add_files_one(files, source, inside, error);
}

gboolean
lp_add_files_find_source(const LpAddFiles *files, const struct stat *wanted, const char **source,
                         GError **error)
{
    *source = NULL;
    for (guint i = 0; i < files->items->len && *source == NULL; i++) {
        const Item *item = files->items->pdata[i];
        struct stat status;
        gboolean is_there;
        if (item->source == NULL)
            continue;
        if (!hc_file_look(item->source, TRUE, &status, &is_there, error))
            return FALSE;
        *source = hc_file_is_same(&status, wanted) ? item->source : NULL;
    }
    return TRUE;
}

/* By bytes, "/" before all others: a folder, what is in it, what follows it. */
static int
compare_items(gconstpointer a, gconstpointer b)
{
    const guchar *at_a = (const guchar *) (*(const Item *const *) a)->name;
    const guchar *at_b = (const guchar *) (*(const Item *const *) b)->name;
    while (*at_a == *at_b && *at_a != '\0') {
        at_a++;
        at_b++;
    }
    int left = *at_a == '/' ? 1 : *at_a;
    int right = *at_b == '/' ? 1 : *at_b;
    return left - right;
}

/* --- what is there in the base image --- */

static char *
take_record(const HcEntry *entry, const char *key)
{
    const HcEntryRecord *record = hc_entry_record(entry, key);
    if (record == NULL || record->n_bytes == 0 || strlen(record->value) != record->n_bytes)
        return NULL;
    return g_strdup(record->value);
}

/* Attributes of anything but a plain folder would make another thing of it. */
static char *
take_attributes(const HcEntry *entry)
{
    enum {
        DIRECTORY = 0x10,
        REPARSE_POINT = 0x400
    };
    g_autofree char *text = take_record(entry, "MSWINDOWS.fileattr");
    guint64 bits;
    if (text == NULL || !g_ascii_string_to_unsigned(text, 10, 0, G_MAXUINT32, &bits, NULL) ||
        (bits & (DIRECTORY | REPARSE_POINT)) != DIRECTORY)
        return NULL;
    return g_steal_pointer(&text);
}

/* A time that every reader of tars takes: digits, and a fraction. */
static char *
take_time(const HcEntry *entry, const char *key)
{
    g_autofree char *text = take_record(entry, key);
    if (text == NULL || !g_regex_match_simple("^[0-9]{1,12}(?:\\.[0-9]+)?\\z", text, 0, 0))
        return NULL;
    return g_steal_pointer(&text);
}

static LpFolderRecords
take_records(const HcEntry *entry)
{
    char *modified = take_time(entry, "mtime");
    if (modified == NULL)
        modified = g_strdup_printf("%" PRIu64, entry->mtime_seconds);
    return (LpFolderRecords){.creation_time = take_record(entry, "LIBARCHIVE.creationtime"),
                             .attributes = take_attributes(entry),
                             .descriptor = take_record(entry, "MSWINDOWS.rawsd"),
                             .modified = modified,
                             .accessed = take_time(entry, "atime"),
                             .changed = take_time(entry, "ctime")};
}

/* A whiteout in @layer: what layers below have there is gone. */
static void
see_whiteout(LpAddFiles *files, guint layer, const char *name)
{
    const Item *gone = find_item(files, name);
    if (gone == NULL)
        return;
    const gsize n_bytes = strlen(gone->name);
    for (guint i = 0; i < files->items->len; i++) {
        Item *item = files->items->pdata[i];
        if (item->base_layer < layer && strncmp(item->name, gone->name, n_bytes) == 0 &&
            (item->name[n_bytes] == '/' || item->name[n_bytes] == '\0'))
            forget_base(item);
    }
}

void
lp_add_files_see(void *data, guint layer, const HcEntry *entry, const char *clean)
{
    LpAddFiles *files = data;
    const char *slash = strrchr(clean, '/');
    const char *part = slash != NULL ? slash + 1 : clean;
    if (g_str_has_prefix(part, ".wh.")) {
        g_autoptr(GString) name = g_string_new_len(clean, part - clean);
        g_string_append(name, part + strlen(".wh."));
        see_whiteout(files, layer, name->str);
        return;
    }
    Item *item = find_item(files, clean);
    if (item == NULL || item->is_written)
        return;
    forget_base(item);
    item->is_in_base = TRUE;
    item->base_layer = layer;
    item->base_type = entry->type;
    item->base_part = g_strdup(part);
    if (entry->type == HC_ENTRY_FOLDER)
        item->records = take_records(entry);
}

static const char *
type_word(HcEntryType type)
{
    switch (type) {
    case HC_ENTRY_FILE:
    case HC_ENTRY_HARDLINK:
        return "a file";
    case HC_ENTRY_FOLDER:
        return "a folder";
    case HC_ENTRY_SYMLINK:
        return "a link";
    case HC_ENTRY_OTHER:
        break;
    }
    return "neither a file nor a folder";
}

/* Windows takes a layer that makes a file of a folder, and all that was in it is gone. */
static gboolean
check_kind(const Item *item, const char *image, GError **error)
{
    const gboolean is_file =
        item->base_type == HC_ENTRY_FILE || item->base_type == HC_ENTRY_HARDLINK;
    if (!item->is_in_base || (item->source != NULL ? is_file : item->base_type == HC_ENTRY_FOLDER))
        return TRUE;
    const char *word = type_word(item->base_type);
    if (item->source != NULL)
        return hc_fail(error, HC_ERROR_CONFLICT,
                       "%s: is %s in %s, whose place the file %s cannot take", item->name, word,
                       image, item->source);
    return hc_fail(error, HC_ERROR_CONFLICT,
                   "%s: is %s in %s, and no folder that something can be added to", item->name,
                   word, image);
}

/* Spells @item as the base image does, whose folders have their new names already. */
static void
spell_as_base(const LpAddFiles *files, Item *item)
{
    const char *slash = strrchr(item->name, '/');
    if (item->is_written || slash == NULL)
        return;
    g_autofree char *folder = g_strndup(item->name, (gsize) (slash - item->name));
    const Item *above = find_item(files, folder);
    char *name = g_strconcat(above != NULL ? above->name : folder, "/",
                             item->base_part != NULL ? item->base_part : slash + 1, NULL);
    g_free(item->name);
    item->name = name;
}

gboolean
lp_add_files_fit(LpAddFiles *files, const char *image, GError **error)
{
    g_ptr_array_sort(files->items, compare_items);
    for (guint i = 0; i < files->items->len; i++) {
        spell_as_base(files, files->items->pdata[i]);
        if (!check_kind(files->items->pdata[i], image, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
write_folder(Item *item, const HcCliContext *context, HcLayerOutput *output, GError **error)
{
    item->is_written = TRUE;
    return lp_put_folder(context, output, item->name, &item->records, error);
}

gboolean
lp_add_files_write_root(LpAddFiles *files, const HcCliContext *context, HcLayerOutput *output,
                        GError **error)
{
    return write_folder(find_item(files, ROOT), context, output, error);
}

gboolean
lp_add_files_write(LpAddFiles *files, const HcCliContext *context, HcLayerOutput *output,
                   GError **error)
{
    g_ptr_array_sort(files->items, compare_items);
    for (guint i = 0; i < files->items->len; i++) {
        Item *item = files->items->pdata[i];
        if (item->is_written)
            continue;
        if (item->source == NULL
                ? !write_folder(item, context, output, error)
                : !lp_put_file(context, output, item->name, item->source, item->n_bytes, error))
            return FALSE;
        item->is_written = TRUE;
    }
    return TRUE;
}
