#include "config.h"

#include <string.h>

#include "hivecore/base/bytes.h"
#include "hivecore/base/error.h"
#include "hivecore/base/path.h"
#include "hivecore/reg/patch-text-private.h"
#include "hivecore/reg/pol.h"

/* Writing Registry.pol. */

typedef struct {
    HcPatchText text;
    gboolean has_root;
    HcName root; /* HKEY_LOCAL_MACHINE, say */
} Pol;

static uint8_t *
add16(uint8_t *to, uint16_t unit)
{
    hc_put16(to, unit);
    return to + 2;
}

static uint8_t *
add_name(uint8_t *to, HcName name)
{
    for (uint32_t i = 0; i < name.n_units; i++)
        to = add16(to, hc_name_unit(name, i));
    return to;
}

static uint8_t *
add_number(uint8_t *to, uint32_t number)
{
    hc_put32(to, number);
    return add16(to + 4, ';');
}

/* "**Del." and @name, say, of the key at @path, which begins with the HKEY_ name. */
static void
put_entry(HcPatchText *text, HcPath path, const char *prefix, HcName name, uint32_t type,
          HcBlob data)
{
    GString *out = hc_stream_text(text->out);
    gsize n_units = strlen(prefix) + name.n_units + 2 * path.n + 16;
    for (gsize i = 1; i < path.n; i++)
        n_units += path.names[i].n_units;
    hc_stream_reserve(text->out, 2 * n_units);
    uint8_t *to = add16((uint8_t *) out->str + out->len, '[');
    for (gsize i = 1; i < path.n; i++)
        to = add_name(i > 1 ? add16(to, '\\') : to, path.names[i]);
    to = add16(add16(to, 0), ';');
    for (; *prefix != '\0'; prefix++)
        to = add16(to, (uint8_t) *prefix);
    to = add16(add16(add_name(to, name), 0), ';');
    to = add_number(add_number(to, type), data.n_bytes);
    out->len = (gsize) (to - (uint8_t *) out->str);
    hc_stream_put(text->out, data.bytes, data.n_bytes);
    hc_stream_put(text->out, "]", 2); /* with its NUL a unit of UTF-16 */
}

/* An empty string of one blank, which statements have for data. */
static const HcBlob blank = {(const uint8_t *) " \0\0", 4};

/* "the deletion of KEY: "value"" */
static void
tell_left_out(HcPatchText *text, const char *what, const HcName *value)
{
    if (text->n_left_out++ >= HC_MAX_TOLD_LEFT_OUT)
        return;
    GString *line = g_string_new(what);
    hc_path_append_display(line, NULL, text->trail.path);
    if (value != NULL) {
        g_string_append(line, ": \"");
        hc_name_append_display(line, *value);
        g_string_append_c(line, '"');
    }
    g_ptr_array_add(text->told, g_string_free(line, FALSE));
}

static gboolean
is_name(HcName name, char sign)
{
    return !hc_name_has_unit(name, 0) && !hc_name_has_unit(name, (uint8_t) sign);
}

static gboolean
put_value(HcPatchText *text, HcName name, const HcDatum *datum)
{
    const gboolean is_statement =
        name.n_units >= 2 && hc_name_unit(name, 0) == '*' && hc_name_unit(name, 1) == '*';
    const gboolean is_set = datum != NULL;
    /* An entry that sets nothing makes a key. */
    const gboolean is_nothing =
        is_set && name.n_units == 0 && datum->type == HC_REG_NONE && datum->data.n_bytes == 0;
    if (!is_name(name, '\0') || (is_set && is_statement) || is_nothing) {
        tell_left_out(text, is_set ? "" : "the deletion of ", &name);
        return FALSE;
    }
    if (is_set)
        put_entry(text, text->trail.path, "", name, datum->type, datum->data);
    else
        put_entry(text, text->trail.path, "**Del.", name, HC_REG_SZ, blank);
    return TRUE;
}

/* As an entry of the key above. */
static void
delete_key(HcPatchText *text)
{
    g_autoptr(GByteArray) data = g_byte_array_new();
    const HcPath path = text->trail.path;
    const HcName name = path.names[path.n - 1];
    if (path.n < 3 || !is_name(name, ';')) {
        tell_left_out(text, "the deletion of ", NULL);
        return;
    }
    for (uint32_t i = 0; i <= name.n_units; i++) {
        uint8_t unit[2];
        hc_put16(unit, i < name.n_units ? hc_name_unit(name, i) : 0);
        g_byte_array_append(data, unit, sizeof(unit));
    }
    put_entry(text, (HcPath){path.names, path.n - 1}, "**DeleteKeys", HC_NAME_EMPTY, HC_REG_SZ,
              (HcBlob){data->data, data->len});
}

static void
delete_values(HcPatchText *text)
{
    put_entry(text, text->trail.path, "**DelVals", HC_NAME_EMPTY, HC_REG_SZ, blank);
}

static void
make_key(HcPatchText *text)
{
    put_entry(text, text->trail.path, "", HC_NAME_EMPTY, HC_REG_NONE, (HcBlob){NULL, 0});
}

static const char *
key_trouble(HcName name)
{
    return is_name(name, '\\') && name.n_units > 0 ? NULL : "a character that is none of a name";
}

static void
leave_out_key(HcPatchText *text, G_GNUC_UNUSED const char *trouble)
{
    tell_left_out(text, "what is at and below ", NULL);
}

static void
leave_out(HcPatchText *text, const char *what)
{
    tell_left_out(text, what, NULL);
}

/* An entry is of a key below one of the two roots. */
static gboolean
says_key(const HcPatchText *text)
{
    return text->trail.path.n > 1;
}

gboolean
hc_pol_check_root(HcName name, GError **error)
{
    return hc_name_equal(name, HC_NAME_ASCII("HKEY_LOCAL_MACHINE")) ||
           hc_name_equal(name, HC_NAME_ASCII("HKEY_CURRENT_USER")) ||
           hc_fail(error, HC_ERROR_UNSUPPORTED,
                   "--format=pol: a Registry.pol is for HKEY_LOCAL_MACHINE alone, or for "
                   "HKEY_CURRENT_USER alone");
}

/* Whether all is below one of the two roots, and below the same: the file does not say which. */
static gboolean
take_root(Pol *pol, HcName name, GError **error)
{
    const gboolean is_other = pol->has_root && !hc_name_equal(name, pol->root);
    pol->root = name;
    pol->has_root = TRUE;
    return hc_pol_check_root(is_other ? HC_NAME_EMPTY : name, error);
}

static gboolean
begin(HcPatchText *text, const HcDelta *delta, GError **error)
{
    const HcDeltaKey *top = delta != NULL ? hc_delta_root(delta) : NULL;
    if (text->trail.path.n > 0)
        return take_root((Pol *) text, text->trail.path.names[0], error);
    for (guint i = 0; top != NULL && i < hc_delta_n_children(top); i++) {
        if (!take_root((Pol *) text, hc_delta_child(top, i)->name, error))
            return FALSE;
    }
    return TRUE;
}

static const HcPatchForm pol_form = {
    .has_no_replace = TRUE,
    .begin = begin,
    .says_key = says_key,
    .key_trouble = key_trouble,
    .leave_out_key = leave_out_key,
    .delete_key = delete_key,
    .leave_out = leave_out,
    .delete_values = delete_values,
    .value = put_value,
    .make_key = make_key,
};

HcPatchText *
hc_pol_text(HcStream *out, HcName root)
{
    static const uint8_t header[] = {'P', 'R', 'e', 'g', 1, 0, 0, 0};
    Pol *pol = g_new0(Pol, 1);
    HcPatchText *text = &pol->text;
    hc_patch_text_init(text, &pol_form, out);
    for (uint32_t from = 0, to; from < root.n_units; from = to + 1) {
        for (to = from; to < root.n_units && hc_name_unit(root, to) != '\\';)
            to++;
        hc_trail_push(&text->trail, hc_name_part(root, from, to));
    }
    hc_stream_put(out, header, sizeof(header));
    return text;
}
