#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "hivecore/base/limits.h"
#include "hivecore/base/map.h"
#include "tests/unit/cu.h"

enum {
    PAGE = 4096
};

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

static void
put_file(const char *file, const void *bytes, gssize n_bytes)
{
    CU_ASSERT_TRUE_FATAL(g_file_set_contents(file, bytes, n_bytes, NULL));
}

static void
check_message(GError **error, HcErrorCode code, const char *file, const char *what)
{
    g_autofree char *message = g_strdup_printf("%s: %s", file, what);
    cu_check_error(__FILE__, __LINE__, error, code, message);
}

/* A file that was replaced under its name, or written to, is not the one that was read. */
static void
status_of_a_file(void)
{
    Place place = place_new();
    put_file(place.file, "old bytes", 9);
    struct stat status;
    CU_ASSERT_EQUAL(stat(place.file, &status), 0);
    g_autoptr(HcMap) map = hc_map_open(place.file, 100, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(map);
    CU_ASSERT_EQUAL(g_unlink(place.file), 0);
    CU_ASSERT_TRUE(hc_map_status(map)->st_ino == status.st_ino);
    g_autoptr(HcMap) none = hc_map_from_bytes("no file", g_bytes_new_static("x", 1));
    CU_ASSERT_PTR_NULL(hc_map_status(none));
    place_clear(&place);
}

static void
maps_a_file(void)
{
    Place place = place_new();
    put_file(place.file, "some\0bytes", 10);
    GError *error = NULL;
    HcMap *map = hc_map_open(place.file, 10, &error);
    CHECK_NO_ERROR(error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(map);
    CHECK_BYTES(hc_map_data(map), hc_map_size(map), "some\0bytes", 10);
    CHECK_STRING(hc_map_name(map), place.file);
    CHECK_NUMBER(hc_map_fd(map), -1);
    HcMap *again = hc_map_ref(map);
    hc_map_unref(map);
    CHECK_BYTES(hc_map_data(again), hc_map_size(again), "some\0bytes", 10);
    hc_map_unref(again);
    hc_map_unref(NULL);
    place_clear(&place);
}

static void
empty_file_is_an_empty_map(void)
{
    Place place = place_new();
    put_file(place.file, "", 0);
    GError *error = NULL;
    g_autoptr(HcMap) map = hc_map_open(place.file, 0, &error);
    CHECK_NO_ERROR(error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(map);
    CHECK_NUMBER(hc_map_size(map), 0);
    g_autoptr(HcMap) copy = hc_map_snapshot(map, 0, &error);
    CHECK_NO_ERROR(error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(copy);
    CHECK_NUMBER(hc_map_size(copy), 0);
    CU_ASSERT_TRUE(hc_map_fd(copy) >= 0);
    place_clear(&place);
}

static void
map_refuses(const char *file, HcErrorCode code, const char *what)
{
    GError *error = NULL;
    CU_ASSERT_PTR_NULL(hc_map_open(file, 100, &error));
    check_message(&error, code, file, what);
}

static void
only_regular_files_are_mapped(void)
{
    Place place = place_new();
    map_refuses(place.file, HC_ERROR_IO, "cannot open: No such file or directory");
    map_refuses(place.folder, HC_ERROR_IO, "is a directory");
    map_refuses("/dev/null", HC_ERROR_IO, "is not a regular file");
    CU_ASSERT_EQUAL_FATAL(mkfifo(place.file, 0600), 0);
    map_refuses(place.file, HC_ERROR_IO, "is not a regular file");
    g_autofree char *below = g_build_filename(place.file, "below", NULL);
    map_refuses(below, HC_ERROR_IO, "cannot open: Not a directory");
    place_clear(&place);
}

static void
too_large_is_a_limit(void)
{
    Place place = place_new();
    put_file(place.file, "", 0);
    CU_ASSERT_EQUAL_FATAL(truncate(place.file, 101), 0);
    map_refuses(place.file, HC_ERROR_LIMIT, "larger than the limit of 100 bytes");
    CU_ASSERT_EQUAL_FATAL(truncate(place.file, INT64_C(1) << 40), 0);
    map_refuses(place.file, HC_ERROR_LIMIT, "larger than the limit of 100 bytes");
    place_clear(&place);
}

static void
snapshot_keeps_what_it_saw(void)
{
    Place place = place_new();
    put_file(place.file, "before", 6);
    GError *error = NULL;
    g_autoptr(HcMap) map = hc_map_open(place.file, 100, &error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(map);
    g_autoptr(HcMap) copy = hc_map_snapshot_to_share(map, 5, &error);
    CHECK_NO_ERROR(error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(copy);
    int fd = open(place.file, O_WRONLY);
    CHECK_NUMBER(pwrite(fd, "after!", 6, 0), 6);
    close(fd);
    CHECK_BYTES(hc_map_data(copy), hc_map_size(copy), "befor", 5);
    CHECK_STRING(hc_map_name(copy), place.file);

    /* A library opens it by path. */
    g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", hc_map_fd(copy));
    g_autofree char *content = NULL;
    gsize n_bytes = 0;
    CU_ASSERT_TRUE(g_file_get_contents(path, &content, &n_bytes, NULL));
    CHECK_BYTES(content, n_bytes, "befor", 5);
    place_clear(&place);
}

/* Who has the descriptor cannot write by it; who opens a file again can, which is seen. */
static void
shared_is_for_reading(const HcMap *copy, gboolean is_file)
{
    char first;
    g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", hc_map_fd(copy));
    CHECK_NUMBER(pread(hc_map_fd(copy), &first, 1, 0), 1);
    CHECK_NUMBER(pwrite(hc_map_fd(copy), "!", 1, 0), -1);
    CU_ASSERT_TRUE(hc_map_is_unchanged(copy));
    if (!is_file)
        return;
    const int fd = open(path, O_WRONLY);
    CHECK_NUMBER(pwrite(fd, &first, 1, 0), 1);
    CU_ASSERT_FALSE(hc_map_is_unchanged(copy));
    close(fd);
}

/* Not in memory when it is large, where there is a folder for it, which keeps nothing of it. */
static void
large_snapshot_in(const char *folder)
{
    Place place = place_new();
    const gsize n_bytes = HC_MAX_TEXT_IN_MEMORY + PAGE;
    g_autofree char *bytes = g_malloc(n_bytes);
    for (gsize i = 0; i < n_bytes; i++)
        bytes[i] = (char) (i / PAGE);
    put_file(place.file, bytes, (gssize) n_bytes);
    g_autofree char *temporary = folder != NULL ? g_strdup(folder) : cu_temp_dir();
    g_setenv("TMPDIR", temporary, TRUE);
    GError *error = NULL;
    HcMap *map = hc_map_open(place.file, n_bytes, &error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(map);
    g_autoptr(HcMap) copy = hc_map_snapshot(map, n_bytes, &error);
    CHECK_NO_ERROR(error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(copy);
    CU_ASSERT_EQUAL(hc_map_fd(copy) < 0, folder == NULL);
    g_autoptr(HcMap) again = hc_map_snapshot_to_share(copy, n_bytes, &error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(again);
    shared_is_for_reading(again, folder == NULL);
    hc_map_unref(map);
    CU_ASSERT_EQUAL_FATAL(truncate(place.file, PAGE), 0);
    CHECK_BYTES(hc_map_data(copy), hc_map_size(copy), bytes, n_bytes);
    CHECK_BYTES(hc_map_data(again), hc_map_size(again), bytes, n_bytes);
    if (folder == NULL)
        CU_ASSERT_EQUAL(g_rmdir(temporary), 0);
    g_unsetenv("TMPDIR");
    place_clear(&place);
}

static void
large_snapshot_is_a_file(void)
{
    large_snapshot_in(NULL);
}

static void
large_snapshot_without_a_folder(void)
{
    large_snapshot_in("/dev/null/none");
}

static void
check_cut_short(gsize n_bytes)
{
    Place place = place_new();
    g_autofree char *bytes = g_malloc0(n_bytes);
    put_file(place.file, bytes, (gssize) n_bytes);
    GError *error = NULL;
    g_autoptr(HcMap) map = hc_map_open(place.file, n_bytes, &error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(map);
    g_autoptr(HcMap) mapped =
        hc_map_from_bytes(place.file, g_bytes_new_static(hc_map_data(map), n_bytes));
    CU_ASSERT_EQUAL_FATAL(truncate(place.file, PAGE), 0);
    CU_ASSERT_PTR_NULL(hc_map_snapshot(map, n_bytes, &error));
    check_message(&error, HC_ERROR_IO, place.file, "was cut short while it was read");
    CU_ASSERT_PTR_NULL(hc_map_snapshot(mapped, n_bytes, &error));
    check_message(&error, HC_ERROR_IO, place.file, "was cut short while it was read");
    place_clear(&place);
}

static void
snapshot_of_a_file_cut_short(void)
{
    check_cut_short(4 * PAGE);
    check_cut_short(HC_MAX_TEXT_IN_MEMORY + PAGE);
}

static void
bytes_as_map(void)
{
    GBytes *bytes = g_bytes_new("content", 7);
    g_autoptr(HcMap) map = hc_map_from_bytes("standard input", bytes);
    CHECK_BYTES(hc_map_data(map), hc_map_size(map), "content", 7);
    CHECK_STRING(hc_map_name(map), "standard input");
    CHECK_NUMBER(hc_map_fd(map), -1);
}

static void
check_stream(const char *file, uint64_t max_bytes, const void *expected, gsize n_expected)
{
    GError *error = NULL;
    g_autoptr(GBytes) bytes = hc_read_stream(file, max_bytes, &error);
    CHECK_NO_ERROR(error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
    gsize n_bytes;
    const void *data = g_bytes_get_data(bytes, &n_bytes);
    CHECK_BYTES(data, n_bytes, expected, n_expected);
}

static void
stream_refuses(const char *file, uint64_t max_bytes, HcErrorCode code, const char *what)
{
    GError *error = NULL;
    CU_ASSERT_PTR_NULL(hc_read_stream(file, max_bytes, &error));
    check_message(&error, code, file, what);
}

static void
stream_of_a_file(void)
{
    Place place = place_new();
    put_file(place.file, "text", 4);
    check_stream(place.file, 4, "text", 4);
    stream_refuses(place.file, 3, HC_ERROR_LIMIT, "larger than the limit of 3 bytes");
    put_file(place.file, "", 0);
    check_stream(place.file, 0, "", 0);
    stream_refuses(place.folder, 4, HC_ERROR_IO, "is a directory");
    check_stream("/dev/null", 4, "", 0);
    stream_refuses("/dev/zero", 100000, HC_ERROR_LIMIT, "larger than the limit of 100000 bytes");
    g_autofree char *missing = g_build_filename(place.folder, "missing", NULL);
    stream_refuses(missing, 4, HC_ERROR_IO, "cannot open: No such file or directory");
    place_clear(&place);
}

/* More than what stays in memory: it comes from a file of its own. */
static void
stream_of_a_large_file(void)
{
    enum {
        N_BYTES = HC_MAX_TEXT_IN_MEMORY + 300001
    };
    Place place = place_new();
    g_autofree uint8_t *bytes = g_malloc(N_BYTES);
    for (gsize i = 0; i < N_BYTES; i++)
        bytes[i] = (uint8_t) (i * i >> 7);
    put_file(place.file, bytes, N_BYTES);
    check_stream(place.file, N_BYTES, bytes, N_BYTES);
    stream_refuses(place.file, N_BYTES - 1, HC_ERROR_LIMIT,
                   "larger than the limit of 4494304 bytes");
    place_clear(&place);
}

/* Around the sizes that its memory grows at, and at which a file takes its place. */
static void
stream_of_any_size(void)
{
    static const gsize sizes[] = {65535,   65536,   65537,   262144, 262145,
                                  4194303, 4194304, 4194305, 9000001};
    const gsize most = sizes[G_N_ELEMENTS(sizes) - 1];
    Place place = place_new();
    g_autofree uint8_t *bytes = g_malloc(most);
    for (gsize i = 0; i < most; i++)
        bytes[i] = (uint8_t) (i * i >> 7);
    for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++) {
        put_file(place.file, bytes, sizes[i]);
        check_stream(place.file, sizes[i], bytes, sizes[i]);
    }
    place_clear(&place);
}

static void
stream_of_a_fifo_without_writer(void)
{
    Place place = place_new();
    CU_ASSERT_EQUAL_FATAL(mkfifo(place.file, 0600), 0);
    check_stream(place.file, 100, "", 0);
    place_clear(&place);
}

/* In a child: writes @text to @fd in pieces with pauses, so that the reader has to wait. */
static pid_t
start_writer(int fd, int other_fd, const char *text)
{
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    close(other_fd);
    for (const char *p = text; *p != '\0'; p++) {
        g_usleep(20000);
        if (write(fd, p, 1) != 1)
            cu_child_exit(1);
    }
    cu_child_exit(0);
}

/* /dev/fd/N is what <(command) of a shell gives. */
static void
stream_of_a_slow_pipe(void)
{
    int ends[2];
    CU_ASSERT_EQUAL_FATAL(pipe(ends), 0);
    pid_t pid = start_writer(ends[1], ends[0], "slow");
    close(ends[1]);
    g_autofree char *path = g_strdup_printf("/dev/fd/%d", ends[0]);
    check_stream(path, 4, "slow", 4);
    close(ends[0]);
    int status;
    CHECK_NUMBER(waitpid(pid, &status, 0), pid);
    CHECK_NUMBER(status, 0);
}

static void
stream_of_standard_input(void)
{
    int ends[2];
    CU_ASSERT_EQUAL_FATAL(pipe2(ends, O_NONBLOCK), 0);
    pid_t pid = start_writer(ends[1], ends[0], "typed");
    close(ends[1]);
    int saved = dup(STDIN_FILENO);
    close(STDIN_FILENO);
    GError *error = NULL;
    CU_ASSERT_PTR_NULL(hc_read_stream("-", 5, &error));
    CHECK_ERROR(error, HC_ERROR_IO, "standard input: cannot read: Bad file descriptor");
    CHECK_NUMBER(open("/", O_RDONLY), STDIN_FILENO);
    CU_ASSERT_PTR_NULL(hc_read_stream("-", 5, &error));
    CHECK_ERROR(error, HC_ERROR_IO, "standard input: is a directory");
    dup2(ends[0], STDIN_FILENO);
    check_stream("-", 5, "typed", 5);
    CU_ASSERT_TRUE(fcntl(STDIN_FILENO, F_GETFD) >= 0);
    CU_ASSERT_PTR_NULL(hc_read_stream("-", 5, &error));
    CHECK_ERROR(error, HC_ERROR_USAGE, "standard input can be only one of the operands");

    dup2(saved, STDIN_FILENO);
    close(saved);
    close(ends[0]);
    CHECK_NUMBER(waitpid(pid, NULL, 0), pid);
}

static void
no_descriptor_is_left_open(void)
{
    Place place = place_new();
    put_file(place.file, "text", 4);
    int before = dup(STDIN_FILENO);
    close(before);
    GError *error = NULL;
    for (int i = 0; i < 3; i++) {
        HcMap *map = hc_map_open(place.file, 100, NULL);
        hc_map_unref(hc_map_snapshot(map, 4, NULL));
        hc_map_unref(map);
        CU_ASSERT_PTR_NULL(hc_map_open(place.folder, 100, &error));
        g_clear_error(&error);
        CU_ASSERT_PTR_NULL(hc_map_open(place.file, 3, &error));
        g_clear_error(&error);
        g_bytes_unref(hc_read_stream(place.file, 100, NULL));
    }
    int after = dup(STDIN_FILENO);
    close(after);
    CHECK_NUMBER(after, before);
    place_clear(&place);
}

const char cu_suite[] = "map";
const CuCase cu_cases[] = {
    {"status of a file", status_of_a_file},
    {"maps a file", maps_a_file},
    {"an empty file is an empty map", empty_file_is_an_empty_map},
    {"only regular files are mapped", only_regular_files_are_mapped},
    {"too large is a limit", too_large_is_a_limit},
    {"a snapshot keeps what it saw", snapshot_keeps_what_it_saw},
    {"a large snapshot is a file", large_snapshot_is_a_file},
    {"a large snapshot without a folder", large_snapshot_without_a_folder},
    {"a snapshot of a file cut short", snapshot_of_a_file_cut_short},
    {"bytes as a map", bytes_as_map},
    {"stream of a file", stream_of_a_file},
    {"stream of a large file", stream_of_a_large_file},
    {"stream of any size", stream_of_any_size},
    {"stream of a FIFO without a writer", stream_of_a_fifo_without_writer},
    {"stream of a slow pipe", stream_of_a_slow_pipe},
    {"stream of standard input", stream_of_standard_input},
    {"no descriptor is left open", no_descriptor_is_left_open},
    {NULL, NULL},
};
