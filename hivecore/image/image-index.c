#include "config.h"

#include <string.h>

#include "hivecore/base/choice.h"
#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/image/image-private.h"

enum {
    MAX_LISTED = 20, /* manifests in a message */
};

/* The manifests that an index leads to, through the indexes in it. */
typedef struct {
    HcImageStore *store;
    const char *ref_name; /* of the entry of index.json that is looked at; may be NULL */
    guint number;         /* of that entry, from 0 */
    guint n_entries;      /* of all indexes that were read */
    GHashTable *seen;     /* digests that were met */
    GHashTable *open;     /* digests of the indexes that are being read */
    GPtrArray *leaves;    /* of HcDescriptor * */
    char *other_type;     /* a media type that is neither index nor manifest */
} Search;

static void
free_leaf(gpointer data)
{
    hc_descriptor_free(data);
}

/* The entries of an index document. */
static GPtrArray *
parse_index(Search *search, const char *where, GBytes *text, GError **error)
{
    HcJson object;
    HcJson manifests;
    HcJson item;
    if (!hc_json_parse_bytes(where, text, &object, error) ||
        !hc_json_need_object(where, object, error) ||
        !hc_json_get_array(where, object, "manifests", &manifests, error) ||
        !hc_json_need(where, "manifests", manifests.text != NULL, error))
        return NULL;
    const guint n = hc_json_length(manifests);
    if (n > HC_MAX_INDEX_ENTRIES - search->n_entries)
        return hc_fail_null(error, HC_ERROR_LIMIT, "%s: more than %u manifests", where,
                            HC_MAX_INDEX_ENTRIES);
    search->n_entries += n;
    g_autoptr(GPtrArray) entries = g_ptr_array_new_with_free_func(free_leaf);
    HcJsonIter iter = hc_json_iter(manifests);
    while (hc_json_next(&iter, NULL, &item)) {
        g_autofree char *place = g_strdup_printf("%s: manifest %u", where, entries->len + 1);
        HcDescriptor *entry = hc_descriptor_read(place, item, error);
        if (entry == NULL)
            return NULL;
        g_ptr_array_add(entries, entry);
        if (!hc_json_need(place, "mediaType", entry->media_type != NULL, error))
            return NULL;
    }
    return g_steal_pointer(&entries);
}

static gboolean add_index(Search *search, const HcDescriptor *descriptor, guint depth,
                          GError **error);

/* Takes one entry of an index; @depth: indexes that are open. */
static gboolean
add_entry(Search *search, HcDescriptor *entry, guint depth, GError **error)
{
    if (g_hash_table_contains(search->open, entry->digest))
        return hc_fail(error, HC_ERROR_MALFORMED, "%s: index %s: leads back to itself",
                       hc_image_store_name(search->store), entry->digest);
    if (entry->is_no_image || !g_hash_table_add(search->seen, g_strdup(entry->digest)))
        return TRUE;
    if (hc_media_type_is_index(entry->media_type))
        return add_index(search, entry, depth + 1, error);
    if (!hc_media_type_is_manifest(entry->media_type)) {
        g_free(search->other_type);
        search->other_type = g_strdup(entry->media_type);
        return TRUE;
    }
    HcDescriptor *leaf = g_new0(HcDescriptor, 1);
    *leaf = *entry;
    memset(entry, 0, sizeof(*entry));
    if (leaf->ref_name == NULL)
        leaf->ref_name = g_strdup(search->ref_name);
    leaf->number = search->number;
    g_ptr_array_add(search->leaves, leaf);
    return TRUE;
}

static gboolean
add_index(Search *search, const HcDescriptor *descriptor, guint depth, GError **error)
{
    g_autofree char *where =
        g_strdup_printf("%s: index %s", hc_image_store_name(search->store), descriptor->digest);
    if (depth > HC_MAX_INDEX_DEPTH)
        return hc_fail(error, HC_ERROR_MALFORMED, "%s: more than %u indexes in each other", where,
                       HC_MAX_INDEX_DEPTH);
    g_autoptr(GBytes) text = hc_image_blob_read(search->store, descriptor, error);
    g_autoptr(GPtrArray) entries = text != NULL ? parse_index(search, where, text, error) : NULL;
    if (entries == NULL)
        return FALSE;
    g_hash_table_add(search->open, g_strdup(descriptor->digest));
    for (guint i = 0; i < entries->len; i++) {
        if (!add_entry(search, entries->pdata[i], depth, error))
            return FALSE;
    }
    (void) g_hash_table_remove(search->open, descriptor->digest);
    return TRUE;
}

/* Whether entry @i of index.json is meant by @tag: a name, or "@" and a number from 0. */
static gboolean
is_tagged(const HcDescriptor *entry, guint i, const char *tag)
{
    if (tag == NULL)
        return TRUE;
    if (tag[0] == '@') {
        guint64 number;
        return g_ascii_string_to_unsigned(tag + 1, 10, 0, G_MAXUINT, &number, NULL) && number == i;
    }
    return g_strcmp0(entry->ref_name, tag) == 0 || g_strcmp0(entry->full_name, tag) == 0;
}

static gboolean
search_layout(Search *search, const char *tag, GError **error)
{
    const char *operand = hc_image_store_name(search->store);
    g_autofree char *where = g_strdup_printf("%s: index.json", operand);
    g_autoptr(GError) failure = NULL;
    g_autoptr(GBytes) text = hc_image_store_read(search->store, "index.json", &failure);
    if (text == NULL) {
        if (failure != NULL)
            return hc_fail_with(error, g_steal_pointer(&failure));
        return hc_fail(error, HC_ERROR_MALFORMED, "%s: is missing", where);
    }
    g_autoptr(GPtrArray) entries = parse_index(search, where, text, error);
    if (entries == NULL)
        return FALSE;
    guint n_tagged = 0;
    g_autoptr(GString) names = g_string_new(NULL);
    for (guint i = 0; i < entries->len; i++) {
        HcDescriptor *entry = entries->pdata[i];
        if (entry->ref_name != NULL && i < MAX_LISTED)
            g_string_append_printf(names, "%s%s", names->len > 0 ? ", " : "", entry->ref_name);
        if (!is_tagged(entry, i, tag))
            continue;
        n_tagged++;
        g_autofree char *ref_name = g_strdup(entry->ref_name);
        search->ref_name = ref_name;
        search->number = i;
        if (!add_entry(search, entry, 0, error))
            return FALSE;
    }
    search->ref_name = NULL;
    if (n_tagged > 0)
        return TRUE;
    if (tag == NULL)
        return hc_fail(error, HC_ERROR_NOT_FOUND, "%s: has no image", operand);
    g_autofree char *guess = hc_word_guess_listed(tag, names->str);
    return hc_fail(error, HC_ERROR_NOT_FOUND, "%s: there is no '%s'; there is: %s%s", operand, tag,
                   names->len > 0 ? names->str : "nothing with a name", guess);
}

/* Reads the platform from the config where the index does not give it. An artifact that is no image
 * gets none. */
static gboolean
complete_platform(Search *search, HcDescriptor *leaf, GError **error)
{
    if (leaf->os != NULL)
        return TRUE;
    HcImageInfo info = {0};
    g_autoptr(GError) failure = NULL;
    g_autofree char *where = NULL;
    g_autoptr(HcDescriptor) config = hc_image_manifest_read(search->store, leaf, &info, &failure);
    if (config != NULL) {
        where =
            g_strdup_printf("%s: config %s", hc_image_store_name(search->store), config->digest);
        info.config = hc_image_blob_read(search->store, config, &failure);
    }
    if (info.config != NULL && hc_image_config_read(where, &info, &failure)) {
        leaf->os = g_strdup(info.os);
        leaf->architecture = g_strdup(info.architecture);
        leaf->os_version = g_strdup(info.os_version);
    }
    hc_image_info_clear(&info);
    if (failure == NULL || g_error_matches(failure, HC_ERROR, HC_ERROR_UNSUPPORTED))
        return TRUE;
    return hc_fail_with(error, g_steal_pointer(&failure));
}

/* @is_numbered: with what "@NUMBER" names them by */
static void
append_leaves(GString *out, const GPtrArray *leaves, gboolean is_numbered)
{
    for (guint i = 0; i < leaves->len && i < MAX_LISTED; i++) {
        const HcDescriptor *leaf = leaves->pdata[i];
        g_string_append(out, i > 0 ? ", " : "");
        if (is_numbered)
            g_string_append_printf(out, "@%u ", leaf->number);
        if (leaf->ref_name != NULL)
            g_string_append_printf(out, "%s = ", leaf->ref_name);
        if (leaf->os == NULL)
            g_string_append(out, "no platform");
        else
            g_string_append_printf(out, "%s/%s", leaf->os,
                                   leaf->architecture != NULL ? leaf->architecture : "?");
        if (leaf->os_version != NULL)
            g_string_append_printf(out, ":%s", leaf->os_version);
    }
    if (leaves->len > MAX_LISTED)
        g_string_append_printf(out, " and %u more", leaves->len - MAX_LISTED);
}

/* Says which images @fitting are and how to name one. An index inside index.json has one number for
 * all its images. */
static void
set_unclear_error(const Search *search, const char *tag, const GPtrArray *fitting, GError **error)
{
    const char *operand = hc_image_store_name(search->store);
    const gsize n_tag = tag != NULL ? strlen(tag) + 1 : 0;
    gboolean is_numbered = TRUE;
    for (guint i = 1; i < fitting->len; i++) {
        const HcDescriptor *before = fitting->pdata[i - 1];
        const HcDescriptor *leaf = fitting->pdata[i];
        is_numbered &= before->number != leaf->number; /* they are in the order of the numbers */
    }
    g_autoptr(GString) how =
        g_string_new("name one by platform, --platform or IMAGE[PLATFORM]//NAME");
    if (is_numbered) {
        const HcDescriptor *first = fitting->pdata[0];
        g_string_append_printf(how, ", or by number, like %.*s:@%u",
                               (int) (strlen(operand) - n_tag), operand, first->number);
    }
    g_autoptr(GString) list = g_string_new(NULL);
    append_leaves(list, fitting, is_numbered);
    hc_set_error(error, HC_ERROR_USAGE, "%s: which of its images is not clear, %s; it has %s",
                 operand, how->str, list->str);
}

/* Those of the manifests found that fit. */
static GPtrArray *
find_fitting(Search *search, const char *platform_text, GError **error)
{
    const gboolean is_digest = platform_text != NULL && g_str_has_prefix(platform_text, "sha256:");
    g_autoptr(HcPlatform) platform = is_digest ? NULL : hc_platform_parse(platform_text, error);
    if (platform == NULL && !is_digest)
        return NULL;
    g_autoptr(GPtrArray) fitting = g_ptr_array_new();
    for (guint i = 0; i < search->leaves->len; i++) {
        HcDescriptor *leaf = search->leaves->pdata[i];
        if (!complete_platform(search, leaf, error))
            return NULL;
        if (is_digest ? strcmp(leaf->digest, platform_text) == 0
                      : hc_platform_fits(platform, leaf->os, leaf->architecture, leaf->os_version))
            g_ptr_array_add(fitting, leaf);
    }
    return g_steal_pointer(&fitting);
}

/* The one of the manifests found that fits; NULL with @error set otherwise. */
static HcDescriptor *
choose_leaf(Search *search, const char *tag, const char *platform_text, GError **error)
{
    g_autoptr(GPtrArray) fitting = find_fitting(search, platform_text, error);
    if (fitting == NULL)
        return NULL;
    if (fitting->len == 1)
        return fitting->pdata[0];
    if (fitting->len > 1) {
        set_unclear_error(search, tag, fitting, error);
        return NULL;
    }
    g_autoptr(GString) list = g_string_new(NULL);
    append_leaves(list, search->leaves, FALSE);
    return hc_fail_null(error, HC_ERROR_NOT_FOUND, "%s: has no image for %s; it has %s",
                        hc_image_store_name(search->store),
                        platform_text != NULL ? platform_text : "windows/amd64", list->str);
}

static gboolean
search_images(Search *search, const char *tag, GError **error)
{
    if (!search_layout(search, tag, error))
        return FALSE;
    return search->leaves->len > 0 ||
           hc_fail(error, HC_ERROR_UNSUPPORTED, "%s: is no image but '%s'",
                   hc_image_store_name(search->store),
                   search->other_type != NULL ? search->other_type : "an empty index");
}

static HcDescriptor *
search_and_choose(Search *search, const char *tag, const char *platform, GError **error)
{
    if (!search_images(search, tag, error))
        return NULL;
    HcDescriptor *chosen = search->leaves->len == 1 && platform == NULL
                               ? search->leaves->pdata[0]
                               : choose_leaf(search, tag, platform, error);
    if (chosen == NULL)
        return NULL;
    guint i;
    g_return_val_if_fail(g_ptr_array_find(search->leaves, chosen, &i), NULL);
    return g_ptr_array_steal_index(search->leaves, i);
}

static void
search_init(Search *search, HcImageStore *store)
{
    *search = (Search){
        .store = store,
        .seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
        .open = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
        .leaves = g_ptr_array_new_with_free_func(free_leaf),
    };
}

static void
search_clear(Search *search)
{
    g_hash_table_unref(search->seen);
    g_hash_table_unref(search->open);
    g_ptr_array_unref(search->leaves);
    g_free(search->other_type);
}

HcDescriptor *
hc_image_index_choose(HcImageStore *store, const char *tag, const char *platform, GError **error)
{
    Search search;
    search_init(&search, store);
    HcDescriptor *chosen = search_and_choose(&search, tag, platform, error);
    search_clear(&search);
    return chosen;
}

static gboolean
complete_platforms(Search *search, GError **error)
{
    for (guint i = 0; i < search->leaves->len; i++) {
        if (!complete_platform(search, search->leaves->pdata[i], error))
            return FALSE;
    }
    return TRUE;
}

GPtrArray *
hc_image_index_list(HcImageStore *store, const char *tag, GError **error)
{
    Search search;
    search_init(&search, store);
    GPtrArray *leaves = NULL;
    if (search_images(&search, tag, error) && complete_platforms(&search, error))
        leaves = g_ptr_array_ref(search.leaves);
    search_clear(&search);
    return leaves;
}
