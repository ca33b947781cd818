#include "config.h"

#include <string.h>

#include "hivecore/base/choice.h"
#include "hivecore/base/display.h"
#include "hivecore/base/json.h"
#include "hivecore/image/remote-private.h"

/* The tags of a repository, for who asked for one that is not there. */

enum {
    MAX_NAMED = 12, /* of more the nearest is named */
};

static GPtrArray *
read_tags(GBytes *text)
{
    HcJson document;
    HcJson item;
    g_autoptr(GPtrArray) tags = g_ptr_array_new_with_free_func(g_free);
    if (!hc_json_parse_bytes("", text, &document, NULL) || !hc_json_is(document, HC_JSON_OBJECT) ||
        !hc_json_is(hc_json_find(document, "Tags"), HC_JSON_ARRAY))
        return NULL;
    HcJsonIter iter = hc_json_iter(hc_json_find(document, "Tags"));
    while (hc_json_next(&iter, NULL, &item)) {
        if (hc_json_is(item, HC_JSON_STRING))
            g_ptr_array_add(tags, hc_json_string_dup(item));
    }
    return g_steal_pointer(&tags);
}

static char *
nearest_of(const GPtrArray *tags, const char *tag)
{
    g_autoptr(HcArena) arena = hc_arena_new();
    HcNearest nearest = hc_nearest_start(hc_name_from_utf8(arena, tag, strlen(tag)));
    for (guint i = 0; i < tags->len; i++) {
        const char *one = tags->pdata[i];
        hc_nearest_offer(&nearest, hc_name_from_utf8(arena, one, strlen(one)));
    }
    if (nearest.best.n_units == 0)
        return NULL;
    GString *text = g_string_new(NULL);
    hc_name_append_utf8(text, nearest.best);
    return g_string_free(text, FALSE);
}

char *
hc_skopeo_tags_text(const char *repository, const char *tag)
{
    g_autoptr(GBytes) said = hc_skopeo_list_tags(repository);
    g_autoptr(GPtrArray) tags = said != NULL ? read_tags(said) : NULL;
    if (tags == NULL || tags->len == 0)
        return NULL;
    g_autofree char *near = nearest_of(tags, tag);
    if (near != NULL) {
        g_autofree char *shown = hc_display(near);
        return g_strdup_printf("the nearest of its tags is %s", shown);
    }
    if (tags->len > MAX_NAMED)
        return g_strdup_printf("it has %u other tags", tags->len);
    GString *text = g_string_new("there is: ");
    for (guint i = 0; i < tags->len; i++) {
        const char *one = tags->pdata[i];
        g_string_append(text, i > 0 ? ", " : "");
        hc_append_display(text, one, strlen(one));
    }
    return g_string_free(text, FALSE);
}
