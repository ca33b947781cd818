#include "config.h"

#include "hivecore/browse/browse-private.h"

#include <string.h>

#include "hivecore/base/clock.h"
#include "hivecore/base/limits.h"
#include "hivecore/delta/differencing.h"
#include "hivecore/regf/security.h"
#include "hivecore/regf/types.h"
#include "hivecore/report/report.h"

/* The details: of a key where it hangs, its time, class, flags and descriptor; of a value all of
 * its data. */

#define ROW_BYTES 16u

guint
hc_browse_columns(gunichar c)
{
    return g_unichar_iszerowidth(c) ? 0 : g_unichar_iswide(c) ? 2 : 1;
}

gsize
hc_browse_fitting(const char *text, guint n_columns)
{
    const char *at = text;
    guint n = 0;
    while (*at != '\0' && n + hc_browse_columns(g_utf8_get_char(at)) <= n_columns) {
        n += hc_browse_columns(g_utf8_get_char(at));
        at += g_utf8_skip[(guchar) *at];
    }
    return (gsize) (at - text);
}

/* @line as one row or several, and none again. */
static void
add_line(HcBrowse *browse, GString *line)
{
    const char *at = line->str;
    do {
        gsize n = hc_browse_fitting(at, browse->n_columns);
        if (n == 0 && *at != '\0') /* a wide one in a pane of one column */
            n = (gsize) g_utf8_skip[(guchar) *at];
        g_ptr_array_add(browse->details, g_strndup(at, n));
        at += n;
    } while (*at != '\0');
    g_string_truncate(line, 0);
}

static void
add_text(HcBrowse *browse, const char *text)
{
    g_autoptr(GString) line = g_string_new(text);
    add_line(browse, line);
}

/* --- a key --- */

static void
add_time(HcBrowse *browse, GString *line, const char *label, uint64_t filetime)
{
    g_string_append(line, label);
    hc_filetime_append(line, filetime);
    add_line(browse, line);
}

static void
add_class(HcBrowse *browse, GString *line, const char *label, HcBlob class_name)
{
    if (class_name.bytes == NULL || class_name.n_bytes < 2)
        return;
    g_string_append(line, label);
    hc_name_append_display(line, (HcName){class_name.bytes, class_name.n_bytes / 2, FALSE});
    add_line(browse, line);
}

static void
add_flags(HcBrowse *browse, GString *line, const char *label, uint16_t flags)
{
    if ((flags & HC_KEY_FLAGS_COMPARED) == 0)
        return;
    g_string_append(line, label);
    g_string_append(line, (flags & HC_KEY_FLAG_SYMLINK) != 0 ? " symbolic link" : "");
    g_string_append(line, (flags & HC_KEY_FLAG_VOLATILE) != 0 ? " volatile" : "");
    g_string_append(line, (flags & HC_KEY_FLAG_PREDEFINED) != 0 ? " predefined handle" : "");
    add_line(browse, line);
}

/* Where the next part of SDDL ends: before "G:", "D:" or "S:", or before or after an entry. */
static const char *
sddl_part_end(const char *at)
{
    if (*at == '(')
        return at + strcspn(at, ")") + (strchr(at, ')') != NULL ? 1 : 0);
    const char *end = at + MIN(strlen(at), 2);
    while (*end != '\0' && *end != '(' && !(strchr("GDS", *end) != NULL && end[1] == ':'))
        end++;
    return end;
}

/* Owner, group, and each entry of the lists in a line. */
static void
add_security(HcBrowse *browse, GString *line, const char *label, HcBlob descriptor)
{
    g_autoptr(GString) sddl = g_string_new(NULL);
    if (descriptor.bytes == NULL)
        return;
    if (!hc_append_sddl(sddl, descriptor)) {
        g_string_append_printf(line, "%s%u bytes that are no descriptor as it should be", label,
                               (guint) descriptor.n_bytes);
        add_line(browse, line);
        return;
    }
    for (const char *at = sddl->str, *end; *at != '\0'; at = end) {
        end = sddl_part_end(at);
        g_string_append(line, at == sddl->str ? label : "            ");
        g_string_append_len(line, at, end - at);
        add_line(browse, line);
    }
}

static void
add_meta(HcBrowse *browse, GString *line, const HcKeyMeta *meta, guint which, gboolean is_new)
{
    if ((which & HC_CHANGED_TIME) != 0)
        add_time(browse, line, is_new ? "new time    " : "written     ", meta->mtime_filetime);
    if ((which & HC_CHANGED_CLASS) != 0)
        add_class(browse, line, is_new ? "new class   " : "class       ", meta->class_name);
    if ((which & HC_CHANGED_FLAGS) != 0)
        add_flags(browse, line, is_new ? "new flags  " : "flags      ", meta->flags);
    if ((which & HC_CHANGED_SECURITY) != 0)
        add_security(browse, line, is_new ? "new rights  " : "rights      ", meta->security);
}

static void
add_stored_meta(HcBrowse *browse, GString *line, const HcBrowseKey *key)
{
    const HcHive *hive = hc_browse_place(browse, key->place)->hive;
    HcKeyMeta meta = {.flags = key->key.flags, .mtime_filetime = key->key.mtime_filetime};
    if (!hc_hive_class(hive, &key->key, &meta.class_name, NULL))
        add_text(browse, "class       damaged");
    if (!hc_hive_security(hive, &key->key, &meta.security, NULL))
        add_text(browse, "rights      damaged");
    add_meta(browse, line, &meta, (guint) -1, FALSE);
}

static const char *
state_text(HcBrowseState state)
{
    switch (state) {
    case HC_BROWSE_ADDED:
        return "added";
    case HC_BROWSE_REMOVED:
        return "removed, with all below it";
    case HC_BROWSE_CHANGED:
        return "changed";
    case HC_BROWSE_BELOW:
        return "changed below";
    case HC_BROWSE_SAME:
        break;
    }
    return "the same";
}

static void
add_counts(HcBrowse *browse, GString *line, const HcBrowseKey *key)
{
    if (!key->has_key)
        return;
    g_string_append_printf(line, "holds       %u subkey%s, %u value%s", (guint) key->key.n_subkeys,
                           key->key.n_subkeys == 1 ? "" : "s", (guint) key->key.n_values,
                           key->key.n_values == 1 ? "" : "s");
    if ((key->key.layer_bits & HC_LAYER_SEMANTICS) != HC_LAYER_MERGE)
        g_string_append_printf(line, "; in its layer %s", hc_layer_bits_text(key->key.layer_bits));
    add_line(browse, line);
}

static void
add_key(HcBrowse *browse, GString *line, const HcBrowseKey *key)
{
    hc_browse_append_path(line, browse, key);
    add_line(browse, line);
    if (browse->has_changes) {
        const gboolean is_compared = hc_browse_place(browse, key->place)->change != NULL;
        g_string_append_printf(line, "difference  %s",
                               is_compared ? state_text(key->state) : "not compared");
        add_line(browse, line);
    }
    if (key->change != NULL && key->change->reason != NULL) {
        hc_report_append_reason(line, key->change->reason);
        add_line(browse, line);
    }
    add_counts(browse, line, key);
    if (key->has_key)
        add_stored_meta(browse, line, key);
    if (!key->has_key && key->change != NULL)
        add_meta(browse, line, &key->change->after,
                 HC_CHANGED_CLASS | HC_CHANGED_FLAGS | HC_CHANGED_SECURITY, FALSE);
    else if (key->change != NULL && key->state == HC_BROWSE_CHANGED)
        add_meta(browse, line, &key->change->after, key->change->changed, TRUE);
}

/* --- a value --- */

static void
add_bytes(HcBrowse *browse, GString *line, HcBlob data)
{
    const uint32_t n_shown = MIN(data.n_bytes, HC_MAX_BROWSE_BYTES);
    for (uint32_t at = 0; at < n_shown; at += ROW_BYTES) {
        const uint32_t n = MIN(ROW_BYTES, n_shown - at);
        g_string_append_printf(line, "%08x ", (guint) at);
        for (uint32_t i = 0; i < ROW_BYTES; i++) {
            g_string_append(line, i == ROW_BYTES / 2 ? "  " : " ");
            if (i < n)
                g_string_append_printf(line, "%02x", (guint) data.bytes[at + i]);
            else
                g_string_append(line, "  ");
        }
        g_string_append(line, "  ");
        for (uint32_t i = 0; i < n; i++)
            g_string_append_c(
                line, g_ascii_isprint((char) data.bytes[at + i]) ? (char) data.bytes[at + i] : '.');
        add_line(browse, line);
    }
    if (data.n_bytes > n_shown) {
        g_string_append_printf(line, "… and %u bytes more, which get --raw writes",
                               (guint) (data.n_bytes - n_shown));
        add_line(browse, line);
    }
}

/* Each string of a list in a line. */
static void
add_list(HcBrowse *browse, GString *line, HcBlob data)
{
    const HcName all = {data.bytes, data.n_bytes / 2, FALSE};
    guint n = 0;
    for (uint32_t at = 0; at < all.n_units; n++) {
        uint32_t end = at;
        while (end < all.n_units && hc_name_unit(all, end) != 0)
            end++;
        if (end == at && end + 1 == all.n_units)
            break; /* the NUL that ends the list */
        g_string_append_printf(line, "%6u  ", n);
        hc_name_append_display(line, hc_name_part(all, at, end));
        add_line(browse, line);
        at = end + 1;
    }
}

static void
add_datum(HcBrowse *browse, GString *line, const char *label, const HcDatum *datum)
{
    g_string_append(line, label);
    if (!datum->is_present) {
        g_string_append(line, "nothing");
        add_line(browse, line);
        return;
    }
    const gboolean is_list = datum->type == HC_REG_MULTI_SZ && datum->data.n_bytes % 2 == 0;
    g_autoptr(GString) text = g_string_new(NULL);
    hc_report_append_datum(text, datum);
    const gboolean is_cut = strstr(text->str, "… sha256 ") != NULL;
    if (is_list || (is_cut && datum->type == HC_REG_BINARY)) {
        const char *type = hc_report_type_name(datum->type);
        g_string_append_printf(line, "%s, %u bytes", type, (guint) datum->data.n_bytes);
    } else {
        g_string_append(line, text->str);
    }
    add_line(browse, line);
    if (is_list)
        add_list(browse, line, datum->data);
    else if (datum->type == HC_REG_BINARY || is_cut)
        add_bytes(browse, line, datum->data);
}

/* The key as a change has it, so that what values mean there is found. */
static HcDeltaKey *
add_to_delta(HcDelta *delta, const HcBrowseKey *key)
{
    return key->parent != NULL
               ? hc_delta_add_child(delta, add_to_delta(delta, key->parent), key->name, HC_KEY_KEEP)
               : hc_delta_root(delta);
}

/* Data, and what it means. */
static void
add_shown(HcBrowse *browse, GString *line, const HcBrowseValue *value, const char *label,
          const HcDatum *datum)
{
    g_autoptr(HcDelta) alone = hc_delta_new();
    const HcDeltaKey *node = add_to_delta(alone, hc_browse_key(browse));
    add_datum(browse, line, label, datum);
    g_string_append(line, "means       ");
    if (hc_report_append_meaning(line, node, value->name, datum))
        add_line(browse, line);
    g_string_truncate(line, 0);
}

/* What is different inside the value. */
static void
add_difference(HcBrowse *browse, GString *line, const HcBrowseValue *value)
{
    const HcBrowseKey *key = hc_browse_key(browse);
    const guint n_room = browse->n_columns > 12 ? browse->n_columns - 12 : 1;
    g_auto(GStrv) lines = hc_report_value_lines(key->change, value->change, n_room);
    for (gsize i = 0; lines[i] != NULL; i++) {
        g_string_append_printf(line, "%s%s", i == 0 ? "change      " : "            ", lines[i]);
        add_line(browse, line);
    }
}

static void
add_value(HcBrowse *browse, GString *line, const HcBrowseValue *value)
{
    g_autoptr(GError) failure = NULL;
    HcDatum datum;
    hc_browse_append_path(line, browse, hc_browse_key(browse));
    g_string_append(line, "::");
    hc_name_append_display(line, value->name);
    add_line(browse, line);
    if (browse->has_changes) {
        g_string_append_printf(line, "difference  %s",
                               value->state == HC_BROWSE_REMOVED ? "removed"
                                                                 : state_text(value->state));
        add_line(browse, line);
    }
    if (value->change != NULL && value->change->reason != NULL) {
        hc_report_append_reason(line, value->change->reason);
        add_line(browse, line);
    }
    if (value->state == HC_BROWSE_CHANGED)
        add_difference(browse, line, value);
    if (value->has_value) {
        if (value->value.is_tombstone)
            add_text(browse, "this layer deletes the value");
        else if (hc_browse_datum(browse, hc_browse_key(browse), value, &datum, &failure))
            add_shown(browse, line, value, value->state == HC_BROWSE_CHANGED ? "before      " : "",
                      &datum);
        else
            add_text(browse, failure->message);
    }
    if (value->change != NULL && value->change->op == HC_VALUE_SET)
        add_shown(browse, line, value, value->has_value ? "after       " : "",
                  &value->change->after);
}

void
hc_browse_fill_details(HcBrowse *browse)
{
    HcBrowseView *view = &browse->view[HC_BROWSE_DETAILS];
    const HcBrowseValue *value = hc_browse_value(browse);
    g_autoptr(GString) line = g_string_new(NULL);
    g_ptr_array_set_size(browse->details, 0);
    if (browse->details_of == HC_BROWSE_KEYS || value == NULL)
        add_key(browse, line, hc_browse_key(browse));
    else
        add_value(browse, line, value);
    view->cursor = view->top = 0;
    view->n_rows = browse->details->len;
}
