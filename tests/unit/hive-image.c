#include "config.h"

#include "tests/unit/hive-image.h"

#include "hivecore/regf/check.h"
#include "tests/unit/cu.h"
#include "tests/unit/tree-text.h"

Image
image_new(const char *text, guint minor)
{
    g_autoptr(GBytes) bytes = tree_hive(text, minor);
    Image image = {NULL, g_bytes_get_size(bytes)};
    image.bytes = g_memdup2(g_bytes_get_data(bytes, NULL), image.n_bytes);
    return image;
}

void
image_sign(Image *image)
{
    uint32_t sum = 0;
    for (guint i = 0; i < HC_BASE_CHECKSUM; i += 4)
        sum ^= hc_get32(image->bytes + i);
    hc_put32(image->bytes + HC_BASE_CHECKSUM, sum);
}

uint8_t *
image_cell(const Image *image, uint32_t offset)
{
    return image->bytes + HC_BASE_BLOCK_BYTES + offset + 4;
}

uint8_t *
image_root(const Image *image)
{
    return image_cell(image, 0x20);
}

uint32_t
image_subkey(const Image *image, guint i)
{
    return hc_get32(image_cell(image, hc_get32(image_root(image) + HC_NK_SUBKEYS)) +
                    HC_LIST_ENTRIES + 8 * i);
}

uint8_t *
image_entry(const Image *image, guint i)
{
    return image_cell(image, hc_get32(image_root(image) + HC_NK_SUBKEYS)) + HC_LIST_ENTRIES +
           8 * (gsize) i;
}

uint32_t
image_value(const Image *image, guint i)
{
    return hc_get32(image_cell(image, hc_get32(image_root(image) + HC_NK_VALUES)) + 4 * (gsize) i);
}

HcHive *
image_open(Image image)
{
    GError *error = NULL;
    g_autoptr(HcMap) map =
        hc_map_from_bytes("x.hive", g_bytes_new_take(image.bytes, image.n_bytes));
    HcHive *hive = hc_hive_open_map(map, HC_HIVE_ALLOW_DIRTY | HC_HIVE_ALLOW_DAMAGED, &error);
    CHECK_NO_ERROR(error);
    return hive;
}

void
image_check(Image image, const char *lines)
{
    g_autoptr(HcHive) hive = image_open(image);
    g_autoptr(HcFindings) findings = hc_findings_new(NULL, HC_MAX_FINDINGS);
    g_autoptr(GString) text = g_string_new(NULL);
    hc_hive_check_all(hive, findings, NULL);
    for (guint i = 0; i < findings->list->len; i++) {
        const HcFinding *finding = g_ptr_array_index(findings->list, i);
        g_string_append_printf(text, "%s %s 0x%x [%s]: %s\n", hc_severity_name(finding->severity),
                               finding->id, (guint) finding->offset,
                               finding->place != NULL ? finding->place : "-", finding->text);
    }
    CHECK_STRING(text->str, lines);
}

void
image_check_ids(Image image, const char *ids)
{
    g_autoptr(HcHive) hive = image_open(image);
    g_autoptr(HcFindings) findings = hc_findings_new(NULL, HC_MAX_FINDINGS);
    g_autoptr(GString) text = g_string_new(NULL);
    hc_hive_check_all(hive, findings, NULL);
    for (guint i = 0; i < findings->list->len; i++) {
        const HcFinding *finding = g_ptr_array_index(findings->list, i);
        g_string_append_printf(text, "%s%s[%s]", i > 0 ? " " : "", finding->id,
                               finding->place != NULL ? finding->place : "-");
    }
    CHECK_STRING(text->str, ids);
}

Image
image_large(guint n)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < n; i++)
        g_string_append_printf(text, "[Key%05u]\n", i);
    return image_new(text->str, 5);
}
