#include "config.h"

#include "layerpack/add-files-private.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "hivecore/base/error.h"
#include "hivecore/base/file.h"
#include "hivecore/base/limits.h"
#include "hivecore/image/hive-slots.h"
#include "hivecore/image/windows-name.h"

static void
item_free(gpointer data)
{
    LpAddItem *item = data;
    lp_add_item_forget_base(item);
    g_free(item->name);
    g_free(item->source);
    g_free(item);
}

LpAddItem *
lp_add_files_find(const LpAddFiles *files, const char *name)
{
    HcNameKey key = hc_entry_name_key(name, strlen(name));
    return g_hash_table_lookup(files->by_name, &key);
}

static LpAddItem *
add_item(LpAddFiles *files, const char *name, const char *source, GError **error)
{
    if (files->items->len >= HC_MAX_LAYER_ENTRIES)
        return hc_fail_null(error, HC_ERROR_LIMIT, "%s: over %u files to add", name,
                            HC_MAX_LAYER_ENTRIES);
    LpAddItem *item = g_new0(LpAddItem, 1);
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
        (void) add_item(files, LP_ROOT, NULL, NULL);
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
        const LpAddItem *item = lp_add_files_find(files, spelled->str);
        const char *fault = item == NULL ? hc_windows_name_reserved(parts[i], TRUE) : NULL;
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
    const LpAddItem *old = lp_add_files_find(files, spelled->str);
    if (old != NULL && old->source != NULL)
        return hc_fail(error, HC_ERROR_USAGE, "%s: both %s and %s are to go there", old->name,
                       old->source, source);
    if (old != NULL)
        return fail_usage(error, old->name, "is to be a file and a folder");
    LpAddItem *item = add_item(files, spelled->str, source, error);
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
        const char *fault = hc_windows_name_fault(entry);
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
        if (hc_windows_path_is(at + 1))
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
    g_autofree char *name = hc_windows_path_parse(equals + 1, error);
    if (name == NULL)
        return FALSE;
    const char last = equals[strlen(equals) - 1];
    if ((last != '/' && last != '\\') || g_file_test(source, G_FILE_TEST_IS_DIR))
        return lp_add_files_one(files, source, name, error);
    g_autofree char *base = g_path_get_basename(source);
    const char *fault = hc_windows_name_fault(base);
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
        const LpAddItem *item = files->items->pdata[i];
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

guint
lp_add_files_n_files(const LpAddFiles *files)
{
    guint n = 0;
    for (guint i = 0; i < files->items->len; i++)
        n += ((const LpAddItem *) files->items->pdata[i])->source != NULL ? 1 : 0;
    return n;
}

/* By bytes, "/" before all others: a folder, what is in it, what follows it. */
static int
compare_items(gconstpointer a, gconstpointer b)
{
    const guchar *at_a = (const guchar *) (*(const LpAddItem *const *) a)->name;
    const guchar *at_b = (const guchar *) (*(const LpAddItem *const *) b)->name;
    while (*at_a == *at_b && *at_a != '\0') {
        at_a++;
        at_b++;
    }
    int left = *at_a == '/' ? 1 : *at_a;
    int right = *at_b == '/' ? 1 : *at_b;
    return left - right;
}

void
lp_add_files_sort(LpAddFiles *files)
{
    g_ptr_array_sort(files->items, compare_items);
}

static gboolean
write_folder(LpAddItem *item, const HcCliContext *context, HcLayerOutput *output, GError **error)
{
    item->is_written = TRUE;
    return lp_put_folder(context, output, item->name, &item->records, error);
}

gboolean
lp_add_files_write_root(LpAddFiles *files, const HcCliContext *context, HcLayerOutput *output,
                        GError **error)
{
    return write_folder(lp_add_files_find(files, LP_ROOT), context, output, error);
}

gboolean
lp_add_files_write(LpAddFiles *files, const HcCliContext *context, HcLayerOutput *output,
                   GError **error)
{
    lp_add_files_sort(files);
    for (guint i = 0; i < files->items->len; i++) {
        LpAddItem *item = files->items->pdata[i];
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
