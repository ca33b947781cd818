#include "config.h"

#include "layerpack/oci-index.h"

#include "hivecore/base/error.h"
#include "hivecore/base/json-scan.h"
#include "layerpack/json-text.h"

#define REF_NAME "org.opencontainers.image.ref.name"

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

/* Whether @text, an entry of the index that is there, makes room for @entry. */
static gboolean
is_replaced(const char *text, const LpIndexEntry *entry)
{
    g_autoptr(LpJsonObject) old = lp_json_object_new(text);
    if (old == NULL)
        return FALSE;
    const char *annotations_text = lp_json_object_get(old, "annotations");
    g_autoptr(LpJsonObject) annotations =
        annotations_text != NULL ? lp_json_object_new(annotations_text) : NULL;
    g_autofree char *tag =
        annotations != NULL ? lp_json_object_get_string(annotations, REF_NAME) : NULL;
    if (tag != NULL || entry->tag != NULL)
        return g_strcmp0(tag, entry->tag) == 0;
    return g_strcmp0(lp_json_object_get(old, "platform"), entry->platform) == 0;
}

static LpJsonObject *
read_index(GBytes *old, const char *file, GError **error)
{
    gsize n_bytes;
    const char *bytes = g_bytes_get_data(old, &n_bytes);
    if (!hc_json_scan(file, bytes, n_bytes, NULL, error))
        return NULL;
    g_autofree char *text = g_strndup(bytes, n_bytes);
    LpJsonObject *index = lp_json_object_new(text);
    if (index == NULL)
        g_set_error(error, HC_ERROR, HC_ERROR_MALFORMED, "%s: is no JSON object", file);
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
        lp_json_object_set_string(index, "mediaType", "application/vnd.oci.image.index.v1+json");
    }
    g_autoptr(GPtrArray) entries = lp_json_array_parse(lp_json_object_get(index, "manifests"));
    if (entries == NULL) {
        g_set_error(error, HC_ERROR, HC_ERROR_MALFORMED, "%s: manifests: is no array", file);
        return NULL;
    }
    guint at = entries->len;
    for (guint i = entries->len; i > 0; i--) {
        if (is_replaced(entries->pdata[i - 1], entry)) {
            g_ptr_array_remove_index(entries, i - 1);
            at = i - 1;
        }
    }
    g_ptr_array_insert(entries, (int) at, entry_text(entry));
    lp_json_object_set(index, "manifests", lp_json_array_text(entries));
    return lp_json_object_text(index);
}
