#include "config.h"

#include "tests/unit/random-tree.h"

#include "hivecore/regf/check.h"
#include "hivecore/regf/layout.h"
#include "hivecore/regf/writer.h"

/* Some that differ by case only, some that only the registry's table says do, some that sort
 * otherwise than their bytes, and a pair of surrogates. */
static const char *const names[] = {
    "a", "A", "b", "B", "ab", "aB",   "AB", "_", "[x]", "z z", "0",
    "é", "É", "ß", "ÿ", "Ÿ",  "日本", "ω",  "Ω", "я",   "Я",   "𐐀",
};

static const uint8_t class_bytes[][4] = {{0}, {'c', 0, '1', 0}, {'C', 0, '1', 0}, {'x', 0, 0, 0}};

static const uint8_t security_bytes[][20] = {
    {0}, {1, 0, 0, 0x80}, {1, 0, 1, 0x80}, {1, 0, 4, 0x84}, {1, 0, 8, 0x80}};

Random
random_start(uint64_t seed)
{
    return (Random){seed * UINT64_C(0x9e3779b97f4a7c15) + 1};
}

/* splitmix64 */
static uint64_t
next_number(Random *random)
{
    random->state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = random->state;
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

uint32_t
random_below(Random *random, uint32_t n)
{
    return (uint32_t) ((next_number(random) >> 32) % n);
}

gboolean
random_chance(Random *random, uint32_t percent)
{
    return random_below(random, 100) < percent;
}

static HcName
random_name(RandomTree *tree, Random *random)
{
    const char *name = names[random_below(random, G_N_ELEMENTS(names))];
    return hc_name_from_utf8(tree->arena, name, strlen(name));
}

/* The name in another case, where it has one. */
static HcName
respelled(RandomTree *tree, Random *random, HcName name)
{
    for (guint tries = 0; tries < 50; tries++) {
        const HcName other = random_name(tree, random);
        if (hc_name_equal(other, name))
            return other;
    }
    return name;
}

static RandomKey *
new_key(RandomTree *tree, HcName name)
{
    RandomKey *key = (RandomKey *) hc_arena_alloc(tree->arena, sizeof(*key));
    key->name = name;
    key->values = g_array_new(FALSE, FALSE, sizeof(RandomValue));
    key->children = g_ptr_array_new();
    g_ptr_array_add(tree->containers, key);
    return key;
}

static RandomTree *
empty_tree(void)
{
    RandomTree *tree = g_new0(RandomTree, 1);
    tree->arena = hc_arena_new();
    tree->containers = g_ptr_array_new();
    tree->root = new_key(tree, HC_NAME_EMPTY);
    return tree;
}

void
random_tree_free(RandomTree *tree)
{
    if (tree == NULL)
        return;
    for (guint i = 0; i < tree->containers->len; i++) {
        RandomKey *key = (RandomKey *) tree->containers->pdata[i];
        g_array_unref(key->values);
        g_ptr_array_unref(key->children);
    }
    g_ptr_array_unref(tree->containers);
    hc_arena_free(tree->arena);
    g_free(tree);
}

static void
set_data(RandomTree *tree, Random *random, RandomValue *value)
{
    /* Inline, in a cell, and now and then a big-data record. */
    const uint32_t n_bytes =
        random_chance(random, 1) ? 16345 + random_below(random, 20000) : random_below(random, 9);
    uint8_t *bytes = (uint8_t *) hc_arena_alloc(tree->arena, n_bytes + 1);
    for (uint32_t i = 0; i < n_bytes; i++)
        bytes[i] = (uint8_t) random_below(random, 3);
    value->type = random_chance(random, 90) ? random_below(random, 12) : 0xfffffff0;
    value->data = (HcBlob){bytes, n_bytes};
}

static gboolean
has_value(const RandomKey *key, HcName name)
{
    for (guint i = 0; i < key->values->len; i++) {
        if (hc_name_equal(g_array_index(key->values, RandomValue, i).name, name))
            return TRUE;
    }
    return FALSE;
}

static void
add_value(RandomTree *tree, Random *random, RandomKey *key)
{
    RandomValue value = {.name =
                             random_chance(random, 15) ? HC_NAME_EMPTY : random_name(tree, random)};
    if (has_value(key, value.name))
        return;
    set_data(tree, random, &value);
    g_array_append_val(key->values, value);
}

static gboolean
has_child(const RandomKey *key, HcName name)
{
    for (guint i = 0; i < key->children->len; i++) {
        if (hc_name_equal(((const RandomKey *) key->children->pdata[i])->name, name))
            return TRUE;
    }
    return FALSE;
}

static void
fill_key(RandomTree *tree, Random *random, RandomKey *key)
{
    for (guint n = random_below(random, 4); n > 0; n--)
        add_value(tree, random, key);
    key->class_name = random_chance(random, 15) ? 1 + random_below(random, 3) : 0;
    key->security = random_chance(random, 25) ? 1 + random_below(random, 4) : 0;
    key->flags = random_chance(random, 8) ? HC_KEY_FLAG_SYMLINK : 0;
}

/* A new key below some key at or below @parent. */
static void
add_key(RandomTree *tree, Random *random, RandomKey *parent)
{
    while (parent->children->len > 0 && random_chance(random, 55))
        parent = (RandomKey *) parent->children->pdata[random_below(random, parent->children->len)];
    const HcName name = random_name(tree, random);
    if (has_child(parent, name))
        return;
    RandomKey *key = new_key(tree, name);
    fill_key(tree, random, key);
    g_ptr_array_add(parent->children, key);
}

RandomTree *
random_tree_new(Random *random, guint n_keys)
{
    RandomTree *tree = empty_tree();
    for (guint n = random_below(random, 3); n > 0; n--)
        add_value(tree, random, tree->root);
    for (guint n = random_below(random, n_keys + 1); n > 0; n--)
        add_key(tree, random, tree->root);
    return tree;
}

static void
change_values(RandomTree *tree, Random *random, RandomKey *to, const RandomKey *from)
{
    for (guint i = 0; i < from->values->len; i++) {
        RandomValue value = g_array_index(from->values, RandomValue, i);
        if (random_chance(random, 10))
            continue;
        value.name = hc_name_dup(tree->arena, value.name);
        if (random_chance(random, 10))
            value.name = respelled(tree, random, value.name);
        value.data.bytes =
            (const uint8_t *) hc_arena_dup(tree->arena, value.data.bytes, value.data.n_bytes);
        if (random_chance(random, 15))
            set_data(tree, random, &value);
        g_array_append_val(to->values, value);
    }
    if (random_chance(random, 15))
        add_value(tree, random, to);
}

static void
change_key(RandomTree *tree, Random *random, RandomKey *to, const RandomKey *from)
{
    const gboolean is_root = from->name.n_units == 0;
    change_values(tree, random, to, from);
    to->class_name = from->class_name;
    to->security = from->security;
    to->flags = from->flags;
    if (!is_root && random_chance(random, 6))
        to->class_name = random_below(random, 4);
    if (!is_root && random_chance(random, 8))
        to->security = random_below(random, 5);
    if (!is_root && random_chance(random, 4))
        to->flags ^= HC_KEY_FLAG_SYMLINK;
    for (guint i = 0; i < from->children->len; i++) {
        const RandomKey *child = (const RandomKey *) from->children->pdata[i];
        const uint32_t fate = random_below(random, 100);
        HcName name = hc_name_dup(tree->arena, child->name);
        if (fate < 10)
            continue;
        if (fate < 20)
            name = respelled(tree, random, name);
        else if (fate < 25)
            name = random_name(tree, random); /* renamed */
        if (has_child(to, name))
            continue;
        RandomKey *copy = new_key(tree, name);
        g_ptr_array_add(to->children, copy);
        if (fate < 90)
            change_key(tree, random, copy, child);
        else
            fill_key(tree, random, copy); /* deleted and made again */
    }
    if (random_chance(random, 15))
        add_key(tree, random, to);
}

RandomTree *
random_tree_changed(Random *random, const RandomTree *tree)
{
    RandomTree *changed = empty_tree();
    change_key(changed, random, changed->root, tree->root);
    return changed;
}

static gint
compare_keys(gconstpointer a, gconstpointer b)
{
    const RandomKey *const *left = (const RandomKey *const *) a;
    const RandomKey *const *right = (const RandomKey *const *) b;
    return hc_name_compare((*left)->name, (*right)->name);
}

static void
write_key(HcWriter *writer, const RandomKey *key, gboolean is_root)
{
    g_autoptr(GError) error = NULL;
    HcKeySpec spec = {.name = is_root ? HC_NAME_ASCII("ROOT") : key->name,
                      .flags = key->flags,
                      .mtime_filetime = 1};
    if (key->class_name > 0)
        spec.class_name = (HcBlob){class_bytes[key->class_name], 4};
    if (key->security > 0)
        spec.security = (HcBlob){security_bytes[key->security], 20};
    else if (is_root)
        spec.security = hc_default_root_security();
    if (!hc_writer_open_key(writer, &spec, &error))
        g_error("%s", error->message);
    for (guint i = 0; i < key->values->len; i++) {
        const RandomValue *value = &g_array_index(key->values, RandomValue, i);
        if (!hc_writer_value(writer, value->name, value->type, value->data, &error))
            g_error("%s", error->message);
    }
    g_ptr_array_sort(key->children, compare_keys);
    for (guint i = 0; i < key->children->len; i++)
        write_key(writer, (const RandomKey *) key->children->pdata[i], FALSE);
    if (!hc_writer_close_key(writer, &error))
        g_error("%s", error->message);
}

HcHive *
random_open(GBytes *bytes, GError **error)
{
    g_autoptr(HcMap) map = hc_map_from_bytes("random.hive", bytes);
    g_autoptr(HcHive) hive = hc_hive_open_map(map, 0, error);
    if (hive == NULL || !hc_hive_check(hive, NULL, error))
        return NULL;
    return g_steal_pointer(&hive);
}

static HcHive *
open_sound(GBytes *bytes)
{
    g_autoptr(GError) error = NULL;
    HcHive *hive = random_open(bytes, &error);
    if (hive == NULL)
        g_error("%s", error->message);
    return hive;
}

static void
collect_keys(const HcHive *hive, const HcKey *key, GArray *offsets)
{
    g_autoptr(GError) error = NULL;
    HcSubkeyIter iter;
    HcKey subkey;
    g_array_append_val(offsets, key->offset);
    if (!hc_subkey_iter_init(&iter, hive, key, &error))
        g_error("%s", error->message);
    while (hc_subkey_iter_next(&iter, &subkey, &error))
        collect_keys(hive, &subkey, offsets);
}

/* The descriptors of the root's last two different sk cells of one size change places. */
static GBytes *
swap_descriptors(const HcHive *hive)
{
    g_autoptr(GArray) offsets = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    HcMap *map = hc_hive_map(hive);
    const gsize n_bytes = (gsize) hc_map_size(map);
    uint8_t *bytes = (uint8_t *) g_memdup2(hc_map_data(map), n_bytes);
    uint8_t *cells = bytes + HC_BASE_BLOCK_BYTES + 4; /* plus an offset: the cell's content */
    uint32_t pair[2] = {0, 0};
    HcKey root;
    if (!hc_hive_root(hive, &root, NULL))
        g_error("no root");
    collect_keys(hive, &root, offsets);
    for (guint i = 0; i < offsets->len; i++) {
        const uint32_t sk = hc_get32(cells + g_array_index(offsets, uint32_t, i) + HC_NK_SECURITY);
        if (sk != pair[0] && hc_get32(cells + sk + HC_SK_BYTES) == 20) {
            pair[1] = pair[0];
            pair[0] = sk;
        }
    }
    if (pair[1] == 0)
        return g_bytes_new_take(bytes, n_bytes);
    for (gsize i = HC_SK_REFERENCES; i < HC_SK_DESCRIPTOR + 20; i++) {
        const uint8_t byte = cells[pair[0] + i];
        cells[pair[0] + i] = cells[pair[1] + i];
        cells[pair[1] + i] = byte;
    }
    for (guint i = 0; i < offsets->len; i++) {
        uint8_t *at = cells + g_array_index(offsets, uint32_t, i) + HC_NK_SECURITY;
        if (hc_get32(at) == pair[0] || hc_get32(at) == pair[1])
            hc_put32(at, hc_get32(at) == pair[0] ? pair[1] : pair[0]);
    }
    return g_bytes_new_take(bytes, n_bytes);
}

HcHive *
random_tree_hive(const RandomTree *tree, RandomLayout layout)
{
    const HcWriterOptions options = {.minor = layout.minor, .file_name = HC_NAME_ASCII("random")};
    g_autoptr(GError) error = NULL;
    g_autoptr(HcWriter) writer = hc_writer_new(&options);
    write_key(writer, tree->root, TRUE);
    GBytes *bytes = hc_writer_finish(writer, &error);
    if (bytes == NULL)
        g_error("%s", error->message);
    HcHive *hive = open_sound(bytes);
    if (!layout.swap_security)
        return hive;
    HcHive *swapped = open_sound(swap_descriptors(hive));
    hc_hive_unref(hive);
    return swapped;
}
