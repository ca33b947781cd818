#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hivecore/base/base64.h"
#include "hivecore/base/error.h"
#include "hivecore/base/file.h"
#include "hivecore/base/limits.h"
#include "hivecore/image/tree-private.h"
#include "hivecore/regf/security.h"

/* A tree while its layers are read. */
typedef struct {
    HcTree *tree;
    HcTreeOrigin *origin;
    guint layer;
    gboolean with_files;  /* else only what stands for the drive */
    GPtrArray *whiteouts; /* of char *: of this layer, which are applied when it is over */
    HcTreeNode *streamed; /* the file that streams may follow */
    HcTreeStream **last;  /* where its next stream goes */
    GHashTable *opaque;   /* set of HcTreeNode *: folders that this layer has emptied */
} Reading;

/* --- records --- */

/* What is no base64 would make a layer that has it again one that cannot be imported. */
static gboolean
is_base64(const HcEntryRecord *record)
{
    g_autoptr(GBytes) bytes = NULL;
    if (record->n_bytes > 0 && strlen(record->value) == record->n_bytes)
        bytes = hc_base64_decode(record->value, record->n_bytes);
    return bytes != NULL;
}

static const char *
take_base64(HcTree *tree, const HcEntry *entry, const char *key)
{
    const HcEntryRecord *record = hc_entry_record(entry, key);
    return record != NULL && is_base64(record) ? hc_tree_intern(tree, record->value) : NULL;
}

/* A time that every reader of tars takes: digits, and a fraction; when something was made may be
 * before 1970. */
static const char *
take_time(HcTree *tree, const HcEntry *entry, const char *key, gboolean may_be_negative)
{
    const HcEntryRecord *record = hc_entry_record(entry, key);
    if (record == NULL || record->n_bytes == 0 || record->n_bytes > 40)
        return NULL;
    const gsize n_sign = may_be_negative && record->value[0] == '-' ? 1 : 0;
    const gsize n_whole = strspn(record->value + n_sign, "0123456789");
    const char *rest = record->value + n_sign + n_whole;
    const gsize n_fraction = *rest == '.' ? strspn(rest + 1, "0123456789") : 0;
    if (n_whole == 0 || n_whole > 12 || (*rest == '.' && n_fraction == 0) ||
        n_sign + n_whole + n_fraction + (*rest == '.' ? 1 : 0) != record->n_bytes)
        return NULL;
    return hc_tree_text(tree, record->value, record->n_bytes);
}

static void
take_attributes(HcTreeFile *file, const HcEntry *entry)
{
    const HcEntryRecord *record = hc_entry_record(entry, "MSWINDOWS.fileattr");
    guint64 bits;
    if (record == NULL ||
        !g_ascii_string_to_unsigned(record->value, 10, 0, G_MAXUINT32, &bits, NULL))
        return;
    /* Attributes of anything but a plain folder would make another thing of it. */
    const guint64 kind = bits & (HC_FILE_ATTRIBUTE_DIRECTORY | HC_FILE_ATTRIBUTE_REPARSE_POINT);
    if (file->kind == HC_TREE_FOLDER && kind != HC_FILE_ATTRIBUTE_DIRECTORY)
        return;
    file->has_attributes = TRUE;
    file->attributes = (uint32_t) bits;
}

/* The descriptor, also where it is only there as text, as the importer's oldest form is. */
static const char *
take_descriptor(HcTree *tree, const HcEntry *entry)
{
    const char *raw = take_base64(tree, entry, "MSWINDOWS.rawsd");
    const HcEntryRecord *text = hc_entry_record(entry, "MSWINDOWS.sd");
    if (raw != NULL || text == NULL)
        return raw;
    g_autoptr(GBytes) bytes = hc_sddl_parse(text->value, NULL);
    if (bytes == NULL)
        return NULL;
    gsize n_bytes;
    const guchar *data = g_bytes_get_data(bytes, &n_bytes);
    g_autofree char *base64 = g_base64_encode(data, n_bytes);
    return hc_tree_intern(tree, base64);
}

/* Extended attributes, in their order. */
static const HcTreeRecord *
take_others(HcTree *tree, const HcEntry *entry)
{
    const HcTreeRecord *first = NULL;
    for (guint i = entry->records->len; i > 0; i--) {
        const HcEntryRecord *record = entry->records->pdata[i - 1];
        if (!g_str_has_prefix(record->key, "MSWINDOWS.xattr.") || !is_base64(record))
            continue;
        HcTreeRecord *taken = hc_tree_alloc(tree, sizeof(*taken));
        *taken = (HcTreeRecord){first, hc_tree_intern(tree, record->key),
                                hc_tree_intern(tree, record->value)};
        first = taken;
    }
    return first;
}

static void
take_records(HcTree *tree, HcTreeFile *file, const HcEntry *entry)
{
    take_attributes(file, entry);
    file->descriptor = take_descriptor(tree, entry);
    file->records = take_others(tree, entry);
    file->times[HC_TREE_CREATED] = take_time(tree, entry, "LIBARCHIVE.creationtime", TRUE);
    file->times[HC_TREE_MODIFIED] = take_time(tree, entry, "mtime", FALSE);
    file->times[HC_TREE_ACCESSED] = take_time(tree, entry, "atime", FALSE);
    file->times[HC_TREE_CHANGED] = take_time(tree, entry, "ctime", FALSE);
    if (file->times[HC_TREE_MODIFIED] != NULL)
        return;
    char seconds[24];
    g_snprintf(seconds, sizeof(seconds), "%" PRIu64, entry->mtime_seconds);
    file->times[HC_TREE_MODIFIED] = hc_tree_intern(tree, seconds);
}

/* --- entries --- */

/* The folder @name, which is made when no entry was for it, also of what is no folder. */
static HcTreeNode *
enter(Reading *reading, const char *name, gsize n_bytes, GError **error)
{
    HcTree *tree = reading->tree;
    if (tree->last_folder != NULL && tree->last_name->len == n_bytes &&
        memcmp(tree->last_name->str, name, n_bytes) == 0)
        return tree->last_folder;
    HcTreeNode *node = tree->root;
    guint depth = 0;
    for (gsize at = 0; at < n_bytes;) {
        const char *slash = memchr(name + at, '/', n_bytes - at);
        const gsize n = slash != NULL ? (gsize) (slash - name) - at : n_bytes - at;
        HcTreeNode *child = hc_tree_child(tree, node, name + at, n);
        if (++depth > HC_MAX_TREE_DEPTH)
            return hc_fail_null(error, HC_ERROR_LIMIT, "%s: layer %u: folders deeper than %u",
                                tree->name, reading->layer + 1, HC_MAX_TREE_DEPTH);
        if (child == NULL && !hc_tree_check_room(tree, error))
            return NULL;
        if (child == NULL)
            child = hc_tree_add_node(tree, node, name + at, n);
        if (child->file != NULL && child->file->kind == HC_TREE_SYMLINK && !tree->is_windows) {
            /* Elsewhere layers are unpacked through the links of those below. */
            guint n_left = HC_MAX_TREE_LINKS;
            HcTreeNode *there = hc_tree_follow_link(tree, child, &n_left, NULL);
            child = there != NULL && there->file->kind == HC_TREE_FOLDER ? there : child;
        }
        if (child->file == NULL || child->file->kind != HC_TREE_FOLDER) {
            child->file = hc_tree_file_new(tree, HC_TREE_FOLDER);
            child->layer = reading->layer;
        }
        node = child;
        at += n + 1;
    }
    g_string_truncate(tree->last_name, 0);
    g_string_append_len(tree->last_name, name, (gssize) n_bytes);
    tree->last_folder = node;
    return node;
}

/* Takes away what layers below @layer have in @node; the folder itself when nothing is left of it
 * and it was of below too. */
static void
prune(HcTree *tree, HcTreeNode *node, guint layer, gboolean itself)
{
    for (HcTreeNode *at = node->first, *next; at != NULL; at = next) {
        next = at->next;
        gboolean is_kept = FALSE;
        for (const HcTreeNode *below = at; below != NULL && !is_kept;
             below = hc_tree_next_any(at, below))
            is_kept = below->layer >= layer;
        /* Depth is bounded by HC_MAX_TREE_DEPTH. */
        if (is_kept)
            prune(tree, at, layer, FALSE);
        else
            hc_tree_drop(tree, at);
    }
    if (itself && node->first == NULL && node->layer < layer && node->parent != NULL)
        hc_tree_drop(tree, node);
}

/* On Windows a whiteout is applied last and beats what its own layer has; elsewhere it is about the
 * layers below. */
static void
apply_whiteouts(Reading *reading)
{
    HcTree *tree = reading->tree;
    for (guint i = 0; i < reading->whiteouts->len; i++) {
        HcTreeNode *node = hc_tree_find(tree, reading->whiteouts->pdata[i]);
        if (node == NULL || node->parent == NULL)
            continue;
        if (tree->is_windows)
            hc_tree_drop(tree, node);
        else
            prune(tree, node, reading->layer, TRUE);
    }
    g_ptr_array_set_size(reading->whiteouts, 0);
    g_hash_table_remove_all(reading->opaque);
}

static gboolean
see_whiteout(Reading *reading, const char *clean, const char *part)
{
    static const char opaque[] = ".wh..wh..opq";
    if (!g_str_has_prefix(part, ".wh."))
        return FALSE;
    g_autoptr(GString) name = g_string_new_len(clean, part - clean);
    if (strcmp(part, opaque) == 0) {
        g_string_truncate(name, name->len > 0 ? name->len - 1 : 0);
        HcTreeNode *folder = hc_tree_find(reading->tree, name->str);
        if (folder != NULL && g_hash_table_add(reading->opaque, folder))
            prune(reading->tree, folder, reading->layer, FALSE);
        return TRUE;
    }
    g_string_append(name, part + strlen(".wh."));
    g_ptr_array_add(reading->whiteouts, g_string_free(g_steal_pointer(&name), FALSE));
    return TRUE;
}

static HcTreePlace
place_of(const Reading *reading, const HcEntry *entry)
{
    return (HcTreePlace){.kind = HC_PLACE_LAYER,
                         .layer = reading->layer,
                         .at = entry->position,
                         .u.origin = reading->origin};
}

/* An entry "file:stream", which goes with the file before it. */
static gboolean
see_stream(Reading *reading, const HcEntry *entry, const char *part)
{
    const char *colon = reading->tree->is_windows ? strchr(part, ':') : NULL;
    if (colon == NULL)
        return FALSE;
    HcTreeNode *file = reading->streamed;
    if (file == NULL || entry->type != HC_ENTRY_FILE ||
        strlen(file->name) != (gsize) (colon - part) ||
        strncmp(file->name, part, (gsize) (colon - part)) != 0)
        return TRUE;
    HcTreeStream *stream = hc_tree_alloc(reading->tree, sizeof(*stream));
    *stream = (HcTreeStream){.name = hc_tree_text(reading->tree, colon + 1, strlen(colon + 1)),
                             .n_bytes = entry->n_file_bytes,
                             .place = place_of(reading, entry)};
    *reading->last = stream;
    reading->last = &stream->next;
    return TRUE;
}

static HcTreeKind
kind_of(const HcEntry *entry)
{
    switch (entry->type) {
    case HC_ENTRY_FILE:
    case HC_ENTRY_HARDLINK:
        return HC_TREE_FILE;
    case HC_ENTRY_FOLDER:
        return HC_TREE_FOLDER;
    case HC_ENTRY_SYMLINK:
        return hc_entry_record(entry, "MSWINDOWS.mountpoint") != NULL ? HC_TREE_JUNCTION
                                                                      : HC_TREE_SYMLINK;
    case HC_ENTRY_OTHER:
        break;
    }
    return HC_TREE_OTHER;
}

/* What a hard link is a name of; one to nothing is a file without content. */
static HcTreeFile *
linked_file(Reading *reading, const HcEntry *entry)
{
    g_autoptr(GString) target = g_string_new(NULL);
    const HcTreeNode *node = NULL;
    if (hc_entry_name_clean(target, entry->link->str, entry->link->len))
        node = hc_tree_find(reading->tree, target->str);
    if (node != NULL && node->file->kind != HC_TREE_FOLDER)
        return node->file;
    return hc_tree_file_new(reading->tree, HC_TREE_FILE);
}

static HcTreeFile *
make_file(Reading *reading, const HcEntry *entry)
{
    HcTree *tree = reading->tree;
    if (entry->type == HC_ENTRY_HARDLINK)
        return linked_file(reading, entry);
    HcTreeFile *file = hc_tree_file_new(tree, kind_of(entry));
    take_records(tree, file, entry);
    if (entry->type == HC_ENTRY_FILE) {
        file->n_bytes = entry->n_file_bytes;
        file->place = place_of(reading, entry);
    } else if (entry->type == HC_ENTRY_SYMLINK) {
        file->target = hc_tree_text(tree, entry->link->str, entry->link->len);
    }
    return file;
}

static gboolean
see_entry(void *data, guint layer, const HcEntry *entry, const char *clean, GError **error)
{
    Reading *reading = data;
    HcTree *tree = reading->tree;
    if (layer != reading->layer) {
        apply_whiteouts(reading);
        reading->layer = layer;
        reading->streamed = NULL;
    }
    const char *slash = strrchr(clean, '/');
    const char *part = slash != NULL ? slash + 1 : clean;
    if (!reading->with_files && !hc_entry_name_equal(clean, HC_TREE_DRIVE))
        return TRUE;
    if (*clean == '\0' || see_whiteout(reading, clean, part) || see_stream(reading, entry, part))
        return hc_tree_check_room(tree, error);
    HcTreeNode *folder = enter(reading, clean, slash != NULL ? (gsize) (slash - clean) : 0, error);
    if (folder == NULL || !hc_tree_check_room(tree, error))
        return FALSE;
    HcTreeNode *node = hc_tree_child(tree, folder, part, strlen(part));
    HcTreeFile *file = make_file(reading, entry);
    if (node == NULL)
        node = hc_tree_add_node(tree, folder, part, strlen(part));
    else if (file->kind != HC_TREE_FOLDER)
        hc_tree_drop_children(tree, node);
    node->name =
        strcmp(node->name, part) == 0 ? node->name : hc_tree_text(tree, part, strlen(part));
    node->file = file;
    node->layer = layer;
    reading->streamed = entry->type == HC_ENTRY_FILE ? node : NULL;
    reading->last = &file->streams;
    return TRUE;
}

static gboolean
see_image(void *data, HcImage *image, G_GNUC_UNUSED GError **error)
{
    const Reading *reading = data;
    const char *os = hc_image_info(image)->os;
    reading->tree->is_windows = os == NULL || strcmp(os, "windows") == 0;
    return TRUE;
}

/* --- unpacked layers --- */

static gboolean
see_host(HcTree *tree, HcTreeNode *folder, const char *name, const char *host, gboolean *enter_it,
         GError **error)
{
    struct stat status;
    if (lstat(host, &status) != 0)
        return hc_fail_io(error, host, "cannot look at", errno);
    if (!hc_tree_check_room(tree, error))
        return FALSE;
    const gboolean is_folder = S_ISDIR(status.st_mode);
    HcTreeFile *file = hc_tree_file_new(tree, is_folder                 ? HC_TREE_FOLDER
                                              : S_ISREG(status.st_mode) ? HC_TREE_FILE
                                              : S_ISLNK(status.st_mode) ? HC_TREE_SYMLINK
                                                                        : HC_TREE_OTHER);
    g_autofree char *seconds = g_strdup_printf("%" PRId64, MAX(0, (int64_t) status.st_mtime));
    file->times[HC_TREE_MODIFIED] = hc_tree_intern(tree, seconds);
    if (file->kind == HC_TREE_FILE) {
        file->n_bytes = (uint64_t) status.st_size;
        file->place = (HcTreePlace){.kind = HC_PLACE_HOST,
                                    .is_strict = TRUE,
                                    .u.host = hc_tree_text(tree, host, strlen(host))};
    } else if (file->kind == HC_TREE_SYMLINK) {
        g_autofree char *target = g_file_read_link(host, NULL);
        file->target = hc_tree_intern(tree, target != NULL ? target : "");
    }
    if (hc_tree_child(tree, folder, name, strlen(name)) != NULL)
        return hc_fail(error, HC_ERROR_MALFORMED,
                       "%s: another name of the folder differs from this by case only", host);
    HcTreeNode *node = hc_tree_add_node(tree, folder, name, strlen(name));
    node->file = file;
    *enter_it = is_folder;
    return TRUE;
}

/* Recursion ends at HC_MAX_FOLDER_DEPTH. */
static gboolean
walk_host(HcTree *tree, HcTreeNode *node, const char *folder, guint depth, GError **error)
{
    if (depth > HC_MAX_FOLDER_DEPTH)
        return hc_fail(error, HC_ERROR_LIMIT, "%s: has folders deeper than the limit", folder);
    g_autoptr(GPtrArray) names = hc_folder_names(folder, error);
    for (guint i = 0; names != NULL && i < names->len; i++) {
        const char *name = names->pdata[i];
        g_autofree char *host = g_build_filename(folder, name, NULL);
        gboolean is_folder = FALSE;
        if (!see_host(tree, node, name, host, &is_folder, error))
            return FALSE;
        HcTreeNode *child = hc_tree_child(tree, node, name, strlen(name));
        if (is_folder && !walk_host(tree, child, host, depth + 1, error))
            return FALSE;
    }
    return names != NULL;
}

/* --- a whole tree --- */

/* What was read is what is below. */
static void
finish(HcTree *tree)
{
    tree->n_layers = hc_layer_stack_n_layers(tree->pool->origin->stack);
    for (HcTreeNode *at = tree->root; at != NULL; at = hc_tree_next_any(tree->root, at)) {
        at->is_below = TRUE;
        at->below_kind = at->file->kind;
    }
    for (guint i = 0; i < tree->n_layers && tree->missing == NULL; i++) {
        const HcLayerHives *layer = hc_layer_stack_layer(tree->pool->origin->stack, i);
        if (layer->missing != NULL)
            tree->missing = g_strdup(layer->missing);
    }
    HcTreeNode *drive = tree->is_windows
                            ? hc_tree_child(tree, tree->root, HC_TREE_DRIVE, strlen(HC_TREE_DRIVE))
                            : tree->root;
    if (drive == NULL) {
        drive = hc_tree_add_node(tree, tree->root, HC_TREE_DRIVE, strlen(HC_TREE_DRIVE));
        drive->file = hc_tree_file_new(tree, HC_TREE_FOLDER);
    }
    tree->drive = drive;
}

HcTree *
hc_tree_open(const char *source, const char *platform, guint hives, gboolean with_files,
             GError **error)
{
    g_autoptr(HcTree) tree = hc_tree_new_empty(source);
    g_autoptr(GPtrArray) whiteouts = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GHashTable) opaque = g_hash_table_new(NULL, NULL);
    tree->pool->origin = hc_tree_origin_new(NULL, source);
    Reading reading = {.tree = tree,
                       .origin = tree->pool->origin,
                       .with_files = with_files,
                       .whiteouts = whiteouts,
                       .opaque = opaque};
    const HcLayerWatch watch = {see_image, see_entry, &reading};
    HcLayerStack *stack = hc_layer_stack_open_watched(source, platform, hives, &watch, error);
    if (stack == NULL)
        return NULL;
    tree->pool->origin->stack = stack;
    apply_whiteouts(&reading);
    if (with_files && !hc_image_is_operand(source) && g_file_test(source, G_FILE_TEST_IS_DIR) &&
        !walk_host(tree, tree->root, source, 0, error))
        return NULL;
    finish(tree);
    return g_steal_pointer(&tree);
}
