#include "config.h"

#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hivecore/base/output.h"
#include "tests/unit/cu.h"

/* Three files of one folder, each with an output that says "new NAME". */
enum {
    N_FILES = 3
};

static const char *const names[N_FILES] = {"a", "b", "c"};

typedef struct {
    char *folder;
    char *files[N_FILES];
    HcOutput *outputs[N_FILES];
} Group;

static void
put(const char *file, const char *text)
{
    CU_ASSERT_TRUE(g_file_set_contents(file, text, -1, NULL));
}

/* @existing: the names of files that are there before, with "old NAME" in them. */
static void
group_start(Group *group, const char *existing)
{
    GError *error = NULL;
    group->folder = cu_temp_dir();
    for (guint i = 0; i < N_FILES; i++) {
        g_autofree char *old = g_strconcat("old ", names[i], NULL);
        g_autofree char *text = g_strconcat("new ", names[i], NULL);
        group->files[i] = g_build_filename(group->folder, names[i], NULL);
        if (strstr(existing, names[i]) != NULL)
            put(group->files[i], old);
        group->outputs[i] = hc_output_open(group->files[i], NULL, &error);
        CHECK_NO_ERROR(error);
        CU_ASSERT_TRUE_FATAL(group->outputs[i] != NULL);
        CU_ASSERT_TRUE(hc_output_write(group->outputs[i], text, strlen(text), &error));
    }
}

static int
compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *) a, *(const char *const *) b);
}

/* "NAME: content, " of every file in the folder, sorted; "NAME/" for a folder. */
static char *
folder_text(const Group *group)
{
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_free);
    GString *text = g_string_new(NULL);
    GDir *dir = g_dir_open(group->folder, 0, NULL);
    for (const char *name = g_dir_read_name(dir); name != NULL; name = g_dir_read_name(dir))
        g_ptr_array_add(found, g_strdup(name));
    g_dir_close(dir);
    g_ptr_array_sort(found, compare_names);
    for (guint i = 0; i < found->len; i++) {
        const char *name = (const char *) found->pdata[i];
        g_autofree char *file = g_build_filename(group->folder, name, NULL);
        g_autofree char *content = NULL;
        if (g_file_get_contents(file, &content, NULL, NULL))
            g_string_append_printf(text, "%s: %s, ", name, content);
        else
            g_string_append_printf(text, "%s/, ", name);
    }
    return g_string_free(text, FALSE);
}

/* Frees the outputs; what is then in the folder must be @expected. */
static void
group_end(Group *group, const char *expected)
{
    for (guint i = 0; i < N_FILES; i++)
        hc_output_free(group->outputs[i]);
    g_autofree char *text = folder_text(group);
    CHECK_STRING(text, expected);
    cu_remove_tree(group->folder);
    g_free(group->folder);
    for (guint i = 0; i < N_FILES; i++)
        g_free(group->files[i]);
}

/* The commit must fail at file @index, with @what after its name. */
static void
check_fails(Group *group, guint index, const char *what)
{
    GError *error = NULL;
    CU_ASSERT_FALSE(hc_outputs_commit(group->outputs, N_FILES, &error));
    g_autofree char *message = g_strconcat(group->files[index], ": ", what, NULL);
    CHECK_ERROR(error, HC_ERROR_IO, message);
}

/* The temporary file of output @index. */
static char *
temp_of(const Group *group, guint index)
{
    g_autofree char *start = g_strconcat(".", names[index], ".", NULL);
    char *found = NULL;
    GDir *dir = g_dir_open(group->folder, 0, NULL);
    for (const char *name = g_dir_read_name(dir); name != NULL; name = g_dir_read_name(dir)) {
        if (g_str_has_prefix(name, start) && !g_str_has_suffix(name, ".old"))
            found = g_build_filename(group->folder, name, NULL);
    }
    g_dir_close(dir);
    return found;
}

static void
all_appear(void)
{
    Group group;
    GError *error = NULL;
    group_start(&group, "a");
    CU_ASSERT_TRUE(hc_outputs_commit(group.outputs, N_FILES, &error));
    CHECK_NO_ERROR(error);
    group_end(&group, "a: new a, b: new b, c: new c, ");

    group_start(&group, "abc");
    CU_ASSERT_TRUE(hc_outputs_commit(group.outputs, N_FILES, &error));
    CHECK_NO_ERROR(error);
    group_end(&group, "a: new a, b: new b, c: new c, ");
}

static void
second_fails(void)
{
    Group group;
    struct stat before;
    struct stat after;
    group_start(&group, "ac");
    CU_ASSERT_EQUAL(stat(group.files[0], &before), 0);
    CU_ASSERT_EQUAL(mkdir(group.files[1], 0777), 0);
    check_fails(&group, 1, "cannot replace: Is a directory");
    /* The old file itself, not a copy of it. */
    CU_ASSERT_EQUAL(stat(group.files[0], &after), 0);
    CU_ASSERT_EQUAL(before.st_ino, after.st_ino);
    CU_ASSERT_EQUAL(after.st_nlink, 1);
    group_end(&group, "a: old a, b/, c: old c, ");
}

static void
new_file_is_removed_again(void)
{
    Group group;
    group_start(&group, "");
    CU_ASSERT_EQUAL(mkdir(group.files[1], 0777), 0);
    check_fails(&group, 1, "cannot replace: Is a directory");
    group_end(&group, "b/, ");
}

static void
last_fails(void)
{
    Group group;
    group_start(&group, "ab");
    CU_ASSERT_EQUAL(mkdir(group.files[2], 0777), 0);
    check_fails(&group, 2, "cannot replace: Is a directory");
    group_end(&group, "a: old a, b: old b, c/, ");
}

/* The old file of the one that fails has its second name then, and must lose it. */
static void
temporary_file_is_gone(void)
{
    Group group;
    group_start(&group, "abc");
    g_autofree char *temp = temp_of(&group, 1);
    CU_ASSERT_EQUAL(unlink(temp), 0);
    check_fails(&group, 1, "cannot replace: No such file or directory");
    group_end(&group, "a: old a, b: old b, c: old c, ");
}

/* No second name can be made, as on file systems without hard links: its place is taken. */
static void
without_links(void)
{
    for (int has_temp = 0; has_temp < 2; has_temp++) {
        Group group;
        group_start(&group, "abc");
        for (guint i = 0; i < 2; i++) {
            g_autofree char *temp = temp_of(&group, i);
            g_autofree char *aside = g_strconcat(temp, ".old", NULL);
            put(aside, "in the way");
        }
        g_autofree char *temp = temp_of(&group, 1);
        if (!has_temp) {
            CU_ASSERT_EQUAL(unlink(temp), 0);
            check_fails(&group, 1, "cannot replace: No such file or directory");
            group_end(&group, "a: old a, b: old b, c: old c, ");
        } else {
            GError *error = NULL;
            CU_ASSERT_TRUE(hc_outputs_commit(group.outputs, N_FILES, &error));
            CHECK_NO_ERROR(error);
            group_end(&group, "a: new a, b: new b, c: new c, ");
        }
    }
}

/* What cannot even be written stops everything before the first rename. */
static void
no_room(void)
{
    Group group;
    struct rlimit old;
    group_start(&group, "ab");
    CU_ASSERT_EQUAL(getrlimit(RLIMIT_FSIZE, &old), 0);
    struct rlimit tiny = old;
    CU_ASSERT_TRUE(hc_output_write(group.outputs[2], "more", 4, NULL));
    tiny.rlim_cur = strlen("new a");
    CU_ASSERT_EQUAL(setrlimit(RLIMIT_FSIZE, &tiny), 0);
    check_fails(&group, 2, "cannot write: File too large");
    CU_ASSERT_EQUAL(setrlimit(RLIMIT_FSIZE, &old), 0);
    group_end(&group, "a: old a, b: old b, ");
}

static void
none_at_all(void)
{
    GError *error = NULL;
    CU_ASSERT_TRUE(hc_outputs_commit(NULL, 0, &error));
    CHECK_NO_ERROR(error);
}

const char cu_suite[] = "output-group";
const CuCase cu_cases[] = {
    {"all appear", all_appear},
    {"the second fails", second_fails},
    {"a new file is removed again", new_file_is_removed_again},
    {"the last fails", last_fails},
    {"a temporary file is gone", temporary_file_is_gone},
    {"without links", without_links},
    {"no room", no_room},
    {"none at all", none_at_all},
    {NULL, NULL},
};
