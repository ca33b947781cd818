#pragma once

#include <stdint.h>

#include <glib.h>

G_BEGIN_DECLS

/* Texts that grow piece by piece, without a call of GLib's for each. */

/**
 * hc_text_room, hc_text_took:
 * Room for @n_bytes behind @out; and that it was written up to @end, which a NUL is put behind.
 */
static inline char *
hc_text_room(GString *out, gsize n_bytes)
{
    const gsize length = out->len;
    if (G_UNLIKELY(out->allocated_len - length <= n_bytes)) {
        g_string_set_size(out, length + n_bytes);
        g_string_truncate(out, length);
    }
    return out->str + length;
}

static inline void
hc_text_took(GString *out, char *end)
{
    out->len = (gsize) (end - out->str);
    *end = '\0';
}

/** hc_text_put_hex: two digits each, of which there is room for all. Returns: their end */
char *hc_text_put_hex(char *to, const uint8_t *bytes, gsize n_bytes);

/** hc_text_append_hex: the same behind @out. */
void hc_text_append_hex(GString *out, const uint8_t *bytes, gsize n_bytes);

/** hc_text_append_number: in decimal. */
void hc_text_append_number(GString *out, uint64_t number);

G_END_DECLS
