#include "config.h"

#include "hivecore/base/clock.h"
#include "hivecore/base/put-text.h"
#include "hivecore/regf/security.h"
#include "hivecore/regf/types.h"
#include "hivecore/report/report-private.h"

/* What became of a key itself, besides values. */

static void
append_class(GString *out, HcBlob class_name)
{
    if (class_name.bytes == NULL)
        g_string_append(out, "none");
    else if (class_name.n_bytes % 2 == 0)
        hc_append_quoted(out, (HcName){class_name.bytes, class_name.n_bytes / 2, FALSE});
    else
        hc_text_append_hex(out, class_name.bytes, class_name.n_bytes);
}

static void
append_flags(GString *out, uint16_t flags)
{
    flags &= HC_KEY_FLAGS_COMPARED;
    if (flags == 0)
        g_string_append(out, "none");
    const char *separator = "";
    static const struct {
        uint16_t flag;
        const char *name;
    } names[] = {
        {HC_KEY_FLAG_SYMLINK, "symlink"},
        {HC_KEY_FLAG_PREDEFINED, "predefined-handle"},
        {HC_KEY_FLAG_VOLATILE, "volatile"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        if ((flags & names[i].flag) == 0)
            continue;
        g_string_append_printf(out, "%s%s", separator, names[i].name);
        separator = ", ";
    }
}

/* Whether a new key's descriptor is known to be neither its parent's nor what Windows makes of it.
 */
static gboolean
has_own_security(const HcDeltaKey *key)
{
    if (key->parent == NULL || key->after.security.bytes == NULL)
        return FALSE;
    HcBlob inherited = key->parent->after.security;
    return inherited.bytes != NULL && !hc_blob_equal(inherited, key->after.security) &&
           !hc_security_is_inherited(key->after.security, inherited);
}

/* "NAME  " */
static GString *
start(const char *what)
{
    GString *out = g_string_new(what);
    g_string_append(out, "  ");
    return out;
}

static void
append_times(GString *out, uint64_t before, uint64_t after)
{
    hc_filetime_append(out, before);
    g_string_append(out, " -> ");
    hc_filetime_append(out, after);
}

static void
add_security(GArray *lines, const HcDeltaKey *key, const HcTextLimits *limits)
{
    g_autoptr(GArray) parts =
        hc_text_security_lines(key->before->security, key->after.security, limits);
    for (guint i = 0; i < parts->len; i++) {
        const HcTextLine *part = &g_array_index(parts, HcTextLine, i);
        GString *text = g_string_new(i == 0 ? "security  " : "");
        g_string_append(text, part->text);
        hc_text_line(lines, (char) (i == 0 ? HC_TEXT_HEAD : part->sign), text);
    }
}

/* One line for each thing that differs in a key that stays. */
static void
add_changes(GArray *lines, const HcDeltaKey *key, const HcTextLimits *limits)
{
    if ((key->changed & HC_CHANGED_CLASS) != 0) {
        GString *out = start("class");
        append_class(out, key->before->class_name);
        g_string_append(out, " -> ");
        append_class(out, key->after.class_name);
        hc_text_line(lines, HC_TEXT_HEAD, out);
    }
    if ((key->changed & HC_CHANGED_SECURITY) != 0)
        add_security(lines, key, limits);
    if ((key->changed & HC_CHANGED_FLAGS) != 0) {
        GString *out = start("flags");
        append_flags(out, key->before->flags);
        g_string_append(out, " -> ");
        append_flags(out, key->after.flags);
        hc_text_line(lines, HC_TEXT_HEAD, out);
    }
    if ((key->changed & HC_CHANGED_TIME) != 0) {
        GString *out = start("time");
        append_times(out, key->before->mtime_filetime, key->after.mtime_filetime);
        hc_text_line(lines, HC_TEXT_HEAD, out);
    }
    if ((key->changed & HC_CHANGED_ORDER) != 0)
        hc_text_line(lines, HC_TEXT_HEAD, g_string_new("order of the values"));
}

/* What a new key has, where it is not what every new key has. */
static void
add_created(GArray *lines, const HcDeltaKey *key)
{
    if (has_own_security(key)) {
        GString *out = start("security");
        hc_append_security(out, key->after.security, FALSE);
        hc_text_line(lines, HC_TEXT_HEAD, out);
    }
    if (key->after.class_name.bytes != NULL) {
        GString *out = start("class");
        append_class(out, key->after.class_name);
        hc_text_line(lines, HC_TEXT_HEAD, out);
    }
    if ((key->after.flags & HC_KEY_FLAGS_COMPARED) != 0) {
        GString *out = start("flags");
        append_flags(out, key->after.flags);
        hc_text_line(lines, HC_TEXT_HEAD, out);
    }
}

GArray *
hc_text_key_lines(const HcDeltaKey *key, const HcTextLimits *limits)
{
    GArray *lines = hc_text_lines_new();
    if (key->op == HC_KEY_KEEP)
        add_changes(lines, key, limits);
    else if (key->op != HC_KEY_DELETE)
        add_created(lines, key);
    for (guint i = 0; i < lines->len; i++) {
        HcTextLine *line = &g_array_index(lines, HcTextLine, i);
        GString *cut = g_string_new(NULL);
        hc_append_cut(cut, line->text, limits->n_columns);
        g_free(line->text);
        line->text = g_string_free(cut, FALSE);
    }
    return lines;
}
