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

#include "hivecore/base/output.h"
#include "tests/unit/cu.h"
#include "tests/unit/output-place.h"

/* Targets that are links or no files, and what is left where nothing can be written. */

static void
refuses(const char *file, gboolean replace, const char *what)
{
    GError *error = NULL;
    CU_ASSERT_FALSE(output_write_bytes(file, replace, "new", 3, &error));
    g_autofree char *message = g_strdup_printf("%s: %s", *file != '\0' ? file : "''", what);
    CHECK_ERROR(error, HC_ERROR_IO, message);
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
    OutputPlace place = output_place_new();
    g_autofree char *link = g_build_filename(place.folder, "link", NULL);
    g_autofree char *second = g_build_filename(place.folder, "second", NULL);
    g_autofree char *below = g_build_filename(place.folder, "below", NULL);
    g_autofree char *target = g_build_filename(below, "target", NULL);
    CU_ASSERT_EQUAL(mkdir(below, 0755), 0);
    CU_ASSERT_EQUAL(symlink("below/target", link), 0);
    CU_ASSERT_EQUAL(symlink(link, second), 0);
    output_write_text(second, FALSE, "through a dangling link");
    output_check_content(target, "through a dangling link");
    output_write_text(link, TRUE, "replaced");
    output_check_content(target, "replaced");
    CU_ASSERT_TRUE(is_link(link));
    CU_ASSERT_TRUE(is_link(second));
    CU_ASSERT_FALSE(is_link(target));
    output_check_names(&place, "below link second ");
    output_place_clear(&place);
}

/* As what a shell's > opened: other programs write there too. */
static void
open_files_are_kept(void)
{
    OutputPlace place = output_place_new();
    const int fd = open(place.file, O_CREAT | O_WRONLY, 0600);
    CU_ASSERT_TRUE(fd >= 0);
    CU_ASSERT_EQUAL(write(fd, "before", 6), 6);
    g_autofree char *by_number = g_strdup_printf("/proc/self/fd/%d", fd);
    g_autofree char *link = g_build_filename(place.folder, "link", NULL);
    CU_ASSERT_EQUAL(symlink(by_number, link), 0);
    const char *const names[] = {by_number, link};
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        GError *error = NULL;
        CU_ASSERT_FALSE(output_write_bytes(names[i], TRUE, "new", 3, &error));
        g_autofree char *message = g_strdup_printf(
            "%s: what is open already cannot appear whole or not at all, name a file", names[i]);
        CHECK_ERROR(error, HC_ERROR_USAGE, message);
    }
    CU_ASSERT_EQUAL(write(fd, " after", 6), 6);
    CU_ASSERT_EQUAL(close(fd), 0);
    output_check_content(place.file, "before after");
    output_check_names(&place, "file link ");
    output_place_clear(&place);
}

static void
loop_of_links(void)
{
    OutputPlace place = output_place_new();
    CU_ASSERT_EQUAL(symlink("file", place.file), 0);
    refuses(place.file, FALSE, "cannot create: Too many levels of symbolic links");
    output_check_names(&place, "file ");
    output_place_clear(&place);
}

static void
only_regular_files_are_replaced(void)
{
    OutputPlace place = output_place_new();
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
    output_check_names(&place, "file link ");
    refuses("", FALSE, "cannot create: No such file or directory");
    output_place_clear(&place);
}

static void
socket_is_not_replaced(void)
{
    OutputPlace place = output_place_new();
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    CU_ASSERT_TRUE_FATAL(strlen(place.file) < sizeof(address.sun_path));
    memcpy(address.sun_path, place.file, strlen(place.file));
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CU_ASSERT_EQUAL(bind(fd, (const struct sockaddr *) &address, sizeof(address)), 0);
    refuses(place.file, FALSE, "is not a regular file");
    close(fd);
    output_place_clear(&place);
}

static void
no_folder(void)
{
    OutputPlace place = output_place_new();
    g_autofree char *missing = g_build_filename(place.folder, "missing", "file", NULL);
    refuses(missing, FALSE, "cannot create: No such file or directory");
    output_write_text(place.file, FALSE, "text");
    g_autofree char *below = g_build_filename(place.file, "below", NULL);
    refuses(below, FALSE, "cannot create: Not a directory");
    output_check_names(&place, "file ");
    output_place_clear(&place);
}

static void
long_name(void)
{
    OutputPlace place = output_place_new();
    char name[256];
    memset(name, 'n', 255);
    name[255] = '\0';
    g_autofree char *file = g_build_filename(place.folder, name, NULL);
    output_write_text(file, FALSE, "text");
    output_check_content(file, "text");
    output_place_clear(&place);
}

/* Permissions do not apply to root: the child gives them up. Returns what waitpid() does. */
static int
run_in_child(void (*run)(const OutputPlace *), const OutputPlace *place, gboolean as_user)
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
in_child_no_permission(const OutputPlace *place)
{
    g_autofree char *locked = g_build_filename(place->folder, "locked", "file", NULL);
    refuses(locked, FALSE, "cannot create: Permission denied");
    refuses(place->file, TRUE, "cannot write: Permission denied");
}

static void
no_permission(void)
{
    OutputPlace place = output_place_new();
    g_autofree char *locked = g_build_filename(place.folder, "locked", NULL);
    CU_ASSERT_EQUAL(mkdir(locked, 0555), 0);
    g_file_set_contents(place.file, "old", 3, NULL);
    CU_ASSERT_EQUAL(chmod(place.file, 0444), 0);
    CU_ASSERT_EQUAL(chmod(place.folder, 0777), 0);
    CHECK_NUMBER(run_in_child(in_child_no_permission, &place, TRUE), 0);
    output_check_content(place.file, "old");
    output_check_names(&place, "file locked ");
    output_place_clear(&place);
}

/* What `ulimit -f` does: writing past the limit fails with EFBIG instead of SIGXFSZ. */
static void
in_child_disk_full(const OutputPlace *place)
{
    enum {
        LIMIT = 100000
    };
    const struct rlimit limit = {LIMIT, LIMIT};
    CU_ASSERT_EQUAL(setrlimit(RLIMIT_FSIZE, &limit), 0);
    g_autofree char *bytes = g_malloc0(3 * LIMIT);
    GError *error = NULL;
    CU_ASSERT_FALSE(output_write_bytes(place->file, TRUE, bytes, 3 * LIMIT, &error));
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
    OutputPlace place = output_place_new();
    output_write_text(place.file, FALSE, "old");
    CHECK_NUMBER(run_in_child(in_child_disk_full, &place, FALSE), 0);
    output_check_content(place.file, "old");
    output_check_names(&place, "file ");
    output_place_clear(&place);
}

/* The child opens two outputs and is ended by @signal_number; the outputs' files must be gone. */
static void
check_signal(int signal_number, gboolean is_ignored)
{
    OutputPlace place = output_place_new();
    output_write_text(place.file, FALSE, "old");
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
    output_check_content(place.file, "old");
    output_check_names(&place, "file ");
    output_place_clear(&place);
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

const char cu_suite[] = "output-targets";
const CuCase cu_cases[] = {
    {"links are followed", links_are_followed},
    {"what others have open stays", open_files_are_kept},
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
