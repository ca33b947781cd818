#include "config.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "hivecore/base/output.h"
#include "tests/unit/cu.h"

/* A folder of its own for each test, and the name of a file in it. */
typedef struct {
    char *folder;
    char *file;
} Place;

static Place
place_new(void)
{
    char *folder = cu_temp_dir();
    return (Place){folder, g_build_filename(folder, "file", NULL)};
}

static void
place_clear(Place *place)
{
    cu_remove_tree(place->folder);
    g_free(place->folder);
    g_free(place->file);
}

static int
compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *) a, *(const char *const *) b);
}

/* All names in the folder, sorted, each with a space: shows temporary files left behind. */
static void
check_names(const Place *place, const char *expected)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    GDir *dir = g_dir_open(place->folder, 0, NULL);
    for (const char *name = g_dir_read_name(dir); name != NULL; name = g_dir_read_name(dir))
        g_ptr_array_add(names, g_strdup(name));
    g_dir_close(dir);
    g_ptr_array_sort(names, compare_names);
    g_autoptr(GString) all = g_string_new("");
    for (guint i = 0; i < names->len; i++)
        g_string_append_printf(all, "%s ", (const char *) names->pdata[i]);
    CHECK_STRING(all->str, expected);
}

static void
check_content(const char *file, const char *expected)
{
    g_autofree char *content = NULL;
    CU_ASSERT_TRUE(g_file_get_contents(file, &content, NULL, NULL));
    CHECK_STRING(content, expected);
}

static mode_t
mode_of(const char *file)
{
    struct stat status;
    CU_ASSERT_EQUAL(stat(file, &status), 0);
    return status.st_mode & 07777;
}

/* With @replace, as a command with --in-place does. */
static gboolean
write_bytes(const char *file, gboolean replace, const void *bytes, gsize n_bytes, GError **error)
{
    g_autoptr(HcLock) lock = replace ? hc_lock_take(&file, 1, 0, error) : NULL;
    return (!replace || lock != NULL) && hc_output_write_file(file, lock, bytes, n_bytes, error);
}

static void
write_text(const char *file, gboolean replace, const char *text)
{
    GError *error = NULL;
    CU_ASSERT_TRUE(write_bytes(file, replace, text, strlen(text), &error));
    CHECK_NO_ERROR(error);
}

static void
refuses(const char *file, gboolean replace, const char *what)
{
    GError *error = NULL;
    CU_ASSERT_FALSE(write_bytes(file, replace, "new", 3, &error));
    g_autofree char *message = g_strdup_printf("%s: %s", file, what);
    CHECK_ERROR(error, HC_ERROR_IO, message);
}

static void
new_file_has_the_umask_mode(void)
{
    Place place = place_new();
    mode_t old = umask(027);
    write_text(place.file, FALSE, "new");
    CHECK_NUMBER(umask(old), 027);
    check_content(place.file, "new");
    CHECK_NUMBER(mode_of(place.file), 0640);
    check_names(&place, "file ");
    place_clear(&place);
}

static void
existing_file_keeps_its_mode(void)
{
    Place place = place_new();
    static const mode_t modes[] = {0604, 0666, 04755};
    for (gsize i = 0; i < G_N_ELEMENTS(modes); i++) {
        g_file_set_contents(place.file, "a longer old content", -1, NULL);
        CU_ASSERT_EQUAL(chmod(place.file, modes[i]), 0);
        write_text(place.file, TRUE, "new");
        check_content(place.file, "new");
        CHECK_NUMBER(mode_of(place.file), modes[i]);
    }
    check_names(&place, "file ");
    place_clear(&place);
}

static void
new_file_hides_what_stood_there_hid(void)
{
    Place place = place_new();
    static const struct {
        mode_t old;
        mode_t expected;
    } cases[] = {{0600, 0600}, {0640, 0640}, {0644, 0644},
                 {0666, 0644}, {0777, 0644}, {04755, 0644}};
    mode_t old = umask(022);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_file_set_contents(place.file, "old", 3, NULL);
        CU_ASSERT_EQUAL(chmod(place.file, cases[i].old), 0);
        write_text(place.file, FALSE, "new");
        CHECK_NUMBER(mode_of(place.file), cases[i].expected);
    }
    umask(old);
    place_clear(&place);
}

/* Every file that the content comes from hides what it hides, and a pipe nothing. */
static void
secrets_stay_secret(void)
{
    Place place = place_new();
    GError *error = NULL;
    static const mode_t modes[] = {0644, 0640, 0604, 0400};
    static const mode_t expected[] = {0644, 0640, 0600, 0600};
    mode_t old = umask(022);
    g_autofree char *like = g_build_filename(place.folder, "like", NULL);
    g_autofree char *pipe = g_build_filename(place.folder, "pipe", NULL);
    CU_ASSERT_EQUAL(mkfifo(pipe, 0600), 0);
    g_file_set_contents(like, "", 0, NULL);
    HcOutput *output = hc_output_open(place.file, NULL, &error);
    CU_ASSERT_TRUE(hc_output_hide_like(output, pipe, &error));
    for (gsize i = 0; i < G_N_ELEMENTS(modes); i++) {
        int fd;
        const char *path;
        CU_ASSERT_EQUAL(chmod(like, modes[i]), 0);
        CU_ASSERT_TRUE(hc_output_hide_like(output, like, &error));
        CU_ASSERT_TRUE(hc_output_sync(output, &fd, &path, &error));
        CHECK_NUMBER(mode_of(path), expected[i]);
    }
    CHECK_NO_ERROR(error);
    CU_ASSERT_FALSE(hc_output_hide_like(output, "/nowhere", &error));
    CHECK_ERROR(error, HC_ERROR_IO, "/nowhere: cannot look at its mode: No such file or directory");
    hc_output_free(output);
    umask(old);
    place_clear(&place);
}

/* What a file gives to its group is not for another group; owner and set-id bits of what stood
 * there mean nothing for a new file. Only root can make such files. */
static void
files_of_others(void)
{
    enum {
        SOMEBODY = 12345
    };
    if (geteuid() != 0) {
        cu_unproven("not root", "targets of others");
        return;
    }
    Place place = place_new();
    GError *error = NULL;
    struct stat status;
    mode_t old = umask(022);
    g_autofree char *like = g_build_filename(place.folder, "like", NULL);
    g_file_set_contents(like, "", 0, NULL);
    CU_ASSERT_EQUAL(chown(like, SOMEBODY, SOMEBODY), 0);
    CU_ASSERT_EQUAL(chmod(like, 0640), 0);
    HcOutput *output = hc_output_open(place.file, NULL, &error);
    CU_ASSERT_TRUE(hc_output_hide_like(output, like, &error));
    CU_ASSERT_TRUE(hc_output_commit(output, &error));
    hc_output_free(output);
    CHECK_NUMBER(mode_of(place.file), 0600);

    /* One that waits for us to write a secret into it. */
    CU_ASSERT_EQUAL(chmod(like, 04666), 0);
    write_text(like, FALSE, "new");
    CU_ASSERT_EQUAL(stat(like, &status), 0);
    CHECK_NUMBER(status.st_uid, 0);
    CHECK_NUMBER(status.st_gid, getegid());
    CHECK_NUMBER(status.st_mode & 07777, 0644);
    /* The group of one of ours stays. */
    CU_ASSERT_EQUAL(chown(like, 0, SOMEBODY), 0);
    CU_ASSERT_EQUAL(chmod(like, 0640), 0);
    write_text(like, FALSE, "new");
    CU_ASSERT_EQUAL(stat(like, &status), 0);
    CHECK_NUMBER(status.st_gid, SOMEBODY);
    CHECK_NUMBER(status.st_mode & 07777, 0640);
    umask(old);
    place_clear(&place);
}

/* Only root may give files away, so only root can see whether the owner is kept. */
static void
owner_is_kept(void)
{
    enum {
        SOMEBODY = 12345
    };
    if (geteuid() != 0) {
        cu_unproven("not root", "owners of targets");
        return;
    }
    Place place = place_new();
    write_text(place.file, FALSE, "old");
    CU_ASSERT_EQUAL(chown(place.file, SOMEBODY, SOMEBODY + 1), 0);
    write_text(place.file, TRUE, "new");
    struct stat status;
    CU_ASSERT_EQUAL(stat(place.file, &status), 0);
    CHECK_NUMBER(status.st_uid, SOMEBODY);
    CHECK_NUMBER(status.st_gid, SOMEBODY + 1);
    place_clear(&place);
}

static void
nothing_shows_before_commit(void)
{
    Place place = place_new();
    write_text(place.file, FALSE, "old");
    GError *error = NULL;
    HcOutput *output = hc_output_open(place.file, NULL, &error);
    CHECK_NO_ERROR(error);
    CU_ASSERT_TRUE(hc_output_write(output, "new", 3, &error));
    check_content(place.file, "old");
    hc_output_free(output);
    check_content(place.file, "old");
    check_names(&place, "file ");
    hc_output_free(NULL);
    place_clear(&place);
}

/* Sizes around the buffer's. */
static void
pieces_of_any_size(void)
{
    static const gsize sizes[] = {0, 1, 1000, 262144, 262143, 262145, 3, 1000000, 0, 5};
    Place place = place_new();
    g_autoptr(GByteArray) expected = g_byte_array_new();
    GError *error = NULL;
    g_autoptr(HcOutput) output = hc_output_open(place.file, NULL, &error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(output);
    for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++) {
        g_autofree guint8 *piece = g_malloc(sizes[i] + 1);
        for (gsize k = 0; k < sizes[i]; k++)
            piece[k] = (guint8) (k * 7 + i);
        g_byte_array_append(expected, piece, (guint) sizes[i]);
        CU_ASSERT_TRUE(hc_output_write(output, piece, sizes[i], &error));
    }
    CU_ASSERT_TRUE(hc_output_commit(output, &error));
    CHECK_NO_ERROR(error);
    g_autofree char *content = NULL;
    gsize n_bytes = 0;
    CU_ASSERT_TRUE(g_file_get_contents(place.file, &content, &n_bytes, NULL));
    CHECK_BYTES(content, n_bytes, expected->data, expected->len);
    place_clear(&place);
}

static gboolean
is_link(const char *file)
{
    struct stat status;
    return lstat(file, &status) == 0 && S_ISLNK(status.st_mode);
}

static void
links_are_followed(void)
{
    Place place = place_new();
    g_autofree char *link = g_build_filename(place.folder, "link", NULL);
    g_autofree char *second = g_build_filename(place.folder, "second", NULL);
    g_autofree char *below = g_build_filename(place.folder, "below", NULL);
    g_autofree char *target = g_build_filename(below, "target", NULL);
    CU_ASSERT_EQUAL(mkdir(below, 0755), 0);
    CU_ASSERT_EQUAL(symlink("below/target", link), 0);
    CU_ASSERT_EQUAL(symlink(link, second), 0);
    write_text(second, FALSE, "through a dangling link");
    check_content(target, "through a dangling link");
    write_text(link, TRUE, "replaced");
    check_content(target, "replaced");
    CU_ASSERT_TRUE(is_link(link));
    CU_ASSERT_TRUE(is_link(second));
    CU_ASSERT_FALSE(is_link(target));
    check_names(&place, "below link second ");
    place_clear(&place);
}

static void
loop_of_links(void)
{
    Place place = place_new();
    CU_ASSERT_EQUAL(symlink("file", place.file), 0);
    refuses(place.file, FALSE, "cannot create: Too many levels of symbolic links");
    check_names(&place, "file ");
    place_clear(&place);
}

static void
only_regular_files_are_replaced(void)
{
    Place place = place_new();
    refuses("/dev/null", FALSE, "is not a regular file");
    refuses("/dev/null", TRUE, "is not a regular file");
    refuses(place.folder, FALSE, "is a directory");
    g_autofree char *with_slash = g_strconcat(place.folder, "/new/", NULL);
    refuses(with_slash, FALSE, "is a directory");
    CU_ASSERT_EQUAL(mkfifo(place.file, 0600), 0);
    refuses(place.file, TRUE, "is not a regular file");
    g_autofree char *link = g_build_filename(place.folder, "link", NULL);
    CU_ASSERT_EQUAL(symlink("/dev/null", link), 0);
    refuses(link, FALSE, "is not a regular file");
    check_names(&place, "file link ");
    refuses("", FALSE, "cannot create: No such file or directory");
    place_clear(&place);
}

static void
socket_is_not_replaced(void)
{
    Place place = place_new();
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    CU_ASSERT_TRUE_FATAL(strlen(place.file) < sizeof(address.sun_path));
    memcpy(address.sun_path, place.file, strlen(place.file));
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CU_ASSERT_EQUAL(bind(fd, (const struct sockaddr *) &address, sizeof(address)), 0);
    refuses(place.file, FALSE, "is not a regular file");
    close(fd);
    place_clear(&place);
}

static void
no_folder(void)
{
    Place place = place_new();
    g_autofree char *missing = g_build_filename(place.folder, "missing", "file", NULL);
    refuses(missing, FALSE, "cannot create: No such file or directory");
    write_text(place.file, FALSE, "text");
    g_autofree char *below = g_build_filename(place.file, "below", NULL);
    refuses(below, FALSE, "cannot create: Not a directory");
    check_names(&place, "file ");
    place_clear(&place);
}

static void
long_name(void)
{
    Place place = place_new();
    char name[256];
    memset(name, 'n', 255);
    name[255] = '\0';
    g_autofree char *file = g_build_filename(place.folder, name, NULL);
    write_text(file, FALSE, "text");
    check_content(file, "text");
    place_clear(&place);
}

/* Permissions do not apply to root: the child gives them up. Returns what waitpid() does. */
static int
run_in_child(void (*run)(const Place *), const Place *place, gboolean as_user)
{
    pid_t pid = fork();
    if (pid == 0) {
        enum {
            NOBODY = 65534
        };
        unsigned int n_before = CU_get_number_of_failures();
        if (as_user && geteuid() == 0 && (setgid(NOBODY) != 0 || setuid(NOBODY) != 0))
            cu_child_exit(2);
        run(place);
        cu_child_exit(CU_get_number_of_failures() == n_before ? 0 : 1);
    }
    int status = -1;
    CHECK_NUMBER(waitpid(pid, &status, 0), pid);
    return status;
}

static void
in_child_no_permission(const Place *place)
{
    g_autofree char *locked = g_build_filename(place->folder, "locked", "file", NULL);
    refuses(locked, FALSE, "cannot create: Permission denied");
    refuses(place->file, TRUE, "cannot write: Permission denied");
}

static void
no_permission(void)
{
    Place place = place_new();
    g_autofree char *locked = g_build_filename(place.folder, "locked", NULL);
    CU_ASSERT_EQUAL(mkdir(locked, 0555), 0);
    g_file_set_contents(place.file, "old", 3, NULL);
    CU_ASSERT_EQUAL(chmod(place.file, 0444), 0);
    CU_ASSERT_EQUAL(chmod(place.folder, 0777), 0);
    CHECK_NUMBER(run_in_child(in_child_no_permission, &place, TRUE), 0);
    check_content(place.file, "old");
    check_names(&place, "file locked ");
    place_clear(&place);
}

/* What `ulimit -f` does: writing past the limit fails with EFBIG instead of SIGXFSZ. */
static void
in_child_disk_full(const Place *place)
{
    enum {
        LIMIT = 100000
    };
    const struct rlimit limit = {LIMIT, LIMIT};
    CU_ASSERT_EQUAL(setrlimit(RLIMIT_FSIZE, &limit), 0);
    g_autofree char *bytes = g_malloc0(3 * LIMIT);
    GError *error = NULL;
    CU_ASSERT_FALSE(write_bytes(place->file, TRUE, bytes, 3 * LIMIT, &error));
    g_autofree char *message = g_strdup_printf("%s: cannot write: File too large", place->file);
    CHECK_ERROR(error, HC_ERROR_IO, message);

    /* Fits into the buffer, so that only commit can see it. */
    g_autoptr(HcOutput) output = hc_output_open(place->file, NULL, &error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(output);
    CU_ASSERT_TRUE(hc_output_write(output, bytes, LIMIT + 1, &error));
    CU_ASSERT_FALSE(hc_output_commit(output, &error));
    CHECK_ERROR(error, HC_ERROR_IO, message);
}

static void
disk_full(void)
{
    Place place = place_new();
    write_text(place.file, FALSE, "old");
    CHECK_NUMBER(run_in_child(in_child_disk_full, &place, FALSE), 0);
    check_content(place.file, "old");
    check_names(&place, "file ");
    place_clear(&place);
}

/* The child opens two outputs and is ended by @signal_number; the outputs' files must be gone. */
static void
check_signal(int signal_number, gboolean is_ignored)
{
    Place place = place_new();
    write_text(place.file, FALSE, "old");
    g_autofree char *second = g_build_filename(place.folder, "second", NULL);
    pid_t pid = fork();
    if (pid == 0) {
        HcOutput *a = hc_output_open(place.file, NULL, NULL);
        HcOutput *b = hc_output_open(second, NULL, NULL);
        if (a == NULL || b == NULL || !hc_output_write(a, "new", 3, NULL))
            cu_child_exit(2);
        if (is_ignored)
            signal(signal_number, SIG_IGN);
        raise(signal_number);
        hc_output_free(a);
        hc_output_free(b);
        cu_child_exit(3);
    }
    int status = 0;
    CHECK_NUMBER(waitpid(pid, &status, 0), pid);
    if (is_ignored) {
        CU_ASSERT_TRUE(WIFEXITED(status));
        CHECK_NUMBER(WEXITSTATUS(status), 3);
    } else {
        CU_ASSERT_TRUE(WIFSIGNALED(status));
        CHECK_NUMBER(WTERMSIG(status), signal_number);
    }
    check_content(place.file, "old");
    check_names(&place, "file ");
    place_clear(&place);
}

static void
signals_remove_the_temporary_file(void)
{
    check_signal(SIGINT, FALSE);
    check_signal(SIGTERM, FALSE);
    check_signal(SIGHUP, FALSE);
    check_signal(SIGHUP, TRUE);
    check_signal(SIGQUIT, FALSE);
    check_signal(SIGALRM, FALSE);
    check_signal(SIGUSR1, FALSE);
    check_signal(SIGUSR2, FALSE);
    check_signal(SIGXCPU, FALSE);
}

const char cu_suite[] = "output";
const CuCase cu_cases[] = {
    {"a new file has the umask's mode", new_file_has_the_umask_mode},
    {"a file replaced in place keeps its mode", existing_file_keeps_its_mode},
    {"a new file hides what stood there hid", new_file_hides_what_stood_there_hid},
    {"secrets stay secret", secrets_stay_secret},
    {"files of others", files_of_others},
    {"the owner is kept", owner_is_kept},
    {"nothing shows before commit", nothing_shows_before_commit},
    {"pieces of any size", pieces_of_any_size},
    {"links are followed", links_are_followed},
    {"a loop of links", loop_of_links},
    {"only regular files are replaced", only_regular_files_are_replaced},
    {"a socket is not replaced", socket_is_not_replaced},
    {"no folder", no_folder},
    {"a long name", long_name},
    {"no permission", no_permission},
    {"disk full", disk_full},
    {"signals remove the temporary file", signals_remove_the_temporary_file},
    {NULL, NULL},
};
