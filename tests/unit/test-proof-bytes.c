#include "config.h"

#include "hivecore/delta/diff.h"
#include "hivecore/delta/proof.h"
#include "hivecore/delta/resolve.h"
#include "hivecore/edit/edit.h"
#include "hivecore/regf/check.h"
#include "hivecore/regf/layout.h"
#include "tests/unit/cu.h"
#include "tests/unit/random-tree.h"
#include "tests/unit/tree-text.h"

/*
 * The proof of a hive that was edited in place looks again at what may have changed only. Here is a
 * hive, an honest edited copy, and copies of that in which some bytes are others, wherever they
 * are: what the proof takes has to be what a whole check and a whole difference take.
 */

static const HcEpoch no_epoch = {FALSE, 0};

enum {
    N_KEYS = 120,
    N_MUTANTS = 1200, /* of each edit */
};

/* A hive, what is to change, and the copy in which it has. */
typedef struct {
    HcHive *before;
    HcDelta *exact;
    GBytes *honest;
    HcHive *honest_hive;
} Edit;

typedef struct {
    guint n_taken;
    guint n_unsound;
    guint n_changed;
} Seen;

/* Keys on three levels, of which some have classes and descriptors of their own. */
static HcHive *
make_hive(void)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < N_KEYS; i++) {
        g_string_append_printf(text, "[k%02u\\sub%u\\x%u]\nname=1:%0*u\ndata=3:%0*u\n", i / 12,
                               i / 4 % 3, i, 40 + 2 * (i % 9), i, 300 + 2 * (i % 40), i);
        if (i % 10 == 0)
            g_string_append(text, "!class=41004200\n");
        if (i % 15 == 0)
            g_string_append_printf(text, "!security=01000%u80%032u\n", (guint) (i % 2), 0u);
    }
    return tree_open(text->str, 5);
}

static HcHive *
open_bytes(const void *bytes, gsize n_bytes)
{
    g_autoptr(HcMap) map = hc_map_from_bytes("test.hive", g_bytes_new(bytes, n_bytes));
    return hc_hive_open_map(map, 0, NULL);
}

static void
edit_start(Edit *edit, const char *patch_text)
{
    GError *error = NULL;
    g_autoptr(HcDelta) patch = hc_delta_new();
    gsize n_bytes;
    tree_add_statements(patch, patch_text, "a.reg");
    edit->before = make_hive();
    edit->exact = hc_delta_resolve(patch, edit->before, &error);
    CHECK_NO_ERROR(error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(edit->exact);
    edit->honest = hc_edit_apply(edit->before, edit->exact, no_epoch, &error);
    CHECK_NO_ERROR(error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(edit->honest);
    const void *bytes = g_bytes_get_data(edit->honest, &n_bytes);
    edit->honest_hive = open_bytes(bytes, n_bytes);
    CU_ASSERT_PTR_NOT_NULL_FATAL(edit->honest_hive);
}

static void
edit_clear(Edit *edit)
{
    hc_hive_unref(edit->honest_hive);
    g_bytes_unref(edit->honest);
    hc_delta_free(edit->exact);
    hc_hive_unref(edit->before);
}

/* Where the two copies differ, or anywhere. */
static uint32_t
find_place(Random *random, const Edit *edit, const uint8_t *bytes, uint32_t n_bytes)
{
    gsize n_before = (gsize) hc_map_size(hc_hive_map(edit->before));
    const uint8_t *before = hc_map_data(hc_hive_map(edit->before));
    uint32_t at = random_below(random, n_bytes / 4) * 4;
    if (random_chance(random, 50))
        return at;
    for (guint i = 0; i < n_bytes / 4; i++, at = (at + 4) % n_bytes) {
        if (at >= n_before || memcmp(before + at, bytes + at, 4) != 0)
            return at;
    }
    return at;
}

/* An offset of the hive's cells, or what could be one. */
static uint32_t
find_offset(Random *random, const uint8_t *bytes, uint32_t n_bytes)
{
    uint32_t at = 0;
    for (guint i = 0; i < 100; i++) {
        at = HC_BASE_BLOCK_BYTES + random_below(random, (n_bytes - HC_BASE_BLOCK_BYTES) / 4) * 4;
        const uint32_t offset = hc_get32(bytes + at);
        if (offset >= HC_HBIN_HEADER_BYTES && offset < n_bytes && offset % HC_CELL_ALIGN == 0)
            break;
    }
    return at;
}

static void
mutate(Random *random, const Edit *edit, uint8_t *bytes, uint32_t n_bytes)
{
    const uint32_t at = find_place(random, edit, bytes, n_bytes);
    const uint32_t bin = HC_BASE_BLOCK_BYTES * (1 + random_below(random, n_bytes / 4096 - 1));
    switch (random_below(random, 6)) {
    case 0: /* a byte */
    case 1:
        bytes[at + random_below(random, 4)] ^= (uint8_t) (1u << random_below(random, 8));
        break;
    case 2: /* a neighbour */
        hc_put32(bytes + at, hc_get32(bytes + at) + 8 - 16 * random_below(random, 2));
        break;
    case 3: /* a cell is another one, and maybe two are the same */
        memmove(bytes + find_offset(random, bytes, n_bytes),
                bytes + find_offset(random, bytes, n_bytes), 4);
        break;
    case 4: /* a header of a bin, or what stands there inside of one */
        hc_put32(bytes + bin + 4 * random_below(random, 3), bin - 4096 * random_below(random, 3));
        break;
    default: /* the base block */
        hc_put32(bytes + 4 * random_below(random, 16), random_below(random, n_bytes) & ~3u);
        break;
    }
    hc_put32(bytes + HC_BASE_CHECKSUM, hc_base_checksum(bytes));
}

/* Whether the hive is what the honest copy is, of what a delta and the proof speak of. */
static gboolean
is_as_honest(const Edit *edit, const HcHive *hive)
{
    HcIgnoredCounts ignored = {0};
    g_autoptr(HcDelta) difference = hc_diff(edit->honest_hive, hive, 0, &ignored, NULL);
    return difference != NULL && hc_delta_is_empty(difference) && ignored.spelling == 0 &&
           ignored.hidden == 0;
}

static gboolean
prove(const Edit *edit, GBytes *bytes, gboolean is_kept, GError **error)
{
    HcKeptCheck *kept = is_kept ? hc_hive_check_keep(edit->before, NULL) : NULL;
    return hc_proof(edit->before, kept, bytes, edit->exact, no_epoch, error);
}

static void
check_mutant(const Edit *edit, GBytes *mutant, Seen *seen)
{
    gsize n_bytes;
    const void *data = g_bytes_get_data(mutant, &n_bytes);
    g_autoptr(GError) failure = NULL;
    g_autoptr(GError) whole_failure = NULL;
    g_autoptr(HcHive) hive = open_bytes(data, n_bytes);
    const gboolean is_sound = hive != NULL && hc_hive_check(hive, NULL, NULL);
    const gboolean is_right = is_sound && is_as_honest(edit, hive);
    const gboolean is_taken = prove(edit, mutant, TRUE, &failure);
    CU_ASSERT_EQUAL(is_taken, is_right);
    CU_ASSERT_EQUAL(prove(edit, mutant, FALSE, &whole_failure), is_taken);
    if (failure != NULL && whole_failure != NULL)
        CHECK_STRING(failure->message, whole_failure->message);
    seen->n_taken += is_taken;
    seen->n_unsound += !is_sound;
    seen->n_changed += is_sound && !is_right;
}

static void
check_edit(const char *patch_text, guint seed, Seen *seen)
{
    Edit edit;
    Random random = random_start(seed);
    gsize n_bytes;
    edit_start(&edit, patch_text);
    const void *bytes = g_bytes_get_data(edit.honest, &n_bytes);
    for (guint i = 0; i < N_MUTANTS; i++) {
        uint8_t *copy = g_memdup2(bytes, n_bytes);
        mutate(&random, &edit, copy, (uint32_t) n_bytes);
        g_autoptr(GBytes) mutant = g_bytes_new_take(copy, n_bytes);
        check_mutant(&edit, mutant, seen);
    }
    edit_clear(&edit);
}

static void
what_the_proof_takes(void)
{
    static const char *const patches[] = {
        "[k03\\sub1\\x40]\nname=1:4100420000",
        "-[k05\\sub0]\n[k05\\sub0\\new]\nv=4:01000000",
        "[k07\\sub2\\x92]\ndata=-\n[k08\\sub1\\x100\\below]\nv=3:00112233445566778899",
        "-[k02\\sub1\\x30]\n[k01\\sub0\\x12]\nname=-\n=1:4100",
    };
    Seen seen = {0};
    for (guint i = 0; i < G_N_ELEMENTS(patches); i++)
        check_edit(patches[i], i, &seen);
    CU_ASSERT_TRUE(seen.n_taken > 100);
    CU_ASSERT_TRUE(seen.n_unsound > 1000);
    CU_ASSERT_TRUE(seen.n_changed > 100);
}

const char cu_suite[] = "proof-bytes";
const CuCase cu_cases[] = {
    {"of copies with other bytes", what_the_proof_takes},
    {NULL, NULL},
};
