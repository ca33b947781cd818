#include "config.h"

#include "hivecore/cli/cli-options.h"

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
    g_autoptr(GOptionContext) options = g_option_context_new(NULL);
    g_option_context_add_main_entries(options, entries, NULL);
    g_option_context_set_strict_posix(options, is_posix);
    gboolean ok = parse(options, args, error);
    for (guint i = 0; i < n; i++) {
        ok = ok && take(&singles[i], error);
        g_strfreev(singles[i].given);
    }
    return ok;
}
