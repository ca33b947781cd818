#include "config.h"

#include "hivecore/reg/parse-private.h"

#include "hivecore/base/error.h"

/* A byte without a meaning, in a table. U+FFFF is no character. */
#define UNDEFINED UINT16_C(0xffff)

struct HcCodepage {
    guint number;
    GIConv iconv; /* of code pages with double bytes, else (GIConv) -1 */
    uint16_t table[256];
};

typedef struct {
    guint number;
    gboolean has_double_bytes;
    const char *iconv_name; /* NULL: built in */
} Known;

static const Known known[] = {
    {1252, FALSE, NULL},     {437, FALSE, "CP437"},   {850, FALSE, "CP850"},
    {852, FALSE, "CP852"},   {866, FALSE, "CP866"},   {874, FALSE, "CP874"},
    {932, TRUE, "CP932"},    {936, TRUE, "CP936"},    {949, TRUE, "CP949"},
    {950, TRUE, "CP950"},    {1250, FALSE, "CP1250"}, {1251, FALSE, "CP1251"},
    {1253, FALSE, "CP1253"}, {1254, FALSE, "CP1254"}, {1255, FALSE, "CP1255"},
    {1256, FALSE, "CP1256"}, {1257, FALSE, "CP1257"}, {1258, FALSE, "CP1258"},
};

/* Bytes 0x80 to 0x9f of Windows-1252. The five that have no character are the C1 controls of the
 * same number, as in Windows' own conversion table. */
static const uint16_t windows_1252[32] = {
    0x20ac, 0x0081, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x008d, 0x017d, 0x008f, 0x0090, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x009d, 0x017e, 0x0178,
};

static void
fill_windows_1252(uint16_t *table)
{
    for (guint byte = 0; byte < 256; byte++)
        table[byte] = byte >= 0x80 && byte < 0xa0 ? windows_1252[byte - 0x80] : (uint16_t) byte;
}

/* Byte by byte with a flush after each, because iconv composes base letters and marks in some
 * code pages where Windows gives one unit for each byte. */
static void
fill_from_iconv(uint16_t *table, GIConv iconv)
{
    for (guint byte = 0; byte < 256; byte++) {
        char in_byte = (char) byte;
        char *in = &in_byte;
        gsize in_left = 1;
        uint16_t units[4] = {0};
        char *out = (char *) units;
        gsize out_left = sizeof(units);
        gboolean is_defined = g_iconv(iconv, &in, &in_left, &out, &out_left) != (gsize) -1 &&
                              g_iconv(iconv, NULL, NULL, &out, &out_left) != (gsize) -1 &&
                              out_left == sizeof(units) - sizeof(units[0]);
        table[byte] = is_defined ? units[0] : UNDEFINED;
        g_iconv(iconv, NULL, NULL, NULL, NULL);
    }
}

HcCodepage *
hc_codepage_new(guint number, GError **error)
{
    const Known *page = NULL;
    for (gsize i = 0; i < G_N_ELEMENTS(known) && page == NULL; i++) {
        if (known[i].number == (number != 0 ? number : 1252))
            page = &known[i];
    }
    if (page == NULL)
        return hc_fail_null(
            error, HC_ERROR_USAGE,
            "code page %u: not known; known are 437, 850, 852, 866, 874, 932, 936, 949, "
            "950 and 1250 to 1258",
            number);
    g_autoptr(HcCodepage) codepage = g_new0(HcCodepage, 1);
    codepage->number = page->number;
    codepage->iconv = (GIConv) -1;
    if (page->iconv_name == NULL) {
        fill_windows_1252(codepage->table);
        return g_steal_pointer(&codepage);
    }
    codepage->iconv = g_iconv_open("UTF-16LE", page->iconv_name);
    if (codepage->iconv == (GIConv) -1)
        return hc_fail_null(error, HC_ERROR_UNSUPPORTED,
                            "code page %u: the system's iconv cannot convert from it",
                            page->number);
    if (!page->has_double_bytes) {
        fill_from_iconv(codepage->table, codepage->iconv);
        g_iconv_close(codepage->iconv);
        codepage->iconv = (GIConv) -1;
    }
    return g_steal_pointer(&codepage);
}

void
hc_codepage_free(HcCodepage *codepage)
{
    if (codepage == NULL)
        return;
    if (codepage->iconv != (GIConv) -1)
        g_iconv_close(codepage->iconv);
    g_free(codepage);
}

guint
hc_codepage_number(const HcCodepage *codepage)
{
    return codepage->number;
}

static gsize
decode_double_bytes(GIConv iconv, const uint8_t *bytes, gsize n_bytes, uint16_t *units,
                    gsize *n_units)
{
    /* g_iconv() takes a char ** but does not write to the text. */
    char *in = (char *) (guintptr) bytes;
    gsize in_left = n_bytes;
    char *out = (char *) units;
    gsize out_left = n_bytes * sizeof(*units);
    g_iconv(iconv, NULL, NULL, NULL, NULL);
    /* Stops at what it cannot convert; in_left says where, so that the result is not needed. */
    g_iconv(iconv, &in, &in_left, &out, &out_left);
    *n_units = n_bytes - out_left / sizeof(*units);
    return n_bytes - in_left;
}

gsize
hc_codepage_decode(const HcCodepage *codepage, const uint8_t *bytes, gsize n_bytes, uint16_t *units,
                   gsize *n_units)
{
    *n_units = 0;
    if (n_bytes == 0)
        return 0;
    if (codepage->iconv != (GIConv) -1)
        return decode_double_bytes(codepage->iconv, bytes, n_bytes, units, n_units);
    gsize i = 0;
    for (; i < n_bytes && codepage->table[bytes[i]] != UNDEFINED; i++)
        units[i] = codepage->table[bytes[i]];
    *n_units = i;
    return i;
}
