#include "config.h"

#include "hivecore/base/put-text.h"

#include <string.h>

#define ROW(high)                                                                                  \
    high "0" high "1" high "2" high "3" high "4" high "5" high "6" high "7" high "8" high "9" high \
         "a" high "b" high "c" high "d" high "e" high "f"

static const char pairs[] = ROW("0") ROW("1") ROW("2") ROW("3") ROW("4") ROW("5") ROW("6") ROW("7")
    ROW("8") ROW("9") ROW("a") ROW("b") ROW("c") ROW("d") ROW("e") ROW("f");

char *
hc_text_put_hex(char *to, const uint8_t *bytes, gsize n_bytes)
{
    const uint8_t *end = bytes + n_bytes;
    for (; end - bytes >= 4; bytes += 4, to += 8) {
        memcpy(to, pairs + 2 * bytes[0], 2);
        memcpy(to + 2, pairs + 2 * bytes[1], 2);
        memcpy(to + 4, pairs + 2 * bytes[2], 2);
        memcpy(to + 6, pairs + 2 * bytes[3], 2);
    }
    for (; bytes < end; bytes++, to += 2)
        memcpy(to, pairs + 2 * *bytes, 2);
    return to;
}

void
hc_text_append_hex(GString *out, const uint8_t *bytes, gsize n_bytes)
{
    char *to = hc_text_room(out, 2 * n_bytes);
    hc_text_took(out, hc_text_put_hex(to, bytes, n_bytes));
}

void
hc_text_append_number(GString *out, uint64_t number)
{
    char digits[20]; /* of the largest */
    gsize n = sizeof(digits);
    do {
        digits[--n] = (char) ('0' + number % 10);
        number /= 10;
    } while (number > 0);
    char *to = hc_text_room(out, sizeof(digits));
    memcpy(to, digits + n, sizeof(digits) - n);
    hc_text_took(out, to + (sizeof(digits) - n));
}
