#include "config.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/base/json-text.h"
#include "hivecore/image/image-private.h"
#include "hivecore/image/oci-index.h"

/* An index of several platforms under one name, and the images that join it. Source: OCI image-spec
 * 1.1, image-index.md; attestations: BuildKit, docs/attestations/attestation-storage.md. */

#define ATTESTED "vnd.docker.reference.digest"

static const char *const platform_members[] = {"os", "architecture", "os.version", "variant"};

char *
hc_platform_words(const char *text)
{
    g_autoptr(HcJsonObject) platform = text != NULL ? hc_json_object_new(text) : NULL;
    if (platform == NULL)
        return g_strdup("no platform");
    g_autofree char *os = hc_json_object_get_string(platform, "os");
    g_autofree char *architecture = hc_json_object_get_string(platform, "architecture");
    g_autofree char *version = hc_json_object_get_string(platform, "os.version");
    return g_strconcat(os != NULL ? os : "?", "/", architecture != NULL ? architecture : "?",
                       version != NULL ? ":" : NULL, version, NULL);
}

/* The member @name of the member @outer of the entry @text, a string. */
static char *
inner_string(const char *text, const char *outer, const char *name)
{
    g_autoptr(HcJsonObject) object = hc_json_object_new(text);
    const char *inner_text = object != NULL ? hc_json_object_get(object, outer) : NULL;
    g_autoptr(HcJsonObject) inner = inner_text != NULL ? hc_json_object_new(inner_text) : NULL;
    return inner != NULL ? hc_json_object_get_string(inner, name) : NULL;
}

static char *
string_of(const char *text, const char *name)
{
    g_autoptr(HcJsonObject) object = hc_json_object_new(text);
    return object != NULL ? hc_json_object_get_string(object, name) : NULL;
}

/* Whether the entry @text is an image for the platform @wanted. */
static gboolean
is_for(const char *text, const HcJsonObject *wanted)
{
    g_autofree char *attested = inner_string(text, "annotations", ATTESTED);
    if (attested != NULL)
        return FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(platform_members); i++) {
        g_autofree char *a = inner_string(text, "platform", platform_members[i]);
        g_autofree char *b = hc_json_object_get_string(wanted, platform_members[i]);
        if (g_strcmp0(a, b) != 0)
            return FALSE;
    }
    return TRUE;
}

/* An entry for @entry; what it does not say stays as in @before (nullable), whose place it takes.
 */
static char *
member_text(const HcIndexEntry *entry, const char *before)
{
    g_autoptr(HcJsonObject) object = hc_json_object_new(NULL);
    g_autoptr(HcJsonObject) old = before != NULL ? hc_json_object_new(before) : NULL;
    const char *old_platform = old != NULL ? hc_json_object_get(old, "platform") : NULL;
    const char *annotations = old != NULL ? hc_json_object_get(old, "annotations") : NULL;
    g_autoptr(HcJsonObject) platform = hc_json_object_new(entry->platform);
    g_autoptr(HcJsonObject) said = old_platform != NULL ? hc_json_object_new(old_platform) : NULL;
    const char *features = said != NULL ? hc_json_object_get(said, "os.features") : NULL;
    if (features != NULL && hc_json_object_get(platform, "os.features") == NULL)
        hc_json_object_set(platform, "os.features", g_strdup(features));
    hc_json_object_set_string(object, "mediaType", entry->media_type);
    hc_json_object_set_string(object, "digest", entry->digest);
    hc_json_object_set(object, "size", g_strdup_printf("%" G_GSIZE_FORMAT, entry->n_bytes));
    hc_json_object_set(object, "platform", hc_json_object_text(platform));
    if (annotations != NULL)
        hc_json_object_set(object, "annotations", g_strdup(annotations));
    return hc_json_object_text(object);
}

/* Takes away what is about the image @digest, which is not there any more. */
static guint
remove_attestations(GPtrArray *entries, const char *digest)
{
    guint n = 0;
    for (guint i = entries->len; i > 0; i--) {
        g_autofree char *attested = inner_string(entries->pdata[i - 1], "annotations", ATTESTED);
        if (g_strcmp0(attested, digest) != 0)
            continue;
        g_ptr_array_remove_index(entries, i - 1);
        n++;
    }
    return n;
}

static void
say_added(GPtrArray *said, const char *words, guint n_others)
{
    if (n_others == 0)
        g_ptr_array_add(said, g_strdup_printf("%s: is the only one", words));
    else
        g_ptr_array_add(said, g_strdup_printf("%s: is new beside %u other%s", words, n_others,
                                              n_others == 1 ? "" : "s"));
}

static void
say_replaced(GPtrArray *said, const char *words, const char *digest, guint n_attestations)
{
    g_ptr_array_add(said, g_strdup_printf("%s: takes the place of %s%s", words, digest,
                                          n_attestations > 0 ? ", whose attestations go too" : ""));
}

static guint
count_images(const GPtrArray *entries)
{
    guint n = 0;
    for (guint i = 0; i < entries->len; i++) {
        g_autofree char *attested = inner_string(entries->pdata[i], "annotations", ATTESTED);
        n += attested == NULL ? 1 : 0;
    }
    return n;
}

static void
put_member(GPtrArray *entries, const HcIndexEntry *entry, GPtrArray *said)
{
    g_autoptr(HcJsonObject) platform = hc_json_object_new(entry->platform);
    g_autofree char *words = hc_platform_words(entry->platform);
    guint at = 0;
    while (at < entries->len && !is_for(entries->pdata[at], platform))
        at++;
    if (at == entries->len) {
        say_added(said, words, count_images(entries));
        g_ptr_array_add(entries, member_text(entry, NULL));
        return;
    }
    g_autofree char *before = entries->pdata[at];
    g_autofree char *digest = string_of(before, "digest");
    entries->pdata[at] = member_text(entry, before);
    if (g_strcmp0(digest, entry->digest) == 0)
        g_ptr_array_add(said, g_strdup_printf("%s: is there already", words));
    else
        say_replaced(said, words, digest != NULL ? digest : "one without digest",
                     digest != NULL ? remove_attestations(entries, digest) : 0);
}

/* A list of Docker's stays one as long as all its images are Docker's. */
static HcImageFamily
family_of(const GPtrArray *entries)
{
    for (guint i = 0; i < entries->len; i++) {
        g_autofree char *type = string_of(entries->pdata[i], "mediaType");
        if (type == NULL || !hc_media_type_is_docker(type))
            return HC_FAMILY_OCI;
    }
    return entries->len > 0 ? HC_FAMILY_DOCKER : HC_FAMILY_OCI;
}

char *
hc_index_of(const GPtrArray *entries)
{
    g_autoptr(HcJsonObject) index = hc_json_object_new(NULL);
    hc_json_object_set(index, "schemaVersion", g_strdup("2"));
    hc_json_object_set_string(index, "mediaType", hc_media_types[family_of(entries)].index);
    hc_json_object_set(index, "manifests", hc_json_array_text(entries));
    return hc_json_object_text(index);
}

char *
hc_index_join(const char *old, const char *where, const HcIndexEntry *entry, GPtrArray *said,
              GError **error)
{
    g_autoptr(HcJsonObject) index = hc_json_object_new(old);
    g_autoptr(GPtrArray) entries =
        index != NULL ? hc_json_array_parse(hc_json_object_get(index, "manifests")) : NULL;
    if (entries == NULL)
        return hc_fail_null(error, HC_ERROR_MALFORMED, "%s: is no index", where);
    put_member(entries, entry, said);
    if (old == NULL)
        return hc_index_of(entries);
    g_autofree char *type = hc_json_object_get_string(index, "mediaType");
    if (type != NULL && hc_media_type_is_docker(type))
        hc_json_object_set_string(index, "mediaType", hc_media_types[family_of(entries)].index);
    hc_json_object_set(index, "manifests", hc_json_array_text(entries));
    return hc_json_object_text(index);
}

/* --- remove and annotate --- */

static char *
entry_words(const char *entry)
{
    g_autoptr(HcJsonObject) object = hc_json_object_new(entry);
    return hc_platform_words(object != NULL ? hc_json_object_get(object, "platform") : NULL);
}

/* The one entry that is for @platform, or has that digest; entries->len with @error set. */
static guint
find_member(const GPtrArray *entries, const char *where, const char *platform, GError **error)
{
    const gboolean is_digest = g_str_has_prefix(platform, "sha256:");
    guint found = entries->len;
    g_autoptr(HcPlatform) wanted = is_digest ? NULL : hc_platform_parse(platform, error);
    if (wanted == NULL && !is_digest)
        return entries->len;
    for (guint i = 0; i < entries->len; i++) {
        const char *entry = entries->pdata[i];
        g_autofree char *digest = string_of(entry, "digest");
        g_autofree char *os = inner_string(entry, "platform", "os");
        g_autofree char *architecture = inner_string(entry, "platform", "architecture");
        g_autofree char *version = inner_string(entry, "platform", "os.version");
        if (is_digest ? g_strcmp0(digest, platform) != 0
                      : !hc_platform_fits(wanted, os, architecture, version))
            continue;
        if (found != entries->len) {
            hc_set_error(error, HC_ERROR_USAGE, "%s: %s: several entries are for it", where,
                         platform);
            return entries->len;
        }
        found = i;
    }
    if (found == entries->len)
        hc_set_error(error, HC_ERROR_NOT_FOUND, "%s: has no entry for %s", where, platform);
    return found;
}

static HcJsonObject *
open_members(const char *text, const char *where, GPtrArray **entries, GError **error)
{
    g_autoptr(HcJsonObject) index = hc_json_object_new(text);
    *entries = index != NULL ? hc_json_array_parse(hc_json_object_get(index, "manifests")) : NULL;
    if (*entries == NULL)
        return hc_fail_null(error, HC_ERROR_MALFORMED, "%s: is no index", where);
    return g_steal_pointer(&index);
}

char *
hc_index_remove(const char *text, const char *where, void *data, GPtrArray *said, GError **error)
{
    char *const *platforms = data;
    g_autoptr(GPtrArray) entries = NULL;
    g_autoptr(HcJsonObject) index = open_members(text, where, &entries, error);
    for (gsize i = 0; index != NULL && platforms[i] != NULL; i++) {
        const guint at = find_member(entries, where, platforms[i], error);
        if (at == entries->len)
            return NULL;
        g_autofree char *digest = string_of(entries->pdata[at], "digest");
        g_autofree char *words = entry_words(entries->pdata[at]);
        g_ptr_array_remove_index(entries, at);
        const guint n = digest != NULL ? remove_attestations(entries, digest) : 0;
        g_ptr_array_add(said, g_strdup_printf("%s: is removed%s", words,
                                              n > 0 ? ", with its attestations" : ""));
    }
    if (index == NULL)
        return NULL;
    if (entries->len == 0)
        return hc_fail_null(error, HC_ERROR_USAGE,
                            "%s: nothing would be left in the index, and none reads an empty one",
                            where);
    hc_json_object_set(index, "manifests", hc_json_array_text(entries));
    return hc_json_object_text(index);
}

static gboolean
set_pair(HcJsonObject *object, const char *pair, GError **error)
{
    const char *equals = strchr(pair, '=');
    if (equals == NULL || equals == pair || !g_utf8_validate(pair, -1, NULL))
        return hc_fail(error, HC_ERROR_USAGE, "--annotation '%s': not of the form KEY=VALUE", pair);
    g_autofree char *name = g_strndup(pair, (gsize) (equals - pair));
    if (equals[1] != '\0')
        hc_json_object_set_string(object, name, equals + 1);
    else
        hc_json_object_set(object, name, NULL);
    return TRUE;
}

/* @value: (nullable): as it was; empty: goes */
static void
set_member(HcJsonObject *object, const char *name, const char *value)
{
    if (value != NULL && *value != '\0')
        hc_json_object_set_string(object, name, value);
    else if (value != NULL)
        hc_json_object_set(object, name, NULL);
}

static HcJsonObject *
inner_object(const HcJsonObject *object, const char *name)
{
    const char *text = hc_json_object_get(object, name);
    HcJsonObject *inner = text != NULL ? hc_json_object_new(text) : NULL;
    return inner != NULL ? inner : hc_json_object_new(NULL);
}

static gboolean
annotate_member(HcJsonObject *entry, const HcIndexNotes *notes, GError **error)
{
    g_autoptr(HcJsonObject) platform = inner_object(entry, "platform");
    g_autoptr(HcJsonObject) annotations = inner_object(entry, "annotations");
    set_member(platform, "os", notes->os);
    set_member(platform, "architecture", notes->architecture);
    set_member(platform, "variant", notes->variant);
    set_member(platform, "os.version", notes->os_version);
    if (notes->os_features != NULL) {
        g_autoptr(GPtrArray) features = g_ptr_array_new_with_free_func(g_free);
        for (gsize i = 0; notes->os_features[i] != NULL; i++) {
            if (*notes->os_features[i] != '\0')
                g_ptr_array_add(features, hc_json_string_text(notes->os_features[i]));
        }
        hc_json_object_set(platform, "os.features",
                           features->len > 0 ? hc_json_array_text(features) : NULL);
    }
    for (gsize i = 0; notes->annotations != NULL && notes->annotations[i] != NULL; i++) {
        if (!set_pair(annotations, notes->annotations[i], error))
            return FALSE;
    }
    hc_json_object_set(entry, "platform", hc_json_object_text(platform));
    hc_json_object_set(entry, "annotations",
                       hc_json_object_n_members(annotations) > 0 ? hc_json_object_text(annotations)
                                                                 : NULL);
    return TRUE;
}

static gboolean
check_notes(const HcIndexNotes *notes, GError **error)
{
    const char *const texts[] = {notes->os, notes->architecture, notes->variant, notes->os_version};
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        if (texts[i] != NULL && !g_utf8_validate(texts[i], -1, NULL))
            return hc_fail(error, HC_ERROR_USAGE, "annotate: an argument is not UTF-8");
    }
    for (gsize i = 0; notes->os_features != NULL && notes->os_features[i] != NULL; i++) {
        if (!g_utf8_validate(notes->os_features[i], -1, NULL))
            return hc_fail(error, HC_ERROR_USAGE, "--os-feature: the argument is not UTF-8");
    }
    return TRUE;
}

char *
hc_index_annotate(const char *text, const char *where, void *data, GPtrArray *said, GError **error)
{
    const HcIndexNotes *notes = data;
    g_autoptr(GPtrArray) entries = NULL;
    g_autoptr(HcJsonObject) index = open_members(text, where, &entries, error);
    if (index == NULL || !check_notes(notes, error))
        return NULL;
    const guint at = find_member(entries, where, notes->platform, error);
    if (at == entries->len)
        return NULL;
    g_autoptr(HcJsonObject) entry = hc_json_object_new(entries->pdata[at]);
    if (entry == NULL || !annotate_member(entry, notes, error))
        return NULL;
    g_free(entries->pdata[at]);
    entries->pdata[at] = hc_json_object_text(entry);
    g_autofree char *words = entry_words(entries->pdata[at]);
    g_ptr_array_add(said, g_strdup_printf("%s: is annotated", words));
    hc_json_object_set(index, "manifests", hc_json_array_text(entries));
    return hc_json_object_text(index);
}
