#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "hivecore/base/display.h"
#include "hivecore/base/entry-name.h"
#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/image/layer-private.h"

void
hc_layer_parts_init(HcLayerParts *parts, uint64_t n_bytes_left, guint hives, gboolean want_whole)
{
    static const char *const suffixes[HC_N_PARTS] = {
        [HC_PART_DELTA] = "",     [HC_PART_WHOLE] = "",   [HC_PART_LOG1] = ".LOG1",
        [HC_PART_LOG2] = ".LOG2", [HC_PART_LOG] = ".LOG",
    };
    *parts = (HcLayerParts){.n_bytes_left = n_bytes_left};
    for (int kind = 0; kind < HC_N_PARTS; kind++) {
        for (int slot = 0; slot < HC_N_HIVE_SLOTS; slot++) {
            HcLayerPart *part = &parts->parts[kind][slot];
            const char *entry = kind == HC_PART_DELTA ? hc_hive_slots[slot].delta_entry
                                                      : hc_hive_slots[slot].config_entry;
            part->name = g_strconcat(entry, suffixes[kind], NULL);
            part->is_wanted = kind == HC_PART_DELTA || want_whole;
            part->is_held = (hives >> slot & 1) != 0;
        }
    }
}

void
hc_layer_parts_clear(HcLayerParts *parts)
{
    for (int kind = 0; kind < HC_N_PARTS; kind++) {
        for (int slot = 0; slot < HC_N_HIVE_SLOTS; slot++) {
            HcLayerPart *part = &parts->parts[kind][slot];
            g_clear_pointer(&part->name, g_free);
            g_clear_pointer(&part->link, g_free);
            g_clear_pointer(&part->content, g_bytes_unref);
        }
    }
}

/* --- one pass over a layer --- */

/* Where a layer is read from, as often as it takes. */
typedef struct {
    HcImage *image; /* NULL: the file */
    guint index;
    const char *file;
    char *name; /* for messages */
} Source;

static HcLayerReader *
open_source(const Source *source, GError **error)
{
    return source->image != NULL ? hc_image_layer_open(source->image, source->index, error)
                                 : hc_layer_reader_open(source->file, error);
}

static gboolean
refuse(const Source *source, const HcEntry *entry, const char *what, GError **error)
{
    g_autoptr(GString) name = g_string_new(NULL);
    hc_append_display(name, entry->name->str, entry->name->len);
    return hc_fail(error, HC_ERROR_MALFORMED, "%s: byte %" PRIu64 ": entry '%s': %s", source->name,
                   entry->position, name->str, what);
}

static gboolean
fail_too_large(const HcLayerPart *part, const Source *source, GError **error)
{
    return hc_fail(error, HC_ERROR_LIMIT,
                   "%s: %s: the hives are together larger than the limit of %llu bytes",
                   source->name, part->name, HC_MAX_REGISTRY_BYTES);
}

static gboolean
take_content(HcLayerParts *parts, HcLayerPart *part, HcLayerReader *reader, const HcEntry *entry,
             const Source *source, GError **error)
{
    if (entry->n_bytes > parts->n_bytes_left)
        return fail_too_large(part, source, error);
    part->content = hc_layer_reader_content(reader, error);
    if (part->content == NULL)
        return FALSE;
    /* Of a sparse file the entry's size is only that of its data. */
    const gsize n_bytes = g_bytes_get_size(part->content);
    if (n_bytes > parts->n_bytes_left)
        return fail_too_large(part, source, error);
    parts->n_bytes_left -= n_bytes;
    return TRUE;
}

/* Remembers where a hard link leads. */
static gboolean
take_link(const Source *source, HcLayerPart *part, const HcEntry *entry, GError **error)
{
    g_autoptr(GString) target = g_string_new(NULL);
    if (memchr(entry->link->str, 0, entry->link->len) != NULL ||
        !hc_entry_name_clean(target, entry->link->str, entry->link->len))
        return refuse(source, entry, "is a hard link that leads out of the layer", error);
    g_free(part->link);
    part->link = g_string_free(g_steal_pointer(&target), FALSE);
    part->position = entry->position;
    return TRUE;
}

static gboolean
take_entry(HcLayerParts *parts, HcLayerPart *part, HcLayerReader *reader, const HcEntry *entry,
           const Source *source, GError **error)
{
    if (!part->is_held && (entry->type == HC_ENTRY_FILE || entry->type == HC_ENTRY_HARDLINK))
        return TRUE;
    switch (entry->type) {
    case HC_ENTRY_FILE:
        return take_content(parts, part, reader, entry, source, error);
    case HC_ENTRY_HARDLINK:
        return take_link(source, part, entry, error);
    case HC_ENTRY_FOLDER:
    case HC_ENTRY_SYMLINK:
    case HC_ENTRY_OTHER:
        break;
    }
    return refuse(source, entry, "has the name of a hive, but is no file", error);
}

/* The part that an entry is by its name. */
static HcLayerPart *
find_part(HcLayerParts *parts, const char *clean)
{
    for (int kind = 0; kind < HC_N_PARTS; kind++) {
        for (int slot = 0; slot < HC_N_HIVE_SLOTS; slot++) {
            HcLayerPart *part = &parts->parts[kind][slot];
            if (part->is_wanted && hc_entry_name_equal(clean, part->name))
                return part;
        }
    }
    return NULL;
}

/* By name, in the first pass. */
static gboolean
use_entry(HcLayerParts *parts, HcLayerReader *reader, const HcEntry *entry, const char *clean,
          const Source *source, GError **error)
{
    if (strcmp(clean, "oci-layout") == 0 || strcmp(clean, "manifest.json") == 0)
        parts->is_archive = TRUE;
    const HcLayerWatch *watch = parts->watch;
    if (watch != NULL && !watch->entry(watch->data, source->index, entry, clean, error))
        return FALSE;
    HcLayerPart *part = find_part(parts, clean);
    if (part == NULL)
        return TRUE;
    if (part->is_found)
        return refuse(source, entry, "is there twice", error);
    part->is_found = TRUE;
    return take_entry(parts, part, reader, entry, source, error);
}

/* As a hard link's target, in a later pass; only one that stands before the link. */
static gboolean
use_target(HcLayerParts *parts, HcLayerReader *reader, const HcEntry *entry, const char *clean,
           const Source *source, GError **error)
{
    GBytes *content = NULL;
    for (int kind = 0; kind < HC_N_PARTS; kind++) {
        for (int slot = 0; slot < HC_N_HIVE_SLOTS; slot++) {
            HcLayerPart *part = &parts->parts[kind][slot];
            if (part->link == NULL || part->content != NULL || entry->position >= part->position ||
                !hc_entry_name_equal(clean, part->link))
                continue;
            /* An entry can be read once, and be the target of several links. */
            if (content != NULL)
                part->content = g_bytes_ref(content);
            else if (!take_entry(parts, part, reader, entry, source, error))
                return FALSE;
            content = part->content;
        }
    }
    return TRUE;
}

typedef gboolean (*UseEntry)(HcLayerParts *parts, HcLayerReader *reader, const HcEntry *entry,
                             const char *clean, const Source *source, GError **error);

/* Refuses names that could be a hive's to Windows and another file's to us, or that lead out. */
static gboolean
clean_name(const Source *source, const HcEntry *entry, gboolean is_foreign, GString *clean,
           GError **error)
{
    const char *name = entry->name->str;
    gsize n_bytes = entry->name->len;
    if (name[0] == '/')
        return refuse(source, entry, "the name is absolute", error);
    if (!is_foreign && memchr(name, '\\', n_bytes) != NULL)
        return refuse(source, entry, "the name has a backslash", error);
    if (!hc_entry_name_clean(clean, name, n_bytes))
        return refuse(source, entry, "the name has a '..'", error);
    return TRUE;
}

/* Reads the whole layer and hands every entry to @use. */
static gboolean
pass(HcLayerParts *parts, const Source *source, UseEntry use, HcLayerDigests *digests,
     GError **error)
{
    g_autoptr(HcLayerReader) reader = open_source(source, error);
    if (reader == NULL)
        return FALSE;
    const HcEntry *entry;
    GError *failure = NULL;
    g_autoptr(GString) clean = g_string_new(NULL);
    while (hc_layer_reader_next(reader, &entry, &failure)) {
        if (!clean_name(source, entry, parts->is_foreign, clean, &failure) ||
            !use(parts, reader, entry, clean->str, source, &failure))
            break;
    }
    if (failure != NULL)
        return hc_fail_with(error, failure);
    HcLayerSummary summary;
    if (!hc_layer_reader_finish(reader, &summary, error))
        return FALSE;
    *digests = summary.digests;
    return TRUE;
}

/* --- links --- */

/* A part that is a link whose target was not read yet. */
static const HcLayerPart *
find_open_link(const HcLayerParts *parts)
{
    for (int kind = 0; kind < HC_N_PARTS; kind++) {
        for (int slot = 0; slot < HC_N_HIVE_SLOTS; slot++) {
            const HcLayerPart *part = &parts->parts[kind][slot];
            if (part->link != NULL && part->content == NULL)
                return part;
        }
    }
    return NULL;
}

/* The sum of the places of links: it falls with each pass that follows one. */
static uint64_t
sum_positions(const HcLayerParts *parts)
{
    uint64_t sum = 0;
    for (int kind = 0; kind < HC_N_PARTS; kind++) {
        for (int slot = 0; slot < HC_N_HIVE_SLOTS; slot++) {
            const HcLayerPart *part = &parts->parts[kind][slot];
            if (part->link != NULL && part->content == NULL)
                sum += part->position + 1;
        }
    }
    return sum;
}

static gboolean
follow_links(HcLayerParts *parts, const Source *source, const HcLayerDigests *digests,
             GError **error)
{
    const HcLayerPart *open;
    for (guint i = 0; (open = find_open_link(parts)) != NULL; i++) {
        const uint64_t before = sum_positions(parts);
        HcLayerDigests again = *digests;
        if (i < HC_MAX_ARCHIVE_LINKS && !pass(parts, source, use_target, &again, error))
            return FALSE;
        if (strcmp(again.digest, digests->digest) != 0)
            return hc_fail(error, HC_ERROR_IO, "%s: changes while it is read", source->name);
        if (sum_positions(parts) != before)
            continue;
        g_autoptr(GString) link = g_string_new(NULL);
        hc_append_display(link, open->link, strlen(open->link));
        return hc_fail(error, HC_ERROR_MALFORMED,
                       "%s: byte %" PRIu64
                       ": '%s' is a hard link to '%s', which is no file before it",
                       source->name, open->position, open->name, link->str);
    }
    return TRUE;
}

gboolean
hc_layer_parts_read(HcLayerParts *parts, HcImage *image, guint index, const char *file,
                    HcLayerDigests *digests, GError **error)
{
    g_autofree char *name =
        image != NULL ? g_strdup_printf("%s: layer %u", hc_image_info(image)->operand, index + 1)
                      : g_strdup(file);
    const Source source = {image, index, file, name};
    return pass(parts, &source, use_entry, digests, error) &&
           (image == NULL || hc_image_layer_check(image, index, digests, error)) &&
           follow_links(parts, &source, digests, error);
}
