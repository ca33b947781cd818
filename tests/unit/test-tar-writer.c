#include "config.h"

#include "hivecore/image/tar.h"

#include <string.h>

#include "tests/unit/cu.h"

/* What a header must be is read off the ustar and pax formats of POSIX.1-2017; checksums by
 * Python: sum(header with spaces in the checksum field). */

static void
check_field(const GByteArray *tar, gsize at, const char *expected, gsize n_expected)
{
    CU_ASSERT_TRUE_FATAL(at + n_expected <= tar->len);
    CHECK_BYTES(tar->data + at, n_expected, expected, n_expected);
}

#define CHECK_FIELD(tar, at, literal) check_field((tar), (at), (literal), sizeof(literal) - 1)

static void
check_zeros(const GByteArray *tar, gsize at, gsize n_bytes)
{
    CU_ASSERT_TRUE_FATAL(at + n_bytes <= tar->len);
    for (gsize i = at; i < at + n_bytes; i++)
        CHECK_NUMBER(tar->data[i], 0);
}

static GByteArray *
header(const HcTarEntry *entry)
{
    GByteArray *tar = g_byte_array_new();
    GError *error = NULL;
    CU_ASSERT_TRUE(hc_tar_append_header(tar, entry, &error));
    CHECK_NO_ERROR(error);
    return tar;
}

static void
folder_without_records(void)
{
    HcTarEntry entry = {.name = "Files", .is_folder = TRUE, .mtime_seconds = 0};
    g_autoptr(GByteArray) tar = header(&entry);
    CHECK_NUMBER(tar->len, 512);
    CHECK_FIELD(tar, 0, "Files");
    check_zeros(tar, 5, 95);
    CHECK_FIELD(tar, 100, "0040755\0");
    CHECK_FIELD(tar, 108, "0000000\0");
    CHECK_FIELD(tar, 116, "0000000\0");
    CHECK_FIELD(tar, 124, "00000000000\0");
    CHECK_FIELD(tar, 136, "00000000000\0");
    CHECK_FIELD(tar, 148, "010174\0 ");
    CHECK_FIELD(tar, 156, "5");
    check_zeros(tar, 157, 100);
    CHECK_FIELD(tar, 257, "ustar\00000");
    check_zeros(tar, 265, 64);
    CHECK_FIELD(tar, 329, "0000000\0");
    CHECK_FIELD(tar, 337, "0000000\0");
    check_zeros(tar, 345, 167);
}

static void
file_with_records(void)
{
    /* Given in another order than they must be written. */
    const HcPaxRecord records[] = {{"b", "2"}, {"a.long.key", "x y=z"}, {"B", ""}};
    HcTarEntry entry = {.name = "Hives/x",
                        .n_bytes = 8192,
                        .mtime_seconds = 1700000000,
                        .records = records,
                        .n_records = G_N_ELEMENTS(records)};
    g_autoptr(GByteArray) tar = header(&entry);
    CHECK_NUMBER(tar->len, 3 * 512);
    CHECK_FIELD(tar, 0, "PaxHeaders.0/Hives/x\0");
    CHECK_FIELD(tar, 100, "0000644\0");
    /* 5 + 20 + 6 bytes = octal 37; octal 14524770400 = 1700000000 */
    CHECK_FIELD(tar, 124, "00000000037\0");
    CHECK_FIELD(tar, 136, "14524770400\0");
    CHECK_FIELD(tar, 156, "x");
    CHECK_FIELD(tar, 512, "5 B=\n20 a.long.key=x y=z\n6 b=2\n");
    check_zeros(tar, 512 + 31, 512 - 31);
    CHECK_FIELD(tar, 1024, "Hives/x\0");
    CHECK_FIELD(tar, 1024 + 100, "0100644\0");
    CHECK_FIELD(tar, 1024 + 124, "00000020000\0");
    CHECK_FIELD(tar, 1024 + 136, "14524770400\0");
    CHECK_FIELD(tar, 1024 + 156, "0");
}

/* A record's length counts its own digits: 98 bytes and two digits would be 100, which takes three
 * digits, so that the record has 101 bytes. */
static void
record_lengths(void)
{
    for (gsize n_value = 1; n_value < 1100; n_value++) {
        g_autofree char *value = g_strnfill(n_value, 'v');
        HcPaxRecord record = {"k", value};
        HcTarEntry entry = {.name = "x", .records = &record, .n_records = 1};
        g_autoptr(GByteArray) tar = header(&entry);
        char *end;
        guint64 n_record = g_ascii_strtoull((const char *) tar->data + 512, &end, 10);
        gsize n_digits = (gsize) (end - ((const char *) tar->data + 512));
        CHECK_NUMBER(n_record, n_digits + strlen(" k=\n") + n_value);
        CHECK_NUMBER(tar->data[512 + n_record - 1], '\n');
        CHECK_NUMBER(g_ascii_strtoull((const char *) tar->data + 124, NULL, 8), n_record);
        CHECK_NUMBER(tar->len, 1024 + (n_record + 511) / 512 * 512);
    }
}

static void
name_of_100_bytes(void)
{
    g_autofree char *name = g_strnfill(100, 'n');
    HcTarEntry entry = {.name = name};
    g_autoptr(GByteArray) tar = header(&entry);
    CHECK_NUMBER(tar->len, 512);
    check_field(tar, 0, name, 100);
    CHECK_FIELD(tar, 100, "0100644\0");
}

static void
name_of_101_bytes(void)
{
    g_autofree char *name = g_strnfill(101, 'n');
    g_autofree char *record = g_strconcat("111 path=", name, "\n", NULL);
    HcTarEntry entry = {.name = name};
    g_autoptr(GByteArray) tar = header(&entry);
    CHECK_NUMBER(tar->len, 3 * 512);
    check_field(tar, 512, record, 111);
    check_zeros(tar, 512 + 111, 512 - 111);
    check_field(tar, 1024, name, 100);
}

/* The ustar name is cut before, not inside, the two bytes of U+00E9. */
static void
name_beyond_ascii(void)
{
    g_autofree char *letters = g_strnfill(99, 'n');
    g_autofree char *name = g_strconcat(letters, "\xc3\xa9", NULL);
    g_autofree char *record = g_strconcat("111 path=", name, "\n", NULL);
    HcTarEntry entry = {.name = name};
    g_autoptr(GByteArray) tar = header(&entry);
    CHECK_NUMBER(tar->len, 3 * 512);
    check_field(tar, 512, record, 111);
    check_field(tar, 1024, letters, 99);
    check_zeros(tar, 1024 + 99, 1);

    HcTarEntry short_entry = {.name = "\xc3\xa9"};
    g_autoptr(GByteArray) short_tar = header(&short_entry);
    CHECK_FIELD(short_tar, 512, "11 path=\xc3\xa9\n");
    CHECK_FIELD(short_tar, 1024, "\xc3\xa9\0");
}

/* 8589934591 = 8^11 - 1 is the last second of an octal field. */
static void
times_after_2242(void)
{
    HcTarEntry last = {.name = "x", .mtime_seconds = INT64_C(8589934591)};
    g_autoptr(GByteArray) tar = header(&last);
    CHECK_NUMBER(tar->len, 512);
    CHECK_FIELD(tar, 136, "77777777777\0");

    HcTarEntry later = {.name = "x", .mtime_seconds = INT64_C(8589934592)};
    g_autoptr(GByteArray) later_tar = header(&later);
    CHECK_NUMBER(later_tar->len, 3 * 512);
    CHECK_FIELD(later_tar, 136, "00000000000\0");
    CHECK_FIELD(later_tar, 512, "20 mtime=8589934592\n");
    CHECK_FIELD(later_tar, 1024 + 136, "00000000000\0");
}

static void
content_of_8_gib(void)
{
    HcTarEntry entry = {.name = "x", .n_bytes = UINT64_C(8589934591)};
    g_autoptr(GByteArray) tar = header(&entry);
    CHECK_FIELD(tar, 124, "77777777777\0");

    entry.n_bytes++;
    GError *error = NULL;
    CU_ASSERT_FALSE(hc_tar_append_header(tar, &entry, &error));
    CHECK_ERROR(error, HC_ERROR_LIMIT, "x: 8 GiB or larger");
    CHECK_NUMBER(tar->len, 512);
}

static void
padding_and_end(void)
{
    static const struct {
        uint64_t n_bytes;
        guint n_padding;
    } cases[] = {{0, 0}, {1, 511}, {511, 1}, {512, 0}, {513, 511}, {UINT64_C(0x100000001), 511}};
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GByteArray) tar = g_byte_array_new();
        hc_tar_append_padding(tar, cases[i].n_bytes);
        CHECK_NUMBER(tar->len, cases[i].n_padding);
        check_zeros(tar, 0, tar->len);
    }
    g_autoptr(GByteArray) tar = g_byte_array_new();
    hc_tar_append_end(tar);
    CHECK_NUMBER(tar->len, 1024);
    check_zeros(tar, 0, 1024);
}

const char cu_suite[] = "tar writer";
const CuCase cu_cases[] = {
    {"folder without records", folder_without_records},
    {"file with records", file_with_records},
    {"record lengths", record_lengths},
    {"name of 100 bytes", name_of_100_bytes},
    {"name of 101 bytes", name_of_101_bytes},
    {"name beyond ASCII", name_beyond_ascii},
    {"times after 2242", times_after_2242},
    {"content of 8 GiB", content_of_8_gib},
    {"padding and end", padding_and_end},
    {NULL, NULL},
};
