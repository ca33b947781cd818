#pragma once

#include <CUnit/CUnit.h>
#include <glib.h>

#include "hivecore/base/error.h"

/*
 * Each unit program is one suite: test-X.c defines cu_suite and cu_cases, cu-main.c runs them.
 * Expected values come from a specification or another program, never from our own output.
 */

typedef struct {
    const char *name;
    void (*run)(void);
} CuCase;

extern const char cu_suite[];

/** cu_cases: ends with {NULL, NULL}. */
extern const CuCase cu_cases[];

/*
 * These compare and, when they differ, print both: CUnit's own assertions show only their text.
 * What the code gave comes first.
 */
#define CHECK_STRING(actual, expected) cu_check_string(__FILE__, __LINE__, (actual), (expected))
#define CHECK_NUMBER(actual, expected)                                                             \
    cu_check_number(__FILE__, __LINE__, (gint64) (actual), (gint64) (expected))
#define CHECK_BYTES(actual, n_actual, expected, n_expected)                                        \
    cu_check_bytes(__FILE__, __LINE__, (actual), (n_actual), (expected), (n_expected))

/* @error must be of HC_ERROR with this code and exactly this message; frees and clears it. */
#define CHECK_ERROR(error, code, message)                                                          \
    cu_check_error(__FILE__, __LINE__, &(error), (code), (message))

/* @error must be NULL, or its message is printed; frees and clears it. */
#define CHECK_NO_ERROR(error) cu_check_no_error(__FILE__, __LINE__, &(error))

void cu_check_string(const char *file, int line, const char *actual, const char *expected);
void cu_check_number(const char *file, int line, gint64 actual, gint64 expected);
void cu_check_bytes(const char *file, int line, const void *actual, gsize n_actual,
                    const void *expected, gsize n_expected);
void cu_check_error(const char *file, int line, GError **error, HcErrorCode code,
                    const char *message);
void cu_check_no_error(const char *file, int line, GError **error);

/** cu_unproven: tells make check that @what was not looked at, and for want of what. */
void cu_unproven(const char *cause, const char *what);

/** cu_temp_dir: Returns: (transfer full): a new folder; cu_remove_tree() it at the end. */
char *cu_temp_dir(void);

/** cu_remove_tree: removes @path and all below it. */
void cu_remove_tree(const char *path);

/**
 * cu_child_exit:
 * Ends a forked child with @status without a look at its memory: what the child inherited is no
 * leak, but valgrind would say so.
 */
void cu_child_exit(int status) G_GNUC_NORETURN;
