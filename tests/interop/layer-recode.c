#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "hivecore/base/output.h"
#include "hivecore/delta/differencing.h"
#include "hivecore/delta/resolve.h"
#include "hivecore/regf/check.h"
#include "hivecore/regf/types.h"
#include "hivecore/regf/writer.h"

/*
 * layer-recode LAYER BASE RECODED: decodes a differencing hive that something else wrote, makes the
 * ordinary hive BASE that holds what the layer touches, encodes the same change over it again as
 * RECODED, and compares the two layers key by key. Prints how many keys have which layer bits and
 * what the second layer leaves out; status 1 with a line for everything else that differs.
 *
 * BASE: the keys that the layer merges with, deletes or replaces, with something in them for it to
 * hide, and their parents. A 0x00 key that has to be there has a class name, which the layer's own
 * (none) replaces: that is what 0x00 above a key means.
 */

typedef struct {
    const HcHive *layer;
    HcWriter *writer;
} Maker;

static void
die_on(GError *error)
{
    if (error == NULL)
        return;
    fprintf(stderr, "layer-recode: %s\n", error->message);
    exit(3);
}

static uint8_t
semantics(const HcKey *key)
{
    return key->layer_bits & HC_LAYER_SEMANTICS;
}

static GArray *
subkeys_of(const HcHive *hive, const HcKey *key)
{
    GError *error = NULL;
    HcKeyList list;
    hc_key_list_init(&list);
    hc_key_list_fill(&list, hive, key, &error);
    die_on(error);
    GArray *keys = g_array_new(FALSE, FALSE, sizeof(HcKey));
    for (guint i = 0; i < list.n; i++)
        g_array_append_vals(keys, hc_key_list_at(&list, i, &error), 1);
    hc_key_list_clear(&list);
    return keys;
}

static HcValue
value_at(const HcHive *hive, const HcKey *key, uint32_t i)
{
    GError *error = NULL;
    HcValue value;
    hc_hive_value(hive, key, i, &value, &error);
    die_on(error);
    return value;
}

static HcBlob
security_of(const HcHive *hive, const HcKey *key)
{
    GError *error = NULL;
    HcBlob security;
    hc_hive_security(hive, key, &security, &error);
    die_on(error);
    return security;
}

static gboolean
has_value_tombstone(const HcHive *hive, const HcKey *key)
{
    for (uint32_t i = 0; i < key->n_values; i++) {
        if (value_at(hive, key, i).is_tombstone)
            return TRUE;
    }
    return FALSE;
}

/* Whether the layer speaks of something that was there, in @key or below it. */
static gboolean
needs_base(const HcHive *layer, const HcKey *key)
{
    if (key->layer_bits != HC_LAYER_MERGE || has_value_tombstone(layer, key))
        return TRUE;
    g_autoptr(GArray) subkeys = subkeys_of(layer, key);
    for (guint i = 0; i < subkeys->len; i++) {
        if (needs_base(layer, &g_array_index(subkeys, HcKey, i)))
            return TRUE;
    }
    return FALSE;
}

static void
put_hidden_value(Maker *maker)
{
    GError *error = NULL;
    hc_writer_value(maker->writer, HC_NAME_ASCII("hidden by the layer"), HC_REG_DWORD,
                    (HcBlob){(const uint8_t *) "\1\2\3\4", 4}, &error);
    die_on(error);
}

static void
put_hidden_key(Maker *maker)
{
    GError *error = NULL;
    const HcKeySpec spec = {.name = HC_NAME_ASCII("hidden by the layer")};
    hc_writer_open_key(maker->writer, &spec, &error);
    die_on(error);
    put_hidden_value(maker);
    hc_writer_close_key(maker->writer, &error);
    die_on(error);
}

/* What the layer's value tombstones delete, and what 0x01, 0x02 and 0x03 keys hide. */
static void
put_base_values(Maker *maker, const HcKey *key)
{
    GError *error = NULL;
    for (uint32_t i = 0; i < key->n_values; i++) {
        const HcValue value = value_at(maker->layer, key, i);
        if (value.is_tombstone)
            hc_writer_value(maker->writer, value.name, HC_REG_NONE, (HcBlob){NULL, 0}, &error);
        die_on(error);
    }
    if (semantics(key) != HC_LAYER_MERGE)
        put_hidden_value(maker);
}

static void
put_base_key(Maker *maker, const HcKey *key, gboolean is_root)
{
    static const uint8_t class_name[] = {'o', 0, 'l', 0, 'd', 0};
    /* Nobody's: self-relative, without owner, group and lists. */
    static const uint8_t other_security[20] = {1, 0, 0, 0x80};
    GError *error = NULL;
    HcKeySpec spec = {.name = is_root ? HC_NAME_ASCII("BaseRoot") : key->name,
                      .security = security_of(maker->layer, key),
                      .flags = key->flags & HC_KEY_FLAGS_COMPARED,
                      .user_flags = key->user_flags,
                      .mtime_filetime = key->mtime_filetime};
    if (semantics(key) == HC_LAYER_SUPERSEDE_LOCAL)
        spec.security = (HcBlob){other_security, sizeof(other_security)};
    const gboolean inherits = (key->layer_bits & HC_LAYER_INHERIT_CLASS) != 0;
    if (!is_root && (!inherits || semantics(key) == HC_LAYER_SUPERSEDE_TREE))
        spec.class_name = (HcBlob){class_name, sizeof(class_name)};
    hc_writer_open_key(maker->writer, &spec, &error);
    die_on(error);
    put_base_values(maker, key);
    const gboolean is_hidden =
        semantics(key) == HC_LAYER_TOMBSTONE || semantics(key) == HC_LAYER_SUPERSEDE_TREE;
    if (is_hidden)
        put_hidden_key(maker);
    g_autoptr(GArray) subkeys = subkeys_of(maker->layer, key);
    for (guint i = 0; i < subkeys->len && !is_hidden; i++) {
        const HcKey *subkey = &g_array_index(subkeys, HcKey, i);
        if (needs_base(maker->layer, subkey))
            put_base_key(maker, subkey, FALSE);
    }
    hc_writer_close_key(maker->writer, &error);
    die_on(error);
}

static HcKey
root_of(const HcHive *hive)
{
    GError *error = NULL;
    HcKey root;
    hc_hive_root(hive, &root, &error);
    die_on(error);
    return root;
}

/* Writes @bytes to @file and opens them. */
static HcHive *
publish(const char *file, GBytes *bytes)
{
    GError *error = NULL;
    gsize n_bytes;
    const void *data = g_bytes_get_data(bytes, &n_bytes);
    hc_output_write_file(file, NULL, data, n_bytes, &error);
    die_on(error);
    g_autoptr(HcMap) map = hc_map_from_bytes(file, bytes);
    HcHive *hive = hc_hive_open_map(map, 0, &error);
    die_on(error);
    hc_hive_check(hive, NULL, &error);
    die_on(error);
    return hive;
}

static HcHive *
make_base(const HcHive *layer, const char *file)
{
    GError *error = NULL;
    const HcWriterOptions options = {.minor = 5, .file_name = HC_NAME_ASCII("base")};
    g_autoptr(HcWriter) writer = hc_writer_new(&options);
    Maker maker = {layer, writer};
    const HcKey root = root_of(layer);
    put_base_key(&maker, &root, TRUE);
    GBytes *bytes = hc_writer_finish(writer, &error);
    die_on(error);
    return publish(file, bytes);
}

static HcHive *
recode(const HcHive *layer, const HcHive *base, const char *file)
{
    GError *error = NULL;
    g_autoptr(HcDelta) patch = hc_differencing_read(layer, &error);
    die_on(error);
    g_autoptr(HcDelta) exact = hc_delta_resolve(patch, base, &error);
    die_on(error);
    const HcDifferencingOptions options = {.file_name = hc_hive_info(layer)->name};
    GBytes *bytes = hc_differencing_write(exact, base, &options, &error);
    die_on(error);
    return publish(file, bytes);
}

/* --- comparison --- */

typedef struct {
    const HcHive *first;
    const HcHive *second;
    GString *path;
    guint n_same;
    guint n_void_tombstones; /* below a 0x03 key */
    guint n_void_merges;     /* 0x80 and nothing in or below it */
    guint n_different;
} Comparison;

static void
differs(Comparison *comparison, const char *what)
{
    printf("%s: %s\n", comparison->path->str, what);
    comparison->n_different++;
}

static gboolean
same_data(const Comparison *comparison, const HcValue *a, const HcValue *b)
{
    GError *error = NULL;
    gboolean equal = FALSE;
    hc_hive_data_equal(comparison->first, a, comparison->second, b, &equal, &error);
    die_on(error);
    return equal;
}

static void
compare_values(Comparison *comparison, const HcKey *a, const HcKey *b)
{
    if (a->n_values != b->n_values)
        differs(comparison, "another number of values");
    for (uint32_t i = 0; i < a->n_values; i++) {
        GError *error = NULL;
        const HcValue value = value_at(comparison->first, a, i);
        HcValue other;
        if (!hc_hive_find_value(comparison->second, b, value.name, &other, &error))
            differs(comparison, "a value is missing");
        else if (!hc_name_same_spelling(value.name, other.name) ||
                 value.is_tombstone != other.is_tombstone)
            differs(comparison, "a value is another one");
        else if (!value.is_tombstone &&
                 (value.type != other.type || !same_data(comparison, &value, &other)))
            differs(comparison, "a value has other data");
        die_on(error);
    }
}

static void
compare_key(Comparison *comparison, const HcKey *a, const HcKey *b)
{
    GError *error = NULL;
    HcBlob class_a;
    HcBlob class_b;
    hc_hive_class(comparison->first, a, &class_a, &error);
    die_on(error);
    hc_hive_class(comparison->second, b, &class_b, &error);
    die_on(error);
    if (a->layer_bits != b->layer_bits)
        differs(comparison, "other layer bits");
    if (!hc_name_same_spelling(a->name, b->name))
        differs(comparison, "another spelling");
    if (a->flags != b->flags)
        differs(comparison, "other flags");
    if (!hc_blob_equal(class_a, class_b))
        differs(comparison, "another class");
    if (!hc_blob_equal(security_of(comparison->first, a), security_of(comparison->second, b)))
        differs(comparison, "another descriptor");
    compare_values(comparison, a, b);
    comparison->n_same++;
}

/* A key that only the first layer has, because it says nothing. */
static void
leave_out(Comparison *comparison, const HcKey *key, gboolean is_tree_replaced)
{
    if (is_tree_replaced && semantics(key) == HC_LAYER_TOMBSTONE) {
        comparison->n_void_tombstones++;
        return;
    }
    if (key->layer_bits != HC_LAYER_INHERIT_CLASS || key->n_values > 0) {
        differs(comparison, "left out");
        return;
    }
    comparison->n_void_merges++;
    g_autoptr(GArray) subkeys = subkeys_of(comparison->first, key);
    for (guint i = 0; i < subkeys->len; i++)
        leave_out(comparison, &g_array_index(subkeys, HcKey, i), FALSE);
}

static void
compare_trees(Comparison *comparison, const HcKey *a, const HcKey *b, gboolean is_tree_replaced)
{
    const gsize length = comparison->path->len;
    guint n_met = 0;
    compare_key(comparison, a, b);
    is_tree_replaced = is_tree_replaced || semantics(a) == HC_LAYER_SUPERSEDE_TREE;
    g_autoptr(GArray) subkeys = subkeys_of(comparison->first, a);
    for (guint i = 0; i < subkeys->len; i++) {
        GError *error = NULL;
        const HcKey *subkey = &g_array_index(subkeys, HcKey, i);
        HcKey other;
        g_string_append_c(comparison->path, '\\');
        hc_name_append_display(comparison->path, subkey->name);
        if (hc_hive_subkey(comparison->second, b, subkey->name, &other, &error)) {
            compare_trees(comparison, subkey, &other, is_tree_replaced);
            n_met++;
        } else {
            leave_out(comparison, subkey, is_tree_replaced);
        }
        die_on(error);
        g_string_truncate(comparison->path, length);
    }
    if (n_met != b->n_subkeys)
        differs(comparison, "has keys that the first layer has not");
}

int
main(int argc, char **argv)
{
    GError *error = NULL;
    if (argc != 4) {
        fprintf(stderr, "layer-recode LAYER BASE RECODED\n");
        return 2;
    }
    g_autoptr(HcHive) layer = hc_hive_open(argv[1], 0, &error);
    die_on(error);
    HcLayerCounts counts;
    hc_differencing_count(layer, &counts, &error);
    die_on(error);
    for (guint bits = 0; bits < G_N_ELEMENTS(counts.n); bits++) {
        if (counts.n[bits] > 0)
            printf("%02x %u\n", bits, (guint) counts.n[bits]);
    }
    g_autoptr(HcHive) base = make_base(layer, argv[2]);
    g_autoptr(HcHive) recoded = recode(layer, base, argv[3]);
    g_autoptr(GString) path = g_string_new(NULL);
    Comparison comparison = {.first = layer, .second = recoded, .path = path};
    const HcKey root = root_of(layer);
    const HcKey other_root = root_of(recoded);
    compare_trees(&comparison, &root, &other_root, FALSE);
    printf("the same %u\nleft out: tombstones below replaced keys %u\n"
           "left out: merging keys that say nothing %u\n",
           comparison.n_same, comparison.n_void_tombstones, comparison.n_void_merges);
    return comparison.n_different > 0 ? 1 : 0;
}
