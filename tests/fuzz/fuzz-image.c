/*
 * libFuzzer target: an image. The bytes are three JSON documents, with lines "--" between them: an
 * OCI index, a manifest and a config; around them stands a layout in an archive where every digest
 * and size is right, so that mutations get as far as what reads them. Where the first document
 * starts with "[", they are a docker archive's manifest.json and config. What opens is listed,
 * verified and read as a stack; every error must name the operand and be no bug of this program.
 * fuzz-image.seed is an input to start from.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "hivecore/base/error.h"
#include "hivecore/base/json.h"
#include "hivecore/image/layer-stack.h"
#include "hivecore/report/findings.h"
#include "layerpack/config-edit.h"
#include "layerpack/layer-list.h"
#include "layerpack/verify.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes);

enum {
    BLOCK = 512,
    N_DOCUMENTS = 3,
};

static void
expect(gboolean is_true)
{
    if (!is_true)
        abort();
}

static void
add_entry(GString *tar, const char *name, const char *content, gsize n_bytes)
{
    char header[BLOCK] = {0};
    static const char zeros[BLOCK];
    g_strlcpy(header, name, 100);
    memcpy(header + 100, "0000644", 8);
    memcpy(header + 108, "0000000", 8);
    memcpy(header + 116, "0000000", 8);
    g_snprintf(header + 124, 12, "%011lo", (unsigned long) n_bytes);
    memcpy(header + 136, "00000000000", 12);
    header[156] = '0';
    memcpy(header + 257, "ustar\00000", 8);
    memset(header + 148, ' ', 8);
    guint sum = 0;
    for (guint i = 0; i < BLOCK; i++)
        sum += (guint8) header[i];
    g_snprintf(header + 148, 8, "%06o", sum);
    g_string_append_len(tar, header, BLOCK);
    g_string_append_len(tar, content, (gssize) n_bytes);
    g_string_append_len(tar, zeros, (gssize) ((BLOCK - n_bytes % BLOCK) % BLOCK));
}

static char *
digest_of(const char *content, gsize n_bytes)
{
    return g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *) content, n_bytes);
}

static void
replace(GString *document, const char *mark, const char *text)
{
    gsize from = 0;
    const char *found;
    while ((found = strstr(document->str + from, mark)) != NULL) {
        from = (gsize) (found - document->str);
        g_string_erase(document, (gssize) from, (gssize) strlen(mark));
        g_string_insert(document, (gssize) from, text);
        from += strlen(text);
    }
}

/* Puts @digest and @n_bytes in place of DIGEST and SIZE, of which seeds and dictionary have many.
 */
static void
fill_in(GString *document, const char *mark, const char *digest, gsize n_bytes)
{
    g_autofree char *digest_mark = g_strconcat("DIGEST-", mark, NULL);
    g_autofree char *size_mark = g_strconcat("\"SIZE-", mark, "\"", NULL);
    g_autofree char *size = g_strdup_printf("%" G_GSIZE_FORMAT, n_bytes);
    g_autofree char *full = g_strconcat("sha256:", digest, NULL);
    replace(document, digest_mark, full);
    replace(document, size_mark, size);
}

static void
add_blob(GString *tar, const char *content, gsize n_bytes, const char *digest)
{
    g_autofree char *name = g_strconcat("blobs/sha256/", digest, NULL);
    add_entry(tar, name, content, n_bytes);
}

/* The documents, split at lines "--". */
static void
split(const uint8_t *bytes, size_t n_bytes, GString *documents[N_DOCUMENTS])
{
    const char *at = bytes;
    const char *end = at + n_bytes;
    for (guint i = 0; i < N_DOCUMENTS; i++) {
        const char *cut = i + 1 < N_DOCUMENTS ? g_strstr_len(at, end - at, "\n--\n") : NULL;
        const char *stop = cut != NULL ? cut : end;
        documents[i] = g_string_new_len(at, stop - at);
        at = cut != NULL ? cut + strlen("\n--\n") : end;
    }
}

/* A layer with one file. */
static GString *
make_layer(void)
{
    GString *tar = g_string_new(NULL);
    static const char zeros[2 * BLOCK];
    add_entry(tar, "Files/x", "x", 1);
    g_string_append_len(tar, zeros, sizeof(zeros));
    return tar;
}

static GString *
make_archive(GString *documents[N_DOCUMENTS], gboolean is_docker)
{
    GString *tar = g_string_new(NULL);
    static const char zeros[2 * BLOCK];
    static const char layout[] = "{\"imageLayoutVersion\":\"1.0.0\"}";
    g_autoptr(GString) layer = make_layer();
    g_autofree char *layer_digest = digest_of(layer->str, layer->len);
    for (guint i = 0; i < N_DOCUMENTS; i++)
        fill_in(documents[i], "LAYER", layer_digest, layer->len);
    if (is_docker) {
        add_entry(tar, "layer.tar", layer->str, layer->len);
        add_entry(tar, "config.json", documents[1]->str, documents[1]->len);
        add_entry(tar, "manifest.json", documents[0]->str, documents[0]->len);
        g_string_append_len(tar, zeros, sizeof(zeros));
        return tar;
    }
    g_autofree char *config = digest_of(documents[2]->str, documents[2]->len);
    fill_in(documents[1], "CONFIG", config, documents[2]->len);
    g_autofree char *manifest = digest_of(documents[1]->str, documents[1]->len);
    fill_in(documents[0], "MANIFEST", manifest, documents[1]->len);
    add_entry(tar, "oci-layout", layout, strlen(layout));
    add_entry(tar, "index.json", documents[0]->str, documents[0]->len);
    add_blob(tar, layer->str, layer->len, layer_digest);
    if (strcmp(config, manifest) != 0)
        add_blob(tar, documents[2]->str, documents[2]->len, config);
    add_blob(tar, documents[1]->str, documents[1]->len, manifest);
    g_string_append_len(tar, zeros, sizeof(zeros));
    return tar;
}

static void
check_error(const GError *error, const char *operand)
{
    expect(error != NULL && error->domain == HC_ERROR && error->code != HC_ERROR_INTERNAL &&
           error->code != HC_ERROR_IO && g_str_has_prefix(error->message, operand));
}

static void
use_image(const char *operand, const char *platform)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(HcImage) image = hc_image_open(operand, platform, &error);
    if (image == NULL) {
        check_error(error, operand);
        return;
    }
    const HcImageInfo *info = hc_image_info(image);
    expect(info->layers->len == info->created_by->len && info->os != NULL &&
           info->architecture != NULL && info->config_digest != NULL);
    HcExit status;
    g_autoptr(GString) out = g_string_new(NULL);
    if (!lp_image_list(out, image, TRUE, &status, &error))
        check_error(error, operand);
    expect(g_utf8_validate_len(out->str, out->len, NULL));
    g_autoptr(HcFindings) findings = hc_findings_new(NULL, HC_MAX_FINDINGS);
    g_autoptr(GArray) layers = lp_verify_image(image, findings);
    expect(layers->len == info->layers->len);
    static const HcFindingMember members[] = {
        {"name", HC_FIELD_PLACE}, {"what", HC_FIELD_TEXT}, {NULL, HC_FIELD_TEXT}};
    g_autoptr(GString) report = g_string_new(NULL);
    HcJsonWriter json = {.out = report};
    HcJson document;
    hc_findings_json(&json, findings, members);
    expect(hc_json_parse("x", report->str, report->len, NULL, &document, NULL));
    g_clear_error(&error);
    g_autoptr(HcLayerStack) stack = hc_layer_stack_open(operand, platform, HC_ALL_HIVES, &error);
    if (stack == NULL)
        check_error(error, operand);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes)
{
    GString *documents[N_DOCUMENTS];
    split(bytes, n_bytes, documents);
    gboolean is_docker = documents[0]->str[0] == '[';
    g_autoptr(GString) archive = make_archive(documents, is_docker);
    for (guint i = 0; i < N_DOCUMENTS; i++)
        g_string_free(documents[i], TRUE);

    int fd = memfd_create("image", MFD_CLOEXEC);
    expect(fd >= 0 && write(fd, archive->str, archive->len) == (ssize_t) archive->len);
    g_autofree char *operand =
        g_strdup_printf("%s:/proc/self/fd/%d", is_docker ? "docker-archive" : "oci-archive", fd);
    use_image(operand, NULL);
    use_image(operand, "windows/amd64:10.0");
    expect(close(fd) == 0);
    return 0;
}
