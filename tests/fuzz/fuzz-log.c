/*
 * libFuzzer target: any bytes as a hive and its transaction log. The first byte cuts the rest in
 * two, in sixteenths; its lowest bits say whether checksums and hashes are made right first, so
 * that the numbers behind them are reached. What a replay gives is opened and checked.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "fixtures/mk-log.h"
#include "hivecore/regf/check.h"
#include "hivecore/regf/layout.h"
#include "hivecore/regf/open.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes);

/* The hashes of all entries as far as their sizes lead. */
static void
sign_entries(uint8_t *log, gsize n_bytes)
{
    for (gsize at = 512; at + HC_HVLE_REFERENCES <= n_bytes;) {
        uint8_t *entry = log + at;
        const gsize size = hc_get32(entry + HC_HVLE_BYTES);
        if (size < HC_HVLE_REFERENCES || size > n_bytes - at)
            return;
        hc_put64(entry + HC_HVLE_HASH1,
                 hc_marvin32(HC_HVLE_SEED, entry + HC_HVLE_REFERENCES, size - HC_HVLE_REFERENCES));
        hc_put64(entry + HC_HVLE_HASH2, hc_marvin32(HC_HVLE_SEED, entry, HC_HVLE_HASH2));
        at += size;
    }
}

static HcMap *
make_map(const char *name, const uint8_t *bytes, gsize n_bytes, gboolean is_log, guint bits)
{
    uint8_t *copy = g_memdup2(bytes, n_bytes);
    if ((bits & 1) != 0 && n_bytes >= 512)
        mk_image_sign(copy);
    if (is_log && (bits & 2) != 0)
        sign_entries(copy, n_bytes);
    return hc_map_from_bytes(name, g_bytes_new_take(copy, n_bytes));
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes)
{
    if (n_bytes < 1)
        return 0;
    const gsize n_hive = (n_bytes - 1) * (bytes[0] >> 4) / 16;
    const gsize n_log = n_bytes - 1 - n_hive;
    g_autoptr(HcMap) hive = make_map("hive", bytes + 1, n_hive, FALSE, bytes[0] & 3);
    g_autoptr(HcMap) log = make_map("log", bytes + 1 + n_hive, n_log, TRUE, bytes[0] & 3);
    g_auto(HcLogReport) report = {0};
    g_autoptr(GError) error = NULL;
    g_autoptr(HcMap) result = hc_log_replay(hive, &log, 1, &report, &error);
    if ((result != NULL) == (error != NULL))
        abort();
    if (result == NULL)
        return 0;
    g_autoptr(GString) text = g_string_new(NULL);
    hc_log_report_append(text, &report);
    /* No more than there was. */
    if (hc_map_size(result) > (uint64_t) n_bytes + HC_BASE_BLOCK_BYTES)
        abort();
    g_autoptr(HcHive) view = hc_hive_open_map(result, 0, NULL);
    if (view != NULL)
        (void) hc_hive_check(view, NULL, NULL); /* either answer is right */
    return 0;
}
