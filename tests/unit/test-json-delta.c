#include "config.h"

#include <string.h>

#include "hivecore/delta/diff.h"
#include "hivecore/delta/rebuild.h"
#include "hivecore/delta/resolve.h"
#include "hivecore/regf/check.h"
#include "hivecore/report/report.h"
#include "tests/unit/cu.h"
#include "tests/unit/hive-image.h"

/* The difference of two hives as JSON is taken as a patch, and is the same difference. */
static void
check_pair(const char *what, const HcHive *old_hive, const HcHive *new_hive)
{
    const HcReportOptions options = {.root = "", .ignore = HC_IGNORE_DEFAULT};
    g_autoptr(GError) error = NULL;
    g_autoptr(HcDelta) exact = hc_diff(old_hive, new_hive, HC_IGNORE_DEFAULT, NULL, &error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(exact);
    g_autoptr(HcStream) text = hc_stream_new_spool();
    hc_report_json(text, exact, &options);
    g_autoptr(GBytes) content = hc_stream_take(text, &error);
    g_autoptr(HcDelta) patch = hc_delta_new();
    g_autoptr(HcDelta) again = NULL;
    if (hc_json_read(patch, "p.json", content, NULL, &error))
        again = hc_delta_resolve(patch, old_hive, &error);
    g_autoptr(GBytes) bytes = again != NULL && hc_delta_equal(exact, again)
                                  ? hc_rebuild_apply(old_hive, again, (HcEpoch){0}, &error)
                                  : NULL;
    if (bytes == NULL) {
        printf("\n%s: %s\n%.3000s", what, error != NULL ? error->message : "another delta",
               (const char *) g_bytes_get_data(content, NULL));
        CU_FAIL("not what was printed");
    }
}

/* A hive that check passes, in which each '~' is @unit. */
static HcHive *
hive_of(const char *text, char unit)
{
    Image image = image_new(text, 3);
    for (gsize i = 0; i < image.n_bytes; i++) {
        if (image.bytes[i] == '~')
            image.bytes[i] = (uint8_t) unit;
    }
    image_sign(&image);
    HcHive *hive = image_open(image);
    HcCheckCounts counts;
    GError *error = NULL;
    CU_ASSERT_TRUE_FATAL(hc_hive_check(hive, &counts, &error));
    CHECK_NO_ERROR(error);
    return hive;
}

/* Whatever check only warns of, in both directions. */
static void
what_is_printed_is_taken(void)
{
    static const struct {
        const char *old_text;
        const char *new_text;
        char unit;
    } pairs[] = {
        {"[K]\na=1:4100\n", "[K]\na=1:4100\n[K\\N]\n!security=01020304\n", '~'},
        {"[K]\n", "[K]\n!security=01\n", '~'},
        {"[K]\n!security=0102\n", "[K]\n!security=0103\n", '~'},
        {"[K]\n", "[K]\n!class=\n", '~'},
        {"[K]\n!class=4100\n", "[K]\n!class=\n", '~'},
        {"[K]\n!class=4100\n", "[K]\n!class=41\n", '~'},
        {"[K]\n", "[K]\n!flags=10\n", '~'},
        {"[K]\n", "[K]\n!flags=1\n", '~'},
        {"[K]\n", "[K]\n!flags=11\n", '~'},
        {"[K]\n", "[K]\n=3:\n", '~'},
        {"[K]\n=3:\n", "[K]\n", '~'},
        {"[K]\n", "[K]\n[A~B]\nx=3:00\n", '\\'},
        {"[K]\n[A~B]\nx=3:00\n", "[K]\n", '\\'},
        {"[K]\n[A~B]\nx=3:00\n", "[K]\n[A~B]\nx=3:01\n", '\\'},
        {"[K]\n[A~B]\n[A~B\\C]\nx=3:00\n", "[K]\n[A~B]\n[A~B\\C]\nx=3:01\n", '\\'},
        {"[K]\n", "[K]\n[A~B]\nx=3:00\n", '\0'},
        {"[K]\n", "[K]\na~b=3:00\n", '\0'},
        {"[K]\n", "[K]\na~b=3:00\n", '\n'},
        {"[K]\n", "[K]\na=99:0001\n", '~'},
        {"[K]\n", "[K]\na=ffffffff:0001\n", '~'},
        {"[K]\n", "[K]\na=b:0001\n", '~'},
        {"[K]\n", "[K]\na=7:410000000000\n", '~'},
        {"[K]\n", "[K]\na=1:00d8\n", '~'},
        {"[K]\n", "[K]\na=6:410000\n", '~'},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(pairs); i++) {
        g_autoptr(HcHive) old_hive = hive_of(pairs[i].old_text, pairs[i].unit);
        g_autoptr(HcHive) new_hive = hive_of(pairs[i].new_text, pairs[i].unit);
        check_pair(pairs[i].new_text, old_hive, new_hive);
        check_pair(pairs[i].old_text, new_hive, old_hive);
    }
}

const char cu_suite[] = "json-delta";
const CuCase cu_cases[] = {
    {"what is printed is taken", what_is_printed_is_taken},
    {NULL, NULL},
};
