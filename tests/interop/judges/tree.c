#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "hivecore/regf/check.h"
#include "hivecore/regf/security.h"

/*
 * tree HIVE: prints what a hive holds as judges print it (docs/judges.md): a line for each key and
 *   each value, fields separated by tabs.
 * tree --security HIVE...: each distinct descriptor in hex; its SDDL, "-" where it has none, or
 * "unsound"; and whether it is there ("written") or what a new key below one gets ("inherited").
 * tree --sddl HIVE: a line for each key: its path and its descriptor as SDDL.
 * tree --children HIVE: for each key "child" of a key below the root, whether its descriptor is
 * what a new key gets there whose owner and group are those of "child": the name of the key above,
 * "same" or "differs", what we predict and what is there as SDDL. tree --parse: for each line of
 * SDDL on standard input its descriptor in hex, or "-".
 */

static void
die(const char *what)
{
    fprintf(stderr, "tree: %s\n", what);
    exit(3);
}

/* Printable ASCII but the backslash and the percent sign; else %XXXX, a UTF-16 unit. */
static void
append_name(GString *out, HcName name)
{
    for (uint32_t i = 0; i < name.n_units; i++) {
        const uint16_t unit = hc_name_unit(name, i);
        if (unit > 0x20 && unit < 0x7f && unit != '%' && unit != '\\')
            g_string_append_c(out, (char) unit);
        else
            g_string_append_printf(out, "%%%04x", unit);
    }
}

static void
append_hex(GString *out, HcBlob blob)
{
    for (uint32_t i = 0; i < blob.n_bytes; i++)
        g_string_append_printf(out, "%02x", blob.bytes[i]);
}

static void
print_value(const HcHive *hive, const char *path, const HcValue *value)
{
    g_autoptr(GByteArray) scratch = g_byte_array_new();
    g_autoptr(GString) line = g_string_new(NULL);
    HcBlob data = {(const uint8_t *) "", 0};
    if (!value->is_tombstone && !hc_hive_value_data(hive, value, scratch, &data, NULL))
        die("data cannot be read");
    append_name(line, value->name);
    g_string_append_printf(line, "\t%u\t", value->type);
    append_hex(line, data);
    printf("value\t%s\t%s\n", path, line->str);
}

static void
print_key(const HcHive *hive, const HcKey *key, GString *path)
{
    printf("key\t%s\n", path->len == 0 ? "\\" : path->str);
    for (uint32_t i = 0; i < key->n_values; i++) {
        HcValue value;
        if (!hc_hive_value(hive, key, i, &value, NULL))
            die("a value cannot be read");
        print_value(hive, path->len == 0 ? "\\" : path->str, &value);
    }
    HcSubkeyIter iter;
    HcKey subkey;
    if (!hc_subkey_iter_init(&iter, hive, key, NULL))
        die("a subkey list cannot be read");
    while (hc_subkey_iter_next(&iter, &subkey, NULL)) {
        const gsize length = path->len;
        g_string_append_c(path, '\\');
        append_name(path, subkey.name);
        print_key(hive, &subkey, path);
        g_string_truncate(path, length);
    }
}

/* The check bounds the walk: it refuses loops and sharing. */
static HcHive *
open_sound(const char *file, HcKey *root)
{
    g_autoptr(GError) error = NULL;
    HcHive *hive = hc_hive_open(file, 0, &error);
    if (hive == NULL || !hc_hive_check(hive, NULL, &error) || !hc_hive_root(hive, root, &error))
        die(error->message);
    return hive;
}

static void
print_descriptor(GHashTable *seen, HcBlob descriptor, const char *origin)
{
    g_autoptr(GString) line = g_string_new(NULL);
    append_hex(line, descriptor);
    if (!g_hash_table_add(seen, g_strdup(line->str)))
        return;
    HcSecurity parts;
    g_string_append_c(line, '\t');
    if (hc_security_parse(descriptor, &parts) != NULL)
        g_string_append(line, "unsound");
    else if (!hc_append_sddl(line, descriptor))
        g_string_append_c(line, '-');
    printf("%s\t%s\n", line->str, origin);
}

static void
walk_security(const HcHive *hive, const HcKey *key, GHashTable *seen)
{
    g_autoptr(HcArena) arena = hc_arena_new();
    const HcCreator creator = hc_creator_system();
    const char *fault = NULL;
    HcBlob descriptor;
    if (!hc_hive_security(hive, key, &descriptor, NULL))
        die("a descriptor cannot be read");
    if (descriptor.bytes != NULL) {
        print_descriptor(seen, descriptor, "written");
        const HcBlob below = hc_security_inherit(arena, descriptor, &creator, &fault);
        if (below.bytes != NULL)
            print_descriptor(seen, below, "inherited");
    }
    HcSubkeyIter iter;
    HcKey subkey;
    if (!hc_subkey_iter_init(&iter, hive, key, NULL))
        die("a subkey list cannot be read");
    while (hc_subkey_iter_next(&iter, &subkey, NULL))
        walk_security(hive, &subkey, seen);
}

static void
print_sddl(const HcHive *hive, const HcKey *key, GString *path)
{
    g_autoptr(GString) line = g_string_new(NULL);
    HcBlob descriptor;
    if (!hc_hive_security(hive, key, &descriptor, NULL))
        die("a descriptor cannot be read");
    if (descriptor.bytes == NULL || !hc_append_sddl(line, descriptor))
        g_string_append_c(line, '-');
    printf("security\t%s\t%s\n", path->len == 0 ? "\\" : path->str, line->str);
    HcSubkeyIter iter;
    HcKey subkey;
    if (!hc_subkey_iter_init(&iter, hive, key, NULL))
        die("a subkey list cannot be read");
    while (hc_subkey_iter_next(&iter, &subkey, NULL)) {
        const gsize length = path->len;
        g_string_append_c(path, '\\');
        append_name(path, subkey.name);
        print_sddl(hive, &subkey, path);
        g_string_truncate(path, length);
    }
}

static void
judge_child(const HcHive *hive, const HcKey *parent, const HcKey *child)
{
    g_autoptr(HcArena) arena = hc_arena_new();
    g_autoptr(GString) line = g_string_new(NULL);
    HcBlob above;
    HcBlob own;
    HcSecurity parts;
    const char *fault = NULL;
    if (!hc_hive_security(hive, parent, &above, NULL) ||
        !hc_hive_security(hive, child, &own, NULL) || hc_security_parse(own, &parts) != NULL)
        die("a descriptor cannot be read");
    const HcCreator creator = {parts.owner, parts.group};
    const HcBlob predicted = hc_security_inherit(arena, above, &creator, &fault);
    append_name(line, parent->name);
    g_string_append(line, hc_blob_equal(predicted, own) ? "\tsame\t" : "\tdiffers\t");
    if (fault != NULL || !hc_append_sddl(line, predicted))
        g_string_append_c(line, '-');
    g_string_append_c(line, '\t');
    if (!hc_append_sddl(line, own))
        g_string_append_c(line, '-');
    printf("%s\n", line->str);
}

static void
judge_children(const HcHive *hive, const HcKey *root)
{
    const HcName wanted = HC_NAME_ASCII("child");
    HcSubkeyIter iter;
    HcKey key;
    HcKey child;
    if (!hc_subkey_iter_init(&iter, hive, root, NULL))
        die("a subkey list cannot be read");
    while (hc_subkey_iter_next(&iter, &key, NULL)) {
        if (hc_hive_subkey(hive, &key, wanted, &child, NULL))
            judge_child(hive, &key, &child);
    }
}

/* What a line of SDDL is in bytes, and what SYSTEM's new key below such a key gets. */
static void
parse_line(const char *sddl)
{
    g_autoptr(HcArena) arena = hc_arena_new();
    g_autoptr(GString) line = g_string_new(NULL);
    g_autoptr(GBytes) bytes = hc_sddl_parse(sddl, NULL);
    const HcCreator creator = hc_creator_system();
    const char *fault = NULL;
    if (bytes == NULL) {
        printf("-\t-\n");
        return;
    }
    const HcBlob own = {g_bytes_get_data(bytes, NULL), (uint32_t) g_bytes_get_size(bytes)};
    append_hex(line, own);
    g_string_append_c(line, '\t');
    append_hex(line, hc_security_inherit(arena, own, &creator, &fault));
    printf("%s\n", line->str);
}

int
main(int argc, char **argv)
{
    HcKey root;
    if (argc == 2 && g_str_equal(argv[1], "--parse")) {
        char line[65536];
        while (fgets(line, sizeof(line), stdin) != NULL)
            parse_line(g_strchomp(line));
    } else if (argc > 2 && g_str_equal(argv[1], "--security")) {
        g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
        for (int i = 2; i < argc; i++) {
            g_autoptr(HcHive) hive = open_sound(argv[i], &root);
            walk_security(hive, &root, seen);
        }
    } else if (argc == 3 && g_str_equal(argv[1], "--sddl")) {
        g_autoptr(HcHive) hive = open_sound(argv[2], &root);
        g_autoptr(GString) path = g_string_new(NULL);
        print_sddl(hive, &root, path);
    } else if (argc == 3 && g_str_equal(argv[1], "--children")) {
        g_autoptr(HcHive) hive = open_sound(argv[2], &root);
        judge_children(hive, &root);
    } else if (argc == 2) {
        g_autoptr(HcHive) hive = open_sound(argv[1], &root);
        g_autoptr(GString) path = g_string_new(NULL);
        print_key(hive, &root, path);
    } else {
        return 2;
    }
    return 0;
}
