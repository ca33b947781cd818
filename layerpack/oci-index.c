#include "config.h"

#include "layerpack/oci-index.h"

#include "hivecore/base/error.h"
#include "hivecore/base/json.h"
#include "layerpack/json-text.h"

#define REF_NAME    "org.opencontainers.image.ref.name"
#define FULL_NAME   "io.containerd.image.name"
#define OCI_INDEX   "application/vnd.oci.image.index.v1+json"
#define DOCKER_LIST "application/vnd.docker.distribution.manifest.list.v2+json"

static char *
entry_text(const LpIndexEntry *entry)
{
    g_autoptr(LpJsonObject) object = lp_json_object_new(NULL);
    lp_json_object_set_string(object, "mediaType", entry->media_type);
    lp_json_object_set_string(object, "digest", entry->digest);
    lp_json_object_set(object, "size", g_strdup_printf("%" G_GSIZE_FORMAT, entry->n_bytes));
    if (entry->platform != NULL)
        lp_json_object_set(object, "platform", g_strdup(entry->platform));
    if (entry->tag != NULL) {
        g_autoptr(LpJsonObject) annotations = lp_json_object_new(NULL);
        lp_json_object_set_string(annotations, REF_NAME, entry->tag);
        lp_json_object_set(object, "annotations", lp_json_object_text(annotations));
    }
    return lp_json_object_text(object);
}

/* What an entry of the index that is there says, as far as it matters here. */
typedef struct {
    char *ref_name;         /* (nullable) */
    char *full_name;        /* (nullable): what containerd exports under */
    LpJsonObject *platform; /* (nullable) */
    gboolean is_index;
} OldEntry;

static void
old_entry_clear(OldEntry *old)
{
    g_free(old->ref_name);
    g_free(old->full_name);
    g_clear_pointer(&old->platform, lp_json_object_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(OldEntry, old_entry_clear)

static LpJsonObject *
parse_member(const LpJsonObject *object, const char *name)
{
    const char *text = lp_json_object_get(object, name);
    return text != NULL ? lp_json_object_new(text) : NULL;
}

static void
old_entry_read(OldEntry *old, const char *text)
{
    *old = (OldEntry){NULL, NULL, NULL, FALSE};
    g_autoptr(LpJsonObject) object = lp_json_object_new(text);
    if (object == NULL)
        return;
    g_autofree char *media_type = lp_json_object_get_string(object, "mediaType");
    g_autoptr(LpJsonObject) annotations = parse_member(object, "annotations");
    old->is_index =
        g_strcmp0(media_type, OCI_INDEX) == 0 || g_strcmp0(media_type, DOCKER_LIST) == 0;
    old->platform = parse_member(object, "platform");
    if (annotations == NULL)
        return;
    old->ref_name = lp_json_object_get_string(annotations, REF_NAME);
    old->full_name = lp_json_object_get_string(annotations, FULL_NAME);
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
is_same_platform(const LpJsonObject *a, const LpJsonObject *b, const char *const *names)
{
    for (gsize i = 0; names[i] != NULL; i++) {
        const char *member_a = a != NULL ? lp_json_object_get(a, names[i]) : NULL;
        const char *member_b = b != NULL ? lp_json_object_get(b, names[i]) : NULL;
        if (g_strcmp0(member_a, member_b) != 0)
            return FALSE;
    }
    return TRUE;
}

/* Whether the only image of a tag makes room for a new one: a new build for a later version of
 * Windows does take the name, an image for something else does not. */
static gboolean
is_successor(const OldEntry *old, const LpJsonObject *platform)
{
    static const char *const names[] = {"os", "architecture", NULL};
    return !old->is_index && (old->platform == NULL || platform == NULL ||
                              is_same_platform(old->platform, platform, names));
}

static gboolean
is_equal(const OldEntry *old, const LpJsonObject *platform)
{
    static const char *const names[] = {"os", "architecture", "os.version", "variant", NULL};
    return !old->is_index && is_same_platform(old->platform, platform, names);
}

/* Which of @entries make room for @entry, as many flags; NULL with @error when its tag would be
 * lost for other images. */
static gboolean *
find_replaced(const GPtrArray *entries, const char *file, const LpIndexEntry *entry, GError **error)
{
    g_autofree gboolean *is_replaced = g_new0(gboolean, entries->len + 1);
    g_autoptr(LpJsonObject) platform =
        entry->platform != NULL ? lp_json_object_new(entry->platform) : NULL;
    guint n_tagged = 0;
    guint n_replaced = 0;
    guint last_tagged = 0;
    for (guint i = 0; i < entries->len; i++) {
        g_auto(OldEntry) old;
        old_entry_read(&old, entries->pdata[i]);
        if (!has_tag(&old, entry->tag))
            continue;
        last_tagged = i;
        n_tagged++;
        is_replaced[i] = is_equal(&old, platform);
        n_replaced += is_replaced[i] ? 1 : 0;
    }
    if (n_tagged == 1 && n_replaced == 0) {
        g_auto(OldEntry) old;
        old_entry_read(&old, entries->pdata[last_tagged]);
        is_replaced[last_tagged] = entry->tag != NULL && is_successor(&old, platform);
        n_replaced = is_replaced[last_tagged] ? 1 : 0;
    }
    if (entry->tag == NULL || n_tagged == 0 || n_replaced > 0)
        return g_steal_pointer(&is_replaced);
    return hc_fail_null(
        error, HC_ERROR_USAGE,
        "%s: '%s' is the name of images for other platforms, which would lose it; give "
        "another TAG",
        file, entry->tag);
}

static LpJsonObject *
read_index(GBytes *old, const char *file, GError **error)
{
    HcJson document;
    if (!hc_json_parse_bytes(file, old, &document, error))
        return NULL;
    g_autofree char *text = g_strndup(document.text, document.n_bytes);
    LpJsonObject *index = lp_json_object_new(text);
    if (index == NULL)
        hc_set_error(error, HC_ERROR_MALFORMED, "%s: is no JSON object", file);
    return index;
}

char *
lp_index_update(GBytes *old, const char *file, const LpIndexEntry *entry, GError **error)
{
    g_autoptr(LpJsonObject) index = NULL;
    if (old != NULL) {
        index = read_index(old, file, error);
        if (index == NULL)
            return NULL;
    } else {
        index = lp_json_object_new(NULL);
        lp_json_object_set(index, "schemaVersion", g_strdup("2"));
        lp_json_object_set_string(index, "mediaType", OCI_INDEX);
    }
    g_autoptr(GPtrArray) entries = lp_json_array_parse(lp_json_object_get(index, "manifests"));
    if (entries == NULL)
        return hc_fail_null(error, HC_ERROR_MALFORMED, "%s: manifests: is no array", file);
    g_autofree gboolean *is_replaced = find_replaced(entries, file, entry, error);
    if (is_replaced == NULL)
        return NULL;
    guint at = entries->len;
    for (guint i = entries->len; i > 0; i--) {
        if (is_replaced[i - 1]) {
            g_ptr_array_remove_index(entries, i - 1);
            at = i - 1;
        }
    }
    g_ptr_array_insert(entries, (int) at, entry_text(entry));
    lp_json_object_set(index, "manifests", lp_json_array_text(entries));
    return lp_json_object_text(index);
}
