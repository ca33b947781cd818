#include "config.h"

#include "hivecore/base/output.h"
#include "hivecore/regf/check.h"
#include "hivecore/regf/hive.h"
#include "hivecore/regf/writer.h"
#include "tests/unit/cu.h"
#include "tests/unit/writer-steps.h"

/* Values of all sizes in turn, so that cells go to bins before and past the window, and a key is
 * closed long after it was opened. */
static void
write_sizes(HcWriter *writer)
{
    static const uint32_t sizes[] = {0,     1,     3,      8,      50,     4000, 16344,
                                     16345, 70000, 100000, 130000, 300000, 5,    1000000};
    g_autofree uint8_t *data = g_malloc(1000000);
    GError *error = NULL;
    writer_open_root(writer);
    for (uint32_t i = 0; i < 1000000; i++)
        data[i] = (uint8_t) (i * 7 + i / 251);
    for (guint key = 0; key < 4; key++) {
        const char name[] = {'k', (char) ('a' + key), '\0'};
        writer_open_key(writer, name);
        for (guint i = 0; i < 6 * G_N_ELEMENTS(sizes); i++) {
            const char value[] = {(char) ('a' + i / 10), (char) ('0' + i % 10), '\0'};
            const uint32_t size = sizes[(i * (key + 1) + i / 5) % G_N_ELEMENTS(sizes)];
            hc_writer_value(writer, (HcName){(const uint8_t *) value, 2, TRUE}, 3,
                            (HcBlob){data + key, MIN(size, 1000000 - key)}, &error);
            CHECK_NO_ERROR(error);
        }
    }
    for (guint key = 0; key < 4; key++)
        writer_close_key(writer);
    writer_close_key(writer);
}

/* Down the one subkey of each key: the data is what was written. */
static void
check_sizes(const HcHive *hive)
{
    g_autoptr(GByteArray) scratch = g_byte_array_new();
    GError *error = NULL;
    HcKey key;
    guint n_values = 0;
    CU_ASSERT_TRUE_FATAL(hc_hive_root(hive, &key, &error));
    for (guint depth = 0; key.n_subkeys > 0; depth++) {
        HcKey parent = key;
        HcSubkeyIter iter;
        CU_ASSERT_TRUE_FATAL(hc_subkey_iter_init(&iter, hive, &parent, &error) &&
                             hc_subkey_iter_next(&iter, &key, &error));
        for (uint32_t i = 0; i < key.n_values; i++) {
            HcValue value;
            HcBlob data;
            CU_ASSERT_TRUE_FATAL(hc_hive_value(hive, &key, i, &value, &error) &&
                                 hc_hive_value_data(hive, &value, scratch, &data, &error));
            gboolean is_right = TRUE;
            for (uint32_t j = 0; j < data.n_bytes; j++)
                is_right &= data.bytes[j] == (uint8_t) ((j + depth) * 7 + (j + depth) / 251);
            CU_ASSERT_TRUE(is_right);
            n_values++;
        }
    }
    CHECK_NUMBER(n_values, 4 * 6 * 14);
    CHECK_NO_ERROR(error);
}

/* One cell for each value in version 1.3, records of big data in 1.5; into a file as into memory,
 * sound, and every byte of the data back. */
static void
test_window(void)
{
    for (guint minor = 3; minor <= 5; minor += 2) {
        g_autofree char *folder = cu_temp_dir();
        g_autofree char *file = g_build_filename(folder, "hive", NULL);
        const HcWriterOptions options = {.minor = minor, .file_name = HC_NAME_EMPTY};
        GError *error = NULL;
        g_autoptr(HcWriter) memory = hc_writer_new(&options);
        write_sizes(memory);
        g_autoptr(GBytes) bytes = hc_writer_finish(memory, &error);
        CHECK_NO_ERROR(error);

        g_autoptr(HcOutput) output = hc_output_open(file, NULL, &error);
        g_autoptr(HcWriter) writer = hc_writer_new_to(&options, output);
        write_sizes(writer);
        g_autoptr(GBytes) mapped = hc_writer_finish(writer, &error);
        CHECK_NO_ERROR(error);
        CU_ASSERT_TRUE(g_bytes_equal(bytes, mapped));
        CU_ASSERT_TRUE(hc_output_commit(output, &error));
        CHECK_NO_ERROR(error);

        g_autoptr(HcHive) hive = hc_hive_open(file, 0, &error);
        CU_ASSERT_PTR_NOT_NULL_FATAL(hive);
        CU_ASSERT_TRUE(hc_hive_check(hive, NULL, &error));
        CHECK_NO_ERROR(error);
        check_sizes(hive);
        cu_remove_tree(folder);
    }
}

const char cu_suite[] = "writer-window";
const CuCase cu_cases[] = {
    {"the window", test_window},
    {NULL, NULL},
};
