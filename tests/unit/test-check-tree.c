#include "config.h"

#include "hivecore/base/limits.h"
#include "hivecore/regf/check.h"
#include "hivecore/regf/layout.h"
#include "tests/unit/cu.h"
#include "tests/unit/hive-image.h"

/* The check: keys, lists, values, descriptors and layers. */

/* What is left when the subtree below a broken reference is not seen. */
#define UNSEEN " keys-unreached[-] cells-unreached[-]"

static void
lists(void)
{
    Image hash = image_new("[A]\n[B]", 5);
    image_entry(&hash, 1)[4] ^= 1;
    image_check_ids(hash, "list-hash[B]");
    /* In lf lists what does not tell upper from lower case is right, and a zero tells nothing. */
    Image hint = image_new("[AbC]\n[Bcdef]\n[C]", 4);
    image_entry(&hint, 0)[4] = 'a';
    image_entry(&hint, 1)[5] = 0;
    image_check_ids(hint, "");
    Image wrong = image_new("[AbC]\n[Bcdef]\n[C]", 4);
    image_entry(&wrong, 0)[7] = 'x';
    image_entry(&wrong, 1)[4] = 'C';
    image_check_ids(wrong, "list-hint[AbC] list-hint[Bcdef]");

    /* A duplicate is found wherever in a list out of order it is. */
    Image unsorted = image_new("[A1]\n[A2]\n[A3]", 5);
    image_cell(&unsorted, image_subkey(&unsorted, 2))[HC_NK_NAME + 1] = '1';
    hc_put32(image_entry(&unsorted, 2) + 4, hc_get32(image_entry(&unsorted, 0) + 4));
    image_check_ids(unsorted, "list-order[A1] key-duplicate[\\]");
    Image twins = image_new("[A1]\n[A2]", 5);
    image_cell(&twins, image_subkey(&twins, 1))[HC_NK_NAME + 1] = '1';
    hc_put32(image_entry(&twins, 1) + 4, hc_get32(image_entry(&twins, 0) + 4));
    image_check_ids(twins, "key-duplicate[A1]");

    /* Hashes are of 1.5, whatever the list says; once for each key. */
    Image version = image_new("[A]\n[B]", 5);
    hc_put32(version.bytes + HC_BASE_MINOR, 4);
    image_sign(&version);
    image_check(version, "warning list-version 0x1020 [\\]: key: its subkey list is an lh list, "
                         "which a hive of this version does not have\n");

    Image fewer = image_new("[A]", 5);
    hc_put32(image_root(&fewer) + HC_NK_N_SUBKEYS, 3);
    image_check_ids(fewer, "subkeys-fewer[\\]");
    Image stale = image_new("[A]", 5);
    hc_put32(image_root(&stale) + HC_NK_N_SUBKEYS, 0);
    image_check_ids(stale, "list-stale[\\] security-references[-]" UNSEEN " key-max-large[-]");
}

/* An index list: the leaves after the first are HC_LIST_LEAF_SPLIT entries apart. */
static void
index_list(void)
{
    Image image = image_large(1100);
    uint8_t *index = image_cell(&image, hc_get32(image_root(&image) + HC_NK_SUBKEYS));
    CHECK_BYTES(index, 2, "ri", 2);
    uint8_t *leaf = image_cell(&image, hc_get32(index + HC_LIST_ENTRIES + 4));
    hc_put16(leaf + HC_LIST_COUNT, 0);
    Image nested = {g_memdup2(image.bytes, image.n_bytes), image.n_bytes};
    image_check_ids(image, "list-empty-leaf[\\] subkeys-fewer[\\] security-references[-]" UNSEEN
                           " slack[-]");
    index = image_cell(&nested, hc_get32(image_root(&nested) + HC_NK_SUBKEYS));
    memcpy(image_cell(&nested, hc_get32(index + HC_LIST_ENTRIES + 4)), "ri", 2);
    image_check_ids(nested, "list-nested[\\] subkeys-fewer[\\]" UNSEEN);
}

static void
keys(void)
{
    Image flags = image_new("[A]", 5);
    hc_put16(image_root(&flags) + HC_NK_FLAGS, HC_KEY_FLAG_LATIN1);
    hc_put16(image_cell(&flags, image_subkey(&flags, 0)) + HC_NK_FLAGS,
             HC_KEY_FLAG_LATIN1 | HC_KEY_FLAG_ROOT);
    image_check_ids(flags, "root-flag[\\] key-root-flag[A]");
    Image memory = image_new("[A]\n[B]", 5);
    const uint32_t a = image_subkey(&memory, 0);
    const uint32_t b = image_subkey(&memory, 1);
    hc_put16(image_cell(&memory, a) + HC_NK_FLAGS, HC_KEY_FLAG_LATIN1 | HC_KEY_FLAG_VOLATILE);
    hc_put16(image_cell(&memory, b) + HC_NK_FLAGS, HC_KEY_FLAG_LATIN1 | HC_KEY_FLAG_HIVE_EXIT);
    g_autofree char *memory_lines =
        g_strdup_printf("warning key-volatile 0x%x [A]: key: a stored key has the volatile flag "
                        "(flags 0x21)\nwarning key-mount-point 0x%x [B]: key: a stored key has "
                        "the mount-point flag (flags 0x22)\n",
                        a + 0x1000, b + 0x1000);
    image_check(memory, memory_lines);
    Image no_name = image_new("", 5);
    hc_put16(image_root(&no_name) + HC_NK_NAME_BYTES, 0);
    image_check_ids(no_name, "root-name-empty[\\] slack[-]");

    Image small = image_new("[Abc]\n[Abc\\D]\n!class=41004200\nv=3:0102030405", 5);
    hc_put16(image_root(&small) + HC_NK_MAX_NAME, 4);
    hc_put32(image_cell(&small, image_subkey(&small, 0)) + HC_NK_MAX_CLASS, 0);
    g_autofree char *lines =
        g_strdup_printf("warning key-max-small 0x%x [Abc]: key: a field for the largest of what it "
                        "holds is too small (class name: 0, there is 4)\n"
                        "warning key-max-small 0x1020 [\\]: key: a field for the largest of what "
                        "it holds is too small (subkey name: 4, there is 6)\n",
                        image_subkey(&small, 0) + 0x1000);
    image_check(small, lines);

    Image backslash = image_new("[A/B]", 5);
    image_cell(&backslash, image_subkey(&backslash, 0))[HC_NK_NAME + 1] = '\\';
    hc_put32(image_entry(&backslash, 0) + 4, ('A' * 37 + '\\') * 37 + 'B');
    image_check_ids(backslash, "key-name-backslash[A\\B]");
    Image empty = image_new("[A]", 5);
    hc_put16(image_cell(&empty, image_subkey(&empty, 0)) + HC_NK_NAME_BYTES, 0);
    hc_put32(image_entry(&empty, 0) + 4, 0);
    image_check_ids(empty, "key-name-empty[] key-max-large[-] slack[-]");

    Image class_name = image_new("[A]\n!class=41004200", 5);
    hc_put16(image_cell(&class_name, image_subkey(&class_name, 0)) + HC_NK_CLASS_BYTES, 3);
    image_check_ids(class_name, "class-odd[A] key-max-large[-]");
    Image half = image_new("[A]\n!class=41004200", 5);
    hc_put32(image_cell(&half, image_subkey(&half, 0)) + HC_NK_CLASS, HC_NIL);
    image_check_ids(half, "class-half[A] cells-unreached[-]");

    Image handle = image_new("v=3:", 5);
    hc_put16(image_root(&handle) + HC_NK_FLAGS,
             HC_KEY_FLAG_ROOT | HC_KEY_FLAG_LATIN1 | HC_KEY_FLAG_PREDEFINED);
    image_check_ids(handle, "predefined-values[\\] cells-unreached[-] key-max-large[-]");
}

/* Names over the limits, which are bytes of UTF-16 read as Latin-1. */
static void
long_names(void)
{
    g_autoptr(GString) name = g_string_new(NULL);
    for (guint i = 0; i < HC_MAX_VALUE_NAME_UNITS; i++)
        g_string_append(name, "\u0431");
    g_autofree char *text = g_strdup_printf("%s=3:", name->str);
    Image value_name = image_new(text, 5);
    hc_put16(image_cell(&value_name, image_value(&value_name, 0)) + HC_VK_FLAGS,
             HC_VALUE_FLAG_LATIN1);
    image_check_ids(value_name, "value-name-long[\\] key-max-small[\\]");

    g_string_truncate(name, 2 * HC_MAX_KEY_NAME_UNITS);
    g_autofree char *key_text = g_strdup_printf("[%s]", name->str);
    Image key_name = image_new(key_text, 4);
    uint8_t *nk = image_cell(&key_name, image_subkey(&key_name, 0));
    hc_put16(nk + HC_NK_FLAGS, HC_KEY_FLAG_LATIN1);
    g_autoptr(HcHive) hive = image_open(key_name);
    g_autoptr(HcFindings) findings = hc_findings_new(NULL, HC_MAX_FINDINGS);
    hc_hive_check_all(hive, findings, NULL);
    const HcFinding *finding = g_ptr_array_index(findings->list, 0);
    CHECK_STRING(finding->id, "key-name-long");
    CHECK_STRING(finding->text, "key: its name is longer than 256 characters (512)");
}

static void
values(void)
{
    Image few = image_new("aa=4:\nab=4:\nac=4:", 5);
    memcpy(image_cell(&few, image_value(&few, 2)) + HC_VK_NAME, "AA", 2);
    g_autofree char *line = g_strdup_printf("error value-duplicate 0x%x [\\]: value \"AA\": "
                                            "another value of the key has the same name\n",
                                            image_value(&few, 2) + 0x1000);
    image_check(few, line);
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < 30; i++)
        g_string_append_printf(text, "n%02u=4:\n", i);
    Image many = image_new(text->str, 5);
    memcpy(image_cell(&many, image_value(&many, 3)) + HC_VK_NAME, "N29", 3);
    image_check_ids(many, "value-duplicate[\\]");

    Image stale = image_new("v=4:", 5);
    hc_put32(image_root(&stale) + HC_NK_N_VALUES, 0);
    image_check_ids(stale, "values-stale[\\] cells-unreached[-] key-max-large[-]");

    /* After a value that cannot be read the others are. */
    Image lost = image_new("a=4:\nb=4:\nc=3:010203040506", 5);
    image_cell(&lost, image_value(&lost, 0))[0] = 'x';
    hc_put32(image_cell(&lost, image_value(&lost, 2)) + HC_VK_DATA, HC_NIL);
    image_check_ids(lost, "value-signature[\\] cell-outside[\\] cells-unreached[-]");
}

static void
big_data(void)
{
    g_autofree char *hex = g_strnfill(2 * 16345, '5');
    g_autofree char *text = g_strdup_printf("v=3:%s", hex);
    Image version = image_new(text, 5);
    hc_put32(version.bytes + HC_BASE_MINOR, 3);
    image_sign(&version);
    image_check_ids(version, "big-version[\\]");
    Image one_cell = image_new(text, 3);
    hc_put32(one_cell.bytes + HC_BASE_MINOR, 5);
    image_sign(&one_cell);
    g_autofree char *line = g_strdup_printf(
        "error data-one-cell 0x%x [\\]: value \"v\": value data: more than 16344 bytes of data in "
        "one cell, where this version has big-data records (16345 bytes)\n",
        hc_get32(image_cell(&one_cell, image_value(&one_cell, 0)) + HC_VK_DATA) + 0x1000);
    image_check(one_cell, line);

    Image more = image_new(text, 5);
    hc_put32(image_cell(&more, image_value(&more, 0)) + HC_VK_DATA_BYTES, 16344);
    image_check_ids(more, "data-end[\\] cells-unreached[-] key-max-large[-]");
}

static void
security(void)
{
    Image low = image_new("[A]\n[B]", 5);
    hc_put32(image_cell(&low, hc_get32(image_root(&low) + HC_NK_SECURITY)) + HC_SK_REFERENCES, 2);
    image_check_ids(low, "security-references[-]");
    Image unused = image_new("[A]\n!security=0102030405", 5);
    uint8_t *a = image_cell(&unused, image_subkey(&unused, 0));
    const uint32_t old = hc_get32(a + HC_NK_SECURITY);
    hc_put32(a + HC_NK_SECURITY, hc_get32(image_root(&unused) + HC_NK_SECURITY));
    hc_put32(image_cell(&unused, hc_get32(image_root(&unused) + HC_NK_SECURITY)) + HC_SK_REFERENCES,
             2);
    CHECK_NUMBER(hc_get32(image_cell(&unused, old) + HC_SK_REFERENCES), 1);
    image_check_ids(unused, "security-unused[-]");
    image_check_ids(image_new("[A]\n!security=0102030405", 5), "security-descriptor[A]");

    Image back = image_new("[A]\n!security=0102030405", 5);
    hc_put32(image_cell(&back, hc_get32(image_root(&back) + HC_NK_SECURITY)) + HC_SK_BLINK, 0x20);
    image_check_ids(back, "security-descriptor[A] security-back-link[-]");
    Image off = image_new("[A]\n!security=0102030405", 5);
    const uint32_t first = hc_get32(image_root(&off) + HC_NK_SECURITY);
    hc_put32(image_cell(&off, first) + HC_SK_FLINK, first);
    hc_put32(image_cell(&off, first) + HC_SK_BLINK, first);
    image_check_ids(off, "security-descriptor[A] security-off-ring[-]");
    Image none = image_new("[A]", 5);
    hc_put32(image_cell(&none, image_subkey(&none, 0)) + HC_NK_SECURITY, HC_NIL);
    image_check_ids(none, "security-none[A] security-references[-]");

    /* One descriptor that many keys refer to is one finding. */
    Image end = image_new("[A]\n[B]\n[C]", 5);
    hc_put32(image_cell(&end, hc_get32(image_root(&end) + HC_NK_SECURITY)) + HC_SK_BYTES, 4000);
    image_check_ids(end, "security-end[\\] cells-unreached[-]");
}

/* A differencing hive; @bits for the root, A, A\B and C. */
static Image
layered(const char *text, const uint8_t *bits)
{
    Image image = image_new(text, 6);
    hc_put32(image.bytes + HC_BASE_FLAGS, HC_BASE_FLAG_LAYERED);
    image_sign(&image);
    uint8_t *a = image_cell(&image, image_subkey(&image, 0));
    image_root(&image)[HC_NK_LAYER] = bits[0];
    a[HC_NK_LAYER] = bits[1];
    if (hc_get32(a + HC_NK_N_SUBKEYS) > 0)
        image_cell(&image, hc_get32(image_cell(&image, hc_get32(a + HC_NK_SUBKEYS)) +
                                    HC_LIST_ENTRIES))[HC_NK_LAYER] = bits[2];
    image_cell(&image, image_subkey(&image, 1))[HC_NK_LAYER] = bits[3];
    return image;
}

static void
layers(void)
{
    static const char tree[] = "[A]\n[A\\B]\n[C]";
    image_check_ids(layered(tree, (const uint8_t[]){0, 0x80, 0x02, 0x01}), "");
    image_check_ids(layered(tree, (const uint8_t[]){0, 0x03, 0x03, 0x83}), "");
    image_check_ids(layered(tree, (const uint8_t[]){0, 0x83, 0x01, 0x00}), "");
    image_check_ids(layered(tree, (const uint8_t[]){0x80, 0x00, 0x00, 0x00}), "layer-root[\\]");
    image_check_ids(layered(tree, (const uint8_t[]){0, 0x03, 0x00, 0x84}),
                    "layer-below[A\\B] layer-bits[C]");
    image_check_ids(layered(tree, (const uint8_t[]){0, 0x83, 0x80, 0x00}), "layer-below[A\\B]");
    image_check_ids(layered(tree, (const uint8_t[]){0, 0x01, 0x01, 0x00}), "layer-tombstone[A]");
    image_check_ids(layered("[A]\nv=3:\n[C]\n!class=4100", (const uint8_t[]){0, 0x01, 0, 0x80}),
                    "layer-tombstone[A] layer-class[C]");

    Image image = layered("v=4:01000000\n[A]\n[C]", (const uint8_t[]){0, 0, 0, 0});
    hc_put16(image_cell(&image, image_value(&image, 0)) + HC_VK_FLAGS, 3);
    image_check_ids(image, "layer-value[\\]");
    Image exact = layered("v=4:\n[A]\n[C]", (const uint8_t[]){0, 0, 0, 0});
    uint8_t *vk = image_cell(&exact, image_value(&exact, 0));
    hc_put16(vk + HC_VK_FLAGS, 3);
    hc_put32(vk + HC_VK_TYPE, 0);
    hc_put32(vk + HC_VK_DATA_BYTES, 0);
    hc_put32(vk + HC_VK_DATA, HC_NIL);
    image_check_ids(exact, "");
    image_check_ids(layered(tree, (const uint8_t[]){0, 0x00, 0x82, 0x81}),
                    "layer-unseen[A\\B] layer-unseen[C]");
    /* In an ordinary hive these bits have no meaning. */
    Image ordinary = image_new("v=4:01000000\n[A]", 5);
    uint8_t *root = image_root(&ordinary);
    uint8_t *value = image_cell(&ordinary, image_value(&ordinary, 0));
    root[HC_NK_LAYER] = 0x03;
    hc_put16(value + HC_VK_FLAGS, 3);
    image_check(ordinary, "note layer-stray 0x1020 [-]: keys and values: layer bits or tombstone "
                          "flags, which mean nothing in a hive that is not differencing "
                          "(2 cells)\n");
}

const char cu_suite[] = "check-tree";
const CuCase cu_cases[] = {
    {"lists", lists},           {"index list", index_list}, {"keys", keys},
    {"long names", long_names}, {"values", values},         {"big data", big_data},
    {"security", security},     {"layers", layers},         {NULL, NULL}};
