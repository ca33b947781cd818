#include "config.h"

#include <string.h>

#include "hivecore/base/json-writer.h"
#include "hivecore/base/json.h"
#include "tests/unit/cu.h"

static HcJson
parse(const char *text)
{
    HcJson document = {NULL, 0, 0};
    g_autoptr(GError) error = NULL;
    CU_ASSERT_TRUE(hc_json_parse("x", text, strlen(text), NULL, &document, &error));
    CHECK_NO_ERROR(error);
    return document;
}

/* Go's encoding/json, which reads images' documents everywhere else, takes as int64 what its
 * strconv does: no fraction, no exponent, nothing over the range of the type. */
static void
whole_numbers(void)
{
    static const struct {
        const char *text;
        uint64_t max;
        gboolean is_whole;
        uint64_t number;
    } cases[] = {
        {"0", 0, TRUE, 0},
        {"1", 0, FALSE, 0},
        {"4294967295", G_MAXUINT32, TRUE, G_MAXUINT32},
        {"4294967296", G_MAXUINT32, FALSE, 0},
        {"9223372036854775807", G_MAXINT64, TRUE, G_MAXINT64},
        {"9223372036854775808", G_MAXINT64, FALSE, 0},
        {"18446744073709551615", G_MAXUINT64, TRUE, G_MAXUINT64},
        {"18446744073709551616", G_MAXUINT64, FALSE, 0},
        {"28446744073709551615", G_MAXUINT64, FALSE, 0},
        {"1000000000000000000000000000000", G_MAXUINT64, FALSE, 0},
        {"-1", G_MAXUINT64, FALSE, 0},
        {"-0", G_MAXUINT64, FALSE, 0},
        {"1.0", G_MAXUINT64, FALSE, 0},
        {"1e2", G_MAXUINT64, FALSE, 0},
        {"\"1\"", G_MAXUINT64, FALSE, 0},
        {"null", G_MAXUINT64, FALSE, 0},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        uint64_t number = 0;
        CHECK_NUMBER(hc_json_uint64(parse(cases[i].text), cases[i].max, &number),
                     cases[i].is_whole);
        CU_ASSERT_TRUE(number == cases[i].number);
    }
    CU_ASSERT_FALSE(hc_json_uint64((HcJson){NULL, 0, 0}, 1, &(uint64_t){0}));
}

static void
values_are_spans(void)
{
    const HcJson document =
        parse(" {\"a\" : [ 1.10,\n1E400 , -0 ],\n\n\"\\u0062\": \"\\u00e4\\/\"} ");
    CHECK_NUMBER(document.line, 1);
    CHECK_NUMBER(hc_json_length(document), 2);
    const HcJson array = hc_json_find(document, "a");
    HcJsonIter iter = hc_json_iter(array);
    HcJson item;
    static const char *const texts[] = {"1.10", "1E400", "-0"};
    for (guint i = 0; i < 3; i++) {
        CU_ASSERT_TRUE_FATAL(hc_json_next(&iter, NULL, &item));
        g_autofree char *text = g_strndup(item.text, item.n_bytes);
        CHECK_STRING(text, texts[i]);
        CHECK_NUMBER(item.line, i == 0 ? 1 : 2);
    }
    CU_ASSERT_FALSE(hc_json_next(&iter, NULL, &item));
    const HcJson string = hc_json_find(document, "b");
    CHECK_NUMBER(string.line, 4);
    CU_ASSERT_TRUE(hc_json_string_is(string, "\xc3\xa4/"));
    CU_ASSERT_FALSE(hc_json_string_is(string, "\xc3\xa4"));
    g_autofree char *compact = hc_json_compact(document);
    CHECK_STRING(compact, "{\"a\":[1.10,1E400,-0],\"\\u0062\":\"\\u00e4\\/\"}");
    CU_ASSERT_PTR_NULL(hc_json_find(document, "c").text);
}

static void
members_of_a_type(void)
{
    const HcJson object =
        parse("{\"s\":\"x\",\"l\":[\"a\",\"b\"],\"m\":[\"a\",1],\"o\":{},\"t\":true,"
              "\"n\":null,\"i\":7}");
    g_autofree char *string = NULL;
    g_auto(GStrv) list = NULL;
    gboolean is_true;
    uint64_t size;
    HcJson value;
    GError *error = NULL;
    CU_ASSERT_TRUE(hc_json_get_string("w", object, "s", &string, &error));
    CHECK_STRING(string, "x");
    CU_ASSERT_TRUE(hc_json_get_strings("w", object, "l", &list, &error));
    CHECK_NUMBER(g_strv_length(list), 2);
    CU_ASSERT_TRUE(hc_json_get_boolean("w", object, "t", &is_true, &error));
    CHECK_NUMBER(is_true, TRUE);
    CU_ASSERT_TRUE(hc_json_get_size("w", object, "i", &size, &error));
    CHECK_NUMBER(size, 7);
    CHECK_NO_ERROR(error);
    /* What is null, or not there, is none. */
    static const char *const none[] = {"n", "z"};
    for (guint i = 0; i < 2; i++) {
        g_autofree char *no_string = NULL;
        g_auto(GStrv) no_list = NULL;
        CU_ASSERT_TRUE(hc_json_get_string("w", object, none[i], &no_string, &error));
        CHECK_STRING(no_string, NULL);
        CU_ASSERT_TRUE(hc_json_get_strings("w", object, none[i], &no_list, &error));
        CU_ASSERT_PTR_NULL(no_list);
        CU_ASSERT_TRUE(hc_json_get_object("w", object, none[i], &value, &error));
        CU_ASSERT_PTR_NULL(value.text);
        CU_ASSERT_TRUE(hc_json_get_boolean("w", object, none[i], &is_true, &error));
        CHECK_NUMBER(is_true, FALSE);
        CU_ASSERT_TRUE(hc_json_get_size("w", object, none[i], &size, &error));
        CHECK_NUMBER(size, 0);
    }
    CHECK_NO_ERROR(error);
}

static void
members_of_another_type(void)
{
    const HcJson object = parse("{\"s\":\"x\",\"m\":[\"a\",1],\"i\":-7}");
    GError *error = NULL;
    char *string;
    char **list;
    gboolean is_true;
    uint64_t size;
    HcJson value;
    CU_ASSERT_FALSE(hc_json_get_string("w", object, "i", &string, &error));
    CHECK_ERROR(error, HC_ERROR_MALFORMED, "w: \"i\": is not a string");
    CU_ASSERT_FALSE(hc_json_get_strings("w", object, "m", &list, &error));
    CHECK_ERROR(error, HC_ERROR_MALFORMED, "w: \"m\": is not an array of strings");
    CU_ASSERT_FALSE(hc_json_get_strings("w", object, "s", &list, &error));
    CHECK_ERROR(error, HC_ERROR_MALFORMED, "w: \"s\": is not an array of strings");
    CU_ASSERT_FALSE(hc_json_get_array("w", object, "s", &value, &error));
    CHECK_ERROR(error, HC_ERROR_MALFORMED, "w: \"s\": is not an array");
    CU_ASSERT_FALSE(hc_json_get_object("w", object, "m", &value, &error));
    CHECK_ERROR(error, HC_ERROR_MALFORMED, "w: \"m\": is not an object");
    CU_ASSERT_FALSE(hc_json_get_boolean("w", object, "i", &is_true, &error));
    CHECK_ERROR(error, HC_ERROR_MALFORMED, "w: \"i\": is not true or false");
    CU_ASSERT_FALSE(hc_json_get_size("w", object, "i", &size, &error));
    CHECK_ERROR(error, HC_ERROR_MALFORMED,
                "w: \"i\": is not a whole number from 0 to 9223372036854775807");
    CU_ASSERT_FALSE(hc_json_need("w", "z", FALSE, &error));
    CHECK_ERROR(error, HC_ERROR_MALFORMED, "w: has no \"z\"");
}

/* A document in each layout, one inside another, and what a member that starts a line does. */
static void
written_in_layouts(void)
{
    g_autoptr(GString) out = g_string_new(NULL);
    HcJsonWriter json = {.out = out};
    hc_json_begin_document(&json, "x");
    hc_json_member(&json, "none");
    hc_json_begin_array(&json, HC_JSON_LINES);
    hc_json_end(&json);
    hc_json_member(&json, "items");
    hc_json_begin_array(&json, HC_JSON_LINES);
    for (guint i = 0; i < 2; i++) {
        hc_json_begin_object(&json, HC_JSON_SPACED);
        hc_json_member_number(&json, "n", i);
        hc_json_member_boolean(&json, "b", i > 0);
        hc_json_break(&json, 5);
        hc_json_member(&json, "inner");
        hc_json_begin_document(&json, "y");
        hc_json_end(&json);
        hc_json_end(&json);
    }
    hc_json_end(&json);
    hc_json_member(&json, "dense");
    hc_json_begin_object(&json, HC_JSON_DENSE);
    hc_json_member(&json, "a");
    hc_json_begin_array(&json, HC_JSON_DENSE);
    hc_json_string(&json, NULL);
    hc_json_hex(&json, (const uint8_t *) "\x00\xff", 2);
    hc_json_end(&json);
    hc_json_end(&json);
    hc_json_end_document(&json);
    CHECK_STRING(out->str, "{\n"
                           "  \"format_version\": \"1.0\",\n"
                           "  \"tool\": \"hivetool\",\n"
                           "  \"kind\": \"x\",\n"
                           "  \"none\": [],\n"
                           "  \"items\": [\n"
                           "    {\"n\": 0, \"b\": false,\n"
                           "     \"inner\": {\n"
                           "       \"format_version\": \"1.0\",\n"
                           "       \"tool\": \"hivetool\",\n"
                           "       \"kind\": \"y\"\n"
                           "     }},\n"
                           "    {\"n\": 1, \"b\": true,\n"
                           "     \"inner\": {\n"
                           "       \"format_version\": \"1.0\",\n"
                           "       \"tool\": \"hivetool\",\n"
                           "       \"kind\": \"y\"\n"
                           "     }}\n"
                           "  ],\n"
                           "  \"dense\": {\"a\":[null,\"00ff\"]}\n"
                           "}\n");
}

/* What is written is ASCII but for what can be seen, and is read as it was. */
static void
strings_written(void)
{
    static const struct {
        const char *text;
        const char *json;
    } cases[] = {
        {"", "\"\""},
        {"a\"\\/\n\x01\x7f", "\"a\\\"\\\\/\\u000a\\u0001\\u007f\""},
        {"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\""},
        {"\xc2\x9b\xe2\x80\xae\xf3\xa0\x81\x81", "\"\\u009b\\u202e\\udb40\\udc41\""},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GString) out = g_string_new(NULL);
        hc_json_append_string(out, cases[i].text);
        CHECK_STRING(out->str, cases[i].json);
        CU_ASSERT_TRUE(hc_json_string_is(parse(out->str), cases[i].text));
    }
    g_autoptr(GString) invalid = g_string_new(NULL);
    hc_json_append_string(invalid, "a\xff");
    CHECK_STRING(invalid->str, "\"a\xef\xbf\xbd\"");
}

const char cu_suite[] = "json";
const CuCase cu_cases[] = {
    {"whole numbers, as Go reads them", whole_numbers},
    {"values are spans of the text", values_are_spans},
    {"members of a type", members_of_a_type},
    {"members of another type", members_of_another_type},
    {"what is written, in each layout", written_in_layouts},
    {"strings that are written", strings_written},
    {NULL, NULL},
};
