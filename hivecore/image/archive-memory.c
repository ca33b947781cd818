#include "config.h"

#include <errno.h>
#include <string.h>

#include "hivecore/image/archive-autoptr.h"

gboolean
hc_archive_is_memory(struct archive *archive)
{
    const int saved_errno = errno;
    if (archive == NULL || saved_errno == ENOMEM || archive_errno(archive) == ENOMEM)
        return TRUE;
    /* zstd's own errors come with another number, and this word. */
    const char *text = archive_error_string(archive);
    return text != NULL && strstr(text, "memory") != NULL;
}
