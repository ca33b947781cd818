#include "config.h"

#include "hivecore/delta/diff.h"
#include "hivecore/delta/resolve.h"
#include "hivecore/reg/reg-reader.h"
#include "hivecore/reg/reg-script.h"
#include "hivecore/reg/reg-writer.h"
#include "hivecore/report/report.h"
#include "tests/unit/cu.h"
#include "tests/unit/random-pair.h"

/* A delta that is written and read again is the delta; what an encoding cannot say is counted. */

/* Deltas that lines of reg.exe could say all of. */
static uint64_t n_whole_scripts;

static const char *
reg_gives_new(Pair *pair, GError **error)
{
    const HcName root[] = {HC_NAME_ASCII("HKEY_LOCAL_MACHINE"), HC_NAME_ASCII("R")};
    const HcRegReadOptions options = {0};
    uint64_t n_inexpressible = 0;
    g_autoptr(GBytes) text = hc_reg_write_delta(
        pair->delta, random_chance(&pair->random, 50) ? HC_REG_UTF16 : HC_REG_UTF8,
        HC_NAME_ASCII("HKEY_LOCAL_MACHINE\\R"), &n_inexpressible, error);
    g_autoptr(HcDelta) patch = hc_delta_new();
    if (text == NULL || !hc_reg_read(patch, "random.reg", text, &options, NULL, error))
        return "not written or read";
    HcDeltaPlace place = {{root, 2}, NULL};
    (void) hc_delta_route(patch, &place, 1, FALSE, NULL, error); /* no part on error */
    g_autoptr(HcDelta) below = place.part;
    g_autoptr(HcDelta) exact =
        below != NULL ? hc_delta_resolve(below, pair->old_hive, error) : NULL;
    g_autoptr(HcHive) effective =
        exact != NULL ? pair_overlaid(pair->old_hive, exact, error) : NULL;
    if (effective == NULL)
        return "no effective hive";
    const guint ignore = HC_IGNORE_DEFAULT | HC_IGNORE_SECURITY | HC_IGNORE_CLASS | HC_IGNORE_FLAGS;
    HcIgnoredCounts ignored;
    g_autoptr(HcDelta) left = hc_diff(effective, pair->new_hive, ignore, &ignored, error);
    if (left == NULL || !hc_delta_is_empty(left))
        return "another effective hive";
    if (n_inexpressible == 0 && ignored.class_names + ignored.flags + ignored.security > 0)
        return "something is missing and not counted";
    return NULL;
}

/* How much of a difference is not counted as left out. */
static gboolean
is_left_out(const HcDelta *left, uint64_t n_inexpressible)
{
    const HcDeltaCounts counts = hc_delta_count(left);
    return counts.keys_created + counts.keys_deleted + counts.values_added + counts.values_changed +
               counts.values_deleted <=
           n_inexpressible;
}

/* The delta as lines of reg.exe; what those cannot say is counted, and no more is missing. */
static const char *
lines_give_new(Pair *pair, GError **error)
{
    const HcName root[] = {HC_NAME_ASCII("HKEY_LOCAL_MACHINE"), HC_NAME_ASCII("R")};
    const HcRegReadOptions options = {0};
    g_autoptr(HcStream) out = hc_stream_new_spool();
    g_autoptr(HcPatchText) writer = hc_reg_script_text(out, HC_NAME_ASCII("HKLM\\R"));
    g_autoptr(GBytes) text = hc_patch_text_delta(writer, (HcPath){NULL, 0}, pair->delta, error) &&
                                     hc_patch_text_end(writer, error)
                                 ? hc_stream_take(out, error)
                                 : NULL;
    g_autoptr(HcDelta) patch = hc_delta_new();
    if (text == NULL || !hc_reg_script_read(patch, "random.cmd", text, &options, NULL, error))
        return "not written or read";
    if (!hc_reg_script_is(g_bytes_get_data(text, NULL), g_bytes_get_size(text)))
        return "it is not known for what it is";
    HcDeltaPlace place = {{root, 2}, NULL};
    (void) hc_delta_route(patch, &place, 1, FALSE, NULL, error); /* no part on error */
    g_autoptr(HcDelta) below = place.part;
    g_autoptr(HcDelta) exact =
        below != NULL ? hc_delta_resolve(below, pair->old_hive, error) : NULL;
    g_autoptr(HcHive) effective =
        exact != NULL ? pair_overlaid(pair->old_hive, exact, error) : NULL;
    if (effective == NULL)
        return "no effective hive";
    const guint ignore = HC_IGNORE_DEFAULT | HC_IGNORE_SECURITY | HC_IGNORE_CLASS | HC_IGNORE_FLAGS;
    HcIgnoredCounts ignored;
    g_autoptr(HcDelta) left = hc_diff(effective, pair->new_hive, ignore, &ignored, error);
    const uint64_t n_left_out = hc_patch_text_n_left_out(writer);
    if (left == NULL || !is_left_out(left, n_left_out))
        return "something is missing and not counted";
    if (n_left_out == 0)
        n_whole_scripts++;
    if (n_left_out == 0 && ignored.class_names + ignored.flags + ignored.security > 0)
        return "something is missing and not counted";
    return NULL;
}

static const char *
json_gives_delta(Pair *pair, GError **error)
{
    const HcReportOptions options = {.root = "", .ignore = HC_IGNORE_DEFAULT};
    g_autoptr(HcStream) text = hc_stream_new_spool();
    hc_report_json(text, pair->delta, &options);
    g_autoptr(GBytes) content = hc_stream_take(text, error);
    g_autoptr(HcDelta) patch = hc_delta_new();
    if (!hc_json_read(patch, "random.json", content, NULL, error))
        return "not read";
    g_autoptr(HcDelta) exact = hc_delta_resolve(patch, pair->old_hive, error);
    if (exact == NULL)
        return "does not fit";
    return pair_same_effect(exact, pair->delta) ? NULL : "another delta";
}

static void
test_reg(void)
{
    pair_for_all(reg_gives_new);
}

static void
test_lines(void)
{
    pair_for_all(lines_give_new);
    CU_ASSERT_TRUE(n_whole_scripts > 0);
}

static void
test_json(void)
{
    pair_for_all(json_gives_delta);
}

const char cu_suite[] = "property-encodings";
const CuCase cu_cases[] = {
    {"the delta as .reg", test_reg},
    {"the delta as reg add lines", test_lines},
    {"the delta as JSON", test_json},
    {NULL, NULL},
};
