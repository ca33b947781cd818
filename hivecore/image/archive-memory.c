#include "config.h"

#include <errno.h>
#include <string.h>

#include "hivecore/image/layer-private.h"

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

void
hc_archive_support_filters(struct archive *archive)
{
    /* What is not there does not match. */
    (void) archive_read_support_filter_gzip(archive);
    (void) archive_read_support_filter_bzip2(archive);
    (void) archive_read_support_filter_xz(archive);
    (void) archive_read_support_filter_zstd(archive);
}

HcArchiveUtf8
hc_archive_utf8_begin(void)
{
    HcArchiveUtf8 state = {newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t) 0), (locale_t) 0};
    if (state.utf8 != (locale_t) 0)
        state.before = uselocale(state.utf8);
    return state;
}

void
hc_archive_utf8_end(HcArchiveUtf8 state)
{
    if (state.utf8 == (locale_t) 0)
        return;
    (void) uselocale(state.before);
    freelocale(state.utf8);
}
