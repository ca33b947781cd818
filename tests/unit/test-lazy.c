#include "config.h"

#include "fixtures/mk-hives.h"
#include "hivecore/regf/check.h"
#include "hivecore/regf/layout.h"
#include "hivecore/regf/writer.h"
#include "tests/unit/cu.h"
#include "tests/unit/hive-image.h"

/* Hives opened with HC_HIVE_LAZY: what is entered is sound, and little is entered. */

static HcHive *
open_bytes(GBytes *bytes, HcHiveFlags flags)
{
    GError *error = NULL;
    g_autoptr(HcMap) map = hc_map_from_bytes("x.hive", bytes);
    HcHive *hive = hc_hive_open_map(map, flags, &error);
    CHECK_NO_ERROR(error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(hive);
    return hive;
}

static GBytes *
make_big(guint n_keys)
{
    GError *error = NULL;
    g_autoptr(MkTree) tree = mk_big(n_keys, 1, FALSE);
    GBytes *bytes = mk_tree_write(tree, 5, "big", &error);
    CHECK_NO_ERROR(error);
    return bytes;
}

typedef struct {
    HcName names[8];
    gsize n;
} Path;

/* The path to the subkey in the middle of the middle of ... the key at "A\B". */
static void
find_path(const HcHive *hive, const char *start, Path *path)
{
    GError *error = NULL;
    g_auto(HcKeyList) list;
    hc_key_list_init(&list);
    g_auto(GStrv) parts = g_strsplit(start, "\\", -1);
    HcKey key;
    path->n = 0;
    CU_ASSERT_TRUE_FATAL(hc_hive_root(hive, &key, &error));
    while (path->n < G_N_ELEMENTS(path->names)) {
        CU_ASSERT_TRUE_FATAL(hc_key_list_fill(&list, hive, &key, &error));
        if (list.n == 0)
            break;
        guint i = list.n / 2;
        for (guint k = 0; path->n < g_strv_length(parts) && k < list.n; k++) {
            g_autofree char *name = hc_name_display(hc_key_list_at(&list, k, &error)->name);
            if (g_str_equal(name, parts[path->n]))
                i = k;
        }
        key = *hc_key_list_at(&list, i, &error);
        path->names[path->n++] = key.name;
    }
}

/* How many pages it takes to read all values of that key, as `get` does. */
static guint
pages_of_get(GBytes *bytes, const char *start, gsize *n_levels)
{
    GError *error = NULL;
    g_autoptr(HcHive) whole = open_bytes(g_bytes_ref(bytes), 0);
    g_autoptr(HcHive) lazy = open_bytes(g_bytes_ref(bytes), HC_HIVE_LAZY);
    g_autoptr(GByteArray) scratch = g_byte_array_new();
    Path path;
    HcKey key;
    find_path(whole, start, &path);
    CHECK_NUMBER(hc_hive_n_pages_entered(whole), 0);
    CU_ASSERT_TRUE_FATAL(hc_hive_lookup(lazy, path.names, path.n, &key, &error));
    for (uint32_t i = 0; i < key.n_values; i++) {
        HcValue value;
        HcBlob data;
        CU_ASSERT_TRUE_FATAL(hc_hive_value(lazy, &key, i, &value, &error));
        CU_ASSERT_TRUE_FATAL(hc_hive_value_data(lazy, &value, scratch, &data, &error));
    }
    *n_levels = path.n;
    return hc_hive_n_pages_entered(lazy);
}

/* How many it takes to list the key above that one, as `ls KEY` does. */
static guint
pages_of_list(GBytes *bytes, const char *start)
{
    GError *error = NULL;
    g_autoptr(HcHive) whole = open_bytes(g_bytes_ref(bytes), 0);
    g_autoptr(HcHive) lazy = open_bytes(g_bytes_ref(bytes), HC_HIVE_LAZY);
    HcSubkeyIter iter;
    Path path;
    HcKey key;
    HcKey subkey;
    find_path(whole, start, &path);
    CU_ASSERT_TRUE_FATAL(hc_hive_lookup(lazy, path.names, path.n - 1, &key, &error));
    CU_ASSERT_TRUE_FATAL(hc_subkey_iter_init(&iter, lazy, &key, &error));
    while (hc_subkey_iter_next(&iter, &subkey, &error))
        continue;
    CHECK_NO_ERROR(error);
    return hc_hive_n_pages_entered(lazy);
}

/* Ten times the keys: at most 12 pages for each level, in a hive of hundreds and in one of
 * thousands of pages. */
static void
few_pages(void)
{
    static const char *const starts[] = {"Classes\\CLSID", "Classes\\Interface",
                                         "Microsoft\\Packages"};
    static const guint sizes[] = {2000, 20000};
    for (gsize k = 0; k < G_N_ELEMENTS(sizes); k++) {
        g_autoptr(GBytes) bytes = make_big(sizes[k]);
        CU_ASSERT_TRUE(g_bytes_get_size(bytes) / 4096 > sizes[k] / 20);
        for (gsize i = 0; i < G_N_ELEMENTS(starts); i++) {
            gsize n_levels;
            const guint n_get = pages_of_get(bytes, starts[i], &n_levels);
            if (n_get > 12 * n_levels)
                CHECK_NUMBER(n_get, 12 * n_levels);
            const guint n_list = pages_of_list(bytes, starts[i]);
            if (strcmp(starts[i], "Classes\\Interface") != 0 && n_list > 12 * n_levels)
                CHECK_NUMBER(n_list, 12 * n_levels);
        }
    }
}

/* Keys A and Z with 3,000 bytes of data each: three hive bins of 4,096 bytes. */
static Image
two_bins(void)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (const char *name = "AMZ"; *name != '\0'; name++) {
        g_string_append_printf(text, "[%c]\nv=3:", *name);
        for (guint i = 0; i < 3000; i++)
            g_string_append(text, "41");
        g_string_append_c(text, '\n');
    }
    return image_new(text->str, 5);
}

static gboolean
read_value(const HcHive *hive, HcName name, GError **error)
{
    HcKey key;
    HcValue value;
    HcBlob data;
    g_autoptr(GByteArray) scratch = g_byte_array_new();
    return hc_hive_lookup(hive, &name, 1, &key, error) &&
           hc_hive_find_value(hive, &key, HC_NAME_ASCII("v"), &value, error) &&
           hc_hive_value_data(hive, &value, scratch, &data, error) && data.n_bytes == 3000;
}

static HcHive *
open_image(Image image, HcHiveFlags flags)
{
    return open_bytes(g_bytes_new_take(image.bytes, image.n_bytes), flags);
}

/* A bin that is not entered does not matter; one that is, says what the strict reader says. */
static void
damaged_bins(void)
{
    GError *error = NULL;
    Image image = two_bins();
    image.bytes[0x2000] = 'H';
    g_autoptr(HcMap) map =
        hc_map_from_bytes("x.hive", g_bytes_new_take(image.bytes, image.n_bytes));
    CU_ASSERT_PTR_NULL(hc_hive_open_map(map, 0, &error));
    static const char message[] = "x.hive: hive bin at 0x2000: the signature is not \"hbin\"";
    CHECK_ERROR(error, HC_ERROR_MALFORMED, message);
    g_autoptr(HcHive) hive = hc_hive_open_map(map, HC_HIVE_LAZY, &error);
    CHECK_NO_ERROR(error);
    CU_ASSERT_TRUE(read_value(hive, HC_NAME_ASCII("A"), &error));
    CHECK_NO_ERROR(error);
    guint n_failed = 0;
    for (const char *name = "MZ"; *name != '\0'; name++) {
        if (read_value(hive, (HcName){(const uint8_t *) name, 1, TRUE}, &error))
            continue;
        n_failed++;
        CHECK_ERROR(error, HC_ERROR_MALFORMED, message);
    }
    CHECK_NUMBER(n_failed, 2);
    CU_ASSERT_FALSE(hc_hive_check(hive, NULL, &error));
    CHECK_ERROR(error, HC_ERROR_MALFORMED, message);
}

/* Windows joins bins and leaves their headers where they were, inside of the new one. */
static void
joined_bins(void)
{
    GError *error = NULL;
    Image image = two_bins();
    const uint32_t n_bins = (uint32_t) image.n_bytes - 0x1000;
    /* One bin of all; what was the second is now a cell, in which the old header stands. */
    hc_put32(image.bytes + 0x1000 + HC_HBIN_SIZE, n_bins);
    g_autoptr(HcHive) hive = open_image(image, HC_HIVE_LAZY);
    for (const char *name = "AMZ"; *name != '\0'; name++) {
        CU_ASSERT_TRUE(read_value(hive, (HcName){(const uint8_t *) name, 1, TRUE}, &error));
        CHECK_NO_ERROR(error);
    }
}

/* A cell of 5 MB, as versions before 1.4 have them; beyond it the bins are walked. */
static void
large_bin(void)
{
    GError *error = NULL;
    const HcWriterOptions options = {.minor = 3, .file_name = HC_NAME_EMPTY};
    const HcKeySpec root = {.name = HC_NAME_ASCII("ROOT"), .security = hc_default_root_security()};
    const HcKeySpec sub = {.name = HC_NAME_ASCII("A")};
    g_autofree uint8_t *data = g_malloc0(5 << 20);
    g_autoptr(HcWriter) writer = hc_writer_new(&options);
    CU_ASSERT_TRUE_FATAL(hc_writer_open_key(writer, &root, &error));
    CU_ASSERT_TRUE_FATAL(
        hc_writer_value(writer, HC_NAME_ASCII("big"), 3, (HcBlob){data, 5 << 20}, &error));
    CU_ASSERT_TRUE_FATAL(hc_writer_open_key(writer, &sub, &error));
    CU_ASSERT_TRUE_FATAL(hc_writer_close_key(writer, &error));
    CU_ASSERT_TRUE_FATAL(hc_writer_close_key(writer, &error));
    GBytes *bytes = hc_writer_finish(writer, &error);
    CHECK_NO_ERROR(error);
    Image image = {NULL, 0};
    image.bytes = g_bytes_unref_to_data(bytes, &image.n_bytes);
    /* The last page becomes a part of the bin before, which is more than 4 MB from its header. */
    uint8_t *bin = image.bytes + 0x1000;
    while (hc_get32(bin + HC_HBIN_SIZE) < 5 << 20)
        bin += hc_get32(bin + HC_HBIN_SIZE);
    hc_put32(bin + HC_HBIN_SIZE, (uint32_t) (image.bytes + image.n_bytes - bin));
    g_autoptr(HcHive) hive = open_image(image, HC_HIVE_LAZY);
    HcKey key;
    CU_ASSERT_TRUE(hc_hive_root(hive, &key, &error));
    const guint before = hc_hive_n_pages_entered(hive);
    const uint32_t last = hc_hive_info(hive)->bins_bytes - 0x1000 + 0x20;
    (void) hc_hive_cell(hive, last, 4, "cell", NULL, &error);
    g_clear_error(&error);
    CU_ASSERT_TRUE(hc_hive_n_pages_entered(hive) > before + 1024);
}

const char cu_suite[] = "lazy";
const CuCase cu_cases[] = {
    {"few pages", few_pages},
    {"damaged bins", damaged_bins},
    {"bins that were joined", joined_bins},
    {"a large bin", large_bin},
    {NULL, NULL},
};
