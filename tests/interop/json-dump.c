/*
 * json-dump spans|values FILE: FILE holds documents, each behind a line with its length in bytes.
 * Prints for each "no", or "yes" and a line for each of its values, depth first: kind, the member's
 * name, what a string stands for, and how a number, true or false is spelled; with spans also its
 * line and its compact text. Text is in hex. json-random.py says the same by Python's json.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/base/json.h"
#include "hivecore/base/map.h"

static gboolean has_spans;

static void
print_hex(const char *before, const char *text)
{
    fputs(before, stdout);
    for (; *text != '\0'; text++)
        printf("%02x", (guint) (guchar) *text);
}

static void
print_value(HcJson name, HcJson value)
{
    static const char kinds[] = "oasnbz"; /* as in HcJsonKind */
    putchar(kinds[hc_json_kind(value)]);
    g_autofree char *said = name.text != NULL ? hc_json_string_dup(name) : NULL;
    print_hex(" ", said != NULL ? said : "");
    g_autofree char *compact = hc_json_compact(value);
    g_autofree char *text = hc_json_is(value, HC_JSON_STRING) ? hc_json_string_dup(value) : NULL;
    const gboolean is_container =
        hc_json_is(value, HC_JSON_OBJECT) || hc_json_is(value, HC_JSON_ARRAY);
    print_hex(" ", text != NULL ? text : is_container ? "" : compact);
    if (has_spans) {
        printf(" %u", value.line);
        print_hex(" ", compact);
    }
    putchar('\n');
    if (!is_container)
        return;
    HcJson item_name = {NULL, 0, 0};
    HcJson item;
    HcJsonIter iter = hc_json_iter(value);
    while (hc_json_next(&iter, &item_name, &item)) {
        if (item_name.text != NULL) {
            /* Each member can be found by its name. */
            g_autofree char *key = hc_json_string_dup(item_name);
            if (hc_json_find(value, key).text != item.text)
                puts("not found");
        }
        print_value(item_name, item);
    }
}

int
main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) content = argc == 3 ? hc_read_stream(argv[2], G_MAXUINT32, &error) : NULL;
    if (content == NULL)
        return 2;
    has_spans = strcmp(argv[1], "spans") == 0;
    gsize n_bytes;
    const char *at = g_bytes_get_data(content, &n_bytes);
    const char *end = at + n_bytes;
    while (at < end) {
        char *line_end;
        const gsize n = strtoul(at, &line_end, 10);
        at = line_end + 1;
        /* A copy of its own, so that a sanitizer sees what is read past its end. */
        g_autofree char *text = g_memdup2(at, n);
        HcJson document;
        g_autoptr(GError) fault = NULL;
        if (hc_json_parse("x", text != NULL ? text : "", n, NULL, &document, &fault)) {
            puts("yes");
            print_value((HcJson){NULL, 0, 0}, document);
        } else {
            puts(g_error_matches(fault, HC_ERROR, HC_ERROR_LIMIT) ? "limit" : "no");
        }
        at += n;
    }
    return 0;
}
