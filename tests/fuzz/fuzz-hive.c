/*
 * libFuzzer target: any bytes as a hive. Whatever they are, the check gives its findings; a hive
 * that opens is sound exactly when there is no error among them, is walked with all its data, and
 * compared with itself there is no difference. The checksum is made right first, when the first
 * byte after the base block's 512 bytes in use is even, so that it does not stand in the way.
 */
#include "config.h"

#include <stdlib.h>

#include "hivecore/base/error.h"
#include "hivecore/delta/diff.h"
#include "hivecore/reg/reg-writer.h"
#include "hivecore/regf/check.h"
#include "hivecore/regf/layout.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes);

static void
expect(gboolean is_true)
{
    if (!is_true)
        abort();
}

/* What hostile bytes may be blamed with. */
static void
expect_blame(GError **error)
{
    expect(*error == NULL ||
           ((*error)->domain == HC_ERROR &&
            ((*error)->code == HC_ERROR_MALFORMED || (*error)->code == HC_ERROR_UNSUPPORTED ||
             (*error)->code == HC_ERROR_LIMIT)));
    g_clear_error(error);
}

static void
sign(uint8_t *bytes)
{
    uint32_t sum = 0;
    for (guint i = 0; i < HC_BASE_CHECKSUM; i += 4)
        sum ^= hc_get32(bytes + i);
    hc_put32(bytes + HC_BASE_CHECKSUM, sum);
}

static void
use_hive(const HcHive *hive, gboolean is_sound)
{
    GError *error = NULL;
    HcKey root;
    if (!hc_hive_root(hive, &root, &error)) {
        expect_blame(&error);
        return;
    }
    uint64_t n_left_out;
    g_autoptr(GBytes) text =
        hc_reg_write_hive(hive, HC_REG_UTF16, HC_NAME_ASCII("HKLM"), &n_left_out, &error);
    expect((text == NULL) == (error != NULL));
    expect_blame(&error);
    g_autoptr(HcDelta) delta = hc_diff(hive, hive, 0, NULL, &error);
    expect(delta == NULL || hc_delta_is_empty(delta));
    expect(delta != NULL || !is_sound);
    expect_blame(&error);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes)
{
    GError *error = NULL;
    g_autofree uint8_t *copy = g_memdup2(bytes, n_bytes);
    if (n_bytes > 512 && copy[512] % 2 == 0)
        sign(copy);
    g_autoptr(HcMap) map = hc_map_from_bytes("fuzz", g_bytes_new_static(copy, n_bytes));
    g_autoptr(HcHive) damaged =
        hc_hive_open_map(map, HC_HIVE_ALLOW_DIRTY | HC_HIVE_ALLOW_DAMAGED, &error);
    expect_blame(&error);
    g_autoptr(HcFindings) findings = hc_findings_new(NULL, HC_MAX_FINDINGS);
    if (damaged != NULL)
        hc_hive_check_all(damaged, findings, NULL);
    g_autoptr(HcHive) hive = hc_hive_open_map(map, HC_HIVE_ALLOW_DIRTY, &error);
    expect_blame(&error);
    if (hive == NULL)
        return 0;
    const gboolean is_sound = hc_hive_check(hive, NULL, &error);
    expect_blame(&error);
    expect(is_sound == (findings->n[HC_SEVERITY_ERROR] == 0));
    use_hive(hive, is_sound);
    return 0;
}
