#include "config.h"

#include "tests/unit/cu.h"

#include <ftw.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <CUnit/Basic.h>

/* A status that no test uses otherwise: the suite could not be run at all. */
enum {
    EXIT_CANNOT_START = 99
};

static void
assert_at(const char *file, int line, gboolean is_true)
{
    CU_assertImplementation(is_true, (unsigned int) line, "compared values", file, "", CU_FALSE);
}

void
cu_check_string(const char *file, int line, const char *actual, const char *expected)
{
    gboolean is_same = g_strcmp0(actual, expected) == 0;
    if (!is_same)
        fprintf(stderr, "%s:%d: got \"%s\", expected \"%s\"\n", file, line,
                actual != NULL ? actual : "(null)", expected != NULL ? expected : "(null)");
    assert_at(file, line, is_same);
}

void
cu_check_number(const char *file, int line, gint64 actual, gint64 expected)
{
    if (actual != expected)
        fprintf(stderr,
                "%s:%d: got %" PRId64 " (0x%" PRIx64 "), expected %" PRId64 " (0x%" PRIx64 ")\n",
                file, line, actual, (guint64) actual, expected, (guint64) expected);
    assert_at(file, line, actual == expected);
}

static void
print_bytes(const char *label, const void *bytes, gsize n_bytes)
{
    enum {
        MAX_SHOWN = 64
    };
    fprintf(stderr, "  %s, %zu bytes:", label, n_bytes);
    for (gsize i = 0; i < MIN(n_bytes, MAX_SHOWN); i++)
        fprintf(stderr, " %02x", ((const guint8 *) bytes)[i]);
    fputc('\n', stderr);
}

void
cu_check_bytes(const char *file, int line, const void *actual, gsize n_actual, const void *expected,
               gsize n_expected)
{
    gboolean is_same =
        n_actual == n_expected && (n_actual == 0 || memcmp(actual, expected, n_actual) == 0);
    if (!is_same) {
        fprintf(stderr, "%s:%d: bytes differ\n", file, line);
        print_bytes("got", actual, n_actual);
        print_bytes("expected", expected, n_expected);
    }
    assert_at(file, line, is_same);
}

void
cu_check_error(const char *file, int line, GError **error, HcErrorCode code, const char *message)
{
    if (*error == NULL) {
        fprintf(stderr, "%s:%d: no error, expected \"%s\"\n", file, line, message);
        assert_at(file, line, FALSE);
        return;
    }
    if (!g_error_matches(*error, HC_ERROR, (int) code)) {
        fprintf(stderr, "%s:%d: error %s %d, expected code %d: %s\n", file, line,
                g_quark_to_string((*error)->domain), (*error)->code, (int) code, (*error)->message);
        assert_at(file, line, FALSE);
    }
    cu_check_string(file, line, (*error)->message, message);
    g_clear_error(error);
}

void
cu_check_no_error(const char *file, int line, GError **error)
{
    if (*error != NULL)
        fprintf(stderr, "%s:%d: error: %s\n", file, line, (*error)->message);
    assert_at(file, line, *error == NULL);
    g_clear_error(error);
}

void
cu_unproven(const char *cause, const char *what)
{
    g_print("\nnot proven: %s\t%s\n", cause, what);
}

char *
cu_temp_dir(void)
{
    GError *error = NULL;
    char *path = g_dir_make_tmp("hivetool-unit.XXXXXX", &error);
    if (path == NULL)
        g_error("%s", error->message);
    return path;
}

static int
remove_one(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void) status; /* the signature is nftw()'s */
    (void) kind;
    (void) place;
    return remove(path);
}

void
cu_remove_tree(const char *path)
{
    enum {
        MAX_OPEN = 16
    };
    if (nftw(path, remove_one, MAX_OPEN, FTW_DEPTH | FTW_PHYS) != 0)
        fprintf(stderr, "%s: cannot remove\n", path);
}

void
cu_child_exit(int status)
{
    char script[32];
    g_snprintf(script, sizeof(script), "exit %d", status);
    execl("/bin/sh", "sh", "-c", script, (char *) NULL);
    _exit(EXIT_CANNOT_START);
}

static gboolean
add_cases(void)
{
    CU_pSuite suite = CU_add_suite(cu_suite, NULL, NULL);
    if (suite == NULL)
        return FALSE;
    for (const CuCase *test = cu_cases; test->name != NULL; test++)
        if (CU_add_test(suite, test->name, test->run) == NULL)
            return FALSE;
    return TRUE;
}

/* CU_basic_run_tests() returns success also when assertions fail, so the counts decide. */
int
main(void)
{
    /* nohup, or a shell's &, let programs inherit ignored signals, which are then left ignored. */
    static const int signals[] = {SIGHUP,  SIGINT,  SIGQUIT, SIGTERM, SIGPIPE,
                                  SIGALRM, SIGUSR1, SIGUSR2, SIGXCPU, SIGXFSZ};
    for (gsize i = 0; i < G_N_ELEMENTS(signals); i++)
        signal(signals[i], SIG_DFL);
    if (CU_initialize_registry() != CUE_SUCCESS || !add_cases()) {
        fprintf(stderr, "%s: CUnit cannot start: %s\n", cu_suite, CU_get_error_msg());
        return EXIT_CANNOT_START;
    }
    CU_basic_set_mode(CU_BRM_VERBOSE);
    if (CU_basic_run_tests() != CUE_SUCCESS) {
        fprintf(stderr, "%s: CUnit cannot run: %s\n", cu_suite, CU_get_error_msg());
        return EXIT_CANNOT_START;
    }
    unsigned int n_run = CU_get_number_of_tests_run();
    unsigned int n_failures = CU_get_number_of_failures();
    CU_cleanup_registry();
    if (n_run == 0)
        fprintf(stderr, "%s: no test ran\n", cu_suite);
    return n_run > 0 && n_failures == 0 ? 0 : 1;
}
