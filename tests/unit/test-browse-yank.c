#include "config.h"

#include "hivecore/reg/reg-writer.h"
#include "tests/unit/browse-fixture.h"
#include "tests/unit/cu.h"
#include "tests/unit/tree-text.h"

/* What `browse` lets a user take along. */

#define S BROWSE_ROOT

static const char two_levels[] = "[A\\B]\nx=1:410061000000\n[A\\C]\nd=4:05000000\n[M]\n=3:0102\n";

static const char changed[] = "[A\\B]\nx=1:42000000\ny=4:01000000\n[A\\C]\nd=4:05000000\n[N\\O]\n";

static void
check_yank(HcBrowse *browse, guint n_expected, const char *expected)
{
    GError *error = NULL;
    guint n = 0;
    g_autoptr(HcDelta) patch = hc_browse_yank(browse, &n, &error);
    CHECK_NO_ERROR(error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(patch);
    CHECK_NUMBER(n, n_expected);
    g_autoptr(GBytes) text = hc_reg_write_delta(patch, HC_REG_UTF8, HC_NAME_EMPTY, NULL, &error);
    CHECK_NO_ERROR(error);
    g_autofree char *own = g_strndup(g_bytes_get_data(text, NULL), g_bytes_get_size(text));
    g_auto(GStrv) lines = g_strsplit(own, "\r\n", -1);
    g_autofree char *joined = g_strjoinv("\n", lines);
    CHECK_STRING(joined, expected);
}

#define HEAD "Windows Registry Editor Version 5.00\n\n"

static void
yanking(void)
{
    BrowseFixture *fixture = browse_start(tree_open(two_levels, 5), NULL);
    HcBrowse *browse = fixture->browse;
    (void) hc_browse_go(browse, "A");
    check_yank(browse, 1,
               HEAD "[" S "\\A]\n\n[" S "\\A\\B]\n\"x\"=\"Aa\"\n\n[" S
                    "\\A\\C]\n\"d\"=dword:00000005\n\n");
    hc_browse_mark(browse);
    (void) hc_browse_go(browse, "A\\C::d"); /* is in A */
    hc_browse_mark(browse);
    (void) hc_browse_go(browse, "M::@");
    hc_browse_mark(browse);
    CHECK_NUMBER(hc_browse_n_marks(browse), 3);
    check_yank(browse, 3,
               HEAD "[" S "\\A]\n\n[" S "\\A\\B]\n\"x\"=\"Aa\"\n\n[" S
                    "\\A\\C]\n\"d\"=dword:00000005\n\n[" S "\\M]\n@=hex:01,02\n\n");
    g_autoptr(GString) paths = g_string_new(NULL);
    guint n;
    hc_browse_yank_paths(browse, paths, &n);
    CHECK_STRING(paths->str, S "\\A\n" S "\\A\\C::d\n" S "\\M::\n");
    CU_ASSERT_TRUE(hc_browse_value_is_marked(browse, hc_browse_value(browse)));
    hc_browse_mark(browse);
    CU_ASSERT_FALSE(hc_browse_value_is_marked(browse, hc_browse_value(browse)));
    hc_browse_unmark_all(browse);
    CHECK_NUMBER(hc_browse_n_marks(browse), 0);
    browse_end(fixture);
}

static void
yanking_changes(void)
{
    BrowseFixture *fixture = browse_start(tree_open(two_levels, 5), tree_open(changed, 5));
    HcBrowse *browse = fixture->browse;
    GError *error = NULL;
    guint n;
    check_yank(browse, 1,
               HEAD "[" S "\\A\\B]\n\"x\"=\"B\"\n\"y\"=dword:00000001\n\n[-" S "\\M]\n\n[" S
                    "\\N]\n\n[" S "\\N\\O]\n\n");
    (void) hc_browse_go(browse, "A\\B::y");
    check_yank(browse, 1, HEAD "[" S "\\A\\B]\n\"y\"=dword:00000001\n\n");
    (void) hc_browse_go(browse, "A\\C");
    CU_ASSERT_PTR_NULL(hc_browse_yank(browse, &n, &error));
    CHECK_ERROR(error, HC_ERROR_NOT_FOUND, "nothing of it changed");
    browse_end(fixture);
}

const char cu_suite[] = "browse, yank";
const CuCase cu_cases[] = {
    {"yanking", yanking},
    {"yanking changes", yanking_changes},
    {NULL, NULL},
};
