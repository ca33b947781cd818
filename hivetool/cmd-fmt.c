#include "config.h"

#include "hivecore/base/error.h"
#include "hivetool/common.h"

#include <string.h>
#include <sys/stat.h>

#include "hivecore/base/display.h"
#include "hivecore/base/limits.h"
#include "hivecore/base/map.h"
#include "hivecore/cli/cli-hive.h"
#include "hivecore/reg/lint.h"
#include "hivecore/reg/reg-reader.h"

static gboolean is_check;
static gboolean is_in_place;
static gboolean is_sort;
static char **allow_options;
static char *root_option;
static char *encoding_option;
static char *output_option;
static int ansi_codepage;
static int lock_timeout = HC_LOCK_TIMEOUT;

static const GOptionEntry entries[] = {
    {"check", 0, 0, G_OPTION_ARG_NONE, &is_check,
     "write nothing, print the names of the files that\nwould change and end with 1", NULL},
    {"in-place", 'i', 0, G_OPTION_ARG_NONE, &is_in_place, "rewrite the files that change", NULL},
    {"output", 'o', 0, G_OPTION_ARG_FILENAME, &output_option,
     "write to OUT instead of standard output", "OUT"},
    {"sort", 0, 0, G_OPTION_ARG_NONE, &is_sort,
     "sections by path and values by name, comments\nwith them, where order has no effect", NULL},
    {"allow", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &allow_options,
     "take what is refused as a mistake: ansi-strings,\nwide-strings", "NAMES"},
    {"root", 0, 0, G_OPTION_ARG_FILENAME, &root_option,
     "what sections of another tool's file start with,\nlike PREFIX", "ROOT"},
    {"encoding", 0, 0, G_OPTION_ARG_FILENAME, &encoding_option,
     "utf-16le (as regedit) or utf-8, instead of that\nof the file", "ENCODING"},
    {"ansi-codepage", 0, 0, G_OPTION_ARG_INT, &ansi_codepage,
     "code page of 8-bit .reg files that are not\nUTF-8 (1252)", "N"},
    HC_LOCK_OPTION_ENTRY(lock_timeout),
    {NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
};

/* One file, before and after. */
typedef struct {
    const char *name;
    GBytes *old_text;
    GBytes *new_text; /* NULL: refused */
} Formatted;

static void
free_formatted(gpointer pointer)
{
    Formatted *formatted = pointer;
    g_bytes_unref(formatted->old_text);
    g_clear_pointer(&formatted->new_text, g_bytes_unref);
    g_free(formatted);
}

/* A file that is rewritten is named once. */
static gboolean
check_distinct(char **files, GError **error)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (gsize i = 0; files[i] != NULL; i++) {
        struct stat status;
        /* What cannot be looked at is told when it is read. */
        if (stat(files[i], &status) != 0)
            continue;
        char *key = g_strdup_printf("%" G_GUINT64_FORMAT ":%" G_GUINT64_FORMAT,
                                    (guint64) status.st_dev, (guint64) status.st_ino);
        const char *first = g_hash_table_lookup(seen, key);
        if (first != NULL) {
            g_free(key);
            return hc_fail(error, HC_ERROR_USAGE, "%s: is the same file as %s", files[i], first);
        }
        g_hash_table_insert(seen, key, files[i]);
    }
    return TRUE;
}

static gboolean
check_usage(int n_files, char **files, GError **error)
{
    const char *wrong = NULL;
    if ((is_check ? 1 : 0) + (is_in_place ? 1 : 0) + (output_option != NULL ? 1 : 0) > 1)
        wrong = "only one of --check, --in-place and --output can be used";
    else if (n_files > 1 && !is_check && !is_in_place)
        wrong = "several files need --check or --in-place";
    else if (is_in_place && g_strv_contains((const char *const *) files, "-"))
        wrong = "standard input cannot be rewritten with --in-place";
    else if (ansi_codepage < 0)
        wrong = "--ansi-codepage is negative";
    if (wrong != NULL)
        return hc_fail(error, HC_ERROR_USAGE, "%s", wrong);
    return hc_cli_refuse_overwrite(output_option, files, error) &&
           (!is_in_place || check_distinct(files, error));
}

/* All files that can be, and in *@failures what is wrong with the others. */
static GPtrArray *
format_files(const HcCliContext *context, char **files, const HcFormatOptions *options,
             GError **failures)
{
    GPtrArray *all = g_ptr_array_new_with_free_func(free_formatted);
    for (gsize i = 0; files[i] != NULL; i++) {
        GError *failure = NULL;
        GBytes *old_text = hc_read_stream(files[i], HC_MAX_PATCH_BYTES, &failure);
        GBytes *new_text =
            old_text != NULL ? hc_reg_format(files[i], old_text, options, &failure) : NULL;
        if (failure != NULL) {
            hc_cli_add_failure(context, failures, failure);
            g_clear_pointer(&old_text, g_bytes_unref);
            continue;
        }
        Formatted *formatted = g_new0(Formatted, 1);
        *formatted = (Formatted){files[i], old_text, new_text};
        g_ptr_array_add(all, formatted);
    }
    return all;
}

/* All are read before the first is written, and each again under its lock: so many files can be
 * given as descriptors would not do for. */
static gboolean
rewrite(HcCliContext *context, const Formatted *formatted, GError **error)
{
    if (g_bytes_equal(formatted->old_text, formatted->new_text))
        return TRUE;
    gsize n_bytes;
    const void *bytes = g_bytes_get_data(formatted->new_text, &n_bytes);
    g_autoptr(HcLock) lock = hc_cli_lock(context, &formatted->name, 1, lock_timeout, error);
    g_autoptr(GBytes) current =
        lock != NULL ? hc_read_stream(formatted->name, HC_MAX_PATCH_BYTES, error) : NULL;
    if (current == NULL)
        return FALSE;
    /* Somebody else may have done the same meanwhile. */
    if (g_bytes_equal(current, formatted->new_text))
        return TRUE;
    if (!g_bytes_equal(current, formatted->old_text))
        return hc_fail(error, HC_ERROR_IO, "%s: another program changed the file after it was read",
                       formatted->name);
    g_autoptr(HcOutput) output = hc_output_open(formatted->name, lock, error);
    if (output == NULL || !hc_output_write(output, bytes, n_bytes, error) ||
        !hc_cli_commit(context, &output, 1, error))
        return FALSE;
    hc_cli_note(context, "%s: rewritten", formatted->name);
    return TRUE;
}

static gboolean
run(HcCliContext *context, int n_args, char **args, HcExit *status, GError **error)
{
    HcFormatOptions options = {.ansi_codepage = (guint) ansi_codepage,
                               .sort = is_sort,
                               .has_encoding = encoding_option != NULL};
    ht_strip_reg_words(args);
    if (!ht_parse_encoding(encoding_option, &options.encoding, error) ||
        !hc_reg_allow_parse(allow_options, &options.allow, error) ||
        !check_usage(n_args, args, error))
        return FALSE;
    g_autoptr(HcRoot) root = root_option != NULL ? hc_root_parse_word(root_option, error) : NULL;
    if (root_option != NULL && root == NULL)
        return FALSE;
    options.root = root;
    GError *failures = NULL;
    g_autoptr(GPtrArray) all = format_files(context, args, &options, &failures);
    /* Nothing is written then. */
    if (failures != NULL && !is_check)
        return hc_fail_with(error, failures);
    *status = HC_EXIT_OK;
    for (guint i = 0; i < all->len; i++) {
        const Formatted *formatted = g_ptr_array_index(all, i);
        if (is_in_place) {
            if (!rewrite(context, formatted, error))
                return FALSE;
        } else if (!is_check) {
            return ht_emit_reg(context, output_option, args, formatted->new_text,
                               encoding_option != NULL, error);
        } else if (!g_bytes_equal(formatted->old_text, formatted->new_text)) {
            hc_append_display(context->out, formatted->name, strlen(formatted->name));
            g_string_append_c(context->out, '\n');
            *status = HC_EXIT_NO;
        }
    }
    if (failures == NULL)
        return TRUE;
    return hc_fail_with(error, failures);
}

const HcCommand ht_cmd_fmt = {
    .name = "fmt",
    .also = "format indent pretty",
    .group = "patches",
    .args = "FILE...",
    .summary = "rewrite .reg files in canonical form",
    .details =
        "One spelling for what means the same, comments kept: the new text is read again and\n"
        "says what the old one says. FILE - is standard input.",
    .options = entries,
    .min_args = 1,
    .max_args = -1,
    .statuses = "0 done, 1 with --check: not so written",
    .examples = "hivetool fmt change.reg\n"
                "hivetool fmt --check change.reg",
    .run = run,
};
