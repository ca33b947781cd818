#include "config.h"

#include <stdlib.h>

#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/delta/differencing.h"
#include "hivecore/delta/proof.h"
#include "hivecore/delta/rebuild.h"
#include "hivecore/delta/resolve.h"
#include "hivecore/edit/edit.h"
#include "hivecore/regf/check.h"
#include "hivecore/regf/layout.h"

/*
 * engines N HIVE...: makes N small changes, spread over the hives, and has both engines write them;
 * before all but the first of each hive one field of it is damaged. What hc_hive_check() passes
 * must be patched or refused as unsupported, by each engine: no other error, and no signal.
 *
 * Prints what came of it, and each refusal that came from hivex itself and not from the guard:
 * these are what the guard does not know.
 */

typedef struct {
    const char *file;
    const uint8_t *bytes;
    gsize n_bytes;
    guint64 random;
    guint n_sound;
    guint n_edited;
    guint n_guarded; /* refused before hivex ran */
    guint n_walled;  /* refused by hivex, or because of what it did */
    guint n_rebuilt;
    guint n_not_rebuilt;
    guint n_layers;
} Run;

/* A key of the hive: how it is named, and the offset of its cell. */
typedef struct {
    HcName path[HC_MAX_KEY_DEPTH];
    gsize depth;
    HcKey key;
} Place;

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

static guint
below(Run *run, guint n)
{
    return (guint) (next_random(run) % n);
}

static void
sign(uint8_t *bytes)
{
    uint32_t sum = 0;
    for (guint i = 0; i < HC_BASE_CHECKSUM; i += 4)
        sum ^= hc_get32(bytes + i);
    hc_put32(bytes + HC_BASE_CHECKSUM, sum == 0 ? 1 : sum == UINT32_MAX ? UINT32_MAX - 1 : sum);
}

/* Goes down at random, until chance or the tree ends it. */
static gboolean
pick_key(Run *run, const HcHive *hive, Place *place)
{
    place->depth = 0;
    if (!hc_hive_root(hive, &place->key, NULL))
        return FALSE;
    while (place->key.n_subkeys > 0 && place->depth < HC_MAX_KEY_DEPTH && below(run, 4) > 0) {
        const HcKey parent = place->key;
        HcSubkeyIter iter;
        HcKey subkey;
        guint wanted = below(run, MIN(parent.n_subkeys, 1000));
        if (!hc_subkey_iter_init(&iter, hive, &parent, NULL))
            return FALSE;
        do {
            if (!hc_subkey_iter_next(&iter, &subkey, NULL))
                return FALSE;
        } while (wanted-- > 0);
        place->path[place->depth++] = subkey.name;
        place->key = subkey;
    }
    return TRUE;
}

/* --- damage --- */

typedef struct {
    guint offset;
    guint n_bytes;
} Field;

static const Field nk_fields[] = {
    {HC_NK_FLAGS, 2},      {HC_NK_ACCESS, 4},         {HC_NK_PARENT, 4},
    {HC_NK_N_SUBKEYS, 4},  {HC_NK_N_VOLATILE, 4},     {HC_NK_SUBKEYS, 4},
    {HC_NK_VOLATILE, 4},   {HC_NK_N_VALUES, 4},       {HC_NK_VALUES, 4},
    {HC_NK_SECURITY, 4},   {HC_NK_CLASS, 4},          {HC_NK_CLASS, 4},
    {HC_NK_MAX_NAME, 4},   {HC_NK_MAX_CLASS, 4},      {HC_NK_MAX_VALUE_NAME, 4},
    {HC_NK_NAME_BYTES, 2}, {HC_NK_CLASS_BYTES, 2},    {HC_NK_NAME, 2},
    {HC_NK_WORKVAR, 4},    {HC_NK_MAX_VALUE_DATA, 4}, {HC_NK_MTIME, 4}};
static const Field vk_fields[] = {
    {HC_VK_NAME_BYTES, 2}, {HC_VK_DATA_BYTES, 4}, {HC_VK_DATA_BYTES, 4}, {HC_VK_DATA, 4},
    {HC_VK_TYPE, 4},       {HC_VK_FLAGS, 2},      {HC_VK_FLAGS, 4},      {HC_VK_NAME, 2}};
static const Field sk_fields[] = {{0, 4},           {HC_SK_FLINK, 4},
                                  {HC_SK_BLINK, 4}, {HC_SK_REFERENCES, 4},
                                  {HC_SK_BYTES, 4}, {HC_SK_DESCRIPTOR, 4}};
static const Field list_fields[] = {{0, 2}, {2, 2}, {4, 4}, {8, 4}, {12, 4}, {16, 4}};
static const Field base_fields[] = {
    {HC_BASE_SEQUENCE1, 4}, {HC_BASE_MINOR, 4}, {HC_BASE_ROOT, 4},  {HC_BASE_BINS_BYTES, 4},
    {HC_BASE_CLUSTER, 4},   {HC_BASE_FLAGS, 4}, {HC_BASE_RM_ID, 4}, {HC_BASE_NAME, 4}};

static uint32_t
odd_number(Run *run, uint32_t old)
{
    const uint32_t numbers[] = {0,
                                1,
                                2,
                                3,
                                4,
                                5,
                                8,
                                0x20,
                                0x1000,
                                (uint32_t) run->n_bytes - 4096,
                                0x7fffffff,
                                0x80000000,
                                0x80000004,
                                0x80000005,
                                HC_NIL - 7,
                                HC_NIL,
                                old + 1,
                                old - 1,
                                old + 4,
                                old + 8,
                                old * 2,
                                old | 0x80000000,
                                old & 0x7fffffff,
                                old ^ (1u << below(run, 32)),
                                old ^ (1u << below(run, 32)),
                                (uint32_t) next_random(run),
                                below(run, (guint) run->n_bytes) & ~7u};
    return numbers[below(run, G_N_ELEMENTS(numbers))];
}

static void
damage_field(Run *run, uint8_t *at, guint n_bytes)
{
    if (n_bytes == 2)
        hc_put16(at, (uint16_t) odd_number(run, hc_get16(at)));
    else
        hc_put32(at, odd_number(run, hc_get32(at)));
}

static void
damage_cell(Run *run, uint8_t *cell, const Field *fields, guint n_fields)
{
    const Field *field = &fields[below(run, n_fields)];
    /* Some in their size. */
    if (below(run, 12) == 0)
        damage_field(run, cell, 4);
    else
        damage_field(run, cell + 4 + field->offset, field->n_bytes);
}

#define DAMAGE(cell, fields) damage_cell(run, cell, fields, G_N_ELEMENTS(fields))

/* One field of a cell that @place uses, or of the base block; pointers into @bytes. */
static void
damage(Run *run, const HcHive *hive, const Place *place, uint8_t *bytes)
{
    const HcKey *key = &place->key;
    uint8_t *bins = bytes + HC_BASE_BLOCK_BYTES;
    HcValue value;
    const Field *base_field = &base_fields[below(run, G_N_ELEMENTS(base_fields))];
    switch (below(run, 8)) {
    case 0:
        damage_field(run, bytes + base_field->offset, base_field->n_bytes);
        sign(bytes);
        break;
    case 1:
        DAMAGE(bins + hc_get32(key->nk + HC_NK_SECURITY), sk_fields);
        break;
    case 2:
        if (key->n_subkeys > 0)
            DAMAGE(bins + hc_get32(key->nk + HC_NK_SUBKEYS), list_fields);
        break;
    case 3:
    case 4:
        if (key->n_values > 0 && hc_hive_value(hive, key, below(run, key->n_values), &value, NULL))
            DAMAGE(bins + value.offset, vk_fields);
        break;
    default:
        DAMAGE(bins + key->offset, nk_fields);
        break;
    }
}

/* --- the change --- */

static const HcName odd_names[] = {
    HC_NAME_ASCII("New"),       HC_NAME_ASCII("new"),
    HC_NAME_ASCII("a\0b"),      {(const uint8_t *) "\0\0", 1, FALSE},
    HC_NAME_ASCII("\351t\351"), {(const uint8_t *) "\x16\4\x0\xd8", 2, FALSE},
    HC_NAME_ASCII("_"),         {(const uint8_t *) "\xff\xfe\x41\x00", 2, FALSE},
};

static HcName
odd_name(Run *run)
{
    return odd_names[below(run, 2) == 0 ? 0 : below(run, G_N_ELEMENTS(odd_names))];
}

/* What only JSON deltas and differencing hives say of a key. */
static void
say_meta(Run *run, const HcHive *hive, HcDeltaKey *node)
{
    static const uint8_t bytes[] = "\1\0\4\x80 a class, or what is no descriptor";
    static const uint16_t flags[] = {0, HC_KEY_FLAG_SYMLINK, HC_KEY_FLAG_PREDEFINED};
    HcKey root;
    const HcBlob some = {bytes, below(run, sizeof(bytes))};
    switch (below(run, 3)) {
    case 0:
        node->changed |= HC_CHANGED_CLASS;
        node->after.class_name = below(run, 4) > 0 ? some : (HcBlob){NULL, 0};
        break;
    case 1:
        node->changed |= HC_CHANGED_SECURITY;
        node->after.security = below(run, 4) > 0 ? some : (HcBlob){NULL, 0};
        if (below(run, 2) == 0 && hc_hive_root(hive, &root, NULL))
            (void) hc_hive_security(hive, &root, &node->after.security, NULL); /* as it was, then */
        break;
    default:
        node->changed |= HC_CHANGED_FLAGS;
        node->after.flags = flags[below(run, G_N_ELEMENTS(flags))];
        break;
    }
}

static gboolean
say_value(Run *run, const HcHive *hive, const Place *place, HcDelta *patch, HcDeltaKey *node,
          HcOrigin origin, GError **error)
{
    static uint8_t data[20000] = "some data";
    static const guint sizes[] = {0, 1, 4, 5, 9, 16344, 16345, 20000};
    HcValue value;
    if (place->key.n_values > 0 && below(run, 3) == 0 &&
        hc_hive_value(hive, &place->key, below(run, place->key.n_values), &value, NULL))
        return hc_delta_delete_value(patch, node, value.name, origin, error);
    const guint n_bytes = sizes[below(run, below(run, 4) > 0 ? 5 : G_N_ELEMENTS(sizes))];
    return hc_delta_set_value(patch, node, odd_name(run), below(run, 12), (HcBlob){data, n_bytes},
                              origin, error);
}

/* At or below @place, or both. */
static gboolean
say(Run *run, const HcHive *hive, const Place *place, HcDelta *patch, GError **error)
{
    const HcOrigin origin = {hc_delta_add_source(patch, "change"), 1};
    HcName path[HC_MAX_KEY_DEPTH + 1];
    memcpy(path, place->path, place->depth * sizeof(*path));
    path[place->depth] = odd_name(run);
    gsize depth = place->depth;
    const guint kind = below(run, 8);
    if (kind < 3 && depth > 0) {
        if (!hc_delta_delete_key(patch, (HcPath){path, depth}, origin, error))
            return FALSE;
        if (kind > 0) /* else the key is made anew */
            return TRUE;
    } else if (kind < 5 && depth < HC_MAX_KEY_DEPTH) {
        depth++;
    }
    HcDeltaKey *node = hc_delta_ensure_key(patch, (HcPath){path, depth}, origin, error);
    if (node == NULL)
        return FALSE;
    if (below(run, 8) == 0)
        say_meta(run, hive, node);
    return say_value(run, hive, place, patch, node, origin, error);
}

static gboolean
is_refusal(const GError *error)
{
    return g_error_matches(error, HC_ERROR, HC_ERROR_UNSUPPORTED) ||
           g_error_matches(error, HC_ERROR, HC_ERROR_LIMIT);
}

static void
expect_refusal(const Run *run, guint number, const char *who, const GError *error)
{
    if (is_refusal(error))
        return;
    g_printerr("%s: change %u: %s: %s\n", run->file, number, who, error->message);
    exit(1);
}

/* The same change as a differencing hive, as layers have it. */
static void
use_differencing(Run *run, const HcHive *hive, const HcDelta *exact, guint number)
{
    const HcDifferencingOptions options = {.file_name = HC_NAME_ASCII("Delta")};
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) bytes = NULL;
    if (hc_hive_info(hive)->is_differencing)
        return;
    bytes = hc_differencing_write(exact, hive, &options, &error);
    if (bytes == NULL || !hc_layer_proof(hive, bytes, exact, &error))
        expect_refusal(run, number, "differencing", error);
    else
        run->n_layers++;
}

static void
use_engines(Run *run, const HcHive *hive, const HcDelta *exact, guint number)
{
    const HcEpoch epoch = {FALSE, 0};
    g_autoptr(GError) safe_error = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(GError) rebuild_error = NULL;
    const gboolean is_safe = hc_edit_is_safe(hive, exact, &safe_error);
    g_autoptr(GBytes) edited = hc_edit_apply(hive, exact, epoch, &error);
    run->n_edited += edited != NULL;
    run->n_guarded += edited == NULL && !is_safe;
    if (edited == NULL)
        expect_refusal(run, number, "hivex", error);
    if (edited == NULL && is_safe) {
        run->n_walled++;
        g_print("%s: change %u: %s\n", run->file, number, error->message);
    }
    g_autoptr(GBytes) rebuilt = hc_rebuild_apply(hive, exact, epoch, &rebuild_error);
    run->n_rebuilt += rebuilt != NULL;
    run->n_not_rebuilt += rebuilt == NULL;
    if (rebuilt == NULL)
        expect_refusal(run, number, "rebuild", rebuild_error);
    use_differencing(run, hive, exact, number);
}

static void
change(Run *run, guint number)
{
    g_autofree uint8_t *bytes = g_memdup2(run->bytes, run->n_bytes);
    g_autofree Place *place = g_new(Place, 1);
    g_autoptr(GError) error = NULL;
    g_autoptr(HcMap) old_map =
        hc_map_from_bytes("old", g_bytes_new_static(run->bytes, run->n_bytes));
    g_autoptr(HcHive) old = hc_hive_open_map(old_map, 0, NULL);
    /* The same place in both: it is named in the old one. */
    if (old == NULL || !pick_key(run, old, place))
        return;
    if (number > 0)
        damage(run, old, place, bytes);
    /* The change is there or above: what is damaged is deleted with it, or a sibling. */
    if (below(run, 2) == 0) {
        place->depth = below(run, (guint) place->depth + 1);
        if (!hc_hive_lookup(old, place->path, place->depth, &place->key, NULL))
            return;
    }
    g_autoptr(HcMap) map = hc_map_from_bytes("damaged", g_bytes_new_static(bytes, run->n_bytes));
    g_autoptr(HcHive) hive = hc_hive_open_map(map, 0, NULL);
    if (hive == NULL || !hc_hive_check(hive, NULL, NULL))
        return;
    run->n_sound++;
    g_autoptr(HcDelta) patch = hc_delta_new();
    if (!say(run, old, place, patch, &error)) {
        expect_refusal(run, number, "patch", error);
        return;
    }
    g_autoptr(HcDelta) exact = hc_delta_resolve(patch, hive, &error);
    if (exact == NULL)
        expect_refusal(run, number, "resolve", error);
    else if (!hc_delta_is_empty(exact))
        use_engines(run, hive, exact, number);
}

int
main(int argc, char **argv)
{
    const guint n = argc > 1 ? (guint) g_ascii_strtoull(argv[1], NULL, 10) : 0;
    Run run = {.random = n};
    for (int i = 2; i < argc; i++) {
        const guint n_here = n / (guint) (argc - 2) + ((guint) (i - 2) < n % (guint) (argc - 2));
        g_autoptr(GError) error = NULL;
        g_autofree char *content = NULL;
        if (!g_file_get_contents(argv[i], &content, &run.n_bytes, &error)) {
            g_printerr("%s\n", error->message);
            return 1;
        }
        run.file = argv[i];
        run.bytes = (const uint8_t *) content;
        for (guint number = 0; number < n_here; number++)
            change(&run, number);
    }
    g_print("%u changes, %u of sound hives; hivex: %u written, %u refused before, %u after; "
            "rebuild: %u written, %u refused; differencing: %u written\n",
            n, run.n_sound, run.n_edited, run.n_guarded, run.n_walled, run.n_rebuilt,
            run.n_not_rebuilt, run.n_layers);
    return 0;
}
