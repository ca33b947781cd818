#include "config.h"

#include "hivecore/base/clock.h"
#include "hivecore/regf/layout.h"
#include "hivecore/report/records.h"
#include "tests/unit/cu.h"

const char cu_suite[] = "records";

static const HcColumn all_columns[] = {
    {"key", HC_COLUMN_KEY, 0},     {"name", HC_COLUMN_NAME, 8},      {"data", HC_COLUMN_DATA, 0},
    {"size", HC_COLUMN_NUMBER, 5}, {"is_odd", HC_COLUMN_BOOLEAN, 0}, {"time", HC_COLUMN_TIME, 0},
    {"raw", HC_COLUMN_BYTES, 0},   {"words", HC_COLUMN_LIST, 0},     {"remark", HC_COLUMN_TEXT, 0},
    {NULL, HC_COLUMN_TEXT, 0},
};

static const HcRecordsHead head = {.tool = "hivetool", .kind = "test"};

static void
add_full_record(HcRecords *records)
{
    static const uint8_t text[] = {'a', 0, ',', 0, '"', 0, 10, 0, 0, 0};
    static const char *const words[] = {"one", "t\two", NULL};
    const HcName names[] = {HC_NAME_ASCII("A"), HC_NAME_ASCII("B C")};
    const HcDatum datum = {TRUE, HC_REG_SZ, {text, sizeof(text)}};
    hc_record_begin(records);
    hc_record_key(records, "HKEY_LOCAL_MACHINE\\SOFTWARE", (HcPath){names, 2});
    hc_record_name(records, HC_NAME_ASCII("n\x1b"));
    hc_record_datum(records, &datum);
    hc_record_number(records, UINT64_MAX);
    hc_record_boolean(records, TRUE);
    hc_record_time(records, HC_FILETIME_UNIX_EPOCH);
    hc_record_bytes(records, (HcBlob){text, 3});
    hc_record_list(records, words);
    hc_record_text(records, "=1+1");
    CU_ASSERT_TRUE(hc_record_end(records));
}

static void
add_empty_record(HcRecords *records)
{
    hc_record_begin(records);
    for (const HcColumn *column = all_columns; column->name != NULL; column++)
        hc_record_none(records);
    CU_ASSERT_TRUE(hc_record_end(records));
}

static char *
print(HcFormat format)
{
    g_autoptr(HcStream) stream = hc_stream_new_memory();
    g_autoptr(HcRecords) records = hc_records_new(stream, format, &head, all_columns);
    hc_records_begin(records);
    add_full_record(records);
    add_empty_record(records);
    hc_records_end(records);
    return g_strdup(hc_stream_text(stream)->str);
}

#define FULL_JSON                                                                                  \
    "{\"key\":\"HKEY_LOCAL_MACHINE\\\\SOFTWARE\\\\A\\\\B C\",\"name\":\"n\\u001b\",\"data\":"      \
    "{\"type\":1,\"type_name\":\"REG_SZ\",\"hex\":\"61002c0022000a000000\",\"text\":"              \
    "\"a,\\\"\\u000a\"},\"size\":18446744073709551615,\"is_odd\":true,\"time\":"                   \
    "\"1970-01-01T00:00:00Z\",\"raw\":\"61002c\",\"words\":[\"one\",\"t\\u0009wo\"],\"remark\":"   \
    "\"=1+1\"}"
#define EMPTY_JSON                                                                                 \
    "{\"key\":null,\"name\":null,\"data\":null,\"size\":null,\"is_odd\":null,\"time\":null,"       \
    "\"raw\":null,\"words\":null,\"remark\":null}"

static void
json_is_one_document(void)
{
    g_autofree char *text = print(HC_FORMAT_JSON);
    CHECK_STRING(text, "{\n  \"format_version\": \"1.0\",\n  \"tool\": \"hivetool\",\n"
                       "  \"kind\": \"test\",\n  \"records\": [\n    " FULL_JSON
                       ",\n    " EMPTY_JSON "\n  ]\n}\n");
}

static void
ndjson_is_a_line_a_record(void)
{
    g_autofree char *text = print(HC_FORMAT_NDJSON);
    CHECK_STRING(text, FULL_JSON "\n" EMPTY_JSON "\n");
}

/* By RFC 4180, with what a reader would not show escaped. */
static void
csv_has_quotes_where_needed(void)
{
    g_autofree char *text = print(HC_FORMAT_CSV);
    CHECK_STRING(text, "key,name,type,data,size,is_odd,time,raw,words,remark\r\n"
                       "HKEY_LOCAL_MACHINE\\SOFTWARE\\A\\B C,n\\u{1b},REG_SZ,\"a,\"\"\\u{a}\","
                       "18446744073709551615,true,1970-01-01T00:00:00Z,61002c,\"one\nt\\u{9}wo\","
                       "=1+1\r\n"
                       ",,,,,,,,,\r\n");
}

static void
text_is_in_columns(void)
{
    g_autofree char *text = print(HC_FORMAT_TEXT);
    CHECK_STRING(text, "HKEY_LOCAL_MACHINE\\SOFTWARE\\A\\B C  \"n\\u{1b}\"  sz \"a,\\\"\\u{a}\"  "
                       "18446744073709551615  yes  1970-01-01T00:00:00Z  61002c  one t\\u{9}wo  "
                       "=1+1\n"
                       "                             \n");
}

/* A name that is no text, or that a path could not be taken apart at, is told exactly. */
static void
odd_paths_have_their_names(void)
{
    static const HcColumn columns[] = {{"key", HC_COLUMN_KEY, 0}, {NULL, HC_COLUMN_TEXT, 0}};
    static const uint8_t half[] = {0x00, 0xd8};
    const HcName names[] = {HC_NAME_ASCII("a\\b"), {half, 1, FALSE}};
    g_autoptr(HcStream) stream = hc_stream_new_memory();
    g_autoptr(HcRecords) records = hc_records_new(stream, HC_FORMAT_NDJSON, &head, columns);
    hc_record_begin(records);
    hc_record_key(records, NULL, (HcPath){names, 2});
    CU_ASSERT_TRUE(hc_record_end(records));
    CHECK_STRING(hc_stream_text(stream)->str,
                 "{\"key\":\"a\\\\b\\\\\\\\u{d800}\",\"path\":"
                 "[{\"utf16\":\"0061005c0062\"},{\"utf16\":\"d800\"}]}\n");
}

static void
numbers_and_lists_in_csv(void)
{
    static const HcColumn columns[] = {{"data", HC_COLUMN_DATA, 0}, {NULL, HC_COLUMN_TEXT, 0}};
    static const uint8_t bytes[] = {1, 2, 0, 0, 0, 0, 0, 0};
    static const uint8_t list[] = {'a', 0, 0, 0, 'b', 0, 0, 0, 0, 0};
    const HcDatum data[] = {
        {TRUE, HC_REG_DWORD, {bytes, 4}},    {TRUE, HC_REG_DWORD_BE, {bytes, 4}},
        {TRUE, HC_REG_QWORD, {bytes, 8}},    {TRUE, HC_REG_DWORD, {bytes, 3}},
        {TRUE, HC_REG_SZ, {bytes, 1}},       {TRUE, 0x123, {bytes, 2}},
        {TRUE, HC_REG_MULTI_SZ, {list, 10}}, {TRUE, HC_REG_MULTI_SZ, {list, 8}},
    };
    g_autoptr(HcStream) stream = hc_stream_new_memory();
    g_autoptr(HcRecords) records = hc_records_new(stream, HC_FORMAT_CSV, &head, columns);
    hc_records_begin(records);
    for (gsize i = 0; i < G_N_ELEMENTS(data); i++) {
        hc_record_begin(records);
        hc_record_datum(records, &data[i]);
        CU_ASSERT_TRUE(hc_record_end(records));
    }
    hc_records_end(records);
    CHECK_STRING(hc_stream_text(stream)->str,
                 "type,data\r\nREG_DWORD,513\r\nREG_DWORD_BIG_ENDIAN,16908288\r\nREG_QWORD,513\r\n"
                 "REG_DWORD,010200\r\nREG_SZ,01\r\n291,0102\r\nREG_MULTI_SZ,\"a\nb\"\r\n"
                 "REG_MULTI_SZ,6100000062000000\r\n");
}

static void
formats_are_told_in_order(void)
{
    GError *error = NULL;
    HcFormat format;
    CU_ASSERT_TRUE(hc_format_parse(NULL, HC_FORMATS_RECORDS, &format, &error));
    CHECK_NUMBER(format, HC_FORMAT_TEXT);
    CU_ASSERT_TRUE(hc_format_parse("csv", HC_FORMATS_RECORDS, &format, &error));
    CHECK_NUMBER(format, HC_FORMAT_CSV);
    CU_ASSERT_FALSE(hc_format_parse("sarif", HC_FORMATS_RECORDS, &format, &error));
    CHECK_ERROR(error, HC_ERROR_USAGE, "--format is 'sarif', not text, json, ndjson or csv");
    CU_ASSERT_TRUE(hc_format_parse("JSON", HC_FORMATS_RECORDS, &format, &error));
    CHECK_NUMBER(format, HC_FORMAT_JSON);
    CU_ASSERT_FALSE(hc_format_parse("yaml", HC_FORMATS_FINDINGS, &format, &error));
    CHECK_ERROR(error, HC_ERROR_USAGE,
                "--format is 'yaml', not text, json, ndjson, csv, junit, sarif, github or html");
}

const CuCase cu_cases[] = {
    {"JSON is one document", json_is_one_document},
    {"NDJSON is a line a record", ndjson_is_a_line_a_record},
    {"CSV has quotes where they are needed", csv_has_quotes_where_needed},
    {"text is in columns", text_is_in_columns},
    {"odd paths have their names", odd_paths_have_their_names},
    {"numbers and lists in CSV", numbers_and_lists_in_csv},
    {"formats are told in order", formats_are_told_in_order},
    {NULL, NULL},
};
