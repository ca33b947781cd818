#include "config.h"

#include <dlfcn.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hivecore/base/output.h"
#include "hivecore/base/parallel.h"
#include "hivecore/cli/cli.h"
#include "hivecore/image/layer-output.h"
#include "hivecore/image/layer-private.h"
#include "hivecore/image/layer-reader.h"
#include "tests/unit/cu.h"

/*
 * What libraries do when the machine has no more: status 5 with one line, never a crash, never
 * "malformed". These take the place of libarchive's functions of the same names.
 */

static int n_read_news;     /* calls of archive_read_new() that are still answered */
static gboolean is_starved; /* archive_read_data_block() has no memory */

struct archive *
archive_read_new(void)
{
    struct archive *(*real)(void);
    *(void **) &real = dlsym(RTLD_NEXT, "archive_read_new");
    return n_read_news-- > 0 ? real() : NULL;
}

struct archive *
archive_write_new(void)
{
    return NULL;
}

int
archive_read_data_block(struct archive *archive, const void **bytes, size_t *n_bytes,
                        la_int64_t *offset)
{
    int (*real)(struct archive *, const void **, size_t *, la_int64_t *);
    *(void **) &real = dlsym(RTLD_NEXT, "archive_read_data_block");
    if (!is_starved)
        return real(archive, bytes, n_bytes, offset);
    archive_set_error(archive, ENOMEM, "Can't allocate");
    return ARCHIVE_FATAL;
}

/* A folder with the file "tar": one block that is the header of an entry. */
static char *
make_file(char **file)
{
    char *folder = cu_temp_dir();
    *file = g_build_filename(folder, "tar", NULL);
    g_autofree char *content = g_strnfill(1024, 'x');
    CU_ASSERT_TRUE(g_file_set_contents(*file, content, 1024, NULL));
    return folder;
}

static void
check_reader(int n_answered, gboolean starve, const char *what)
{
    g_autofree char *file = NULL;
    g_autofree char *folder = make_file(&file);
    g_autofree char *message = g_strdup_printf("%s: %s", file, what);
    GError *error = NULL;
    const HcEntry *entry;
    n_read_news = n_answered;
    is_starved = starve;
    g_autoptr(HcLayerReader) reader = hc_layer_reader_open(file, &error);
    CU_ASSERT_EQUAL(reader != NULL, starve && error == NULL);
    if (reader != NULL)
        CU_ASSERT_FALSE(hc_layer_reader_next(reader, &entry, &error));
    CHECK_ERROR(error, HC_ERROR_IO, message);
    is_starved = FALSE;
    cu_remove_tree(folder);
}

static void
no_reader(void)
{
    check_reader(0, FALSE, "not enough memory to decompress it");
    check_reader(1, FALSE, "not enough memory to read it");
}

static void
no_memory_is_not_malformed(void)
{
    check_reader(2, TRUE, "not enough memory to decompress it");
}

static void
no_writer(void)
{
    g_autofree char *folder = cu_temp_dir();
    g_autofree char *file = g_build_filename(folder, "layer.tar.gz", NULL);
    g_autofree char *message = g_strdup_printf("%s: not enough memory to compress it", file);
    GError *error = NULL;
    g_autoptr(HcLayerOutput) output = hc_layer_output_open(file, HC_COMPRESSION_GZIP, 0, &error);
    CU_ASSERT_PTR_NULL(output);
    CHECK_ERROR(error, HC_ERROR_IO, message);
    CU_ASSERT_FALSE(g_file_test(file, G_FILE_TEST_EXISTS));
    cu_remove_tree(folder);
}

/* As libarchive does when it has no memory for a name. */
static gboolean
run_and_leave(HcCliContext *context, int n_args, char **args, HcExit *status, GError **error)
{
    (void) context;
    (void) n_args;
    (void) args;
    (void) status;
    (void) error;
    exit(1);
}

static gboolean
run_no(HcCliContext *context, int n_args, char **args, HcExit *status, GError **error)
{
    (void) context;
    (void) n_args;
    (void) args;
    (void) error;
    *status = HC_EXIT_NO;
    return TRUE;
}

typedef gboolean (*Run)(HcCliContext *, int, char **, HcExit *, GError **);

/* @error_fd: its standard error */
static int
wait_status_of_main(Run run, int error_fd)
{
    const HcCommand command = {.name = "do", .args = "", .summary = "", .details = "", .run = run};
    const HcCommand *const commands[] = {&command, NULL};
    char program[] = "program";
    char name[] = "do";
    char *argv[] = {program, name, NULL};
    fflush(NULL);
    const pid_t child = fork();
    if (child == 0) {
        const struct rlimit no_core = {0};
        (void) setrlimit(RLIMIT_CORE, &no_core);
        (void) dup2(error_fd, STDERR_FILENO);
        exit(hc_cli_main("program", "", commands, 2, argv));
    }
    int status = 0;
    CU_ASSERT_EQUAL_FATAL(waitpid(child, &status, 0), child);
    return status;
}

static int
status_of_main(Run run)
{
    const int status = wait_status_of_main(run, STDERR_FILENO);
    CU_ASSERT_TRUE_FATAL(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void
exit_of_a_library_is_no_answer(void)
{
    CHECK_NUMBER(status_of_main(run_and_leave), HC_EXIT_IO);
    CHECK_NUMBER(status_of_main(run_no), HC_EXIT_NO);
}

/* --- the program is ended while it writes --- */

static const char *ending_file; /* that it writes */
static void (*ending)(void);    /* how it ends */

static gboolean
run_and_end(HcCliContext *context, int n_args, char **args, HcExit *status, GError **error)
{
    (void) context;
    (void) n_args;
    (void) args;
    (void) status;
    g_autoptr(HcOutput) output = hc_output_open(ending_file, NULL, error);
    if (output == NULL || !hc_output_write(output, "new", 3, error))
        return FALSE;
    ending();
    return hc_output_commit(output, error);
}

static guint
count_names(const char *folder)
{
    guint n = 0;
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    while (g_dir_read_name(dir) != NULL)
        n++;
    return n;
}

/* Nothing is left, and @said is the whole standard error. Returns: as of waitpid() */
static int
end_while_writing(void (*how)(void), const char *said)
{
    g_autofree char *folder = cu_temp_dir();
    g_autofree char *file = g_build_filename(folder, "file", NULL);
    g_autofree char *text = NULL;
    gsize n_said = 0;
    int fds[2];
    ending_file = file;
    ending = how;
    CU_ASSERT_EQUAL_FATAL(pipe(fds), 0);
    const int status = wait_status_of_main(run_and_end, fds[1]);
    (void) close(fds[1]);
    g_autoptr(GIOChannel) channel = g_io_channel_unix_new(fds[0]);
    (void) g_io_channel_set_encoding(channel, NULL, NULL);
    CU_ASSERT_EQUAL(g_io_channel_read_to_end(channel, &text, &n_said, NULL), G_IO_STATUS_NORMAL);
    CHECK_STRING(n_said > 0 ? text : "", said);
    CHECK_NUMBER(count_names(folder), 0);
    (void) close(fds[0]);
    cu_remove_tree(folder);
    return status;
}

static void
without_memory(void)
{
    /* As GLib says it; sanitizers would end the program for a real one. */
    g_log("GLib", G_LOG_LEVEL_ERROR, "%s: failed to allocate %u bytes", G_STRLOC, 4096U);
}

static void
without_memory_after_a_file(void)
{
    g_autofree char *other = g_strconcat(ending_file, ".other", NULL);
    (void) hc_output_write_file(other, NULL, "all", 3, NULL);
    (void) unlink(other);
    without_memory();
}

static void
out_of_memory_is_of_the_machine(void)
{
    int status = end_while_writing(without_memory, "program: not enough memory\n");
    CU_ASSERT_TRUE_FATAL(WIFEXITED(status));
    CHECK_NUMBER(WEXITSTATUS(status), HC_EXIT_IO);
    status = end_while_writing(without_memory_after_a_file,
                               "program: not enough memory (after files were written)\n");
    CU_ASSERT_TRUE_FATAL(WIFEXITED(status));
    CHECK_NUMBER(WEXITSTATUS(status), HC_EXIT_IO);
}

static void
by_library(void)
{
    exit(1);
}

static void
exit_of_a_library_leaves_nothing(void)
{
    const int status = end_while_writing(by_library, "");
    CU_ASSERT_TRUE_FATAL(WIFEXITED(status));
    CHECK_NUMBER(WEXITSTATUS(status), HC_EXIT_IO);
}

#ifndef __SANITIZE_ADDRESS__ /* which catches these signals itself */

static int
grow_stack(int n_times)
{
    volatile char page[4096];
    page[0] = (char) n_times;
    return n_times == 0 ? 0 : grow_stack(n_times - 1) + page[0];
}

/* GLib, when it has no memory to say that it has none. */
static void
without_stack(void)
{
    const struct rlimit limit = {.rlim_cur = 256 * 1024, .rlim_max = 256 * 1024};
    (void) setrlimit(RLIMIT_STACK, &limit);
    (void) grow_stack(G_MAXINT);
}

static void
abort_without_memory(void)
{
    errno = ENOMEM;
    abort();
}

static void
use_what_is_not_there(void)
{
    errno = ENOMEM;
    (void) raise(SIGSEGV);
}

static void
read_shortened_file(void)
{
    const int fd = memfd_create("short", MFD_CLOEXEC);
    (void) ftruncate(fd, 4096);
    volatile char *bytes = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
    (void) ftruncate(fd, 0);
    (void) bytes[0];
}

enum {
    N_READERS = 4
};

/* A shortened file, and those who are about to read it. */
typedef struct {
    volatile char *bytes;
    gint n_waiting;
} Shortened;

static void
read_together(G_GNUC_UNUSED gpointer piece, G_GNUC_UNUSED guint thread, gpointer data)
{
    Shortened *file = data;
    g_atomic_int_inc(&file->n_waiting);
    while (g_atomic_int_get(&file->n_waiting) < N_READERS)
        sched_yield();
    (void) file->bytes[0];
}

static void
read_shortened_file_together(void)
{
    Shortened file = {NULL, 0};
    const int fd = memfd_create("short", MFD_CLOEXEC);
    (void) ftruncate(fd, 4096);
    file.bytes = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
    (void) ftruncate(fd, 0);
    hc_parallel_set_threads(N_READERS);
    hc_parallel_each(N_READERS, read_together, &file);
}

static void
say_no_memory(G_GNUC_UNUSED gpointer piece, G_GNUC_UNUSED guint thread, gpointer data)
{
    Shortened *all = data;
    g_atomic_int_inc(&all->n_waiting);
    while (g_atomic_int_get(&all->n_waiting) < N_READERS)
        sched_yield();
    without_memory();
}

static void
without_memory_together(void)
{
    Shortened all = {NULL, 0};
    hc_parallel_set_threads(N_READERS);
    hc_parallel_each(N_READERS, say_no_memory, &all);
}

static void
abort_for_a_bug(void)
{
    errno = 0;
    abort();
}

static void
use_no_address(void)
{
    errno = 0;
    (void) raise(SIGSEGV);
}

static void
what_the_machine_does_is_status_5(void)
{
    static const struct {
        void (*how)(void);
        const char *said;
    } rows[] = {
        {without_stack, "program: not enough memory\n"},
        {abort_without_memory, "program: not enough memory\n"},
        {use_what_is_not_there, "program: not enough memory\n"},
        {read_shortened_file,
         "program: a file became shorter while it was read, or cannot be read from its disk\n"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        const int status = end_while_writing(rows[i].how, rows[i].said);
        CU_ASSERT_TRUE_FATAL(WIFEXITED(status));
        CHECK_NUMBER(WEXITSTATUS(status), HC_EXIT_IO);
    }
}

/* The second of two threads finds the handler that the first is in. */
static void
several_threads_say_one_line(void)
{
    for (guint i = 0; i < 50; i++) {
        int status = end_while_writing(
            read_shortened_file_together,
            "program: a file became shorter while it was read, or cannot be read from its disk\n");
        CU_ASSERT_TRUE_FATAL(WIFEXITED(status));
        CHECK_NUMBER(WEXITSTATUS(status), HC_EXIT_IO);
        status = end_while_writing(without_memory_together, "program: not enough memory\n");
        CU_ASSERT_TRUE_FATAL(WIFEXITED(status));
        CHECK_NUMBER(WEXITSTATUS(status), HC_EXIT_IO);
    }
}

static void
a_bug_ends_by_its_signal(void)
{
    int status = end_while_writing(abort_for_a_bug, "");
    CU_ASSERT_TRUE_FATAL(WIFSIGNALED(status));
    CHECK_NUMBER(WTERMSIG(status), SIGABRT);
    status = end_while_writing(use_no_address, "");
    CU_ASSERT_TRUE_FATAL(WIFSIGNALED(status));
    CHECK_NUMBER(WTERMSIG(status), SIGSEGV);
}

#endif

const char cu_suite[] = "library-failure";
const CuCase cu_cases[] = {
    {"archive_read_new() gives NULL", no_reader},
    {"archive_write_new() gives NULL", no_writer},
    {"no memory in libarchive is not a malformed layer", no_memory_is_not_malformed},
    {"exit(1) of a library is not the answer no", exit_of_a_library_is_no_answer},
    {"exit(1) of a library leaves no temporary file", exit_of_a_library_leaves_nothing},
    {"no memory in GLib is status 5 and one line", out_of_memory_is_of_the_machine},
#ifndef __SANITIZE_ADDRESS__
    {"what the machine does is status 5 and one line", what_the_machine_does_is_status_5},
    {"several threads say one line", several_threads_say_one_line},
    {"a bug ends by its signal and leaves no temporary file", a_bug_ends_by_its_signal},
#endif
    {NULL, NULL},
};
