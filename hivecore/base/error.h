#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define HC_ERROR (hc_error_quark())
GQuark hc_error_quark(void);

/**
 * HcErrorCode: what the caller can do about a failure.
 *
 * The exit statuses are those of docs/man/hivetool.1.pod, EXIT STATUS. Adding a code: here,
 * error.c, tests/unit/test-error.c and the man pages, in one commit.
 */
typedef enum {
    HC_ERROR_USAGE,       /* the command line is wrong (2) */
    HC_ERROR_MALFORMED,   /* an input breaks its format; the message names the place (3) */
    HC_ERROR_UNSUPPORTED, /* understood, but this program does not do it (4) */
    HC_ERROR_LIMIT,       /* an input is larger than a limit of limits.h (4) */
    HC_ERROR_NOT_FOUND,   /* the key or value asked for is not there (1) */
    HC_ERROR_IO,          /* reading or writing failed (5) */
    HC_ERROR_CONFLICT,    /* the patch does not fit the hive, or patches contradict (6) */
    HC_ERROR_INTERNAL,    /* a proof after writing failed: a bug in this program (70) */
} HcErrorCode;

/** Exit statuses of both programs. */
typedef enum {
    HC_EXIT_OK = 0,
    HC_EXIT_NO = 1,
    HC_EXIT_USAGE = 2,
    HC_EXIT_MALFORMED = 3,
    HC_EXIT_UNSUPPORTED = 4,
    HC_EXIT_IO = 5,
    HC_EXIT_CONFLICT = 6,
    HC_EXIT_BUG = 70,
} HcExit;

/**
 * hc_error_exit_status:
 * @error: any error; G_OPTION_ERROR counts as USAGE and G_FILE_ERROR as IO
 *
 * Returns: the exit status the program ends with; HC_EXIT_BUG for an unknown domain
 */
HcExit hc_error_exit_status(const GError *error);

/** hc_set_error: @format is "<file>: <where>: <what>", as printf() has it. */
void hc_set_error(GError **error, HcErrorCode code, const char *format, ...) G_GNUC_PRINTF(3, 4);

/**
 * hc_set_io_error:
 * @file: name as the user gave it
 * @action: what failed, e.g. "cannot open"
 * @saved_errno: errno right after the failing call
 *
 * Sets HC_ERROR_IO with "file: action: strerror".
 */
void hc_set_io_error(GError **error, const char *file, const char *action, int saved_errno);

/** What is wrong with an input, as data: hivecore/base/findings.h. */
typedef struct HcFindings HcFindings;

/**
 * hc_set_findings_error:
 * An error that ends a command because of @findings, which it carries to whoever prints it.
 * @text: all of them in words
 */
void hc_set_findings_error(GError **error, HcErrorCode code, const char *text,
                           HcFindings *findings);

/** Returns: (transfer none) (nullable): the findings that @error carries. */
const HcFindings *hc_error_findings(const GError *error);

/**
 * hc_error_text:
 * @subject: the name that the caller gave to what the error is about
 *
 * Returns: (transfer none): the message without "@subject: " before it, for where the subject is
 * told beside it
 */
const char *hc_error_text(const GError *error, const char *subject);

/**
 * hc_fail, hc_fail_null, hc_fail_io, hc_fail_io_null, hc_fail_with, hc_fail_with_null:
 * The form in which a function fails:
 *
 *     return hc_fail(error, HC_ERROR_MALFORMED, "%s: no header", file);
 *
 * They set an error, and are FALSE or NULL; hc_fail_with() hands on what another function failed
 * with, as g_propagate_error(). Macros, so that compilers see the value.
 */
#define hc_fail(...)           (hc_set_error(__VA_ARGS__), FALSE)
#define hc_fail_null(...)      (hc_set_error(__VA_ARGS__), NULL)
#define hc_fail_io(...)        (hc_set_io_error(__VA_ARGS__), FALSE)
#define hc_fail_io_null(...)   (hc_set_io_error(__VA_ARGS__), NULL)
#define hc_fail_with(...)      (g_propagate_error(__VA_ARGS__), FALSE)
#define hc_fail_with_null(...) (g_propagate_error(__VA_ARGS__), NULL)

G_END_DECLS
