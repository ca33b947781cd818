#include "config.h"

#include "hivecore/base/base-private.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* /tmp is memory on many machines. */
static char *
find_folder(void)
{
    const char *named = g_getenv("TMPDIR");
    if (named != NULL && named[0] != '\0')
        return g_strdup(named);
    return g_strdup(access("/var/tmp", W_OK) == 0 ? "/var/tmp" : "/tmp");
}

int
hc_nameless_open(char **folder)
{
    *folder = find_folder();
    const int fd = open(*folder, O_TMPFILE | O_RDWR | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT && errno != EINVAL))
        return fd;
    /* Where the file system has none without a name, it is gone at once. */
    g_autofree char *name = g_build_filename(*folder, ".hivetool.XXXXXX", NULL);
    const int named = g_mkstemp_full(name, O_RDWR | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (named >= 0)
        (void) unlink(name); /* what stays is an empty name that nobody but us can open */
    return named;
}
