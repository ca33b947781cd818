#include "config.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/image/image.h"

static const struct {
    const char *prefix;
    HcImageTransport transport;
} transports[] = {
    {"oci:", HC_IMAGE_OCI},
    {"oci-archive:", HC_IMAGE_OCI_ARCHIVE},
    {"docker-archive:", HC_IMAGE_DOCKER_ARCHIVE},
};

gboolean
hc_image_is_operand(const char *text)
{
    for (gsize i = 0; i < G_N_ELEMENTS(transports); i++) {
        if (g_str_has_prefix(text, transports[i].prefix))
            return TRUE;
    }
    return FALSE;
}

gboolean
hc_image_check_source(const char *source, GError **error)
{
    static const char *const others[] = {
        "docker://", "dir:", "docker-daemon:", "containers-storage:", "ostree:", "sif:"};
    for (gsize i = 0; i < G_N_ELEMENTS(others); i++) {
        if (g_str_has_prefix(source, others[i]))
            return hc_fail(error, HC_ERROR_USAGE,
                           "%s: is not read from there: 'skopeo copy %s oci:DIR:TAG', then name it "
                           "oci:DIR:TAG",
                           source, source);
    }
    return TRUE;
}

HcImageRef *
hc_image_ref_parse(const char *text, GError **error)
{
    gsize i = 0;
    while (i < G_N_ELEMENTS(transports) && !g_str_has_prefix(text, transports[i].prefix))
        i++;
    const char *what = NULL;
    if (i == G_N_ELEMENTS(transports)) {
        what = "is no image: it does not start with oci:, oci-archive: or docker-archive:";
    } else {
        /* As skopeo has it: the first colon ends the path. */
        const char *path = text + strlen(transports[i].prefix);
        const char *colon = strchr(path, ':');
        if (*path == '\0' || path == colon)
            what = "names no file";
        else if (colon != NULL && colon[1] == '\0')
            what = "has nothing behind its last colon";
    }
    if (what != NULL)
        return hc_fail_null(error, HC_ERROR_USAGE, "'%s' %s", text, what);
    HcImageRef *ref = g_new0(HcImageRef, 1);
    const char *path = text + strlen(transports[i].prefix);
    const char *colon = strchr(path, ':');
    ref->transport = transports[i].transport;
    ref->path = colon != NULL ? g_strndup(path, (gsize) (colon - path)) : g_strdup(path);
    ref->tag = colon != NULL ? g_strdup(colon + 1) : NULL;
    return ref;
}

void
hc_image_ref_free(HcImageRef *ref)
{
    if (ref == NULL)
        return;
    g_free(ref->path);
    g_free(ref->tag);
    g_free(ref);
}
