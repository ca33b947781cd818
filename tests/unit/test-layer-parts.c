#include "config.h"

#include <string.h>

#include "hivecore/base/base64.h"
#include "hivecore/base/display.h"
#include "hivecore/base/entry-name.h"
#include "hivecore/image/descriptor.h"
#include "hivecore/image/layer-private.h"
#include "hivecore/regf/security.h"
#include "tests/unit/cu.h"

static void
check_base64(const char *text, const char *expected)
{
    g_autoptr(GBytes) bytes = hc_base64_decode(text, strlen(text));
    CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
    gsize n_bytes;
    const void *data = g_bytes_get_data(bytes, &n_bytes);
    CHECK_BYTES(data, n_bytes, expected, strlen(expected));
}

/* Source: RFC 4648, 10. */
static void
base64(void)
{
    check_base64("", "");
    check_base64("Zg==", "f");
    check_base64("Zm8=", "fo");
    check_base64("Zm9v", "foo");
    check_base64("Zm9vYg==", "foob");
    check_base64("Zm9vYmE=", "fooba");
    check_base64("Zm9vYmFy", "foobar");
    check_base64("Zm9v\r\nYmFy\n", "foobar");
    check_base64("fn5+Pz8/", "~~~???");
}

static void
base64_refused(void)
{
    static const char *const texts[] = {"Z",        "Zg",   "Zg=",  "Zg===",    "=Zg=", "Z===",
                                        "Zg==Zg==", "Zg=a", "Zm9 ", "fn5-Pz8_", "====", NULL};
    for (gsize i = 0; texts[i] != NULL; i++)
        CU_ASSERT_PTR_NULL(hc_base64_decode(texts[i], strlen(texts[i])));
    CU_ASSERT_PTR_NULL(hc_base64_decode("Zg=\0", 4));
}

static GBytes *
descriptor(const char *base64_text, gsize n_expected)
{
    GBytes *bytes = hc_base64_decode(base64_text, strlen(base64_text));
    CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
    CHECK_NUMBER(g_bytes_get_size(bytes), n_expected);
    return bytes;
}

static const char *
fault_of(const uint8_t *bytes, gsize n_bytes)
{
    HcSecurity parts;
    return hc_security_parse((HcBlob){bytes, (uint32_t) n_bytes}, &parts);
}

/* Lengths: docs/FORMATS.md, "Layers". */
static void
own_descriptors(void)
{
    g_autoptr(GBytes) folder = descriptor(HC_DESCRIPTOR_FOLDER, 216);
    CHECK_STRING(fault_of(g_bytes_get_data(folder, NULL), 216), NULL);
    g_autoptr(GBytes) file = descriptor(HC_DESCRIPTOR_FILE, 124);
    CHECK_STRING(fault_of(g_bytes_get_data(file, NULL), 124), NULL);
}

/* Every descriptor that is cut off has a fault: its ACL is the last thing in it. */
static void
descriptors_cut_off(void)
{
    g_autoptr(GBytes) file = descriptor(HC_DESCRIPTOR_FILE, 124);
    for (gsize n_bytes = 0; n_bytes < 124; n_bytes++) {
        g_autofree uint8_t *cut = g_malloc(MAX(n_bytes, 1));
        memcpy(cut, g_bytes_get_data(file, NULL), n_bytes);
        CU_ASSERT_PTR_NOT_NULL(fault_of(cut, n_bytes));
    }
}

/* Offsets in the descriptor: MS-DTYP 2.4.6. */
static void
descriptors_damaged(void)
{
    static const struct {
        gsize at;
        uint8_t byte;
        const char *fault;
    } cases[] = {
        {0, 2, "not a self-relative security descriptor"},
        {3, 0, "not a self-relative security descriptor"},
        {4, 19, "the descriptor's owner is not a SID"},
        {7, 0xff, "the descriptor's owner is not a SID"},
        {20, 2, "the descriptor's owner is not a SID"},
        {21, 16, "the descriptor's owner is not a SID"},
        {8, 120, "the descriptor's group is not a SID"},
        {16, 123, "the descriptor's ACL is damaged"},
        {48, 1, "the descriptor's ACL is damaged"},    /* ACL revision */
        {50, 0xff, "the descriptor's ACL is damaged"}, /* its size */
        {52, 4, "the descriptor's ACL is damaged"},    /* its number of ACEs */
        {58, 3, "the descriptor's ACL is damaged"},    /* size of the first */
    };
    g_autoptr(GBytes) file = descriptor(HC_DESCRIPTOR_FILE, 124);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        uint8_t damaged[124];
        memcpy(damaged, g_bytes_get_data(file, NULL), sizeof(damaged));
        damaged[cases[i].at] = cases[i].byte;
        CHECK_STRING(fault_of(damaged, sizeof(damaged)), cases[i].fault);
    }
}

static void
check_display(const char *name, gsize n_bytes, const char *expected)
{
    g_autoptr(GString) out = g_string_new(NULL);
    hc_append_display(out, name, n_bytes);
    CHECK_STRING(out->str, expected);
}

static void
names_shown(void)
{
    check_display("Files/\xc3\xa4", 8, "Files/\xc3\xa4");
    check_display("a\x1b[2J\n", 6, "a\\u{1b}[2J\\u{a}");
    check_display("a\0b\xff\xc3", 5, "a\\x{00}b\\x{ff}\\x{c3}");
    check_display("", 0, "");
}

static void
check_clean(const char *name, const char *expected)
{
    g_autoptr(GString) out = g_string_new("before");
    gboolean is_clean = hc_entry_name_clean(out, name, strlen(name));
    CHECK_NUMBER(is_clean, expected != NULL);
    if (is_clean)
        CHECK_STRING(out->str, expected);
}

static void
names_cleaned(void)
{
    check_clean("Files/a", "Files/a");
    check_clean("./Files//a/./b/", "Files/a/b");
    check_clean("", "");
    check_clean("./", "");
    check_clean("...", "...");
    check_clean(".a/..b", ".a/..b");
    check_clean("..", NULL);
    check_clean("a/../b", NULL);
    check_clean("a/..", NULL);
}

static void
check_keys(const char *a, const char *b, gboolean are_equal)
{
    HcNameKey key_a = hc_entry_name_key(a, strlen(a));
    HcNameKey key_b = hc_entry_name_key(b, strlen(b));
    CHECK_NUMBER(hc_entry_name_key_equal(&key_a, &key_b), are_equal);
    CHECK_NUMBER(hc_entry_name_equal(a, b), are_equal);
}

static void
names_compared(void)
{
    check_keys("Files/a", "FILES/A", TRUE);
    check_keys("\xc3\xa4", "\xc3\x84", TRUE); /* U+00E4, U+00C4 */
    check_keys("a", "b", FALSE);
    check_keys("a", "a/", FALSE);
    check_keys("\xff", "\xfe", FALSE);
    check_keys("\xf0\x90\x90\xa8", "\xf0\x90\x90\x80", FALSE); /* U+10428, U+10400 */
}

static uint32_t
crc32_of(const char *first, const char *second)
{
    HcCrc32 crc;
    hc_crc32_init(&crc);
    hc_crc32_update(&crc, first, strlen(first));
    hc_crc32_update(&crc, second, strlen(second));
    return crc.value;
}

/* The check value of the CRC catalogue for "123456789"; the trailer of printf 123456789 | gzip. */
static void
gzip_trailers(void)
{
    static const uint8_t trailer[] = {0x26, 0x39, 0xf4, 0xcb, 0x09, 0x00, 0x00, 0x00};
    CHECK_NUMBER(crc32_of("", ""), 0);
    CHECK_NUMBER(crc32_of("123456789", ""), 0xcbf43926);
    CHECK_NUMBER(crc32_of("1234", "56789"), 0xcbf43926);
    /* Python: zlib.crc32(b"The quick brown fox jumps over the lazy dog") */
    CHECK_NUMBER(crc32_of("The quick brown fox ", "jumps over the lazy dog"), 0x414fa339);
    CU_ASSERT_TRUE(hc_gzip_trailer_fits(trailer, 0xcbf43926, 9));
    CU_ASSERT_TRUE(hc_gzip_trailer_fits(trailer, 0xcbf43926, UINT64_C(0x100000009)));
    CU_ASSERT_FALSE(hc_gzip_trailer_fits(trailer, 0xcbf43927, 9));
    CU_ASSERT_FALSE(hc_gzip_trailer_fits(trailer, 0xcbf43926, 10));
    CU_ASSERT_TRUE(hc_gzip_trailer_fits(trailer, 1, 10));
}

const char cu_suite[] = "layer parts";
const CuCase cu_cases[] = {
    {"base64", base64},
    {"base64 refused", base64_refused},
    {"own descriptors", own_descriptors},
    {"descriptors cut off", descriptors_cut_off},
    {"descriptors damaged", descriptors_damaged},
    {"names shown", names_shown},
    {"names cleaned", names_cleaned},
    {"names compared", names_compared},
    {"gzip trailers", gzip_trailers},
    {NULL, NULL},
};
