#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hivecore/base/base-private.h"
#include "hivecore/base/output.h"
#include "tests/unit/cu.h"

/* What happens before the next exchanges: NULL is nothing. */
static void (*before_exchange[3])(void);
static int exchange_errno;
static guint n_exchanges;
static gboolean is_unlink_broken;

/* This one stands in for the library's. */
int
hc_output_exchange(const char *a, const char *b)
{
    const guint i = n_exchanges++;
    if (i < G_N_ELEMENTS(before_exchange) && before_exchange[i] != NULL)
        before_exchange[i]();
    errno = exchange_errno;
    return exchange_errno != 0
               ? -1
               : (int) syscall(SYS_renameat2, AT_FDCWD, a, AT_FDCWD, b, 2 /* RENAME_EXCHANGE */);
}

int
unlink(const char *file)
{
    errno = EIO;
    return is_unlink_broken ? -1 : (int) syscall(SYS_unlinkat, AT_FDCWD, file, 0);
}

/* A folder with the files a and b, which say "old a" and "old b"; for the hooks, too. */
static char *folder;
static char *file_a;
static char *file_b;

static void
put(const char *file, const char *text)
{
    FILE *stream = fopen(file, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(stream);
    CU_ASSERT_TRUE(fputs(text, stream) >= 0 && fclose(stream) == 0);
}

static void
place_start(void)
{
    folder = cu_temp_dir();
    file_a = g_build_filename(folder, "a", NULL);
    file_b = g_build_filename(folder, "b", NULL);
    put(file_a, "old a");
    put(file_b, "old b");
    memset(before_exchange, 0, sizeof(before_exchange));
    exchange_errno = 0;
    n_exchanges = 0;
    is_unlink_broken = FALSE;
}

static int
compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *) a, *(const char *const *) b);
}

/* "NAME: content, " of every file; of temporary ones the first two letters of the name. */
static void
place_end(const char *expected)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GString) text = g_string_new(NULL);
    GDir *dir = g_dir_open(folder, 0, NULL);
    for (const char *name = g_dir_read_name(dir); name != NULL; name = g_dir_read_name(dir))
        g_ptr_array_add(names, g_strdup(name));
    g_dir_close(dir);
    g_ptr_array_sort(names, compare_names);
    for (guint i = 0; i < names->len; i++) {
        const char *name = names->pdata[i];
        g_autofree char *file = g_build_filename(folder, name, NULL);
        g_autofree char *content = NULL;
        CU_ASSERT_TRUE(g_file_get_contents(file, &content, NULL, NULL));
        g_string_append_printf(text, "%.2s: %s, ", name, content);
    }
    CHECK_STRING(text->str, expected);
    cu_remove_tree(folder);
    g_free(folder);
    g_free(file_a);
    g_free(file_b);
}

/* Replaces @file by "new" under a lock, as --in-place does; *@remark what is said of it. */
static gboolean
replace(const char *file, char **remark, GError **error)
{
    g_autoptr(HcLock) lock = hc_lock_take(&file, 1, 0, error);
    g_autoptr(HcOutput) output = lock != NULL ? hc_output_open(file, lock, error) : NULL;
    CU_ASSERT_PTR_NOT_NULL_FATAL(output);
    CU_ASSERT_TRUE(hc_output_write(output, "new", 3, error));
    const gboolean ok = hc_output_commit(output, error);
    *remark = g_strdup(hc_output_remark(output));
    return ok;
}

static void
check_replaces(void)
{
    GError *error = NULL;
    g_autofree char *remark = NULL;
    CU_ASSERT_TRUE(replace(file_a, &remark, &error));
    CHECK_NO_ERROR(error);
    CHECK_STRING(remark, NULL);
}

static void
check_refuses(void)
{
    GError *error = NULL;
    g_autofree char *remark = NULL;
    CU_ASSERT_FALSE(replace(file_a, &remark, &error));
    g_autofree char *message =
        g_strconcat(file_a, ": another program changed the file after it was read", NULL);
    CHECK_ERROR(error, HC_ERROR_IO, message);
}

static void
files_change_places(void)
{
    place_start();
    CU_ASSERT_EQUAL(chmod(file_a, 04755), 0);
    check_replaces();
    CHECK_NUMBER(n_exchanges, 1);
    struct stat status;
    CU_ASSERT_EQUAL(stat(file_a, &status), 0);
    CHECK_NUMBER(status.st_mode & 07777, 04755);
    place_end("a: new, b: old b, ");
}

static void
write_into_a(void)
{
    put(file_a, "somebody's");
}

static void
rename_b_to_a(void)
{
    CU_ASSERT_EQUAL(rename(file_b, file_a), 0);
}

static void
change_mtime_of_a(void)
{
    const struct timespec times[2] = {{1, 0}, {1, 0}};
    CU_ASSERT_EQUAL(utimensat(AT_FDCWD, file_a, times, 0), 0);
}

/* After the last look at the file, where nothing but the exchange can notice it. */
static void
changed_at_the_last_moment(void)
{
    place_start();
    before_exchange[0] = write_into_a;
    check_refuses();
    place_end("a: somebody's, b: old b, ");

    place_start();
    before_exchange[0] = rename_b_to_a;
    check_refuses();
    place_end("a: old b, ");

    place_start();
    before_exchange[0] = change_mtime_of_a;
    check_refuses();
    place_end("a: old a, b: old b, ");
}

static void
put_third(void)
{
    g_autofree char *third = g_build_filename(folder, "third", NULL);
    put(third, "third");
    CU_ASSERT_EQUAL(rename(third, file_a), 0);
}

/* What comes while the exchange is taken back is the newest, and stays. */
static void
changed_twice(void)
{
    place_start();
    before_exchange[0] = rename_b_to_a;
    before_exchange[1] = put_third;
    check_refuses();
    CHECK_NUMBER(n_exchanges, 3);
    place_end("a: third, ");
}

static void
break_exchange(void)
{
    exchange_errno = EIO;
}

/* Nothing is lost where the exchange cannot be taken back: the message says where it is. */
static void
cannot_be_taken_back(void)
{
    place_start();
    before_exchange[0] = write_into_a;
    before_exchange[1] = break_exchange;
    GError *error = NULL;
    g_autofree char *remark = NULL;
    CU_ASSERT_FALSE(replace(file_a, &remark, &error));
    g_autofree char *start =
        g_strdup_printf("%s: cannot be put back, its old content is in %s/.a.", file_a, folder);
    CU_ASSERT_TRUE(error != NULL && g_str_has_prefix(error->message, start));
    g_clear_error(&error);
    place_end(".a: somebody's, a: new, b: old b, ");
}

static void
kernel_cannot_exchange(void)
{
    static const int errors[] = {ENOSYS, EINVAL, EOPNOTSUPP};
    for (gsize i = 0; i < G_N_ELEMENTS(errors); i++) {
        place_start();
        exchange_errno = errors[i];
        check_replaces();
        place_end("a: new, b: old b, ");
    }
}

/* Between lock and commit, also where the kernel cannot exchange. */
static void
changed_before(void)
{
    for (int is_able = 0; is_able < 2; is_able++) {
        place_start();
        exchange_errno = is_able ? 0 : ENOSYS;
        GError *error = NULL;
        const char *file = file_a;
        HcLock *lock = hc_lock_take(&file, 1, 0, &error);
        HcOutput *output = hc_output_open(file_a, lock, &error);
        CHECK_NO_ERROR(error);
        CU_ASSERT_TRUE(hc_output_write(output, "new", 3, &error));
        CU_ASSERT_EQUAL(chmod(file_a, 0600), 0);
        CU_ASSERT_FALSE(hc_output_commit(output, &error));
        hc_output_free(output);
        CU_ASSERT_PTR_NOT_NULL(error);
        g_clear_error(&error);
        /* It is seen by the open, too. */
        CU_ASSERT_PTR_NULL(hc_output_open(file_a, lock, &error));
        CU_ASSERT_TRUE(g_error_matches(error, HC_ERROR, HC_ERROR_IO));
        g_clear_error(&error);
        CU_ASSERT_PTR_NULL(hc_output_open(file_b, lock, &error));
        CU_ASSERT_TRUE(g_error_matches(error, HC_ERROR, HC_ERROR_IO));
        g_clear_error(&error);
        hc_lock_free(lock);
        CHECK_NUMBER(n_exchanges, 0);
        place_end("a: old a, b: old b, ");
    }
}

static void
old_file_cannot_be_removed(void)
{
    place_start();
    is_unlink_broken = TRUE;
    GError *error = NULL;
    g_autofree char *remark = NULL;
    CU_ASSERT_TRUE(replace(file_a, &remark, &error));
    CHECK_NO_ERROR(error);
    is_unlink_broken = FALSE;
    g_autofree char *start = g_strdup_printf(
        "%s: its old content could not be removed, it is in %s/.a.", file_a, folder);
    CU_ASSERT_TRUE(remark != NULL && g_str_has_prefix(remark, start) &&
                   g_str_has_suffix(remark, ": Input/output error"));
    place_end(".a: old a, a: new, b: old b, ");
}

/* The second of two; the first, in place already, must not be changed by others meanwhile. */
static void
check_a_is_locked(void)
{
    GError *error = NULL;
    const char *file = file_a;
    CU_ASSERT_PTR_NULL(hc_lock_take(&file, 1, 0, &error));
    CU_ASSERT_TRUE(error != NULL && strstr(error->message, "is in use by process") != NULL);
    g_clear_error(&error);
}

static void
change_b(void)
{
    check_a_is_locked();
    put(file_b, "somebody's");
}

static void
check_group(gboolean is_changed)
{
    place_start();
    const char *files[] = {file_a, file_b};
    struct stat before;
    struct stat after;
    GError *error = NULL;
    HcOutput *outputs[2];
    CU_ASSERT_EQUAL(stat(file_a, &before), 0);
    HcLock *lock = hc_lock_take(files, 2, 0, &error);
    for (int i = 0; i < 2; i++) {
        outputs[i] = hc_output_open(files[i], lock, &error);
        CHECK_NO_ERROR(error);
        CU_ASSERT_TRUE(hc_output_write(outputs[i], "new", 3, &error));
    }
    before_exchange[1] = is_changed ? change_b : check_a_is_locked;
    CHECK_NUMBER(hc_outputs_commit(outputs, 2, &error), !is_changed);
    CU_ASSERT_EQUAL(stat(file_a, &after), 0);
    CHECK_NUMBER(before.st_ino == after.st_ino, is_changed);
    g_clear_error(&error);
    for (int i = 0; i < 2; i++)
        hc_output_free(outputs[i]);
    hc_lock_free(lock);
    place_end(is_changed ? "a: old a, b: somebody's, " : "a: new, b: new, ");
}

static void
several_files(void)
{
    check_group(FALSE);
    check_group(TRUE);
}

const char cu_suite[] = "replace";
const CuCase cu_cases[] = {
    {"files change places", files_change_places},
    {"changed at the last moment", changed_at_the_last_moment},
    {"changed twice", changed_twice},
    {"an exchange that cannot be taken back", cannot_be_taken_back},
    {"a kernel that cannot exchange", kernel_cannot_exchange},
    {"changed before", changed_before},
    {"an old file that cannot be removed", old_file_cannot_be_removed},
    {"several files", several_files},
    {NULL, NULL},
};
