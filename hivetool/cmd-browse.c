#include "config.h"

#include <string.h>

#include "hivecore/base/display.h"
#include "hivecore/base/error.h"
#include "hivecore/cli/key-path.h"
#include "hivecore/report/report.h"
#include "hivetool/browse.h"
#include "hivetool/compare.h"
#include "hivetool/reading.h"

static char *root_option;
static char *output_option;
static gboolean is_salvage;

static const GOptionEntry entries[] = {
    {"output", 'o', 0, G_OPTION_ARG_FILENAME, &output_option,
     "write what was yanked to OUT instead of\nstandard output", "OUT"},
    {"salvage", 0, 0, G_OPTION_ARG_NONE, &is_salvage,
     "of a damaged hive, show what can be read and\ntell what cannot", NULL},
    {"root", 0, 0, G_OPTION_ARG_FILENAME, &root_option,
     "where HIVE hangs in the registry,\nlike HKLM\\SOFTWARE", "ROOT"},
    {NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
};

/* What is browsed. */
typedef struct {
    HcCliContext *context;
    HcOperand operand;
    HtComparisons comparisons;
    gboolean is_compared;
    HtReading *readings; /* of each hive, opened when it is asked for */
    HcRoot **roots;
    GString *notes; /* a line each, for when the screen is gone */
} Browsing;

static void
browsing_clear(Browsing *browsing)
{
    for (guint i = 0;
         browsing->readings != NULL && i < hc_registry_n_hives(browsing->operand.state); i++) {
        ht_reading_clear(&browsing->readings[i]);
        hc_root_free(browsing->roots[i]);
    }
    g_free(browsing->readings);
    g_free(browsing->roots);
    hc_operand_clear(&browsing->operand);
    ht_comparisons_clear(&browsing->comparisons);
    g_string_free(browsing->notes, TRUE);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Browsing, browsing_clear)

/* --- hives --- */

/* While the screen is there nothing else may be written on the terminal, so notes wait. */
static HcHive *
open_hive(void *data, guint index, GError **error)
{
    Browsing *browsing = data;
    HtReading *reading = &browsing->readings[index];
    g_autofree char *note = NULL;
    if (reading->hive == NULL) {
        const HcHiveReading how = {browsing->context->dirty_policy, HC_HIVE_LAZY, FALSE};
        reading->hive = hc_registry_open_hive(browsing->operand.state, index, &how, &note, error);
    }
    if (note != NULL)
        g_string_append_printf(browsing->notes, "%s\n", note);
    if (reading->hive == NULL)
        return NULL;
    if (browsing->is_compared && hc_hive_info(reading->hive)->is_differencing)
        return hc_fail_null(error, HC_ERROR_UNSUPPORTED,
                            "%s: is a differencing hive: name the hive below it first, and it "
                            "second",
                            hc_hive_file(reading->hive));
    return hc_hive_ref(reading->hive);
}

/* What stands before "::", where that parts a key from a value; else NULL. */
static char *
key_part(const char *text, const char **value)
{
    const char *colons = g_strrstr(text, "::");
    if (colons == NULL || hc_key_is_frame(text, colons))
        return NULL;
    *value = colons + 2;
    return g_strndup(text, (gsize) (colons - text));
}

/* A path that is not in the hive, perhaps only in what the change makes of it. */
static gboolean
split_path(const Browsing *browsing, HcArena *arena, const char *text, guint index, HcPath *path)
{
    const HcRoot *root = browsing->roots[index];
    if (!hc_key_split(arena, text, HC_READ_ESCAPES, path, NULL))
        return FALSE;
    if (!hc_key_find_root(arena, path))
        return TRUE;
    HcName name;
    gsize n = 0;
    for (; root != NULL && hc_root_part(root->path, n, &name); n++)
        if (n >= path->n || !hc_name_equal(path->names[n], name))
            return FALSE;
    path->names += n;
    path->n -= n;
    return root != NULL;
}

static gboolean
find_key(void *data, HcArena *arena, const char *text, guint *place, HcPath *path,
         const char **value, GError **error)
{
    Browsing *browsing = data;
    GError *failure = NULL;
    HcKey key;
    const char *after = NULL;
    g_autofree char *before = key_part(text, &after);
    if (!ht_pick_hive(&browsing->operand, text, place, error))
        return FALSE;
    g_autoptr(HcHive) hive = open_hive(browsing, *place, error);
    if (hive == NULL)
        return FALSE;
    const HcRoot *root = browsing->roots[*place];
    *value = NULL;
    if (ht_find_key(arena, hive, text, root, path, &key, &failure))
        return TRUE;
    *value = after;
    if ((before != NULL && ht_find_key(arena, hive, before, root, path, &key, NULL)) ||
        (browsing->is_compared && g_utf8_validate(text, -1, NULL) &&
         split_path(browsing, arena, before != NULL ? before : text, *place, path))) {
        g_error_free(failure);
        return TRUE;
    }
    return hc_fail_with(error, failure);
}

/* --- places --- */

static gboolean
open_operand(Browsing *browsing, const char *text, const char *other, GError **error)
{
    HcOperand *operand = &browsing->operand;
    if (!hc_cli_operand_open(operand, text, error))
        return FALSE;
    if (operand->kind == HC_OPERAND_CHANGE)
        return hc_fail(error, HC_ERROR_USAGE, "%s: is a patch%s", text,
                       other != NULL ? ": name the hive first" : ", browse shows hives");
    if (root_option != NULL && !operand->is_one)
        return hc_fail(error, HC_ERROR_USAGE,
                       "--root is for one hive, those of %s are at places of their own", text);
    const guint n = hc_registry_n_hives(operand->state);
    browsing->readings = g_new0(HtReading, n + 1);
    browsing->roots = g_new0(HcRoot *, n + 1);
    for (guint i = 0; i < n; i++)
        browsing->roots[i] = hc_root_copy(hc_registry_hive(operand->state, i)->root);
    return TRUE;
}

/* One hive is opened before there is a screen, and with --salvage all. */
static gboolean
open_first(Browsing *browsing, GError **error)
{
    const HcOperand *operand = &browsing->operand;
    for (guint i = 0; i < hc_registry_n_hives(operand->state); i++) {
        if ((operand->is_one || is_salvage) &&
            !ht_reading_open_of(&browsing->readings[i], browsing->context, operand->state, i, FALSE,
                                is_salvage, error))
            return FALSE;
    }
    if (!operand->is_one)
        return TRUE;
    g_clear_pointer(&browsing->roots[0], hc_root_free);
    return ht_find_root_of(operand, 0, browsing->readings[0].hive, root_option, &browsing->roots[0],
                           error);
}

static gboolean
compare(Browsing *browsing, char **args, GError **error)
{
    static const HcPatchOptions patch_options = {0};
    const HtCompareOptions options = {.root = root_option,
                                      .ignore = HC_IGNORE_DEFAULT,
                                      .is_salvage = is_salvage,
                                      .patch_options = &patch_options};
    if (!ht_compare(&browsing->comparisons, browsing->context, args[0], args[1], &options, error))
        return FALSE;
    for (guint i = 0; i < browsing->comparisons.items->len; i++) {
        const HtComparison *comparison = g_ptr_array_index(browsing->comparisons.items, i);
        if (comparison->exact == NULL)
            return hc_fail(error, HC_ERROR_UNSUPPORTED,
                           "%s, %s: are differencing hives, whose difference diff prints",
                           comparison->old_name, comparison->new_name);
    }
    return TRUE;
}

/* What is different in hive @index; NULL: it was not compared. */
static const HcDelta *
change_of(const Browsing *browsing, guint index)
{
    const HcRegistryHive *hive = hc_registry_hive(browsing->operand.state, index);
    for (guint i = 0; browsing->is_compared && i < browsing->comparisons.items->len; i++) {
        const HtComparison *comparison = g_ptr_array_index(browsing->comparisons.items, i);
        if (browsing->operand.is_one || g_str_equal(comparison->old_name, hive->name))
            return comparison->exact;
    }
    return NULL;
}

static HcBrowse *
make_browse(Browsing *browsing)
{
    const HcBrowsePlaces places = {open_hive, find_key, browsing};
    HcRegistry *state = browsing->operand.state;
    HcBrowse *browse = hc_browse_new(&places, browsing->is_compared);
    for (guint i = 0; i < hc_registry_n_hives(state); i++) {
        const HcRoot *root = browsing->roots[i];
        g_autofree char *label =
            hc_display(root != NULL ? root->text : hc_registry_hive(state, i)->label);
        hc_browse_add_place(browse, label, root, change_of(browsing, i));
    }
    return browse;
}

/* --- what was yanked --- */

static gboolean
emit(const Browsing *browsing, char **args, const HtYank *yank, GError **error)
{
    HcCliContext *context = browsing->context;
    const HcReportOptions options = {.root = "", .old_name = args[0], .new_name = "yanked"};
    if (yank->form == HT_YANK_NOTHING) {
        if (output_option != NULL)
            hc_cli_note(context, "nothing was yanked, %s is not written", output_option);
        return TRUE;
    }
    if (yank->form == HT_YANK_PATH)
        return ht_emit_like(context, output_option, args, yank->paths->str, yank->paths->len,
                            error);
    if (yank->form == HT_YANK_JSON) {
        g_autoptr(HcStream) stream = hc_cli_open_stream(context, output_option, args, error);
        if (stream == NULL)
            return FALSE;
        hc_report_json(stream, yank->patch, &options);
        return hc_cli_publish(context, stream, error);
    }
    uint64_t n_lost = 0;
    g_autoptr(GBytes) text =
        hc_reg_write_delta(yank->patch, HC_REG_UTF16, HC_NAME_EMPTY, &n_lost, error);
    return text != NULL && ht_emit_reg(context, output_option, args, text, FALSE, error);
}

static void
tell_notes(const Browsing *browsing)
{
    g_auto(GStrv) lines = g_strsplit(browsing->notes->str, "\n", -1);
    for (gsize i = 0; lines[i] != NULL && lines[i][0] != '\0'; i++)
        hc_cli_note(browsing->context, "%s", lines[i]);
}

/* What --salvage could not read. */
static HcExit
tell_losses(const Browsing *browsing)
{
    const HcPath everything = {NULL, 0};
    HcExit status = HC_EXIT_OK;
    for (guint i = 0; is_salvage && i < hc_registry_n_hives(browsing->operand.state); i++)
        if (ht_reading_status(&browsing->readings[i], browsing->context, &everything, TRUE) !=
            HC_EXIT_OK)
            status = HC_EXIT_NO;
    return status;
}

static gboolean
show(Browsing *browsing, char **args, HcExit *status, GError **error)
{
    g_autoptr(HcBrowse) browse = make_browse(browsing);
    g_autoptr(GString) title = g_string_new(NULL);
    g_auto(HtYank) yank = {HT_YANK_NOTHING, NULL, NULL};
    for (gsize i = 0; args[i] != NULL; i++) {
        g_string_append(title, i > 0 ? " -> " : "");
        hc_append_display(title, args[i], strlen(args[i]));
    }
    hc_browse_start(browse, 200);
    if (!ht_browse_screen(browse, title->str, browsing->context->color, &yank, error))
        return FALSE;
    tell_notes(browsing);
    *status = tell_losses(browsing);
    return emit(browsing, args, &yank, error);
}

static gboolean
run(HcCliContext *context, int n_args, char **args, HcExit *status, GError **error)
{
    g_auto(Browsing) browsing = {
        .context = context, .is_compared = n_args > 1, .notes = g_string_new(NULL)};
    if (!ht_browse_can_show(error) || !hc_cli_refuse_overwrite(output_option, args, error) ||
        !open_operand(&browsing, args[0], args[1], error) ||
        (browsing.is_compared && !compare(&browsing, args, error)) || !open_first(&browsing, error))
        return FALSE;
    return show(&browsing, args, status, error);
}

const HcCommand ht_cmd_browse = {
    .name = "browse",
    .also = "explore open tui regedit",
    .group = "look into hives",
    .args = "HIVE [OTHER]",
    .summary = "look through a hive, or what changed in it, on a terminal",
    .details =
        "Keys on the left, values on the right, details below; '?' tells all keys. HIVE can be\n"
        "several, a folder of hives, a Windows disk, an image or a layer; only what is shown is\n"
        "read, and nothing is written to it. OTHER is what it is compared with, a state or a\n"
        "patch: the tree shows what changed. What is yanked (y) as .reg, JSON or path is printed\n"
        "at the end.",
    .options = entries,
    .min_args = 1,
    .max_args = 2,
    .statuses = "0 left, 1 something could not be read (--salvage)",
    .examples = "hivetool browse SYSTEM\n"
                "hivetool browse SOFTWARE fix.reg\n"
                "hivetool browse -o picked.reg oci:before oci:after",
    .run = run,
};
