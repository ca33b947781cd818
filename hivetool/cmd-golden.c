#include "config.h"

#include "hivetool/golden.h"

#include <string.h>

#include "hivecore/base/choice.h"
#include "hivecore/base/error.h"
#include "hivecore/base/file.h"
#include "hivecore/base/map.h"

static gboolean is_content;
static gboolean is_text;

static const GOptionEntry entries[] = {
    {"content", 0, 0, G_OPTION_ARG_NONE, &is_content,
     "other bytes that hold the same are no difference", NULL},
    {"text", 0, 0, G_OPTION_ARG_NONE, &is_text,
     "update: also write GOLDEN.txt, what 'hivetool\ntextconv' prints, beside each hive", NULL},
    {NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
};

typedef enum {
    CHECK,
    UPDATE,
} Action;

static const HcChoice actions[] = {{"check", CHECK}, {"update", UPDATE}};

static gboolean
is_good(const HtGoldenPair *pair)
{
    return pair->verdict == HT_GOLDEN_SAME || (is_content && pair->verdict == HT_GOLDEN_CONTENT);
}

/* Tells how many are what. Returns: whether all are good. */
static gboolean
note_verdicts(const HcCliContext *context, const GPtrArray *pairs)
{
    guint n_good = 0;
    for (guint i = 0; i < pairs->len; i++)
        n_good += is_good((const HtGoldenPair *) pairs->pdata[i]);
    if (n_good == pairs->len)
        hc_cli_note(context, "%u file%s as golden", pairs->len, pairs->len == 1 ? " is" : "s are");
    else
        hc_cli_note(context, "%u of %u file%s not as golden", pairs->len - n_good, pairs->len,
                    pairs->len == 1 ? " is" : "s are");
    return n_good == pairs->len;
}

static gboolean
add_output(GPtrArray *outputs, const char *target, const char *like, const void *bytes,
           gsize n_bytes, GError **error)
{
    g_autoptr(HcOutput) output = hc_output_open(target, NULL, error);
    if (output == NULL || !hc_output_hide_like(output, like, error) ||
        !hc_output_write(output, bytes, n_bytes, error))
        return FALSE;
    g_ptr_array_add(outputs, g_steal_pointer(&output));
    return TRUE;
}

/* The text beside the golden hive, where there is one or one is asked for. */
static gboolean
add_text(GPtrArray *outputs, const HtGoldenPair *pair, const HcMap *made, GError **error)
{
    g_autofree char *name = ht_golden_text_name(pair->golden);
    struct stat status;
    gboolean is_there;
    if (!hc_hive_has_signature(hc_map_data(made), hc_map_size(made)))
        return TRUE;
    if (!hc_file_look(name, TRUE, &status, &is_there, error))
        return FALSE;
    if (!is_there && !is_text)
        return TRUE;
    /* With --content the golden hive can stay as it is. */
    g_autoptr(GBytes) text =
        ht_golden_text(pair->golden, is_good(pair) ? pair->golden : pair->made, error);
    gsize n_bytes = 0;
    const void *bytes = text != NULL ? g_bytes_get_data(text, &n_bytes) : NULL;
    return text != NULL && add_output(outputs, name, pair->made, bytes, n_bytes, error);
}

static gboolean
add_pair(GPtrArray *outputs, const HtGoldenPair *pair, GError **error)
{
    g_autoptr(HcMap) made = hc_map_open(pair->made, G_MAXINT64, error);
    if (made == NULL)
        return FALSE;
    return (is_good(pair) || add_output(outputs, pair->golden, pair->made, hc_map_data(made),
                                        (gsize) hc_map_size(made), error)) &&
           add_text(outputs, pair, made, error);
}

/* All golden files become what was made, or none does. */
static gboolean
update(HcCliContext *context, const GPtrArray *pairs, GError **error)
{
    g_autoptr(GPtrArray) outputs = g_ptr_array_new_with_free_func((GDestroyNotify) hc_output_free);
    for (guint i = 0; i < pairs->len; i++) {
        const HtGoldenPair *pair = pairs->pdata[i];
        if (pair->verdict != HT_GOLDEN_MISSING && !add_pair(outputs, pair, error))
            return FALSE;
    }
    if (outputs->len == 0)
        return TRUE;
    if (!hc_cli_commit(context, (HcOutput *const *) outputs->pdata, outputs->len, error))
        return FALSE;
    for (guint i = 0; i < outputs->len; i++)
        hc_cli_note(context, "%s: updated", hc_output_name((HcOutput *) outputs->pdata[i]));
    return TRUE;
}

static gboolean
is_any_missing(const GPtrArray *pairs)
{
    for (guint i = 0; i < pairs->len; i++) {
        if (((const HtGoldenPair *) pairs->pdata[i])->verdict == HT_GOLDEN_MISSING)
            return TRUE;
    }
    return FALSE;
}

static gboolean
run(HcCliContext *context, G_GNUC_UNUSED int n_args, char **args, HcExit *status, GError **error)
{
    const int action = HC_CHOICE_PARSE("golden:", args[0], actions, error);
    if (action < 0)
        return FALSE;
    if (is_text && action == CHECK)
        return hc_fail(error, HC_ERROR_USAGE, "--text is only for update");
    g_autoptr(GPtrArray) pairs = ht_golden_pairs(context, args[1], args[2], error);
    if (pairs == NULL)
        return FALSE;
    for (guint i = 0; i < pairs->len; i++) {
        if (!ht_golden_compare(context, context->stream, (HtGoldenPair *) pairs->pdata[i], error))
            return FALSE;
    }
    if (action == UPDATE) {
        *status = is_any_missing(pairs) ? HC_EXIT_NO : HC_EXIT_OK;
        return update(context, pairs, error);
    }
    *status = note_verdicts(context, pairs) ? HC_EXIT_OK : HC_EXIT_NO;
    return TRUE;
}

const HcCommand ht_cmd_golden = {
    .name = "golden",
    .also = "fixture expected snapshot baseline",
    .group = "compare",
    .args = "check|update GOLDEN MADE",
    .summary = "compare what was made with golden files, or make it the golden files",
    .details =
        "GOLDEN and MADE are two files, or two folders, which are compared name by name. Of hives\n"
        "and patches what they say differently is printed, or why they are other bytes that say\n"
        "the same; of other files from where on they differ. update prints that too, and then\n"
        "all golden files become what was made, or none does. A GOLDEN.txt beside a hive is its\n"
        "text (see textconv), which check wants right and update keeps so. A golden file that was\n"
        "not made is a difference, and stays.",
    .options = entries,
    .min_args = 3,
    .max_args = 3,
    .statuses = "0 as golden, 1 not",
    .examples = "hivetool golden check old/SOFTWARE SOFTWARE\n"
                "hivetool golden update --text old/SOFTWARE SOFTWARE",
    .run = run,
};
