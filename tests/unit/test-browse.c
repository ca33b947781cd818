#include "config.h"

#include <string.h>

#include "fixtures/mk-hives.h"
#include "hivecore/browse/browse.h"
#include "hivecore/delta/diff.h"
#include "hivecore/reg/reg-writer.h"
#include "tests/unit/cu.h"
#include "tests/unit/hive-image.h"
#include "tests/unit/tree-text.h"

/* What `browse` shows and where its cursor goes, without a screen. */

/* One place or several; each hive is opened once. */
typedef struct {
    HcHive *hives[2];
    guint n_opened;
} Places;

static HcHive *
open_place(void *data, guint index, GError **error)
{
    Places *places = data;
    places->n_opened++;
    if (places->hives[index] == NULL)
        return hc_fail_null(error, HC_ERROR_MALFORMED, "no hive %u", index);
    return hc_hive_ref(places->hives[index]);
}

/* "A\B::v" in the first place. */
static gboolean
find_path(G_GNUC_UNUSED void *data, HcArena *arena, const char *text, guint *place, HcPath *path,
          const char **value, GError **error)
{
    if (text[0] == '!')
        return hc_fail(error, HC_ERROR_USAGE, "%s: is no path", text);
    const char *colons = strstr(text, "::");
    g_autofree char *key =
        colons != NULL ? g_strndup(text, (gsize) (colons - text)) : g_strdup(text);
    g_auto(GStrv) parts = g_strsplit(key, "\\", -1);
    *place = 0;
    *value = colons != NULL ? colons + 2 : NULL;
    path->n = key[0] != '\0' ? g_strv_length(parts) : 0;
    path->names = hc_arena_alloc(arena, (path->n + 1) * sizeof(HcName));
    for (gsize i = 0; i < path->n; i++)
        path->names[i] = hc_name_from_utf8(arena, parts[i], strlen(parts[i]));
    return TRUE;
}

/* Takes @old_hive; @new_hive (nullable) is what it becomes. */
typedef struct {
    Places places;
    HcRoot *root;
    HcDelta *delta;
    HcBrowse *browse;
} Fixture;

static Fixture *
start(HcHive *old_hive, HcHive *new_hive)
{
    GError *error = NULL;
    Fixture *fixture = g_new0(Fixture, 1);
    const HcBrowsePlaces places = {open_place, find_path, &fixture->places};
    fixture->places.hives[0] = old_hive;
    fixture->root = hc_root_parse("HKLM\\SOFTWARE", &error);
    if (new_hive != NULL)
        fixture->delta = hc_diff(old_hive, new_hive, HC_IGNORE_DEFAULT, NULL, &error);
    CHECK_NO_ERROR(error);
    hc_hive_unref(new_hive);
    fixture->browse = hc_browse_new(&places, new_hive != NULL);
    hc_browse_add_place(fixture->browse, "S", fixture->root, fixture->delta);
    hc_browse_start(fixture->browse, 100);
    return fixture;
}

static void
end(Fixture *fixture)
{
    hc_browse_free(fixture->browse);
    hc_delta_free(fixture->delta);
    hc_root_free(fixture->root);
    hc_hive_unref(fixture->places.hives[0]);
    hc_hive_unref(fixture->places.hives[1]);
    g_free(fixture);
}

/* Rows as "sign name", indented; ">" before that under the cursor. */
static void
check_rows(const HcBrowse *browse, const char *expected)
{
    static const char signs[] = " :~+-";
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < browse->rows->len; i++) {
        const HcBrowseKey *key = g_ptr_array_index(browse->rows, i);
        g_string_append_printf(text, "%s%c%*s", i == browse->view[HC_BROWSE_KEYS].cursor ? ">" : "",
                               signs[key->state], (int) key->depth, "");
        hc_browse_append_label(text, browse, key);
        g_string_append_c(text, '\n');
    }
    CHECK_STRING(text->str, expected);
}

static void
check_values(HcBrowse *browse, const char *expected)
{
    static const char signs[] = " :~+-";
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < browse->values->len; i++) {
        const HcBrowseValue *value = &g_array_index(browse->values, HcBrowseValue, i);
        g_string_append_c(text, signs[value->state]);
        hc_browse_append_value(text, browse, value);
        g_string_append_c(text, '\n');
    }
    CHECK_STRING(text->str, expected);
}

static void
check_details(const HcBrowse *browse, const char *expected)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < browse->details->len; i++)
        g_string_append_printf(text, "%s\n", (const char *) g_ptr_array_index(browse->details, i));
    CHECK_STRING(text->str, expected);
}

static HcBrowseFound
search(HcBrowse *browse, const char *text, gboolean is_backwards)
{
    HcBrowseFound found = HC_BROWSE_GOES_ON;
    hc_browse_search_start(browse, text, is_backwards);
    while (found == HC_BROWSE_GOES_ON)
        found = hc_browse_search_step(browse, 1);
    return found;
}

static void
check_at(const HcBrowse *browse, const char *expected)
{
    g_autoptr(GString) text = g_string_new(NULL);
    hc_browse_append_path(text, browse, hc_browse_key(browse));
    if (browse->details_of == HC_BROWSE_VALUES && hc_browse_value(browse) != NULL) {
        g_string_append(text, "::");
        hc_name_append_display(text, hc_browse_value(browse)->name);
    }
    CHECK_STRING(text->str, expected);
}

#define S "HKEY_LOCAL_MACHINE\\SOFTWARE"

static const char two_levels[] = "[A\\B]\nx=1:410061000000\n[A\\C]\nd=4:05000000\n[M]\n=3:0102\n";

static void
moving(void)
{
    Fixture *fixture = start(tree_open(two_levels, 5), NULL);
    HcBrowse *browse = fixture->browse;
    check_rows(browse, "> S\n  A\n  M\n");
    hc_browse_move(browse, HC_BROWSE_DOWN);
    hc_browse_move(browse, HC_BROWSE_RIGHT);
    check_rows(browse, " S\n>  A\n   B\n   C\n  M\n");
    hc_browse_move(browse, HC_BROWSE_RIGHT);
    check_rows(browse, " S\n  A\n>   B\n   C\n  M\n");
    hc_browse_move(browse, HC_BROWSE_LEFT);
    hc_browse_move(browse, HC_BROWSE_TOGGLE);
    check_rows(browse, " S\n>  A\n  M\n");
    hc_browse_move(browse, HC_BROWSE_LAST);
    check_values(browse, " @  binary 2 bytes 0102\n");
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
    check_rows(browse, "> S\n");
    hc_browse_move(browse, HC_BROWSE_CHANGES_ONLY);
    CHECK_STRING(browse->message->str, "there is nothing to compare with");
    end(fixture);
}

/* The pane is three rows high: what is seen follows the cursor. */
static void
scrolling(void)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < 20; i++)
        g_string_append_printf(text, "[K%02u]\n", i);
    Fixture *fixture = start(tree_open(text->str, 5), NULL);
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
    end(fixture);
}

static void
details(void)
{
    Fixture *fixture = start(tree_open("[A]\n!class=4300\nlist=7:61000000620063000000"
                                       "0000\nbytes=3:"
                                       "000102030405060708090a0b0c0d0e0f4142\n",
                                       5),
                             NULL);
    HcBrowse *browse = fixture->browse;
    hc_browse_move(browse, HC_BROWSE_DOWN);
    check_details(browse, S "\\A\n"
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
    check_details(browse, S "\\A::list\n"
                            "REG_MULTI_SZ, 12 bytes\n"
                            "     0  a\n"
                            "     1  bc\n");
    hc_browse_move(browse, HC_BROWSE_DOWN);
    check_details(browse,
                  S "\\A::bytes\n"
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
    end(fixture);
}

static void
searching(void)
{
    Fixture *fixture = start(tree_open(two_levels, 5), NULL);
    HcBrowse *browse = fixture->browse;
    CHECK_NUMBER(search(browse, "b", FALSE), HC_BROWSE_FOUND);
    check_at(browse, S "\\A\\B");
    /* In the text of a value, in any case; and round the end. */
    hc_browse_move(browse, HC_BROWSE_FIRST);
    CHECK_NUMBER(search(browse, "a", FALSE), HC_BROWSE_FOUND);
    check_at(browse, S "\\A");
    CHECK_NUMBER(search(browse, "a", FALSE), HC_BROWSE_FOUND);
    check_at(browse, S "\\A\\B::x");
    CHECK_NUMBER(search(browse, "a", FALSE), HC_BROWSE_FOUND);
    check_at(browse, S "\\A");
    CHECK_STRING(browse->message->str, "round the end, from the top");
    CHECK_NUMBER(search(browse, "a", TRUE), HC_BROWSE_FOUND);
    check_at(browse, S "\\A\\B::x");
    CHECK_STRING(browse->message->str, "round the top, from the end");
    CHECK_NUMBER(search(browse, "A", TRUE), HC_BROWSE_FOUND);
    check_at(browse, S "\\A");
    CHECK_NUMBER(search(browse, "nowhere", FALSE), HC_BROWSE_MISSING);
    CHECK_NUMBER(search(browse, "nowhere", TRUE), HC_BROWSE_MISSING);
    CHECK_STRING(browse->message->str, "not found");
    check_at(browse, S "\\A");
    /* One that is given up leaves the cursor where it is. */
    hc_browse_search_start(browse, "nowhere", FALSE);
    CHECK_NUMBER(hc_browse_search_step(browse, 2), HC_BROWSE_GOES_ON);
    hc_browse_search_end(browse);
    check_at(browse, S "\\A");
    end(fixture);
}

static void
going(void)
{
    Fixture *fixture = start(tree_open(two_levels, 5), NULL);
    HcBrowse *browse = fixture->browse;
    CU_ASSERT_TRUE(hc_browse_go(browse, "a\\c"));
    check_at(browse, S "\\A\\C");
    check_rows(browse, " S\n  A\n   B\n>   C\n  M\n");
    CU_ASSERT_TRUE(hc_browse_go(browse, "A\\B::X"));
    check_at(browse, S "\\A\\B::x");
    CU_ASSERT_FALSE(hc_browse_go(browse, "A\\D\\E"));
    check_at(browse, S "\\A");
    CHECK_STRING(browse->message->str, S "\\A: has no subkey D");
    CU_ASSERT_FALSE(hc_browse_go(browse, "A\\B::y"));
    CHECK_STRING(browse->message->str, S "\\A\\B: has no value y");
    CU_ASSERT_FALSE(hc_browse_go(browse, "!"));
    CHECK_STRING(browse->message->str, "!: is no path");
    end(fixture);
}

static const char changed[] = "[A\\B]\nx=1:42000000\ny=4:01000000\n[A\\C]\nd=4:05000000\n[N\\O]\n";

static void
comparing(void)
{
    Fixture *fixture = start(tree_open(two_levels, 5), tree_open(changed, 5));
    HcBrowse *browse = fixture->browse;
    check_rows(browse, ">:S\n: A\n~  B\n- M\n+ N\n");
    hc_browse_move(browse, HC_BROWSE_CHANGES_ONLY);
    check_rows(browse, ">:S\n: A\n~  B\n   C\n- M\n+ N\n");
    CHECK_NUMBER(search(browse, NULL, FALSE), HC_BROWSE_FOUND);
    check_at(browse, S "\\A\\B");
    check_values(browse, "~\"x\"  sz \"Aa\" -> sz \"B\"\n+\"y\"  dword 0x00000001 (1)\n");
    CHECK_NUMBER(search(browse, NULL, FALSE), HC_BROWSE_FOUND);
    check_at(browse, S "\\M");
    check_values(browse, "-@  binary 2 bytes 0102\n");
    CHECK_NUMBER(search(browse, NULL, FALSE), HC_BROWSE_FOUND);
    check_at(browse, S "\\N");
    hc_browse_move(browse, HC_BROWSE_RIGHT);
    check_rows(browse, ":S\n: A\n~  B\n   C\n- M\n>+ N\n+  O\n");
    CHECK_NUMBER(search(browse, NULL, FALSE), HC_BROWSE_FOUND);
    check_at(browse, S "\\A\\B");
    CHECK_NUMBER(search(browse, NULL, TRUE), HC_BROWSE_FOUND);
    check_at(browse, S "\\N");
    CHECK_NUMBER(search(browse, "o", FALSE), HC_BROWSE_FOUND);
    check_at(browse, S "\\N\\O");
    end(fixture);
    fixture = start(tree_open(two_levels, 5), tree_open(two_levels, 5));
    CHECK_STRING(fixture->browse->message->str, "no difference");
    check_rows(fixture->browse, "> S\n  A\n  M\n");
    CHECK_NUMBER(search(fixture->browse, NULL, FALSE), HC_BROWSE_MISSING);
    CHECK_STRING(fixture->browse->message->str, "no other change");
    end(fixture);
}

/* Of a change what is different inside it, and what both data mean. */
static void
changed_details(void)
{
    Fixture *fixture = start(tree_open("[ControlSet001\\Services\\A]\nStart=4:04000000\n", 5),
                             tree_open("[ControlSet001\\Services\\A]\nStart=4:02000000\n", 5));
    HcBrowse *browse = fixture->browse;
    const guint n_seen[] = {3, 3, 3};
    hc_browse_resize(browse, n_seen, 100);
    CU_ASSERT_TRUE(hc_browse_go(browse, "ControlSet001\\Services\\A::Start"));
    check_details(browse,
                  S "\\ControlSet001\\Services\\A::Start\n"
                    "difference  changed\n"
                    "change      dword 0x00000004 (4) -> 0x00000002 (2), bits +1 -2  = disabled "
                    "-> automatic\n"
                    "before      dword 0x00000004 (4)\n"
                    "means       disabled\n"
                    "after       dword 0x00000002 (2)\n"
                    "means       automatic\n");
    end(fixture);
}

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
    Fixture *fixture = start(tree_open(two_levels, 5), NULL);
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
    end(fixture);
}

static void
yanking_changes(void)
{
    Fixture *fixture = start(tree_open(two_levels, 5), tree_open(changed, 5));
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
    end(fixture);
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
    Fixture *fixture = start(hive, NULL);
    hc_browse_move(fixture->browse, HC_BROWSE_DOWN);
    hc_browse_move(fixture->browse, HC_BROWSE_RIGHT);
    CU_ASSERT_TRUE(hc_hive_n_pages_entered(hive) < 40);
    CU_ASSERT_TRUE(hc_hive_info(hive)->bins_bytes / 4096 > 1000);
    end(fixture);
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
    Fixture *fixture = start(hive, NULL);
    check_rows(fixture->browse, "> S (damaged)\n");
    CU_ASSERT_PTR_NOT_NULL_FATAL(fixture->browse->values_defect);
    CU_ASSERT_PTR_NOT_NULL(strstr(fixture->browse->values_defect, "x.hive: "));
    hc_browse_move(fixture->browse, HC_BROWSE_RIGHT);
    CHECK_NUMBER(search(fixture->browse, "x", FALSE), HC_BROWSE_MISSING);
    end(fixture);
}

/* Of several places each is opened when somebody goes there; one that cannot be does no harm. */
static void
several_places(void)
{
    Places places = {{tree_open(two_levels, 5), NULL}, 0};
    const HcBrowsePlaces from = {open_place, find_path, &places};
    HcBrowse *browse = hc_browse_new(&from, FALSE);
    hc_browse_add_place(browse, "ONE", NULL, NULL);
    hc_browse_add_place(browse, "TWO", NULL, NULL);
    hc_browse_start(browse, 100);
    check_rows(browse, "> ONE\n TWO\n");
    CHECK_NUMBER(places.n_opened, 0);
    CHECK_STRING(browse->values_defect, "not opened yet: Right opens it");
    hc_browse_move(browse, HC_BROWSE_RIGHT);
    check_rows(browse, "> ONE\n  A\n  M\n TWO\n");
    CHECK_NUMBER(places.n_opened, 1);
    hc_browse_move(browse, HC_BROWSE_LAST);
    hc_browse_move(browse, HC_BROWSE_RIGHT);
    check_rows(browse, " ONE\n  A\n  M\n> TWO (damaged)\n");
    CHECK_STRING(browse->message->str, "no hive 1");
    GError *error = NULL;
    guint n;
    (void) hc_browse_go(browse, "A");
    CU_ASSERT_PTR_NULL(hc_browse_yank(browse, &n, &error));
    CHECK_ERROR(error, HC_ERROR_USAGE,
                "where ONE hangs in the registry is not known: --root says it");
    CHECK_NUMBER(search(browse, "m", FALSE), HC_BROWSE_FOUND);
    check_at(browse, "ONE\\M");
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
    {"yanking", yanking},
    {"yanking changes", yanking_changes},
    {"little is read", little_is_read},
    {"damage", damage},
    {"several places", several_places},
    {NULL, NULL},
};
