#include "config.h"

#include <string.h>

#include "hivecore/reg/reg-reader.h"
#include "hivecore/reg/reg-writer.h"
#include "hivecore/regf/types.h"
#include "tests/unit/cu.h"
#include "tests/unit/reg-dump.h"

/* Expected texts are regedit's export format, written by hand from docs/FORMATS.md, "The .reg
 * language". */

#define V5 "Windows Registry Editor Version 5.00\r\n"

#define ROOT HC_NAME_ASCII("HKEY_LOCAL_MACHINE\\SOFTWARE")

static HcName
units(const uint16_t *text, uint32_t n_units)
{
    return (HcName){(const uint8_t *) text, n_units, FALSE};
}

static HcDatum
datum(uint32_t type, const void *bytes, uint32_t n_bytes)
{
    return (HcDatum){TRUE, type, {bytes, n_bytes}};
}

/* What the writer gives for one value of one key, without the lines around it. */
static char *
write_value(HcRegEncoding encoding, HcName name, const HcDatum *after)
{
    g_autoptr(HcRegWriter) writer = hc_reg_writer_new(encoding, HC_NAME_ASCII("HKEY_USERS"));
    GError *error = NULL;
    if (!hc_reg_writer_section(writer, FALSE, &error) ||
        !hc_reg_writer_value(writer, name, after, &error)) {
        char *message = g_strdup(error->message);
        g_error_free(error);
        return message;
    }
    g_autoptr(GBytes) bytes = hc_reg_writer_finish(writer, NULL);
    gsize n_bytes = 0;
    const char *text = g_bytes_get_data(bytes, &n_bytes);
    static const char head[] = V5 "\r\n[HKEY_USERS]\r\n";
    gsize n_head = sizeof(head) - 1;
    CU_ASSERT_FATAL(n_bytes > n_head + 4);
    CHECK_BYTES(text, n_head, head, n_head);
    CHECK_BYTES(text + n_bytes - 4, 4, "\r\n\r\n", 4);
    return g_strndup(text + n_head, n_bytes - n_head - 4);
}

static void
check_value(HcName name, HcDatum after, const char *expected)
{
    g_autofree char *got = write_value(HC_REG_UTF8, name, &after);
    CHECK_STRING(got, expected);
}

static void
check_data(HcDatum after, const char *expected)
{
    check_value(HC_NAME_ASCII("a"), after, expected);
}

static void
strings(void)
{
    check_data(datum(1, "\0\0", 2), "\"a\"=\"\"");
    check_data(datum(1, "x\0\\\0\"\0\0\0", 8), "\"a\"=\"x\\\\\\\"\"");
    check_data(datum(1, "\xe9\0\xac\x20\0\0", 6), "\"a\"=\"\xc3\xa9\xe2\x82\xac\"");
    check_data(datum(1, "\x3d\xd8\0\xde\0\0", 6), "\"a\"=\"\xf0\x9f\x98\x80\"");
}

/* What quotes would not carry whole. */
static void
strings_as_hex(void)
{
    check_data(datum(1, "", 0), "\"a\"=hex(1):");
    check_data(datum(1, "\0", 1), "\"a\"=hex(1):00");
    check_data(datum(1, "x\0", 2), "\"a\"=hex(1):78,00");
    check_data(datum(1, "x\0\0\0\0\0", 6), "\"a\"=hex(1):78,00,00,00,00,00");
    check_data(datum(1, "\0\0x\0\0\0", 6), "\"a\"=hex(1):00,00,78,00,00,00");
    check_data(datum(1, "x\0\0\0y", 5), "\"a\"=hex(1):78,00,00,00,79");
    check_data(datum(1, "x\0\n\0\0\0", 6), "\"a\"=hex(1):78,00,0a,00,00,00");
    check_data(datum(1, "x\0\r\0\0\0", 6), "\"a\"=hex(1):78,00,0d,00,00,00");
    check_data(datum(1, "\0\xd8\0\0", 4), "\"a\"=hex(1):00,d8,00,00");
    check_data(datum(2, "x\0\0\0", 4), "\"a\"=hex(2):78,00,00,00");
    check_data(datum(7, "x\0\0\0\0\0", 6), "\"a\"=hex(7):78,00,00,00,00,00");
}

static void
numbers(void)
{
    check_data(datum(4, "\x01\x00\xff\xab", 4), "\"a\"=dword:abff0001");
    check_data(datum(4, "\x01\x00\xff", 3), "\"a\"=hex(4):01,00,ff");
    check_data(datum(4, "", 0), "\"a\"=hex(4):");
    check_data(datum(5, "\x01\x02\x03\x04", 4), "\"a\"=hex(5):01,02,03,04");
    check_data(datum(11, "\x01\0\0\0\0\0\0\0", 8), "\"a\"=hex(b):01,00,00,00,00,00,00,00");
    check_data(datum(3, "\xfe", 1), "\"a\"=hex:fe");
    check_data(datum(3, "", 0), "\"a\"=hex:");
    check_data(datum(0, "\xfe", 1), "\"a\"=hex(0):fe");
    check_data(datum(0xffffffff, "\xfe", 1), "\"a\"=hex(ffffffff):fe");
}

static void
names(void)
{
    const HcDatum one = datum(4, "\1\0\0\0", 4);
    check_value(HC_NAME_EMPTY, one, "@=dword:00000001");
    check_value(HC_NAME_ASCII("a\\b\"c=d"), one, "\"a\\\\b\\\"c=d\"=dword:00000001");
    check_value((HcName){(const uint8_t *) "\xe9", 1, TRUE}, one, "\"\xc3\xa9\"=dword:00000001");
    check_value(HC_NAME_ASCII("a\nb"), one,
                "value \"a\\u{a}b\": cannot be written as .reg: its name has a line break");
    check_value(HC_NAME_ASCII("a\0b"), one,
                "value \"a\\u{0}b\": cannot be written as .reg: its name has a NUL character");
    static const uint16_t half[] = {0xd800};
    check_value(units(half, 1), one,
                "value \"\\u{d800}\": cannot be written as .reg: its name has half of a surrogate "
                "pair");
    g_autofree char *got = write_value(HC_REG_UTF8, HC_NAME_ASCII("a"), NULL);
    CHECK_STRING(got, "\"a\"=-");
}

/* regedit wraps behind the comma that brings a line to 77 characters or more. `"a"=hex:` is 8
 * characters, so the 23rd byte's comma is column 77. */
static void
wrapping(void)
{
    static const uint8_t zeros[64];
    check_data(datum(3, zeros, 23),
               "\"a\"=hex:00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00");
    check_data(datum(3, zeros, 24),
               "\"a\"=hex:00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,"
               "\\\r\n  00");
    check_data(datum(3, zeros, 49),
               "\"a\"=hex:00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,"
               "\\\r\n  00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,"
               "00,\\\r\n  00");
    g_autofree char *name = g_strnfill(80, 'n');
    g_autofree char *expected = g_strconcat("\"", name, "\"=hex:00,\\\r\n  00", NULL);
    check_value((HcName){(const uint8_t *) name, 80, TRUE}, datum(3, zeros, 2), expected);
}

/* A key, a value and a string of @text, or why there is none, as UTF-8. */
static char *
write_text(HcRegEncoding encoding, HcName text, gboolean is_key)
{
    g_autoptr(HcRegWriter) writer = hc_reg_writer_new(encoding, HC_NAME_EMPTY);
    g_autoptr(GByteArray) string = g_byte_array_new();
    g_autoptr(GError) error = NULL;
    for (uint32_t i = 0; i <= text.n_units; i++) {
        const uint16_t unit = i < text.n_units ? hc_name_unit(text, i) : 0;
        g_byte_array_append(string, (const uint8_t *) &unit, 2);
    }
    const HcDatum after = datum(HC_REG_SZ, string->data, string->len);
    hc_reg_writer_enter(writer, is_key ? text : HC_NAME_ASCII("HKEY_USERS"));
    if (!hc_reg_writer_section(writer, FALSE, &error) ||
        !hc_reg_writer_value(writer, HC_NAME_EMPTY, &after, &error) ||
        !hc_reg_writer_value(writer, is_key ? HC_NAME_EMPTY : text, &after, &error))
        return g_strdup(error->message);
    g_autoptr(GBytes) bytes = hc_reg_writer_finish(writer, NULL);
    gsize n_bytes = 0;
    const char *written = g_bytes_get_data(bytes, &n_bytes);
    return encoding == HC_REG_UTF8 ? g_strndup(written, n_bytes)
                                   : g_convert(written + 2, (gssize) n_bytes - 2, "UTF-8",
                                               "UTF-16LE", NULL, NULL, NULL);
}

/* UTF-16 is made of blocks, whatever stands at whatever place in them. */
static void
blocks(void)
{
    static const uint16_t odd[] = {'"',  '\\', ']', '[',  '^',  '!',    '#',    0,      1,
                                   '\n', '\r', 14,  0xe9, 0xff, 0x0d22, 0xd800, 0xdc00, 0xffff};
    static const uint32_t lengths[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 23, 4097};
    uint8_t latin1[4097];
    uint16_t wide[4097];
    for (guint l = 0; l < G_N_ELEMENTS(lengths); l++) {
        const uint32_t n = lengths[l];
        for (guint o = 0; o < G_N_ELEMENTS(odd); o++) {
            for (uint32_t at = n > 23 ? n - 2 : 0; at <= n; at++) {
                for (uint32_t i = 0; i < n; i++) {
                    wide[i] = i == at ? odd[o] : (uint16_t) ('a' + i % 26);
                    if (i == at + 1 && odd[o] == ']')
                        wide[i] = ';'; /* the two read as the end of a key */
                    latin1[i] = (uint8_t) wide[i];
                }
                for (guint kind = 0; kind < 4; kind++) {
                    const gboolean is_wide = kind % 2 != 0;
                    const HcName text = is_wide ? units(wide, n) : (HcName){latin1, n, TRUE};
                    g_autofree char *narrow = write_text(HC_REG_UTF8, text, kind > 1);
                    g_autofree char *got = write_text(HC_REG_UTF16, text, kind > 1);
                    CHECK_STRING(got, narrow);
                }
            }
        }
    }
}

static void
check_text(GBytes *bytes, const char *expected)
{
    gsize n_bytes = 0;
    const char *text = g_bytes_get_data(bytes, &n_bytes);
    g_autofree char *got = g_strndup(text, n_bytes);
    CHECK_STRING(got, expected);
}

static void
sections(void)
{
    g_autoptr(HcRegWriter) writer = hc_reg_writer_new(HC_REG_UTF8, ROOT);
    const HcDatum one = datum(4, "\1\0\0\0", 4);
    GError *error = NULL;
    hc_reg_writer_comment(writer, "one");
    hc_reg_writer_comment(writer, "two\nlines");
    hc_reg_writer_enter(writer, HC_NAME_ASCII("a"));
    hc_reg_writer_enter(writer, HC_NAME_ASCII("b ]c"));
    CU_ASSERT_TRUE(hc_reg_writer_section(writer, FALSE, &error));
    CU_ASSERT_TRUE(hc_reg_writer_value(writer, HC_NAME_EMPTY, &one, &error));
    hc_reg_writer_comment(writer, "three");
    hc_reg_writer_leave(writer);
    CU_ASSERT_TRUE(hc_reg_writer_section(writer, TRUE, &error));
    CHECK_NO_ERROR(error);
    g_autoptr(GBytes) bytes = hc_reg_writer_finish(writer, NULL);
    check_text(bytes, V5 "\r\n; one\r\n; two lines\r\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\a\\b ]c]\r\n"
                         "@=dword:00000001\r\n; three\r\n\r\n[-HKEY_LOCAL_MACHINE\\SOFTWARE\\a]"
                         "\r\n\r\n");
}

static void
check_key_refused(HcName name, const char *message)
{
    g_autoptr(HcRegWriter) writer = hc_reg_writer_new(HC_REG_UTF8, HC_NAME_ASCII("HKEY_USERS"));
    GError *error = NULL;
    hc_reg_writer_enter(writer, name);
    CU_ASSERT_FALSE(hc_reg_writer_section(writer, FALSE, &error));
    CHECK_ERROR(error, HC_ERROR_UNSUPPORTED, message);
}

static void
key_names_refused(void)
{
#define CANNOT "cannot be written as .reg: its name has "
    check_key_refused(HC_NAME_EMPTY, "[HKEY_USERS\\]: " CANNOT "no character");
    check_key_refused(HC_NAME_ASCII("a\rb"), "[HKEY_USERS\\a\\u{d}b]: " CANNOT "a line break");
    check_key_refused(HC_NAME_ASCII("a\0b"), "[HKEY_USERS\\a\\u{0}b]: " CANNOT "a NUL character");
    check_key_refused(HC_NAME_ASCII("a\\b"), "[HKEY_USERS\\a\\b]: " CANNOT "a backslash");
    check_key_refused(HC_NAME_ASCII("a] \t;b"),
                      "[HKEY_USERS\\a] \\u{9};b]: " CANNOT
                      "a ']' and a ';' that read as the end of a key and a comment");
    g_autofree char *name = g_strnfill(257, 'n');
    g_autofree char *message =
        g_strconcat("[HKEY_USERS\\", name, "]: " CANNOT "more than 256 characters", NULL);
    check_key_refused((HcName){(const uint8_t *) name, 257, TRUE}, message);
}

static void
utf16_bytes(void)
{
    static const uint16_t half[] = {0xd800, 'a'};
    g_autoptr(HcRegWriter) writer = hc_reg_writer_new(HC_REG_REGEDIT, HC_NAME_ASCII("HKEY_USERS"));
    const HcName name = units(half, 2);
    GError *error = NULL;
    hc_reg_writer_enter(writer, name);
    CU_ASSERT_TRUE(hc_reg_writer_section(writer, FALSE, &error));
    CHECK_NO_ERROR(error);
    g_autoptr(GBytes) bytes = hc_reg_writer_finish(writer, NULL);
    gsize n_bytes = 0;
    const uint8_t *text = g_bytes_get_data(bytes, &n_bytes);
    CHECK_NUMBER(n_bytes, 2 + 2 * (36 + 2 + 2 + 15 + 4));
    CHECK_BYTES(text, 6, "\xff\xfeW\0i\0", 6);
    CHECK_BYTES(text + n_bytes - 16, 16,
                "\\\0\x00\xd8"
                "a\0]\0\r\0\n\0\r\0\n\0",
                16);
}

/* --- whole deltas --- */

static void
read_into(HcDelta *delta, const char *text)
{
    g_autoptr(GBytes) content = g_bytes_new_static(text, strlen(text));
    GError *error = NULL;
    hc_reg_read(delta, "p.reg", content, &(const HcRegReadOptions){0}, NULL, &error);
    CHECK_NO_ERROR(error);
}

static void
check_round_trip(const char *text)
{
    for (int encoding = HC_REG_UTF16; encoding <= HC_REG_UTF8; encoding++) {
        g_autoptr(HcDelta) delta = hc_delta_new();
        read_into(delta, text);
        GError *error = NULL;
        uint64_t n_inexpressible = 7;
        g_autoptr(GBytes) written = hc_reg_write_delta(delta, (HcRegEncoding) encoding,
                                                       HC_NAME_EMPTY, &n_inexpressible, &error);
        CHECK_NO_ERROR(error);
        CHECK_NUMBER(n_inexpressible, 0);
        gsize n_bytes = 0;
        const void *bytes = g_bytes_get_data(written, &n_bytes);
        g_autofree char *back = reg_read_bytes(bytes, n_bytes, &(const HcRegReadOptions){0}, NULL);
        g_autofree char *expected = reg_dump(delta);
        CHECK_STRING(back, expected);
    }
}

static void
round_trips(void)
{
    check_round_trip("REGEDIT4\n");
    check_round_trip("REGEDIT4\n[HKLM\\a\\b]\n@=\"x\"\n\"n\"=-\n[-HKLM\\a\\c]\n[HKCU\\d]\n");
    check_round_trip("REGEDIT4\n[-HKLM\\a]\n[HKLM\\a]\n\"s\"=\"x\ny\"\n[HKLM\\a\\b]\n");
    check_round_trip("Windows Registry Editor Version 5.00\n[HKLM\\]]\n\"\xc3\xa9\"=hex(1):41\n"
                     "\"\xf0\x9f\x98\x80\"=\"\xf0\x9f\x98\x80\"\n@=hex(1):00,d8,00,00\n");
}

static void
delta_ops(void)
{
    g_autoptr(HcDelta) delta = hc_delta_new();
    HcDeltaKey *root = hc_delta_root(delta);
    HcDeltaKey *a = hc_delta_add_child(delta, root, HC_NAME_ASCII("a"), HC_KEY_KEEP);
    HcDeltaKey *ab = hc_delta_add_child(delta, a, HC_NAME_ASCII("b"), HC_KEY_DELETE);
    ab->old_tree = hc_delta_new_tree(delta, HC_NAME_ASCII("b"));
    hc_delta_add_child(delta, ab->old_tree, HC_NAME_ASCII("x"), HC_KEY_CREATE);
    HcDeltaKey *c = hc_delta_add_child(delta, root, HC_NAME_ASCII("c"), HC_KEY_REPLACE);
    HcDeltaValue *value = hc_delta_add_value(delta, c, HC_NAME_ASCII("v"), HC_VALUE_SET, TRUE);
    value->after = datum(3, "\1", 1);
    HcDeltaKey *d = hc_delta_add_child(delta, root, HC_NAME_ASCII("d"), HC_KEY_KEEP);
    hc_delta_add_value(delta, d, HC_NAME_ASCII("w"), HC_VALUE_DELETE, FALSE);
    hc_delta_add_child(delta, d, HC_NAME_ASCII("e"), HC_KEY_CREATE);
    GError *error = NULL;
    g_autoptr(GBytes) bytes = hc_reg_write_delta(delta, HC_REG_UTF8, ROOT, NULL, &error);
    CHECK_NO_ERROR(error);
#define S "HKEY_LOCAL_MACHINE\\SOFTWARE\\"
    check_text(bytes, V5 "\r\n[-" S "a\\b]\r\n\r\n[-" S "c]\r\n\r\n[" S "c]\r\n\"v\"=hex:01\r\n"
                         "\r\n[" S "d]\r\n\"w\"=-\r\n\r\n[" S "d\\e]\r\n\r\n");
}

static void
beyond_reg(void)
{
    g_autoptr(HcDelta) delta = hc_delta_new();
    HcDeltaKey *root = hc_delta_root(delta);
    HcDeltaKey *a = hc_delta_add_child(delta, root, HC_NAME_ASCII("a"), HC_KEY_KEEP);
    a->changed = HC_CHANGED_CLASS | HC_CHANGED_SECURITY | HC_CHANGED_FLAGS | HC_CHANGED_TIME |
                 HC_CHANGED_ORDER;
    a->after.security = (HcBlob){(const uint8_t *) "same", 4};
    HcDeltaKey *b = hc_delta_add_child(delta, a, HC_NAME_ASCII("b"), HC_KEY_CREATE);
    b->after.security = (HcBlob){(const uint8_t *) "same", 4};
    HcDeltaKey *c = hc_delta_add_child(delta, b, HC_NAME_ASCII("c"), HC_KEY_CREATE);
    c->after.security = (HcBlob){(const uint8_t *) "else", 4};
    c->after.class_name = (HcBlob){(const uint8_t *) "x\0", 2};
    c->after.flags = HC_KEY_FLAG_SYMLINK;
    GError *error = NULL;
    uint64_t n_inexpressible = 0;
    g_autoptr(GBytes) bytes =
        hc_reg_write_delta(delta, HC_REG_UTF8, ROOT, &n_inexpressible, &error);
    CHECK_NO_ERROR(error);
    CHECK_NUMBER(n_inexpressible, 8);
#define NOT "; not in this file: the "
    check_text(bytes, V5 "\r\n" NOT "class name of [" S "a]\r\n" NOT "security descriptor of [" S
                         "a]\r\n" NOT "key flags of [" S "a]\r\n" NOT "last-written time of [" S
                         "a]\r\n" NOT "order of the values of [" S "a]\r\n[" S "a\\b]\r\n\r\n[" S
                         "a\\b\\c]\r\n" NOT "class name of [" S "a\\b\\c]\r\n" NOT
                         "security descriptor of [" S "a\\b\\c]\r\n" NOT "key flags of [" S
                         "a\\b\\c]\r\n\r\n");
}

static void
value_name_refused_with_its_key(void)
{
    g_autoptr(HcDelta) delta = hc_delta_new();
    HcDeltaKey *a =
        hc_delta_add_child(delta, hc_delta_root(delta), HC_NAME_ASCII("a"), HC_KEY_KEEP);
    hc_delta_add_value(delta, a, HC_NAME_ASCII("x\n"), HC_VALUE_DELETE, FALSE);
    GError *error = NULL;
    CU_ASSERT_PTR_NULL(hc_reg_write_delta(delta, HC_REG_UTF16, ROOT, NULL, &error));
    CHECK_ERROR(error, HC_ERROR_UNSUPPORTED,
                "[" S "a]: value \"x\\u{a}\": cannot be written as .reg: its name has a line "
                "break");
}

const char cu_suite[] = "reg-writer";
const CuCase cu_cases[] = {
    {"strings", strings},
    {"strings as hex", strings_as_hex},
    {"numbers", numbers},
    {"names", names},
    {"wrapping", wrapping},
    {"blocks", blocks},
    {"sections", sections},
    {"key names refused", key_names_refused},
    {"UTF-16 bytes", utf16_bytes},
    {"round trips", round_trips},
    {"ops of a delta", delta_ops},
    {"beyond .reg", beyond_reg},
    {"value name refused with its key", value_name_refused_with_its_key},
    {NULL, NULL},
};
