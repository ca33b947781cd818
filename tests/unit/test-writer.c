#include "config.h"

#include <string.h>

#include "hivecore/base/clock.h"
#include "hivecore/base/limits.h"
#include "hivecore/regf/check.h"
#include "hivecore/regf/layout.h"
#include "hivecore/regf/writer.h"
#include "tests/unit/cu.h"
#include "tests/unit/writer-steps.h"

static const uint8_t *
file_of(const HcHive *hive)
{
    return hc_map_data(hc_hive_map(hive));
}

static const uint8_t *
cell_of(const HcHive *hive, uint32_t offset)
{
    return file_of(hive) + HC_BASE_BLOCK_BYTES + offset + 4;
}

/* Bytes of the cell at @offset, its size field included. */
static uint32_t
cell_bytes(const HcHive *hive, uint32_t offset)
{
    return 0u - hc_get32(cell_of(hive, offset) - 4);
}

static const uint8_t *
root_nk(const HcHive *hive)
{
    return cell_of(hive, 0x20);
}

/* The sums are of hives put together byte by byte from the format's description. */
static void
test_empty_differencing(void)
{
    static const char *const expected[][2] = {
        {"DefaultUser_Delta", "9630258648f6b141a772daa3a5c9c71ad97d7d5ebc179e2a5b20f9bc8195be5f"},
        {"Sam_Delta", "7c719c5bf0216a0043f000025574b0e46da964c363e65a35d9ddb6de836d13e1"},
        {"Security_Delta", "859ece703d433bc0b12175218ff2aef5383de7cd4e6c99e4e12762f248482ccf"},
        {"Software_Delta", "58185000df2c248d65ab32d81828ac2e391fa9d102d2123f0ec67c35db425abb"},
        {"System_Delta", "14a7dab1304176125cc8a10c1ca314a5a02eb5530fcee234d261fb5a4b9fb2af"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(expected); i++) {
        const HcWriterOptions options = {
            .minor = 6, .is_differencing = TRUE, .file_name = writer_name(expected[i][0])};
        g_autoptr(HcWriter) writer = hc_writer_new(&options);
        const HcKeySpec spec = {
            .name = HC_NAME_ASCII("ROOT"),
            .security = hc_default_root_security(),
            .access_bits = 2,
            .mtime_filetime = HC_FILETIME_UNIX_EPOCH,
        };
        GError *error = NULL;
        hc_writer_open_key(writer, &spec, &error);
        CHECK_NO_ERROR(error);
        writer_close_key(writer);
        g_autoptr(GBytes) bytes = hc_writer_finish(writer, &error);
        CHECK_NO_ERROR(error);
        g_autofree char *sum = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, bytes);
        CHECK_STRING(sum, expected[i][1]);
    }
}

static void
test_key_fields(void)
{
    g_autoptr(HcWriter) writer = writer_new(5);
    writer_open_root(writer);
    writer_add_value(writer, "", HC_REG_DWORD, "\1\2\3\4", 4);
    writer_add_value(writer, "twelve", HC_REG_BINARY, "twelve bytes", 12);
    const HcKeySpec spec = {
        .name = HC_NAME_ASCII("Ab"),
        .class_name = {(const uint8_t *) "c\0l\0", 4},
        .flags = HC_KEY_FLAG_SYMLINK | HC_KEY_FLAG_LATIN1 | HC_KEY_FLAG_ROOT,
        .user_flags = 0x00a0,
        .mtime_filetime = UINT64_C(0x0123456789abcdef),
        .layer_bits = 0x80, /* not in an ordinary hive */
    };
    GError *error = NULL;
    hc_writer_open_key(writer, &spec, &error);
    CHECK_NO_ERROR(error);
    writer_close_key(writer);
    g_autoptr(HcHive) hive = writer_finish(writer);

    const uint8_t *root = root_nk(hive);
    CHECK_NUMBER(hc_get16(root + 0x02), 0x2c);
    CHECK_NUMBER(hc_get32(root + 0x14), 1);
    CHECK_NUMBER(hc_get32(root + 0x24), 2);
    CHECK_NUMBER(hc_get32(root + 0x34), 4);  /* "Ab" in UTF-16 */
    CHECK_NUMBER(hc_get32(root + 0x38), 4);  /* the class */
    CHECK_NUMBER(hc_get32(root + 0x3c), 12); /* "twelve" in UTF-16 */
    CHECK_NUMBER(hc_get32(root + 0x40), 12);

    const uint8_t *leaf = cell_of(hive, hc_get32(root + 0x1c));
    CHECK_BYTES(leaf, 4, "lh\1\0", 4);
    CHECK_NUMBER(hc_get32(leaf + 8), 37 * 'A' + 'B');
    const uint8_t *key = cell_of(hive, hc_get32(leaf + 4));
    CHECK_NUMBER(hc_get16(key + 0x02), 0x30); /* symlink and name encoding */
    CHECK_NUMBER(hc_get64(key + 0x04), INT64_C(0x0123456789abcdef));
    CHECK_NUMBER(key[0x0d], 0);
    CHECK_NUMBER(hc_get32(key + 0x10), 0x20);
    CHECK_NUMBER(hc_get32(key + 0x1c), HC_NIL);
    CHECK_NUMBER(hc_get32(key + 0x28), HC_NIL);
    CHECK_NUMBER(hc_get32(key + 0x2c), hc_get32(root + 0x2c)); /* the parent's descriptor */
    CHECK_NUMBER(hc_get32(key + 0x34), 0x00a00000);
    CHECK_NUMBER(hc_get16(key + 0x4a), 4);
    CHECK_BYTES(cell_of(hive, hc_get32(key + 0x30)), 4, "c\0l", 4);
    CHECK_NUMBER(hc_get32(cell_of(hive, hc_get32(root + 0x2c)) + 0x0c), 2);

    const uint8_t *values = cell_of(hive, hc_get32(root + 0x28));
    const uint8_t *unnamed = cell_of(hive, hc_get32(values));
    CHECK_BYTES(unnamed, 20, "vk\0\0\4\0\0\x80\1\2\3\4\4\0\0\0\0\0\0", 20);
    const uint8_t *twelve = cell_of(hive, hc_get32(values + 4));
    CHECK_NUMBER(hc_get32(twelve + 4), 12);
    CHECK_NUMBER(hc_get16(twelve + 16), 1);
    CHECK_BYTES(cell_of(hive, hc_get32(twelve + 8)), 12, "twelve bytes", 12);
}

static void
test_names(void)
{
    static const uint8_t wide[] = {0xe9, 0x00, 0x17, 0x04};   /* U+00E9 U+0417 */
    static const uint8_t narrow[] = {0x65, 0x00, 0xe9, 0x00}; /* fits Latin-1 */
    g_autoptr(HcWriter) writer = writer_new(5);
    writer_open_root(writer);
    const HcKeySpec specs[] = {{.name = {narrow, 2, FALSE}}, {.name = {wide, 2, FALSE}}};
    for (guint i = 0; i < 2; i++) {
        GError *error = NULL;
        hc_writer_open_key(writer, &specs[i], &error);
        CHECK_NO_ERROR(error);
        writer_close_key(writer);
    }
    g_autoptr(HcHive) hive = writer_finish(writer);
    const uint8_t *leaf = cell_of(hive, hc_get32(root_nk(hive) + 0x1c));
    const uint8_t *first = cell_of(hive, hc_get32(leaf + 4));
    CHECK_NUMBER(hc_get16(first + 0x02), 0x20);
    CHECK_BYTES(first + 0x4c, hc_get16(first + 0x48), "e\xe9", 2);
    const uint8_t *second = cell_of(hive, hc_get32(leaf + 12));
    CHECK_NUMBER(hc_get16(second + 0x02), 0x00);
    CHECK_BYTES(second + 0x4c, hc_get16(second + 0x48), wide, 4);
    CHECK_NUMBER(hc_get32(leaf + 16), 37 * 0xc9 + 0x417);
}

/* One value of @n_bytes under @minor; returns the cell its data starts in. */
static uint32_t
data_cell(uint32_t minor, uint32_t n_bytes, HcHive **hive)
{
    g_autofree uint8_t *bytes = g_malloc(n_bytes);
    for (uint32_t i = 0; i < n_bytes; i++)
        bytes[i] = (uint8_t) (i % 251);
    g_autoptr(HcWriter) writer = writer_new(minor);
    writer_open_root(writer);
    writer_add_value(writer, "data", HC_REG_BINARY, bytes, n_bytes);
    *hive = writer_finish(writer);

    HcKey root;
    HcValue value;
    HcBlob data = {NULL, 0};
    GError *error = NULL;
    g_autoptr(GByteArray) scratch = g_byte_array_new();
    CU_ASSERT_TRUE(hc_hive_root(*hive, &root, &error) &&
                   hc_hive_value(*hive, &root, 0, &value, &error) &&
                   hc_hive_value_data(*hive, &value, scratch, &data, &error));
    CHECK_NO_ERROR(error);
    CHECK_BYTES(data.bytes, data.n_bytes, bytes, n_bytes);
    return hc_get32(value.vk + 8);
}

static void
test_big_data(void)
{
    g_autoptr(HcHive) small = NULL;
    const uint32_t one_cell = data_cell(5, 16344, &small);
    CHECK_NUMBER(cell_bytes(small, one_cell), 16352);

    g_autoptr(HcHive) big = NULL;
    const uint32_t db = data_cell(5, 16345, &big);
    CHECK_BYTES(cell_of(big, db), 4, "db\2\0", 4);
    CHECK_NUMBER(cell_bytes(big, db), 16);
    const uint8_t *segments = cell_of(big, hc_get32(cell_of(big, db) + 4));
    CHECK_NUMBER(cell_bytes(big, hc_get32(segments)), 16352);
    CHECK_NUMBER(cell_bytes(big, hc_get32(segments + 4)), 16352); /* for one byte */

    g_autoptr(HcHive) v4 = NULL;
    const uint32_t v4_db = data_cell(4, 40000, &v4);
    CHECK_BYTES(cell_of(v4, v4_db), 4, "db\3\0", 4);

    g_autoptr(HcHive) old = NULL;
    const uint32_t old_cell = data_cell(3, 40000, &old);
    CHECK_NUMBER(cell_bytes(old, old_cell), 40008);
}

/* A root with @n subkeys k000000, k000001 and so on; returns its list. */
static const uint8_t *
list_of(uint32_t minor, guint n, HcHive **hive)
{
    g_autoptr(HcWriter) writer = writer_new(minor);
    writer_open_root(writer);
    for (guint i = 0; i < n; i++) {
        char name[16];
        g_snprintf(name, sizeof(name), "k%06u", i);
        writer_open_key(writer, name);
        writer_close_key(writer);
    }
    *hive = writer_finish(writer);
    return cell_of(*hive, hc_get32(root_nk(*hive) + 0x1c));
}

static void
test_lists(void)
{
    g_autoptr(HcHive) leaf_hive = NULL;
    CHECK_BYTES(list_of(5, 1012, &leaf_hive), 4, "lh\xf4\3", 4);

    g_autoptr(HcHive) index_hive = NULL;
    const uint8_t *index = list_of(5, 1015, &index_hive);
    CHECK_BYTES(index, 4, "ri\3\0", 4);
    CHECK_BYTES(cell_of(index_hive, hc_get32(index + 4)), 4, "lh\xfb\1", 4);
    CHECK_BYTES(cell_of(index_hive, hc_get32(index + 8)), 4, "lh\xfb\1", 4);
    CHECK_BYTES(cell_of(index_hive, hc_get32(index + 12)), 4, "lh\1\0", 4);

    g_autoptr(HcHive) old_hive = NULL;
    const uint8_t *old = list_of(4, 2, &old_hive);
    CHECK_BYTES(old, 4, "lf\2\0", 4);
    CHECK_BYTES(old + 8, 4, "k000", 4);
}

static void
test_security(void)
{
    static const uint8_t other[20] = {1, 0, 0, 0x80};
    g_autoptr(HcWriter) writer = writer_new(5);
    writer_open_root(writer);
    const HcBlob blobs[] = {{other, 20}, hc_default_root_security(), {other, 20}, {NULL, 0}};
    static const char *const names[] = {"a", "b", "c", "d"};
    for (guint i = 0; i < 4; i++) {
        const HcKeySpec spec = {.name = writer_name(names[i]), .security = blobs[i]};
        GError *error = NULL;
        hc_writer_open_key(writer, &spec, &error);
        CHECK_NO_ERROR(error);
        writer_close_key(writer);
    }
    g_autoptr(HcHive) hive = writer_finish(writer);
    const uint32_t first = hc_get32(root_nk(hive) + 0x2c);
    const uint8_t *sk = cell_of(hive, first);
    CHECK_NUMBER(hc_get32(sk + 0x0c), 3); /* root, b, d */
    const uint32_t second = hc_get32(sk + 4);
    CHECK_NUMBER(hc_get32(sk + 8), second);
    const uint8_t *other_sk = cell_of(hive, second);
    CHECK_NUMBER(hc_get32(other_sk + 4), first);
    CHECK_NUMBER(hc_get32(other_sk + 8), first);
    CHECK_NUMBER(hc_get32(other_sk + 0x0c), 2);
    CHECK_BYTES(other_sk + 0x14, hc_get32(other_sk + 0x10), other, 20);
}

static void
test_tombstone(void)
{
    const HcWriterOptions options = {
        .minor = 6, .is_differencing = TRUE, .file_name = HC_NAME_ASCII("D")};
    g_autoptr(HcWriter) writer = hc_writer_new(&options);
    writer_open_root(writer);
    GError *error = NULL;
    hc_writer_value_tombstone(writer, HC_NAME_ASCII("gone"), &error);
    CHECK_NO_ERROR(error);
    g_autoptr(HcHive) hive = writer_finish(writer);
    const uint8_t *vk = cell_of(hive, hc_get32(cell_of(hive, hc_get32(root_nk(hive) + 0x28))));
    CHECK_BYTES(vk, 24, "vk\4\0\0\0\0\0\xff\xff\xff\xff\0\0\0\0\3\0\0\0gone", 24);

    g_autoptr(HcWriter) ordinary = writer_new(5);
    writer_open_root(ordinary);
    CU_ASSERT_FALSE(hc_writer_value_tombstone(ordinary, HC_NAME_ASCII("gone"), &error));
    CHECK_ERROR(error, HC_ERROR_UNSUPPORTED,
                "key \\: value \"gone\": an ordinary hive cannot say that a value is deleted");
}

static void
test_predefined(void)
{
    g_autoptr(HcWriter) writer = writer_new(5);
    writer_open_root(writer);
    const HcKeySpec spec = {.name = HC_NAME_ASCII("009"),
                            .flags = HC_KEY_FLAG_PREDEFINED,
                            .predefined_handle = UINT32_C(0x80000050)};
    GError *error = NULL;
    hc_writer_open_key(writer, &spec, &error);
    CHECK_NO_ERROR(error);
    writer_close_key(writer);
    g_autoptr(HcHive) hive = writer_finish(writer);
    const uint8_t *leaf = cell_of(hive, hc_get32(root_nk(hive) + 0x1c));
    const uint8_t *key = cell_of(hive, hc_get32(leaf + 4));
    CHECK_NUMBER(hc_get32(key + 0x24), INT64_C(0x80000050));
    CHECK_NUMBER(hc_get32(key + 0x28), HC_NIL);
}

/* The embedded name has room for 31 units and a NUL. */
static void
test_file_name(void)
{
    const HcWriterOptions options = {
        .minor = 5, .file_name = HC_NAME_ASCII("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")};
    g_autoptr(HcWriter) writer = hc_writer_new(&options);
    writer_open_root(writer);
    g_autoptr(HcHive) hive = writer_finish(writer);
    g_autofree char *shown = hc_name_display(hc_hive_info(hive)->name);
    CHECK_STRING(shown, "56789ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    CHECK_NUMBER(hc_get32(file_of(hive) + 0x90), 0);
}

static void
test_refusals(void)
{
    GError *error = NULL;
    g_autoptr(HcWriter) bare = writer_new(5);
    CU_ASSERT_FALSE(writer_open_named(bare, "ROOT", &error));
    CHECK_ERROR(error, HC_ERROR_MALFORMED, "key ROOT: the root has no security descriptor");

    g_autoptr(HcWriter) writer = writer_new(5);
    writer_open_root(writer);
    writer_open_key(writer, "b");
    CU_ASSERT_FALSE(writer_open_named(writer, "", &error));
    CHECK_ERROR(error, HC_ERROR_MALFORMED, "key b: a subkey has an empty name");
    writer_close_key(writer);
    CU_ASSERT_FALSE(writer_open_named(writer, "B", &error));
    CHECK_ERROR(error, HC_ERROR_MALFORMED, "key B: there are two of the name");
    CU_ASSERT_FALSE(writer_open_named(writer, "A", &error));
    CHECK_ERROR(error, HC_ERROR_MALFORMED, "key A: subkeys are not sorted");

    g_autofree char *name = g_strnfill(257, 'n');
    g_autofree char *message = g_strdup_printf("key %s: the name is too long", name);
    CU_ASSERT_FALSE(writer_open_named(writer, name, &error));
    CHECK_ERROR(error, HC_ERROR_LIMIT, message);

    CU_ASSERT_PTR_NULL(hc_writer_finish(writer, &error));
    CHECK_ERROR(error, HC_ERROR_INTERNAL, "a hive's keys were not all closed");
}

static void
test_depth(void)
{
    GError *error = NULL;
    g_autoptr(HcWriter) writer = writer_new(5);
    writer_open_root(writer);
    for (guint depth = 1; depth <= HC_MAX_KEY_DEPTH; depth++)
        writer_open_key(writer, "k");
    CU_ASSERT_FALSE(writer_open_named(writer, "k", &error));
    CU_ASSERT_TRUE(g_error_matches(error, HC_ERROR, HC_ERROR_LIMIT));
    CU_ASSERT_TRUE(error != NULL &&
                   g_str_has_suffix(error->message, "k\\k: too many levels of keys"));
    g_clear_error(&error);
}

const char cu_suite[] = "writer";
const CuCase cu_cases[] = {
    {"an empty differencing hive is the one of the specification", test_empty_differencing},
    {"fields of keys and values", test_key_fields},
    {"names are Latin-1 where they can be", test_names},
    {"big data by size and version", test_big_data},
    {"subkey lists by length and version", test_lists},
    {"one sk cell per descriptor, in a ring, counted", test_security},
    {"value tombstones", test_tombstone},
    {"predefined-handle keys", test_predefined},
    {"the embedded name keeps its tail", test_file_name},
    {"what is refused", test_refusals},
    {"depth", test_depth},
    {NULL, NULL},
};
