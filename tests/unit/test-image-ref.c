#include "tests/unit/cu.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/image/image-private.h"

/* Operands, platforms and digests: what the command line and JSON documents choose images by. */

static void
test_ref(void)
{
    static const struct {
        const char *text;
        HcImageTransport transport;
        const char *path;
        const char *tag;
    } good[] = {
        {"oci:dir", HC_IMAGE_OCI, "dir", NULL},
        {"oci:/a/b:tag", HC_IMAGE_OCI, "/a/b", "tag"},
        {"oci:dir:reg.example:5000/x:1", HC_IMAGE_OCI, "dir", "reg.example:5000/x:1"},
        {"oci-archive:a.tar:t", HC_IMAGE_OCI_ARCHIVE, "a.tar", "t"},
        {"docker-archive:a.tar", HC_IMAGE_DOCKER_ARCHIVE, "a.tar", NULL},
        {"docker-archive:a.tar:x/y:1", HC_IMAGE_DOCKER_ARCHIVE, "a.tar", "x/y:1"},
        {"dir:a:b", HC_IMAGE_DIR, "a:b", NULL},
        {"docker://reg.example:5000/x:1", HC_IMAGE_REMOTE, "", NULL},
        {"containers-storage:x", HC_IMAGE_REMOTE, "", NULL},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(good); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(HcImageRef) ref = hc_image_ref_parse(good[i].text, &error);
        CU_ASSERT_TRUE(hc_image_is_operand(good[i].text));
        CU_ASSERT_PTR_NOT_NULL_FATAL(ref);
        CU_ASSERT_EQUAL(ref->transport, good[i].transport);
        CHECK_STRING(ref->path, good[i].path);
        CHECK_STRING(ref->tag, good[i].tag);
    }
    static const char *const bad[] = {
        "oci:", "oci::tag", "oci:dir:", "docker-archive:", "layer", "docker://X", "OCI:dir"};
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        CU_ASSERT_PTR_NULL(hc_image_ref_parse(bad[i], &error));
        CU_ASSERT_TRUE(g_error_matches(error, HC_ERROR, HC_ERROR_USAGE));
    }
    CU_ASSERT_FALSE(hc_image_is_operand("layer.tar"));
    CU_ASSERT_FALSE(hc_image_is_operand("ocidir"));
}

#define DIGITS "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* What skopeo is asked for; NULL: it is refused, since skopeo would refuse it later. */
static void
test_registry_names(void)
{
    static const struct {
        const char *text;
        const char *name;
    } all[] = {
        {"docker://ubuntu", "docker://ubuntu"},
        {"docker://ubuntu:1", "docker://ubuntu:1"},
        {"docker://docker.io/ubuntu", "docker://docker.io/ubuntu"},
        {"docker://docker.io/library/ubuntu:1", "docker://docker.io/library/ubuntu:1"},
        {"docker://localhost/a:1", "docker://localhost/a:1"},
        {"docker://HOST.example/a", "docker://HOST.example/a"},
        {"docker://HOST:5000/a", "docker://HOST:5000/a"},
        {"docker://127.0.0.1:65535/a_b/c--d:V.1", "docker://127.0.0.1:65535/a_b/c--d:V.1"},
        {"docker://a@sha256:" DIGITS, "docker://a@sha256:" DIGITS},
        {"docker://a:1@sha256:" DIGITS, "docker://a@sha256:" DIGITS},
        {"docker://h:5000/a@sha256:" DIGITS, "docker://h:5000/a@sha256:" DIGITS},
        {"docker://h:5000/a:1@sha256:" DIGITS, "docker://h:5000/a@sha256:" DIGITS},
        {"docker-daemon:a:1", "docker-daemon:a:1"},
        {"docker://UPPER/case:1", NULL},
        {"docker://a/Case:1", NULL},
        {"docker://Case", NULL},
        {"docker://h:65536/a", NULL},
        {"docker://[::1]:5055/a:1", NULL},
        {"docker://a:1:2", NULL},
        {"docker://a//b", NULL},
        {"docker://a/", NULL},
        {"docker://a@", NULL},
        {"docker://a@sha256:12", NULL},
        {"docker://a@sha512:" DIGITS DIGITS, NULL},
        {"docker://", NULL},
        {"docker:x", NULL},
        {"docker:/x", NULL},
        {"Docker://x", NULL},
        {"docker-daemon:", NULL},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(all); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(HcImageRef) ref = hc_image_ref_parse(all[i].text, &error);
        CHECK_STRING(ref != NULL ? ref->name : NULL, all[i].name);
        CU_ASSERT_TRUE(ref != NULL || g_error_matches(error, HC_ERROR, HC_ERROR_USAGE));
    }
}

static gboolean
fits(const char *platform_text, const char *os, const char *architecture, const char *os_version)
{
    g_autoptr(HcPlatform) platform = hc_platform_parse(platform_text, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(platform);
    return hc_platform_fits(platform, os, architecture, os_version);
}

static void
test_platform(void)
{
    CU_ASSERT_TRUE(fits(NULL, "windows", "amd64", NULL));
    CU_ASSERT_TRUE(fits(NULL, "windows", "amd64", "10.0.17763.1"));
    CU_ASSERT_FALSE(fits(NULL, "linux", "amd64", NULL));
    CU_ASSERT_FALSE(fits(NULL, "windows", "arm64", NULL));
    CU_ASSERT_FALSE(fits(NULL, NULL, NULL, NULL));
    CU_ASSERT_TRUE(fits("linux/arm64", "linux", "arm64", NULL));
    /* An os.version is whole, or ends before a dot. */
    CU_ASSERT_TRUE(fits("windows/amd64:10.0.20348", "windows", "amd64", "10.0.20348"));
    CU_ASSERT_TRUE(fits("windows/amd64:10.0.20348", "windows", "amd64", "10.0.20348.2700"));
    CU_ASSERT_FALSE(fits("windows/amd64:10.0.2034", "windows", "amd64", "10.0.20348.2700"));
    CU_ASSERT_FALSE(fits("windows/amd64:10.0.20348.2700", "windows", "amd64", "10.0.20348"));
    CU_ASSERT_FALSE(fits("windows/amd64:10.0.20348", "windows", "amd64", NULL));

    static const char *const bad[] = {"",      "windows",        "windows/",         "/amd64",
                                      "a/b/c", "windows/amd64:", "windows:10/amd64", "/",
                                      ":",     "windows/:10.0.1"};
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        CU_ASSERT_PTR_NULL(hc_platform_parse(bad[i], &error));
        CU_ASSERT_TRUE(g_error_matches(error, HC_ERROR, HC_ERROR_USAGE));
    }
}

static void
test_digest(void)
{
    CU_ASSERT_TRUE(hc_digest_check("x", "sha256:" DIGITS, NULL));
    g_autofree char *file = hc_digest_file("sha256:" DIGITS);
    CHECK_STRING(file, "blobs/sha256/" DIGITS);
    static const struct {
        const char *digest;
        HcErrorCode code;
    } bad[] = {
        {"", HC_ERROR_MALFORMED},
        {"sha256:", HC_ERROR_MALFORMED},
        {DIGITS, HC_ERROR_MALFORMED},
        {"sha256:" DIGITS "0", HC_ERROR_MALFORMED},
        {"sha256:0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef",
         HC_ERROR_MALFORMED},
        {"sha256:../../../../../../../../../../../../../../../../../../../etc/pass",
         HC_ERROR_MALFORMED},
        {"md5:0123456789abcdef0123456789abcdef", HC_ERROR_MALFORMED},
        {"sha512:" DIGITS DIGITS, HC_ERROR_UNSUPPORTED},
        {"sha384:" DIGITS, HC_ERROR_UNSUPPORTED},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        CU_ASSERT_FALSE(hc_digest_check("x", bad[i].digest, &error));
        CU_ASSERT_TRUE(g_error_matches(error, HC_ERROR, (gint) bad[i].code));
        CU_ASSERT_PTR_NOT_NULL_FATAL(error);
        CU_ASSERT_TRUE(g_str_has_prefix(error->message, "x: "));
    }
}

/* A descriptor from JSON text; NULL with *code set. */
static HcDescriptor *
read_descriptor(const char *text, int *code)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) bytes = g_bytes_new_static(text, strlen(text));
    HcJson json;
    HcDescriptor *descriptor = hc_json_parse_bytes("x", bytes, &json, &error)
                                   ? hc_descriptor_read("x", json, &error)
                                   : NULL;
    *code = error != NULL ? error->code : -1;
    return descriptor;
}

static void
test_descriptor(void)
{
    int code;
    g_autoptr(HcDescriptor) full = read_descriptor(
        "{\"mediaType\":\"t\",\"digest\":\"sha256:" DIGITS "\",\"size\":7,\"urls\":[\"u\",\"v\"],"
        "\"platform\":{\"os\":\"windows\",\"architecture\":\"amd64\",\"os.version\":\"10.0\"},"
        "\"annotations\":{\"org.opencontainers.image.ref.name\":\"r\",\"other\":\"o\"}}",
        &code);
    CU_ASSERT_PTR_NOT_NULL_FATAL(full);
    CHECK_STRING(full->media_type, "t");
    CHECK_STRING(full->digest, "sha256:" DIGITS);
    CU_ASSERT_EQUAL(full->n_bytes, 7);
    CHECK_STRING(full->urls[1], "v");
    CU_ASSERT_PTR_NULL(full->urls[2]);
    CHECK_STRING(full->os_version, "10.0");
    CHECK_STRING(full->ref_name, "r");
    CU_ASSERT_FALSE(full->is_no_image);

    /* null is what is not there; an attestation says what it is about. */
    g_autoptr(HcDescriptor) sparse = read_descriptor(
        "{\"mediaType\":null,\"digest\":\"sha256:" DIGITS "\",\"size\":0,\"urls\":null,"
        "\"annotations\":{\"vnd.docker.reference.type\":\"attestation-manifest\"}}",
        &code);
    CU_ASSERT_PTR_NOT_NULL_FATAL(sparse);
    CU_ASSERT_PTR_NULL(sparse->media_type);
    CU_ASSERT_PTR_NULL(sparse->urls);
    CU_ASSERT_TRUE(sparse->is_no_image);

    static const char *const bad[] = {
        "[]",
        "null",
        "{}",
        "{\"digest\":\"sha256:" DIGITS "\"}",
        "{\"size\":1}",
        "{\"digest\":7,\"size\":1}",
        "{\"digest\":\"sha256:" DIGITS "\",\"size\":-1}",
        "{\"digest\":\"sha256:" DIGITS "\",\"size\":1.5}",
        "{\"digest\":\"sha256:" DIGITS "\",\"size\":\"1\"}",
        "{\"digest\":\"sha256:" DIGITS "\",\"size\":1,\"urls\":[7]}",
        "{\"digest\":\"sha256:" DIGITS "\",\"size\":1,\"urls\":\"u\"}",
        "{\"digest\":\"sha256:" DIGITS "\",\"size\":1,\"platform\":[]}",
        "{\"digest\":\"sha256:" DIGITS "\",\"size\":1,\"platform\":{\"os\":{}}}",
        "{\"digest\":\"sha256:" DIGITS "\",\"size\":1,\"annotations\":7}",
        "{\"digest\":\"sha256:" DIGITS "\",\"size\":1,\"size\":1}",
        "",
    };
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        CU_ASSERT_PTR_NULL(read_descriptor(bad[i], &code));
        CHECK_NUMBER(code, HC_ERROR_MALFORMED);
    }
}

const char cu_suite[] = "image references";
const CuCase cu_cases[] = {
    {"operands", test_ref},   {"registry names", test_registry_names}, {"platforms", test_platform},
    {"digests", test_digest}, {"descriptors", test_descriptor},        {NULL, NULL},
};
