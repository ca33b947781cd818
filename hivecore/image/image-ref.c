#include "config.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/base/file.h"
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

/* What names an image elsewhere, for skopeo; NULL for what may be a file. */
static char *
name_elsewhere(const char *text)
{
    static const char *const others[] = {
        "docker://", "dir:", "docker-daemon:", "containers-storage:", "ostree:", "sif:"};
    static const char *const schemes[] = {"https://", "http://", "registry://"};
    for (gsize i = 0; i < G_N_ELEMENTS(others); i++) {
        if (g_str_has_prefix(text, others[i]))
            return g_strdup(text);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(schemes); i++) {
        if (g_str_has_prefix(text, schemes[i]))
            return g_strconcat("docker://", text + strlen(schemes[i]), NULL);
    }
    /* HOST/NAME:TAG, as docker pull takes it, where there is no such file. */
    const gsize n_host = strcspn(text, "/");
    const char *last = strrchr(text, '/');
    struct stat status;
    gboolean is_there;
    if (hc_image_is_operand(text) || last == NULL || text[0] == '.' ||
        memchr(text, '.', n_host) == NULL || strchr(last, ':') == NULL ||
        !hc_file_look(text, TRUE, &status, &is_there, NULL) || is_there)
        return NULL;
    return g_strconcat("docker://", text, NULL);
}

gboolean
hc_image_check_source(const char *source, GError **error)
{
    g_autofree char *name = name_elsewhere(source);
    return name == NULL ||
           hc_fail(error, HC_ERROR_USAGE,
                   "%s: is not read from there: 'skopeo copy %s oci:DIR:TAG', then name it "
                   "oci:DIR:TAG",
                   source, name);
}

gboolean
hc_image_check_target(const char *target, GError **error)
{
    g_autofree char *name = name_elsewhere(target);
    return name == NULL || hc_fail(error, HC_ERROR_USAGE,
                                   "%s: is not written there: name it oci:DIR:TAG, then 'skopeo "
                                   "copy oci:DIR:TAG %s'",
                                   target, name);
}

HcImageRef *
hc_image_ref_parse(const char *text, GError **error)
{
    gsize i = 0;
    while (i < G_N_ELEMENTS(transports) && !g_str_has_prefix(text, transports[i].prefix))
        i++;
    const char *what = NULL;
    if (i == G_N_ELEMENTS(transports) && !hc_image_check_source(text, error))
        return NULL;
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
