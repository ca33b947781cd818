#include "config.h"

#include "hivecore/base/error.h"

#include <string.h>

#include "hivecore/base/findings.h"

/* What an error of our domain carries beside its message. */
typedef struct {
    HcFindings *findings; /* (nullable) */
} HcErrorPrivate;

static void
hc_error_private_init(HcErrorPrivate *detail)
{
    if (detail != NULL)
        detail->findings = NULL;
}

static void
hc_error_private_copy(const HcErrorPrivate *from, HcErrorPrivate *to)
{
    to->findings = from->findings != NULL ? hc_findings_ref(from->findings) : NULL;
}

static void
hc_error_private_clear(HcErrorPrivate *detail)
{
    if (detail != NULL)
        hc_findings_unref(detail->findings);
}

/* The macro's code for finding what stands before the GError. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wcast-qual"
#pragma GCC diagnostic ignored "-Wcast-align"
#pragma GCC diagnostic ignored "-Wnull-dereference"
G_DEFINE_EXTENDED_ERROR(HcError, hc_error)
#pragma GCC diagnostic pop

static HcExit
code_status(HcErrorCode code)
{
    switch (code) {
    case HC_ERROR_USAGE:
        return HC_EXIT_USAGE;
    case HC_ERROR_MALFORMED:
        return HC_EXIT_MALFORMED;
    case HC_ERROR_UNSUPPORTED:
    case HC_ERROR_LIMIT:
        return HC_EXIT_UNSUPPORTED;
    case HC_ERROR_NOT_FOUND:
        return HC_EXIT_NO;
    case HC_ERROR_IO:
        return HC_EXIT_IO;
    case HC_ERROR_CONFLICT:
        return HC_EXIT_CONFLICT;
    case HC_ERROR_INTERNAL:
        return HC_EXIT_BUG;
    }
    return HC_EXIT_BUG;
}

HcExit
hc_error_exit_status(const GError *error)
{
    if (error->domain == HC_ERROR)
        return code_status((HcErrorCode) error->code);
    if (error->domain == G_OPTION_ERROR)
        return HC_EXIT_USAGE;
    if (error->domain == G_FILE_ERROR)
        return HC_EXIT_IO;
    return HC_EXIT_BUG;
}

void
hc_set_error(GError **error, HcErrorCode code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_propagate_error(error, g_error_new_valist(HC_ERROR, (gint) code, format, args));
    va_end(args);
}

void
hc_set_io_error(GError **error, const char *file, const char *action, int saved_errno)
{
    /* What a script's empty variable makes of a command line is seen. */
    hc_set_error(error, HC_ERROR_IO, "%s: %s: %s", file[0] != '\0' ? file : "''", action,
                 g_strerror(saved_errno));
}

void
hc_set_findings_error(GError **error, HcErrorCode code, const char *text, HcFindings *findings)
{
    GError *made = g_error_new_literal(HC_ERROR, (gint) code, text);
    HcErrorPrivate *detail = hc_error_get_private(made);
    if (detail != NULL)
        detail->findings = hc_findings_ref(findings);
    g_propagate_error(error, made);
}

const HcFindings *
hc_error_findings(const GError *error)
{
    const HcErrorPrivate *detail = error->domain == HC_ERROR ? hc_error_get_private(error) : NULL;
    return detail != NULL ? detail->findings : NULL;
}

const char *
hc_error_text(const GError *error, const char *subject)
{
    const gsize n = strlen(subject);
    const char *message = error->message;
    return strncmp(message, subject, n) == 0 && strncmp(message + n, ": ", 2) == 0 ? message + n + 2
                                                                                   : message;
}
