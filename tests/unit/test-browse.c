#include "config.h"

#include <string.h>

#include "fixtures/mk-hives.h"
#include "tests/unit/browse-fixture.h"
#include "tests/unit/cu.h"
#include "tests/unit/hive-image.h"
#include "tests/unit/tree-text.h"

/* What `browse` shows and where its cursor goes, without a screen. */

#define S BROWSE_ROOT

static const char two_levels[] = "[A\\B]\nx=1:410061000000\n[A\\C]\nd=4:05000000\n[M]\n=3:0102\n";

static void
moving(void)
{
    BrowseFixture *fixture = browse_start(tree_open(two_levels, 5), NULL);
    HcBrowse *browse = fixture->browse;
    browse_check_rows(browse, "> S\n  A\n  M\n");
    hc_browse_move(browse, HC_BROWSE_DOWN);
    hc_browse_move(browse, HC_BROWSE_RIGHT);
    browse_check_rows(browse, " S\n>  A\n   B\n   C\n  M\n");
    hc_browse_move(browse, HC_BROWSE_RIGHT);
    browse_check_rows(browse, " S\n  A\n>   B\n   C\n  M\n");
    hc_browse_move(browse, HC_BROWSE_LEFT);
    hc_browse_move(browse, HC_BROWSE_TOGGLE);
    browse_check_rows(browse, " S\n>  A\n  M\n");
    hc_browse_move(browse, HC_BROWSE_LAST);
    browse_check_values(browse, " @  binary 2 bytes 0102\n");
    /* A key without subkeys leads on to its values, they to their details, and back. */
    hc_browse_move(browse, HC_BROWSE_RIGHT);
    CHECK_NUMBER(browse->focus, HC_BROWSE_VALUES);
    hc_browse_move(browse, HC_BROWSE_RIGHT);
    CHECK_NUMBER(browse->focus, HC_BROWSE_DETAILS);
    hc_browse_move(browse, HC_BROWSE_LEFT);
    hc_browse_move(browse, HC_BROWSE_LEFT);
    CHECK_NUMBER(browse->focus, HC_BROWSE_KEYS);
    hc_browse_move(browse, HC_BROWSE_FIRST);
    hc_browse_move(browse, HC_BROWSE_UP);
    hc_browse_move(browse, HC_BROWSE_TOGGLE);
    browse_check_rows(browse, "> S\n");
    hc_browse_move(browse, HC_BROWSE_CHANGES_ONLY);
    CHECK_STRING(browse->message->str, "there is nothing to compare with");
    browse_end(fixture);
}

/* The pane is three rows high: what is seen follows the cursor. */
static void
scrolling(void)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < 20; i++)
        g_string_append_printf(text, "[K%02u]\n", i);
    BrowseFixture *fixture = browse_start(tree_open(text->str, 5), NULL);
    HcBrowse *browse = fixture->browse;
    const HcBrowseView *view = &browse->view[HC_BROWSE_KEYS];
    const guint n_seen[] = {3, 3, 1};
    hc_browse_resize(browse, n_seen, 20);
    for (guint i = 0; i < 4; i++)
        hc_browse_move(browse, HC_BROWSE_DOWN);
    CHECK_NUMBER(view->cursor, 4);
    CHECK_NUMBER(view->top, 2);
    hc_browse_move(browse, HC_BROWSE_PAGE_DOWN);
    CHECK_NUMBER(view->cursor, 6);
    hc_browse_move(browse, HC_BROWSE_LAST);
    CHECK_NUMBER(view->top, 18);
    const guint more[] = {8, 3, 1};
    hc_browse_resize(browse, more, 20);
    CHECK_NUMBER(view->top, 13);
    hc_browse_move(browse, HC_BROWSE_PAGE_UP);
    CHECK_NUMBER(view->cursor, 13);
    hc_browse_move(browse, HC_BROWSE_FIRST);
    CHECK_NUMBER(view->top, 0);
    browse_end(fixture);
}

static void
details(void)
{
    BrowseFixture *fixture = browse_start(tree_open("[A]\n!class=4300\nlist=7:61000000620063000000"
                                                    "0000\nbytes=3:"
                                                    "000102030405060708090a0b0c0d0e0f4142\n",
                                                    5),
                                          NULL);
    HcBrowse *browse = fixture->browse;
    hc_browse_move(browse, HC_BROWSE_DOWN);
    browse_check_details(browse, S "\\A\n"
                                   "holds       0 subkeys, 2 values\n"
                                   "written     1601-01-01T00:00:00.0000001Z\n"
                                   "class       C\n"
                                   "rights      O:BA\n"
                                   "            G:BA\n"
                                   "            D:\n"
                                   "            (A;CI;KA;;;SY)\n"
                                   "            (A;CI;KA;;;BA)\n"
                                   "            (A;CI;KR;;;WD)\n"
                                   "            (A;CI;KR;;;RC)\n");
    hc_browse_move(browse, HC_BROWSE_NEXT_PANE);
    browse_check_details(browse, S "\\A::list\n"
                                   "REG_MULTI_SZ, 12 bytes\n"
                                   "     0  a\n"
                                   "     1  bc\n");
    hc_browse_move(browse, HC_BROWSE_DOWN);
    browse_check_details(
        browse, S "\\A::bytes\n"
                  "binary 18 bytes 000102030405060708090a0b0c0d0e0f4142\n"
                  "00000000  00 01 02 03 04 05 06 07  08 09 0a 0b 0c 0d 0e 0f  ................\n"
                  "00000010  41 42                                             AB\n");
    /* Lines are as wide as the terminal, which counts wide characters twice. */
    const guint n_seen[] = {3, 3, 3};
    hc_browse_resize(browse, n_seen, 10);
    CHECK_STRING(g_ptr_array_index(browse->details, 0), "HKEY_LOCAL");
    CHECK_NUMBER(hc_browse_fitting("a\xe6\xbc\xa2\xe5\xad\x97", 4), 4);
    CHECK_NUMBER(hc_browse_fitting("a\xe6\xbc\xa2\xe5\xad\x97", 5), 7);
    CHECK_NUMBER(hc_browse_fitting("e\xcc\x81", 1), 3);
    browse_end(fixture);
}

static void
searching(void)
{
    BrowseFixture *fixture = browse_start(tree_open(two_levels, 5), NULL);
    HcBrowse *browse = fixture->browse;
    CHECK_NUMBER(browse_search(browse, "b", FALSE), HC_BROWSE_FOUND);
    browse_check_at(browse, S "\\A\\B");
    /* In the text of a value, in any case; and round the end. */
    hc_browse_move(browse, HC_BROWSE_FIRST);
    CHECK_NUMBER(browse_search(browse, "a", FALSE), HC_BROWSE_FOUND);
    browse_check_at(browse, S "\\A");
    CHECK_NUMBER(browse_search(browse, "a", FALSE), HC_BROWSE_FOUND);
    browse_check_at(browse, S "\\A\\B::x");
    CHECK_NUMBER(browse_search(browse, "a", FALSE), HC_BROWSE_FOUND);
    browse_check_at(browse, S "\\A");
    CHECK_STRING(browse->message->str, "round the end, from the top");
    CHECK_NUMBER(browse_search(browse, "a", TRUE), HC_BROWSE_FOUND);
    browse_check_at(browse, S "\\A\\B::x");
    CHECK_STRING(browse->message->str, "round the top, from the end");
    CHECK_NUMBER(browse_search(browse, "A", TRUE), HC_BROWSE_FOUND);
    browse_check_at(browse, S "\\A");
    CHECK_NUMBER(browse_search(browse, "nowhere", FALSE), HC_BROWSE_MISSING);
    CHECK_NUMBER(browse_search(browse, "nowhere", TRUE), HC_BROWSE_MISSING);
    CHECK_STRING(browse->message->str, "not found");
    browse_check_at(browse, S "\\A");
    /* One that is given up leaves the cursor where it is. */
    hc_browse_search_start(browse, "nowhere", FALSE);
    CHECK_NUMBER(hc_browse_search_step(browse, 2), HC_BROWSE_GOES_ON);
    hc_browse_search_end(browse);
    browse_check_at(browse, S "\\A");
    browse_end(fixture);
}

static void
going(void)
{
    BrowseFixture *fixture = browse_start(tree_open(two_levels, 5), NULL);
    HcBrowse *browse = fixture->browse;
    CU_ASSERT_TRUE(hc_browse_go(browse, "a\\c"));
    browse_check_at(browse, S "\\A\\C");
    browse_check_rows(browse, " S\n  A\n   B\n>   C\n  M\n");
    CU_ASSERT_TRUE(hc_browse_go(browse, "A\\B::X"));
    browse_check_at(browse, S "\\A\\B::x");
    CU_ASSERT_FALSE(hc_browse_go(browse, "A\\D\\E"));
    browse_check_at(browse, S "\\A");
    CHECK_STRING(browse->message->str, S "\\A: has no subkey D");
    CU_ASSERT_FALSE(hc_browse_go(browse, "A\\B::y"));
    CHECK_STRING(browse->message->str, S "\\A\\B: has no value y");
    CU_ASSERT_FALSE(hc_browse_go(browse, "!"));
    CHECK_STRING(browse->message->str, "!: is no path");
    browse_end(fixture);
}

static const char changed[] = "[A\\B]\nx=1:42000000\ny=4:01000000\n[A\\C]\nd=4:05000000\n[N\\O]\n";

static void
comparing(void)
{
    BrowseFixture *fixture = browse_start(tree_open(two_levels, 5), tree_open(changed, 5));
    HcBrowse *browse = fixture->browse;
    browse_check_rows(browse, ">:S\n: A\n~  B\n- M\n+ N\n");
    hc_browse_move(browse, HC_BROWSE_CHANGES_ONLY);
    browse_check_rows(browse, ">:S\n: A\n~  B\n   C\n- M\n+ N\n");
    CHECK_NUMBER(browse_search(browse, NULL, FALSE), HC_BROWSE_FOUND);
    browse_check_at(browse, S "\\A\\B");
    browse_check_values(browse, "~\"x\"  sz \"Aa\" -> sz \"B\"\n+\"y\"  dword 0x00000001 (1)\n");
    CHECK_NUMBER(browse_search(browse, NULL, FALSE), HC_BROWSE_FOUND);
    browse_check_at(browse, S "\\M");
    browse_check_values(browse, "-@  binary 2 bytes 0102\n");
    CHECK_NUMBER(browse_search(browse, NULL, FALSE), HC_BROWSE_FOUND);
    browse_check_at(browse, S "\\N");
    hc_browse_move(browse, HC_BROWSE_RIGHT);
    browse_check_rows(browse, ":S\n: A\n~  B\n   C\n- M\n>+ N\n+  O\n");
    CHECK_NUMBER(browse_search(browse, NULL, FALSE), HC_BROWSE_FOUND);
    browse_check_at(browse, S "\\A\\B");
    CHECK_NUMBER(browse_search(browse, NULL, TRUE), HC_BROWSE_FOUND);
    browse_check_at(browse, S "\\N");
    CHECK_NUMBER(browse_search(browse, "o", FALSE), HC_BROWSE_FOUND);
    browse_check_at(browse, S "\\N\\O");
    browse_end(fixture);
    fixture = browse_start(tree_open(two_levels, 5), tree_open(two_levels, 5));
    CHECK_STRING(fixture->browse->message->str, "no difference");
    browse_check_rows(fixture->browse, "> S\n  A\n  M\n");
    CHECK_NUMBER(browse_search(fixture->browse, NULL, FALSE), HC_BROWSE_MISSING);
    CHECK_STRING(fixture->browse->message->str, "no other change");
    browse_end(fixture);
}

/* Of a change what is different inside it, and what both data mean. */
static void
changed_details(void)
{
    BrowseFixture *fixture =
        browse_start(tree_open("[ControlSet001\\Services\\A]\nStart=4:04000000\n", 5),
                     tree_open("[ControlSet001\\Services\\A]\nStart=4:02000000\n", 5));
    HcBrowse *browse = fixture->browse;
    const guint n_seen[] = {3, 3, 3};
    hc_browse_resize(browse, n_seen, 100);
    CU_ASSERT_TRUE(hc_browse_go(browse, "ControlSet001\\Services\\A::Start"));
    browse_check_details(
        browse, S "\\ControlSet001\\Services\\A::Start\n"
                  "difference  changed\n"
                  "change      dword 0x00000004 (4) -> 0x00000002 (2), bits +1 -2  = disabled "
                  "-> automatic\n"
                  "before      dword 0x00000004 (4)\n"
                  "means       disabled\n"
                  "after       dword 0x00000002 (2)\n"
                  "means       automatic\n");
    browse_end(fixture);
}

/* A hive of thousands of pages: few are entered for what is on the screen. */
static void
little_is_read(void)
{
    GError *error = NULL;
    g_autoptr(MkTree) tree = mk_big(20000, 1, FALSE);
    GBytes *bytes = mk_tree_write(tree, 5, "big", &error);
    g_autoptr(HcMap) map = hc_map_from_bytes("big", bytes);
    HcHive *hive = hc_hive_open_map(map, HC_HIVE_LAZY, &error);
    CHECK_NO_ERROR(error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(hive);
    BrowseFixture *fixture = browse_start(hive, NULL);
    hc_browse_move(fixture->browse, HC_BROWSE_DOWN);
    hc_browse_move(fixture->browse, HC_BROWSE_RIGHT);
    CU_ASSERT_TRUE(hc_hive_n_pages_entered(hive) < 40);
    CU_ASSERT_TRUE(hc_hive_info(hive)->bins_bytes / 4096 > 1000);
    browse_end(fixture);
}

static void
damage(void)
{
    /* The list of the root's subkeys points nowhere: the tree says so, and goes on. */
    Image image = image_new(two_levels, 5);
    hc_put32(image_root(&image) + HC_NK_SUBKEYS, 0x00ffff00);
    GError *error = NULL;
    g_autoptr(GBytes) bytes = g_bytes_new_take(image.bytes, image.n_bytes);
    g_autoptr(HcMap) map = hc_map_from_bytes("x.hive", g_bytes_ref(bytes));
    HcHive *hive = hc_hive_open_map(map, HC_HIVE_LAZY, &error);
    CHECK_NO_ERROR(error);
    BrowseFixture *fixture = browse_start(hive, NULL);
    browse_check_rows(fixture->browse, "> S (damaged)\n");
    CU_ASSERT_PTR_NOT_NULL_FATAL(fixture->browse->values_defect);
    CU_ASSERT_PTR_NOT_NULL(strstr(fixture->browse->values_defect, "x.hive: "));
    hc_browse_move(fixture->browse, HC_BROWSE_RIGHT);
    CHECK_NUMBER(browse_search(fixture->browse, "x", FALSE), HC_BROWSE_MISSING);
    browse_end(fixture);
}

/* Of several places each is opened when somebody goes there; one that cannot be does no harm. */
static void
several_places(void)
{
    BrowsePlaces places = {{tree_open(two_levels, 5), NULL}, 0};
    const HcBrowsePlaces from = {browse_open_place, browse_find_path, &places};
    HcBrowse *browse = hc_browse_new(&from, FALSE);
    hc_browse_add_place(browse, "ONE", NULL, NULL);
    hc_browse_add_place(browse, "TWO", NULL, NULL);
    hc_browse_start(browse, 100);
    browse_check_rows(browse, "> ONE\n TWO\n");
    CHECK_NUMBER(places.n_opened, 0);
    CHECK_STRING(browse->values_defect, "not opened yet: Right opens it");
    hc_browse_move(browse, HC_BROWSE_RIGHT);
    browse_check_rows(browse, "> ONE\n  A\n  M\n TWO\n");
    CHECK_NUMBER(places.n_opened, 1);
    hc_browse_move(browse, HC_BROWSE_LAST);
    hc_browse_move(browse, HC_BROWSE_RIGHT);
    browse_check_rows(browse, " ONE\n  A\n  M\n> TWO (damaged)\n");
    CHECK_STRING(browse->message->str, "no hive 1");
    GError *error = NULL;
    guint n;
    (void) hc_browse_go(browse, "A");
    CU_ASSERT_PTR_NULL(hc_browse_yank(browse, &n, &error));
    CHECK_ERROR(error, HC_ERROR_USAGE,
                "where ONE hangs in the registry is not known: --root says it");
    CHECK_NUMBER(browse_search(browse, "m", FALSE), HC_BROWSE_FOUND);
    browse_check_at(browse, "ONE\\M");
    hc_browse_free(browse);
    hc_hive_unref(places.hives[0]);
}

const char cu_suite[] = "browse";
const CuCase cu_cases[] = {
    {"moving", moving},
    {"scrolling", scrolling},
    {"details", details},
    {"searching", searching},
    {"going to a path", going},
    {"comparing", comparing},
    {"details of changes", changed_details},
    {"little is read", little_is_read},
    {"damage", damage},
    {"several places", several_places},
    {NULL, NULL},
};
