#include "config.h"

#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "hivecore/base/error.h"
#include "hivecore/delta/diff.h"
#include "hivecore/reg/reg-writer.h"
#include "hivecore/regf/check.h"
#include "hivecore/regf/layout.h"
#include "hivecore/regf/salvage.h"

/*
 * damage [--all] HIVE...: every hive cut off at multiples of 4,096 bytes, and with single bytes
 * changed, is opened, checked, walked with all its data, exported and compared with the original.
 * What can be read of it is salvaged, and of a changed byte no more is lost than the key, value or
 * tree that it lies in.
 * Whatever comes of it, it must come without a crash, with less than 1 GiB of memory, and not hang;
 * built with sanitizers this program sees more. Prints a line per hive, and one
 * for each case that took over a second of computing: that is for people, only a hang fails.
 *
 * Without --all the number of cases falls with the size of the hive, so that a run over the
 * corpus takes less than a minute.
 */

enum {
    N_FLIPS = 200,
    MIN_CASES = 4,
    WORK_BYTES = 8 * 1024 * 1024, /* of hives that the cases of one kind may have in all */
    SLOW_USEC = 1000000,
    HANG_USEC = 60 * SLOW_USEC
};

/* With and without sanitizers: cases of their own. */
#ifdef __SANITIZE_ADDRESS__
#define SEED 1
#else
#define SEED 0
#endif

typedef struct {
    const char *file;
    const HcHive *original; /* NULL when it cannot be opened */
    guint64 random;
    guint n_cases;
    guint n_opened;
    guint n_sound;
    guint n_salvaged;
    gboolean is_original_sound; /* and an ordinary hive */
    gint64 slowest_usec;
} Run;

/* SplitMix64: the same numbers everywhere. */
static guint64
next_random(Run *run)
{
    run->random += UINT64_C(0x9e3779b97f4a7c15);
    guint64 z = run->random;
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* Defects that end a walk are fine; errors that blame this program or the disk are not. */
static void
expect_blame(const Run *run, GError *error)
{
    if (error == NULL)
        return;
    if (error->domain != HC_ERROR ||
        (error->code != HC_ERROR_MALFORMED && error->code != HC_ERROR_UNSUPPORTED &&
         error->code != HC_ERROR_LIMIT)) {
        g_printerr("%s: %s\n", run->file, error->message);
        exit(1);
    }
    g_error_free(error);
}

static gboolean
walk_key(HcWalk *walk, const HcKey *key, guint depth, GByteArray *scratch, GError **error)
{
    const HcHive *hive = walk->hive;
    HcSubkeyIter iter;
    HcKey subkey;
    HcBlob blob;
    GError *failure = NULL;
    if (!hc_walk_enter(walk, key, depth, error) || !hc_hive_class(hive, key, &blob, error) ||
        !hc_hive_security(hive, key, &blob, error))
        return FALSE;
    for (uint32_t i = 0; i < key->n_values; i++) {
        HcValue value;
        if (!hc_hive_value(hive, key, i, &value, error) || !hc_walk_data(walk, &value, error) ||
            !hc_hive_value_data(hive, &value, scratch, &blob, error))
            return FALSE;
    }
    if (!hc_subkey_iter_init(&iter, hive, key, error))
        return FALSE;
    while (hc_subkey_iter_next(&iter, &subkey, &failure)) {
        if (!walk_key(walk, &subkey, depth + 1, scratch, error))
            return FALSE;
    }
    if (failure != NULL)
        g_propagate_error(error, failure);
    return failure == NULL;
}

static void
use_hive(Run *run, const HcHive *hive)
{
    GError *error = NULL;
    HcKey root;
    g_autoptr(GByteArray) scratch = g_byte_array_new();
    HcWalk walk = hc_walk_start(hive);
    run->n_opened++;
    if (hc_hive_check(hive, NULL, &error))
        run->n_sound++;
    expect_blame(run, g_steal_pointer(&error));
    if (!hc_hive_root(hive, &root, &error)) {
        expect_blame(run, error);
        return;
    }
    walk_key(&walk, &root, 0, scratch, &error);
    expect_blame(run, g_steal_pointer(&error));
    uint64_t n_left_out;
    g_autoptr(GBytes) text =
        hc_reg_write_hive(hive, HC_REG_UTF16, HC_NAME_ASCII("HKLM"), &n_left_out, &error);
    if ((text == NULL) != (error != NULL))
        exit(1);
    expect_blame(run, g_steal_pointer(&error));
    if (run->original == NULL)
        return;
    hc_delta_free(hc_diff(run->original, hive, 0, NULL, &error));
    expect_blame(run, g_steal_pointer(&error));
    hc_delta_free(hc_diff(hive, run->original, 0, NULL, &error));
    expect_blame(run, g_steal_pointer(&error));
}

/* Whether what one changed byte of a hive did is all at one place: one key with its values, or one
 * of its subkeys that is gone, perhaps with one of another name come. */
static gboolean
is_confined(const HcDeltaKey *node)
{
    while (node->changed == 0 && hc_delta_n_values(node) == 0 && hc_delta_n_children(node) == 1 &&
           hc_delta_child(node, 0)->op == HC_KEY_KEEP)
        node = hc_delta_child(node, 0);
    guint n_gone = 0;
    guint n_come = 0;
    for (guint i = 0; i < hc_delta_n_children(node); i++) {
        const HcKeyOp op = hc_delta_child(node, i)->op;
        if (op == HC_KEY_KEEP)
            return FALSE;
        n_gone += op == HC_KEY_DELETE || op == HC_KEY_REPLACE;
        n_come += op == HC_KEY_CREATE || op == HC_KEY_REPLACE;
    }
    return n_gone <= 1 && n_come <= 1;
}

/* What can be read of it is a sound hive, with all that the damage does not touch. */
static void
salvage(Run *run, const HcHive *damaged, const char *what, guint64 where)
{
    GError *error = NULL;
    g_autoptr(HcFindings) losses = hc_findings_new(NULL, HC_MAX_FINDINGS);
    g_autoptr(GBytes) bytes = hc_salvage(damaged, losses, &error);
    if ((bytes == NULL) != (error != NULL))
        exit(1);
    expect_blame(run, g_steal_pointer(&error));
    if (bytes == NULL)
        return;
    run->n_salvaged++;
    if (!run->is_original_sound || where < HC_BASE_BLOCK_BYTES || what[0] != 'c' || what[1] != 'h')
        return;
    g_autoptr(HcMap) map = hc_map_from_bytes("salvaged", g_bytes_ref(bytes));
    g_autoptr(HcHive) hive = hc_hive_open_map(map, 0, &error);
    expect_blame(run, g_steal_pointer(&error));
    g_autoptr(HcDelta) delta =
        hc_diff(run->original, hive, HC_IGNORE_SECURITY | HC_IGNORE_TIMESTAMPS | HC_IGNORE_ORDER,
                NULL, &error);
    expect_blame(run, g_steal_pointer(&error));
    if (delta != NULL && is_confined(hc_delta_root(delta)))
        return;
    g_printerr("%s: %s 0x%" G_GINT64_MODIFIER "x: more is lost than was damaged\n", run->file, what,
               where);
    exit(1);
}

/* Of this process alone: other load on the machine is no hang. */
static gint64
cpu_usec(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

/* One damaged hive. @bytes: borrowed for the time of the call. */
/* A check of the original and the damaged hive at once says the same of the latter. */
static void
check_both(const Run *run, const HcHive *hive, gboolean is_sound)
{
    g_auto(HcPairCheck) both = {NULL, NULL, NULL};
    if (run->original == NULL)
        return;
    hc_hive_check_pair(run->original, hive, FALSE, &both);
    if (is_sound != (both.right == NULL)) {
        g_printerr("%s: the checks of one and of two hives disagree\n", run->file);
        exit(1);
    }
}

static void
try_case(Run *run, const uint8_t *bytes, gsize n_bytes, const char *what, guint64 where)
{
    GError *error = NULL;
    const gint64 start = cpu_usec();
    g_autoptr(HcMap) map = hc_map_from_bytes("damaged", g_bytes_new_static(bytes, n_bytes));
    g_autoptr(HcHive) damaged =
        hc_hive_open_map(map, HC_HIVE_ALLOW_DIRTY | HC_HIVE_ALLOW_DAMAGED, &error);
    expect_blame(run, g_steal_pointer(&error));
    g_autoptr(HcFindings) findings = hc_findings_new(NULL, HC_MAX_FINDINGS);
    if (damaged != NULL) {
        hc_hive_check_all(damaged, findings, NULL);
        salvage(run, damaged, what, where);
    }
    g_autoptr(HcHive) hive = hc_hive_open_map(map, HC_HIVE_ALLOW_DIRTY, &error);
    expect_blame(run, g_steal_pointer(&error));
    if (hive != NULL) {
        const gboolean is_sound = hc_hive_check(hive, NULL, NULL);
        if (is_sound != (findings->n[HC_SEVERITY_ERROR] == 0)) {
            g_printerr("%s: %s 0x%" G_GINT64_MODIFIER "x: the guard and the check disagree\n",
                       run->file, what, where);
            exit(1);
        }
        use_hive(run, hive);
        check_both(run, hive, is_sound);
    }
    const gint64 took = cpu_usec() - start;
    run->slowest_usec = MAX(run->slowest_usec, took);
    run->n_cases++;
    if (took > SLOW_USEC)
        g_print("%s: %s 0x%" G_GINT64_MODIFIER "x: took %d ms\n", run->file, what, where,
                (int) (took / 1000));
    if (took > HANG_USEC)
        exit(1);
}

static void
sign(uint8_t *bytes)
{
    uint32_t sum = 0;
    for (guint i = 0; i < HC_BASE_CHECKSUM; i += 4)
        sum ^= hc_get32(bytes + i);
    hc_put32(bytes + HC_BASE_CHECKSUM, sum);
}

/* How many cases of @wanted a hive of that size gets. */
static gsize
n_cases(gsize wanted, gsize n_bytes, gboolean all)
{
    return all ? wanted : MIN(wanted, MAX((gsize) WORK_BYTES / n_bytes, MIN_CASES));
}

/* Cut off at multiples of 4,096 bytes; every other time the base block says the new size. */
static void
truncations(Run *run, const uint8_t *bytes, gsize n_bytes, gboolean all)
{
    const gsize n_pages = n_bytes / HC_BASE_BLOCK_BYTES;
    const gsize n = n_cases(n_pages, n_bytes, all);
    for (gsize i = 0; i < n; i++) {
        const gsize pages = n == n_pages ? i : (i * n_pages + next_random(run) % n_pages) / n;
        const gsize size = pages * HC_BASE_BLOCK_BYTES;
        /* A block of its own, so that reading past its end is seen. */
        g_autofree uint8_t *cut = g_memdup2(bytes, size);
        if (pages > 1 && i % 2 == 1) {
            hc_put32(cut + HC_BASE_BINS_BYTES, (uint32_t) (size - HC_BASE_BLOCK_BYTES));
            sign(cut);
        }
        try_case(run, cut, size, "cut off at", size);
    }
}

/* Mostly a byte that is not zero: what is free or unused is large, and seldom matters. */
static gsize
pick_place(Run *run, const uint8_t *bytes, gsize n_bytes)
{
    gsize at = next_random(run) % n_bytes;
    for (guint i = 0; i < 16 && bytes[at] == 0; i++)
        at = next_random(run) % n_bytes;
    return at;
}

/* One byte changed, every other time with a right checksum. */
static void
flips(Run *run, uint8_t *bytes, gsize n_bytes, gboolean all)
{
    const gsize n = n_cases(N_FLIPS, n_bytes, all);
    uint8_t base[HC_BASE_CHECKSUM + 4];
    if (n_bytes < sizeof(base))
        return;
    memcpy(base, bytes, sizeof(base));
    for (gsize i = 0; i < n; i++) {
        const gsize at = pick_place(run, bytes, n_bytes);
        const uint8_t old = bytes[at];
        bytes[at] = (uint8_t) (old ^ (1 + next_random(run) % 255));
        if (i % 2 == 1)
            sign(bytes);
        try_case(run, bytes, n_bytes, "changed at", at);
        bytes[at] = old;
        memcpy(bytes, base, sizeof(base));
    }
}

static gboolean
damage(const char *file, gboolean all, GError **error)
{
    g_autofree char *content = NULL;
    gsize n_bytes = 0;
    if (!g_file_get_contents(file, &content, &n_bytes, error))
        return FALSE;
    uint8_t *bytes = (uint8_t *) content;
    g_autofree uint8_t *copy = g_memdup2(bytes, n_bytes);
    g_autoptr(HcMap) map = hc_map_from_bytes(file, g_bytes_new_static(copy, n_bytes));
    g_autoptr(HcHive) original = hc_hive_open_map(map, HC_HIVE_ALLOW_DIRTY, NULL);
    Run run = {.file = file, .original = original, .random = n_bytes + SEED};
    run.is_original_sound = original != NULL && !hc_hive_info(original)->is_differencing &&
                            hc_hive_check(original, NULL, NULL);
    if (n_bytes > 0) {
        truncations(&run, copy, n_bytes, all);
        flips(&run, bytes, n_bytes, all);
    }
    g_autofree char *name = g_path_get_basename(file);
    g_print("%s: %u cases, %u opened, %u sound, %u salvaged\n", name, run.n_cases, run.n_opened,
            run.n_sound, run.n_salvaged);
    return TRUE;
}

/* GLib ends the program when memory is out, so an allocation that trusts a damaged number is a
 * crash. Sanitizers need more than any limit leaves. */
static void
limit_memory(void)
{
#ifndef __SANITIZE_ADDRESS__
    const struct rlimit limit = {1u << 30, 1u << 30};
    if (setrlimit(RLIMIT_DATA, &limit) != 0)
        g_printerr("memory cannot be limited\n");
#endif
}

int
main(int argc, char **argv)
{
    limit_memory();
    const gboolean all = argc > 1 && g_str_equal(argv[1], "--all");
    for (int i = all ? 2 : 1; i < argc; i++) {
        g_autoptr(GError) error = NULL;
        if (!damage(argv[i], all, &error)) {
            g_printerr("%s\n", error->message);
            return 1;
        }
    }
    return 0;
}
