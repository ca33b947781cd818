#include "config.h"

#include "hivecore/base/entry-name.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/base/file.h"
#include "hivecore/base/name.h"
#include "hivecore/base/sha256.h"

gboolean
hc_entry_name_clean(GString *out, const char *name, gsize n_bytes)
{
    g_string_truncate(out, 0);
    const char *end = name + n_bytes;
    while (name < end) {
        const char *slash = memchr(name, '/', (gsize) (end - name));
        const char *part_end = slash != NULL ? slash : end;
        gsize n_part = (gsize) (part_end - name);
        if (n_part == 2 && memcmp(name, "..", 2) == 0)
            return FALSE;
        if (n_part > 0 && !(n_part == 1 && *name == '.')) {
            if (out->len > 0)
                g_string_append_c(out, '/');
            g_string_append_len(out, name, (gssize) n_part);
        }
        name = slash != NULL ? slash + 1 : end;
    }
    return TRUE;
}

/* Beyond every character: a byte that is not part of one. */
#define NO_CHARACTER 0x110000u

/* Takes the next character upper-cased. Windows folds UTF-16 code units one by one, so characters
 * beyond U+FFFF, two units, stay as they are. */
static guint32
next_folded(const char **at, const char *end)
{
    guchar byte = (guchar) * *at;
    if (byte < 0x80) {
        (*at)++;
        return hc_upcase(byte);
    }
    gunichar c = g_utf8_get_char_validated(*at, end - *at);
    if (c == (gunichar) -1 || c == (gunichar) -2) {
        (*at)++;
        return NO_CHARACTER + byte;
    }
    *at += g_utf8_skip[byte];
    return c < 0x10000 ? hc_upcase((uint16_t) c) : c;
}

void
hc_entry_name_fold(GString *out, const char *name, gsize n_bytes)
{
    const char *end = name + n_bytes;
    g_string_truncate(out, 0);
    while (name < end) {
        guint32 c = next_folded(&name, end);
        if (c < 0x80)
            g_string_append_c(out, (char) c);
        else if (c < NO_CHARACTER)
            g_string_append_unichar(out, c);
        else
            g_string_append_c(out, (char) (c - NO_CHARACTER));
    }
}

HcNameKey
hc_entry_name_key(const char *name, gsize n_bytes)
{
    g_autoptr(GString) folded = g_string_sized_new(n_bytes);
    hc_entry_name_fold(folded, name, n_bytes);
    g_autoptr(HcSha256) checksum = hc_sha256_new();
    hc_sha256_update(checksum, folded->str, folded->len);
    HcNameKey key;
    memcpy(key.bytes, hc_sha256_digest(checksum), sizeof(key.bytes));
    return key;
}

guint
hc_entry_name_key_hash(gconstpointer key)
{
    guint hash;
    memcpy(&hash, ((const HcNameKey *) key)->bytes, sizeof(hash));
    return hash;
}

gboolean
hc_entry_name_key_equal(gconstpointer a, gconstpointer b)
{
    return memcmp(a, b, sizeof(HcNameKey)) == 0;
}

gboolean
hc_entry_name_equal(const char *a, const char *b)
{
    const char *end_a = a + strlen(a);
    const char *end_b = b + strlen(b);
    while (a < end_a && b < end_b) {
        if (next_folded(&a, end_a) != next_folded(&b, end_b))
            return FALSE;
    }
    return a == end_a && b == end_b;
}

char *
hc_folder_find(const char *folder, const char *name, GError **error)
{
    g_autoptr(GPtrArray) names = hc_folder_names(folder, error);
    const char *found = NULL;
    guint n_found = 0;
    for (guint i = 0; names != NULL && i < names->len; i++) {
        const char *there = g_ptr_array_index(names, i);
        if (strcmp(there, name) == 0)
            return g_build_filename(folder, there, NULL);
        if (!hc_entry_name_equal(there, name))
            continue;
        found = there;
        n_found++;
    }
    if (n_found > 1)
        return hc_fail_null(error, HC_ERROR_MALFORMED,
                            "%s: has two of the name '%s' that differ by case only", folder, name);
    return found != NULL ? g_build_filename(folder, found, NULL) : NULL;
}
