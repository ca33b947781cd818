#include "config.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/base/file.h"
#include "hivecore/image/image-private.h"
#include "hivecore/image/image-writer.h"
#include "hivecore/image/layer-stack.h"

static const struct {
    const char *prefix;
    HcImageTransport transport;
} transports[] = {
    {"oci:", HC_IMAGE_OCI},
    {"oci-archive:", HC_IMAGE_OCI_ARCHIVE},
    {"docker-archive:", HC_IMAGE_DOCKER_ARCHIVE},
    {"dir:", HC_IMAGE_DIR},
    {"docker://", HC_IMAGE_REMOTE},
    {"docker-daemon:", HC_IMAGE_REMOTE},
    {"containers-storage:", HC_IMAGE_REMOTE},
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
    static const char *const others[] = {"ostree:", "sif:"};
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

/* Of "docker:NAME" what is missing, where there is no such file. */
static char *
name_without_slashes(const char *text)
{
    struct stat status;
    gboolean is_there;
    if (g_ascii_strncasecmp(text, "docker:", strlen("docker:")) != 0 ||
        g_str_has_prefix(text, "docker://") ||
        !hc_file_look(text, TRUE, &status, &is_there, NULL) || is_there)
        return NULL;
    const char *name = text + strlen("docker:");
    return g_strconcat("docker://", name + strspn(name, "/"), NULL);
}

static gboolean
refuse_elsewhere(const char *text, const char *what, GError **error)
{
    g_autofree char *name = name_without_slashes(text);
    if (name == NULL)
        name = name_elsewhere(text);
    if (name == NULL)
        return TRUE;
    if (g_str_has_prefix(name, "docker://"))
        return hc_fail(error, HC_ERROR_USAGE, "%s: is no image, unless it is named %s", text, name);
    return hc_fail(error, HC_ERROR_USAGE,
                   "%s: is not %s there; 'skopeo copy' goes between it and oci:DIR:TAG", text,
                   what);
}

gboolean
hc_image_check_source(const char *source, GError **error)
{
    return refuse_elsewhere(source, "read from", error);
}

gboolean
hc_image_check_target(const char *target, GError **error)
{
    return refuse_elsewhere(target, "written", error);
}

/* --- names in a registry --- */

/* The grammar of distribution/reference, with a digest or without. */
static gboolean
is_registry_name(const char *name)
{
    const char *at = strchr(name, '@');
    g_autofree char *plain = at != NULL ? g_strndup(name, (gsize) (at - name)) : g_strdup(name);
    return hc_reference_is(plain) && (at == NULL || hc_digest_check("", at + 1, NULL));
}

/* What is against a name that has the form; NULL: nothing. Source: distribution/reference,
 * splitDockerDomain(): without a dot, a port and "localhost" the first part is no host. */
static const char *
name_fault(const char *name)
{
    const gsize n_host = strcspn(name, "/");
    const char *colon = name[n_host] == '/' ? memchr(name, ':', n_host) : NULL;
    if (colon != NULL && g_ascii_strtoull(colon + 1, NULL, 10) > G_MAXUINT16)
        return "there is no port above 65535";
    if (name[n_host] != '/' || colon != NULL || memchr(name, '.', n_host) != NULL)
        return NULL;
    for (gsize i = 0; i < n_host; i++) {
        if (g_ascii_isupper(name[i]))
            return "a NAME is in lower case, and what stands first is no HOST without a dot or a "
                   "port";
    }
    return NULL;
}

static gboolean
check_registry_name(const char *text, const char *name, GError **error)
{
    if (*name == '[')
        return hc_fail(error, HC_ERROR_USAGE,
                       "%s: an address of IPv6 is none that skopeo takes: give the HOST a name",
                       text);
    if (!is_registry_name(name))
        return hc_fail(error, HC_ERROR_USAGE,
                       "%s: not of the form docker://[HOST[:PORT]/]NAME[:TAG|@DIGEST], like "
                       "docker://mcr.microsoft.com/windows/nanoserver:ltsc2022",
                       text);
    const char *fault = name_fault(name);
    return fault == NULL || hc_fail(error, HC_ERROR_USAGE, "%s: %s", text, fault);
}

/* Without a TAG beside a DIGEST, which alone says what it is: skopeo takes one of them. */
static char *
plain_name(const char *text)
{
    const char *at = strchr(text, '@');
    g_autofree char *name = at != NULL ? g_strndup(text, (gsize) (at - text)) : g_strdup(text);
    char *slash = strrchr(name, '/');
    char *colon = at != NULL && slash != NULL ? strchr(slash, ':') : NULL;
    if (colon != NULL)
        *colon = '\0';
    return g_strconcat(name, at, NULL);
}

static HcImageRef *
parse_remote(const char *text, GError **error)
{
    const gboolean is_docker = g_str_has_prefix(text, "docker://");
    const char *name = strchr(text, ':') + (is_docker ? 3 : 1);
    if (is_docker && !check_registry_name(text, name, error))
        return NULL;
    if (*name == '\0')
        return hc_fail_null(error, HC_ERROR_USAGE, "'%s' names no image", text);
    HcImageRef *ref = g_new0(HcImageRef, 1);
    ref->transport = HC_IMAGE_REMOTE;
    ref->path = g_strdup("");
    ref->name = is_docker ? plain_name(text) : g_strdup(text);
    return ref;
}

/* IMAGE//NAME is how hivetool is told one hive, and is split before it comes here. */
static gboolean
refuse_hive_name(const char *text, const char *rest, GError **error)
{
    const char *slashes = strrchr(rest, '/');
    struct stat status;
    gboolean is_there;
    if (slashes == NULL || slashes == rest || slashes[-1] != '/' ||
        hc_hive_slot_find(slashes + 1, strlen(slashes + 1)) < 0 ||
        !hc_file_look(rest, TRUE, &status, &is_there, NULL) || is_there)
        return TRUE;
    g_autofree char *image = g_strndup(text, (gsize) (slashes - 1 - text));
    return hc_fail(
        error, HC_ERROR_USAGE,
        "%s: one hive of an image is named so for hivetool; layerpack takes the image, %s", text,
        image);
}

HcImageRef *
hc_image_ref_parse(const char *text, GError **error)
{
    gsize i = 0;
    while (i < G_N_ELEMENTS(transports) && !g_str_has_prefix(text, transports[i].prefix))
        i++;
    const char *what = NULL;
    if (i < G_N_ELEMENTS(transports) &&
        !refuse_hive_name(text, text + strlen(transports[i].prefix), error))
        return NULL;
    if (i < G_N_ELEMENTS(transports) && transports[i].transport == HC_IMAGE_REMOTE)
        return parse_remote(text, error);
    if (i == G_N_ELEMENTS(transports) && !hc_image_check_source(text, error))
        return NULL;
    if (i == G_N_ELEMENTS(transports)) {
        what = "is no image: it does not start with oci:, oci-archive:, docker-archive:, dir: or "
               "docker://";
    } else {
        /* As skopeo has it: the first colon ends the path. */
        const char *path = text + strlen(transports[i].prefix);
        const gboolean is_dir = transports[i].transport == HC_IMAGE_DIR;
        const char *colon = is_dir ? NULL : strchr(path, ':');
        if (*path == '\0' || path == colon)
            what = "names no file";
        else if (colon != NULL && colon[1] == '\0')
            what = "has nothing behind its last colon";
    }
    if (what != NULL)
        return hc_fail_null(error, HC_ERROR_USAGE, "'%s' %s", text, what);
    HcImageRef *ref = g_new0(HcImageRef, 1);
    const char *path = text + strlen(transports[i].prefix);
    const char *colon =
        transports[i].transport == HC_IMAGE_DIR ? NULL : strchr(path, ':'); /* it has one image */
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
    g_free(ref->name);
    g_free(ref);
}
