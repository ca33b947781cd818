#include "config.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/image/image-private.h"

HcPlatform *
hc_platform_parse(const char *text, GError **error)
{
    g_autoptr(HcPlatform) platform = g_new0(HcPlatform, 1);
    if (text == NULL) {
        platform->os = g_strdup("windows");
        platform->architecture = g_strdup("amd64");
        return g_steal_pointer(&platform);
    }
    const char *slash = strchr(text, '/');
    const char *colon = strchr(text, ':');
    const char *end = colon != NULL ? colon : text + strlen(text);
    if (slash == NULL || slash == text || slash + 1 >= end || strchr(slash + 1, '/') != NULL ||
        (colon != NULL && colon[1] == '\0')) {
        return hc_fail_null(
            error, HC_ERROR_USAGE,
            "the platform is '%s', not OS/ARCH or OS/ARCH:OS.VERSION, like windows/amd64 or "
            "windows/amd64:10.0.20348",
            text);
    }
    platform->os = g_strndup(text, (gsize) (slash - text));
    platform->architecture = g_strndup(slash + 1, (gsize) (end - slash - 1));
    platform->os_version = colon != NULL ? g_strdup(colon + 1) : NULL;
    return g_steal_pointer(&platform);
}

void
hc_platform_free(HcPlatform *platform)
{
    if (platform == NULL)
        return;
    g_free(platform->os);
    g_free(platform->architecture);
    g_free(platform->os_version);
    g_free(platform);
}

gboolean
hc_platform_fits(const HcPlatform *platform, const char *os, const char *architecture,
                 const char *os_version)
{
    if (g_strcmp0(platform->os, os) != 0 || g_strcmp0(platform->architecture, architecture) != 0)
        return FALSE;
    if (platform->os_version == NULL)
        return TRUE;
    gsize n = strlen(platform->os_version);
    return os_version != NULL && strncmp(os_version, platform->os_version, n) == 0 &&
           (os_version[n] == '\0' || os_version[n] == '.');
}
