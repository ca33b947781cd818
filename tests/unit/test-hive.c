#include "config.h"

#include "hivecore/base/limits.h"
#include "hivecore/regf/check.h"
#include "hivecore/regf/layout.h"
#include "tests/unit/cu.h"
#include "tests/unit/tree-text.h"

/*
 * The hives are made by HcWriter, which has tests of its own against bytes of the specification;
 * defects are planted by offset: the root's cell is at file offset 0x1020, its nk at 0x1024.
 */

enum {
    ROOT_NK = 0x1024
};

typedef struct {
    uint8_t *bytes;
    gsize n_bytes;
} Image;

static Image
image_new(const char *text, guint minor)
{
    g_autoptr(GBytes) bytes = tree_hive(text, minor);
    Image image = {NULL, g_bytes_get_size(bytes)};
    image.bytes = g_memdup2(g_bytes_get_data(bytes, NULL), image.n_bytes);
    return image;
}

static void
sign(Image *image)
{
    uint32_t sum = 0;
    for (guint i = 0; i < HC_BASE_CHECKSUM; i += 4)
        sum ^= hc_get32(image->bytes + i);
    hc_put32(image->bytes + HC_BASE_CHECKSUM, sum);
}

/* Takes the image. */
static HcHive *
image_open(Image image, HcHiveFlags flags, GError **error)
{
    g_autoptr(HcMap) map =
        hc_map_from_bytes("x.hive", g_bytes_new_take(image.bytes, image.n_bytes));
    return hc_hive_open_map(map, flags, error);
}

static void
check_open_fails(Image image, HcErrorCode code, const char *message)
{
    GError *error = NULL;
    g_autoptr(HcHive) hive = image_open(image, 0, &error);
    CU_ASSERT_PTR_NULL(hive);
    CHECK_ERROR(error, code, message);
}

static Image
text_image(const char *text, gsize n_bytes)
{
    return (Image){g_memdup2(text, n_bytes), n_bytes};
}

static Image
with_base_field(guint offset, uint32_t value)
{
    Image image = image_new("[A]", 5);
    hc_put32(image.bytes + offset, value);
    sign(&image);
    return image;
}

static void
base_block(void)
{
    check_open_fails(text_image("", 0), HC_ERROR_MALFORMED,
                     "x.hive: the file is empty, expected a registry hive");
    check_open_fails(text_image("REGEDIT4\n", 9), HC_ERROR_MALFORMED,
                     "x.hive: not a registry hive but a .reg patch");
    check_open_fails(text_image("\377\376W\0", 4), HC_ERROR_MALFORMED,
                     "x.hive: not a registry hive but UTF-16 text; is it a .reg patch given in the "
                     "hive's place?");
    check_open_fails(text_image("rugf", 4), HC_ERROR_MALFORMED,
                     "x.hive: not a registry hive: the signature \"regf\" is missing");
    check_open_fails(text_image("regf", 4), HC_ERROR_MALFORMED,
                     "x.hive: the hive is cut off inside its base block");
    Image unsigned_image = image_new("[A]", 5);
    unsigned_image.bytes[HC_BASE_CHECKSUM] ^= 1;
    check_open_fails(unsigned_image, HC_ERROR_MALFORMED,
                     "x.hive: base block: the checksum is wrong");
    check_open_fails(with_base_field(HC_BASE_SEQUENCE1, 7), HC_ERROR_UNSUPPORTED,
                     "x.hive: the hive is dirty (sequence numbers 7 and 1): changes are still in "
                     "its transaction logs");
    check_open_fails(with_base_field(HC_BASE_TYPE, 6), HC_ERROR_MALFORMED,
                     "x.hive: a transaction log, expected the hive it belongs to");
    check_open_fails(with_base_field(HC_BASE_FORMAT, 0), HC_ERROR_MALFORMED,
                     "x.hive: base block: file type or format is none of a primary hive file");
    check_open_fails(with_base_field(HC_BASE_MINOR, 7), HC_ERROR_UNSUPPORTED,
                     "x.hive: hive version 1.7, supported are 1.2 to 1.6");
    check_open_fails(with_base_field(HC_BASE_MINOR, 1), HC_ERROR_UNSUPPORTED,
                     "x.hive: hive version 1.1, supported are 1.2 to 1.6");
    check_open_fails(with_base_field(HC_BASE_BINS_BYTES, 0x2000), HC_ERROR_MALFORMED,
                     "x.hive: the hive is cut off: its base block promises 8192 bytes of hive "
                     "bins, the file has 4096");
    check_open_fails(with_base_field(HC_BASE_BINS_BYTES, 0xfff), HC_ERROR_MALFORMED,
                     "x.hive: base block: the hive bins size is not a multiple of 4096");
    check_open_fails(with_base_field(HC_BASE_BINS_BYTES, 0xfffff000), HC_ERROR_LIMIT,
                     "x.hive: the hive is larger than 2 GiB");
}

static void
bins(void)
{
    Image magic = image_new("[A]", 5);
    magic.bytes[0x1000] = 'g';
    check_open_fails(magic, HC_ERROR_MALFORMED,
                     "x.hive: hive bin at 0x1000: the signature is not \"hbin\"");
    Image size = image_new("[A]", 5);
    hc_put32(size.bytes + 0x1008, 0x800);
    check_open_fails(size, HC_ERROR_MALFORMED,
                     "x.hive: hive bin at 0x1000: its size is not a multiple of 4096 that fits");
    Image offset = image_new("[A]", 5);
    hc_put32(offset.bytes + 0x1004, 0x1000);
    check_open_fails(offset, HC_ERROR_MALFORMED,
                     "x.hive: hive bin at 0x1000: its offset field does not say where it is");
}

static void
accepts(void)
{
    GError *error = NULL;
    Image trailing = image_new("[A]", 5);
    trailing.bytes = g_realloc(trailing.bytes, trailing.n_bytes + 7);
    memset(trailing.bytes + trailing.n_bytes, 0xaa, 7);
    trailing.n_bytes += 7;
    g_autoptr(HcHive) longer = image_open(trailing, 0, &error);
    CHECK_NO_ERROR(error);
    CU_ASSERT_PTR_NOT_NULL(longer);

    g_autoptr(HcHive) dirty =
        image_open(with_base_field(HC_BASE_SEQUENCE1, 7), HC_HIVE_ALLOW_DIRTY, &error);
    CHECK_NO_ERROR(error);
    CU_ASSERT_TRUE(hc_hive_info(dirty)->is_dirty);

    /* Garbage at 0x90 of a version 1.5 hive does not make it differencing; in 1.6 it does. */
    g_autoptr(HcHive) garbage = image_open(with_base_field(HC_BASE_FLAGS, 0xffffff), 0, &error);
    CHECK_NO_ERROR(error);
    CU_ASSERT_FALSE(hc_hive_info(garbage)->is_differencing);
    Image layered = image_new("[A]", 6);
    hc_put32(layered.bytes + HC_BASE_FLAGS, 2);
    sign(&layered);
    g_autoptr(HcHive) differencing = image_open(layered, 0, &error);
    CHECK_NO_ERROR(error);
    CU_ASSERT_TRUE(hc_hive_info(differencing)->is_differencing);
}

static gboolean
has(const HcHive *hive, const char *a, const char *b)
{
    g_autoptr(HcArena) arena = hc_arena_new();
    GError *error = NULL;
    HcKey key;
    const HcName path[] = {hc_name_from_utf8(arena, a, strlen(a)),
                           hc_name_from_utf8(arena, b, strlen(b))};
    const gboolean found = hc_hive_lookup(hive, path, 2, &key, &error);
    CHECK_NO_ERROR(error);
    return found;
}

static void
check_lookups(guint minor, guint n)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < n; i++)
        g_string_append_printf(text, "[A\\Key%05u]\n", i);
    g_autoptr(HcHive) hive = tree_open(text->str, minor);
    for (guint i = 0; i < n; i++) {
        g_autofree char *name = g_strdup_printf("kEY%05u", i);
        CU_ASSERT_TRUE(has(hive, "a", name));
    }
    CU_ASSERT_FALSE(has(hive, "A", "A"));
    CU_ASSERT_FALSE(has(hive, "A", "Key00000x"));
    CU_ASSERT_FALSE(has(hive, "A", "z"));
    CU_ASSERT_FALSE(has(hive, "B", "Key00000"));
}

static void
lookups(void)
{
    check_lookups(3, 1);
    check_lookups(3, 1012);
    check_lookups(5, 2);
    check_lookups(5, 1013);
    check_lookups(5, 3000);
}

/* Keys of a list that is not sorted are found all the same, and listed in order. */
static void
unsorted(void)
{
    GError *error = NULL;
    Image image = image_new("[A]\n[B]\n[C]", 5);
    uint8_t *list = image.bytes + 0x1000 + hc_get32(image.bytes + ROOT_NK + HC_NK_SUBKEYS) + 4;
    uint8_t swap[8];
    memcpy(swap, list + 4, 8);
    memcpy(list + 4, list + 20, 8);
    memcpy(list + 20, swap, 8);
    g_autoptr(HcHive) hive = image_open(image, 0, &error);
    CHECK_NO_ERROR(error);
    HcKey root;
    HcKey found;
    CU_ASSERT_TRUE(hc_hive_root(hive, &root, &error));
    CU_ASSERT_TRUE(hc_hive_subkey(hive, &root, HC_NAME_ASCII("a"), &found, &error));
    CU_ASSERT_TRUE(hc_hive_subkey(hive, &root, HC_NAME_ASCII("c"), &found, &error));
    g_auto(HcKeyList) keys;
    hc_key_list_init(&keys);
    CU_ASSERT_TRUE(hc_key_list_fill(&keys, hive, &root, &error));
    CHECK_NO_ERROR(error);
    CHECK_NUMBER(hc_key_list_at(&keys, 0, &error)->name.chars[0], 'A');
    CHECK_NUMBER(hc_key_list_at(&keys, 2, &error)->name.chars[0], 'C');
    CU_ASSERT_FALSE(hc_hive_check(hive, NULL, &error));
    g_clear_error(&error);
}

/* Subkey @i of a list, named Key0000 and so on. */
static gboolean
is_wide_key(HcKeyList *keys, guint i)
{
    GError *error = NULL;
    g_autofree char *name = g_strdup_printf("Key%04u", i);
    const HcKey *key = hc_key_list_at(keys, i, &error);
    CHECK_NO_ERROR(error);
    return key != NULL &&
           hc_name_equal(key->name, (HcName){(const uint8_t *) name, strlen(name), TRUE});
}

/* More subkeys than a list holds, in order and not: each is where it belongs, whatever is asked for
 * before it. */
static void
wide_list(void)
{
    enum {
        N_KEYS = 2 * HC_KEY_WINDOW + 500
    };
    static const guint asked[] = {0,    HC_KEY_WINDOW, HC_KEY_WINDOW - 1, N_KEYS - 1,
                                  1500, 1499,          2 * HC_KEY_WINDOW, 3};
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < N_KEYS; i++)
        g_string_append_printf(text, "[Key%04u]\n", i);
    for (guint is_swapped = 0; is_swapped < 2; is_swapped++) {
        GError *error = NULL;
        Image image = image_new(text->str, 5);
        uint8_t *bins = image.bytes + 0x1000;
        const uint8_t *index = bins + hc_get32(image.bytes + ROOT_NK + HC_NK_SUBKEYS) + 4;
        CHECK_NUMBER(index[1], 'i');
        uint8_t *last = bins + hc_get32(index + 4 + 4 * (gsize) (hc_get16(index + 2) - 1)) + 4;
        for (guint i = 4; is_swapped != 0 && i < 12; i++) {
            const uint8_t byte = last[i];
            last[i] = last[i + 8];
            last[i + 8] = byte;
        }
        g_autoptr(HcHive) hive = image_open(image, 0, &error);
        CHECK_NO_ERROR(error);
        HcKey root;
        g_auto(HcKeyList) keys;
        hc_key_list_init(&keys);
        CU_ASSERT_TRUE_FATAL(hc_hive_root(hive, &root, &error) &&
                             hc_key_list_fill(&keys, hive, &root, &error));
        CHECK_NUMBER(keys.n, N_KEYS);
        CHECK_NUMBER(keys.keys->len, is_swapped != 0 ? N_KEYS : HC_KEY_WINDOW);
        guint n_right = 0;
        for (guint i = 0; i < N_KEYS; i++)
            n_right += is_wide_key(&keys, i) ? 1 : 0;
        CHECK_NUMBER(n_right, N_KEYS);
        for (guint i = 0; i < G_N_ELEMENTS(asked); i++)
            CU_ASSERT_TRUE(is_wide_key(&keys, asked[i]));
    }
}

/* Entries of an li list have 4 bytes. */
static void
li_list(void)
{
    GError *error = NULL;
    Image image = image_new("[A]\n[B]", 5);
    uint8_t *list = image.bytes + 0x1000 + hc_get32(image.bytes + ROOT_NK + HC_NK_SUBKEYS) + 4;
    memcpy(list, "li", 2);
    memmove(list + 8, list + 12, 4);
    g_autoptr(HcHive) hive = image_open(image, 0, &error);
    CHECK_NO_ERROR(error);
    HcKey root;
    HcKey found;
    CU_ASSERT_TRUE(hc_hive_root(hive, &root, &error));
    CU_ASSERT_TRUE(hc_hive_subkey(hive, &root, HC_NAME_ASCII("A"), &found, &error));
    CU_ASSERT_TRUE(hc_hive_subkey(hive, &root, HC_NAME_ASCII("B"), &found, &error));
    CU_ASSERT_TRUE(hc_hive_check(hive, NULL, &error));
    CHECK_NO_ERROR(error);
}

static void
values(void)
{
    GError *error = NULL;
    g_autofree char *hex = g_strnfill(2 * 81725, '5');
    g_autofree char *text =
        g_strdup_printf("[A]\n=1:410042000000\nn=4:04030201\nempty=7:\nbig=3:%s", hex);
    g_autoptr(HcHive) hive = tree_open(text, 5);
    const HcName path[] = {HC_NAME_ASCII("A")};
    HcKey key;
    HcValue value;
    HcBlob data;
    gboolean is_big = FALSE;
    g_autoptr(GByteArray) scratch = g_byte_array_new();
    CU_ASSERT_TRUE(hc_hive_lookup(hive, path, 1, &key, &error));
    CHECK_NUMBER(key.n_values, 4);
    CU_ASSERT_TRUE(hc_hive_find_value(hive, &key, HC_NAME_EMPTY, &value, &error));
    CU_ASSERT_TRUE(hc_hive_value_data(hive, &value, scratch, &data, &error));
    CHECK_BYTES(data.bytes, data.n_bytes, "A\0B\0\0\0", 6);
    CU_ASSERT_TRUE(hc_hive_find_value(hive, &key, HC_NAME_ASCII("N"), &value, &error));
    CU_ASSERT_TRUE(hc_hive_value_data(hive, &value, scratch, &data, &error));
    CHECK_BYTES(data.bytes, data.n_bytes, "\4\3\2\1", 4);
    CU_ASSERT_TRUE(hc_hive_find_value(hive, &key, HC_NAME_ASCII("empty"), &value, &error));
    CU_ASSERT_TRUE(hc_hive_value_data(hive, &value, scratch, &data, &error));
    CHECK_NUMBER(data.n_bytes, 0);
    CU_ASSERT_TRUE(hc_hive_find_value(hive, &key, HC_NAME_ASCII("big"), &value, &error));
    CU_ASSERT_TRUE(hc_hive_value_is_big(hive, &value, &is_big, &error));
    CU_ASSERT_TRUE(is_big);
    CU_ASSERT_TRUE(hc_hive_value_data(hive, &value, scratch, &data, &error));
    CHECK_NUMBER(data.n_bytes, 81725);
    CHECK_NUMBER(data.bytes[81724], 0x55);
    CU_ASSERT_FALSE(hc_hive_find_value(hive, &key, HC_NAME_ASCII("none"), &value, &error));
    CHECK_NO_ERROR(error);
}

static void
meta(void)
{
    GError *error = NULL;
    g_autoptr(HcHive) hive = tree_open("[A]\n!class=41004200\n!security=0102030405\n[A\\B]", 5);
    const HcName path[] = {HC_NAME_ASCII("A"), HC_NAME_ASCII("B")};
    HcKey key;
    HcKey parent;
    HcBlob blob;
    CU_ASSERT_TRUE(hc_hive_lookup(hive, path, 1, &key, &error));
    CU_ASSERT_TRUE(hc_hive_class(hive, &key, &blob, &error));
    CHECK_BYTES(blob.bytes, blob.n_bytes, "A\0B\0", 4);
    CU_ASSERT_TRUE(hc_hive_lookup(hive, path, 2, &key, &error));
    CU_ASSERT_TRUE(hc_hive_class(hive, &key, &blob, &error));
    CU_ASSERT_PTR_NULL(blob.bytes);
    CU_ASSERT_TRUE(hc_hive_security(hive, &key, &blob, &error));
    CHECK_BYTES(blob.bytes, blob.n_bytes, "\1\2\3\4\5", 5);
    CU_ASSERT_TRUE(hc_hive_key(hive, hc_get32(key.nk + HC_NK_PARENT), &parent, &error));
    CHECK_NUMBER(parent.name.chars[0], 'A');
    CHECK_NO_ERROR(error);
}

/* A predefined-handle key has a handle where others have the number of values. */
static void
predefined_handle(void)
{
    GError *error = NULL;
    HcKey root;
    Image image = image_new("", 5);
    hc_put16(image.bytes + ROOT_NK + HC_NK_FLAGS,
             HC_KEY_FLAG_ROOT | HC_KEY_FLAG_LATIN1 | HC_KEY_FLAG_PREDEFINED);
    hc_put32(image.bytes + ROOT_NK + HC_NK_N_VALUES, 0x80000050);
    g_autoptr(HcHive) hive = image_open(image, 0, &error);
    CU_ASSERT_TRUE(hc_hive_root(hive, &root, &error));
    CHECK_NUMBER(root.n_values, 0);
    CHECK_NUMBER(hc_key_predefined_handle(&root), 0x80000050);
    CU_ASSERT_TRUE(hc_hive_check(hive, NULL, &error));
    CHECK_NO_ERROR(error);
}

/* One 32-bit field of the root key changed: what the check says then. */
static void
check_root_field(guint field, uint32_t value, const char *message)
{
    GError *error = NULL;
    Image image = image_new("[A]\nv=3:0102030405\n=1:410042000000", 5);
    hc_put32(image.bytes + ROOT_NK + field, value);
    g_autoptr(HcHive) hive = image_open(image, 0, &error);
    CHECK_NO_ERROR(error);
    CU_ASSERT_FALSE(hc_hive_check(hive, NULL, &error));
    CHECK_ERROR(error, HC_ERROR_MALFORMED, message);
}

static void
planted_defects(void)
{
    check_root_field(HC_NK_SUBKEYS, 0x21,
                     "x.hive: subkey list at 0x1021: the offset is outside the hive bins");
    check_root_field(HC_NK_SUBKEYS, 0x1000,
                     "x.hive: subkey list at 0x2000: the offset is outside the hive bins");
    check_root_field(HC_NK_SUBKEYS, 0xfffffff8,
                     "x.hive: subkey list at 0x100000ff8: the offset is outside the hive bins");
    check_root_field(HC_NK_SUBKEYS, 0x20,
                     "x.hive: subkey list at 0x1020: the signature is none of lf, lh, li, ri");
    check_root_field(HC_NK_SUBKEYS, 0xff8, "x.hive: subkey list at 0x1ff8: the cell is free");
    check_root_field(
        HC_NK_N_SUBKEYS, 2,
        "x.hive: key at 0x1020: its subkey list holds fewer subkeys than the key counts");
    check_root_field(HC_NK_N_SUBKEYS, 0x7fffffff, "x.hive: key at 0x1020: too many subkeys");
    check_root_field(HC_NK_N_VALUES, 0x7fffffff,
                     "x.hive: key at 0x1020: more values than the file "
                     "can hold");
    check_root_field(HC_NK_N_VALUES, 1,
                     "x.hive: value list at 0x100000fff: the offset is outside the hive bins");
    check_root_field(HC_NK_SECURITY, HC_NIL,
                     "x.hive: key at 0x1020: it has no security descriptor");
    check_root_field(HC_NK_SECURITY, 0x20,
                     "x.hive: key security at 0x1020: the signature is not \"sk\"");
}

/* A key whose subkey list leads back to itself, seen by a walk that trusts no parent field. */
static void
loop(void)
{
    GError *error = NULL;
    Image image = image_new("[A]", 5);
    uint8_t *list = image.bytes + 0x1000 + hc_get32(image.bytes + ROOT_NK + HC_NK_SUBKEYS) + 4;
    hc_put32(list + 4, 0x20);
    g_autoptr(HcHive) hive = image_open(image, 0, &error);
    CHECK_NO_ERROR(error);
    HcWalk walk = hc_walk_start(hive);
    HcKey key;
    guint depth = 0;
    CU_ASSERT_TRUE(hc_hive_root(hive, &key, &error));
    while (hc_walk_enter(&walk, &key, depth++, &error)) {
        HcSubkeyIter iter;
        const HcKey parent = key;
        if (!hc_subkey_iter_init(&iter, hive, &parent, &error) ||
            !hc_subkey_iter_next(&iter, &key, &error))
            break;
    }
    CHECK_ERROR(error, HC_ERROR_MALFORMED,
                "x.hive: key at 0x1020: more keys than the file can "
                "hold: the tree has a loop");
}

static void
deepest(void)
{
    GError *error = NULL;
    HcCheckCounts counts;
    g_autoptr(GString) text = g_string_new("[d");
    for (guint i = 1; i < HC_MAX_KEY_DEPTH; i++)
        g_string_append(text, "\\d");
    g_string_append(text, "]");
    g_autoptr(HcHive) hive = tree_open(text->str, 5);
    CU_ASSERT_TRUE(hc_hive_check(hive, &counts, &error));
    CHECK_NO_ERROR(error);
    CHECK_NUMBER(counts.depth, 512);
    CHECK_NUMBER(counts.n_keys, 513);
}

const char cu_suite[] = "hive";
const CuCase cu_cases[] = {{"base block", base_block},
                           {"bins", bins},
                           {"accepts", accepts},
                           {"lookups", lookups},
                           {"unsorted list", unsorted},
                           {"wide list", wide_list},
                           {"li list", li_list},
                           {"values", values},
                           {"class, descriptor, parent", meta},
                           {"predefined handle", predefined_handle},
                           {"planted defects", planted_defects},
                           {"loop", loop},
                           {"deepest", deepest},
                           {NULL, NULL}};
