/*
 * libFuzzer target: any bytes as a plain tar, in the scanner and the rules. In one piece or byte by
 * byte, the scanner must see the same entries and end in the same way.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "hivecore/image/tar.h"
#include "layerpack/rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes);

/* Headers with a wrong checksum would end every run; the scanner's check is one of few lines. */
static uint8_t *
fix_checksums(const uint8_t *bytes, size_t n_bytes)
{
    uint8_t *fixed = g_malloc(n_bytes + 1);
    if (n_bytes > 0)
        memcpy(fixed, bytes, n_bytes);
    for (size_t at = 0; at + 512 <= n_bytes; at += 512) {
        if (memcmp(fixed + at + 257, "ustar", 5) != 0)
            continue;
        memset(fixed + at + 148, ' ', 8);
        guint sum = 0;
        for (size_t i = 0; i < 512; i++)
            sum += fixed[at + i];
        g_snprintf((char *) fixed + at + 148, 8, "%06o", sum);
    }
    return fixed;
}

/* What the scanner gives for @bytes, pushed @n_piece at a time, as text. */
static GString *
scan(const uint8_t *bytes, size_t n_bytes, size_t n_piece, gboolean with_rules)
{
    g_autoptr(HcPaxScanner) scanner = hc_pax_scanner_new("f");
    g_autoptr(GBytes) nothing = g_bytes_new_static("", 0);
    g_autoptr(LpRules) rules = lp_rules_new(NULL);
    GError *error = NULL;
    for (size_t at = 0; at < n_bytes && error == NULL; at += n_piece)
        (void) hc_pax_scanner_push(scanner, bytes + at, MIN(n_piece, n_bytes - at), &error);
    if (error == NULL)
        (void) hc_pax_scanner_finish(scanner, &error);

    GString *text = g_string_new(error != NULL ? error->message : "");
    g_clear_error(&error);
    HcEntry *entry;
    HcLayerSummary summary = {.n_entries = 0};
    while ((entry = hc_pax_scanner_take(scanner)) != NULL) {
        g_string_append_len(text, entry->name->str, (gssize) entry->name->len);
        g_string_append_printf(text, "|%d|%" G_GUINT64_FORMAT "|%" G_GUINT64_FORMAT "|%u\n",
                               (int) entry->type, (guint64) entry->position,
                               (guint64) entry->n_bytes, entry->records->len);
        /* The bytes of a hive go to the check of hives, which has a target of its own. */
        if (with_rules && lp_rules_entry(rules, entry))
            lp_rules_hive(rules, entry, nothing, NULL);
        hc_entry_free(entry);
    }
    gboolean is_base;
    if (with_rules)
        (void) lp_rules_finish(rules, LP_PLACE_UNKNOWN, &summary, &is_base);
    return text;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes)
{
    g_autofree uint8_t *fixed = fix_checksums(bytes, n_bytes);
    g_autoptr(GString) whole = scan(fixed, n_bytes, MAX(n_bytes, 1), TRUE);
    g_autoptr(GString) pieces = scan(fixed, n_bytes, 1, FALSE);
    if (!g_string_equal(whole, pieces))
        abort();
    return 0;
}
