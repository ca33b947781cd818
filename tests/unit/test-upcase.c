#include "config.h"

#include <stdint.h>

#include "hivecore/base/base-private.h"
#include "hivecore/base/name.h"
#include "tests/unit/cu.h"

/* The MD5 that ntfs-3g's source gives for the $UpCase file of Windows 8. */
static void
table_is_that_of_windows(void)
{
    g_autoptr(GByteArray) table = g_byte_array_sized_new(2 * 0x10000);
    for (uint32_t unit = 0; unit < 0x10000; unit++) {
        uint16_t upper = hc_upcase((uint16_t) unit);
        const guint8 bytes[] = {(guint8) upper, (guint8) (upper >> 8)};
        g_byte_array_append(table, bytes, sizeof(bytes));
    }
    g_autofree char *md5 = g_compute_checksum_for_data(G_CHECKSUM_MD5, table->data, table->len);
    CHECK_STRING(md5, "7ff498a44e45e77374cc7c962b1b92f2");
}

static void
upper_case_of_upper_case_is_itself(void)
{
    for (uint32_t unit = 0; unit < 0x10000; unit++) {
        uint16_t upper = hc_upcase((uint16_t) unit);
        if (hc_upcase(upper) != upper)
            CHECK_NUMBER(hc_upcase(upper), upper);
    }
}

static void
surrogates_stay(void)
{
    for (uint32_t unit = 0xd800; unit < 0xe000; unit++)
        if (hc_upcase((uint16_t) unit) != unit)
            CHECK_NUMBER(hc_upcase((uint16_t) unit), unit);
}

static void
known_letters(void)
{
    static const uint16_t pairs[][2] = {
        {'a', 'A'},       {'z', 'Z'},       {'[', '['},       {'_', '_'},       {'{', '{'},
        {0x00b5, 0x00b5}, {0x00df, 0x00df}, {0x00e9, 0x00c9}, {0x00f7, 0x00f7}, {0x00fe, 0x00de},
        {0x00ff, 0x0178}, {0x0131, 0x0131}, {0x017f, 0x017f}, {0x01c5, 0x01c5}, {0x01c6, 0x01c4},
        {0x03c3, 0x03a3}, {0x0430, 0x0410}, {0x0450, 0x0400}, {0x10d0, 0x10d0}, {0x1e9e, 0x1e9e},
        {0x1f80, 0x1f88}, {0x2170, 0x2160}, {0xff41, 0xff21}, {0xffff, 0xffff},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(pairs); i++)
        CHECK_NUMBER(hc_upcase(pairs[i][0]), pairs[i][1]);
}

static void
latin1_table_agrees(void)
{
    for (uint16_t unit = 0; unit < 0x100; unit++)
        CHECK_NUMBER(hc_upcase_latin1[unit], hc_upcase(unit));
}

const char cu_suite[] = "upcase";
const CuCase cu_cases[] = {
    {"the table is that of Windows", table_is_that_of_windows},
    {"upper case of upper case is itself", upper_case_of_upper_case_is_itself},
    {"surrogates stay", surrogates_stay},
    {"known letters", known_letters},
    {"the Latin-1 table agrees", latin1_table_agrees},
    {NULL, NULL},
};
