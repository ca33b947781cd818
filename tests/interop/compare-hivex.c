#include "config.h"

#include <errno.h>
#include <hivex.h>
#include <stdlib.h>

#include "hivecore/regf/check.h"
#include "hivecore/regf/layout.h"

/*
 * compare-hivex HIVE...: reads each hive through HcHive and through hivex, and compares every key
 * and value: place, name, type, data, time. Prints a line per hive; status 1 at the first
 * disagreement, which it names. A hive that hivex cannot walk is told with what HcHive says of it;
 * so is one with a defect that makes them read different things.
 */

typedef struct {
    const HcHive *hive;
    hive_h *hivex;
    HcWalk walk;
    guint64 n_keys;
    guint64 n_values;
    const char *hivex_failure; /* what hivex could not read */
    GByteArray *scratch;
    gboolean is_sound; /* as HcHive sees it */
} Compare;

static gboolean
disagree(const Compare *compare, uint32_t offset, const char *what)
{
    if (compare->is_sound)
        g_printerr("%s: at 0x%x: hivex and HcHive disagree on %s\n", hc_hive_file(compare->hive),
                   offset + HC_BASE_BLOCK_BYTES, what);
    return FALSE;
}

static gboolean
hivex_gave_up(Compare *compare, const char *what)
{
    compare->hivex_failure = what;
    return FALSE;
}

/* hivex gives UTF-8 and its length, which counts what stands behind an embedded NUL too. */
static gboolean
compare_name(Compare *compare, uint32_t offset, HcName name, char *hivex_name, size_t n_bytes)
{
    g_autoptr(GString) ours = g_string_new(NULL);
    hc_name_append_utf8(ours, name);
    const gboolean same = ours->len == n_bytes &&
                          memcmp(ours->str, hivex_name, MIN(n_bytes, strlen(hivex_name) + 1)) == 0;
    free(hivex_name);
    return same || disagree(compare, offset, "a name");
}

static gboolean
compare_value(Compare *compare, hive_value_h handle, const HcValue *value)
{
    if (handle != (hive_value_h) value->offset + HC_BASE_BLOCK_BYTES)
        return disagree(compare, value->offset, "where a value is");
    if (value->is_tombstone)
        return hivex_gave_up(compare, "a value tombstone");
    char *name = hivex_value_key(compare->hivex, handle);
    if (name == NULL)
        return hivex_gave_up(compare, "a value name");
    if (!compare_name(compare, value->offset, value->name, name,
                      hivex_value_key_len(compare->hivex, handle)))
        return FALSE;
    hive_type type = 0;
    size_t n_bytes = 0;
    char *data = hivex_value_value(compare->hivex, handle, &type, &n_bytes);
    if (data == NULL)
        return hivex_gave_up(compare, "a value's data");
    HcBlob ours;
    g_autoptr(GError) error = NULL;
    const gboolean readable =
        hc_hive_value_data(compare->hive, value, compare->scratch, &ours, &error);
    const gboolean same = readable && value->type == (uint32_t) type && ours.n_bytes == n_bytes &&
                          (n_bytes == 0 || memcmp(ours.bytes, data, n_bytes) == 0);
    free(data);
    compare->n_values++;
    return same || disagree(compare, value->offset, "a value's type or data");
}

static gboolean
compare_values(Compare *compare, hive_node_h node, const HcKey *key)
{
    if ((key->flags & HC_KEY_FLAG_PREDEFINED) != 0)
        return hivex_gave_up(compare, "a predefined-handle key");
    hive_value_h *handles = hivex_node_values(compare->hivex, node);
    if (handles == NULL)
        return hivex_gave_up(compare, "a value list");
    gboolean same = TRUE;
    uint32_t i = 0;
    for (; same && handles[i] != 0; i++) {
        HcValue value;
        g_autoptr(GError) error = NULL;
        if (i >= key->n_values)
            same = disagree(compare, key->offset, "the number of values");
        else if (!hc_hive_value(compare->hive, key, i, &value, &error))
            same = disagree(compare, key->offset, error->message);
        else
            same = compare_value(compare, handles[i], &value);
    }
    free(handles);
    return same && (i == key->n_values || disagree(compare, key->offset, "the number of values"));
}

static gboolean
hivex_cannot_name(const Compare *compare, hive_node_h node)
{
    char *name = hivex_node_name(compare->hivex, node);
    const gboolean cannot = name == NULL;
    free(name);
    return cannot;
}

static gboolean
compare_key(Compare *compare, hive_node_h node, const HcKey *key, uint32_t depth)
{
    g_autoptr(GError) error = NULL;
    if (node != (hive_node_h) key->offset + HC_BASE_BLOCK_BYTES)
        return disagree(compare, key->offset, "where a key is");
    if (!hc_walk_enter(&compare->walk, key, depth, &error))
        return hivex_gave_up(compare, error->message);
    char *name = hivex_node_name(compare->hivex, node);
    if (name == NULL)
        return hivex_gave_up(compare, "a key name");
    if (!compare_name(compare, key->offset, key->name, name,
                      hivex_node_name_len(compare->hivex, node)))
        return FALSE;
    if (hivex_node_timestamp(compare->hivex, node) != (int64_t) key->mtime_filetime)
        return disagree(compare, key->offset, "a key's time");
    compare->n_keys++;
    if (!compare_values(compare, node, key))
        return FALSE;
    hive_node_h *children = hivex_node_children(compare->hivex, node);
    if (children == NULL)
        return hivex_gave_up(compare, "a subkey list");
    HcSubkeyIter iter;
    HcKey subkey;
    gboolean same = hc_subkey_iter_init(&iter, compare->hive, key, &error);
    for (gsize i = 0; same && children[i] != 0; i++) {
        same = hc_subkey_iter_next(&iter, &subkey, &error);
        if (!same && error != NULL && hivex_cannot_name(compare, children[i])) {
            g_clear_error(&error);
            (void) hivex_gave_up(compare, "a key name");
        }
        same = same && compare_key(compare, children[i], &subkey, depth + 1);
    }
    free(children);
    if (error != NULL)
        return disagree(compare, key->offset, error->message);
    if (!same)
        return FALSE;
    return !hc_subkey_iter_next(&iter, &subkey, &error) ||
           disagree(compare, key->offset, "the number of subkeys");
}

static char *
verdict(const HcHive *hive)
{
    g_autoptr(GError) error = NULL;
    return g_strdup(hc_hive_check(hive, NULL, &error) ? "sound" : error->message);
}

static gboolean
compare_hive(const char *file)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(HcHive) hive = hc_hive_open(file, HC_HIVE_ALLOW_DIRTY, &error);
    g_autofree char *base = g_path_get_basename(file);
    hive_h *hivex = hivex_open(file, 0);
    if (hive == NULL || hivex == NULL) {
        g_print("%s: %s; hivex: %s\n", base, hive == NULL ? error->message : "opens",
                hivex == NULL ? g_strerror(errno) : "opens");
        if (hivex != NULL)
            hivex_close(hivex);
        return TRUE;
    }
    g_autoptr(GByteArray) scratch = g_byte_array_new();
    Compare compare = {hive, hivex, hc_walk_start(hive), 0, 0, NULL, scratch, FALSE};
    g_autofree char *said = verdict(hive);
    compare.is_sound = g_str_equal(said, "sound");
    HcKey root;
    gboolean same =
        hc_hive_root(hive, &root, &error) && compare_key(&compare, hivex_root(hivex), &root, 0);
    (void) hivex_close(hivex); /* opened for reading */
    if (same)
        g_print("%s: %" G_GUINT64_FORMAT " keys, %" G_GUINT64_FORMAT " values agree\n", base,
                compare.n_keys, compare.n_values);
    else if (compare.hivex_failure != NULL)
        g_print("%s: hivex stops at %s; HcHive: %s\n", base, compare.hivex_failure, said);
    else if (!compare.is_sound)
        g_print("%s: hivex reads on; HcHive: %s\n", base, said);
    return same || compare.hivex_failure != NULL || !compare.is_sound;
}

int
main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (!compare_hive(argv[i]))
            return 1;
    }
    return argc > 1 ? 0 : 2;
}
