#include "config.h"

#include "hivecore/base/progress.h"
#include "tests/unit/cu.h"

const char cu_suite[] = "progress";

static void
check(uint64_t done, uint64_t total, double seconds, const char *expected)
{
    g_autoptr(GString) text = g_string_new(NULL);
    hc_progress_append(text, "/some/where/la\x1byer.tar", done, total, seconds);
    CHECK_STRING(text->str, expected);
}

static void
rate_and_time_left(void)
{
    check(250000000, 1000000000, 2.5, "la\\u{1b}yer.tar: 25%, 100 MB/s, 8 s left");
    check(1000000, 1000000000, 2, "la\\u{1b}yer.tar: 0%, 0 MB/s, 33 min left");
    check(1000, 1000, 2, "la\\u{1b}yer.tar: 100%, 0 MB/s, 0 s left");
    check(0, 0, 2, "la\\u{1b}yer.tar: 100%, 0 MB/s, 0 s left");
}

const CuCase cu_cases[] = {
    {"rate and time left", rate_and_time_left},
    {NULL, NULL},
};
