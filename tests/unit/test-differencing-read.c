#include "config.h"

#include <string.h>

#include "hivecore/delta/differencing.h"
#include "hivecore/delta/resolve.h"
#include "hivecore/regf/types.h"
#include "hivecore/regf/writer.h"
#include "tests/unit/cu.h"
#include "tests/unit/tree-text.h"

/* Layers are put together key by key, with the bits as Windows writes them. */

static const uint8_t own_security[20] = {1, 0, 0, 0x80};

static HcName
name_of(const char *ascii)
{
    return (HcName){(const uint8_t *) ascii, (uint32_t) strlen(ascii), TRUE};
}

static void
open_key(HcWriter *writer, const char *name, uint8_t layer_bits, const char *class_name)
{
    GError *error = NULL;
    const HcKeySpec spec = {
        .name = name_of(name),
        .security = {own_security, sizeof(own_security)},
        .class_name = {(const uint8_t *) class_name, class_name != NULL ? 2 : 0},
        .layer_bits = layer_bits,
        .access_bits = 2,
        .mtime_filetime = 1,
    };
    CU_ASSERT_TRUE(hc_writer_open_key(writer, &spec, &error));
    CHECK_NO_ERROR(error);
}

static void
close_key(HcWriter *writer)
{
    GError *error = NULL;
    CU_ASSERT_TRUE(hc_writer_close_key(writer, &error));
    CHECK_NO_ERROR(error);
}

/* @data: ASCII letters, or NULL for a tombstone. */
static void
put_value(HcWriter *writer, const char *name, const char *data)
{
    GError *error = NULL;
    const HcBlob blob = {(const uint8_t *) data, data != NULL ? (uint32_t) strlen(data) : 0};
    CU_ASSERT_TRUE(data != NULL ? hc_writer_value(writer, name_of(name), 3, blob, &error)
                                : hc_writer_value_tombstone(writer, name_of(name), &error));
    CHECK_NO_ERROR(error);
}

static HcWriter *
start_layer(uint8_t root_bits)
{
    const HcWriterOptions options = {.minor = 6, .is_differencing = TRUE};
    HcWriter *writer = hc_writer_new(&options);
    open_key(writer, "ROOT", root_bits, NULL);
    return writer;
}

/* Closes the root; takes @writer. */
static HcHive *
end_layer(HcWriter *writer)
{
    GError *error = NULL;
    close_key(writer);
    GBytes *bytes = hc_writer_finish(writer, &error);
    CHECK_NO_ERROR(error);
    g_autoptr(HcMap) map = hc_map_from_bytes("Test_Delta", bytes);
    HcHive *layer = hc_hive_open_map(map, 0, &error);
    CHECK_NO_ERROR(error);
    hc_writer_free(writer);
    return layer;
}

/* Two values, one key below and a class in every key; descriptors are the default one. */
#define BASE_KEY(name)                                                                             \
    "[" name "]\nOne=3:31\nTwo=3:32\n!class=6300\n[" name "\\Below]\nIn=3:30\n!class=6300\n"

static const char base_text[] = BASE_KEY("Alpha") BASE_KEY("Bravo");

static void
check_effect(const HcHive *layer, const char *expected)
{
    GError *error = NULL;
    g_autoptr(HcHive) base = tree_open(base_text, 5);
    g_autoptr(HcDelta) patch = hc_differencing_read(layer, &error);
    CHECK_NO_ERROR(error);
    g_autoptr(HcDelta) exact = patch != NULL ? hc_delta_resolve(patch, base, &error) : NULL;
    CHECK_NO_ERROR(error);
    if (exact == NULL)
        return;
    g_autofree char *text = tree_delta_text(exact);
    CHECK_STRING(text, expected);
}

/* One key Alpha of these bits with the values One and New, a tombstone of Two, the keys Below (of
 * the bits @below) and Fresh. */
static HcHive *
one_key_layer(uint8_t layer_bits, uint8_t below, const char *class_name)
{
    HcWriter *writer = start_layer(0);
    open_key(writer, "ALPHA", layer_bits, class_name);
    put_value(writer, "ONE", "x");
    put_value(writer, "New", "n");
    put_value(writer, "Two", NULL);
    open_key(writer, "Below", below, NULL);
    close_key(writer);
    open_key(writer, "Fresh", 0, NULL);
    put_value(writer, "v", "w");
    put_value(writer, "Nothing", NULL);
    close_key(writer);
    close_key(writer);
    return end_layer(writer);
}

static void
check_one_key(uint8_t layer_bits, uint8_t below, const char *class_name, const char *expected)
{
    g_autoptr(HcHive) layer = one_key_layer(layer_bits, below, class_name);
    check_effect(layer, expected);
}

static void
test_merge(void)
{
    check_one_key(0x80, 0x80, NULL,
                  " Alpha\n  +New 3:6e\n  ~One 3:31 -> 3:78\n  -Two 3:32\n"
                  "+Alpha\\Fresh\n  +v 3:77\n");
}

/* Above a key that is there, 0x00 says what its class is; its descriptor stays. */
static void
test_new(void)
{
    check_one_key(0x00, 0x00, "k",
                  " Alpha\n  class 6300 -> 6b00\n  +New 3:6e\n  ~One 3:31 -> 3:78\n  -Two 3:32\n"
                  " Alpha\\Below\n  class 6300 -> none\n"
                  "+Alpha\\Fresh\n  +v 3:77\n");
    HcWriter *writer = start_layer(0);
    open_key(writer, "New", 0, "k");
    put_value(writer, "v", "w");
    put_value(writer, "Nothing", NULL);
    open_key(writer, "Nothing", HC_LAYER_TOMBSTONE, NULL);
    close_key(writer);
    close_key(writer);
    g_autoptr(HcHive) layer = end_layer(writer);
    check_effect(layer, "+New\n  +v 3:77\n");
}

static void
test_tombstone(void)
{
    check_one_key(0x80, 0x01, NULL,
                  " Alpha\n  +New 3:6e\n  ~One 3:31 -> 3:78\n  -Two 3:32\n"
                  "-Alpha\\Below (1/1)\n+Alpha\\Fresh\n  +v 3:77\n");
    /* The whole tree goes, whatever a tombstone holds; and with the class bit too. */
    check_one_key(0x01, 0x80, NULL, "-Alpha (2/3)\n");
    check_one_key(0x81, 0x80, NULL, "-Alpha (2/3)\n");
}

/* Values, class and descriptor are exactly the layer's; subkeys merge. */
static void
test_supersede_local(void)
{
    HcWriter *writer = start_layer(0);
    open_key(writer, "Alpha", 0x02, NULL);
    put_value(writer, "One", "1");
    put_value(writer, "New", "n");
    close_key(writer);
    open_key(writer, "Bravo", 0x82, NULL);
    close_key(writer);
    g_autoptr(HcHive) layer = end_layer(writer);
    check_effect(layer, " Alpha\n  class 6300 -> none\n  security 144 -> 20 bytes\n"
                        "  +New 3:6e\n  -Two 3:32\n"
                        " Bravo\n  security 144 -> 20 bytes\n  -One 3:31\n  -Two 3:32\n");
}

static void
test_supersede_tree(void)
{
    static const uint8_t bits[] = {0x03, 0x80, 0x00, 0x02};
    /* Below a replaced key the bits of keys have nothing to say. */
    for (gsize i = 0; i < G_N_ELEMENTS(bits); i++)
        check_one_key(0x03, bits[i], NULL,
                      "*Alpha (2/3)\n  +ONE 3:78\n  +New 3:6e\n+Alpha\\Below\n"
                      "+Alpha\\Fresh\n  +v 3:77\n");
    check_one_key(0x03, 0x01, NULL,
                  "*Alpha (2/3)\n  +ONE 3:78\n  +New 3:6e\n+Alpha\\Fresh\n  +v 3:77\n");
}

static void
check_class(uint8_t layer_bits, const char *expected)
{
    GError *error = NULL;
    g_autoptr(HcHive) layer = one_key_layer(layer_bits, 0x03, NULL);
    g_autoptr(HcHive) base = tree_open(base_text, 5);
    g_autoptr(HcDelta) patch = hc_differencing_read(layer, &error);
    CHECK_NO_ERROR(error);
    g_autoptr(HcDelta) exact = hc_delta_resolve(patch, base, &error);
    CHECK_NO_ERROR(error);
    const HcDeltaKey *alpha = hc_delta_find_child(hc_delta_root(exact), name_of("alpha"));
    CHECK_NUMBER(alpha->op, HC_KEY_REPLACE);
    const HcBlob class_name = alpha->after.class_name;
    CHECK_BYTES(class_name.bytes, class_name.n_bytes, expected, expected != NULL ? 2u : 0u);
}

static void
test_inherited_class(void)
{
    check_class(0x03, NULL);
    check_class(0x83, "c\0");
}

/* A layer over a base that has not what it merges with: the keys are new, with what they carry. */
static void
test_other_base(void)
{
    HcWriter *writer = start_layer(0);
    open_key(writer, "Gone", 0x01, NULL);
    close_key(writer);
    open_key(writer, "Missing", 0x80, NULL);
    put_value(writer, "v", "w");
    close_key(writer);
    open_key(writer, "Tree", 0x83, NULL);
    close_key(writer);
    g_autoptr(HcHive) layer = end_layer(writer);
    check_effect(layer, "+Missing\n  +v 3:77\n+Tree\n");
}

static void
test_root(void)
{
    HcWriter *writer = start_layer(0);
    put_value(writer, "v", "w");
    g_autoptr(HcHive) layer = end_layer(writer);
    check_effect(layer, " \n  +v 3:77\n");
}

/* --- one key alone --- */

static void
check_read_key(const HcHive *layer, const char *parent, const char *name, const char *expected)
{
    GError *error = NULL;
    const HcName path[] = {name_of(parent), name_of(name)};
    g_autoptr(HcDelta) patch = hc_differencing_read_key(layer, (HcPath){path, 2}, &error);
    CHECK_NO_ERROR(error);
    if (patch == NULL)
        return;
    g_autofree char *text = tree_delta_text(patch);
    CHECK_STRING(text, expected);
}

static void
test_read_key(void)
{
    GError *error = NULL;
    g_autoptr(HcHive) merging = one_key_layer(0x80, 0x01, NULL);
    check_read_key(merging, "alpha", "fresh",
                   "+ALPHA\\Fresh\n  class none -> none\n  +v 3:77\n  -Nothing\n");
    check_read_key(merging, "alpha", "below", "-ALPHA\\Below\n");
    g_autoptr(HcHive) replaced = one_key_layer(0x03, 0x01, NULL);
    check_read_key(replaced, "alpha", "fresh", "*ALPHA\\Fresh\n  +v 3:77\n");
    check_read_key(replaced, "alpha", "below", "-ALPHA\\Below\n");
    const HcName path[] = {name_of("Nothing")};
    CU_ASSERT_PTR_NULL(hc_differencing_read_key(merging, (HcPath){path, 1}, &error));
    CHECK_ERROR(error, HC_ERROR_NOT_FOUND, "Test_Delta: no such key");
}

static void
test_count(void)
{
    GError *error = NULL;
    HcLayerCounts counts;
    g_autoptr(HcHive) layer = one_key_layer(0x83, 0x01, NULL);
    CU_ASSERT_TRUE(hc_differencing_count(layer, &counts, &error));
    CHECK_NO_ERROR(error);
    CHECK_NUMBER(counts.n[0x00], 2);
    CHECK_NUMBER(counts.n[0x01], 1);
    CHECK_NUMBER(counts.n[0x80], 0);
    CHECK_NUMBER(counts.n[0x83], 1);
}

static void
test_refused(void)
{
    GError *error = NULL;
    g_autoptr(HcHive) ordinary = tree_open("[A]\n", 6);
    CU_ASSERT_PTR_NULL(hc_differencing_read(ordinary, &error));
    CHECK_ERROR(error, HC_ERROR_UNSUPPORTED,
                "test.hive: is an ordinary hive, not a differencing hive");
    static const uint8_t bits[] = {0x01, 0x02, 0x03};
    for (gsize i = 0; i < G_N_ELEMENTS(bits); i++) {
        g_autoptr(HcHive) layer = end_layer(start_layer(bits[i]));
        g_autofree char *message =
            g_strdup_printf("Test_Delta: the root key's layer bits are 0x%02x, which would put "
                            "away the whole hive below it",
                            bits[i]);
        CU_ASSERT_PTR_NULL(hc_differencing_read(layer, &error));
        CHECK_ERROR(error, HC_ERROR_UNSUPPORTED, message);
    }
}

const char cu_suite[] = "differencing-read";
const CuCase cu_cases[] = {
    {"0x80: merges", test_merge},
    {"0x00: new, or states the class", test_new},
    {"0x01: tombstone", test_tombstone},
    {"0x02: all but subkeys", test_supersede_local},
    {"0x03: the whole tree", test_supersede_tree},
    {"0x83: the class is inherited", test_inherited_class},
    {"a base without the keys", test_other_base},
    {"the root", test_root},
    {"one key and what is below it", test_read_key},
    {"counts by layer bits", test_count},
    {"what is refused", test_refused},
    {NULL, NULL},
};
