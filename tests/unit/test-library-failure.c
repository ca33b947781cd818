#include "config.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hivecore/cli/cli.h"
#include "hivecore/image/archive-autoptr.h"
#include "hivecore/image/layer-output.h"
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
    g_autoptr(HcLayerOutput) output = hc_layer_output_open(file, HC_COMPRESSION_GZIP, &error);
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

static int
status_of_main(gboolean (*run)(HcCliContext *, int, char **, HcExit *, GError **))
{
    const HcCommand command = {.name = "do", .args = "", .summary = "", .details = "", .run = run};
    const HcCommand *const commands[] = {&command, NULL};
    char program[] = "program";
    char name[] = "do";
    char *argv[] = {program, name, NULL};
    fflush(NULL);
    const pid_t child = fork();
    if (child == 0)
        exit(hc_cli_main("program", "", commands, 2, argv));
    int status = 0;
    CU_ASSERT_EQUAL_FATAL(waitpid(child, &status, 0), child);
    CU_ASSERT_TRUE_FATAL(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void
exit_of_a_library_is_no_answer(void)
{
    CHECK_NUMBER(status_of_main(run_and_leave), HC_EXIT_IO);
    CHECK_NUMBER(status_of_main(run_no), HC_EXIT_NO);
}

const char cu_suite[] = "library-failure";
const CuCase cu_cases[] = {
    {"archive_read_new() gives NULL", no_reader},
    {"archive_write_new() gives NULL", no_writer},
    {"no memory in libarchive is not a malformed layer", no_memory_is_not_malformed},
    {"exit(1) of a library is not the answer no", exit_of_a_library_is_no_answer},
    {NULL, NULL},
};
