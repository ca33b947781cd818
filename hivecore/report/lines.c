#include "config.h"

#include "hivecore/report/diff-output.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/base/put-text.h"
#include "hivecore/delta/differencing.h"
#include "hivecore/delta/pair-walk.h"
#include "hivecore/regf/security.h"
#include "hivecore/regf/types.h"
#include "hivecore/report/report-private.h"

enum {
    ROW_BYTES = 16,
};

static const char margin[] = "    ";

typedef struct {
    HcStream *stream;
    GString *out;
    const HcHive *hive;
    HcPairWalk walk;
    GString *path;   /* of the key that is written */
    GArray *values;  /* of HcValue */
    GByteArray *big; /* scratch of data in several cells */
} Lines;

/* In hexadecimal, of six digits or more. */
static char *
put_offset(char *to, uint32_t offset)
{
    guint n = 6;
    while (n < 8 && offset >> (4 * n) != 0)
        n++;
    while (n > 0)
        *to++ = "0123456789abcdef"[offset >> (4 * --n) & 15];
    return to;
}

static char *
put(char *to, const char *text)
{
    while (*text != '\0')
        *to++ = *text++;
    return to;
}

static char *
put_row(char *to, const uint8_t *bytes, uint32_t n)
{
    for (uint32_t i = 0; i < ROW_BYTES; i++) {
        *to++ = ' ';
        if (i < n)
            to = hc_text_put_hex(to, bytes + i, 1);
        else
            to = put(to, "  ");
    }
    to = put(to, "  |");
    for (uint32_t i = 0; i < n; i++)
        *to++ = bytes[i] >= 0x20 && bytes[i] < 0x7f ? (char) bytes[i] : '.';
    *to++ = '|';
    *to++ = '\n';
    return to;
}

static void
append_rows(GString *out, HcBlob data)
{
    for (uint32_t at = 0; at < data.n_bytes; at += ROW_BYTES) {
        char *to = hc_text_room(out, sizeof(margin) + 16 + 4 * ROW_BYTES);
        to = put_offset(put(to, margin), at);
        *to++ = ' ';
        to = put_row(to, data.bytes + at, MIN(data.n_bytes - at, ROW_BYTES));
        hc_text_took(out, to);
    }
}

static void
append_list(GString *out, const GArray *list)
{
    for (guint i = 0; i < list->len; i++) {
        g_string_append(out, margin);
        hc_append_quoted(out, g_array_index(list, HcName, i));
        g_string_append_c(out, '\n');
    }
}

/* The next piece of @text from @start on, with the ';' that ends it. */
static HcName
next_piece(HcName text, uint32_t start)
{
    uint32_t end = start;
    while (end < text.n_units && hc_name_unit(text, end) != ';')
        end++;
    return hc_name_part(text, start, MIN(end + 1, text.n_units));
}

static void
append_pieces(GString *out, HcName text)
{
    HcName piece;
    for (uint32_t at = 0; at < text.n_units; at += piece.n_units) {
        piece = next_piece(text, at);
        g_string_append(out, margin);
        hc_append_quoted(out, piece);
        g_string_append_c(out, '\n');
    }
}

static void
append_data(GString *out, const HcDatum *datum)
{
    g_autoptr(GArray) list = hc_datum_list(datum);
    HcName text;
    gboolean is_terminated;
    if (list != NULL) {
        g_string_append(out, "multi_sz\n");
        append_list(out, list);
    } else if (hc_datum_text(datum, &text, &is_terminated) && is_terminated &&
               datum->type != HC_REG_LINK && next_piece(text, 0).n_units < text.n_units) {
        g_string_append(out, datum->type == HC_REG_SZ ? "sz\n" : "expand_sz\n");
        append_pieces(out, text);
    } else if (datum->type == HC_REG_BINARY && datum->data.n_bytes > ROW_BYTES) {
        g_string_append(out, "binary\n");
        append_rows(out, datum->data);
    } else {
        hc_report_append_whole_datum(out, datum);
        g_string_append_c(out, '\n');
    }
}

static gint
compare_values(gconstpointer a, gconstpointer b)
{
    return hc_name_compare(((const HcValue *) a)->name, ((const HcValue *) b)->name);
}

static gboolean
append_value(Lines *lines, const HcValue *value, GError **error)
{
    HcDatum datum = {.is_present = TRUE, .type = value->type};
    hc_report_append_value_name(lines->out, value->name);
    g_string_append_c(lines->out, ' ');
    if (value->is_tombstone) {
        g_string_append(lines->out, "deleted\n");
        return TRUE;
    }
    if (!hc_walk_data(&lines->walk.budget[0], value, error) ||
        !hc_hive_value_data(lines->hive, value, lines->big, &datum.data, error))
        return FALSE;
    append_data(lines->out, &datum);
    return hc_stream_flow(lines->stream);
}

static gboolean
append_values(Lines *lines, const HcKey *key, GError **error)
{
    GError *failure = NULL;
    HcValueIter iter;
    HcValue value;
    g_array_set_size(lines->values, 0);
    if (!hc_value_iter_init(&iter, lines->hive, key, error))
        return FALSE;
    while (hc_value_iter_next(&iter, &value, &failure))
        g_array_append_val(lines->values, value);
    if (failure != NULL)
        return hc_fail_with(error, failure);
    g_array_sort(lines->values, compare_values);
    for (guint i = 0; i < lines->values->len; i++) {
        if (!append_value(lines, &g_array_index(lines->values, HcValue, i), error))
            return FALSE;
    }
    return TRUE;
}

static void
append_security(GString *out, HcBlob security)
{
    g_string_append(out, "security ");
    if (!hc_append_sddl(out, security))
        hc_text_append_hex(out, security.bytes, security.n_bytes);
    g_string_append_c(out, '\n');
}

/* The key's line, and what it carries besides values and subkeys. */
static gboolean
append_key(Lines *lines, const HcKey *key, uint32_t above, GError **error)
{
    GString *out = lines->out;
    HcBlob class_name;
    HcBlob security;
    if (!hc_hive_class(lines->hive, key, &class_name, error) ||
        !hc_hive_security(lines->hive, key, &security, error))
        return FALSE;
    g_string_append_printf(out, "\n[%s]\n", lines->path->len > 0 ? lines->path->str : "\\");
    if (key->layer_bits != 0)
        g_string_append_printf(out, "layer %s\n", hc_layer_bits_text(key->layer_bits));
    if (class_name.bytes != NULL) {
        g_string_append(out, "class ");
        hc_append_quoted(out, (HcName){class_name.bytes, class_name.n_bytes / 2, FALSE});
        g_string_append_c(out, '\n');
    }
    if ((key->flags & HC_KEY_FLAGS_COMPARED) != 0)
        g_string_append_printf(out, "flags 0x%x\n", (guint) (key->flags & HC_KEY_FLAGS_COMPARED));
    if (key->security != above && security.bytes != NULL)
        append_security(out, security);
    return TRUE;
}

/* Recursion is as deep as the tree, which hc_pair_walk_enter() caps.
 * @above: the descriptor of the key above */
static gboolean
write_key(Lines *lines, const HcPair *pair, uint32_t depth, uint32_t above, GError **error)
{
    const HcKey *key = pair->left.key;
    const uint32_t security = key->security;
    const gsize path_bytes = lines->path->len;
    GError *failure = NULL;
    HcPairIter iter;
    HcPair below;
    if (!hc_pair_walk_enter(&lines->walk, pair, depth, error) ||
        !append_key(lines, key, above, error) || !append_values(lines, key, error) ||
        !hc_pair_walk_list(&lines->walk, pair, depth, &iter, error))
        return FALSE;
    while (hc_pair_iter_next(&iter, &below, &failure)) {
        if (lines->path->len > 0)
            g_string_append_c(lines->path, '\\');
        hc_name_append_display(lines->path, below.left.key->name);
        if (!write_key(lines, &below, depth + 1, security, error))
            return FALSE;
        g_string_truncate(lines->path, path_bytes);
    }
    return failure == NULL || hc_fail_with(error, failure);
}

gboolean
hc_report_lines(HcStream *stream, const HcHive *hive, const char *root, GError **error)
{
    HcKey key;
    if (!hc_hive_root(hive, &key, error))
        return FALSE;
    Lines lines = {.stream = stream,
                   .out = hc_stream_text(stream),
                   .hive = hive,
                   .path = g_string_new(root),
                   .values = g_array_new(FALSE, FALSE, sizeof(HcValue)),
                   .big = g_byte_array_new()};
    hc_pair_walk_init(&lines.walk, hive, NULL);
    const gboolean is_done =
        write_key(&lines, &(const HcPair){.left = {&key, NULL}}, 0, HC_NIL, error);
    hc_pair_walk_clear(&lines.walk);
    g_string_free(lines.path, TRUE);
    g_array_unref(lines.values);
    g_byte_array_unref(lines.big);
    return is_done;
}
