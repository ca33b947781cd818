#include "config.h"

#include "hivecore/regf/check-private.h"
#include "hivecore/regf/layout.h"

static const char base_block[] = "base block";

static void
check_fields(HcCheck *check, const uint8_t *base)
{
    const HcHiveInfo *info = &check->hive->info;
    const uint32_t stored = hc_get32(base + HC_BASE_CHECKSUM);
    const uint32_t sum = hc_base_checksum(base);
    if (stored != sum)
        hc_check_report_file(check, HC_FAULT_BASE_CHECKSUM, base_block, HC_BASE_CHECKSUM,
                             "it is 0x%08x, computed 0x%08x", stored, sum);
    const uint32_t type = hc_get32(base + HC_BASE_TYPE);
    const uint32_t format = hc_get32(base + HC_BASE_FORMAT);
    if (type != 0 || format != 1)
        hc_check_report_file(check, HC_FAULT_BASE_TYPE, base_block, HC_BASE_TYPE,
                             "type %u, format %u", type, format);
    if (info->major != 1 || info->minor < 2 || info->minor > 6)
        hc_check_report_file(check, HC_FAULT_BASE_VERSION, base_block, HC_BASE_MAJOR, "it is %u.%u",
                             info->major, info->minor);
    if (info->is_dirty)
        hc_check_report_file(check, HC_FAULT_BASE_DIRTY, base_block, HC_BASE_SEQUENCE1, "%u and %u",
                             info->sequence1, info->sequence2);
}

static void
check_size(HcCheck *check, const uint8_t *base)
{
    const HcHiveInfo *info = &check->hive->info;
    const uint32_t stored = hc_get32(base + HC_BASE_BINS_BYTES);
    const uint64_t there = info->file_bytes - HC_BASE_BLOCK_BYTES;
    if (stored == 0 || stored % HC_HBIN_ALIGN != 0)
        hc_check_report_file(check, HC_FAULT_BINS_SIZE, base_block, HC_BASE_BINS_BYTES, "it is %u",
                             stored);
    if (stored > there)
        hc_check_report_file(check, HC_FAULT_BINS_CUT, base_block, HC_BASE_BINS_BYTES,
                             "it promises %u bytes of them, the file has %" G_GUINT64_FORMAT,
                             stored, there);
    else if (info->bins_bytes > stored)
        hc_check_report_file(check, HC_FAULT_BINS_GO_ON, base_block, HC_BASE_BINS_BYTES,
                             "it says %u bytes, they have %u", stored, info->bins_bytes);
    if (there > info->bins_bytes)
        hc_check_report_file(check, HC_FAULT_TRAILING_BYTES, "file",
                             (uint64_t) HC_BASE_BLOCK_BYTES + info->bins_bytes,
                             "%" G_GUINT64_FORMAT " bytes", there - info->bins_bytes);
}

void
hc_check_header(HcCheck *check)
{
    const uint64_t n_bytes = check->hive->info.file_bytes;
    if (n_bytes < HC_BASE_BLOCK_BYTES + HC_HBIN_HEADER_BYTES)
        hc_check_report_file(check, HC_FAULT_BASE_CUT, base_block, n_bytes,
                             "%" G_GUINT64_FORMAT " bytes", n_bytes);
    if (n_bytes < HC_BASE_BLOCK_BYTES)
        return;
    const uint8_t *base = hc_map_data(check->hive->map);
    check_fields(check, base);
    check_size(check, base);
}
