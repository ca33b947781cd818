#include "config.h"

#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/delta/delta-private.h"

typedef struct {
    HcDelta *patch;
    const char *prefix; /* for messages */
    gboolean skip;
    uint64_t n_skipped;
    GError **error;
} Foreign;

static gboolean
is_statement(const HcDeltaKey *key)
{
    return key->origin.source != 0 || key->op == HC_KEY_DELETE || hc_delta_n_values(key) > 0;
}

/* Refuses or counts the statements at and below @key, a key outside the prefix. */
static gboolean
meet_foreign(Foreign *foreign, const HcDeltaKey *key)
{
    if (is_statement(key)) {
        foreign->n_skipped++;
        if (!foreign->skip) {
            g_autoptr(GString) text = g_string_new(NULL);
            HcOrigin origin = key->origin;
            if (origin.source == 0 && hc_delta_n_values(key) > 0)
                origin = hc_delta_value(key, 0)->origin;
            hc_delta_append_origin(text, foreign->patch, origin);
            g_string_append(text, text->len > 0 ? ": " : "");
            hc_delta_append_path(text, key, NULL);
            g_set_error(foreign->error, HC_ERROR, HC_ERROR_CONFLICT,
                        "%s: this key is not in the hive, which is %s (--root names another "
                        "place, --skip-foreign passes over such keys)",
                        text->str, foreign->prefix);
            return FALSE;
        }
    }
    for (guint i = 0; i < hc_delta_n_children(key); i++) {
        if (!meet_foreign(foreign, hc_delta_child(key, i)))
            return FALSE;
    }
    return TRUE;
}

/* @key is the prefix's first @depth names; everything in it but the next name is foreign. */
static gboolean
meet_ancestor(Foreign *foreign, const HcDeltaKey *key, const HcDeltaKey *next)
{
    if (hc_delta_n_values(key) > 0) {
        HcDeltaKey alone = *key;
        alone.children = NULL;
        if (!meet_foreign(foreign, &alone))
            return FALSE;
    }
    for (guint i = 0; i < hc_delta_n_children(key); i++) {
        const HcDeltaKey *child = hc_delta_child(key, i);
        if (child != next && !meet_foreign(foreign, child))
            return FALSE;
    }
    return TRUE;
}

static gboolean
refuse_root_delete(const HcDelta *patch, const HcDeltaKey *key, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    hc_delta_append_origin(text, patch, key->origin);
    g_string_append(text, text->len > 0 ? ": " : "");
    hc_delta_append_path(text, key, NULL);
    g_set_error(error, HC_ERROR, HC_ERROR_UNSUPPORTED,
                "%s: the root key of the hive cannot be deleted", text->str);
    return FALSE;
}

static char *
prefix_text(const HcName *prefix, gsize n)
{
    GString *text = g_string_new(NULL);
    for (gsize i = 0; i < n; i++) {
        g_string_append(text, i > 0 ? "\\" : "");
        hc_name_append_display(text, prefix[i]);
    }
    return g_string_free(text, FALSE);
}

HcDelta *
hc_delta_rebase(const HcDelta *patch, const HcName *prefix, gsize n, gboolean skip_foreign,
                uint64_t *n_skipped, GError **error)
{
    g_autofree char *text = prefix_text(prefix, n);
    g_autoptr(HcDelta) part = hc_delta_new();
    hc_delta_copy_sources(part, patch);
    Foreign foreign = {part, text, skip_foreign, 0, error};

    const HcDeltaKey *key = patch->root;
    for (gsize i = 0; i < n && key != NULL; i++) {
        const HcDeltaKey *next = hc_delta_find_child(key, prefix[i]);
        if (!meet_ancestor(&foreign, key, next))
            return NULL;
        if (next != NULL && (next->op == HC_KEY_DELETE || next->op == HC_KEY_REPLACE)) {
            (void) refuse_root_delete(patch, next, error);
            return NULL;
        }
        key = next;
    }
    if (key != NULL) {
        part->root->origin = key->origin;
        part->root->changed = key->changed;
        part->root->after = hc_delta_copy_meta(part, &key->after);
        for (guint i = 0; i < hc_delta_n_values(key); i++)
            hc_delta_copy_value(part, part->root, hc_delta_value(key, i), TRUE);
        for (guint i = 0; i < hc_delta_n_children(key); i++)
            (void) hc_delta_copy_key(part, part->root, hc_delta_child(key, i));
    }
    if (n_skipped != NULL)
        *n_skipped = foreign.n_skipped;
    return g_steal_pointer(&part);
}
