#include "config.h"

#include "hivecore/image/oci-index.h"

#include <string.h>

#define OCI       "application/vnd.oci.image."
#define OCI_LAYER OCI "layer.v1.tar"
#define OCI_ALOOF OCI "layer.nondistributable.v1.tar"
#define DOCKER    "application/vnd.docker."
#define DIFF      DOCKER "image.rootfs.diff.tar"
#define FOREIGN   DOCKER "image.rootfs.foreign.diff.tar"

const HcMediaTypes hc_media_types[] = {
    [HC_FAMILY_OCI] = {OCI "index.v1+json",
                       OCI "manifest.v1+json",
                       OCI "config.v1+json",
                       {OCI_LAYER, OCI_LAYER "+gzip", OCI_LAYER "+zstd"}},
    [HC_FAMILY_DOCKER] = {DOCKER "distribution.manifest.list.v2+json",
                          DOCKER "distribution.manifest.v2+json",
                          DOCKER "container.image.v1+json",
                          {DIFF, DIFF ".gzip", DIFF ".zstd"}},
};

static const char *const foreign_layers[] = {OCI_ALOOF, OCI_ALOOF "+gzip", OCI_ALOOF "+zstd",
                                             FOREIGN,   FOREIGN ".gzip",   FOREIGN ".zstd"};

HcCompression
hc_compression_sniff(const void *bytes, gsize n_bytes)
{
    if (n_bytes >= 2 && memcmp(bytes, "\x1f\x8b", 2) == 0)
        return HC_COMPRESSION_GZIP;
    if (n_bytes >= 4 && memcmp(bytes, "\x28\xb5\x2f\xfd", 4) == 0)
        return HC_COMPRESSION_ZSTD;
    return HC_COMPRESSION_NONE;
}

gboolean
hc_media_type_is_index(const char *media_type)
{
    return strcmp(media_type, hc_media_types[HC_FAMILY_OCI].index) == 0 ||
           strcmp(media_type, hc_media_types[HC_FAMILY_DOCKER].index) == 0;
}

gboolean
hc_media_type_is_manifest(const char *media_type)
{
    return strcmp(media_type, hc_media_types[HC_FAMILY_OCI].manifest) == 0 ||
           strcmp(media_type, hc_media_types[HC_FAMILY_DOCKER].manifest) == 0;
}

gboolean
hc_media_type_is_config(const char *media_type)
{
    return strcmp(media_type, hc_media_types[HC_FAMILY_OCI].config) == 0 ||
           strcmp(media_type, hc_media_types[HC_FAMILY_DOCKER].config) == 0;
}

gboolean
hc_media_type_is_layer(const char *media_type, gboolean *is_foreign)
{
    *is_foreign = FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(hc_media_types); i++) {
        for (gsize j = 0; j < G_N_ELEMENTS(hc_media_types[i].layers); j++) {
            if (strcmp(media_type, hc_media_types[i].layers[j]) == 0)
                return TRUE;
        }
    }
    for (gsize i = 0; i < G_N_ELEMENTS(foreign_layers); i++)
        *is_foreign |= strcmp(media_type, foreign_layers[i]) == 0;
    return *is_foreign;
}

gboolean
hc_media_type_is_docker(const char *media_type)
{
    return g_str_has_prefix(media_type, DOCKER);
}
