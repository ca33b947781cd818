#include "config.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hivecore/base/file.h"
#include "hivecore/base/output.h"
#include "tests/unit/cu.h"

enum {
    SOMEBODY = 12345,
    FOLDERS = 12346,
    FRIEND = 12347
};

static void
whose_things_are_traps(void)
{
    const uid_t us = geteuid();
    const uid_t friends[] = {FRIEND, FRIEND + 1};
    const struct {
        uid_t owner;
        mode_t folder;
        gboolean is_planted;
    } cases[] = {
        {SOMEBODY, 0777, TRUE},   {SOMEBODY, 01777, TRUE},   {SOMEBODY, 0755, FALSE},
        {SOMEBODY, 02775, FALSE}, {SOMEBODY, 03775, FALSE},  {us, 01777, FALSE},
        {FOLDERS, 01777, FALSE},  {FRIEND, 01777, FALSE},    {FRIEND + 1, 0777, FALSE},
        {SOMEBODY, 0702, TRUE},   {FRIEND + 2, 01777, TRUE},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        const struct stat thing = {.st_uid = cases[i].owner, .st_mode = S_IFREG | 0644};
        const struct stat folder = {.st_uid = FOLDERS, .st_mode = S_IFDIR | cases[i].folder};
        CHECK_NUMBER(hc_is_planted(&thing, &folder, friends, 2), cases[i].is_planted);
    }
}

/* Every link that is asked about, relative to the folder. */
static gboolean
note_link(const char *link, const struct stat *status, const struct stat *folder, gpointer data,
          GError **error)
{
    GString *links = data;
    CU_ASSERT_TRUE(S_ISLNK(status->st_mode) && S_ISDIR(folder->st_mode));
    g_string_append_printf(links, "%s ", strrchr(link, '/') + 1);
    if (!g_str_has_suffix(link, "forbidden"))
        return TRUE;
    return hc_fail(error, HC_ERROR_UNSUPPORTED, "forbidden");
}

static char *
below(const char *top, const char *name)
{
    return g_build_filename(top, name, NULL);
}

/* Where @name leads, with the links on the way; "!" is not there, "/" means a folder. */
static void
check_path(const char *top, const char *name, const char *expected)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autofree char *file = below(top, name);
    g_auto(HcFollowed) path = {0};
    GError *error = NULL;
    if (hc_path_follow(&path, file, "cannot open", note_link, text, &error))
        g_string_append_printf(text, "-> %s%s%s", path.path + strlen(top) + 1,
                               path.has_slash ? "/" : "", path.exists ? "" : "!");
    else
        g_string_append_printf(
            text, "%s", error->message + (error->code == HC_ERROR_IO ? strlen(file) + 2 : 0));
    g_clear_error(&error);
    CHECK_STRING(text->str, expected);
}

static void
paths(void)
{
    g_autofree char *made = cu_temp_dir();
    g_autofree char *top = realpath(made, NULL);
    g_autofree char *sub = below(top, "sub");
    g_autofree char *file = below(top, "sub/file");
    CU_ASSERT_EQUAL(mkdir(sub, 0755), 0);
    CU_ASSERT_TRUE(g_file_set_contents(file, "x", 1, NULL));
    g_autofree char *absolute = below(top, "absolute");
    const char *const links[][2] = {
        {"link", "sub/file"},    {"to-sub", "sub//"}, {"chain", "to-sub/../link"},
        {"dangling", "sub/new"}, {"loop", "loop"},    {"forbidden", "sub"},
        {"slash", "sub/new/"}};
    for (gsize i = 0; i < G_N_ELEMENTS(links); i++) {
        g_autofree char *link = below(top, links[i][0]);
        CU_ASSERT_EQUAL(symlink(links[i][1], link), 0);
    }
    CU_ASSERT_EQUAL(symlink(file, absolute), 0);
    check_path(top, "sub/file", "-> sub/file");
    check_path(top, "sub/./file", "-> sub/./file");
    check_path(top, "link", "link -> sub/file");
    check_path(top, "absolute", "absolute -> sub/file");
    check_path(top, "to-sub", "to-sub -> sub/");
    check_path(top, "to-sub/file", "to-sub -> sub/file");
    check_path(top, "chain", "chain to-sub link -> sub/../sub/file");
    check_path(top, "dangling", "dangling -> sub/new!");
    check_path(top, "slash", "slash -> sub/new/!");
    check_path(top, "to-sub/new", "to-sub -> sub/new!");
    check_path(top, "nowhere/new", "cannot open: No such file or directory");
    check_path(top, "sub/file/", "cannot open: Not a directory");
    check_path(top, "sub/file/below", "cannot open: Not a directory");
    check_path(top, "forbidden/file", "forbidden forbidden");
    cu_remove_tree(top);
}

/* Nobody but root can make what belongs to others. */
static void
links_of_others(void)
{
    if (geteuid() != 0) {
        cu_unproven("not root", "links of others");
        return;
    }
    g_autofree char *top = cu_temp_dir();
    g_autofree char *shared = below(top, "shared");
    g_autofree char *victim = below(top, "victim");
    g_autofree char *link = below(shared, "link");
    g_autofree char *folder = below(shared, "folder");
    g_autofree char *through = below(folder, "victim");
    CU_ASSERT_EQUAL(mkdir(shared, 0777), 0);
    CU_ASSERT_EQUAL(symlink(victim, link), 0);
    CU_ASSERT_EQUAL(symlink(top, folder), 0);
    CU_ASSERT_EQUAL(lchown(link, SOMEBODY, SOMEBODY), 0);
    CU_ASSERT_EQUAL(lchown(folder, SOMEBODY, SOMEBODY), 0);
    const struct {
        mode_t mode;
        uid_t owner;
        gboolean is_followed;
    } cases[] = {
        {01777, 0, FALSE}, {01777, FOLDERS, FALSE}, {01777, SOMEBODY, TRUE}, {0777, 0, TRUE},
        {02775, 0, TRUE},  {03775, 0, TRUE},        {0755, 0, TRUE},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        const char *files[] = {link, through};
        CU_ASSERT_EQUAL(chown(shared, cases[i].owner, cases[i].owner), 0);
        CU_ASSERT_EQUAL(chmod(shared, cases[i].mode), 0);
        for (gsize k = 0; k < G_N_ELEMENTS(files); k++) {
            GError *error = NULL;
            CU_ASSERT_TRUE(g_file_set_contents(victim, "old", 3, NULL));
            const gboolean ok = hc_output_write_file(files[k], NULL, "new", 3, &error);
            CHECK_NUMBER(ok, cases[i].is_followed);
            g_autofree char *content = NULL;
            CU_ASSERT_TRUE(g_file_get_contents(victim, &content, NULL, NULL));
            CHECK_STRING(content, ok ? "new" : "old");
            if (ok)
                continue;
            g_autofree char *message = g_strdup_printf(
                "%s: %s is another user's symbolic link in a folder that everybody can write, it "
                "is not followed",
                files[k], k == 0 ? link : folder);
            CHECK_ERROR(error, HC_ERROR_IO, message);
        }
    }
    cu_remove_tree(top);
}

const char cu_suite[] = "planted";
const CuCase cu_cases[] = {
    {"whose things are traps", whose_things_are_traps},
    {"where paths lead", paths},
    {"links of others", links_of_others},
    {NULL, NULL},
};
