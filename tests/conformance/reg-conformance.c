/*
 * Holds the reader and the writer against what Windows does.
 *
 * reg-conformance import FILE.json   import cases (id, root, encoding, bom, reg, setup, result)
 *                                    through the reader in compat mode
 * reg-conformance strict FILE.json   the same cases in strict mode: refused, or the same result
 * reg-conformance export FILE.json   export cases through the writer and back
 * reg-conformance files FILE.reg...  files that people wrote
 * reg-conformance hives HIVE...      hives: written as .reg text and read back
 *
 * Prints what fails and a count; status 1 when anything failed.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "hivecore/base/json.h"
#include "hivecore/base/limits.h"
#include "hivecore/base/map.h"
#include "hivecore/base/root.h"
#include "hivecore/reg/reg-reader.h"
#include "hivecore/reg/reg-writer.h"

static GBytes *
encode(const char *text, const char *encoding, gboolean has_bom)
{
    if (strcmp(encoding, "ansi") == 0)
        return g_bytes_new(text, strlen(text));
    glong n_units = 0;
    g_autofree gunichar2 *units = g_utf8_to_utf16(text, -1, NULL, &n_units, NULL);
    GByteArray *bytes = g_byte_array_new();
    if (has_bom)
        g_byte_array_append(bytes, (const guint8 *) "\xff\xfe", 2);
    g_byte_array_append(bytes, (const guint8 *) units, (guint) (2 * n_units));
    return g_byte_array_free_to_bytes(bytes);
}

static GByteArray *
from_hex(const char *hex)
{
    GByteArray *bytes = g_byte_array_new();
    for (; hex[0] != 0 && hex[1] != 0; hex += 2) {
        guint8 byte = (guint8) (g_ascii_xdigit_value(hex[0]) << 4 | g_ascii_xdigit_value(hex[1]));
        g_byte_array_append(bytes, &byte, 1);
    }
    return bytes;
}

/* A member's text; "" when it is null. */
static char *
text_of(HcJson object, const char *name)
{
    const HcJson value = hc_json_find(object, name);
    return hc_json_is(value, HC_JSON_STRING) ? hc_json_string_dup(value) : g_strdup("");
}

static uint64_t
number_of(HcJson object, const char *name)
{
    uint64_t number = 0;
    (void) hc_json_uint64(hc_json_find(object, name), G_MAXUINT32, &number);
    return number;
}

/* Puts the keys of a case's "setup" or "state" below @root into @delta. */
static gboolean
add_keys(HcDelta *delta, const char *root, HcJson keys)
{
    HcArena *arena = hc_delta_arena(delta);
    HcJson object;
    HcJsonIter iter = hc_json_iter(keys);
    while (hc_json_next(&iter, NULL, &object)) {
        g_autofree char *below = text_of(object, "key");
        g_autofree char *path = g_strconcat(root, "\\", below, NULL);
        g_autoptr(HcRoot) parsed = hc_root_parse(path, NULL);
        HcDeltaKey *key = parsed != NULL
                              ? hc_delta_ensure_key(delta, parsed->path, (HcOrigin){0, 0}, NULL)
                              : NULL;
        if (key == NULL)
            return FALSE;
        HcJson value;
        HcJsonIter values = hc_json_iter(hc_json_find(object, "values"));
        while (hc_json_next(&values, NULL, &value)) {
            g_autofree char *name = text_of(value, "value");
            g_autofree char *hex = text_of(value, "data_hex");
            g_autoptr(GByteArray) data = from_hex(hex);
            if (!hc_delta_set_value(delta, key, hc_name_from_utf8(arena, name, strlen(name)),
                                    (uint32_t) number_of(value, "type"),
                                    (HcBlob){data->data, data->len}, (HcOrigin){0, 0}, NULL))
                return FALSE;
        }
    }
    return TRUE;
}

/* @terminate: as regedit does with string types, and strict mode does not */
static void
append_datum(GString *out, const HcDatum *datum, gboolean terminate)
{
    const HcBlob *data = &datum->data;
    g_string_append_printf(out, "%u:", datum->type);
    for (uint32_t i = 0; i < data->n_bytes; i++)
        g_string_append_printf(out, "%02x", data->bytes[i]);
    gboolean is_text = datum->type == 1 || datum->type == 2 || datum->type == 7;
    if (terminate && is_text && data->n_bytes >= 2 &&
        (data->bytes[data->n_bytes - 1] != 0 || data->bytes[data->n_bytes - 2] != 0))
        g_string_append(out, "0000");
}

/* What is there afterwards, one line for each key and value; keys that only hold place not. */
static void
append_state(GString *out, const HcDeltaKey *key, gboolean terminate)
{
    gboolean is_there = key->op == HC_KEY_CREATE || key->op == HC_KEY_REPLACE;
    if (is_there) {
        hc_delta_append_path(out, key, NULL);
        g_string_append_c(out, '\n');
    }
    for (guint i = 0; is_there && i < hc_delta_n_values(key); i++) {
        const HcDeltaValue *value = hc_delta_value(key, i);
        if (value->op != HC_VALUE_SET)
            continue;
        g_string_append(out, "  ");
        hc_name_append_display(out, value->name);
        g_string_append_c(out, '=');
        append_datum(out, &value->after, terminate);
        g_string_append_c(out, '\n');
    }
    for (guint i = 0; i < hc_delta_n_children(key); i++)
        append_state(out, hc_delta_child(key, i), terminate);
}

static gboolean
run_import(HcJson object, gboolean compat, guint *n_refused)
{
    g_autofree char *root = text_of(object, "root");
    g_autofree char *reg = text_of(object, "reg");
    g_autofree char *encoding = text_of(object, "encoding");
    g_autoptr(GBytes) content = encode(reg, encoding, hc_json_find(object, "bom").text[0] == 't');
    g_autoptr(HcDelta) wanted = hc_delta_new();
    g_autoptr(HcDelta) got = hc_delta_new();
    const gboolean has_status = hc_json_is(hc_json_find(object, "exit_code"), HC_JSON_NUMBER);
    const HcRegReadOptions options = {.compat_regedit = compat};
    g_autoptr(GError) error = NULL;
    if (!add_keys(wanted, root, hc_json_find(object, "result")) ||
        !add_keys(got, root, hc_json_find(object, "setup")))
        return FALSE;
    gboolean is_read = hc_reg_read(got, "case.reg", content, &options, NULL, &error);
    if (!compat && !is_read) {
        (*n_refused)++;
        return error != NULL && g_str_has_prefix(error->message, "case.reg:");
    }
    if (has_status && (number_of(object, "exit_code") == 0) != is_read) {
        printf("exit status: %s\n", error != NULL ? error->message : "no error");
        return FALSE;
    }
    g_autoptr(GString) wanted_state = g_string_new(NULL);
    g_autoptr(GString) got_state = g_string_new(NULL);
    append_state(wanted_state, hc_delta_root(wanted), FALSE);
    append_state(got_state, hc_delta_root(got), !compat);
    if (strcmp(wanted_state->str, got_state->str) == 0)
        return TRUE;
    printf("wanted:\n%sgot:\n%s", wanted_state->str, got_state->str);
    return FALSE;
}

/* Writes the key that the writer is at and its subkeys, in the order of the delta. */
static gboolean
write_keys(HcRegWriter *writer, const HcDeltaKey *key)
{
    if (!hc_reg_writer_section(writer, FALSE, NULL))
        return FALSE;
    for (guint i = 0; i < hc_delta_n_values(key); i++) {
        const HcDeltaValue *value = hc_delta_value(key, i);
        if (!hc_reg_writer_value(writer, value->name, &value->after, NULL))
            return FALSE;
    }
    for (guint i = 0; i < hc_delta_n_children(key); i++) {
        const HcDeltaKey *child = hc_delta_child(key, i);
        hc_reg_writer_enter(writer, child->name);
        if (!write_keys(writer, child))
            return FALSE;
        hc_reg_writer_leave(writer);
    }
    return TRUE;
}

static gboolean
same_after_reading(GBytes *text, const HcDelta *state)
{
    g_autoptr(HcDelta) back = hc_delta_new();
    g_autoptr(GString) wanted = g_string_new(NULL);
    g_autoptr(GString) got = g_string_new(NULL);
    if (!hc_reg_read(back, "export.reg", text, &(const HcRegReadOptions){0}, NULL, NULL))
        return FALSE;
    append_state(wanted, hc_delta_root(state), FALSE);
    append_state(got, hc_delta_root(back), FALSE);
    return strcmp(wanted->str, got->str) == 0;
}

/* What is at @path of @state as text, or NULL. */
static GBytes *
export_state(const HcDelta *state, const HcRoot *top, HcRegEncoding encoding, uint64_t *n_lossy)
{
    const HcDeltaKey *key = hc_delta_root(state);
    g_autoptr(HcRegWriter) writer = hc_reg_writer_new(encoding, HC_NAME_EMPTY);
    for (gsize i = 0; i < top->path.n && key != NULL; i++) {
        hc_reg_writer_enter(writer, top->path.names[i]);
        key = hc_delta_find_child(key, top->path.names[i]);
    }
    if (key == NULL || !write_keys(writer, key))
        return NULL;
    *n_lossy = hc_reg_writer_n_lossy(writer);
    return hc_reg_writer_finish(writer, NULL);
}

/* regedit's text must be the case's, byte for byte, and ours must read back as what is there. */
static gboolean
run_export(HcJson object, guint *n_lossy)
{
    g_autofree char *root = text_of(object, "root");
    g_autofree char *top = text_of(object, "export_key");
    g_autofree char *text = text_of(object, "expect_text");
    g_autofree char *path_text = g_strconcat(root, "\\", top, NULL);
    g_autoptr(HcDelta) state = hc_delta_new();
    g_autoptr(HcRoot) parsed = hc_root_parse(path_text, NULL);
    uint64_t n_cut = 0;
    uint64_t n_none = 0;
    if (parsed == NULL || !add_keys(state, root, hc_json_find(object, "state_in_creation_order")))
        return FALSE;
    g_autoptr(GBytes) regedit = export_state(state, parsed, HC_REG_REGEDIT, &n_cut);
    g_autoptr(GBytes) ours = export_state(state, parsed, HC_REG_UTF16, &n_none);
    g_autoptr(GBytes) wanted = encode(text, "utf-16le", TRUE);
    *n_lossy += (guint) n_cut;
    return regedit != NULL && ours != NULL && g_bytes_equal(regedit, wanted) && n_none == 0 &&
           same_after_reading(ours, state);
}

static gboolean
run_cases(const char *mode, HcJson cases)
{
    guint n_passed = 0;
    guint n_refused = 0;
    guint n_lossy = 0;
    const guint n = hc_json_length(cases);
    HcJson object;
    HcJsonIter iter = hc_json_iter(cases);
    while (hc_json_next(&iter, NULL, &object)) {
        gboolean ok = strcmp(mode, "export") == 0
                          ? run_export(object, &n_lossy)
                          : run_import(object, strcmp(mode, "import") == 0, &n_refused);
        g_autofree char *id = text_of(object, "id");
        if (!ok)
            printf("FAILED %s\n", id);
        n_passed += ok;
    }
    printf("%s: %u of %u cases pass", mode, n_passed, n);
    if (strcmp(mode, "strict") == 0)
        printf(", %u of them refused", n_refused);
    if (n_lossy > 0)
        printf(", %u values lose what regedit loses", n_lossy);
    printf("\n");
    return n_passed == n && n > 0;
}

static void
print_refusals(const HcFindings *diagnostics)
{
    for (guint i = 0; i < diagnostics->list->len; i++) {
        const HcFinding *item = (const HcFinding *) diagnostics->list->pdata[i];
        printf("refused: %s:%u:%u: %s\n", diagnostics->file, item->line, item->column, item->text);
    }
}

/* Every file must read in compat mode; prints what strict mode says about those it refuses, and
 * of the others checks that they read back the same after writing. */
static gboolean
run_files(char **files)
{
    guint n_refused = 0;
    guint n_failed = 0;
    guint n = g_strv_length(files);
    for (guint i = 0; i < n; i++) {
        g_autofree char *base = g_path_get_basename(files[i]);
        g_autoptr(GError) error = NULL;
        g_autoptr(GBytes) content = hc_read_stream(files[i], G_MAXUINT32, &error);
        g_autoptr(HcDelta) compat = hc_delta_new();
        g_autoptr(HcDelta) strict = hc_delta_new();
        g_autoptr(HcFindings) diagnostics = hc_findings_new(base, HC_MAX_DIAGNOSTICS);
        const HcRegReadOptions options = {.compat_regedit = TRUE};
        const HcRegReadOptions strict_options = {.diagnostics = diagnostics};
        if (content == NULL || !hc_reg_read(compat, base, content, &options, NULL, &error)) {
            printf("FAILED %s\n", error->message);
            n_failed++;
        } else if (!hc_reg_read(strict, base, content, &strict_options, NULL, NULL)) {
            print_refusals(diagnostics);
            n_refused++;
        } else {
            g_autoptr(GBytes) text =
                hc_reg_write_delta(strict, HC_REG_UTF16, HC_NAME_EMPTY, NULL, &error);
            if (text != NULL && same_after_reading(text, strict))
                continue;
            printf("FAILED %s: not the same after writing and reading\n", base);
            n_failed++;
        }
    }
    printf("files: %u of %u read in compat mode, strict mode refuses %u\n", n - n_failed, n,
           n_refused);
    return n > 0 && n_failed == 0;
}

/* The same lines as append_state(), of a hive. */
static gboolean
append_hive(GString *out, const HcHive *hive, const HcKey *key, const char *path, uint32_t depth)
{
    g_string_append_printf(out, "%s\n", path);
    g_autoptr(GByteArray) scratch = g_byte_array_new();
    for (uint32_t i = 0; i < key->n_values; i++) {
        HcValue value;
        HcDatum datum = {.is_present = TRUE};
        if (!hc_hive_value(hive, key, i, &value, NULL) ||
            !hc_hive_value_data(hive, &value, scratch, &datum.data, NULL))
            return FALSE;
        datum.type = value.type;
        g_string_append(out, "  ");
        hc_name_append_display(out, value.name);
        g_string_append_c(out, '=');
        append_datum(out, &datum, FALSE);
        g_string_append_c(out, '\n');
    }
    g_auto(HcKeyList) list;
    hc_key_list_init(&list);
    if (depth > HC_MAX_KEY_DEPTH || !hc_key_list_fill(&list, hive, key, NULL))
        return FALSE;
    for (guint i = 0; i < list.n; i++) {
        const HcKey *subkey = hc_key_list_at(&list, i, NULL);
        if (subkey == NULL)
            return FALSE;
        g_autofree char *name = hc_name_display(subkey->name);
        g_autofree char *below = g_strconcat(path, "\\", name, NULL);
        if (!append_hive(out, hive, subkey, below, depth + 1))
            return FALSE;
    }
    return TRUE;
}

/* The whole hive as .reg text, read back in strict mode, must hold what the hive holds.
 * Returns: NULL, or what is wrong */
static char *
check_hive(const char *file, HcRegEncoding encoding, GError **error)
{
    HcKey root;
    g_autoptr(HcHive) hive = hc_hive_open(file, HC_HIVE_ALLOW_DIRTY, error);
    if (hive == NULL || !hc_hive_root(hive, &root, error))
        return NULL;
    uint64_t n_left_out;
    g_autoptr(GBytes) text =
        hc_reg_write_hive(hive, encoding, HC_NAME_ASCII("HKEY_USERS"), &n_left_out, error);
    if (text != NULL && n_left_out > 0)
        hc_set_error(error, HC_ERROR_UNSUPPORTED, "%s: not all of it can be written", file);
    if (text == NULL || n_left_out > 0)
        return NULL;
    /* A differencing hive becomes deletes and sets, which is not what its cells hold. */
    if (hc_hive_info(hive)->is_differencing)
        return NULL;
    g_autoptr(HcDelta) back = hc_delta_new();
    if (!hc_reg_read(back, "export", text, &(const HcRegReadOptions){0}, NULL, error))
        return g_strdup("the text does not read");
    g_autoptr(GString) wanted = g_string_new(NULL);
    g_autoptr(GString) got = g_string_new(NULL);
    append_state(got, hc_delta_root(back), FALSE);
    if (!append_hive(wanted, hive, &root, "HKEY_USERS", 0))
        return g_strdup("the hive does not read");
    gboolean is_same = strcmp(wanted->str, got->str) == 0;
    return is_same ? NULL : g_strdup("the text reads as something else");
}

static gboolean
run_hives(char **files)
{
    guint n_same = 0;
    guint n_failed = 0;
    guint n_not_written = 0;
    for (guint i = 0; files[i]; i++) {
        for (int encoding = HC_REG_UTF16; encoding <= HC_REG_UTF8; encoding++) {
            g_autoptr(GError) error = NULL;
            g_autofree char *wrong = check_hive(files[i], (HcRegEncoding) encoding, &error);
            if (wrong != NULL)
                printf("FAILED %s: %s %s\n", files[i], wrong, error != NULL ? error->message : "");
            else if (error != NULL)
                printf("not written: %s\n", error->message);
            n_failed += wrong != NULL;
            n_not_written += wrong == NULL && error != NULL;
            n_same += wrong == NULL && error == NULL;
        }
    }
    printf("hives: %u texts read back the same, %u not written, %u failed\n", n_same, n_not_written,
           n_failed);
    return n_failed == 0 && n_same > 0;
}

int
main(int argc, char **argv)
{
    static const char *const modes[] = {"import", "strict", "export", NULL};
    if (argc > 2 && strcmp(argv[1], "files") == 0)
        return run_files(argv + 2) ? 0 : 1;
    if (argc > 2 && strcmp(argv[1], "hives") == 0)
        return run_hives(argv + 2) ? 0 : 1;
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) text = argc == 3 ? hc_read_stream(argv[2], G_MAXUINT32, &error) : NULL;
    HcJson cases;
    if (text == NULL || !g_strv_contains(modes, argv[1]) ||
        !hc_json_parse_bytes(argv[2], text, &cases, &error)) {
        fprintf(stderr, "%s\n", error != NULL ? error->message : "see the comment in the source");
        return 2;
    }
    return run_cases(argv[1], cases) ? 0 : 1;
}
