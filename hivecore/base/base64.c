#include "config.h"

#include "hivecore/base/base64.h"

#include <string.h>

/* GLib's decoder skips what it does not know; a reader that must find faults cannot use it. */
static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Appends the bytes of four characters; FALSE when they are none. @n_padding: (out) */
static gboolean
append_quad(GByteArray *out, const char quad[4], guint *n_padding)
{
    guint bits = 0;
    *n_padding = 0;
    for (guint i = 0; i < 4; i++) {
        const char *at = quad[i] != 0 ? strchr(alphabet, quad[i]) : NULL;
        if (at == NULL) {
            if (quad[i] != '=' || i < 2)
                return FALSE;
            (*n_padding)++;
        } else if (*n_padding > 0) {
            return FALSE;
        }
        bits = bits << 6 | (at != NULL ? (guint) (at - alphabet) : 0);
    }
    const guint8 bytes[3] = {(guint8) (bits >> 16), (guint8) (bits >> 8), (guint8) bits};
    g_byte_array_append(out, bytes, 3 - *n_padding);
    return TRUE;
}

GBytes *
hc_base64_decode(const char *text, gsize n_bytes)
{
    g_autoptr(GByteArray) out = g_byte_array_new();
    char quad[4];
    guint n_quad = 0;
    guint n_padding = 0;
    for (gsize i = 0; i < n_bytes; i++) {
        if (text[i] == '\r' || text[i] == '\n')
            continue;
        if (n_padding > 0)
            return NULL;
        quad[n_quad++] = text[i];
        if (n_quad < 4)
            continue;
        if (!append_quad(out, quad, &n_padding))
            return NULL;
        n_quad = 0;
    }
    if (n_quad > 0)
        return NULL;
    return g_byte_array_free_to_bytes(g_steal_pointer(&out));
}
