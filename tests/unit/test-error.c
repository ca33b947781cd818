#include "config.h"

#include <errno.h>

#include "hivecore/base/error.h"
#include "tests/unit/cu.h"

static int
status_of(GQuark domain, int code)
{
    g_autoptr(GError) error = g_error_new_literal(domain, code, "text");
    return (int) hc_error_exit_status(error);
}

/* The numbers of the EXIT STATUS section of the man pages, not the enum's names. */
static void
every_code_has_its_status(void)
{
    CHECK_NUMBER(status_of(HC_ERROR, HC_ERROR_NOT_FOUND), 1);
    CHECK_NUMBER(status_of(HC_ERROR, HC_ERROR_USAGE), 2);
    CHECK_NUMBER(status_of(HC_ERROR, HC_ERROR_MALFORMED), 3);
    CHECK_NUMBER(status_of(HC_ERROR, HC_ERROR_UNSUPPORTED), 4);
    CHECK_NUMBER(status_of(HC_ERROR, HC_ERROR_LIMIT), 4);
    CHECK_NUMBER(status_of(HC_ERROR, HC_ERROR_IO), 5);
    CHECK_NUMBER(status_of(HC_ERROR, HC_ERROR_CONFLICT), 6);
    CHECK_NUMBER(status_of(HC_ERROR, HC_ERROR_INTERNAL), 70);
}

static void
foreign_domains_have_a_status(void)
{
    CHECK_NUMBER(status_of(G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE), 2);
    CHECK_NUMBER(status_of(G_FILE_ERROR, G_FILE_ERROR_NOENT), 5);
}

static void
what_is_unknown_is_a_bug(void)
{
    CHECK_NUMBER(status_of(g_quark_from_static_string("no-such-domain"), 0), 70);
    CHECK_NUMBER(status_of(HC_ERROR, 1000), 70);
    CHECK_NUMBER(status_of(HC_ERROR, -1), 70);
}

static void
io_error_is_one_line(void)
{
    GError *error = NULL;
    hc_set_io_error(&error, "some.hive", "cannot open", ENOENT);
    CHECK_ERROR(error, HC_ERROR_IO, "some.hive: cannot open: No such file or directory");
    hc_set_io_error(NULL, "some.hive", "cannot open", ENOENT);
}

static void
text_without_its_subject(void)
{
    g_autoptr(GError) error = NULL;
    hc_set_io_error(&error, "some.hive", "cannot open", ENOENT);
    CU_ASSERT_STRING_EQUAL(hc_error_text(error, "some.hive"),
                           "cannot open: No such file or directory");
    CU_ASSERT_STRING_EQUAL(hc_error_text(error, "some"), error->message);
    CU_ASSERT_STRING_EQUAL(hc_error_text(error, "other.hive"), error->message);
}

const char cu_suite[] = "error";
const CuCase cu_cases[] = {
    {"every code has its status", every_code_has_its_status},
    {"foreign domains have a status", foreign_domains_have_a_status},
    {"what is unknown is a bug", what_is_unknown_is_a_bug},
    {"an I/O error is one line", io_error_is_one_line},
    {"text without its subject", text_without_its_subject},
    {NULL, NULL},
};
