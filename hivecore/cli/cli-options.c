#include "config.h"

#include "hivecore/cli/cli-private.h"

#include <string.h>

#include "hivecore/base/choice.h"
#include "hivecore/base/error.h"

/* An option that takes one value, read as a list. */
typedef struct {
    const GOptionEntry *entry;
    char **given; /* (nullable) */
} Single;

static gboolean
is_single(const GOptionEntry *entry)
{
    return entry->arg == G_OPTION_ARG_FILENAME || entry->arg == G_OPTION_ARG_INT;
}

static gboolean
take_number(const Single *single, GError **error)
{
    gint64 number;
    if (!g_ascii_string_to_signed(single->given[0], 10, G_MININT, G_MAXINT, &number, NULL))
        return hc_fail(error, HC_ERROR_USAGE, "--%s is '%s', not a number",
                       single->entry->long_name, single->given[0]);
    *(gint *) single->entry->arg_data = (gint) number;
    return TRUE;
}

/* Puts what was given where the option's entry says. */
static gboolean
take(const Single *single, GError **error)
{
    if (single->given == NULL)
        return TRUE;
    const gboolean is_text = single->entry->arg == G_OPTION_ARG_FILENAME;
    char **text = (char **) single->entry->arg_data;
    if (single->given[1] != NULL || (is_text && *text != NULL))
        return hc_fail(error, HC_ERROR_USAGE, "--%s is given twice, and it takes one value",
                       single->entry->long_name);
    if (!is_text)
        return take_number(single, error);
    *text = g_strdup(single->given[0]);
    return TRUE;
}

static gboolean
parse(GOptionContext *options, char ***args, GError **error)
{
    GError *parse_error = NULL;
    g_option_context_set_help_enabled(options, FALSE);
    if (g_option_context_parse_strv(options, args, &parse_error))
        return TRUE;
    /* GLib's messages start with a capital. */
    g_autofree char *message = g_strdup(parse_error->message);
    message[0] = g_ascii_tolower(message[0]);
    hc_set_error(error, HC_ERROR_USAGE, "%s", message);
    g_error_free(parse_error);
    return FALSE;
}

static guint
count_entries(const GOptionEntry *const *tables)
{
    guint n = 0;
    for (gsize i = 0; tables[i] != NULL; i++) {
        for (const GOptionEntry *entry = tables[i]; entry->long_name != NULL; entry++)
            n++;
    }
    return n;
}

/* --- the ways to write options that GLib does not know --- */

typedef struct {
    const GOptionEntry *entries;
    char **from;   /* what is still to be read */
    GPtrArray *to; /* of char * */
} Rewriting;

static gboolean
takes_value(const GOptionEntry *entry)
{
    return entry->arg != G_OPTION_ARG_NONE && (entry->flags & G_OPTION_FLAG_OPTIONAL_ARG) == 0;
}

static void
put(Rewriting *rewriting, char *text)
{
    g_ptr_array_add(rewriting->to, text);
}

/* The value of an option in a word of its own; who misses it is GLib. */
static void
put_next(Rewriting *rewriting)
{
    if (*rewriting->from != NULL)
        put(rewriting, g_strdup(*rewriting->from++));
}

static gboolean
fail_unknown(const Rewriting *rewriting, const char *name, GError **error)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new();
    for (const GOptionEntry *entry = rewriting->entries; entry->long_name != NULL; entry++) {
        if (entry->long_name[0] != '\0')
            g_ptr_array_add(words, (gpointer) (guintptr) entry->long_name);
    }
    g_ptr_array_add(words, NULL);
    static const char *const formats[] = {"json", "ndjson", "csv", "reg", "text", "html", NULL};
    /* --json, as many programs have it. */
    if (g_strv_contains(formats, name) &&
        g_strv_contains((const char *const *) words->pdata, "format"))
        return hc_fail(error, HC_ERROR_USAGE, "unknown option --%s, did you mean --format=%s?",
                       name, name);
    const char *nearest = hc_word_nearest(name, (const char *const *) words->pdata);
    g_autofree char *guess = hc_word_guess("--", nearest, "");
    return hc_fail(error, HC_ERROR_USAGE, "unknown option --%s%s", name, guess);
}

static gboolean
rewrite_long(Rewriting *rewriting, const char *text, GError **error)
{
    const gsize n = strcspn(text, "=");
    g_autofree char *name = g_strndup(text, n);
    const GOptionEntry *entry = rewriting->entries;
    while (entry->long_name != NULL && (n == 0 || !g_str_equal(entry->long_name, name)))
        entry++;
    if (entry->long_name == NULL)
        return fail_unknown(rewriting, name, error);
    if (text[n] != '\0' && entry->arg == G_OPTION_ARG_NONE)
        return hc_fail(error, HC_ERROR_USAGE, "option --%s takes no value", name);
    const gboolean is_bare = text[n] == '\0' && (entry->flags & G_OPTION_FLAG_OPTIONAL_ARG) != 0;
    /* "--compat regedit" has its value, "--compat FILE" has none. */
    if (is_bare && g_str_equal(name, "compat") && g_strcmp0(*rewriting->from, "regedit") == 0) {
        put(rewriting, g_strdup_printf("--%s=%s", name, *rewriting->from++));
        return TRUE;
    }
    put(rewriting, g_strconcat("--", text, is_bare ? "=" : NULL, NULL));
    if (text[n] == '\0' && takes_value(entry))
        put_next(rewriting);
    return TRUE;
}

/* -nv, -oFILE, -nofile */
static gboolean
rewrite_short(Rewriting *rewriting, const char *letters, GError **error)
{
    for (const char *at = letters; *at != '\0'; at++) {
        const GOptionEntry *entry = rewriting->entries;
        while (entry->long_name != NULL && entry->short_name != *at)
            entry++;
        if (entry->long_name == NULL)
            return hc_fail(error, HC_ERROR_USAGE, "unknown option -%c%s", *at,
                           g_ascii_isdigit(*at) ? ", '--' before it makes it an operand" : "");
        put(rewriting, g_strdup_printf("-%c", *at));
        if (!takes_value(entry))
            continue;
        if (at[1] == '\0')
            put_next(rewriting);
        else
            put(rewriting, g_strdup(at + (at[1] == '=' ? 2 : 1)));
        break;
    }
    return TRUE;
}

/* @args as GLib reads them. */
static gboolean
rewrite_args(const GOptionEntry *entries, gboolean is_posix, char ***args, GError **error)
{
    Rewriting rewriting = {entries, *args, g_ptr_array_new_with_free_func(g_free)};
    gboolean is_good = TRUE;
    gboolean is_over = FALSE;
    put_next(&rewriting); /* the program's name */
    while (is_good && *rewriting.from != NULL) {
        const char *text = *rewriting.from++;
        is_over = is_over || g_str_equal(text, "--") || (is_posix && text[0] != '-');
        if (is_over || text[0] != '-' || text[1] == '\0')
            put(&rewriting, g_strdup(text));
        else
            is_good = text[1] == '-' ? rewrite_long(&rewriting, text + 2, error)
                                     : rewrite_short(&rewriting, text + 1, error);
    }
    g_ptr_array_add(rewriting.to, NULL);
    if (!is_good) {
        g_ptr_array_unref(rewriting.to);
        return FALSE;
    }
    g_strfreev(*args);
    *args = (char **) g_ptr_array_free(rewriting.to, FALSE);
    return TRUE;
}

gboolean
hc_options_parse(const GOptionEntry *const *tables, gboolean is_posix, char ***args, GError **error)
{
    const guint n_entries = count_entries(tables);
    g_autofree GOptionEntry *entries = g_new0(GOptionEntry, n_entries + 1);
    g_autofree Single *singles = g_new0(Single, n_entries + 1);
    guint n = 0;
    for (gsize i = 0; tables[i] != NULL; i++) {
        for (const GOptionEntry *entry = tables[i]; entry->long_name != NULL; entry++, n++) {
            entries[n] = *entry;
            if (!is_single(entry))
                continue;
            singles[n].entry = entry;
            entries[n].arg = G_OPTION_ARG_FILENAME_ARRAY;
            entries[n].arg_data = &singles[n].given;
        }
    }
    gboolean ok = rewrite_args(entries, is_posix, args, error);
    for (guint i = 0; i < n; i++)
        entries[i].flags &= ~G_OPTION_FLAG_OPTIONAL_ARG;
    g_autoptr(GOptionContext) options = g_option_context_new(NULL);
    g_option_context_add_main_entries(options, entries, NULL);
    g_option_context_set_strict_posix(options, is_posix);
    ok = ok && parse(options, args, error);
    for (guint i = 0; i < n; i++) {
        ok = ok && take(&singles[i], error);
        g_strfreev(singles[i].given);
    }
    return ok;
}
