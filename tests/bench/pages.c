/*
 * pages HIVE KEY: reads the key's values and subkeys from a hive that was opened lazily, for
 * bench.py: prints how many levels the key has, and how many pages were entered for the values and
 * for the subkeys.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/regf/hive.h"

static gboolean
read_values(const HcHive *hive, const HcKey *key, GError **error)
{
    g_autoptr(GByteArray) scratch = g_byte_array_new();
    for (uint32_t i = 0; i < key->n_values; i++) {
        HcValue value;
        HcBlob data;
        if (!hc_hive_value(hive, key, i, &value, error) ||
            !hc_hive_value_data(hive, &value, scratch, &data, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
read_subkeys(const HcHive *hive, const HcKey *key, GError **error)
{
    GError *failure = NULL;
    HcSubkeyIter iter;
    HcKey subkey;
    if (!hc_subkey_iter_init(&iter, hive, key, error))
        return FALSE;
    while (hc_subkey_iter_next(&iter, &subkey, &failure))
        continue;
    return failure == NULL || hc_fail_with(error, failure);
}

int
main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(HcArena) arena = hc_arena_new();
    g_auto(GStrv) parts = g_strsplit(argc == 3 ? argv[2] : "", "\\", -1);
    const guint n = g_strv_length(parts);
    g_autofree HcName *names = g_new(HcName, n + 1);
    for (guint i = 0; i < n; i++)
        names[i] = hc_name_from_utf8(arena, parts[i], strlen(parts[i]));
    guint n_pages[2] = {0};
    for (guint i = 0; argc == 3 && error == NULL && i < 2; i++) {
        g_autoptr(HcHive) hive = hc_hive_open(argv[1], HC_HIVE_LAZY, &error);
        HcKey key;
        if (hive != NULL && hc_hive_lookup(hive, names, n, &key, &error) &&
            (i == 0 ? read_values : read_subkeys)(hive, &key, &error))
            n_pages[i] = hc_hive_n_pages_entered(hive);
    }
    if (n_pages[0] == 0 || n_pages[1] == 0) {
        fprintf(stderr, "%s\n", error != NULL ? error->message : "see the comment in the source");
        return 1;
    }
    printf("%u %u %u\n", n, n_pages[0], n_pages[1]);
    return 0;
}
