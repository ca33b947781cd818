#include "config.h"

#include "hivecore/base/error.h"
#include "hivetool/compare.h"
#include "hivetool/hives.h"

#include "hivecore/delta/rebuild.h"
#include "hivecore/regf/check.h"
#include "hivecore/report/report.h"

static char *output_option;

static const GOptionEntry entries[] = {
    {"output", 'o', 0, G_OPTION_ARG_FILENAME, &output_option,
     "the effective hive to write; of several a folder", "OUT"},
    {NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
};

/* BASE and the layers above it, lowest first, and which hive of each is which. */
typedef struct {
    HcCliContext *context;
    HtMaking making;
    guint n_layers;
    HcOperand *operands; /* n_layers + 1 of them: the base, then the layers */
    guint *indexes;      /* for each layer, for each hive of the base: 0, or 1 + its index there */
    guint at;            /* the layer that is looked at */
} Merging;

static void
merging_clear(Merging *merging)
{
    for (guint i = 0; merging->operands != NULL && i <= merging->n_layers; i++)
        hc_operand_clear(&merging->operands[i]);
    g_free(merging->operands);
    g_free(merging->indexes);
    ht_making_clear(&merging->making);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Merging, merging_clear)

static guint *
index_of(const Merging *merging, guint layer, guint base_index)
{
    return &merging->indexes[layer * hc_registry_n_hives(merging->operands[0].state) + base_index];
}

static gboolean
keep_pair(void *data, guint base_index, guint layer_index, G_GNUC_UNUSED GError **error)
{
    const Merging *merging = data;
    *index_of(merging, merging->at, base_index) = layer_index + 1;
    return TRUE;
}

/* Opens all that is named, and finds out which hive of each layer is above which of the base.
 * @is_several: (out): a state of several hives lies under one of several */
static gboolean
open_operands(Merging *merging, char **args, gboolean *is_several, GError **error)
{
    merging->operands = g_new0(HcOperand, merging->n_layers + 1);
    *is_several = FALSE;
    for (guint i = 0; i <= merging->n_layers; i++) {
        if (!hc_cli_operand_open(&merging->operands[i], args[i], error))
            return FALSE;
    }
    merging->indexes =
        g_new0(guint, (gsize) merging->n_layers * hc_registry_n_hives(merging->operands[0].state));
    for (merging->at = 0; merging->at < merging->n_layers; merging->at++) {
        const HtPairing pairing = {merging->context, &merging->operands[0],
                                   &merging->operands[merging->at + 1], "merged", "merge"};
        *is_several |= ht_pairing_is_several(&pairing);
        if (!ht_pair_hives(&pairing, keep_pair, merging, NULL, error))
            return FALSE;
    }
    return TRUE;
}

/* Returns: (transfer full) (element-type HcHive): the layers above hive @index of the base, sound;
 * NULL with @error set */
static GPtrArray *
open_layers(const Merging *merging, guint index, GError **error)
{
    const HcHiveReading how = {.flags = 0};
    g_autoptr(GPtrArray) layers = g_ptr_array_new_with_free_func((GDestroyNotify) hc_hive_unref);
    for (guint i = 0; i < merging->n_layers; i++) {
        const guint found = *index_of(merging, i, index);
        if (found == 0)
            continue;
        HcHive *layer = hc_cli_open_hive_of(merging->context, merging->operands[i + 1].state,
                                            found - 1, &how, error);
        if (layer == NULL)
            return NULL;
        g_ptr_array_add(layers, layer);
        if (!hc_hive_check(layer, NULL, error))
            return NULL;
    }
    return g_steal_pointer(&layers);
}

/* @hive under one layer: proven and open, @hive itself when the layer does nothing. @output:
 * (nullable): what it is written to, which is in memory else. */
static HcHive *
merge_layer(const Merging *merging, HcHive *hive, const HcHive *layer, HcOutput *output,
            HcDelta **change, GError **error)
{
    HcHive *merged = hc_merge_layer_to(hive, layer, merging->context->epoch, output, change, error);
    if (merged == NULL)
        return NULL;
    g_autoptr(GString) counts = g_string_new(NULL);
    hc_cli_verbose(merging->context, "%s: %s", hc_hive_file(layer),
                   hc_report_append_counts(counts, *change) ? counts->str : "nothing to do");
    return merged;
}

/* Returns: (transfer full): @base under all @layers. @is_written: (out): it is in @output.
 * @change: (out): the difference of both */
static HcHive *
merge_layers(const Merging *merging, HcHive *base, const GPtrArray *layers, HcOutput *output,
             gboolean *is_written, HcDelta **change, GError **error)
{
    g_autoptr(HcHive) hive = hc_hive_ref(base);
    g_autoptr(HcDelta) last_change = NULL;
    guint n_changes = 0;
    *is_written = FALSE;
    for (guint i = 0; i < layers->len; i++) {
        HcOutput *last = i + 1 == layers->len ? output : NULL;
        HcDelta *here = NULL;
        HcHive *next =
            merge_layer(merging, hive, (const HcHive *) layers->pdata[i], last, &here, error);
        if (next == NULL)
            return NULL;
        *is_written = last != NULL && next != hive;
        if (next != hive || last_change == NULL) {
            hc_delta_free(last_change);
            last_change = here;
        } else {
            hc_delta_free(here);
        }
        n_changes += next != hive;
        hc_hive_unref(hive);
        hive = next;
    }
    /* What one layer does was found and proven as it was merged. */
    *change = n_changes <= 1 ? g_steal_pointer(&last_change)
                             : hc_diff(base, hive, HC_IGNORE_DEFAULT, NULL, error);
    return *change != NULL ? g_steal_pointer(&hive) : NULL;
}

/* @base: may be unsound still: what a layer changes is checked where it is rebuilt */
static gboolean
merge_base(Merging *merging, HcHive *base, guint index, GError **error)
{
    gboolean is_written;
    g_autoptr(HcDelta) change = NULL;
    g_autoptr(GPtrArray) layers = open_layers(merging, index, error);
    if (layers == NULL || layers->len == 0)
        return layers != NULL && hc_hive_check(base, NULL, error);
    g_autofree char *name = ht_name_in_folder(hc_registry_hive(merging->operands[0].state, index));
    HcOutput *output = ht_making_open(&merging->making, name, error);
    g_autoptr(HcHive) hive =
        output != NULL ? merge_layers(merging, base, layers, output, &is_written, &change, error)
                       : NULL;
    if (hive == NULL || (hive == base && !hc_hive_check(base, NULL, error)))
        return FALSE;
    const HcMap *map = hc_hive_map(hive);
    ht_making_note(&merging->making, hc_cli_change_text(hc_output_name(output), change,
                                                        "nothing to do, a copy of the base"));
    return is_written || hc_output_write(output, hc_map_data(map), (gsize) hc_map_size(map), error);
}

static gboolean
merge(Merging *merging, guint index, GError **error)
{
    GError *failure = NULL;
    g_autoptr(HcHive) base =
        ht_open_ordinary_of(merging->context, merging->operands[0].state, index, error);
    if (base == NULL)
        return FALSE;
    if (merge_base(merging, base, index, &failure))
        return TRUE;
    /* That it is not sound comes before what else is wrong, and may be why. */
    if (hc_hive_check(base, NULL, error))
        return hc_fail_with(error, failure);
    g_error_free(failure);
    return FALSE;
}

static gboolean
run(HcCliContext *context, int n_args, char **args, HcExit *status, GError **error)
{
    g_auto(Merging) merging = {.context = context, .n_layers = (guint) n_args - 1};
    gboolean is_several;
    if (!hc_cli_need_output("merge", output_option, "OUT", error) ||
        !hc_cli_refuse_overwrite(output_option, args, error) ||
        !open_operands(&merging, args, &is_several, error) ||
        !ht_making_start(&merging.making, context, output_option, args, is_several, error))
        return FALSE;
    for (guint i = 0; i < hc_registry_n_hives(merging.operands[0].state); i++) {
        if (!merge(&merging, i, error))
            return FALSE;
    }
    *status = HC_EXIT_OK;
    return ht_making_finish(&merging.making, error);
}

const HcCommand ht_cmd_merge = {
    .name = "merge",
    .also = "join combine",
    .group = "write hives",
    .args = "BASE DELTA...",
    .summary = "write the effective hive under differencing hives",
    .details =
        "BASE is an ordinary hive, each DELTA a differencing hive above it and those before\n"
        "it, like the Hives/*_Delta files of the layers of a container image. The result\n"
        "is opened again and compared before it appears. Of states of several hives, folders,\n"
        "Windows disks, images or layers, those at the same places are merged, each into the\n"
        "folder OUT.",
    .options = entries,
    .min_args = 2,
    .max_args = -1,
    .statuses = "0 done",
    .examples = "hivetool delta old/SOFTWARE SOFTWARE -o SOFTWARE_Delta\n"
                "hivetool merge old/SOFTWARE SOFTWARE_Delta -o merged.hive",
    .run = run,
};
