#include "config.h"

#include "hivecore/cli/diff-options.h"

#include <string.h>

#include "hivecore/base/choice.h"
#include "hivecore/base/display.h"
#include "hivecore/base/file.h"
#include "hivecore/base/limits.h"
#include "hivecore/base/map.h"
#include "hivecore/cli/key-path.h"
#include "hivecore/report/report.h"

/* A list that comes along, one of the files in filters/. */
typedef struct {
    const char *name;
    const char *text;
} Preset;

static const Preset presets[] = {
#include "hivecore/cli/filter-presets.inc"
};

/* "C:", where a path of a file begins. */
static gboolean
is_drive(HcName name)
{
    return name.n_units == 2 && hc_name_unit(name, 1) == ':' && hc_name_unit(name, 0) < 0x80 &&
           g_ascii_isalpha((char) hc_name_unit(name, 0));
}

/* Sets on @pattern what stands before "::". */
static gboolean
parse_key(HcArena *arena, const char *text, HcPathPattern *pattern, GError **error)
{
    const guint slashes =
        strchr(text, '\\') == NULL && strchr(text, '/') != NULL ? HC_READ_SLASHES : 0;
    const gboolean is_below_hive = text[0] == '\\' || (slashes != 0 && text[0] == '/');
    if (*text == '\0')
        return TRUE;
    if (!hc_key_split(arena, text, HC_READ_ESCAPES | slashes, &pattern->path, error))
        return FALSE;
    if (hc_key_find_root(arena, &pattern->path) ||
        (pattern->path.n > 0 && is_drive(pattern->path.names[0])))
        pattern->start = HC_PATTERN_ROOT;
    else if (is_below_hive)
        pattern->start = HC_PATTERN_HIVE;
    return TRUE;
}

/* KEY, KEY::VALUE or ::VALUE. */
static gboolean
parse_pattern(HcArena *arena, const char *text, HcPathPattern *pattern, GError **error)
{
    *pattern = (HcPathPattern){.start = HC_PATTERN_ANYWHERE};
    if (*text == '\0')
        return hc_fail(error, HC_ERROR_USAGE, "is empty");
    if (!g_utf8_validate(text, -1, NULL))
        return hc_fail(error, HC_ERROR_USAGE, "is not UTF-8");
    const char *colons = strstr(text, "::");
    while (colons != NULL && hc_key_is_frame(text, colons))
        colons = strstr(colons + 2, "::");
    if (colons == NULL)
        return parse_key(arena, text, pattern, error);
    g_autofree char *key = g_strndup(text, (gsize) (colons - text));
    pattern->has_value = TRUE;
    pattern->value = hc_name_from_display(arena, colons + 2, strlen(colons + 2));
    return parse_key(arena, key, pattern, error);
}

static gboolean
add_patterns(HcChangeFilter *filter, HcPatternUse use, const char *option, char **texts,
             GError **error)
{
    for (gsize i = 0; texts != NULL && texts[i] != NULL; i++) {
        HcPathPattern pattern;
        if (!parse_pattern(hc_change_filter_arena(filter), texts[i], &pattern, error)) {
            g_autofree char *shown = hc_display(texts[i]);
            g_prefix_error(error, "%s '%s': ", option, shown);
            return FALSE;
        }
        if (use == HC_PATTERN_KEY && pattern.start == HC_PATTERN_ANYWHERE)
            pattern.start = HC_PATTERN_HIVE;
        hc_change_filter_add(filter, use, &pattern);
    }
    return TRUE;
}

/* A pattern a line; empty lines and those that start with '#' say nothing. */
static gboolean
add_lines(HcChangeFilter *filter, const char *file, const char *text, GError **error)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (gsize i = 0; lines[i] != NULL; i++) {
        HcPathPattern pattern;
        const char *line = g_strstrip(lines[i]);
        if (*line == '\0' || *line == '#')
            continue;
        if (!parse_pattern(hc_change_filter_arena(filter), line, &pattern, error)) {
            g_prefix_error(error, "%s:%" G_GSIZE_FORMAT ": ", file, i + 1);
            return FALSE;
        }
        hc_change_filter_add(filter, HC_PATTERN_EXCLUDE, &pattern);
    }
    return TRUE;
}

static gboolean
add_file(HcChangeFilter *filter, const char *file, GError **error)
{
    struct stat status;
    gboolean is_there;
    if (!hc_file_look(file, TRUE, &status, &is_there, error))
        return FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(presets); i++) {
        if (!is_there && g_str_equal(presets[i].name, file))
            return add_lines(filter, file, presets[i].text, error);
    }
    g_autoptr(HcMap) map = hc_map_open(file, HC_MAX_FILTER_BYTES, error);
    if (map == NULL)
        return FALSE;
    const gsize n_bytes = (gsize) hc_map_size(map);
    const char *data = (const char *) hc_map_data(map);
    if (memchr(data, '\0', n_bytes) != NULL)
        return hc_fail(error, HC_ERROR_MALFORMED, "%s: a NUL, is this UTF-8 text?", file);
    g_autofree char *text = g_strndup(data, n_bytes);
    return add_lines(filter, file, text, error);
}

static gboolean
add_kinds(HcChangeFilter *filter, char **lists, GError **error)
{
    static const HcChoice kinds[] = {
        {"added", HC_CHANGE_ADDED},     {"created", HC_CHANGE_ADDED},
        {"deleted", HC_CHANGE_DELETED}, {"removed", HC_CHANGE_DELETED},
        {"changed", HC_CHANGE_CHANGED}, {"modified", HC_CHANGE_CHANGED},
    };
    for (gsize i = 0; lists != NULL && lists[i] != NULL; i++) {
        g_auto(GStrv) words = g_strsplit(lists[i], ",", -1);
        for (gsize j = 0; words[j] != NULL; j++) {
            const int kind = HC_CHOICE_PARSE("--kind is", words[j], kinds, error);
            if (kind < 0)
                return FALSE;
            hc_change_filter_add_kind(filter, (HcChangeKind) kind);
        }
    }
    return TRUE;
}

static gboolean
add_types(HcChangeFilter *filter, char **lists, GError **error)
{
    for (gsize i = 0; lists != NULL && lists[i] != NULL; i++) {
        g_auto(GStrv) words = g_strsplit(lists[i], ",", -1);
        for (gsize j = 0; words[j] != NULL; j++) {
            uint32_t type;
            if (!hc_report_type_parse(words[j], &type))
                return hc_fail(error, HC_ERROR_USAGE,
                               "--type is '%s', not a type like sz, expand_sz, binary, dword, "
                               "multi_sz, qword, or a number",
                               words[j]);
            hc_change_filter_add_type(filter, type);
        }
    }
    return TRUE;
}

gboolean
hc_cli_filter_new(const HcFilterOptions *options, HcChangeFilter **filter, GError **error)
{
    *filter = NULL;
    if (options->keys == NULL && options->includes == NULL && options->excludes == NULL &&
        options->exclude_files == NULL && options->kinds == NULL && options->types == NULL)
        return TRUE;
    g_autoptr(HcChangeFilter) made = hc_change_filter_new();
    if (!add_patterns(made, HC_PATTERN_KEY, "--key", options->keys, error) ||
        !add_patterns(made, HC_PATTERN_INCLUDE, "--include", options->includes, error) ||
        !add_patterns(made, HC_PATTERN_EXCLUDE, "--exclude", options->excludes, error) ||
        !add_kinds(made, options->kinds, error) || !add_types(made, options->types, error))
        return FALSE;
    for (gsize i = 0; options->exclude_files != NULL && options->exclude_files[i] != NULL; i++) {
        if (!add_file(made, options->exclude_files[i], error))
            return FALSE;
    }
    *filter = g_steal_pointer(&made);
    return TRUE;
}

void
hc_cli_note_filtered(const HcCliContext *context, uint64_t n_filtered)
{
    if (n_filtered > 0)
        hc_cli_note(context, "%" G_GUINT64_FORMAT " change%s filtered", n_filtered,
                    n_filtered == 1 ? "" : "s");
}
