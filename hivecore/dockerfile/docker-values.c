#include "config.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/dockerfile/dockerfile.h"

/* Nanoseconds in one of Go's units, and its length; 0: none. */
static double
unit_nanoseconds(const char *at, gsize *n_bytes)
{
    static const struct {
        const char *name;
        double nanoseconds;
    } units[] = {{"ns", 1},   {"us", 1e3}, {"\xc2\xb5s", 1e3}, {"\xce\xbcs", 1e3},
                 {"ms", 1e6}, {"s", 1e9},  {"m", 60e9},        {"h", 3600e9}};
    for (gsize i = 0; i < G_N_ELEMENTS(units); i++) {
        *n_bytes = strlen(units[i].name);
        if (strncmp(at, units[i].name, *n_bytes) == 0)
            return units[i].nanoseconds;
    }
    return 0;
}

gboolean
hc_docker_duration(const char *text, gint64 *nanoseconds)
{
    static const double max = 9.2e18;
    double sum = 0;
    const char *at = text;
    *nanoseconds = 0;
    if (g_str_equal(text, "0"))
        return TRUE;
    while (*at != '\0') {
        char *behind;
        gsize n_bytes;
        if (!g_ascii_isdigit(*at) && *at != '.')
            return FALSE;
        const gsize n_number = strspn(at, "0123456789.");
        g_autofree char *number = g_strndup(at, n_number);
        const double value = g_ascii_strtod(number, &behind);
        const double unit = unit_nanoseconds(at + n_number, &n_bytes);
        if (*behind != '\0' || behind == number || unit <= 0)
            return FALSE;
        sum += value * unit;
        at += n_number + n_bytes;
    }
    if (at == text || sum > max)
        return FALSE;
    *nanoseconds = (gint64) (sum + 0.5);
    return TRUE;
}

static gboolean
read_port(const char *text, guint *port)
{
    guint64 number;
    if (!g_ascii_string_to_unsigned(text, 10, 0, G_MAXUINT16, &number, NULL))
        return FALSE;
    *port = (guint) number;
    return TRUE;
}

gboolean
hc_docker_ports(const char *text, GPtrArray *ports, GError **error)
{
    const char *slash = strchr(text, '/');
    g_autofree char *range =
        slash != NULL ? g_strndup(text, (gsize) (slash - text)) : g_strdup(text);
    g_autofree char *protocol = g_ascii_strdown(slash != NULL ? slash + 1 : "tcp", -1);
    guint first;
    guint last;
    if (strchr(range, ':') != NULL)
        return hc_fail(error, HC_ERROR_MALFORMED,
                       "'%s': a port of the host is given when a container starts, not here", text);
    char *dash = strchr(range, '-');
    if (dash != NULL)
        *dash = '\0';
    if (!read_port(range, &first) || !read_port(dash != NULL ? dash + 1 : range, &last) ||
        first > last)
        return hc_fail(error, HC_ERROR_MALFORMED, "'%s' is no port, like 80 or 7000-7010/udp",
                       text);
    if (!g_str_equal(protocol, "tcp") && !g_str_equal(protocol, "udp") &&
        !g_str_equal(protocol, "sctp"))
        return hc_fail(error, HC_ERROR_MALFORMED, "'%s': the protocol is tcp, udp or sctp", text);
    for (guint port = first; port <= last; port++)
        g_ptr_array_add(ports, g_strdup_printf("%u/%s", port, protocol));
    return TRUE;
}

gboolean
hc_docker_signal_is(const char *text)
{
    /* Source: moby/sys, signal: those of Linux; Windows knows KILL and TERM. */
    static const char *const names[] = {"ABRT", "ALRM", "BUS",    "CHLD",  "CLD",  "CONT",   "FPE",
                                        "HUP",  "ILL",  "INT",    "IO",    "IOT",  "KILL",   "PIPE",
                                        "POLL", "PROF", "PWR",    "QUIT",  "SEGV", "STKFLT", "STOP",
                                        "SYS",  "TERM", "TRAP",   "TSTP",  "TTIN", "TTOU",   "URG",
                                        "USR1", "USR2", "VTALRM", "WINCH", "XCPU", "XFSZ",   NULL};
    guint64 number;
    if (g_ascii_string_to_unsigned(text, 10, 1, 64, &number, NULL))
        return TRUE;
    g_autofree char *upper = g_ascii_strup(text, -1);
    const char *name = g_str_has_prefix(upper, "SIG") ? upper + 3 : upper;
    return g_strv_contains(names, name) || g_str_has_prefix(name, "RTM");
}
