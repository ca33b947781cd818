#include "config.h"

#include "hivecore/image/oci-index.h"

#include "hivecore/base/error.h"
#include "hivecore/base/json-text.h"
#include "hivecore/base/json.h"

#define REF_NAME  "org.opencontainers.image.ref.name"
#define FULL_NAME "io.containerd.image.name"

static char *
entry_text(const HcIndexEntry *entry)
{
    g_autoptr(HcJsonObject) object = hc_json_object_new(NULL);
    hc_json_object_set_string(object, "mediaType", entry->media_type);
    hc_json_object_set_string(object, "digest", entry->digest);
    hc_json_object_set(object, "size", g_strdup_printf("%" G_GSIZE_FORMAT, entry->n_bytes));
    if (entry->platform != NULL)
        hc_json_object_set(object, "platform", g_strdup(entry->platform));
    if (entry->tag != NULL) {
        g_autoptr(HcJsonObject) annotations = hc_json_object_new(NULL);
        hc_json_object_set_string(annotations, REF_NAME, entry->tag);
        hc_json_object_set(object, "annotations", hc_json_object_text(annotations));
    }
    return hc_json_object_text(object);
}

/* What an entry of the index that is there says, as far as it matters here. */
typedef struct {
    char *ref_name;         /* (nullable) */
    char *full_name;        /* (nullable): what containerd exports under */
    char *digest;           /* (nullable): of its manifest */
    HcJsonObject *platform; /* (nullable) */
    gboolean is_index;
} OldEntry;

static void
old_entry_clear(OldEntry *old)
{
    g_free(old->ref_name);
    g_free(old->full_name);
    g_free(old->digest);
    g_clear_pointer(&old->platform, hc_json_object_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(OldEntry, old_entry_clear)

static HcJsonObject *
parse_member(const HcJsonObject *object, const char *name)
{
    const char *text = hc_json_object_get(object, name);
    return text != NULL ? hc_json_object_new(text) : NULL;
}

static void
old_entry_read(OldEntry *old, const char *text)
{
    *old = (OldEntry){NULL, NULL, NULL, NULL, FALSE};
    g_autoptr(HcJsonObject) object = hc_json_object_new(text);
    if (object == NULL)
        return;
    g_autofree char *media_type = hc_json_object_get_string(object, "mediaType");
    g_autoptr(HcJsonObject) annotations = parse_member(object, "annotations");
    old->is_index = media_type != NULL && hc_media_type_is_index(media_type);
    old->platform = parse_member(object, "platform");
    old->digest = hc_json_object_get_string(object, "digest");
    if (annotations == NULL)
        return;
    old->ref_name = hc_json_object_get_string(annotations, REF_NAME);
    old->full_name = hc_json_object_get_string(annotations, FULL_NAME);
}

/* As the reader finds images by a tag: by either name. */
static gboolean
has_tag(const OldEntry *old, const char *tag)
{
    if (tag == NULL)
        return old->ref_name == NULL && old->full_name == NULL;
    return g_strcmp0(old->ref_name, tag) == 0 || g_strcmp0(old->full_name, tag) == 0;
}

/* Whether two platforms have the same members @names. One that is not told is like none. */
static gboolean
is_same_platform(const HcJsonObject *a, const HcJsonObject *b, const char *const *names)
{
    for (gsize i = 0; names[i] != NULL; i++) {
        const char *member_a = a != NULL ? hc_json_object_get(a, names[i]) : NULL;
        const char *member_b = b != NULL ? hc_json_object_get(b, names[i]) : NULL;
        if (g_strcmp0(member_a, member_b) != 0)
            return FALSE;
    }
    return TRUE;
}

static const char *const system_members[] = {"os", "architecture", NULL};

/* Many tools write entries without a platform, or without os.version; the image says then what it
 * is for. */
static gboolean
complete_platform(OldEntry *old, const HcIndexPlace *place, GError **error)
{
    if (old->is_index || place->lookup == NULL ||
        (old->platform != NULL && hc_json_object_get(old->platform, "os.version") != NULL))
        return TRUE;
    GError *failure = NULL;
    g_autofree char *identity = place->lookup(place->data, old->digest, &failure);
    if (failure != NULL)
        return hc_fail_with(error, failure);
    HcJsonObject *said = identity != NULL ? hc_json_object_new(identity) : NULL;
    if (said != NULL &&
        (old->platform == NULL || is_same_platform(old->platform, said, system_members))) {
        HcJsonObject *before = old->platform;
        old->platform = said;
        said = before;
    }
    g_clear_pointer(&said, hc_json_object_free);
    return TRUE;
}

static gboolean
is_equal(const OldEntry *old, const HcJsonObject *platform)
{
    static const char *const names[] = {"os", "architecture", "os.version", "variant", NULL};
    return !old->is_index && is_same_platform(old->platform, platform, names);
}

/* "windows/amd64:10.0.20348.1", in a sentence */
static char *
platform_words(const HcJsonObject *platform)
{
    g_autofree char *os = hc_json_object_get_string(platform, "os");
    g_autofree char *architecture = hc_json_object_get_string(platform, "architecture");
    g_autofree char *version = hc_json_object_get_string(platform, "os.version");
    return g_strdup_printf(
        "%s/%s%s%s", os != NULL ? os : "", architecture != NULL ? architecture : "",
        version != NULL ? ":" : " without os.version", version != NULL ? version : "");
}

static gboolean
fail_other(GError **error, const char *file, const char *tag)
{
    return hc_fail(error, HC_ERROR_USAGE,
                   "%s: '%s' is the name of images for other platforms, which would lose it; give "
                   "another TAG",
                   file, tag);
}

/* The only image of a tag, which is not for the same: one for another version of Windows makes room
 * when it is said so, one for something else does not. Of what is broken nobody knows, and nobody
 * can use it. */
static gboolean
check_successor(const OldEntry *old, const HcJsonObject *platform, const char *file,
                const char *tag, const HcIndexPlace *place, GError **error)
{
    if (!old->is_index && (old->platform == NULL || platform == NULL))
        return TRUE;
    if (old->is_index || !is_same_platform(old->platform, platform, system_members))
        return fail_other(error, file, tag);
    if (place->replace)
        return TRUE;
    g_autofree char *words = platform_words(old->platform);
    g_autofree char *new_words = platform_words(platform);
    return hc_fail(
        error, HC_ERROR_CONFLICT,
        "%s: '%s' is the name of an image for %s; --replace gives it to the new one, for "
        "%s, or give another TAG",
        file, tag, words, new_words);
}

/* Whether the entry @text has the tag; then @old is what it says. */
static gboolean
read_tagged(OldEntry *old, const char *text, const char *tag, const HcIndexPlace *place,
            gboolean *is_tagged, GError **error)
{
    old_entry_read(old, text);
    *is_tagged = has_tag(old, tag);
    return !*is_tagged || complete_platform(old, place, error);
}

/* The entries whose place ours takes, as flags; NULL with @error set. */
static gboolean *
find_replaced(const GPtrArray *entries, const char *file, const char *tag,
              const HcIndexPlace *place, GError **error)
{
    g_autofree gboolean *is_replaced = g_new0(gboolean, entries->len + 1);
    g_autoptr(HcJsonObject) platform =
        place->identity != NULL ? hc_json_object_new(place->identity) : NULL;
    guint n_tagged = 0;
    guint n_replaced = 0;
    guint last_tagged = 0;
    for (guint i = 0; i < entries->len; i++) {
        g_auto(OldEntry) old;
        gboolean is_tagged;
        if (!read_tagged(&old, entries->pdata[i], tag, place, &is_tagged, error))
            return NULL;
        if (!is_tagged)
            continue;
        last_tagged = i;
        n_tagged++;
        is_replaced[i] = is_equal(&old, platform);
        n_replaced += is_replaced[i] ? 1 : 0;
    }
    if (tag == NULL || n_tagged == 0 || n_replaced > 0)
        return g_steal_pointer(&is_replaced);
    if (n_tagged > 1) {
        (void) fail_other(error, file, tag);
        return NULL;
    }
    g_auto(OldEntry) old;
    if (!read_tagged(&old, entries->pdata[last_tagged], tag, place, &is_replaced[last_tagged],
                     error) ||
        !check_successor(&old, platform, file, tag, place, error))
        return NULL;
    return g_steal_pointer(&is_replaced);
}

static HcJsonObject *
read_index(GBytes *old, const char *file, GError **error)
{
    HcJson document;
    if (!hc_json_parse_bytes(file, old, &document, error))
        return NULL;
    g_autofree char *text = g_strndup(document.text, document.n_bytes);
    HcJsonObject *index = hc_json_object_new(text);
    if (index == NULL)
        hc_set_error(error, HC_ERROR_MALFORMED, "%s: is no JSON object", file);
    return index;
}

/* index.json, or an empty one; @entries: (out): its entries */
static HcJsonObject *
open_index(GBytes *old, const char *file, GPtrArray **entries, GError **error)
{
    g_autoptr(HcJsonObject) index = NULL;
    if (old != NULL) {
        index = read_index(old, file, error);
    } else {
        g_autoptr(GPtrArray) none = g_ptr_array_new();
        g_autofree char *text = hc_index_of(none);
        index = hc_json_object_new(text);
    }
    if (index == NULL)
        return NULL;
    *entries = hc_json_array_parse(hc_json_object_get(index, "manifests"));
    if (*entries == NULL)
        return hc_fail_null(error, HC_ERROR_MALFORMED, "%s: manifests: is no array", file);
    return g_steal_pointer(&index);
}

/* The entries of @index; those whose place ours takes are flagged in @is_replaced. */
static GPtrArray *
find_place(HcJsonObject *index, const char *file, const char *tag, const HcIndexPlace *place,
           gboolean **is_replaced, GError **error)
{
    g_autoptr(GPtrArray) entries = hc_json_array_parse(hc_json_object_get(index, "manifests"));
    if (entries == NULL)
        return hc_fail_null(error, HC_ERROR_MALFORMED, "%s: manifests: is no array", file);
    *is_replaced = find_replaced(entries, file, tag, place, error);
    return *is_replaced != NULL ? g_steal_pointer(&entries) : NULL;
}

gboolean
hc_index_check(GBytes *old, const char *file, const char *tag, const HcIndexPlace *place,
               GError **error)
{
    if (old == NULL)
        return TRUE;
    g_autofree gboolean *is_replaced = NULL;
    g_autoptr(HcJsonObject) index = read_index(old, file, error);
    g_autoptr(GPtrArray) entries =
        index != NULL ? find_place(index, file, tag, place, &is_replaced, error) : NULL;
    return entries != NULL;
}

char *
hc_index_update(GBytes *old, const char *file, const HcIndexEntry *entry, const HcIndexPlace *place,
                GError **error)
{
    g_autoptr(GPtrArray) ignored = NULL;
    g_autoptr(HcJsonObject) index = open_index(old, file, &ignored, error);
    if (index == NULL)
        return NULL;
    g_autofree gboolean *is_replaced = NULL;
    g_autoptr(GPtrArray) entries = find_place(index, file, entry->tag, place, &is_replaced, error);
    if (entries == NULL)
        return NULL;
    guint at = entries->len;
    for (guint i = entries->len; i > 0; i--) {
        if (is_replaced[i - 1]) {
            g_ptr_array_remove_index(entries, i - 1);
            at = i - 1;
        }
    }
    g_ptr_array_insert(entries, (int) at, entry_text(entry));
    hc_json_object_set(index, "manifests", hc_json_array_text(entries));
    return hc_json_object_text(index);
}

/* The entry @text as one that has no name. */
static char *
nameless(const char *text, const HcJsonObject *platform)
{
    g_autoptr(HcJsonObject) object = hc_json_object_new(text);
    g_autoptr(HcJsonObject) annotations = parse_member(object, "annotations");
    if (platform != NULL)
        hc_json_object_set(object, "platform", hc_json_object_text(platform));
    if (annotations != NULL) {
        hc_json_object_set(annotations, REF_NAME, NULL);
        hc_json_object_set(annotations, FULL_NAME, NULL);
        hc_json_object_set(
            object, "annotations",
            hc_json_object_n_members(annotations) > 0 ? hc_json_object_text(annotations) : NULL);
    }
    return hc_json_object_text(object);
}

GPtrArray *
hc_index_tagged(GBytes *old, const char *file, const char *tag, const HcIndexPlace *place,
                GError **error)
{
    g_autoptr(GPtrArray) entries = NULL;
    g_autoptr(GPtrArray) tagged = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(HcJsonObject) index = open_index(old, file, &entries, error);
    if (index == NULL)
        return NULL;
    for (guint i = 0; i < entries->len; i++) {
        g_auto(OldEntry) entry;
        gboolean is_tagged;
        if (!read_tagged(&entry, entries->pdata[i], tag, place, &is_tagged, error))
            return NULL;
        if (is_tagged)
            g_ptr_array_add(tagged, nameless(entries->pdata[i], entry.platform));
    }
    return g_steal_pointer(&tagged);
}

char *
hc_index_name(GBytes *old, const char *file, const HcIndexEntry *entry, GError **error)
{
    g_autoptr(GPtrArray) entries = NULL;
    g_autoptr(HcJsonObject) index = open_index(old, file, &entries, error);
    if (index == NULL)
        return NULL;
    g_autofree char *text = entry_text(entry);
    g_autoptr(HcJsonObject) object = hc_json_object_new(text);
    guint at = entries->len;
    for (guint i = entries->len; i > 0; i--) {
        g_auto(OldEntry) before;
        old_entry_read(&before, entries->pdata[i - 1]);
        if (!has_tag(&before, entry->tag))
            continue;
        g_autoptr(HcJsonObject) named = hc_json_object_new(entries->pdata[i - 1]);
        const char *annotations = hc_json_object_get(named, "annotations");
        if (annotations != NULL)
            hc_json_object_set(object, "annotations", g_strdup(annotations));
        g_ptr_array_remove_index(entries, i - 1);
        at = i - 1;
    }
    g_ptr_array_insert(entries, (int) at, hc_json_object_text(object));
    hc_json_object_set(index, "manifests", hc_json_array_text(entries));
    return hc_json_object_text(index);
}

char *
hc_image_identity(const char *config)
{
    static const char *const names[] = {"architecture", "os", "os.version", "os.features",
                                        "variant"};
    static const char scratch[] = "{\"architecture\":\"amd64\",\"os\":\"windows\"}";
    g_autoptr(HcJsonObject) image = hc_json_object_new(config != NULL ? config : scratch);
    g_autoptr(HcJsonObject) platform = hc_json_object_new(NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
        hc_json_object_set(platform, names[i], g_strdup(hc_json_object_get(image, names[i])));
    return hc_json_object_text(platform);
}

char *
hc_image_platform(const char *config)
{
    g_autoptr(HcJsonObject) image = hc_json_object_new(config);
    return hc_json_object_get(image, "os.version") != NULL ? hc_image_identity(config) : NULL;
}
