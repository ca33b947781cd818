#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/image/image-target.h"
#include "layerpack/add-files-private.h"

void
lp_add_item_forget_base(LpAddItem *item)
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
    if (text == NULL || !hc_matches("^[0-9]{1,12}(?:\\.[0-9]+)?\\z", text))
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
    const LpAddItem *gone = lp_add_files_find(files, name);
    if (gone == NULL)
        return;
    const gsize n_bytes = strlen(gone->name);
    for (guint i = 0; i < files->items->len; i++) {
        LpAddItem *item = files->items->pdata[i];
        if (item->base_layer < layer && strncmp(item->name, gone->name, n_bytes) == 0 &&
            (item->name[n_bytes] == '/' || item->name[n_bytes] == '\0'))
            lp_add_item_forget_base(item);
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
    LpAddItem *item = lp_add_files_find(files, clean);
    if (item == NULL || item->is_written)
        return;
    lp_add_item_forget_base(item);
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
check_kind(const LpAddItem *item, const char *image, GError **error)
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
spell_as_base(const LpAddFiles *files, LpAddItem *item)
{
    const char *slash = strrchr(item->name, '/');
    if (item->is_written || slash == NULL)
        return;
    g_autofree char *folder = g_strndup(item->name, (gsize) (slash - item->name));
    const LpAddItem *above = lp_add_files_find(files, folder);
    char *name = g_strconcat(above != NULL ? above->name : folder, "/",
                             item->base_part != NULL ? item->base_part : slash + 1, NULL);
    g_free(item->name);
    item->name = name;
}

gboolean
lp_add_files_fit(LpAddFiles *files, const char *image, GError **error)
{
    lp_add_files_sort(files);
    for (guint i = 0; i < files->items->len; i++) {
        spell_as_base(files, files->items->pdata[i]);
        if (!check_kind(files->items->pdata[i], image, error))
            return FALSE;
    }
    return TRUE;
}
