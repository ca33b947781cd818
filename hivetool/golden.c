#include "config.h"

#include "hivetool/golden.h"

#include <string.h>
#include <sys/stat.h>

#include "hivecore/base/display.h"
#include "hivecore/base/error.h"
#include "hivecore/base/file.h"
#include "hivecore/base/limits.h"
#include "hivecore/regf/check.h"
#include "hivecore/report/diff-output.h"
#include "hivecore/report/report.h"
#include "hivetool/compare.h"

#define TEXT_SUFFIX ".txt"

static void
pair_free(gpointer data)
{
    HtGoldenPair *pair = data;
    g_free(pair->label);
    g_free(pair->golden);
    g_free(pair->made);
    g_free(pair);
}

static void
add_pair(GPtrArray *pairs, const char *label, char *golden, char *made)
{
    HtGoldenPair *pair = g_new0(HtGoldenPair, 1);
    pair->label = g_strdup(label);
    pair->golden = golden;
    pair->made = made;
    g_ptr_array_add(pairs, pair);
}

char *
ht_golden_text_name(const char *golden)
{
    return g_strconcat(golden, TEXT_SUFFIX, NULL);
}

static gint
compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *) a, *(const char *const *) b);
}

/* The names of regular files in @folder are added to @names; that its folders are passed over is
 * told. */
static gboolean
list_files(const HcCliContext *context, const char *folder, GHashTable *names, GError **error)
{
    g_autoptr(GPtrArray) all = hc_folder_names(folder, error);
    for (guint i = 0; all != NULL && i < all->len; i++) {
        g_autofree char *path = g_build_filename(folder, (const char *) all->pdata[i], NULL);
        struct stat status;
        gboolean is_there;
        if (!hc_file_look(path, TRUE, &status, &is_there, error))
            return FALSE;
        if (is_there && S_ISREG(status.st_mode))
            g_hash_table_add(names, g_strdup((const char *) all->pdata[i]));
        else if (is_there && S_ISDIR(status.st_mode))
            hc_cli_note(context, "%s: is a folder, what is in it is not compared", path);
    }
    return all != NULL;
}

static gboolean
is_hive(const HcMap *map)
{
    return hc_hive_has_signature(hc_map_data(map), hc_map_size(map));
}

static gboolean
is_hive_file(const char *file)
{
    g_autoptr(HcMap) map = hc_map_open(file, G_MAXINT64, NULL);
    return map != NULL && is_hive(map);
}

/* Whether @name is the text beside a hive that is golden or to be it. */
static gboolean
is_text_of_hive(const char *golden, const char *made, const char *name)
{
    if (!g_str_has_suffix(name, TEXT_SUFFIX))
        return FALSE;
    g_autofree char *hive = g_strndup(name, strlen(name) - strlen(TEXT_SUFFIX));
    g_autofree char *old = g_build_filename(golden, hive, NULL);
    g_autofree char *new = g_build_filename(made, hive, NULL);
    return hive[0] != '\0' && (is_hive_file(old) || is_hive_file(new));
}

static gboolean
pair_folders(const HcCliContext *context, GPtrArray *pairs, const char *golden, const char *made,
             GError **error)
{
    g_autoptr(GHashTable) names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GPtrArray) sorted = g_ptr_array_new();
    GHashTableIter iter;
    gpointer name;
    if (!list_files(context, golden, names, error) || !list_files(context, made, names, error))
        return FALSE;
    g_hash_table_iter_init(&iter, names);
    while (g_hash_table_iter_next(&iter, &name, NULL)) {
        if (!is_text_of_hive(golden, made, (const char *) name))
            g_ptr_array_add(sorted, name);
    }
    g_ptr_array_sort(sorted, compare_names);
    for (guint i = 0; i < sorted->len; i++) {
        const char *file = (const char *) sorted->pdata[i];
        add_pair(pairs, file, g_build_filename(golden, file, NULL),
                 g_build_filename(made, file, NULL));
    }
    return sorted->len > 0 ||
           hc_fail(error, HC_ERROR_USAGE, "%s and %s: there is no file in them", golden, made);
}

GPtrArray *
ht_golden_pairs(const HcCliContext *context, const char *golden, const char *made, GError **error)
{
    struct stat old_status;
    struct stat new_status;
    gboolean is_golden;
    gboolean is_made;
    g_autoptr(GPtrArray) pairs = g_ptr_array_new_with_free_func(pair_free);
    if (!hc_file_look(golden, TRUE, &old_status, &is_golden, error) ||
        !hc_file_look(made, TRUE, &new_status, &is_made, error))
        return NULL;
    if (is_golden && is_made && hc_file_is_same(&old_status, &new_status))
        return hc_fail_null(error, HC_ERROR_USAGE, "%s and %s are the same", golden, made);
    if (is_golden && is_made && S_ISDIR(old_status.st_mode) != S_ISDIR(new_status.st_mode))
        return hc_fail_null(error, HC_ERROR_USAGE, "%s and %s: one is a folder, the other a file",
                            golden, made);
    if (!is_golden && (!is_made || S_ISDIR(new_status.st_mode)))
        return hc_fail_null(error, HC_ERROR_IO, "%s: there is no such file or folder", golden);
    if (is_golden && S_ISDIR(old_status.st_mode)) {
        if (!is_made)
            return hc_fail_null(error, HC_ERROR_IO, "%s: there is no such folder", made);
        if (!pair_folders(context, pairs, golden, made, error))
            return NULL;
    } else {
        add_pair(pairs, golden, g_strdup(golden), g_strdup(made));
    }
    return g_steal_pointer(&pairs);
}

static void
append_label(GString *out, const char *label)
{
    hc_append_display(out, label, strlen(label));
    g_string_append(out, ": ");
}

/* An operand that is this file, whatever its name looks like. */
static char *
operand_of(const char *file)
{
    return file[0] == '/' ? g_strdup(file) : g_strconcat("./", file, NULL);
}

static void
append_ignored(GString *out, const HcIgnoredCounts *ignored)
{
    const struct {
        uint64_t n;
        const char *of;
        const char *what;
    } counts[] = {{ignored->timestamps, "the time", "key"},
                  {ignored->order, "the order of the values", "key"},
                  {ignored->spelling, "the case", "name"},
                  {ignored->hidden, "hidden bits", "key"}};
    for (gsize i = 0; i < G_N_ELEMENTS(counts); i++) {
        if (counts[i].n > 0)
            g_string_append_printf(out, "%s of %" G_GUINT64_FORMAT " %s%s, ", counts[i].of,
                                   counts[i].n, counts[i].what, counts[i].n == 1 ? "" : "s");
    }
}

/* Why hives that hold the same are not the same bytes. */
static void
append_reasons(GString *out, const HtGoldenPair *pair, const HcIgnoredCounts *ignored)
{
    g_autoptr(HcHive) golden = hc_hive_open(pair->golden, HC_HIVE_ALLOW_DIRTY, NULL);
    g_autoptr(HcHive) made = hc_hive_open(pair->made, HC_HIVE_ALLOW_DIRTY, NULL);
    append_label(out, pair->label);
    g_string_append(out, "the same content, other bytes");
    if (golden != NULL && made != NULL) {
        g_string_append(out, ": ");
        append_ignored(out, ignored);
        if (!hc_hive_append_byte_differences(out, golden, made))
            g_string_truncate(out, out->len - 2);
    }
    g_string_append_c(out, '\n');
}

/* What two hives or patches say. Returns: FALSE when they cannot be compared so. */
static gboolean
compare_content(HcCliContext *context, HcStream *out, HtGoldenPair *pair, gboolean are_hives)
{
    g_autofree char *golden = operand_of(pair->golden);
    g_autofree char *made = operand_of(pair->made);
    HcPatchOptions patch_options = {0};
    const HtCompareOptions options = {.ignore = HC_IGNORE_DEFAULT, .patch_options = &patch_options};
    g_auto(HtComparisons) comparisons = {NULL, FALSE, FALSE};
    GString *text = hc_stream_text(out);
    if (!ht_compare(&comparisons, context, golden, made, &options, NULL) ||
        comparisons.items->len != 1)
        return FALSE;
    const HtComparison *found = comparisons.items->pdata[0];
    const HcReportOptions report = {.root = found->root != NULL ? found->root->text : "",
                                    .ignore = HC_IGNORE_DEFAULT,
                                    .color = context->color};
    const gsize start = text->len;
    append_label(text, pair->label);
    g_string_append(text, "differs\n");
    gboolean is_same;
    if (found->exact != NULL) {
        is_same = hc_delta_is_empty(found->exact);
        if (!is_same)
            hc_report_text(out, found->exact, &report);
    } else {
        is_same = hc_report_layer_diff(out, found->old_patch, found->new_patch, &report, FALSE);
    }
    pair->verdict = is_same ? HT_GOLDEN_CONTENT : HT_GOLDEN_DIFFERS;
    if (!is_same)
        return TRUE;
    g_string_truncate(text, start);
    if (are_hives) {
        append_reasons(text, pair, &found->ignored);
    } else {
        append_label(text, pair->label);
        g_string_append(text, "says the same in other words\n");
    }
    return TRUE;
}

static void
append_first_difference(GString *out, const HtGoldenPair *pair, const HcMap *golden,
                        const HcMap *made)
{
    const uint8_t *old_bytes = hc_map_data(golden);
    const uint8_t *new_bytes = hc_map_data(made);
    const uint64_t n_bytes = MIN(hc_map_size(golden), hc_map_size(made));
    uint64_t at = 0;
    guint line = 1;
    gboolean is_text = TRUE;
    for (; at < n_bytes && old_bytes[at] == new_bytes[at]; at++) {
        line += old_bytes[at] == '\n';
        is_text = is_text && old_bytes[at] != 0;
    }
    append_label(out, pair->label);
    g_string_append_printf(out, "differs from byte %" G_GUINT64_FORMAT " on", at);
    if (is_text)
        g_string_append_printf(out, ", line %u", line);
    g_string_append_printf(out, "; %" G_GUINT64_FORMAT " bytes were %" G_GUINT64_FORMAT "\n",
                           hc_map_size(made), hc_map_size(golden));
}

static gboolean
is_patch(const char *file)
{
    g_autofree char *text = operand_of(file);
    g_auto(HcOperand) operand = {0};
    return hc_cli_operand_open(&operand, text, NULL) && operand.kind == HC_OPERAND_CHANGE;
}

static gboolean
compare_files(HcCliContext *context, HcStream *out, HtGoldenPair *pair, GError **error)
{
    g_autoptr(HcMap) golden = hc_map_open(pair->golden, G_MAXINT64, error);
    g_autoptr(HcMap) made = golden != NULL ? hc_map_open(pair->made, G_MAXINT64, error) : NULL;
    if (made == NULL)
        return FALSE;
    const gsize n_bytes = (gsize) hc_map_size(golden);
    if (n_bytes == hc_map_size(made) &&
        memcmp(hc_map_data(golden), hc_map_data(made), n_bytes) == 0)
        return TRUE;
    pair->verdict = HT_GOLDEN_DIFFERS;
    const gboolean are_hives = is_hive(golden) && is_hive(made);
    if ((!are_hives && (!is_patch(pair->golden) || !is_patch(pair->made))) ||
        !compare_content(context, out, pair, are_hives))
        append_first_difference(hc_stream_text(out), pair, golden, made);
    return TRUE;
}

/* The text beside a golden hive, where there is one, has to be that of the hive that was made. */
static gboolean
compare_text(HcStream *out, HtGoldenPair *pair, GError **error)
{
    g_autofree char *name = ht_golden_text_name(pair->golden);
    struct stat status;
    gboolean is_there;
    if (!hc_file_look(name, TRUE, &status, &is_there, error))
        return FALSE;
    if (!is_there || pair->verdict != HT_GOLDEN_SAME || !is_hive_file(pair->golden))
        return TRUE;
    g_autoptr(HcMap) map = hc_map_open(name, G_MAXINT64, error);
    g_autoptr(GBytes) wanted = map != NULL ? ht_golden_text(pair->golden, pair->made, error) : NULL;
    if (wanted == NULL)
        return FALSE;
    gsize n_bytes;
    const void *bytes = g_bytes_get_data(wanted, &n_bytes);
    if (n_bytes == hc_map_size(map) && memcmp(bytes, hc_map_data(map), n_bytes) == 0)
        return TRUE;
    pair->verdict = HT_GOLDEN_DIFFERS;
    append_label(hc_stream_text(out), pair->label);
    g_string_append(hc_stream_text(out),
                    "the text beside it, " TEXT_SUFFIX ", is of another hive\n");
    return TRUE;
}

gboolean
ht_golden_compare(HcCliContext *context, HcStream *out, HtGoldenPair *pair, GError **error)
{
    struct stat status;
    gboolean is_golden;
    gboolean is_made;
    if (!hc_file_look(pair->golden, TRUE, &status, &is_golden, error) ||
        !hc_file_look(pair->made, TRUE, &status, &is_made, error))
        return FALSE;
    pair->verdict = HT_GOLDEN_SAME;
    if (is_golden && is_made)
        return compare_files(context, out, pair, error) && compare_text(out, pair, error);
    pair->verdict = is_made ? HT_GOLDEN_NEW : HT_GOLDEN_MISSING;
    append_label(hc_stream_text(out), pair->label);
    g_string_append(hc_stream_text(out), is_made ? "has no golden file\n"
                                                 : "was not made, there is only the golden file\n");
    return TRUE;
}

GBytes *
ht_golden_text(const char *golden, const char *file, GError **error)
{
    g_autoptr(HcMap) made = hc_map_open(file, HC_MAX_HIVE_BYTES, error);
    if (made == NULL)
        return NULL;
    GBytes *bytes = g_bytes_new_static(hc_map_data(made), (gsize) hc_map_size(made));
    g_autoptr(HcMap) map = hc_map_from_bytes(golden, bytes);
    g_autoptr(HcStream) stream = hc_stream_new_spool();
    if (!ht_textconv_map(stream, map, NULL, error))
        return NULL;
    return hc_stream_take(stream, error);
}
