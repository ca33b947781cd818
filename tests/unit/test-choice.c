#include "config.h"

#include "hivecore/base/choice.h"
#include "hivecore/base/error.h"
#include "tests/unit/cu.h"

enum {
    RED,
    GREEN
};

static const HcChoice colors[] = {{"red", RED}, {"rouge", RED}, {"green", GREEN}, {"verde", GREEN}};

static void
test_words(void)
{
    CU_ASSERT_EQUAL(HC_CHOICE_PARSE("--color is", NULL, colors, NULL), RED);
    CU_ASSERT_EQUAL(HC_CHOICE_PARSE("--color is", "green", colors, NULL), GREEN);
    CU_ASSERT_EQUAL(HC_CHOICE_PARSE("--color is", "VERDE", colors, NULL), GREEN);
}

static void
test_message(void)
{
    static const struct {
        const char *text;
        const char *message;
    } cases[] = {
        {"gren", "--color is 'gren', not red or green, did you mean 'green'?"},
        {"rog", "--color is 'rog', not red or green"},
        {"ver", "--color is 'ver', not red or green, did you mean 'verde'?"},
        {"", "--color is '', not red or green"},
        {"yellow", "--color is 'yellow', not red or green"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        CU_ASSERT_EQUAL(HC_CHOICE_PARSE("--color is", cases[i].text, colors, &error), -1);
        CU_ASSERT(g_error_matches(error, HC_ERROR, HC_ERROR_USAGE));
        CU_ASSERT_STRING_EQUAL(error->message, cases[i].message);
    }
}

static void
test_nearest(void)
{
    static const char *const words[] = {"output", "in-place", "include", NULL};
    CU_ASSERT_STRING_EQUAL(hc_word_nearest("ouput", words), "output");
    CU_ASSERT_STRING_EQUAL(hc_word_nearest("in-p", words), "in-place");
    CU_ASSERT_PTR_NULL(hc_word_nearest("in", words));
    CU_ASSERT_PTR_NULL(hc_word_nearest("\xff", words));
}

const char cu_suite[] = "choice";
const CuCase cu_cases[] = {
    {"words", test_words},
    {"message", test_message},
    {"nearest", test_nearest},
    {NULL, NULL},
};
