#include "config.h"

#include "hivecore/base/clock.h"
#include "tests/unit/cu.h"

static void
check_filetime(uint64_t filetime, const char *expected)
{
    g_autoptr(GString) out = g_string_new("at ");
    hc_filetime_append(out, filetime);
    CHECK_STRING(out->str + 3, expected);
    CU_ASSERT_TRUE(g_str_has_prefix(out->str, "at "));
}

/* Expected dates: Python's datetime(1601, 1, 1) + timedelta(microseconds=filetime // 10). */
static void
filetimes(void)
{
    check_filetime(0, "1601-01-01T00:00:00Z");
    check_filetime(1, "1601-01-01T00:00:00.0000001Z");
    check_filetime(10000000, "1601-01-01T00:00:01Z");
    check_filetime(HC_FILETIME_UNIX_EPOCH, "1970-01-01T00:00:00Z");
    check_filetime(UINT64_C(116444735999999999), "1969-12-31T23:59:59.9999999Z");
    check_filetime(UINT64_C(125911583995000000), "1999-12-31T23:59:59.5000000Z");
    check_filetime(UINT64_C(125963423990000000), "2000-02-29T23:59:59Z");
    check_filetime(UINT64_C(125963424000000000), "2000-03-01T00:00:00Z");
    check_filetime(UINT64_C(157520160000000000), "2100-03-01T00:00:00Z");
    check_filetime(UINT64_C(127806878451234567), "2006-01-02T15:04:05.1234567Z");
    check_filetime(UINT64_C(2650467743999999999), "9999-12-31T23:59:59.9999999Z");
}

/* The Gregorian calendar repeats after 400 years = 146,097 days. */
static void
filetimes_past_year_9999(void)
{
    check_filetime(UINT64_C(2650467744000000000), "10000-01-01T00:00:00Z");
    check_filetime(UINT64_MAX, "60056-05-28T05:36:10.9551615Z");
}

static void
unix_time_to_filetime(void)
{
    CHECK_NUMBER(hc_filetime_from_unix(0), INT64_C(116444736000000000));
    CHECK_NUMBER(hc_filetime_from_unix(1136214245), INT64_C(127806878450000000));
    CHECK_NUMBER(hc_filetime_from_unix(INT64_C(253402300799)), INT64_C(2650467743990000000));
}

static void
epoch_unset(void)
{
    g_unsetenv("SOURCE_DATE_EPOCH");
    HcEpoch epoch = {TRUE, 5};
    GError *error = NULL;
    CU_ASSERT_TRUE(hc_epoch_read(&epoch, &error));
    CHECK_NO_ERROR(error);
    CU_ASSERT_FALSE(epoch.is_set);
    CHECK_NUMBER(epoch.seconds, 0);

    /* Set to nothing is not set. */
    g_setenv("SOURCE_DATE_EPOCH", "", TRUE);
    epoch = (HcEpoch){TRUE, 5};
    CU_ASSERT_TRUE(hc_epoch_read(&epoch, &error));
    CHECK_NO_ERROR(error);
    CU_ASSERT_FALSE(epoch.is_set);
    g_unsetenv("SOURCE_DATE_EPOCH");
}

static void
check_epoch(const char *text, int64_t seconds)
{
    g_setenv("SOURCE_DATE_EPOCH", text, TRUE);
    HcEpoch epoch = {FALSE, -1};
    GError *error = NULL;
    CU_ASSERT_TRUE(hc_epoch_read(&epoch, &error));
    CHECK_NO_ERROR(error);
    CU_ASSERT_TRUE(epoch.is_set);
    CHECK_NUMBER(epoch.seconds, seconds);
    g_unsetenv("SOURCE_DATE_EPOCH");
}

static void
epoch_set(void)
{
    check_epoch("0", 0);
    check_epoch("1700000000", 1700000000);
    check_epoch("0001", 1);
    check_epoch("253402300799", INT64_C(253402300799));
}

static void
check_epoch_refused(const char *text, const char *shown)
{
    g_setenv("SOURCE_DATE_EPOCH", text, TRUE);
    HcEpoch epoch = {FALSE, -1};
    GError *error = NULL;
    CU_ASSERT_FALSE(hc_epoch_read(&epoch, &error));
    g_autofree char *message =
        g_strdup_printf("SOURCE_DATE_EPOCH: \"%s\" is not a number of seconds from 0 to "
                        "253402300799",
                        shown);
    CHECK_ERROR(error, HC_ERROR_USAGE, message);
    CU_ASSERT_FALSE(epoch.is_set);
    CHECK_NUMBER(epoch.seconds, -1);
    g_unsetenv("SOURCE_DATE_EPOCH");
}

static void
epoch_refused(void)
{
    check_epoch_refused("-1", "-1");
    check_epoch_refused("+1", "+1");
    check_epoch_refused(" 1", " 1");
    check_epoch_refused("1 ", "1 ");
    check_epoch_refused("1.5", "1.5");
    check_epoch_refused("0x10", "0x10");
    check_epoch_refused("now", "now");
    check_epoch_refused("1\n\033[31m", "1\\n\\033[31m");
    check_epoch_refused("253402300800", "253402300800");
    check_epoch_refused("99999999999999999999999", "99999999999999999999999");
}

const char cu_suite[] = "clock";
/* The numbers are those of GNU date: (date -u -d TEXT +%s + 11644473600) * 10000000. */
static void
times_are_read(void)
{
    uint64_t filetime;
    CU_ASSERT_TRUE(hc_filetime_parse("1601-01-01", FALSE, &filetime));
    CHECK_NUMBER(filetime, 0);
    CU_ASSERT_TRUE(hc_filetime_parse("2022-05-07T05:24:01.1234567Z", FALSE, &filetime));
    CHECK_NUMBER(filetime, INT64_C(132963746411234567));
    CU_ASSERT_TRUE(hc_filetime_parse("2022-05-07 05:24:01.5", FALSE, &filetime));
    CHECK_NUMBER(filetime, INT64_C(132963746415000000));
    CU_ASSERT_TRUE(hc_filetime_parse("2024-02-29", TRUE, &filetime));
    CHECK_NUMBER(filetime, INT64_C(133537247999999999));
    CU_ASSERT_TRUE(hc_filetime_parse("1970-01-01T00:00", TRUE, &filetime));
    CHECK_NUMBER(filetime, INT64_C(116444736599999999));
    CU_ASSERT_TRUE(hc_filetime_parse("1970", FALSE, &filetime));
    CHECK_NUMBER(filetime, INT64_C(116444736000000000));
    CU_ASSERT_TRUE(hc_filetime_parse("2024", TRUE, &filetime));
    CHECK_NUMBER(filetime, INT64_C(133801631999999999));
    CU_ASSERT_TRUE(hc_filetime_parse("2024-02", TRUE, &filetime));
    CHECK_NUMBER(filetime, INT64_C(133537247999999999));
    CU_ASSERT_TRUE(hc_filetime_parse("9999-12Z", TRUE, &filetime));
    CHECK_NUMBER(filetime, INT64_C(2650467743999999999));
    CU_ASSERT_TRUE(hc_filetime_parse("2022-05-07T07:54:01+02:30", FALSE, &filetime));
    CHECK_NUMBER(filetime, INT64_C(132963746410000000));
    CU_ASSERT_TRUE(hc_filetime_parse("2022-05-06 22:24:01 -0700", FALSE, &filetime));
    CHECK_NUMBER(filetime, INT64_C(132963746410000000));
    CU_ASSERT_TRUE(hc_filetime_parse("@1651901041", TRUE, &filetime));
    CHECK_NUMBER(filetime, INT64_C(132963746419999999));
    static const char *const bad[] = {"",
                                      "202",
                                      "2022-13",
                                      "2022-05+02:00",
                                      "2022-05-07+02:00",
                                      "2022-05-07T05:24+",
                                      "2022-05-07T05:24+15",
                                      "2022-05-07T05:24+02:",
                                      "2022-05-07T05:24+0260",
                                      "2022-05-07T05:24 ",
                                      "1601-01-01T00:00+00:01",
                                      "@",
                                      "@-1",
                                      "@253402300800",
                                      "2022-5-7",
                                      "2023-02-29",
                                      "2022-05-07T",
                                      "2022-05-07T24:00",
                                      "2022-05-07x",
                                      "1600-01-01",
                                      "2022-05-07T05:24:01.",
                                      "yesterday"};
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++)
        CU_ASSERT_FALSE(hc_filetime_parse(bad[i], FALSE, &filetime));
}

const CuCase cu_cases[] = {
    {"file times", filetimes},
    {"file times past the year 9999", filetimes_past_year_9999},
    {"Unix time to file time", unix_time_to_filetime},
    {"SOURCE_DATE_EPOCH not set", epoch_unset},
    {"SOURCE_DATE_EPOCH set", epoch_set},
    {"SOURCE_DATE_EPOCH refused", epoch_refused},
    {"times are read", times_are_read},
    {NULL, NULL},
};
